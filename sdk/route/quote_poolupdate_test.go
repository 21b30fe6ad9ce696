package route_test

import (
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// maxUpdated is the largest number of validators for which a pool update fits
// into the transaction of a deposit.
const maxUpdated = 7

func updateRequest(t *testing.T, w *world, symbol string, amount uint64) route.Request {
	r := w.stake(t, symbol, amount)
	r.AllowPoolUpdate = true
	return r
}

func TestQuote_StalePool(t *testing.T) {
	for _, symbol := range []string{"picoSOL", "hubSOL"} {
		w := newWorld(t)
		pool := w.age(t, symbol)
		m := w.market(t, symbol)
		for _, mode := range []route.SwapMode{route.ExactIn, route.ExactOut} {
			r := w.stake(t, symbol, 7*sol)
			r.SwapMode = mode
			_, err := ask(t, m, r)
			require.ErrorIs(t, err, quote.ErrStalePool)
			require.NotContains(t, err.Error(), "\n")

			r.AllowPoolUpdate = true
			q, err := ask(t, m, r)
			require.NoError(t, err)
			reference := w.reference(t, symbol)
			reference.Update = pool.Balances()
			want, err := reference.DepositSOL(7 * sol)
			if mode == route.ExactOut {
				want, err = reference.DepositSOLExactOut(7 * sol)
			}

			require.NoError(t, err)
			require.Equal(t, want.Lamports, q.In)
			require.Equal(t, want.Tokens+want.ReferralFee, q.Out)
			require.Equal(t, []string{"the pool is updated for this epoch in the same transaction"},
				q.Assumptions)
			active, transient, err := pool.StakeAddresses(pool.Validators[0].Entry)
			require.NoError(t, err)
			require.Equal(t, []solana.PublicKey{
				pool.Address, pool.State.PoolMint, pool.State.ReserveStake,
				pool.State.ManagerFeeAccount, pool.State.ValidatorList, active, transient,
			}, q.Accounts)
		}
	}
}

// Lamports that a stranger sends to the address of a stake account in transit
// do not stop a pool update.
func TestQuote_StalePoolWithGift(t *testing.T) {
	w := newWorld(t)
	pool := w.age(t, "picoSOL")
	want, err := ask(t, w.market(t, "picoSOL"), updateRequest(t, w, "picoSOL", 7*sol))
	require.NoError(t, err)
	_, transient, err := pool.StakeAddresses(pool.Validators[0].Entry)
	require.NoError(t, err)
	w.replaced[transient] = &accounts.Account{
		Address:  transient,
		Owner:    accounts.SystemProgram,
		Lamports: 890_880,
	}

	q, err := ask(t, w.market(t, "picoSOL"), updateRequest(t, w, "picoSOL", 7*sol))
	require.NoError(t, err)
	require.Equal(t, want.Out, q.Out)
}

// The order is: the token account, the balances of the validators, the pool,
// and the deposit.
func TestQuote_StepsOfPoolUpdate(t *testing.T) {
	w := newWorld(t)
	w.age(t, "picoSOL")
	q, err := ask(t, w.market(t, "picoSOL"), updateRequest(t, w, "picoSOL", 7*sol))
	require.NoError(t, err)
	steps, err := q.Steps(params)
	require.NoError(t, err)
	token := w.token(t, "picoSOL")
	want := []struct {
		program solana.PublicKey
		tag     byte
		words   string
	}{
		{solana.SPLAssociatedTokenAccountProgramID, 1, "create the token account of "},
		{token.Program, 6, "record the balances of some of the pool's validators"},
		{token.Program, 7, "update the pool's balance for this epoch"},
		{token.Program, 25, "deposit 7 SOL into the stake pool of picoSOL for at least "},
	}

	require.Len(t, steps, len(want))
	for i, s := range steps {
		data, err := s.Instruction.Data()
		require.NoError(t, err)
		require.Equal(t, want[i].program, s.Instruction.ProgramID())
		require.Equal(t, want[i].tag, data[0])
		require.Contains(t, s.Description, want[i].words)
		require.NotZero(t, s.ComputeUnits)
	}
}

// TestQuote_CleanUp checks that the update ends with the clean-up if the trade
// needs it to reset a preferred validator, and only then.
func TestQuote_CleanUp(t *testing.T) {
	deposit := venueTrade{stakeDeposit, "own", source}
	withdrawal := venueTrade{stakeWithdrawal, source, "stake"}
	missing := solana.PublicKey{7, 7}
	for _, test := range []struct {
		name     string
		trade    venueTrade
		change   func(*figures.StakePool)
		oldBuild bool
		want     int
		refusal  error
	}{
		{"deposit, not in the list", deposit, func(p *figures.StakePool) {
			p.State.PreferredDepositValidator = &missing
		}, false, 1, nil},
		{"deposit, older build", deposit, func(p *figures.StakePool) {
			p.State.PreferredDepositValidator = &missing
		}, true, 0, quote.ErrNotPreferred},
		{"deposit, in the list", deposit, func(p *figures.StakePool) {
			p.State.PreferredDepositValidator = &p.Validators[0].Entry.VoteAccount
		}, false, 0, nil},
		{"deposit, withdrawals prefer another", deposit, func(p *figures.StakePool) {
			p.State.PreferredWithdrawValidator = &missing
		}, false, 0, nil},
		{"withdrawal, not in the list", withdrawal, func(p *figures.StakePool) {
			p.State.PreferredWithdrawValidator = &missing
		}, false, 0, nil},
		{"withdrawal, being removed", withdrawal, preferRemoved, false, 1, nil},
		{"withdrawal, deposits prefer another", withdrawal, func(p *figures.StakePool) {
			p.State.PreferredDepositValidator = &missing
		}, false, 0, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newStakeWorld(t)
			pool := w.age(t, source)
			test.change(pool)
			if test.oldBuild {
				w.builds[pool.Program] = buildJune2025
			}

			m := w.market(t)
			request := test.trade.request(t, w, 3*sol, route.ExactIn)
			request.AllowPoolUpdate, request.Deactivate = true, true
			q, err := of(t, m, test.trade.venue, request)
			if test.refusal != nil {
				require.ErrorIs(t, err, test.refusal)
				return
			}

			require.NoError(t, err)
			steps, err := q.Steps(paramsWith(0))
			require.NoError(t, err)
			found := 0
			for _, s := range steps {
				if s.Instruction.ProgramID() == pool.Program && data(t, s)[0] == 8 {
					found++
				}
			}

			require.Equal(t, test.want, found)
			require.Equal(t, test.want == 1, slices.Contains(q.Assumptions,
				"the pool's preferred validator is not active, and the clean-up in the same "+
					"transaction resets it"))
		})
	}
}

// preferRemoved adds a validator that is being removed, and makes it the
// preferred one.
func preferRemoved(p *figures.StakePool) {
	removed := p.Validators[0]
	removed.Entry.VoteAccount = solana.PublicKey{7, 8}
	removed.Entry.Status = accounts.ValidatorDeactivating
	active := *removed.Active
	active.Account.Delegation.Voter = removed.Entry.VoteAccount
	removed.Active = &active
	p.Validators = append(p.Validators, removed)
	p.MaxValidators = max(p.MaxValidators, uint32(len(p.Validators)))
	p.State.PreferredWithdrawValidator = &removed.Entry.VoteAccount
}

// A request that allows a pool update gets none if the pool is up to date.
func TestQuote_PoolUpdateOnlyIfStale(t *testing.T) {
	w := newWorld(t)
	m := w.market(t, "picoSOL")
	q, err := ask(t, m, updateRequest(t, w, "picoSOL", sol))
	require.NoError(t, err)
	plain, err := ask(t, m, w.stake(t, "picoSOL", sol))
	require.NoError(t, err)
	require.Equal(t, plain.Out, q.Out)
	require.Empty(t, q.Assumptions)
	steps, err := q.Steps(params)
	require.NoError(t, err)
	require.Len(t, steps, 2)
}

// setValidators gives a stale pool n validators: copies of its first one, with
// other vote accounts and without stake.
func setValidators(t *testing.T, w *world, symbol string, n int) *figures.StakePool {
	t.Helper()
	pool := w.age(t, symbol)
	first := pool.Validators[0]
	pool.Validators = pool.Validators[:1]
	for i := 1; i < n; i++ {
		v := figures.Validator{Entry: first.Entry}
		v.Entry.VoteAccount = solana.PublicKey{byte(i), 1}
		v.Entry.ActiveStakeLamports, v.Entry.TransientStakeLamports = 0, 0
		pool.Validators = append(pool.Validators, v)
	}

	pool.MaxValidators = max(pool.MaxValidators, uint32(n))

	return pool
}

// A transaction with the largest compute budget fits for every number of
// validators that is offered. Only the largest pools have no space for both a
// payer and a referrer.
func TestQuote_PoolUpdateFits(t *testing.T) {
	for n := 1; n <= maxUpdated; n++ {
		w := newWorld(t)
		setValidators(t, w, "picoSOL", n)
		m := w.market(t, "picoSOL")
		for _, c := range []struct {
			name            string
			payer, referrer solana.PublicKey
			fits            int
		}{
			{"alone", params.Owner, solana.PublicKey{}, maxUpdated},
			{"payer apart", params.Payer, solana.PublicKey{}, maxUpdated - 1},
			{"referrer", params.Owner, solana.PublicKey{8}, maxUpdated},
			{"payer apart and referrer", params.Payer, solana.PublicKey{8}, maxUpdated - 2},
		} {
			r := updateRequest(t, w, "picoSOL", 7*sol)
			r.Referrer = c.referrer
			q, err := ask(t, m, r)
			require.NoError(t, err, "%d validators", n)
			steps, err := q.Steps(route.BuildParams{Owner: params.Owner, Payer: c.payer})
			require.NoError(t, err)
			units := uint32(0)
			for _, s := range steps {
				units += s.ComputeUnits
			}

			require.Less(t, units, uint32(1_400_000))
			u, err := txn.Plan{
				Payer:    c.payer,
				Steps:    steps,
				Budget:   txn.ComputeBudget{ComputeUnitLimit: 1_400_000, ComputeUnitPrice: 1_000},
				Lifetime: txn.Lifetime{Blockhash: solana.Hash{1}},
			}.Compile()
			if n > c.fits {
				require.ErrorIs(t, err, txn.ErrTransactionTooLarge, "%s, %d validators", c.name, n)
				continue
			}

			require.NoError(t, err, "%s, %d validators", c.name, n)
			require.LessOrEqual(t, u.Size(), txn.MaxSize)
		}
	}
}

func TestQuote_PoolUpdateTooManyValidators(t *testing.T) {
	w := newWorld(t)
	// 10 validators fit with the lookup table of the market.
	setValidators(t, w, "picoSOL", 11)
	_, err := ask(t, w.market(t, "picoSOL"), updateRequest(t, w, "picoSOL", sol))
	require.ErrorIs(t, err, txn.ErrTransactionTooLarge)

	setValidators(t, w, "picoSOL", state.MaxUpdatedValidators+1)
	m := w.market(t, "picoSOL")
	_, err = ask(t, m, updateRequest(t, w, "picoSOL", sol))
	require.ErrorIs(t, err, route.ErrTooManyValidators)
	require.ErrorIs(t, err, quote.ErrStalePool)
	require.NotContains(t, err.Error(), "\n")
	_, err = ask(t, m, w.stake(t, "picoSOL", sol))
	require.ErrorIs(t, err, quote.ErrStalePool)
	require.NotErrorIs(t, err, route.ErrTooManyValidators, "no pool update was allowed")
}

// phaseSOL is the embedded pool that is 146 epochs behind.
func TestQuote_PoolUpdateAfterManyEpochs(t *testing.T) {
	w := newWorld(t)
	m := w.market(t, "phaseSOL")
	_, err := ask(t, m, w.stake(t, "phaseSOL", sol))
	require.ErrorIs(t, err, quote.ErrStalePool)
	require.Len(t, w.pool(t, "phaseSOL").Validators, 5)
	q, err := ask(t, m, updateRequest(t, w, "phaseSOL", sol))
	require.NoError(t, err)
	reference := w.reference(t, "phaseSOL")
	reference.Update = w.pool(t, "phaseSOL").Balances()
	want, err := reference.DepositSOL(sol)
	require.NoError(t, err)
	require.Equal(t, want.Tokens, q.Out)
	steps, err := q.Steps(params)
	require.NoError(t, err)
	require.Len(t, steps, 5, "two updates of the list: one holds four validators")
}

func TestQuote_PoolUpdateRefusals(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*testing.T, *world, *figures.StakePool)
		want   error
	}{
		{"validator list missing",
			func(t *testing.T, w *world, p *figures.StakePool) {
				w.remove(t, p.State.ValidatorList)
			},
			accounts.ErrNotFound},
		{"validator list of another program", func(t *testing.T, w *world, p *figures.StakePool) {
			w.change(t, p.State.ValidatorList,
				func(a *accounts.Account) { a.Owner = accounts.StakePoolProgram })
		}, accounts.ErrWrongOwner},
		{"validator list is a pool", func(t *testing.T, w *world, p *figures.StakePool) {
			w.change(t, p.State.ValidatorList, func(a *accounts.Account) { a.Data[0] = 1 })
		}, accounts.ErrWrongType},
		{"stake account of another program", func(t *testing.T, w *world, p *figures.StakePool) {
			active, _, err := p.StakeAddresses(p.Validators[0].Entry)
			require.NoError(t, err)
			w.change(t, active, func(a *accounts.Account) { a.Owner = accounts.SystemProgram })
		}, accounts.ErrWrongOwner},
		{"rewards being distributed",
			func(t *testing.T, w *world, p *figures.StakePool) { w.Chain.RewardsActive = true },
			quote.ErrEpochRewards},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			c.change(t, w, w.age(t, "picoSOL"))
			m := w.market(t, "picoSOL")
			_, err := ask(t, m, updateRequest(t, w, "picoSOL", sol))
			require.ErrorIs(t, err, c.want)
			require.NotContains(t, err.Error(), "\n")
			_, err = ask(t, m, w.stake(t, "picoSOL", sol))
			require.ErrorIs(t, err, quote.ErrStalePool)
		})
	}
}

// TestQuote_UpdateOfLidoForInfinity trades stSOL in Infinity while Lido's
// exchange rate is of the last epoch. With the update, the quote is that of the
// market in which Lido is already updated.
func TestQuote_UpdateOfLidoForInfinity(t *testing.T) {
	stale, updated := newLargeMarket(t, 2, 3), newLargeMarket(t, 2, 3)
	stale.Lido.State.ExchangeRate.ComputedInEpoch--
	q := stale.Lido.Quote(stale.Chain)
	q.Update = stale.Lido.Balances()
	after, err := q.Updated()
	require.NoError(t, err)
	updated.Lido.State = after.State
	for _, c := range []*largeMarket{stale, updated} {
		all, err := c.Accounts()
		require.NoError(t, err)
		for _, a := range all {
			c.accounts[a.Address] = a
		}
	}

	stSOL := accounts.StSOLMint
	for _, pair := range [][2]solana.PublicKey{
		{stSOL, accounts.NativeMint}, {accounts.NativeMint, stSOL}, {stSOL, accounts.INFMint},
	} {
		r := route.Request{From: pair[0], To: pair[1], Amount: sol}
		refused := stale.infinityQuote(t, r)
		require.ErrorIs(t, refused.err, quote.ErrStalePool)

		r.AllowPoolUpdate = true
		got, want := stale.infinityQuote(t, r), updated.infinityQuote(t, r)
		require.NoError(t, got.err)
		require.NoError(t, want.err)
		require.Equal(t, want.quote.Out, got.quote.Out)
		require.Equal(t, append(want.quote.Assumptions,
			"Lido's exchange rate is updated for this epoch in the same transaction"),
			got.quote.Assumptions)
		reserve, err := accounts.LidoReserve(stale.Lido.Program, stale.Lido.Address)
		require.NoError(t, err)
		require.Contains(t, got.quote.Accounts, reserve)
		steps, err := got.quote.Steps(params)
		require.NoError(t, err)
		require.Equal(t, accounts.LidoProgram, steps[0].Instruction.ProgramID())
		plain, err := want.quote.Steps(params)
		require.NoError(t, err)
		require.Len(t, steps, len(plain)+1)
	}
}

// infinityAnswer is the quote of Infinity, or its refusal.
type infinityAnswer struct {
	quote route.Quote
	err   error
}

func (c *largeMarket) infinityQuote(t *testing.T, r route.Request) infinityAnswer {
	t.Helper()
	loader := c.loader()
	m, err := loader.Build(c.load(t, loader))
	require.NoError(t, err)
	quotes, rejected := m.Quotes(r)
	for _, q := range quotes {
		if q.Venue == route.VenueInfinity {
			return infinityAnswer{quote: q}
		}
	}

	for _, no := range rejected {
		if no.Venue == route.VenueInfinity {
			return infinityAnswer{err: no.Err}
		}
	}

	require.FailNow(t, "Infinity does not answer")

	return infinityAnswer{}
}
