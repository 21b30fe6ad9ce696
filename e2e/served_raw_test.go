package e2e

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// mostRawMoves is the number of raw moves in a sequence.
const mostRawMoves = 2

// rawDust is the smallest result of a raw sequence that counts, in base units.
const rawDust = 1_000_000

// tryRaw tries what a market refuses with instructions built below package
// route: each sequence of moves that leads from the input to the output, with
// all pools up to date. It returns the names of the moves of a sequence that
// executes, or nothing.
func (r *servedRun) tryRaw(w *servedState, q walletRequest, name string) string {
	t := r.t
	fresh := *w
	if w.fresh != nil {
		for _, pool := range w.fresh.pools {
			r.put(w.updatedPools[pool.State.PoolMint])
		}

		scene := *w.scene
		scene.pools = w.fresh.pools
		fresh.scene = &scene
		defer r.put(w.all)
	}

	amounts := []uint64{q.Amount}
	if q.SwapMode == route.ExactOut {
		amounts = append(amounts, q.Amount+q.Amount/2)
	}

	for _, amount := range amounts {
		r.putWallet(nil, fresh.scene, q)
		wrapped := figures.TokenAccount(r.ata(accounts.NativeMint), accounts.NativeMint,
			r.user.PublicKey(), held, 2_039_280)
		wrapped.Lamports += held
		r.put([]accounts.Account{wrapped})
		start := rawHolding{mint: q.From, amount: amount}
		if !q.stake.Address.IsZero() {
			start = rawHolding{stake: q.stake.Address, amount: q.stake.Lamports}
		}

		if q.From == q.stake.Address && amount < q.stake.Lamports {
			split, ok := r.rawSplit(&fresh, start, amount)
			if !ok {
				continue
			}

			start = split
		}

		if found := r.rawSearch(&fresh, start, q, mostRawMoves); found != "" {
			t.Logf("%s: refused, but possible: %s", name, found)
			return found
		}
	}

	if q.To == route.NativeStake {
		return r.rawSeveral(&fresh, q)
	}

	return ""
}

// rawSearch looks for a sequence of at most moves steps from a holding to the
// output of a request.
func (r *servedRun) rawSearch(w *servedState, h rawHolding, q walletRequest, moves int) string {
	for _, move := range r.rawMoves(w, h) {
		arrives := move.to == q.To
		if !arrives && moves == 1 {
			continue
		}

		result, undo, ok := r.rawCarry(h, move)
		if !ok {
			continue
		}

		if arrives {
			undo()
			if rawEnough(q, result.amount) {
				return move.name
			}

			continue
		}

		rest := r.rawSearch(w, result, q, moves-1)
		undo()
		if rest != "" {
			return move.name + ", " + rest
		}
	}

	return ""
}

// rawEnough reports whether a raw sequence serves a request: it pays the exact
// output, or for an exact input at least half of its amount.
func rawEnough(q walletRequest, amount uint64) bool {
	if q.SwapMode == route.ExactOut {
		return amount >= q.Amount
	}
	return amount >= max(q.Amount/2, rawDust)
}

// rawCarry executes a move. It returns what the user then holds, and a function
// that undoes the move.
func (r *servedRun) rawCarry(h rawHolding, move rawMove) (rawHolding, func(), bool) {
	t := r.t
	owner := r.user.PublicKey()
	plan := txn.Plan{
		Payer:             owner,
		Lifetime:          lifetime(t, r.batch(latestBlockhash)[0]),
		Budget:            txn.ComputeBudget{ComputeUnitLimit: 1_400_000},
		Steps:             move.steps,
		NewAccountSigners: move.keys,
	}

	unsigned, err := plan.Compile()
	if errors.Is(err, txn.ErrTransactionTooLarge) {
		return h, nil, false
	}

	require.NoError(t, err, move.name)
	signed, err := unsigned.Sign(t.Context(), r.user)
	require.NoError(t, err, move.name)
	account := owner
	if move.to != accounts.NativeMint && move.to != route.NativeStake {
		account = r.ata(move.to)
	}

	wrapped := r.ata(accounts.NativeMint)
	touched := slices.Compact(sortedKeys(append(touchedBy(unsigned), owner, account, wrapped)))
	before := r.get(touched...)
	if err := r.localnet.execute(signed); err != nil {
		return h, nil, false
	}

	b := balances{t: t, before: before, after: r.get(touched...)}
	undo := func() { r.batch(resetting(difference(touched, before, b.after), before)...) }
	switch move.to {
	case route.NativeStake:
		return rawHolding{stake: move.stake, amount: lamportsIn(b.after, move.stake)}, undo, true
	case accounts.NativeMint:
		gained := b.gained(owner) + b.tokensGained(wrapped)
		if gained == 0 || gained > 1<<63 { // It cost more than it brought.
			undo()
			return h, nil, false
		}

		return rawHolding{mint: move.to, amount: gained}, undo, true
	}

	return rawHolding{mint: move.to, amount: b.tokensGained(account)}, undo, true
}

// rawSplit splits a part off the user's stake account.
func (r *servedRun) rawSplit(w *servedState, h rawHolding, lamports uint64) (rawHolding, bool) {
	stake, create := r.rawStake()
	split, err := txn.SplitStake(h.stake, stake, r.user.PublicKey(), lamports)
	require.NoError(r.t, err)
	result, _, ok := r.rawCarry(h, rawMove{
		name:  "split",
		to:    route.NativeStake,
		stake: stake,
		steps: []txn.Step{create, split},
	})

	return result, ok
}

// rawSeveral draws an amount of stake from several validators.
func (r *servedRun) rawSeveral(w *servedState, q walletRequest) string {
	for parts := 2; parts <= 4; parts++ {
		h := rawHolding{mint: q.From, amount: q.Amount / uint64(parts)}
		done := 0
		var undo []func()
		for _, move := range r.rawMoves(w, h) {
			if move.to != route.NativeStake || done == parts {
				continue
			}

			if _, back, ok := r.rawCarry(h, move); ok {
				undo = append(undo, back)
				done++
			}
		}

		slices.Reverse(undo)
		for _, back := range undo {
			back()
		}

		if done == parts {
			return severalValidators
		}
	}

	return ""
}

// severalValidators is the kind of a withdrawal of stake in several parts.
const severalValidators = "withdrawals of stake from several validators"

// rawKind names the kind of a refusal that raw instructions execute.
func rawKind(q walletRequest, found string) string {
	state, _, _ := strings.Cut(q.state, ", with")
	return fmt.Sprintf("%s %s: %s", q.flow, state, found)
}
