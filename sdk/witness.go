package sdk

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/progerr"
)

// Witness simulates a transaction that [Client.Review] accepted on the client's
// own node, and holds the state after it against the policy: balances, rents,
// delegates, close authorities, stakers and withdrawers of every account of the
// owner's that the transaction writes, and nothing of the owner's made or left
// elsewhere.
//
// A nil error is the verdict of this second witness, see
// [explain.VerifyOutcome] for what it sees and what not. A refusal is an
// [explain.VerifyError]; [ErrSimulation] says that the transaction fails in the
// state of the node. Signatures need not be there.
func (c *Client) Witness(ctx context.Context, review *Review) error {
	if review == nil || review.Transaction == nil {
		return fmt.Errorf("witness transaction: %w", explain.ErrPolicy)
	}
	outcome, err := c.outcome(ctx, review)
	if err != nil {
		return fmt.Errorf("witness transaction: %w", err)
	}
	return explain.VerifyOutcome(review.Explanation, review.Policy, outcome)
}

// outcome is the state of all accounts that a transaction writes, before and
// after.
func (c *Client) outcome(ctx context.Context, review *Review) (explain.Outcome, error) {
	unsigned := review.Transaction.Unsigned()
	written := unsigned.WritableAccounts()
	before := accounts.NewSet(0)
	for keys := range slices.Chunk(written, accountsPerRequest) {
		part, err := c.accounts(ctx, keys, c.seen.slot.Load())
		if err != nil {
			return explain.Outcome{}, err
		}
		for _, key := range keys {
			if a, err := part.Get(key); err == nil {
				before.Put(a)
			} else {
				before.PutMissing(key)
			}
		}
		before.SetSlot(max(before.Slot(), part.Slot()))
	}

	after, err := c.simulated(ctx, review, written, before.Slot())
	if err != nil {
		return explain.Outcome{}, err
	}
	fee := review.Explanation.NetworkFee
	if after.Value.Fee != nil {
		fee = *after.Value.Fee
	}
	set, answer := accounts.NewSet(after.Context.Slot), multipleAccounts{}
	if err := json.Unmarshal(after.Value.Accounts, &answer.Value); err != nil {
		return explain.Outcome{}, fmt.Errorf("simulation: %w", ErrNoAnswer)
	}
	return explain.Outcome{Before: before, After: set, Fee: fee}, answer.into(set, written)
}

// simulation is the answer to simulateTransaction. It is decoded in the one
// encoding that is asked for.
type simulation struct {
	inContext
	Value *struct {
		Err      json.RawMessage `json:"err"`
		Logs     []string        `json:"logs"`
		Fee      *uint64         `json:"fee"`
		Accounts json.RawMessage `json:"accounts"`
	} `json:"value"`
}

// simulated asks a node that is not behind the state before.
func (c *Client) simulated(
	ctx context.Context, review *Review, written []solana.PublicKey, slot uint64,
) (*simulation, error) {
	unsigned := review.Transaction.Unsigned()
	opts := rpc.M{
		"encoding":       "base64",
		"commitment":     c.commitment,
		"minContextSlot": slot,
		"sigVerify":      false,
		// With a nonce the value counts, and without one any blockhash does.
		"replaceRecentBlockhash": !unsigned.Lifetime().Durable(),
		"accounts":               rpc.M{"encoding": "base64", "addresses": written},
	}
	var answer simulation
	err := c.transport.CallForInto(ctx, &atLeast[simulation]{slot, &answer}, "simulateTransaction",
		[]any{review.Transaction.Base64(), opts})
	switch {
	case err != nil:
		return nil, err
	case answer.Value == nil || len(answer.Value.Accounts) == 0:
		return nil, fmt.Errorf("simulation: %w", ErrNoAnswer)
	}
	if failure := progerr.Parse(answer.Value.Err, unsigned.Programs(), answer.Value.Logs); failure != nil {
		return nil, fmt.Errorf("%w: %w", ErrSimulation, failure)
	}
	return &answer, nil
}
