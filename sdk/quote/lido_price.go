package quote

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// The reasons for which Lido refuses a withdrawal.
var (
	reasonNoLido         = NewReason(accounts.ErrNil, "%[1]v Lido")
	reasonLidoEmpty      = NewReason(ErrAmountTooLarge, "%[1]v: Lido holds no stake")
	reasonNoStSOL        = NewReason(ErrAmountTooLarge, "%[1]v: the supply of stSOL is zero")
	reasonWorthlessStSOL = NewReason(ErrAmountTooSmall,
		"%[1]v: the amount is worth less than one lamport")
	reasonAtOnce = NewReason(
		ErrValidator,
		"%[1]v: %[5]v can give %[2]d lamports per withdrawal, %[3]d are needed",
	)
)

// LidoPrices is a prepared [LidoState]: everything that does not depend on the
// amount is computed in advance, so a price takes a few nanoseconds and does
// not allocate. Create it with [LidoState.Prepare]. It is immutable and safe
// for concurrent use.
//
// Its methods return the results of the [LidoState] methods with the same
// names. If there is no price they return false and record the reason in the
// given [Refusal], unless that is nil.
type LidoPrices struct {
	address  solana.PublicKey
	prepared bool
	rewards  bool
	stored   Price
	// refused is the refusal if the exchange rate, lamports over supply, is not
	// usable.
	refused           *Refusal
	lamports, supply  uint64
	minimumDelegation uint64
	// paidStSOL and paidSOL are the totals of all past withdrawals.
	paidStSOL, paidSOL uint64
}

// Prepare computes everything that does not depend on the amount. It does not
// fail: if withdrawals are impossible, the prices return the reason.
func (l LidoState) Prepare() *LidoPrices {
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

// LidoSourcePrices is one of Lido's stake accounts, prepared for a withdrawal
// of stake. Create it with [LidoState.PrepareSource] and pass it to
// [LidoPrices.Withdraw] of the same LidoState.
type LidoSourcePrices struct {
	vote       solana.PublicKey
	index      uint32
	activating bool
	// refused is the refusal if withdrawals must come from another validator.
	// most is the limit of one withdrawal in lamports, and mostRefused the
	// refusal if it is unknown.
	refused, mostRefused *Refusal
	most                 uint64
}

// PrepareSource prepares one of Lido's stake accounts for withdrawals. It does
// not fail: if the account cannot serve, its prices return the reason.
func (l LidoState) PrepareSource(from StakeAccountState) *LidoSourcePrices {
	return l.prepareSource(&from)
}

func (l *LidoState) prepareSource(from *StakeAccountState) *LidoSourcePrices {
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

// isPrepared refuses prices that are not prepared.
func (p *LidoPrices) isPrepared(r *Refusal) bool {
	if p == nil || !p.prepared {
		return r.Because(reasonNoLido)
	}
	return true
}

// Price returns the value of stSOL at the stored exchange rate, see
// [LidoState.Price].
func (p *LidoPrices) Price() Price {
	if p == nil {
		return Price{}
	}
	return p.stored
}

// Withdraw prices a withdrawal of stSOL for stake that is split off a stake
// account.
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

// WithdrawExactOut prices the smallest amount of stSOL for at least the given
// lamports of stake.
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

// tokensFor returns the smallest amount of stSOL that is worth at least
// lamports.
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

	// The program keeps totals of all withdrawals.
	c.Plus(p.paidStSOL, stSOL)
	c.Plus(p.paidSOL, lamports)
	if c.Err() != nil {
		return 0, r.tooLarge(c.Err())
	}

	return lamports, true
}
