package route

import (
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// ErrIntegratorFee is returned by [Request.Check] when an [IntegratorFee] is
// not possible: it has no account, a rate of 100 % or more, both a rate and an
// amount, or it is taken from a stake account or from what a recipient
// receives. The error text has the reason. A [Market] also returns it when the
// fee takes all of the amount.
var ErrIntegratorFee = errors.New("integrator fee is not possible")

// IntegratorFee is a fee of the application that requests a trade. The
// transaction transfers it to Account. The zero value is no fee.
type IntegratorFee struct {
	// BPS is the fee in basis points of the input or of the output, rounded
	// down. Example: 20 basis points of an input of 1.5 SOL are 0.003 SOL.
	BPS uint16 `json:"bps,omitzero"`
	// Amount is a fixed fee in base units, instead of BPS.
	Amount uint64 `json:"amount,string,omitzero"`
	// OnInput takes the fee from what the user pays. By default it is taken
	// from what the user receives.
	OnInput bool `json:"onInput,omitzero"`
	// Account receives the fee: a token account of the mint that the fee is in,
	// or for native SOL a wallet. It must exist.
	Account solana.PublicKey `json:"account"`
}

// IntegratorFeeName is the name of an integrator's fee in [Quote.Fees].
const IntegratorFeeName = "integrator fee"

// transferUnits is the number of compute units of the transfer of a fee, with a
// margin.
const transferUnits = 7_000

func (f IntegratorFee) isZero() bool { return f.BPS == 0 && f.Amount == 0 }

// check returns an error for a fee that is not possible for a trade that pays a
// stake account or a recipient.
func (f IntegratorFee) check(paysStake, paysRecipient bool) error {
	refuse := func(reason string) error { return fmt.Errorf("%w: %s", ErrIntegratorFee, reason) }
	switch {
	case f.isZero():
		return nil
	case f.BPS != 0 && f.Amount != 0:
		return refuse("it has a rate and an amount (set one of them)")
	case f.BPS >= fixed.BasisPoints:
		return refuse("a rate of 100 % or more (use a lower one)")
	case f.Account.IsZero():
		return refuse("no account receives it (set Account)")
	case !f.OnInput && paysStake:
		return refuse("it cannot be taken from a stake account (set OnInput)")
	case !f.OnInput && paysRecipient:
		return refuse("it cannot be taken from what a recipient receives (set OnInput)")
	}

	return nil
}

// String returns one line, for example "20 bps of the input to …".
func (f IntegratorFee) String() string {
	if f.isZero() {
		return "no fee"
	}

	side := "output"
	if f.OnInput {
		side = "input"
	}

	if f.Amount != 0 {
		return fmt.Sprintf("%d base units of the %s to %s", f.Amount, side, f.Account)
	}

	return fmt.Sprintf("%d bps of the %s to %s", f.BPS, side, f.Account)
}

// of returns the fee of an amount that includes it.
func (f IntegratorFee) of(gross uint64) uint64 {
	if f.Amount != 0 {
		return f.Amount
	}
	fee, _ := fixed.MulDivFloor(gross, uint64(f.BPS), fixed.BasisPoints) // Less than gross.
	return fee
}

// onTop returns the fee that is added to a net amount, so that it is the fee of
// the sum of both.
func (f IntegratorFee) onTop(net uint64) (uint64, error) {
	if f.Amount != 0 {
		return f.Amount, nil
	}

	gross, err := fixed.MulDivFloor(net, fixed.BasisPoints, fixed.BasisPoints-uint64(f.BPS))
	if err != nil {
		return 0, err
	}

	return gross - net, nil
}

// wrap returns the steps of a trade with the transfer of the fee: before the
// trade if it is taken from the input, and after it otherwise.
func (f IntegratorFee) wrap(
	trade func(BuildParams) ([]txn.Step, error),
	wrapped bool,
	source solana.PublicKey,
	token lst.LST,
	fee uint64,
) func(BuildParams) ([]txn.Step, error) {
	return func(p BuildParams) ([]txn.Step, error) {
		steps, err := trade(p)
		if err != nil || fee == 0 {
			return steps, err
		}

		pay, err := f.transfer(&p, wrapped, source, token, fee)
		if f.OnInput {
			return append([]txn.Step{pay}, steps...), err
		}

		return append(steps, pay), err
	}
}

// transfer returns the step that pays the fee, from the named token account or,
// if source is zero, from the associated one.
func (f IntegratorFee) transfer(
	p *BuildParams, wrapped bool, source solana.PublicKey, token lst.LST, fee uint64,
) (txn.Step, error) {
	if token.Mint == accounts.NativeMint && !wrapped {
		return txn.TransferSOL(p.Owner, f.Account, fee)
	}

	if source.IsZero() {
		var err error
		source, err = p.Addresses.AssociatedToken(p.Owner, token.TokenProgram, token.Mint)
		if err != nil {
			return txn.Step{}, err
		}
	}

	return txn.TransferTokens(token.TokenProgram, token.Mint, source, f.Account, p.Owner, fee,
		token.Decimals)
}
