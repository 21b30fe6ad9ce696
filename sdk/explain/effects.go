package explain

import (
	"math/big"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// trade is what a program takes and pays, by the names in its row.
type trade struct {
	// authority is who signs, source where the amount pays is taken from.
	authority, source, pays string
	// destination is where it pays to, in what mint; without one it pays SOL. Without a destination nothing is paid yet.
	destination, gets string
	// atLeast is the amount that limits the outcome, if there is one.
	atLeast string
	// uses is an account of the owner's that is used up.
	uses string
}

// trading is the effect of a trade.
func trading(t trade) func(*verifier, *Instruction) error {
	return func(v *verifier, in *Instruction) error {
		if in.key(t.authority) != v.Owner {
			return v.unsigned(in, t.authority)
		}
		v.take(in, t.source, t.pays)
		if t.uses != "" {
			v.use(in.key(t.uses))
		}
		if t.destination == "" {
			return nil
		}
		least, limited := in.Amount(t.atLeast)
		return v.pay(in, in.key(t.destination), t.asset(in), least, limited)
	}
}

func (t trade) asset(in *Instruction) solana.PublicKey {
	if t.gets == "" {
		return accounts.NativeMint
	}
	return in.key(t.gets)
}

// unsigned refuses the owner's key in a trade of somebody else's, where it could only be meant to authorize something.
func (v *verifier) unsigned(in *Instruction, authority string) error {
	for _, a := range in.Accounts {
		if a.Address == v.Owner && a.Signer && a.Role != authority {
			return v.refuse(ErrSigner, "as the %s of %s", a.Role, in.Name)
		}
	}
	return nil
}

// take books what an instruction takes from an account that the owner signs for.
func (v *verifier) take(in *Instruction, source, pays string) {
	for _, a := range in.Amounts {
		if a.Name != pays {
			continue
		}
		asset := a.Mint
		if a.Unit == UnitLamports {
			asset = accounts.NativeMint
		}
		v.lose(in.key(source), asset, a.Value)
	}
}

// use forgets an account of the owner's with all in it.
func (v *verifier) use(account solana.PublicKey) {
	v.empty(account, accounts.NativeMint)
	v.empty(account, stakeAsset)
	if t := v.temporary[account]; t != nil {
		t.open = false
	}
}

// pay books what an instruction pays to an account, with or without a limit.
func (v *verifier) pay(in *Instruction, account, asset solana.PublicKey, least uint64, limited bool) error {
	a, known := v.associated[account]
	t := v.temporary[account]
	mine, theirs := false, false
	switch {
	case isLamports(asset) && account == v.Owner:
		mine = true
	case isLamports(asset) && account == v.Recipient:
		theirs = true
	case known && a.mint == asset:
		mine, theirs = a.wallet == v.Owner, a.wallet == v.Recipient && v.Recipient != v.Owner
		if _, opened := v.opened[account]; opened {
			v.opened[account] = true
		}
	case t != nil && t.program == accounts.TokenProgram && isLamports(asset) && (!t.open || isLamports(t.mint)):
		mine, t.paid = true, true
	}
	switch {
	case theirs:
		v.receive(asset, new(big.Int).SetUint64(least))
	case mine:
		v.gain(account, asset, least)
	default:
		return v.refuse(ErrForeign, "%s pays to %s", in.Name, account)
	}
	if !limited {
		v.unlimited[asset] = true
	}
	return nil
}

// depositStake is for instructions that take a whole stake account.
func (v *verifier) depositStake(in *Instruction) error {
	stake := in.key("stake account")
	_, listed := v.MaxStake[stake]
	_, claimed := v.claims[stake]
	signed := false
	for _, name := range []string{"owner", "user"} {
		key, ok := in.Account(name)
		signed = signed || ok && key == v.Owner
	}
	switch {
	case v.temporary[stake] != nil || claimed:
		v.use(stake)
	case listed || signed:
		v.leave(stake, whole)
	default:
		return v.unsigned(in, "")
	}
	asset, destination := accounts.NativeMint, in.key("destination")
	if account, ok := in.Account("destination token account"); ok {
		destination = account
		for _, mint := range []string{"pool mint", "destination mint", "mSOL mint"} {
			if key, ok := in.Account(mint); ok {
				asset = key
			}
		}
	}
	least, limited := in.Amount("minimum tokens out")
	return v.pay(in, destination, asset, least, limited)
}

// leave books what leaves a stake account of the policy's.
func (v *verifier) leave(stake solana.PublicKey, amount *big.Int) {
	if v.stakes[stake] == nil {
		v.stakes[stake] = new(big.Int)
	}
	v.stakes[stake].Add(v.stakes[stake], amount)
}

// withdrawPoolStake is for instructions that burn tokens for a stake account.
func (v *verifier) withdrawPoolStake(in *Instruction) error {
	stake, authority, owner := in.key("destination stake account"), v.Owner, in.key("token authority")
	switch in.ProgramName {
	case nameRouter:
		stake, owner = in.key("bridge stake account"), in.key("user")
	case nameStakePool:
		authority = in.key("new stake authority")
	case nameMarinade:
		authority = in.value("beneficiary").Key
	}
	t := v.temporary[stake]
	_, claimed := v.claims[stake]
	switch {
	case owner != v.Owner && t == nil:
		return v.unsigned(in, "new stake authority")
	case authority != v.Owner && authority != v.Recipient:
		return v.refuse(ErrForeign, "the stake account %s becomes one of %s", stake, authority)
	case owner != v.Owner:
		// Somebody else's stake goes into an account of the owner's.
		t.initialized = true
		if authority != v.Owner {
			v.handStake(stake)
		}
		return v.unsigned(in, "new stake authority")
	case !claimed && (t == nil || t.program != accounts.StakeProgram):
		return v.refuse(ErrForeign, "the stake account %s is not one that the transaction creates for the owner", stake)
	}
	for _, a := range in.Amounts {
		if a.Unit == UnitTokens {
			v.take(in, "source token account", a.Name)
		}
	}
	if in.ProgramName == nameMarinade && in.key("rent payer") == v.Owner {
		if v.StakeAccountRent == 0 {
			return v.refuse(ErrPolicy, "the rent of a stake account has to be known")
		}
		v.lose(v.Owner, accounts.NativeMint, v.StakeAccountRent)
		v.gain(stake, accounts.NativeMint, v.StakeAccountRent)
	}
	if t != nil {
		t.initialized = true
	}
	least, limited := in.Amount("minimum lamports out")
	v.gain(stake, stakeAsset, least)
	if !limited {
		v.unlimited[stakeAsset] = true
	}
	if authority != v.Owner {
		v.handStake(stake)
	}
	return nil
}

// handStake books a stake account that becomes the recipient's.
func (v *verifier) handStake(stake solana.PublicKey) {
	v.receive(stakeAsset, v.empty(stake, stakeAsset))
	v.receive(accounts.NativeMint, v.empty(stake, accounts.NativeMint))
	if t := v.temporary[stake]; t != nil {
		t.open = false
	}
}
