package venue

import (
	"fmt"
	"math"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// depositStakeUnits are the compute units of DepositStake as measured with the
// builds of 2025, plus a margin for lists of 1,000 validators.
const depositStakeUnits = 150_000

// toStakePool pays an LST for stake with the DepositStake instruction of the
// LST's stake pool.
type toStakePool struct {
	pool *state.StakePoolStake
	// stale is the pool before its update, or nil if it is not updated.
	stale *state.StakePool
	// own reports whether the manager's fee arrives with the output.
	own bool
	// withheld reports whether the trade could pay with a receipt, which the
	// request does not accept.
	withheld bool
	number   state.Token
	chain    *state.Chain
	snap     *state.Snapshot

	// voter is the last validator, and known the pool's stake with it. A search
	// needs those of the same validator repeatedly.
	voter solana.PublicKey
	known *state.ValidatorStake
	asked bool
}

// validator returns the pool's stake with a validator, or nil.
func (t *toStakePool) validator(voter *solana.PublicKey) *state.ValidatorStake {
	if !t.asked || t.voter != *voter {
		t.voter, t.known, t.asked = *voter, t.pool.Validator(t.snap.Vote(*voter)), true
	}
	return t.known
}

func (t *toStakePool) token() lst.LST { return t.pool.LST }

func (t *toStakePool) accounts(v validator) []solana.PublicKey {
	return stakePoolAccounts(t.pool, t.stakeOf(v))
}

// stakeOf returns the pool's loaded stake account with a validator, or zero.
func (t *toStakePool) stakeOf(v validator) solana.PublicKey {
	if known := t.pool.Validator(v.number); known != nil {
		return known.Address
	}
	return solana.PublicKey{}
}

func (t *toStakePool) routerDeposit(
	v validator,
	_ solana.PublicKey,
) instructions.RouterDepositStakeAccounts {
	return instructions.RouterStakePoolDepositStake(t.pool.Keys, t.stakeOf(v))
}

func (t *toStakePool) accepts(v validator) bool { return t.pool.Accepts(v.number) }

func (t *toStakePool) rent() (uint64, error) { return t.chain.StakeRent() }

func (t *toStakePool) buy(d *withdrawnStake, given *proceeds, r *quote.Refusal) bool {
	staked, unstaked, ok := t.parts(d, r)
	if !ok {
		return false
	}

	q, ok := t.pool.Prices.DepositStake(staked, unstaked, r)
	if !ok {
		return unauthorized(t.pool, t.withheld, r)
	}

	*given = proceeds{
		out:      q.Tokens,
		fee:      q.ManagerFee,
		referral: q.ReferralFee,
		exact:    q.Exact,
		price:    t.pool.Prices.Price(),
		leaves: leaves(t.pool.StakePool, t.number, t.pool.Prices, q.Exact, staked+unstaked,
			q.Tokens, q.ReferralFee, q.ManagerFee),
	}

	given.leaves.Updated = t.stale != nil && given.leaves.Known()
	if t.own {
		given.own, given.fee = q.ManagerFee, 0
	}

	return addReceipt(t.pool, t.chain, given, r)
}

func (t *toStakePool) pays() (most uint64, price quote.Price) {
	return math.MaxUint64, t.pool.Prices.Price()
}

func (t *toStakePool) buyExactOut(
	out uint64,
	like *withdrawnStake,
	r *quote.Refusal,
) (uint64, bool) {
	staked, unstaked, ok := t.parts(like, r)
	if !ok {
		return 0, false
	}

	q, ok := t.pool.Prices.DepositStakeExactOut(out, unstaked, r)
	if !ok {
		return 0, unauthorized(t.pool, t.withheld, r)
	}

	// The rent of activating stake counts as stake although it is not
	// delegated.
	beyond := fixed.SaturatingSub(staked, like.stake.Account.Delegation.Stake)

	return fixed.SaturatingSub(q.Staked, beyond), true
}

func (t *toStakePool) describe(_ *withdrawnStake, given *proceeds) proceedsText {
	s := &t.pool.Pool.State
	rate := fmt.Sprintf("%s, %s of unstaked lamports", offer.FeeRate(s.StakeDepositFee),
		offer.FeeRate(s.SOLDepositFee))
	texts := proceedsText{referralRate: fmt.Sprintf("%d/100 of %s", s.StakeReferralFee, rate),
		condition: unknownBuild}
	if t.stale != nil {
		texts.updates = updateConditions(t.stale, t.stale.Update.OpensDeposits)
	}

	if given.fee > 0 {
		texts.fees = []terms.Fee{{
			Name:      "stake deposit fee",
			Amount:    given.fee,
			Mint:      s.PoolMint,
			Rate:      rate,
			Recipient: s.ManagerFeeAccount,
		}}
	}

	return texts
}

// parts splits the balance of a stake account into the stake and the rest.
func (t *toStakePool) parts(
	d *withdrawnStake,
	r *quote.Refusal,
) (staked, unstaked uint64, ok bool) {
	if v := t.validator(&d.stake.Account.Delegation.Voter); v != nil {
		return t.pool.Prices.StakePartsOf(&v.Source.Entry, &d.stake, &v.Source.Stake, r)
	}
	return t.pool.Prices.StakeParts(t.pool.List, d.stake, quote.StakeAccountState{}, r)
}

func (t *toStakePool) updateSteps() ([]txn.Step, error) {
	return updateSteps(t.stale, t.stale != nil && t.stale.Update.OpensDeposits)
}

func (t *toStakePool) steps(p terms.BuildParams, h stakeTransfer) ([]txn.Step, error) {
	if t.pool.Interceptor != nil {
		steps, err := t.updateSteps()
		if err != nil {
			return nil, err
		}

		return receiptSteps(t.pool, t.stakeOf(h.validator), p, h, steps)
	}

	owner := p.Owner
	destination, create, err := h.ask.TokenAccount(p, t.pool.Keys.Mint, t.pool.Keys.TokenProgram)
	if err != nil {
		return nil, err
	}

	referrer := h.ask.Referrer
	if referrer.IsZero() {
		referrer = destination
	}

	deposit, err := instructions.StakePoolDepositStakeWithSlippage{
		StakePoolDepositStake: instructions.StakePoolDepositStake{
			Pool:           t.pool.Keys,
			Stake:          h.stake,
			ValidatorStake: t.stakeOf(h.validator),
			Destination:    destination,
			Referrer:       referrer,
			Addresses:      p.Addresses,
		},
		MinimumTokensOut: h.minimum,
	}.Build()
	if err != nil {
		return nil, err
	}

	authorize, err := txn.AuthorizeStake(h.stake, p.Owner, t.pool.Keys.StakeDepositAuthority)
	if err != nil {
		return nil, err
	}

	steps, err := t.updateSteps()
	if err != nil {
		return nil, err
	}

	steps = append(append(steps, create...), authorize...)

	return append(steps, txn.Step{
		Describe: func() string {
			return fmt.Sprintf(
				"deposit the stake account %s into the stake pool of %s for at least %s %s",
				h.stake,
				t.pool.LST.Symbol,
				t.pool.LST.Format(h.minimum),
				t.pool.LST.Symbol,
			) +
				h.ask.RecipientSuffix(owner)
		},
		Instruction:  deposit,
		ComputeUnits: depositStakeUnits,
	}), nil
}
