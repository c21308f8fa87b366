package dojang

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	keysMaxAge = 300 * time.Second
	// maxUnconfirmed is how long keys are trusted that could not be confirmed: one may have been revoked.
	maxUnconfirmed = time.Hour
	// unknownKidCooldown limits the requests that forged tokens with an unknown kid can cause.
	unknownKidCooldown = 30 * time.Second
)

// keys holds the public keys of one issuer. If a fetch fails, the known keys stay in use.
type keys struct {
	issuer Issuer
	client *http.Client
	name   string
	now    func() time.Time

	fetching       sync.Mutex
	known          sync.RWMutex
	byID           map[string]*rsa.PublicKey
	fetchedAt      time.Time
	askedUnknownAt time.Time
	metadata       map[string]any
}

// lookup searches in memory only.
func (k *keys) lookup(kid string) *rsa.PublicKey {
	k.known.RLock()
	defer k.known.RUnlock()
	if !k.isConfirmed() {
		return nil
	}
	return k.byID[kid]
}

func (k *keys) areKnown() bool {
	k.known.RLock()
	defer k.known.RUnlock()
	return k.isConfirmed()
}

// isConfirmed needs the lock.
func (k *keys) isConfirmed() bool {
	return !k.fetchedAt.IsZero() && k.now().Sub(k.fetchedAt) < maxUnconfirmed
}

// find fetches the keys again for an unknown kid, at most every 30 seconds.
// Concurrent calls wait for the same fetch.
func (k *keys) find(ctx context.Context, kid string) *rsa.PublicKey {
	if key := k.lookup(kid); key != nil {
		return key
	}
	k.fetching.Lock()
	defer k.fetching.Unlock()
	if k.lookup(kid) == nil && k.now().Sub(k.askedUnknownAt) >= unknownKidCooldown {
		k.askedUnknownAt = k.now()
		k.fetch(ctx)
	}
	return k.lookup(kid)
}

func (k *keys) keepFresh(ctx context.Context) {
	k.fetching.Lock()
	defer k.fetching.Unlock()
	if !k.areKnown() || k.now().Sub(k.fetchedAt) >= keysMaxAge {
		k.fetch(ctx)
	}
}

func (k *keys) fetch(ctx context.Context) {
	found, err := k.read(ctx)
	if err != nil {
		// The keys may have moved, so read the metadata again next time.
		k.setMetadata(nil)
		return
	}
	k.known.Lock()
	defer k.known.Unlock()
	k.byID, k.fetchedAt = found, k.now()
}

func (k *keys) read(ctx context.Context) (map[string]*rsa.PublicKey, error) {
	url := k.issuer.JWKSURI
	if url == "" {
		var err error
		if url, err = k.address(ctx, "jwks_uri", "/.well-known/jwks.json"); err != nil {
			return nil, err
		}
	}
	headers := map[string]string{}
	if k.name != "" {
		headers["Dojang-Verifier"] = k.name
	}
	got, err := get(ctx, k.client, url, headers, maxKeySetBytes)
	if err != nil {
		return nil, err
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if got.status != http.StatusOK || json.Unmarshal(got.body, &set) != nil || set.Keys == nil {
		return nil, fmt.Errorf("%s did not answer with a JWK Set", url)
	}
	found := map[string]*rsa.PublicKey{}
	for _, raw := range set.Keys {
		if kid, key := readKey(raw); key != nil {
			found[kid] = key
		}
	}
	return found, nil
}

// readKey returns nil for a key that the verifier cannot use. The other keys of the set stay usable.
func readKey(raw json.RawMessage) (string, *rsa.PublicKey) {
	var jwk jose.JSONWebKey
	if jwk.UnmarshalJSON(raw) != nil || jwk.KeyID == "" {
		return "", nil
	}
	if jwk.Use != "" && jwk.Use != "sig" || jwk.Algorithm != "" && jwk.Algorithm != "RS256" {
		return "", nil
	}
	key, ok := jwk.Key.(*rsa.PublicKey)
	if !ok || key.N.BitLen() < 2048 {
		return "", nil
	}
	return jwk.KeyID, key
}

// address returns a URL from the metadata. The metadata is fetched once and kept.
func (k *keys) address(ctx context.Context, member, path string) (string, error) {
	k.known.RLock()
	metadata := k.metadata
	k.known.RUnlock()
	if metadata == nil {
		got, err := get(ctx, k.client, k.issuer.Issuer+"/.well-known/openid-configuration", nil, maxKeySetBytes)
		if err != nil {
			return "", err
		}
		if got.status != http.StatusOK || json.Unmarshal(got.body, &metadata) != nil || metadata["issuer"] != k.issuer.Issuer {
			return "", fmt.Errorf("the metadata of %s is missing or names another issuer", k.issuer.Issuer)
		}
		k.setMetadata(metadata)
	}
	address := asText(metadata[member])
	if address == "" {
		address = k.issuer.Issuer + path
	}
	if !isSafe(address) {
		return "", fmt.Errorf("%s must use https (http is allowed only on this machine)", address)
	}
	return address, nil
}

func (k *keys) setMetadata(metadata map[string]any) {
	k.known.Lock()
	defer k.known.Unlock()
	k.metadata = metadata
}
