package explain_test

import (
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// form is a transaction in one of the formats.
type form struct {
	name string
	tx   *txn.Unsigned
}

// explanation returns the explanation of the transaction.
func (f form) explanation() explain.Explanation { return explain.Transaction(f.tx, nil) }

// formsOf returns the instructions in all formats: legacy, version 0 without
// and with a lookup table, and version 1. The extra keys sign without being
// named by an instruction.
func formsOf(
	t *testing.T,
	payer solana.PublicKey,
	extra []solana.PublicKey,
	ixs ...solana.Instruction,
) []form {
	t.Helper()
	var forms []form
	for _, f := range []struct {
		name    string
		options []solana.TransactionOption
	}{
		{"legacy",
			[]solana.TransactionOption{
				solana.TransactionMessageVersion(solana.MessageVersionLegacy),
			}},
		{"version 0",
			[]solana.TransactionOption{solana.TransactionMessageVersion(solana.MessageVersionV0)}},
		{"version 0 with a table", []solana.TransactionOption{
			solana.TransactionMessageVersion(solana.MessageVersionV0),
			solana.TransactionAddressTables(map[solana.PublicKey]solana.PublicKeySlice{
				key(200): looked(ixs),
			}),
		}},
		{"version 1",
			[]solana.TransactionOption{solana.TransactionV1Config(solana.TransactionConfig{})}},
	} {
		named := signing(extra, ixs)
		if f.name == "version 1" {
			named = slices.DeleteFunc(named, func(ix solana.Instruction) bool {
				return ix.ProgramID() == accounts.ComputeBudgetProgram
			})
		}

		tx, err := solana.NewTransaction(
			named,
			lifetime.Blockhash,
			append(f.options, solana.TransactionPayer(payer))...)

		require.NoError(t, err, f.name)
		if len(extra) > 0 {
			// Remove the instruction that names the extra signers.
			tx.Message.Instructions = tx.Message.Instructions[:len(tx.Message.Instructions)-1]
		}

		tx.Signatures = make([]solana.Signature, tx.Message.Header.NumRequiredSignatures)
		text, err := tx.ToBase64()
		require.NoError(t, err, f.name)
		p, err := txn.ParseVouched(
			text,
			lifetime,
			txn.LookupTable{Address: key(200), Addresses: looked(ixs)},
		)

		require.NoError(t, err, f.name)
		forms = append(forms, form{name: f.name, tx: p.Unsigned()})
	}

	return forms
}

// looked returns accounts that may come from a lookup table, and signers, which
// may not.
func looked(ixs []solana.Instruction) solana.PublicKeySlice {
	var keys solana.PublicKeySlice
	for _, ix := range ixs {
		for _, a := range ix.Accounts() {
			if !slices.Contains(keys, a.PublicKey) {
				keys = append(keys, a.PublicKey)
			}
		}
	}
	return keys
}

// signing adds an instruction that names more signers. It copies the others,
// because solana-go writes to its input and mixes up privileges that differ.
func signing(extra []solana.PublicKey, ixs []solana.Instruction) []solana.Instruction {
	type privilege struct{ signer, writable bool }
	union := make(map[solana.PublicKey]privilege)
	for _, ix := range ixs {
		for _, a := range ix.Accounts() {
			p := union[a.PublicKey]
			union[a.PublicKey] = privilege{p.signer || a.IsSigner, p.writable || a.IsWritable}
		}
	}

	var all []solana.Instruction
	for _, ix := range ixs {
		var metas solana.AccountMetaSlice
		for _, a := range ix.Accounts() {
			p := union[a.PublicKey]
			metas = append(metas, solana.NewAccountMeta(a.PublicKey, p.writable, p.signer))
		}

		data, _ := ix.Data()
		all = append(all, solana.NewInstruction(ix.ProgramID(), metas, data))
	}

	if len(extra) > 0 {
		var metas solana.AccountMetaSlice
		for _, k := range extra {
			metas = append(metas, solana.Meta(k).SIGNER())
		}

		all = append(all, solana.NewInstruction(accounts.MemoProgram, metas, nil))
	}

	return all
}
