// Package cli is what the example programs share: their flags, a client for the node or the embedded market, and how a trade is
// shown.
package cli

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/gagliardetto/solana-go"

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
}

// Register adds the flags to a set.
func (f *Flags) Register(set *flag.FlagSet) {
	set.StringVar(&f.RPC, "rpc", "", "HTTP address of a Solana node; without it the embedded market is used")
	set.StringVar(&f.Keypair, "keypair", "", "key file of the owner (as solana-keygen writes it); without it a key is made for this run")
	set.StringVar(&f.Amount, "amount", "1", "amount to pay, or with -exact-out to receive")
	set.StringVar(&f.List, "lsts", "", "JSON file with a newer list of LSTs than the built-in one")
	set.UintVar(&f.SlippageBps, "slippage-bps", 10, "how much worse than quoted the outcome may be, in basis points")
	set.BoolVar(&f.ExactOut, "exact-out", false, "the amount is what to receive")
	set.BoolVar(&f.Crank, "crank", false, "update a pool that is behind by an epoch in the same transaction")
	set.BoolVar(&f.Send, "send", false, "really send the transaction (needs -rpc and -keypair)")
	set.BoolVar(&f.JSON, "json", false, "print one JSON object")
}

// Session is a client with the owner's key.
type Session struct {
	Flags    Flags
	Client   *sdk.Client
	Registry *lst.Registry
	Owner    *txn.KeySigner
	Out, Err io.Writer
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
	node, err := sdktest.Demo()
	if err != nil {
		return nil, err
	}
	s.Client, err = node.Client(sdk.WithRegistry(s.Registry))
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
	return sdk.BuildOptions{Owner: s.Owner.PublicKey(), SkipSimulation: s.Flags.RPC == "" || s.Flags.Keypair == ""}
}

// Request is what the flags ask for.
func (s *Session) Request(from, to lst.LST, amount uint64) route.Request {
	r := route.Request{
		From: from.Mint, To: to.Mint, Amount: amount, SlippageBps: uint16(s.Flags.SlippageBps), Crank: s.Flags.Crank,
	}
	if s.Flags.ExactOut {
		r.Side = route.ExactOut
	}
	return r
}

// Amount parses the amount, which is of one token or the other.
func (s *Session) Amount(from, to lst.LST) (uint64, error) {
	if s.Flags.ExactOut {
		return to.Parse(s.Flags.Amount)
	}
	return from.Parse(s.Flags.Amount)
}

// Trade loads the market of two tokens, quotes, builds and finishes the trade that the flags ask for. The venue, if one is named, is
// the only one considered. Details are shown below the quote.
func (s *Session) Trade(ctx context.Context, fromName, toName, venue string, details func(*route.Market, route.Quote) error) error {
	from, err := s.Registry.Lookup(fromName)
	if err != nil {
		return err
	}
	to, err := s.Registry.Lookup(toName)
	if err != nil {
		return err
	}
	amount, err := s.Amount(from, to)
	if err != nil {
		return err
	}
	request := s.Request(from, to, amount)
	if err := request.Check(); err != nil {
		return err
	}
	market, err := s.Client.Market(ctx, from.Mint, to.Mint)
	if err != nil {
		return err
	}
	quote, err := best(market, request, venue)
	if err != nil {
		return err
	}
	unsigned, err := s.Client.Build(ctx, quote, s.BuildOptions())
	if err != nil {
		return err
	}
	return s.finish(ctx, from, to, quote, unsigned, func() error { return details(market, quote) })
}

// best is the best quote, of one venue if one is named.
func best(market *route.Market, r route.Request, venue string) (route.Quote, error) {
	if venue == "" {
		return market.Quote(r)
	}
	quotes, rejected := market.Quotes(r)
	for _, q := range quotes {
		if q.Venue == venue {
			return q, nil
		}
	}
	for _, no := range rejected {
		if no.Venue == venue {
			return route.Quote{}, no.Err
		}
	}
	return route.Quote{}, &route.NoRouteError{From: r.From, To: r.To, Rejected: rejected}
}

// Report is what an example prints with -json.
type Report struct {
	Slot        uint64      `json:"slot"`
	Epoch       uint64      `json:"epoch"`
	Venue       string      `json:"venue"`
	From        string      `json:"from"`
	To          string      `json:"to"`
	In          uint64      `json:"in"`
	MaxIn       uint64      `json:"max_in"`
	Out         uint64      `json:"out"`
	MinOut      uint64      `json:"min_out"`
	Exact       bool        `json:"exact"`
	Conditions  []string    `json:"conditions,omitempty"`
	Fees        []route.Fee `json:"fees"`
	NetworkFee  uint64      `json:"network_fee"`
	Steps       []string    `json:"steps"`
	Size        int         `json:"size"`
	Signature   string      `json:"signature"`
	Transaction string      `json:"transaction"`

	Confirmed     *bool   `json:"confirmed,omitempty"`
	UnitsConsumed *uint64 `json:"units_consumed,omitempty"`
	Err           *string `json:"err,omitempty"`
}

// finish signs a trade, shows it, and sends it if the flags say so.
func (s *Session) finish(ctx context.Context, from, to lst.LST, q route.Quote, unsigned *txn.Unsigned, details func() error) error {
	signed, err := unsigned.Sign(ctx, s.Owner)
	if err != nil {
		return err
	}
	fee, err := unsigned.NetworkFee()
	if err != nil {
		return err
	}
	r := Report{
		Slot: q.Slot, Epoch: q.Epoch, Venue: q.Venue, From: from.Symbol, To: to.Symbol, In: q.In, MaxIn: q.MaxIn, Out: q.Out, MinOut: q.MinOut, Exact: q.Exact,
		Conditions: q.Conditions, Fees: q.Fees, NetworkFee: fee, Size: unsigned.Size(), Signature: signed.Signature().String(),
		Transaction: signed.Base64(),
	}
	for _, step := range unsigned.Steps() {
		r.Steps = append(r.Steps, step.Words)
	}
	if r.Fees == nil {
		r.Fees = []route.Fee{}
	}
	if !s.Flags.JSON {
		if err := s.show(r, from, to, details); err != nil {
			return err
		}
	}
	var failure error
	if s.Flags.Send {
		failure = s.send(ctx, signed, &r)
	}
	if s.Flags.JSON {
		text := json.NewEncoder(s.Out)
		text.SetIndent("", "  ")
		if err := text.Encode(r); err != nil {
			return err
		}
	}
	return failure
}

func (s *Session) show(r Report, from, to lst.LST, details func() error) error {
	out := s.Out
	fmt.Fprintf(out, "Quote at slot %d (epoch %d), %s\n", r.Slot, r.Epoch, r.Venue)
	fmt.Fprintf(out, "  pay        %s %s\n", from.Format(r.In), from.Symbol)
	if r.MaxIn != r.In {
		fmt.Fprintf(out, "  at most    %s %s\n", from.Format(r.MaxIn), from.Symbol)
	}
	fmt.Fprintf(out, "  receive    %s %s\n", to.Format(r.Out), to.Symbol)
	fmt.Fprintf(out, "  at least   %s %s\n", to.Format(r.MinOut), to.Symbol)
	for _, f := range r.Fees {
		fmt.Fprintf(out, "  %s: %s %s (%s)\n", f.Name, s.format(f.Amount, f.Mint), s.symbol(f.Mint), f.Rate)
	}
	if len(r.Fees) == 0 {
		fmt.Fprintln(out, "  fees       none")
	}
	if err := details(); err != nil {
		return err
	}
	for _, c := range r.Conditions {
		fmt.Fprintf(out, "  note: %s\n", c)
	}
	fmt.Fprintln(out, "Transaction")
	for i, step := range r.Steps {
		fmt.Fprintf(out, "  %d. %s\n", i+1, step)
	}
	fmt.Fprintf(out, "  size       %d of %d bytes\n", r.Size, txn.MaxSize)
	fmt.Fprintf(out, "  network    %s SOL\n", lst.FormatAmount(r.NetworkFee, 9))
	fmt.Fprintf(out, "  signature  %s\n", r.Signature)
	fmt.Fprintf(out, "  %s\n", r.Transaction)
	return nil
}

func (s *Session) symbol(mint solana.PublicKey) string {
	if token, err := s.Registry.ByMint(mint); err == nil {
		return token.Symbol
	}
	return mint.String()
}

func (s *Session) format(amount uint64, mint solana.PublicKey) string {
	if token, err := s.Registry.ByMint(mint); err == nil {
		return token.Format(amount)
	}
	return fmt.Sprint(amount)
}

func (s *Session) send(ctx context.Context, signed *txn.Signed, r *Report) error {
	receipt, err := s.Client.Send(ctx, signed, sdk.WithProgress(func(p sdk.Progress) {
		fmt.Fprintf(s.Err, "%s (handed out %d times)\n", p.Kind, p.Sends)
	}))
	confirmed := err == nil
	r.Confirmed, r.UnitsConsumed = &confirmed, &receipt.UnitsConsumed
	if err != nil {
		text := err.Error()
		r.Err = &text
		return err
	}
	if !s.Flags.JSON {
		fmt.Fprintf(s.Out, "Landed in slot %d, %s, with %d compute units, for %s SOL\n",
			receipt.Slot, receipt.Commitment, receipt.UnitsConsumed, lst.FormatAmount(receipt.Fee, 9))
	}
	return nil
}
