package sdk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/lst"
)

// DiscoveryOptions configures [WithDiscovery]. All fields are optional.
type DiscoveryOptions struct {
	// Programs are deployments of the stake pool program to search, see
	// DiscoverOptions.Programs.
	Programs []solana.PublicKey
	// Known is a list that names the pools of mints, for example one that
	// Registry.Write saved from [Client.Discovered]. With it, the node need not
	// list the accounts of a program. The list is not trusted: the client reads
	// every pool from the chain and checks it when it first loads a market with
	// the token. Symbols and names are read from the chain as well.
	Known *lst.Registry
	// Accept are the kinds of warnings with which tokens are traded, for
	// example [ErrTransferFee]. By default a token with a warning is refused.
	Accept []error
}

// WithDiscovery lets the client trade mints that its registry does not have, or
// has only as unverified: it finds the pool on chain as [Client.Discover] does,
// once for each mint, and refuses a token with warnings as
// [UntrustedTokenError].
//
// It is not the default. Without it, the registry is the list of tokens that a
// program trades, whatever mints its users send. With it, any account can
// launch a pool that the client trades, and each unknown mint costs requests,
// among them one that many providers charge for. Use it where people choose the
// mint themselves. [Client.Discover] works with and without this option.
func WithDiscovery(opts DiscoveryOptions) Option {
	return option(func(c *config) { c.discovery = &opts })
}

// mostDiscovered is the largest number of tokens that a client keeps. When it
// is reached, the half that was discovered first is forgotten.
const mostDiscovered = 4096

// tokens are the tokens that a client knows.
type tokens struct {
	// opts are nil unless the client discovers tokens.
	opts *DiscoveryOptions

	mu sync.Mutex
	// known is the registry with the discovered tokens.
	known *lst.Registry
	// discovered are the mints of the discovered tokens, the first one first.
	discovered []solana.PublicKey
	// running are the discoveries that have not ended.
	running map[solana.PublicKey]*discovering
}

// discovering is a discovery that several calls wait for.
type discovering struct {
	done chan struct{}
	err  error
	// stopped reports whether the context of the call that runs it has ended.
	stopped bool
}

// lsts returns the registry of the client with the tokens that it has
// discovered.
func (c *Client) lsts() *lst.Registry {
	c.tokens.mu.Lock()
	defer c.tokens.mu.Unlock()
	if c.tokens.known == nil {
		return c.registry
	}
	return c.tokens.known
}

// Discovered returns the tokens that the client has discovered, see
// [WithDiscovery]. To save them, use Registry.Write; to use them in another
// client, read them with [lst.Open] and pass them as DiscoveryOptions.Known.
func (c *Client) Discovered() *lst.Registry {
	if c == nil {
		return nil
	}

	c.tokens.mu.Lock()
	defer c.tokens.mu.Unlock()
	var found []lst.LST
	for _, mint := range c.tokens.discovered {
		if token, err := c.tokens.known.ByMint(mint); err == nil {
			found = append(found, token)
		}
	}

	list, err := new(lst.Registry).With(found...)
	if err != nil {
		return new(lst.Registry) // impossible: the tokens are of a registry
	}
	return list
}

// token returns the token of a mint: one of the registry, one that was
// discovered before, or one that is discovered now.
func (c *Client) token(ctx context.Context, mint solana.PublicKey) (lst.LST, error) {
	token, err := c.lsts().ByMint(mint)
	switch {
	case err == nil && !token.Unverified:
		return token, nil
	case c.tokens.opts == nil && err == nil:
		return lst.LST{}, fmt.Errorf("%w: %s", ErrUnverifiedToken, token)
	case c.tokens.opts == nil:
		return lst.LST{}, err
	}

	if err := c.discoverOnce(ctx, mint); err != nil {
		return lst.LST{}, err
	}
	return c.lsts().ByMint(mint)
}

// discoverOnce discovers a token, or waits for a call that does.
func (c *Client) discoverOnce(ctx context.Context, mint solana.PublicKey) error {
	for {
		c.tokens.mu.Lock()
		if c.tokens.has(mint) {
			c.tokens.mu.Unlock()
			return nil
		}

		run, waits := c.tokens.running[mint]
		if !waits {
			run = &discovering{done: make(chan struct{})}
			if c.tokens.running == nil {
				c.tokens.running = make(map[solana.PublicKey]*discovering)
			}

			c.tokens.running[mint] = run
		}

		c.tokens.mu.Unlock()
		if !waits {
			c.runDiscovery(ctx, mint, run)
			return run.err
		}

		select {
		case <-run.done:
		case <-ctx.Done():
			return ctx.Err()
		}

		if !run.stopped {
			return run.err
		}
	}
}

// has reports whether a token was discovered.
func (t *tokens) has(mint solana.PublicKey) bool {
	token, err := t.known.ByMint(mint)
	return err == nil && !token.Unverified
}

// runDiscovery discovers a token and stores it.
func (c *Client) runDiscovery(ctx context.Context, mint solana.PublicKey, run *discovering) {
	d := newDiscoverer(c, DiscoverOptions{Programs: c.tokens.opts.Programs})
	d.hints = append(d.hints, c.tokens.opts.Known)
	found, err := d.discover(ctx, mint)
	switch {
	case err != nil:
		err = fmt.Errorf("discover %s: %w", mint, err)
	case found.Token.Mint != mint:
		// The mint of a pool was not named: a pool address is no token.
		err = fmt.Errorf("%w: %s is the pool of mint %s", lst.ErrUnknownLST, mint, found.Token.Mint)

	default:
		err = found.errBut(c.tokens.opts.Accept)
	}

	c.tokens.mu.Lock()
	defer c.tokens.mu.Unlock()
	if err == nil {
		err = c.tokens.add(c.registry, found.Token)
	}

	run.err = err
	run.stopped = err != nil && ctx.Err() != nil
	delete(c.tokens.running, mint)
	close(run.done)
}

// add stores a discovered token.
func (t *tokens) add(registry *lst.Registry, token lst.LST) error {
	if len(t.discovered) < mostDiscovered {
		known := t.known
		if known == nil {
			known = registry
		}

		extended, err := known.With(token)
		if err != nil {
			return err
		}

		t.known = extended
		t.discovered = append(t.discovered, token.Mint)
		return nil
	}

	// The registry is made anew without the older half.
	var kept []lst.LST
	half := t.discovered[len(t.discovered)/2:]
	discovered := append(slices.Clone(half), token.Mint)
	for _, mint := range discovered {
		if mint == token.Mint {
			kept = append(kept, token)
		} else if old, err := t.known.ByMint(mint); err == nil {
			kept = append(kept, old)
		}
	}

	extended, err := registry.With(kept...)
	if err != nil {
		return err
	}

	t.known, t.discovered = extended, discovered
	return nil
}

// isNoToken reports whether a discovery failed because the address is not that
// of a token.
func isNoToken(err error) bool {
	return errors.Is(err, ErrNotToken) || errors.Is(err, lst.ErrUnknownLST)
}
