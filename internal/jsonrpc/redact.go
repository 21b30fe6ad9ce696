package jsonrpc

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

const (
	redacted   = "[redacted]"
	maxMessage = 300

	// Shorter strings are words like "rpc" or "v2", whose removal would only
	// garble messages. Query values and userinfo are more likely to be keys.
	minWord = 8
	minKey  = 4
)

// newRedactor collects everything that servers and HTTP clients might echo and
// nobody should read.
func newRedactor(u *url.URL, header http.Header) *strings.Replacer {
	var secrets []string
	add := func(least int, values ...string) {
		for _, v := range values {
			if plain, err := url.PathUnescape(v); err == nil && plain != v {
				values = append(values, plain)
			}
		}
		for _, v := range values {
			if len(v) >= least {
				secrets = append(secrets, v, url.QueryEscape(v), url.PathEscape(v))
			}
		}
	}

	if uri := u.RequestURI(); uri != "/" {
		bare := *u
		bare.User = nil
		add(minWord, u.String(), bare.String(), uri, u.EscapedPath())
	}
	add(minWord, strings.Split(u.EscapedPath(), "/")...)
	add(minKey, u.RawQuery)
	for _, pair := range strings.FieldsFunc(u.RawQuery, func(r rune) bool { return r == '&' || r == ';' }) {
		key, value, _ := strings.Cut(pair, "=")
		if value == "" { // https://host/?<key>
			value = key
		}
		add(minKey, value)
	}
	if u.User != nil {
		password, _ := u.User.Password()
		add(minKey, u.User.String(), u.User.Username(), password)
	}
	for _, values := range header {
		for _, v := range values {
			add(minWord, v)
			add(minWord, strings.FieldsFunc(v, func(r rune) bool { return strings.ContainsRune(" ,;=", r) })...)
		}
	}

	// The longest first, or a part of a secret would shield the rest of it.
	slices.SortFunc(secrets, func(a, b string) int {
		if d := len(b) - len(a); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	var pairs []string
	for _, s := range slices.Compact(secrets) {
		pairs = append(pairs, s, redacted)
	}
	return strings.NewReplacer(pairs...)
}

// clean makes foreign text fit for an error: redacted, one line, bounded. It
// redacts first: a cut through a secret would leave half of it.
func (c *core) clean(text string) string {
	text = c.secrets.Replace(text)
	text = strings.Map(func(r rune) rune {
		// Control characters and the invisible ones that reorder text.
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > maxMessage {
		text = string(runes[:maxMessage-1]) + "…"
	}
	return text
}

// cleanText is clean for text that may be JSON: a string loses its quotes, and
// no escape hides a secret.
func (c *core) cleanText(raw []byte) string {
	if value, encoded := c.cleanJSON(raw); encoded != nil {
		if text, ok := value.(string); ok {
			return c.clean(text)
		}
		if value == nil {
			return ""
		}
		raw = encoded
	}
	return c.clean(string(raw))
}

// cleanJSON redacts inside a JSON value, after decoding so that no escape
// hides a secret, and returns it decoded and encoded. Numbers keep their
// digits.
func (c *core) cleanJSON(raw json.RawMessage) (any, json.RawMessage) {
	if !json.Valid(raw) { // a Decoder would stop at the end of the first value
		return nil, nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var value any
	if dec.Decode(&value) != nil {
		return nil, nil
	}
	value = c.redactValue(value)
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if enc.Encode(value) != nil {
		return nil, nil
	}
	return value, bytes.TrimSpace(out.Bytes())
}

func (c *core) redactValue(value any) any {
	switch v := value.(type) {
	case string:
		return c.secrets.Replace(v)
	case json.Number:
		if s := v.String(); c.secrets.Replace(s) != s {
			return redacted
		}
	case []any:
		for i := range v {
			v[i] = c.redactValue(v[i])
		}
	case map[string]any:
		clean := make(map[string]any, len(v))
		for key, item := range v {
			clean[c.secrets.Replace(key)] = c.redactValue(item)
		}
		return clean
	}
	return value
}
