// All client libraries and verifiers for Go, under /clients/NAME and /verifiers/NAME.
package main

import (
	"context"
	"encoding/json"
	"log"
	"net/http"
	"os"
	"strings"

	"stockclients/golangjwt"
	"stockclients/gooidc"
	"stockclients/jwx"
	"stockclients/quickstart"
)

func answer(w http.ResponseWriter, fields map[string]string, err error) {
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		w.WriteHeader(http.StatusUnauthorized)
		fields = map[string]string{"error": err.Error()}
	}
	_ = json.NewEncoder(w).Encode(fields)
}

func main() {
	ctx := context.Background()
	keyfuncVerifier, err := golangjwt.New(ctx)
	if err != nil {
		log.Fatal(err)
	}
	jwxVerifier, err := jwx.New(ctx)
	if err != nil {
		log.Fatal(err)
	}
	routes := http.NewServeMux()
	if err := addOAuth2Client(routes); err != nil {
		log.Fatal(err)
	}
	verifiers := map[string]func(context.Context, string) (string, error){
		"/verifiers/go-oidc":    gooidc.Verify,
		"/verifiers/keyfunc":    keyfuncVerifier.Verify,
		"/verifiers/jwx":        jwxVerifier.Verify,
		"/quick-starts/go-oidc": quickstart.GoOIDC,
		"/quick-starts/keyfunc": quickstart.Keyfunc,
		"/quick-starts/jwx":     quickstart.JWX,
	}
	for path, verify := range verifiers {
		routes.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			subject, err := verify(r.Context(), strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
			answer(w, map[string]string{"sub": subject}, err)
		})
	}
	routes.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { answer(w, map[string]string{}, nil) })
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), routes))
}
