package dojang

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// What a service does once the feed is older than it may be.
const (
	Refuse = "refuse" // 503 for every token
	Accept = "accept" // as if there were no feed, and counted
)

// Options of a Verifier. What is left out takes the default in the comment.
type Options struct {
	Issuers       []Issuer       // whom to believe; with Secrets at least one
	Secrets       []SharedSecret // for a migration
	Audience      string         // required: must be among the token's aud
	Name          string         // tells the issuer who fetches its keys, so that a rotation can wait for us
	NoRevocations bool           // do not pull the revocation feed
	Poll          time.Duration  // within how long a revocation is felt: 5 s, at least 3 s
	MaxStaleness  time.Duration  // how old the feed may be: 300 s, at least 60 s
	WhenStale     string         // Refuse, or Accept
	Leeway        time.Duration  // 10 s, at most 60 s; negative for none
	Client        *http.Client   // redirects are never followed
	Now           func() time.Time
}

// Issuer with keys, as Dojang is.
type Issuer struct {
	Issuer         string // equals iss, character by character
	Audience       string // the verifier's, if empty
	Types          []string
	JWKSURI        string
	RevocationsURI string
	NoRevocations  bool
}

// SharedSecret is what was there before: HS256 under a secret that is shared, refused from Until on.
type SharedSecret struct {
	Secret       string // 32 bytes or more
	Until        time.Time
	Issuer       string // empty: tokens that have no iss
	Audience     string // empty: aud is not looked at
	SubjectClaim string // "sub"
}

// String keeps the secret out of logs.
func (s SharedSecret) String() string {
	return fmt.Sprintf("SharedSecret{Issuer: %q, Until: %s}", s.Issuer, s.Until)
}

// GoString keeps the secret out of logs.
func (s SharedSecret) GoString() string { return s.String() }

var nameForm = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

func (o Options) withDefaults() Options {
	if o.Poll == 0 {
		o.Poll = 5 * time.Second
	}
	if o.MaxStaleness == 0 {
		o.MaxStaleness = 300 * time.Second
	}
	if o.Leeway == 0 {
		o.Leeway = 10 * time.Second
	}
	o.Leeway = max(o.Leeway, 0)
	if o.WhenStale == "" {
		o.WhenStale = Refuse
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	client := http.Client{}
	if o.Client != nil {
		client = *o.Client
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	o.Client = &client
	o.Issuers = slices.Clone(o.Issuers)
	for i := range o.Issuers {
		if o.Issuers[i].Audience == "" {
			o.Issuers[i].Audience = o.Audience
		}
		if len(o.Issuers[i].Types) == 0 {
			o.Issuers[i].Types = []string{"at+jwt"}
		}
	}
	o.Secrets = slices.Clone(o.Secrets)
	for i := range o.Secrets {
		if o.Secrets[i].SubjectClaim == "" {
			o.Secrets[i].SubjectClaim = "sub"
		}
	}
	return o
}

func (o Options) check() error {
	if len(o.Issuers)+len(o.Secrets) == 0 {
		return errors.New("dojang: name at least one issuer")
	}
	if o.Audience == "" {
		return errors.New("dojang: name the audience")
	}
	if o.Name != "" && !nameForm.MatchString(o.Name) {
		return errors.New("dojang: Name has 1 to 64 of A-Z a-z 0-9 . _ -")
	}
	if o.Poll < 3*time.Second || o.MaxStaleness < time.Minute || o.Leeway > time.Minute {
		return errors.New("dojang: Poll is at least 3 s, MaxStaleness at least 60 s, Leeway at most 60 s")
	}
	if o.WhenStale != Refuse && o.WhenStale != Accept {
		return errors.New("dojang: WhenStale is Refuse or Accept")
	}
	seen := map[string]bool{}
	for _, issuer := range o.Issuers {
		if seen[issuer.Issuer] {
			return fmt.Errorf("dojang: %s is named twice", issuer.Issuer)
		}
		seen[issuer.Issuer] = true
		for _, address := range []string{issuer.Issuer, issuer.JWKSURI, issuer.RevocationsURI} {
			if address != "" && !isSafe(address) || issuer.Issuer == "" {
				return fmt.Errorf("dojang: %q is neither https nor on this machine", address)
			}
		}
	}
	for _, secret := range o.Secrets {
		if seen[secret.Issuer] {
			return fmt.Errorf("dojang: %q is named twice", secret.Issuer)
		}
		seen[secret.Issuer] = true
		if len(secret.Secret) < 32 || secret.Until.IsZero() {
			return errors.New("dojang: a shared secret has 32 bytes or more (RFC 7518 §3.2) and an end")
		}
	}
	return nil
}

// isSafe: https, or http to this machine.
func isSafe(address string) bool {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Hostname() == "" {
		return false
	}
	ip := net.ParseIP(parsed.Hostname())
	isLocal := strings.EqualFold(parsed.Hostname(), "localhost") || ip != nil && ip.IsLoopback()
	return parsed.Scheme == "https" || parsed.Scheme == "http" && isLocal
}
