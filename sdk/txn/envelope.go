package txn

import (
	"encoding/binary"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// Envelope holds the parts of a transaction that can be read without any data
// from the chain. Use it to find out which accounts to load before
// [ParseVouched].
type Envelope struct {
	Version Version
	// Blockhash is a recent blockhash or the value of a nonce.
	Blockhash solana.Hash
	// LookupTables are the address lookup tables that the transaction uses.
	LookupTables []solana.PublicKey
	// Nonce names the nonce account that the transaction advances and its
	// authority. It is zero if the transaction has a recent blockhash.
	Nonce DurableNonce
}

// ReadEnvelope reads the envelope of a transaction in base64. It returns
// [ErrInvalidTransaction] if the text is not a transaction.
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

// advanceNonce is the number of the system program's AdvanceNonceAccount
// instruction.
const advanceNonce = 4

// nonceOf returns the nonce by the rule of the network: the first instruction
// advances it and does not name its accounts through a lookup table.
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

// String returns the version and the blockhash.
func (e Envelope) String() string {
	return fmt.Sprintf("version %s with blockhash %s", e.Version, e.Blockhash)
}
