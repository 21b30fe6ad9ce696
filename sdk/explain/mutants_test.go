package explain_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// mutantsVariable names the environment variable with the number of mutants of
// the verifier's code that TestMutants runs; without it the test is skipped.
// mutantsSeed selects them. mutantsOnly is a regular expression for the mutants
// to run. mutantsActive is the number of the mutant that a binary of many
// mutants behaves as.
const (
	mutantsVariable = "SANCTUM_EXPLAIN_MUTANTS"
	mutantsSeed     = "SANCTUM_EXPLAIN_SEED"
	mutantsOnly     = "SANCTUM_EXPLAIN_ONLY"
	mutantsActive   = "SANCTUM_EXPLAIN_ACTIVE"
)

// verifier are the files that contain the rules.
var verifier = []string{
	"verify.go",
	"ledger.go",
	"lifetimes.go",
	"rules.go",
	"rules_money.go",
	"rules_receipts.go",
	"rules_stake.go",
	"rules_trades.go",
	"policy.go",
	"sponsor.go",
	"outcome.go",
	"outcome_receipts.go",
}

// TestMutants changes the verifier's code in one place at a time and runs the
// tests of this package. It inverts conditions, moves comparisons by one,
// removes cases and statements, and changes signs. It reports the changes that
// no test detects.
func TestMutants(t *testing.T) {
	count, _ := strconv.Atoi(os.Getenv(mutantsVariable))
	if count == 0 {
		t.Skipf("set %s to the number of mutants to run this", mutantsVariable)
	}

	seed := uint64(1)
	if text := os.Getenv(mutantsSeed); text != "" {
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		require.NoError(t, err)
	}

	var all []codeMutant
	for _, name := range verifier {
		all = append(all, mutantsOf(t, name, 1+len(all))...)
	}

	rng := rand.New(rand.NewPCG(seed, 0))
	rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	only, err := regexp.Compile(os.Getenv(mutantsOnly))
	require.NoError(t, err)
	chosen := slices.DeleteFunc(slices.Clone(all), func(m codeMutant) bool {
		return !only.MatchString(m.String())
	})
	chosen = chosen[:min(count, len(chosen))]
	binary, compiled := weave(t, chosen)
	require.True(t, passes(t, binary, "-test.run=."), "the tests fail without a mutant")
	results := make(map[string]int)
	for i, m := range chosen {
		result := invalid
		if m.function == "" {
			result = m.alone(t)
		} else if compiled[m.number] {
			result = outcomeOf(t, binary, m.number)
		}

		results[result]++
		if result != caughtByRules {
			t.Logf("%d: %s: %s", i+1, result, m)
		}
	}

	t.Logf(
		"seed %d: %d of %d mutants caught, %d of them by recorded verdicts alone, "+
			"%d more do not compile; there are %d",
		seed,
		results[caughtByRules]+results[caughtByVerdicts],
		len(chosen)-results[invalid],
		results[caughtByVerdicts],
		results[invalid],
		len(all),
	)
}

// The results of a mutant.
const (
	caughtByRules    = "caught"
	caughtByVerdicts = "caught by recorded verdicts"
	invalid          = "does not compile"
	survived         = "survived"
)

// codeMutant is a changed function, named by its declaration in the file, or a
// changed file if the change is outside functions.
type codeMutant struct {
	number           int
	file, at, change string
	within           int
	function         string
	code             []byte
}

func (m codeMutant) String() string { return m.at + ": " + m.change }

// alone runs the tests on a mutant that is a whole file.
func (m codeMutant) alone(t *testing.T) string {
	t.Helper()
	binary, ok := m.build(t)
	if !ok {
		return invalid
	}
	return outcomeOf(t, binary, 0)
}

// slow are the slow tests, which run last. The recorded verdicts do not show a
// reason.
const (
	slow     = "^(TestVerify_Attacks|TestVerify_Corpus|TestVerify_Verdicts)$"
	slower   = "^(TestVerify_Attacks|TestVerify_Corpus)$"
	verdicts = "^TestVerify_Verdicts$"
)

// outcomeOf runs the tests of a binary that behaves as a mutant.
func outcomeOf(t *testing.T, binary string, number int) string {
	t.Helper()
	active := fmt.Sprintf("%s=%d", mutantsActive, number)
	switch {
	case !passes(t, binary, "-test.skip="+slow, active),
		!passes(t, binary, "-test.run="+slower, active):
		return caughtByRules
	case !passes(t, binary, "-test.run="+verdicts, active):
		return caughtByVerdicts
	}
	return survived
}

// build compiles the tests of this package with the changed file and reports
// whether that succeeds.
func (m codeMutant) build(t *testing.T) (binary string, ok bool) {
	t.Helper()
	binary, report := build(t, map[string][]byte{m.file: m.code})
	return binary, report == ""
}

// build compiles the tests of this package with changed or added files and
// returns the output of the compiler.
func build(t *testing.T, files map[string][]byte) (binary, report string) {
	t.Helper()
	dir := t.TempDir()
	replace := make(map[string]string)
	for name, code := range files {
		changed := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(changed, code, 0o600))
		original, err := filepath.Abs(name)
		require.NoError(t, err)
		replace[original] = changed
	}

	overlay, err := json.Marshal(map[string]map[string]string{"Replace": replace})
	require.NoError(t, err)
	list := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(list, overlay, 0o600))

	binary = filepath.Join(dir, "explain.test")
	command := exec.CommandContext(
		t.Context(),
		"go",
		"test",
		"-c",
		"-vet=off",
		"-gcflags=-e",
		"-o",
		binary,
		"-overlay",
		list,
		".",
	)

	output, err := command.CombinedOutput()
	if err == nil {
		return binary, ""
	}

	return binary, string(output) + err.Error()
}

// passes reports whether the selected tests pass.
func passes(t *testing.T, binary, flag string, environment ...string) bool {
	t.Helper()
	test := exec.CommandContext(t.Context(), binary, "-test.failfast", "-test.timeout=300s", flag)

	test.Env = append(os.Environ(), mutantsVariable+"=", mutantsActive+"=")
	test.Env = append(test.Env, environment...)
	return test.Run() == nil
}

// switchboard is a file that states which mutant is active.
const switchboard = `package explain

import (
	"os"
	"strconv"
)

var activeMutant, _ = strconv.Atoi(os.Getenv("` + mutantsActive + `"))
`

// weave builds one binary of all mutants that are functions, and returns the
// numbers of those that compile.
func weave(t *testing.T, mutants []codeMutant) (binary string, compiled map[int]bool) {
	t.Helper()
	compiled = make(map[int]bool)
	for _, m := range mutants {
		compiled[m.number] = m.function != ""
	}

	for range 10 {
		files := map[string][]byte{"activemutant.go": []byte(switchboard)}
		lines := make(map[string]map[int]int)
		for _, name := range verifier {
			var fitting []codeMutant
			for _, m := range mutants {
				if m.file == name && compiled[m.number] {
					fitting = append(fitting, m)
				}
			}

			files[name], lines[name] = woven(t, name, fitting)
		}

		binary, report := build(t, files)
		if report == "" {
			return binary, compiled
		}

		blamed := 0
		for _, found := range blame.FindAllStringSubmatch(report, -1) {
			line, err := strconv.Atoi(found[2])
			require.NoError(t, err)
			if number := lines[found[1]][line]; number != 0 {
				compiled[number] = false
				blamed++
			}
		}

		require.NotZero(t, blamed, "no mutant is to blame for: %s", report)
	}

	require.Fail(t, "the mutants do not compile")

	return "", nil
}

// blame finds the position of a compiler error.
var blame = regexp.MustCompile(`(\w+\.go):(\d+):`)

// woven returns a file in which each function first calls its active mutant.
// The mutants follow; lines maps each line to the number of its mutant.
func woven(t *testing.T, name string, mutants []codeMutant) (code []byte, lines map[int]int) {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	source, err := os.ReadFile(name)
	require.NoError(t, err)
	var text strings.Builder
	from := 0
	for at, declaration := range file.Decls {
		var cases []string
		for _, m := range mutants {
			if m.within == at {
				cases = append(cases, dispatch(declaration.(*ast.FuncDecl), m.number))
			}
		}

		if len(cases) == 0 {
			continue
		}

		open := set.Position(declaration.(*ast.FuncDecl).Body.Lbrace).Offset + 1
		text.Write(source[from:open])
		fmt.Fprintf(&text, "\nswitch activeMutant {\n%s\n}\n", strings.Join(cases, "\n"))
		from = open
	}

	text.Write(source[from:])

	lines = make(map[int]int)
	for _, m := range mutants {
		text.WriteString("\n")
		first := 1 + strings.Count(text.String(), "\n")
		text.WriteString(m.function + "\n")
		for line := first; line <= strings.Count(text.String(), "\n"); line++ {
			lines[line] = m.number
		}
	}

	return []byte(text.String()), lines
}
