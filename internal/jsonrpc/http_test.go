package jsonrpc

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestClient_Redirects(t *testing.T) {
	var stolen atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		stolen.Add(1)
	}))
	t.Cleanup(other.Close)
	for name, own := range map[string]Doer{
		"default client": nil,
		"given client": &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
			return nil
		}},
	} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			t.Run(name+" "+http.StatusText(status), func(t *testing.T) {
				url := serve(t, func(w http.ResponseWriter, r *http.Request, _ call) {
					http.Redirect(w, r, other.URL+"/secretsecret", status)
				})
				c, _ := newClient(t, url,
					Options{HTTPClient: own, Header: http.Header{"X-Token": {"secretsecret"}}})
				err := c.CallForInto(context.Background(), nil, "getSlot", nil)
				var e *Error
				require.ErrorAs(t, err, &e)
				require.Equal(t, status, e.HTTPStatus)
				require.Equal(t, 1, e.Attempts)
				require.NotContains(t, err.Error(), "secretsecret")
				require.Zero(t, stolen.Load())
			})
		}
	}

	t.Run("same host", func(t *testing.T) {
		url := serve(t, func(w http.ResponseWriter, r *http.Request, c call) {
			if r.URL.Path == "/" {
				http.Redirect(w, r, "/rpc", http.StatusPermanentRedirect)
				return
			}

			result(w, c, "5")
		})

		c, _ := newClient(t, url, Options{})
		var slot uint64
		require.NoError(t, c.CallForInto(context.Background(), &slot, "getSlot", nil))
		require.EqualValues(t, 5, slot)
	})

	t.Run("loop", func(t *testing.T) {
		url := serve(t, func(w http.ResponseWriter, r *http.Request, _ call) {
			http.Redirect(w, r, "/again", http.StatusPermanentRedirect)
		})
		c, _ := newClient(t, url, Options{})
		require.ErrorIs(t, c.CallForInto(context.Background(), nil, "getSlot", nil), ErrHTTP)
	})
}
