// Package txn turns instructions into signed bytes: a [Plan] is compiled to an
// [Unsigned] transaction of known size, which any [Signer] turns into a
// [Signed] one. Where signers come one after the other, a [Partial] is in
// between, which wallets can be handed and which can be stored, see [Parse].
//
// The package knows no network and no clock. It never changes the instructions
// it is given, writes each account with all privileges that any instruction
// asks for, and refuses what a node would refuse: a transaction that is too
// large, has no payer, or lacks a signature.
package txn
