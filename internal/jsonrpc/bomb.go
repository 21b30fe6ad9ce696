package jsonrpc

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// maxBase58 is the longest text in base58 that is decoded, in characters. It
// takes time by the square of the length.
const maxBase58 = 4 << 10

// defuse refuses a result that solana-go's types would decode into any amount
// of memory, or in any amount of time: accounts in base64+zstd, of which some
// bytes make gigabytes, and long ones in base58. Nothing here asks for either.
func defuse(result json.RawMessage) error {
	if !bytes.Contains(result, []byte("zstd")) && !bytes.Contains(result, []byte("base58")) &&
		!bytes.Contains(result, []byte(`\u`)) { // which may spell either
		return nil
	}

	dec := json.NewDecoder(bytes.NewReader(result))
	dec.UseNumber()
	before := 0 // the length of the text before
	for {
		token, err := dec.Token()
		if err != nil {
			return nil //nolint:nilerr // it ends here, or does not decode anyway
		}

		text, ok := token.(string)
		switch {
		case !ok:
			before = 0
			continue
		case text == "base64+zstd":
			return fmt.Errorf("%w: compressed accounts can be of any size", ErrBadResponse)
		case text == "base58" && before > maxBase58:
			return fmt.Errorf("%w: %d characters of base58", ErrBadResponse, before)
		}

		before = len(text)
	}
}
