package offer

import (
	"strconv"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Details are the texts and instructions of a chosen offer.
type Details struct {
	Fees       []terms.Fee
	Costs      []terms.Cost
	Conditions []string
	// Next lists the remaining steps until the owner has SOL. It is empty if
	// the trade pays SOL or an LST.
	Next []string
	// StakeAccounts are the stake accounts that the trade creates for the
	// receiver.
	StakeAccounts []terms.ReceivedStake
	// Receipt is the receipt that the trade gives instead of its output token,
	// or nil. It has no owner, base and bump seed yet.
	Receipt *accounts.InterceptorReceipt
	// Validator is the vote account of the stake that the trade moves. It is
	// zero if the trade moves none, or that of several validators.
	Validator solana.PublicKey
	// Accounts are the accounts that determine the offer.
	Accounts []solana.PublicKey
	// TokenProgram is the token program of the token account whose balance is
	// checked, see [terms.CheckedByBalance].
	TokenProgram solana.PublicKey
	// Steps returns the instructions of the trade without the balance check.
	Steps func(terms.BuildParams) ([]txn.Step, error)
}

// GuardBalance adds the check of the balance of the owner's token account, for
// programs whose instruction has no minimum output.
func (d *Details) GuardBalance(tokenProgram solana.PublicKey) {
	d.TokenProgram = tokenProgram
	d.Conditions = append(
		d.Conditions,
		"the program has no minimum output: the transaction checks that the balance of the token account has grown by it, a check that tokens from elsewhere weaken",
	)
}

// FeeRate returns the rate of a fee as a fraction, for example "1/1000".
func FeeRate(f accounts.Fee) string {
	if f.IsZero() {
		return "0"
	}
	return Fraction(f.Numerator, f.Denominator)
}

// Fraction returns a fraction, for example "1/1000".
func Fraction(numerator, denominator uint64) string {
	var room [41]byte
	text := append(strconv.AppendUint(room[:0], numerator, 10), '/')
	return string(strconv.AppendUint(text, denominator, 10))
}
