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

// all stands for the whole balance of a stake account.
const all = "all"

// trade describes the trade of a command.
type trade struct {
	// From is the token to pay and To the token to receive.
	From, To lst.LST
	// Request has the options that are not shared flags. The flags fill in the
	// rest.
	Request route.Request
	// Venue restricts the trade to one venue if it is not empty.
	Venue string
	// Compare shows all routes in addition to the chosen route.
	Compare bool
	// Seed and NewAccount define the accounts that the transaction creates, see
	// sdk.BuildOptions.
	Seed       string
	NewAccount *txn.KeySigner
	// Details shows further fields below the quote.
	Details func(*route.Market, route.Quote) error
}

// tokens looks up the tokens of a trade.
func (s *session) tokens(from, to string) (t trade, err error) {
	if t.From, err = s.Registry.Lookup(from); err == nil {
		t.To, err = s.Registry.Lookup(to)
	}
	return t, err
}

// stakeAccount returns a stake account as one side of a trade. Loading the
// market checks that the account exists.
func (s *session) stakeAccount(address string) (lst.LST, error) {
	key, err := solana.PublicKeyFromBase58(address)
	if err != nil {
		return lst.LST{}, fmt.Errorf("%q is not the address of a stake account: %w", address, err)
	}

	if token, err := s.Registry.ByMint(key); err == nil {
		return lst.LST{}, fmt.Errorf("%s is not a stake account but the mint of %s", key,
			token.Symbol)
	}

	return lst.LST{
		Symbol:   fmt.Sprintf("SOL in stake account %s", key),
		Mint:     key,
		Decimals: 9,
	}, nil
}

// isToken reports whether a side of a trade is a token, not a stake account.
func (s *session) isToken(t lst.LST) bool {
	_, err := s.Registry.ByMint(t.Mint)
	return err == nil
}

// request converts the flags to a request. The amount is zero for the balance
// of a stake account, which is loaded later.
func (s *session) request(t trade) (r route.Request, err error) {
	r = t.Request
	r.From, r.To = t.From.Mint, cmp.Or(r.To, t.To.Mint)
	r.SlippageBps, r.AllowPoolUpdate = uint16(s.Flags.SlippageBps), s.Flags.Crank
	if r.Recipient, err = s.recipient(); err != nil {
		return r, err
	}

	amount := s.Flags.Amount
	switch {
	case s.Flags.ExactOut:
		r.SwapMode = route.ExactOut
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

// recipient returns the wallet that receives the outcome, or zero if the owner
// receives it.
func (s *session) recipient() (solana.PublicKey, error) {
	if s.Flags.Recipient == "" {
		return solana.PublicKey{}, nil
	}

	key, err := solana.PublicKeyFromBase58(s.Flags.Recipient)
	switch {
	case err != nil:
		return solana.PublicKey{}, fmt.Errorf("%w: %q is not an address: %w",
			route.ErrRecipient, s.Flags.Recipient, err)
	case key == s.Owner.PublicKey():
		return solana.PublicKey{}, nil
	}

	return key, nil
}

// trade executes a trade and prints it.
func (s *session) trade(ctx context.Context, t trade) error {
	report, err := s.carryOut(ctx, t)
	return s.print(report, err)
}

// carryOut loads the market of a trade, quotes, builds and signs it. It prints
// the trade as text unless -json is set, and sends it with -send. The report is
// nil if the trade fails before the signature; a later error is part of the
// report, too.
func (s *session) carryOut(ctx context.Context, t trade) (*tradeReport, error) {
	request, err := s.request(t)
	if err != nil {
		return nil, err
	}

	step := s.begin("Loading the market")
	defer step.end()
	market, err := s.Client.LoadMarketForRequest(ctx, request)
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
	options.Seed, options.StakeKeypair = t.Seed, t.NewAccount
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

// choose returns the best quote, or the quote of the trade's venue. An invalid
// request is rejected without a venue.
func choose(
	quotes []route.Quote,
	rejected []route.Rejection,
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
		From:       r.From,
		To:         r.To,
		Rejections: rejected,
	}
}
