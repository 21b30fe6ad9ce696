package e2e

import (
	"maps"
	"slices"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// keptAccounts are the accounts that a market was loaded with.
type keptAccounts struct {
	loader   *route.Loader
	requests []route.AccountRequest
	programs []solana.PublicKey
}

// keep notes the accounts that a load asks for now.
func (r *updatedRun) keep(loader *route.Loader) {
	first := loader.AccountsToLoad()
	second, err := loader.AccountsToLoadNext(&route.AccountSnapshot{
		Accounts:          r.read(first.Accounts),
		MinimumDelegation: r.chain.MinimumDelegation,
	})

	require.NoError(r.t, err)
	r.kept = keptAccounts{
		loader:   loader,
		requests: slices.Concat(first.Accounts, second.Accounts),
		programs: first.Programs,
	}
}

// read reads the accounts of requests, as many at once as a node allows.
func (r *updatedRun) read(requests []route.AccountRequest) *accounts.Set {
	all := accounts.NewSet(r.chain.Clock.Slot)
	for page := range slices.Chunk(requests, 100) {
		keys := make([]solana.PublicKey, len(page))
		for i := range page {
			keys[i] = page[i].Address
		}

		set := r.get(keys...)
		for i := range page {
			a, err := set.Get(page[i].Address)
			if err != nil {
				all.PutMissing(page[i].Address)
				continue
			}

			if page[i].Length > 0 {
				a.Data = a.Data[:min(len(a.Data), page[i].Length)]
			}

			all.Put(a)
		}
	}

	return all
}

// loadKept builds a market anew from the accounts that the updated market
// knows, at the slot of another market.
func (r *updatedRun) loadKept(at *route.Market, clock accounts.Account) *route.Market {
	read := r.read(r.kept.requests)
	set := accounts.NewSet(at.Slot())
	for _, request := range r.kept.requests {
		if a, err := read.Get(request.Address); err == nil {
			set.Put(a)
		} else {
			set.PutMissing(request.Address)
		}
	}

	set.Put(clock)
	builds := make(map[solana.PublicKey]string)
	for _, program := range r.kept.programs {
		builds[program] = r.programHash(program)
	}

	maps.DeleteFunc(builds, func(_ solana.PublicKey, hash string) bool { return hash == "" })
	market, err := r.kept.loader.Build(&route.AccountSnapshot{
		Accounts:          set,
		MinimumDelegation: r.chain.MinimumDelegation,
		Builds:            builds,
		SlotTime:          at.SlotTime(),
	})

	require.NoError(r.t, err)

	return market
}
