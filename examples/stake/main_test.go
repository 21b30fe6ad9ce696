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

	"github.com/sanctum-go/sanctum/examples/internal/clitest"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

// stake runs the command.
func stake(t *testing.T, args ...string) (out, errOut string, err error) {
	t.Helper()
	var o, e bytes.Buffer
	err = run(t.Context(), args, &o, &e)
	return o.String(), e.String(), err
}

func TestText(t *testing.T) {
	out, errOut, err := stake(t, "-to", "jitoSOL", "-amount", "1.5")
	require.NoError(t, err)
	require.Empty(t, errOut)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	want := []string{
		"Quote at slot 342792000 (epoch 793), stake pool deposit",
		"  pay        1.5 SOL",
		"  receive    1.244054262 JitoSOL",
		"  at least   1.242810208 JitoSOL",
		"  fees       none",
		"  price      1 JitoSOL = 1.205735188 SOL, before fees",
		"  yield      grew by 0.00040242 in the last epoch, 0.0762 a year if that goes on",
		"  slots      take 400.0 ms by the Clock sysvar",
		"Transaction",
	}
	require.Equal(t, want, lines[:len(want)])
	require.Regexp(t, "^  1. limit the transaction to 9[0-4][0-9]{3} compute units$", lines[len(want)])
	require.Contains(t, out, "  3. deposit 1.5 SOL into the stake pool of JitoSOL for at least 1.242810208 JitoSOL\n")
	require.Contains(t, out, "  size       536 of 1232 bytes\n")
	require.Contains(t, out, "  network    0.000005 SOL (estimate)\n")
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(lines[len(lines)-1]))
	require.NoError(t, err)
	require.Len(t, raw, 536)

	out, _, err = stake(t, "-to", "phaseSOL", "-crank")
	require.NoError(t, err)
	require.Contains(t, out, "  note: the pool is updated for this epoch in the same transaction\n")
	require.Contains(t, out, "update the pool's balance for this epoch\n")
	require.Contains(t, out, "  yield      ")
}

// report is what programs that read -json rely on.
type report struct {
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

// read checks that the output is one object with all keys, whose transaction is whole and signed.
func read(t *testing.T, out string) (r report, tx *solana.Transaction) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(out), &r), out)
	for _, there := range []bool{
		r.Slot != nil, r.Venue != nil, r.In != nil, r.Out != nil, r.MinOut != nil, r.Fees != nil, r.Transaction != nil, r.Size != nil, r.Signature != nil,
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

func TestJSON(t *testing.T) {
	out, _, err := stake(t, "-amount", "1.5", "-json", "-slippage-bps", "0")
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

	out, _, err = stake(t, "-to", "bSOL", "-amount", "100", "-json")
	require.NoError(t, err)
	read(t, out)
}

func TestExactOut(t *testing.T) {
	out, _, err := stake(t, "-amount", "1.244054262", "-exact-out", "-json")
	require.NoError(t, err)
	r, _ := read(t, out)
	require.Equal(t, uint64(1_244_054_262), *r.MinOut)
	require.GreaterOrEqual(t, *r.Out, uint64(1_244_054_262))
	require.LessOrEqual(t, *r.In, uint64(1_500_000_000))
}

func TestByMintAndOwnList(t *testing.T) {
	mint := lookup(t, "jitoSOL").Mint.String()
	out, _, err := stake(t, "-to", mint, "-amount", "1.5", "-json")
	require.NoError(t, err)
	r, _ := read(t, out)
	require.Equal(t, uint64(1_244_054_262), *r.Out)

	_, _, err = stake(t, "-lsts", filepath.Join(t.TempDir(), "missing.json"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

// recipient is a wallet of somebody else.
const recipient = "7GxhUAGrQqdEBbU1n9J5ULoY6nhPDhCpspcKvaRrGgp4"

func TestRecipient(t *testing.T) {
	out, _, err := stake(t, "-amount", "1.5", "-recipient", recipient)
	require.NoError(t, err)
	require.Contains(t, out, "  recipient  "+recipient+"\n")
	require.Contains(t, out, "  2. create the token account of "+recipient+" for mint ")
	require.Contains(t, out, " for at least 1.242810208 JitoSOL, paid to "+recipient+"\n")

	// Who names the owner names nobody else.
	path, owner := clitest.KeyFile(t)
	out, _, err = stake(t, "-keypair", path, "-recipient", owner.String())
	require.NoError(t, err)
	require.NotContains(t, out, "paid to")
}

func lookup(t *testing.T, symbol string) lst.LST {
	t.Helper()
	token, err := lst.Default().Lookup(symbol)
	require.NoError(t, err)
	return token
}

func TestMistakes(t *testing.T) {
	key, _ := clitest.KeyFile(t)
	for _, c := range []struct {
		name string
		args []string
		want error
		text string
	}{
		{"unknown symbol", []string{"-to", "nopeSOL"}, lst.ErrUnknown, "nopeSOL"},
		{"symbol of several", []string{"-to", "pineSOL"}, lst.ErrAmbiguous, "sctmYgvuDE71ZMmm1x5QdXcwxsBjouS7GGioUTYa1d3"},
		{"SOL for SOL", []string{"-to", "SOL"}, route.ErrSameToken, ""},
		{"stale pool", []string{"-to", "phaseSOL"}, quote.ErrStale, "phasejkG1akKgqkLvfWzWY17evnH6mSWznnUspmpyeG"},
		{"nothing", []string{"-amount", "0"}, quote.ErrZeroAmount, ""},
		{"too little", []string{"-amount", "0.000000001"}, quote.ErrTooSmall, ""},
		{"too many decimals", []string{"-amount", "1.0000000001"}, lst.ErrAmountPrecision, "1.0000000001"},
		{"words", []string{"-amount", "lots"}, lst.ErrAmountSyntax, "lots"},
		{"negative", []string{"-amount", "-1"}, lst.ErrAmountSyntax, "-1"},
		{"beyond all SOL", []string{"-amount", "99999999999999"}, lst.ErrAmountOverflow, ""},
		{"slippage over 10000 bps", []string{"-slippage-bps", "10001"}, route.ErrSlippage, "10001"},
		{"slippage far over", []string{"-slippage-bps", "65537"}, route.ErrSlippage, "65537"},
		{"send without a node", []string{"-send"}, nil, "-send needs -rpc and -keypair"},
		{"send without a key", []string{"-send", "-rpc", "http://127.0.0.1:1"}, nil, "-send needs -rpc and -keypair"},
		{"send with a key and no node", []string{"-send", "-keypair", key}, nil, "-send needs -rpc and -keypair"},
		{"no such key file", []string{"-keypair", filepath.Join(t.TempDir(), "missing.json")}, os.ErrNotExist, ""},
		{"not an endpoint", []string{"-rpc", "nowhere"}, nil, "endpoint"},
		{"not a flag", []string{"-nope"}, nil, "-nope"},
		{"no address", []string{"-recipient", "nobody"}, route.ErrRecipient, "nobody"},
		{"a token for a recipient", []string{"-recipient", lookup(t, "jitoSOL").Mint.String()}, route.ErrRecipient, "what is traded"},
		{"a pool for a recipient", []string{"-recipient", lookup(t, "jitoSOL").Pool.String()}, route.ErrRecipient, "part of the market"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, _, err := stake(t, c.args...)
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

func TestSend(t *testing.T) {
	node, endpoint := clitest.Serve(t)
	clitest.Land(node, "")
	path, owner := clitest.KeyFile(t)
	out, errOut, err := stake(t, "-rpc", endpoint, "-keypair", path, "-amount", "1.5", "-send", "-json")
	require.NoError(t, err)
	r, tx := read(t, out)
	require.True(t, *r.Confirmed)
	require.Equal(t, uint64(58_765), *r.UnitsConsumed)
	require.Nil(t, r.Err)
	require.Contains(t, errOut, "sent (handed out 1 times)\n")
	require.Contains(t, errOut, "seen (handed out 1 times)\n")
	require.Equal(t, owner, tx.Message.AccountKeys[0])

	out, _, err = stake(t, "-rpc", endpoint, "-keypair", path, "-amount", "1.5", "-send")
	require.NoError(t, err)
	require.Contains(t, out, "Landed in slot 342792004, confirmed, with 58765 compute units, for 0.000005 SOL\n")
}

func TestSendFailures(t *testing.T) {
	for _, c := range []struct {
		name    string
		prepare func(*sdktest.Node)
		want    []error
		units   uint64
	}{
		{"refused", func(node *sdktest.Node) {
			node.OnSend(func([]byte) *sdktest.Error { return sdktest.Preflight(`{"InstructionError":[2,{"Custom":39}]}`) })
		}, []error{sdk.ErrNotSent, progerr.ErrSlippage}, 0},
		{"landed and failed", func(node *sdktest.Node) { clitest.Land(node, `{"InstructionError":[2,{"Custom":39}]}`) }, []error{progerr.ErrSlippage}, 58_765},
	} {
		t.Run(c.name, func(t *testing.T) {
			node, endpoint := clitest.Serve(t)
			c.prepare(node)
			key, _ := clitest.KeyFile(t)
			out, _, err := stake(t, "-rpc", endpoint, "-keypair", key, "-send", "-json")
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

func TestNode(t *testing.T) {
	node, endpoint := clitest.Serve(t)
	out, _, err := stake(t, "-rpc", endpoint, "-amount", "1.5", "-json")
	require.NoError(t, err)
	read(t, out)
	require.Zero(t, node.Calls("simulateTransaction"), "a key made for this run has no account")
	require.Zero(t, node.Calls("sendTransaction"))

	node.OnSimulate(func([]byte) sdktest.Simulation { return sdktest.Simulation{Err: `"AccountNotFound"`} })
	key, _ := clitest.KeyFile(t)
	_, _, err = stake(t, "-rpc", endpoint, "-keypair", key)
	require.ErrorIs(t, err, sdk.ErrSimulation)
	require.ErrorIs(t, err, progerr.ErrInsufficientFunds)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var silent bytes.Buffer
	err = run(ctx, []string{"-rpc", endpoint}, &silent, &silent)
	require.ErrorIs(t, err, context.Canceled)
}
