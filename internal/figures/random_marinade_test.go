package figures_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// drawMarinade draws a state of Marinade and a chain.
func drawMarinade(t *rapid.T) (*figures.Marinade, figures.Chain) {
	chain := drawChain(t)
	f, err := figures.RandomMarinade(drawRand(t), chain)
	require.NoError(t, err)
	return f, chain
}

// TestRandomMarinade checks that a random state decodes to the same values,
// that its bump seeds are those of its addresses, and that its counters are the
// sums of its balances.
func TestRandomMarinade(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, chain := drawMarinade(t)
		set := onChain(t, f, chain.Rent)
		s := load(t, set, f.Address, accounts.DecodeMarinadeState)
		require.Equal(t, &f.State, s)
		require.Equal(t, &f.Mint, load(t, set, s.MSOLMint, accounts.DecodeMint))
		require.Equal(t, f.Treasury,
			load(t, set, s.TreasuryMSOLAccount, accounts.DecodeTokenAccount))
		require.Equal(t, f.MSOLLeg,
			load(t, set, s.LiqPool.MSOLLeg, accounts.DecodeTokenAccount).Amount)
		list, err := set.Get(s.ValidatorSystem.ValidatorList.Account)
		require.NoError(t, err)
		validators, err := accounts.DecodeMarinadeValidatorList(list, s)
		require.NoError(t, err)
		require.Equal(t, f.ValidatorList(), validators)
		list, err = set.Get(s.StakeSystem.StakeList.Account)
		require.NoError(t, err)
		stakes, err := accounts.DecodeMarinadeStakeList(list, s)
		require.NoError(t, err)
		require.Equal(t, f.StakeList(), stakes)

		for seed, bump := range map[string]uint8{
			"reserve":              s.ReserveBumpSeed,
			"liq_sol":              s.LiqPool.SOLLegBumpSeed,
			"liq_st_sol_authority": s.LiqPool.MSOLLegAuthorityBumpSeed,
			"st_mint":              s.MSOLMintAuthorityBumpSeed,
			"withdraw":             s.StakeSystem.StakeWithdrawBumpSeed,
			"deposit":              s.StakeSystem.StakeDepositBumpSeed,
		} {
			_, err := solana.CreateProgramAddress([][]byte{f.Address[:], []byte(seed), {bump}},
				f.Program)
			require.NoError(t, err, seed)
		}

		balances := map[solana.PublicKey]uint64{}
		total := uint64(0)
		for _, r := range stakes.Stakes {
			account := load(t, set, r.StakeAccount, accounts.DecodeStakeAccount)
			live, ok := f.Live(r.StakeAccount)
			require.True(t, ok)
			require.Equal(t, live.Account, *account)
			require.Equal(t, r.LastUpdateDelegatedLamports, account.Delegation.Stake)
			require.True(t, account.IsActive(epoch))
			require.GreaterOrEqual(t, account.Delegation.Stake,
				max(chain.MinimumDelegation, s.StakeSystem.MinStake))
			balances[account.Delegation.Voter] += account.Delegation.Stake
			total += account.Delegation.Stake
		}

		for _, v := range validators.Validators {
			require.Equal(t, balances[v.VoteAccount], v.ActiveBalance)
		}

		require.Equal(t, total, s.ValidatorSystem.TotalActiveBalance)
		require.Equal(t, s.AvailableReserveBalance+s.RentExemptForTokenAcc, f.Reserve)
		require.LessOrEqual(t, f.Mint.Supply, s.MSOLSupply)
		require.LessOrEqual(t, s.LiqPool.LPMinFee, s.LiqPool.LPMaxFee)
		_, ok := f.Live(f.Address)
		require.False(t, ok)
	})
}

func TestMarinade_MarshalText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, _ := drawMarinade(t)
		requireText(t, f)
	})
}

// TestMarinade_Treasury checks that the treasury receives fees only if it is a
// token account of mSOL.
func TestMarinade_Treasury(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, chain := drawMarinade(t)
		f.Build = "d69d4cd7ff7c00df3dfe2191dbb973858de9c36a3114bdbdb65d6cc81c98ed94"
		q := f.Quote(chain)
		require.True(t, q.TreasuryUsable)
		require.Equal(t, quote.MarinadeVersion20, q.Version)
		f.Treasury.Mint = f.Address
		require.False(t, f.Quote(chain).TreasuryUsable)
		before, err := f.Accounts(chain.Rent)
		require.NoError(t, err)
		f.Treasury = nil
		require.False(t, f.Quote(chain).TreasuryUsable)
		after, err := f.Accounts(chain.Rent)
		require.NoError(t, err)
		require.Len(t, after, len(before)-1)
	})
}
