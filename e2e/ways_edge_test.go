package e2e

import (
	"bytes"
	"context"
	crand "crypto/rand"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"slices"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// venueQuote returns the quote of one venue.
func venueQuote(m *route.Market, r route.Request, venue string) (route.Quote, bool) {
	quotes, _ := m.Quotes(r)
	at := slices.IndexFunc(quotes, func(q route.Quote) bool { return string(q.Venue) == venue })
	if at < 0 {
		return route.Quote{}, false
	}
	return quotes[at], true
}

// edgeOfWay returns the minimum or maximum amount of a venue, or one beyond it.
func edgeOfWay(rng *rand.Rand, m *route.Market, r route.Request) uint64 {
	quotes, _ := m.Quotes(r)
	if len(quotes) == 0 {
		return r.Amount
	}

	venue := quotes[rng.IntN(len(quotes))].Venue
	serves := func(amount uint64) bool {
		r := r
		r.Amount = amount
		_, ok := venueQuote(m, r, string(venue))
		return ok
	}

	served, refused := r.Amount, uint64(0)
	if rng.IntN(2) == 0 {
		refused = 400_000 * sol
		if serves(refused) {
			return served
		}
	}

	for max(served, refused)-min(served, refused) > 1 {
		middle := min(served, refused) + (max(served, refused)-min(served, refused))/2
		if serves(middle) {
			served = middle
		} else {
			refused = middle
		}
	}

	if refused > 0 && rng.IntN(2) == 0 {
		return refused
	}

	return served
}

// deliberate has refusals of trades that some programs would execute: those
// that depend on the build, sources that can change or vanish, and worthless
// trades.
var deliberate = []error{
	quote.ErrBuildDependent, quote.ErrValidator, quote.ErrAmountTooSmall, quote.ErrPrefundCost,
}

// refusedByPrograms tries what a quote refuses: the transaction of an accepted
// amount, with the refused amount in its place and without limits. It must
// fail.
func (r *waysRun) refusedByPrograms(
	m *route.Market,
	request route.Request,
	no route.Rejection,
	name string,
) {
	t := r.t
	if request.SwapMode != route.ExactIn || slices.Contains(m.StakeAccounts(), request.From) ||
		no.Venue == "Infinity" {
		return
	}

	similar := request
	similar.SlippageBps = route.MaxSlippageBps
	q, found := route.Quote{}, false
	for shift := 1; shift < 30 && !found; shift++ {
		for _, amount := range []uint64{request.Amount << shift, request.Amount >> shift} {
			if similar.Amount = amount; !found && amount > 0 && amount < 400_000*sol {
				q, found = venueQuote(m, similar, string(no.Venue))
			}
		}
	}

	if !found {
		return
	}

	held := uint64(0)
	parties := route.BuildParams{
		Owner:      r.user.PublicKey(),
		Payer:      r.user.PublicKey(),
		Seed:       crand.Text()[:10],
		PreBalance: &held,
	}

	plan := txn.Plan{
		Payer:    parties.Payer,
		Tables:   q.Tables,
		Lifetime: lifetime(t, r.batch(latestBlockhash)[0]),
		Budget:   txn.ComputeBudget{ComputeUnitLimit: 1_400_000},
	}
	if q.NeedsStakeKeypair {
		key, err := txn.GenerateKeySigner()
		require.NoError(t, err)
		parties.NewAccount, plan.NewAccountSigners = key.PublicKey(), []*txn.KeySigner{key}
	}

	steps, err := q.Steps(parties)
	require.NoError(t, err, name)
	for _, s := range steps {
		data, err := s.Instruction.Data()
		require.NoError(t, err)
		was := binary.LittleEndian.AppendUint64(nil, q.In)
		is := binary.LittleEndian.AppendUint64(nil, request.Amount)

		s.Instruction = solana.NewInstruction(s.Instruction.ProgramID(), s.Instruction.Accounts(),
			bytes.Replace(data, was, is, 1))
		plan.Steps = append(plan.Steps, s)
	}

	unsigned, err := plan.Compile()
	if errors.Is(err, txn.ErrTransactionTooLarge) {
		return
	}

	require.NoError(t, err, name)
	signed, err := unsigned.Sign(context.Background(), r.user, r.payer)
	require.NoError(t, err, name)
	key := string(no.Venue) + ": " + reason(no.Err)
	if r.localnet.execute(signed) != nil {
		r.agreed[key]++
		return
	}

	require.True(t,
		slices.ContainsFunc(deliberate, func(e error) bool { return errors.Is(no.Err, e) }),
		"%s: %v, but the programs do it", name, no.Err)
	r.cautious[key]++
}
