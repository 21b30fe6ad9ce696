package sdktest

import (
	"encoding/base64"
	"encoding/binary"

	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

const (
	lamportsPerSignature = 5000
	// defaultUnits is the compute unit limit per instruction of a transaction
	// that sets none, and maxUnits the highest limit of a transaction.
	defaultUnits = 200_000
	maxUnits     = 1_400_000
)

// feeOf returns the fee of a message in lamports. ok is false if raw is not a
// message.
func feeOf(raw []byte) (fee uint64, ok bool) {
	var m solana.Message
	if len(raw) == 0 || raw[0] > version1 || m.UnmarshalWithDecoder(bin.NewBinDecoder(raw)) != nil {
		return 0, false
	}

	base := uint64(m.Header.NumRequiredSignatures) * lamportsPerSignature
	if raw[0] == version1 {
		if lamports := m.TransactionConfig.PriorityFee; lamports != nil {
			base += *lamports
		}

		return base, true
	}

	units, price := min(uint64(len(m.Instructions))*defaultUnits, maxUnits), uint64(0)
	for _, ix := range m.Instructions {
		switch {
		case int(ix.ProgramIDIndex) >= len(m.AccountKeys) ||
			m.AccountKeys[ix.ProgramIDIndex] != accounts.ComputeBudgetProgram:
		case len(ix.Data) == 5 && ix.Data[0] == 2:
			units = min(uint64(binary.LittleEndian.Uint32(ix.Data[1:])), maxUnits)
		case len(ix.Data) == 9 && ix.Data[0] == 3:
			price = binary.LittleEndian.Uint64(ix.Data[1:])
		}
	}

	return base + priority(units, price), true
}

// priority returns the priority fee in lamports, rounded up, for a price in
// micro-lamports per compute unit.
func priority(units, price uint64) uint64 {
	const micro = 1_000_000
	return units*(price/micro) + (units*(price%micro)+micro-1)/micro
}

// messageOf returns the signed part of a transaction.
func messageOf(raw []byte) []byte {
	if len(raw) > 1 && raw[0] == version1 {
		if end := len(raw) - int(raw[1])*solana.SignatureLength; end > 0 {
			return raw[:end]
		}

		return nil
	}

	if start := 1 + int(raw[0])*solana.SignatureLength; raw[0] < 0x80 && start <= len(raw) {
		return raw[start:]
	}

	return nil
}

func (n *Node) getFeeForMessage(r request) (any, *Error) {
	var text string
	var o options
	if err := r.param(0, &text); err != nil {
		return nil, err
	}

	if err := r.param(1, &o); err != nil {
		return nil, err
	}

	if err := n.behind(o); err != nil {
		return nil, err
	}

	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, &Error{Code: codeInvalidParams, Message: "invalid message"}
	}

	fee, ok := feeOf(raw)
	if !ok {
		return n.inContext(nil), nil
	}

	return n.inContext(fee), nil
}
