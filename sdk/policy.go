package sdk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Policy makes the tightest policy that the transaction of a quote passes, as
// [Client.Build] builds it with these options: what may leave and what has to
// arrive as the quote says, with rents, balances and the network fee that it
// reads from the chain. If no node tells the fee, a signature counts 5,000
// lamports. Name the seed in the options, so that addresses which
// the transaction needs to be vacant are looked at as well; [Client.Review]
// looks at them itself.
//
// The policy is for one transaction. Where the quote is made of two, make one
// for each of its legs.
func (c *Client) Policy(
	ctx context.Context,
	quote route.Quote,
	opts BuildOptions,
) (explain.Policy, error) {
	d, err := c.draft(ctx, quote, opts)
	if err != nil {
		return explain.Policy{}, fmt.Errorf("make policy: %w", err)
	}
	policy, err := d.policy()
	if err != nil {
		return explain.Policy{}, fmt.Errorf("make policy: %w", err)
	}
	return policy, nil
}

// SponsorPolicy makes the tightest policy of the payer that the transaction of
// a quote passes, see [Client.Policy].
func (c *Client) SponsorPolicy(
	ctx context.Context, quote route.Quote, opts BuildOptions,
) (explain.SponsorPolicy, error) {
	d, err := c.draft(ctx, quote, opts)
	if err != nil {
		return explain.SponsorPolicy{}, fmt.Errorf("make policy: %w", err)
	}
	return d.sponsor(), nil
}

// draft is what policies are made of: the quote, its steps in words, and what
// was read from the chain.
type draft struct {
	quote route.Quote
	opts  BuildOptions
	steps explain.Explanation
	// tokenRent and stakeRent are those of the chain.
	tokenRent, stakeRent uint64
	held                 *uint64
	vacant               []solana.PublicKey
	nonce                txn.DurableNonce
	// plan is what is sent in the end, as far as its base fee depends on it,
	// and baseFee what a node charges for it; nil if none told.
	plan    txn.Plan
	baseFee *uint64
}

func (c *Client) draft(ctx context.Context, quote route.Quote, opts BuildOptions) (*draft, error) {
	if err := c.usable(ctx); err != nil {
		return nil, err
	}

	if opts.Owner.IsZero() {
		return nil, ErrNoOwner
	}

	opts.Payer = cmp.Or(opts.Payer, opts.Owner)
	d := &draft{quote: quote, opts: opts}
	account, guarded, err := quote.BalanceCheckAccount(opts.Owner)
	if err != nil {
		return nil, err
	}

	// What the steps are does not depend on what the account holds.
	steps, err := d.explain(new(uint64))
	if err != nil {
		return nil, err
	}

	d.steps = steps
	var lifetime *txn.Lifetime
	if !opts.Nonce.IsZero() {
		var known ready
		if err := c.look(ctx, wanted{nonce: opts.Nonce}, quote.Slot, &known); err != nil {
			return nil, err
		}

		lifetime, d.nonce = known.lifetime, known.lifetime.Nonce
	} else {
		lifetime = opts.kept()
	}

	asked := askFor(ctx, func(ctx context.Context) (*uint64, error) {
		return c.planFee(ctx, d.plan, lifetime, quote.Slot)
	})
	defer asked.stop()
	if err := c.read(ctx, d, account, guarded); err != nil {
		return nil, err
	}

	d.baseFee = c.waitBaseFee(ctx, asked)

	return d, ctx.Err()
}

// planFee asks what a plan costs beside the priority fee. It takes a blockhash
// where there is no lifetime, which changes nothing of the fee.
func (c *Client) planFee(
	ctx context.Context, plan txn.Plan, lifetime *txn.Lifetime, slot uint64,
) (*uint64, error) {
	if lifetime == nil {
		latest, err := c.lifetime(ctx, slot)
		if err != nil {
			return nil, err
		}

		lifetime = &latest
	}

	plan.Lifetime = *lifetime
	unsigned, err := plan.Compile()
	if err != nil {
		return nil, err
	}

	return c.baseFee(ctx, unsigned, max(slot, lifetime.Slot))
}

// explain explains the steps of the quote.
func (d *draft) explain(held *uint64) (explain.Explanation, error) {
	parties := route.BuildParams{
		Owner:      d.opts.Owner,
		Payer:      d.opts.Payer,
		Seed:       d.opts.Seed,
		PreBalance: held,
	}
	if parties.Seed == "" {
		parties.Seed = (*seeds)(nil).next()
	}

	if d.quote.NeedsStakeKeypair {
		key := d.opts.StakeKeypair
		if key == nil {
			var err error
			if key, err = txn.GenerateKeySigner(); err != nil {
				return explain.Explanation{}, err
			}
		}

		parties.NewAccount = key.PublicKey()
	}

	steps, err := d.quote.Steps(parties)
	if err != nil {
		return explain.Explanation{}, err
	}

	ixs := make([]solana.Instruction, len(steps))
	for i, s := range steps {
		ixs[i] = s.Instruction
	}

	d.plan = txn.Plan{
		Payer:  d.opts.Payer,
		Steps:  steps,
		Legacy: d.opts.Legacy,
		Tables: d.quote.Tables,
	}

	return explain.Instructions(d.opts.Payer, ixs, nil), nil
}

// read takes rents, the balance that a check is about, and the addresses that
// have to be vacant from the chain.
func (c *Client) read(
	ctx context.Context,
	d *draft,
	guarded solana.PublicKey,
	isGuarded bool,
) error {
	keys := []solana.PublicKey{accounts.RentSysvar}
	if isGuarded {
		keys = append(keys, guarded)
	}

	var need []solana.PublicKey
	if d.opts.Seed != "" {
		need = d.steps.NeedVacant(d.opts.Owner)
	}

	set, err := c.readAccounts(ctx, append(keys, need...), d.quote.Slot)
	if err != nil {
		return err
	}

	if d.tokenRent, d.stakeRent, err = rents(set); err != nil {
		return err
	}

	d.vacant = vacant(set, need)
	if !isGuarded {
		return nil
	}

	held, err := balanceOf(set, guarded)
	d.held = &held

	return err
}

// readAccounts reads accounts at a slot or later, in requests that nodes take.
func (c *Client) readAccounts(
	ctx context.Context, keys []solana.PublicKey, slot uint64,
) (*accounts.Set, error) {
	slot = max(slot, c.seen.slot.Load())
	set := accounts.NewSet(0)
	for part := range slices.Chunk(keys, accountsPerRequest) {
		answer := multipleAccounts{keys: part}
		if err := c.multipleAccounts(ctx, part, 0, slot, &answer); err != nil {
			return nil, err
		}

		if err := answer.into(set, part); err != nil {
			return nil, err
		}

		slot = max(slot, answer.Context.Slot)
	}

	set.SetSlot(slot)
	return set, nil
}

// rents are those of token and stake accounts.
func rents(set *accounts.Set) (token, stake uint64, err error) {
	rent, err := accounts.Load(set, accounts.RentSysvar, accounts.DecodeRent)
	if err != nil {
		return 0, 0, err
	}
	if token, err = rent.MinimumBalance(accounts.TokenAccountSpace); err != nil {
		return 0, 0, err
	}
	stake, err = rent.MinimumBalance(accounts.StakeAccountSpace)
	return token, stake, err
}

// vacant are the addresses at which there is no account.
func vacant(set *accounts.Set, addresses []solana.PublicKey) []solana.PublicKey {
	return slices.DeleteFunc(slices.Clone(addresses), func(address solana.PublicKey) bool {
		_, err := set.Get(address)
		return !errors.Is(err, accounts.ErrNotFound)
	})
}

// policy is that of the owner.
func (d *draft) policy() (explain.Policy, error) {
	request := d.quote.Request
	p := explain.Policy{
		Owner:              d.opts.Owner,
		Recipient:          request.Recipient,
		Payer:              d.opts.Payer,
		MaxTokens:          make(map[solana.PublicKey]uint64),
		MaxStake:           make(map[solana.PublicKey]uint64),
		Stake:              make(map[solana.PublicKey]explain.StakePermission),
		DeactivateReceived: request.Deactivate,
		MinTokens:          make(map[solana.PublicKey]uint64),
		PreBalances:        make(map[solana.PublicKey]uint64),
		Vacant:             d.vacant,
		TokenAccountRent:   d.tokenRent,
		StakeAccountRent:   d.stakeRent,
		Nonce:              d.nonce,
	}
	if d.held != nil {
		p.PreBalances[request.To] = *d.held
	}

	if err := d.leaves(&p); err != nil {
		return explain.Policy{}, err
	}

	d.arrives(&p)
	d.form(&p)

	return p, nil
}

// leaves sets what may leave.
func (d *draft) leaves(p *explain.Policy) error {
	request := d.quote.Request
	_, fromStake := d.stakeAccount()
	switch {
	case request.From == accounts.NativeMint:
		p.MaxLamports = d.quote.MaxIn
	case fromStake:
		d.drawsOn(p)
	default:
		p.MaxTokens[request.From] = d.quote.MaxIn
	}

	for _, leg := range d.quote.Legs {
		for _, mint := range []solana.PublicKey{leg.Request.From, leg.Request.To} {
			if mint == request.From || mint == request.To || mint == accounts.NativeMint {
				continue
			}

			p.MaxTokens[mint] = 0
		}
	}

	for _, cost := range d.quote.Costs {
		if cost.Recoverable || cost.Name == route.PriorityFeeCost {
			continue
		}

		var err error
		if p.MaxLamports, err = fixed.Add(p.MaxLamports, cost.Lamports); err != nil {
			return err
		}
	}

	return nil
}

// stakeAccount is the instruction that draws on the stake account that is
// traded, if one is.
func (d *draft) stakeAccount() (explain.Instruction, bool) {
	from := d.quote.Request.From
	for _, in := range d.steps.Instructions {
		if stake, ok := in.Account("stake account"); ok && stake == from {
			return in, true
		}
	}
	return explain.Instruction{}, false
}

// drawsOn permits what the trade of a stake account does to it.
func (d *draft) drawsOn(p *explain.Policy) {
	from := d.quote.Request.From
	in, _ := d.stakeAccount()
	switch {
	case in.ProgramName == "stake" && in.Name == "Split":
		p.MaxStake[from] = d.quote.MaxIn
		p.Stake[from] = explain.StakePermission{Split: true}
	case in.ProgramName == "stake" && in.Name == "Withdraw":
		p.MaxStake[from] = d.quote.MaxIn
	default:
		p.MaxStake[from] = math.MaxUint64
	}
}

// arrives sets what has to arrive.
func (d *draft) arrives(p *explain.Policy) {
	switch to := d.quote.Request.To; to {
	case accounts.NativeMint:
		p.MinLamports = d.quote.MinOut
	case route.NativeStake:
		// Lido's program takes no limit, and the rate is that of the epoch.
		limited := slices.ContainsFunc(d.steps.Instructions, func(in explain.Instruction) bool {
			_, ok := in.Amount("minimum lamports out")
			return ok
		})
		if limited {
			p.MinStake = d.quote.MinOut
		}

	default:
		p.MinTokens[to] = d.quote.MinOut
	}
}

// form sets what is about accounts, signers and fees.
func (d *draft) form(p *explain.Policy) {
	request := d.quote.Request
	if d.opts.Payer == d.opts.Owner {
		p.MaxNewAccounts = len(d.tokenAccounts())
		p.MaxRent = uint64(p.MaxNewAccounts) * d.tokenRent
	}

	if request.To == route.NativeStake && request.Recipient.IsZero() {
		p.MaxNewAccounts++
		p.MaxRent += d.stakeRent
	}

	p.MaxSigners = d.signers()
	p.MaxNetworkFee = d.networkFee()
	if d.opts.Legacy {
		p.Versions = []txn.Version{txn.VersionLegacy}
	}
}

// tokenAccounts are the associated token accounts that the steps create, as far
// as there are none yet.
func (d *draft) tokenAccounts() []explain.Instruction {
	var created []explain.Instruction
	for _, in := range d.steps.Instructions {
		account, ok := in.Account("token account")
		if !ok || in.ProgramName != "associated token account" {
			continue
		}

		twice := slices.ContainsFunc(created, func(other explain.Instruction) bool {
			first, _ := other.Account("token account")
			return first == account
		})
		if !twice {
			created = append(created, in)
		}
	}

	return created
}

// signers is how many keys sign.
func (d *draft) signers() int {
	keys := d.steps.Signers
	if authority := d.nonce.Authority; !authority.IsZero() && !slices.Contains(keys, authority) {
		return len(keys) + 1
	}
	return len(keys)
}

// networkFee is the most that landing costs with these options.
func (d *draft) networkFee() uint64 {
	priority := d.opts.Priority.limit()
	if d.opts.Priority.None {
		priority = 0
	}

	// The steps have no compute budget: theirs is the fee of the signatures.
	each := d.steps.NetworkFee / uint64(len(d.steps.Signers))
	base := each * uint64(d.signers())
	if d.baseFee != nil {
		base = *d.baseFee
	}

	fee, err := fixed.Add(priority, base)
	if err != nil {
		return math.MaxUint64
	}

	return fee
}

// sponsor is the policy of the payer.
func (d *draft) sponsor() explain.SponsorPolicy {
	p := explain.SponsorPolicy{
		Sponsor:          d.opts.Payer,
		MaxNetworkFee:    d.networkFee(),
		MaxAdvance:       d.quote.UpfrontRent,
		TokenAccountRent: d.tokenRent,
		StakeAccountRent: d.stakeRent,
		Nonce:            d.nonce,
	}

	for _, in := range d.tokenAccounts() {
		p.MaxNewAccounts++
		p.MaxRent += d.tokenRent
		wallet, _ := in.Account("wallet")
		mint, _ := in.Account("mint")
		p.Wallets, p.Mints = appendNew(p.Wallets, wallet), appendNew(p.Mints, mint)
	}

	return p
}

// appendNew appends a key that is not there yet.
func appendNew(keys []solana.PublicKey, key solana.PublicKey) []solana.PublicKey {
	if slices.Contains(keys, key) {
		return keys
	}
	return append(keys, key)
}
