package explain_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// breach removes a piece of the code that enforces a clause of the invariant in
// the package documentation.
type breach struct {
	clause, what string
	// file contains the code. from is replaced with to.
	file, from, to string
}

// breaches cover each clause.
var breaches = []breach{
	{
		clause: "Lifetime",
		what:   "another account may be at the address",
		file:   "rules_money.go",
		from:   "case l.holdings[account] != nil:\n\t\treturn l.refuse(ErrLifetime",
		to:     "case false:\n\t\treturn l.refuse(ErrLifetime",
	},
	{
		clause: "Lifetime",
		what:   "the address need not be by a seed of the owner's",
		file:   "rules_money.go",
		from:   "case !l.seeded(in, account):",
		to:     "case false:",
	},
	{
		clause: "Lifetime",
		what:   "it may be used after its end",
		file:   "verify.go",
		from:   "case h.is == gone:",
		to:     "case false:",
	},
	{
		clause: "Lifetime",
		what:   "it may be left open",
		file:   "ledger.go",
		from:   "case h.is == collecting || h.is == allocated || h.is == wrapping:",
		to:     "case false:",
	},
	{
		clause: "Lifetime",
		what:   "what is allocated need not be vacant",
		file:   "rules_money.go",
		from:   "case !l.vacant(account):",
		to:     "case false:",
	},
	{
		clause: "Places",
		what:   "an instruction may be unknown",
		file:   "verify.go",
		from:   "case !in.Known():\n\t\treturn l.refuse(ErrUnknownInstruction",
		to: "case !in.Known():\n" +
			"\t\treturn nil\n" +
			"\tcase false:\n" +
			"\t\treturn l.refuse(ErrUnknownInstruction",
	},
	{
		clause: "Places",
		what:   "any program may be called",
		file:   "verify.go",
		from:   "case !slices.Contains(l.AllowedPrograms, in.Program):",
		to:     "case false:",
	},
	{
		clause: "Places",
		what:   "the owner's key may be anywhere",
		file:   "verify.go",
		from:   "case a.Address == l.Owner && !a.wallet:",
		to:     "case false:",
	},
	{
		clause: "Places",
		what:   "the owner's accounts may be anywhere",
		file:   "verify.go",
		from:   "case !a.holding:",
		to:     "case false:",
	},
	{
		clause: "Places",
		what:   "others may name the owner's accounts",
		file:   "rules.go",
		from:   "if l.holdings[a.Address] != nil {",
		to:     "if false {",
	},
	{
		clause: "Transfers",
		what:   "SOL may go anywhere",
		file:   "rules_money.go",
		from: "default:\n\t\treturn l.refuse(ErrUnrelatedTransfer, \"%s\", in.Summary)\n\t}\n\n\treturn nil\n}\n\n" +
			"// createAccount",
		to: "}\n\n\treturn nil\n}\n\n// createAccount",
	},
	{
		clause: "Transfers",
		what:   "transfers have no limit",
		file:   "ledger.go",
		from:   "l.given[to].Cmp(number64(most)) > 0",
		to:     "false && most > 0",
	},
	{
		clause: "Transfers",
		what:   "what goes to the payer is not counted",
		file:   "rules_money.go",
		from:   "case to == l.Payer:\n\t\tsource.add(lamportsAsset, minus(amount))",
		to:     "case to == l.Payer:",
	},
	{
		clause: "Transfers",
		what:   "tokens may go anywhere",
		file:   "rules_money.go",
		from: "if from == nil || to == nil {\n" +
			"\t\treturn l.refuse(ErrUnrelatedTransfer, \"%s\", in.Summary)\n" +
			"\t}",
		to: "if from == nil || to == nil {\n\t\treturn nil\n\t}",
	},
	{
		clause: "Payouts",
		what:   "anyone may get what a temporary account holds",
		file:   "rules_money.go",
		from:   "default:\n\t\treturn l.refuse(ErrClosesAccount, \"%s\", in.Summary)\n\t}\n\n\th.end()",
		to:     "}\n\n\th.end()",
	},
	{
		clause: "Payouts",
		what:   "the payer may get what a program paid",
		file:   "rules_money.go",
		from:   "case to == l.Payer && !h.uncertain:",
		to:     "case to == l.Payer:",
	},
	{
		clause: "Payouts",
		what:   "other accounts may be closed to others",
		file:   "rules_money.go",
		from:   "if to != l.Owner {\n\t\t\treturn l.refuse(ErrClosesAccount",
		to:     "if false {\n\t\t\treturn l.refuse(ErrClosesAccount",
	},
	{
		clause: "Outcomes",
		what:   "a trade may pay to anyone",
		file:   "rules_trades.go",
		from:   "return l.refuse(ErrWrongRecipient, \"%s pays to %s\", in.Name, to)",
		to:     "return nil",
	},
	{
		clause: "Outcomes",
		what:   "stake may become anyone's",
		file:   "rules_stake.go",
		from:   "case authority != l.Owner && authority != l.Recipient:",
		to:     "case false:",
	},
	{
		clause: "Outcomes",
		what:   "any account may be the bridge",
		file:   "rules_stake.go",
		from:   "fits = h == nil && l.bridge(in)",
		to:     "fits = true",
	},
	{
		clause: "Most",
		what:   "any amount may leave",
		file:   "ledger.go",
		from:   "lost.Cmp(number64(most)) > 0",
		to:     "false && most > 0",
	},
	{
		clause: "Most",
		what:   "any amount of stake may leave",
		file:   "ledger.go",
		from:   "case l.drawn[stake].Cmp(number64(most)) <= 0:",
		to:     "case most >= 0:",
	},
	{
		clause: "Most",
		what:   "what a program may take does not count",
		file:   "rules_trades.go",
		from:   "h.add(asset, minus(amount))\n\t\t\t// The program",
		to:     "// The program",
	},
	{
		clause: "Most",
		what:   "what a program may take is known",
		file:   "rules_trades.go",
		from:   "// The program may take less.\n\t\t\th.uncertain = true",
		to:     "",
	},
	{
		clause: "Least",
		what:   "nothing need arrive",
		file:   "ledger.go",
		from:   "case wanted[asset] == 0 || got.Cmp(number64(wanted[asset])) >= 0:",
		to:     "case got != nil:",
	},
	{
		clause: "Least",
		what:   "a check of a balance counts what was there",
		file:   "rules_money.go",
		from:   "gained.Sub(gained, number64(held))",
		to:     "_ = held",
	},
	{
		clause: "Receipts",
		what:   "the stake may be deposited through any program",
		file:   "rules_receipts.go",
		from:   "case !slices.Contains(accounts.StakePoolPrograms(), program):",
		to:     "case program.IsZero() && !slices.Contains(accounts.StakePoolPrograms(), program):",
	},
	{
		clause: "Receipts",
		what:   "the receipt may be another's",
		file:   "rules_receipts.go",
		from:   "case to != l.Recipient:",
		to:     "case to.IsZero():",
	},
	{
		clause: "Receipts",
		what:   "the receipt may be over less",
		file:   "rules_receipts.go",
		from:   "if got[mint] < least {",
		to:     "if false && got[mint] < least {",
	},
	{
		clause: "Receipts",
		what:   "any receipt may be claimed",
		file:   "rules_receipts.go",
		from:   "if !slices.Contains(l.Receipts, paid) {",
		to:     "if paid.IsZero() && !slices.Contains(l.Receipts, paid) {",
	},
	{
		clause: "Control",
		what:   "a stake account may be deactivated",
		file:   "rules_stake.go",
		from:   "h == nil && l.Stake[stake].Deactivate {",
		to:     "h == nil {",
	},
	{
		clause: "Control",
		what:   "a stake account may be delegated",
		file:   "rules_stake.go",
		from:   "if to.IsZero() || to != in.key(\"vote account\") {",
		to:     "if false && to.IsZero() {",
	},
	{
		clause: "Control",
		what:   "a stake account may be split",
		file:   "rules_stake.go",
		from:   "case !l.listed(stake) || !l.Stake[stake].Split:",
		to:     "case !l.listed(stake):",
	},
	{
		clause: "Control",
		what:   "a stake account may be merged",
		file:   "rules_stake.go",
		from:   "|| l.Stake[from].MergeInto != into {",
		to:     "{",
	},
	{
		clause: "Control",
		what:   "a stake account may get any authority",
		file:   "rules_stake.go",
		from:   "authority == permitted.Staker && !authority.IsZero():",
		to:     "!authority.IsZero():",
	},
	{
		clause: "Control",
		what:   "a new stake account may be handed over by half",
		file:   "ledger.go",
		from:   "case h.is == staking && h.staker != h.withdrawer:",
		to:     "case false:",
	},
	{
		clause: "Control",
		what:   "a stake account that is handed over may be deposited",
		file:   "rules_stake.go",
		from:   "case !signer.IsZero() && signer != l.Owner, h != nil && (h.staker || h.withdrawer):",
		to:     "case !signer.IsZero() && signer != l.Owner:",
	},
	{
		clause: "Control",
		what:   "the owner may give authorities away",
		file:   "rules.go",
		from:   "if in.key(authority) == l.Owner {",
		to:     "if false {",
	},
	{
		clause: "Rents",
		what:   "any number of accounts",
		file:   "ledger.go",
		from:   "case count > l.MaxNewAccounts:",
		to:     "case count < 0:",
	},
	{
		clause: "Rents",
		what:   "any rent",
		file:   "ledger.go",
		from:   "case rent.Cmp(number64(l.MaxRent)) > 0:",
		to:     "case false:",
	},
	{
		clause: "Rents",
		what:   "accounts that are not used",
		file:   "ledger.go",
		from:   "if !l.opened[account] {\n\t\t\treturn",
		to:     "if false {\n\t\t\treturn",
	},
	{
		clause: "Form",
		what:   "any fee",
		file:   "verify.go",
		from:   "case e.Payer == l.Owner && e.NetworkFee > l.MaxNetworkFee:",
		to:     "case false:",
	},
	{
		clause: "Form",
		what:   "signers of instructions alone",
		file:   "explain.go",
		from:   "signers := unsigned.RequiredSigners()\n",
		to:     "signers := unsigned.RequiredSigners()[:min(1, len(unsigned.RequiredSigners()))]\n",
	},
	{
		clause: "Form",
		what:   "any number of signers",
		file:   "verify.go",
		from:   "case l.MaxSigners > 0 && len(e.Signers) > l.MaxSigners:",
		to:     "case false:",
	},
	{
		clause: "Form",
		what:   "any size",
		file:   "verify.go",
		from:   "case l.MaxSize > 0 && e.Size > l.MaxSize:",
		to:     "case false:",
	},
	{
		clause: "Form",
		what:   "any version",
		file:   "verify.go",
		from:   "case !slices.Contains(l.Versions, e.Version):",
		to:     "case false:",
	},
	{
		clause: "Form",
		what:   "any payer",
		file:   "verify.go",
		from:   "case e.Payer != l.Owner && e.Payer != l.Payer:",
		to:     "case false:",
	},
	{
		clause: "Form",
		what:   "any nonce",
		file:   "rules.go",
		from: "if account := in.key(\"nonce account\"); account != l.Nonce.Account ||\n" +
			"\t\tin.key(\"authority\") != l.Nonce.Authority {",
		to: "if account := in.key(\"nonce account\"); false {",
	},
}

// clauses returns the clauses of the invariant in the package documentation,
// with the tests that each one names.
func clauses(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	_, promise, found := strings.Cut(string(text), "# What Verify promises")
	require.True(t, found)
	promise, _, _ = strings.Cut(promise, "\n// # ")
	all := make(map[string][]string)
	items := strings.Split(promise, "\n//   - ")[1:]
	for _, item := range items {
		name, rest, _ := strings.Cut(item, ".")
		all[name] = regexp.MustCompile(`Test\w+`).FindAllString(rest, -1)
		require.NotEmpty(t, all[name], name)
	}

	return all
}

// TestDoc_Clauses checks that every clause has a breach and that its code
// exists.
func TestDoc_Clauses(t *testing.T) {
	broken := make(map[string]bool)
	named := clauses(t)
	for _, b := range breaches {
		b.mutant(t)
		require.Contains(t, named, b.clause)
		broken[b.clause] = true
	}
	for name := range named {
		require.True(t, broken[name], name)
	}
}

// mutant returns the file without the code.
func (b breach) mutant(t *testing.T) codeMutant {
	t.Helper()
	code, err := os.ReadFile(b.file)
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(string(code), b.from), "%s: %s", b.clause, b.what)
	return codeMutant{
		file:   b.file,
		at:     b.clause,
		change: b.what,
		code:   []byte(strings.Replace(string(code), b.from, b.to, 1)),
	}
}

// TestMutants_Clauses applies each breach. A test that the documentation names
// for the clause must fail every time, and each of them at least once.
func TestMutants_Clauses(t *testing.T) {
	if os.Getenv(mutantsVariable) == "" {
		t.Skipf("set %s to run this", mutantsVariable)
	}

	only, err := regexp.Compile(os.Getenv(mutantsOnly))
	require.NoError(t, err)
	failed := make(map[string]map[string]int)
	for _, b := range breaches {
		if !only.MatchString(b.clause + ": " + b.what) {
			continue
		}

		binary, ok := b.mutant(t).build(t)
		if !ok {
			t.Errorf("%s: %s: does not compile", b.clause, b.what)
			continue
		}

		var by []string
		if failed[b.clause] == nil {
			failed[b.clause] = make(map[string]int)
		}

		for _, name := range clauses(t)[b.clause] {
			if !passes(t, binary, "-test.run=^"+name+"$") {
				by = append(by, name)
				failed[b.clause][name]++
			}
		}

		if len(by) == 0 {
			t.Errorf("%s: %s: no test that is named fails", b.clause, b.what)
			continue
		}

		t.Logf("%s: %s: %s", b.clause, b.what, strings.Join(by, ", "))
	}

	for clause, names := range clauses(t) {
		for _, name := range names {
			if only.String() == "" && failed[clause][name] == 0 {
				t.Errorf("%s: %s never fails", clause, name)
			}
		}
	}
}
