package accounts_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

func TestCalculatorState_Dumps(t *testing.T) {
	other := mpk("CK9cEJT7K7oRrMCcEbBQRGqHLGpxKXWnKvW7nHSDMHD1")
	for name, want := range map[string]accounts.CalculatorState{
		"infinity-v1/lido-calc-state":     {Manager: other},
		"infinity-v1/marinade-calc-state": {Manager: other},
		"infinity-v1/sanctum-spl-multi-calc-state": {
			Manager: mpk("7eYqVNDg6kkDaWwNkGnMgQX9Vsn4yuc9zyx2t5n6AG5p"),
		},
	} {
		require.Equal(t, want, *decodeFixture(t, name, accounts.DecodeCalculatorState), name)
	}

	// Only Reserve V2 uses the calculator of INF, so DecodeCalculatorState does
	// not accept it.
	a := fixtures(t)["infinity-v2/inf-calculator-state"]
	_, err := accounts.DecodeCalculatorState(a)
	require.ErrorIs(t, err, accounts.ErrWrongOwner)
	s, err := accounts.DecodeCalculatorStateOf(a, accounts.INFCalculator)
	require.NoError(t, err)
	require.Equal(t, accounts.CalculatorState{
		Manager:         mpk("48dGfJ9SRq6FsafERxV2Q9dSDRbuTW1H3vX7CMujpEf1"),
		LastUpgradeSlot: 411_884_877,
	}, *s)

	address, err := accounts.CalculatorStateAddress(accounts.INFCalculator)
	requireAddress(t, a.Address.String(), address, err)
}

// TestCalculatorPoolProgram checks the table of calculators and the programs
// whose pools they read.
func TestCalculatorPoolProgram(t *testing.T) {
	programs := []string{
		"SPoo1Ku8WFXoNDMHPsrGSTSG1Y47rzgn41SLUNakuHy",
		"SP12tWFxD9oJsVWNavTTBZvMbA6gkAmxtVgxdqvyvhY",
		"SPMBzsVUuoHA4Jm6KunbsotaahvVikZs1JyTW6iJvbn",
		"MarBmsSgKXdrN1egZf5sqe1TMai9K1rChYNDJgjq7aD",
		"CrX7kMhLC3cSsXJdT7JDgqrRVWGnUpX3gfEfxxU2NVLi",
	}

	for i, calculator := range calculators() {
		program, known := accounts.CalculatorPoolProgram(calculator)
		require.True(t, known)
		require.Equal(t, programs[i], program.String())
	}

	program, known := accounts.CalculatorPoolProgram(
		mpk("wsoGmxQLSvwWpuaidCApxN5kEowLe2HLQLJhCQnj4bE"),
	)
	require.True(t, known)
	require.Zero(t, program)
	for _, unknown := range []solana.PublicKey{{}, accounts.StakePoolProgram,
		mpk("1nf7dspGYz1CTALJbtNgjvcSYWiFz5N3c2EuUZLSWCL")} {
		program, known := accounts.CalculatorPoolProgram(unknown)
		require.False(t, known)
		require.Zero(t, program)
	}
}

// TestCalculatorStateAddress_Mainnet checks the addresses of the pricing states
// and calculator states on mainnet.
func TestCalculatorStateAddress_Mainnet(t *testing.T) {
	for calculator, want := range map[solana.PublicKey]string{
		accounts.SPLCalculator:             "7orJ4kDhn1Ewp54j29tBzUWDFGhyimhYi7sxybZcphHd",
		accounts.SanctumSPLCalculator:      "84C2M1NcmqFiP37qHKzuz8ydyyjCrzNqY77GhvHtCpyf",
		accounts.SanctumSPLMultiCalculator: "Ehcuy2BzuY9BscqcH2K43tDKqoi6xQHxChtVjzrMfvU8",
		accounts.MarinadeCalculator:        "FMbUjYFtqgm4Zfpg7MguZp33RQ3tvkd22NgaCCAs3M6E",
		accounts.LidoCalculator:            "7Dv8K2G3DqfkNNdPDx6qaQKmzGQu18fg6S7AjRnew6aX",
		accounts.INFCalculator:             "8WRwQHEFnp2TMX4uHa6T29AxiH6RcEcDNn6hBz4pUG9w",
	} {
		got, err := accounts.CalculatorStateAddress(calculator)
		requireAddress(t, want, got, err)
	}

	got, err := accounts.FlatFeeStateAddress(accounts.FlatFeeProgram)
	requireAddress(t, "DpWzqkAVNjgdiLCDVy1M3XWGBPjJ11h177kNX8NywYNE", got, err)
	got, err = accounts.FlatSlabAddress(accounts.FlatSlabProgram)
	requireAddress(t, "4T9YzXnmQFMyYi2nrxyXjhtUANavmCkxGCsU3GKaNjwT", got, err)
	for _, program := range []struct{ id, want string }{
		{"un27kVAKYscfzvrkNeYkNZ74tW9o4txuArAweftjakw",
			"7VNnifopbK7yDyDzbUGrR4LX3vdJksjBDooXa6gTfeqB"},
		{"uppoVuoFZuXisHkrxCU96VvNibU6vzxkEpeH3WbmnEn",
			"ESM2B2zyEnWKtbQcC2ZE2XqgH6xieKXodzUxn7yR3Akw"},
	} {
		got, err := accounts.ProgramDataAddress(mpk(program.id))
		requireAddress(t, program.want, got, err)
	}
}
