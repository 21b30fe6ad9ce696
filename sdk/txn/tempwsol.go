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

// Compute units measured with the token program of 2025, with a margin.
const (
	createWithSeedUnits  = 3_000
	initializeTokenUnits = 6_000
	closeTokenUnits      = 6_000
	transferSOLUnits     = 500
	syncNativeUnits      = 4_000
)

// sponsoredSeedLength is the length in characters, of five bits each, of the
// seed of an account that holds SOL of the owner and rent of another payer. The
// seed must be unique only among the owner's accounts within one transaction,
// and each character adds a byte to the transaction.
const sponsoredSeedLength = 6

// TempWSOLAccount is a wrapped SOL (wSOL) account that exists only within one
// transaction. It leaves any wSOL account that the owner has untouched. Its
// address is derived from the owner and a seed and must not be in use.
type TempWSOLAccount struct {
	Address solana.PublicKey
	// Open holds the steps that create the account. Close holds those that
	// close it, which pays its whole balance to the owner as SOL.
	Open, Close []Step
	// ready holds the steps that turn an account with collected lamports into a
	// token account.
	ready []Step
	owner solana.PublicKey
}

// CloseWith returns the steps of Close, preceded by a step that makes the
// transaction fail unless the account holds at least atLeast lamports in
// addition to its rent.
func (w TempWSOLAccount) CloseWith(atLeast uint64) ([]Step, error) {
	check, err := RequireBalance(accounts.TokenProgram, w.Address, w.owner, atLeast)
	if err != nil {
		return nil, err
	}
	return slices.Concat(w.ready, []Step{check}, w.Close), nil
}

// NewFundedWSOLAccount returns an account that wraps lamports of the owner.
//
// The payer advances rent lamports and gets them back. The owner pays only
// lamports and gets back the part that the transaction did not spend. If the
// payer is not the owner, the transaction needs two more steps. A shorter seed,
// derived from the given one, saves part of their size.
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

	fill.Description = "transfer SOL of the owner to it"
	w.Open = slices.Insert(w.Open, 1, fill)

	return w, nil
}

// NewTempWSOLAccount returns an account that receives wrapped SOL for the
// owner. The payer advances rent lamports and gets them back.
func NewTempWSOLAccount(
	payer, owner solana.PublicKey,
	rent uint64,
	seed string,
) (TempWSOLAccount, error) {
	return temporaryWSOL(payer, owner, 0, rent, seed)
}

// NewTempSOLAccount returns an account to which programs can pay that pay only
// system accounts. It collects lamports and becomes a wSOL account at the end,
// so that [TempWSOLAccount.CloseWith] can check the balance. Use CloseWith to
// close it; the steps in Close are not sufficient. The payer advances rent
// lamports, the rent of a token account, and gets them back.
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
			Description:  "assign the temporary account to the token program",
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
				Description:  "create a temporary wSOL account",
				Instruction:  create,
				ComputeUnits: createWithSeedUnits,
			},
			{
				Description:  "initialize it as a token account",
				Instruction:  initialize,
				ComputeUnits: initializeTokenUnits,
			},
		},
		Close: []Step{{
			Description:  "close the temporary wSOL account, which unwraps its balance",
			Instruction:  closing,
			ComputeUnits: closeTokenUnits,
		}},
	}
	if funder != owner {
		back := transfer(rent, owner, funder)
		w.Close = append(w.Close, Step{
			Description:  "return the rent of the temporary account to the fee payer",
			Instruction:  back,
			ComputeUnits: transferSOLUnits,
		})
	}

	return w, nil
}

// SyncWSOL returns the step that adds lamports which were paid into a wrapped
// SOL (wSOL) account to its balance. The step fails if the account is not a
// wSOL account. It mirrors SyncNative of the token program.
func SyncWSOL(account solana.PublicKey) (Step, error) {
	ix, err := instructions.TokenSyncNative{Account: account}.Build()
	if err != nil {
		return Step{}, err
	}

	return Step{
		Description:  fmt.Sprintf("add the paid SOL to the balance of the wSOL account %s", account),
		Instruction:  ix,
		ComputeUnits: syncNativeUnits,
	}, nil
}
