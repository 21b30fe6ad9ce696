package state

import (
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// InfinityToken is a token of an Infinity pool.
type InfinityToken struct {
	LST lst.LST

	// Token is the token as a state of package quote, and Entry its prepared
	// values.
	Token quote.InfinityLST
	Entry quote.InfinityEntry

	// Keys are the addresses of the token in instructions.
	Keys instructions.InfinityToken

	// Read are the accounts that a trade of the token depends on.
	Read []solana.PublicKey

	listed bool
}

// infinityTokenMaker prepares an [InfinityToken].
type infinityTokenMaker struct {
	*controller
	at int
}

// unlisted returns the part of a token that the pool does not list.
func (m infinityTokenMaker) unlisted(r *reader, token *token) *InfinityToken {
	before, ok := r.before().(*InfinityToken)
	if ok && before != nil && !before.listed {
		return before
	}
	return &InfinityToken{LST: token.lst, Entry: quote.UnlistedEntry(&token.lst.Mint)}
}

func (m infinityTokenMaker) prepare(r *reader) (any, error) {
	token := &r.ledger.tokens[m.tokens[m.at]]
	if m.err != nil {
		return m.unlisted(r, token), nil
	}

	chain, err := r.chain()
	if err != nil {
		return nil, err
	}

	list, err := read[*listPositions](r, m.listPart)
	if err != nil {
		return m.unlisted(r, token), nil
	}

	facts, err := read[*poolFacts](r, m.factsPart)
	if err != nil {
		return m.unlisted(r, token), nil
	}

	index := list.positions[m.at]
	if index < 0 {
		return m.unlisted(r, token), nil
	}

	entry, err := m.entry(r, int(index))
	if err != nil {
		return nil, err
	}

	t := &InfinityToken{
		LST:    token.lst,
		Token:  quote.InfinityLST{Index: uint32(index), State: entry},
		listed: true,
	}

	if t.Token.Reserves, err = m.readReserves(r, token); err == nil {
		t.Token.Value, err = r.solValue(chain, token, &entry)
	}

	if err != nil {
		t.Token.Value, t.Token.Unavailable = nil, err
	}

	t.Keys = instructions.InfinityToken{
		Index:        uint32(index),
		Mint:         token.lst.Mint,
		TokenProgram: token.lst.TokenProgram,
	}
	// The pool of a token can be stale because an update may precede the trade.
	if err == nil || errors.Is(err, quote.ErrStalePool) {
		if t.Keys.Calculator, err = token.calculatorGroup(entry.Calculator); err != nil {
			return nil, err
		}
	}

	t.Read = m.reads(r, facts, t)
	var fees quote.Pricing
	if pricing, err := read[*pricing](r, m.pricingPart); err == nil {
		fees = pricing.pricing
	}

	t.Entry = t.Token.Prepare(&token.lst.Mint, fees)

	return t, nil
}

// reads returns the accounts that a trade of a token depends on: those of the
// calculator, the reserves, and the fee account if there is one.
func (m infinityTokenMaker) reads(
	r *reader, facts *poolFacts, t *InfinityToken,
) []solana.PublicKey {
	calculator := t.Keys.Calculator.Accounts
	keys := make([]solana.PublicKey, 0, len(calculator)+2)
	keys = append(keys, calculator...)
	if reserves := m.reserves[m.at]; reserves.err == nil {
		keys = append(keys, r.address(reserves.index))
	}

	if facts.pricing == accounts.FlatFeeProgram {
		if fee, err := m.fees.of(r.ledger, m.controller, m.at); err == nil {
			keys = append(keys, fee)
		}
	}

	return keys
}

// readReserves returns the balance of the pool's reserves of a token, in base
// units.
func (m infinityTokenMaker) readReserves(r *reader, token *token) (uint64, error) {
	if token.lst.TokenProgram != accounts.TokenProgram {
		return 0, fmt.Errorf("%w: token %s", ErrUnsupportedTokenProgram, token.lst.Mint)
	}

	reserves := m.reserves[m.at]
	if reserves.err != nil {
		return 0, reserves.err
	}

	account, err := load(r, reserves.index, accounts.DecodeTokenAccount)
	if err != nil {
		return 0, err
	}

	if account.Mint != token.lst.Mint || account.Owner != m.controller.controller.PoolState ||
		account.State != accounts.TokenInitialized {
		return 0, fmt.Errorf("%w: reserves %s of %s",
			ErrMismatch, r.address(reserves.index), token.lst.Mint)
	}

	return account.Amount, nil
}
