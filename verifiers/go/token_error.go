package dojang

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// TokenError says why a request was refused. Verdict is for the service's own log and never for the client; Write tells the
// client what RFC 6750 lets it know.
type TokenError struct {
	Verdict string
	scope   string
}

func refused(verdict string) *TokenError { return &TokenError{Verdict: verdict} }

func (e *TokenError) Error() string { return "dojang: " + e.Verdict }

// Status of the answer.
func (e *TokenError) Status() int {
	switch e.Verdict {
	case "unavailable", "stale":
		return http.StatusServiceUnavailable
	case "insufficient_scope":
		return http.StatusForbidden
	}
	return http.StatusUnauthorized
}

// Code of the challenge; empty for a request without a token and for our own trouble.
func (e *TokenError) Code() string {
	switch {
	case e.Verdict == "missing" || e.Status() == http.StatusServiceUnavailable:
		return ""
	case e.Verdict == "insufficient_scope":
		return "insufficient_scope"
	}
	return "invalid_token"
}

// Scope that was needed, for insufficient_scope.
func (e *TokenError) Scope() string { return e.scope }

// Challenge for WWW-Authenticate (RFC 6750 §3), or empty.
func (e *TokenError) Challenge() string {
	if e.Status() == http.StatusServiceUnavailable {
		return ""
	}
	var parts []string
	if e.Code() != "" {
		parts = append(parts, ` error="`+e.Code()+`"`)
	}
	if e.scope != "" {
		parts = append(parts, ` scope="`+e.scope+`"`)
	}
	return "Bearer" + strings.Join(parts, ",")
}

// RetryAfterSeconds is 2 for our own trouble, else 0.
func (e *TokenError) RetryAfterSeconds() int {
	if e.Status() == http.StatusServiceUnavailable {
		return 2
	}
	return 0
}

// Body of the answer.
func (e *TokenError) Body() map[string]string {
	if e.Status() == http.StatusServiceUnavailable {
		return map[string]string{"error": "temporarily_unavailable"}
	}
	if e.Code() == "" {
		return map[string]string{}
	}
	return map[string]string{"error": e.Code()}
}

// Write answers the request.
func (e *TokenError) Write(w http.ResponseWriter) {
	e.WriteHeaders(w.Header())
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(e.Status())
	_ = json.NewEncoder(w).Encode(e.Body())
}

// WriteHeaders sets the challenge, Retry-After and Cache-Control.
func (e *TokenError) WriteHeaders(header http.Header) {
	header.Set("Cache-Control", "no-store")
	if challenge := e.Challenge(); challenge != "" {
		header.Set("WWW-Authenticate", challenge)
	}
	if seconds := e.RetryAfterSeconds(); seconds > 0 {
		header.Set("Retry-After", strconv.Itoa(seconds))
	}
}
