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
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// prefetched is the state that was read before building, so that it need not be
// read again.
type prefetched struct {
	lifetime *txn.Lifetime
	// tokenBalance is the balance of the account that a balance check is about.
	tokenBalance *uint64
	account      solana.PublicKey
	// unitPrice is the expected compute unit price.
	unitPrice uint64
	// recipient is a recipient that was checked.
	recipient solana.PublicKey
	// named are the named token accounts that were checked.
	named namedAccounts
	// payer is the fee payer, or nil if it was not read.
	payer *wallet
	// source is the token account that the owner pays from, or nil if it was
	// not read.
	source *source
	// spent is the least number of lamports that the trade takes from the
	// payer, without the network fee.
	spent uint64
	// guards is the number of steps at the end of the transaction that limit
	// what the steps of the caller take.
	guards int
	// legs reports whether the transaction has foreign legs.
	legs bool
	// slot is the latest slot of the accounts.
	slot uint64
	// addresses caches derived addresses.
	addresses *accounts.Addresses
	// seeds generates the seed of the transaction.
	seeds *seeds
}

// latest returns the latest slot of the answers.
func (r prefetched) latest() uint64 {
	if r.lifetime == nil {
		return r.slot
	}
	return max(r.slot, r.lifetime.Slot)
}

// wanted lists the accounts to read before building. Those that are zero are
// not read.
type wanted struct {
	// payer is the fee payer.
	payer solana.PublicKey
	// source is the token account that the owner pays from.
	source solana.PublicKey
	// token is the account of a balance check.
	token solana.PublicKey
	// recipient is an address that must be a wallet, or with vault another
	// account of a program that can own tokens and stake.
	recipient solana.PublicKey
	vault     bool
	// named are the token accounts that the request names.
	named namedAccounts
	// nonce is the durable nonce account.
	nonce solana.PublicKey
}

// keys returns the addresses without duplicates.
func (w wanted) keys() []solana.PublicKey {
	var keys []solana.PublicKey
	for _, key := range []solana.PublicKey{w.payer, w.source, w.token, w.recipient, w.nonce,
		w.named.source.address, w.named.destination.address} {
		if !key.IsZero() && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// readWanted reads all wanted accounts in one request, with a minimum slot,
// and stores the results in known.
func (c *Client) readWanted(ctx context.Context, w wanted, slot uint64, known *prefetched) error {
	set, err := c.accounts(ctx, w, slot)
	if err != nil {
		return err
	}

	known.slot = set.Slot()

	if w.named != (namedAccounts{}) {
		if err := w.named.check(set); err != nil {
			return err
		}

		known.named = w.named
	}

	if !w.token.IsZero() {
		held, err := balanceOf(set, w.token)
		if err != nil {
			return err
		}

		known.tokenBalance, known.account = &held, w.token
	}

	if !w.recipient.IsZero() {
		check := checkWallet
		if w.vault {
			check = checkVault
		}

		if err := check(set, w.recipient); err != nil {
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

// accounts reads the wanted accounts. It reads a nonce account at confirmed or
// finalized even if the client uses processed: on a dropped fork the account
// may hold a value that it never has elsewhere, and the transaction would seem
// to be used up.
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

// balanceOf returns the balance of a token account, or zero if the account does
// not exist. That of a wrapped SOL account is its lamports above the rent: what
// was paid in without an update of the balance arrives with the next update.
func balanceOf(set *accounts.Set, address solana.PublicKey) (uint64, error) {
	token, err := tokenAccountOf(set, address)
	switch {
	case errors.Is(err, accounts.ErrNotFound):
		return 0, nil
	case err != nil:
		return 0, err
	case token.NativeReserve == nil:
		return token.Amount, nil
	}

	account, err := set.Get(address)

	return fixed.SaturatingSub(account.Lamports, *token.NativeReserve), err
}

// tokenAccountOf returns a token account of a set. The error wraps
// [accounts.ErrNotFound] if the account does not exist, or if its address holds
// only lamports.
func tokenAccountOf(set *accounts.Set, address solana.PublicKey) (*accounts.TokenAccount, error) {
	account, err := set.Get(address)
	switch {
	case err != nil:
		return nil, err
	case account.Owner == accounts.SystemProgram && len(account.Data) == 0:
		return nil, fmt.Errorf("%w: %s holds only lamports", accounts.ErrNotFound, address)
	}
	return accounts.DecodeTokenAccount(account)
}

// complete reads in one step what is missing in known.
func (c *Client) complete(
	ctx context.Context, q *route.Quote, o BuildOptions, known prefetched,
) (prefetched, error) {
	account, guarded, err := q.GuardedAccountFrom(c.addresses, o.Owner)
	if err != nil {
		return known, err
	}

	want := wanted{recipient: uncheckedRecipient(q.Request, o.Owner, &known)}
	want.vault = isVault(q.Request, want.recipient)
	want.named = uncheckedAccounts(q.Request, o.Owner, &known)
	if guarded && (known.tokenBalance == nil || known.account != account) {
		want.token = account
	}

	if known.lifetime == nil {
		want.nonce = o.Nonce
	}

	hash := known.lifetime == nil && o.Nonce.IsZero()
	// If no other request is necessary, the payer is read later.
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
	err = c.readWithBlockhash(ctx, want, hash, q.Slot, &found)

	return found, err
}

// readWithBlockhash reads the wanted accounts and a blockhash at the same time,
// with a minimum slot.
func (c *Client) readWithBlockhash(
	ctx context.Context,
	want wanted,
	hash bool,
	slot uint64,
	known *prefetched,
) error {
	group, ctx := errgroup.WithContext(ctx)
	if want != (wanted{}) {
		group.Go(func() error { return c.readWanted(ctx, want, slot, known) })
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
