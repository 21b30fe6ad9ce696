package sdk

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// TestLargest_Interval searches in random intervals of served amounts, which
// are as narrow as a 64th of the limit or start at zero. The result is the
// upper end.
func TestLargest_Interval(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	refusal := errors.New("refused")
	for range 20_000 {
		limit := 1 + rng.Uint64N(1<<uint(rng.IntN(63)+1))
		high := 1 + rng.Uint64N(limit)
		low := uint64(1)
		if rng.IntN(2) == 0 {
			low = high - min(high-1, limit/(probes-1)+1)
		}

		asked := 0
		q, err := largest(limit, func(amount uint64) (route.Quote, error) {
			asked++
			if amount < low || amount > high {
				return route.Quote{}, refusal
			}

			return route.Quote{In: amount, Request: route.Request{Amount: amount}}, nil
		})

		require.NoError(t, err, "limit %d, served %d to %d", limit, low, high)
		require.Equal(t, high, q.In, "limit %d, served from %d", limit, low)
		require.Less(t, asked, 200)
	}

	_, err := largest(1_000_000, func(uint64) (route.Quote, error) {
		return route.Quote{}, refusal
	})
	require.ErrorIs(t, err, refusal)
}

// trace executes a trade of SOL as the network does, with the input paid while
// the advanced rent is out. It reports whether no wallet goes below zero, and
// none ends with less than the rent-exempt minimum.
func (f *funds) trace(in, upfront, gains uint64) bool {
	owner, payer := int64(f.ownerHas), int64(f.payerHas)
	if f.payer == f.owner {
		payer = owner
	}

	keep, together := int64(f.keep), f.payer == f.owner
	payer -= int64(f.fee)
	lowest := payer - keep
	payer -= int64(f.rents) + int64(upfront)
	if together {
		payer -= int64(in) + int64(f.costs)
		lowest = min(lowest, payer)
		payer += int64(upfront) + int64(gains)
		return lowest >= 0 && payer >= keep
	}

	lowest = min(lowest, payer)
	payer += int64(upfront)
	paid := in > 0 || f.costs > 0
	owner -= int64(in) + int64(f.costs)
	lowest = min(lowest, owner)
	owner += int64(gains)

	return lowest >= 0 && payer >= keep && (!paid || owner >= keep)
}

// TestFunds_Room compares the largest input with an execution: it works, and
// one lamport more does not. An error means that not even one lamport works.
func TestFunds_Room(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	one, two := solana.PublicKey{1}, solana.PublicKey{2}
	paid, refused := 0, 0
	for range 50_000 {
		pick := func(values ...uint64) uint64 { return values[rng.IntN(len(values))] }
		f := funds{
			owner:    one,
			payer:    []solana.PublicKey{one, two}[rng.IntN(2)],
			ownerHas: rng.Uint64N(12_000_000),
			payerHas: rng.Uint64N(12_000_000),
			fee:      pick(5_000, 10_000, 1_000_000),
			rents:    pick(0, 2_039_280, 2_157_600),
			costs:    pick(0, 0, 2_282_880),
			keep:     890_880,
		}
		if f.payer == f.owner {
			f.payerHas = f.ownerHas
		}

		q := &route.Quote{UpfrontRent: pick(0, 0, 2_039_280, 4_322_160)}
		q.Request.To = solana.PublicKey{9}
		room, err := f.room(q, 0, true)
		if err != nil {
			var failure *PayerError
			require.ErrorAs(t, err, &failure)
			require.Greater(t, failure.Needed, failure.Held)
			require.False(t, f.trace(1, q.UpfrontRent, 0), "%+v %d", f, q.UpfrontRent)
			refused++
			continue
		}

		require.True(t, f.trace(room, q.UpfrontRent, 0), "%+v %d: %d", f, q.UpfrontRent, room)
		require.False(t, f.trace(room+1, q.UpfrontRent, 0), "%+v %d: %d", f, q.UpfrontRent, room)
		paid++
	}

	require.Greater(t, paid, 1_000)
	require.Greater(t, refused, 1_000)
}

// TestFunds_RoomOfTokens pays with tokens. The funds allow the trade exactly if
// an execution works, with the received SOL counted.
func TestFunds_RoomOfTokens(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	one, two := solana.PublicKey{1}, solana.PublicKey{2}
	for range 50_000 {
		pick := func(values ...uint64) uint64 { return values[rng.IntN(len(values))] }
		f := funds{
			owner:    one,
			payer:    []solana.PublicKey{one, two}[rng.IntN(2)],
			ownerHas: rng.Uint64N(8_000_000),
			payerHas: rng.Uint64N(8_000_000),
			fee:      pick(5_000, 1_000_000),
			rents:    pick(0, 2_039_280),
			costs:    pick(0, 2_282_880),
			keep:     890_880,
		}
		if f.payer == f.owner {
			f.payerHas = f.ownerHas
		}

		q := &route.Quote{UpfrontRent: pick(0, 2_039_280, 4_322_160),
			MinOut: pick(0, 500_000, 900_000, 5_000_000)}
		q.Request.To = []solana.PublicKey{accounts.NativeMint, {9}}[rng.IntN(2)]
		gains := q.MinOut
		if q.Request.To != accounts.NativeMint {
			gains = 0
		}

		room, err := f.room(q, 77, false)
		require.Equal(t, f.trace(0, q.UpfrontRent, gains), err == nil, "%+v %+v: %v", f, q, err)
		if err == nil {
			require.Equal(t, uint64(77), room)
		}
	}
}
