package txn_test

import (
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

const payoutsFile = "testdata/payouts.txt"

type opener func(
	payer, owner, recipient solana.PublicKey, rent uint64, seed string,
) (txn.RecipientPayout, error)

// payoutKinds are the kinds of payouts.
var payoutKinds = []struct {
	name   string
	open   opener
	tokens bool
}{{"PayoutSOL", txn.NewRecipientPayoutSOL, false}, {"PayoutWSOL", txn.NewRecipientPayoutWSOL, true}}

// TestRecipientPayout_Steps pins the instructions of a payout, with and without
// a sponsor.
func TestRecipientPayout_Steps(t *testing.T) {
	const rent, atLeast, back = 2_039_280, 98_900_337_973, 2_282_880
	payer, owner, recipient := seeded(t, "payer").PublicKey(),
		seeded(t, "owner").PublicKey(),
		seeded(t, "recipient").PublicKey()

	var lines []string
	add := func(title string, steps ...txn.Step) {
		lines = append(lines, "# "+title)
		for _, s := range steps {
			require.NotEmpty(t, s.Description)
			require.NotZero(t, s.ComputeUnits)
			lines = append(lines, written(t, s))
		}
	}

	for _, kind := range payoutKinds {
		for _, funder := range []solana.PublicKey{payer, owner} {
			p, err := kind.open(funder, owner, recipient, rent, "seed")
			require.NoError(t, err)
			title := fmt.Sprintf("%s, sponsored %t: ", kind.name, funder == payer)
			add(title+"Open", p.Open...)
			checked, err := p.Close(atLeast, back)
			require.NoError(t, err)
			add(title+"Close", checked...)
			unchecked, err := p.Close(0, 0)
			require.NoError(t, err)
			require.Len(t, unchecked, len(checked)-1)
			add(title+"Close without a check", unchecked...)
		}
	}

	got := strings.Join(lines, "\n") + "\n"
	if *update {
		require.NoError(t, os.WriteFile(payoutsFile, []byte(got), 0o644))
	}

	want, err := os.ReadFile(payoutsFile)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

// ledger follows lamports through the instructions of a payout by the rules of
// the system and token programs.
type ledger struct {
	t        require.TestingT
	lamports map[solana.PublicKey]uint64
	// reserved holds the rents of token accounts.
	reserved map[solana.PublicKey]uint64
	failed   bool
}

func (l *ledger) move(from, to solana.PublicKey, lamports uint64) {
	if l.lamports[from] < lamports {
		l.failed = true
		return
	}
	l.lamports[from] -= lamports
	l.lamports[to] += lamports
}

func (l *ledger) run(rent uint64, steps ...txn.Step) {
	for _, s := range steps {
		raw, err := s.Instruction.Data()
		require.NoError(l.t, err)
		var k []solana.PublicKey
		for _, m := range s.Instruction.Accounts() {
			k = append(k, m.PublicKey)
		}

		switch id := s.Instruction.ProgramID(); {
		case id == accounts.SystemProgram && raw[0] == 2: // Transfer
			l.move(k[0], k[1], binary.LittleEndian.Uint64(raw[4:]))
		case id == accounts.SystemProgram && raw[0] == 3: // CreateAccountWithSeed
			l.move(k[0], k[1], binary.LittleEndian.Uint64(raw[len(raw)-48:]))
		case id == accounts.SystemProgram && raw[0] == 11: // TransferWithSeed
			l.move(k[0], k[2], binary.LittleEndian.Uint64(raw[4:]))
		case id == accounts.SystemProgram && raw[0] == 9: // AllocateWithSeed
		case raw[0] == 18: // InitializeAccount3
			l.failed = l.failed || l.lamports[k[0]] < rent
			l.reserved[k[0]] = rent
		case raw[0] == 3: // Transfer of tokens
			amount := binary.LittleEndian.Uint64(raw[1:])
			l.failed = l.failed || l.lamports[k[0]] < l.reserved[k[0]]+amount
			l.move(k[0], k[1], amount)

		case raw[0] == 9: // CloseAccount
			l.move(k[0], k[1], l.lamports[k[0]])
			delete(l.reserved, k[0])
		default:
			require.FailNow(l.t, "unknown instruction", "%s %x", id, raw)
		}
	}
}

// TestRecipientPayout_Exact checks that the recipient gets all that the program
// paid except the returned amount, that the fee payer gets the advanced rent
// and the returned amount, and that the transaction fails below the minimum.
func TestRecipientPayout_Exact(t *testing.T) {
	payer, owner, recipient := key("payer"), key("owner"), key("recipient")
	const plenty = 1 << 60
	paid, failed := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		kind := payoutKinds[rapid.IntRange(0, 1).Draw(rt, "kind")]
		rent := rapid.Uint64Range(1, 3_000_000).Draw(rt, "rent")
		atLeast := rent + rapid.Uint64Range(1, 5_000_000).Draw(rt, "at least")
		back := rapid.Uint64Range(0, 3_000_000).Draw(rt, "back")
		arrived := rapid.OneOf(
			rapid.Uint64Range(0, 1<<40),
			rapid.Uint64Range(atLeast+back-min(atLeast+back, 2), atLeast+back+2),
		).Draw(rt, "arrived")

		funder := []solana.PublicKey{payer, owner}[rapid.IntRange(0, 1).Draw(rt, "funder")]
		p, err := kind.open(funder, owner, recipient, rent, "seed")
		require.NoError(rt, err)
		closing, err := p.Close(atLeast, back)
		require.NoError(rt, err)
		l := &ledger{
			t: rt, reserved: make(map[solana.PublicKey]uint64),
			lamports: map[solana.PublicKey]uint64{payer: plenty, owner: plenty, recipient: 0},
		}

		l.run(rent, p.Open...)
		require.Equal(rt, plenty-p.UpfrontRent, l.lamports[funder])
		_, token := l.reserved[p.Address]
		require.Equal(rt, kind.tokens, token, "what kind of account the program pays")
		l.lamports[p.Address] += arrived
		l.run(rent, closing...)
		require.Equal(rt, arrived < atLeast+back, l.failed, "%d arrived", arrived)
		if l.failed {
			failed++
			return
		}

		paid++
		require.Equal(rt, arrived-back, l.lamports[recipient])
		require.Equal(rt, uint64(plenty)+back, l.lamports[funder])
		for k, lamports := range l.lamports {
			require.True(rt, lamports == 0 || k == payer || k == owner || k == recipient,
				"%s is left behind", k)
		}

		require.Empty(rt, l.reserved)
	})

	require.NotZero(t, paid)
	require.NotZero(t, failed)
	t.Logf("%d paid, %d failed", paid, failed)
}

// TestRecipientPayout_Refusals checks that missing keys, zero rents and
// minimums below the rent are refused.
func TestRecipientPayout_Refusals(t *testing.T) {
	payer, owner, recipient := key("payer"), key("owner"), key("recipient")
	for _, kind := range payoutKinds {
		for _, c := range []struct {
			payer, owner, recipient solana.PublicKey
			rent                    uint64
			want                    error
		}{
			{solana.PublicKey{}, owner, recipient, 1, instructions.ErrMissing},
			{payer, solana.PublicKey{}, recipient, 1, instructions.ErrMissing},
			{payer, owner, solana.PublicKey{}, 1, instructions.ErrMissing},
			{payer, owner, recipient, 0, instructions.ErrZeroAmount},
		} {
			_, err := kind.open(c.payer, c.owner, c.recipient, c.rent, "seed")
			require.ErrorIs(t, err, c.want)
		}

		_, err := kind.open(payer, owner, recipient, 1, strings.Repeat("x", 33))
		require.Error(t, err, "a seed of 33 characters")

		p, err := kind.open(payer, owner, recipient, 100, "seed")
		require.NoError(t, err)
		_, err = p.Close(99, 0)
		require.Error(t, err, "less than the rent")
		require.NotContains(t, err.Error(), "\n")
		_, err = p.Close(100, 0)
		require.ErrorIs(t, err, instructions.ErrZeroAmount,
			"just the rent: nothing would be checked")
		_, err = p.Close(101, ^uint64(0))
		require.Error(t, err, "more lamports than there can be")
	}

	_, err := txn.NewRecipientPayoutWSOL(payer, owner, recipient, 1<<63, "seed")
	require.Error(t, err, "more lamports than there can be")
}
