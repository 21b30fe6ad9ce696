package sdk

import (
	"context"
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/sanctum-go/sanctum/internal/send"
)

// ErrPruned is returned in UncertainError.Last when a node has deleted the
// blocks in which the transaction may have landed. Such a node cannot prove
// that the transaction did not land. Add an endpoint with a longer history, see
// [WithFallback], and call [Client.Resume].
var ErrPruned = errors.New(
	"the node has deleted the blocks in which the transaction may have landed (ask a node with a longer history)",
)

// checkAbsence checks the nodes that report no status for a transaction, before
// their answer may count as proof that it did not land. It asks each node for
// the transaction itself, and for the first block of its ledger. A node that
// returns the transaction votes for it. A node whose ledger starts after the
// slot of the blockhash or nonce loses its vote, and the reason is returned.
func (o *observer) checkAbsence(
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
			if a.err = o.checkLedger(ctx, o.nodes[i]); a.err == nil {
				status, err := o.landed(ctx, o.nodes[i], signature, q.Want)
				if err != nil {
					o.client.logger.DebugContext(ctx, "cannot check the transaction one last time",
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

// checkLedger returns [ErrPruned] if the ledger of a node starts after the slot
// at which the blockhash or nonce was read. A node that does not answer the
// question passes.
func (o *observer) checkLedger(ctx context.Context, node rpc.JSONRPCClient) error {
	if o.slot == 0 {
		return nil
	}

	var first uint64
	if err := node.CallForInto(ctx, &first, "getFirstAvailableBlock", nil); err != nil {
		o.client.logger.DebugContext(ctx, "the node does not report its first available block",
			"error", err)
		return nil
	}

	if first > o.slot {
		return fmt.Errorf(
			"%w: its blocks start at slot %d, and the transaction may have landed from slot %d on",
			ErrPruned,
			first,
			o.slot,
		)
	}

	return nil
}
