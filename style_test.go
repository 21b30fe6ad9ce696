package sanctum_test

import (
	"bytes"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	// A tab counts as tabColumns.
	maxColumns, maxCommentColumns, tabColumns = 100, 80, 4

	// Blank lines per 100 lines of function body.
	minBlankLines, maxBlankLines = 5, 12

	// maxTestLines is the maximum length of a test function.
	maxTestLines = 80

	// maxPer10k is the maximum frequency of a phrase in 10,000 words of
	// comments.
	maxPer10k = 3
)

// phrases make comments hard to read. Name the noun instead, and write "reports
// whether" and "is returned when".
var phrases = map[string]*regexp.Regexp{
	"X says that":         regexp.MustCompile(`\bsays? (that|why|which|how|what|who)\b`),
	"X is what":           regexp.MustCompile(`\b(is|are) (what|who|how)\b`),
	"so much":             regexp.MustCompile(`\bso (much|many)\b`),
	"nobody and somebody": regexp.MustCompile(`\b(no|some|any)body\b`),
	"beside":              regexp.MustCompile(`\bbeside\b`),
	"handed out":          regexp.MustCompile(`\b(hand|hands|handed) (out|on)\b`),
}

// documented packages have an example of every function and method.
var documented = []string{"sdk", "sdk/route", "sdk/txn", "sdk/explain", "sdk/lst", "sdk/operator"}

// plain methods need no example because the standard library calls them.
var plain = []string{
	"Error", "Unwrap", "Is", "As", "String", "MarshalText", "UnmarshalText", "MarshalJSON",
	"UnmarshalJSON", "GoString",
}

// styledFile is a file with its lines.
type styledFile struct {
	name  string
	lines []string
	set   *token.FileSet
	*ast.File
}

// test reports whether the file is a test file.
func (f *styledFile) test() bool { return strings.HasSuffix(f.name, "_test.go") }

func (f *styledFile) line(p token.Pos) int { return f.set.Position(p).Line }

// styled parses the files of the module.
func styled(t *testing.T) (files []*styledFile) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		skip := strings.HasPrefix(d.Name(), ".") ||
			slices.Contains([]string{"testdata", "node_modules"}, d.Name())
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && skip:
			return filepath.SkipDir
		case d.IsDir() || filepath.Ext(name) != ".go":
			return nil
		}

		src, err := os.ReadFile(name)
		if err != nil {
			return err
		}

		f := &styledFile{
			name:  filepath.ToSlash(name),
			lines: strings.Split(string(bytes.TrimRight(src, "\n")), "\n"),
			set:   token.NewFileSet(),
		}

		f.File, err = parser.ParseFile(f.set, name, src, parser.ParseComments)
		files = append(files, f)

		return err
	}))

	return files
}

// columns returns the width of a line.
func columns(line string) int {
	n := 0
	for _, r := range line {
		if n++; r == '\t' {
			n += tabColumns - 1
		}
	}
	return n
}

// free returns the lines that cannot be broken: raw strings, long strings, and
// comments with directives and links.
func (f *styledFile) free() map[int]bool {
	lines := make(map[int]bool)
	mark := func(from, to token.Pos) {
		for l := f.line(from); l <= f.line(to); l++ {
			lines[l] = true
		}
	}

	ast.Inspect(f.File, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING &&
			(lit.Value[0] == '`' || len(lit.Value) > maxColumns/2) {
			mark(lit.Pos(), lit.End())
		}

		return true
	})

	for _, g := range f.Comments {
		for _, c := range g.List {
			if strings.HasPrefix(c.Text, "//go:") || strings.HasPrefix(c.Text, "//nolint") ||
				strings.Contains(c.Text, "://") {
				mark(c.Pos(), c.End())
			}
		}
	}

	return lines
}

// outputs returns the lines with the expected output of examples.
func (f *styledFile) outputs() map[int]bool {
	lines := make(map[int]bool)
	for _, g := range f.Comments {
		text := strings.TrimSpace(g.Text())
		if !f.test() ||
			!strings.HasPrefix(text, "Output:") && !strings.HasPrefix(text, "Unordered output:") {
			continue
		}

		for l := f.line(g.Pos()); l <= f.line(g.End()); l++ {
			lines[l] = true
		}
	}

	return lines
}

// TestStyle_Width checks the width of lines, except those of the generated list
// of exports.
func TestStyle_Width(t *testing.T) {
	for _, f := range styled(t) {
		if f.name == surfaceFile {
			continue
		}

		free, outputs := f.free(), f.outputs()
		for i, line := range f.lines {
			limit := maxColumns
			if strings.HasPrefix(strings.TrimSpace(line), "//") && !outputs[i+1] {
				limit = maxCommentColumns
			}

			if n := columns(line); n > limit && (!free[i+1] || outputs[i+1]) {
				t.Errorf("%s:%d: %d columns, at most %d", f.name, i+1, n, limit)
			}
		}
	}
}

// TestStyle_Paragraphs checks that the steps of functions are apart, and that
// test functions can be read at a glance.
func TestStyle_Paragraphs(t *testing.T) {
	var body, blank int
	for _, f := range styled(t) {
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}

			from, to := f.line(fn.Body.Lbrace), f.line(fn.Body.Rbrace)
			if n := to - from - 1; f.test() && strings.HasPrefix(fn.Name.Name, "Test") &&
				n > maxTestLines {
				t.Errorf("%s: %s has %d lines, at most %d", f.name, fn.Name.Name, n, maxTestLines)
			}

			if f.test() || to == from {
				continue
			}

			for _, line := range f.lines[from : to-1] {
				if body++; strings.TrimSpace(line) == "" {
					blank++
				}
			}
		}
	}

	per100 := float64(blank) * 100 / float64(body)
	t.Logf("%.1f blank lines per 100 lines of function body", per100)
	require.GreaterOrEqual(t, per100, float64(minBlankLines))
	require.LessOrEqual(t, per100, float64(maxBlankLines))
}

// TestStyle_Phrases counts phrases that make comments hard to read.
func TestStyle_Phrases(t *testing.T) {
	words := 0
	found := make(map[string][]string)
	for _, f := range styled(t) {
		for _, g := range f.Comments {
			text := strings.Join(strings.Fields(g.Text()), " ")
			words += len(strings.Fields(text))
			for name, phrase := range phrases {
				for _, hit := range phrase.FindAllString(text, -1) {
					found[name] = append(found[name], f.set.Position(g.Pos()).String()+": "+hit)
				}
			}
		}
	}

	for name, hits := range found {
		per10k := float64(len(hits)) * 10_000 / float64(words)
		t.Logf("%q: %d times in %d words, %.1f per 10,000", name, len(hits), words, per10k)
		if per10k >= maxPer10k {
			t.Errorf("%q is too frequent:\n%s", name, strings.Join(hits, "\n"))
		}
	}
}

// TestStyle_Documented checks that every exported symbol has a doc comment.
func TestStyle_Documented(t *testing.T) {
	for _, f := range styled(t) {
		if f.test() || strings.HasPrefix(f.name, "internal/") ||
			strings.HasPrefix(f.name, "examples/") ||
			strings.Contains(f.name, "/internal/") {
			continue
		}

		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && (d.Recv == nil || exportedReceiver(d)) &&
					d.Doc.Text() == "" {
					t.Errorf("%s: %s has no doc comment", f.name, d.Name.Name)
				}

			case *ast.GenDecl:
				f.undocumented(t, d)
			}
		}
	}
}

// undocumented reports the exported symbols of a declaration without a comment
// of their own or of their group.
func (f *styledFile) undocumented(t *testing.T, d *ast.GenDecl) {
	t.Helper()
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			if s.Name.IsExported() && d.Doc.Text() == "" && s.Doc.Text() == "" {
				t.Errorf("%s: %s has no doc comment", f.name, s.Name.Name)
			}

		case *ast.ValueSpec:
			for _, name := range s.Names {
				if name.IsExported() && d.Doc.Text() == "" && s.Doc.Text() == "" &&
					s.Comment.Text() == "" {
					t.Errorf("%s: %s has no doc comment", f.name, name.Name)
				}
			}
		}
	}
}

// exportedReceiver reports whether a method is one of an exported type.
func exportedReceiver(d *ast.FuncDecl) bool {
	e := d.Recv.List[0].Type
	if star, ok := e.(*ast.StarExpr); ok {
		e = star.X
	}
	if index, ok := e.(*ast.IndexExpr); ok {
		e = index.X
	}
	id, ok := e.(*ast.Ident)
	return ok && id.IsExported()
}

// TestStyle_Examples checks that everything that can be called is shown in an
// example of its package.
func TestStyle_Examples(t *testing.T) {
	for _, dir := range documented {
		set := token.NewFileSet()
		names, err := filepath.Glob(dir + "/*.go")
		require.NoError(t, err)
		var files []*ast.File
		shown := make(map[string]bool)
		for _, name := range names {
			f, err := parser.ParseFile(set, name, nil, parser.ParseComments)
			require.NoError(t, err)
			if !strings.HasSuffix(name, "_test.go") {
				files = append(files, f)
				continue
			}

			for _, example := range doc.Examples(f) {
				require.True(t, example.Output != "" || example.EmptyOutput,
					"%s: Example%s has no output to check", name, example.Name)
				ast.Inspect(example.Code, func(n ast.Node) bool {
					if s, ok := n.(*ast.SelectorExpr); ok {
						shown[s.Sel.Name] = true
					}

					return true
				})
			}
		}

		pkg, err := doc.NewFromFiles(set, files, module+"/"+dir)
		require.NoError(t, err)
		missing := func(owner string, list []*doc.Func) {
			for _, fn := range list {
				if !shown[fn.Name] && !slices.Contains(plain, fn.Name) {
					t.Errorf("%s: no example shows %s", dir,
						strings.TrimPrefix(owner+"."+fn.Name, "."))
				}
			}
		}

		missing("", pkg.Funcs)
		for _, typ := range pkg.Types {
			missing("", typ.Funcs)
			missing(typ.Name, typ.Methods)
		}
	}
}
