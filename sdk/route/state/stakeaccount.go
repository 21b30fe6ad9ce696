package state

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// StakeAccount is a stake account of an owner, which can be traded.
type StakeAccount struct {
	Address solana.PublicKey
	Stake   quote.LiveStake

	// RecordLamports are what the record of the account at the Reserve holds,
	// usually nothing. RecordErr is why the Reserve does not buy it.
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
	m := stakeAccountMaker{address: address, account: l.need(address, 0), record: NoIndex}
	record, err := accounts.ReserveRecordAddress(l.reserve.program, l.reserve.pool, address)
	if m.recordErr = err; err == nil {
		m.record = l.number(record)
	}
	l.tokens[t].accountPart = l.part(m)
}

// stakeAccountMaker makes a [StakeAccount].
type stakeAccountMaker struct {
	address         solana.PublicKey
	account, record Index
	recordErr       error
}

func (m stakeAccountMaker) prepare(r *reader) (any, error) {
	stake, err := r.liveStake(m.account, m.address)
	if err != nil {
		return nil, err
	}

	s := &StakeAccount{Address: m.address, Stake: *stake}
	s.RecordLamports, s.RecordErr = m.recordLamports(r)
	return s, nil
}

// recordLamports are what was sent to the address of a record that the Reserve
// is going to make.
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
		return a.Lamports, fmt.Errorf("%w: the Reserve has a record of it from an earlier sale",
			quote.ErrStakeAccount)
	}
	return a.Lamports, nil
}

// reserveRecord wants the Reserve's record of a stake account.
func (w *wants) reserveRecord(t Token) {
	m := w.ledger.makers[w.ledger.tokens[t].accountPart].(stakeAccountMaker)
	if m.record != NoIndex {
		w.add(w.address(m.record))
	}
}
