package jsonrpc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/gagliardetto/solana-go/rpc"
	upstream "github.com/gagliardetto/solana-go/rpc/jsonrpc"
)

// FuzzResponse answers single calls and batches with arbitrary bytes.
func FuzzResponse(f *testing.F) {
	f.Add(200, []byte(`{"jsonrpc":"2.0","id":1,"result":{"context":{"slot":1},"value":[null]}}`))
	f.Add(200, []byte(`[{"id":0,"result":1},{"id":1,"error":{"code":-1,"message":"`+secret+`"}}]`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		c, err := New("https://node.example/"+secret, Options{
			MaxAttempts: 2,
			MaxBody:     1 << 16,
			Sleep:       func(context.Context, time.Duration) error { return nil },
			HTTPClient: doer(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: status,
					Body: io.NopCloser(bytes.NewReader(body))}, nil
			}),
		})
		if err != nil {
			t.Fatal(err)
		}

		check := func(err error) {
			if err == nil {
				return
			}

			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("%T is not *Error", err)
			}

			text := err.Error()
			if strings.ContainsAny(text, "\r\n") || utf8.RuneCountInString(text) > maxMessage+200 {
				t.Fatalf("not one short line: %q", text)
			}

			if e.Data != nil && !json.Valid(e.Data) {
				t.Fatalf("data is not JSON: %q", e.Data)
			}

			requireNoSecret(t, text+string(e.Data))
			var cause *upstream.RPCError
			if errors.As(err, &cause) {
				requireNoSecret(t, cause.Error())
			}
		}

		ctx := context.Background()
		var raw json.RawMessage
		err = c.CallForInto(ctx, &raw, "getSlot", nil)
		check(err)
		if err == nil && !json.Valid(raw) {
			t.Fatalf("result is not JSON: %q", raw)
		}

		c.core().lastID.Store(0) // so that one body answers both
		var accounts *rpc.GetMultipleAccountsResult
		check(c.CallForInto(ctx, &accounts, "getMultipleAccounts", nil))
		_, err = c.CallBatch(ctx, upstream.RPCRequests{{Method: "getSlot"}, {Method: "getBlock"}})
		check(err)
	})
}
