package main

import (
	"flag"
	"fmt"
	"time"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// flags are the flags that several commands share.
type flags struct {
	RPC         string
	Keypair     string
	Amount      string
	List        string
	SlippageBps uint
	ExactOut    bool
	Crank       bool
	Send        bool
	JSON        bool
	// Recipient is a flag of the commands that register it.
	Recipient string
}

// registerNode adds the flags of a command that loads the market.
func (f *flags) registerNode(set *flag.FlagSet) {
	set.StringVar(&f.RPC, "rpc", "",
		"`URL` of a Solana node; without it the embedded market is used")
	set.StringVar(&f.List, "lsts", "",
		"TOML or JSON `file` with a newer list of LSTs than the built-in one")
	set.BoolVar(&f.JSON, "json", false, "print one JSON object")
}

// register adds the flags of a command that trades.
func (f *flags) register(set *flag.FlagSet) {
	f.registerNode(set)
	set.StringVar(
		&f.Keypair,
		"keypair",
		"",
		"key `file` of the owner, as solana-keygen writes it; without it a key is made for this run",
	)

	set.StringVar(
		&f.Amount,
		"amount",
		"",
		"`amount` to pay, or with -exact-out to receive (1 if it is not given, or all of a stake account)",
	)

	set.UintVar(&f.SlippageBps, "slippage-bps", 10,
		"how much worse than quoted the outcome may be, in basis points: 10 `bps` are 0.10 %")
	set.BoolVar(&f.ExactOut, "exact-out", false, "the amount is what to receive")
	set.BoolVar(&f.Crank, "crank", false,
		"update a pool that is behind by an epoch in the same transaction")
	set.BoolVar(&f.Send, "send", false, "really send the transaction (needs -rpc and -keypair)")
}

// registerRecipient adds the flag of commands that can pay another wallet.
func (f *flags) registerRecipient(set *flag.FlagSet) {
	set.StringVar(&f.Recipient, "recipient", "",
		"`wallet` that receives the outcome; without it the owner does")
}

// session is a client with the owner's key.
type session struct {
	*console
	Flags    flags
	Client   *sdk.Client
	Registry *lst.Registry
	Owner    *txn.KeySigner

	// node is the embedded market, or nil if the session uses an RPC node.
	node *sdktest.Node
	// introduced reports whether the banner of the embedded market was shown.
	introduced bool
}

// start checks the flags and creates the session.
func start(f flags, c *console) (*session, error) {
	if f.Send && (f.RPC == "" || f.Keypair == "") {
		return nil, fmt.Errorf("-send needs -rpc and -keypair")
	}

	if f.SlippageBps > route.MaxSlippageBps {
		return nil, fmt.Errorf("%w: %d", route.ErrInvalidSlippage, f.SlippageBps)
	}

	s := &session{
		console:  c,
		Flags:    f,
		Registry: lst.Default(),
	}

	var err error
	if f.List != "" {
		if s.Registry, err = lst.Open(f.List); err != nil {
			return nil, err
		}
	}

	if s.Owner, err = openOwner(f.Keypair); err != nil {
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

func openOwner(path string) (*txn.KeySigner, error) {
	if path == "" {
		return txn.GenerateKeySigner()
	}
	return txn.OpenKeySigner(path)
}

// buildOptions returns the options of the session's owner. It skips the
// simulation on the embedded market, which runs no programs, and for a key made
// for this run, whose account does not exist.
func (s *session) buildOptions() sdk.BuildOptions {
	dry := s.Flags.RPC == "" || s.Flags.Keypair == ""

	var options sdk.BuildOptions
	options.Owner = s.Owner.PublicKey()
	options.SkipSimulation = dry
	options.SkipPayerCheck = dry
	return options
}

// embedded reports whether the session uses the embedded market.
func (s *session) embedded() bool { return s.node != nil }

// banner returns the age of the embedded market, or "" for an RPC node.
func (s *session) banner() error {
	if !s.embedded() || s.introduced {
		return nil
	}

	s.introduced = true

	sysvar, _ := s.node.Account(accounts.ClockSysvar)
	clock, err := accounts.DecodeClock(sysvar)
	if err != nil {
		return err
	}

	at := time.Unix(clock.UnixTimestamp, 0).UTC()
	text := fmt.Sprintf("Embedded market of %s (epoch %d), %s. Name a node with -rpc for today's.",
		at.Format("2 January 2006"), clock.Epoch, age(at, s.now()))
	s.say("%s", text)
	fmt.Fprintln(s.out)

	return nil
}
