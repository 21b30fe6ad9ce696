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

// Compute units as measured on the build of 2025, with room for lists of a thousand validators.
const (
	routerSwapUnits    = 330_000
	routerPrefundUnits = 520_000
)

// routerSource is a source of stake that the Router knows.
type routerSource interface {
	stakeSource
	token() lst.LST
	// crankSteps come first.
	crankSteps() ([]txn.Step, error)
	routerSuffix(pick int) (instructions.WithdrawStakeSuffix, error)
}

// routerTerms say that stake is moved by the Router's SwapViaStake: LST -> SOL by the Reserve, and LST -> LST. The owner pays the rent
// of the stake account in between. With prefund the Router lends it, at a price that has been about one SOL since the minimum
// delegation is.
type routerTerms struct{ prefund bool }

// noPrefund is the refusal of a prefund that the request does not allow, and
// dearPrefund of one that costs too much.
var (
	noPrefund   = quote.NewReason(quote.ErrPrefundCost, "%[1]v: the request does not allow a prefund")
	dearPrefund = quote.NewReason(quote.ErrPrefundCost, "%[1]v: %[2]d lamports, the request allows %[3]d")
)

// allows reports whether the request allows the way.
func (t *routerTerms) allows(a *offer.Ask, r *quote.Refusal) bool {
	if t.prefund && a.MaxPrefund == 0 {
		return r.Because(noPrefund)
	}
	return true
}

// load takes what all trades through the Router have in common.
func (t *crossingTerms) load(s *state.Snapshot, prefund bool) (err error) {
	*t = crossingTerms{}
	if t.tokenRent, err = s.Chain().TokenRent(); err != nil || !prefund {
		return err
	}
	if t.reserve, err = s.Reserve(); err != nil {
		return err
	}
	t.prefund, err = s.Prefund()
	return err
}

// pair takes what a pair of tokens has.
func (t *crossingTerms) pair(s *state.Snapshot, a *offer.Ask) error {
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

// rentOf is what the owner pays for the bridge stake account.
func (p *passage) rentOf() (uint64, error) {
	if p.router.prefund != nil {
		return 0, nil
	}
	return p.taker.rent()
}

// cross sends an amount of tokens through the Router.
func (p *passage) cross(tokens uint64, pick int, rent uint64, c *crossing, r *quote.Refusal) bool {
	if !p.source.draw(pick, tokens, rent, &c.drawn, r) {
		return false
	}
	taker := p.taker
	if p.router.prefund != nil {
		after, ok := p.prefunded(c, r)
		if !ok {
			return false
		}
		if p.toSOL {
			taker = after
		}
	}
	if !taker.take(&c.drawn, &c.taken, r) {
		return false
	}
	received, err := fixed.Add(c.taken.out, c.taken.referral)
	if err != nil {
		return r.BecauseErr(nil, err)
	}
	var ok bool
	c.payout, ok = quote.RouterPayoutOf(received, p.router.rate, r)
	c.out, c.referral = c.payout.Out, 0
	return ok
}

// prefunded takes the prefund out of the stake on its way, and returns the Reserve afterwards, which has bought a part by then.
func (p *passage) prefunded(c *crossing, r *quote.Refusal) (*toReserve, bool) {
	var err error
	if c.prefund, err = p.router.prefund.Quote(c.drawn.stake.Lamports); err != nil {
		return nil, r.BecauseErr(nil, err)
	}
	stake := &c.drawn.stake
	stake.Account.Delegation.Stake = c.prefund.Staked
	if stake.Lamports, err = fixed.Add(c.prefund.Staked, c.prefund.Unstaked); err != nil {
		return nil, r.BecauseErr(nil, err)
	}
	after := *p.router.reserve
	after.Pool = c.prefund.Reserve
	after.Prices = after.Pool.Prepare()
	return &toReserve{pool: &after}, true
}

// net is what a crossing leaves of its payout.
func (p *passage) net(c *crossing, rent uint64) uint64 {
	if p.toSOL {
		return fixed.SaturatingSub(c.payout.Out, rent)
	}
	return c.payout.Out
}

// smallest finds the fewest tokens that yield at least so much, in the range that the source and the taker serve.
func (p *passage) smallest(out uint64, pick int, rent uint64, c *crossing, r *quote.Refusal) bool {
	if out == 0 {
		return r.Because(offer.ZeroAmount)
	}

	quoted := false
	refusal := uint64(noRefusal) // the stake of the last one by the taker
	// Whatever stake is needed, the source gives it for the fewest tokens; so look for the stake.
	net := func(staked uint64) (uint64, error) {
		if !p.source.drawExactOut(pick, staked, rent, &c.drawn, nil) {
			return 0, offer.RefusedAt(staked)
		}
		if !p.cross(c.drawn.in, pick, rent, c, nil) {
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
		// Why there is none is what the whole search tells.
		quoted, refusal = false, noRefusal
		staked, err = smallest(out, net)
	}
	var at offer.RefusedAt
	switch refused := errors.As(err, &at); {
	case err == nil:
	case !quoted && refusal != noRefusal:
		// A taker that takes nothing is the reason, not that the source has no end of stake.
		staked = refusal
	case refused:
		staked = uint64(at)
	default:
		return r.BecauseErr(nil, err)
	}
	return p.source.drawExactOut(pick, staked, rent, &c.drawn, r) && p.cross(c.drawn.in, pick, rent, c, r)
}

// beyond reports whether an output is more than the most stake that crosses
// yields. It may say no where it is: then the search tells.
func (p *passage) beyond(out uint64, pick int, net func(uint64) (uint64, error)) bool {
	if !p.most.isOf(p, pick) {
		p.most = most{at: p.at, from: p.from, to: p.to, crank: p.crank, pick: pick, yield: mostYield(net)}
	}
	// What rounding may do to it, and more.
	return p.most.yield > 0 && out > fixed.SaturatingAdd(p.most.yield, 1<<10+p.most.yield>>32)
}

// noRefusal is no amount that a search asks for.
const noRefusal = math.MaxUint64

// throughRouter sends an amount through the Router.
func (p *passage) throughRouter(a *offer.Ask, amount uint64, pick int, c *crossing, r *quote.Refusal) bool {
	rent, err := p.rentOf()
	if err != nil {
		return r.BecauseErr(nil, err)
	}
	send := p.cross
	if a.Side == terms.ExactOut {
		send = p.smallest
	}
	ok := send(amount, pick, rent, c, r)
	if ok && p.router.prefund != nil && c.prefund.Cost > a.MaxPrefund {
		return r.Because(dearPrefund, c.prefund.Cost, a.MaxPrefund)
	}
	return ok
}

// describeRouter adds what the Router takes.
func (p *passage) describeRouter(a *offer.Ask, c *crossing, d *offer.Deed) {
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
	// An error would have kept the prefunder's balance from being loaded.
	fee.Recipient, _ = accounts.RouterPrefunder(accounts.RouterProgram)
	d.Fees = append(d.Fees, fee)
}

// bridgeSeed is the seed of the Router's stake account, made of that of the parties. No owner uses the same twice.
func bridgeSeed(seed string) uint32 {
	sum := sha256.Sum256([]byte(seed))
	return binary.LittleEndian.Uint32(sum[:4])
}

// stepsByRouter move the stake through the Router.
func (c carried) stepsByRouter(parties terms.Parties) ([]txn.Step, error) {
	from, rent := c.source.(routerSource), c.crossing.drawn.rent
	seed := bridgeSeed(parties.Seed)
	bridge, err := accounts.RouterBridgeStake(accounts.RouterProgram, parties.Owner, seed)
	if err != nil {
		return nil, err
	}
	paid, got := from.token(), c.taker.token()
	source, err := parties.Addresses.AssociatedToken(parties.Owner, paid.TokenProgram, paid.Mint)
	if err != nil {
		return nil, err
	}
	open, destination, closing, err := c.destination(parties, rent)
	if err != nil {
		return nil, err
	}
	crank, err := from.crankSteps()
	if err != nil {
		return nil, err
	}
	suffix, err := from.routerSuffix(c.pick)
	if err != nil {
		return nil, err
	}
	words := fmt.Sprintf("swap %s %s for %s through stake by the Router", paid.Format(c.crossing.drawn.in), paid.Symbol, got.Symbol) + c.ask.ForWhom(parties.Owner)
	swap := instructions.RouterSwapViaStake{
		Program: accounts.RouterProgram, User: parties.Owner, Source: source, Destination: destination, PoolTokens: c.crossing.drawn.in, BridgeSeed: seed,
		From: suffix, To: c.taker.routerDeposit(c.validator, bridge),
	}
	if c.router.prefund != nil {
		ix, err := instructions.RouterPrefundSwapViaStake{
			Program: swap.Program, User: swap.User, Source: swap.Source, Destination: swap.Destination, PoolTokens: swap.PoolTokens, BridgeSeed: seed,
			From: swap.From, To: swap.To, Reserve: c.router.reserve.Keys,
		}.Build()
		if err != nil {
			return nil, err
		}
		return slices.Concat(crank, open, []txn.Step{{Words: words + ", prefunded", Instruction: ix, Units: routerPrefundUnits}}, closing), nil
	}
	ix, err := swap.Build()
	if err != nil {
		return nil, err
	}
	fund, err := txn.TransferSOL(c.funder(parties), bridge, rent)
	if err != nil {
		return nil, err
	}
	fund.Words = "pay the rent of the stake account in between"
	return slices.Concat(crank, open, []txn.Step{fund, {Words: words, Instruction: ix, Units: routerSwapUnits}}, closing), nil
}

// funder pays the rent of the bridge: the payer if it comes back, the owner if it becomes part of the outcome.
func (c carried) funder(parties terms.Parties) solana.PublicKey {
	if c.toSOL {
		return parties.Payer
	}
	return parties.Owner
}

// destination is where the outcome goes: the owner's token account, or one that is turned into SOL.
func (c carried) destination(
	parties terms.Parties, rent uint64,
) (open []txn.Step, account solana.PublicKey, closing []txn.Step, err error) {
	if !c.toSOL {
		token := c.taker.token()
		account, err = parties.Addresses.AssociatedToken(parties.Owner, token.TokenProgram, token.Mint)
		return []txn.Step{txn.CreateTokenAccountAt(parties.Payer, account, parties.Owner, token.Mint, token.TokenProgram)}, account, nil, err
	}
	w, err := c.ask.Outlet(parties, c.router.tokenRent, false)
	if err != nil {
		return nil, account, nil, err
	}
	if c.ask.ToOther(parties) {
		closing, err = w.Close(c.minOut, rent)
		return w.Open, w.Address, closing, err
	}
	if closing, err = w.Close(c.minOut+rent, 0); err != nil {
		return nil, account, nil, err
	}
	if rent > 0 && parties.Payer != parties.Owner {
		back, err := txn.TransferSOL(parties.Owner, parties.Payer, rent)
		if err != nil {
			return nil, account, nil, err
		}
		closing = append(closing, back)
	}
	return w.Open, w.Address, closing, nil
}
