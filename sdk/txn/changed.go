package txn

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// ErrChanged is returned by [Partial.Merge] as a [*ChangedError] when a wallet
// returned another transaction than it was given. Review it with the client
// before sending it.
var ErrChanged = errors.New("transaction was changed (have it signed as it was handed out)")

// Change is a part of a transaction.
type Change string

// The parts in which a transaction can differ from the one that was handed out.
const (
	ChangeVersion      Change = "version"
	ChangePayer        Change = "fee payer"
	ChangeSigners      Change = "signers"
	ChangeBlockhash    Change = "blockhash"
	ChangeBudget       Change = "compute budget"
	ChangeInstructions Change = "instructions"
	// ChangeAccounts are the accounts beside those of instructions and signers: their order, what they may, and the lookup tables.
	ChangeAccounts Change = "accounts"
)

// ChangedError says in what a transaction differs from the one that was handed out. It wraps [ErrChanged].
type ChangedError struct {
	// Changes are the parts that differ, at least one.
	Changes []Change
	// Detail is about the first instruction that differs; empty if none does.
	Detail string
}

// Error is one line with all parts.
func (e *ChangedError) Error() string {
	if e == nil {
		return "<nil>"
	}

	parts := make([]string, len(e.Changes))
	for i, c := range e.Changes {
		parts[i] = string(c)
	}
	text := fmt.Sprintf("%v: its %s", ErrChanged, strings.Join(parts, ", "))
	if e.Detail != "" {
		text += " (" + e.Detail + ")"
	}
	return text
}

// Unwrap returns ErrChanged.
func (e *ChangedError) Unwrap() error { return ErrChanged }

// changed says in what another message differs from that of the transaction.
func (u *Unsigned) changed(raw []byte) error {
	got, err := parseMessage(raw)
	if err != nil {
		return err
	}
	want, err := parseMessage(u.message)
	if err != nil {
		return err
	}
	e := new(ChangedError)
	note := func(differs bool, c Change) {
		if differs {
			e.Changes = append(e.Changes, c)
		}
	}
	note(got.version != want.version, ChangeVersion)
	note(got.AccountKeys[0] != want.AccountKeys[0], ChangePayer)
	note(!slices.Equal(otherSigners(got.Message), otherSigners(want.Message)), ChangeSigners)
	note(got.RecentBlockhash != want.RecentBlockhash, ChangeBlockhash)
	gotBudget, gotRest := instructionsOf(got.Message)
	wantBudget, wantRest := instructionsOf(want.Message)
	note(got.config != want.config || !slices.Equal(gotBudget, wantBudget), ChangeBudget)
	note(!slices.Equal(gotRest, wantRest), ChangeInstructions)
	if !slices.Equal(gotRest, wantRest) {
		e.Detail = differenceOf(gotRest, wantRest)
	}
	if len(e.Changes) == 0 {
		e.Changes = []Change{ChangeAccounts}
	}
	return e
}

// otherSigners are the keys that sign beside the fee payer, in an order of their own.
func otherSigners(m *solana.Message) []solana.PublicKey {
	keys := slices.Clone(m.AccountKeys[1:m.Header.NumRequiredSignatures])
	slices.SortFunc(keys, accounts.CompareKeys)
	return keys
}

// words is what an instruction does, comparable wherever the message has its accounts.
type words struct {
	program solana.PublicKey
	rest    string
}

// instructionsOf are the instructions of a message, those of the compute budget apart. Accounts from lookup tables are named by table and
// index, so that nobody needs the tables.
func instructionsOf(m *solana.Message) (budget, others []words) {
	names := make([]string, 0, len(m.AccountKeys)+m.NumLookups())
	for _, key := range m.AccountKeys {
		names = append(names, string(key[:]))
	}
	for _, writable := range []bool{true, false} {
		for _, lookup := range m.AddressTableLookups {
			indexes := lookup.ReadonlyIndexes
			if writable {
				indexes = lookup.WritableIndexes
			}
			for _, index := range indexes {
				names = append(names, string(lookup.AccountKey[:])+string([]byte{index}))
			}
		}
	}
	for _, ix := range m.Instructions {
		w := words{program: m.AccountKeys[ix.ProgramIDIndex]}
		var rest strings.Builder
		for _, at := range ix.Accounts {
			fmt.Fprintf(&rest, "%x ", names[at])
		}
		fmt.Fprintf(&rest, ": %x", []byte(ix.Data))
		w.rest = rest.String()
		if w.program == accounts.ComputeBudgetProgram {
			budget = append(budget, w)
		} else {
			others = append(others, w)
		}
	}
	return budget, others
}

// differenceOf says where two lists of instructions, without those of the compute budget, begin to differ.
func differenceOf(got, want []words) string {
	at := 0
	for at < len(got) && at < len(want) && got[at] == want[at] {
		at++
	}
	switch {
	case len(got) > len(want):
		return fmt.Sprintf("%d more, first one of program %s", len(got)-len(want), got[at].program)
	case len(got) < len(want):
		return fmt.Sprintf("%d fewer, first one of program %s", len(want)-len(got), want[at].program)
	}
	return fmt.Sprintf("one of program %s in place of one of program %s", got[at].program, want[at].program)
}
