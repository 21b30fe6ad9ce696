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

// Values of [TransactionError.Kind] and [TransactionError.Detail] that this
// package itself depends on.
const (
	// KindInstruction is the Kind of a failure inside one instruction.
	KindInstruction = "InstructionError"
	// KindUnknown is the Kind of an error value that does not have the shape of
	// a transaction error; Detail keeps its text.
	KindUnknown = "Unknown"
	// DetailCustom is the Detail of an instruction that failed with a program's
	// custom code.
	DetailCustom = "Custom"
)

// TransactionError is why a transaction was rejected or failed.
type TransactionError struct {
	// Kind is the variant the node reported, for example "InstructionError",
	// "BlockhashNotFound" or "InsufficientFundsForRent", as received even if
	// this package does not know it, unless it is too long for a name.
	Kind string
	// Instruction is the index of the outer instruction that failed; -1 if none
	// is to blame.
	Instruction int
	// Detail is the instruction's error variant, for example "Custom" or
	// "InvalidAccountData". If the node's value is malformed it is the start of
	// the text that could not be read. It is empty for other kinds.
	Detail string
	// Account is the index of the account to blame in the transaction's account
	// list (InsufficientFundsForRent, ProgramExecutionTemporarilyRestricted);
	// -1 otherwise.
	Account int
	// Path holds the programs from the outer instruction's to the one that
	// failed first. It ends at the outer one if the logs do not show more, and
	// is empty if no program is known.
	Path []solana.PublicKey
	// Program is the custom error; nil unless Detail is "Custom" with a valid
	// code.
	Program *ProgramError
	// Logs are the logs as received. Lines that start with "Program log: " were
	// written by programs and prove nothing.
	Logs []string

	outOfCompute bool // the program was stopped because it ran out of compute units
}

// Parse reads the JSON `err` value of a node's answer: the `err` of a
// simulation, of a failed preflight or of a signature status. It returns nil
// for an absent or null value; compare the result with nil before storing it in
// an error.
//
// programs holds the program id of each outer instruction, in order; logs are
// the transaction's logs, one line each, exactly as the node returned them.
// Both may be nil, which makes the attribution of custom codes less certain.
// Parse accepts anything: a variant it does not know keeps its name in Kind,
// and a value it cannot read becomes [KindUnknown].
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
		// Struct variants name the account they are about; the others leave
		// this at -1.
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

// FromValue is [Parse] for an error value that was decoded already, like the
// untyped Err fields of solana-go.
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

// parseInstruction reads the [index, variant] pair of an instruction error.
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
		inLogs = false // logs of something else
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

// newProgramError attributes a code to the last program of path.
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

// Error describes the failure in one line.
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

// Unwrap returns the program's error, or nil.
func (e *TransactionError) Unwrap() error {
	if e == nil {
		return nil
	}

	if e.Program == nil {
		return nil
	}
	return e.Program
}

// Is reports whether target is the sentinel of this error.
func (e *TransactionError) Is(target error) bool {
	sentinel := e.entry().Sentinel
	return sentinel != nil && sentinel == target
}

// Retryable reports whether the same intent may succeed when tried again
// without a change by the user: with a fresh blockhash, in a later block or in
// the next epoch. It says nothing about when, nor that the same signed bytes
// could be sent again. An [ErrAlreadyProcessed] is not retryable: the
// transaction took effect, for good or ill.
func (e *TransactionError) Retryable() bool {
	return e.entry().Retryable
}

// entry returns what the tables know about the failure.
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

// variant reads a Rust enum value: "Name" or {"Name": payload}. What is longer
// than maxText is not a name.
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

// number reads an unsigned integer that fits T; anything else, null included,
// is not one.
func number[T uint8 | uint32](raw json.RawMessage) (T, bool) {
	var n *T
	if json.Unmarshal(raw, &n) != nil || n == nil {
		return 0, false
	}
	return *n, true
}

// maxText bounds how much of a malformed value is kept and printed.
const maxText = 200

func clip(s string) string {
	if len(s) > maxText {
		s = s[:maxText]
	}
	return strings.ToValidUTF8(s, "")
}

// oneLine makes text from a node safe to print: short, and without control
// characters.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, clip(s))
}
