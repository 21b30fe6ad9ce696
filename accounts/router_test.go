package accounts_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

// TestRouterFeeTokenAccount_Mainnet checks the addresses on mainnet.
func TestRouterFeeTokenAccount_Mainnet(t *testing.T) {
	program := accounts.RouterProgram
	got, err := accounts.RouterSOLBridgeOut(program)
	requireAddress(t, "75jTZDE78xpBJokeB2BcimRNY5BZ7U45bWhpgUrTzWZC", got, err)
	got, err = accounts.RouterWSOLBridgeIn(program)
	requireAddress(t, "7UWZDKjBT1dTvAzdjoSCYKnML3SPt9tfFkANGarEq5r3", got, err)
	got, err = accounts.RouterPrefunder(program)
	requireAddress(t, "ALpzvhALRr35nH8mw9SXk2WvmwEYjfw1dvmpFG9Kosu6", got, err)
	for _, test := range []struct{ mint, want string }{
		{
			"So11111111111111111111111111111111111111112",
			"D3DxbHp7YvgdD2iH8GfsGWdFE5gp37aoYjp4jW5jNMjH",
		},
		{
			"mSoLzYCxHdYgdzU16g5QSh3i5K3z3KZK7ytfqcJm7So",
			"E3LbQTYZGr4pBQmpYR1c479yqJcrKoyxnTVvYt9t2Bt",
		},
		{
			"bSo13r4TkiE4KumL71LsHTPpL2euBYLFx6h9HP3piy1",
			"9ZYQx1dBazZa9N38ucxwmtQAq4hocuwZu8VJd87fXmt8",
		},
		{
			"picobAEvs6w7QEknPce34wAE4gknZA9v5tTonnmHYdX",
			"FUREX7Z3VNpkCQNgeWXmZXDaAywBej549tbsXVusSBMh",
		},
		{
			"7dHbWXmci3dT8UFYWYZweBLXgycu7Y3iL6trKn1Y7ARj",
			"CJaWsdxaqFAuwEAGrCTXHLVciRWgzbY2fw6siCrmsWf8",
		},
	} {
		got, err = accounts.RouterFeeTokenAccount(program, mpk(test.mint))
		requireAddress(t, test.want, got, err)
	}

	require.Equal(t, "KtrvWWkPkhSWM9VMqafZhgnTuozQiHzrBDT8oPcMj3T",
		accounts.RouterLookupTableAddress.String())
}

// TestRouterBridgeStake_Seeds checks the accounts of one user with the
// smallest, the next and the largest seed.
func TestRouterBridgeStake_Seeds(t *testing.T) {
	user := mpk("J6ksVSmKYzHeVT3P4pzkPEDNP56hezuZanhXQ8JNTvS5")
	for _, test := range []struct {
		seed                                         uint32
		bridge, slumdog, slumdogRecord, bridgeRecord string
	}{
		{
			0, "4WJYJ1xafAiKwJCm2RiRqUrrqRPg6xunfS8fctG6t9ux",
			"8415MgG5daFKgzhpt2853Gb8Kfw633a1EMZAiUCDdhXg",
			"DeK6nuWfnQaTGSQEC2U7hG5NuY4b5d8a16H7VpKoB9fd",
			"GJpax3WY1kQMy6nC6Jfn9fpo6Ygtxa7U9scrFzWbXJSZ",
		},
		{
			1, "6LR3NR73NKWpT3GqY35D6G9EZHhXU1Be45UCRahWRmvh",
			"C8goBshjiKKQsLEnQooCDfzTNfHK87NoAm8yvrBHNi4p",
			"7Bha6KSSwzKR3AavCMJj9MnaFNjaa8SF8qYYmogeJ6F2",
			"DykAvqqdtCPpEMZ4Lrgz49iMyKuQiuqDepUkiu4NMKfe",
		},
		{
			4294967295, "BDGsGjosEbbcnKAKNWmn6Fm2jE4a41q7jhG33UpRc4HV",
			"ALUCMyTrtwRMxmAUF296SM584BS7mMBLByHkjFrG3iGC",
			"89Fvn2YRgFULLjSWNFyZ97kUHEt4U2NdJ9BBas6WonAi",
			"FJjbFLZ6qcbvVuGcmEzkgVVJD6A32xDJAk8iZ4EmkYsS",
		},
	} {
		bridge, err := accounts.RouterBridgeStake(accounts.RouterProgram, user, test.seed)
		requireAddress(t, test.bridge, bridge, err)
		slumdog, err := accounts.RouterSlumdogStake(bridge)
		requireAddress(t, test.slumdog, slumdog, err)
		record, err := accounts.ReserveRecordAddress(accounts.ReserveProgram,
			accounts.ReservePoolAddress, slumdog)
		requireAddress(t, test.slumdogRecord, record, err)
		record, err = accounts.ReserveRecordAddress(accounts.ReserveProgram,
			accounts.ReservePoolAddress, bridge)
		requireAddress(t, test.bridgeRecord, record, err)
	}

	record, err := accounts.ReserveRecordAddress(accounts.ReserveProgram,
		accounts.ReservePoolAddress, mpk("1111111ogCyDbaRMvkdsHB3qfdyFYaG1WtRUAfdh"))
	requireAddress(t, "DezYH4eCSsdWXSRWh2CrTg5NZtmL2h6FtRzrxVRqgYs1", record, err)
}

// TestRouterFeeTokenAccount_Dumps checks the dumps: a fee token account is its
// own owner, and the lookup table begins with the accounts that every
// transaction uses.
func TestRouterFeeTokenAccount_Dumps(t *testing.T) {
	all := fixtures(t)
	for name, mint := range map[string]string{
		"msol-vault":    "msol-mint",
		"bsol-vault":    "bsol-mint",
		"picosol-vault": "picosol-mint",
	} {
		vault := all["router/"+name]
		token := decodeFixture(t, "router/"+name, accounts.DecodeTokenAccount)
		require.Equal(t, all["router/"+mint].Address, token.Mint)
		require.Equal(t, vault.Address, token.Owner)
		got, err := accounts.RouterFeeTokenAccount(accounts.RouterProgram, token.Mint)
		requireAddress(t, vault.Address.String(), got, err)
	}

	prefunder, err := accounts.RouterPrefunder(accounts.RouterProgram)
	requireAddress(t, all["router/prefunder"].Address.String(), prefunder, err)
	bridge, err := accounts.RouterSOLBridgeOut(accounts.RouterProgram)
	requireAddress(t, all["router/sol-bridge-out"].Address.String(), bridge, err)
	require.Equal(t, accounts.RouterLookupTableAddress, all["router/srlut"].Address)
	table := decodeFixture(t, "router/srlut", accounts.DecodeLookupTable)
	require.Len(t, table.Addresses, 235)
	require.Equal(t, accounts.ClockSysvar, table.Addresses[0])
	require.Equal(t, accounts.RouterProgram, table.Addresses[18])
	require.Equal(t, prefunder, table.Addresses[20])
}
