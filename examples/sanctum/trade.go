package main

import (
	"cmp"
	"context"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// all is the amount that stands for the whole balance of a stake account.
const all = "all"

// trade is what a command wants to do.
type trade struct {
	// From is what is paid and To what is received.
	From, To lst.LST
	// Request has the choices that are no common flag. The rest is filled in.
	Request route.Request
	// Venue, if one is named, is the only one considered.
	Venue string
	// Compare shows all routes in addition to the one that is taken.
	Compare bool
	// Seed and NewAccount name the accounts that the transaction creates, see
	// sdk.BuildOptions.
	Seed       string
	NewAccount *txn.KeySigner
	// Details are shown below the quote.
	Details func(*route.Market, route.Quote) error
}

// tokens looks up the tokens of a trade.
func (s *session) tokens(from, to string) (t trade, err error) {
	if t.From, err = s.Registry.Lookup(from); err == nil {
		t.To, err = s.Registry.Lookup(to)
	}
	return t, err
}

// stakeAccount is a stake account as one side of a trade. Whether there is one
// at the address turns out when the market is loaded.
func (s *session) stakeAccount(address string) (lst.LST, error) {
	key, err := solana.PublicKeyFromBase58(address)
	if err != nil {
		return lst.LST{}, fmt.Errorf("%q is not the address of a stake account: %w", address, err)
	}
	if token, err := s.Registry.ByMint(key); err == nil {
		return lst.LST{}, fmt.Errorf("%s is not a stake account but the mint of %s", key, token.Symbol)
	}

	return lst.LST{
		Symbol:   fmt.Sprintf("SOL in stake account %s", key),
		Mint:     key,
		Decimals: 9,
	}, nil
}

// isToken tells tokens from stake accounts.
func (s *session) isToken(t lst.LST) bool {
	_, err := s.Registry.ByMint(t.Mint)
	return err == nil
}

// request is what the flags ask for. The amount is zero if it is the balance of
// a stake account, which has to be loaded first.
func (s *session) request(t trade) (r route.Request, err error) {
	r = t.Request
	r.From, r.To = t.From.Mint, cmp.Or(r.To, t.To.Mint)
	r.SlippageBps, r.Crank = uint16(s.Flags.SlippageBps), s.Flags.Crank
	if r.Recipient, err = s.recipient(); err != nil {
		return r, err
	}

	amount := s.Flags.Amount
	switch {
	case s.Flags.ExactOut:
		r.Side = route.ExactOut
		r.Amount, err = t.To.Parse(cmp.Or(amount, "1"))
	case !s.isToken(t.From) && (amount == "" || amount == all):
		return r, nil
	default:
		r.Amount, err = t.From.Parse(cmp.Or(amount, "1"))
	}
	if err != nil {
		return r, err
	}
	return r, r.Check()
}

// recipient is the wallet that receives the outcome, zero if that is the owner.
func (s *session) recipient() (solana.PublicKey, error) {
	if s.Flags.Recipient == "" {
		return solana.PublicKey{}, nil
	}

	key, err := solana.PublicKeyFromBase58(s.Flags.Recipient)
	switch {
	case err != nil:
		return solana.PublicKey{}, fmt.Errorf("%w: %q is no address: %w",
			route.ErrRecipient, s.Flags.Recipient, err)
	case key == s.Owner.PublicKey():
		return solana.PublicKey{}, nil
	}
	return key, nil
}

// trade carries a trade out and prints it.
func (s *session) trade(ctx context.Context, t trade) error {
	report, err := s.carryOut(ctx, t)
	return s.print(report, err)
}

// carryOut loads the market of a trade, quotes, builds and signs it, shows it
// as text if that is wanted, and sends it if the flags say so. The report is nil
// if it did not come to a signature. What fails after that is in the report,
// too.
func (s *session) carryOut(ctx context.Context, t trade) (*tradeReport, error) {
	request, err := s.request(t)
	if err != nil {
		return nil, err
	}

	step := s.begin("Loading the market")
	defer step.end()
	market, err := s.Client.MarketFor(ctx, request)
	if err != nil {
		return nil, err
	}
	if request.Amount == 0 {
		stake, err := market.StakeAccount(t.From.Mint)
		if err != nil {
			return nil, err
		}
		request.Amount = stake.Lamports
	}

	step.note("Comparing routes")
	quotes, rejected := market.Quotes(request)
	quote, err := choose(quotes, rejected, request, t.Venue)
	if err != nil {
		return nil, err
	}

	step.note("Building and simulating the transaction")
	options := s.buildOptions()
	options.Seed, options.NewAccount = t.Seed, t.NewAccount
	unsigned, err := s.Client.Build(ctx, quote, options)
	if err != nil {
		return nil, err
	}
	signed, err := unsigned.Sign(ctx, s.Owner)
	if err != nil {
		return nil, err
	}
	step.end()

	report, err := s.report(t, quote, unsigned, signed)
	if err != nil {
		return nil, err
	}
	if t.Compare {
		report.compare(quotes, rejected)
	}
	if !s.Flags.JSON {
		if err := s.show(report, t, market, quote); err != nil {
			return nil, err
		}
	}
	if s.Flags.Send {
		err = s.send(ctx, signed, report)
	}
	return report, err
}

// choose takes the best quote, or that of one venue if one is named. A request
// that makes no sense is rejected without a venue.
func choose(
	quotes []route.Quote,
	rejected []route.Rejected,
	r route.Request,
	venue string,
) (route.Quote, error) {
	for _, q := range quotes {
		if venue == "" || string(q.Venue) == venue {
			return q, nil
		}
	}
	for _, no := range rejected {
		if string(no.Venue) == venue {
			return route.Quote{}, no.Err
		}
	}
	return route.Quote{}, &route.NoRouteError{
		From:     r.From,
		To:       r.To,
		Rejected: rejected,
	}
}
