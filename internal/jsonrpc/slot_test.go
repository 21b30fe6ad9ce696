package jsonrpc

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSlotOf_Results(t *testing.T) {
	for text, want := range map[string]uint64{
		`{"context":{"apiVersion":"4.0","slot":7},"value":[1]}`: 7,
		// Results have no space before them.
		` {"context":{"slot":7},"value":[1]}`:                0,
		`{"value":[1],"context":{"slot":7}}`:                 7,
		`{"context":{"slot":7,"highestSlot":9},"value":[1]}`: 9,
		`{"context":{"slot":9,"highestSlot":7},"value":[1]}`: 9,
		`{"absoluteSlot":5,"blockHeight":4}`:                 5,
		`{"blockHeight":4,"absoluteSlot":5}`:                 5,
		`{"context":{"slot":"x"}}`:                           0,
		`{"context":7}`:                                      0,
		`{"value":{"context":{"slot":7}}}`:                   0,
		`{"slot":7}`:                                         0,
		`{}`:                                                 0,
		`[]`:                                                 0,
		`7`:                                                  0,
		`null`:                                               0,
		`"context"`:                                          0,
		`{"context":{"slot":7},"value":` + strings.Repeat("[", 100): 7, // the rest is not read
	} {
		require.Equal(t, want, slotOf(json.RawMessage(text)), text)
	}
}
