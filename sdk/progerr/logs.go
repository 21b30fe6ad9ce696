package progerr

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gagliardetto/solana-go"
)

// maxCallDepth is above the runtime's limit on calls, which is 5 and may become
// 9. Logs of deeper calls are invalid.
const maxCallDepth = 16

// failure is a program failure logged by the runtime.
type failure struct {
	// path has the programs from the outer instruction to the failed one.
	path []solana.PublicKey

	// text is the runtime's message, for example "custom program error: 0x1".
	text string
}

// firstFailure finds the chain of failures at the end of the logs and returns
// its first failure that match accepts. It returns false if the logs show no
// such failure.
//
// Only the runtime writes lines of the form "Program <address> …"; the output
// of programs has the prefix "Program log: " and is ignored. Lines after "Log
// truncated" are ignored too: the runtime then drops lines that do not fit but
// keeps shorter ones, so the failure of a caller may be present although its
// cause is missing.
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
			found = failure{} // execution continued: the caller handled the failure
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

// runtimeLine splits a line "Program <address> <event>".
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

// invokeDepth parses the depth of an event "invoke [<depth>]".
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

// isCustom returns a function that matches the runtime's message for a custom
// error code.
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

// outOfCompute reports whether the runtime's message is about exhausted compute
// units. The error variant is not enough: ProgramFailedToComplete is reported
// both for exhausted compute units and for a crash.
func outOfCompute(text string) bool {
	return strings.Contains(text, "exceeded CUs meter") ||
		strings.Contains(text, "Computational budget exceeded")
}
