package sdk

import (
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// closeAccountUnits are the compute units of CloseAccount: 3,100 measured, plus
// a margin.
const closeAccountUnits = 6_000

// closeTokenAccount returns the step that closes a token account to its owner.
func closeTokenAccount(program, account, owner solana.PublicKey) (txn.Step, error) {
	ix, err := instructions.TokenCloseAccount{
		Program:     program,
		Account:     account,
		Destination: owner,
		Owner:       owner,
	}.Build()
	if err != nil {
		return txn.Step{}, err
	}

	return txn.Step{
		Description:  fmt.Sprintf("close the token account %s, its SOL goes to %s", account, owner),
		Instruction:  ix,
		ComputeUnits: closeAccountUnits,
	}, nil
}

// closableBy reports whether the owner can close a token account once it holds
// no tokens. Extensions other than an immutable owner may hold or withhold
// tokens, so accounts with them are kept.
func closableBy(token *accounts.TokenAccount, owner solana.PublicKey) bool {
	return token.Owner == owner && token.State == accounts.TokenInitialized &&
		(token.CloseAuthority == nil || *token.CloseAuthority == owner) &&
		!slices.ContainsFunc(token.Extensions, func(e accounts.Extension) bool {
			return e.Type != accounts.ExtensionImmutableOwner
		})
}

// closesEmptied reports whether a trade closes the account that it empties.
// Steps before the trade may add tokens, so that its balance is not known.
func (o BuildOptions) closesEmptied() bool { return o.CloseEmptied && len(o.Before) == 0 }

// closeEmptied returns the step that closes the account which the trade
// empties. It returns none unless the trade takes the whole balance, and no
// step of the caller names the account.
func (c *composition) closeEmptied(
	q *route.Quote, o BuildOptions, from *source,
) ([]txn.Step, error) {
	switch {
	case !o.closesEmptied() || from == nil || from.missing || !from.closable:
		return nil, nil
	case q.Request.SwapMode != route.ExactIn || q.In != from.amount || q.MaxIn != q.In:
		return nil, nil
	case named(c.after)[from.address] || closesAccount(c.trade, from.address):
		return nil, nil
	}

	step, err := closeTokenAccount(from.program, from.address, o.Owner)
	if err != nil {
		return nil, err
	}
	return []txn.Step{step}, nil
}

// closesAccount reports whether steps close a token account themselves.
func closesAccount(steps []txn.Step, account solana.PublicKey) bool {
	all := explainSteps(solana.PublicKey{}, steps).Instructions
	return slices.ContainsFunc(all, func(in explain.Instruction) bool {
		closed, _ := in.Account("account")
		return in.Name == "CloseAccount" && closed == account
	})
}

// withoutCloseIfTooLarge leaves out the step that closes the emptied account if
// the transaction has no room for it.
func (c *composition) withoutCloseIfTooLarge(plan txn.Plan) {
	if len(c.closing) == 0 {
		return
	}
	if _, err := plan.Compile(); isSizeError(err) {
		c.closing = nil
	}
}
