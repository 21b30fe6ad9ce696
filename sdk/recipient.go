package sdk

import (
	"context"
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"
	"golang.org/x/sync/errgroup"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// forOthers is a request with the recipient left out who is the owner anyway, so that all venues can serve it.
func forOthers(r route.Request, owner solana.PublicKey) route.Request {
	if r.Recipient == owner {
		r.Recipient = solana.PublicKey{}
	}
	return r
}

// checkRecipient lets a group look at the recipient of a request, if there is one that was not looked at before.
func (c *Client) checkRecipient(ctx context.Context, group *errgroup.Group, r route.Request, owner solana.PublicKey, known *ready, slot uint64) {
	if r = forOthers(r, owner); r.Recipient == known.recipient {
		return
	}
	known.recipient = r.Recipient
	group.Go(func() error { return c.checkWallet(ctx, r.Recipient, slot) })
}

// checkWallet refuses an address that holds something else than SOL: what is paid to a token account, a mint or a program is lost, or as good
// as that. An address that was never used is a wallet.
func (c *Client) checkWallet(ctx context.Context, address solana.PublicKey, slot uint64) error {
	keys := []solana.PublicKey{address}
	var answer multipleAccounts
	if err := c.multipleAccounts(ctx, keys, 0, slot, &answer); err != nil {
		return err
	}
	set := accounts.NewSet(answer.Context.Slot)
	if err := answer.into(set, keys); err != nil {
		return err
	}
	account, err := set.Get(address)
	switch {
	case errors.Is(err, accounts.ErrNotFound):
		return nil
	case err != nil:
		return err
	case account.Owner != accounts.SystemProgram:
		return fmt.Errorf("%w: %s is an account of the program %s, not a wallet", route.ErrRecipient, address, account.Owner)
	case len(account.Data) > 0:
		return fmt.Errorf("%w: %s holds %d bytes of data, as no wallet does", route.ErrRecipient, address, len(account.Data))
	}
	return nil
}
