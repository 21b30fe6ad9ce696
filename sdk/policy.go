package sdk

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// Policy returns the tightest policy that the transaction of a quote passes, as
// [Client.Build] builds it with the same options. Verify the transaction
// against it with [explain.Verify] before signing.
//
// The limits come from the quote; rents, balances and the network fee come from
// the chain. If no node reports the fee, each signature counts 5,000 lamports.
// Set BuildOptions.Seed, so that the policy also lists the addresses that must
// be vacant; [Client.Review] determines them itself.
//
// A policy covers one transaction. For a quote with NeedsTwoTransactions, make
// one for each of its legs.
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

// SponsorPolicy returns the tightest policy for the fee payer that the
// transaction of a quote passes. See [Client.Policy].
func (c *Client) SponsorPolicy(
	ctx context.Context, quote route.Quote, opts BuildOptions,
) (explain.SponsorPolicy, error) {
	d, err := c.draft(ctx, quote, opts)
	if err != nil {
		return explain.SponsorPolicy{}, fmt.Errorf("make policy: %w", err)
	}

	policy, err := d.sponsor()
	if err != nil {
		return explain.SponsorPolicy{}, fmt.Errorf("make policy: %w", err)
	}

	return policy, nil
}

// policy returns the policy of the owner.
func (d *draft) policy() (explain.Policy, error) {
	request := d.quote.Request
	p := explain.Policy{
		Owner:              d.opts.Owner,
		Recipient:          request.Recipient,
		Payer:              d.opts.Payer,
		Signers:            request.Signers,
		MaxTokens:          make(map[solana.PublicKey]uint64),
		MaxStake:           make(map[solana.PublicKey]uint64),
		Stake:              make(map[solana.PublicKey]explain.StakePermission),
		DeactivateReceived: request.Deactivate,
		MinTokens:          make(map[solana.PublicKey]uint64),
		PreBalances:        make(map[solana.PublicKey]uint64),
		Vacant:             d.vacant,
		TokenAccountRent:   d.tokenRent,
		TokenRents:         d.token2022Rents,
		StakeAccountRent:   d.stakeRent,
		ReceiptRent:        d.receiptRent,
		Transfers:          make(map[solana.PublicKey]uint64),
		Nonce:              d.nonce,
	}

	d.nameAccounts(&p)

	if err := d.limitSpending(&p); err != nil {
		return explain.Policy{}, err
	}

	d.requireOutput(&p)
	d.netCosts(&p)
	if err := d.permitSteps(&p); err != nil {
		return explain.Policy{}, err
	}

	d.limitForm(&p)

	return p, nil
}

// nameAccounts names the token accounts of the request, and sets the balance of
// the account that the transaction checks.
func (d *draft) nameAccounts(p *explain.Policy) {
	named := namedBy(d.quote.Request, d.opts.Owner)
	if n := named.source; !n.address.IsZero() {
		p.TokenAccounts = append(p.TokenAccounts, explain.TokenAccount{
			Address: n.address,
			Mint:    n.mint,
			Wallet:  n.owner,
		})
	}

	switch n := named.destination; {
	case !n.address.IsZero():
		p.TokenAccounts = append(p.TokenAccounts, explain.TokenAccount{
			Address:    n.address,
			Mint:       n.mint,
			Wallet:     n.owner,
			PreBalance: d.tokenBalance,
		})

	case d.tokenBalance != nil:
		p.PreBalances[d.quote.Request.To] = *d.tokenBalance
	}
}

// limitSpending sets the limits on what may leave the owner's accounts.
func (d *draft) limitSpending(p *explain.Policy) error {
	request := d.quote.Request
	_, fromStake := d.stakeAccount()
	switch {
	case request.From == accounts.NativeMint:
		p.MaxLamports = d.quote.MaxIn
	case fromStake:
		d.permitStakeUse(p)
		for _, other := range request.MergeStake {
			p.Stake[other] = explain.StakePermission{MergeInto: request.From}
		}

		if added := d.quote.AddedSOL; added > 0 {
			p.Transfers[request.From] = added
		}

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
		if cost.Recoverable || cost.Name == route.PriorityFeeCost ||
			cost.Name == route.ReceiptRentCost { // limited by MaxRent
			continue
		}

		var err error
		if p.MaxLamports, err = fixed.Add(p.MaxLamports, cost.Lamports); err != nil {
			return err
		}
	}

	// The transfer to the stake account has a limit of its own.
	p.MaxLamports = fixed.SaturatingSub(p.MaxLamports, d.quote.AddedSOL)

	return nil
}

// stakeAccount returns the instruction that uses the sold stake account, if
// there is one.
func (d *draft) stakeAccount() (explain.Instruction, bool) {
	from := d.quote.Request.From
	for _, in := range d.steps.Instructions {
		if in.ProgramName == "stake" && in.Name == "Merge" {
			continue // It is part of every use of a merged account.
		}

		if stake, ok := in.Account("stake account"); ok && stake == from {
			return in, true
		}
	}

	return explain.Instruction{}, false
}

// permitStakeUse permits the operations of the trade on the sold stake account.
func (d *draft) permitStakeUse(p *explain.Policy) {
	from := d.quote.Request.From
	in, _ := d.stakeAccount()
	switch {
	case d.quote.ReturnedSOL > 0:
		p.MaxStake[from] = math.MaxUint64 // A deposit follows the withdrawal.
	case in.ProgramName == "stake" && in.Name == "Split":
		p.MaxStake[from] = d.quote.MaxIn
		p.Stake[from] = explain.StakePermission{Split: true}
	case in.ProgramName == "stake" && in.Name == "Withdraw":
		p.MaxStake[from] = d.quote.MaxIn
	case in.ProgramName == "stake" && in.Name == "Deactivate":
		p.MaxStake[from] = d.quote.MaxIn
		p.Stake[from] = explain.StakePermission{Deactivate: true}
	default:
		p.MaxStake[from] = math.MaxUint64
	}
}

// requireOutput sets what must arrive.
func (d *draft) requireOutput(p *explain.Policy) {
	switch to := d.quote.Request.To; to {
	case accounts.NativeMint:
		p.MinLamports = d.quote.MinOut
	case route.NativeStake:
		// The programs of Lido and Marinade have no minimum output. Lido's rate
		// is fixed for the epoch, and the minimum output of Marinade's stake is
		// that at the highest fee.
		limited := slices.ContainsFunc(d.steps.Instructions, func(in explain.Instruction) bool {
			_, ok := in.Amount("minimum lamports out")
			return ok
		})
		if limited {
			p.MinStake = d.quote.MinOut
		}

	default:
		if d.quote.Receipt != nil {
			p.MinReceipts = map[solana.PublicKey]uint64{to: d.quote.MinOut}
		} else {
			p.MinTokens[to] = d.quote.MinOut
		}
	}
}

// netCosts subtracts the costs of a trade from its output if the owner pays the
// one and receives the other in lamports: a transaction is verified by what is
// left. Example: 2,998,080,884 lamports for stake whose split-off account costs
// 2,282,880 lamports of rent are 2,995,798,004.
func (d *draft) netCosts(p *explain.Policy) {
	toOwner := p.Recipient.IsZero() || p.Recipient == p.Owner
	if !toOwner || d.quote.Request.To != accounts.NativeMint {
		return
	}
	both := min(p.MaxLamports, p.MinLamports)
	p.MaxLamports -= both
	p.MinLamports -= both
}

// limitForm sets the limits on accounts, signers and fees.
func (d *draft) limitForm(p *explain.Policy) {
	request := d.quote.Request
	if d.opts.Payer == d.opts.Owner {
		for _, in := range d.tokenAccounts() {
			p.MaxNewAccounts++
			p.MaxRent += d.rentOf(in)
		}
	}

	if request.To == route.NativeStake && request.Recipient.IsZero() {
		created := max(len(d.quote.StakeAccounts), 1)
		p.MaxNewAccounts += created
		p.MaxRent += d.stakeRent * uint64(created)
	}

	if d.quote.Receipt != nil {
		p.MaxNewAccounts++
		p.MaxRent += d.receiptRent
	}

	p.MaxSigners = d.signers()
	p.MaxNetworkFee = d.networkFee()
	p.Versions = slices.Clone(d.opts.Versions)
}

// tokenAccounts returns the instructions that create associated token accounts
// if they do not exist, one for each account.
func (d *draft) tokenAccounts() []explain.Instruction {
	return associatedAccounts(d.steps.Instructions)
}

// associatedAccounts returns the instructions that create associated token
// accounts, one for each account.
func associatedAccounts(all []explain.Instruction) []explain.Instruction {
	var created []explain.Instruction
	for _, in := range all {
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

// token2022Mints returns the Token-2022 mints whose associated token accounts
// a transaction may create.
func token2022Mints(explanation explain.Explanation) []solana.PublicKey {
	var mints []solana.PublicKey
	for _, in := range associatedAccounts(explanation.Instructions) {
		program, _ := in.Account("mint token program")
		if mint, _ := in.Account("mint"); program == accounts.Token2022Program {
			mints = appendNew(mints, mint)
		}
	}
	return mints
}

// rentOf returns the rent of an associated token account that an instruction
// creates, in lamports.
func (d *draft) rentOf(in explain.Instruction) uint64 {
	mint, _ := in.Account("mint")
	if rent, ok := d.token2022Rents[mint]; ok {
		return rent
	}
	return d.tokenRent
}

// signers returns the number of signatures.
func (d *draft) signers() int {
	keys := d.steps.Signers
	if authority := d.nonce.Authority; !authority.IsZero() && !slices.Contains(keys, authority) {
		return len(keys) + 1
	}
	return len(keys)
}

// networkFee returns the highest network fee of the transaction, in lamports.
func (d *draft) networkFee() uint64 {
	priority := d.opts.Priority.limit()
	if d.opts.Priority.None {
		priority = 0
	}

	// The explained instructions have no compute budget, so their fee is that
	// of the signatures.
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

// sponsor returns the policy of the fee payer.
func (d *draft) sponsor() (explain.SponsorPolicy, error) {
	p := explain.SponsorPolicy{
		Sponsor:          d.opts.Payer,
		MaxNetworkFee:    d.networkFee(),
		MaxAdvance:       d.quote.UpfrontRent,
		TokenAccountRent: d.tokenRent,
		TokenRents:       d.token2022Rents,
		StakeAccountRent: d.stakeRent,
		Transfers:        make(map[solana.PublicKey]uint64),
		Nonce:            d.nonce,
	}

	for _, in := range d.tokenAccounts() {
		p.MaxNewAccounts++
		p.MaxRent += d.rentOf(in)
		wallet, _ := in.Account("wallet")
		mint, _ := in.Account("mint")
		p.Wallets, p.Mints = appendNew(p.Wallets, wallet), appendNew(p.Mints, mint)
	}

	return p, d.permitTip(p.Transfers)
}

// appendNew appends a key if it is not in the list.
func appendNew(keys []solana.PublicKey, key solana.PublicKey) []solana.PublicKey {
	if slices.Contains(keys, key) {
		return keys
	}
	return append(keys, key)
}
