package sdk

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

const (
	// maxUnitLimit is the highest compute unit limit of a transaction.
	maxUnitLimit = txn.MaxComputeUnits
	// budgetUnits is the number of compute units that the instructions
	// SetComputeUnitLimit and SetComputeUnitPrice consume together, and
	// dataLimitUnits the number for SetLoadedAccountsDataSizeLimit.
	budgetUnits    = 300
	dataLimitUnits = 150
	// unitSpan is the number of neighboring compute unit limits that
	// distinguish otherwise equal transactions. See [distinct].
	unitSpan = 4096
)

const (
	// maxDataLimit is the highest limit on loaded accounts data, in bytes. A
	// transaction without a limit is charged for this size.
	maxDataLimit = 64 << 20
	// dataPage is the unit in which loaded accounts data is charged, in bytes.
	dataPage = 32 << 10
	// dataRoom is added to twice the simulated size of loaded data, in bytes.
	// Accounts and programs can grow, and node versions count differently. A
	// transaction above its limit fails and pays its fee, while one more page
	// costs only 8 compute units.
	dataRoom = 2 << 20
	// dataRoomNonce is added for a transaction with a durable nonce, which may
	// wait for weeks. It is the size of the largest possible account.
	dataRoomNonce = 10 << 20
	// dataLimitBytes is the size of SetLoadedAccountsDataSizeLimit in a
	// transaction.
	dataLimitBytes = 8
	// maxInstructions is the highest number of instructions in a transaction.
	maxInstructions = 64
)

// estimate returns the resources that a plan consumes and the compute unit
// price that other transactions pay. It asks for both at the same time.
func (c *Client) estimate(
	ctx context.Context, plan txn.Plan, draft *txn.Unsigned, o BuildOptions, known *prefetched,
) (told simulated, price uint64, err error) {
	asked := c.askUnitPrice(ctx, draft.WritableAccounts(), o.Priority)
	defer asked.stop()
	if o.SkipSimulation {
		err = c.unsimulated(ctx, draft, o, known, &told)
	} else {
		// Simulate with the highest price that the cap allows, so that the
		// final fee is never higher than the simulated one.
		highest := txn.ComputeUnitPriceFor(o.Priority.limit(), maxUnitLimit)
		plan.Budget.ComputeUnitPrice = min(o.Priority.highest(), highest)
		told, err = c.simulate(ctx, plan, known)
		var poor *PayerError
		if errors.As(err, &poor) {
			// The payer may still have enough for the final price.
			units := min(estimateUnits(plan)+dataLimitUnits, maxUnitLimit)
			highest := txn.ComputeUnitPriceFor(o.Priority.limit(), units)
			plan.Budget.ComputeUnitLimit = units
			plan.Budget.ComputeUnitPrice = min(c.unitPrice(ctx, asked, known.unitPrice), highest)
			told, err = c.simulate(ctx, plan, known)
		}

		if errors.Is(err, ErrNoAnswer) {
			c.logger.WarnContext(ctx, "no node reports the compute units of the transaction",
				"error", err)
			err = c.unsimulated(ctx, draft, o, known, &told)
		}
	}

	if err != nil {
		return simulated{}, 0, err
	}

	return told, c.unitPrice(ctx, asked, known.unitPrice), ctx.Err()
}

// unsimulated fills in what is known without a simulation: the balances of the
// payer and of the source account, if they were not read before, and the base
// fee.
func (c *Client) unsimulated(
	ctx context.Context, draft *txn.Unsigned, o BuildOptions, known *prefetched, told *simulated,
) error {
	if o.SkipPayerCheck {
		return nil
	}

	fee := c.askBaseFee(ctx, draft, known.slot)
	defer fee.stop()
	if known.payer == nil {
		if err := c.readWanted(ctx, wanted{payer: o.Payer, source: firstSource(draft)}, known.slot,
			known); err != nil {
			return err
		}
	}

	told.baseFee = c.waitBaseFee(ctx, fee)

	return nil
}

// settle compiles a plan with its final limits, and with a compute unit price
// that keeps the priority fee within its cap. No other transaction of this
// process has the same limits, see [distinct].
func settle(plan txn.Plan, told simulated, price uint64, p PriorityFee) (*txn.Unsigned, error) {
	needed, floor := uint64(withMargin(told.units)), min(told.units, maxUnitLimit)
	if told.units == 0 {
		needed = uint64(estimateUnits(plan))
		floor = needed
	}

	// Add the data limit instruction if the compute units do not include it.
	if told.dataSize != 0 && (told.units == 0 || !told.limitedData) {
		needed = min(needed+dataLimitUnits, maxUnitLimit)
		floor = min(floor+dataLimitUnits, maxUnitLimit)
	}

	units, number := distinct(bounds{
		least: floor,
		from:  needed,
		most:  maxUnitLimit,
		span:  unitSpan,
	}, serials().Add(1))

	plan.Budget.ComputeUnitLimit = uint32(units)
	plan.Budget.ComputeUnitPrice = min(price, txn.ComputeUnitPriceFor(p.limit(), uint32(units)))
	plan.BaseFee = told.baseFee
	if told.dataSize == 0 {
		return plan.Compile()
	}

	data, _ := distinct(bounds{
		least: min(told.dataSize, maxDataLimit),
		from:  dataLimit(told.dataSize, plan.Lifetime.Durable()),
		most:  maxDataLimit,
		span:  dataPage,
	}, number)

	return compileLimited(plan, uint32(data))
}

// compileLimited compiles a plan with a limit on loaded accounts data. It
// leaves the limit out if the instruction does not fit into the transaction; it
// never adds a lookup table to make room. Version 1 always has a limit.
func compileLimited(plan txn.Plan, limit uint32) (*txn.Unsigned, error) {
	unlimited, err := plan.Compile()
	if err != nil {
		return nil, err
	}
	if unlimited.Version() != txn.Version1 && (unlimited.Size()+dataLimitBytes > txn.MaxSize ||
		len(unlimited.Programs()) >= maxInstructions) {
		return unlimited, nil
	}
	plan.Budget.LoadedAccountsDataSizeLimit = limit
	return plan.Compile()
}

// dataLimit returns the limit on loaded accounts data for a simulated size, in
// bytes. For example, 1 MiB becomes 4 MiB, and 14 MiB with a durable nonce.
func dataLimit(size uint64, durable bool) uint64 {
	limit := fixed.SaturatingAdd(fixed.SaturatingAdd(size, size), dataRoom)
	if durable {
		limit = fixed.SaturatingAdd(limit, dataRoomNonce)
	}
	return min(limit, maxDataLimit)
}

// bounds is the range from which a limit is chosen.
type bounds struct {
	// least is the certain requirement of the transaction, from the preferred
	// lower bound with its margin, and most the upper bound.
	least, from, most uint64
	// span is the number of neighboring values that distinguish transactions, a
	// power of two.
	span uint64
}

// distinct chooses the limit of the transaction with the given number. It
// returns the smallest limit, at or above b.from, whose low bits are the low
// bits of the number. If that exceeds b.most, it returns the largest such limit
// below. The rest of the number is for another limit.
//
// Different numbers get different limits. Two transactions with the same
// instructions and the same blockhash then have different signatures, so both
// of them can land.
func distinct(b bounds, number uint64) (limit, rest uint64) {
	if values := b.most - b.least + 1; values < b.span {
		return b.most - number%values, number / values
	}

	limit = b.from&^(b.span-1) | number&(b.span-1)
	if limit < b.from {
		limit += b.span
	}

	if limit > b.most {
		limit -= b.span
	}

	return limit, number / b.span
}

// serials numbers the transactions that this process builds. It starts at a
// random number, so that transactions of other processes differ as well.
var serials = sync.OnceValue(func() *atomic.Uint64 {
	var first [8]byte
	_, _ = rand.Read(first[:]) // Read never fails.
	n := new(atomic.Uint64)
	n.Store(binary.LittleEndian.Uint64(first[:]))
	return n
})

// withMargin adds 10 % to the simulated compute units, because accounts can
// change until the transaction lands.
func withMargin(units uint64) uint32 {
	needed, err := fixed.MulDivCeil(units, 11, 10)
	if err != nil || needed > maxUnitLimit {
		return maxUnitLimit
	}
	return uint32(needed)
}

// estimateUnits returns the sum of the compute units that were measured for the
// instructions of a plan.
func estimateUnits(plan txn.Plan) uint32 {
	return uint32(min(plan.ComputeUnits()+budgetUnits, maxUnitLimit))
}
