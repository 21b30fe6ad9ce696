package quote_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// marinadeStakes returns a list of records that differ in the conditions for a
// withdrawal.
func marinadeStakes() *accounts.MarinadeStakeList {
	record := func(n byte, sols uint64) accounts.MarinadeStakeRecord {
		return accounts.MarinadeStakeRecord{StakeAccount: key(n),
			LastUpdateDelegatedLamports: sols * sol, LastUpdateEpoch: 772}
	}

	pulled, late, deactivating := record(3, 900), record(4, 800), record(5, 700)
	pulled.IsEmergencyUnstaking = 1
	late.LastUpdateEpoch = 771
	deactivating.LastUpdateStatus = accounts.MarinadeStakeDeactivating

	return &accounts.MarinadeStakeList{Stakes: []accounts.MarinadeStakeRecord{
		record(1, 13), record(2, 50), pulled, late, deactivating, record(6, 60), record(7, 50),
		record(8, 14),
	}}
}

func indices(records []quote.MarinadeRecord) (got []uint32) {
	for _, r := range records {
		got = append(got, r.Index)
	}
	return got
}

// TestMarinadeState_Records checks that the usable records are returned with
// the largest first and equal ones in order. Ten mSOL are 12.83 SOL of stake,
// and one record remains.
func TestMarinadeState_Records(t *testing.T) {
	m, list := marinade(), marinadeStakes()
	got, err := m.Records(10*sol, list)
	require.NoError(t, err)
	require.Equal(t, []uint32{5, 1, 6, 7}, indices(got))
	require.Equal(t, list.Stakes[5], got[0].Record)

	_, err = m.Records(60*sol, list)
	requireRefusal(t, err, quote.ErrStalePool, m.Address)
	_, err = m.Records(800*sol, list)
	requireRefusal(t, err, quote.ErrValidator, m.Address)
	_, err = m.Records(0, list)
	requireRefusal(t, err, quote.ErrZeroAmount, m.Address)
	_, err = m.Records(10*sol, &accounts.MarinadeStakeList{})
	requireRefusal(t, err, quote.ErrValidator, m.Address)
}

// TestMarinadeState_Versions checks that version 2.1 permits withdrawals of
// stake after it has upgraded the records, and only from stake that it found
// active. A record of unknown version is refused unless the build is known.
func TestMarinadeState_Versions(t *testing.T) {
	m, list := marinade(), marinadeStakes()
	m.Version = quote.MarinadeVersionUnknown
	source := marinadeSource()
	_, err := m.Records(10*sol, list)
	requireRefusal(t, err, quote.ErrBuildDependent, m.Address)
	_, err = m.WithdrawStakeAccount(10*sol, source)
	requireRefusal(t, err, quote.ErrBuildDependent, m.Address)

	for _, u := range []accounts.MarinadeDelinquentUpgrader{
		{State: accounts.MarinadeIteratingStakes, VisitedCount: 1},
		{State: accounts.MarinadeIteratingValidators},
	} {
		m.State.DelinquentUpgrader = u
		_, err = m.WithdrawStakeAccount(10*sol, source)
		requireRefusal(t, err, quote.ErrDisabled, m.Address)
	}

	m.State.DelinquentUpgrader = accounts.MarinadeDelinquentUpgrader{
		State: accounts.MarinadeUpgradeDone,
	}
	_, err = m.WithdrawStakeAccount(10*sol, source)
	requireRefusal(t, err, quote.ErrValidator, m.Address)
	_, err = m.Records(10*sol, list)
	requireRefusal(t, err, quote.ErrValidator, m.Address)
	source.Record.LastUpdateStatus = accounts.MarinadeStakeActive
	w, err := m.WithdrawStakeAccount(10*sol, source)
	require.NoError(t, err)
	require.Equal(t, uint64(12_827_818_531), w.Lamports)
	list.Stakes[0].LastUpdateStatus = accounts.MarinadeStakeActive
	list.Stakes[6].LastUpdateStatus = accounts.MarinadeStakeActive
	got, err := m.Records(10*sol, list)
	require.NoError(t, err)
	require.Equal(t, []uint32{6}, indices(got))
}

// TestMarinadeState_PickSource checks that the largest loaded account is picked
// that matches its record and is with one of Marinade's validators.
func TestMarinadeState_PickSource(t *testing.T) {
	m, list, validators := marinade(), marinadeStakes(), marinadeValidators()
	for i := range validators.Validators {
		validators.Validators[i].ActiveBalance = 1000 * sol
	}

	at := map[solana.PublicKey]quote.StakeAccountState{}
	for _, r := range list.Stakes {
		live := marinadeSource().Stake
		live.Account.Delegation.Voter = marinadeVote
		live.Account.Delegation.Stake = r.LastUpdateDelegatedLamports
		at[r.StakeAccount] = live
	}

	live := func(address solana.PublicKey) (quote.StakeAccountState, bool) {
		s, ok := at[address]
		return s, ok
	}

	pick := func() (quote.MarinadeStakeSource, error) {
		return m.PickSource(10*sol, list, validators, live)
	}
	got, err := pick()
	require.NoError(t, err)
	require.Equal(t, quote.MarinadeStakeSource{
		MarinadeRecord: quote.MarinadeRecord{Index: 5, Record: list.Stakes[5]},
		Stake:          at[key(6)],
		ValidatorIndex: 1,
		Validator:      validators.Validators[1],
	}, got)

	delete(at, key(6))
	got, err = pick()
	require.NoError(t, err)
	require.Equal(t, uint32(1), got.Index, "the next loaded account")

	changed := at[key(2)]
	changed.Account.Delegation.Stake++
	at[key(2)] = changed
	got, err = pick()
	require.NoError(t, err)
	require.Equal(t, uint32(6), got.Index, "the next account that matches its record")

	elsewhere := at[key(7)]
	elsewhere.Account.Delegation.Voter = key(99)
	at[key(7)] = elsewhere
	got, err = pick()
	require.NoError(t, err)
	require.Equal(t, uint32(7), got.Index, "the next account with a validator")

	delete(at, key(8))
	_, err = pick()
	requireRefusal(t, err, quote.ErrStalePool, m.Address)
	_, err = m.Source(quote.MarinadeRecord{Record: list.Stakes[6]}, at[key(7)], validators)
	requireRefusal(t, err, quote.ErrValidator, m.Address)
	clear(at)
	_, err = pick()
	requireRefusal(t, err, quote.ErrValidator, m.Address)
	m.State.Paused = true
	_, err = pick()
	requireRefusal(t, err, quote.ErrDisabled, m.Address)
}

// TestMarinadeState_WithdrawStakeAccountMinimum checks that exact-out for less
// than the minimum is the minimum withdrawal, under both of Marinade's limits.
func TestMarinadeState_WithdrawStakeAccountMinimum(t *testing.T) {
	for _, test := range []struct{ minWithdraw, minStake, least uint64 }{
		{0, sol, sol}, {1, sol, sol},
		// The limit applies to the value before the fee of 0.15 %.
		{5 * sol, sol, 4_992_500_000}, {5 * sol, 4_992_500_001, 4_992_500_001},
	} {
		m := marinade()
		m.State.MinWithdraw, m.State.StakeSystem.MinStake = test.minWithdraw, test.minStake
		for _, want := range []uint64{1, sol} {
			w, err := m.WithdrawStakeAccountExactOut(want, marinadeSource())
			require.NoError(t, err)
			require.GreaterOrEqual(t, w.Lamports, test.least)
			require.LessOrEqual(t, w.Lamports, test.least+1,
				"a base unit of mSOL is worth 1.28 lamports")
			_, err = m.WithdrawStakeAccount(w.MSOL-1, marinadeSource())
			requireRefusal(t, err, quote.ErrAmountTooSmall, m.Address)
		}
	}
}
