package golden

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// Lidos is a file of recorded executions of the Lido program.
type Lidos struct {
	Chain figures.Chain  `json:"chain"`
	Lidos []figures.Lido `json:"lidos"`
	Cases []LidoCase     `json:"cases"`
}

// MarshalText returns the file as JSON with one state or case per line.
func (f *Lidos) MarshalText() ([]byte, error) { return lines(f.Chain, "lidos", f.Lidos, f.Cases) }

// LidoCase is a withdrawal, an update of the exchange rate, or both in one
// transaction.
type LidoCase struct {
	// Seed is the seed of the random case.
	Seed uint64 `json:"seed"`
	// Lido is the index of the state in the file.
	Lido int `json:"lido"`
	// Update reports whether the transaction updates the exchange rate first.
	Update bool `json:"update,omitempty"`
	// StSOL is the withdrawn amount in base units, or zero for no withdrawal.
	StSOL uint64 `json:"st_sol,omitempty"`
	// Validator is the index of the validator whose stake is withdrawn.
	Validator int `json:"validator,omitempty"`

	// User signs. TokenAccount holds the user's stSOL. StakeAccount is the
	// received stake account.
	User         solana.PublicKey `json:"user"`
	TokenAccount solana.PublicKey `json:"token_account"`
	StakeAccount solana.PublicKey `json:"stake_account"`

	// Build is the hash of the program that executed the case.
	Build        string        `json:"build"`
	Instructions []Instruction `json:"instructions"`
	Result[LidoOutcome]
}

// LidoOutcome is the outcome of a case.
type LidoOutcome struct {
	// Received is the received stake, in lamports.
	Received uint64 `json:"received,omitempty"`
	// The following fields are the state of Lido after the case.
	ExchangeRate accounts.LidoExchangeRate `json:"exchange_rate"`
	Metrics      accounts.LidoMetrics      `json:"metrics"`
	Validators   []accounts.LidoValidator  `json:"validators"`
}

// Quote computes the outcome with package quote.
func (c *LidoCase) Quote(l *figures.Lido, chain figures.Chain) (LidoOutcome, error) {
	q := l.Quote(chain)
	if c.Update {
		q.Update = l.Balances()
	}

	var w quote.LidoWithdrawal
	var err error
	if c.StSOL == 0 {
		q, err = q.Updated()
	} else {
		if w, err = q.Withdraw(c.StSOL, *l.Validators[c.Validator].Stake); err == nil {
			q, err = q.After(w)
		}
	}

	if err != nil {
		return LidoOutcome{}, err
	}

	return LidoOutcome{
		Received:     w.Lamports,
		ExchangeRate: q.State.ExchangeRate,
		Metrics:      q.State.Metrics,
		Validators:   q.List.Validators,
	}, nil
}

// BuildInstructions builds the instructions of the case.
func (c *LidoCase) BuildInstructions(l *figures.Lido) ([]solana.Instruction, error) {
	keys, err := instructions.NewLido(l.Program, l.Address, &l.State)
	if err != nil {
		return nil, err
	}

	var all []solana.Instruction
	if c.Update {
		ix, err := instructions.LidoUpdateExchangeRate{Lido: keys}.Build()
		if err != nil {
			return nil, err
		}

		all = append(all, ix)
	}

	if c.StSOL == 0 {
		return all, nil
	}

	entry := l.Validators[c.Validator].Entry
	split, err := entry.StakeAddress(l.Program, l.Address)
	if err != nil {
		return nil, err
	}

	ix, err := instructions.LidoWithdraw{
		Lido:        keys,
		Owner:       c.User,
		Source:      c.TokenAccount,
		Vote:        entry.VoteAccount,
		Index:       uint32(c.Validator),
		Split:       split,
		Destination: c.StakeAccount,
		StSOL:       c.StSOL,
	}.Build()
	if err != nil {
		return nil, fmt.Errorf("withdraw %d: %w", c.StSOL, err)
	}

	return append(all, ix), nil
}
