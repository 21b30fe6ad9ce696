package sanctum_test

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/doc/comment"
	"go/parser"
	"go/printer"
	"go/token"
	"go/types"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// How to write code in the documentation. Blocks of Go in any Markdown file,
// and in package comments, are compiled:
//
//   - A block that begins with "package main" is a program. It is vetted in a
//     module of its own, so it may import public packages only.
//   - Any other block is a fragment: it becomes the body of harnessTrade in
//     docs_harness_test.go, and may use that function's parameters. Packages of
//     this module and the ones in fragmentImports need no import. Variables may
//     stay unused, and "return err" is allowed.
//   - <!-- go: harness NAME --> on the line before a block takes another
//     function of docs_harness_test.go.
//   - <!-- go: continues --> puts the block behind the previous one of the
//     file, so that it may use what that one declares.
//   - A block of declarations, such as a func or a type, needs no harness.
//   - <!-- go: from PATH: NAME, TYPE.METHOD --> quotes declarations of a file
//     of the module. "make record" writes such blocks, so they may be left
//     empty.
//   - Code that is not meant to compile goes into a block of text: ```text.
//
// Each line of a block of sh is a command that .ci/run runs (step docs) in the
// root of the repository; "make X" and ".ci/run X" are not run, but X has to
// exist. A backslash at the end continues a line. A command that needs a
// network, a node or a program that Go does not bring stands in a block with
// <!-- sh: not run: REASON --> on the line before.
//
// Links to files, their anchors, and to symbols on pkg.go.dev have to resolve.

// fragmentImports are the packages that fragments use without importing them,
// in addition to the public packages of the module.
var fragmentImports = []string{
	"bytes",
	"context",
	"encoding/json",
	"errors",
	"fmt",
	"log",
	"log/slog",
	"math/big",
	"net/http",
	"os",
	"strings",
	"testing",
	"time",
	upstream,
	upstream + "/rpc",
}

// snippet is Go code with its place in the documentation.
type snippet struct {
	file    string
	line    int
	harness string
	text    string
}

// isProgram reports whether a snippet is a whole program.
func (s snippet) isProgram() bool { return strings.HasPrefix(s.text, "package main\n") }

// at returns the compiler directive that names the place of the snippet.
func (s snippet) at() string { return fmt.Sprintf("//line %s:%d\n", s.file, s.line) }

// snippets returns the Go blocks of a document; problems are invalid
// directives.
func snippets(d document) (found []snippet, problems []string) {
	for _, b := range d.blocks {
		_, isQuotation := parseQuotation(b.directive) // the compiler sees the original
		if b.language != "go" || isQuotation {
			continue
		}

		s := snippet{
			file:    d.name,
			line:    b.line,
			harness: "trade",
			text:    b.text,
		}

		directive, isGo := strings.CutPrefix(b.directive, "go:")
		name, isHarness := strings.CutPrefix(strings.TrimSpace(directive), "harness ")
		switch {
		case !isGo:
			found = append(found, s)
		case isHarness && harnesses[name] != nil:
			s.harness = name
			found = append(found, s)
		case strings.TrimSpace(directive) == "continues" && len(found) > 0:
			last := &found[len(found)-1]
			last.text += s.at() + s.text
		default:
			problems = append(problems,
				fmt.Sprintf("%s:%d: %q is no directive: write %q with one of %v, or %q",
					d.name, b.line, b.directive, "go: harness NAME", sortedKeys(harnesses),
					"go: continues"))
		}
	}

	return found, problems
}

// packageSnippets returns the code blocks of a package comment that are Go.
func packageSnippets(name, text string) (found []snippet) {
	for _, b := range new(comment.Parser).Parse(text).Content {
		code, ok := b.(*comment.Code)
		if !ok {
			continue
		}

		s := snippet{
			file:    name,
			line:    1,
			harness: "trade",
			text:    code.Text,
		}
		if s.isProgram() || strings.Contains(s.text, ":=") || strings.Contains(s.text, "func ") {
			found = append(found, s)
		}
	}

	return found
}

// fragmentSource returns the source file of a fragment.
func fragmentSource(t *testing.T, s snippet) (*token.FileSet, *ast.File, error) {
	t.Helper()
	packages := make(map[string]string)
	for _, name := range fragmentImports {
		packages[path.Base(name)] = name
	}

	packages["solana"] = upstream
	for _, name := range public {
		packages[path.Base(name)] = module + "/" + name
	}

	body := s.at() + s.text
	_, err := parser.ParseFile(token.NewFileSet(), "", "package fragment\n"+body, 0)
	if err != nil {
		body = signature(t, s.harness) + "{\n{\n" + body + "}\nreturn nil\n}\n"
	}

	parsed, err := parser.ParseFile(token.NewFileSet(), "", "package fragment\n"+body, 0)
	if err != nil {
		return nil, nil, err
	}

	var head strings.Builder
	head.WriteString("package fragment\n")
	used := make(map[string]bool)
	for _, i := range parsed.Imports {
		used[path.Base(strings.Trim(i.Path.Value, `"`))] = true
	}

	for _, name := range parsed.Unresolved {
		if packages[name.Name] != "" && !used[name.Name] {
			used[name.Name] = true
			fmt.Fprintf(&head, "import %s %q\n", name.Name, packages[name.Name])
		}
	}

	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "", head.String()+body, parser.SkipObjectResolution)

	return set, file, err
}

// signature returns the signature of a harness in docs_harness_test.go.
func signature(t *testing.T, harness string) string {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "docs_harness_test.go", nil, 0)
	require.NoError(t, err)

	wanted := "harness" + strings.ToUpper(harness[:1]) + harness[1:]
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == wanted {
			var b bytes.Buffer
			require.NoError(t, printer.Fprint(&b, set, &ast.FuncDecl{Name: f.Name, Type: f.Type}))
			return b.String()
		}
	}

	t.Fatalf("docs_harness_test.go has no function %s", wanted)

	return ""
}

// checkFragment compiles a fragment and returns the errors, except those of
// unused variables and imports.
func checkFragment(t *testing.T, s snippet, imports types.Importer) (wrong []string) {
	t.Helper()
	set, file, err := fragmentSource(t, s)
	if err != nil {
		return []string{err.Error()}
	}

	config := types.Config{
		Importer: imports,
		Error: func(err error) {
			if e := (types.Error{}); !errors.As(err, &e) || !e.Soft {
				wrong = append(wrong, err.Error())
			}
		},
	}

	_, _ = config.Check("fragment", set, []*ast.File{file}, nil) // Error has seen them all

	return wrong
}

// allSnippets returns the snippets of all documents and package comments.
func allSnippets(t *testing.T) (all []snippet) {
	t.Helper()
	for _, d := range documents(t) {
		found, problems := snippets(d)
		all = append(all, found...)
		for _, problem := range problems {
			t.Error(problem)
		}
	}

	files, _ := source(t)
	for _, f := range files {
		if !f.test && f.Doc != nil && (f.pkg == "." || slices.Contains(public, f.pkg)) {
			all = append(all, packageSnippets(f.name, f.Doc.Text())...)
		}
	}

	return all
}

// TestDocs_FragmentsCompile compiles the Go blocks that are not programs.
func TestDocs_FragmentsCompile(t *testing.T) {
	imports := documentedPackages(t)
	count := 0
	for _, s := range allSnippets(t) {
		if s.isProgram() {
			continue
		}

		count++
		for _, wrong := range checkFragment(t, s, imports) {
			t.Errorf("a fragment does not compile (docs_test.go tells how to write one): %s", wrong)
		}
	}

	require.Positive(t, count)
}

// TestDocs_FindsWrongFragments checks that mistakes in fragments are found.
func TestDocs_FindsWrongFragments(t *testing.T) {
	imports := documentedPackages(t)
	for _, c := range []struct{ name, text, wrong string }{
		{
			name: "statements",
			text: "quote, err := market.Quote(request)\nif err != nil {\n\treturn err\n}\n",
		},
		{
			name: "an unused variable",
			text: "limit := time.Second\n",
		},
		{
			name: "a declaration",
			text: "func price(q route.Quote) string { return fmt.Sprint(q.Out) }\n",
		},
		{
			name:  "a method that does not exist",
			text:  "client.Buy(ctx)\n",
			wrong: "X.md:7: client.Buy undefined",
		},
		{
			name:  "a name that is not declared",
			text:  "\nfmt.Println(price)\n",
			wrong: "X.md:8: undefined: price",
		},
		{
			name:  "a syntax error",
			text:  "if err {\n",
			wrong: "expected '}'",
		},
	} {
		s := snippet{
			file:    "X.md",
			line:    7,
			harness: "trade",
			text:    c.text,
		}

		wrong := strings.Join(checkFragment(t, s, imports), "\n")
		if c.wrong == "" {
			require.Empty(t, wrong, c.name)
			continue
		}

		require.Contains(t, wrong, c.wrong, c.name)
	}
}

// TestDocs_Directives parses continuations, harnesses and mistakes.
func TestDocs_Directives(t *testing.T) {
	found, problems := snippets(document{name: "X.md", blocks: []block{
		{language: "go", line: 3, text: "a := 1\n"},
		{language: "go", line: 9, text: "b := a\n", directive: "go: continues"},
		{language: "go", line: 12, text: "node.Close()\n", directive: "go: harness test"},
		{language: "text", text: "c"},
		{language: "go", line: 20, directive: "go: harness unknown"},
	}})

	require.Equal(t, []snippet{
		{file: "X.md", line: 3, harness: "trade", text: "a := 1\n//line X.md:9\nb := a\n"},
		{file: "X.md", line: 12, harness: "test", text: "node.Close()\n"},
	}, found)

	require.Len(t, problems, 1)
	require.Contains(t, problems[0], `X.md:20: "go: harness unknown" is no directive`)
}

// documentedPackages are the packages that the documentation may import.
func documentedPackages(t *testing.T) types.Importer {
	t.Helper()
	patterns := slices.Clone(fragmentImports)
	for _, name := range public {
		patterns = append(patterns, "./"+name)
	}
	return builtPackages(t, patterns...)
}

// TestDocs_ProgramsVet vets whole programs of the documentation in another
// module that requires this one, as a user would have them.
func TestDocs_ProgramsVet(t *testing.T) {
	dir := t.TempDir()
	var programs []snippet
	for _, s := range allSnippets(t) {
		if !s.isProgram() {
			continue
		}

		folder := filepath.Join(dir, fmt.Sprintf("program%d", len(programs)))
		require.NoError(t, os.Mkdir(folder, 0o700))
		require.NoError(t,
			os.WriteFile(filepath.Join(folder, "main.go"), []byte(s.at()+s.text), 0o600))
		programs = append(programs, s)
	}

	if len(programs) == 0 {
		t.Skip("the documentation has no whole program yet")
	}

	userModule(t, dir)
	out, err := goCommand(t, dir, "vet", "./...")
	require.NoError(t, err, "a program of the documentation does not pass go vet:\n%s", out)
}

// userModule creates a module in a folder that uses this module from disk.
func userModule(t *testing.T, dir string) {
	t.Helper()
	root, err := os.Getwd()
	require.NoError(t, err)
	ours, err := os.ReadFile("go.mod")
	require.NoError(t, err)
	sums, err := os.ReadFile("go.sum")
	require.NoError(t, err)

	theirs := regexp.MustCompile(`(?m)^module .*$`).ReplaceAll(ours,
		[]byte("module example.com/user"))
	theirs = fmt.Appendf(theirs, "\nrequire %s v0.0.0\n\nreplace %s => %q\n", module, module,
		filepath.ToSlash(root))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), theirs, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.sum"), sums, 0o600))
}

// goCommand runs the go command in a folder, without a network.
func goCommand(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", args...)
	command.Dir = dir
	command.Env = append(os.Environ(), "GOPROXY=off", "GOTOOLCHAIN=local", "GOFLAGS=-mod=mod")
	out, err := command.CombinedOutput()
	return string(out), err
}

// TestDocs_FindsWrongPrograms checks that a program is rejected that a user
// could not compile because it imports an internal package.
func TestDocs_FindsWrongPrograms(t *testing.T) {
	dir := t.TempDir()
	userModule(t, dir)
	program := "package main\n\nimport _ \"" + module + "/internal/fixed\"\n\nfunc main() {}\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte(program), 0o600))

	out, err := goCommand(t, dir, "vet", "./...")
	require.Error(t, err)
	require.Contains(t, out, "use of internal package")
}
