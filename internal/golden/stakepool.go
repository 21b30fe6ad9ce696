package golden

import (
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// Operations of a stake pool, named after the instructions of the program.
const (
	DepositSOL    = "DepositSol"
	WithdrawSOL   = "WithdrawSol"
	DepositStake  = "DepositStake"
	WithdrawStake = "WithdrawStake"
)

// StakePools is a file of recorded executions of the stake pool programs.
type StakePools struct {
	Chain figures.Chain       `json:"chain"`
	Pools []figures.StakePool `json:"pools"`
	Cases []StakePoolCase     `json:"cases"`
}

// MarshalText returns the file as JSON with one pool or case per line.
func (f *StakePools) MarshalText() ([]byte, error) {
	return lines(f.Chain, "pools", f.Pools, f.Cases)
}

// StakePoolCase is one instruction for one pool.
type StakePoolCase struct {
	// Seed is the seed of the random case.
	Seed uint64 `json:"seed"`
	// Pool is the index of the pool in the file.
	Pool int    `json:"pool"`
	Op   string `json:"op"`
	// Amount is the input: lamports for DepositSOL, pool tokens for the
	// withdrawals. It is zero for a stake deposit, whose input is Stake.
	Amount uint64 `json:"amount,omitempty"`
	// Minimum is the minimum output of the WithSlippage form of the
	// instruction, or nil for the plain form.
	Minimum *uint64 `json:"minimum,omitempty"`
	// Validator is the index of the validator whose stake is moved.
	Validator int `json:"validator,omitempty"`
	// Stake is the deposited stake account.
	Stake *quote.StakeAccountState `json:"stake,omitempty"`
	// CoSigner is the authority of the pool that also signed, or nil.
	CoSigner *solana.PublicKey `json:"co_signer,omitempty"`

	// User signs. TokenAccount holds the user's pool tokens, Referrer those of
	// the referrer. StakeAccount is the deposited or received stake account.
	User         solana.PublicKey `json:"user"`
	TokenAccount solana.PublicKey `json:"token_account"`
	Referrer     solana.PublicKey `json:"referrer"`
	StakeAccount solana.PublicKey `json:"stake_account"`

	// Build is the hash of the program that executed the case.
	Build       string      `json:"build"`
	Instruction Instruction `json:"instruction"`
	Result[Outcome]
}

// Outcome is the outcome of a case.
type Outcome struct {
	// Received is the amount for the user as computed by the program: tokens or
	// lamports, without a referral fee.
	Received    uint64 `json:"received"`
	ReferralFee uint64 `json:"referral_fee"`
	ManagerFee  uint64 `json:"manager_fee"`
	// TotalLamports and PoolTokenSupply are the counters of the pool after the
	// case.
	TotalLamports   uint64 `json:"total_lamports"`
	PoolTokenSupply uint64 `json:"pool_token_supply"`
}

// Quote computes the outcome with package quote, and reports whether it is
// exact.
func (c *StakePoolCase) Quote(pool *figures.StakePool, chain figures.Chain) (Outcome, bool, error) {
	q := pool.Quote(chain, quote.StakePoolFeeRounding(c.Build))
	q.UpdateKnown = quote.StakePoolUpdateKnown(c.Build)
	if c.CoSigner != nil {
		q.Signers = append(q.Signers, *c.CoSigner)
	}

	t, s := pool.State.TotalLamports, pool.State.PoolTokenSupply
	switch c.Op {
	case DepositSOL:
		d, err := q.DepositSOL(c.Amount)
		minted := d.Tokens + d.ReferralFee + d.ManagerFee
		return Outcome{
			d.Tokens,
			d.ReferralFee,
			d.ManagerFee,
			t + c.Amount,
			s + minted,
		}, d.Exact, err

	case WithdrawSOL:
		w, err := q.WithdrawSOL(c.Amount)
		return Outcome{
			w.Lamports,
			0,
			w.ManagerFee,
			t - w.Lamports,
			s - (w.Tokens - w.ManagerFee),
		}, w.Exact, err

	case DepositStake:
		staked, unstaked, err := q.StakeParts(pool.List(), *c.Stake,
			*pool.Validators[c.Validator].Active)
		if err != nil {
			return Outcome{}, false, err
		}

		d, err := q.DepositStake(staked, unstaked)
		minted := d.Tokens + d.ReferralFee + d.ManagerFee
		return Outcome{
			d.Tokens,
			d.ReferralFee,
			d.ManagerFee,
			t + staked + unstaked,
			s + minted,
		}, d.Exact, err

	case WithdrawStake:
		v := pool.Validators[c.Validator]
		sources, err := q.Sources(pool.List())
		if err != nil {
			return Outcome{}, false, err
		}

		if !slices.ContainsFunc(sources,
			func(e accounts.ValidatorStakeInfo) bool { return e == v.Entry }) {
			return Outcome{}, false, quote.ErrNotPreferred
		}

		w, err := q.WithdrawStake(c.Amount, v.Source())

		return Outcome{
			w.Lamports,
			0,
			w.ManagerFee,
			t - w.Lamports,
			s - (w.Tokens - w.ManagerFee),
		}, w.Exact, err
	}

	return Outcome{}, false, fmt.Errorf("unknown operation %q", c.Op)
}

// BuildInstruction builds the instruction of the case.
func (c *StakePoolCase) BuildInstruction(pool *figures.StakePool) (solana.Instruction, error) {
	keys, err := instructions.NewStakePool(pool.Program, pool.Address, &pool.State)
	if err != nil {
		return nil, err
	}

	if c.CoSigner == nil {
		// If an authority that must sign is omitted, the program refuses the
		// instruction; the builder does not.
		keys.SOLDepositAuthority, keys.SOLWithdrawAuthority = nil, nil
	}

	var plain, limited interface {
		Build() (solana.Instruction, error)
	}
	minimum := uint64(0)
	if c.Minimum != nil {
		minimum = *c.Minimum
	}

	switch c.Op {
	case DepositSOL:
		i := instructions.StakePoolDepositSOL{
			Pool:        keys,
			From:        c.User,
			Destination: c.TokenAccount,
			Referrer:    c.Referrer,
			Lamports:    c.Amount,
		}

		plain = i
		limited = instructions.StakePoolDepositSOLWithSlippage{
			StakePoolDepositSOL: i,
			MinimumTokensOut:    minimum,
		}

	case WithdrawSOL:
		i := instructions.StakePoolWithdrawSOL{
			Pool:        keys,
			Authority:   c.User,
			Source:      c.TokenAccount,
			Destination: c.User,
			PoolTokens:  c.Amount,
		}

		plain = i
		limited = instructions.StakePoolWithdrawSOLWithSlippage{
			StakePoolWithdrawSOL: i,
			MinimumLamportsOut:   minimum,
		}

	case DepositStake:
		active, _, err := pool.StakeAddresses(pool.Validators[c.Validator].Entry)
		if err != nil {
			return nil, err
		}

		i := instructions.StakePoolDepositStake{
			Pool:           keys,
			Stake:          c.StakeAccount,
			ValidatorStake: active,
			Destination:    c.TokenAccount,
			Referrer:       c.Referrer,
		}

		plain = i
		limited = instructions.StakePoolDepositStakeWithSlippage{
			StakePoolDepositStake: i,
			MinimumTokensOut:      minimum,
		}

	case WithdrawStake:
		active, _, err := pool.StakeAddresses(pool.Validators[c.Validator].Entry)
		if err != nil {
			return nil, err
		}

		i := instructions.StakePoolWithdrawStake{
			Pool:         keys,
			Split:        active,
			Destination:  c.StakeAccount,
			NewAuthority: c.User,
			Authority:    c.User,
			Source:       c.TokenAccount,
			PoolTokens:   c.Amount,
		}

		plain = i
		limited = instructions.StakePoolWithdrawStakeWithSlippage{
			StakePoolWithdrawStake: i,
			MinimumLamportsOut:     minimum,
		}

	default:
		return nil, fmt.Errorf("unknown operation %q", c.Op)
	}

	if c.Minimum != nil {
		return limited.Build()
	}

	return plain.Build()
}
