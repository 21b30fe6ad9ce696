package lst

import (
	"bytes"
	_ "embed"
	"sync"
)

//go:embed additions.json
var embeddedAdditions []byte

var additions = sync.OnceValue(func() *Registry {
	r, err := Read(bytes.NewReader(embeddedAdditions))
	if err != nil {
		panic(err) // impossible: the embedded file is tested
	}

	r.date = "2026-07"
	return r
})

// Additions returns 37 tokens that a third party listed in July 2026 and that
// [Default] does not have. All are marked as unverified: none was compared with
// the chain. They include tokens that imitate others, for example one whose
// mint begins as that of JitoSOL. Five had no name; their symbols are
// placeholders, see [PlaceholderSymbol].
//
// To trade one, use a client with sdk.WithDiscovery, which reads the pool from
// the chain, or pass its mint to sdk.Client.Discover and look at the warnings.
func Additions() *Registry { return additions() }
