package sdk_test

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// The numbers of transactions follow from their size: 11 validators fit into
// each, and 9 into the last one, which also updates the balance.
func TestClient_UpdatePool(t *testing.T) {
	for _, c := range []struct{ validators, transactions int }{
		{1, 1}, {9, 1}, {10, 2}, {20, 2}, {21, 3}, {400, 37}, {3000, 273},
	} {
		p := newStalePool(t, c.validators)
		var told []sdk.PoolUpdateProgress
		report, err := p.update(sdk.PoolUpdateOptions{
			Progress: func(progress sdk.PoolUpdateProgress) { told = append(told, progress) },
		})
		require.NoError(t, err)
		require.Len(t, p.sent, c.transactions, "%d validators", c.validators)
		var entries []int
		for i, sent := range p.sent {
			require.LessOrEqual(t, sent.size, txn.MaxSize)
			require.Equal(t, i == len(p.sent)-1, sent.balance, "the balance comes last")
			require.Equal(t, i == len(p.sent)-1, sent.cleanups == 1)
			entries = append(entries, sent.entries...)
		}

		slices.Sort(entries)
		for i := range c.validators {
			require.Equal(t, i, entries[i], "each validator is updated once")
		}

		require.Len(t, entries, c.validators)
		require.Equal(t, sdk.PoolUpdateDone, report.Result)
		require.Equal(t, c.validators, report.Validators)
		require.Equal(t, uint64(5000*c.transactions), report.Fee)
		require.Len(t, report.Signatures(), c.transactions)
		require.Equal(t, p.after.Pool.State, report.After.State)
		require.Equal(t, p.after.Pool.State, report.Forecast.State)
		require.Equal(t, p.epoch, report.Epoch)

		require.Len(t, told, c.transactions+1)
		for i, progress := range told {
			require.Equal(t, i, progress.Transactions)
			require.Equal(t, c.transactions, progress.PlannedTransactions)
			require.Equal(t, i == 0, progress.Receipt == nil)
		}

		require.Equal(t, c.validators, told[c.transactions].Validators)
	}
}

// Lamports that a stranger sends to the addresses of stake accounts in transit
// do not stop an update.
func TestClient_UpdatePoolWithGifts(t *testing.T) {
	p := newStalePool(t, 20)
	for _, v := range p.pool.Validators {
		_, transient, err := p.pool.StakeAddresses(v.Entry)
		require.NoError(t, err)
		p.node.Fund(890_880, transient)
	}

	report, err := p.update(sdk.PoolUpdateOptions{})
	require.NoError(t, err)
	require.Equal(t, sdk.PoolUpdateDone, report.Result)
	require.Equal(t, p.after.Pool.State, report.Forecast.State)
}

func TestClient_UpdatePoolNotNeeded(t *testing.T) {
	p := newStalePool(t, 20)
	p.updateByOther()
	report, err := p.update(sdk.PoolUpdateOptions{})
	require.NoError(t, err)
	require.Equal(t, sdk.PoolUpdateNotNeeded, report.Result)
	require.Empty(t, p.sent)
	require.Equal(t, p.after.Pool.State, report.After.State)
	require.Nil(t, report.Forecast)
}

// An update is cut after some transactions. The next one sends the rest.
func TestClient_UpdatePoolResumed(t *testing.T) {
	p := newStalePool(t, 100)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	first, err := p.client.UpdatePool(ctx, p.token.Mint, sdk.PoolUpdateOptions{
		MaxConcurrent: 1,
		Progress: func(progress sdk.PoolUpdateProgress) {
			if progress.Transactions == 4 {
				cancel()
			}
		},
	}, p.payer)

	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, sdk.PoolUpdateIncomplete, first.Result)
	require.Equal(t, 44, first.Validators)
	require.Len(t, first.Receipts, 4)
	require.Nil(t, first.After)

	second, err := p.update(sdk.PoolUpdateOptions{})
	require.NoError(t, err)
	require.Equal(t, sdk.PoolUpdateDone, second.Result)
	require.Equal(t, 56, second.Validators)
	require.Equal(t, p.after.Pool.State, second.After.State)
	require.Equal(t, p.after.Pool.State, second.Forecast.State)
	require.Len(t, p.sent, 4+len(second.Receipts))
}

// A list in which every other validator is up to date needs an instruction for
// each of the others.
func TestClient_UpdatePoolWithGaps(t *testing.T) {
	p := newStalePool(t, 60)
	for i := 0; i < 60; i += 2 {
		p.record(i)
	}

	p.publish()
	report, err := p.update(sdk.PoolUpdateOptions{})
	require.NoError(t, err)
	require.Equal(t, 30, report.Validators)
	require.Equal(t, p.after.Pool.State, report.After.State)
	require.Len(t, p.sent, 4)
}

// Another client updates the pool while this one waits. The last transaction
// and all other transactions that have become unnecessary are not sent.
func TestClient_UpdatePoolByOther(t *testing.T) {
	for at := range 5 {
		p := newStalePool(t, 52)
		p.onSend = func(number int) *sdktest.Error {
			if number == at {
				p.updateByOther()
			}

			return nil
		}

		report, err := p.update(sdk.PoolUpdateOptions{MaxConcurrent: 1})
		require.NoError(t, err)
		if at == 4 {
			require.Equal(t, sdk.PoolUpdateDone, report.Result)
			continue
		}

		require.Equal(t, sdk.PoolUpdateByOther, report.Result, "before transaction %d", at)
		require.Len(t, p.sent, 4)
		require.Equal(t, p.after.Pool.State, report.After.State)
	}
}

// The other client is seen before another transaction is signed, if the last
// look at the list is some seconds old.
func TestClient_UpdatePoolLooksAgain(t *testing.T) {
	p := newStalePool(t, 52)
	report, err := p.update(sdk.PoolUpdateOptions{
		MaxConcurrent: 1,
		Progress: func(progress sdk.PoolUpdateProgress) {
			if progress.Transactions == 1 {
				p.mu.Lock()
				defer p.mu.Unlock()
				p.updateByOther()
				p.clock.After(6 * time.Second)
			}
		},
	})

	require.NoError(t, err)
	require.Equal(t, sdk.PoolUpdateByOther, report.Result)
	require.Len(t, p.sent, 1)
}

// An update that the program would refuse is not sent.
func TestClient_UpdatePoolRefused(t *testing.T) {
	p := newStalePool(t, 30)
	v := &p.pool.Validators[17]
	transient := *v.Active
	transient.Account.Delegation.ActivationEpoch = p.epoch - 2
	v.Transient = &transient
	v.Entry.TransientStakeLamports = transient.Lamports
	active := *v.Active
	active.Account.Delegation.DeactivationEpoch = p.epoch - 1
	v.Active = &active
	p.publish()
	report, err := p.update(sdk.PoolUpdateOptions{})
	require.ErrorIs(t, err, quote.ErrUpdateFails)
	require.Contains(t, err.Error(), v.Entry.VoteAccount.String())
	require.Empty(t, p.sent)
	require.Equal(t, sdk.PoolUpdateIncomplete, report.Result)
}

// A transaction that fails ends the update. Nothing is sent twice.
func TestClient_UpdatePoolFailures(t *testing.T) {
	p := newStalePool(t, 52)
	p.onSend = func(number int) *sdktest.Error {
		if number == 2 {
			return sdktest.Preflight(customError(2, 1))
		}

		return nil
	}

	report, err := p.update(sdk.PoolUpdateOptions{MaxConcurrent: 1})
	var failure *progerr.TransactionError
	require.ErrorAs(t, err, &failure)
	require.ErrorIs(t, err, sdk.ErrNotSent)
	require.Contains(t, err.Error(), p.token.Pool.String())
	require.Len(t, p.sent, 2)
	require.Equal(t, 22, report.Validators)

	p.onSend = nil
	report, err = p.update(sdk.PoolUpdateOptions{})
	require.NoError(t, err)
	require.Equal(t, 30, report.Validators)

	// The update lands without effect: it is not repeated.
	p = newStalePool(t, 5)
	p.node.AcceptAll()
	report, err = p.update(sdk.PoolUpdateOptions{})
	require.ErrorIs(t, err, quote.ErrStalePool)
	require.Len(t, report.Receipts, 1)
}

func TestClient_UpdatePoolBadInput(t *testing.T) {
	p := newStalePool(t, 3)
	for _, c := range []struct {
		name    string
		mint    solana.PublicKey
		opts    sdk.PoolUpdateOptions
		signers []txn.Signer
		want    error
	}{
		{
			name: "an unknown mint",
			mint: owner,
			want: lst.ErrUnknownLST,
		},
		{
			name: "no stake pool",
			mint: accounts.MSOLMint,
			want: sdk.ErrNoStakePool,
		},
		{
			name: "no payer",
			mint: p.token.Mint,
			want: txn.ErrNoPayer,
		},
		{
			name:    "a signer that is nil",
			mint:    p.token.Mint,
			signers: []txn.Signer{nil},
			want:    txn.ErrNoPayer,
		},
		{
			name: "a percentile",
			mint: p.token.Mint,
			opts: sdk.PoolUpdateOptions{Priority: sdk.PriorityFee{Percentile: 101}},
			want: sdk.ErrPercentile,
		},
		{
			name: "no signature of the payer",
			mint: p.token.Mint,
			opts: sdk.PoolUpdateOptions{Payer: owner},
			want: txn.ErrMissingSignature,
		},
		{
			name: "a payer without SOL",
			mint: p.token.Mint,
			opts: sdk.PoolUpdateOptions{Payer: accounts.MSOLMint},
			want: sdk.ErrPayerCannotPay,
		},
	} {
		report, err := p.client.UpdatePool(t.Context(), c.mint, c.opts, c.signers...)
		require.ErrorIs(t, err, c.want, c.name)
		require.NotContains(t, err.Error(), "\n", c.name)
		require.Equal(t, sdk.PoolUpdateIncomplete, report.Result, c.name)
	}

	require.Empty(t, p.sent)
	var none *sdk.Client
	_, err := none.UpdatePool(t.Context(), p.token.Mint, sdk.PoolUpdateOptions{}, p.payer)
	require.ErrorIs(t, err, accounts.ErrNil)
	require.Equal(t, "no pool update", (*sdk.PoolUpdate)(nil).String())
	require.Nil(t, (*sdk.PoolUpdate)(nil).Signatures())
}

// A transaction may still land when the context ends. It is in the report, and
// no other one is sent after it.
func TestClient_UpdatePoolUncertain(t *testing.T) {
	p := newStalePool(t, 52)
	sent := 0
	p.node.OnSend(func([]byte) *sdktest.Error {
		sent++
		return nil
	})

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	report, err := p.client.UpdatePool(ctx, p.token.Mint, sdk.PoolUpdateOptions{
		MaxConcurrent: 1,
		SendOptions:   []sdk.SendOption{sdk.WithProgress(func(sdk.Progress) { cancel() })},
	}, p.payer)

	require.ErrorIs(t, err, sdk.ErrUncertain)
	require.Equal(t, 1, sent)
	require.Equal(t, sdk.PoolUpdateIncomplete, report.Result)
	require.Len(t, report.Signatures(), 1)
	require.Zero(t, report.Receipts[0].Slot)
	require.Zero(t, report.Validators)
	require.Zero(t, report.Fee)
}

// One of two concurrent transactions is refused and the other may still land.
// The error is the uncertain one, and nothing more is sent.
func TestClient_UpdatePoolUncertainAfterRefusal(t *testing.T) {
	p := newStalePool(t, 52)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var calls atomic.Int64
	var sent sync.Map
	second := make(chan struct{})
	p.node.OnSend(func(raw []byte) *sdktest.Error {
		sent.Store(solana.SignatureFromBytes(raw[1:65]), true)
		switch calls.Add(1) {
		case 1:
			<-second
			return sdktest.Preflight(`{"InstructionError":[2,{"Custom":17}]}`)
		case 2:
			close(second)
		}

		return nil
	})

	report, err := p.client.UpdatePool(ctx, p.token.Mint, sdk.PoolUpdateOptions{
		MaxConcurrent: 2,
		SendOptions: []sdk.SendOption{sdk.WithProgress(func(progress sdk.Progress) {
			if progress.Kind == sdk.ProgressSendFailed {
				cancel()
			}
		})},
	}, p.payer)

	require.ErrorIs(t, err, sdk.ErrUncertain)
	transactions := 0
	sent.Range(func(any, any) bool { transactions++; return true })
	require.Equal(t, 2, transactions)
	require.Len(t, report.Receipts, 1)
	require.Zero(t, report.Receipts[0].Slot)
}

// The payer must be able to pay for all transactions: here for one, of two.
func TestClient_UpdatePoolPoorPayer(t *testing.T) {
	p := newStalePool(t, 20)
	p.node.Fund(9_999, p.payer.PublicKey())
	_, err := p.update(sdk.PoolUpdateOptions{})
	var poor *sdk.PayerError
	require.ErrorAs(t, err, &poor)
	require.Equal(t, uint64(10_000), poor.Needed)
	require.Equal(t, uint64(9_999), poor.Held)
	require.Empty(t, p.sent)
}

func TestClient_UpdatePoolOfAnotherMint(t *testing.T) {
	p := newStalePool(t, 20)
	p.pool.State.PoolMint = accounts.MSOLMint
	p.publish()
	_, err := p.update(sdk.PoolUpdateOptions{})
	require.ErrorIs(t, err, route.ErrMismatch)
	require.Empty(t, p.sent)
}
