package dojang

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const maxTokenChars = 8192

// Token that was verified.
type Token struct {
	Subject string
	Issuer  string
	Scopes  []string
	Roles   []string
	Claims  map[string]any // everything, as it came; numbers are json.Number
}

// Needs of a route: all of Scopes, and one of Roles.
type Needs struct {
	Scopes []string
	Roles  []string
}

type trusted struct {
	issuer Issuer
	keys   *keys
	feed   *feed
}

// Verifier of access tokens. Make one per service and keep it; safe for concurrent use.
type Verifier struct {
	options       Options
	byIssuer      map[string]trusted
	secrets       map[string]SharedSecret
	staleAccepted atomic.Int64
	once          sync.Once
	stopped       chan struct{}
	stopOnce      sync.Once
}

// New refuses options that make no sense.
func New(options Options) (*Verifier, error) {
	options = options.withDefaults()
	if err := options.check(); err != nil {
		return nil, err
	}
	v := &Verifier{
		options:  options,
		byIssuer: map[string]trusted{},
		secrets:  map[string]SharedSecret{},
		stopped:  make(chan struct{}),
	}
	for _, issuer := range options.Issuers {
		known := &keys{issuer: issuer, client: options.Client, name: options.Name, now: options.Now}
		one := trusted{issuer: issuer, keys: known}
		if !options.NoRevocations && !issuer.NoRevocations {
			lists := map[string]map[string]entry{}
			for _, kind := range kinds {
				lists[kind] = map[string]entry{}
			}
			one.feed = &feed{issuer: issuer, keys: known, client: options.Client, now: options.Now, lists: lists}
		}
		v.byIssuer[issuer.Issuer] = one
	}
	for _, secret := range options.Secrets {
		v.secrets[secret.Issuer] = secret
	}
	return v, nil
}

// Start fetches keys and feeds, then goes on in the background until Stop. Does not fail while an issuer is down.
func (v *Verifier) Start(ctx context.Context) {
	v.once.Do(func() {
		v.Read(ctx)
		go v.poll()
	})
}

// Stop ends the polling.
func (v *Verifier) Stop() { v.stopOnce.Do(func() { close(v.stopped) }) }

// StaleAccepted counts the tokens that were accepted past the maximum staleness.
func (v *Verifier) StaleAccepted() int64 { return v.staleAccepted.Load() }

// Read keys and feeds once, now, as the background does by itself.
func (v *Verifier) Read(ctx context.Context) {
	for _, one := range v.byIssuer {
		one.keys.keepFresh(ctx)
		if one.feed != nil {
			// What is known stays; its age says how long ago it worked.
			_ = one.feed.read(ctx)
		}
	}
}

func (v *Verifier) poll() {
	// One second is the issuer's memory, one the HTTP caches'.
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

// Authenticate is Verify for an Authorization header (RFC 6750 §2.1).
func (v *Verifier) Authenticate(ctx context.Context, authorization string, needs ...Needs) (*Token, error) {
	scheme, token, _ := strings.Cut(authorization, " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "bearer") || token == "" {
		return nil, refused("missing")
	}
	return v.Verify(ctx, token, needs...)
}

// Verify gives the token if it is good and meets all needs, else a *TokenError.
func (v *Verifier) Verify(ctx context.Context, token string, needs ...Needs) (*Token, error) {
	v.Start(ctx)
	verified, err := v.verified(ctx, token)
	if err != nil {
		return nil, err
	}
	for _, need := range needs {
		if !need.metBy(verified) {
			return nil, &TokenError{Verdict: "insufficient_scope", scope: strings.Join(need.Scopes, " ")}
		}
	}
	return verified, nil
}

func (n Needs) metBy(token *Token) bool {
	for _, scope := range n.Scopes {
		if !slices.Contains(token.Scopes, scope) {
			return false
		}
	}
	return len(n.Roles) == 0 || slices.ContainsFunc(n.Roles, func(role string) bool { return slices.Contains(token.Roles, role) })
}

func (v *Verifier) verified(ctx context.Context, token string) (*Token, error) {
	if len(token) > maxTokenChars {
		return nil, refused("too_large")
	}
	parts, err := readCompact(token)
	if err != nil {
		return nil, refused("malformed")
	}
	if _, hasCrit := parts.header["crit"]; hasCrit {
		return nil, refused("malformed")
	}
	issuer, hasIssuer := parts.claims["iss"]
	name, isText := issuer.(string)
	if isText {
		if known, ok := v.byIssuer[name]; ok {
			return v.byKeys(ctx, token, parts, known)
		}
	}
	if known, ok := v.secrets[name]; ok && (isText && name != "" || !hasIssuer) {
		return v.bySecret(token, parts, known)
	}
	return nil, refused("unknown_issuer")
}

func (v *Verifier) byKeys(ctx context.Context, token string, parts unverified, known trusted) (*Token, error) {
	if parts.header["alg"] != "RS256" {
		return nil, refused("algorithm")
	}
	typ, _ := typeOf(parts.header)
	if !slices.ContainsFunc(known.issuer.Types, func(one string) bool { return strings.EqualFold(one, typ) }) {
		return nil, refused("type")
	}
	kid := asText(parts.header["kid"])
	key := known.keys.find(ctx, kid)
	if key == nil && !known.keys.areKnown() {
		return nil, refused("unavailable")
	}
	if key == nil {
		return nil, refused("unknown_key")
	}
	if !isSigned(token, key, jose.RS256) {
		return nil, refused("signature")
	}
	claims := parts.claims
	for _, name := range []string{"sub", "jti", "client_id"} {
		if asText(claims[name]) == "" {
			return nil, refused("claims")
		}
	}
	sid, hasSid := claims["sid"]
	if _, isText := sid.(string); hasSid && !isText || claims["iat"] == nil {
		return nil, refused("claims")
	}
	if err := v.checkTimesAndAudience(claims, known.issuer.Audience); err != nil {
		return nil, err
	}
	if known.feed != nil {
		if err := v.checkFeed(known.feed, claims, kid); err != nil {
			return nil, err
		}
	}
	return newToken(claims, asText(claims["sub"])), nil
}

func (v *Verifier) bySecret(token string, parts unverified, known SharedSecret) (*Token, error) {
	if !v.options.Now().Before(known.Until) {
		return nil, refused("unknown_issuer")
	}
	if parts.header["alg"] != "HS256" {
		return nil, refused("algorithm")
	}
	if typ, has := typeOf(parts.header); has && typ != "jwt" {
		return nil, refused("type")
	}
	if !isSigned(token, []byte(known.Secret), jose.HS256) {
		return nil, refused("signature")
	}
	subject := asText(parts.claims[known.SubjectClaim])
	if number, ok := parts.claims[known.SubjectClaim].(json.Number); ok {
		if whole, err := strconv.ParseInt(number.String(), 10, 64); err == nil {
			subject = strconv.FormatInt(whole, 10)
		}
	}
	if subject == "" {
		return nil, refused("claims")
	}
	if err := v.checkTimesAndAudience(parts.claims, known.Audience); err != nil {
		return nil, err
	}
	return newToken(parts.claims, subject), nil
}

func (v *Verifier) checkTimesAndAudience(claims map[string]any, audience string) error {
	now, leeway := float64(v.options.Now().UnixMilli())/1000, v.options.Leeway.Seconds()
	exp, ok := asNumber(claims["exp"])
	if !ok {
		return refused("claims")
	}
	starts := []float64{}
	for _, name := range []string{"iat", "nbf"} {
		if value, has := claims[name]; has {
			start, ok := asNumber(value)
			if !ok {
				return refused("claims")
			}
			starts = append(starts, start)
		}
	}
	if audience != "" && !names(claims["aud"], audience) {
		return refused("audience")
	}
	if exp <= now-leeway {
		return refused("expired")
	}
	for _, start := range starts {
		if start > now+leeway {
			return refused("not_yet_valid")
		}
	}
	return nil
}

func (v *Verifier) checkFeed(known *feed, claims map[string]any, kid string) error {
	if known.isRevoked(claims, kid) {
		return refused("revoked")
	}
	age, wasRead := known.age()
	if wasRead && age <= v.options.MaxStaleness {
		return nil
	}
	if v.options.WhenStale == Refuse {
		return refused("stale")
	}
	v.staleAccepted.Add(1)
	return nil
}

func isSigned(token string, key any, algorithm jose.SignatureAlgorithm) bool {
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{algorithm})
	if err != nil {
		return false
	}
	_, err = signed.Verify(key)
	return err == nil
}

// typeOf is without regard to case and application/ (RFC 7515 §4.1.9).
func typeOf(header map[string]any) (string, bool) {
	value, has := header["typ"]
	return strings.TrimPrefix(strings.ToLower(asText(value)), "application/"), has
}

func names(aud any, audience string) bool {
	if list, ok := aud.([]any); ok {
		return slices.Contains(list, any(audience))
	}
	return aud == audience
}

// words is empty unless the value is a list of strings.
func words(value any) []string {
	list, _ := value.([]any)
	texts := make([]string, 0, len(list))
	for _, one := range list {
		text, ok := one.(string)
		if !ok {
			return nil
		}
		texts = append(texts, text)
	}
	return texts
}

func newToken(claims map[string]any, subject string) *Token {
	scopes := strings.Fields(asText(claims["scope"]))
	if listed, has := claims["scopes"]; has {
		scopes = words(listed)
	}
	return &Token{Subject: subject, Issuer: asText(claims["iss"]), Scopes: scopes, Roles: words(claims["roles"]), Claims: claims}
}

// AsTokenError is what Verify and Authenticate return, or nil.
func AsTokenError(err error) *TokenError {
	var refusal *TokenError
	if errors.As(err, &refusal) {
		return refusal
	}
	return nil
}
