package state

import (
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// StakeAccount is a stake account of the owner that can be traded.
type StakeAccount struct {
	Address solana.PublicKey
	// Stake is the account as it is traded: with the accounts of Merged, which
	// are merged into it first.
	Stake  quote.StakeAccountState
	Merged []solana.PublicKey

	// RecordLamports is the balance of the address of the account's record at
	// the Reserve, usually zero. RecordErr is the reason why the Reserve does
	// not buy the account.
	RecordLamports uint64
	RecordErr      error
}

// StakeAccount returns a stake account. The error is an
// [*accounts.DecodeError].
func (s *Snapshot) StakeAccount(position Token) (*StakeAccount, error) {
	token := s.tokenOf(position)
	if token == nil {
		return nil, errNoPart
	}

	return partOf[*StakeAccount](s, token.accountPart)
}

// addStakeAccount adds a stake account.
func (l *Ledger) addStakeAccount(t Token) {
	address := l.scope.StakeAccounts[t-l.stakes]
	m := stakeAccountMaker{
		address: address,
		account: l.need(address, 0),
		record:  NoIndex,
		merged:  l.scope.Merges[address],
	}

	for _, other := range m.merged {
		m.others = append(m.others, l.need(other, 0))
	}

	record, err := accounts.ReserveRecordAddress(l.reserve.program, l.reserve.pool, address)
	if m.recordErr = err; err == nil {
		m.record = l.number(record)
	}

	l.tokens[t].accountPart = l.part(m)
}

// stakeAccountMaker prepares a [StakeAccount].
type stakeAccountMaker struct {
	address         solana.PublicKey
	account, record Index
	recordErr       error
	// merged are the accounts that are merged into it, and others their
	// indexes.
	merged []solana.PublicKey
	others []Index
}

func (m stakeAccountMaker) prepare(r *reader) (any, error) {
	stake, err := r.liveStake(m.account, m.address)
	if err != nil {
		return nil, err
	}

	s := &StakeAccount{
		Address: m.address,
		Stake:   *stake,
		Merged:  m.merged,
	}

	if err := m.merge(r, &s.Stake); err != nil {
		return nil, err
	}

	s.RecordLamports, s.RecordErr = m.recordLamports(r)

	return s, nil
}

// merge merges the other accounts into the account.
func (m stakeAccountMaker) merge(r *reader, into *quote.StakeAccountState) error {
	if len(m.merged) == 0 {
		return nil
	}

	chain, err := r.chain()
	switch {
	case err != nil:
		return err
	case chain.RewardsActive:
		return fmt.Errorf("merge stake accounts: %w", quote.ErrEpochRewards)
	case into.Account.Staker != into.Account.Withdrawer:
		return fmt.Errorf("%w: its staker %s is not its withdrawer", quote.ErrStakeMerge,
			into.Account.Staker)
	}

	for i, other := range m.merged {
		if other == m.address || slices.Contains(m.merged[:i], other) {
			return fmt.Errorf("%w: %s is listed twice", quote.ErrStakeMerge, other)
		}

		from, err := r.liveStake(m.others[i], other)
		if err != nil {
			return err
		}

		if *into, err = quote.MergeStake(*into, *from, chain.Clock); err != nil {
			return fmt.Errorf("stake account %s: %w", other, err)
		}
	}

	return nil
}

// recordLamports returns the lamports that the address of the Reserve's record
// already holds. The Reserve creates the record when it buys the account.
func (m stakeAccountMaker) recordLamports(r *reader) (uint64, error) {
	if m.recordErr != nil {
		return 0, m.recordErr
	}

	a := r.account(m.record)
	if a == nil {
		if !r.isMissing(m.record) {
			return 0, r.missed(m.record, r.address(m.record))
		}

		return 0, nil
	}

	if a.Owner != accounts.SystemProgram {
		return a.Lamports, fmt.Errorf(
			"%w: the Reserve has a record of the account from an earlier sale",
			quote.ErrStakeAccount,
		)
	}

	return a.Lamports, nil
}

// reserveRecord adds the Reserve's record of a stake account.
func (w *wants) reserveRecord(t Token) {
	m := w.ledger.makers[w.ledger.tokens[t].accountPart].(stakeAccountMaker)
	if m.record != NoIndex {
		w.add(w.address(m.record))
	}
}
