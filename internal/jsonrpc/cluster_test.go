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

// clustered is plant for endpoints that tell these genesis hashes, all of which
// answer.
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

// TestCluster_Fallback of another cluster is never believed, and is named.
func TestCluster_Fallback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, failover := clustered(t, FailoverOptions{}, mainnet, devnet)
		got, err := slot(t.Context(), failover)
		require.NoError(t, err)
		require.Equal(t, uint64(1), got)
		require.Equal(t, "a", f.taken())

		// The first goes down.
		f.set("a", nil)
		_, err = slot(t.Context(), failover)
		require.ErrorIs(t, err, ErrWrongCluster)
		require.ErrorIs(t, err, errRefused)
		require.ErrorContains(t, err,
			"https://b.test: endpoint of another cluster (correct its URL): its genesis hash is "+
				devnet+
				", that of a.test is "+
				mainnet)

		require.NotContains(t, err.Error(), "\n")
		require.Equal(t, "abaaa", f.taken())

		// Once that is known it is not asked at all.
		_, err = slot(t.Context(), failover)
		require.ErrorIs(t, err, ErrWrongCluster)
		require.Equal(t, "aaaa", f.taken())
		require.Len(t, failover.Awake(), 1)
		require.True(t, failover.Resting()[1])
	})
}

// TestCluster_Send: what another cluster says of a transaction counts for
// nothing, be it that it took it.
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

// TestCluster_FirstOneComesLater: a fallback was believed until the first
// endpoint was back. What was learned from it is to be forgotten.
func TestCluster_FirstOneComesLater(t *testing.T) {
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

// TestCluster_Named is the one all must be of, even a single endpoint.
func TestCluster_Named(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, failover := clustered(t, FailoverOptions{Genesis: mainnet}, devnet)
		_, err := slot(t.Context(), failover)
		require.ErrorIs(t, err, ErrWrongCluster)
		require.ErrorContains(t, err,
			"https://a.test: endpoint of another cluster (correct its URL): its genesis hash is "+
				devnet+
				", "+
				mainnet+
				" is wanted")

		f, failover := clustered(t, FailoverOptions{Genesis: mainnet}, devnet, mainnet)
		got, err := slot(t.Context(), failover)
		require.NoError(t, err)
		require.Equal(t, uint64(2), got)
		require.Equal(t, "ab", f.taken())

		// One that will not tell is not believed.
		f, failover = clustered(t, FailoverOptions{Genesis: mainnet}, mainnet, mainnet)
		f.genesis["a"] = code(codeMethodNotFound)
		got, err = slot(t.Context(), failover)
		require.NoError(t, err)
		require.Equal(t, uint64(2), got)
	})
}

// TestCluster_NotTold: an endpoint that does not serve the method is let
// through, one that fails to answer is asked again.
func TestCluster_NotTold(t *testing.T) {
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

// TestCluster_NoRoundTripMore: it is asked beside the first request, once,
// however many calls wait for it.
func TestCluster_NoRoundTripMore(t *testing.T) {
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

// TestCluster_CallerEnds leaves nothing behind that still asks, which is for
// synctest to see.
func TestCluster_CallerEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, failover := clustered(t, FailoverOptions{}, mainnet, mainnet)
		f.genesis["a"], f.genesis["b"] = says(hang, ""), says(hang, "")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := slot(ctx, failover)
		require.ErrorIs(t, err, context.DeadlineExceeded)

		// A call that fails does not wait for it.
		f.answer["a"], f.answer["b"] = nil, nil
		start := time.Now()
		_, err = slot(t.Context(), failover)
		require.ErrorIs(t, err, errRefused)
		require.Less(t, time.Since(start), 10*time.Second)
	})
}
