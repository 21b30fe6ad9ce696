package route_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// derived returns the address that f derives for a program.
func derived(
	t *testing.T,
	f func(program solana.PublicKey) (solana.PublicKey, error),
	program solana.PublicKey,
) solana.PublicKey {
	t.Helper()
	address, err := f(program)
	require.NoError(t, err)
	return address
}

// TestMarket_TamperedAccounts lets every account of the Reserve, Marinade, Lido
// and the Router be another than it should be. No way that depends on it may
// quote, the reason is typed and one line, and all other ways quote as before.
func TestMarket_TamperedAccounts(t *testing.T) {
	w := newStakeWorld(t)
	ofPool := func(f func(program, pool solana.PublicKey) (solana.PublicKey, error), pool solana.PublicKey) func(solana.PublicKey) (solana.PublicKey, error) {
		return func(program solana.PublicKey) (solana.PublicKey, error) { return f(program, pool) }
	}
	reserve := accounts.ReservePoolAddress
	reserveSOL := derived(t, ofPool(accounts.ReserveSOL, reserve), accounts.ReserveProgram)
	reserveFee := derived(t, ofPool(accounts.ReserveFeeAddress, reserve), accounts.ReserveProgram)
	protocolFee := derived(t, accounts.ReserveProtocolFeeAddress, accounts.ReserveProgram)
	solLeg := derived(t, ofPool(accounts.MarinadeSOLLeg, w.Marinade.Address), w.Marinade.Program)
	mReserve := derived(t, ofPool(accounts.MarinadeReserve, w.Marinade.Address), w.Marinade.Program)
	lidoReserve := derived(t, ofPool(accounts.LidoReserve, w.Lido.Address), w.Lido.Program)
	lidoStake, err := w.Lido.Validators[0].Entry.StakeAddress(w.Lido.Program, w.Lido.Address)
	require.NoError(t, err)
	bridge := derived(t, accounts.RouterSOLBridgeOut, accounts.RouterProgram)
	prefunder := derived(t, accounts.RouterPrefunder, accounts.RouterProgram)
	feeAccount := func(mint solana.PublicKey) solana.PublicKey {
		return derived(t,
			func(p solana.PublicKey) (solana.PublicKey, error) {
				return accounts.RouterFeeTokenAccount(p, mint)
			},
			accounts.RouterProgram)
	}

	mSOL, stSOL := w.Marinade.State.MSOLMint, w.Lido.State.StSOLMint

	// What depends on what.
	onReserve := func(v venueTrade) bool {
		return v.venue == routerPrefunded || v.to == "SOL" && v.venue != marinadeUnstake
	}
	prefunded := func(v venueTrade) bool { return v.venue == routerPrefunded }
	onMarinade := func(v venueTrade) bool { return v.from == mSOLName || v.to == mSOLName }
	movesMarinades := func(v venueTrade) bool {
		return v.to == mSOLName && v.from != "SOL" ||
			v == venueTrade{throughReserve, mSOLName, "SOL"}
	}

	onLido := func(v venueTrade) bool { return v.from == stSOLs }
	router := func(v venueTrade) bool {
		return v.venue == routerVenue || v.venue == routerPrefunded
	}
	routerTo := func(name string) func(venueTrade) bool {
		return func(v venueTrade) bool {
			return v.to == name && (router(v) || v.venue == routerDeposit)
		}
	}

	type tamper = func(t *testing.T, w *stakeWorld)
	missing := func(address solana.PublicKey) tamper {
		return func(t *testing.T, w *stakeWorld) { w.remove(t, address) }
	}
	change := func(address solana.PublicKey, f func(*accounts.Account)) tamper {
		return func(t *testing.T, w *stakeWorld) { w.change(t, address, f) }
	}
	owned := func(address, owner solana.PublicKey) tamper {
		return change(address, func(a *accounts.Account) { a.Owner = owner })
	}
	cut := func(address solana.PublicKey, length int) tamper {
		return change(address, func(a *accounts.Account) { a.Data = a.Data[:length] })
	}
	type row struct {
		name    string
		tamper  tamper
		affects func(venueTrade) bool
		want    error
	}

	var rows []row
	for _, p := range []struct {
		name    string
		address solana.PublicKey
		affects func(venueTrade) bool
		system  bool
	}{
		{"Reserve's pool", reserve, onReserve, false},
		{"Reserve's fee", reserveFee, onReserve, false},
		{"Reserve's protocol fee", protocolFee, onReserve, false},
		{"Reserve's SOL", reserveSOL, onReserve, true},
		{"Marinade's state", w.Marinade.Address, onMarinade, false},
		{"Marinade's mint", mSOL, onMarinade, false},
		{"Marinade's mSOL leg", w.Marinade.State.LiqPool.MSOLLeg, onMarinade, false},
		{"Marinade's SOL leg", solLeg, onMarinade, true},
		{"Marinade's reserve", mReserve, onMarinade, true},
		{"Marinade's validator list", w.Marinade.State.ValidatorSystem.ValidatorList.Account,
			movesMarinades, false},
		{"Lido's state", w.Lido.Address, onLido, false},
		{"Lido's mint", stSOL, onLido, false},
		{"Lido's validator list", w.Lido.State.ValidatorList, onLido, false},
		{"Lido's stake account", lidoStake, onLido, false},
		{"Lido's reserve", lidoReserve, onLido, true},
		{"Router's SOL bridge", bridge, func(v venueTrade) bool { return v.venue == routerDeposit },
			true},
		{"Router's prefunder", prefunder, prefunded, true},
		{"Router's fee account of SOL", feeAccount(accounts.NativeMint), routerTo("SOL"), false},
		{"Router's fee account of bSOL", feeAccount(w.mint(t, target)), routerTo(target), false},
		{"Router's fee account of mSOL", feeAccount(mSOL), routerTo(mSOLName), false},
	} {
		rows = append(rows,
			row{p.name + " missing", missing(p.address), p.affects, accounts.ErrNotFound},
			row{p.name + " of another program", owned(p.address, accounts.AssociatedTokenProgram),
				p.affects, accounts.ErrWrongOwner})
		if !p.system {
			rows = append(rows,
				row{p.name + " cut short", cut(p.address, 7), p.affects, accounts.ErrWrongLength})
		}
	}

	otherMint := w.mint(t, source)
	rows = append(
		rows,
		row{"Marinade of another mint", change(w.Marinade.Address, func(a *accounts.Account) {
			state := w.Marinade.State
			state.MSOLMint = otherMint
			copy(a.Data, state.Encode())
		}), onMarinade, route.ErrMismatch},
		row{"Marinade with another validator list",
			change(w.Marinade.Address, func(a *accounts.Account) {
				state := w.Marinade.State
				state.ValidatorSystem.ValidatorList.Account = solana.PublicKey{5}
				copy(a.Data, state.Encode())
			}), movesMarinades, accounts.ErrNotLoaded},
		row{"Marinade's mint of the other token program", owned(mSOL, accounts.Token2022Program),
			onMarinade, route.ErrMismatch},
		row{"Marinade's list is that of stakes", func(t *testing.T, w *stakeWorld) {
			list := w.accounts(t)[w.Marinade.State.StakeSystem.StakeList.Account]
			w.change(t, w.Marinade.State.ValidatorSystem.ValidatorList.Account,
				func(a *accounts.Account) { a.Data = list.Data })
		}, movesMarinades, accounts.ErrWrongType},
		row{"Lido of another mint", change(w.Lido.Address, func(a *accounts.Account) {
			state := w.Lido.State
			state.StSOLMint = otherMint
			copy(a.Data, state.Encode())
		}), onLido, route.ErrMismatch},
		row{"Lido with another validator list", change(w.Lido.Address, func(a *accounts.Account) {
			state := w.Lido.State
			state.ValidatorList = solana.PublicKey{5}
			copy(a.Data, state.Encode())
		}), onLido, accounts.ErrNotLoaded},
		row{"Router's fee account of another mint", func(t *testing.T, w *stakeWorld) {
			other := w.accounts(t)[feeAccount(otherMint)]
			w.change(t, feeAccount(mSOL), func(a *accounts.Account) { a.Data = other.Data })
		}, routerTo(mSOLName), route.ErrMismatch},
		row{"Router's fee account frozen",
			change(feeAccount(mSOL), func(a *accounts.Account) { a.Data[108] = 2 }),
			routerTo(mSOLName), route.ErrMismatch},
		row{"Router's bridge without funds",
			change(bridge, func(a *accounts.Account) { a.Lamports = tokenRent }),
			func(v venueTrade) bool { return v.venue == routerDeposit },
			quote.ErrInsufficientReserve},
		row{"Router's prefunder without funds",
			change(prefunder, func(a *accounts.Account) { a.Lamports = 2*stakeRent - 1 }),
			prefunded, quote.ErrRouterFunds},
		row{"Reserve without SOL", change(reserveSOL, func(a *accounts.Account) { a.Lamports = 0 }),
			onReserve, quote.ErrInsufficientReserve},
		row{"Marinade paused", change(w.Marinade.Address, func(a *accounts.Account) {
			state := w.Marinade.State
			state.Paused = true
			copy(a.Data, state.Encode())
		}), onMarinade, quote.ErrDisabled},
	)

	honest := newStakeWorld(t)
	want := make(map[venueTrade]route.Quote)
	m := honest.market(t)
	for _, v := range venueTrades {
		q, err := of(t, m, v.venue, v.request(t, honest, 20*sol, route.ExactIn))
		require.NoError(t, err, v)
		want[v] = q
	}

	for _, c := range rows {
		t.Run(c.name, func(t *testing.T) {
			w := newStakeWorld(t)
			c.tamper(t, w)
			m := w.market(t)
			for _, v := range venueTrades {
				for _, mode := range []route.SwapMode{route.ExactIn, route.ExactOut} {
					r := v.request(t, honest, 20*sol, mode)
					q, err := of(t, m, v.venue, r)
					if c.affects(v) {
						require.ErrorIs(t, err, c.want, v)
						continue
					}

					require.NoError(t, err, v)
					if mode == route.ExactIn {
						require.Equal(t, want[v].Out, q.Out, v)
					}
				}
			}

			// The list of quotes has no gap where a venue refuses.
			r := venueTrade{reserveVenue, "own", "SOL"}.request(t, honest, 20*sol, route.ExactIn)
			if _, err := m.Quote(r); err != nil {
				require.ErrorIs(t, err, route.ErrNoRoute)
				require.NotContains(t, err.Error(), "\n")
			}
		})
	}
}
