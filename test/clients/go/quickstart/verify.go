// Package quickstart has the verifiers as the documentation of each library shows them first.
package quickstart

import (
	"context"
	"os"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/golang-jwt/jwt/v5"
	"github.com/lestrrat-go/jwx/v3/jwk"
	jwxjwt "github.com/lestrrat-go/jwx/v3/jwt"
)

var jwksURL = os.Getenv("ISSUER_URL") + "/.well-known/jwks.json"

func GoOIDC(ctx context.Context, token string) (string, error) {
	provider, err := oidc.NewProvider(context.Background(), os.Getenv("ISSUER_URL"))
	if err != nil {
		return "", err
	}
	verified, err := provider.Verifier(&oidc.Config{ClientID: os.Getenv("AUDIENCE")}).Verify(ctx, token)
	if err != nil {
		return "", err
	}
	return verified.Subject, nil
}

func Keyfunc(ctx context.Context, token string) (string, error) {
	k, err := keyfunc.NewDefaultCtx(ctx, []string{jwksURL})
	if err != nil {
		return "", err
	}
	parsed, err := jwt.Parse(token, k.Keyfunc)
	if err != nil {
		return "", err
	}
	return parsed.Claims.GetSubject()
}

func JWX(ctx context.Context, token string) (string, error) {
	set, err := jwk.Fetch(ctx, jwksURL)
	if err != nil {
		return "", err
	}
	parsed, err := jwxjwt.ParseString(token, jwxjwt.WithKeySet(set))
	if err != nil {
		return "", err
	}
	subject, _ := parsed.Subject()
	return subject, nil
}
