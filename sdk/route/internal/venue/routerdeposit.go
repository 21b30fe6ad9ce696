package venue

import (
	"errors"
	"fmt"
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

// routerDepositUnits are the compute units of StakeWrappedSol as measured, plus
// a margin.
const routerDepositUnits = 110_000

// routerDeposit trades SOL for an LST with the Router's StakeWrappedSol
// instruction. It pays the same as a direct deposit and takes more
// instructions, but accepts wrapped SOL.
type routerDeposit struct {
	// pools are the stake pools and Marinade.
	pools []state.Token
}

func (v routerDeposit) Name() string { return string(terms.VenueRouterDeposit) }

func (v routerDeposit) Pairs(*state.Ledger) (from, to []state.Token) { return sol(), v.pools }

// depositPool is a pool that the Router can deposit into.
type depositPool struct {
	token lst.LST
	pool  *state.StakePool
	// prices are those of pool, after its update if stale is not nil.
	prices   *quote.StakePoolPrices
	stale    *state.StakePool
	marinade *state.Marinade
	// own reports whether the user receives the manager's fee.
	own bool
	// feeAccount is the Router's token account.
	feeAccount solana.PublicKey
	tokenRent  uint64
}

// pool returns the pool of a token. The error is the reason why the Router
// cannot deposit into it.
func (v routerDeposit) pool(s *state.Snapshot, a *offer.Ask) (d depositPool, err error) {
	t := a.ToToken
	bridge, err := s.RouterBridge()
	if err != nil {
		return d, err
	}

	fee, err := s.RouterFee(t)
	if err != nil {
		return d, err
	}

	d.token, d.feeAccount, d.tokenRent = s.Ledger().LST(t), fee.Address, bridge.TokenRent
	if d.token.Kind == lst.KindMarinade {
		d.marinade, err = s.Marinade(t)
	} else {
		d.pool, d.prices, err = pricesFor(s, a, t, false)
	}

	d.own = err == nil && receivesFees(d.pool, a)
	if err == nil && d.pool != nil && updatesPool(d.pool, a) {
		d.stale = d.pool
	}

	return d, err
}

func (v routerDeposit) Offer(
	s *state.Snapshot,
	a *offer.Ask,
	amount uint64,
	_ *offer.Effect,
	o *offer.Offer,
) bool {
	pool, err := v.pool(s, a)
	switch {
	case err != nil:
		return o.Refusal.BecauseErr(nil, err)
	case !a.Referrer.IsZero():
		return o.Refusal.Because(offer.NoReferrer)
	case pool.own && pool.stale != nil:
		return o.Refusal.Because(ownUpdate)
	case !pool.offer(a, amount, o):
		return false
	}

	return a.UseWSOL || o.Wraps(pool.tokenRent)
}

// offer sets the offer of the deposit. The Router takes no fee and pays the
// referral part to the owner.
func (d *depositPool) offer(a *offer.Ask, amount uint64, o *offer.Offer) bool {
	if d.marinade != nil {
		return offerMarinade(d.marinade, a, amount, o)
	}

	deposit, ok := d.deposit(a.SwapMode, amount, &o.Refusal)
	if !ok {
		return false
	}

	var sum fixed.Calc
	received := sum.Add(deposit.Tokens, deposit.ReferralFee)
	if d.own {
		received = sum.Plus(received, deposit.ManagerFee)
	}

	if sum.Err() != nil {
		return o.Refusal.BecauseErr(offer.TooLarge, sum.Err())
	}

	payout, ok := quote.RouterPayoutOf(received, quote.RouterStakeWrappedSOLFee, &o.Refusal)
	if !ok || !o.Limit(a, payout.Out, &o.Refusal) {
		return false
	}

	o.Gives(deposit.Lamports, payout.Out)
	o.MinOutCheck, o.Exact = terms.CheckedByBalance, deposit.Exact
	o.Price = d.prices.UpdatedPrice()

	return true
}

func (d *depositPool) deposit(
	side terms.SwapMode,
	amount uint64,
	r *quote.Refusal,
) (quote.SOLDeposit, bool) {
	if side == terms.ExactIn {
		return d.prices.DepositSOL(amount, r)
	}

	// The referral part is paid in addition to the pool's exact output, so a
	// smaller input may be enough.
	lamports, err := smallestFor(amount, func(lamports uint64) (uint64, error) {
		deposit, ok := d.prices.DepositSOL(lamports, nil)
		if !ok {
			return 0, offer.RefusedAt(lamports)
		}

		if d.own {
			return deposit.Tokens + deposit.ReferralFee + deposit.ManagerFee, nil
		}

		return deposit.Tokens + deposit.ReferralFee, nil
	})

	var at offer.RefusedAt
	if errors.As(err, &at) {
		lamports, err = uint64(at), nil
	}

	if err != nil {
		return quote.SOLDeposit{}, r.BecauseErr(nil, err)
	}

	return d.prices.DepositSOL(lamports, r)
}

func (v routerDeposit) Describe(
	s *state.Snapshot,
	a *offer.Ask,
	o *offer.Offer,
	d *offer.Details,
) error {
	pool, err := v.pool(s, a)
	if err != nil {
		return err
	}

	if err := pool.describe(a, o, d); err != nil {
		return err
	}

	d.Accounts = append(d.Accounts, pool.feeAccount)
	asked, in := a.Kept(), o.In
	d.Steps = func(p terms.BuildParams) ([]txn.Step, error) { return pool.steps(&asked, in, p) }

	return nil
}

func (d *depositPool) describe(a *offer.Ask, o *offer.Offer, to *offer.Details) error {
	if d.marinade != nil {
		return describeMarinadeDeposit(d.marinade, a, o, to)
	}

	deposit, ok := d.deposit(a.SwapMode, o.Amount, &o.Refusal)
	if !ok {
		return described(o)
	}

	s := &d.pool.Pool.State
	if deposit.ManagerFee > 0 && !d.own {
		to.Fees = []terms.Fee{{
			Name:      "SOL deposit fee",
			Amount:    deposit.ManagerFee,
			Mint:      s.PoolMint,
			Rate:      offer.FeeRate(s.SOLDepositFee),
			Recipient: s.ManagerFeeAccount,
		}}
	}

	to.GuardBalance(d.token.TokenProgram)
	describePool(d.pool, d.stale != nil, o.Exact, to)

	return nil
}

func (d *depositPool) suffix() instructions.RouterDepositSOLAccounts {
	if d.marinade != nil {
		return instructions.RouterMarinadeDepositSOL(d.marinade.Keys)
	}
	return instructions.RouterStakePoolDepositSOL(d.pool.Keys)
}

func (d *depositPool) steps(a *offer.Ask, in uint64, p terms.BuildParams) ([]txn.Step, error) {
	destination, create, err := a.TokenAccount(p, d.token.Mint, d.token.TokenProgram)
	if err != nil {
		return nil, err
	}

	var w txn.TempWSOLAccount
	if a.UseWSOL {
		w.Address, err = a.Source(p, accounts.NativeMint, accounts.TokenProgram)
	} else {
		w, err = txn.NewFundedWSOLAccount(p.Payer, p.Owner, in, d.tokenRent, p.Seed)
	}

	if err != nil {
		return nil, err
	}

	ix, err := instructions.RouterStakeWrappedSOL{
		Program:     accounts.RouterProgram,
		User:        p.Owner,
		Source:      w.Address,
		Destination: destination,
		Lamports:    in,
		Pool:        d.suffix(),
	}.Build()
	if err != nil {
		return nil, err
	}

	updates, err := updateSteps(d.stale, false)
	if err != nil {
		return nil, err
	}

	return slices.Concat(updates, create, w.Open, []txn.Step{{
		Describe: func() string {
			return fmt.Sprintf("deposit %s wrapped SOL for %s by the Router",
				lst.FormatAmount(in, 9), d.token.Symbol)
		},
		Instruction:  ix,
		ComputeUnits: routerDepositUnits,
	}}, w.Close), nil
}

// Line bounds a deposit through the Router, which takes no fee.
func (v routerDeposit) Line(s *state.Snapshot, a *offer.Ask, line *fixed.Line) {
	if s.Ledger().Kind(a.ToToken) == lst.KindMarinade {
		marinadeDeposit{marinade{a.ToToken}}.Line(s, a, line)
		return
	}

	*line = nothing
	if _, prices, err := pricesFor(s, a, a.ToToken, false); err == nil {
		*line = prices.SOLDepositLine()
	}
}
