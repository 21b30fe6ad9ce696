package e2e

import (
	"slices"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// This file has the effects of Infinity, the Reserve and Lido.

// infinityState returns Infinity as input of package quote.
func (f *forecast) infinityState() quote.InfinityState {
	pool := *f.infinity
	c, err := accounts.NewController(pool.Program)
	require.NoError(f.t, err)
	list := decoded(f, c.LSTStateList, accounts.DecodeLSTStateList)
	pool.Pool = *decoded(f, c.PoolState, accounts.DecodePoolState)
	pool.LPMint = *decoded(f, pool.Pool.LPTokenMint, accounts.DecodeMint)
	pool.Marinade = decoded(f, accounts.MarinadeStateAddress, accounts.DecodeMarinadeState)
	pool.Lido = decoded(f, accounts.LidoStateAddress, accounts.DecodeLidoState)
	pool.Holdings = slices.Clone(pool.Holdings)
	states := make(map[solana.PublicKey]*accounts.StakePool)
	for i := range pool.Holdings {
		h := &pool.Holdings[i]
		h.Entry = list.At(i)
		reserves, err := c.Reserves(accounts.TokenProgram, h.Entry.Mint)
		require.NoError(f.t, err)
		h.Reserves = f.token(reserves).Amount
		if !h.StakePool.IsZero() {
			states[h.StakePool] = decoded(f, h.StakePool, accounts.DecodeStakePool)
		}
	}

	return pool.Quote(f.chain, f.chain.Clock.Slot, states)
}

// record writes what a trade changes in Infinity's own accounts.
func (f *forecast) record(t quote.InfinityTrade) {
	c, err := accounts.NewController(f.infinity.Program)
	require.NoError(f.t, err)
	entries := slices.Collect(func(yield func(accounts.LSTState) bool) {
		for _, e := range decoded(f, c.LSTStateList, accounts.DecodeLSTStateList).All() {
			if !yield(e) {
				return
			}
		}
	})

	for i := range entries {
		for _, synced := range t.LSTs {
			if synced.Mint == entries[i].Mint {
				entries[i].SOLValue = synced.SOLValue
			}
		}
	}

	supply := decoded(f, t.Pool.LPTokenMint, accounts.DecodeMint).Supply
	f.addSupply(t.Pool.LPTokenMint, t.LPSupply-supply)
	f.put(c.LSTStateList, accounts.NewLSTStateList(entries...).Encode())
	f.put(c.PoolState, t.Pool.Encode())
}

func (b booked) swap() error {
	q := b.infinityState()
	swap := q.Swap
	if b.Name == "SwapExactOut" {
		swap = q.SwapExactOut
	}

	t, err := swap(b.key("input mint"), b.key("output mint"), b.amount("amount"))
	if err != nil {
		return err
	}

	b.addTokens(b.key("input token account"), -t.In)
	b.addTokens(b.key("input pool reserves"), t.In)
	b.addTokens(b.key("output pool reserves"), -t.Out-t.ProtocolFee)
	b.addTokens(b.key("output token account"), t.Out)
	b.addTokens(b.key("protocol fee accumulator"), t.ProtocolFee)
	b.record(t)

	return nil
}

func (b booked) addLiquidity() error {
	t, err := b.infinityState().Swap(b.key("LST mint"), b.key("LP mint"), b.amount("amount"))
	if err != nil {
		return err
	}

	b.addTokens(b.key("LST token account"), -t.In)
	b.addTokens(b.key("pool reserves"), t.In-t.ProtocolFee)
	b.addTokens(b.key("protocol fee accumulator"), t.ProtocolFee)
	b.addTokens(b.key("LP token account"), t.Out)
	b.record(t)

	return nil
}

func (b booked) removeLiquidity() error {
	t, err := b.infinityState().Swap(b.key("LP mint"), b.key("LST mint"), b.amount("amount"))
	if err != nil {
		return err
	}

	b.addTokens(b.key("LP token account"), -t.In)
	b.addTokens(b.key("pool reserves"), -t.Out-t.ProtocolFee)
	b.addTokens(b.key("protocol fee accumulator"), t.ProtocolFee)
	b.addTokens(b.key("LST token account"), t.Out)
	b.record(t)

	return nil
}

func (b booked) syncValue() error {
	q, mint := b.infinityState(), b.key("LST mint")
	held := q.LSTs[mint]
	if held.Unavailable != nil {
		return held.Unavailable
	}

	worth, err := held.Value.LSTToSOL(held.Reserves)
	if err != nil {
		return err
	}

	q.Pool.TotalSOLValue += worth.Min - held.State.SOLValue
	b.record(quote.InfinityTrade{
		Pool:     q.Pool,
		LPSupply: q.LPSupply,
		LSTs:     []quote.SyncedLST{{Mint: mint, SOLValue: worth.Min}},
	})

	return nil
}

// reserveState returns the Reserve as input of package quote.
func (f *forecast) reserveState() (figures.Reserve, quote.ReserveState) {
	r := *f.reserve
	sol, err := accounts.ReserveSOL(accounts.ReserveProgram, r.Address)
	require.NoError(f.t, err)
	r.Pool = *decoded(f, r.Address, accounts.DecodeReservePool)
	r.Lamports = f.at(sol).Lamports
	r.LPSupply = decoded(f, r.Pool.LPMint, accounts.DecodeMint).Supply
	return r, r.Quote(f.chain)
}

func (b booked) sellStake() error {
	u, err := b.sell(b.key("stake account"), b.key("stake account record"))
	if err != nil {
		return err
	}
	if b.Name == "UnstakeWsol" {
		b.addTokens(b.key("destination token account"), u.Out)
	} else {
		b.addLamports(b.key("destination"), u.Out)
	}
	return nil
}

// sell sells a stake account to the Reserve. The caller pays the output out.
func (f *forecast) sell(stake, record solana.PublicKey) (quote.Unstake, error) {
	r, q := f.reserveState()
	s := f.stake(stake)
	require.NotNil(f.t, s)
	if err := q.Sellable(&s.Account, s.Account.Withdrawer); err != nil {
		return quote.Unstake{}, err
	}

	u, err := q.Unstake(s.Lamports, f.at(record).Lamports, false)
	if err != nil {
		return u, err
	}

	f.sold(r, u, stake, record)

	return u, nil
}

// sold writes what a sale changes, except the payment to the seller.
func (f *forecast) sold(r figures.Reserve, u quote.Unstake, stake, record solana.PublicKey) {
	sol, err := accounts.ReserveSOL(accounts.ReserveProgram, r.Address)
	require.NoError(f.t, err)
	s := f.stake(stake)
	s.Account.Staker, s.Account.Withdrawer = sol, sol
	f.putStake(stake, s)
	a := f.at(record)
	a.Owner, a.Lamports = accounts.ReserveProgram, a.Lamports+u.RecordRent
	a.Data = accounts.ReserveStakeAccountRecord{LamportsAtCreation: s.Lamports}.Encode()
	f.content[record] = a
	f.put(r.Address, u.Pool.Encode())
	f.addLamports(sol, u.Lamports-f.at(sol).Lamports)
	f.addLamports(r.ProtocolFee.Destination, u.ProtocolFee)
}

func (b booked) addReserve() error {
	_, q := b.reserveState()
	lamports := b.amount("lamports")
	minted, err := q.AddLiquidity(lamports)
	if err != nil {
		return err
	}

	b.addLamports(b.key("lamports source"), -lamports)
	b.addLamports(b.key("pool SOL"), lamports)
	b.addTokens(b.key("destination token account"), minted)
	b.addSupply(b.key("LP mint"), minted)

	return nil
}

func (b booked) removeReserve() error {
	_, q := b.reserveState()
	tokens := b.amount("LP tokens")
	lamports, err := q.RemoveLiquidity(tokens)
	if err != nil {
		return err
	}

	b.addTokens(b.key("source token account"), -tokens)
	b.addSupply(b.key("LP mint"), -tokens)
	b.addLamports(b.key("pool SOL"), -lamports)
	b.addLamports(b.key("destination"), lamports)

	return nil
}

// lido returns Lido as input of package quote.
func (f *forecast) lido() quote.LidoState {
	state := decoded(f, accounts.LidoStateAddress, accounts.DecodeLidoState)
	return quote.LidoState{
		Address:           accounts.LidoStateAddress,
		State:             *state,
		List:              decoded(f, state.ValidatorList, accounts.DecodeLidoValidatorList),
		Clock:             f.chain.Clock,
		Rent:              f.chain.Rent,
		MinimumDelegation: f.chain.MinimumDelegation,
	}
}

func (b booked) lidoUpdate() error {
	q := b.lido()
	q.Update = &quote.LidoBalances{
		ReserveLamports: b.at(b.key("reserve")).Lamports,
		MintSupply:      decoded(b.forecast, q.State.StSOLMint, accounts.DecodeMint).Supply,
	}

	u, err := q.Updated()
	if err == nil {
		b.put(q.Address, u.State.Encode())
	}

	return err
}

func (b booked) lidoWithdraw() error {
	return b.lidoWithdrawal(b.amount("stSOL"), b.key("source token account"),
		b.key("stake account to split"), b.key("destination stake account"),
		b.key("token authority"))
}

// lidoWithdrawal splits stake off the stake of a validator of Lido.
func (f *forecast) lidoWithdrawal(
	tokens uint64, source, validator, destination, owner solana.PublicKey,
) error {
	q := f.lido()
	from := f.stake(validator)
	require.NotNil(f.t, from)
	w, err := q.Withdraw(tokens, *from)
	if err != nil {
		return err
	}

	after, err := q.After(w)
	if err != nil {
		return err
	}

	f.splitOff(validator, destination, w.Lamports, owner)
	f.addTokens(source, -w.StSOL)
	f.addSupply(q.State.StSOLMint, -w.StSOL)
	f.put(q.Address, after.State.Encode())
	f.put(q.State.ValidatorList, after.List.Encode())

	return nil
}
