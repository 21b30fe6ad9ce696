package explain

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// expect notes the addresses that an instruction makes accounts of the owner's,
// or uses up for the owner, as far as they are derived from the owner's key or
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

// claim is the instruction that an account is for, and the program it will
// belong to.
type claim struct {
	at int
	of solana.PublicKey
}

// seeded reports whether an address comes from the owner, who alone can sign
// for it, and a program of which temporary accounts are.
func (l *ledger) seeded(in *Instruction, account solana.PublicKey) bool {
	program, seed := in.value("owner program").Key, in.value("seed").raw
	if in.value("base").Key != l.Owner ||
		program != accounts.TokenProgram && program != accounts.StakeProgram {
		return false
	}
	address, err := solana.CreateWithSeed(l.Owner, seed, program)
	return err == nil && address == account
}

// bridge reports whether the Router's stake account is the one that it makes
// for the owner.
func (l *ledger) bridge(in *Instruction) bool {
	address, err := accounts.RouterBridgeStake(
		in.Program,
		l.Owner,
		uint32(in.amount("bridge seed")),
	)
	return err == nil && address == in.key("bridge stake account")
}

// target is the account of the owner's that lamports are sent to; nil if it is
// none. An account that a later instruction claims begins to collect them.
func (l *ledger) target(to solana.PublicKey) (*holding, error) {
	h := l.holdings[to]
	claimed, coming := l.coming[to]
	switch {
	case h != nil && h.takesLamports():
		return h, nil
	case h != nil:
		return nil, l.refuse(ErrUnrelatedTransfer, "%s is not for lamports", to)
	case coming && claimed.at > l.at && claimed.of != accounts.MarinadeProgram:
		return l.open(to, collecting, claimed.of), nil
	}

	return nil, nil
}

// space is the length of the accounts that temporary ones may become.
func space(program solana.PublicKey) uint64 {
	if program == accounts.StakeProgram {
		return accounts.StakeAccountSpace
	}
	return accounts.TokenAccountSpace
}
