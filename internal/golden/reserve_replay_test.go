package golden_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
)

// Minimum numbers of cases in the recording of the Reserve, so that missing
// cases are noticed.
const (
	minimumReserve        = 80
	minimumReserveRefused = 25
)

// decodedReserve encodes the accounts of the Reserve and decodes them.
func decodedReserve(t *testing.T, r *figures.Reserve, rent accounts.Rent) *figures.Reserve {
	t.Helper()
	set := onChain(t, r, rent)
	program := accounts.ReserveProgram
	fee, err := accounts.ReserveFeeAddress(program, r.Address)
	require.NoError(t, err)
	protocolFee, err := accounts.ReserveProtocolFeeAddress(program)
	require.NoError(t, err)
	sol, err := accounts.ReserveSOL(program, r.Address)
	require.NoError(t, err)
	d := &figures.Reserve{
		Address:     r.Address,
		Pool:        *load(t, set, r.Address, accounts.DecodeReservePool),
		Fee:         *load(t, set, fee, accounts.DecodeReserveFee),
		ProtocolFee: *load(t, set, protocolFee, accounts.DecodeReserveProtocolFee),
	}

	d.LPSupply = load(t, set, d.Pool.LPMint, accounts.DecodeMint).Supply
	d.Lamports = lamports(t, set, sol)
	require.Equal(t, r, d)

	return d
}

// TestReserveCase_Replay computes and builds the cases from account data, and
// compares with the outcomes of the real program.
func TestReserveCase_Replay(t *testing.T) {
	n := newTallies()
	for name, f := range recordings[golden.Reserves](t, "reserve.json") {
		chain := throughBytes(t, f.Chain)
		replay(t, name, f.Cases, func(t *testing.T, c golden.ReserveCase) {
			r := decodedReserve(t, &f.Reserves[c.Reserve], chain.Rent)
			ix, err := c.BuildInstruction(r)
			require.NoError(t, err)
			requireInstructions(t, []golden.Instruction{c.Instruction}, ix)

			c.Stake = stakeThroughBytes(t, c.Stake)
			got, err := c.Quote(r, chain)
			requireResult(t, c.Result, got, err)
			count(n, c.Result,
				append(kindsOfSale(&c, chain.Clock.Epoch), c.Op, feeOf{c.Op, r.Fee.Kind})...)
		})
	}

	atLeast(t, n.executed, minimumReserve, all)
	atLeast(t, n.refused, minimumReserveRefused, all)
	atLeast(t, n.refused, 1, golden.ReserveOperations()...)
	for _, op := range golden.ReserveOperations() {
		atLeast(t, n.executed, 1, feeOf{op, accounts.ReserveFeeFlat},
			feeOf{op, accounts.ReserveFeeLiquidityLinear})
	}

	atLeast(t, n.executed, 1,
		"Unstake, no referrer", "Unstake, referrer", "UnstakeWsol, no referrer",
		"UnstakeWsol, referrer", "record with lamports", "not all staked",
		"never delegated", "deactivated", "activating", "active", "another staker")
}

// feeOf is an operation with a kind of fee.
type feeOf struct {
	op  string
	fee accounts.ReserveFeeKind
}

// kindsOfSale returns the kinds of a sale.
func kindsOfSale(c *golden.ReserveCase, epoch uint64) []any {
	if c.Stake == nil {
		return nil
	}

	s := &c.Stake.Account
	kinds := []any{c.Op + ", no referrer"}
	if c.Referrer != nil {
		kinds[0] = c.Op + ", referrer"
	}

	if c.Record > 0 {
		kinds = append(kinds, "record with lamports")
	}

	if s.Staker != c.User {
		kinds = append(kinds, "another staker")
	}

	switch {
	case s.State == accounts.StakeInitialized:
		return append(kinds, "never delegated")
	case s.Delegation.DeactivationEpoch != accounts.NeverEpoch:
		kinds = append(kinds, "deactivated")
	case s.Delegation.ActivationEpoch == epoch:
		kinds = append(kinds, "activating")
	default:
		kinds = append(kinds, "active")
	}

	if c.Stake.Lamports > s.Delegation.Stake+s.RentExemptReserve {
		kinds = append(kinds, "not all staked")
	}

	return kinds
}

func TestReserves_MarshalText(t *testing.T) {
	requireText(t, "reserve.json",
		func(f *golden.Reserves) int { return len(f.Reserves) + len(f.Cases) })
}

// TestReserveCase_WithoutKeys checks that a recording without a key is refused.
func TestReserveCase_WithoutKeys(t *testing.T) {
	for _, f := range recordings[golden.Reserves](t, "reserve.json") {
		for i, c := range f.Cases {
			c.Destination = solana.PublicKey{}
			_, err := c.BuildInstruction(&f.Reserves[c.Reserve])
			require.ErrorContains(t, err, "destination", "case %d", i)
		}
	}
}

// TestReserveCase_UnknownOperation checks that an unknown operation is an
// error.
func TestReserveCase_UnknownOperation(t *testing.T) {
	for _, f := range recordings[golden.Reserves](t, "reserve.json") {
		c := golden.ReserveCase{Op: "Merge"}
		_, err := c.Quote(&f.Reserves[0], f.Chain)
		require.ErrorContains(t, err, `"Merge"`)
		_, err = c.BuildInstruction(&f.Reserves[0])
		require.ErrorContains(t, err, `"Merge"`)
	}
}
