package accounts

import (
	"encoding/binary"
	"fmt"

	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/wire"
)

// Addresses of Lido on mainnet.
var (
	// LidoStateAddress is the address of [LidoState].
	LidoStateAddress = solana.MPK("49Yi1TKkNyYjPAFdR9LBvoHcUjuPX4Df5T5yv39w2XTn")
	// LidoValidatorListAddress is the address of [LidoValidatorList].
	LidoValidatorListAddress = solana.MPK("GL9kqRNUTUosW3RsDoXHCuXUZn73SgQQmBvtp1ng2co4")
	// StSOLMint is the mint of stSOL, Lido's liquid staking token. Its token
	// program is [TokenProgram].
	StSOLMint = solana.MPK("7dHbWXmci3dT8UFYWYZweBLXgycu7Y3iL6trKn1Y7ARj")
)

// Sizes of the Solido program's accounts, in bytes.
const (
	// LidoStateSize is the size of the packed state. The account on mainnet is
	// longer and has stale bytes after it.
	LidoStateSize = 418
	// LidoValidatorListHeaderSize is the size of a validator list without its
	// entries.
	LidoValidatorListHeaderSize = 10
	// LidoValidatorSize is the size of one entry of a validator list.
	LidoValidatorSize = 89
)

const (
	lidoTypeState         = 1
	lidoTypeValidatorList = 2
	lidoVersion           = 1
)

// readLidoHeader reads the first fields of every account of the program.
func readLidoHeader(r *wire.Reader, accountType uint8) {
	expectType(r, "account_type", accountType)
	at := r.Offset()
	if v := r.U8("lido_version"); v != lidoVersion {
		r.Fail("lido_version", at,
			fmt.Errorf("%w: version %d, want %d", ErrInvalidValue, v, lidoVersion))
	}
}

// LidoExchangeRate is the price of stSOL: StSOLSupply base units are worth
// SOLBalance lamports. It is updated once in each epoch.
type LidoExchangeRate struct {
	// ComputedInEpoch is the epoch of the last update. The program refuses
	// withdrawals when it is not the current epoch.
	ComputedInEpoch uint64 `json:"computed_in_epoch"`
	StSOLSupply     uint64 `json:"st_sol_supply"`
	SOLBalance      uint64 `json:"sol_balance"`
}

// LidoRewardDistribution is the distribution of staking rewards. Each field is
// a share of the sum of all three.
type LidoRewardDistribution struct {
	TreasuryFee       uint32 `json:"treasury_fee"`
	DeveloperFee      uint32 `json:"developer_fee"`
	StSOLAppreciation uint32 `json:"st_sol_appreciation"`
}

// LidoFeeRecipients are the stSOL token accounts that receive fees.
type LidoFeeRecipients struct {
	TreasuryAccount  solana.PublicKey `json:"treasury_account"`
	DeveloperAccount solana.PublicKey `json:"developer_account"`
}

// LidoMetrics is the program's lifetime statistics. Amounts are lamports or
// base units of stSOL.
type LidoMetrics struct {
	FeeTreasurySOLTotal       uint64 `json:"fee_treasury_sol_total"`
	FeeValidationSOLTotal     uint64 `json:"fee_validation_sol_total"`
	FeeDeveloperSOLTotal      uint64 `json:"fee_developer_sol_total"`
	StSOLAppreciationSOLTotal uint64 `json:"st_sol_appreciation_sol_total"`
	FeeTreasuryStSOLTotal     uint64 `json:"fee_treasury_st_sol_total"`
	FeeValidationStSOLTotal   uint64 `json:"fee_validation_st_sol_total"`
	FeeDeveloperStSOLTotal    uint64 `json:"fee_developer_st_sol_total"`
	// DepositCounts is the number of deposits for each range of sizes.
	// DepositTotal is the sum of all deposits, in lamports.
	DepositCounts      [12]uint64 `json:"deposit_amount_counts"`
	DepositTotal       uint64     `json:"deposit_amount_total"`
	WithdrawStSOLTotal uint64     `json:"withdraw_amount_total_st_sol_amount"`
	WithdrawSOLTotal   uint64     `json:"withdraw_amount_total_sol_amount"`
	WithdrawCount      uint64     `json:"withdraw_amount_count"`
}

func (m *LidoMetrics) read(r *wire.Reader) {
	m.FeeTreasurySOLTotal = r.U64("metrics.fee_treasury_sol_total")
	m.FeeValidationSOLTotal = r.U64("metrics.fee_validation_sol_total")
	m.FeeDeveloperSOLTotal = r.U64("metrics.fee_developer_sol_total")
	m.StSOLAppreciationSOLTotal = r.U64("metrics.st_sol_appreciation_sol_total")
	m.FeeTreasuryStSOLTotal = r.U64("metrics.fee_treasury_st_sol_total")
	m.FeeValidationStSOLTotal = r.U64("metrics.fee_validation_st_sol_total")
	m.FeeDeveloperStSOLTotal = r.U64("metrics.fee_developer_st_sol_total")
	for i := range m.DepositCounts {
		m.DepositCounts[i] = r.U64("metrics.deposit_amount.counts")
	}

	m.DepositTotal = r.U64("metrics.deposit_amount.total")
	m.WithdrawStSOLTotal = r.U64("metrics.withdraw_amount.total_st_sol_amount")
	m.WithdrawSOLTotal = r.U64("metrics.withdraw_amount.total_sol_amount")
	m.WithdrawCount = r.U64("metrics.withdraw_amount.count")
}

func (m *LidoMetrics) write(w *wire.Writer) {
	w.U64(m.FeeTreasurySOLTotal)
	w.U64(m.FeeValidationSOLTotal)
	w.U64(m.FeeDeveloperSOLTotal)
	w.U64(m.StSOLAppreciationSOLTotal)
	w.U64(m.FeeTreasuryStSOLTotal)
	w.U64(m.FeeValidationStSOLTotal)
	w.U64(m.FeeDeveloperStSOLTotal)
	for _, n := range m.DepositCounts {
		w.U64(n)
	}

	w.U64(m.DepositTotal)
	w.U64(m.WithdrawStSOLTotal)
	w.U64(m.WithdrawSOLTotal)
	w.U64(m.WithdrawCount)
}

// LidoState is the state account of Lido on Solana (the Solido program).
type LidoState struct {
	Manager                solana.PublicKey       `json:"manager"`
	StSOLMint              solana.PublicKey       `json:"st_sol_mint"`
	ExchangeRate           LidoExchangeRate       `json:"exchange_rate"`
	ReserveBumpSeed        uint8                  `json:"sol_reserve_account_bump_seed"`
	StakeAuthorityBumpSeed uint8                  `json:"stake_authority_bump_seed"`
	MintAuthorityBumpSeed  uint8                  `json:"mint_authority_bump_seed"`
	RewardDistribution     LidoRewardDistribution `json:"reward_distribution"`
	FeeRecipients          LidoFeeRecipients      `json:"fee_recipients"`
	Metrics                LidoMetrics            `json:"metrics"`
	ValidatorList          solana.PublicKey       `json:"validator_list"`
	MaintainerList         solana.PublicKey       `json:"maintainer_list"`
	// MaxCommissionPercentage is the highest commission (0 to 100) of an active
	// validator. A validator that charges more is deactivated.
	MaxCommissionPercentage uint8 `json:"max_commission_percentage"`
}

// DecodeLidoState decodes the state of Lido. It returns [ErrInvalidValue] for
// any other version than 1.
func DecodeLidoState(account Account) (*LidoState, error) {
	return decode[LidoState](account, ownedBy(&account, LidoProgram))
}

// Encode returns the packed form, [LidoStateSize] bytes.
func (s LidoState) Encode() []byte { return encode(&s) }

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler.
func (s *LidoState) UnmarshalWithDecoder(dec *bin.Decoder) error { return unmarshal(s, dec) }

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (s LidoState) MarshalWithEncoder(enc *bin.Encoder) error { return marshal(&s, enc) }

func (*LidoState) name() string { return "Lido state" }

func (s *LidoState) read(r *wire.Reader) {
	readLidoHeader(r, lidoTypeState)
	s.Manager = r.Key("manager")
	s.StSOLMint = r.Key("st_sol_mint")
	s.ExchangeRate.ComputedInEpoch = r.U64("exchange_rate.computed_in_epoch")
	s.ExchangeRate.StSOLSupply = r.U64("exchange_rate.st_sol_supply")
	s.ExchangeRate.SOLBalance = r.U64("exchange_rate.sol_balance")
	s.ReserveBumpSeed = r.U8("sol_reserve_account_bump_seed")
	s.StakeAuthorityBumpSeed = r.U8("stake_authority_bump_seed")
	s.MintAuthorityBumpSeed = r.U8("mint_authority_bump_seed")
	s.RewardDistribution.TreasuryFee = r.U32("reward_distribution.treasury_fee")
	s.RewardDistribution.DeveloperFee = r.U32("reward_distribution.developer_fee")
	s.RewardDistribution.StSOLAppreciation = r.U32("reward_distribution.st_sol_appreciation")
	s.FeeRecipients.TreasuryAccount = r.Key("fee_recipients.treasury_account")
	s.FeeRecipients.DeveloperAccount = r.Key("fee_recipients.developer_account")
	s.Metrics.read(r)
	s.ValidatorList = r.Key("validator_list")
	s.MaintainerList = r.Key("maintainer_list")
	s.MaxCommissionPercentage = r.U8("max_commission_percentage")
}

func (s *LidoState) write(w *wire.Writer) {
	w.U8(lidoTypeState)
	w.U8(lidoVersion)
	w.Key(s.Manager)
	w.Key(s.StSOLMint)
	w.U64(s.ExchangeRate.ComputedInEpoch)
	w.U64(s.ExchangeRate.StSOLSupply)
	w.U64(s.ExchangeRate.SOLBalance)
	w.U8(s.ReserveBumpSeed)
	w.U8(s.StakeAuthorityBumpSeed)
	w.U8(s.MintAuthorityBumpSeed)
	w.U32(s.RewardDistribution.TreasuryFee)
	w.U32(s.RewardDistribution.DeveloperFee)
	w.U32(s.RewardDistribution.StSOLAppreciation)
	w.Key(s.FeeRecipients.TreasuryAccount)
	w.Key(s.FeeRecipients.DeveloperAccount)
	s.Metrics.write(w)
	w.Key(s.ValidatorList)
	w.Key(s.MaintainerList)
	w.U8(s.MaxCommissionPercentage)
}

// LidoSeedRange is a range of seeds of stake accounts, from Begin (inclusive)
// to End (exclusive).
type LidoSeedRange struct {
	Begin uint64 `json:"begin"`
	End   uint64 `json:"end"`
}

func (s LidoSeedRange) write(w *wire.Writer) {
	w.U64(s.Begin)
	w.U64(s.End)
}

// LidoValidator is the entry of one validator in Lido's list. Amounts are
// lamports.
type LidoValidator struct {
	VoteAccount solana.PublicKey `json:"vote_account_address"`
	// StakeSeeds are the seeds of the validator's stake accounts. A withdrawal
	// takes stake from the account with the seed Begin.
	StakeSeeds   LidoSeedRange `json:"stake_seeds"`
	UnstakeSeeds LidoSeedRange `json:"unstake_seeds"`
	// StakeAccountsBalance is the balance of all stake accounts of the
	// validator, including those that are deactivating.
	StakeAccountsBalance   uint64 `json:"stake_accounts_balance"`
	UnstakeAccountsBalance uint64 `json:"unstake_accounts_balance"`
	// EffectiveStakeBalance is the balance by which the program finds the
	// validator with the most stake. Withdrawals must take stake from that
	// validator.
	EffectiveStakeBalance uint64 `json:"effective_stake_balance"`
	Active                bool   `json:"active"`
}

// lidoActiveOffset is the position of the field active in an entry. It is the
// only field that can have an invalid value.
const lidoActiveOffset = 88

// readRecord reads an entry without validating the field active.
func (v *LidoValidator) readRecord(b *[LidoValidatorSize]byte) {
	v.VoteAccount = solana.PublicKey(b[0:32])
	v.StakeSeeds.Begin = binary.LittleEndian.Uint64(b[32:40])
	v.StakeSeeds.End = binary.LittleEndian.Uint64(b[40:48])
	v.UnstakeSeeds.Begin = binary.LittleEndian.Uint64(b[48:56])
	v.UnstakeSeeds.End = binary.LittleEndian.Uint64(b[56:64])
	v.StakeAccountsBalance = binary.LittleEndian.Uint64(b[64:72])
	v.UnstakeAccountsBalance = binary.LittleEndian.Uint64(b[72:80])
	v.EffectiveStakeBalance = binary.LittleEndian.Uint64(b[80:88])
	v.Active = b[lidoActiveOffset] == 1
}

func (v *LidoValidator) write(w *wire.Writer) {
	w.Key(v.VoteAccount)
	v.StakeSeeds.write(w)
	v.UnstakeSeeds.write(w)
	w.U64(v.StakeAccountsBalance)
	w.U64(v.UnstakeAccountsBalance)
	w.U64(v.EffectiveStakeBalance)
	w.Bool(v.Active)
}

// LidoValidatorList is the validator list account of Lido.
type LidoValidatorList struct {
	// MaxEntries is the number of entries that the account has space for.
	MaxEntries uint32          `json:"max_entries"`
	Validators []LidoValidator `json:"entries"`
}

// DecodeLidoValidatorList decodes the list of Lido's validators. It returns
// [ErrInvalidValue] for any other version than 1.
func DecodeLidoValidatorList(account Account) (*LidoValidatorList, error) {
	return decode[LidoValidatorList](account, ownedBy(&account, LidoProgram))
}

// Encode returns the packed form: the header and the entries, without the
// unused space of the account.
func (l LidoValidatorList) Encode() []byte { return encode(&l) }

// Space returns the size of the account, in bytes.
func (l LidoValidatorList) Space() int {
	return LidoValidatorListHeaderSize + LidoValidatorSize*int(l.MaxEntries)
}

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler.
func (l *LidoValidatorList) UnmarshalWithDecoder(dec *bin.Decoder) error {
	return unmarshal(l, dec)
}

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (l LidoValidatorList) MarshalWithEncoder(enc *bin.Encoder) error { return marshal(&l, enc) }

// Index returns the position of a vote account in the list, or -1. Instructions
// refer to a validator by this position.
func (l *LidoValidatorList) Index(vote solana.PublicKey) int {
	if l == nil {
		return -1
	}

	for i := range l.Validators {
		if l.Validators[i].VoteAccount == vote {
			return i
		}
	}
	return -1
}

func (*LidoValidatorList) name() string { return "Lido validator list" }

func (l *LidoValidatorList) read(r *wire.Reader) {
	readLidoHeader(r, lidoTypeValidatorList)
	l.MaxEntries = r.U32("max_entries")
	at := r.Offset()
	n := r.U32("entries.len")
	records := r.Records("entries.len", at, n, LidoValidatorSize)
	if r.Err() != nil {
		return
	}

	first := r.Offset() - len(records)
	l.Validators = make([]LidoValidator, n)
	for i := range l.Validators {
		at := i * LidoValidatorSize
		l.Validators[i].readRecord((*[LidoValidatorSize]byte)(records[at:]))
		if active := records[at+lidoActiveOffset]; active > 1 {
			r.FailTag("active", first+at+lidoActiveOffset, uint64(active))
			return
		}
	}
}

func (l *LidoValidatorList) write(w *wire.Writer) {
	w.U8(lidoTypeValidatorList)
	w.U8(lidoVersion)
	w.U32(l.MaxEntries)
	w.U32(uint32(len(l.Validators)))
	for i := range l.Validators {
		l.Validators[i].write(w)
	}
}

// LidoStakeAuthority derives the address of the staker and withdrawer of Lido's
// stake accounts.
func LidoStakeAuthority(program, state solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("Lido stake authority", program, state[:], []byte("stake_authority"))
}

// LidoReserve derives the address of the system account that holds Lido's
// unstaked SOL.
func LidoReserve(program, state solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("Lido reserve", program, state[:], []byte("reserve_account"))
}

// LidoMintAuthority derives the address of the mint authority of stSOL.
func LidoMintAuthority(program, state solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("Lido mint authority", program, state[:], []byte("mint_authority"))
}

// LidoValidatorStake derives the address of a stake account of a Lido
// validator. seed is in the range StakeSeeds of the validator's entry.
func LidoValidatorStake(
	program, state, vote solana.PublicKey, seed uint64,
) (solana.PublicKey, error) {
	return findPDA("Lido validator stake account", program, state[:], vote[:],
		[]byte("validator_stake_account"), u64Seed(seed))
}

// StakeAddress derives the address of the stake account from which a withdrawal
// from this validator takes stake. Its seed is StakeSeeds.Begin.
func (v LidoValidator) StakeAddress(program, state solana.PublicKey) (solana.PublicKey, error) {
	return LidoValidatorStake(program, state, v.VoteAccount, v.StakeSeeds.Begin)
}
