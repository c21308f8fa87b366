package golangjwt

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/time/rate"
)

type Verifier struct {
	keys   keyfunc.Keyfunc
	parser *jwt.Parser
}

// New fetches the keys. Call it once, when the service starts.
func New(ctx context.Context) (*Verifier, error) {
	issuer := os.Getenv("ISSUER_URL")
	keys, err := keyfunc.NewDefaultOverrideCtx(ctx, []string{issuer + "/.well-known/jwks.json"}, keyfunc.Override{
		RefreshInterval:   5 * time.Minute,
		RefreshUnknownKID: rate.NewLimiter(rate.Every(30*time.Second), 1),
		RateLimitWaitMax:  time.Second,
	})
	if err != nil {
		return nil, err
	}
	return &Verifier{keys, jwt.NewParser(
		jwt.WithValidMethods([]string{"RS256"}),
		jwt.WithIssuer(issuer),
		jwt.WithAudience(os.Getenv("AUDIENCE")),
		jwt.WithExpirationRequired(),
		jwt.WithLeeway(10*time.Second),
	)}, nil
}

// Verify returns the subject of an access token, or an error if the token is not valid here.
func (v *Verifier) Verify(ctx context.Context, token string) (string, error) {
	verified, err := v.parser.Parse(token, v.keys.KeyfuncCtx(ctx))
	if err != nil {
		return "", err
	}
	if verified.Header["typ"] != "at+jwt" {
		return "", errors.New("not an access token")
	}
	return verified.Claims.GetSubject()
}
