// Package dojang checks Dojang's access tokens offline. It polls the revocation feed in the background, so it
// rejects revoked tokens within seconds. The options and verdicts are the same in every language
// (verifiers/README.md).
//
//	verifier, err := dojang.New(dojang.Options{
//		Issuers:  []dojang.Issuer{{Issuer: "https://id.example.com"}},
//		Audience: "https://api.example.com",
//		Name:     "orders",
//	})
//	http.Handle("/orders", verifier.Protect(dojang.Needs{Scopes: []string{"orders:read"}})(orders))
package dojang
