package sdk

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Errors of [Outcome.Compare].
var (
	// ErrNoOutcome is returned when there is no outcome: the nodes have no
	// record of the transaction, or contradict each other about it. Call
	// [Client.Await] with the signature, or add an endpoint with
	// [WithFallback].
	ErrNoOutcome = errors.New(
		"no node has told the balances (call Await, or add an endpoint with WithFallback)")
	// ErrOtherTrade is returned when the transaction cannot be one of the
	// quote: the owner does not sign it, or it does not name the stake account
	// that the quote sells. Pass the quote of this transaction, or one leg of
	// it if the trade took two transactions.
	ErrOtherTrade = errors.New(
		"the transaction is not one of this quote (pass its own quote, or the leg that it executed)",
	)
)

// Comparison compares what a transaction did with its quote, see
// [Outcome.Compare].
type Comparison struct {
	// Paid compares what the owner paid with Quote.In and Quote.MaxIn.
	Paid Settlement
	// Received compares what the owner, or the recipient, received with
	// Quote.Out and Quote.MinOut. If the trade gives a receipt, see
	// Quote.Receipt, the tokens that wait for its claim count.
	Received Settlement
	// Failed reports whether the transaction failed. Nothing was paid then
	// but the network fee.
	Failed bool
	// Owner, Payer and Recipient are the changes of the three sides. Payer is
	// the fee payer, and the same as Owner without a sponsor. Recipient is the
	// same as Owner without a recipient.
	Owner, Payer, Recipient WalletOutcome
}

// Settlement compares one side of a trade with its quote. Amounts are in base
// units of Mint.
type Settlement struct {
	// Mint is the token: accounts.NativeMint for SOL, route.NativeStake for a
	// received stake account, and the address of a sold stake account.
	Mint solana.PublicKey
	// Promised is the amount of the quote, and Limit the highest payment or the
	// lowest receipt that it allows.
	Promised, Limit uint64
	// Actual is the amount that moved.
	Actual uint64
}

// Difference returns the change from the promised to the actual amount.
func (s Settlement) Difference() Change { return Change{Before: s.Promised, After: s.Actual} }

// String returns one line, for example "995 of So111…, -5 of 1000 promised".
func (s Settlement) String() string {
	amount := fmt.Sprintf("%d of %s", s.Actual, s.Mint)
	if s.Mint == accounts.NativeMint {
		amount = lst.FormatAmount(s.Actual, 9) + " SOL"
	}

	if s.Actual == s.Promised {
		return amount + ", as promised"
	}
	return fmt.Sprintf("%s, %s of %d promised", amount, s.Difference(), s.Promised)
}

// WithinLimits reports whether the transaction succeeded and kept the limits of
// the quote.
func (c Comparison) WithinLimits() bool {
	return !c.Failed && c.Paid.Actual <= c.Paid.Limit && c.Received.Actual >= c.Received.Limit
}

// String returns one line with both sides and the network fee.
func (c Comparison) String() string {
	fee := lst.FormatAmount(c.Payer.NetworkFee, 9)
	if c.Failed {
		return fmt.Sprintf("failed, network fee %s SOL", fee)
	}
	return fmt.Sprintf("paid %s; received %s; network fee %s SOL", c.Paid, c.Received, fee)
}

// Compare compares the outcome with the quote that the transaction executed for
// an owner. Use Receipt.Previous and Quote.Legs, one each, if the trade took
// two transactions.
//
// Tokens are compared by the balances of the token accounts, so a fee that goes
// to an account of the owner counts as received. SOL is compared by the balance
// of the wallet without network fees, rent of token accounts, transfers to
// accounts outside the trade other than the quote's integrator fee, and the
// other costs of the quote. Lamports that lay in a wrapped SOL account without
// counting as tokens do not count. What a wallet added to the transaction and
// is none of these, such as another trade, shows as a difference.
//
// It returns [ErrNoOutcome] for a nil outcome and [ErrOtherTrade] for a
// transaction that cannot be one of the quote.
func (o *Outcome) Compare(quote route.Quote, owner solana.PublicKey) (Comparison, error) {
	if o == nil || o.Transaction == nil {
		return Comparison{}, ErrNoOutcome
	}

	if !slices.Contains(o.Transaction.RequiredSigners(), owner) {
		return Comparison{}, fmt.Errorf("%w: %s does not sign it", ErrOtherTrade, owner)
	}

	recipient := quote.Request.Recipient
	if recipient.IsZero() {
		recipient = owner
	}

	c := Comparison{
		Paid: Settlement{
			Mint:     quote.Request.From,
			Promised: quote.In,
			Limit:    quote.MaxIn,
		},
		Received: Settlement{
			Mint:     quote.Request.To,
			Promised: quote.Out,
			Limit:    quote.MinOut,
		},
		Failed:    o.Failed,
		Owner:     o.Wallet(owner),
		Payer:     o.Wallet(o.Payer),
		Recipient: o.Wallet(recipient),
	}
	if o.Failed {
		return c, nil
	}

	if err := o.compareInput(&c, &quote); err != nil {
		return Comparison{}, err
	}

	o.compareOutput(&c, &quote, owner, recipient)

	return c, nil
}

// compareInput sets the paid amount.
func (o *Outcome) compareInput(c *Comparison, q *route.Quote) error {
	request := q.Request
	switch native := request.From == accounts.NativeMint && !request.UseWSOL; {
	case native:
		c.Paid.Actual = o.traded(c.Owner, q).Loss()
		return nil
	case o.tokens(c.Owner, request.From) != Change{}:
		c.Paid.Actual = o.tokens(c.Owner, request.From).Loss()
		return nil
	}

	stake, ok := o.Account(request.From)
	if !ok || !stake.Mint.IsZero() {
		// The tokens of the owner did not change, as if the trade returned
		// them.
		for _, a := range o.Accounts {
			if a.Mint == request.From {
				return nil
			}
		}

		return fmt.Errorf("%w: it does not name %s", ErrOtherTrade, request.From)
	}

	// A stake account goes to the buyer as a whole, and may keep its lamports
	// there, unless a part is split off or withdrawn. Accounts that are merged
	// into it first are a part of it.
	for _, other := range request.MergeStake {
		if merged, ok := o.Account(other); ok {
			before := fixed.SaturatingAdd(stake.Lamports.Before, merged.Lamports.Loss())
			stake.Lamports.Before = before
		}
	}

	c.Paid.Actual = stake.Lamports.Before
	if o.divides(request.From, q.ReturnedSOL > 0) {
		c.Paid.Actual = stake.Lamports.Loss()
	}
	return nil
}

// compareOutput sets the received amount.
func (o *Outcome) compareOutput(c *Comparison, q *route.Quote, owner, recipient solana.PublicKey) {
	request := q.Request
	native := request.To == accounts.NativeMint && !request.UseWSOL
	switch {
	case native && recipient == owner:
		c.Received.Actual = o.traded(c.Owner, q).Gain()
	case native:
		c.Received.Actual = c.Recipient.ReceivedLamports
	case request.To == route.NativeStake:
		c.Received.Actual = o.newStake(q, owner)
	case q.Receipt != nil:
		c.Received.Actual = fixed.SaturatingAdd(o.deposited(request.To),
			c.Recipient.Token(request.To).Gain())
	default:
		c.Received.Actual = o.tokens(c.Recipient, request.To).Gain()
	}
}

// tokens returns the tokens of a wallet before and after the trade. Lamports
// that lay in a wrapped SOL account without counting as tokens, and that the
// transaction made tokens with SyncNative, count as tokens before it.
func (o *Outcome) tokens(w WalletOutcome, mint solana.PublicKey) Change {
	held := w.Token(mint)
	if mint != accounts.NativeMint {
		return held
	}

	for _, a := range o.Accounts {
		if a.Mint == mint && a.Owner == w.Address && a.Lamports.Before > 0 && a.Lamports.After > 0 {
			held.Before = fixed.SaturatingAdd(held.Before, a.rent().Loss())
		}
	}
	return held
}

// traded returns the SOL of the owner before and after the trade, without the
// costs of the quote that are not part of its amounts, and with the fee of an
// integrator, which is.
func (o *Outcome) traded(w WalletOutcome, q *route.Quote) Change {
	received := w.ReceivedLamports
	for _, cost := range q.Costs {
		if cost.Name != route.PriorityFeeCost {
			received = fixed.SaturatingAdd(received, cost.Lamports)
		}
	}

	paid := w.PaidLamports
	for _, fee := range q.Fees {
		if fee.Name != route.IntegratorFeeName || fee.Mint != accounts.NativeMint {
			continue
		}

		account, _ := o.Account(fee.Recipient)
		taken := min(account.Lamports.Gain(), fee.Amount, w.Transferred)
		paid = fixed.SaturatingAdd(paid, taken)
	}

	// A surplus that comes back from a stake account is not what it is sold
	// for.
	paid = fixed.SaturatingAdd(paid, q.ReturnedSOL)

	return Change{Before: paid, After: received}
}

// deposited returns the pool tokens that a deposit put into the vault of its
// receipt.
func (o *Outcome) deposited(mint solana.PublicKey) uint64 {
	for _, in := range explain.Transaction(o.Transaction, nil).Instructions {
		key, ok := in.Account("vault")
		vault, named := o.Account(key)
		if ok && named && in.Program == accounts.InterceptorProgram && vault.Mint == mint {
			return vault.Tokens.Gain()
		}
	}
	return 0
}

// Numbers of instructions of the stake program.
const (
	stakeSplit    = 3
	stakeWithdraw = 4
)

// divides reports whether an instruction takes lamports from a stake account
// and leaves the account to its owner. A surplus that is withdrawn before the
// account is sold as a whole does not count.
func (o *Outcome) divides(stake solana.PublicKey, surplus bool) bool {
	return slices.ContainsFunc(o.Transaction.Steps(), func(step txn.Step) bool {
		metas := step.Instruction.Accounts()
		data, err := step.Instruction.Data()
		if err != nil || step.Instruction.ProgramID() != accounts.StakeProgram ||
			len(metas) == 0 || metas[0].PublicKey != stake || len(data) < 4 {
			return false
		}

		number := binary.LittleEndian.Uint32(data)
		return number == stakeSplit || number == stakeWithdraw && !surplus
	})
}

// newStake returns the stake of the new stake accounts: their lamports without
// the rents, which the quote tells.
func (o *Outcome) newStake(q *route.Quote, owner solana.PublicKey) uint64 {
	var rent uint64
	for _, received := range q.StakeAccounts {
		rent = fixed.SaturatingAdd(rent, received.Rent)
	}

	created := make(map[solana.PublicKey]bool)
	for _, step := range o.Transaction.Steps() {
		metas := step.Instruction.Accounts()
		data, err := step.Instruction.Data()
		if err != nil || step.Instruction.ProgramID() != accounts.SystemProgram ||
			len(metas) < 2 || len(data) < 4 {
			continue
		}

		switch binary.LittleEndian.Uint32(data) {
		case systemCreateAccount, systemCreateSeeded:
			created[metas[1].PublicKey] = true
		}
	}

	// The key of an account that its program creates signs the transaction.
	for _, signer := range o.Transaction.RequiredSigners()[1:] {
		created[signer] = signer != owner
	}

	var stake uint64
	for _, a := range o.Accounts {
		if created[a.Address] && a.Mint.IsZero() && a.Lamports.Before == 0 {
			stake = fixed.SaturatingAdd(stake, a.Lamports.After)
		}
	}

	return fixed.SaturatingSub(stake, rent)
}
