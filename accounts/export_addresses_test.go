package accounts

import "github.com/gagliardetto/solana-go"

// Len returns the number of cached addresses.
func (m *Addresses) Len() int { return len(m.recent) + len(m.older) }

// Has reports whether the address of a token account is cached.
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
