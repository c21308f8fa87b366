// Package dojanggin protects Gin routes with a verifier of Dojang's access tokens.
// It is a separate module, so that services without Gin do not download Gin.
//
//	router.GET("/orders", dojanggin.Protect(verifier, dojang.Needs{Scopes: []string{"orders:read"}}), orders)
package dojanggin

import (
	dojang "dojang/verifier"

	"github.com/gin-gonic/gin"
)

const contextKey = "dojang.token"

// Protect passes a request on only if its token is valid and meets the needs.
// The handler gets the token with From.
func Protect(verifier *dojang.Verifier, needs ...dojang.Needs) gin.HandlerFunc {
	return func(c *gin.Context) {
		token, err := verifier.Authenticate(c.Request.Context(), c.GetHeader("Authorization"), needs...)
		if err != nil {
			rejection := dojang.AsTokenError(err)
			verifier.LogRefusal(c.Request.Context(), rejection)
			c.Abort()
			rejection.Write(c.Writer)
			return
		}
		c.Set(contextKey, token)
		c.Next()
	}
}

// From returns the verified token of a request that passed Protect, or nil.
func From(c *gin.Context) *dojang.Token {
	token, _ := c.Get(contextKey)
	verified, _ := token.(*dojang.Token)
	return verified
}
