package accounts

import (
	"encoding/binary"
	"fmt"

	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/wire"
)

// Addresses of Lido on mainnet. That of its validator list is in [LidoState].
var (
	// LidoStateAddress is the state of Lido, see [LidoState].
	LidoStateAddress = solana.MPK("49Yi1TKkNyYjPAFdR9LBvoHcUjuPX4Df5T5yv39w2XTn")
	// LidoValidatorListAddress is its list of validators, see [LidoValidatorList].
	LidoValidatorListAddress = solana.MPK("GL9kqRNUTUosW3RsDoXHCuXUZn73SgQQmBvtp1ng2co4")
	// StSOLMint is the mint of stSOL, Lido's liquid staking token. It belongs to the classic token program.
	StSOLMint = solana.MPK("7dHbWXmci3dT8UFYWYZweBLXgycu7Y3iL6trKn1Y7ARj")
)

// Sizes of the Solido program's accounts, in bytes.
const (
	// LidoStateSize is the packed form of the state. The account on mainnet is longer and has stale bytes behind it.
	LidoStateSize = 418
	// LidoValidatorListHeaderSize is the size of a validator list without entries.
	LidoValidatorListHeaderSize = 10
	// LidoValidatorSize is the size of one entry of a validator list.
	LidoValidatorSize = 89
)

const (
	lidoTypeState         = 1
	lidoTypeValidatorList = 2
	lidoVersion           = 1
)

// readLidoHeader reads what every account of the program begins with.
func readLidoHeader(r *wire.Reader, accountType uint8) {
	expectType(r, "account_type", accountType)
	at := r.Offset()
	if v := r.U8("lido_version"); v != lidoVersion {
		r.Fail("lido_version", at, fmt.Errorf("%w: version %d, want %d", ErrInvalid, v, lidoVersion))
	}
}

// LidoExchangeRate is the price of stSOL: SOLBalance lamports for StSOLSupply base units. It holds for one epoch.
type LidoExchangeRate struct {
	// ComputedInEpoch is the epoch of the last update; in a later epoch the program refuses withdrawals.
	ComputedInEpoch uint64 `json:"computed_in_epoch"`
	StSOLSupply     uint64 `json:"st_sol_supply"`
	SOLBalance      uint64 `json:"sol_balance"`
}

// LidoRewardDistribution says how staking rewards are shared out, as parts of the sum of its fields.
type LidoRewardDistribution struct {
	TreasuryFee       uint32 `json:"treasury_fee"`
	DeveloperFee      uint32 `json:"developer_fee"`
	StSOLAppreciation uint32 `json:"st_sol_appreciation"`
}

// LidoFeeRecipients are the token accounts of stSOL that fees go to.
type LidoFeeRecipients struct {
	TreasuryAccount  solana.PublicKey `json:"treasury_account"`
	DeveloperAccount solana.PublicKey `json:"developer_account"`
}

// LidoMetrics is the program's statistics since it began. Amounts are lamports or base units of stSOL.
type LidoMetrics struct {
	FeeTreasurySOLTotal       uint64 `json:"fee_treasury_sol_total"`
	FeeValidationSOLTotal     uint64 `json:"fee_validation_sol_total"`
	FeeDeveloperSOLTotal      uint64 `json:"fee_developer_sol_total"`
	StSOLAppreciationSOLTotal uint64 `json:"st_sol_appreciation_sol_total"`
	FeeTreasuryStSOLTotal     uint64 `json:"fee_treasury_st_sol_total"`
	FeeValidationStSOLTotal   uint64 `json:"fee_validation_st_sol_total"`
	FeeDeveloperStSOLTotal    uint64 `json:"fee_developer_st_sol_total"`
	// DepositCounts are the numbers of deposits by size, and DepositTotal is the lamports of all.
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

// LidoState is the state of Lido on Solana (the Solido program).
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
	// MaxCommissionPercentage is the commission (0 to 100) above which a validator is deactivated.
	MaxCommissionPercentage uint8 `json:"max_commission_percentage"`
}

// DecodeLidoState decodes the state of Lido. Other versions of it than 1 are refused with [ErrInvalid].
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

// LidoSeedRange is a range of seeds of stake accounts: from Begin up to but without End.
type LidoSeedRange struct {
	Begin uint64 `json:"begin"`
	End   uint64 `json:"end"`
}

func (s LidoSeedRange) write(w *wire.Writer) {
	w.U64(s.Begin)
	w.U64(s.End)
}

// LidoValidator is one validator of Lido. Amounts are lamports.
type LidoValidator struct {
	VoteAccount solana.PublicKey `json:"vote_account_address"`
	// StakeSeeds are the seeds of its stake accounts. Withdrawals come from the one at Begin.
	StakeSeeds   LidoSeedRange `json:"stake_seeds"`
	UnstakeSeeds LidoSeedRange `json:"unstake_seeds"`
	// StakeAccountsBalance is all lamports of its stake accounts, those that are unstaking included.
	StakeAccountsBalance   uint64 `json:"stake_accounts_balance"`
	UnstakeAccountsBalance uint64 `json:"unstake_accounts_balance"`
	// EffectiveStakeBalance is what the program compares to find the validator that withdrawals must come from.
	EffectiveStakeBalance uint64 `json:"effective_stake_balance"`
	Active                bool   `json:"active"`
}

// lidoActiveOffset is where an entry says whether it is active, the only field
// of it that not every value fits.
const lidoActiveOffset = 88

// readRecord reads an entry, but does not judge whether it is active.
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

// LidoValidatorList is the list of Lido's validators.
type LidoValidatorList struct {
	// MaxEntries is how many entries the account has room for.
	MaxEntries uint32          `json:"max_entries"`
	Validators []LidoValidator `json:"entries"`
}

// DecodeLidoValidatorList decodes the list of Lido's validators. Other versions of it than 1 are refused with [ErrInvalid].
func DecodeLidoValidatorList(account Account) (*LidoValidatorList, error) {
	return decode[LidoValidatorList](account, ownedBy(&account, LidoProgram))
}

// Encode returns the packed form: the header and the entries, without the room that is left in the account.
func (l LidoValidatorList) Encode() []byte { return encode(&l) }

// Space is the size of the account that holds the list, in bytes.
func (l LidoValidatorList) Space() int {
	return LidoValidatorListHeaderSize + LidoValidatorSize*int(l.MaxEntries)
}

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler.
func (l *LidoValidatorList) UnmarshalWithDecoder(dec *bin.Decoder) error {
	return unmarshal(l, dec)
}

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (l LidoValidatorList) MarshalWithEncoder(enc *bin.Encoder) error { return marshal(&l, enc) }

// Index returns the position of a vote account, by which instructions name it, or -1.
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

// LidoStakeAuthority derives the staker and withdrawer of Lido's stake accounts.
func LidoStakeAuthority(program, state solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("Lido stake authority", program, state[:], []byte("stake_authority"))
}

// LidoReserve derives the system account that holds Lido's SOL that is not staked.
func LidoReserve(program, state solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("Lido reserve", program, state[:], []byte("reserve_account"))
}

// LidoMintAuthority derives the authority over the mint of stSOL.
func LidoMintAuthority(program, state solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("Lido mint authority", program, state[:], []byte("mint_authority"))
}

// LidoValidatorStake derives a stake account of a validator of Lido. The seed is one of the entry's StakeSeeds.
func LidoValidatorStake(
	program, state, vote solana.PublicKey, seed uint64,
) (solana.PublicKey, error) {
	return findPDA("Lido validator stake account", program, state[:], vote[:], []byte("validator_stake_account"), u64Seed(seed))
}

// StakeAddress derives the stake account that a withdrawal from the validator must come from: the one of the first seed.
func (v LidoValidator) StakeAddress(program, state solana.PublicKey) (solana.PublicKey, error) {
	return LidoValidatorStake(program, state, v.VoteAccount, v.StakeSeeds.Begin)
}
