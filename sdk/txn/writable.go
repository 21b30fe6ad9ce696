package txn

import "github.com/gagliardetto/solana-go"

// cursor reads a message that this package compiled and that is therefore
// valid.
type cursor struct {
	message []byte
	at      int
}

// next reads a byte.
func (c *cursor) next() int {
	c.at++
	return int(c.message[c.at-1])
}

// compact reads a length as compact-u16.
func (c *cursor) compact() int {
	n, shift := 0, 0
	for {
		part := c.next()
		n |= part &^ (1 << 7) << shift
		if part < 1<<7 {
			return n
		}
		shift += 7
	}
}

// writableIn returns the accounts that a compiled message of the legacy format
// or version 0 without lookup tables locks for writing: the payer first, then
// the others in order of first use.
func writableIn(message []byte) []solana.PublicKey {
	c := cursor{message: message}
	if message[0] == versionPrefix {
		c.at++
	}

	signers, readonlySigners, readonlyOthers := c.next(), c.next(), c.next()
	count := c.compact()
	keys := message[c.at:]
	c.at += count*solana.PublicKeyLength + len(solana.Hash{})

	writable := make([]solana.PublicKey, 0, count)
	var seen [maxAccounts]bool
	note := func(place int) {
		if seen[place] {
			return
		}

		seen[place] = true
		if place < signers-readonlySigners || place >= signers && place < count-readonlyOthers {
			writable = append(writable,
				solana.PublicKey(keys[place*solana.PublicKeyLength:][:solana.PublicKeyLength]))
		}
	}

	note(0)
	for range c.compact() {
		c.next() // Skip the program.
		for range c.compact() {
			note(c.next())
		}

		data := c.compact()
		c.at += data
	}

	return writable
}
