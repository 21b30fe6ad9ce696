package foreign_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/foreign"
)

// TestDecodeInstructions_PublishedForms reads the same swap in the forms of
// versions 1 and 2. The compute budget is left out, the order is that of the
// transaction.
func TestDecodeInstructions_PublishedForms(t *testing.T) {
	first, err := foreign.DecodeInstructions(quote.text(t), instructions.text(t),
		foreign.JupiterProgram)
	require.NoError(t, err)
	second, err := foreign.DecodeBuild(build.text(t), foreign.JupiterProgram)
	require.NoError(t, err)
	require.Equal(t, first, second)

	require.Equal(t, inKey, first.InMint)
	require.Equal(t, out, first.OutMint)
	require.EqualValues(t, 100, first.In)
	require.EqualValues(t, 49, first.MinOut)
	require.Equal(t, []solana.PublicKey{table}, first.Tables)
	var programs []solana.PublicKey
	for _, ix := range first.Instructions {
		programs = append(programs, ix.ProgramID())
	}

	require.Equal(t, []solana.PublicKey{accounts.AssociatedTokenProgram, foreign.JupiterProgram,
		accounts.TokenProgram}, programs)
	swap := first.Instructions[1]
	data, err := swap.Data()
	require.NoError(t, err)
	require.Equal(t, []byte{0, 1, 2}, data)
	require.Equal(t, []*solana.AccountMeta{solana.NewAccountMeta(owner, true, true)},
		swap.Accounts())
}

// TestDecodeBuild_KeepsEverything checks that no instruction of a response is
// dropped but those of the compute budget, so that a client can refuse them.
func TestDecodeBuild_KeepsEverything(t *testing.T) {
	whole := build.with(object{
		"tokenLedgerInstruction": instruction(foreign.JupiterProgram, "AA=="),
		"otherInstructions":      []any{instruction(accounts.MemoProgram, "AA==")},
		"tipInstruction":         instruction(accounts.SystemProgram, "AA=="),
		"computeBudgetInstructions": []any{
			instruction(accounts.ComputeBudgetProgram, "AsBcFQA="),
		},
	})

	leg, err := foreign.DecodeBuild(whole.text(t), foreign.JupiterProgram)
	require.NoError(t, err)
	require.Len(t, leg.Instructions, 6)
	require.Equal(t, accounts.SystemProgram, leg.Instructions[5].ProgramID())
}

// TestDecodeBuild_Refuses changes single fields of the response.
func TestDecodeBuild_Refuses(t *testing.T) {
	account := object{"pubkey": owner.String()}
	tables := make(object)
	for i := range 17 {
		tables[solana.PublicKey{byte(i)}.String()] = nil
	}

	for name, change := range map[string]object{
		"no swap":           {"swapInstruction": nil},
		"an error":          {"error": "no route"},
		"mint":              {"inputMint": "x"},
		"long mint":         {"outputMint": long},
		"amount":            {"inAmount": "-1"},
		"amount of 65 bits": {"outAmount": "18446744073709551616"},
		"no minimum":        {"otherAmountThreshold": ""},
		"minimum above":     {"otherAmountThreshold": "51"},
		"exact output":      {"swapMode": "ExactOut"},
		"tables":            {"addressesByLookupTableAddress": tables},
		"table":             {"addressLookupTableAddresses": []any{long}},
		"program":           {"swapInstruction": object{"programId": "?"}},
		"account": {"swapInstruction": object{"programId": owner.String(),
			"accounts": []any{object{}}}},
		"accounts": {"swapInstruction": object{"programId": owner.String(),
			"accounts": slicesOf(account, 129)}},
		"base64":             {"swapInstruction": instruction(owner, "A")},
		"loose base64":       {"swapInstruction": instruction(owner, "AAF=")},
		"long data":          {"swapInstruction": instruction(owner, strings.Repeat("AAAA", 412))},
		"many instructions":  {"otherInstructions": slicesOf(instruction(owner, ""), 32)},
		"number for a field": {"setupInstructions": 7},
	} {
		_, err := foreign.DecodeBuild(build.with(change).text(t), foreign.JupiterProgram)
		require.ErrorIs(t, err, foreign.ErrResponse, name)
		require.Less(t, len(err.Error()), 200, name)
		require.NotContains(t, err.Error(), "\n", name)
	}

	for name, text := range map[string][]byte{
		"nothing":  nil,
		"too long": bytes.Repeat([]byte(" "), 1<<20+1),
		"list":     []byte("[]"),
		"deep":     bytes.Repeat([]byte("["), 100_000),
	} {
		_, err := foreign.DecodeBuild(text, foreign.JupiterProgram)
		require.ErrorIs(t, err, foreign.ErrResponse, name)
		_, err = foreign.DecodeInstructions(text, instructions.text(t), foreign.JupiterProgram)
		require.ErrorIs(t, err, foreign.ErrResponse, name)
		_, err = foreign.DecodeInstructions(quote.text(t), text, foreign.JupiterProgram)
		require.ErrorIs(t, err, foreign.ErrResponse, name)
	}
}

// slicesOf returns a list that repeats a value.
func slicesOf(value any, count int) []any {
	list := make([]any, count)
	for i := range list {
		list[i] = value
	}
	return list
}

// FuzzDecodeBuild reads arbitrary text.
func FuzzDecodeBuild(f *testing.F) {
	f.Add(build.text(f))
	f.Add([]byte(`{"swapInstruction":{}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		leg, err := foreign.DecodeBuild(text, foreign.JupiterProgram)
		if err != nil {
			require.ErrorIs(t, err, foreign.ErrResponse)
			return
		}

		require.NotContains(t, leg.Instructions, nil)
	})
}
