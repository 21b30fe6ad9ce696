package txn

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// ErrVersionLimit is returned by [Plan.Compile] when a transaction of version 1
// has more than 12 signatures, 64 instructions, or 255 accounts in an
// instruction. Split it.
var ErrVersionLimit = errors.New("transaction exceeds a limit of version 1 (split it)")

// maxLoadedData is the limit on loaded accounts data of a transaction of
// version 1 whose budget sets none, in bytes. The network knows no higher one.
const maxLoadedData = 64 << 20

// version1References is the number of accounts that an instruction of version 1
// can name.
const version1References = 255

// version1Config returns the configuration of version 1. What the budget leaves
// out is the highest limit, because the network takes it for zero. The price of
// a compute unit becomes the priority fee of the whole limit.
func (b ComputeBudget) version1Config() (ComputeBudget, error) {
	if b.ComputeUnitLimit == 0 {
		b.ComputeUnitLimit = MaxComputeUnits
	}
	if b.LoadedAccountsDataSizeLimit == 0 {
		b.LoadedAccountsDataSizeLimit = maxLoadedData
	}

	fee, err := b.PriorityFee()
	if err != nil {
		return ComputeBudget{}, fmt.Errorf("%w: %w", ErrBudget, err)
	}

	if b.HeapSize != 0 && !isVersion1Heap(b.HeapSize) {
		return ComputeBudget{}, fmt.Errorf("%w: %d bytes of heap", ErrBudget, b.HeapSize)
	}

	b.PriorityLamports, b.ComputeUnitPrice = fee, 0
	return b, nil
}

// isVersion1Heap reports whether version 1 permits a heap size in bytes.
func isVersion1Heap(size uint32) bool {
	return size%version1HeapStep == 0 && size >= version1HeapLeast && size <= version1HeapMost
}

// version1Mask returns the configuration mask.
func (b *ComputeBudget) version1Mask() uint32 {
	mask := uint32(configUnitLimit | configDataLimit)
	if b.PriorityLamports != 0 {
		mask |= configPriorityFee
	}
	if b.HeapSize != 0 {
		mask |= configHeap
	}
	return mask
}

// bodySizeVersion1 returns the size of the configuration and the instructions
// in bytes.
func bodySizeVersion1(config ComputeBudget, calls []call) int {
	const limits = 4 + 4
	size := limits
	if config.PriorityLamports != 0 {
		size += 8
	}
	if config.HeapSize != 0 {
		size += 4
	}
	for i := range calls {
		size += version1Instruction + len(calls[i].metas) + len(calls[i].data)
	}

	return size
}

// checkVersion1 returns an error if version 1 cannot hold the transaction, for
// another reason than its size.
func (t *table) checkVersion1(calls []call) error {
	switch {
	case t.static > version1Accounts:
		return tooManyAccounts(t.static, version1Accounts)
	case t.header[0] > version1Signatures:
		return fmt.Errorf("%w: %d signatures, at most %d", ErrVersionLimit, t.header[0],
			version1Signatures)
	case len(calls) > version1Instructions:
		return fmt.Errorf("%w: %d instructions, at most %d", ErrVersionLimit, len(calls),
			version1Instructions)
	}

	for i := range calls {
		if n := len(calls[i].metas); n > version1References {
			return fmt.Errorf("%w: instruction %d names %d accounts, at most %d", ErrVersionLimit,
				i, n, version1References)
		}

		if calls[i].program == accounts.ComputeBudgetProgram {
			return fmt.Errorf("%w: instruction %d has no effect in version 1, set Plan.Budget",
				ErrBudget, i)
		}
	}

	return nil
}

// tooManyAccounts returns the error of a transaction with too many accounts.
func tooManyAccounts(count, limit int) error {
	err := fmt.Errorf("%w: %d, at most %d", ErrTooManyAccounts, count, limit)
	if limit == version1Accounts {
		err = fmt.Errorf("%w in version 1", err)
	}
	return err
}

// writeVersion1 appends a message of version 1.
func (t *table) writeVersion1(to []byte, calls []call, blockhash solana.Hash) []byte {
	to = append(to, version1Prefix, byte(t.header[0]), byte(t.header[1]), byte(t.header[2]))
	to = binary.LittleEndian.AppendUint32(to, t.config.version1Mask())
	to = append(to, blockhash[:]...)
	to = append(to, byte(len(calls)), byte(t.static))
	for _, i := range t.order[:len(t.entries)] {
		to = append(to, t.entries[i].key[:]...)
	}

	to = t.appendConfig(to)
	accounts, programs := t.refs[:len(t.refs)-len(calls)], t.refs[len(t.refs)-len(calls):]
	for i := range calls {
		to = append(to, t.entries[programs[i]].place, byte(len(calls[i].metas)))
		to = binary.LittleEndian.AppendUint16(to, uint16(len(calls[i].data)))
	}

	for i := range calls {
		for _, ref := range accounts[:len(calls[i].metas)] {
			to = append(to, t.entries[ref].place)
		}

		accounts = accounts[len(calls[i].metas):]
		to = append(to, calls[i].data...)
	}

	return to
}

// appendConfig appends the values of the configuration in the order of their
// bits in the mask.
func (t *table) appendConfig(to []byte) []byte {
	if fee := t.config.PriorityLamports; fee != 0 {
		to = binary.LittleEndian.AppendUint64(to, fee)
	}
	to = binary.LittleEndian.AppendUint32(to, t.config.ComputeUnitLimit)
	to = binary.LittleEndian.AppendUint32(to, t.config.LoadedAccountsDataSizeLimit)
	if heap := t.config.HeapSize; heap != 0 {
		to = binary.LittleEndian.AppendUint32(to, heap)
	}
	return to
}
