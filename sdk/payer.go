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
// payer holds too little for the transaction, or its account cannot pay fees.
// Fund it, or name another one in BuildOptions.Payer.
var ErrPayerCannotPay = errors.New("the payer cannot pay")

// PayerError is the detail of [ErrPayerCannotPay]. It wraps
// progerr.ErrInsufficientFunds as well.
type PayerError struct {
	// Payer is the account that pays the fees.
	Payer solana.PublicKey
	// Needed is the least that the transaction takes from it, in lamports: the
	// network fee, and what it certainly spends beside that. Rent of new
	// accounts may come on top.
	Needed uint64
	// Held is what it holds, in lamports.
	Held uint64
	// Program owns the account if it is no wallet, and zero if it is one.
	Program solana.PublicKey
}

// Error is one line with the account and both amounts.
func (e *PayerError) Error() string {
	if e == nil {
		return "<nil>"
	}

	if !e.Program.IsZero() {
		return fmt.Sprintf(
			"%v: %s is an account of the program %s; pay from a wallet that holds SOL",
			ErrPayerCannotPay,
			e.Payer,
			e.Program,
		)
	}

	return fmt.Sprintf(
		"%v: %s holds %d lamports, at least %d are needed; fund it or name another payer",
		ErrPayerCannotPay,
		e.Payer,
		e.Held,
		e.Needed,
	)
}

// Unwrap returns the two errors this is one of.
func (e *PayerError) Unwrap() []error {
	return []error{ErrPayerCannotPay, progerr.ErrInsufficientFunds}
}

// wallet is what the chain knows of the account that pays.
type wallet struct {
	lamports uint64
	// program owns the account if it is no wallet.
	program solana.PublicKey
}

// walletOf reads the account that pays. One that does not exist holds nothing.
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

// checksPayer reports whether the payer is looked at. A node that simulates
// does it by itself.
func (o BuildOptions) checksPayer() bool { return o.SkipSimulation && !o.SkipPayerCheck }

// spends is the least that a quote takes from the payer beside the network fee.
func spends(q *route.Quote, o BuildOptions) uint64 {
	if q.Request.From == accounts.NativeMint && !q.Request.UseWSOL && o.Payer == o.Owner {
		return max(q.In, q.UpfrontRent)
	}
	return q.UpfrontRent
}

// checkPayer refuses a transaction that its payer, if that was looked at,
// cannot pay for.
func (r *ready) checkPayer(unsigned *txn.Unsigned) error {
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

// explainFailure adds to the failure of a simulation what the payer lacks, or
// the account that tokens are paid from, if it failed for that.
func (c *Client) explainFailure(
	ctx context.Context, failure *progerr.TransactionError, unsigned *txn.Unsigned, known ready,
) error {
	switch failure.Kind {
	case "AccountNotFound", "InsufficientFundsForFee", "InvalidAccountForFee":
	default:
		return c.understood(ctx, failure, unsigned)
	}

	want := wanted{payer: unsigned.RequiredSigners()[0]}
	if err := c.look(ctx, want, known.slot, &known); err != nil {
		return failure
	}

	if err := known.checkPayer(unsigned); err != nil {
		return fmt.Errorf("%w: %w", err, failure)
	}

	return failure
}
