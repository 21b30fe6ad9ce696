package yesterday_test

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route"
)

const (
	goldenFile   = "testdata/answers.txt"
	goldenWorlds = 12
	goldenCases  = 40
)

// today makes the market of a world with today's engine alone.
func (w *world) today() (*route.Market, error) {
	loader := route.NewLoader(w.tokens...)
	if w.withStake {
		loader = loader.WithStakeAccounts(w.stakes...)
	} else {
		loader = loader.WithoutStake()
	}
	loader = loader.WithLookupTables(w.tables...)
	state := &route.State{
		Accounts:          accounts.NewSet(w.Chain.Clock.Slot),
		MinimumDelegation: w.Chain.MinimumDelegation,
		Builds:            maps.Clone(w.builds),
		SlotTime:          w.slotTime,
	}
	for _, n := range loader.First().Accounts {
		w.put(state.Accounts, n.Address, n.Length)
	}
	second, err := loader.Second(state)
	if err != nil {
		return nil, err
	}
	for _, n := range second.Accounts {
		w.put(state.Accounts, n.Address, n.Length)
	}
	return loader.Market(state)
}

// dump writes all exported fields of a value.
func dump(to io.Writer, v reflect.Value) {
	switch {
	case v.Type() == errorType:
		if err := asError(v); err != nil {
			dumpError(to, err)
		}
	case v.Type() == sideType:
		fmt.Fprint(to, v.Uint(), ";")
	case v.Type() == ratType:
		fmt.Fprint(to, v.Interface().(*big.Rat), ";")
	case v.Kind() == reflect.Struct:
		for _, f := range plainFields(v.Type()) {
			if f.IsExported() && !added[v.Type().Name()+"."+f.Name] {
				fmt.Fprint(to, f.Name, ":")
				dump(to, v.FieldByIndex(f.Index))
			}
		}
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			fmt.Fprint(to, i, ":")
			dump(to, v.Index(i))
		}
	default:
		fmt.Fprint(to, v.Interface(), ";")
	}
}

// dumpError writes an error with the conditions it wraps.
func dumpError(to io.Writer, err error) {
	fmt.Fprint(to, err.Error(), ";")
	for _, s := range sentinels {
		if errors.Is(err, s.today) {
			fmt.Fprint(to, s.name, ";")
		}
	}
}

// golden is a line about an answer: what was asked, what came of it in short,
// and a digest of all of it.
func golden(m *route.Market, seed uint64, r route.Request) (string, []route.Quote) {
	digest := sha256.New()
	quotes, rejected := m.Quotes(r)
	short := fmt.Sprintf("%d refusals", len(rejected))
	for i, q := range quotes {
		dump(digest, reflect.ValueOf(q))
		for _, p := range parties {
			steps, err := q.Steps(p.Parties)
			dump(digest, reflect.ValueOf(&err).Elem())
			for _, s := range steps {
				fmt.Fprintln(digest, written(s))
			}
		}
		if i == 0 {
			short = fmt.Sprintf("%s, %d for %d", q.Venue, q.Out, q.In)
		}
	}
	for _, no := range rejected {
		fmt.Fprint(digest, no.Venue, ":")
		dumpError(digest, no.Err)
	}
	return fmt.Sprintf(
		"%d %s -> %s # %s",
		seed,
		spell(r),
		short,
		hex.EncodeToString(digest.Sum(nil)[:12]),
	), quotes
}

// goldenLines are the lines of all worlds.
func goldenLines(t *testing.T) (lines []string) {
	t.Helper()
	for seed := uint64(1); seed <= goldenWorlds; seed++ {
		w, err := drawWorld(seed)
		require.NoError(t, err)
		m, err := w.today()
		if err != nil {
			lines = append(lines, fmt.Sprintf("%d no market: %v", seed, err))
			continue
		}
		d := w.draws(seed)
		pairs := d.pairs(true)
		for i := range goldenCases {
			r := d.request(pairs[i%len(pairs)])
			line, quotes := golden(m, seed, r)
			lines = append(lines, line)
			d.learn(r, quotes)
		}
	}
	return lines
}

// TestYesterday_Golden compares today's answers with those that were recorded of
// yesterday's engine. They stay when that engine goes. With
// SANCTUM_YESTERDAY_RECORD set they are written anew.
func TestYesterday_Golden(t *testing.T) {
	if raceDetector && os.Getenv("SANCTUM_YESTERDAY_CASES") == "" {
		t.Skip(
			"the same comparison takes long under the race detector, and starts no goroutine; set SANCTUM_YESTERDAY_CASES to run it",
		)
	}
	lines := goldenLines(t)
	if os.Getenv("SANCTUM_YESTERDAY_RECORD") != "" {
		require.NoError(t, os.WriteFile(goldenFile, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	}
	file, err := os.Open(goldenFile)
	require.NoError(t, err)
	defer file.Close()
	scanner := bufio.NewScanner(file)
	scanner.Buffer(nil, 1<<20)
	served := 0
	for _, line := range lines {
		require.True(t, scanner.Scan(), "fewer answers were recorded")
		require.Equal(t, scanner.Text(), line, "what was asked of a world, with another answer")
		if !strings.Contains(line, " refusals #") {
			served++
		}
	}
	require.False(t, scanner.Scan(), "more answers were recorded")
	require.Greater(t, served, len(lines)/4)
}
