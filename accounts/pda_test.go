package accounts_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

// Mainnet addresses of two pools and of one validator of each.
var (
	bsolPool    = mpk("stk9ApL5HeVAwPLr3TLhDXdZS8ptVu7zp6ov8HFDuMi")
	bsolVote    = mpk("8jxSHbS4qAnh5yueFp4D9ABXubKqMwXqF3HtdzQGuphp")
	picosolPool = mpk("8Dv3hNYcEWEaa4qVx9BTN1Wfvtha1z8cWDUXb7KVACVe")
	picosolVote = mpk("3xjfK9C9YNcta8MvK1US4sQ3bc6DEjoJoR3qLExGf9xE")
)

// TestStakePool_Addresses checks the addresses on mainnet.
func TestStakePool_Addresses(t *testing.T) {
	for _, test := range []struct {
		name                                     string
		program, pool, vote                      solana.PublicKey
		bump                                     uint8
		withdrawAuthority, depositAuthority, vsa string
	}{
		{
			"bSOL", accounts.StakePoolProgram, bsolPool, bsolVote, 253,
			"6WecYymEARvjG5ZyqkrVQ6YkhPfujNzWpSPwNKXHCbV2",
			"CbnZJt3kzAobmKFsrVEDxa2ujUFY2N5gEtDs278i41HY",
			"sQ9nuiNhaAZy28vissiPBAg86RGAQyX1KRb9x17nnTo",
		},
		{
			"picoSOL", accounts.SanctumStakePoolProgram, picosolPool, picosolVote, 255,
			"4At8nQXanWgRvjbrVXmxMBBdfz39txWVm4SiXEoP1kGh",
			"AquBs2W4orzHn2dBy8pvUkrqjsQcMGRRw7RVAQdgZRVb",
			"ALkqRsYmCtWE1hx6VQPqtwnxwA8ymB5h8FzBNrF32SSN",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := accounts.StakePoolWithdrawAuthority(test.program, test.pool)
			requireAddress(t, test.withdrawAuthority, got, err)
			stored := accounts.StakePool{StakeWithdrawBumpSeed: test.bump}
			got, err = stored.WithdrawAuthority(test.program, test.pool)
			requireAddress(t, test.withdrawAuthority, got, err)
			got, err = accounts.StakePoolDepositAuthority(test.program, test.pool)
			requireAddress(t, test.depositAuthority, got, err)
			got, err = accounts.ValidatorStakeAddress(test.program, test.pool, test.vote, 0)
			requireAddress(t, test.vsa, got, err)
		})
	}
}

// TestStakePool_WithdrawAuthorityOfBadBump uses a bump seed that has no
// address: all bump seeds above that of bSOL have none.
func TestStakePool_WithdrawAuthorityOfBadBump(t *testing.T) {
	for _, bump := range []uint8{254, 255} {
		stored := accounts.StakePool{StakeWithdrawBumpSeed: bump}
		got, err := stored.WithdrawAuthority(accounts.StakePoolProgram, bsolPool)
		require.ErrorContains(t, err, "derive withdraw authority of stake pool "+bsolPool.String())
		require.Zero(t, got)
	}
}

// TestValidatorStakeAddress_Seeds checks the seeds of the program: the seed
// suffix of a validator is omitted if it is zero, that of a transient account
// is not.
func TestValidatorStakeAddress_Seeds(t *testing.T) {
	program := accounts.StakePoolProgram
	vote, pool := bsolVote.Bytes(), bsolPool.Bytes()
	want := func(seeds ...[]byte) string {
		address, _, err := solana.FindProgramAddress(seeds, program)
		require.NoError(t, err)
		return address.String()
	}

	got, err := accounts.ValidatorStakeAddress(program, bsolPool, bsolVote, 0x04030201)
	requireAddress(t, want(vote, pool, []byte{1, 2, 3, 4}), got, err)
	got, err = accounts.TransientStakeAddress(program, bsolPool, bsolVote, 0)
	requireAddress(t, want([]byte("transient"), vote, pool, make([]byte, 8)), got, err)
	got, err = accounts.TransientStakeAddress(program, bsolPool, bsolVote, 0x0807060504030201)
	requireAddress(t, want([]byte("transient"), vote, pool, []byte{1, 2, 3, 4, 5, 6, 7, 8}), got,
		err)
}

// TestProgramDataAddress checks addresses on mainnet.
func TestProgramDataAddress(t *testing.T) {
	for _, test := range []struct {
		name    string
		program solana.PublicKey
		want    string
	}{
		{"SPL stake pool", accounts.StakePoolProgram,
			"EmiU8AQkB2sswTxVB6aCmsAJftoowZGGDXuytm6X65R3"},
		{"Sanctum stake pool", accounts.SanctumStakePoolProgram,
			"Cn5fegqLh8Fmvffisr4Wk3LmuaUgMMzTFfEuidpZFsvV"},
		{"Sanctum stake pool, multi", accounts.SanctumMultiStakePoolProgram,
			"HxBTMuB7cFBPVWVJjTi9iBF8MPd7mfY1QnrrWfLAySFd"},
		{"Reserve", accounts.ReserveProgram, "9Bs1PKmHfKQ57pTUDJZ9pG22tkRLuaeyfAGp5GxRuZkW"},
		{"Infinity", accounts.InfinityProgram, "ALmAxhSP7TDWGMHWBLjD9qS71YjqxjN1ba6JLRdzdVy"},
		{"Marinade", accounts.MarinadeProgram, "4PQH9YmfuKrVyZaibkLYpJZPv2FPaybhq2GAuBcWMSBf"},
		{"Lido", accounts.LidoProgram, "CHZNLhDXKrsXBmmv947RFciquwBsn2NdABmhpxoX3wgZ"},
		{"stake program", accounts.StakeProgram, "6WU8Nxarf9fudRK5atWwjLY4vFaw5UrrWhL88qz7iCMJ"},
		{"flatslab", mpk("s1b6NRXj6ygNu1QMKXh2H9LUR2aPApAAm1UQ2DjdhNV"),
			"Bq9UFte9zDSUdUzE4JeTRLwejvcoizwUwbNVqi8n5QBx"},
		{"Router", mpk("stkitrT1Uoy18Dk1fTrgPw8W6MVzoCfYoAFT4MLsmhq"),
			"7EEWx5mzzsYjU1GK2Y5eP3ngQGaRit8wJhmkkoQMnouA"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := accounts.ProgramDataAddress(test.program)
			requireAddress(t, test.want, got, err)
		})
	}
}

// TestAssociatedTokenAddress checks reserves and fee accumulators of Infinity
// and Reserve V2 on mainnet.
func TestAssociatedTokenAddress(t *testing.T) {
	var (
		infinity  = mpk("AYhux5gJzCoeoc1PoJ1VxwPDe22RwcvpHviLDD1oCGvW")
		fees      = mpk("6U8Ve7NuTVq9pb3xEC2ZwxBhceWULUuJn1nSKCTraq5r")
		reserveV2 = mpk("9zMRqtjkTvUm4kVtz2MrPiJnr9spUmYsr8Uqis7y3Brv")
		inf       = mpk("5oVNBeEEQvYi1cX3ir8Dx5n1P7pdxydbGF2X4TxVusJm")
		msol      = mpk("mSoLzYCxHdYgdzU16g5QSh3i5K3z3KZK7ytfqcJm7So")
		jupsol    = mpk("jupSoLaHXQiZZTSfEWMTRRgpnyFm8f6sZdosWBjx93v")
	)

	for _, test := range []struct {
		name        string
		owner, mint solana.PublicKey
		want        string
	}{
		{"Infinity, wSOL", infinity, accounts.NativeMint,
			"F2AETMoKjZgb3965ee9DiSriVmFDMA9Uf1ebuWuVzjUu"},
		{"Infinity, mSOL", infinity, msol, "4poUr2pTjTbBdbk9YvGcscQrJZrTutgGAPXGQnE1gpax"},
		{"Infinity, jupSOL", infinity, jupsol, "ABkvEJg9sjvjeHN8tjwhHo63p4JP2Cfn3cpoT59Ehxf6"},
		{"Infinity's fees, jupSOL", fees, jupsol, "9twt5sCzyPvVNnd4SXmZNyA8V8QnmU3EY7XG9wGJsBRm"},
		{"Reserve V2, wSOL", reserveV2, accounts.NativeMint,
			"6nBpYJ3oeraht4cFyFPj3TLFpNuy8SRMQA2KGRXVAEHY"},
		{"Reserve V2, INF", reserveV2, inf, "2waco77iuu8naLjruHrgyBv98MF9okZRwnJPcpRW6Skd"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := accounts.AssociatedTokenAddress(test.owner, accounts.TokenProgram,
				test.mint)
			requireAddress(t, test.want, got, err)
			other, err := accounts.AssociatedTokenAddress(test.owner, accounts.Token2022Program,
				test.mint)
			require.NoError(t, err)
			require.NotEqual(t, got, other, "the token program is a seed")
		})
	}
}

func requireAddress(t *testing.T, want string, got solana.PublicKey, err error) {
	t.Helper()
	require.NoError(t, err)
	require.Equal(t, want, got.String())
}
