package sdk_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// heldBy gives the holdings of [holdingsNode] to a wallet that can sign.
func heldBy(t *testing.T, wallet *txn.KeySigner) *sdktest.Node {
	t.Helper()
	key := wallet.PublicKey()
	node := demoNode(t)
	jito := mint(t, "JitoSOL")
	ata, err := accounts.AssociatedTokenAddress(key, accounts.TokenProgram, jito)
	require.NoError(t, err)
	node.Put(figures.TokenAccount(ata, jito, key, 3*sol, heldRent))
	node.Put(figures.TokenAccount(ownOther, jito, key, sol, heldRent))
	node.Put(figures.TokenAccount(ownWSOL, accounts.NativeMint, key, 9, heldRent))
	node.Put(figures.TokenAccount(ownEmpty, otherMint, key, 0, heldRent))
	node.Put(stakeAccount(ownStake, key, nil))
	node.Put(stakeAccount(ownInert, key, func(s *accounts.StakeAccount) {
		s.Delegation.DeactivationEpoch = 5
	}))

	return node
}

// held returns the actions that a node offers.
func offered(t *testing.T, client *sdk.Client, wallet *txn.KeySigner) []sdk.Action {
	t.Helper()
	h, err := client.Holdings(t.Context(), wallet.PublicKey(), sdk.HoldingsOptions{})
	require.NoError(t, err)
	return h.Actions()
}

// actOptions returns options of a wallet without a priority fee.
func actOptions(wallet *txn.KeySigner) sdk.ActOptions {
	var o sdk.ActOptions
	o.Owner, o.Priority.None = wallet.PublicKey(), true
	return o
}

// TestClient_Act does everything that is offered in as few transactions as fit,
// which the policy of the actions accepts, and tells the progress.
func TestClient_Act(t *testing.T) {
	wallet := newSigner(t)
	node := heldBy(t, wallet)
	node.AcceptAll()
	sent := &keptSender{}
	client, _ := connect(t, node, sdk.WithSender(sent))
	sent.Sender = client.Sender()
	plain, _ := connect(t, node)
	sent.Sender = plain.Sender()
	actions := offered(t, client, wallet)
	require.Len(t, actions, 7)

	var progress []sdk.ActProgress
	opts := actOptions(wallet)
	opts.Progress = func(p sdk.ActProgress) { progress = append(progress, p) }
	report, err := client.Act(t.Context(), actions, opts, wallet)
	require.NoError(t, err)
	require.Equal(t, 7, report.Count(sdk.ActionDone))
	require.Len(t, report.Receipts, 2)
	require.Equal(t, uint64(10_000), report.Fee)
	require.Equal(t, "7 of 7 actions in 2 transactions, fees 0.00001 SOL", report.String())
	require.Len(t, progress, 3)
	require.Equal(t, "0 of 7 actions, 0 transactions", progress[0].String())
	require.Equal(t, "7 of 7 actions, 2 transactions", progress[2].String())
	for i, r := range report.Actions {
		require.Equal(t, actions[i], r.Action)
		require.Equal(t, actions[i].Out, r.Out, r.Action)
		require.Equal(t, actions[i].Rent, r.Rent, r.Action)
		require.NotNil(t, r.Receipt)
	}

	require.Len(t, sent.all, 2)
	for _, signed := range sent.all {
		policy := sdk.PermitActions(wallet.PublicKey(), actions)
		policy.TokenAccountRent, policy.MaxNewAccounts, policy.MaxRent = heldRent, 2, 2*heldRent
		e := explain.Transaction(signed.Unsigned(), client.Registry())
		policy.Vacant = e.NeedVacant(wallet.PublicKey())
		require.NoError(t, explain.Verify(e, policy), e)
		none := sdk.PermitActions(wallet.PublicKey(), nil)
		require.Error(t, explain.Verify(e, none))
	}
}

// keptSender is a sender that keeps the transactions.
type keptSender struct {
	sdk.Sender
	all []*txn.Signed
}

func (k *keptSender) Send(ctx context.Context, signed *txn.Signed) error {
	k.all = append(k.all, signed)
	return k.Sender.Send(ctx, signed)
}

// TestClient_Act_Halves tries actions that fail together in halves, so that one
// of them does not prevent the others.
func TestClient_Act_Halves(t *testing.T) {
	wallet := newSigner(t)
	node := heldBy(t, wallet)
	node.AcceptAll()
	node.OnSimulate(func(raw []byte) sdktest.Simulation {
		if slices.Contains(message(t, raw).Message.AccountKeys, ownWSOL) {
			return sdktest.Simulation{Err: `{"InstructionError":[2,{"Custom":11}]}`}
		}

		return sdktest.Simulation{Units: 50_000}
	})

	client, _ := connect(t, node)
	report, err := client.Act(t.Context(), offered(t, client, wallet), actOptions(wallet), wallet)
	require.NoError(t, err)
	require.Equal(t, 6, report.Count(sdk.ActionDone))
	for _, r := range report.Actions {
		if r.Action.Account == ownWSOL {
			require.Equal(t, sdk.ActionFailed, r.State)
			require.ErrorIs(t, r.Err, sdk.ErrSimulation)
			require.Nil(t, r.Receipt)
		}
	}
}

// TestClient_Act_Gone skips what is not possible any more, without a signature.
func TestClient_Act_Gone(t *testing.T) {
	wallet := newSigner(t)
	node := heldBy(t, wallet)
	node.AcceptAll()
	client, wire := connect(t, node)
	actions := offered(t, client, wallet)
	jito := mint(t, "JitoSOL")
	ata, err := accounts.AssociatedTokenAddress(wallet.PublicKey(), accounts.TokenProgram, jito)
	require.NoError(t, err)
	node.Put(figures.TokenAccount(ata, jito, friend, 3*sol, heldRent))
	node.Put(figures.TokenAccount(ownEmpty, otherMint, wallet.PublicKey(), 1, heldRent))
	node.Put(stakeAccount(ownStake, friend, nil))
	node.Put(stakeAccount(ownInert, wallet.PublicKey(), nil))
	node.Remove(ownWSOL)
	report, err := client.Act(t.Context(), actions, actOptions(wallet), wallet)
	require.NoError(t, err)
	require.Empty(t, wire.of("sendTransaction"))
	want := map[sdk.ActionKind]error{
		sdk.ActionWithdrawSurplus: sdk.ErrActionGone,
		sdk.ActionWithdrawStake:   quote.ErrStakeActive,
		sdk.ActionUnwrapSOL:       sdk.ErrActionGone,
		sdk.ActionMoveTokens:      sdk.ErrActionGone,
		sdk.ActionDepositStake:    quote.ErrStakeOwner,
		sdk.ActionSell:            sdk.ErrActionGone,
		sdk.ActionCloseAccount:    sdk.ErrActionGone,
	}

	for _, r := range report.Actions {
		require.Equal(t, sdk.ActionSkipped, r.State, r.Action)
		require.ErrorIs(t, r.Err, want[r.Action.Kind], r.Action)
		delete(want, r.Action.Kind)
	}

	require.Empty(t, want)
}

// TestClient_Act_Uncertain signs nothing after a transaction whose result is
// not known, and returns it.
func TestClient_Act_Uncertain(t *testing.T) {
	wallet := newSigner(t)
	node := heldBy(t, wallet)
	node.OnSimulate(succeeds(50_000))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	node.OnSend(func([]byte) *sdktest.Error {
		cancel()
		return nil
	})

	client, _ := connect(t, node)
	actions := offered(t, client, wallet)
	signer := &counting{KeySigner: wallet}
	report, err := client.Act(ctx, actions, actOptions(wallet), signer)
	require.ErrorIs(t, err, sdk.ErrUncertain)
	require.Equal(t, 1, signer.calls)
	require.NotNil(t, report.Uncertain)
	require.Equal(t, 5, report.Count(sdk.ActionUncertain))
	require.Equal(t, 2, report.Count(sdk.ActionPending))
	require.Empty(t, report.Receipts)
	for _, r := range report.Actions {
		if r.State == sdk.ActionUncertain {
			require.Equal(t, report.Uncertain.Signature(), r.Receipt.Signature)
		}
	}
}

// counting counts the signatures.
type counting struct {
	*txn.KeySigner
	calls int
	err   error
}

func (c *counting) Sign(ctx context.Context, message []byte) (solana.Signature, error) {
	if c.calls++; c.err != nil {
		return solana.Signature{}, c.err
	}
	return c.KeySigner.Sign(ctx, message)
}

// TestClient_Act_LandedFailure records the failure of a transaction that landed
// and goes on with the next one.
func TestClient_Act_LandedFailure(t *testing.T) {
	wallet := newSigner(t)
	node := heldBy(t, wallet)
	node.AcceptAll()
	first, slot := true, uint64(342_792_000)
	node.OnSend(func(raw []byte) *sdktest.Error {
		slot++
		status := sdktest.Status{Slot: slot, Confirmation: "confirmed", Fee: 5_000}
		if first {
			status.Err, first = `{"InstructionError":[2,{"Custom":11}]}`, false
		}

		node.Advance(1)
		node.SetStatus(solana.SignatureFromBytes(raw[1:65]), status)

		return nil
	})

	client, _ := connect(t, node)
	report, err := client.Act(t.Context(), offered(t, client, wallet), actOptions(wallet), wallet)
	require.NoError(t, err)
	require.Equal(t, 5, report.Count(sdk.ActionFailed))
	require.Equal(t, 2, report.Count(sdk.ActionDone))
	require.Len(t, report.Receipts, 2)
	require.Equal(t, uint64(10_000), report.Fee)
}

// TestClient_Act_Refusals returns the reason if nothing can be done, and a
// report in which nothing was sent.
func TestClient_Act_Refusals(t *testing.T) {
	wallet := newSigner(t)
	node := heldBy(t, wallet)
	node.AcceptAll()
	client, wire := connect(t, node)
	actions := offered(t, client, wallet)
	refused := errors.New("refused by the device")
	for _, test := range []struct {
		name   string
		change func(*sdk.ActOptions)
		signer txn.Signer
		want   error
	}{
		{"no owner", func(o *sdk.ActOptions) { o.Owner = solana.PublicKey{} }, wallet,
			sdk.ErrNoOwner},
		{"nonce", func(o *sdk.ActOptions) { o.Nonce = friend }, wallet, sdk.ErrActOptions},
		{"recipient", func(o *sdk.ActOptions) { o.Recipient = friend }, wallet, sdk.ErrActOptions},
		{"exact out", func(o *sdk.ActOptions) { o.SwapMode = route.ExactOut }, wallet,
			sdk.ErrActOptions},
		{"seed", func(o *sdk.ActOptions) { o.Seed = "seven" }, wallet, sdk.ErrActOptions},
		{"signer", nil, &counting{KeySigner: wallet, err: refused}, refused},
	} {
		opts := actOptions(wallet)
		if test.change != nil {
			test.change(&opts)
		}

		report, err := client.Act(t.Context(), actions, opts, test.signer)
		require.ErrorIs(t, err, test.want, test.name)
		require.Equal(t, len(actions), report.Count(sdk.ActionPending), test.name)
	}

	require.Empty(t, wire.of("sendTransaction"))
	report, err := (*sdk.Client)(nil).Act(t.Context(), actions, actOptions(wallet), wallet)
	require.ErrorIs(t, err, accounts.ErrNil)
	require.Len(t, report.Actions, len(actions))
}
