package dojang

import (
	"context"
	"fmt"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// BenchmarkVerify compares the whole check with the signature alone, with 1,000 entries in the feed.
// Run it with go test -bench .
func BenchmarkVerify(b *testing.B) {
	t := &testing.T{}
	issuer := newTestIssuer(t)
	defer issuer.Close()
	issuer.revoked["sid"] = map[string]entry{}
	for n := range 1000 {
		issuer.revoked["sid"][publishedName("sid", fmt.Sprint(n))] = entry{Exp: issuer.now.Unix() + 3600}
	}
	verifier := issuer.verifier(t, nil)
	defer verifier.Stop()
	token, key := issuer.token(nil), issuer.keys[issuer.kid].Public()
	if _, err := verifier.Verify(context.Background(), token); err != nil {
		b.Fatal(err)
	}
	b.Run("whole", func(b *testing.B) {
		for b.Loop() {
			_, _ = verifier.Verify(context.Background(), token)
		}
	})
	b.Run("signature", func(b *testing.B) {
		for b.Loop() {
			isSigned(token, key, jose.RS256)
		}
	})
}
