package sdk_test

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

var owner = solana.PublicKey{0xAA}

func TestClient_Build(t *testing.T) {
	node := demoNode(t)
	client, wire := connect(t, node)
	node.OnSimulate(succeeds(50_000))
	q := quoted(t, client)
	node.Advance(5)
	u, err := client.Build(t.Context(), q, sdk.BuildOptions{Owner: owner})
	require.NoError(t, err)
	require.Equal(t, uint64(342792005), u.Lifetime().Slot)
	require.Equal(t, uint64(342792155), u.Lifetime().LastValidBlockHeight)
	require.NotZero(t, u.Lifetime().Blockhash)
	require.Equal(t, []solana.PublicKey{owner}, u.Signers())
	require.Equal(t, byte(0x80), u.Message()[0])

	blockhash := wire.of("getLatestBlockhash")[0].options()
	require.Equal(t, q.Slot, *blockhash.MinContextSlot, "a node that has reached the quote's slot")
	require.Equal(t, "confirmed", blockhash.Commitment)
	simulation := wire.of("simulateTransaction")[0].options()
	require.Equal(t, q.Slot, *simulation.MinContextSlot,
		"a node that has reached the quote's slot; it need not know the blockhash")
	require.True(t, simulation.ReplaceRecentBlockhash)
	require.Equal(t, "base64", simulation.Encoding)
	require.Equal(t, "confirmed", simulation.Commitment)
	var fees []solana.PublicKey
	require.NoError(t, json.Unmarshal(wire.of("getRecentPrioritizationFees")[0].Params[0], &fees))
	require.Equal(t, u.WritableAccounts(), fees, "fees are read for the writable accounts")

	legacy, err := client.Build(t.Context(), q, sdk.BuildOptions{Owner: owner,
		Versions: []txn.Version{txn.VersionLegacy}})
	require.NoError(t, err)
	require.Less(t, legacy.Message()[0], byte(0x80))
}

func TestClient_Build_Payer(t *testing.T) {
	node := demoNode(t)
	node.OnSimulate(succeeds(50_000))
	client, _ := connect(t, node)
	payer := solana.PublicKey{0xBB}
	u, err := client.Build(t.Context(), quoted(t, client),
		sdk.BuildOptions{Owner: owner, Payer: payer})
	require.NoError(t, err)
	require.Equal(t, []solana.PublicKey{payer, owner}, u.Signers())
	steps := u.Steps()
	create := steps[len(steps)-2].Instruction.Accounts()
	deposit := steps[len(steps)-1].Instruction.Accounts()
	require.Equal(t, payer, create[0].PublicKey, "the payer pays the rent")
	require.Equal(t, owner, create[2].PublicKey)
	require.Equal(t, owner, deposit[3].PublicKey, "the owner pays the deposit")
}

// budget returns the compute budget of a transaction.
func budget(t *testing.T, raw []byte) (b txn.ComputeBudget) {
	tx := message(t, raw)
	for _, ix := range tx.Message.Instructions {
		if tx.Message.AccountKeys[ix.ProgramIDIndex] != solana.ComputeBudget {
			continue
		}

		switch ix.Data[0] {
		case 2:
			b.ComputeUnitLimit = binary.LittleEndian.Uint32(ix.Data[1:])
		case 3:
			b.ComputeUnitPrice = binary.LittleEndian.Uint64(ix.Data[1:])
		case 4:
			b.LoadedAccountsDataSizeLimit = binary.LittleEndian.Uint32(ix.Data[1:])
		}
	}

	return b
}

func TestClient_Build_SimulatedUnits(t *testing.T) {
	for _, c := range []struct {
		units uint64
		want  uint32
	}{
		{50_000, 55_000},
		{1, 2},
		{100_001, 110_002},
		{1_272_727, 1_400_000},
		{1_272_728, 1_400_000},
		{1_400_000, 1_400_000},
		{1 << 63, 1_400_000},
	} {
		node := demoNode(t)
		node.OnSimulate(func(raw []byte) sdktest.Simulation {
			require.Equal(t, uint32(1_400_000), budget(t, raw).ComputeUnitLimit,
				"the maximum for the simulation")
			tx := message(t, raw)
			require.Equal(t, make([]solana.Signature, 1), tx.Signatures, "no signature")
			return sdktest.Simulation{Units: c.units}
		})

		client, _ := connect(t, node)
		u, err := client.Build(t.Context(), quoted(t, client), sdk.BuildOptions{Owner: owner})
		require.NoError(t, err)
		requireUnits(t, c.want, u)
	}
}

// requireUnits checks the compute unit limit of a transaction, except for the
// low bits that distinguish it from equal trades.
func requireUnits(t *testing.T, want uint32, u *txn.Unsigned) {
	t.Helper()
	const span, most = 4096, 1_400_000
	limit := u.Budget().ComputeUnitLimit
	if want+span > most {
		require.Greater(t, limit+span, uint32(most))
		require.LessOrEqual(t, limit, uint32(most))
		return
	}
	require.GreaterOrEqual(t, limit, want)
	require.Less(t, limit, want+span)
}

func TestClient_Build_SkipSimulation(t *testing.T) {
	node := demoNode(t)
	client, _ := connect(t, node)
	u, err := client.Build(t.Context(), quoted(t, client),
		sdk.BuildOptions{Owner: owner, SkipSimulation: true})
	require.NoError(t, err)
	require.Zero(t, node.Calls("simulateTransaction"))
	estimate := uint32(300)
	for _, s := range u.Steps() {
		estimate += s.ComputeUnits
	}

	require.Equal(t, uint32(90_300), estimate)
	requireUnits(t, estimate, u)
}

func TestClient_Build_SimulationFails(t *testing.T) {
	program := accounts.StakePoolProgram
	custom := func(code int) sdktest.Simulation {
		return sdktest.Simulation{
			Err: fmt.Sprintf(`{"InstructionError":[4,{"Custom":%d}]}`, code),
			Logs: []string{"Program " + program.String() + " invoke [1]",
				fmt.Sprintf("Program %s failed: custom program error: %#x", program, code)},
		}
	}

	for _, c := range []struct {
		name       string
		simulation sdktest.Simulation
		want       error
		code       uint32
	}{
		{"payer without an account", sdktest.Simulation{Err: `"AccountNotFound"`},
			progerr.ErrInsufficientFunds, 0},
		{"payer without funds", sdktest.Simulation{Err: `"InsufficientFundsForFee"`},
			progerr.ErrInsufficientFunds, 0},
		{"stale", custom(17), progerr.ErrStalePool, 17},
		{"slippage", custom(39), progerr.ErrSlippage, 39},
		{"too small", custom(29), progerr.ErrProgramAmountTooSmall, 29},
	} {
		t.Run(c.name, func(t *testing.T) {
			node := demoNode(t)
			node.OnSimulate(func([]byte) sdktest.Simulation { return c.simulation })
			client, _ := connect(t, node)
			u, err := client.Build(t.Context(), quoted(t, client), sdk.BuildOptions{Owner: owner})
			require.Nil(t, u)
			require.ErrorIs(t, err, sdk.ErrSimulation)
			require.ErrorIs(t, err, c.want)
			requireLine(t, err)
			var failure *progerr.TransactionError
			require.ErrorAs(t, err, &failure)
			if c.code != 0 {
				require.Equal(t, c.code, failure.Program.Code)
				require.Equal(t, program, failure.Program.Program)
				require.Equal(t, c.simulation.Logs, failure.Logs)
			}
		})
	}
}

func TestClient_Build_Refusals(t *testing.T) {
	good := sdk.BuildOptions{Owner: owner}
	for _, c := range []struct {
		name    string
		prepare func(*sdktest.Node)
		options sdk.BuildOptions
		change  func(*route.Quote)
		want    error
	}{
		{name: "no owner", want: sdk.ErrNoOwner},
		{name: "percentile",
			options: sdk.BuildOptions{Owner: owner, Priority: sdk.PriorityFee{Percentile: 101}},
			want:    sdk.ErrPercentile},
		{
			name:    "hand-made quote",
			options: good,
			change:  func(q *route.Quote) { *q = route.Quote{Slot: q.Slot} },
			want:    route.ErrNoRoute,
		},
		{
			name:    "no blockhash",
			options: good,
			want:    sdk.ErrNoAnswer,
			prepare: func(n *sdktest.Node) {
				f := sdktest.Fault{Result: json.RawMessage(`{"context":{"slot":342792000},"value":null}`)}
				n.Fail("getLatestBlockhash", f, f, f, f)
			},
		},
		{
			name:    "zero blockhash",
			options: good,
			want:    sdk.ErrNoAnswer,
			prepare: func(n *sdktest.Node) {
				f := sdktest.Fault{
					Result: json.RawMessage(`{"context":{"slot":342792000},"value":{"blockhash":"11111111111111111111111111111111","lastValidBlockHeight":342792150}}`),
				}
				n.Fail("getLatestBlockhash", f, f, f, f)
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			node := demoNode(t)
			node.OnSimulate(succeeds(50_000))
			client, _ := connect(t, node)
			q := quoted(t, client)
			if c.change != nil {
				c.change(&q)
			}

			if c.prepare != nil {
				c.prepare(node)
			}

			u, err := client.Build(t.Context(), q, c.options)
			require.Nil(t, u)
			require.ErrorIs(t, err, c.want)
			requireLine(t, err)
		})
	}

	client, _ := connect(t, demoNode(t))
	_, err := client.Build(t.Context(), quoted(t, client), good)
	var refused *sdk.RPCError
	require.ErrorAs(t, err, &refused, "a node that cannot simulate")
	require.Equal(t, -32601, refused.Code)
}
