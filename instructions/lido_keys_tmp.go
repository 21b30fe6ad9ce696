package instructions

import "github.com/gagliardetto/solana-go"

// Lido is what the instructions of Lido have in common.
type Lido struct {
	Program, State, StSOLMint, ValidatorList, StakeAuthority, Reserve solana.PublicKey
}
