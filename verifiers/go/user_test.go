package dojang

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

type person struct{ name string }

func TestProtectUserGivesTheHandlerTheUserOfTheToken(t *testing.T) {
	issuer, buffer := newTestIssuer(t), &bytes.Buffer{}
	verifier := issuer.verifier(t, func(o *Options) { o.Logger = jsonLogger(buffer) })
	findUser := func(_ context.Context, token *Token) (*person, error) {
		switch {
		case token.Issuer != issuer.URL || token.Subject == "usr_none":
			return nil, nil
		case token.Subject == "usr_blocked":
			return nil, &TokenError{Verdict: "revoked"}
		case token.Subject == "usr_broken":
			return nil, errors.New("the database is down")
		}
		return &person{"Kim"}, nil
	}
	handler := ProtectUser(verifier, findUser, Needs{Scopes: []string{"orders:read"}})(
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, UserFrom[person](r.Context()).name, " ", From(r.Context()).Subject)
		}))
	ask := func(subject, scope string) *httptest.ResponseRecorder {
		request := httptest.NewRequest(http.MethodGet, "/orders", nil)
		request.Header.Set("Authorization", "Bearer "+issuer.token(map[string]any{"sub": subject, "scope": scope}))
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, request)
		return recorder
	}
	for _, want := range []struct {
		subject, scope string
		status         int
		body           string
	}{
		{"usr_1", "orders:read", 200, "Kim usr_1"},
		{"usr_1", "openid", 403, `"code":"insufficient_scope"`},
		{"usr_none", "orders:read", 403, `"code":"no_local_user"`},
		{"usr_blocked", "orders:read", 401, `"code":"invalid_token"`},
		{"usr_broken", "orders:read", 500, "Internal Server Error"},
	} {
		got := ask(want.subject, want.scope)
		if got.Code != want.status || !strings.Contains(got.Body.String(), want.body) {
			t.Fatalf("%s: want %d with %s, got %d with %s", want.subject, want.status, want.body, got.Code, got.Body)
		}
	}
	if challenge := ask("usr_none", "orders:read").Header().Get("WWW-Authenticate"); challenge != "" {
		t.Fatalf("another token does not help, but the challenge is %s", challenge)
	}
	for _, want := range []string{`"verdict":"no_local_user"`, `"error":"the database is down"`} {
		if !strings.Contains(buffer.String(), want) {
			t.Fatalf("the log has no %s: %s", want, buffer)
		}
	}
	if UserFrom[person](context.Background()) != nil {
		t.Fatal("a request that did not pass ProtectUser has a user")
	}
}
