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

// accountsResult is an answer as nodes write it, with n stake pools of the three
// programs.
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

// BenchmarkAccounts reads an answer and puts its accounts into a set, beside the
// least that any reader has to do: decode the base64 in it, and look at all of
// its bytes once.
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
				{"pass", func(tb testing.TB) { passOver(tb, result) }},
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

// passOver reads all tokens of an answer.
func passOver(tb testing.TB, result []byte) {
	tb.Helper()
	d := jsontext.NewDecoder(bytes.NewBuffer(result))
	for {
		if _, err := d.ReadToken(); err != nil {
			require.Equal(tb, io.EOF, err)
			return
		}
	}
}
