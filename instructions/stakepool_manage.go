package instructions

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
)

// The maximum lengths of metadata, in bytes. Metaplex refuses longer texts.
const (
	maxMetadataName   = 32
	maxMetadataSymbol = 10
	maxMetadataURI    = 200
)

// maxReferralPercent is the maximum share of a referrer.
const maxReferralPercent = 100

// StakePoolInitialize initializes a new stake pool. It mirrors Initialize.
//
// All accounts must exist: the pool with [accounts.StakePoolSpace] zero bytes,
// the validator list with the space for MaxValidators, both owned by the
// program; the reserve, an initialized stake account whose staker and
// withdrawer are the withdraw authority; the mint with nine decimals, no
// supply, no freeze authority and the withdraw authority as its mint authority;
// the manager's token account. Lamports of the reserve above its rent are
// minted to the manager as pool tokens.
type StakePoolInitialize struct {
	// Pool has the addresses of the new pool. WithdrawAuthority is
	// [accounts.StakePoolWithdrawAuthority]. The authorities over deposits and
	// withdrawals are not used.
	Pool StakePool

	// Manager becomes the manager of the pool. It signs.
	Manager solana.PublicKey

	// Staker becomes the staker of the pool.
	Staker solana.PublicKey

	// EpochFee is the share of rewards for the manager. WithdrawalFee and
	// DepositFee are those of SOL and of stake. The program has no upper limit
	// for them here.
	EpochFee, WithdrawalFee, DepositFee accounts.Fee

	// ReferralFee is the share of deposit fees for a referrer, in percent.
	ReferralFee uint8

	// MaxValidators is the number of entries of the validator list. The list
	// never grows.
	MaxValidators uint32

	// DepositAuthority, if not nil, must sign all deposits of SOL and of stake.
	DepositAuthority *solana.PublicKey
}

// Build returns the instruction, or a [*BuildError].
func (i StakePoolInitialize) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.StakePoolInitialize, i.Pool.Program, count(i.DepositAuthority))
	b.accounts(
		i.Pool.Address,
		i.Manager,
		i.Staker,
		i.Pool.WithdrawAuthority,
		i.Pool.ValidatorList,
		i.Pool.ReserveStake,
		i.Pool.Mint,
		i.Pool.ManagerFeeAccount,
		i.Pool.TokenProgram,
	)

	if i.DepositAuthority != nil {
		b.optional(*i.DepositAuthority)
	}

	b.fee("epoch fee", i.EpochFee)
	b.fee("withdrawal fee", i.WithdrawalFee)
	b.fee("deposit fee", i.DepositFee)
	b.percent("referral fee", i.ReferralFee)
	b.amount(uint64(i.MaxValidators))

	return b.build()
}

// fee appends the next two fields, the denominator and the numerator of a fee
// of at most 100 %.
func (b *builder) fee(name string, fee accounts.Fee) {
	if fee.Numerator > fee.Denominator {
		b.fail(name, fmt.Errorf("%w: %d/%d is over 100 %%", ErrConflictingInput, fee.Numerator,
			fee.Denominator))
	}
	b.number(fee.Denominator)
	b.number(fee.Numerator)
}

// percent appends the next field, a percentage.
func (b *builder) percent(name string, percent uint8) {
	if percent > maxReferralPercent {
		b.fail(name, fmt.Errorf("%w: %d %% is over 100 %%", ErrConflictingInput, percent))
	}
	b.number(uint64(percent))
}

// StakePoolSetManager replaces the manager of a stake pool and the token
// account of its fees. To replace only the account, name the manager twice. The
// staker does not change. It mirrors SetManager.
type StakePoolSetManager struct {
	// Pool has the addresses of the stake pool.
	Pool StakePool

	// Manager is the current manager, and NewManager its successor. Both sign.
	Manager, NewManager solana.PublicKey

	// NewManagerFeeAccount is a token account of the pool mint. It may have any
	// owner.
	NewManagerFeeAccount solana.PublicKey
}

// Build returns the instruction, or a [*BuildError].
func (i StakePoolSetManager) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.StakePoolSetManager, i.Pool.Program, 0)
	b.accounts(i.Pool.Address, i.Manager, i.NewManager, i.NewManagerFeeAccount)
	return b.build()
}

// StakePoolSetFee sets a fee of a stake pool. It mirrors SetFee with one of the
// fractions.
//
// The epoch fee and the withdrawal fees take effect at the second epoch update
// after it, deposit fees at once. A withdrawal fee can rise to at most 1.5
// times the fee in force, or from zero to at most 0.15 %. The pool must be up
// to date, unless Kind is a deposit fee.
type StakePoolSetFee struct {
	// Pool has the addresses of the stake pool.
	Pool StakePool

	// Manager is the manager of the pool. It signs.
	Manager solana.PublicKey

	// Kind is the fee to set.
	Kind accounts.StakePoolFeeKind

	// Fee is the new fee, at most 100 %.
	Fee accounts.Fee
}

// Build returns the instruction, or a [*BuildError].
func (i StakePoolSetFee) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.StakePoolSetFee, i.Pool.Program, 0)
	b.accounts(i.Pool.Address, i.Manager)

	b.choice(uint8(i.Kind))
	b.fee("fee", i.Fee)

	return b.build()
}

// choice appends the next field, one of several values.
func (b *builder) choice(v uint8) {
	at := b.field
	b.number(uint64(v))
	if at == len(b.table.Fields) {
		return
	}

	if field := b.table.Fields[at]; int(v) >= len(field.Choices) || field.Choices[v] == "" {
		b.fail(field.Name, fmt.Errorf("%w: unknown value %d", ErrConflictingInput, v))
	}
}

// StakePoolSetReferralFee sets a share of a deposit fee that goes to the
// referrer. It takes effect at once. It mirrors SetFee with one of the
// percentages.
type StakePoolSetReferralFee struct {
	// Pool has the addresses of the stake pool.
	Pool StakePool

	// Manager is the manager of the pool. It signs.
	Manager solana.PublicKey

	// Stake selects the fee of stake deposits instead of that of SOL deposits.
	Stake bool

	// Percent is the share, at most 100.
	Percent uint8
}

// Build returns the instruction, or a [*BuildError].
func (i StakePoolSetReferralFee) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.StakePoolSetReferralFee, i.Pool.Program, 0)
	b.accounts(i.Pool.Address, i.Manager)

	kind := uint8(0)
	if i.Stake {
		kind = 1
	}

	b.choice(kind)
	b.percent("percent", i.Percent)

	return b.build()
}

// StakePoolSetStaker replaces the staker of a stake pool. It mirrors SetStaker.
type StakePoolSetStaker struct {
	// Pool has the addresses of the stake pool.
	Pool StakePool

	// Authority is the manager or the current staker. It signs.
	Authority solana.PublicKey

	// NewStaker becomes the staker.
	NewStaker solana.PublicKey
}

// Build returns the instruction, or a [*BuildError].
func (i StakePoolSetStaker) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.StakePoolSetStaker, i.Pool.Program, 0)
	b.accounts(i.Pool.Address, i.Authority, i.NewStaker)
	return b.build()
}

// StakePoolFunding selects a kind of deposit or withdrawal of a stake pool.
type StakePoolFunding uint8

// The operations that a stake pool can reserve for an authority.
const (
	StakePoolFundingStakeDeposit  StakePoolFunding = 0
	StakePoolFundingSOLDeposit    StakePoolFunding = 1
	StakePoolFundingSOLWithdrawal StakePoolFunding = 2
)

// StakePoolSetFundingAuthority reserves an operation of a stake pool for an
// authority, or opens it to all users. It takes effect at once. It mirrors
// SetFundingAuthority.
type StakePoolSetFundingAuthority struct {
	// Pool has the addresses of the stake pool.
	Pool StakePool

	// Manager is the manager of the pool. It signs.
	Manager solana.PublicKey

	// Operation is the operation to reserve or to open.
	Operation StakePoolFunding

	// Authority must sign the operation from now on. Nil opens the operation to
	// all users.
	Authority *solana.PublicKey
}

// Build returns the instruction, or a [*BuildError].
func (i StakePoolSetFundingAuthority) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.StakePoolSetFundingAuthority, i.Pool.Program, count(i.Authority))
	b.accounts(i.Pool.Address, i.Manager)

	if i.Authority != nil {
		b.optional(*i.Authority)
	}

	b.choice(uint8(i.Operation))

	return b.build()
}

// StakePoolMetadata is the metadata of a pool mint.
type StakePoolMetadata struct {
	// Name has at most 32 bytes, Symbol at most 10, and URI, the address of a
	// JSON file, at most 200.
	Name, Symbol, URI string
}

func (b *builder) metadata(m StakePoolMetadata) {
	b.text(m.Name, maxMetadataName)
	b.text(m.Symbol, maxMetadataSymbol)
	b.text(m.URI, maxMetadataURI)
}

// StakePoolCreateTokenMetadata creates the Metaplex metadata of the pool mint.
// The withdraw authority becomes its update authority, so that it changes only
// by [StakePoolUpdateTokenMetadata]. It mirrors CreateTokenMetadata.
type StakePoolCreateTokenMetadata struct {
	// Pool has the addresses of the stake pool.
	Pool StakePool

	// Manager is the manager of the pool. It signs.
	Manager solana.PublicKey

	// Payer pays the rent of the metadata, and the fee of Metaplex. It signs.
	Payer solana.PublicKey

	// Metadata is the metadata.
	Metadata StakePoolMetadata
}

// Build returns the instruction, or a [*BuildError].
func (i StakePoolCreateTokenMetadata) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.StakePoolCreateTokenMetadata, i.Pool.Program, 0)
	b.accounts(i.Pool.Address, i.Manager, i.Pool.WithdrawAuthority, i.Pool.Mint, i.Payer)

	b.derived(accounts.TokenMetadataAddress(i.Pool.Mint))
	b.metadata(i.Metadata)

	return b.build()
}

// StakePoolUpdateTokenMetadata replaces the Metaplex metadata of the pool mint.
// It mirrors UpdateTokenMetadata.
type StakePoolUpdateTokenMetadata struct {
	// Pool has the addresses of the stake pool.
	Pool StakePool

	// Manager is the manager of the pool. It signs.
	Manager solana.PublicKey

	// Metadata is the new metadata.
	Metadata StakePoolMetadata
}

// Build returns the instruction, or a [*BuildError].
func (i StakePoolUpdateTokenMetadata) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.StakePoolUpdateTokenMetadata, i.Pool.Program, 0)
	b.require("pool mint", i.Pool.Mint)
	b.accounts(i.Pool.Address, i.Manager, i.Pool.WithdrawAuthority)

	b.derived(accounts.TokenMetadataAddress(i.Pool.Mint))
	b.metadata(i.Metadata)

	return b.build()
}
