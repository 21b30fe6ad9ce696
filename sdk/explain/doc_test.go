package explain_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDoc_NamesTests checks that the tests that the documentation names exist.
func TestDoc_NamesTests(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	files, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	there := make(map[string]bool)
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				there[f.Name.Name] = true
			}
		}
	}

	named := regexp.MustCompile(`Test\w+`).FindAllString(string(text), -1)
	require.Greater(t, len(named), 10)
	for _, name := range named {
		require.True(t, there[name], name)
	}
}
