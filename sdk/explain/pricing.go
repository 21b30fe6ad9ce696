package explain

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
)

var flatFeeProgram = program{
	name: nameFlatFee,
	ids:  []solana.PublicKey{accounts.FlatFeeProgram},
	instructions: []spec{
		manager(
			&idl.FlatFeeAddLST,
			"set the fees of {LST mint} for the first time",
			"manager", "payer",
		),
		manager(&idl.FlatFeeSetLSTFee, "set the fees in {fee account}", "manager"),
		manager(
			&idl.FlatFeeSetLPWithdrawalFee,
			"set the fee for removing liquidity to {fee} basis points",
			"manager",
		),
	},
}

var flatSlabProgram = program{
	name: nameFlatSlab,
	ids:  []solana.PublicKey{accounts.FlatSlabProgram},
	instructions: []spec{
		manager(&idl.FlatSlabSetLSTFee, "set the fees of {LST mint}", "admin", "payer"),
		manager(&idl.FlatSlabRemoveLST, "remove the fees of {LST mint}", "admin", "refund account"),
	},
}
