package sanctum_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// runCommandsVariable makes TestDocs_CommandsRun run the commands of the
// documentation. Step docs of .ci/run sets it.
const runCommandsVariable = "SANCTUM_RUN_DOCS"

// command is a line of a block of sh.
type command struct {
	at   string
	line string
}

// commands returns the commands that .ci/run runs. Problems are blocks marked
// as not run without a reason, and names of steps that do not exist.
func commands(
	t *testing.T,
	d document,
	steps, targets []string,
) (run []command, problems []string) {
	t.Helper()
	for _, b := range d.blocks {
		if b.language != "sh" {
			continue
		}

		at := fmt.Sprintf("%s:%d", d.name, b.line)
		if reason, skipped := strings.CutPrefix(b.directive, "sh: not run"); skipped {
			if strings.Trim(reason, ": ") == "" {
				problems = append(problems, at+": name the reason: <!-- sh: not run: REASON -->")
			}

			continue
		}

		lines := bufio.NewScanner(strings.NewReader(strings.ReplaceAll(b.text, "\\\n", " ")))
		for lines.Scan() {
			line := strings.TrimSpace(lines.Text())
			words := strings.Fields(line)
			switch {
			case line == "" || strings.HasPrefix(line, "#"):
			case words[0] == "make":
				problems = append(problems, unknownWords(at, "make", words[1:], targets)...)
			case words[0] == ".ci/run":
				problems = append(problems, unknownWords(at, ".ci/run", words[1:], steps)...)
			default:
				run = append(run, command{at, line})
			}
		}
	}

	return run, problems
}

// unknownWords returns the names of targets or steps that do not exist.
func unknownWords(at, program string, words, known []string) (problems []string) {
	for _, w := range words {
		if !strings.Contains(w, "=") && !slices.Contains(known, w) {
			problems = append(problems, fmt.Sprintf("%s: %s knows no %q", at, program, w))
		}
	}
	return problems
}

// gateNames returns the steps of .ci/run and the targets of the Makefile.
func gateNames(t *testing.T) (steps, targets []string) {
	t.Helper()
	gate, err := os.ReadFile(".ci/run")
	require.NoError(t, err)
	for _, m := range regexp.MustCompile(`(?m)^([a-z0-9]+)\(\) \{`).FindAllSubmatch(gate, -1) {
		steps = append(steps, string(m[1]))
	}

	makefile, err := os.ReadFile("Makefile")
	require.NoError(t, err)
	for _, m := range regexp.MustCompile(`(?m)^([a-z0-9 -]+):`).FindAllSubmatch(makefile, -1) {
		targets = append(targets, strings.Fields(string(m[1]))...)
	}

	require.Contains(t, steps, "docs")
	require.Contains(t, targets, "check")

	return steps, targets
}

// TestDocs_CommandsRun runs the commands of all blocks of sh, each once, if
// SANCTUM_RUN_DOCS is set. It always checks their marks and names.
func TestDocs_CommandsRun(t *testing.T) {
	steps, targets := gateNames(t)
	var all []command
	for _, d := range documents(t) {
		run, problems := commands(t, d, steps, targets)
		all = append(all, run...)
		for _, problem := range problems {
			t.Error(problem)
		}
	}

	require.NotEmpty(t, all, "the documentation lost its commands")

	if os.Getenv(runCommandsVariable) == "" {
		t.Logf("%d commands; set %s=1 to run them", len(all), runCommandsVariable)
		return
	}

	ran := make(map[string]bool)
	for _, c := range all {
		if ran[c.line] {
			continue
		}

		ran[c.line] = true
		t.Log("+ " + c.line)
		run := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", c.line)
		run.Env = append(os.Environ(), runCommandsVariable+"=")
		out, err := run.CombinedOutput()
		require.NoError(t, err, "%s: %s\n%s", c.at, c.line, out)
	}
}

// TestDocs_FindsWrongCommands reads commands, marks and mistakes.
func TestDocs_FindsWrongCommands(t *testing.T) {
	run, problems := commands(t, document{
		name: "X.md",
		blocks: []block{
			{language: "sh", line: 2,
				text: "go run ./a \\\n  -b\n\n# a comment\nmake check FUZZTIME=1s\n"},
			{language: "sh", line: 9, text: "curl x\n", directive: "sh: not run: needs a network"},
			{language: "sh", line: 12, text: "curl x\n", directive: "sh: not run"},
			{language: "sh", line: 15, text: "make haste\n.ci/run docs walk\n"},
			{language: "text", line: 20, text: "rm x\n"},
		},
	}, []string{"docs"}, []string{"check"})

	require.Equal(t, []command{{"X.md:2", "go run ./a    -b"}}, run)
	require.Equal(t, []string{
		"X.md:12: name the reason: <!-- sh: not run: REASON -->",
		`X.md:15: make knows no "haste"`,
		`X.md:15: .ci/run knows no "walk"`,
	}, problems)
}
