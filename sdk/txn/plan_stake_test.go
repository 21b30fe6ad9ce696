package txn_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

var update = flag.Bool("update", false, "write the golden files anew")

const stakeFile = "testdata/stake.base64"

// stakePlan returns a deposit into an example pool with fixed keys, amounts and
// blockhash, so that its bytes are fixed.
func stakePlan(t testing.TB) (p txn.Plan, payer, owner *txn.KeySigner) {
	t.Helper()
	payer, owner = seeded(t, "payer"), seeded(t, "owner")
	mint := key("mint")
	pool := instructions.StakePool{
		Program:           accounts.StakePoolProgram,
		Address:           key("pool"),
		WithdrawAuthority: key("withdraw authority"),
		ValidatorList:     key("list"),
		ReserveStake:      key("reserve"),
		Mint:              mint,
		ManagerFeeAccount: key("fees"),
		TokenProgram:      accounts.TokenProgram,
	}

	destination, err := accounts.AssociatedTokenAddress(owner.PublicKey(), accounts.TokenProgram,
		mint)
	require.NoError(t, err)
	deposit, err := instructions.StakePoolDepositSOLWithSlippage{
		StakePoolDepositSOL: instructions.StakePoolDepositSOL{
			Pool:        pool,
			From:        owner.PublicKey(),
			Destination: destination,
			Referrer:    destination,
			Lamports:    1_500_000_000,
		},
		MinimumTokensOut: 1_244_054_262,
	}.Build()

	require.NoError(t, err)
	p = plan(payer.PublicKey(),
		txn.CreateTokenAccount(payer.PublicKey(), owner.PublicKey(), mint, accounts.TokenProgram),
		txn.Step{Description: "deposit", Instruction: deposit},
	)

	p.Budget = txn.ComputeBudget{ComputeUnitLimit: 90_300, ComputeUnitPrice: 1_000}

	return p, payer, owner
}

// TestPlan_StakeTransaction pins the bytes of a whole transaction.
func TestPlan_StakeTransaction(t *testing.T) {
	p, payer, owner := stakePlan(t)
	signed, err := compile(t, p).Sign(t.Context(), payer, owner)
	require.NoError(t, err)
	if *update {
		require.NoError(t, os.WriteFile(stakeFile, []byte(signed.Base64()+"\n"), 0o644))
	}

	want, err := os.ReadFile(stakeFile)
	require.NoError(t, err)
	require.Equal(t, strings.TrimSpace(string(want)), signed.Base64())

	tx := decode(t, signed.Base64())
	require.NoError(t, tx.VerifySignatures())
	require.Equal(t, blockhash, tx.Message.RecentBlockhash)
	requireInstructions(t, signed.Unsigned().Steps(), tx.Message)
	got := granted(tx.Message)
	require.Equal(t, privilege{signer: true, writable: true}, got[payer.PublicKey()])
	require.Equal(t, privilege{signer: true, writable: true}, got[owner.PublicKey()])
	require.Equal(t, privilege{writable: true}, got[key("pool")])
	require.Equal(t, privilege{}, got[key("withdraw authority")])
	require.Equal(t, privilege{}, got[accounts.StakePoolProgram])
}
