package jsonrpc

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const secret = "s3cr3t-0f-the+h0use"

// requireNoSecret looks for the secret plain, escaped and in hex (%x).
func requireNoSecret(t testing.TB, text string) {
	t.Helper()
	for _, form := range []string{
		secret, url.QueryEscape(secret), hex.EncodeToString([]byte(secret)),
		base64.StdEncoding.EncodeToString([]byte("user:" + secret)),
	} {
		require.NotContains(t, text, form)
	}
}

// dump prints v in all the ways that have given secrets away elsewhere.
func dump(v any) string {
	var b strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&b, verb+"\n", v)
	}
	encoded, _ := json.Marshal(v)
	b.Write(encoded)
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "v", v)
	slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "v", v)
	return b.String()
}

func TestRedaction(t *testing.T) {
	escaped := url.QueryEscape(secret)
	header := http.Header{"Authorization": {"Bearer " + secret}, "X-Api-Key": {secret}}
	endpoints := map[string]struct {
		userinfo, path string
		header         http.Header
	}{
		"query":       {path: "/?api-key=" + escaped},
		"bare query":  {path: "/?" + escaped},
		"path key":    {path: "/v2/" + url.PathEscape(secret) + "/"},
		"userinfo":    {userinfo: "user:" + escaped + "@", path: "/"},
		"user only":   {userinfo: escaped + "@"},
		"header":      {header: header},
		"all at once": {userinfo: "user:" + escaped + "@", path: "/v2/" + url.PathEscape(secret) + "?k=" + escaped + "&x=1", header: header},
	}
	echo := func(r *http.Request) string {
		return fmt.Sprintf("no such key: %s %s %s %v", secret, r.URL, r.URL.RequestURI(), r.Header)
	}
	answers := map[string]func(http.ResponseWriter, *http.Request, call){
		"in message and data": func(w http.ResponseWriter, r *http.Request, c call) {
			text, _ := json.Marshal(echo(r))
			fmt.Fprintf(w, `{"id":%s,"error":{"code":-32001,"message":%s,"data":{%s:[%s,7]}}}`, c.id, text, text, text)
		},
		"in escaped message": func(w http.ResponseWriter, _ *http.Request, c call) {
			var hidden strings.Builder
			for _, r := range secret {
				fmt.Fprintf(&hidden, `\u%04x`, r)
			}
			fmt.Fprintf(w, `{"id":%s,"error":{"code":1,"message":"%s","data":"%s"}}`, c.id, &hidden, &hidden)
		},
		"in text": func(w http.ResponseWriter, r *http.Request, _ call) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, echo(r))
		},
		"in invalid JSON": func(w http.ResponseWriter, r *http.Request, _ call) { fmt.Fprint(w, secret) },
		"as result":       func(w http.ResponseWriter, _ *http.Request, c call) { result(w, c, `"`+secret+`"`) },
		"at the cut": func(w http.ResponseWriter, _ *http.Request, _ call) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, strings.Repeat("x", maxMessage-5)+secret)
		},
		"not at all": func(w http.ResponseWriter, _ *http.Request, _ call) { hangUp(w) },
	}
	for name, endpoint := range endpoints {
		for where, answer := range answers {
			t.Run(name+" echoed "+where, func(t *testing.T) {
				var log bytes.Buffer
				base := serve(t, answer)
				target := strings.Replace(base, "://", "://"+endpoint.userinfo, 1) + endpoint.path
				c, _ := newClient(t, target, Options{
					Header: endpoint.header, MaxAttempts: 2,
					Logger: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
				})
				var slot uint64
				err := c.CallForInto(context.Background(), &slot, "getSlot", nil)
				var e *Error
				require.ErrorAs(t, err, &e)
				require.Equal(t, base, e.Endpoint)
				require.LessOrEqual(t, utf8.RuneCountInString(e.Message), maxMessage)
				require.NotContains(t, err.Error(), "\n")
				requireNoSecret(t, dump(err))
				requireNoSecret(t, dump(*e))
				requireNoSecret(t, string(e.Data))
				for cause := errors.Unwrap(err); cause != nil; cause = errors.Unwrap(cause) {
					requireNoSecret(t, dump(cause))
				}
				requireNoSecret(t, dump(c))
				requireNoSecret(t, dump(*c))
				requireNoSecret(t, dump(struct{ c Client }{*c}))
				requireNoSecret(t, log.String())
				require.Contains(t, log.String(), `"method":"getSlot","host":"`+strings.TrimPrefix(base, "http://")+`","attempt":1,"duration":`)
				if strings.Contains(where, "at the cut") {
					require.NotContains(t, e.Message, secret[:3])
				}
			})
		}
	}
}

// A Doer of the caller's may quote the URL in any way it likes.
func TestRedactionOfTransportErrors(t *testing.T) {
	endpoint := "https://user:" + url.QueryEscape(secret) + "@node.example/k1?api-key=" + url.QueryEscape(secret)
	for name, fail := range map[string]func(*http.Request) error{
		"url.Error": func(r *http.Request) error {
			return &url.Error{Op: "Post", URL: r.URL.String(), Err: io.ErrUnexpectedEOF}
		},
		"wrapped url.Error": func(r *http.Request) error {
			return fmt.Errorf("calling %s: %w", r.URL, &url.Error{Op: "Post", URL: endpoint, Err: io.ErrUnexpectedEOF})
		},
		"text":   func(r *http.Request) error { return fmt.Errorf("%s %s: %w", r.URL, endpoint, io.ErrUnexpectedEOF) },
		"struct": func(r *http.Request) error { return leaky{r.URL.String()} },
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := newClient(t, endpoint, Options{HTTPClient: doer(func(r *http.Request) (*http.Response, error) { return nil, fail(r) })})
			err := c.CallForInto(context.Background(), nil, "getSlot", nil)
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			for cause := err; cause != nil; cause = errors.Unwrap(cause) {
				requireNoSecret(t, dump(cause))
				require.NotContains(t, cause.Error(), "/k1")
			}
			var withURL *url.Error
			require.NotErrorAs(t, err, &withURL)
			require.NotErrorAs(t, err, &leaky{})
		})
	}
}

type leaky struct{ URL string }

func (l leaky) Error() string { return "cannot reach " + l.URL }
func (l leaky) Unwrap() error { return io.ErrUnexpectedEOF }

func TestUserinfoIsSent(t *testing.T) {
	base := serve(t, func(w http.ResponseWriter, r *http.Request, c call) {
		user, password, _ := r.BasicAuth()
		result(w, c, fmt.Sprintf("%q", user+"/"+password))
	})
	c, _ := newClient(t, strings.Replace(base, "://", "://user:"+url.QueryEscape(secret)+"@", 1), Options{})
	var seen string
	require.NoError(t, c.CallForInto(context.Background(), &seen, "getIdentity", nil))
	require.Equal(t, "user/"+secret, seen)
}

func TestString(t *testing.T) {
	c, _ := newClient(t, "https://node.example:8899/v2/"+secret, Options{})
	require.Equal(t, "jsonrpc client of https://node.example:8899", fmt.Sprint(c))
	require.Equal(t, "jsonrpc client of https://node.example:8899", fmt.Sprintf("%#v", c))
}

func TestClean(t *testing.T) {
	c, _ := newClient(t, "https://node.example/rpc/v2?cluster=mainnet&x=1", Options{})
	for in, want := range map[string]string{
		"":                               "",
		"plain":                          "plain",
		" two\r\n\tlines\x00here\x1b[1m": "two lines here [1m",
		"right\u202eleft":                "right left",
		"rpc v2 x=1 stay":                "rpc v2 x=1 stay",
		"on mainnet":                     "on [redacted]",
		"bad \xff byte":                  "bad \ufffd byte",
		strings.Repeat("é", 301):         strings.Repeat("é", 299) + "…",
		strings.Repeat("é", 300):         strings.Repeat("é", 300),
	} {
		require.Equal(t, want, c.core().clean(in), "%q", in)
	}
}

func TestCleanHidesSecretAnywhere(t *testing.T) {
	c, _ := newClient(t, "https://node.example/"+url.PathEscape(secret), Options{})
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "before") + secret + rapid.String().Draw(t, "after")
		got := c.core().clean(text)
		if strings.Contains(got, secret) || strings.ContainsAny(got, "\r\n") || utf8.RuneCountInString(got) > maxMessage {
			t.Fatalf("%q became %q", text, got)
		}
	})
}

func TestCleanJSON(t *testing.T) {
	c, _ := newClient(t, "https://node.example/?k=12345678", Options{})
	_, got := c.core().cleanJSON(json.RawMessage(`{"a":18446744073709551615,"b":[12345678,"<&>",1e400,null,true],"12345678":1}`))
	// Compared as text, because numbers must come through digit by digit.
	const want = `{"[redacted]":1,"a":18446744073709551615,"b":["[redacted]","<&>",1e400,null,true]}`
	if string(got) != want {
		t.Fatalf("%s, not %s", got, want)
	}
}
