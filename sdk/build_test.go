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
	"github.com/sanctum-go/sanctum/sdk/quote"
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
	require.Equal(t, q.Slot, *blockhash.MinContextSlot,
		"a node that has seen what the quote is made of")
	require.Equal(t, "confirmed", blockhash.Commitment)
	simulation := wire.of("simulateTransaction")[0].options()
	require.Equal(t, q.Slot, *simulation.MinContextSlot,
		"a node that has seen what the quote is made of; it need not know the blockhash")
	require.True(t, simulation.ReplaceRecentBlockhash)
	require.Equal(t, "base64", simulation.Encoding)
	require.Equal(t, "confirmed", simulation.Commitment)
	var fees []solana.PublicKey
	require.NoError(t, json.Unmarshal(wire.of("getRecentPrioritizationFees")[0].Params[0], &fees))
	require.Equal(t, u.WritableAccounts(), fees, "priority competes for what is written")

	legacy, err := client.Build(t.Context(), q, sdk.BuildOptions{Owner: owner, Legacy: true})
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
	create, deposit := steps[len(steps)-2].Instruction.Accounts(), steps[len(steps)-1].Instruction.Accounts()
	require.Equal(t, payer, create[0].PublicKey, "the payer pays the rent")
	require.Equal(t, owner, create[2].PublicKey)
	require.Equal(t, owner, deposit[3].PublicKey, "the owner pays the deposit")
}

func TestPriorityFee_Percentile(t *testing.T) {
	ten := []uint64{100, 20, 90, 10, 30, 80, 40, 70, 50, 60}
	for _, c := range []struct {
		fees       []uint64
		percentile uint8
		want       uint64
	}{
		{ten, 0, 80}, // 75 %
		{ten, 1, 10},
		{ten, 10, 10},
		{ten, 11, 20},
		{ten, 50, 50},
		{ten, 75, 80},
		{ten, 100, 100},
		{[]uint64{7}, 1, 7},
		{[]uint64{7}, 100, 7},
		{[]uint64{0, 0, 0, 9}, 75, 0},
		{nil, 0, 0},
		{nil, 100, 0},
	} {
		node := demoNode(t)
		node.SetFees(c.fees...)
		node.OnSimulate(succeeds(50_000))
		client, _ := connect(t, node)
		u, err := client.Build(t.Context(), quoted(t, client),
			sdk.BuildOptions{Owner: owner, Priority: sdk.PriorityFee{Percentile: c.percentile}})
		require.NoError(t, err)
		require.Equal(t, c.want, u.Budget().ComputeUnitPrice, "%d %% of %v", c.percentile, c.fees)
		steps := 3
		if c.want > 0 {
			steps++
		}

		require.Len(t, u.Steps(), steps)
	}
}

func TestPriorityFee_Cap(t *testing.T) {
	for _, c := range []struct {
		name     string
		priority sdk.PriorityFee
		fees     []uint64
		want     uint64 // lamports
		asks     int
	}{
		{"default cap", sdk.PriorityFee{}, []uint64{1_000_000_000}, 100_000, 1},
		{"own cap", sdk.PriorityFee{MaxLamports: 700}, []uint64{1_000_000_000}, 700, 1},
		{"a lamport", sdk.PriorityFee{MaxLamports: 1}, []uint64{1_000_000_000}, 1, 1},
		{"below the cap", sdk.PriorityFee{}, []uint64{1_000_000}, 55_000, 1},
		{"nothing", sdk.PriorityFee{None: true}, []uint64{1_000_000_000}, 0, 0},
		{"a price of one's own", sdk.PriorityFee{ComputeUnitPrice: 200_000},
			[]uint64{1_000_000_000}, 11_000, 0},
		{"a price of one's own over the cap", sdk.PriorityFee{ComputeUnitPrice: 1 << 60}, nil,
			100_000, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			node := demoNode(t)
			node.SetFees(c.fees...)
			limit := c.priority.MaxLamports
			if limit == 0 {
				limit = sdk.DefaultMaxPriorityLamports
			}

			node.OnSimulate(func(raw []byte) sdktest.Simulation {
				fee, err := budget(t, raw).PriorityFee()
				require.NoError(t, err)
				require.LessOrEqual(t, fee, limit, "nobody needs more to simulate than the cap")
				require.GreaterOrEqual(t, fee+1, min(c.want, limit),
					"nor less than is paid in the end")
				return sdktest.Simulation{Units: 50_000}
			})

			client, _ := connect(t, node)
			u, err := client.Build(t.Context(), quoted(t, client),
				sdk.BuildOptions{Owner: owner, Priority: c.priority})
			require.NoError(t, err)
			fee, err := u.Budget().PriorityFee()
			require.NoError(t, err)
			require.GreaterOrEqual(t, fee, c.want)
			require.LessOrEqual(t, fee, limit)
			require.LessOrEqual(t, fee, c.want+c.want*4096/55_000+1,
				"the bits that tell it from others")
			network, err := u.NetworkFee()
			require.NoError(t, err)
			require.Equal(t, 5_000+fee, network, "the fee that is shown is that of the bytes")
			require.Equal(t, c.asks, node.Calls("getRecentPrioritizationFees"))
		})
	}
}

// budget reads the compute budget out of a transaction.
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
				"room for whatever it takes")
			tx := message(t, raw)
			require.Equal(t, make([]solana.Signature, 1), tx.Signatures, "nobody has signed")
			return sdktest.Simulation{Units: c.units}
		})

		client, _ := connect(t, node)
		u, err := client.Build(t.Context(), quoted(t, client), sdk.BuildOptions{Owner: owner})
		require.NoError(t, err)
		requireUnits(t, c.want, u)
	}
}

// requireUnits checks that a transaction has the compute units that are wanted,
// but for the low bits that tell it from others.
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

func TestClient_Stake(t *testing.T) {
	node := demoNode(t)
	node.OnSimulate(succeeds(50_000))
	client, _ := connect(t, node)
	build := sdk.BuildOptions{Owner: owner}
	u, q, err := client.Stake(t.Context(), mint(t, "JitoSOL"), 1_500_000_000, sdk.TradeOptions{
		Options:      route.Options{SlippageBps: 10},
		BuildOptions: build,
	})

	require.NoError(t, err)
	require.Equal(t, uint64(1_244_054_262), q.Out)
	require.Equal(t, uint64(1_242_810_208), q.MinOut)
	require.Equal(t, []solana.PublicKey{owner}, u.Signers())

	_, q, err = client.Stake(t.Context(), mint(t, "JitoSOL"), 1_244_054_262, sdk.TradeOptions{
		Options:      route.Options{SwapMode: route.ExactOut},
		BuildOptions: build,
	})

	require.NoError(t, err)
	require.Equal(t, uint64(1_244_054_262), q.MinOut)
	require.LessOrEqual(t, q.In, uint64(1_500_000_000))

	referrer := solana.PublicKey{9}
	_, q, err = client.Stake(t.Context(), mint(t, "bSOL"), sol, sdk.TradeOptions{
		Options:      route.Options{Referrer: referrer},
		BuildOptions: build,
	})

	require.NoError(t, err)
	require.Equal(t, referrer, q.Fees[0].Recipient)

	_, _, err = client.Stake(t.Context(), mint(t, "phaseSOL"), sol,
		sdk.TradeOptions{BuildOptions: build})
	require.ErrorIs(t, err, quote.ErrStalePool)
	u, q, err = client.Stake(t.Context(), mint(t, "phaseSOL"), sol, sdk.TradeOptions{
		Options:      route.Options{AllowPoolUpdate: true},
		BuildOptions: build,
	})

	require.NoError(t, err)
	require.NotEmpty(t, q.Assumptions)
	require.Len(t, u.Steps(), 7)
	require.LessOrEqual(t, u.Size(), txn.MaxSize)

	before := node.Calls("*")
	_, _, err = client.Stake(t.Context(), accounts.NativeMint, sol,
		sdk.TradeOptions{BuildOptions: build})
	require.ErrorIs(t, err, route.ErrSameToken)
	require.Equal(t, before, node.Calls("*"), "nothing is loaded for a request that makes no sense")
}
