package sanctum_test

import (
	"go/ast"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDocs_ErrorsListed checks that docs/errors.md names every exported error
// variable and error type of the public packages.
func TestDocs_ErrorsListed(t *testing.T) {
	text, err := os.ReadFile("docs/errors.md")
	require.NoError(t, err)

	found := 0
	files, _ := source(t)
	for _, f := range files {
		if f.test || !slices.Contains(public, f.pkg) {
			continue
		}

		for _, name := range exportedErrors(f.File) {
			found++
			listed := regexp.MustCompile(`\b` + name + `\b`).Match(text)
			require.True(t, listed,
				"docs/errors.md does not tell what to do about %s of package %s", name, f.pkg)
		}
	}

	require.Greater(t, found, 150)
}

// exportedErrors returns the names of the exported errors that a file declares.
func exportedErrors(file *ast.File) (names []string) {
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}

		for _, spec := range g.Specs {
			switch spec := spec.(type) {
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					if g.Tok == token.VAR && name.IsExported() &&
						strings.HasPrefix(name.Name, "Err") {
						names = append(names, name.Name)
					}
				}

			case *ast.TypeSpec:
				if spec.Name.IsExported() && strings.HasSuffix(spec.Name.Name, "Error") {
					names = append(names, spec.Name.Name)
				}
			}
		}
	}

	return names
}
