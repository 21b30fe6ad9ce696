package demo_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// address returns a derived address. The derivation must not fail.
func address(t *testing.T, key solana.PublicKey, err error) solana.PublicKey {
	t.Helper()
	require.NoError(t, err)
	return key
}

// TestMarket_Reserve checks that the Reserve is the deployed one, decodes from
// its accounts, and pays the amount that the deployed program paid for the same
// dump.
func TestMarket_Reserve(t *testing.T) {
	m := load(t)
	require.Equal(t, accounts.ReservePoolAddress, m.Reserve.Address)
	s := onChain(t, m)
	require.Equal(t, &m.Reserve.Pool, read(t, s, m.Reserve.Address, accounts.DecodeReservePool))
	feeAddress, err := accounts.ReserveFeeAddress(accounts.ReserveProgram, m.Reserve.Address)
	fee := read(t, s, address(t, feeAddress, err), accounts.DecodeReserveFee)
	require.Equal(t, &m.Reserve.Fee, fee)
	require.Equal(t, accounts.ReserveFeeLiquidityLinear, fee.Kind)
	protocolAddress, err := accounts.ReserveProtocolFeeAddress(accounts.ReserveProgram)
	require.Equal(t, &m.Reserve.ProtocolFee,
		read(t, s, address(t, protocolAddress, err), accounts.DecodeReserveProtocolFee))
	solAddress, err := accounts.ReserveSOL(accounts.ReserveProgram, m.Reserve.Address)
	funds, err := s.Get(address(t, solAddress, err))
	require.NoError(t, err)
	require.Equal(t, accounts.SystemProgram, funds.Owner)
	require.Equal(t, m.Reserve.Lamports, funds.Lamports)
	require.Empty(t, funds.Data)
	mint := read(t, s, m.Reserve.Pool.LPMint, accounts.DecodeMint)
	require.Equal(t, m.Reserve.LPSupply, mint.Supply)
	require.Equal(t, &solAddress, mint.MintAuthority)

	q := m.Reserve.Quote(m.Chain)
	u, err := q.Unstake(1_000_000_000, 0, false)
	require.NoError(t, err)
	require.Equal(t, uint64(1_000_000_000), u.Out+u.Fee)
	// The fee is 0.1 % at almost no utilization, and rises to 8 %.
	require.InDelta(t, 1_000_000, u.Fee, 20_000)
	large, err := q.Unstake(400_000_000_000_000, 0, false)
	require.NoError(t, err)
	require.Greater(t, large.Fee, large.In/100*3)
	price, err := q.LPPrice()
	require.NoError(t, err)
	require.InEpsilon(t, price.Tokens, price.Lamports, 0.001)
}

// TestMarket_Router checks that the Router can lend, has a fee token account of
// every mint that it pays out, and has a valid lookup table.
func TestMarket_Router(t *testing.T) {
	m := load(t)
	s := onChain(t, m)
	prefunder, err := accounts.RouterPrefunder(accounts.RouterProgram)
	lender, err2 := s.Get(address(t, prefunder, err))
	require.NoError(t, err2)
	require.Equal(t, m.Router.Prefunder, lender.Lamports)
	require.Equal(t, accounts.SystemProgram, lender.Owner)
	p := quote.Prefund{
		Reserve:           m.Reserve.Quote(m.Chain),
		MinimumDelegation: m.Chain.MinimumDelegation,
		Prefunder:         lender.Lamports,
	}

	lent, err := p.Quote(10_000_000_000)
	require.NoError(t, err, "it can lend twice the rent of a stake account")
	require.Equal(t, uint64(2*2_282_880), lent.Lent)
	out, err := accounts.RouterSOLBridgeOut(accounts.RouterProgram)
	bridge, err2 := s.Get(address(t, out, err))
	require.NoError(t, err2)
	require.NoError(t, quote.RouterSOLBridge(out, bridge.Lamports, m.Chain.Rent))

	mints := []solana.PublicKey{accounts.NativeMint, accounts.MSOLMint}
	for _, pool := range m.StakePools {
		mints = append(mints, pool.State.PoolMint)
	}

	for _, mint := range mints {
		at, err := accounts.RouterFeeTokenAccount(accounts.RouterProgram, mint)
		account := read(t, s, address(t, at, err), accounts.DecodeTokenAccount)
		require.Equal(t, mint, account.Mint)
		require.Zero(t, account.Amount)
		require.Equal(t, accounts.TokenInitialized, account.State)
	}

	table := read(t, s, accounts.RouterLookupTableAddress, accounts.DecodeLookupTable)
	require.Len(t, table.Addresses, 235)
	require.Equal(t, uint64(accounts.NeverEpoch), table.DeactivationSlot)
	require.Less(t, table.LastExtendedSlot, m.Chain.Clock.Slot)
	seen := make(map[solana.PublicKey]bool)
	for _, a := range table.Addresses {
		require.False(t, seen[a], "%s twice", a)
		seen[a] = true
	}

	for _, a := range []solana.PublicKey{accounts.RouterProgram, accounts.ReserveProgram,
		m.Reserve.Address, prefunder, out, accounts.StakeProgram} {
		require.True(t, seen[a], a)
	}
}

// TestMarket_IsWhole checks that the market contains the accounts of Marinade
// and Lido at the addresses in the registry.
func TestMarket_IsWhole(t *testing.T) {
	m := load(t)
	s := onChain(t, m)
	for _, mint := range []solana.PublicKey{m.Marinade.State.MSOLMint, m.Lido.State.StSOLMint} {
		token, err := lst.Default().ByMint(mint)
		require.NoError(t, err)
		pool, err := s.Get(token.Pool)
		require.NoError(t, err)
		require.Equal(t, token.Program, pool.Owner)
		read(t, s, token.Mint, accounts.DecodeMint)
	}

	list, err := accounts.MarinadeValidatorListAddress(m.Marinade.Program, m.Marinade.Address)
	require.Equal(t, m.Marinade.State.ValidatorSystem.ValidatorList.Account, address(t, list, err))
	require.Equal(t, accounts.LidoValidatorListAddress, m.Lido.State.ValidatorList)
	require.Same(t, &m.Marinade.State, m.Infinity.V2.Marinade,
		"Infinity reckons with the same state")
	require.Same(t, &m.Lido.State, m.Infinity.V1.Lido)
	one := load(t)
	one.Reserve.Lamports = 0
	one.Router.Prefunder = 0
	one.Marinade.State.MSOLSupply = 0
	require.NotZero(t, load(t).Reserve.Lamports*load(t).Router.Prefunder)
	require.NotZero(t, load(t).Marinade.State.MSOLSupply)
}
