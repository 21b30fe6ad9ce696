package explain

import (
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

var infinityProgram = program{name: nameInfinity, ids: accounts.ControllerPrograms(), instructions: []spec{
	{
		name: "SyncSolValue", tag: "\x00", data: []field{number("index", kindU32)},
		roles: []string{"LST mint", "pool state", "LST state list", "pool reserves"}, more: group("calculator"),
		words: "record what the pool holds of {LST mint}",
	},
	controllerSwap("SwapExactIn", "\x01", "protocol fee accumulator"),
	controllerSwap("SwapExactOut", "\x02", "protocol fee accumulator"),
	controllerLiquidity("AddLiquidity", "\x03", "LST mint", "LP mint", "add {amount} to the pool for at least {minimum out}"),
	controllerLiquidity("RemoveLiquidity", "\x04", "LP mint", "LST mint", "remove at least {minimum out} from the pool for {amount}"),
	manager("DisableLstInput", "\x05", "let the pool take no more {LST mint}", []field{number("index", kindU32)},
		"admin*", "LST mint", "pool state", "LST state list"),
	manager("EnableLstInput", "\x06", "let the pool take {LST mint} again", []field{number("index", kindU32)},
		"admin*", "LST mint", "pool state", "LST state list"),
	// The two versions of the program write the fees in ways that cannot always be told apart.
	manager("SetProtocolFee", "\x0b", "set the protocol's fees to the bytes {fees}", []field{value("fees", kindRest)}, "admin*", "pool state"),
	manager("SetProtocolFeeBeneficiary", "\x0c", "make {new beneficiary} the one who receives the protocol's fees", nil,
		"current beneficiary*", "new beneficiary*", "pool state"),
	manager("WithdrawProtocolFees", "\x0e", "pay {amount} of the protocol's fees to {destination token account}",
		[]field{tokens("amount", "LST mint")},
		"beneficiary*", "destination token account", "protocol fee accumulator", "protocol fee authority", "mint token program", "pool state",
		"LST mint"),
	manager("DisablePool", "\x11", "stop the pool", nil, "authority*", "pool state", "disable pool authority list"),
	manager("EnablePool", "\x12", "let the pool trade again", nil, "admin*", "pool state"),
	func() spec {
		s := manager("StartRebalance", "\x13", "take {amount} out of the pool to rebalance it", []field{
			number("output calculator accounts", kindU8), number("output index", kindU32), number("input index", kindU32),
			tokens("amount", "output mint"), tokens("minimum starting output", "output mint"), tokens("maximum starting input", "input mint"),
		}, "rebalance authority*", "pool state", "LST state list", "rebalance record", "output mint", "input mint", "output pool reserves",
			"input pool reserves", "destination token account", "=instructions sysvar", "=system program", "output mint token program")
		s.more = groups("output calculator", "input calculator")
		return s
	}(),
	func() spec {
		s := manager("EndRebalance", "\x14", "end the rebalance of the pool", nil,
			"rebalance authority*", "pool state", "LST state list", "rebalance record", "input mint", "input pool reserves")
		s.more = group("input calculator")
		return s
	}(),
	controllerSwap("SwapExactInV2", "\x17", ""),
	controllerSwap("SwapExactOutV2", "\x18", ""),
	manager("WithdrawProtocolFeesV2", "\x19", "pay the protocol's fees to {destination token account}", nil,
		"pool state", "beneficiary*", "destination token account", "LP mint", "LP mint token program"),
}}

// manager is an instruction for the managers of a program, which no trade has.
func manager(name, tag, words string, data []field, roles ...string) spec {
	s := spec{name: name, tag: tag, words: words, data: data, roles: roles}
	for _, text := range roles {
		if r, owner, _ := role(text); owner && s.rule == nil {
			s.rule = controls(r)
		}
	}
	return s
}

func controllerSwap(name, tag, accumulator string) spec {
	roles := []string{"signer*", "input mint", "output mint", "input token account+", "output token account+"}
	if accumulator != "" {
		roles = append(roles, accumulator)
	}
	s := spec{
		name: name, tag: tag,
		roles: append(roles, "input mint token program", "output mint token program", "pool state", "LST state list", "input pool reserves",
			"output pool reserves"),
		more: groups("input calculator", "output calculator", "pricing"),
	}
	s.data = []field{
		number("input calculator accounts", kindU8), number("output calculator accounts", kindU8), number("input index", kindU32),
		number("output index", kindU32),
	}
	t := trade{
		authority: "signer", source: "input token account", pays: "amount", destination: "output token account", gets: "output mint",
		atLeast: "minimum out",
	}
	if name == "SwapExactIn" || name == "SwapExactInV2" {
		s.data = append(s.data, tokens("minimum out", "output mint"), tokens("amount", "input mint"))
		s.words = "trade {amount} for at least {minimum out}"
	} else {
		s.data = append(s.data, tokens("maximum in", "input mint"), tokens("amount", "output mint"))
		s.words = "trade at most {maximum in} for {amount}"
		t.pays, t.atLeast = "maximum in", "amount"
	}
	s.rule = trading(t)
	return s
}

func controllerLiquidity(name, tag, from, to, words string) spec {
	t := trade{authority: "signer", source: "LST token account", pays: "amount", destination: "LP token account", gets: to, atLeast: "minimum out"}
	if from == "LP mint" {
		t.source, t.destination = t.destination, t.source
	}
	return spec{
		name: name, tag: tag,
		data: []field{
			number("calculator accounts", kindU8), number("index", kindU32), tokens("amount", from), tokens("minimum out", to),
		},
		roles: []string{
			"signer*", "LST mint", "LST token account+", "LP token account+", "LP mint", "protocol fee accumulator", "LST mint token program",
			"LP mint token program", "pool state", "LST state list", "pool reserves",
		},
		more: groups("calculator", "pricing"), words: words, rule: trading(t),
	}
}

// group are the accounts of one program that the controller calls.
func group(name string) func(*Instruction, []Account) ([]string, bool) { return groups(name) }

// groups are the accounts of the programs that the controller calls, each with the program first. The data tells how many there are of
// all but the last.
func groups(names ...string) func(*Instruction, []Account) ([]string, bool) {
	return func(in *Instruction, rest []Account) ([]string, bool) {
		var roles []string
		for i, name := range names {
			n := len(rest) - len(roles)
			if i < len(names)-1 {
				n = int(min(in.amount(name+" accounts"), 255))
			}
			if n < 1 || len(roles)+n > len(rest) {
				return nil, false
			}
			roles = append(append(roles, name+" program"), slices.Repeat([]string{name + " account"}, n-1)...)
		}
		return roles, true
	}
}

var flatFeeProgram = program{name: nameFlatFee, ids: []solana.PublicKey{accounts.FlatFeeProgram}, instructions: []spec{
	manager("AddLst", "\xfd", "set the fees of {LST mint} for the first time",
		[]field{value("input fee", kindI16), value("output fee", kindI16)},
		"manager*", "payer*", "fee account", "LST mint", "state", "=system program"),
	manager("SetLstFee", "\xfb", "set the fees in {fee account}", []field{value("input fee", kindI16), value("output fee", kindI16)},
		"manager*", "fee account", "state"),
	manager("SetLpWithdrawalFee", "\xfa", "set the fee for removing liquidity to {fee} basis points", []field{number("fee", kindU16)},
		"manager*", "state"),
}}

var flatSlabProgram = program{name: nameFlatSlab, ids: []solana.PublicKey{accounts.FlatSlabProgram}, instructions: []spec{
	manager("SetLstFee", "\xfd", "set the fees of {LST mint}", []field{value("input fee", kindI32), value("output fee", kindI32)},
		"admin*", "payer*", "slab", "LST mint", "=system program"),
	manager("RemoveLst", "\xfc", "remove the fees of {LST mint}", nil, "admin*", "refund account*", "slab", "LST mint"),
}}
