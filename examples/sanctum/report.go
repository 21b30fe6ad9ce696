package main

import (
	"encoding/json"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// way is one route of a trade.
type way struct {
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
	// Legs has the legs of a trade in two steps or over two venues. Leftover is
	// the amount of the intermediate token that stays with the owner.
	Legs     []leg  `json:"legs,omitempty"`
	Leftover uint64 `json:"leftover,omitempty"`
}

// leg is one leg of a trade.
type leg struct {
	Venue string           `json:"venue"`
	From  solana.PublicKey `json:"from"`
	To    solana.PublicKey `json:"to"`
	In    uint64           `json:"in"`
	Out   uint64           `json:"out"`
}

// unavailable is a venue that cannot serve the request, with the reason.
type unavailable struct {
	Venue  string `json:"venue"`
	Reason string `json:"reason"`
}

// tradeReport is the output of a trade with -json. Programs rely on its keys:
// do not rename them.
type tradeReport struct {
	Slot  uint64 `json:"slot"`
	Epoch uint64 `json:"epoch"`
	From  string `json:"from"`
	To    string `json:"to"`
	// Recipient receives the outcome; it is empty if the owner does.
	Recipient *solana.PublicKey `json:"recipient,omitempty"`
	way
	NetworkFee uint64 `json:"network_fee"`
	// NetworkFeeEstimated reports whether the network fee is an estimate and
	// not taken from a node.
	NetworkFeeEstimated bool     `json:"network_fee_estimated"`
	Steps               []string `json:"steps"`
	Size                int      `json:"size"`
	Signature           string   `json:"signature"`
	Transaction         string   `json:"transaction"`

	// Quotes has all routes, best first, and Rejected the venues that cannot
	// serve the request. Both are set if routes are compared.
	Quotes   []way         `json:"quotes,omitzero"`
	Rejected []unavailable `json:"rejected,omitzero"`

	// StakeAccount is the address of the received stake account. On the
	// embedded market, Withdrawal is the later withdrawal of its SOL.
	StakeAccount *solana.PublicKey `json:"stake_account,omitempty"`
	Withdrawal   *tradeReport      `json:"withdrawal,omitempty"`

	Confirmed     *bool   `json:"confirmed,omitempty"`
	UnitsConsumed *uint64 `json:"units_consumed,omitempty"`
	Err           *string `json:"err,omitempty"`

	// checks has the amounts of the balance checks as text.
	checks []string
}

func newWay(q route.Quote) way {
	w := way{
		Venue:      string(q.Venue),
		In:         q.In,
		MaxIn:      q.MaxIn,
		Out:        q.Out,
		MinOut:     q.MinOut,
		Exact:      q.Exact,
		Guard:      q.MinOutCheck.String(),
		Advance:    q.UpfrontRent,
		Costs:      append([]route.Cost{}, q.Costs...),
		Fees:       append([]route.Fee{}, q.Fees...),
		Conditions: q.Assumptions,
		Next:       q.RemainingSteps,
		Leftover:   q.IntermediateDust,
	}

	for _, part := range q.Legs {
		w.Legs = append(w.Legs, leg{
			Venue: string(part.Venue),
			From:  part.Request.From,
			To:    part.Request.To,
			In:    part.In,
			Out:   part.Out,
		})
	}

	return w
}

// report describes a signed trade.
func (s *session) report(
	t trade,
	q route.Quote,
	unsigned *txn.Unsigned,
	signed *txn.Signed,
) (*tradeReport, error) {
	fee, err := unsigned.NetworkFee()
	if err != nil {
		return nil, err
	}

	r := &tradeReport{
		Slot:        q.Slot,
		Epoch:       q.Epoch,
		From:        s.symbol(t.From.Mint),
		To:          s.symbol(t.To.Mint),
		way:         newWay(q),
		NetworkFee:  fee,
		Size:        unsigned.Size(),
		Signature:   signed.Signature().String(),
		Transaction: signed.Base64(),
	}

	_, told := unsigned.BaseFee()
	r.NetworkFeeEstimated = !told
	if to := q.Request.Recipient; !to.IsZero() {
		r.Recipient = &to
	}

	for _, step := range unsigned.Steps() {
		r.Steps = append(r.Steps, step.Description)
	}

	r.checks = s.checks(unsigned)

	return r, nil
}

// checks returns the amounts of a transaction's balance checks, by the index of
// the instruction. The instruction itself does not name the token.
func (s *session) checks(unsigned *txn.Unsigned) []string {
	instructions := explain.Transaction(unsigned, s.Registry).Instructions
	checks := make([]string, len(instructions))
	for i, instruction := range instructions {
		payment, pays := instruction.Payment()
		if pays && payment.Check && !payment.Mint.IsZero() {
			checks[i] = s.amount(payment.Amount, payment.Mint)
		}
	}
	return checks
}

// compare adds all routes, and the venues that cannot serve the request.
func (r *tradeReport) compare(quotes []route.Quote, rejected []route.Rejection) {
	r.Quotes, r.Rejected = []way{}, []unavailable{}
	for _, q := range quotes {
		r.Quotes = append(r.Quotes, newWay(q))
	}
	for _, no := range rejected {
		r.Rejected = append(r.Rejected, unavailable{string(no.Venue), no.Err.Error()})
	}
}

// print prints a report as JSON if -json is set, and returns err.
func (s *session) print(r *tradeReport, failure error) error {
	if r != nil && s.Flags.JSON {
		if err := s.printJSON(r); err != nil {
			return err
		}
	}
	return failure
}

// printJSON prints one object.
func (c *console) printJSON(object any) error {
	encoder := json.NewEncoder(c.out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(object)
}
