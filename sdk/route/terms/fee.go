package terms

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// Fee is a fee that a program charges in a trade. The amounts of the quote
// already include it.
type Fee struct {
	// Name describes the fee, for example "SOL deposit fee".
	Name string `json:"name"`
	// Amount is in base units of Mint.
	Amount uint64           `json:"amount"`
	Mint   solana.PublicKey `json:"mint"`
	// Rate is the rate of the fee as a fraction of the charged amount, for
	// example "1/1000". It is empty for a fixed fee.
	Rate string `json:"rate"`
	// Recipient is the account that receives the fee.
	Recipient solana.PublicKey `json:"recipient"`
}

// String returns one line, for example "SOL withdrawal fee: 0.0015 SOL
// (1/1000)". Amounts of tokens other than SOL are in base units.
func (f Fee) String() string {
	amount := fmt.Sprintf("%d base units of %s", f.Amount, f.Mint)
	if f.Mint == accounts.NativeMint {
		amount = lst.FormatAmount(f.Amount, 9) + " SOL"
	}
	if f.Rate == "" {
		return f.Name + ": " + amount
	}
	return fmt.Sprintf("%s: %s (%s)", f.Name, amount, f.Rate)
}

// ReceiptRentCost is the name of the rent of a receipt among the costs of a
// quote. The owner pays it, and the claim pays it to the owner of the receipt.
const ReceiptRentCost = "rent of the receipt"

// Cost is an amount in lamports that the owner pays in addition to the input.
type Cost struct {
	// Name describes the cost, for example "rent of the stake account".
	Name     string `json:"name"`
	Lamports uint64 `json:"lamports"`
	// Recoverable reports whether the owner gets the lamports back by closing
	// an account later.
	Recoverable bool `json:"recoverable"`
}

// String returns one line, for example "rent of the stake account: 0.00228288
// SOL, recoverable".
func (c Cost) String() string {
	text := fmt.Sprintf("%s: %s SOL", c.Name, lst.FormatAmount(c.Lamports, 9))
	if c.Recoverable {
		text += ", recoverable"
	}
	return text
}
