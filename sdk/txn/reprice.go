package txn

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// setUnitPrice is the number of the instruction SetComputeUnitPrice.
const setUnitPrice = 3

// Reprice returns the same transaction with another compute unit price, in
// micro-lamports per compute unit, and without signatures. Its lifetime stays;
// for another blockhash, call [Unsigned.Renew] before or after.
//
// Once signed, it is a second transaction: both may land unless the first one
// is proven unable to land, or both use the same nonce. Reprice returns
// [ErrBudget] for a transaction that was built without a price or, in version
// 1, without a compute unit limit, and [ErrIncomplete] for one that creates an
// account whose key has signed. Build such transactions again.
func (u *Unsigned) Reprice(price uint64) (*Unsigned, error) {
	if u.empty() {
		return nil, errNoTransaction
	}

	if slices.ContainsFunc(u.sealed, func(s *solana.Signature) bool { return s != nil }) {
		return nil, fmt.Errorf("%w: the key of a new account has signed and is not kept",
			ErrIncomplete)
	}

	next := *u
	next.exposed, next.buffer = new(exposure), nil
	var err error
	if u.Version() == Version1 {
		err = next.repriceConfig(price)
	} else {
		err = next.repriceInstruction(price)
	}

	if err != nil {
		return nil, fmt.Errorf("reprice transaction: %w", err)
	}

	return &next, nil
}

// errNoPrice is returned for a transaction without a price that could change.
var errNoPrice = fmt.Errorf("%w: it has no price to change (build it again)", ErrBudget)

// repriceConfig changes the priority fee in a message of version 1.
func (u *Unsigned) repriceConfig(price uint64) error {
	m, err := parseMessage(u.message)
	if err != nil {
		return err
	}

	mask := binary.LittleEndian.Uint32(u.message[4:])
	if mask&configPriorityFee == 0 || m.config.ComputeUnitLimit == 0 {
		return errNoPrice
	}

	fee, err := ComputeBudget{
		ComputeUnitLimit: m.config.ComputeUnitLimit,
		ComputeUnitPrice: price,
	}.PriorityFee()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBudget, err)
	}

	if u.planned {
		u.budget.ComputeUnitPrice, u.budget.PriorityLamports = price, 0
	} else {
		u.budget.PriorityLamports = fee
	}

	u.message = slices.Clone(u.message)
	at := version1Head + len(m.AccountKeys)*solana.PublicKeyLength
	binary.LittleEndian.PutUint64(u.message[at:], fee)

	return nil
}

// repriceInstruction changes the instruction that sets the price.
func (u *Unsigned) repriceInstruction(price uint64) error {
	m, err := parseMessage(u.message)
	if err != nil {
		return err
	}

	setsPrice := func(program solana.PublicKey, data []byte) bool {
		return program == accounts.ComputeBudgetProgram && len(data) == 9 && data[0] == setUnitPrice
	}
	at := slices.IndexFunc(m.Instructions, func(c solana.CompiledInstruction) bool {
		return setsPrice(m.AccountKeys[c.ProgramIDIndex], c.Data)
	})
	if at < 0 {
		return errNoPrice
	}

	data := binary.LittleEndian.AppendUint64([]byte{setUnitPrice}, price)
	m.Instructions[at].Data = data
	if u.message, err = m.MarshalBinary(); err != nil {
		return err
	}

	u.budget.ComputeUnitPrice = price
	u.steps = slices.Clone(u.steps)
	for i, step := range u.steps {
		// A planned transaction has this step in its budget.
		old, err := step.Instruction.Data()
		if err == nil && setsPrice(step.Instruction.ProgramID(), old) {
			u.steps[i].Instruction = solana.NewInstruction(accounts.ComputeBudgetProgram,
				step.Instruction.Accounts(), data)
		}
	}
	return nil
}
