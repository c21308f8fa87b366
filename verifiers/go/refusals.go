package dojang

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

const (
	refusalPause = time.Minute
	// linesPerPause counts for each verdict, so that a flood of one kind does not hide the others.
	linesPerPause = 10
)

// help is for the operator of the service. ../README.md lists the same sentences.
var help = map[string]string{
	"missing":            "The request has no bearer token.",
	"too_large":          "The token has more than 8192 characters. Put fewer claims into it.",
	"malformed":          "The token is not a JWT. Send the access token as the issuer returned it.",
	"unknown_issuer":     "The options have no issuer that equals the iss of the token. Compare every character.",
	"algorithm":          "The alg of the token does not fit its issuer: RS256 with public keys or a PEM file, HS256 with a shared secret.",
	"type":               "The token is not an access token. Do not send an ID token or a refresh token.",
	"unavailable":        "The keys of the issuer were not fetched in the last hour. Check that this service reaches it.",
	"unknown_key":        "The issuer does not publish the key of the token. Check that the token comes from this issuer.",
	"signature":          "The signature does not match the key. The token was changed, or its signer has another key.",
	"claims":             "A required claim is missing or has a wrong type.",
	"audience":           "The token is for another API. Get a token for the audience of this service.",
	"expired":            "The token has expired. The client must refresh it.",
	"not_yet_valid":      "The token is not valid yet. Check the clocks of this machine and of the issuer.",
	"revoked":            "The token was revoked, for example by a logout, or its user is not active.",
	"stale":              "The revocation feed is too old. Check that this service reaches the issuer.",
	"insufficient_scope": "The token lacks a scope or a role that this route needs.",
	"no_local_user":      "The token is valid, but this service found no user for it.",
}

// Help says what the operator of the service can do.
func (e *TokenError) Help() string { return help[e.Verdict] }

// refusalLog counts the lines. No line has a token, nor a claim of a token whose signature does not match.
type refusalLog struct {
	counting sync.Mutex
	counts   map[string]refusalCount
}

type refusalCount struct {
	until    time.Time
	requests int
}

// LogRefusal writes a refused request to Options.Logger. The level is debug without a token, error during an
// outage, and else warn. Protect and the adapter for Gin call it.
func (v *Verifier) LogRefusal(ctx context.Context, rejection *TokenError) {
	logger := v.logger()
	level := slog.LevelWarn
	if rejection.Verdict == "missing" {
		// Every visitor who is not signed in sends such a request.
		level = slog.LevelDebug
	} else if rejection.Status() == http.StatusServiceUnavailable {
		level = slog.LevelError
	}
	if !logger.Enabled(ctx, level) {
		return
	}
	leftOut, isLogged := v.refusals.add(rejection.Verdict, v.options.Now())
	if !isLogged {
		return
	}
	fields := []slog.Attr{
		slog.String("verdict", rejection.Verdict), slog.Int("status", rejection.Status()), slog.String("help", rejection.Help()),
	}
	for _, name := range []string{"iss", "aud", "kid", "jti"} {
		if value, has := rejection.Verified[name]; has {
			fields = append(fields, slog.Any(name, value))
		}
	}
	if leftOut > 0 {
		fields = append(fields, slog.Int("not_logged", leftOut))
	}
	logger.LogAttrs(ctx, level, "request refused", fields...)
}

func (v *Verifier) logger() *slog.Logger {
	if v.options.Logger != nil {
		return v.options.Logger
	}
	return slog.Default()
}

// add returns how many lines were left out before this one, and false if this one is left out too.
func (l *refusalLog) add(verdict string, now time.Time) (int, bool) {
	l.counting.Lock()
	defer l.counting.Unlock()
	count, has := l.counts[verdict]
	if !has || !now.Before(count.until) {
		if l.counts == nil {
			l.counts = map[string]refusalCount{}
		}
		l.counts[verdict] = refusalCount{until: now.Add(refusalPause), requests: 1}
		return max(count.requests-linesPerPause, 0), true
	}
	count.requests++
	l.counts[verdict] = count
	return 0, count.requests <= linesPerPause
}

// named adds the ids of the token to the error. The signature must be valid.
func named(err error, claims map[string]any, kid any) error {
	rejection := AsTokenError(err)
	if rejection == nil {
		return err
	}
	rejection.Verified = map[string]any{}
	for name, value := range map[string]any{"iss": claims["iss"], "aud": claims["aud"], "kid": kid, "jti": claims["jti"]} {
		list, isList := value.([]any)
		if text, isText := value.(string); isText {
			rejection.Verified[name] = text
		} else if isList && len(texts(list)) == len(list) {
			rejection.Verified[name] = texts(list)
		}
	}
	return err
}
