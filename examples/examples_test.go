package examples_test

import (
	"bytes"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// mostLines is the maximum length of an example.
const mostLines = 80

// TestExamples_CanBeCopied checks that each example is one short file that
// imports public packages only, so it works in any module. The command sanctum
// is exempt.
func TestExamples_CanBeCopied(t *testing.T) {
	folders, err := filepath.Glob("*/main.go")
	require.NoError(t, err)
	require.Greater(t, len(folders), 10, "ten examples or more, and the command")

	for _, name := range folders {
		if filepath.Dir(name) == "sanctum" {
			continue
		}

		text, err := os.ReadFile(name)
		require.NoError(t, err)
		require.LessOrEqual(t, bytes.Count(text, []byte("\n")), mostLines, name)

		parsed, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
		require.NoError(t, err)
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			require.NoError(t, err)
			require.NotContains(t, "/"+imported+"/", "/internal/", name)
			require.False(t, strings.HasPrefix(imported, "github.com/sanctum-go/sanctum/examples"),
				name)
		}

		others, err := filepath.Glob(filepath.Join(filepath.Dir(name), "*.go"))
		require.NoError(t, err)
		for _, other := range others {
			require.True(t, other == name || strings.HasSuffix(other, "_test.go"), "%s: one file",
				other)
		}
	}
}
