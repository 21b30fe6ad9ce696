package quote

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// MarinadeStakeDeposit is the outcome of DepositStakeAccount. A stake account goes in, mSOL comes out.
type MarinadeStakeDeposit struct {
	// Staked is what counts, in lamports. Kept is the rest of the balance, the rent that the account stores: it stays there and becomes
	// Marinade's, but no mSOL is given for it.
	Staked uint64
	Kept   uint64
	// Fee is the part of Staked that no mSOL is given for, in lamports.
	Fee uint64
	// MSOL is what the depositor receives. All of it is new.
	MSOL uint64
	// Vote is the vote account of the stake, ValidatorIndex its position in Marinade's list.
	Vote           solana.PublicKey
	ValidatorIndex uint32
}

// DepositStakeAccount checks that Marinade takes a stake account from its owner, and quotes what it gives. It needs Marinade's list of
// validators. The error wraps one of the ErrStake… sentinels, or [ErrValidator] for a validator that Marinade does not have.
func (m Marinade) DepositStakeAccount(
	stake LiveStake, validators *accounts.MarinadeValidatorList, owner solana.PublicKey,
) (MarinadeStakeDeposit, error) {
	d, err := m.depositStakeAccount(stake, validators, owner)
	if err != nil {
		return MarinadeStakeDeposit{}, m.fail(opDepositStake, err)
	}
	return d, nil
}

// DepositStakeAccountExactOut quotes the smallest delegation that yields at least so much mSOL, in a stake account that is like another
// one apart from that.
func (m Marinade) DepositStakeAccountExactOut(
	msol uint64, like LiveStake, validators *accounts.MarinadeValidatorList, owner solana.PublicKey,
) (MarinadeStakeDeposit, error) {
	staked, err := m.lamportsFor(msol, m.State.DepositStakeAccountFee, m.State.StakeSystem.MinStake)
	stake := like
	if err == nil {
		stake.Account.Delegation.Stake = staked
		stake.Lamports, err = tooLarge(fixed.Add(staked, like.Account.RentExemptReserve))
	}
	if err != nil {
		return MarinadeStakeDeposit{}, m.fail(opDepositStake, err)
	}
	return m.DepositStakeAccount(stake, validators, owner)
}

func (m Marinade) depositStakeAccount(
	stake LiveStake, validators *accounts.MarinadeValidatorList, owner solana.PublicKey,
) (MarinadeStakeDeposit, error) {
	rate, err := m.rate()
	if err == nil {
		err = m.checkMint()
	}
	if err == nil && m.EpochRewardsActive {
		err = ErrEpochRewards
	}
	if err == nil {
		err = m.checkStake(&stake, owner)
	}
	if err != nil {
		return MarinadeStakeDeposit{}, err
	}
	staked, vote := stake.Account.Delegation.Stake, stake.Account.Delegation.Voter
	index := validators.Index(vote)
	if index < 0 {
		return MarinadeStakeDeposit{}, fmt.Errorf("%w: %s is not one of Marinade's", ErrValidator, vote)
	}
	var c fixed.Calc
	d := MarinadeStakeDeposit{Staked: staked, Kept: stake.Account.RentExemptReserve, Vote: vote, ValidatorIndex: uint32(index)}
	d.Fee = marinadeFee(&c, staked, m.depositFee(m.State.DepositStakeAccountFee), marinadeFeeScale)
	d.MSOL = rate.toMSOL(&c, c.Sub(staked, d.Fee))
	c.Add(m.State.MSOLSupply, d.MSOL)
	controlled := c.Add(rate.controlled, staked)
	c.Add(validators.Validators[index].ActiveBalance, staked)
	list := m.State.StakeSystem.StakeList
	switch {
	case c.Err() != nil:
		return MarinadeStakeDeposit{}, tooLargeUnlessInvalid(c.Err())
	case controlled > m.State.StakingSOLCap:
		return MarinadeStakeDeposit{}, m.capped()
	case m.StakeListSpace != 0 && accounts.MarinadeListHeaderSize+(uint64(list.Count)+1)*uint64(list.ItemSize) > m.StakeListSpace:
		return MarinadeStakeDeposit{}, fmt.Errorf("%w: Marinade's list has no room for more than %d stake accounts", ErrDisabled, list.Count)
	case d.MSOL == 0:
		return MarinadeStakeDeposit{}, fmt.Errorf("%w: worth less than a base unit of mSOL", ErrTooSmall)
	}
	return d, nil
}

// checkStake refuses stake accounts that the program or the stake program would refuse.
func (m Marinade) checkStake(stake *LiveStake, owner solana.PublicKey) error {
	a, d := &stake.Account, &stake.Account.Delegation
	whole, err := fixed.Add(d.Stake, a.RentExemptReserve)
	switch {
	case a.State != accounts.StakeDelegated:
		return ErrStakeUndelegated
	case d.DeactivationEpoch != accounts.NeverEpoch:
		return fmt.Errorf("%w: in epoch %d", ErrStakeDeactivating, d.DeactivationEpoch)
	case d.ActivationEpoch > m.Clock.Epoch:
		return fmt.Errorf("%w, but in epoch %d", ErrStakeActivating, d.ActivationEpoch)
	case d.Stake < m.State.StakeSystem.MinStake:
		return fmt.Errorf("%w: %d lamports, and Marinade takes at least %d", ErrStakeTooSmall, d.Stake, m.State.StakeSystem.MinStake)
	case err != nil:
		return fmt.Errorf("%w: its stake and rent are more lamports than there can be", ErrStakeSurplus)
	case stake.Lamports < whole:
		return fmt.Errorf("%w: %d lamports are missing", ErrStakeSurplus, whole-stake.Lamports)
	case stake.Lamports > whole:
		return fmt.Errorf("%w: %d lamports too many", ErrStakeSurplus, stake.Lamports-whole)
	case a.Lockup.InForce(m.Clock):
		return ErrStakeLocked
	}
	staker, err := accounts.MarinadeStakeDepositAuthority(m.Program, m.Address)
	if err != nil {
		return err
	}
	withdrawer, err := accounts.MarinadeStakeWithdrawAuthority(m.Program, m.Address)
	switch {
	case err != nil:
		return err
	case a.Staker == staker || a.Withdrawer == withdrawer:
		return ErrStakeMarinades
	case a.Withdrawer != owner:
		return fmt.Errorf("%w: %s may not withdraw it, but %s", ErrStakeOwner, owner, a.Withdrawer)
	}
	return nil
}

// MarinadeRecord is a stake account of Marinade with its position in the list.
type MarinadeRecord struct {
	Index  uint32
	Record accounts.MarinadeStakeRecord
}

// MarinadeStakeSource is a stake account of Marinade that stake can be withdrawn from, with its validator.
type MarinadeStakeSource struct {
	MarinadeRecord
	// Stake is the account itself.
	Stake LiveStake
	// ValidatorIndex is the position of the validator in the list.
	ValidatorIndex uint32
	Validator      accounts.MarinadeValidatorRecord
}

// MarinadeStakeWithdrawal is the outcome of WithdrawStakeAccount. Base units of mSOL go in, delegated stake comes out.
type MarinadeStakeWithdrawal struct {
	MSOL uint64
	// Lamports arrive as delegated stake, on top of Rent, which the payer puts into the new account.
	Lamports uint64
	Rent     uint64
	// Fee is the part of the mSOL's value that does not arrive, in lamports. Treasury is what the treasury receives for it in mSOL.
	Fee      uint64
	Treasury uint64
	// Burned is the rest of the mSOL.
	Burned uint64
	// StakeAccount is the one that is split, StakeIndex its position, Vote its vote account and ValidatorIndex that one's position.
	StakeAccount   solana.PublicKey
	StakeIndex     uint32
	Vote           solana.PublicKey
	ValidatorIndex uint32
}

// Records returns the stake accounts that a withdrawal of mSOL can be taken from as far as the list tells, the largest first: updated
// in this epoch, not on their way out, and large enough that Marinade's least stake stays. Unless the build is known to be of version
// 2.0 they are such that version 2.1 found active. Which validator they are with, and whether they are still as recorded, only
// the accounts themselves tell: see [Marinade.Source].
//
// The error wraps [ErrStale] if there are only such that wait for an update, and [ErrValidator] if there are none at all.
func (m Marinade) Records(msol uint64, list *accounts.MarinadeStakeList) ([]MarinadeRecord, error) {
	records, err := m.records(msol, list)
	if err != nil {
		return nil, m.fail(opWithdrawStake, err)
	}
	return records, nil
}

func (m Marinade) records(msol uint64, list *accounts.MarinadeStakeList) ([]MarinadeRecord, error) {
	if list == nil {
		return nil, fmt.Errorf("%w stake list", accounts.ErrNil)
	}

	w, err := m.split(msol)
	if err != nil {
		return nil, err
	}
	waiting := 0
	var records []MarinadeRecord
	for i, r := range list.Stakes {
		if m.checkRecord(&r, w.Lamports) != nil {
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
		return nil, fmt.Errorf("%w: %d stake accounts that could serve wait for an update", ErrStale, waiting)
	default:
		return nil, fmt.Errorf("%w: no stake account can give %d lamports", ErrValidator, w.Lamports)
	}
	slices.SortStableFunc(records, func(a, b MarinadeRecord) int {
		return cmp.Compare(b.Record.LastUpdateDelegatedLamports, a.Record.LastUpdateDelegatedLamports)
	})
	return records, nil
}

// Source is a record with its account and its validator, which must be one of Marinade's.
func (m Marinade) Source(record MarinadeRecord, stake LiveStake, validators *accounts.MarinadeValidatorList) (MarinadeStakeSource, error) {
	vote := stake.Account.Delegation.Voter
	index := validators.Index(vote)
	if stake.Account.State != accounts.StakeDelegated || index < 0 {
		return MarinadeStakeSource{}, m.fail(opWithdrawStake, fmt.Errorf("%w: the stake account %s is with none of Marinade's", ErrValidator,
			record.Record.StakeAccount))
	}
	return MarinadeStakeSource{
		MarinadeRecord: record, Stake: stake, ValidatorIndex: uint32(index), Validator: validators.Validators[index],
	}, nil
}

// PickSource returns the first of [Marinade.Records] that serves by its account, too. Of an account that is not at hand, live says so
// by false. The error is that of the first account at hand, or wraps [ErrValidator] if there is none.
func (m Marinade) PickSource(
	msol uint64, list *accounts.MarinadeStakeList, validators *accounts.MarinadeValidatorList, live func(solana.PublicKey) (LiveStake, bool),
) (MarinadeStakeSource, error) {
	if live == nil {
		live = func(solana.PublicKey) (LiveStake, bool) { return LiveStake{}, false }
	}
	records, err := m.Records(msol, list)
	if err != nil {
		return MarinadeStakeSource{}, err
	}
	none := m.fail(opWithdrawStake, fmt.Errorf("%w: none of %d stake accounts is at hand", ErrValidator, len(records)))
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

// WithdrawStakeAccount quotes a withdrawal of mSOL for stake split off a stake account of Marinade's, rounded down. [Marinade.PickSource]
// finds one.
func (m Marinade) WithdrawStakeAccount(msol uint64, from MarinadeStakeSource) (MarinadeStakeWithdrawal, error) {
	w, err := m.withdrawStakeAccount(msol, &from)
	if err != nil {
		return MarinadeStakeWithdrawal{}, m.fail(opWithdrawStake, err)
	}
	return w, nil
}

// WithdrawStakeAccountExactOut quotes the least mSOL for at least so many lamports of stake, or for the least that Marinade splits off.
func (m Marinade) WithdrawStakeAccountExactOut(lamports uint64, from MarinadeStakeSource) (MarinadeStakeWithdrawal, error) {
	msol, err := m.msolToWithdraw(lamports)
	if err != nil {
		return MarinadeStakeWithdrawal{}, m.fail(opWithdrawStake, err)
	}
	return m.WithdrawStakeAccount(msol, from)
}

// msolToWithdraw heeds both limits: on the stake after the fee, and on its value before.
func (m Marinade) msolToWithdraw(lamports uint64) (uint64, error) {
	fee := m.State.WithdrawStakeAccountFee
	msol, err := m.msolFor(lamports, m.State.StakeSystem.MinStake, fee)
	if err != nil {
		return 0, err
	}
	least, err := m.msolFor(max(1, m.State.MinWithdraw), 0, 0)
	return max(msol, least), err
}

// split is what a withdrawal comes to, whichever stake account serves it.
func (m Marinade) split(msol uint64) (MarinadeStakeWithdrawal, error) {
	var none MarinadeStakeWithdrawal
	rate, err := m.rate()
	switch {
	case err != nil:
		return none, err
	case !m.State.WithdrawStakeAccountEnabled:
		return none, errMarinadeKeepsStake
	case m.EpochRewardsActive:
		return none, ErrEpochRewards
	case msol == 0:
		return none, ErrZeroAmount
	}
	if err := m.checkUpgrade(); err != nil {
		return none, err
	}
	var c fixed.Calc
	value := rate.toSOL(&c, msol)
	w := MarinadeStakeWithdrawal{MSOL: msol, Fee: marinadeFee(&c, value, m.State.WithdrawStakeAccountFee, marinadeFeeScale)}
	w.Lamports = c.Sub(value, w.Fee)
	if m.TreasuryUsable {
		w.Treasury = fixed.SaturatingSub(msol, rate.toMSOL(&c, w.Lamports))
	}
	w.Burned = c.Sub(msol, w.Treasury)
	if err := m.checkWithdrawal(&c, value); err != nil {
		return none, err
	}
	switch least := m.State.StakeSystem.MinStake; {
	case w.Lamports < least:
		return none, fmt.Errorf("%w: %d lamports of stake, and Marinade splits off at least %d", ErrTooSmall, w.Lamports, least)
	case w.Lamports < m.MinimumDelegation:
		return none, fmt.Errorf("%w: %d lamports, not %d", ErrBelowMinimumDelegation, w.Lamports, m.MinimumDelegation)
	}
	m.shrinks(&c, w.Burned)
	c.Sub(m.State.ValidatorSystem.TotalActiveBalance, w.Lamports)
	if c.Err() != nil {
		return none, errTooLarge(c.Err())
	}
	w.Rent, err = m.Rent.MinimumBalance(accounts.StakeAccountSpace)
	return w, err
}

// checkUpgrade refuses withdrawals that version 2.1 refuses as long as it has not taken over all records. A state that tells nothing of
// it may be either version's.
func (m Marinade) checkUpgrade() error {
	u := m.State.DelinquentUpgrader
	switch {
	case m.Version == MarinadeVersion20 || u.State == accounts.MarinadeUpgradeDone:
		return nil
	case u == accounts.MarinadeDelinquentUpgrader{}:
		return fmt.Errorf("%w: version 2.1 of Marinade would still be taking over", ErrBuildDependent)
	}
	return fmt.Errorf("%w: Marinade is taking over its records", ErrDisabled)
}

// checkRecord refuses records that cannot give so many lamports.
func (m Marinade) checkRecord(r *accounts.MarinadeStakeRecord, lamports uint64) error {
	least := max(m.State.StakeSystem.MinStake, m.MinimumDelegation)
	active := r.LastUpdateStatus == accounts.MarinadeStakeActive ||
		m.Version == MarinadeVersion20 && r.LastUpdateStatus == accounts.MarinadeStakeUnknown
	switch left, err := fixed.Sub(r.LastUpdateDelegatedLamports, lamports); {
	case !active || r.IsEmergencyUnstaking != 0:
		return fmt.Errorf("%w: the stake account %s is on its way out", ErrValidator, r.StakeAccount)
	case err != nil || left < least:
		return fmt.Errorf("%w: the stake account %s cannot give %d lamports of its %d, of which %d must stay", ErrValidator, r.StakeAccount,
			lamports, r.LastUpdateDelegatedLamports, least)
	}
	return nil
}

func (m Marinade) withdrawStakeAccount(msol uint64, from *MarinadeStakeSource) (MarinadeStakeWithdrawal, error) {
	w, err := m.split(msol)
	if err == nil {
		err = m.checkRecord(&from.Record, w.Lamports)
	}
	if err != nil {
		return MarinadeStakeWithdrawal{}, err
	}
	a, d := &from.Stake.Account, &from.Stake.Account.Delegation
	name := from.Record.StakeAccount
	refuse := func(reason error, what string) (MarinadeStakeWithdrawal, error) {
		return MarinadeStakeWithdrawal{}, fmt.Errorf("%w: the stake account %s %s", reason, name, what)
	}
	switch {
	case a.State != accounts.StakeDelegated:
		return refuse(ErrValidator, "is not delegated")
	case d.DeactivationEpoch != accounts.NeverEpoch:
		return refuse(ErrValidator, "is deactivated")
	case d.Voter != from.Validator.VoteAccount:
		return refuse(ErrValidator, "is with another validator")
	case d.Stake != from.Record.LastUpdateDelegatedLamports:
		return refuse(ErrStale, "is not as recorded")
	case from.Validator.ActiveBalance < w.Lamports:
		return refuse(ErrInvalidState, "is larger than its validator's balance")
	}
	w.StakeAccount, w.StakeIndex, w.Vote, w.ValidatorIndex = name, from.Index, d.Voter, from.ValidatorIndex
	return w, nil
}
