package golden_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// minimumMarinade is the minimum number of executed cases in the recording of
// Marinade.
const minimumMarinade = 80

// decodedMarinade encodes the accounts of Marinade and decodes them, so that a
// replay covers both. The build is in no account, and is copied.
func decodedMarinade(t *testing.T, f *figures.Marinade, rent accounts.Rent) *figures.Marinade {
	t.Helper()
	set := onChain(t, f, rent)
	d := &figures.Marinade{Program: f.Program, Address: f.Address, Build: f.Build}
	d.State = *load(t, set, f.Address, accounts.DecodeMarinadeState)
	s := &d.State
	d.Mint = *load(t, set, s.MSOLMint, accounts.DecodeMint)
	d.MSOLLeg = load(t, set, s.LiqPool.MSOLLeg, accounts.DecodeTokenAccount).Amount
	if set.Has(s.TreasuryMSOLAccount) {
		d.Treasury = load(t, set, s.TreasuryMSOLAccount, accounts.DecodeTokenAccount)
	}

	leg, err := accounts.MarinadeSOLLeg(f.Program, f.Address)
	require.NoError(t, err)
	reserve, err := accounts.MarinadeReserve(f.Program, f.Address)
	require.NoError(t, err)
	d.SOLLeg, d.Reserve = lamports(t, set, leg), lamports(t, set, reserve)
	list, err := set.Get(s.ValidatorSystem.ValidatorList.Account)
	require.NoError(t, err)
	validators, err := accounts.DecodeMarinadeValidatorList(list, s)
	require.NoError(t, err)
	d.Validators, d.ValidatorListSpace = validators.Validators, len(list.Data)
	list, err = set.Get(s.StakeSystem.StakeList.Account)
	require.NoError(t, err)
	stakes, err := accounts.DecodeMarinadeStakeList(list, s)
	require.NoError(t, err)
	d.StakeListSpace = len(list.Data)
	for _, r := range stakes.Stakes {
		d.Stakes = append(d.Stakes,
			figures.MarinadeStake{Record: r, Stake: live(t, set, r.StakeAccount)})
	}

	require.Equal(t, f, d)

	return d
}

// TestMarinadeCase_Replay computes and builds the cases from account data, and
// compares with the outcomes of the real program.
func TestMarinadeCase_Replay(t *testing.T) {
	n := newTallies()
	for name, f := range recordings[golden.Marinades](t, "marinade.json") {
		chain := throughBytes(t, f.Chain)
		replay(t, name, f.Cases, func(t *testing.T, c golden.MarinadeCase) {
			m := decodedMarinade(t, &f.Marinades[c.Marinade], chain.Rent)
			require.NotEqual(t, quote.MarinadeVersionUnknown, quote.MarinadeVersionOf(m.Build))
			ix, err := c.BuildInstruction(m)
			require.NoError(t, err)
			requireInstructions(t, []golden.Instruction{c.Instruction}, ix)

			c.Stake = stakeThroughBytes(t, c.Stake)
			if c.Ticket != nil {
				c.Ticket, err = accounts.DecodeMarinadeTicket(
					accounts.Account{
						Owner: accounts.MarinadeProgram,
						Data:  c.Ticket.Encode(),
					},
				)

				require.NoError(t, err)
			}

			got, err := c.Quote(m, chain)
			requireResult(t, c.Result, got, err)
			count(n, c.Result, c.Op)
		})
	}

	atLeast(t, n.executed, minimumMarinade, all)
	atLeast(t, n.executed, 1, golden.MarinadeOperations()...)
	atLeast(t, n.refused, 1, golden.MarinadeOperations()...)
}

func TestMarinades_MarshalText(t *testing.T) {
	requireText(t, "marinade.json",
		func(f *golden.Marinades) int { return len(f.Marinades) + len(f.Cases) })
}

// TestMarinadeCase_UnknownOperation checks that an unknown operation is an
// error.
func TestMarinadeCase_UnknownOperation(t *testing.T) {
	for _, f := range recordings[golden.Marinades](t, "marinade.json") {
		c := golden.MarinadeCase{Op: "AddLiquidity"}
		_, err := c.Quote(&f.Marinades[0], f.Chain)
		require.ErrorContains(t, err, `"AddLiquidity"`)
		_, err = c.BuildInstruction(&f.Marinades[0])
		require.ErrorContains(t, err, `"AddLiquidity"`)
	}
}
