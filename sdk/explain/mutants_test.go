package explain_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// mutantsVariable is the number of mutants of the verifier's own code that
// TestMutants makes, and mutantsSeed chooses them. Without it the test skips.
// mutantsOnly is a regular expression for those to make, by what their line
// says when they survive.
const (
	mutantsVariable = "SANCTUM_EXPLAIN_MUTANTS"
	mutantsSeed     = "SANCTUM_EXPLAIN_SEED"
	mutantsOnly     = "SANCTUM_EXPLAIN_ONLY"
)

// verifier are the files that decide.
var verifier = []string{
	"verify.go",
	"ledger.go",
	"lifetimes.go",
	"rules.go",
	"policy.go",
	"sponsor.go",
	"outcome.go",
}

// TestMutants changes the verifier's own code, one thing at a time, and runs
// the tests of this package on it: a condition that is turned, a comparison
// that is moved by one, a case or statement that is gone, a sign that is
// changed. It reports the changes that no test notices.
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
		all = append(all, mutantsOf(t, name)...)
	}
	rng := rand.New(rand.NewPCG(seed, 0))
	rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	only, err := regexp.Compile(os.Getenv(mutantsOnly))
	require.NoError(t, err)
	chosen := slices.DeleteFunc(slices.Clone(all), func(m codeMutant) bool {
		return !only.MatchString(m.String())
	})
	chosen = chosen[:min(count, len(chosen))]
	results := make(map[string]int)
	for _, m := range chosen {
		result := m.run(t)
		results[result]++
		if result != caughtByRules {
			t.Logf("%s: %s", result, m)
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

// What becomes of a mutant.
const (
	caughtByRules    = "caught"
	caughtByVerdicts = "caught by recorded verdicts"
	invalid          = "does not compile"
	survived         = "survived"
)

// codeMutant is a changed file.
type codeMutant struct {
	file, at, change string
	code             []byte
}

func (m codeMutant) String() string { return m.at + ": " + m.change }

// run runs the tests on a mutant.
func (m codeMutant) run(t *testing.T) string {
	t.Helper()
	binary, ok := m.build(t)
	if !ok {
		return invalid
	}

	// The recorded verdicts take longest, and say nothing of why.
	const verdicts = "^TestVerify_Verdicts$"
	switch {
	case !passes(t, binary, "-test.skip="+verdicts):
		return caughtByRules
	case !passes(t, binary, "-test.run="+verdicts):
		return caughtByVerdicts
	}
	return survived
}

// build makes the tests of this package with the changed file, and reports
// whether they compile.
func (m codeMutant) build(t *testing.T) (binary string, ok bool) {
	t.Helper()
	dir := t.TempDir()
	changed := filepath.Join(dir, m.file)
	require.NoError(t, os.WriteFile(changed, m.code, 0o600))
	original, err := filepath.Abs(m.file)
	require.NoError(t, err)
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {original: changed}})
	require.NoError(t, err)
	list := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(list, overlay, 0o600))

	binary = filepath.Join(dir, "explain.test")
	build := exec.CommandContext(
		t.Context(),
		"go",
		"test",
		"-c",
		"-vet=off",
		"-o",
		binary,
		"-overlay",
		list,
		".",
	)
	return binary, build.Run() == nil
}

// passes reports whether the tests that a flag chooses pass.
func passes(t *testing.T, binary, flag string) bool {
	t.Helper()
	test := exec.CommandContext(
		t.Context(),
		binary,
		"-test.failfast",
		"-test.timeout=300s",
		flag,
	)
	test.Env = append(os.Environ(), mutantsVariable+"=")
	return test.Run() == nil
}

// mutantsOf are all mutants of a file.
func mutantsOf(t *testing.T, name string) []codeMutant {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, nil, parser.ParseComments)
	require.NoError(t, err)
	var all []codeMutant
	write := func(pos token.Pos, format_ string, args ...any) {
		var code bytes.Buffer
		require.NoError(t, format.Node(&code, set, file))
		all = append(all, codeMutant{
			file: name, at: set.Position(pos).String(), change: fmt.Sprintf(format_, args...), code: code.Bytes(),
		})
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			for _, op := range operators[n.Op] {
				was := n.Op
				n.Op = op
				write(n.OpPos, "%s becomes %s", was, op)
				n.Op = was
			}
		case *ast.IfStmt:
			was := n.Cond
			for _, value := range []string{"true", "false"} {
				if n.Init == nil {
					n.Cond = &ast.BinaryExpr{X: &ast.ParenExpr{X: was}, Op: shortcut(value), Y: ast.NewIdent(value)}
					write(n.Pos(), "the condition becomes %s", value)
				}
			}
			n.Cond = was
		case *ast.CaseClause:
			for i := range n.List {
				was := n.List[i]
				n.List[i] = &ast.BinaryExpr{X: &ast.ParenExpr{X: was}, Op: token.LAND, Y: ast.NewIdent("false")}
				write(was.Pos(), "a case is gone")
				n.List[i] = was
			}
		case *ast.UnaryExpr:
			if n.Op == token.NOT {
				was := n.X
				n.X = &ast.UnaryExpr{Op: token.NOT, X: &ast.ParenExpr{X: was}}
				write(n.Pos(), "! is gone")
				n.X = was
			}
		case *ast.BlockStmt:
			for i, s := range n.List {
				switch s := s.(type) {
				case *ast.ExprStmt, *ast.IncDecStmt:
				case *ast.AssignStmt:
					if s.Tok == token.DEFINE {
						continue
					}
				default:
					continue
				}
				n.List[i] = &ast.EmptyStmt{Semicolon: s.Pos()}
				write(s.Pos(), "a statement is gone")
				n.List[i] = s
			}
		case *ast.BasicLit:
			if n.Kind == token.INT {
				was := n.Value
				n.Value = was + "+1"
				write(n.Pos(), "%s becomes one more", was)
				n.Value = was
			}
		}
		return true
	})
	return all
}

func shortcut(value string) token.Token {
	if value == "true" {
		return token.LOR
	}
	return token.LAND
}

// operators are what an operator becomes.
var operators = map[token.Token][]token.Token{
	token.EQL:  {token.NEQ},
	token.NEQ:  {token.EQL},
	token.LSS:  {token.LEQ, token.GEQ},
	token.LEQ:  {token.LSS, token.GTR},
	token.GTR:  {token.GEQ, token.LEQ},
	token.GEQ:  {token.GTR, token.LSS},
	token.LAND: {token.LOR},
	token.LOR:  {token.LAND},
	token.ADD:  {token.SUB},
	token.SUB:  {token.ADD},
}
