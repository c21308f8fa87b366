package jwx

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/lestrrat-go/httprc/v3"
	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jws"
	"github.com/lestrrat-go/jwx/v3/jwt"
)

type Verifier struct{ keys jwk.Set }

// New fetches the keys. Call it once, when the service starts.
func New(ctx context.Context) (*Verifier, error) {
	url := os.Getenv("ISSUER_URL") + "/.well-known/jwks.json"
	cache, err := jwk.NewCache(ctx, httprc.NewClient())
	if err != nil {
		return nil, err
	}
	if err := cache.Register(ctx, url, jwk.WithConstantInterval(30*time.Second)); err != nil {
		return nil, err
	}
	keys, err := cache.CachedSet(url)
	return &Verifier{keys}, err
}

// Verify returns the subject of an access token, or an error if the token is not valid here.
func (v *Verifier) Verify(ctx context.Context, token string) (string, error) {
	message, err := jws.ParseString(token)
	if err != nil {
		return "", err
	}
	if typ, _ := message.Signatures()[0].ProtectedHeaders().Type(); typ != "at+jwt" {
		return "", errors.New("not an access token")
	}
	verified, err := jwt.ParseString(token,
		jwt.WithContext(ctx),
		jwt.WithKeySet(v.keys),
		jwt.WithIssuer(os.Getenv("ISSUER_URL")),
		jwt.WithAudience(os.Getenv("AUDIENCE")),
		jwt.WithRequiredClaim(jwt.ExpirationKey),
		jwt.WithRequiredClaim(jwt.SubjectKey),
		jwt.WithAcceptableSkew(10*time.Second),
	)
	if err != nil {
		return "", err
	}
	subject, _ := verified.Subject()
	return subject, nil
}
