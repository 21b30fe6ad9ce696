package figures

import (
	"math/rand/v2"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// InfinityOptions are the parameters of a random pool of a controller.
type InfinityOptions struct {
	Program solana.PublicKey
	Version uint8
	// Pricing is the pricing program of the pool.
	Pricing solana.PublicKey
	// StakePools are the pools whose LSTs the controller holds. Calculators
	// maps a stake pool program to its calculator; nil stands for the
	// calculators of the three known programs.
	StakePools  []*StakePool
	Calculators map[solana.PublicKey]solana.PublicKey
	// UpgradeSlots are the deployments that the calculators have approved, by
	// pool program. The default is zero.
	UpgradeSlots map[solana.PublicKey]uint64
	// Slot is the current slot. The last release of yield is before it.
	Slot uint64
	// Marinade and Lido determine the values of mSOL and stSOL. They are random
	// if nil.
	Marinade *accounts.MarinadeState
	Lido     *accounts.LidoState
}

// RandomInfinity returns a random and consistent pool of a controller with
// wrapped SOL, mSOL, stSOL and the LSTs of some stake pools. The holdings, the
// fees, the rates and the recorded SOL values vary.
func RandomInfinity(rng *rand.Rand, chain Chain, o InfinityOptions) (*Infinity, error) {
	controller, err := accounts.NewController(o.Program)
	if err != nil {
		return nil, err
	}

	f := &Infinity{
		Program: o.Program,
		Pool: accounts.PoolState{
			Version:                o.Version,
			Admin:                  RandomKey(rng),
			RebalanceAuthority:     RandomKey(rng),
			ProtocolFeeBeneficiary: RandomKey(rng),
			PricingProgram:         o.Pricing,
			LPTokenMint:            accounts.INFMint,
		},
		LPMint:   accounts.Mint{MintAuthority: &controller.PoolState, Decimals: 9},
		Marinade: o.Marinade,
		Lido:     o.Lido,
	}
	if f.Marinade == nil {
		f.Marinade = randomMarinade(rng)
	}

	if f.Lido == nil {
		f.Lido = randomLido(rng, chain)
	}

	f.hold(rng, "SOL", accounts.NativeMint, accounts.WrappedSOLCalculator, solana.PublicKey{})
	f.hold(rng, "mSOL", accounts.MSOLMint, accounts.MarinadeCalculator, solana.PublicKey{})
	f.hold(rng, "stSOL", accounts.StSOLMint, accounts.LidoCalculator, solana.PublicKey{})
	if o.Calculators == nil {
		o.Calculators = make(map[solana.PublicKey]solana.PublicKey)
		for _, calculator := range []solana.PublicKey{accounts.SPLCalculator,
			accounts.SanctumSPLCalculator, accounts.SanctumSPLMultiCalculator} {
			program, _ := accounts.CalculatorPoolProgram(calculator)
			o.Calculators[program] = calculator
		}
	}

	states := States(o.StakePools)
	for _, p := range o.StakePools {
		f.hold(rng, p.Symbol, p.State.PoolMint, o.Calculators[p.Program], p.Address)
	}

	rng.Shuffle(len(f.Holdings),
		func(i, j int) { f.Holdings[i], f.Holdings[j] = f.Holdings[j], f.Holdings[i] })
	for i := range f.Holdings {
		h := &f.Holdings[i]
		value, err := f.value(*h, chain, states)
		if err != nil {
			return nil, err
		}

		worth, err := value.LSTToSOL(h.Reserves)
		if err != nil {
			return nil, err
		}

		// The recorded value is mostly slightly too low, and sometimes too
		// high.
		h.Entry.SOLValue = worth.Min - worth.Min/1000*rng.Uint64N(3)
		if rng.IntN(8) == 0 {
			h.Entry.SOLValue = worth.Min + rng.Uint64N(worth.Min/1000+2)
		}

		f.Pool.TotalSOLValue += h.Entry.SOLValue
	}

	f.LPMint.Supply = f.Pool.TotalSOLValue - f.Pool.TotalSOLValue/100*rng.Uint64N(60)
	randomPoolState(rng, &f.Pool, o.Slot)
	f.price(rng)

	return f, f.addCalculators(o)
}

// hold adds a holding.
func (f *Infinity) hold(rng *rand.Rand, symbol string, mint, calculator, pool solana.PublicKey) {
	h := Holding{
		Symbol:         symbol,
		Entry:          accounts.LSTState{Mint: mint, Calculator: calculator},
		StakePool:      pool,
		Reserves:       randomSurplus(rng, 100_000*sol),
		FeeAccumulator: randomSurplus(rng, 10*sol),
	}
	h.Entry.IsInputDisabled = rng.IntN(12) == 0
	f.Holdings = append(f.Holdings, h)
}

// setBumps derives the bump seeds that the programs store: those of the
// controller's token accounts and of the fee accounts.
func (f *Infinity) setBumps() error {
	controller, err := accounts.NewController(f.Program)
	if err != nil {
		return err
	}

	for i := range f.Holdings {
		e := &f.Holdings[i].Entry
		for owner, into := range map[solana.PublicKey]*uint8{
			controller.PoolState:   &e.PoolReservesBump,
			controller.ProtocolFee: &e.ProtocolFeeAccumulatorBump,
		} {
			_, bump, err := solana.FindProgramAddress([][]byte{owner[:], accounts.TokenProgram[:],
				e.Mint[:]},
				accounts.AssociatedTokenProgram)
			if err != nil {
				return err
			}

			*into = bump
		}
	}

	if f.FlatFee == nil {
		return nil
	}

	for i := range f.FlatFee.Fees {
		e := &f.FlatFee.Fees[i]
		_, bump, err := solana.FindProgramAddress([][]byte{[]byte("fee"), e.Mint[:]},
			accounts.FlatFeeProgram)
		if err != nil {
			return err
		}

		e.Fee.Bump = bump
	}

	return nil
}

func randomPoolState(rng *rand.Rand, p *accounts.PoolState, slot uint64) {
	if p.Version == accounts.PoolStateV1 {
		p.TradingProtocolFeeBps, p.LPProtocolFeeBps = uint16(rng.IntN(2000)), uint16(rng.IntN(2000))
		return
	}

	p.RPSAuthority = RandomKey(rng)
	p.ProtocolFeeNanos = rng.Uint32N(200_000_000)
	rates := [...]uint64{39_328_803_111_936, 9_223_372 + rng.Uint64N(1<<50), 1 << 63, 9_223_372}
	p.RPS = rates[rng.IntN(len(rates))]
	p.WithheldLamports = randomSurplus(rng, p.TotalSOLValue/1000+1)
	p.ProtocolFeeLamports = randomSurplus(rng, p.TotalSOLValue/2000+1)
	p.LastReleaseSlot = slot - min(slot, randomSurplus(rng, 500_000))
}

// price sets the fees in the pricing program of the pool. Some are rebates.
func (f *Infinity) price(rng *rand.Rand) {
	mints := []solana.PublicKey{f.Pool.LPTokenMint}
	for _, h := range f.Holdings {
		mints = append(mints, h.Entry.Mint)
	}

	if f.Pool.PricingProgram == accounts.FlatFeeProgram {
		f.FlatFee = &FlatFee{State: accounts.FlatFeeState{
			Manager:            RandomKey(rng),
			LPWithdrawalFeeBps: uint16(rng.IntN(100)),
		}}

		for _, m := range mints {
			fee := accounts.FlatFeeAccount{
				InputFeeBps:  int16(rng.IntN(60) - 10),
				OutputFeeBps: int16(rng.IntN(60) - 10),
			}

			f.FlatFee.Fees = append(f.FlatFee.Fees, FlatFeeEntry{Mint: m, Fee: fee})
		}

		return
	}

	f.FlatSlab = &accounts.FlatSlab{Admin: RandomKey(rng)}
	for _, m := range mints {
		e := accounts.FlatSlabEntry{
			Mint:        m,
			InpFeeNanos: rng.Int32N(6_000_000) - 1_000_000,
			OutFeeNanos: rng.Int32N(6_000_000) - 1_000_000,
		}

		f.FlatSlab.Entries = append(f.FlatSlab.Entries, e)
	}

	slices.SortFunc(f.FlatSlab.Entries,
		func(a, b accounts.FlatSlabEntry) int { return accounts.CompareKeys(a.Mint, b.Mint) })
}

// addCalculators adds the states of the used calculators.
func (f *Infinity) addCalculators(o InfinityOptions) error {
	for _, h := range f.Holdings {
		calculator := h.Entry.Calculator
		known := slices.ContainsFunc(f.Calculators,
			func(c Calculator) bool { return c.Program == calculator })
		if known || calculator == accounts.WrappedSOLCalculator {
			continue
		}

		program, _ := accounts.CalculatorPoolProgram(calculator)
		f.Calculators = append(f.Calculators, Calculator{
			Program: calculator,
			State: accounts.CalculatorState{
				Manager:         f.Pool.Admin,
				LastUpgradeSlot: o.UpgradeSlots[program],
			},
		})
	}

	return f.setBumps()
}

func randomMarinade(rng *rand.Rand) *accounts.MarinadeState {
	s := &accounts.MarinadeState{
		MSOLMint:                    accounts.MSOLMint,
		AvailableReserveBalance:     randomSurplus(rng, 1_000_000*sol),
		EmergencyCoolingDown:        randomSurplus(rng, 100_000*sol),
		CirculatingTicketBalance:    randomSurplus(rng, 100_000*sol),
		WithdrawStakeAccountEnabled: true,
		WithdrawStakeAccountFee:     [...]uint32{0, 1000, 1500, rng.Uint32N(2001)}[rng.IntN(4)],
	}

	s.ValidatorSystem.TotalActiveBalance = sol + randomSurplus(rng, 4_000_000*sol)
	s.StakeSystem.DelayedUnstakeCoolingDown = randomSurplus(rng, 100_000*sol)
	total := s.ValidatorSystem.TotalActiveBalance + s.AvailableReserveBalance
	s.MSOLSupply = max(1, total-total/100*rng.Uint64N(40))

	return s
}

func randomLido(rng *rand.Rand, chain Chain) *accounts.LidoState {
	balance := sol + randomSurplus(rng, 100_000*sol)
	s := &accounts.LidoState{StSOLMint: accounts.StSOLMint}
	s.ExchangeRate = accounts.LidoExchangeRate{
		ComputedInEpoch: chain.Clock.Epoch,
		SOLBalance:      balance,
		StSOLSupply:     max(1, balance-balance/100*rng.Uint64N(30)),
	}
	return s
}
