package jsonrpc

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestList_Limits(t *testing.T) {
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
