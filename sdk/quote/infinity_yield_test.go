package quote_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// TestReleaseYield_Model checks releases of yield of the official test pool
// with an independent model of the program's source, and with the vector in
// that source.
func TestReleaseYield_Model(t *testing.T) {
	source := accounts.PoolState{
		Version:          2,
		TotalSOLValue:    5_000_000_000,
		WithheldLamports: 2_000_000_000,
		RPS:              9_223_372_037,
		ProtocolFeeNanos: 1_000_000,
	}

	for _, test := range []struct {
		name               string
		pool               accounts.PoolState
		slot               uint64
		withheld, protocol uint64
		toHolders          uint64
	}{
		{"none", dumpedPoolV2(), 0, 999_999_999, 69, 0},
		{"1 slot", dumpedPoolV2(), 1, 999_995_735, 496, 3837},
		{"10 slots", dumpedPoolV2(), 10, 999_957_360, 4333, 38_375},
		{"432,000 slots", dumpedPoolV2(), 432_000, 158_489_320, 84_151_137, 757_359_611},
		{"2,160,000 slots", dumpedPoolV2(), 2_160_000, 100_000, 99_990_069, 899_909_999},
		{"the source's", source, 1, 1_999_999_998, 1, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := quote.ReleaseYield(test.pool, test.slot)
			require.NoError(t, err)
			want := test.pool
			want.WithheldLamports = test.withheld
			want.ProtocolFeeLamports = test.protocol
			want.LastReleaseSlot = test.slot
			require.Equal(t, want, got)
			before, err := quote.LPDue(test.pool)
			require.NoError(t, err)
			after, err := quote.LPDue(got)
			require.NoError(t, err)
			require.Equal(t, before+test.toHolders, after)
		})
	}
}

// TestReleaseYield_InParts checks that two releases may differ from a single
// one, here by one lamport.
func TestReleaseYield_InParts(t *testing.T) {
	first, err := quote.ReleaseYield(dumpedPoolV2(), 6)
	require.NoError(t, err)
	second, err := quote.ReleaseYield(first, 10)
	require.NoError(t, err)
	require.Equal(t, [2]uint64{999_957_361, 4334},
		[2]uint64{second.WithheldLamports, second.ProtocolFeeLamports})
}

func TestReleaseYield_Edges(t *testing.T) {
	with := func(change func(*accounts.PoolState)) accounts.PoolState {
		p := dumpedPoolV2()
		p.LastReleaseSlot = 100
		change(&p)
		return p
	}

	for _, test := range []struct {
		name string
		pool accounts.PoolState
		slot uint64
		want error
	}{
		{"the slot before", with(func(*accounts.PoolState) {}), 99, quote.ErrSlot},
		{"rate too low", with(func(p *accounts.PoolState) { p.RPS = 9_223_371 }), 100,
			quote.ErrInvalidState},
		{"rate too high", with(func(p *accounts.PoolState) { p.RPS = 1<<63 + 1 }), 100,
			quote.ErrInvalidState},
		{"protocol fee above all",
			with(func(p *accounts.PoolState) { p.ProtocolFeeNanos = 1_000_000_001 }), 100,
			quote.ErrInvalidState},
		{"the protocol's part does not fit",
			with(func(p *accounts.PoolState) { p.ProtocolFeeLamports = math.MaxUint64 }), 10_000,
			quote.ErrAmountTooLarge},
		{"lowest rate", with(func(p *accounts.PoolState) { p.RPS = 9_223_372 }), 100, nil},
		{"highest rate", with(func(p *accounts.PoolState) { p.RPS = 1 << 63 }), 100, nil},
		{"highest protocol fee",
			with(func(p *accounts.PoolState) { p.ProtocolFeeNanos = 1_000_000_000 }), 100, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := quote.ReleaseYield(test.pool, test.slot)
			if test.want != nil {
				require.ErrorIs(t, err, test.want)
				return
			}

			require.NoError(t, err)
			require.Equal(t, test.pool, got, "nothing is due in the slot of the last release")
		})
	}

	// Reserve V2 has a release rate of one and a protocol fee of 100 %: a gain
	// of 5 lamports is the protocol's in the next slot.
	reserve := accounts.PoolState{
		Version:          2,
		TotalSOLValue:    1_014_524,
		WithheldLamports: 5,
		RPS:              1 << 63,
		ProtocolFeeNanos: 1_000_000_000,
	}

	got, err := quote.ReleaseYield(reserve, 1)
	require.NoError(t, err)
	reserve.WithheldLamports, reserve.ProtocolFeeLamports, reserve.LastReleaseSlot = 0, 5, 1
	require.Equal(t, reserve, got)

	// The withheld yield is too small to release a lamport. The last release
	// slot does not change.
	little := with(func(p *accounts.PoolState) { p.WithheldLamports = 1 })
	got, err = quote.ReleaseYield(little, 110)
	require.NoError(t, err)
	require.Equal(t, little, got)

	v1 := accounts.PoolState{Version: 1, TotalSOLValue: 7, LastReleaseSlot: 9}
	got, err = quote.ReleaseYield(v1, 3)
	require.NoError(t, err)
	require.Equal(t, v1, got)
}

func TestInfinityState_LPDue(t *testing.T) {
	due := func(version uint8, total, withheld, protocol uint64) (uint64, error) {
		return quote.LPDue(accounts.PoolState{
			Version:             version,
			TotalSOLValue:       total,
			WithheldLamports:    withheld,
			ProtocolFeeLamports: protocol,
		})
	}

	for _, test := range []struct {
		version                         uint8
		total, withheld, protocol, want uint64
	}{{1, 100, 0, 0, 100}, {2, 100, 0, 0, 100}, {2, 100, 30, 20, 50}, {2, 100, 60, 40, 0},
		{2, 0, 0, 0, 0}} {
		got, err := due(test.version, test.total, test.withheld, test.protocol)
		require.NoError(t, err)
		require.Equal(t, test.want, got)
	}

	for _, buckets := range [][2]uint64{{60, 41}, {101, 0}, {0, 101}, {math.MaxUint64, 1},
		{math.MaxUint64, math.MaxUint64}} {
		_, err := due(2, 100, buckets[0], buckets[1])
		require.ErrorIs(t, err, quote.ErrInvalidState)
	}
}

// TestReleaseYield_Properties checks that a release moves lamports only from
// the withheld yield to the holders and the protocol, and that the protocol's
// share is its fee, rounded up.
func TestReleaseYield_Properties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i := drawInfinity(t, variants()["version 2, flatslab"])
		slots := rapid.OneOf(rapid.Uint64Range(0, 200), rapid.Uint64Range(0, 5_000_000)).Draw(t,
			"slots")
		later := slots + rapid.Uint64Range(0, 5000).Draw(t, "later")
		before, err := quote.LPDue(i.Pool)
		require.NoError(t, err)
		first, err := quote.ReleaseYield(i.Pool, i.Pool.LastReleaseSlot+slots)
		require.NoError(t, err)
		require.Equal(t, i.Pool.TotalSOLValue, first.TotalSOLValue)
		require.LessOrEqual(t, first.WithheldLamports, i.Pool.WithheldLamports)
		released := i.Pool.WithheldLamports - first.WithheldLamports
		toProtocol := first.ProtocolFeeLamports - i.Pool.ProtocolFeeLamports
		require.True(t,
			atMost(released, uint64(i.Pool.ProtocolFeeNanos), toProtocol, 1_000_000_000),
			"at least the fee")
		if toProtocol > 0 {
			require.False(t,
				atMost(released, uint64(i.Pool.ProtocolFeeNanos), toProtocol-1, 1_000_000_000),
				"not a lamport more")
		}

		due, err := quote.LPDue(first)
		require.NoError(t, err)
		require.Equal(t, before+released-toProtocol, due)
		if released == 0 {
			require.Equal(t, i.Pool, first)
		}

		second, err := quote.ReleaseYield(i.Pool, i.Pool.LastReleaseSlot+later)
		require.NoError(t, err)
		require.LessOrEqual(t, second.WithheldLamports, first.WithheldLamports)
		after, err := quote.LPDue(second)
		require.NoError(t, err)
		require.LessOrEqual(t, due, after)
	})
}
