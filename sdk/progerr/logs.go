package progerr

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gagliardetto/solana-go"
)

// maxCallDepth is well above the runtime's limit, which is 5 and may become 9;
// deeper logs are nonsense.
const maxCallDepth = 16

// failure is a program failure as the runtime logged it.
type failure struct {
	path []solana.PublicKey // programs from the outer instruction's to the one that failed
	text string             // the runtime's words, for example "custom program error: 0x1"
}

// firstFailure returns the first failure, accepted by match, of the chain of
// failures that ends the logs; false if the logs do not show one.
//
// Only lines of the form "Program <address> …" count: those are written by the
// runtime. Whatever a program prints is prefixed with "Program log: ". Nothing
// after "Log truncated" counts either: there the runtime drops each line that
// does not fit but still keeps shorter ones, so a caller's failure may be
// present while the failure that caused it is missing.
func firstFailure(logs []string, match func(text string) bool) (failure, bool) {
	var stack []solana.PublicKey
	var found failure
	for _, line := range logs {
		if line == "Log truncated" {
			break
		}

		id, event, ok := runtimeLine(line)
		if !ok {
			continue
		}

		if depth, ok := invokeDepth(event); ok {
			if depth != len(stack)+1 || depth > maxCallDepth {
				return failure{}, false
			}

			stack = append(stack, id)
			found = failure{} // execution went on, so an earlier failure was survived
			continue
		}

		text, failed := strings.CutPrefix(event, "failed: ")
		if !failed && event != "success" {
			continue
		}

		if len(stack) == 0 || stack[len(stack)-1] != id {
			return failure{}, false
		}

		switch {
		case !failed:
			found = failure{}
		case found.path == nil && match(text):
			found = failure{path: slices.Clone(stack), text: text}
		}

		stack = stack[:len(stack)-1]
	}

	return found, found.path != nil
}

// runtimeLine splits "Program <address> <event>".
func runtimeLine(line string) (id solana.PublicKey, event string, ok bool) {
	rest, ok := strings.CutPrefix(line, "Program ")
	if !ok {
		return id, "", false
	}
	address, event, ok := strings.Cut(rest, " ")
	if !ok || len(address) < 32 || len(address) > 44 {
		return id, "", false
	}
	id, err := solana.PublicKeyFromBase58(address)
	return id, event, err == nil
}

// invokeDepth reads the depth of an "invoke [<depth>]" event.
func invokeDepth(event string) (int, bool) {
	digits, ok := strings.CutPrefix(event, "invoke [")
	if !ok {
		return 0, false
	}
	digits, ok = strings.CutSuffix(digits, "]")
	if !ok {
		return 0, false
	}
	depth, err := strconv.Atoi(digits)
	return depth, err == nil
}

// isCustom returns a matcher for the runtime's words for a custom error code.
func isCustom(code uint32) func(text string) bool {
	return func(text string) bool {
		digits, ok := strings.CutPrefix(text, "custom program error: 0x")
		if !ok {
			return false
		}
		got, err := strconv.ParseUint(digits, 16, 32)
		return err == nil && uint32(got) == code
	}
}

// outOfCompute says whether the runtime's words mean that compute units ran
// out. The error variant alone does not tell: a program stopped by the meter is
// reported as ProgramFailedToComplete, like one that crashed.
func outOfCompute(text string) bool {
	return strings.Contains(text, "exceeded CUs meter") ||
		strings.Contains(text, "Computational budget exceeded")
}
