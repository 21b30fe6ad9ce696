package route_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// receiptTrade is the deposit that pays with a receipt.
var receiptTrade = venueTrade{stakeDeposit, "own", source}

// authorityOf returns the account at the stake deposit authority of hSOL's
// pool.
func (w *stakeWorld) authorityOf(t testing.TB) *accounts.Account {
	t.Helper()
	return w.replaced[w.pool(t, source).State.StakeDepositAuthority]
}

// A quote has the receipt, and says what a claim pays and when.
func TestQuote_Receipt(t *testing.T) {
	w := newStakeWorld(t)
	q, err := of(t, w.market(t), stakeDeposit,
		receiptTrade.request(t, w, w.own.Lamports, route.ExactIn))
	require.NoError(t, err)
	pool := w.pool(t, source)
	now := uint64(w.Chain.Clock.UnixTimestamp)
	require.Equal(t, &accounts.InterceptorReceipt{
		StakePool:        pool.Address,
		DepositAuthority: pool.State.StakeDepositAuthority,
		DepositTime:      now,
		PoolTokens:       q.Out,
		CoolDownSeconds:  36_000,
		InitialFeeBPS:    1_000,
	}, q.Receipt)

	require.True(t, q.NeedsStakeKeypair)
	require.Contains(t, q.Accounts, pool.State.StakeDepositAuthority)
	require.Equal(t, []route.Cost{{Name: route.ReceiptRentCost, Lamports: 3_821_040,
		Recoverable: true}}, q.Costs)
	require.Equal(t, q.Out, q.NetOut, "the claim returns the rent")
	given := receiptTrade.request(t, w, w.own.Lamports, route.ExactIn)
	given.Recipient = recipient
	other, err := of(t, w.market(t), stakeDeposit, given)
	require.NoError(t, err)
	require.Equal(t, q.Out, other.Out)
	require.Less(t, other.NetOut, q.NetOut, "the recipient gets the rent")

	// 456.3 hSOL, of which a claim at once costs a tenth, rounded up.
	require.Equal(t, uint64(456_328_962_586), q.Out)
	claim, err := quote.ClaimReceipt(q.Receipt, int64(now))
	require.NoError(t, err)
	require.Equal(t, uint64(45_632_896_259), claim.Fee)
	require.Equal(t, []string{"claim the receipt: at once it pays 410.696066327 hSOL, and the " +
		"fee of 45.632896259 hSOL falls to 0 in a straight line over 36000 seconds; from then on " +
		"it pays 456.328962586 hSOL, and any account can claim it for the owner"},
		q.RemainingSteps)

	require.Len(t, q.Assumptions, 1)
	require.Contains(t, q.Assumptions[0], "the minimum output is that of the receipt")
}

// Terms without a fee, or without a cool-down, pay everything at any time.
func TestQuote_ReceiptWithoutFee(t *testing.T) {
	w := newStakeWorld(t)
	state, err := accounts.DecodeInterceptorAuthority(*w.authorityOf(t))
	require.NoError(t, err)
	state.CoolDownSeconds = 0
	w.authorityOf(t).Data = state.Encode()
	q, err := of(t, w.market(t), stakeDeposit,
		receiptTrade.request(t, w, w.own.Lamports, route.ExactIn))
	require.NoError(t, err)
	require.Equal(t,
		[]string{"claim the receipt: it pays 456.328962586 hSOL to the owner at any time"},
		q.RemainingSteps)
}

// A receipt has a referral part only if the pool has one. The recipient gets it
// in a token account.
func TestQuote_ReceiptReferral(t *testing.T) {
	w := newStakeWorld(t)
	s := &w.pool(t, source).State
	s.StakeDepositFee, s.StakeReferralFee = accounts.Fee{Numerator: 1, Denominator: 100}, 50
	r := receiptTrade.request(t, w, 100*sol, route.ExactIn)
	m := w.market(t)
	q, err := of(t, m, stakeDeposit, r)
	require.NoError(t, err)
	require.Greater(t, q.Out, q.Receipt.PoolTokens)
	steps, err := q.Steps(paramsWith(0))
	require.NoError(t, err)
	require.Equal(t, join(splitOff, []string{createATA}, forReceipt), labels(t, steps))
	require.Equal(t, w.ata(t, source), keys(steps[len(steps)-1])[13])

	r.Referrer = solana.PublicKey{70}
	named, err := of(t, m, stakeDeposit, r)
	require.NoError(t, err)
	require.Equal(t, q.Receipt.PoolTokens, named.Out)
	steps, err = named.Steps(paramsWith(0))
	require.NoError(t, err)
	require.Equal(t, join(splitOff, forReceipt), labels(t, steps))
	require.Equal(t, r.Referrer, keys(steps[len(steps)-1])[13])
}

// A pool with another stake deposit authority is refused by an error that names
// the account, whether or not receipts are accepted.
func TestMarket_OtherDepositAuthority(t *testing.T) {
	withdrawn := func(change func(*accounts.InterceptorAuthority)) func(*accounts.Account) {
		return func(a *accounts.Account) {
			state, err := accounts.DecodeInterceptorAuthority(*a)
			require.NoError(t, err)
			change(state)
			a.Data = state.Encode()
		}
	}

	for _, test := range []struct {
		name   string
		change func(*accounts.Account)
		want   error
		says   string
	}{
		{"no account", nil, quote.ErrPermissioned, "a key without an account"},
		{"of the system program",
			func(a *accounts.Account) { a.Owner, a.Data = accounts.SystemProgram, nil },
			quote.ErrPermissioned, "a key with an account of the system program"},
		{"of another program", func(a *accounts.Account) { a.Owner = accounts.RouterProgram },
			quote.ErrPermissioned, "an account of program " + accounts.RouterProgram.String()},
		{"cut short", func(a *accounts.Account) { a.Data = a.Data[:40] },
			accounts.ErrWrongLength, accounts.InterceptorProgram.String()},
		{"a receipt", func(a *accounts.Account) { a.Data = accounts.InterceptorReceipt{}.Encode() },
			quote.ErrPermissioned, accounts.InterceptorProgram.String()},
		{"of another pool", withdrawn(func(a *accounts.InterceptorAuthority) {
			a.StakePool = solana.PublicKey{1}
		}), quote.ErrPermissioned, "the authority is that of the pool"},
		{"of another pool program", withdrawn(func(a *accounts.InterceptorAuthority) {
			a.StakePoolProgram = solana.PublicKey{1}
		}), quote.ErrPermissioned, accounts.InterceptorProgram.String()},
		{"of another mint", withdrawn(func(a *accounts.InterceptorAuthority) {
			a.PoolMint = solana.PublicKey{1}
		}), quote.ErrPermissioned, accounts.InterceptorProgram.String()},
		{"with a fee over 100 %", withdrawn(func(a *accounts.InterceptorAuthority) {
			a.InitialFeeBPS = 10_001
		}), quote.ErrInvalidState, "10001 basis points"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newStakeWorld(t)
			key := w.pool(t, source).State.StakeDepositAuthority
			if test.change == nil {
				w.replaced[key] = nil
			} else {
				test.change(w.authorityOf(t))
			}

			m := w.market(t)
			r := receiptTrade.request(t, w, w.own.Lamports, route.ExactIn)
			for _, accept := range []bool{true, false} {
				r.AcceptReceipt = accept
				_, err := of(t, m, stakeDeposit, r)
				require.ErrorIs(t, err, test.want)
				require.ErrorIs(t, err, quote.ErrPermissioned)
				require.NotErrorIs(t, err, route.ErrReceiptNotAccepted)
				require.ErrorContains(t, err, key.String())
				require.ErrorContains(t, err, test.says)
			}
		})
	}
}

// Without AcceptReceipt the pool is refused, in the same market in which it is
// served with it. The Router cannot deposit into it, and no leg of two gives a
// receipt.
func TestOptions_AcceptReceipt(t *testing.T) {
	w := newStakeWorld(t)
	m := w.market(t)
	for range 2 {
		for _, mode := range []route.SwapMode{route.ExactIn, route.ExactOut} {
			r := receiptTrade.request(t, w, 100*sol, mode)
			_, err := of(t, m, stakeDeposit, r)
			require.NoError(t, err)
			r.AcceptReceipt = false
			_, err = of(t, m, stakeDeposit, r)
			require.ErrorIs(t, err, route.ErrReceiptNotAccepted)
			require.ErrorContains(t, err, "set AcceptReceipt")
			require.NotErrorIs(t, err, quote.ErrPermissioned)
		}
	}

	for _, v := range []venueTrade{{throughDeposit, mSOLName, source},
		{routerVenue, stSOLs, source}} {
		_, err := of(t, m, v.venue, v.request(t, w, 100*sol, route.ExactIn))
		require.ErrorIs(t, err, quote.ErrPermissioned, v)
		require.ErrorContains(t, err, accounts.InterceptorProgram.String(), v)
	}

	r := receiptTrade.request(t, w, 100*sol, route.ExactIn)
	r.IntegratorFee = route.IntegratorFee{BPS: 10, Account: solana.PublicKey{70}}
	_, err := of(t, m, stakeDeposit, r)
	require.ErrorIs(t, err, route.ErrReceiptNotAccepted)
	require.ErrorContains(t, err, "without an IntegratorFee of the output")

	r = receiptTrade.request(t, w, 100*sol, route.ExactIn)
	r.To, r.OnlyDirectRoutes = w.token(t, "JupSOL").Mint, false
	r.MaxTransactions = 2
	w.Reserve.Lamports = 0 // Without SOL, the Reserve serves no first leg.
	quotes, _ := w.marketOf(t, source, "JupSOL").Quotes(r)
	require.Empty(t, quotes)
	w.openStakeDeposits(t, source)
	quotes, rejected := w.marketOf(t, source, "JupSOL").Quotes(r)
	require.NotEmpty(t, quotes, rejected)
	require.Equal(t, "stake deposit, then Infinity", string(quotes[0].Venue))
}

// An update of the authority's account changes the terms, and a new authority
// has to be loaded.
func TestMarket_UpdatedReceiptTerms(t *testing.T) {
	w := newStakeWorld(t)
	before := w.market(t)
	r := receiptTrade.request(t, w, w.own.Lamports, route.ExactIn)
	changed := *w.authorityOf(t)
	state, err := accounts.DecodeInterceptorAuthority(changed)
	require.NoError(t, err)
	state.InitialFeeBPS, state.CoolDownSeconds = 500, 7
	changed.Data = state.Encode()
	after, err := before.Updated(before.Slot()+1, changed)
	require.NoError(t, err)
	q, err := of(t, after, stakeDeposit, r)
	require.NoError(t, err)
	require.Equal(t, [2]uint64{7, 500},
		[2]uint64{q.Receipt.CoolDownSeconds, uint64(q.Receipt.InitialFeeBPS)})
	q, err = of(t, before, stakeDeposit, r)
	require.NoError(t, err)
	require.Equal(t, uint32(1_000), q.Receipt.InitialFeeBPS)

	gone := changed
	gone.Lamports = 0
	closed, err := before.Updated(before.Slot()+1, gone)
	require.NoError(t, err)
	_, err = of(t, closed, stakeDeposit, r)
	require.ErrorContains(t, err, "a key without an account")

	state.Base = solana.PublicKey{44}
	w.pool(t, source).State.StakeDepositAuthority = solana.PublicKey{45}
	all, err := w.pool(t, source).Accounts(w.Chain.Rent)
	require.NoError(t, err)
	_, err = before.Updated(before.Slot()+1, all...)
	require.ErrorIs(t, err, route.ErrReload)
}
