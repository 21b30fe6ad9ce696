package route_test

import (
	"slices"
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

// venueAccounts are addresses of accounts that the venues depend on.
type venueAccounts struct {
	reserve, reserveSOL, reserveFee, protocolFee solana.PublicKey
	solLeg, mReserve                             solana.PublicKey
	lidoReserve, lidoStake                       solana.PublicKey
	bridge, prefunder                            solana.PublicKey
}

func newVenueAccounts(t *testing.T, w *stakeWorld) venueAccounts {
	t.Helper()
	type derive = func(solana.PublicKey) (solana.PublicKey, error)
	ofPool := func(
		f func(program, pool solana.PublicKey) (solana.PublicKey, error),
		pool solana.PublicKey,
	) derive {
		return func(program solana.PublicKey) (solana.PublicKey, error) { return f(program, pool) }
	}

	lidoStake, err := w.Lido.Validators[0].Entry.StakeAddress(w.Lido.Program, w.Lido.Address)
	require.NoError(t, err)
	reserve := accounts.ReservePoolAddress
	marinade, lido := w.Marinade.Address, w.Lido.Address

	return venueAccounts{
		reserve:    reserve,
		reserveSOL: derived(t, ofPool(accounts.ReserveSOL, reserve), accounts.ReserveProgram),
		reserveFee: derived(t, ofPool(accounts.ReserveFeeAddress, reserve),
			accounts.ReserveProgram),
		protocolFee: derived(t, accounts.ReserveProtocolFeeAddress, accounts.ReserveProgram),
		solLeg:      derived(t, ofPool(accounts.MarinadeSOLLeg, marinade), w.Marinade.Program),
		mReserve:    derived(t, ofPool(accounts.MarinadeReserve, marinade), w.Marinade.Program),
		lidoReserve: derived(t, ofPool(accounts.LidoReserve, lido), w.Lido.Program),
		lidoStake:   lidoStake,
		bridge:      derived(t, accounts.RouterSOLBridgeOut, accounts.RouterProgram),
		prefunder:   derived(t, accounts.RouterPrefunder, accounts.RouterProgram),
	}
}

// fee returns the Router's fee account of a mint.
func (venueAccounts) fee(t *testing.T, mint solana.PublicKey) solana.PublicKey {
	t.Helper()
	return derived(t, func(program solana.PublicKey) (solana.PublicKey, error) {
		return accounts.RouterFeeTokenAccount(program, mint)
	}, accounts.RouterProgram)
}

// The trades that depend on the Reserve, Marinade, Lido and the Router.

func usesReserve(v venueTrade) bool {
	return v.venue == routerPrefunded || v.to == "SOL" && v.venue != marinadeUnstake
}

func usesMarinade(v venueTrade) bool { return v.from == mSOLName || v.to == mSOLName }

func usesMarinadeValidators(v venueTrade) bool {
	return v.to == mSOLName && v.from != "SOL" || v.from == mSOLName && v.venue != marinadeUnstake
}

func usesLido(v venueTrade) bool      { return v.from == stSOLs }
func usesPrefunder(v venueTrade) bool { return v.venue == routerPrefunded }
func usesBridge(v venueTrade) bool    { return v.venue == routerDeposit }

func usesRouterTo(name string) func(venueTrade) bool {
	return func(v venueTrade) bool {
		router := v.venue == routerVenue || usesPrefunder(v) || usesBridge(v)
		return v.to == name && router
	}
}

// tamperVenue changes accounts of a venue.
type tamperVenue func(t *testing.T, w *stakeWorld)

func changed(address solana.PublicKey, f func(*accounts.Account)) tamperVenue {
	return func(t *testing.T, w *stakeWorld) { w.change(t, address, f) }
}

// tamperedVenue is a change after which the affected trades must be refused.
type tamperedVenue struct {
	name    string
	tamper  tamperVenue
	affects func(venueTrade) bool
	want    error
}

// venueAccount is an account that trades depend on. A system account has no
// data.
type venueAccount struct {
	name    string
	address solana.PublicKey
	affects func(venueTrade) bool
	system  bool
}

// listed are the accounts on which trades depend.
func (a venueAccounts) listed(t *testing.T, w *stakeWorld) []venueAccount {
	t.Helper()
	mSOL, stSOL := w.Marinade.State.MSOLMint, w.Lido.State.StSOLMint

	return []venueAccount{
		{"Reserve's pool", a.reserve, usesReserve, false},
		{"Reserve's fee", a.reserveFee, usesReserve, false},
		{"Reserve's protocol fee", a.protocolFee, usesReserve, false},
		{"Reserve's SOL", a.reserveSOL, usesReserve, true},
		{"Marinade's state", w.Marinade.Address, usesMarinade, false},
		{"Marinade's mint", mSOL, usesMarinade, false},
		{"Marinade's mSOL leg", w.Marinade.State.LiqPool.MSOLLeg, usesMarinade, false},
		{"Marinade's SOL leg", a.solLeg, usesMarinade, true},
		{"Marinade's reserve", a.mReserve, usesMarinade, true},
		{"Marinade's validator list", w.Marinade.State.ValidatorSystem.ValidatorList.Account,
			usesMarinadeValidators, false},
		{"Lido's state", w.Lido.Address, usesLido, false},
		{"Lido's mint", stSOL, usesLido, false},
		{"Lido's validator list", w.Lido.State.ValidatorList, usesLido, false},
		{"Lido's stake account", a.lidoStake, usesLido, false},
		{"Lido's reserve", a.lidoReserve, usesLido, true},
		{"Router's SOL bridge", a.bridge, usesBridge,
			true},
		{"Router's prefunder", a.prefunder, usesPrefunder, true},
		{"Router's fee account of SOL", a.fee(t, accounts.NativeMint), usesRouterTo("SOL"), false},
		{"Router's fee account of bSOL", a.fee(t, w.mint(t, target)), usesRouterTo(target), false},
		{"Router's fee account of mSOL", a.fee(t, mSOL), usesRouterTo(mSOLName), false},
	}
}

// tampered returns the changes that make an account unusable.
func (a venueAccount) tampered() []tamperedVenue {
	list := []tamperedVenue{
		{
			name:    a.name + " missing",
			tamper:  func(t *testing.T, w *stakeWorld) { w.remove(t, a.address) },
			affects: a.affects,
			want:    accounts.ErrNotFound,
		},
		{
			name: a.name + " of another program",
			tamper: changed(a.address, func(account *accounts.Account) {
				account.Owner = accounts.AssociatedTokenProgram
			}),
			affects: a.affects,
			want:    accounts.ErrWrongOwner,
		},
	}
	if !a.system {
		list = append(list, tamperedVenue{
			name: a.name + " cut short",
			tamper: changed(a.address, func(account *accounts.Account) {
				account.Data = account.Data[:7]
			}),
			affects: a.affects,
			want:    accounts.ErrWrongLength,
		})
	}

	return list
}

// tamperedMarinade are changes of Marinade's accounts.
func tamperedMarinade(t *testing.T, w *stakeWorld) []tamperedVenue {
	t.Helper()
	mSOL, otherMint := w.Marinade.State.MSOLMint, w.mint(t, source)

	return []tamperedVenue{
		{"Marinade of another mint", changed(w.Marinade.Address, func(a *accounts.Account) {
			state := w.Marinade.State
			state.MSOLMint = otherMint
			copy(a.Data, state.Encode())
		}), usesMarinade, route.ErrMismatch},
		{"Marinade with another validator list",
			changed(w.Marinade.Address, func(a *accounts.Account) {
				state := w.Marinade.State
				state.ValidatorSystem.ValidatorList.Account = solana.PublicKey{5}
				copy(a.Data, state.Encode())
			}), usesMarinadeValidators, accounts.ErrNotLoaded},
		{"Marinade's mint of the other token program",
			changed(mSOL, func(account *accounts.Account) {
				account.Owner = accounts.Token2022Program
			}),
			usesMarinade, route.ErrMismatch},
		{"Marinade's list is that of stakes", func(t *testing.T, w *stakeWorld) {
			list := w.accounts(t)[w.Marinade.State.StakeSystem.StakeList.Account]
			w.change(t, w.Marinade.State.ValidatorSystem.ValidatorList.Account,
				func(a *accounts.Account) { a.Data = list.Data })
		}, usesMarinadeValidators, accounts.ErrWrongType},
		{"Marinade paused", changed(w.Marinade.Address, func(a *accounts.Account) {
			state := w.Marinade.State
			state.Paused = true
			copy(a.Data, state.Encode())
		}), usesMarinade, quote.ErrDisabled},
	}
}

// tamperedLido are changes of Lido's accounts.
func tamperedLido(t *testing.T, w *stakeWorld) []tamperedVenue {
	t.Helper()
	otherMint := w.mint(t, source)

	return []tamperedVenue{
		{"Lido of another mint", changed(w.Lido.Address, func(a *accounts.Account) {
			state := w.Lido.State
			state.StSOLMint = otherMint
			copy(a.Data, state.Encode())
		}), usesLido, route.ErrMismatch},
		{"Lido with another validator list", changed(w.Lido.Address, func(a *accounts.Account) {
			state := w.Lido.State
			state.ValidatorList = solana.PublicKey{5}
			copy(a.Data, state.Encode())
		}), usesLido, accounts.ErrNotLoaded},
	}
}

// tamperedRouter are changes of the accounts of the Router and the Reserve.
func (a venueAccounts) tamperedRouter(t *testing.T, w *stakeWorld) []tamperedVenue {
	t.Helper()
	mSOL, otherMint := w.Marinade.State.MSOLMint, w.mint(t, source)

	return []tamperedVenue{
		{"Router's fee account of another mint", func(t *testing.T, w *stakeWorld) {
			other := w.accounts(t)[a.fee(t, otherMint)]
			w.change(t, a.fee(t, mSOL), func(a *accounts.Account) { a.Data = other.Data })
		}, usesRouterTo(mSOLName), route.ErrMismatch},
		{"Router's fee account frozen",
			changed(a.fee(t, mSOL), func(a *accounts.Account) { a.Data[108] = 2 }),
			usesRouterTo(mSOLName), route.ErrMismatch},
		{"Router's bridge without funds",
			changed(a.bridge, func(a *accounts.Account) { a.Lamports = tokenRent }),
			usesBridge,
			quote.ErrInsufficientReserve},
		{"Router's prefunder without funds",
			changed(a.prefunder, func(a *accounts.Account) { a.Lamports = 2*stakeRent - 1 }),
			usesPrefunder, quote.ErrRouterFunds},
		{"Reserve without SOL", changed(a.reserveSOL, func(a *accounts.Account) { a.Lamports = 0 }),
			usesReserve, quote.ErrInsufficientReserve},
	}
}

// Each account of the Reserve, Marinade, Lido and the Router is tampered with.
// The trades that depend on it are refused with the expected error in one line,
// and all others are quoted as before.
func TestMarket_TamperedAccounts(t *testing.T) {
	honest := newStakeWorld(t)
	want := make(map[venueTrade]route.Quote)
	m := honest.market(t)
	for _, v := range venueTrades {
		q, err := of(t, m, v.venue, v.request(t, honest, 20*sol, route.ExactIn))
		require.NoError(t, err, v)
		want[v] = q
	}

	a := newVenueAccounts(t, honest)
	rows := slices.Concat(tamperedMarinade(t, honest), tamperedLido(t, honest),
		a.tamperedRouter(t, honest))
	for _, account := range a.listed(t, honest) {
		rows = append(rows, account.tampered()...)
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
