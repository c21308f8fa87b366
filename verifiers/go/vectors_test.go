package dojang

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

type corpus struct {
	Format    int
	Worlds    map[string]map[string]worldAnswer
	Verifiers map[string]struct {
		World   string
		Options describedOptions
	}
	Vectors []struct {
		ID            string
		Says          string
		Verifier      string
		Now           float64
		Authorization *string
		Needs         struct{ Scopes, Roles []string }
		Expect        struct {
			Verdict string
			Status  int
			Error   string
			Scope   string
			Subject string
			Scopes  []string
			Roles   []string
		}
	}
}

type worldAnswer struct {
	Status  int
	Headers map[string]string
	Body    string
}

// describedOptions has the options of the corpus, which are named as in Python (../README.md).
type describedOptions struct {
	Issuer              []json.RawMessage
	Audience            string
	Name                string
	Revocations         *bool
	PollSeconds         *float64 `json:"poll_seconds"`
	MaxStalenessSeconds *float64 `json:"max_staleness_seconds"`
	WhenStale           string   `json:"when_stale"`
	LeewaySeconds       *float64 `json:"leeway_seconds"`
}

func (a worldAnswer) RoundTrip(request *http.Request) (*http.Response, error) {
	header := http.Header{}
	for name, value := range a.Headers {
		header.Set(name, value)
	}
	return &http.Response{StatusCode: a.Status, Header: header, Body: io.NopCloser(strings.NewReader(a.Body)), Request: request}, nil
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }

// seconds converts an option of the corpus. Go needs a negative leeway for 0, because 0 selects the default.
func seconds(given *float64) time.Duration {
	if given == nil {
		return 0
	}
	if *given == 0 {
		return -1
	}
	return time.Duration(*given * float64(time.Second))
}

func (d describedOptions) options(t *testing.T) Options {
	options := Options{
		Audience: d.Audience, Name: d.Name, WhenStale: d.WhenStale,
		NoRevocations: d.Revocations != nil && !*d.Revocations,
		Poll:          seconds(d.PollSeconds), MaxStaleness: seconds(d.MaxStalenessSeconds), Leeway: seconds(d.LeewaySeconds),
	}
	for _, raw := range d.Issuer {
		var url string
		if json.Unmarshal(raw, &url) == nil {
			options.Issuers = append(options.Issuers, Issuer{Issuer: url})
			continue
		}
		var given struct {
			Issuer         string
			Audience       string
			Types          []string
			JWKSURI        string `json:"jwks_uri"`
			RevocationsURI string `json:"revocations_uri"`
			Revocations    *bool
			Secret         string
			PEM            string
			Until          float64
			SubjectClaim   string            `json:"subject_claim"`
			RolesClaim     string            `json:"roles_claim"`
			RequiredClaims map[string]string `json:"required_claims"`
		}
		if err := json.Unmarshal(raw, &given); err != nil {
			t.Fatal(err)
		}
		if given.Secret != "" {
			options.Secrets = append(options.Secrets, SharedSecret{
				Secret: given.Secret, Until: time.Unix(int64(given.Until), 0),
				Issuer: given.Issuer, Audience: given.Audience, SubjectClaim: given.SubjectClaim, RolesClaim: given.RolesClaim,
				RequiredClaims: given.RequiredClaims,
			})
			continue
		}
		if given.PEM != "" {
			options.PublicKeys = append(options.PublicKeys, PublicKey{
				PEM: given.PEM, Until: time.Unix(int64(given.Until), 0),
				Issuer: given.Issuer, Audience: given.Audience, SubjectClaim: given.SubjectClaim, RolesClaim: given.RolesClaim,
				RequiredClaims: given.RequiredClaims,
			})
			continue
		}
		options.Issuers = append(options.Issuers, Issuer{
			Issuer: given.Issuer, Audience: given.Audience, Types: given.Types, JWKSURI: given.JWKSURI,
			RevocationsURI: given.RevocationsURI, NoRevocations: given.Revocations != nil && !*given.Revocations,
		})
	}
	return options
}

func TestVectors(t *testing.T) {
	text, err := os.ReadFile("../vectors/corpus.json")
	if err != nil {
		t.Fatal(err)
	}
	var all corpus
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if all.Format != 1 || len(all.Vectors) < 100 {
		t.Fatalf("want format 1 and at least 100 vectors, got format %d and %d vectors", all.Format, len(all.Vectors))
	}
	for _, vector := range all.Vectors {
		t.Run(vector.ID, func(t *testing.T) {
			described := all.Verifiers[vector.Verifier]
			world := all.Worlds[described.World]
			options := described.Options.options(t)
			options.Now = func() time.Time { return time.UnixMilli(int64(vector.Now * 1000)) }
			options.Client = &http.Client{Transport: roundTrip(func(request *http.Request) (*http.Response, error) {
				address := *request.URL
				address.RawQuery = ""
				if answer, ok := world[address.String()]; ok {
					return answer.RoundTrip(request)
				}
				return nil, errors.New("connection refused")
			})}
			verifier, err := New(options)
			if err != nil {
				t.Fatal(err)
			}
			defer verifier.Stop()
			verifier.Start(context.Background())
			authorization := ""
			if vector.Authorization != nil {
				authorization = *vector.Authorization
			}
			token, err := verifier.Authenticate(context.Background(), authorization, Needs{vector.Needs.Scopes, vector.Needs.Roles})
			want := vector.Expect
			if want.Verdict == "ok" {
				if err != nil || token.Subject != want.Subject {
					t.Fatalf("%s: want subject %q, got token %+v and error %v", vector.Says, want.Subject, token, err)
				}
				if want.Scopes != nil && !slices.Equal(token.Scopes, want.Scopes) {
					t.Fatalf("%s: want scopes %q, got %q", vector.Says, want.Scopes, token.Scopes)
				}
				if want.Roles != nil && !slices.Equal(token.Roles, want.Roles) {
					t.Fatalf("%s: want roles %q, got %q", vector.Says, want.Roles, token.Roles)
				}
				return
			}
			rejection := AsTokenError(err)
			if rejection == nil || rejection.Verdict != want.Verdict {
				t.Fatalf("%s: want verdict %s, got %v", vector.Says, want.Verdict, err)
			}
			if rejection.Status() != want.Status || rejection.ChallengeError() != want.Error || want.Scope != "" && rejection.Scope() != want.Scope {
				t.Fatalf("%s: got status %d, error %q, scope %q", vector.Says, rejection.Status(), rejection.ChallengeError(), rejection.Scope())
			}
			expectSafeLog(t, rejection, authorization)
		})
	}
}
