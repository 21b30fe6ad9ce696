package golden_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/golden"
)

// How many cases the recording of the Reserve must hold, so that none gets lost unnoticed.
const (
	minimumReserve        = 80
	minimumReserveRefused = 25
)

// reserves loads the recorded executions of the Reserve.
func reserves(t *testing.T) *golden.Reserves {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "reserve.json"))
	require.NoError(t, err)
	f := new(golden.Reserves)
	require.NoError(t, json.Unmarshal(text, f))
	return f
}

// TestReplayReserve quotes and builds what the real program executed, from account bytes, and expects what it did.
func TestReplayReserve(t *testing.T) {
	f := reserves(t)
	chain := throughBytes(t, f.Chain)
	allExecuted, allRefused := 0, 0
	executed, refused := map[string]map[accounts.ReserveFeeKind]int{}, map[string]int{}
	sold := map[string]int{}
	for _, op := range golden.ReserveOperations() {
		executed[op] = map[accounts.ReserveFeeKind]int{}
	}
	for i := range f.Cases {
		c := &f.Cases[i]
		r := decodedReserve(t, &f.Reserves[c.Reserve], chain.Rent)
		ix, err := c.BuildInstruction(r)
		require.NoError(t, err, "case %d", i)
		built, err := golden.NewInstruction(ix)
		require.NoError(t, err, "case %d", i)
		require.Equal(t, c.Instruction, built, "case %d", i)

		if c.Stake != nil {
			staked, again := *c.Stake, *c
			staked.Account = *stakeThroughBytes(t, staked.Account)
			again.Stake, c = &staked, &again
		}
		got, err := c.Quote(r, chain)
		if c.Outcome == nil {
			require.Error(t, err, "case %d: quoted %+v, refused: %s", i, got, c.Refusal)
			require.NotEmpty(t, c.Refusal, "case %d has no result", i)
			refused[c.Op]++
			allRefused++
			continue
		}
		require.NoError(t, err, "case %d: executed %+v", i, *c.Outcome)
		require.Equal(t, *c.Outcome, got, "case %d", i)
		executed[c.Op][r.Fee.Kind]++
		allExecuted++
		for _, kind := range kindsOfSale(c, chain.Clock.Epoch) {
			sold[kind]++
		}
	}
	require.GreaterOrEqual(t, allExecuted, minimumReserve)
	require.GreaterOrEqual(t, allRefused, minimumReserveRefused)
	for _, op := range golden.ReserveOperations() {
		require.Positive(t, executed[op][accounts.ReserveFeeFlat], "executed %s with a flat fee", op)
		require.Positive(t, executed[op][accounts.ReserveFeeLiquidityLinear], "executed %s with a fee that rises", op)
		require.Positive(t, refused[op], "refused %s", op)
	}
	for _, kind := range []string{
		"Unstake", "Unstake, referrer", "UnstakeWsol", "UnstakeWsol, referrer", "record with lamports", "not all staked", "never delegated",
		"deactivated", "activating", "active", "somebody else stakes",
	} {
		require.Positive(t, sold[kind], "%s in %v", kind, sold)
	}
}

// kindsOfSale is in what ways a sale is one of its kind.
func kindsOfSale(c *golden.ReserveCase, epoch uint64) []string {
	if c.Stake == nil {
		return nil
	}
	s := &c.Stake.Account
	kinds := []string{c.Op}
	if c.Referrer != nil {
		kinds[0] += ", referrer"
	}
	if c.Record > 0 {
		kinds = append(kinds, "record with lamports")
	}
	if s.Staker != c.User {
		kinds = append(kinds, "somebody else stakes")
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

func TestReservesText(t *testing.T) {
	f := reserves(t)
	text, err := f.MarshalText()
	require.NoError(t, err)
	var again golden.Reserves
	require.NoError(t, json.Unmarshal(text, &again))
	require.Equal(t, f, &again)
	same, err := again.MarshalText()
	require.NoError(t, err)
	require.True(t, bytes.Equal(text, same))
}

// TestReserveCaseWithoutKeys: a recording that lacks a key is refused.
func TestReserveCaseWithoutKeys(t *testing.T) {
	f := reserves(t)
	for i := range f.Cases {
		c := f.Cases[i]
		c.Destination = solana.PublicKey{}
		_, err := c.BuildInstruction(&f.Reserves[c.Reserve])
		require.ErrorContains(t, err, "destination", "case %d", i)
	}
}

// TestUnknownReserveOperation: a recording of another format is refused rather than skipped.
func TestUnknownReserveOperation(t *testing.T) {
	f := reserves(t)
	c := golden.ReserveCase{Op: "Merge"}
	_, err := c.Quote(&f.Reserves[0], f.Chain)
	require.ErrorContains(t, err, `"Merge"`)
	_, err = c.BuildInstruction(&f.Reserves[0])
	require.ErrorContains(t, err, `"Merge"`)
}
