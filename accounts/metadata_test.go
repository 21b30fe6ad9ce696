package accounts_test

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

// text returns a text as the programs store it: the length, then the bytes.
func text(s string) []byte {
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(s))), s...)
}

// metadataExtension is the TokenMetadata extension of a mint, by the layout of
// the token metadata interface: authority, mint, three texts, pairs of texts.
func metadataExtension(pairs ...string) []byte {
	data := append(keyBytes(1), keyBytes(2)...)
	for _, s := range []string{"Two Staked SOL", "twoSOL", "https://d.e/f"} {
		data = append(data, text(s)...)
	}

	data = binary.LittleEndian.AppendUint32(data, uint32(len(pairs)/2))
	for _, s := range pairs {
		data = append(data, text(s)...)
	}

	return data
}

func mintWith(of accounts.ExtensionType, data []byte) *accounts.Mint {
	return &accounts.Mint{Decimals: 9, Extensions: []accounts.Extension{
		{Type: accounts.ExtensionGroupPointer, Data: make([]byte, 64)},
		{Type: of, Data: data},
	}}
}

func TestTokenMetadata_Text(t *testing.T) {
	_, s := find(t, tokenMetadataName, "padded")
	got, ok := s.value.(*accounts.TokenMetadata)
	require.True(t, ok)
	require.Equal(t, accounts.MetadataText{
		Name:   "First Staked SOL",
		Symbol: "oneSOL",
		URI:    "https://a.b/c",
	}, got.Text())

	// A zero within the text stays: it is a trick, not a padding.
	require.Equal(t, "a\x00b", accounts.TokenMetadata{Symbol: "a\x00b\x00"}.Text().Symbol)
}

func TestMint_Metadata(t *testing.T) {
	for _, pairs := range [][]string{nil, {"validator", "v"}, {"a", "b", "c", ""}} {
		got, err := mintWith(
			accounts.ExtensionTokenMetadata,
			metadataExtension(pairs...),
		).Metadata()

		require.NoError(t, err)
		require.Equal(t, key(1), got.UpdateAuthority)
		require.Equal(t, key(2), got.Mint)
		require.Equal(t, accounts.MetadataText{
			Name:   "Two Staked SOL",
			Symbol: "twoSOL",
			URI:    "https://d.e/f",
		}, got.Text)

		require.Len(t, got.Additional, len(pairs)/2)
		for i, field := range got.Additional {
			require.Equal(t, accounts.MetadataField{Key: pairs[2*i], Value: pairs[2*i+1]}, field)
		}
	}
}

func TestMint_MetadataTruncated(t *testing.T) {
	whole := metadataExtension("validator", "v")
	for length := range whole {
		got, err := mintWith(accounts.ExtensionTokenMetadata, whole[:length]).Metadata()
		require.Nil(t, got, length)
		requireDecodeError(t, err, "mint extension TokenMetadata", solana.PublicKey{},
			accounts.ErrWrongLength)
	}
}

// TestMint_MetadataHostile checks that lengths which the data does not have
// allocate nothing.
func TestMint_MetadataHostile(t *testing.T) {
	whole := metadataExtension()
	for name, c := range map[string]struct {
		data   []byte
		reason error
	}{
		"long name":   {patch(whole, 64, 255, 255, 255, 255), accounts.ErrWrongLength},
		"many fields": {patch(whole, len(whole)-4, 255, 255, 255, 255), accounts.ErrInvalidValue},
		"1025 fields": {patch(whole, len(whole)-4, 1, 4), accounts.ErrInvalidValue},
		"1024 fields": {patch(whole, len(whole)-4, 0, 4), accounts.ErrWrongLength},
	} {
		t.Run(name, func(t *testing.T) {
			mint := mintWith(accounts.ExtensionTokenMetadata, c.data)
			_, err := mint.Metadata()
			require.ErrorIs(t, err, c.reason)
			if !raceDetector {
				require.Less(t, testing.AllocsPerRun(10, func() { _, _ = mint.Metadata() }), 30.0)
			}
		})
	}
}

func TestMint_MetadataPointer(t *testing.T) {
	data := append(keyBytes(3), keyBytes(4)...)
	got, err := mintWith(accounts.ExtensionMetadataPointer, data).MetadataPointer()
	require.NoError(t, err)
	require.Equal(t, accounts.MetadataPointer{Authority: key(3), Address: key(4)}, got)

	_, err = mintWith(accounts.ExtensionMetadataPointer, data[:63]).MetadataPointer()
	require.ErrorIs(t, err, accounts.ErrWrongLength)
}

func TestMint_NoExtension(t *testing.T) {
	for _, mint := range []*accounts.Mint{nil, {}, mintWith(accounts.ExtensionPausable, nil)} {
		_, err := mint.Metadata()
		require.ErrorIs(t, err, accounts.ErrNoExtension)
		_, err = mint.MetadataPointer()
		require.ErrorIs(t, err, accounts.ErrNoExtension)
		require.NotContains(t, err.Error(), "\n")
	}
}

// FuzzMintMetadata checks that both extensions are read or refused with a
// reason, and that a text is never longer than the data.
func FuzzMintMetadata(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		kept := bytes.Clone(data)
		got, err := mintWith(accounts.ExtensionTokenMetadata, data).Metadata()
		if err != nil {
			var e *accounts.DecodeError
			require.ErrorAs(t, err, &e)
			require.Nil(t, got)
		} else {
			length := len(got.Text.Name) + len(got.Text.Symbol) + len(got.Text.URI)
			for _, field := range got.Additional {
				length += len(field.Key) + len(field.Value)
			}

			require.LessOrEqual(t, length, len(data))
			want := strings.Clone(got.Text.Name)
			for i := range data {
				data[i] ^= 0xFF
			}

			require.Equal(t, want, got.Text.Name, "the text is a copy")
		}

		pointer, err := mintWith(accounts.ExtensionMetadataPointer, kept).MetadataPointer()
		if err == nil {
			require.Equal(t, kept[32:64], pointer.Address[:])
		}
	})
}
