package sdk

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/sanctum-go/sanctum/internal/send"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

const (
	// pollPatience limits the time to ask all nodes, and askPatience the time
	// of a complete status query. The difference is for a second question to
	// nodes that contradict others.
	pollPatience = 5 * time.Second
	askPatience  = 8 * time.Second
)

// observer asks the client's nodes for the status of a transaction. With
// several nodes, no single one decides, see [agree].
type observer struct {
	client *Client
	// raw is the serialized transaction, or nil if only its signature is known.
	raw []byte
	// slot is the slot of the blockhash. A node that has not reached it cannot
	// know the transaction.
	slot uint64
	// quorum is the least number of nodes that must confirm success.
	quorum int
	nodes  []rpc.JSONRPCClient
	// paces holds the first observation of each node, by its index.
	paces map[int]pace
}

func newObserver(c *Client, raw []byte, slot uint64, quorum int) *observer {
	return &observer{
		client: c,
		raw:    raw,
		slot:   slot,
		quorum: quorum,
		nodes:  c.nodes(),
		paces:  make(map[int]pace),
	}
}

// nodes returns the client's endpoints, each with its own transport.
func (c *Client) nodes() []rpc.JSONRPCClient {
	if c.failover == nil {
		return []rpc.JSONRPCClient{c.transport}
	}
	nodes := c.failover.All()
	for i, node := range nodes {
		nodes[i] = c.withFinality(publicTransport{node})
	}
	return nodes
}

// Status implements send.Backend.
func (o *observer) Status(
	ctx context.Context,
	signature solana.Signature,
	q send.Query,
) (send.Answer, error) {
	// A resting node is not polled, except if the answer may prove that the
	// transaction expired: its vote could prevent that.
	first, resting := o.awake()
	if q.Proof {
		first, resting = append(first, resting...), nil
	}

	votes, failures := o.poll(ctx, signature, q, first)
	if !o.settled(votes, q) && claimed(votes, q.Want) {
		more, failed := o.poll(ctx, signature, q, resting)
		failures = append(failures, failed...)
		for i, v := range more {
			votes[i] = v
		}

		o.lookUp(ctx, signature, q, votes)
	}

	if q.Proof && q.History && claims(votes, "") == 0 {
		failures = append(failures, o.checkAbsence(ctx, signature, q, votes)...)
	}

	if len(votes) == 0 {
		if len(failures) == 0 {
			return send.Answer{}, ctx.Err()
		}

		return send.Answer{}, failures.joined()
	}

	all := make([]vote, 0, len(votes))
	for i := range o.nodes {
		if v, ok := votes[i]; ok {
			all = append(all, v)
		}
	}

	answer := agree(all, o.quorum)
	if answer.Disputed && !q.Proof && !claimed(votes, q.Want) {
		// A new transaction takes time to reach all nodes.
		return send.Answer{Slot: answer.Slot}, nil
	}

	return answer, nil
}

// awake returns the indexes of the nodes that do not rest and of those that do.
// If all of them rest, it returns all as awake.
func (o *observer) awake() (awake, resting []int) {
	var rests []bool
	if o.client.failover != nil {
		rests = o.client.failover.Resting()
	}

	for i := range o.nodes {
		if rests != nil && rests[i] {
			resting = append(resting, i)
		} else {
			awake = append(awake, i)
		}
	}

	if len(awake) == 0 {
		return resting, nil
	}

	return awake, resting
}

// claimed reports whether at least one node reports the transaction at the
// wanted commitment.
func claimed(votes map[int]vote, want send.Commitment) bool {
	return claims(votes, want) > 0
}

func claims(votes map[int]vote, want send.Commitment) (n int) {
	for _, v := range votes {
		if v.status != nil && !want.Firmer(v.status.Commitment) {
			n++
		}
	}
	return n
}

// settled reports whether enough nodes report the transaction at the wanted
// commitment that the others cannot change the answer.
func (o *observer) settled(votes map[int]vote, q send.Query) bool {
	return claims(votes, q.Want) >= max(len(o.nodes)/2+1, o.quorum)
}

// poll asks some of the nodes at the same time. If one of them reports the
// transaction, or if the answer may prove expiry, it waits for all. Otherwise
// it waits a short time after the first answer.
func (o *observer) poll(
	ctx context.Context,
	signature solana.Signature,
	q send.Query,
	indexes []int,
) (map[int]vote, sendErrors) {
	ctx, cancel := context.WithTimeout(ctx, pollPatience)
	defer cancel()
	type answer struct {
		index int
		vote  vote
		err   error
	}

	answers := make(chan answer, len(indexes))
	for _, i := range indexes {
		go func() {
			status, slot, err := o.status(ctx, o.nodes[i], signature, q.History)
			answers <- answer{i, vote{status: status, slot: slot}, err}
		}()
	}

	votes := make(map[int]vote)
	var failures sendErrors
	var grace <-chan time.Time
	for range indexes {
		var a answer
		select {
		case a = <-answers:
		case <-grace:
			return votes, failures
		}

		if a.err != nil {
			failures = append(failures, a.err)
			continue
		}

		a.vote.still = o.still(a.index, a.vote.slot)
		votes[a.index] = a.vote
		switch {
		case o.settled(votes, q):
			return votes, failures
		case q.Proof || claimed(votes, q.Want):
			grace = nil
		case len(votes) == 1:
			timer := time.NewTimer(sendGrace)
			defer timer.Stop()
			grace = timer.C
		}
	}

	return votes, failures
}

// still reports whether a node stands still, and stores its first observation.
func (o *observer) still(index int, slot uint64) bool {
	now := o.client.now()
	p, ok := o.paces[index]
	if !ok {
		o.paces[index] = pace{since: now, from: slot}
		return false
	}
	return p.still(now, slot, o.client.slots.longest())
}

// lookUp asks nodes for the transaction itself if they report no status
// although they have passed its block. It updates their votes.
func (o *observer) lookUp(
	ctx context.Context,
	signature solana.Signature,
	q send.Query,
	votes map[int]vote,
) {
	var past uint64
	for _, v := range votes {
		if v.status != nil {
			past = max(past, v.status.Slot)
		}
	}

	type answer struct {
		index  int
		status *send.Status
	}

	answers := make(chan answer)
	asked := 0
	for i, v := range votes {
		if v.status != nil || v.slot < past {
			continue
		}

		asked++
		go func() {
			status, err := o.landed(ctx, o.nodes[i], signature, q.Want)
			if err != nil {
				o.client.logger.DebugContext(ctx, "cannot check the transaction again", "signature",
					signature, "error", err)
			}

			answers <- answer{i, status}
		}()
	}

	for range asked {
		if a := <-answers; a.status != nil {
			votes[a.index] = vote{status: a.status, slot: votes[a.index].slot}
		}
	}
}

// landed reads the transaction from a node and returns its result as a status.
// It returns an error if the bytes differ from the signed ones.
func (o *observer) landed(
	ctx context.Context,
	node rpc.JSONRPCClient,
	signature solana.Signature,
	want send.Commitment,
) (*send.Status, error) {
	tx, err := transaction(ctx, node, signature, rpc.CommitmentType(want))
	if err != nil || tx == nil || tx.Meta == nil {
		return nil, err
	}

	if !o.isOurs(tx, signature) {
		return nil, fmt.Errorf("%w: %s has other bytes", ErrNodesContradict, signature)
	}

	commitment := send.Confirmed
	if want.Firmer(commitment) {
		commitment = want
	}

	return &send.Status{
		Slot:       tx.Slot,
		Commitment: commitment,
		Err:        tx.Meta.Err,
	}, nil
}

// isOurs reports whether a node returned the awaited transaction: the signed
// bytes or, if only the signature is known, any bytes that it signs.
func (o *observer) isOurs(tx *landedTransaction, signature solana.Signature) bool {
	if o.raw != nil {
		raw, err := tx.bytes()
		return err == nil && bytes.Equal(raw, o.raw)
	}

	text, err := tx.text()
	if err != nil {
		return false
	}

	writable, readonly := tx.Meta.loaded()
	signed, _, err := txn.ParseLanded(text, writable, readonly)

	return err == nil && signed.Signature() == signature
}

// status requests the signature status from one node.
func (o *observer) status(
	ctx context.Context,
	node rpc.JSONRPCClient,
	signature solana.Signature,
	history bool,
) (*send.Status, uint64, error) {
	var answer signatureStatuses
	params := []any{[]solana.Signature{signature}, rpc.M{"searchTransactionHistory": history}}
	if err := node.CallForInto(ctx, &minSlotAnswer[signatureStatuses]{o.slot, &answer},
		"getSignatureStatuses", params); err != nil {
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

	return &send.Status{
		Slot:       s.Slot,
		Commitment: s.commitment(),
		Err:        s.Err,
	}, slot, nil
}

// signatureStatuses is the answer to getSignatureStatuses.
type signatureStatuses struct {
	inContext
	Value []*signatureStatus `json:"value"`
}

type signatureStatus struct {
	Slot               uint64          `json:"slot"`
	ConfirmationStatus string          `json:"confirmationStatus"`
	Confirmations      json.RawMessage `json:"confirmations"`
	Err                json.RawMessage `json:"err"`
}

// commitment returns the commitment that the node reports. For a node that
// reports only a number of confirmations, null stands for finalized and a
// number for processed.
func (s *signatureStatus) commitment() send.Commitment {
	switch {
	case s.ConfirmationStatus != "":
		return send.Commitment(s.ConfirmationStatus)
	case string(s.Confirmations) == "null":
		return send.Finalized
	}
	return send.Processed
}

// BlockHeight implements send.Backend. It returns the highest block height that
// a majority of the answering nodes has reached.
func (o *observer) BlockHeight(ctx context.Context, at send.Commitment) (send.Height, error) {
	infos, err := askAll(ctx, o.nodes,
		func(ctx context.Context, node rpc.JSONRPCClient) (epochInfo, error) {
			return getEpochInfo(ctx, node, rpc.CommitmentType(at), o.slot)
		})
	if err != nil {
		return send.Height{}, err
	}

	slices.SortFunc(infos,
		func(a, b epochInfo) int { return cmp.Compare(b.BlockHeight, a.BlockHeight) })
	told := send.Height{Height: infos[len(infos)/2].BlockHeight}
	for _, info := range infos {
		if info.BlockHeight >= told.Height {
			told.Witnesses++
			told.Slot = max(told.Slot, info.AbsoluteSlot)
		}
	}

	return told, nil
}

// askAll asks all nodes the same question at the same time and waits for all of
// them. It returns an error only if none of them answers.
func askAll[T any](
	ctx context.Context,
	nodes []rpc.JSONRPCClient,
	ask func(context.Context, rpc.JSONRPCClient) (T, error),
) ([]T, error) {
	ctx, cancel := context.WithTimeout(ctx, pollPatience)
	defer cancel()
	type answer struct {
		value T
		err   error
	}

	answers := make(chan answer)
	for _, node := range nodes {
		go func() {
			value, err := ask(ctx, node)
			answers <- answer{value, err}
		}()
	}

	var values []T
	var failures sendErrors
	for range nodes {
		if a := <-answers; a.err != nil {
			failures = append(failures, a.err)
		} else {
			values = append(values, a.value)
		}
	}

	if len(values) == 0 {
		return nil, failures.joined()
	}

	return values, nil
}

// epochInfo is the answer to getEpochInfo.
type epochInfo struct {
	BlockHeight  uint64 `json:"blockHeight"`
	AbsoluteSlot uint64 `json:"absoluteSlot"`
}

func (e epochInfo) slot() uint64 { return e.AbsoluteSlot }

// getEpochInfo requests slot and block height of a node, with a minimum slot.
func getEpochInfo(
	ctx context.Context,
	node rpc.JSONRPCClient,
	at rpc.CommitmentType,
	minSlot uint64,
) (epochInfo, error) {
	opts := rpc.M{"commitment": at}
	if minSlot > 0 {
		opts["minContextSlot"] = minSlot
	}
	var answer epochInfo
	err := node.CallForInto(ctx, &minSlotAnswer[epochInfo]{minSlot, &answer}, "getEpochInfo",
		[]any{opts})
	return answer, err
}
