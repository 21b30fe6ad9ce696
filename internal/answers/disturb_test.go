package answers_test

import (
	"math"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
)

// disturbance is an unusual condition of a market.
type disturbance struct {
	name string
	do   func(*world)
}

func (w *world) anyPool() *figures.StakePool { return pick(w.rng, w.StakePools) }

// disturbances are the conditions that occur, or could occur.
var disturbances = []disturbance{
	{"a stale pool", func(w *world) { w.age(w.anyPool()) }},
	{"all pools stale", func(w *world) {
		for _, p := range w.StakePools {
			w.age(p)
		}
	}},
	{"a stale validator", func(w *world) { w.anyPool().Validators[0].Entry.LastUpdateEpoch-- }},
	{"Lido stale", func(w *world) { w.Lido.State.ExchangeRate.ComputedInEpoch-- }},
	{"rewards active", func(w *world) { w.Chain.RewardsActive = true }},
	{"the first minutes of an epoch", func(w *world) {
		w.Chain.Clock.UnixTimestamp = w.Chain.Clock.EpochStartTimestamp + w.rng.Int64N(700)
	}},
	{"builds unknown", func(w *world) {
		for _, program := range accounts.StakePoolPrograms() {
			w.builds[program] = "00"
		}
	}},
	{"no builds", func(w *world) { clear(w.builds) }},
	{"Marinade of another build", func(w *world) {
		w.builds[accounts.MarinadeProgram] = ""
		w.Marinade.State.DepositSOLFee = w.rng.Uint32N(2000)
		w.Marinade.State.DepositStakeAccountFee = w.rng.Uint32N(2000)
	}},
	{"a pool with authorities", func(w *world) {
		p, key := w.anyPool(), figures.RandomKey(w.rng)
		switch w.rng.IntN(3) {
		case 0:
			p.State.SOLDepositAuthority = &key
		case 1:
			p.State.SOLWithdrawAuthority = &key
		case 2:
			p.State.StakeDepositAuthority = key
		}
	}},
	{"a preferred validator", func(w *world) {
		p := w.anyPool()
		vote := pick(w.rng, p.Validators).Entry.VoteAccount
		if one(w.rng, 2) {
			p.State.PreferredDepositValidator = &vote
		} else {
			p.State.PreferredWithdrawValidator = &vote
		}
	}},
	{"a fee of 100 %", func(w *world) {
		s := &w.anyPool().State
		fee := accounts.Fee{Numerator: 1, Denominator: 1}
		*pick(w.rng,
			[]*accounts.Fee{&s.SOLDepositFee, &s.StakeDepositFee, &s.SOLWithdrawalFee,
				&s.StakeWithdrawalFee}) = fee
	}},
	{"a pool without its fee account", func(w *world) { w.anyPool().FeeAccount = nil }},
	{
		"a pool without a reserve",
		func(w *world) { w.anyPool().Reserve.Lamports = figures.StoredRent },
	},
	{"pools with large reserves", func(w *world) {
		for _, p := range w.StakePools {
			p.Reserve.Lamports += 50_000 * sol
		}
	}},
	{"a pool of whales", func(w *world) {
		p := w.anyPool()
		p.State.TotalLamports = math.MaxUint64 - w.rng.Uint64N(1<<40)
		p.State.PoolTokenSupply = math.MaxUint64 - w.rng.Uint64N(1<<60)
	}},
	{"an empty pool", func(w *world) {
		p := w.anyPool()
		p.State.TotalLamports, p.State.PoolTokenSupply = 0, 0
	}},
	{"a validator that leaves", func(w *world) {
		p := w.anyPool()
		p.Validators[0].Entry.Status = accounts.ValidatorDeactivating
	}},
	{"transient stake", func(w *world) {
		p := w.anyPool()
		v := &p.Validators[w.rng.IntN(len(p.Validators))]
		if v.Active != nil {
			transient := *v.Active
			transient.Account.Delegation.DeactivationEpoch = w.Chain.Clock.Epoch
			v.Transient, v.Entry.TransientStakeLamports = &transient, transient.Lamports
		}
	}},
	{"the Reserve dry", func(w *world) { w.Reserve.Lamports = w.rng.Uint64N(20 * sol) }},
	{"the Reserve large", func(w *world) { w.Reserve.Lamports = 400_000 * sol }},
	{"the Router without funds", func(w *world) {
		if one(w.rng, 2) {
			w.Router.Prefunder = w.rng.Uint64N(5_000_000)
		} else {
			w.Router.SOLBridge = w.rng.Uint64N(3_000_000)
		}
	}},
	{"Infinity switched off", func(w *world) { w.Infinity.Pool.IsDisabled = true }},
	{"Infinity rebalancing", func(w *world) { w.Infinity.Pool.IsRebalancing = true }},
	{"an input switched off", func(w *world) {
		w.Infinity.Holdings[w.rng.IntN(len(w.Infinity.Holdings))].Entry.IsInputDisabled = true
	}},
	{"nothing held of a token", func(w *world) {
		h := &w.Infinity.Holdings[w.rng.IntN(len(w.Infinity.Holdings))]
		h.Reserves, h.Entry.SOLValue = 0, 0
	}},
	{"much held of all tokens", func(w *world) {
		for i := range w.Infinity.Holdings {
			h := &w.Infinity.Holdings[i]
			h.Reserves, h.Entry.SOLValue = h.Reserves+100_000*sol, h.Entry.SOLValue+100_000*sol
			w.Infinity.Pool.TotalSOLValue += 100_000 * sol
		}
	}},
	{"no INF", func(w *world) { w.Infinity.LPMint.Supply = 0 }},
	{"other pricing", func(w *world) { w.Infinity.Pool.PricingProgram = solana.PublicKey{5} }},
	{"another calculator", func(w *world) {
		h := &w.Infinity.Holdings[w.rng.IntN(len(w.Infinity.Holdings))]
		h.Entry.Calculator = solana.PublicKey{6}
	}},
	{"programs deployed anew", func(w *world) { w.DeploySlot++ }},
	{
		"a token that is not listed",
		func(w *world) { w.Infinity.Holdings = w.Infinity.Holdings[1:] },
	},
	{"Marinade paused", func(w *world) { w.Marinade.State.Paused = true }},
	{
		"Marinade keeps its stake",
		func(w *world) { w.Marinade.State.WithdrawStakeAccountEnabled = false },
	},
	{"Marinade nearly full", func(w *world) {
		w.Marinade.State.StakingSOLCap = w.Marinade.Controlled() + w.rng.Uint64N(100*sol)
	}},
	{
		"Marinade's pool shallow",
		func(w *world) { w.Marinade.SOLLeg = 2_039_280 + w.rng.Uint64N(50*sol) },
	},
	{"Marinade's treasury gone", func(w *world) { w.Marinade.Treasury = nil }},
	{"Lido's validators without stake", func(w *world) {
		for i := range w.Lido.Validators {
			w.Lido.Validators[i].Stake = nil
		}
	}},
	{"a token of Token-2022", func(w *world) {
		w.tokens[w.rng.IntN(len(w.tokens))].TokenProgram = accounts.Token2022Program
	}},
	{"a registry that is wrong about a pool", func(w *world) {
		t := &w.tokens[w.rng.IntN(len(w.tokens))]
		switch w.rng.IntN(3) {
		case 0:
			t.ValidatorList = figures.RandomKey(w.rng)
		case 1:
			t.Pool = figures.RandomKey(w.rng)
		case 2:
			t.Program = accounts.SanctumMultiStakePoolProgram
		}
	}},
	{
		"the chain at a slot before",
		func(w *world) { w.Chain.Clock.Slot -= min(w.Chain.Clock.Slot, w.rng.Uint64N(1_000_000)) },
	},
}

// age makes a pool and all its validators one epoch old.
func (w *world) age(p *figures.StakePool) {
	p.State.LastUpdateEpoch = w.Chain.Clock.Epoch - 1
	for i := range p.Validators {
		p.Validators[i].Entry.LastUpdateEpoch = w.Chain.Clock.Epoch - 1
	}
}

// scarce reduces the reserves, so that a single route is not enough.
func (w *world) scarce() {
	limit := pick(w.rng, []uint64{20 * sol, 200 * sol, 2_000 * sol})
	for _, p := range w.StakePools {
		p.Reserve.Lamports = min(p.Reserve.Lamports, figures.StoredRent+w.rng.Uint64N(limit))
	}

	for i := range w.Infinity.Holdings {
		h := &w.Infinity.Holdings[i]
		if left := min(h.Reserves, w.rng.Uint64N(limit)); h.Reserves > 0 {
			was := h.Entry.SOLValue
			h.Entry.SOLValue = uint64(float64(was) * float64(left) / float64(h.Reserves))
			h.Reserves = left
			w.Infinity.Pool.TotalSOLValue -= was - h.Entry.SOLValue
		}
	}

	w.Reserve.Lamports = w.rng.Uint64N(limit)
	w.Reserve.Pool.IncomingStake = min(w.Reserve.Pool.IncomingStake, w.Reserve.Lamports)
	w.Marinade.SOLLeg = 2_039_280 + w.rng.Uint64N(limit)
	w.tell("reserves scarce, below %d", limit)
}

// disturb applies up to three disturbances to most markets.
func (w *world) disturb() {
	if one(w.rng, 2) {
		w.scarce()
	}
	for range []int{0, 0, 1, 1, 1, 2, 3}[w.rng.IntN(7)] {
		d := pick(w.rng, disturbances)
		d.do(w)
		w.tell("%s", d.name)
	}
}
