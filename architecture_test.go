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

// staircase ranks the packages of the module: each may import only what is below it. A name that ends in a slash stands for all
// packages in it.
var staircase = []struct {
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
	{"sdk/route/terms", 5},
	{"sdk/route/internal/offer", 6},
	{"sdk/route/internal/venue", 7},
	{"sdk/route/internal/choose", 8},
	{"sdk/route", 9},
	{"sdk/explain", 9},
	{"sdk", 10},
	{"sdk/sdktest", 11},
	{"examples/", 12},
}

// Packages beside the staircase.
var (
	// network is what talks to nodes. It is for package sdk, and knows nothing of what is sent.
	network = []string{"internal/jsonrpc", "internal/send"}
	// props are for tests and sdktest.
	props = []string{"internal/answers", "internal/attacks", "internal/figures", "internal/golden", "internal/demo", "internal/dump"}
	// pure packages can be used without a network and without its dependencies.
	pure = []string{
		"accounts", "instructions", "sdk/quote", "sdk/route", "sdk/route/state", "sdk/route/terms", "sdk/route/internal/offer", "sdk/route/internal/venue",
		"sdk/route/internal/choose", "sdk/txn", "sdk/lst", "sdk/progerr", "sdk/explain", "internal/condition", "internal/wire", "internal/fixed", "internal/idl",
	}
	// exact packages compute amounts.
	exact = []string{"accounts", "instructions", "sdk/quote", "sdk/route", "sdk/route/state", "sdk/route/terms", "sdk/route/internal/offer",
		"sdk/route/internal/venue", "sdk/route/internal/choose", "sdk/explain"}
)

// goFile is one parsed file of the module.
type goFile struct {
	name string // from the root of the module
	pkg  string // the folder, "." for the root
	test bool
	*ast.File
}

// imports are the paths a file imports.
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
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || strings.HasPrefix(d.Name(), "_") || d.Name() == "testdata" || d.Name() == "node_modules"):
			return filepath.SkipDir
		case d.IsDir() || filepath.Ext(name) != ".go":
			return nil
		}
		name = filepath.ToSlash(name)
		parsed, err := parser.ParseFile(set, name, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		files = append(files, goFile{name: name, pkg: path.Dir(name), test: strings.HasSuffix(name, "_test.go"), File: parsed})
		return nil
	}))
	require.Greater(t, len(files), 50, "this is not the root of the module")
	return files, func(p token.Pos) string { return set.Position(p).String() }
}

// inModule is the folder of an imported package, if it is one of the module.
func inModule(imported string) (pkg string, ok bool) {
	if imported == module {
		return ".", true
	}
	return strings.CutPrefix(imported, module+"/")
}

// rank is the step of a package on the staircase.
func rank(pkg string) (int, bool) {
	for _, s := range staircase {
		if s.name == pkg || strings.HasSuffix(s.name, "/") && strings.HasPrefix(pkg, s.name) {
			return s.rank, true
		}
	}
	return 0, false
}

func TestStaircase(t *testing.T) {
	files, _ := source(t)
	for _, f := range files {
		if f.test {
			continue
		}
		mine, ranked := rank(f.pkg)
		if !ranked && !slices.Contains(network, f.pkg) && !slices.Contains(props, f.pkg) && f.pkg != "." {
			t.Errorf("%s: package %s has no place in the architecture: give it one in this test, so that its imports are checked", f.name, f.pkg)
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

// forbidden says why a package must not import another one, empty if it may.
func forbidden(from string, mine int, ranked bool, to string) string {
	theirs, toRanked := rank(to)
	switch {
	case slices.Contains(network, to):
		if from != "sdk" {
			return "the transport is for package sdk alone: users bring their own, and pure packages know no network"
		}
	case slices.Contains(network, from):
		return "the transport must not know what is sent through it, so that it can be tested and replaced alone"
	case slices.Contains(props, to):
		if !slices.Contains(props, from) && from != "sdk/sdktest" {
			return "made up markets are for tests and sdktest: real code must not be able to trade on them, and examples are to be copied"
		}
	case slices.Contains(props, from):
		if toRanked && theirs > 9 {
			return "figures stand for the chain below the client, so that the client can be tested with them"
		}
	case !ranked:
		return "the root is documentation only"
	case !toRanked:
		return "it has no place in the architecture"
	case theirs >= mine:
		return fmt.Sprintf("imports only go down the staircase (%d is not below %d): what is below must be usable without what is above", theirs, mine)
	}
	return ""
}

// TestForbidden makes sure that the rules can fail.
func TestForbidden(t *testing.T) {
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
		{"examples/stake", "sdk/sdktest", true},
		{"examples/stake", "internal/demo", false},
		{"examples/stake", "internal/jsonrpc", false},
		{"examples/stake", "examples/sanctum", false},
		{"sdk/sdktest", "examples/stake", false},
		{".", "sdk", false},
	} {
		mine, ranked := rank(c.from)
		require.Equal(t, c.allowed, forbidden(c.from, mine, ranked, c.to) == "", "%s imports %s", c.from, c.to)
	}
}

func TestPurePackagesKnowNoNetwork(t *testing.T) {
	files, _ := source(t)
	direct := map[string]string{
		"net":      "pure packages know no network",
		"net/http": "pure packages know no network",
		"time":     "pure packages know no clock: time is part of the state they are given",
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

	const rpc = "whoever only decodes, quotes or builds must not link an RPC client"
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
	require.Contains(t, dependencies(t, "sdk"), upstream+"/rpc", "a check that cannot find the client cannot find anything")
}

// dependencies are all packages that a package of the module depends on. They are listed without a network.
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

func TestImportsToAvoid(t *testing.T) {
	files, _ := source(t)
	banned := map[string]string{
		upstream + "/programs/token-2022":                 "it does not compile in the version in use",
		upstream + "/rpc/sendAndConfirmTransaction":       "it sends once and may wait for ever; use package sdk's Send",
		"github.com/stretchr/testify/assert":              "a test that goes on after a failure reports what follows from it; use require",
		"github.com/stretchr/testify/suite":               "plain tests are enough",
		"github.com/stretchr/testify/mock":                "tests use sdktest.Node",
		"github.com/davecgh/go-spew/spew":                 "it prints what must not be printed, keys among it",
		"math/rand":                                       "it has a global state; use math/rand/v2 with a seed that is printed",
		"github.com/gagliardetto/solana-go/text":          "it colours what is meant for logs",
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

// TestImportsInOnePlace keeps a dependency that is to go away where it is easy to
// replace: from Go 1.27 on the standard library has it.
func TestImportsInOnePlace(t *testing.T) {
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

func TestAmountsAreIntegers(t *testing.T) {
	files, at := source(t)
	for _, f := range files {
		if f.test || !slices.Contains(exact, f.pkg) {
			continue
		}
		for _, p := range floats(f.File) {
			t.Errorf("%s: floating point where amounts are computed: it rounds as no program on chain does; use package fixed or math/big.Rat", at(p))
		}
	}
}

// floats finds floating point types, constants and conversions.
func floats(f *ast.File) (found []token.Pos) {
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			switch n.Name {
			case "float32", "float64", "Float32", "Float64", "Float64bits", "Float64frombits", "Float32bits", "Float32frombits", "NewFloat", "SetFloat64":
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

// TestFloats makes sure that the search finds something.
func TestFloats(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\nvar a float64\nconst b = 1.5\nvar c = r.Float64()\nvar d = math.Float64bits(e)\nvar g = r.FloatString(9)", 0)
	require.NoError(t, err)
	require.Len(t, floats(f), 4)
}

func TestNoInit(t *testing.T) {
	files, at := source(t)
	for _, f := range files {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s: an init function costs every program that imports the package, whether it uses it or not", at(fn.Pos()))
			}
		}
	}
}

func TestNothingIsLeftToDo(t *testing.T) {
	files, at := source(t)
	marks := []string{"TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"}
	for _, f := range files {
		for _, group := range f.Comments {
			for _, c := range group.List {
				for _, mark := range marks {
					if strings.Contains(c.Text, mark) {
						t.Errorf("%s: %s in a comment: do it, or write it down where people plan", at(c.Pos()), mark)
					}
				}
			}
		}
	}
}
