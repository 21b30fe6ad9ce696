package golden

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// Interceptors is a file of recorded executions of Jito's stake deposit
// interceptor.
type Interceptors struct {
	Chain figures.Chain       `json:"chain"`
	Pools []figures.StakePool `json:"pools"`
	Cases []InterceptorCase   `json:"cases"`
}

// MarshalText returns the file as JSON with one pool or case per line.
func (f *Interceptors) MarshalText() ([]byte, error) {
	return lines(f.Chain, "pools", f.Pools, f.Cases)
}

// InterceptorCase is a deposit of a stake account for a receipt, and the claim
// of the receipt.
type InterceptorCase struct {
	// Seed is the seed of the random case.
	Seed uint64 `json:"seed"`
	// Pool is the index of the pool in the file.
	Pool int `json:"pool"`
	// Authority is the stake deposit authority of the pool.
	Authority accounts.InterceptorAuthority `json:"authority"`
	// Minimum is the minimum output of the deposit, or nil for none.
	Minimum *uint64 `json:"minimum,omitempty"`
	// Validator is the index of the validator of the stake account.
	Validator int                     `json:"validator,omitempty"`
	Stake     quote.StakeAccountState `json:"stake"`
	// Seconds is the time from the deposit to the claim. Unsigned is set if the
	// owner does not sign the claim.
	Seconds  int64 `json:"seconds"`
	Unsigned bool  `json:"unsigned,omitempty"`

	// User deposits, pays for the receipt and owns it. TokenAccount receives
	// the claim, and Referrer the referral share.
	User         solana.PublicKey `json:"user"`
	Base         solana.PublicKey `json:"base"`
	TokenAccount solana.PublicKey `json:"token_account"`
	Referrer     solana.PublicKey `json:"referrer"`
	StakeAccount solana.PublicKey `json:"stake_account"`

	// Build is the hash of the stake pool program that executed the case, and
	// Interceptor that of the interceptor.
	Build        string        `json:"build"`
	Interceptor  string        `json:"interceptor"`
	Instructions []Instruction `json:"instructions"`
	Result[InterceptorOutcome]
}

// InterceptorOutcome is the outcome of a case.
type InterceptorOutcome struct {
	// Tokens are in the receipt.
	Tokens      uint64 `json:"tokens"`
	ReferralFee uint64 `json:"referral_fee"`
	ManagerFee  uint64 `json:"manager_fee"`
	// TotalLamports and PoolTokenSupply are the counters of the pool.
	TotalLamports   uint64 `json:"total_lamports"`
	PoolTokenSupply uint64 `json:"pool_token_supply"`
	Rent            uint64 `json:"rent"`
	// ClaimRefused is set if the program refused the claim because the owner
	// did not sign. Otherwise Claimed and Fee are the two parts of the receipt.
	ClaimRefused bool   `json:"claim_refused,omitempty"`
	Claimed      uint64 `json:"claimed,omitempty"`
	Fee          uint64 `json:"fee,omitempty"`
}

// Deposit computes the deposit with package quote.
func (c *InterceptorCase) Deposit(
	pool *figures.StakePool, chain figures.Chain,
) (quote.ReceiptDeposit, error) {
	q := pool.Quote(chain, quote.StakePoolFeeRounding(c.Build))
	staked, unstaked, err := q.StakeParts(pool.List(), c.Stake,
		*pool.Validators[c.Validator].Active)
	if err != nil {
		return quote.ReceiptDeposit{}, err
	}

	return quote.InterceptedPool{Pool: q, Authority: c.Authority}.DepositStake(staked, unstaked)
}

// Quote computes the outcome with package quote.
func (c *InterceptorCase) Quote(
	pool *figures.StakePool, chain figures.Chain,
) (InterceptorOutcome, error) {
	d, err := c.Deposit(pool, chain)
	if err != nil {
		return InterceptorOutcome{}, err
	}

	claim, err := quote.ClaimReceipt(&d.Receipt, chain.Clock.UnixTimestamp+c.Seconds)
	if err != nil {
		return InterceptorOutcome{}, err
	}

	o := InterceptorOutcome{
		Tokens:          d.Tokens,
		ReferralFee:     d.ReferralFee,
		ManagerFee:      d.ManagerFee,
		TotalLamports:   pool.State.TotalLamports + d.Staked + d.Unstaked,
		PoolTokenSupply: pool.State.PoolTokenSupply + d.Tokens + d.ReferralFee + d.ManagerFee,
		Rent:            d.Rent,
		ClaimRefused:    c.Unsigned && claim.OwnerSigns,
	}

	if !o.ClaimRefused {
		o.Claimed, o.Fee = claim.Tokens, claim.Fee
	}

	return o, nil
}

// BuildInstructions builds the deposit and the claim.
func (c *InterceptorCase) BuildInstructions(
	pool *figures.StakePool,
) (deposit, claim solana.Instruction, err error) {
	keys, err := instructions.NewStakePool(pool.Program, pool.Address, &pool.State)
	if err != nil {
		return nil, nil, err
	}

	program := accounts.InterceptorProgram
	interceptor, err := instructions.NewInterceptor(program, keys, &c.Authority)
	if err != nil {
		return nil, nil, err
	}

	active, _, err := pool.StakeAddresses(pool.Validators[c.Validator].Entry)
	if err != nil {
		return nil, nil, err
	}

	plain := instructions.InterceptorDepositStake{
		Interceptor:    interceptor,
		Pool:           keys,
		Payer:          c.User,
		Owner:          c.User,
		Base:           c.Base,
		Stake:          c.StakeAccount,
		ValidatorStake: active,
		Referrer:       c.Referrer,
	}

	deposit, err = plain.Build()
	if c.Minimum != nil {
		deposit, err = instructions.InterceptorDepositStakeWithSlippage{
			InterceptorDepositStake: plain,
			MinimumTokensOut:        *c.Minimum,
		}.Build()
	}

	if err != nil {
		return nil, nil, err
	}

	receipt, err := accounts.InterceptorReceiptAddress(program, pool.Address, c.Base)
	if err != nil {
		return nil, nil, err
	}

	claim, err = instructions.InterceptorClaimPoolTokens{
		Interceptor: interceptor,
		Pool:        keys,
		Receipt:     receipt,
		Owner:       c.User,
		Unsigned:    c.Unsigned,
		Destination: c.TokenAccount,
	}.Build()

	return deposit, claim, err
}
