// A Gin service that accepts access tokens from Dojang. It verifies tokens without a call to the issuer
// and rejects a revoked token within five seconds.
package main

import (
	"cmp"
	"context"
	"log"
	"net/http"
	"os"

	"dojang/verifier"
	dojanggin "dojang/verifier/gin"

	"github.com/gin-gonic/gin"
)

func main() {
	issuer := cmp.Or(os.Getenv("ISSUER"), "http://localhost:4000")
	verifier, err := dojang.New(dojang.Options{
		Issuers:  []dojang.Issuer{{Issuer: issuer}},
		Audience: cmp.Or(os.Getenv("AUDIENCE"), issuer+"/api"),
		Name:     "example-gin",
	})
	if err != nil {
		log.Fatal(err)
	}
	verifier.Start(context.Background())
	defer verifier.Stop()

	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.Use(gin.Recovery())
	router.GET("/", func(c *gin.Context) { c.JSON(http.StatusOK, gin.H{"hello": "everybody"}) })
	router.GET("/me", dojanggin.Protect(verifier), func(c *gin.Context) {
		c.JSON(http.StatusOK, gin.H{"subject": dojanggin.From(c).Subject})
	})
	router.GET("/orders", dojanggin.Protect(verifier, dojang.Needs{Scopes: []string{"orders:read"}}), func(c *gin.Context) {
		c.JSON(http.StatusOK, gin.H{"of": dojanggin.From(c).Subject, "orders": []string{}})
	})
	router.GET("/admin", dojanggin.Protect(verifier, dojang.Needs{Roles: []string{"admin"}}), func(c *gin.Context) {
		c.JSON(http.StatusOK, gin.H{"admin": dojanggin.From(c).Subject})
	})
	log.Fatal(router.Run("127.0.0.1:" + cmp.Or(os.Getenv("PORT"), "8003")))
}
