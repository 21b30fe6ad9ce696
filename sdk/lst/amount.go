package lst

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"
)

// The errors of amounts. Each error of [ParseAmount] and [LST.Parse] is an
// [*AmountError] that matches ErrAmount and one of the other three.
var (
	// ErrAmount matches every error of [ParseAmount] and [LST.Parse].
	ErrAmount = errors.New("bad amount")

	// ErrAmountSyntax is returned when the text is not a plain decimal number,
	// for example "1,5", "-1" or "1e9".
	ErrAmountSyntax = errors.New("not a plain decimal number")

	// ErrAmountPrecision is returned when the number has more decimals than
	// the token, for example "0.0000000001" with 9 decimals.
	ErrAmountPrecision = errors.New("too many decimals")

	// ErrAmountOverflow is returned when the amount does not fit in 64 bits,
	// for example "20000000000" with 9 decimals.
	ErrAmountOverflow = errors.New("too large")
)

// AmountError is the error of [ParseAmount] and [LST.Parse].
type AmountError struct {
	Input    string // the whole input; Error shortens it
	Decimals uint8  // the number of decimals allowed
	Reason   error  // ErrAmountSyntax, ErrAmountPrecision or ErrAmountOverflow
}

// Error returns one line with the reason and, in brackets, the accepted form.
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

// Unwrap makes the error match [ErrAmount] and Reason.
func (e *AmountError) Unwrap() []error {
	if e == nil {
		return nil
	}

	return []error{ErrAmount, e.Reason}
}

// FormatAmount returns amount, in units of 10^-decimals tokens, as a decimal
// number of tokens. The result is exact and has no trailing zeros:
// FormatAmount(1500000000, 9) is "1.5".
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

// ParseAmount converts a decimal number of tokens to an amount in units of
// 10^-decimals tokens. It is the inverse of [FormatAmount] and never rounds:
// ParseAmount("1.5", 9) is 1500000000.
//
// The text consists of ASCII digits with at most one point. The digits before
// the point are optional (".5"), the digits after it are not. Signs, exponents,
// spaces and separators are errors. Trailing zeros of the fraction do not count
// as decimals.
//
// Every error is an [*AmountError] that matches [ErrAmountSyntax],
// [ErrAmountPrecision] or [ErrAmountOverflow].
func ParseAmount(text string, decimals uint8) (uint64, error) {
	fail := func(reason error) (uint64, error) {
		return 0, &AmountError{
			Input:    text,
			Decimals: decimals,
			Reason:   reason,
		}
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
