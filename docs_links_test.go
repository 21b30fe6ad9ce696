package sanctum_test

import (
	"fmt"
	"go/types"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// pkgGoDev is the address of the packages' documentation.
const pkgGoDev = "https://pkg.go.dev/" + module

// TestDocs_LinksResolve follows each link of each Markdown file that leads to
// the repository: to a file, to a heading, or to a symbol on pkg.go.dev.
func TestDocs_LinksResolve(t *testing.T) {
	all := documents(t)
	imports := documentedPackages(t)
	checked := 0
	for _, d := range all {
		if d.unclosed != 0 {
			t.Errorf("%s:%d: the code block does not end", d.name, d.unclosed)
		}

		for _, l := range d.links {
			wrong := checkLink(d, l, imports)
			if wrong != "" {
				t.Errorf("%s:%d: %s: %s", d.name, l.line, l.target, wrong)
			}

			checked++
		}
	}

	require.Greater(t, checked, 5, "the links are not found")
}

// checkLink returns the reason why a link leads nowhere, or "".
func checkLink(d document, l link, imports types.Importer) string {
	if rest, ok := strings.CutPrefix(l.target, pkgGoDev); ok {
		return checkSymbol(rest, imports)
	}

	target, err := url.Parse(l.target)
	switch {
	case err != nil:
		return err.Error()
	case target.Scheme != "" || target.Host != "":
		return ""
	case strings.HasPrefix(target.Path, "/"):
		return "write a path that is relative to the file"
	}

	if target.Path == "" {
		return checkAnchor(d, target.Fragment)
	}

	file := path.Join(path.Dir(d.name), target.Path)
	if strings.HasPrefix(file, "../") {
		return "it leads out of the repository"
	}

	info, err := os.Stat(filepath.FromSlash(file))
	switch {
	case err != nil:
		return "no such file"
	case target.Fragment == "" || info.IsDir() || path.Ext(file) != ".md":
		return ""
	}

	text, err := os.ReadFile(filepath.FromSlash(file))
	if err != nil {
		return err.Error()
	}

	return checkAnchor(readMarkdown(file, string(text)), target.Fragment)
}

// checkAnchor reports a heading that a document lacks, or returns "".
func checkAnchor(d document, fragment string) string {
	if fragment != "" && !d.anchors[fragment] {
		return fmt.Sprintf("%s has no heading #%s", d.name, fragment)
	}
	return ""
}

// checkSymbol checks the rest of a link to pkg.go.dev, such as
// "/sdk#Client.Stake". It returns the reason why the link leads nowhere, or "".
func checkSymbol(rest string, imports types.Importer) string {
	rest, symbol, _ := strings.Cut(rest, "#")
	name := strings.Trim(rest, "/")
	if name == "" || strings.HasPrefix(name, "examples") {
		return ""
	}

	pkg, err := imports.Import(module + "/" + name)
	switch {
	case err != nil:
		return "no such public package"
	case symbol == "" || strings.Contains(symbol, "-"): // pkg-overview, example-…
		return ""
	}

	typeName, member, isMember := strings.Cut(symbol, ".")
	object := pkg.Scope().Lookup(typeName)
	switch {
	case object == nil || !object.Exported():
		return "the package exports no " + typeName
	case !isMember:
		return ""
	}

	found, _, _ := types.LookupFieldOrMethod(object.Type(), true, pkg, member)
	if found == nil {
		return typeName + " has no " + member
	}

	return ""
}

// TestDocs_FindsWrongLinks checks that broken links are found.
func TestDocs_FindsWrongLinks(t *testing.T) {
	imports := documentedPackages(t)
	for target, wrong := range map[string]string{
		"https://example.com/nothing":       "",
		"../README.md":                      "",
		"speed.md#speed":                    "",
		"#here":                             "",
		"../sdk":                            "",
		pkgGoDev:                            "",
		pkgGoDev + "/sdk#Client.Stake":      "",
		pkgGoDev + "/sdk#New":               "",
		pkgGoDev + "/sdk#Client.Buy":        "Client has no Buy",
		pkgGoDev + "/sdk#Buy":               "the package exports no Buy",
		pkgGoDev + "/internal/golden":       "no such public package",
		"README.md":                         "no such file",
		"../../README.md":                   "it leads out of the repository",
		"/README.md":                        "write a path that is relative to the file",
		"speed.md#no-such-heading":          "docs/speed.md has no heading #no-such-heading",
		"#there":                            "docs/x.md has no heading #there",
		"../sdk/no_such_file_anywhere.go":   "no such file",
		"speed.svg":                         "",
		"mailto:nobody@example.com":         "",
		"../CHANGELOG.md#no-such-heading-1": "CHANGELOG.md has no heading #no-such-heading-1",
	} {
		d := readMarkdown("docs/x.md", "# Here\n")
		got := checkLink(d, link{target: target}, imports)
		require.Equal(t, wrong, got, target)
	}
}
