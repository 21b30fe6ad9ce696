package attacks

import (
	"slices"

	"github.com/gagliardetto/solana-go"
	computebudget "github.com/gagliardetto/solana-go/programs/compute-budget"
	"github.com/gagliardetto/solana-go/programs/system"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Way is a variant of an attack: it adds instructions that change nothing for
// the owner, in some order.
type Way struct {
	Name string
	// Write adds the instructions of the variant to those of the attack. An
	// instruction that advances a nonce remains the first.
	Write func(ixs []solana.Instruction) []solana.Instruction
	// Asserts reports whether the variant contains an instruction of
	// Lighthouse.
	Asserts bool
}

// idle is an instruction that changes nothing for the owner.
type idle struct {
	name string
	ix   solana.Instruction
}

// Ways returns the variants of an attack. The first is the attack itself. The
// others have each idle instruction at each position, and all of them in
// several orders.
func Ways(p Parties) ([]Way, error) {
	memo, err := txn.Memo("thank you")
	if err != nil {
		return nil, err
	}

	all := []idle{
		{"a budget", computebudget.NewSetComputeUnitLimitInstruction(300_000).Build()},
		{"a memo", memo.Instruction},
		{
			"an account of the thief's",
			txn.CreateTokenAccount(p.Thief, p.Thief, p.Mint, accounts.TokenProgram).Instruction,
		},
		{"a transfer of the thief's", system.NewTransferInstruction(1, p.Thief, p.Thief).Build()},
	}

	assertion := idle{"an assertion", solana.NewInstruction(
		explain.LighthouseProgram,
		solana.AccountMetaSlice{solana.Meta(p.Owner)},
		[]byte{5, 0, 0, 1, 2, 3},
	)}

	ways := []Way{way("as it is", func(ixs []solana.Instruction) []solana.Instruction {
		return ixs
	})}
	for _, i := range append(slices.Clone(all), assertion) {
		for _, w := range []Way{
			way(i.name+" first", func(ixs []solana.Instruction) []solana.Instruction {
				return Insert(ixs, 0, i.ix)
			}),
			way(i.name+" in between", func(ixs []solana.Instruction) []solana.Instruction {
				return Insert(ixs, min(1, len(ixs)), i.ix)
			}),
			way(i.name+" last", func(ixs []solana.Instruction) []solana.Instruction {
				return Insert(ixs, len(ixs), i.ix)
			}),
		} {
			w.Asserts = i == assertion
			ways = append(ways, w)
		}
	}

	forward := make([]solana.Instruction, len(all))
	for n, i := range all {
		forward[n] = i.ix
	}

	backward := slices.Clone(forward)
	slices.Reverse(backward)
	for _, order := range []struct {
		name string
		ixs  []solana.Instruction
	}{{"", forward}, {", backward", backward}} {
		half := len(order.ixs) / 2
		ways = append(
			ways,
			way("all first"+order.name, func(ixs []solana.Instruction) []solana.Instruction {
				return slices.Concat(order.ixs, ixs)
			}),
			way("all around"+order.name, func(ixs []solana.Instruction) []solana.Instruction {
				return slices.Concat(order.ixs[:half], ixs, order.ixs[half:])
			}),
			way("all in turn"+order.name, func(ixs []solana.Instruction) []solana.Instruction {
				return inTurn(ixs, order.ixs)
			}),
		)
	}

	return ways, nil
}

// way keeps an instruction that advances a nonce at its position.
func way(name string, write func([]solana.Instruction) []solana.Instruction) Way {
	return Way{
		Name: name,
		Write: func(ixs []solana.Instruction) []solana.Instruction {
			first := 0
			if len(ixs) > 0 && advances(ixs[0]) {
				first = 1
			}
			return slices.Concat(ixs[:first], write(ixs[first:]))
		},
	}
}

// advances reports whether an instruction advances a nonce.
func advances(ix solana.Instruction) bool {
	data, err := ix.Data()
	return err == nil && ix.ProgramID() == accounts.SystemProgram && len(data) > 0 &&
		data[0] == byte(system.Instruction_AdvanceNonceAccount)
}

// inTurn adds one idle instruction after each instruction of an attack, and the
// remaining ones at the end.
func inTurn(ixs, idle []solana.Instruction) []solana.Instruction {
	var all []solana.Instruction
	for n, ix := range ixs {
		all = append(all, ix)
		if n < len(idle) {
			all = append(all, idle[n])
		}
	}
	return append(all, idle[min(len(ixs), len(idle)):]...)
}
