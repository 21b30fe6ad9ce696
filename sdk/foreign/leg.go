package foreign

import (
	"context"
	"errors"

	"github.com/gagliardetto/solana-go"
)

// Errors of requesting and reading legs.
var (
	// ErrResponse is returned by [Jupiter.Leg], [DecodeInstructions] and
	// [DecodeBuild] when a response is not of the published form, is too large,
	// or is about another swap than requested. Request another leg.
	ErrResponse = errors.New("unusable response of the swap API (request another leg)")
	// ErrTooLittle is returned by [Jupiter.Leg] when the API promises less than
	// Request.MinOut. Request another leg, or accept less.
	ErrTooLittle = errors.New("the swap API promises too little (accept less, or request later)")
)

// Leg is a swap that another service proposes, of an exact input.
//
// The mint of wrapped SOL stands for SOL: sdk.Client.Build wraps the input and
// unwraps the output itself.
type Leg struct {
	// Program is the program that swaps. Instructions of other programs are
	// accepted only if they prepare the token accounts of the swap.
	Program solana.PublicKey
	// InMint and OutMint are the tokens that the owner pays and receives.
	InMint, OutMint solana.PublicKey
	// In is the input, and MinOut the least output, in base units.
	In, MinOut uint64
	// Instructions are in the order of the transaction, without those of the
	// compute budget program.
	Instructions []solana.Instruction
	// Tables are the addresses of the lookup tables. Their contents are read
	// from the chain.
	Tables []solana.PublicKey
}

// Request is a request for a leg.
type Request struct {
	// Owner pays, signs and receives.
	Owner solana.PublicKey
	// InMint and OutMint are the tokens, In is the input in base units.
	InMint, OutMint solana.PublicKey
	In              uint64
	// SlippageBps is the slippage in basis points. Zero allows none.
	SlippageBps uint16
	// MinOut is the least acceptable minimum output in base units. Zero accepts
	// any: compare Leg.MinOut with a price that you trust.
	MinOut uint64
	// MaxAccounts limits the accounts of the swap, so that the transaction has
	// room for the trade. Zero requests at most 32.
	MaxAccounts uint8
}

// Source proposes legs. Implement it for another service.
type Source interface {
	// Leg returns a leg for a request.
	Leg(ctx context.Context, request Request) (*Leg, error)
}

var _ Source = (*Jupiter)(nil)
