// A Gin service that accepts access tokens from Dojang. It verifies tokens without a call to the issuer
// and rejects a revoked token within five seconds.
package main

import (
	"cmp"
	"context"
	"log"
	"net/http"
	"os"
	"sync"

	"dojang/verifier"
	dojanggin "dojang/verifier/gin"

	"github.com/gin-gonic/gin"
)

// A user of this service. A real service keeps its users in its database.
type user struct {
	Subject string `json:"subject"`
	Number  int    `json:"number"`
}

var (
	users     = map[string]*user{}
	usersLock sync.Mutex
)

// findOrCreate creates a user at the first request. There is one issuer, so the subject is enough to find the
// user again. Requests run at the same time, so it takes a lock.
func findOrCreate(_ context.Context, token *dojang.Token) (*user, error) {
	usersLock.Lock()
	defer usersLock.Unlock()
	if users[token.Subject] == nil {
		users[token.Subject] = &user{Subject: token.Subject, Number: len(users) + 1}
	}
	return users[token.Subject], nil
}

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
	router.GET("/me", dojanggin.ProtectUser(verifier, findOrCreate), func(c *gin.Context) {
		c.JSON(http.StatusOK, dojanggin.UserFrom[user](c))
	})
	router.GET("/orders", dojanggin.Protect(verifier, dojang.Needs{Scopes: []string{"orders:read"}}), func(c *gin.Context) {
		c.JSON(http.StatusOK, gin.H{"of": dojanggin.From(c).Subject, "orders": []string{}})
	})
	router.GET("/admin", dojanggin.Protect(verifier, dojang.Needs{Roles: []string{"admin"}}), func(c *gin.Context) {
		c.JSON(http.StatusOK, gin.H{"admin": dojanggin.From(c).Subject})
	})
	log.Fatal(router.Run("127.0.0.1:" + cmp.Or(os.Getenv("PORT"), "8003")))
}
