// Package sanctum is the root of a Go SDK for Sanctum on Solana: it moves
// between SOL, liquid staking tokens (LSTs) and stake accounts, and signs only
// what it built itself.
//
// The module is a staircase. Bytes come in at the bottom and leave at the top
// as a signed transaction; whoever needs less than the whole uses the lower
// steps alone.
//
//	accounts       typed state of the on-chain programs: decode, encode, addresses
//	instructions   one struct per program instruction; Build returns a solana.Instruction
//	sdk/quote      what each program would pay: integer arithmetic, step by step as the program does it
//	sdk/lst        which mint is which LST; exact parsing and formatting of amounts
//	sdk/progerr    what a failed transaction means and what to do about it
//	sdk/txn        instructions to message to signed bytes; any wallet is a Signer
//	sdk/explain    what a transaction does, and whether that is what its owner wants
//	sdk/route      a Market at one slot: every way from one token to another, the best first
//	sdk            Client: load, quote, build, sign, simulate, send at most once
//	sdk/sdktest    a scriptable node and the embedded market, for tests without a network
//	examples       one runnable program per flow
//
// Everything below package sdk is pure: no network, no clock, no global state.
// Amounts are uint64 in base units (lamports, or the smallest unit of a token),
// and no float ever touches money. A quote equals what the program pays, to the
// lamport, or says why that cannot be promised.
package sanctum
