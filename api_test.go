package sanctum_test

import (
	"fmt"
	"go/types"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// apiFile lists everything that the public packages export, one declaration per
// line, so that API changes are visible in review.
const apiFile = "api.txt"

// recordAPI is the command that writes the list.
const recordAPI = "make record (or go test -run TestAPI . -update)"

// apiLines returns the exported declarations of a package with their types.
func apiLines(pkg *types.Package) (lines []string) {
	qualify := func(other *types.Package) string {
		if other == pkg {
			return ""
		}

		return other.Name()
	}

	prefix := "pkg " + strings.TrimPrefix(pkg.Path(), module+"/") + ", "
	add := func(format string, args ...any) {
		lines = append(lines, prefix+fmt.Sprintf(format, args...))
	}

	for _, name := range pkg.Scope().Names() {
		object := pkg.Scope().Lookup(name)
		if !object.Exported() {
			continue
		}

		switch object := object.(type) {
		case *types.Const:
			add("const %s %s = %s", name, types.TypeString(object.Type(), qualify),
				object.Val().ExactString())
		case *types.Var:
			add("var %s %s", name, types.TypeString(object.Type(), qualify))
		case *types.Func:
			add("%s", types.ObjectString(object, qualify))
		case *types.TypeName:
			add("type %s", typeHead(object, qualify))
			if isPublicAlias(object) {
				continue // its members are listed where it is declared
			}

			for _, member := range members(object, qualify) {
				add("%s", member)
			}
		}
	}

	return lines
}

// isPublicAlias reports whether a type is an alias of a type that a public
// package declares.
func isPublicAlias(object *types.TypeName) bool {
	named, ok := types.Unalias(object.Type()).(*types.Named)
	if !object.IsAlias() || !ok || named.Obj().Pkg() == nil {
		return false
	}
	pkg, ours := inModule(named.Obj().Pkg().Path())
	return ours && slices.Contains(public, pkg)
}

// typeHead returns a type with its kind, or with the type that it is an alias
// of.
func typeHead(object *types.TypeName, qualify types.Qualifier) string {
	if object.IsAlias() {
		return object.Name() + " = " + types.TypeString(types.Unalias(object.Type()), qualify)
	}

	head := strings.TrimPrefix(types.TypeString(object.Type(), qualify), "*")
	switch under := object.Type().Underlying().(type) {
	case *types.Struct:
		return head + " struct"
	case *types.Interface:
		return head + " interface"
	default:
		return head + " " + types.TypeString(under, qualify)
	}
}

// members returns the exported fields and methods of a type. Members promoted
// from an embedded exported type are listed there.
func members(object *types.TypeName, qualify types.Qualifier) (lines []string) {
	typ := types.Unalias(object.Type())
	if under, ok := typ.Underlying().(*types.Struct); ok {
		for _, field := range fields(under, qualify) {
			lines = append(lines, "type "+object.Name()+" struct, "+field)
		}
	}

	if under, ok := typ.Underlying().(*types.Interface); ok {
		for method := range under.Methods() {
			what := method.Name() +
				strings.TrimPrefix(types.TypeString(method.Type(), qualify), "func")
			if !method.Exported() {
				what = "unexported methods"
			}

			lines = append(lines, "type "+object.Name()+" interface, "+what)
		}

		return slices.Compact(lines)
	}

	ofValue := types.NewMethodSet(typ)
	ofPointer := types.NewMethodSet(types.NewPointer(typ))
	for selection := range ofPointer.Methods() {
		method := selection.Obj()
		if !method.Exported() || isPromoted(typ, selection) {
			continue
		}

		receiver := "*" + object.Name()
		if ofValue.Lookup(method.Pkg(), method.Name()) != nil {
			receiver = object.Name()
		}

		lines = append(lines, fmt.Sprintf("method (%s) %s%s", receiver, method.Name(),
			strings.TrimPrefix(types.TypeString(method.Type(), qualify), "func")))
	}

	return lines
}

// fields returns the exported fields of a struct, including those promoted from
// an embedded unexported struct.
func fields(s *types.Struct, qualify types.Qualifier) (lines []string) {
	for field := range s.Fields() {
		under, isStruct := field.Type().Underlying().(*types.Struct)
		switch {
		case field.Exported() && field.Embedded():
			lines = append(lines, "embeds "+types.TypeString(field.Type(), qualify))
		case field.Exported():
			lines = append(lines, field.Name()+" "+types.TypeString(field.Type(), qualify))
		case field.Embedded() && isStruct:
			lines = append(lines, fields(under, qualify)...)
		}
	}

	return lines
}

// isPromoted reports whether a method is promoted from an embedded exported
// type.
func isPromoted(typ types.Type, selection *types.Selection) bool {
	under, ok := typ.Underlying().(*types.Struct)
	return ok && len(selection.Index()) > 1 && under.Field(selection.Index()[0]).Exported()
}

// TestAPI_IsListed compares the exports of the public packages with api.txt.
func TestAPI_IsListed(t *testing.T) {
	imports := documentedPackages(t)
	var lines []string
	for _, name := range public {
		pkg, err := imports.Import(module + "/" + name)
		require.NoError(t, err)
		lines = append(lines, apiLines(pkg)...)
	}

	require.Greater(t, len(lines), 1_000, "this is not the whole API")

	if *updateSurface {
		require.NoError(t, os.WriteFile(apiFile, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
		return
	}

	recorded, err := os.ReadFile(apiFile)
	require.NoError(t, err)
	was := strings.Split(strings.TrimSpace(strings.ReplaceAll(string(recorded), "\r\n", "\n")),
		"\n")
	if difference := compareAPI(was, lines); len(difference) > 0 {
		t.Errorf("the exported API is not that of %s. If that is intended, record it: %s\n%s",
			apiFile, recordAPI, strings.Join(difference, "\n"))
	}
}

// compareAPI returns the lines that only one of two lists has: "-" marks
// removed lines and "+" new ones. Lines of one declaration are adjacent.
func compareAPI(was, is []string) (difference []string) {
	for _, line := range was {
		if !slices.Contains(is, line) {
			difference = append(difference, "- "+line)
		}
	}

	for _, line := range is {
		if !slices.Contains(was, line) {
			difference = append(difference, "+ "+line)
		}
	}

	slices.SortStableFunc(difference, func(a, b string) int {
		return strings.Compare(declared(a[2:]), declared(b[2:]))
	})
	return difference
}

// declared returns a line of the list up to the name that it declares.
func declared(line string) string {
	return declaredName.FindString(line)
}

// declaredName matches "pkg sdk, func New", "pkg sdk, method (*Client) Close"
// and "pkg sdk, type Receipt struct, Slot".
var declaredName = regexp.MustCompile(
	`^pkg \S+, (method \([^)]*\) \w+|type \w+ (struct|interface), \w+|\w+ \w+)`)

// TestAPI_FindsChanges checks that the comparison finds a change and describes
// it.
func TestAPI_FindsChanges(t *testing.T) {
	require.Equal(t, []string{
		"- pkg sdk, func New(url string) (*Client, error)",
		"+ pkg sdk, func New(url string, opts ...Option) (*Client, error)",
		"+ pkg sdk, method (*Client) Close() error",
		"- pkg sdk, type Receipt struct, Slot uint64",
	}, compareAPI([]string{
		"pkg sdk, func New(url string) (*Client, error)",
		"pkg sdk, type Receipt struct",
		"pkg sdk, type Receipt struct, Slot uint64",
	}, []string{
		"pkg sdk, func New(url string, opts ...Option) (*Client, error)",
		"pkg sdk, method (*Client) Close() error",
		"pkg sdk, type Receipt struct",
	}))
}
