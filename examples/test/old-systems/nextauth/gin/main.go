// The files service: it trusts the id and the role in the token.
package main

import (
	"log"
	"net/http"
	"os"

	"github.com/gin-gonic/gin"
)

func main() {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.Use(authenticate())
	router.GET("/me", func(c *gin.Context) {
		user := c.MustGet("user").(User)
		c.JSON(http.StatusOK, gin.H{"id": user.ID, "name": user.Name})
	})
	router.GET("/admin", func(c *gin.Context) {
		user := c.MustGet("user").(User)
		if user.Role != "admin" {
			c.JSON(http.StatusForbidden, gin.H{"error": "Forbidden"})
			return
		}
		c.JSON(http.StatusOK, gin.H{"id": user.ID})
	})
	log.Fatal(router.Run("127.0.0.1:" + os.Getenv("PORT")))
}
