package main

import (
	"context"
	"errors"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// discover finds a token and its stake pool on chain, and tells whether it can
// be trusted.
func discover(ctx context.Context, args []string, c *console) error {
	var f flags
	var opts sdk.DiscoverOptions
	set := flagSet("discover")
	f.registerNode(set)
	token := set.String("token", "", "`mint`, address of the pool, or symbol of the token")
	set.Func("pool", "`address` of the stake pool, for a node that lists no accounts",
		func(text string) (err error) {
			opts.Pool, err = solana.PublicKeyFromBase58(text)
			return err
		})

	set.Func("program", "`id` of a further deployment of the stake pool program; can be repeated",
		func(text string) error {
			program, err := solana.PublicKeyFromBase58(text)
			opts.Programs = append(opts.Programs, program)
			return err
		})

	if done, err := c.parse(set, args); done {
		return err
	}

	if *token == "" {
		return errors.New("-token is missing")
	}

	s, err := start(f, c)
	if err != nil {
		return err
	}

	found, err := s.Client.Discover(ctx, *token, opts)
	if err != nil {
		return err
	}

	if f.JSON {
		return s.printJSON(newDiscovered(found))
	}

	if err := s.banner(); err != nil {
		return err
	}

	s.showDiscovered(newDiscovered(found))
	return nil
}

// discovered is a token that was found on chain.
type discovered struct {
	Symbol       string   `json:"symbol"`
	Name         string   `json:"name"`
	Mint         string   `json:"mint"`
	Decimals     uint8    `json:"decimals"`
	TokenProgram string   `json:"token_program"`
	Extensions   []string `json:"extensions,omitempty"`
	Program      string   `json:"program"`
	Pool         string   `json:"pool"`
	Lamports     uint64   `json:"lamports,omitempty"`
	Supply       uint64   `json:"supply,omitempty"`
	Validators   int      `json:"validators,omitempty"`
	VoteAccount  string   `json:"vote_account,omitempty"`
	Warnings     []string `json:"warnings,omitempty"`
	Slot         uint64   `json:"slot"`
}

func newDiscovered(found *sdk.Discovery) discovered {
	d := discovered{
		Symbol:       found.Token.Symbol,
		Name:         found.Token.Name,
		Mint:         found.Token.Mint.String(),
		Decimals:     found.Token.Decimals,
		TokenProgram: found.Token.TokenProgram.String(),
		Program:      found.Token.Program.String(),
		Pool:         found.Token.Pool.String(),
		Slot:         found.Slot,
	}

	for _, e := range found.Mint.Extensions {
		d.Extensions = append(d.Extensions, e.Type.String())
	}

	if found.Pool != nil {
		d.Lamports, d.Supply = found.Pool.TotalLamports, found.Pool.PoolTokenSupply
		d.Validators = len(found.Validators.Validators)
	}

	if !found.Token.VoteAccount.IsZero() {
		d.VoteAccount = found.Token.VoteAccount.String()
	}

	for _, w := range found.Warnings {
		d.Warnings = append(d.Warnings, w.Error())
	}
	return d
}

func (s *session) showDiscovered(d discovered) {
	s.field("token", "%s, %s", d.Symbol, d.Name)
	s.field("mint", "%s, %d decimals", d.Mint, d.Decimals)
	s.field("pool", "%s of program %s", d.Pool, d.Program)
	for _, e := range d.Extensions {
		s.field("extension", "%s", e)
	}

	if d.Supply > 0 {
		s.field("holds", "%s SOL for %s tokens", lst.FormatAmount(d.Lamports, 9),
			lst.FormatAmount(d.Supply, d.Decimals))
	}

	if d.VoteAccount != "" {
		s.field("validator", "vote account %s", d.VoteAccount)
	} else if d.Validators > 0 {
		s.field("validators", "%d", d.Validators)
	}

	for _, w := range d.Warnings {
		s.field("warning", "%s", w)
	}

	switch {
	case len(d.Warnings) > 0:
	case d.Supply > 0:
		s.field("warnings", "none: the pool owns the mint, its reserve and its stake")
	default:
		s.field("warnings", "none: a token of the built-in list without a stake pool")
	}
}
