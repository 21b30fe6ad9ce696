package quote_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// Vote accounts of Lido's validators in the tests.
var (
	lidoVote  = solana.MPK("8jxSHbS4qAnh5yueFp4D9ABXubKqMwXqF3HtdzQGuphp")
	otherVote = key(0x41)
	emptyVote = key(0x42)
)

// lidoWith returns Lido at the given rate, with one validator that holds the
// given lamports and smaller ones.
func lidoWith(balance, supply, lamports uint64) quote.LidoState {
	entry := func(vote solana.PublicKey, lamports uint64) accounts.LidoValidator {
		return accounts.LidoValidator{
			VoteAccount:           vote,
			StakeAccountsBalance:  lamports,
			EffectiveStakeBalance: lamports,
			Active:                true,
		}
	}

	l := quote.LidoState{
		Address:           accounts.LidoStateAddress,
		Clock:             accounts.Clock{Epoch: epoch},
		Rent:              accounts.NewRent(6960),
		MinimumDelegation: sol,
		List: &accounts.LidoValidatorList{MaxEntries: 5, Validators: []accounts.LidoValidator{
			entry(otherVote, lamports-1), entry(lidoVote, lamports), entry(emptyVote, 0),
		}},
	}

	l.State.ExchangeRate = accounts.LidoExchangeRate{ComputedInEpoch: epoch, SOLBalance: balance,
		StSOLSupply: supply}
	return l
}

// mainLido returns Lido from the dumps of its SDK, and the stake account of its
// largest validator.
func mainLido() (quote.LidoState, quote.StakeAccountState) {
	const lamports = 3_352_201_835_842
	return lidoWith(59_895_785_119_208, 49_402_476_977_027, lamports), lidoStake(lidoVote, lamports)
}

func lidoStake(vote solana.PublicKey, lamports uint64) quote.StakeAccountState {
	return quote.StakeAccountState{Lamports: lamports,
		Account: figures.Delegated(key(9), stakeRent, vote, lamports-stakeRent, epoch-200)}
}

// TestLidoState_Worked checks withdrawals that the deployed program executed:
// with the dumps of Lido's SDK, one of 1 stSOL and the largest possible one;
// with the dumps of the Router's SDK, two of Sanctum's own tests.
func TestLidoState_Worked(t *testing.T) {
	l, stake := mainLido()
	w, err := l.Withdraw(1_000_000_000, stake)
	require.NoError(t, err)
	require.Equal(t, quote.LidoWithdrawal{
		StSOL:    1_000_000_000,
		Lamports: 1_212_404_494,
		Vote:     lidoVote,
		Index:    1,
	}, w)

	most, err := l.Limit(stake)
	require.NoError(t, err)
	require.Equal(t, uint64(345_220_183_584), most)
	w, err = l.WithdrawMost(stake)
	require.NoError(t, err)
	require.Equal(t, uint64(284_740_105_461), w.StSOL)
	require.Equal(t, uint64(345_220_183_583), w.Lamports)
	_, err = l.Withdraw(284_740_105_462, stake)
	requireRefusal(t, err, quote.ErrValidator, l.Address)
	require.ErrorContains(t, err, "345220183584 lamports per withdrawal, 345220183585 are needed")

	l = lidoWith(56_547_940_613_430, 46_641_106_474_799, 3_103_554_745_912)
	stake = lidoStake(lidoVote, 3_103_554_745_912)
	for stSOL, lamports := range map[uint64]uint64{1_000_000_000: 1_212_405_641,
		10_000_000_000: 12_124_056_414} {
		w, err := l.Withdraw(stSOL, stake)
		require.NoError(t, err)
		require.Equal(t, lamports, w.Lamports)
	}

	require.Equal(t, "1.212405641", l.Price().String())
}

// TestLidoState_SoldToReserve sells the stake of the same two withdrawals to
// the Reserve, after the Router has taken back the rent that it advanced. The
// results are those of Sanctum's own tests.
func TestLidoState_SoldToReserve(t *testing.T) {
	l := lidoWith(56_547_940_613_430, 46_641_106_474_799, 3_103_554_745_912)
	stake := lidoStake(lidoVote, 3_103_554_745_912)
	for _, test := range []struct{ stSOL, minimum, advanced, out uint64 }{
		{1_000_000_000, 1, 2_287_499, 1_211_175_670},
		{10_000_000_000, sol, sol, 11_115_070_700},
	} {
		l.MinimumDelegation = test.minimum
		w, err := l.Withdraw(test.stSOL, stake)
		require.NoError(t, err)
		// The Reserve first buys the small stake account that repays the
		// advanced rent, and then the rest.
		r := mainReserve()
		slumdog, err := r.Unstake(test.advanced+stakeRent, 0, false)
		require.NoError(t, err)
		r.Pool, r.Lamports = slumdog.Pool, slumdog.Lamports
		u, err := r.Unstake(w.Lamports-test.advanced+stakeRent, 0, false)
		require.NoError(t, err)
		require.Equal(t, test.out, u.Out)
	}
}

// lidoRefusalCase is a case of [TestLidoState_Refusals].
type lidoRefusalCase struct {
	name   string
	change func(*quote.LidoState, *quote.StakeAccountState)
	stSOL  uint64
	want   error
}

var lidoRefusalCases = []lidoRefusalCase{
	{"nothing", func(*quote.LidoState, *quote.StakeAccountState) {}, 0, quote.ErrZeroAmount},
	{"rewards are being distributed",
		func(l *quote.LidoState, _ *quote.StakeAccountState) { l.EpochRewardsActive = true },
		sol, quote.ErrEpochRewards},
	{"rate of the last epoch",
		func(l *quote.LidoState, _ *quote.StakeAccountState) { l.Clock.Epoch++ }, sol,
		quote.ErrStalePool},
	{
		"rate that needs no update", func(l *quote.LidoState, _ *quote.StakeAccountState) {
			l.Update = &quote.LidoBalances{ReserveLamports: sol, MintSupply: 1}
		},
		sol, quote.ErrUpToDate,
	},
	{
		"reserve below its rent", func(l *quote.LidoState, _ *quote.StakeAccountState) {
			l.Clock.Epoch++
			l.Update = &quote.LidoBalances{ReserveLamports: 890_879, MintSupply: sol}
		}, sol, quote.ErrInsufficientReserve,
	},
	{
		"more lamports than there can be",
		func(l *quote.LidoState, _ *quote.StakeAccountState) {
			l.Clock.Epoch++
			l.Update = &quote.LidoBalances{ReserveLamports: math.MaxUint64, MintSupply: sol}
		}, sol, quote.ErrAmountTooLarge,
	},
	{"no stSOL",
		func(l *quote.LidoState, _ *quote.StakeAccountState) {
			l.State.ExchangeRate.StSOLSupply = 0
		},
		sol, quote.ErrAmountTooLarge},
	{"worth too much", func(*quote.LidoState, *quote.StakeAccountState) {}, math.MaxUint64,
		quote.ErrAmountTooLarge},
	{"worth nothing",
		func(l *quote.LidoState, _ *quote.StakeAccountState) {
			l.State.ExchangeRate.SOLBalance = 1
		},
		sol, quote.ErrAmountTooSmall},
	{"one lamport less than the minimum delegation",
		func(*quote.LidoState, *quote.StakeAccountState) {}, 824_807_236,
		quote.ErrBelowMinimumDelegation},
	{"no list", func(l *quote.LidoState, _ *quote.StakeAccountState) { l.List = nil }, sol,
		quote.ErrValidator},
	{"no validators",
		func(l *quote.LidoState, _ *quote.StakeAccountState) { l.List.Validators = nil }, sol,
		quote.ErrValidator},
	{"no stake",
		func(l *quote.LidoState, _ *quote.StakeAccountState) {
			l.List.Validators = l.List.Validators[2:]
		},
		sol, quote.ErrValidator},
	{"validator with less stake",
		func(_ *quote.LidoState, s *quote.StakeAccountState) {
			s.Account.Delegation.Voter = otherVote
		},
		sol, quote.ErrNotPreferred},
	{"validator without stake",
		func(_ *quote.LidoState, s *quote.StakeAccountState) {
			s.Account.Delegation.Voter = emptyVote
		},
		sol, quote.ErrNotPreferred},
	{"stake of another owner",
		func(_ *quote.LidoState, s *quote.StakeAccountState) {
			s.Account.Delegation.Voter = key(1)
		},
		sol, quote.ErrValidator},
	{"no stake account",
		func(_ *quote.LidoState, s *quote.StakeAccountState) {
			s.Account.State = accounts.StakeInitialized
		},
		sol, quote.ErrValidator},
	{"stake that ends",
		func(_ *quote.LidoState, s *quote.StakeAccountState) {
			s.Account.Delegation.DeactivationEpoch = epoch
		},
		sol, quote.ErrValidator},
	{
		"stake that begins in the next epoch",
		func(_ *quote.LidoState, s *quote.StakeAccountState) {
			s.Account.Delegation.ActivationEpoch = epoch + 1
		},
		sol,
		quote.ErrValidator,
	},
	{"less than the rent beside the stake",
		func(_ *quote.LidoState, s *quote.StakeAccountState) { s.Lamports-- }, sol,
		quote.ErrBuildDependent},
	{"unknown rent",
		func(l *quote.LidoState, _ *quote.StakeAccountState) { l.Rent.ThresholdBits = 5 }, sol,
		accounts.ErrUnknownRent},
	{"the largest minimum delegation", func(l *quote.LidoState, _ *quote.StakeAccountState) {
		l.State.ExchangeRate = accounts.LidoExchangeRate{ComputedInEpoch: epoch, SOLBalance: 1,
			StSOLSupply: 1}
		l.MinimumDelegation = math.MaxUint64
	}, math.MaxUint64, quote.ErrAmountTooLarge},
	{"stSOL counter at its end", func(l *quote.LidoState, _ *quote.StakeAccountState) {
		l.State.Metrics.WithdrawStSOLTotal = math.MaxUint64 - sol + 1
	}, sol, quote.ErrAmountTooLarge},
	{"counter at its end", func(l *quote.LidoState, _ *quote.StakeAccountState) {
		l.State.Metrics.WithdrawSOLTotal = math.MaxUint64
	}, sol, quote.ErrAmountTooLarge},
}

// TestLidoState_Refusals checks every reason for which there is no withdrawal.
func TestLidoState_Refusals(t *testing.T) {
	for _, test := range lidoRefusalCases {
		t.Run(test.name, func(t *testing.T) {
			l, stake := mainLido()
			test.change(&l, &stake)
			got, err := l.Withdraw(test.stSOL, stake)
			requireRefusal(t, err, test.want, l.Address)
			require.Zero(t, got)
		})
	}
}

// TestLidoState_Limits checks the limits of a withdrawal: a tenth of the
// validator's stake and 10 SOL, the minimum that remains, the active stake, and
// the balances in the list.
func TestLidoState_Limits(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*quote.LidoState, *quote.StakeAccountState)
		want   uint64
	}{
		{"a tenth and 10 SOL", func(*quote.LidoState, *quote.StakeAccountState) {},
			345_220_183_584},
		{"what must stay", func(_ *quote.LidoState, s *quote.StakeAccountState) {
			s.Lamports, s.Account.Delegation.Stake = 5*sol+stakeRent, 5*sol
		}, 4 * sol},
		{"no more than must stay", func(_ *quote.LidoState, s *quote.StakeAccountState) {
			s.Lamports, s.Account.Delegation.Stake = sol+stakeRent, sol
		}, 0},
		{"1 SOL stays with any minimum delegation",
			func(l *quote.LidoState, s *quote.StakeAccountState) {
				l.MinimumDelegation = 1
				s.Lamports = 5*sol + stakeRent
				s.Account.Delegation.Stake = 5 * sol
			}, 4 * sol},
		{"more must stay", func(l *quote.LidoState, s *quote.StakeAccountState) {
			l.MinimumDelegation = 2 * sol
			s.Lamports = 5*sol + stakeRent
			s.Account.Delegation.Stake = 5 * sol
		}, 3 * sol},
		{"the rent it stores stays, if that is more than today's",
			func(l *quote.LidoState, s *quote.StakeAccountState) {
				l.Rent, l.MinimumDelegation = accounts.NewRent(5080), 2*sol
				s.Lamports, s.Account.Delegation.Stake = 5*sol+cheapRent, 5*sol
			}, 3*sol + cheapRent - stakeRent},
		{"what is staked",
			func(_ *quote.LidoState, s *quote.StakeAccountState) {
				s.Account.Delegation.Stake = 5 * sol
			},
			4 * sol},
		{"what the list knows of",
			func(l *quote.LidoState, _ *quote.StakeAccountState) {
				l.List.Validators[1].StakeAccountsBalance = 7
			},
			7},
		{"what the list knows of and is not being unstaked",
			func(l *quote.LidoState, _ *quote.StakeAccountState) {
				l.List.Validators[1].StakeAccountsBalance = 7
				l.List.Validators[1].UnstakeAccountsBalance = 3
			}, 4},
	} {
		t.Run(test.name, func(t *testing.T) {
			l, stake := mainLido()
			test.change(&l, &stake)
			got, err := l.Limit(stake)
			require.NoError(t, err)
			require.Equal(t, test.want, got)
		})
	}

	l, stake := mainLido()
	stake.Account.Delegation.Voter = otherVote
	_, err := l.Limit(stake)
	requireRefusal(t, err, quote.ErrNotPreferred, l.Address)
	_, err = l.WithdrawMost(stake)
	requireRefusal(t, err, quote.ErrNotPreferred, l.Address)
	for minimum, stays := range map[uint64]uint64{1: sol + stakeRent, sol: 2*sol + stakeRent - 1} {
		l, stake = mainLido()
		l.MinimumDelegation = minimum
		stake.Lamports = stays
		stake.Account.Delegation.Stake = stays - stakeRent
		_, err = l.WithdrawMost(stake)
		requireRefusal(t, err, quote.ErrValidator, l.Address)
	}

	// At one lamport per stSOL unit, the maximum is the minimum delegation.
	l = lidoWith(sol, sol, 2*sol+stakeRent)
	w, err := l.WithdrawMost(lidoStake(lidoVote, 2*sol+stakeRent))
	require.NoError(t, err)
	require.Equal(t, uint64(sol), w.Lamports)
	l, stake = mainLido()
	l.Clock.Epoch++
	_, err = l.WithdrawMost(stake)
	requireRefusal(t, err, quote.ErrStalePool, l.Address)
}

// TestLidoState_Source checks that the source is the first validator with the
// most effective stake, active or not.
func TestLidoState_Source(t *testing.T) {
	l, stake := mainLido()
	source, err := l.Source()
	require.NoError(t, err)
	require.Equal(t, quote.LidoSource{Index: 1, Entry: l.List.Validators[1]}, source)

	l.List.Validators[1].Active = false
	_, err = l.Withdraw(sol, stake)
	require.NoError(t, err)
	source, err = l.Source()
	require.NoError(t, err)
	require.Equal(t, uint32(1), source.Index)

	l.List.Validators[0].EffectiveStakeBalance++
	source, err = l.Source()
	require.NoError(t, err)
	require.Equal(t, uint32(0), source.Index)
	for vote, index := range map[solana.PublicKey]uint32{otherVote: 0, lidoVote: 1} {
		stake.Account.Delegation.Voter = vote
		w, err := l.Withdraw(sol, stake)
		require.NoError(t, err)
		require.Equal(t, index, w.Index)
		require.Equal(t, vote, w.Vote)
	}

	for name, list := range map[string]*accounts.LidoValidatorList{
		"none": nil, "empty": {}, "without stake": {Validators: make([]accounts.LidoValidator, 3)},
	} {
		l.List = list
		source, err = l.Source()
		requireRefusal(t, err, quote.ErrValidator, l.Address)
		require.Zero(t, source, name)
	}
}

// TestLidoState_ActivatingStake checks that stake delegated in this epoch can
// be withdrawn, and that the quote reports it.
func TestLidoState_ActivatingStake(t *testing.T) {
	l, stake := mainLido()
	stake.Account.Delegation.ActivationEpoch = epoch
	w, err := l.Withdraw(sol, stake)
	require.NoError(t, err)
	require.True(t, w.Activating)
}

// TestLidoState_WithdrawExactOut checks the minimum stSOL for a number of
// lamports, and the refusals.
func TestLidoState_WithdrawExactOut(t *testing.T) {
	l, stake := mainLido()
	w, err := l.WithdrawExactOut(sol, stake)
	require.NoError(t, err)
	require.Equal(t, uint64(824_807_237), w.StSOL)
	require.GreaterOrEqual(t, w.Lamports, uint64(sol))
	for _, test := range []struct {
		name     string
		change   func(*quote.LidoState)
		lamports uint64
		want     error
	}{
		{"nothing", func(*quote.LidoState) {}, 0, quote.ErrZeroAmount},
		{"below the minimum delegation", func(*quote.LidoState) {}, sol - 1,
			quote.ErrBelowMinimumDelegation},
		{"more than the maximum", func(*quote.LidoState) {}, 345_220_183_585, quote.ErrValidator},
		{"no stSOL", func(l *quote.LidoState) { l.State.ExchangeRate.StSOLSupply = 0 }, sol,
			quote.ErrAmountTooLarge},
		{"no SOL", func(l *quote.LidoState) { l.State.ExchangeRate.SOLBalance = 0 }, sol,
			quote.ErrAmountTooLarge},
		{"more stSOL than there can be",
			func(l *quote.LidoState) { l.State.ExchangeRate.SOLBalance = 1 }, math.MaxUint64,
			quote.ErrAmountTooLarge},
		{"rate of the last epoch", func(l *quote.LidoState) { l.Clock.Epoch++ }, sol,
			quote.ErrStalePool},
	} {
		t.Run(test.name, func(t *testing.T) {
			l, stake := mainLido()
			test.change(&l)
			w, err := l.WithdrawExactOut(test.lamports, stake)
			requireRefusal(t, err, test.want, l.Address)
			require.Zero(t, w)
		})
	}
}

// TestLidoState_Updated checks that the updated rate is the SOL of the reserve
// and the list per stSOL of the mint.
func TestLidoState_Updated(t *testing.T) {
	l, stake := mainLido()
	l.Clock.Epoch += 3
	_, err := l.Updated()
	requireRefusal(t, err, quote.ErrStalePool, l.Address)
	l.Update = &quote.LidoBalances{ReserveLamports: 890_880 + 5, MintSupply: 2 * sol}
	total := uint64(0)
	for _, v := range l.List.Validators {
		total += v.StakeAccountsBalance
	}

	updated, err := l.Updated()
	require.NoError(t, err)
	require.Equal(t,
		accounts.LidoExchangeRate{ComputedInEpoch: epoch + 3, SOLBalance: total + 5,
			StSOLSupply: 2 * sol},
		updated.State.ExchangeRate)

	require.Equal(t, quote.Price{Lamports: total + 5, Tokens: 2 * sol}, updated.Price())
	require.Nil(t, updated.Update)
	w, err := l.Withdraw(sol/1000, stake)
	require.NoError(t, err)
	require.Equal(t, (total+5)/2000, w.Lamports)
	exact, err := l.WithdrawExactOut(w.Lamports, stake)
	require.NoError(t, err)
	require.LessOrEqual(t, exact.StSOL, w.StSOL)
	again, err := updated.Withdraw(sol/1000, stake)
	require.NoError(t, err)
	require.Equal(t, w, again)

	_, err = updated.Updated()
	requireRefusal(t, err, quote.ErrUpToDate, l.Address)
	l.State.ExchangeRate.ComputedInEpoch = l.Clock.Epoch + 1
	_, err = l.Updated()
	requireRefusal(t, err, quote.ErrUpToDate, l.Address)
	l.Update = nil
	_, err = l.Withdraw(sol, stake)
	require.NoError(t, err, "the program accepts a rate of a later epoch")
	l.State.ExchangeRate.ComputedInEpoch, l.Rent.ThresholdBits = epoch, 5
	l.Update = &quote.LidoBalances{ReserveLamports: sol}
	_, err = l.Updated()
	requireRefusal(t, err, accounts.ErrUnknownRent, l.Address)
}

// TestLidoState_After checks that withdrawals without a quote are refused.
func TestLidoState_After(t *testing.T) {
	l, _ := mainLido()
	_, err := l.After(quote.LidoWithdrawal{Index: 3, Lamports: 1})
	requireRefusal(t, err, quote.ErrValidator, l.Address)
	_, err = l.After(quote.LidoWithdrawal{Index: 2, Lamports: 1})
	requireRefusal(t, err, quote.ErrAmountTooLarge, l.Address)
	l.Clock.Epoch++
	_, err = l.After(quote.LidoWithdrawal{Index: 1, Lamports: 1})
	requireRefusal(t, err, quote.ErrStalePool, l.Address)
}

// drawLido returns a random Lido with random network parameters, sometimes with
// an outdated exchange rate.
func drawLido(t *rapid.T) (*figures.Lido, quote.LidoState) {
	chain := figures.Chain{
		Clock: accounts.Clock{Epoch: epoch},
		Rent: accounts.NewRent(rapid.SampledFrom([]uint64{6960, 5080, 696}).Draw(t,
			"rent per byte")),
		MinimumDelegation: rapid.SampledFrom([]uint64{1, sol}).Draw(t, "minimum delegation"),
	}

	f, err := figures.RandomLido(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)),
		accounts.LidoProgram, chain)
	require.NoError(t, err)
	q := f.Quote(chain)
	if rapid.Bool().Draw(t, "stale") {
		q.Clock.Epoch++
		q.Update = f.Balances()
	}

	return f, q
}

// TestLidoState_Properties checks that a withdrawal pays at most the price and
// less than a lamport below it, that the maximum is the largest withdrawal,
// that an exact-out withdrawal is minimal, and that other holders lose nothing.
func TestLidoState_Properties(t *testing.T) {
	checkEnough(t, func(t *rapid.T, count func()) {
		f, q := drawLido(t)
		source, err := q.Source()
		require.NoError(t, err)
		from := *f.Validators[source.Index].Stake
		limit, err := q.Limit(from)
		require.NoError(t, err)
		most, err := q.WithdrawMost(from)
		if err != nil {
			return
		}

		count()
		require.LessOrEqual(t, most.Lamports, limit)
		_, err = q.Withdraw(most.StSOL+1, from)
		require.ErrorIs(t, err, quote.ErrValidator)

		wanted := max(q.MinimumDelegation, drawAmount(t, "wanted", limit))
		exact, err := q.WithdrawExactOut(wanted, from)
		if err == nil {
			require.GreaterOrEqual(t, exact.Lamports, wanted)
			if less, err := q.Withdraw(exact.StSOL-1, from); err == nil {
				require.Less(t, less.Lamports, wanted)
			} else {
				require.NotErrorIs(t, err, quote.ErrValidator)
			}
		} else {
			// The next step of stSOL exceeds the maximum.
			require.Greater(t, wanted, most.Lamports)
		}

		after, err := q.After(most)
		require.NoError(t, err)
		worth := after.Price().Rat()
		exactly := new(big.Rat).Mul(worth, new(big.Rat).SetUint64(most.StSOL))
		require.LessOrEqual(t, new(big.Rat).SetUint64(most.Lamports).Cmp(exactly), 0)
		require.Positive(t, new(big.Rat).SetUint64(most.Lamports+1).Cmp(exactly))
		entry, was := after.List.Validators[most.Index], q.List.Validators[most.Index]
		require.Equal(t, was.StakeAccountsBalance-most.Lamports, entry.StakeAccountsBalance)
		require.Equal(t, was.EffectiveStakeBalance-most.Lamports, entry.EffectiveStakeBalance)
		require.Equal(t, q.State.Metrics.WithdrawCount+1, after.State.Metrics.WithdrawCount)
		require.Equal(t, f.List(), q.List, "the quoted list does not change")
		// In the next epoch the remaining stSOL is worth at least as much.
		after.Clock.Epoch++
		after.Update = &quote.LidoBalances{ReserveLamports: f.ReserveLamports,
			MintSupply: f.Mint.Supply - min(f.Mint.Supply, most.StSOL)}
		next, err := after.Updated()
		require.NoError(t, err)
		if next.Price().Tokens != 0 {
			require.GreaterOrEqual(t, next.Price().Rat().Cmp(worth), 0)
		}
	})
}
