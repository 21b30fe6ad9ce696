package e2e

import (
	crand "crypto/rand"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// TestFrozenError_BetweenLegs freezes the owner's account of the token between
// two legs, or of the output. Build must name the account.
func TestFrozenError_BetweenLegs(t *testing.T) {
	r := newLegsRun(t)
	seed := envUint(t, seedVariable, rand.Uint64())
	t.Logf("seed %d", seed)
	rent, err := r.chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(t, err)
	named := make(map[string]int)
	for i := range max(envUint(t, casesVariable, defaultCases)/20, 6) {
		rng := rand.New(rand.NewPCG(seed, i))
		s := r.draw(rng)
		r.publish(s, solana.PublicKey{}, held, 0)
		table := figures.RandomKey(rng)
		putTable(r.localnet, table, r.mostUsed(s)...)
		client := r.client(s, r.endpoint)
		market, err := client.LoadMarketWith(t.Context(),
			route.NewLoader(s.tokens...).WithLookupTables(table))
		require.NoError(t, err)
		for n := range 12 {
			request := r.request(rng, s)
			request.Recipient, request.Referrer = solana.PublicKey{}, solana.PublicKey{}
			quotes, _ := market.Quotes(request)
			for _, q := range quotes {
				r.freeze(client, q, rent, named,
					fmt.Sprintf("case %d, request %d: %s", i, n, q.Venue))
			}
		}
	}

	t.Logf("frozen accounts that were named: %v", named)
	require.NotZero(t, named["between"])
	require.NotZero(t, named["output"])
}

// freeze builds a quote with each account that receives tokens frozen in turn.
func (r *legsRun) freeze(
	client *sdk.Client, q route.Quote, rent uint64, named map[string]int, name string,
) {
	t, owner := r.t, r.user.PublicKey()
	frozen := map[string]solana.PublicKey{"output": q.Request.To}
	if len(q.Legs) == 2 && q.Legs[0].Request.To != q.Request.To {
		frozen["between"] = q.Legs[0].Request.To
	}

	for kind, mint := range frozen {
		if mint == accounts.NativeMint || mint == route.NativeStake || q.NeedsTwoTransactions {
			continue
		}

		o := sdk.BuildOptions{
			Owner:    owner,
			Seed:     crand.Text()[:16],
			Priority: sdk.PriorityFee{None: true},
		}

		before := r.get(r.ata(mint))
		if _, err := client.Build(t.Context(), q, o); err != nil {
			continue // It is too large, or sells a stake account of another owner.
		}

		held := figures.TokenAccount(r.ata(mint), mint, owner, 5, rent)
		token, err := accounts.DecodeTokenAccount(held)
		require.NoError(t, err)
		token.State = accounts.TokenFrozen
		copy(held.Data, token.Encode())
		r.batch(setAccount(held))
		_, err = client.Build(t.Context(), q, o)
		var found *sdk.FrozenError
		require.ErrorAs(t, err, &found, name)
		require.Equal(t, r.ata(mint), found.Account, name)
		require.Equal(t, mint, found.Mint, name)
		named[kind]++
		r.batch(resetting([]solana.PublicKey{r.ata(mint)}, before)...)
	}
}
