package explain_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/attacks"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

var update = flag.Bool("update", false, "write the golden files anew")

// recorded is a transaction of a venue, with the policies that the client
// derived from its quote. The tests of the client write these files.
type recorded struct {
	Name        string
	Transaction string
	Policy      explain.Policy
	Sponsor     *explain.SponsorPolicy
}

// corpus returns transactions of all venues, for the owner or a recipient, paid
// by the owner or a sponsor.
func corpus(t testing.TB) []recorded {
	t.Helper()
	text, err := os.ReadFile("testdata/good.json")
	require.NoError(t, err)
	var all []recorded
	require.NoError(t, json.Unmarshal(text, &all))
	require.Greater(t, len(all), 100)
	return all
}

// unsigned returns the transaction.
func (r recorded) unsigned(t testing.TB) *txn.Unsigned {
	t.Helper()
	envelope, err := txn.ReadEnvelope(r.Transaction)
	require.NoError(t, err)
	p, err := txn.Parse(
		r.Transaction,
		txn.Lifetime{Blockhash: envelope.Blockhash, LastValidBlockHeight: 1},
	)
	require.NoError(t, err)
	return p.Unsigned()
}

// instructions returns the instructions of the transaction.
func (r recorded) instructions(t testing.TB) []solana.Instruction {
	t.Helper()
	var ixs []solana.Instruction
	for _, s := range r.unsigned(t).Steps() {
		ixs = append(ixs, s.Instruction)
	}
	return ixs
}

// TestVerify_Corpus accepts the transactions of every venue in every format
// with the policy of their quote, and refuses them if any limit is tightened by
// one.
func TestVerify_Corpus(t *testing.T) {
	verified, tightened := 0, 0
	for _, r := range corpus(t) {
		e := explain.Transaction(r.unsigned(t), nil)
		require.NoError(t, explain.Verify(e, r.Policy), r.Name)
		if r.Sponsor != nil {
			require.NoError(t, explain.VerifySponsor(e, *r.Sponsor), r.Name)
		}

		for _, f := range formsOf(t, e.Payer, nil, r.instructions(t)...) {
			other := f.explanation()
			require.NoError(t, explain.Verify(other, r.Policy), "%s, %s", r.Name, f.name)
			verified++
		}

		for name, p := range tighter(r.Policy, e) {
			err := explain.Verify(e, p)
			var refused *explain.VerifyError
			require.ErrorAs(t, err, &refused, "%s: %s", r.Name, name)
			tightened++
		}
	}

	t.Logf("%d transactions, %d limits tightened", verified, tightened)
}

// tighter returns policies with one limit tightened by one.
func tighter(p explain.Policy, e explain.Explanation) map[string]explain.Policy {
	all := make(map[string]explain.Policy)
	try := func(name string, when bool, change func(p *explain.Policy)) {
		if when {
			next := p
			next.MaxTokens, next.MinTokens = maps.Clone(p.MaxTokens), maps.Clone(p.MinTokens)
			next.MaxStake, next.PreBalances = maps.Clone(p.MaxStake), maps.Clone(p.PreBalances)
			change(&next)
			all[name] = next
		}
	}

	mine := e.Payer == p.Owner
	try("MaxLamports", p.MaxLamports > 0, func(p *explain.Policy) { p.MaxLamports-- })
	try("MinLamports", p.MinLamports > 0, func(p *explain.Policy) { p.MinLamports++ })
	try("MinStake", p.MinStake > 0, func(p *explain.Policy) { p.MinStake++ })
	try("MaxNewAccounts", p.MaxNewAccounts > 0, func(p *explain.Policy) { p.MaxNewAccounts-- })
	try("MaxRent", p.MaxRent > 0, func(p *explain.Policy) { p.MaxRent-- })
	try("MaxNetworkFee", mine, func(p *explain.Policy) { p.MaxNetworkFee = e.NetworkFee - 1 })
	try("MaxSize", true, func(p *explain.Policy) { p.MaxSize = e.Size - 1 })
	try(
		"MaxSigners",
		len(e.Signers) > 1,
		func(p *explain.Policy) { p.MaxSigners = len(e.Signers) - 1 },
	)

	try("Payer", !mine, func(p *explain.Policy) { p.Payer = solana.PublicKey{} })
	try(
		"Versions",
		true,
		func(p *explain.Policy) { p.Versions = []txn.Version{txn.VersionLegacy, txn.Version1} },
	)

	try("Vacant", len(p.Vacant) > 0, func(p *explain.Policy) { p.Vacant = p.Vacant[1:] })
	try("Stake", len(p.Stake) > 0, func(p *explain.Policy) { p.Stake = nil })
	for mint, most := range p.MaxTokens {
		try("MaxTokens", most > 0, func(p *explain.Policy) { p.MaxTokens[mint]-- })
		try("mint between", most == 0, func(p *explain.Policy) { delete(p.MaxTokens, mint) })
	}

	for mint := range p.MinTokens {
		try("MinTokens", true, func(p *explain.Policy) { p.MinTokens[mint]++ })
	}

	for mint, least := range p.MinReceipts {
		try("MinReceipts", true, func(p *explain.Policy) {
			p.MinReceipts = map[solana.PublicKey]uint64{mint: least + 1}
		})
	}

	for stake := range p.MaxStake {
		try("MaxStake", true, func(p *explain.Policy) { p.MaxStake[stake]-- })
	}

	for mint := range p.PreBalances {
		try("Held", true, func(p *explain.Policy) { p.PreBalances[mint]++ })
	}

	return all
}

// reasons maps errors to the letters of verdicts in the golden file.
var reasons = []struct {
	letter byte
	err    error
}{
	{
		'p',
		explain.ErrPolicy,
	}, {'u', explain.ErrUnknownInstruction}, {'g', explain.ErrProgramNotAllowed},
	{'y', explain.ErrWrongFeePayer}, {'f', explain.ErrNetworkFee},
	{
		'n',
		explain.ErrNonceNotAllowed,
	}, {'o', explain.ErrFormNotAllowed}, {'c', explain.ErrAuthorityChange},
	{'l', explain.ErrLifetime}, {'s', explain.ErrClosesAccount},
	{
		't',
		explain.ErrUnrelatedTransfer,
	}, {'r', explain.ErrWrongRecipient}, {'k', explain.ErrOwnerExposed},
	{'m', explain.ErrSpendLimit},
	{'i', explain.ErrMinimumNotEnforced}, {'b', explain.ErrNoMinimum},
}

// letter returns the letter of a verdict, or a dot if the transaction is
// accepted.
func letter(t testing.TB, err error) byte {
	t.Helper()
	if err == nil {
		return '.'
	}

	for _, r := range reasons {
		if errors.Is(err, r.err) {
			return r.letter
		}
	}

	t.Fatalf("no reason: %v", err)
	return 0
}

// TestVerify_Verdicts compares the verdict on each single change of the order,
// the accounts and the amounts of the recorded transactions with the golden
// file, for the owner and for the sponsor. The file shows the effect of a
// changed rule. It does not prove the verdicts: these transactions were not
// executed, unlike those of TestVerify_Hostile and of the end-to-end campaign.
func TestVerify_Verdicts(t *testing.T) {
	var lines bytes.Buffer
	accepted, all := 0, 0
	for _, r := range corpus(t) {
		ixs := r.instructions(t)
		payer := explain.Transaction(r.unsigned(t), nil).Payer
		var verdicts, sponsored bytes.Buffer
		for _, m := range changes(t, r, ixs, payer) {
			e := explain.Instructions(payer, m.Instructions, nil)
			verdict := letter(t, explain.Verify(e, r.Policy))
			verdicts.WriteByte(verdict)
			all++
			if verdict == '.' {
				accepted++
			}

			if r.Sponsor != nil {
				sponsored.WriteByte(letter(t, explain.VerifySponsor(e, *r.Sponsor)))
			}
		}

		fmt.Fprintf(&lines, "%s\n%s\n%s\n", r.Name, verdicts.String(), sponsored.String())
	}

	t.Logf("%d changed transactions, %d accepted", all, accepted)
	golden(t, "testdata/verdicts.txt", lines.Bytes())
}

// changes returns all single changes of a transaction that the golden file
// covers.
func changes(
	t testing.TB,
	r recorded,
	ixs []solana.Instruction,
	payer solana.PublicKey,
) []attacks.Mutant {
	t.Helper()
	p := r.Policy
	wrapped, err := accounts.AssociatedTokenAddress(
		p.Owner,
		accounts.TokenProgram,
		accounts.NativeMint,
	)

	require.NoError(t, err)
	keys := []solana.PublicKey{p.Owner, payer, stranger, wrapped, seededBy(ixs)}
	all := attacks.Systematic(ixs, keys...)
	for i, in := range explain.Instructions(payer, ixs, nil).Instructions {
		for _, a := range in.Amounts {
			for _, to := range []uint64{0, a.Value - 1, a.Value + 1, a.Value * 2, 1 << 62} {
				if changed, ok := attacks.WithAmount(ixs, i, a.Value, to); ok && a.Value > 255 {
					all = append(
						all,
						attacks.Mutant{
							Change:       fmt.Sprintf("%d: %s of %d", i+1, a.Name, to),
							Instructions: changed,
						},
					)
				}
			}
		}

		for _, v := range in.Values {
			for _, to := range []solana.PublicKey{p.Owner, payer, stranger} {
				if changed, ok := attacks.WithKey(ixs, i, v.Key, to); ok && !v.Key.IsZero() &&
					to != v.Key {
					all = append(
						all,
						attacks.Mutant{
							Change:       fmt.Sprintf("%d: %s", i+1, v.Name),
							Instructions: changed,
						},
					)
				}
			}
		}
	}

	return all
}

// seededBy returns the first account that a transaction creates with a seed, or
// a stranger.
func seededBy(ixs []solana.Instruction) solana.PublicKey {
	for _, in := range explain.Instructions(stranger, ixs, nil).Instructions {
		if account, ok := in.Account("new account"); ok {
			return account
		}
		if account, ok := in.Account("account"); ok && strings.HasSuffix(in.Name, "WithSeed") {
			return account
		}
	}
	return key(90)
}

// golden compares data with a committed file, or writes the file.
func golden(t testing.TB, name string, got []byte) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(name, got, 0o600))
		return
	}

	want, err := os.ReadFile(name)
	require.NoError(t, err)
	wanted, lines := bytes.Split(want, []byte("\n")), bytes.Split(got, []byte("\n"))
	require.Len(t, lines, len(wanted))
	for i := range lines {
		if !slices.Equal(wanted[i], lines[i]) {
			require.Equal(t, string(wanted[i]), string(lines[i]), "line %d", i+1)
		}
	}
}
