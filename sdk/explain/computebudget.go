package explain

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
)

var computeBudgetProgram = program{
	name: nameComputeBudget,
	ids:  []solana.PublicKey{accounts.ComputeBudgetProgram},
	instructions: []spec{
		{
			table: own(
				"RequestHeapFrame",
				"\x01",
				roles(),
				idl.Field{
					Name: "heap",
					Kind: idl.KindU32,
					Unit: idl.UnitBytes,
				},
			),
			words: "request {heap} of heap memory",
		},
		{
			table: own(
				"SetComputeUnitLimit",
				"\x02",
				roles(),
				idl.Field{
					Name: "limit",
					Kind: idl.KindU32,
					Unit: idl.UnitCompute,
				},
			),
			words: "limit the transaction to {limit}",
		},
		{
			table: own(
				"SetComputeUnitPrice",
				"\x03",
				roles(),
				idl.Field{
					Name: "price",
					Kind: idl.KindU64,
					Unit: idl.UnitMicroLamports,
				},
			),
			words: "pay a priority fee of {price} per compute unit",
		},
		{
			table: own(
				"SetLoadedAccountsDataSizeLimit",
				"\x04",
				roles(),
				idl.Field{
					Name: "limit",
					Kind: idl.KindU32,
					Unit: idl.UnitBytes,
				},
			),
			words: "load accounts of at most {limit}",
		},
	},
}
