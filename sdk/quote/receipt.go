package quote

import (
	"fmt"
	"math"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// opClaimReceipt is the name of a claim in errors.
const opClaimReceipt = "claim receipt"

// feeBasisPoints is the denominator of the interceptor's fee.
const feeBasisPoints = 10_000

// InterceptedPool holds the state that determines the payouts of a stake pool
// that takes stake only through Jito's stake deposit interceptor, for example
// JitoSOL's pool.
type InterceptedPool struct {
	Pool StakePoolState

	// Authority is the account at the pool's stake deposit authority.
	Authority accounts.InterceptorAuthority
}

// ReceiptDeposit is the outcome of a deposit of stake through the interceptor.
// Tokens are in the receipt, not with the depositor.
type ReceiptDeposit struct {
	StakeDeposit

	// Receipt is the new receipt, without its owner, base and bump seed, if the
	// deposit lands at the time of the pool's clock. Pass it to [ClaimReceipt].
	Receipt accounts.InterceptorReceipt

	// Rent is the rent of the receipt, in lamports. The claim pays it to the
	// owner of the receipt, also if another account paid it.
	Rent uint64
}

// DepositStake quotes a deposit of a stake account through the interceptor. The
// parts are those of [StakePoolState.StakeParts].
func (s InterceptedPool) DepositStake(staked, unstaked uint64) (ReceiptDeposit, error) {
	if err := s.check(); err != nil {
		return ReceiptDeposit{}, named(opDepositStake, s.Pool.Address, err)
	}

	rent, err := s.Pool.Rent.MinimumBalance(accounts.InterceptorReceiptSpace)
	if err != nil {
		return ReceiptDeposit{}, named(opDepositStake, s.Pool.Address, err)
	}

	deposit, err := s.signed().DepositStake(staked, unstaked)
	if err != nil {
		return ReceiptDeposit{}, err
	}

	return ReceiptDeposit{
		StakeDeposit: deposit,
		Receipt:      s.Receipt(deposit.Tokens, s.Pool.Clock.UnixTimestamp),
		Rent:         rent,
	}, nil
}

// Prepare returns the prepared prices of the pool with the signature of the
// interceptor, see [StakePoolState.PrepareWith]. It fails for the authority of
// another pool, for pools of Token-2022, and for terms with which a claim
// always fails.
func (s InterceptedPool) Prepare(depositAuthority solana.PublicKey) (*StakePoolPrices, error) {
	if err := s.check(); err != nil {
		return nil, named(opDepositStake, s.Pool.Address, err)
	}

	return s.signed().PrepareWith(depositAuthority), nil
}

// Receipt returns the receipt of a deposit, without its owner, base and bump
// seed. tokens are the base units of the deposit for the depositor, and now is
// the Unix time of the deposit in seconds, which is not negative.
func (s InterceptedPool) Receipt(tokens uint64, now int64) accounts.InterceptorReceipt {
	return accounts.InterceptorReceipt{
		StakePool:        s.Pool.Address,
		DepositAuthority: s.Pool.State.StakeDepositAuthority,
		DepositTime:      uint64(max(now, 0)),
		PoolTokens:       tokens,
		CoolDownSeconds:  s.Authority.CoolDownSeconds,
		InitialFeeBPS:    s.Authority.InitialFeeBPS,
	}
}

// signed returns the pool with the signature of the interceptor.
func (s InterceptedPool) signed() StakePoolState {
	pool := s.Pool
	pool.Signers = append(slices.Clone(pool.Signers), pool.State.StakeDepositAuthority)
	return pool
}

// check refuses the authority of another pool, and terms with which a claim
// always fails.
func (s InterceptedPool) check() error {
	a, pool := &s.Authority, &s.Pool
	wrong := func(what string, is solana.PublicKey) error {
		return fmt.Errorf("%w: the interceptor's authority is that of the %s %s", ErrInvalidState,
			what, is)
	}

	switch {
	case a.StakePool != pool.Address:
		return wrong("stake pool", a.StakePool)
	case a.StakePoolProgram != pool.Program:
		return wrong("stake pool program", a.StakePoolProgram)
	case a.PoolMint != pool.State.PoolMint:
		return wrong("mint", a.PoolMint)
	case pool.State.TokenProgram != accounts.TokenProgram:
		return fmt.Errorf("%w: the interceptor reads accounts of the classic token program only",
			ErrDisabled)
	case pool.Clock.UnixTimestamp < 0:
		return fmt.Errorf("%w: the clock shows %d", ErrInvalidState, pool.Clock.UnixTimestamp)
	}

	_, err := due(&accounts.InterceptorReceipt{
		DepositTime:     uint64(pool.Clock.UnixTimestamp),
		CoolDownSeconds: a.CoolDownSeconds,
		InitialFeeBPS:   a.InitialFeeBPS,
	})

	return err
}

// ReceiptClaim is the payment of a receipt.
type ReceiptClaim struct {
	// Tokens is the amount that the owner receives, and Fee the rest of the
	// receipt: base units of the pool's token.
	Tokens uint64
	Fee    uint64

	// OwnerSigns reports whether only the owner can claim yet. From Due on any
	// account can, and the fee is zero.
	OwnerSigns bool

	// Due is the Unix time, in seconds, of the end of the cool-down.
	Due uint64
}

// ClaimReceipt quotes the claim of a receipt at a Unix time in seconds. The
// time that counts is that of the cluster, see [accounts.Clock]; an earlier
// time only overstates the fee. It fails with [ErrInvalidState] if the time is
// before the deposit, or if the receipt has terms that the program never sets.
func ClaimReceipt(receipt *accounts.InterceptorReceipt, now int64) (ReceiptClaim, error) {
	if receipt == nil {
		return ReceiptClaim{}, fmt.Errorf("%s: %w receipt", opClaimReceipt, accounts.ErrNil)
	}

	c, err := claimReceipt(receipt, now)
	if err != nil {
		return ReceiptClaim{}, named(opClaimReceipt, receipt.StakePool, err)
	}

	return c, nil
}

func claimReceipt(receipt *accounts.InterceptorReceipt, now int64) (ReceiptClaim, error) {
	end, err := due(receipt)
	switch {
	case err != nil:
		return ReceiptClaim{}, err
	case now < 0 || uint64(now) < receipt.DepositTime:
		return ReceiptClaim{}, fmt.Errorf("%w: the deposit was at %d, after %d", ErrInvalidState,
			receipt.DepositTime, now)
	}

	c := ReceiptClaim{Tokens: receipt.PoolTokens, Due: end}
	left := fixed.SaturatingSub(end, uint64(now))
	if left == 0 {
		return c, nil
	}

	// The check of due excludes overflows: left is at most the cool-down, and
	// the fee at most the receipt.
	c.OwnerSigns = true
	c.Fee, err = fixed.MulDivCeil(uint64(receipt.InitialFeeBPS)*left, receipt.PoolTokens,
		receipt.CoolDownSeconds*feeBasisPoints)
	if err != nil {
		return ReceiptClaim{}, err
	}

	c.Tokens -= c.Fee

	return c, nil
}

// due returns the end of the cool-down. It fails if the program would compute
// with numbers that overflow.
func due(receipt *accounts.InterceptorReceipt) (uint64, error) {
	switch cool := receipt.CoolDownSeconds; {
	case receipt.InitialFeeBPS > feeBasisPoints:
		return 0, fmt.Errorf("%w: the interceptor's fee is %d basis points", ErrInvalidState,
			receipt.InitialFeeBPS)
	case receipt.DepositTime > math.MaxInt64, cool > math.MaxInt64-receipt.DepositTime,
		cool > math.MaxUint64/feeBasisPoints:
		return 0, fmt.Errorf("%w: a cool-down of %d seconds", ErrInvalidState, cool)
	default:
		return receipt.DepositTime + cool, nil
	}
}
