package quote

import (
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// FeeRounding is how a build of the SPL stake pool program rounds percentage
// fees. To know it is to know the build: all builds this module has looked at
// reckon with the rent that is stored in a pool's stake accounts, while newer
// ones use today's.
type FeeRounding uint8

// The roundings there are. Referral parts and conversions between SOL and
// tokens round down in all builds.
const (
	// FeesUnknown stands for a build nobody has looked at. Quotes are then what
	// the less generous of the other two pays.
	FeesUnknown FeeRounding = iota
	// FeesRoundUp is what all builds do since January 2024 in the source, and
	// on mainnet since October 2025.
	FeesRoundUp
	// FeesRoundDown is what older builds did, and two of the three deployments
	// until 2025.
	FeesRoundDown
)

// Hashes of the builds that were executed to learn how they round, see
// accounts.ProgramHash.
const (
	stakePoolBuildOctober2025   = "3a9383372a36d55816d6f47a5707ec8abc8c099dea9f9dd7636b96a9eeaf5169"
	stakePoolBuildJune2025      = "ef6cacb43ad5a4853f37c1254eb5ff9983bfdb77dfa9452a9dde375c5d762a37"
	stakePoolBuildJune2025Multi = "68e9ad8a6fb9b812dcf62af728a6ae06df7744831c66196997a183c98c082733"
)

// StakePoolFeeRounding tells how the build of the program with the given hash
// rounds fees.
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

// StakePoolState is everything that decides what an SPL stake pool pays at one
// slot.
type StakePoolState struct {
	// Program is the deployment that owns the pool.
	Program solana.PublicKey
	Address solana.PublicKey
	State   accounts.StakePool
	Clock   accounts.Clock
	Rent    accounts.Rent
	// MinimumDelegation of the stake program, in lamports.
	MinimumDelegation uint64
	// Reserve is the pool's reserve stake account and its balance.
	Reserve         accounts.StakeAccount
	ReserveLamports uint64
	// FeeAccountUsable says whether the manager's token account can take fees,
	// see [FeeAccountUsable]. If not, withdrawals are free and deposits fail if
	// there is a fee.
	FeeAccountUsable bool
	// Rounding of the deployed build.
	Rounding FeeRounding
	// UpdateKnown reports whether the deployed build updates stake in every state
	// as [StakePoolState.AfterUpdate] does, see [StakePoolUpdateKnown].
	UpdateKnown bool
	// EpochRewardsActive says whether staking rewards are being distributed.
	EpochRewardsActive bool
	// Signers are the keys that sign beside the user. They open operations that
	// the pool keeps for an authority.
	Signers []solana.PublicKey
	// Update, if set, says that the pool is cranked right before, and with
	// which balances.
	Update *StakePoolBalances
}

// The operations of a stake pool, as errors name them.
const (
	opDepositSOL    = "deposit SOL"
	opWithdrawSOL   = "withdraw SOL"
	opDepositStake  = "deposit stake"
	opWithdrawStake = "withdraw stake"
	opUpdate        = "update pool balance"
)

// FeeAccountUsable says whether a pool's manager fee account can take fees: an
// initialized, not frozen token account of the pool's token program and mint,
// without extensions that the program does not know.
func FeeAccountUsable(pool *accounts.StakePool, feeAccount accounts.Account) bool {
	if pool == nil {
		return false
	}

	if feeAccount.Owner != pool.TokenProgram {
		return false
	}

	t, err := accounts.DecodeTokenAccount(feeAccount)
	if err != nil || t.State != accounts.TokenInitialized || t.Mint != pool.PoolMint {
		return false
	}

	return !slices.ContainsFunc(t.Extensions, func(e accounts.Extension) bool {
		switch e.Type {
		case accounts.ExtensionTransferFeeAmount,
			accounts.ExtensionImmutableOwner,
			accounts.ExtensionCPIGuard:
			return false
		}

		return true
	})
}

// SOLDeposit is the outcome of DepositSol. Lamports go in, pool tokens come
// out.
type SOLDeposit struct {
	Lamports uint64
	// Tokens is what the depositor receives, which the program's limit applies
	// to.
	Tokens uint64
	// ReferralFee is the part of the fee that the referrer receives, ManagerFee
	// the rest.
	ReferralFee uint64
	ManagerFee  uint64
	Exact       bool
}

// SOLWithdrawal is the outcome of WithdrawSol. Pool tokens go in, lamports come
// out.
type SOLWithdrawal struct {
	Tokens   uint64
	Lamports uint64
	// ManagerFee is the part of the tokens that the manager receives; the rest
	// is burned.
	ManagerFee uint64
	Exact      bool
}

// StakeDeposit is the outcome of DepositStake. The lamports of a stake account
// go in, pool tokens come out.
type StakeDeposit struct {
	// Staked and Unstaked make up the balance of the stake account: its
	// delegation, and all else including rent.
	Staked   uint64
	Unstaked uint64
	// Tokens is what the depositor receives, which the program's limit applies
	// to.
	Tokens uint64
	// ReferralFee is the part of the fee that the referrer receives, ManagerFee
	// the rest.
	ReferralFee uint64
	ManagerFee  uint64
	Exact       bool
}

// StakeWithdrawal is the outcome of WithdrawStake. Pool tokens go in, delegated
// stake comes out.
type StakeWithdrawal struct {
	Tokens uint64
	// Lamports arrive as delegated stake, on top of the rent the receiving
	// account already holds.
	Lamports uint64
	// ManagerFee is the part of the tokens that the manager receives; the rest
	// is burned.
	ManagerFee uint64
	// Vote is the vote account the stake is delegated to, which is its
	// validator in the pool.
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
// receives at least so many tokens.
func (s StakePoolState) DepositSOLExactOut(tokens uint64) (SOLDeposit, error) {
	var r Refusal
	d, ok := s.prepare().DepositSOLExactOut(tokens, &r)
	return answer(d, ok, &r)
}

// WithdrawSOL quotes a withdrawal of tokens from the reserve.
func (s StakePoolState) WithdrawSOL(tokens uint64) (SOLWithdrawal, error) {
	var r Refusal
	w, ok := s.prepare().WithdrawSOL(tokens, &r)
	return answer(w, ok, &r)
}

// WithdrawSOLExactOut quotes the fewest tokens for which the reserve pays at
// least so many lamports. It may pay a little more: one base unit of the token
// is worth more than one lamport.
func (s StakePoolState) WithdrawSOLExactOut(lamports uint64) (SOLWithdrawal, error) {
	var r Refusal
	w, ok := s.prepare().WithdrawSOLExactOut(lamports, &r)
	return answer(w, ok, &r)
}

// DepositStake quotes a deposit of a stake account that holds so many delegated
// and other lamports, see [StakePoolState.StakeParts].
func (s StakePoolState) DepositStake(staked, unstaked uint64) (StakeDeposit, error) {
	var r Refusal
	d, ok := s.Prepare().DepositStake(staked, unstaked, &r)
	return answer(d, ok, &r)
}

// DepositStakeExactOut quotes a stake account with the given other lamports
// whose delegation yields at least so many tokens, while one lamport of
// delegation less yields fewer. The delegation is at least one lamport.
func (s StakePoolState) DepositStakeExactOut(tokens, unstaked uint64) (StakeDeposit, error) {
	var r Refusal
	d, ok := s.Prepare().DepositStakeExactOut(tokens, unstaked, &r)
	return answer(d, ok, &r)
}
