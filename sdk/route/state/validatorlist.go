package state

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// validators is a validator list that is read without looking at all of each
// entry.
type validators struct{ list *accounts.ValidatorList }

// viewValidators checks the account of a validator list.
func viewValidators(a *accounts.Account, program solana.PublicKey) (validators, error) {
	list, err := accounts.DecodeValidatorListOf(*a, program)
	if err != nil {
		return validators{}, err
	}
	return validators{list}, nil
}

func (v validators) maxValidators() uint32 { return v.list.MaxValidators }

func (v validators) len() int { return len(v.list.Validators) }

func (v validators) at(i int) accounts.ValidatorStakeInfo { return v.list.Validators[i] }

func (v validators) vote(i int) *solana.PublicKey { return &v.list.Validators[i].VoteAccount }

func (v validators) active(i int) uint64 { return v.list.Validators[i].ActiveStakeLamports }

func (v validators) status(i int) accounts.ValidatorStatus { return v.list.Validators[i].Status }
