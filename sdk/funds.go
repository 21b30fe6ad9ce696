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

// FundsError is returned by [Client.Build], [Client.Send] and what uses them
// when the token account that a transaction pays from does not exist or holds
// too little: the transaction failed in a simulation, at a node or in a block,
// or it is not simulated and was looked at before. It matches
// [progerr.ErrInsufficientFunds]; errors.As finds the
// [*progerr.TransactionError] in it, if there is one.
type FundsError struct {
	// Account is the token account, Owner the key that signs for it, and Mint
	// its token; Mint is zero if the account does not exist and the transaction
	// does not tell.
	Account solana.PublicKey
	Owner   solana.PublicKey
	Mint    solana.PublicKey
	// Missing reports whether the account does not exist.
	Missing bool
	// Has is what the account holds, and Needs what the transaction takes out
	// of it, up to the instruction that failed, both in base units.
	Has   uint64
	Needs uint64
	// Err is the failure; nil if the account was looked at before.
	Err error
}

// Error is one line with the account, its owner and what is missing.
func (e *FundsError) Error() string {
	if e == nil {
		return "<nil>"
	}
	mint := ""
	if !e.Mint.IsZero() {
		mint = fmt.Sprintf(" for mint %s", e.Mint)
	}
	state := fmt.Sprintf("holds %d of the %d base units that are to be paid; "+
		"trade less, or add tokens first", e.Has, e.Needs)
	if e.Missing {
		state = fmt.Sprintf("does not exist, and %d base units are to be paid from it; "+
			"get tokens there first, or name the owner who holds them", e.Needs)
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

// Unwrap returns the failure.
func (e *FundsError) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.Err
}

// MinimumError is returned by [Client.Build], [Client.Send] and what uses them
// when a transaction failed because less arrived than the quote's minimum, and
// it was a check of a balance that found so, see [route.GuardBalance]. It
// matches [progerr.ErrSlippage], and not [progerr.ErrInsufficientFunds] as the
// token program has it: the owner does not lack funds. errors.As finds the
// [*progerr.TransactionError] in it.
type MinimumError struct {
	// Account is the token account that was checked.
	Account solana.PublicKey
	// AtLeast is what it had to hold, in base units.
	AtLeast uint64
	// Failure is what the token program said.
	Failure *progerr.TransactionError
}

// Error is one line with the account and what it had to hold.
func (e *MinimumError) Error() string {
	if e == nil {
		return "<nil>"
	}
	text := fmt.Sprintf("%v: token account %s holds less than the %d base units it must hold by then; "+
		"quote again or allow more slippage", progerr.ErrSlippage, e.Account, e.AtLeast)
	if e.Failure != nil {
		text += fmt.Sprintf(" (%s in instruction %d)", failureName(e.Failure), e.Failure.Instruction)
	}
	return text
}

// Is matches [progerr.ErrSlippage].
func (e *MinimumError) Is(target error) bool { return target == progerr.ErrSlippage }

// As finds the failure.
func (e *MinimumError) As(target any) bool {
	to, ok := target.(**progerr.TransactionError)
	if !ok || e == nil || e.Failure == nil {
		return false
	}
	*to = e.Failure
	return true
}

// failureName is the name of a failure without its meaning, which is that of
// other causes.
func failureName(failure *progerr.TransactionError) string {
	switch {
	case failure.Program != nil && failure.Program.Name != "":
		return failure.Program.Name
	case failure.Detail != "":
		return failure.Detail
	}
	return failure.Kind
}

// understood adds to the failure of a transaction what the node does not tell:
// whose token account lacks the tokens that an instruction was to take out of
// it. A node names only the error of the program that stumbled, which for an
// account that does not exist may be any. A failure that has another reason, or
// whose account cannot be read, stays as it is.
func (c *Client) understood(
	ctx context.Context, failure *progerr.TransactionError, unsigned *txn.Unsigned,
) error {
	payment, needs, ok := failedPayment(failure, unsigned)
	switch {
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
		c.logger.DebugContext(ctx, "the account that pays cannot be read",
			"account", payment.Account, "error", err)
		return failure
	case errors.Is(failure, progerr.ErrInsufficientFunds) && token.Amount < needs:
		found.Mint, found.Has = token.Mint, token.Amount
		return found
	}
	return failure
}

// source is what the chain knows of the token account that the owner pays from.
type source struct {
	address solana.PublicKey
	mint    solana.PublicKey
	missing bool
	amount  uint64
}

// sourceOf reads the token account that the owner pays from. What is no token
// account is left to the programs to refuse.
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
	return &source{address: address, mint: token.Mint, amount: token.Amount}, nil
}

// paysFrom is the token account that the owner pays a request from; zero if it
// is paid in SOL or with a stake account, or in a token that the client does not
// know.
func (c *Client) paysFrom(r route.Request, owner solana.PublicKey) (solana.PublicKey, error) {
	program := accounts.TokenProgram
	if r.From != accounts.NativeMint {
		token, err := c.registry.ByMint(r.From)
		if err != nil {
			return solana.PublicKey{}, nil
		}
		program = token.TokenProgram
	}
	if owner.IsZero() || r.From == accounts.NativeMint && !r.Wrapped {
		return solana.PublicKey{}, nil
	}
	return c.addresses.AssociatedToken(owner, program, r.From)
}

// firstSource is the token account that a transaction pays from, before
// anything in it is paid out; zero if there is none.
func firstSource(unsigned *txn.Unsigned) solana.PublicKey {
	for _, in := range explain.Transaction(unsigned, nil).Instructions {
		if p, ok := in.Payment(); ok && !p.Check {
			return p.Account
		}
	}
	return solana.PublicKey{}
}

// checkSource refuses a transaction whose owner does not have the tokens that it
// is to pay at the price of its quote, as far as that was looked at.
func (r *ready) checkSource(unsigned *txn.Unsigned, in uint64) error {
	if r.source == nil || !r.source.missing && r.source.amount >= in {
		return nil
	}
	for i, step := range explain.Transaction(unsigned, nil).Instructions {
		p, ok := step.Payment()
		if !ok || p.Check || p.Account != r.source.address {
			continue
		}
		if _, _, ok := paid(unsigned, i); !ok {
			return nil // An instruction before fills it.
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

// failedPayment is what the instruction that failed takes out of a token
// account, and how much the transaction takes out of it up to there. It is
// false if there is no such payment, or if an instruction before may have put
// tokens there.
func failedPayment(
	failure *progerr.TransactionError, unsigned *txn.Unsigned,
) (p explain.Payment, needs uint64, ok bool) {
	return paid(unsigned, failure.Instruction)
}

// paid is [failedPayment] for an instruction by its index.
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
