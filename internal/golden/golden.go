// Package golden defines the files of recorded executions of the real programs.
// A case has the state as decoded values, the instruction in bytes, and the
// outcome. The cases are replayed in the tests of this package. Package e2e
// records new ones.
package golden

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/figures"
)

// Instruction is an instruction in readable form. Data is hexadecimal.
type Instruction struct {
	Program  solana.PublicKey `json:"program"`
	Data     string           `json:"data"`
	Accounts []string         `json:"accounts"`
}

// NewInstruction converts an instruction. Each account is its key, followed by
// w if it is writable and s if it signs.
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

// Result is the result of a case: the changes that the program made, or the
// error with which it refused the instruction.
type Result[O any] struct {
	Outcome *O     `json:"outcome,omitempty"`
	Refusal string `json:"refusal,omitempty"`
}

// lines marshals a file as JSON with one state or case per line, so that a diff
// of the file is readable.
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
