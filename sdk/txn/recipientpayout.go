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

// RecipientPayout routes SOL that a program pays to a recipient other than the
// owner, through accounts of the owner that exist only within one transaction.
//
// Closing a token account sends its whole balance, rent included, to a single
// address. RecipientPayout therefore moves the rent out first and closes the
// account to the recipient. The recipient gets exactly what the program paid,
// even if the amount is not known in advance.
type RecipientPayout struct {
	// Address is the account to which the program must pay.
	Address solana.PublicKey
	// Open holds the steps that create the accounts. For these the payer
	// advances UpfrontRent lamports.
	Open        []Step
	UpfrontRent uint64

	rent                    uint64
	owner, payer, recipient solana.PublicKey
	// seed is the seed of Address.
	seed string
	// purse is a second token account that receives the rent. It is zero if
	// Address is a system account until it is closed.
	purse solana.PublicKey
	// initialize turns Address into a token account if Open does not.
	initialize Step
}

// NewRecipientPayoutWSOL returns a payout for programs that pay wrapped SOL
// (wSOL).
//
// A second account receives the rent of the first. rent is the rent of one
// token account in lamports; the payer advances it for both accounts and gets
// it back in the same transaction. Neither the address derived from the seed
// nor the address derived for the second account may be in use.
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
	p.Open[2].Description = "create a second temporary wSOL account for the rent of both"

	return p, nil
}

// NewRecipientPayoutSOL returns a payout for programs that pay only system
// accounts. rent is the rent of a token account in lamports; the payer advances
// it and gets it back in the same transaction. The address derived from the
// seed must not be in use.
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

// Close returns the steps that pay the recipient.
//
// They fail unless the recipient gets at least atLeast lamports. atLeast must
// be more than the rent of a token account, or zero if the paying program
// enforces the minimum itself. The payer gets back the advanced rent, plus back
// lamports of what the program paid. The recipient gets the rest.
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
			"close the temporary wSOL account, which pays its balance to %s",
			p.recipient,
		),
		Instruction:  closing,
		ComputeUnits: closeTokenUnits,
	}}
	if atLeast > 0 {
		// The account closes with its own rent in place of the rent that was
		// moved out, so that amount reaches the recipient as well.
		least, err := fixed.Sub(atLeast, p.rent)
		if err != nil {
			return nil, fmt.Errorf("the minimum is below the rent of %d lamports: %w", p.rent, err)
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

// closeSystem returns the rent from the system account before that becomes a
// token account.
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
			Description:  "return the rent of the temporary account to the fee payer",
			Instruction:  back,
			ComputeUnits: createWithSeedUnits,
		},
		{
			Description:  "assign the temporary account to the token program",
			Instruction:  allocate,
			ComputeUnits: createWithSeedUnits,
		},
		p.initialize,
	}, pay)
}

// closeTokens moves the rent as wrapped SOL to the second account, which is
// closed to the payer.
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
			Description:  "move the rent of the temporary wSOL account to the second one",
			Instruction:  move,
			ComputeUnits: requireBalanceUnits,
		},
	}, pay, []Step{
		{
			Description:  "close the second account, which returns the rent to the fee payer",
			Instruction:  closing,
			ComputeUnits: closeTokenUnits,
		},
	}), nil
}
