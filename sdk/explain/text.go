package explain

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// String returns one line, for example "lamports in: 1.5 SOL", or "minimum
// tokens out: 1500 base units of " followed by the mint.
func (a Amount) String() string {
	switch a.Unit {
	case UnitLamports:
		return a.Name + ": " + lst.FormatAmount(a.Value, 9) + " SOL"
	case UnitTokens:
		return a.Name + ": " + baseUnits(a.Value, a.Mint)
	case UnitNumber:
		return fmt.Sprintf("%s: %d", a.Name, a.Value)
	}
	return fmt.Sprintf("%s: %d %s", a.Name, a.Value, a.Unit)
}

// String returns one line, for example "pool: " followed by the key.
func (v Value) String() string { return v.Name + ": " + v.Text }

// String returns one line, for example "stake pool: deposit 1.5 SOL for
// JitoSOL".
func (i Instruction) String() string { return i.ProgramName + ": " + i.Summary }

// String returns one line, for example "1500 base units of A from token account
// B".
func (p Payment) String() string {
	if p.Check {
		return fmt.Sprintf("check of %s in token account %s", baseUnits(p.Amount, p.Mint),
			p.Account)
	}
	return fmt.Sprintf("%s from token account %s", baseUnits(p.Amount, p.Mint), p.Account)
}

// baseUnits returns an amount of a token. It knows the decimals of wSOL only.
func baseUnits(amount uint64, mint solana.PublicKey) string {
	switch mint {
	case solana.PublicKey{}:
		return fmt.Sprintf("%d base units", amount)
	case accounts.NativeMint:
		return lst.FormatAmount(amount, 9) + " wSOL"
	}
	return fmt.Sprintf("%d base units of %s", amount, mint)
}
