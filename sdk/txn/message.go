package txn

import "github.com/gagliardetto/solana-go"

// compactSize returns the size of a length in bytes as compact-u16.
func compactSize(n int) int {
	switch {
	case n < 1<<7:
		return 1
	case n < 1<<14:
		return 2
	}
	return 3
}

// appendCompact appends a length as compact-u16.
func appendCompact(to []byte, n int) []byte {
	for n >= 1<<7 {
		to = append(to, byte(n)|1<<7)
		n >>= 7
	}
	return append(to, byte(n))
}

// bodySize returns the size of the instructions in bytes, in version 1 with the
// values of the configuration.
func (t *table) bodySize(calls []call) int {
	if t.version == Version1 {
		return bodySizeVersion1(t.config, calls)
	}

	size := compactSize(len(calls))
	for i := range calls {
		c := &calls[i]
		size += 1 + compactSize(len(c.metas)) + len(c.metas) + compactSize(len(c.data)) +
			len(c.data)
	}

	return size
}

// messageSize returns the size of the message in bytes. body is the size of the
// instructions.
func (t *table) messageSize(body int) int {
	if t.version == Version1 {
		return version1Head + t.static*solana.PublicKeyLength + body
	}

	size := len(t.header) + compactSize(t.static) + t.static*solana.PublicKeyLength +
		len(solana.Hash{}) + body
	if t.version == VersionLegacy {
		return size
	}

	size += 1 + compactSize(len(t.lookups))
	for _, l := range t.lookups {
		size += solana.PublicKeyLength + compactSize(l.writable) + l.writable +
			compactSize(l.readonly) + l.readonly
	}

	return size
}

// size returns the size of the whole transaction in bytes, see [Unsigned.Size].
func (t *table) size(body int) int {
	size := t.header[0]*solana.SignatureLength + t.messageSize(body)
	if t.version != Version1 {
		size++ // The number of signatures.
	}
	return size
}

// write returns a transaction with zeros in place of its signatures, and the
// indexes of its message and of its first signature.
func (t *table) write(calls []call, blockhash solana.Hash) (raw []byte, message, signatures int) {
	size := t.messageSize(t.bodySize(calls))
	if t.version == Version1 {
		raw = make([]byte, 0, size+t.header[0]*solana.SignatureLength)
		return t.writeVersion1(raw, calls, blockhash)[:cap(raw)], 0, size
	}

	first := 1 + t.header[0]*solana.SignatureLength
	raw = make([]byte, first, first+size)
	raw[0] = byte(t.header[0])
	return t.writeEarlier(raw, calls, blockhash), first, 1
}

// writeEarlier appends a message of the legacy format or version 0.
func (t *table) writeEarlier(to []byte, calls []call, blockhash solana.Hash) []byte {
	if t.version == Version0 {
		to = append(to, versionPrefix)
	}

	to = append(to, byte(t.header[0]), byte(t.header[1]), byte(t.header[2]))
	to = appendCompact(to, t.static)
	for _, i := range t.order[:len(t.entries)] {
		if e := &t.entries[i]; e.full() {
			to = append(to, e.key[:]...)
		}
	}

	to = append(to, blockhash[:]...)
	to = t.appendCalls(to, calls)
	if t.version == VersionLegacy {
		return to
	}

	return t.appendLookups(to)
}

// appendCalls appends the instructions.
func (t *table) appendCalls(to []byte, calls []call) []byte {
	to = appendCompact(to, len(calls))
	accounts, programs := t.refs[:len(t.refs)-len(calls)], t.refs[len(t.refs)-len(calls):]
	for i := range calls {
		c := &calls[i]
		to = append(to, t.entries[programs[i]].place)
		to = appendCompact(to, len(c.metas))
		for _, ref := range accounts[:len(c.metas)] {
			to = append(to, t.entries[ref].place)
		}

		accounts = accounts[len(c.metas):]
		to = appendCompact(to, len(c.data))
		to = append(to, c.data...)
	}

	return to
}

// appendLookups appends the lookup tables and the indexes in them.
func (t *table) appendLookups(to []byte) []byte {
	to = appendCompact(to, len(t.lookups))
	for number, l := range t.lookups {
		to = append(to, l.address[:]...)
		to = appendCompact(to, l.writable)
		to = t.appendIndexes(to, number, flagWritable)
		to = appendCompact(to, l.readonly)
		to = t.appendIndexes(to, number, 0)
	}
	return to
}

// appendIndexes appends the indexes of the writable or the read-only accounts
// of a lookup.
func (t *table) appendIndexes(to []byte, number int, wanted uint8) []byte {
	for _, i := range t.order[:len(t.entries)] {
		e := &t.entries[i]
		if int(e.table) == number+1 && e.flags&flagWritable == wanted {
			to = append(to, e.index)
		}
	}
	return to
}
