package accounts

import (
	"errors"
	"fmt"
	"strings"

	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/wire"
)

// metaplexMetadata is the type of a metadata account in Metaplex's program.
const metaplexMetadata = 4

// TokenMetadata is the name of a token in an account of Metaplex's
// [TokenMetadataProgram]. The issuer of the token chooses the texts: they can
// be those of another token, and can contain any characters.
type TokenMetadata struct {
	UpdateAuthority solana.PublicKey `json:"update_authority"`
	Mint            solana.PublicKey `json:"mint"`
	// Name, Symbol and URI are as in the account. Metaplex's program pads them
	// with zeros to 32, 10 and 200 bytes; [TokenMetadata.Text] removes these.
	Name   string `json:"name"`
	Symbol string `json:"symbol"`
	URI    string `json:"uri"`
}

// DecodeTokenMetadata decodes a metadata account of [TokenMetadataProgram], see
// [TokenMetadataAddress]. Its fields after the URI are not decoded.
func DecodeTokenMetadata(account Account) (*TokenMetadata, error) {
	return decode[TokenMetadata](account, ownedBy(&account, TokenMetadataProgram))
}

// Encode returns the packed form of the decoded fields: 65 bytes, and the three
// texts with four bytes of length each.
func (m TokenMetadata) Encode() []byte { return encode(&m) }

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler.
func (m *TokenMetadata) UnmarshalWithDecoder(dec *bin.Decoder) error { return unmarshal(m, dec) }

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (m TokenMetadata) MarshalWithEncoder(enc *bin.Encoder) error { return marshal(&m, enc) }

// Text returns the name, the symbol and the URI without the zeros at their
// ends.
func (m TokenMetadata) Text() MetadataText {
	trim := func(s string) string { return strings.TrimRight(s, "\x00") }
	return MetadataText{
		Name:   trim(m.Name),
		Symbol: trim(m.Symbol),
		URI:    trim(m.URI),
	}
}

func (*TokenMetadata) name() string { return "token metadata" }

func (m *TokenMetadata) read(r *wire.Reader) {
	expectType(r, "key", metaplexMetadata)
	m.UpdateAuthority = r.Key("update_authority")
	m.Mint = r.Key("mint")
	m.Name = readText(r, "name")
	m.Symbol = readText(r, "symbol")
	m.URI = readText(r, "uri")
}

func (m *TokenMetadata) write(w *wire.Writer) {
	w.U8(metaplexMetadata)
	w.Key(m.UpdateAuthority)
	w.Key(m.Mint)
	for _, text := range []string{m.Name, m.Symbol, m.URI} {
		w.U32(uint32(len(text)))
		w.Text(text)
	}
}

// readText reads a text with its length before it. The length is checked
// against the data before anything is allocated.
func readText(r *wire.Reader, field string) string {
	at := r.Offset()
	n := r.U32(field)
	return string(r.Records(field, at, n, 1))
}

// MetadataText is how a token calls itself.
type MetadataText struct {
	Name   string
	Symbol string
	URI    string
}

// MetadataPointer is the Token-2022 extension that names the account with the
// metadata of a mint. A zero key means that there is none.
type MetadataPointer struct {
	// Authority can change the address.
	Authority solana.PublicKey
	// Address is the account with the metadata: the mint itself for
	// [MintMetadata], or another account.
	Address solana.PublicKey
}

// MintMetadata is the name of a token in the TokenMetadata extension of a
// Token-2022 mint. As with [TokenMetadata], the texts are the issuer's.
type MintMetadata struct {
	// UpdateAuthority can change the texts, or is zero.
	UpdateAuthority solana.PublicKey
	Mint            solana.PublicKey
	Text            MetadataText
	// Additional are the fields that the issuer added, in their order.
	Additional []MetadataField
}

// MetadataField is an additional field of a [MintMetadata].
type MetadataField struct{ Key, Value string }

// ErrNoExtension is returned by [Mint.MetadataPointer] and [Mint.Metadata] when
// the mint does not have the extension. Mints of the classic token program have
// no extensions: look for a [TokenMetadata] account.
var ErrNoExtension = errors.New(
	"mint does not have the extension (look for an account of the token metadata program)")

// MetadataPointer decodes the MetadataPointer extension of a mint.
func (m *Mint) MetadataPointer() (MetadataPointer, error) {
	var p MetadataPointer
	err := m.readExtension(ExtensionMetadataPointer, func(r *wire.Reader) {
		p.Authority = r.Key("authority")
		p.Address = r.Key("metadata_address")
	})
	if err != nil {
		return MetadataPointer{}, err
	}
	return p, nil
}

// mostMetadataFields is the maximum number of additional fields that are read.
// The program has no limit but the size of the account.
const mostMetadataFields = 1024

// Metadata decodes the TokenMetadata extension of a mint. It is the metadata of
// the token only if [Mint.MetadataPointer] points to the mint, and Mint is its
// address.
func (m *Mint) Metadata() (*MintMetadata, error) {
	d := new(MintMetadata)
	err := m.readExtension(ExtensionTokenMetadata, func(r *wire.Reader) {
		d.UpdateAuthority = r.Key("update_authority")
		d.Mint = r.Key("mint")
		d.Text.Name = readText(r, "name")
		d.Text.Symbol = readText(r, "symbol")
		d.Text.URI = readText(r, "uri")

		at := r.Offset()
		n := r.U32("additional_metadata.len")
		if n > mostMetadataFields {
			r.Fail("additional_metadata.len", at,
				fmt.Errorf("%w: %d, over %d", ErrInvalidValue, n, mostMetadataFields))
		}

		for range n {
			if r.Err() != nil {
				return
			}

			key := readText(r, "additional_metadata.key")
			value := readText(r, "additional_metadata.value")
			d.Additional = append(d.Additional, MetadataField{Key: key, Value: value})
		}
	})
	if err != nil {
		return nil, err
	}
	return d, nil
}

// readExtension reads an extension. The program does not allow a second one of
// the same type.
func (m *Mint) readExtension(of ExtensionType, read func(*wire.Reader)) error {
	if m == nil {
		return fmt.Errorf("%w: %w mint", ErrNoExtension, ErrNil)
	}

	for _, e := range m.Extensions {
		if e.Type != of {
			continue
		}

		r := wire.NewReader(e.Data)
		if read(r); r.Err() != nil {
			return decodeError("mint extension "+of.String(), solana.PublicKey{}, r.Err())
		}
		return nil
	}
	return fmt.Errorf("%w %s", ErrNoExtension, of)
}
