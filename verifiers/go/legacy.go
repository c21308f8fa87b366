package dojang

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// SharedSecret is an issuer of HS256 tokens. Its tokens are rejected from Until on.
type SharedSecret struct {
	Secret       string // at least 32 bytes
	Until        time.Time
	Issuer       string // if empty, the entry applies to tokens without iss
	Audience     string // if empty, aud is not checked
	SubjectClaim string // the claim that names the user; default sub
	RolesClaim   string // the claim with the roles: a list, or a text that is one role; default roles
	// RequiredClaims are claims that a token must have, with these values. Use it if other tokens are signed
	// with the same secret. A token with a token_type other than access is always rejected.
	RequiredClaims map[string]string
}

// String leaves the secret out, so that it does not reach the logs.
func (s SharedSecret) String() string {
	return fmt.Sprintf("SharedSecret{Issuer: %q, Until: %s}", s.Issuer, s.Until)
}

// GoString leaves the secret out, so that it does not reach the logs.
func (s SharedSecret) GoString() string { return s.String() }

// PublicKey is an issuer of RS256 tokens. Its tokens are rejected from Until on, and their kid is ignored.
// The other fields have the meaning that they have in SharedSecret.
type PublicKey struct {
	PEM            string // the text that begins with -----BEGIN PUBLIC KEY-----; RSA, at least 2,048 bits
	Until          time.Time
	Issuer         string
	Audience       string
	SubjectClaim   string
	RolesClaim     string
	RequiredClaims map[string]string
}

// legacy is a SharedSecret or a PublicKey whose fields were checked.
type legacy struct {
	algorithm      jose.SignatureAlgorithm
	key            any
	until          time.Time
	issuer         string
	audience       string
	subjectClaim   string
	rolesClaim     string
	requiredClaims map[string]string
}

func (o Options) legacyIssuers() (map[string]legacy, error) {
	all := []legacy{}
	for _, one := range o.Secrets {
		if len(one.Secret) < 32 {
			return nil, errors.New("dojang: each SharedSecret needs a Secret of at least 32 bytes (RFC 7518 §3.2)")
		}
		all = append(all, legacy{jose.HS256, []byte(one.Secret), one.Until, one.Issuer, one.Audience, one.SubjectClaim, one.RolesClaim, one.RequiredClaims})
	}
	for _, one := range o.PublicKeys {
		key := readPublicKey(one.PEM)
		if key == nil {
			return nil, errors.New("dojang: each PublicKey needs a PEM with an RSA public key of at least 2,048 bits, which begins with -----BEGIN PUBLIC KEY-----")
		}
		all = append(all, legacy{jose.RS256, key, one.Until, one.Issuer, one.Audience, one.SubjectClaim, one.RolesClaim, one.RequiredClaims})
	}
	byIssuer := map[string]legacy{}
	for _, issuer := range o.Issuers {
		byIssuer[issuer.Issuer] = legacy{}
	}
	for _, one := range all {
		if _, isTwice := byIssuer[one.issuer]; isTwice {
			return nil, fmt.Errorf("dojang: the options have the issuer %q twice", one.issuer)
		}
		if one.until.IsZero() {
			return nil, fmt.Errorf("dojang: the issuer %q needs an Until", one.issuer)
		}
		for name, value := range one.requiredClaims {
			if value == "" {
				return nil, fmt.Errorf("dojang: RequiredClaims has no value for %q", name)
			}
		}
		if one.subjectClaim == "" {
			one.subjectClaim = "sub"
		}
		if one.rolesClaim == "" {
			one.rolesClaim = "roles"
		}
		byIssuer[one.issuer] = one
	}
	for _, issuer := range o.Issuers {
		delete(byIssuer, issuer.Issuer)
	}
	return byIssuer, nil
}

// readPublicKey returns nil for anything but one RSA public key. A service must not hold a private key.
func readPublicKey(text string) *rsa.PublicKey {
	block, _ := pem.Decode([]byte(text))
	if block == nil || block.Type != "PUBLIC KEY" {
		return nil
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	key, isRSA := parsed.(*rsa.PublicKey)
	if err != nil || !isRSA || key.N.BitLen() < 2048 {
		return nil
	}
	return key
}
