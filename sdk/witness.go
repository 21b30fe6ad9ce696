package sdk

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/progerr"
)

// Witness simulates a transaction that [Client.Review] accepted, on the
// client's own node, and compares the resulting state of the accounts with the
// policy. It checks the balances, rents, delegates, close authorities, stakers
// and withdrawers of all accounts of the owner that the transaction writes, and
// refuses a transaction that moves or creates property of the owner elsewhere.
//
// A nil error means that the resulting state satisfies the policy; see
// [explain.VerifyOutcome] for the limits of this check. If it does not, the
// error is an [*explain.VerifyError]. If the simulation fails, the error wraps
// [ErrSimulation]. The transaction need not be signed.
func (c *Client) Witness(ctx context.Context, review *Review) error {
	if err := c.usable(ctx); err != nil {
		return fmt.Errorf("witness transaction: %w", err)
	}

	if review == nil || review.Transaction == nil {
		return fmt.Errorf("witness transaction: %w review (create one with Client.Review)",
			accounts.ErrNil)
	}

	outcome, err := c.outcome(ctx, review)
	if err != nil {
		return fmt.Errorf("witness transaction: %w", err)
	}

	return explain.VerifyOutcome(review.Explanation, review.Policy, outcome)
}

// outcome returns the accounts that a transaction writes, before and after it.
func (c *Client) outcome(ctx context.Context, review *Review) (explain.Outcome, error) {
	unsigned := review.Transaction.Unsigned()
	written := unsigned.WritableAccounts()
	before, err := c.readAccounts(ctx, written, 0)
	if err != nil {
		return explain.Outcome{}, err
	}

	after, err := c.simulated(ctx, review, written, before.Slot())
	if err != nil {
		return explain.Outcome{}, err
	}

	fee := review.Explanation.NetworkFee
	if after.Value.Fee != nil {
		fee = *after.Value.Fee
	}

	set, answer := accounts.NewSet(after.Context.Slot), multipleAccounts{keys: written}
	answer.Context.Slot = after.Context.Slot
	if err := json.Unmarshal(after.Value.Accounts, &answer.Value); err != nil {
		return explain.Outcome{}, fmt.Errorf("simulation: %w", ErrNoAnswer)
	}

	return explain.Outcome{
		Before: before,
		After:  set,
		Fee:    fee,
	}, answer.into(set, written)
}

// stateSimulation is the answer to simulateTransaction with the resulting
// accounts. It decodes only base64, the encoding that the client requests.
type stateSimulation struct {
	inContext
	Value *struct {
		Err      json.RawMessage `json:"err"`
		Logs     []string        `json:"logs"`
		Fee      *uint64         `json:"fee"`
		Accounts json.RawMessage `json:"accounts"`
	} `json:"value"`
}

// valid implements slotted.
func (s stateSimulation) valid() error {
	if s.Value == nil || len(s.Value.Accounts) == 0 {
		return fmt.Errorf("simulation: %w", ErrNoAnswer)
	}
	return nil
}

// simulated requests a simulation from a node that has reached the slot of the
// state before.
func (c *Client) simulated(
	ctx context.Context, review *Review, written []solana.PublicKey, slot uint64,
) (*stateSimulation, error) {
	unsigned := review.Transaction.Unsigned()
	opts := rpc.M{
		"encoding":       "base64",
		"commitment":     c.commitment,
		"minContextSlot": slot,
		"sigVerify":      false,
		// A nonce must be current. A recent blockhash is replaced.
		"replaceRecentBlockhash": !unsigned.Lifetime().Durable(),
		"accounts":               rpc.M{"encoding": "base64", "addresses": written},
	}

	var answer stateSimulation
	err := c.transport.CallForInto(
		ctx,
		&minSlotAnswer[stateSimulation]{slot, &answer},
		"simulateTransaction",
		[]any{review.Transaction.Base64(), opts},
	)
	if err != nil {
		return nil, err
	}

	failure := progerr.Parse(answer.Value.Err, unsigned.Programs(), answer.Value.Logs)
	if failure != nil {
		return nil, fmt.Errorf("%w: %w", ErrSimulation, failure)
	}

	return &answer, nil
}
