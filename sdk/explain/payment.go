package explain

import (
	"slices"

	"github.com/gagliardetto/solana-go"
)

// Payment describes the payment of an instruction from a token account.
type Payment struct {
	// Account is the token account, and Owner the key that signs for it.
	Account solana.PublicKey `json:"account"`
	Owner   solana.PublicKey `json:"owner"`
	// Mint is the mint of the token. It is zero if the transaction does not
	// contain it.
	Mint solana.PublicKey `json:"mint,omitzero"`
	// Amount is the maximum number of base units that leave the account.
	Amount uint64 `json:"amount"`
	// Check is set if the instruction transfers from the account to itself.
	// Nothing leaves the account then, and the transaction fails unless the
	// account holds Amount.
	Check bool `json:"check,omitempty"`
}

// Roles of the token account that pays and of the key that signs for it.
var (
	paysRoles  = []string{"source token account", "input token account", "source"}
	ownerRoles = []string{"token authority", "user", "signer", "owner", "authority"}
)

// Payment returns the payment that the instruction makes from a token account.
// It reports false if the instruction makes none or is unknown. Unwrapped SOL
// is not in a token account and does not count.
func (i Instruction) Payment() (Payment, bool) {
	var p Payment
	switch {
	case i.is(nameInfinity, "AddLiquidity"):
		p.Account = i.key("LST token account")
	case i.is(nameInfinity, "RemoveLiquidity"):
		p.Account = i.key("LP token account")
	case i.is(nameToken, "Approve", "ApproveChecked", "Revoke"):
		return Payment{}, false
	case i.Known():
		p.Account = i.firstOf(paysRoles)
	}

	p.Owner = i.firstOf(ownerRoles)

	// Some instructions have the minimum output before the amount.
	at := slices.IndexFunc(i.Amounts, func(a Amount) bool {
		return a.Unit == UnitTokens && a.Name != "minimum out" && a.Name != "minimum tokens out"
	})
	if p.Account.IsZero() || p.Owner.IsZero() || at < 0 {
		return Payment{}, false
	}

	p.Amount, p.Mint = i.Amounts[at].Value, i.Amounts[at].Mint
	p.Check = p.Account == i.key("destination")

	return p, true
}

// firstOf returns the account of the first of the roles that the instruction
// has, or zero.
func (i Instruction) firstOf(roles []string) solana.PublicKey {
	for _, role := range roles {
		if key, ok := i.Account(role); ok {
			return key
		}
	}
	return solana.PublicKey{}
}
