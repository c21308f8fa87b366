package dojanggin

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	dojang "dojang/verifier"

	"github.com/gin-gonic/gin"
	"github.com/go-jose/go-jose/v4"
)

type person struct{ name string }

func TestProtectUserGivesTheHandlerTheUserOfTheToken(t *testing.T) {
	gin.SetMode(gin.TestMode)
	secret := strings.Repeat("s", 32)
	verifier, err := dojang.New(dojang.Options{
		Secrets:  []dojang.SharedSecret{{Secret: secret, Until: time.Now().Add(time.Hour)}},
		Audience: "https://api.example.com",
		Logger:   slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer verifier.Stop()
	findUser := func(_ context.Context, token *dojang.Token) (*person, error) {
		switch token.Subject {
		case "usr_1":
			return &person{"Kim"}, nil
		case "usr_broken":
			return nil, errors.New("the database is down")
		}
		return nil, nil
	}
	router := gin.New()
	router.GET("/orders", ProtectUser(verifier, findUser), func(c *gin.Context) {
		c.String(http.StatusOK, UserFrom[person](c).name+" "+c.MustGet(gin.AuthUserKey).(*person).name)
	})
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: []byte(secret)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for subject, want := range map[string]struct {
		status int
		body   string
	}{
		"usr_1": {200, "Kim Kim"}, "usr_none": {403, `"code":"no_local_user"`}, "usr_broken": {500, ""},
	} {
		signed, err := signer.Sign([]byte(`{"sub":"` + subject + `","exp":4102444800}`))
		if err != nil {
			t.Fatal(err)
		}
		token, _ := signed.CompactSerialize()
		request := httptest.NewRequest(http.MethodGet, "/orders", nil)
		request.Header.Set("Authorization", "Bearer "+token)
		recorder := httptest.NewRecorder()
		router.ServeHTTP(recorder, request)
		if recorder.Code != want.status || !strings.Contains(recorder.Body.String(), want.body) {
			t.Fatalf("%s: want %d with %s, got %d with %s", subject, want.status, want.body, recorder.Code, recorder.Body)
		}
	}
}
