package dojanggin

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	dojang "dojang/verifier"

	"github.com/gin-gonic/gin"
)

func TestProtectAnswersAsRFC6750Requires(t *testing.T) {
	gin.SetMode(gin.TestMode)
	log := &bytes.Buffer{}
	verifier, err := dojang.New(dojang.Options{
		Issuers:  []dojang.Issuer{{Issuer: "http://127.0.0.1:1"}},
		Audience: "https://api.example.com",
		Logger:   slog.New(slog.NewJSONHandler(log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer verifier.Stop()
	router := gin.New()
	router.GET("/orders", Protect(verifier), func(*gin.Context) { t.Error("the handler ran without a valid token") })
	for authorization, challenge := range map[string]string{"": "Bearer", "Bearer x": `Bearer error="invalid_token"`} {
		request := httptest.NewRequest(http.MethodGet, "/orders", nil)
		request.Header.Set("Authorization", authorization)
		recorder := httptest.NewRecorder()
		router.ServeHTTP(recorder, request)
		if recorder.Code != http.StatusUnauthorized || recorder.Header().Get("WWW-Authenticate") != challenge {
			t.Fatalf("got status %d and challenge %q", recorder.Code, recorder.Header().Get("WWW-Authenticate"))
		}
		contentType := recorder.Header().Get("Content-Type")
		if contentType != "application/problem+json; charset=utf-8" || !strings.Contains(recorder.Body.String(), `"status":401`) {
			t.Fatalf("got %s with the body %s", contentType, recorder.Body)
		}
	}
	if strings.Count(log.String(), "request refused") != 1 || !strings.Contains(log.String(), `"verdict":"malformed"`) {
		t.Fatalf("got the log %s", log)
	}
}
