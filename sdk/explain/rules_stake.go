package explain

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// depositStake is the rule for instructions that take a whole stake account.
func (l *ledger) depositStake(in *Instruction) error {
	stake, signer := in.key("stake account"), solana.PublicKey{}
	for _, name := range []string{"owner", "user"} {
		if key, ok := in.Account(name); ok {
			signer = key
		}
	}

	h := l.lives(stake, staking)
	switch {
	case h == nil && !l.listed(stake) && signer != l.Owner:
		return l.foreign(in)
	case h == nil && !l.listed(stake):
		return l.refuse(ErrAuthorityChange, "the policy does not name the stake account: %s",
			in.Summary)
	case !signer.IsZero() && signer != l.Owner, h != nil && (h.staker || h.withdrawer):
		return l.refuse(ErrAuthorityChange, "%s", in.Summary)
	case h != nil:
		h.end()
	default:
		// Lamports that were withdrawn before are a part of the whole.
		if before := l.drawn[stake]; before != nil && before.Cmp(whole) < 0 {
			delete(l.drawn, stake)
		}

		book(l.drawn, stake, whole)
	}

	asset, destination := lamportsAsset, in.key("destination")
	if account, ok := in.Account("destination token account"); ok {
		destination = account
		for _, mint := range []string{"pool mint", "destination mint", "mSOL mint"} {
			if key, ok := in.Account(mint); ok {
				asset = key
			}
		}
	}

	least, limited := in.Amount("minimum tokens out")

	return l.pay(in, destination, asset, least, limited)
}

// withdrawPoolStake is the rule for instructions that burn tokens for a stake
// account.
func (l *ledger) withdrawPoolStake(in *Instruction) error {
	stake, authority := in.key("destination stake account"), l.Owner
	signer := in.key("token authority")

	switch in.ProgramName {
	case nameRouter:
		stake, signer = in.key("bridge stake account"), in.key("user")
	case nameStakePool:
		authority = in.key("new stake authority")
	case nameMarinade:
		authority = in.value("beneficiary").Key
	}

	if signer != l.Owner {
		return l.foreign(in)
	}

	h, claimed := l.holdings[stake], l.coming[stake]
	fits := h == nil
	switch in.ProgramName {
	case nameStakePool:
		fits = l.lives(stake, allocated) != nil && h.of == accounts.StakeProgram
	case nameLido:
		fits = h == nil || h.is == collecting && claimed.at == l.at
	case nameRouter:
		fits = h == nil && l.bridge(in)
	}

	switch {
	case !fits:
		return l.refuse(ErrLifetime, "the stake account %s is not created for the owner", stake)

	case authority != l.Owner && authority != l.Recipient:
		return l.refuse(ErrWrongRecipient, "the stake account %s is given to %s", stake, authority)
	}

	for _, a := range in.Amounts {
		if a.Unit != UnitTokens {
			continue
		}

		if err := l.take(in, "source token account", a.Name); err != nil {
			return err
		}
	}

	if h == nil {
		h = l.open(stake, staking, accounts.StakeProgram)
	}

	if in.ProgramName == nameMarinade && in.key("rent payer") == l.Owner {
		if l.StakeAccountRent == 0 {
			return l.refuse(ErrPolicy, "StakeAccountRent is not set")
		}

		l.fund(l.Owner, h, l.StakeAccountRent)
	}

	h.is = staking
	least, limited := in.Amount("minimum lamports out")
	h.add(stakeAsset, number64(least))
	if !limited {
		l.unlimited[stakeAsset] = true
	}

	if authority != l.Owner {
		book(l.received, stakeAsset, number64(least))
		h.end()
	}

	return nil
}

// splitStake splits stake of an account of the policy into an account that the
// transaction creates.
func (l *ledger) splitStake(in *Instruction) error {
	if in.key("authority") != l.Owner {
		return l.foreign(in)
	}

	stake, amount := in.key("stake account"), number64(in.amount("lamports"))
	part := l.lives(in.key("new stake account"), allocated)
	switch {
	case !l.listed(stake) || !l.Stake[stake].Split:
		return l.refuse(ErrAuthorityChange, "the policy does not permit it: %s", in.Summary)
	case part == nil || part.of != accounts.StakeProgram:
		return l.refuse(ErrUnrelatedTransfer, "%s", in.Summary)
	}

	book(l.drawn, stake, amount)
	part.is = staking
	part.add(stakeAsset, amount)

	return nil
}

// withdrawStake withdraws lamports from a stake account of the policy to a
// wallet or its wrapped SOL account.
func (l *ledger) withdrawStake(in *Instruction) error {
	if in.key("authority") != l.Owner {
		return l.foreign(in)
	}

	stake, to := in.key("stake account"), in.key("destination")
	amount := number64(in.amount("lamports"))

	switch {
	case !l.listed(stake):
		return l.refuse(ErrAuthorityChange, "the policy does not name the stake account: %s",
			in.Summary)
	case !l.arrive(to, amount):
		return l.refuse(ErrUnrelatedTransfer, "%s", in.Summary)
	}

	book(l.drawn, stake, amount)

	return nil
}

func (l *ledger) delegateStake(in *Instruction) error {
	if in.key("authority") != l.Owner {
		return l.foreign(in)
	}
	to := l.Stake[in.key("stake account")].Delegate
	if to.IsZero() || to != in.key("vote account") {
		return l.refuse(ErrAuthorityChange, "the policy does not permit it: %s", in.Summary)
	}
	return nil
}

func (l *ledger) deactivateStake(in *Instruction) error {
	if in.key("authority") != l.Owner {
		return l.foreign(in)
	}
	stake := in.key("stake account")
	h := l.lives(stake, staking)
	if h != nil && l.DeactivateReceived && !h.staker && !h.withdrawer ||
		h == nil && l.Stake[stake].Deactivate {
		return nil
	}
	return l.refuse(ErrAuthorityChange, "the policy does not permit it: %s", in.Summary)
}

// mergeStake merges a stake account of the policy into the one that the policy
// names for it. The stake program requires that both have the same authorities.
func (l *ledger) mergeStake(in *Instruction) error {
	if in.key("authority") != l.Owner {
		return l.foreign(in)
	}

	into, from := in.key("stake account"), in.key("merged stake account")
	if into == from || !l.listed(into) || !l.listed(from) || l.Stake[from].MergeInto != into {
		return l.refuse(ErrAuthorityChange, "the policy does not permit it: %s", in.Summary)
	}

	l.holdings[from].end()

	return nil
}

// authorizeStake permits three new authorities: the recipient, for a stake
// account that the transaction created; the authority that the policy names,
// for a stake account of the policy; and a stake pool, if the account is
// deposited there right after.
func (l *ledger) authorizeStake(in *Instruction, withdrawer bool) error {
	if in.key("authority") != l.Owner {
		return l.foreign(in)
	}

	stake, authority := in.key("stake account"), newAuthority(in)
	h, permitted := l.lives(stake, staking), l.Stake[stake]
	handed := h != nil && (h.staker || h.withdrawer)
	switch {
	case authority == l.Owner && !handed:
	case !handed && (h != nil || l.listed(stake)) && l.depositsNext(stake, authority):
	case h != nil && authority == l.Recipient && authority != l.Owner:
		h.staker, h.withdrawer = h.staker || !withdrawer, h.withdrawer || withdrawer
	case l.listed(stake) && !withdrawer && authority == permitted.Staker && !authority.IsZero():
	case l.listed(stake) && withdrawer && authority == permitted.Withdrawer && !authority.IsZero():
		book(l.drawn, stake, whole)
	default:
		return l.refuse(ErrAuthorityChange, "%s", in.Summary)
	}

	return nil
}
