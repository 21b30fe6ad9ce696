package sdk

import (
	"context"
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// FundsError is returned by [Client.Build], [Client.Send] and the methods that
// call them when the token account that pays does not exist or holds too
// little. It matches [progerr.ErrInsufficientFunds]. If the transaction failed
// in a simulation, at a node or in a block, errors.As also finds the
// [*progerr.TransactionError]. Add tokens to the account, or trade less.
type FundsError struct {
	// Account is the token account, Owner the key that signs for it, and Mint
	// its token. Mint is zero if it is not known.
	Account solana.PublicKey
	Owner   solana.PublicKey
	Mint    solana.PublicKey
	// Missing reports whether the account does not exist.
	Missing bool
	// Has is the balance of the account, and Needs the sum of the payments up
	// to the failed instruction, both in base units.
	Has   uint64
	Needs uint64
	// Err is the failure of the transaction, or nil if the account was checked
	// before.
	Err error
}

// Error returns one line with the account, its owner and the missing amount.
func (e *FundsError) Error() string {
	if e == nil {
		return "<nil>"
	}

	mint := ""
	if !e.Mint.IsZero() {
		mint = fmt.Sprintf(" for mint %s", e.Mint)
	}

	state := fmt.Sprintf("holds %d of the %d base units to pay; "+
		"trade less, or add tokens first", e.Has, e.Needs)
	if e.Missing {
		state = fmt.Sprintf("does not exist, but has to pay %d base units; "+
			"add tokens first, or set the owner who holds them", e.Needs)
	}

	text := fmt.Sprintf("%v: token account %s of %s%s %s",
		progerr.ErrInsufficientFunds, e.Account, e.Owner, mint, state)
	var failure *progerr.TransactionError
	if errors.As(e.Err, &failure) {
		text += fmt.Sprintf(" (%s in instruction %d)", failureName(failure), failure.Instruction)
	}

	return text
}

// Is matches [progerr.ErrInsufficientFunds].
func (e *FundsError) Is(target error) bool { return target == progerr.ErrInsufficientFunds }

// Unwrap returns the failure of the transaction, or nil.
func (e *FundsError) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.Err
}

// MinimumError is returned by [Client.Build], [Client.Send] and the methods
// that call them when a balance check fails: the transaction would receive less
// than the minimum output of the quote, see [route.CheckedByBalance]. It
// matches [progerr.ErrSlippage]. It does not match
// [progerr.ErrInsufficientFunds], although the token program reports
// insufficient funds. Quote again, or allow more slippage.
type MinimumError struct {
	// Account is the checked token account.
	Account solana.PublicKey
	// AtLeast is the balance that the check requires, in base units.
	AtLeast uint64
	// Failure is the error of the token program.
	Failure *progerr.TransactionError
}

// Error returns one line with the account and the required balance.
func (e *MinimumError) Error() string {
	if e == nil {
		return "<nil>"
	}

	text := fmt.Sprintf(
		"%v: token account %s would hold less than the required %d base units; "+
			"quote again or allow more slippage",
		progerr.ErrSlippage,
		e.Account,
		e.AtLeast,
	)
	if e.Failure != nil {
		text += fmt.Sprintf(" (%s in instruction %d)", failureName(e.Failure),
			e.Failure.Instruction)
	}

	return text
}

// Is matches [progerr.ErrSlippage].
func (e *MinimumError) Is(target error) bool { return target == progerr.ErrSlippage }

// As finds the [*progerr.TransactionError].
func (e *MinimumError) As(target any) bool {
	to, ok := target.(**progerr.TransactionError)
	if !ok || e == nil || e.Failure == nil {
		return false
	}
	*to = e.Failure
	return true
}

// failureName returns the name of a failure without its general meaning, which
// the calling error replaces.
func failureName(failure *progerr.TransactionError) string {
	switch {
	case failure.Program != nil && failure.Program.Name != "":
		return failure.Program.Name
	case failure.Detail != "":
		return failure.Detail
	}
	return failure.Kind
}

// explainFunds adds to a failure the token account that is frozen, or that
// lacks the tokens for an instruction. A node reports only the error of the
// failed program, and for a missing account that can be any error. Other
// failures are returned unchanged, as is a failure whose account cannot be
// read.
func (c *Client) explainFunds(
	ctx context.Context, failure *progerr.TransactionError, unsigned *txn.Unsigned,
) error {
	payment, needs, ok := failedPayment(failure, unsigned)
	switch {
	case isFrozen(failure):
		return c.explainFrozen(ctx, failure, unsigned)
	case !ok:
		return failure
	case payment.Check && errors.Is(failure, progerr.ErrInsufficientFunds):
		return &MinimumError{
			Account: payment.Account,
			AtLeast: payment.Amount,
			Failure: failure,
		}

	case payment.Check:
		return failure
	}

	token, err := c.tokenAccount(ctx, payment.Account, unsigned.Lifetime().Slot)
	found := &FundsError{
		Account: payment.Account,
		Owner:   payment.Owner,
		Mint:    payment.Mint,
		Needs:   needs,
		Err:     failure,
	}

	switch {
	case errors.Is(err, accounts.ErrNotFound):
		found.Missing = true
		return found
	case err != nil:
		c.logger.DebugContext(ctx, "cannot read the paying account",
			"account", payment.Account, "error", err)
		return failure

	case errors.Is(failure, progerr.ErrInsufficientFunds) && token.Amount < needs:
		found.Mint, found.Has = token.Mint, token.Amount
		return found
	}

	return failure
}

// source is the token account that the owner pays from.
type source struct {
	address solana.PublicKey
	mint    solana.PublicKey
	missing bool
	frozen  bool
	amount  uint64
	// program is the token program of the account, and closable reports whether
	// its owner can close it once it is empty.
	program  solana.PublicKey
	closable bool
}

// sourceOf reads the token account that the owner pays from. It returns nil for
// another kind of account, which the programs refuse.
func sourceOf(set *accounts.Set, address solana.PublicKey) (*source, error) {
	token, err := tokenAccountOf(set, address)
	var malformed *accounts.DecodeError
	switch {
	case errors.Is(err, accounts.ErrNotFound):
		return &source{address: address, missing: true}, nil
	case errors.As(err, &malformed):
		return nil, nil
	case err != nil:
		return nil, err
	}

	account, err := set.Get(address)
	if err != nil {
		return nil, err
	}

	return &source{
		address:  address,
		mint:     token.Mint,
		frozen:   token.State == accounts.TokenFrozen,
		amount:   token.Amount,
		program:  account.Owner,
		closable: closableBy(token, token.Owner),
	}, nil
}

// paysFrom returns the token account that the owner pays a request from. It
// returns zero for a payment in SOL or with a stake account, and for an unknown
// token.
func (c *Client) paysFrom(r route.Request, owner solana.PublicKey) (solana.PublicKey, error) {
	if !r.SourceAccount.IsZero() {
		return r.SourceAccount, nil
	}

	program := accounts.TokenProgram
	if r.From != accounts.NativeMint {
		token, err := c.lsts().ByMint(r.From)
		if err != nil {
			return solana.PublicKey{}, nil
		}

		program = token.TokenProgram
	}

	if owner.IsZero() || r.From == accounts.NativeMint && !r.UseWSOL {
		return solana.PublicKey{}, nil
	}

	return c.addresses.AssociatedToken(owner, program, r.From)
}

// paysInto returns the token account of the owner that receives the output of a
// request. It returns zero for an output in SOL or stake, and for an unknown
// token.
func (c *Client) paysInto(r route.Request, owner solana.PublicKey) (solana.PublicKey, error) {
	program := accounts.TokenProgram
	switch token, err := c.lsts().ByMint(r.To); {
	case owner.IsZero():
		return solana.PublicKey{}, nil
	case !r.DestinationAccount.IsZero():
		return r.DestinationAccount, nil
	case r.To == accounts.NativeMint && !r.UseWSOL:
		return solana.PublicKey{}, nil
	case r.To == accounts.NativeMint:
	case err != nil:
		return solana.PublicKey{}, nil
	default:
		program = token.TokenProgram
	}

	return c.addresses.AssociatedToken(owner, program, r.To)
}

// firstSource returns the token account of the first payment in a transaction,
// or zero.
func firstSource(unsigned *txn.Unsigned) solana.PublicKey {
	for _, in := range explain.Transaction(unsigned, nil).Instructions {
		if p, ok := in.Payment(); ok && !p.Check {
			return p.Account
		}
	}
	return solana.PublicKey{}
}

// checkSource returns a [FundsError] if the source account was read and holds
// less than the input of the quote, and a [FrozenError] if it is frozen.
func (r *prefetched) checkSource(unsigned *txn.Unsigned, in uint64) error {
	if r.source == nil || !r.source.missing && !r.source.frozen && r.source.amount >= in {
		return nil
	}

	for i, step := range explain.Transaction(unsigned, nil).Instructions {
		p, ok := step.Payment()
		if !ok || p.Check || p.Account != r.source.address {
			continue
		}

		if _, _, ok := paid(unsigned, i); !ok {
			return nil // An earlier instruction adds tokens to it.
		}

		if r.source.frozen {
			return &FrozenError{
				Account: p.Account,
				Owner:   p.Owner,
				Mint:    r.source.mint,
			}
		}

		return &FundsError{
			Account: p.Account,
			Owner:   p.Owner,
			Mint:    p.Mint,
			Missing: r.source.missing,
			Has:     r.source.amount,
			Needs:   in,
		}
	}

	return nil
}

// failedPayment returns the payment of the failed instruction, and the sum of
// the payments from its account up to there. It returns false if the
// instruction pays nothing, or if an earlier instruction may have added tokens
// to the account.
func failedPayment(
	failure *progerr.TransactionError, unsigned *txn.Unsigned,
) (p explain.Payment, needs uint64, ok bool) {
	return paid(unsigned, failure.Instruction)
}

// paid is [failedPayment] for the instruction with the given index.
func paid(unsigned *txn.Unsigned, index int) (p explain.Payment, needs uint64, ok bool) {
	all := explain.Transaction(unsigned, nil).Instructions
	if index < 0 || index >= len(all) {
		return explain.Payment{}, 0, false
	}

	p, ok = all[index].Payment()
	if !ok || p.Check {
		return p, p.Amount, ok
	}

	for _, in := range all[:index] {
		before, pays := in.Payment()
		switch {
		case pays && before.Account == p.Account && needs+before.Amount >= needs:
			needs += before.Amount
		case in.Program == accounts.AssociatedTokenProgram:
			// A new account is empty.
		case touches(in, p.Account):
			return explain.Payment{}, 0, false
		}
	}

	return p, needs + p.Amount, needs+p.Amount >= needs
}

// touches reports whether an instruction may write an account.
func touches(in explain.Instruction, address solana.PublicKey) bool {
	for _, a := range in.Accounts {
		if a.Address == address && a.Writable {
			return true
		}
	}
	return false
}

// tokenAccount reads a token account, see [tokenAccountOf].
func (c *Client) tokenAccount(
	ctx context.Context, address solana.PublicKey, slot uint64,
) (*accounts.TokenAccount, error) {
	set, err := c.accounts(ctx, wanted{token: address}, slot)
	if err != nil {
		return nil, err
	}
	return tokenAccountOf(set, address)
}
