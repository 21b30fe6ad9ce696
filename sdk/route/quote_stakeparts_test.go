package route_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// spreadStake gives a pool one validator for each of the given stakes.
func (w *stakeWorld) spreadStake(t testing.TB, symbol string, staked ...uint64) {
	t.Helper()
	pool := w.pool(t, symbol)
	first := pool.Validators[0]
	pool.Validators = nil
	pool.MaxValidators = max(pool.MaxValidators, uint32(len(staked)))
	for i, lamports := range staked {
		v, active := first, *first.Active
		if i > 0 {
			v.Entry.VoteAccount = solana.PublicKey{0xee, byte(i)}
		}

		active.Account.Delegation.Voter = v.Entry.VoteAccount
		active.Account.Delegation.Stake = lamports
		active.Lamports = lamports + stakeRent
		v.Entry.ActiveStakeLamports, v.Active = active.Lamports, &active
		pool.Validators = append(pool.Validators, v)
	}
}

func withSources(l *route.Loader) *route.Loader {
	return l.WithStakeSources(route.MostStakeAccounts)
}

// TestQuote_StakeAccountsOfSeveralValidators checks a withdrawal for which no
// validator has the stake: the quote lists the stake accounts, their sums are
// its amounts, each account has its own address, and the instructions withdraw
// and deactivate each part.
func TestQuote_StakeAccountsOfSeveralValidators(t *testing.T) {
	w := newStakeWorld(t)
	w.spreadStake(t, source, 20*sol, 12*sol, 7*sol)
	m := w.market(t, withSources)
	for _, mode := range []route.SwapMode{route.ExactIn, route.ExactOut} {
		r := venueTrade{stakeWithdrawal, source, "stake"}.request(t, w, 25*sol, mode)
		r.Deactivate, r.SlippageBps = true, 50
		q, err := of(t, m, stakeWithdrawal, r)
		require.NoError(t, err)
		require.Len(t, q.StakeAccounts, 2)
		p := paramsWith(0)
		var addresses []solana.PublicKey
		staked, least := uint64(0), uint64(0)
		for i, received := range q.StakeAccounts {
			address, err := received.Address(p)
			require.NoError(t, err)
			addresses = append(addresses, address)
			require.Equal(t, w.pool(t, source).Validators[i].Entry.VoteAccount, received.Vote)
			require.EqualValues(t, stakeRent, received.Rent)
			staked, least = staked+received.Stake, least+received.MinStake
		}

		require.Equal(t, q.Out, staked)
		require.Equal(t, q.MinOut, least)
		require.InDelta(t, uint64(19*sol), q.StakeAccounts[0].Stake, 2, "20 SOL less the minimum")
		if mode == route.ExactOut {
			require.Equal(t, uint64(25*sol), q.MinOut)
			require.LessOrEqual(t, q.Out-q.MinOut, uint64(4))
		}

		second, err := accounts.SeededStakeAccount(p.Owner, p.Seed+"/2")
		require.NoError(t, err)
		require.Equal(t, second, addresses[1])
		require.Equal(t, []route.Cost{
			{Name: "rent of 2 stake accounts", Lamports: 2 * stakeRent, Recoverable: true},
		}, q.Costs)
		require.Len(t, q.RemainingSteps, 1)
		require.Contains(t, q.RemainingSteps[0], "each of the 2 stake accounts")

		steps, err := q.Steps(p)
		require.NoError(t, err)
		one := join(poolStake, []string{deactivate})
		require.Equal(t, join(one, one), labels(t, steps))
		require.Equal(t, addresses[1], keys(steps[5])[0], "the second one is deactivated")
	}
}

// TestQuote_StakeAccountsOfOne checks that a withdrawal from one validator
// lists its stake account, also if its key signs.
func TestQuote_StakeAccountsOfOne(t *testing.T) {
	w := newStakeWorld(t)
	m := w.market(t)
	for _, symbol := range []string{source, mSOLName, stSOLs} {
		q, err := of(t, m, stakeWithdrawal,
			venueTrade{stakeWithdrawal, symbol, "stake"}.request(t, w, 10*sol, route.ExactIn))
		require.NoError(t, err)
		require.Len(t, q.StakeAccounts, 1)
		received := q.StakeAccounts[0]
		require.Equal(t, q.Out, received.Stake)
		require.Equal(t, q.MinOut, received.MinStake)
		require.Equal(t, q.NeedsStakeKeypair, received.ByKeypair)
		p := paramsWith(0)
		p.NewAccount = solana.PublicKey{99}
		address, err := received.Address(p)
		require.NoError(t, err)
		require.Equal(t, q.NeedsStakeKeypair, address == p.NewAccount)
	}
}

// TestQuote_StakeAccountsAreLimited checks the refusals: more stake than all
// loaded validators have, more stake accounts than fit, and, without
// WithStakeSources, more than the validators that each market loads have.
func TestQuote_StakeAccountsAreLimited(t *testing.T) {
	w := newStakeWorld(t)
	w.spreadStake(t, source, 9*sol, 9*sol, 9*sol, 9*sol, 9*sol, 9*sol)
	ask := func(m *route.Market, lamports uint64) error {
		r := venueTrade{stakeWithdrawal, source, "stake"}.request(t, w, lamports, route.ExactOut)
		r.OnlyDirectRoutes = true
		_, err := of(t, m, stakeWithdrawal, r)
		return err
	}

	wide := w.market(t, withSources)
	require.NoError(t, ask(wide, 16*sol), "two accounts")
	err := ask(wide, 47*sol)
	require.ErrorIs(t, err, txn.ErrTransactionTooLarge, "six accounts")
	err = ask(wide, 49*sol)
	require.ErrorIs(t, err, quote.ErrValidator)
	require.ErrorContains(t, err, "the 6 largest validators can give")
}
