package accounts_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

// stakePoolAccount is a pool account that is longer than its packed form, as on
// chain.
func stakePoolAccount(pool *accounts.StakePool) accounts.Account {
	data := make([]byte, accounts.StakePoolSpace)
	copy(data, pool.Encode())
	return accounts.Account{Owner: accounts.StakePoolProgram, Data: data}
}

// slabAccount is a slab with the fees of n tokens.
func slabAccount(n int) accounts.Account {
	slab := accounts.FlatSlab{Entries: make([]accounts.FlatSlabEntry, n)}
	for i := range slab.Entries {
		slab.Entries[i].Mint = solana.PublicKey{byte(i >> 8), byte(i)}
	}
	return accounts.Account{Owner: accounts.FlatSlabProgram, Data: slab.Encode()}
}

// decodings are the accounts of which a market decodes the most, with the
// maximum number of allocations: one for the value, and one for each list and
// each optional key.
func decodings() []decoding {
	var (
		pool       = stakePoolAccount(poolNone())
		all        = stakePoolAccount(poolAll())
		reused     accounts.StakePool
		list       accounts.ValidatorList
		validators = accounts.Account{
			Owner: accounts.StakePoolProgram,
			Data:  validators(1000).Encode(),
		}
		states = accounts.Account{
			Owner: accounts.InfinityProgram,
			Data:  lstStates(1000).Encode(),
		}
		slab  = slabAccount(1000)
		mint  = accounts.Account{Owner: accounts.TokenProgram, Data: mintAll(nil).Encode()}
		token = accounts.Account{
			Owner: accounts.TokenProgram,
			Data:  (&accounts.TokenAccount{State: accounts.TokenInitialized}).Encode(),
		}
		stake = accounts.Account{Owner: accounts.StakeProgram, Data: stakeDelegated().Encode()}
		lido  = accounts.Account{
			Owner: accounts.LidoProgram,
			Data:  lidoValidators(1000).Encode(),
		}
		marinade = accounts.Account{
			Owner: accounts.MarinadeProgram,
			Data:  marinadeValidators(1000, 61).Encode(),
		}
		shape = marinadeShape(61, 1000, 0, 0)
	)

	return []decoding{
		{"stakepool", len(pool.Data), 1, func() error {
			_, err := accounts.DecodeStakePool(pool)
			return err
		}},
		{"stakepoolinto", len(pool.Data), 0, func() error {
			return accounts.DecodeStakePoolInto(pool, &reused)
		}},
		{"stakepoolinto_alloptions", len(all.Data), 0, func() error {
			return accounts.DecodeStakePoolInto(all, &reused, accounts.SanctumStakePoolProgram,
				accounts.StakePoolProgram)
		}},
		{"validators1000", len(validators.Data), 3, func() error {
			_, err := accounts.DecodeValidatorList(validators)
			return err
		}},
		{"validatorsinto1000", len(validators.Data), 0, func() error {
			return accounts.DecodeValidatorListInto(validators, &list)
		}},
		{"validatorsview1000", len(validators.Data), 0, func() error {
			_, err := accounts.ViewValidatorList(validators)
			return err
		}},
		{"lststates1000", len(states.Data), 3, func() error {
			_, err := accounts.DecodeLSTStateList(states)
			return err
		}},
		{"slab1000", len(slab.Data), 3, func() error {
			_, err := accounts.DecodeFlatSlab(slab)
			return err
		}},
		{"mint", len(mint.Data), 3, func() error {
			_, err := accounts.DecodeMint(mint)
			return err
		}},
		{"tokenaccount", len(token.Data), 1, func() error {
			_, err := accounts.DecodeTokenAccount(token)
			return err
		}},
		{"stakeaccount", len(stake.Data), 1, func() error {
			_, err := accounts.DecodeStakeAccount(stake)
			return err
		}},
		{"lidovalidators1000", len(lido.Data), 3, func() error {
			_, err := accounts.DecodeLidoValidatorList(lido)
			return err
		}},
		{"marinadevalidators1000", len(marinade.Data), 4, func() error {
			_, err := accounts.DecodeMarinadeValidatorList(marinade, shape)
			return err
		}},
	}
}

type decoding struct {
	name   string
	bytes  int
	allocs float64
	decode func() error
}

func BenchmarkDecode(b *testing.B) {
	for _, d := range decodings() {
		b.Run(d.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(d.bytes))
			for b.Loop() {
				if err := d.decode(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestDecode_Allocates checks the number of allocations that the benchmarks
// count.
func TestDecode_Allocates(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates, too")
	}
	for _, d := range decodings() {
		t.Run(d.name, func(t *testing.T) {
			require.NoError(t, d.decode())
			got := testing.AllocsPerRun(100, func() { _ = d.decode() })
			require.LessOrEqual(t, got, d.allocs)
		})
	}
}
