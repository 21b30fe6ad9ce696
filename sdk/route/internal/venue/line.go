package venue

import (
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
)

// Bounded is a venue with an upper bound of its output.
type Bounded interface {
	Venue

	// Line sets an upper bound for the offers of an ask: no offer has an Out
	// above the line at its In, for any amount, swap mode and previous leg. It
	// takes nanoseconds, while an offer takes microseconds.
	Line(s *state.Snapshot, a *offer.Ask, line *fixed.Line)
}

// Costly is a venue whose offers have costs that are not returned.
type Costly interface {
	// Costs returns a lower bound of the costs, in lamports, that offers of an
	// ask do not return. Costs of a venue without a line are not included.
	Costs(s *state.Snapshot, a *offer.Ask) uint64
}

// nothing is the line of a venue that makes no offer.
var nothing = fixed.Slope(0, 1)

// lines caches the last lines: a search needs those of the same two tokens
// repeatedly.
type lines struct {
	withdrawn struct {
		at         *state.Snapshot
		token      state.Token
		poolUpdate bool
		accounts   userAccounts
		line       fixed.Line
	}
	proceeds struct {
		at       *state.Snapshot
		token    state.Token
		receipts bool
		accounts userAccounts
		line     fixed.Line
	}
}

// withdrawalLine returns the bound of the stake that a pool gives, from the
// cache if possible.
func (l *lines) withdrawalLine(s *state.Snapshot, a *offer.Ask) *fixed.Line {
	d, of := &l.withdrawn, accountsOf(a)
	if d.at != s || d.token != a.FromToken || d.poolUpdate != a.AllowPoolUpdate ||
		d.accounts != of {
		d.at, d.token, d.poolUpdate = s, a.FromToken, a.AllowPoolUpdate
		d.accounts = of
		d.line = withdrawalLine(s, a)
	}
	return &d.line
}

// purchaseLine returns the bound of the price paid for stake, from the cache if
// possible.
func (l *lines) purchaseLine(s *state.Snapshot, a *offer.Ask) *fixed.Line {
	t, of := &l.proceeds, accountsOf(a)
	if t.at != s || t.token != a.ToToken || t.accounts != of ||
		t.receipts != a.AcceptReceipt || len(a.Signers) > 0 {
		t.at, t.token, t.accounts = s, a.ToToken, of
		t.receipts = a.AcceptReceipt
		if len(a.Signers) > 0 {
			t.at = nil // The signers open pools for this request only.
		}

		t.line = purchaseLine(s, a)
	}

	return &t.line
}

// withdrawalLine returns the bound of the stake that a pool gives for its
// token. A stake account of the owner has no bound.
func withdrawalLine(s *state.Snapshot, a *offer.Ask) fixed.Line {
	first, end := s.Ledger().StakeAccounts()
	switch kind := s.Ledger().Kind(a.FromToken); {
	case a.FromToken >= first && a.FromToken < end:
	case kind.IsStakePool():
		pool, err := s.StakePoolStake(a.FromToken)
		if err != nil {
			return nothing
		}

		pool = forUser(pool, a, a.FromToken, true)

		return pool.Prices.StakeWithdrawalLine()

	case kind == lst.KindLido:
		pool, err := s.Lido(a.FromToken)
		if err != nil {
			return nothing
		}

		if a.AllowPoolUpdate && pool.Updated != nil {
			return pool.Updated.WithdrawalLine()
		}

		return pool.Prices.WithdrawalLine()

	case kind == lst.KindMarinade:
		pool, err := s.MarinadeRecords(a.FromToken)
		if err != nil {
			return nothing
		}

		return pool.Prices.StakeWithdrawalLine()
	}

	return fixed.Line{}
}

// purchaseLine returns the bound of the price paid for stake.
func purchaseLine(s *state.Snapshot, a *offer.Ask) fixed.Line {
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

	pool = forUser(pool, a, a.ToToken, true)

	rent, err := s.Chain().StakeRent()
	if err != nil {
		return nothing
	}

	return pool.Prices.StakeDepositLine(rent)
}
