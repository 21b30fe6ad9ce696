package main

import (
	"context"
	"errors"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// unstake swaps an LST or a stake account for SOL immediately. It shows all
// routes and uses the best.
func unstake(ctx context.Context, args []string, c *console) error {
	var f flags
	set := flagSet("unstake")
	f.register(set)
	f.registerRecipient(set)
	from := set.String("from", "jitoSOL",
		"symbol or mint of the `token` to pay, or the address of a stake account; "+
			"\"stake\" is one on the embedded market")
	prefund := set.Uint64("max-prefund", 0,
		"`lamports` that the Router may take for lending the rent of a stake account")
	if done, err := c.parse(set, args); done {
		return err
	}

	s, err := start(f, c)
	if err != nil {
		return err
	}

	t := trade{Compare: true}
	t.Request.MaxPrefund = *prefund
	if t.To, err = s.Registry.ByMint(accounts.NativeMint); err != nil {
		return err
	}

	if t.From, err = s.source(*from); err != nil {
		return err
	}

	return s.trade(ctx, t)
}

// source returns a token. For an address that is not a token it returns a stake
// account.
func (s *session) source(name string) (lst.LST, error) {
	token, err := s.Registry.Lookup(name)
	if !errors.Is(err, lst.ErrUnknownLST) {
		return token, err
	}

	if name == "stake" && s.embedded() {
		return s.demoStakeAccount(lst.LST{})
	}

	if stake, notKey := s.stakeAccount(name); notKey == nil {
		return stake, nil
	}

	return lst.LST{}, err
}
