package txn

import (
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/wire"
)

// ErrVersion is returned by [Parse], together with [ErrInvalidTransaction],
// when the transaction has an unknown version or has its version in the wrong
// place. Do not sign such a transaction.
var ErrVersion = errors.New("unknown transaction version (do not sign it, or update this module)")

// Version is the format of a transaction.
type Version uint8

// The known formats. [Plan.Compile] writes and [Parse] reads all.
const (
	VersionLegacy Version = iota
	Version0
	Version1
)

// String returns "legacy", "0" or "1".
func (v Version) String() string {
	switch v {
	case VersionLegacy:
		return "legacy"
	case Version0:
		return "0"
	case Version1:
		return "1"
	}
	return fmt.Sprintf("of %d", uint8(v))
}

// MarshalText returns the text of [Version.String].
func (v Version) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the text of [Version.MarshalText]. It returns
// [ErrVersion] for any other text.
func (v *Version) UnmarshalText(text []byte) error {
	if v == nil {
		return fmt.Errorf("read version: %w destination", accounts.ErrNil)
	}
	for _, known := range []Version{VersionLegacy, Version0, Version1} {
		if known.String() == string(text) {
			*v = known
			return nil
		}
	}
	return fmt.Errorf("%w: %q", ErrVersion, text)
}

// MaxSizeVersion1 is the maximum size of a transaction of version 1 in bytes,
// signatures included.
const MaxSizeVersion1 = 4096

// MaxSize returns the maximum size of a transaction of the version in bytes,
// signatures included.
func (v Version) MaxSize() int {
	if v == Version1 {
		return MaxSizeVersion1
	}
	return MaxSize
}

const (
	// versionPrefix is the bit of the first byte that marks a version.
	versionPrefix = 0x80
	// version1Prefix is the first byte of a transaction of version 1.
	version1Prefix = versionPrefix | 1
)

// versionOf returns the version of a message.
func versionOf(message []byte) Version {
	switch {
	case len(message) == 0 || message[0] < versionPrefix:
		return VersionLegacy
	case message[0] == versionPrefix:
		return Version0
	}
	return Version1
}

// Limits of version 1 (SIMD-0385).
const (
	version1Signatures   = 12
	version1Accounts     = 64
	version1Instructions = 64
	version1HeapStep     = 1024
	version1HeapLeast    = 32 * 1024
	version1HeapMost     = 256 * 1024
	// version1Blockhash is the index of the blockhash, version1Head the length
	// of the part before the addresses, in bytes, and version1Instruction that
	// of the head of an instruction.
	version1Blockhash   = 8
	version1Head        = 42
	version1Instruction = 4
)

// Bits of the configuration mask of version 1. The priority fee has two bits.
const (
	configPriorityFee = 0b11
	configUnitLimit   = 1 << 2
	configDataLimit   = 1 << 3
	configHeap        = 1 << 4
	configKnown       = configPriorityFee | configUnitLimit | configDataLimit | configHeap
)

// message is a decoded message of any version.
type message struct {
	*solana.Message
	version Version
	// config is the configuration of version 1. It is zero in other versions,
	// which hold it in instructions.
	config ComputeBudget
}

// readVersion1 reads a message of version 1 from the start of the bytes and
// returns its size in bytes. It returns an error if the network would reject
// the message. It does not check the bytes after the message.
func readVersion1(raw []byte) (message, int, error) {
	fail := func(format string, args ...any) (message, int, error) {
		return message{}, 0, fmt.Errorf("%w: "+format,
			append([]any{ErrInvalidTransaction}, args...)...)
	}

	r := wire.NewReader(raw)
	if prefix := r.U8("version"); prefix != version1Prefix {
		return fail("%w: it begins with %#02x", ErrVersion, prefix)
	}

	m := &solana.Message{Header: solana.MessageHeader{
		NumRequiredSignatures:       r.U8("signatures"),
		NumReadonlySignedAccounts:   r.U8("read-only signers"),
		NumReadonlyUnsignedAccounts: r.U8("read-only accounts"),
	}}

	mask := r.U32("configuration mask")
	r.Fill("blockhash", m.RecentBlockhash[:])
	instructions, addresses := int(r.U8("instructions")), int(r.U8("addresses"))
	if err := r.Err(); err != nil {
		return fail("%w", err)
	}

	fee := mask & configPriorityFee
	switch {
	case mask&^configKnown != 0:
		return fail("unknown bits in the configuration mask %#x", mask)
	case fee != 0 && fee != configPriorityFee:
		return fail("only one of two priority fee bits in the configuration mask %#x", mask)
	case m.Header.NumRequiredSignatures > version1Signatures:
		return fail("%d signatures, at most %d", m.Header.NumRequiredSignatures, version1Signatures)
	case addresses > version1Accounts:
		return fail("%w: %d, at most %d", ErrTooManyAccounts, addresses, version1Accounts)
	case instructions > version1Instructions:
		return fail("%d instructions, at most %d", instructions, version1Instructions)
	case r.Remaining() < addresses*solana.PublicKeyLength+instructions*version1Instruction:
		return fail("%d bytes end before their addresses and instructions", len(raw))
	}

	m.AccountKeys = make(solana.PublicKeySlice, addresses)
	for i := range m.AccountKeys {
		m.AccountKeys[i] = r.Key("address")
	}

	config := readConfig(r, mask)
	if heap := config.HeapSize; mask&configHeap != 0 && !isVersion1Heap(heap) {
		return fail("%d bytes of heap", heap)
	}

	readInstructions(r, m, instructions)
	if err := r.Err(); err != nil {
		return fail("%w", err)
	}

	return message{
		Message: m,
		version: Version1,
		config:  config,
	}, r.Offset(), nil
}

// readConfig reads the values that the mask announces.
func readConfig(r *wire.Reader, mask uint32) ComputeBudget {
	var config ComputeBudget
	if mask&configPriorityFee != 0 {
		config.PriorityLamports = r.U64("priority fee")
	}

	if mask&configUnitLimit != 0 {
		config.ComputeUnitLimit = r.U32("compute unit limit")
	}

	if mask&configDataLimit != 0 {
		config.LoadedAccountsDataSizeLimit = r.U32("loaded accounts data size limit")
	}

	if mask&configHeap != 0 {
		config.HeapSize = r.U32("heap size")
	}

	return config
}

// readInstructions reads the heads of all instructions, then their accounts and
// data.
func readInstructions(r *wire.Reader, m *solana.Message, count int) {
	type head struct{ accounts, data int }
	heads := make([]head, count)
	m.Instructions = make([]solana.CompiledInstruction, count)
	for i := range heads {
		m.Instructions[i].ProgramIDIndex = uint16(r.U8("program"))
		heads[i] = head{
			accounts: int(r.U8("number of accounts")),
			data:     int(r.U16("length of data")),
		}
	}

	for i, h := range heads {
		for _, at := range r.Bytes("accounts", h.accounts) {
			m.Instructions[i].Accounts = append(m.Instructions[i].Accounts, uint16(at))
		}

		m.Instructions[i].Data = r.Bytes("data", h.data)
	}
}

// splitVersion1 separates the message of a transaction of version 1 from the
// signatures that follow it.
func splitVersion1(raw []byte) ([]solana.Signature, []byte, error) {
	m, size, err := readVersion1(raw)
	if err != nil {
		return nil, nil, err
	}
	signers, rest := int(m.Header.NumRequiredSignatures), raw[size:]
	if len(rest) != signers*solana.SignatureLength {
		return nil, nil, fmt.Errorf("%w: %d bytes after the message for %d signatures",
			ErrInvalidTransaction, len(rest), signers)
	}
	return signaturesOf(rest, signers), raw[:size], nil
}

// signaturesOf reads consecutive signatures.
func signaturesOf(raw []byte, count int) []solana.Signature {
	signatures := make([]solana.Signature, count)
	for i := range signatures {
		copy(signatures[i][:], raw[i*solana.SignatureLength:])
	}
	return signatures
}
