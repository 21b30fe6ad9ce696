package explain

import (
	"math/big"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// fresh says that the transaction itself gives the owner a stake account.
func (v *verifier) fresh(stake solana.PublicKey) bool {
	t := v.temporary[stake]
	_, claimed := v.claims[stake]
	return claimed || t != nil && t.program == accounts.StakeProgram
}

// usable refuses stake accounts that are neither new nor in the policy.
func (v *verifier) usable(in *Instruction, stake solana.PublicKey) error {
	if _, listed := v.MaxStake[stake]; !listed && !v.fresh(stake) {
		return v.refuse(ErrControl, "the policy does not name the stake account: %s", in.Words)
	}
	return nil
}

func (v *verifier) useStake(in *Instruction) error {
	if in.key("authority") != v.Owner {
		return nil
	}
	return v.usable(in, in.key("stake account"))
}

func (v *verifier) splitStake(in *Instruction) error {
	stake, part, amount := in.key("stake account"), in.key("new stake account"), in.amount("lamports")
	t := v.temporary[part]
	if in.key("authority") != v.Owner {
		if t != nil {
			return v.refuse(ErrControl, "%s", in.Words)
		}
		return nil
	}
	if err := v.usable(in, stake); err != nil {
		return err
	}
	if !v.fresh(part) {
		return v.refuse(ErrTransfer, "%s", in.Words)
	}
	if v.fresh(stake) {
		v.lose(stake, stakeAsset, amount)
	} else {
		v.leave(stake, new(big.Int).SetUint64(amount))
	}
	v.gain(part, stakeAsset, amount)
	if t != nil {
		t.initialized = true
	}
	return nil
}

func (v *verifier) withdrawStake(in *Instruction) error {
	if in.key("authority") != v.Owner {
		return v.unsigned(in, "destination")
	}
	stake, destination, amount := in.key("stake account"), in.key("destination"), new(big.Int).SetUint64(in.amount("lamports"))
	if _, listed := v.MaxStake[stake]; !listed {
		return v.refuse(ErrControl, "the policy does not name the stake account: %s", in.Words)
	}
	switch {
	case destination == v.Recipient && v.Recipient != v.Owner:
		v.receive(accounts.NativeMint, amount)
	case v.owns(destination):
		v.add(destination, accounts.NativeMint, amount)
	default:
		return v.refuse(ErrTransfer, "%s", in.Words)
	}
	v.leave(stake, amount)
	return nil
}

func (v *verifier) mergeStake(in *Instruction) error {
	if in.key("authority") != v.Owner {
		return nil
	}
	into, merged := in.key("stake account"), in.key("merged stake account")
	for _, stake := range []solana.PublicKey{into, merged} {
		if err := v.usable(in, stake); err != nil {
			return err
		}
	}
	if v.fresh(merged) {
		v.use(merged)
	} else {
		v.leave(merged, whole)
	}
	return nil
}

func (v *verifier) authorizeStake(in *Instruction, withdrawer bool) error {
	if in.key("authority") != v.Owner {
		return v.unsigned(in, "new authority")
	}
	stake, authority := in.key("stake account"), newAuthority(in)
	if authority == v.Owner {
		return nil
	}
	if err := v.usable(in, stake); err != nil {
		return err
	}
	switch {
	case authority != v.Recipient && !v.depositsNext(stake, authority):
		return v.refuse(ErrControl, "%s", in.Words)
	case authority != v.Recipient || !withdrawer:
	case v.fresh(stake):
		v.handStake(stake)
	default:
		v.leave(stake, whole)
		v.unlimited[stakeAsset] = true
	}
	return nil
}

// newAuthority is among the accounts of one form, and in the data of the other.
func newAuthority(in *Instruction) solana.PublicKey {
	if key, ok := in.Account("new authority"); ok {
		return key
	}
	return in.value("new authority").Key
}

// depositsNext says that a stake account is deposited right after its authorities were changed, into the pool whose authority they are.
func (v *verifier) depositsNext(stake, authority solana.PublicKey) bool {
	for i := v.at + 1; i < len(v.explanation.Instructions); i++ {
		in := &v.explanation.Instructions[i]
		if in.is(nameStake, "Authorize", "AuthorizeChecked") && in.key("stake account") == stake && newAuthority(in) == authority {
			continue
		}
		return in.is(nameStakePool, "DepositStake", "DepositStakeWithSlippage") && in.key("stake account") == stake &&
			in.key("stake deposit authority") == authority
	}
	return false
}
