package terms

import (
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// MinOutCheck is the check on chain that makes a transaction fail if it would
// pay less than the quote's minimum output.
type MinOutCheck uint8

// The kinds of minimum output checks.
const (
	// CheckedByProgram is a check by the program that pays: its instruction
	// contains the minimum output.
	CheckedByProgram MinOutCheck = iota
	// CheckedByTempAccount is a check of the balance of a temporary token
	// account that receives the output and exists within the transaction only.
	CheckedByTempAccount
	// CheckedByBalance is a check that the balance of the owner's token account
	// has grown by the minimum output since [BuildParams].PreBalance was read.
	// Tokens that arrive from elsewhere in the meantime weaken the check.
	// Tokens that leave the account in the meantime make the transaction fail.
	CheckedByBalance
	// CheckedByReceipt is a check by the program that issues a receipt: its
	// instruction contains the minimum amount of the receipt. The claim of the
	// receipt pays that amount after the cool-down, and less a fee before.
	CheckedByReceipt
	// BoundedByProgram means that the transaction has no check. The program
	// pays at least the minimum output, because its price does not fall within
	// an epoch, and its fee is fixed or has a maximum that the minimum output
	// allows for.
	BoundedByProgram
)

// String returns the name of the checker, for example "program".
func (g MinOutCheck) String() string {
	switch g {
	case CheckedByProgram:
		return "program"
	case CheckedByTempAccount:
		return "temporary account"
	case CheckedByBalance:
		return "balance"
	case CheckedByReceipt:
		return "receipt"
	case BoundedByProgram:
		return "bound of the program"
	}

	return fmt.Sprintf("MinOutCheck(%d)", uint8(g))
}

// minOutChecks are the words of the checks in JSON.
var minOutChecks = []string{
	CheckedByProgram:     "program",
	CheckedByTempAccount: "temporaryAccount",
	CheckedByBalance:     "balance",
	CheckedByReceipt:     "receipt",
	BoundedByProgram:     "boundOfProgram",
}

// MarshalText returns a word, for example "temporaryAccount". It returns
// [ErrUnknownWord] for an unknown check.
func (g MinOutCheck) MarshalText() ([]byte, error) {
	return wordOf(minOutChecks, "minimum output check", uint8(g))
}

// UnmarshalText reads the text of [MinOutCheck.MarshalText]. It returns
// [ErrUnknownWord] for another text.
func (g *MinOutCheck) UnmarshalText(text []byte) error {
	number, err := numberOf(minOutChecks, "minimum output check", text)
	if err == nil {
		*g = MinOutCheck(number)
	}
	return err
}

// ErrMissingParam is returned when [BuildParams] lacks an account or a balance
// that the quote needs. The error text names it.
var ErrMissingParam = errors.New("missing build parameter")

// BuildParams are the accounts and values that turn a quote into instructions.
type BuildParams struct {
	// Owner is the wallet that holds the input. It signs the transaction.
	Owner solana.PublicKey
	// Payer is the fee payer. It also pays the rent of accounts that the
	// transaction creates.
	Payer solana.PublicKey
	// Seed and the owner determine the address of temporary accounts. Use a new
	// seed for each trade of an owner: at most 32 characters, or 31 for a quote
	// with two legs, where the first leg appends "1", and 30 for a quote with
	// several stake accounts, where the second one appends "/2". A stake
	// account that the trade creates keeps its address, see [ReceivedStake].
	Seed string
	// NewAccount is the address of the stake account to create, for quotes with
	// NeedsStakeKeypair. The account must not exist yet, and its key signs the
	// transaction. If the quote has a receipt, it is the base of the receipt's
	// address, see [accounts.InterceptorReceiptAddress].
	NewAccount solana.PublicKey
	// PreBalance is the balance of the owner's token account of the output
	// token, in base units; zero if the account does not exist. It is required
	// for quotes with [CheckedByBalance].
	PreBalance *uint64
	// Addresses caches the derived addresses of token accounts. If it is nil,
	// each trade derives them again.
	Addresses *accounts.Addresses
	// DeferDescriptions leaves the descriptions of most instructions empty
	// until [txn.Step.Describe] is called. Set it if the descriptions are not
	// shown.
	DeferDescriptions bool
}

// RequireBalance returns an instruction that fails unless the owner's token
// account of a mint has at least PreBalance plus minOut base units.
//
// The error wraps [ErrMissingParam] if PreBalance is nil.
func (p *BuildParams) RequireBalance(
	tokenProgram, mint solana.PublicKey,
	minOut uint64,
) (txn.Step, error) {
	if p == nil || p.PreBalance == nil {
		return txn.Step{}, fmt.Errorf("%w: PreBalance, the owner's balance of %s",
			ErrMissingParam, mint)
	}

	account, err := p.Addresses.AssociatedToken(p.Owner, tokenProgram, mint)
	if err != nil {
		return txn.Step{}, err
	}

	return p.RequireBalanceOf(account, tokenProgram, minOut)
}

// RequireBalanceOf is [BuildParams.RequireBalance] for a token account of the
// owner other than the associated one.
func (p *BuildParams) RequireBalanceOf(
	account, tokenProgram solana.PublicKey,
	minOut uint64,
) (txn.Step, error) {
	if p == nil || p.PreBalance == nil {
		return txn.Step{}, fmt.Errorf("%w: PreBalance, the balance of %s", ErrMissingParam, account)
	}

	least, err := fixed.Add(*p.PreBalance, minOut)
	if err != nil {
		return txn.Step{}, err
	}

	return txn.RequireBalance(tokenProgram, account, p.Owner, least)
}
