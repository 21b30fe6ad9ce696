package route_test

import (
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// composed is what a way comes to by package quote on the figures, without any
// of package route.
type composed struct {
	// out is what the owner receives, net of rent.
	out uint64
	// withdrawalFee and depositFee are fees of pools, reserveFee, routerFee and
	// prefund what those take.
	withdrawalFee, depositFee, reserveFee, routerFee, prefund uint64
	// referral is the part of out that no limit of the pool's program covers.
	referral uint64
	// rent is what is paid into a new stake account.
	rent  uint64
	exact bool
}

func (w *stakeWorld) rentOf(t tester, space uint64) uint64 {
	t.Helper()
	rent, err := w.Chain.Rent.MinimumBalance(space)
	require.NoError(t, err)
	return rent
}

// poolOf is a stake pool as package quote sees it. None is cranked on the way.
func (w *stakeWorld) poolOf(t tester, symbol string) quote.StakePoolState {
	t.Helper()
	return w.reference(t, symbol)
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

// compose follows an amount through a way.
func (w *stakeWorld) compose(t tester, v way, in uint64) (c composed, err error) {
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
			return w.compose(t, way{marinadeDeposit, v.from, v.to}, in)
		}

		d, err := w.poolOf(t, v.to).DepositSOL(in)
		c.out, c.depositFee, c.exact = d.Tokens+d.ReferralFee, d.ManagerFee, d.Exact
		return c, err
	}

	return w.moveStake(t, v, in)
}

// moveStake is for the ways that move stake.
func (w *stakeWorld) moveStake(t tester, v way, in uint64) (c composed, err error) {
	c.exact = true
	router := v.venue == routerVenue || v.venue == routerPrefunded
	if v.venue != routerPrefunded {
		c.rent = w.rentOf(t, accounts.StakeAccountSpace)
		if v.to == mSOLName {
			// Marinade takes no other balance.
			if c.rent > stakeRent {
				return c, quote.ErrStakeSurplus
			}

			c.rent = stakeRent
		}
	}

	stake, err := w.stakeFrom(t, v.from, in, &c)
	if err != nil {
		return c, err
	}

	stake.Account.Staker, stake.Account.Withdrawer = parties.Owner, parties.Owner
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

	received, err := w.giveStake(t, v.to, stake, reserve, record, &c)
	if router {
		// The Router takes that part, so that it is like all else.
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

// stakeFrom is the stake that so much of a token, or of the stake account,
// yields, in an account with the rent.
func (w *stakeWorld) stakeFrom(
	t tester,
	from string,
	in uint64,
	c *composed,
) (quote.StakeAccountState, error) {
	t.Helper()
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
		of, err := m.PickSource(in, w.Marinade.StakeList(), w.Marinade.ValidatorList(),
			w.Marinade.Live)
		if err != nil {
			return quote.StakeAccountState{}, err
		}

		d, err := m.WithdrawStakeAccount(in, of)
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

	of := w.pool(t, from).Validators[0].Source()
	d, err := w.poolOf(t, from).WithdrawStake(in, of)
	if err != nil {
		return of.Stake, err
	}

	c.withdrawalFee, c.exact = d.ManagerFee, d.Exact

	return part(of.Stake, d.Lamports)
}

// giveStake is what a taker gives for a stake account.
func (w *stakeWorld) giveStake(
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
		if err := reserve.Sellable(&stake.Account, parties.Owner); err != nil {
			return 0, err
		}

		u, err := reserve.Unstake(stake.Lamports, record, false)
		c.reserveFee = u.Fee
		return u.Out, err

	case mSOLName:
		m := w.marinade()
		d, err := m.DepositStakeAccount(stake, w.Marinade.ValidatorList(), parties.Owner)
		c.depositFee, c.exact = d.Fee, c.exact && m.Version == quote.MarinadeVersion20
		return d.MSOL, err
	}

	p := w.pool(t, to)
	s := w.poolOf(t, to)
	staked, unstaked, err := s.StakeParts(p.List(), stake, *p.Validators[0].Active)
	if err != nil {
		return 0, err
	}

	d, err := s.DepositStake(staked, unstaked)
	c.depositFee, c.referral, c.exact = d.ManagerFee, d.ReferralFee, c.exact && d.Exact

	return d.Tokens + d.ReferralFee, err
}
