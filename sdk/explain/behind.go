package explain

import (
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
)

// behind returns the named accounts that follow those of the table. It reports
// false if the accounts are not valid for the instruction.
func (s *spec) behind(in *Instruction, rest []Account) (more []idl.Account, ok bool) {
	table := s.table.Rest
	switch {
	case s.more != nil:
		return s.more(in, rest)
	case table.Optional != nil && len(rest) > 0:
		return []idl.Account{*table.Optional}, true
	case len(table.Repeated) > 0:
		times := len(rest) / len(table.Repeated)
		return slices.Repeat(table.Repeated, times), len(rest)%len(table.Repeated) == 0
	case len(table.Groups) > 0:
		return groups(table.Groups, in, rest)
	case len(table.Pools) > 0:
		return pools(table.Pools, rest)
	}

	return nil, true
}

// groups returns the accounts of the programs that Infinity calls, each group
// led by its program. The data contains the number of accounts of all groups
// but the last.
func groups(names []string, in *Instruction, rest []Account) (more []idl.Account, ok bool) {
	for i, name := range names {
		n := len(rest) - len(more)
		if i < len(names)-1 {
			n = int(min(in.amount(name+" accounts"), 255))
		}

		if n < 1 || len(more)+n > len(rest) {
			return nil, false
		}

		more = append(more, idl.Account{Name: name + " program"})
		account := idl.Account{Name: name + " account"}
		more = append(more, slices.Repeat([]idl.Account{account}, n-1)...)
	}

	return more, true
}

// pools returns the accounts of consecutive pools.
func pools(kinds []*idl.Pools, rest []Account) (more []idl.Account, ok bool) {
	for _, kind := range kinds {
		if len(more) >= len(rest) {
			return nil, false
		}

		table := poolOf(kind, rest[len(more)].Address)
		if len(table) == 0 {
			return nil, false
		}

		more = append(more, table...)
	}

	return more, true
}

// poolOf returns the accounts for a pool of a program, or nil if the program
// has no such pools.
func poolOf(kind *idl.Pools, program solana.PublicKey) []idl.Account {
	switch {
	case slices.Contains(accounts.StakePoolPrograms(), program):
		return kind.StakePool
	case program == accounts.MarinadeProgram:
		return kind.Marinade
	case program == accounts.LidoProgram:
		return kind.Lido
	case program == accounts.ReserveProgram:
		return kind.Reserve
	}

	return nil
}
