package accounts

import "github.com/gagliardetto/solana-go"

// Program ids. They are values to pass around: a decoder or builder never
// assumes which deployment it works for.
var (
	// StakePoolProgram is the original SPL stake pool deployment.
	StakePoolProgram = solana.MPK("SPoo1Ku8WFXoNDMHPsrGSTSG1Y47rzgn41SLUNakuHy")
	// SanctumStakePoolProgram is Sanctum's deployment for single-validator
	// pools.
	SanctumStakePoolProgram = solana.MPK("SP12tWFxD9oJsVWNavTTBZvMbA6gkAmxtVgxdqvyvhY")
	// SanctumMultiStakePoolProgram is Sanctum's deployment for pools of many
	// validators.
	SanctumMultiStakePoolProgram = solana.MPK("SPMBzsVUuoHA4Jm6KunbsotaahvVikZs1JyTW6iJvbn")

	// MarinadeProgram is the Marinade liquid staking program (mSOL).
	MarinadeProgram = solana.MPK("MarBmsSgKXdrN1egZf5sqe1TMai9K1rChYNDJgjq7aD")
	// LidoProgram is the Solido program (stSOL).
	LidoProgram = solana.MPK("CrX7kMhLC3cSsXJdT7JDgqrRVWGnUpX3gfEfxxU2NVLi")
	// ReserveProgram is the Sanctum Reserve (instant unstake of stake
	// accounts).
	ReserveProgram = solana.MPK("unpXTU2Ndrc7WWNyEhQWe4udTzSibLPi25SXv2xbCHQ")
	// RouterProgram is the Sanctum Router, which composes deposits and
	// withdrawals of stake pools and the Reserve.
	RouterProgram = solana.MPK("stkitrT1Uoy18Dk1fTrgPw8W6MVzoCfYoAFT4MLsmhq")
	// InfinityProgram is the controller of the Infinity pool.
	InfinityProgram = solana.MPK("5ocnV1qiCgaQR8Jb8xWnVbApfaygJ8tNoZfgPwsgx9kx")

	// SystemProgram owns plain SOL accounts.
	SystemProgram = solana.SystemProgramID
	// StakeProgram owns native stake accounts.
	StakeProgram = solana.StakeProgramID
	// TokenProgram is the classic SPL Token program.
	TokenProgram = solana.TokenProgramID
	// Token2022Program is the Token-2022 (Token Extensions) program.
	Token2022Program = solana.Token2022ProgramID
	// AssociatedTokenProgram derives and creates associated token accounts.
	AssociatedTokenProgram = solana.SPLAssociatedTokenAccountProgramID
	// ComputeBudgetProgram takes a transaction's compute limit and priority
	// fee.
	ComputeBudgetProgram = solana.ComputeBudget
	// MemoProgram writes a text to the log of a transaction (version 2 of the
	// program).
	MemoProgram = solana.MemoProgramID
	// LookupTableProgram owns address lookup tables.
	LookupTableProgram = solana.MPK("AddressLookupTab1e1111111111111111111111111")
	// UpgradeableLoader owns programs that can be upgraded and their program
	// data.
	UpgradeableLoader = solana.BPFLoaderUpgradeableProgramID
	// SysvarProgram owns the sysvar accounts.
	SysvarProgram = solana.MPK("Sysvar1111111111111111111111111111111111111")
)

// Addresses of sysvars and of the wrapped SOL mint.
var (
	// ClockSysvar holds slot, epoch and time, see [Clock].
	ClockSysvar = solana.SysVarClockPubkey
	// RentSysvar holds the price of account storage, see [Rent].
	RentSysvar = solana.SysVarRentPubkey
	// EpochScheduleSysvar holds the length of epochs, see [EpochSchedule].
	EpochScheduleSysvar = solana.SysVarEpochSchedulePubkey
	// EpochRewardsSysvar tells whether staking rewards are being paid out, see
	// [EpochRewards].
	EpochRewardsSysvar = solana.MPK("SysvarEpochRewards1111111111111111111111111")
	// StakeHistorySysvar holds the cluster's stake per epoch, see
	// [StakeHistory].
	StakeHistorySysvar = solana.SysVarStakeHistoryPubkey
	// NativeMint is the mint of wrapped SOL. Native SOL is spelled with it,
	// too.
	NativeMint = solana.WrappedSol
)

// StakePoolPrograms returns the three deployments of the SPL stake pool program
// that this module knows. They share layouts, instructions and arithmetic, but
// are upgraded separately.
func StakePoolPrograms() []solana.PublicKey {
	return []solana.PublicKey{StakePoolProgram, SanctumStakePoolProgram,
		SanctumMultiStakePoolProgram}
}
