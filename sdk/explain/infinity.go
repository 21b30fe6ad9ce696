package explain

import (
	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
)

var infinityProgram = program{
	name: nameInfinity,
	ids:  accounts.ControllerPrograms(),
	instructions: []spec{
		{table: &idl.InfinitySyncSOLValue, words: "record the pool's balance of {LST mint}"},
		controllerSwap(&idl.InfinitySwapExactIn),
		controllerSwapOut(&idl.InfinitySwapExactOut),
		{
			table:    &idl.InfinityAddLiquidity,
			wallets:  []string{"signer"},
			holdings: []string{"LST token account", "LP token account"},
			words:    "add {amount} to the pool for at least {minimum out}",
			rule: trading(trade{
				authority:   "signer",
				source:      "LST token account",
				pays:        "amount",
				destination: "LP token account",
				gets:        "LP mint",
				atLeast:     "minimum out",
			}),
		},
		{
			table:    &idl.InfinityRemoveLiquidity,
			wallets:  []string{"signer"},
			holdings: []string{"LST token account", "LP token account"},
			words:    "remove at least {minimum out} from the pool for {amount}",
			rule: trading(trade{
				authority:   "signer",
				source:      "LP token account",
				pays:        "amount",
				destination: "LST token account",
				gets:        "LST mint",
				atLeast:     "minimum out",
			}),
		},
		manager(&idl.InfinityDisableLSTInput, "stop the pool from accepting {LST mint}", "admin"),
		manager(&idl.InfinityEnableLSTInput, "let the pool accept {LST mint} again", "admin"),
		manager(&idl.InfinitySetProtocolFee, "set the protocol's fees to the bytes {fees}",
			"admin"),
		manager(
			&idl.InfinitySetProtocolFeeBeneficiary,
			"make {new beneficiary} the one who receives the protocol's fees",
			"current beneficiary", "new beneficiary",
		),
		manager(
			&idl.InfinityWithdrawProtocolFees,
			"pay {amount} of the protocol's fees to {destination token account}",
			"beneficiary",
		),
		manager(&idl.InfinityDisablePool, "stop the pool", "authority"),
		manager(&idl.InfinityEnablePool, "let the pool trade again", "admin"),
		manager(
			&idl.InfinityStartRebalance,
			"take {amount} out of the pool to rebalance it",
			"rebalance authority",
		),
		manager(&idl.InfinityEndRebalance, "end the rebalance of the pool", "rebalance authority"),
		controllerSwap(&idl.InfinitySwapExactInV2),
		controllerSwapOut(&idl.InfinitySwapExactOutV2),
		manager(
			&idl.InfinityWithdrawProtocolFeesV2,
			"pay the protocol's fees to {destination token account}",
			"beneficiary",
		),
	},
}

// manager returns the row of an instruction for managers of a program, which no
// trade contains. The first of the wallets is the authority over what it
// changes.
func manager(table *idl.Instruction, words string, wallets ...string) spec {
	return spec{
		table:   table,
		wallets: wallets,
		words:   words,
		rule:    controls(wallets[0]),
	}
}

// controllerSwap returns the row of a swap with an exact input amount.
func controllerSwap(table *idl.Instruction) spec {
	return spec{
		table:    table,
		wallets:  []string{"signer"},
		holdings: []string{"input token account", "output token account"},
		words:    "trade {amount} for at least {minimum out}",
		rule: trading(trade{
			authority:   "signer",
			source:      "input token account",
			pays:        "amount",
			destination: "output token account",
			gets:        "output mint",
			atLeast:     "minimum out",
		}),
	}
}

// controllerSwapOut returns the row of a swap with an exact output amount.
func controllerSwapOut(table *idl.Instruction) spec {
	s := controllerSwap(table)
	s.words = "trade at most {maximum in} for {amount}"
	s.rule = trading(trade{
		authority:   "signer",
		source:      "input token account",
		pays:        "maximum in",
		destination: "output token account",
		gets:        "output mint",
		atLeast:     "amount",
	})

	return s
}
