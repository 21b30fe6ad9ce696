package sanctum_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// quotation is a block that repeats declarations of a file of the module, which
// the compiler and the tests have checked there:
//
//	<!-- go: from PATH: NAME, TYPE.METHOD -->
type quotation struct {
	path  string
	names []string
}

// parseQuotation parses the directive of a block; ok is false for other
// directives.
func parseQuotation(directive string) (q quotation, ok bool) {
	rest, ok := strings.CutPrefix(directive, "go: from ")
	if !ok {
		return quotation{}, false
	}
	path, names, _ := strings.Cut(rest, ":")
	q.path = strings.TrimSpace(path)
	for name := range strings.SplitSeq(names, ",") {
		q.names = append(q.names, strings.TrimSpace(name))
	}
	return q, true
}

// text returns the code that the block must have.
func (q quotation) text() (string, error) {
	source, err := os.ReadFile(filepath.FromSlash(q.path))
	if err != nil {
		return "", err
	}

	set := token.NewFileSet()
	file, err := parser.ParseFile(set, q.path, source, parser.ParseComments)
	if err != nil {
		return "", err
	}

	var parts []string
	for _, name := range q.names {
		found := false
		for _, d := range file.Decls {
			if !declares(d, name) {
				continue
			}

			start := d.Pos()
			if doc := docOf(d); doc != nil {
				start = doc.Pos()
			}

			parts = append(parts,
				string(source[set.Position(start).Offset:set.Position(d.End()).Offset]))
			found = true
		}

		if !found {
			return "", fmt.Errorf("%s declares no %q", q.path, name)
		}
	}

	return strings.ReplaceAll(strings.Join(parts, "\n\n")+"\n", "\r\n", "\n"), nil
}

// declares reports whether a declaration has a name: "Name", or "Type.Method".
func declares(d ast.Decl, name string) bool {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			return d.Name.Name == name
		}

		receiver := d.Recv.List[0].Type
		if pointer, ok := receiver.(*ast.StarExpr); ok {
			receiver = pointer.X
		}

		ident, ok := receiver.(*ast.Ident)
		return ok && ident.Name+"."+d.Name.Name == name

	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				if spec.Name.Name == name {
					return true
				}

			case *ast.ValueSpec:
				if spec.Names[0].Name == name {
					return true
				}
			}
		}
	}

	return false
}

// docOf returns the comment of a declaration.
func docOf(d ast.Decl) *ast.CommentGroup {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return d.Doc
	case *ast.GenDecl:
		return d.Doc
	}
	return nil
}

// TestDocs_QuotationsMatch compares quoted declarations with their files. With
// -update it writes them anew.
func TestDocs_QuotationsMatch(t *testing.T) {
	for _, d := range documents(t) {
		replaced := make(map[int]string)
		for _, b := range d.blocks {
			q, ok := parseQuotation(b.directive)
			if !ok {
				continue
			}

			want, err := q.text()
			require.NoError(t, err, "%s:%d", d.name, b.line)
			if *updateSurface {
				replaced[b.line] = want
				continue
			}

			require.Equal(t, want, b.text, "%s:%d differs from %s: make record writes it anew",
				d.name, b.line, q.path)
		}

		if len(replaced) > 0 {
			text, err := os.ReadFile(filepath.FromSlash(d.name))
			require.NoError(t, err)
			require.NoError(t,
				os.WriteFile(d.name, []byte(replaceBlocks(string(text), replaced)), 0o600))
		}
	}
}

// replaceBlocks replaces the code that begins at the given lines.
func replaceBlocks(text string, replaced map[int]string) string {
	var b strings.Builder
	skip := false
	for number, line := range strings.SplitAfter(text, "\n") {
		if code, ok := replaced[number+1]; ok {
			b.WriteString(code)
			skip = true
		}

		if strings.HasPrefix(line, "```") {
			skip = false
		}

		if !skip {
			b.WriteString(line)
		}
	}

	return b.String()
}

// TestDocs_FindsWrongQuotations quotes functions and methods, replaces a block,
// and asks for a name that does not exist.
func TestDocs_FindsWrongQuotations(t *testing.T) {
	q, ok := parseQuotation("go: from docs_quoted_test.go: docOf, quotation")
	require.True(t, ok)
	text, err := q.text()
	require.NoError(t, err)
	require.True(t,
		strings.HasPrefix(text, "// docOf returns the comment of a declaration.\nfunc docOf("))
	require.Contains(t, text, "\n}\n\n// quotation is a block")

	q, ok = parseQuotation("go: from docs_quoted_test.go: quotation.text, nothing")
	require.True(t, ok)
	_, err = q.text()
	require.EqualError(t, err, `docs_quoted_test.go declares no "nothing"`)

	_, ok = parseQuotation("go: continues")
	require.False(t, ok)
	require.Equal(t, "a\n```go\nnew\n```\nb\n",
		replaceBlocks("a\n```go\nold\nolder\n```\nb\n", map[int]string{3: "new\n"}))
}
