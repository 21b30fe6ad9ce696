package venue

import (
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/lst"
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

// Costly is a venue whose offers cost what does not come back.
type Costly interface {
	// Costs is the least that offers of an ask lose, in lamports, apart from
	// those of a venue without a line.
	Costs(s *state.Snapshot, a *offer.Ask) uint64
}

// nothing is the line of a venue that makes no offer.
var nothing = fixed.Slope(0, 1)

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
