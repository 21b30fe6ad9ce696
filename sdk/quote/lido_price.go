package quote

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// Why Lido refuses.
var (
	reasonNoLido         = NewReason(accounts.ErrNil, "%[1]v Lido")
	reasonLidoEmpty      = NewReason(ErrTooLarge, "%[1]v: Lido is empty")
	reasonNoStSOL        = NewReason(ErrTooLarge, "%[1]v: there is no stSOL")
	reasonWorthlessStSOL = NewReason(ErrTooSmall, "%[1]v: worth less than a lamport")
	reasonAtOnce         = NewReason(
		ErrValidator,
		"%[1]v: %[5]v can give %[2]d lamports at once, not %[3]d",
	)
)

// LidoPrices are [Lido]'s prices, prepared: all that does not depend on the
// amount is worked out, so that a price takes some nanoseconds and no memory.
// [Lido.Prepare] makes them. They never change, and any number of goroutines
// may use them.
//
// A price that there is not is false, and the given [Refusal], unless nil,
// tells why. The prices are those of the functions of [Lido] of the same names.
type LidoPrices struct {
	address  solana.PublicKey
	prepared bool
	rewards  bool
	stored   Price
	// refused is set if there is no rate to withdraw at, which is lamports for
	// supply.
	refused           *Refusal
	lamports, supply  uint64
	minimumDelegation uint64
	// paidStSOL and paidSOL are what Lido ever paid.
	paidStSOL, paidSOL uint64
}

// Prepare works out what does not depend on the amount. It never fails: what
// could not be prepared is a refusal that the prices tell.
func (l Lido) Prepare() *LidoPrices {
	p := &LidoPrices{
		address:           l.Address,
		prepared:          true,
		rewards:           l.EpochRewardsActive,
		stored:            l.Price(),
		minimumDelegation: l.MinimumDelegation,
		paidStSOL:         l.State.Metrics.WithdrawStSOLTotal,
		paidSOL:           l.State.Metrics.WithdrawSOLTotal,
	}
	current, err := l.current()
	if err != nil {
		p.refused = &Refusal{err: err}
	}
	rate := current.State.ExchangeRate
	p.lamports, p.supply = rate.SOLBalance, rate.StSOLSupply
	return p
}

// LidoSourcePrices are a stake account of Lido that stake is withdrawn from,
// prepared for [LidoPrices.Withdraw] of the same Lido. [Lido.PrepareSource]
// makes them.
type LidoSourcePrices struct {
	vote       solana.PublicKey
	index      uint32
	activating bool
	// refused is set if withdrawals come from elsewhere, mostRefused if it is
	// not known how much it can give, which is most.
	refused, mostRefused *Refusal
	most                 uint64
}

// PrepareSource works out what a stake account can give. It never fails: why it
// gives nothing is a refusal that prices tell.
func (l Lido) PrepareSource(from LiveStake) *LidoSourcePrices { return l.prepareSource(&from) }

func (l *Lido) prepareSource(from *LiveStake) *LidoSourcePrices {
	source, err := l.accept(from)
	if err != nil {
		return &LidoSourcePrices{refused: &Refusal{err: err}}
	}
	s := &LidoSourcePrices{
		vote:       source.Entry.VoteAccount,
		index:      source.Index,
		activating: from.Account.IsActivating(l.Clock.Epoch),
	}
	if s.most, err = l.limit(source.Entry, from); err != nil {
		s.mostRefused = &Refusal{err: err}
	}
	return s
}

// isPrepared refuses prices that were not prepared.
func (p *LidoPrices) isPrepared(r *Refusal) bool {
	if p == nil || !p.prepared {
		return r.Because(reasonNoLido)
	}
	return true
}

// Price returns the value of stSOL by the stored rate, see [Lido.Price].
func (p *LidoPrices) Price() Price {
	if p == nil {
		return Price{}
	}
	return p.stored
}

// Withdraw prices a withdrawal of stSOL for stake split off a stake account.
func (p *LidoPrices) Withdraw(
	stSOL uint64, from *LidoSourcePrices, refusal *Refusal,
) (LidoWithdrawal, bool) {
	if !p.isPrepared(refusal) {
		return LidoWithdrawal{}, false
	}
	lamports, ok := p.withdraw(stSOL, from, refusal)
	if !ok {
		return LidoWithdrawal{}, refusal.by(opWithdrawStake, &p.address)
	}
	return LidoWithdrawal{
		StSOL:      stSOL,
		Lamports:   lamports,
		Vote:       from.vote,
		Index:      from.index,
		Activating: from.activating,
	}, true
}

// WithdrawExactOut prices the least stSOL for at least the given lamports of
// stake.
func (p *LidoPrices) WithdrawExactOut(
	lamports uint64, from *LidoSourcePrices, refusal *Refusal,
) (LidoWithdrawal, bool) {
	if !p.isPrepared(refusal) {
		return LidoWithdrawal{}, false
	}
	stSOL, ok := p.tokensFor(lamports, refusal)
	if !ok {
		return LidoWithdrawal{}, refusal.by(opWithdrawStake, &p.address)
	}
	return p.Withdraw(stSOL, from, refusal)
}

// tokensFor is the least stSOL that is worth at least the given lamports.
func (p *LidoPrices) tokensFor(lamports uint64, r *Refusal) (uint64, bool) {
	switch {
	case lamports == 0:
		return 0, r.Because(reasonZeroAmount)
	case p.refused != nil:
		return 0, r.is(p.refused)
	case p.lamports == 0 || p.supply == 0:
		return 0, r.Because(reasonLidoEmpty)
	}
	stSOL, err := fixed.MulDivCeil(lamports, p.supply, p.lamports)
	if err != nil {
		return 0, r.tooLarge(err)
	}
	return stSOL, true
}

func (p *LidoPrices) withdraw(stSOL uint64, from *LidoSourcePrices, r *Refusal) (uint64, bool) {
	switch {
	case stSOL == 0:
		return 0, r.Because(reasonZeroAmount)
	case p.rewards:
		return 0, r.Because(reasonEpochRewards)
	case p.refused != nil:
		return 0, r.is(p.refused)
	case from == nil:
		return 0, r.Because(reasonNoStakeAccount)
	case from.refused != nil:
		return 0, r.is(from.refused)
	case p.supply == 0:
		return 0, r.Because(reasonNoStSOL)
	}

	var c fixed.Calc
	lamports := c.MulDivFloor(stSOL, p.lamports, p.supply)
	switch {
	case c.Err() != nil:
		return 0, r.tooLarge(c.Err())
	case lamports == 0:
		return 0, r.Because(reasonWorthlessStSOL)
	case lamports < p.minimumDelegation:
		return 0, r.Because(reasonBelowMinimum, lamports, p.minimumDelegation)
	case from.mostRefused != nil:
		return 0, r.is(from.mostRefused)
	case lamports > from.most:
		return 0, r.BecauseOf(reasonAtOnce, &from.vote, from.most, lamports)
	}
	// The program counts what it ever paid.
	c.Plus(p.paidStSOL, stSOL)
	c.Plus(p.paidSOL, lamports)
	if c.Err() != nil {
		return 0, r.tooLarge(c.Err())
	}
	return lamports, true
}
