// Command server serves quotes and a web page, of an embedded market or a node.
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
	load := func() error {
		market, err := client.LoadMarketTokens(ctx, client.Registry().All()...)
		if err == nil {
			markets.Store(market)
		}
		return err
	}
	if err := load(); err != nil {
		return err
	}
	handler, err := serve.New(serve.Config{Markets: markets, Client: client, AllowExecute: true,
		Other: page.Handler()})
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadTimeout: time.Minute, WriteTimeout: time.Minute}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	for ctx.Err() == nil {
		select {
		case err := <-ended:
			return err
		case <-time.After(5 * time.Second):
			_ = load() // The market ages until a load succeeds.
		case <-ctx.Done():
		}
	}
	return server.Shutdown(context.WithoutCancel(ctx))
}

type loaded struct{ atomic.Pointer[route.Market] } // implements serve.Markets

func (l *loaded) Market() (*route.Market, error) { return l.Load(), nil }
