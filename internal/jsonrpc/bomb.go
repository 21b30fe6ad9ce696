package jsonrpc

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// maxBase58 is the length of the longest base58 text that is decoded, in
// characters. Decoding takes time quadratic in the length.
const maxBase58 = 4 << 10

// defuse refuses a result that solana-go's types would decode with unbounded
// memory or time: accounts in base64+zstd, of which a few bytes can expand to
// gigabytes, and long texts in base58. This package requests neither.
func defuse(result json.RawMessage) error {
	if !bytes.Contains(result, []byte("zstd")) && !bytes.Contains(result, []byte("base58")) &&
		!bytes.Contains(result, []byte(`\u`)) { // an escape may spell either word
		return nil
	}

	dec := json.NewDecoder(bytes.NewReader(result))
	dec.UseNumber()
	before := 0 // length of the previous text
	for {
		token, err := dec.Token()
		if err != nil {
			return nil //nolint:nilerr // the end, or JSON that does not decode anyway
		}

		text, ok := token.(string)
		switch {
		case !ok:
			before = 0
			continue
		case text == "base64+zstd":
			return fmt.Errorf("%w: compressed accounts have no size limit", ErrBadResponse)
		case text == "base58" && before > maxBase58:
			return fmt.Errorf("%w: base58 text of %d characters", ErrBadResponse, before)
		}

		before = len(text)
	}
}
