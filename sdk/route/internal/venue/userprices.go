package venue

import (
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
)

// userPrices returns the prices of a pool for the user of an ask. They differ
// from those for everyone if the user or a signer is an authority of the pool,
// or receives the manager's fees. Update are the balances of the pool update
// that prices are for, or nil. Authorities do not count unless the trade is
// direct, because the Router does not pass their signatures on.
func userPrices(
	pool *state.StakePool,
	prices *quote.StakePoolPrices,
	update *quote.StakePoolBalances,
	a *offer.Ask,
	token state.Token,
	direct bool,
) *quote.StakePoolPrices {
	if signers := authorities(pool, a); direct && len(signers) > 0 {
		signed := pool.Pool
		signed.Signers, signed.Update = slices.Concat(pool.Pool.Signers, signers), update
		prices = signed.Prepare()
	}

	if a.ToToken == token && receivesFees(pool, a) || a.ToToken != token && paysFromFees(pool, a) {
		prices = prices.OfManager()
	}

	return prices
}

// receivesFees reports whether the output goes to the account that receives the
// manager's fees of a pool.
func receivesFees(pool *state.StakePool, a *offer.Ask) bool {
	if pool == nil || a.DestinationAccount.IsZero() {
		return pool.PaysFeesTo(a.Receives())
	}
	return a.DestinationAccount == pool.Keys.ManagerFeeAccount
}

// paysFromFees reports whether the input comes from the account that receives
// the manager's fees of a pool.
func paysFromFees(pool *state.StakePool, a *offer.Ask) bool {
	if pool == nil || a.SourceAccount.IsZero() {
		return pool.PaysFeesTo(a.User)
	}
	return a.SourceAccount == pool.Keys.ManagerFeeAccount
}

// authorities returns the authorities of a pool that sign the transaction.
func authorities(pool *state.StakePool, a *offer.Ask) (signers []solana.PublicKey) {
	if a.User.IsZero() && len(a.Signers) == 0 {
		return nil
	}

	s := &pool.Pool.State
	for _, authority := range []*solana.PublicKey{
		&s.StakeDepositAuthority, s.SOLDepositAuthority, s.SOLWithdrawAuthority,
	} {
		if authority != nil && a.Signs(*authority) {
			signers = append(signers, *authority)
		}
	}

	return signers
}

// forUser returns a pool with the prices for the user of an ask, see
// userPrices.
func forUser(
	pool *state.StakePoolStake,
	a *offer.Ask,
	token state.Token,
	direct bool,
) *state.StakePoolStake {
	if pool == nil {
		return nil
	}

	if paysReceipt(pool, a, token, direct) {
		pool = pool.Receipts
	}

	prices := userPrices(pool.StakePool, pool.Prices, nil, a, token, direct)
	if prices == pool.Prices {
		return pool
	}

	own, priced := *pool, *pool.StakePool
	priced.Prices, own.StakePool = prices, &priced

	return &own
}

// userAccounts are the wallets and accounts of an ask on which prices depend.
type userAccounts struct{ user, receives, source, destination solana.PublicKey }

func accountsOf(a *offer.Ask) userAccounts {
	return userAccounts{
		user:        a.User,
		receives:    a.Receives(),
		source:      a.SourceAccount,
		destination: a.DestinationAccount,
	}
}

// paysReceipt reports whether a pool pays for the stake of an ask with a
// receipt.
func paysReceipt(pool *state.StakePoolStake, a *offer.Ask, token state.Token, direct bool) bool {
	return direct && a.AcceptReceipt && a.ToToken == token && pool.Receipts != nil
}
