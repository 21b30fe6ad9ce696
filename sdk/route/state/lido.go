package state

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// Lido is Lido as a source of stake. Lido is closed and accepts no deposits.
type Lido struct {
	LST  lst.LST
	Keys instructions.Lido

	// Pool is the state of the pool. Only the epoch of its Clock is kept up to
	// date.
	Pool quote.LidoState

	// Prices are the prepared prices before an update of the exchange rate, and
	// SourcePrices those for withdrawals from Stake.
	Prices       *quote.LidoPrices
	SourcePrices *quote.LidoSourcePrices

	// Balances are the balances that an update of the exchange rate reads.
	// Updated and UpdatedSource are the prices after the update. They are nil
	// if the exchange rate is up to date. UpdatedValue is the value of stSOL
	// after the update, or nil if it is up to date or cannot be updated.
	Balances      quote.LidoBalances
	Updated       *quote.LidoPrices
	UpdatedSource *quote.LidoSourcePrices
	UpdatedValue  *quote.LidoValue

	// Read are the accounts that the prices depend on, without Split.
	Read []solana.PublicKey

	// Vote is the validator that a withdrawal takes stake from, Index its
	// position in the validator list, Split its stake account, and Stake the
	// state of Split.
	Vote, Split solana.PublicKey
	Index       uint32
	Stake       quote.StakeAccountState
}

// Stale reports whether the exchange rate was not updated in this epoch.
func (l *Lido) Stale() bool {
	return l != nil && l.Pool.State.ExchangeRate.ComputedInEpoch < l.Pool.Clock.Epoch
}

// Lido returns Lido as the pool of a token. The error is the reason why it
// cannot be used.
func (s *Snapshot) Lido(position Token) (*Lido, error) {
	token := s.tokenOf(position)
	if token == nil || token.lst.Kind != lst.KindLido {
		return nil, errNoPart
	}

	return partOf[*Lido](s, token.sourcePart)
}

// addLido adds Lido.
func (l *Ledger) addLido(t Token) {
	token := &l.tokens[t]
	token.pool = l.need(token.lst.Pool, 0)
	token.mint = l.need(token.lst.Mint, 0)
	l.need(accounts.LidoValidatorListAddress, 0)
	m := lidoMaker{
		token:   token,
		number:  t,
		reserve: NoIndex,
	}

	if address, err := accounts.LidoReserve(token.lst.Program, token.lst.Pool); err == nil {
		m.reserve = l.need(address, 0)
	}

	token.sourcePart = l.part(m)
}

// lidoState returns Lido's state and validator list after checking that its
// mint is the token's.
func (r *reader) lidoState(token *token) (*accounts.LidoState, *accounts.LidoValidatorList, error) {
	state, err := load(r, token.pool, accounts.DecodeLidoState)
	switch {
	case err != nil:
		return nil, nil, err
	case state.StSOLMint != token.lst.Mint:
		return nil, nil, fmt.Errorf("%w: Lido has mint %s, not %s",
			ErrMismatch, state.StSOLMint, token.lst.Mint)
	}
	list, err := loadAt(r, state.ValidatorList, accounts.DecodeLidoValidatorList)
	return state, list, err
}

// lidoSource returns the validator that a withdrawal must take stake from, and
// the address of the stake account.
func (r *reader) lidoSource(token *token) (quote.LidoSource, solana.PublicKey, error) {
	var none solana.PublicKey
	state, list, err := r.lidoState(token)
	if err != nil {
		return quote.LidoSource{}, none, err
	}

	entry := &token.lst
	source, err := quote.LidoState{
		Address: entry.Pool,
		State:   *state,
		List:    list,
	}.Source()
	if err != nil {
		return source, none, err
	}

	address, err := source.Entry.StakeAddress(entry.Program, entry.Pool)

	return source, address, err
}

// lidoMaker prepares a [Lido].
type lidoMaker struct {
	token   *token
	number  Token
	reserve Index
}

func (m lidoMaker) prepare(r *reader) (any, error) {
	chain, err := r.chain()
	if err != nil {
		return nil, err
	}

	state, list, err := r.lidoState(m.token)
	if err != nil {
		return nil, err
	}

	keys, err := r.ledger.lidoKeys(m.number, state)
	if err != nil {
		return nil, err
	}

	mint, err := r.plainMint(m.token, accounts.TokenProgram)
	if err != nil {
		return nil, err
	}

	entry := &m.token.lst
	p := &Lido{
		LST:  *entry,
		Keys: keys,
		Pool: quote.LidoState{
			Address:            entry.Pool,
			State:              *state,
			List:               list,
			Clock:              chain.Clock,
			Rent:               chain.Rent,
			MinimumDelegation:  chain.MinimumDelegation,
			EpochRewardsActive: chain.RewardsActive,
		},
		Balances: quote.LidoBalances{MintSupply: mint.Supply},
		Read:     []solana.PublicKey{entry.Pool, entry.Mint, keys.ValidatorList},
	}

	p.Balances.ReserveLamports, err = systemLamports(r, "reserve of Lido", m.reserve)
	if err != nil {
		return nil, err
	}

	source, address, err := r.lidoSource(m.token)
	if err != nil {
		return nil, err
	}

	stake, err := r.liveStake(r.at(address), address)
	if err != nil {
		return nil, err
	}

	p.Vote, p.Index, p.Split = source.Entry.VoteAccount, source.Index, address
	p.Stake = *stake
	p.Prices, p.SourcePrices = p.Pool.Prepare(), p.Pool.PrepareSource(*stake)
	if p.Stale() {
		updated := p.Pool
		updated.Update = &p.Balances
		p.Updated, p.UpdatedSource = updated.Prepare(), updated.PrepareSource(*stake)
		if after, err := updated.Updated(); err == nil {
			value, err := quote.NewLidoValue(&after.State, after.Clock)
			if err == nil {
				p.UpdatedValue = &value
			}
		}
	}

	return p, nil
}

// lidoKeys returns the addresses for Lido's instructions. They are derived
// again only if the accounts in Lido's state have changed.
func (l *Ledger) lidoKeys(t Token, state *accounts.LidoState) (instructions.Lido, error) {
	l.lido.lock.Lock()
	defer l.lido.lock.Unlock()

	known, ok := l.lido.keys[t]
	if ok && known.StSOLMint == state.StSOLMint && known.ValidatorList == state.ValidatorList {
		return known, nil
	}

	entry := &l.tokens[t].lst
	keys, err := instructions.NewLido(entry.Program, entry.Pool, state)
	if err != nil {
		return keys, err
	}

	if l.lido.keys == nil {
		l.lido.keys = make(map[Token]instructions.Lido)
	}

	l.lido.keys[t] = keys

	return keys, nil
}
