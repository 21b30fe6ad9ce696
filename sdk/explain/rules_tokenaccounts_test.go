package explain_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	stakeprogram "github.com/gagliardetto/solana-go/programs/stake"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/explain"
)

// names returns a change that names a token account with the given balance
// before the transaction, or with an unknown one.
func names(account, mint, wallet solana.PublicKey, preBalance ...uint64) func(p *explain.Policy) {
	return func(p *explain.Policy) {
		t := explain.TokenAccount{
			Address: account,
			Mint:    mint,
			Wallet:  wallet,
		}
		if len(preBalance) > 0 {
			t.PreBalance = &preBalance[0]
		}

		p.TokenAccounts = append(p.TokenAccounts, t)
	}
}

// namedRules holds what the tests of named token accounts share.
type namedRules struct {
	*outcomeRules
	// other is the named account, and wrapped one of wrapped SOL.
	other, wrapped solana.PublicKey
}

func (s *namedRules) sync(account solana.PublicKey) solana.Instruction {
	return s.build(instructions.TokenSyncNative{Account: account})
}

// tokenCases pay tokens into and from a named account.
func (s *namedRules) tokenCases() []ruleCase {
	mint, other := s.pool.Mint, s.other
	toOther := list(s.deposit(other, 9, 50))
	checked := list(s.deposit(other, 9, 0), s.tokens(other, other, owner, 60))
	pays := also(lamports(9), s.wants(50))
	return []ruleCase{
		{"into a named account", toOther, also(pays, names(other, mint, owner)), nil, 0},
		{"into an account that is not named", toOther, pays, explain.ErrWrongRecipient, 1},
		{"into an account that is named for another mint", toOther,
			also(pays, names(other, key(99), owner)), explain.ErrWrongRecipient, 1},
		{"into a named account of the owner for the recipient", toOther,
			also(pays, s.toFriend, names(other, mint, owner)), explain.ErrMinimumNotEnforced, 0},
		{"into a named account of the recipient", toOther,
			also(pays, s.toFriend, names(other, mint, s.friend)), nil, 0},
		{"into a named account of a stranger", toOther,
			also(pays, names(other, mint, stranger)), explain.ErrPolicy, 0},
		{"a named wallet", toOther, also(pays, names(owner, mint, owner)), explain.ErrPolicy, 0},
		{"a named account without a mint", toOther,
			also(pays, names(other, solana.PublicKey{}, owner)), explain.ErrPolicy, 0},
		{"a check of a named account", checked,
			also(pays, names(other, mint, owner, 10)), nil, 0},
		{"a check of too little", checked,
			also(pays, names(other, mint, owner, 11)), explain.ErrMinimumNotEnforced, 0},
		{"a check of an unknown balance", checked,
			also(pays, names(other, mint, owner)), explain.ErrMinimumNotEnforced, 0},
		{"a check of a named account against the balance of the associated one", checked,
			also(pays, s.held(10), names(other, mint, owner)), explain.ErrMinimumNotEnforced, 0},
		{"a check of the associated account against the balance of the named one",
			list(s.deposit(s.token, 9, 0), s.holds(60)),
			also(pays, names(other, mint, owner, 10)), explain.ErrMinimumNotEnforced, 0},
		{"a transfer from a named account",
			list(s.tokens(other, key(95), owner, 5)),
			also(s.sells(5), names(other, mint, owner)), explain.ErrUnrelatedTransfer, 1},
		{"a named account that closes to a stranger", list(s.closeAs(other, stranger, owner)),
			names(other, mint, owner), explain.ErrClosesAccount, 1},
	}
}

// wrappedCases pay SOL into wrapped SOL accounts.
func (s *namedRules) wrappedCases() []ruleCase {
	stake := key(70)
	native, friends := s.native, s.ata(s.friend, accounts.NativeMint)
	drawn := func(p *explain.Policy) { p.MaxStake = map[solana.PublicKey]uint64{stake: 9} }
	wrapped := names(s.wrapped, accounts.NativeMint, owner)
	withdraw := func(to solana.PublicKey) solana.Instruction {
		return stakeprogram.NewWithdrawInstruction(9, stake, to, owner).Build()
	}

	temporary := func(to solana.PublicKey) []solana.Instruction {
		return list(s.create(owner, tokenRent), s.initialize(), s.closeTo(to))
	}

	return []ruleCase{
		{"SOL of a pool into wrapped SOL", list(s.withdrawSOL(native, 5, 9), s.sync(native)),
			also(s.sells(5), least(9)), nil, 0},
		{"SOL of a pool into a named account", list(s.withdrawSOL(s.wrapped, 5, 9)),
			also(s.sells(5), least(9), wrapped), nil, 0},
		{"SOL of a pool into an account that is not named", list(s.withdrawSOL(s.wrapped, 5, 9)),
			also(s.sells(5), least(9)), explain.ErrWrongRecipient, 1},
		{"stake into wrapped SOL", list(withdraw(native), s.sync(native)), also(drawn, least(9)),
			nil, 0},
		{"stake into a named account", list(withdraw(s.wrapped)), also(drawn, least(9), wrapped),
			nil, 0},
		{"stake into an account that is not named", list(withdraw(s.wrapped)),
			also(drawn, least(9)), explain.ErrUnrelatedTransfer, 1},
		{"stake into wrapped SOL of the recipient", list(withdraw(friends)),
			also(drawn, least(9), s.toFriend), nil, 0},
		{"stake into an account of a token", list(withdraw(s.token)), also(drawn, least(9)),
			explain.ErrUnrelatedTransfer, 1},
		{"a temporary account that closes to wrapped SOL", temporary(native), nil, nil, 0},
		{"a temporary account that closes to a named account", temporary(s.wrapped), wrapped, nil,
			0},
		{"a temporary account that closes to an account that is not named",
			temporary(s.wrapped), nil, explain.ErrClosesAccount, 3},
		{"a temporary account that closes to wrapped SOL of the recipient", temporary(friends),
			also(lamports(tokenRent), s.toFriend, least(tokenRent)), nil, 0},
		{"a temporary account that closes to an account of a token", temporary(s.token), nil,
			explain.ErrClosesAccount, 3},
		{"wrapped SOL between two accounts of the owner",
			list(s.tokens(native, s.wrapped, owner, 5)), wrapped, nil, 0},
		{"wrapped SOL into an account of the owner that is not named",
			list(s.tokens(native, s.wrapped, owner, 5)), nil, explain.ErrUnrelatedTransfer, 1},
	}
}

// TestVerify_NamedAccounts checks that a transaction uses token accounts other
// than the associated ones only if the policy names them, and that a balance
// check counts only against the balance of the same account.
func TestVerify_NamedAccounts(t *testing.T) {
	s := &namedRules{
		outcomeRules: newOutcomeRules(t),
		other:        key(71),
		wrapped:      key(72),
	}

	s.check(t, s.tokenCases())
	s.check(t, s.wrappedCases())
}

// TestTransaction_SyncNative checks the explanation of the instruction.
func TestTransaction_SyncNative(t *testing.T) {
	s := &namedRules{outcomeRules: newOutcomeRules(t)}
	e := explain.Instructions(owner, list(s.sync(key(72))), nil)
	require.True(t, e.Instructions[0].Known())
	require.Equal(t, "SyncNative", e.Instructions[0].Name)
	require.Contains(t, e.Instructions[0].Summary, key(72).String())
}
