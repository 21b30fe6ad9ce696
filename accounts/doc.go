// Package accounts decodes the on-chain accounts of Sanctum, Marinade, Lido,
// the SPL stake pools, the stake program and the token programs. It also
// encodes them and derives their addresses.
//
// Start with [DecodeStakePool], [DecodePoolState], [DecodeStakeAccount] or
// [DecodeTokenAccount] to decode one account, and with [Set] and [Load] to work
// with the accounts of one slot. The program ids are variables such as
// [StakePoolProgram] and [InfinityProgram].
//
//	// owner and data are from the result of getAccountInfo.
//	account := accounts.Account{Owner: owner, Data: data}
//	pool, err := accounts.DecodeStakePool(account)
//	if err != nil {
//		log.Fatal(err)
//	}
//	fmt.Println(pool.TotalLamports, "lamports")
//
// A decoder does not trust its input. It checks the owner program, the
// discriminator, every tag and the length. It never panics, never allocates
// memory for a length that it has not checked, and copies the data that it
// returns.
//
// Every decoded type has a method Encode, which returns the bytes that the
// program packs. An account may be longer than its packed form: the bytes
// after it are stale, and decoders ignore them. The types also implement the
// interfaces of github.com/gagliardetto/binary.
//
// The package does no network requests and reads no clock.
//
// # Names
//
// Names follow the source of the program that owns the account, except that
// SOL, LST and LP are written in capitals: the field total_sol_value is
// TotalSOLValue. Amounts are base units: lamports for SOL and billionths of a
// token for an LST with nine decimals. The JSON keys are the names in the
// program.
//
// # Errors
//
// Decoders return a [*DecodeError], which names the account, the field and its
// offset. It wraps [ErrWrongOwner], [ErrWrongLength], [ErrWrongType],
// [ErrUninitialized] or [ErrInvalidValue]. [Load] also returns [ErrNotLoaded]
// and [ErrNotFound].
//
// # Concurrency
//
// Functions and decoded values are safe for concurrent use as long as no
// goroutine modifies them. [Addresses] is safe for concurrent use. A [Set] is
// safe for concurrent reading.
package accounts
