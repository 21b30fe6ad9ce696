package foreign_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/foreign"
)

var (
	owner = solana.PublicKey{1}
	inKey = solana.PublicKey{2}
	out   = solana.PublicKey{3}
	table = solana.PublicKey{4}
)

// object is a JSON object.
type object map[string]any

// text returns the object in JSON.
func (o object) text(t testing.TB) []byte {
	t.Helper()
	data, err := json.Marshal(o)
	require.NoError(t, err)
	return data
}

// with returns the object with other fields.
func (o object) with(others object) object {
	whole := make(object)
	for _, part := range []object{o, others} {
		for name, value := range part {
			whole[name] = value
		}
	}
	return whole
}

// instruction is an instruction in the published form, with one account.
func instruction(program solana.PublicKey, data string) object {
	return object{
		"programId": program.String(),
		"accounts": []any{
			object{"pubkey": owner.String(), "isSigner": true, "isWritable": true},
		},
		"data": data,
	}
}

// The published forms: a quote of 100 base units for 50, at least 49, and the
// instructions for it.
var (
	quote = object{
		"inputMint":            inKey.String(),
		"inAmount":             "100",
		"outputMint":           out.String(),
		"outAmount":            "50",
		"otherAmountThreshold": "49",
		"swapMode":             "ExactIn",
		"slippageBps":          200,
		"priceImpactPct":       "0.01",
		"routePlan":            []any{object{"percent": 100}},
	}
	instructions = object{
		"tokenLedgerInstruction": nil,
		"computeBudgetInstructions": []any{
			instruction(accounts.ComputeBudgetProgram, "AsBcFQA="),
		},
		"setupInstructions":           []any{instruction(accounts.AssociatedTokenProgram, "AQ==")},
		"swapInstruction":             instruction(foreign.JupiterProgram, "AAEC"),
		"cleanupInstruction":          instruction(accounts.TokenProgram, "CQ=="),
		"otherInstructions":           []any{},
		"addressLookupTableAddresses": []any{table.String()},
	}
	build = quote.with(instructions).with(object{
		"tipInstruction":                nil,
		"addressLookupTableAddresses":   nil,
		"addressesByLookupTableAddress": object{table.String(): []any{owner.String()}},
		"blockhashWithMetadata":         object{"blockhash": []int{1}, "lastValidBlockHeight": 7},
	})
)

// long is a text longer than any field.
var long = strings.Repeat("1", 10_000)
