package accounts

import "github.com/gagliardetto/solana-go"

// Program ids on mainnet. Decoders with the suffix Of and all builders also
// work for other deployments.
var (
	// StakePoolProgram is the original SPL stake pool deployment.
	StakePoolProgram = solana.MPK("SPoo1Ku8WFXoNDMHPsrGSTSG1Y47rzgn41SLUNakuHy")
	// SanctumStakePoolProgram is Sanctum's stake pool deployment for pools of a
	// single validator.
	SanctumStakePoolProgram = solana.MPK("SP12tWFxD9oJsVWNavTTBZvMbA6gkAmxtVgxdqvyvhY")
	// SanctumMultiStakePoolProgram is Sanctum's stake pool deployment for pools
	// of many validators.
	SanctumMultiStakePoolProgram = solana.MPK("SPMBzsVUuoHA4Jm6KunbsotaahvVikZs1JyTW6iJvbn")

	// MarinadeProgram is the Marinade liquid staking program (mSOL).
	MarinadeProgram = solana.MPK("MarBmsSgKXdrN1egZf5sqe1TMai9K1rChYNDJgjq7aD")
	// LidoProgram is the Solido program (stSOL).
	LidoProgram = solana.MPK("CrX7kMhLC3cSsXJdT7JDgqrRVWGnUpX3gfEfxxU2NVLi")
	// ReserveProgram is the Sanctum Reserve, which buys stake accounts for SOL.
	ReserveProgram = solana.MPK("unpXTU2Ndrc7WWNyEhQWe4udTzSibLPi25SXv2xbCHQ")
	// RouterProgram is the Sanctum Router, which combines deposits and
	// withdrawals of stake pools and of the Reserve.
	RouterProgram = solana.MPK("stkitrT1Uoy18Dk1fTrgPw8W6MVzoCfYoAFT4MLsmhq")
	// InfinityProgram is the controller of the Infinity pool.
	InfinityProgram = solana.MPK("5ocnV1qiCgaQR8Jb8xWnVbApfaygJ8tNoZfgPwsgx9kx")
	// InterceptorProgram is Jito's stake deposit interceptor. Pools whose stake
	// deposit authority it owns take stake only through it.
	InterceptorProgram = solana.MPK("5TAiuAh3YGDbwjEruC1ZpXTJWdNDS7Ur7VeqNNiHMmGV")

	// SystemProgram owns accounts that hold only SOL.
	SystemProgram = solana.SystemProgramID
	// StakeProgram owns native stake accounts.
	StakeProgram = solana.StakeProgramID
	// TokenProgram is the classic SPL Token program.
	TokenProgram = solana.TokenProgramID
	// Token2022Program is the Token-2022 (Token Extensions) program.
	Token2022Program = solana.Token2022ProgramID
	// AssociatedTokenProgram derives and creates associated token accounts.
	AssociatedTokenProgram = solana.SPLAssociatedTokenAccountProgramID
	// ComputeBudgetProgram sets the compute unit limit and the compute unit
	// price of a transaction.
	ComputeBudgetProgram = solana.ComputeBudget
	// MemoProgram writes a text to the log of a transaction. This is version 2
	// of the program.
	MemoProgram = solana.MemoProgramID
	// TokenMetadataProgram is Metaplex's Token Metadata program. It owns the
	// accounts with the name, the symbol and the URI of a mint.
	TokenMetadataProgram = solana.TokenMetadataProgramID
	// LookupTableProgram owns address lookup tables.
	LookupTableProgram = solana.MPK("AddressLookupTab1e1111111111111111111111111")
	// UpgradeableLoader owns upgradeable programs and their program data
	// accounts.
	UpgradeableLoader = solana.BPFLoaderUpgradeableProgramID
	// SysvarProgram owns the sysvar accounts.
	SysvarProgram = solana.MPK("Sysvar1111111111111111111111111111111111111")
	// FeatureProgram owns the accounts of features of the network.
	FeatureProgram = solana.MPK("Feature111111111111111111111111111111111111")
)

// Version1Feature is the address of the feature that makes the network take
// transactions of version 1. Its account holds a 1 and the slot of the
// activation once that has happened.
var Version1Feature = solana.MPK("txv1aq4pp281K9um3tnPgkfX8UqtFT6wcVW3hNezGLL")

// Addresses of sysvars and of the wrapped SOL mint.
var (
	// ClockSysvar is the address of [Clock]: the slot, the epoch and the time.
	ClockSysvar = solana.SysVarClockPubkey
	// RentSysvar is the address of [Rent]: the price of account storage.
	RentSysvar = solana.SysVarRentPubkey
	// EpochScheduleSysvar is the address of [EpochSchedule]: the length of
	// epochs.
	EpochScheduleSysvar = solana.SysVarEpochSchedulePubkey
	// EpochRewardsSysvar is the address of [EpochRewards]: the progress of the
	// payment of staking rewards.
	EpochRewardsSysvar = solana.MPK("SysvarEpochRewards1111111111111111111111111")
	// StakeHistorySysvar is the address of [StakeHistory]: the stake of the
	// cluster in each epoch.
	StakeHistorySysvar = solana.SysVarStakeHistoryPubkey
	// NativeMint is the mint of wrapped SOL. It also stands for native SOL, for
	// example in a route.Request.
	NativeMint = solana.WrappedSol
)

// StakePoolPrograms returns the three known deployments of the SPL stake pool
// program. They have the same layouts, instructions and arithmetic, but are
// upgraded independently.
func StakePoolPrograms() []solana.PublicKey {
	return []solana.PublicKey{StakePoolProgram, SanctumStakePoolProgram,
		SanctumMultiStakePoolProgram}
}
