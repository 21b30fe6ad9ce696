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
	f.Denominator = r.U64(field + ".denominator")
	f.Numerator = r.U64(field + ".numerator")
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
	if f.Updates = r.Tag(field, 2); f.Updates != 0 {
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
func (l Lockup) InForce(c Clock) bool { return l.UnixTimestamp > c.UnixTimestamp || l.Epoch > c.Epoch }

func (l *Lockup) read(r *wire.Reader, field string) {
	l.UnixTimestamp = r.I64(field + ".unix_timestamp")
	l.Epoch = r.U64(field + ".epoch")
	l.Custodian = r.Key(field + ".custodian")
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
func DecodeStakePool(a Account) (*StakePool, error) {
	return decode[StakePool](a, StakePoolPrograms()...)
}

// DecodeStakePoolOf is [DecodeStakePool] for a deployment under any of the given program ids.
func DecodeStakePoolOf(a Account, programs ...solana.PublicKey) (*StakePool, error) {
	return decode[StakePool](a, programs...)
}

// Encode returns the packed form, 435 to 611 bytes.
func (p StakePool) Encode() []byte { return encode(&p) }

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler.
func (p *StakePool) UnmarshalWithDecoder(d *bin.Decoder) error { return unmarshal(p, d) }

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (p StakePool) MarshalWithEncoder(e *bin.Encoder) error { return marshal(&p, e) }

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

// ValidatorStatus is the state of one validator of a stake pool.
type ValidatorStatus uint8

// The states of a validator in a stake pool.
const (
	// ValidatorActive takes deposits and serves withdrawals.
	ValidatorActive ValidatorStatus = iota
	// ValidatorDeactivatingTransient has only transient stake left, which is deactivating.
	ValidatorDeactivatingTransient
	// ValidatorReadyForRemoval has no stake left.
	ValidatorReadyForRemoval
	// ValidatorDeactivating has its stake account deactivating.
	ValidatorDeactivating
	// ValidatorDeactivatingAll has both its stake accounts deactivating.
	ValidatorDeactivatingAll
)

// ValidatorStakeInfo is one entry of a validator list.
type ValidatorStakeInfo struct {
	// ActiveStakeLamports is all lamports of the validator's stake account, rent included, as last recorded.
	ActiveStakeLamports uint64 `json:"active_stake_lamports"`
	// TransientStakeLamports is all lamports of its transient stake account, 0 if there is none.
	TransientStakeLamports uint64 `json:"transient_stake_lamports"`
	LastUpdateEpoch        uint64 `json:"last_update_epoch"`
	// TransientSeedSuffix is part of the transient stake account's address.
	TransientSeedSuffix uint64 `json:"transient_seed_suffix"`
	Unused              uint32 `json:"unused"`
	// ValidatorSeedSuffix is part of the stake account's address if it is not zero.
	ValidatorSeedSuffix uint32           `json:"validator_seed_suffix"`
	Status              ValidatorStatus  `json:"status"`
	VoteAccount         solana.PublicKey `json:"vote_account_address"`
}

func (v *ValidatorStakeInfo) read(r *wire.Reader) {
	v.ActiveStakeLamports = r.U64("active_stake_lamports")
	v.TransientStakeLamports = r.U64("transient_stake_lamports")
	v.LastUpdateEpoch = r.U64("last_update_epoch")
	v.TransientSeedSuffix = r.U64("transient_seed_suffix")
	v.Unused = r.U32("unused")
	v.ValidatorSeedSuffix = r.U32("validator_seed_suffix")
	v.Status = ValidatorStatus(r.Tag("status", uint8(ValidatorDeactivatingAll)))
	v.VoteAccount = r.Key("vote_account_address")
}

func (v ValidatorStakeInfo) write(w *wire.Writer) {
	w.U64(v.ActiveStakeLamports)
	w.U64(v.TransientStakeLamports)
	w.U64(v.LastUpdateEpoch)
	w.U64(v.TransientSeedSuffix)
	w.U32(v.Unused)
	w.U32(v.ValidatorSeedSuffix)
	w.U8(uint8(v.Status))
	w.Key(v.VoteAccount)
}

// ValidatorList is the list of a stake pool's validators.
type ValidatorList struct {
	// MaxValidators is how many entries the account has room for.
	MaxValidators uint32               `json:"max_validators"`
	Validators    []ValidatorStakeInfo `json:"validators"`
}

// DecodeValidatorList decodes the validator list of an SPL stake pool owned by one of [StakePoolPrograms]. For other
// deployments use [DecodeValidatorListOf].
func DecodeValidatorList(a Account) (*ValidatorList, error) {
	return decode[ValidatorList](a, StakePoolPrograms()...)
}

// DecodeValidatorListOf is [DecodeValidatorList] for a deployment under any of the given program ids.
func DecodeValidatorListOf(a Account, programs ...solana.PublicKey) (*ValidatorList, error) {
	return decode[ValidatorList](a, programs...)
}

// Encode returns the packed form: the header and the entries, without the room that is left in the account.
func (l ValidatorList) Encode() []byte { return encode(&l) }

// Space is the size of the account that holds the list, in bytes.
func (l ValidatorList) Space() int {
	return ValidatorListHeaderSize + ValidatorStakeInfoSize*int(l.MaxValidators)
}

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler.
func (l *ValidatorList) UnmarshalWithDecoder(d *bin.Decoder) error { return unmarshal(l, d) }

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (l ValidatorList) MarshalWithEncoder(e *bin.Encoder) error { return marshal(&l, e) }

// Find returns the entry of a vote account, or nil.
func (l *ValidatorList) Find(vote solana.PublicKey) *ValidatorStakeInfo {
	if l == nil {
		return nil
	}

	for i := range l.Validators {
		if l.Validators[i].VoteAccount == vote {
			return &l.Validators[i]
		}
	}
	return nil
}

func (*ValidatorList) name() string { return "validator list" }

func (l *ValidatorList) read(r *wire.Reader) {
	expectType(r, "account_type", accountTypeValidatorList)
	l.MaxValidators = r.U32("max_validators")
	at := r.Offset()
	n := r.U32("validators.len")
	if int64(n)*ValidatorStakeInfoSize > int64(r.Remaining()) {
		r.Fail("validators.len", at, wire.ErrShort)
		return
	}
	l.Validators = make([]ValidatorStakeInfo, n)
	for i := range l.Validators {
		l.Validators[i].read(r)
	}
}

func (l *ValidatorList) write(w *wire.Writer) {
	w.U8(accountTypeValidatorList)
	w.U32(l.MaxValidators)
	w.U32(uint32(len(l.Validators)))
	for _, v := range l.Validators {
		v.write(w)
	}
}
