package sdk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// Errors of [Client.Discover]. After one of them nothing is known about the
// token that could be traded.
var (
	// ErrNotToken is returned by [Client.Discover] when the address is neither
	// a mint nor a stake pool. Check the address, and the cluster of the
	// endpoint. If it is a pool of another deployment, name the program in
	// DiscoverOptions.Programs.
	ErrNotToken = errors.New("neither a mint nor a stake pool " +
		"(check the address and the cluster, or name the program of the pool)")
	// ErrPoolNotFound is returned by [Client.Discover] when no pool of the
	// searched deployments has the mint. Name the program of its deployment in
	// DiscoverOptions.Programs, or the pool.
	ErrPoolNotFound = errors.New("no stake pool has this mint (name the pool or its program)")
	// ErrPoolsNotListed is returned by [Client.Discover] and
	// [Client.StakePools] when the node does not list the accounts of a
	// program, as many do not. Name the pool in DiscoverOptions.Pool, or use
	// another endpoint.
	ErrPoolsNotListed = errors.New(
		"the node does not list the accounts of the stake pool program " +
			"(name the pool, or use another endpoint)",
	)
	// ErrNotPoolMint is returned by [Client.Discover] when a pool names a mint
	// that it does not own: the authority of the mint is another one, the mint
	// belongs to another token program, or more tokens exist than the pool
	// issued. Do not trade the token.
	ErrNotPoolMint = errors.New("the stake pool does not own the mint (do not trade the token)")
	// ErrForeignReserve is returned by [Client.Discover] when the reserve that
	// a pool names is not a stake account that the pool alone controls. Do not
	// trade the token.
	ErrForeignReserve = errors.New(
		"the reserve does not belong to the stake pool (do not trade the token)")
	// ErrForeignValidators is returned by [Client.Discover] when the validator
	// list that a pool names is none, or lists stake that the pool does not
	// have. Do not trade the token.
	ErrForeignValidators = errors.New(
		"the validator list does not belong to the stake pool (do not trade the token)")
)

// DiscoverOptions configures [Client.Discover]. All fields are optional.
type DiscoverOptions struct {
	// Pool is the stake pool of the mint. With it, the node need not list the
	// accounts of a program.
	Pool solana.PublicKey
	// Programs are deployments of the stake pool program to search, besides
	// those of [accounts.StakePoolPrograms]. Name only programs whose code you
	// trust: its program alone decides what a pool holds.
	Programs []solana.PublicKey
}

// Discovery is a token that was found on chain, with its pool.
type Discovery struct {
	// Token is the token as an entry of a list. Its symbol and name are those
	// of the client's registry if it has the mint, else those of Metadata in
	// plain ASCII. A symbol that belongs to or imitates another token is
	// replaced, see [lst.PlaceholderSymbol].
	Token lst.LST
	// Mint is the state of the mint, with its extensions.
	Mint accounts.Mint
	// Pool is the state of the stake pool, and Validators its list. They are
	// nil for SOL, mSOL, stSOL and INF, which have no stake pool.
	Pool       *accounts.StakePool
	Validators *accounts.ValidatorList
	// Metadata has the names that the token gives itself, or nil.
	Metadata *DiscoveredMetadata
	// Warnings are reasons not to trade the token without a look at them. See
	// [Discovery.Err].
	Warnings []TokenWarning
	// Slot is the slot of the accounts.
	Slot uint64
}

// DiscoveredMetadata is what a token calls itself. Its issuer chose the texts,
// which can contain any characters.
type DiscoveredMetadata struct {
	accounts.MetadataText
	// Account is the account with the texts: the mint itself for the extension
	// of Token-2022, or an account of Metaplex's program.
	Account solana.PublicKey
	// UpdateAuthority can change the texts. Zero means that they are final.
	UpdateAuthority solana.PublicKey
}

// Discover finds a token and its stake pool on chain, from a mint, a pool or a
// symbol, and checks that they belong together:
//
//   - The pool belongs to one of [accounts.StakePoolPrograms] or of
//     DiscoverOptions.Programs, and names the mint.
//   - The authority of the mint is the withdraw authority of the pool, so that
//     the pool alone issues tokens.
//   - The reserve and the stake of the validator list belong to the pool; of
//     the validators, those 8 with the most stake are checked.
//
// Otherwise it returns an error. Reasons to distrust a token that its pool owns
// are Discovery.Warnings: look at them, or at [Discovery.Err], before you trade
// it with [Client.LoadMarketTokens] or add it to a registry.
//
// From a mint that neither the client's registry nor [lst.Additions] has, the
// pool is found by getProgramAccounts, which some nodes refuse; DiscoverOptions
// can name it. A symbol is looked up in the registry and in the additions: the
// chain has no directory of symbols, because every token may call itself as it
// likes.
//
// To trade unknown mints without calling Discover, see [WithDiscovery].
func (c *Client) Discover(
	ctx context.Context, mintPoolOrSymbol string, opts DiscoverOptions,
) (*Discovery, error) {
	if err := c.usable(ctx); err != nil {
		return nil, fmt.Errorf("discover: %w", err)
	}

	d := newDiscoverer(c, opts)
	address, bySymbol, err := d.resolve(mintPoolOrSymbol)
	if err != nil {
		return nil, fmt.Errorf("discover: %w", err)
	}

	found, err := d.discover(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("discover %s: %w", address, err)
	}

	if bySymbol {
		found.warn(ErrUnverifiedToken, found.Token.Mint,
			"symbol %+q leads to mint %s by a list that was not verified", mintPoolOrSymbol,
			found.Token.Mint)
	}
	return found, nil
}

// DiscoverAddress is [Client.Discover] for the address of a mint or a pool.
func (c *Client) DiscoverAddress(
	ctx context.Context, mintOrPool solana.PublicKey, opts DiscoverOptions,
) (*Discovery, error) {
	if err := c.usable(ctx); err != nil {
		return nil, fmt.Errorf("discover: %w", err)
	}

	found, err := newDiscoverer(c, opts).discover(ctx, mintOrPool)
	if err != nil {
		return nil, fmt.Errorf("discover %s: %w", mintOrPool, err)
	}
	return found, nil
}

// discoverer is the state of one discovery.
type discoverer struct {
	client   *Client
	opts     DiscoverOptions
	programs []solana.PublicKey
	// hints are lists that may name the pool of a mint. They are not trusted.
	hints []*lst.Registry
}

func newDiscoverer(c *Client, opts DiscoverOptions) *discoverer {
	return &discoverer{
		client:   c,
		opts:     opts,
		programs: slices.Concat(accounts.StakePoolPrograms(), opts.Programs),
		hints:    []*lst.Registry{c.lsts(), lst.Additions()},
	}
}

// shortestAddress is the length of the shortest base58 text of 32 bytes. No
// symbol of a registry is as long.
const shortestAddress = 32

// resolve returns the address that a text means. unverified reports whether it
// is the mint of a symbol in a list that was not verified.
func (d *discoverer) resolve(text string) (address solana.PublicKey, unverified bool, err error) {
	if len(text) >= shortestAddress && len(text) <= maxBase58 {
		if address, err = solana.PublicKeyFromBase58(text); err == nil {
			return address, false, nil
		}
	}

	token, err := d.client.lsts().Lookup(text)
	if errors.Is(err, lst.ErrUnknownLST) {
		added, second := lst.Additions().Lookup(text)
		switch {
		case second == nil:
			token, err = added, nil
		case errors.Is(second, lst.ErrAmbiguous):
			err = second
		}
	}
	return token.Mint, token.Unverified, err
}

// discover finds the token of a mint or of a pool.
func (d *discoverer) discover(ctx context.Context, address solana.PublicKey) (*Discovery, error) {
	if single, ok := withoutPool(address); ok {
		return d.single(ctx, single)
	}

	set, err := d.client.readAccounts(ctx, []solana.PublicKey{address}, 0)
	if err != nil {
		return nil, err
	}

	account, err := set.Get(address)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotToken, err)
	}

	switch {
	case account.Owner == accounts.TokenProgram || account.Owner == accounts.Token2022Program:
		mint, err := accounts.DecodeMint(account)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNotToken, err)
		}

		return d.ofMint(ctx, account, mint, set.Slot())

	case slices.Contains(d.programs, account.Owner):
		pool, err := accounts.DecodeStakePoolOf(account, d.programs...)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNotToken, err)
		}

		return d.check(ctx, candidate{
			address: address,
			program: account.Owner,
			mint:    pool.PoolMint,
		}, set.Slot())
	}
	return nil, fmt.Errorf("%w: %s belongs to program %s", ErrNotToken, address, account.Owner)
}

// ofMint finds the token of a mint. Of the pools that name it, only one can own
// it.
func (d *discoverer) ofMint(
	ctx context.Context, account accounts.Account, mint *accounts.Mint, slot uint64,
) (*Discovery, error) {
	if mint.MintAuthority == nil {
		return nil, fmt.Errorf("%w: mint %s has no authority", ErrPoolNotFound, account.Address)
	}

	hinted := d.hinted(account.Address)
	found, owner, err := d.owner(ctx, account.Address, *mint.MintAuthority, hinted, slot)
	if err != nil {
		return nil, err
	}

	if owner == nil && d.opts.Pool.IsZero() {
		listed, err := d.listCandidates(ctx, account.Address)
		if err != nil {
			return nil, err
		}

		more, owns, err := d.owner(ctx, account.Address, *mint.MintAuthority, listed, slot)
		if err != nil {
			return nil, err
		}

		found, owner = append(found, more...), owns
	}

	switch {
	case owner != nil:
		return d.check(ctx, *owner, slot)
	case len(found) > 0:
		return nil, fmt.Errorf("%w: pool %s names mint %s, whose authority is %s", ErrNotPoolMint,
			found[0].address, account.Address, mint.MintAuthority)
	}
	return nil, fmt.Errorf("%w: mint %s", ErrPoolNotFound, account.Address)
}

// candidate is a pool that may own a mint.
type candidate struct{ address, program, mint solana.PublicKey }

// hinted returns the pools that the options or lists name for a mint.
func (d *discoverer) hinted(mint solana.PublicKey) []solana.PublicKey {
	if !d.opts.Pool.IsZero() {
		return []solana.PublicKey{d.opts.Pool}
	}

	var pools []solana.PublicKey
	for _, list := range d.hints {
		if token, err := list.ByMint(mint); err == nil && token.Kind.IsStakePool() {
			pools = appendNew(pools, token.Pool)
		}
	}
	return pools
}

// owner reads pools, and returns those that name the mint and the one that owns
// it, or nil.
func (d *discoverer) owner(
	ctx context.Context, mint, authority solana.PublicKey, pools []solana.PublicKey, slot uint64,
) (naming []candidate, owner *candidate, err error) {
	if len(pools) == 0 {
		return nil, nil, nil
	}

	set, err := d.client.readAccounts(ctx, pools, slot)
	if err != nil {
		return nil, nil, err
	}

	for _, address := range pools {
		account, err := set.Get(address)
		if err != nil {
			continue
		}

		pool, err := accounts.DecodeStakePoolOf(account, d.programs...)
		if err != nil || pool.PoolMint != mint {
			continue
		}

		c := candidate{
			address: address,
			program: account.Owner,
			mint:    mint,
		}

		naming = append(naming, c)
		if own, err := pool.WithdrawAuthority(account.Owner, address); err == nil &&
			own == authority {
			owner = &c
		}
	}
	return naming, owner, nil
}

// withoutPool returns the entry of a token that has no stake pool, from the
// built-in list: SOL, mSOL, stSOL and INF.
func withoutPool(mint solana.PublicKey) (lst.LST, bool) {
	token, err := lst.Default().ByMint(mint)
	return token, err == nil && !token.Kind.IsStakePool()
}

// single returns the discovery of a token without a stake pool. The market
// checks the accounts of its protocol.
func (d *discoverer) single(ctx context.Context, token lst.LST) (*Discovery, error) {
	metadata, err := accounts.TokenMetadataAddress(token.Mint)
	if err != nil {
		return nil, err
	}

	set, err := d.client.readAccounts(ctx, []solana.PublicKey{token.Mint, metadata}, 0)
	if err != nil {
		return nil, err
	}

	mint, err := accounts.Load(set, token.Mint, accounts.DecodeMint)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotToken, err)
	}

	found := &Discovery{
		Token: token,
		Mint:  *mint,
		Slot:  set.Slot(),
	}

	found.Metadata = metadataOf(set, token.Mint, mint)
	return found, nil
}
