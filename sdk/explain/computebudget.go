package explain

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

var computeBudgetProgram = program{name: nameComputeBudget, ids: []solana.PublicKey{accounts.ComputeBudgetProgram}, instructions: []spec{
	{
		name: "RequestHeapFrame", tag: "\x01", data: []field{{name: "heap", kind: kindU32, unit: UnitBytes}},
		words: "ask for {heap} of memory",
	},
	{
		name: "SetComputeUnitLimit", tag: "\x02", data: []field{{name: "limit", kind: kindU32, unit: UnitCompute}},
		words: "limit the transaction to {limit}",
	},
	{
		name: "SetComputeUnitPrice", tag: "\x03", data: []field{{name: "price", kind: kindU64, unit: UnitMicroLamports}},
		words: "pay {price} a compute unit for priority",
	},
	{
		name: "SetLoadedAccountsDataSizeLimit", tag: "\x04", data: []field{{name: "limit", kind: kindU32, unit: UnitBytes}},
		words: "load accounts of {limit} at most",
	},
}}
