package dojang

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// verified runs the checks of ../README.md in order, except for the needs of the route.
func (v *Verifier) verified(ctx context.Context, token string) (*Token, error) {
	if len(token) > maxTokenChars {
		return nil, rejected("too_large")
	}
	parts, err := readCompact(token)
	if err != nil {
		return nil, rejected("malformed")
	}
	if _, hasCrit := parts.header["crit"]; hasCrit {
		return nil, rejected("malformed")
	}
	issuer, hasIssuer := parts.claims["iss"]
	name, isText := issuer.(string)
	if isText {
		if known, ok := v.byIssuer[name]; ok {
			return v.byKeys(ctx, token, parts, known)
		}
	}
	if known, ok := v.legacy[name]; ok && (isText && name != "" || !hasIssuer) {
		return v.byLegacyKey(token, parts, known)
	}
	return nil, rejected("unknown_issuer")
}

// byKeys checks a token of an issuer with public keys.
func (v *Verifier) byKeys(ctx context.Context, token string, parts unverified, known trusted) (*Token, error) {
	if parts.header["alg"] != "RS256" {
		return nil, rejected("algorithm")
	}
	typ, _ := typeOf(parts.header)
	if !slices.ContainsFunc(known.issuer.Types, func(one string) bool { return strings.EqualFold(one, typ) }) {
		return nil, rejected("type")
	}
	kid := asText(parts.header["kid"])
	key := known.keys.find(ctx, kid)
	if key == nil && !known.keys.areKnown() {
		return nil, rejected("unavailable")
	}
	if key == nil {
		return nil, rejected("unknown_key")
	}
	if !isSigned(token, key, jose.RS256) {
		return nil, rejected("signature")
	}
	verified, err := v.byClaims(parts.claims, kid, known)
	return verified, named(err, parts.claims, parts.header["kid"])
}

// byClaims checks the claims of a token of an issuer with public keys. Its signature is valid.
func (v *Verifier) byClaims(claims map[string]any, kid string, known trusted) (*Token, error) {
	for _, name := range []string{"sub", "jti", "client_id"} {
		if asText(claims[name]) == "" {
			return nil, rejected("claims")
		}
	}
	sid, hasSid := claims["sid"]
	if _, isText := sid.(string); hasSid && !isText || claims["iat"] == nil {
		return nil, rejected("claims")
	}
	if err := v.checkTimesAndAudience(claims, known.issuer.Audience); err != nil {
		return nil, err
	}
	if known.feed != nil {
		if err := v.checkFeed(known.feed, claims, kid); err != nil {
			return nil, err
		}
	}
	return newToken(claims, asText(claims["sub"]), texts(claims["roles"])), nil
}

// byLegacyKey checks a token of an issuer with a shared secret or a PEM file.
func (v *Verifier) byLegacyKey(token string, parts unverified, known legacy) (*Token, error) {
	if !v.options.Now().Before(known.until) {
		return nil, rejected("unknown_issuer")
	}
	if parts.header["alg"] != string(known.algorithm) {
		return nil, rejected("algorithm")
	}
	if typ, has := typeOf(parts.header); has && typ != "jwt" {
		return nil, rejected("type")
	}
	if !isSigned(token, known.key, known.algorithm) {
		return nil, rejected("signature")
	}
	verified, err := v.byLegacyClaims(parts.claims, known)
	return verified, named(err, parts.claims, parts.header["kid"])
}

// byLegacyClaims checks the claims of a token of a legacy issuer. Its signature is valid.
func (v *Verifier) byLegacyClaims(claims map[string]any, known legacy) (*Token, error) {
	// SimpleJWT signs refresh tokens with the same key.
	if kind, has := claims["token_type"]; has && kind != "access" {
		return nil, rejected("type")
	}
	for name, value := range known.requiredClaims {
		if claim, isText := claims[name].(string); !isText || claim != value {
			return nil, rejected("claims")
		}
	}
	subject := asText(claims[known.subjectClaim])
	if number, ok := claims[known.subjectClaim].(json.Number); ok {
		// JavaScript rounds larger numbers, so no verifier accepts them as a subject.
		if whole, err := strconv.ParseInt(number.String(), 10, 64); err == nil && max(whole, -whole) < 1<<53 {
			subject = strconv.FormatInt(whole, 10)
		}
	}
	if subject == "" {
		return nil, rejected("claims")
	}
	if err := v.checkTimesAndAudience(claims, known.audience); err != nil {
		return nil, err
	}
	roles := texts(claims[known.rolesClaim])
	if role := asText(claims[known.rolesClaim]); role != "" {
		roles = []string{role}
	}
	return newToken(claims, subject, roles), nil
}

func (v *Verifier) checkTimesAndAudience(claims map[string]any, audience string) error {
	now, leeway := float64(v.options.Now().UnixMilli())/1000, v.options.Leeway.Seconds()
	exp, ok := asNumber(claims["exp"])
	if !ok {
		return rejected("claims")
	}
	starts := []float64{}
	for _, name := range []string{"iat", "nbf"} {
		if value, has := claims[name]; has {
			start, ok := asNumber(value)
			if !ok {
				return rejected("claims")
			}
			starts = append(starts, start)
		}
	}
	if audience != "" && !includesAudience(claims["aud"], audience) {
		return rejected("audience")
	}
	if exp <= now-leeway {
		return rejected("expired")
	}
	for _, start := range starts {
		if start > now+leeway {
			return rejected("not_yet_valid")
		}
	}
	return nil
}

func (v *Verifier) checkFeed(known *feed, claims map[string]any, kid string) error {
	if known.isRevoked(claims, kid) {
		return rejected("revoked")
	}
	age, wasRead := known.age()
	if wasRead && age <= v.options.MaxStaleness {
		return nil
	}
	if v.options.WhenStale == Refuse {
		return rejected("stale")
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

// typeOf ignores case and the prefix application/ (RFC 7515 §4.1.9).
func typeOf(header map[string]any) (string, bool) {
	value, has := header["typ"]
	return strings.TrimPrefix(strings.ToLower(asText(value)), "application/"), has
}
