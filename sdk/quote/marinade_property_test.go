package quote_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// drawMarinade returns a random Marinade with random network parameters. Every
// second one is of version 2.1, with fees on deposits.
func drawMarinade(t *rapid.T) (*figures.Marinade, quote.MarinadeState) {
	chain := figures.Chain{
		Clock: accounts.Clock{Epoch: epoch}, Rent: accounts.NewRent(6960),
		MinimumDelegation: rapid.SampledFrom([]uint64{1, sol}).Draw(t, "minimum delegation"),
	}

	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
	f, err := figures.RandomMarinade(rng, chain)
	require.NoError(t, err)
	f.Build = marinadeBuild
	s := &f.State
	if rapid.Bool().Draw(t, "version 2.1") {
		f.Build = ""
		s.DepositSOLFee, s.DepositStakeAccountFee = rng.Uint32N(2001), rng.Uint32N(2001)
		s.DelinquentUpgrader.State = accounts.MarinadeUpgradeDone
		for i := range f.Stakes {
			f.Stakes[i].Record.LastUpdateStatus = accounts.MarinadeStakeActive
		}
	}

	switch rapid.IntRange(0, 9).Draw(t, "price") {
	case 0:
		s.MSOLSupply, f.Mint.Supply = 0, 0
	case 1:
		s.MSOLSupply *= 3
	case 2:
		s.MSOLSupply /= 1000
		f.Mint.Supply = s.MSOLSupply
	}

	return f, f.Quote(chain)
}

// requireMinimal checks that the input of an exact-out quote suffices, and that
// one unit less does not or is refused.
func requireMinimal(t *rapid.T, want, in, out uint64, quoteOf func(uint64) (uint64, error)) {
	require.GreaterOrEqual(t, out, want)
	same, err := quoteOf(in)
	require.NoError(t, err)
	require.Equal(t, out, same)
	if less, err := quoteOf(in - 1); err == nil {
		require.Less(t, less, want)
	}
}

// TestMarinadeState_DepositProperties checks that all lamports and all mSOL are
// accounted for, that more lamports never give less mSOL, that mSOL never loses
// value, and that exact-out is minimal.
func TestMarinadeState_DepositProperties(t *testing.T) {
	checkEnough(t, func(t *rapid.T, count func()) {
		f, m := drawMarinade(t)
		in := drawAmount(t, "in", 1_000_000*sol)
		d, err := m.Deposit(in)
		if err != nil {
			return
		}

		count()
		require.Equal(t, in, d.ToLeg+d.ToReserve)
		require.Equal(t, d.MSOL, d.FromLeg+d.Minted)
		require.LessOrEqual(t, d.FromLeg, f.MSOLLeg)
		require.LessOrEqual(t, d.Fee, in/500)
		more, err := m.Deposit(in + 1)
		require.NoError(t, err)
		require.GreaterOrEqual(t, more.MSOL, d.MSOL)
		require.GreaterOrEqual(t, more.ToReserve, d.ToReserve)

		before, err := m.Price()
		require.NoError(t, err)
		if m.State.MSOLSupply > 0 {
			require.LessOrEqual(t,
				before.Rat().Cmp(quote.Price{Lamports: before.Lamports + d.ToReserve,
					Tokens: before.Tokens + d.Minted}.Rat()),
				0)
		}

		out, err := m.DepositExactOut(d.MSOL)
		require.NoError(t, err)
		require.LessOrEqual(t, out.Lamports, in)
		requireMinimal(t, d.MSOL, out.Lamports, out.MSOL, func(n uint64) (uint64, error) {
			d, err := m.Deposit(n)
			return d.MSOL, err
		})
	})
}

// TestMarinadeState_LiquidUnstakeProperties checks that no mSOL is lost, that
// the rate never falls with the amount, and that exact-out is the smallest of
// all sufficient inputs.
func TestMarinadeState_LiquidUnstakeProperties(t *testing.T) {
	checkEnough(t, func(t *rapid.T, count func()) {
		_, m := drawMarinade(t)
		available := m.SOLLegLamports - m.State.RentExemptForTokenAcc
		want := drawAmount(t, "want", available)
		out, err := m.LiquidUnstakeExactOut(want)
		if err != nil {
			return
		}

		count()
		quoteOf := func(n uint64) (uint64, error) {
			u, err := m.LiquidUnstake(n)
			return u.Lamports, err
		}

		least := max(want, m.State.MinWithdraw)
		requireMinimal(t, least, out.MSOL, out.Lamports, quoteOf)
		require.LessOrEqual(t, out.Lamports, m.SOLLegLamports-m.State.RentExemptForTokenAcc)
		require.Equal(t, out.MSOL, out.ToLeg+out.Treasury)
		require.LessOrEqual(t, out.Treasury, out.Fee)

		// The excess is less than the value of a unit.
		price, err := m.Price()
		require.NoError(t, err)
		if m.State.MSOLSupply > 0 {
			require.LessOrEqual(t, out.Lamports-least, price.Lamports/price.Tokens)
		} else {
			require.Equal(t, least, out.Lamports)
		}

		for _, name := range []string{"some less", "some less still"} {
			less := drawAmount(t, name, out.MSOL) - 1
			if u, err := m.LiquidUnstake(less); err == nil {
				require.Less(t, u.Lamports, least)
				require.LessOrEqual(t, u.FeeBps, out.FeeBps)
			}
		}

		near := out.MSOL - min(out.MSOL, rapid.Uint64Range(1, 100).Draw(t, "near"))
		if u, err := m.LiquidUnstake(near); err == nil {
			require.Less(t, u.Lamports, least)
		}
	})
}

// TestMarinadeState_LiquidUnstakeExactOutMinimal compares exact-out with the
// first sufficient input of all, in pools small enough to try every input.
func TestMarinadeState_LiquidUnstakeExactOutMinimal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := marinade()
		m.State.MSOLSupply = rapid.Uint64Range(0, 3000).Draw(t, "supply")
		m.State.ValidatorSystem.TotalActiveBalance = rapid.Uint64Range(1, 3000).
			Draw(t, "value")

		m.State.AvailableReserveBalance = 0

		m.State.CirculatingTicketBalance = 0
		pool := &m.State.LiqPool
		pool.LPMaxFee = rapid.Uint32Range(0, 10_000).Draw(t, "most")
		pool.LPMinFee = rapid.Uint32Range(0, pool.LPMaxFee).Draw(t, "least")
		pool.LPLiquidityTarget = rapid.Uint64Range(1, 3000).Draw(t, "target")
		// The rent does not matter.
		m.Rent = accounts.NewRent(0)
		m.SOLLegLamports = m.State.RentExemptForTokenAcc +
			rapid.Uint64Range(0, 3000).Draw(t, "available")
		want := rapid.Uint64Range(1, 3000).Draw(t, "want")
		got, err := m.LiquidUnstakeExactOut(want)
		for msol := range uint64(10_000) {
			u, refused := m.LiquidUnstake(msol)
			if refused != nil || u.Lamports < want {
				continue
			}

			require.NoError(t, err)
			require.Equal(t, u, got)
			return
		}

		require.True(t, err != nil || got.MSOL >= 10_000)
	})
}

// TestMarinadeState_OrderUnstakeProperties checks that the value is paid or is
// the fee, that exact-out is minimal, and that a claim pays the amount of the
// ticket.
func TestMarinadeState_OrderUnstakeProperties(t *testing.T) {
	checkEnough(t, func(t *rapid.T, count func()) {
		_, m := drawMarinade(t)
		if m.MintSupply == 0 {
			count()
			return
		}

		o, err := m.OrderUnstake(drawAmount(t, "in", m.MintSupply))
		if err != nil {
			return
		}

		count()
		out, err := m.OrderUnstakeExactOut(o.Lamports)
		require.NoError(t, err)
		require.LessOrEqual(t, out.MSOL, o.MSOL)
		requireMinimal(t, o.Lamports, out.MSOL, out.Lamports, func(n uint64) (uint64, error) {
			o, err := m.OrderUnstake(n)
			return o.Lamports, err
		})

		ticket := &accounts.MarinadeTicket{State: m.Address, Lamports: o.Lamports,
			CreatedEpoch: o.CreatedEpoch}
		due, seconds, err := m.ClaimableAt(ticket)
		require.NoError(t, err)
		m.State.CirculatingTicketBalance += o.Lamports
		m.State.CirculatingTicketCount++
		m.Clock.Epoch, m.Clock.UnixTimestamp = due, seconds-1
		_, err = m.Claim(ticket, o.Rent)
		require.ErrorIs(t, err, quote.ErrTicketNotDue)
		m.Clock.UnixTimestamp++
		got, err := m.Claim(ticket, o.Rent)
		if o.Lamports > m.State.AvailableReserveBalance {
			require.ErrorIs(t, err, quote.ErrInsufficientReserve)
			return
		}

		require.NoError(t, err)
		require.Equal(t, quote.MarinadeClaim{Lamports: o.Lamports, Rent: o.Rent}, got)
	})
}

// TestMarinadeState_StakeProperties checks that stake does not grow by a
// deposit and a withdrawal, that all mSOL is burned or paid to the treasury,
// that exact-out is minimal, and that the largest usable record is picked.
func TestMarinadeState_StakeProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, m := drawMarinade(t)
		vote := f.Validators[0].VoteAccount
		staked := m.State.StakeSystem.MinStake + drawAmount(t, "staked", 100_000*sol)
		stake := quote.StakeAccountState{Lamports: staked + stakeRent,
			Account: figures.Delegated(key(1), stakeRent, vote, staked, epoch-1)}
		d, err := m.DepositStakeAccount(stake, f.ValidatorList(), key(1))
		if errors.Is(err, quote.ErrAmountTooSmall) {
			return // too few lamports for an mSOL unit
		}

		require.NoError(t, err)
		require.Equal(t, uint64(stakeRent), d.Kept)
		require.Equal(t, uint32(0), d.ValidatorIndex)
		if sold, err := m.Deposit(staked); staked < m.State.MinDeposit {
			require.ErrorIs(t, err, quote.ErrAmountTooSmall)
		} else if require.NoError(t, err); m.State.DepositSOLFee == m.State.DepositStakeAccountFee {
			require.Equal(t, sold.MSOL, d.MSOL)
		}

		if m.State.MSOLSupply == 0 {
			return
		}

		source, err := m.PickSource(d.MSOL, f.StakeList(), f.ValidatorList(), f.Live)
		if err != nil {
			return
		}

		w, err := m.WithdrawStakeAccount(d.MSOL, source)
		require.NoError(t, err)
		require.LessOrEqual(t, w.Lamports, staked)
		require.Equal(t, d.MSOL, w.Burned+w.Treasury)
		left := source.Record.LastUpdateDelegatedLamports - w.Lamports
		require.GreaterOrEqual(t, left, max(m.State.StakeSystem.MinStake, m.MinimumDelegation))
		for _, s := range f.Stakes {
			require.LessOrEqual(t, s.Record.LastUpdateDelegatedLamports,
				source.Record.LastUpdateDelegatedLamports)
		}

		out, err := m.WithdrawStakeAccountExactOut(w.Lamports, source)
		require.NoError(t, err)
		require.LessOrEqual(t, out.MSOL, w.MSOL)
		requireMinimal(t, w.Lamports, out.MSOL, out.Lamports, func(n uint64) (uint64, error) {
			w, err := m.WithdrawStakeAccount(n, source)
			return w.Lamports, err
		})
	})
}
