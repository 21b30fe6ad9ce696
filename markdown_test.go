package sanctum_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

// document is a Markdown file, parsed as far as the tests of the documentation
// need.
type document struct {
	name    string
	blocks  []block
	links   []link
	anchors map[string]bool
	// unclosed is the line of a code block without an end, or 0.
	unclosed int
}

// block is a fenced code block.
type block struct {
	language string
	line     int // the line of the first line of code
	text     string
	// directive is the comment on the line before the block, without its
	// brackets: "go: continues" for <!-- go: continues -->.
	directive string
}

// link is an inline link, an image, or the definition of a reference.
type link struct {
	line   int
	target string
}

var (
	fence      = regexp.MustCompile("^\\s*(```+|~~~+) *([A-Za-z0-9+-]*)")
	remark     = regexp.MustCompile(`^\s*<!--\s*(.*?)\s*-->\s*$`)
	heading    = regexp.MustCompile(`^ {0,3}#{1,6}\s+(.*?)(?:\s+#+)?\s*$`)
	inlineLink = regexp.MustCompile(
		`\]\(\s*<?([^()\s<>]*(?:\([^()\s]*\)[^()\s<>]*)*)>?(?:\s+"[^"]*")?\s*\)`,
	)
	definition = regexp.MustCompile(`^ {0,3}\[[^\]^][^\]]*\]:\s*<?(\S+?)>?(?:\s|$)`)
	htmlLink   = regexp.MustCompile(`(?:href|src|srcset)="([^"]*)"`)
	htmlAnchor = regexp.MustCompile(`<a\s+(?:name|id)="([^"]*)"`)
	codeSpan   = regexp.MustCompile("``[^`].*?``|`[^`]*`")
	linkText   = regexp.MustCompile(`!?\[([^\]]*)\]\([^)]*\)`)
)

// readMarkdown reads blocks, links and anchors of a document.
func readMarkdown(name, text string) document {
	d := document{name: name, anchors: make(map[string]bool)}
	slugs := make(map[string]int)
	var open *block
	var closing, before string

	for number, line := range strings.Split(text, "\n") {
		if open != nil {
			if strings.TrimSpace(line) == closing {
				d.blocks, open = append(d.blocks, *open), nil
				continue
			}

			open.text += line + "\n"
			continue
		}

		if f := fence.FindStringSubmatch(line); f != nil {
			closing = f[1]
			open = &block{language: f[2], line: number + 2, directive: before}
			continue
		}

		before = ""
		if c := remark.FindStringSubmatch(line); c != nil {
			before = c[1]
		}

		if h := heading.FindStringSubmatch(line); h != nil {
			d.anchors[slug(h[1], slugs)] = true
		}

		for _, a := range htmlAnchor.FindAllStringSubmatch(line, -1) {
			d.anchors[a[1]] = true
		}

		for _, target := range targets(line) {
			d.links = append(d.links, link{line: number + 1, target: target})
		}
	}

	if open != nil {
		d.unclosed = open.line - 1
	}

	return d
}

// targets lists where the links of a line lead, without those in code.
func targets(line string) (found []string) {
	line = codeSpan.ReplaceAllString(line, "code")
	for _, pattern := range []*regexp.Regexp{inlineLink, definition, htmlLink} {
		for _, m := range pattern.FindAllStringSubmatch(line, -1) {
			if m[1] != "" {
				found = append(found, m[1])
			}
		}
	}
	return found
}

// slug is the anchor that GitHub gives to a heading: lower case, spaces as
// hyphens, no punctuation, and a number from the second one of a kind on.
func slug(heading string, seen map[string]int) string {
	heading = linkText.ReplaceAllString(heading, "$1")
	var b strings.Builder
	for _, r := range strings.ToLower(heading) {
		switch {
		case r == ' ':
			b.WriteByte('-')
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		}
	}

	plain := b.String()
	count := seen[plain]
	seen[plain]++
	if count == 0 {
		return plain
	}

	return plain + "-" + strconv.Itoa(count)
}

// documents are all Markdown files of the repository.
func documents(t *testing.T) []document {
	t.Helper()
	var all []document
	require.NoError(t, filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() &&
			(d.Name() == "node_modules" || d.Name() == ".git" || d.Name() == "testdata"):
			return filepath.SkipDir
		case d.IsDir() || filepath.Ext(name) != ".md":
			return nil
		}

		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}

		all = append(all, readMarkdown(filepath.ToSlash(name), string(text)))
		return nil
	}))

	require.Greater(t, len(all), 3, "this is not the root of the module")
	return all
}

// TestReadMarkdown_FindsBlocksAndLinks reads a document that has one of each.
func TestReadMarkdown_FindsBlocksAndLinks(t *testing.T) {
	d := readMarkdown("x.md", strings.Join([]string{
		"# The `Quote`, and [more](more.md#a)",
		"## Twice",
		"## Twice",
		`<a name="by-hand"></a> ![picture](pictures/one.svg "title") and [text][ref]`,
		"[ref]: other.md 'title'",
		"`[no](link.md)` but [a (b)](c_(d).md)",
		"<!-- go: continues -->",
		"```go",
		"[no](link.md)",
		"x := 1",
		"```",
		"",
		"~~~sh",
		"```",
		"~~~",
	}, "\n"))

	require.Equal(t, map[string]bool{
		"the-quote-and-more": true,
		"twice":              true,
		"twice-1":            true,
		"by-hand":            true,
	}, d.anchors)

	require.Equal(t, []link{
		{line: 1, target: "more.md#a"},
		{line: 4, target: "pictures/one.svg"},
		{line: 5, target: "other.md"},
		{line: 6, target: "c_(d).md"},
	}, d.links)

	require.Equal(t, []block{
		{language: "go", line: 9, text: "[no](link.md)\nx := 1\n", directive: "go: continues"},
		{language: "sh", line: 14, text: "```\n"},
	}, d.blocks)
}
