package offer

import (
	"strconv"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Details is what a chosen offer is made of.
type Details struct {
	Fees       []terms.Fee
	Costs      []terms.Cost
	Conditions []string
	// Next says what remains to be done for SOL, in words, if something does.
	Next []string
	// Accounts are those that the offer was made from.
	Accounts []solana.PublicKey
	// TokenProgram is that of the token whose balance is checked, see
	// [terms.CheckedByBalance].
	TokenProgram solana.PublicKey
	// Steps carry the offer out, without the check of the balance.
	Steps func(terms.BuildParams) ([]txn.Step, error)
}

// GuardBalance says that the program takes no limit, so that the balance of the
// owner's token account is checked.
func (d *Details) GuardBalance(tokenProgram solana.PublicKey) {
	d.TokenProgram = tokenProgram
	d.Conditions = append(
		d.Conditions,
		"the program takes no limit: the transaction checks that the token account has grown by it, which tokens from elsewhere would weaken",
	)
}

// FeeRate spells the rate of a fee.
func FeeRate(f accounts.Fee) string {
	if f.IsZero() {
		return "0"
	}
	return Fraction(f.Numerator, f.Denominator)
}

// Fraction spells a fraction.
func Fraction(numerator, denominator uint64) string {
	var room [41]byte
	text := append(strconv.AppendUint(room[:0], numerator, 10), '/')
	return string(strconv.AppendUint(text, denominator, 10))
}
