package dojang

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
)

// TokenError is the reason why a token was rejected. Log Verdict and Help, but do not send them to the
// client. Write answers the client with no more than RFC 6750 §3 requires.
type TokenError struct {
	Verdict string
	// Verified has iss, aud, kid and jti of a token whose signature is valid, for the log. Nil otherwise.
	Verified map[string]any
	scope    string
}

func rejected(verdict string) *TokenError { return &TokenError{Verdict: verdict} }

func (e *TokenError) Error() string { return "dojang: " + e.Verdict }

// AsTokenError finds the *TokenError in an error of Verify or Authenticate. It returns nil for another error.
func AsTokenError(err error) *TokenError {
	var rejection *TokenError
	if errors.As(err, &rejection) {
		return rejection
	}
	return nil
}

// Code is the code in the answer. It is stable.
func (e *TokenError) Code() string {
	switch e.Verdict {
	case "missing":
		return "token_required"
	case "unavailable", "stale":
		return "temporarily_unavailable"
	case "insufficient_scope", "no_local_user":
		return e.Verdict
	}
	return "invalid_token"
}

// details are what the client reads. They are the same for every invalid token.
var details = map[string]string{
	"token_required":          "This request needs an access token.",
	"invalid_token":           "The access token is not valid. It may have expired.",
	"insufficient_scope":      "The access token does not allow this request.",
	"no_local_user":           "This user has no account in this service.",
	"temporarily_unavailable": "Access tokens cannot be checked now. Try again shortly.",
}

// Status is the HTTP status of the answer.
func (e *TokenError) Status() int {
	switch e.Code() {
	case "temporarily_unavailable":
		return http.StatusServiceUnavailable
	case "insufficient_scope", "no_local_user":
		return http.StatusForbidden
	}
	return http.StatusUnauthorized
}

// Scope lists the required scopes if the code is insufficient_scope.
func (e *TokenError) Scope() string { return e.scope }

// ChallengeError is the error in the challenge. A request without a token gets none (RFC 6750 §3.1).
func (e *TokenError) ChallengeError() string {
	if code := e.Code(); code == "invalid_token" || code == "insufficient_scope" {
		return code
	}
	return ""
}

// Challenge is the value for WWW-Authenticate (RFC 6750 §3). It is empty if another token does not help.
func (e *TokenError) Challenge() string {
	if e.Code() == "token_required" {
		return "Bearer"
	}
	if e.ChallengeError() == "" {
		return ""
	}
	parts := []string{`Bearer error="` + e.ChallengeError() + `"`}
	if e.scope != "" {
		parts = append(parts, `scope="`+e.scope+`"`)
	}
	return strings.Join(parts, ", ")
}

// RetryAfterSeconds is 2 for a 503, and 0 otherwise.
func (e *TokenError) RetryAfterSeconds() int {
	if e.Status() == http.StatusServiceUnavailable {
		return 2
	}
	return 0
}

// Body is the problem document of the answer (RFC 9457).
func (e *TokenError) Body() map[string]any {
	return map[string]any{
		"type":   "about:blank",
		"title":  http.StatusText(e.Status()),
		"status": e.Status(),
		"code":   e.Code(),
		"detail": details[e.Code()],
	}
}

// Write sends the whole answer.
func (e *TokenError) Write(w http.ResponseWriter) {
	e.WriteHeaders(w.Header())
	w.Header().Set("Content-Type", "application/problem+json; charset=utf-8")
	w.WriteHeader(e.Status())
	_ = json.NewEncoder(w).Encode(e.Body())
}

// WriteHeaders sets WWW-Authenticate, Retry-After and Cache-Control.
func (e *TokenError) WriteHeaders(header http.Header) {
	header.Set("Cache-Control", "no-store")
	if challenge := e.Challenge(); challenge != "" {
		header.Set("WWW-Authenticate", challenge)
	}
	if seconds := e.RetryAfterSeconds(); seconds > 0 {
		header.Set("Retry-After", strconv.Itoa(seconds))
	}
}
