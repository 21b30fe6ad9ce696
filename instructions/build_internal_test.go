package instructions

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
)

// incompleteCase is a case of [TestBuilder_IncompleteTable].
type incompleteCase struct {
	table *idl.Instruction
	build func(b *builder)
	fails bool
}

// incompleteCases returns the cases of [TestBuilder_IncompleteTable].
func incompleteCases() map[string]incompleteCase {
	key := solana.PublicKey{1}
	three := idl.TokenTransfer
	groups := idl.InfinityEndRebalance
	suffixed := suffix{table: idl.RouterDepositSOLPools.StakePool,
		keys: make([]solana.PublicKey, 5)}
	for i := range suffixed.keys {
		suffixed.keys[i] = key
	}

	return map[string]incompleteCase{
		"complete": {&three, func(b *builder) { b.accounts(key, key, key); b.number(1) },
			false},
		"nothing": {&three, func(*builder) {}, true},
		"account missing": {&three, func(b *builder) { b.accounts(key, key); b.number(1) },
			true},
		"account too many": {&three,
			func(b *builder) { b.accounts(key, key, key, key); b.number(1) }, true},
		"derived too many": {&three,
			func(b *builder) { b.accounts(key, key, key); b.derived(key, nil); b.number(1) }, true},
		"lesser too many": {&three,
			func(b *builder) { b.accounts(key, key, key); b.lesser(key, 0); b.number(1) }, true},
		"field missing": {&three, func(b *builder) { b.accounts(key, key, key) }, true},
		"field too many": {&three,
			func(b *builder) { b.accounts(key, key, key); b.number(1); b.number(1) }, true},
		"amount too many": {&three,
			func(b *builder) { b.accounts(key, key, key); b.number(1); b.amount(0) }, true},
		"key for a number": {&three, func(b *builder) { b.accounts(key, key, key); b.key(key) },
			true},
		"flag for a number": {&three, func(b *builder) { b.accounts(key, key, key); b.flag(true) },
			true},
		"bytes for a number": {&three, func(b *builder) { b.accounts(key, key, key); b.raw() },
			true},
		"number for a key": {&idl.TokenInitializeAccount3,
			func(b *builder) { b.accounts(key, key); b.number(1) }, true},
		"group": {&groups,
			func(b *builder) {
				b.accounts(key, key, key, key, key, key)
				b.group(ProgramAccounts{Program: key})
			},
			false},
		"group missing": {&groups,
			func(b *builder) { b.accounts(key, key, key, key, key, key) }, true},
		"group too many": {&groups, func(b *builder) {
			b.accounts(key, key, key, key, key, key)
			b.group(ProgramAccounts{Program: key})
			b.group(ProgramAccounts{Program: key})
		}, true},
		"pool": {&idl.RouterStakeWrappedSOL, func(b *builder) {
			b.accounts(key, key, key, key, key, key, key)
			b.suffix("pool", &suffixed)
			b.number(1)
		}, false},
		"pool missing": {&idl.RouterStakeWrappedSOL, func(b *builder) {
			b.accounts(key, key, key, key, key, key, key)
			b.number(1)
		}, true},
		"pool with an account missing": {&idl.RouterStakeWrappedSOL, func(b *builder) {
			b.accounts(key, key, key, key, key, key, key)
			b.suffix("pool", &suffix{table: suffixed.table, keys: suffixed.keys[:4]})
			b.number(1)
		}, true},
		"pool with an account too many": {&idl.RouterStakeWrappedSOL, func(b *builder) {
			b.accounts(key, key, key, key, key, key, key)
			b.suffix("pool", &suffix{table: suffixed.table[:4], keys: suffixed.keys})
			b.number(1)
		}, true},
	}
}

// TestBuilder_IncompleteTable checks that a Build method fails if it does not
// append exactly the accounts and fields of its table.
func TestBuilder_IncompleteTable(t *testing.T) {
	for name, test := range incompleteCases() {
		t.Run(name, func(t *testing.T) {
			b := newBuilder(test.table, accounts.TokenProgram, 0)
			test.build(&b)
			ix, err := b.build()
			if !test.fails {
				require.NoError(t, err)
				return
			}

			require.Nil(t, ix)
			require.ErrorIs(t, err, errTable)
		})
	}
}

// TestBuilder_FixedAccounts checks that accounts of fixed address are appended
// in the order of the table.
func TestBuilder_FixedAccounts(t *testing.T) {
	first, second := solana.PublicKey{1}, solana.PublicKey{2}
	table := idl.Instruction{Name: "X", Tag: "\x09", Accounts: []idl.Account{
		{Name: "a", Access: idl.AccessPayer},
		{Name: "clock", Fixed: &accounts.ClockSysvar},
		{Name: "b"},
		{Name: "system program", Fixed: &accounts.SystemProgram},
	}}

	b := newBuilder(&table, accounts.TokenProgram, 0)
	b.accounts(first, second)
	ix, err := b.build()
	require.NoError(t, err)
	require.Equal(t, []*solana.AccountMeta{
		solana.NewAccountMeta(first, true, true),
		solana.NewAccountMeta(accounts.ClockSysvar, false, false),
		solana.NewAccountMeta(second, false, false),
		solana.NewAccountMeta(accounts.SystemProgram, false, false),
	}, ix.Accounts())

	data, err := ix.Data()
	require.NoError(t, err)
	require.Equal(t, []byte{9}, data)
}
