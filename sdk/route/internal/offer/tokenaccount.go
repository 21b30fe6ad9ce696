package offer

import (
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Source returns the token account that pays the input: the named one, or the
// owner's associated token account.
func (a *Ask) Source(
	p terms.BuildParams,
	mint, tokenProgram solana.PublicKey,
) (solana.PublicKey, error) {
	if !a.SourceAccount.IsZero() {
		return a.SourceAccount, nil
	}
	return p.Addresses.AssociatedToken(p.Owner, tokenProgram, mint)
}

// TokenAccount returns the token account that receives an output token. For the
// receiver's associated token account, it also returns the instruction that
// creates the account if it does not exist. A named account exists already.
func (a *Ask) TokenAccount(
	p terms.BuildParams,
	mint, tokenProgram solana.PublicKey,
) (account solana.PublicKey, create []txn.Step, err error) {
	if !a.DestinationAccount.IsZero() {
		return a.DestinationAccount, nil, nil
	}

	receiver := a.Receiver(p)
	account, err = p.Addresses.AssociatedToken(receiver, tokenProgram, mint)

	return account, []txn.Step{
		txn.CreateTokenAccountAt(p.Payer, account, receiver, mint, tokenProgram),
	}, err
}

// WSOLAccount is [Ask.TokenAccount] for wrapped SOL.
func (a *Ask) WSOLAccount(p terms.BuildParams) (solana.PublicKey, []txn.Step, error) {
	return a.TokenAccount(p, accounts.NativeMint, accounts.TokenProgram)
}

// LamportsDestination returns the account that receives SOL from a program that
// pays lamports to any account: the receiver, or with UseWSOL the receiver's
// wSOL account. The instructions in open come before the payment, those in sync
// after it.
func (a *Ask) LamportsDestination(
	p terms.BuildParams,
) (account solana.PublicKey, open, sync []txn.Step, err error) {
	if !a.UseWSOL {
		return a.Receiver(p), nil, nil, nil
	}

	account, open, err = a.WSOLAccount(p)
	if err != nil {
		return account, nil, nil, err
	}

	step, err := txn.SyncWSOL(account)

	return account, open, []txn.Step{step}, err
}

// CheckedAccount returns the token account whose balance a transaction checks,
// see [terms.CheckedByBalance].
func (a *Ask) CheckedAccount(
	p terms.BuildParams,
	mint, tokenProgram solana.PublicKey,
) (solana.PublicKey, error) {
	if !a.DestinationAccount.IsZero() {
		return a.DestinationAccount, nil
	}
	return p.Addresses.AssociatedToken(p.Owner, tokenProgram, mint)
}

// Unwrap returns the instructions that turn lamports of the owner's wSOL
// account into SOL, for programs that take SOL from a wallet. There are none
// unless the input is wSOL. The account itself stays open: a temporary wSOL
// account receives the amount and is closed.
func (a *Ask) Unwrap(p terms.BuildParams, lamports, tokenRent uint64) ([]txn.Step, error) {
	if !a.UseWSOL {
		return nil, nil
	}

	source, err := a.Source(p, accounts.NativeMint, accounts.TokenProgram)
	if err != nil {
		return nil, err
	}

	w, err := txn.NewTempWSOLAccount(p.Payer, p.Owner, tokenRent, p.Seed)
	if err != nil {
		return nil, err
	}

	move, err := txn.TransferTokens(accounts.TokenProgram, accounts.NativeMint, source, w.Address,
		p.Owner, lamports, 9)

	return slices.Concat(w.Open, []txn.Step{move}, w.Close), err
}
