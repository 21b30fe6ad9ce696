package txn

import "fmt"

// String is one line without the bytes, for example "unsigned transaction of 412
// bytes, paid by " and the payer.
func (u *Unsigned) String() string {
	if u.empty() {
		return "no transaction"
	}
	return fmt.Sprintf("unsigned transaction of %d bytes, paid by %s", u.Size(), u.signers[0])
}

// String is one line without the bytes, for example "signed transaction of 412
// bytes: " and the signature. It takes no copy, so that Exposed stays as it is.
func (s *Signed) String() string {
	if s == nil || s.unsigned == nil {
		return "no transaction"
	}
	return fmt.Sprintf("signed transaction of %d bytes: %s", len(s.raw), s.signature)
}

// String is the words of the instruction.
func (s Step) String() string { return s.Told().Words }

// String is one line, for example "blockhash … until block height 250000150".
func (l Lifetime) String() string {
	if l.Durable() {
		return fmt.Sprintf("nonce %s of account %s", l.Blockhash, l.Nonce.Account)
	}
	return fmt.Sprintf("blockhash %s until block height %d", l.Blockhash, l.LastValidBlockHeight)
}

// String is one line, for example "at most 200000 compute units at 5000
// micro-lamports each".
func (b ComputeBudget) String() string {
	text := "no limit of compute units"
	if b.UnitLimit > 0 {
		text = fmt.Sprintf("at most %d compute units", b.UnitLimit)
	}
	if b.UnitPrice > 0 {
		text += fmt.Sprintf(" at %d micro-lamports each", b.UnitPrice)
	}
	if b.LoadedAccountsDataSizeLimit > 0 {
		text += fmt.Sprintf(", at most %d bytes of accounts", b.LoadedAccountsDataSizeLimit)
	}
	return text
}
