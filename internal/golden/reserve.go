package golden

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// Operations of the Reserve, named after the instructions of the program.
const (
	ReserveUnstake         = "Unstake"
	ReserveUnstakeWsol     = "UnstakeWsol"
	ReserveAddLiquidity    = "AddLiquidity"
	ReserveRemoveLiquidity = "RemoveLiquidity"
)

// ReserveOperations returns all operations.
func ReserveOperations() []string {
	return []string{ReserveUnstake, ReserveUnstakeWsol, ReserveAddLiquidity, ReserveRemoveLiquidity}
}

// Reserves is a file of recorded executions of the Reserve program.
type Reserves struct {
	Chain    figures.Chain     `json:"chain"`
	Reserves []figures.Reserve `json:"reserves"`
	Cases    []ReserveCase     `json:"cases"`
}

// MarshalText returns the file as JSON with one state or case per line.
func (f *Reserves) MarshalText() ([]byte, error) {
	return lines(f.Chain, "reserves", f.Reserves, f.Cases)
}

// ReserveCase is one instruction for one state of the Reserve.
type ReserveCase struct {
	// Seed is the seed of the random case.
	Seed uint64 `json:"seed"`
	// Reserve is the index of the state in the file.
	Reserve int    `json:"reserve"`
	Op      string `json:"op"`
	// Amount is the input: lamports for AddLiquidity, LP tokens for
	// RemoveLiquidity. It is zero for a sale, whose input is Stake.
	Amount uint64 `json:"amount,omitempty"`
	// Stake is the sold stake account. Record is the balance of the address of
	// its record before the sale.
	Stake  *quote.StakeAccountState `json:"stake,omitempty"`
	Record uint64                   `json:"record,omitempty"`
	// RewardsActive reports whether staking rewards were being distributed.
	RewardsActive bool `json:"rewards_active,omitempty"`

	// User signs. Source is the stake account, or the token account with the LP
	// tokens to burn. Destination receives the output: it is a system account,
	// or a token account of wrapped SOL or LP tokens.
	User        solana.PublicKey  `json:"user"`
	Source      solana.PublicKey  `json:"source"`
	Destination solana.PublicKey  `json:"destination"`
	Referrer    *solana.PublicKey `json:"referrer,omitempty"`

	// Build is the hash of the program that executed the case.
	Build       string      `json:"build"`
	Instruction Instruction `json:"instruction"`
	Result[ReserveOutcome]
}

// ReserveOutcome is the outcome of a case: the payment of the user, the
// received amount, the parts of the fee, and the pool afterwards.
type ReserveOutcome struct {
	// Paid is LP tokens for RemoveLiquidity, otherwise lamports; for a sale it
	// is the balance of the stake account. Received is LP tokens for
	// AddLiquidity, otherwise lamports.
	Paid     uint64 `json:"paid"`
	Received uint64 `json:"received"`
	// Fee is the fee of the sale. ProtocolFee is a part of Fee, and ReferrerFee
	// a part of ProtocolFee.
	Fee         uint64 `json:"fee,omitempty"`
	ProtocolFee uint64 `json:"protocol_fee,omitempty"`
	ReferrerFee uint64 `json:"referrer_fee,omitempty"`
	// RecordRent is the rent that the pool paid for the record of the stake
	// account.
	RecordRent uint64 `json:"record_rent,omitempty"`

	IncomingStake  uint64 `json:"incoming_stake"`
	PoolRecordRent uint64 `json:"pool_record_rent"`
	Lamports       uint64 `json:"lamports"`
	LPSupply       uint64 `json:"lp_supply"`
}

// At returns the chain at the execution of the case.
func (c *ReserveCase) At(chain figures.Chain) figures.Chain {
	chain.RewardsActive = c.RewardsActive
	return chain
}

// Quote computes the outcome with package quote.
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
