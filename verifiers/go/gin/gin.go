// Package dojanggin protects Gin routes with a verifier of Dojang's access tokens.
// It is a separate module, so that services without Gin do not download Gin.
//
//	router.GET("/orders", dojanggin.Protect(verifier, dojang.Needs{Scopes: []string{"orders:read"}}), orders)
package dojanggin

import (
	"net/http"

	dojang "dojang/verifier"

	"github.com/gin-gonic/gin"
)

const contextKey = "dojang.token"

// Protect passes a request on only if its token is valid and meets the needs.
// The handler gets the token with From.
func Protect(verifier *dojang.Verifier, needs ...dojang.Needs) gin.HandlerFunc {
	return func(c *gin.Context) { admit(c, verifier, needs) }
}

// ProtectUser is like Protect, and also finds the user of the token. The handler gets the user with UserFrom,
// or from Gin under gin.AuthUserKey. If there is none, the answer is 403 with the code no_local_user.
// A *TokenError of findUser is answered, and Gin gets another error with the status 500.
func ProtectUser[User any](verifier *dojang.Verifier, findUser dojang.FindUser[User], needs ...dojang.Needs) gin.HandlerFunc {
	return func(c *gin.Context) {
		if !admit(c, verifier, needs) {
			return
		}
		user, err := dojang.UserOf(c.Request.Context(), From(c), findUser)
		if rejection := dojang.AsTokenError(err); rejection != nil {
			refuse(c, verifier, rejection)
			return
		}
		if err != nil {
			_ = c.AbortWithError(http.StatusInternalServerError, err)
			return
		}
		c.Set(gin.AuthUserKey, user)
	}
}

func admit(c *gin.Context, verifier *dojang.Verifier, needs []dojang.Needs) bool {
	token, err := verifier.Authenticate(c.Request.Context(), c.GetHeader("Authorization"), needs...)
	if err != nil {
		refuse(c, verifier, dojang.AsTokenError(err))
		return false
	}
	c.Set(contextKey, token)
	return true
}

func refuse(c *gin.Context, verifier *dojang.Verifier, rejection *dojang.TokenError) {
	verifier.LogRefusal(c.Request.Context(), rejection)
	c.Abort()
	rejection.Write(c.Writer)
}

// From returns the verified token of a request that passed Protect, or nil.
func From(c *gin.Context) *dojang.Token {
	token, _ := c.Get(contextKey)
	verified, _ := token.(*dojang.Token)
	return verified
}

// UserFrom returns the user of a request that passed ProtectUser, or nil.
func UserFrom[User any](c *gin.Context) *User {
	value, _ := c.Get(gin.AuthUserKey)
	user, _ := value.(*User)
	return user
}
