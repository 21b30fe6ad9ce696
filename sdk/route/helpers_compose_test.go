package route_test

import (
	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// composed is the expected result of a trade, computed with package quote from
// the test data and without package route.
type composed struct {
	// out is the amount that the owner receives, net of rent.
	out uint64
	// The fees of the pools, of the Reserve and of the Router, and the charge
	// for a prefund.
	withdrawalFee, depositFee, reserveFee, routerFee, prefund uint64
	// referral is the part of out that no limit of the pool's program covers.
	referral uint64
	// rent is the amount paid into a new stake account.
	rent uint64
	// least is the stake that Marinade gives at its highest fee.
	least uint64
	exact bool
}

// limited returns the output of which the minimum output is a part: without
// what no limit covers, and at Marinade's highest fee.
func (c composed) limited(v venueTrade) uint64 {
	if v.from == mSOLName && v.to == "stake" {
		return c.least
	}
	return c.out - c.referral
}

func (w *stakeWorld) rentOf(t tester, space uint64) uint64 {
	t.Helper()
	rent, err := w.Chain.Rent.MinimumBalance(space)
	require.NoError(t, err)
	return rent
}

// poolOf returns a stake pool as package quote sees it, after its update if it
// is stale.
func (w *stakeWorld) poolOf(t tester, symbol string) quote.StakePoolState {
	t.Helper()
	pool, _, _ := w.poolAndStake(t, symbol)
	return pool
}

// poolAndStake returns a stake pool and its first validator, after the update
// of a stale pool. The error is the reason if the result of that is unknown;
// the pool then has the update ahead.
func (w *stakeWorld) poolAndStake(
	t tester, symbol string,
) (quote.StakePoolState, quote.ValidatorStakeSource, error) {
	t.Helper()
	pool, known := w.reference(t, symbol), w.pool(t, symbol)
	first := known.Validators[0].Source()
	if pool.State.LastUpdateEpoch == w.Chain.Clock.Epoch {
		return pool, first, nil
	}

	pool.Update = known.Balances()
	pool.UpdateKnown = quote.StakePoolUpdateKnown(w.builds[pool.Program])
	after, err := pool.AfterUpdate()
	if err != nil {
		return pool, first, err
	}

	v := after.Validators[0]

	return after.Pool, quote.ValidatorStakeSource{Entry: v.Entry, Stake: *v.Active}, nil
}

func (w *stakeWorld) lido() quote.LidoState {
	l := w.Lido.Quote(w.Chain)
	if l.State.ExchangeRate.ComputedInEpoch < w.Chain.Clock.Epoch {
		l.Update = w.Lido.Balances()
	}
	return l
}

func (w *stakeWorld) marinade() quote.MarinadeState {
	m := w.Marinade.Quote(w.Chain)
	m.Version = quote.MarinadeVersionOf(w.builds[accounts.MarinadeProgram])
	return m
}

// compose computes the result of a trade.
func (w *stakeWorld) compose(t tester, v venueTrade, in uint64) (c composed, err error) {
	t.Helper()
	c.exact = true
	switch v.venue {
	case marinadeDeposit:
		d, err := w.marinade().Deposit(in)
		c.out, c.depositFee = d.MSOL, d.Fee
		c.exact = w.marinade().Version == quote.MarinadeVersion20
		return c, err

	case marinadeUnstake:
		u, err := w.marinade().LiquidUnstake(in)
		c.out, c.withdrawalFee = u.Lamports, u.Fee
		c.exact = w.marinade().Version == quote.MarinadeVersion20
		return c, err

	case routerDeposit:
		if v.to == mSOLName {
			return w.compose(t, venueTrade{marinadeDeposit, v.from, v.to}, in)
		}

		d, err := w.poolOf(t, v.to).DepositSOL(in)
		c.out, c.depositFee, c.exact = d.Tokens+d.ReferralFee, d.ManagerFee, d.Exact
		return c, err
	}

	return w.tradeStake(t, v, in)
}

// tradeStake computes the result of a trade that moves stake.
func (w *stakeWorld) tradeStake(t tester, v venueTrade, in uint64) (c composed, err error) {
	c.exact = true
	router := v.venue == routerVenue || v.venue == routerPrefunded
	if v.venue != routerPrefunded {
		c.rent = w.rentOf(t, accounts.StakeAccountSpace)
		if v.to == mSOLName {
			// Marinade accepts no other balance.
			if c.rent > stakeRent {
				return c, quote.ErrStakeSurplus
			}

			c.rent = stakeRent
		}
	}

	stake, err := w.stakeFrom(t, v, in, &c)
	if err != nil {
		return c, err
	}

	stake.Account.Staker, stake.Account.Withdrawer = params.Owner, params.Owner
	reserve := w.Reserve.Quote(w.Chain)
	if v.venue == routerPrefunded {
		p, err := quote.Prefund{Reserve: reserve, MinimumDelegation: w.Chain.MinimumDelegation,
			Prefunder: w.Router.Prefunder}.Quote(stake.Lamports)
		if err != nil {
			return c, err
		}

		stake.Account.Delegation.Stake, stake.Lamports = p.Staked, p.Staked+p.Unstaked
		c.prefund, reserve = p.Cost, p.Reserve
	}

	if v.to == "stake" {
		c.out = stake.Account.Delegation.Stake
		return c, nil
	}

	record := uint64(0)
	if v.from == "own" && c.rent == 0 {
		record = w.inRecord
	} else {
		stake.Account.RentExemptReserve = stakeRent
	}

	received, err := w.sellStake(t, v.to, stake, reserve, record, &c)
	if router {
		// The Router receives the referral part for the user, so the limit
		// covers it.
		c.referral = 0
	}

	if err != nil {
		return c, err
	}

	rate := uint64(0)
	if router && v.to != "SOL" {
		rate = quote.RouterSwapViaStakeFee
	}

	payout, err := quote.NewRouterPayout(received, rate)
	if err != nil {
		return c, err
	}

	c.out, c.routerFee = payout.Out, payout.Fee
	if v.to == "SOL" {
		if c.out <= c.rent {
			return c, quote.ErrAmountTooSmall
		}

		c.out -= c.rent
	}

	return c, nil
}

// stakeFrom returns the stake account that an amount of a token, or of the
// owner's stake account, yields, with the rent in it.
func (w *stakeWorld) stakeFrom(
	t tester,
	v venueTrade,
	in uint64,
	c *composed,
) (quote.StakeAccountState, error) {
	t.Helper()
	from, to := v.from, v.to
	part := func(of quote.StakeAccountState, staked uint64) (quote.StakeAccountState, error) {
		of.Account.Delegation.Stake, of.Lamports = staked, staked+c.rent
		return of, nil
	}

	switch from {
	case "own":
		if in == w.own.Lamports {
			c.rent = 0
			return w.own, nil
		}

		if left := fixed.SaturatingSub(w.own.Account.Delegation.Stake, in); min(
			in,
			left,
		) < w.Chain.MinimumDelegation {
			return quote.StakeAccountState{}, quote.ErrBelowMinimumDelegation
		}

		return part(w.own, in)

	case stSOLs:
		of := *w.Lido.Validators[0].Stake
		d, err := w.lido().Withdraw(in, of)
		if err != nil {
			return of, err
		}

		return part(of, d.Lamports)

	case mSOLName:
		m := w.marinade()
		of, err := w.marinadeSource(m, to, in)
		if err != nil {
			return quote.StakeAccountState{}, err
		}

		d, err := m.WithdrawStakeAccount(in, of)
		c.least = d.Least()
		c.withdrawalFee, c.exact = d.Treasury, m.Version == quote.MarinadeVersion20

		return quote.StakeAccountState{
			Lamports: d.Lamports + d.Rent,
			Account: func() accounts.StakeAccount {
				a := of.Stake.Account
				a.Delegation.Stake = d.Lamports
				return a
			}(),
		}, err
	}

	pool, of, _ := w.poolAndStake(t, from)
	d, err := pool.WithdrawStake(in, of)
	if err != nil {
		return of.Stake, err
	}

	c.withdrawalFee, c.exact = d.ManagerFee, d.Exact

	return part(of.Stake, d.Lamports)
}

// marinadeSource returns the stake account that Marinade splits: the largest
// one, or for a stake pool the one of the validator that both have.
func (w *stakeWorld) marinadeSource(
	m quote.MarinadeState, to string, in uint64,
) (quote.MarinadeStakeSource, error) {
	live := w.Marinade.Live
	if to == target {
		live = func(address solana.PublicKey) (quote.StakeAccountState, bool) {
			stake, ok := w.Marinade.Live(address)
			return stake, ok && stake.Account.Delegation.Voter == w.vote
		}
	}
	return m.PickSource(in, w.Marinade.StakeList(), w.Marinade.ValidatorList(), live)
}

// sellStake computes the proceeds of a stake account.
func (w *stakeWorld) sellStake(
	t tester,
	to string,
	stake quote.StakeAccountState,
	reserve quote.ReserveState,
	record uint64,
	c *composed,
) (uint64, error) {
	t.Helper()
	switch to {
	case "SOL":
		if err := reserve.Sellable(&stake.Account, params.Owner); err != nil {
			return 0, err
		}

		u, err := reserve.Unstake(stake.Lamports, record, false)
		c.reserveFee = u.Fee
		return u.Out, err

	case mSOLName:
		m := w.marinade()
		d, err := m.DepositStakeAccount(stake, w.Marinade.ValidatorList(), params.Owner)
		c.depositFee, c.exact = d.Fee, c.exact && m.Version == quote.MarinadeVersion20
		return d.MSOL, err
	}

	s, into, _ := w.poolAndStake(t, to)
	staked, unstaked, err := s.StakeParts(w.pool(t, to).List(), stake, into.Stake)
	if err != nil {
		return 0, err
	}

	if to == source {
		s.Signers = []solana.PublicKey{s.State.StakeDepositAuthority} // the interceptor
	}

	d, err := s.DepositStake(staked, unstaked)
	c.depositFee, c.referral, c.exact = d.ManagerFee, d.ReferralFee, c.exact && d.Exact

	return d.Tokens + d.ReferralFee, err
}
