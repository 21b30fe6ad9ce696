package choose

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// bazaar is a venue that exists only in tests. It sells one token for another
// at a fixed price. A new venue needs exactly this code, and its line in
// venue.All.
type bazaar struct {
	from, to state.Token
	// The price is out units for in units, for at most most units of in.
	in, out, most uint64
}

// bazaarProgram and bazaarPool are the venue's program and account.
var (
	bazaarProgram = solana.PublicKey{0xba, 1}
	bazaarPool    = solana.PublicKey{0xba, 2}
)

// soldOut refuses an amount above the limit.
var soldOut = quote.NewReason(quote.ErrAmountTooLarge,
	"%[1]v: the bazaar takes %[2]d units at most")

func (v bazaar) Name() string { return "bazaar" }

func (v bazaar) Pairs(*state.Ledger) (from, to []state.Token) {
	return []state.Token{v.from}, []state.Token{v.to}
}

func (v bazaar) Offer(
	_ *state.Snapshot, a *offer.Ask, amount uint64, _ *offer.Effect, o *offer.Offer,
) bool {
	in, err := amount, error(nil)
	if a.SwapMode == terms.ExactOut {
		in, err = fixed.MulDivCeil(amount, v.in, v.out)
	}

	if err != nil || in > v.most {
		return o.Refusal.Because(soldOut, v.most)
	}

	out, err := fixed.MulDivFloor(in, v.out, v.in)
	if err != nil {
		return o.Refusal.BecauseErr(nil, err)
	}

	if !o.Limit(a, out, &o.Refusal) {
		return false
	}

	o.Gives(in, out)
	o.Price = quote.Price{Lamports: 1, Tokens: 1}
	o.Exact = true

	return true
}

func (v bazaar) Describe(s *state.Snapshot, a *offer.Ask, o *offer.Offer, d *offer.Details) error {
	d.Accounts = []solana.PublicKey{bazaarPool}
	in, minOut := o.In, o.MinOut
	from, to := s.Ledger().LST(a.FromToken), s.Ledger().LST(a.ToToken)
	d.Steps = func(p terms.BuildParams) ([]txn.Step, error) {
		return v.steps(p, from, to, in, minOut)
	}
	return nil
}

func (v bazaar) steps(
	p terms.BuildParams,
	from, to lst.LST,
	in, minOut uint64,
) ([]txn.Step, error) {
	source, err := p.Addresses.AssociatedToken(p.Owner, from.TokenProgram, from.Mint)
	if err != nil {
		return nil, err
	}

	destination, err := p.Addresses.AssociatedToken(p.Owner, to.TokenProgram, to.Mint)
	if err != nil {
		return nil, err
	}

	trade := solana.NewInstruction(bazaarProgram, solana.AccountMetaSlice{
		solana.Meta(p.Owner).SIGNER(),
		solana.Meta(source).WRITE(),
		solana.Meta(destination).WRITE(),
		solana.Meta(bazaarPool).WRITE(),
	}, fmt.Appendf(nil, "%d for %d", in, minOut))

	return []txn.Step{
		txn.CreateTokenAccountAt(p.Payer, destination, p.Owner, to.Mint, to.TokenProgram),
		{Description: "haggle", Instruction: trade, ComputeUnits: 10_000},
	}, nil
}
