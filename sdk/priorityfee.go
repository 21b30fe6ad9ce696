package sdk

import (
	"context"
	"math"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/jsonrpc"
)

const (
	// typicalUnits is the assumed compute units of a trade, for dividing the
	// cap of the priority fee before they are known.
	typicalUnits = 200_000
	// maxFeeAccounts is the highest number of accounts in
	// getRecentPrioritizationFees.
	maxFeeAccounts = 128
	// defaultPercentile is the default of PriorityFee.Percentile.
	defaultPercentile = 75
	// DefaultMaxPriorityLamports is the default of PriorityFee.MaxLamports:
	// 100,000 lamports, which is 0.0001 SOL.
	DefaultMaxPriorityLamports = 100_000
)

// PriorityFee configures the priority fee of a transaction. The zero value pays
// the 75th percentile of recent fees, at most [DefaultMaxPriorityLamports].
type PriorityFee struct {
	// Percentile is the percentile of the recent fees for the same accounts,
	// from 1 to 100. Zero means 75. If no node reports recent fees, no priority
	// fee is paid.
	Percentile uint8
	// ComputeUnitPrice is a fixed price in micro-lamports per compute unit. If
	// set, it replaces the percentile. For example, 50,000 for 200,000 compute
	// units is a fee of 10,000 lamports.
	ComputeUnitPrice uint64
	// MaxLamports limits the fee, in lamports. Zero means
	// [DefaultMaxPriorityLamports].
	MaxLamports uint64
	// None disables the priority fee.
	None bool
}

// highest returns the highest possible compute unit price before recent fees
// are known.
func (p PriorityFee) highest() uint64 {
	switch {
	case p.None:
		return 0
	case p.ComputeUnitPrice != 0:
		return p.ComputeUnitPrice
	}
	return math.MaxUint64
}

// fixed reports whether the price does not depend on recent fees.
func (p PriorityFee) fixed() bool { return p.None || p.ComputeUnitPrice != 0 }

func (p PriorityFee) limit() uint64 {
	if p.MaxLamports == 0 {
		return DefaultMaxPriorityLamports
	}
	return p.MaxLamports
}

// askUnitPrice requests the percentile of recent fees for the same writable
// accounts.
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
		err := c.transport.CallForInto(ctx, &recent, "getRecentPrioritizationFees", params)
		if err != nil {
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

// unitPrice returns the requested price, or otherwise if no node reports recent
// fees.
func (c *Client) unitPrice(ctx context.Context, asked *optional[uint64], otherwise uint64) uint64 {
	price, err := asked.wait(feeGrace)
	if err != nil {
		c.logger.WarnContext(ctx, "no node reports recent priority fees", "unitPrice", otherwise,
			"error", err)
		return otherwise
	}
	return price
}

// percentile returns the smallest value that is not exceeded by percent % of
// the values.
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
