package demo_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/demo"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

func load(t *testing.T) *demo.Market {
	t.Helper()
	m, err := demo.Load()
	require.NoError(t, err)
	return m
}

// TestPoolsAreTheRegistrys checks that the figures are of the pools that the registry names.
func TestPoolsAreTheRegistrys(t *testing.T) {
	m := load(t)
	require.Len(t, m.StakePools, 16)
	for _, p := range m.StakePools {
		token, err := lst.Default().ByMint(p.State.PoolMint)
		require.NoError(t, err)
		require.Equal(t, token.Symbol, p.Symbol)
		require.Equal(t, token.Pool, p.Address)
		require.Equal(t, token.Program, p.Program)
		require.Equal(t, token.ValidatorList, p.State.ValidatorList)
		require.Equal(t, token.TokenProgram, p.State.TokenProgram)
		require.Equal(t, token.Decimals, p.Mint.Decimals)
		require.LessOrEqual(t, p.State.LastUpdateEpoch, m.Chain.Clock.Epoch)
		require.GreaterOrEqual(t, p.MaxValidators, uint32(len(p.Validators)))
		for _, v := range p.Validators {
			require.NotNil(t, v.Active, "%s: a validator without stake", p.Symbol)
		}
		require.NotNil(t, m.StakePool(p.Symbol))
	}
	require.Nil(t, m.StakePool("nopeSOL"))
}

// TestAccountsDecode goes from figures to bytes and back.
func TestAccountsDecode(t *testing.T) {
	m := load(t)
	all, err := m.Accounts()
	require.NoError(t, err)
	set := accounts.NewSet(m.Chain.Clock.Slot)
	for _, a := range all {
		require.False(t, set.Has(a.Address), "%s twice", a.Address)
		set.Put(a)
	}
	clock, err := accounts.Load(set, accounts.ClockSysvar, accounts.DecodeClock)
	require.NoError(t, err)
	require.Equal(t, &m.Chain.Clock, clock)
	require.Equal(t, clock.Slot/m.Chain.EpochSchedule.SlotsPerEpoch, clock.Epoch)
	for i := range m.StakePools {
		p := &m.StakePools[i]
		state, err := accounts.Load(set, p.Address, accounts.DecodeStakePool)
		require.NoError(t, err)
		require.Equal(t, &p.State, state)
		list, err := accounts.Load(set, p.State.ValidatorList, accounts.DecodeValidatorList)
		require.NoError(t, err)
		require.Equal(t, p.List(), list)
		mint, err := accounts.Load(set, p.State.PoolMint, accounts.DecodeMint)
		require.NoError(t, err)
		require.Equal(t, &p.Mint, mint)
		authority, err := p.State.WithdrawAuthority(p.Program, p.Address)
		require.NoError(t, err)
		require.Equal(t, &authority, mint.MintAuthority, "%s: only the pool mints its token", p.Symbol)
		reserve, err := accounts.Load(set, p.State.ReserveStake, accounts.DecodeStakeAccount)
		require.NoError(t, err)
		require.Equal(t, &p.Reserve.Account, reserve)
		require.True(t, p.FeeAccount == nil || set.Has(p.State.ManagerFeeAccount))
		own, err := p.Accounts(m.Chain.Rent)
		require.NoError(t, err)
		for _, a := range own {
			least, err := m.Chain.Rent.MinimumBalance(uint64(len(a.Data)))
			require.NoError(t, err)
			require.GreaterOrEqual(t, a.Lamports, least, "%s is not exempt from rent", a.Address)
			require.True(t, set.Has(a.Address))
		}
	}
}

func TestLoadGivesCopies(t *testing.T) {
	one := load(t)
	one.StakePool("JitoSOL").State.TotalLamports = 0
	one.StakePools[0].Validators[0].Active.Lamports = 0
	two := load(t)
	require.NotZero(t, two.StakePool("JitoSOL").State.TotalLamports)
	require.NotZero(t, two.StakePools[0].Validators[0].Active.Lamports)
}

func TestBuilds(t *testing.T) {
	builds := demo.Builds()
	for _, program := range accounts.StakePoolPrograms() {
		require.Equal(t, quote.FeesRoundUp, quote.StakePoolFeeRounding(builds[program]))
	}
	clear(builds)
	require.NotEmpty(t, demo.Builds(), "each call has a map of its own")
}

// TestSources checks that the description next to the figures names every pool, and no other.
func TestSources(t *testing.T) {
	text, err := os.ReadFile("SOURCES.md")
	require.NoError(t, err)
	m := load(t)
	for _, p := range m.StakePools {
		require.True(t, bytes.Contains(text, []byte("| "+p.Symbol+" |")), p.Symbol)
	}
	rows := 0
	for line := range strings.Lines(string(text)) {
		if cells := strings.Split(line, "|"); len(cells) > 3 && m.StakePool(strings.TrimSpace(cells[1])) != nil {
			rows++
		}
	}
	require.Equal(t, len(m.StakePools), rows)
}
