package serve

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// swapRequest is the body of /swap/v1/swap. Fields that change nothing here are
// left out, for example useSharedAccounts.
type swapRequest struct {
	UserText           string          `json:"userPublicKey"`
	PayerText          string          `json:"payer"`
	WrapSOL            *bool           `json:"wrapAndUnwrapSol"`
	FeeAccount         string          `json:"feeAccount"`
	TrackingAccount    string          `json:"trackingAccount"`
	Priority           json.RawMessage `json:"prioritizationFeeLamports"`
	Legacy             bool            `json:"asLegacyTransaction"`
	DestinationAccount string          `json:"destinationTokenAccount"`
	NativeDestination  string          `json:"nativeDestinationAccount"`
	SkipUserAccounts   bool            `json:"skipUserAccountsRpcCalls"`
	ComputeUnitPrice   *uint64         `json:"computeUnitPriceMicroLamports"`
	SlotsToExpiry      uint64          `json:"blockhashSlotsToExpiry"`
	UseTokenLedger     bool            `json:"useTokenLedger"`
	QuoteResponse      quoteResponse   `json:"quoteResponse"`
}

// quoteResponse are the parts of a quote that its transaction depends on.
type quoteResponse struct {
	InputMint   string `json:"inputMint"`
	InAmount    string `json:"inAmount"`
	OutputMint  string `json:"outputMint"`
	OutAmount   string `json:"outAmount"`
	Threshold   string `json:"otherAmountThreshold"`
	SwapMode    string `json:"swapMode"`
	SlippageBps uint32 `json:"slippageBps"`
	PlatformFee *struct {
		FeeBps uint32 `json:"feeBps"`
	} `json:"platformFee"`
	RoutePlan []struct {
		SwapInfo struct {
			Label string `json:"label"`
		} `json:"swapInfo"`
	} `json:"routePlan"`
}

// mostSteps is the highest number of steps of a route plan.
const mostSteps = 8

// swap is a trade of Jupiter's interface, read and checked.
type swap struct {
	req    route.Request
	bounds bounds
	opts   sdk.BuildOptions
	// portable is the quote that a client returned, if it replaces req and
	// bounds.
	portable *route.PortableQuote
	// fee is the priority fee in lamports if the client fixes it, or zero.
	fee uint64
}

// decode reads a body of JSON that may have unknown fields.
func (x *exchange) decode(into any) error {
	if err := json.Unmarshal(x.body, into); err != nil {
		return invalid("the body is not the expected JSON (%s)", jsonReason(err))
	}
	return nil
}

// jsonReason names what is wrong in a body without repeating the body.
func jsonReason(err error) string {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) && kind.Field != "" {
		return shorten(kind.Field) + " has the wrong type"
	}
	return "it is malformed"
}

// swap reads a request for a transaction.
func (x *exchange) swap() (*swap, error) {
	if x.h.config.Client == nil {
		return nil, errNoClient
	}

	var body swapRequest
	if err := x.decode(&body); err != nil {
		return nil, err
	}

	s := new(swap)
	if err := s.readQuote(&body.QuoteResponse, &x.h.config); err != nil {
		return nil, err
	}

	if err := s.readAccounts(&body); err != nil {
		return nil, err
	}
	if err := s.readBuild(&body, &x.h.config); err != nil {
		return nil, err
	}
	return s, s.readFee(x, &body)
}

var errNoClient = refuse(http.StatusNotImplemented, "NOT_CONFIGURED",
	"this server builds no transactions (it has no node)")

// readQuote reads the quote that the client returns.
func (s *swap) readQuote(q *quoteResponse, c *Config) error {
	var err error
	if s.req.From, err = address(q.InputMint); err != nil {
		return invalid("quoteResponse.inputMint: %v", err)
	}

	if s.req.To, err = address(q.OutputMint); err != nil {
		return invalid("quoteResponse.outputMint: %v", err)
	}

	mode, ok := swapModes[q.SwapMode]
	if !ok {
		return invalid("quoteResponse.swapMode must be ExactIn or ExactOut")
	}

	s.req.SwapMode = mode

	if q.SlippageBps > uint32(c.MaxSlippageBps) {
		return invalid("quoteResponse.slippageBps exceeds %d", c.MaxSlippageBps)
	}
	s.req.SlippageBps = uint16(q.SlippageBps)

	in, err := parseAmount(q.InAmount)
	if err != nil {
		return invalid("quoteResponse.inAmount: %v", err)
	}

	out, err := parseAmount(q.OutAmount)
	if err != nil {
		return invalid("quoteResponse.outAmount: %v", err)
	}

	threshold, err := parseAmount(q.Threshold)
	if err != nil {
		return invalid("quoteResponse.otherAmountThreshold: %v", err)
	}
	s.req.Amount = in
	s.bounds = promised(mode, out, threshold, s.req.SlippageBps)
	if mode == route.ExactOut {
		s.req.Amount = out
		s.bounds = promised(mode, in, threshold, s.req.SlippageBps)
		if s.bounds.maxIn == 0 {
			return invalid("quoteResponse.otherAmountThreshold must not be 0")
		}
	}
	if err := checkMints(&s.req); err != nil {
		return err
	}
	return s.readPlan(q)
}

// readPlan restricts the trade to the labels of the quote's route, so that what
// the client excluded stays excluded.
func (s *swap) readPlan(q *quoteResponse) error {
	if len(q.RoutePlan) == 0 || len(q.RoutePlan) > mostSteps {
		return invalid("quoteResponse.routePlan must have 1 to %d steps", mostSteps)
	}
	s.req.OnlyDirectRoutes = len(q.RoutePlan) == 1
	names := make([]string, 0, len(q.RoutePlan))
	for _, step := range q.RoutePlan {
		if step.SwapInfo.Label == "" {
			return nil // The label is optional in Jupiter's schema.
		}

		names = append(names, step.SwapInfo.Label)
	}

	var err error
	s.req.Venues, err = labelTable.venues(names)
	return err
}

// readAccounts reads who trades, who pays and who receives.
func (s *swap) readAccounts(body *swapRequest) error {
	keys := []struct {
		name, text string
		required   bool
		into       *solana.PublicKey
	}{
		{"userPublicKey", body.UserText, true, &s.opts.Owner},
		{"payer", body.PayerText, false, &s.opts.Payer},
		{"destinationTokenAccount", body.DestinationAccount, false, &s.req.DestinationAccount},
		{"nativeDestinationAccount", body.NativeDestination, false, &s.req.Recipient},
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

	switch {
	case body.DestinationAccount != "" && body.NativeDestination != "":
		return invalid("destinationTokenAccount and nativeDestinationAccount exclude each other")
	case body.NativeDestination != "" && !isSOL(s.req.To):
		return invalid("nativeDestinationAccount needs SOL as the output")
	case s.opts.Owner.IsZero():
		return invalid("userPublicKey is the zero key")
	}

	s.req.User = s.opts.Owner
	if s.req.Recipient == s.opts.Owner {
		s.req.Recipient = solana.PublicKey{}
	}

	wrap := body.WrapSOL == nil || *body.WrapSOL
	s.req.UseWSOL = !wrap || body.DestinationAccount != "" && isSOL(s.req.To)
	return nil
}

// readBuild reads the options of the transaction. Options that would change
// what the client relies on are refused, not ignored.
func (s *swap) readBuild(body *swapRequest, c *Config) error {
	switch {
	case body.TrackingAccount != "":
		return invalid("trackingAccount is not supported")
	case body.SlotsToExpiry != 0:
		return invalid("blockhashSlotsToExpiry is not supported")
	case body.UseTokenLedger:
		return invalid("useTokenLedger is not supported")
	}

	s.opts.Versions = []txn.Version{txn.Version0}
	if body.Legacy {
		s.opts.Versions = []txn.Version{txn.VersionLegacy}
	}

	s.opts.SkipSimulation = body.SkipUserAccounts
	s.opts.SkipPayerCheck = body.SkipUserAccounts
	if price := body.ComputeUnitPrice; price != nil {
		s.opts.Priority.ComputeUnitPrice = *price
		s.opts.Priority.None = *price == 0
		s.opts.Priority.MaxLamports = mostPriorityFee
	}
	return s.readPriority(body.Priority, c)
}

// mostPriorityFee is the highest priority fee that a client may fix, 0.1 SOL.
const mostPriorityFee = 100_000_000

// priorityLevels are the percentiles of Jupiter's levels.
var priorityLevels = map[string]uint8{
	"medium":   50,
	"high":     75,
	"veryHigh": 90,
}

// readPriority reads prioritizationFeeLamports: a number, "auto", or an object.
func (s *swap) readPriority(raw json.RawMessage, c *Config) error {
	text := strings.TrimSpace(string(raw))
	switch {
	case text == "" || text == "null" || text == `"auto"`:
		return nil
	case text[0] != '{':
		lamports, err := strconv.ParseUint(strings.Trim(text, `"`), 10, 64)
		if err != nil || lamports > mostPriorityFee {
			return invalid("prioritizationFeeLamports must be at most %d", mostPriorityFee)
		}

		// The price follows from the compute unit limit, which is known once
		// the transaction is built.
		s.fee = lamports
		s.opts.Priority = sdk.PriorityFee{ComputeUnitPrice: 1}
		if lamports == 0 {
			s.opts.Priority = sdk.PriorityFee{None: true}
		}

		return nil
	}

	var choice struct {
		Level *struct {
			Level string `json:"priorityLevel"`
			Most  uint64 `json:"maxLamports"`
		} `json:"priorityLevelWithMaxLamports"`
		Tip *uint64 `json:"jitoTipLamports"`
	}

	if err := json.Unmarshal(raw, &choice); err != nil {
		return invalid("prioritizationFeeLamports has an unknown form")
	}

	switch {
	case choice.Level != nil:
		percentile, ok := priorityLevels[choice.Level.Level]
		if !ok || choice.Level.Most == 0 || choice.Level.Most > mostPriorityFee {
			return invalid("priorityLevelWithMaxLamports needs a level and 1 to %d lamports",
				mostPriorityFee)
		}

		s.opts.Priority.Percentile = percentile
		s.opts.Priority.MaxLamports = choice.Level.Most

	case choice.Tip != nil && *choice.Tip > mostPriorityFee:
		return invalid("jitoTipLamports must be at most %d", mostPriorityFee)
	case choice.Tip != nil && len(c.TipAccounts) == 0:
		return invalid("jitoTipLamports is not supported by this server")
	case choice.Tip != nil:
		s.opts.Tip = sdk.Tip{Lamports: *choice.Tip, Accounts: c.TipAccounts}
		s.opts.Priority.None = true
	default:
		return invalid("prioritizationFeeLamports has an unknown form")
	}
	return nil
}

// readFee reads the fee of the application. The account decides which side pays
// it, as in Jupiter's interface.
func (s *swap) readFee(x *exchange, body *swapRequest) error {
	bps := uint32(0)
	if body.QuoteResponse.PlatformFee != nil {
		bps = body.QuoteResponse.PlatformFee.FeeBps
	}

	switch {
	case bps == 0:
		return nil
	case bps > uint32(x.h.config.MaxFeeBps):
		return invalid("quoteResponse.platformFee.feeBps exceeds %d", x.h.config.MaxFeeBps)
	case body.FeeAccount == "":
		return invalid("feeAccount is missing: the quote has a platform fee")
	}

	account, err := address(body.FeeAccount)
	if err != nil {
		return invalid("feeAccount: %v", err)
	}

	s.req.IntegratorFee = route.IntegratorFee{BPS: uint16(bps), Account: account}
	return x.placeFee(s)
}

// quote prices the trade at the slot of a market.
func (s *swap) quote(market *route.Market) (route.Quote, error) {
	if s.portable != nil {
		return market.Requote(*s.portable)
	}
	return quoteWithin(market, s.req, s.bounds)
}

// build quotes the trade within its bounds and builds its transaction.
func (x *exchange) build(s *swap) (*txn.Unsigned, route.Quote, error) {
	v, err := x.h.view()
	if err != nil {
		return nil, route.Quote{}, err
	}

	q, err := s.quote(v.market)
	if err != nil {
		return nil, q, err
	}

	unsigned, err := x.h.config.Client.Build(x.r.Context(), q, s.opts)
	if err != nil || s.fee == 0 {
		return unsigned, q, err
	}

	limit := uint64(max(unsigned.Budget().ComputeUnitLimit, 1))
	price, err := fixed.MulDivFloor(s.fee, 1_000_000, limit)
	if err != nil {
		return nil, q, err
	}

	unsigned, err = unsigned.Reprice(price)
	return unsigned, q, err
}

// swapResponse is the response of /swap/v1/swap.
type swapResponse struct {
	Transaction          string `json:"swapTransaction"`
	LastValidBlockHeight uint64 `json:"lastValidBlockHeight"`
	PriorityLamports     uint64 `json:"prioritizationFeeLamports"`
	ComputeUnitLimit     uint32 `json:"computeUnitLimit"`
}

// jupiterSwap answers /swap/v1/swap.
func jupiterSwap(x *exchange) error {
	s, err := x.swap()
	if err != nil {
		return err
	}

	unsigned, _, err := x.build(s)
	if err != nil {
		return err
	}

	fee, err := unsigned.Budget().PriorityFee()
	if err != nil {
		return err
	}

	return x.json(swapResponse{
		Transaction:          unsigned.Base64(),
		LastValidBlockHeight: unsigned.Lifetime().LastValidBlockHeight,
		PriorityLamports:     fee,
		ComputeUnitLimit:     unsigned.Budget().ComputeUnitLimit,
	})
}

func number(value uint64) string { return strconv.FormatUint(value, 10) }
