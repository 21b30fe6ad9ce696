package sanctum_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPublicPackages_DeclareTheirTypes finds exported types that are aliases of
// internal ones: the package's page shows neither their fields nor their
// methods.
func TestPublicPackages_DeclareTheirTypes(t *testing.T) {
	files, at := source(t)
	for _, f := range files {
		if f.test || internal(f.pkg) {
			continue
		}
		for _, spec := range internalAliases(f.File) {
			t.Errorf("%s: %s is an alias to a type of an internal package: declare the type here",
				at(spec.Pos()), spec.Name)
		}
	}
}

// TestPublicPackages_AliasesFound checks that the search finds an alias.
func TestPublicPackages_AliasesFound(t *testing.T) {
	source := "package x\n\nimport (\n\t\"m/internal/a\"\n\tb \"m/internal/other\"\n\t\"m/c\"\n)\n\n" +
		"type A = a.T\n\ntype B = *b.T\n\ntype C = c.T\n\ntype D a.T\n\ntype e = a.T\n\ntype F = []a.T\n"
	parsed, err := parser.ParseFile(token.NewFileSet(), "x.go", source, 0)
	require.NoError(t, err)

	var names []string
	for _, spec := range internalAliases(parsed) {
		names = append(names, spec.Name.Name)
	}
	require.Equal(t, []string{"A", "B", "F"}, names)
}

// internal reports whether a package cannot be imported from outside.
func internal(pkg string) bool {
	return strings.Contains("/"+pkg+"/", "/internal/")
}

// internalAliases returns the exported aliases of a file whose type mentions an
// internal package.
func internalAliases(f *ast.File) (found []*ast.TypeSpec) {
	hidden := make(map[string]bool)
	for _, i := range f.Imports {
		name, _ := strconv.Unquote(i.Path.Value)
		if !internal(name) {
			continue
		}

		local := path.Base(name)
		if i.Name != nil {
			local = i.Name.Name
		}

		hidden[local] = true
	}

	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if ok && spec.Assign.IsValid() && spec.Name.IsExported() && mentions(spec.Type, hidden) {
			found = append(found, spec)
		}

		return true
	})

	return found
}

// mentions reports whether an expression selects from one of the packages.
func mentions(expr ast.Expr, packages map[string]bool) (does bool) {
	ast.Inspect(expr, func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok {
			pkg, ok := selector.X.(*ast.Ident)
			does = does || ok && packages[pkg.Name]
		}
		return true
	})
	return does
}
