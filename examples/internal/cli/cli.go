// Package cli is what the example programs share: their flags, a client for the node or the embedded market, and how a trade is
// shown.
package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Flags are those that all trading examples take.
type Flags struct {
	RPC, Keypair, Amount, List string
	SlippageBps                uint
	ExactOut, Crank            bool
	Send, JSON                 bool
	// Recipient is a flag of those examples that register it.
	Recipient string
}

// Register adds the flags to a set.
func (f *Flags) Register(set *flag.FlagSet) {
	set.StringVar(&f.RPC, "rpc", "", "HTTP address of a Solana node; without it the embedded market is used")
	set.StringVar(&f.Keypair, "keypair", "", "key file of the owner (as solana-keygen writes it); without it a key is made for this run")
	set.StringVar(&f.Amount, "amount", "", "amount to pay, or with -exact-out to receive (1 if it is not given, or all of a stake account)")
	set.StringVar(&f.List, "lsts", "", "JSON file with a newer list of LSTs than the built-in one")
	set.UintVar(&f.SlippageBps, "slippage-bps", 10, "how much worse than quoted the outcome may be, in basis points")
	set.BoolVar(&f.ExactOut, "exact-out", false, "the amount is what to receive")
	set.BoolVar(&f.Crank, "crank", false, "update a pool that is behind by an epoch in the same transaction")
	set.BoolVar(&f.Send, "send", false, "really send the transaction (needs -rpc and -keypair)")
	set.BoolVar(&f.JSON, "json", false, "print one JSON object")
}

// RegisterRecipient adds the flag of examples that can pay somebody else.
func (f *Flags) RegisterRecipient(set *flag.FlagSet) {
	set.StringVar(&f.Recipient, "recipient", "", "wallet that receives the outcome; without it the owner does")
}

// Session is a client with the owner's key.
type Session struct {
	Flags    Flags
	Client   *sdk.Client
	Registry *lst.Registry
	Owner    *txn.KeySigner
	Out, Err io.Writer

	// node is the embedded market, nil if there is a real node.
	node *sdktest.Node
}

// Main runs an example with a context that ends on interrupt and exits with 1 if it fails.
func Main(run func(ctx context.Context, args []string, out, errOut io.Writer) error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// Parse parses the arguments. Asking for help is no failure, and what is left over is no flag that would silently not count.
func Parse(set *flag.FlagSet, args []string) (done bool, err error) {
	switch err := set.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return true, nil
	case err != nil:
		return true, err
	case set.NArg() > 0:
		return true, fmt.Errorf("unexpected argument %q", set.Arg(0))
	}
	return false, nil
}

// Start checks the flags and makes the session.
func Start(f Flags, out, errOut io.Writer) (*Session, error) {
	if f.Send && (f.RPC == "" || f.Keypair == "") {
		return nil, fmt.Errorf("-send needs -rpc and -keypair")
	}
	if f.SlippageBps > route.MaxSlippageBps {
		return nil, fmt.Errorf("%w: %d", route.ErrSlippage, f.SlippageBps)
	}
	s := &Session{Flags: f, Registry: lst.Default(), Out: out, Err: errOut}
	var err error
	if f.List != "" {
		if s.Registry, err = lst.Open(f.List); err != nil {
			return nil, err
		}
	}
	if s.Owner, err = owner(f.Keypair); err != nil {
		return nil, err
	}
	if f.RPC != "" {
		s.Client, err = sdk.New(f.RPC, sdk.WithRegistry(s.Registry))
		return s, err
	}
	if s.node, err = sdktest.Demo(); err != nil {
		return nil, err
	}
	s.Client, err = s.node.Client(sdk.WithRegistry(s.Registry))
	return s, err
}

func owner(path string) (*txn.KeySigner, error) {
	if path == "" {
		return txn.GenerateKeySigner()
	}
	return txn.OpenKeySigner(path)
}

// BuildOptions are for the session's owner. Nothing can be simulated on the embedded market, nor for a key made for this run, whose
// account does not exist.
func (s *Session) BuildOptions() sdk.BuildOptions {
	dry := s.Flags.RPC == "" || s.Flags.Keypair == ""
	return sdk.BuildOptions{
		Owner:          s.Owner.PublicKey(),
		SkipSimulation: dry,
		SkipPayerCheck: dry,
	}
}
