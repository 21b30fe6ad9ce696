package e2e

import (
	"math"
	"math/rand/v2"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// randomCase changes the state at random, and picks the user, the operation and
// the amount.
func (r *marinadeRun) randomCase(rng *rand.Rand, f *figures.Marinade) *golden.MarinadeCase {
	c := &golden.MarinadeCase{
		Op:           r.op,
		Clock:        r.chain.Clock,
		User:         r.user.PublicKey(),
		TokenAccount: figures.RandomKey(rng),
		Account:      r.account.PublicKey(),
		Payer:        r.rentPayer.PublicKey(),
	}

	c.Clock.UnixTimestamp = c.Clock.EpochStartTimestamp + rng.Int64N(170_000)
	if len(f.Stakes) > 0 {
		c.Source = rng.IntN(len(f.Stakes))
	}

	spoilMarinade(rng, f, c)
	q := f.Quote(c.At(r.chain))
	switch r.op {
	case golden.MarinadeDeposit:
		c.Amount = depositAmount(rng, f, q)
	case golden.MarinadeLiquidUnstake:
		available := f.SOLLeg - min(f.SOLLeg, f.State.RentExemptForTokenAcc)
		c.Amount = around(rng, available+available/5, func(target uint64) (uint64, error) {
			u, err := q.LiquidUnstakeExactOut(target)
			return u.MSOL, err
		}, available, available, f.State.MinWithdraw, 1+rng.Uint64N(available+1))

	case golden.MarinadeOrderUnstake:
		c.Amount = around(rng, f.Mint.Supply, func(target uint64) (uint64, error) {
			o, err := q.OrderUnstakeExactOut(target)
			return o.MSOL, err
		}, f.State.MinWithdraw)
		if rng.IntN(8) == 0 {
			c.Amount = max(1, f.Mint.Supply)
		}

	case golden.MarinadeWithdrawStakeAccount:
		r.randomWithdrawal(rng, f, q, c)
	case golden.MarinadeDepositStakeAccount:
		c.Stake = r.randomStake(rng, f, c)
	case golden.MarinadeClaim:
		r.randomTicket(rng, f, c)
	}

	if c.Op != golden.MarinadeDeposit && f.Mint.Supply > 0 {
		// No user has more than the supply.
		c.Amount = min(c.Amount, f.Mint.Supply)
	}

	return c
}

// around returns an amount next to one that just yields one of the targets,
// below it, or any up to limit.
func around(
	rng *rand.Rand,
	limit uint64,
	yields func(uint64) (uint64, error),
	targets ...uint64,
) uint64 {
	amount, err := yields(max(1, targets[rng.IntN(len(targets))]))
	if err != nil || amount == 0 {
		return figures.RandomAmount(rng, limit)
	}
	return [...]uint64{
		max(1, amount+rng.Uint64N(5)-2),
		1 + rng.Uint64N(amount),
		figures.RandomAmount(rng, amount),
		figures.RandomAmount(rng, limit),
	}[rng.IntN(4)]
}

// depositAmount returns any amount, or one next to the output of the pool's
// mSOL, to the minimum deposit or to the cap.
func depositAmount(rng *rand.Rand, f *figures.Marinade, q quote.MarinadeState) uint64 {
	targets := []uint64{f.MSOLLeg}
	if price, err := q.Price(); err == nil && f.State.StakingSOLCap != math.MaxUint64 &&
		price.Lamports > 0 {
		room := f.State.StakingSOLCap - min(f.State.StakingSOLCap,
			price.Lamports+f.State.CirculatingTicketBalance)
		return max(1, room+rng.Uint64N(5)-min(room, 2))
	}

	if rng.IntN(6) == 0 {
		return max(1, f.State.MinDeposit+rng.Uint64N(3)-1)
	}

	return around(rng, 20_000_000*sol, func(target uint64) (uint64, error) {
		d, err := q.DepositExactOut(target)
		return d.Lamports, err
	}, targets...)
}

// spoilMarinade changes about every second state.
func spoilMarinade(rng *rand.Rand, f *figures.Marinade, c *golden.MarinadeCase) {
	s := &f.State
	total := f.Controlled()
	switch rng.IntN(32) {
	case 0:
		s.Paused = true
	case 1:
		s.WithdrawStakeAccountEnabled = false
	case 2, 3:
		s.StakingSOLCap = total + figures.RandomAmount(rng, 100_000*sol)
	case 4:
		f.Treasury = nil
	case 5:
		f.Treasury.Mint = figures.RandomKey(rng)
	case 6:
		s.MSOLSupply -= min(s.MSOLSupply, 200)
	case 7:
		f.StakeListSpace = accounts.MarinadeListHeaderSize +
			int(s.StakeSystem.StakeList.ItemSize)*len(f.Stakes)
	case 8:
		c.RewardsActive = true
	case 9:
		f.SOLLeg = 900_000 + rng.Uint64N(2_000_000)
	case 10:
		// No mSOL was minted yet.
		s.MSOLSupply, f.Mint.Supply = 0, 0
	case 11:
		// All SOL is owed to tickets, so mSOL is worthless.
		s.CirculatingTicketBalance = total + rng.Uint64N(sol)
	case 12:
		s.LiqPool.LPMinFee = s.LiqPool.LPMaxFee
	case 13:
		s.LiqPool.LPMaxFee, s.LiqPool.LPMinFee, s.LiqPool.TreasuryCut = 0, 0, 0
	case 14:
		// After a loss, mSOL is worth less than a lamport.
		s.MSOLSupply *= 3
	case 15:
		s.StakeSystem.MinStake = figures.RandomAmount(rng, sol)
	case 16:
		// Version 2.0 does not read beyond its own fields.
		s.DepositSOLFee, s.DepositStakeAccountFee = 1+rng.Uint32N(2000), 1+rng.Uint32N(2000)
	}
}

// randomWithdrawal withdraws stake from the account that the module picks, or
// from any account, with an amount next to the maximum of the account or to the
// minimum.
func (r *marinadeRun) randomWithdrawal(
	rng *rand.Rand,
	f *figures.Marinade,
	q quote.MarinadeState,
	c *golden.MarinadeCase,
) {
	if len(f.Stakes) == 0 {
		f.Stakes = append(f.Stakes, r.someStake(rng, f))
		f.State.StakeSystem.StakeList.Count = 1
		q = f.Quote(c.At(r.chain))
	}

	least := max(f.State.StakeSystem.MinStake, r.chain.MinimumDelegation)
	of := func(target uint64) (uint64, error) {
		source, err := q.Source(quote.MarinadeRecord{Record: f.Stakes[c.Source].Record},
			*f.Stakes[c.Source].Stake, f.ValidatorList())
		if err != nil {
			return 0, err
		}

		w, err := q.WithdrawStakeAccountExactOut(target, source)
		return w.MSOL, err
	}

	largest := f.Stakes[c.Source].Record.LastUpdateDelegatedLamports
	most := largest - min(largest, least)
	c.Amount = around(rng, f.Mint.Supply, of, most, least)
	if amount, err := of(least + rng.Uint64N(max(most, least)-least+1)); err == nil &&
		rng.IntN(2) == 0 {
		c.Amount = amount
	}

	source, err := q.PickSource(c.Amount, f.StakeList(), f.ValidatorList(), f.Live)
	if err == nil && rng.IntN(4) > 0 {
		c.Source = int(source.Index)
	}

	from := &f.Stakes[c.Source]
	switch d := &from.Stake.Account.Delegation; rng.IntN(20) {
	case 0:
		d.Stake -= 1 + rng.Uint64N(10)
	case 1:
		d.Stake++
	case 2:
		from.Record.IsEmergencyUnstaking = 1
	case 3:
		d.DeactivationEpoch = c.Clock.Epoch - rng.Uint64N(3)
	case 4:
		d.Voter = figures.RandomKey(rng)
	case 5:
		d.ActivationEpoch = c.Clock.Epoch
	case 6:
		from.Record.LastUpdateEpoch--
	case 7:
		f.Validators[c.Validator(f)].ActiveBalance /= 4
	}
}

// someStake returns a stake account of Marinade with its first validator.
func (r *marinadeRun) someStake(rng *rand.Rand, f *figures.Marinade) figures.MarinadeStake {
	for {
		other, err := figures.RandomMarinade(rng, r.chain)
		if err != nil || len(other.Stakes) == 0 {
			continue
		}

		s := other.Stakes[0]
		s.Stake.Account.Delegation.Voter = f.Validators[0].VoteAccount
		s.Stake.Account.Staker, _ = accounts.MarinadeStakeDepositAuthority(f.Program, f.Address)
		s.Stake.Account.Withdrawer, _ = accounts.MarinadeStakeWithdrawAuthority(f.Program,
			f.Address)
		f.Validators[0].ActiveBalance += s.Record.LastUpdateDelegatedLamports
		f.State.ValidatorSystem.TotalActiveBalance += s.Record.LastUpdateDelegatedLamports

		return s
	}
}

// randomStake returns a stake account that Marinade mostly accepts.
func (r *marinadeRun) randomStake(
	rng *rand.Rand,
	f *figures.Marinade,
	c *golden.MarinadeCase,
) *quote.StakeAccountState {
	epoch := c.Clock.Epoch
	least := f.State.StakeSystem.MinStake
	staked := least + figures.RandomAmount(rng, 1_000_000*sol) - 1
	if rng.IntN(8) == 0 {
		staked = max(1, least+rng.Uint64N(3)-1)
	}

	if limit := f.State.StakingSOLCap; limit != math.MaxUint64 {
		room := limit - f.Controlled()
		staked = max(1, room+rng.Uint64N(3)-1)
	}

	vote := f.Validators[rng.IntN(len(f.Validators))].VoteAccount
	stake := &quote.StakeAccountState{Account: figures.Delegated(c.User, figures.StoredRent, vote,
		staked, epoch-1-rng.Uint64N(50))}
	a := &stake.Account
	surplus := uint64(0)
	switch d := &a.Delegation; rng.IntN(28) {
	case 0:
		d.ActivationEpoch = epoch
	case 1:
		d.ActivationEpoch = epoch + 1
	case 2:
		d.DeactivationEpoch = epoch - rng.Uint64N(3)
	case 3:
		a.Lockup = accounts.Lockup{Epoch: epoch, UnixTimestamp: c.Clock.UnixTimestamp,
			Custodian: figures.RandomKey(rng)}
	case 4:
		a.Lockup = accounts.Lockup{Epoch: epoch + 1, Custodian: figures.RandomKey(rng)}
	case 5:
		a.Lockup = accounts.Lockup{UnixTimestamp: c.Clock.UnixTimestamp + 1, Custodian: c.User}
	case 6:
		a.Delegation.Voter = figures.RandomKey(rng)
	case 7:
		a.Withdrawer = figures.RandomKey(rng)
	case 8:
		a.Staker = figures.RandomKey(rng)
	case 9:
		a.Staker, _ = accounts.MarinadeStakeDepositAuthority(f.Program, f.Address)
	case 10, 11:
		surplus = [...]uint64{1, figures.RandomAmount(rng, sol)}[rng.IntN(2)]
	case 12:
		a.State = accounts.StakeInitialized
	case 13:
		// The rent of an earlier time.
		a.RentExemptReserve = rng.Uint64N(4_000_000)
	case 14:
		d.ActivationEpoch = accounts.NeverEpoch
	}

	stake.Lamports = a.Delegation.Stake + a.RentExemptReserve + surplus
	if rent, err := r.chain.Rent.MinimumBalance(accounts.StakeAccountSpace); err == nil {
		stake.Lamports = max(stake.Lamports, rent)
	}

	return stake
}

// randomTicket returns a ticket that is mostly due, next to its due time, and
// next to the amount that the reserve can pay.
func (r *marinadeRun) randomTicket(rng *rand.Rand, f *figures.Marinade, c *golden.MarinadeCase) {
	s := &f.State
	if rng.IntN(2) == 0 {
		c.Clock.UnixTimestamp = c.Clock.EpochStartTimestamp + 1800 + rng.Int64N(5) - 2
	}

	c.Ticket = &accounts.MarinadeTicket{
		State:        f.Address,
		Beneficiary:  c.User,
		CreatedEpoch: c.Clock.Epoch + 1 - [...]uint64{0, 1, 2, 2, 2, 2, 3, 3, 50}[rng.IntN(9)],
	}
	if rng.IntN(4) == 0 {
		// The reserve pays extra lamports only up to its counter.
		f.Reserve += rng.Uint64N(3)
	}

	if rng.IntN(6) == 0 {
		s.CirculatingTicketBalance = min(s.CirculatingTicketBalance, 3)
	}

	available := f.Reserve - s.RentExemptForTokenAcc
	most := min(available, s.CirculatingTicketBalance)
	c.Ticket.Lamports = figures.RandomAmount(rng, most)
	if rng.IntN(4) == 0 {
		c.Ticket.Lamports = [...]uint64{available, s.CirculatingTicketBalance,
			s.AvailableReserveBalance}[rng.IntN(3)] +
			rng.Uint64N(3)
		c.Ticket.Lamports -= min(c.Ticket.Lamports, 1)
	}

	switch rng.IntN(16) {
	case 0:
		c.Ticket.State = figures.RandomKey(rng)
	case 1:
		s.CirculatingTicketCount = 0
	case 2:
		f.Reserve = s.RentExemptForTokenAcc - rng.Uint64N(1000)
	}

	c.TicketLamports = 1_503_360 + rng.Uint64N(2)*figures.RandomAmount(rng, sol)
	if rent, err := r.chain.Rent.MinimumBalance(accounts.MarinadeTicketSpace); err == nil {
		c.TicketLamports = max(c.TicketLamports, rent)
	}
}
