package dojang

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
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
	feedType  = "revocations+jwt"
	feedAhead = 60 * time.Second
)

type entry struct {
	Exp    int64  `json:"exp"`
	Cutoff *int64 `json:"cutoff"`
}

// document of docs/revocation-feed.md.
type document struct {
	Iss     string                      `json:"iss"`
	Iat     *int64                      `json:"iat"`
	Exp     *int64                      `json:"exp"`
	AsOf    *int64                      `json:"as_of"`
	Cursor  *string                     `json:"cursor"`
	Revoked map[string]json.RawMessage  `json:"revoked"`
	lists   map[string]map[string]entry `json:"-"`
}

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

func publishedName(kind, value string) string {
	if kind == "kid" {
		return value
	}
	digest := sha256.Sum256([]byte(kind + ":" + value))
	return base64.RawURLEncoding.EncodeToString(digest[:16])
}

// age since the issuer last read its stores; false if nothing was ever read.
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

// read once, now. What is known stays if the issuer does not answer.
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
		return errors.New("the feed was not given")
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
		return document{}, errors.New("not a revocation feed")
	}
	f.known.RLock()
	_, isDead := f.lists["kid"][header.KeyID]
	f.known.RUnlock()
	key := f.keys.find(ctx, header.KeyID)
	if isDead || key == nil {
		return document{}, errors.New("signed by a dead or unknown key")
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
		return document{}, errors.New("not this issuer's feed")
	}
	now := f.now()
	if time.Unix(*read.Iat, 0).After(now.Add(feedAhead)) || !time.Unix(*read.Exp, 0).After(now) || len(*read.Cursor) > 200 {
		return document{}, errors.New("not of now")
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
	return read, nil
}

// apply makes entries stronger and forgets those that are over; twice or out of order gives the same.
func (f *feed) apply(read document) {
	now := f.now().Unix()
	f.known.Lock()
	defer f.known.Unlock()
	for _, kind := range kinds {
		entries := f.lists[kind]
		for name, news := range read.lists[kind] {
			if old, ok := entries[name]; ok {
				news = stronger(old, news)
			}
			entries[name] = news
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

// stronger of two: no cut-off is more than any.
func stronger(a, b entry) entry {
	merged := entry{Exp: max(a.Exp, b.Exp)}
	if a.Cutoff != nil && b.Cutoff != nil {
		cutoff := max(*a.Cutoff, *b.Cutoff)
		merged.Cutoff = &cutoff
	}
	return merged
}
