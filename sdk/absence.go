package sdk

import (
	"context"
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/sanctum-go/sanctum/internal/send"
)

// ErrPruned is why a node's ignorance of a transaction is no proof that it did
// not land: the node no longer keeps the blocks in which it may have. It is the
// Last of an [UncertainError]; ask a node with a longer history, see
// [WithFallback].
var ErrPruned = errors.New(
	"the node no longer keeps the blocks in which the transaction may have landed (ask one that keeps all)",
)

// ignorance holds the last look at a transaction, of which no node knows
// anything, against two more questions. A node that has the transaction itself
// knows of it after all. One whose ledger begins after the blockhash or nonce
// was read has no vote.
func (o *observer) ignorance(
	ctx context.Context,
	signature solana.Signature,
	q send.Query,
	votes map[int]vote,
) sendErrors {
	type answer struct {
		index  int
		status *send.Status
		err    error
	}

	answers := make(chan answer)
	for i := range votes {
		go func() {
			a := answer{index: i}
			if a.err = o.reaches(ctx, o.nodes[i]); a.err == nil {
				status, err := o.landed(ctx, o.nodes[i], signature, q.Want)
				if err != nil {
					o.client.logger.DebugContext(ctx, "no last look at the transaction",
						"signature", signature, "error", err)
				}

				a.status = status
			}

			answers <- a
		}()
	}

	var failures sendErrors
	for range len(votes) {
		a := <-answers
		switch {
		case a.err != nil:
			failures = append(failures, a.err)
			delete(votes, a.index)
		case a.status != nil:
			votes[a.index] = vote{status: a.status, slot: votes[a.index].slot}
		}
	}

	return failures
}

// reaches checks that a node's ledger goes back to the slot at which the
// blockhash or nonce was read. A node that does not tell is believed.
func (o *observer) reaches(ctx context.Context, node rpc.JSONRPCClient) error {
	if o.slot == 0 {
		return nil
	}

	var first uint64
	if err := node.CallForInto(ctx, &first, "getFirstAvailableBlock", nil); err != nil {
		o.client.logger.DebugContext(ctx, "the node does not tell how far its ledger goes back",
			"error", err)
		return nil
	}

	if first > o.slot {
		return fmt.Errorf("%w: its blocks begin at slot %d, and it may have landed from slot %d on",
			ErrPruned, first, o.slot)
	}

	return nil
}
