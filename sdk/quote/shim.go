package quote

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

func answered[T any](v T, err error, r *Refusal) (T, bool) {
	if err != nil {
		r.BecauseErr(nil, err)
		return v, false
	}
	return v, true
}

type MarinadePrices struct{ s Marinade }

func (m Marinade) Prepare() *MarinadePrices { return &MarinadePrices{m} }
func (p *MarinadePrices) Price(r *Refusal) (Price, bool) {
	v, err := p.s.Price()
	return answered(v, err, r)
}
func (p *MarinadePrices) Deposit(n uint64, r *Refusal) (MarinadeDeposit, bool) {
	v, err := p.s.Deposit(n)
	return answered(v, err, r)
}
func (p *MarinadePrices) DepositExactOut(n uint64, r *Refusal) (MarinadeDeposit, bool) {
	v, err := p.s.DepositExactOut(n)
	return answered(v, err, r)
}
func (p *MarinadePrices) LiquidUnstake(n uint64, r *Refusal) (MarinadeLiquidUnstake, bool) {
	v, err := p.s.LiquidUnstake(n)
	return answered(v, err, r)
}
func (p *MarinadePrices) LiquidUnstakeExactOut(n uint64, r *Refusal) (MarinadeLiquidUnstake, bool) {
	v, err := p.s.LiquidUnstakeExactOut(n)
	return answered(v, err, r)
}
func (p *MarinadePrices) DepositStakeAccount(stake *LiveStake, list *accounts.MarinadeValidatorList, owner solana.PublicKey, r *Refusal) (MarinadeStakeDeposit, bool) {
	v, err := p.s.DepositStakeAccount(*stake, list, owner)
	return answered(v, err, r)
}
func (p *MarinadePrices) DepositStakeAccountExactOut(out uint64, stake *LiveStake, list *accounts.MarinadeValidatorList, owner solana.PublicKey, r *Refusal) (MarinadeStakeDeposit, bool) {
	v, err := p.s.DepositStakeAccountExactOut(out, *stake, list, owner)
	return answered(v, err, r)
}
func (p *MarinadePrices) WithdrawStakeAccount(n uint64, from *MarinadeStakeSource, r *Refusal) (MarinadeStakeWithdrawal, bool) {
	v, err := p.s.WithdrawStakeAccount(n, *from)
	return answered(v, err, r)
}
func (p *MarinadePrices) WithdrawStakeAccountExactOut(n uint64, from *MarinadeStakeSource, r *Refusal) (MarinadeStakeWithdrawal, bool) {
	v, err := p.s.WithdrawStakeAccountExactOut(n, *from)
	return answered(v, err, r)
}

type LidoPrices struct{ s Lido }

func (l Lido) Prepare() *LidoPrices { return &LidoPrices{l} }
func (p *LidoPrices) Withdraw(n uint64, from *LiveStake, r *Refusal) (LidoWithdrawal, bool) {
	v, err := p.s.Withdraw(n, *from)
	return answered(v, err, r)
}
func (p *LidoPrices) WithdrawExactOut(n uint64, from *LiveStake, r *Refusal) (LidoWithdrawal, bool) {
	v, err := p.s.WithdrawExactOut(n, *from)
	return answered(v, err, r)
}

