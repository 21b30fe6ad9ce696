package foreign

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// JupiterProgram is the swap program of Jupiter on mainnet.
var JupiterProgram = solana.MustPublicKeyFromBase58("JUP6LkbZbjS1jKKwapdHNy74zcZ3tLUZoi5QNyVTaV4")

// defaultMaxAccounts leaves room for a trade before or after the swap.
const defaultMaxAccounts = 32

// Doer sends HTTP requests, for example *http.Client.
type Doer interface {
	Do(request *http.Request) (*http.Response, error)
}

// StatusError is returned by [Jupiter.Leg] when the API answers with an HTTP
// status other than 200. Redirects count as such, as they could take the API
// key elsewhere.
type StatusError struct {
	// Status is the HTTP status.
	Status int
}

// Error returns one line with the status.
func (e *StatusError) Error() string {
	if e == nil {
		return "<nil>"
	}

	return fmt.Sprintf("the swap API answers with status %d (try again later, or check the "+
		"base URL and the key)", e.Status)
}

// Jupiter requests legs from an API that has the public form of Jupiter's.
type Jupiter struct {
	// BaseURL is the URL of a version of the API, for example
	// "https://api.jup.ag/swap/v2" or "https://lite-api.jup.ag/swap/v1". If it
	// ends in "/v2" the build endpoint is used, else quote and
	// swap-instructions.
	BaseURL string
	// Key is sent in the header x-api-key, if it is set.
	Key string
	// HTTP sends the requests. The default is an HTTP client without timeouts
	// of its own, so set a deadline in the context. An [*http.Client] follows
	// no redirects here.
	HTTP Doer
	// Program is the swap program. The default is [JupiterProgram].
	Program solana.PublicKey
}

// withoutRedirects returns the sender of the requests. An HTTP client would
// send the key to the target of a redirect.
func (j *Jupiter) withoutRedirects() Doer {
	client := http.Client{}
	switch given := j.HTTP.(type) {
	case nil:
	case *http.Client:
		client = *given
	default:
		return given
	}

	client.CheckRedirect = func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}
	return &client
}

// Leg requests a leg for an exact input. It checks that the response is about
// the requested swap.
func (j *Jupiter) Leg(ctx context.Context, request Request) (*Leg, error) {
	if j == nil || ctx == nil {
		return nil, fmt.Errorf("request leg: %w API or context", accounts.ErrNil)
	}

	leg, err := j.leg(ctx, request)
	if err != nil {
		return nil, fmt.Errorf("request leg: %w", err)
	}
	if leg.InMint != request.InMint || leg.OutMint != request.OutMint || leg.In != request.In {
		return nil, fmt.Errorf("request leg: %w: another swap than requested", ErrResponse)
	}
	if leg.MinOut < request.MinOut {
		return nil, fmt.Errorf("request leg: %w: %d of %d", ErrTooLittle, leg.MinOut,
			request.MinOut)
	}
	return leg, nil
}

func (j *Jupiter) leg(ctx context.Context, r Request) (*Leg, error) {
	program := j.Program
	if program.IsZero() {
		program = JupiterProgram
	}
	if r.MaxAccounts == 0 {
		r.MaxAccounts = defaultMaxAccounts
	}

	query := url.Values{
		"inputMint":   {r.InMint.String()},
		"outputMint":  {r.OutMint.String()},
		"amount":      {strconv.FormatUint(r.In, 10)},
		"slippageBps": {strconv.Itoa(int(r.SlippageBps))},
		"maxAccounts": {strconv.Itoa(int(r.MaxAccounts))},
	}
	if strings.HasSuffix(strings.TrimRight(j.BaseURL, "/"), "/v2") {
		query.Set("taker", r.Owner.String())
		build, err := j.call(ctx, http.MethodGet, "build", query, nil)
		if err != nil {
			return nil, err
		}

		return DecodeBuild(build, program)
	}

	quote, err := j.call(ctx, http.MethodGet, "quote", query, nil)
	if err != nil {
		return nil, err
	}
	if !json.Valid(quote) {
		return nil, fmt.Errorf("%w: not JSON of the published form", ErrResponse)
	}

	body, err := json.Marshal(map[string]any{
		"userPublicKey":           r.Owner.String(),
		"quoteResponse":           json.RawMessage(quote),
		"wrapAndUnwrapSol":        true,
		"dynamicComputeUnitLimit": false,
	})
	if err != nil {
		return nil, err
	}

	instructions, err := j.call(ctx, http.MethodPost, "swap-instructions", nil, body)
	if err != nil {
		return nil, err
	}
	return DecodeInstructions(quote, instructions, program)
}

// call returns the body of an answer. Its errors contain no part of the URL.
func (j *Jupiter) call(
	ctx context.Context, method, endpoint string, query url.Values, body []byte,
) ([]byte, error) {
	address := strings.TrimRight(j.BaseURL, "/") + "/" + endpoint
	if len(query) > 0 {
		address += "?" + query.Encode()
	}

	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the base URL of the swap API is malformed (set Jupiter.BaseURL)")
	}

	request.Header.Set("Accept", "application/json")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if j.Key != "" {
		request.Header.Set("x-api-key", j.Key)
	}

	answer, err := j.withoutRedirects().Do(request)
	if err != nil {
		return nil, transportError(err)
	}

	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return nil, &StatusError{Status: answer.StatusCode}
	}

	text, err := io.ReadAll(io.LimitReader(answer.Body, maxBody+1))
	if err != nil {
		return nil, transportError(err)
	}
	return text, nil
}

// transportError returns the error without the URL that net/http adds.
func transportError(err error) error {
	var withURL *url.Error
	if errors.As(err, &withURL) && withURL.Err != nil {
		err = withURL.Err
	}
	return fmt.Errorf("swap API: %w", err)
}
