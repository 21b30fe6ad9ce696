package sdk_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/programs/system"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// mutating is a verified transaction.
type mutating struct {
	*verifying
	e      explain.Explanation
	ixs    []solana.Instruction
	policy explain.Policy
	name   string
}

var stranger = solana.PublicKey{0x5a, 1, 2, 3}

// mutant counts a changed transaction, which must be refused.
func (m *mutating) mutant(t *testing.T, kind string, ixs []solana.Instruction) {
	t.Helper()
	m.tried[kind]++
	e := explain.Instructions(m.e.Payer, ixs, lst.Default())
	if err := explain.Verify(e, m.policy); err != nil {
		requireLine(t, err)
		m.killed[kind]++
		return
	}
	m.survivors = append(m.survivors, kind+": "+m.name+"\n"+e.String())
}

// with returns the transaction with one instruction changed.
func (m *mutating) with(
	t *testing.T,
	at int,
	change func(metas solana.AccountMetaSlice, data []byte) []byte,
) []solana.Instruction {
	t.Helper()
	ix := m.ixs[at]
	data, err := ix.Data()
	require.NoError(t, err)
	metas := make(solana.AccountMetaSlice, len(ix.Accounts()))
	for i, a := range ix.Accounts() {
		meta := *a
		metas[i] = &meta
	}

	data = change(metas, slices.Clone(data))
	ixs := slices.Clone(m.ixs)
	ixs[at] = solana.NewInstruction(ix.ProgramID(), metas, data)

	return ixs
}

// tradePrograms are the programs whose instructions trade.
var tradePrograms = []string{"stake pool", "Infinity", "Reserve", "Router", "Marinade", "Lido"}

// beneficiary gives the stake of a withdrawal from Marinade to a stranger. The
// beneficiary, in the data of the instruction, owns the new stake account,
// whatever its address is.
func (m *mutating) beneficiary(t *testing.T, at int, in explain.Instruction) {
	t.Helper()
	if in.ProgramName != "Marinade" || in.Name != "WithdrawStakeAccount" {
		return
	}

	m.mutant(t, "another beneficiary",
		m.with(t, at, func(_ solana.AccountMetaSlice, data []byte) []byte {
			copy(data[len(data)-solana.PublicKeyLength:], stranger[:])
			return data
		}))
}

// amount returns the transaction with a changed amount.
func (m *mutating) amount(t *testing.T, at int, from, to uint64) []solana.Instruction {
	t.Helper()
	return m.with(t, at, func(_ solana.AccountMetaSlice, data []byte) []byte {
		i := bytes.LastIndex(data, binary.LittleEndian.AppendUint64(nil, from))
		require.GreaterOrEqual(t, i, 0)
		binary.LittleEndian.PutUint64(data[i:], to)
		return data
	})
}

func (m *mutating) account(
	t *testing.T,
	at, account int,
	to solana.PublicKey,
) []solana.Instruction {
	t.Helper()
	return m.with(t, at, func(metas solana.AccountMetaSlice, data []byte) []byte {
		metas[account].PublicKey = to
		return data
	})
}

func (m *mutating) all(t *testing.T) {
	t.Helper()
	m.added(t)
	owner := m.owner
	for at, in := range m.e.Instructions {
		mine := slices.ContainsFunc(in.Accounts,
			func(a explain.Account) bool { return a.Address == owner })
		isTrade := slices.Contains(tradePrograms, in.ProgramName) &&
			(mine || strings.HasPrefix(in.Name, "DepositStake"))

		m.beneficiary(t, at, in)
		for i, a := range in.Accounts {
			switch {
			case isTrade &&
				(strings.Contains(a.Role, "destination token account") ||
					a.Role == "output token account" ||
					a.Role == "destination" ||
					a.Role == "lamports destination" ||
					a.Role == "destination stake account" && in.ProgramName != "Marinade" ||
					a.Role == "new stake authority"),
				mine && in.ProgramName == "token" && a.Role == "destination",
				mine && in.ProgramName == "system" && in.Name != "AdvanceNonceAccount" &&
					a.Role == "destination" &&
					in.Accounts[0].Address != m.e.Payer,
				mine && in.ProgramName == "stake" && a.Role == "destination":
				m.mutant(t, "another destination", m.account(t, at, i, stranger))

			case isTrade && strings.HasSuffix(a.Role, "mint"):
				m.mutant(t, "another mint", m.account(t, at, i, stranger))
			case isTrade && a.Role == "stake account":
				m.mutant(t, "another stake account", m.account(t, at, i, stranger))
			}
		}

		if in.ProgramName == "token" && in.Name == "Transfer" &&
			in.Accounts[0].Address == in.Accounts[1].Address {
			m.mutant(t, "balance check dropped", slices.Delete(slices.Clone(m.ixs), at, at+1))
			m.mutant(t, "balance check lowered",
				m.amount(t, at, in.Amounts[0].Value, in.Amounts[0].Value-1))
		}

		if in.ProgramName == "stake" && in.Name == "Authorize" {
			m.mutant(t, "another authority",
				m.with(t, at, func(_ solana.AccountMetaSlice, data []byte) []byte {
					copy(data[4:], stranger[:])
					return data
				}))
		}

		if in.Name == "InitializeAccount3" {
			m.mutant(t, "another owner",
				m.with(t, at, func(_ solana.AccountMetaSlice, data []byte) []byte {
					copy(data[1:], stranger[:])
					return data
				}))
		}

		for _, a := range in.Amounts {
			switch {
			case !isTrade || a.Unit != explain.UnitLamports && a.Unit != explain.UnitTokens:
			case strings.HasPrefix(a.Name, "minimum"):
				// The sale of received stake enforces the minimum of that
				// stake, and a check of the balance enforces what it covers.
				if strings.HasPrefix(in.Name, "WithdrawStake") && m.policy.MinStake == 0 ||
					m.checked(in) {
					continue
				}

				m.mutant(t, "no minimum", m.amount(t, at, a.Value, 0))

			default:
				if in.Name != "SwapExactOut" && in.Name != "SwapExactOutV2" || a.Name != "amount" {
					m.mutant(t, "amount raised", m.amount(t, at, a.Value, a.Value*2))
				} else {
					m.mutant(t, "exact amount lowered", m.amount(t, at, a.Value, a.Value/2))
				}
			}
		}
	}
}

// checked reports whether the transaction checks the balance of the account
// that an instruction pays to.
func (m *mutating) checked(of explain.Instruction) bool {
	to, _ := of.Account("output token account")
	return slices.ContainsFunc(m.e.Instructions, func(in explain.Instruction) bool {
		return in.Name == "Transfer" && in.ProgramName == "token" && in.Accounts[0].Address == to &&
			in.Accounts[1].Address == to
	})
}

// added returns mutants with one more instruction, at the end and at the
// beginning.
func (m *mutating) added(t *testing.T) {
	t.Helper()
	owner := solana.NewAccountMeta(m.owner, true, true)
	other, account := solana.NewAccountMeta(
		stranger,
		true,
		false,
	), solana.NewAccountMeta(
		solana.PublicKey{0x77},
		true,
		false,
	)

	for mint := range m.policy.MinTokens {
		address, err := accounts.AssociatedTokenAddress(m.owner, accounts.TokenProgram, mint)
		require.NoError(t, err)
		account = solana.NewAccountMeta(address, true, false)
	}

	token := func(data string, metas ...*solana.AccountMeta) solana.Instruction {
		return solana.NewInstruction(accounts.TokenProgram, metas, []byte(data))
	}
	one := "\x01\x00\x00\x00\x00\x00\x00\x00"
	for _, more := range []struct {
		kind string
		ix   solana.Instruction
	}{
		{"1 lamport to a stranger", system.NewTransferInstruction(1, m.owner, stranger).Build()},
		{"1 token to a stranger", token("\x03"+one, account, other, owner)},
		{"Approve", token("\x04"+one, account, other, owner)},
		{"SetAuthority", token("\x06\x02\x01"+string(stranger[:]), account, owner)},
		{"Burn", token("\x08"+one, account, other, owner)},
		{"CloseAccount to a stranger", token("\x09", account, other, owner)},
		{"Assign", system.NewAssignInstruction(stranger, m.owner).Build()},
		{"account of a stranger's program",
			system.NewCreateAccountInstruction(1, 0, stranger, m.owner, solana.PublicKey{0x78}).
				Build()},
		{"nonce",
			system.NewAdvanceNonceAccountInstruction(stranger, solana.SysVarRecentBlockHashesPubkey,
				m.owner).Build()},
		{"unknown program", solana.NewInstruction(stranger, solana.AccountMetaSlice{owner}, nil)},
		{"unknown instruction", token("\xff", account, owner)},
	} {
		m.mutant(t, "added: "+more.kind, append(slices.Clone(m.ixs), more.ix))
		m.mutant(t, "added: "+more.kind, append([]solana.Instruction{more.ix}, m.ixs...))
	}
}
