package explain_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// breach is a clause of the invariant in the package documentation with a piece
// of its code gone.
type breach struct {
	clause, what string
	// file has the code, of which from becomes to.
	file, from, to string
}

// breaches take each clause apart.
var breaches = []breach{
	{
		"Lifetime", "another account may be at the address", "rules.go",
		"case l.holdings[account] != nil:\n\t\treturn l.refuse(ErrLifetime",
		"case false:\n\t\treturn l.refuse(ErrLifetime",
	},
	{
		"Lifetime", "the address need not be by a seed of the owner's", "rules.go",
		"case !l.seeded(in, account):", "case false:",
	},
	{
		"Lifetime", "it may be used after its end", "verify.go",
		"case h.is == gone:", "case false:",
	},
	{
		"Lifetime", "it may be left open", "ledger.go",
		"case h.is == collecting || h.is == allocated || h.is == wrapping:", "case false:",
	},
	{
		"Lifetime", "what is allocated need not be vacant", "rules.go",
		"case !l.vacant(account):", "case false:",
	},
	{
		"Places", "an instruction may be unknown", "verify.go",
		"case !in.Known():\n\t\treturn l.refuse(ErrUnknown",
		"case !in.Known():\n\t\treturn nil\n\tcase false:\n\t\treturn l.refuse(ErrUnknown",
	},
	{
		"Places", "any program may be called", "verify.go",
		"case !slices.Contains(l.AllowedPrograms, in.Program):", "case false:",
	},
	{
		"Places", "the owner's key may be anywhere", "verify.go",
		"case a.Address == l.Owner && !a.wallet:", "case false:",
	},
	{
		"Places", "the owner's accounts may be anywhere", "verify.go",
		"case !a.holding:", "case false:",
	},
	{
		"Places", "others may name the owner's accounts", "rules.go",
		"if l.holdings[a.Address] != nil {", "if false {",
	},
	{
		"Transfers", "SOL may go anywhere", "rules.go",
		"default:\n\t\treturn l.refuse(ErrTransfer, \"%s\", in.Words)\n\t}\n\treturn nil\n}\n\n" +
			"// createAccount",
		"}\n\treturn nil\n}\n\n// createAccount",
	},
	{
		"Transfers", "transfers have no limit", "ledger.go",
		"l.given[to].Cmp(number64(most)) > 0", "false && most > 0",
	},
	{
		"Transfers", "what goes to the payer is not counted", "rules.go",
		"case to == l.Payer:\n\t\tsource.add(lamportsAsset, minus(amount))", "case to == l.Payer:",
	},
	{
		"Transfers", "tokens may go anywhere", "rules.go",
		"if from == nil || to == nil {\n\t\treturn l.refuse(ErrTransfer, \"%s\", in.Words)\n\t}",
		"if from == nil || to == nil {\n\t\treturn nil\n\t}",
	},
	{
		"Payouts", "anyone may get what a temporary account holds", "rules.go",
		"default:\n\t\treturn l.refuse(ErrClose, \"%s\", in.Words)\n\t}\n\th.end()",
		"}\n\th.end()",
	},
	{
		"Payouts", "the payer may get what a program paid", "rules.go",
		"case to == l.Payer && !h.uncertain:", "case to == l.Payer:",
	},
	{
		"Payouts", "other accounts may be closed to others", "rules.go",
		"if to != l.Owner {\n\t\t\treturn l.refuse(ErrClose", "if false {\n\t\t\treturn l.refuse(ErrClose",
	},
	{
		"Outcomes", "a trade may pay to anyone", "rules.go",
		"return l.refuse(ErrForeign, \"%s pays to %s\", in.Name, to)", "return nil",
	},
	{
		"Outcomes", "stake may become anyone's", "rules.go",
		"case authority != l.Owner && authority != l.Recipient:", "case false:",
	},
	{
		"Outcomes", "any account may be the bridge", "rules.go",
		"fits = h == nil && l.bridge(in)", "fits = true",
	},
	{
		"Most", "any amount may leave", "ledger.go",
		"lost.Cmp(number64(most)) > 0", "false && most > 0",
	},
	{
		"Most", "any amount of stake may leave", "ledger.go",
		"case l.drawn[stake].Cmp(number64(most)) <= 0:", "case most >= 0:",
	},
	{
		"Most", "what a program may take does not count", "rules.go",
		"h.add(asset, minus(amount))\n\t\t\t// It may", "// It may",
	},
	{
		"Most", "what a program may take is known", "rules.go",
		"// It may have taken less.\n\t\t\th.uncertain = true", "",
	},
	{
		"Least", "nothing need arrive", "ledger.go",
		"case wanted[asset] == 0 || got.Cmp(number64(wanted[asset])) >= 0:", "case got != nil:",
	},
	{
		"Least", "a check of a balance counts what was there", "rules.go",
		"gained.Sub(gained, number64(held))", "_ = held",
	},
	{
		"Control", "a stake account may be deactivated", "rules.go",
		"h == nil && l.Stake[stake].Deactivate {", "h == nil {",
	},
	{
		"Control", "a stake account may be delegated", "rules.go",
		"if to.IsZero() || to != in.key(\"vote account\") {", "if false && to.IsZero() {",
	},
	{
		"Control", "a stake account may be split", "rules.go",
		"case !l.listed(stake) || !l.Stake[stake].Split:", "case !l.listed(stake):",
	},
	{
		"Control", "a stake account may be merged", "rules.go",
		"return l.refuse(ErrControl, \"%s\", in.Words)\n}\n\n// authorizeStake", "return nil\n}\n\n// authorizeStake",
	},
	{
		"Control", "a stake account may get any authority", "rules.go",
		"authority == permitted.Staker && !authority.IsZero():", "!authority.IsZero():",
	},
	{
		"Control", "a new stake account may be handed over by half", "ledger.go",
		"case h.is == staking && h.staker != h.withdrawer:", "case false:",
	},
	{
		"Control", "a stake account that is handed over may be deposited", "rules.go",
		"case !signer.IsZero() && signer != l.Owner, h != nil && (h.staker || h.withdrawer):",
		"case !signer.IsZero() && signer != l.Owner:",
	},
	{
		"Control", "the owner may give authorities away", "rules.go",
		"if in.key(authority) == l.Owner {", "if false {",
	},
	{
		"Rents", "any number of accounts", "ledger.go",
		"case count > l.MaxNewAccounts:", "case count < 0:",
	},
	{
		"Rents", "any rent", "ledger.go",
		"case rent.Cmp(number64(l.MaxRent)) > 0:", "case false:",
	},
	{
		"Rents", "accounts that are not used", "ledger.go",
		"if !l.opened[account] {\n\t\t\treturn", "if false {\n\t\t\treturn",
	},
	{
		"Form", "any fee", "verify.go",
		"case e.Payer == l.Owner && e.NetworkFee > l.MaxNetworkFee:", "case false:",
	},
	{
		"Form", "signers of instructions alone", "explain.go",
		"signers := u.RequiredSigners()\n", "signers := u.RequiredSigners()[:min(1, len(u.RequiredSigners()))]\n",
	},
	{
		"Form", "any number of signers", "verify.go",
		"case l.MaxSigners > 0 && len(e.Signers) > l.MaxSigners:", "case false:",
	},
	{
		"Form", "any size", "verify.go",
		"case l.MaxSize > 0 && e.Size > l.MaxSize:", "case false:",
	},
	{
		"Form", "any version", "verify.go",
		"case !slices.Contains(l.Versions, e.Version):", "case false:",
	},
	{
		"Form", "any payer", "verify.go",
		"case e.Payer != l.Owner && e.Payer != l.Payer:", "case false:",
	},
	{
		"Form", "any nonce", "rules.go",
		"if account := in.key(\"nonce account\"); account != l.Nonce.Account ||\n\t\tin.key(\"authority\") != l.Nonce.Authority {",
		"if account := in.key(\"nonce account\"); false {",
	},
}

// clauses are the clauses of the invariant in the package documentation, with
// the tests that it names behind each.
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

// TestDoc_Clauses makes sure that there is a breach of every clause, and that
// its code is there.
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

// mutant is the file with the code gone.
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

// TestMutants_Clauses breaks each clause of the invariant in each of its
// pieces. A test that the documentation names behind the clause has to fail
// every time, and each of them at least once.
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
