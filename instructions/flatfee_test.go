package instructions_test

import (
	"fmt"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
)

// TestPricingAccounts_PerProgram checks the accounts of each pricing program
// for each kind of trade.
func TestPricingAccounts_PerProgram(t *testing.T) {
	wsol, jupsol, inf := solana.MPK(wsolMint), solana.MPK(jupsolMint), solana.MPK(infMint)
	for _, test := range []struct {
		version  uint8
		pricing  string
		inp, out solana.PublicKey
		want     []string
	}{
		{1, flatFeeID, wsol, jupsol, []string{wsolFlatFee, jupsolFlatFee}},
		{1, flatFeeID, jupsol, wsol, []string{jupsolFlatFee, wsolFlatFee}},
		{1, flatFeeID, wsol, inf, nil},
		{1, flatFeeID, inf, wsol, []string{flatFeeState}},
		{2, flatFeeID, wsol, inf, []string{wsolFlatFee, infFlatFee}},
		{2, flatFeeID, inf, jupsol, []string{infFlatFee, jupsolFlatFee}},
		{1, flatSlabID, wsol, jupsol, []string{flatSlab}},
		{1, flatSlabID, wsol, inf, []string{flatSlab}},
		{1, flatSlabID, inf, wsol, []string{flatSlab}},
		{2, flatSlabID, inf, jupsol, []string{flatSlab}},
	} {
		g, err := instructions.PricingAccounts(infinity(test.version, test.pricing), test.inp,
			test.out)
		require.NoError(t, err)
		require.Equal(t, test.pricing, g.Program.String())
		var got []string
		for _, a := range g.Accounts {
			got = append(got, a.String())
		}

		require.Equal(t, test.want, got)
	}

	unknown := "uppoVuoFZuXisHkrxCU96VvNibU6vzxkEpeH3WbmnEn"
	g, err := instructions.PricingAccounts(infinity(2, unknown), wsol, jupsol)
	requireBuildError(t, err, "pricing accounts", unknown, instructions.ErrConflictingInput)
	require.Zero(t, g)
}

// pricingForms returns all instructions of the pricing programs and the token
// programs by name.
func pricingForms() map[string]builder {
	flatFee := instructions.FlatFeeSetLSTFee{
		Program:      accounts.FlatFeeProgram,
		Manager:      user,
		Mint:         solana.MPK(wsolMint),
		InputFeeBps:  -10_000,
		OutputFeeBps: 0x0201,
	}

	add := flatFee
	add.Payer, add.InputFeeBps, add.OutputFeeBps = newAuthority, 10_000, -2
	return map[string]builder{
		"SetLstFee/flat-fee": flatFee,
		"AddLst":             add,
		"SetLpWithdrawalFee": instructions.FlatFeeSetLPWithdrawalFee{
			Program: accounts.FlatFeeProgram,
			Manager: user,
			Bps:     10_000,
		},
		"SetLstFee/flatslab": instructions.FlatSlabSetLSTFee{
			Program:     accounts.FlatSlabProgram,
			Admin:       user,
			Payer:       newAuthority,
			Mint:        solana.MPK(wsolMint),
			InpFeeNanos: -50_000_000,
			OutFeeNanos: 1_000_000_000,
		},
		"RemoveLst": instructions.FlatSlabRemoveLST{
			Program: accounts.FlatSlabProgram,
			Admin:   user,
			Refund:  newAuthority,
			Mint:    solana.MPK(wsolMint),
		},
		"InitializeAccount3": instructions.TokenInitializeAccount{
			Program: accounts.Token2022Program, Account: userTokens, Mint: mint, Owner: user,
		},
		"CloseAccount": instructions.TokenCloseAccount{
			Program:     accounts.TokenProgram,
			Account:     userTokens,
			Destination: newAuthority,
			Owner:       user,
		},
		"Transfer": instructions.TokenTransfer{
			Program:     accounts.TokenProgram,
			Source:      userTokens,
			Destination: newAuthority,
			Owner:       user,
			Amount:      0x0807060504030201,
		},
		"TransferChecked": instructions.TokenTransferChecked{
			Program:     accounts.TokenProgram,
			Source:      userTokens,
			Mint:        mint,
			Destination: newAuthority,
			Owner:       user,
			Amount:      0x0807060504030201,
			Decimals:    9,
		},
	}
}

// TestFlatFee_Golden compares data and accounts with the tables of the pricing
// programs in igneous-labs/S and igneous-labs/inf-1.5, and of the token
// program.
func TestFlatFee_Golden(t *testing.T) {
	for name, want := range map[string]struct {
		program, data string
		metas         []meta
	}{
		"SetLstFee/flat-fee": {flatFeeID, "fb f0d8 0102",
			[]meta{{user, "s"}, known(wsolFlatFee, "w"), known(flatFeeState, "")}},
		"AddLst": {flatFeeID, "fd 1027 feff", []meta{
			{user, "s"}, {newAuthority, "sw"}, known(wsolFlatFee, "w"), known(wsolMint, ""),
			known(flatFeeState, ""), known(systemProgram, ""),
		}},
		"SetLpWithdrawalFee": {flatFeeID, "fa 1027", []meta{{user, "s"}, known(flatFeeState, "w")}},
		"SetLstFee/flatslab": {flatSlabID, "fd 800f05fd 00ca9a3b", []meta{
			{user, "s"}, {newAuthority, "sw"}, known(flatSlab, "w"), known(wsolMint, ""),
			known(systemProgram, ""),
		}},
		"RemoveLst": {flatSlabID, "fc",
			[]meta{{user, "s"}, {newAuthority, "w"}, known(flatSlab, "w"), known(wsolMint, "")}},
		"InitializeAccount3": {
			"TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb", fmt.Sprintf("12 %x", user[:]),
			[]meta{{userTokens, "w"}, {mint, ""}},
		},
		"CloseAccount": {splToken, "09",
			[]meta{{userTokens, "w"}, {newAuthority, "w"}, {user, "s"}}},
		"TransferChecked": {splToken, "0c 0102030405060708 09",
			[]meta{{userTokens, "w"}, {mint, ""}, {newAuthority, "w"}, {user, "s"}}},
		"Transfer": {splToken, "03 0102030405060708",
			[]meta{{userTokens, "w"}, {newAuthority, "w"}, {user, "s"}}},
	} {
		t.Run(name, func(t *testing.T) {
			ix, err := pricingForms()[name].Build()
			require.NoError(t, err)
			requireInstruction(t, solana.MPK(want.program), want.data, want.metas, ix)
		})
	}

	require.Len(t, pricingForms(), 9)
	nothing := pricingForms()["Transfer"].(instructions.TokenTransfer)
	nothing.Amount = 0
	_, err := nothing.Build()
	requireBuildError(t, err, "Transfer", "amount", instructions.ErrZeroAmount)
}

// TestFlatFee_MissingKeys checks that every key is needed, except a payer:
// without one, no fee account is created.
func TestFlatFee_MissingKeys(t *testing.T) {
	names := map[string]string{
		"Program": "program id", "Manager": "manager", "Mint": "LST mint", "Admin": "admin",
		"Payer": "payer", "Refund": "refund account",
		"Account": "token account", "Owner": "owner", "Destination": "destination",
		"Source": "source",
	}

	newNames := map[string]string{"Mint": "mint"}
	closed := map[string]string{"Account": "account"}
	for name, test := range map[string]struct {
		called string
		other  map[string]string
	}{
		"SetLstFee/flat-fee": {"SetLstFee", nil},
		"AddLst":             {"AddLst", nil},
		"SetLpWithdrawalFee": {"SetLpWithdrawalFee", nil},
		"SetLstFee/flatslab": {"SetLstFee", nil},
		"RemoveLst":          {"RemoveLst", nil},
		"InitializeAccount3": {"InitializeAccount3", newNames},
		"CloseAccount":       {"CloseAccount", closed},
		"Transfer":           {"Transfer", nil},
	} {
		for path, changed := range without(pricingForms()[name]) {
			t.Run(name+"/"+path, func(t *testing.T) {
				ix, err := changed.Build()
				if path == "Payer" && name != "SetLstFee/flatslab" {
					require.NoError(t, err)
					require.Equal(t, byte(251), dataOf(t, ix)[0],
						"without a payer the fee account must exist")
					return
				}

				field := names[path]
				if other, ok := test.other[path]; ok {
					field = other
				}

				requireBuildError(t, err, test.called, field, instructions.ErrMissing)
			})
		}
	}
}

func TestFlatFee_FeeRanges(t *testing.T) {
	flatFee := func(inp, out int16) builder {
		i := pricingForms()["SetLstFee/flat-fee"].(instructions.FlatFeeSetLSTFee)
		i.InputFeeBps, i.OutputFeeBps = inp, out
		return i
	}

	flatSlab := func(inp, out int32) builder {
		i := pricingForms()["SetLstFee/flatslab"].(instructions.FlatSlabSetLSTFee)
		i.InpFeeNanos, i.OutFeeNanos = inp, out
		return i
	}

	withdrawal := func(bps uint16) builder {
		return instructions.FlatFeeSetLPWithdrawalFee{Program: accounts.FlatFeeProgram,
			Manager: user, Bps: bps}
	}

	for _, good := range []builder{
		flatFee(-10_000, 10_000), flatFee(10_000, -10_000), flatSlab(-50_000_000, 1_000_000_000),
		flatSlab(1_000_000_000, -50_000_000),
		withdrawal(0), withdrawal(10_000),
	} {
		_, err := good.Build()
		require.NoError(t, err)
	}

	for name, bad := range map[string][]builder{
		"SetLstFee": {
			flatFee(-10_001, 0), flatFee(0, -10_001), flatFee(10_001, 0), flatFee(0, 10_001),
			flatSlab(-50_000_001, 0), flatSlab(0, -50_000_001),
			flatSlab(1_000_000_001, 0), flatSlab(0, 1_000_000_001),
		},
		"SetLpWithdrawalFee": {withdrawal(10_001)},
	} {
		for _, i := range bad {
			_, err := i.Build()
			requireBuildError(t, err, name, "fee", instructions.ErrConflictingInput)
		}
	}
}

// TestInfinity_BuildSharesNothing checks that instructions share no memory.
func TestInfinity_BuildSharesNothing(t *testing.T) {
	all := controllerForms(t)
	for name, i := range pricingForms() {
		all[name] = i
	}
	for name, i := range all {
		t.Run(name, func(t *testing.T) { requireNothingShared(t, i) })
	}
}
