package sdk

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/gagliardetto/solana-go/rpc"

	"github.com/sanctum-go/sanctum/sdk/txn"
)

// askBaseFee requests the network fee of a transaction without its priority
// fee.
func (c *Client) askBaseFee(
	ctx context.Context,
	unsigned *txn.Unsigned,
	slot uint64,
) *optional[*uint64] {
	return askFor(ctx, func(ctx context.Context) (*uint64, error) {
		return c.baseFee(ctx, unsigned, slot)
	})
}

// waitBaseFee returns the requested base fee in lamports, or nil if no node
// reports it.
func (c *Client) waitBaseFee(ctx context.Context, asked *optional[*uint64]) *uint64 {
	fee, err := asked.wait(feeGrace)
	if err != nil {
		c.logger.WarnContext(ctx, "no node reports the network fee", "error", err)
		return nil
	}
	return fee
}

func (c *Client) baseFee(
	ctx context.Context,
	unsigned *txn.Unsigned,
	slot uint64,
) (*uint64, error) {
	fee, err := c.messageFee(ctx, unsigned, slot)
	if err != nil {
		return nil, err
	}
	return beforePriority(*fee, unsigned), nil
}

// messageFee requests the network fee of a transaction, including its priority
// fee.
func (c *Client) messageFee(
	ctx context.Context, unsigned *txn.Unsigned, slot uint64,
) (*uint64, error) {
	opts := rpc.M{"commitment": c.commitment}
	if slot > 0 {
		opts["minContextSlot"] = slot
	}
	params := []any{base64.StdEncoding.EncodeToString(unsigned.Message()), opts}
	var answer feeForMessage
	if err := c.transport.CallForInto(ctx, &answer, "getFeeForMessage", params); err != nil {
		return nil, err
	}
	return answer.Value, nil
}

// feeForMessage is the answer to getFeeForMessage.
type feeForMessage struct {
	Value *uint64
}

// UnmarshalJSON implements json.Unmarshaler. It refuses the null of a node that
// does not know the blockhash.
func (f *feeForMessage) UnmarshalJSON(data []byte) error {
	var answer struct {
		Value *uint64 `json:"value"`
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return err
	}

	if answer.Value == nil {
		return fmt.Errorf("fee: %w", ErrNoAnswer)
	}

	f.Value = answer.Value
	return nil
}

// beforePriority subtracts the priority fee from a network fee. It returns nil
// if the node's fee is lower than the priority fee.
func beforePriority(fee uint64, unsigned *txn.Unsigned) *uint64 {
	priority, err := unsigned.Budget().PriorityFee()
	if err != nil || fee < priority {
		return nil
	}
	base := fee - priority
	return &base
}
