package idl_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
)

// parse parses the files of a package, without its tests.
func parse(t *testing.T, folder string) []*ast.File {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*.go"))
	require.NoError(t, err)

	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}

		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		files = append(files, f)
	}

	require.NotEmpty(t, files, folder)

	return files
}

// tables returns the exported variables of this package that are composite
// literals of a type, with the fields that each sets.
func tables(t *testing.T, typeName string) map[string][]string {
	t.Helper()
	found := make(map[string][]string)
	for _, f := range parse(t, ".") {
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || !spec.Names[0].IsExported() || len(spec.Values) != 1 {
				return true
			}

			literal, ok := spec.Values[0].(*ast.CompositeLit)
			if !ok {
				return true
			}

			if of, ok := literal.Type.(*ast.Ident); !ok || of.Name != typeName {
				return true
			}

			var fields []string
			for _, element := range literal.Elts {
				fields = append(fields, element.(*ast.KeyValueExpr).Key.(*ast.Ident).Name)
			}

			found[spec.Names[0].Name] = fields

			return true
		})
	}

	return found
}

// uses counts the references of a package to each name of this package, and to
// each field of such a name.
func uses(t *testing.T, folder string) map[string]int {
	t.Helper()
	count := make(map[string]int)
	for _, f := range parse(t, folder) {
		ast.Inspect(f, func(n ast.Node) bool {
			selector, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}

			switch x := selector.X.(type) {
			case *ast.Ident:
				if x.Name == "idl" {
					count[selector.Sel.Name]++
				}

			case *ast.SelectorExpr:
				if of, ok := x.X.(*ast.Ident); ok && of.Name == "idl" {
					count[x.Sel.Name+"."+selector.Sel.Name]++
				}
			}

			return true
		})
	}

	return count
}

// TestInstruction_OneBuilderOneExplanation checks that each table is used once
// in package instructions and once in package explain.
func TestInstruction_OneBuilderOneExplanation(t *testing.T) {
	built, explained := uses(t, "../../instructions"), uses(t, "../../sdk/explain")
	all := tables(t, "Instruction")
	require.Greater(t, len(all), 50)
	for name := range all {
		require.Equal(t, 1, built[name], "builders of %s", name)
		require.Equal(t, 1, explained[name], "explanations of %s", name)
	}
}

// TestPools_OneBuilder checks that each kind of pool is used once in package
// instructions, and that each table of pools belongs to an instruction.
func TestPools_OneBuilder(t *testing.T) {
	built := uses(t, "../../instructions")
	all := tables(t, "Pools")
	require.Len(t, all, 4)
	for name, kinds := range all {
		for _, kind := range kinds {
			require.Equal(t, 1, built[name+"."+kind], "builders of %s.%s", name, kind)
		}
	}

	named := make(map[string]bool)
	for _, f := range parse(t, ".") {
		ast.Inspect(f, func(n ast.Node) bool {
			if pointer, ok := n.(*ast.UnaryExpr); ok && pointer.Op == token.AND {
				if to, ok := pointer.X.(*ast.Ident); ok {
					named[to.Name] = true
				}
			}

			return true
		})
	}

	for name := range all {
		require.True(t, named[name], "%s belongs to no instruction", name)
	}
}

func TestAccess_Bits(t *testing.T) {
	for access, want := range map[idl.Access][2]bool{
		idl.AccessReadonly: {false, false},
		idl.AccessWritable: {true, false},
		idl.AccessSigner:   {false, true},
		idl.AccessPayer:    {true, true},
	} {
		require.Equal(t, want, [2]bool{access.Writable(), access.Signer()})
	}
}

func TestFixed(t *testing.T) {
	clock, ok := idl.Fixed("clock")
	require.True(t, ok)
	require.Equal(t, accounts.ClockSysvar, *clock.Fixed)
	require.False(t, clock.Access.Writable() || clock.Access.Signer())

	_, ok = idl.Fixed("vote account")
	require.False(t, ok)
}
