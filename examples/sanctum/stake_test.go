package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

const stakeTool = tool("stake")

func TestStake_Text(t *testing.T) {
	out, err := stakeTool.run(t, "-to", "jitoSOL", "-amount", "1.5")
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	want := []string{
		"Embedded market of 27 May 2025 (epoch 793), 218 days old. Name a node with -rpc for today's.",
		"",
		"Quote at slot 342792000 (epoch 793)",
		"  route        stake pool deposit",
		"  pay          1.5 SOL",
		"  receive      1.244054262 JitoSOL",
		"  at least     1.242810208 JitoSOL",
		"  slippage     0.10 %, 10 bps",
		"  price        1 JitoSOL = 1.205735188 SOL, before fees",
		"  APY          7.62 %, if the growth of the last epoch (0.0402 %) goes on",
		"  slot time    400.0 ms by the Clock sysvar",
		"Transaction",
	}

	require.Equal(t, want, lines[:len(want)])
	require.Regexp(t, "^  1. limit the transaction to 9[0-4][0-9]{3} compute units$",
		lines[len(want)])
	containsAll(t, out,
		"  3. deposit 1.5 SOL into the stake pool of JitoSOL for at least 1.242810208 JitoSOL\n")
	containsAll(t, out, "  size         536 of 1232 bytes\n")
	containsAll(t, out, "  network fee  0.000005 SOL (estimate)\n")
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(lines[len(lines)-1]))
	require.NoError(t, err)
	require.Len(t, raw, 536)

	out, err = stakeTool.run(t, "-to", "phaseSOL", "-crank")
	require.NoError(t, err)
	containsAll(t, out,
		"  note         the pool is updated for this epoch in the same transaction\n")
	containsAll(t, out, "update the pool's balance for this epoch\n")
	containsAll(t, out, "  APY          not known: ")
}

// TestStake_BestRoute stakes into tokens without a stake pool of the SPL
// family, for just what a swap pays.
func TestStake_BestRoute(t *testing.T) {
	for to, want := range map[string][2]string{
		"INF":  {"Infinity", "  APY          8.29 %, from the yield that the pool releases now\n"},
		"mSOL": {"Marinade deposit", "  price        1 mSOL = 1.297435839 SOL, before fees\n"},
	} {
		r := stakeTool.report(t, "-to", to)
		require.Equal(t, want[0], r.Venue)
		swapped := swapTool.report(t, "-from", "SOL", "-to", to)
		require.Equal(t, swapped.Out, r.Out)

		out, err := stakeTool.run(t, "-to", to)
		require.NoError(t, err)
		require.Contains(t, out, want[1])
		require.NotRegexp(t, "holds at least [0-9]+\n", out, "an amount has its unit")
	}
}

// contract is what programs that read -json rely on.
type contract struct {
	Slot          *uint64      `json:"slot"`
	Venue         *string      `json:"venue"`
	In            *uint64      `json:"in"`
	Out           *uint64      `json:"out"`
	MinOut        *uint64      `json:"min_out"`
	Fees          *[]route.Fee `json:"fees"`
	Transaction   *string      `json:"transaction"`
	Size          *int         `json:"size"`
	Signature     *string      `json:"signature"`
	Confirmed     *bool        `json:"confirmed"`
	UnitsConsumed *uint64      `json:"units_consumed"`
	Err           *string      `json:"err"`
}

// read checks that the output is one object with all keys, whose transaction is
// whole and signed.
func read(t *testing.T, out string) (r contract, tx *solana.Transaction) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(out), &r), out)
	for _, there := range []bool{
		r.Slot != nil, r.Venue != nil, r.In != nil, r.Out != nil, r.MinOut != nil, r.Fees != nil,
		r.Transaction != nil, r.Size != nil, r.Signature != nil,
	} {
		require.True(t, there, out)
	}

	raw, err := base64.StdEncoding.DecodeString(*r.Transaction)
	require.NoError(t, err)
	require.Len(t, raw, *r.Size)
	tx, err = solana.TransactionFromBytes(raw)
	require.NoError(t, err)
	require.NoError(t, tx.VerifySignatures())
	require.Equal(t, tx.Signatures[0].String(), *r.Signature)

	return r, tx
}

func TestStake_JSON(t *testing.T) {
	out, err := stakeTool.run(t, "-amount", "1.5", "-json", "-slippage-bps", "0")
	require.NoError(t, err)
	r, tx := read(t, out)
	require.Equal(t, uint64(342792000), *r.Slot)
	require.Equal(t, "stake pool deposit", *r.Venue)
	require.Equal(t, uint64(1_500_000_000), *r.In)
	require.Equal(t, uint64(1_244_054_262), *r.Out)
	require.Equal(t, uint64(1_244_054_262), *r.MinOut)
	require.Empty(t, *r.Fees)
	require.Len(t, tx.Message.Instructions, 3)
	require.Nil(t, r.Confirmed, "nothing was sent")
	require.Nil(t, r.Err)

	out, err = stakeTool.run(t, "-to", "bSOL", "-amount", "100", "-json")
	require.NoError(t, err)
	read(t, out)
}

func TestStake_ExactOut(t *testing.T) {
	out, err := stakeTool.run(t, "-amount", "1.244054262", "-exact-out", "-json")
	require.NoError(t, err)
	r, _ := read(t, out)
	require.Equal(t, uint64(1_244_054_262), *r.MinOut)
	require.GreaterOrEqual(t, *r.Out, uint64(1_244_054_262))
	require.LessOrEqual(t, *r.In, uint64(1_500_000_000))
}

func TestStake_ByMintAndOwnList(t *testing.T) {
	mint := lookup(t, "jitoSOL").Mint.String()
	out, err := stakeTool.run(t, "-to", mint, "-amount", "1.5", "-json")
	require.NoError(t, err)
	r, _ := read(t, out)
	require.Equal(t, uint64(1_244_054_262), *r.Out)

	_, err = stakeTool.run(t, "-lsts", filepath.Join(t.TempDir(), "missing.json"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

// recipient is a wallet other than the owner.
const recipient = "7GxhUAGrQqdEBbU1n9J5ULoY6nhPDhCpspcKvaRrGgp4"

func TestStake_Recipient(t *testing.T) {
	out, err := stakeTool.run(t, "-amount", "1.5", "-recipient", recipient)
	require.NoError(t, err)
	containsAll(t, out, "  recipient    "+recipient+"\n")
	containsAll(t, out,
		"  2. create the token account of "+recipient+" for JitoSOL, unless it exists\n")
	containsAll(t, out, " for at least 1.242810208 JitoSOL, paid to "+recipient+"\n")

	// To name the owner changes nothing.
	path, owner := keyFile(t)
	out, err = stakeTool.run(t, "-keypair", path, "-recipient", owner.String())
	require.NoError(t, err)
	require.NotContains(t, out, "paid to")
}

func lookup(t *testing.T, symbol string) lst.LST {
	t.Helper()
	token, err := lst.Default().Lookup(symbol)
	require.NoError(t, err)
	return token
}

func TestStake_Mistakes(t *testing.T) {
	key, _ := keyFile(t)
	for _, c := range []struct {
		name string
		args []string
		want error
		text string
	}{
		{"unknown symbol", []string{"-to", "nopeSOL"}, lst.ErrUnknownLST, "nopeSOL"},
		{"symbol of several", []string{"-to", "pineSOL"}, lst.ErrAmbiguous,
			"sctmYgvuDE71ZMmm1x5QdXcwxsBjouS7GGioUTYa1d3"},
		{"SOL for SOL", []string{"-to", "SOL"}, route.ErrSameToken, ""},
		{"stale pool", []string{"-to", "phaseSOL"}, quote.ErrStalePool,
			"phasejkG1akKgqkLvfWzWY17evnH6mSWznnUspmpyeG"},
		{"nothing", []string{"-amount", "0"}, quote.ErrZeroAmount, ""},
		{"too little", []string{"-amount", "0.000000001"}, quote.ErrAmountTooSmall, ""},
		{"too many decimals", []string{"-amount", "1.0000000001"}, lst.ErrAmountPrecision,
			"1.0000000001"},
		{"words", []string{"-amount", "lots"}, lst.ErrAmountSyntax, "lots"},
		{"negative", []string{"-amount", "-1"}, lst.ErrAmountSyntax, "-1"},
		{"beyond all SOL", []string{"-amount", "99999999999999"}, lst.ErrAmountOverflow, ""},
		{"slippage over 10000 bps", []string{"-slippage-bps", "10001"}, route.ErrInvalidSlippage,
			"10001"},
		{"slippage far over", []string{"-slippage-bps", "65537"}, route.ErrInvalidSlippage,
			"65537"},
		{"send without a node", []string{"-send"}, nil, "-send needs -rpc and -keypair"},
		{"send without a key", []string{"-send", "-rpc", "http://127.0.0.1:1"}, nil,
			"-send needs -rpc and -keypair"},
		{"send with a key and no node", []string{"-send", "-keypair", key}, nil,
			"-send needs -rpc and -keypair"},
		{"no such key file", []string{"-keypair", filepath.Join(t.TempDir(), "missing.json")},
			os.ErrNotExist, ""},
		{"not an endpoint", []string{"-rpc", "nowhere"}, nil, "endpoint"},
		{"not a flag", []string{"-nope"}, nil, "-nope"},
		{"no address", []string{"-recipient", "nobody"}, route.ErrRecipient, "nobody"},
		{"a token for a recipient", []string{"-recipient", lookup(t, "jitoSOL").Mint.String()},
			route.ErrRecipient, "a token of the trade"},
		{"a pool for a recipient", []string{"-recipient", lookup(t, "jitoSOL").Pool.String()},
			route.ErrRecipient, "an account of this market"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := stakeTool.run(t, c.args...)
			require.Error(t, err)
			require.Empty(t, out, "nothing is shown that looks like a trade")
			if c.want != nil {
				require.ErrorIs(t, err, c.want)
			}

			require.Contains(t, err.Error(), c.text)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestStake_Send(t *testing.T) {
	node, endpoint := serve(t)
	land(node, "")
	path, owner := keyFile(t)
	out, err := stakeTool.run(t, "-rpc", endpoint, "-keypair", path, "-amount", "1.5", "-send",
		"-json")
	require.NoError(t, err)
	r, tx := read(t, out)
	require.True(t, *r.Confirmed)
	require.Equal(t, uint64(58_765), *r.UnitsConsumed)
	require.Nil(t, r.Err)
	require.Equal(t, owner, tx.Message.AccountKeys[0])

	out, err = stakeTool.run(t, "-rpc", endpoint, "-keypair", path, "-amount", "1.5", "-send")
	require.NoError(t, err)
	containsAll(
		t,
		out,
		"Landed in slot 342792004 (confirmed)\n  paid         0.000005 SOL to the network\n  used         58765 compute units\n",
	)
}

func TestStake_SendFailures(t *testing.T) {
	for _, c := range []struct {
		name    string
		prepare func(*sdktest.Node)
		want    []error
		units   uint64
	}{
		{"refused", func(node *sdktest.Node) {
			node.OnSend(func([]byte) *sdktest.Error {
				return sdktest.Preflight(`{"InstructionError":[2,{"Custom":39}]}`)
			})
		}, []error{sdk.ErrNotSent, progerr.ErrSlippage}, 0},
		{"landed and failed",
			func(node *sdktest.Node) { land(node, `{"InstructionError":[2,{"Custom":39}]}`) },
			[]error{progerr.ErrSlippage}, 58_765},
	} {
		t.Run(c.name, func(t *testing.T) {
			node, endpoint := serve(t)
			c.prepare(node)
			key, _ := keyFile(t)
			out, err := stakeTool.run(t, "-rpc", endpoint, "-keypair", key, "-send", "-json")
			for _, want := range c.want {
				require.ErrorIs(t, err, want)
			}

			r, _ := read(t, out)
			require.False(t, *r.Confirmed)
			require.Equal(t, err.Error(), *r.Err)
			require.Equal(t, c.units, *r.UnitsConsumed)
		})
	}
}

func TestStake_Node(t *testing.T) {
	node, endpoint := serve(t)
	out, err := stakeTool.run(t, "-rpc", endpoint, "-amount", "1.5", "-json")
	require.NoError(t, err)
	read(t, out)
	require.Zero(t, node.Calls("simulateTransaction"), "a key made for this run has no account")
	require.Zero(t, node.Calls("sendTransaction"))

	node.OnSimulate(func([]byte) sdktest.Simulation {
		return sdktest.Simulation{Err: `"AccountNotFound"`}
	})
	key, _ := keyFile(t)
	_, err = stakeTool.run(t, "-rpc", endpoint, "-keypair", key)
	require.ErrorIs(t, err, sdk.ErrSimulation)
	require.ErrorIs(t, err, progerr.ErrInsufficientFunds)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var silent bytes.Buffer
	err = run(ctx, []string{"stake", "-rpc", endpoint}, testConsole(&silent))
	require.ErrorIs(t, err, context.Canceled)
}
