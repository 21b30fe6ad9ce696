package sdk

import (
	"context"
	"math"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/jsonrpc"
)

const (
	// typicalUnits is what a trade needs, where the cap of the priority fee is
	// shared out before that is known.
	typicalUnits = 200_000
	// maxFeeAccounts is the most accounts a node takes in one
	// getRecentPrioritizationFees.
	maxFeeAccounts = 128
	// defaultPercentile of the recent priority fees is paid unless asked
	// otherwise.
	defaultPercentile = 75
	// DefaultMaxPriorityLamports is the most that is paid for priority unless
	// asked otherwise.
	DefaultMaxPriorityLamports = 100_000
)

// PriorityFee says how much to pay for landing before others.
type PriorityFee struct {
	// Percentile of the fees that were recently paid for the same accounts, 1
	// to 100. Zero means 75. If no node tells the recent fees, nothing is paid.
	Percentile uint8
	// ComputeUnitPrice, if set, is paid instead, in millionths of a lamport per
	// compute unit.
	ComputeUnitPrice uint64
	// MaxLamports caps the fee. Zero means [DefaultMaxPriorityLamports].
	MaxLamports uint64
	// None pays nothing.
	None bool
}

// highest is the most that a unit may cost, as far as that is known before
// others' prices are.
func (p PriorityFee) highest() uint64 {
	switch {
	case p.None:
		return 0
	case p.ComputeUnitPrice != 0:
		return p.ComputeUnitPrice
	}
	return math.MaxUint64
}

// fixed reports whether the price does not depend on what others pay.
func (p PriorityFee) fixed() bool { return p.None || p.ComputeUnitPrice != 0 }

func (p PriorityFee) limit() uint64 {
	if p.MaxLamports == 0 {
		return DefaultMaxPriorityLamports
	}
	return p.MaxLamports
}

// askUnitPrice begins to ask for a percentile of what was recently paid to
// write the same accounts.
func (c *Client) askUnitPrice(
	ctx context.Context,
	writable []solana.PublicKey,
	p PriorityFee,
) *optional[uint64] {
	return askFor(ctx, func(ctx context.Context) (uint64, error) {
		switch {
		case p.None:
			return 0, nil
		case p.ComputeUnitPrice != 0:
			return p.ComputeUnitPrice, nil
		}

		params := []any{writable[:min(len(writable), maxFeeAccounts)]}
		var recent jsonrpc.List[recentFee]
		if err := c.transport.CallForInto(ctx, &recent, "getRecentPrioritizationFees", params); err != nil {
			return 0, err
		}

		prices := make([]uint64, len(recent))
		for i, r := range recent {
			prices[i] = r.PrioritizationFee
		}

		return percentile(prices, p.Percentile), nil
	})
}

// recentFee is an element of the answer to getRecentPrioritizationFees.
type recentFee struct {
	PrioritizationFee uint64 `json:"prioritizationFee"`
}

// unitPrice is what was asked for, or what is known otherwise.
func (c *Client) unitPrice(ctx context.Context, asked *optional[uint64], otherwise uint64) uint64 {
	price, err := asked.wait(feeGrace)
	if err != nil {
		c.logger.WarnContext(ctx, "no node tells recent priority fees", "unitPrice", otherwise,
			"error", err)
		return otherwise
	}
	return price
}

// percentile is the smallest of the values that at least so many percent do not
// exceed.
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
