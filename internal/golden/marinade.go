package golden

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// Operations of Marinade, named after the instructions of the program.
const (
	MarinadeDeposit              = "Deposit"
	MarinadeLiquidUnstake        = "LiquidUnstake"
	MarinadeDepositStakeAccount  = "DepositStakeAccount"
	MarinadeWithdrawStakeAccount = "WithdrawStakeAccount"
	MarinadeOrderUnstake         = "OrderUnstake"
	MarinadeClaim                = "Claim"
)

// MarinadeOperations returns all operations.
func MarinadeOperations() []string {
	return []string{
		MarinadeDeposit, MarinadeLiquidUnstake, MarinadeDepositStakeAccount,
		MarinadeWithdrawStakeAccount, MarinadeOrderUnstake, MarinadeClaim,
	}
}

// Marinades is a file of recorded executions of the Marinade program.
type Marinades struct {
	Chain     figures.Chain      `json:"chain"`
	Marinades []figures.Marinade `json:"marinades"`
	Cases     []MarinadeCase     `json:"cases"`
}

// MarshalText returns the file as JSON with one state or case per line.
func (f *Marinades) MarshalText() ([]byte, error) {
	return lines(f.Chain, "marinades", f.Marinades, f.Cases)
}

// MarinadeCase is one instruction for one state of Marinade.
type MarinadeCase struct {
	// Seed is the seed of the random case.
	Seed uint64 `json:"seed"`
	// Amount is the input: lamports for Deposit, otherwise base units of mSOL.
	// It is zero for a stake deposit, whose input is Stake, and for a claim,
	// whose input is Ticket.
	Marinade int    `json:"marinade"`
	Op       string `json:"op"`
	// Amount goes in: lamports for Deposit, else mSOL. A stake deposit has its
	// amount in Stake, a claim in Ticket.
	Amount uint64 `json:"amount,omitempty"`
	// Stake is the deposited stake account.
	Stake *quote.StakeAccountState `json:"stake,omitempty"`
	// Source is the index of the stake account of Marinade from which stake is
	// withdrawn.
	Source int `json:"source,omitempty"`
	// Ticket is the claimed ticket. TicketLamports is the balance of its
	// account.
	Ticket         *accounts.MarinadeTicket `json:"ticket,omitempty"`
	TicketLamports uint64                   `json:"ticket_lamports,omitempty"`
	// Clock is the clock at the execution of the case.
	Clock accounts.Clock `json:"clock"`
	// RewardsActive reports whether staking rewards were being distributed.
	RewardsActive bool `json:"rewards_active,omitempty"`

	// User signs. TokenAccount holds the user's mSOL. Account is the deposited
	// or created stake account, or the ticket. Payer pays the rent.
	User         solana.PublicKey `json:"user"`
	TokenAccount solana.PublicKey `json:"token_account"`
	Account      solana.PublicKey `json:"account"`
	Payer        solana.PublicKey `json:"payer"`

	Instruction Instruction `json:"instruction"`
	Result[MarinadeOutcome]
}

// MarinadeOutcome is the outcome of a case: the payment of the user, the
// received amount, and the balances and counters afterwards.
type MarinadeOutcome struct {
	// Paid is lamports for deposits, otherwise base units of mSOL. Received is
	// base units of mSOL for deposits; for a withdrawal of stake it is the
	// stake, for an order the value of the ticket, and otherwise lamports.
	Paid     uint64 `json:"paid"`
	Received uint64 `json:"received"`
	// Rent is the rent that the payer paid for a new account, or that the
	// beneficiary received from a closed account.
	Rent uint64 `json:"rent,omitempty"`

	SOLLeg     uint64 `json:"sol_leg"`
	MSOLLeg    uint64 `json:"msol_leg"`
	Reserve    uint64 `json:"reserve"`
	Treasury   uint64 `json:"treasury"`
	MintSupply uint64 `json:"mint_supply"`

	MSOLSupply       uint64 `json:"msol_supply"`
	AvailableReserve uint64 `json:"available_reserve"`
	TotalActive      uint64 `json:"total_active"`
	TicketBalance    uint64 `json:"ticket_balance"`
	TicketCount      uint64 `json:"ticket_count"`
	// Validator and Record are the balances of the validator and of the stake
	// record in Marinade's lists.
	Validator uint64 `json:"validator,omitempty"`
	Record    uint64 `json:"record,omitempty"`
	// Kept is the part of the balance of a deposited stake account that is not
	// stake.
	Kept uint64 `json:"kept,omitempty"`
	// CreatedEpoch is the epoch of a new ticket.
	CreatedEpoch uint64 `json:"created_epoch,omitempty"`
}

// untouched returns the outcome of a case that changes nothing.
func untouched(f *figures.Marinade) MarinadeOutcome {
	s := &f.State
	o := MarinadeOutcome{
		SOLLeg:           f.SOLLeg,
		MSOLLeg:          f.MSOLLeg,
		Reserve:          f.Reserve,
		MintSupply:       f.Mint.Supply,
		MSOLSupply:       s.MSOLSupply,
		AvailableReserve: s.AvailableReserveBalance,
		TotalActive:      s.ValidatorSystem.TotalActiveBalance,
		TicketBalance:    s.CirculatingTicketBalance,
		TicketCount:      s.CirculatingTicketCount,
	}
	if f.Treasury != nil {
		o.Treasury = f.Treasury.Amount
	}

	return o
}

// At returns the chain at the execution of the case.
func (c *MarinadeCase) At(chain figures.Chain) figures.Chain {
	chain.Clock, chain.RewardsActive = c.Clock, c.RewardsActive
	return chain
}

// Quote computes the outcome with package quote.
func (c *MarinadeCase) Quote(f *figures.Marinade, chain figures.Chain) (MarinadeOutcome, error) {
	q, o := f.Quote(c.At(chain)), untouched(f)
	switch c.Op {
	case MarinadeDeposit:
		d, err := q.Deposit(c.Amount)
		o.Paid, o.Received = d.Lamports, d.MSOL
		o.SOLLeg += d.ToLeg
		o.Reserve += d.ToReserve
		o.AvailableReserve += d.ToReserve
		o.MSOLLeg -= d.FromLeg
		o.MintSupply += d.Minted
		o.MSOLSupply += d.Minted

		return o, err

	case MarinadeLiquidUnstake:
		u, err := q.LiquidUnstake(c.Amount)
		o.Paid, o.Received = u.MSOL, u.Lamports
		o.SOLLeg -= u.Lamports
		o.MSOLLeg += u.ToLeg
		o.Treasury += u.Treasury

		return o, err

	case MarinadeDepositStakeAccount:
		d, err := q.DepositStakeAccount(*c.Stake, f.ValidatorList(), c.User)
		if err != nil {
			return o, err
		}

		o.Received = d.MSOL
		o.Paid = d.Staked + d.Kept
		o.Kept = d.Kept
		o.Record = d.Staked
		o.MintSupply += d.MSOL
		o.MSOLSupply += d.MSOL
		o.TotalActive += d.Staked
		o.Validator = f.Validators[d.ValidatorIndex].ActiveBalance + d.Staked

		return o, nil

	case MarinadeWithdrawStakeAccount:
		return c.withdraw(f, q, o)
	case MarinadeOrderUnstake:
		w, err := q.OrderUnstake(c.Amount)
		o.Paid = w.MSOL
		o.Received = w.Lamports
		o.Rent = w.Rent
		o.CreatedEpoch = w.CreatedEpoch
		o.MintSupply, o.MSOLSupply = o.MintSupply-w.MSOL, o.MSOLSupply-w.MSOL
		o.TicketBalance, o.TicketCount = o.TicketBalance+w.Lamports, o.TicketCount+1

		return o, err

	case MarinadeClaim:
		w, err := q.Claim(c.Ticket, c.TicketLamports)
		o.Received, o.Rent = w.Lamports, w.Rent
		o.Reserve, o.AvailableReserve = o.Reserve-w.Lamports, o.AvailableReserve-w.Lamports
		o.TicketBalance, o.TicketCount = o.TicketBalance-w.Lamports, o.TicketCount-1
		return o, err
	}

	return MarinadeOutcome{}, fmt.Errorf("unknown operation %q", c.Op)
}

func (c *MarinadeCase) withdraw(
	f *figures.Marinade,
	q quote.MarinadeState,
	o MarinadeOutcome,
) (MarinadeOutcome, error) {
	from := f.Stakes[c.Source]
	source, err := q.Source(quote.MarinadeRecord{Index: uint32(c.Source), Record: from.Record},
		*from.Stake, f.ValidatorList())
	if err != nil {
		return o, err
	}

	w, err := q.WithdrawStakeAccount(c.Amount, source)
	o.Paid = w.MSOL
	o.Received = w.Lamports
	o.Rent = w.Rent
	o.Treasury += w.Treasury
	o.MintSupply -= w.Burned
	o.MSOLSupply -= w.Burned
	o.TotalActive -= w.Lamports
	o.Validator = source.Validator.ActiveBalance - w.Lamports
	o.Record = from.Record.LastUpdateDelegatedLamports - w.Lamports

	return o, err
}

// Validator returns the index of the validator whose stake the case moves, or 0
// if it is not in Marinade's list.
func (c *MarinadeCase) Validator(f *figures.Marinade) uint32 {
	vote := f.Validators[0].VoteAccount
	switch {
	case c.Stake != nil:
		vote = c.Stake.Account.Delegation.Voter
	case c.Op == MarinadeWithdrawStakeAccount:
		vote = f.Stakes[c.Source].Stake.Account.Delegation.Voter
	}
	return uint32(max(0, f.ValidatorList().Index(vote)))
}

// BuildInstruction builds the instruction of the case.
func (c *MarinadeCase) BuildInstruction(f *figures.Marinade) (solana.Instruction, error) {
	m, err := instructions.NewMarinade(f.Program, f.Address, &f.State)
	if err != nil {
		return nil, err
	}

	switch c.Op {
	case MarinadeDeposit:
		return instructions.MarinadeDeposit{
			Marinade:    m,
			From:        c.User,
			Destination: c.TokenAccount,
			Lamports:    c.Amount,
		}.Build()

	case MarinadeLiquidUnstake:
		return instructions.MarinadeLiquidUnstake{
			Marinade:    m,
			Authority:   c.User,
			Source:      c.TokenAccount,
			Destination: c.User,
			MSOL:        c.Amount,
		}.Build()

	case MarinadeDepositStakeAccount:
		return instructions.MarinadeDepositStakeAccount{
			Marinade:       m,
			Stake:          c.Account,
			Owner:          c.User,
			Vote:           f.Validators[c.Validator(f)].VoteAccount,
			ValidatorIndex: c.Validator(f),
			Payer:          c.Payer,
			Destination:    c.TokenAccount,
		}.Build()

	case MarinadeWithdrawStakeAccount:
		return instructions.MarinadeWithdrawStakeAccount{
			Marinade:       m,
			Authority:      c.User,
			Source:         c.TokenAccount,
			Split:          f.Stakes[c.Source].Record.StakeAccount,
			StakeIndex:     uint32(c.Source),
			ValidatorIndex: c.Validator(f),
			NewStake:       c.Account,
			Payer:          c.Payer,
			Beneficiary:    c.User,
			MSOL:           c.Amount,
		}.Build()

	case MarinadeOrderUnstake:
		return instructions.MarinadeOrderUnstake{
			Marinade:  m,
			Authority: c.User,
			Source:    c.TokenAccount,
			Ticket:    c.Account,
			MSOL:      c.Amount,
		}.Build()

	case MarinadeClaim:
		return instructions.MarinadeClaim{
			Marinade:    m,
			Ticket:      c.Account,
			Beneficiary: c.User,
		}.Build()
	}

	return nil, fmt.Errorf("unknown operation %q", c.Op)
}
