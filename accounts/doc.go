// Package accounts is the typed state of every on-chain program this module
// touches: addresses, decoders and encoders.
//
// A decoder takes an [Account] as a node returned it and trusts nothing in it:
// it checks the owner program, the discriminator, every tag and the length, and
// reports the field and offset that do not fit as a [*DecodeError]. It never
// panics, never allocates by a length it has not checked, and copies what it
// returns. Each decoded type has an exact inverse, Encode, that gives back the
// bytes the program packs (an account may be longer; what lies behind its
// packed end is stale and ignored), and implements the interfaces of
// github.com/gagliardetto/binary.
//
// The package knows no network and no clock. A [Set] holds the accounts of one
// slot.
package accounts
