package main

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// sharedVote is a validator of the embedded market that both hubSOL and
// Marinade stake with.
var sharedVote = solana.MustPublicKeyFromBase58("7K8DVxtNJGnMtUY1CQJT5jcs8sFGSZTDiG7kowvFpECh")

// demoStake is the delegation, in lamports, of a stake account on the embedded
// market.
const demoStake = 10_000_000_000

// demoEpoch is the epoch of the delegation.
const demoEpoch = 700

// demoStakeAccount adds an active stake account of the owner with 10 SOL to the
// embedded market. It is delegated to a validator of a token's pool.
func (s *session) demoStakeAccount(token lst.LST) (lst.LST, error) {
	address, err := accounts.SeededStakeAccount(s.Owner.PublicKey(), "demo")
	if err != nil {
		return lst.LST{}, err
	}
	if err := s.putStake(address, s.demoVote(token), demoStake, accounts.NeverEpoch); err != nil {
		return lst.LST{}, err
	}
	return s.stakeAccount(address.String())
}

// demoVote returns the largest validator of a token's stake pool. For other
// tokens it returns a validator that several pools share.
func (s *session) demoVote(token lst.LST) solana.PublicKey {
	a, _ := s.node.Account(token.ValidatorList)
	validators, err := accounts.DecodeValidatorListOf(a, token.Program)
	if err != nil || len(validators.Validators) == 0 {
		return sharedVote
	}

	largest := validators.Validators[0]
	for _, v := range validators.Validators {
		if v.ActiveStakeLamports > largest.ActiveStakeLamports {
			largest = v
		}
	}

	return largest.VoteAccount
}

// putStake adds a stake account of the owner to the embedded market.
func (s *session) putStake(address, vote solana.PublicKey, staked, deactivation uint64) error {
	sysvar, _ := s.node.Account(accounts.RentSysvar)
	price, err := accounts.DecodeRent(sysvar)
	if err != nil {
		return err
	}

	rent, err := price.MinimumBalance(accounts.StakeAccountSpace)
	if err != nil {
		return err
	}

	owner := s.Owner.PublicKey()
	data := make([]byte, accounts.StakeAccountSpace)
	copy(data, accounts.StakeAccount{
		State:             accounts.StakeDelegated,
		RentExemptReserve: rent,
		Staker:            owner,
		Withdrawer:        owner,
		Delegation: accounts.Delegation{
			Voter:             vote,
			Stake:             staked,
			ActivationEpoch:   demoEpoch,
			DeactivationEpoch: deactivation,
		},
	}.Encode())

	s.node.Put(accounts.Account{
		Address:  address,
		Owner:    accounts.StakeProgram,
		Lamports: rent + staked,
		Data:     data,
	})

	return nil
}

// cool adds the deactivated stake account of a report to the embedded market,
// and lets one epoch pass.
func (s *session) cool(r *tradeReport, from lst.LST) error {
	now, _ := s.node.Account(accounts.ClockSysvar)
	clock, err := accounts.DecodeClock(now)
	if err != nil {
		return err
	}

	epochs, _ := s.node.Account(accounts.EpochScheduleSysvar)
	schedule, err := accounts.DecodeEpochSchedule(epochs)
	if err != nil {
		return err
	}

	if err := s.putStake(*r.StakeAccount, s.demoVote(from), r.Out, clock.Epoch); err != nil {
		return err
	}

	clock.Epoch++
	clock.Slot += schedule.SlotsPerEpoch
	now.Data = clock.Encode()
	s.node.Put(now)
	s.node.Advance(schedule.SlotsPerEpoch)

	return nil
}
