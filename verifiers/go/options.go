package dojang

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Values for Options.WhenStale.
const (
	Refuse = "refuse" // reject every token with 503
	Accept = "accept" // accept valid tokens, and count them in StaleAccepted
)

// Options of a Verifier. An option that is not set has the default in its comment.
type Options struct {
	Issuers       []Issuer         // trusted issuers with public keys
	Secrets       []SharedSecret   // trusted issuers with a shared secret, for a migration
	PublicKeys    []PublicKey      // trusted issuers with a public key in a PEM file, for a migration
	Audience      string           // required: the token's aud must include it
	Name          string           // name of this service, which lets a key rotation wait for it
	NoRevocations bool             // do not read the revocation feed
	Poll          time.Duration    // longest time until a revocation takes effect; default 5 s, at least 3 s
	MaxStaleness  time.Duration    // an older feed is stale; default 300 s, at least 60 s
	WhenStale     string           // what to do with a stale feed; default Refuse
	Leeway        time.Duration    // allowed clock difference; default 10 s, at most 60 s, negative for none
	Client        *http.Client     // used for all fetches, without following redirects
	Logger        *slog.Logger     // gets refused requests; default slog.Default()
	Now           func() time.Time // replaces the clock in tests
}

// Issuer is an issuer that publishes its public keys, such as Dojang.
type Issuer struct {
	Issuer         string   // must equal iss exactly
	Audience       string   // default Options.Audience
	Types          []string // typ headers of its access tokens; default at+jwt
	JWKSURI        string   // default jwks_uri of its metadata
	RevocationsURI string   // default revocations_uri of its metadata
	NoRevocations  bool     // set if the issuer has no revocation feed
}

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
	return o
}

func (o Options) check() error {
	if len(o.Issuers)+len(o.Secrets)+len(o.PublicKeys) == 0 {
		return errors.New("dojang: Issuers, Secrets and PublicKeys are empty: set at least one issuer")
	}
	if o.Audience == "" {
		return errors.New("dojang: Audience is empty: set it to the URL of this API")
	}
	if o.Name != "" && !nameForm.MatchString(o.Name) {
		return errors.New("dojang: Name must be 1 to 64 characters of A-Z a-z 0-9 . _ -")
	}
	if o.Poll < 3*time.Second || o.MaxStaleness < time.Minute || o.Leeway > time.Minute {
		return errors.New("dojang: Poll must be at least 3 s, MaxStaleness at least 60 s, and Leeway at most 60 s")
	}
	if o.WhenStale != Refuse && o.WhenStale != Accept {
		return errors.New("dojang: WhenStale must be Refuse or Accept")
	}
	seen := map[string]bool{}
	for _, issuer := range o.Issuers {
		if seen[issuer.Issuer] {
			return fmt.Errorf("dojang: Issuers has %s twice", issuer.Issuer)
		}
		seen[issuer.Issuer] = true
		for _, address := range []string{issuer.Issuer, issuer.JWKSURI, issuer.RevocationsURI} {
			if address != "" && !isSafe(address) || issuer.Issuer == "" {
				return fmt.Errorf("dojang: %q must be an https URL (http is allowed only on this machine)", address)
			}
		}
	}
	return nil
}

// isSafe is true for https, and for http to this machine.
func isSafe(address string) bool {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Hostname() == "" {
		return false
	}
	ip := net.ParseIP(parsed.Hostname())
	isLocal := strings.EqualFold(parsed.Hostname(), "localhost") || ip != nil && ip.IsLoopback()
	return parsed.Scheme == "https" || parsed.Scheme == "http" && isLocal
}
