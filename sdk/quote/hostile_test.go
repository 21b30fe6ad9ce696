package quote_test

import (
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// scramble sets up to three numbers anywhere in the states to values that
// accounts can hold but no program writes.
func scramble(rng *rand.Rand, states ...any) {
	var numbers []reflect.Value
	var collect func(v reflect.Value)
	collect = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer:
			if !v.IsNil() {
				collect(v.Elem())
			}

		case reflect.Struct:
			for i := range v.NumField() {
				collect(v.Field(i))
			}

		case reflect.Slice:
			for i := range v.Len() {
				collect(v.Index(i))
			}

		case reflect.Bool, reflect.Int64, reflect.Uint8, reflect.Uint32, reflect.Uint64:
			numbers = append(numbers, v)
		}
	}

	for _, s := range states {
		collect(reflect.ValueOf(s))
	}

	for range rng.IntN(4) {
		switch v := numbers[rng.IntN(len(numbers))]; v.Kind() {
		case reflect.Bool:
			v.SetBool(!v.Bool())
		case reflect.Int64:
			v.SetInt([]int64{0, 1, math.MaxInt64, math.MinInt64}[rng.IntN(4)])
		case reflect.Uint8:
			// Decoders accept only the known values of an enumeration.
			v.SetUint(rng.Uint64N(2))
		default:
			n := []uint64{0, 1, math.MaxUint64, math.MaxUint64 - 1, 1 << 63, rng.Uint64(),
				v.Uint() + 1, v.Uint() - 1}[rng.IntN(8)]
			v.SetUint(n & (1<<v.Type().Bits() - 1))
		}
	}
}

func hostileAmount(rng *rand.Rand) uint64 {
	return []uint64{0, 1, sol, 1_000 * sol, 1 << 62, math.MaxUint64 - 1, math.MaxUint64,
		rng.Uint64(), rng.Uint64N(1_000_000 * sol)}[rng.IntN(9)]
}

// requireParts checks that the sum of the parts is the whole, without overflow.
func requireParts(t require.TestingT, whole uint64, parts ...uint64) {
	sum := new(big.Int)
	for _, p := range parts {
		sum.Add(sum, new(big.Int).SetUint64(p))
	}
	require.Equal(t, new(big.Int).SetUint64(whole).String(), sum.String())
}

// TestStates_Hostile quotes from states that no program writes. The result must
// be a quote with parts that make up the whole, or an error of one line.
func TestStates_Hostile(t *testing.T) {
	quoted, refused := map[string]int{}, map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 3))
		for range 10 {
			check := func(name string, err error) bool {
				if err == nil {
					quoted[name]++
					return true
				}

				var known *quote.Error
				require.True(t, errors.As(err, &known) || errors.Is(err, quote.ErrInvalidState),
					"%s: %v", name, err)
				require.False(t, strings.ContainsAny(err.Error(), "\n\r"), err.Error())
				refused[name]++

				return false
			}

			n := hostileAmount(rng)
			hostileMarinade(t, rng, n, check)
			hostileLido(t, rng, n, check)
			hostileReserve(t, rng, n, check)
		}
	})

	require.Len(t, quoted, 22)
	for name := range quoted {
		require.Positive(t, refused[name], name)
	}
}

func hostileMarinade(t require.TestingT, rng *rand.Rand, n uint64, check func(string, error) bool) {
	m := marinade()
	source := marinadeSource()
	stake := marinadeStake()
	validators := marinadeValidators()
	ticket := &accounts.MarinadeTicket{State: m.Address, Lamports: sol, CreatedEpoch: 700}
	validators.Validators = append(validators.Validators, source.Validator)
	records := &accounts.MarinadeStakeList{Stakes: []accounts.MarinadeStakeRecord{source.Record}}
	scramble(rng, &m, &source, &stake, validators, ticket, records)

	_, err := m.Price()
	check("price", err)
	for _, deposit := range []func(uint64) (quote.MarinadeDeposit, error){m.Deposit,
		m.DepositExactOut} {
		if d, err := deposit(n); check("deposit", err) {
			requireParts(t, d.Lamports, d.ToLeg, d.ToReserve)
			requireParts(t, d.MSOL, d.FromLeg, d.Minted)
			require.LessOrEqual(t, d.Fee, d.Lamports)
		}
	}

	for _, unstake := range []func(uint64) (quote.MarinadeLiquidUnstake, error){m.LiquidUnstake,
		m.LiquidUnstakeExactOut} {
		if u, err := unstake(n); check("liquid unstake", err) {
			requireParts(t, u.MSOL, u.ToLeg, u.Treasury)
			require.LessOrEqual(t, u.Treasury, u.Fee)
			require.LessOrEqual(t, u.Fee, u.MSOL)
			require.LessOrEqual(t, u.Lamports, m.SOLLegLamports)
		}
	}

	for _, order := range []func(uint64) (quote.MarinadeOrder, error){m.OrderUnstake,
		m.OrderUnstakeExactOut} {
		if o, err := order(n); check("order", err) {
			require.LessOrEqual(t, o.MSOL, m.MintSupply)
			require.LessOrEqual(t, o.Lamports, math.MaxUint64-m.State.CirculatingTicketBalance,
				"Marinade can count the ticket")
		}
	}

	if c, err := m.Claim(ticket, n); check("claim", err) {
		require.LessOrEqual(t, c.Lamports, m.ReserveLamports)
	}

	if d, err := m.DepositStakeAccount(stake, validators, marinadeOwner); check("deposit stake",
		err) {
		requireParts(t, stake.Lamports, d.Staked, d.Kept)
	}

	if d, err := m.DepositStakeAccountExactOut(n, stake, validators, marinadeOwner); check(
		"deposit stake exact out",
		err,
	) {
		require.GreaterOrEqual(t, d.MSOL, n)
		require.LessOrEqual(t, d.Fee, d.Staked)
	}

	_, err = m.Records(n, records)
	check("records", err)
	picked, err := m.PickSource(n, records, validators,
		func(solana.PublicKey) (quote.StakeAccountState, bool) { return source.Stake, true })
	if check("pick", err) {
		require.Equal(t, uint32(0), picked.Index)
	}

	if w, err := m.WithdrawStakeAccount(n, source); check("withdraw stake", err) {
		requireParts(t, w.MSOL, w.Burned, w.Treasury)
		require.LessOrEqual(t, w.Lamports, source.Record.LastUpdateDelegatedLamports)
	}

	if w, err := m.WithdrawStakeAccountExactOut(n, source); check("withdraw stake exact out", err) {
		require.GreaterOrEqual(t, w.Lamports, n)
	}
}

func hostileLido(t require.TestingT, rng *rand.Rand, n uint64, check func(string, error) bool) {
	l, stake := mainLido()
	if rng.IntN(2) == 0 {
		l.Clock.Epoch++
		l.Update = &quote.LidoBalances{ReserveLamports: sol, MintSupply: 49_402_476_977_027}
	}

	scramble(rng, &l, &stake)
	for _, withdraw := range []func(uint64, quote.StakeAccountState) (quote.LidoWithdrawal, error){
		l.Withdraw, l.WithdrawExactOut,
		func(_ uint64, s quote.StakeAccountState) (quote.LidoWithdrawal, error) {
			return l.WithdrawMost(s)
		},
	} {
		w, err := withdraw(n, stake)
		if !check("withdraw from Lido", err) {
			continue
		}

		require.LessOrEqual(t, w.Lamports, stake.Account.Delegation.Stake)
		after, err := l.After(w)
		if check("after a withdrawal", err) {
			require.Equal(t, l.List.Validators[w.Index].StakeAccountsBalance-w.Lamports,
				after.List.Validators[w.Index].StakeAccountsBalance)
		}
	}

	_, err := l.After(quote.LidoWithdrawal{Index: uint32(n), Lamports: n, StSOL: n})
	check("after a withdrawal", err)
	_, err = l.Limit(stake)
	check("limit", err)
	_, err = l.Updated()
	check("updated", err)
}

func hostileReserve(t require.TestingT, rng *rand.Rand, n uint64, check func(string, error) bool) {
	p := prefund([]uint64{1, sol}[rng.IntN(2)], 6960)
	scramble(rng, &p)
	r := p.Reserve
	if u, err := r.Unstake(n, p.Record, true); check("unstake", err) {
		requireParts(t, u.In, u.Out, u.Fee)
		requireParts(t, r.Lamports, u.Lamports, u.RecordRent, u.Out, u.ProtocolFee)
	}

	if u, err := r.UnstakeExactOut(n, p.Record, false); check("unstake exact out", err) {
		require.GreaterOrEqual(t, u.Out, n)
	}

	_, err := r.UnstakeFor(n)
	check("unstake for", err)
	_, err = r.AddLiquidity(n)
	check("add liquidity", err)
	if lamports, err := r.RemoveLiquidity(n); check("remove liquidity", err) {
		require.LessOrEqual(t, lamports, r.Lamports)
	}

	if q, err := p.Quote(n); check("prefund", err) {
		requireParts(t, q.Withdrawn, q.Split, q.Staked)
		requireParts(t, q.Sale.Out, q.Lent, q.Gain)
	}

	rate := hostileAmount(rng) % 20_000
	if paid, err := quote.NewRouterPayout(n, rate); check("Router", err) {
		requireParts(t, n, paid.Fee, paid.Out)
	}
}
