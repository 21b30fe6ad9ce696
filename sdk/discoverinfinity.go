package sdk

import (
	"context"
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// mostInfinityTokens is the largest number of tokens of an Infinity pool that
// are read. The list of a hostile program could have a hundred thousand.
const mostInfinityTokens = 4096

// errLongInfinityList is returned for a list of too many tokens.
var errLongInfinityList = errors.New(
	"the list has too many tokens (check the address of the program)")

// InfinityToken is a token that an Infinity pool trades.
type InfinityToken struct {
	Mint solana.PublicKey
	// Calculator is the program that values the token.
	Calculator solana.PublicKey
	// PoolProgram is the program whose pools the calculator reads, or zero if
	// it is not known.
	PoolProgram solana.PublicKey
	// IsInputDisabled reports whether the pool refuses the token as an input.
	IsInputDisabled bool
	// SOLValue is the value of the pool's reserves of the token, in lamports,
	// at the last synchronization.
	SOLValue uint64
	// Listed is the token in the client's registry, or nil. Pass Mint to
	// [Client.DiscoverAddress] to find one that is not listed.
	Listed *lst.LST
}

// InfinityTokens returns the tokens that the Infinity pool of a controller
// trades, in the order of the pool's own list on chain. program is the
// controller, usually [accounts.InfinityProgram]. A registry may be older than
// the list: tokens without Listed have been added since.
func (c *Client) InfinityTokens(
	ctx context.Context, program solana.PublicKey,
) ([]InfinityToken, error) {
	if err := c.usable(ctx); err != nil {
		return nil, fmt.Errorf("infinity tokens: %w", err)
	}

	tokens, err := c.infinityTokens(ctx, program)
	if err != nil {
		return nil, fmt.Errorf("infinity tokens: %w", err)
	}
	return tokens, nil
}

func (c *Client) infinityTokens(
	ctx context.Context, program solana.PublicKey,
) ([]InfinityToken, error) {
	controller, err := accounts.NewController(program)
	if err != nil {
		return nil, err
	}

	set, err := c.readAccounts(ctx, []solana.PublicKey{controller.LSTStateList}, 0)
	if err != nil {
		return nil, err
	}

	list, err := accounts.Load(set, controller.LSTStateList,
		func(a accounts.Account) (*accounts.LSTStateList, error) {
			return accounts.DecodeLSTStateListOf(a, program)
		})
	if err != nil {
		return nil, err
	}

	if list.Len() > mostInfinityTokens {
		return nil, fmt.Errorf("%w: %d", errLongInfinityList, list.Len())
	}

	known := c.lsts()
	tokens := make([]InfinityToken, 0, list.Len())
	for _, entry := range list.All() {
		t := InfinityToken{
			Mint:            entry.Mint,
			Calculator:      entry.Calculator,
			IsInputDisabled: entry.IsInputDisabled,
			SOLValue:        entry.SOLValue,
		}

		if pools, ok := accounts.CalculatorPoolProgram(entry.Calculator); ok {
			t.PoolProgram = pools
		}

		if listed, err := known.ByMint(entry.Mint); err == nil {
			t.Listed = &listed
		}

		tokens = append(tokens, t)
	}
	return tokens, nil
}
