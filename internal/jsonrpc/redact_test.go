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

// requireNoSecret looks for the secret in plain, escaped, hex and base64 form.
func requireNoSecret(t testing.TB, text string) {
	t.Helper()
	for _, form := range []string{
		secret, url.QueryEscape(secret), hex.EncodeToString([]byte(secret)),
		base64.StdEncoding.EncodeToString([]byte("user:" + secret)),
	} {
		require.NotContains(t, text, form)
	}
}

// dump prints v in all forms that may reveal a secret.
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

// keyedEndpoint is an endpoint with a secret.
type keyedEndpoint struct {
	userinfo, path string
	header         http.Header
}

// keyedEndpoints returns endpoints with the secret in each possible place.
func keyedEndpoints() map[string]keyedEndpoint {
	escaped := url.QueryEscape(secret)
	header := http.Header{"Authorization": {"Bearer " + secret}, "X-Api-Key": {secret}}
	return map[string]keyedEndpoint{
		"query":      {path: "/?api-key=" + escaped},
		"bare query": {path: "/?" + escaped},
		"path key":   {path: "/v2/" + url.PathEscape(secret) + "/"},
		"userinfo":   {userinfo: "user:" + escaped + "@", path: "/"},
		"user only":  {userinfo: escaped + "@"},
		"header":     {header: header},
		"everywhere": {userinfo: "user:" + escaped + "@",
			path: "/v2/" + url.PathEscape(secret) + "?k=" + escaped + "&x=1", header: header},
	}
}

// echoingAnswers returns answers of a server that repeats the secret.
func echoingAnswers() map[string]func(http.ResponseWriter, *http.Request, call) {
	echo := func(r *http.Request) string {
		return fmt.Sprintf("no such key: %s %s %s %v", secret, r.URL, r.URL.RequestURI(), r.Header)
	}

	return map[string]func(http.ResponseWriter, *http.Request, call){
		"in message and data": func(w http.ResponseWriter, r *http.Request, c call) {
			text, _ := json.Marshal(echo(r))
			fmt.Fprintf(w, `{"id":%s,"error":{"code":-32001,"message":%s,"data":{%s:[%s,7]}}}`,
				c.id, text, text, text)
		},
		"in escaped message": func(w http.ResponseWriter, _ *http.Request, c call) {
			var hidden strings.Builder
			for _, r := range secret {
				fmt.Fprintf(&hidden, `\u%04x`, r)
			}

			fmt.Fprintf(w, `{"id":%s,"error":{"code":1,"message":"%s","data":"%s"}}`, c.id, &hidden,
				&hidden)
		},
		"in text": func(w http.ResponseWriter, r *http.Request, _ call) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, echo(r))
		},
		"in invalid JSON": func(w http.ResponseWriter, r *http.Request, _ call) {
			fmt.Fprint(w, secret)
		},
		"as result": func(w http.ResponseWriter, _ *http.Request, c call) {
			result(w, c, `"`+secret+`"`)
		},
		"where it is cut": func(w http.ResponseWriter, _ *http.Request, _ call) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, strings.Repeat("x", maxMessage-5)+secret)
		},
		"without an answer": func(w http.ResponseWriter, _ *http.Request, _ call) { hangUp(w) },
	}
}

// TestClient_Redaction looks for the secret in errors, logs and printed
// clients.
func TestClient_Redaction(t *testing.T) {
	for name, endpoint := range keyedEndpoints() {
		for where, answer := range echoingAnswers() {
			t.Run(name+" echoed "+where, func(t *testing.T) {
				var log bytes.Buffer
				base := serve(t, answer)
				target := strings.Replace(base, "://", "://"+endpoint.userinfo, 1) + endpoint.path
				c, _ := newClient(t, target, Options{
					Header:      endpoint.header,
					MaxAttempts: 2,
					Logger: slog.New(slog.NewJSONHandler(&log,
						&slog.HandlerOptions{Level: slog.LevelDebug})),
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
				require.Contains(t, log.String(),
					`"method":"getSlot","host":"`+strings.TrimPrefix(base, "http://")+
						`","attempt":1,"duration":`)
				if where == "where it is cut" {
					require.NotContains(t, e.Message, secret[:3])
				}
			})
		}
	}
}

// TestClient_RedactsTransportErrors uses a Doer whose errors quote the URL.
func TestClient_RedactsTransportErrors(t *testing.T) {
	endpoint := "https://user:" + url.QueryEscape(secret) + "@node.example/k1?api-key=" +
		url.QueryEscape(secret)
	for name, fail := range map[string]func(*http.Request) error{
		"url.Error": func(r *http.Request) error {
			return &url.Error{Op: "Post", URL: r.URL.String(), Err: io.ErrUnexpectedEOF}
		},
		"wrapped url.Error": func(r *http.Request) error {
			return fmt.Errorf("calling %s: %w", r.URL,
				&url.Error{Op: "Post", URL: endpoint, Err: io.ErrUnexpectedEOF})
		},
		"text": func(r *http.Request) error {
			return fmt.Errorf("%s %s: %w", r.URL, endpoint, io.ErrUnexpectedEOF)
		},
		"struct": func(r *http.Request) error { return leaky{r.URL.String()} },
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := newClient(t, endpoint,
				Options{HTTPClient: doer(func(r *http.Request) (*http.Response, error) {
					return nil, fail(r)
				})})

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

func TestClient_SendsUserinfo(t *testing.T) {
	base := serve(t, func(w http.ResponseWriter, r *http.Request, c call) {
		user, password, _ := r.BasicAuth()
		result(w, c, fmt.Sprintf("%q", user+"/"+password))
	})
	c, _ := newClient(t, strings.Replace(base, "://", "://user:"+url.QueryEscape(secret)+"@", 1),
		Options{})
	var seen string
	require.NoError(t, c.CallForInto(context.Background(), &seen, "getIdentity", nil))
	require.Equal(t, "user/"+secret, seen)
}

func TestClient_String(t *testing.T) {
	c, _ := newClient(t, "https://node.example:8899/v2/"+secret, Options{})
	require.Equal(t, "JSON-RPC client of https://node.example:8899", fmt.Sprint(c))
	require.Equal(t, "JSON-RPC client of https://node.example:8899", fmt.Sprintf("%#v", c))
}

func TestClean_Text(t *testing.T) {
	c, _ := newClient(t, "https://node.example/rpc/v2?cluster=mainnet&x=1", Options{})
	for in, want := range map[string]string{
		"":                               "",
		"plain":                          "plain",
		" two\r\n\tlines\x00here\x1b[1m": "two lines here [1m",
		"right\u202eleft":                "right left",
		"rpc v2 x=1 stay":                "rpc v2 x=1 stay",
		"on mainnet":                     "[redacted]",
		"bad \xff byte":                  "bad \ufffd byte",
		strings.Repeat("é", 301):         strings.Repeat("é", 299) + "…",
		strings.Repeat("é", 300):         strings.Repeat("é", 300),
	} {
		require.Equal(t, want, c.core().clean(in), "%q", in)
	}
}

func TestClean_SecretAnywhere(t *testing.T) {
	c, _ := newClient(t, "https://node.example/"+url.PathEscape(secret), Options{})
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "before") + secret + rapid.String().Draw(t, "after")
		got := c.core().clean(text)
		if strings.Contains(got, secret) || strings.ContainsAny(got, "\r\n") ||
			utf8.RuneCountInString(got) > maxMessage {
			t.Fatalf("%q became %q", text, got)
		}
	})
}

func TestClean_JSON(t *testing.T) {
	c, _ := newClient(t, "https://node.example/?k=12345678", Options{})
	const text = `{"a":18446744073709551615,"b":["<&>",1e400,null,true]}`
	_, got := c.core().cleanJSON(json.RawMessage(text))
	// Compared as text, since numbers must keep their digits.
	if string(got) != text {
		t.Fatalf("%s, not %s", got, text)
	}

	for _, with := range []string{
		`{"b":[12345678]}`, `{"12345678":1}`, `["\u0031\u0032345678"]`,
		`{"a":"x","b":{"c":["12345678"]}}`,
		`"` + strings.Repeat("x", maxErrorBody) + `"`,
	} {
		value, got := c.core().cleanJSON(json.RawMessage(with))
		require.Nil(t, value, with)
		require.Nil(t, got, with)
	}
}

// TestSecrets_Spellings finds keys that a node repeats in another spelling.
func TestSecrets_Spellings(t *testing.T) {
	const key = "Kf93-aXq0_ZrT7bLmW2e"
	clients := make(map[string]*Client)
	for where, o := range map[string]struct {
		endpoint string
		header   http.Header
	}{
		"path":     {endpoint: "https://node.example/v2/" + key},
		"query":    {endpoint: "https://node.example/?api-key=" + key},
		"userinfo": {endpoint: "https://user:" + key + "@node.example"},
		"header":   {endpoint: "https://node.example", header: http.Header{"X-Api-Key": {key}}},
		"bearer": {endpoint: "https://node.example",
			header: http.Header{"Authorization": {"Bearer " + key}}},
	} {
		clients[where], _ = newClient(t, o.endpoint, Options{Header: o.header})
	}

	everyByte := func(format string) string {
		var b strings.Builder
		for _, c := range []byte(key) {
			fmt.Fprintf(&b, format, c)
		}

		return b.String()
	}

	std := base64.StdEncoding.EncodeToString
	for name, said := range map[string]string{
		"as it is":              key,
		"upper case":            strings.ToUpper(key),
		"lower case":            strings.ToLower(key),
		"base64":                std([]byte(key)),
		"base64 after a byte":   std([]byte("x" + key)),
		"base64 after two":      std([]byte("xy" + key)),
		"base64 of a pair":      std([]byte("user:" + key + ":x")),
		"base64 for URLs":       base64.RawURLEncoding.EncodeToString([]byte("xy" + key)),
		"base64 of upper case":  std([]byte(strings.ToUpper(key))),
		"hex":                   hex.EncodeToString([]byte(key)),
		"hex in upper case":     strings.ToUpper(hex.EncodeToString([]byte(key))),
		"hex with gaps":         strings.TrimSpace(everyByte("%02x ")),
		"hex of lower case":     hex.EncodeToString([]byte(strings.ToLower(key))),
		"escaped for URLs":      everyByte("%%%02X"),
		"escaped twice":         everyByte("%%25%02x"),
		"escaped as in JSON":    everyByte(`\u%04x`),
		"escaped as in Go":      everyByte(`\x%02x`),
		"escaped as in HTML":    everyByte("&#%d;"),
		"its first eight":       key[:8],
		"its last eight":        key[len(key)-8:],
		"eight in the middle":   "your key (…" + key[5:13] + "…) has expired",
		"in parts":              key[:9] + " and " + key[9:],
		"letter by letter":      strings.Join(strings.Split(key, ""), " "),
		"with other signs":      strings.NewReplacer("-", ".", "_", ".").Replace(key),
		"within a line of text": "no such key: " + key + ", see your account",
	} {
		for where, client := range clients {
			require.Equal(t, redacted, client.core().clean(said), "%s, %s", where, name)
			require.Equal(t, redacted, client.core().clean(strings.Repeat("a ", 500)+said),
				"%s, %s", where, name)
		}
	}

	for _, harmless := range []string{
		"Too many requests, slow down", "Node is behind by 42 slots", "key has expired", key[:7],
		"v2", "bearer token is missing",
	} {
		for where, client := range clients {
			if where == "userinfo" && strings.Contains(harmless, "user") {
				continue
			}

			require.Equal(t, harmless, client.core().clean(harmless), where)
		}
	}
}
