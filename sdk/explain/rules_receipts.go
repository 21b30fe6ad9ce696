package explain

import (
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// receipt is a receipt of the interceptor that the transaction creates for the
// recipient.
type receipt struct {
	mint  solana.PublicKey
	least uint64
}

// depositForReceipt is the rule for instructions that deposit a whole stake
// account for a receipt.
func (l *ledger) depositForReceipt(in *Instruction) error {
	stake, to := in.key("stake account"), in.value("receipt owner").Key
	h := l.lives(stake, staking)
	if h == nil && !l.listed(stake) {
		return l.foreign(in)
	}

	switch program := in.key("stake pool program"); {
	case h != nil && (h.staker || h.withdrawer):
		return l.refuse(ErrAuthorityChange, "%s", in.Summary)
	case to != l.Recipient:
		return l.refuse(ErrWrongRecipient, "the receipt %s is given to %s", in.key("receipt"), to)
	case !slices.Contains(accounts.StakePoolPrograms(), program):
		// The interceptor signs for the vault when it calls this program.
		return l.refuse(ErrProgramNotAllowed, "%s, as the stake pool program", program)
	case in.key("payer") == l.Owner && l.ReceiptRent == 0:
		return l.refuse(ErrPolicy, "ReceiptRent is not set")
	case h != nil:
		h.end()
	default:
		book(l.drawn, stake, whole)
	}

	made := in.key("receipt")
	if _, twice := l.receipts[made]; twice {
		return l.refuse(ErrLifetime, "the receipt %s is made twice", made)
	}

	l.receipts[made] = receipt{mint: in.key("pool mint"), least: in.amount("minimum tokens out")}
	if in.key("payer") == l.Owner {
		l.settled[made] = number64(l.ReceiptRent)
	}

	l.payReferral(in)

	return nil
}

// payReferral marks a new token account that receives the referral part of a
// deposit: that of the owner or of the recipient.
func (l *ledger) payReferral(in *Instruction) {
	to := in.key("referrer token account")
	known := l.associated[to]
	ours := known.wallet == l.Owner || known.wallet == l.Recipient
	if _, opened := l.opened[to]; opened && ours && known.mint == in.key("pool mint") {
		l.opened[to] = true
	}
}

// claimReceipt pays a receipt to its owner. The fee depends on the time, so the
// owner loses by a claim that comes too early: the policy must name the
// receipt.
func (l *ledger) claimReceipt(in *Instruction) error {
	paid := in.key("receipt")
	if in.key("receipt owner") != l.Owner {
		if _, made := l.receipts[paid]; made {
			return l.refuse(ErrLifetime, "the new receipt %s is used up", paid)
		}

		return l.foreign(in)
	}

	if !slices.Contains(l.Receipts, paid) {
		return l.refuse(ErrAuthorityChange, "the policy does not name the receipt %s", paid)
	}

	delete(l.receipts, paid)
	delete(l.settled, paid)

	return l.pay(in, in.key("destination token account"), in.key("pool mint"), 0, false)
}

// leastReceipts compares the new receipts of the recipient with the minimum
// amounts of the policy.
func (l *ledger) leastReceipts() error {
	got := make(map[solana.PublicKey]uint64)
	for _, r := range l.receipts {
		// An instruction cannot promise more tokens than the supply, so a sum
		// that overflows stands for a transaction that fails.
		got[r.mint] += min(r.least, ^uint64(0)-got[r.mint])
	}

	for mint, least := range l.MinReceipts {
		if got[mint] < least {
			return l.refuse(ErrMinimumNotEnforced, "receipts over %d of %s, at least %d wanted",
				got[mint], mint, least)
		}
	}

	return nil
}
