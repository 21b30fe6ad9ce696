package accounts

import (
	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/wire"
)

// Sizes of the SPL stake pool program's accounts, in bytes.
const (
	// StakePoolSpace is the allocated size of a stake pool account. It is also
	// the maximum size of the packed form.
	StakePoolSpace = 611
	// ValidatorListHeaderSize is the size of a validator list without its
	// entries.
	ValidatorListHeaderSize = 9
	// ValidatorStakeInfoSize is the size of one entry of a validator list.
	ValidatorStakeInfoSize = 73
)

const (
	accountTypeStakePool     = 1
	accountTypeValidatorList = 2
	// maxFeeUpdates is the maximum of FutureFee.Updates.
	maxFeeUpdates = 2
)

// Fee is a fraction of an amount. A denominator of zero means that there is no
// fee. The rounding depends on the build of the program, see package quote.
type Fee struct {
	Numerator   uint64 `json:"numerator"`
	Denominator uint64 `json:"denominator"`
}

// IsZero reports whether the fee is zero for all amounts.
func (f Fee) IsZero() bool { return f.Denominator == 0 || f.Numerator == 0 }

func (f *Fee) read(r *wire.Reader, field string) {
	// The program stores the denominator first.
	r.Group(field)
	f.Denominator = r.U64("denominator")
	f.Numerator = r.U64("numerator")
	r.Group("")
}

func (f Fee) write(w *wire.Writer) {
	w.U64(f.Denominator)
	w.U64(f.Numerator)
}

// StakePoolFeeKind is a fee of a stake pool that is a fraction. The value is
// that of the program's SetFee.
type StakePoolFeeKind uint8

// The fees of a stake pool. New epoch and withdrawal fees take effect at the
// second epoch update of the pool, new deposit fees at once.
const (
	StakePoolEpochFee StakePoolFeeKind = iota + 2
	StakePoolStakeWithdrawalFee
	StakePoolSOLDepositFee
	StakePoolStakeDepositFee
	StakePoolSOLWithdrawalFee
)

// FutureFee is a fee that takes effect at a later epoch update of the pool. The
// program calls it FutureEpoch<Fee>.
type FutureFee struct {
	// Updates is the number of epoch updates until the fee takes effect: 1 or
	// 2, or 0 if no fee is scheduled.
	Updates uint8 `json:"updates"`
	// Fee is the scheduled fee. It is zero if Updates is 0.
	Fee Fee `json:"fee"`
}

func (f *FutureFee) read(r *wire.Reader, field string) {
	if f.Updates = r.Tag(field, maxFeeUpdates); f.Updates != 0 {
		f.Fee.read(r, field)
	}
}

func (f FutureFee) write(w *wire.Writer) {
	w.U8(f.Updates)
	if f.Updates != 0 {
		f.Fee.write(w)
	}
}

// Lockup prevents the withdrawal of stake until both the time and the epoch are
// reached. With the signature of the custodian a withdrawal is possible
// earlier.
type Lockup struct {
	UnixTimestamp int64            `json:"unix_timestamp"`
	Epoch         uint64           `json:"epoch"`
	Custodian     solana.PublicKey `json:"custodian"`
}

// InForce reports whether the lockup prevents a withdrawal without the
// custodian's signature at the given clock.
func (l Lockup) InForce(clock Clock) bool {
	return l.UnixTimestamp > clock.UnixTimestamp || l.Epoch > clock.Epoch
}

func (l *Lockup) read(r *wire.Reader, field string) {
	r.Group(field)
	l.UnixTimestamp = r.I64("unix_timestamp")
	l.Epoch = r.U64("epoch")
	l.Custodian = r.Key("custodian")
	r.Group("")
}

func (l Lockup) write(w *wire.Writer) {
	w.I64(l.UnixTimestamp)
	w.U64(l.Epoch)
	w.Key(l.Custodian)
}

// StakePool is the state account of an SPL stake pool, of any deployment.
// Amounts are lamports or base units of the pool token.
//
// The positions of the fields are fixed up to offset 346. After it they depend
// on which options and scheduled fees are set.
type StakePool struct {
	Manager               solana.PublicKey `json:"manager"`
	Staker                solana.PublicKey `json:"staker"`
	StakeDepositAuthority solana.PublicKey `json:"stake_deposit_authority"`
	StakeWithdrawBumpSeed uint8            `json:"stake_withdraw_bump_seed"`
	ValidatorList         solana.PublicKey `json:"validator_list"`
	ReserveStake          solana.PublicKey `json:"reserve_stake"`
	PoolMint              solana.PublicKey `json:"pool_mint"`
	ManagerFeeAccount     solana.PublicKey `json:"manager_fee_account"`
	TokenProgram          solana.PublicKey `json:"token_program_id"`
	// TotalLamports is the SOL of the pool: its total at the last update, plus
	// deposits and minus withdrawals since.
	TotalLamports uint64 `json:"total_lamports"`
	// PoolTokenSupply is the program's own counter of pool tokens, from which
	// prices are computed. The supply of the mint may be lower, because holders
	// can burn tokens.
	PoolTokenSupply uint64 `json:"pool_token_supply"`
	// LastUpdateEpoch is the epoch of the last pool update. In a later epoch
	// the pool refuses deposits and withdrawals until it is updated.
	LastUpdateEpoch uint64    `json:"last_update_epoch"`
	Lockup          Lockup    `json:"lockup"`
	EpochFee        Fee       `json:"epoch_fee"`
	NextEpochFee    FutureFee `json:"next_epoch_fee"`
	// PreferredDepositValidator, if set, is the only vote account whose stake
	// can be deposited.
	PreferredDepositValidator *solana.PublicKey `json:"preferred_deposit_validator_vote_address"`
	// PreferredWithdrawValidator, if set, is the vote account whose stake must
	// be withdrawn first.
	PreferredWithdrawValidator *solana.PublicKey `json:"preferred_withdraw_validator_vote_address"`
	StakeDepositFee            Fee               `json:"stake_deposit_fee"`
	StakeWithdrawalFee         Fee               `json:"stake_withdrawal_fee"`
	NextStakeWithdrawalFee     FutureFee         `json:"next_stake_withdrawal_fee"`
	// StakeReferralFee is the share of the stake deposit fee that goes to the
	// referrer, in percent (0 to 100).
	StakeReferralFee uint8 `json:"stake_referral_fee"`
	// SOLDepositAuthority, if set, must sign deposits of SOL.
	SOLDepositAuthority *solana.PublicKey `json:"sol_deposit_authority"`
	SOLDepositFee       Fee               `json:"sol_deposit_fee"`
	// SOLReferralFee is the share of the SOL deposit fee that goes to the
	// referrer, in percent (0 to 100).
	SOLReferralFee uint8 `json:"sol_referral_fee"`
	// SOLWithdrawAuthority, if set, must sign withdrawals of SOL.
	SOLWithdrawAuthority *solana.PublicKey `json:"sol_withdraw_authority"`
	SOLWithdrawalFee     Fee               `json:"sol_withdrawal_fee"`
	NextSOLWithdrawalFee FutureFee         `json:"next_sol_withdrawal_fee"`
	// LastEpochPoolTokenSupply and LastEpochTotalLamports are the values of the
	// pool before the first update in LastUpdateEpoch. They are zero if the
	// pool has never been updated.
	LastEpochPoolTokenSupply uint64 `json:"last_epoch_pool_token_supply"`
	LastEpochTotalLamports   uint64 `json:"last_epoch_total_lamports"`
}

// DecodeStakePool decodes an SPL stake pool of one of [StakePoolPrograms]. For
// other deployments use [DecodeStakePoolOf].
func DecodeStakePool(account Account) (*StakePool, error) {
	return decode[StakePool](account, ownedBy(&account, StakePoolPrograms()...))
}

// DecodeStakePoolOf decodes a stake pool of any of the given programs, as
// [DecodeStakePool] does.
func DecodeStakePoolOf(account Account, programs ...solana.PublicKey) (*StakePool, error) {
	return decode[StakePool](account, ownedBy(&account, programs...))
}

// Encode returns the packed form, 435 to 611 bytes.
func (p StakePool) Encode() []byte { return encode(&p) }

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler.
func (p *StakePool) UnmarshalWithDecoder(dec *bin.Decoder) error { return unmarshal(p, dec) }

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (p StakePool) MarshalWithEncoder(enc *bin.Encoder) error { return marshal(&p, enc) }

func (*StakePool) name() string { return "stake pool" }

func (p *StakePool) read(r *wire.Reader) {
	expectType(r, "account_type", accountTypeStakePool)
	p.Manager = r.Key("manager")
	p.Staker = r.Key("staker")
	p.StakeDepositAuthority = r.Key("stake_deposit_authority")
	p.StakeWithdrawBumpSeed = r.U8("stake_withdraw_bump_seed")
	p.ValidatorList = r.Key("validator_list")
	p.ReserveStake = r.Key("reserve_stake")
	p.PoolMint = r.Key("pool_mint")
	p.ManagerFeeAccount = r.Key("manager_fee_account")
	p.TokenProgram = r.Key("token_program_id")
	p.TotalLamports = r.U64("total_lamports")
	p.PoolTokenSupply = r.U64("pool_token_supply")
	p.LastUpdateEpoch = r.U64("last_update_epoch")
	p.Lockup.read(r, "lockup")
	p.EpochFee.read(r, "epoch_fee")
	p.NextEpochFee.read(r, "next_epoch_fee")
	p.PreferredDepositValidator = r.OptionKey("preferred_deposit_validator_vote_address")
	p.PreferredWithdrawValidator = r.OptionKey("preferred_withdraw_validator_vote_address")
	p.StakeDepositFee.read(r, "stake_deposit_fee")
	p.StakeWithdrawalFee.read(r, "stake_withdrawal_fee")
	p.NextStakeWithdrawalFee.read(r, "next_stake_withdrawal_fee")
	p.StakeReferralFee = r.U8("stake_referral_fee")
	p.SOLDepositAuthority = r.OptionKey("sol_deposit_authority")
	p.SOLDepositFee.read(r, "sol_deposit_fee")
	p.SOLReferralFee = r.U8("sol_referral_fee")
	p.SOLWithdrawAuthority = r.OptionKey("sol_withdraw_authority")
	p.SOLWithdrawalFee.read(r, "sol_withdrawal_fee")
	p.NextSOLWithdrawalFee.read(r, "next_sol_withdrawal_fee")
	p.LastEpochPoolTokenSupply = r.U64("last_epoch_pool_token_supply")
	p.LastEpochTotalLamports = r.U64("last_epoch_total_lamports")
}

func (p *StakePool) write(w *wire.Writer) {
	w.U8(accountTypeStakePool)
	for _, k := range []solana.PublicKey{p.Manager, p.Staker, p.StakeDepositAuthority} {
		w.Key(k)
	}

	w.U8(p.StakeWithdrawBumpSeed)
	for _, k := range []solana.PublicKey{p.ValidatorList, p.ReserveStake, p.PoolMint,
		p.ManagerFeeAccount, p.TokenProgram} {
		w.Key(k)
	}

	w.U64(p.TotalLamports)
	w.U64(p.PoolTokenSupply)
	w.U64(p.LastUpdateEpoch)
	p.Lockup.write(w)
	p.EpochFee.write(w)
	p.NextEpochFee.write(w)
	w.OptionKey(p.PreferredDepositValidator)
	w.OptionKey(p.PreferredWithdrawValidator)
	p.StakeDepositFee.write(w)
	p.StakeWithdrawalFee.write(w)
	p.NextStakeWithdrawalFee.write(w)
	w.U8(p.StakeReferralFee)
	w.OptionKey(p.SOLDepositAuthority)
	p.SOLDepositFee.write(w)
	w.U8(p.SOLReferralFee)
	w.OptionKey(p.SOLWithdrawAuthority)
	p.SOLWithdrawalFee.write(w)
	p.NextSOLWithdrawalFee.write(w)
	w.U64(p.LastEpochPoolTokenSupply)
	w.U64(p.LastEpochTotalLamports)
}
