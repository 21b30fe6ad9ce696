package sdk

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// ErrStaleNonce is returned by [Client.Review] when the transaction has a value
// of its nonce account that the account does not hold. It cannot land.
var ErrStaleNonce = errors.New("nonce was used already (have it built again)")

// Review is a transaction of foreign make as [Client.Review] read it.
type Review struct {
	// Transaction is ready to be signed. Its accounts are those of the lookup
	// tables on the chain.
	Transaction *txn.Partial
	// Explanation is what it does.
	Explanation explain.Explanation
	// Policy is the one that it was held against, completed by what was read
	// from the chain.
	Policy explain.Policy
	// Tables are the lookup tables as they are on the chain.
	Tables []txn.LookupTable
}

// String is the explanation: a line for each instruction, and one for the fee.
func (r Review) String() string { return r.Explanation.String() }

// Review reads a transaction of foreign make in base64, and holds it against a
// policy. It is the way for a wallet to look at what it is asked to sign: the
// lookup tables come from the chain and not from whoever made the transaction,
// as do the network fee, rents, balances and whether addresses are vacant where
// the policy does not say so. If no node tells the network fee, the explanation
// has an estimate (FeeTold is false).
//
// A nil error is the verdict that the transaction keeps the policy, see
// [explain.Verify]. A refusal is an [explain.VerifyError], with a review that
// explains the transaction. Other errors, without a review, are of the node, or
// say why the transaction cannot be read.
//
// A transaction with a recent blockhash is given the last block height of the
// latest one, since its own is not known: it ends no later than that.
func (c *Client) Review(
	ctx context.Context,
	transaction string,
	policy explain.Policy,
) (*Review, error) {
	review, err := c.review(ctx, transaction, policy)
	if err != nil {
		return nil, fmt.Errorf("review transaction: %w", err)
	}
	return review, explain.Verify(review.Explanation, review.Policy)
}

func (c *Client) review(
	ctx context.Context,
	transaction string,
	policy explain.Policy,
) (*Review, error) {
	if err := c.usable(ctx); err != nil {
		return nil, err
	}
	envelope, err := txn.ReadEnvelope(transaction)
	if err != nil {
		return nil, err
	}
	lifetime, err := c.foreignLifetime(ctx, envelope)
	if err != nil {
		return nil, err
	}
	tables, err := c.lookupTables(ctx, envelope.LookupTables)
	if err != nil {
		return nil, err
	}
	partial, err := txn.ParseVouched(transaction, lifetime, tables...)
	if err != nil {
		return nil, err
	}

	unsigned := partial.Unsigned()
	asked := askFor(ctx, func(ctx context.Context) (*uint64, error) {
		return c.messageFee(ctx, unsigned, unsigned.Lifetime().Slot)
	})
	defer asked.stop()
	r := &Review{
		Transaction: partial,
		Explanation: explain.Transaction(unsigned, c.registry),
		Policy:      policy,
		Tables:      tables,
	}
	if err := c.completePolicy(ctx, r); err != nil {
		return nil, err
	}

	if fee, err := asked.wait(feeGrace); err == nil {
		r.Explanation = r.Explanation.WithNetworkFee(*fee)
	} else {
		c.logger.WarnContext(ctx, "no node tells the network fee", "error", err)
	}
	return r, ctx.Err()
}

// foreignLifetime is how long a transaction of foreign make can land.
func (c *Client) foreignLifetime(ctx context.Context, envelope txn.Envelope) (txn.Lifetime, error) {
	if account := envelope.Nonce.Account; !account.IsZero() {
		var known ready
		if err := c.look(ctx, wanted{nonce: account}, 0, &known); err != nil {
			return txn.Lifetime{}, err
		}
		lifetime := *known.lifetime
		if lifetime.Blockhash != envelope.Blockhash {
			return txn.Lifetime{}, fmt.Errorf(
				"%w: account %s holds %s",
				ErrStaleNonce,
				account,
				lifetime.Blockhash,
			)
		}
		return lifetime, nil
	}
	lifetime, err := c.lifetime(ctx, 0)
	lifetime.Blockhash = envelope.Blockhash
	return lifetime, err
}

// lookupTables reads lookup tables from the chain.
func (c *Client) lookupTables(
	ctx context.Context,
	addresses []solana.PublicKey,
) ([]txn.LookupTable, error) {
	if len(addresses) == 0 {
		return nil, nil
	}
	set, err := c.readAccounts(ctx, addresses, 0)
	if err != nil {
		return nil, err
	}
	tables := make([]txn.LookupTable, len(addresses))
	for i, address := range addresses {
		table, err := accounts.Load(set, address, accounts.DecodeLookupTable)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", txn.ErrLookupTable, err)
		}
		if tables[i], err = txn.NewLookupTable(address, table, set.Slot()); err != nil {
			return nil, err
		}
	}
	return tables, nil
}

// completePolicy reads what the policy leaves to the chain. Whether an address
// is vacant is always looked at.
func (c *Client) completePolicy(ctx context.Context, r *Review) error {
	need := r.Explanation.NeedVacant(r.Policy.Owner)
	balances := make(map[solana.PublicKey]solana.PublicKey)
	keys := append([]solana.PublicKey{accounts.RentSysvar}, need...)
	for _, mint := range slices.SortedFunc(maps.Keys(r.Policy.MinTokens), accounts.CompareKeys) {
		if _, known := r.Policy.Held[mint]; known {
			continue
		}
		programs := []solana.PublicKey{accounts.TokenProgram, accounts.Token2022Program}
		for _, program := range programs {
			address, err := accounts.AssociatedTokenAddress(r.Policy.Owner, program, mint)
			if err != nil {
				return err
			}
			balances[address] = mint
			keys = append(keys, address)
		}
	}
	set, err := c.readAccounts(ctx, keys, 0)
	if err != nil {
		return err
	}

	token, stake, err := rents(set)
	if err != nil {
		return err
	}
	if r.Policy.TokenAccountRent == 0 {
		r.Policy.TokenAccountRent = token
	}
	if r.Policy.StakeAccountRent == 0 {
		r.Policy.StakeAccountRent = stake
	}
	r.Policy.Vacant = vacant(set, need)
	return r.hold(set, balances)
}

// hold notes the balances of token accounts. A mint has one of the two
// addresses that there are by the two token programs.
func (r *Review) hold(set *accounts.Set, balances map[solana.PublicKey]solana.PublicKey) error {
	held := maps.Clone(r.Policy.Held)
	if held == nil {
		held = make(map[solana.PublicKey]uint64)
	}
	for address, mint := range balances {
		amount, err := balanceOf(set, address)
		if err != nil {
			return err
		}
		held[mint] = max(held[mint], amount)
	}
	r.Policy.Held = held
	return nil
}
