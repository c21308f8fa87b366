package dojang

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const maxTokenChars = 8192

// trusted is an issuer with public keys. feed is nil if the options turn the revocation feed off.
type trusted struct {
	issuer Issuer
	keys   *keys
	feed   *feed
}

// Verifier checks access tokens. Create one per process. It is safe for concurrent use.
type Verifier struct {
	options       Options
	byIssuer      map[string]trusted
	legacy        map[string]legacy
	staleAccepted atomic.Int64
	refusals      refusalLog
	once          sync.Once
	stopped       chan struct{}
	stopOnce      sync.Once
}

// New creates a verifier. It returns an error if an option is invalid.
func New(options Options) (*Verifier, error) {
	options = options.withDefaults()
	if err := options.check(); err != nil {
		return nil, err
	}
	legacyIssuers, err := options.legacyIssuers()
	if err != nil {
		return nil, err
	}
	v := &Verifier{
		options:  options,
		byIssuer: map[string]trusted{},
		legacy:   legacyIssuers,
		stopped:  make(chan struct{}),
	}
	for _, issuer := range options.Issuers {
		known := &keys{issuer: issuer, client: options.Client, name: options.Name, now: options.Now}
		added := trusted{issuer: issuer, keys: known}
		if !options.NoRevocations && !issuer.NoRevocations {
			lists := map[string]map[string]entry{}
			for _, kind := range kinds {
				lists[kind] = map[string]entry{}
			}
			added.feed = &feed{issuer: issuer, keys: known, client: options.Client, now: options.Now, lists: lists}
		}
		v.byIssuer[issuer.Issuer] = added
	}
	return v, nil
}

// Start fetches keys and feeds, then polls in the background until Stop. It does not fail while an issuer is
// down.
func (v *Verifier) Start(ctx context.Context) {
	v.once.Do(func() {
		v.Read(ctx)
		go v.poll()
	})
}

// Stop ends polling.
func (v *Verifier) Stop() { v.stopOnce.Do(func() { close(v.stopped) }) }

// StaleAccepted is the number of tokens accepted with a stale feed.
func (v *Verifier) StaleAccepted() int64 { return v.staleAccepted.Load() }

// Read fetches keys and feeds once. Polling does the same in the background.
func (v *Verifier) Read(ctx context.Context) {
	for _, issuer := range v.byIssuer {
		issuer.keys.keepFresh(ctx)
		if issuer.feed != nil {
			// After an error the known entries stay in use. The age of the feed shows how long reading has failed.
			_ = issuer.feed.read(ctx)
		}
	}
}

func (v *Verifier) poll() {
	// Poll 2 s earlier, because a feed may be 2 s old: 1 s in the issuer's memory and 1 s in HTTP caches.
	ticker := time.NewTicker(v.options.Poll - 2*time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-v.stopped:
			return
		case <-ticker.C:
			v.Read(context.Background())
		}
	}
}

// Authenticate verifies the token of an Authorization header (RFC 6750 §2.1).
func (v *Verifier) Authenticate(ctx context.Context, authorization string, needs ...Needs) (*Token, error) {
	scheme, token, _ := strings.Cut(authorization, " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "bearer") || token == "" {
		return nil, rejected("missing")
	}
	return v.Verify(ctx, token, needs...)
}

// Verify returns the token if it is valid and meets all needs. The error is always a *TokenError.
func (v *Verifier) Verify(ctx context.Context, token string, needs ...Needs) (*Token, error) {
	v.Start(ctx)
	verified, err := v.verified(ctx, token)
	if err != nil {
		return nil, err
	}
	for _, need := range needs {
		if !need.metBy(verified) {
			rejection := &TokenError{Verdict: "insufficient_scope", scope: strings.Join(need.Scopes, " ")}
			return nil, named(rejection, verified.Claims, nil)
		}
	}
	return verified, nil
}
