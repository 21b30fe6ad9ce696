package sanctum_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	module   = "github.com/sanctum-go/sanctum"
	upstream = "github.com/gagliardetto/solana-go"
)

// ranks orders the packages of the module: each package may only import
// packages of lower rank. A name that ends in a slash stands for all packages
// below it.
var ranks = []struct {
	name string
	rank int
}{
	{"internal/condition", 0},
	{"internal/wire", 0},
	{"internal/fixed", 0},
	{"accounts", 1},
	{"internal/idl", 2},
	{"sdk/quote", 2},
	{"sdk/progerr", 2},
	{"sdk/lst", 2},
	{"instructions", 3},
	{"sdk/txn", 4},
	{"sdk/route/state", 4},
	{"sdk/foreign", 5},
	{"sdk/route/terms", 5},
	{"sdk/route/internal/offer", 6},
	{"sdk/route/internal/venue", 7},
	{"sdk/route/internal/choose", 8},
	{"sdk/route", 9},
	{"sdk/explain", 9},
	{"sdk", 10},
	{"sdk/operator", 11},
	{"sdk/sdktest", 11},
	{"sdk/serve", 11},
	{"sdk/serve/page", 11},
	{"examples/", 12},
}

// Packages without a rank.
var (
	// network packages talk to nodes. Only package sdk imports them.
	network = []string{"internal/feed", "internal/jsonrpc", "internal/send"}
	// testSupport packages serve tests and sdktest.
	testSupport = []string{"internal/answers", "internal/attacks", "internal/feedtest",
		"internal/figures",
		"internal/golden",
		"internal/demo", "internal/dump"}
	// pure packages work without a network and do not depend on one.
	pure = []string{
		"accounts", "instructions", "sdk/quote", "sdk/route", "sdk/route/state", "sdk/route/terms",
		"sdk/route/internal/offer", "sdk/route/internal/venue",
		"sdk/route/internal/choose", "sdk/txn", "sdk/lst", "sdk/progerr", "sdk/explain",
		"internal/condition", "internal/wire", "internal/fixed", "internal/idl",
	}
	// exact packages compute amounts.
	exact = []string{"accounts", "instructions", "sdk/quote", "sdk/route", "sdk/route/state",
		"sdk/route/terms", "sdk/route/internal/offer",
		"sdk/route/internal/venue", "sdk/route/internal/choose", "sdk/explain", "sdk/operator"}
)

// goFile is a parsed file of the module.
type goFile struct {
	name string // from the root of the module
	pkg  string // the folder, "." for the root
	test bool
	*ast.File
}

// imports returns the paths that a file imports.
func (f goFile) imports() []string {
	var paths []string
	for _, i := range f.Imports {
		p, _ := strconv.Unquote(i.Path.Value)
		paths = append(paths, p)
	}
	return paths
}

// source parses all Go files of the module.
func source(t *testing.T) (files []goFile, at func(token.Pos) string) {
	t.Helper()
	set := token.NewFileSet()
	require.NoError(t, filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." &&
			(strings.HasPrefix(d.Name(), ".") || strings.HasPrefix(d.Name(), "_") ||
				d.Name() == "testdata" ||
				d.Name() == "node_modules"):
			return filepath.SkipDir

		case d.IsDir() || filepath.Ext(name) != ".go":
			return nil
		}

		name = filepath.ToSlash(name)
		parsed, err := parser.ParseFile(set, name, nil, parser.ParseComments)
		if err != nil {
			return err
		}

		files = append(files, goFile{
			name: name,
			pkg:  path.Dir(name),
			test: strings.HasSuffix(name, "_test.go"),
			File: parsed,
		})

		return nil
	}))

	require.Greater(t, len(files), 50, "this is not the root of the module")
	return files, func(p token.Pos) string { return set.Position(p).String() }
}

// inModule returns the folder of an imported package if the module contains it.
func inModule(imported string) (pkg string, ok bool) {
	if imported == module {
		return ".", true
	}
	return strings.CutPrefix(imported, module+"/")
}

// rank returns the rank of a package.
func rank(pkg string) (int, bool) {
	for _, s := range ranks {
		if s.name == pkg || strings.HasSuffix(s.name, "/") && strings.HasPrefix(pkg, s.name) {
			return s.rank, true
		}
	}
	return 0, false
}

func TestArchitecture_ImportsGoDown(t *testing.T) {
	files, _ := source(t)
	for _, f := range files {
		if f.test {
			continue
		}

		mine, ranked := rank(f.pkg)
		if !ranked && !slices.Contains(network, f.pkg) && !slices.Contains(testSupport, f.pkg) &&
			f.pkg != "." {
			t.Errorf("%s: package %s has no rank: add it to ranks", f.name, f.pkg)

			continue
		}

		for _, imported := range f.imports() {
			pkg, ok := inModule(imported)
			if !ok {
				continue
			}

			if why := forbidden(f.pkg, mine, ranked, pkg); why != "" {
				t.Errorf("%s imports %s: %s", f.name, pkg, why)
			}
		}
	}
}

// forbidden returns the reason why a package must not import another one, or ""
// if it may.
func forbidden(from string, mine int, ranked bool, to string) string {
	theirs, toRanked := rank(to)
	switch {
	case from == "internal/feed" && to == "internal/jsonrpc":
		return "" // redaction and the reader of JSON
	case slices.Contains(network, to):
		if from != "sdk" {
			return "only package sdk uses the transport: users bring their own, and pure packages need no network"
		}

	case slices.Contains(network, from):
		return "the transport must not depend on its users, so that it can be tested and replaced alone"
	case slices.Contains(testSupport, to):
		if !slices.Contains(testSupport, from) && from != "sdk/sdktest" {
			return "made-up markets are for tests and sdktest: production code must not trade on them"
		}

	case slices.Contains(testSupport, from):
		if toRanked && theirs > 9 {
			return "figures replace the chain below the client, so they must not import the client"
		}

	case !ranked:
		return "the root package contains only documentation"
	case !toRanked:
		return "the imported package has no rank"
	case theirs >= mine:
		return fmt.Sprintf("a package may only import packages of lower rank (%d is not below %d)",
			theirs, mine)
	}

	return ""
}

// TestArchitecture_FindsForbiddenImports checks that the rules reject imports.
func TestArchitecture_FindsForbiddenImports(t *testing.T) {
	for _, c := range []struct {
		from, to string
		allowed  bool
	}{
		{"accounts", "internal/wire", true},
		{"internal/wire", "accounts", false},
		{"accounts", "sdk/quote", false},
		{"sdk/quote", "instructions", false},
		{"instructions", "internal/idl", true},
		{"internal/idl", "instructions", false},
		{"sdk/explain", "internal/idl", true},
		{"sdk/txn", "instructions", true},
		{"sdk/txn", "sdk/route", false},
		{"sdk/route", "sdk/txn", true},
		{"sdk/route", "sdk/route/state", true},
		{"sdk/route/state", "sdk/quote", true},
		{"sdk/route/state", "sdk/txn", false},
		{"sdk/route/state", "sdk/route", false},
		{"sdk/route/internal/venue", "sdk/route/terms", true},
		{"sdk/route/internal/venue", "sdk/route/internal/choose", false},
		{"sdk/route/terms", "sdk/route/internal/venue", false},
		{"sdk/route", "sdk", false},
		{"sdk/explain", "sdk/txn", true},
		{"sdk/explain", "sdk/route", false},
		{"sdk/explain", "internal/jsonrpc", false},
		{"sdk/route", "internal/jsonrpc", false},
		{"sdk", "internal/jsonrpc", true},
		{"sdk", "internal/demo", false},
		{"sdk", "sdk/sdktest", false},
		{"sdk/sdktest", "internal/demo", true},
		{"internal/demo", "internal/figures", true},
		{"internal/demo", "sdk", false},
		{"internal/jsonrpc", "accounts", false},
		{"internal/feed", "internal/jsonrpc", true},
		{"internal/jsonrpc", "internal/feed", false},
		{"internal/feed", "accounts", false},
		{"sdk", "internal/feed", true},
		{"sdk/route", "internal/feed", false},
		{"examples/stake", "sdk/sdktest", true},
		{"examples/stake", "internal/demo", false},
		{"examples/stake", "internal/jsonrpc", false},
		{"examples/stake", "examples/sanctum", false},
		{"sdk/serve", "sdk", true},
		{"sdk/serve", "sdk/sdktest", false},
		{"examples/server", "sdk/serve", true},
		{"sdk", "sdk/serve", false},
		{"examples/server", "sdk/serve/page", true},
		{"sdk/serve", "sdk/serve/page", false},
		{"sdk/serve/page", "sdk/serve", false},
		{"sdk/sdktest", "examples/stake", false},
		{".", "sdk", false},
	} {
		mine, ranked := rank(c.from)
		require.Equal(t, c.allowed, forbidden(c.from, mine, ranked, c.to) == "", "%s imports %s",
			c.from, c.to)
	}
}

func TestArchitecture_PurePackagesHaveNoNetwork(t *testing.T) {
	files, _ := source(t)
	direct := map[string]string{
		"net":      "pure packages need no network",
		"net/http": "pure packages need no network",
		"time":     "pure packages read no clock: time is part of their input",
	}

	for _, f := range files {
		if f.test || !slices.Contains(pure, f.pkg) {
			continue
		}

		for _, imported := range f.imports() {
			if why, ok := direct[imported]; ok {
				t.Errorf("%s imports %s: %s", f.name, imported, why)
			}
		}
	}

	const rpc = "programs that only decode, quote or build must not link an RPC client"
	indirect := map[string]string{
		upstream + "/rpc":                           rpc,
		upstream + "/rpc/jsonrpc":                   rpc,
		upstream + "/rpc/ws":                        rpc,
		upstream + "/programs/token":                "it imports solana-go's rpc; " + rpc,
		upstream + "/programs/address-lookup-table": "it imports solana-go's rpc; " + rpc,
		upstream + "/programs/token-2022":           "it does not compile in the version in use",
	}

	for _, pkg := range pure {
		for _, dependency := range dependencies(t, pkg) {
			if why, ok := indirect[dependency]; ok {
				t.Errorf("%s depends on %s: %s", pkg, dependency, why)
			}
		}
	}

	require.Contains(t, dependencies(t, "sdk"), upstream+"/rpc",
		"the check must find the RPC client")
}

// dependencies returns all packages that a package of the module depends on. It
// needs no network.
func dependencies(t *testing.T, pkg string) []string {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "./"+pkg)
	list.Env = append(os.Environ(), "GOPROXY=off", "GOTOOLCHAIN=local", "GOFLAGS=-mod=readonly")
	var problems bytes.Buffer
	list.Stderr = &problems
	out, err := list.Output()
	require.NoError(t, err, problems.String())
	return strings.Fields(string(out))
}

func TestArchitecture_ImportsToAvoid(t *testing.T) {
	files, _ := source(t)
	banned := map[string]string{
		upstream + "/programs/token-2022":                 "it does not compile",
		upstream + "/rpc/sendAndConfirmTransaction":       "it sends once and may wait forever; use sdk.Client.Send",
		"github.com/stretchr/testify/assert":              "a failed test must stop; use require",
		"github.com/stretchr/testify/suite":               "plain tests are enough",
		"github.com/stretchr/testify/mock":                "tests use sdktest.Node",
		"github.com/davecgh/go-spew/spew":                 "it prints secrets such as keys",
		"math/rand":                                       "it has global state; use math/rand/v2 and print the seed",
		"github.com/gagliardetto/solana-go/text":          "it colours text that is meant for logs",
		"github.com/gagliardetto/solana-go/programs/vote": "it panics on malformed accounts",
	}

	for _, f := range files {
		for _, imported := range f.imports() {
			if why, ok := banned[imported]; ok {
				t.Errorf("%s imports %s: %s", f.name, imported, why)
			}
		}
	}
}

// TestArchitecture_MetricsOfTheServerOnly keeps Prometheus out of the programs
// of users who do not run the server.
func TestArchitecture_MetricsOfTheServerOnly(t *testing.T) {
	files, _ := source(t)
	found := 0
	for _, f := range files {
		for _, imported := range f.imports() {
			if !strings.HasPrefix(imported, "github.com/prometheus/") {
				continue
			}

			found++
			if f.pkg != "sdk/serve" && f.pkg != "examples/server" {
				t.Errorf("%s imports %s: only the server has metrics", f.name, imported)
			}
		}
	}

	require.Positive(t, found)
}

// TestArchitecture_ImportsInOnePlace keeps a temporary dependency where it is
// easy to replace: from Go 1.27 on, the standard library has its function.
func TestArchitecture_ImportsInOnePlace(t *testing.T) {
	files, _ := source(t)
	var importing []string
	for _, f := range files {
		uses := slices.ContainsFunc(f.imports(), func(imported string) bool {
			return strings.HasPrefix(imported, "github.com/go-json-experiment/json")
		})
		if uses && !f.test {
			importing = append(importing, f.name)
		}
	}

	require.Equal(t, []string{"internal/jsonrpc/reader.go"}, importing)
}

func TestArchitecture_AmountsAreIntegers(t *testing.T) {
	files, at := source(t)
	for _, f := range files {
		if f.test || !slices.Contains(exact, f.pkg) {
			continue
		}

		for _, p := range floats(f.File) {
			t.Errorf(
				"%s: floating point in a package of amounts: use package fixed or math/big.Rat",
				at(p),
			)
		}
	}
}

// floats finds floating point types, constants and conversions.
func floats(f *ast.File) (found []token.Pos) {
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			switch n.Name {
			case "float32", "float64", "Float32", "Float64", "Float64bits", "Float64frombits",
				"Float32bits", "Float32frombits", "NewFloat", "SetFloat64":
				found = append(found, n.Pos())
			}

		case *ast.BasicLit:
			if n.Kind == token.FLOAT {
				found = append(found, n.Pos())
			}
		}

		return true
	})

	return found
}

// TestArchitecture_FindsFloats checks that the search finds floating point
// numbers.
func TestArchitecture_FindsFloats(t *testing.T) {
	const text = "package x\nvar a float64\nconst b = 1.5\nvar c = r.Float64()\n" +
		"var d = math.Float64bits(e)\nvar g = r.FloatString(9)"
	f, err := parser.ParseFile(token.NewFileSet(), "x.go", text, 0)
	require.NoError(t, err)
	require.Len(t, floats(f), 4)
}

func TestArchitecture_NoInit(t *testing.T) {
	files, at := source(t)
	for _, f := range files {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s: an init function slows down every program that imports the package",
					at(fn.Pos()))
			}
		}
	}
}

func TestArchitecture_NothingLeftToDo(t *testing.T) {
	files, at := source(t)
	marks := []string{"TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"}
	for _, f := range files {
		for _, group := range f.Comments {
			for _, c := range group.List {
				for _, mark := range marks {
					if strings.Contains(c.Text, mark) {
						t.Errorf("%s: %s in a comment: do it, or move it to an issue",
							at(c.Pos()), mark)
					}
				}
			}
		}
	}
}
