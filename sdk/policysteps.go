package sdk

import (
	"maps"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// permitSteps permits what the options add to the trade: the tip, the plain
// transfers among the steps of the caller, and what these steps may take
// besides.
func (d *draft) permitSteps(p *explain.Policy) error {
	native, owner := accounts.NativeMint, d.opts.Owner
	if d.opts.Payer == owner {
		if err := d.permitTip(p.Transfers); err != nil {
			return err
		}
	}

	d.permitIntegratorFee(p)
	left := maps.Clone(d.opts.Spends)
	if d.opts.hasLegs() {
		left = d.permitLegs(p, left)
	}

	for _, in := range explainSteps(d.opts.Payer,
		slices.Concat(d.made.before, d.made.after)).Instructions {
		to, _ := in.Account("destination")
		amount, ok := in.Amount("lamports")
		from, _ := in.Account("source")
		if in.ProgramName != "system" || in.Name != "Transfer" || !ok || from != owner ||
			to == owner {
			continue
		}

		var err error
		if p.Transfers[to], err = fixed.Add(p.Transfers[to], amount); err != nil {
			return err
		}

		if left[native] > 0 {
			left[native] = fixed.SaturatingSub(left[native], amount)
		}
	}

	p.MaxLamports = fixed.SaturatingAdd(p.MaxLamports, left[native])
	p.MinLamports = fixed.SaturatingSub(p.MinLamports, left[native])
	for mint, amount := range left {
		if mint == native || amount == 0 {
			continue
		}

		p.MaxTokens[mint] = fixed.SaturatingAdd(p.MaxTokens[mint], amount)
		if least, ok := p.MinTokens[mint]; ok {
			p.MinTokens[mint] = fixed.SaturatingSub(least, amount)
		}
	}

	return nil
}

// permitLegs permits what the legs take, and requires what they pay. It returns
// the permitted spending with that of the legs. What a leg pays and the trade
// takes again counts only by the difference.
func (d *draft) permitLegs(
	p *explain.Policy, left map[solana.PublicKey]uint64,
) map[solana.PublicKey]uint64 {
	if left == nil {
		left = make(map[solana.PublicKey]uint64)
	}

	native := accounts.NativeMint
	for _, leg := range d.opts.prepared.all() {
		left[leg.InMint] = fixed.SaturatingAdd(left[leg.InMint], leg.In)
		if leg.OutMint == native {
			used := min(p.MaxLamports, leg.MinOut)
			p.MaxLamports -= used
			p.MinLamports = fixed.SaturatingAdd(p.MinLamports, leg.MinOut-used)

			continue
		}

		used := min(p.MaxTokens[leg.OutMint], leg.MinOut)
		p.MaxTokens[leg.OutMint] -= used
		p.MinTokens[leg.OutMint] = fixed.SaturatingAdd(p.MinTokens[leg.OutMint], leg.MinOut-used)
	}

	return left
}

// permitIntegratorFee permits the transfer of the integrator's fee. A transfer
// of native SOL does not count towards MaxLamports and MinLamports.
func (d *draft) permitIntegratorFee(p *explain.Policy) {
	for _, fee := range d.quote.Fees {
		onInput := d.quote.Request.IntegratorFee.OnInput
		switch {
		case fee.Name != route.IntegratorFeeName || fee.Amount == 0:
			continue
		case fee.Mint != accounts.NativeMint || d.quote.Request.UseWSOL:
			p.TokenTransfers = map[solana.PublicKey]uint64{fee.Recipient: fee.Amount}
			continue
		case onInput:
			p.MaxLamports = fixed.SaturatingSub(p.MaxLamports, fee.Amount)
		default:
			p.MinLamports = fixed.SaturatingAdd(p.MinLamports, fee.Amount)
		}

		p.Transfers[fee.Recipient] = fixed.SaturatingAdd(p.Transfers[fee.Recipient], fee.Amount)
	}
}

// permitTip adds the tip to the permitted transfers.
func (d *draft) permitTip(transfers map[solana.PublicKey]uint64) error {
	if d.opts.Tip.Lamports == 0 {
		return nil
	}

	account, err := d.opts.Tip.account(d.opts.Owner)
	transfers[account] = fixed.SaturatingAdd(transfers[account], d.opts.Tip.Lamports)

	return err
}
