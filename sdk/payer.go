package sdk

import (
	"context"
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// ErrPayerCannotPay is returned by [Client.Build], as a [*PayerError], when the
// fee payer holds too little SOL for the transaction, or when its account
// cannot pay fees. Fund the account, or set BuildOptions.Payer to another one.
var ErrPayerCannotPay = errors.New("the payer cannot pay")

// PayerError describes a fee payer that cannot pay. It matches
// [ErrPayerCannotPay] and progerr.ErrInsufficientFunds.
type PayerError struct {
	// Payer is the account that pays the fees.
	Payer solana.PublicKey
	// Needed is the least amount that the transaction takes from the payer, in
	// lamports: the network fee and the certain spending of the trade. Rent for
	// new accounts may be due in addition.
	Needed uint64
	// Held is the balance of the payer in lamports.
	Held uint64
	// Program is the owner of the account if it is not a wallet, and zero
	// otherwise.
	Program solana.PublicKey
}

// Error returns one line with the account and both amounts.
func (e *PayerError) Error() string {
	if e == nil {
		return "<nil>"
	}

	if !e.Program.IsZero() {
		return fmt.Sprintf(
			"%v: %s is owned by the program %s; set a payer that is a wallet with SOL",
			ErrPayerCannotPay,
			e.Payer,
			e.Program,
		)
	}

	return fmt.Sprintf(
		"%v: %s holds %d lamports and needs at least %d; fund it or set another payer",
		ErrPayerCannotPay,
		e.Payer,
		e.Held,
		e.Needed,
	)
}

// Unwrap returns [ErrPayerCannotPay] and progerr.ErrInsufficientFunds.
func (e *PayerError) Unwrap() []error {
	return []error{ErrPayerCannotPay, progerr.ErrInsufficientFunds}
}

// wallet is the account of the fee payer.
type wallet struct {
	lamports uint64
	// program is the owner of the account if it is not a wallet.
	program solana.PublicKey
}

// walletOf reads the account of the fee payer. A missing account holds nothing.
func walletOf(set *accounts.Set, address solana.PublicKey) (wallet, error) {
	account, err := set.Get(address)
	switch {
	case errors.Is(err, accounts.ErrNotFound):
		return wallet{}, nil
	case err != nil:
		return wallet{}, err
	case account.Owner != accounts.SystemProgram:
		return wallet{lamports: account.Lamports, program: account.Owner}, nil
	}
	return wallet{lamports: account.Lamports}, nil
}

// checksPayer reports whether the client must check the payer itself. A node
// that simulates the transaction does it.
func (o BuildOptions) checksPayer() bool { return o.SkipSimulation && !o.SkipPayerCheck }

// spends returns the least number of lamports that a quote takes from the
// payer, without the network fee.
func spends(q *route.Quote, o BuildOptions) uint64 {
	if len(o.Before) > 0 || o.LegBefore != nil {
		return 0 // The steps before the trade may bring what it takes.
	}

	return fixed.SaturatingAdd(tradeSpends(q, o), o.Tip.Lamports)
}

// tradeSpends is [spends] without the tip.
func tradeSpends(q *route.Quote, o BuildOptions) uint64 {
	if q.Request.From == accounts.NativeMint && !q.Request.UseWSOL && o.Payer == o.Owner {
		return max(q.In, q.UpfrontRent)
	}
	return q.UpfrontRent
}

// checkPayer returns a [PayerError] if the payer was read and cannot pay for
// the transaction.
func (r *prefetched) checkPayer(unsigned *txn.Unsigned) error {
	if r.payer == nil {
		return nil
	}

	fee, err := unsigned.NetworkFee()
	if err != nil {
		return err
	}

	needed := fixed.SaturatingAdd(fee, r.spent)
	if r.payer.program.IsZero() && r.payer.lamports >= needed {
		return nil
	}

	return &PayerError{
		Payer:   unsigned.RequiredSigners()[0],
		Needed:  needed,
		Held:    r.payer.lamports,
		Program: r.payer.program,
	}
}

// explainFailure adds details to the failure of a simulation: the missing SOL
// of the payer, or the token account that lacks tokens.
func (c *Client) explainFailure(
	ctx context.Context,
	failure *progerr.TransactionError,
	unsigned *txn.Unsigned,
	known prefetched,
) error {
	if err := guardFailure(failure, unsigned, known.guards, known.legs); err != nil {
		return err
	}

	switch failure.Kind {
	case "AccountNotFound", "InsufficientFundsForFee", "InvalidAccountForFee":
	default:
		return c.explainFunds(ctx, failure, unsigned)
	}

	want := wanted{payer: unsigned.RequiredSigners()[0]}
	if err := c.readWanted(ctx, want, known.slot, &known); err != nil {
		return failure
	}

	if err := known.checkPayer(unsigned); err != nil {
		return fmt.Errorf("%w: %w", err, failure)
	}

	return failure
}
