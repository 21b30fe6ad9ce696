package terms

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// ReceivedStake is a stake account that a trade creates for the owner or the
// recipient.
type ReceivedStake struct {
	// Vote is the vote account that the stake is delegated to.
	Vote solana.PublicKey `json:"vote"`
	// Stake is the delegation, and MinStake the smallest one with which the
	// transaction succeeds. Rent is the rent of the account. All are in
	// lamports.
	Stake    uint64 `json:"stake"`
	MinStake uint64 `json:"min_stake"`
	Rent     uint64 `json:"rent"`
	// SeedSuffix is appended to [BuildParams].Seed to derive the address. It is
	// empty for the first account, and "/2" for the second.
	SeedSuffix string `json:"seed_suffix,omitempty"`
	// ByKeypair reports whether the address is [BuildParams].NewAccount.
	ByKeypair bool `json:"by_keypair,omitempty"`
}

// Address returns the address of the stake account.
func (s ReceivedStake) Address(p BuildParams) (solana.PublicKey, error) {
	if s.ByKeypair {
		return p.NewAccount, nil
	}
	return accounts.SeededStakeAccount(p.Owner, p.Seed+s.SeedSuffix)
}
