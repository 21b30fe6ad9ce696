package sdk

import (
	"context"
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// ErrNoStakePool is returned by [Client.UpdatePool] for a token that is not
// from an SPL stake pool, and by [Client.LoadStakePool] for an account that is
// none. Name the mint of another LST, or the deployment of the pool.
var ErrNoStakePool = errors.New(
	"not from an SPL stake pool (name another LST, or the deployment of the pool)")

// PoolUpdateOptions configures [Client.UpdatePool]. All fields are optional.
type PoolUpdateOptions struct {
	// Payer pays the network fees and signs. The default is the first signer.
	Payer solana.PublicKey
	// Priority configures the priority fee of each transaction.
	Priority PriorityFee
	// MaxConcurrent is the number of transactions that wait for their result at
	// the same time. Zero means [DefaultConcurrentUpdates].
	MaxConcurrent int
	// Progress is called before the first transaction and after each one that
	// landed, from several goroutines, but never twice at the same time. It
	// must not block.
	Progress func(PoolUpdateProgress)
	// SendOptions are passed to [Client.Send] for each transaction. A function
	// of [WithProgress] is called from several goroutines at the same time.
	SendOptions []SendOption
}

// DefaultConcurrentUpdates is the default of PoolUpdateOptions.MaxConcurrent.
const DefaultConcurrentUpdates = 8

// PoolUpdateProgress reports how far [Client.UpdatePool] is.
type PoolUpdateProgress struct {
	// Transactions is the number of transactions that landed, and
	// PlannedTransactions the number that the update needs in total.
	Transactions, PlannedTransactions int
	// Validators is the number of validators that this call has updated, and
	// PlannedValidators the number that it updates in total.
	Validators, PlannedValidators int
	// Receipt is the receipt of the transaction that has just landed. It is nil
	// before the first transaction.
	Receipt *Receipt
}

// String returns one line, for example "3 of 20 transactions, 33 of 210
// validators".
func (p PoolUpdateProgress) String() string {
	return fmt.Sprintf("%d of %d transactions, %d of %d validators", p.Transactions,
		p.PlannedTransactions, p.Validators, p.PlannedValidators)
}

// PoolUpdateResult is the result of a pool update.
type PoolUpdateResult string

// The results of a pool update.
const (
	// PoolUpdateIncomplete means that the pool may still be out of date. The
	// error has the reason. Call [Client.UpdatePool] again to continue.
	PoolUpdateIncomplete PoolUpdateResult = "incomplete"
	// PoolUpdateDone means that the pool is updated and that this call sent the
	// last transaction.
	PoolUpdateDone PoolUpdateResult = "updated"
	// PoolUpdateNotNeeded means that the pool was already up to date. Nothing
	// was sent.
	PoolUpdateNotNeeded PoolUpdateResult = "already up to date"
	// PoolUpdateByOther means that another client updated the pool meanwhile.
	// The rest of this update was not sent.
	PoolUpdateByOther PoolUpdateResult = "updated by another client"
)

// PoolUpdate is the report of [Client.UpdatePool].
type PoolUpdate struct {
	// Token is the LST of the pool.
	Token lst.LST
	// Epoch is the epoch that the pool is updated for.
	Epoch uint64
	// Result is the result of the update.
	Result PoolUpdateResult
	// Receipts are the receipts of the transactions that landed, in the order
	// in which their results arrived. Those that may still land follow; their
	// Slot is zero.
	Receipts []*Receipt
	// Validators is the number of validators that this call has updated.
	Validators int
	// Fee is the sum of the network fees of the landed transactions, in
	// lamports.
	Fee uint64
	// Forecast is the pool after the update as it was computed before the last
	// transactions were sent. It is nil if nothing was sent, or if the result
	// depends on an unknown build of the program.
	Forecast *quote.StakePoolState
	// After is the pool as it was read at the end. It is nil unless the pool is
	// up to date.
	After *quote.StakePoolState
}

// Signatures returns the signatures of the transactions, in the order of
// Receipts.
func (u *PoolUpdate) Signatures() []solana.Signature {
	if u == nil {
		return nil
	}

	signatures := make([]solana.Signature, 0, len(u.Receipts))
	for _, r := range u.Receipts {
		if r != nil {
			signatures = append(signatures, r.Signature)
		}
	}

	return signatures
}

// String returns one line, for example "JitoSOL for epoch 800: updated, 20
// transactions, 210 validators, fees 0.0001 SOL".
func (u *PoolUpdate) String() string {
	if u == nil {
		return "no pool update"
	}

	return fmt.Sprintf("%s for epoch %d: %s, %s, %s, fees %s SOL", u.Token.Symbol, u.Epoch,
		u.Result, counted(len(u.Receipts), "transaction"), counted(u.Validators, "validator"),
		lst.FormatAmount(u.Fee, 9))
}

// counted returns a number with a noun, for example "1 transaction" and "20
// transactions".
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// UpdatePool updates a stake pool for the current epoch in transactions of its
// own. A trade with AllowPoolUpdate updates a small pool in its own
// transaction; UpdatePool also updates pools of thousands of validators. Anyone
// may update a pool.
//
// It reads the pool, its validator list and the stake accounts of all
// validators that are out of date, and computes the pool after the update, see
// [quote.StakePoolState.AfterUpdate]. If the program cannot update the pool,
// UpdatePool returns that error and sends nothing. Otherwise it updates the
// validators in as few transactions as possible, 11 or fewer in each, and sends
// several of them at the same time. The last transaction updates the pool's
// balance and removes validators without stake. A small pool needs only the
// last one.
//
// Each transaction is sent as [Client.Send] does it, and lands at most once. If
// the error wraps [ErrUncertain], a transaction may still land. It does no
// harm: a validator can be updated again in the same epoch. A call that was
// interrupted can be repeated: it sends only what is still out of date. If
// another client updates the pool at the same time, UpdatePool stops without an
// error, and the result is [PoolUpdateByOther].
//
// The report is never nil. Its receipts are complete even if an error is
// returned.
func (c *Client) UpdatePool(
	ctx context.Context, mint solana.PublicKey, opts PoolUpdateOptions, signers ...txn.Signer,
) (*PoolUpdate, error) {
	report := &PoolUpdate{Result: PoolUpdateIncomplete}
	if err := c.usable(ctx); err != nil {
		return report, fmt.Errorf("update pool: %w", err)
	}

	token, err := c.token(ctx, mint)
	if err != nil {
		return report, fmt.Errorf("update pool: %w", err)
	}

	report.Token = token
	if !token.Kind.IsStakePool() {
		return report, fmt.Errorf("update pool: %w: %s", ErrNoStakePool, token.Symbol)
	}

	return c.updatePool(ctx, report, opts, signers)
}

// updatePool updates the pool of the report's token.
func (c *Client) updatePool(
	ctx context.Context, report *PoolUpdate, opts PoolUpdateOptions, signers []txn.Signer,
) (*PoolUpdate, error) {
	if opts.Priority.Percentile > 100 {
		return report, fmt.Errorf("update pool: %w", ErrPercentile)
	}

	if opts.Payer.IsZero() && len(signers) > 0 && signers[0] != nil {
		opts.Payer = signers[0].PublicKey()
	}

	if opts.Payer.IsZero() {
		return report, fmt.Errorf("update pool: %w", txn.ErrNoPayer)
	}

	if opts.MaxConcurrent <= 0 {
		opts.MaxConcurrent = DefaultConcurrentUpdates
	}

	u := &poolUpdater{
		client:  c,
		token:   report.Token,
		opts:    opts,
		signers: signers,
		report:  report,
	}

	if err := u.run(ctx); err != nil {
		return report, fmt.Errorf("update pool %s: %w", report.Token.Pool, err)
	}

	return report, nil
}
