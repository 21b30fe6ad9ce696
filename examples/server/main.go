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
	"syscall"
	"time"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/serve"
	"github.com/sanctum-go/sanctum/sdk/serve/page"
)

func main() {
	address := flag.String("addr", "127.0.0.1:8080", "`address` to listen on")
	endpoint := flag.String("rpc", "", "HTTP `URL` of a node")
	socket := flag.String("ws", "", "WebSocket `URL` of the node")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	listener, err := net.Listen("tcp", *address)
	if err == nil {
		log.Printf("serving http://%s and /openapi.json", listener.Addr())
		err = run(ctx, listener, *endpoint, *socket)
	}
	stop()
	if err != nil {
		log.Fatal(err)
	}
}

// run serves until the context ends, and then finishes what it has begun.
func run(ctx context.Context, listener net.Listener, endpoint, socket string) error {
	client, _, err := sdktest.DemoClient()
	if endpoint != "" {
		client, err = sdk.New(endpoint)
	}
	if err != nil {
		return err
	}
	loader := route.NewLoader(client.Registry().All()...)
	watcher, err := client.Watch(context.WithoutCancel(ctx), loader,
		sdk.WatchOptions{WebSocket: socket})
	if err != nil {
		return err
	}
	defer watcher.Close()
	handler, err := serve.New(serve.Config{Markets: watcher, Client: client, AllowExecute: true,
		Other: page.Handler()})
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		MaxHeaderBytes:    16 << 10,
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	return server.Shutdown(grace)
}
