package figures

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// Holding is one LST of a controller's pool: its entry in the list and the
// reserves of the pool.
type Holding struct {
	Symbol string            `json:"symbol,omitempty"`
	Entry  accounts.LSTState `json:"entry"`
	// Reserves and FeeAccumulator are in base units.
	Reserves       uint64 `json:"reserves"`
	FeeAccumulator uint64 `json:"fee_accumulator,omitempty"`
	// StakePool is the address of the LST's SPL stake pool, or zero. The pool
	// itself is not part of the holding.
	StakePool solana.PublicKey `json:"stake_pool"`
}

// FlatFee is the state of the flat-fee pricing program.
type FlatFee struct {
	State accounts.FlatFeeState `json:"state"`
	Fees  []FlatFeeEntry        `json:"fees"`
}

// FlatFeeEntry is the fee account of one LST.
type FlatFeeEntry struct {
	Mint solana.PublicKey        `json:"mint"`
	Fee  accounts.FlatFeeAccount `json:"fee"`
}

// Calculator is the state of a SOL value calculator.
type Calculator struct {
	Program solana.PublicKey         `json:"program"`
	State   accounts.CalculatorState `json:"state"`
}

// Infinity is the pool of a controller with its pricing and calculators, but
// without the stake pools of its LSTs.
type Infinity struct {
	Program     solana.PublicKey        `json:"program"`
	Pool        accounts.PoolState      `json:"pool"`
	LPMint      accounts.Mint           `json:"lp_mint"`
	Holdings    []Holding               `json:"holdings"`
	FlatFee     *FlatFee                `json:"flat_fee,omitempty"`
	FlatSlab    *accounts.FlatSlab      `json:"flat_slab,omitempty"`
	Calculators []Calculator            `json:"calculators"`
	Marinade    *accounts.MarinadeState `json:"marinade,omitempty"`
	Lido        *accounts.LidoState     `json:"lido,omitempty"`
}

// List returns the pool's list of LSTs.
func (f *Infinity) List() accounts.LSTStateList {
	entries := make([]accounts.LSTState, len(f.Holdings))
	for i, h := range f.Holdings {
		entries[i] = h.Entry
	}
	return accounts.NewLSTStateList(entries...)
}

// Accounts returns the accounts of the pool, without those of the stake pools.
func (f *Infinity) Accounts(rent accounts.Rent) ([]accounts.Account, error) {
	controller, err := accounts.NewController(f.Program)
	if err != nil {
		return nil, err
	}

	all := []accounts.Account{
		account(controller.PoolState, f.Program, 0, f.Pool.Encode(), 0),
		account(controller.LSTStateList, f.Program, 0, f.List().Encode(), 0),
		account(f.Pool.LPTokenMint, accounts.TokenProgram, 0, f.LPMint.Encode(),
			accounts.MintSpace),
	}

	tokenRent, err := rent.MinimumBalance(accounts.TokenAccountSpace)
	if err != nil {
		return nil, err
	}

	for _, h := range f.Holdings {
		reserves, err := controller.Reserves(accounts.TokenProgram, h.Entry.Mint)
		if err != nil {
			return nil, err
		}

		accumulator, err := controller.FeeAccumulator(accounts.TokenProgram, h.Entry.Mint)
		if err != nil {
			return nil, err
		}

		all = append(all,
			TokenAccount(reserves, h.Entry.Mint, controller.PoolState, h.Reserves, tokenRent),
			TokenAccount(accumulator, h.Entry.Mint, controller.ProtocolFee, h.FeeAccumulator,
				tokenRent))
	}

	pricing, err := f.pricingAccounts()
	if err != nil {
		return nil, err
	}

	all = append(all, pricing...)
	for _, c := range f.Calculators {
		address, err := accounts.CalculatorStateAddress(c.Program)
		if err != nil {
			return nil, err
		}

		all = append(all, account(address, c.Program, 0, c.State.Encode(), 0))
	}

	if f.Marinade != nil {
		all = append(all,
			account(accounts.MarinadeStateAddress, accounts.MarinadeProgram, 0, f.Marinade.Encode(),
				accounts.MarinadeStateSpace))
	}

	if f.Lido != nil {
		all = append(all,
			account(accounts.LidoStateAddress, accounts.LidoProgram, 0, f.Lido.Encode(),
				lidoStateSpace))
	}

	return withRent(all, rent)
}

func (f *Infinity) pricingAccounts() ([]accounts.Account, error) {
	var all []accounts.Account
	if f.FlatSlab != nil {
		slab, err := accounts.FlatSlabAddress(accounts.FlatSlabProgram)
		if err != nil {
			return nil, err
		}

		all = append(all, account(slab, accounts.FlatSlabProgram, 0, f.FlatSlab.Encode(), 0))
	}

	if f.FlatFee == nil {
		return all, nil
	}

	state, err := accounts.FlatFeeStateAddress(accounts.FlatFeeProgram)
	if err != nil {
		return nil, err
	}

	all = append(all, account(state, accounts.FlatFeeProgram, 0, f.FlatFee.State.Encode(), 0))
	for _, e := range f.FlatFee.Fees {
		address, err := accounts.FlatFeeAccountAddress(accounts.FlatFeeProgram, e.Mint)
		if err != nil {
			return nil, err
		}

		all = append(all, account(address, accounts.FlatFeeProgram, 0, e.Fee.Encode(), 0))
	}

	return all, nil
}

// TokenAccount returns an account of the classic token program. For wrapped SOL
// its balance includes the amount.
func TokenAccount(address, mint, owner solana.PublicKey, amount, rent uint64) accounts.Account {
	t := accounts.TokenAccount{
		Mint:   mint,
		Owner:  owner,
		Amount: amount,
		State:  accounts.TokenInitialized,
	}

	lamports := rent
	if mint == accounts.NativeMint {
		t.NativeReserve = &rent
		lamports += amount
	}

	return account(address, accounts.TokenProgram, lamports, t.Encode(), accounts.TokenAccountSpace)
}

// withRent raises the balance of each account to at least its rent-exempt
// minimum.
func withRent(all []accounts.Account, rent accounts.Rent) ([]accounts.Account, error) {
	for i := range all {
		least, err := rent.MinimumBalance(uint64(len(all[i].Data)))
		if err != nil {
			return nil, fmt.Errorf("rent of %s: %w", all[i].Address, err)
		}
		all[i].Lamports = max(all[i].Lamports, least)
	}
	return all, nil
}

// Quote returns the pool as input of package quote at a slot. The stake pools
// are given by address.
func (f *Infinity) Quote(
	chain Chain,
	slot uint64,
	pools map[solana.PublicKey]*accounts.StakePool,
) quote.InfinityState {
	q := quote.InfinityState{
		Address:  f.Program,
		Pool:     f.Pool,
		LPSupply: f.LPMint.Supply,
		Slot:     slot,
		LSTs:     make(map[solana.PublicKey]quote.InfinityLST),
	}

	for i, h := range f.Holdings {
		lst := quote.InfinityLST{
			Index:    uint32(i),
			State:    h.Entry,
			Reserves: h.Reserves,
		}

		value, err := f.value(h, chain, pools)
		if err != nil {
			lst.Unavailable = err
		} else {
			lst.Value = value
		}

		q.LSTs[h.Entry.Mint] = lst
	}

	switch f.Pool.PricingProgram {
	case accounts.FlatSlabProgram:
		q.Pricing = quote.FlatSlab{LPMint: f.Pool.LPTokenMint, Slab: f.FlatSlab}
	case accounts.FlatFeeProgram:
		pricing := quote.FlatFee{
			State: f.FlatFee.State,
			Fees:  make(map[solana.PublicKey]accounts.FlatFeeAccount),
		}
		if f.Pool.Version == accounts.PoolStateV1 {
			pricing.LPMint = f.Pool.LPTokenMint
		}

		for _, e := range f.FlatFee.Fees {
			pricing.Fees[e.Mint] = e.Fee
		}

		q.Pricing = pricing

	default:
		q.PricingErr = quote.ErrUnknownPricing
	}

	return q
}

func (f *Infinity) value(
	h Holding,
	chain Chain,
	pools map[solana.PublicKey]*accounts.StakePool,
) (quote.SOLValueCalculator, error) {
	switch h.Entry.Calculator {
	case accounts.WrappedSOLCalculator:
		return quote.WrappedSOLValue{}, nil
	case accounts.MarinadeCalculator:
		return quote.NewMarinadeValue(f.Marinade)
	case accounts.LidoCalculator:
		return quote.NewLidoValue(f.Lido, chain.Clock)
	}

	pool, ok := pools[h.StakePool]
	if !ok {
		return nil, quote.ErrUnknownCalculator
	}

	return quote.NewStakePoolValue(pool, chain.Clock)
}

// lidoStateSpace is the size of Lido's state on mainnet, in bytes.
const lidoStateSpace = 7953
