package explain

import (
	"math/big"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// transferLamports is for both forms of a transfer of SOL.
func (v *verifier) transferLamports(in *Instruction) error {
	source, destination, amount := in.key("source"), in.key("destination"), in.amount("lamports")
	signer, seeded := in.Account("base account")
	if !seeded {
		signer = source
	}
	switch {
	case signer != v.Owner:
		if v.owns(destination) {
			v.gain(destination, accounts.NativeMint, amount)
		}
		return v.unsigned(in, "destination")
	case seeded && v.temporary[source] == nil:
		return v.refuse(ErrTransfer, "%s", in.Words)
	case v.owns(destination):
		v.gain(destination, accounts.NativeMint, amount)
	case destination != v.Payer:
		return v.refuse(ErrTransfer, "%s", in.Words)
	}
	v.lose(source, accounts.NativeMint, amount)
	return nil
}

func (v *verifier) createAccount(in *Instruction) error {
	account, amount := in.key("new account"), in.amount("lamports")
	if in.key("funder") != v.Owner {
		return nil
	}
	if claimed, ok := v.claims[account]; !ok || claimed < v.at {
		return v.refuse(ErrTransfer, "%s", in.Words)
	}
	v.lose(v.Owner, accounts.NativeMint, amount)
	v.gain(account, accounts.NativeMint, amount)
	return nil
}

func (v *verifier) createSeeded(in *Instruction) error {
	account, amount := in.key("new account"), in.amount("lamports")
	t := v.temporary[account]
	switch {
	case t == nil && in.key("funder") == v.Owner:
		return v.refuse(ErrTransfer, "%s", in.Words)
	case t == nil && in.value("base").Key == v.Owner:
		return v.refuse(ErrControl, "%s", in.Words)
	case t == nil:
		return nil
	}
	if in.key("funder") == v.Owner {
		v.lose(v.Owner, accounts.NativeMint, amount)
	}
	v.gain(account, accounts.NativeMint, amount)
	t.open, t.initialized, t.mint = true, false, solana.PublicKey{}
	return nil
}

func (v *verifier) allocateSeeded(in *Instruction) error {
	t := v.temporary[in.key("account")]
	switch {
	case t != nil:
		t.open, t.initialized, t.mint = true, false, solana.PublicKey{}
	case in.key("base account") == v.Owner:
		return v.refuse(ErrControl, "%s", in.Words)
	}
	return nil
}

func (v *verifier) createAssociated(in *Instruction) error {
	if in.key("funder") != v.Owner {
		return nil
	}
	if wallet := in.key("wallet"); wallet != v.Owner && wallet != v.Recipient {
		return v.refuse(ErrTransfer, "%s", in.Words)
	}
	if account := in.key("token account"); !v.opened[account] {
		v.opened[account] = false
	}
	return nil
}

func (v *verifier) initializeToken(in *Instruction) error {
	t := v.temporary[in.key("token account")]
	if t == nil {
		return nil
	}
	if in.value("owner").Key != v.Owner {
		return v.refuse(ErrControl, "%s", in.Words)
	}
	t.initialized, t.mint = true, in.key("mint")
	return nil
}

// mintOf is the mint of a token account of the owner's, if it is known to be one.
func (v *verifier) mintOf(account solana.PublicKey) (solana.PublicKey, bool) {
	if t := v.temporary[account]; t != nil {
		return t.mint, t.initialized && t.program == accounts.TokenProgram
	}
	a, ok := v.associated[account]
	return a.mint, ok && a.wallet == v.Owner
}

func (v *verifier) transferTokens(in *Instruction) error {
	if in.key("owner") != v.Owner {
		return nil
	}
	source, destination, amount := in.key("source"), in.key("destination"), in.amount("amount")
	if source == destination {
		v.check(source, amount)
		return nil
	}
	from, known := v.mintOf(source)
	to, mine := v.mintOf(destination)
	if !known || !mine || from != to {
		return v.refuse(ErrTransfer, "%s", in.Words)
	}
	v.lose(source, from, amount)
	v.gain(destination, from, amount)
	return nil
}

// check books what a token account holds for sure. What an account gained cannot be less than what it has now beyond what it had before.
func (v *verifier) check(account solana.PublicKey, holds uint64) {
	mint, known := v.mintOf(account)
	if !known {
		return
	}
	gained := new(big.Int).SetUint64(holds)
	if v.temporary[account] != nil {
		if !isLamports(mint) {
			return
		}
		// Its rent is there, too.
		gained.Add(gained, new(big.Int).SetUint64(v.TokenAccountRent))
	} else {
		held, ok := v.Held[mint]
		if !ok {
			return
		}
		gained.Sub(gained, new(big.Int).SetUint64(held))
	}
	at := position{account, mint}
	if v.gains[at] == nil || v.gains[at].Cmp(gained) < 0 {
		v.gains[at] = gained
	}
}

func (v *verifier) burn(in *Instruction) error {
	if in.key("owner") != v.Owner {
		return nil
	}
	return v.refuse(ErrTransfer, "%s", in.Words)
}

func (v *verifier) closeToken(in *Instruction) error {
	if in.key("owner") != v.Owner {
		return v.unsigned(in, "destination")
	}
	account, destination := in.key("account"), in.key("destination")
	t := v.temporary[account]
	if t == nil {
		if destination != v.Owner {
			return v.refuse(ErrClose, "%s", in.Words)
		}
		return nil
	}
	switch {
	case destination != account && v.owns(destination):
		v.add(destination, accounts.NativeMint, v.empty(account, accounts.NativeMint))
	case destination == v.Recipient:
		v.receive(accounts.NativeMint, v.empty(account, accounts.NativeMint))
	case destination == v.Payer && !t.paid:
		v.empty(account, accounts.NativeMint)
	default:
		return v.refuse(ErrClose, "%s", in.Words)
	}
	t.open, t.initialized = false, false
	return nil
}
