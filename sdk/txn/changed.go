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
// returned a transaction other than the one it was given. Review the returned
// transaction with the client before you send it.
var ErrChanged = errors.New("transaction was changed (have the original signed)")

// Change names a part of a transaction.
type Change string

// The parts in which a returned transaction can differ from the original.
const (
	ChangeVersion      Change = "version"
	ChangePayer        Change = "fee payer"
	ChangeSigners      Change = "signers"
	ChangeBlockhash    Change = "blockhash"
	ChangeBudget       Change = "compute budget"
	ChangeInstructions Change = "instructions"
	// ChangeAccounts covers all other differences of accounts: their order,
	// their privileges and the lookup tables.
	ChangeAccounts Change = "accounts"
)

// ChangedError lists the parts in which a returned transaction differs from the
// original. It wraps [ErrChanged].
type ChangedError struct {
	// Changes lists the parts that differ. It has at least one element.
	Changes []Change
	// Detail describes the first instruction that differs. It is empty if all
	// instructions are the same.
	Detail string
}

// Error returns one line that names all parts.
func (e *ChangedError) Error() string {
	if e == nil {
		return "<nil>"
	}

	parts := make([]string, len(e.Changes))
	for i, c := range e.Changes {
		parts[i] = string(c)
	}

	text := fmt.Sprintf("%v: it differs in %s", ErrChanged, strings.Join(parts, ", "))
	if e.Detail != "" {
		text += " (" + e.Detail + ")"
	}

	return text
}

// Unwrap returns [ErrChanged].
func (e *ChangedError) Unwrap() error { return ErrChanged }

// changed compares another message with that of the transaction and returns a
// [*ChangedError], or an error if the other bytes are not a message.
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

// otherSigners returns the signers other than the fee payer, sorted by their
// bytes.
func otherSigners(m *solana.Message) []solana.PublicKey {
	keys := slices.Clone(m.AccountKeys[1:m.Header.NumRequiredSignatures])
	slices.SortFunc(keys, accounts.CompareKeys)
	return keys
}

// words is the content of an instruction. Two of them can be compared even if
// their messages order the accounts differently.
type words struct {
	program solana.PublicKey
	rest    string
}

// instructionsOf returns the instructions of a message, with those of the
// compute budget apart. Accounts from lookup tables are named by table and
// index, so that the content of the tables is not needed.
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

// differenceOf describes the first difference between two lists of
// instructions, both without those of the compute budget.
func differenceOf(got, want []words) string {
	at := 0
	for at < len(got) && at < len(want) && got[at] == want[at] {
		at++
	}

	switch {
	case len(got) > len(want):
		return fmt.Sprintf("%d more, the first of program %s", len(got)-len(want), got[at].program)
	case len(got) < len(want):
		return fmt.Sprintf("%d fewer, the first of program %s", len(want)-len(got),
			want[at].program)
	}

	return fmt.Sprintf("an instruction of program %s instead of one of %s", got[at].program,
		want[at].program)
}
