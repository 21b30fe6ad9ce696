package sdk

import (
	"context"
	"encoding/json"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/sanctum-go/sanctum/internal/send"
)

// observer asks the client's nodes what became of a transaction.
type observer struct {
	client *Client
	// slot is where the blockhash comes from: what a node behind it does not know means nothing.
	slot uint64
}

// Status implements send.Backend. It asks all nodes that are well, since a node may stand still and answer all the same. If one has seen the
// transaction that counts. If none has, the answer is as old as the oldest of theirs, so that no node is overruled.
func (o *observer) Status(ctx context.Context, signature solana.Signature, history bool) (*send.Status, uint64, error) {
	if o.client.failover == nil {
		return o.status(ctx, o.client.transport, signature, history)
	}
	type answer struct {
		status *send.Status
		slot   uint64
		err    error
	}
	nodes := o.client.failover.Awake()
	answers := make(chan answer, len(nodes))
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for _, node := range nodes {
		go func() {
			status, slot, err := o.status(ctx, node, signature, history)
			answers <- answer{status, slot, err}
		}()
	}
	var best *answer
	var failures sendErrors
	for range nodes {
		a := <-answers
		if a.err != nil {
			failures = append(failures, a.err)
			continue
		}
		if best == nil {
			defer time.AfterFunc(sendGrace, cancel).Stop()
		}
		if best == nil || firmer(a.status, best.status) || a.status == nil && best.status == nil && a.slot < best.slot {
			best = &a
		}
	}
	if best == nil {
		return nil, 0, failures
	}
	return best.status, best.slot, nil
}

// firmer says whether a status tells more than another one.
func firmer(a, b *send.Status) bool {
	return a != nil && (b == nil || a.Commitment.Firmer(b.Commitment))
}

// status asks one node.
func (o *observer) status(ctx context.Context, node rpc.JSONRPCClient, signature solana.Signature, history bool) (*send.Status, uint64, error) {
	var answer signatureStatuses
	params := []any{[]solana.Signature{signature}, rpc.M{"searchTransactionHistory": history}}
	if err := node.CallForInto(ctx, &atLeast[signatureStatuses]{o.slot, &answer}, "getSignatureStatuses", params); err != nil {
		return nil, 0, err
	}
	if len(answer.Value) != 1 {
		return nil, 0, ErrNoAnswer
	}
	slot := answer.Context.Slot
	s := answer.Value[0]
	if s == nil {
		return nil, slot, nil
	}
	return &send.Status{Slot: s.Slot, Commitment: send.Commitment(s.ConfirmationStatus), Err: s.Err}, slot, nil
}

// signatureStatuses is the answer to getSignatureStatuses.
type signatureStatuses struct {
	inContext
	Value []*struct {
		Slot               uint64          `json:"slot"`
		ConfirmationStatus string          `json:"confirmationStatus"`
		Err                json.RawMessage `json:"err"`
	} `json:"value"`
}

// BlockHeight implements send.Backend.
func (o *observer) BlockHeight(ctx context.Context, at send.Commitment) (height, slot uint64, err error) {
	opts := rpc.M{"commitment": at}
	if o.slot > 0 {
		opts["minContextSlot"] = o.slot
	}
	var answer epochInfo
	if err := o.client.transport.CallForInto(ctx, &atLeast[epochInfo]{o.slot, &answer}, "getEpochInfo", []any{opts}); err != nil {
		return 0, 0, err
	}
	return answer.BlockHeight, answer.AbsoluteSlot, nil
}

// epochInfo is the answer to getEpochInfo.
type epochInfo struct {
	BlockHeight  uint64 `json:"blockHeight"`
	AbsoluteSlot uint64 `json:"absoluteSlot"`
}

func (e epochInfo) slot() uint64 { return e.AbsoluteSlot }
