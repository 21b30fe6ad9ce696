package route_test

import (
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// feeAccount receives the fees.
var feeAccount = solana.PublicKey{0xFE}

// TestMarket_Quote_IntegratorFee compares quotes with a fee with those of the
// net amount. 20 basis points of 10 SOL are 0.02 SOL.
func TestMarket_Quote_IntegratorFee(t *testing.T) {
	w := newStakeWorld(t)
	m := w.market(t)
	for _, v := range venueTrades {
		for _, onInput := range []bool{true, false} {
			r := v.request(t, w, 10*sol, route.ExactIn)
			r.IntegratorFee = route.IntegratorFee{BPS: 20, OnInput: onInput, Account: feeAccount}
			plain := r
			plain.IntegratorFee = route.IntegratorFee{}
			if onInput {
				plain.Amount -= 20_000_000
			}

			if v.to == "stake" && !onInput || v.from == "own" && onInput {
				_, err := m.Quote(r)
				require.ErrorIs(t, err, route.ErrIntegratorFee, v.String())
				continue
			}

			got, err := of(t, m, v.venue, r)
			if v.paysReceipt() && !onInput {
				require.ErrorIs(t, err, route.ErrReceiptNotAccepted, v.String())
				continue
			}

			require.NoError(t, err, v.String())
			want, err := of(t, m, v.venue, plain)
			require.NoError(t, err)
			fee, mint := uint64(20_000_000), r.From
			if !onInput {
				fee, mint = want.Out*20/10_000, r.To
				want.Out, want.MinOut, want.NetOut = want.Out-fee, want.MinOut-fee, want.NetOut-fee
			} else {
				want.In, want.MaxIn, want.NetIn = want.In+fee, want.MaxIn+fee, want.NetIn+fee
			}

			require.Equal(t, []uint64{want.In, want.MaxIn, want.Out, want.MinOut, want.NetIn,
				want.NetOut},
				[]uint64{got.In, got.MaxIn, got.Out, got.MinOut, got.NetIn, got.NetOut},
				v.String())

			require.Equal(t, route.Fee{
				Name:      "integrator fee",
				Amount:    fee,
				Mint:      mint,
				Rate:      "20/10000",
				Recipient: feeAccount,
			}, got.Fees[len(got.Fees)-1])

			require.Equal(t, r, got.Request)
		}
	}
}

// TestMarket_Quote_IntegratorFeeExactOut checks with random rates and amounts
// that the user receives the requested amount and that the fee is the rate of
// the amount that includes it, rounded down.
func TestMarket_Quote_IntegratorFeeExactOut(t *testing.T) {
	w := newStakeWorld(t)
	m := w.market(t)
	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, 0))
	served := 0
	for range 2_000 {
		r := route.Request{
			From:   accounts.NativeMint,
			To:     w.mint(t, target),
			Amount: 1 + rng.Uint64N(100*sol),
			Options: route.Options{
				SwapMode: route.ExactOut,
				IntegratorFee: route.IntegratorFee{
					BPS:     1 + uint16(rng.IntN(9_999)),
					OnInput: rng.IntN(2) == 0,
					Account: feeAccount,
				},
			},
		}

		q, err := m.Quote(r)
		if err != nil {
			continue // A tiny amount, or a rate near 100 %.
		}

		served++
		fee := q.Fees[len(q.Fees)-1].Amount
		gross := r.Amount + fee
		if r.IntegratorFee.OnInput {
			gross = q.In
		}

		require.Equal(t, gross*uint64(r.IntegratorFee.BPS)/10_000, fee, "seed %d", seed)
		require.GreaterOrEqual(t, q.Out, r.Amount, "seed %d", seed)
		require.LessOrEqual(t, q.Out, r.Amount+1, "seed %d", seed)
		require.Equal(t, r.Amount, q.MinOut, "seed %d", seed)
	}

	require.Greater(t, served, 1_000, "seed %d", seed)
}

// TestQuote_Steps_IntegratorFee checks where the transfer of the fee is: before
// the trade if it is taken from the input, after it otherwise, and before a
// check of the balance.
func TestQuote_Steps_IntegratorFee(t *testing.T) {
	w := newStakeWorld(t)
	m := w.market(t)
	for _, onInput := range []bool{true, false} {
		q, err := m.Quote(route.Request{
			From:   accounts.NativeMint,
			To:     w.mint(t, target),
			Amount: sol,
			Options: route.Options{IntegratorFee: route.IntegratorFee{
				Amount:  7,
				OnInput: onInput,
				Account: feeAccount,
			}},
		})

		require.NoError(t, err)
		steps, err := q.Steps(paramsWith(0))
		require.NoError(t, err)
		at := len(steps) - 1
		if onInput {
			at = 0
		} else if q.MinOutCheck == route.CheckedByBalance {
			at--
		}

		var named bool
		for _, meta := range steps[at].Instruction.Accounts() {
			named = named || meta.PublicKey == feeAccount
		}

		require.True(t, named, "on input: %v", onInput)
	}
}

func TestIntegratorFee_Refused(t *testing.T) {
	w := newStakeWorld(t)
	m := w.market(t)
	stake := route.Request{
		From:   accounts.NativeMint,
		To:     w.mint(t, target),
		Amount: sol,
	}

	for name, change := range map[string]func(*route.Request){
		"no account": func(r *route.Request) { r.IntegratorFee.BPS = 1 },
		"rate and amount": func(r *route.Request) {
			r.IntegratorFee = route.IntegratorFee{BPS: 1, Amount: 1, Account: feeAccount}
		},
		"100 percent": func(r *route.Request) {
			r.IntegratorFee = route.IntegratorFee{BPS: 10_000, Account: feeAccount}
		},
		"from what a recipient receives": func(r *route.Request) {
			r.IntegratorFee = route.IntegratorFee{BPS: 1, Account: feeAccount}
			r.Recipient = recipient
		},
		"from a received stake account": func(r *route.Request) {
			r.IntegratorFee = route.IntegratorFee{BPS: 1, Account: feeAccount}
			r.To = route.NativeStake
		},
		"more than the input": func(r *route.Request) {
			r.IntegratorFee = route.IntegratorFee{Amount: sol, OnInput: true, Account: feeAccount}
		},
		"more than the output": func(r *route.Request) {
			r.IntegratorFee = route.IntegratorFee{Amount: sol, Account: feeAccount}
		},
	} {
		r := stake
		change(&r)
		_, err := m.Quote(r)
		require.ErrorIs(t, err, route.ErrIntegratorFee, name)
		require.NotContains(t, err.Error(), "\n")
	}
}
