package offer_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// tokenRent is the rent of a token account on mainnet in 2025, in lamports.
const tokenRent = 2_039_280

var (
	owner     = solana.PublicKey{1}
	recipient = solana.PublicKey{5}
	params    = terms.BuildParams{Owner: owner, Payer: solana.PublicKey{2}, Seed: "seed"}
	toOwner   = offer.Ask{}
	toOther   = offer.Ask{Recipient: recipient}
	toItself  = offer.Ask{Recipient: owner}
)

// TestAsk_SOLDestination checks that the closing instructions name the
// recipient only if the recipient is not the owner.
func TestAsk_SOLDestination(t *testing.T) {
	for _, system := range []bool{false, true} {
		for _, a := range []offer.Ask{toOwner, toOther, toItself} {
			destination, err := a.SOLDestination(params, tokenRent, system)
			require.NoError(t, err)
			require.NotEmpty(t, destination.Open)
			closing, err := destination.Close(5_000_000, 0)
			require.NoError(t, err)
			require.Equal(t, a.PaysOther(params), names(closing, recipient))
			require.True(t, names(destination.Open, destination.Address))
			require.True(t, names(closing, destination.Address))
		}
	}

	// The program checks the minimum output, so closing omits the check.
	destination, err := toOwner.SOLDestination(params, tokenRent, false)
	require.NoError(t, err)
	unchecked, err := destination.Close(0, 0)
	require.NoError(t, err)
	checked, err := destination.Close(1, 0)
	require.NoError(t, err)
	require.Less(t, len(unchecked), len(checked))
}

// names reports whether one of the steps uses an account.
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

func TestAsk_DestinationRent(t *testing.T) {
	require.EqualValues(t, tokenRent, toOwner.DestinationRent(tokenRent))
	require.EqualValues(t, 2*tokenRent, toOther.DestinationRent(tokenRent))
}

// TestAsk_TransferStake checks that a stake account of the owner is transferred
// to the recipient, and that one created for the recipient is left unchanged.
func TestAsk_TransferStake(t *testing.T) {
	stake := solana.PublicKey{9}
	steps, err := toOther.TransferStake(params, solana.PublicKey{}, stake)
	require.NoError(t, err)
	require.Len(t, steps, 2, "the staker and the withdrawer")
	require.True(t, names(steps, stake))

	steps, err = toOther.TransferStake(params, recipient, stake)
	require.NoError(t, err)
	require.Empty(t, steps)
	steps, err = toOwner.TransferStake(params, solana.PublicKey{}, stake)
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
