package accounts_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

// jupsolMint is the mint of an LST in the dumps.
var jupsolMint = mpk("jupSoLaHXQiZZTSfEWMTRRgpnyFm8f6sZdosWBjx93v")

// TestPoolState_Dumps checks the published values of the dumps: Infinity before
// the upgrade (in which the publisher replaced flat-fee by flatslab), Infinity
// after the upgrade, and Reserve V2.
func TestPoolState_Dumps(t *testing.T) {
	reserveAdmin := mpk("GRwm4EXMyVwtftQeTft7DZT3HBRxx439PrKq4oM6BwoZ")
	rebalancer := mpk("6utAm5grcWt4jCtLHPNWJQXmakQzC35dYyqMRnHmNr79")
	for name, want := range map[string]accounts.PoolState{
		"infinity-v1/pool-state": {
			Version:                1,
			TotalSOLValue:          741_676_030_733_161,
			TradingProtocolFeeBps:  1000,
			LPProtocolFeeBps:       1000,
			Admin:                  mpk("8VE2uJkoheDbJd9rCyKzfXmiMqAS4o1B3XGshEh86BGk"),
			RebalanceAuthority:     mpk("GFHMc9BegxJXLdHJrABxNVoPRdnmVxXiNeoUCEpgXVHw"),
			ProtocolFeeBeneficiary: mpk("EeQmNqm1RcQnee8LTyx6ccVG9FnR8TezQuw2JXq2LC1T"),
			PricingProgram:         accounts.FlatSlabProgram,
			LPTokenMint:            accounts.INFMint,
		},
		"infinity-v2/pool-state": {
			Version:                2,
			TotalSOLValue:          1_927_108_332_768_803,
			ProtocolFeeNanos:       50_000_000,
			Admin:                  mpk("8JS6XsMPo2u3EyeeY3p2jvzHEhdUtCKgarHpJ3PAonyv"),
			RebalanceAuthority:     rebalancer,
			ProtocolFeeBeneficiary: mpk("DFuzP7h38k5BCzD1wHdVHFpzF6j1byMe68rqvUk3Pgdf"),
			PricingProgram:         accounts.FlatSlabProgram,
			LPTokenMint:            accounts.INFMint,
			RPSAuthority:           mpk("8VE2uJkoheDbJd9rCyKzfXmiMqAS4o1B3XGshEh86BGk"),
			RPS:                    39_328_803_111_936,
			ProtocolFeeLamports:    316_710_775_916,
		},
		"infinity-v2/reserve-v2-pool-state": {
			Version:                2,
			TotalSOLValue:          1_014_519,
			ProtocolFeeNanos:       1_000_000_000,
			Admin:                  reserveAdmin,
			RebalanceAuthority:     rebalancer,
			ProtocolFeeBeneficiary: reserveAdmin,
			PricingProgram:         accounts.ReserveV2PricingProgram,
			LPTokenMint:            accounts.ReserveV2Mint,
			RPSAuthority:           reserveAdmin,
			RPS:                    1 << 63,
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := fixtures(t)[name]
			got, err := accounts.DecodePoolState(a)
			require.NoError(t, err)
			require.Equal(t, want, *got)
			require.Equal(t, a.Data, got.Encode())
			c, err := accounts.NewController(a.Owner)
			require.NoError(t, err)
			require.Equal(t, a.Address, c.PoolState)
		})
	}

	head := fixtures(t)["infinity-v1/pool-state"].Data[8:16]
	require.Equal(t, []byte{0xe8, 0x03, 0xe8, 0x03, 0x01, 0, 0, 0}, head)
}

// TestLSTStateList_Dumps checks the entries of the dumps. The publisher cut the
// list of Infinity to four entries.
func TestLSTStateList_Dumps(t *testing.T) {
	entry := func(
		reserves, accumulator uint8, value uint64, mint, calculator solana.PublicKey,
	) accounts.LSTState {
		return accounts.LSTState{
			PoolReservesBump:           reserves,
			ProtocolFeeAccumulatorBump: accumulator,
			SOLValue:                   value,
			Mint:                       mint,
			Calculator:                 calculator,
		}
	}

	four := []accounts.LSTState{
		entry(255, 255, 13_414_450_670_097, accounts.NativeMint, accounts.WrappedSOLCalculator),
		entry(254, 253, 30_344, accounts.StSOLMint, accounts.LidoCalculator),
		entry(254, 255, 14_651, accounts.MSOLMint, accounts.MarinadeCalculator),
		entry(253, 249, 98_025_942_575_128, jupsolMint, accounts.SanctumSPLMultiCalculator),
	}

	for name, want := range map[string]struct {
		entries []accounts.LSTState
		total   uint64
	}{
		"infinity-v1/lst-state-list": {four, 111_440_393_290_220},
		"infinity-v2/lst-state-list": {four, 111_440_393_290_220},
		"infinity-v2/reserve-v2-lst-state-list": {[]accounts.LSTState{
			entry(254, 254, 1_000_000, accounts.NativeMint, accounts.WrappedSOLCalculator),
			entry(255, 255, 14_519, accounts.INFMint, accounts.INFCalculator),
		}, 1_014_519},
	} {
		t.Run(name, func(t *testing.T) {
			a := fixtures(t)[name]
			list, err := accounts.DecodeLSTStateList(a)
			require.NoError(t, err)
			require.Equal(t, len(want.entries), list.Len())
			require.Equal(t, a.Data, list.Encode())
			require.Equal(t, a.Data, accounts.NewLSTStateList(want.entries...).Encode())
			c, err := accounts.NewController(a.Owner)
			require.NoError(t, err)
			require.Equal(t, a.Address, c.LSTStateList)
			var total uint64
			for i, s := range list.All() {
				total += s.SOLValue
				require.Equal(t, want.entries[i], s)
				reserves, err := c.Reserves(accounts.TokenProgram, s.Mint)
				require.NoError(t, err)
				requireBump(t, reserves, s.PoolReservesBump, c.PoolState, s.Mint)
				accumulator, err := c.FeeAccumulator(accounts.TokenProgram, s.Mint)
				require.NoError(t, err)
				requireBump(t, accumulator, s.ProtocolFeeAccumulatorBump, c.ProtocolFee, s.Mint)
			}

			require.Equal(t, want.total, total)
		})
	}
}

// requireBump derives a token account with the bump seed in the list.
func requireBump(t *testing.T, want solana.PublicKey, bump uint8, owner, mint solana.PublicKey) {
	t.Helper()
	seeds := [][]byte{owner[:], accounts.TokenProgram[:], mint[:], {bump}}
	got, err := solana.CreateProgramAddress(seeds, accounts.AssociatedTokenProgram)
	requireAddress(t, want.String(), got, err)
}
