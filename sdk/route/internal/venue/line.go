package venue

import (
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
)

// Bounded is a venue that bounds what it pays.
type Bounded interface {
	Venue

	// Line bounds the offers of an ask: none has an Out above the line of its
	// In, whatever its amount, its side, and the leg before. It takes some
	// nanoseconds where an offer takes microseconds.
	Line(s *state.Snapshot, a *offer.Ask, line *fixed.Line)
}

// nothing is the line of a venue that makes no offer.
var nothing = fixed.Slope(0, 1)

// prices are those that a request finds, nil if it finds none.
func (v stakePool) prices(s *state.Snapshot, a *offer.Ask) *quote.StakePoolPrices {
	pool, err := s.StakePool(v.token)
	switch {
	case err != nil || a.Wrapped:
		return nil
	case !cranks(pool, a):
		return pool.Prices
	case pool.CrankErr != nil:
		return nil
	}
	return pool.Crank.Prices
}

// Line bounds a deposit. The referral part may be the depositor's.
func (v stakePoolDeposit) Line(s *state.Snapshot, a *offer.Ask, line *fixed.Line) {
	*line = v.prices(s, a).SolDepositLine()
}

// Line bounds a withdrawal.
func (v stakePoolWithdrawal) Line(s *state.Snapshot, a *offer.Ask, line *fixed.Line) {
	*line = v.prices(s, a).SolWithdrawalLine()
}

// Line bounds a deposit.
func (v marinadeDeposit) Line(s *state.Snapshot, _ *offer.Ask, line *fixed.Line) {
	*line = nothing
	if pool, err := s.Marinade(v.token); err == nil {
		*line = pool.Prices.DepositLine()
	}
}

// Line bounds a sale of mSOL.
func (v marinadeUnstake) Line(s *state.Snapshot, _ *offer.Ask, line *fixed.Line) {
	*line = nothing
	if pool, err := s.Marinade(v.token); err == nil {
		*line = pool.Prices.LiquidUnstakeLine()
	}
}

// Line bounds a deposit by the Router, which takes no fee.
func (v routerDeposit) Line(s *state.Snapshot, a *offer.Ask, line *fixed.Line) {
	if s.Ledger().Kind(a.ToToken) == lst.KindMarinade {
		marinadeDeposit{marinade{a.ToToken}}.Line(s, a, line)
		return
	}

	*line = nothing
	if pool, err := s.StakePool(a.ToToken); err == nil {
		*line = pool.Prices.SolDepositLine()
	}
}

// Line bounds a trade, for a token of a stake pool even after a deposit into
// that.
func (v infinity) Line(s *state.Snapshot, a *offer.Ask, line *fixed.Line) {
	pool, err := s.Infinity(v.number)
	if err != nil {
		*line = nothing
		return
	}

	var price quote.Price
	var of *quote.Price
	if s.Ledger().Kind(a.FromToken).IsStakePool() {
		from, err := s.StakePool(a.FromToken)
		if err != nil || from.Stale() {
			*line = fixed.Line{}
			return
		}
		price.Lamports = from.Pool.State.TotalLamports
		price.Tokens = from.Pool.State.PoolTokenSupply
		of = &price
	}
	from, _ := pool.Index(a.FromToken)
	to, _ := pool.Index(a.ToToken)
	*line = pool.Prices.Line(from, to, of)
}

// Line bounds the stake that is withdrawn.
func (v stakeWithdrawal) Line(s *state.Snapshot, a *offer.Ask, line *fixed.Line) {
	*line = *deskOf(a).lines.drawLine(s, a)
}

// Line bounds what stake comes to that is drawn from a pool, for a new account.
//
// If it is sold, the account has the rent on top of what is drawn, and it comes
// back: nothing is paid for it but its own amount at most.
func (v stakeWay) Line(s *state.Snapshot, a *offer.Ask, line *fixed.Line) {
	switch {
	case a.Wrapped || v.router != nil && v.router.prefund && a.MaxPrefund == 0:
		*line = nothing
		return
	case v.router != nil && v.router.prefund:
		*line = fixed.Line{}
		return
	}

	l := &deskOf(a).lines
	*line = l.drawLine(s, a).Then(l.takeLine(s, a))
	switch {
	case v.router == nil:
	case a.ToToken == state.SOL:
		*line = line.Then(&soldByRouter)
	default:
		*line = line.Then(&swappedByRouter)
	}
}

// What the Router leaves.
var (
	soldByRouter    = quote.RouterLine(quote.RouterReserveFee)
	swappedByRouter = quote.RouterLine(quote.RouterSwapViaStakeFee)
)

// lines are those that were last asked for: of the two tokens of an ask, the
// same is asked for again and again.
type lines struct {
	drawn struct {
		at    *state.Snapshot
		token state.Token
		crank bool
		sold  bool
		line  fixed.Line
	}
	taken struct {
		at    *state.Snapshot
		token state.Token
		line  fixed.Line
	}
}

// drawLine bounds the stake that is drawn from a pool.
func (l *lines) drawLine(s *state.Snapshot, a *offer.Ask) *fixed.Line {
	d, sold := &l.drawn, a.ToToken == state.SOL
	if d.at != s || d.token != a.FromToken || d.crank != a.Crank || d.sold != sold {
		d.at, d.token, d.crank, d.sold = s, a.FromToken, a.Crank, sold
		d.line = drawLine(s, a)
	}
	return &d.line
}

// takeLine bounds what is paid for stake.
func (l *lines) takeLine(s *state.Snapshot, a *offer.Ask) *fixed.Line {
	t := &l.taken
	if t.at != s || t.token != a.ToToken {
		t.at, t.token = s, a.ToToken
		t.line = takeLine(s, a)
	}
	return &t.line
}

// drawLine bounds the stake that is drawn from a pool. A stake account of the
// owner's has no line.
func drawLine(s *state.Snapshot, a *offer.Ask) fixed.Line {
	first, end := s.Ledger().StakeAccounts()
	switch kind := s.Ledger().Kind(a.FromToken); {
	case a.FromToken >= first && a.FromToken < end:
	case kind.IsStakePool():
		pool, err := s.StakePoolStake(a.FromToken)
		if err != nil {
			return nothing
		}
		return pool.Prices.StakeWithdrawalLine()
	case kind == lst.KindLido:
		pool, err := s.Lido(a.FromToken)
		if err != nil {
			return nothing
		}
		if a.Crank && pool.Updated != nil {
			return pool.Updated.WithdrawalLine()
		}
		return pool.Prices.WithdrawalLine()
	case kind == lst.KindMarinade && a.ToToken == state.SOL:
		pool, err := s.MarinadeRecords(a.FromToken)
		if err != nil {
			return nothing
		}
		return pool.Prices.StakeWithdrawalLine()
	}
	return fixed.Line{}
}

// takeLine bounds what is paid for stake.
func takeLine(s *state.Snapshot, a *offer.Ask) fixed.Line {
	switch kind := s.Ledger().Kind(a.ToToken); {
	case a.ToToken == state.SOL:
		pool, err := s.Reserve()
		if err != nil {
			return nothing
		}
		return pool.Prices.Line()
	case kind == lst.KindMarinade:
		pool, err := s.MarinadeStake(a.ToToken)
		if err != nil {
			return nothing
		}
		return pool.Prices.StakeDepositLine()
	}

	pool, err := s.StakePoolStake(a.ToToken)
	if err != nil {
		return nothing
	}
	rent, err := s.Chain().StakeRent()
	if err != nil {
		return nothing
	}
	return pool.Prices.StakeDepositLine(rent)
}

// Costly is a venue whose offers cost what does not come back.
type Costly interface {
	// Costs is the least that offers of an ask lose, in lamports, apart from
	// those of a venue without a line.
	Costs(s *state.Snapshot, a *offer.Ask) uint64
}

// Costs is the rent of the stake account that a pool takes with the stake, which
// the line pays for.
func (v stakeWay) Costs(s *state.Snapshot, a *offer.Ask) uint64 {
	rent, err := s.Chain().StakeRent()
	if err != nil || !s.Ledger().Kind(a.ToToken).IsStakePool() {
		return 0
	}
	return rent
}
