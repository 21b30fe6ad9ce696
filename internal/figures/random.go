package figures

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

const sol = 1_000_000_000

// StoredRent is the rent that the stake program stores in every stake account,
// in lamports. It does not depend on the Rent sysvar.
const StoredRent = 2_282_880

// RandomKey returns a random public key, whose private key is unknown.
func RandomKey(rng *rand.Rand) (k solana.PublicKey) {
	for i := range k {
		k[i] = byte(rng.Uint32())
	}
	return k
}

// RandomAmount returns an amount from 1 to limit. The orders of magnitude are
// equally likely.
func RandomAmount(rng *rand.Rand, limit uint64) uint64 {
	bits := rng.IntN(64)
	return max(1, min(rng.Uint64N(2<<bits-1), rng.Uint64N(max(limit, 1))+1))
}

// RandomStakePools returns one random pool of each stake pool program.
func RandomStakePools(rng *rand.Rand, chain Chain) ([]*StakePool, error) {
	var pools []*StakePool
	for _, program := range accounts.StakePoolPrograms() {
		p, err := RandomStakePool(rng, program, chain)
		if err != nil {
			return nil, err
		}
		pools = append(pools, p)
	}
	return pools, nil
}

// RandomStakePool returns a random and consistent stake pool: the amounts agree
// with each other and the addresses are derived. The fees, the referral shares,
// the price, the size and the stake vary. Deposits and withdrawals need no
// authority.
func RandomStakePool(rng *rand.Rand, program solana.PublicKey, chain Chain) (*StakePool, error) {
	const rent = StoredRent
	p := &StakePool{
		Program:       program,
		Address:       RandomKey(rng),
		MaxValidators: 1 + rng.Uint32N(6),
	}

	withdrawAuthority, bump, err := solana.FindProgramAddress([][]byte{p.Address[:],
		[]byte("withdraw")},
		program)
	if err != nil {
		return nil, fmt.Errorf("derive withdraw authority: %w", err)
	}

	depositAuthority, err := accounts.StakePoolDepositAuthority(program, p.Address)
	if err != nil {
		return nil, err
	}

	s := &p.State
	*s = accounts.StakePool{
		Manager:                RandomKey(rng),
		Staker:                 RandomKey(rng),
		StakeDepositAuthority:  depositAuthority,
		StakeWithdrawBumpSeed:  bump,
		ValidatorList:          RandomKey(rng),
		ReserveStake:           RandomKey(rng),
		PoolMint:               RandomKey(rng),
		ManagerFeeAccount:      RandomKey(rng),
		TokenProgram:           accounts.TokenProgram,
		LastUpdateEpoch:        chain.Clock.Epoch,
		EpochFee:               randomFee(rng),
		StakeDepositFee:        randomFee(rng),
		StakeWithdrawalFee:     randomFee(rng),
		SOLDepositFee:          randomFee(rng),
		SOLWithdrawalFee:       randomFee(rng),
		NextEpochFee:           randomFutureFee(rng),
		NextStakeWithdrawalFee: randomFutureFee(rng),
		NextSOLWithdrawalFee:   randomFutureFee(rng),
		StakeReferralFee:       randomPercent(rng),
		SOLReferralFee:         randomPercent(rng),
	}

	p.Reserve = quote.StakeAccountState{
		Lamports: rent + randomSurplus(rng, 5_000*sol),
		Account:  initialized(withdrawAuthority, rent),
	}

	s.TotalLamports = p.Reserve.Lamports - rent
	for range 1 + rng.Uint32N(p.MaxValidators) {
		v := randomValidator(rng, withdrawAuthority, rent, chain)
		s.TotalLamports += v.Entry.ActiveStakeLamports + v.Entry.TransientStakeLamports
		p.Validators = append(p.Validators, v)
	}

	s.PoolTokenSupply = randomSupply(rng, s.TotalLamports)
	s.LastEpochTotalLamports = s.TotalLamports - s.TotalLamports/2500
	s.LastEpochPoolTokenSupply = s.PoolTokenSupply
	p.Mint = accounts.Mint{
		MintAuthority: &withdrawAuthority,
		Supply:        s.PoolTokenSupply,
		Decimals:      9,
	}

	p.FeeAccount = &accounts.TokenAccount{
		Mint:  s.PoolMint,
		Owner: s.Manager,
		State: accounts.TokenInitialized,
	}

	return p, nil
}

func randomValidator(
	rng *rand.Rand,
	authority solana.PublicKey,
	rent uint64,
	chain Chain,
) Validator {
	vote := RandomKey(rng)
	delegated := max(chain.MinimumDelegation, 1_000_000) + randomSurplus(rng, 100_000*sol)
	v := Validator{
		Entry: accounts.ValidatorStakeInfo{
			ActiveStakeLamports: rent + delegated,
			LastUpdateEpoch:     chain.Clock.Epoch,
			VoteAccount:         vote,
			TransientSeedSuffix: rng.Uint64N(3),
		},
		Active: &quote.StakeAccountState{
			Lamports: rent + delegated,
			Account: Delegated(authority, rent, vote, delegated,
				chain.Clock.Epoch-1-rng.Uint64N(100)),
		},
	}
	if rng.IntN(3) == 0 {
		v.Entry.ValidatorSeedSuffix = rng.Uint32()
	}

	if rng.IntN(4) == 0 {
		// Lamports that were sent to the stake account and do not count as
		// stake.
		v.Active.Lamports += rng.Uint64N(3 * sol)
	}

	return v
}

// Delegated returns a stake account that is active and has one authority for
// all roles.
func Delegated(
	authority solana.PublicKey,
	rent uint64,
	vote solana.PublicKey,
	stake, activationEpoch uint64,
) accounts.StakeAccount {
	a := initialized(authority, rent)
	a.State = accounts.StakeDelegated
	a.Delegation = accounts.Delegation{
		Voter:             vote,
		Stake:             stake,
		ActivationEpoch:   activationEpoch,
		DeactivationEpoch: accounts.NeverEpoch,
	}
	return a
}

func initialized(authority solana.PublicKey, rent uint64) accounts.StakeAccount {
	return accounts.StakeAccount{
		State:             accounts.StakeInitialized,
		RentExemptReserve: rent,
		Staker:            authority,
		Withdrawer:        authority,
	}
}

// randomFee returns a realistic fee, no fee or, rarely, a fee of 100 %.
func randomFee(rng *rand.Rand) accounts.Fee {
	switch rng.IntN(6) {
	case 0:
		return accounts.Fee{}
	case 1:
		return accounts.Fee{Numerator: rng.Uint64N(2), Denominator: 1 + rng.Uint64N(1000)}
	case 2:
		d := 1 + rng.Uint64N(math.MaxUint64)
		return accounts.Fee{Numerator: rng.Uint64N(d/100 + 1), Denominator: d}
	}

	d := 1 + rng.Uint64N(100_000)
	return accounts.Fee{Numerator: rng.Uint64N(d/10 + 1), Denominator: d}
}

func randomFutureFee(rng *rand.Rand) accounts.FutureFee {
	if n := uint8(rng.IntN(4)); n < 3 && n > 0 {
		return accounts.FutureFee{Updates: n, Fee: randomFee(rng)}
	}
	return accounts.FutureFee{}
}

func randomPercent(rng *rand.Rand) uint8 {
	return [...]uint8{0, 100, 50, uint8(rng.IntN(101))}[rng.IntN(4)]
}

// randomSurplus returns an amount that is mostly of the order of limit, and
// sometimes of a lower order.
func randomSurplus(rng *rand.Rand, limit uint64) uint64 {
	if rng.IntN(4) > 0 {
		return rng.Uint64N(limit)
	}
	return RandomAmount(rng, limit) - 1
}

// randomSupply returns a supply at which a token is worth about one SOL, or
// between a fraction of one SOL and two SOL.
func randomSupply(rng *rand.Rand, lamports uint64) uint64 {
	switch rng.IntN(4) {
	case 0:
		return max(1, lamports)
	case 1:
		return max(1, lamports/2+rng.Uint64N(lamports))
	}
	return max(1, lamports-lamports/100*rng.Uint64N(40)-rng.Uint64N(100))
}
