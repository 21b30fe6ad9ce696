package explain

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Unknown is the name of programs and instructions that are in no table.
const Unknown = "unknown"

// Unit is the unit of an [Amount].
type Unit string

// The units of amounts.
const (
	UnitLamports Unit = "lamports"
	// UnitTokens counts base units of a mint.
	UnitTokens Unit = "tokens"
	// UnitCompute counts compute units. UnitMicroLamports counts micro-lamports
	// per compute unit.
	UnitCompute       Unit = "compute units"
	UnitMicroLamports Unit = "micro-lamports"
	UnitBytes         Unit = "bytes"
	// UnitNumber counts anything else, for example a position in a list or a
	// number of decimals.
	UnitNumber Unit = "number"
)

// Amount is a number in the data of an instruction.
type Amount struct {
	// Name describes the amount, for example "minimum tokens out".
	Name  string `json:"name"`
	Value uint64 `json:"value"`
	Unit  Unit   `json:"unit"`
	// Mint is the mint of the counted token. It is zero for units other than
	// [UnitTokens], and if the transaction does not contain the mint.
	Mint solana.PublicKey `json:"mint,omitzero"`
}

// Value is a field of an instruction other than an [Amount]: a key, a text or a
// switch.
type Value struct {
	Name string `json:"name"`
	// Text is the value without line breaks. Text that comes from the
	// transaction is quoted.
	Text string `json:"text"`
	// Key is the value if it is a key, and zero otherwise.
	Key solana.PublicKey `json:"key,omitzero"`

	raw string
}

// Account is an account of an instruction.
type Account struct {
	// Role describes the account's purpose in the instruction, for example
	// "destination token account".
	Role    string           `json:"role"`
	Address solana.PublicKey `json:"address"`
	// Signer and Writable are the privileges of the account in the whole
	// transaction, as the network grants them.
	Signer   bool `json:"signer"`
	Writable bool `json:"writable"`

	// wallet is set if the table expects the owner's key here, holding if it
	// expects another account of the owner.
	wallet, holding bool
}

// Instruction describes one instruction of a transaction.
type Instruction struct {
	Program solana.PublicKey `json:"program"`
	// ProgramName and Name are [Unknown] for a program or an instruction that
	// is in no table.
	ProgramName string    `json:"program_name"`
	Name        string    `json:"name"`
	Amounts     []Amount  `json:"amounts,omitempty"`
	Values      []Value   `json:"values,omitempty"`
	Accounts    []Account `json:"accounts"`
	// DataLength is the length of the instruction's data in bytes.
	DataLength int `json:"data_length"`
	// Summary describes the instruction in one line for users.
	Summary string `json:"words"`

	spec *spec
}

// Known reports whether the instruction is in a table. If so, all of its data
// and accounts are named.
func (i Instruction) Known() bool { return i.spec != nil }

// Amount returns the amount with the given name. It reports false if the
// instruction has no such amount.
func (i Instruction) Amount(name string) (uint64, bool) {
	at := slices.IndexFunc(i.Amounts, func(a Amount) bool { return a.Name == name })
	if at < 0 {
		return 0, false
	}
	return i.Amounts[at].Value, true
}

// Account returns the first account in the given role. It reports false if the
// instruction has no such account.
func (i Instruction) Account(role string) (solana.PublicKey, bool) {
	at := slices.IndexFunc(i.Accounts, func(a Account) bool { return a.Role == role })
	if at < 0 {
		return solana.PublicKey{}, false
	}
	return i.Accounts[at].Address, true
}

// key returns the account in a role of the table, or zero.
func (i Instruction) key(role string) solana.PublicKey {
	key, _ := i.Account(role)
	return key
}

// amount returns an amount of the table, or zero.
func (i Instruction) amount(name string) uint64 {
	value, _ := i.Amount(name)
	return value
}

// value returns a value of the table, or the zero Value.
func (i Instruction) value(name string) Value {
	for _, v := range i.Values {
		if v.Name == name {
			return v
		}
	}
	return Value{}
}

// is reports whether the instruction is known and has one of the names in the
// program.
func (i Instruction) is(program string, names ...string) bool {
	return i.Known() && i.ProgramName == program && slices.Contains(names, i.Name)
}

// Explanation describes a transaction.
type Explanation struct {
	// Version is the format of the transaction.
	Version txn.Version `json:"version"`
	// Size is the size of the transaction in bytes, signatures included. It is
	// zero for [Instructions].
	Size int `json:"size,omitempty"`
	// Payer is the fee payer.
	Payer solana.PublicKey `json:"payer"`
	// Signers are all keys that the message requires to sign: the fee payer
	// first, the others sorted. Each costs a fee, even if no instruction names
	// it.
	Signers      []solana.PublicKey `json:"signers"`
	Instructions []Instruction      `json:"instructions"`
	// NetworkFee is the maximum network fee in lamports: the base fee plus the
	// priority fee for the compute unit limit. Without such a limit, the
	// highest limit that the network allows counts. Unless FeeKnown is set, the
	// base fee is an estimate of 5,000 lamports for each signature.
	NetworkFee uint64 `json:"network_fee"`
	// FeeKnown reports whether a node reported the base fee, see
	// [txn.Unsigned.BaseFee] and [Explanation.WithNetworkFee].
	FeeKnown bool `json:"fee_told"`

	// priority is the priority fee within NetworkFee, in lamports.
	priority uint64
}

// WithNetworkFee returns the explanation with a network fee, in lamports, that
// a node reported for the message. It ignores a fee below the maximum priority
// fee of the transaction.
func (e Explanation) WithNetworkFee(lamports uint64) Explanation {
	if lamports >= e.priority {
		e.NetworkFee, e.FeeKnown = lamports, true
	}
	return e
}

// fee returns the network fee as text.
func (e Explanation) fee() string {
	if e.FeeKnown {
		return fmt.Sprintf("%d lamports", e.NetworkFee)
	}
	return fmt.Sprintf("an estimated %d lamports", e.NetworkFee)
}

// Unknown returns the positions of the instructions that are in no table. The
// first instruction has position 0.
func (e Explanation) Unknown() []int {
	var at []int
	for i, in := range e.Instructions {
		if !in.Known() {
			at = append(at, i)
		}
	}
	return at
}

// String returns one numbered line for each instruction and one for the network
// fee.
func (e Explanation) String() string {
	var b strings.Builder
	for i, in := range e.Instructions {
		fmt.Fprintf(&b, "%d. %s\n", i+1, in)
	}

	estimated := ""
	if !e.FeeKnown {
		estimated = "an estimated "
	}

	fmt.Fprintf(
		&b,
		"network fee: at most %s%s SOL, paid by %s\n",
		estimated,
		lst.FormatAmount(e.NetworkFee, 9),
		e.Payer,
	)

	return b.String()
}

// Transaction explains a transaction. Use [txn.Parse] to read one that was
// stored or came from elsewhere. Summaries show amounts with the symbols and
// decimals of the tokens in the registry, which may be nil.
func Transaction(unsigned *txn.Unsigned, registry *lst.Registry) Explanation {
	steps := unsigned.Steps()
	ixs := make([]solana.Instruction, len(steps))
	for i, s := range steps {
		ixs[i] = s.Instruction
	}

	signers := unsigned.RequiredSigners()
	if len(signers) == 0 {
		return Explanation{}
	}

	e := explanation(signers, ixs, registry)
	e.Version, e.Size = unsigned.Version(), unsigned.Size()
	base, told := unsigned.BaseFee()
	e.charge(unsigned.Budget(), base)
	e.FeeKnown = told

	return e
}

// Instructions explains instructions that are not part of a transaction yet.
// The network fee is an estimate.
func Instructions(
	payer solana.PublicKey, ixs []solana.Instruction, registry *lst.Registry,
) Explanation {
	e := explanation([]solana.PublicKey{payer}, ixs, registry)
	e.charge(txn.ComputeBudget{}, txn.LamportsPerSignature*uint64(len(e.Signers)))
	return e
}

// explanation explains instructions. signers holds the signers of the header as
// far as they are known, the fee payer first. Signers of instructions are
// added.
func explanation(
	signers []solana.PublicKey, ixs []solana.Instruction, registry *lst.Registry,
) Explanation {
	if registry == nil {
		registry = new(lst.Registry)
	}

	// A nil or unreadable instruction becomes an unknown one.
	ixs = slices.Clone(ixs)
	for i, ix := range ixs {
		if ix == nil || broken(ix) {
			ixs[i] = solana.NewInstruction(solana.PublicKey{}, nil, nil)
		}
	}

	e := Explanation{Payer: signers[0], Signers: slices.Clone(signers)}
	type privilege struct{ signer, writable bool }
	union := make(map[solana.PublicKey]privilege)
	for _, key := range signers {
		union[key] = privilege{signer: true}
	}

	union[e.Payer] = privilege{signer: true, writable: true}
	for _, ix := range ixs {
		for _, m := range ix.Accounts() {
			if m == nil {
				continue
			}

			p := union[m.PublicKey]
			if m.IsSigner && !p.signer {
				e.Signers = append(e.Signers, m.PublicKey)
			}

			union[m.PublicKey] = privilege{p.signer || m.IsSigner, p.writable || m.IsWritable}
		}
	}

	slices.SortFunc(e.Signers[1:], accounts.CompareKeys)
	for _, ix := range ixs {
		in := Instruction{
			Program:     ix.ProgramID(),
			ProgramName: Unknown,
			Name:        Unknown,
		}

		for _, m := range ix.Accounts() {
			var key solana.PublicKey
			if m != nil {
				key = m.PublicKey
			}

			p := union[key]
			in.Accounts = append(in.Accounts, Account{
				Role:     "account",
				Address:  key,
				Signer:   p.signer,
				Writable: p.writable,
			})
		}

		data, err := ix.Data()
		in.DataLength = len(data)
		if err == nil {
			in.decode(data)
		}

		e.Instructions = append(e.Instructions, in)
	}

	e.resolve()
	for i := range e.Instructions {
		e.Instructions[i].Summary = e.Instructions[i].words(registry)
	}

	return e
}

// broken reports whether an instruction panics when it is read, as the zero
// values of solana-go's instructions do.
func broken(ix solana.Instruction) (panics bool) {
	defer func() { panics = recover() != nil }()
	_ = ix.ProgramID()
	_ = ix.Accounts()
	_, _ = ix.Data()
	return false
}

// charge sets an upper bound of the network fee. If the fee overflows, the
// bound is math.MaxUint64.
func (e *Explanation) charge(budget txn.ComputeBudget, base uint64) {
	budget.ComputeUnitLimit, budget.ComputeUnitPrice = txn.MaxComputeUnits, 0
	for _, in := range e.Instructions {
		switch {
		case e.Version == txn.Version1:
			// In version 1 the compute budget instructions have no effect.
		case in.is(nameComputeBudget, "SetComputeUnitLimit"):
			budget.ComputeUnitLimit = uint32(min(in.amount("limit"), txn.MaxComputeUnits))
		case in.is(nameComputeBudget, "SetComputeUnitPrice"):
			budget.ComputeUnitPrice = max(budget.ComputeUnitPrice, in.amount("price"))
		}
	}

	e.priority, e.NetworkFee = math.MaxUint64, math.MaxUint64
	priority, err := budget.PriorityFee()
	if err != nil {
		return
	}

	e.priority = priority
	if fee, err := fixed.Add(priority, base); err == nil {
		e.NetworkFee = fee
	}
}

// maxDerivations limits the search for the mints of token accounts, which a
// hostile transaction could make slow.
const maxDerivations = 100

// resolve finds the mints of token accounts if an instruction names only the
// account. It knows the token accounts that the transaction creates, and the
// associated ones of signers for mints that the transaction names.
func (e *Explanation) resolve() {
	mints := make(map[solana.PublicKey]solana.PublicKey)
	named := []solana.PublicKey{accounts.NativeMint}
	missing := false
	for _, in := range e.Instructions {
		if in.is(nameToken, "InitializeAccount3") {
			mints[in.key("token account")] = in.key("mint")
		}

		if in.is(nameAssociatedToken, "Create", "CreateIdempotent") {
			mints[in.key("token account")] = in.key("mint")
		}

		for _, a := range in.Accounts {
			if in.Known() && strings.HasSuffix(a.Role, "mint") && !slices.Contains(named,
				a.Address) {
				named = append(named, a.Address)
			}
		}

		for _, a := range in.Amounts {
			missing = missing || a.Unit == UnitTokens && a.Mint.IsZero()
		}
	}

	if !missing {
		return
	}

	derivations := 0
	for _, wallet := range e.Signers {
		for _, mint := range named {
			for _, program := range []solana.PublicKey{accounts.TokenProgram,
				accounts.Token2022Program} {
				if derivations++; derivations > maxDerivations {
					continue
				}

				address, err := accounts.AssociatedTokenAddress(wallet, program, mint)
				if _, known := mints[address]; err == nil && !known {
					mints[address] = mint
				}
			}
		}
	}

	for i := range e.Instructions {
		in := &e.Instructions[i]
		for j := range in.Amounts {
			if a := &in.Amounts[j]; a.Unit == UnitTokens && a.Mint.IsZero() {
				a.Mint = mints[in.key("source")]
			}
		}
	}
}
