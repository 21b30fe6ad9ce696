// Package progerr converts the error value of a failed Solana transaction into
// a typed Go error with an explanation and a remedy.
//
// Start with [Parse], [TransactionError.Retryable] and the sentinels, for
// example [ErrSlippage]:
//
//	// report prints the failure of a transaction. rawErr is the err value of
//	// a simulation or a signature status, and programs are the programs of
//	// its instructions.
//	func report(rawErr []byte, programs []solana.PublicKey, logs []string) {
//		failure := progerr.Parse(rawErr, programs, logs)
//		switch {
//		case failure == nil:
//			fmt.Println("landed")
//		case errors.Is(failure, progerr.ErrSlippage):
//			fmt.Println("the price moved; quote again")
//		case failure.Retryable():
//			fmt.Println("build and send again:", failure)
//		default:
//			fmt.Println(failure)
//		}
//	}
//
// # Errors
//
// [Parse] returns a [*TransactionError]. When a program failed with a custom
// code, it wraps a [*ProgramError] with the program, the name of the code, its
// meaning and a remedy. Both match at most one of the sentinels of this package
// with errors.Is. [Lookup] returns the explanation of a code without a failed
// transaction.
//
// The tables have every code of the programs that this module calls, among them
// the stake pool program, Infinity, Marinade, the Reserve, the Router, the
// token programs and the stake program.
//
// # Attribution
//
// Two programs may use the same code for different errors, and a node names
// only the outer instruction, although the code may come from a program that
// the instruction called. For example, code 12 of a stake pool withdrawal is
// the stake program's InsufficientDelegation. Parse finds the program in the
// logs. Without usable logs it assumes the program of the outer instruction;
// see [ProgramError.Assumed].
//
// # Concurrency
//
// All functions and methods are safe for concurrent use. The package uses
// neither the network nor the clock.
package progerr
