package sdk

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// checkFrame checks an instruction of a leg that is not of its swap program. It
// may create the token accounts of the swap, or wrap and unwrap its SOL.
func (p *preparedLeg) checkFrame(ix solana.Instruction, owner solana.PublicKey) error {
	refuse := func(reason string) error { return &LegError{ix.ProgramID(), reason} }
	in := explain.Instructions(owner, []solana.Instruction{ix}, nil).Instructions[0]
	role := func(name string) solana.PublicKey {
		key, _ := in.Account(name)
		return key
	}

	wrapped := func(key solana.PublicKey) bool {
		return p.in.native() && key == p.in.address || p.out.native() && key == p.out.address
	}

	switch ix.ProgramID() {
	case accounts.AssociatedTokenProgram:
		account := role("token account")
		if account == p.in.address || account == p.out.address {
			return nil
		}

		return refuse("which creates another token account")

	case accounts.SystemProgram:
		amount, _ := in.Amount("lamports")
		if in.Name == "Transfer" && role("source") == owner && wrapped(role("destination")) &&
			amount <= p.In {
			return nil
		}

		return refuse("whose instruction does not wrap the input (pay tips with BuildOptions.Tip)")

	case accounts.TokenProgram:
		data, err := ix.Data()
		synced := err == nil && len(data) == 1 && data[0] == 17 && len(ix.Accounts()) == 1 &&
			wrapped(ix.Accounts()[0].PublicKey)
		closed := in.Name == "CloseAccount" && wrapped(role("account")) &&
			role("destination") == owner && role("owner") == owner
		if synced || closed {
			return nil
		}

		return refuse("whose instruction neither wraps nor unwraps SOL of the swap")
	}
	return refuse("a program other than that of the leg")
}

// frame sets the steps of a leg: the client's own steps create the accounts and
// wrap and unwrap SOL around the foreign ones.
func (p *preparedLeg) frame(own []txn.Step, o BuildOptions) {
	for _, account := range []legAccount{p.in, p.out} {
		// The owner gets the rent of a wSOL account back, so the owner pays it.
		payer := o.Payer
		if account.native() {
			payer = o.Owner
		} else if account == p.in || !account.missing {
			continue
		}

		p.steps = append(p.steps, txn.CreateTokenAccountAt(payer, account.address, o.Owner,
			account.mint, account.program).Described())
	}
	if p.in.native() {
		p.steps = append(p.steps, txn.WrapSOL(o.Owner, p.in.address, p.In)...)
	}

	p.steps = append(p.steps, own...)
	for _, account := range []legAccount{p.in, p.out} {
		if account.native() {
			p.steps = append(p.steps, txn.UnwrapSOL(o.Owner, account.address))
		}
	}
}

// checkSigners returns a [LegError] if a leg names a key that signs the
// transaction, which the owner alone may be: the network would lend its
// signature to the foreign programs.
func (c composition) checkSigners(o BuildOptions) error {
	for _, leg := range o.prepared.all() {
		for _, step := range c.steps() {
			for _, meta := range step.Instruction.Accounts() {
				key := meta.PublicKey
				if meta.IsSigner && key != o.Owner && leg.names[key] {
					return &LegError{key, "a signer other than the owner"}
				}
			}
		}
	}
	return nil
}

// legGuards returns the steps that prove the promises of the legs, and that the
// owner alone controls the accounts at their ends. An account of wSOL is closed
// by then; what it held counts as SOL.
func (o BuildOptions) legGuards(q *route.Quote) []txn.Step {
	var guards []txn.Step
	for _, account := range o.prepared.accounts() {
		if account.native() {
			continue
		}

		guards = append(guards, txn.RequireControl(account.program, account.address, o.Owner,
			o.leastTokens(q, account.mint, account.held))...)
	}
	return guards
}

// leastTokens returns the least balance that the trade, the legs and the
// allowed spending leave in a token account that held an amount.
func (o BuildOptions) leastTokens(q *route.Quote, mint solana.PublicKey, held uint64) uint64 {
	least := fixed.SaturatingAdd(held, o.prepared.pays(mint))
	inTokens := mint != accounts.NativeMint || q.Request.UseWSOL
	if mint == q.Request.To && inTokens && q.Request.Recipient.IsZero() && q.Receipt == nil {
		least = fixed.SaturatingAdd(least, q.MinOut)
	}
	if mint == q.Request.From && inTokens {
		least = fixed.SaturatingSub(least, q.MaxIn)
	}

	least = fixed.SaturatingSub(least, o.prepared.takes(mint))
	return fixed.SaturatingSub(least, o.Spends[mint])
}
