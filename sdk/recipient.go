package sdk

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// dropSelfRecipient returns the request without its recipient if that is the
// owner, so that all venues can serve it, and with the owner as its user.
func dropSelfRecipient(r route.Request, owner solana.PublicKey) route.Request {
	if r.User.IsZero() {
		r.User = owner
	}

	if r.Recipient == owner {
		r.Recipient = solana.PublicKey{}
	}
	return r
}

// uncheckedRecipient returns the recipient of a request if it was not checked
// before, or zero.
func uncheckedRecipient(
	r route.Request,
	owner solana.PublicKey,
	known *prefetched,
) solana.PublicKey {
	if r = dropSelfRecipient(r, owner); r.Recipient != known.recipient {
		return r.Recipient
	}
	return solana.PublicKey{}
}

// checkWallet returns an error if an address is not a wallet. Payments to a
// token account, a mint or a program may be lost. An unused address counts as a
// wallet.
func checkWallet(set *accounts.Set, address solana.PublicKey) error {
	account, err := set.Get(address)
	switch {
	case errors.Is(err, accounts.ErrNotFound):
		return nil
	case err != nil:
		return err
	case account.Owner != accounts.SystemProgram:
		return fmt.Errorf("%w: %s is owned by the program %s and is not a wallet",
			route.ErrRecipient, address, account.Owner)
	case len(account.Data) > 0:
		return fmt.Errorf("%w: %s holds %d bytes of data and is not a wallet", route.ErrRecipient,
			address, len(account.Data))
	}

	return nil
}

// isVault reports whether a recipient may be a program derived address whose
// account belongs to a program: the request allows it and pays no SOL. SOL may
// be lost in such an account.
func isVault(r route.Request, recipient solana.PublicKey) bool {
	paysSOL := r.To == accounts.NativeMint && !r.UseWSOL
	return r.AllowRecipientOffCurve && !paysSOL && !recipient.IsZero() &&
		!solana.IsOnCurve(recipient[:])
}

// notVaults own accounts for which no program signs.
var notVaults = []solana.PublicKey{
	accounts.TokenProgram, accounts.Token2022Program, accounts.StakeProgram,
	solana.VoteProgramID, accounts.LookupTableProgram, accounts.SysvarProgram,
	accounts.UpgradeableLoader, accounts.StakePoolProgram, accounts.SanctumStakePoolProgram,
	accounts.SanctumMultiStakePoolProgram, accounts.MarinadeProgram, accounts.LidoProgram,
	accounts.ReserveProgram, accounts.RouterProgram, accounts.InfinityProgram,
}

// checkVault returns an error if no program can sign for an address, so that
// tokens and stake of the address would be lost. An unused address counts as a
// vault.
func checkVault(set *accounts.Set, address solana.PublicKey) error {
	account, err := set.Get(address)
	switch {
	case errors.Is(err, accounts.ErrNotFound):
		return nil
	case err != nil:
		return err
	case account.Owner == accounts.SystemProgram && len(account.Data) > 0:
		return fmt.Errorf("%w: %s holds data of the system program, such as a nonce",
			route.ErrRecipient, address)
	case account.Executable || slices.Contains(notVaults, account.Owner):
		return fmt.Errorf("%w: %s is owned by the program %s, so that no program signs for it",
			route.ErrRecipient, address, account.Owner)
	}

	return nil
}
