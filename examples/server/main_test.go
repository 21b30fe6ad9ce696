package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRun_ServesTheEmbeddedMarket asks a server for a quote, and stops it.
func TestRun_ServesTheEmbeddedMarket(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, listener, "", "") }()

	request, err := http.NewRequestWithContext(ctx, http.MethodGet,
		"http://"+listener.Addr().String()+"/v1/quotes?from=SOL&to=jitoSOL&amount=1500000000", nil)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, 200, response.StatusCode, string(body))
	require.Contains(t, string(body), `"out":"1244054262"`)

	stop()
	require.NoError(t, <-ended)
}
