package e2e

import (
	"math/rand/v2"

	"github.com/gagliardetto/solana-go"
	stakeprogram "github.com/gagliardetto/solana-go/programs/stake"
	"github.com/gagliardetto/solana-go/programs/system"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/attacks"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// mutate makes one to four changes.
func (c *campaign) mutate(
	rng *rand.Rand,
	b *base,
	ixs []solana.Instruction,
) ([]solana.Instruction, []string) {
	var kinds []string
	for range 1 + rng.IntN(4) {
		changed, kind := c.change(rng, b, ixs)
		if len(changed) == 0 || len(changed) > 40 {
			continue
		}
		ixs, kinds = changed, append(kinds, kind)
	}
	return ixs, kinds
}

// change makes one change.
func (c *campaign) change(
	rng *rand.Rand,
	b *base,
	ixs []solana.Instruction,
) ([]solana.Instruction, string) {
	at := rng.IntN(len(ixs))
	switch rng.IntN(12) {
	case 0:
		if len(ixs) > 1 {
			return attacks.Remove(ixs, at), "one removed"
		}

	case 1:
		return attacks.Insert(ixs, rng.IntN(len(ixs)+1), ixs[at]), "one doubled"
	case 2:
		return attacks.Move(ixs, at, rng.IntN(len(ixs))), "one moved"
	case 3:
		if metas := ixs[at].Accounts(); len(metas) > 0 {
			return attacks.WithAccount(
				ixs,
				at,
				rng.IntN(len(metas)),
				c.key(rng, b),
			), "another account"
		}

	case 4:
		// Replace an account by another one of the transaction.
		from, metas := ixs[rng.IntN(len(ixs))].Accounts(), ixs[at].Accounts()
		if len(from) > 0 && len(metas) > 0 {
			return attacks.WithAccount(
				ixs,
				at,
				rng.IntN(len(metas)),
				from[rng.IntN(len(from))].PublicKey,
			), "an account twice"
		}

	case 5:
		amount := b.amounts[rng.IntN(len(b.amounts))]
		if changed, ok := attacks.WithAmount(ixs, at, amount, c.amount(rng, b)); ok &&
			amount > 255 {
			return changed, "another amount"
		}

	case 6:
		data, err := ixs[at].Data()
		if err == nil && len(data) > 0 {
			return attacks.WithByte(
				ixs,
				at,
				rng.IntN(len(data)),
				byte(rng.IntN(256)),
			), "another byte"
		}

	case 7:
		for _, from := range []solana.PublicKey{b.policy.Owner, b.policy.Recipient} {
			if changed, ok := attacks.WithKey(ixs, at, from, c.key(rng, b)); ok {
				return changed, "another key in the data"
			}
		}

	case 8:
		if len(c.spare) > 0 {
			return attacks.Insert(
				ixs,
				rng.IntN(len(ixs)+1),
				c.spare[rng.IntN(len(c.spare))],
			), "one of another transaction"
		}

	default:
		return attacks.Insert(ixs, rng.IntN(len(ixs)+1), c.inserted(rng, b)), "one inserted"
	}

	return nil, ""
}

// key returns an account that an attack may target.
func (c *campaign) key(rng *rand.Rand, b *base) solana.PublicKey {
	if rng.IntN(4) == 0 {
		return c.thief.PublicKey()
	}
	return b.pool[rng.IntN(len(b.pool))]
}

// amount returns an amount that an attack may use.
func (c *campaign) amount(rng *rand.Rand, b *base) uint64 {
	switch rng.IntN(5) {
	case 0:
		return 0
	case 1:
		return uint64(rng.IntN(500)) * sol
	case 2:
		return b.amounts[rng.IntN(len(b.amounts))] * uint64(1+rng.IntN(3))
	case 3:
		return b.amounts[rng.IntN(len(b.amounts))] / uint64(1+rng.IntN(3))
	}

	return b.amounts[rng.IntN(len(b.amounts))]
}

// inserted returns an instruction of an attacker.
func (c *campaign) inserted(rng *rand.Rand, b *base) solana.Instruction {
	owner, thief := b.policy.Owner, c.thief.PublicKey()
	seed := c.seeds[rng.IntN(len(c.seeds))]
	program := []solana.PublicKey{accounts.TokenProgram, accounts.StakeProgram}[rng.IntN(2)]
	account := c.seededFor(seed, program)
	payer := []solana.PublicKey{owner, thief}[rng.IntN(2)]
	to, amount := c.key(rng, b), c.amount(rng, b)
	token := func(ix solana.Instruction, err error) solana.Instruction {
		if err != nil {
			return system.NewTransferInstruction(amount, owner, to).Build()
		}

		return ix
	}

	space := uint64(accounts.TokenAccountSpace)
	if program == accounts.StakeProgram {
		space = accounts.StakeAccountSpace
	}

	stake := c.key(rng, b)
	for s := range b.policy.MaxStake {
		if rng.IntN(2) == 0 {
			stake = s
		}
	}

	switch rng.IntN(18) {
	case 0, 1:
		return system.NewTransferInstruction(amount, payer, to).Build()
	case 2, 3:
		return system.NewTransferWithSeedInstruction(amount, seed, program, account, owner, to).
			Build()
	case 4, 5:
		return system.NewCreateAccountWithSeedInstruction(owner, seed, amount, space, program,
			payer, account, owner).
			Build()

	case 6:
		return system.NewAllocateWithSeedInstruction(owner, seed, space, program, account, owner).
			Build()
	case 7:
		return system.NewAssignWithSeedInstruction(owner, seed, program, account, owner).Build()
	case 8, 9:
		of := []solana.PublicKey{owner, owner, thief}[rng.IntN(3)]
		return token(instructions.TokenInitializeAccount{
			Program: accounts.TokenProgram,
			Account: c.key(rng, b),
			Mint:    accounts.NativeMint,
			Owner:   of,
		}.Build())

	case 10, 11:
		return token(instructions.TokenCloseAccount{
			Program: accounts.TokenProgram, Account: c.key(rng, b), Destination: to, Owner: owner,
		}.Build())

	case 12:
		return token(instructions.TokenTransfer{
			Program:     accounts.TokenProgram,
			Source:      c.key(rng, b),
			Destination: to,
			Owner:       owner,
			Amount:      amount,
		}.Build())

	case 13:
		mint := []solana.PublicKey{c.mint, accounts.NativeMint}[rng.IntN(2)]
		return txn.CreateTokenAccount(
			payer,
			[]solana.PublicKey{owner, thief}[rng.IntN(2)],
			mint,
			accounts.TokenProgram,
		).Instruction

	case 14:
		role := []stakeprogram.StakeAuthorize{stakeprogram.StakeAuthorizeStaker,
			stakeprogram.StakeAuthorizeWithdrawer}[rng.IntN(2)]
		return stakeprogram.NewAuthorizeInstruction(to, role, stake, owner).Build()

	case 15:
		return stakeprogram.NewSplitInstruction(amount, stake, c.key(rng, b), owner).Build()
	case 16:
		return stakeprogram.NewWithdrawInstruction(amount, stake, to, owner).Build()
	}

	return stakeprogram.NewDeactivateInstruction(stake, owner).Build()
}
