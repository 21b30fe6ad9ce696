package foreign

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// Bounds of a response. They exceed what fits into a transaction.
const (
	maxBody         = 1 << 20
	maxInstructions = 32
	maxAccounts     = 128
	maxData         = 1232
	maxTables       = 16
)

// response holds the fields of both published forms that matter. Their values
// besides are ignored.
type response struct {
	TokenLedger  *instruction               `json:"tokenLedgerInstruction"`
	Budget       []instruction              `json:"computeBudgetInstructions"`
	Setup        []instruction              `json:"setupInstructions"`
	Swap         *instruction               `json:"swapInstruction"`
	Cleanup      *instruction               `json:"cleanupInstruction"`
	Other        []instruction              `json:"otherInstructions"`
	Tip          *instruction               `json:"tipInstruction"`
	Tables       []string                   `json:"addressLookupTableAddresses"`
	TableEntries map[string]json.RawMessage `json:"addressesByLookupTableAddress"`
	quoted
}

// instruction is an instruction in the published form.
type instruction struct {
	Program  string `json:"programId"`
	Accounts []struct {
		Key      string `json:"pubkey"`
		Signer   bool   `json:"isSigner"`
		Writable bool   `json:"isWritable"`
	} `json:"accounts"`
	Data string `json:"data"`
}

// quoted are the fields of a quote that the response to a build request shares.
type quoted struct {
	InMint    string `json:"inputMint"`
	OutMint   string `json:"outputMint"`
	In        string `json:"inAmount"`
	Out       string `json:"outAmount"`
	MinOut    string `json:"otherAmountThreshold"`
	Mode      string `json:"swapMode"`
	ErrorText any    `json:"error"`
}

// DecodeInstructions returns the leg of two responses of Jupiter's version 1:
// to GET quote and to POST swap-instructions. program is the swap program. The
// instructions must be checked as sdk.Client.Build does.
func DecodeInstructions(quote, instructions []byte, program solana.PublicKey) (*Leg, error) {
	var q quoted
	if err := decode(quote, &q); err != nil {
		return nil, err
	}

	var r response
	if err := decode(instructions, &r); err != nil {
		return nil, err
	}

	r.quoted = q
	return r.leg(program)
}

// DecodeBuild returns the leg of a response to GET build of Jupiter's version
// 2. program is the swap program. The instructions must be checked as
// sdk.Client.Build does.
//
// The lookup tables in it count only by their addresses.
func DecodeBuild(build []byte, program solana.PublicKey) (*Leg, error) {
	var r response
	if err := decode(build, &r); err != nil {
		return nil, err
	}
	return r.leg(program)
}

// decode reads JSON of a bounded length.
func decode(text []byte, into any) error {
	if len(text) > maxBody {
		return fmt.Errorf("%w: more than %d bytes", ErrResponse, maxBody)
	}

	// The error of the package quotes the response.
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%w: not JSON of the published form", ErrResponse)
	}
	return nil
}

// leg returns the leg of a response.
func (r *response) leg(program solana.PublicKey) (*Leg, error) {
	if r.ErrorText != nil || r.Swap == nil {
		return nil, fmt.Errorf("%w: no swap instruction", ErrResponse)
	}

	leg := &Leg{Program: program}
	if err := r.amounts(leg); err != nil {
		return nil, err
	}
	if err := r.tables(leg); err != nil {
		return nil, err
	}
	return leg, r.instructions(leg)
}

// amounts sets the promised amounts.
func (q *quoted) amounts(leg *Leg) error {
	var err error
	if leg.InMint, err = key("input mint", q.InMint); err != nil {
		return err
	}
	if leg.OutMint, err = key("output mint", q.OutMint); err != nil {
		return err
	}
	if leg.In, err = amount("input", q.In); err != nil {
		return err
	}

	out, err := amount("output", q.Out)
	if err != nil {
		return err
	}
	if leg.MinOut, err = amount("minimum output", q.MinOut); err != nil {
		return err
	}
	if leg.MinOut > out || q.Mode != "" && q.Mode != "ExactIn" {
		return fmt.Errorf("%w: not a swap of an exact input", ErrResponse)
	}
	return nil
}

// tables sets the addresses of the lookup tables.
func (r *response) tables(leg *Leg) error {
	if len(r.Tables)+len(r.TableEntries) > maxTables {
		return fmt.Errorf("%w: more than %d lookup tables", ErrResponse, maxTables)
	}

	texts := slices.Clone(r.Tables)
	for text := range r.TableEntries {
		texts = append(texts, text)
	}

	slices.Sort(texts)
	for _, text := range slices.Compact(texts) {
		table, err := key("lookup table", text)
		if err != nil {
			return err
		}

		leg.Tables = append(leg.Tables, table)
	}
	return nil
}

// instructions sets the instructions in the order of the transaction.
func (r *response) instructions(leg *Leg) error {
	var all []instruction
	if r.TokenLedger != nil {
		all = append(all, *r.TokenLedger)
	}

	all = append(append(all, r.Setup...), *r.Swap)
	if r.Cleanup != nil {
		all = append(all, *r.Cleanup)
	}

	all = append(all, r.Other...)
	if r.Tip != nil {
		all = append(all, *r.Tip)
	}
	if len(all) > maxInstructions {
		return fmt.Errorf("%w: more than %d instructions", ErrResponse, maxInstructions)
	}

	for _, raw := range all {
		ix, err := raw.instruction()
		if err != nil {
			return err
		}

		if ix.ProgramID() != accounts.ComputeBudgetProgram {
			leg.Instructions = append(leg.Instructions, ix)
		}
	}
	return nil
}

// instruction returns the instruction.
func (i *instruction) instruction() (solana.Instruction, error) {
	program, err := key("program", i.Program)
	if err != nil {
		return nil, err
	}
	if len(i.Accounts) > maxAccounts || len(i.Data) > base64.StdEncoding.EncodedLen(maxData) {
		return nil, fmt.Errorf("%w: an instruction that fits no transaction", ErrResponse)
	}

	metas := make(solana.AccountMetaSlice, len(i.Accounts))
	for n, account := range i.Accounts {
		address, err := key("account", account.Key)
		if err != nil {
			return nil, err
		}

		metas[n] = solana.NewAccountMeta(address, account.Writable, account.Signer)
	}

	data, err := base64.StdEncoding.Strict().DecodeString(i.Data)
	if err != nil {
		return nil, fmt.Errorf("%w: instruction data that is not base64", ErrResponse)
	}
	return solana.NewInstruction(program, metas, data), nil
}

// key reads an address. An address has at most 44 characters.
func key(name, text string) (solana.PublicKey, error) {
	if len(text) > 44 {
		return solana.PublicKey{}, fmt.Errorf("%w: %s that is not an address", ErrResponse, name)
	}

	address, err := solana.PublicKeyFromBase58(text)
	if err != nil {
		return solana.PublicKey{}, fmt.Errorf("%w: %s that is not an address", ErrResponse, name)
	}
	return address, nil
}

// amount reads base units.
func amount(name, text string) (uint64, error) {
	value, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: %s that is not an amount", ErrResponse, name)
	}
	return value, nil
}
