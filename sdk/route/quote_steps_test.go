package route_test

import (
	"encoding/hex"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// The names of instructions.
const (
	createAccount  = "create account with seed"
	allocate       = "allocate with seed"
	transferSOL    = "transfer SOL"
	authorize      = "authorize"
	split          = "split"
	deactivate     = "deactivate"
	withdraw       = "withdraw"
	initialize     = "initialize token account"
	transferTokens = "transfer tokens"
	closeToken     = "close token account"
	createATA      = "create associated token account"
	poolDeposit    = "DepositStakeWithSlippage"
	poolWithdrawal = "WithdrawStakeWithSlippage"
	reserveUnstake = "UnstakeWsol"
	mDeposit       = "Marinade Deposit"
	mStakeDeposit  = "Marinade DepositStakeAccount"
	mUnstake       = "Marinade LiquidUnstake"
	routerStake    = "Router StakeWrappedSol"
	routerSwap     = "Router SwapViaStake"
	routerPrefund  = "Router PrefundSwapViaStake"
	mWithdrawal    = "Marinade WithdrawStakeAccount"
	lidoUpdate     = "Lido UpdateExchangeRateV2"
	lidoWithdrawal = "Lido WithdrawV2"
	transferSeeded = "transfer SOL with seed"
	nativeUnstake  = "Unstake"
	solDeposit     = "DepositSolWithSlippage"
	solWithdrawal  = "WithdrawSolWithSlippage"
	receiptDeposit = "interceptor DepositStakeWithSlippage"
)

// label returns the name of an instruction, by its program and the beginning of
// its data.
func label(t testing.TB, s txn.Step) string {
	t.Helper()
	names := map[solana.PublicKey]map[string]string{
		accounts.SystemProgram: {"02000000": transferSOL, "03000000": createAccount,
			"09000000": allocate, "0b000000": transferSeeded},
		accounts.StakeProgram: {"01000000": authorize, "03000000": split,
			"04000000": withdraw, "05000000": deactivate},
		accounts.TokenProgram:           {"12": initialize, "03": transferTokens, "09": closeToken},
		accounts.AssociatedTokenProgram: {"01": createATA},
		accounts.ReserveProgram: {"7d5dbe8759ae8e95": reserveUnstake,
			"5a5f6b2acd7c32e1": nativeUnstake},
		accounts.MarinadeProgram: {"f223c68952e1f2b6": mDeposit,
			"6e827329a466023b": mStakeDeposit, "1e1e77f0bfe30c10": mUnstake,
			"d355b841b7b1e9d9": mWithdrawal},
		accounts.RouterProgram: {"00": routerStake, "01": routerSwap, "07": routerPrefund},
		accounts.LidoProgram:   {"16": lidoUpdate, "17": lidoWithdrawal},

		accounts.InterceptorProgram: {"03": receiptDeposit},
	}

	pool := map[string]string{"17": poolDeposit, "18": poolWithdrawal, "19": solDeposit,
		"1a": solWithdrawal}
	for _, program := range accounts.StakePoolPrograms() {
		names[program] = pool
	}

	raw := hex.EncodeToString(data(t, s))
	for _, length := range []int{16, 8, 2} {
		if len(raw) >= length {
			if name, ok := names[s.Instruction.ProgramID()][raw[:length]]; ok {
				return name
			}
		}
	}

	require.FailNow(t, "unknown instruction", "%s %s", s.Instruction.ProgramID(), raw)

	return ""
}

func labels(t testing.TB, steps []txn.Step) []string {
	t.Helper()
	var list []string
	for _, s := range steps {
		require.NotEmpty(t, s.Description)
		require.NotZero(t, s.ComputeUnits, s.Description)
		list = append(list, label(t, s))
	}
	return list
}

// step returns the first instruction of a kind.
func step(t testing.TB, steps []txn.Step, name string) txn.Step {
	t.Helper()
	for _, s := range steps {
		if label(t, s) == name {
			return s
		}
	}
	require.FailNow(t, "no such step", name)
	return txn.Step{}
}

// join concatenates the instructions of a trade.
func join(parts ...[]string) []string {
	var all []string
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

var (
	wrapped    = []string{createAccount, initialize}
	filled     = []string{createAccount, transferSOL, initialize}
	unwrapped  = []string{transferTokens, closeToken, transferSOL}
	splitOff   = []string{createAccount, split}
	poolStake  = []string{createAccount, poolWithdrawal}
	lidoStake  = []string{transferSOL, lidoWithdrawal}
	poolTakes  = []string{createATA, authorize, authorize, poolDeposit}
	mTakes     = []string{createATA, mStakeDeposit, transferTokens}
	forReceipt = []string{authorize, authorize, receiptDeposit}
	rentBack   = []string{transferSOL}
	stepOrders = map[venueTrade][]string{
		{reserveVenue, "own", "SOL"}: join(splitOff, wrapped, []string{reserveUnstake},
			unwrapped, rentBack),
		{stakeDeposit, "own", target}:   join(splitOff, poolTakes),
		{stakeDeposit, "own", mSOLName}: join(splitOff, mTakes),
		{stakeDeposit, "own", source}:   join(splitOff, forReceipt),
		{throughReserve, source, "SOL"}: join(poolStake, wrapped, []string{reserveUnstake},
			unwrapped, rentBack),
		{throughDeposit, source, target}:   join(poolStake, poolTakes),
		{throughDeposit, source, mSOLName}: join(poolStake, mTakes),
		{stakeWithdrawal, source, "stake"}: poolStake,
		{routerVenue, source, "SOL"}: join(wrapped, []string{transferSOL, routerSwap},
			unwrapped, rentBack),
		{routerVenue, source, target}:   {createATA, transferSOL, routerSwap, transferTokens},
		{routerVenue, source, mSOLName}: {createATA, transferSOL, routerSwap, transferTokens},
		{routerVenue, stSOLs, "SOL"}: join(wrapped, []string{transferSOL, routerSwap},
			unwrapped, rentBack),
		{routerVenue, stSOLs, target}:       {createATA, transferSOL, routerSwap, transferTokens},
		{routerVenue, stSOLs, mSOLName}:     {createATA, transferSOL, routerSwap, transferTokens},
		{routerPrefunded, source, "SOL"}:    join(wrapped, []string{routerPrefund}, unwrapped),
		{routerPrefunded, source, target}:   {createATA, routerPrefund, transferTokens},
		{routerPrefunded, stSOLs, "SOL"}:    join(wrapped, []string{routerPrefund}, unwrapped),
		{routerPrefunded, stSOLs, mSOLName}: {createATA, routerPrefund, transferTokens},
		{routerDeposit, "SOL", target}: join([]string{createATA}, filled,
			[]string{routerStake, closeToken}, rentBack, []string{transferTokens}),
		{routerDeposit, "SOL", mSOLName}: join([]string{createATA}, filled,
			[]string{routerStake, closeToken}, rentBack, []string{transferTokens}),
		{marinadeDeposit, "SOL", mSOLName}: {createATA, mDeposit, transferTokens},
		{throughReserve, mSOLName, "SOL"}: join([]string{mWithdrawal}, wrapped,
			[]string{reserveUnstake}, unwrapped, rentBack),
		{throughReserve, stSOLs, "SOL"}: join(lidoStake, wrapped, []string{reserveUnstake},
			unwrapped, rentBack),
		{throughDeposit, stSOLs, target}:     join(lidoStake, poolTakes),
		{throughDeposit, stSOLs, mSOLName}:   join(lidoStake, mTakes),
		{stakeWithdrawal, stSOLs, "stake"}:   lidoStake,
		{stakeWithdrawal, mSOLName, "stake"}: {mWithdrawal},
		{throughDeposit, mSOLName, target}:   join([]string{mWithdrawal}, poolTakes),
		{marinadeUnstake, mSOLName, "SOL"}: join([]string{transferSOL, mUnstake, allocate,
			initialize},
			unwrapped),
	}
)

// The instructions of each trade, their order, the limit in them, and the
// accounts that pay and are paid. The payer differs from the owner. The payer
// gets all rent of temporary accounts back, and pays nothing that the owner
// keeps.
func TestQuote_StepsOfAllVenues(t *testing.T) {
	const held = 1_234_567
	w := newStakeWorld(t)
	m := w.market(t)
	require.Len(t, stepOrders, len(venueTrades))
	for _, v := range venueTrades {
		for _, mode := range []route.SwapMode{route.ExactIn, route.ExactOut} {
			t.Run(v.String(), func(t *testing.T) {
				q, err := of(t, m, v.venue, v.request(t, w, 100*sol+7, mode))
				require.NoError(t, err)
				steps, err := q.Steps(paramsWith(held))
				require.NoError(t, err)
				require.Equal(t, stepOrders[v], labels(t, steps))
				expected := []solana.PublicKey{params.Payer, params.Owner}
				if q.NeedsStakeKeypair {
					expected = append(expected, newAccount)
				}

				require.Equal(t, signs(v), q.NeedsStakeKeypair)
				require.ElementsMatch(t, signers(steps, params.Payer), expected)
				checkLimit(t, w, v, q, steps, held)
				checkPayers(t, w, v, q, steps)
				checkInput(t, w, v, q, steps)
			})
		}
	}
}

// signs reports whether a new stake account has to sign, which Marinade and
// Lido require, or the base of a receipt.
func signs(v venueTrade) bool {
	return v.paysReceipt() || (v.from == mSOLName || v.from == stSOLs) &&
		(v.venue == throughReserve || v.venue == throughDeposit || v.venue == stakeWithdrawal)
}

// checkLimit checks the minimum output in the instructions.
func checkLimit(
	t *testing.T,
	w *stakeWorld,
	v venueTrade,
	q route.Quote,
	steps []txn.Step,
	held uint64,
) {
	t.Helper()
	want, err := w.compose(t, v, q.In)
	require.NoError(t, err)
	switch q.MinOutCheck {
	case route.CheckedByReceipt:
		raw := data(t, steps[len(steps)-1])
		require.Equal(t, q.MinOut, u64At(raw, len(raw)-8))
		_, err := q.Steps(params)
		require.ErrorIs(t, err, route.ErrMissingParam, "there is no base of the receipt")

	case route.CheckedByProgram:
		last := steps[len(steps)-1]
		raw := data(t, last)
		require.Equal(t, q.MinOut, u64At(raw, len(raw)-8))

	case route.BoundedByProgram:
		// Lido's rate does not change within the epoch, and Marinade's minimum
		// output is that at its highest fee.
		require.Equal(t, "stake", v.to)

	case route.CheckedByTempAccount:
		check := step(t, steps, transferTokens)
		require.Equal(t, q.MinOut+want.rent, u64At(data(t, check), 1),
			"the rent is part of what arrives")
		temporary, err := solana.CreateWithSeed(params.Owner, "seed", accounts.TokenProgram)
		require.NoError(t, err)
		require.Equal(t, []solana.PublicKey{temporary, temporary, params.Owner}, keys(check))
		require.Equal(t, []solana.PublicKey{temporary, params.Owner, params.Owner},
			keys(step(t, steps, closeToken)))

	case route.CheckedByBalance:
		check := steps[len(steps)-1]
		require.Equal(t, held+q.MinOut, u64At(data(t, check), 1))
		account := w.ata(t, v.to)
		require.Equal(t, []solana.PublicKey{account, account, params.Owner}, keys(check))
		_, err := q.Steps(params)
		require.ErrorIs(t, err, route.ErrMissingParam, "without what is held there is no limit")
		over := paramsWith(^uint64(0))
		_, err = q.Steps(over)
		require.Error(t, err)
	}

	// A withdrawal of stake has a limit of its own.
	if v.from == source &&
		(v.venue == throughReserve || v.venue == throughDeposit || v.venue == stakeWithdrawal) {
		raw := data(t, step(t, steps, poolWithdrawal))
		s, err := w.poolOf(t, source).WithdrawStake(q.In, w.pool(t, source).Validators[0].Source())
		require.NoError(t, err)
		require.Equal(t, q.In, u64At(raw, 1))
		if v.venue != stakeWithdrawal {
			require.Equal(t, (s.Lamports*99+99)/100, u64At(raw, 9))
		}
	}
}

// checkPayers checks which account pays rent.
func checkPayers(t *testing.T, w *stakeWorld, v venueTrade, q route.Quote, steps []txn.Step) {
	t.Helper()
	// Sum the payer's payments and refunds by system instructions.
	paid, back := uint64(0), uint64(0)
	owners := uint64(0)
	for _, s := range steps {
		k := keys(s)
		raw := data(t, s)
		switch label(t, s) {
		case createATA:
			require.Equal(t, params.Payer, k[0])
			require.Equal(t, params.Owner, k[2])
		case createAccount:
			lamports := u64At(raw, len(raw)-48)
			if k[0] == params.Payer {
				paid += lamports
			} else {
				owners += lamports
			}

		case receiptDeposit:
			require.Equal(t, params.Owner, k[0])
			owners += w.rentOf(t, accounts.InterceptorReceiptSpace)

		case mWithdrawal:
			rent := w.rentOf(t, accounts.StakeAccountSpace)
			if v.to == "SOL" {
				require.Equal(t, params.Payer, k[11])
				paid += rent
			} else {
				require.Equal(t, params.Owner, k[11], "rent that is not returned")
				owners += rent
			}

		case transferSOL:
			lamports := u64At(raw, 4)
			switch {
			case k[0] == params.Payer:
				paid += lamports
			case k[1] == params.Payer:
				require.Equal(t, params.Owner, k[0])
				back += lamports
			default:
				owners += lamports
			}
		}
	}

	require.Equal(t, paid, back, "the sponsor gets the advance back")
	costs := uint64(0)
	for _, c := range q.Costs {
		costs += c.Lamports
	}

	switch {
	case v.to == "SOL":
		require.Equal(t, q.UpfrontRent, paid)
		require.Zero(t, owners)
	case v.venue == routerDeposit:
		require.Equal(t, q.UpfrontRent, paid)
		require.Equal(t, q.In, owners, "wrapped, but for the rent")
	default:
		require.Zero(t, paid)
		require.Equal(t, costs, owners)
	}

	// Without a sponsor the owner pays everything, and no refund is needed.
	p := paramsWith(0)
	p.Payer = p.Owner
	alone, err := q.Steps(p)
	require.NoError(t, err)
	for _, s := range alone {
		require.NotContains(t, keys(s), params.Payer)
	}

	if !q.NeedsStakeKeypair {
		require.Equal(t, []solana.PublicKey{p.Owner}, signers(alone, p.Owner))
	}

	if back > 0 {
		require.Less(t, len(alone), len(steps))
	}
}

// checkInput checks the input amount, the account it comes from, and the stake
// account that the buyer receives.
func checkInput(t *testing.T, w *stakeWorld, v venueTrade, q route.Quote, steps []txn.Step) {
	t.Helper()
	part, err := accounts.SeededStakeAccount(params.Owner, "seed")
	require.NoError(t, err)
	if q.NeedsStakeKeypair && !v.paysReceipt() {
		part = newAccount
	}

	for _, s := range steps {
		k, raw := keys(s), data(t, s)
		switch label(t, s) {
		case split:
			require.Equal(t, q.In, u64At(raw, 4))
			require.Equal(t, []solana.PublicKey{ownStake, part, params.Owner}, k)
		case poolWithdrawal:
			active, _, err := w.pool(t, source).
				StakeAddresses(w.pool(t, source).Validators[0].Entry)
			require.NoError(t, err)
			require.Equal(t,
				[]solana.PublicKey{active, part, params.Owner, params.Owner, w.ata(t, source)},
				k[3:8])

		case authorize:
			authority, err := accounts.StakePoolDepositAuthority(w.pool(t, target).Program,
				w.pool(t, target).Address)
			require.NoError(t, err)
			if v.paysReceipt() {
				authority = w.pool(t, source).State.StakeDepositAuthority
			}

			require.Equal(t, authority, solana.PublicKeyFromBytes(raw[4:36]))
			require.Equal(t, part, k[0])
			require.Equal(t, params.Owner, k[2])

		case poolDeposit:
			require.Contains(t, k, part)
			require.Contains(t, k, w.ata(t, target))
		case receiptDeposit:
			require.Equal(t, []solana.PublicKey{newAccount, part}, []solana.PublicKey{k[6], k[8]})
			require.Equal(t, params.Owner, solana.PublicKeyFromBytes(raw[1:33]))
		case reserveUnstake, mStakeDeposit:
			require.Contains(t, k, part)
		case routerSwap, routerPrefund:
			require.Equal(t, q.In, u64At(raw, 1))
			require.Equal(t, []solana.PublicKey{params.Owner, w.ata(t, v.from)}, k[:2])
		case mWithdrawal:
			require.Equal(t, q.In, u64At(raw, 16))
			require.Equal(t, params.Owner, solana.PublicKeyFromBytes(raw[24:56]),
				"the stake becomes the owner's")
			require.Equal(t, []solana.PublicKey{w.ata(t, mSOLName), params.Owner}, k[2:4])
			require.Equal(t, part, k[10])

		case lidoWithdrawal:
			require.Equal(t, q.In, u64At(raw, 1))
			require.Equal(t, []solana.PublicKey{params.Owner, w.ata(t, stSOLs)}, k[1:3])
			require.Equal(t, part, k[6])

		case mUnstake:
			require.Equal(t, q.In, u64At(raw, 8))
			require.Equal(t, w.ata(t, mSOLName), k[5])
		case mDeposit, routerStake:
			require.Equal(t, q.In, u64At(raw, len(raw)-8))
		}
	}

	if (v.venue == stakeDeposit || v.venue == throughDeposit) && !q.NeedsStakeKeypair {
		require.Equal(t, params.Owner, keys(step(t, steps, createAccount))[0],
			"rent that becomes part of the outcome is the owner's")
	}
}

// A stake account that is traded whole is transferred itself, without a split
// and without rent.
func TestQuote_StepsOfWholeStakeAccounts(t *testing.T) {
	w := newStakeWorld(t)
	m := w.market(t)
	for v, want := range map[venueTrade][]string{
		{reserveVenue, "own", "SOL"}:    join(wrapped, []string{reserveUnstake}, unwrapped),
		{stakeDeposit, "own", target}:   poolTakes,
		{stakeDeposit, "own", mSOLName}: mTakes,
	} {
		q, err := of(t, m, v.venue, v.request(t, w, w.own.Lamports, route.ExactIn))
		require.NoError(t, err)
		require.Empty(t, q.Costs)
		steps, err := q.Steps(paramsWith(0))
		require.NoError(t, err)
		require.Equal(t, want, labels(t, steps))
		last := steps[len(steps)-1]
		for _, s := range steps {
			if name := label(t, s); name == reserveUnstake || name == poolDeposit ||
				name == mStakeDeposit {
				last = s
			}
		}

		require.Contains(t, keys(last), ownStake)
	}

	// Marinade keeps the rent in the account, and the quote has it as a fee.
	v := venueTrade{stakeDeposit, "own", mSOLName}
	q, err := of(t, m, v.venue, v.request(t, w, w.own.Lamports, route.ExactIn))
	require.NoError(t, err)
	kept := q.Fees[len(q.Fees)-1]
	require.Equal(t, "rent of the stake account, which the pool keeps", kept.Name)
	require.Equal(t, uint64(stakeRent), kept.Amount)
	require.Equal(t, accounts.NativeMint, kept.Mint)
	q, err = of(t, m, v.venue, v.request(t, w, 100*sol, route.ExactIn))
	require.NoError(t, err)
	require.Equal(
		t,
		[]route.Cost{
			{Name: "rent of the stake account, which the pool keeps", Lamports: stakeRent},
		},
		q.Costs,
	)
}

// With Deactivate, the stake starts to cool down in the same transaction, and
// RemainingSteps has the rest.
func TestQuote_StepsOfDeactivation(t *testing.T) {
	w := newStakeWorld(t)
	m := w.market(t)
	v := venueTrade{stakeWithdrawal, source, "stake"}
	r := v.request(t, w, 10*sol, route.ExactIn)
	q, err := of(t, m, v.venue, r)
	require.NoError(t, err)
	require.Len(t, q.RemainingSteps, 2)
	require.Contains(t, q.RemainingSteps[1], "0.00228288 SOL of rent")
	require.Contains(t, q.RemainingSteps[1], "epoch 794")
	r.Deactivate = true
	q, err = of(t, m, v.venue, r)
	require.NoError(t, err)
	require.Len(t, q.RemainingSteps, 1)
	steps, err := q.Steps(paramsWith(0))
	require.NoError(t, err)
	require.Equal(t, join(poolStake, []string{deactivate}), labels(t, steps))
	part, err := accounts.SeededStakeAccount(params.Owner, "seed")
	require.NoError(t, err)
	require.Equal(t, part, keys(steps[2])[0])
	require.Equal(t,
		[]route.Cost{{Name: "rent of the stake account", Lamports: stakeRent, Recoverable: true}},
		q.Costs)
}

// A stale rate of Lido is refused, or updated in the same transaction.
func TestQuote_StepsOfLidoUpdate(t *testing.T) {
	w := newStakeWorld(t)
	w.Lido.State.ExchangeRate.ComputedInEpoch--
	m := w.market(t)
	v := venueTrade{routerVenue, stSOLs, "SOL"}
	r := v.request(t, w, 10*sol, route.ExactIn)
	q, err := of(t, m, v.venue, r)
	require.NoError(t, err)
	require.NotEmpty(t, q.Assumptions)
	requireComposed(t, w, v, r, q)
	steps, err := q.Steps(paramsWith(0))
	require.NoError(t, err)
	require.Equal(t, lidoUpdate, label(t, steps[0]))
	require.Equal(t, stepOrders[v], labels(t, steps[1:]))
	reserve, err := accounts.LidoReserve(w.Lido.Program, w.Lido.Address)
	require.NoError(t, err)
	require.Contains(t, q.Accounts, reserve, "the rate follows from its balance")

	r.AllowPoolUpdate = false
	_, err = of(t, m, v.venue, r)
	require.ErrorIs(t, err, quote.ErrStalePool)
}
