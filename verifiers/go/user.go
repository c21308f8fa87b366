package dojang

import (
	"context"
	"net/http"
)

// FindUser returns the user of the service to whom the token belongs, or nil if there is none. Look for
// the issuer and the subject together. Never look for an e-mail address or a name: people choose these.
type FindUser[User any] func(ctx context.Context, token *Token) (*User, error)

type userKey struct{}

// ProtectUser is like Protect, and also finds the user of the token. The handler gets the user with UserFrom.
// If there is none, the answer is 403 with the code no_local_user. A *TokenError of findUser is answered, and
// another error is logged and answered with 500.
func ProtectUser[User any](v *Verifier, findUser FindUser[User], needs ...Needs) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return v.Protect(needs...)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			user, err := UserOf(r.Context(), From(r.Context()), findUser)
			if rejection := AsTokenError(err); rejection != nil {
				v.LogRefusal(r.Context(), rejection)
				rejection.Write(w)
				return
			}
			if err != nil {
				v.logger().ErrorContext(r.Context(), "finding the user failed", "error", err)
				http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
				return
			}
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), userKey{}, user)))
		}))
	}
}

// UserOf calls findUser, and returns a *TokenError if there is no user. Adapters use it.
func UserOf[User any](ctx context.Context, token *Token, findUser FindUser[User]) (*User, error) {
	user, err := findUser(ctx, token)
	if err != nil {
		return nil, err
	}
	if user == nil {
		return nil, named(rejected("no_local_user"), token.Claims, nil)
	}
	return user, nil
}

// UserFrom returns the user of a request that passed ProtectUser, or nil.
func UserFrom[User any](ctx context.Context) *User {
	user, _ := ctx.Value(userKey{}).(*User)
	return user
}
