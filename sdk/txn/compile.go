package txn

import (
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
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
	var callRoom [callsOnStack]call
	var budgetRoom [mostBudgetSteps]budgetData
	calls, err := p.readCalls(callRoom[:0], &budgetRoom)
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
			return p.finish(&t, calls), known, nil
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
	u := p.finish(&t, calls)
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

// call is what an instruction said when it was asked, which it is only once.
type call struct {
	program solana.PublicKey
	metas   []*solana.AccountMeta
	data    []byte
}

// readCalls asks the instructions of all steps: that of the nonce, which the
// network wants to come first, those of the compute budget, whose data the room
// takes, and those of the plan.
func (p *Plan) readCalls(calls []call, room *[mostBudgetSteps]budgetData) ([]call, error) {
	for _, s := range p.Lifetime.appendSteps(nil) {
		calls = append(calls, call{})
		_, _ = calls[len(calls)-1].read(s.Instruction) // It is complete.
	}
	for i, size := range p.Budget.data(room) {
		if size > 0 {
			calls = append(calls, call{program: accounts.ComputeBudgetProgram, data: room[i][:size]})
		}
	}

	var unreadable error
	for at := range p.Steps {
		s, i := &p.Steps[at], len(calls)
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
	buffer
	// These have room for what most transactions need.
	signers [2]solana.PublicKey
	sealed  [2]*solana.Signature
}

// finish writes the message of a table that was ranked, and signs for the
// accounts that the transaction creates.
func (p *Plan) finish(t *table, calls []call) *Unsigned {
	made := new(compiled)
	u := &made.Unsigned
	raw := t.write(calls, p.Lifetime.Blockhash)
	u.message = raw[1+t.header[0]*solana.SignatureLength:]
	made.buffer.raw, u.buffer = raw, &made.buffer
	u.signers = t.signers(made.signers[:0])
	u.sealed = append(made.sealed[:0], make([]*solana.Signature, len(u.signers))...)
	u.planned, u.steps = true, slices.Clone(p.Steps)
	u.budget, u.baseFee, u.lifetime = p.Budget, p.BaseFee, p.Lifetime
	u.exposed = &made.exposure
	if len(t.lookups) > 0 {
		u.writable, u.tables = t.writable(), t.lookupTables()
	}
	for _, key := range p.NewAccounts {
		signature := key.sign(u.message)
		u.sealed[t.signerPlace(key.PublicKey())] = &signature
	}
	return u
}
