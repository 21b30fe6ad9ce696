package figures_test

import (
	"errors"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

const slot = 345_600_000

// upgradeSlots returns invented deployment slots of the stake pool programs.
func upgradeSlots() map[solana.PublicKey]uint64 {
	return map[solana.PublicKey]uint64{accounts.StakePoolProgram: 5, accounts.MarinadeProgram: 7}
}

// drawInfinity draws a pool of a controller, of either deployment, version and
// pricing program, with a stake pool of each program.
func drawInfinity(
	t *rapid.T,
) (*figures.Infinity, figures.Chain, map[solana.PublicKey]*accounts.StakePool) {
	chain := figures.Chain{
		Clock:             accounts.Clock{Epoch: epoch, Slot: slot},
		Rent:              accounts.NewRent(5080),
		MinimumDelegation: 1,
	}

	rng := drawRand(t)
	pools, err := figures.RandomStakePools(rng, chain)
	require.NoError(t, err)
	o := figures.InfinityOptions{
		Program: rapid.SampledFrom(accounts.ControllerPrograms()).Draw(t, "program"),
		Version: rapid.SampledFrom([]uint8{accounts.PoolStateV1, accounts.PoolStateV2}).Draw(t,
			"version"),
		Pricing: rapid.SampledFrom([]solana.PublicKey{accounts.FlatFeeProgram,
			accounts.FlatSlabProgram}).Draw(t, "pricing"),
		StakePools:   pools,
		UpgradeSlots: upgradeSlots(),
		Slot:         slot,
	}

	f, err := figures.RandomInfinity(rng, chain, o)
	if errors.Is(err, quote.ErrAmountTooLarge) {
		t.Skip("one token is worth so much that the pool's holdings of it are beyond 64 bits")
	}

	require.NoError(t, err)

	return f, chain, figures.States(pools)
}

// TestRandomInfinity checks that a random pool decodes to the same values, that
// its addresses are derived, and that its total is the sum of its list.
func TestRandomInfinity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, chain, pools := drawInfinity(t)
		set := onChain(t, f, chain.Rent)
		c, err := accounts.NewController(f.Program)
		require.NoError(t, err)
		pool := load(t, set, c.PoolState, accounts.DecodePoolState)
		require.Equal(t, &f.Pool, pool)
		list := load(t, set, c.LSTStateList, accounts.DecodeLSTStateList)
		require.Equal(t, f.List(), *list)
		lp := load(t, set, pool.LPTokenMint, accounts.DecodeMint)
		require.Equal(t, &f.LPMint, lp)
		require.Equal(t, c.PoolState, *lp.MintAuthority)
		require.Len(t, f.Holdings, 3+len(pools))

		var total uint64
		calculators := make(map[solana.PublicKey]bool)
		for i, s := range list.All() {
			total += s.SOLValue
			calculators[s.Calculator] = true
			for _, held := range []struct {
				owner  solana.PublicKey
				bump   uint8
				amount uint64
			}{
				{c.PoolState, s.PoolReservesBump, f.Holdings[i].Reserves},
				{c.ProtocolFee, s.ProtocolFeeAccumulatorBump, f.Holdings[i].FeeAccumulator},
			} {
				seeds := [][]byte{held.owner[:], accounts.TokenProgram[:], s.Mint[:], {held.bump}}
				address, err := solana.CreateProgramAddress(seeds, accounts.AssociatedTokenProgram)
				require.NoError(t, err)
				a := load(t, set, address, accounts.DecodeTokenAccount)
				require.Equal(t, [2]solana.PublicKey{s.Mint, held.owner},
					[2]solana.PublicKey{a.Mint, a.Owner})
				require.Equal(t, held.amount, a.Amount)
				require.Equal(t, s.Mint == accounts.NativeMint, a.NativeReserve != nil)
				if a.NativeReserve != nil {
					lamports, err := set.Get(address)
					require.NoError(t, err)
					require.Equal(t, *a.NativeReserve+a.Amount, lamports.Lamports)
				}
			}
		}

		require.Equal(t, total, pool.TotalSOLValue)
		require.Len(t, calculators, 6, "of each kind")
		for _, s := range f.Calculators {
			require.True(t, calculators[s.Program])
			address, err := accounts.CalculatorStateAddress(s.Program)
			require.NoError(t, err)
			require.Equal(t, &s.State, load(t, set, address, accounts.DecodeCalculatorState))
			program, known := accounts.CalculatorPoolProgram(s.Program)
			require.True(t, known)
			require.Equal(t, upgradeSlots()[program], s.State.LastUpgradeSlot)
		}

		require.Len(t, f.Calculators, 5)
		require.Equal(t, f.Marinade,
			load(t, set, accounts.MarinadeStateAddress, accounts.DecodeMarinadeState))
		require.Equal(t, f.Lido, load(t, set, accounts.LidoStateAddress, accounts.DecodeLidoState))
		checkPricing(t, f, set)
		if pool.Version == accounts.PoolStateV2 {
			due, err := quote.LPDue(*pool)
			require.NoError(t, err)
			require.LessOrEqual(t, due, total)
			_, err = quote.ReleaseYield(*pool, slot)
			require.NoError(t, err)
		}
	})
}

// checkPricing checks that the state of the pool's pricing program, and no
// other, has the fees of every token, including the LP token.
func checkPricing(t *rapid.T, f *figures.Infinity, set *accounts.Set) {
	mints := []solana.PublicKey{f.Pool.LPTokenMint}
	for _, h := range f.Holdings {
		mints = append(mints, h.Entry.Mint)
	}

	slab, err := accounts.FlatSlabAddress(accounts.FlatSlabProgram)
	require.NoError(t, err)
	state, err := accounts.FlatFeeStateAddress(accounts.FlatFeeProgram)
	require.NoError(t, err)
	require.Equal(t, f.Pool.PricingProgram == accounts.FlatSlabProgram, set.Has(slab))
	require.Equal(t, f.Pool.PricingProgram == accounts.FlatFeeProgram, set.Has(state))
	if set.Has(slab) {
		s := load(t, set, slab, accounts.DecodeFlatSlab)
		require.Equal(t, f.FlatSlab, s)
		require.Len(t, s.Entries, len(mints))
		for _, m := range mints {
			require.NotNil(t, s.Find(m))
		}

		return
	}

	require.Equal(t, &f.FlatFee.State, load(t, set, state, accounts.DecodeFlatFeeState))
	require.Len(t, f.FlatFee.Fees, len(mints))
	for i, e := range f.FlatFee.Fees {
		require.Equal(t, mints[i], e.Mint)
		address, err := solana.CreateProgramAddress([][]byte{[]byte("fee"), e.Mint[:],
			{e.Fee.Bump}},
			accounts.FlatFeeProgram)
		require.NoError(t, err)
		require.Equal(t, &e.Fee, load(t, set, address, accounts.DecodeFlatFeeAccount))
	}
}

// TestInfinity_Quote checks that a random pool can value and trade each of its
// tokens, and that errors of the accounts keep their reasons.
func TestInfinity_Quote(t *testing.T) {
	traded := 0
	rapid.Check(t, func(t *rapid.T) {
		f, chain, pools := drawInfinity(t)
		q := f.Quote(chain, slot+5, pools)
		require.Equal(t, f.Pool, q.Pool)
		require.Equal(t, f.LPMint.Supply, q.LPSupply)
		require.Equal(t, uint64(slot+5), q.Slot)
		require.Len(t, q.LSTs, len(f.Holdings))
		for i, h := range f.Holdings {
			lst := q.LSTs[h.Entry.Mint]
			require.Equal(t, [3]uint64{uint64(i), h.Reserves, h.Entry.SOLValue},
				[3]uint64{uint64(lst.Index), lst.Reserves, lst.State.SOLValue})
			require.NoError(t, lst.Unavailable)
			_, err := lst.Value.LSTToSOL(1)
			require.NoError(t, err)
			for _, out := range f.Holdings {
				if _, err := q.Swap(h.Entry.Mint, out.Entry.Mint, 1_000_000_000); err == nil {
					traded++
				}
			}

			_, _, err = q.Pricing.SideFeeNanos(h.Entry.Mint)
			require.NoError(t, err)
		}

		_, _, err := q.Pricing.SideFeeNanos(f.Pool.LPTokenMint)
		require.NoError(t, err)

		f.Marinade.Paused = true
		f.Lido.ExchangeRate.ComputedInEpoch--
		f.Pool.PricingProgram = accounts.StakeProgram
		for _, p := range pools {
			p.LastUpdateEpoch--
		}

		missing := f.Quote(chain, slot, nil)
		require.Nil(t, missing.Pricing)
		require.ErrorIs(t, missing.PricingErr, quote.ErrUnknownPricing)
		broken := f.Quote(chain, slot, pools)
		for _, h := range f.Holdings {
			lst := broken.LSTs[h.Entry.Mint]
			switch h.Entry.Mint {
			case accounts.NativeMint:
				require.Equal(t, quote.WrappedSOLValue{}, lst.Value)
				continue
			case accounts.MSOLMint:
				require.ErrorIs(t, lst.Unavailable, quote.ErrDisabled)
			case accounts.StSOLMint:
				require.ErrorIs(t, lst.Unavailable, quote.ErrStalePool)
			default:
				require.ErrorIs(t, lst.Unavailable, quote.ErrStalePool)
				require.ErrorIs(t, missing.LSTs[h.Entry.Mint].Unavailable,
					quote.ErrUnknownCalculator)
			}

			require.Nil(t, lst.Value)
		}
	})

	require.Greater(t, traded, 500)
}

func TestInfinity_MarshalText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, _, _ := drawInfinity(t)
		requireText(t, f)
	})
}

// TestInfinity_OptionalAccounts checks that a missing part has no account.
func TestInfinity_OptionalAccounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, chain, _ := drawInfinity(t)
		before, err := f.Accounts(chain.Rent)
		require.NoError(t, err)
		f.Marinade = nil
		f.Lido = nil
		f.FlatFee = nil
		f.FlatSlab = nil
		f.Calculators = nil
		f.Holdings = nil
		after, err := f.Accounts(chain.Rent)
		require.NoError(t, err)
		require.Len(t, after, 3, "pool state, empty list and LP mint")
		require.Greater(t, len(before), 3+12+5+2)
		chain.Rent.ThresholdBits = 5
		_, err = f.Accounts(chain.Rent)
		require.ErrorIs(t, err, accounts.ErrUnknownRent)
	})
}
