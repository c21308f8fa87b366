package dojang

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
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

func TestRejectsARevokedTokenAfterTheNextRead(t *testing.T) {
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

func TestPollingReadsTheFeedInTheBackground(t *testing.T) {
	issuer := newTestIssuer(t)
	verifier := issuer.verifier(t, func(o *Options) { o.Poll = 3 * time.Second })
	token := issuer.token(nil)
	expect(t, verdict(verifier, token), "ok")
	issuer.revoke("sid", "f-1")
	for started := time.Now(); verdict(verifier, token) == "ok"; time.Sleep(50 * time.Millisecond) {
		if time.Since(started) > 3*time.Second {
			t.Fatal("the token was still accepted after the poll interval")
		}
	}
}

func TestAcceptsEveryTokenDuringTenKeyRotations(t *testing.T) {
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

func TestKeepsCheckingTokensWhileTheIssuerIsDown(t *testing.T) {
	issuer := newTestIssuer(t)
	rejecting := issuer.verifier(t, func(o *Options) { o.MaxStaleness = time.Minute })
	accepting := issuer.verifier(t, func(o *Options) { o.MaxStaleness = time.Minute; o.WhenStale = Accept })
	for _, verifier := range []*Verifier{rejecting, accepting} {
		expect(t, verdict(verifier, issuer.token(nil)), "ok")
	}
	issuer.setDown()
	issuer.advance(time.Minute)
	rejecting.Read(context.Background())
	expect(t, verdict(rejecting, issuer.token(nil)), "ok")
	issuer.advance(time.Second)
	expect(t, verdict(rejecting, issuer.token(nil)), "stale")
	expect(t, verdict(accepting, issuer.token(nil)), "ok")
	if got := accepting.StaleAccepted(); got != 1 {
		t.Fatalf("want 1 token accepted with a stale feed, got %d", got)
	}
	expect(t, verdict(issuer.verifier(t, nil), issuer.token(nil)), "unavailable")
}

func TestUnknownKeyIDsCauseOnlyOneKeyFetch(t *testing.T) {
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
	if issuer.requests["/jwks"] != 2 || issuer.names[0] != "orders" {
		t.Fatalf("want two key fetches with the name orders, got requests %v with names %v", issuer.requests, issuer.names)
	}
}

func TestProtectAnswersAsRFC6750Requires(t *testing.T) {
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
	for _, want := range cases {
		got := ask(want.authorization)
		if challenge := got.Header().Get("WWW-Authenticate"); got.Code != want.status || challenge != want.challenge {
			t.Fatalf("want %d %q, got %d %q", want.status, want.challenge, got.Code, challenge)
		}
	}
	if body := ask(cases[0].authorization).Body.String(); body != "usr_1" {
		t.Fatalf("want usr_1, got %q", body)
	}
}

func TestNewRejectsInvalidOptions(t *testing.T) {
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
		{PublicKeys: []PublicKey{{PEM: pemOf(t, 2048, "PRIVATE KEY"), Until: time.Now()}}, Audience: audience},
		{PublicKeys: []PublicKey{{PEM: pemOf(t, 1024, "PUBLIC KEY"), Until: time.Now()}}, Audience: audience},
		{PublicKeys: []PublicKey{{PEM: pemOf(t, 2048, "PUBLIC KEY")}}, Audience: audience},
		{
			Secrets:    []SharedSecret{{Secret: strings.Repeat("s", 32), Until: time.Now()}},
			PublicKeys: []PublicKey{{PEM: pemOf(t, 2048, "PUBLIC KEY"), Until: time.Now()}},
			Audience:   audience,
		},
	} {
		if _, err := New(options); err == nil {
			t.Fatalf("New accepted %+v", options)
		}
	}
}

func TestNewAcceptsAPEMFile(t *testing.T) {
	options := Options{PublicKeys: []PublicKey{{PEM: pemOf(t, 2048, "PUBLIC KEY"), Until: time.Now()}}, Audience: audience}
	if _, err := New(options); err != nil {
		t.Fatal(err)
	}
}

func pemOf(t *testing.T, bits int, kind string) string {
	// This setting allows the short key that New must refuse.
	t.Setenv("GODEBUG", "rsa1024min=0")
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if kind == "PRIVATE KEY" {
		der, err = x509.MarshalPKCS8PrivateKey(key)
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func TestDoesNotTrustKeysThatCannotBeConfirmedForAnHour(t *testing.T) {
	issuer := newTestIssuer(t)
	verifier := issuer.verifier(t, func(o *Options) { o.MaxStaleness = 10 * time.Hour })
	expect(t, verdict(verifier, issuer.token(nil)), "ok")
	issuer.setDown()
	issuer.advance(time.Hour - time.Second)
	expect(t, verdict(verifier, issuer.token(nil)), "ok")
	issuer.advance(time.Second)
	expect(t, verdict(verifier, issuer.token(nil)), "unavailable")
}

func TestIgnoresAFeedThatIsSignedWithARevokedKey(t *testing.T) {
	issuer := newTestIssuer(t)
	verifier := issuer.verifier(t, nil)
	issuer.publish(t, "key-2")
	issuer.signWith("key-2")
	issuer.revoke("kid", "key-1")
	expect(t, verdict(verifier, issuer.token(nil)), "ok")
	// The thief of the revoked key writes a feed that does not name it.
	issuer.signWith("key-1")
	issuer.mutex.Lock()
	issuer.revoked = map[string]map[string]entry{"sub": {publishedName("sub", "usr_1"): {Exp: issuer.now.Unix() + 3660}}}
	issuer.mutex.Unlock()
	verifier.Read(context.Background())
	issuer.signWith("key-2")
	expect(t, verdict(verifier, issuer.token(nil)), "ok")
}
