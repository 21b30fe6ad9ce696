package lst

import "github.com/gagliardetto/solana-go"

// The pools of the kinds with a single pool, which lists omit.
var (
	marinadePool = solana.MustPublicKeyFromBase58("8szGkuLTAux9XMgZ2vtY39jVSowEcpBfFfD8hXSEqdGC")
	lidoPool     = solana.MustPublicKeyFromBase58("49Yi1TKkNyYjPAFdR9LBvoHcUjuPX4Df5T5yv39w2XTn")
	reservePool  = solana.MustPublicKeyFromBase58("FypPtwbY3FUfzJUtXHSyVRokVKG2jKtH29FmK4ebxRSd")
)

// infinityPool derives the address of the pool state of an Infinity program.
func infinityPool(program solana.PublicKey) (solana.PublicKey, error) {
	pool, _, err := solana.FindProgramAddress([][]byte{[]byte("state")}, program)
	return pool, err
}
