package route

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/internal/yesterday/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// ErrCombination says that two ways cannot be taken in one transaction.
var ErrCombination = errors.New("cannot be combined")

// changed is a stake pool as a quote's transaction leaves it. Who trades with it afterwards is quoted from that.
type changed struct {
	address solana.PublicKey
	state   accounts.StakePool
}

// leaves is a pool after an exact deposit, which mints for the depositor and both receivers of fees; nil if that is not known.
func leaves(pool quote.StakePool, exact bool, lamports uint64, minted ...uint64) *changed {
	updated, err := pool.Updated()
	if err != nil || !exact {
		return nil
	}
	var c fixed.Calc
	state := updated.State
	state.TotalLamports = c.Add(state.TotalLamports, lamports)
	for _, tokens := range minted {
		state.PoolTokenSupply = c.Add(state.PoolTokenSupply, tokens)
	}
	if c.Err() != nil {
		return nil
	}
	return &changed{pool.Address, state}
}

// follower is a loaded venue that can be quoted after a pool has changed.
type follower interface {
	// following is the venue then; ok is false if the pool is nothing to it.
	following(pool changed) (l loaded, ok bool)
}

// independent refuses a quote that depends on what the one before it in the same transaction changes, unless it was quoted from just that.
func independent(before, after *Quote) error {
	f, err := before.shape()
	if err != nil {
		return err
	}
	for _, key := range after.Accounts {
		known := after.follows && before.leaves != nil && before.leaves.address == key
		if slices.Contains(f.writes, key) && !known {
			return fmt.Errorf("%w: %s depends on %s, which %s changes", ErrCombination, after.Venue, key, before.Venue)
		}
	}
	return nil
}

// combine completes a quote whose amounts come from two others.
func (q *Quote) combine(first, second *Quote) error {
	if first.NewAccount && second.NewAccount {
		return fmt.Errorf("%w: both create a stake account with a key of its own", ErrCombination)
	}
	q.Slot, q.Epoch, q.Tables, q.holder, q.pays = first.Slot, first.Epoch, first.Tables, first.holder, second.pays
	q.Guard, q.guarded = max(first.Guard, second.Guard), second.guarded
	if q.guarded.IsZero() {
		q.guarded = first.guarded
	}
	q.Fees, q.Next = slices.Concat(first.Fees, second.Fees), slices.Concat(first.Next, second.Next)
	q.Exact, q.NewAccount = first.Exact && second.Exact, first.NewAccount || second.NewAccount
	q.Legs = []Quote{*first, *second}
	for _, leg := range q.Legs {
		q.Conditions, q.Accounts = append(q.Conditions, leg.Conditions...), append(q.Accounts, leg.Accounts...)
		switch {
		case leg.At == 0:
		case q.At != 0 && q.At != leg.At:
			return fmt.Errorf("%w: their amounts are of different slots", ErrCombination)
		default:
			q.At, q.Until = leg.At, leg.Until
		}
	}
	q.Conditions, q.Accounts = distinct(q.Conditions), distinct(q.Accounts)
	q.steps = func(p Parties) ([]txn.Step, error) {
		// The second keeps the seed, which a stake account that is received has its address from.
		other := p
		other.Seed += "1"
		steps, err := first.steps(other)
		if err != nil {
			return nil, err
		}
		more, err := second.steps(p)
		return slices.Concat(steps, more), err
	}
	return nil
}

// distinct leaves out what was there before.
func distinct[T comparable](list []T) []T {
	seen := make(map[T]bool, len(list))
	return slices.DeleteFunc(list, func(v T) bool {
		twice := seen[v]
		seen[v] = true
		return twice
	})
}
