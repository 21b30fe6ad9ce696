package route_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// manage makes the owner the manager of two pools: the owner's token accounts
// receive the fees.
func manage(t *testing.T, w *stakeWorld) {
	t.Helper()
	for _, symbol := range []string{source, target} {
		pool := w.pool(t, symbol)
		pool.State.ManagerFeeAccount = w.ata(t, symbol)
		pool.FeeAccount.Owner = params.Owner
		fee := accounts.Fee{Numerator: 3, Denominator: 1_000}
		pool.State.SOLDepositFee, pool.State.StakeDepositFee = fee, fee
		pool.State.StakeWithdrawalFee = fee
		pool.State.SOLReferralFee = 20
	}
}

// The manager of a pool receives the fee of a deposit in addition to the
// output that the program checks, and withdraws without a fee. The origin of
// the figures is package quote.
func TestRequest_UserManagesPools(t *testing.T) {
	w := newStakeWorld(t)
	manage(t, w)
	m := w.market(t)
	for _, v := range []venueTrade{
		{poolDeposits, "SOL", target}, {routerDeposit, "SOL", target},
		{stakeDeposit, "own", target},
	} {
		r := v.request(t, w, 100*sol, route.ExactIn)
		plain, err := of(t, m, v.venue, r)
		require.NoError(t, err, v)
		require.NotEmpty(t, plain.Fees, v)
		r.User = params.Owner
		q, err := of(t, m, v.venue, r)
		require.NoError(t, err, v)
		require.Empty(t, q.Fees, v)
		require.Equal(t, plain.Out+plain.Fees[0].Amount, q.Out, v)
		if v.venue != routerDeposit { // whose limit is on the token account
			require.Equal(t, plain.MinOut, q.MinOut, v)
		}

		r.Recipient = recipient
		q, err = of(t, m, v.venue, r)
		if v.venue != routerDeposit {
			require.NoError(t, err, v)
			require.Equal(t, plain.Out, q.Out, "%s: paid to another wallet", v)
		}
	}

	v := venueTrade{stakeWithdrawal, source, "stake"}
	r := v.request(t, w, 100*sol, route.ExactIn)
	r.User = params.Owner
	q, err := of(t, m, v.venue, r)
	require.NoError(t, err)
	require.Empty(t, q.Fees)
	pool := w.poolOf(t, source)
	pool.FeeAccountUsable = false // Withdrawals are then free, too.
	free, err := pool.WithdrawStake(100*sol, w.pool(t, source).Validators[0].Source())
	require.NoError(t, err)
	require.Equal(t, free.Lamports, q.Out)
}

// A referrer that is the token account of the receiver is no referrer.
func TestRequest_UserIsReferrer(t *testing.T) {
	w := newStakeWorld(t)
	m := w.market(t)
	v := venueTrade{stakeDeposit, "own", target}
	r := v.request(t, w, 100*sol, route.ExactIn)
	plain, err := of(t, m, v.venue, r)
	require.NoError(t, err)
	r.Referrer = w.ata(t, target)
	unknown, err := of(t, m, v.venue, r)
	require.NoError(t, err)
	require.Less(t, unknown.Out, plain.Out)
	r.User = params.Owner
	q, err := of(t, m, v.venue, r)
	require.NoError(t, err)
	require.Equal(t, plain.Out, q.Out)
	require.Equal(t, plain.Fees, q.Fees)
}

// A pool that reserves its operations for an authority is open if the user is
// the authority, or if the authority signs. The Router does not pass the
// signature on.
func TestRequest_AuthorityOpensPool(t *testing.T) {
	authority := solana.PublicKey{0x51}
	for _, user := range []bool{true, false} {
		w := newStakeWorld(t)
		key := authority
		if user {
			key = params.Owner
		}

		pool := w.pool(t, target)
		pool.State.SOLDepositAuthority, pool.State.StakeDepositAuthority = &key, key
		m := w.market(t)
		for _, v := range []venueTrade{
			{poolDeposits, "SOL", target}, {stakeDeposit, "own", target},
			{throughDeposit, source, target}, {routerVenue, source, target},
			{routerDeposit, "SOL", target},
		} {
			r := v.request(t, w, 100*sol, route.ExactIn)
			_, err := of(t, m, v.venue, r)
			require.ErrorIs(t, err, quote.ErrPermissioned, v)
			if r.User = params.Owner; !user {
				_, err = of(t, m, v.venue, r)
				require.ErrorIs(t, err, quote.ErrPermissioned, v)
				r.Signers = []solana.PublicKey{authority}
			}

			q, err := of(t, m, v.venue, r)
			if v.venue == routerVenue || v.venue == routerDeposit {
				require.ErrorIs(t, err, quote.ErrPermissioned, v)
				continue
			}

			require.NoError(t, err, v)
			steps, err := q.Steps(paramsWith(0))
			require.NoError(t, err, v)
			require.Contains(t, signers(steps, params.Payer), key, v)
		}
	}
}

// A quote for one user builds no transaction of another.
func TestQuote_StepsOfOtherUser(t *testing.T) {
	w := newStakeWorld(t)
	r := venueTrade{poolDeposits, "SOL", target}.request(t, w, sol, route.ExactIn)
	r.User = recipient
	q, err := of(t, w.market(t), poolDeposits, r)
	require.NoError(t, err)
	_, err = q.Steps(paramsWith(0))
	require.ErrorIs(t, err, route.ErrOtherUser)
	r.User = params.Owner
	q, err = of(t, w.market(t), poolDeposits, r)
	require.NoError(t, err)
	_, err = q.Steps(paramsWith(0))
	require.NoError(t, err)
}

// A route whose minimum output is checked by the balance of the manager's own
// account is refused if the update of the pool pays the epoch fee into that
// account. The pool's own instructions check their output and stay open.
func TestRequest_OwnUpdateRefused(t *testing.T) {
	w := newStakeWorld(t)
	manage(t, w)
	pool := w.pool(t, target)
	pool.State.LastUpdateEpoch--
	for i := range pool.Validators {
		pool.Validators[i].Entry.LastUpdateEpoch--
	}

	m := w.market(t)
	for _, v := range []venueTrade{
		{routerDeposit, "SOL", target}, {routerVenue, source, target},
		{stakeDeposit, "own", target},
	} {
		r := v.request(t, w, 100*sol, route.ExactIn)
		r.AllowPoolUpdate = true
		_, err := of(t, m, v.venue, r)
		require.NoError(t, err, v)
		r.User = params.Owner
		_, err = of(t, m, v.venue, r)
		if v.venue == stakeDeposit {
			require.NoError(t, err, v)
			continue
		}

		require.ErrorIs(t, err, quote.ErrStalePool, v)
		require.ErrorContains(t, err, "update the pool first", v)
	}
}
