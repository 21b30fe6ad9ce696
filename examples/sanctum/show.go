package main

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"

	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// checkPattern matches the end of the description of a balance check.
var checkPattern = regexp.MustCompile(`holds at least [0-9]+$`)

// field prints a name with its value.
func (c *console) field(name, format string, args ...any) {
	writeField(c.out, c.width, name, fmt.Sprintf(format, args...))
}

// say prints a sentence and wraps it at the width.
func (c *console) say(format string, args ...any) {
	for _, line := range wrap(fmt.Sprintf(format, args...), c.width) {
		fmt.Fprintln(c.out, line)
	}
}

// show prints a trade as text.
func (s *session) show(r *tradeReport, t trade, market *route.Market, q route.Quote) error {
	if err := s.banner(); err != nil {
		return err
	}

	if t.Compare {
		s.showRoutes(r, t.From, t.To)
	}

	s.say("Quote at slot %d (epoch %d)", r.Slot, r.Epoch)
	s.field("route", "%s", r.Venue)
	s.showAmounts(r, t)
	s.showCosts(r)
	if t.Details != nil {
		if err := t.Details(market, q); err != nil {
			return err
		}
	}

	for _, condition := range r.Conditions {
		s.field("note", "%s", s.readable(condition))
	}

	for _, next := range r.Next {
		s.field("next", "%s", s.readable(next))
	}

	s.showTransaction(r)

	return nil
}

func (s *session) showAmounts(r *tradeReport, t trade) {
	from, to := t.From, t.To
	s.field("pay", "%s %s", from.Format(r.In), from.Symbol)
	if r.MaxIn != r.In {
		s.field("at most", "%s %s", from.Format(r.MaxIn), from.Symbol)
	}

	s.field("receive", "%s %s", to.Format(r.Out), to.Symbol)
	s.field("at least", "%s %s", to.Format(r.MinOut), to.Symbol)
	s.field("slippage", "%s", rate(big.NewRat(int64(s.Flags.SlippageBps), 10_000)))
	if r.Recipient != nil {
		s.field("recipient", "%s", r.Recipient)
	}

	if r.Guard != route.CheckedByProgram.String() {
		s.field("guard", "%s", guard(r.Guard))
	}

	for _, part := range r.Legs {
		s.field("leg", "%s for %s by %s",
			s.amount(part.In, part.From), s.amount(part.Out, part.To), part.Venue)
	}

	if r.Leftover > 0 {
		s.field("left over", "%s, which stay with the owner", s.amount(r.Leftover, r.Legs[0].To))
	}
}

// guard describes the check of the minimum output if another instruction than
// that of the paying program performs it.
func guard(name string) string {
	if name == route.BoundedByProgram.String() {
		return "no check: the price of the program does not fall within an epoch"
	}
	return "the " + name + " is checked within the transaction"
}

func (s *session) showCosts(r *tradeReport) {
	if r.Advance > 0 {
		s.field("advance", "%s, which comes back with the outcome", formatSOL(r.Advance))
	}
	for _, c := range r.Costs {
		s.field("cost", "%s", cost(c))
	}
	for _, f := range r.Fees {
		s.field("fee", "%s (%s), %s", s.amount(f.Amount, f.Mint), feeRate(f.Rate), f.Name)
	}
}

func (s *session) showTransaction(r *tradeReport) {
	fmt.Fprintln(s.out, "Transaction")
	for i, step := range r.Steps {
		if i < len(r.checks) && r.checks[i] != "" {
			step = checkPattern.ReplaceAllLiteralString(step, "holds at least "+r.checks[i])
		}

		writeItem(s.out, s.width, fmt.Sprintf("%d. ", i+1), s.readable(step))
	}

	estimated := ""
	if r.NetworkFeeEstimated {
		estimated = " (estimate)"
	}

	s.field("network fee", "%s%s", formatSOL(r.NetworkFee), estimated)
	s.field("size", "%d of %d bytes", r.Size, txn.MaxSize)
	s.field("signature", "%s", r.Signature)
	if s.Flags.Send {
		fmt.Fprintln(s.out, "  in base64, about to be sent:")
	} else {
		fmt.Fprintln(s.out, "  in base64, signed and not sent:")
	}

	fmt.Fprintln(s.out, r.Transaction)
}

// showRoutes prints a table of all routes, then the venues that cannot serve
// the request.
func (s *session) showRoutes(r *tradeReport, from, to lst.LST) {
	unit := from.Symbol
	if !s.isToken(from) {
		unit = "SOL"
	}

	routes := table{columns: []column{
		{title: "route"},
		{title: "pay", right: true},
		{title: "receive", right: true},
		{title: "at least", right: true},
		{title: "charges", folds: true},
	}}

	// The heading has the values that all routes share.
	pay, common := from.Format(r.In)+" "+unit, "Routes for "
	if slices.ContainsFunc(r.Quotes, func(w way) bool { return w.In != r.In }) {
		pay, common = "", "Routes"
	}

	s.say("%s%s at slot %d (epoch %d)", common, pay, r.Slot, r.Epoch)
	for _, w := range r.Quotes {
		pays := ""
		if pay == "" {
			pays = from.Format(w.In) + " " + unit
		}

		routes.add(w.Venue, pays, to.Format(w.Out)+" "+to.Symbol,
			to.Format(w.MinOut)+" "+to.Symbol, s.charges(w))
	}

	routes.write(s.out, s.width)

	if len(r.Rejected) > 0 {
		fmt.Fprintln(s.out, "Not available")
	}

	for _, no := range r.Rejected {
		writeItem(s.out, s.width, "- ", no.Venue+": "+s.readable(no.Reason))
	}
}

// charges lists the fees and costs of a route in one line.
func (s *session) charges(w way) string {
	var all []string
	for _, f := range w.Fees {
		all = append(all, s.amount(f.Amount, f.Mint)+" "+f.Name)
	}

	for _, c := range w.Costs {
		all = append(all, cost(c))
	}

	if w.Advance > 0 {
		all = append(all, formatSOL(w.Advance)+" advanced")
	}

	if len(all) == 0 {
		return "none"
	}

	return strings.Join(all, "; ")
}

func cost(c route.Cost) string {
	text := fmt.Sprintf("%s, %s", formatSOL(c.Lamports), c.Name)
	if c.Recoverable {
		text += ", which comes back later"
	}
	return text
}
