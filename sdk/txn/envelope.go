package txn

import (
	"encoding/binary"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// Envelope is what a transaction tells about itself without anything from the
// chain: what has to be known to read the rest.
type Envelope struct {
	Version Version
	// Blockhash is a recent one, or the value of a nonce.
	Blockhash solana.Hash
	// LookupTables are the tables from which the transaction takes accounts.
	LookupTables []solana.PublicKey
	// Nonce is the nonce account that the transaction uses up, and its
	// authority; zero if it has a recent blockhash.
	Nonce DurableNonce
}

// ReadEnvelope reads what has to be known before a transaction in base64 can be
// parsed: which lookup tables to fetch, and where its lifetime comes from. The
// error wraps [ErrInvalidTransaction] if it is not a transaction.
func ReadEnvelope(text string) (Envelope, error) {
	_, raw, err := split(text)
	if err != nil {
		return Envelope{}, err
	}

	m, err := parseMessage(raw)
	if err != nil {
		return Envelope{}, err
	}

	e := Envelope{
		Version:   m.version,
		Blockhash: m.RecentBlockhash,
		Nonce:     nonceOf(m),
	}

	for _, lookup := range m.AddressTableLookups {
		e.LookupTables = append(e.LookupTables, lookup.AccountKey)
	}

	return e, nil
}

// advanceNonce is the number of the instruction that uses a nonce up.
const advanceNonce = 4

// nonceOf is the nonce by the rule of the network: the first instruction uses
// it up, and names its accounts in full.
func nonceOf(m message) DurableNonce {
	first := m.Instructions[0]
	if m.AccountKeys[first.ProgramIDIndex] != accounts.SystemProgram || len(first.Accounts) < 3 ||
		len(first.Data) < 4 || binary.LittleEndian.Uint32(first.Data) != advanceNonce {
		return DurableNonce{}
	}
	account, authority := int(first.Accounts[0]), int(first.Accounts[2])
	if account >= len(m.AccountKeys) || authority >= len(m.AccountKeys) {
		return DurableNonce{}
	}
	return DurableNonce{Account: m.AccountKeys[account], Authority: m.AccountKeys[authority]}
}

// String names version and blockhash.
func (e Envelope) String() string {
	return fmt.Sprintf("version %s with blockhash %s", e.Version, e.Blockhash)
}
