package explain

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// This file has the rule of every instruction that can move money of the
// owner's or control over it: what it does to the ledger, and what it is
// refused for. The tables name the rule of each instruction. Before a rule
// runs, [ledger.instruction] has made sure of two things: the owner's key
// stands only where the table expects a wallet of the owner's ("*"), and an
// account of the owner's only where it expects one ("+"), and not after its
// end. So a rule has to look at the accounts that its table marks, and at
// nothing else.

// foreign is the rule for what the owner does not authorize: it may not name
// the owner or an account of the owner's. Exceptions have rules of their own:
// who likes may give the owner something.
func (l *ledger) foreign(in *Instruction) error {
	for _, a := range in.Accounts {
		if l.holdings[a.Address] != nil {
			return l.refuse(ErrOwnerExposed, "%s as the %s of %s", a.Address, a.Role, in.Name)
		}
	}
	return nil
}

// transferSOL is for both forms of a transfer of SOL.
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

	target, err := l.target(to)
	_, allowed := l.Transfers[to]
	switch {
	case err != nil:
		return err
	case signer != l.Owner && target != nil:
		l.fund(signer, target, in.amount("lamports"))
	case signer != l.Owner:
		// Money of others that stays with others.
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

// createAccount is paid by the owner for a ticket of Marinade's alone, whose
// rent goes with it.
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

// createSeeded begins the life of a temporary account. The system program
// refuses an address that holds anything, so it begins empty.
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

// allocateSeeded makes a program's account of one that collected lamports. It
// proves nothing about what the address held before: the policy has to know.
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
		return l.refuse(ErrPolicy, "that nothing was at %s before has to be known", account)
	}

	h.is = allocated

	return nil
}

// createAssociated costs the owner rent if the owner pays.
func (l *ledger) createAssociated(in *Instruction) error {
	if in.key("funder") != l.Owner {
		return nil
	}

	account := in.key("token account")
	known, ok := l.associated[account]
	if !ok || known.wallet != in.key("wallet") || known.mint != in.key("mint") {
		return l.refuse(ErrUnrelatedTransfer, "%s", in.Summary)
	}

	if !l.opened[account] {
		l.opened[account] = false
	}

	return nil
}

// initializeToken gives an allocated account its owner and mint.
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

// transferTokens is for moves between accounts of the owner's of wrapped SOL,
// and for checks of a balance. All else is part of a trade or refused.
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

	from, to := l.wraps(source), l.wraps(destination)
	if from == nil || to == nil {
		return l.refuse(ErrUnrelatedTransfer, "%s", in.Summary)
	}

	amount := number64(in.amount("amount"))
	from.add(lamportsAsset, minus(amount))
	to.add(lamportsAsset, amount)

	return nil
}

// check books what a token account holds for sure. A temporary account began
// with nothing; another one gained what it has now beyond what it had.
func (l *ledger) check(account solana.PublicKey, holds uint64) {
	h := l.holdings[account]
	if h == nil {
		return
	}

	asset, gained := h.asset, number64(holds)
	held, known := l.PreBalances[asset]
	switch {
	case h.is == wrapping:
		// Its rent is there, too.
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

// closeToken ends a temporary account. What it holds goes to the owner, to the
// recipient, or to the payer if it is known to the lamport. Other accounts of
// the owner's may be closed to the owner.
func (l *ledger) closeToken(in *Instruction) error {
	account, to := in.key("account"), in.key("destination")
	h := l.holdings[account]
	switch {
	case in.key("owner") != l.Owner && h != nil:
		return l.refuse(ErrAuthorityChange, "%s", in.Summary)
	case in.key("owner") != l.Owner:
		return nil
	case h != nil && h.is != standing && h.is != wrapping:
		return l.refuse(ErrLifetime, "%s", in.Summary)
	case h == nil || h.is == standing:
		if to != l.Owner {
			return l.refuse(ErrClosesAccount, "%s", in.Summary)
		}

		return nil
	}

	content := h.leastOf(lamportsAsset)
	switch {
	case to == l.Owner:
		l.holdings[l.Owner].add(lamportsAsset, content)
	case to == l.Recipient && content.Sign() < 0:
		// More left the account than is certain to have been in it.
		book(l.lost, lamportsAsset, minus(content))
	case to == l.Recipient:
		book(l.received, lamportsAsset, content)
	case to == l.Payer && !h.uncertain:
	default:
		return l.refuse(ErrClosesAccount, "%s", in.Summary)
	}

	h.end()

	return nil
}

// controls is the rule for instructions by which the owner would give control
// away, and that no trade has.
func controls(authority string) func(*ledger, *Instruction) error {
	return func(l *ledger, in *Instruction) error {
		if in.key(authority) == l.Owner {
			return l.refuse(ErrAuthorityChange, "%s", in.Summary)
		}
		return l.foreign(in)
	}
}

func (l *ledger) advanceNonce(in *Instruction) error {
	if account := in.key("nonce account"); account != l.Nonce.Account ||
		in.key("authority") != l.Nonce.Authority {
		return l.refuse(ErrNonceNotAllowed, "%s, by %s", account, in.key("authority"))
	}
	return nil
}

// funding is the rule for instructions that cost the owner rent, and have no
// place in a trade.
func (l *ledger) funding(in *Instruction) error {
	if in.key("payer") == l.Owner {
		return l.refuse(ErrUnrelatedTransfer, "%s", in.Summary)
	}
	return nil
}

// trade is what a program takes and pays, by the names in its row.
type trade struct {
	// authority signs, and the amount pays is taken from source.
	authority, source, pays string
	// destination is where it pays to, in the mint of the role gets, or in SOL
	// without one. Without a destination nothing is paid yet.
	destination, gets string
	// atLeast is the amount that limits the outcome, if there is one.
	atLeast string
	// uses is an account of the owner's that is used up.
	uses string
}

// trading is the rule of a trade.
func trading(t trade) func(*ledger, *Instruction) error {
	return func(l *ledger, in *Instruction) error {
		if in.key(t.authority) != l.Owner {
			return l.foreign(in)
		}

		if err := l.take(in, t.source, t.pays); err != nil {
			return err
		}

		if h := l.holdings[in.key(t.uses)]; t.uses != "" && h != nil {
			if h.is != collecting {
				return l.refuse(ErrLifetime, "%s is used up while it is in use", in.key(t.uses))
			}

			h.end()
		}

		if t.destination == "" {
			return nil
		}

		asset := lamportsAsset
		if t.gets != "" {
			asset = in.key(t.gets)
		}

		least, limited := in.Amount(t.atLeast)

		return l.pay(in, in.key(t.destination), asset, least, limited)
	}
}

// take books what an instruction takes at most from an account that the owner
// signs for.
func (l *ledger) take(in *Instruction, source, pays string) error {
	for _, a := range in.Amounts {
		if a.Name != pays {
			continue
		}

		asset, amount := a.Mint, number64(a.Value)
		if a.Unit == UnitLamports {
			asset = lamportsAsset
		}

		h := l.holdings[in.key(source)]
		switch {
		case h == nil:
			book(l.lost, asset, amount)
		case h.is == standing && h.asset == asset, h.is == wrapping && asset == lamportsAsset:
			h.add(asset, minus(amount))
			// It may have taken less.
			h.uncertain = true

		default:
			return l.refuse(
				ErrLifetime,
				"%s takes %s from %s",
				in.Name,
				assetName(asset),
				in.key(source),
			)
		}
	}

	return nil
}

// pay books what an instruction pays to an account, with or without a limit.
func (l *ledger) pay(
	in *Instruction,
	to, asset solana.PublicKey,
	least uint64,
	limited bool,
) error {
	known := l.associated[to]
	token := known.mint == asset && !known.wallet.IsZero()
	amount := number64(least)
	switch h := l.holdings[to]; {
	case asset == lamportsAsset && to == l.Owner, token && known.wallet == l.Owner:
		h.add(asset, amount)
	case asset == lamportsAsset && h != nil && h.of == accounts.TokenProgram &&
		(h.is == collecting || h.is == wrapping):
		h.add(asset, amount)
		h.uncertain = true

	case asset == lamportsAsset && to == l.Recipient, token && known.wallet == l.Recipient:
		book(l.received, asset, amount)
	default:
		return l.refuse(ErrWrongRecipient, "%s pays to %s", in.Name, to)
	}

	if _, opened := l.opened[to]; opened {
		l.opened[to] = true
	}

	if !limited {
		l.unlimited[asset] = true
	}

	return nil
}

// depositStake is for instructions that take a whole stake account.
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

// withdrawPoolStake is for instructions that burn tokens for a stake account.
func (l *ledger) withdrawPoolStake(in *Instruction) error {
	stake, authority, signer := in.key(
		"destination stake account",
	), l.Owner, in.key(
		"token authority",
	)

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
		return l.refuse(
			ErrLifetime,
			"the stake account %s is not one that is created for the owner",
			stake,
		)

	case authority != l.Owner && authority != l.Recipient:
		return l.refuse(ErrWrongRecipient, "the stake account %s becomes one of %s", stake,
			authority)
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
			return l.refuse(ErrPolicy, "the rent of a stake account has to be known")
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

// splitStake draws on a stake account of the policy, for an account that the
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

// withdrawStake draws on a stake account of the policy, for a wallet.
func (l *ledger) withdrawStake(in *Instruction) error {
	if in.key("authority") != l.Owner {
		return l.foreign(in)
	}

	stake, to, amount := in.key(
		"stake account",
	), in.key(
		"destination",
	), number64(
		in.amount("lamports"),
	)

	switch {
	case !l.listed(stake):
		return l.refuse(ErrAuthorityChange, "the policy does not name the stake account: %s",
			in.Summary)
	case to == l.Owner:
		l.holdings[l.Owner].add(lamportsAsset, amount)
	case to == l.Recipient:
		book(l.received, lamportsAsset, amount)
	default:
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

// mergeStake has no place in a trade.
func (l *ledger) mergeStake(in *Instruction) error {
	if in.key("authority") != l.Owner {
		return l.foreign(in)
	}
	return l.refuse(ErrAuthorityChange, "%s", in.Summary)
}

// authorizeStake makes the recipient the authority of a stake account that the
// transaction created, the authority that the policy names that of a stake
// account it names, or a stake pool that of an account it takes at once.
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
