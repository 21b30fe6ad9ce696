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

type ReservePrices struct{ s Reserve }

func (r Reserve) Prepare() *ReservePrices { return &ReservePrices{r} }

type UnstakePrice struct {
	In, Out, Fee, ProtocolFee, ReferrerFee, RecordRent, Lamports uint64
}

func unstakePrice(u Unstake) UnstakePrice {
	return UnstakePrice{In: u.In, Out: u.Out, Fee: u.Fee, ProtocolFee: u.ProtocolFee, ReferrerFee: u.ReferrerFee, RecordRent: u.RecordRent, Lamports: u.Lamports}
}
func (p *ReservePrices) Unstake(n, rec uint64, ref bool, r *Refusal) (UnstakePrice, bool) {
	v, err := p.s.Unstake(n, rec, ref)
	return answered(unstakePrice(v), err, r)
}
func (p *ReservePrices) UnstakeExactOut(n, rec uint64, ref bool, r *Refusal) (UnstakePrice, bool) {
	v, err := p.s.UnstakeExactOut(n, rec, ref)
	return answered(unstakePrice(v), err, r)
}
func (p *ReservePrices) Sellable(stake *accounts.StakeAccount, owner solana.PublicKey, r *Refusal) bool {
	_, ok := answered(0, p.s.Sellable(stake, owner), r)
	return ok
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

func RouterPayoutOf(received, rate uint64, r *Refusal) (RouterPayout, bool) {
	v, err := NewRouterPayout(received, rate)
	return answered(v, err, r)
}
