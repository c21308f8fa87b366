package dojang

import (
	"slices"
	"strings"
)

// Token is a verified access token.
type Token struct {
	Subject string
	Issuer  string
	Scopes  []string
	Roles   []string
	Claims  map[string]any // the whole payload; numbers are json.Number
}

// Needs is what a route requires: all of Scopes, and at least one of Roles.
type Needs struct {
	Scopes []string
	Roles  []string
}

func (n Needs) metBy(token *Token) bool {
	for _, scope := range n.Scopes {
		if !slices.Contains(token.Scopes, scope) {
			return false
		}
	}
	return len(n.Roles) == 0 || slices.ContainsFunc(n.Roles, func(role string) bool { return slices.Contains(token.Roles, role) })
}

// includesAudience is true if aud equals the audience or is a list that contains it.
func includesAudience(aud any, audience string) bool {
	if list, ok := aud.([]any); ok {
		return slices.Contains(list, any(audience))
	}
	return aud == audience
}

// texts returns nothing unless the value is a list of strings.
func texts(value any) []string {
	list, _ := value.([]any)
	found := make([]string, 0, len(list))
	for _, one := range list {
		text, ok := one.(string)
		if !ok {
			return nil
		}
		found = append(found, text)
	}
	return found
}

func newToken(claims map[string]any, subject string, roles []string) *Token {
	isEmpty := func(scope string) bool { return scope == "" }
	scopes := slices.DeleteFunc(strings.Split(asText(claims["scope"]), " "), isEmpty)
	if listed, has := claims["scopes"]; has {
		scopes = texts(listed)
	}
	return &Token{Subject: subject, Issuer: asText(claims["iss"]), Scopes: scopes, Roles: roles, Claims: claims}
}
