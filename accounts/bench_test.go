package accounts_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

func BenchmarkDecodeStakePool(b *testing.B) {
	a := accounts.Account{Owner: accounts.StakePoolProgram, Data: poolAll().Encode()}
	b.ReportAllocs()
	b.SetBytes(int64(len(a.Data)))
	for b.Loop() {
		if _, err := accounts.DecodeStakePool(a); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecodeValidatorList decodes a list of 1000 validators, about as many as the largest pools have.
func BenchmarkDecodeValidatorList(b *testing.B) {
	a := accounts.Account{Owner: accounts.StakePoolProgram, Data: validators(1000).Encode()}
	require.Len(b, a.Data, 9+1000*73)
	b.ReportAllocs()
	b.SetBytes(int64(len(a.Data)))
	for b.Loop() {
		if _, err := accounts.DecodeValidatorList(a); err != nil {
			b.Fatal(err)
		}
	}
}
