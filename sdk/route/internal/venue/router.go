package venue

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Compute units as measured with the build of 2025, plus a margin for lists of
// 1,000 validators.
const (
	routerSwapUnits    = 330_000
	routerPrefundUnits = 520_000
)

// routerSource is a source of stake that the Router supports.
type routerSource interface {
	stakeSource
	token() lst.LST
	// updateSteps returns the pool update that precedes the trade, or none.
	updateSteps() ([]txn.Step, error)
	routerSuffix(pick int) (instructions.RouterWithdrawStakeAccounts, error)
}

// routerTerms selects the Router's SwapViaStake instruction, which trades an
// LST for another LST, or for SOL through the Reserve. The owner pays the rent
// of the Router's bridge stake account. With prefund the Router lends it. Since
// the minimum delegation is one SOL, a prefund costs about one SOL.
type routerTerms struct{ prefund bool }

// noPrefund is the refusal of a request that does not allow a prefund,
// dearPrefund of a prefund that costs more than the request allows.
var (
	noPrefund = quote.NewReason(quote.ErrPrefundCost,
		"%[1]v: the request does not allow a prefund")
	dearPrefund = quote.NewReason(quote.ErrPrefundCost,
		"%[1]v: %[2]d lamports, the request allows %[3]d")
)

// allows reports whether the request allows the trade.
func (t *routerTerms) allows(a *offer.Ask, r *quote.Refusal) bool {
	if t.prefund && a.MaxPrefund == 0 {
		return r.Because(noPrefund)
	}
	return true
}

// load sets the costs that all trades through the Router share.
func (t *routerCosts) load(s *state.Snapshot, prefund bool) (err error) {
	*t = routerCosts{}
	if t.tokenRent, err = s.Chain().TokenRent(); err != nil || !prefund {
		return err
	}
	if t.reserve, err = s.Reserve(); err != nil {
		return err
	}
	t.prefund, err = s.Prefund()
	return err
}

// pair sets the costs that depend on the output token.
func (t *routerCosts) pair(s *state.Snapshot, a *offer.Ask) error {
	if err := s.RouterSource(a.FromToken); err != nil {
		return err
	}

	fee, err := s.RouterFee(a.ToToken)
	if err != nil {
		return err
	}
	t.feeAccount, t.rate = fee.Address, quote.RouterSwapViaStakeFee
	if a.ToToken == state.SOL {
		t.rate = quote.RouterReserveFee
	}
	return nil
}

// rentOf returns the rent that the owner pays for the bridge stake account, in
// lamports.
func (p *stakeRoute) rentOf() (uint64, error) {
	if p.router.prefund != nil {
		return 0, nil
	}
	return p.buyer.rent()
}

// throughRouterExactIn calculates the trade of an amount of tokens through the
// Router.
func (p *stakeRoute) throughRouterExactIn(
	tokens uint64,
	pick int,
	rent uint64,
	c *routeResult,
	r *quote.Refusal,
) bool {
	if !p.source.withdraw(pick, tokens, rent, &c.withdrawn, r) {
		return false
	}

	buyer := p.buyer
	if p.router.prefund != nil {
		after, ok := p.prefunded(c, r)
		if !ok {
			return false
		}

		if p.to == state.SOL {
			buyer = after
		}
	}

	if !buyer.buy(&c.withdrawn, &c.proceeds, r) {
		return false
	}

	received, err := fixed.Add(c.proceeds.out, c.proceeds.referral)
	if err != nil {
		return r.BecauseErr(nil, err)
	}

	var ok bool
	c.payout, ok = quote.RouterPayoutOf(received, p.router.rate, r)
	c.out, c.referral, c.own = c.payout.Out, 0, c.proceeds.own

	return ok
}

// prefunded subtracts the prefund from the withdrawn stake. It returns the
// Reserve as it is after it has bought that part.
func (p *stakeRoute) prefunded(c *routeResult, r *quote.Refusal) (*toReserve, bool) {
	var err error
	if c.prefund, err = p.router.prefund.Quote(c.withdrawn.stake.Lamports); err != nil {
		return nil, r.BecauseErr(nil, err)
	}

	stake := &c.withdrawn.stake
	stake.Account.Delegation.Stake = c.prefund.Staked
	if stake.Lamports, err = fixed.Add(c.prefund.Staked, c.prefund.Unstaked); err != nil {
		return nil, r.BecauseErr(nil, err)
	}

	after := *p.router.reserve
	after.Pool = c.prefund.Reserve
	after.Prices = after.Pool.Prepare()

	return &toReserve{pool: &after}, true
}

// net returns the output after the rent that the owner paid is subtracted.
func (p *stakeRoute) net(c *routeResult, rent uint64) uint64 {
	if p.toSOL {
		return fixed.SaturatingSub(c.payout.Out, rent)
	}
	return c.payout.Out
}

// smallest calculates the trade with the smallest input that yields at least
// out, within the range that the source and the buyer accept.
func (p *stakeRoute) smallest(
	out uint64,
	pick int,
	rent uint64,
	c *routeResult,
	r *quote.Refusal,
) bool {
	if out == 0 {
		return r.Because(offer.ZeroAmount)
	}

	quoted := false
	refusal := uint64(noRefusal) // the last stake that the buyer refused
	// The source provides any stake for the smallest input, so search for the
	// stake.
	net := func(staked uint64) (uint64, error) {
		if !p.source.withdrawExactOut(pick, staked, rent, &c.withdrawn, nil) {
			return 0, offer.RefusedAt(staked)
		}

		if !p.throughRouterExactIn(c.withdrawn.in, pick, rent, c, nil) {
			refusal = staked
			return 0, offer.RefusedAt(staked)
		}

		quoted = true
		return p.net(c, rent), nil
	}

	var staked uint64
	low, high, err := bracket(out, net)
	switch {
	case err == nil:
		staked, err = smallestWithin(out, low, high, net)
	case p.quiet && p.beyond(out, pick, net):
		return r.Because(offer.TooLarge)
	}

	if err != nil {
		// The full search finds the reason.
		quoted, refusal = false, noRefusal
		staked, err = smallest(out, net)
	}

	var at offer.RefusedAt
	switch refused := errors.As(err, &at); {
	case err == nil:
	case !quoted && refusal != noRefusal:
		// If the buyer refuses every amount, its refusal is the reason, not the
		// limit of the source.
		staked = refusal

	case refused:
		staked = uint64(at)
	default:
		return r.BecauseErr(nil, err)
	}

	return p.source.withdrawExactOut(pick, staked, rent, &c.withdrawn, r) &&
		p.throughRouterExactIn(c.withdrawn.in, pick, rent, c, r)
}

// beyond reports whether an output exceeds the output for the most stake that
// can be traded. It may return false for an output that is too large. The full
// search then refuses it.
func (p *stakeRoute) beyond(out uint64, pick int, net func(uint64) (uint64, error)) bool {
	if !p.most.isOf(p, pick) {
		p.most = most{
			at:         p.at,
			from:       p.from,
			to:         p.to,
			poolUpdate: p.poolUpdate,
			wrapped:    p.wrapped,
			accounts:   p.accounts,
			pick:       pick,
			yield:      mostYield(net),
		}
	}

	// The margin covers rounding.
	return p.most.yield > 0 && out > fixed.SaturatingAdd(p.most.yield, 1<<10+p.most.yield>>32)
}

// noRefusal is an amount that searches never evaluate.
const noRefusal = math.MaxUint64

// throughRouter calculates the trade of an amount through the Router.
func (p *stakeRoute) throughRouter(
	a *offer.Ask,
	amount uint64,
	pick int,
	c *routeResult,
	r *quote.Refusal,
) bool {
	rent, err := p.rentOf()
	if err != nil {
		return r.BecauseErr(nil, err)
	}

	send := p.throughRouterExactIn
	if a.SwapMode == terms.ExactOut {
		send = p.smallest
	}

	ok := send(amount, pick, rent, c, r)
	if ok && p.router.prefund != nil && c.prefund.Cost > a.MaxPrefund {
		return r.Because(dearPrefund, c.prefund.Cost, a.MaxPrefund)
	}

	return ok
}

// describeRouter adds the fees of the Router.
func (p *stakeRoute) describeRouter(a *offer.Ask, c *routeResult, d *offer.Details) {
	d.Accounts = append(d.Accounts, p.router.feeAccount)
	if c.payout.Fee > 0 {
		d.Fees = append(d.Fees, terms.Fee{
			Name:      "Router fee",
			Amount:    c.payout.Fee,
			Mint:      a.To,
			Rate:      offer.Fraction(p.router.rate, fixed.BasisPoints),
			Recipient: p.router.feeAccount,
		})
	}

	if p.router.prefund == nil {
		return
	}

	fee := terms.Fee{
		Name:   "prefund, to the Router",
		Amount: c.prefund.Cost,
		Mint:   accounts.NativeMint,
		Rate:   fmt.Sprintf("%d/%d", c.prefund.Cost, c.prefund.Withdrawn),
	}

	// With an error, the prefunder's balance would not have been loaded.
	fee.Recipient, _ = accounts.RouterPrefunder(accounts.RouterProgram)
	d.Fees = append(d.Fees, fee)
}

// bridgeSeed derives the seed of the Router's bridge stake account from the
// seed of the build parameters, which an owner uses only once.
func bridgeSeed(seed string) uint32 {
	sum := sha256.Sum256([]byte(seed))
	return binary.LittleEndian.Uint32(sum[:4])
}

// stepsByRouter returns the instructions that move the stake through the
// Router.
func (c routeSteps) stepsByRouter(params terms.BuildParams) ([]txn.Step, error) {
	from, rent := c.source.(routerSource), c.result.withdrawn.rent
	seed := bridgeSeed(params.Seed)
	bridge, err := accounts.RouterBridgeStake(accounts.RouterProgram, params.Owner, seed)
	if err != nil {
		return nil, err
	}

	paid, got := from.token(), c.buyer.token()
	source, err := c.ask.Source(params, paid.Mint, paid.TokenProgram)
	if err != nil {
		return nil, err
	}

	open, destination, closing, err := c.destination(params, rent)
	if err != nil {
		return nil, err
	}

	poolUpdate, err := from.updateSteps()
	if err != nil {
		return nil, err
	}

	buyerUpdate, err := c.buyer.updateSteps()
	if err != nil {
		return nil, err
	}

	poolUpdate = append(poolUpdate, buyerUpdate...)
	suffix, err := from.routerSuffix(c.pick)
	if err != nil {
		return nil, err
	}

	text := fmt.Sprintf("swap %s %s for %s through stake by the Router",
		paid.Format(c.result.withdrawn.in), paid.Symbol, got.Symbol) +
		c.ask.RecipientSuffix(params.Owner)
	swap := instructions.RouterSwapViaStake{
		Program:     accounts.RouterProgram,
		User:        params.Owner,
		Source:      source,
		Destination: destination,
		PoolTokens:  c.result.withdrawn.in,
		BridgeSeed:  seed,
		From:        suffix,
		To:          c.buyer.routerDeposit(c.validator, bridge),
	}
	if c.router.prefund != nil {
		ix, err := instructions.RouterPrefundSwapViaStake{
			Program:     swap.Program,
			User:        swap.User,
			Source:      swap.Source,
			Destination: swap.Destination,
			PoolTokens:  swap.PoolTokens,
			BridgeSeed:  seed,
			From:        swap.From,
			To:          swap.To,
			Reserve:     c.router.reserve.Keys,
		}.Build()
		if err != nil {
			return nil, err
		}

		return slices.Concat(poolUpdate, open, []txn.Step{{
			Description:  text + ", prefunded",
			Instruction:  ix,
			ComputeUnits: routerPrefundUnits,
		}}, closing), nil
	}

	ix, err := swap.Build()
	if err != nil {
		return nil, err
	}

	fund, err := txn.TransferSOL(c.funder(params), bridge, rent)
	if err != nil {
		return nil, err
	}

	fund.Description = "pay the rent of the Router's stake account"

	return slices.Concat(poolUpdate, open, []txn.Step{fund, {
		Description:  text,
		Instruction:  ix,
		ComputeUnits: routerSwapUnits,
	}}, closing), nil
}

// funder returns who pays the rent of the bridge: the payer if the rent is
// returned, the owner if it becomes part of the output.
func (c routeSteps) funder(params terms.BuildParams) solana.PublicKey {
	if c.toSOL {
		return params.Payer
	}
	return params.Owner
}

// destination returns the account that receives the output, with the
// instructions that open and close it: a token account of the owner, or a
// temporary account for SOL.
func (c routeSteps) destination(
	params terms.BuildParams, rent uint64,
) (open []txn.Step, account solana.PublicKey, closing []txn.Step, err error) {
	if !c.toSOL {
		token := c.buyer.token()
		account, open, err = c.ask.TokenAccount(params, token.Mint, token.TokenProgram)
		if err != nil || !c.wrapped {
			return open, account, nil, err
		}

		// The balance before the trade, to which the check compares, includes
		// lamports that the account holds without showing them.
		sync, err := txn.SyncWSOL(account)

		return open, account, []txn.Step{sync}, err
	}

	w, err := c.ask.SOLDestination(params, c.router.tokenRent, false)
	if err != nil {
		return nil, account, nil, err
	}

	if c.ask.PaysOther(params) {
		closing, err = w.Close(c.minOut, rent)
		return w.Open, w.Address, closing, err
	}

	if closing, err = w.Close(c.minOut+rent, 0); err != nil {
		return nil, account, nil, err
	}

	if rent > 0 && params.Payer != params.Owner {
		back, err := txn.TransferSOL(params.Owner, params.Payer, rent)
		if err != nil {
			return nil, account, nil, err
		}

		closing = append(closing, back)
	}

	return w.Open, w.Address, closing, nil
}
