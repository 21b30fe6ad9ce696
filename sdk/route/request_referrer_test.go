package route_test

import (
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// A pool that takes stake pays the referrer its part, which is then a fee. The
// Router receives that part for the user and refuses a referrer. All other
// venues ignore it.
func TestRequest_ReferrerOfAllVenues(t *testing.T) {
	referrer := solana.PublicKey{42}
	w := newStakeWorld(t)
	m := w.market(t)
	for _, v := range venueTrades {
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
			if v.to != target || v.venue != stakeDeposit && v.venue != throughDeposit {
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
				Mint:      w.mint(t, target),
				Rate:      "30/100 of 10/10000, 8/10000 of unstaked lamports",
				Recipient: referrer,
			}, fee)

			for q, to := range map[*route.Quote]solana.PublicKey{&named: referrer,
				&unnamed: w.ata(t, target)} {
				steps, err := q.Steps(paramsWith(0))
				require.NoError(t, err)
				require.Contains(t, keys(step(t, steps, poolDeposit)), to)
			}
		})
	}
}

// Stake that is activating may join a validator that a pool has just added. Its
// rent then counts as stake, whatever the fees on either.
func TestQuote_ExactOutOfActivatingStake(t *testing.T) {
	for _, fees := range [][2]uint64{{10, 10}, {0, 500}, {500, 0}} {
		w := newStakeWorld(t)
		state := &w.pool(t, target).State
		state.StakeDepositFee = accounts.Fee{Numerator: fees[0], Denominator: 1_000}
		state.SOLDepositFee = accounts.Fee{Numerator: fees[1], Denominator: 1_000}
		epoch := w.Chain.Clock.Epoch
		w.pool(t, target).Validators[0].Active.Account.Delegation.ActivationEpoch = epoch
		w.own.Account.Delegation.ActivationEpoch = epoch
		m := w.market(t)
		v := venueTrade{stakeDeposit, "own", target}
		r := v.request(t, w, 20*sol, route.ExactOut)
		q, err := of(t, m, v.venue, r)
		require.NoError(t, err, "fees of %v", fees)
		requireComposed(t, w, v, r, q)
		less, err := w.compose(t, v, q.In-1)
		require.NoError(t, err)
		require.Less(t, less.out-less.referral, r.Amount, "fees of %v", fees)
	}
}
