package state

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// Marinade is Marinade, the pool of mSOL.
type Marinade struct {
	LST  lst.LST
	Keys instructions.Marinade

	// Pool is the state of the pool. Only the epoch of its Clock is kept up to
	// date, and whether lockups are in force.
	Pool quote.MarinadeState

	// Prices are the prepared prices.
	Prices *quote.MarinadePrices

	// Read are the accounts that the prices depend on.
	Read []solana.PublicKey

	// TokenRent is the rent of a token account, in lamports.
	TokenRent uint64
}

// Marinade returns Marinade as the pool of a token. The error is the reason why
// it cannot be used.
func (s *Snapshot) Marinade(position Token) (*Marinade, error) {
	token := s.tokenOf(position)
	if token == nil || token.lst.Kind != lst.KindMarinade {
		return nil, errNoPart
	}

	return partOf[*Marinade](s, token.poolPart)
}

// addMarinade adds Marinade.
func (l *Ledger) addMarinade(t Token) {
	token := &l.tokens[t]
	token.pool = l.need(token.lst.Pool, 0)
	token.mint = l.need(token.lst.Mint, 0)
	l.programs = append(l.programs, token.lst.Program)
	m := marinadeMaker{
		token:   token,
		number:  t,
		solLeg:  NoIndex,
		reserve: NoIndex,
	}

	if address, err := accounts.MarinadeSOLLeg(token.lst.Program, token.lst.Pool); err == nil {
		m.solLeg = l.need(address, 0)
	}

	if address, err := accounts.MarinadeReserve(token.lst.Program, token.lst.Pool); err == nil {
		m.reserve = l.need(address, 0)
	}

	token.poolPart = l.part(m)
	l.addRouterFee(t)
}

// marinadeState returns Marinade's state after checking that its mint is the
// token's.
func (r *reader) marinadeState(token *token) (*accounts.MarinadeState, error) {
	state, err := load(r, token.pool, accounts.DecodeMarinadeState)
	if err != nil {
		return nil, err
	}
	if state.MSOLMint != token.lst.Mint {
		return nil, fmt.Errorf("%w: Marinade has mint %s, not %s",
			ErrMismatch, state.MSOLMint, token.lst.Mint)
	}
	return state, nil
}

// marinadeMaker prepares a [Marinade].
type marinadeMaker struct {
	token           *token
	number          Token
	solLeg, reserve Index
}

func (m marinadeMaker) prepare(r *reader) (any, error) {
	chain, err := r.chain()
	if err != nil {
		return nil, err
	}

	state, err := r.marinadeState(m.token)
	if err != nil {
		return nil, err
	}

	keys, err := r.ledger.marinadeKeys(m.number, state)
	if err != nil {
		return nil, err
	}

	mint, err := r.plainMint(m.token, accounts.TokenProgram)
	if err != nil {
		return nil, err
	}

	entry := &m.token.lst
	p := &Marinade{
		LST:  *entry,
		Keys: keys,
		Pool: quote.MarinadeState{
			Program:            entry.Program,
			Address:            entry.Pool,
			State:              *state,
			Clock:              chain.Clock,
			Rent:               chain.Rent,
			MintSupply:         mint.Supply,
			MinimumDelegation:  chain.MinimumDelegation,
			EpochRewardsActive: chain.RewardsActive,
			Version:            quote.MarinadeVersionOf(r.given.Builds[entry.Program]),
		},
		Read: []solana.PublicKey{
			entry.Pool, entry.Mint, keys.SOLLeg, keys.MSOLLeg, keys.Reserve, keys.Treasury,
		},
	}

	if p.Pool.SOLLegLamports, err = systemLamports(r, "SOL leg of Marinade", m.solLeg); err != nil {
		return nil, err
	}

	p.Pool.ReserveLamports, err = systemLamports(r, "reserve of Marinade", m.reserve)
	if err != nil {
		return nil, err
	}

	leg, err := loadAt(r, keys.MSOLLeg, accounts.DecodeTokenAccount)
	if err != nil {
		return nil, err
	}

	p.Pool.MSOLLegAmount = leg.Amount
	if p.Pool.TreasuryUsable, err = r.treasuryUsable(state, keys.Treasury); err != nil {
		return nil, err
	}

	if p.TokenRent, err = chain.TokenRent(); err != nil {
		return nil, err
	}

	p.Prices = p.Pool.PrepareWith(keys.StakeDepositAuthority, keys.StakeWithdrawAuthority)

	return p, nil
}

// treasuryUsable reports whether Marinade's treasury can receive fees.
func (r *reader) treasuryUsable(
	state *accounts.MarinadeState, treasury solana.PublicKey,
) (bool, error) {
	i := r.at(treasury)
	if a := r.account(i); a != nil {
		return quote.MarinadeTreasuryUsable(state, *a), nil
	}
	if !r.isMissing(i) {
		return false, r.missed(i, treasury)
	}
	return quote.MarinadeTreasuryUsable(state, accounts.Account{}), nil
}

// marinadeKeys returns the addresses for Marinade's instructions. They are
// derived again only if the accounts in Marinade's state have changed.
func (l *Ledger) marinadeKeys(
	t Token, state *accounts.MarinadeState,
) (instructions.Marinade, error) {
	l.marinade.lock.Lock()
	defer l.marinade.lock.Unlock()

	known, ok := l.marinade.keys[t]
	if ok && known.MSOLMint == state.MSOLMint && known.MSOLLeg == state.LiqPool.MSOLLeg &&
		known.Treasury == state.TreasuryMSOLAccount &&
		known.ValidatorList == state.ValidatorSystem.ValidatorList.Account &&
		known.StakeList == state.StakeSystem.StakeList.Account {
		return known, nil
	}

	entry := &l.tokens[t].lst
	keys, err := instructions.NewMarinade(entry.Program, entry.Pool, state)
	if err != nil {
		return keys, err
	}

	if l.marinade.keys == nil {
		l.marinade.keys = make(map[Token]instructions.Marinade)
	}

	l.marinade.keys[t] = keys

	return keys, nil
}

// marinade adds the accounts that Marinade's state contains.
func (w *wants) marinade(t Token) {
	state, err := w.marinadeState(&w.ledger.tokens[t])
	if err != nil {
		return
	}
	w.add(state.LiqPool.MSOLLeg, state.TreasuryMSOLAccount)
}
