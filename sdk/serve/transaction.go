package serve

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// tradeRequest is the body of /v1/transactions.
type tradeRequest struct {
	// Quote is a quote of /v1/quotes, instead of the tokens and the amount.
	Quote            *route.PortableQuote `json:"quote"`
	Owner            string               `json:"owner"`
	From             string               `json:"from"`
	To               string               `json:"to"`
	Amount           amountJSON           `json:"amount"`
	SwapMode         string               `json:"swapMode"`
	SlippageBps      *uint16              `json:"slippageBps"`
	MinOut           amountJSON           `json:"minOut"`
	MaxIn            amountJSON           `json:"maxIn"`
	Payer            string               `json:"payer"`
	Recipient        string               `json:"recipient"`
	UseWSOL          bool                 `json:"useWsol"`
	OnlyDirectRoutes bool                 `json:"onlyDirectRoutes"`
	AllowPoolUpdate  bool                 `json:"allowPoolUpdate"`
	Venues           []string             `json:"venues"`
	ExcludeVenues    []string             `json:"excludeVenues"`
	Fee              *tradeFeeJSON        `json:"fee"`
	Version          string               `json:"version"`
	Memo             string               `json:"memo"`
	ComputeUnitPrice *amountJSON          `json:"computeUnitPrice"`
	MaxPriorityFee   amountJSON           `json:"maxPriorityFee"`
}

type tradeFeeJSON struct {
	BPS     uint16 `json:"bps"`
	OnInput bool   `json:"onInput"`
	Account string `json:"account"`
}

// transactionJSON is the response of /v1/transactions.
type transactionJSON struct {
	Transaction          string          `json:"transaction"`
	Version              string          `json:"version"`
	Size                 int             `json:"size"`
	Blockhash            string          `json:"blockhash"`
	LastValidBlockHeight uint64          `json:"lastValidBlockHeight"`
	Signers              []string        `json:"signers"`
	Quote                quoteJSON       `json:"quote"`
	Explanation          explanationJSON `json:"explanation"`
}

// buildTransaction answers /v1/transactions.
func buildTransaction(x *exchange) error {
	if x.h.config.Client == nil {
		return errNoClient
	}

	v, err := x.h.view()
	if err != nil {
		return err
	}

	var body tradeRequest
	if err := x.decodeStrictly(&body); err != nil {
		return err
	}

	s, err := body.read(v, &x.h.config)
	if err != nil {
		return err
	}

	unsigned, q, err := x.build(s)
	if err != nil {
		return err
	}

	lifetime, registry := unsigned.Lifetime(), x.h.config.Client.Registry()
	return x.json(transactionJSON{
		Transaction:          unsigned.Base64(),
		Version:              unsigned.Version().String(),
		Size:                 unsigned.Size(),
		Blockhash:            lifetime.Blockhash.String(),
		LastValidBlockHeight: lifetime.LastValidBlockHeight,
		Signers:              texts(unsigned.Signers()),
		Quote:                v.quoteOf(&q, &q),
		Explanation:          explanationOf(explain.Transaction(unsigned, registry)),
	})
}

// read returns the trade of a request.
func (t *tradeRequest) read(v *view, c *Config) (*swap, error) {
	if t.Quote != nil {
		return t.readPortable(c)
	}

	in, out, err := v.pair(t.From, t.To)
	if err != nil {
		return nil, err
	}

	s := new(swap)
	s.req = route.Request{
		From:   in.Mint,
		To:     out.Mint,
		Amount: uint64(t.Amount),
	}

	s.req.SlippageBps = sdk.DefaultSlippageBps
	if t.SlippageBps != nil {
		s.req.SlippageBps = *t.SlippageBps
	}

	if s.req.SlippageBps > c.MaxSlippageBps {
		return nil, invalid("slippageBps exceeds %d", c.MaxSlippageBps)
	}

	if t.SwapMode != "" {
		mode, ok := swapModes[t.SwapMode]
		if !ok {
			return nil, invalid("swapMode must be exactIn or exactOut")
		}

		s.req.SwapMode = mode
	}
	s.bounds = bounds{minOut: uint64(t.MinOut), maxIn: uint64(t.MaxIn)}
	s.req.UseWSOL = t.UseWSOL
	s.req.OnlyDirectRoutes = t.OnlyDirectRoutes
	s.req.AllowPoolUpdate = t.AllowPoolUpdate
	s.req.Venues, s.req.ExcludeVenues = venuesOf(t.Venues), venuesOf(t.ExcludeVenues)
	if err := t.readKeys(s); err != nil {
		return nil, err
	}
	if err := t.readFee(s, c); err != nil {
		return nil, err
	}
	return s, t.readBuild(s)
}

// readPortable returns the trade of a quote that the client returns. Whom it
// pays besides the owner must be in the request as well.
func (t *tradeRequest) readPortable(c *Config) (*swap, error) {
	s := &swap{portable: t.Quote}
	if t.From+t.To+t.SwapMode != "" || t.Amount+t.MinOut+t.MaxIn != 0 || t.SlippageBps != nil {
		return nil, invalid("quote has the tokens, the amount and the limits (leave them out)")
	}

	if t.UseWSOL || t.OnlyDirectRoutes || t.AllowPoolUpdate ||
		len(t.Venues)+len(t.ExcludeVenues) > 0 {
		return nil, invalid("quote has its route (leave useWsol, onlyDirectRoutes, " +
			"allowPoolUpdate, venues and excludeVenues out)")
	}

	if t.Quote.Request.SlippageBps > c.MaxSlippageBps {
		return nil, invalid("quote.request.slippageBps exceeds %d", c.MaxSlippageBps)
	}

	if err := t.readKeys(s); err != nil {
		return nil, err
	}

	if err := t.readFee(s, c); err != nil {
		return nil, err
	}

	// Quotes with a fee name no account for it yet.
	if fee := &s.portable.Request.IntegratorFee; fee.Account == feeHolder {
		fee.Account = s.req.IntegratorFee.Account
	}
	s.portable.Expected = route.Parties{
		User:          s.opts.Owner,
		Recipient:     s.req.Recipient,
		IntegratorFee: s.req.IntegratorFee,
	}
	return s, t.readBuild(s)
}

func (t *tradeRequest) readKeys(s *swap) error {
	keys := []struct {
		name, text string
		required   bool
		into       *solana.PublicKey
	}{
		{"owner", t.Owner, true, &s.opts.Owner},
		{"payer", t.Payer, false, &s.opts.Payer},
		{"recipient", t.Recipient, false, &s.req.Recipient},
	}

	for _, k := range keys {
		if k.text == "" && !k.required {
			continue
		}

		var err error
		if *k.into, err = address(k.text); err != nil {
			return invalid("%s: %v", k.name, err)
		}
	}

	if s.opts.Owner.IsZero() {
		return invalid("owner is the zero key")
	}

	s.req.User = s.opts.Owner
	if s.req.Recipient == s.opts.Owner {
		s.req.Recipient = solana.PublicKey{}
	}
	return nil
}

func (t *tradeRequest) readFee(s *swap, c *Config) error {
	if t.Fee == nil {
		return nil
	}

	if t.Fee.BPS > c.MaxFeeBps {
		return invalid("fee.bps exceeds %d", c.MaxFeeBps)
	}

	account, err := address(t.Fee.Account)
	if err != nil {
		return invalid("fee.account: %v", err)
	}
	s.req.IntegratorFee = route.IntegratorFee{
		BPS:     t.Fee.BPS,
		OnInput: t.Fee.OnInput,
		Account: account,
	}
	return nil
}

func (t *tradeRequest) readBuild(s *swap) error {
	s.opts.Memo = t.Memo
	switch t.Version {
	case "", "0":
		s.opts.Versions = []txn.Version{txn.Version0}
	case "legacy":
		s.opts.Versions = []txn.Version{txn.VersionLegacy}
	default:
		return invalid("version must be legacy or 0")
	}

	if t.MaxPriorityFee > mostPriorityFee {
		return invalid("maxPriorityFee exceeds %d lamports", mostPriorityFee)
	}

	s.opts.Priority.MaxLamports = uint64(t.MaxPriorityFee)
	if price := t.ComputeUnitPrice; price != nil {
		s.opts.Priority.ComputeUnitPrice = uint64(*price)
		s.opts.Priority.None = *price == 0
	}
	return nil
}
