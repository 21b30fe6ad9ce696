package sdk

import (
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// forOthers is a request with the recipient left out who is the owner anyway,
// so that all venues can serve it.
func forOthers(r route.Request, owner solana.PublicKey) route.Request {
	if r.Recipient == owner {
		r.Recipient = solana.PublicKey{}
	}
	return r
}

// unseenRecipient is the recipient of a request if there is one that was not
// looked at before.
func unseenRecipient(r route.Request, owner solana.PublicKey, known *ready) solana.PublicKey {
	if r = forOthers(r, owner); r.Recipient != known.recipient {
		return r.Recipient
	}
	return solana.PublicKey{}
}

// checkWallet refuses an address that holds something else than SOL: what is
// paid to a token account, a mint or a program is lost, or as good as that. An
// address that was never used is a wallet.
func checkWallet(set *accounts.Set, address solana.PublicKey) error {
	account, err := set.Get(address)
	switch {
	case errors.Is(err, accounts.ErrNotFound):
		return nil
	case err != nil:
		return err
	case account.Owner != accounts.SystemProgram:
		return fmt.Errorf("%w: %s is an account of the program %s, not a wallet",
			route.ErrRecipient, address, account.Owner)
	case len(account.Data) > 0:
		return fmt.Errorf("%w: %s holds %d bytes of data, as no wallet does", route.ErrRecipient,
			address, len(account.Data))
	}

	return nil
}
