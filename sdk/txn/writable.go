package txn

import "github.com/gagliardetto/solana-go"

// cursor reads a message that was compiled here, so that nothing is amiss.
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

// writableIn are the accounts that a compiled message of version legacy or 0
// without lookup tables locks for writing, the payer first, the others in the
// order in which the instructions first name them.
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
			writable = append(writable, solana.PublicKey(keys[place*solana.PublicKeyLength:][:solana.PublicKeyLength]))
		}
	}
	note(0)
	for range c.compact() {
		c.next() // The program.
		for range c.compact() {
			note(c.next())
		}
		data := c.compact()
		c.at += data
	}
	return writable
}
