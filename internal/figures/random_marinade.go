package figures

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// Sizes of the records in Marinade's lists on mainnet, and the minimum balance
// of its reserve and liquidity pool.
const (
	marinadeValidatorItem = 61
	marinadeStakeItem     = 56
	marinadeTokenRent     = 2_039_280
)

// RandomMarinade returns a random and consistent state of Marinade, in version
// 2.0: the amounts agree with each other and the addresses are derived. The
// fees, the limits, the price, the liquidity, the stake and the tickets vary.
func RandomMarinade(rng *rand.Rand, chain Chain) (*Marinade, error) {
	return RandomMarinadeAt(rng, chain, RandomKey(rng), RandomKey(rng))
}

// RandomMarinadeAt is [RandomMarinade] with the given addresses of the state
// and the mint.
func RandomMarinadeAt(
	rng *rand.Rand,
	chain Chain,
	address, mint solana.PublicKey,
) (*Marinade, error) {
	f := &Marinade{
		Program: accounts.MarinadeProgram,
		Address: address,
		SOLLeg:  marinadeTokenRent + randomSurplus(rng, 30_000*sol),
		MSOLLeg: randomSurplus(rng, 1_000*sol),
	}
	if rng.IntN(4) == 0 {
		f.MSOLLeg = 0
	}

	s := &f.State
	*s = accounts.MarinadeState{
		MSOLMint:                    mint,
		AdminAuthority:              RandomKey(rng),
		OperationalSOLAccount:       RandomKey(rng),
		TreasuryMSOLAccount:         RandomKey(rng),
		RentExemptForTokenAcc:       marinadeTokenRent,
		RewardFee:                   rng.Uint32N(1001),
		AvailableReserveBalance:     randomSurplus(rng, 100_000*sol),
		EmergencyCoolingDown:        randomSurplus(rng, 10_000*sol),
		CirculatingTicketCount:      1 + rng.Uint64N(1000),
		MinDeposit:                  randomLeast(rng),
		MinWithdraw:                 randomLeast(rng),
		StakingSOLCap:               math.MaxUint64,
		PauseAuthority:              RandomKey(rng),
		DelayedUnstakeFee:           randomCents(rng),
		WithdrawStakeAccountFee:     randomCents(rng),
		WithdrawStakeAccountEnabled: true,
	}

	s.StakeSystem = accounts.MarinadeStakeSystem{
		StakeList: accounts.MarinadeList{
			Account:  RandomKey(rng),
			ItemSize: marinadeStakeItem,
		},
		DelayedUnstakeCoolingDown: randomSurplus(rng, 10_000*sol),
		LastStakeDeltaEpoch:       chain.Clock.Epoch - rng.Uint64N(3),
		MinStake:                  max(chain.MinimumDelegation, randomSurplus(rng, sol)),
		SlotsForStakeDelta:        18_000,
		ExtraStakeDeltaRuns:       100,
	}

	s.ValidatorSystem = accounts.MarinadeValidatorSystem{
		ValidatorList: accounts.MarinadeList{
			Account:  RandomKey(rng),
			ItemSize: marinadeValidatorItem,
		},
		ManagerAuthority: RandomKey(rng),
	}

	most := rng.Uint32N(1001)
	s.LiqPool = accounts.MarinadeLiqPool{
		LPMint:            RandomKey(rng),
		MSOLLeg:           RandomKey(rng),
		LPLiquidityTarget: 50*sol + randomSurplus(rng, 30_000*sol),
		LPMaxFee:          most,
		LPMinFee:          rng.Uint32N(most + 1),
		TreasuryCut:       rng.Uint32N(7501),
		LiquiditySOLCap:   math.MaxUint64,
	}

	authorities, err := f.setBumps()
	if err != nil {
		return nil, err
	}

	f.addStakes(rng, chain, authorities)
	f.Reserve = marinadeTokenRent + s.AvailableReserveBalance
	total := f.Controlled()
	s.CirculatingTicketBalance = rng.Uint64N(total/10 + 1)
	s.MSOLSupply = randomSupply(rng, total-s.CirculatingTicketBalance)
	f.Mint = accounts.Mint{
		MintAuthority: &authorities.mint,
		Supply:        s.MSOLSupply - min(s.MSOLSupply, rng.Uint64N(100)),
		Decimals:      9,
	}

	f.Treasury = &accounts.TokenAccount{
		Mint:   s.MSOLMint,
		Owner:  s.AdminAuthority,
		Amount: randomSurplus(rng, 1000*sol),
		State:  accounts.TokenInitialized,
	}

	return f, nil
}

// marinadeAuthorities are the authorities of Marinade's mint and stake
// accounts.
type marinadeAuthorities struct{ mint, staker, withdrawer solana.PublicKey }

// setBumps derives the bump seeds that the state stores.
func (f *Marinade) setBumps() (a marinadeAuthorities, err error) {
	s := &f.State
	for seed, into := range map[string]struct {
		address *solana.PublicKey
		bump    *uint8
	}{
		"reserve":              {nil, &s.ReserveBumpSeed},
		"liq_sol":              {nil, &s.LiqPool.SOLLegBumpSeed},
		"liq_st_sol_authority": {nil, &s.LiqPool.MSOLLegAuthorityBumpSeed},
		"st_mint":              {&a.mint, &s.MSOLMintAuthorityBumpSeed},
		"withdraw":             {&a.withdrawer, &s.StakeSystem.StakeWithdrawBumpSeed},
		"deposit":              {&a.staker, &s.StakeSystem.StakeDepositBumpSeed},
	} {
		address, bump, err := solana.FindProgramAddress([][]byte{f.Address[:], []byte(seed)},
			f.Program)
		if err != nil {
			return a, fmt.Errorf("derive %s of Marinade: %w", seed, err)
		}

		*into.bump = bump
		if into.address != nil {
			*into.address = address
		}
	}

	return a, nil
}

// addStakes adds some validators, with some stake accounts each.
func (f *Marinade) addStakes(rng *rand.Rand, chain Chain, authorities marinadeAuthorities) {
	s := &f.State
	epoch := chain.Clock.Epoch
	for range 1 + rng.IntN(4) {
		v := accounts.MarinadeValidatorRecord{
			VoteAccount:             RandomKey(rng),
			Score:                   rng.Uint32N(10_000),
			DuplicationFlagBumpSeed: uint8(250 + rng.IntN(6)),
		}

		for range rng.IntN(4) {
			delegated := s.StakeSystem.MinStake + randomSurplus(rng, 50_000*sol)
			account := Delegated(authorities.withdrawer, StoredRent, v.VoteAccount, delegated,
				epoch-1-rng.Uint64N(100))
			account.Staker = authorities.staker
			live := &quote.StakeAccountState{Lamports: delegated + StoredRent, Account: account}
			if rng.IntN(4) == 0 {
				// Lamports that were sent to the stake account and do not count
				// as stake.
				live.Lamports += rng.Uint64N(3 * sol)
			}

			f.Stakes = append(f.Stakes, MarinadeStake{
				Record: accounts.MarinadeStakeRecord{
					StakeAccount:                RandomKey(rng),
					LastUpdateDelegatedLamports: delegated,
					LastUpdateEpoch:             epoch,
					Spare: make([]byte,
						marinadeStakeItem-accounts.MarinadeStakeRecordSize),
				},
				Stake: live,
			})

			v.ActiveBalance += delegated
		}

		s.ValidatorSystem.TotalActiveBalance += v.ActiveBalance
		s.ValidatorSystem.TotalValidatorScore += v.Score
		f.Validators = append(f.Validators, v)
	}

	s.ValidatorSystem.ValidatorList.Count = uint32(len(f.Validators))
	s.StakeSystem.StakeList.Count = uint32(len(f.Stakes))

	f.ValidatorListSpace = accounts.MarinadeListHeaderSize +
		marinadeValidatorItem*(len(f.Validators)+rng.IntN(3))
	f.StakeListSpace = accounts.MarinadeListHeaderSize +
		marinadeStakeItem*(len(f.Stakes)+1+rng.IntN(3))
}

// randomLeast returns Marinade's own limit, or a larger one.
func randomLeast(rng *rand.Rand) uint64 {
	if rng.IntN(4) > 0 {
		return 1
	}
	return RandomAmount(rng, sol)
}

// randomCents returns a small fee, in hundredths of a basis point.
func randomCents(rng *rand.Rand) uint32 {
	return [...]uint32{0, 1000, 1500, rng.Uint32N(2001)}[rng.IntN(4)]
}
