package dojang

import (
	"context"
	"net/http"
)

type contextKey struct{}

// Protect passes a request on only if its token is valid and meets the needs.
// The handler gets the token with From.
func (v *Verifier) Protect(needs ...Needs) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			token, err := v.Authenticate(r.Context(), r.Header.Get("Authorization"), needs...)
			if err != nil {
				rejection := AsTokenError(err)
				v.LogRefusal(r.Context(), rejection)
				rejection.Write(w)
				return
			}
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, token)))
		})
	}
}

// From returns the verified token of a request that passed Protect, or nil.
func From(ctx context.Context) *Token {
	token, _ := ctx.Value(contextKey{}).(*Token)
	return token
}
