// Package golden is the form in which executions of the real programs are
// recorded: the state as figures, the instruction byte by byte, and what came
// of it. Recorded cases are replayed wherever the tests run; new ones are
// recorded by package e2e.
package golden

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/figures"
)

// Instruction is an instruction as it goes over the wire.
type Instruction struct {
	Program  solana.PublicKey `json:"program"`
	Data     string           `json:"data"`
	Accounts []string         `json:"accounts"`
}

// NewInstruction spells out an instruction. Each account is its key, followed
// by w if it is writable and s if it signs.
func NewInstruction(ix solana.Instruction) (Instruction, error) {
	data, err := ix.Data()
	if err != nil {
		return Instruction{}, err
	}

	out := Instruction{Program: ix.ProgramID(), Data: hex.EncodeToString(data)}
	for _, m := range ix.Accounts() {
		s := m.PublicKey.String()
		if m.IsWritable || m.IsSigner {
			s += " "
		}

		if m.IsWritable {
			s += "w"
		}

		if m.IsSigner {
			s += "s"
		}

		out.Accounts = append(out.Accounts, s)
	}

	return out, nil
}

// Result is what came of a case: what it changed by the program's doing, or why
// the program did nothing.
type Result[O any] struct {
	Outcome *O     `json:"outcome,omitempty"`
	Refusal string `json:"refusal,omitempty"`
}

// lines is a file as JSON with one state or case a line, so that changes to it
// can be read.
func lines[S, C any](chain figures.Chain, name string, states []S, cases []C) ([]byte, error) {
	var out bytes.Buffer
	var failure error
	line := func(v any, end string) {
		text, err := json.Marshal(v)
		failure = errors.Join(failure, err)
		out.Write(text)
		out.WriteString(end + "\n")
	}

	list := func(name string, n int, at func(int) any) {
		out.WriteString(`"` + name + `":[` + "\n")
		for i := range n {
			end := ","
			if i == n-1 {
				end = ""
			}

			line(at(i), end)
		}

		out.WriteString("]")
	}

	out.WriteString(`{"chain":`)
	line(chain, ",")
	list(name, len(states), func(i int) any { return states[i] })
	out.WriteString(",\n")
	list("cases", len(cases), func(i int) any { return cases[i] })
	out.WriteString("}\n")

	return out.Bytes(), failure
}
