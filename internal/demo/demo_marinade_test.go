package demo_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
)

func loadMarinade(t *testing.T) *figures.Marinade {
	t.Helper()
	text, err := os.ReadFile("marinade.json")
	require.NoError(t, err)
	f := new(figures.Marinade)
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(f))
	return f
}

// TestMarket_Marinade checks that the state is the one that Infinity uses,
// except for its lists, that the lists have the lengths in the state, and that
// they fit the stake accounts.
func TestMarket_Marinade(t *testing.T) {
	m, f := load(t), loadMarinade(t)
	require.Equal(t, accounts.MarinadeProgram, f.Program)
	require.Equal(t, accounts.MarinadeStateAddress, f.Address)
	require.Len(t, f.Validators, int(f.State.ValidatorSystem.ValidatorList.Count))
	require.Len(t, f.Stakes, int(f.State.StakeSystem.StakeList.Count))
	require.LessOrEqual(t, len(f.Validators), 10)
	same, whole := f.State, m.Infinity.V2.Marinade
	same.ValidatorSystem.ValidatorList.Count = whole.ValidatorSystem.ValidatorList.Count
	same.StakeSystem.StakeList.Count = whole.StakeSystem.StakeList.Count
	require.Equal(t, *m.Infinity.V1.Marinade, same)
	require.Equal(t, *m.Infinity.V2.Marinade, same)

	staker, err := accounts.MarinadeStakeDepositAuthority(f.Program, f.Address)
	require.NoError(t, err)
	withdrawer, err := accounts.MarinadeStakeWithdrawAuthority(f.Program, f.Address)
	require.NoError(t, err)
	balances := map[string]uint64{}
	for _, s := range f.Stakes {
		a := s.Stake.Account
		require.Equal(t, staker, a.Staker)
		require.Equal(t, withdrawer, a.Withdrawer)
		require.Equal(t, s.Record.LastUpdateDelegatedLamports, a.Delegation.Stake)
		require.True(t, a.IsActive(m.Chain.Clock.Epoch))
		balances[a.Delegation.Voter.String()] += a.Delegation.Stake
	}

	for _, v := range f.Validators {
		require.Equal(t, v.ActiveBalance, balances[v.VoteAccount.String()])
	}

	shared := 0
	for _, p := range m.StakePools {
		for _, v := range p.Validators {
			if f.ValidatorList().Index(v.Entry.VoteAccount) >= 0 {
				shared++
			}
		}
	}

	require.Equal(t, 9, shared)
}

// TestMarket_MarinadeQuotes checks the ticket of a worked example of the same
// state, and values that follow from it.
func TestMarket_MarinadeQuotes(t *testing.T) {
	const msol = 10_000_000_000
	m, f := load(t), loadMarinade(t)
	q := f.Quote(m.Chain)
	order, err := q.OrderUnstake(msol)
	require.NoError(t, err)
	require.Equal(t, uint64(12_974_358_391), order.Lamports)
	require.Equal(t, uint64(12_987_345), order.Fee)
	require.Equal(t, m.Chain.Clock.Epoch, order.CreatedEpoch)

	deposit, err := q.Deposit(order.Lamports + order.Fee)
	require.NoError(t, err)
	require.InDelta(t, uint64(msol), deposit.MSOL, 1)
	require.Equal(t, deposit.MSOL, deposit.Minted)

	sale, err := q.LiquidUnstake(msol)
	require.NoError(t, err)
	require.Equal(t, uint32(387), sale.FeeBps, "with 12000 SOL of 21000")

	source, err := q.PickSource(msol, f.StakeList(), f.ValidatorList(), f.Live)
	require.NoError(t, err)
	require.Equal(t, "38BH9PT23QxPkgj9fArfjby6Yt3rpDh5Npj54aPFr9cr",
		source.Record.StakeAccount.String(), "the largest")
	w, err := q.WithdrawStakeAccount(msol, source)
	require.NoError(t, err)
	require.Equal(t, order.Lamports, w.Lamports, "both fees are 0.1 %")

	all, err := f.Accounts(m.Chain.Rent)
	require.NoError(t, err)
	require.Len(t, all, 8+len(f.Stakes))
}
