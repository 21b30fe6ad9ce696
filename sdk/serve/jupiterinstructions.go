package serve

import (
	"encoding/base64"
	"net/http"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// instructionJSON is an instruction in Jupiter's interface.
type instructionJSON struct {
	Program  string     `json:"programId"`
	Accounts []metaJSON `json:"accounts"`
	Data     string     `json:"data"`
}

type metaJSON struct {
	Key      string `json:"pubkey"`
	Signer   bool   `json:"isSigner"`
	Writable bool   `json:"isWritable"`
}

// instructionsResponse is the response of /swap/v1/swap-instructions. Clients
// execute the setup, the swap and the cleanup in this order.
type instructionsResponse struct {
	ComputeBudget []instructionJSON `json:"computeBudgetInstructions"`
	Setup         []instructionJSON `json:"setupInstructions"`
	Swap          *instructionJSON  `json:"swapInstruction"`
	Cleanup       *instructionJSON  `json:"cleanupInstruction,omitempty"`
	Other         []instructionJSON `json:"otherInstructions"`
	Tables        []string          `json:"addressLookupTableAddresses"`
}

// jupiterInstructions answers /swap/v1/swap-instructions.
func jupiterInstructions(x *exchange) error {
	s, err := x.swap()
	if err != nil {
		return err
	}

	unsigned, q, err := x.build(s)
	if err != nil {
		return err
	}

	response, err := instructionsOf(unsigned, &q)
	if err != nil {
		return err
	}
	return x.json(response)
}

// instructionsOf divides the instructions of a transaction into those of
// Jupiter's interface. Their order stays: the setup has everything up to the
// swap, and the swap is the last instruction of a trading program if at most
// one instruction follows, otherwise the last instruction of all.
func instructionsOf(unsigned *txn.Unsigned, q *route.Quote) (*instructionsResponse, error) {
	if q.NeedsStakeKeypair {
		return nil, refuse(http.StatusConflict, "COULD_NOT_FIND_ANY_ROUTE",
			"the route needs a signature of the server (use swap)")
	}

	response := &instructionsResponse{
		ComputeBudget: []instructionJSON{},
		Setup:         []instructionJSON{},
		Other:         []instructionJSON{},
		Tables:        []string{},
	}

	var rest []instructionJSON
	for _, step := range unsigned.Steps() {
		ix, err := instructionOf(step.Instruction)
		if err != nil {
			return nil, err
		}

		if step.Instruction.ProgramID() == accounts.ComputeBudgetProgram {
			response.ComputeBudget = append(response.ComputeBudget, ix)
			continue
		}

		rest = append(rest, ix)
	}
	if len(rest) == 0 {
		return nil, errDefect
	}

	at := len(rest) - 1
	if before := at - 1; before >= 0 && !isTrade(rest[at].Program) &&
		isTrade(rest[before].Program) {
		at = before
		response.Cleanup = &rest[len(rest)-1]
	}

	response.Setup = append(response.Setup, rest[:at]...)
	response.Swap = &rest[at]
	for _, table := range unsigned.LookupTables() {
		response.Tables = append(response.Tables, table.String())
	}
	return response, nil
}

// isTrade reports whether a program is one of those that have a label.
func isTrade(program string) bool {
	for _, l := range labelTable.all {
		trades := func(key solana.PublicKey) bool { return key.String() == program }
		if slices.ContainsFunc(l.programs, trades) {
			return true
		}
	}
	return false
}

func instructionOf(ix solana.Instruction) (instructionJSON, error) {
	data, err := ix.Data()
	if err != nil {
		return instructionJSON{}, err
	}

	out := instructionJSON{
		Program:  ix.ProgramID().String(),
		Accounts: []metaJSON{},
		Data:     base64.StdEncoding.EncodeToString(data),
	}

	for _, meta := range ix.Accounts() {
		out.Accounts = append(out.Accounts, metaJSON{
			Key:      meta.PublicKey.String(),
			Signer:   meta.IsSigner,
			Writable: meta.IsWritable,
		})
	}
	return out, nil
}
