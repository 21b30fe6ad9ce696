package route_test

import (
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
)

var sysvars = []solana.PublicKey{
	accounts.ClockSysvar, accounts.RentSysvar, accounts.EpochScheduleSysvar,
	accounts.EpochRewardsSysvar,
}

func TestLoader_AccountsToLoad(t *testing.T) {
	w := newWorld(t)
	jito := w.token(t, "JitoSOL")
	first := route.NewLoader(jito).WithoutStake().AccountsToLoad()
	require.Subset(t, addresses(first.Accounts),
		append(sysvars[:4:4], jito.Pool, jito.Mint, jito.ValidatorList))
	require.Contains(t, first.Programs, jito.Program)
	for _, n := range first.Accounts {
		if slices.Contains([]solana.PublicKey{jito.Pool, jito.Mint, accounts.ClockSysvar},
			n.Address) {
			require.Zero(t, n.Length, "all of %s", n.Address)
		}

		if n.Address != jito.ValidatorList {
			continue
		}

		// The list of a large pool has hundreds of kilobytes.
		require.Positive(t, n.Length)
		require.Less(t, n.Length, 1000)
		require.Zero(t, (n.Length-accounts.ValidatorListHeaderSize)%accounts.ValidatorStakeInfoSize,
			"whole entries")
	}

	// Venues that move stake need the whole list, and the accounts of the
	// buyers of stake.
	for _, n := range route.NewLoader(jito).AccountsToLoad().Accounts {
		if n.Address == jito.ValidatorList {
			require.Zero(t, n.Length)
		}
	}

	require.Subset(t, addresses(route.NewLoader(jito).AccountsToLoad().Accounts),
		[]solana.PublicKey{
			accounts.ReservePoolAddress, accounts.RouterLookupTableAddress,
		})

	all := route.NewLoader(append(w.tokens(t), w.tokens(t)...)...).AccountsToLoad()
	require.Len(t, slices.Compact(sortedKeys(addresses(all.Accounts))), len(all.Accounts),
		"no account twice")
	require.Equal(t, slices.Compact(sortedKeys(all.Programs)), all.Programs,
		"no program twice, in order")
	require.Subset(t, all.Programs, accounts.StakePoolPrograms())
	require.Equal(t, all, route.NewLoader(append(w.tokens(t), w.tokens(t)...)...).AccountsToLoad(),
		"the same every time")

	none := route.NewLoader().AccountsToLoad()
	require.Subset(t, addresses(none.Accounts), sysvars)
	require.NotContains(t, addresses(none.Accounts), jito.Pool)
}

func TestLoader_AccountsToLoadNext(t *testing.T) {
	w := newWorld(t)
	stale := w.age(t, "picoSOL")
	fresh := w.pool(t, "hubSOL")
	stakes := func(p *figures.StakePool) []solana.PublicKey {
		active, transient, err := p.StakeAddresses(p.Validators[0].Entry)
		require.NoError(t, err)
		return []solana.PublicKey{active, transient}
	}

	for _, c := range []struct {
		symbol string
		want   []solana.PublicKey
		not    []solana.PublicKey
	}{
		{"hubSOL",
			[]solana.PublicKey{accounts.ClockSysvar, fresh.State.ReserveStake,
				fresh.State.ManagerFeeAccount},
			stakes(fresh)},
		{"picoSOL",
			append(stakes(stale), accounts.ClockSysvar, stale.State.ReserveStake,
				stale.State.ManagerFeeAccount),
			nil},
	} {
		loader := route.NewLoader(w.token(t, c.symbol)).WithoutStake()
		second, err := loader.AccountsToLoadNext(w.firstRound(t, loader))
		require.NoError(t, err)
		got := addresses(second.Accounts)
		require.Subset(t, got, c.want)
		for _, address := range c.not {
			require.NotContains(t, got, address, "stake accounts are only needed for a pool update")
		}

		require.Empty(t, second.Programs)
		for _, n := range second.Accounts {
			require.Zero(t, n.Length)
		}
	}

	// Two pools of one manager share a fee account.
	w.pool(t, "hubSOL").State.ManagerFeeAccount = stale.State.ManagerFeeAccount
	loader := route.NewLoader(w.token(t, "hubSOL"), w.token(t, "picoSOL"))
	second, err := loader.AccountsToLoadNext(w.firstRound(t, loader))
	require.NoError(t, err)
	require.Len(t, slices.Compact(sortedKeys(addresses(second.Accounts))), len(second.Accounts),
		"no account twice")
	require.Contains(t, addresses(second.Accounts), stale.State.ManagerFeeAccount)

	// A pool that cannot be read needs no further accounts, and does not affect
	// other pools.
	w.remove(t, fresh.Address)
	second, err = loader.AccountsToLoadNext(w.firstRound(t, loader))
	require.NoError(t, err)
	require.NotContains(t, addresses(second.Accounts), fresh.State.ReserveStake)
	require.Contains(t, addresses(second.Accounts), stale.State.ReserveStake)
}

func TestLoader_BuildNeedsSysvars(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*testing.T, *world)
		want   error
	}{
		{"no clock", func(t *testing.T, w *world) { w.remove(t, accounts.ClockSysvar) },
			accounts.ErrNotFound},
		{"no rent", func(t *testing.T, w *world) { w.remove(t, accounts.RentSysvar) },
			accounts.ErrNotFound},
		{"no epoch schedule",
			func(t *testing.T, w *world) { w.remove(t, accounts.EpochScheduleSysvar) },
			accounts.ErrNotFound},
		{"foreign clock", func(t *testing.T, w *world) {
			w.change(t, accounts.ClockSysvar,
				func(a *accounts.Account) { a.Owner = accounts.SystemProgram })
		}, accounts.ErrWrongOwner},
		{"short clock", func(t *testing.T, w *world) {
			w.change(t, accounts.ClockSysvar, func(a *accounts.Account) { a.Data = a.Data[:39] })
		}, accounts.ErrWrongLength},
		{"short epoch rewards", func(t *testing.T, w *world) {
			w.change(t, accounts.EpochRewardsSysvar,
				func(a *accounts.Account) { a.Data = a.Data[:10] })
		}, accounts.ErrWrongLength},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			c.change(t, w)
			loader := route.NewLoader(w.token(t, "JitoSOL"))
			s := w.firstRound(t, loader)
			_, err := loader.AccountsToLoadNext(s)
			require.ErrorIs(t, err, c.want)
			m, err := loader.Build(s)
			require.ErrorIs(t, err, c.want)
			require.Nil(t, m)
			require.NotContains(t, err.Error(), "\n")
		})
	}

	w := newWorld(t)
	loader := route.NewLoader(w.token(t, "JitoSOL"))
	_, err := loader.Build(&route.AccountSnapshot{Accounts: accounts.NewSet(1)})
	require.ErrorIs(t, err, accounts.ErrNotLoaded)

	// A network that never distributed rewards does not have this account.
	w.remove(t, accounts.EpochRewardsSysvar)
	_, err = ask(t, w.market(t, "JitoSOL"), w.stake(t, "JitoSOL", sol))
	require.NoError(t, err)
}

func TestLoader_BuildAfterOneRound(t *testing.T) {
	w := newWorld(t)
	loader := route.NewLoader(w.token(t, "JitoSOL"))
	m, err := loader.Build(w.firstRound(t, loader))
	require.NoError(t, err)
	_, err = ask(t, m, w.stake(t, "JitoSOL", sol))
	require.ErrorIs(t, err, accounts.ErrNotLoaded)
}

func TestMarket_Accessors(t *testing.T) {
	w := newWorld(t)
	m := w.market(t, "JitoSOL", "bSOL")
	require.Equal(t, w.Chain.Clock.Slot, m.Slot())
	require.Equal(t, w.Chain.Clock, m.Clock())
	require.Equal(t, w.Chain.Rent, m.Rent())
	require.Equal(t, w.Chain.EpochSchedule, m.EpochSchedule())
	want := []lst.LST{w.token(t, "JitoSOL"), w.token(t, "bSOL")}
	require.Equal(t, want, m.Tokens())
	m.Tokens()[0] = lst.LST{}
	require.Equal(t, want, m.Tokens(), "the caller has a copy")
}

func TestMarket_TokenInfo(t *testing.T) {
	w := newWorld(t)
	m := w.market(t, "JitoSOL", "phaseSOL")
	info, err := m.TokenInfo(w.token(t, "JitoSOL").Mint)
	require.NoError(t, err)
	pool := w.pool(t, "JitoSOL").State
	require.Equal(t, w.token(t, "JitoSOL"), info.Token)
	require.Equal(t, quote.Price{Lamports: pool.TotalLamports, Tokens: pool.PoolTokenSupply},
		info.Price)
	require.Equal(t, "1.205735188", info.Price.String())
	require.Equal(t, uint64(793), info.LastUpdateEpoch)
	require.False(t, info.Stale)
	require.NoError(t, info.YieldErr)
	growth, err := w.reference(t, "JitoSOL").EpochGrowth()
	require.NoError(t, err)
	require.Equal(t, growth, info.Growth)
	require.Equal(t, "0.00040242", info.Growth.FloatString(8))
	require.Equal(t, "0.0762", info.APY.FloatString(4))

	info, err = m.TokenInfo(w.token(t, "phaseSOL").Mint)
	require.NoError(t, err)
	require.True(t, info.Stale)
	require.Equal(t, uint64(647), info.LastUpdateEpoch)
	require.ErrorIs(t, info.YieldErr, quote.ErrStalePool)
	require.Nil(t, info.Growth)
	require.Nil(t, info.APY)

	_, err = m.TokenInfo(w.token(t, "bSOL").Mint)
	require.ErrorIs(t, err, route.ErrUnknownToken)

	w.remove(t, w.pool(t, "JitoSOL").Address)
	_, err = w.market(t, "JitoSOL").TokenInfo(w.token(t, "JitoSOL").Mint)
	require.ErrorIs(t, err, accounts.ErrNotFound)
}
