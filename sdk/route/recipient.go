package route

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// ErrRecipient says that a recipient cannot be paid: the address is not that of a wallet, or a venue pays nobody but the owner.
var ErrRecipient = errors.New("recipient cannot be paid")

// checkRecipient refuses addresses that nobody signs for, such as those of associated token accounts, and the tokens of the request.
func (r Request) checkRecipient() error {
	switch {
	case r.Recipient.IsZero():
		return nil
	case r.Recipient == r.From || r.Recipient == r.To:
		return fmt.Errorf("%w: %s is what is traded, not a wallet", ErrRecipient, r.Recipient)
	case !solana.IsOnCurve(r.Recipient[:]):
		return fmt.Errorf("%w: %s is an address without a key, as token accounts and programs have; name a wallet", ErrRecipient, r.Recipient)
	}
	return nil
}

// checkRecipient refuses what the market knows to be something else than a wallet.
func (m *Market) checkRecipient(r Request) error {
	if r.Recipient.IsZero() {
		return nil
	}
	known := slices.Concat(m.stakes, []solana.PublicKey{accounts.NativeMint, NativeStake})
	for _, t := range m.tokens {
		known = append(known, t.Mint, t.Pool, t.ValidatorList, t.Program, t.TokenProgram)
	}
	if slices.Contains(known, r.Recipient) {
		return fmt.Errorf("%w: %s is part of the market, not a wallet", ErrRecipient, r.Recipient)
	}
	return nil
}

// paid checks that a quote pays the recipient, if there is one: a venue that does not say so would pay the owner.
func (m *Market) paid(q Quote, r Request) (Quote, error) {
	switch {
	case r.Recipient.IsZero():
		return q, nil
	case q.Guard == GuardBalance:
		return Quote{}, fmt.Errorf("%w: the program takes no limit, and only the owner of a token account can check its balance", ErrRecipient)
	case q.pays != r.Recipient:
		return Quote{}, fmt.Errorf("%w: the venue pays nobody but the owner", ErrRecipient)
	case slices.Contains(q.Accounts, r.Recipient):
		return Quote{}, fmt.Errorf("%w: %s is an account of the venue, not a wallet", ErrRecipient, r.Recipient)
	}
	tokenRent, err := m.chain.rent.MinimumBalance(accounts.TokenAccountSpace)
	if err != nil {
		return Quote{}, err
	}
	emptyRent, err := m.chain.rent.MinimumBalance(0)
	switch {
	case err != nil:
		return Quote{}, err
	case r.To != NativeStake && (r.To != accounts.NativeMint || r.Wrapped):
		q.Conditions = append(q.Conditions, fmt.Sprintf(
			"if the recipient has no token account yet, the payer gives %s SOL for it, which do not come back", lst.FormatAmount(tokenRent, 9)))
	case r.To == accounts.NativeMint && q.MinOut < emptyRent:
		q.Conditions = append(q.Conditions, fmt.Sprintf(
			"the recipient has SOL already: less than %s SOL open no account, and the transaction fails", lst.FormatAmount(emptyRent, 9)))
	}
	return q, nil
}

// receiver is who receives the outcome.
func (r Request) receiver(p Parties) solana.PublicKey {
	if r.Recipient.IsZero() {
		return p.Owner
	}
	return r.Recipient
}

// toOther says that somebody else than the owner receives the outcome.
func (r Request) toOther(p Parties) bool { return r.receiver(p) != p.Owner }

// forWhom names the recipient in the words of a step, if it is not the owner.
func (r Request) forWhom(p Parties) string { return paidTo(r.other(p)) }

// other is the recipient if it is not the owner, and zero if it is.
func (r Request) other(p Parties) solana.PublicKey {
	if !r.toOther(p) {
		return solana.PublicKey{}
	}
	return r.Recipient
}

// paidTo names a recipient in the words of a step, if there is one.
func paidTo(recipient solana.PublicKey) string {
	if recipient.IsZero() {
		return ""
	}
	return fmt.Sprintf(", paid to %s", recipient)
}

// tokenAccount is where the outcome goes if it is a token: the associated token account of who receives it, and the step that creates it.
func (r Request) tokenAccount(p Parties, mint, tokenProgram solana.PublicKey) (solana.PublicKey, txn.Step, error) {
	receiver := r.receiver(p)
	account, err := p.Addresses.AssociatedToken(receiver, tokenProgram, mint)
	return account, txn.CreateTokenAccountAt(p.Payer, account, receiver, mint, tokenProgram), err
}

// separable checks that the rent of the account through which SOL goes to the recipient can be taken out of what the program pays.
func (r Request) separable(minOut, tokenRent uint64) error {
	if r.Recipient.IsZero() || minOut > tokenRent {
		return nil
	}
	return fmt.Errorf("%w: at least %d lamports have to arrive, more than the rent of %d of the account they go through",
		ErrRecipient, minOut, tokenRent)
}

// outlet is where a program pays SOL to: an account that exists within the transaction only.
type outlet struct {
	address solana.PublicKey
	open    []txn.Step
	// closing pays out what has arrived, and fails unless that is so much; zero if the program makes sure of it. What is to go back to the
	// payer is beside that, and for a recipient only.
	closing func(minimum, back uint64) ([]txn.Step, error)
}

// outlet opens a way of SOL to who receives it: for programs that pay system accounts, or those that pay token accounts.
func (r Request) outlet(p Parties, tokenRent uint64, system bool) (outlet, error) {
	if r.toOther(p) {
		open := txn.PayoutWSOL
		if system {
			open = txn.PayoutSOL
		}
		way, err := open(p.Payer, p.Owner, r.Recipient, tokenRent, p.Seed)
		return outlet{way.Address, way.Open, way.Close}, err
	}
	open := txn.UnwrapSOL
	if system {
		open = txn.CollectSOL
	}
	w, err := open(p.Payer, p.Owner, tokenRent, p.Seed)
	return outlet{w.Address, w.Open, func(minimum, _ uint64) ([]txn.Step, error) {
		if minimum == 0 {
			return w.Close, nil
		}
		return w.CloseWith(minimum)
	}}, err
}

// outletRent is what the accounts of an outlet for wrapped SOL take to begin with.
func (r Request) outletRent(tokenRent uint64) uint64 {
	if r.Recipient.IsZero() {
		return tokenRent
	}
	return 2 * tokenRent
}

// authorityOf is who becomes the authority of a stake account right when a source hands it out: the recipient, if the program can be told and
// the owner has nothing else to do with it; else zero, for the owner.
func (r Request) authorityOf(source handSource) solana.PublicKey {
	if _, told := source.(stakePoolSource); told && !r.Deactivate {
		return r.Recipient
	}
	return solana.PublicKey{}
}

// handStake gives a stake account to the recipient, if the owner has it.
func (r Request) handStake(p Parties, stake solana.PublicKey) ([]txn.Step, error) {
	if !r.toOther(p) || !p.authority.IsZero() {
		return nil, nil
	}
	return txn.AuthorizeStake(stake, p.Owner, r.Recipient)
}

// stakeRentCost is what becomes of the rent of a stake account that is received: it goes to who receives it.
func (r Request) stakeRentCost(rent uint64) Cost {
	if r.Recipient.IsZero() {
		return Cost{Name: "rent of the stake account", Lamports: rent, Recoverable: true}
	}
	return Cost{Name: "rent of the stake account, which the recipient gets with it", Lamports: rent}
}
