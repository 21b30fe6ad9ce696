package route

import (
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Compute units as measured with lists of up to a hundred validators, with room.
const (
	updateRateUnits   = 20_000
	lidoWithdrawUnits = 100_000
)

// lido is Lido as a source of stake. It takes none: it is closed.
type lido struct{ lst lst.LST }

func (v lido) needs() Needs {
	n := Needs{Accounts: []Need{{Address: v.lst.Pool}, {Address: v.lst.Mint}, {Address: accounts.LidoValidatorListAddress}}}
	if reserve, err := accounts.LidoReserve(v.lst.Program, v.lst.Pool); err == nil {
		n.Accounts = append(n.Accounts, Need{Address: reserve})
	}
	return n
}

func (v lido) decode(s *State) (*accounts.LidoState, *accounts.LidoValidatorList, error) {
	state, err := accounts.Load(s.Accounts, v.lst.Pool, accounts.DecodeLidoState)
	switch {
	case err != nil:
		return nil, nil, err
	case state.StSOLMint != v.lst.Mint:
		return nil, nil, fmt.Errorf("%w: Lido is of mint %s, not %s", ErrMismatch, state.StSOLMint, v.lst.Mint)
	}
	list, err := accounts.Load(s.Accounts, state.ValidatorList, accounts.DecodeLidoValidatorList)
	return state, list, err
}

// source is the validator that a withdrawal must come from.
func (v lido) source(s *State) (quote.LidoSource, solana.PublicKey, error) {
	state, list, err := v.decode(s)
	if err != nil {
		return quote.LidoSource{}, solana.PublicKey{}, err
	}
	source, err := quote.Lido{Address: v.lst.Pool, State: *state, List: list}.Source()
	if err != nil {
		return source, solana.PublicKey{}, err
	}
	address, err := source.Entry.StakeAddress(v.lst.Program, v.lst.Pool)
	return source, address, err
}

func (v lido) moreToDraw(w *world, _ func(solana.PublicKey) bool) (drawing, []Need) {
	source, address, err := v.source(w.state)
	if err != nil {
		return drawing{}, nil
	}
	return drawing{votes: []solana.PublicKey{source.Entry.VoteAccount}}, []Need{{Address: address}}
}

func (v lido) loadSource(w *world) (stakeSource, error) {
	state, list, err := v.decode(w.state)
	if err != nil {
		return nil, err
	}
	keys, err := instructions.NewLido(v.lst.Program, v.lst.Pool, state)
	if err != nil {
		return nil, err
	}
	mint, err := plainMint(w.state, v.lst, accounts.TokenProgram)
	if err != nil {
		return nil, err
	}
	l := &lidoSource{
		lst: v.lst, keys: keys,
		pool: quote.Lido{
			Address: v.lst.Pool, State: *state, List: list, Clock: w.clock, Rent: w.rent, MinimumDelegation: w.minimumDelegation,
			EpochRewardsActive: w.rewardsActive,
		},
		balances: quote.LidoBalances{MintSupply: mint.Supply},
		read:     []solana.PublicKey{v.lst.Pool, v.lst.Mint, keys.ValidatorList},
	}
	if l.balances.ReserveLamports, err = systemLamports(w.state, "reserve of Lido", keys.Reserve); err != nil {
		return nil, err
	}
	source, address, err := v.source(w.state)
	if err != nil {
		return nil, err
	}
	stake, err := liveStake(w.state, address)
	if err != nil {
		return nil, err
	}
	l.vote, l.index, l.split, l.stake = source.Entry.VoteAccount, source.Index, address, *stake
	return l, nil
}

// lidoSource hands out stake by WithdrawV2.
type lidoSource struct {
	lst  lst.LST
	keys instructions.Lido
	pool quote.Lido
	// balances are what an update of the exchange rate finds.
	balances quote.LidoBalances
	read     []solana.PublicKey
	// vote is the validator that serves, index its position, split its stake account.
	vote, split solana.PublicKey
	index       uint32
	stake       quote.LiveStake
}

// cranked updates the exchange rate in the same transaction, if that is asked for and due.
func (l *lidoSource) cranked(crank bool) stakeSource {
	if !crank || l.pool.State.ExchangeRate.ComputedInEpoch >= l.pool.Clock.Epoch {
		return l
	}
	updated := *l
	updated.pool.Update = &l.balances
	updated.read = append(slices.Clone(l.read), l.keys.Reserve)
	return &updated
}

func (l *lidoSource) crankSteps() ([]txn.Step, error) {
	if l.pool.Update == nil {
		return nil, nil
	}
	update, err := instructions.LidoUpdateExchangeRate{Lido: l.keys}.Build()
	return []txn.Step{{Words: "update Lido's exchange rate for this epoch", Instruction: update, Units: updateRateUnits}}, err
}

func (l *lidoSource) signs() bool { return true }

// steps withdraw into a system account that holds the rent and signs. Nothing has to be limited: the rate does not change within the
// epoch, and with another one the program refuses.
func (l *lidoSource) steps(p Parties, d drawn, _ uint64, funder solana.PublicKey) (solana.PublicKey, []txn.Step, error) {
	stake := p.NewAccount
	steps, err := l.crankSteps()
	if err != nil {
		return stake, nil, err
	}
	fund, err := txn.TransferSOL(funder, stake, d.rent)
	if err != nil {
		return stake, nil, err
	}
	source, err := p.Addresses.AssociatedToken(p.Owner, l.lst.TokenProgram, l.lst.Mint)
	if err != nil {
		return stake, nil, err
	}
	withdraw, err := instructions.LidoWithdraw{
		Lido: l.keys, Owner: p.Owner, Source: source, Vote: l.vote, Index: l.index, Split: l.split, Destination: stake, StSOL: d.in,
	}.Build()
	fund.Words = "pay the rent of a new stake account"
	return stake, append(steps, fund, txn.Step{
		Words:       fmt.Sprintf("withdraw stake from Lido for %s %s", l.lst.Format(d.in), l.lst.Symbol),
		Instruction: withdraw,
		Units:       lidoWithdrawUnits,
	}), err
}

func (l *lidoSource) accounts(solana.PublicKey) []solana.PublicKey {
	return append(slices.Clone(l.read), l.split)
}

func (l *lidoSource) votes() ([]solana.PublicKey, error) { return []solana.PublicKey{l.vote}, nil }

func (l *lidoSource) draw(tokens uint64, _ solana.PublicKey, rent uint64) (drawn, error) {
	w, err := l.pool.Withdraw(tokens, l.stake)
	if err != nil {
		return drawn{}, err
	}
	return l.drawn(w, rent)
}

func (l *lidoSource) drawExactOut(staked uint64, _ solana.PublicKey, rent uint64) (drawn, error) {
	w, err := l.pool.WithdrawExactOut(max(staked, l.pool.MinimumDelegation), l.stake)
	if err != nil {
		return drawn{}, err
	}
	return l.drawn(w, rent)
}

func (l *lidoSource) drawn(w quote.LidoWithdrawal, rent uint64) (drawn, error) {
	account := l.stake.Account
	account.Delegation.Stake = w.Lamports
	lamports, err := fixed.Add(w.Lamports, rent)
	if err != nil {
		return drawn{}, quote.ErrTooLarge
	}
	d := drawn{in: w.StSOL, stake: quote.LiveStake{Lamports: lamports, Account: account}, rent: rent, exact: true}
	if l.pool.Update != nil {
		d.conditions = []string{"Lido's exchange rate is updated for this epoch in the same transaction"}
	}
	return d, nil
}

func (l *lidoSource) routerSuffix(vote solana.PublicKey) (instructions.WithdrawStakeSuffix, error) {
	return instructions.LidoWithdrawStake(l.keys, vote, l.split), nil
}

func (l *lidoSource) token() lst.LST { return l.lst }
