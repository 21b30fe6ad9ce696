package sdk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Errors of the steps around a trade.
var (
	// ErrStepConflict is returned by [Client.Build] when a step of
	// BuildOptions.Before or After names an account whose contents the limits
	// of the quote depend on: a stake account of the trade, a temporary
	// account, an account of the recipient, or with [route.CheckedByBalance]
	// the account that receives the output. Run the step in a transaction of
	// its own.
	ErrStepConflict = errors.New(
		"a step around the trade interferes with it (run it in a transaction of its own)")
	// ErrStepsSpend is returned by [Client.Build] when the steps of
	// BuildOptions.Before and After take more from the owner or the payer than
	// BuildOptions.Spends allows. Remove the step that takes it, or raise
	// Spends.
	ErrStepsSpend = errors.New(
		"the steps around the trade take more than allowed (check them, or raise Spends)")
)

// hasSteps reports whether the caller adds steps to a trade.
func (o BuildOptions) hasSteps() bool {
	return len(o.Before)+len(o.After) > 0 || o.hasLegs()
}

// exposure is what the steps of a caller can change of a trade. The network
// grants the privileges of an account to every instruction that names it, so
// the flags of a single instruction do not matter.
type exposure struct {
	// before and all are the accounts that the steps before the trade name, and
	// those that all steps of the caller name.
	before, all map[solana.PublicKey]bool
	// shared are the accounts that the trade writes and the steps name, without
	// the wallets of the owner and the payer.
	shared []solana.PublicKey
	// wallets are the owner and the payer if the steps name them.
	wallets []solana.PublicKey
}

func (c composition) exposure(o BuildOptions) exposure {
	e := exposure{before: named(c.before), all: named(slices.Concat(c.before, c.after))}
	for _, step := range c.trade {
		for _, meta := range step.Instruction.Accounts() {
			key := meta.PublicKey
			_, guarded := o.prepared.account(key)
			if meta.IsWritable && key != o.Owner && key != o.Payer && e.all[key] && !guarded {
				e.shared = appendNew(e.shared, key)
			}
		}
	}

	for _, wallet := range []solana.PublicKey{o.Owner, o.Payer} {
		if e.all[wallet] {
			e.wallets = appendNew(e.wallets, wallet)
		}
	}

	return e
}

// named returns the accounts that steps name.
func named(steps []txn.Step) map[solana.PublicKey]bool {
	keys := make(map[solana.PublicKey]bool)
	for _, step := range steps {
		for _, meta := range step.Instruction.Accounts() {
			keys[meta.PublicKey] = true
		}
	}
	return keys
}

// guards returns the steps that make the transaction fail if the steps of the
// caller take more from the owner or the payer than the options allow.
func (c *Client) guards(
	ctx context.Context, q *route.Quote, o BuildOptions, made composition, known prefetched,
) ([]txn.Step, error) {
	if !o.hasSteps() {
		return nil, nil
	}

	e := made.exposure(o)
	if err := e.check(q, o, made, known.addresses); err != nil {
		return nil, err
	}

	if err := made.checkSigners(o); err != nil {
		return nil, err
	}

	guards := o.legGuards(q)
	if len(e.wallets) > 0 {
		o.Lifetime = known.lifetime
		f, err := c.tradeFunds(ctx, q, o)
		if err != nil {
			return nil, err
		}

		for _, wallet := range e.wallets {
			guards = append(guards, o.walletGuard(wallet, f.leaves(q, o, wallet)))
		}
	}

	if len(e.shared) == 0 {
		return guards, nil
	}

	set, err := c.readAccounts(ctx, e.shared, known.slot)
	if err != nil {
		return nil, err
	}

	for _, key := range e.shared {
		guard, needed, err := tokenGuard(set, key, q, o, made)
		if err != nil {
			return nil, err
		}

		if needed {
			guards = append(guards, guard)
		}
	}

	return guards, nil
}

// guardPlaceholders returns steps of the size of the guards, before the
// accounts are read.
func (c composition) guardPlaceholders(q *route.Quote, o BuildOptions) ([]txn.Step, error) {
	if !o.hasSteps() {
		return nil, nil
	}

	e := c.exposure(o)
	if err := e.check(q, o, c, nil); err != nil {
		return nil, err
	}

	guards := o.legGuards(q)
	for _, wallet := range e.wallets {
		guards = append(guards, txn.RequireLamports(wallet, 0))
	}

	for _, key := range e.shared {
		guard, err := txn.RequireBalance(accounts.TokenProgram, key, o.Owner, 1)
		if err != nil {
			return nil, err
		}

		guards = append(guards, guard)
	}

	return guards, nil
}

// check returns [ErrStepConflict] for accounts that no balance can guard.
func (e exposure) check(
	q *route.Quote, o BuildOptions, made composition, addresses *accounts.Addresses,
) error {
	conflict := func(key solana.PublicKey, what string) error {
		return fmt.Errorf("%w: it names %s, %s", ErrStepConflict, key, what)
	}

	for _, key := range explainSteps(o.Payer, made.trade).NeedVacant(o.Owner) {
		if e.all[key] {
			return conflict(key, "an account that the trade creates")
		}
	}

	for _, key := range made.created {
		if e.all[key.PublicKey()] {
			return conflict(key.PublicKey(), "the new stake account")
		}
	}

	if recipient := q.Request.Recipient; !recipient.IsZero() && e.all[recipient] {
		return conflict(recipient, "the recipient of the trade")
	}

	if q.Request.From != accounts.NativeMint && e.all[q.Request.From] &&
		slices.Contains(e.shared, q.Request.From) && made.usesStake(q.Request.From) {
		return conflict(q.Request.From, "the stake account of the trade")
	}

	account, checked, err := q.GuardedAccountFrom(addresses, o.Owner)
	if err != nil {
		return err
	}

	if checked && e.before[account] {
		return conflict(account, "whose balance shows the output of this route")
	}

	return nil
}

// usesStake reports whether the trade uses a stake account.
func (c composition) usesStake(key solana.PublicKey) bool {
	for _, in := range explainSteps(solana.PublicKey{}, c.trade).Instructions {
		if stake, ok := in.Account("stake account"); ok && stake == key {
			return true
		}
	}
	return false
}

// explainSteps explains the instructions of steps.
func explainSteps(payer solana.PublicKey, steps []txn.Step) explain.Explanation {
	ixs := make([]solana.Instruction, len(steps))
	for i, s := range steps {
		ixs[i] = s.Instruction
	}
	return explain.Instructions(payer, ixs, nil)
}

// tokenGuard returns the guard of an account that the trade and the steps of
// the caller share. An account of a pool needs none.
func tokenGuard(
	set *accounts.Set, key solana.PublicKey, q *route.Quote, o BuildOptions, made composition,
) (guard txn.Step, needed bool, err error) {
	conflict := func(what string) error {
		return fmt.Errorf("%w: it names %s, %s", ErrStepConflict, key, what)
	}

	account, err := set.Get(key)
	missing := errors.Is(err, accounts.ErrNotFound)
	if err != nil && !missing {
		return txn.Step{}, false, err
	}

	if missing || account.Owner == accounts.SystemProgram {
		mint, program, ok := made.createdToken(key, o)
		if !ok {
			return txn.Step{}, false, conflict("an account that does not exist yet")
		}

		return guardTokens(key, mint, program, 0, q, o)
	}

	switch account.Owner {
	case accounts.TokenProgram, accounts.Token2022Program:
	case accounts.StakeProgram:
		stake, err := accounts.DecodeStakeAccount(account)
		if err == nil && (stake.Staker == o.Owner || stake.Withdrawer == o.Owner) {
			return txn.Step{}, false, conflict("a stake account of the owner")
		}

		return txn.Step{}, false, nil

	default:
		return txn.Step{}, false, nil
	}

	token, err := accounts.DecodeTokenAccount(account)
	switch {
	case err != nil:
		return txn.Step{}, false, nil // A mint.
	case token.Owner == o.Owner:
		held := token.Amount
		if token.NativeReserve != nil && made.syncs(key) {
			held = fixed.SaturatingSub(account.Lamports, *token.NativeReserve)
		}

		return guardTokens(key, token.Mint, account.Owner, held, q, o)

	case !q.Request.Recipient.IsZero() && token.Owner == q.Request.Recipient:
		return txn.Step{}, false, conflict("a token account of the recipient")
	}

	return txn.Step{}, false, nil
}

// syncs reports whether the trade adds lamports that a wrapped SOL account
// holds to its balance: by SyncNative, or by the Reserve, which pays into it.
func (c composition) syncs(key solana.PublicKey) bool {
	for _, in := range explainSteps(solana.PublicKey{}, c.trade).Instructions {
		account, ok := in.Account("account")
		if ok && account == key && in.Name == "SyncNative" {
			return true
		}

		paid, ok := in.Account("destination token account")
		if ok && paid == key && in.Program == accounts.ReserveProgram {
			return true
		}
	}
	return false
}

// createdToken returns the mint and the token program of an associated token
// account of the owner that a step creates.
func (c composition) createdToken(
	key solana.PublicKey, o BuildOptions,
) (mint, program solana.PublicKey, ok bool) {
	for _, in := range associatedAccounts(explainSteps(o.Payer, c.steps()).Instructions) {
		account, _ := in.Account("token account")
		wallet, _ := in.Account("wallet")
		if account == key && wallet == o.Owner {
			mint, _ = in.Account("mint")
			program, _ = in.Account("mint token program")
			return mint, program, true
		}
	}
	return mint, program, false
}

// guardTokens returns the guard of a token account of the owner that held an
// amount before the transaction.
func guardTokens(
	key, mint, program solana.PublicKey, held uint64, q *route.Quote, o BuildOptions,
) (txn.Step, bool, error) {
	least := o.leastTokens(q, mint, held)
	if least == 0 {
		return txn.Step{}, false, nil
	}

	guard, err := txn.RequireBalance(program, key, o.Owner, least)

	return guard, err == nil, err
}

// tradeFunds returns the funds of a trade alone. Of what the steps of the
// caller pay it has only the fee of their signatures and the rent of the
// owner's own associated token accounts.
func (c *Client) tradeFunds(ctx context.Context, q *route.Quote, o BuildOptions) (funds, error) {
	d, err := c.draft(ctx, *q, o)
	if err != nil {
		return funds{}, err
	}

	created := associatedAccounts(explainSteps(o.Payer, d.made.trade).Instructions)
	for _, in := range d.tokenAccounts() {
		account, _ := in.Account("token account")
		wallet, _ := in.Account("wallet")
		if wallet == o.Owner && !d.opts.prepared.closes(account) {
			created = append(created, in)
		}
	}

	return c.fundsOf(ctx, d, associatedAccounts(created))
}

// walletGuard returns the guard of a wallet. With legs it also proves that the
// wallet still is one, which a transfer of nothing does not.
func (o BuildOptions) walletGuard(wallet solana.PublicKey, least uint64) txn.Step {
	if least == 0 && o.hasLegs() {
		return txn.RequireWallet(wallet)
	}
	return txn.RequireLamports(wallet, least)
}

// leaves returns the least number of lamports that the trade and the allowed
// spending leave in a wallet.
func (f *funds) leaves(q *route.Quote, o BuildOptions, wallet solana.PublicKey) uint64 {
	least, native := f.payerHas, accounts.NativeMint
	if wallet == f.owner {
		least = f.ownerHas
		if q.Request.To == native && !q.Request.UseWSOL && q.Request.Recipient.IsZero() {
			least = fixed.SaturatingAdd(least, q.MinOut)
		}

		least = fixed.SaturatingAdd(least, o.prepared.pays(native))
		least = fixed.SaturatingAdd(least, o.prepared.unwrapped())
		if q.Request.From == native && !q.Request.UseWSOL {
			least = fixed.SaturatingSub(least, q.MaxIn)
		}

		least = fixed.SaturatingSub(least, o.prepared.takes(native))
		least = fixed.SaturatingSub(least, f.costs)
	}

	if wallet == f.payer {
		least = fixed.SaturatingSub(least, fixed.SaturatingAdd(f.fee, f.rents))
	}

	return fixed.SaturatingSub(least, o.Spends[native])
}

// guardFailure returns [ErrStepsSpend], or with foreign legs [ErrLegBroken], if
// the failed instruction is one of the guards, which are the last steps of a
// transaction.
func guardFailure(
	failure *progerr.TransactionError, unsigned *txn.Unsigned, guards int, legs bool,
) error {
	all := len(unsigned.Programs())
	if failure.Instruction < all-guards || failure.Instruction >= all {
		return nil
	}

	step := unsigned.Steps()[failure.Instruction]
	if legs {
		return fmt.Errorf("%w: %s: %w", ErrLegBroken, step.Described().Description, failure)
	}

	if !errors.Is(failure, progerr.ErrInsufficientFunds) {
		return nil
	}

	return fmt.Errorf("%w: %s: %w", ErrStepsSpend, step.Described().Description, failure)
}
