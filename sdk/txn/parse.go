package txn

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// ErrMalformed says that something is not a transaction as this package makes them: legacy or version 0, and in no other form than the
// one there is for it.
var ErrMalformed = errors.New("not a valid transaction")

// Parse reads a transaction in base64 that was stored, [Unsigned.Base64], [Partial.Base64] or [Signed.Base64], and checks the signatures
// that are there.
//
// The bytes hold less than the plan did, so the rest must be stored beside them: the lifetime, of which they have the blockhash only, and
// the lookup tables if [Unsigned.LookupTables] names any. What the steps are for is not in the bytes at all: their words name the program,
// and their units are zero. The compute budget is read from the instructions.
//
// What is parsed is what would be signed: look at its steps before you do, unless you know where it comes from.
func Parse(text string, lifetime Lifetime, tables ...LookupTable) (*Partial, error) {
	signatures, raw, err := split(text)
	if err != nil {
		return nil, err
	}
	m, err := parseMessage(raw)
	if err != nil {
		return nil, err
	}
	if len(signatures) != int(m.Header.NumRequiredSignatures) {
		return nil, fmt.Errorf("%w: %d signatures, %d keys that sign", ErrMalformed, len(signatures), m.Header.NumRequiredSignatures)
	}
	if err := lifetime.check(); err != nil {
		return nil, err
	}
	if m.RecentBlockhash != lifetime.Blockhash {
		return nil, fmt.Errorf("%w: its blockhash is %s, that of the lifetime %s", ErrMalformed, m.RecentBlockhash, lifetime.Blockhash)
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
	if size := base64.StdEncoding.DecodedLen(len(text)); size > MaxSize+2 {
		return nil, nil, fmt.Errorf("%w: %w", ErrMalformed, &SizeError{Size: size, Limit: MaxSize})
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if len(raw) > MaxSize {
		return nil, nil, fmt.Errorf("%w: %w", ErrMalformed, &SizeError{Size: len(raw), Limit: MaxSize})
	}
	if len(raw) == 0 {
		return nil, nil, fmt.Errorf("%w: no bytes", ErrMalformed)
	}
	// No transaction of this size has as many signatures as would take a second byte to count.
	count, rest := int(raw[0]), raw[1:]
	if count == 0 || count*solana.SignatureLength >= len(rest) {
		return nil, nil, fmt.Errorf("%w: %d bytes with %d signatures", ErrMalformed, len(raw), count)
	}
	signatures := make([]solana.Signature, count)
	for i := range signatures {
		signatures[i] = solana.SignatureFromBytes(rest[i*solana.SignatureLength : (i+1)*solana.SignatureLength])
	}
	return signatures, rest[count*solana.SignatureLength:], nil
}

// parseMessage decodes a message and refuses what a node would refuse to look at.
func parseMessage(raw []byte) (*solana.Message, error) {
	fail := func(format string, args ...any) (*solana.Message, error) {
		return nil, fmt.Errorf("%w: "+format, append([]any{ErrMalformed}, args...)...)
	}
	if len(raw) == 0 {
		return fail("no message")
	}
	if raw[0] > 0x80 {
		return fail("version %d", raw[0]&0x7f)
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
		return fail("bytes that mean nothing")
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
			return fail("instruction %d has an account that is not there", i)
		}
	}
	return m, nil
}

// looked are the accounts that a message takes from lookup tables, in the order of their indexes.
func looked(m *solana.Message, tables []LookupTable) (writable, readonly []solana.PublicKey, err error) {
	for _, lookup := range m.AddressTableLookups {
		at := slices.IndexFunc(tables, func(t LookupTable) bool { return t.Address == lookup.AccountKey })
		if at < 0 {
			return nil, nil, fmt.Errorf("%w: %s is needed to read the transaction", ErrLookupTable, lookup.AccountKey)
		}
		for _, part := range []struct {
			indexes []uint8
			keys    *[]solana.PublicKey
		}{{lookup.WritableIndexes, &writable}, {lookup.ReadonlyIndexes, &readonly}} {
			for _, index := range part.indexes {
				if int(index) >= len(tables[at].Addresses) {
					return nil, nil, fmt.Errorf("%w: %s has no address %d", ErrLookupTable, lookup.AccountKey, index)
				}
				*part.keys = append(*part.keys, tables[at].Addresses[index])
			}
		}
	}
	return writable, readonly, nil
}

// fromMessage makes of a message what compiling a plan would have made.
func fromMessage(m *solana.Message, raw []byte, lifetime Lifetime, tables []LookupTable) (*Unsigned, error) {
	writable, readonly, err := looked(m, tables)
	if err != nil {
		return nil, err
	}
	static := len(m.AccountKeys)
	metas := make([]solana.AccountMeta, 0, static+len(writable)+len(readonly))
	for i, key := range m.AccountKeys {
		signer, write := privileges(m, i)
		metas = append(metas, solana.AccountMeta{PublicKey: key, IsSigner: signer, IsWritable: write})
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
			return nil, fmt.Errorf("%w: account %s is there twice", ErrMalformed, meta.PublicKey)
		}
		seen[meta.PublicKey] = true
	}
	u := &Unsigned{
		message:  slices.Clone(raw),
		signers:  slices.Clone(m.AccountKeys[:m.Header.NumRequiredSignatures]),
		sealed:   make([]*solana.Signature, m.Header.NumRequiredSignatures),
		lifetime: lifetime,
		exposed:  new(atomic.Bool),
	}
	u.exposed.Store(true) // Where it comes from there are other copies.
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
		u.steps = append(u.steps, Step{Words: fmt.Sprintf("an instruction of program %s", program), Instruction: ix})
		if program == accounts.ComputeBudgetProgram {
			u.budget.take(c.Data)
		}
	}
	named := slices.Contains(m.AccountKeys, lifetime.Nonce.Account)
	if first := lifetime.steps(); len(first) > 0 && (!named || !sameInstruction(first[0].Instruction, ixs[0])) {
		return nil, fmt.Errorf("%w: the transaction does not begin with using up %s", ErrNonce, lifetime.Nonce.Account)
	}
	u.writable = writableKeys(u.signers[0], ixs)
	for _, lookup := range m.AddressTableLookups {
		u.tables = append(u.tables, lookup.AccountKey)
	}
	return u, nil
}

// take reads an instruction of the compute budget.
func (b *ComputeBudget) take(data []byte) {
	switch {
	case len(data) == 5 && data[0] == 2:
		b.UnitLimit = binary.LittleEndian.Uint32(data[1:])
	case len(data) == 9 && data[0] == 3:
		b.UnitPrice = binary.LittleEndian.Uint64(data[1:])
	}
}

// privileges are those of an account that is named in full, by its place.
func privileges(m *solana.Message, at int) (signer, writable bool) {
	h := m.Header
	if at < int(h.NumRequiredSignatures) {
		return true, at < int(h.NumRequiredSignatures)-int(h.NumReadonlySignedAccounts)
	}
	return false, at < len(m.AccountKeys)-int(h.NumReadonlyUnsignedAccounts)
}

// sameInstruction compares program, accounts and data. The privileges are those of the whole transaction and may exceed the wanted.
func sameInstruction(want, got solana.Instruction) bool {
	a, errA := want.Data()
	b, errB := got.Data()
	return errA == nil && errB == nil && want.ProgramID() == got.ProgramID() && bytes.Equal(a, b) &&
		slices.EqualFunc(want.Accounts(), got.Accounts(), func(w, g *solana.AccountMeta) bool {
			return w.PublicKey == g.PublicKey && (g.IsSigner || !w.IsSigner) && (g.IsWritable || !w.IsWritable)
		})
}
