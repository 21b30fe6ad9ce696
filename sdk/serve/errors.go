package serve

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

var (
	errNoMarket = errors.New("there is no market (try again)")
	errDefect   = errors.New("the request met a defect of the server")
)

// errorJSON is the body of an error, as Jupiter's API has it.
type errorJSON struct {
	Code    string `json:"errorCode"`
	Message string `json:"error"`
}

// messageJSON is the body of an error of Solana Actions.
type messageJSON struct {
	Message string `json:"message"`
}

// failure is an error that a client may read.
type failure struct {
	status  int
	code    string
	message string
	cause   error
}

func (f *failure) Error() string {
	if f.cause != nil {
		return f.message + ": " + f.cause.Error()
	}
	return f.message
}

func (f *failure) Unwrap() error { return f.cause }

// refuse returns an error with a text for the client.
func refuse(status int, code, message string) error {
	return &failure{
		status:  status,
		code:    code,
		message: message,
	}
}

// invalid returns the error of a request that is not well formed.
func invalid(format string, args ...any) error {
	return refuse(http.StatusBadRequest, "INVALID_REQUEST", fmt.Sprintf(format, args...))
}

// marketError is the error of a market that cannot be used. The reason stays in
// the log, because Markets may come from anywhere.
func marketError(cause error) error {
	return &failure{
		status:  http.StatusServiceUnavailable,
		code:    "MARKET_TOO_OLD",
		message: "the market is too old, or is not loaded yet (try again)",
		cause:   cause,
	}
}

// kinds classifies errors by what they wrap. The texts of these errors are for
// users and contain no URL.
var kinds = []struct {
	status int
	code   string
	of     []error
}{
	{http.StatusBadRequest, "CIRCULAR_ARBITRAGE_IS_DISABLED", []error{route.ErrSameToken}},
	{http.StatusBadRequest, "TOKEN_NOT_TRADABLE", []error{route.ErrUnknownToken}},
	{http.StatusBadRequest, "INVALID_REQUEST", []error{
		quote.ErrZeroAmount, route.ErrInvalidSlippage, route.ErrInvalidSwapMode,
		route.ErrTokenAccount, route.ErrUnknownVenue, route.ErrIntegratorFee,
		route.ErrUnexpectedParty, route.ErrRecipient, route.ErrOtherUser, route.ErrMissingParam,
		txn.ErrInvalidTransaction, txn.ErrBadSignature, txn.ErrLookupTable, txn.ErrVersion,
		txn.ErrMissingSignature,
		txn.ErrMemo,
		sdk.ErrStaleNonce, sdk.ErrNoSignature,
	}},
	{http.StatusConflict, "LIMIT_MISSED", []error{
		route.ErrBelowMinOut, route.ErrAboveMaxIn, route.ErrRouteGone, route.ErrOtherEpoch,
		route.ErrQuoteExpired,
	}},
	{http.StatusBadRequest, "COULD_NOT_FIND_ANY_ROUTE", []error{route.ErrNoRoute}},
	{http.StatusConflict, "TRANSACTION_TOO_LARGE",
		[]error{txn.ErrTransactionTooLarge, txn.ErrTooManyAccounts}},
	{http.StatusConflict, "INSUFFICIENT_FUNDS", []error{
		progerr.ErrInsufficientFunds, sdk.ErrPayerCannotPay,
	}},
	{http.StatusConflict, "SIMULATION_FAILED", []error{sdk.ErrSimulation}},
}

// classify returns the failure that a client reads.
func classify(err error) *failure {
	var told *failure
	if errors.As(err, &told) {
		return told
	}

	var contradiction *route.PortableQuoteError
	if errors.As(err, &contradiction) {
		return &failure{
			status:  http.StatusBadRequest,
			code:    "INVALID_REQUEST",
			message: contradiction.Error(),
		}
	}

	if errors.Is(err, errDefect) {
		return &failure{
			status:  http.StatusInternalServerError,
			code:    "INTERNAL_ERROR",
			message: errDefect.Error(),
		}
	}

	for _, kind := range kinds {
		for _, target := range kind.of {
			if errors.Is(err, target) {
				return &failure{
					status:  kind.status,
					code:    kind.code,
					message: publicText(err, target),
				}
			}
		}
	}

	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return &failure{
			status:  http.StatusGatewayTimeout,
			code:    "TIMEOUT",
			message: "the nodes did not answer in time (try again)",
		}
	}

	return &failure{
		status:  http.StatusServiceUnavailable,
		code:    "NODE_UNAVAILABLE",
		message: "the nodes did not serve the request (try again)",
	}
}

// publicText returns the text of an error without what a node said, which
// begins with the address of the node.
func publicText(err, kind error) string {
	var (
		funds  *sdk.FundsError
		payer  *sdk.PayerError
		failed *progerr.TransactionError
		node   *sdk.RPCError
		nodes  *sdk.EndpointsError
	)

	switch {
	case errors.As(err, &payer):
		return payer.Error()
	case errors.As(err, &funds):
		return funds.Error()
	case errors.As(err, &failed):
		return kind.Error() + ": " + failed.Error()
	case errors.As(err, &node), errors.As(err, &nodes):
		return kind.Error()
	}

	return err.Error()
}

// forbidden returns the reason why a policy forbids a transaction.
func forbidden(err error) (reason *explain.VerifyError, ok bool) {
	ok = errors.As(err, &reason)
	return reason, ok
}
