package golden

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// The operations of the Reserve, named after the program's instructions.
const (
	ReserveUnstake         = "Unstake"
	ReserveUnstakeWsol     = "UnstakeWsol"
	ReserveAddLiquidity    = "AddLiquidity"
	ReserveRemoveLiquidity = "RemoveLiquidity"
)

// ReserveOperations are all of them.
func ReserveOperations() []string {
	return []string{ReserveUnstake, ReserveUnstakeWsol, ReserveAddLiquidity, ReserveRemoveLiquidity}
}

// Reserves is a file of recorded executions of the Reserve.
type Reserves struct {
	Chain    figures.Chain     `json:"chain"`
	Reserves []figures.Reserve `json:"reserves"`
	Cases    []ReserveCase     `json:"cases"`
}

// MarshalText is the file as JSON with one state or case a line.
func (f *Reserves) MarshalText() ([]byte, error) {
	return lines(f.Chain, "reserves", f.Reserves, f.Cases)
}

// ReserveCase is one instruction against one Reserve.
type ReserveCase struct {
	// Seed tells which random case this is.
	Seed uint64 `json:"seed"`
	// Reserve is the index of the state in the file.
	Reserve int    `json:"reserve"`
	Op      string `json:"op"`
	// Amount goes in: lamports for AddLiquidity, LP tokens for RemoveLiquidity.
	// A sale has its amount in Stake.
	Amount uint64 `json:"amount,omitempty"`
	// Stake is the account that is sold, Record what the account that becomes
	// its record holds already.
	Stake  *quote.StakeAccountState `json:"stake,omitempty"`
	Record uint64                   `json:"record,omitempty"`
	// RewardsActive says whether staking rewards were being distributed.
	RewardsActive bool `json:"rewards_active,omitempty"`

	// User signs. Source is the stake account, or the token account whose LP
	// tokens are burned. Destination receives: it is a system account, or a
	// token account of wrapped SOL or LP tokens.
	User        solana.PublicKey  `json:"user"`
	Source      solana.PublicKey  `json:"source"`
	Destination solana.PublicKey  `json:"destination"`
	Referrer    *solana.PublicKey `json:"referrer,omitempty"`

	// Build is the hash of the program that executed the case.
	Build       string      `json:"build"`
	Instruction Instruction `json:"instruction"`
	Result[ReserveOutcome]
}

// ReserveOutcome is what a case changed: what the user paid and received, who
// got which part of the fee, and the pool afterwards.
type ReserveOutcome struct {
	// Paid are LP tokens for RemoveLiquidity, else lamports; for a sale the
	// whole stake account. Received are LP tokens for AddLiquidity, else
	// lamports.
	Paid     uint64 `json:"paid"`
	Received uint64 `json:"received"`
	// Fee is what the seller does not receive. ProtocolFee is a part of it, and
	// ReferrerFee of that.
	Fee         uint64 `json:"fee,omitempty"`
	ProtocolFee uint64 `json:"protocol_fee,omitempty"`
	ReferrerFee uint64 `json:"referrer_fee,omitempty"`
	// RecordRent is what the pool paid for the record of the stake account.
	RecordRent uint64 `json:"record_rent,omitempty"`

	IncomingStake  uint64 `json:"incoming_stake"`
	PoolRecordRent uint64 `json:"pool_record_rent"`
	Lamports       uint64 `json:"lamports"`
	LPSupply       uint64 `json:"lp_supply"`
}

// At is the network when the case was executed.
func (c *ReserveCase) At(chain figures.Chain) figures.Chain {
	chain.RewardsActive = c.RewardsActive
	return chain
}

// Quote is what this module says the case does.
func (c *ReserveCase) Quote(r *figures.Reserve, chain figures.Chain) (ReserveOutcome, error) {
	q := r.Quote(c.At(chain))
	o := ReserveOutcome{
		Paid:           c.Amount,
		IncomingStake:  r.Pool.IncomingStake,
		PoolRecordRent: r.Pool.RecordRent,
		Lamports:       r.Lamports,
		LPSupply:       r.LPSupply,
	}

	var err error
	switch c.Op {
	case ReserveUnstake, ReserveUnstakeWsol:
		if err := q.Sellable(&c.Stake.Account, c.User); err != nil {
			return ReserveOutcome{}, err
		}

		u, err := q.Unstake(c.Stake.Lamports, c.Record, c.Referrer != nil)
		return ReserveOutcome{
			Paid:           u.In,
			Received:       u.Out,
			Fee:            u.Fee,
			ProtocolFee:    u.ProtocolFee,
			ReferrerFee:    u.ReferrerFee,
			RecordRent:     u.RecordRent,
			IncomingStake:  u.Pool.IncomingStake,
			PoolRecordRent: u.Pool.RecordRent,
			Lamports:       u.Lamports,
			LPSupply:       r.LPSupply,
		}, err

	case ReserveAddLiquidity:
		o.Received, err = q.AddLiquidity(c.Amount)
		o.Lamports, o.LPSupply = o.Lamports+c.Amount, o.LPSupply+o.Received
	case ReserveRemoveLiquidity:
		o.Received, err = q.RemoveLiquidity(c.Amount)
		o.Lamports, o.LPSupply = o.Lamports-o.Received, o.LPSupply-c.Amount
	default:
		err = fmt.Errorf("unknown operation %q", c.Op)
	}

	return o, err
}

// BuildInstruction builds the instruction of the case.
func (c *ReserveCase) BuildInstruction(r *figures.Reserve) (solana.Instruction, error) {
	pool, err := instructions.NewReserve(accounts.ReserveProgram, r.Address, &r.Pool,
		&r.ProtocolFee)
	if err != nil {
		return nil, err
	}

	switch c.Op {
	case ReserveUnstake, ReserveUnstakeWsol:
		return instructions.ReserveUnstake{
			Reserve:     pool,
			Owner:       c.User,
			Stake:       c.Source,
			Destination: c.Destination,
			Wrapped:     c.Op == ReserveUnstakeWsol,
			Referrer:    c.Referrer,
		}.Build()

	case ReserveAddLiquidity:
		return instructions.ReserveAddLiquidity{
			Reserve:     pool,
			From:        c.User,
			Destination: c.Destination,
			Lamports:    c.Amount,
		}.Build()

	case ReserveRemoveLiquidity:
		return instructions.ReserveRemoveLiquidity{
			Reserve:     pool,
			Authority:   c.User,
			Source:      c.Source,
			Destination: c.Destination,
			LPTokens:    c.Amount,
		}.Build()
	}

	return nil, fmt.Errorf("unknown operation %q", c.Op)
}
