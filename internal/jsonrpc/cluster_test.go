package jsonrpc

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

const devnet = "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG"

// clustered is like plant for endpoints that report these genesis hashes. All
// of them answer.
func clustered(t *testing.T, fo FailoverOptions, genesis ...string) (*farm, *Failover) {
	t.Helper()
	f, failover := plant(t, len(genesis), Options{}, fo)
	f.genesis = make(map[string]func(string) (int, string))
	for i, hash := range genesis {
		host := string(rune('a' + i))
		f.answer[host] = gives(string(rune('1' + i)))
		f.genesis[host] = gives(`"` + hash + `"`)
	}
	return f, failover
}

// TestCluster_Fallback has a fallback on another cluster. Its answers never
// count, and the error names it.
func TestCluster_Fallback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, failover := clustered(t, FailoverOptions{}, mainnet, devnet)
		got, err := slot(t.Context(), failover)
		require.NoError(t, err)
		require.Equal(t, uint64(1), got)
		require.Equal(t, "a", f.taken())

		// The first endpoint is down.
		f.set("a", nil)
		_, err = slot(t.Context(), failover)
		require.ErrorIs(t, err, ErrWrongCluster)
		require.ErrorIs(t, err, errRefused)
		require.ErrorContains(t, err,
			"https://b.test: endpoint is on another cluster (correct its URL): its genesis hash is "+
				devnet+
				", that of a.test is "+
				mainnet)

		require.NotContains(t, err.Error(), "\n")
		require.Equal(t, "abaaa", f.taken())

		// An endpoint on another cluster is not asked again.
		_, err = slot(t.Context(), failover)
		require.ErrorIs(t, err, ErrWrongCluster)
		require.Equal(t, "aaaa", f.taken())
		require.Len(t, failover.Awake(), 1)
		require.True(t, failover.Resting()[1])
	})
}

// TestCluster_Send checks that an endpoint on another cluster has no say about
// a transaction, not even if it accepts it.
func TestCluster_Send(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, failover := clustered(t, FailoverOptions{}, mainnet, devnet)
		for _, answer := range []func(string) (int, string){gives(`"signature"`),
			preflight(`"AccountNotFound"`), code(codeInvalidParams)} {
			f.set("b", answer)
			var failures []error
			for _, one := range failover.Awake() {
				failures = append(failures,
					one.CallForInto(t.Context(), nil, "sendTransaction", nil))
			}

			require.NoError(t, failures[0])
			for _, err := range failures[1:] {
				require.ErrorIs(t, err, ErrWrongCluster)
				var e *Error
				require.ErrorAs(t, err, &e)
				require.Zero(t, e.Code)
			}
		}

		require.Equal(t, "abaa", f.taken())
	})
}

// TestCluster_FirstAnswersLater uses a fallback until the first endpoint is
// back, which is on another cluster. OnCluster is called, so that data from the
// fallback is dropped.
func TestCluster_FirstAnswersLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		moved := 0
		f, failover := clustered(t, FailoverOptions{OnCluster: func() { moved++ }}, mainnet, devnet)
		f.set("a", nil)
		f.genesis["a"] = says(503, "")
		got, err := slot(t.Context(), failover)
		require.NoError(t, err)
		require.Equal(t, uint64(2), got)

		f.set("a", gives("1"))
		f.genesis["a"] = gives(`"` + mainnet + `"`)
		f.set("b", says(503, ""))
		time.Sleep(time.Hour)
		got, err = slot(t.Context(), failover)
		require.NoError(t, err)
		require.Equal(t, uint64(1), got)
		require.Equal(t, 1, moved)
		f.set("a", nil)
		f.set("b", gives("2"))
		_, err = slot(t.Context(), failover)
		require.ErrorIs(t, err, ErrWrongCluster)
	})
}

// TestCluster_Genesis sets the genesis hash that all endpoints must have, even
// a single one.
func TestCluster_Genesis(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, failover := clustered(t, FailoverOptions{Genesis: mainnet}, devnet)
		_, err := slot(t.Context(), failover)
		require.ErrorIs(t, err, ErrWrongCluster)
		require.ErrorContains(t, err,
			"https://a.test: endpoint is on another cluster (correct its URL): its genesis hash is "+
				devnet+
				", "+
				mainnet+
				" is wanted")

		f, failover := clustered(t, FailoverOptions{Genesis: mainnet}, devnet, mainnet)
		got, err := slot(t.Context(), failover)
		require.NoError(t, err)
		require.Equal(t, uint64(2), got)
		require.Equal(t, "ab", f.taken())

		// An endpoint that does not report its genesis hash is refused.
		f, failover = clustered(t, FailoverOptions{Genesis: mainnet}, mainnet, mainnet)
		f.genesis["a"] = code(codeMethodNotFound)
		got, err = slot(t.Context(), failover)
		require.NoError(t, err)
		require.Equal(t, uint64(2), got)
	})
}

// TestCluster_NotReported accepts an endpoint without getGenesisHash. An
// endpoint that fails to answer is asked again.
func TestCluster_NotReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, failover := clustered(t, FailoverOptions{}, mainnet, mainnet)
		f.genesis["a"] = code(codeMethodNotFound)
		got, err := slot(t.Context(), failover)
		require.NoError(t, err)
		require.Equal(t, uint64(1), got)

		for name, failing := range map[string]func(string) (int, string){
			"limited": says(429, ""), "no hash": gives(`"x"`), "another type": gives("7"),
			"null": gives("null"), "no answer": says(hang, ""),
		} {
			f, failover = clustered(t, FailoverOptions{}, mainnet, mainnet)
			f.genesis["a"] = inOrder(failing, gives(`"`+mainnet+`"`))
			got, err = slot(t.Context(), failover)
			require.NoError(t, err, name)
			require.Equal(t, uint64(2), got, name)
			require.Equal(t, "ab", f.taken(), name)
			time.Sleep(time.Hour)
			got, err = slot(t.Context(), failover)
			require.NoError(t, err, name)
			require.Equal(t, uint64(1), got, name)
		}
	})
}

// TestCluster_ConcurrentRequest checks that the genesis hash is requested once,
// concurrently with the first calls.
func TestCluster_ConcurrentRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, failover := clustered(t, FailoverOptions{}, mainnet, mainnet)
		told := 0
		slow := func(answer func(string) (int, string)) func(string) (int, string) {
			return func(id string) (int, string) {
				time.Sleep(100 * time.Millisecond)
				return answer(id)
			}
		}

		f.answer["a"] = slow(gives("1"))
		f.genesis["a"] = slow(func(id string) (int, string) {
			told++
			return gives(`"` + mainnet + `"`)(id)
		})

		start := time.Now()
		var group sync.WaitGroup
		for range 10 {
			group.Go(func() {
				if _, err := slot(t.Context(), failover); err != nil {
					t.Error(err)
				}
			})
		}

		group.Wait()
		require.Equal(t, 100*time.Millisecond, time.Since(start))
		require.Equal(t, 1, told)
	})
}

// TestCluster_ContextEnds leaves no request for the genesis hash behind, which
// synctest checks.
func TestCluster_ContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, failover := clustered(t, FailoverOptions{}, mainnet, mainnet)
		f.genesis["a"], f.genesis["b"] = says(hang, ""), says(hang, "")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := slot(ctx, failover)
		require.ErrorIs(t, err, context.DeadlineExceeded)

		// A failing call does not wait for the genesis hash.
		f.answer["a"], f.answer["b"] = nil, nil
		start := time.Now()
		_, err = slot(t.Context(), failover)
		require.ErrorIs(t, err, errRefused)
		require.Less(t, time.Since(start), 10*time.Second)
	})
}
