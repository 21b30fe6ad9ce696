package demo_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/demo"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

func load(t *testing.T) *demo.Market {
	t.Helper()
	m, err := demo.Load()
	require.NoError(t, err)
	return m
}

// onChain returns a set of the accounts of the market. It checks that each
// address occurs once.
func onChain(t *testing.T, m *demo.Market) *accounts.Set {
	t.Helper()
	all, err := m.Accounts()
	require.NoError(t, err)
	set := accounts.NewSet(m.Chain.Clock.Slot)
	for _, a := range all {
		require.False(t, set.Has(a.Address), "%s twice", a.Address)
		set.Put(a)
	}
	return set
}

func read[T any](
	t *testing.T,
	set *accounts.Set,
	address solana.PublicKey,
	decode func(accounts.Account) (*T, error),
) *T {
	t.Helper()
	v, err := accounts.Load(set, address, decode)
	require.NoError(t, err)
	return v
}

// TestMarket_PoolsAreTheRegistrys checks that the pools are those of the
// registry.
func TestMarket_PoolsAreTheRegistrys(t *testing.T) {
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

// TestMarket_AccountsDecode encodes and decodes the accounts of the market.
func TestMarket_AccountsDecode(t *testing.T) {
	m := load(t)
	set := onChain(t, m)
	clock := read(t, set, accounts.ClockSysvar, accounts.DecodeClock)
	require.Equal(t, &m.Chain.Clock, clock)
	require.Equal(t, clock.Slot/m.Chain.EpochSchedule.SlotsPerEpoch, clock.Epoch)
	for i := range m.StakePools {
		p := &m.StakePools[i]
		require.Equal(t, &p.State, read(t, set, p.Address, accounts.DecodeStakePool))
		require.Equal(t, p.List(),
			read(t, set, p.State.ValidatorList, accounts.DecodeValidatorList))
		mint := read(t, set, p.State.PoolMint, accounts.DecodeMint)
		require.Equal(t, &p.Mint, mint)
		authority, err := p.State.WithdrawAuthority(p.Program, p.Address)
		require.NoError(t, err)
		require.Equal(t, &authority, mint.MintAuthority, "%s: only the pool mints its token",
			p.Symbol)
		require.Equal(t, &p.Reserve.Account,
			read(t, set, p.State.ReserveStake, accounts.DecodeStakeAccount))
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

func TestLoad_ReturnsCopies(t *testing.T) {
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

// TestMarket_Sources checks that the description of the sources names every
// pool and no other.
func TestMarket_Sources(t *testing.T) {
	text, err := os.ReadFile("SOURCES.md")
	require.NoError(t, err)
	m := load(t)
	for _, p := range m.StakePools {
		require.True(t, bytes.Contains(text, []byte("| "+p.Symbol+" |")), p.Symbol)
	}

	rows := 0
	for line := range strings.Lines(string(text)) {
		if cells := strings.Split(line, "|"); len(cells) > 3 &&
			m.StakePool(strings.TrimSpace(cells[1])) != nil {
			rows++
		}
	}

	require.Equal(t, len(m.StakePools), rows)
}

// TestMarket_Lido checks the state of Lido: its addresses are those of the
// registry, its accounts decode, and its price is that of Sanctum's own tests,
// before and after an update of the exchange rate.
func TestMarket_Lido(t *testing.T) {
	text, err := os.ReadFile("lido.json")
	require.NoError(t, err)
	var l figures.Lido
	require.NoError(t, json.Unmarshal(text, &l))
	require.Equal(t, accounts.LidoProgram, l.Program)
	require.Equal(t, accounts.LidoStateAddress, l.Address)
	token, err := lst.Default().ByMint(l.State.StSOLMint)
	require.NoError(t, err)
	require.Equal(t, "stSOL", token.Symbol)
	m := load(t)
	set := onChain(t, m)
	state := read(t, set, l.Address, accounts.DecodeLidoState)
	require.Equal(t, &l.State, state)
	require.Equal(t, l.List(), read(t, set, state.ValidatorList, accounts.DecodeLidoValidatorList))
	stake := solana.MPK("HB4Cjyg12VATooVMWLvMszzk5yD562a4aQcfQCoQrtwF")
	account := read(t, set, stake, accounts.DecodeStakeAccount)
	require.Equal(t, &l.Validators[0].Stake.Account, account)
	authority, err := accounts.LidoStakeAuthority(l.Program, l.Address)
	require.NoError(t, err)
	require.Equal(t, authority, account.Withdrawer)
	minter, err := accounts.LidoMintAuthority(l.Program, l.Address)
	require.NoError(t, err)
	require.Equal(t, &minter, l.Mint.MintAuthority)

	q := l.Quote(m.Chain)
	source, err := q.Source()
	require.NoError(t, err)
	require.Equal(t, account.Delegation.Voter, source.Entry.VoteAccount)
	w, err := q.Withdraw(1_000_000_000, *l.Validators[0].Stake)
	require.NoError(t, err)
	require.Equal(t, uint64(1_212_405_641), w.Lamports)
	q.Clock.Epoch++
	q.Update = l.Balances()
	w, err = q.Withdraw(1_000_000_000, *l.Validators[0].Stake)
	require.NoError(t, err)
	require.Equal(t, uint64(1_212_405_641), w.Lamports)
}

// TestMarket_InfinityFeesArePositive checks that Infinity's fees, for each
// token in and out, are zero or more. Then no pair is closed because its fees
// are together below zero, and two swaps never pay more than one.
func TestMarket_InfinityFeesArePositive(t *testing.T) {
	m := load(t)
	require.NotEmpty(t, m.Infinity.V1.FlatFee.Fees)
	for _, e := range m.Infinity.V1.FlatFee.Fees {
		require.GreaterOrEqual(t, e.Fee.InputFeeBps, int16(0), e.Mint)
		require.GreaterOrEqual(t, e.Fee.OutputFeeBps, int16(0), e.Mint)
	}

	require.NotEmpty(t, m.Infinity.V2.FlatSlab.Entries)
	for _, e := range m.Infinity.V2.FlatSlab.Entries {
		require.GreaterOrEqual(t, e.InpFeeNanos, int32(0), e.Mint)
		require.GreaterOrEqual(t, e.OutFeeNanos, int32(0), e.Mint)
	}
}
