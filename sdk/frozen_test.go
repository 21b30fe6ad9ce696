package sdk_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

// tokenFails is the failure of an instruction with a code of the token program.
const tokenFails = `{"InstructionError":[%d,{"Custom":%d}]}`

// frozen makes a token account of the owner frozen.
func frozen(t *testing.T, node *sdktest.Node, held accounts.TokenAccount) {
	t.Helper()
	held.Owner, held.State = owner, accounts.TokenFrozen
	node.Put(accounts.Account{
		Address:  associated(t, held.Mint),
		Owner:    accounts.TokenProgram,
		Lamports: 2_039_280,
		Data:     held.Encode(),
	})
}

// TestFrozenError_Destination checks that Build names the frozen account, which
// only the simulation finds. The account is one of the instruction that fails.
func TestFrozenError_Destination(t *testing.T) {
	node := demoNode(t)
	client, _ := connect(t, node)
	jito := mint(t, "JitoSOL")
	market, err := client.LoadMarket(t.Context(), jito)
	require.NoError(t, err)
	q, err := market.Quote(route.Request{From: accounts.NativeMint, To: jito,
		Amount: 1_000_000_000})
	require.NoError(t, err)
	plain, err := client.Build(t.Context(), q, unsimulated())
	require.NoError(t, err)
	last := len(plain.Steps()) - 1
	program := plain.Steps()[last].Instruction.ProgramID()
	fail := func(code int) {
		node.OnSimulate(fails(fmt.Sprintf(tokenFails, last+dataLimit(plain), code),
			fmt.Sprintf("Program %s invoke [1]", program),
			fmt.Sprintf("Program %s invoke [2]", accounts.TokenProgram),
			fmt.Sprintf("Program %s failed: custom program error: 0x%x", accounts.TokenProgram,
				code),
			fmt.Sprintf("Program %s failed: custom program error: 0x%x", program, code)))
	}

	var named *sdk.FrozenError
	fail(17)
	_, err = client.Build(t.Context(), q, sdk.BuildOptions{Owner: owner})
	require.ErrorIs(t, err, progerr.ErrOperationUnavailable)
	require.NotErrorAs(t, err, &named, "no account is frozen any more")

	frozen(t, node, accounts.TokenAccount{Mint: jito})
	_, err = client.Build(t.Context(), q, sdk.BuildOptions{Owner: owner})
	require.ErrorAs(t, err, &named)
	require.Equal(t, associated(t, jito), named.Account)
	require.Equal(t, jito, named.Mint)
	require.Equal(t, owner, named.Owner)
	require.ErrorIs(t, err, sdk.ErrSimulation)
	require.ErrorIs(t, err, progerr.ErrOperationUnavailable)
	var failure *progerr.TransactionError
	require.ErrorAs(t, err, &failure)
	require.Equal(t, "AccountFrozen", failure.Program.Name)

	fail(5)
	_, err = client.Build(t.Context(), q, sdk.BuildOptions{Owner: owner})
	require.ErrorIs(t, err, sdk.ErrSimulation)
	require.NotErrorAs(t, err, &named, "another failure")
}

// TestFrozenError_Source checks that Build names a frozen source without a
// simulation, from the balances that it reads.
func TestFrozenError_Source(t *testing.T) {
	node := demoNode(t)
	client, _ := connect(t, node)
	jito := mint(t, "JitoSOL")
	frozen(t, node, accounts.TokenAccount{Mint: jito, Amount: 5_000_000_000})
	market, err := client.LoadMarket(t.Context(), jito)
	require.NoError(t, err)
	q, err := market.Quote(route.Request{From: jito, To: accounts.NativeMint,
		Amount: 1_000_000_000})
	require.NoError(t, err)
	o := unsimulated()
	o.SkipPayerCheck = false
	_, err = client.Build(t.Context(), q, o)
	var named *sdk.FrozenError
	require.ErrorAs(t, err, &named)
	require.Equal(t, sdk.FrozenError{Account: associated(t, jito), Owner: owner, Mint: jito},
		*named)
	require.ErrorIs(t, err, progerr.ErrOperationUnavailable)
}

// TestFrozenError_Nil checks the methods of a nil error.
func TestFrozenError_Nil(t *testing.T) {
	var e *sdk.FrozenError
	require.Equal(t, "<nil>", e.Error())
	require.NoError(t, e.Unwrap())
}
