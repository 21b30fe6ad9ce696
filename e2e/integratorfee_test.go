package e2e

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// TestMarket_IntegratorFee executes random trades over all venues with a random
// fee of the integrator, of the input or the output, as a rate or fixed. The
// fee arrives to the base unit, the user pays In and receives Out, and the
// policy of the trade permits the transaction.
func TestMarket_IntegratorFee(t *testing.T) {
	r := newLegsRun(t)
	seed := envUint(t, seedVariable, rand.Uint64())
	account := figures.RandomKey(rand.New(rand.NewPCG(seed, 0)))
	r.pairs = func(*scene) [][2]solana.PublicKey { return nil } // Verify the policies.
	refused := 0
	for i := range int(envUint(t, casesVariable, defaultCases)) {
		rng := rand.New(rand.NewPCG(seed, uint64(i)))
		name := fmt.Sprintf("seed %d, case %d", seed, i)
		s := r.draw(rng)
		request := r.request(rng, s)
		request.UseWSOL, request.Referrer = false, solana.PublicKey{}
		request.AllowPoolUpdate = true
		request.IntegratorFee = randomFee(rng, account, request.Amount)
		client := r.client(s, r.endpoint)
		r.publish(s, request.To, held, 5)
		market, err := client.LoadMarketWith(t.Context(),
			route.NewLoader(s.tokens...).WithStakeAccounts(s.stake.Address))
		require.NoError(t, err, name)
		quotes, rejected := market.Quotes(request)
		if len(rejected) == 1 && errors.Is(rejected[0].Err, route.ErrIntegratorFee) {
			refused++
			continue
		}

		r.payFeesTo(account, request)
		for _, q := range quotes {
			r.publish(s, request.To, held, 5)
			fee := q.Fees[len(q.Fees)-1]
			require.Equal(t, route.IntegratorFeeName, fee.Name)
			r.execute(client, s, q, rng.IntN(4) == 0, name+": "+string(q.Venue))
		}
	}

	t.Logf("seed %d, %d requests whose fee is not possible", seed, refused)
	for _, venue := range sortedNames(r.executed) {
		t.Logf("%4d executed as quoted by %s", r.executed[venue].count, venue)
	}
}

// randomFee returns a fee of up to a tenth.
func randomFee(rng *rand.Rand, account solana.PublicKey, amount uint64) route.IntegratorFee {
	f := route.IntegratorFee{OnInput: rng.IntN(2) == 0, Account: account}
	if rng.IntN(2) == 0 {
		f.BPS = 1 + uint16(rng.IntN(1_000))
	} else {
		f.Amount = 1 + rng.Uint64N(amount/10+1)
	}
	return f
}

// payFeesTo opens the account that receives the fee of a request: the fee's
// address is a wallet, or a token account of the mint.
func (r *legsRun) payFeesTo(account solana.PublicKey, request route.Request) {
	mint := request.To
	if request.IntegratorFee.OnInput {
		mint = request.From
	}

	rent, err := r.chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(r.t, err)
	a := figures.TokenAccount(account, mint, r.payer.PublicKey(), 7, rent)
	if mint == accounts.NativeMint {
		a = accounts.Account{Address: account, Owner: accounts.SystemProgram, Lamports: sol}
	}

	require.Nil(r.t, r.batch(setAccount(a))[0].Error)
}
