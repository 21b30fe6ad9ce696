package txn

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// Compute units as measured on the token program of 2025, with room.
const (
	createWithSeedUnits  = 3_000
	initializeTokenUnits = 6_000
	closeTokenUnits      = 6_000
	transferSOLUnits     = 500
)

// sponsoredSeedLength is how many characters, of five bits each, name an
// account that holds SOL of the owner but rent of the payer. Nothing but the
// owner's other accounts within the same transaction must have the same name,
// and each is a byte of its size.
const sponsoredSeedLength = 6

// TempWSOLAccount is a token account of wrapped SOL that exists within one
// transaction only, so that an account the owner may have is never touched. Its
// address follows from the owner and a seed, which must not be in use.
type TempWSOLAccount struct {
	Address solana.PublicKey
	// Open creates the account, Close turns all it holds into lamports of the
	// owner.
	Open, Close []Step
	// ready makes a token account of one that collected lamports before.
	ready []Step
	owner solana.PublicKey
}

// CloseWith is Close with a check before: the transaction fails unless the
// account holds at least so many lamports beside its rent.
func (w TempWSOLAccount) CloseWith(atLeast uint64) ([]Step, error) {
	check, err := RequireBalance(accounts.TokenProgram, w.Address, w.owner, atLeast)
	if err != nil {
		return nil, err
	}
	return slices.Concat(w.ready, []Step{check}, w.Close), nil
}

// NewFundedWSOLAccount makes an account that holds lamports of the owner as
// wrapped SOL. The payer advances its rent, in lamports, and gets it back; the
// owner needs no more than those lamports, and gets back what of them was not
// spent. A payer who is not the owner takes two more steps, which a shorter
// seed, made of the one that is given, partly makes up for.
func NewFundedWSOLAccount(
	payer, owner solana.PublicKey,
	lamports, rent uint64,
	seed string,
) (TempWSOLAccount, error) {
	if payer == owner {
		return temporaryWSOL(owner, owner, lamports, rent, seed)
	}

	if len(seed) > solana.MaxSeedLength {
		return TempWSOLAccount{}, fmt.Errorf("derive temporary wSOL account: %w",
			solana.ErrMaxSeedLengthExceeded)
	}

	if _, err := fixed.Add(lamports, rent); err != nil {
		return TempWSOLAccount{}, fmt.Errorf("fund temporary wSOL account: %w", err)
	}

	sum := sha256.Sum256([]byte(seed))
	w, err := temporaryWSOL(payer, owner, 0, rent,
		base32.StdEncoding.EncodeToString(sum[:])[:sponsoredSeedLength])
	if err != nil {
		return TempWSOLAccount{}, err
	}

	fill, err := TransferSOL(owner, w.Address, lamports)
	if err != nil {
		return TempWSOLAccount{}, err
	}

	fill.Description = "put the SOL of the owner into it"
	w.Open = slices.Insert(w.Open, 1, fill)

	return w, nil
}

// NewTempWSOLAccount makes an account that receives wrapped SOL for the owner.
// The payer advances its rent, in lamports, and gets it back.
func NewTempWSOLAccount(
	payer, owner solana.PublicKey,
	rent uint64,
	seed string,
) (TempWSOLAccount, error) {
	return temporaryWSOL(payer, owner, 0, rent, seed)
}

// NewTempSOLAccount makes an account that programs can pay lamports to which
// pay system accounts only. It becomes a token account of wrapped SOL in the
// end, so that [TempWSOLAccount.CloseWith] can check what arrived; Close alone
// will not do. The payer advances the rent of a token account, and gets it
// back.
func NewTempSOLAccount(
	payer, owner solana.PublicKey,
	rent uint64,
	seed string,
) (TempWSOLAccount, error) {
	w, err := temporaryWSOL(payer, owner, 0, rent, seed)
	if err != nil {
		return TempWSOLAccount{}, err
	}

	fund, err := TransferSOL(payer, w.Address, rent)
	if err != nil {
		return TempWSOLAccount{}, err
	}

	account := seeded{
		address: w.Address,
		base:    owner,
		owner:   accounts.TokenProgram,
		seed:    seed,
	}

	allocate := account.allocate(accounts.TokenAccountSpace)
	w.ready = []Step{
		{
			Description:  "make an account of the token program of it",
			Instruction:  allocate,
			ComputeUnits: createWithSeedUnits,
		},
		w.Open[1],
	}

	w.Open = []Step{fund}

	return w, nil
}

func temporaryWSOL(
	funder, owner solana.PublicKey,
	lamports, rent uint64,
	seed string,
) (TempWSOLAccount, error) {
	if err := complete("CreateAccountWithSeed", rent, named{"payer", funder},
		named{"owner", owner}); err != nil {
		return TempWSOLAccount{}, err
	}

	address, err := solana.CreateWithSeed(owner, seed, accounts.TokenProgram)
	if err != nil {
		return TempWSOLAccount{}, fmt.Errorf("derive temporary wSOL account: %w", err)
	}

	funds, err := fixed.Add(lamports, rent)
	if err != nil {
		return TempWSOLAccount{}, fmt.Errorf("fund temporary wSOL account: %w", err)
	}

	initialize, err := instructions.TokenInitializeAccount{
		Program: accounts.TokenProgram,
		Account: address,
		Mint:    accounts.NativeMint,
		Owner:   owner,
	}.Build()
	if err != nil {
		return TempWSOLAccount{}, err
	}

	closing, err := instructions.TokenCloseAccount{
		Program:     accounts.TokenProgram,
		Account:     address,
		Destination: owner,
		Owner:       owner,
	}.Build()
	if err != nil {
		return TempWSOLAccount{}, err
	}

	create := seeded{
		address: address,
		base:    owner,
		owner:   accounts.TokenProgram,
		seed:    seed,
	}.create(funds, accounts.TokenAccountSpace, funder)

	w := TempWSOLAccount{
		Address: address,
		owner:   owner,
		Open: []Step{
			{
				Description:  "create a temporary account for wrapped SOL",
				Instruction:  create,
				ComputeUnits: createWithSeedUnits,
			},
			{
				Description:  "make it a token account",
				Instruction:  initialize,
				ComputeUnits: initializeTokenUnits,
			},
		},
		Close: []Step{{
			Description:  "close the temporary account, which turns what it holds into SOL",
			Instruction:  closing,
			ComputeUnits: closeTokenUnits,
		}},
	}
	if funder != owner {
		back := transfer(rent, owner, funder)
		w.Close = append(w.Close, Step{
			Description:  "return the rent of the temporary account to the payer",
			Instruction:  back,
			ComputeUnits: transferSOLUnits,
		})
	}

	return w, nil
}
