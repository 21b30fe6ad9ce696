package sdk

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// errRecord is an answer about a landed transaction that contradicts itself.
var errRecord = errors.New("the record of the transaction contradicts itself")

// Outcome is what a landed transaction changed, by the record that a node keeps
// of it: all balances before and after. [Outcome.Wallet] sums them up for one
// wallet, and [Outcome.Compare] compares them with a quote.
//
// The signatures of the transaction are verified, so its content is certain.
// Its balances are the statement of the nodes in ConfirmedBy. The client
// refuses a record whose lamports do not add up. A node that lies consistently
// can still show other amounts: no money moves by it, but do not pay out on the
// word of one node.
type Outcome struct {
	// Signature identifies the transaction.
	Signature solana.Signature
	// Slot is the slot of the block that contains the transaction.
	Slot uint64
	// BlockTime is the time of the block, or zero if the node does not tell.
	BlockTime time.Time
	// Payer is the fee payer.
	Payer solana.PublicKey
	// Fee is the network fee in lamports, which the payer also pays if the
	// transaction fails.
	Fee uint64
	// PriorityFee is the part of Fee that the compute unit limit and price of
	// the transaction ask for. If it sets no limit, the part is Fee without
	// 5,000 lamports for each signature.
	PriorityFee uint64
	// UnitsConsumed is the number of consumed compute units.
	UnitsConsumed uint64
	// Failed reports whether the transaction failed. It then changed nothing
	// but its fee, and its nonce.
	Failed bool
	// Accounts are all accounts of the transaction, in the order of their
	// indexes.
	Accounts []AccountOutcome
	// Transaction is the transaction on the ledger, whatever a wallet changed
	// in it. Explain it with explain.Transaction. It cannot be sent again.
	Transaction *txn.Unsigned
	// ConfirmedBy is the number of endpoints that report these balances. It is
	// 1 for [Client.Send], which asks one endpoint for them, even if several
	// confirm that the transaction landed. [Client.Await] asks all endpoints,
	// and returns an outcome only if a majority of those that answer agree.
	ConfirmedBy int
}

// AccountOutcome is what a transaction changed in one account.
type AccountOutcome struct {
	// Address is the address of the account.
	Address solana.PublicKey
	// Lamports is the balance of the account, rent included.
	Lamports Change
	// Mint is the mint of a token account, and zero for other accounts.
	Mint solana.PublicKey
	// Owner owns the token account after the transaction, or before it if the
	// account was closed.
	Owner solana.PublicKey
	// Tokens is the balance of a token account in base units of Mint.
	Tokens Change
}

// rent returns the lamports of a token account that are not tokens. Those of a
// wrapped SOL account are its balance without the wrapped amount.
func (a AccountOutcome) rent() Change {
	if a.Mint != accounts.NativeMint {
		return a.Lamports
	}
	return Change{
		Before: fixed.SaturatingSub(a.Lamports.Before, a.Tokens.Before),
		After:  fixed.SaturatingSub(a.Lamports.After, a.Tokens.After),
	}
}

// Change is an amount before and after a transaction.
type Change struct{ Before, After uint64 }

// Gain returns the increase, or zero.
func (c Change) Gain() uint64 { return c.After - min(c.Before, c.After) }

// Loss returns the decrease, or zero.
func (c Change) Loss() uint64 { return c.Before - min(c.Before, c.After) }

// String returns the difference with its sign, for example "+5000", "-5000" or
// "0".
func (c Change) String() string {
	switch {
	case c.After > c.Before:
		return "+" + strconv.FormatUint(c.Gain(), 10)
	case c.After < c.Before:
		return "-" + strconv.FormatUint(c.Loss(), 10)
	}
	return "0"
}

// newOutcome reads the record of a landed transaction. It returns an error if
// the record contradicts itself.
func newOutcome(signature solana.Signature, landed *landedTransaction) (*Outcome, error) {
	text, err := landed.text()
	if err != nil {
		return nil, err
	}

	m := landed.Meta
	writable, readonly := m.loaded()
	signed, keys, err := txn.ParseLanded(text, writable, readonly)
	switch {
	case err != nil:
		return nil, err
	case signed.Signature() != signature:
		return nil, fmt.Errorf("%w: it has the signature %s", errRecord, signed.Signature())
	case len(m.PreBalances) != len(keys) || len(m.PostBalances) != len(keys):
		return nil, fmt.Errorf("%w: %d and %d balances of %d accounts", errRecord,
			len(m.PreBalances), len(m.PostBalances), len(keys))
	}

	o := &Outcome{
		Signature:     signature,
		Slot:          landed.Slot,
		Payer:         keys[0],
		Fee:           m.Fee,
		UnitsConsumed: m.ComputeUnitsConsumed,
		Failed:        failed(m.Err),
		Accounts:      make([]AccountOutcome, len(keys)),
		Transaction:   signed.Unsigned(),
		ConfirmedBy:   1,
	}
	if landed.BlockTime != nil {
		o.BlockTime = time.Unix(*landed.BlockTime, 0).UTC()
	}

	for i, key := range keys {
		o.Accounts[i] = AccountOutcome{
			Address:  key,
			Lamports: Change{m.PreBalances[i], m.PostBalances[i]},
		}
	}

	if err := o.readTokens(m); err != nil {
		return nil, err
	}

	o.PriorityFee = o.priorityFee()

	return o, o.check()
}

// readTokens adds the balances of token accounts.
func (o *Outcome) readTokens(m *landedMeta) error {
	for at, balances := range [][]tokenBalance{m.PreTokenBalances, m.PostTokenBalances} {
		seen := make(map[int]bool)
		for _, b := range balances {
			if b.AccountIndex < 0 || b.AccountIndex >= len(o.Accounts) || seen[b.AccountIndex] {
				return fmt.Errorf("%w: a token balance of account %d", errRecord, b.AccountIndex)
			}

			seen[b.AccountIndex] = true
			a := &o.Accounts[b.AccountIndex]
			if at == 0 {
				a.Tokens.Before = uint64(b.Amount.Amount)
			} else {
				a.Tokens.After = uint64(b.Amount.Amount)
			}

			// An address can be closed and opened again for another mint. The
			// tokens of the first then count as burned or moved before.
			if mint := solana.PublicKey(b.Mint); at == 1 && !a.Mint.IsZero() && a.Mint != mint {
				a.Tokens.Before = 0
			}

			a.Mint, a.Owner = solana.PublicKey(b.Mint), solana.PublicKey(b.Owner)
		}
	}
	return nil
}

// priorityFee returns the priority fee within the network fee.
func (o *Outcome) priorityFee() uint64 {
	budget := o.Transaction.Budget()
	if budget.ComputeUnitLimit == 0 && budget.ComputeUnitPrice > 0 {
		signatures := uint64(len(o.Transaction.RequiredSigners()))
		return fixed.SaturatingSub(o.Fee, signatures*txn.LamportsPerSignature)
	}

	fee, err := budget.PriorityFee()
	if err != nil {
		return o.Fee
	}
	return min(fee, o.Fee)
}

// check returns an error if the balances do not add up: the network neither
// makes nor destroys lamports within a transaction except the fee, and a failed
// transaction moves nothing else.
func (o *Outcome) check() error {
	var before, after uint64
	var err error
	tokens := make(map[solana.PublicKey]Change)
	for i, a := range o.Accounts {
		sum := tokens[a.Mint]
		for _, term := range []struct {
			sum  *uint64
			more uint64
		}{
			{&before, a.Lamports.Before},
			{&after, a.Lamports.After},
			{&sum.Before, a.Tokens.Before},
			{&sum.After, a.Tokens.After},
		} {
			if *term.sum, err = fixed.Add(*term.sum, term.more); err != nil {
				return fmt.Errorf("%w: the balances exceed the range of amounts", errRecord)
			}
		}

		tokens[a.Mint] = sum
		if moved := a.Lamports.Before != a.Lamports.After && i > 0; o.Failed &&
			(moved || a.Tokens.Before != a.Tokens.After) {
			return fmt.Errorf("%w: it failed and changed %s", errRecord, a.Address)
		}
	}

	if after > before || before-after != o.Fee {
		return fmt.Errorf("%w: %d lamports before, %d after, and a fee of %d", errRecord, before,
			after, o.Fee)
	}
	return nil
}

// Account returns the change of one account. It reports false if the
// transaction does not name the account.
func (o *Outcome) Account(address solana.PublicKey) (AccountOutcome, bool) {
	if o == nil {
		return AccountOutcome{}, false
	}

	at := slices.IndexFunc(o.Accounts, func(a AccountOutcome) bool { return a.Address == address })
	if at < 0 {
		return AccountOutcome{}, false
	}
	return o.Accounts[at], true
}

// key returns equal keys for equal records of the same transaction, whichever
// node they come from. The compute units do not count: not all nodes report
// them.
func (o *Outcome) key() string {
	var text strings.Builder
	_ = json.NewEncoder(&text).Encode(o.Accounts) // These fields always encode.
	fmt.Fprintf(&text, "%d %t", o.Fee, o.Failed)
	return text.String()
}

// String returns one line, for example "slot 250000000, fee 0.000005 SOL, 48123
// compute units: " and the signature.
func (o *Outcome) String() string {
	if o == nil {
		return "no outcome"
	}

	text := fmt.Sprintf("slot %d", o.Slot)
	if o.Failed {
		text = "failed in " + text
	}
	return fmt.Sprintf("%s, fee %s SOL, %d compute units: %s", text,
		lst.FormatAmount(o.Fee, 9), o.UnitsConsumed, o.Signature)
}
