package gooidc

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
)

var (
	issuer   = os.Getenv("ISSUER_URL")
	keys     = oidc.NewRemoteKeySet(context.Background(), issuer+"/.well-known/jwks.json")
	verifier = oidc.NewVerifier(issuer, keys, &oidc.Config{
		ClientID:             os.Getenv("AUDIENCE"),
		SupportedSigningAlgs: []string{oidc.RS256},
	})
)

// Verify returns the subject of an access token, or an error if the token is not valid here.
func Verify(ctx context.Context, token string) (string, error) {
	header, _, _ := strings.Cut(token, ".")
	text, _ := base64.RawURLEncoding.DecodeString(header)
	var fields struct{ Typ string }
	if json.Unmarshal(text, &fields) != nil || fields.Typ != "at+jwt" {
		return "", errors.New("not an access token")
	}
	verified, err := verifier.Verify(ctx, token)
	if err != nil {
		return "", err
	}
	return verified.Subject, nil
}
