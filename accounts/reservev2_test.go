package accounts_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

// reserveV2PricingName is the name of the pricing state in a DecodeError.
const reserveV2PricingName = "Reserve V2 pricing state"

func reserveV2Codecs() []codec {
	program := []solana.PublicKey{mpk("uppoVuoFZuXisHkrxCU96VvNibU6vzxkEpeH3WbmnEn")}
	return []codec{newCodec(reserveV2PricingName, accounts.DecodeReserveV2Pricing, program,
		sample{name: "one", value: reserveV2Pricing(1), packed: 84, whole: wholeOf(32, 52)},
		sample{name: "three", value: reserveV2Pricing(3), packed: 188, whole: wholeOf(32, 52)},
	)}
}

func reserveV2Pricing(n int) *accounts.ReserveV2Pricing {
	p := &accounts.ReserveV2Pricing{
		Admin:   key(9),
		Entries: make([]accounts.ReserveV2PricingEntry, n),
	}

	for i := range p.Entries {
		at := uint32(i + 1)
		p.Entries[i] = accounts.ReserveV2PricingEntry{
			Mint:              key(byte(0x7E + i)),
			ThresholdNanos:    0x1100 + at,
			BaseFeeNanos:      0x2100 + at,
			ThresholdFeeNanos: 0x3100 + at,
			MaxFeeNanos:       0x4100 + at,
			OutputFeeNanos:    0x5100 + at,
		}
	}

	return p
}

// TestReserveV2Pricing_Limits checks the largest and smallest values that the
// program accepts.
func TestReserveV2Pricing_Limits(t *testing.T) {
	const one = 1_000_000_000
	entry := func(threshold, base, middle, most, output uint32) accounts.ReserveV2PricingEntry {
		return accounts.ReserveV2PricingEntry{
			Mint:              key(1),
			ThresholdNanos:    threshold,
			BaseFeeNanos:      base,
			ThresholdFeeNanos: middle,
			MaxFeeNanos:       most,
			OutputFeeNanos:    output,
		}
	}

	for _, test := range []struct {
		name  string
		entry accounts.ReserveV2PricingEntry
		field string
	}{
		{"no fees", entry(1, 0, 0, 0, 0), ""},
		{"highest threshold", entry(one-1, 0, 0, 0, 0), ""},
		{"fees of all", entry(1, one, one, one, one), ""},
		{"the same fee everywhere", entry(1, 7, 7, 7, 0), ""},
		{"no threshold", entry(0, 0, 0, 0, 0), "threshold_nanos"},
		{"threshold of all", entry(one, 0, 0, 0, 0), "threshold_nanos"},
		{"falls before the threshold", entry(1, 8, 7, 9, 0), "base_fee_nanos"},
		{"falls behind the threshold", entry(1, 7, 9, 8, 0), "threshold_fee_nanos"},
		{"more than all", entry(1, 0, 0, one+1, 0), "max_fee_nanos"},
		{"more than all of the output", entry(1, 0, 0, 0, one+1), "output_fee_nanos"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := accounts.ReserveV2Pricing{
				Admin:   key(9),
				Entries: []accounts.ReserveV2PricingEntry{test.entry},
			}

			got, err := accounts.DecodeReserveV2Pricing(accounts.Account{
				Address: sampleAddress,
				Owner:   accounts.ReserveV2PricingProgram,
				Data:    p.Encode(),
			})
			if test.field == "" {
				require.NoError(t, err)
				require.Equal(t, &p, got)
				return
			}

			require.Nil(t, got)
			e := requireDecodeError(t, err, reserveV2PricingName, sampleAddress,
				accounts.ErrInvalidValue)
			require.Equal(t, test.field, e.Field)
		})
	}
}

// TestReserveV2Pricing_Order checks that unsorted and duplicate entries are
// refused.
func TestReserveV2Pricing_Order(t *testing.T) {
	p := reserveV2Pricing(3)
	for _, test := range []struct {
		name string
		mint solana.PublicKey
		want error
	}{
		{"as it is", p.Entries[1].Mint, nil},
		{"double", p.Entries[0].Mint, accounts.ErrInvalidValue},
		{"below the one before", key(0x01), accounts.ErrInvalidValue},
		{"the next one", p.Entries[2].Mint, accounts.ErrInvalidValue},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := accounts.Account{
				Address: sampleAddress,
				Owner:   accounts.ReserveV2PricingProgram,
				Data:    patch(p.Encode(), 32+52, test.mint[:]...),
			}

			got, err := accounts.DecodeReserveV2Pricing(a)
			if test.want == nil {
				require.NoError(t, err)
				require.Equal(t, p, got)
				return
			}

			require.Nil(t, got)
			e := requireDecodeError(t, err, reserveV2PricingName, sampleAddress, test.want)
			require.Equal(t, "mint", e.Field)
			require.Contains(t, []int{32 + 52, 32 + 104}, e.Offset)
		})
	}
}

func TestReserveV2Pricing_Find(t *testing.T) {
	p := reserveV2Pricing(3)
	for i := range p.Entries {
		require.Same(t, &p.Entries[i], p.Find(p.Entries[i].Mint))
	}
	require.Nil(t, p.Find(key(0x01)))
	require.Nil(t, p.Find(key(0xFF)))
	require.Nil(t, new(accounts.ReserveV2Pricing).Find(solana.PublicKey{}))
}

// TestReserveV2Pricing_Addresses checks the addresses on mainnet.
func TestReserveV2Pricing_Addresses(t *testing.T) {
	require.Equal(t, "uppoVuoFZuXisHkrxCU96VvNibU6vzxkEpeH3WbmnEn",
		accounts.ReserveV2PricingProgram.String())
	require.Equal(t, "1nf7dspGYz1CTALJbtNgjvcSYWiFz5N3c2EuUZLSWCL", accounts.INFCalculator.String())
	pricing, err := accounts.ReserveV2PricingAddress(accounts.ReserveV2PricingProgram)
	requireAddress(t, "8mvhAnVbCMyRU9mn9uH9ZwEeJGchZvBbHHecqHemtwRZ", pricing, err)
	state, err := accounts.CalculatorStateAddress(accounts.INFCalculator)
	requireAddress(t, "8WRwQHEFnp2TMX4uHa6T29AxiH6RcEcDNn6hBz4pUG9w", state, err)
	for program, want := range map[solana.PublicKey]string{
		accounts.ReserveV2Program:        "7VNnifopbK7yDyDzbUGrR4LX3vdJksjBDooXa6gTfeqB",
		accounts.ReserveV2PricingProgram: "ESM2B2zyEnWKtbQcC2ZE2XqgH6xieKXodzUxn7yR3Akw",
	} {
		got, err := accounts.ProgramDataAddress(program)
		requireAddress(t, want, got, err)
	}

	c, err := accounts.NewController(accounts.ReserveV2Program)
	require.NoError(t, err)
	for _, test := range []struct {
		mint                  solana.PublicKey
		reserves, accumulator string
	}{
		{accounts.NativeMint, "6nBpYJ3oeraht4cFyFPj3TLFpNuy8SRMQA2KGRXVAEHY",
			"FkFzVcW9iXCLqnpGQYkeQD8K3deFAyJhqWp5zS6YGprv"},
		{accounts.INFMint, "2waco77iuu8naLjruHrgyBv98MF9okZRwnJPcpRW6Skd",
			"68pah1bWgdQs2R1RBu3mqZ3pTPJid4YQj9M6HxmqcQoW"},
	} {
		got, err := c.Reserves(accounts.TokenProgram, test.mint)
		requireAddress(t, test.reserves, got, err)
		got, err = c.FeeAccumulator(accounts.TokenProgram, test.mint)
		requireAddress(t, test.accumulator, got, err)
	}
}

// reserveV2Admin is the admin of Reserve V2 on mainnet.
var reserveV2Admin = mpk("GRwm4EXMyVwtftQeTft7DZT3HBRxx439PrKq4oM6BwoZ")

// TestReserveV2Pricing_PublishedFigures decodes the values that were published
// of the pricing state on mainnet, when there were no fees.
func TestReserveV2Pricing_PublishedFigures(t *testing.T) {
	free := func(mint solana.PublicKey) accounts.ReserveV2PricingEntry {
		return accounts.ReserveV2PricingEntry{Mint: mint, ThresholdNanos: 333_333_333}
	}
	pricing := accounts.ReserveV2Pricing{
		Admin: reserveV2Admin,
		Entries: []accounts.ReserveV2PricingEntry{free(accounts.ReserveV2Mint),
			free(accounts.NativeMint), free(accounts.INFMint)},
	}

	packed := pricing.Encode()
	require.Len(t, packed, 188)
	got, err := accounts.DecodeReserveV2Pricing(
		accounts.Account{
			Owner: accounts.ReserveV2PricingProgram,
			Data:  packed,
		},
	)

	require.NoError(t, err)
	require.Equal(t, &pricing, got)
	for _, mint := range []solana.PublicKey{accounts.ReserveV2Mint, accounts.NativeMint,
		accounts.INFMint} {
		require.Equal(t, free(mint), *got.Find(mint))
	}

	require.Nil(t, got.Find(accounts.MSOLMint))
}

// TestReserveV2Pool_PublishedFigures decodes the values that were published of
// the pool on mainnet, when it was almost empty.
func TestReserveV2Pool_PublishedFigures(t *testing.T) {
	pool := accounts.PoolState{
		Version:                2,
		TotalSOLValue:          1_014_519,
		ProtocolFeeNanos:       1_000_000_000,
		Admin:                  reserveV2Admin,
		RebalanceAuthority:     mpk("6utAm5grcWt4jCtLHPNWJQXmakQzC35dYyqMRnHmNr79"),
		ProtocolFeeBeneficiary: reserveV2Admin,
		PricingProgram:         accounts.ReserveV2PricingProgram,
		LPTokenMint:            accounts.ReserveV2Mint,
		RPSAuthority:           reserveV2Admin,
		RPS:                    9_223_372_036_854_775_808,
	}

	list := accounts.NewLSTStateList(
		accounts.LSTState{
			SOLValue:   1_000_000,
			Mint:       accounts.NativeMint,
			Calculator: accounts.WrappedSOLCalculator,
		},
		accounts.LSTState{
			SOLValue:        14_519,
			Mint:            accounts.INFMint,
			Calculator:      accounts.INFCalculator,
			IsInputDisabled: true,
		},
	)

	c, err := accounts.NewController(accounts.ReserveV2Program)
	require.NoError(t, err)
	set := accounts.NewSet(0)
	set.Put(accounts.Account{
		Address:  c.PoolState,
		Owner:    c.Program,
		Lamports: 1_869_440,
		Data:     pool.Encode(),
	})

	set.Put(accounts.Account{Address: c.LSTStateList, Owner: c.Program, Data: list.Encode()})
	decoded, err := accounts.Load(set, c.PoolState, accounts.DecodePoolState)
	require.NoError(t, err)
	require.Equal(t, &pool, decoded)
	rent, err := accounts.NewRent(5080).MinimumBalance(accounts.PoolStateV2Space)
	require.NoError(t, err)
	require.Equal(t, uint64(1_869_440), rent)
	entries, err := accounts.Load(set, c.LSTStateList, accounts.DecodeLSTStateList)
	require.NoError(t, err)
	require.Equal(t, 2, entries.Len())
	require.Equal(t, pool.TotalSOLValue, entries.At(0).SOLValue+entries.At(1).SOLValue)
	require.True(t, entries.At(1).IsInputDisabled)
}

// TestReserveV2Calculator_PublishedFigures decodes the values that were
// published of the calculator state of INF.
func TestReserveV2Calculator_PublishedFigures(t *testing.T) {
	state := accounts.CalculatorState{
		Manager:         mpk("48dGfJ9SRq6FsafERxV2Q9dSDRbuTW1H3vX7CMujpEf1"),
		LastUpgradeSlot: 411_884_877,
	}

	calculator := accounts.Account{Owner: accounts.INFCalculator, Data: state.Encode()}
	again, err := accounts.DecodeCalculatorStateOf(calculator, accounts.INFCalculator)
	require.NoError(t, err)
	require.Equal(t, &state, again)
	rent, err := accounts.NewRent(5080).MinimumBalance(uint64(len(calculator.Data)))
	require.NoError(t, err)
	require.Equal(t, uint64(853_440), rent)
}

// TestReserveV2Pricing_Dump checks the values of the dump.
func TestReserveV2Pricing_Dump(t *testing.T) {
	a := fixtures(t)["infinity-v2/reserve-v2-pricing-state"]
	require.Equal(t, "8mvhAnVbCMyRU9mn9uH9ZwEeJGchZvBbHHecqHemtwRZ", a.Address.String())
	got, err := accounts.DecodeReserveV2Pricing(a)
	require.NoError(t, err)
	require.Equal(t, a.Data, got.Encode())
	require.Equal(t, "GRwm4EXMyVwtftQeTft7DZT3HBRxx439PrKq4oM6BwoZ", got.Admin.String())
	require.Len(t, got.Entries, 3)
	for i, mint := range []solana.PublicKey{accounts.ReserveV2Mint, accounts.NativeMint,
		accounts.INFMint} {
		require.Equal(t, accounts.ReserveV2PricingEntry{Mint: mint, ThresholdNanos: 333_333_333},
			got.Entries[i])
	}
}
