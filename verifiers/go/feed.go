package dojang

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

var kinds = []string{"jti", "sid", "sub", "client_id", "kid"}

const (
	feedType = "revocations+jwt"
	// maxClockAhead is how far the issuer's clock may be ahead of this machine's.
	maxClockAhead = 60 * time.Second
)

// entry revokes tokens issued at or before Cutoff, or all tokens if Cutoff is nil.
type entry struct {
	Exp    int64  `json:"exp"`
	Cutoff *int64 `json:"cutoff"`
}

// document is the payload of the feed (docs/revocation-feed.md).
type document struct {
	Iss     string                      `json:"iss"`
	Iat     *int64                      `json:"iat"`
	Exp     *int64                      `json:"exp"`
	AsOf    *int64                      `json:"as_of"`
	Cursor  *string                     `json:"cursor"`
	Revoked map[string]json.RawMessage  `json:"revoked"`
	lists   map[string]map[string]entry `json:"-"`
}

// feed keeps the revocation feed of one issuer in memory.
type feed struct {
	issuer Issuer
	keys   *keys
	client *http.Client
	now    func() time.Time

	reading      sync.Mutex
	cursor, etag string

	known sync.RWMutex
	lists map[string]map[string]entry
	asOf  time.Time
}

// publishedName is how a value appears in the public feed: hashed, except for a kid.
func publishedName(kind, value string) string {
	if kind == "kid" {
		return value
	}
	digest := sha256.Sum256([]byte(kind + ":" + value))
	return base64.RawURLEncoding.EncodeToString(digest[:16])
}

// age is the time since the issuer last read its stores. The result is false if the feed was never read.
func (f *feed) age() (time.Duration, bool) {
	f.known.RLock()
	defer f.known.RUnlock()
	return f.now().Sub(f.asOf), !f.asOf.IsZero()
}

func (f *feed) isRevoked(claims map[string]any, kid string) bool {
	iat, _ := asNumber(claims["iat"])
	f.known.RLock()
	defer f.known.RUnlock()
	for kind, entries := range f.lists {
		if len(entries) == 0 {
			continue
		}
		value := kid
		if kind != "kid" {
			value = asText(claims[kind])
		}
		found, ok := entries[publishedName(kind, value)]
		if ok && value != "" && (found.Cutoff == nil || iat <= float64(*found.Cutoff)) {
			return true
		}
	}
	return false
}

// read fetches the feed once. If that fails, the known entries stay in use.
func (f *feed) read(ctx context.Context) error {
	f.reading.Lock()
	defer f.reading.Unlock()
	address := f.issuer.RevocationsURI
	if address == "" {
		var err error
		if address, err = f.keys.address(ctx, "revocations_uri", "/.well-known/revocations"); err != nil {
			return err
		}
	}
	if f.cursor != "" {
		address += "?since=" + url.QueryEscape(f.cursor)
	}
	headers := map[string]string{}
	if f.etag != "" {
		headers["If-None-Match"] = f.etag
	}
	got, err := get(ctx, f.client, address, headers, maxDocumentBytes)
	if err != nil || got.status == http.StatusNotModified {
		return err
	}
	if got.status != http.StatusOK {
		return fmt.Errorf("the revocation feed answered with status %d", got.status)
	}
	checked, err := f.check(ctx, strings.TrimSpace(string(got.body)))
	if err != nil {
		return err
	}
	f.apply(checked)
	f.cursor, f.etag = *checked.Cursor, got.etag
	return nil
}

func (f *feed) check(ctx context.Context, text string) (document, error) {
	signed, err := jose.ParseSignedCompact(text, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return document{}, err
	}
	header := signed.Signatures[0].Protected
	_, hasCrit := header.ExtraHeaders["crit"]
	if header.ExtraHeaders[jose.HeaderType] != feedType || hasCrit || header.KeyID == "" {
		return document{}, errors.New("the revocation feed has the wrong header")
	}
	f.known.RLock()
	// A revoked key must not sign the feed, even if it is still in the key set.
	_, isRevokedKey := f.lists["kid"][header.KeyID]
	f.known.RUnlock()
	key := f.keys.find(ctx, header.KeyID)
	if isRevokedKey || key == nil {
		return document{}, errors.New("the revocation feed is signed with an unknown or revoked key")
	}
	payload, err := signed.Verify(key)
	if err != nil {
		return document{}, err
	}
	var read document
	if err := json.Unmarshal(payload, &read); err != nil {
		return document{}, err
	}
	if read.Iss != f.issuer.Issuer || read.Iat == nil || read.Exp == nil || read.AsOf == nil || read.Cursor == nil || read.Revoked == nil {
		return document{}, errors.New("the revocation feed has another issuer or lacks a claim")
	}
	now := f.now()
	if time.Unix(*read.Iat, 0).After(now.Add(maxClockAhead)) || !time.Unix(*read.Exp, 0).After(now) || len(*read.Cursor) > 200 {
		return document{}, errors.New("the revocation feed has expired, is dated in the future, or has a cursor that is too long")
	}
	read.lists = map[string]map[string]entry{}
	for kind, raw := range read.Revoked {
		entries := map[string]entry{}
		if slices.Contains(kinds, kind) {
			if err := json.Unmarshal(raw, &entries); err != nil {
				return document{}, err
			}
			read.lists[kind] = entries
		}
	}
	if _, ok := read.lists["kid"][header.KeyID]; ok {
		return document{}, errors.New("the revocation feed is signed with a key that it revokes")
	}
	return read, nil
}

// apply merges the document and drops expired entries. Repetition and order do not change the result.
func (f *feed) apply(read document) {
	now := f.now().Unix()
	f.known.Lock()
	defer f.known.Unlock()
	for _, kind := range kinds {
		entries := f.lists[kind]
		for name, update := range read.lists[kind] {
			if old, ok := entries[name]; ok {
				update = stronger(old, update)
			}
			entries[name] = update
		}
		for name, old := range entries {
			if old.Exp <= now {
				delete(entries, name)
			}
		}
	}
	if asOf := time.Unix(*read.AsOf, 0); asOf.After(f.asOf) {
		f.asOf = asOf
	}
}

// stronger merges two entries: it keeps the later expiry and the later cutoff.
// No cutoff counts as the latest one, because it revokes all tokens.
func stronger(a, b entry) entry {
	merged := entry{Exp: max(a.Exp, b.Exp)}
	if a.Cutoff != nil && b.Cutoff != nil {
		cutoff := max(*a.Cutoff, *b.Cutoff)
		merged.Cutoff = &cutoff
	}
	return merged
}
