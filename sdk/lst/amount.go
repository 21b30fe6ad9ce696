package lst

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"
)

// What is wrong with an amount. ErrAmount matches every error of [ParseAmount]; the others say which of the three it is.
var (
	ErrAmount          = errors.New("bad amount")
	ErrAmountSyntax    = errors.New("not a plain decimal number")
	ErrAmountPrecision = errors.New("too many decimals")
	ErrAmountOverflow  = errors.New("too large")
)

// AmountError is the error of [ParseAmount] and [LST.Parse].
type AmountError struct {
	Input    string // what was to be parsed, in full; the error's text shortens it
	Decimals uint8  // how many decimals were allowed
	Reason   error  // ErrAmountSyntax, ErrAmountPrecision or ErrAmountOverflow
}

// Error says in one line what is wrong and what would be allowed.
func (e *AmountError) Error() string {
	if e == nil {
		return "<nil>"
	}

	allowed := "digits and at most one point, such as 1.5"
	switch {
	case errors.Is(e.Reason, ErrAmountPrecision):
		allowed = fmt.Sprintf("%d allowed", e.Decimals)
	case errors.Is(e.Reason, ErrAmountOverflow):
		allowed = "at most " + FormatAmount(math.MaxUint64, e.Decimals)
	}
	return fmt.Sprintf("lst: amount %s: %v (%s)", quote(e.Input), e.Reason, allowed)
}

// Unwrap makes the error match [ErrAmount] and its Reason.
func (e *AmountError) Unwrap() []error {
	if e == nil {
		return nil
	}

	return []error{ErrAmount, e.Reason}
}

// FormatAmount writes amount, in units of 10^-decimals tokens, as a decimal number of tokens.
// It is exact and has no trailing zeros: FormatAmount(1500000000, 9) is "1.5".
func FormatAmount(amount uint64, decimals uint8) string {
	digits := strconv.FormatUint(amount, 10)
	places := int(decimals)
	if short := places + 1 - len(digits); short > 0 {
		digits = strings.Repeat("0", short) + digits
	}
	point := len(digits) - places
	fraction := strings.TrimRight(digits[point:], "0")
	if fraction == "" {
		return digits[:point]
	}
	return digits[:point] + "." + fraction
}

// ParseAmount reads a decimal number of tokens as an amount in units of 10^-decimals tokens. It is exact, the inverse of
// [FormatAmount]: ParseAmount("1.5", 9) is 1500000000.
//
// A number is ASCII digits with at most one point among them; the digits before the point may be left out (".5"), those
// after it may not. Signs, exponents, spaces and separators are refused, and so is anything that would have to be rounded;
// zeros at the end of the fraction are never too many. Every error is an [*AmountError].
func ParseAmount(text string, decimals uint8) (uint64, error) {
	fail := func(reason error) (uint64, error) {
		return 0, &AmountError{Input: text, Decimals: decimals, Reason: reason}
	}
	whole, fraction, point := strings.Cut(text, ".")
	if !isDigits(whole) || !isDigits(fraction) || whole == "" && !point || fraction == "" && point {
		return fail(ErrAmountSyntax)
	}
	fraction = strings.TrimRight(fraction, "0")
	missing := int(decimals) - len(fraction)
	if missing < 0 {
		return fail(ErrAmountPrecision)
	}
	var amount uint64
	for _, digit := range []byte(whole + fraction + strings.Repeat("0", missing)) {
		high, low := bits.Mul64(amount, 10)
		sum, carry := bits.Add64(low, uint64(digit-'0'), 0)
		if high != 0 || carry != 0 {
			return fail(ErrAmountOverflow)
		}
		amount = sum
	}
	return amount, nil
}

func isDigits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
