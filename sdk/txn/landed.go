package txn

import (
	"fmt"

	"github.com/gagliardetto/solana-go"
)

// ParseLanded reads a transaction that a node returned from the ledger, in
// base64, and verifies all its signatures. writable and readonly are the
// accounts that, by the same answer, the network loaded from lookup tables.
//
// The second result has all accounts in the order of their indexes, to which
// the balances in the node's answer refer. The signatures prove the bytes, but
// not the loaded accounts: those are a statement of the node.
//
// A transaction on the ledger cannot land again, so its lifetime has only the
// blockhash. ParseLanded returns [ErrInvalidTransaction] if the text is not a
// transaction, [ErrLookupTable] if the loaded accounts do not fit it, and
// [ErrMissingSignature] or [ErrBadSignature] if it is not fully signed.
func ParseLanded(
	text string, writable, readonly []solana.PublicKey,
) (*Signed, []solana.PublicKey, error) {
	signatures, raw, err := split(text)
	if err != nil {
		return nil, nil, err
	}

	m, err := parseMessage(raw)
	if err != nil {
		return nil, nil, err
	}

	if len(signatures) != int(m.Header.NumRequiredSignatures) {
		return nil, nil, fmt.Errorf("%w: it has %d signatures for %d signers",
			ErrInvalidTransaction, len(signatures), m.Header.NumRequiredSignatures)
	}

	tables, err := loadedTables(m, writable, readonly)
	if err != nil {
		return nil, nil, err
	}

	// The height has passed: the transaction cannot be sent again.
	lifetime := Lifetime{Blockhash: m.RecentBlockhash, LastValidBlockHeight: 1}
	u, err := fromMessage(m, raw, lifetime, tables)
	if err != nil {
		return nil, nil, err
	}

	p := u.Partial()
	for i, s := range signatures {
		if s.IsZero() {
			continue
		}

		if err := p.add(i, s); err != nil {
			return nil, nil, err
		}
	}

	signed, err := p.Signed()
	if err != nil {
		return nil, nil, err
	}

	keys := append([]solana.PublicKey(nil), m.AccountKeys...)

	return signed, append(append(keys, writable...), readonly...), nil
}

// loadedTables returns lookup tables that hold only the loaded accounts, at the
// indexes that the message names.
func loadedTables(m message, writable, readonly []solana.PublicKey) ([]LookupTable, error) {
	var tables []LookupTable
	places := make(map[solana.PublicKey]int)
	for _, lookup := range m.AddressTableLookups {
		at, ok := places[lookup.AccountKey]
		if !ok {
			at = len(tables)
			places[lookup.AccountKey] = at
			tables = append(tables, LookupTable{
				Address:   lookup.AccountKey,
				Addresses: make([]solana.PublicKey, maxAccounts),
			})
		}

		for _, part := range []struct {
			indexes []uint8
			keys    *[]solana.PublicKey
		}{{lookup.WritableIndexes, &writable}, {lookup.ReadonlyIndexes, &readonly}} {
			for _, index := range part.indexes {
				if len(*part.keys) == 0 {
					return nil, fmt.Errorf("%w: the node left out accounts of %s", ErrLookupTable,
						lookup.AccountKey)
				}

				tables[at].Addresses[index] = (*part.keys)[0]
				*part.keys = (*part.keys)[1:]
			}
		}
	}

	if left := len(writable) + len(readonly); left > 0 {
		return nil, fmt.Errorf("%w: the node names %d accounts that no table holds",
			ErrLookupTable, left)
	}
	return tables, nil
}
