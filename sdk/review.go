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

// ErrStaleNonce is returned by [Client.Review] when the nonce account no longer
// holds the value in the transaction, which therefore cannot land. Have the
// transaction built again.
var ErrStaleNonce = errors.New("the nonce was already used (have the transaction built again)")

// Review is the result of [Client.Review].
type Review struct {
	// Transaction can be signed. Its accounts were resolved with the lookup
	// tables on the chain.
	Transaction *txn.Partial
	// Explanation describes the instructions of the transaction.
	Explanation explain.Explanation
	// Policy is the policy that was verified, completed by values from the
	// chain.
	Policy explain.Policy
	// Tables are the lookup tables on the chain.
	Tables []txn.LookupTable
}

// String returns the explanation: one line for each instruction and one for the
// fee.
func (r Review) String() string { return r.Explanation.String() }

// Review verifies a transaction that another program built, in base64, against
// a policy. Wallets use it before they sign.
//
// The lookup tables, the network fee and the vacant addresses come from the
// chain, never from the author of the transaction. Rents and balances come from
// the chain if the policy does not set them. If no node reports the network
// fee, the explanation contains an estimate and its FeeKnown is false.
//
// A nil error means that the transaction satisfies the policy, see
// [explain.Verify]. If it does not, the error is an [*explain.VerifyError] and
// the review explains the transaction. Any other error means that the
// transaction or an account could not be read, and comes without a review.
//
// The lifetime of a transaction with a recent blockhash is unknown. Review
// assumes the last valid block height of the latest blockhash, which is never
// too early.
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
		Explanation: explain.Transaction(unsigned, c.lsts()),
		Policy:      policy,
		Tables:      tables,
	}

	if err := c.completePolicy(ctx, r); err != nil {
		return nil, err
	}

	if fee, err := asked.wait(feeGrace); err == nil {
		r.Explanation = r.Explanation.WithNetworkFee(*fee)
	} else {
		c.logger.WarnContext(ctx, "no node reports the network fee", "error", err)
	}

	return r, ctx.Err()
}

// foreignLifetime returns the lifetime of a transaction that another program
// built.
func (c *Client) foreignLifetime(ctx context.Context, envelope txn.Envelope) (txn.Lifetime, error) {
	if account := envelope.Nonce.Account; !account.IsZero() {
		var known prefetched
		if err := c.readWanted(ctx, wanted{nonce: account}, 0, &known); err != nil {
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

	// An account with more data is not a lookup table.
	set, err := c.readHeads(ctx, addresses, accounts.MaxLookupTableSpace+1, 0)
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

// completePolicy reads the values that the policy does not set, and always
// whether addresses are vacant.
func (c *Client) completePolicy(ctx context.Context, r *Review) error {
	need := r.Explanation.NeedVacant(r.Policy.Owner)
	balances := make(map[solana.PublicKey]solana.PublicKey)
	keys := append([]solana.PublicKey{accounts.RentSysvar}, need...)
	for _, t := range r.Policy.TokenAccounts {
		keys = append(keys, t.Address)
	}

	for _, mint := range r.counted() {
		if _, known := r.Policy.PreBalances[mint]; known {
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

	mints := slices.DeleteFunc(token2022Mints(r.Explanation), func(mint solana.PublicKey) bool {
		_, known := r.Policy.TokenRents[mint]
		return known
	})

	set, err := c.readAccounts(ctx, append(keys, mints...), 0)
	if err != nil {
		return err
	}

	r.Policy.TokenRents = tokenRents(set, mints, r.Policy.TokenRents)
	rent, err := rentsOf(set)
	if err != nil {
		return err
	}

	if r.Policy.TokenAccountRent == 0 {
		r.Policy.TokenAccountRent = rent.tokenRent
	}

	if r.Policy.StakeAccountRent == 0 {
		r.Policy.StakeAccountRent = rent.stakeRent
	}

	if r.Policy.ReceiptRent == 0 {
		r.Policy.ReceiptRent = rent.receiptRent
	}

	r.Policy.Vacant = vacant(set, need)
	if err := r.checkAccounts(set); err != nil {
		return err
	}

	return r.hold(set, balances)
}

// tokenRents adds the rents of the associated token accounts of mints to those
// that are known. It leaves out a mint that does not exist or is malformed, of
// which the transaction cannot create an account.
func tokenRents(
	set *accounts.Set, mints []solana.PublicKey, known map[solana.PublicKey]uint64,
) map[solana.PublicKey]uint64 {
	all := maps.Clone(known)
	for _, mint := range mints {
		rents, err := rentsByMint(set, []solana.PublicKey{mint})
		if err != nil {
			continue
		}

		if all == nil {
			all = make(map[solana.PublicKey]uint64)
		}

		maps.Copy(all, rents)
	}

	return all
}

// expected returns the mints of which the policy has a minimum.
func (r *Review) expected() []solana.PublicKey {
	mints := slices.Collect(maps.Keys(r.Policy.MinTokens))
	if r.Policy.MinLamports > 0 {
		mints = appendNew(mints, accounts.NativeMint)
	}
	slices.SortFunc(mints, accounts.CompareKeys)
	return mints
}

// counted returns the mints whose arrival counts: those that are expected, and
// wrapped SOL if it makes up for lamports that leave.
func (r *Review) counted() []solana.PublicKey {
	mints := r.expected()
	if r.Policy.MaxLamports > 0 {
		mints = appendNew(mints, accounts.NativeMint)
	}
	return mints
}

// checkAccounts checks the token accounts that the policy names, and stores
// their balances in the policy. Those of a token that must arrive have to be
// out of reach of other keys.
func (r *Review) checkAccounts(set *accounts.Set) error {
	named := slices.Clone(r.Policy.TokenAccounts)
	for i, t := range named {
		account := namedAccount{
			address: t.Address,
			mint:    t.Mint,
			owner:   t.Wallet,
		}

		check := account.checkSource
		if slices.Contains(r.expected(), t.Mint) {
			check = account.checkDestination
		}

		if err := check(set); err != nil {
			return err
		}

		if t.PreBalance == nil {
			held, err := balanceOf(set, t.Address)
			if err != nil {
				return err
			}

			named[i].PreBalance = &held
		}
	}

	r.Policy.TokenAccounts = named
	return nil
}

// hold stores the balances of token accounts in the policy. A mint has an
// associated account for each of the two token programs, of which only one can
// exist.
func (r *Review) hold(set *accounts.Set, balances map[solana.PublicKey]solana.PublicKey) error {
	held := maps.Clone(r.Policy.PreBalances)
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

	r.Policy.PreBalances = held
	return nil
}
