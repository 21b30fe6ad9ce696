package accounts

import (
	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/wire"
)

// Addresses of Marinade on mainnet.
var (
	// MarinadeStateAddress is the address of [MarinadeState]. The state holds
	// the addresses of the lists, the mSOL leg of the liquidity pool and the
	// treasury.
	MarinadeStateAddress = solana.MPK("8szGkuLTAux9XMgZ2vtY39jVSowEcpBfFfD8hXSEqdGC")
	// MSOLMint is the mint of mSOL, Marinade's liquid staking token. Its token
	// program is [TokenProgram].
	MSOLMint = solana.MPK("mSoLzYCxHdYgdzU16g5QSh3i5K3z3KZK7ytfqcJm7So")
)

// Sizes of the Marinade program's accounts, in bytes.
const (
	// MarinadeStateSpace is the allocated size of the state.
	MarinadeStateSpace = 2616
	// MarinadeListHeaderSize is the size of a validator or stake list without
	// its records.
	MarinadeListHeaderSize = 8
	// MarinadeValidatorRecordSize is the minimum size of a record in the
	// validator list.
	MarinadeValidatorRecordSize = 61
	// MarinadeStakeRecordSize is the minimum size of a record in the stake
	// list.
	MarinadeStakeRecordSize = 50
)

// marinadeStateSize20 is the size of the packed form in version 2.0. Version
// 2.1 appends fields.
const marinadeStateSize20 = 638

// Discriminators of the accounts.
const (
	marinadeTagState         = "\xd8\x92\x6b\x5e\x68\x4b\xb6\xb1"
	marinadeTagValidatorList = "validatr"
	marinadeTagStakeList     = "staker__"
)

// MarinadeList is the location and the layout of one of Marinade's lists. The
// list account itself does not hold the size and the number of its records.
type MarinadeList struct {
	Account solana.PublicKey `json:"account"`
	// ItemSize is the distance from one record to the next, in bytes.
	ItemSize uint32 `json:"item_size"`
	// Count is the number of records.
	Count    uint32   `json:"count"`
	Reserved [36]byte `json:"reserved"`
}

func (l *MarinadeList) read(r *wire.Reader, field string) {
	r.Group(field)
	l.Account = r.Key("account")
	l.ItemSize = r.U32("item_size")
	l.Count = r.U32("count")
	r.Fill("reserved", l.Reserved[:])
	r.Group("")
}

func (l MarinadeList) write(w *wire.Writer) {
	w.Key(l.Account)
	w.U32(l.ItemSize)
	w.U32(l.Count)
	w.Raw(l.Reserved[:])
}

// MarinadeStakeSystem is the part of the state for stake accounts. Amounts are
// lamports.
type MarinadeStakeSystem struct {
	StakeList MarinadeList `json:"stake_list"`
	// DelayedUnstakeCoolingDown is the stake that deactivates in order to pay
	// tickets. Marinade still owns it.
	DelayedUnstakeCoolingDown uint64 `json:"delayed_unstake_cooling_down"`
	StakeDepositBumpSeed      uint8  `json:"stake_deposit_bump_seed"`
	StakeWithdrawBumpSeed     uint8  `json:"stake_withdraw_bump_seed"`
	// SlotsForStakeDelta is the length of the window at the end of an epoch in
	// which Marinade stakes and unstakes, in slots.
	SlotsForStakeDelta uint64 `json:"slots_for_stake_delta"`
	// LastStakeDeltaEpoch is the last epoch in which that window began. A
	// ticket that is ordered afterwards in the same epoch is treated as one of
	// the next epoch.
	LastStakeDeltaEpoch uint64 `json:"last_stake_delta_epoch"`
	// MinStake is the minimum delegation of a stake account.
	MinStake            uint64 `json:"min_stake"`
	ExtraStakeDeltaRuns uint32 `json:"extra_stake_delta_runs"`
}

func (s *MarinadeStakeSystem) read(r *wire.Reader) {
	s.StakeList.read(r, "stake_system.stake_list")
	s.DelayedUnstakeCoolingDown = r.U64("stake_system.delayed_unstake_cooling_down")
	s.StakeDepositBumpSeed = r.U8("stake_system.stake_deposit_bump_seed")
	s.StakeWithdrawBumpSeed = r.U8("stake_system.stake_withdraw_bump_seed")
	s.SlotsForStakeDelta = r.U64("stake_system.slots_for_stake_delta")
	s.LastStakeDeltaEpoch = r.U64("stake_system.last_stake_delta_epoch")
	s.MinStake = r.U64("stake_system.min_stake")
	s.ExtraStakeDeltaRuns = r.U32("stake_system.extra_stake_delta_runs")
}

func (s *MarinadeStakeSystem) write(w *wire.Writer) {
	s.StakeList.write(w)
	w.U64(s.DelayedUnstakeCoolingDown)
	w.U8(s.StakeDepositBumpSeed)
	w.U8(s.StakeWithdrawBumpSeed)
	w.U64(s.SlotsForStakeDelta)
	w.U64(s.LastStakeDeltaEpoch)
	w.U64(s.MinStake)
	w.U32(s.ExtraStakeDeltaRuns)
}

// MarinadeValidatorSystem is the part of the state for validators.
type MarinadeValidatorSystem struct {
	ValidatorList       MarinadeList     `json:"validator_list"`
	ManagerAuthority    solana.PublicKey `json:"manager_authority"`
	TotalValidatorScore uint32           `json:"total_validator_score"`
	// TotalActiveBalance is the sum of the active balances of all validators,
	// in lamports.
	TotalActiveBalance uint64 `json:"total_active_balance"`
	// AutoAddValidatorEnabled is no longer used.
	AutoAddValidatorEnabled uint8 `json:"auto_add_validator_enabled"`
}

func (s *MarinadeValidatorSystem) read(r *wire.Reader) {
	s.ValidatorList.read(r, "validator_system.validator_list")
	s.ManagerAuthority = r.Key("validator_system.manager_authority")
	s.TotalValidatorScore = r.U32("validator_system.total_validator_score")
	s.TotalActiveBalance = r.U64("validator_system.total_active_balance")
	s.AutoAddValidatorEnabled = r.U8("validator_system.auto_add_validator_enabled")
}

func (s *MarinadeValidatorSystem) write(w *wire.Writer) {
	s.ValidatorList.write(w)
	w.Key(s.ManagerAuthority)
	w.U32(s.TotalValidatorScore)
	w.U64(s.TotalActiveBalance)
	w.U8(s.AutoAddValidatorEnabled)
}

// MarinadeLiqPool is the part of the state for the liquidity pool of SOL and
// mSOL, which pays instant unstakes. Amounts are lamports or base units, fees
// are basis points (1/10,000).
type MarinadeLiqPool struct {
	LPMint                   solana.PublicKey `json:"lp_mint"`
	LPMintAuthorityBumpSeed  uint8            `json:"lp_mint_authority_bump_seed"`
	SOLLegBumpSeed           uint8            `json:"sol_leg_bump_seed"`
	MSOLLegAuthorityBumpSeed uint8            `json:"msol_leg_authority_bump_seed"`
	// MSOLLeg is the mSOL token account of the liquidity pool.
	MSOLLeg solana.PublicKey `json:"msol_leg"`
	// LPLiquidityTarget is the amount of SOL from which on the fee is LPMinFee.
	// Below it the fee rises, up to LPMaxFee when the pool has no SOL.
	LPLiquidityTarget uint64 `json:"lp_liquidity_target"`
	LPMaxFee          uint32 `json:"lp_max_fee"`
	LPMinFee          uint32 `json:"lp_min_fee"`
	// TreasuryCut is the share of the fee that goes to the treasury.
	TreasuryCut     uint32 `json:"treasury_cut"`
	LPSupply        uint64 `json:"lp_supply"`
	LentFromSOLLeg  uint64 `json:"lent_from_sol_leg"`
	LiquiditySOLCap uint64 `json:"liquidity_sol_cap"`
}

func (p *MarinadeLiqPool) read(r *wire.Reader) {
	p.LPMint = r.Key("liq_pool.lp_mint")
	p.LPMintAuthorityBumpSeed = r.U8("liq_pool.lp_mint_authority_bump_seed")
	p.SOLLegBumpSeed = r.U8("liq_pool.sol_leg_bump_seed")
	p.MSOLLegAuthorityBumpSeed = r.U8("liq_pool.msol_leg_authority_bump_seed")
	p.MSOLLeg = r.Key("liq_pool.msol_leg")
	p.LPLiquidityTarget = r.U64("liq_pool.lp_liquidity_target")
	p.LPMaxFee = r.U32("liq_pool.lp_max_fee")
	p.LPMinFee = r.U32("liq_pool.lp_min_fee")
	p.TreasuryCut = r.U32("liq_pool.treasury_cut")
	p.LPSupply = r.U64("liq_pool.lp_supply")
	p.LentFromSOLLeg = r.U64("liq_pool.lent_from_sol_leg")
	p.LiquiditySOLCap = r.U64("liq_pool.liquidity_sol_cap")
}

func (p *MarinadeLiqPool) write(w *wire.Writer) {
	w.Key(p.LPMint)
	w.U8(p.LPMintAuthorityBumpSeed)
	w.U8(p.SOLLegBumpSeed)
	w.U8(p.MSOLLegAuthorityBumpSeed)
	w.Key(p.MSOLLeg)
	w.U64(p.LPLiquidityTarget)
	w.U32(p.LPMaxFee)
	w.U32(p.LPMinFee)
	w.U32(p.TreasuryCut)
	w.U64(p.LPSupply)
	w.U64(p.LentFromSOLLeg)
	w.U64(p.LiquiditySOLCap)
}

// MarinadeUpgraderState is the progress of version 2.1 of the Marinade program
// in converting the records of version 2.0.
type MarinadeUpgraderState uint8

// The states of the conversion. A state account that was written by version 2.0
// decodes as MarinadeIteratingStakes.
const (
	MarinadeIteratingStakes MarinadeUpgraderState = iota
	MarinadeIteratingValidators
	MarinadeUpgradeDone
)

// MarinadeDelinquentUpgrader describes the conversion of the records by version
// 2.1. Fields that do not belong to State are zero. Amounts are lamports.
type MarinadeDelinquentUpgrader struct {
	State MarinadeUpgraderState `json:"state"`
	// VisitedCount is set in the states MarinadeIteratingStakes and
	// MarinadeIteratingValidators.
	VisitedCount uint32 `json:"visited_count"`
	// TotalActiveBalance and TotalDelinquentBalance are set in the state
	// MarinadeIteratingStakes.
	TotalActiveBalance     uint64 `json:"total_active_balance"`
	TotalDelinquentBalance uint64 `json:"total_delinquent_balance"`
	// DelinquentBalanceLeft is set in the state MarinadeIteratingValidators.
	DelinquentBalanceLeft uint64 `json:"delinquent_balance_left"`
}

func (u *MarinadeDelinquentUpgrader) read(r *wire.Reader) {
	u.State = MarinadeUpgraderState(r.Tag("delinquent_upgrader", uint8(MarinadeUpgradeDone)))
	switch u.State {
	case MarinadeIteratingStakes:
		u.VisitedCount = r.U32("delinquent_upgrader.visited_count")
		u.TotalActiveBalance = r.U64("delinquent_upgrader.total_active_balance")
		u.TotalDelinquentBalance = r.U64("delinquent_upgrader.total_delinquent_balance")
	case MarinadeIteratingValidators:
		u.VisitedCount = r.U32("delinquent_upgrader.visited_count")
		u.DelinquentBalanceLeft = r.U64("delinquent_upgrader.delinquent_balance_left")
	}
}

func (u *MarinadeDelinquentUpgrader) write(w *wire.Writer) {
	w.U8(uint8(u.State))
	switch u.State {
	case MarinadeIteratingStakes:
		w.U32(u.VisitedCount)
		w.U64(u.TotalActiveBalance)
		w.U64(u.TotalDelinquentBalance)
	case MarinadeIteratingValidators:
		w.U32(u.VisitedCount)
		w.U64(u.DelinquentBalanceLeft)
	}
}

// MarinadeState is the state account of Marinade. Amounts are lamports or base
// units of mSOL. Fees are either basis points (1/10,000) or hundredths of them
// (1/1,000,000); the comment of each fee tells which.
//
// Version 2.0 of the program packs 638 bytes, up to MaxStakeMovedPerEpoch.
// Version 2.1 appends DelinquentUpgrader and two fees, 9 to 29 bytes. In an
// account written by version 2.0 these bytes are zero, which version 2.1 reads
// as valid values. Encode always writes the appended part. Data of exactly 638
// bytes decodes as if zeros followed; data that ends within the appended part
// is too short.
type MarinadeState struct {
	MSOLMint              solana.PublicKey `json:"msol_mint"`
	AdminAuthority        solana.PublicKey `json:"admin_authority"`
	OperationalSOLAccount solana.PublicKey `json:"operational_sol_account"`
	// TreasuryMSOLAccount receives the fees, unless it is no longer a token
	// account of mSOL.
	TreasuryMSOLAccount       solana.PublicKey `json:"treasury_msol_account"`
	ReserveBumpSeed           uint8            `json:"reserve_bump_seed"`
	MSOLMintAuthorityBumpSeed uint8            `json:"msol_mint_authority_bump_seed"`
	// RentExemptForTokenAcc is the balance that the reserve and the SOL leg of
	// the liquidity pool must keep. It does not follow the Rent sysvar.
	RentExemptForTokenAcc uint64 `json:"rent_exempt_for_token_acc"`
	// RewardFee is the fee on staking rewards, in basis points.
	RewardFee       uint32                  `json:"reward_fee"`
	StakeSystem     MarinadeStakeSystem     `json:"stake_system"`
	ValidatorSystem MarinadeValidatorSystem `json:"validator_system"`
	LiqPool         MarinadeLiqPool         `json:"liq_pool"`
	// AvailableReserveBalance is the program's own counter of the reserve's
	// balance, without rent.
	AvailableReserveBalance uint64 `json:"available_reserve_balance"`
	// MSOLSupply is the program's own counter of mSOL, from which prices are
	// computed. The supply of the mint may be lower, because holders can burn
	// mSOL.
	MSOLSupply uint64 `json:"msol_supply"`
	// MSOLPrice is the number of lamports for one base unit of mSOL, times
	// 2^32. The program does not use it: it is for display.
	MSOLPrice uint64 `json:"msol_price"`
	// CirculatingTicketCount and CirculatingTicketBalance are the number and
	// the sum of the delayed unstake tickets that have not been claimed yet.
	CirculatingTicketCount   uint64 `json:"circulating_ticket_count"`
	CirculatingTicketBalance uint64 `json:"circulating_ticket_balance"`
	LentFromReserve          uint64 `json:"lent_from_reserve"`
	// MinDeposit is the minimum deposit of SOL, in lamports.
	MinDeposit uint64 `json:"min_deposit"`
	// MinWithdraw is the minimum value of an unstake, in lamports.
	MinWithdraw   uint64 `json:"min_withdraw"`
	StakingSOLCap uint64 `json:"staking_sol_cap"`
	// EmergencyCoolingDown is the stake that deactivates for other reasons than
	// tickets. Marinade still owns it.
	EmergencyCoolingDown uint64           `json:"emergency_cooling_down"`
	PauseAuthority       solana.PublicKey `json:"pause_authority"`
	// Paused reports whether the program refuses the instructions of users.
	Paused bool `json:"paused"`
	// DelayedUnstakeFee and WithdrawStakeAccountFee are in hundredths of a
	// basis point (1,000 is 0.1 %).
	DelayedUnstakeFee           uint32 `json:"delayed_unstake_fee"`
	WithdrawStakeAccountFee     uint32 `json:"withdraw_stake_account_fee"`
	WithdrawStakeAccountEnabled bool   `json:"withdraw_stake_account_enabled"`
	LastStakeMoveEpoch          uint64 `json:"last_stake_move_epoch"`
	StakeMoved                  uint64 `json:"stake_moved"`
	// MaxStakeMovedPerEpoch is in basis points.
	MaxStakeMovedPerEpoch uint32 `json:"max_stake_moved_per_epoch"`
	// DelinquentUpgrader exists since version 2.1, which does not allow
	// withdrawals of stake accounts before the conversion is done. Version 2.0
	// ignores it.
	DelinquentUpgrader MarinadeDelinquentUpgrader `json:"delinquent_upgrader"`
	// DepositSOLFee and DepositStakeAccountFee are in hundredths of a basis
	// point. They are zero under version 2.0.
	DepositSOLFee          uint32 `json:"deposit_sol_fee"`
	DepositStakeAccountFee uint32 `json:"deposit_stake_account_fee"`
}

// DecodeMarinadeState decodes the state of Marinade, in version 2.0 or 2.1.
func DecodeMarinadeState(account Account) (*MarinadeState, error) {
	return decode[MarinadeState](account, ownedBy(&account, MarinadeProgram))
}

// Encode returns the packed form of version 2.1: 647, 659 or 667 bytes. For a
// state that was packed by version 2.0 these are its 638 bytes, followed by 29
// zeros.
func (s MarinadeState) Encode() []byte { return encode(&s) }

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler.
func (s *MarinadeState) UnmarshalWithDecoder(dec *bin.Decoder) error { return unmarshal(s, dec) }

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (s MarinadeState) MarshalWithEncoder(enc *bin.Encoder) error { return marshal(&s, enc) }

func (*MarinadeState) name() string { return "Marinade state" }

func (s *MarinadeState) read(r *wire.Reader) {
	expectTag(r, marinadeTagState)
	s.MSOLMint = r.Key("msol_mint")
	s.AdminAuthority = r.Key("admin_authority")
	s.OperationalSOLAccount = r.Key("operational_sol_account")
	s.TreasuryMSOLAccount = r.Key("treasury_msol_account")
	s.ReserveBumpSeed = r.U8("reserve_bump_seed")
	s.MSOLMintAuthorityBumpSeed = r.U8("msol_mint_authority_bump_seed")
	s.RentExemptForTokenAcc = r.U64("rent_exempt_for_token_acc")
	s.RewardFee = r.U32("reward_fee")
	s.StakeSystem.read(r)
	s.ValidatorSystem.read(r)
	s.LiqPool.read(r)
	s.AvailableReserveBalance = r.U64("available_reserve_balance")
	s.MSOLSupply = r.U64("msol_supply")
	s.MSOLPrice = r.U64("msol_price")
	s.CirculatingTicketCount = r.U64("circulating_ticket_count")
	s.CirculatingTicketBalance = r.U64("circulating_ticket_balance")
	s.LentFromReserve = r.U64("lent_from_reserve")
	s.MinDeposit = r.U64("min_deposit")
	s.MinWithdraw = r.U64("min_withdraw")
	s.StakingSOLCap = r.U64("staking_sol_cap")
	s.EmergencyCoolingDown = r.U64("emergency_cooling_down")
	s.PauseAuthority = r.Key("pause_authority")
	s.Paused = r.Bool("paused")
	s.DelayedUnstakeFee = r.U32("delayed_unstake_fee")
	s.WithdrawStakeAccountFee = r.U32("withdraw_stake_account_fee")
	s.WithdrawStakeAccountEnabled = r.Bool("withdraw_stake_account_enabled")
	s.LastStakeMoveEpoch = r.U64("last_stake_move_epoch")
	s.StakeMoved = r.U64("stake_moved")
	s.MaxStakeMovedPerEpoch = r.U32("max_stake_moved_per_epoch")
	if r.Offset() == marinadeStateSize20 && r.Remaining() == 0 {
		return
	}

	s.DelinquentUpgrader.read(r)
	s.DepositSOLFee = r.U32("deposit_sol_fee")
	s.DepositStakeAccountFee = r.U32("deposit_stake_account_fee")
}

func (s *MarinadeState) write(w *wire.Writer) {
	w.Raw([]byte(marinadeTagState))
	w.Key(s.MSOLMint)
	w.Key(s.AdminAuthority)
	w.Key(s.OperationalSOLAccount)
	w.Key(s.TreasuryMSOLAccount)
	w.U8(s.ReserveBumpSeed)
	w.U8(s.MSOLMintAuthorityBumpSeed)
	w.U64(s.RentExemptForTokenAcc)
	w.U32(s.RewardFee)
	s.StakeSystem.write(w)
	s.ValidatorSystem.write(w)
	s.LiqPool.write(w)
	w.U64(s.AvailableReserveBalance)
	w.U64(s.MSOLSupply)
	w.U64(s.MSOLPrice)
	w.U64(s.CirculatingTicketCount)
	w.U64(s.CirculatingTicketBalance)
	w.U64(s.LentFromReserve)
	w.U64(s.MinDeposit)
	w.U64(s.MinWithdraw)
	w.U64(s.StakingSOLCap)
	w.U64(s.EmergencyCoolingDown)
	w.Key(s.PauseAuthority)
	w.Bool(s.Paused)
	w.U32(s.DelayedUnstakeFee)
	w.U32(s.WithdrawStakeAccountFee)
	w.Bool(s.WithdrawStakeAccountEnabled)
	w.U64(s.LastStakeMoveEpoch)
	w.U64(s.StakeMoved)
	w.U32(s.MaxStakeMovedPerEpoch)
	s.DelinquentUpgrader.write(w)
	w.U32(s.DepositSOLFee)
	w.U32(s.DepositStakeAccountFee)
}

// MarinadeReserve derives the address of the system account that holds
// deposited SOL until it is staked. It also pays tickets.
func MarinadeReserve(program, state solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("Marinade reserve", program, state[:], []byte("reserve"))
}

// MarinadeSOLLeg derives the address of the system account that holds the SOL
// of the liquidity pool.
func MarinadeSOLLeg(program, state solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("Marinade SOL leg", program, state[:], []byte("liq_sol"))
}

// MarinadeMSOLLegAuthority derives the address of the authority over the mSOL
// leg of the liquidity pool.
func MarinadeMSOLLegAuthority(program, state solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("Marinade mSOL leg authority", program, state[:], []byte("liq_st_sol_authority"))
}

// MarinadeMSOLMintAuthority derives the address of the mint authority of mSOL.
func MarinadeMSOLMintAuthority(program, state solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("Marinade mSOL mint authority", program, state[:], []byte("st_mint"))
}

// MarinadeStakeWithdrawAuthority derives the address of the withdrawer of
// Marinade's stake accounts.
func MarinadeStakeWithdrawAuthority(program, state solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("Marinade stake withdraw authority", program, state[:], []byte("withdraw"))
}

// MarinadeStakeDepositAuthority derives the address of the staker of Marinade's
// stake accounts.
func MarinadeStakeDepositAuthority(program, state solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("Marinade stake deposit authority", program, state[:], []byte("deposit"))
}

// MarinadeDuplicationFlag derives the address of a validator's flag account.
// The account exists while the validator is in the list.
func MarinadeDuplicationFlag(program, state, vote solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("Marinade duplication flag", program, state[:], []byte("unique_validator"),
		vote[:])
}

// MarinadeValidatorListAddress derives the default address of Marinade's
// validator list. The address in [MarinadeState] takes precedence.
func MarinadeValidatorListAddress(program, state solana.PublicKey) (solana.PublicKey, error) {
	return withSeed("Marinade validator list", state, "validator_list", program)
}

// MarinadeStakeListAddress derives the default address of Marinade's stake
// list. The address in [MarinadeState] takes precedence.
func MarinadeStakeListAddress(program, state solana.PublicKey) (solana.PublicKey, error) {
	return withSeed("Marinade stake list", state, "stake_list", program)
}
