package explain

import (
	"slices"

	"github.com/gagliardetto/solana-go"
)

// Payment is what an instruction takes out of a token account.
type Payment struct {
	// Account is the token account, and Owner the key that signs for it.
	Account solana.PublicKey `json:"account"`
	Owner   solana.PublicKey `json:"owner"`
	// Mint is the token; zero where the transaction does not tell.
	Mint solana.PublicKey `json:"mint,omitzero"`
	// Amount is how many base units leave the account, at most.
	Amount uint64 `json:"amount"`
	// Check marks a transfer of the account to itself. Nothing leaves it then:
	// the transaction fails unless the account holds the amount.
	Check bool `json:"check,omitempty"`
}

// Roles in which an instruction has the token account that pays, and the key
// that signs for it.
var (
	paysRoles  = []string{"source token account", "input token account", "source"}
	ownerRoles = []string{"token authority", "user", "signer", "owner", "authority"}
)

// Payment returns what the instruction takes out of a token account; false if
// it takes nothing out of any, or is not known. SOL that is not wrapped is in
// no token account.
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

	// Limits of what is received come before the amount in some instructions.
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

// firstOf is the account in the first of some roles that the instruction has.
func (i Instruction) firstOf(roles []string) solana.PublicKey {
	for _, role := range roles {
		if key, ok := i.Account(role); ok {
			return key
		}
	}
	return solana.PublicKey{}
}
