package accounts_test

import (
	"bytes"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

// Names of the interceptor's account types in a DecodeError.
const (
	interceptorAuthorityName = "interceptor authority"
	interceptorReceiptName   = "interceptor receipt"
)

// interceptorCodecs are the decoders of Jito's stake deposit interceptor. Each
// field holds its offset in the program.
func interceptorCodecs() []codec {
	program := []solana.PublicKey{mpk("5TAiuAh3YGDbwjEruC1ZpXTJWdNDS7Ur7VeqNNiHMmGV")}
	return []codec{
		newCodec(interceptorAuthorityName, accounts.DecodeInterceptorAuthority, program,
			sample{
				name: "authority",
				value: &accounts.InterceptorAuthority{
					Base:             keyAt(8),
					StakePool:        keyAt(40),
					PoolMint:         keyAt(72),
					Authority:        keyAt(104),
					Vault:            keyAt(136),
					StakePoolProgram: keyAt(168),
					CoolDownSeconds:  u64At(200),
					InitialFeeBPS:    u32At(208),
					FeeWallet:        keyAt(212),
					BumpSeed:         u8At(244),
					WhitelistProgram: keyAt(245),
				},
				packed: accounts.InterceptorAuthoritySpace,
			},
		),
		newCodec(interceptorReceiptName, accounts.DecodeInterceptorReceipt, program,
			sample{
				name: "receipt",
				value: &accounts.InterceptorReceipt{
					Base:             keyAt(8),
					Owner:            keyAt(accounts.InterceptorReceiptOwnerOffset),
					StakePool:        keyAt(accounts.InterceptorReceiptPoolOffset),
					DepositAuthority: keyAt(104),
					DepositTime:      u64At(136),
					PoolTokens:       u64At(144),
					CoolDownSeconds:  u64At(152),
					InitialFeeBPS:    u32At(160),
					BumpSeed:         u8At(164),
				},
				packed: accounts.InterceptorReceiptSpace,
			},
		),
	}
}

// TestInterceptorAuthority_Layout checks the positions of the fields in the
// program.
func TestInterceptorAuthority_Layout(t *testing.T) {
	_, s := find(t, interceptorAuthorityName, "authority")
	packed := s.value.Encode()
	require.Equal(t, []byte{1, 0, 0, 0, 0, 0, 0, 0}, packed[:8])
	checkSpots(t, packed[:277], 8, spot{8, 32}, spot{40, 32}, spot{72, 32}, spot{104, 32},
		spot{136, 32}, spot{168, 32}, spot{200, 8}, spot{208, 4}, spot{212, 32}, spot{244, 1},
		spot{245, 32})
	require.Zero(t, bytes.Trim(packed[277:], "\x00"))
}

// TestInterceptorReceipt_Layout checks the positions of the fields in the
// program.
func TestInterceptorReceipt_Layout(t *testing.T) {
	_, s := find(t, interceptorReceiptName, "receipt")
	packed := s.value.Encode()
	require.Equal(t, []byte{2, 0, 0, 0, 0, 0, 0, 0}, packed[:8])
	checkSpots(t, packed[:165], 8, spot{8, 32}, spot{40, 32}, spot{72, 32}, spot{104, 32},
		spot{136, 8}, spot{144, 8}, spot{152, 8}, spot{160, 4}, spot{164, 1})
	require.Zero(t, bytes.Trim(packed[165:], "\x00"))
}

// TestInterceptor_Invalid checks that one account type is not taken for the
// other, and that a new account is named.
func TestInterceptor_Invalid(t *testing.T) {
	for _, c := range interceptorCodecs() {
		packed := c.samples[0].value.Encode()
		for _, test := range []struct {
			with byte
			want error
		}{
			{0, accounts.ErrUninitialized},
			{3 - packed[0], accounts.ErrWrongType},
			{3, accounts.ErrWrongType},
		} {
			got, err := c.decode(c.account(c.samples[0], patch(packed, 0, test.with)))
			require.Nil(t, got)
			requireDecodeError(t, err, c.name, sampleAddress, test.want)
		}
	}
}

// TestInterceptor_Addresses checks the addresses on mainnet that public sources
// name, and derivations with the stored bump seed against the search for it.
func TestInterceptor_Addresses(t *testing.T) {
	program := accounts.InterceptorProgram
	pool := mpk("Jito4APyf642JPZPx3hGc6WWJ8zPKtRbRs4P815Awbb")
	got, err := accounts.ProgramDataAddress(program)
	requireAddress(t, "E5orC7foqSnik773QwSuEbwjMYmgf6RA967zmcv749oH", got, err)
	got, err = accounts.AssociatedTokenAddress(mpk("6hg6RMfjn3QSW6MdjH2Dg3dhF9XsVEE8CQXhjYwkRCiK"),
		accounts.TokenProgram, mpk("J1toso1uCk3RLmjorhTtrVwY9HJ7X8V9yYac6Y7kGCPn"))
	requireAddress(t, "5oedMYsdGbJtudf7cmKLaJKkWhpM1qkhhdB4Q9ypkgs1", got, err)

	base := key(9)
	want, bump, err := solana.FindProgramAddress(
		[][]byte{[]byte("deposit_stake_authority"), pool[:], base[:]}, program)
	require.NoError(t, err)
	got, err = accounts.InterceptorAuthorityAddress(program, pool, base)
	requireAddress(t, want.String(), got, err)
	authority := &accounts.InterceptorAuthority{Base: base, StakePool: pool, BumpSeed: bump}
	got, err = authority.Address(program)
	requireAddress(t, want.String(), got, err)

	want, bump, err = solana.FindProgramAddress(
		[][]byte{[]byte("deposit_receipt"), pool[:], base[:]}, program)
	require.NoError(t, err)
	got, err = accounts.InterceptorReceiptAddress(program, pool, base)
	requireAddress(t, want.String(), got, err)
	receipt := &accounts.InterceptorReceipt{Base: base, StakePool: pool, BumpSeed: bump}
	got, err = receipt.Address(program)
	requireAddress(t, want.String(), got, err)

	for _, nothing := range []interface {
		Address(program solana.PublicKey) (solana.PublicKey, error)
	}{(*accounts.InterceptorAuthority)(nil), (*accounts.InterceptorReceipt)(nil)} {
		_, err = nothing.Address(program)
		require.ErrorIs(t, err, accounts.ErrNil)
	}
}

// TestInterceptor_NoAddress checks that a bump seed whose address is on the
// curve is refused: about half of them are.
func TestInterceptor_NoAddress(t *testing.T) {
	receipt := &accounts.InterceptorReceipt{}
	refused := 0
	for bump := range 256 {
		receipt.BumpSeed = uint8(bump)
		if _, err := receipt.Address(accounts.InterceptorProgram); err != nil {
			require.ErrorContains(t, err, "derive interceptor's receipt of program")
			refused++
		}
	}

	require.NotZero(t, refused)
}

func FuzzDecodeInterceptor(f *testing.F) {
	fuzzDecode(f, interceptorAuthorityName, interceptorReceiptName)
}
