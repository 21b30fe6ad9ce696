package accounts_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/programs/token"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

// TestTokenAccount_Dumps checks the tokens whose supply, authorities or balance
// are known.
func TestTokenAccount_Dumps(t *testing.T) {
	all := fixtures(t)
	infinity := all["infinity-v2/pool-state"].Address
	reserveV2 := all["infinity-v2/reserve-v2-pool-state"].Address
	for name, want := range map[string]accounts.Mint{
		"router/bsol-mint": {
			MintAuthority: ptr(mpk("6WecYymEARvjG5ZyqkrVQ6YkhPfujNzWpSPwNKXHCbV2")),
			Supply:        934_784_720_564_216,
			Decimals:      9,
		},
		"infinity-v2/inf-mint": {
			MintAuthority: &infinity,
			Supply:        1_326_564_128_628_877,
			Decimals:      9,
		},
		"infinity-v2/reserve-v2-lp-mint": {
			MintAuthority:   &reserveV2,
			Supply:          1_014_519,
			Decimals:        9,
			FreezeAuthority: &reserveV2,
		},
		"infinity-v1/wsol-mint": {Decimals: 9},
	} {
		got, err := accounts.DecodeMint(all[name])
		require.NoError(t, err, name)
		require.Equal(t, want, *got, name)
	}

	for name, want := range map[string]accounts.TokenAccount{
		"infinity-v2/reserve-v2-wsol-reserves": {
			Mint:          accounts.NativeMint,
			Owner:         reserveV2,
			Amount:        1_000_000,
			NativeReserve: ptr(uint64(1_488_440)),
		},
		"infinity-v2/reserve-v2-inf-reserves": {
			Mint:   all["infinity-v2/inf-mint"].Address,
			Owner:  reserveV2,
			Amount: 10_000,
		},
		"infinity-v2/swsol-reserves": {
			Mint:   all["infinity-v2/swsol-mint"].Address,
			Owner:  infinity,
			Amount: 5_000_000_000_000,
		},
	} {
		got, err := accounts.DecodeTokenAccount(all[name])
		require.NoError(t, err, name)
		want.State = accounts.TokenInitialized
		require.Equal(t, want, *got, name)
		address, err := accounts.AssociatedTokenAddress(want.Owner, accounts.TokenProgram,
			want.Mint)
		require.NoError(t, err)
		require.Equal(t, all[name].Address, address, name)
	}
}

// TestTokenAccount_Layout compares the layouts with those of solana-go.
func TestTokenAccount_Layout(t *testing.T) {
	for _, name := range []string{"no options", "all options"} {
		_, s := find(t, mintName, name)
		ours := s.value.(*accounts.Mint)
		var mint token.Mint
		require.NoError(t, mint.UnmarshalWithDecoder(decoder(ours.Encode())))
		require.Equal(t, token.Mint{
			MintAuthority:   ours.MintAuthority,
			Supply:          ours.Supply,
			Decimals:        ours.Decimals,
			IsInitialized:   true,
			FreezeAuthority: ours.FreezeAuthority,
		}, mint)

		_, s = find(t, tokenAccountName, name)
		account := s.value.(*accounts.TokenAccount)
		var theirs token.Account
		require.NoError(t, theirs.UnmarshalWithDecoder(decoder(account.Encode())))
		require.Equal(t, token.Account{
			Mint:            account.Mint,
			Owner:           account.Owner,
			Amount:          account.Amount,
			Delegate:        account.Delegate,
			State:           token.AccountState(account.State),
			IsNative:        account.NativeReserve,
			DelegatedAmount: account.DelegatedAmount,
			CloseAuthority:  account.CloseAuthority,
		}, theirs)
	}
}

// tokenLength is a mint of some length, and the result of decoding it.
type tokenLength struct {
	name  string
	owner solana.PublicKey
	data  []byte
	want  error
	// extensions is the number of extensions.
	extensions int
}

// tokenLengths are lengths that the token programs do and do not give a mint.
func tokenLengths() []tokenLength {
	mint := mintAll(nil).Encode()
	full := mintAll(extensions()).Encode()
	zeros := make([]byte, 200)
	tlv := func(size int) []byte {
		return slices.Concat([]byte{19, 0, byte(size), byte(size >> 8)}, zeros[:size])
	}
	typed := slices.Concat(mint, zeros[:165-82], []byte{1})
	multisig := slices.Concat([]byte{2, 3, 1}, bytes.Repeat([]byte{7}, 3*32), zeros, zeros)[:355]
	classic, extended := accounts.TokenProgram, accounts.Token2022Program

	return []tokenLength{
		{name: "classic", owner: classic, data: mint},
		{
			name:  "classic, one byte more",
			owner: classic,
			data:  slices.Concat(mint, zeros[:1]),
			want:  accounts.ErrWrongLength,
		},
		{name: "classic, a type", owner: classic, data: typed, want: accounts.ErrWrongLength},
		{name: "classic, extensions", owner: classic, data: full, want: accounts.ErrWrongLength},
		{
			name:  "classic, token account",
			owner: classic,
			data:  tokenAll(nil).Encode(),
			want:  accounts.ErrWrongLength,
		},
		{name: "classic, multisig", owner: classic, data: multisig, want: accounts.ErrWrongLength},
		{
			name:  "one byte more",
			owner: extended,
			data:  slices.Concat(mint, zeros[:1]),
			want:  accounts.ErrWrongLength,
		},
		{
			name:  "size of a token account",
			owner: extended,
			data:  typed[:165],
			want:  accounts.ErrWrongLength,
		},
		{name: "type only", owner: extended, data: typed},
		{name: "unused space", owner: extended, data: slices.Concat(typed, zeros[:40])},
		{
			name:       "unused space after extensions",
			owner:      extended,
			data:       slices.Concat(full, zeros[:9]),
			extensions: 2,
		},
		{name: "multisig", owner: extended, data: multisig, want: accounts.ErrWrongLength},
		{
			name:  "size of a multisig",
			owner: extended,
			data:  slices.Concat(typed, tlv(355-170)),
			want:  accounts.ErrWrongLength,
		},
		{
			name:       "one byte less than a multisig",
			owner:      extended,
			data:       slices.Concat(typed, tlv(354-170)),
			extensions: 1,
		},
		{
			name:       "two bytes more than a multisig",
			owner:      extended,
			data:       slices.Concat(typed, tlv(355-170), zeros[:2]),
			extensions: 1,
		},
		{
			name:       "the maximum",
			owner:      extended,
			data:       slices.Concat(typed, bytes.Repeat(tlv(0), 64)),
			extensions: 64,
		},
		{
			name:  "too many",
			owner: extended,
			data:  slices.Concat(typed, bytes.Repeat(tlv(0), 65)),
			want:  accounts.ErrInvalidValue,
		},
	}
}

// TestMint_Lengths checks the lengths of accounts of both token programs.
func TestMint_Lengths(t *testing.T) {
	for _, test := range tokenLengths() {
		t.Run(test.name, func(t *testing.T) {
			a := accounts.Account{Address: sampleAddress, Owner: test.owner, Data: test.data}
			got, err := accounts.DecodeMint(a)
			if test.want != nil {
				requireDecodeError(t, err, mintName, sampleAddress, test.want)
				return
			}

			require.NoError(t, err)
			require.Len(t, got.Extensions, test.extensions)
			got.Extensions = nil
			require.Equal(t, mintAll(nil), got)
		})
	}

	c, s := find(t, tokenAccountName, "all options")
	_, err := c.decode(c.account(s, append(s.value.Encode(), 0)))
	requireDecodeError(t, err, tokenAccountName, sampleAddress, accounts.ErrWrongLength)
}

// TestMint_EncodeMultisigSize encodes extensions that end at the size of a
// multisig. The program then adds two bytes, so that the account is not
// mistaken for a multisig.
func TestMint_EncodeMultisigSize(t *testing.T) {
	want := mintAll([]accounts.Extension{{
		Type: accounts.ExtensionTokenMetadata,
		Data: make([]byte, 355-170),
	}})

	packed := want.Encode()
	require.Len(t, packed, 357)
	got, err := accounts.DecodeMint(accounts.Account{
		Owner: accounts.Token2022Program,
		Data:  packed,
	})

	require.NoError(t, err)
	require.Equal(t, want, got)
}
