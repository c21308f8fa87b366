// Package dojang checks Dojang's access tokens offline, and feels a logout within the feed's poll interval. Options,
// verdicts and guarantees are those of all verifiers (verifiers/README.md).
//
//	verifier, err := dojang.New(dojang.Options{
//		Issuers:  []dojang.Issuer{{Issuer: "https://id.example.com"}},
//		Audience: "https://api.example.com",
//		Name:     "orders",
//	})
//	http.Handle("/orders", verifier.Protect(dojang.Needs{Scopes: []string{"orders:read"}})(orders))
package dojang
