package e2e

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/explain"
)

// signable reports whether all signers can have keys. Addresses derived from a
// seed or a program cannot; only a server that checks no signatures accepts
// such a transaction.
func (b *base) signable(e explain.Explanation) bool {
	return !slices.ContainsFunc(e.Signers, func(key solana.PublicKey) bool {
		return b.seeded[key] || !solana.IsOnCurve(key[:])
	})
}

// perform runs a transaction on the programs and returns the state after it. If
// the transaction must not change the chain, it is simulated, which has the
// same result.
func (c *campaign) perform(
	b *base, before *accounts.Set, e explain.Explanation, s *step, back bool,
) *accounts.Set {
	method, opts := "sendTransaction", map[string]any{"encoding": "base64"}
	var written []solana.PublicKey
	if back {
		written = writtenBy(e)
		method = "simulateTransaction"
		opts["replaceRecentBlockhash"] = true
		opts["accounts"] = map[string]any{"encoding": "base64", "addresses": written}
	}

	reply := c.batch(call{Method: method, Params: []any{s.text, opts}})[0]
	if reply.Error != nil {
		if strings.Contains(reply.Error.Message, "lockhash") {
			c.refresh()
		}

		s.failure = fmt.Sprint(reply.Error.Message, string(reply.Error.Data))
		return nil
	}

	if !back {
		s.landed = true
		return c.getAll(b.keys)
	}

	var answer struct {
		Value struct {
			Err      any
			Accounts []*accountJSON
		}
	}

	require.NoError(c.t, json.Unmarshal(reply.Result, &answer))
	if answer.Value.Err != nil {
		s.failure = fmt.Sprint(answer.Value.Err)
		return nil
	}

	s.landed = true
	after := accounts.NewSet(before.Slot())
	for _, key := range before.Addresses() {
		if a, err := before.Get(key); err == nil {
			after.Put(a)
		} else {
			after.PutMissing(key)
		}
	}

	for i, a := range answer.Value.Accounts {
		a.into(c.t, after, written[i])
	}

	return after
}

// writtenBy returns the accounts that a transaction writes.
func writtenBy(e explain.Explanation) []solana.PublicKey {
	keys := []solana.PublicKey{e.Payer}
	for _, in := range e.Instructions {
		for _, a := range in.Accounts {
			if a.Writable && !slices.Contains(keys, a.Address) {
				keys = append(keys, a.Address)
			}
		}
	}
	return keys
}

// accountJSON is an account in an answer.
type accountJSON struct {
	Lamports uint64
	Owner    solana.PublicKey
	Data     []string
}

// into stores an account, or nil for a missing account.
func (a *accountJSON) into(t testing.TB, set *accounts.Set, key solana.PublicKey) {
	t.Helper()
	if a == nil {
		set.PutMissing(key)
		return
	}
	data, err := base64.StdEncoding.DecodeString(a.Data[0])
	require.NoError(t, err)
	set.Put(accounts.Account{Address: key, Owner: a.Owner, Lamports: a.Lamports, Data: data})
}

// learn loads the accounts that a transaction writes and the base does not,
// before anything writes them, so that they can be restored.
func (c *campaign) learn(b *base, before *accounts.Set, e explain.Explanation) {
	var keys []solana.PublicKey
	for _, in := range e.Instructions {
		for _, a := range in.Accounts {
			if a.Writable && !before.Has(a.Address) && !slices.Contains(keys, a.Address) {
				keys = append(keys, a.Address)
			}
		}
	}
	c.remember(b, before, keys)
}

// remember records the state of accounts before anything writes them.
func (c *campaign) remember(b *base, before *accounts.Set, keys []solana.PublicKey) {
	if len(keys) == 0 {
		return
	}

	set := c.getAll(keys)
	for _, key := range keys {
		for _, to := range []*accounts.Set{before, b.before} {
			if a, err := set.Get(key); err == nil {
				to.Put(a)
			} else {
				to.PutMissing(key)
			}
		}
	}

	b.keys = slices.Compact(sortedKeys(append(b.keys, keys...)))
}

// second compares the second verdict with the owner's wealth afterwards.
func (c *campaign) second(e explain.Explanation, p explain.Policy, o explain.Outcome, s step) {
	err := explain.VerifyOutcome(e, p, o)
	switch {
	case errors.Is(err, explain.ErrPolicy):
		// The state of another transaction's account is unknown.
	case s.harm != "" && err != nil:
		c.seen++
	case s.harm != "":
		c.unseen++
		if c.unseen <= 5 {
			c.t.Logf("not seen in the state: %s\n%s\n%s", s.harm, e, s.text)
		}

	case err != nil && s.accepted:
		c.objected++
		if c.objected <= 5 {
			c.t.Logf("refused for the state alone: %v\n%s", err, e)
		}
	}
}
