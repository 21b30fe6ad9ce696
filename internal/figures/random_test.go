package figures_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// drawPool draws a stake pool of any program and a chain.
func drawPool(t *rapid.T) (*figures.StakePool, figures.Chain) {
	chain := drawChain(t)
	program := rapid.SampledFrom(accounts.StakePoolPrograms()).Draw(t, "program")
	p, err := figures.RandomStakePool(drawRand(t), program, chain)
	require.NoError(t, err)
	return p, chain
}

// TestRandomStakePool checks that a random pool decodes to the same values,
// that its addresses are derived, and that its counters are the sums of its
// balances.
func TestRandomStakePool(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, chain := drawPool(t)
		set := onChain(t, p, chain.Rent)
		state := load(t, set, p.Address, accounts.DecodeStakePool)
		require.Equal(t, &p.State, state)
		require.Equal(t, p.List(), load(t, set, state.ValidatorList, accounts.DecodeValidatorList))
		require.Equal(t, &p.Reserve.Account,
			load(t, set, state.ReserveStake, accounts.DecodeStakeAccount))
		require.Equal(t, &p.Mint, load(t, set, state.PoolMint, accounts.DecodeMint))
		require.Equal(t, p.FeeAccount,
			load(t, set, state.ManagerFeeAccount, accounts.DecodeTokenAccount))
		require.Equal(t, state.PoolTokenSupply, p.Mint.Supply)

		authority, err := accounts.StakePoolWithdrawAuthority(p.Program, p.Address)
		require.NoError(t, err)
		stored, err := state.WithdrawAuthority(p.Program, p.Address)
		require.NoError(t, err)
		require.Equal(t, authority, stored)
		require.Equal(t, authority, p.Reserve.Account.Withdrawer)
		require.Equal(t, authority, *p.Mint.MintAuthority)

		const rent = figures.StoredRent
		reserve, err := set.Get(state.ReserveStake)
		require.NoError(t, err)
		total := reserve.Lamports - rent
		require.LessOrEqual(t, len(p.Validators), int(p.MaxValidators))
		for _, v := range p.Validators {
			total += v.Entry.ActiveStakeLamports + v.Entry.TransientStakeLamports
			active, transient, err := p.StakeAddresses(v.Entry)
			require.NoError(t, err)
			require.False(t, set.Has(transient))
			account := load(t, set, active, accounts.DecodeStakeAccount)
			require.Equal(t, v.Active.Account, *account)
			require.Equal(t, v.Entry.VoteAccount, account.Delegation.Voter)
			require.True(t, account.IsActive(epoch))
			require.Equal(t, v.Entry.ActiveStakeLamports, account.Delegation.Stake+rent,
				"the recorded stake excludes lamports that were sent to the account")
			require.GreaterOrEqual(t, v.Active.Lamports, v.Entry.ActiveStakeLamports)
			require.GreaterOrEqual(t, account.Delegation.Stake, chain.MinimumDelegation)
		}

		require.Equal(t, total, state.TotalLamports)
		for _, f := range []accounts.Fee{state.EpochFee, state.SOLDepositFee,
			state.SOLWithdrawalFee, state.StakeDepositFee, state.StakeWithdrawalFee} {
			require.LessOrEqual(t, f.Numerator, f.Denominator)
		}

		require.LessOrEqual(t, max(state.SOLReferralFee, state.StakeReferralFee), uint8(100))
	})
}

// TestRandomStakePool_Quotable checks that a random pool is up to date, open
// and has a price, and that a pool update does not change it.
func TestRandomStakePool_Quotable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, chain := drawPool(t)
		q := p.Quote(chain, quote.FeesRoundUp)
		require.True(t, q.FeeAccountUsable)
		if fee := p.State.SOLDepositFee; fee.IsZero() || fee.Numerator < fee.Denominator {
			_, err := q.DepositSOL(1_000_000_000)
			require.NoError(t, err)
		}

		_, err := q.EpochGrowth()
		require.NoError(t, err)
		q.Update = p.Balances()
		for i, v := range q.Update.Validators {
			require.Equal(t, p.Validators[i].Source().Stake, *v.Active)
			quiet := *v.Active
			quiet.Lamports = v.Entry.ActiveStakeLamports
			q.Update.Validators[i].Active = &quiet
		}

		updated, err := q.Updated()
		require.NoError(t, err)
		require.Equal(t, p.State, updated.State)
		p.FeeAccount = nil
		require.False(t, p.Quote(chain, quote.FeesRoundUp).FeeAccountUsable)
	})
}

func TestStakePool_MarshalText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, chain := drawPool(t)
		requireText(t, p)
		requireText(t, &chain)
	})
}

// TestStakePool_OptionalAccounts checks that stake has an account only if it
// exists.
func TestStakePool_OptionalAccounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, chain := drawPool(t)
		before, err := p.Accounts(chain.Rent)
		require.NoError(t, err)
		v := &p.Validators[0]
		v.Transient, v.Active = v.Active, nil
		p.FeeAccount = nil
		after, err := p.Accounts(chain.Rent)
		require.NoError(t, err)
		require.Len(t, after, len(before)-1)
		active, transient, err := p.StakeAddresses(v.Entry)
		require.NoError(t, err)
		var addresses []solana.PublicKey
		for _, a := range after {
			addresses = append(addresses, a.Address)
		}

		require.Contains(t, addresses, transient)
		require.NotContains(t, addresses, active)
		require.NotContains(t, addresses, p.State.ManagerFeeAccount)
	})
}

func TestStakePool_UnknownRent(t *testing.T) {
	rent := accounts.NewRent(6960)
	p, err := figures.RandomStakePool(rand.New(rand.NewPCG(1, 0)), accounts.StakePoolProgram,
		figures.Chain{Clock: accounts.Clock{Epoch: epoch}, Rent: rent})
	require.NoError(t, err)
	rent.ThresholdBits = 5
	_, err = p.Accounts(rent)
	require.ErrorIs(t, err, accounts.ErrUnknownRent)
}

func TestRandomAmount(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	small, large := 0, 0
	for range 2000 {
		n := figures.RandomAmount(rng, 1_000_000_000)
		require.Positive(t, n)
		require.LessOrEqual(t, n, uint64(1_000_000_000))
		if n < 1000 {
			small++
		}

		if n > 100_000_000 {
			large++
		}
	}

	require.Positive(t, small)
	require.Positive(t, large)
	require.Equal(t, uint64(1), figures.RandomAmount(rng, 0))
	require.NotPanics(t, func() { figures.RandomAmount(rng, math.MaxUint64) })
}
