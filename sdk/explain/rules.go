package explain

// The files rules*.go contain the rule of every instruction that can move value
// of the owner or change control over it: its effect on the ledger and the
// reasons to refuse it. The tables name the rule of each instruction.
//
// Before a rule runs, [ledger.instruction] has checked two conditions. The
// owner's key occurs only where the table expects a wallet of the owner. An
// account of the owner occurs only where the table expects one, and not after
// its end. A rule therefore examines only the accounts that its table marks.

// foreign is the rule for instructions that the owner does not authorize: they
// must not name the owner or an account of the owner. Instructions that may
// give something to the owner have their own rules.
func (l *ledger) foreign(in *Instruction) error {
	for _, a := range in.Accounts {
		if l.holdings[a.Address] != nil {
			return l.refuse(ErrOwnerExposed, "%s as the %s of %s", a.Address, a.Role, in.Name)
		}
	}
	return nil
}

// controls returns the rule for instructions by which the owner would give away
// control. No trade contains them.
func controls(authority string) func(*ledger, *Instruction) error {
	return func(l *ledger, in *Instruction) error {
		if in.key(authority) == l.Owner {
			return l.refuse(ErrAuthorityChange, "%s", in.Summary)
		}
		return l.foreign(in)
	}
}

// operates is the rule for instructions with which the manager or the staker of
// a stake pool changes the pool. No trade contains them, with any signer: the
// pool would not be the quoted one.
func (l *ledger) operates(in *Instruction) error {
	return l.refuse(ErrAuthorityChange, "%s", in.Summary)
}

func (l *ledger) advanceNonce(in *Instruction) error {
	if account := in.key("nonce account"); account != l.Nonce.Account ||
		in.key("authority") != l.Nonce.Authority {
		return l.refuse(ErrNonceNotAllowed, "%s, by %s", account, in.key("authority"))
	}
	return nil
}

// funding is the rule for instructions that charge rent to the owner and that
// no trade contains.
func (l *ledger) funding(in *Instruction) error {
	if in.key("payer") == l.Owner {
		return l.refuse(ErrUnrelatedTransfer, "%s", in.Summary)
	}
	return nil
}
