// Package instructions builds the instructions of the on-chain programs that
// this module uses: stake pools, Infinity and its pricing programs, Marinade,
// Lido, the Reserve, the Router, Jito's stake deposit interceptor and the token
// programs.
//
// There is one struct per instruction. Its Build method returns a
// solana.Instruction. The addresses that the instructions of a pool share are
// in a struct of their own; start with [NewStakePool], [NewMarinade],
// [NewReserve] or [NewInfinity]:
//
//	// withdraw returns the instruction that burns one token of the stake pool
//	// at address for at least 1.22 SOL.
//	func withdraw(
//		address solana.PublicKey,
//		state *accounts.StakePool, // see accounts.DecodeStakePool
//		owner, tokens solana.PublicKey,
//	) (solana.Instruction, error) {
//		program := accounts.StakePoolProgram
//		pool, err := instructions.NewStakePool(program, address, state)
//		if err != nil {
//			return nil, err
//		}
//		return instructions.StakePoolWithdrawSOLWithSlippage{
//			StakePoolWithdrawSOL: instructions.StakePoolWithdrawSOL{
//				Pool:        pool,
//				Authority:   owner,
//				Source:      tokens,
//				Destination: owner,
//				PoolTokens:  1_000_000_000,
//			},
//			MinimumLamportsOut: 1_220_000_000,
//		}.Build()
//	}
//
// Package route of this module builds the instructions of a whole trade.
//
// # Amounts
//
// Amounts are integers: lamports for SOL and stake, base units for tokens.
//
// # Minimum output
//
// Some programs do not check a minimum output; the documentation of their
// instructions mentions it. Check the balance in the same transaction, or
// simulate the transaction before you sign it.
//
// # Errors
//
// Build does not use the network and does not guess. It returns a [*BuildError]
// when a key is missing, an amount is zero or fields contradict each other;
// test for [ErrMissing], [ErrZeroAmount], [ErrConflictingInput] and
// [ErrOperationDisabled] with errors.Is.
//
// # Concurrency
//
// Build methods are safe for concurrent use, if the struct is not changed at
// the same time. Every call returns a new instruction, which the caller may
// change.
package instructions
