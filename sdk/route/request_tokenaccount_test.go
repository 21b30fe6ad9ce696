package route_test

import (
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// The named token accounts of the tests.
var (
	namedSource      = solana.PublicKey{81}
	namedDestination = solana.PublicKey{82}
)

// keysOf returns all accounts of some steps.
func keysOf(steps []txn.Step) (all []solana.PublicKey) {
	for _, s := range steps {
		all = append(all, keys(s)...)
	}
	return all
}

// TestRequest_WSOLOfAllVenues checks that wSOL has the price of SOL at every
// venue. Where a program pays into the owner's wSOL account, the rent of the
// stake account is a cost that arrives with the output.
func TestRequest_WSOLOfAllVenues(t *testing.T) {
	w := newStakeWorld(t)
	m := w.market(t)
	wsol := ataOf(t, params.Owner, accounts.NativeMint)
	for _, v := range venueTrades {
		if v.from != "SOL" && v.to != "SOL" {
			continue
		}

		for _, mode := range []route.SwapMode{route.ExactIn, route.ExactOut} {
			r := v.request(t, w, 20*sol, mode)
			native, err := of(t, m, v.venue, r)
			require.NoError(t, err, v)
			r.UseWSOL = true
			q, err := of(t, m, v.venue, r)
			require.NoError(t, err, v)

			steps, err := q.Steps(paramsWith(3))
			require.NoError(t, err, v)
			require.Contains(t, keysOf(steps), wsol, v)
			switch {
			case v.from == "SOL":
				require.Equal(t, []uint64{native.In, native.Out, native.MinOut},
					[]uint64{q.In, q.Out, q.MinOut}, v)
				require.Equal(t, v.venue != routerDeposit, q.UpfrontRent == tokenRent, v)

			case v.venue == marinadeUnstake:
				require.Equal(t, []uint64{native.In, native.Out, native.MinOut, native.UpfrontRent},
					[]uint64{q.In, q.Out, q.MinOut, q.UpfrontRent}, v)
				require.Equal(t, route.CheckedByTempAccount, q.MinOutCheck, v)

			default:
				requireDirectWSOL(t, native, q, steps)
			}
		}
	}
}

// requireDirectWSOL checks a quote of wSOL that the program pays to the owner.
func requireDirectWSOL(t *testing.T, native, q route.Quote, steps []txn.Step) {
	t.Helper()
	require.Equal(t, route.CheckedByBalance, q.MinOutCheck)
	require.Zero(t, q.UpfrontRent, "nothing is returned")
	last := steps[len(steps)-1]
	require.Equal(t, transferTokens, labels(t, []txn.Step{last})[0])
	require.Equal(t, 3+q.MinOut, u64At(data(t, last), 1))
	if q.Request.SwapMode == route.ExactOut {
		require.GreaterOrEqual(t, q.Out, q.Request.Amount)
		return
	}

	lost := uint64(0)
	for _, c := range q.Costs {
		lost += c.Lamports
	}

	require.Equal(t, native.Out, q.Out-lost, q.Venue)
	require.Equal(t, native.NetOut, q.NetOut, q.Venue)
}

// TestRequest_WSOLForRecipient checks that wSOL of every venue goes to the
// recipient's account, through a temporary account where the program has no
// minimum output.
func TestRequest_WSOLForRecipient(t *testing.T) {
	w := newStakeWorld(t)
	m := w.market(t)
	for _, v := range venueTrades {
		if v.to != "SOL" {
			continue
		}

		r := v.request(t, w, 20*sol, route.ExactIn)
		r.Recipient = recipient
		native, err := of(t, m, v.venue, r)
		require.NoError(t, err, v)
		r.UseWSOL = true
		q, err := of(t, m, v.venue, r)
		if v.venue == routerPrefunded && err != nil {
			require.ErrorIs(t, err, txn.ErrTransactionTooLarge, v)
			continue
		}

		require.NoError(t, err, v)
		require.Equal(t, []uint64{native.Out, native.MinOut, native.UpfrontRent},
			[]uint64{q.Out, q.MinOut, q.UpfrontRent}, v)
		require.Equal(t, route.CheckedByTempAccount, q.MinOutCheck, v)

		steps, err := q.Steps(paramsWith(0))
		require.NoError(t, err, v)
		at := slices.IndexFunc(steps, func(s txn.Step) bool {
			return s.Instruction.ProgramID() == accounts.TokenProgram &&
				slices.Equal(data(t, s), []byte{17})
		})

		require.NotEqual(t, -1, at, "%s: SyncNative", v)
		to := ataOf(t, recipient, accounts.NativeMint)
		require.Equal(t, []solana.PublicKey{to}, keys(steps[at]), v)
		require.Contains(t, keysOf(steps[:at]), to, v)
		require.NotContains(t, keysOf(steps), ataOf(t, params.Owner, accounts.NativeMint), v)
	}
}

// TestRequest_WSOLOfLittle checks that a temporary account that closes to a
// wSOL account must receive more than its rent.
func TestRequest_WSOLOfLittle(t *testing.T) {
	w := newStakeWorld(t)
	m := w.market(t)
	r := venueTrade{marinadeUnstake, mSOLName, "SOL"}.request(t, w, tokenRent, route.ExactOut)
	_, err := of(t, m, marinadeUnstake, r)
	require.NoError(t, err)
	r.UseWSOL = true
	_, err = of(t, m, marinadeUnstake, r)
	require.ErrorIs(t, err, quote.ErrAmountTooSmall)
	require.ErrorContains(t, err, "2039280")
	r.Amount++
	_, err = of(t, m, marinadeUnstake, r)
	require.NoError(t, err)
}

// TestRequest_NamedAccounts checks that every route pays from the named account
// and into the named account, with the amounts of the associated ones.
func TestRequest_NamedAccounts(t *testing.T) {
	w := newStakeWorld(t)
	m := w.market(t)
	routes := 0
	for _, v := range venueTrades {
		r := v.request(t, w, 20*sol, route.ExactIn)
		r.UseWSOL = true
		plain, _ := m.Quotes(r)
		if v.from != "own" {
			r.SourceAccount = namedSource
		}

		if v.to != "stake" {
			r.DestinationAccount = namedDestination
		}

		quotes, rejected := m.Quotes(r)
		if len(plain) == 1 && plain[0].Receipt != nil {
			require.Empty(t, quotes, "its token arrives later, in the associated account")
			require.ErrorIs(t, rejected[0].Err, route.ErrReceiptNotAccepted)
			continue
		}

		require.GreaterOrEqual(t, len(quotes), len(plain), "%s: %v", v, rejected)
		for _, q := range quotes {
			steps, err := q.Steps(paramsWith(3))
			require.NoError(t, err, v)
			used := keysOf(steps)
			at := slices.IndexFunc(plain, func(p route.Quote) bool { return p.Venue == q.Venue })
			if at >= 0 {
				require.Equal(t, []uint64{plain[at].Out, plain[at].MinOut},
					[]uint64{q.Out, q.MinOut}, v)
			}

			routes++
			if v.from != "own" {
				require.Contains(t, used, namedSource, q.Venue)
				require.NotContains(t, used, ataOf(t, params.Owner, r.From), q.Venue)
			}

			if v.to == "stake" {
				continue
			}

			require.Contains(t, used, namedDestination, q.Venue)
			require.NotContains(t, used, ataOf(t, params.Owner, r.To), q.Venue)
			requireChecked(t, q)
		}
	}

	require.Greater(t, routes, len(venueTrades))
}

// requireChecked checks that a balance check is about the named account.
func requireChecked(t *testing.T, q route.Quote) {
	t.Helper()
	account, checked, err := q.BalanceCheckAccount(params.Owner)
	require.NoError(t, err)
	require.Equal(t, q.MinOutCheck == route.CheckedByBalance, checked)
	if !checked {
		return
	}

	require.Equal(t, namedDestination, account)
	steps, err := q.Steps(paramsWith(3))
	require.NoError(t, err)
	last := steps[len(steps)-1]
	require.Equal(t, []solana.PublicKey{namedDestination, namedDestination, params.Owner},
		keys(last))
	require.Equal(t, 3+q.MinOut, u64At(data(t, last), 1))
}

// TestRequest_CheckTokenAccounts checks the refusals of named accounts for
// something that is not in a token account.
func TestRequest_CheckTokenAccounts(t *testing.T) {
	w := newStakeWorld(t)
	m := w.market(t)
	for name, c := range map[string]struct {
		from, to            string
		source, destination solana.PublicKey
		wrapped             bool
	}{
		"native SOL in":  {"SOL", target, namedSource, solana.PublicKey{}, false},
		"native SOL out": {source, "SOL", solana.PublicKey{}, namedDestination, false},
		"stake out":      {source, "stake", solana.PublicKey{}, namedDestination, true},
		"stake in":       {"own", target, namedSource, solana.PublicKey{}, true},
		"one for both":   {source, target, namedSource, namedSource, false},
	} {
		r := venueTrade{"", c.from, c.to}.request(t, w, 20*sol, route.ExactIn)
		r.SourceAccount, r.DestinationAccount, r.UseWSOL = c.source, c.destination, c.wrapped
		_, err := m.Quote(r)
		require.ErrorIs(t, err, route.ErrTokenAccount, name)
		require.NotContains(t, err.Error(), "\n")
	}
}

// TestQuote_NamedAccountsChanged checks that a quote does not pay accounts that
// were named after it was made.
func TestQuote_NamedAccountsChanged(t *testing.T) {
	w := newStakeWorld(t)
	r := venueTrade{routerVenue, source, target}.request(t, w, 20*sol, route.ExactIn)
	q, err := of(t, w.market(t), routerVenue, r)
	require.NoError(t, err)
	for _, change := range []func(*route.Request){
		func(r *route.Request) { r.SourceAccount = namedSource },
		func(r *route.Request) { r.DestinationAccount = namedDestination },
	} {
		changed := q
		change(&changed.Request)
		_, err := changed.Steps(paramsWith(3))
		require.ErrorIs(t, err, route.ErrTokenAccount)
	}
}

// TestRequest_NamedFeeAccount checks that the manager's fee belongs to the
// output only if the output goes to the fee account itself, and that the fee
// account as source pays no fee.
func TestRequest_NamedFeeAccount(t *testing.T) {
	w := newStakeWorld(t)
	pool := w.pool(t, target)
	fees := pool.State.ManagerFeeAccount
	m := w.market(t)
	deposit := venueTrade{"stake pool deposit", "SOL", target}.request(t, w, 20*sol, route.ExactIn)
	other, err := of(t, m, "stake pool deposit", deposit)
	require.NoError(t, err)
	deposit.DestinationAccount = fees
	own, err := of(t, m, "stake pool deposit", deposit)
	require.NoError(t, err)
	paid := uint64(0)
	for _, fee := range other.Fees {
		if fee.Recipient == fees {
			paid = fee.Amount
		}
	}

	require.Equal(t, other.Out+paid, own.Out)
	require.Equal(t, other.MinOut, own.MinOut)

	sale := venueTrade{throughReserve, target, "SOL"}.request(t, w, 20*sol, route.ExactIn)
	other, err = of(t, m, throughReserve, sale)
	require.NoError(t, err)
	sale.SourceAccount = fees
	own, err = of(t, m, throughReserve, sale)
	require.NoError(t, err)
	require.Equal(t, pool.State.StakeWithdrawalFee.IsZero(), own.Out == other.Out)
	require.GreaterOrEqual(t, own.Out, other.Out)
}
