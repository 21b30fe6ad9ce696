package main

import (
	"context"
	"fmt"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// send sends a transaction and adds its result to the report.
func (s *session) send(ctx context.Context, signed *txn.Signed, r *tradeReport) error {
	step := s.begin("Sending " + r.Signature)
	defer step.end()

	receipt, err := s.Client.Send(ctx, signed,
		sdk.WithNeverSent(),
		sdk.WithProgress(func(p sdk.Progress) {
			step.note(fmt.Sprintf("%s, sent %d times", p.Kind, p.Sends))
		}),
	)

	step.end()

	confirmed := err == nil
	r.Confirmed, r.UnitsConsumed = &confirmed, &receipt.UnitsConsumed
	if err != nil {
		text := err.Error()
		r.Err = &text
		return err
	}

	if !s.Flags.JSON {
		fmt.Fprintf(s.out, "Landed in slot %d (%s)\n", receipt.Slot, receipt.Commitment)
		s.field("paid", "%s to the network", formatSOL(receipt.Fee))
		s.field("used", "%d compute units", receipt.UnitsConsumed)
		if o := receipt.Outcome; o != nil {
			s.field("changed", "%s", o.Wallet(o.Payer))
		}
	}

	return nil
}
