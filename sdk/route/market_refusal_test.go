package route_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// token2022 moves a pool's mint to Token-2022, with extensions. The fee account
// stays as it is, because pools without a fee do not use it.
func token2022(t *testing.T, w *world, pool *figures.StakePool, extensions ...accounts.Extension) {
	pool.State.TokenProgram = accounts.Token2022Program
	w.change(t, pool.State.PoolMint, func(a *accounts.Account) {
		mint := pool.Mint
		mint.Extensions = extensions
		a.Owner, a.Data = accounts.Token2022Program, mint.Encode()
	})
}

// tamper changes the accounts of a stake pool.
type tamper func(t *testing.T, w *world, p *figures.StakePool)

// tamperedPool is a change after which a stake pool must not be quoted.
type tamperedPool struct {
	name   string
	tamper tamper
	want   error
}

// poolAccount selects an account of a stake pool.
type poolAccount func(*figures.StakePool) solana.PublicKey

func poolAddress(p *figures.StakePool) solana.PublicKey { return p.Address }
func poolMint(p *figures.StakePool) solana.PublicKey    { return p.State.PoolMint }
func poolReserve(p *figures.StakePool) solana.PublicKey { return p.State.ReserveStake }

// owned gives an account to another program.
func (a poolAccount) owned(owner solana.PublicKey) tamper {
	return func(t *testing.T, w *world, p *figures.StakePool) {
		w.change(t, a(p), func(a *accounts.Account) { a.Owner = owner })
	}
}

// cut shortens the data of an account.
func (a poolAccount) cut(length int) tamper {
	return func(t *testing.T, w *world, p *figures.StakePool) {
		w.change(t, a(p), func(a *accounts.Account) { a.Data = a.Data[:length] })
	}
}

// missing removes an account.
func (a poolAccount) missing() tamper {
	return func(t *testing.T, w *world, p *figures.StakePool) { w.remove(t, a(p)) }
}

// tamperedPools are changes of the pool account.
func tamperedPools() []tamperedPool {
	pool := poolAccount(poolAddress)

	return []tamperedPool{
		{"pool of another program", pool.owned(accounts.SystemProgram), accounts.ErrWrongOwner},
		{"pool under another deployment", pool.owned(accounts.SanctumStakePoolProgram),
			route.ErrWrongProgram},
		{"pool under a third deployment", pool.owned(accounts.SanctumMultiStakePoolProgram),
			route.ErrWrongProgram},
		{"pool missing", pool.missing(), accounts.ErrNotFound},
		{"pool cut short", pool.cut(300), accounts.ErrWrongLength},
		{"pool empty", pool.cut(0), accounts.ErrWrongLength},
		{"pool is a validator list", func(t *testing.T, w *world, p *figures.StakePool) {
			w.change(t, p.Address, func(a *accounts.Account) { a.Data[0] = 2 })
		}, accounts.ErrWrongType},
		{"pool of another mint", func(t *testing.T, w *world, p *figures.StakePool) {
			w.change(t, p.Address, func(a *accounts.Account) {
				state := p.State
				state.PoolMint = w.pool(t, "bSOL").State.PoolMint
				a.Data = state.Encode()
			})
		}, route.ErrMismatch},
		{"the pool of another token", func(t *testing.T, w *world, p *figures.StakePool) {
			w.change(t, p.Address,
				func(a *accounts.Account) { a.Data = w.pool(t, "bSOL").State.Encode() })
		}, route.ErrMismatch},
		{"another validator list", func(t *testing.T, w *world, p *figures.StakePool) {
			w.change(t, p.Address, func(a *accounts.Account) {
				state := p.State
				state.ValidatorList = w.pool(t, "bSOL").State.ValidatorList
				a.Data = state.Encode()
			})
		}, route.ErrMismatch},
	}
}

// tamperedMints are changes of the mint.
func tamperedMints() []tamperedPool {
	mint := poolAccount(poolMint)

	return []tamperedPool{
		{"mint missing", mint.missing(), accounts.ErrNotFound},
		{"mint of another program", mint.owned(accounts.SystemProgram), accounts.ErrWrongOwner},
		{"mint of the other token program", mint.owned(accounts.Token2022Program),
			route.ErrMismatch},
		{"mint cut short", mint.cut(81), accounts.ErrWrongLength},
		{"mint with other decimals",
			func(t *testing.T, w *world, p *figures.StakePool) { p.Mint.Decimals = 6 },
			route.ErrMismatch},
		{"mint with a permanent delegate", func(t *testing.T, w *world, p *figures.StakePool) {
			token2022(t, w, p,
				accounts.Extension{Type: accounts.ExtensionPermanentDelegate,
					Data: make([]byte, 32)})
		}, route.ErrUnsupportedMint},
		{"mint with an unknown extension", func(t *testing.T, w *world, p *figures.StakePool) {
			token2022(t, w, p,
				accounts.Extension{Type: accounts.ExtensionMetadataPointer, Data: make([]byte, 64)},
				accounts.Extension{Type: 999})
		}, route.ErrUnsupportedMint},
	}
}

// tamperedPoolAccounts are changes of the reserve, the fee account, and the
// pool's settings.
func tamperedPoolAccounts() []tamperedPool {
	reserve := poolAccount(poolReserve)

	return []tamperedPool{
		{"reserve missing", reserve.missing(), accounts.ErrNotFound},
		{"reserve of another program", reserve.owned(accounts.SystemProgram),
			accounts.ErrWrongOwner},
		{"reserve cut short", reserve.cut(20), accounts.ErrWrongLength},
		{"fee account missing where there is a fee",
			func(t *testing.T, w *world, p *figures.StakePool) {
				p.State.SOLDepositFee = accounts.Fee{Numerator: 1, Denominator: 100}
				w.remove(t, p.State.ManagerFeeAccount)
			}, quote.ErrFeeAccount},
		{"fee account of another mint", func(t *testing.T, w *world, p *figures.StakePool) {
			p.State.SOLDepositFee = accounts.Fee{Numerator: 1, Denominator: 100}
			p.FeeAccount.Mint = w.pool(t, "bSOL").State.PoolMint
		}, quote.ErrFeeAccount},
		{"deposits reserved to an authority", func(t *testing.T, w *world, p *figures.StakePool) {
			p.State.SOLDepositAuthority = &solana.PublicKey{5}
		}, quote.ErrPermissioned},
		{"deposits switched off", func(t *testing.T, w *world, p *figures.StakePool) {
			p.State.SOLDepositAuthority = &solana.PublicKey{}
		}, quote.ErrDisabled},
		{"behind by an epoch",
			func(t *testing.T, w *world, p *figures.StakePool) { p.State.LastUpdateEpoch-- },
			quote.ErrStalePool},
	}
}

// No quote is made from a stake pool's accounts if one of them was tampered
// with.
func TestMarket_TamperedStakePool(t *testing.T) {
	for _, c := range slices.Concat(tamperedPools(), tamperedMints(), tamperedPoolAccounts()) {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			c.tamper(t, w, w.pool(t, "JitoSOL"))
			// The registry's entry is that of the unchanged pool.
			honest := newWorld(t)
			m := w.marketOf(t, honest.token(t, "JitoSOL"), honest.token(t, "hubSOL"))
			r := honest.stake(t, "JitoSOL", sol)
			_, err := ask(t, m, r)
			require.ErrorIs(t, err, c.want)
			require.NotContains(t, err.Error(), "\n")
			r.SwapMode = route.ExactOut
			_, err = ask(t, m, r)
			require.ErrorIs(t, err, c.want)
			_, err = m.Quote(r)
			require.ErrorIs(t, err, c.want, "the reason of every venue is in the error")
			require.ErrorIs(t, err, route.ErrNoRoute)
			require.NotContains(t, err.Error(), "\n")

			_, err = ask(t, m, honest.stake(t, "hubSOL", sol))
			require.NoError(t, err, "other pools are not affected")
		})
	}
}

func (w *world) marketOf(t *testing.T, tokens ...lst.LST) *route.Market {
	t.Helper()
	loader, s := w.state(t, tokens...)
	m, err := loader.Build(s)
	require.NoError(t, err)
	return m
}

// Unusual accounts that must not prevent a quote, in contrast to
// TestMarket_TamperedStakePool.
func TestMarket_HarmlessDifferences(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*testing.T, *world, *figures.StakePool)
	}{
		{"nothing", func(*testing.T, *world, *figures.StakePool) {}},
		{"fee account missing where there is no fee",
			func(t *testing.T, w *world, p *figures.StakePool) {
				w.remove(t, p.State.ManagerFeeAccount)
			}},
		{"Token-2022 mint with metadata", func(t *testing.T, w *world, p *figures.StakePool) {
			token2022(t, w, p,
				accounts.Extension{Type: accounts.ExtensionMetadataPointer, Data: make([]byte, 64)},
				accounts.Extension{Type: accounts.ExtensionTokenMetadata, Data: make([]byte, 80)})
		}},
		{"Token-2022 mint with a transfer fee", func(t *testing.T, w *world,
			p *figures.StakePool) {
			token2022(t, w, p, accounts.Extension{Type: accounts.ExtensionTransferFeeConfig,
				Data: make([]byte, 108)})
		}},
		{"unused space after the pool", func(t *testing.T, w *world, p *figures.StakePool) {
			w.change(t, p.Address,
				func(a *accounts.Account) { a.Data = append(a.Data, make([]byte, 100)...) })
		}},
		{"validator list missing",
			func(t *testing.T, w *world, p *figures.StakePool) {
				w.remove(t, p.State.ValidatorList)
			}},
		{"rewards being distributed",
			func(t *testing.T, w *world, p *figures.StakePool) { w.Chain.RewardsActive = true }},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			c.change(t, w, w.pool(t, "JitoSOL"))
			q, err := ask(t, w.market(t, "JitoSOL"), w.stake(t, "JitoSOL", 1_500_000_000))
			require.NoError(t, err)
			require.Equal(t, uint64(1_244_054_262), q.Out)
		})
	}
}

// TestMarket_RouterToken2022 quotes a Token-2022 LST as input and as output.
// The Router calls the classic token program alone, so all of its venues
// refuse. Infinity may refuse for the same reason, and no other venue does.
func TestMarket_RouterToken2022(t *testing.T) {
	w := newWorld(t)
	token := w.token(t, "JitoSOL")
	token.TokenProgram = accounts.Token2022Program
	token2022(t, w, w.pool(t, "JitoSOL"))
	other := w.token(t, "bSOL")
	m := w.marketOf(t, token, other)
	refused := make(map[route.Venue]bool)
	for _, pair := range [][2]solana.PublicKey{
		{accounts.NativeMint, token.Mint}, {token.Mint, accounts.NativeMint},
		{token.Mint, other.Mint}, {other.Mint, token.Mint},
	} {
		r := route.Request{
			From:    pair[0],
			To:      pair[1],
			Amount:  10 * sol,
			Options: route.Options{MaxPrefund: 10 * sol, OnlyDirectRoutes: true},
		}

		r.UseWSOL = pair[0] == accounts.NativeMint
		quotes, rejected := m.Quotes(r)
		for _, q := range quotes {
			require.NotContains(t, string(q.Venue), "Router")
		}

		for _, no := range rejected {
			byProgram := errors.Is(no.Err, route.ErrUnsupportedTokenProgram)
			if strings.Contains(string(no.Venue), "Router") {
				require.True(t, byProgram, "%s: %v", no.Venue, no.Err)
				refused[no.Venue] = true
				continue
			}

			require.Equal(t, byProgram, byProgram && no.Venue == "Infinity", "%s: %v", no.Venue,
				no.Err)
		}
	}

	require.GreaterOrEqual(t, len(refused), 3)
}

func TestRequest_Check(t *testing.T) {
	a, b := solana.PublicKey{1}, solana.PublicKey{2}
	for _, c := range []struct {
		name string
		r    route.Request
		want error
	}{
		{"good", route.Request{From: a, To: b, Amount: 1}, nil},
		{"the largest slippage", route.Request{
			From:    a,
			To:      b,
			Amount:  1,
			Options: route.Options{SlippageBps: 10_000, SwapMode: route.ExactOut},
		}, nil},
		{"zero amount", route.Request{From: a, To: b}, quote.ErrZeroAmount},
		{"same token", route.Request{From: a, To: a, Amount: 1}, route.ErrSameToken},
		{"too much slippage", route.Request{
			From:    a,
			To:      b,
			Amount:  1,
			Options: route.Options{SlippageBps: 10_001},
		}, route.ErrInvalidSlippage},
		{"unknown swap mode", route.Request{
			From:    a,
			To:      b,
			Amount:  1,
			Options: route.Options{SwapMode: 2},
		}, route.ErrInvalidSwapMode},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.ErrorIs(t, c.r.Check(), c.want)
			if c.want == nil {
				require.NoError(t, c.r.Check())
			}
		})
	}
}

func TestMarket_QuoteInvalidRequest(t *testing.T) {
	w := newWorld(t)
	m := w.market(t, "JitoSOL", "bSOL")
	for _, c := range []struct {
		name   string
		change func(*route.Request)
		want   error
	}{
		{"nothing", func(r *route.Request) { r.Amount = 0 }, quote.ErrZeroAmount},
		{"same token", func(r *route.Request) { r.To = r.From }, route.ErrSameToken},
		{"too much slippage", func(r *route.Request) { r.SlippageBps = 10_001 },
			route.ErrInvalidSlippage},
		{"no such mode", func(r *route.Request) { r.SwapMode = 7 }, route.ErrInvalidSwapMode},
		{"token of another market", func(r *route.Request) { r.To = w.token(t, "hubSOL").Mint },
			route.ErrUnknownToken},
		{"no token", func(r *route.Request) { r.From = solana.PublicKey{} }, route.ErrUnknownToken},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := w.stake(t, "JitoSOL", sol)
			c.change(&r)
			_, err := m.Quote(r)
			require.ErrorIs(t, err, c.want)
			require.NotErrorIs(t, err, route.ErrNoRoute, "it is the request that is wrong")
			quotes, rejected := m.Quotes(r)
			require.Empty(t, quotes)
			require.Len(t, rejected, 1)
			require.Empty(t, rejected[0].Venue)
			require.ErrorIs(t, rejected[0].Err, c.want)
			require.Equal(t, err.Error(), rejected[0].Err.Error())
		})
	}
}

func TestNoRouteError_Reasons(t *testing.T) {
	from, to := solana.PublicKey{1}, solana.PublicKey{2}
	var err error = &route.NoRouteError{From: from, To: to}
	require.ErrorIs(t, err, route.ErrNoRoute)
	require.Equal(t,
		"no route from "+from.String()+" to "+to.String()+
			": no venue trades this pair (add intermediate tokens with Intermediates)",
		err.Error())

	one, two := errors.New("one"), errors.New("two")
	err = &route.NoRouteError{From: from, To: to,
		Rejections: []route.Rejection{{Venue: "a", Err: one}, {Venue: "b", Err: two}}}
	require.ErrorIs(t, err, route.ErrNoRoute)
	require.ErrorIs(t, err, one)
	require.ErrorIs(t, err, two)
	require.Contains(t, err.Error(), ": a: one; b: two")

	// The error of a market has the reason of each venue. No venue deposits an
	// LST into the pool of another.
	w := newWorld(t)
	w.pool(t, "bSOL").State.LastUpdateEpoch--
	m := w.market(t, "JitoSOL", "bSOL")
	for _, r := range []route.Request{
		{From: w.token(t, "JitoSOL").Mint, To: w.token(t, "bSOL").Mint, Amount: sol},
		{From: accounts.NativeMint, To: w.token(t, "bSOL").Mint, Amount: sol},
	} {
		_, err = m.Quote(r)
		var none *route.NoRouteError
		require.ErrorAs(t, err, &none)
		require.ErrorIs(t, err, route.ErrNoRoute)
		require.Equal(t, r.From, none.From)
		require.Equal(t, r.To, none.To)
		_, rejected := m.Quotes(r)
		require.Len(t, none.Rejections, len(rejected))
		for _, v := range rejected {
			require.Contains(t, err.Error(), string(v.Venue)+": "+v.Err.Error())
		}

		require.NotContains(t, err.Error(), "\n")
	}
}
