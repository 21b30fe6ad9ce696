package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Way is one way to trade.
type Way struct {
	Venue      string       `json:"venue"`
	In         uint64       `json:"in"`
	MaxIn      uint64       `json:"max_in"`
	Out        uint64       `json:"out"`
	MinOut     uint64       `json:"min_out"`
	Exact      bool         `json:"exact"`
	Guard      string       `json:"guard"`
	Advance    uint64       `json:"advance"`
	Costs      []route.Cost `json:"costs"`
	Fees       []route.Fee  `json:"fees"`
	Conditions []string     `json:"conditions,omitempty"`
	Next       []string     `json:"next,omitempty"`
	// Legs are the parts of a trade in two steps or over two venues. Leftover is what stays with the owner of the token between two steps.
	Legs     []Leg  `json:"legs,omitempty"`
	Leftover uint64 `json:"leftover,omitempty"`
}

// Leg is a part of a trade.
type Leg struct {
	Venue string           `json:"venue"`
	From  solana.PublicKey `json:"from"`
	To    solana.PublicKey `json:"to"`
	In    uint64           `json:"in"`
	Out   uint64           `json:"out"`
}

// Unavailable is a way that is none, and why.
type Unavailable struct {
	Venue  string `json:"venue"`
	Reason string `json:"reason"`
}

// Report is what an example prints with -json.
type Report struct {
	Slot  uint64 `json:"slot"`
	Epoch uint64 `json:"epoch"`
	From  string `json:"from"`
	To    string `json:"to"`
	// Recipient is who receives the outcome, if that is not the owner.
	Recipient *solana.PublicKey `json:"recipient,omitempty"`
	Way
	NetworkFee uint64 `json:"network_fee"`
	// NetworkFeeEstimated is whether no node told what the network charges.
	NetworkFeeEstimated bool     `json:"network_fee_estimated"`
	Steps               []string `json:"steps"`
	Size                int      `json:"size"`
	Signature           string   `json:"signature"`
	Transaction         string   `json:"transaction"`

	// Quotes are all ways, the best first, and Rejected those that are unavailable, if they were to be compared.
	Quotes   []Way         `json:"quotes,omitzero"`
	Rejected []Unavailable `json:"rejected,omitzero"`

	// StakeAccount is the one that is received. On the embedded market, Withdrawal is how it becomes SOL.
	StakeAccount *solana.PublicKey `json:"stake_account,omitempty"`
	Withdrawal   *Report           `json:"withdrawal,omitempty"`

	Confirmed     *bool   `json:"confirmed,omitempty"`
	UnitsConsumed *uint64 `json:"units_consumed,omitempty"`
	Err           *string `json:"err,omitempty"`
}

func way(q route.Quote) Way {
	w := Way{
		Venue: string(q.Venue), In: q.In, MaxIn: q.MaxIn, Out: q.Out, MinOut: q.MinOut, Exact: q.Exact, Guard: q.Guard.String(), Advance: q.Advance,
		Costs: append([]route.Cost{}, q.Costs...), Fees: append([]route.Fee{}, q.Fees...), Conditions: q.Conditions, Next: q.Next,
		Leftover: q.Leftover,
	}
	for _, leg := range q.Legs {
		w.Legs = append(w.Legs, Leg{Venue: string(leg.Venue), From: leg.Request.From, To: leg.Request.To, In: leg.In, Out: leg.Out})
	}
	return w
}

// report describes a trade that is signed.
func (s *Session) report(t Trade, q route.Quote, unsigned *txn.Unsigned, signed *txn.Signed) (*Report, error) {
	fee, err := unsigned.NetworkFee()
	if err != nil {
		return nil, err
	}
	r := &Report{
		Slot: q.Slot, Epoch: q.Epoch, From: s.symbol(t.From.Mint), To: s.symbol(t.To.Mint), Way: way(q), NetworkFee: fee,
		Size: unsigned.Size(), Signature: signed.Signature().String(), Transaction: signed.Base64(),
	}
	_, told := unsigned.BaseFee()
	r.NetworkFeeEstimated = !told
	if to := q.Request.Recipient; !to.IsZero() {
		r.Recipient = &to
	}
	for _, step := range unsigned.Steps() {
		r.Steps = append(r.Steps, step.Words)
	}
	return r, nil
}

// compare adds all ways there are and those there are not.
func (r *Report) compare(quotes []route.Quote, rejected []route.Rejected) {
	r.Quotes, r.Rejected = []Way{}, []Unavailable{}
	for _, q := range quotes {
		r.Quotes = append(r.Quotes, way(q))
	}
	for _, no := range rejected {
		r.Rejected = append(r.Rejected, Unavailable{string(no.Venue), no.Err.Error()})
	}
}

// Print prints a report as JSON if that is wanted, and hands on the error it came with.
func (s *Session) Print(r *Report, failure error) error {
	if r != nil && s.Flags.JSON {
		text := json.NewEncoder(s.Out)
		text.SetIndent("", "  ")
		if err := text.Encode(r); err != nil {
			return err
		}
	}
	return failure
}

func (s *Session) show(r *Report, t Trade, details func() error) error {
	out, from, to := s.Out, t.From, t.To
	if t.Compare {
		if err := s.showWays(r, from, to); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "Quote at slot %d (epoch %d), %s\n", r.Slot, r.Epoch, r.Venue)
	fmt.Fprintf(out, "  pay        %s %s\n", from.Format(r.In), from.Symbol)
	if r.MaxIn != r.In {
		fmt.Fprintf(out, "  at most    %s %s\n", from.Format(r.MaxIn), from.Symbol)
	}
	fmt.Fprintf(out, "  receive    %s %s\n", to.Format(r.Out), to.Symbol)
	fmt.Fprintf(out, "  at least   %s %s\n", to.Format(r.MinOut), to.Symbol)
	if r.Recipient != nil {
		fmt.Fprintf(out, "  recipient  %s\n", r.Recipient)
	}
	if r.Guard != route.GuardProgram.String() {
		fmt.Fprintf(out, "  guard      %s\n", r.Guard)
	}
	if r.Advance > 0 {
		fmt.Fprintf(out, "  advance    %s SOL, which comes back with the outcome\n", SOL(r.Advance))
	}
	for _, leg := range r.Legs {
		fmt.Fprintf(out, "  leg        %s %s for %s %s by %s\n",
			s.format(leg.In, leg.From), s.symbol(leg.From), s.format(leg.Out, leg.To), s.symbol(leg.To), leg.Venue)
	}
	if r.Leftover > 0 {
		between := r.Legs[0].To
		fmt.Fprintf(out, "  left over  %s %s, which stay with the owner\n", s.format(r.Leftover, between), s.symbol(between))
	}
	for _, c := range r.Costs {
		fmt.Fprintf(out, "  cost       %s\n", cost(c))
	}
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
	for _, n := range r.Next {
		fmt.Fprintf(out, "  next: %s\n", n)
	}
	fmt.Fprintln(out, "Transaction")
	for i, step := range r.Steps {
		fmt.Fprintf(out, "  %d. %s\n", i+1, step)
	}
	fmt.Fprintf(out, "  size       %d of %d bytes\n", r.Size, txn.MaxSize)
	estimated := ""
	if r.NetworkFeeEstimated {
		estimated = " (estimate)"
	}
	fmt.Fprintf(out, "  network    %s SOL%s\n", SOL(r.NetworkFee), estimated)
	fmt.Fprintf(out, "  signature  %s\n", r.Signature)
	fmt.Fprintf(out, "  %s\n", r.Transaction)
	return nil
}

// showWays puts all ways side by side, then those that are unavailable.
func (s *Session) showWays(r *Report, from, to lst.LST) error {
	fmt.Fprintf(s.Out, "Ways at slot %d (epoch %d)\n", r.Slot, r.Epoch)
	w := tabwriter.NewWriter(s.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "  venue\tpay\treceive\tat least\tguard\tadvance\tcosts\tfees")
	for _, q := range r.Quotes {
		var costs, fees []string
		for _, c := range q.Costs {
			costs = append(costs, cost(c))
		}
		for _, f := range q.Fees {
			fees = append(fees, fmt.Sprintf("%s %s %s", f.Name, s.format(f.Amount, f.Mint), s.symbol(f.Mint)))
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", q.Venue, from.Format(q.In), to.Format(q.Out), to.Format(q.MinOut), q.Guard,
			SOL(q.Advance), list(costs), list(fees))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, no := range r.Rejected {
		fmt.Fprintf(s.Out, "  unavailable: %s: %s\n", no.Venue, no.Reason)
	}
	return nil
}

func list(words []string) string {
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, "; ")
}

func cost(c route.Cost) string {
	words := fmt.Sprintf("%s SOL, %s", SOL(c.Lamports), c.Name)
	if c.Recoverable {
		words += ", which comes back later"
	}
	return words
}

// SOL is an amount of lamports in words.
func SOL(lamports uint64) string { return lst.FormatAmount(lamports, 9) }

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
	receipt, err := s.Client.Send(ctx, signed, sdk.WithNeverSent(), sdk.WithProgress(func(p sdk.Progress) {
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
			receipt.Slot, receipt.Commitment, receipt.UnitsConsumed, SOL(receipt.Fee))
	}
	return nil
}
