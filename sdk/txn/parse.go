package txn

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// ErrInvalidTransaction is returned by [Parse], [ParseVouched], [ReadEnvelope]
// and [Partial.Merge] when the text is not a transaction of the legacy format,
// version 0 or version 1, or contains bytes that the network would reject or
// ignore.
var ErrInvalidTransaction = errors.New("not a valid transaction")

// Parse reads a stored transaction in base64, as written by [Unsigned.Base64],
// [Partial.Base64] or [Signed.Base64], and verifies the signatures in it.
//
// The lifetime must be stored together with the text, because a transaction
// contains only its blockhash. The steps of the result name their programs but
// have no other description and zero ComputeUnits. The compute budget is read
// from the instructions or, in version 1, from the configuration.
//
// Parse returns [ErrInvalidTransaction] if the text is not a transaction or has
// another blockhash than the lifetime, [ErrBadSignature] if a signature does
// not verify, and [ErrLookupTable] if the transaction uses lookup tables: the
// text does not contain their addresses. Use [ParseVouched] or the client's
// Review for those.
//
// The result signs exactly what the text contains. Inspect its steps before you
// sign, unless you trust the source of the text.
func Parse(text string, lifetime Lifetime) (*Partial, error) {
	return ParseVouched(text, lifetime)
}

// ParseVouched is like [Parse] for a transaction with lookup tables whose
// content the caller vouches for: the caller stored the tables, or read them
// from the chain.
//
// Never pass tables that come from the sender of the transaction. With false
// tables, the transaction does something other than its steps show. Use the
// client's Review for such a transaction; it reads the tables from the chain.
func ParseVouched(text string, lifetime Lifetime, tables ...LookupTable) (*Partial, error) {
	signatures, raw, err := split(text)
	if err != nil {
		return nil, err
	}

	m, err := parseMessage(raw)
	if err != nil {
		return nil, err
	}

	if len(signatures) != int(m.Header.NumRequiredSignatures) {
		return nil, fmt.Errorf("%w: it has %d signatures for %d signers", ErrInvalidTransaction,
			len(signatures), m.Header.NumRequiredSignatures)
	}

	if err := lifetime.check(); err != nil {
		return nil, err
	}

	if m.RecentBlockhash != lifetime.Blockhash {
		return nil, fmt.Errorf("%w: its blockhash is %s, but the lifetime has %s",
			ErrInvalidTransaction, m.RecentBlockhash, lifetime.Blockhash)
	}

	u, err := fromMessage(m, raw, lifetime, tables)
	if err != nil {
		return nil, err
	}

	p := u.Partial()
	for i, s := range signatures {
		if s.IsZero() {
			continue
		}

		if err := p.add(i, s); err != nil {
			return nil, err
		}
	}

	return p, nil
}

// split separates the signatures of a transaction in base64 from its message.
func split(text string) ([]solana.Signature, []byte, error) {
	// DecodedLen counts up to two bytes of padding.
	if size := base64.StdEncoding.DecodedLen(len(text)); size > MaxSizeVersion1+2 {
		return nil, nil, fmt.Errorf("%w: %w", ErrInvalidTransaction,
			&SizeError{Size: size, Limit: MaxSizeVersion1})
	}

	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrInvalidTransaction, err)
	}

	if len(raw) == 0 {
		return nil, nil, fmt.Errorf("%w: no bytes", ErrInvalidTransaction)
	}

	if limit := versionOf(raw).MaxSize(); len(raw) > limit {
		return nil, nil, fmt.Errorf("%w: %w", ErrInvalidTransaction,
			&SizeError{Size: len(raw), Limit: limit})
	}

	// Version 1 begins with its version, the other formats with the number of
	// signatures.
	switch first := raw[0]; {
	case first == version1Prefix:
		return splitVersion1(raw)
	case first == versionPrefix:
		return nil, nil, fmt.Errorf("%w: version 0 without signatures", ErrInvalidTransaction)
	case first > versionPrefix:
		return nil, nil, fmt.Errorf("%w: %w: %d", ErrInvalidTransaction, ErrVersion,
			first&^versionPrefix)
	}

	// The number of signatures always takes one byte: a transaction of this
	// size holds fewer than 128.
	count, rest := int(raw[0]), raw[1:]
	if count == 0 || count*solana.SignatureLength >= len(rest) {
		return nil, nil, fmt.Errorf("%w: %d bytes with %d signatures", ErrInvalidTransaction,
			len(raw), count)
	}

	message := rest[count*solana.SignatureLength:]
	if version := message[0]; version > versionPrefix {
		return nil, nil, fmt.Errorf("%w: %w: %d after its signatures",
			ErrInvalidTransaction, ErrVersion, version&^versionPrefix)
	}

	return signaturesOf(rest, count), message, nil
}

// parseMessage decodes a message and returns an error if a node would reject it
// unread.
func parseMessage(raw []byte) (message, error) {
	fail := func(format string, args ...any) (message, error) {
		return message{}, fmt.Errorf(
			"%w: "+format,
			append([]any{ErrInvalidTransaction}, args...)...)
	}

	var m message
	if versionOf(raw) == Version1 {
		read, size, err := readVersion1(raw)
		switch {
		case err != nil:
			return message{}, err
		case size != len(raw):
			return fail("%d bytes after the message", len(raw)-size)
		}

		m = read
	} else {
		read, err := readEarlier(raw)
		if err != nil {
			return message{}, err
		}

		m = read
	}

	h, static := m.Header, len(m.AccountKeys)
	total := static + m.NumLookups()
	switch {
	case h.NumReadonlySignedAccounts >= h.NumRequiredSignatures,
		int(h.NumRequiredSignatures)+int(h.NumReadonlyUnsignedAccounts) > static:
		return fail("its header does not fit its %d accounts", static)
	case total > maxAccounts:
		return fail("%w: %d", ErrTooManyAccounts, total)
	case len(m.Instructions) == 0:
		return fail("%w", ErrNoSteps)
	}

	for i, ix := range m.Instructions {
		if p := int(ix.ProgramIDIndex); p == 0 || p >= static {
			return fail("instruction %d has no program", i)
		}

		if slices.ContainsFunc(ix.Accounts, func(at uint16) bool { return int(at) >= total }) {
			return fail("instruction %d has an unknown account", i)
		}
	}

	return m, nil
}

// readEarlier reads a message of the legacy format or version 0.
func readEarlier(raw []byte) (message, error) {
	fail := func(format string, args ...any) (message, error) {
		return message{}, fmt.Errorf(
			"%w: "+format,
			append([]any{ErrInvalidTransaction}, args...)...)
	}
	if len(raw) == 0 {
		return fail("no message")
	}

	m := new(solana.Message)
	if err := m.UnmarshalWithDecoder(bin.NewBinDecoder(raw)); err != nil {
		return fail("%w", err)
	}

	again, err := m.MarshalBinary()
	if err != nil {
		return fail("%w", err)
	}

	if !bytes.Equal(again, raw) {
		return fail("it does not encode back to the same bytes")
	}

	return message{Message: m, version: versionOf(raw)}, nil
}

// looked returns the accounts that a message names through lookup tables, in
// the order of their indexes.
func looked(m message, tables []LookupTable) (writable, readonly []solana.PublicKey, err error) {
	for _, lookup := range m.AddressTableLookups {
		at := slices.IndexFunc(tables,
			func(t LookupTable) bool { return t.Address == lookup.AccountKey })
		if at < 0 {
			return nil, nil, fmt.Errorf("%w: %s is needed to read the transaction", ErrLookupTable,
				lookup.AccountKey)
		}

		for _, part := range []struct {
			indexes []uint8
			keys    *[]solana.PublicKey
		}{{lookup.WritableIndexes, &writable}, {lookup.ReadonlyIndexes, &readonly}} {
			for _, index := range part.indexes {
				if int(index) >= len(tables[at].Addresses) {
					return nil, nil, fmt.Errorf("%w: %s has no address %d", ErrLookupTable,
						lookup.AccountKey, index)
				}

				*part.keys = append(*part.keys, tables[at].Addresses[index])
			}
		}
	}

	return writable, readonly, nil
}

// fromMessage builds the same value as compiling a plan with this message.
func fromMessage(
	m message,
	raw []byte,
	lifetime Lifetime,
	tables []LookupTable,
) (*Unsigned, error) {
	writable, readonly, err := looked(m, tables)
	if err != nil {
		return nil, err
	}

	static := len(m.AccountKeys)
	metas := make([]solana.AccountMeta, 0, static+len(writable)+len(readonly))
	for i, key := range m.AccountKeys {
		signer, write := privileges(m.Message, i)
		metas = append(metas, solana.AccountMeta{
			PublicKey:  key,
			IsSigner:   signer,
			IsWritable: write,
		})
	}

	for _, key := range writable {
		metas = append(metas, solana.AccountMeta{PublicKey: key, IsWritable: true})
	}

	for _, key := range readonly {
		metas = append(metas, solana.AccountMeta{PublicKey: key})
	}

	seen := make(map[solana.PublicKey]bool, len(metas))
	for _, meta := range metas {
		if seen[meta.PublicKey] {
			return nil, fmt.Errorf("%w: account %s occurs twice", ErrInvalidTransaction,
				meta.PublicKey)
		}

		seen[meta.PublicKey] = true
	}

	u := &Unsigned{
		message:  slices.Clone(raw),
		signers:  slices.Clone(m.AccountKeys[:m.Header.NumRequiredSignatures]),
		sealed:   make([]*solana.Signature, m.Header.NumRequiredSignatures),
		lifetime: lifetime,
		exposed:  new(exposure),
		budget:   m.config,
	}

	// The source of the transaction may have copies.
	u.exposed.mark()

	var ixs []solana.Instruction
	for _, c := range m.Instructions {
		program := m.AccountKeys[c.ProgramIDIndex]
		var of solana.AccountMetaSlice
		for _, at := range c.Accounts {
			meta := metas[at]
			of = append(of, &meta)
		}

		ix := solana.NewInstruction(program, of, slices.Clone([]byte(c.Data)))
		ixs = append(ixs, ix)
		u.steps = append(u.steps,
			Step{Description: fmt.Sprintf("an instruction of program %s", program),
				Instruction: ix})
		// In version 1 these instructions have no effect.
		if program == accounts.ComputeBudgetProgram && m.version != Version1 {
			u.budget.take(c.Data)
		}
	}

	named := slices.Contains(m.AccountKeys, lifetime.Nonce.Account)
	if first := lifetime.appendSteps(nil); len(first) > 0 &&
		(!named || !sameInstruction(first[0].Instruction, ixs[0])) {
		return nil, fmt.Errorf("%w: the first instruction does not advance %s",
			ErrNonceAccount, lifetime.Nonce.Account)
	}

	u.writable = writableKeys(u.signers[0], ixs)
	for _, lookup := range m.AddressTableLookups {
		u.tables = append(u.tables, lookup.AccountKey)
	}

	return u, nil
}

// writableKeys returns the accounts that a transaction locks for writing, in
// order of first use.
func writableKeys(payer solana.PublicKey, ixs []solana.Instruction) []solana.PublicKey {
	keys := []solana.PublicKey{payer}
	seen := map[solana.PublicKey]bool{payer: true}
	for _, ix := range ixs {
		for _, m := range ix.Accounts() {
			if m.IsWritable && !seen[m.PublicKey] {
				seen[m.PublicKey] = true
				keys = append(keys, m.PublicKey)
			}
		}
	}

	return keys
}

// take reads an instruction of the compute budget program.
func (b *ComputeBudget) take(data []byte) {
	switch {
	case len(data) == 5 && data[0] == 1:
		b.HeapSize = binary.LittleEndian.Uint32(data[1:])
	case len(data) == 5 && data[0] == 2:
		b.ComputeUnitLimit = binary.LittleEndian.Uint32(data[1:])
	case len(data) == 9 && data[0] == 3:
		b.ComputeUnitPrice = binary.LittleEndian.Uint64(data[1:])
	case len(data) == 5 && data[0] == 4:
		b.LoadedAccountsDataSizeLimit = binary.LittleEndian.Uint32(data[1:])
	}
}

// privileges returns the privileges of an account that is named in the message
// itself, by its index.
func privileges(m *solana.Message, at int) (signer, writable bool) {
	h := m.Header
	if at < int(h.NumRequiredSignatures) {
		return true, at < int(h.NumRequiredSignatures)-int(h.NumReadonlySignedAccounts)
	}
	return false, at < len(m.AccountKeys)-int(h.NumReadonlyUnsignedAccounts)
}

// sameInstruction compares program, accounts and data. The accounts of got may
// have more privileges than wanted, since they have those of the whole
// transaction.
func sameInstruction(want, got solana.Instruction) bool {
	a, errA := want.Data()
	b, errB := got.Data()
	return errA == nil && errB == nil && want.ProgramID() == got.ProgramID() && bytes.Equal(a, b) &&
		slices.EqualFunc(want.Accounts(), got.Accounts(), func(w, g *solana.AccountMeta) bool {
			return w.PublicKey == g.PublicKey && (g.IsSigner || !w.IsSigner) &&
				(g.IsWritable || !w.IsWritable)
		})
}
