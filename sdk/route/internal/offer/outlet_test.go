package offer_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// tokenRent is the rent of a token account on mainnet in 2025, in lamports.
const tokenRent = 2_039_280

var (
	owner     = solana.PublicKey{1}
	recipient = solana.PublicKey{5}
	parties   = terms.Parties{Owner: owner, Payer: solana.PublicKey{2}, Seed: "seed"}
	toOwner   = offer.Ask{}
	toOther   = offer.Ask{Recipient: recipient}
	toItself  = offer.Ask{Recipient: owner}
)

func TestAsk_Receiver(t *testing.T) {
	require.Equal(t, owner, toOwner.Receiver(parties))
	require.Equal(t, recipient, toOther.Receiver(parties))

	require.False(t, toOwner.ToOther(parties))
	require.True(t, toOther.ToOther(parties))
	require.False(t, toItself.ToOther(parties), "the owner is no other")

	require.Empty(t, toOwner.ForWhom(parties.Owner))
	require.Empty(t, toItself.ForWhom(parties.Owner))
	require.Equal(t, ", paid to "+recipient.String(), toOther.ForWhom(parties.Owner))
}

func TestAsk_TokenAccount(t *testing.T) {
	for _, a := range []offer.Ask{toOwner, toOther} {
		want, err := accounts.AssociatedTokenAddress(a.Receiver(parties), accounts.TokenProgram, accounts.MSOLMint)
		require.NoError(t, err)
		account, step, err := a.TokenAccount(parties, accounts.MSOLMint, accounts.TokenProgram)
		require.NoError(t, err)
		require.Equal(t, want, account)

		metas := step.Instruction.Accounts()
		require.Equal(t, parties.Payer, metas[0].PublicKey)
		require.Equal(t, want, metas[1].PublicKey)
		require.Equal(t, a.Receiver(parties), metas[2].PublicKey)
	}
}

// TestAsk_Outlet: of SOL for another than the owner the recipient is named by
// the steps that close the account, for the owner nobody else is.
func TestAsk_Outlet(t *testing.T) {
	for _, system := range []bool{false, true} {
		for _, a := range []offer.Ask{toOwner, toOther, toItself} {
			outlet, err := a.Outlet(parties, tokenRent, system)
			require.NoError(t, err)
			require.NotEmpty(t, outlet.Open)
			closing, err := outlet.Close(5_000_000, 0)
			require.NoError(t, err)
			require.Equal(t, a.ToOther(parties), names(closing, recipient))
			require.True(t, names(outlet.Open, outlet.Address))
			require.True(t, names(closing, outlet.Address))
		}
	}

	// Nothing to check: the program makes sure of the limit.
	outlet, err := toOwner.Outlet(parties, tokenRent, false)
	require.NoError(t, err)
	unchecked, err := outlet.Close(0, 0)
	require.NoError(t, err)
	checked, err := outlet.Close(1, 0)
	require.NoError(t, err)
	require.Less(t, len(unchecked), len(checked))
}

// names reports whether an account takes part in one of some steps.
func names(steps []txn.Step, key solana.PublicKey) bool {
	for _, s := range steps {
		for _, meta := range s.Instruction.Accounts() {
			if meta.PublicKey == key {
				return true
			}
		}
	}
	return false
}

func TestAsk_OutletRent(t *testing.T) {
	require.EqualValues(t, tokenRent, toOwner.OutletRent(tokenRent))
	require.EqualValues(t, 2*tokenRent, toOther.OutletRent(tokenRent))
}

// TestAsk_HandStake: the recipient gets a stake account that the owner has, and
// one that a program made for the recipient is left alone.
func TestAsk_HandStake(t *testing.T) {
	stake := solana.PublicKey{9}
	steps, err := toOther.HandStake(parties, solana.PublicKey{}, stake)
	require.NoError(t, err)
	require.Len(t, steps, 2, "the staker and the withdrawer")
	require.True(t, names(steps, stake))

	steps, err = toOther.HandStake(parties, recipient, stake)
	require.NoError(t, err)
	require.Empty(t, steps)
	steps, err = toOwner.HandStake(parties, solana.PublicKey{}, stake)
	require.NoError(t, err)
	require.Empty(t, steps)
}

func TestAsk_StakeRentCost(t *testing.T) {
	cost := toOwner.StakeRentCost(7)
	require.True(t, cost.Recoverable)
	require.EqualValues(t, 7, cost.Lamports)

	cost = toOther.StakeRentCost(7)
	require.False(t, cost.Recoverable, "the recipient gets it")
	require.EqualValues(t, 7, cost.Lamports)
}
