package progerr

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/gagliardetto/solana-go"
)

// Values of [TransactionError.Kind] and [TransactionError.Detail]. The other
// values are the names of the runtime's error variants.
const (
	// KindInstruction is the Kind of a failure in an instruction.
	KindInstruction = "InstructionError"

	// KindUnknown is the Kind of a malformed error value. Detail has the start
	// of its text.
	KindUnknown = "Unknown"

	// DetailCustom is the Detail of an instruction that failed with the custom
	// code of a program.
	DetailCustom = "Custom"
)

// TransactionError describes the failure of a transaction. It matches one of
// the sentinels of this package, or none.
type TransactionError struct {
	// Kind is the variant reported by the node, for example "InstructionError",
	// "BlockhashNotFound" or "InsufficientFundsForRent". Names that this
	// package does not know are kept. It is [KindUnknown] if the value is
	// malformed or its name is longer than 200 bytes.
	Kind string

	// Instruction is the index of the failed outer instruction, from 0, or -1
	// if the failure is not in an instruction.
	Instruction int

	// Detail is the error variant of the instruction, for example "Custom" or
	// "InvalidAccountData". If the node's value is malformed, it has the start
	// of the malformed text. It is empty for other kinds.
	Detail string

	// Account is the index of the account that caused the failure, in the
	// account list of the transaction. It is set for InsufficientFundsForRent
	// and ProgramExecutionTemporarilyRestricted, and -1 otherwise.
	Account int

	// Path has the programs from the outer instruction to the one that failed
	// first. It has only the program of the outer instruction if the logs do
	// not show more, and is empty if no program is known.
	Path []solana.PublicKey

	// Program is the custom error, or nil if the failure has no valid custom
	// code.
	Program *ProgramError

	// Logs are the logs as received. Lines that start with "Program log: " are
	// output of programs and do not prove anything.
	Logs []string

	outOfCompute bool // the program exhausted its compute units
}

// Parse converts the JSON `err` value of a simulation, a failed preflight or a
// signature status. It returns nil if the value is empty or null. Compare the
// result with nil before you assign it to a variable of type error.
//
// programs are the program ids of the outer instructions, in order. logs are
// the log lines of the transaction as the node returned them. Both may be nil;
// the attribution of custom codes is then less certain.
//
// Parse never fails. An unknown variant keeps its name in Kind, and a malformed
// value becomes [KindUnknown].
func Parse(err json.RawMessage, programs []solana.PublicKey, logs []string) *TransactionError {
	raw := bytes.TrimSpace(err)
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}

	e := &TransactionError{
		Instruction: -1,
		Account:     -1,
		Logs:        slices.Clone(logs),
	}

	kind, payload, ok := variant(raw)
	if !ok {
		e.Kind, e.Detail = KindUnknown, clip(string(raw))
		return e
	}

	e.Kind = kind
	switch kind {
	case KindInstruction:
		e.parseInstruction(payload, programs)
	case "DuplicateInstruction":
		if index, ok := number[uint8](payload); ok {
			e.Instruction = int(index)
		}

	default:
		// Some variants are structs with the index of an account.
		var about struct {
			Account json.RawMessage `json:"account_index"`
		}
		if json.Unmarshal(payload, &about) == nil {
			if index, ok := number[uint8](about.Account); ok {
				e.Account = int(index)
			}
		}
	}

	return e
}

// FromValue is [Parse] for an error value that is already decoded from JSON,
// such as the untyped Err fields of solana-go.
func FromValue(err any, programs []solana.PublicKey, logs []string) *TransactionError {
	if err == nil {
		return nil
	}

	raw, marshalErr := json.Marshal(err)
	if marshalErr != nil {
		return &TransactionError{
			Kind:        KindUnknown,
			Instruction: -1,
			Account:     -1,
			Logs:        slices.Clone(logs),
			Detail:      clip(fmt.Sprintf("%T", err)),
		}
	}

	return Parse(raw, programs, logs)
}

// parseInstruction parses the pair [index, variant] of an instruction error.
func (e *TransactionError) parseInstruction(payload json.RawMessage, programs []solana.PublicKey) {
	var pair []json.RawMessage
	var index uint8
	ok := json.Unmarshal(payload, &pair) == nil && len(pair) >= 2
	if ok {
		index, ok = number[uint8](pair[0])
	}

	if !ok {
		e.Detail = clip(string(payload))
		return
	}

	e.Instruction = int(index)
	if e.Instruction < len(programs) {
		e.Path = []solana.PublicKey{programs[e.Instruction]}
	}

	detail, argument, ok := variant(pair[1])
	code, isCode := number[uint32](argument)
	if !ok || detail == DetailCustom && !isCode {
		e.Detail = clip(string(pair[1]))
		return
	}

	e.Detail = detail
	match := func(string) bool { return true }
	if detail == DetailCustom {
		match = isCustom(code)
	}

	seen, inLogs := firstFailure(e.Logs, match)
	if inLogs && len(e.Path) > 0 && seen.path[0] != e.Path[0] {
		inLogs = false // these are logs of another transaction
	}

	if inLogs {
		e.Path = seen.path
	}

	if detail == DetailCustom {
		e.Program = newProgramError(e.Path, code, e.Instruction, !inLogs)
	} else {
		e.outOfCompute = detail == "ProgramFailedToComplete" && inLogs && outOfCompute(seen.text)
	}
}

// newProgramError attributes code to the last program of path. assumed reports
// whether the logs do not prove the attribution.
func newProgramError(
	path []solana.PublicKey,
	code uint32,
	instruction int,
	assumed bool,
) *ProgramError {
	e := &ProgramError{
		ProgramName: unknownProgram,
		Code:        code,
		Instruction: instruction,
		Assumed:     assumed,
	}
	if len(path) == 0 {
		return e
	}

	e.Program = path[len(path)-1]
	if len(path) > 1 {
		e.InnerOf = path[0]
	}

	entry, ok := Lookup(e.Program, code)
	if assumed && (!ok || entry.Unraised) {
		return e
	}

	if p := findProgram(e.Program); p != nil {
		e.ProgramName = p.name
	}

	e.Name, e.Meaning, e.Remedy = entry.Name, entry.Meaning, entry.Remedy

	return e
}

// Error returns one line with the failure, its meaning and a remedy.
func (e *TransactionError) Error() string {
	if e == nil {
		return "<nil>"
	}

	if e.Program != nil {
		return "transaction failed: " + e.Program.Error()
	}

	what := e.Kind
	if e.Kind == KindInstruction && e.Detail != "" {
		what = e.Detail
	}

	s := "transaction failed: " + oneLine(what)
	if e.Instruction >= 0 {
		s += fmt.Sprintf(" in instruction %d", e.Instruction)
	}

	if e.Account >= 0 {
		s += fmt.Sprintf(" (account %d)", e.Account)
	}

	if len(e.Path) > 0 {
		names := make([]string, len(e.Path))
		for i, id := range e.Path {
			names[len(names)-1-i] = displayName(id)
		}

		s += " (" + strings.Join(names, ", called by ") + ")"
	}

	if e.Kind == KindUnknown && e.Detail != "" {
		s += " error " + oneLine(e.Detail)
	}

	entry := e.entry()

	return s + explain(entry.Meaning, entry.Remedy)
}

// Unwrap returns Program, or nil.
func (e *TransactionError) Unwrap() error {
	if e == nil {
		return nil
	}

	if e.Program == nil {
		return nil
	}
	return e.Program
}

// Is reports whether target is the sentinel of e.
func (e *TransactionError) Is(target error) bool {
	sentinel := e.entry().Sentinel
	return sentinel != nil && sentinel == target
}

// Retryable reports whether the same request may succeed later without a change
// by the user: with a new blockhash, in a later block or in the next epoch. It
// does not mean that the same signed transaction can be broadcast again.
// [ErrAlreadyProcessed] is not retryable, because the transaction took effect.
func (e *TransactionError) Retryable() bool {
	return e.entry().Retryable
}

// entry returns the explanation of the failure, or the zero Entry.
func (e *TransactionError) entry() Entry {
	if e == nil {
		return Entry{}
	}

	switch {
	case e.Program != nil:
		return e.Program.entry()
	case e.outOfCompute:
		return instructionErrors["ComputationalBudgetExceeded"]
	case e.Kind == KindInstruction:
		return instructionErrors[e.Detail]
	default:
		return transactionErrors[e.Kind]
	}
}

// variant parses a Rust enum value: "Name" or {"Name": payload}. It returns
// false if the name is empty or longer than maxText.
func variant(raw json.RawMessage) (name string, payload json.RawMessage, ok bool) {
	isName := func(s string) bool { return s != "" && len(s) <= maxText }
	if json.Unmarshal(raw, &name) == nil {
		return name, nil, isName(name)
	}

	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) != nil || len(object) != 1 {
		return "", nil, false
	}

	for name, payload := range object {
		return name, payload, isName(name)
	}

	return "", nil, false
}

// number parses an unsigned integer that fits T. It returns false for other
// values, including null.
func number[T uint8 | uint32](raw json.RawMessage) (T, bool) {
	var n *T
	if json.Unmarshal(raw, &n) != nil || n == nil {
		return 0, false
	}
	return *n, true
}

// maxText is the number of bytes of a malformed value that are kept and
// printed.
const maxText = 200

// clip shortens s to maxText bytes of valid UTF-8.
func clip(s string) string {
	if len(s) > maxText {
		s = s[:maxText]
	}
	return strings.ToValidUTF8(s, "")
}

// oneLine makes text from a node safe to print: it shortens the text and
// replaces control characters.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, clip(s))
}
