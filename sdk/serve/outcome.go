package serve

import (
	"context"
	"errors"
	"time"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// outcomePatience is the time that a request for an outcome waits for a
// transaction before it answers "pending".
const outcomePatience = 4 * time.Second

// outcomeJSON is the response of /v1/send and /v1/transactions/{signature}.
type outcomeJSON struct {
	Signature  string             `json:"signature"`
	Status     string             `json:"status"`
	Slot       uint64             `json:"slot"`
	Commitment string             `json:"commitment,omitempty"`
	Reason     string             `json:"reason,omitempty"`
	Wallet     *walletOutcomeJSON `json:"wallet,omitempty"`
}

// walletOutcomeJSON has the changes that a transaction made to a wallet.
type walletOutcomeJSON struct {
	Address          string             `json:"address"`
	NetworkFee       uint64             `json:"networkFee,string"`
	RentPaid         uint64             `json:"rentPaid,string"`
	RentReturned     uint64             `json:"rentReturned,string"`
	Transferred      uint64             `json:"transferred,string"`
	PaidLamports     uint64             `json:"paidLamports,string"`
	ReceivedLamports uint64             `json:"receivedLamports,string"`
	Tokens           []tokenOutcomeJSON `json:"tokens"`
}

type tokenOutcomeJSON struct {
	Mint     string `json:"mint"`
	Paid     uint64 `json:"paid,string"`
	Received uint64 `json:"received,string"`
}

// getOutcome answers /v1/transactions/{signature}. It waits for a while, so
// that a client that asks again and again learns the outcome early with few
// requests.
func getOutcome(x *exchange) error {
	if x.h.config.Client == nil {
		return errNoClient
	}

	signature, err := solana.SignatureFromBase58(x.parameter)
	if err != nil {
		return invalid("the path has no signature in base58")
	}

	if err := x.query.parse(x.r.URL.RawQuery); err != nil {
		return err
	}

	var wallet solana.PublicKey
	r := reader{query: &x.query}
	r.only("wallet")
	r.address("wallet", false, &wallet)
	if r.err != nil {
		return r.err
	}

	patience := min(outcomePatience, x.h.config.Timeout/2)
	ctx, cancel := context.WithTimeout(x.r.Context(), patience)
	defer cancel()
	receipt, err := x.h.config.Client.Await(ctx, signature)

	return x.outcome(receipt, err, wallet)
}

// sendRequest is the body of /v1/send.
type sendRequest struct {
	Transaction          string `json:"transaction"`
	LastValidBlockHeight uint64 `json:"lastValidBlockHeight"`
}

// sendTransaction answers /v1/send. It sends a transaction of /v1/transactions
// that its owner signed. The last valid block height is the client's word. A
// false one harms the client alone: the server waits too long or not long
// enough, and never signs.
func sendTransaction(x *exchange) error {
	if x.h.config.Client == nil || !x.h.config.AllowExecute {
		return errNoExecute
	}

	var body sendRequest
	if err := x.decodeStrictly(&body); err != nil {
		return err
	}

	if len(body.Transaction) > mostTransaction {
		return invalid("the transaction is too long")
	}

	lifetime := txn.Lifetime{LastValidBlockHeight: body.LastValidBlockHeight}
	signed, err := x.readSigned(body.Transaction, requestID(lifetime))
	if err != nil {
		return err
	}

	receipt, err := x.h.config.Client.Send(x.r.Context(), signed)

	return x.outcome(receipt, err, signed.Unsigned().RequiredSigners()[0])
}

// outcome responds with what became of a transaction. What cannot be known yet
// is "pending", and an error of the nodes is an error.
func (x *exchange) outcome(receipt *sdk.Receipt, err error, wallet solana.PublicKey) error {
	out := outcomeJSON{
		Signature:  receipt.Signature.String(),
		Status:     "landed",
		Slot:       receipt.Slot,
		Commitment: receipt.Commitment,
	}

	switch {
	case receipt.Err != nil:
		out.Status = "failed"
		out.Reason = classify(receipt.Err).message
	case errors.Is(err, sdk.ErrUncertain), errors.Is(err, context.DeadlineExceeded):
		out.Status = "pending"
	case errors.Is(err, sdk.ErrExpired):
		out.Status = "expired"
	case errors.Is(err, sdk.ErrNotSent):
		out.Status = "notSent"
		out.Reason = classify(err).message
	case err != nil:
		return err
	}

	if receipt.Outcome != nil && !wallet.IsZero() {
		out.Wallet = walletOutcomeOf(receipt.Outcome.Wallet(wallet))
	}

	return x.json(out)
}

func walletOutcomeOf(w sdk.WalletOutcome) *walletOutcomeJSON {
	out := &walletOutcomeJSON{
		Address:          w.Address.String(),
		NetworkFee:       w.NetworkFee,
		RentPaid:         w.RentPaid,
		RentReturned:     w.RentReturned,
		Transferred:      w.Transferred,
		PaidLamports:     w.PaidLamports,
		ReceivedLamports: w.ReceivedLamports,
		Tokens:           make([]tokenOutcomeJSON, 0, len(w.Tokens)),
	}

	for _, t := range w.Tokens {
		out.Tokens = append(out.Tokens, tokenOutcomeJSON{
			Mint:     t.Mint.String(),
			Paid:     t.Amount.Loss(),
			Received: t.Amount.Gain(),
		})
	}

	return out
}
