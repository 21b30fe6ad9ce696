package quote_test

import (
	"math/bits"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// The properties hold for every pool that the program can write, with either
// rounding.

var roundings = map[string]quote.FeeRounding{
	"fees up": quote.FeesRoundUp, "fees down": quote.FeesRoundDown,
	"unknown build": quote.FeesUnknown,
}

// forRoundings checks a property of random pools with each rounding.
func forRoundings(
	t *testing.T,
	property func(t *rapid.T, p *figures.StakePool, q quote.StakePoolState, count func()),
) {
	for name, rounding := range roundings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkEnough(t, func(t *rapid.T, count func()) {
				p, chain := drawPool(t)
				property(t, p, p.Quote(chain, rounding), count)
			})
		})
	}
}

// atMost reports whether a*b <= c*d.
func atMost(a, b, c, d uint64) bool {
	h1, l1 := bits.Mul64(a, b)
	h2, l2 := bits.Mul64(c, d)
	return h1 < h2 || h1 == h2 && l1 <= l2
}

// ample lets the pool pay any amount, so that no limit but its arithmetic
// applies.
func ample(p *figures.StakePool, q *quote.StakePoolState) quote.ValidatorStakeSource {
	q.MinimumDelegation, q.ReserveLamports = 1, 1<<62
	v := p.Validators[0].Source()
	v.Entry.ActiveStakeLamports = 1 << 62
	v.Stake.Lamports = 1 << 62
	v.Stake.Account.Delegation.Stake = 1 << 62
	return v
}

func TestStakePoolState_MoreInMoreOut(t *testing.T) {
	forRoundings(t, func(t *rapid.T, p *figures.StakePool, q quote.StakePoolState, count func()) {
		from := ample(p, &q)
		limit := q.State.PoolTokenSupply
		less := drawAmount(t, "amount", limit)
		more := rapid.Uint64Range(less, limit).Draw(t, "larger amount")
		for _, received := range []func(uint64) (uint64, error){
			func(n uint64) (uint64, error) { d, err := q.DepositSOL(n); return d.Tokens, err },
			func(n uint64) (uint64, error) { w, err := q.WithdrawSOL(n); return w.Lamports, err },
			func(n uint64) (uint64, error) {
				w, err := q.WithdrawStake(n, from)
				return w.Lamports, err
			},
			func(n uint64) (uint64, error) {
				d, err := q.DepositStake(1000, n)
				return d.Tokens, err
			},
			func(n uint64) (uint64, error) {
				// The two parts of a stake deposit are rounded separately,
				// which can cost one token unit.
				d, err := q.DepositStake(n, stakeRent)
				if n == more {
					d.Tokens++
				}

				return d.Tokens, err
			},
		} {
			first, err := received(less)
			if err != nil {
				require.ErrorIs(t, err, quote.ErrAmountTooSmall)
				continue
			}

			second, err := received(more)
			require.NoError(t, err)
			require.LessOrEqual(t, first, second)
			count()
		}
	})
}

func TestStakePoolState_FeesNeverHelp(t *testing.T) {
	forRoundings(t, func(t *rapid.T, p *figures.StakePool, q quote.StakePoolState, count func()) {
		from := ample(p, &q)
		total, supply := q.State.TotalLamports, q.State.PoolTokenSupply
		amount := drawAmount(t, "amount", supply)
		if d, err := q.DepositSOL(amount); err == nil {
			minted := d.Tokens + d.ReferralFee + d.ManagerFee
			require.True(t, atMost(minted, total, amount, supply), "%d lamports for %d tokens",
				amount, minted)
			require.False(t, atMost(minted+1, total, amount, supply),
				"the parts add up to all that is minted")
			count()
		}

		if d, err := q.DepositStake(amount, stakeRent); err == nil {
			minted := d.Tokens + d.ReferralFee + d.ManagerFee
			require.True(t, atMost(minted, total, amount+stakeRent, supply))
			require.False(t, atMost(minted+1, total, amount+stakeRent, supply))
		}

		if w, err := q.WithdrawSOL(amount); err == nil {
			burned := w.Tokens - w.ManagerFee
			require.True(t, atMost(w.Lamports, supply, burned, total), "%d tokens for %d lamports",
				burned, w.Lamports)
			require.False(t, atMost(w.Lamports+1, supply, burned, total))
		}

		if w, err := q.WithdrawStake(amount, from); err == nil {
			burned := w.Tokens - w.ManagerFee
			require.True(t, atMost(w.Lamports, supply, burned, total))
			require.False(t, atMost(w.Lamports+1, supply, burned, total))
		}
	})
}

// TestStakePoolState_RoundTrip checks that a deposit followed by a withdrawal
// never gains, even with the referral share of the fee.
func TestStakePoolState_RoundTrip(t *testing.T) {
	forRoundings(t, func(t *rapid.T, p *figures.StakePool, q quote.StakePoolState, count func()) {
		from := ample(p, &q)
		lamports := drawAmount(t, "lamports", 1_000_000*sol)
		var tokens, minted uint64
		if rapid.Bool().Draw(t, "as stake") {
			d, err := q.DepositStake(lamports, stakeRent)
			if err != nil {
				require.ErrorIs(t, err, quote.ErrAmountTooSmall)
				return
			}

			lamports += stakeRent
			tokens = d.Tokens + d.ReferralFee
			minted = tokens + d.ManagerFee
		} else {
			d, err := q.DepositSOL(lamports)
			if err != nil {
				require.ErrorIs(t, err, quote.ErrAmountTooSmall)
				return
			}

			tokens = d.Tokens + d.ReferralFee
			minted = tokens + d.ManagerFee
		}

		count()
		before := q.Price().Rat()
		q.State.TotalLamports += lamports
		q.State.PoolTokenSupply += minted
		require.LessOrEqual(t, before.Cmp(q.Price().Rat()), 0, "the price never falls")
		if w, err := q.WithdrawSOL(tokens); err == nil {
			require.LessOrEqual(t, w.Lamports, lamports)
			after := q
			after.State.TotalLamports -= w.Lamports
			after.State.PoolTokenSupply -= w.Tokens - w.ManagerFee
			require.LessOrEqual(t, q.Price().Rat().Cmp(after.Price().Rat()), 0,
				"the price never falls")
		}

		if w, err := q.WithdrawStake(tokens, from); err == nil {
			require.LessOrEqual(t, w.Lamports, lamports)
		}
	})
}

// exactAnswer is a quote by either side.
type exactAnswer struct {
	in, out uint64
	quote   any
}

// exactDirection quotes an operation by its output and by its input.
type exactDirection struct {
	limit    uint64
	exactOut func(target uint64) (exactAnswer, error)
	exactIn  func(in uint64) (exactAnswer, error)
}

// pickDirection returns the quotes of a pool. from is the source of withdrawals
// of stake, and unstaked the lamports of deposited stake accounts that are not
// delegated.
type pickDirection func(
	q quote.StakePoolState, from quote.ValidatorStakeSource, unstaked uint64,
) exactDirection

// exactDirections returns the operations of a stake pool by name.
func exactDirections() map[string]pickDirection {
	sol := func(d quote.SOLDeposit, err error) (exactAnswer, error) {
		return exactAnswer{d.Lamports, d.Tokens, d}, err
	}
	stake := func(d quote.StakeDeposit, err error) (exactAnswer, error) {
		return exactAnswer{d.Staked, d.Tokens, d}, err
	}
	outSOL := func(w quote.SOLWithdrawal, err error) (exactAnswer, error) {
		return exactAnswer{w.Tokens, w.Lamports, w}, err
	}
	outStake := func(w quote.StakeWithdrawal, err error) (exactAnswer, error) {
		return exactAnswer{w.Tokens, w.Lamports, w}, err
	}

	return map[string]pickDirection{
		"DepositSol": func(
			q quote.StakePoolState, _ quote.ValidatorStakeSource, _ uint64,
		) exactDirection {
			return exactDirection{
				q.State.PoolTokenSupply,
				func(n uint64) (exactAnswer, error) { return sol(q.DepositSOLExactOut(n)) },
				func(n uint64) (exactAnswer, error) { return sol(q.DepositSOL(n)) },
			}
		},
		"DepositStake": func(
			q quote.StakePoolState, _ quote.ValidatorStakeSource, unstaked uint64,
		) exactDirection {
			return exactDirection{
				q.State.PoolTokenSupply,
				func(n uint64) (exactAnswer, error) {
					return stake(q.DepositStakeExactOut(n, unstaked))
				},
				func(n uint64) (exactAnswer, error) { return stake(q.DepositStake(n, unstaked)) },
			}
		},
		"WithdrawSol": func(
			q quote.StakePoolState, _ quote.ValidatorStakeSource, _ uint64,
		) exactDirection {
			return exactDirection{
				q.State.TotalLamports / 2,
				func(n uint64) (exactAnswer, error) { return outSOL(q.WithdrawSOLExactOut(n)) },
				func(n uint64) (exactAnswer, error) { return outSOL(q.WithdrawSOL(n)) },
			}
		},
		"WithdrawStake": func(
			q quote.StakePoolState, from quote.ValidatorStakeSource, _ uint64,
		) exactDirection {
			return exactDirection{
				q.State.TotalLamports / 2,
				func(n uint64) (exactAnswer, error) {
					return outStake(q.WithdrawStakeExactOut(n, from))
				},
				func(n uint64) (exactAnswer, error) { return outStake(q.WithdrawStake(n, from)) },
			}
		},
	}
}

// TestStakePoolState_ExactOut checks that the input of an exact-out quote
// suffices, that one unit less does not, and that the quote is the exact-in
// quote of the input.
func TestStakePoolState_ExactOut(t *testing.T) {
	for name, pick := range exactDirections() {
		t.Run(name, func(t *testing.T) {
			forRoundings(t,
				func(t *rapid.T, p *figures.StakePool, q quote.StakePoolState, count func()) {
					from := ample(p, &q)
					d := pick(q, from, rapid.Uint64Range(0, 2*stakeRent).Draw(t, "unstaked"))
					target := drawAmount(t, "target", d.limit)
					got, err := d.exactOut(target)
					if err != nil {
						require.ErrorIs(t, err, quote.ErrAmountTooLarge)
						return
					}

					count()
					require.GreaterOrEqual(t, got.out, target)
					same, err := d.exactIn(got.in)
					require.NoError(t, err)
					require.Equal(t, same.quote, got.quote)
					if name == "DepositStake" && got.in == 1 {
						return // a stake account needs a delegation
					}

					less, err := d.exactIn(got.in - 1)
					require.True(t, err != nil || less.out < target, "%d in give %d, %d in give %d",
						got.in, got.out, less.in, less.out)
				})
		})
	}
}

// outcome returns the output of a quote and whether the quote is exact.
type outcome func(quoted any) (out uint64, exact bool)

// askStakePool returns an operation and its outcome.
type askStakePool func(amount uint64, from quote.ValidatorStakeSource) (operation, outcome)

// TestStakePoolState_UnknownBuild checks that a quote for an unknown build is
// the worse of both roundings, is refused if either is refused, and is exact
// only if they agree.
func TestStakePoolState_UnknownBuild(t *testing.T) {
	for name, ask := range map[string]askStakePool{
		"DepositSol": func(
			n uint64, _ quote.ValidatorStakeSource,
		) (operation, outcome) {
			return depositSOL(n), func(q any) (uint64, bool) {
				d := q.(quote.SOLDeposit)
				return d.Tokens, d.Exact
			}
		},
		"WithdrawSol": func(
			n uint64, _ quote.ValidatorStakeSource,
		) (operation, outcome) {
			return withdrawSOL(n), func(q any) (uint64, bool) {
				w := q.(quote.SOLWithdrawal)
				return w.Lamports, w.Exact
			}
		},
		"DepositStake": func(
			n uint64, _ quote.ValidatorStakeSource,
		) (operation, outcome) {
			return depositStake(n, stakeRent), func(q any) (uint64, bool) {
				d := q.(quote.StakeDeposit)
				return d.Tokens, d.Exact
			}
		},
		"WithdrawStake": func(
			n uint64, from quote.ValidatorStakeSource,
		) (operation, outcome) {
			return withdrawStake(n, from), func(q any) (uint64, bool) {
				w := q.(quote.StakeWithdrawal)
				return w.Lamports, w.Exact
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			checkEnough(t, func(t *rapid.T, count func()) {
				p, chain := drawPool(t)
				q := p.Quote(chain, quote.FeesUnknown)
				from := ample(p, &q)
				ask, read := ask(drawAmount(t, "amount", q.State.PoolTokenSupply), from)
				under := func(rounding quote.FeeRounding) (any, error) {
					q.Rounding = rounding
					return ask(q)
				}

				unknown, err := under(quote.FeesUnknown)
				up, errUp := under(quote.FeesRoundUp)
				down, errDown := under(quote.FeesRoundDown)
				require.Equal(t, errUp != nil || errDown != nil, err != nil)
				if err != nil {
					return
				}

				count()
				out, exact := read(unknown)
				outUp, exactUp := read(up)
				outDown, exactDown := read(down)
				require.Equal(t, min(outUp, outDown), out)
				require.True(t, exactUp && exactDown)
				require.Equal(t, up == down, exact)
			})
		})
	}
}

// TestStakePoolState_ExactOutOfUnknownBuild checks that the input for an
// unknown build gives the same output with both roundings, although a build
// that rounds fees down needs less.
func TestStakePoolState_ExactOutOfUnknownBuild(t *testing.T) {
	s := plain()
	s.Rounding = quote.FeesUnknown
	tenth := accounts.Fee{Numerator: 1, Denominator: 10}
	s.State.SOLDepositFee = tenth
	s.State.SOLWithdrawalFee = tenth
	s.State.StakeWithdrawalFee = tenth
	d, err := s.DepositSOLExactOut(9)
	require.NoError(t, err)
	require.Equal(t, quote.SOLDeposit{Lamports: 10, Tokens: 9, ManagerFee: 1, Exact: true}, d)
	w, err := s.WithdrawSOLExactOut(9)
	require.NoError(t, err)
	require.Equal(t, quote.SOLWithdrawal{Tokens: 10, Lamports: 9, ManagerFee: 1, Exact: true}, w)
	out, err := s.WithdrawStakeExactOut(9, picoStake())
	require.NoError(t, err)
	require.Equal(t, quote.StakeWithdrawal{
		Tokens:     10,
		Lamports:   9,
		ManagerFee: 1,
		Vote:       key(1),
		Exact:      true,
	}, out)
}
