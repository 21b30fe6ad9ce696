package golden

import (
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// StakeMerges is a file of recorded merges of stake accounts.
type StakeMerges struct {
	Chain figures.Chain    `json:"chain"`
	Cases []StakeMergeCase `json:"cases"`
}

// MarshalText returns the file as JSON with one case per line.
func (f *StakeMerges) MarshalText() ([]byte, error) {
	return lines(f.Chain, "states", []struct{}{}, f.Cases)
}

// StakeMergeCase is one Merge instruction of the stake program, with the two
// accounts before it and the account that remains.
type StakeMergeCase struct {
	Into quote.StakeAccountState         `json:"into"`
	From quote.StakeAccountState         `json:"from"`
	Is   Result[quote.StakeAccountState] `json:"is"`
}

// Quote returns the account that remains, as package quote computes it.
func (c *StakeMergeCase) Quote(chain figures.Chain) (quote.StakeAccountState, error) {
	return quote.MergeStake(c.Into, c.From, chain.Clock)
}
