package dojang

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

func verdict(v *Verifier, token string) string {
	if _, err := v.Verify(context.Background(), token); err != nil {
		return AsTokenError(err).Verdict
	}
	return "ok"
}

func expect(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Fatalf("want %s, got %s", want, got)
	}
}

func TestARevocationIsFeltAtTheNextReading(t *testing.T) {
	issuer := newTestIssuer(t)
	verifier := issuer.verifier(t, nil)
	for kind, value := range map[string]string{"jti": "t-9", "sid": "f-9", "sub": "usr_9", "client_id": "app9"} {
		token := issuer.token(map[string]any{kind: value})
		expect(t, verdict(verifier, token), "ok")
		issuer.revoke(kind, value)
		verifier.Read(context.Background())
		expect(t, verdict(verifier, token), "revoked")
	}
	expect(t, verdict(verifier, issuer.token(nil)), "ok")
}

func TestThePollerReadsByItself(t *testing.T) {
	issuer := newTestIssuer(t)
	verifier := issuer.verifier(t, func(o *Options) { o.Poll = 3 * time.Second })
	token := issuer.token(nil)
	expect(t, verdict(verifier, token), "ok")
	issuer.revoke("sid", "f-1")
	for started := time.Now(); verdict(verifier, token) == "ok"; time.Sleep(50 * time.Millisecond) {
		if time.Since(started) > 3*time.Second {
			t.Fatal("not felt within the poll interval")
		}
	}
}

func TestTenRotationsInARowFailNoToken(t *testing.T) {
	issuer := newTestIssuer(t)
	verifier := issuer.verifier(t, func(o *Options) { o.MaxStaleness = time.Hour })
	for n := range 10 {
		next := fmt.Sprintf("key-%d", n+2)
		issuer.publish(t, next)
		old := issuer.token(nil)
		expect(t, verdict(verifier, old), "ok")
		issuer.advance(300 * time.Second)
		verifier.Read(context.Background())
		issuer.signWith(next)
		expect(t, verdict(verifier, issuer.token(nil)), "ok")
		expect(t, verdict(verifier, old), "ok")
	}
}

func TestAnIssuerThatIsDown(t *testing.T) {
	issuer := newTestIssuer(t)
	strict := issuer.verifier(t, func(o *Options) { o.MaxStaleness = time.Minute })
	lenient := issuer.verifier(t, func(o *Options) { o.MaxStaleness = time.Minute; o.WhenStale = Accept })
	for _, verifier := range []*Verifier{strict, lenient} {
		expect(t, verdict(verifier, issuer.token(nil)), "ok")
	}
	issuer.setDown()
	issuer.advance(time.Minute)
	strict.Read(context.Background())
	expect(t, verdict(strict, issuer.token(nil)), "ok")
	issuer.advance(time.Second)
	expect(t, verdict(strict, issuer.token(nil)), "stale")
	expect(t, verdict(lenient, issuer.token(nil)), "ok")
	if lenient.StaleAccepted() != 1 {
		t.Fatal(lenient.StaleAccepted())
	}
	expect(t, verdict(issuer.verifier(t, nil), issuer.token(nil)), "unavailable")
}

func TestStrangersDoNotDriveOurRequests(t *testing.T) {
	issuer := newTestIssuer(t)
	verifier := issuer.verifier(t, nil)
	expect(t, verdict(verifier, issuer.token(nil)), "ok")
	forged := func(n int) string {
		parts := strings.Split(issuer.token(nil), ".")
		parts[0] = strict.EncodeToString([]byte(fmt.Sprintf(`{"alg":"RS256","typ":"at+jwt","kid":"k%d"}`, n)))
		return strings.Join(parts, ".")
	}
	var wait sync.WaitGroup
	for n := range 50 {
		token := forged(n)
		wait.Add(1)
		go func() {
			defer wait.Done()
			if got := verdict(verifier, token); got != "unknown_key" {
				t.Errorf("got %s", got)
			}
		}()
	}
	wait.Wait()
	if issuer.asked["/jwks"] != 2 || issuer.names[0] != "orders" {
		t.Fatal(issuer.asked, issuer.names)
	}
}

func TestProtect(t *testing.T) {
	issuer := newTestIssuer(t)
	verifier := issuer.verifier(t, nil)
	handler := verifier.Protect(Needs{Scopes: []string{"orders:read"}})(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, From(r.Context()).Subject)
	}))
	ask := func(authorization string) *httptest.ResponseRecorder {
		request := httptest.NewRequest(http.MethodGet, "/orders", nil)
		request.Header.Set("Authorization", authorization)
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, request)
		return recorder
	}
	cases := []struct {
		authorization, challenge string
		status                   int
	}{
		{"Bearer " + issuer.token(nil), "", 200},
		{"", "Bearer", 401},
		{"Basic YTpi", "Bearer", 401},
		{"Bearer x", `Bearer error="invalid_token"`, 401},
		{"Bearer " + issuer.token(map[string]any{"scope": ""}), `Bearer error="insufficient_scope", scope="orders:read"`, 403},
	}
	for _, one := range cases {
		got := ask(one.authorization)
		if got.Code != one.status || got.Header().Get("WWW-Authenticate") != one.challenge {
			t.Fatalf("%d %q", got.Code, got.Header().Get("WWW-Authenticate"))
		}
	}
	if body := ask(cases[0].authorization).Body.String(); body != "usr_1" {
		t.Fatal(body)
	}
}

func TestOptionsThatMakeNoSenseAreRefused(t *testing.T) {
	good := []Issuer{{Issuer: "https://id.example.com"}}
	for _, options := range []Options{
		{Issuers: good},
		{Audience: audience},
		{Issuers: []Issuer{{Issuer: "http://id.example.com"}}, Audience: audience},
		{Issuers: append(good, good...), Audience: audience},
		{Issuers: good, Audience: audience, Name: "a b"},
		{Issuers: good, Audience: audience, Poll: time.Second},
		{Issuers: good, Audience: audience, MaxStaleness: time.Second},
		{Issuers: good, Audience: audience, Leeway: time.Hour},
		{Issuers: good, Audience: audience, WhenStale: "hope"},
		{Secrets: []SharedSecret{{Secret: "short", Until: time.Now()}}, Audience: audience},
	} {
		if _, err := New(options); err == nil {
			t.Fatalf("%+v was taken", options)
		}
	}
}
