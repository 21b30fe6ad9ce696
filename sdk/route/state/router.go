package state

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// RouterFee is the Router's token account of a mint. All tokens that the Router
// pays out pass through it.
type RouterFee struct {
	Address solana.PublicKey
}

// RouterFee returns the Router's token account of a token. The error is the
// reason why the Router cannot pay out the token.
func (s *Snapshot) RouterFee(position Token) (*RouterFee, error) {
	token := s.tokenOf(position)
	if token == nil {
		return nil, errNoPart
	}

	return partOf[*RouterFee](s, token.feePart)
}

// RouterSource returns an error if the Router cannot take a token.
func (s *Snapshot) RouterSource(position Token) error {
	token := s.tokenOf(position)
	if token == nil {
		return errNoPart
	}

	return token.routable()
}

// routable returns an error if the Router does not trade a token. It calls the
// classic token program alone. A stake account has no mint.
func (t *token) routable() error {
	if !t.lst.Mint.IsZero() && t.lst.TokenProgram != accounts.TokenProgram {
		return fmt.Errorf("%w: the Router does not trade %s of %s", ErrUnsupportedTokenProgram,
			t.lst.Mint, t.lst.TokenProgram)
	}
	return nil
}

// addRouterFee adds the Router's token account of a token.
func (l *Ledger) addRouterFee(t Token) {
	token := &l.tokens[t]
	if token.feePart != noPart {
		return
	}

	address, err := accounts.RouterFeeTokenAccount(accounts.RouterProgram, token.lst.Mint)
	token.fee, token.feeErr = l.needDerived(address, err)
	token.feePart = l.part(routerFeeMaker{token})
}

// routerFeeMaker prepares a [RouterFee].
type routerFeeMaker struct{ token *token }

func (m routerFeeMaker) prepare(r *reader) (any, error) {
	if m.token.feeErr != nil {
		return nil, m.token.feeErr
	}

	if err := m.token.routable(); err != nil {
		return nil, err
	}

	address := r.address(m.token.fee)
	account, err := load(r, m.token.fee, accounts.DecodeTokenAccount)
	switch {
	case err != nil:
		return nil, fmt.Errorf("fee token account of the Router: %w", err)
	case account.Mint != m.token.lst.Mint || account.State != accounts.TokenInitialized:
		return nil, fmt.Errorf("%w: fee token account %s of the Router", ErrMismatch, address)
	}

	if before, ok := r.before().(*RouterFee); ok && before != nil {
		return before, nil
	}

	return &RouterFee{Address: address}, nil
}

// RouterBridge is the account from which the Router lends the rent of a
// temporary token account when it deposits wrapped SOL.
type RouterBridge struct {
	// Lamports is its balance.
	Lamports uint64

	// TokenRent is the rent of a token account, in lamports.
	TokenRent uint64
}

// RouterBridge returns the Router's wSOL bridge. The error is the reason why
// the Router cannot deposit wrapped SOL.
func (s *Snapshot) RouterBridge() (*RouterBridge, error) {
	if s.isZero() {
		return nil, errNoPart
	}

	return partOf[*RouterBridge](s, s.ledger.bridge.part)
}

// Prefund returns the values that determine the price of a prefund by the
// Router. The error is the reason why there is none.
func (s *Snapshot) Prefund() (*quote.Prefund, error) {
	if s.isZero() || s.ledger.scope.WithoutStake {
		return nil, errNoPart
	}

	return partOf[*quote.Prefund](s, s.ledger.prefund.part)
}

// addRouter adds the accounts that all trades through the Router need.
func (l *Ledger) addRouter() {
	address, err := accounts.RouterSOLBridgeOut(accounts.RouterProgram)
	l.bridge.account, l.bridge.err = l.needDerived(address, err)
	l.bridge.part = l.part(routerBridgeMaker{})
	if l.scope.WithoutStake {
		return
	}

	address, err = accounts.RouterPrefunder(accounts.RouterProgram)
	l.prefund.account, l.prefund.err = l.needDerived(address, err)
	l.prefund.part = l.part(prefundMaker{})
}

// routerBridgeMaker prepares a [RouterBridge].
type routerBridgeMaker struct{}

func (routerBridgeMaker) prepare(r *reader) (any, error) {
	chain, err := r.chain()
	if err != nil {
		return nil, err
	}

	tokenRent, err := chain.TokenRent()
	if err != nil {
		return nil, err
	}

	v := &r.ledger.bridge
	if v.err != nil {
		return nil, v.err
	}

	lamports, err := systemLamports(r, "SOL bridge of the Router", v.account)
	if err != nil {
		return nil, err
	}

	keeps, err := chain.Rent.MinimumBalance(0)
	if err != nil {
		return nil, err
	}

	if needed, err := fixed.Add(tokenRent, keeps); err != nil || lamports < needed {
		return nil, fmt.Errorf("%w: the Router's bridge has %d lamports, not %d",
			quote.ErrInsufficientReserve, lamports, needed)
	}

	return &RouterBridge{Lamports: lamports, TokenRent: tokenRent}, nil
}

// prefundMaker prepares a [quote.Prefund].
type prefundMaker struct{}

func (prefundMaker) prepare(r *reader) (any, error) {
	chain, err := r.chain()
	if err != nil {
		return nil, err
	}

	reserve, err := read[*Reserve](r, r.ledger.reserve.part)
	if err != nil {
		return nil, err
	}

	v := &r.ledger.prefund
	if v.err != nil {
		return nil, v.err
	}

	lamports, err := systemLamports(r, "prefunder of the Router", v.account)
	if err != nil {
		return nil, err
	}

	return &quote.Prefund{
		Reserve:           reserve.Pool,
		MinimumDelegation: chain.MinimumDelegation,
		Prefunder:         lamports,
	}, nil
}
