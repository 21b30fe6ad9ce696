package accounts

import (
	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/wire"
)

// Sizes of the SPL stake pool program's accounts, in bytes.
const (
	// StakePoolSpace is what a stake pool account is allocated with, and the longest packed form.
	StakePoolSpace = 611
	// ValidatorListHeaderSize is the size of a validator list without entries.
	ValidatorListHeaderSize = 9
	// ValidatorStakeInfoSize is the size of one entry of a validator list.
	ValidatorStakeInfoSize = 73
)

const (
	accountTypeStakePool     = 1
	accountTypeValidatorList = 2
	// maxFeeUpdates is the most epoch updates that a scheduled fee waits for.
	maxFeeUpdates = 2
)

// Fee is a fraction of an amount. A denominator of zero means no fee. How it rounds depends on the build of the program, see
// package quote.
type Fee struct {
	Numerator   uint64 `json:"numerator"`
	Denominator uint64 `json:"denominator"`
}

// IsZero says whether nothing is ever charged.
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

// FutureFee is a fee that takes effect at a later epoch update of the pool (the program's FutureEpoch<Fee>).
type FutureFee struct {
	// Updates is how many epoch updates pass until the fee applies: 0 for no scheduled fee, 1 or 2.
	Updates uint8 `json:"updates"`
	// Fee is the scheduled fee; zero if there is none.
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

// Lockup keeps the stake of an account from being withdrawn until both the time and the epoch have come, unless the custodian
// signs.
type Lockup struct {
	UnixTimestamp int64            `json:"unix_timestamp"`
	Epoch         uint64           `json:"epoch"`
	Custodian     solana.PublicKey `json:"custodian"`
}

// InForce says whether the lockup still holds at the given clock for someone who is not the custodian.
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

// StakePool is the state of an SPL stake pool, under any of its deployments. Lamports and pool tokens are base units.
//
// Its layout is fixed up to offset 346; each option and scheduled fee behind that moves what follows.
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
	// TotalLamports is all SOL of the pool as of the last update, plus and minus deposits and withdrawals since.
	TotalLamports uint64 `json:"total_lamports"`
	// PoolTokenSupply is the program's own counter of tokens, which prices are made from. The mint's supply may be smaller
	// after holders burned tokens.
	PoolTokenSupply uint64 `json:"pool_token_supply"`
	// LastUpdateEpoch is the epoch of the last balance update; in a later epoch the pool refuses deposits and withdrawals.
	LastUpdateEpoch uint64    `json:"last_update_epoch"`
	Lockup          Lockup    `json:"lockup"`
	EpochFee        Fee       `json:"epoch_fee"`
	NextEpochFee    FutureFee `json:"next_epoch_fee"`
	// PreferredDepositValidator is the only vote account stake may be deposited to, if set.
	PreferredDepositValidator *solana.PublicKey `json:"preferred_deposit_validator_vote_address"`
	// PreferredWithdrawValidator is the vote account stake must be withdrawn from while it has any, if set.
	PreferredWithdrawValidator *solana.PublicKey `json:"preferred_withdraw_validator_vote_address"`
	StakeDepositFee            Fee               `json:"stake_deposit_fee"`
	StakeWithdrawalFee         Fee               `json:"stake_withdrawal_fee"`
	NextStakeWithdrawalFee     FutureFee         `json:"next_stake_withdrawal_fee"`
	// StakeReferralFee is the percentage (0 to 100) of a stake deposit's fee that goes to the referrer.
	StakeReferralFee uint8 `json:"stake_referral_fee"`
	// SolDepositAuthority must sign deposits of SOL, if set.
	SolDepositAuthority *solana.PublicKey `json:"sol_deposit_authority"`
	SolDepositFee       Fee               `json:"sol_deposit_fee"`
	// SolReferralFee is the percentage (0 to 100) of a SOL deposit's fee that goes to the referrer.
	SolReferralFee uint8 `json:"sol_referral_fee"`
	// SolWithdrawAuthority must sign withdrawals of SOL, if set.
	SolWithdrawAuthority *solana.PublicKey `json:"sol_withdraw_authority"`
	SolWithdrawalFee     Fee               `json:"sol_withdrawal_fee"`
	NextSolWithdrawalFee FutureFee         `json:"next_sol_withdrawal_fee"`
	// LastEpochPoolTokenSupply and LastEpochTotalLamports are the pool just before the first update of LastUpdateEpoch; zero
	// in a pool that has never been updated.
	LastEpochPoolTokenSupply uint64 `json:"last_epoch_pool_token_supply"`
	LastEpochTotalLamports   uint64 `json:"last_epoch_total_lamports"`
}

// DecodeStakePool decodes the state of an SPL stake pool owned by one of [StakePoolPrograms]. For other deployments use
// [DecodeStakePoolOf].
func DecodeStakePool(account Account) (*StakePool, error) {
	return decode[StakePool](account, ownedBy(&account, StakePoolPrograms()...))
}

// DecodeStakePoolOf is [DecodeStakePool] for a deployment under any of the given program ids.
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
	p.SolDepositAuthority = r.OptionKey("sol_deposit_authority")
	p.SolDepositFee.read(r, "sol_deposit_fee")
	p.SolReferralFee = r.U8("sol_referral_fee")
	p.SolWithdrawAuthority = r.OptionKey("sol_withdraw_authority")
	p.SolWithdrawalFee.read(r, "sol_withdrawal_fee")
	p.NextSolWithdrawalFee.read(r, "next_sol_withdrawal_fee")
	p.LastEpochPoolTokenSupply = r.U64("last_epoch_pool_token_supply")
	p.LastEpochTotalLamports = r.U64("last_epoch_total_lamports")
}

func (p *StakePool) write(w *wire.Writer) {
	w.U8(accountTypeStakePool)
	for _, k := range []solana.PublicKey{p.Manager, p.Staker, p.StakeDepositAuthority} {
		w.Key(k)
	}
	w.U8(p.StakeWithdrawBumpSeed)
	for _, k := range []solana.PublicKey{p.ValidatorList, p.ReserveStake, p.PoolMint, p.ManagerFeeAccount, p.TokenProgram} {
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
	w.OptionKey(p.SolDepositAuthority)
	p.SolDepositFee.write(w)
	w.U8(p.SolReferralFee)
	w.OptionKey(p.SolWithdrawAuthority)
	p.SolWithdrawalFee.write(w)
	p.NextSolWithdrawalFee.write(w)
	w.U64(p.LastEpochPoolTokenSupply)
	w.U64(p.LastEpochTotalLamports)
}
