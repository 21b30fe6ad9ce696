package accounts_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

// TestController_Addresses checks the addresses of both deployments on mainnet.
func TestController_Addresses(t *testing.T) {
	for _, test := range []struct {
		name, program, pool, list, fee, record, disable string
	}{
		{
			"Infinity", "5ocnV1qiCgaQR8Jb8xWnVbApfaygJ8tNoZfgPwsgx9kx",
			"AYhux5gJzCoeoc1PoJ1VxwPDe22RwcvpHviLDD1oCGvW",
			"Gb7m4daakbVbrFLR33FKMDVMHAprRZ66CSYt4bpFwUgS",
			"6U8Ve7NuTVq9pb3xEC2ZwxBhceWULUuJn1nSKCTraq5r",
			"GVoB1QdoqCzdSsQr7zsxyGZB1HhWpfejm6ZZduvseSNa",
			"FJc6b3iyYaD5p24aKQ2FcM7WVATapPGq65LhY1MDKXzG",
		},
		{
			"Reserve V2", "un27kVAKYscfzvrkNeYkNZ74tW9o4txuArAweftjakw",
			"9zMRqtjkTvUm4kVtz2MrPiJnr9spUmYsr8Uqis7y3Brv",
			"Brg7vhSTVp76eTy3xjwRgBUfh711eH61io2Xvqj72UA5",
			"8HikxZiJ6VUYitYKhkqUhEs4YS3vbztDKrZMVrC6i6Hx",
			"DZx5xErD3sW4ugtQDbM1c2N3fTsxogPLk2F25nqhmuSe",
			"7ri7XRq5SLE6EcYJcjJ8Cn1KX279sJGVZvRdSsdt5hWr",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := accounts.NewController(mpk(test.program))
			require.NoError(t, err)
			require.Equal(t, accounts.Controller{
				Program:                  mpk(test.program),
				PoolState:                mpk(test.pool),
				LSTStateList:             mpk(test.list),
				ProtocolFee:              mpk(test.fee),
				RebalanceRecord:          mpk(test.record),
				DisablePoolAuthorityList: mpk(test.disable),
			}, got)
		})
	}
}

// TestController_TokenAccounts checks the reserves, the fee accumulators and,
// for Infinity, the fee accounts of mints on mainnet.
func TestController_TokenAccounts(t *testing.T) {
	for _, test := range []struct {
		name                               string
		program, mint                      solana.PublicKey
		reserves, accumulator, flatFeeFees string
	}{
		{
			"wSOL", accounts.InfinityProgram, accounts.NativeMint,
			"F2AETMoKjZgb3965ee9DiSriVmFDMA9Uf1ebuWuVzjUu",
			"7owbWQ3mCKy5eqEN8kqRKKV5Wq4WC9SuzFeuQxZBD152",
			"BgyPRzx3zzqU5RwcpG67skfFJyFYkZhAbkUqT4s3gdc8",
		},
		{
			"mSOL", accounts.InfinityProgram, accounts.MSOLMint,
			"4poUr2pTjTbBdbk9YvGcscQrJZrTutgGAPXGQnE1gpax",
			"8HH4LtXZod9AsNj7TpHAMmwVL9aJdQ6kSLATohqS9ufR",
			"7vQdWfuiUcCAsBcb8w1YXirXjd7ram2VJ4qtYqH9fZNQ",
		},
		{
			"stSOL", accounts.InfinityProgram, accounts.StSOLMint,
			"DLReCfK3F2F4nmouEQSDvHcafwgY2RsxcF1mxnyojS8a",
			"HidBgDnwcjMsXp4YmnXxHj38UjDpjsWPm9qEm5xpmo7S",
			"6mtRvu1rc3hZPHRkHQXUPtyffHz9TBYvPZr2t1trBzPp",
		},
		{
			"jupSOL", accounts.InfinityProgram, jupsolMint,
			"ABkvEJg9sjvjeHN8tjwhHo63p4JP2Cfn3cpoT59Ehxf6",
			"9twt5sCzyPvVNnd4SXmZNyA8V8QnmU3EY7XG9wGJsBRm",
			"3rdVbjv6iKBXjjiaUT9g8QGqVB6iTgNaqR9GtWajEf5S",
		},
		{
			"jitoSOL", accounts.InfinityProgram,
			mpk("J1toso1uCk3RLmjorhTtrVwY9HJ7X8V9yYac6Y7kGCPn"),
			"6tRH7TCMf5bR2RwiZSSZhS6cCgDe4SzsuSHc4WTEpXau",
			"3dRd28K8hkpShjDtxBVunXQCgnwV37H99K71HtNqcQvd",
			"21kJ8Lm2Pryku8qqQiT6j1P8hQEPZj3s17BaDVAe3a7k",
		},
		{"INF", accounts.InfinityProgram, accounts.INFMint, "", "",
			"2HuTVxGNaczZai4a4hEUBDfnKQRYJ1f2Zmm1EBG7FkHc"},
		{
			"Reserve V2, wSOL", accounts.ReserveV2Program, accounts.NativeMint,
			"6nBpYJ3oeraht4cFyFPj3TLFpNuy8SRMQA2KGRXVAEHY",
			"FkFzVcW9iXCLqnpGQYkeQD8K3deFAyJhqWp5zS6YGprv", "",
		},
		{
			"Reserve V2, INF", accounts.ReserveV2Program, accounts.INFMint,
			"2waco77iuu8naLjruHrgyBv98MF9okZRwnJPcpRW6Skd",
			"68pah1bWgdQs2R1RBu3mqZ3pTPJid4YQj9M6HxmqcQoW", "",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := accounts.NewController(test.program)
			require.NoError(t, err)
			if test.reserves != "" {
				got, err := c.Reserves(accounts.TokenProgram, test.mint)
				requireAddress(t, test.reserves, got, err)
				got, err = c.FeeAccumulator(accounts.TokenProgram, test.mint)
				requireAddress(t, test.accumulator, got, err)
				other, err := c.Reserves(accounts.Token2022Program, test.mint)
				require.NoError(t, err)
				require.NotEqual(t, test.reserves, other.String(), "the token program is a seed")
			}

			if test.flatFeeFees != "" {
				got, err := accounts.FlatFeeAccountAddress(accounts.FlatFeeProgram, test.mint)
				requireAddress(t, test.flatFeeFees, got, err)
			}
		})
	}
}
