package examples_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// mostLines is the maximum length of an example.
const mostLines = 80

// TestExamples_CanBeCopied checks that each example is one short file that
// imports public packages only, so it works in any module. The command sanctum
// is exempt.
func TestExamples_CanBeCopied(t *testing.T) {
	folders, err := filepath.Glob("*/main.go")
	require.NoError(t, err)
	require.Greater(t, len(folders), 10, "ten examples or more, and the command")

	for _, name := range folders {
		if filepath.Dir(name) == "sanctum" {
			continue
		}

		text, err := os.ReadFile(name)
		require.NoError(t, err)
		require.LessOrEqual(t, bytes.Count(text, []byte("\n")), mostLines, name)

		parsed, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
		require.NoError(t, err)
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			require.NoError(t, err)
			require.NotContains(t, "/"+imported+"/", "/internal/", name)
			require.False(t, strings.HasPrefix(imported, "github.com/sanctum-go/sanctum/examples"),
				name)
		}

		others, err := filepath.Glob(filepath.Join(filepath.Dir(name), "*.go"))
		require.NoError(t, err)
		for _, other := range others {
			require.True(t, other == name || strings.HasSuffix(other, "_test.go"), "%s: one file",
				other)
		}
	}
}

// trials are the programs of six kinds of newcomers: a backend, a wallet, a
// dashboard, a searcher, an operator and a reviewer.
var trials = []string{"backend", "wallet", "dashboard", "liquidator", "operator", "verify"}

// mostTrialLines is the maximum length of the function run of a trial program,
// without error checks, blank lines and comments.
const mostTrialLines = 25

// TestExamples_TrialsAreShort counts the lines that a newcomer writes.
func TestExamples_TrialsAreShort(t *testing.T) {
	for _, trial := range trials {
		name := filepath.Join(trial, "main.go")
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		files := token.NewFileSet()
		parsed, err := parser.ParseFile(files, name, text, 0)
		require.NoError(t, err)
		for _, declaration := range parsed.Decls {
			f, ok := declaration.(*ast.FuncDecl)
			if !ok || f.Name.Name != "run" {
				continue
			}

			lines := codeLines(files, f, string(text))
			require.Positive(t, lines)
			require.LessOrEqual(t, lines, mostTrialLines, trial)
			t.Logf("%s: %d lines", trial, lines)
		}
	}
}

// codeLines counts the lines of a function's body that have code and are not
// part of an error check.
func codeLines(files *token.FileSet, f *ast.FuncDecl, text string) int {
	checks := make(map[int]bool)
	ast.Inspect(f, func(n ast.Node) bool {
		if check, ok := n.(*ast.IfStmt); ok && isErrorCheck(check) {
			last := files.Position(check.End()).Line
			for line := files.Position(check.Pos()).Line; line <= last; line++ {
				checks[line] = true
			}
		}
		return true
	})

	count := 0
	first, last := files.Position(f.Body.Lbrace).Line, files.Position(f.Body.Rbrace).Line
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if number := i + 1; number > first && number < last && !checks[number] && line != "" &&
			!strings.HasPrefix(line, "//") {
			count++
		}
	}

	return count
}

// isErrorCheck reports whether a statement does nothing but return an error.
func isErrorCheck(check *ast.IfStmt) bool {
	condition, ok := check.Cond.(*ast.BinaryExpr)
	if !ok || condition.Op != token.NEQ || check.Init != nil || check.Else != nil ||
		len(check.Body.List) != 1 {
		return false
	}

	name, ok := condition.X.(*ast.Ident)
	_, returns := check.Body.List[0].(*ast.ReturnStmt)

	return ok && name.Name == "err" && returns
}
