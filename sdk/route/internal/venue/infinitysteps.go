package venue

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// infinityTrade is a chosen trade from which instructions are built.
type infinityTrade struct {
	venue infinity
	pool  *state.Infinity
	chain *state.Chain
	ask   offer.Ask

	// asked is the amount of the request. The other amounts are those of the
	// offer.
	asked, in, maxIn, minOut uint64

	// updates are the updates before the trade.
	updates []tokenUpdate
}

// stepsOf returns the function that builds the instructions of an offer.
func (v infinity) stepsOf(
	s *state.Snapshot,
	pool *state.Infinity,
	a *offer.Ask,
	o *offer.Offer,
	updates []tokenUpdate,
) func(terms.BuildParams) ([]txn.Step, error) {
	t := infinityTrade{
		venue:   v,
		pool:    pool,
		chain:   s.Chain(),
		ask:     a.Kept(),
		asked:   o.Amount,
		in:      o.In,
		maxIn:   o.MaxIn,
		minOut:  o.MinOut,
		updates: updates,
	}

	return t.steps
}

func (t *infinityTrade) steps(p terms.BuildParams) ([]txn.Step, error) {
	owner := p.Owner
	from, before, after, err := t.source(p)
	if err != nil {
		return nil, err
	}

	to, open, closing, err := t.destination(p)
	if err != nil {
		return nil, err
	}

	exactOut := t.ask.SwapMode == terms.ExactOut && hasExactOut(t.pool, &t.ask)
	trade := instructions.InfinityTrade{
		InfinitySwap: instructions.InfinitySwap{
			Controller: t.pool.Keys,
			Signer:     p.Owner,
			Inp:        from,
			Out:        to,
			Addresses:  p.Addresses,
			Limit:      t.minOut,
			Amount:     t.in,
		},
		Pool:     &t.pool.Pool,
		ExactOut: exactOut,
	}

	pay := "trade"
	if exactOut {
		pay = "trade at most"
		trade.Limit, trade.Amount = t.maxIn, t.asked
	}

	ix, err := trade.Build()
	if err != nil {
		return nil, err
	}

	step := txn.Step{
		Describe: func() string {
			return fmt.Sprintf("%s %s for at least %s with %s",
				pay, t.amount(t.ask.FromToken, t.maxIn), t.amount(t.ask.ToToken, t.minOut),
				t.venue.Name()) +
				t.ask.RecipientSuffix(owner)
		},
		Instruction:  ix,
		ComputeUnits: controllerTradeUnits,
	}

	var updates []txn.Step
	for _, update := range t.updates {
		steps, err := update.steps()
		if err != nil {
			return nil, err
		}

		updates = append(updates, steps...)
	}

	return slices.Concat(updates, before, open, []txn.Step{step}, after, closing), nil
}

// amount returns an amount with the symbol of its token.
func (t *infinityTrade) amount(token state.Token, amount uint64) string {
	entry := t.entry(token)
	return entry.Format(amount) + " " + entry.Symbol
}

// entry returns the registry entry of a token.
func (t *infinityTrade) entry(token state.Token) lst.LST {
	known := t.pool.Token(token)
	switch {
	case known != nil:
		return known.LST
	case t.pool.LP != nil:
		return *t.pool.LP
	}
	return lst.LST{Symbol: "INF", Decimals: 9}
}

// keys returns the addresses of a token in instructions.
func (t *infinityTrade) keys(token state.Token) instructions.InfinityToken {
	if known := t.pool.Token(token); known != nil {
		return known.Keys
	}
	return t.pool.LPToken
}

// source returns the account of the input, with the instructions before and
// after the trade: the associated token account, or a temporary wSOL account.
func (t *infinityTrade) source(
	p terms.BuildParams,
) (keys instructions.InfinityToken, before, after []txn.Step, err error) {
	keys = t.keys(t.ask.FromToken)
	if t.ask.FromToken == state.SOL && !t.ask.UseWSOL {
		rent, err := t.chain.TokenRent()
		if err != nil {
			return keys, nil, nil, err
		}

		w, err := txn.NewFundedWSOLAccount(p.Payer, p.Owner, t.maxIn, rent, p.Seed)
		keys.Account = w.Address
		return keys, w.Open, w.Close, err
	}

	keys.Account, err = t.ask.Source(p, keys.Mint, keys.TokenProgram)
	return keys, nil, nil, err
}

// destination returns the account of the output, with the instructions that
// open and close it: the associated token account, or a temporary wSOL account.
func (t *infinityTrade) destination(
	p terms.BuildParams,
) (keys instructions.InfinityToken, open, closing []txn.Step, err error) {
	keys = t.keys(t.ask.ToToken)
	if t.ask.ToToken == state.SOL && !t.ask.UseWSOL {
		rent, err := t.chain.TokenRent()
		if err != nil {
			return keys, nil, nil, err
		}

		w, err := t.ask.SOLDestination(p, rent, false)
		if err != nil {
			return keys, nil, nil, err
		}

		keys.Account = w.Address
		closing, err = w.Close(0, 0)

		return keys, w.Open, closing, err
	}

	account, create, err := t.ask.TokenAccount(p, keys.Mint, keys.TokenProgram)
	keys.Account = account
	return keys, create, nil, err
}

func (v infinity) Describe(
	s *state.Snapshot,
	a *offer.Ask,
	o *offer.Offer,
	d *offer.Details,
) error {
	pool, err := s.Infinity(v.number)
	if err != nil {
		return err
	}

	if o.ExactAtSlot != 0 {
		d.Conditions = append(d.Conditions,
			fmt.Sprintf("the amounts are exact for slot %d, the limits hold until slot %d",
				o.ExactAtSlot, o.ValidUntilSlot))
	}

	d.Accounts = slices.Concat(pool.Read, tokenAccounts(pool, a.FromToken),
		tokenAccounts(pool, a.ToToken))
	updates := updatesOf(s, a, o)
	for _, update := range updates {
		d.Accounts = append(d.Accounts, update.accounts()...)
		if !slices.Contains(d.Conditions, update.condition()) {
			d.Conditions = append(d.Conditions, update.condition())
		}
	}

	d.Fees = v.fees(pool, a, o.Fee)
	d.Steps = v.stepsOf(s, pool, a, o, updates)

	return nil
}

// tokenAccounts returns the accounts that determine a trade of a token.
func tokenAccounts(pool *state.Infinity, t state.Token) []solana.PublicKey {
	if token := pool.Token(t); token != nil {
		return token.Read
	}
	return nil
}

func (v infinity) fees(pool *state.Infinity, a *offer.Ask, fee uint64) []terms.Fee {
	if fee == 0 {
		return nil
	}

	name, rate := infinityFee, "0"
	if v.program != accounts.InfinityProgram {
		name = v.Name() + " fee"
	}

	from, _ := pool.Index(a.FromToken)
	to, _ := pool.Index(a.ToToken)
	if nanos, ok := pool.Prices.FeeNanos(from, to); ok {
		rate = strconv.FormatInt(nanos, 10) + "/" + strconv.Itoa(fixed.Nanos)
	}

	return []terms.Fee{{
		Name:      name,
		Amount:    fee,
		Mint:      accounts.NativeMint,
		Rate:      rate,
		Recipient: pool.Controller.PoolState,
	}}
}
