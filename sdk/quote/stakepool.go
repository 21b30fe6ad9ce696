package quote

import (
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// FeeRounding is the direction in which a build of the SPL stake pool program
// rounds percentage fees. A known rounding stands for a known build: all known
// builds use the rent that is stored in a pool's stake accounts, while newer
// builds use the current rent.
type FeeRounding uint8

// The roundings of fees. All builds round referral parts and conversions
// between SOL and tokens down.
const (
	// FeesUnknown stands for an unknown build. Quotes then return the less
	// favourable result of the two roundings.
	FeesUnknown FeeRounding = iota
	// FeesRoundUp is the rounding of the source since January 2024, and of all
	// mainnet deployments since October 2025.
	FeesRoundUp
	// FeesRoundDown is the rounding of older builds, including two of the three
	// mainnet deployments until October 2025.
	FeesRoundDown
)

// The hashes of the builds that were executed to determine their rounding, see
// accounts.ProgramHash.
const (
	stakePoolBuildOctober2025   = "3a9383372a36d55816d6f47a5707ec8abc8c099dea9f9dd7636b96a9eeaf5169"
	stakePoolBuildJune2025      = "ef6cacb43ad5a4853f37c1254eb5ff9983bfdb77dfa9452a9dde375c5d762a37"
	stakePoolBuildJune2025Multi = "68e9ad8a6fb9b812dcf62af728a6ae06df7744831c66196997a183c98c082733"
)

// StakePoolFeeRounding returns the rounding of the build with the given program
// hash, see accounts.ProgramHash.
func StakePoolFeeRounding(programHash string) FeeRounding {
	switch programHash {
	case stakePoolBuildOctober2025, stakePoolBuildJune2025Multi:
		return FeesRoundUp
	case stakePoolBuildJune2025:
		return FeesRoundDown
	}
	return FeesUnknown
}

// StakePoolUpdateKnown reports whether the build of the program with the given
// hash updates validators as [StakePoolState.AfterUpdate] does also where their
// stake is in an unusual state, such as deactivated or not the pool's.
func StakePoolUpdateKnown(programHash string) bool {
	return programHash == stakePoolBuildOctober2025
}

// StakePoolState holds the state that determines the payouts of an SPL stake
// pool at one slot.
type StakePoolState struct {
	// Program is the deployment of the stake pool program that owns the pool.
	Program solana.PublicKey
	Address solana.PublicKey
	State   accounts.StakePool
	Clock   accounts.Clock
	Rent    accounts.Rent
	// MinimumDelegation is the minimum delegation of the stake program, in
	// lamports.
	MinimumDelegation uint64
	// Reserve is the pool's reserve stake account, and ReserveLamports its
	// balance.
	Reserve         accounts.StakeAccount
	ReserveLamports uint64
	// FeeAccountUsable reports whether the manager's token account can receive
	// fees, see [FeeAccountUsable]. If not, withdrawals are free.
	FeeAccountUsable bool
	// FeeAccountMintable reports whether tokens can be minted to an account
	// that is not usable, see [FeeAccountMintable]. If not, deposits fail
	// unless they are free of fees.
	FeeAccountMintable bool
	// Rounding is the rounding of the deployed build.
	Rounding FeeRounding
	// UpdateKnown reports whether the deployed build updates stake in every
	// state as [StakePoolState.AfterUpdate] does, and allows withdrawals if the
	// preferred validator is not in the list, see [StakePoolUpdateKnown].
	UpdateKnown bool
	// EpochRewardsActive reports whether staking rewards are being distributed.
	EpochRewardsActive bool
	// Signers are the keys that sign in addition to the user. They allow
	// operations that the pool reserves for an authority.
	Signers []solana.PublicKey
	// Update, if set, holds the balances for a pool update just before the
	// operation.
	Update *StakePoolBalances
}

// The names of a stake pool's operations in errors.
const (
	opDepositSOL    = "deposit SOL"
	opWithdrawSOL   = "withdraw SOL"
	opDepositStake  = "deposit stake"
	opWithdrawStake = "withdraw stake"
	opUpdate        = "update pool balance"
)

// FeeAccountUsable reports whether a pool's manager fee account can receive
// fees. It must be an initialized token account, not frozen, of the pool's
// token program and mint, without extensions that the program rejects. For
// example, the program rejects an account that requires memos.
func FeeAccountUsable(pool *accounts.StakePool, feeAccount accounts.Account) bool {
	return feeAccountWith(pool, feeAccount, func(t accounts.ExtensionType) bool {
		switch t {
		case accounts.ExtensionTransferFeeAmount,
			accounts.ExtensionImmutableOwner,
			accounts.ExtensionCPIGuard:
			return true
		}

		return false
	})
}

// FeeAccountMintable reports whether the fee of a deposit can be minted to a
// pool's manager fee account. The program does not check its extensions before
// it mints, and the known extensions of accounts do not restrict minting. So an
// account that requires memos receives the fees of deposits, although
// [FeeAccountUsable] reports false for it.
func FeeAccountMintable(pool *accounts.StakePool, feeAccount accounts.Account) bool {
	return feeAccountWith(pool, feeAccount, func(t accounts.ExtensionType) bool {
		switch t {
		case accounts.ExtensionTransferFeeAmount,
			accounts.ExtensionImmutableOwner,
			accounts.ExtensionCPIGuard,
			accounts.ExtensionMemoTransfer,
			accounts.ExtensionConfidentialTransferAccount,
			accounts.ExtensionConfidentialTransferFeeAmount,
			accounts.ExtensionTransferHookAccount,
			accounts.ExtensionPausableAccount:
			return true
		}

		return false
	})
}

// feeAccountWith reports whether an account is an initialized token account of
// the pool's mint, not frozen, whose extensions are all accepted.
func feeAccountWith(
	pool *accounts.StakePool,
	feeAccount accounts.Account,
	accepts func(accounts.ExtensionType) bool,
) bool {
	if pool == nil || feeAccount.Owner != pool.TokenProgram {
		return false
	}

	t, err := accounts.DecodeTokenAccount(feeAccount)
	if err != nil || t.State != accounts.TokenInitialized || t.Mint != pool.PoolMint {
		return false
	}

	return !slices.ContainsFunc(t.Extensions, func(e accounts.Extension) bool {
		return !accepts(e.Type)
	})
}

// SOLDeposit is the outcome of a DepositSol instruction: lamports for pool
// tokens.
type SOLDeposit struct {
	Lamports uint64
	// Tokens is the amount that the depositor receives. The program compares it
	// with the minimum of DepositSolWithSlippage.
	Tokens uint64
	// ReferralFee is the part of the fee that the referrer receives, and
	// ManagerFee the rest.
	ReferralFee uint64
	ManagerFee  uint64
	Exact       bool
}

// SOLWithdrawal is the outcome of a WithdrawSol instruction: pool tokens for
// lamports.
type SOLWithdrawal struct {
	Tokens   uint64
	Lamports uint64
	// ManagerFee is the part of the tokens that the manager receives. The rest
	// is burned.
	ManagerFee uint64
	Exact      bool
}

// StakeDeposit is the outcome of a DepositStake instruction: a stake account
// for pool tokens.
type StakeDeposit struct {
	// Staked and Unstaked add up to the balance of the stake account. Staked
	// counts as stake, and Unstaked, which includes the rent, counts as SOL.
	Staked   uint64
	Unstaked uint64
	// Tokens is the amount that the depositor receives. The program compares it
	// with the minimum of DepositStakeWithSlippage.
	Tokens uint64
	// ReferralFee is the part of the fee that the referrer receives, and
	// ManagerFee the rest.
	ReferralFee uint64
	ManagerFee  uint64
	Exact       bool
}

// StakeWithdrawal is the outcome of a WithdrawStake instruction: pool tokens
// for delegated stake.
type StakeWithdrawal struct {
	Tokens uint64
	// Lamports is the delegation that the receiving account gets, in addition
	// to the rent it already holds.
	Lamports uint64
	// ManagerFee is the part of the tokens that the manager receives. The rest
	// is burned.
	ManagerFee uint64
	// Vote is the vote account that the stake is delegated to, the pool's
	// validator that the stake is split from.
	Vote  solana.PublicKey
	Exact bool
}

func (s StakePoolState) fail(op string, reason error) error {
	return &Error{
		Op:     op,
		Pool:   s.Address,
		Reason: reason,
	}
}

// DepositSOL quotes a deposit of lamports.
func (s StakePoolState) DepositSOL(lamports uint64) (SOLDeposit, error) {
	var r Refusal
	d, ok := s.prepare().DepositSOL(lamports, &r)
	return answer(d, ok, &r)
}

// DepositSOLExactOut quotes the smallest deposit for which the depositor
// receives at least tokens base units.
func (s StakePoolState) DepositSOLExactOut(tokens uint64) (SOLDeposit, error) {
	var r Refusal
	d, ok := s.prepare().DepositSOLExactOut(tokens, &r)
	return answer(d, ok, &r)
}

// WithdrawSOL quotes a withdrawal of tokens for SOL from the reserve.
func (s StakePoolState) WithdrawSOL(tokens uint64) (SOLWithdrawal, error) {
	var r Refusal
	w, ok := s.prepare().WithdrawSOL(tokens, &r)
	return answer(w, ok, &r)
}

// WithdrawSOLExactOut quotes the smallest number of tokens for which the
// reserve pays at least lamports. The payout may be slightly more, as one base
// unit of the token is worth more than one lamport.
func (s StakePoolState) WithdrawSOLExactOut(lamports uint64) (SOLWithdrawal, error) {
	var r Refusal
	w, ok := s.prepare().WithdrawSOLExactOut(lamports, &r)
	return answer(w, ok, &r)
}

// DepositStake quotes the deposit of a stake account with staked and unstaked
// lamports, see [StakePoolState.StakeParts].
func (s StakePoolState) DepositStake(staked, unstaked uint64) (StakeDeposit, error) {
	var r Refusal
	d, ok := s.Prepare().DepositStake(staked, unstaked, &r)
	return answer(d, ok, &r)
}

// DepositStakeExactOut quotes the deposit of a stake account with the given
// unstaked lamports whose delegation yields at least tokens base units, while
// one lamport of delegation less yields fewer. The delegation is at least one
// lamport.
func (s StakePoolState) DepositStakeExactOut(tokens, unstaked uint64) (StakeDeposit, error) {
	var r Refusal
	d, ok := s.Prepare().DepositStakeExactOut(tokens, unstaked, &r)
	return answer(d, ok, &r)
}
