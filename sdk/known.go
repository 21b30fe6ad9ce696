package sdk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"
	"golang.org/x/sync/errgroup"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// ready is what is known already, so that building need not ask for it.
type ready struct {
	lifetime *txn.Lifetime
	// held is what the account holds that a quote with a guard of the balance is about.
	held    *uint64
	account solana.PublicKey
	// unitPrice is what is likely to be paid for a compute unit.
	unitPrice uint64
	// recipient is one that was looked at.
	recipient solana.PublicKey
	// payer is the account that pays, nil if it was not looked at.
	payer *wallet
	// source is the token account that the owner pays from, nil if it was not
	// looked at.
	source *source
	// spent is the least that the trade takes from the payer beside the fee.
	spent uint64
	// slot is the latest at which accounts were read.
	slot uint64
	// addresses are those that are known.
	addresses *accounts.Addresses
	// seeds draws that of the transaction.
	seeds *seeds
}

// latest is the slot of the latest answer in it.
func (r ready) latest() uint64 {
	if r.lifetime == nil {
		return r.slot
	}
	return max(r.slot, r.lifetime.Slot)
}

// wanted are the accounts that building looks at, zero if it need not.
type wanted struct {
	// payer pays the fees.
	payer solana.PublicKey
	// source is the token account that the owner pays from.
	source solana.PublicKey
	// token is an account whose balance is checked.
	token solana.PublicKey
	// recipient is to be a wallet.
	recipient solana.PublicKey
	// nonce is in place of a blockhash.
	nonce solana.PublicKey
}

// keys are those of the accounts, each once.
func (w wanted) keys() []solana.PublicKey {
	var keys []solana.PublicKey
	for _, key := range []solana.PublicKey{w.payer, w.source, w.token, w.recipient, w.nonce} {
		if !key.IsZero() && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// look reads all wanted accounts in one request, at a slot or later, and notes
// what they tell.
func (c *Client) look(ctx context.Context, w wanted, slot uint64, known *ready) error {
	set, err := c.accounts(ctx, w, slot)
	if err != nil {
		return err
	}
	known.slot = set.Slot()

	if !w.token.IsZero() {
		held, err := balanceOf(set, w.token)
		if err != nil {
			return err
		}
		known.held, known.account = &held, w.token
	}
	if !w.recipient.IsZero() {
		if err := checkWallet(set, w.recipient); err != nil {
			return err
		}
		known.recipient = w.recipient
	}
	if !w.nonce.IsZero() {
		lifetime, err := nonceLifetime(set, w.nonce)
		if err != nil {
			return err
		}
		known.lifetime = &lifetime
	}
	if !w.payer.IsZero() {
		payer, err := walletOf(set, w.payer)
		if err != nil {
			return err
		}
		known.payer = &payer
	}
	if !w.source.IsZero() {
		found, err := sourceOf(set, w.source)
		if err != nil {
			return err
		}
		known.source = found
	}
	return nil
}

// accounts reads the wanted accounts. A nonce is read at confirmed or better,
// whatever the commitment of the client: on a fork that goes away it may hold a
// value it never had, which would look as if it had been used up.
func (c *Client) accounts(ctx context.Context, w wanted, slot uint64) (*accounts.Set, error) {
	commitment := c.commitment
	if commitment == rpc.CommitmentProcessed && !w.nonce.IsZero() {
		commitment = rpc.CommitmentConfirmed
	}
	keys := w.keys()
	slot = max(slot, c.seen.slot.Load())
	opts := rpc.M{"encoding": "base64", "commitment": commitment}
	if slot > 0 {
		opts["minContextSlot"] = slot
	}
	answer := multipleAccounts{keys: keys}
	out, params := accountsAt(slot, &answer), []any{keys, opts}
	if err := c.transport.CallForInto(ctx, out, "getMultipleAccounts", params); err != nil {
		return nil, err
	}
	set := accounts.NewSet(answer.Context.Slot)
	return set, answer.into(set, keys)
}

// balanceOf is what a token account holds, nothing if it does not exist.
func balanceOf(set *accounts.Set, address solana.PublicKey) (uint64, error) {
	token, err := tokenAccountOf(set, address)
	switch {
	case errors.Is(err, accounts.ErrNotFound):
		return 0, nil
	case err != nil:
		return 0, err
	}
	return token.Amount, nil
}

// tokenAccountOf is a token account of a set. The error wraps
// [accounts.ErrNotFound] if there is none at the address, even if lamports were
// sent there.
func tokenAccountOf(set *accounts.Set, address solana.PublicKey) (*accounts.TokenAccount, error) {
	account, err := set.Get(address)
	switch {
	case err != nil:
		return nil, err
	case account.Owner == accounts.SystemProgram && len(account.Data) == 0:
		return nil, fmt.Errorf("%w: %s holds lamports only", accounts.ErrNotFound, address)
	}
	return accounts.DecodeTokenAccount(account)
}

// complete reads what is not known yet, all at once, and adds it.
func (c *Client) complete(
	ctx context.Context, q *route.Quote, o BuildOptions, known ready,
) (ready, error) {
	account, guarded, err := q.GuardedAccountFrom(c.addresses, o.Owner)
	if err != nil {
		return known, err
	}
	want := wanted{recipient: unseenRecipient(q.Request, o.Owner, &known)}
	if guarded && (known.held == nil || known.account != account) {
		want.token = account
	}
	if known.lifetime == nil {
		want.nonce = o.Nonce
	}
	hash := known.lifetime == nil && o.Nonce.IsZero()
	// If there is nothing else to wait for, the payer is looked at later.
	if o.checksPayer() && known.payer == nil && (hash || want != wanted{}) {
		want.payer = o.Payer
		want.source, err = c.paysFrom(q.Request, o.Owner)
		if err != nil {
			return known, err
		}
	}

	if !hash && want == (wanted{}) {
		return known, nil
	}

	found := known
	err = c.ask(ctx, want, hash, q.Slot, &found)
	return found, err
}

// ask reads the wanted accounts and a blockhash, all at once, at a slot or
// later.
func (c *Client) ask(ctx context.Context, want wanted, hash bool, slot uint64, known *ready) error {
	group, ctx := errgroup.WithContext(ctx)
	if want != (wanted{}) {
		group.Go(func() error { return c.look(ctx, want, slot, known) })
	}
	if hash {
		group.Go(func() error {
			lifetime, err := c.lifetime(ctx, slot)
			known.lifetime = &lifetime
			return err
		})
	}
	return group.Wait()
}
