// Command liquidity turns a token of Infinity into INF, or INF into a token.
//
//	go run ./examples/liquidity -add SOL -amount 5
//	go run ./examples/liquidity -remove picoSOL -amount 5
//
// The first pays SOL for INF, the second INF for picoSOL, on the embedded market, up to the signed transaction. With -rpc, -keypair and
// -send it is real.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/examples/internal/cli"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
)

func main() { cli.Main(run) }

func run(ctx context.Context, args []string, out, errOut io.Writer) error {
	var f cli.Flags
	flags := flag.NewFlagSet("liquidity", flag.ContinueOnError)
	flags.SetOutput(errOut)
	f.Register(flags)
	add := flags.String("add", "", "symbol or mint of the token to pay for INF (SOL if neither is named)")
	remove := flags.String("remove", "", "symbol or mint of the token to receive for INF")
	if done, err := cli.Parse(flags, args); done {
		return err
	}
	from, to := *add, "INF"
	switch {
	case *add != "" && *remove != "":
		return errors.New("-add and -remove exclude each other")
	case *remove != "":
		from, to = "INF", *remove
	case *add == "":
		from = "SOL"
	}
	s, err := cli.Start(f, out, errOut)
	if err != nil {
		return err
	}
	trade, err := s.Tokens(from, to)
	if err != nil {
		return err
	}
	trade.Venue = "Infinity"
	trade.Details = func(market *route.Market, q route.Quote) error {
		pool, err := market.Pool(accounts.InfinityProgram)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "  price      1 INF = %s SOL now, before fees\n", pool.LPPrice)
		if q.Until != 0 {
			fmt.Fprintf(out, "  holds      until slot %d, %d slots from now%s\n",
				q.Until, q.Until-q.Slot, duration(q.Until-q.Slot, market.SlotTime()))
		}
		return nil
	}
	return s.Trade(ctx, trade)
}

// duration is how long some slots take, and how that is known; nothing if it is
// not.
func duration(slots uint64, slot quote.SlotTime) string {
	if !slot.Measured() {
		return ""
	}
	passes := time.Duration(slots) * time.Duration(slot.Nanos)
	return fmt.Sprintf(", which is %s at %s", passes.Round(time.Second), slot)
}
