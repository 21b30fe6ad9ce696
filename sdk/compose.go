package sdk

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// ErrNoTipAccount is returned by [Client.Build] and [Client.BuildSteps] when
// the tip has an amount but no account to pay it to.
var ErrNoTipAccount = errors.New("tip without an account (set Tip.Accounts)")

// defaultStepUnits is the number of compute units that the network allows an
// instruction by default.
const defaultStepUnits = 200_000

// Tip is a payment in lamports that makes a service forward a transaction. The
// payer pays it, in the same transaction and only if it succeeds.
type Tip struct {
	// Lamports is the amount. Zero pays no tip.
	Lamports uint64
	// Accounts are the accounts of the service. One of them receives the tip;
	// the key of the owner determines which one.
	Accounts []solana.PublicKey
}

// account returns the account that receives the tip of an owner.
func (t Tip) account(owner solana.PublicKey) (solana.PublicKey, error) {
	if len(t.Accounts) == 0 {
		return solana.PublicKey{}, ErrNoTipAccount
	}
	number := binary.LittleEndian.Uint64(owner[:]) % uint64(len(t.Accounts))
	return t.Accounts[number], nil
}

// composition is the transaction of a quote together with what the options add:
// steps of the caller, a tip and a memo.
type composition struct {
	before, trade, after []txn.Step
	// extra are the tip and the memo.
	extra    []txn.Step
	created  []*txn.KeySigner
	tables   []txn.LookupTable
	lifetime txn.Lifetime
}

// compose returns the composition of a quote's transaction.
func compose(q *route.Quote, o BuildOptions, known prefetched) (composition, error) {
	parties := route.BuildParams{
		Owner:             o.Owner,
		Payer:             o.Payer,
		Seed:              o.Seed,
		PreBalance:        known.tokenBalance,
		Addresses:         known.addresses,
		DeferDescriptions: true,
	}
	if parties.Seed == "" {
		parties.Seed = known.seeds.next()
	}

	var made composition
	if q.NeedsStakeKeypair {
		if o.StakeKeypair == nil {
			var err error
			if o.StakeKeypair, err = txn.GenerateKeySigner(); err != nil {
				return composition{}, err
			}
		}

		parties.NewAccount = o.StakeKeypair.PublicKey()
		made.created = []*txn.KeySigner{o.StakeKeypair}
	}

	var err error
	if made.trade, err = q.Steps(parties); err != nil {
		return composition{}, err
	}

	if made.extra, err = o.extraSteps(); err != nil {
		return composition{}, err
	}

	// The node that simulates must have reached the slot of the quote.
	made.lifetime = *known.lifetime
	made.lifetime.Slot = max(made.lifetime.Slot, q.Slot)
	if made.before, err = withUnits(o.Before); err != nil {
		return composition{}, err
	}

	if made.after, err = withUnits(o.After); err != nil {
		return composition{}, err
	}

	made.tables = q.Tables
	if len(o.Tables) > 0 {
		made.tables = slices.Concat(q.Tables, o.Tables)
	}

	if !o.hasLegs() {
		return made, nil
	}

	return made, made.addLegs(q, o)
}

// addLegs adds the prepared legs around the trade.
func (c *composition) addLegs(q *route.Quote, o BuildOptions) error {
	if err := o.checkLegs(q); err != nil {
		return err
	}

	for _, leg := range o.prepared.all() {
		for _, table := range leg.tables {
			if !slices.ContainsFunc(c.tables, func(other txn.LookupTable) bool {
				return other.Address == table.Address
			}) {
				c.tables = append(slices.Clone(c.tables), table)
			}
		}

		if leg == o.prepared.before {
			c.before = slices.Concat(c.before, leg.steps)
		} else {
			c.after = slices.Concat(leg.steps, c.after)
		}
	}

	return nil
}

// steps returns all steps in order.
func (c composition) steps() []txn.Step {
	if len(c.before)+len(c.after)+len(c.extra) == 0 {
		return c.trade
	}
	return slices.Concat(c.before, c.trade, c.after, c.extra)
}

// plan returns the plan of the transaction without its guards.
func (c composition) plan(o BuildOptions) txn.Plan {
	return txn.Plan{
		NewAccountSigners: c.created,
		Payer:             o.Payer,
		Steps:             c.steps(),
		Versions:          o.Versions,
		Tables:            c.tables,
		Lifetime:          c.lifetime,
	}
}

// extraSteps returns the tip and the memo.
func (o BuildOptions) extraSteps() ([]txn.Step, error) {
	var steps []txn.Step
	if o.Tip.Lamports > 0 {
		account, err := o.Tip.account(o.Owner)
		if err != nil {
			return nil, err
		}

		tip, err := txn.TransferSOL(o.Payer, account, o.Tip.Lamports)
		if err != nil {
			return nil, err
		}

		steps = append(steps, tip)
	}

	if o.Memo != "" {
		memo, err := txn.Memo(o.Memo)
		if err != nil {
			return nil, err
		}

		steps = append(steps, memo)
	}

	return steps, nil
}

// withUnits returns steps of a caller. Those without compute units get the
// number that the network allows an instruction by default.
func withUnits(steps []txn.Step) ([]txn.Step, error) {
	if len(steps) == 0 {
		return nil, nil
	}

	steps = slices.Clone(steps)
	for i := range steps {
		if steps[i].Instruction == nil {
			return nil, fmt.Errorf("%w: step %d of the caller", txn.ErrIncomplete, i)
		}

		if steps[i].ComputeUnits == 0 {
			steps[i].ComputeUnits = defaultStepUnits
		}
	}

	return steps, nil
}
