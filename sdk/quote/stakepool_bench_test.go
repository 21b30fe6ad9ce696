package quote_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

func BenchmarkDepositSol(b *testing.B) {
	s := bsol()
	s.Rounding = quote.FeesUnknown
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.DepositSOL(sol); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDepositStakeExactOut(b *testing.B) {
	s := bsol()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.DepositStakeExactOut(100*sol, stakeRent); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSources measures a list as long as that of bSOL.
func BenchmarkSources(b *testing.B) {
	s := bsol()
	list := new(accounts.ValidatorList)
	for i := range uint64(1000) {
		list.Validators = append(list.Validators, source(key(byte(i)), (i*7919%1000)*sol, 0).Entry)
	}

	found, err := s.Sources(list)
	require.NoError(b, err)
	require.Len(b, found, 999)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Sources(list); err != nil {
			b.Fatal(err)
		}
	}
}
