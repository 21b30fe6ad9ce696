package figures_test

import (
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
)

// drawLido draws a state of Lido and a chain.
func drawLido(t *rapid.T) (*figures.Lido, figures.Chain) {
	chain := drawChain(t)
	l, err := figures.RandomLido(drawRand(t), accounts.LidoProgram, chain)
	require.NoError(t, err)
	return l, chain
}

// TestRandomLido checks that a random state decodes to the same values, that
// its addresses are derived, and that an update would not change its exchange
// rate.
func TestRandomLido(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, chain := drawLido(t)
		set := onChain(t, l, chain.Rent)
		state := load(t, set, l.Address, accounts.DecodeLidoState)
		require.Equal(t, &l.State, state)
		require.Equal(t, l.List(),
			load(t, set, state.ValidatorList, accounts.DecodeLidoValidatorList))
		require.Equal(t, &l.Mint, load(t, set, state.StSOLMint, accounts.DecodeMint))
		authority, err := accounts.LidoStakeAuthority(l.Program, l.Address)
		require.NoError(t, err)
		minter, err := accounts.LidoMintAuthority(l.Program, l.Address)
		require.NoError(t, err)
		require.Equal(t, minter, *l.Mint.MintAuthority)
		reserve, err := accounts.LidoReserve(l.Program, l.Address)
		require.NoError(t, err)
		for name, test := range map[string]struct {
			bump uint8
			want solana.PublicKey
		}{
			"stake_authority": {state.StakeAuthorityBumpSeed, authority},
			"mint_authority":  {state.MintAuthorityBumpSeed, minter},
			"reserve_account": {state.ReserveBumpSeed, reserve},
		} {
			got, err := solana.CreateProgramAddress([][]byte{l.Address[:], []byte(name),
				{test.bump}},
				l.Program)
			require.NoError(t, err)
			require.Equal(t, test.want, got, name)
		}

		account, err := set.Get(reserve)
		require.NoError(t, err)
		require.Equal(t, l.ReserveLamports, account.Lamports)
		require.LessOrEqual(t, len(l.Validators), int(l.MaxValidators))
		for _, v := range l.Validators {
			address, err := v.Entry.StakeAddress(l.Program, l.Address)
			require.NoError(t, err)
			stake := load(t, set, address, accounts.DecodeStakeAccount)
			require.Equal(t, v.Stake.Account, *stake)
			require.Equal(t, authority, stake.Withdrawer)
			require.Equal(t, v.Entry.VoteAccount, stake.Delegation.Voter)
			require.Equal(t, v.Entry.StakeAccountsBalance-v.Entry.UnstakeAccountsBalance,
				v.Entry.EffectiveStakeBalance)
			require.GreaterOrEqual(t, stake.Delegation.Stake, chain.MinimumDelegation)
		}

		q := l.Quote(chain)
		q.Clock.Epoch++
		q.Update = l.Balances()
		updated, err := q.Updated()
		require.NoError(t, err)
		rate := l.State.ExchangeRate
		rate.ComputedInEpoch++
		require.Equal(t, rate, updated.State.ExchangeRate)

		requireText(t, l)
	})
}

// TestLido_OptionalAccounts checks that a missing stake account has no account,
// and that an unknown rent is an error.
func TestLido_OptionalAccounts(t *testing.T) {
	chain := figures.Chain{
		Clock:             accounts.Clock{Epoch: epoch},
		Rent:              accounts.NewRent(6960),
		MinimumDelegation: 1,
	}

	l, err := figures.RandomLido(rand.New(rand.NewPCG(1, 0)), accounts.LidoProgram, chain)
	require.NoError(t, err)
	before, err := l.Accounts(chain.Rent)
	require.NoError(t, err)
	l.Validators[0].Stake = nil
	after, err := l.Accounts(chain.Rent)
	require.NoError(t, err)
	require.Len(t, after, len(before)-1)

	chain.Rent.ThresholdBits = 5
	_, err = l.Accounts(chain.Rent)
	require.ErrorIs(t, err, accounts.ErrUnknownRent)
	_, err = figures.RandomLido(rand.New(rand.NewPCG(1, 0)), accounts.LidoProgram, chain)
	require.ErrorIs(t, err, accounts.ErrUnknownRent)
}
