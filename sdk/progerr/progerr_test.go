package progerr

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

// programCase is a case of [TestLookup_Codes].
type programCase struct {
	program solana.PublicKey
	name    string
	count   int
	codes   codes
	source  string
}

// programCases returns the cases of [TestLookup_Codes].
func programCases(t *testing.T) []programCase {
	t.Helper()

	pool := from(0, stakePoolNames)
	classic := from(0, tokenNames)
	// The ratio library is igneous-labs/sanctum-solana-utils; see
	// sanctum-token-ratio/src/err/onchain.rs.
	ratio := codes{696_969: "MathError"}
	calculator := func(own string) codes {
		return from(0, own).and(t, from(1000, calculatorNames), ratio)
	}
	anchor := codes{}
	for first, names := range anchorNames {
		anchor = anchor.and(t, from(first, names))
	}

	return []programCase{
		{accounts.StakePoolProgram, "stake pool", 45, pool,
			"solana-program/stake-pool program/src/error.rs; 43 and 44 since v2.0.4"},
		{accounts.SanctumStakePoolProgram, "stake pool", 45, pool, "the same code"},
		{accounts.SanctumMultiStakePoolProgram, "stake pool", 45, pool, "the same code"},
		{accounts.StakeProgram, "stake", 17, from(0, stakeNames),
			"solana-program/stake interface/src/error.rs"},
		{accounts.SystemProgram, "system", 9, from(0, systemNames),
			"anza-xyz/solana-sdk system-interface/src/error.rs"},
		{accounts.TokenProgram, "token", 20, classic,
			"solana-program/token interface/src/error.rs; p-token has the same codes"},
		{
			accounts.Token2022Program, "token-2022", 69,
			classic.and(t, from(20, tokenExtensionNames)),
			"solana-program/token-2022 interface/src/error.rs",
		},
		{
			accounts.AssociatedTokenProgram, "associated token", 1, codes{0: "InvalidOwner"},
			"solana-program/associated-token-account interface/src/error.rs",
		},
		{accounts.ComputeBudgetProgram, "compute budget", 0, codes{},
			"it fails with DuplicateInstruction and InvalidInstructionData"},
		{accounts.MemoProgram, "memo", 0, codes{},
			"solana-program/memo program/src/processor.rs: only errors of the runtime"},
		{
			accounts.LookupTableProgram, "address lookup table", 5,
			from(
				0,
				"PubkeyErrorMaxSeedLengthExceeded PubkeyErrorInvalidSeeds PubkeyErrorIllegalOwner",
			).and(t, from(10, "ReadonlyDataModified ReadonlyLamportsChanged")),
			"solana-program/address-lookup-table program/src/error.rs",
		},
		{
			accounts.InfinityProgram, "infinity", 42, from(0, controllerNames).and(t, ratio),
			"igneous-labs/inf-1.5 controller/jiminy/src/program_err.rs; igneous-labs/S idl/s_controller.json to 36",
		},
		{accounts.ReserveV2Program, "reserve v2", 42, from(0, controllerNames).and(t, ratio),
			"the same code"},
		{
			accounts.FlatFeeProgram, "flat-fee pricing", 7, from(0, flatFeeNames).and(t, ratio),
			"igneous-labs/S idl/pricing-programs/flat_fee.json",
		},
		{accounts.FlatSlabProgram, "flatslab pricing", 7, from(1, flatSlabNames),
			"igneous-labs/inf-1.5 pricing/flatslab/program/src/err.rs"},
		{
			accounts.ReserveV2PricingProgram, "reserve v2 pricing", 12,
			from(0, reserveV2PricingNames),
			"igneous-labs/inf-1.5, newest source; the deployed build is not known",
		},
		{accounts.SPLCalculator, "spl calculator", 10, calculator("PoolNotUpdated"),
			"igneous-labs/S idl/sol-value-calculator-programs"},
		{accounts.SanctumSPLCalculator, "spl calculator", 10, calculator("PoolNotUpdated"),
			"the same code"},
		{accounts.SanctumSPLMultiCalculator, "spl calculator", 10, calculator("PoolNotUpdated"),
			"the same code"},
		{
			accounts.MarinadeCalculator, "marinade calculator", 11,
			calculator("MarinadePaused MarinadeStakeWithdrawDisabled"),
			"igneous-labs/S idl/sol-value-calculator-programs",
		},
		{
			accounts.LidoCalculator, "lido calculator", 10,
			calculator("ExchangeRateNotUpdatedInThisEpoch"),
			"igneous-labs/S idl/sol-value-calculator-programs",
		},
		{accounts.WrappedSOLCalculator, "wsol calculator", 1, codes{0: "IncorrectMint"},
			"igneous-labs/S idl/sol-value-calculator-programs"},
		{
			accounts.INFCalculator, "inf calculator", 9,
			from(1000, calculatorNames).and(t, codes{6: "PoolDisabled"}),
			"igneous-labs/inf-1.5, newest source",
		},
		{
			accounts.MarinadeProgram, "marinade", 153, from(6000, marinadeNames).and(t, anchor),
			"marinade-finance/liquid-staking-program programs/marinade-finance/src/error.rs; coral-xyz/anchor v0.27 lang/src/error.rs",
		},
		{accounts.LidoProgram, "lido", 59, from(0, lidoNames),
			"lidofinance/solido v2.1.0 program/src/error.rs"},
		{
			accounts.ReserveProgram, "reserve", 75, from(6000, reserveNames).and(t, anchor),
			"igneous-labs/sanctum-unstake-program programs/unstake/src/errors.rs; coral-xyz/anchor v0.28",
		},
		{
			accounts.RouterProgram, "router", 16,
			from(0, routerNames).and(t, codes{17: "SlumdogUnstakeTooSmall"}),
			"igneous-labs/stakedex-sdk interfaces/stakedex_interface/idl.json",
		},
		{
			accounts.InterceptorProgram, "interceptor", 22, from(0, interceptorNames),
			"jito-foundation/stake-deposit-interceptor stake_deposit_interceptor/src/error.rs; 17 to 21 since March 2026",
		},
	}
}

// TestLookup_Codes checks that every table has exactly the codes and names of
// its program.
func TestLookup_Codes(t *testing.T) {
	for _, c := range programCases(t) {
		t.Run(c.name+" "+c.program.String(), func(t *testing.T) {
			p := findProgram(c.program)
			require.NotNil(t, p)
			require.Equal(t, c.name, p.name)
			table := codes{}
			for code := range p.errors {
				entry, ok := Lookup(c.program, code)
				require.True(t, ok)
				table[code] = entry.Name
			}

			require.Equal(t, c.codes, table, c.source)
			require.Len(t, table, c.count)
			require.NotEmpty(t, c.source)
			for code := range uint32(8000) {
				_, ok := Lookup(c.program, code)
				require.Equal(t, c.codes[code] != "", ok, code)
			}
		})
	}
}

// TestLookup_Programs checks that every program that the instructions of this
// module call has a table.
func TestLookup_Programs(t *testing.T) {
	want := append(accounts.StakePoolPrograms(), accounts.MarinadeProgram, accounts.LidoProgram,
		accounts.ReserveProgram, accounts.RouterProgram,
		accounts.InfinityProgram, accounts.ReserveV2Program, accounts.FlatFeeProgram,
		accounts.FlatSlabProgram, accounts.ReserveV2PricingProgram,
		accounts.SPLCalculator, accounts.SanctumSPLCalculator, accounts.SanctumSPLMultiCalculator,
		accounts.MarinadeCalculator,
		accounts.LidoCalculator, accounts.WrappedSOLCalculator, accounts.INFCalculator,
		accounts.SystemProgram, accounts.StakeProgram,
		accounts.TokenProgram, accounts.Token2022Program, accounts.AssociatedTokenProgram,
		accounts.ComputeBudgetProgram, accounts.MemoProgram,
		accounts.LookupTableProgram, accounts.InterceptorProgram)

	var got []solana.PublicKey
	names := map[string]bool{unknownProgram: true}
	for _, p := range programs {
		require.False(t, names[p.name], p.name)
		names[p.name] = true
		require.NotEmpty(t, p.ids, p.name)
		got = append(got, p.ids...)
	}

	require.ElementsMatch(t, want, got)
}

func TestLookup_Unknown(t *testing.T) {
	for _, code := range []uint32{45, 1 << 31, 1<<32 - 1} {
		_, ok := Lookup(accounts.StakePoolProgram, code)
		require.False(t, ok)
	}
	_, ok := Lookup(solana.MPK("JUP6LkbZbjS1jKKwapdHNy74zcZ3tLUZoi5QNyVTaV4"), 0)
	require.False(t, ok)
}

// maxLine is the maximum length of a meaning or a remedy.
const maxLine = 160

// TestEntry_Texts checks that every entry has a meaning and a remedy, each in
// one plain line.
func TestEntry_Texts(t *testing.T) {
	check := func(where string, e Entry) {
		for _, text := range []string{e.Meaning, e.Remedy} {
			require.NotEmpty(t, text, where)
			require.LessOrEqual(t, len(text), maxLine, where)
			require.Equal(t, strings.TrimSpace(text), text, where)
			require.False(t,
				strings.ContainsFunc(text,
					func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsPrint(r) }),
				"%s: %q", where, text)

			require.NotContains(t, text, "  ", where)
			require.NotContains(t, text, ";", "%s: reserved to separate meaning and remedy", where)
			last := rune(text[len(text)-1])
			require.True(t,
				unicode.IsLetter(last) || unicode.IsDigit(last) || last == '%' || last == ')',
				"%s: %q", where, text)
			first := rune(text[0])
			require.True(t, unicode.IsLetter(first), "%s: %q", where, text)
		}

		require.NotEqual(t, e.Meaning, e.Remedy, where)
		// Meanings begin in lower case, except with a proper name.
		first, _, _ := strings.Cut(e.Meaning, " ")
		if unicode.IsUpper(rune(first[0])) {
			require.Contains(t,
				[]string{"Marinade", "Marinade's", "Lido", "Lido's", "Infinity", "SOL"}, first,
				where)
		}

		require.True(t, unicode.IsLower(rune(e.Remedy[0])), "%s: %q", where, e.Remedy)
	}

	entries := 0
	for _, p := range programs {
		for code, e := range p.errors {
			require.NotEmpty(t, e.Name, "%s %d", p.name, code)
			check(p.name+" "+e.Name, e)
			entries++
		}
	}

	for name, e := range transactionErrors {
		require.Empty(t, e.Name, "the key is the name")
		check(name, e)
	}

	for name, e := range instructionErrors {
		require.Empty(t, e.Name, "the key is the name")
		check(name, e)
	}

	require.Equal(t, 642, entries)
}

func TestEntry_MarksGuessedNames(t *testing.T) {
	for _, p := range programs {
		for _, e := range p.errors {
			require.Equal(t, p == &reserveV2Pricing, strings.HasSuffix(e.Meaning, guessed), "%s %s",
				p.name, e.Name)
		}
	}
}

// TestEntry_Unraised lists the codes that programs define but never return,
// according to the sources in TestLookup_Codes.
func TestEntry_Unraised(t *testing.T) {
	want := map[string][]uint32{
		"stake pool":           {5, 12, 18},
		"stake":                {0, 13, 14, 15},
		"system":               {4},
		"token":                {9},
		"token-2022":           {9, 53, 54},
		"address lookup table": {0, 2},
		"wsol calculator":      {0},
		"marinade":             {6027},
		"lido":                 {3, 7, 9, 14, 15, 16, 17, 20, 24, 34, 49, 53},
		"interceptor":          {2, 4, 19},
	}

	got := map[string][]uint32{}
	for _, p := range programs {
		for _, code := range slices.Sorted(maps.Keys(p.errors)) {
			if p.errors[code].Unraised {
				got[p.name] = append(got[p.name], code)
			}
		}
	}

	require.Equal(t, want, got)
}
