package explain

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// expect records the addresses that an instruction turns into accounts of the
// owner, or consumes for the owner, if they are derived from the owner's key or
// named by an instruction that the owner authorizes.
func (l *ledger) expect(at int, in *Instruction) {
	var account, of solana.PublicKey
	switch {
	case in.is(nameSystem, "AllocateWithSeed") && l.seeded(in, in.key("account")):
		account, of = in.key("account"), in.value("owner program").Key
	case in.is(nameLido, "Withdraw") && in.key("token authority") == l.Owner:
		account, of = in.key("destination stake account"), accounts.StakeProgram
	case in.is(nameMarinade, "OrderUnstake") && in.key("token authority") == l.Owner:
		account, of = in.key("ticket"), accounts.MarinadeProgram
	case in.is(nameRouter, "SwapViaStake") && in.key("user") == l.Owner && l.bridge(in):
		account, of = in.key("bridge stake account"), accounts.StakeProgram
	default:
		return
	}

	if _, twice := l.coming[account]; !twice && l.holdings[account] == nil {
		l.coming[account] = claim{at: at, of: of}
	}
}

// claim names the instruction that an account is for and the program that will
// own it.
type claim struct {
	at int
	of solana.PublicKey
}

// seeded reports whether an address is derived from the owner, who alone can
// sign for it, and from a program that temporary accounts may have.
func (l *ledger) seeded(in *Instruction, account solana.PublicKey) bool {
	program, seed := in.value("owner program").Key, in.value("seed").raw
	if in.value("base").Key != l.Owner ||
		program != accounts.TokenProgram && program != accounts.StakeProgram {
		return false
	}
	address, err := solana.CreateWithSeed(l.Owner, seed, program)
	return err == nil && address == account
}

// bridge reports whether the Router's bridge stake account is the one derived
// for the owner.
func (l *ledger) bridge(in *Instruction) bool {
	address, err := accounts.RouterBridgeStake(
		in.Program,
		l.Owner,
		uint32(in.amount("bridge seed")),
	)
	return err == nil && address == in.key("bridge stake account")
}

// target returns the owner's account to which lamports are sent, or nil. An
// account that a later instruction claims starts to collect lamports.
func (l *ledger) target(to solana.PublicKey) (*holding, error) {
	h := l.holdings[to]
	claimed, coming := l.coming[to]
	switch {
	case h != nil && h.takesLamports():
		return h, nil
	case h != nil:
		return nil, l.refuse(ErrUnrelatedTransfer, "%s cannot receive lamports", to)
	case coming && claimed.at > l.at && claimed.of != accounts.MarinadeProgram:
		return l.open(to, collecting, claimed.of), nil
	}

	return nil, nil
}

// space returns the size in bytes of the account that a temporary account
// becomes.
func space(program solana.PublicKey) uint64 {
	if program == accounts.StakeProgram {
		return accounts.StakeAccountSpace
	}
	return accounts.TokenAccountSpace
}
