package terms

import (
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Fee is a fee of a quote. It is already part of the quote's amounts.
type Fee struct {
	// Name says what the fee is for, for example "SOL deposit fee".
	Name string `json:"name"`
	// Amount is in base units of Mint.
	Amount uint64           `json:"amount"`
	Mint   solana.PublicKey `json:"mint"`
	// Rate is the fraction the amount comes from.
	Rate string `json:"rate"`
	// Recipient is the account that receives it.
	Recipient solana.PublicKey `json:"recipient"`
}

// Cost is what the owner pays in addition to the input.
type Cost struct {
	// Name says what it is for.
	Name     string `json:"name"`
	Lamports uint64 `json:"lamports"`
	// Recoverable says that the owner gets it back by closing an account later. If not, it is gone, though what it bought may be
	// part of the outcome.
	Recoverable bool `json:"recoverable"`
}

// String is one line, for example "SOL withdrawal fee: 0.0015 SOL
// (1/1000)". Amounts of other tokens are in base units.
func (f Fee) String() string {
	amount := fmt.Sprintf("%d base units of %s", f.Amount, f.Mint)
	if f.Mint == accounts.NativeMint {
		amount = lst.FormatAmount(f.Amount, 9) + " SOL"
	}
	if f.Rate == "" {
		return f.Name + ": " + amount
	}
	return fmt.Sprintf("%s: %s (%s)", f.Name, amount, f.Rate)
}

// String is one line, for example "rent of the stake account: 0.00228288
// SOL, recoverable".
func (c Cost) String() string {
	text := fmt.Sprintf("%s: %s SOL", c.Name, lst.FormatAmount(c.Lamports, 9))
	if c.Recoverable {
		text += ", recoverable"
	}
	return text
}

// Guard says what makes a transaction fail before less than the limit is received.
type Guard uint8

// The guards there are.
const (
	// GuardProgram is the program that pays: it takes the limit with its instruction.
	GuardProgram Guard = iota
	// GuardTemporary is a check of a token account that exists within the transaction only, through which the outcome goes.
	GuardTemporary
	// GuardBalance is a check that the owner's token account has grown by the limit since its balance was read, see
	// [Parties.Held]. Tokens that arrive there from elsewhere in between weaken it, tokens that leave make the transaction fail.
	GuardBalance
)

// String names the guard.
func (g Guard) String() string {
	switch g {
	case GuardProgram:
		return "program"
	case GuardTemporary:
		return "temporary account"
	case GuardBalance:
		return "balance"
	}
	return fmt.Sprintf("Guard(%d)", uint8(g))
}

// ErrParties is returned when an account that takes part in a trade was not named.
var ErrParties = errors.New("incomplete parties")

// Parties are the accounts of the people in a trade.
type Parties struct {
	// Owner holds the tokens and signs.
	Owner solana.PublicKey
	// Payer pays fees and the rent of accounts that have to be created.
	Payer solana.PublicKey
	// Seed, together with the owner, gives the address of an account that exists within the transaction only. It must be one that
	// the owner has never used; at most 32 characters, or 31 for quotes with legs, whose first leg adds a "1" to it. A stake account that
	// is received keeps its address, see [accounts.SeededStakeAccount].
	Seed string
	// NewAccount is the key of a stake account that is created, for quotes that ask for one. It must be unused, and signs.
	NewAccount solana.PublicKey
	// Held is what the owner's token account of the token that is received holds, zero if it does not exist. It must be there for
	// quotes with [GuardBalance].
	Held *uint64
	// Addresses may remember the addresses of token accounts, so that they are
	// not derived for each trade. Nil derives them.
	Addresses *accounts.Addresses
	// LazyWords leaves the words of most steps to [txn.Step.Tell], for callers
	// who do not show them.
	LazyWords bool
}

// RequireBalance returns the step that makes the transaction fail unless the
// owner's token account of a mint has grown by the limit.
func (p *Parties) RequireBalance(tokenProgram, mint solana.PublicKey, minOut uint64) (txn.Step, error) {
	if p == nil || p.Held == nil {
		return txn.Step{}, fmt.Errorf("%w: what the owner holds of %s must be named", ErrParties, mint)
	}
	account, err := p.Addresses.AssociatedToken(p.Owner, tokenProgram, mint)
	if err != nil {
		return txn.Step{}, err
	}
	least, err := fixed.Add(*p.Held, minOut)
	if err != nil {
		return txn.Step{}, err
	}
	return txn.RequireBalance(tokenProgram, account, p.Owner, least)
}
