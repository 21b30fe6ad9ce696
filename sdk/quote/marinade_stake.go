package quote

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// MarinadeStakeDeposit is the outcome of a DepositStakeAccount instruction: a
// stake account for mSOL.
type MarinadeStakeDeposit struct {
	// Staked is the delegation, for which mSOL is given, in lamports. Kept is
	// the rent that the account stores. It stays in the account, which becomes
	// Marinade's, and no mSOL is given for it.
	Staked uint64
	Kept   uint64
	// Fee is the part of Staked for which no mSOL is given, in lamports.
	Fee uint64
	// MSOL is the newly minted amount that the depositor receives.
	MSOL uint64
	// Vote is the vote account of the stake, and ValidatorIndex its position in
	// Marinade's validator list.
	Vote           solana.PublicKey
	ValidatorIndex uint32
}

// DepositStakeAccount quotes the deposit of the owner's stake account. It needs
// Marinade's validator list. The error wraps one of the ErrStake… sentinels if
// Marinade does not accept the account, or [ErrValidator] if the validator is
// not in the list.
func (m MarinadeState) DepositStakeAccount(
	stake StakeAccountState, validators *accounts.MarinadeValidatorList, owner solana.PublicKey,
) (MarinadeStakeDeposit, error) {
	p := m.Prepare()
	var r Refusal
	d, ok := p.DepositStakeAccount(stake.Account.Delegation.Stake, stake.Lamports,
		p.PrepareStake(stake, validators, owner), &r)
	return answer(d, ok, &r)
}

// DepositStakeAccountExactOut quotes the smallest delegation that yields at
// least msol base units, in a stake account that otherwise equals like.
func (m MarinadeState) DepositStakeAccountExactOut(
	msol uint64,
	like StakeAccountState,
	validators *accounts.MarinadeValidatorList,
	owner solana.PublicKey,
) (MarinadeStakeDeposit, error) {
	p := m.Prepare()
	var r Refusal
	d, ok := p.DepositStakeAccountExactOut(msol, p.PrepareStake(like, validators, owner), &r)
	return answer(d, ok, &r)
}

// MarinadeRecord is a record of Marinade's stake list with its position.
type MarinadeRecord struct {
	Index  uint32
	Record accounts.MarinadeStakeRecord
}

// MarinadeStakeSource is one of Marinade's stake accounts from which stake can
// be withdrawn, with its validator.
type MarinadeStakeSource struct {
	MarinadeRecord
	// Stake is the stake account itself.
	Stake StakeAccountState
	// ValidatorIndex is the position of the validator in Marinade's validator
	// list.
	ValidatorIndex uint32
	Validator      accounts.MarinadeValidatorRecord
}

// MarinadeStakeWithdrawal is the outcome of a WithdrawStakeAccount instruction:
// base units of mSOL for delegated stake.
type MarinadeStakeWithdrawal struct {
	MSOL uint64
	// Lamports is the delegation of the new stake account. Rent is added by the
	// payer of the new account.
	Lamports uint64
	Rent     uint64
	// Fee is the part of the mSOL's value that is not paid, in lamports.
	// Treasury is the amount that the treasury receives for it, in mSOL.
	Fee      uint64
	Treasury uint64
	// Burned is the rest of the mSOL.
	Burned uint64
	// StakeAccount is the account that is split and StakeIndex its position in
	// the stake list. Vote is its vote account and ValidatorIndex the position
	// of that validator in the validator list.
	StakeAccount   solana.PublicKey
	StakeIndex     uint32
	Vote           solana.PublicKey
	ValidatorIndex uint32
}

// marinadeMostStakeFee is the largest fee on withdrawn stake that the program
// lets its administrator set: 0.2 %, in millionths.
const marinadeMostStakeFee = 2_000

// Least returns the delegation, in lamports, that the withdrawal gives even if
// Marinade's administrator raises the fee to the most that the program allows,
// 0.2 %, before it is executed. The instruction itself has no minimum. Apart
// from that fee the amount cannot fall within an epoch: mSOL only gains value.
//
// Example: 10 SOL of mSOL at a fee of 0.1 % give 9.99 SOL, and at least 9.98.
func (w MarinadeStakeWithdrawal) Least() uint64 {
	var c fixed.Calc
	value := c.Plus(w.Lamports, w.Fee)
	least := c.Sub(value, c.MulDivFloor(value, marinadeMostStakeFee, marinadeFeeScale))
	if c.Err() != nil {
		return 0
	}
	return min(least, w.Lamports)
}

// Records returns the stake accounts that can serve a withdrawal of mSOL
// according to the stake list, largest first. They are updated in this epoch,
// are not being unstaked, and are large enough to leave Marinade's minimum
// stake. Unless the build is known to be version 2.0, they are also active
// according to version 2.1. The list does not hold their validators and may be
// outdated; [MarinadeState.Source] checks the accounts themselves.
//
// The error wraps [ErrStalePool] if all suitable accounts still wait for an
// update, and [ErrValidator] if no account is suitable.
func (m MarinadeState) Records(
	msol uint64,
	list *accounts.MarinadeStakeList,
) ([]MarinadeRecord, error) {
	records, err := m.records(msol, list)
	if err != nil {
		return nil, m.fail(opWithdrawStake, err)
	}
	return records, nil
}

func (m MarinadeState) records(
	msol uint64,
	list *accounts.MarinadeStakeList,
) ([]MarinadeRecord, error) {
	if list == nil {
		return nil, fmt.Errorf("%w stake list", accounts.ErrNil)
	}

	p := m.prepare()
	var why Refusal
	w, ok := p.split(msol, &why)
	if !ok {
		return nil, why.Err()
	}

	waiting := 0
	var records []MarinadeRecord
	for i, r := range list.Stakes {
		if p.isBeingUnstaked(&r) || !p.gives(r.LastUpdateDelegatedLamports, w.lamports) {
			continue
		}

		if r.LastUpdateEpoch != m.Clock.Epoch {
			waiting++
			continue
		}

		records = append(records, MarinadeRecord{Index: uint32(i), Record: r})
	}

	switch {
	case len(records) > 0:
	case waiting > 0:
		return nil, fmt.Errorf("%w: %d suitable stake accounts wait for an update",
			ErrStalePool, waiting)
	default:
		return nil, fmt.Errorf("%w: no stake account of Marinade can give %d lamports",
			ErrValidator,
			w.lamports)
	}

	slices.SortStableFunc(records, func(a, b MarinadeRecord) int {
		return cmp.Compare(b.Record.LastUpdateDelegatedLamports,
			a.Record.LastUpdateDelegatedLamports)
	})

	return records, nil
}

// Source returns a record with its stake account and its validator. The error
// wraps [ErrValidator] if the validator is not in Marinade's list.
func (m MarinadeState) Source(
	record MarinadeRecord,
	stake StakeAccountState,
	validators *accounts.MarinadeValidatorList,
) (MarinadeStakeSource, error) {
	vote := stake.Account.Delegation.Voter
	index := validators.Index(vote)
	if stake.Account.State != accounts.StakeDelegated || index < 0 {
		return MarinadeStakeSource{}, m.fail(opWithdrawStake,
			fmt.Errorf("%w: the stake account %s is not delegated to a validator of Marinade",
				ErrValidator,
				record.Record.StakeAccount))
	}

	return MarinadeStakeSource{
		MarinadeRecord: record,
		Stake:          stake,
		ValidatorIndex: uint32(index),
		Validator:      validators.Validators[index],
	}, nil
}

// PickSource returns the first of [MarinadeState.Records] whose stake account
// can serve the withdrawal. live returns a stake account, or false if it is not
// loaded. If no account can serve, the error is the one of the first loaded
// account, or wraps [ErrValidator] if no account is loaded.
func (m MarinadeState) PickSource(
	msol uint64,
	list *accounts.MarinadeStakeList,
	validators *accounts.MarinadeValidatorList,
	live func(solana.PublicKey) (StakeAccountState, bool),
) (MarinadeStakeSource, error) {
	if live == nil {
		live = func(solana.PublicKey) (StakeAccountState, bool) {
			return StakeAccountState{}, false
		}
	}

	records, err := m.Records(msol, list)
	if err != nil {
		return MarinadeStakeSource{}, err
	}

	none := m.fail(opWithdrawStake,
		fmt.Errorf("%w: none of the %d suitable stake accounts is loaded", ErrValidator,
			len(records)))
	var first error
	for _, r := range records {
		stake, ok := live(r.Record.StakeAccount)
		if !ok {
			continue
		}

		source, err := m.Source(r, stake, validators)
		if err == nil {
			_, err = m.WithdrawStakeAccount(msol, source)
		}

		if err == nil {
			return source, nil
		}

		first = cmp.Or(first, err)
	}

	return MarinadeStakeSource{}, cmp.Or(first, none)
}

// WithdrawStakeAccount quotes a withdrawal of mSOL for stake that is split off
// one of Marinade's stake accounts, rounded down. [MarinadeState.PickSource]
// finds one.
func (m MarinadeState) WithdrawStakeAccount(
	msol uint64,
	from MarinadeStakeSource,
) (MarinadeStakeWithdrawal, error) {
	p := m.prepare()
	var r Refusal
	w, ok := p.WithdrawStakeAccount(msol, p.prepareSource(&from), &r)
	return answer(w, ok, &r)
}

// WithdrawStakeAccountExactOut quotes the smallest amount of mSOL for at least
// the given lamports of stake, and at least the minimum that Marinade splits
// off.
func (m MarinadeState) WithdrawStakeAccountExactOut(
	lamports uint64,
	from MarinadeStakeSource,
) (MarinadeStakeWithdrawal, error) {
	p := m.prepare()
	var r Refusal
	w, ok := p.WithdrawStakeAccountExactOut(lamports, p.prepareSource(&from), &r)
	return answer(w, ok, &r)
}
