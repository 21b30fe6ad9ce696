package sdk

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/jsonrpc"
)

// accountsResult is an answer in the form of a real node, with n stake pools of
// the three programs.
func accountsResult(n int) (result []byte, keys []solana.PublicKey) {
	programs := accounts.StakePoolPrograms()
	b := bytes.NewBufferString(`{"context":{"apiVersion":"3.1.0","slot":342792000},"value":[`)
	for i := range n {
		data := make([]byte, accounts.StakePoolSpace)
		for at := range data[:500] {
			data[at] = byte(at*7 + i)
		}

		if i > 0 {
			b.WriteByte(',')
		}

		fmt.Fprintf(b, `{"data":["%s","base64"],"executable":false,"lamports":%d,"owner":"%s",`+
			`"rentEpoch":18446744073709551615,"space":%d}`,
			base64.StdEncoding.EncodeToString(data), 5_143_440+i, programs[i*3/n], len(data))
		keys = append(keys, solana.PublicKey{byte(i), byte(i >> 8)})
	}

	b.WriteString("]}")
	return b.Bytes(), keys
}

// BenchmarkAccounts reads an answer and puts its accounts into a set. For
// comparison it measures the minimum work of any reader: to decode the base64
// and to look at all bytes once.
func BenchmarkAccounts(b *testing.B) {
	for _, n := range []int{100, 1000} {
		result, keys := accountsResult(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for _, part := range []struct {
				name string
				do   func(testing.TB)
			}{
				{"answer", func(tb testing.TB) {
					answer := multipleAccounts{keys: keys}
					into := accountsAt(1, &answer)
					r := jsonrpc.NewReader(result)
					into.ReadJSON(r)
					require.True(tb, r.Done())
					require.NoError(tb, into.Accept())
					require.NoError(tb, answer.into(accounts.NewSet(1), keys))
				}},
				{"base64", func(tb testing.TB) { decodeTexts(tb, result) }},
				{"pass", func(tb testing.TB) { skipTokens(tb, result) }},
				{"encodingjson", func(tb testing.TB) {
					answer := multipleAccounts{keys: keys}
					require.NoError(tb, json.Unmarshal(result, accountsAt(1, &answer)))
					require.NoError(tb, answer.into(accounts.NewSet(1), keys))
				}},
			} {
				b.Run(part.name, func(b *testing.B) {
					b.ReportAllocs()
					b.SetBytes(int64(len(result)))
					for b.Loop() {
						part.do(b)
					}
				})
			}
		})
	}
}

// decodeTexts decodes the base64 of an answer of accountsResult.
func decodeTexts(tb testing.TB, result []byte) {
	tb.Helper()
	begin, end := []byte(`["`), []byte(`"`)
	room := make([]byte, 0, len(result))
	for rest := result; ; {
		at := bytes.Index(rest, begin)
		if at < 0 {
			return
		}

		rest = rest[at+len(begin):]
		size := bytes.Index(rest, end)
		var err error
		room, err = base64.StdEncoding.AppendDecode(room, rest[:size])
		require.NoError(tb, err)
		rest = rest[size:]
	}
}

// skipTokens reads all tokens of an answer.
func skipTokens(tb testing.TB, result []byte) {
	tb.Helper()
	d := jsontext.NewDecoder(bytes.NewBuffer(result))
	for {
		if _, err := d.ReadToken(); err != nil {
			require.Equal(tb, io.EOF, err)
			return
		}
	}
}

// TestAccountsAnswer_OnePass checks that answers of real nodes do not need
// encoding/json.
func TestAccountsAnswer_OnePass(t *testing.T) {
	const system = `"owner":"11111111111111111111111111111111"`
	account := `{"data":["AQID","base64"],"executable":false,"lamports":5,` + system +
		`,"rentEpoch":0,"space":3}`
	keys := []solana.PublicKey{{1}, {2}}
	pools, poolKeys := accountsResult(100)
	for name, test := range map[string]struct {
		result string
		keys   []solana.PublicKey
		want   error
	}{
		"pools": {result: string(pools), keys: poolKeys},
		"missing": {result: `{"context":{"slot":7},"value":[` + account + `,null]}`,
			keys: keys},
		"joined": {result: `{"context":{"slot":7,"highestSlot":9},"value":[null,` + account + `]}`,
			keys: keys},
		"value first": {result: `{"value":[` + account +
			`,null],"context":{"apiVersion":"9","slot":7}}`,
			keys: keys},
		"no account": {result: `{"context":{"slot":7},"value":[]}`},
		"one too few": {result: `{"context":{"slot":7},"value":[null]}`, keys: keys,
			want: ErrBadAccount},
		"without data": {result: `{"context":{"slot":7},"value":[{},null]}`, keys: keys,
			want: ErrBadAccount},
		"without a slot": {result: `{"context":{},"value":[null,null]}`, keys: keys,
			want: ErrBadAccount},
		"old": {result: `{"context":{"slot":6},"value":[null,null]}`, keys: keys,
			want: ErrNodeBehind},
	} {
		t.Run(name, func(t *testing.T) {
			got, fast, err := inOnePass(7, test.keys, []byte(test.result))
			require.True(t, fast)
			require.ErrorIs(t, err, test.want)
			want, wantErr := byEncodingJSON(7, test.keys, []byte(test.result))
			require.Equal(t, want, got)
			require.Equal(t, fmt.Sprint(wantErr), fmt.Sprint(err))
		})
	}
}

// inOnePass decodes a result as the transport does. fast is false if that needs
// encoding/json.
func inOnePass(
	slot uint64,
	keys []solana.PublicKey,
	result []byte,
) (answer multipleAccounts, fast bool, err error) {
	answer.keys = keys
	into := accountsAt(slot, &answer)
	r := jsonrpc.NewReader(result)
	if into.ReadJSON(r); !r.Done() {
		return answer, false, nil
	}
	return answer, true, into.Accept()
}

func byEncodingJSON(
	slot uint64,
	keys []solana.PublicKey,
	result []byte,
) (answer multipleAccounts, err error) {
	answer.keys = keys
	err = json.Unmarshal(result, accountsAt(slot, &answer))
	return answer, err
}

// TestAccountsAnswer_Reuse checks that a failed attempt leaves no data for the
// next one.
func TestAccountsAnswer_Reuse(t *testing.T) {
	var answer multipleAccounts
	into := accountsAt(7, &answer)
	into.ReadJSON(jsonrpc.NewReader([]byte(`{"context":{"slot":7,"highestSlot":9},"value":[]}`)))
	into.ReadJSON(jsonrpc.NewReader([]byte(`{"context":{"slot":8},"value":[]}`)))
	require.Zero(t, answer, "not accepted yet")
	require.NoError(t, into.Accept())
	require.Equal(t, uint64(8), answer.slot())
	require.Equal(t, uint64(8), answer.highestSlot())
}

// FuzzAccountsAnswer compares the reading in one pass with encoding/json: both
// return the same result, or the same error.
func FuzzAccountsAnswer(f *testing.F) {
	f.Fuzz(func(t *testing.T, result []byte, slot uint64, addresses uint8) {
		buffer := bytes.Clone(result)
		got, fast, err := inOnePass(slot, make([]solana.PublicKey, addresses%8), buffer)
		if !fast {
			return
		}

		clear(buffer)
		want, wantErr := byEncodingJSON(slot, make([]solana.PublicKey, addresses%8), result)
		require.Equal(t, fmt.Sprint(wantErr), fmt.Sprint(err))
		require.Equal(t, want, got)
	})
}
