package state

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// recordsOf returns records with balances, in order. The first byte of each
// address is its position, from 1.
func recordsOf(balances ...uint64) []quote.MarinadeRecord {
	var records []quote.MarinadeRecord
	for i, lamports := range balances {
		records = append(records, quote.MarinadeRecord{Record: accounts.MarinadeStakeRecord{
			StakeAccount:                solana.PublicKey{byte(i + 1)},
			LastUpdateDelegatedLamports: lamports,
		}})
	}
	return records
}

// TestRecordsByBalance_Of checks which record is taken for that of a validator.
func TestRecordsByBalance_Of(t *testing.T) {
	records := recordsOf(40, 1, 9, 43, 40, math.MaxUint64, 137)
	for _, test := range []struct {
		name    string
		balance uint64
		want    byte
	}{
		{"one record", 43, 4},
		{"the first of two equal ones", 40, 1},
		{"two records", 44, 4},
		{"the last of two equal ones, of a pair", 49, 5},
		{"two equal ones", 80, 5},
		{"no record twice", 86, 0},
		{"three records", 50, 0},
		{"none", 0, 0},
		{"most", math.MaxUint64, 6},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, ok := newRecordsByBalance(records).of(test.balance)
			require.Equal(t, test.want != 0, ok)
			require.Equal(t, solana.PublicKey{test.want}, got)
		})
	}

	_, ok := newRecordsByBalance(nil).of(0)
	require.False(t, ok)
	tired := newRecordsByBalance(records)
	tired.steps = 1
	_, ok = tired.of(44)
	require.False(t, ok, "the search is bounded")
}

// TestRecordsByBalance_FindsEveryPair checks that no pair is missed.
func TestRecordsByBalance_FindsEveryPair(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	for range 200 {
		balances := make([]uint64, 2+rng.IntN(20))
		for i := range balances {
			balances[i] = rng.Uint64N(40)
		}

		holding := newRecordsByBalance(recordsOf(balances...))
		for i, a := range balances {
			for _, b := range balances[:i] {
				address, ok := holding.of(a + b)
				require.True(t, ok, "%v: %d", balances, a+b)
				require.LessOrEqual(t, balances[address[0]-1], a+b)
				require.GreaterOrEqual(t, 2*balances[address[0]-1], a+b)
			}
		}
	}
}
