package instructions_test

import (
	"encoding/hex"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
)

// builder is implemented by the structs of all instructions.
type builder interface {
	Build() (solana.Instruction, error)
}

// key returns an arbitrary address.
func key(n byte) (k solana.PublicKey) {
	for i := range k {
		k[i] = n
	}
	return k
}

// meta is an account of an instruction. flags is "s" for a signer, "w" for a
// writable account and "sw" for both.
type meta struct {
	key   solana.PublicKey
	flags string
}

func known(address, flags string) meta { return meta{solana.MPK(address), flags} }

// requireInstruction checks the program, the data and the accounts of an
// instruction. data is in hex; spaces are ignored.
func requireInstruction(
	t *testing.T,
	program solana.PublicKey,
	data string,
	want []meta,
	ix solana.Instruction,
) {
	t.Helper()
	require.Equal(t, program, ix.ProgramID())
	require.Equal(t, strings.ReplaceAll(data, " ", ""), hex.EncodeToString(dataOf(t, ix)))
	require.Equal(t, want, metasOf(ix))
}

func dataOf(t *testing.T, ix solana.Instruction) []byte {
	t.Helper()
	data, err := ix.Data()
	require.NoError(t, err)
	return data
}

func metasOf(ix solana.Instruction) []meta {
	var got []meta
	for _, m := range ix.Accounts() {
		flags := ""
		if m.IsSigner {
			flags += "s"
		}

		if m.IsWritable {
			flags += "w"
		}

		got = append(got, meta{m.PublicKey, flags})
	}

	return got
}

// requireBuildError checks that err is one line, has the instruction and the
// field, and wraps the sentinel.
func requireBuildError(t *testing.T, err error, instruction, field string, sentinel error) {
	t.Helper()
	var e *instructions.BuildError
	require.ErrorAs(t, err, &e)
	require.ErrorIs(t, err, sentinel)
	require.Equal(t, instruction, e.Instruction)
	require.Equal(t, field, e.Field)
	require.Contains(t, err.Error(), instruction+": "+field)
	require.NotContains(t, err.Error(), "\n")
}

// without returns copies of the instruction, each with one of its keys set to
// zero, by the path of the field. Optional keys are pointers and do not change.
func without(i builder) map[string]builder {
	all := make(map[string]builder)
	for _, path := range keyPaths(reflect.TypeOf(i)) {
		changed := reflect.New(reflect.TypeOf(i)).Elem()
		changed.Set(reflect.ValueOf(i))
		field := changed
		for _, name := range strings.Split(path, ".") {
			field = field.FieldByName(name)
		}

		field.SetZero()
		all[path] = changed.Interface().(builder)
	}

	return all
}

func keyPaths(t reflect.Type) (paths []string) {
	for _, f := range reflect.VisibleFields(t) {
		switch {
		case len(f.Index) > 1:
			// A field of an embedded struct, which is visited itself.
		case f.Type == reflect.TypeFor[solana.PublicKey]():
			paths = append(paths, f.Name)
		case f.Type.Kind() == reflect.Struct:
			for _, inner := range keyPaths(f.Type) {
				paths = append(paths, f.Name+"."+inner)
			}
		}
	}

	slices.Sort(paths)
	return paths
}

// requireKeysNeeded sets each key of an instruction to zero. Build must fail
// with ErrMissing, or return the same instruction if it does not use the key.
// name is the name of the instruction, optionally followed by a comma and more.
// It returns the number of keys that Build needs.
func requireKeysNeeded(t *testing.T, name string, i builder) (missing int) {
	t.Helper()
	called, _, _ := strings.Cut(name, ", ")
	intact, err := i.Build()
	require.NoError(t, err)
	for path, incomplete := range without(i) {
		ix, err := incomplete.Build()
		if err == nil {
			require.Equal(t, metasOf(intact), metasOf(ix), path)
			require.Equal(t, dataOf(t, intact), dataOf(t, ix), path)
			continue
		}

		missing++
		var e *instructions.BuildError
		require.ErrorAs(t, err, &e, path)
		require.ErrorIs(t, err, instructions.ErrMissing, path)
		require.Equal(t, called, e.Instruction, path)
	}

	return missing
}

// requireNothingShared checks that a change of the returned instruction does
// not change the next one.
func requireNothingShared(t *testing.T, i builder) {
	t.Helper()
	first, err := i.Build()
	require.NoError(t, err)
	want, data := metasOf(first), append([]byte(nil), dataOf(t, first)...)
	for _, m := range first.Accounts() {
		m.PublicKey, m.IsSigner, m.IsWritable = key(99), !m.IsSigner, !m.IsWritable
	}

	dataOf(t, first)[0]++
	second, err := i.Build()
	require.NoError(t, err)
	require.Equal(t, want, metasOf(second))
	require.Equal(t, data, dataOf(t, second))
}

// The addresses of the stake pool and the user in the tables.
var (
	program           = accounts.SanctumMultiStakePoolProgram
	pool              = key(1)
	withdrawAuthority = key(2)
	list              = key(3)
	reserve           = key(4)
	mint              = key(5)
	feeAccount        = key(6)
	tokenProgram      = accounts.Token2022Program
	user              = key(11)
	userTokens        = key(12)
	referrer          = key(13)
	userStake         = key(14)
	validatorStake    = key(15)
	newAuthority      = key(16)
	authority         = key(21)
)

// stakePool returns a stake pool without permissioned operations.
func stakePool(t testing.TB) instructions.StakePool {
	t.Helper()
	depositAuthority, _, err := solana.FindProgramAddress([][]byte{pool[:], []byte("deposit")},
		program)
	require.NoError(t, err)
	return instructions.StakePool{
		Program:               program,
		Address:               pool,
		WithdrawAuthority:     withdrawAuthority,
		ValidatorList:         list,
		ReserveStake:          reserve,
		Mint:                  mint,
		ManagerFeeAccount:     feeAccount,
		TokenProgram:          tokenProgram,
		StakeDepositAuthority: depositAuthority,
	}
}

// forms returns all instructions of the stake pool program by name. Minimum
// outputs are 5.
func forms(p instructions.StakePool) map[string]builder {
	depositSOL := instructions.StakePoolDepositSOL{
		Pool:        p,
		From:        user,
		Destination: userTokens,
		Referrer:    referrer,
		Lamports:    1_000_000_000,
	}

	withdrawSOL := instructions.StakePoolWithdrawSOL{
		Pool:        p,
		Authority:   user,
		Source:      userTokens,
		Destination: newAuthority,
		PoolTokens:  1_000_000_000,
	}

	depositStake := instructions.StakePoolDepositStake{
		Pool:           p,
		Stake:          userStake,
		ValidatorStake: validatorStake,
		Destination:    userTokens,
		Referrer:       referrer,
	}

	withdrawStake := instructions.StakePoolWithdrawStake{
		Pool:         p,
		Split:        validatorStake,
		Destination:  userStake,
		NewAuthority: newAuthority,
		Authority:    user,
		Source:       userTokens,
		PoolTokens:   1_000_000_000,
	}

	return map[string]builder{
		"DepositSol": depositSOL,
		"DepositSolWithSlippage": instructions.StakePoolDepositSOLWithSlippage{
			StakePoolDepositSOL: depositSOL,
			MinimumTokensOut:    5,
		},
		"WithdrawSol": withdrawSOL,
		"WithdrawSolWithSlippage": instructions.StakePoolWithdrawSOLWithSlippage{
			StakePoolWithdrawSOL: withdrawSOL,
			MinimumLamportsOut:   5,
		},
		"DepositStake": depositStake,
		"DepositStakeWithSlippage": instructions.StakePoolDepositStakeWithSlippage{
			StakePoolDepositStake: depositStake,
			MinimumTokensOut:      5,
		},
		"WithdrawStake": withdrawStake,
		"WithdrawStakeWithSlippage": instructions.StakePoolWithdrawStakeWithSlippage{
			StakePoolWithdrawStake: withdrawStake,
			MinimumLamportsOut:     5,
		},
		"UpdateValidatorListBalance": instructions.StakePoolUpdateValidatorListBalance{Pool: p,
			StartIndex: 4, Validators: entries(1, 0)},
		"UpdateStakePoolBalance": instructions.StakePoolUpdateBalance{Pool: p},
		"CleanupRemovedValidatorEntries": instructions.StakePoolCleanupRemovedValidatorEntries{
			Pool: p,
		},
	}
}

// entries returns n entries of a validator list, last updated in the epoch.
func entries(n int, epoch uint64) []accounts.ValidatorStakeInfo {
	all := make([]accounts.ValidatorStakeInfo, n)
	for i := range all {
		all[i] = accounts.ValidatorStakeInfo{VoteAccount: key(byte(100 + i)),
			LastUpdateEpoch: epoch, TransientSeedSuffix: uint64(i)}
	}
	return all
}
