package sdk

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"
	"golang.org/x/sync/errgroup"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

const (
	// seedLength is how many random characters, of five bits each, name the accounts that a transaction creates. Each is a byte of its
	// size.
	seedLength = 10
	// maxUnitLimit is the most compute units a transaction may have.
	maxUnitLimit = 1_400_000
	// typicalUnits is what a trade needs, where the cap of the priority fee is shared out before that is known.
	typicalUnits = 200_000
	// budgetUnits is what the two compute budget instructions need themselves.
	budgetUnits = 300
	// maxFeeAccounts is the most accounts a node takes in one getRecentPrioritizationFees.
	maxFeeAccounts = 128
	// defaultPercentile of the recent priority fees is paid unless asked otherwise.
	defaultPercentile = 75
	// DefaultMaxPriorityLamports is the most that is paid for priority unless asked otherwise.
	DefaultMaxPriorityLamports = 100_000
)

// Conditions under which a transaction is not built.
var (
	// ErrOwner says that the owner of the tokens was not named.
	ErrOwner = errors.New("no owner named (set BuildOptions.Owner)")
	// ErrPercentile says that a percentile is over 100.
	ErrPercentile = errors.New("percentile over 100")
	// ErrSimulation says that the transaction would fail; the error also wraps a *progerr.TransactionError.
	ErrSimulation = errors.New("simulation failed")
	// ErrNoAnswer says that the node answered without the value it was asked for.
	ErrNoAnswer = errors.New("the node answered without a value (try again, or another endpoint)")
)

// PriorityFee says how much to pay for landing before others.
type PriorityFee struct {
	// Percentile of the fees that were recently paid for the same accounts, 1 to 100. Zero means 75.
	Percentile uint8
	// UnitPrice, if set, is paid instead, in millionths of a lamport per compute unit.
	UnitPrice uint64
	// MaxLamports caps the fee. Zero means [DefaultMaxPriorityLamports].
	MaxLamports uint64
	// None pays nothing.
	None bool
}

// BuildOptions say for whom a transaction is built and how.
type BuildOptions struct {
	// Owner holds the tokens and signs.
	Owner solana.PublicKey
	// Payer pays the fees and the rent of new accounts, if that is not the owner.
	Payer solana.PublicKey
	// Seed, together with the owner, gives the addresses of accounts that the transaction creates. It must be one the owner has never
	// used, at most 32 characters, or 31 for a quote with Legs, whose first leg adds a "1" to it. By default it is random. Name it to know
	// the address of a stake account that is received, see [accounts.SeededStakeAccount].
	Seed string
	// NewAccount is the key of the stake account that is created by quotes with route.Quote.NewAccount. By default a key is made, which
	// signs and is forgotten: the stake account belongs to the owner, or the recipient.
	NewAccount *txn.KeySigner
	// Lifetime, if it is there, is used instead of asking for a recent blockhash. Whoever builds often keeps one for some seconds.
	Lifetime *txn.Lifetime
	Priority PriorityFee
	// SkipSimulation builds without asking the node whether the transaction would succeed. The compute limit is then made of
	// what the instructions were measured to need.
	SkipSimulation bool
	// Legacy builds a transaction without a version, for wallets that know no other.
	Legacy bool
	// Nonce is a nonce account whose value the transaction has in place of a recent blockhash, so that there is no hurry to sign it. The
	// account's authority signs, too. Of all transactions with one value at most one lands, and a failed one uses it up as well. The limits
	// of the quote are inside: a price may have moved away from them when it is sent at last.
	Nonce solana.PublicKey
	// Memo is a text that is written to the log of the transaction, where anybody can read it. It must be valid UTF-8, and fit.
	Memo string
}

// Build composes the transaction that carries out a quote: token accounts are created as needed, the limit is inside, the
// compute limit comes from a simulation and the priority fee from what others pay. What the simulation finds is returned as an
// error that wraps [ErrSimulation] and a *progerr.TransactionError.
func (c *Client) Build(ctx context.Context, q route.Quote, o BuildOptions) (*txn.Unsigned, error) {
	if err := c.usable(ctx); err != nil {
		return nil, fmt.Errorf("build transaction: %w", err)
	}

	return c.buildWith(ctx, q, o, ready{lifetime: o.Lifetime})
}

// ready is what is known already, so that building need not ask for it.
type ready struct {
	lifetime *txn.Lifetime
	// held is what the account holds that a quote with a guard of the balance is about.
	held    *uint64
	account solana.PublicKey
	// unitPrice is what is likely to be paid for a compute unit.
	unitPrice uint64
	// recipient is one that was looked at.
	recipient solana.PublicKey
}

func (c *Client) buildWith(ctx context.Context, q route.Quote, o BuildOptions, known ready) (*txn.Unsigned, error) {
	unsigned, err := c.build(ctx, q, o, known)
	if err != nil {
		return nil, fmt.Errorf("build transaction: %w", err)
	}
	return unsigned, nil
}

func (c *Client) build(ctx context.Context, q route.Quote, o BuildOptions, known ready) (*txn.Unsigned, error) {
	if o.Owner.IsZero() {
		return nil, ErrOwner
	}
	if o.Priority.Percentile > 100 {
		return nil, ErrPercentile
	}
	if o.Payer.IsZero() {
		o.Payer = o.Owner
	}
	if err := c.complete(ctx, q, o, &known); err != nil {
		return nil, err
	}
	plan, err := compose(q, o, known)
	if err != nil {
		return nil, err
	}
	plan.Budget.UnitLimit = maxUnitLimit
	unsigned, err := plan.Compile()
	if err != nil {
		return nil, err
	}
	plan.Budget.UnitLimit = estimateUnits(unsigned.Steps())
	if err := c.budget(ctx, &plan, unsigned.WritableAccounts(), o); err != nil {
		return nil, err
	}
	return plan.Compile()
}

// complete reads what is not known yet, all at once.
func (c *Client) complete(ctx context.Context, q route.Quote, o BuildOptions, known *ready) error {
	account, guarded, err := q.GuardedAccount(o.Owner)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	if guarded && (known.held == nil || known.account != account) {
		group.Go(func() (err error) {
			known.held, err = c.held(ctx, account, q.Slot)
			return err
		})
	}
	c.checkRecipient(ctx, group, q.Request, o.Owner, known, q.Slot)
	switch {
	case !o.Nonce.IsZero():
		group.Go(func() error {
			lifetime, err := c.nonceLifetime(ctx, o.Nonce)
			known.lifetime = &lifetime
			return err
		})
	case known.lifetime == nil:
		group.Go(func() error {
			lifetime, err := c.lifetime(ctx, q.Slot)
			known.lifetime = &lifetime
			return err
		})
	}
	return group.Wait()
}

// compose makes the plan of what is known.
func compose(q route.Quote, o BuildOptions, known ready) (txn.Plan, error) {
	parties := route.Parties{Owner: o.Owner, Payer: o.Payer, Seed: o.Seed, Held: known.held}
	if parties.Seed == "" {
		parties.Seed = rand.Text()[:seedLength]
	}
	var created []*txn.KeySigner
	if q.NewAccount {
		if o.NewAccount == nil {
			var err error
			if o.NewAccount, err = txn.GenerateKeySigner(); err != nil {
				return txn.Plan{}, err
			}
		}
		parties.NewAccount, created = o.NewAccount.PublicKey(), []*txn.KeySigner{o.NewAccount}
	}
	steps, err := q.Steps(parties)
	if err != nil {
		return txn.Plan{}, err
	}
	if o.Memo != "" {
		memo, err := txn.Memo(o.Memo)
		if err != nil {
			return txn.Plan{}, err
		}
		steps = append(slices.Clip(steps), memo)
	}
	// A node behind the slot of the quote is not asked what would become of the transaction.
	lifetime := *known.lifetime
	lifetime.Slot = max(lifetime.Slot, q.Slot)
	return txn.Plan{NewAccounts: created, Payer: o.Payer, Steps: steps, Legacy: o.Legacy, Tables: q.Tables, Lifetime: lifetime}, nil
}

// budget finds out how many units the plan needs and what others pay for theirs, both at once.
func (c *Client) budget(ctx context.Context, plan *txn.Plan, writable []solana.PublicKey, o BuildOptions) error {
	group, ctx := errgroup.WithContext(ctx)
	price, limit := uint64(0), plan.Budget.UnitLimit
	group.Go(func() (err error) {
		price, err = c.unitPrice(ctx, writable, o.Priority)
		return err
	})
	if !o.SkipSimulation {
		// Nobody needs more than the cap to simulate, nor less than is paid in the end, whatever the price will be.
		simulated := *plan
		simulated.Budget.UnitLimit = maxUnitLimit
		simulated.Budget.UnitPrice = min(o.Priority.highest(), txn.UnitPriceFor(o.Priority.limit(), maxUnitLimit))
		group.Go(func() (err error) {
			limit, err = c.simulatedUnits(ctx, simulated)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	plan.Budget.UnitLimit = limit
	plan.Budget.UnitPrice = min(price, txn.UnitPriceFor(o.Priority.limit(), limit))
	return nil
}

// held reads what a token account holds, nothing if it does not exist.
func (c *Client) held(ctx context.Context, account solana.PublicKey, slot uint64) (*uint64, error) {
	token, err := c.tokenAccount(ctx, account, slot)
	switch {
	case errors.Is(err, accounts.ErrNotFound):
		return new(uint64), nil
	case err != nil:
		return nil, err
	}
	return &token.Amount, nil
}

// highest is the most that a unit may cost, as far as that is known before others' prices are.
func (p PriorityFee) highest() uint64 {
	switch {
	case p.None:
		return 0
	case p.UnitPrice != 0:
		return p.UnitPrice
	}
	return math.MaxUint64
}

func (p PriorityFee) limit() uint64 {
	if p.MaxLamports == 0 {
		return DefaultMaxPriorityLamports
	}
	return p.MaxLamports
}

// unitPrice is a percentile of what was recently paid to write the same accounts.
func (c *Client) unitPrice(ctx context.Context, writable []solana.PublicKey, p PriorityFee) (uint64, error) {
	switch {
	case p.None:
		return 0, nil
	case p.UnitPrice != 0:
		return p.UnitPrice, nil
	}
	recent, err := c.rpc.GetRecentPrioritizationFees(ctx, writable[:min(len(writable), maxFeeAccounts)])
	if err != nil {
		return 0, err
	}
	prices := make([]uint64, len(recent))
	for i, r := range recent {
		prices[i] = r.PrioritizationFee
	}
	return percentile(prices, p.Percentile), nil
}

// percentile is the smallest of the values that at least so many percent do not exceed.
func percentile(values []uint64, percent uint8) uint64 {
	if len(values) == 0 {
		return 0
	}
	if percent == 0 {
		percent = defaultPercentile
	}
	slices.Sort(values)
	rank := (len(values)*int(percent) + 99) / 100
	return values[max(rank, 1)-1]
}

// simulatedUnits asks the node whether the plan succeeds and returns how many compute units it needs, with a tenth more for what
// changes until it lands.
func (c *Client) simulatedUnits(ctx context.Context, plan txn.Plan) (uint32, error) {
	unsigned, err := plan.Compile()
	if err != nil {
		return 0, err
	}
	raw, err := base64.StdEncoding.DecodeString(unsigned.Base64())
	if err != nil {
		return 0, err
	}
	// A node behind the slot of the blockhash does not know it yet.
	answer, err := c.rpc.SimulateRawTransactionWithOpts(ctx, raw, &rpc.SimulateTransactionOpts{
		Commitment: c.commitment, MinContextSlot: &plan.Lifetime.Slot,
	})
	if err != nil {
		return 0, err
	}
	if answer == nil || answer.Value == nil {
		return 0, fmt.Errorf("simulation: %w", ErrNoAnswer)
	}
	if failure := progerr.FromValue(answer.Value.Err, unsigned.Programs(), answer.Value.Logs); failure != nil {
		return 0, fmt.Errorf("%w: %w", ErrSimulation, c.understood(ctx, failure, unsigned))
	}
	if answer.Value.UnitsConsumed == nil {
		return 0, fmt.Errorf("simulation: %w", ErrNoAnswer)
	}
	return withMargin(*answer.Value.UnitsConsumed), nil
}

func withMargin(units uint64) uint32 {
	needed, err := fixed.MulDivCeil(units, 11, 10)
	if err != nil || needed > maxUnitLimit {
		return maxUnitLimit
	}
	return uint32(needed)
}

// estimateUnits adds up what the steps were measured to need.
func estimateUnits(steps []txn.Step) uint32 {
	total := uint64(budgetUnits)
	for _, s := range steps {
		total += uint64(s.Units)
	}
	return uint32(min(total, maxUnitLimit, math.MaxUint32))
}
