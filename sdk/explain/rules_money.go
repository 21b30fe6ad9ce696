package explain

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// transferSOL is the rule for both forms of a SOL transfer.
func (l *ledger) transferSOL(in *Instruction) error {
	from, to, amount := in.key("source"), in.key("destination"), number64(in.amount("lamports"))
	signer, seeded := in.Account("base account")
	if !seeded {
		signer = from
	}

	source := l.holdings[from]
	switch {
	case signer != l.Owner && source != nil:
		return l.refuse(ErrAuthorityChange, "%s", in.Summary)
	case signer == l.Owner && seeded && l.lives(from, collecting) == nil:
		return l.refuse(ErrLifetime, "%s", in.Summary)
	}

	_, allowed := l.Transfers[to]
	if signer == l.Owner && !seeded && allowed && l.listed(to) {
		// A stake account that lacks rent gets it from its owner's wallet.
		book(l.given, to, amount)
		return nil
	}

	target, err := l.target(to)
	switch {
	case err != nil:
		return err
	case signer != l.Owner && target != nil:
		l.fund(signer, target, in.amount("lamports"))
	case signer != l.Owner:
		// The SOL of others stays with others.
	case target != nil:
		source.add(lamportsAsset, minus(amount))
		target.add(lamportsAsset, amount)
	case allowed && !seeded:
		book(l.given, to, amount)
	case to == l.Payer:
		source.add(lamportsAsset, minus(amount))
	default:
		return l.refuse(ErrUnrelatedTransfer, "%s", in.Summary)
	}

	return nil
}

// createAccount permits the owner to pay only for a Marinade ticket, whose rent
// is consumed with it.
func (l *ledger) createAccount(in *Instruction) error {
	account := in.key("new account")
	if in.key("funder") != l.Owner {
		return nil
	}

	claimed, coming := l.coming[account]
	if !coming || claimed.at < l.at || claimed.of != accounts.MarinadeProgram ||
		in.value("owner program").Key != claimed.of {
		return l.refuse(ErrUnrelatedTransfer, "%s", in.Summary)
	}

	rent := number64(in.amount("lamports"))
	l.holdings[l.Owner].add(lamportsAsset, minus(rent))
	l.settled[account] = rent

	return nil
}

// createSeeded starts the life of a temporary account. The system program
// refuses an address with a balance, so the account starts empty.
func (l *ledger) createSeeded(in *Instruction) error {
	account, funder := in.key("new account"), in.key("funder")
	switch {
	case in.value("base").Key != l.Owner && funder != l.Owner && l.holdings[account] == nil:
		return nil
	case !l.seeded(in, account):
		return l.refuse(ErrUnrelatedTransfer, "%s", in.Summary)
	case l.holdings[account] != nil:
		return l.refuse(ErrLifetime, "%s", in.Summary)
	}

	h := l.open(account, allocated, in.value("owner program").Key)
	if in.amount("space") != space(h.of) {
		return l.refuse(ErrAuthorityChange, "%s", in.Summary)
	}

	l.fund(funder, h, in.amount("lamports"))

	return nil
}

// allocateSeeded assigns an account that collected lamports to a program. The
// instruction does not prove that the address was vacant before, so the policy
// must list it.
func (l *ledger) allocateSeeded(in *Instruction) error {
	account := in.key("account")
	if in.key("base account") != l.Owner && l.holdings[account] == nil {
		return nil
	}

	h := l.lives(account, collecting)
	switch {
	case h == nil || l.coming[account].at != l.at:
		return l.refuse(ErrLifetime, "%s", in.Summary)
	case h.of != accounts.TokenProgram || in.amount("space") != space(h.of):
		return l.refuse(ErrAuthorityChange, "%s", in.Summary)
	case !l.vacant(account):
		return l.refuse(ErrPolicy, "%s is not listed in Vacant", account)
	}

	h.is = allocated

	return nil
}

// createAssociated books the rent of an associated token account if the owner
// pays for it.
func (l *ledger) createAssociated(in *Instruction) error {
	if in.key("funder") != l.Owner {
		return nil
	}

	account := in.key("token account")
	known, ok := l.associated[account]
	if !ok || known.wallet != in.key("wallet") || known.mint != in.key("mint") {
		return l.refuse(ErrUnrelatedTransfer, "%s", in.Summary)
	}

	rent, ok := in.tokenRent(l.TokenRents, l.TokenAccountRent)
	if !ok {
		return l.refuse(ErrPolicy, "TokenRents has no rent for the mint %s", known.mint)
	}

	l.tokenRents[account] = rent
	if !l.opened[account] {
		l.opened[account] = false
	}

	return nil
}

// tokenRent returns the rent of the associated token account that an
// instruction creates. It returns false for a Token-2022 mint that is not among
// the rents by mint. plain is the rent of a classic account.
func (i *Instruction) tokenRent(rents map[solana.PublicKey]uint64, plain uint64) (uint64, bool) {
	if rent, ok := rents[i.key("mint")]; ok {
		return rent, true
	}
	return plain, i.key("mint token program") != accounts.Token2022Program
}

// initializeToken sets the owner and the mint of an allocated account.
func (l *ledger) initializeToken(in *Instruction) error {
	account := in.key("token account")
	if l.holdings[account] == nil {
		return nil
	}

	h := l.lives(account, allocated)
	switch {
	case h == nil:
		return l.refuse(ErrLifetime, "%s", in.Summary)
	case h.of != accounts.TokenProgram || in.key("mint") != lamportsAsset ||
		in.value("owner").Key != l.Owner:
		return l.refuse(ErrAuthorityChange, "%s", in.Summary)
	}

	h.is = wrapping

	return nil
}

// transferTokens is the rule for transfers between the owner's wrapped SOL
// accounts, for balance checks and for the transfers that the policy permits.
// It refuses all other token transfers of the owner.
func (l *ledger) transferTokens(in *Instruction) error {
	source, destination := in.key("source"), in.key("destination")
	if in.key("owner") != l.Owner {
		switch h := l.holdings[destination]; {
		case l.holdings[source] != nil:
			return l.refuse(ErrAuthorityChange, "%s", in.Summary)
		case h != nil:
			h.uncertain = true
		}

		return nil
	}

	if source == destination {
		l.check(source, in.amount("amount"))
		return nil
	}

	if most, ok := l.TokenTransfers[destination]; ok {
		return l.passOn(in, source, destination, most)
	}

	from, to := l.wraps(source), l.wraps(destination)
	if from == nil || to == nil {
		return l.refuse(ErrUnrelatedTransfer, "%s", in.Summary)
	}

	amount := number64(in.amount("amount"))
	from.add(lamportsAsset, minus(amount))
	to.add(lamportsAsset, amount)

	return nil
}

// passOn books a permitted transfer from an associated token account of the
// owner.
func (l *ledger) passOn(in *Instruction, source, destination solana.PublicKey, most uint64) error {
	h := l.holdings[source]
	if h == nil || h.is != standing || h.asset == stakeAsset || l.holdings[destination] != nil {
		return l.refuse(ErrUnrelatedTransfer, "%s", in.Summary)
	}

	if mint, ok := in.Account("mint"); ok && mint != h.asset {
		return l.refuse(ErrUnrelatedTransfer, "%s", in.Summary)
	}

	amount := number64(in.amount("amount"))
	book(l.passed, destination, amount)
	if sum := l.passed[destination]; sum.Cmp(number64(most)) > 0 {
		return l.refuse(ErrSpendLimit, "%d base units are transferred to %s, at most %d", sum,
			destination, most)
	}

	h.add(h.asset, minus(amount))

	return nil
}

// check books the amount that a balance check proves. A temporary account
// started empty. Another account gained the amount above its balance before the
// transaction.
func (l *ledger) check(account solana.PublicKey, holds uint64) {
	h := l.holdings[account]
	if h == nil {
		return
	}

	asset, gained := h.asset, number64(holds)
	held, known := l.preBalance(account, asset)
	switch {
	case h.is == wrapping:
		// The balance includes the rent.
		asset = lamportsAsset
		gained.Add(gained, number64(l.TokenAccountRent))

	case h.is == standing && known:
		gained.Sub(gained, number64(held))
	default:
		return
	}

	if h.leastOf(asset).Cmp(gained) < 0 {
		h.least[asset] = gained
	}
}

func (l *ledger) burn(in *Instruction) error {
	if in.key("owner") != l.Owner {
		return l.foreign(in)
	}
	return l.refuse(ErrUnrelatedTransfer, "%s", in.Summary)
}

// closeToken ends a temporary account. Its balance goes to the owner, to the
// recipient, to a wrapped SOL account of one of them, or to the payer if it is
// known to the lamport. Other accounts of
// the owner may close only to the owner.
func (l *ledger) closeToken(in *Instruction) error {
	account, to := in.key("account"), in.key("destination")
	h := l.holdings[account]
	switch {
	case in.key("owner") != l.Owner && h != nil:
		return l.refuse(ErrAuthorityChange, "%s", in.Summary)
	case in.key("owner") != l.Owner:
		if _, paid := l.opened[account]; paid {
			// The owner has paid its rent, and could pay for it again.
			return l.refuse(ErrLifetime, "%s", in.Summary)
		}

		return nil

	case h != nil && h.is != standing && h.is != wrapping:
		return l.refuse(ErrLifetime, "%s", in.Summary)
	case h == nil || h.is == standing:
		if to != l.Owner {
			return l.refuse(ErrClosesAccount, "%s", in.Summary)
		}

		return nil
	}

	switch {
	case l.arrive(to, h.leastOf(lamportsAsset)):
	case to == l.Payer && !h.uncertain:
	default:
		return l.refuse(ErrClosesAccount, "%s", in.Summary)
	}

	h.end()

	return nil
}
