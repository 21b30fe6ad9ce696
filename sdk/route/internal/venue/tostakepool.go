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

// depositStakeUnits is what DepositStake was measured to need on the builds of 2025, with room for lists of a thousand validators.
const depositStakeUnits = 150_000

// toStakePool takes stake by DepositStake.
type toStakePool struct {
	pool   *state.StakePoolStake
	number state.Token
	chain  *state.Chain
	snap   *state.Snapshot

	// voter is the validator that was asked for last, and known what the pool
	// knows of it: a search asks for the same again and again.
	voter solana.PublicKey
	known *state.ValidatorStake
	asked bool
}

// validator is what the pool knows of a validator, nil if that is nothing.
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

// stakeOf is the pool's loaded stake account with a validator, zero if there is none.
func (t *toStakePool) stakeOf(v validator) solana.PublicKey {
	if known := t.pool.Validator(v.number); known != nil {
		return known.Address
	}
	return solana.PublicKey{}
}

func (t *toStakePool) routerDeposit(v validator, _ solana.PublicKey) instructions.DepositStakeSuffix {
	return instructions.StakePoolDepositStake(t.pool.Keys, t.stakeOf(v))
}

func (t *toStakePool) accepts(v validator) bool { return t.pool.Accepts(v.number) }

func (t *toStakePool) rent() (uint64, error) { return t.chain.StakeRent() }

func (t *toStakePool) take(d *drawn, given *taken, r *quote.Refusal) bool {
	staked, unstaked, ok := t.parts(d, r)
	if !ok {
		return false
	}
	q, ok := t.pool.Prices.DepositStake(staked, unstaked, r)
	if !ok {
		return false
	}
	*given = taken{
		out:      q.Tokens,
		fee:      q.ManagerFee,
		referral: q.ReferralFee,
		exact:    q.Exact,
		price:    t.pool.Prices.Price(),
		leaves: leaves(t.pool.StakePool, t.number, t.pool.Prices, q.Exact, staked+unstaked,
			q.Tokens, q.ReferralFee, q.ManagerFee),
	}
	return true
}

func (t *toStakePool) pays() (most uint64, price quote.Price) {
	return math.MaxUint64, t.pool.Prices.Price()
}

func (t *toStakePool) takeExactOut(out uint64, like *drawn, r *quote.Refusal) (uint64, bool) {
	staked, unstaked, ok := t.parts(like, r)
	if !ok {
		return 0, false
	}
	q, ok := t.pool.Prices.DepositStakeExactOut(out, unstaked, r)
	// The rent of activating stake counts as stake, though it is not delegated.
	beyond := fixed.SaturatingSub(staked, like.stake.Account.Delegation.Stake)
	return fixed.SaturatingSub(q.Staked, beyond), ok
}

func (t *toStakePool) describe(_ *drawn, given *taken) takenWords {
	s := &t.pool.Pool.State
	rate := fmt.Sprintf("%s, %s of what is not staked", offer.FeeRate(s.StakeDepositFee), offer.FeeRate(s.SolDepositFee))
	words := takenWords{referralRate: fmt.Sprintf("%d/100 of %s", s.StakeReferralFee, rate), condition: unknownBuild}
	if given.fee > 0 {
		words.fees = []terms.Fee{{Name: "stake deposit fee", Amount: given.fee, Mint: s.PoolMint, Rate: rate, Recipient: s.ManagerFeeAccount}}
	}
	return words
}

// parts splits the balance of an account into what counts as stake and the rest.
func (t *toStakePool) parts(d *drawn, r *quote.Refusal) (staked, unstaked uint64, ok bool) {
	if v := t.validator(&d.stake.Account.Delegation.Voter); v != nil {
		return t.pool.Prices.StakePartsOf(&v.Source.Entry, &d.stake, &v.Source.Stake, r)
	}
	return t.pool.Prices.StakeParts(t.pool.List, d.stake, quote.LiveStake{}, r)
}

func (t *toStakePool) steps(p terms.Parties, h handover) ([]txn.Step, error) {
	owner := p.Owner
	destination, create, err := h.ask.TokenAccount(p, t.pool.Keys.Mint, t.pool.Keys.TokenProgram)
	if err != nil {
		return nil, err
	}
	referrer := h.ask.Referrer
	if referrer.IsZero() {
		referrer = destination
	}
	deposit, err := instructions.DepositStakeWithSlippage{
		DepositStake: instructions.DepositStake{
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
	steps := append([]txn.Step{create}, authorize...)
	return append(steps, txn.Step{
		Tell: func() string {
			return fmt.Sprintf("deposit the stake account %s into the stake pool of %s for at least %s %s",
				h.stake, t.pool.LST.Symbol, t.pool.LST.Format(h.minimum), t.pool.LST.Symbol) + h.ask.ForWhom(owner)
		},
		Instruction: deposit,
		Units:       depositStakeUnits,
	}), nil
}
