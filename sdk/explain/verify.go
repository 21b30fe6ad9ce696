package explain

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// Why a transaction is refused; a [*VerifyError] wraps one of them.
var (
	// ErrPolicy says that the policy names no owner, or lacks a rent that the transaction needs it for.
	ErrPolicy = errors.New("incomplete policy")
	// ErrUnknown says that a program or instruction is not known, or known and without use in a trade.
	ErrUnknown = errors.New("unknown instruction (do not sign what is not understood)")
	// ErrProgram says that the policy does not allow a program.
	ErrProgram = errors.New("program is not allowed (see Policy.AllowedPrograms)")
	// ErrPayer says that somebody pays the fee who is neither the owner nor the payer of the policy.
	ErrPayer = errors.New("fee payer is not allowed (see Policy.Payer)")
	// ErrFee says that landing the transaction costs the owner more than the policy allows.
	ErrFee = errors.New("network fee too high (see Policy.MaxNetworkFee)")
	// ErrNonce says that the transaction uses a durable nonce, which the policy does not allow.
	ErrNonce = errors.New("durable nonce is not allowed (see Policy.AllowNonce)")
	// ErrControl says that the owner's signature would hand over control of an account.
	ErrControl = errors.New("hands over control")
	// ErrClose says that an account of the owner's would be closed to somebody else.
	ErrClose = errors.New("closes an account to somebody else")
	// ErrTransfer says that SOL or tokens of the owner's would go to somebody else beside the trade.
	ErrTransfer = errors.New("transfers to somebody else")
	// ErrForeign says that the outcome would go to somebody else.
	ErrForeign = errors.New("outcome goes to somebody else")
	// ErrSigner says that an instruction gets the owner's signature in a place where it has no use for it.
	ErrSigner = errors.New("owner signs where there is no need")
	// ErrTooMuch says that more may leave the owner's accounts than the policy allows.
	ErrTooMuch = errors.New("more may leave than allowed " +
		"(see Policy.MaxLamports, MaxTokens and MaxStake)")
	// ErrTooLittle says that less is made sure of than the policy wants.
	ErrTooLittle = errors.New("less is made sure of than wanted " +
		"(see Policy.MinLamports, MinTokens and MinStake)")
	// ErrNoLimit is ErrTooLittle where an instruction has no limit, and no check of a balance makes up for it.
	ErrNoLimit = errors.New("nothing makes sure of the outcome " +
		"(build it with a limit or a check of the balance)")
)

// VerifyError says which instruction keeps a transaction from being verified, and why.
type VerifyError struct {
	// Instruction is its position, or -1 if it is about the whole.
	Instruction int
	Detail      string
	Reason      error
}

// Error is one line.
func (e *VerifyError) Error() string {
	if e == nil {
		return "<nil>"
	}

	text := "transaction refused"
	if e.Instruction >= 0 {
		text = fmt.Sprintf("instruction %d refused", e.Instruction+1)
	}
	if e.Reason != nil {
		text += ": " + e.Reason.Error()
	}
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	return text
}

// Unwrap returns the reason.
func (e *VerifyError) Unwrap() error {
	if e == nil {
		return nil
	}

	return e.Reason
}

// DefaultMaxNetworkFee is the most lamports that landing a transaction may cost the owner where the policy names no other figure.
const DefaultMaxNetworkFee = 150_000

// Policy is what the owner wants of a transaction. SOL and wrapped SOL are one and the same in it, and are named by lamports.
type Policy struct {
	// Owner is whose money it is. It must be named.
	Owner solana.PublicKey
	// Recipient receives the outcome; zero means the owner.
	Recipient solana.PublicKey
	// Payer may pay the fee beside the owner.
	Payer solana.PublicKey
	// MaxLamports is the most that may leave the owner's accounts in the end. The network fee and the rent of associated token accounts
	// are not counted.
	MaxLamports uint64
	// MaxTokens is the same for each mint, in base units. Mints that are not in it may not leave.
	MaxTokens map[solana.PublicKey]uint64
	// MaxStake are the stake accounts of the owner's that the transaction may use, and how many lamports may leave each.
	// An account that is given away as a whole counts as math.MaxUint64, since the transaction does not tell what it holds.
	MaxStake map[solana.PublicKey]uint64
	// MinLamports is the least that has to arrive with the recipient. If that is the owner, it is net of what leaves.
	MinLamports uint64
	// MinTokens is the same for each mint, in base units.
	MinTokens map[solana.PublicKey]uint64
	// MinStake is the least stake in lamports that has to arrive in stake accounts of the recipient's.
	MinStake uint64
	// Held is what the owner's associated token account of a mint holds before, in base units. A check of its balance makes sure of what it
	// checks beyond that, and of nothing for mints that are not in it.
	Held map[solana.PublicKey]uint64
	// TokenAccountRent is the rent of a token account in lamports. Without it, what a temporary account of wrapped SOL is checked for
	// counts for less by the rent.
	TokenAccountRent uint64
	// StakeAccountRent is the rent of a stake account in lamports, which Marinade takes from the owner beside what its instruction says.
	// It must be there for such transactions.
	StakeAccountRent uint64
	// MaxNetworkFee is the most lamports the owner may pay for landing the transaction. Zero means [DefaultMaxNetworkFee].
	MaxNetworkFee uint64
	// AllowNonce allows a durable nonce, with which a transaction can be sent at any later time.
	AllowNonce bool
	// AllowedPrograms are the programs that may be called. None means [DefaultPrograms].
	AllowedPrograms []solana.PublicKey
}

// DefaultPrograms are the programs that transactions of this module call.
func DefaultPrograms() []solana.PublicKey {
	var ids []solana.PublicKey
	for _, p := range programs() {
		if p.name != nameFlatFee && p.name != nameFlatSlab {
			ids = append(ids, p.ids...)
		}
	}
	return ids
}

// Verify checks a transaction against a policy, and refuses it with a [*VerifyError] unless all of this is so:
//
//   - Every instruction is known, of an allowed program, and gets the owner's key only in places where it belongs.
//   - The owner or the payer of the policy pays the fee, and the owner no more than MaxNetworkFee.
//   - The owner approves no delegate, mints nothing, sets no authority, assigns no account, manages no pool, and makes nobody else staker or
//     withdrawer of a stake account than the recipient, or the authority of the stake pool that the very next instruction deposits it in.
//   - Nothing goes from the owner to somebody else but by an instruction of a trade. The exceptions are accounts that a later
//     instruction of the same transaction makes the owner's or uses up, and transfers to the payer; both count for MaxLamports.
//   - Accounts of the owner's are closed to the owner. Those that the transaction itself creates may also be closed to the recipient, or to the
//     payer if nothing but plain transfers went into them. None is left for others to take.
//   - What trades pay goes to the wallet of the owner or the recipient, their associated token accounts of the mint, temporary token
//     accounts of the owner's, or stake accounts whose authorities they are.
//   - No more leaves the owner's accounts than MaxLamports, MaxTokens and MaxStake. What certainly arrived counts against it, so that a
//     token in between two trades needs no limit if the first makes sure of enough for the second.
//   - At least MinLamports, MinTokens and MinStake are made sure of, by limits that instructions take, or by checks of balances, which are
//     transfers of a token account to itself. Where a program takes no limit and nothing is checked, nothing is made sure of:
//     [ErrNoLimit].
//
// It takes the programs by their word: that an instruction does what it says, takes no more, and looks at its accounts as the builds do that
// this module was tested with. It protects the owner. What the payer pays is none of its business, nor is it whether a price is good, beyond
// the limits of the policy.
func Verify(e Explanation, p Policy) error {
	if p.Owner.IsZero() {
		return &VerifyError{Instruction: -1, Detail: "no owner", Reason: ErrPolicy}
	}
	if p.Recipient.IsZero() {
		p.Recipient = p.Owner
	}
	if p.Payer.IsZero() {
		p.Payer = p.Owner
	}
	if p.MaxNetworkFee == 0 {
		p.MaxNetworkFee = DefaultMaxNetworkFee
	}
	if len(p.AllowedPrograms) == 0 {
		p.AllowedPrograms = DefaultPrograms()
	}
	v := newVerifier(e, p)
	for i := range e.Instructions {
		v.at = i
		if err := v.instruction(&e.Instructions[i]); err != nil {
			return err
		}
	}
	v.at = -1
	return v.end()
}

// refuse is an error about the instruction at hand.
func (v *verifier) refuse(reason error, format string, args ...any) error {
	return &VerifyError{Instruction: v.at, Detail: fmt.Sprintf(format, args...), Reason: reason}
}

func (v *verifier) instruction(in *Instruction) error {
	switch {
	case !in.Known():
		return v.refuse(ErrUnknown, "%s", in.Words)
	case !slices.Contains(v.AllowedPrograms, in.Program):
		return v.refuse(ErrProgram, "%s", in.Program)
	}
	for at, a := range in.Accounts {
		if a.Address == v.Owner && !in.expectsOwner(at) {
			return v.refuse(ErrSigner, "as the %s of %s", a.Role, in.Name)
		}
	}
	if in.spec.effect == nil {
		return nil
	}
	return in.spec.effect(v, in)
}

// expectsOwner says that the owner's key has a place among the accounts.
func (i *Instruction) expectsOwner(at int) bool {
	if at < len(i.spec.roles) {
		_, owner := role(i.spec.roles[at])
		return owner
	}
	return slices.Contains([]string{"base account", "signer", "SOL deposit authority", "SOL withdraw authority"}, i.Accounts[at].Role)
}

// end checks what is left when all is done.
func (v *verifier) end() error {
	switch {
	case v.explanation.Payer != v.Owner && v.explanation.Payer != v.Payer:
		return v.refuse(ErrPayer, "%s", v.explanation.Payer)
	case v.explanation.Payer == v.Owner && v.explanation.NetworkFee > v.MaxNetworkFee:
		return v.refuse(ErrFee, "%d lamports, at most %d", v.explanation.NetworkFee, v.MaxNetworkFee)
	}
	if err := v.leftovers(); err != nil {
		return err
	}
	return v.limits()
}

// controls refuses an instruction that the owner signs as the authority it takes.
func controls(authority string) func(*verifier, *Instruction) error {
	return func(v *verifier, in *Instruction) error {
		for _, a := range in.Accounts {
			if a.Role == authority && a.Address == v.Owner {
				return v.refuse(ErrControl, "%s", in.Words)
			}
		}
		if slices.ContainsFunc(in.Accounts, func(a Account) bool { return a.Address == v.Owner }) {
			return v.refuse(ErrSigner, "%s", in.Name)
		}
		return nil
	}
}

func (v *verifier) advanceNonce(in *Instruction) error {
	if !v.AllowNonce {
		return v.refuse(ErrNonce, "%s", in.key("nonce account"))
	}
	return nil
}

// refuseFunding is for instructions that cost the owner rent, and have no place in a trade.
func (v *verifier) refuseFunding(in *Instruction) error {
	if in.key("payer") == v.Owner {
		return v.refuse(ErrTransfer, "%s", in.Words)
	}
	return nil
}

// isLamports says that a mint stands for SOL.
func isLamports(mint solana.PublicKey) bool { return mint == accounts.NativeMint }
