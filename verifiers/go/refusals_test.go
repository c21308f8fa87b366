package dojang

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

func jsonLogger(buffer *bytes.Buffer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(buffer, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func logged(t *testing.T, buffer *bytes.Buffer) []map[string]any {
	t.Helper()
	lines := []map[string]any{}
	for line := range strings.Lines(buffer.String()) {
		fields := map[string]any{}
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fields)
	}
	return lines
}

// expectSafeLog checks that the line of a refused token has no part of it, nor a claim that is not verified.
func expectSafeLog(t *testing.T, rejection *TokenError, authorization string) {
	t.Helper()
	buffer := &bytes.Buffer{}
	verifier := &Verifier{options: Options{Logger: jsonLogger(buffer), Now: time.Now}}
	verifier.LogRefusal(context.Background(), rejection)
	lines := logged(t, buffer)
	if len(lines) != 1 || lines[0]["verdict"] != rejection.Verdict || lines[0]["help"] == "" {
		t.Fatalf("got the log %s", buffer)
	}
	for _, part := range strings.FieldsFunc(authorization, func(r rune) bool { return r == ' ' || r == '.' }) {
		if len(part) > 8 && strings.Contains(buffer.String(), part) {
			t.Fatalf("the log contains a part of the token: %s", buffer)
		}
	}
	isEarly := slices.Contains([]string{"missing", "too_large", "malformed", "unknown_issuer", "algorithm", "unavailable", "unknown_key", "signature"}, rejection.Verdict)
	if isEarly && rejection.Verified != nil {
		t.Fatalf("the signature of %s is not verified, but the log names %v", rejection.Verdict, rejection.Verified)
	}
}

func TestProtectLogsWhyItRefusedARequestAndTheIDsOfTheToken(t *testing.T) {
	issuer, buffer := newTestIssuer(t), &bytes.Buffer{}
	verifier := issuer.verifier(t, func(o *Options) { o.Logger = jsonLogger(buffer) })
	handler := verifier.Protect()(http.NotFoundHandler())
	ask := func(authorization string) {
		request := httptest.NewRequest(http.MethodGet, "/orders", nil)
		request.Header.Set("Authorization", authorization)
		handler.ServeHTTP(httptest.NewRecorder(), request)
	}
	ask("")
	ask("Bearer " + issuer.token(map[string]any{"aud": "https://other.example", "jti": "t-77"}))
	lines := logged(t, buffer)
	if len(lines) != 2 || lines[0]["level"] != "DEBUG" || lines[0]["verdict"] != "missing" {
		t.Fatalf("got the log %s", buffer)
	}
	for name, want := range map[string]any{
		"level": "WARN", "msg": "request refused", "verdict": "audience", "status": 401.0,
		"iss": issuer.URL, "aud": "https://other.example", "kid": "key-1", "jti": "t-77",
	} {
		if lines[1][name] != want {
			t.Fatalf("want %s to be %v, got the log %s", name, want, buffer)
		}
	}
	issuer.setDown()
	issuer.advance(2 * time.Hour)
	ask("Bearer " + issuer.token(nil))
	if lines := logged(t, buffer); lines[2]["level"] != "ERROR" || lines[2]["verdict"] != "unavailable" {
		t.Fatalf("got the log %s", buffer)
	}
}

func TestAFloodGetsTenLinesPerMinuteAndVerdict(t *testing.T) {
	buffer, now := &bytes.Buffer{}, time.Unix(1_790_000_000, 0)
	verifier := &Verifier{options: Options{Logger: jsonLogger(buffer), Now: func() time.Time { return now }}}
	refuse := func(verdict string) { verifier.LogRefusal(context.Background(), rejected(verdict)) }
	for range 25 {
		refuse("signature")
	}
	refuse("malformed")
	if lines := logged(t, buffer); len(lines) != 11 {
		t.Fatalf("want 11 lines, got %d", len(lines))
	}
	now = now.Add(time.Minute)
	refuse("signature")
	refuse("signature")
	lines := logged(t, buffer)
	if lines[11]["not_logged"] != 15.0 || lines[12]["not_logged"] != nil {
		t.Fatalf("want 15 lines that were left out, got %v and %v", lines[11], lines[12])
	}
}

func TestAnswersWithAProblemDocument(t *testing.T) {
	for verdict, want := range map[string]struct {
		status int
		code   string
	}{
		"missing": {401, "token_required"}, "expired": {401, "invalid_token"}, "insufficient_scope": {403, "insufficient_scope"},
		"no_local_user": {403, "no_local_user"}, "stale": {503, "temporarily_unavailable"},
	} {
		recorder := httptest.NewRecorder()
		rejected(verdict).Write(recorder)
		problem := map[string]any{}
		if err := json.Unmarshal(recorder.Body.Bytes(), &problem); err != nil {
			t.Fatal(err)
		}
		contentType := recorder.Header().Get("Content-Type")
		if recorder.Code != want.status || problem["code"] != want.code || problem["detail"] == "" || problem["status"] != float64(want.status) || contentType != "application/problem+json; charset=utf-8" {
			t.Fatalf("%s: got %d, %s and %s", verdict, recorder.Code, contentType, recorder.Body)
		}
		if retry := recorder.Header().Get("Retry-After"); (retry == "2") != (want.status == 503) {
			t.Fatalf("%s: got Retry-After %q", verdict, retry)
		}
	}
}
