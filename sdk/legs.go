package sdk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/foreign"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Errors of foreign legs.
var (
	// ErrLegRefused is returned by [Client.Build], as a [*LegError], when a
	// foreign leg reaches more of the owner's than the swap needs: an account
	// of the owner besides the two token accounts, the payer, another signer,
	// or an instruction of another program. Request another leg, or move the
	// account to another owner.
	ErrLegRefused = errors.New(
		"the foreign leg reaches more than its swap needs (request another leg)")
	// ErrLegMismatch is returned by [Client.Build] when a foreign leg does not
	// fit the quote: another token, an input above what the trade pays at
	// least, or an output below what the trade takes at most. Request the leg
	// for these amounts.
	ErrLegMismatch = errors.New(
		"the foreign leg does not fit the trade (request it for the quoted amounts)")
	// ErrLegBroken is returned by [Client.Build] when a foreign leg, in the
	// simulation, takes more or pays less than it promises, or gives another
	// key control of an account. Do not sign; request another leg.
	ErrLegBroken = errors.New(
		"the foreign leg takes more or pays less than promised (request another leg)")
)

// LegError is what a foreign leg must not reach. It matches [ErrLegRefused].
type LegError struct {
	// Account is the account or program that the leg names.
	Account solana.PublicKey
	// Reason tells why the leg must not name it.
	Reason string
}

// Error returns one line with the account and the reason.
func (e *LegError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return fmt.Sprintf("%v: it names %s, %s", ErrLegRefused, e.Account, e.Reason)
}

// Unwrap returns [ErrLegRefused].
func (e *LegError) Unwrap() error { return ErrLegRefused }

// legAccount is a token account of the owner at one end of a leg.
type legAccount struct {
	address, mint, program solana.PublicKey
	// missing is set if the account does not exist yet. held is its balance,
	// lamports its SOL.
	missing        bool
	held, lamports uint64
}

// native reports whether the leg wraps or unwraps SOL in the account, and
// closes it.
func (a legAccount) native() bool { return a.mint == accounts.NativeMint }

// preparedLeg is a leg whose accounts were read and checked.
type preparedLeg struct {
	*foreign.Leg
	in, out legAccount
	steps   []txn.Step
	tables  []txn.LookupTable
	// names are the accounts that the foreign instructions name.
	names map[solana.PublicKey]bool
}

// legs are the prepared legs of a transaction, each or both of them nil.
type legs struct{ before, after *preparedLeg }

// all returns the legs that exist.
func (l *legs) all() []*preparedLeg {
	if l == nil {
		return nil
	}
	return slices.DeleteFunc([]*preparedLeg{l.before, l.after}, func(p *preparedLeg) bool {
		return p == nil
	})
}

// accounts returns the token accounts at the ends of the legs, each once.
func (l *legs) accounts() []legAccount {
	var all []legAccount
	for _, leg := range l.all() {
		for _, account := range []legAccount{leg.in, leg.out} {
			if !slices.ContainsFunc(all, func(a legAccount) bool {
				return a.address == account.address
			}) {
				all = append(all, account)
			}
		}
	}
	return all
}

// account returns the token account with an address.
func (l *legs) account(address solana.PublicKey) (legAccount, bool) {
	for _, account := range l.accounts() {
		if account.address == address {
			return account, true
		}
	}
	return legAccount{}, false
}

// takes returns what the legs take of a token at most, and pays what they pay
// of it at least.
func (l *legs) takes(mint solana.PublicKey) (sum uint64) {
	for _, leg := range l.all() {
		if leg.InMint == mint {
			sum = fixed.SaturatingAdd(sum, leg.In)
		}
	}
	return sum
}

func (l *legs) pays(mint solana.PublicKey) (sum uint64) {
	for _, leg := range l.all() {
		if leg.OutMint == mint {
			sum = fixed.SaturatingAdd(sum, leg.MinOut)
		}
	}
	return sum
}

// unwrapped returns the lamports of existing wSOL accounts that the legs close.
func (l *legs) unwrapped() (sum uint64) {
	for _, account := range l.accounts() {
		if account.native() && !account.missing {
			sum = fixed.SaturatingAdd(sum, account.lamports)
		}
	}
	return sum
}

// closes reports whether a leg closes an account.
func (l *legs) closes(address solana.PublicKey) bool {
	account, ok := l.account(address)
	return ok && account.native()
}

// hasLegs reports whether the options have foreign legs.
func (o BuildOptions) hasLegs() bool { return o.LegBefore != nil || o.LegAfter != nil }

// withLegs returns the options with the prepared legs: it reads and checks all
// accounts that the legs name.
func (c *Client) withLegs(ctx context.Context, o BuildOptions, slot uint64) (BuildOptions, error) {
	if !o.hasLegs() || o.prepared != nil {
		return o, nil
	}
	if o.Owner.IsZero() {
		return o, ErrNoOwner
	}

	prepared, parties := new(legs), o
	parties.Payer = o.payer()
	for _, leg := range []struct {
		given *foreign.Leg
		into  **preparedLeg
	}{{o.LegBefore, &prepared.before}, {o.LegAfter, &prepared.after}} {
		if leg.given == nil {
			continue
		}

		var err error
		if *leg.into, err = c.prepareLeg(ctx, leg.given, parties, slot); err != nil {
			return o, err
		}
	}

	o.prepared = prepared
	return o, nil
}

// prepareLeg reads and checks the accounts of a leg.
func (c *Client) prepareLeg(
	ctx context.Context, leg *foreign.Leg, o BuildOptions, slot uint64,
) (*preparedLeg, error) {
	if leg.Program.IsZero() || leg.In == 0 || leg.MinOut == 0 || leg.InMint == leg.OutMint ||
		slices.ContainsFunc(leg.Instructions, incompleteInstruction) {
		return nil, fmt.Errorf("%w: program, tokens, amounts or instructions are missing",
			ErrLegMismatch)
	}

	p := &preparedLeg{Leg: leg, names: make(map[solana.PublicKey]bool)}
	mints, err := c.readAccounts(ctx, []solana.PublicKey{leg.InMint, leg.OutMint}, slot)
	if err != nil {
		return nil, err
	}

	for _, end := range []struct {
		mint solana.PublicKey
		into *legAccount
	}{{leg.InMint, &p.in}, {leg.OutMint, &p.out}} {
		if *end.into, err = c.legAccount(mints, end.mint, o.Owner); err != nil {
			return nil, err
		}
	}

	own, err := p.foreignSteps(o)
	if err != nil {
		return nil, err
	}
	if err := c.checkReach(ctx, p, o, slot); err != nil {
		return nil, err
	}

	p.frame(own, o)
	p.tables, err = c.lookupTables(ctx, leg.Tables)
	return p, err
}

// incompleteInstruction reports whether an instruction or an account of it is
// nil.
func incompleteInstruction(ix solana.Instruction) bool {
	return ix == nil || slices.Contains(ix.Accounts(), nil)
}

// legAccount returns the owner's associated token account for a mint.
func (c *Client) legAccount(set *accounts.Set, mint, owner solana.PublicKey) (legAccount, error) {
	account, err := set.Get(mint)
	switch {
	case err != nil:
		return legAccount{}, fmt.Errorf("%w: mint of the leg: %w", ErrLegMismatch, err)
	case account.Owner != accounts.TokenProgram && account.Owner != accounts.Token2022Program:
		return legAccount{}, fmt.Errorf("%w: %s is not a mint", ErrLegMismatch, mint)
	}

	a := legAccount{mint: mint, program: account.Owner}
	a.address, err = c.addresses.AssociatedToken(owner, account.Owner, mint)
	return a, err
}

// foreignSteps returns the instructions of the swap program. Those of other
// programs must prepare or clean up the token accounts of the swap; they are
// left out, as the client writes such steps itself.
func (p *preparedLeg) foreignSteps(o BuildOptions) ([]txn.Step, error) {
	var own []txn.Step
	for _, ix := range p.Instructions {
		if ix.ProgramID() != p.Program {
			if err := p.checkFrame(ix, o.Owner); err != nil {
				return nil, err
			}

			continue
		}

		for _, meta := range ix.Accounts() {
			switch {
			case meta.PublicKey != o.Owner && meta.PublicKey == o.Payer:
				return nil, &LegError{meta.PublicKey, "the payer"}
			case meta.PublicKey != o.Owner && meta.IsSigner:
				return nil, &LegError{meta.PublicKey, "a signer other than the owner"}
			}

			p.names[meta.PublicKey] = true
		}

		own = append(own, txn.Step{
			Description:  fmt.Sprintf("swap by the foreign program %s", p.Program),
			Instruction:  ix,
			ComputeUnits: legUnits,
		})
	}
	if len(own) == 0 {
		return nil, fmt.Errorf("%w: no instruction of its program", ErrLegMismatch)
	}
	return own, nil
}

// legUnits is the number of compute units of a foreign instruction that is not
// simulated.
const legUnits = 400_000

// checkReach reads all accounts that the foreign instructions name. Those that
// hold the owner's key in their data are refused, except the two token
// accounts.
func (c *Client) checkReach(
	ctx context.Context, p *preparedLeg, o BuildOptions, slot uint64,
) error {
	keys := []solana.PublicKey{p.in.address, p.out.address}
	for key := range p.names {
		keys = appendNew(keys, key)
	}

	set, err := c.readAccounts(ctx, keys, slot)
	if err != nil {
		return err
	}

	for _, end := range []*legAccount{&p.in, &p.out} {
		if err := end.read(set, o.Owner); err != nil {
			return err
		}
	}

	slices.SortFunc(keys, accounts.CompareKeys)
	for _, key := range keys {
		account, err := set.Get(key)
		switch {
		case errors.Is(err, accounts.ErrNotFound), key == o.Owner,
			key == p.in.address, key == p.out.address:
			continue
		case err != nil:
			return err
		case bytes.Contains(account.Data, o.Owner[:]):
			return &LegError{key, "an account of the owner"}
		}
	}
	return nil
}

// read sets the balance of the account. It must be the owner's alone.
func (a *legAccount) read(set *accounts.Set, owner solana.PublicKey) error {
	account, err := set.Get(a.address)
	if errors.Is(err, accounts.ErrNotFound) ||
		err == nil && account.Owner == accounts.SystemProgram {
		a.missing = true
		return nil
	}
	if err != nil {
		return err
	}

	token, err := accounts.DecodeTokenAccount(account)
	switch {
	case err != nil:
		return err
	case account.Owner != a.program, token.Mint != a.mint, token.Owner != owner:
		return &LegError{a.address, "a token account that is not the owner's"}
	case token.Delegate != nil:
		return &LegError{a.address, "a token account with a delegate (revoke it first)"}
	case token.CloseAuthority != nil && *token.CloseAuthority != owner:
		return &LegError{a.address, "a token account that another key may close"}
	case token.State != accounts.TokenInitialized:
		return &LegError{a.address, "a frozen token account"}
	}

	a.held, a.lamports = token.Amount, account.Lamports
	return nil
}

// checkLegs returns [ErrLegMismatch] unless the legs fit a quote.
func (o BuildOptions) checkLegs(q *route.Quote) error {
	mismatch := func(format string, args ...any) error {
		return fmt.Errorf("%w: %s", ErrLegMismatch, fmt.Sprintf(format, args...))
	}

	r := q.Request
	if !r.SourceAccount.IsZero() || !r.DestinationAccount.IsZero() {
		return mismatch("a leg excludes a trade with SourceAccount or DestinationAccount")
	}

	for _, leg := range []*foreign.Leg{o.LegBefore, o.LegAfter} {
		if leg != nil && r.UseWSOL && slices.Contains(
			[]solana.PublicKey{leg.InMint, leg.OutMint}, accounts.NativeMint) {
			return mismatch("a leg of SOL excludes a trade with UseWSOL")
		}
	}
	if leg := o.LegBefore; leg != nil {
		switch {
		case leg.OutMint != r.From:
			return mismatch("it pays %s, the trade takes %s", leg.OutMint, r.From)
		case leg.MinOut < q.MaxIn:
			return mismatch("it pays at least %d, the trade takes up to %d", leg.MinOut, q.MaxIn)
		}
	}
	if leg := o.LegAfter; leg != nil {
		switch {
		case leg.InMint != r.To:
			return mismatch("it takes %s, the trade pays %s", leg.InMint, r.To)
		case leg.In > q.MinOut:
			return mismatch("it takes %d, the trade pays at least %d", leg.In, q.MinOut)
		case !r.Recipient.IsZero() && r.Recipient != o.Owner:
			return mismatch("the trade pays a recipient")
		case q.Receipt != nil:
			return mismatch("the trade pays with a receipt")
		}
	}
	return nil
}
