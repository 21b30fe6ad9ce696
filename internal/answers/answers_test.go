package answers_test

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route"
)

const (
	answersFile = "testdata/answers.txt"

	// worlds is the number of recorded markets, requestsPerWorld the number of
	// requests to each.
	worlds           = 50
	requestsPerWorld = 80
)

// market loads the market.
func (w *world) market() (*route.Market, error) {
	loader := route.NewLoader(w.tokens...)
	if w.withStake {
		loader = loader.WithStakeAccounts(w.stakes...)
	} else {
		loader = loader.WithoutStake()
	}

	loader = loader.WithLookupTables(w.tables...)

	state := &route.AccountSnapshot{
		Accounts:          accounts.NewSet(w.Chain.Clock.Slot),
		MinimumDelegation: w.Chain.MinimumDelegation,
		Builds:            maps.Clone(w.builds),
		SlotTime:          w.slotTime,
	}

	for _, n := range loader.AccountsToLoad().Accounts {
		w.put(state.Accounts, n.Address, n.Length)
	}

	second, err := loader.AccountsToLoadNext(state)
	if err != nil {
		return nil, err
	}

	for _, n := range second.Accounts {
		w.put(state.Accounts, n.Address, n.Length)
	}

	return loader.Build(state)
}

// answer returns the recorded line for a request.
func answer(m *route.Market, seed uint64, n int, r route.Request) (string, []route.Quote) {
	quotes, rejected := m.Quotes(r)
	f := newDigester()
	for i := range quotes {
		f.quote(&quotes[i])
	}

	for _, no := range rejected {
		f.put(no.Venue)
		f.failure(no.Err)
	}

	short := fmt.Sprintf("%d refusals", len(rejected))
	if len(quotes) > 0 {
		best := &quotes[0]
		short = fmt.Sprintf("%s, %d for %d, of %d", best.Venue, best.Out, best.In, len(quotes))
	}

	return fmt.Sprintf("%d.%d %s # %s", seed, n, short, f.digest()), quotes
}

// ask makes the requests to a market, and passes each answer to tell.
func ask(t *testing.T, seed uint64, tell func(line, about string)) {
	t.Helper()
	w, err := drawWorld(seed)
	require.NoError(t, err, "world %d", seed)
	m, err := w.market()
	if err != nil {
		f := newDigester()
		f.failure(err)
		tell(fmt.Sprintf("%d no market # %s", seed, f.digest()), strings.Join(w.story, "; "))
		return
	}

	d := w.draws(seed)
	pairs := d.pairs(true)
	for n := range requestsPerWorld {
		r := d.request(pairs[n%len(pairs)])
		line, quotes := answer(m, seed, n, r)
		tell(line, fmt.Sprintf("%s\nasked: %s", strings.Join(w.story, "; "), spell(r)))
		d.learn(r, quotes)
	}
}

// recorded returns the lines of the file.
func recorded(t *testing.T) (lines []string) {
	t.Helper()
	file, err := os.Open(answersFile)
	require.NoError(t, err)
	defer file.Close()
	for scanner := bufio.NewScanner(file); scanner.Scan(); {
		lines = append(lines, scanner.Text())
	}
	return lines
}

// TestAnswers_AsRecorded repeats all requests. With SANCTUM_ANSWERS_RECORD set,
// it writes the file.
func TestAnswers_AsRecorded(t *testing.T) {
	record := os.Getenv("SANCTUM_ANSWERS_RECORD") != ""
	if raceDetector && !record {
		t.Skip("the engine starts no goroutine, and under the race detector this takes minutes")
	}

	var lines []string
	var want []string
	if !record {
		want = recorded(t)
	}

	served := make(map[string]int)
	for seed := uint64(1); seed <= worlds; seed++ {
		ask(t, seed, func(line, about string) {
			if !record {
				require.Less(t, len(lines), len(want), "fewer answers are recorded")
				require.Equal(t, want[len(lines)], line, "another answer in world %d: %s", seed,
					about)
			}

			lines = append(lines, line)
			if _, short, _ := strings.Cut(line, " "); !strings.Contains(short, "refusals #") {
				venue, _, _ := strings.Cut(short, ", ")
				served[venue]++
			}
		})
	}

	if record {
		text := strings.Join(lines, "\n") + "\n"
		require.NoError(t, os.WriteFile(answersFile, []byte(text), 0o600))
		return
	}

	require.Len(t, want, len(lines), "more answers are recorded")
	require.Greater(t, len(served), 12, "few venues are ever the best: %v",
		slices.Sorted(maps.Keys(served)))
}
