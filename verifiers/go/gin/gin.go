// Package dojanggin protects routes of Gin with a verifier of Dojang's access tokens. A module of its own, so that nobody
// else needs Gin.
//
//	router.GET("/orders", dojanggin.Protect(verifier, dojang.Needs{Scopes: []string{"orders:read"}}), orders)
package dojanggin

import (
	"dojang/verifier"

	"github.com/gin-gonic/gin"
)

const contextKey = "dojang.token"

// Protect lets only requests through whose token meets the needs; the handler finds it with From.
func Protect(verifier *dojang.Verifier, needs ...dojang.Needs) gin.HandlerFunc {
	return func(c *gin.Context) {
		token, err := verifier.Authenticate(c.Request.Context(), c.GetHeader("Authorization"), needs...)
		if err != nil {
			refusal := dojang.AsTokenError(err)
			refusal.WriteHeaders(c.Writer.Header())
			c.AbortWithStatusJSON(refusal.Status(), refusal.Body())
			return
		}
		c.Set(contextKey, token)
		c.Next()
	}
}

// From gives the token of a protected request, or nil.
func From(c *gin.Context) *dojang.Token {
	token, _ := c.Get(contextKey)
	verified, _ := token.(*dojang.Token)
	return verified
}
