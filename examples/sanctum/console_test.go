package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

func TestColumns_Setting(t *testing.T) {
	const noTerminal = -1
	for setting, want := range map[string]int{
		"":      widest,
		"wide":  widest,
		"-5":    widest,
		"0":     widest,
		"10":    narrowest,
		"80":    80,
		"200":   widest,
		"99999": widest,
	} {
		require.Equal(t, want, columns(setting, noTerminal), "%q", setting)
	}
}

// TestRun_Width checks that no line of text exceeds the width, except a
// transaction, a signature, or an address in an indented line.
func TestRun_Width(t *testing.T) {
	const longestWord = 15 + 88 // a signature as the value of a field

	for _, args := range [][]string{
		{"stake"}, {"stake", "-to", "INF"}, {"swap"}, {"unstake"}, {"unstake", "-from", "stake"},
		{"unstake", "-exact-out"}, {"deposit-stake", "-to", "mSOL", "-amount", "2.5"}, {"delayed"},
		{"liquidity"}, {"infinity"}, {"infinity", "-matrix"}, {"prices"}, {"help"},
		{"help", "unstake"},
	} {
		for _, width := range []int{narrowest, 60, 80, widest} {
			var out bytes.Buffer
			c := testConsole(&out)
			c.width = width
			require.NoError(t, run(t.Context(), args, c))
			for line := range strings.Lines(out.String()) {
				line = strings.TrimRight(line, "\n")
				length := utf8.RuneCountInString(line)
				words := strings.Fields(line)
				whole := len(words) <= 2 && length <= longestWord || len(words) == 1 ||
					strings.HasPrefix(line, "  signature")
				require.True(t, length <= width || whole, "%v at %d: %q", args, width, line)
			}
		}
	}
}

func TestRun_Usage(t *testing.T) {
	for _, args := range [][]string{nil, {"help"}, {"-h"}, {"--help"}} {
		var out bytes.Buffer
		require.NoError(t, run(t.Context(), args, testConsole(&out)))
		for _, command := range commands() {
			require.Contains(t, out.String(), "  "+command.name+" ")
		}
	}

	for _, args := range [][]string{{"help", "delayed"}, {"delayed", "-h"}} {
		var out bytes.Buffer
		require.NoError(t, run(t.Context(), args, testConsole(&out)))
		require.Contains(t, out.String(), "-deactivate")
	}
}

func TestRun_Mistakes(t *testing.T) {
	for want, args := range map[string][]string{
		`no command "steak"`:                {"steak"},
		`no command "nothing"`:              {"help", "nothing"},
		`unexpected argument "1"`:           {"stake", "1"},
		"-json and -csv exclude each other": {"prices", "-json", "-csv"},
	} {
		var out bytes.Buffer
		require.ErrorContains(t, run(t.Context(), args, testConsole(&out)), want)
		require.Empty(t, out.String())
	}
}

// TestRun_Examples runs the examples of the help.
func TestRun_Examples(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t,
		os.WriteFile("transaction.txt", []byte(stakeTool.report(t, "-amount", "1.5").Transaction),
			0o600))
	for _, command := range commands() {
		var out bytes.Buffer
		c := testConsole(&out)
		args, file, redirected := strings.Cut(command.example, " < ")
		if redirected {
			in, err := os.Open(filepath.Clean(file))
			require.NoError(t, err)
			defer in.Close()
			c.in = in
		}

		require.NoError(t,
			run(t.Context(), append([]string{command.name}, strings.Fields(args)...), c),
			command.name)
	}
}

func TestConsole_Fail(t *testing.T) {
	jito, err := lst.Default().Lookup("jitoSOL")
	require.NoError(t, err)
	var out bytes.Buffer
	testConsole(&out).fail(&route.NoRouteError{
		From: jito.Mint,
		To:   jito.Mint,
		Rejections: []route.Rejection{
			{Venue: "one", Err: errors.New("1500000000 lamports of mint " + jito.Mint.String())},
			{Venue: "two", Err: errors.New("closed")},
		},
	})

	require.Equal(t, "error: no route from JitoSOL to JitoSOL\n"+
		"  one          1.5 SOL of JitoSOL\n"+
		"  two          closed\n", out.String())
}

// TestConsole_Progress checks that progress is shown on a terminal only, after
// the delay only, and is removed at the end.
func TestConsole_Progress(t *testing.T) {
	node, endpoint := serve(t)
	node.SetLatency(20 * time.Millisecond)
	for _, live := range []bool{false, true} {
		var out, errOut bytes.Buffer
		c := testConsole(&out)
		c.err, c.live, c.patience = &errOut, live, time.Millisecond
		require.NoError(t, run(t.Context(), []string{"stake", "-rpc", endpoint}, c))
		if !live {
			require.Empty(t, errOut.String())
			continue
		}

		require.Contains(t, errOut.String(), "\r\x1b[KLoading the market, 0s")
		require.True(t, strings.HasSuffix(errOut.String(), "\r\x1b[K"), "the line is cleared")
		require.NotContains(t, errOut.String(), "\n")
	}
}

// TestConsole_ProgressEnds checks that progress ends with the call, also when
// the call fails.
func TestConsole_ProgressEnds(t *testing.T) {
	node, endpoint := serve(t)
	node.Fail("*", sdktest.Fault{Hang: true})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	var out bytes.Buffer
	c := testConsole(&out)
	c.live, c.patience = true, time.Millisecond
	require.ErrorIs(t, run(ctx, []string{"stake", "-rpc", endpoint}, c), context.DeadlineExceeded)
	require.True(t, strings.HasSuffix(out.String(), "\r\x1b[K"))
}
