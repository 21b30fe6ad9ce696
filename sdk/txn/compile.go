package txn

import (
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// Compile turns the plan into a transaction and signs it for the accounts that
// it creates. The transaction has one of the formats in Plan.Versions: version
// 0, or the legacy format where version 0 is not among them, as long as it fits
// without lookup tables; then version 1; then version 0 with lookup tables.
//
// It returns [ErrNoPayer], [ErrNoSteps], [ErrNoLifetime], [ErrBudget] or
// [ErrIncomplete] if the plan lacks something, [ErrTooManyAccounts] if it names
// more accounts than the format can, [ErrVersionLimit] if it exceeds another
// limit of version 1, and a [*SizeError] if the transaction exceeds
// [Version.MaxSize].
func (p Plan) Compile() (*Unsigned, error) {
	u, _, err := p.compile(nil, false)
	return u, err
}

// compile compiles the plan. It uses the known layout if that fits, and returns
// the layout if keep is set.
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

	var failure error
	var formatRoom [mostFormats]format
	for _, f := range p.formats(formatRoom[:0]) {
		u, layout, err := p.compileAs(f, calls, known, keep)
		if err == nil {
			return u, layout, nil
		}

		// Version 1 holds more than the other formats, so its error counts.
		if failure == nil || f.version == Version1 {
			failure = err
		}
	}

	p.suggest(failure, calls)
	return nil, nil, failure
}

// compileAs compiles the plan in one format.
func (p *Plan) compileAs(
	f format, read planCalls, known *Layout, keep bool,
) (*Unsigned, *Layout, error) {
	form, calls := table{version: f.version}, read.all
	if f.version == Version1 {
		var err error
		if form.config, err = p.Budget.version1Config(); err != nil {
			return nil, nil, err
		}

		calls = read.withoutBudget()
	}

	var entryRoom [entriesOnStack]entry
	if known.usable(f) {
		t := form
		t.entries = append(entryRoom[:0], known.entries...)
		if known.lay(&t, p, calls) {
			if err := p.checkTable(&t, calls); err != nil {
				return nil, nil, err
			}

			return p.finish(&t, calls), known, nil
		}
	}

	var refRoom [refsOnStack]uint8
	entries, refs, ok := collect(entryRoom[:0], refRoom[:0], p.Payer, calls)
	if !ok {
		limit := maxAccounts
		if f.version == Version1 {
			limit = version1Accounts
		}

		return nil, nil, tooManyAccounts(countAccounts(p.Payer, calls), limit)
	}

	t := form
	t.entries, t.refs = entries, refs
	t.rank()
	if err := p.checkTable(&t, calls); err != nil {
		return nil, nil, err
	}

	if err := p.fit(&t, t.bodySize(calls), f.tables); err != nil || f.check {
		return nil, nil, err
	}

	u := p.finish(&t, calls)
	if !keep {
		return u, nil, nil
	}

	return u, newLayout(&t, p, calls), nil
}

// check returns an error if the plan lacks a part.
func (p *Plan) check() error {
	switch {
	case p.Payer.IsZero():
		return ErrNoPayer
	case len(p.Steps) == 0:
		return ErrNoSteps
	}

	if err := p.checkVersions(); err != nil {
		return err
	}

	return p.Lifetime.check()
}

// call holds the content of an instruction. Each instruction is read once,
// since a later read may return something else.
type call struct {
	program solana.PublicKey
	metas   []*solana.AccountMeta
	data    []byte
}

// planCalls are the instructions of a plan.
type planCalls struct {
	all []call
	// start and end delimit the instructions of the compute budget.
	start, end int
}

// withoutBudget returns the instructions without those of the compute budget.
func (c planCalls) withoutBudget() []call {
	return slices.Concat(c.all[:c.start], c.all[c.end:])
}

// readCalls reads the instructions of all steps in their order on the wire:
// that of the nonce, which the network requires to come first, those of the
// compute budget, whose data is written to room, and those of the plan.
func (p *Plan) readCalls(
	calls []call, room *[mostBudgetSteps]budgetData,
) (read planCalls, err error) {
	for _, s := range p.Lifetime.appendSteps(nil) {
		calls = append(calls, call{})
		// The instruction is built here and therefore complete.
		_, _ = calls[len(calls)-1].read(s.Instruction)
	}

	read.start = len(calls)
	for i, size := range p.Budget.data(room) {
		if size > 0 {
			calls = append(calls,
				call{program: accounts.ComputeBudgetProgram, data: room[i][:size]})
		}
	}

	read.end = len(calls)
	var unreadable error
	for at := range p.Steps {
		s, i := &p.Steps[at], len(calls)
		calls = append(calls, call{})
		complete, err := calls[i].read(s.Instruction)
		if !complete {
			return read, fmt.Errorf("instruction %d (%s): %w", i, s.Described().Description,
				ErrIncomplete)
		}

		if err != nil && unreadable == nil {
			unreadable = fmt.Errorf("instruction %d (%s): %w", i, s.Described().Description, err)
		}
	}

	read.all = calls

	return read, unreadable
}

// read reads an instruction. It reports false if the instruction is nil, panics
// when it is read (the zero values of solana-go's instructions do), or has a
// nil account.
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

// checkTable returns an error if the new accounts do not sign, or if version 1
// cannot hold the transaction.
func (p *Plan) checkTable(t *table, calls []call) error {
	if err := p.checkNewAccounts(t); err != nil || t.version != Version1 {
		return err
	}
	return t.checkVersion1(calls)
}

// checkNewAccounts returns an error if a key of a new account is nil, was
// destroyed, or is not a signer of the transaction.
func (p *Plan) checkNewAccounts(t *table) error {
	for _, key := range p.NewAccountSigners {
		if key == nil {
			return fmt.Errorf("%w: a new account has a nil key", ErrIncomplete)
		}

		if key.gone != nil && key.gone() {
			return fmt.Errorf("%w: of new account %s", ErrKeyDestroyed, key.PublicKey())
		}

		if t.signerPlace(key.PublicKey()) < 0 {
			return fmt.Errorf("%w: new account %s is not a signer", ErrIncomplete, key.PublicKey())
		}
	}

	return nil
}

// compiled holds a transaction in a single allocation.
type compiled struct {
	Unsigned
	exposure
	buffer
	// The arrays are large enough for most transactions.
	signers [2]solana.PublicKey
	sealed  [2]*solana.Signature
}

// finish writes the message from a sorted table and signs it for the accounts
// that the transaction creates.
func (p *Plan) finish(t *table, calls []call) *Unsigned {
	made := new(compiled)
	u := &made.Unsigned
	raw, message, signatures := t.write(calls, p.Lifetime.Blockhash)
	u.message = raw[message:]
	if t.version == Version1 {
		u.message = raw[:signatures:signatures]
	}

	made.raw, made.signatures, u.buffer = raw, signatures, &made.buffer
	u.signers = t.signers(made.signers[:0])
	u.sealed = append(made.sealed[:0], make([]*solana.Signature, len(u.signers))...)
	u.planned, u.steps = true, slices.Clone(p.Steps)
	u.budget, u.baseFee, u.lifetime = p.Budget, p.BaseFee, p.Lifetime
	u.exposed = &made.exposure
	if len(t.lookups) > 0 {
		u.writable, u.tables = t.writable(), t.lookupTables()
	}

	if t.version == Version1 {
		u.budget, u.writable = t.config, t.writable()
	}

	for _, key := range p.NewAccountSigners {
		signature := key.sign(u.message)
		u.sealed[t.signerPlace(key.PublicKey())] = &signature
	}

	return u
}
