package accounts

import (
	"encoding/binary"
	"fmt"

	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/wire"
)

// Sizes of the token programs' accounts without extensions, in bytes.
const (
	MintSpace         = 82
	TokenAccountSpace = 165
)

// Token-2022 writes the account type after the size of a token account, in
// mints as well, so that mints and token accounts cannot be confused.
const (
	tokenTypeOffset    = TokenAccountSpace
	tokenTypeMint      = 1
	tokenTypeAccount   = 2
	tokenMultisigSpace = 355
)

// extensionsEnd is the type of the unused space after the last extension.
const extensionsEnd ExtensionType = 0

const (
	extensionTypeSize   = 2
	extensionHeaderSize = 4
	// maxExtensions is the maximum number of extensions that are read. The
	// program has fewer types, and allows each of them once.
	maxExtensions = 64
)

// Extension is a Token-2022 extension of a mint or token account. Its data is
// not decoded.
type Extension struct {
	Type ExtensionType `json:"type"`
	Data []byte        `json:"data"`
}

// Mint is a token mint of the classic token program or of Token-2022.
type Mint struct {
	MintAuthority   *solana.PublicKey `json:"mint_authority"`
	Supply          uint64            `json:"supply"`
	Decimals        uint8             `json:"decimals"`
	FreezeAuthority *solana.PublicKey `json:"freeze_authority"`
	// Extensions are the extensions of a Token-2022 mint, in the order of the
	// account.
	Extensions []Extension `json:"extensions,omitempty"`
}

// DecodeMint decodes an initialized mint of the classic token program or of
// Token-2022, with its extensions.
func DecodeMint(account Account) (*Mint, error) { return decodeToken[Mint](account, MintSpace) }

// Encode returns the packed form: 82 bytes, or more with extensions.
func (m Mint) Encode() []byte { return encode(&m) }

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler.
func (m *Mint) UnmarshalWithDecoder(dec *bin.Decoder) error { return unmarshal(m, dec) }

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (m Mint) MarshalWithEncoder(enc *bin.Encoder) error { return marshal(&m, enc) }

func (*Mint) name() string { return "mint" }

func (m *Mint) read(r *wire.Reader) {
	m.MintAuthority = r.COptionKey("mint_authority")
	m.Supply = r.U64("supply")
	m.Decimals = r.U8("decimals")
	at := r.Offset()
	if !r.Bool("is_initialized") {
		r.Fail("is_initialized", at, ErrUninitialized)
	}
	m.FreezeAuthority = r.COptionKey("freeze_authority")
	m.Extensions = readExtensions(r, tokenTypeMint)
}

// readFast implements fastReader.
func (m *Mint) readFast(data []byte) bool {
	if len(data) < MintSpace {
		return false
	}

	b := (*[MintSpace]byte)(data)
	authority := binary.LittleEndian.Uint32(b[0:4])
	freeze := binary.LittleEndian.Uint32(b[46:50])
	if authority > 1 || freeze > 1 || b[45] != 1 {
		return false
	}

	m.MintAuthority, m.FreezeAuthority = nil, nil
	if authority == 1 {
		m.MintAuthority = copyKey(b[4:36])
	}

	m.Supply = binary.LittleEndian.Uint64(b[36:44])
	m.Decimals = b[44]
	if freeze == 1 {
		m.FreezeAuthority = copyKey(b[50:82])
	}

	return readExtensionsFast(&m.Extensions, data, MintSpace, tokenTypeMint)
}

func (m *Mint) write(w *wire.Writer) {
	w.COptionKey(m.MintAuthority)
	w.U64(m.Supply)
	w.U8(m.Decimals)
	w.Bool(true)
	w.COptionKey(m.FreezeAuthority)
	writeExtensions(w, tokenTypeMint, m.Extensions)
}

// TokenState is the state of a token account.
type TokenState uint8

// The states of a token account. Decoders return [ErrUninitialized] for an
// uninitialized account.
const (
	TokenInitialized TokenState = 1
	TokenFrozen      TokenState = 2
)

// TokenAccount is a token account of the classic token program or of
// Token-2022. Amounts are base units of the mint.
type TokenAccount struct {
	Mint     solana.PublicKey  `json:"mint"`
	Owner    solana.PublicKey  `json:"owner"`
	Amount   uint64            `json:"amount"`
	Delegate *solana.PublicKey `json:"delegate"`
	State    TokenState        `json:"state"`
	// NativeReserve is set for accounts of wrapped SOL. It is the rent in
	// lamports, which is not part of Amount.
	NativeReserve   *uint64           `json:"is_native"`
	DelegatedAmount uint64            `json:"delegated_amount"`
	CloseAuthority  *solana.PublicKey `json:"close_authority"`
	// Extensions are the extensions of a Token-2022 account, in the order of
	// the account.
	Extensions []Extension `json:"extensions,omitempty"`
}

// DecodeTokenAccount decodes an initialized token account of the classic token
// program or of Token-2022, with its extensions.
func DecodeTokenAccount(account Account) (*TokenAccount, error) {
	return decodeToken[TokenAccount](account, TokenAccountSpace)
}

// Encode returns the packed form: 165 bytes, or more with extensions.
func (t TokenAccount) Encode() []byte { return encode(&t) }

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler.
func (t *TokenAccount) UnmarshalWithDecoder(dec *bin.Decoder) error { return unmarshal(t, dec) }

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (t TokenAccount) MarshalWithEncoder(enc *bin.Encoder) error { return marshal(&t, enc) }

func (*TokenAccount) name() string { return "token account" }

func (t *TokenAccount) read(r *wire.Reader) {
	t.Mint = r.Key("mint")
	t.Owner = r.Key("owner")
	t.Amount = r.U64("amount")
	t.Delegate = r.COptionKey("delegate")
	at := r.Offset()
	if t.State = TokenState(r.Tag("state", uint8(TokenFrozen))); t.State == 0 {
		r.Fail("state", at, ErrUninitialized)
	}

	t.NativeReserve = r.COptionU64("is_native")
	t.DelegatedAmount = r.U64("delegated_amount")
	t.CloseAuthority = r.COptionKey("close_authority")
	t.Extensions = readExtensions(r, tokenTypeAccount)
}

// readFast implements fastReader.
func (t *TokenAccount) readFast(data []byte) bool {
	if len(data) < TokenAccountSpace {
		return false
	}

	b := (*[TokenAccountSpace]byte)(data)
	delegate := binary.LittleEndian.Uint32(b[72:76])
	native := binary.LittleEndian.Uint32(b[109:113])
	closer := binary.LittleEndian.Uint32(b[129:133])
	state := TokenState(b[108])
	if delegate > 1 || native > 1 || closer > 1 ||
		state != TokenInitialized && state != TokenFrozen {
		return false
	}

	t.Mint = solana.PublicKey(b[0:32])
	t.Owner = solana.PublicKey(b[32:64])
	t.Amount = binary.LittleEndian.Uint64(b[64:72])
	t.Delegate = nil
	t.NativeReserve = nil
	t.CloseAuthority = nil
	if delegate == 1 {
		t.Delegate = copyKey(b[76:108])
	}

	t.State = state
	if native == 1 {
		lamports := binary.LittleEndian.Uint64(b[113:121])
		t.NativeReserve = &lamports
	}

	t.DelegatedAmount = binary.LittleEndian.Uint64(b[121:129])
	if closer == 1 {
		t.CloseAuthority = copyKey(b[133:165])
	}

	return readExtensionsFast(&t.Extensions, data, TokenAccountSpace, tokenTypeAccount)
}

func (t *TokenAccount) write(w *wire.Writer) {
	w.Key(t.Mint)
	w.Key(t.Owner)
	w.U64(t.Amount)
	w.COptionKey(t.Delegate)
	w.U8(uint8(t.State))
	w.COptionU64(t.NativeReserve)
	w.U64(t.DelegatedAmount)
	w.COptionKey(t.CloseAuthority)
	writeExtensions(w, tokenTypeAccount, t.Extensions)
}

// decodeToken checks the length before it decodes: an account of the classic
// token program has exactly the base size, and a Token-2022 account with the
// size of a multisig is a multisig. The check comes first, so that the fields
// of another kind of account are not validated.
func decodeToken[T any, L interface {
	*T
	layout
}](a Account, base int) (L, error) {
	var why string
	switch {
	case a.Owner == TokenProgram && len(a.Data) > base:
		why = "the classic token program has no extensions"
	case a.Owner == Token2022Program && len(a.Data) == tokenMultisigSpace:
		why = "the size of a multisig account"
	default:
		return decode[T, L](a, ownedBy(&a, TokenProgram, Token2022Program))
	}

	reason := fmt.Errorf("%w: %d bytes, %s", ErrWrongLength, len(a.Data), why)
	return nil, &DecodeError{
		Account: L(nil).name(),
		Address: a.Address,
		Reason:  reason,
	}
}

func copyKey(b []byte) *solana.PublicKey {
	key := solana.PublicKey(b)
	return &key
}

// readExtensionsFast reads the extensions after the first base bytes. Most
// accounts have no extensions.
func readExtensionsFast(list *[]Extension, data []byte, base int, accountType uint8) bool {
	if *list = nil; len(data) == base {
		return true
	}
	r := wire.NewReader(data)
	r.Skip("base", base)
	*list = readExtensions(r, accountType)
	return r.Err() == nil
}

// readExtensions reads the type-length-value list after the base layout of a
// Token-2022 account.
func readExtensions(r *wire.Reader, accountType uint8) []Extension {
	if r.Remaining() == 0 || r.Err() != nil {
		return nil
	}

	r.Skip("padding", tokenTypeOffset-r.Offset())
	expectType(r, "account_type", accountType)
	var list []Extension
	// The list ends with a type of zero, or when the rest is shorter than a
	// header.
	for r.Err() == nil && r.Remaining() >= extensionHeaderSize {
		at := r.Offset()
		e := Extension{Type: ExtensionType(r.U16("extensions"))}
		if e.Type == extensionsEnd {
			break
		}

		if len(list) == maxExtensions {
			r.Fail("extensions", at, fmt.Errorf("%w: more than %d", ErrInvalidValue, maxExtensions))
			break
		}

		e.Data = r.Bytes("extensions", int(r.U16("extensions")))
		list = append(list, e)
	}

	if r.Err() != nil {
		return nil
	}

	return list
}

func writeExtensions(w *wire.Writer, accountType uint8, list []Extension) {
	if len(list) == 0 {
		return
	}

	w.Zeros(tokenTypeOffset - w.Len())
	w.U8(accountType)
	for _, e := range list {
		w.U16(uint16(e.Type))
		w.U16(uint16(len(e.Data)))
		w.Raw(e.Data)
	}

	// The program adds two bytes to an account that would have the size of a
	// multisig.
	if w.Len() == tokenMultisigSpace {
		w.Zeros(extensionTypeSize)
	}
}
