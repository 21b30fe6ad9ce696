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
	// defaultUnits is the limit of compute units that an instruction counts for
	// where a transaction names none, and maxUnits the highest there is.
	defaultUnits = 200_000
	maxUnits     = 1_400_000
)

// feeOf is what a message costs its payer in lamports. It is not known for
// bytes that are no message of version 0 or before.
func feeOf(raw []byte) (fee uint64, ok bool) {
	var m solana.Message
	if len(raw) == 0 || raw[0] > 0x80 || m.UnmarshalWithDecoder(bin.NewBinDecoder(raw)) != nil {
		return 0, false
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

	return uint64(
		m.Header.NumRequiredSignatures,
	)*lamportsPerSignature + priority(
		units,
		price,
	), true
}

// priority is a fee in lamports for a price in millionths of one, rounded up.
func priority(units, price uint64) uint64 {
	const micro = 1_000_000
	return units*(price/micro) + (units*(price%micro)+micro-1)/micro
}

// messageOf is the part of a transaction that is signed.
func messageOf(raw []byte) []byte {
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
		return nil, &Error{Code: codeInvalidParams, Message: "not a message"}
	}

	fee, ok := feeOf(raw)
	if !ok {
		return n.inContext(nil), nil
	}

	return n.inContext(fee), nil
}
