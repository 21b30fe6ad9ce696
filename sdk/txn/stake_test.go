package txn_test

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// hexOf returns a key in hexadecimal.
func hexOf(k solana.PublicKey) string { return hex.EncodeToString(k[:]) }

const (
	stakeProgram  = "Stake11111111111111111111111111111111111111"
	systemProgram = "11111111111111111111111111111111"
	clock         = "SysvarC1ock11111111111111111111111111111111"
	history       = "SysvarStakeHistory1111111111111111111111111"
)

// wantedStep is an instruction with its accounts, and a part of its
// description.
type wantedStep struct {
	program, data string
	metas         []string
	words         string
}

// stakeCase is a list of steps with the instructions that they must have.
type stakeCase struct {
	name  string
	steps func(*testing.T) []txn.Step
	want  []wantedStep
}

// stakeSteps holds what the tests of stake steps share.
type stakeSteps struct {
	stake       solana.PublicKey
	destination solana.PublicKey
	owner       solana.PublicKey
	other       solana.PublicKey
	funder      solana.PublicKey
	created     solana.PublicKey
	one         func(s txn.Step, err error) func(*testing.T) []txn.Step
	create      func(funder solana.PublicKey) func(*testing.T) []txn.Step
	createData  string
}

func newStakeSteps(t *testing.T) *stakeSteps {
	t.Helper()

	stake, destination := key("stake"), key("destination")
	owner, other, funder := key("owner"), key("other"), key("funder")

	created := solana.PublicKey(sha256.Sum256([]byte(string(owner[:]) + "seven77" +
		string(accounts.StakeProgram[:]))))
	one := func(s txn.Step, err error) func(*testing.T) []txn.Step {
		return func(t *testing.T) []txn.Step {
			require.NoError(t, err)
			return []txn.Step{s}
		}
	}

	create := func(funder solana.PublicKey) func(*testing.T) []txn.Step {
		return func(t *testing.T) []txn.Step {
			address, step, err := txn.NewStakeAccount(funder, owner, 2_282_880, "seven77")
			require.NoError(t, err)
			require.Equal(t, created, address)
			return []txn.Step{step}
		}
	}

	createData := "03000000" + hexOf(owner) + "0700000000000000" +
		hex.EncodeToString([]byte("seven77")) +
		"80d5220000000000" +
		"c800000000000000" +
		hexOf(accounts.StakeProgram)

	return &stakeSteps{
		stake:       stake,
		destination: destination,
		owner:       owner,
		other:       other,
		funder:      funder,
		created:     created,
		one:         one,
		create:      create,
		createData:  createData,
	}
}

// creations returns cases that create stake accounts and change their
// authorities.
func (f *stakeSteps) creations() []stakeCase {
	return []stakeCase{
		{"create, paid for by the owner", f.create(f.owner),
			[]wantedStep{{systemProgram, f.createData, []string{
				f.owner.String() + " ws", f.created.String() + " w", f.owner.String() + " s",
			}, f.created.String()}}},
		{"create, paid for by another", f.create(f.funder),
			[]wantedStep{{systemProgram, f.createData, []string{
				f.funder.String() + " ws", f.created.String() + " w", f.owner.String() + " s",
			}, f.created.String()}}},
		{
			"authorize", func(t *testing.T) []txn.Step {
				steps, err := txn.AuthorizeStake(f.stake, f.owner, f.other)
				require.NoError(t, err)
				return steps
			}, []wantedStep{
				{stakeProgram, "01000000" + hexOf(f.other) + "00000000",
					[]string{f.stake.String() + " w", clock, f.owner.String() + " s"}, "staker"},
				{stakeProgram, "01000000" + hexOf(f.other) + "01000000",
					[]string{f.stake.String() + " w", clock, f.owner.String() + " s"},
					"withdrawer"},
			},
		},
	}
}

// movements returns cases that move lamports.
func (f *stakeSteps) movements() []stakeCase {
	return []stakeCase{
		{"split", f.one(txn.SplitStake(f.stake, f.destination, f.owner, 0x0807060504030201)),
			[]wantedStep{{
				stakeProgram, "03000000 0102030405060708",
				[]string{f.stake.String() + " w", f.destination.String() + " w",
					f.owner.String() + " s"},
				"split",
			}}},
		{"deactivate", f.one(txn.DeactivateStake(f.stake, f.owner)), []wantedStep{{
			stakeProgram, "05000000",
			[]string{f.stake.String() + " w", clock, f.owner.String() + " s"},
			"deactivate",
		}}},
		{"merge", f.one(txn.MergeStake(f.stake, f.destination, f.owner)), []wantedStep{{
			stakeProgram, "07000000",
			[]string{f.stake.String() + " w", f.destination.String() + " w", clock, history,
				f.owner.String() + " s"},
			"merge",
		}}},
		{"withdraw", f.one(txn.WithdrawStake(f.stake, f.destination, f.owner, 1_000_000_000)),
			[]wantedStep{{
				stakeProgram, "04000000 00ca9a3b00000000",
				[]string{f.stake.String() + " w", f.destination.String() + " w", clock, history,
					f.owner.String() + " s"},
				"1000000000",
			}}},
		{"transfer", f.one(txn.TransferSOL(f.owner, f.destination, 2_282_880)), []wantedStep{{
			systemProgram, "02000000 80d5220000000000",
			[]string{f.owner.String() + " ws", f.destination.String() + " w"}, "2282880",
		}}},
	}
}

// TestStep_Stake checks the data and the accounts of all stake steps byte by
// byte.
func TestStep_Stake(t *testing.T) {
	f := newStakeSteps(t)
	for _, test := range slices.Concat(f.creations(), f.movements()) {
		t.Run(test.name, func(t *testing.T) {
			steps := test.steps(t)
			require.Len(t, steps, len(test.want))
			for i, s := range steps {
				data, err := s.Instruction.Data()
				require.NoError(t, err)
				require.Equal(t, strings.ReplaceAll(test.want[i].data, " ", ""),
					hex.EncodeToString(data))
				require.Equal(t, test.want[i].program, s.Instruction.ProgramID().String())
				var metas []string
				for _, m := range s.Instruction.Accounts() {
					flags := " "
					if m.IsWritable {
						flags += "w"
					}

					if m.IsSigner {
						flags += "s"
					}

					metas = append(metas, strings.TrimSuffix(m.PublicKey.String()+flags, " "))
				}

				require.Equal(t, test.want[i].metas, metas)
				require.Contains(t, s.Description, test.want[i].words)
				require.NotZero(t, s.ComputeUnits)
			}

			compile(t, plan(key("payer"), steps...))
		})
	}
}

// TestStep_StakeRefusals leaves out each key and amount in turn.
func TestStep_StakeRefusals(t *testing.T) {
	a, b, c, none := key("a"), key("b"), key("c"), solana.PublicKey{}
	create := func(
		funder, owner solana.PublicKey, lamports uint64, seed string,
	) func() (any, error) {
		return func() (any, error) {
			address, step, err := txn.NewStakeAccount(funder, owner, lamports, seed)
			if address.IsZero() && step.Instruction == nil {
				return nil, err
			}

			return step, err
		}
	}

	split := func(stake, to, staker solana.PublicKey, lamports uint64) func() (any, error) {
		return func() (any, error) { return txn.SplitStake(stake, to, staker, lamports) }
	}
	authorize := func(stake, by, to solana.PublicKey) func() (any, error) {
		return func() (any, error) { return txn.AuthorizeStake(stake, by, to) }
	}
	deactivate := func(stake, by solana.PublicKey) func() (any, error) {
		return func() (any, error) { return txn.DeactivateStake(stake, by) }
	}
	merge := func(into, from, by solana.PublicKey) func() (any, error) {
		return func() (any, error) { return txn.MergeStake(into, from, by) }
	}
	withdraw := func(stake, to, by solana.PublicKey, lamports uint64) func() (any, error) {
		return func() (any, error) { return txn.WithdrawStake(stake, to, by, lamports) }
	}
	transfer := func(from, to solana.PublicKey, lamports uint64) func() (any, error) {
		return func() (any, error) { return txn.TransferSOL(from, to, lamports) }
	}
	for _, test := range []struct {
		do          func() (any, error)
		name, field string
		want        error
	}{
		{create(none, b, 1, "s"), "CreateAccountWithSeed", "funder", instructions.ErrMissing},
		{create(a, none, 1, "s"), "CreateAccountWithSeed", "owner", instructions.ErrMissing},
		{create(a, b, 0, "s"), "CreateAccountWithSeed", "lamports", instructions.ErrZeroAmount},
		{authorize(none, b, c), "Authorize", "stake account", instructions.ErrMissing},
		{authorize(a, none, c), "Authorize", "withdrawer", instructions.ErrMissing},
		{authorize(a, b, none), "Authorize", "new authority", instructions.ErrMissing},
		{split(none, b, c, 1), "Split", "stake account", instructions.ErrMissing},
		{split(a, none, c, 1), "Split", "destination stake account", instructions.ErrMissing},
		{split(a, b, none, 1), "Split", "staker", instructions.ErrMissing},
		{split(a, b, c, 0), "Split", "lamports", instructions.ErrZeroAmount},
		{split(a, a, c, 1), "Split", "destination stake account", instructions.ErrConflictingInput},
		{deactivate(none, b), "Deactivate", "stake account", instructions.ErrMissing},
		{deactivate(a, none), "Deactivate", "staker", instructions.ErrMissing},
		{merge(none, b, c), "Merge", "stake account", instructions.ErrMissing},
		{merge(a, none, c), "Merge", "merged stake account", instructions.ErrMissing},
		{merge(a, b, none), "Merge", "staker", instructions.ErrMissing},
		{merge(a, a, c), "Merge", "merged stake account", instructions.ErrConflictingInput},
		{withdraw(none, b, c, 1), "Withdraw", "stake account", instructions.ErrMissing},
		{withdraw(a, none, c, 1), "Withdraw", "destination", instructions.ErrMissing},
		{withdraw(a, b, none, 1), "Withdraw", "withdrawer", instructions.ErrMissing},
		{withdraw(a, b, c, 0), "Withdraw", "lamports", instructions.ErrZeroAmount},
		{transfer(none, b, 1), "Transfer", "source", instructions.ErrMissing},
		{transfer(a, none, 1), "Transfer", "destination", instructions.ErrMissing},
		{transfer(a, b, 0), "Transfer", "lamports", instructions.ErrZeroAmount},
	} {
		t.Run(test.name+"/"+test.field, func(t *testing.T) {
			got, err := test.do()
			require.ErrorIs(t, err, test.want)
			var e *instructions.BuildError
			require.ErrorAs(t, err, &e)
			require.Equal(t, []string{test.name, test.field}, []string{e.Instruction, e.Field})
			require.Empty(t, got)
		})
	}

	_, _, err := txn.NewStakeAccount(a, b, 1, strings.Repeat("s", 33))
	require.ErrorIs(t, err, solana.ErrMaxSeedLengthExceeded)
	_, _, err = txn.NewStakeAccount(a, b, 1, strings.Repeat("s", 32))
	require.NoError(t, err)
}
