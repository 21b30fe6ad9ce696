package sanctum_test

import (
	"bufio"
	"bytes"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// ordered lists the packages below sdk/route with their files from top to
// bottom. A file may only use declarations of files after it, so no files form
// a cycle, and a package can be read from the bottom up.
var ordered = []struct {
	pkg   string
	why   string
	files []string
}{
	{
		pkg: "sdk/route",
		why: "a market does not know the requests that it answers",
		files: []string{
			"evidence.go", "requote.go", "portablejson.go", "strictjson.go", "portablecheck.go",
			"portable.go", "portableerror.go", "search.go", "describe.go", "infinityearnings.go",
			"tokeninfo.go", "poolstate.go", "price.go", "infinitypool.go", "loader.go",
			"market.go", "text.go", "quote.go", "request.go", "integratorfee.go", "terms.go",
			"doc.go",
		},
	},
	{
		pkg: "sdk/route/internal/choose",
		why: "a search uses simpler searches: two legs combine offers of single venues, and the " +
			"checks of a transaction's size are the same for all searches",
		files: []string{
			"choose.go", "repeat.go", "twosteps.go", "prune.go", "chain.go", "split.go", "reach.go",
			"lines.go",
			"bound.go", "splitvenue.go", "direct.go", "found.go", "combine.go",
			"measure.go", "gain.go", "rank.go", "market.go", "layout.go", "search.go", "pairs.go",
		},
	},
	{
		pkg: "sdk/route/internal/venue",
		why: "only the list knows all venues; a venue that moves stake knows its sources and buyers, " +
			"which do not know each other",
		files: []string{
			"all.go", "staketrade.go", "stakewithdrawal.go", "stakeparts.go", "scratch.go",
			"routerdeposit.go", "router.go", "stakeroute.go", "toreserve.go", "tomarinade.go",
			"tostakepool.go",
			"infinitysteps.go", "infinity.go", "infinityupdate.go", "fromlido.go",
			"frommarinade.go", "fromstakeaccount.go", "fromstakepool.go", "receipt.go", "stake.go",
			"stakeprogram.go", "stakemerge.go", "marinadeunstake.go", "marinadedeposit.go",
			"marinade.go",
			"stakepoolwithdrawal.go", "stakepooldeposit.go", "stakepool.go", "smallest.go",
			"line.go", "userprices.go", "venue.go",
		},
	},
	{
		pkg: "sdk/route/internal/offer",
		why: "an offer knows the request that it answers, not vice versa",
		files: []string{
			"soldestination.go", "tokenaccount.go", "offer.go", "details.go", "ask.go",
			"limits.go", "doc.go",
		},
	},
	{
		pkg: "sdk/route/terms",
		why: "terms that all packages use do not depend on these packages",
		files: []string{
			"request.go", "receivedstake.go", "buildparams.go", "fee.go", "venue.go",
			"words.go", "doc.go",
		},
	},
	{
		pkg: "sdk/route/state",
		why: "loading and updating know every protocol; a protocol knows the ledger and the chain, " +
			"and another protocol only if its accounts derive from that one's",
		files: []string{
			"load.go", "update.go", "newledger.go", "candidates.go", "infinity.go",
			"infinity_token.go", "calculator.go", "stakeaccount.go", "lido.go",
			"marinade_stake.go", "marinade_records.go", "marinade.go", "validators.go",
			"stakepool.go", "interceptor.go", "router.go", "reserve.go",
			"tables.go", "infinity_pricing.go", "infinity_list.go",
			"infinity_facts.go", "chain.go", "snapshot.go", "wants.go", "derive.go", "part.go",
			"ledger.go", "votes.go", "memo.go", "pages.go", "loadplan.go", "errors.go", "doc.go",
		},
	},
}

// longest is the maximum number of lines of a listed file.
const longest = 600

func TestFileOrder_IsKept(t *testing.T) {
	files, _ := source(t)
	for _, f := range files {
		isListed := false
		for _, p := range ordered {
			isListed = isListed || p.pkg == f.pkg
		}

		if strings.HasPrefix(f.pkg+"/", "sdk/route/") && !isListed {
			t.Errorf("package %s is not listed: list its files in this test", f.pkg)
		}
	}

	imports := builtPackages(t, "./sdk/route/...")
	for _, p := range ordered {
		set, parsed := parsePackage(t, p.pkg)
		found, err := references(set, parsed, imports)
		require.NoError(t, err)
		require.Len(t, p.files, len(parsed), "%s: list every file once", p.pkg)
		for _, wrong := range upwards(set, parsed, found, p.files) {
			t.Errorf("%s: %s (%s)", p.pkg, wrong, p.why)
		}
	}
}

// TestFileOrder_FindsUpwardUses checks that uses of files further up are found:
// functions, methods, fields, and constants in expressions.
func TestFileOrder_FindsUpwardUses(t *testing.T) {
	const bottom = "package x\n\ntype B struct{ field int }\n\nfunc (b B) method() {}\n\n"
	for _, c := range []struct {
		name, top, more string
		wrong           []string
	}{
		{
			name: "no upward use",
			top:  "package x\n\nfunc f(b B) { b.method(); _ = b.field }\n",
		},
		{
			name:  "a function",
			top:   "package x\n\nfunc f() {}\n",
			more:  "func (b B) calls() { f() }\n",
			wrong: []string{"bottom.go uses top.go, which is above it: f in line 7"},
		},
		{
			name:  "a method and its receiver",
			top:   "package x\n\nfunc (b B) extra() {}\n",
			more:  "func (b B) calls() { b.extra() }\n",
			wrong: []string{"bottom.go uses top.go, which is above it: extra in line 7"},
		},
		{
			name:  "a field of an unnamed type",
			top:   "package x\n\ntype T struct{ B }\n\nvar v struct{ up int }\n",
			more:  "var all = v.up\n",
			wrong: []string{"bottom.go uses top.go, which is above it: v in line 7"},
		},
		{
			name:  "a constant",
			top:   "package x\n\nconst c = 1\n",
			more:  "var list [c]int\n",
			wrong: []string{"bottom.go uses top.go, which is above it: c in line 7"},
		},
		{
			name: "a local of the same name",
			top:  "package x\n\nfunc f() {}\n",
			more: "func (b B) calls() { f := 1; _ = f }\n",
		},
	} {
		set := token.NewFileSet()
		var files []*ast.File
		for name, text := range map[string]string{"top.go": c.top, "bottom.go": bottom + c.more} {
			f, err := parser.ParseFile(set, name, text, 0)
			require.NoError(t, err)
			files = append(files, f)
		}

		found, err := references(set, files, nil)
		require.NoError(t, err)
		require.Equal(t, c.wrong, upwards(set, files, found, []string{"top.go", "bottom.go"}),
			c.name)
		require.Len(t, upwards(set, files, found, []string{"bottom.go"}), 1, c.name)
	}
}

// parsePackage parses the files of a package without its tests.
func parsePackage(t *testing.T, pkg string) (*token.FileSet, []*ast.File) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(filepath.FromSlash(pkg), "*.go"))
	require.NoError(t, err)

	set := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}

		f, err := parser.ParseFile(set, name, nil, 0)
		require.NoError(t, err)
		files = append(files, f)
	}

	return set, files
}

// upwards reports files that use files above them, files that are not listed,
// and files that are too long.
func upwards(set *token.FileSet, files []*ast.File, found sites, order []string) (wrong []string) {
	for _, f := range files {
		whole := set.File(f.FileStart)
		name := filepath.Base(whole.Name())
		if lines := whole.LineCount(); lines > longest {
			wrong = append(wrong,
				fmt.Sprintf("%s has %d lines, over %d: split it", name, lines, longest))
		}

		place := slices.Index(order, name)
		if place < 0 {
			wrong = append(
				wrong,
				fmt.Sprintf(
					"%s is not listed: list it above the files it uses and below the files that use it",
					name,
				),
			)

			continue
		}

		for _, used := range slices.Sorted(maps.Keys(found[name])) {
			if theirs := slices.Index(order, used); theirs >= 0 && theirs < place {
				wrong = append(wrong,
					fmt.Sprintf("%s uses %s, which is above it: %s", name, used, found[name][used]))
			}
		}
	}

	return wrong
}

// sites maps a file and a file that it uses to the first such use, with its
// name and line.
type sites map[string]map[string]string

// references finds the files of a package that use declarations of its other
// files. It uses the type checker, so methods and fields count, too.
func references(set *token.FileSet, files []*ast.File, imports types.Importer) (sites, error) {
	info := types.Info{Uses: make(map[*ast.Ident]types.Object)}
	checker := types.Config{Importer: imports}

	checked, err := checker.Check("x", set, files, &info)
	if err != nil {
		return nil, err
	}

	// In source order, so that the first use is deterministic.
	uses := slices.SortedFunc(maps.Keys(info.Uses), func(a, b *ast.Ident) int {
		return int(a.Pos() - b.Pos())
	})

	found := make(sites)
	for _, use := range uses {
		object := info.Uses[use]
		if object.Pkg() != checked || !shared(checked, object) {
			continue
		}

		at := set.Position(use.Pos())
		from, to := filepath.Base(at.Filename), filepath.Base(set.Position(object.Pos()).Filename)
		if from == to {
			continue
		}

		if found[from] == nil {
			found[from] = make(map[string]string)
		}

		if found[from][to] == "" {
			found[from][to] = fmt.Sprintf("%s in line %d", use.Name, at.Line)
		}
	}

	return found, nil
}

// shared reports whether other files can use a declaration: a declaration of
// the package, a method, or a field.
func shared(pkg *types.Package, object types.Object) bool {
	if object.Parent() == pkg.Scope() {
		return true
	}

	switch object := object.(type) {
	case *types.Func:
		return object.Signature().Recv() != nil
	case *types.Var:
		return object.IsField()
	}

	return false
}

// builtPackages returns an importer that reads the export data of the compiler.
func builtPackages(t *testing.T, patterns ...string) types.Importer {
	t.Helper()
	args := []string{"list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}"}
	list := exec.CommandContext(t.Context(), "go", append(args, patterns...)...)
	list.Env = append(os.Environ(), "GOPROXY=off", "GOTOOLCHAIN=local", "GOFLAGS=-mod=readonly")
	var problems bytes.Buffer
	list.Stderr = &problems
	out, err := list.Output()
	require.NoError(t, err, problems.String())

	exports := make(map[string]string)
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		name, file, _ := strings.Cut(lines.Text(), " ")
		exports[name] = file
	}

	return importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})
}
