package txn

import "fmt"

// String returns one line without the bytes of the transaction, for example
// "unsigned transaction of 412 bytes, paid by
// 6ASf5EcmmEHTgDJ4X4ZT5vT6iHVJBXPg5AN5YoTCpGWt".
func (u *Unsigned) String() string {
	if u.empty() {
		return "no transaction"
	}
	return fmt.Sprintf("unsigned transaction of %d bytes, paid by %s", u.Size(), u.signers[0])
}

// String returns one line without the bytes of the transaction, for example
// "signed transaction of 412 bytes: " followed by its signature. It does not
// make the transaction [Signed.Exposed].
func (s *Signed) String() string {
	if s == nil || s.unsigned == nil {
		return "no transaction"
	}
	return fmt.Sprintf("signed transaction of %d bytes: %s", len(s.raw), s.signature)
}

// String returns the description of the step.
func (s Step) String() string { return s.Described().Description }

// String returns one line, for example "blockhash … until block height
// 250000150".
func (l Lifetime) String() string {
	if l.Durable() {
		return fmt.Sprintf("nonce %s of account %s", l.Blockhash, l.Nonce.Account)
	}
	return fmt.Sprintf("blockhash %s until block height %d", l.Blockhash, l.LastValidBlockHeight)
}

// String returns one line, for example "at most 200000 compute units at 5000
// micro-lamports each".
func (b ComputeBudget) String() string {
	text := "no limit of compute units"
	if b.ComputeUnitLimit > 0 {
		text = fmt.Sprintf("at most %d compute units", b.ComputeUnitLimit)
	}

	if b.ComputeUnitPrice > 0 {
		text += fmt.Sprintf(" at %d micro-lamports each", b.ComputeUnitPrice)
	}

	if b.LoadedAccountsDataSizeLimit > 0 {
		text += fmt.Sprintf(", at most %d bytes of accounts", b.LoadedAccountsDataSizeLimit)
	}

	return text
}
