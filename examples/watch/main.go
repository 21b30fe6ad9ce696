// Command watch shows the prices and the yields of LSTs in the terminal as they
// change, until it is interrupted.
//
// It watches an embedded snapshot of real pools, or the node of -rpc. With -ws
// each change is shown when the node notifies it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"time"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

func main() {
	endpoint := flag.String("rpc", os.Getenv("SANCTUM_RPC"), "HTTP `URL` of a node")
	socket := flag.String("ws", "", "WebSocket `URL` of the node")
	tables := flag.Int("n", 0, "number of tables; 0 goes on until it is interrupted")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	opts := sdk.WatchOptions{WebSocket: *socket, PollInterval: time.Second}
	err := run(ctx, os.Stdout, *endpoint, *tables, opts)
	stop()
	if err != nil && !errors.Is(err, context.Canceled) {
		log.Fatal(err)
	}
}

func run(ctx context.Context, out io.Writer, endpoint string, n int, opts sdk.WatchOptions) error {
	client, pass, err := connect(endpoint)
	if err != nil {
		return err
	}
	loader := route.NewLoader(client.Registry().All()...).WithoutStake()
	watcher, err := client.Watch(ctx, loader, opts)
	if err != nil {
		return err
	}
	defer watcher.Close()

	var market *route.Market
	for shown := 0; n == 0 || shown < n; shown++ {
		if market, err = watcher.Next(ctx, market); err != nil {
			return err
		}
		s := watcher.Status()
		fmt.Fprintf(out, "\x1b[H\x1b[2Jslot %d, %d behind, %d ms old, %d updates, %d reconnects\n",
			s.Slot, s.SlotsBehind, s.Age.Milliseconds(), s.Updates, s.Reconnects)
		for _, info := range market.TokenInfos() {
			fmt.Fprintln(out, info)
		}
		pass()
		time.Sleep(400 * time.Millisecond)
	}
	return nil
}

// connect returns a client of a node, or of the embedded market, and a function
// that lets a slot of that market pass.
func connect(endpoint string) (client *sdk.Client, pass func(), err error) {
	if endpoint != "" {
		client, err = sdk.New(endpoint)
		return client, func() {}, err
	}
	node, err := sdktest.Demo()
	if err != nil {
		return nil, nil, err
	}
	client, err = node.Client()
	return client, func() { node.Pass(1) }, err
}
