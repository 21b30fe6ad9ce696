package attacks

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"
)

// Mutant is a modified transaction.
type Mutant struct {
	// Change describes the modification.
	Change       string
	Instructions []solana.Instruction
}

// Remove removes an instruction.
func Remove(ixs []solana.Instruction, at int) []solana.Instruction {
	return slices.Delete(slices.Clone(ixs), at, at+1)
}

// Insert inserts an instruction at a position.
func Insert(ixs []solana.Instruction, at int, ix solana.Instruction) []solana.Instruction {
	return slices.Insert(slices.Clone(ixs), at, ix)
}

// Move moves an instruction to another position.
func Move(ixs []solana.Instruction, from, to int) []solana.Instruction {
	return Insert(Remove(ixs, from), to, ixs[from])
}

// WithAccount replaces an account of an instruction, and keeps its access.
func WithAccount(
	ixs []solana.Instruction,
	at, account int,
	key solana.PublicKey,
) []solana.Instruction {
	return with(
		ixs,
		at,
		func(metas solana.AccountMetaSlice, data []byte) { metas[account].PublicKey = key },
	)
}

// WithAmount replaces the last occurrence of an amount in the data of an
// instruction. The result is false if the data does not contain it.
func WithAmount(ixs []solana.Instruction, at int, from, to uint64) ([]solana.Instruction, bool) {
	found := false
	changed := with(ixs, at, func(_ solana.AccountMetaSlice, data []byte) {
		if i := bytes.LastIndex(data, binary.LittleEndian.AppendUint64(nil, from)); i >= 0 {
			binary.LittleEndian.PutUint64(data[i:], to)
			found = true
		}
	})
	return changed, found
}

// WithByte changes one byte of the data of an instruction.
func WithByte(ixs []solana.Instruction, at, offset int, to byte) []solana.Instruction {
	return with(ixs, at, func(_ solana.AccountMetaSlice, data []byte) { data[offset] = to })
}

// WithKey replaces a key in the data of an instruction. The result is false if
// the data does not contain it.
func WithKey(
	ixs []solana.Instruction,
	at int,
	from, to solana.PublicKey,
) ([]solana.Instruction, bool) {
	found := false
	changed := with(ixs, at, func(_ solana.AccountMetaSlice, data []byte) {
		if i := bytes.Index(data, from[:]); i >= 0 {
			copy(data[i:], to[:])
			found = true
		}
	})
	return changed, found
}

// with modifies a copy of an instruction.
func with(
	ixs []solana.Instruction, at int, change func(solana.AccountMetaSlice, []byte),
) []solana.Instruction {
	data, err := ixs[at].Data()
	if err != nil {
		return ixs
	}

	data = slices.Clone(data)
	metas := make(solana.AccountMetaSlice, len(ixs[at].Accounts()))
	for i, m := range ixs[at].Accounts() {
		meta := *m
		metas[i] = &meta
	}

	change(metas, data)
	changed := slices.Clone(ixs)
	changed[at] = solana.NewInstruction(ixs[at].ProgramID(), metas, data)

	return changed
}

// Systematic returns all single modifications of the order and the accounts of
// a transaction. Every instruction is removed, duplicated at both ends, and
// moved to both ends and after the next one. Every account is replaced by each
// of the keys.
func Systematic(ixs []solana.Instruction, keys ...solana.PublicKey) []Mutant {
	var all []Mutant
	add := func(changed []solana.Instruction, format string, args ...any) {
		all = append(all, Mutant{Change: fmt.Sprintf(format, args...), Instructions: changed})
	}
	last := len(ixs) - 1
	for i, ix := range ixs {
		add(Remove(ixs, i), "without %d", i+1)
		add(Insert(ixs, len(ixs), ix), "%d again at the end", i+1)
		add(Insert(ixs, 0, ix), "%d again at the beginning", i+1)
		add(Move(ixs, i, last), "%d at the end", i+1)
		add(Move(ixs, i, 0), "%d at the beginning", i+1)
		if i < last {
			add(Move(ixs, i, i+1), "%d after the next", i+1)
		}

		for k := range ix.Accounts() {
			for n, key := range keys {
				if ix.Accounts()[k].PublicKey != key {
					add(WithAccount(ixs, i, k, key), "account %d of %d is key %d", k+1, i+1, n)
				}
			}
		}
	}

	return all
}
