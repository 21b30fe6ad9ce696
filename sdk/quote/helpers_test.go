package quote_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

const (
	sol   = 1_000_000_000
	epoch = 802
	// stakeRent is the rent of a stake account at 6,960 lamports a byte. The
	// reserves of old pools have it on record.
	stakeRent = 2_282_880
	// cheapRent is the rent of a stake account at 5,080 lamports a byte.
	cheapRent = 1_666_240
	// minimumStake is the minimum that a validator stake account keeps in
	// addition to its rent.
	minimumStake = 1_000_000
)

// operation asks a stake pool for a quote. The tables of this package have
// operations and their results.
type operation func(quote.StakePoolState) (any, error)

func depositSOL(lamports uint64) operation {
	return func(s quote.StakePoolState) (any, error) { return s.DepositSOL(lamports) }
}

func depositSOLExactOut(tokens uint64) operation {
	return func(s quote.StakePoolState) (any, error) { return s.DepositSOLExactOut(tokens) }
}

func withdrawSOL(tokens uint64) operation {
	return func(s quote.StakePoolState) (any, error) { return s.WithdrawSOL(tokens) }
}

func withdrawSOLExactOut(lamports uint64) operation {
	return func(s quote.StakePoolState) (any, error) { return s.WithdrawSOLExactOut(lamports) }
}

func depositStake(staked, unstaked uint64) operation {
	return func(s quote.StakePoolState) (any, error) { return s.DepositStake(staked, unstaked) }
}

func depositStakeExactOut(tokens, unstaked uint64) operation {
	return func(s quote.StakePoolState) (any, error) {
		return s.DepositStakeExactOut(tokens, unstaked)
	}
}

func withdrawStake(tokens uint64, from quote.ValidatorStakeSource) operation {
	return func(s quote.StakePoolState) (any, error) { return s.WithdrawStake(tokens, from) }
}

func withdrawStakeExactOut(lamports uint64, from quote.ValidatorStakeSource) operation {
	return func(s quote.StakePoolState) (any, error) {
		return s.WithdrawStakeExactOut(lamports, from)
	}
}

func sources(list *accounts.ValidatorList) operation {
	return func(s quote.StakePoolState) (any, error) { return s.Sources(list) }
}

func updated(s quote.StakePoolState) (any, error) { return s.Updated() }

func floorPrice(tokens uint64) operation {
	return func(s quote.StakePoolState) (any, error) { return s.FloorPrice(tokens) }
}

// requireRefusal checks that err is one line, wraps the sentinel and has the
// address of the pool.
func requireRefusal(t require.TestingT, err, sentinel error, pool solana.PublicKey) {
	require.ErrorIs(t, err, sentinel)
	var e *quote.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, pool, e.Pool)
	require.NotEmpty(t, e.Op)
	require.Contains(t, err.Error(), pool.String())
	require.Contains(t, err.Error(), e.Op)
	require.False(t, strings.ContainsAny(err.Error(), "\n\r"), err.Error())
}

// key returns an arbitrary address.
func key(n byte) (k solana.PublicKey) {
	for i := range k {
		k[i] = n
	}
	return k
}

// pool returns a pool of the program with the given price, without fees or
// permissioned operations.
func pool(program solana.PublicKey, address string, lamports, tokens uint64) quote.StakePoolState {
	s := quote.StakePoolState{
		Program:           program,
		Address:           solana.MPK(address),
		Clock:             accounts.Clock{Epoch: epoch},
		Rent:              accounts.NewRent(6960),
		MinimumDelegation: 1,
		Reserve: accounts.StakeAccount{
			State:             accounts.StakeInitialized,
			RentExemptReserve: stakeRent,
			Staker:            key(9),
			Withdrawer:        key(9),
		},
		ReserveLamports:  stakeRent,
		FeeAccountUsable: true,
		Rounding:         quote.FeesRoundUp,
	}

	s.State.TotalLamports = lamports
	s.State.PoolTokenSupply = tokens
	s.State.LastUpdateEpoch = epoch
	authority, err := accounts.StakePoolDepositAuthority(s.Program, s.Address)
	if err != nil {
		panic(err)
	}

	s.State.StakeDepositAuthority = authority

	return s
}

// pico returns the picoSOL pool from its dump in
// igneous-labs/sanctum-spl-stake-pool-sdk. It has one validator; see picoStake.
func pico() quote.StakePoolState {
	s := pool(accounts.SanctumStakePoolProgram, "8Dv3hNYcEWEaa4qVx9BTN1Wfvtha1z8cWDUXb7KVACVe",
		1_000_007_707_999, 750_000_000_000)
	s.ReserveLamports = 7_707_999
	s.State.SOLDepositFee = accounts.Fee{Numerator: 1, Denominator: 5000}
	s.State.StakeDepositFee = accounts.Fee{Numerator: 1, Denominator: 10_000}
	s.State.StakeWithdrawalFee = accounts.Fee{Numerator: 1, Denominator: 1000}
	s.State.SOLWithdrawalFee = accounts.Fee{Numerator: 1, Denominator: 1000}
	return s
}

// picoStake returns the stake account of the only validator of pico.
func picoStake() quote.ValidatorStakeSource { return source(key(1), 1000*sol+stakeRent, 1000*sol) }

// bsol returns the bSOL pool at epoch 802 from its dump in
// igneous-labs/sanctum-router-sdk.
func bsol() quote.StakePoolState {
	s := pool(accounts.StakePoolProgram, "stk9ApL5HeVAwPLr3TLhDXdZS8ptVu7zp6ov8HFDuMi",
		1_144_546_482_246_437, 934_784_722_219_576)
	s.ReserveLamports = 4_913_030_628_404
	s.State.LastEpochTotalLamports = 1_143_765_949_243_349
	s.State.LastEpochPoolTokenSupply = 934_507_756_460_400
	s.State.SOLDepositFee, s.State.SOLReferralFee = accounts.Fee{
		Numerator:   8,
		Denominator: 10_000,
	}, 100

	tenBasisPoints := accounts.Fee{Numerator: 10, Denominator: 10_000}
	s.State.StakeDepositFee = tenBasisPoints
	s.State.StakeWithdrawalFee = tenBasisPoints
	s.State.SOLWithdrawalFee = tenBasisPoints

	return s
}

// bsolStake returns the stake account of the validator lidomax in bsol. Some of
// its lamports are not delegated.
func bsolStake() quote.ValidatorStakeSource {
	return source(key(1), 1_896_915_348_685, 1_896_880_389_668)
}

// jupsol returns the jupSOL pool from its dump in igneous-labs/inf-1.5.
func jupsol() quote.StakePoolState {
	s := pool(accounts.SanctumMultiStakePoolProgram, "8VpRhuxa7sUUepdY3kQiTmX9rS5vx4WgaXiAnXq4KCtr",
		5_279_156_915_932_922, 4_737_129_478_525_448)
	s.State.LastEpochTotalLamports = 5_284_366_500_875_175
	s.State.LastEpochPoolTokenSupply = 4_743_771_992_228_486
	s.State.StakeWithdrawalFee = accounts.Fee{Numerator: 1, Denominator: 1000}
	s.State.SOLWithdrawalFee = accounts.Fee{Numerator: 1, Denominator: 1000}
	return s
}

// plain returns a pool without fees, with a price of one lamport per token unit
// and 10 SOL in the reserve.
func plain() quote.StakePoolState {
	s := pool(accounts.StakePoolProgram, "stk9ApL5HeVAwPLr3TLhDXdZS8ptVu7zp6ov8HFDuMi", 1000*sol,
		1000*sol)
	s.ReserveLamports = stakeRent + 10*sol
	return s
}

// source returns a validator of a pool with active stake, updated in this
// epoch.
func source(vote solana.PublicKey, lamports, delegated uint64) quote.ValidatorStakeSource {
	return quote.ValidatorStakeSource{
		Entry: accounts.ValidatorStakeInfo{ActiveStakeLamports: lamports, LastUpdateEpoch: epoch,
			VoteAccount: vote},
		Stake: quote.StakeAccountState{Lamports: lamports,
			Account: figures.Delegated(key(9), stakeRent, vote, delegated, epoch-1)},
	}
}

// drawPool returns a random pool with random network parameters.
func drawPool(t *rapid.T) (*figures.StakePool, figures.Chain) {
	chain := figures.Chain{
		Clock: accounts.Clock{Epoch: epoch},
		Rent: accounts.NewRent(rapid.SampledFrom([]uint64{6960, 5080, 696}).Draw(t,
			"rent per byte")),
		MinimumDelegation: rapid.SampledFrom([]uint64{1, sol}).Draw(t, "minimum delegation"),
	}
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	p, err := figures.RandomStakePool(rng, accounts.StakePoolProgram, chain)
	require.NoError(t, err)
	return p, chain
}

// drawAmount returns an amount from 1 to limit, distributed evenly over the
// orders of magnitude.
func drawAmount(t *rapid.T, name string, limit uint64) uint64 {
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, name+" seed"), 1))
	amount := figures.RandomAmount(rng, limit)
	t.Logf("%s: %d", name, amount)
	return amount
}

// checkEnough checks a property, and that most of its cases call count.
func checkEnough(t *testing.T, property func(t *rapid.T, count func())) {
	t.Helper()
	all, reached := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		all++
		property(t, func() { reached++ })
	})
	require.Greater(t, 2*reached, all, "most cases must reach the end of the property")
}

// listOf returns a validator list with the given entries.
func listOf(entries ...accounts.ValidatorStakeInfo) *accounts.ValidatorList {
	return &accounts.ValidatorList{MaxValidators: 100, Validators: entries}
}

// priceFunc is a prepared price. It reports whether there is a price for an
// amount.
type priceFunc func(amount uint64, r *quote.Refusal) bool

// benchmarkPrices measures prices of increasing amounts.
func benchmarkPrices(b *testing.B, amount uint64, prices map[string]priceFunc) {
	b.Helper()
	for _, name := range slices.Sorted(maps.Keys(prices)) {
		price := prices[name]
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			n := amount
			for b.Loop() {
				n++
				if !price(n, nil) {
					b.Fatal("no price")
				}
			}
		})
	}
}

// requireNoAllocations checks that neither prices nor refusals allocate. There
// must be a price for the given amount.
func requireNoAllocations(t *testing.T, amount uint64, prices map[string]priceFunc) {
	t.Helper()
	if raceDetector {
		t.Skip("the race detector allocates")
	}

	for name, price := range prices {
		var r quote.Refusal
		require.True(t, price(amount, &r), "%s: %v", name, &r)
		for _, amount := range []uint64{0, 1, amount, 1 << 60, ^uint64(0)} {
			require.Zero(t, testing.AllocsPerRun(10, func() {
				r = quote.Refusal{}
				price(amount, &r)
			}), "%s of %d", name, amount)
		}
	}
}
