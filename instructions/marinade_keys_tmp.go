package instructions

import "github.com/gagliardetto/solana-go"

// Marinade is what the instructions of Marinade have in common.
type Marinade struct {
	Program, State, MSOLMint, SOLLeg, MSOLLeg, MSOLLegAuthority, Reserve, MSOLMintAuthority, Treasury, ValidatorList, StakeList, StakeWithdrawAuthority, StakeDepositAuthority solana.PublicKey
}
