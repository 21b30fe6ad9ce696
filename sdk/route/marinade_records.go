package route

import (
	"cmp"
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

// marinadeWithdrawUnits is what WithdrawStakeAccount was measured to need, with room.
const marinadeWithdrawUnits = 120_000

// marinadeRecords is Marinade as a source of stake, which takes its list of stake accounts. Which validators these are with is only known
// when they are loaded: so the stake can be sold, but not deposited into a pool that may not have the validator.
type marinadeRecords struct{ marinade }

func (v marinadeRecords) needs() Needs {
	n := marinadeStake(v).needs()
	if list, err := accounts.MarinadeStakeListAddress(v.lst.Program, v.lst.Pool); err == nil {
		n.Accounts = append(n.Accounts, Need{Address: list})
	}
	return n
}

// largest are the positions of the stake accounts that were updated in this epoch, the largest first.
func (v marinadeRecords) largest(w *world) ([]quote.MarinadeRecord, error) {
	state, err := v.decode(w.state)
	if err != nil {
		return nil, err
	}
	a, err := w.state.get("Marinade stake list", state.StakeSystem.StakeList.Account)
	if err != nil {
		return nil, err
	}
	list, err := accounts.DecodeMarinadeStakeList(a, state)
	if err != nil {
		return nil, err
	}
	var records []quote.MarinadeRecord
	for i, r := range list.Stakes {
		if r.LastUpdateEpoch == w.clock.Epoch && r.IsEmergencyUnstaking == 0 {
			records = append(records, quote.MarinadeRecord{Index: uint32(i), Record: r})
		}
	}
	slices.SortStableFunc(records, func(a, b quote.MarinadeRecord) int {
		return cmp.Compare(b.Record.LastUpdateDelegatedLamports, a.Record.LastUpdateDelegatedLamports)
	})
	return records[:min(len(records), candidatesPerPair)], nil
}

func (v marinadeRecords) moreToDraw(w *world, _ func(solana.PublicKey) bool) (drawing, []Need) {
	needs := v.more(w)
	records, err := v.largest(w)
	if err != nil {
		return drawing{}, needs
	}
	for _, r := range records {
		needs = append(needs, Need{Address: r.Record.StakeAccount})
	}
	return drawing{}, needs
}

func (v marinadeRecords) loadSource(w *world) (stakeSource, error) {
	l, err := v.load(w)
	if err != nil {
		return nil, err
	}
	validators, err := marinadeStake(v).list(w.state)
	if err != nil {
		return nil, err
	}
	records, err := v.largest(w)
	if err != nil {
		return nil, err
	}
	s := &marinadeSource{loadedMarinade: l, sources: make(map[solana.PublicKey]quote.MarinadeStakeSource)}
	for _, r := range records {
		stake, err := liveStake(w.state, r.Record.StakeAccount)
		if err != nil {
			return nil, err
		}
		source, err := l.pool.Source(r, *stake, validators)
		if err != nil {
			return nil, err
		}
		vote := source.Validator.VoteAccount
		if _, twice := s.sources[vote]; !twice {
			s.sources[vote] = source
			s.order = append(s.order, vote)
		}
	}
	return s, nil
}

// marinadeSource hands out stake by WithdrawStakeAccount.
type marinadeSource struct {
	*loadedMarinade
	order   []solana.PublicKey
	sources map[solana.PublicKey]quote.MarinadeStakeSource
}

func (l *marinadeSource) cranked(bool) stakeSource { return l }

func (l *marinadeSource) signs() bool { return true }

func (l *marinadeSource) accounts(vote solana.PublicKey) []solana.PublicKey {
	return append(slices.Clone(l.read), l.keys.ValidatorList, l.keys.StakeList, l.sources[vote].Record.StakeAccount)
}

func (l *marinadeSource) votes() ([]solana.PublicKey, error) {
	if len(l.order) == 0 {
		return nil, &quote.Error{Op: "withdraw stake", Pool: l.pool.Address, Reason: fmt.Errorf(
			"%w: Marinade has updated no stake account in this epoch yet", quote.ErrStale)}
	}
	return l.order, nil
}

func (l *marinadeSource) draw(tokens uint64, vote solana.PublicKey, _ uint64) (drawn, error) {
	w, err := l.pool.WithdrawStakeAccount(tokens, l.sources[vote])
	if err != nil {
		return drawn{}, err
	}
	return l.drawn(w, vote)
}

func (l *marinadeSource) drawExactOut(staked uint64, vote solana.PublicKey, _ uint64) (drawn, error) {
	least := max(staked, l.pool.MinimumDelegation, l.pool.State.StakeSystem.MinStake)
	w, err := l.pool.WithdrawStakeAccountExactOut(least, l.sources[vote])
	if err != nil {
		return drawn{}, err
	}
	return l.drawn(w, vote)
}

func (l *marinadeSource) drawn(w quote.MarinadeStakeWithdrawal, vote solana.PublicKey) (drawn, error) {
	account := l.sources[vote].Stake.Account
	account.Delegation.Stake = w.Lamports
	lamports, err := fixed.Add(w.Lamports, w.Rent)
	if err != nil {
		return drawn{}, quote.ErrTooLarge
	}
	d := drawn{
		in: w.MSOL, stake: quote.LiveStake{Lamports: lamports, Account: account}, rent: w.Rent,
		exact: l.pool.Version != quote.MarinadeVersionUnknown,
	}
	if w.Treasury > 0 {
		d.fees = []Fee{{
			Name: "stake withdrawal fee", Amount: w.Treasury, Mint: l.lst.Mint, Rate: cents(l.pool.State.WithdrawStakeAccountFee),
			Recipient: l.keys.Treasury,
		}}
	}
	if !d.exact {
		d.conditions = []string{unknownMarinade}
	}
	return d, nil
}

// steps withdraw without a limit, which the program does not take: whoever buys the stake has one.
func (l *marinadeSource) steps(p Parties, d drawn, _ uint64, funder solana.PublicKey) (solana.PublicKey, []txn.Step, error) {
	source, err := p.Addresses.AssociatedToken(p.Owner, l.lst.TokenProgram, l.lst.Mint)
	if err != nil {
		return p.NewAccount, nil, err
	}
	from := l.sources[d.stake.Account.Delegation.Voter]
	withdraw, err := instructions.MarinadeWithdrawStakeAccount{
		Marinade: l.keys, Authority: p.Owner, Source: source, Split: from.Record.StakeAccount, StakeIndex: from.Index,
		ValidatorIndex: from.ValidatorIndex, NewStake: p.NewAccount, Payer: funder, Beneficiary: p.Owner, MSOL: d.in,
	}.Build()
	return p.NewAccount, []txn.Step{{
		Words: fmt.Sprintf("withdraw stake of %s SOL from Marinade for %s %s", lst.FormatAmount(d.stake.Account.Delegation.Stake, 9),
			l.lst.Format(d.in), l.lst.Symbol),
		Instruction: withdraw,
		Units:       marinadeWithdrawUnits,
	}}, err
}
