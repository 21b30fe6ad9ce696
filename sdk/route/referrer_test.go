package route_test

import (
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// TestReferrerOfWays: a pool that takes stake pays the referrer its part, which
// then is a fee; the Router, which takes that part for the user, refuses to
// forget about it; to all other ways it makes no difference.
func TestReferrerOfWays(t *testing.T) {
	referrer := solana.PublicKey{42}
	w := newStakeWorld(t)
	m := w.market(t)
	for _, v := range ways {
		t.Run(v.String(), func(t *testing.T) {
			r := v.request(t, w, 10*sol, route.ExactIn)
			r.Referrer = referrer
			named, err := of(t, m, v.venue, r)
			if strings.HasPrefix(v.venue, "Router") {
				require.ErrorIs(t, err, route.ErrReferrerUnsupported)
				return
			}

			require.NoError(t, err)
			r.Referrer = solana.PublicKey{}
			unnamed, err := of(t, m, v.venue, r)
			require.NoError(t, err)
			if v.to != taker || v.venue != stakeDeposit && v.venue != throughDeposit {
				require.Equal(t, unnamed.Out, named.Out)
				require.Equal(t, unnamed.Fees, named.Fees)
				return
			}

			want, err := w.compose(t, v, r.Amount)
			require.NoError(t, err)
			require.NotZero(t, want.referral)
			require.Equal(t, want.out, unnamed.Out)
			require.Equal(t, want.out-want.referral, named.Out)
			require.Equal(t, unnamed.MinOut, named.MinOut, "the limit is about the rest")
			require.Len(t, named.Fees, len(unnamed.Fees)+1)
			fee := named.Fees[len(named.Fees)-1]
			require.Equal(t, route.Fee{
				Name:      "referral part of the stake deposit fee",
				Amount:    want.referral,
				Mint:      w.mint(t, taker),
				Rate:      "30/100 of 10/10000, 8/10000 of unstaked lamports",
				Recipient: referrer,
			}, fee)

			for q, to := range map[*route.Quote]solana.PublicKey{&named: referrer,
				&unnamed: w.ata(t, taker)} {
				steps, err := q.Steps(partiesWith(0))
				require.NoError(t, err)
				require.Contains(t, keys(step(t, steps, poolDeposit)), to)
			}
		})
	}
}

// TestExactOutOfActivatingStake: into a validator that a pool has just added
// goes stake that is as young. Its rent counts as stake then, whatever the fees
// on either.
func TestExactOutOfActivatingStake(t *testing.T) {
	for _, fees := range [][2]uint64{{10, 10}, {0, 500}, {500, 0}} {
		w := newStakeWorld(t)
		state := &w.pool(t, taker).State
		state.StakeDepositFee = accounts.Fee{Numerator: fees[0], Denominator: 1_000}
		state.SOLDepositFee = accounts.Fee{Numerator: fees[1], Denominator: 1_000}
		w.pool(t, taker).Validators[0].Active.Account.Delegation.ActivationEpoch = w.Chain.Clock.Epoch
		w.own.Account.Delegation.ActivationEpoch = w.Chain.Clock.Epoch
		m := w.market(t)
		v := way{stakeDeposit, "own", taker}
		r := v.request(t, w, 20*sol, route.ExactOut)
		q, err := of(t, m, v.venue, r)
		require.NoError(t, err, "fees of %v", fees)
		requireComposed(t, w, v, r, q)
		less, err := w.compose(t, v, q.In-1)
		require.NoError(t, err)
		require.Less(t, less.out-less.referral, r.Amount, "fees of %v", fees)
	}
}
