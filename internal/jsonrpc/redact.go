package jsonrpc

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

const (
	redacted   = "[redacted]"
	maxMessage = 300

	// maxText bounds the part of a foreign text that is used for a message, in
	// bytes.
	maxText = 4 << 10

	// minWord is the length from which a part of the path or of a header counts
	// as a secret, in bytes. Shorter ones are words like "rpc" or "v2". For
	// query values and userinfo, which are more likely to be keys, the length
	// is minKey.
	minWord = 8
	minKey  = 4

	// partLength is the number of consecutive bytes of a secret that count as a
	// part of it.
	partLength = 8
)

// harmless headers hold no keys.
var harmless = []string{"Accept", "Content-Type", "User-Agent"}

// secrets finds parts of keys in foreign text, in various spellings.
type secrets struct {
	// spelled are the secrets with all their characters. bare are the secrets
	// with letters and digits only, since a text may have signs between the
	// parts.
	spelled, bare needles
}

// needles are lower-case strings that a text must not contain.
type needles struct {
	parts map[[partLength]byte]bool
	short []string // too short to have parts
}

// newSecrets collects the secrets that a server or an HTTP client may echo.
func newSecrets(u *url.URL, header http.Header) *secrets {
	s := &secrets{
		spelled: needles{parts: make(map[[partLength]byte]bool)},
		bare:    needles{parts: make(map[[partLength]byte]bool)},
	}

	add := func(least int, values ...string) {
		for _, v := range values {
			if plain, err := url.PathUnescape(v); err == nil && plain != v && len(plain) >= least {
				s.add(plain)
			}

			if len(v) >= least {
				s.add(v)
			}
		}
	}

	add(minWord, strings.Split(u.EscapedPath(), "/")...)
	for _, pair := range strings.FieldsFunc(u.RawQuery,
		func(r rune) bool { return r == '&' || r == ';' }) {
		key, value, _ := strings.Cut(pair, "=")
		if value == "" { // https://host/?<key>
			value = key
		}

		add(minKey, value)
	}

	if u.User != nil {
		password, _ := u.User.Password()
		add(minKey, u.User.Username(), password)
	}

	for name, values := range header {
		if slices.Contains(harmless, name) {
			continue
		}

		for _, v := range values {
			add(minWord,
				strings.FieldsFunc(v, func(r rune) bool {
					return strings.ContainsRune(" ,;=", r)
				})...)
		}
	}

	return s
}

// add records a secret in all its spellings.
func (s *secrets) add(secret string) {
	for _, v := range []string{secret, strings.ToLower(secret), strings.ToUpper(secret)} {
		s.spelled.add(v)
		s.bare.add(onlyAlphanumeric(v))
		for _, encoded := range append(base64Forms(v), hex.EncodeToString([]byte(v))) {
			s.spelled.add(encoded)
			s.bare.add(onlyAlphanumeric(encoded))
		}
	}
}

// base64Forms returns the base64 digits of a secret inside a longer text. Three
// bytes make four digits, so there are three possible offsets.
func base64Forms(secret string) []string {
	var forms []string
	for shift := range 3 {
		digits := base64.RawStdEncoding.EncodeToString(append(make([]byte, shift), secret...))
		begin := (shift*8 + 5) / 6           // skip digits that depend on the bytes before
		end := (shift + len(secret)) * 8 / 6 // and on the bytes after
		if begin < end {
			std := digits[begin:end]
			forms = append(forms, std, strings.NewReplacer("+", "-", "/", "_").Replace(std))
		}
	}

	return forms
}

func (n *needles) add(secret string) {
	secret = strings.ToLower(secret)
	if len(secret) < partLength {
		if len(secret) >= minKey && !slices.Contains(n.short, secret) {
			n.short = append(n.short, secret)
		}
		return
	}
	for i := range len(secret) - partLength + 1 {
		n.parts[[partLength]byte([]byte(secret[i:]))] = true
	}
}

func (n *needles) in(text string) bool {
	text = strings.ToLower(text)
	for i := range max(0, len(text)-partLength+1) {
		if n.parts[[partLength]byte([]byte(text[i:i+partLength]))] {
			return true
		}
	}
	return slices.ContainsFunc(n.short,
		func(secret string) bool { return strings.Contains(text, secret) })
}

// in reports whether text contains a part of a secret.
func (s *secrets) in(text string) bool {
	if len(s.spelled.parts) == 0 && len(s.spelled.short) == 0 {
		return false
	}

	for range 3 { // escapes may be nested
		if s.spelled.in(text) || s.bare.in(onlyAlphanumeric(text)) {
			return true
		}

		plain := unescape(text)
		if plain == text {
			break
		}

		text = plain
	}

	return false
}

var escapes = regexp.MustCompile(`%[0-9a-fA-F]{2}|\\x[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}`)

// unescape undoes the escapes of URLs, JSON, Go and HTML.
func unescape(text string) string {
	text = escapes.ReplaceAllStringFunc(text, func(escape string) string {
		digits := strings.TrimLeft(escape, `%\xu`)
		code, err := strconv.ParseUint(digits, 16, 16)
		if err != nil {
			return escape
		}

		if len(digits) == 2 {
			return string([]byte{byte(code)})
		}

		return string(rune(code))
	})

	return html.UnescapeString(text)
}

func onlyAlphanumeric(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z':
			return r
		}
		return -1
	}, text)
}

// clean returns foreign text for an error message: one bounded line, and
// nothing of a text that contains a part of a secret.
func (c *core) clean(text string) string {
	text = text[:min(len(text), maxText)]
	if c.secrets.in(text) {
		return redacted
	}

	text = strings.Map(func(r rune) rune {
		// Replace control characters, and invisible ones that reorder text.
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

// cleanText is like clean for text that may be JSON: it decodes a JSON string.
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

// cleanJSON decodes a JSON value and encodes it again. It returns nil if the
// value contains a part of a secret. Numbers keep their digits.
func (c *core) cleanJSON(raw json.RawMessage) (any, json.RawMessage) {
	if len(raw) > maxErrorBody ||
		// A Decoder would stop at the end of the first value.
		!json.Valid(raw) {
		return nil, nil
	}

	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var value any
	if dec.Decode(&value) != nil {
		return nil, nil
	}

	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if enc.Encode(value) != nil || c.secrets.in(out.String()) {
		return nil, nil
	}

	return value, bytes.TrimSpace(out.Bytes())
}
