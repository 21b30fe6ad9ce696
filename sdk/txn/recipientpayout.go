package txn

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// RecipientPayout is a way for SOL from a program to somebody who need not be
// the owner, through accounts of the owner's that exist within one transaction
// only. An account closes to a single address, rent and all; so the rent leaves
// it first, and what goes to the recipient then is what the program paid, to
// the lamport, though nobody knew it before.
type RecipientPayout struct {
	// Address is where the program is to pay to.
	Address solana.PublicKey
	// Open makes the accounts, for which the payer advances Advance lamports of
	// rent.
	Open        []Step
	UpfrontRent uint64

	rent                    uint64
	owner, payer, recipient solana.PublicKey
	// seed is that of Address.
	seed string
	// purse is a second token account that takes the rent; zero if the first is
	// no token account yet.
	purse solana.PublicKey
	// initialize makes a token account of the first, where it is none yet.
	initialize Step
}

// NewRecipientPayoutWSOL is for programs that pay wrapped SOL. A second account
// takes the rent of the first: the payer advances that of both, in lamports for
// one, and gets it back. The seed must not be in use, as must not be what is
// made of it for the second account.
func NewRecipientPayoutWSOL(
	payer, owner, recipient solana.PublicKey,
	rent uint64,
	seed string,
) (RecipientPayout, error) {
	p, first, err := newPayout(payer, owner, recipient, rent, seed)
	if err != nil {
		return RecipientPayout{}, err
	}

	sum := sha256.Sum256([]byte(seed))
	second, err := temporaryWSOL(payer, owner, 0, rent, hex.EncodeToString(sum[:5]))
	if err != nil {
		return RecipientPayout{}, err
	}

	if p.UpfrontRent, err = fixed.Add(rent, rent); err != nil {
		return RecipientPayout{}, fmt.Errorf("fund temporary wSOL accounts: %w", err)
	}

	p.purse, p.Open = second.Address, slices.Concat(first.Open, second.Open)
	p.Open[2].Description = "create a second one for the rent of both"

	return p, nil
}

// NewRecipientPayoutSOL is for programs that pay system accounts only. The
// payer advances the rent of a token account, in lamports, and gets it back.
// The seed must not be in use.
func NewRecipientPayoutSOL(
	payer, owner, recipient solana.PublicKey,
	rent uint64,
	seed string,
) (RecipientPayout, error) {
	p, first, err := newPayout(payer, owner, recipient, rent, seed)
	if err != nil {
		return RecipientPayout{}, err
	}
	fund, err := TransferSOL(payer, p.Address, rent)
	if err != nil {
		return RecipientPayout{}, err
	}
	p.initialize, p.Open = first.Open[1], []Step{fund}
	return p, nil
}

func newPayout(
	payer, owner, recipient solana.PublicKey,
	rent uint64,
	seed string,
) (RecipientPayout, TempWSOLAccount, error) {
	err := complete("Payout", rent, named{"payer", payer}, named{"owner", owner},
		named{"recipient", recipient})
	if err != nil {
		return RecipientPayout{}, TempWSOLAccount{}, err
	}

	first, err := temporaryWSOL(payer, owner, 0, rent, seed)
	return RecipientPayout{
		Address:     first.Address,
		UpfrontRent: rent,
		rent:        rent,
		owner:       owner,
		payer:       payer,
		recipient:   recipient,
		seed:        seed,
	}, first, err
}

// Close pays out. It fails unless the recipient gets at least so many lamports,
// which must be more than the rent of a token account, or zero where the
// program that pays makes sure of that. The payer gets what was advanced, and
// of what the program paid so many lamports as are to come back; all else is
// the recipient's.
func (p RecipientPayout) Close(atLeast, back uint64) ([]Step, error) {
	apart, err := fixed.Add(p.rent, back)
	if err != nil {
		return nil, fmt.Errorf("return rent: %w", err)
	}

	closing, err := instructions.TokenCloseAccount{
		Program:     accounts.TokenProgram,
		Account:     p.Address,
		Destination: p.recipient,
		Owner:       p.owner,
	}.Build()
	if err != nil {
		return nil, err
	}

	pay := []Step{{
		Description: fmt.Sprintf(
			"close the temporary account, which turns what it holds into SOL of %s",
			p.recipient,
		),
		Instruction:  closing,
		ComputeUnits: closeTokenUnits,
	}}
	if atLeast > 0 {
		// The rent of the account goes to the recipient as well, in place of
		// that which left it.
		least, err := fixed.Sub(atLeast, p.rent)
		if err != nil {
			return nil, fmt.Errorf("pay out less than the rent of %d lamports: %w", p.rent, err)
		}

		check, err := RequireBalance(accounts.TokenProgram, p.Address, p.owner, least)
		if err != nil {
			return nil, err
		}

		check.Description = fmt.Sprintf("fail unless at least %d lamports go to %s", atLeast,
			p.recipient)
		pay = []Step{check, pay[0]}
	}

	if p.purse.IsZero() {
		return p.closeSystem(apart, pay), nil
	}

	return p.closeTokens(apart, pay)
}

// closeSystem returns the rent of a system account before it becomes a token
// account.
func (p RecipientPayout) closeSystem(apart uint64, pay []Step) []Step {
	account := seeded{
		address: p.Address,
		base:    p.owner,
		owner:   accounts.TokenProgram,
		seed:    p.seed,
	}

	back := account.transfer(apart, p.payer)
	allocate := account.allocate(accounts.TokenAccountSpace)
	return slices.Concat([]Step{
		{
			Description:  "return the rent of the temporary account to the payer",
			Instruction:  back,
			ComputeUnits: createWithSeedUnits,
		},
		{
			Description:  "make an account of the token program of it",
			Instruction:  allocate,
			ComputeUnits: createWithSeedUnits,
		},
		p.initialize,
	}, pay)
}

// closeTokens moves the rent as wrapped SOL to the second account, which closes
// to the payer.
func (p RecipientPayout) closeTokens(apart uint64, pay []Step) ([]Step, error) {
	move, err := instructions.TokenTransfer{
		Program:     accounts.TokenProgram,
		Source:      p.Address,
		Destination: p.purse,
		Owner:       p.owner,
		Amount:      apart,
	}.Build()
	if err != nil {
		return nil, err
	}

	closing, err := instructions.TokenCloseAccount{
		Program:     accounts.TokenProgram,
		Account:     p.purse,
		Destination: p.payer,
		Owner:       p.owner,
	}.Build()
	if err != nil {
		return nil, err
	}

	return slices.Concat([]Step{
		{
			Description:  "move the rent of the temporary account out of what was paid",
			Instruction:  move,
			ComputeUnits: requireBalanceUnits,
		},
	}, pay, []Step{
		{
			Description:  "close the second account, which returns the rent to the payer",
			Instruction:  closing,
			ComputeUnits: closeTokenUnits,
		},
	}), nil
}
