package txn

import (
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"
)

// Compile fixes the form of the transaction.
func (p Plan) Compile() (*Unsigned, error) {
	u, _, err := p.compile(nil, false)
	return u, err
}

// compile fixes the form of the transaction, with the help of a layout if it
// has one that fits, and returns the layout if it is to be kept.
func (p *Plan) compile(known *Layout, keep bool) (*Unsigned, *Layout, error) {
	if err := p.check(); err != nil {
		return nil, nil, err
	}
	// The network takes a transaction for one with a nonce only if the nonce comes first.
	steps := p.allSteps()
	var callRoom [callsOnStack]call
	calls, err := readCalls(callRoom[:0], steps)
	if err != nil {
		return nil, nil, err
	}

	var entryRoom [entriesOnStack]entry
	if known != nil {
		t := table{entries: append(entryRoom[:0], known.entries...)}
		if known.lay(&t, p, calls) {
			if err := p.checkNewAccounts(&t); err != nil {
				return nil, nil, err
			}
			return p.finish(&t, steps, calls), known, nil
		}
	}

	var refRoom [refsOnStack]uint8
	entries, refs, ok := collect(entryRoom[:0], refRoom[:0], p.Payer, calls)
	if !ok {
		n := countAccounts(p.Payer, calls)
		return nil, nil, fmt.Errorf("%w: %d, at most %d", ErrTooManyAccounts, n, maxAccounts)
	}
	t := table{legacy: p.Legacy, entries: entries, refs: refs}
	t.rank()
	if err := p.checkNewAccounts(&t); err != nil {
		return nil, nil, err
	}
	if err := p.fit(&t, bodySize(calls)); err != nil {
		return nil, nil, err
	}
	u := p.finish(&t, steps, calls)
	if !keep {
		return u, nil, nil
	}
	return u, newLayout(&t, p, calls), nil
}

// check refuses plans that lack something.
func (p *Plan) check() error {
	switch {
	case p.Payer.IsZero():
		return ErrNoPayer
	case len(p.Steps) == 0:
		return ErrNoSteps
	case p.Budget.PriorityLamports != 0 || p.Budget.HeapSize != 0:
		return fmt.Errorf("%w: a priority fee in lamports or a size of the heap", ErrBudget)
	}
	return p.Lifetime.check()
}

// allSteps are the steps of the transaction in their order.
func (p *Plan) allSteps() []Step {
	steps := make([]Step, 0, len(p.Steps)+1+mostBudgetSteps)
	steps = p.Lifetime.appendSteps(steps)
	steps = p.Budget.appendSteps(steps)
	return append(steps, p.Steps...)
}

// call is what an instruction said when it was asked, which it is only once.
type call struct {
	program solana.PublicKey
	metas   []*solana.AccountMeta
	data    []byte
}

// readCalls asks the instructions of all steps.
func readCalls(calls []call, steps []Step) ([]call, error) {
	var unreadable error
	for i := range steps {
		s := &steps[i]
		calls = append(calls, call{})
		complete, err := calls[i].read(s.Instruction)
		if !complete {
			return nil, fmt.Errorf("instruction %d (%s): %w", i, s.Told().Words, ErrIncomplete)
		}
		if err != nil && unreadable == nil {
			unreadable = fmt.Errorf("instruction %d (%s): %w", i, s.Told().Words, err)
		}
	}
	return calls, unreadable
}

// read asks an instruction. It is not complete if it is not there, panics when
// it is read, as the zero values of solana-go's instructions do, or lacks an
// account.
func (c *call) read(ix solana.Instruction) (complete bool, err error) {
	defer func() {
		if recover() != nil {
			complete, err = false, nil
		}
	}()
	c.program, c.metas = ix.ProgramID(), ix.Accounts()
	c.data, err = ix.Data()
	return !slices.Contains(c.metas, nil), err
}

// checkNewAccounts refuses keys of new accounts that do not sign.
func (p *Plan) checkNewAccounts(t *table) error {
	for _, key := range p.NewAccounts {
		if key == nil {
			return fmt.Errorf("%w: a new account has no key", ErrIncomplete)
		}
		if t.signerPlace(key.PublicKey()) < 0 {
			return fmt.Errorf("%w: new account %s does not sign", ErrIncomplete, key.PublicKey())
		}
	}
	return nil
}

// compiled is a transaction in one allocation.
type compiled struct {
	Unsigned
	exposure
}

// finish writes the message of a table that was ranked, and signs for the
// accounts that the transaction creates.
func (p *Plan) finish(t *table, steps []Step, calls []call) *Unsigned {
	signers, writable := t.signersAndWritable()
	made := new(compiled)
	made.Unsigned = Unsigned{
		message:  t.message(calls, p.Lifetime.Blockhash),
		signers:  signers,
		sealed:   make([]*solana.Signature, len(signers)),
		steps:    steps,
		budget:   p.Budget,
		baseFee:  p.BaseFee,
		lifetime: p.Lifetime,
		writable: writable,
		tables:   t.lookupTables(),
		exposed:  &made.exposure,
	}
	u := &made.Unsigned
	for _, key := range p.NewAccounts {
		signature := solana.SignatureFromBytes(key.sign(u.message))
		u.sealed[t.signerPlace(key.PublicKey())] = &signature
	}
	return u
}
