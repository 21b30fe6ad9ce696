package route_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// recipient is a wallet other than the owner's.
var recipient = solana.MustPublicKeyFromBase58("7GxhUAGrQqdEBbU1n9J5ULoY6nhPDhCpspcKvaRrGgp4")

// The venues that do not move stake.
const (
	poolDeposits    = "stake pool deposit"
	poolWithdrawals = "stake pool withdrawal"
)

// direct are the trades between a stake pool and SOL, and from an inactive
// stake account.
var direct = []venueTrade{{poolDeposits, "SOL", target}, {poolWithdrawals, source, "SOL"},
	{stakeProgram, "own", "SOL"}}

// payouts are the steps of each trade that can pay a recipient. The other
// trades refuse.
var (
	separated    = []string{transferSeeded, allocate, initialize, transferTokens, closeToken}
	rentAccounts = []string{createAccount, initialize, createAccount, initialize}
	emptied      = []string{transferTokens, transferTokens, closeToken, closeToken}
	payouts      = map[venueTrade][]string{
		{poolDeposits, "SOL", target}:    {createATA, solDeposit},
		{poolWithdrawals, source, "SOL"}: {solWithdrawal},
		{stakeProgram, "own", "SOL"}:     {withdraw},
		{reserveVenue, "own", "SOL"}: join(splitOff, []string{transferSOL, nativeUnstake},
			separated),
		{stakeDeposit, "own", target}: join(splitOff, poolTakes),
		{stakeDeposit, "own", source}: join(splitOff, forReceipt),
		{throughReserve, source, "SOL"}: join(poolStake, []string{transferSOL, nativeUnstake},
			separated),
		{throughReserve, mSOLName, "SOL"}: join([]string{mWithdrawal, transferSOL, nativeUnstake},
			separated),
		{throughReserve, stSOLs, "SOL"}: join(lidoStake, []string{transferSOL, nativeUnstake},
			separated),
		{throughDeposit, source, target}:     join(poolStake, poolTakes),
		{throughDeposit, stSOLs, target}:     join(lidoStake, poolTakes),
		{stakeWithdrawal, source, "stake"}:   poolStake,
		{stakeWithdrawal, stSOLs, "stake"}:   join(lidoStake, []string{authorize, authorize}),
		{stakeWithdrawal, mSOLName, "stake"}: {mWithdrawal},
		{throughDeposit, mSOLName, target}:   join([]string{mWithdrawal}, poolTakes),
		{routerVenue, source, "SOL"}: join(rentAccounts, []string{transferSOL, routerSwap},
			emptied),
		{routerVenue, stSOLs, "SOL"}: join(rentAccounts, []string{transferSOL, routerSwap},
			emptied),
		{routerPrefunded, source, "SOL"}:   join(rentAccounts, []string{routerPrefund}, emptied),
		{routerPrefunded, stSOLs, "SOL"}:   join(rentAccounts, []string{routerPrefund}, emptied),
		{marinadeUnstake, mSOLName, "SOL"}: join([]string{transferSOL, mUnstake}, separated),
	}
)

// recipientWorld returns a market that can serve a trade.
func recipientWorld(t *testing.T, v venueTrade) (*stakeWorld, *route.Market) {
	t.Helper()
	w := newStakeWorld(t)
	if v.venue == stakeProgram {
		w.own.Account.Delegation.DeactivationEpoch = w.Chain.Clock.Epoch - 1
	}
	if v.venue == poolWithdrawals {
		w.pool(t, source).Reserve.Lamports += 1_000 * sol
	}
	return w, w.market(t)
}

func ataOf(t testing.TB, owner, mint solana.PublicKey) solana.PublicKey {
	t.Helper()
	address, err := accounts.AssociatedTokenAddress(owner, accounts.TokenProgram, mint)
	require.NoError(t, err)
	return address
}

// Each venue pays the recipient exactly what it would pay the owner, or refuses
// because only the owner could check the balance.
func TestRequest_RecipientOfAllVenues(t *testing.T) {
	paying := 0
	for _, v := range slices.Concat(venueTrades, direct) {
		for _, mode := range []route.SwapMode{route.ExactIn, route.ExactOut} {
			t.Run(v.String(), func(t *testing.T) {
				w, m := recipientWorld(t, v)
				r := v.request(t, w, 50*sol+7, mode)
				plain, err := of(t, m, v.venue, r)
				require.NoError(t, err)
				r.Recipient = recipient
				q, err := of(t, m, v.venue, r)
				if plain.MinOutCheck == route.CheckedByBalance {
					require.ErrorIs(t, err, route.ErrRecipient)
					require.Contains(t, err.Error(),
						"only the owner of a token account can check its balance")
					require.NotContains(t, payouts, v)
					return
				}

				require.NoError(t, err)
				paying++
				require.Equal(t, []uint64{plain.In, plain.Out, plain.MinOut, plain.MaxIn},
					[]uint64{q.In, q.Out, q.MinOut, q.MaxIn})
				require.Equal(t, plain.Fees, q.Fees)
				require.Equal(t, plain.MinOutCheck, q.MinOutCheck)
				steps, err := q.Steps(paramsWith(0))
				require.NoError(t, err)
				require.Equal(t, payouts[v], labels(t, steps))
				expected := []solana.PublicKey{params.Payer, params.Owner}
				if q.NeedsStakeKeypair {
					expected = append(expected, newAccount)
				}

				require.Subset(t, expected, signers(steps, params.Payer))
				checkRecipient(t, w, v, q, steps)
				checkAdvance(t, w, q, plain, steps)
			})
		}
	}

	require.Equal(t, 2*len(payouts), paying)
}

// checkRecipient checks that the result goes to the recipient and not to the
// owner.
func checkRecipient(t *testing.T, w *stakeWorld, v venueTrade, q route.Quote, steps []txn.Step) {
	t.Helper()
	named := false
	for _, s := range steps {
		named = named || slices.Contains(keys(s), recipient) || v.to == "stake"
		if v.to == target {
			require.NotContains(t, keys(s), w.ata(t, target), "the owner's token account: %s",
				s.Description)
		}
	}

	require.True(t, named || v.paysReceipt())
	switch {
	case v.paysReceipt():
		last := steps[len(steps)-1]
		require.Equal(t, recipient, solana.PublicKeyFromBytes(data(t, last)[1:33]))
		require.Contains(t, last.Description, "paid to "+recipient.String())
		require.False(t, q.Costs[len(q.Costs)-1].Recoverable, "the recipient gets the rent")
		require.Contains(t, q.RemainingSteps[0], "the recipient")

	case v.to == target:
		create, last := step(t, steps, createATA), steps[len(steps)-1]
		require.Equal(t,
			[]solana.PublicKey{params.Payer, ataOf(t, recipient, w.mint(t, target)), recipient},
			keys(create)[:3])
		require.Contains(t, create.Description, recipient.String())
		require.Contains(t, last.Description, "paid to "+recipient.String())
		at := []int{4, 6}
		if v.venue != poolDeposits {
			at = []int{7, 9}
		}

		for _, i := range at {
			require.Equal(t, ataOf(t, recipient, w.mint(t, target)), keys(last)[i],
				"tokens and referral part")
		}

		require.Contains(t, q.Assumptions[len(q.Assumptions)-1], "0.00203928 SOL")

	case v.venue == poolWithdrawals:
		require.Equal(t, recipient, keys(steps[len(steps)-1])[5])
		require.Contains(t, steps[len(steps)-1].Description, "paid to "+recipient.String())
	case v.venue == stakeProgram:
		require.Equal(t, []solana.PublicKey{ownStake, recipient}, keys(steps[0])[:2])
		require.Contains(t, steps[0].Description, recipient.String())
	case v.to == "SOL":
		temporary, err := solana.CreateWithSeed(params.Owner, "seed", accounts.TokenProgram)
		require.NoError(t, err)
		closing := step(t, steps, closeToken)
		require.Equal(t, []solana.PublicKey{temporary, recipient, params.Owner}, keys(closing))
		require.Contains(t, closing.Description, recipient.String())
		check := steps[slices.IndexFunc(steps,
			func(s txn.Step) bool { return label(t, s) == closeToken })-1]
		require.Equal(t, []solana.PublicKey{temporary, temporary, params.Owner}, keys(check))
		require.Equal(t, q.MinOut-tokenRent, u64At(data(t, check), 1),
			"the rest of the least is the rent of the account itself")

	case v.from == source:
		require.Equal(t, recipient, keys(step(t, steps, poolWithdrawal))[5])
	case v.from == mSOLName:
		raw := data(t, step(t, steps, mWithdrawal))
		require.Equal(t, recipient, solana.PublicKeyFromBytes(raw[len(raw)-32:]), "the beneficiary")
	default:
		for i, s := range steps[len(steps)-2:] {
			raw := data(t, s)
			require.Equal(t, newAccount, keys(s)[0])
			require.Equal(t, recipient, solana.PublicKeyFromBytes(raw[4:36]))
			require.Equal(t, uint32(i), uint32(u64At(append(raw, 0, 0, 0, 0), 36)),
				"first the staker, then the withdrawer")
			require.Contains(t, s.Description, recipient.String())
		}
	}

	if v.to == "stake" {
		require.Equal(t,
			[]route.Cost{{Name: "rent of the stake account, which the recipient gets with it",
				Lamports: stakeRent}},
			q.Costs)

		require.Contains(t, q.RemainingSteps,
			"the stake account belongs to the recipient: only the recipient can do this")
	}
}

// checkAdvance checks that the payer gets all of UpfrontRent back, whether or
// not the payer is the owner.
func checkAdvance(t *testing.T, w *stakeWorld, q, plain route.Quote, steps []txn.Step) {
	t.Helper()
	if q.MinOutCheck != route.CheckedByTempAccount {
		require.Equal(t, plain.UpfrontRent, q.UpfrontRent)
		return
	}

	advanced, apart := uint64(0), uint64(0)
	for _, s := range steps {
		k, raw := keys(s), data(t, s)
		switch label(t, s) {
		case createAccount:
			require.Equal(t, params.Payer, k[0])
			advanced += u64At(raw, len(raw)-48)
		case mWithdrawal:
			advanced += w.rentOf(t, accounts.StakeAccountSpace)
		case transferSOL:
			require.Equal(t, params.Payer, k[0])
			advanced += u64At(raw, 4)
		case transferSeeded:
			require.Equal(t, params.Payer, k[2])
			apart += u64At(raw, 4)
		case transferTokens:
			if k[0] != k[1] {
				// The receiving account closes to the payer, and so returns its
				// own rent as well.
				last := keys(steps[len(steps)-1])
				require.Equal(t, []solana.PublicKey{k[1], params.Payer, params.Owner}, last)
				apart += u64At(raw, 1) + tokenRent
			}
		}
	}

	require.Equal(t, q.UpfrontRent, advanced)
	require.Equal(t, q.UpfrontRent, apart)
}

// A recipient equal to the owner gives the same instructions as no recipient.
func TestRequest_RecipientIsOwner(t *testing.T) {
	for v := range payouts {
		w, m := recipientWorld(t, v)
		for _, deactivate := range []bool{false, true} {
			r := v.request(t, w, 50*sol+7, route.ExactIn)
			r.Deactivate = deactivate
			q, err := of(t, m, v.venue, r)
			require.NoError(t, err)
			want, err := q.Steps(paramsWith(0))
			require.NoError(t, err)
			r.Recipient = params.Owner
			q, err = of(t, m, v.venue, r)
			require.NoError(t, err, v)
			got, err := q.Steps(paramsWith(0))
			require.NoError(t, err)
			require.Equal(t, want, got, v)
		}
	}
}

// The owner is the staker first, deactivates the stake, and then transfers the
// account.
func TestRequest_RecipientOfDeactivatedStake(t *testing.T) {
	for v, want := range map[venueTrade][]string{
		{stakeWithdrawal, source, "stake"}: join(poolStake,
			[]string{deactivate, authorize, authorize}),
		{stakeWithdrawal, stSOLs, "stake"}: join(lidoStake,
			[]string{deactivate, authorize, authorize}),
	} {
		w, m := recipientWorld(t, v)
		r := v.request(t, w, 10*sol, route.ExactIn)
		r.Recipient, r.Deactivate = recipient, true
		q, err := of(t, m, v.venue, r)
		require.NoError(t, err)
		steps, err := q.Steps(paramsWith(0))
		require.NoError(t, err)
		require.Equal(t, want, labels(t, steps))
		if v.from == source {
			require.Equal(t, params.Owner, keys(step(t, steps, poolWithdrawal))[5])
		}

		require.Equal(t, params.Owner, keys(step(t, steps, deactivate))[2])
		require.Equal(t, recipient, solana.PublicKeyFromBytes(data(t, steps[len(steps)-1])[4:36]))
	}
}

// A referrer is paid no matter who receives the rest.
func TestRequest_RecipientAndReferrer(t *testing.T) {
	v := venueTrade{stakeDeposit, "own", target}
	w, m := recipientWorld(t, v)
	r := v.request(t, w, 50*sol, route.ExactIn)
	r.Recipient, r.Referrer = recipient, solana.PublicKey{42}
	q, err := of(t, m, v.venue, r)
	require.NoError(t, err)
	steps, err := q.Steps(paramsWith(0))
	require.NoError(t, err)
	k := keys(steps[len(steps)-1])
	require.Equal(t, []solana.PublicKey{ataOf(t, recipient, w.mint(t, target)), {42}},
		[]solana.PublicKey{k[7], k[9]})
}

// A program derived address is paid like a wallet if the request allows it. The
// addresses that the market knows are refused all the same.
func TestRequest_RecipientOffCurve(t *testing.T) {
	vault := ataOf(t, params.Owner, solana.PublicKey{77})
	require.False(t, solana.IsOnCurve(vault[:]))
	for v := range payouts {
		w, m := recipientWorld(t, v)
		r := v.request(t, w, 20*sol, route.ExactIn)
		r.Recipient = recipient
		want, err := of(t, m, v.venue, r)
		require.NoError(t, err)
		r.Recipient = vault
		_, err = m.Quote(r)
		require.ErrorIs(t, err, route.ErrRecipient)
		require.ErrorContains(t, err, "AllowRecipientOffCurve")

		r.AllowRecipientOffCurve = true
		q, err := of(t, m, v.venue, r)
		require.NoError(t, err)
		require.Equal(t, []uint64{want.In, want.Out, want.MinOut}, []uint64{q.In, q.Out, q.MinOut})
		steps, err := q.Steps(paramsWith(0))
		require.NoError(t, err)
		named := false
		for _, s := range steps {
			named = named || slices.Contains(keys(s), vault) || bytes.Contains(data(t, s), vault[:])
		}

		require.True(t, named, v.String())
		for _, key := range []solana.PublicKey{r.From, r.To, w.token(t, target).Mint,
			w.token(t, source).Pool, ownStake} {
			r.Recipient = key
			_, err := m.Quote(r)
			require.ErrorIs(t, err, route.ErrRecipient, key)
		}
	}
}

// Addresses that the market knows not to be wallets are refused.
func TestRequest_RecipientRefused(t *testing.T) {
	w := newStakeWorld(t)
	m := w.market(t)
	v := venueTrade{poolDeposits, "SOL", target}
	request := v.request(t, w, sol, route.ExactIn)
	token := w.token(t, target)
	other := w.token(t, source)
	for name, c := range map[string]struct {
		key   solana.PublicKey
		early bool
	}{
		"a token account":            {w.ata(t, target), true},
		"the paid token":             {request.From, true},
		"the received token":         {request.To, true},
		"a token program":            {accounts.TokenProgram, false},
		"another mint of the market": {other.Mint, false},
		"a pool":                     {token.Pool, false},
		"a validator list":           {token.ValidatorList, false},
		"a program":                  {token.Program, false},
		"wrapped SOL":                {accounts.NativeMint, true},
		"a stake account":            {ownStake, false},
	} {
		r := request
		r.Recipient = c.key
		if c.early {
			require.ErrorIs(t, r.Check(), route.ErrRecipient, name)
		}

		_, err := m.Quote(r)
		require.ErrorIs(t, err, route.ErrRecipient, name)
		require.NotContains(t, err.Error(), "\n")
	}

	// Only the venue knows this account.
	r := request
	r.Recipient = w.pool(t, target).State.ReserveStake
	require.True(t, solana.IsOnCurve(r.Recipient[:]), "the figure's reserve")
	_, err := of(t, m, v.venue, r)
	require.ErrorIs(t, err, route.ErrRecipient)
	require.Contains(t, err.Error(), "an account of this venue")

	// A quote pays the recipient of its request only.
	r.Recipient = recipient
	q, err := m.Quote(r)
	require.NoError(t, err)
	q.Request.Recipient = newAccount
	_, err = q.Steps(paramsWith(0))
	require.ErrorIs(t, err, route.ErrRecipient)
	q.Request.Recipient = solana.PublicKey{}
	_, err = q.Steps(paramsWith(0))
	require.ErrorIs(t, err, route.ErrRecipient)
}

// SOL for a recipient passes through a temporary account whose rent leaves
// first, so the output must cover that rent. A payment that cannot open an
// account adds an assumption.
func TestRequest_RecipientOfSmallAmounts(t *testing.T) {
	for v := range payouts {
		if v.to != "SOL" {
			continue
		}

		t.Run(v.String(), func(t *testing.T) {
			w, m := recipientWorld(t, v)
			for amount, condition := range map[uint64]bool{1: true, 890_879: true, 890_880: false,
				tokenRent: false, tokenRent + 1: false} {
				r := v.request(t, w, amount, route.ExactOut)
				plain, plainErr := of(t, m, v.venue, r)
				r.Recipient = recipient
				q, err := of(t, m, v.venue, r)
				switch {
				case plainErr != nil:
					require.Error(t, err)
				case plain.MinOutCheck == route.CheckedByTempAccount && amount <= tokenRent:
					require.ErrorIs(t, err, route.ErrRecipient)
					require.Contains(t, err.Error(), "2039280")
				default:
					require.NoError(t, err)
					_, err = q.Steps(paramsWith(0))
					require.NoError(t, err)
					if condition {
						require.Contains(t, q.Assumptions[len(q.Assumptions)-1], "0.00089088 SOL")
					}
				}
			}
		})
	}
}

// All pairs of Infinity pay the recipient what they pay the owner.
func TestRequest_RecipientOfInfinity(t *testing.T) {
	w := newWorld(t)
	m := w.infinityMarket(t)
	mints := []solana.PublicKey{accounts.INFMint}
	for _, h := range w.Infinity.V2.Holdings {
		mints = append(mints, h.Entry.Mint)
	}

	paid := 0
	for _, from := range mints {
		for _, to := range mints {
			for _, wrapped := range []bool{false, true} {
				r := route.Request{
					From:    from,
					To:      to,
					Amount:  sol / 10,
					Options: route.Options{SlippageBps: 100, UseWSOL: wrapped},
				}

				plain, err := infinityQuote(m, r)
				if err != nil {
					continue
				}

				r.Recipient = recipient
				q, err := infinityQuote(m, r)
				require.NoError(t, err)
				require.Equal(t, []uint64{plain.Out, plain.MinOut}, []uint64{q.Out, q.MinOut})
				steps, err := q.Steps(paramsWith(0))
				require.NoError(t, err)
				var all []solana.PublicKey
				for _, s := range steps {
					all = append(all, keys(s)...)
				}

				paid++
				require.NotContains(t, all, ataOf(t, params.Owner, to))
				if to != accounts.NativeMint || wrapped {
					require.Contains(t, all, ataOf(t, recipient, to))
					require.Equal(t, plain.UpfrontRent, q.UpfrontRent)
					continue
				}

				require.Equal(t, uint64(2*tokenRent), q.UpfrontRent)
				require.Equal(t, recipient, keys(steps[len(steps)-2])[1])
				require.Equal(t, params.Payer, keys(steps[len(steps)-1])[1])
				r.SlippageBps = route.MaxSlippageBps
				_, err = infinityQuote(m, r)
				require.ErrorIs(t, err, route.ErrRecipient,
					"without a limit the rent may not arrive")
			}
		}
	}

	require.Greater(t, paid, 150)
}
