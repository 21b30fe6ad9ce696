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
	// maxUnitLimit is the most compute units a transaction may have.
	maxUnitLimit = txn.MaxComputeUnits
	// budgetUnits is what the two compute budget instructions for units need
	// themselves, and dataLimitUnits what the one for data does.
	budgetUnits    = 300
	dataLimitUnits = 150
	// unitSpan is how many neighbouring limits of compute units tell
	// transactions apart that are otherwise the same.
	unitSpan = 4096
)

const (
	// maxDataLimit is the most bytes of accounts and programs that a transaction
	// may load, and what it is charged for if it names no limit.
	maxDataLimit = 64 << 20
	// dataPage is what loaded data is charged by.
	dataPage = 32 << 10
	// dataRoom is by how much more than twice what a simulation loaded may be
	// loaded. A transaction beyond its limit lands, fails, and pays its fee,
	// while a page of room costs no more than 8 compute units: accounts and
	// programs can grow, and node versions count differently.
	dataRoom = 2 << 20
	// dataRoomNonce comes on top where a nonce lets a transaction wait for
	// weeks: as much as the largest account there can be.
	dataRoomNonce = 10 << 20
	// dataLimitBytes is the size of the instruction that limits loaded data.
	dataLimitBytes = 8
	// maxInstructions is the most a transaction may have.
	maxInstructions = 64
)

// estimate finds out what a plan takes and what others pay for priority, both
// at once.
func (c *Client) estimate(
	ctx context.Context, plan txn.Plan, draft *txn.Unsigned, o BuildOptions, known *ready,
) (told simulated, price uint64, err error) {
	asked := c.askUnitPrice(ctx, draft.WritableAccounts(), o.Priority)
	defer asked.stop()
	if o.SkipSimulation {
		err = c.unsimulated(ctx, draft, o, known, &told)
	} else {
		// The cap is enough to simulate with, and no less than is paid in the end,
		// whatever the price will be.
		highest := txn.UnitPriceFor(o.Priority.limit(), maxUnitLimit)
		plan.Budget.UnitPrice = min(o.Priority.highest(), highest)
		told, err = c.simulate(ctx, plan, known)
		var poor *PayerError
		if errors.As(err, &poor) {
			// It may have enough for what is paid in the end.
			units := min(estimateUnits(plan)+dataLimitUnits, maxUnitLimit)
			highest := txn.UnitPriceFor(o.Priority.limit(), units)
			plan.Budget.UnitLimit = units
			plan.Budget.UnitPrice = min(c.unitPrice(ctx, asked, known.unitPrice), highest)
			told, err = c.simulate(ctx, plan, known)
		}
		if errors.Is(err, ErrNoAnswer) {
			c.logger.WarnContext(ctx, "no node tells what the transaction takes", "error", err)
			err = c.unsimulated(ctx, draft, o, known, &told)
		}
	}
	if err != nil {
		return simulated{}, 0, err
	}
	return told, c.unitPrice(ctx, asked, known.unitPrice), ctx.Err()
}

// unsimulated finds out what can be known of a plan without simulation: what
// its payer holds, if that is not known yet, and what the network charges.
func (c *Client) unsimulated(
	ctx context.Context, draft *txn.Unsigned, o BuildOptions, known *ready, told *simulated,
) error {
	if o.SkipPayerCheck {
		return nil
	}
	fee := c.askBaseFee(ctx, draft, known.slot)
	defer fee.stop()
	if known.payer == nil {
		if err := c.look(ctx, wanted{payer: o.Payer, source: firstSource(draft)}, known.slot, known); err != nil {
			return err
		}
	}
	told.baseFee = c.waitBaseFee(ctx, fee)
	return nil
}

// settle compiles a plan with the limits that it takes, and with a price that
// keeps the priority fee within its cap. Its limits are like those of no other
// transaction of this process, see [distinct].
func settle(
	plan txn.Plan, told simulated, price uint64, p PriorityFee,
) (*txn.Unsigned, error) {
	needed, floor := uint64(withMargin(told.units)), min(told.units, maxUnitLimit)
	if told.units == 0 {
		needed = uint64(estimateUnits(plan))
		floor = needed
	}
	if told.dataSize != 0 && (told.units == 0 || !told.limitedData) { // it was not counted in
		needed = min(needed+dataLimitUnits, maxUnitLimit)
		floor = min(floor+dataLimitUnits, maxUnitLimit)
	}

	units, number := distinct(bounds{
		least: floor,
		from:  needed,
		most:  maxUnitLimit,
		span:  unitSpan,
	}, serials().Add(1))
	plan.Budget.UnitLimit = uint32(units)
	plan.Budget.UnitPrice = min(price, txn.UnitPriceFor(p.limit(), uint32(units)))
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

// compileLimited compiles a plan with a limit on loaded data, or without it if
// the form that it has then does not have room for the limit. The limit never
// is the reason for a lookup table.
func compileLimited(plan txn.Plan, limit uint32) (*txn.Unsigned, error) {
	unlimited, err := plan.Compile()
	if err != nil {
		return nil, err
	}
	if unlimited.Size()+dataLimitBytes > txn.MaxSize || len(unlimited.Programs()) >= maxInstructions {
		return unlimited, nil
	}
	plan.Budget.LoadedAccountsDataSizeLimit = limit
	return plan.Compile()
}

// dataLimit is the limit on loaded data of a transaction that was simulated
// with so many bytes.
func dataLimit(size uint64, durable bool) uint64 {
	limit := fixed.SaturatingAdd(fixed.SaturatingAdd(size, size), dataRoom)
	if durable {
		limit = fixed.SaturatingAdd(limit, dataRoomNonce)
	}
	return min(limit, maxDataLimit)
}

// bounds are between which values a limit can be chosen.
type bounds struct {
	// least is what the transaction needs for sure, from what it should have,
	// and most what it may have.
	least, from, most uint64
	// span is how many neighbouring values tell transactions apart. It is a
	// power of two.
	span uint64
}

// distinct chooses the smallest limit whose low bits are those of a number, or,
// if that is over the most, the largest, and returns what is left of the number
// for another limit. Limits of different numbers differ, whatever else differs
// between transactions, so that no two with the same instructions are the same
// transaction, of which one only could land.
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

// serials numbers the transactions that this process builds, from a random
// number on, so that those of other processes differ as well.
var serials = sync.OnceValue(func() *atomic.Uint64 {
	var first [8]byte
	_, _ = rand.Read(first[:]) // It never fails.
	n := new(atomic.Uint64)
	n.Store(binary.LittleEndian.Uint64(first[:]))
	return n
})

// withMargin adds a tenth for what changes until the transaction lands.
func withMargin(units uint64) uint32 {
	needed, err := fixed.MulDivCeil(units, 11, 10)
	if err != nil || needed > maxUnitLimit {
		return maxUnitLimit
	}
	return uint32(needed)
}

// estimateUnits adds up what the steps were measured to need.
func estimateUnits(plan txn.Plan) uint32 {
	return uint32(min(plan.Units()+budgetUnits, maxUnitLimit))
}
