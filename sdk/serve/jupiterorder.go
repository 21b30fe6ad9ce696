package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// order is a request of version 2 of Jupiter's interface, which quotes and
// builds in one step.
type order struct {
	swap
	view  *view
	taker string
}

// readOrder reads the parameters of an order. The taker may be missing.
func (x *exchange) readOrder() (*order, error) {
	v, err := x.h.view()
	if err != nil {
		return nil, err
	}

	if err := x.query.parse(x.r.URL.RawQuery); err != nil {
		return nil, err
	}

	o := &order{view: v}
	if o.req, err = x.h.readJupiterQuote(&x.query); err != nil {
		return nil, err
	}

	var account solana.PublicKey
	r := reader{query: &x.query}
	r.address("taker", false, &o.opts.Owner)
	r.address("feeAccount", false, &account)
	if r.err != nil {
		return nil, r.err
	}

	if err := refuseOrderOptions(&x.query, o.opts.Owner); err != nil {
		return nil, err
	}

	o.opts.Versions = []txn.Version{txn.Version0}
	o.req.User = o.opts.Owner
	if o.opts.Owner.IsZero() {
		return o, nil
	}

	o.taker = o.opts.Owner.String()
	switch {
	case x.h.config.Client == nil:
		return nil, errNoClient
	case o.req.IntegratorFee.BPS == 0:
		return o, nil
	case account.IsZero():
		return nil, invalid("feeAccount is missing: the request has a platform fee")
	}

	o.req.IntegratorFee.Account = account
	return o, x.placeFee(&o.swap)
}

// orderOptions are parameters of Jupiter's interface that decide who is paid,
// who pays, or what is paid, and that orders do not support.
var orderOptions = []string{
	"receiver", "destinationTokenAccount", "nativeDestinationAccount", "payer", "closeAuthority",
	"referralAccount", "referralFee", "integratorFee", "trackingAccount", "tipAmount",
	"jitoTipLamports", "priorityFeeLamports", "blockhashSlotsToExpiry", "wrapAndUnwrapSol",
}

// refuseOrderOptions refuses parameters that would change what the client
// relies on: ignored, a receiver would pay the taker. It permits the values
// that mean what an order does anyway, such as the taker as its payer.
func refuseOrderOptions(q *query, taker solana.PublicKey) error {
	for _, name := range orderOptions {
		for _, value := range q.list(name) {
			same := value == "" || value == "0"
			switch name {
			case "wrapAndUnwrapSol":
				same = value == "" || value == "true"
			case "receiver", "nativeDestinationAccount", "payer":
				same = value == "" || !taker.IsZero() && value == taker.String()
			}

			if !same {
				return invalid("%s is not supported here (use /swap/v1/swap or /v1)", name)
			}
		}
	}
	return nil
}

// orderTail are the parts of an order that its quote does not have.
type orderTail struct {
	Mode                 string  `json:"mode"`
	SwapType             string  `json:"swapType"`
	Router               string  `json:"router"`
	RequestID            string  `json:"requestId"`
	Transaction          *string `json:"transaction"`
	FeeBps               uint16  `json:"feeBps"`
	FeeMint              string  `json:"feeMint"`
	Taker                *string `json:"taker"`
	Gasless              bool    `json:"gasless"`
	PriorityLamports     uint64  `json:"prioritizationFeeLamports"`
	SignatureLamports    uint64  `json:"signatureFeeLamports"`
	RentLamports         uint64  `json:"rentFeeLamports"`
	LastValidBlockHeight uint64  `json:"lastValidBlockHeight"`
}

// jupiterOrder answers /swap/v2/order.
func jupiterOrder(x *exchange) error {
	o, err := x.readOrder()
	if err != nil {
		return err
	}

	tail := orderTail{
		Mode:      "manual",
		SwapType:  "aggregator",
		Router:    "sanctum",
		RequestID: requestID(txn.Lifetime{}),
		FeeBps:    o.req.IntegratorFee.BPS,
	}

	var q route.Quote
	if o.taker == "" {
		if q, err = o.view.market.Quote(o.req); err != nil {
			return err
		}
	} else if q, err = x.fillOrder(o, &tail); err != nil {
		return err
	}

	tail.FeeMint = o.view.mint(q.Request.To)
	if q.Request.IntegratorFee.OnInput {
		tail.FeeMint = o.view.mint(q.Request.From)
	}

	for _, cost := range q.Costs {
		if cost.Recoverable {
			tail.RentLamports += cost.Lamports
		}
	}
	return x.joined(o.view, &q, tail)
}

// fillOrder builds the transaction of an order.
func (x *exchange) fillOrder(o *order, tail *orderTail) (route.Quote, error) {
	unsigned, q, err := x.build(&o.swap)
	if err != nil {
		return q, err
	}

	text := unsigned.Base64()
	lifetime := unsigned.Lifetime()
	tail.Transaction, tail.Taker = &text, &o.taker
	tail.RequestID = requestID(lifetime)
	tail.LastValidBlockHeight = lifetime.LastValidBlockHeight
	if tail.PriorityLamports, err = unsigned.Budget().PriorityFee(); err != nil {
		return q, err
	}

	fee, err := unsigned.NetworkFee()
	tail.SignatureLamports = fee - min(tail.PriorityLamports, fee)
	return q, err
}

// joined responds with a quote and further fields.
func (x *exchange) joined(v *view, q *route.Quote, tail any) error {
	text, err := json.Marshal(tail)
	if err != nil {
		return err
	}

	x.out = appendJupiterQuote(x.out[:0], v, q)
	x.out = append(x.out, ',')
	x.out = append(x.out, text[1:]...)
	return nil
}

// buildTail are the parts of a build that its quote does not have.
type buildTail struct {
	*instructionsResponse
	Blockhash blockhashJSON `json:"blockhashWithMetadata"`
}

type blockhashJSON struct {
	Blockhash            string `json:"blockhash"`
	LastValidBlockHeight uint64 `json:"lastValidBlockHeight"`
}

// jupiterBuild answers /swap/v2/build.
func jupiterBuild(x *exchange) error {
	o, err := x.readOrder()
	switch {
	case err != nil:
		return err
	case o.taker == "":
		return invalid("taker is missing")
	}

	unsigned, q, err := x.build(&o.swap)
	if err != nil {
		return err
	}

	instructions, err := instructionsOf(unsigned, &q)
	if err != nil {
		return err
	}

	return x.joined(o.view, &q, buildTail{
		instructionsResponse: instructions,
		Blockhash: blockhashJSON{
			Blockhash:            unsigned.Lifetime().Blockhash.String(),
			LastValidBlockHeight: unsigned.Lifetime().LastValidBlockHeight,
		},
	})
}

// requestIDForm is the form of a request id: the last valid block height and
// the slot of the transaction. The client brings both back, so the server keeps
// no orders. A false one harms only its author: the server waits too long or
// not long enough, and never signs.
const requestIDForm = "order-%d-%d"

func requestID(lifetime txn.Lifetime) string {
	return fmt.Sprintf(requestIDForm, lifetime.LastValidBlockHeight, lifetime.Slot)
}

// executionJSON is the response of /swap/v2/execute.
type executionJSON struct {
	Status    string `json:"status"`
	Code      int    `json:"code"`
	Signature string `json:"signature"`
	Slot      string `json:"slot,omitempty"`
	Error     string `json:"error,omitempty"`
}

// Codes of executions that failed, as Jupiter's interface has them.
const (
	codeFailed   = -1
	codeNotSent  = -1000
	codeNotKnown = -1001
)

var errNoExecute = refuse(http.StatusNotImplemented, "NOT_CONFIGURED",
	"this server does not send transactions (send it to a node)")

// jupiterExecute answers /swap/v2/execute.
func jupiterExecute(x *exchange) error {
	if x.h.config.Client == nil || !x.h.config.AllowExecute {
		return errNoExecute
	}

	var body struct {
		Transaction string `json:"signedTransaction"`
		RequestID   string `json:"requestId"`
	}
	if err := x.decode(&body); err != nil {
		return err
	}
	if len(body.Transaction) > mostTransaction || len(body.RequestID) > 128 {
		return invalid("the order is too long")
	}

	signed, err := x.readSigned(body.Transaction, body.RequestID)
	if err != nil {
		return err
	}

	receipt, err := x.h.config.Client.Send(x.r.Context(), signed)
	return x.json(executionOf(signed, receipt, err))
}

// readSigned reads a signed transaction with the lifetime of its order.
func (x *exchange) readSigned(transaction, id string) (*txn.Signed, error) {
	envelope, err := txn.ReadEnvelope(transaction)
	switch {
	case err != nil:
		return nil, err
	case !envelope.Nonce.Account.IsZero():
		return nil, invalid("the transaction is not one of order")
	}

	lifetime := txn.Lifetime{Blockhash: envelope.Blockhash}
	_, err = fmt.Sscanf(id, requestIDForm, &lifetime.LastValidBlockHeight, &lifetime.Slot)
	if err != nil || requestID(lifetime) != id {
		return nil, invalid("requestId is not one of order")
	}

	partial, err := x.h.config.Client.Parse(x.r.Context(), transaction, lifetime)
	if err != nil {
		return nil, err
	}
	return partial.Signed()
}

// executionOf tells what became of a transaction.
func executionOf(signed *txn.Signed, receipt *sdk.Receipt, err error) executionJSON {
	out := executionJSON{Status: "Success", Signature: signed.Signature().String()}
	if receipt != nil && receipt.Slot > 0 {
		out.Slot = strconv.FormatUint(receipt.Slot, 10)
	}

	if err == nil {
		return out
	}

	out.Status = "Failed"
	switch {
	case errors.Is(err, sdk.ErrUncertain), errors.Is(err, context.DeadlineExceeded):
		out.Code = codeNotKnown
		out.Error = "the transaction may have landed or may land yet: look up its signature"
	case errors.Is(err, sdk.ErrExpired), errors.Is(err, sdk.ErrNotSent):
		out.Code, out.Error = codeNotSent, classify(err).message
	default:
		out.Code, out.Error = codeFailed, classify(err).message
	}
	return out
}
