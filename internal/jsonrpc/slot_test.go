package jsonrpc

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSlotOf(t *testing.T) {
	for text, want := range map[string]uint64{
		`{"context":{"apiVersion":"4.0","slot":7},"value":[1]}`: 7,
		// results have no space before them
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
		`{"context":{"slot":7},"value":` + strings.Repeat("[", 100): 7, // not read so far
	} {
		require.Equal(t, want, slotOf(json.RawMessage(text)), text)
	}
}

func TestList(t *testing.T) {
	decode := func(text string) (list List[*int], err error) {
		err = json.Unmarshal([]byte(text), &list)
		return list, err
	}

	list, err := decode(`[1,null,3]`)
	require.NoError(t, err)
	require.Len(t, list, 3)
	require.Nil(t, list[1])
	list, err = decode(`null`)
	require.NoError(t, err)
	require.Nil(t, list)
	list, err = decode(`[]`)
	require.NoError(t, err)
	require.Empty(t, list)
	for _, bad := range []string{`{}`, `7`, `"x"`, `["x"]`} {
		_, err = decode(bad)
		require.Error(t, err, bad)
	}

	many := func(n int) string { return "[" + strings.Repeat("1,", n-1) + "1]" }
	_, err = decode(many(maxList))
	require.NoError(t, err)
	_, err = decode(many(maxList + 1))
	require.ErrorIs(t, err, ErrBadResponse)
	var twice struct{ A List[int] }
	require.ErrorIs(t, json.Unmarshal([]byte(`{"a":[1],"a":[2]}`), &twice), ErrBadResponse)
}
