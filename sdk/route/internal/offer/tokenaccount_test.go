package offer_test

import (
	"encoding/binary"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

func TestAsk_TokenAccount(t *testing.T) {
	for _, a := range []offer.Ask{toOwner, toOther} {
		want, err := accounts.AssociatedTokenAddress(a.Receiver(params), accounts.TokenProgram,
			accounts.MSOLMint)
		require.NoError(t, err)
		account, create, err := a.TokenAccount(params, accounts.MSOLMint, accounts.TokenProgram)
		require.NoError(t, err)
		require.Equal(t, want, account)
		require.Len(t, create, 1)

		metas := create[0].Instruction.Accounts()
		require.Equal(t, params.Payer, metas[0].PublicKey)
		require.Equal(t, want, metas[1].PublicKey)
		require.Equal(t, a.Receiver(params), metas[2].PublicKey)
	}
}

// TestAsk_NamedAccounts checks that named accounts replace the associated ones
// and that the transaction does not create them.
func TestAsk_NamedAccounts(t *testing.T) {
	a := offer.Ask{SourceAccount: solana.PublicKey{7}, DestinationAccount: solana.PublicKey{8}}
	source, err := a.Source(params, accounts.MSOLMint, accounts.TokenProgram)
	require.NoError(t, err)
	require.Equal(t, a.SourceAccount, source)
	account, create, err := a.TokenAccount(params, accounts.MSOLMint, accounts.TokenProgram)
	require.NoError(t, err)
	require.Equal(t, a.DestinationAccount, account)
	require.Empty(t, create)
	checked, err := a.CheckedAccount(params, accounts.MSOLMint, accounts.TokenProgram)
	require.NoError(t, err)
	require.Equal(t, a.DestinationAccount, checked)

	want, err := accounts.AssociatedTokenAddress(owner, accounts.TokenProgram, accounts.MSOLMint)
	require.NoError(t, err)
	source, err = toOwner.Source(params, accounts.MSOLMint, accounts.TokenProgram)
	require.NoError(t, err)
	require.Equal(t, want, source)
	checked, err = toOwner.CheckedAccount(params, accounts.MSOLMint, accounts.TokenProgram)
	require.NoError(t, err)
	require.Equal(t, want, checked)
}

func wSOLOf(t *testing.T, wallet solana.PublicKey) solana.PublicKey {
	t.Helper()
	address, err := accounts.AssociatedTokenAddress(wallet, accounts.TokenProgram,
		accounts.NativeMint)
	require.NoError(t, err)
	return address
}

// TestAsk_LamportsDestination checks that SOL goes to the receiver, and wSOL to
// an account whose balance is updated after the payment.
func TestAsk_LamportsDestination(t *testing.T) {
	account, open, sync, err := toOther.LamportsDestination(params)
	require.NoError(t, err)
	require.Equal(t, recipient, account)
	require.Empty(t, open)
	require.Empty(t, sync)

	wrapped := toOther
	wrapped.UseWSOL = true
	account, open, sync, err = wrapped.LamportsDestination(params)
	require.NoError(t, err)
	require.Equal(t, wSOLOf(t, recipient), account)
	require.Len(t, open, 1)
	require.Equal(t, []byte{17}, dataOf(t, sync[0]))
	require.Equal(t, account, sync[0].Instruction.Accounts()[0].PublicKey)
}

// TestAsk_SOLDestinationOfWSOL checks that the temporary account closes to the
// wSOL account, whose balance is updated at the end.
func TestAsk_SOLDestinationOfWSOL(t *testing.T) {
	for _, system := range []bool{false, true} {
		for _, a := range []offer.Ask{{UseWSOL: true}, {UseWSOL: true, Recipient: recipient},
			{UseWSOL: true, DestinationAccount: solana.PublicKey{8}}} {
			to, create, err := a.WSOLAccount(params)
			require.NoError(t, err)
			destination, err := a.SOLDestination(params, tokenRent, system)
			require.NoError(t, err)
			require.Equal(t, len(create) == 1, names(destination.Open, to))
			closing, err := destination.Close(5_000_000, 3)
			require.NoError(t, err)

			last := closing[len(closing)-1]
			require.Equal(t, []byte{17}, dataOf(t, last))
			require.Equal(t, to, last.Instruction.Accounts()[0].PublicKey)
			require.True(t, names(closing[:len(closing)-1], to))
		}
	}
}

// TestAsk_Unwrap checks that a temporary account receives exactly the amount
// and pays it to the owner.
func TestAsk_Unwrap(t *testing.T) {
	steps, err := toOwner.Unwrap(params, 77, tokenRent)
	require.NoError(t, err)
	require.Empty(t, steps)

	a := offer.Ask{UseWSOL: true}
	steps, err = a.Unwrap(params, 77, tokenRent)
	require.NoError(t, err)
	require.Len(t, steps, 5, "create, initialize, transfer, close, return the rent")
	move := steps[2].Instruction.Accounts()
	require.Equal(t, wSOLOf(t, owner), move[0].PublicKey)
	require.EqualValues(t, 77, binary.LittleEndian.Uint64(dataOf(t, steps[2])[1:9]))
	closing := steps[3].Instruction.Accounts()
	require.Equal(t, move[2].PublicKey, closing[0].PublicKey)
	require.Equal(t, owner, closing[1].PublicKey)

	a.SourceAccount = solana.PublicKey{7}
	steps, err = a.Unwrap(params, 77, tokenRent)
	require.NoError(t, err)
	require.Equal(t, a.SourceAccount, steps[2].Instruction.Accounts()[0].PublicKey)
}

func dataOf(t *testing.T, step txn.Step) []byte {
	t.Helper()
	data, err := step.Instruction.Data()
	require.NoError(t, err)
	return data
}
