package sanctum_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/format"
	"os"
	"path"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
)

// public are the packages that users import.
var public = []string{
	"accounts",
	"instructions",
	"sdk",
	"sdk/explain",
	"sdk/foreign",
	"sdk/lst",
	"sdk/operator",
	"sdk/progerr",
	"sdk/quote",
	"sdk/route",
	"sdk/route/state",
	"sdk/route/terms",
	"sdk/sdktest",
	"sdk/serve",
	"sdk/serve/page",
	"sdk/txn",
}

// surfaceFile has the list of the exported surface.
const surfaceFile = "surface_list_test.go"

var updateSurface = flag.Bool("update", false, "write the lists of what is exported anew")

// symbol is an exported function or type.
type symbol struct {
	pkg, name string
	generic   bool
}

// exported returns the functions and types that the public packages export in
// the source. It omits interfaces, which have no code.
func exported(t *testing.T) (funcs, types []symbol) {
	t.Helper()
	files, _ := source(t)
	for _, f := range files {
		if f.test || !slices.Contains(public, f.pkg) {
			continue
		}

		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.IsExported() {
					funcs = append(funcs, symbol{f.pkg, d.Name.Name, d.Type.TypeParams != nil})
				}

			case *ast.GenDecl:
				for _, spec := range d.Specs {
					s, ok := spec.(*ast.TypeSpec)
					if !ok || !s.Name.IsExported() {
						continue
					}

					if _, code := s.Type.(*ast.InterfaceType); !code {
						types = append(types, symbol{f.pkg, s.Name.Name, s.TypeParams != nil})
					}
				}
			}
		}
	}

	for _, list := range [][]symbol{funcs, types} {
		slices.SortFunc(list, func(a, b symbol) int {
			return strings.Compare(a.pkg+"."+a.name, b.pkg+"."+b.name)
		})
	}

	return funcs, types
}

// surfaceSource returns the Go source of the list.
func surfaceSource(t *testing.T, funcs, types []symbol) []byte {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("package sanctum_test\n\n")
	b.WriteString("// Written by go test -run TestSurface_IsListed . -update\n\n")
	b.WriteString("import (\n\"reflect\"\n\n")
	for _, pkg := range public {
		fmt.Fprintf(&b, "%q\n", module+"/"+pkg)
	}

	b.WriteString(")\n\n")

	b.WriteString("// surfaceFuncs are all exported functions by name.\n")
	b.WriteString("var surfaceFuncs = map[string]any{\n")
	for _, f := range funcs {
		name := path.Base(f.pkg) + "." + f.name
		if f.generic {
			fmt.Fprintf(&b, "%q: %s[accounts.Clock],\n", name, name)
			continue
		}

		fmt.Fprintf(&b, "%q: %s,\n", name, name)
	}

	b.WriteString("}\n\n")

	b.WriteString("// surfaceTypes are all exported types but interfaces.\n")
	b.WriteString("var surfaceTypes = map[string]reflect.Type{\n")
	for _, s := range types {
		require.False(t, s.generic, "%s.%s: the list has no place for generic types yet", s.pkg,
			s.name)
		name := path.Base(s.pkg) + "." + s.name
		fmt.Fprintf(&b, "%q: reflect.TypeFor[%s](),\n", name, name)
	}

	b.WriteString("}\n")

	text, err := format.Source(b.Bytes())
	require.NoError(t, err)

	return text
}

// TestSurface_IsListed keeps the list complete, so that
// [TestSurface_DoesNotPanic] calls new exports from the start.
func TestSurface_IsListed(t *testing.T) {
	funcs, types := exported(t)
	want := surfaceSource(t, funcs, types)
	if *updateSurface {
		require.NoError(t, os.WriteFile(surfaceFile, want, 0o600))
		return
	}
	got, err := os.ReadFile(surfaceFile)
	require.NoError(t, err)
	require.Equal(t, string(want), string(got), "run go test -run TestSurface_IsListed . -update")
}

// TestSurface_DoesNotPanic calls every exported function and method with zero
// and useful values of each argument and receiver, in all combinations, and
// with values that have one zero field. Mistakes of the caller must lead to
// errors or zero results.
func TestSurface_DoesNotPanic(t *testing.T) {
	s := newSurface(t)
	for _, name := range sortedKeys(surfaceFuncs) {
		s.try(name, reflect.ValueOf(surfaceFuncs[name]))
	}

	for _, name := range sortedKeys(surfaceTypes) {
		s.tryMethods(name, surfaceTypes[name])
	}

	for _, name := range sortedKeys(s.failures) {
		t.Errorf("%s panics %s", name, s.failures[name])
	}

	require.Greater(t, s.symbols, 600, "this is not the whole surface")
	t.Logf("%d functions and methods, %d calls", s.symbols, s.calls)
}

// TestSurface_FindsPanics checks that the search finds panics.
func TestSurface_FindsPanics(t *testing.T) {
	s := newSurface(t)
	type named struct {
		Ok   bool
		Name *string
	}

	s.try("nil pointer", reflect.ValueOf(func(p *int) int { return *p }))
	s.try("second argument", reflect.ValueOf(func(ok bool, p *int) int {
		if !ok {
			return 0
		}

		return *p
	}))

	s.try("field", reflect.ValueOf(func(n named) string {
		if n == (named{}) {
			return ""
		}

		return *n.Name
	}))

	s.try("element", reflect.ValueOf(func(all ...*named) string {
		for _, n := range all {
			return *n.Name
		}

		return ""
	}))

	s.try("harmless", reflect.ValueOf(func(*int) int { return 0 }))
	require.Equal(t, []string{"element", "field", "nil pointer", "second argument"},
		sortedKeys(s.failures))
}

// surface calls functions and records those that panic.
type surface struct {
	samples *samples
	symbols int
	calls   int
	// followed counts the calls of a function whose results were tried.
	followed map[string]int
	failures map[string]string
}

func newSurface(t *testing.T) *surface {
	t.Helper()
	return &surface{
		samples:  newSamples(t),
		followed: make(map[string]int),
		failures: make(map[string]string),
	}
}

// tryMethods calls the methods of a type and of its pointer.
func (s *surface) tryMethods(name string, typ reflect.Type) {
	if typ.Kind() == reflect.Interface {
		return // an alias of one
	}

	for i := range typ.NumMethod() {
		m := typ.Method(i)
		s.try(name+"."+m.Name, m.Func)
	}

	pointer := reflect.PointerTo(typ)
	for i := range pointer.NumMethod() {
		m := pointer.Method(i)
		// Go itself panics if a value method is called on a nil pointer, before
		// any code of the module runs.
		if _, ofValue := typ.MethodByName(m.Name); !ofValue {
			s.try("*"+name+"."+m.Name, m.Func)
		}
	}
}

// maxTogether is the maximum number of arguments that are tried in all
// combinations.
const maxTogether = 7

// maxFollowed is the maximum number of calls of a function whose results are
// tried.
const maxFollowed = 40

// try calls a function with all combinations of zero and useful arguments, and
// with useful arguments of which one has any other value.
func (s *surface) try(name string, fn reflect.Value) {
	s.symbols++
	typ := fn.Type()
	n := typ.NumIn()
	choices := make([][]choice, n)
	for i := range n {
		choices[i] = s.samples.of(typ.In(i))
	}

	// A set bit of the mask stands for the useful value, the second one.
	for mask := range 1 << min(n, maxTogether) {
		pick := make([]int, n)
		for i := range pick {
			if i >= maxTogether || mask&(1<<i) != 0 {
				pick[i] = min(1, len(choices[i])-1)
			}
		}

		s.call(name, fn, choices, pick)
	}

	for i := range n {
		for other := 2; other < len(choices[i]); other++ {
			pick := make([]int, n)
			for j := range pick {
				pick[j] = min(1, len(choices[j])-1)
			}

			pick[i] = other
			s.call(name, fn, choices, pick)
		}
	}
}

// call makes one call, unless the function panicked before.
func (s *surface) call(name string, fn reflect.Value, choices [][]choice, pick []int) {
	if _, failed := s.failures[name]; failed {
		return
	}

	s.calls++
	var words []string
	args := make([]reflect.Value, len(pick))
	defer func() {
		if r := recover(); r != nil {
			s.failures[name] = fmt.Sprintf("with (%s): %v%s", strings.Join(words, ", "), r,
				frames())
		}
	}()

	for i, at := range pick {
		words = append(words, choices[i][at].words)
		args[i] = choices[i][at].make()
	}

	var results []reflect.Value
	if fn.Type().IsVariadic() {
		results = fn.CallSlice(args)
	} else {
		results = fn.Call(args)
	}

	if s.followed[name]++; s.followed[name] <= maxFollowed {
		for _, r := range results {
			s.follow(r)
		}
	}
}

// follow tries results: an error's text, a function, an option, and the methods
// of a value.
func (s *surface) follow(result reflect.Value) {
	typ := result.Type()
	switch {
	case typ.Kind() == reflect.Func && !result.IsNil():
		s.callZero(result)
	case typ.Kind() == reflect.Interface && !result.IsNil():
		s.followInterface(result)
	case typ.Kind() != reflect.Interface && strings.HasPrefix(elem(typ).PkgPath(), module):
		s.callMethods(result)
	}
}

// followInterface tries an error, an option, or another value of the module.
func (s *surface) followInterface(result reflect.Value) {
	value := result.Interface()
	if err, ok := value.(error); ok {
		_ = err.Error()
		_ = errors.Is(err, accounts.ErrNil)
	}

	if option, ok := value.(sdk.Option); ok {
		s.samples.useOption(option)
	}

	if option, ok := value.(sdk.EndpointOption); ok {
		s.samples.useOption(sdk.WithFallback("http://other.invalid", option))
	}

	if option, ok := value.(sdk.SendOption); ok {
		s.samples.useSendOption(option)
	}

	if strings.HasPrefix(elem(result.Elem().Type()).PkgPath(), module) {
		s.callMethods(result.Elem())
	}
}

// callMethods calls the exported methods of a value with zero arguments.
func (s *surface) callMethods(v reflect.Value) {
	for i := range v.NumMethod() {
		_, ofValue := elem(v.Type()).MethodByName(v.Type().Method(i).Name)
		if v.Kind() == reflect.Pointer && v.IsNil() && ofValue {
			continue
		}
		s.callZero(v.Method(i))
	}
}

// callZero calls a function with zero arguments.
func (s *surface) callZero(fn reflect.Value) {
	args := make([]reflect.Value, fn.Type().NumIn())
	for i := range args {
		args[i] = reflect.Zero(fn.Type().In(i))
	}
	if fn.Type().IsVariadic() {
		fn.CallSlice(args)
	} else {
		fn.Call(args)
	}
}

// elem returns the element type of a pointer, and any other type unchanged.
func elem(typ reflect.Type) reflect.Type {
	if typ.Kind() == reflect.Pointer {
		return typ.Elem()
	}
	return typ
}

// frames returns the innermost lines of the module in the stack of a panic.
func frames() string {
	var found []string
	for line := range strings.Lines(string(debug.Stack())) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "/") && !strings.Contains(line, "/surface_test.go") {
			file, _, _ := strings.Cut(line, " ")
			if at := strings.Index(file, "/src/"); at < 0 {
				found = append(found, path.Join(path.Base(path.Dir(file)), path.Base(file)))
			}
		}
	}

	return "\n\t" + strings.Join(found[:min(len(found), 4)], " < ")
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
