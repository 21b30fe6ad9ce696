package sdk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gagliardetto/solana-go"
	"golang.org/x/sync/errgroup"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

const (
	// mostUpdateRounds is the highest number of times that an update is planned
	// anew, because another client or a new epoch changed the pool.
	mostUpdateRounds = 8
	// viewAge is the age from which the blockhash and the validator list are
	// read again before another transaction is signed.
	viewAge = 5 * time.Second
)

// poolUpdater executes one call of [Client.UpdatePool].
type poolUpdater struct {
	client  *Client
	token   lst.LST
	opts    PoolUpdateOptions
	signers []txn.Signer
	// done reports whether the last transaction of the update has landed.
	done bool
	// price is the compute unit price of the round.
	price uint64

	// mu guards the report and the progress.
	mu       sync.Mutex
	report   *PoolUpdate
	pending  []*Receipt
	progress PoolUpdateProgress

	// signing serializes the calls of the signers.
	signing sync.Mutex

	view poolView
}

// poolView holds the last read state of a pool during its update.
type poolView struct {
	mu       sync.Mutex
	lifetime txn.Lifetime
	at       time.Time
	updated  bool
	entries  []accounts.ValidatorStakeInfo
}

// run updates the pool in rounds. Each round sends what is out of date at its
// beginning. The first round suffices unless something else changes the pool or
// a transaction does not land.
func (u *poolUpdater) run(ctx context.Context) error {
	defer func() { u.report.Receipts = append(u.report.Receipts, u.pending...) }()

	var before *stalePool
	var failed error
	for round := range mostUpdateRounds {
		pool, err := u.client.loadStalePool(ctx, u.token, u.opts.Payer)
		if err != nil {
			return u.notLoaded(err, failed)
		}

		u.report.Epoch = pool.pool.Clock.Epoch
		if !pool.stale() {
			u.finish(round, pool)
			return nil
		}

		if before != nil && !pool.differs(before) {
			// Another attempt would not help.
			return cmp.Or(failed, errNotUpdated)
		}

		if err := u.forecast(pool); err != nil {
			return err
		}

		failed = u.send(ctx, pool)
		if isFinal(failed) || ctx.Err() != nil && failed != nil {
			return failed
		}

		before = pool
	}

	return cmp.Or(failed, errNotUpdated)
}

// isFinal reports whether no other transaction may follow an error: a
// transaction may still land, or the payer cannot pay.
func isFinal(err error) bool {
	return errors.Is(err, ErrUncertain) || errors.Is(err, ErrPayerCannotPay)
}

// errNotUpdated is returned if no transaction failed and the pool is still out
// of date, for example because the epoch changed several times.
var errNotUpdated = fmt.Errorf("%w: its update had no effect", quote.ErrStalePool)

// notLoaded returns the error of a round whose pool cannot be read. An earlier
// failure is more important.
func (u *poolUpdater) notLoaded(err, failed error) error {
	if u.done {
		u.report.Result = PoolUpdateDone
		return fmt.Errorf("the pool is updated, its new state cannot be read: %w", err)
	}
	if failed != nil {
		return failed
	}
	return err
}

// finish completes the report of a pool that is up to date.
func (u *poolUpdater) finish(round int, pool *stalePool) {
	u.report.After = &pool.pool
	switch {
	case u.done:
		u.report.Result = PoolUpdateDone
	case round == 0:
		u.report.Result = PoolUpdateNotNeeded
	default:
		u.report.Result = PoolUpdateByOther
	}
}

// forecast computes the pool after the update. An unknown build of the program
// is no error: nodes refuse a transaction that it cannot execute.
func (u *poolUpdater) forecast(pool *stalePool) error {
	u.report.Forecast = nil
	after, err := pool.pool.AfterUpdate()
	switch {
	case errors.Is(err, quote.ErrBuildDependent):
		return nil
	case err != nil:
		return err
	}

	cleaned := after.AfterCleanup()
	u.report.Forecast = &cleaned.Pool

	return nil
}

// send sends the transactions of one round. After the results of all
// transactions that were sent are known, it returns a final error if there is
// one, see isFinal, and the first failure otherwise.
func (u *poolUpdater) send(ctx context.Context, pool *stalePool) error {
	u.done = false
	parts, err := poolUpdatePacker{pool: pool, payer: u.opts.Payer}.pack()
	if err != nil {
		return err
	}

	writable := []solana.PublicKey{u.token.Pool, u.token.ValidatorList, pool.keys.ReserveStake}
	asked := u.client.askUnitPrice(ctx, writable, u.opts.Priority)
	defer asked.stop()
	u.price = u.client.unitPrice(ctx, asked, 0)
	if err := u.begin(ctx, pool, parts); err != nil {
		return err
	}

	var stopped atomic.Bool
	var group errgroup.Group
	var final atomic.Pointer[error]
	group.SetLimit(u.opts.MaxConcurrent)
	last := len(parts) - 1
	for _, part := range parts[:last] {
		if stopped.Load() {
			break
		}

		group.Go(func() error {
			if stopped.Load() {
				return nil
			}

			proceed, err := u.one(ctx, pool, part, viewAge)
			if !proceed {
				stopped.Store(true)
			}

			if errors.Is(err, ErrUncertain) {
				final.Store(&err)
			} else if isFinal(err) {
				final.CompareAndSwap(nil, &err)
			}

			return err
		})
	}

	err = group.Wait()
	if last := final.Load(); last != nil {
		return *last
	}

	if err != nil || stopped.Load() {
		return err
	}

	// The last transaction needs nodes that know the others.
	proceed, err := u.one(ctx, pool, parts[last], 0)
	if proceed {
		u.done = true
	}

	return err
}

// begin reads a blockhash, reports the plan of a round and checks that the
// payer can pay its fees.
func (u *poolUpdater) begin(ctx context.Context, pool *stalePool, parts []poolUpdatePart) error {
	lifetime, err := u.client.lifetime(ctx, pool.slot)
	if err != nil {
		return err
	}

	u.view.lifetime = lifetime
	u.view.at = u.client.now()
	u.view.updated = false
	u.view.entries = pool.list.Validators

	var needed uint64
	for _, part := range parts {
		unsigned, err := u.compile(part, lifetime)
		if err != nil {
			return err
		}

		fee, err := unsigned.NetworkFee()
		if err != nil {
			return err
		}

		needed = fixed.SaturatingAdd(needed, fee)
	}

	if !pool.payer.program.IsZero() || pool.payer.lamports < needed {
		return &PayerError{
			Payer:   u.opts.Payer,
			Needed:  needed,
			Held:    pool.payer.lamports,
			Program: pool.payer.program,
		}
	}

	u.mu.Lock()
	defer u.mu.Unlock()
	u.progress.PlannedTransactions = u.progress.Transactions + len(parts)
	u.progress.PlannedValidators = u.progress.Validators + len(pool.behind)
	u.tell(nil)

	return nil
}

// tell calls the caller's function for the progress. u.mu must be locked.
func (u *poolUpdater) tell(receipt *Receipt) {
	if u.opts.Progress != nil {
		p := u.progress
		p.Receipt = receipt
		u.opts.Progress(p)
	}
}

// compile returns the transaction of a part.
func (u *poolUpdater) compile(part poolUpdatePart, l txn.Lifetime) (*txn.Unsigned, error) {
	plan := txn.Plan{
		Payer:    u.opts.Payer,
		Steps:    part.steps,
		Lifetime: l,
	}
	return settle(plan, simulated{}, u.price, u.opts.Priority)
}

// one sends the transaction of a part, unless all its validators were updated
// by another client. It returns false if the round must end: the pool is
// updated, or the transaction failed.
func (u *poolUpdater) one(
	ctx context.Context, pool *stalePool, part poolUpdatePart, age time.Duration,
) (proceed bool, err error) {
	lifetime, needed, err := u.look(ctx, pool, part, age)
	if err != nil {
		return false, err
	}

	switch needed {
	case partSkipped:
		return true, nil
	case partOvertaken:
		return false, nil
	}

	unsigned, err := u.compile(part, lifetime)
	if err != nil {
		return false, err
	}

	signed, err := u.sign(ctx, unsigned)
	if err != nil {
		return false, err
	}

	receipt, err := u.client.Send(ctx, signed, u.opts.SendOptions...)
	u.record(part, unsigned, receipt, err)

	return err == nil, err
}

func (u *poolUpdater) sign(ctx context.Context, unsigned *txn.Unsigned) (*txn.Signed, error) {
	u.signing.Lock()
	defer u.signing.Unlock()
	return unsigned.Sign(ctx, u.signers...)
}

// record adds the result of a transaction to the report.
func (u *poolUpdater) record(
	part poolUpdatePart, unsigned *txn.Unsigned, receipt *Receipt, err error,
) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case errors.Is(err, ErrUncertain):
		u.pending = append(u.pending, receipt)
		return
	case err != nil && receipt.Err == nil:
		return // It did not land.
	}

	u.client.seen.sawLanded(receipt.Slot)
	u.report.Receipts = append(u.report.Receipts, receipt)
	fee := receipt.Fee
	if fee == 0 {
		fee, _ = unsigned.NetworkFee()
	}

	u.report.Fee = fixed.SaturatingAdd(u.report.Fee, fee)
	u.progress.Transactions++
	if err == nil {
		u.report.Validators += len(part.entries)
		u.progress.Validators += len(part.entries)
	}

	u.tell(receipt)
}

// partNeed is the need for a transaction of a pool update.
type partNeed uint8

const (
	partNeeded partNeed = iota
	// partSkipped is the need for a part whose validators are up to date.
	partSkipped
	// partOvertaken is the need for a part of a pool that is up to date.
	partOvertaken
)

// look returns a blockhash for the transaction of a part, and whether it is
// still needed. If the last look is older than age, it reads both again.
func (u *poolUpdater) look(
	ctx context.Context, pool *stalePool, part poolUpdatePart, age time.Duration,
) (txn.Lifetime, partNeed, error) {
	v := &u.view
	v.mu.Lock()
	defer v.mu.Unlock()
	if passed := u.client.now().Sub(v.at); passed >= age || passed < 0 {
		if err := u.refresh(ctx, pool); err != nil {
			return txn.Lifetime{}, partNeeded, err
		}
	}

	if v.updated {
		return v.lifetime, partOvertaken, nil
	}

	recorded := func(i int) bool {
		return i < len(v.entries) &&
			v.entries[i].VoteAccount == pool.list.Validators[i].VoteAccount &&
			v.entries[i].LastUpdateEpoch >= pool.pool.Clock.Epoch
	}
	// The last part also updates the balance, age is zero for it only.
	if age > 0 && !slices.ContainsFunc(part.entries, func(i int) bool { return !recorded(i) }) {
		return v.lifetime, partSkipped, nil
	}

	return v.lifetime, partNeeded, nil
}

// refresh reads the pool, its validator list and a blockhash.
func (u *poolUpdater) refresh(ctx context.Context, pool *stalePool) error {
	v := &u.view
	slot := u.client.seen.slot.Load()
	var lifetime txn.Lifetime
	var answer multipleAccounts
	keys := []solana.PublicKey{u.token.Pool, u.token.ValidatorList}
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		lifetime, err = u.client.lifetime(groupCtx, slot)
		return err
	})

	group.Go(func() error { return u.client.multipleAccounts(groupCtx, keys, 0, slot, &answer) })
	if err := group.Wait(); err != nil {
		return err
	}

	set := accounts.NewSet(0)
	if err := answer.into(set, keys); err != nil {
		return err
	}

	poolAccount, err := set.Get(u.token.Pool)
	if err != nil {
		return err
	}

	state, err := accounts.DecodeStakePoolOf(poolAccount, u.token.Program)
	if err != nil {
		return err
	}

	listAccount, err := set.Get(u.token.ValidatorList)
	if err != nil {
		return err
	}

	list, err := accounts.DecodeValidatorListOf(listAccount, u.token.Program)
	if err != nil {
		return err
	}

	if state.PoolMint != u.token.Mint {
		return fmt.Errorf("%w: mint %s, not %s", route.ErrMismatch, state.PoolMint, u.token.Mint)
	}

	if state.ValidatorList != u.token.ValidatorList {
		return fmt.Errorf("%w: validator list %s, not %s", route.ErrMismatch, state.ValidatorList,
			u.token.ValidatorList)
	}

	v.lifetime = lifetime
	v.lifetime.Slot = max(lifetime.Slot, slot)
	v.at = u.client.now()
	v.updated = state.LastUpdateEpoch >= pool.pool.Clock.Epoch
	v.entries = list.Validators

	return nil
}
