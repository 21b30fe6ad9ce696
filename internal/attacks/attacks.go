// Package attacks contains transactions that try to take money from an owner
// who signs them under a policy that does not allow it. Tests verify that they
// are refused, and execute them to prove that they are dangerous.
package attacks

import (
	"strings"

	"github.com/gagliardetto/solana-go"
	stakeprogram "github.com/gagliardetto/solana-go/programs/stake"
	"github.com/gagliardetto/solana-go/programs/system"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// SOL is one SOL, in lamports.
const SOL = 1_000_000_000

// Parties are the accounts that take part in an attack.
type Parties struct {
	// Owner is the victim. Thief pays the fee and signs.
	Owner, Thief solana.PublicKey
	// Stake is a stake account of the owner, delegated to Vote. Evil is another
	// vote account.
	Stake, Vote, Evil solana.PublicKey
	// Mint is a mint of the thief, who may freeze its token accounts.
	Mint solana.PublicKey
	// Nonce is a nonce account of the thief.
	Nonce solana.PublicKey
	// Extra are keys of the thief that sign although no instruction needs their
	// signatures.
	Extra []solana.PublicKey
	// TokenRent and StakeRent are the rents of a token account and of a stake
	// account, in lamports.
	TokenRent, StakeRent uint64
}

// Attack is an attempt to take money, in one or more transactions.
type Attack struct {
	Name string
	// Hole is the number of the kind of attack.
	Hole int
	// Accounts are the accounts of the owner on chain, in addition to the
	// wallet.
	Accounts []accounts.Account
	// Transactions are executed in order. At least one of them must be refused.
	Transactions [][]solana.Instruction
	// Signers is the number of keys that sign although no instruction needs
	// their signatures.
	Signers int
	// OwnerPays reports whether the owner is the fee payer.
	OwnerPays bool
	// Runtime reports whether the programs refuse the transaction as well.
	// Bloodless reports whether the attack takes a permission but no money.
	Runtime, Bloodless bool
	// Policy is the policy of the owner.
	Policy explain.Policy
}

// Seeds are the seeds for which tests create the attacks.
var Seeds = []string{"seed", "x", strings.Repeat("long", 8)}

// All returns all attacks for a seed.
func All(p Parties, seed string) ([]Attack, error) {
	b := builder{Parties: p, seed: seed}
	var all []Attack
	for _, make := range []func() []Attack{b.temporaries, b.parked, b.stakes, b.forms} {
		all = append(all, make()...)
	}
	return all, b.err
}

// builder builds attacks, and keeps the first error.
type builder struct {
	Parties
	seed string
	err  error
}

func (b *builder) policy() explain.Policy {
	return explain.Policy{
		Owner:            b.Owner,
		Payer:            b.Thief,
		TokenAccountRent: b.TokenRent,
		StakeAccountRent: b.StakeRent,
	}
}

// address derives an account of the owner from the seed.
func (b *builder) address(program solana.PublicKey) solana.PublicKey {
	address, err := solana.CreateWithSeed(b.Owner, b.seed, program)
	if err != nil && b.err == nil {
		b.err = err
	}
	return address
}

func (b *builder) build(ix interface {
	Build() (solana.Instruction, error)
}) solana.Instruction {
	made, err := ix.Build()
	if err != nil && b.err == nil {
		b.err = err
	}
	return made
}

// wrapped returns a wSOL account of the owner.
func (b *builder) wrapped(lamports uint64) accounts.Account {
	reserve := b.TokenRent
	token := accounts.TokenAccount{
		Mint:          accounts.NativeMint,
		Owner:         b.Owner,
		Amount:        lamports,
		State:         accounts.TokenInitialized,
		NativeReserve: &reserve,
	}

	return accounts.Account{
		Address:  b.address(accounts.TokenProgram),
		Owner:    accounts.TokenProgram,
		Lamports: lamports + reserve,
		Data:     token.Encode(),
	}
}

func (b *builder) create(funder solana.PublicKey, lamports uint64) solana.Instruction {
	account := b.address(accounts.TokenProgram)
	return system.NewCreateAccountWithSeedInstruction(b.Owner, b.seed, lamports,
		accounts.TokenAccountSpace,
		accounts.TokenProgram, funder, account, b.Owner).Build()
}

func (b *builder) initialize() solana.Instruction {
	return b.build(instructions.TokenInitializeAccount{
		Program: accounts.TokenProgram,
		Account: b.address(accounts.TokenProgram),
		Mint:    accounts.NativeMint,
		Owner:   b.Owner,
	})
}

func (b *builder) closeTo(to solana.PublicKey) solana.Instruction {
	return b.build(instructions.TokenCloseAccount{
		Program:     accounts.TokenProgram,
		Account:     b.address(accounts.TokenProgram),
		Destination: to,
		Owner:       b.Owner,
	})
}

func (b *builder) allocate() solana.Instruction {
	return system.NewAllocateWithSeedInstruction(b.Owner, b.seed, accounts.TokenAccountSpace,
		accounts.TokenProgram,
		b.address(accounts.TokenProgram), b.Owner).Build()
}

func transfer(from, to solana.PublicKey, lamports uint64) solana.Instruction {
	return system.NewTransferInstruction(lamports, from, to).Build()
}

// temporaries use temporary accounts before they are opened or after they are
// closed.
func (b *builder) temporaries() []Attack {
	account := b.address(accounts.TokenProgram)
	plain := accounts.Account{
		Address:  account,
		Owner:    accounts.SystemProgram,
		Lamports: 300 * SOL,
	}

	one := func(ixs ...solana.Instruction) [][]solana.Instruction {
		return [][]solana.Instruction{ixs}
	}
	opened := []solana.Instruction{
		b.create(b.Thief, b.TokenRent),
		transfer(b.Owner, account, 5*SOL),
		b.initialize(),
	}

	spending := b.policy()
	spending.MaxLamports = 5*SOL - 1

	return []Attack{
		{
			Name:         "close, then create",
			Hole:         1,
			Accounts:     []accounts.Account{b.wrapped(300 * SOL)},
			Transactions: one(b.closeTo(b.Thief), b.create(b.Thief, b.TokenRent), b.initialize()),
			Policy:       b.policy(),
		},
		{
			Name:     "close, create, close",
			Hole:     1,
			Accounts: []accounts.Account{b.wrapped(300 * SOL)},
			Transactions: one(
				b.closeTo(b.Thief),
				b.create(b.Thief, b.TokenRent),
				b.initialize(),
				b.closeTo(b.Thief),
			),
			Policy: b.policy(),
		},
		{
			Name:         "allocate what holds SOL",
			Hole:         1,
			Accounts:     []accounts.Account{plain},
			Transactions: one(b.allocate(), b.initialize(), b.closeTo(b.Thief)),
			Policy:       b.policy(),
		},
		{
			Name:     "fund and allocate what holds SOL",
			Hole:     1,
			Accounts: []accounts.Account{plain},
			Transactions: one(
				transfer(b.Thief, account, b.TokenRent),
				b.allocate(),
				b.initialize(),
				b.closeTo(b.Thief),
			),
			Policy: b.policy(),
		},
		{
			Name:     "take SOL out of an address by its seed",
			Hole:     1,
			Accounts: []accounts.Account{plain},
			Transactions: one(
				system.NewTransferWithSeedInstruction(300*SOL, b.seed, accounts.TokenProgram,
					account,
					b.Owner, b.Thief).Build(),
			),
			Policy: b.policy(),
		},
		{
			Name: "park, then take",
			Hole: 1,
			Transactions: [][]solana.Instruction{
				{b.create(b.Owner, 900*SOL), b.initialize()},
				{b.closeTo(b.Thief), b.create(b.Thief, b.TokenRent), b.initialize()},
			},
			Policy: b.policy(),
		},
		{
			Name: "fund what was closed, then take",
			Hole: 1,
			Transactions: [][]solana.Instruction{
				append(
					opened[:3:3],
					b.closeTo(b.Owner),
					transfer(b.Owner, b.Thief, b.TokenRent),
					opened[1],
				),
				{b.allocate(), b.initialize(), b.closeTo(b.Thief)},
			},
			Policy: b.policy(),
		},
		{
			Name:         "close with SOL to the payer",
			Hole:         1,
			Transactions: one(append(opened[:3:3], b.closeTo(b.Thief))...),
			Policy:       spending,
		},
		{
			Name:         "leave it to others to initialize",
			Hole:         1,
			Transactions: one(b.create(b.Owner, 10*SOL)),
			Policy:       b.policy(),
		},
		{
			Name: "let another one own it",
			Hole: 1,
			Transactions: one(
				b.create(b.Owner, 10*SOL),
				b.build(instructions.TokenInitializeAccount{
					Program: accounts.TokenProgram,
					Account: account,
					Mint:    accounts.NativeMint,
					Owner:   b.Thief,
				}),
			),
			Policy: b.policy(),
		},
	}
}

// parked move SOL to accounts of the owner from which the owner cannot withdraw
// it.
func (b *builder) parked() []Attack {
	account, err := accounts.AssociatedTokenAddress(b.Owner, accounts.TokenProgram, b.Mint)
	if err != nil && b.err == nil {
		b.err = err
	}

	frozen := accounts.TokenAccount{
		Mint:   b.Mint,
		Owner:  b.Owner,
		Amount: 1,
		State:  accounts.TokenFrozen,
	}

	held := accounts.Account{
		Address:  account,
		Owner:    accounts.TokenProgram,
		Lamports: b.TokenRent,
		Data:     frozen.Encode(),
	}

	create := txn.CreateTokenAccount(b.Owner, b.Owner, b.Mint, accounts.TokenProgram).Instruction
	nowhere, err := accounts.AssociatedTokenAddress(
		b.Owner, accounts.Token2022Program, accounts.NativeMint,
	)
	if err != nil && b.err == nil {
		b.err = err
	}

	policy := b.policy()
	policy.MaxNewAccounts, policy.MaxRent = 1, b.TokenRent

	return []Attack{
		{
			Name:         "SOL into a frozen account",
			Hole:         4,
			Accounts:     []accounts.Account{held},
			Transactions: [][]solana.Instruction{{transfer(b.Owner, account, 900*SOL)}},
			Policy:       b.policy(),
		},
		{
			Name: "SOL into an account that is made for it",
			Hole: 4,
			Transactions: [][]solana.Instruction{
				{create, transfer(b.Owner, account, 900*SOL)},
				b.freeze(account),
			},
			Policy: policy,
		},
		{
			Name:         "SOL to the address of an account that cannot be",
			Hole:         4,
			Transactions: [][]solana.Instruction{{transfer(b.Owner, nowhere, 900*SOL)}},
			Policy:       b.policy(),
		},
		{
			Name:     "wrapped SOL closed into a frozen account",
			Hole:     4,
			Accounts: []accounts.Account{held},
			Transactions: [][]solana.Instruction{{
				b.create(b.Owner, 900*SOL), b.initialize(), b.closeTo(account),
			}},
			Policy: b.policy(),
		},
	}
}

// freeze freezes a token account of the thief's mint, after it received a
// token.
func (b *builder) freeze(account solana.PublicKey) []solana.Instruction {
	mint := solana.Meta(b.Mint).WRITE()
	to := solana.Meta(account).WRITE()
	authority := solana.Meta(b.Thief).SIGNER()

	return []solana.Instruction{
		solana.NewInstruction(accounts.TokenProgram, solana.AccountMetaSlice{mint, to, authority},
			[]byte{7, 1, 0, 0, 0, 0, 0, 0, 0}),
		solana.NewInstruction(
			accounts.TokenProgram,
			solana.AccountMetaSlice{to, mint, authority},
			[]byte{10},
		),
	}
}

// stakes exceed a small permission for a stake account.
func (b *builder) stakes() []Attack {
	part, create, err := txn.NewStakeAccount(b.Owner, b.Owner, b.StakeRent, b.seed)
	if err != nil && b.err == nil {
		b.err = err
	}

	policy := b.policy()
	policy.MaxLamports = b.StakeRent
	policy.MaxStake = map[solana.PublicKey]uint64{b.Stake: SOL}
	splitting := policy
	splitting.Stake = map[solana.PublicKey]explain.StakePermission{b.Stake: {Split: true}}
	split := stakeprogram.NewSplitInstruction(SOL, b.Stake, part, b.Owner).Build()
	authorize := func(stake solana.PublicKey, role stakeprogram.StakeAuthorize) solana.Instruction {
		return stakeprogram.NewAuthorizeInstruction(b.Thief, role, stake, b.Owner).Build()
	}
	receiving := splitting
	receiving.Recipient, receiving.MinStake = b.Thief, SOL
	attack := func(name string, policy explain.Policy, ixs ...solana.Instruction) Attack {
		return Attack{
			Name:         name,
			Hole:         5,
			Transactions: [][]solana.Instruction{ixs},
			Policy:       policy,
		}
	}

	delegate := stakeprogram.NewDelegateStakeInstruction(b.Evil, b.Owner, b.Stake)

	return []Attack{
		attack(
			"deactivate",
			policy,
			stakeprogram.NewDeactivateInstruction(b.Stake, b.Owner).Build(),
		),
		{
			Name:         "delegate elsewhere",
			Hole:         5,
			Policy:       policy,
			Transactions: [][]solana.Instruction{{delegate.Build()}},
			Runtime:      true, // The stake must be inactive first.
		},
		attack(
			"hand over the staker",
			policy,
			authorize(b.Stake, stakeprogram.StakeAuthorizeStaker),
		),
		attack(
			"hand over the withdrawer",
			policy,
			authorize(b.Stake, stakeprogram.StakeAuthorizeWithdrawer),
		),
		{
			Name:         "split without permission",
			Hole:         5,
			Policy:       policy,
			Transactions: [][]solana.Instruction{{create.Instruction, split}},
			Bloodless:    true,
		},
		attack("split, and hand over the staker of the rest", splitting, create.Instruction, split,
			authorize(b.Stake, stakeprogram.StakeAuthorizeStaker)),
		attack("hand over the staker of the part alone", receiving, create.Instruction, split,
			authorize(part, stakeprogram.StakeAuthorizeStaker)),
		attack(
			"deactivate the part that arrives",
			receiving,
			create.Instruction,
			split,
			stakeprogram.NewDeactivateInstruction(part, b.Owner).Build(),
			authorize(part, stakeprogram.StakeAuthorizeStaker),
			authorize(part, stakeprogram.StakeAuthorizeWithdrawer),
		),
	}
}

// forms use parts of a transaction that are not instructions.
func (b *builder) forms() []Attack {
	small := b.policy()
	small.MaxNetworkFee = 10_000
	nonce := b.policy()
	nonce.Nonce = txn.DurableNonce{Account: b.Stake, Authority: b.Thief}
	other := b.policy()
	other.Nonce = txn.DurableNonce{Account: b.Nonce, Authority: b.Owner}
	advance := system.NewAdvanceNonceAccountInstruction(b.Nonce,
		solana.SysVarRecentBlockHashesPubkey, b.Thief).Build()

	return []Attack{
		{
			Name:         "signers that no instruction names",
			Hole:         7,
			Transactions: [][]solana.Instruction{{transfer(b.Owner, b.Owner, 1)}},
			Signers:      6,
			OwnerPays:    true,
			Policy:       small,
		},
		{
			Name:         "a stranger's nonce",
			Hole:         8,
			Policy:       b.policy(),
			Transactions: [][]solana.Instruction{{advance, transfer(b.Owner, b.Owner, 1)}},
		},
		{
			Name:         "another nonce than the one that is allowed",
			Hole:         8,
			Policy:       nonce,
			Transactions: [][]solana.Instruction{{advance, transfer(b.Owner, b.Owner, 1)}},
		},
		{
			Name:         "another authority than the one that is allowed",
			Hole:         8,
			Policy:       other,
			Transactions: [][]solana.Instruction{{advance, transfer(b.Owner, b.Owner, 1)}},
		},
	}
}
