// Command sanctum stakes, unstakes and swaps SOL and liquid staking tokens from
// the command line.
//
//	go install github.com/sanctum-go/sanctum/examples/sanctum@latest
//
//	sanctum stake -to jitoSOL -amount 1.5
//	sanctum unstake -from jitoSOL -amount 10
//	sanctum swap -from jupSOL -to picoSOL -amount 2
//	sanctum prices
//
// Without -rpc, it uses an embedded snapshot of real pools, needs no network,
// and stops at the signed transaction. With -rpc, -keypair and -send, it trades
// on the cluster. Run "sanctum help" for a list of commands, and "sanctum help
// stake" for the flags of a command.
//
// With -json, a command prints one JSON object whose amounts are base units.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// command is a subcommand of sanctum.
type command struct {
	name  string
	about string
	// example holds arguments that work on the embedded market.
	example string
	run     func(ctx context.Context, args []string, c *console) error
}

// commands returns all commands in the order of the help.
func commands() []command {
	return []command{
		{
			name:    "stake",
			about:   "SOL into a liquid staking token (LST), by the best route",
			example: "-to jitoSOL -amount 1.5",
			run:     stake,
		},
		{
			name:    "swap",
			about:   "one LST into another, or into SOL, by the best route",
			example: "-from jupSOL -to picoSOL -amount 2",
			run:     swap,
		},
		{
			name:    "unstake",
			about:   "an LST or a stake account into SOL immediately, all routes compared",
			example: "-from jitoSOL -amount 10",
			run:     unstake,
		},
		{
			name:    "deposit-stake",
			about:   "a stake account, or a part of it, into an LST",
			example: "-to mSOL -amount 2.5",
			run:     depositStake,
		},
		{
			name:    "delayed",
			about:   "an LST into a stake account, and that into SOL an epoch later",
			example: "-from jitoSOL -amount 10",
			run:     delayed,
		},
		{
			name:    "liquidity",
			about:   "a token of Infinity into INF, or INF into a token",
			example: "-add SOL -amount 5",
			run:     liquidity,
		},
		{
			name:    "infinity",
			about:   "the Infinity pool: what it holds and what it charges",
			example: "-svg infinity.svg",
			run:     infinity,
		},
		{
			name:    "prices",
			about:   "all LSTs with price, floor and APY",
			example: "-csv",
			run:     prices,
		},
		{
			name:    "discover",
			about:   "the stake pool of a token, found on chain, and reasons to distrust it",
			example: "-token jitoSOL",
			run:     discover,
		},
		{
			name:    "explain",
			about:   "what a transaction in base64 does, and whether it keeps limits",
			example: "-pay 1.5SOL -receive 1.24jitoSOL < transaction.txt",
			run:     explainTransaction,
		},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	c := newConsole()
	err := run(ctx, os.Args[1:], c)
	stop()
	if err != nil {
		c.fail(err)
		os.Exit(1)
	}
}

// run runs the command named by the first argument.
func run(ctx context.Context, args []string, c *console) error {
	if len(args) == 0 {
		c.usage()
		return nil
	}

	name, rest := args[0], args[1:]
	switch strings.TrimLeft(name, "-") {
	case "help", "h":
		if len(rest) == 0 {
			c.usage()
			return nil
		}

		name, rest = rest[0], []string{"-help"}
	}

	for _, command := range commands() {
		if command.name == name {
			return command.run(ctx, rest, c)
		}
	}

	return fmt.Errorf("no command %q (run \"sanctum help\" for all of them)", name)
}

// usage lists the commands.
func (c *console) usage() {
	fmt.Fprintln(c.out, "Usage: sanctum <command> [flags]")
	fmt.Fprintln(c.out)

	list := table{columns: []column{
		{title: "command"},
		{title: "what it does", folds: true},
	}}

	for _, command := range commands() {
		list.add(command.name, command.about)
	}

	list.write(c.out, c.width)

	fmt.Fprintln(c.out, "\nExamples, on the embedded market")
	for _, command := range commands() {
		writeItem(c.out, c.width, "", "sanctum "+command.name+" "+command.example)
	}

	fmt.Fprintln(c.out)
	c.say("%s", "Name a node with -rpc for today's prices; add -keypair and -send to trade. "+
		"\"sanctum help <command>\" lists the flags of a command.")
}

// fail prints the error that ended a command. For a request without a route it
// prints one line for each venue with its reason.
func (c *console) fail(err error) {
	var none *route.NoRouteError
	if errors.As(err, &none) && len(none.Rejections) > 1 {
		from, to := readable(none.From.String(), lst.Default()), readable(none.To.String(),
			lst.Default())
		fmt.Fprintf(c.err, "error: no route from %s to %s\n", from, to)
		for _, no := range none.Rejections {
			writeField(c.err, c.width, string(no.Venue), readable(no.Err.Error(), lst.Default()))
		}

		return
	}

	for i, line := range wrap("error: "+readable(err.Error(), lst.Default()), c.width-indent) {
		fmt.Fprintf(c.err, "%*s%s\n", min(i, 1)*indent, "", line)
	}
}

// parse parses the arguments of a command. If done is true, the caller returns
// err: the user asked for help, or the arguments are invalid.
func (c *console) parse(set *flag.FlagSet, args []string) (done bool, err error) {
	switch err := set.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		c.help(set)
		return true, nil
	case err != nil:
		return true, fmt.Errorf("%w (see \"sanctum help %s\")", err, set.Name())
	case set.NArg() > 0:
		return true, fmt.Errorf("unexpected argument %q (flags begin with -)", set.Arg(0))
	}
	return false, nil
}

// flagSet returns an empty flag set that prints nothing.
func flagSet(name string) *flag.FlagSet {
	set := flag.NewFlagSet(name, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	return set
}
