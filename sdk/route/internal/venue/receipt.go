package venue

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// This file deposits stake through Jito's stake deposit interceptor, which
// gives a receipt instead of the pool's token.

// interceptedStakeUnits are the compute units of DepositStake through the
// interceptor, plus a margin for lists of 1,000 validators.
const interceptedStakeUnits = 180_000

// receiptNotAccepted is the refusal of a pool that gives receipts, with its
// stake deposit authority.
var receiptNotAccepted = quote.NewReason(terms.ErrReceiptNotAccepted,
	"%[1]v: its authority %[5]v is that of Jito's stake deposit interceptor")

// unauthorized replaces the refusal of a pool whose authority has to sign by
// one that tells which account the authority is, and returns false. withheld
// reports whether the pool could give a receipt, which the request does not
// accept.
func unauthorized(pool *state.StakePoolStake, withheld bool, r *quote.Refusal) bool {
	switch {
	case pool.AuthorityErr == nil || !r.Is(quote.ErrPermissioned):
		return false
	case withheld && pool.Receipts != nil:
		return r.BecauseOf(receiptNotAccepted, &pool.Keys.StakeDepositAuthority)
	}
	return r.BecauseErr(nil, pool.AuthorityErr)
}

// addReceipt adds the receipt that a pool gives instead of its token, if it
// does.
func addReceipt(
	pool *state.StakePoolStake, chain *state.Chain, given *proceeds, r *quote.Refusal,
) bool {
	if pool.Interceptor == nil {
		return true
	}

	rent, err := chain.Rent.MinimumBalance(accounts.InterceptorReceiptSpace)
	if err != nil {
		return r.BecauseErr(nil, err)
	}

	given.receiptRent, given.guard = rent, terms.CheckedByReceipt

	return true
}

// describeReceipt adds the receipt that a pool gives, its rent, and the claim
// that remains.
func describeReceipt(
	pool *state.StakePoolStake,
	chain *state.Chain,
	a *offer.Ask,
	given *proceeds,
	d *offer.Details,
) error {
	now := chain.Clock.UnixTimestamp
	receipt := pool.Interceptor.Pool.Receipt(given.out, now)
	claim, err := quote.ClaimReceipt(&receipt, now)
	if err != nil {
		return err
	}

	d.Receipt = &receipt
	d.Accounts = append(d.Accounts, receipt.DepositAuthority)
	d.Costs = append(d.Costs, terms.Cost{
		Name:        terms.ReceiptRentCost,
		Lamports:    given.receiptRent,
		Recoverable: a.Recipient.IsZero(),
	})

	holder := "the owner"
	if !a.Recipient.IsZero() {
		holder = "the recipient"
	}

	d.Conditions = append(
		d.Conditions,
		"the token arrives with the claim of a receipt: the minimum output is that of the receipt, which a claim pays in full after the cool-down",
	)

	d.Next = claimSteps(&pool.LST, &receipt, &claim, holder)

	return nil
}

// claimSteps describes the claim of a receipt that is deposited now.
func claimSteps(
	token *lst.LST,
	receipt *accounts.InterceptorReceipt,
	now *quote.ReceiptClaim,
	holder string,
) []string {
	amount := func(tokens uint64) string { return token.Format(tokens) + " " + token.Symbol }
	if !now.OwnerSigns {
		return []string{fmt.Sprintf("claim the receipt: it pays %s to %s at any time",
			amount(now.Tokens), holder)}
	}

	return []string{fmt.Sprintf(
		"claim the receipt: at once it pays %s, and the fee of %s falls to 0 in a straight line over %d seconds; from then on it pays %s, and any account can claim it for %s",
		amount(now.Tokens),
		amount(now.Fee),
		receipt.CoolDownSeconds,
		amount(receipt.PoolTokens),
		holder,
	)}
}

// paysReferral reports whether a deposit of stake can have a referral part.
func paysReferral(s *accounts.StakePool) bool {
	return s.StakeReferralFee > 0 && (!s.StakeDepositFee.IsZero() || !s.SOLDepositFee.IsZero())
}

// receiptSteps appends the instructions that deposit a stake account for a
// receipt. validatorStake is the pool's stake account of the same validator.
// The owner pays the rent of the receipt, which its claim returns.
func receiptSteps(
	pool *state.StakePoolStake,
	validatorStake solana.PublicKey,
	p terms.BuildParams,
	h stakeTransfer,
	steps []txn.Step,
) ([]txn.Step, error) {
	owner, keys := p.Owner, pool.Keys
	referrer := h.ask.Referrer
	switch {
	case !referrer.IsZero():
	case paysReferral(&pool.Pool.State):
		destination, create, err := h.ask.TokenAccount(p, keys.Mint, keys.TokenProgram)
		if err != nil {
			return nil, err
		}

		referrer, steps = destination, append(steps, create...)

	default:
		// Without a referral part the account receives nothing, and needs no
		// account of the owner.
		referrer = keys.ManagerFeeAccount
	}

	deposit, err := instructions.InterceptorDepositStakeWithSlippage{
		InterceptorDepositStake: instructions.InterceptorDepositStake{
			Interceptor:    pool.Interceptor.Keys,
			Pool:           keys,
			Payer:          owner,
			Owner:          h.ask.Receiver(p),
			Base:           p.NewAccount,
			Stake:          h.stake,
			ValidatorStake: validatorStake,
			Referrer:       referrer,
		},
		MinimumTokensOut: h.minimum,
	}.Build()
	if err != nil {
		return nil, err
	}

	authorize, err := txn.AuthorizeStake(h.stake, owner, keys.StakeDepositAuthority)
	if err != nil {
		return nil, err
	}

	return append(append(steps, authorize...), txn.Step{
		Describe: func() string {
			return fmt.Sprintf(
				"deposit the stake account %s into the stake pool of %s for a receipt over at least %s %s",
				h.stake,
				pool.LST.Symbol,
				pool.LST.Format(h.minimum),
				pool.LST.Symbol,
			) +
				h.ask.RecipientSuffix(owner)
		},
		Instruction:  deposit,
		ComputeUnits: interceptedStakeUnits,
	}), nil
}
