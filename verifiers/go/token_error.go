package dojang

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
)

// TokenError is the reason why a token was rejected. Log Verdict, but do not send it to the client.
// Write answers the client with no more than RFC 6750 §3 requires.
type TokenError struct {
	Verdict string
	scope   string
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

// Status is the HTTP status of the answer.
func (e *TokenError) Status() int {
	switch e.Verdict {
	case "unavailable", "stale":
		return http.StatusServiceUnavailable
	case "insufficient_scope":
		return http.StatusForbidden
	}
	return http.StatusUnauthorized
}

// Code is the error code of the challenge. It is empty if there was no token, and for a 503.
func (e *TokenError) Code() string {
	switch {
	case e.Verdict == "missing" || e.Status() == http.StatusServiceUnavailable:
		return ""
	case e.Verdict == "insufficient_scope":
		return "insufficient_scope"
	}
	return "invalid_token"
}

// Scope lists the required scopes if the code is insufficient_scope.
func (e *TokenError) Scope() string { return e.scope }

// Challenge is the value for WWW-Authenticate (RFC 6750 §3). It is empty for a 503.
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

// RetryAfterSeconds is 2 for a 503, and 0 otherwise.
func (e *TokenError) RetryAfterSeconds() int {
	if e.Status() == http.StatusServiceUnavailable {
		return 2
	}
	return 0
}

// Body is the JSON body of the answer.
func (e *TokenError) Body() map[string]string {
	if e.Status() == http.StatusServiceUnavailable {
		return map[string]string{"error": "temporarily_unavailable"}
	}
	if e.Code() == "" {
		return map[string]string{}
	}
	return map[string]string{"error": e.Code()}
}

// Write sends the whole answer.
func (e *TokenError) Write(w http.ResponseWriter) {
	e.WriteHeaders(w.Header())
	w.Header().Set("Content-Type", "application/json")
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
