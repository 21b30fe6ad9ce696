package route_test

import (
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// The quotes of all pools match package quote applied to the test data.
func TestQuote_MatchesPackageQuote(t *testing.T) {
	w := newWorld(t)
	const seed = 793
	rng := rand.New(rand.NewPCG(seed, seed))
	loader, s := w.state(t, w.tokens(t)...)
	m, err := loader.Build(s)
	require.NoError(t, err)
	for i := range w.StakePools {
		pool := &w.StakePools[i]
		if pool.State.LastUpdateEpoch != w.Chain.Clock.Epoch {
			continue
		}

		reference := w.reference(t, pool.Symbol)
		for _, amount := range []uint64{2, 1_000, sol, 1_500_000_000, 1_000_000*sol + 1,
			rng.Uint64N(100_000 * sol), 1 + rng.Uint64N(1_000_000)} {
			for _, mode := range []route.SwapMode{route.ExactIn, route.ExactOut} {
				r := w.stake(t, pool.Symbol, amount)
				r.SwapMode = mode
				got, err := ask(t, m, r)
				want, wantErr := reference.DepositSOL(amount)
				if mode == route.ExactOut {
					want, wantErr = reference.DepositSOLExactOut(amount)
				}

				require.Equal(t, wantErr == nil, err == nil, "%s %d: %v, %v", pool.Symbol, amount,
					err, wantErr)
				if err != nil {
					continue
				}

				require.Equal(t, want.Lamports, got.In)
				require.Equal(t, want.Tokens+want.ReferralFee, got.Out)
				require.Equal(t, want.Exact, got.Exact)
				require.True(t, got.Exact)
				require.Equal(t, reference.Price(), got.Price)
				require.Equal(t, r, got.Request)
				require.Equal(t, ownPool, string(got.Venue))
				require.Equal(t, w.Chain.Clock.Slot, got.Slot)
				require.Equal(t, w.Chain.Clock.Epoch, got.Epoch)
				require.Empty(t, got.Assumptions)
				require.GreaterOrEqual(t, got.Out, got.MinOut)
				require.Equal(t, []solana.PublicKey{
					pool.Address, pool.State.PoolMint, pool.State.ReserveStake,
					pool.State.ManagerFeeAccount,
				}, got.Accounts)
				if mode == route.ExactIn {
					require.Equal(t, amount, got.In)
					continue
				}

				require.GreaterOrEqual(t, got.MinOut, amount, "exact out pays at least the amount")
				requireCheapest(t, m, got)
			}
		}
	}
}

// requireCheapest checks that one lamport less yields less than the minimum
// output.
func requireCheapest(t *testing.T, m *route.Market, q route.Quote) {
	t.Helper()
	r := q.Request
	r.SwapMode, r.Amount = route.ExactIn, q.In-1
	if r.Amount == 0 {
		return
	}
	if less, err := ask(t, m, r); err == nil {
		require.Less(t, less.MinOut, q.Request.Amount)
	}
}

func TestQuote_KnownAmount(t *testing.T) {
	w := newWorld(t)
	q, err := ask(t, w.market(t, "JitoSOL"), w.stake(t, "JitoSOL", 1_500_000_000))
	require.NoError(t, err)
	require.Equal(t, uint64(1_244_054_262), q.Out)
	require.Equal(t, uint64(1_244_054_262), q.MinOut)
	require.Empty(t, q.Fees)
}

func TestQuote_Slippage(t *testing.T) {
	w := newWorld(t)
	m := w.market(t, "JitoSOL")
	for _, c := range []struct {
		amount   uint64
		mode     route.SwapMode
		slippage uint16
		want     uint64
	}{
		{1_500_000_000, route.ExactIn, 0, 1_244_054_262},
		// 1243929856.57, rounded up in the user's favour
		{1_500_000_000, route.ExactIn, 1, 1_243_929_857},
		{1_500_000_000, route.ExactIn, 10, 1_242_810_208},
		{1_500_000_000, route.ExactIn, 9_999, 124_406},
		{1_500_000_000, route.ExactIn, 10_000, 1}, // never zero
		{1_244_054_262, route.ExactOut, 0, 1_244_054_262},
		// slippage does not apply to the fixed amount
		{1_244_054_262, route.ExactOut, 5_000, 1_244_054_262},
	} {
		r := w.stake(t, "JitoSOL", c.amount)
		r.SwapMode, r.SlippageBps = c.mode, c.slippage
		q, err := ask(t, m, r)
		require.NoError(t, err)
		require.Equal(t, c.want, q.MinOut, "%+v", c)
		deposit := depositOf(t, q, params)
		require.Equal(t, c.want, deposit.minimum, "the limit is inside the instruction")
		require.Equal(t, q.In, deposit.lamports)
	}
}

// deposit is the decoded last instruction of a quote.
type deposit struct {
	lamports, minimum               uint64
	from, destination, fee, referer solana.PublicKey
}

func depositOf(t *testing.T, q route.Quote, p route.BuildParams) deposit {
	t.Helper()
	steps, err := q.Steps(p)
	require.NoError(t, err)
	ix := steps[len(steps)-1].Instruction
	data, err := ix.Data()
	require.NoError(t, err)
	require.Len(t, data, 17)
	require.Equal(t, byte(25), data[0], "DepositSolWithSlippage")
	a := ix.Accounts()

	return deposit{
		lamports:    binary.LittleEndian.Uint64(data[1:]),
		minimum:     binary.LittleEndian.Uint64(data[9:]),
		from:        a[3].PublicKey,
		destination: a[4].PublicKey,
		fee:         a[5].PublicKey,
		referer:     a[6].PublicKey,
	}
}

// bSOL charges 8/10000 of a SOL deposit, all of it for the referrer.
func TestQuote_Referrer(t *testing.T) {
	w := newWorld(t)
	m := w.market(t, "bSOL")
	mint, fee := w.token(t, "bSOL").Mint, w.pool(t, "bSOL").State.ManagerFeeAccount
	destination, err := accounts.AssociatedTokenAddress(params.Owner, accounts.TokenProgram, mint)
	require.NoError(t, err)
	want, err := w.reference(t, "bSOL").DepositSOL(100 * sol)
	require.NoError(t, err)
	require.NotZero(t, want.ReferralFee)
	require.Zero(t, want.ManagerFee)
	minted := want.Tokens + want.ReferralFee

	r := w.stake(t, "bSOL", 100*sol)
	own, err := ask(t, m, r)
	require.NoError(t, err)
	require.Equal(t, minted, own.Out, "without a referrer the user receives that part, too")
	require.Equal(t, want.Tokens, own.MinOut, "the program's limit is on the rest")
	require.Empty(t, own.Fees)
	require.Equal(t, deposit{100 * sol, want.Tokens, params.Owner, destination, fee, destination},
		depositOf(t, own, params))

	r.Referrer = solana.PublicKey{9}
	referred, err := ask(t, m, r)
	require.NoError(t, err)
	require.Equal(t, want.Tokens, referred.Out)
	require.Equal(t, want.Tokens, referred.MinOut)
	require.Equal(t, []route.Fee{{
		Name:      "referral part of the SOL deposit fee",
		Amount:    want.ReferralFee,
		Mint:      mint,
		Rate:      "100/100 of 8/10000",
		Recipient: r.Referrer,
	}}, referred.Fees)

	require.Equal(t, deposit{100 * sol, want.Tokens, params.Owner, destination, fee, r.Referrer},
		depositOf(t, referred, params))
}

func TestQuote_Fees(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(t, "JitoSOL")
	pool.State.SOLDepositFee, pool.State.SOLReferralFee = accounts.Fee{Numerator: 3,
		Denominator: 1000}, 50
	want, err := w.reference(t, "JitoSOL").DepositSOL(10 * sol)
	require.NoError(t, err)
	require.NotZero(t, want.ManagerFee)
	manager := route.Fee{
		Name:      "SOL deposit fee",
		Amount:    want.ManagerFee,
		Mint:      pool.State.PoolMint,
		Rate:      "3/1000",
		Recipient: pool.State.ManagerFeeAccount,
	}

	m := w.market(t, "JitoSOL")
	r := w.stake(t, "JitoSOL", 10*sol)
	q, err := ask(t, m, r)
	require.NoError(t, err)
	require.Equal(t, []route.Fee{manager}, q.Fees)
	require.Equal(t, want.Tokens+want.ReferralFee, q.Out)

	r.Referrer = solana.PublicKey{9}
	q, err = ask(t, m, r)
	require.NoError(t, err)
	require.Equal(t, []route.Fee{manager, {
		Name:      "referral part of the SOL deposit fee",
		Amount:    want.ReferralFee,
		Mint:      pool.State.PoolMint,
		Rate:      "50/100 of 3/1000",
		Recipient: r.Referrer,
	}}, q.Fees)

	require.Equal(t, want.Tokens, q.Out)
}

func TestQuote_UnknownBuild(t *testing.T) {
	w := newWorld(t)
	w.pool(t, "JitoSOL").State.SOLDepositFee = accounts.Fee{Numerator: 1, Denominator: 3}
	known, err := ask(t, w.market(t, "JitoSOL"), w.stake(t, "JitoSOL", sol))
	require.NoError(t, err)
	require.True(t, known.Exact)
	for _, builds := range []map[solana.PublicKey]string{nil,
		{w.token(t, "JitoSOL").Program: "an unknown build"}} {
		w.builds = builds
		q, err := ask(t, w.market(t, "JitoSOL"), w.stake(t, "JitoSOL", sol))
		require.NoError(t, err)
		require.False(t, q.Exact)
		require.Equal(
			t,
			[]string{
				"the deployed build of the stake pool program is unknown: it may pay slightly more than quoted",
			},
			q.Assumptions,
		)

		require.Equal(t, known.Out, q.Out, "the less generous of the builds rounds fees up")
	}

	// Without rounded fees, all builds pay the same.
	q, err := ask(t, w.market(t, "hubSOL"), w.stake(t, "hubSOL", sol))
	require.NoError(t, err)
	require.True(t, q.Exact)
	require.Empty(t, q.Assumptions)
}

func TestQuote_Steps(t *testing.T) {
	w := newWorld(t)
	token := w.token(t, "JitoSOL")
	r := w.stake(t, "JitoSOL", 1_500_000_000)
	r.SlippageBps = 10
	q, err := ask(t, w.market(t, "JitoSOL"), r)
	require.NoError(t, err)
	steps, err := q.Steps(params)
	require.NoError(t, err)
	require.Len(t, steps, 2)
	want := txn.CreateTokenAccount(params.Payer, params.Owner, token.Mint, token.TokenProgram)
	require.Equal(t, want, steps[0])
	require.Equal(t,
		"deposit 1.5 SOL into the stake pool of JitoSOL for at least 1.242810208 JitoSOL",
		steps[1].Description)
	require.Equal(t, token.Program, steps[1].Instruction.ProgramID())
	require.NotZero(t, steps[1].ComputeUnits)
	for i, meta := range steps[1].Instruction.Accounts() {
		require.Equal(t, i == 3, meta.IsSigner, "only the owner signs")
	}

	again, err := q.Steps(params)
	require.NoError(t, err)
	require.Equal(t, steps, again)

	for _, p := range []route.BuildParams{{}, {Owner: params.Owner}, {Payer: params.Payer}} {
		_, err := q.Steps(p)
		require.ErrorIs(t, err, route.ErrMissingParam)
	}

	_, err = route.Quote{Venue: "hand-made", In: 1, Out: 1}.Steps(params)
	require.ErrorIs(t, err, route.ErrNoRoute)
}

func TestMarket_QuotesDeterministic(t *testing.T) {
	w := newWorld(t)
	loader, s := w.state(t, w.tokens(t)...)
	m, err := loader.Build(s)
	require.NoError(t, err)
	type answer struct {
		quotes   []map[string]any
		rejected []route.Rejection
	}

	all := func() (all []answer) {
		for i := range w.StakePools {
			r := w.stake(t, w.StakePools[i].Symbol, 5*sol)
			r.OnlyDirectRoutes = false
			quotes, rejected := m.Quotes(r)
			var shown []map[string]any
			for i := range quotes {
				require.True(t, i == 0 || quotes[i-1].Out >= quotes[i].Out, "best first")
				shown = append(shown, shownFields(quotes[i]))
			}

			if best, err := m.Quote(r); err == nil {
				require.Equal(t, shown[0], shownFields(best))
			}

			// Errors may hold pointers, so compare their texts.
			for i := range rejected {
				rejected[i].Err = errors.New(rejected[i].Err.Error())
			}

			all = append(all, answer{shown, rejected})
		}

		return all
	}

	want := all()
	require.Len(t, want, len(w.StakePools))
	got := make([][]answer, 8)
	var group sync.WaitGroup
	for i := range got {
		group.Go(func() { got[i] = all() })
	}

	group.Wait()
	for _, g := range got {
		require.Equal(t, want, g)
	}
}

// shownFields returns the exported fields. The steps of a quote are a function,
// which cannot be compared.
func shownFields(q route.Quote) map[string]any {
	fields := make(map[string]any)
	for v, i := reflect.ValueOf(q), 0; i < v.NumField(); i++ {
		if f := v.Type().Field(i); f.IsExported() {
			fields[f.Name] = v.Field(i).Interface()
		}
	}
	return fields
}

// Changing a quote's lists does not change the market.
func TestQuote_IsACopy(t *testing.T) {
	w := newWorld(t)
	w.age(t, "picoSOL")
	m := w.market(t, "JitoSOL", "picoSOL")
	for _, symbol := range []string{"JitoSOL", "picoSOL"} {
		r := w.stake(t, symbol, sol)
		r.AllowPoolUpdate = true
		before, err := ask(t, m, r)
		require.NoError(t, err)
		want := shownFields(before)
		want["Accounts"] = slices.Clone(before.Accounts)
		clear(before.Accounts)
		after, err := ask(t, m, r)
		require.NoError(t, err)
		require.Equal(t, want, shownFields(after))
	}
}

// A pool refuses amounts that are too small or too large.
func TestQuote_AmountLimits(t *testing.T) {
	w := newWorld(t)
	m := w.market(t, "JitoSOL")
	for _, c := range []struct {
		name   string
		amount uint64
		mode   route.SwapMode
		want   error
	}{
		{"one lamport buys no base unit", 1, route.ExactIn, quote.ErrAmountTooSmall},
		{"more than the supply of SOL", math.MaxUint64, route.ExactIn, quote.ErrAmountTooLarge},
		{"more tokens than SOL can buy", math.MaxUint64, route.ExactOut,
			quote.ErrAmountTooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := w.stake(t, "JitoSOL", c.amount)
			r.SwapMode = c.mode
			_, err := ask(t, m, r)
			require.ErrorIs(t, err, c.want)
			_, err = m.Quote(r)
			require.ErrorIs(t, err, c.want)
			require.ErrorIs(t, err, route.ErrNoRoute)
		})
	}
}
