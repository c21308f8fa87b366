package dojang

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const audience = "https://api.example.com"

// testIssuer creates its own keys and answers the same requests as Dojang.
type testIssuer struct {
	*httptest.Server
	mutex   sync.Mutex
	keys    map[string]*rsa.PrivateKey
	kid     string
	revoked map[string]map[string]entry
	now     time.Time
	isDown  bool
	// requests counts the requests by path.
	requests map[string]int
	// names has the Dojang-Verifier header of each key fetch.
	names []string
}

func newTestIssuer(t *testing.T) *testIssuer {
	issuer := &testIssuer{keys: map[string]*rsa.PrivateKey{}, revoked: map[string]map[string]entry{}, now: time.Unix(1_790_000_000, 0), requests: map[string]int{}}
	issuer.publish(t, "key-1")
	issuer.signWith("key-1")
	issuer.Server = httptest.NewServer(http.HandlerFunc(issuer.answer))
	t.Cleanup(issuer.Close)
	return issuer
}

func (i *testIssuer) publish(t *testing.T, kid string) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i.mutex.Lock()
	defer i.mutex.Unlock()
	i.keys[kid] = key
}

func (i *testIssuer) signWith(kid string) {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	i.kid = kid
}

func (i *testIssuer) clock() time.Time {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	return i.now
}

func (i *testIssuer) advance(d time.Duration) {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	i.now = i.now.Add(d)
}

func (i *testIssuer) answer(w http.ResponseWriter, r *http.Request) {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	i.requests[r.URL.Path]++
	if i.isDown {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		_ = json.NewEncoder(w).Encode(map[string]string{"issuer": i.URL, "jwks_uri": i.URL + "/jwks"})
	case "/jwks":
		i.names = append(i.names, r.Header.Get("Dojang-Verifier"))
		set := jose.JSONWebKeySet{}
		for kid, key := range i.keys {
			set.Keys = append(set.Keys, jose.JSONWebKey{Key: key.Public(), KeyID: kid, Algorithm: "RS256", Use: "sig"})
		}
		_ = json.NewEncoder(w).Encode(set)
	case "/.well-known/revocations":
		now := i.now.Unix()
		_, _ = w.Write([]byte(i.sign(feedType, map[string]any{
			"iss": i.URL, "iat": now, "exp": now + 300, "ttl": 5, "as_of": now, "cursor": "1", "full": true, "revoked": i.revoked,
		})))
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (i *testIssuer) sign(typ string, claims map[string]any) string {
	key := jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: i.keys[i.kid], KeyID: i.kid}}
	signer, err := jose.NewSigner(key, (&jose.SignerOptions{}).WithType(jose.ContentType(typ)))
	if err != nil {
		panic(err)
	}
	payload, _ := json.Marshal(claims)
	signed, err := signer.Sign(payload)
	if err != nil {
		panic(err)
	}
	text, _ := signed.CompactSerialize()
	return text
}

func (i *testIssuer) token(changes map[string]any) string {
	now := i.clock().Unix()
	claims := map[string]any{
		"iss": i.URL, "aud": audience, "sub": "usr_1", "client_id": "web", "jti": "t-1", "sid": "f-1",
		"iat": now, "exp": now + 600, "scope": "orders:read", "roles": []string{"user"},
	}
	for name, value := range changes {
		claims[name] = value
	}
	return i.sign("at+jwt", claims)
}

func (i *testIssuer) revoke(kind, value string) {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	i.revoked[kind] = map[string]entry{publishedName(kind, value): {Exp: i.now.Unix() + 3660}}
}

func (i *testIssuer) setDown() {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	i.isDown = true
}

func (i *testIssuer) verifier(t *testing.T, change func(*Options)) *Verifier {
	options := Options{Issuers: []Issuer{{Issuer: i.URL}}, Audience: audience, Name: "orders", Poll: time.Hour, Now: i.clock}
	if change != nil {
		change(&options)
	}
	verifier, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(verifier.Stop)
	return verifier
}
