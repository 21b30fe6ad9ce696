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

// What instructions are, by their program and the beginning of their data.
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
)

// label names an instruction.
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

// step finds the first instruction of a kind.
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

// join is the order of the instructions of a way.
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
	drawnPool  = []string{createAccount, poolWithdrawal}
	drawnLido  = []string{transferSOL, lidoWithdrawal}
	poolTakes  = []string{createATA, authorize, authorize, poolDeposit}
	mTakes     = []string{createATA, mStakeDeposit, transferTokens}
	rentBack   = []string{transferSOL}
	stepOrders = map[way][]string{
		{reserveVenue, "own", "SOL"}: join(splitOff, wrapped, []string{reserveUnstake},
			unwrapped, rentBack),
		{stakeDeposit, "own", taker}:    join(splitOff, poolTakes),
		{stakeDeposit, "own", mSOLName}: join(splitOff, mTakes),
		{throughReserve, source, "SOL"}: join(drawnPool, wrapped, []string{reserveUnstake},
			unwrapped, rentBack),
		{throughDeposit, source, taker}:    join(drawnPool, poolTakes),
		{throughDeposit, source, mSOLName}: join(drawnPool, mTakes),
		{stakeWithdrawal, source, "stake"}: drawnPool,
		{routerVenue, source, "SOL"}: join(wrapped, []string{transferSOL, routerSwap},
			unwrapped, rentBack),
		{routerVenue, source, taker}:    {createATA, transferSOL, routerSwap, transferTokens},
		{routerVenue, source, mSOLName}: {createATA, transferSOL, routerSwap, transferTokens},
		{routerVenue, stSOLs, "SOL"}: join(wrapped, []string{transferSOL, routerSwap},
			unwrapped, rentBack),
		{routerVenue, stSOLs, taker}:        {createATA, transferSOL, routerSwap, transferTokens},
		{routerVenue, stSOLs, mSOLName}:     {createATA, transferSOL, routerSwap, transferTokens},
		{routerPrefunded, source, "SOL"}:    join(wrapped, []string{routerPrefund}, unwrapped),
		{routerPrefunded, source, taker}:    {createATA, routerPrefund, transferTokens},
		{routerPrefunded, stSOLs, "SOL"}:    join(wrapped, []string{routerPrefund}, unwrapped),
		{routerPrefunded, stSOLs, mSOLName}: {createATA, routerPrefund, transferTokens},
		{routerDeposit, "SOL", taker}: join([]string{createATA}, filled,
			[]string{routerStake, closeToken}, rentBack, []string{transferTokens}),
		{routerDeposit, "SOL", mSOLName}: join([]string{createATA}, filled,
			[]string{routerStake, closeToken}, rentBack, []string{transferTokens}),
		{marinadeDeposit, "SOL", mSOLName}: {createATA, mDeposit, transferTokens},
		{throughReserve, mSOLName, "SOL"}: join([]string{mWithdrawal}, wrapped,
			[]string{reserveUnstake}, unwrapped, rentBack),
		{throughReserve, stSOLs, "SOL"}: join(drawnLido, wrapped, []string{reserveUnstake},
			unwrapped, rentBack),
		{throughDeposit, stSOLs, taker}:    join(drawnLido, poolTakes),
		{throughDeposit, stSOLs, mSOLName}: join(drawnLido, mTakes),
		{stakeWithdrawal, stSOLs, "stake"}: drawnLido,
		{marinadeUnstake, mSOLName, "SOL"}: join([]string{transferSOL, mUnstake, allocate,
			initialize},
			unwrapped),
	}
)

// TestStepsOfWays: which instructions in which order, with the limit inside,
// and who pays and is paid. The payer of the fees is another than the owner; it
// gets every advance back, and is never asked for what becomes the owner's.
func TestStepsOfWays(t *testing.T) {
	const held = 1_234_567
	w := newStakeWorld(t)
	m := w.market(t)
	require.Len(t, stepOrders, len(ways))
	for _, v := range ways {
		for _, side := range []route.SwapMode{route.ExactIn, route.ExactOut} {
			t.Run(v.String(), func(t *testing.T) {
				q, err := of(t, m, v.venue, v.request(t, w, 100*sol+7, side))
				require.NoError(t, err)
				steps, err := q.Steps(partiesWith(held))
				require.NoError(t, err)
				require.Equal(t, stepOrders[v], labels(t, steps))
				expected := []solana.PublicKey{parties.Payer, parties.Owner}
				if q.NeedsStakeKeypair {
					expected = append(expected, newAccount)
				}

				require.Equal(t, signs(v), q.NeedsStakeKeypair)
				require.ElementsMatch(t, signers(steps, parties.Payer), expected)
				checkLimit(t, w, v, q, steps, held)
				checkPayers(t, w, v, q, steps)
				checkInput(t, w, v, q, steps)
			})
		}
	}
}

// signs says whether a new account has to sign on a way: Marinade and Lido want
// that.
func signs(v way) bool {
	return (v.from == mSOLName || v.from == stSOLs) &&
		(v.venue == throughReserve || v.venue == throughDeposit || v.venue == stakeWithdrawal)
}

// checkLimit looks for the least that may arrive in the bytes.
func checkLimit(t *testing.T, w *stakeWorld, v way, q route.Quote, steps []txn.Step, held uint64) {
	t.Helper()
	want, err := w.compose(t, v, q.In)
	require.NoError(t, err)
	switch q.MinOutCheck {
	case route.CheckedByProgram:
		if v.from == stSOLs {
			break // Lido's rate does not change within the epoch.
		}

		last := steps[len(steps)-1]
		raw := data(t, last)
		require.Equal(t, q.MinOut, u64At(raw, len(raw)-8))

	case route.CheckedByTempAccount:
		check := step(t, steps, transferTokens)
		require.Equal(t, q.MinOut+want.rent, u64At(data(t, check), 1),
			"the rent is part of what arrives")
		temporary, err := solana.CreateWithSeed(parties.Owner, "seed", accounts.TokenProgram)
		require.NoError(t, err)
		require.Equal(t, []solana.PublicKey{temporary, temporary, parties.Owner}, keys(check))
		require.Equal(t, []solana.PublicKey{temporary, parties.Owner, parties.Owner},
			keys(step(t, steps, closeToken)))

	case route.CheckedByBalance:
		check := steps[len(steps)-1]
		require.Equal(t, held+q.MinOut, u64At(data(t, check), 1))
		account := w.ata(t, v.to)
		require.Equal(t, []solana.PublicKey{account, account, parties.Owner}, keys(check))
		_, err := q.Steps(parties)
		require.ErrorIs(t, err, route.ErrMissingParam, "without what is held there is no limit")
		over := partiesWith(^uint64(0))
		_, err = q.Steps(over)
		require.Error(t, err)
	}

	// Stake that is drawn has a limit of its own.
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

// checkPayers follows rent.
func checkPayers(t *testing.T, w *stakeWorld, v way, q route.Quote, steps []txn.Step) {
	t.Helper()
	// What flows between the payer and anybody, by system instructions.
	paid, back := uint64(0), uint64(0)
	owners := uint64(0)
	for _, s := range steps {
		k := keys(s)
		raw := data(t, s)
		switch label(t, s) {
		case createATA:
			require.Equal(t, parties.Payer, k[0])
			require.Equal(t, parties.Owner, k[2])
		case createAccount:
			lamports := u64At(raw, len(raw)-48)
			if k[0] == parties.Payer {
				paid += lamports
			} else {
				owners += lamports
			}

		case mWithdrawal:
			require.Equal(t, parties.Payer, k[11])
			paid += w.rentOf(t, accounts.StakeAccountSpace)
		case transferSOL:
			lamports := u64At(raw, 4)
			switch {
			case k[0] == parties.Payer:
				paid += lamports
			case k[1] == parties.Payer:
				require.Equal(t, parties.Owner, k[0])
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

	// Nobody else pays if there is no sponsor, and nothing is sent back.
	p := partiesWith(0)
	p.Payer = p.Owner
	alone, err := q.Steps(p)
	require.NoError(t, err)
	for _, s := range alone {
		require.NotContains(t, keys(s), parties.Payer)
	}

	if !q.NeedsStakeKeypair {
		require.Equal(t, []solana.PublicKey{p.Owner}, signers(alone, p.Owner))
	}

	if back > 0 {
		require.Less(t, len(alone), len(steps))
	}
}

// checkInput checks that what is paid is what was quoted, from the right
// account, and that stake goes to the right hands.
func checkInput(t *testing.T, w *stakeWorld, v way, q route.Quote, steps []txn.Step) {
	t.Helper()
	part, err := accounts.SeededStakeAccount(parties.Owner, "seed")
	require.NoError(t, err)
	if q.NeedsStakeKeypair {
		part = newAccount
	}

	for _, s := range steps {
		k, raw := keys(s), data(t, s)
		switch label(t, s) {
		case split:
			require.Equal(t, q.In, u64At(raw, 4))
			require.Equal(t, []solana.PublicKey{ownStake, part, parties.Owner}, k)
		case poolWithdrawal:
			active, _, err := w.pool(t, source).
				StakeAddresses(w.pool(t, source).Validators[0].Entry)
			require.NoError(t, err)
			require.Equal(t,
				[]solana.PublicKey{active, part, parties.Owner, parties.Owner, w.ata(t, source)},
				k[3:8])

		case authorize:
			authority, err := accounts.StakePoolDepositAuthority(w.pool(t, taker).Program,
				w.pool(t, taker).Address)
			require.NoError(t, err)
			require.Equal(t, authority, solana.PublicKeyFromBytes(raw[4:36]))
			require.Equal(t, part, k[0])
			require.Equal(t, parties.Owner, k[2])

		case poolDeposit:
			require.Contains(t, k, part)
			require.Contains(t, k, w.ata(t, taker))
		case reserveUnstake, mStakeDeposit:
			require.Contains(t, k, part)
		case routerSwap, routerPrefund:
			require.Equal(t, q.In, u64At(raw, 1))
			require.Equal(t, []solana.PublicKey{parties.Owner, w.ata(t, v.from)}, k[:2])
		case mWithdrawal:
			require.Equal(t, q.In, u64At(raw, 16))
			require.Equal(t, parties.Owner, solana.PublicKeyFromBytes(raw[24:56]),
				"the stake becomes the owner's")
			require.Equal(t, []solana.PublicKey{w.ata(t, mSOLName), parties.Owner}, k[2:4])
			require.Equal(t, part, k[10])

		case lidoWithdrawal:
			require.Equal(t, q.In, u64At(raw, 1))
			require.Equal(t, []solana.PublicKey{parties.Owner, w.ata(t, stSOLs)}, k[1:3])
			require.Equal(t, part, k[6])

		case mUnstake:
			require.Equal(t, q.In, u64At(raw, 8))
			require.Equal(t, w.ata(t, mSOLName), k[5])
		case mDeposit, routerStake:
			require.Equal(t, q.In, u64At(raw, len(raw)-8))
		}
	}

	if (v.venue == stakeDeposit || v.venue == throughDeposit) && !q.NeedsStakeKeypair {
		require.Equal(t, parties.Owner, keys(step(t, steps, createAccount))[0],
			"rent that becomes part of the outcome is the owner's")
	}
}

// TestStepsOfWholeAccounts: an account that is sold or deposited whole is not
// split, costs no rent, and is handed over itself.
func TestStepsOfWholeAccounts(t *testing.T) {
	w := newStakeWorld(t)
	m := w.market(t)
	for v, want := range map[way][]string{
		{reserveVenue, "own", "SOL"}:    join(wrapped, []string{reserveUnstake}, unwrapped),
		{stakeDeposit, "own", taker}:    poolTakes,
		{stakeDeposit, "own", mSOLName}: mTakes,
	} {
		q, err := of(t, m, v.venue, v.request(t, w, w.own.Lamports, route.ExactIn))
		require.NoError(t, err)
		require.Empty(t, q.Costs)
		steps, err := q.Steps(partiesWith(0))
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

	// Marinade keeps the rent that is in it, and says so.
	v := way{stakeDeposit, "own", mSOLName}
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

// TestStakeWithdrawalDeactivates: if asked for, the stake begins to cool down
// at once, and the quote says what remains to be done.
func TestStakeWithdrawalDeactivates(t *testing.T) {
	w := newStakeWorld(t)
	m := w.market(t)
	v := way{stakeWithdrawal, source, "stake"}
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
	steps, err := q.Steps(partiesWith(0))
	require.NoError(t, err)
	require.Equal(t, join(drawnPool, []string{deactivate}), labels(t, steps))
	part, err := accounts.SeededStakeAccount(parties.Owner, "seed")
	require.NoError(t, err)
	require.Equal(t, part, keys(steps[2])[0])
	require.Equal(t,
		[]route.Cost{{Name: "rent of the stake account", Lamports: stakeRent, Recoverable: true}},
		q.Costs)
}

// TestLidoIsUpdatedFirst: a rate of the last epoch is refused, or updated in
// the same transaction.
func TestLidoIsUpdatedFirst(t *testing.T) {
	w := newStakeWorld(t)
	w.Lido.State.ExchangeRate.ComputedInEpoch--
	m := w.market(t)
	v := way{routerVenue, stSOLs, "SOL"}
	r := v.request(t, w, 10*sol, route.ExactIn)
	q, err := of(t, m, v.venue, r)
	require.NoError(t, err)
	require.NotEmpty(t, q.Assumptions)
	requireComposed(t, w, v, r, q)
	steps, err := q.Steps(partiesWith(0))
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
