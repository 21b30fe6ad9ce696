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

// Unknown is the name of programs and instructions that no table has.
const Unknown = "unknown"

// Unit is what an amount counts.
type Unit string

// The units there are.
const (
	UnitLamports Unit = "lamports"
	// UnitTokens are base units of a mint.
	UnitTokens Unit = "tokens"
	// UnitCompute are compute units, UnitMicroLamports millionths of a lamport for each of them.
	UnitCompute       Unit = "compute units"
	UnitMicroLamports Unit = "micro-lamports"
	UnitBytes         Unit = "bytes"
	// UnitNumber is a position in a list, a number of decimals and the like.
	UnitNumber Unit = "number"
)

// Amount is a number in an instruction.
type Amount struct {
	// Name says what it is, for example "minimum tokens out".
	Name  string `json:"name"`
	Value uint64 `json:"value"`
	Unit  Unit   `json:"unit"`
	// Mint is the token that is counted. It is zero for other units than [UnitTokens], and where the transaction does not tell.
	Mint solana.PublicKey `json:"mint,omitzero"`
}

// Value is something else in the data of an instruction: a key, a text, a switch.
type Value struct {
	Name string `json:"name"`
	// Text is the value, without line breaks. A text from the transaction is in quotes.
	Text string `json:"text"`
	// Key is the value if it is a key.
	Key solana.PublicKey `json:"key,omitzero"`

	raw string
}

// Account is an account of an instruction.
type Account struct {
	// Role says what the instruction has it for, for example "destination token account".
	Role    string           `json:"role"`
	Address solana.PublicKey `json:"address"`
	// Signer and Writable are what the account may in the whole transaction, as the network sees it.
	Signer   bool `json:"signer"`
	Writable bool `json:"writable"`

	// wallet and holding say that the owner's key, or another account of the
	// owner's, is expected here.
	wallet, holding bool
}

// Instruction is one instruction of a transaction.
type Instruction struct {
	Program solana.PublicKey `json:"program"`
	// ProgramName and Name are [Unknown] where no table has them.
	ProgramName string    `json:"program_name"`
	Name        string    `json:"name"`
	Amounts     []Amount  `json:"amounts,omitempty"`
	Values      []Value   `json:"values,omitempty"`
	Accounts    []Account `json:"accounts"`
	// DataLength is the number of bytes of the instruction's data.
	DataLength int `json:"data_length"`
	// Words are one line for people.
	Words string `json:"words"`

	spec *spec
}

// Known says that a table has the instruction. All of its data and accounts are named then.
func (i Instruction) Known() bool { return i.spec != nil }

// Amount returns an amount by its name; false if there is none.
func (i Instruction) Amount(name string) (uint64, bool) {
	at := slices.IndexFunc(i.Amounts, func(a Amount) bool { return a.Name == name })
	if at < 0 {
		return 0, false
	}
	return i.Amounts[at].Value, true
}

// Account returns the first account in a role; false if there is none.
func (i Instruction) Account(role string) (solana.PublicKey, bool) {
	at := slices.IndexFunc(i.Accounts, func(a Account) bool { return a.Role == role })
	if at < 0 {
		return solana.PublicKey{}, false
	}
	return i.Accounts[at].Address, true
}

// key is the account in a role that the table has; zero if it has none.
func (i Instruction) key(role string) solana.PublicKey {
	key, _ := i.Account(role)
	return key
}

// amount is an amount that the table has; zero if it has none.
func (i Instruction) amount(name string) uint64 {
	value, _ := i.Amount(name)
	return value
}

// value is a value that the table has.
func (i Instruction) value(name string) Value {
	for _, v := range i.Values {
		if v.Name == name {
			return v
		}
	}
	return Value{}
}

// is tells a known instruction by program and name.
func (i Instruction) is(program string, names ...string) bool {
	return i.Known() && i.ProgramName == program && slices.Contains(names, i.Name)
}

// Explanation is what a transaction does.
type Explanation struct {
	// Version is the format of the transaction.
	Version txn.Version `json:"version"`
	// Size is its length in bytes with signatures, zero for [Instructions].
	Size int `json:"size,omitempty"`
	// Payer pays the network fee.
	Payer solana.PublicKey `json:"payer"`
	// Signers are all keys that sign, the payer first, the others sorted. They
	// are those of the header, each of which costs a fee, also where no
	// instruction names them.
	Signers      []solana.PublicKey `json:"signers"`
	Instructions []Instruction      `json:"instructions"`
	// NetworkFee is the most that landing the transaction costs the payer, in
	// lamports: the base fee, and the priority fee of its compute limit, or of
	// the highest limit there is if it names none. Unless FeeTold is set, the
	// base fee is an estimate of 5,000 lamports for each signature.
	NetworkFee uint64 `json:"network_fee"`
	// FeeTold reports whether the network fee rests on what a node told, see
	// [txn.Unsigned.BaseFee] and [Explanation.WithNetworkFee].
	FeeTold bool `json:"fee_told"`

	// priority is the part of the network fee for priority.
	priority uint64
}

// WithNetworkFee returns the explanation with the network fee that a node told
// for its message, in lamports, in place of an estimate. A fee that is less
// than the most the transaction may pay for priority is not taken.
func (e Explanation) WithNetworkFee(lamports uint64) Explanation {
	if lamports >= e.priority {
		e.NetworkFee, e.FeeTold = lamports, true
	}
	return e
}

// fee is the network fee in words.
func (e Explanation) fee() string {
	if e.FeeTold {
		return fmt.Sprintf("%d lamports", e.NetworkFee)
	}
	return fmt.Sprintf("an estimated %d lamports", e.NetworkFee)
}

// Unknown are the positions of the instructions that no table has.
func (e Explanation) Unknown() []int {
	var at []int
	for i, in := range e.Instructions {
		if !in.Known() {
			at = append(at, i)
		}
	}
	return at
}

// String is a line for each instruction, with its number, and one for the fee.
func (e Explanation) String() string {
	var b strings.Builder
	for i, in := range e.Instructions {
		fmt.Fprintf(&b, "%d. %s\n", i+1, in)
	}
	estimated := ""
	if !e.FeeTold {
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

// Transaction explains a transaction; for one that was stored or came from elsewhere see [txn.Parse]. Amounts are in words with the
// symbols and decimals of the tokens that are in the registry, which may be nil.
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
	e.FeeTold = told
	return e
}

// Instructions explains what is not a transaction yet.
func Instructions(
	payer solana.PublicKey, ixs []solana.Instruction, registry *lst.Registry,
) Explanation {
	e := explanation([]solana.PublicKey{payer}, ixs, registry)
	e.charge(txn.ComputeBudget{}, txn.LamportsPerSignature*uint64(len(e.Signers)))
	return e
}

// explanation explains instructions. The signers are those of the header as
// far as it is known, the payer first; those of instructions are added.
func explanation(
	signers []solana.PublicKey, ixs []solana.Instruction, registry *lst.Registry,
) Explanation {
	if registry == nil {
		registry = new(lst.Registry)
	}
	// What is missing becomes an instruction that is not known.
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
		in := Instruction{Program: ix.ProgramID(), ProgramName: Unknown, Name: Unknown}
		for _, m := range ix.Accounts() {
			var key solana.PublicKey
			if m != nil {
				key = m.PublicKey
			}
			p := union[key]
			in.Accounts = append(in.Accounts, Account{Role: "account", Address: key, Signer: p.signer, Writable: p.writable})
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
		e.Instructions[i].Words = e.Instructions[i].words(registry)
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

// charge sets an upper bound of the network fee. What overflows could not be
// paid, and counts as all there is.
func (e *Explanation) charge(budget txn.ComputeBudget, base uint64) {
	budget.UnitLimit, budget.UnitPrice = txn.MaxComputeUnits, 0
	for _, in := range e.Instructions {
		switch {
		case e.Version == txn.Version1:
			// The instructions do nothing there.
		case in.is(nameComputeBudget, "SetComputeUnitLimit"):
			budget.UnitLimit = uint32(min(in.amount("limit"), txn.MaxComputeUnits))
		case in.is(nameComputeBudget, "SetComputeUnitPrice"):
			budget.UnitPrice = max(budget.UnitPrice, in.amount("price"))
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

// maxDerivations limits the search for the mints of token accounts, which a hostile transaction could make long.
const maxDerivations = 100

// resolve finds the mints of token accounts of which an instruction names the account alone: those that the transaction creates, and the
// associated ones of signers for the mints that it names.
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
			if in.Known() && strings.HasSuffix(a.Role, "mint") && !slices.Contains(named, a.Address) {
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
			for _, program := range []solana.PublicKey{accounts.TokenProgram, accounts.Token2022Program} {
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
