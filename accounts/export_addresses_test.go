package accounts

import "github.com/gagliardetto/solana-go"

// Len is how many addresses the memo holds.
func (m *Addresses) Len() int { return len(m.recent) + len(m.older) }

// Has reports whether the memo holds the address of a token account.
func (m *Addresses) Has(owner, tokenProgram, mint solana.PublicKey) bool {
	d := derivation{
		kind: associatedToken,
		a:    owner,
		b:    tokenProgram,
		c:    mint,
	}
	_, recent := m.recent[d]
	_, older := m.older[d]
	return recent || older
}
