// Command server serves quotes and transactions over HTTP, on an embedded
// snapshot of real pools, or with -rpc on a node.
package main

import (
	"context"
	"flag"
	"log"
	"net"
	"net/http"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/serve"
	"github.com/sanctum-go/sanctum/sdk/serve/page"
)

func main() {
	address := flag.String("addr", "127.0.0.1:8080", "the address to listen on")
	endpoint := flag.String("rpc", "", "the URL of a node")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	listener, err := net.Listen("tcp", *address)
	if err == nil {
		log.Printf("serving http://%s and /openapi.json", listener.Addr())
		err = run(ctx, listener, *endpoint)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// run serves until the context ends, and then finishes what it has begun.
func run(ctx context.Context, listener net.Listener, endpoint string) error {
	client, _, err := sdktest.DemoClient()
	if endpoint != "" {
		client, err = sdk.New(endpoint)
	}
	if err != nil {
		return err
	}
	markets := new(loaded)
	if err := markets.load(ctx, client); err != nil {
		return err
	}
	handler, err := serve.New(serve.Config{Markets: markets, Client: client, AllowExecute: true,
		Other: page.Handler()})
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, MaxHeaderBytes: 16 << 10}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	for ctx.Err() == nil {
		select {
		case err := <-ended:
			return err
		case <-time.After(5 * time.Second):
			_ = markets.load(ctx, client) // The market ages until a load succeeds.
		case <-ctx.Done():
		}
	}
	return server.Shutdown(context.WithoutCancel(ctx))
}

// loaded implements serve.Markets with the market that was loaded last.
type loaded struct{ market atomic.Pointer[route.Market] }

func (l *loaded) Market() (*route.Market, error) { return l.market.Load(), nil }

func (l *loaded) load(ctx context.Context, client *sdk.Client) error {
	market, err := client.LoadMarketTokens(ctx, client.Registry().All()...)
	if err == nil {
		l.market.Store(market)
	}
	return err
}
