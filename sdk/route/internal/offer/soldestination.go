package offer

import (
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/route/terms"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// SOLDestination is a temporary account that receives SOL from a program. It
// exists within the transaction only.
type SOLDestination struct {
	Address solana.PublicKey
	Open    []txn.Step
	// Close returns the instructions that pay out the received SOL. They fail
	// if the account received less than minimum lamports; zero omits the check,
	// for programs that check it themselves. For a recipient, back lamports in
	// addition to the minimum are returned to the payer.
	Close func(minimum, back uint64) ([]txn.Step, error)
}

// SOLDestination returns the temporary account through which SOL reaches the
// receiver, as native SOL or, with UseWSOL, in the receiver's wSOL account.
// With system it is a system account, otherwise a wSOL account.
func (a *Ask) SOLDestination(
	p terms.BuildParams,
	tokenRent uint64,
	system bool,
) (SOLDestination, error) {
	if a.PaysOther(p) || a.UseWSOL {
		return a.payout(p, tokenRent, system)
	}

	open := txn.NewTempWSOLAccount
	if system {
		open = txn.NewTempSOLAccount
	}

	w, err := open(p.Payer, p.Owner, tokenRent, p.Seed)
	return SOLDestination{w.Address, w.Open, func(minimum, _ uint64) ([]txn.Step, error) {
		if minimum == 0 {
			return w.Close, nil
		}

		return w.CloseWith(minimum)
	}}, err
}

// payout returns the temporary account through which SOL reaches a recipient or
// a wSOL account.
func (a *Ask) payout(p terms.BuildParams, tokenRent uint64, system bool) (SOLDestination, error) {
	to, open, sync, err := a.LamportsDestination(p)
	if err != nil {
		return SOLDestination{}, err
	}

	start := txn.NewRecipientPayoutWSOL
	if system {
		start = txn.NewRecipientPayoutSOL
	}

	payout, err := start(p.Payer, p.Owner, to, tokenRent, p.Seed)

	return SOLDestination{
		Address: payout.Address,
		Open:    slices.Concat(open, payout.Open),
		Close: func(minimum, back uint64) ([]txn.Step, error) {
			steps, err := payout.Close(minimum, back)
			return slices.Concat(steps, sync), err
		},
	}, err
}

// DestinationRent returns the rent, in lamports, that the accounts of a wSOL
// destination need before the program pays.
func (a *Ask) DestinationRent(tokenRent uint64) uint64 {
	if a.Recipient.IsZero() {
		return tokenRent
	}
	return 2 * tokenRent
}

// TransferStake returns the instructions that transfer a stake account to the
// recipient. There are none if the owner receives it, or if authority, the
// owner of a new stake account, was already set to the recipient.
func (a *Ask) TransferStake(
	p terms.BuildParams,
	authority, stake solana.PublicKey,
) ([]txn.Step, error) {
	if !a.PaysOther(p) || !authority.IsZero() {
		return nil, nil
	}
	return txn.AuthorizeStake(stake, p.Owner, a.Recipient)
}

// StakeRentCost returns the rent of a received stake account as a cost. The
// receiver of the account gets the rent.
func (a *Ask) StakeRentCost(rent uint64) terms.Cost {
	if a.Recipient.IsZero() {
		return terms.Cost{
			Name:        "rent of the stake account",
			Lamports:    rent,
			Recoverable: true,
		}
	}
	return terms.Cost{Name: "rent of the stake account, which the recipient gets with it",
		Lamports: rent}
}
