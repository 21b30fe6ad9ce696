package offer

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/route/terms"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Receiver is who receives the outcome.
func (a *Ask) Receiver(p terms.Parties) solana.PublicKey {
	if a.Recipient.IsZero() {
		return p.Owner
	}
	return a.Recipient
}

// ToOther says that somebody else than the owner receives the outcome.
func (a *Ask) ToOther(p terms.Parties) bool { return a.Receiver(p) != p.Owner }

// ForWhom names the recipient in the words of a step, if it is not the owner.
func (a *Ask) ForWhom(owner solana.PublicKey) string {
	if a.Recipient.IsZero() || a.Recipient == owner {
		return ""
	}
	return fmt.Sprintf(", paid to %s", a.Recipient)
}

// TokenAccount is where the outcome goes if it is a token: the associated token account of who receives it, and the step that creates it.
func (a *Ask) TokenAccount(p terms.Parties, mint, tokenProgram solana.PublicKey) (solana.PublicKey, txn.Step, error) {
	receiver := a.Receiver(p)
	account, err := p.Addresses.AssociatedToken(receiver, tokenProgram, mint)
	return account, txn.CreateTokenAccountAt(p.Payer, account, receiver, mint, tokenProgram), err
}

// Outlet is where a program pays SOL to: an account that exists within the transaction only.
type Outlet struct {
	Address solana.PublicKey
	Open    []txn.Step
	// Close pays out what has arrived, and fails unless that is so much; zero if the program makes sure of it. What is to go back to the
	// payer is beside that, and for a recipient only.
	Close func(minimum, back uint64) ([]txn.Step, error)
}

// Outlet opens a way of SOL to who receives it: for programs that pay system accounts, or those that pay token accounts.
func (a *Ask) Outlet(p terms.Parties, tokenRent uint64, system bool) (Outlet, error) {
	if a.ToOther(p) {
		open := txn.PayoutWSOL
		if system {
			open = txn.PayoutSOL
		}
		way, err := open(p.Payer, p.Owner, a.Recipient, tokenRent, p.Seed)
		return Outlet{way.Address, way.Open, way.Close}, err
	}
	open := txn.UnwrapSOL
	if system {
		open = txn.CollectSOL
	}
	w, err := open(p.Payer, p.Owner, tokenRent, p.Seed)
	return Outlet{w.Address, w.Open, func(minimum, _ uint64) ([]txn.Step, error) {
		if minimum == 0 {
			return w.Close, nil
		}
		return w.CloseWith(minimum)
	}}, err
}

// OutletRent is what the accounts of an outlet for wrapped SOL take to begin with.
func (a *Ask) OutletRent(tokenRent uint64) uint64 {
	if a.Recipient.IsZero() {
		return tokenRent
	}
	return 2 * tokenRent
}

// HandStake gives a stake account to the recipient, if the owner has it.
func (a *Ask) HandStake(p terms.Parties, authority, stake solana.PublicKey) ([]txn.Step, error) {
	if !a.ToOther(p) || !authority.IsZero() {
		return nil, nil
	}
	return txn.AuthorizeStake(stake, p.Owner, a.Recipient)
}

// StakeRentCost is what becomes of the rent of a stake account that is received: it goes to who receives it.
func (a *Ask) StakeRentCost(rent uint64) terms.Cost {
	if a.Recipient.IsZero() {
		return terms.Cost{Name: "rent of the stake account", Lamports: rent, Recoverable: true}
	}
	return terms.Cost{Name: "rent of the stake account, which the recipient gets with it", Lamports: rent}
}
