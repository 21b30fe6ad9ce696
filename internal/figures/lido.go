package figures

import (
	"fmt"
	"math/rand/v2"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// LidoValidator is one validator of Lido with the stake account from which
// withdrawals take stake. The stake account is nil if it does not exist.
type LidoValidator struct {
	Entry accounts.LidoValidator   `json:"entry"`
	Stake *quote.StakeAccountState `json:"stake,omitempty"`
}

// Lido is the state of Lido and of its other accounts.
type Lido struct {
	Program solana.PublicKey   `json:"program"`
	Address solana.PublicKey   `json:"address"`
	State   accounts.LidoState `json:"state"`
	// ReserveLamports is the balance of the reserve, including rent.
	ReserveLamports uint64          `json:"reserve_lamports"`
	Mint            accounts.Mint   `json:"mint"`
	MaxValidators   uint32          `json:"max_validators"`
	Validators      []LidoValidator `json:"validators"`
}

// List returns the list of Lido's validators.
func (l *Lido) List() *accounts.LidoValidatorList {
	list := &accounts.LidoValidatorList{MaxEntries: l.MaxValidators}
	for _, v := range l.Validators {
		list.Validators = append(list.Validators, v.Entry)
	}
	return list
}

// Quote returns Lido as input of package quote.
func (l *Lido) Quote(chain Chain) quote.LidoState {
	return quote.LidoState{
		Address:            l.Address,
		State:              l.State,
		List:               l.List(),
		Clock:              chain.Clock,
		Rent:               chain.Rent,
		MinimumDelegation:  chain.MinimumDelegation,
		EpochRewardsActive: chain.RewardsActive,
	}
}

// Balances returns the balances that an update of the exchange rate reads.
func (l *Lido) Balances() *quote.LidoBalances {
	return &quote.LidoBalances{ReserveLamports: l.ReserveLamports, MintSupply: l.Mint.Supply}
}

// Accounts returns the accounts of Lido. Each account except the reserve has at
// least its rent-exempt minimum.
func (l *Lido) Accounts(rent accounts.Rent) ([]accounts.Account, error) {
	list := l.List()
	all := []accounts.Account{
		account(l.Address, l.Program, 0, l.State.Encode(), lidoStateSpace),
		account(l.State.ValidatorList, l.Program, 0, list.Encode(), list.Space()),
		account(l.State.StSOLMint, accounts.TokenProgram, 0, l.Mint.Encode(), accounts.MintSpace),
	}

	for _, v := range l.Validators {
		if v.Stake == nil {
			continue
		}

		address, err := v.Entry.StakeAddress(l.Program, l.Address)
		if err != nil {
			return nil, err
		}

		all = append(all, stake(address, v.Stake))
	}

	all, err := withRent(all, rent)
	if err != nil {
		return nil, err
	}

	reserve, err := accounts.LidoReserve(l.Program, l.Address)
	if err != nil {
		return nil, err
	}

	// The exchange rate depends on the balance of the reserve, so the balance
	// is not raised.
	return append(all, account(reserve, accounts.SystemProgram, l.ReserveLamports, nil, 0)), nil
}

// RandomLido returns a random and consistent state of Lido: the amounts agree
// with each other and the addresses are derived. The price, the size and the
// stake vary. Several validators may share the highest stake.
func RandomLido(rng *rand.Rand, program solana.PublicKey, chain Chain) (*Lido, error) {
	return RandomLidoAt(rng, program, chain, RandomKey(rng), RandomKey(rng))
}

// RandomLidoAt is [RandomLido] with the given addresses of the state and the
// mint.
func RandomLidoAt(
	rng *rand.Rand,
	program solana.PublicKey,
	chain Chain,
	address, mint solana.PublicKey,
) (*Lido, error) {
	l := &Lido{
		Program:       program,
		Address:       address,
		MaxValidators: 1 + rng.Uint32N(6),
	}

	authority, stakeBump, err := l.authority("stake_authority")
	if err != nil {
		return nil, err
	}

	mintAuthority, mintBump, err := l.authority("mint_authority")
	if err != nil {
		return nil, err
	}

	_, reserveBump, err := l.authority("reserve_account")
	if err != nil {
		return nil, err
	}

	reserveRent, err := chain.Rent.MinimumBalance(0)
	if err != nil {
		return nil, fmt.Errorf("rent of the reserve: %w", err)
	}

	l.ReserveLamports = reserveRent + randomSurplus(rng, 1_000*sol)
	total := l.ReserveLamports - reserveRent
	scale := uint64(sol) << rng.IntN(24)
	for range 1 + rng.Uint32N(l.MaxValidators) {
		v := randomLidoValidator(rng, authority, scale, chain)
		total += v.Entry.StakeAccountsBalance
		l.Validators = append(l.Validators, v)
	}

	if n := len(l.Validators); n > 1 && rng.IntN(4) == 0 {
		// Two validators have the same effective stake.
		one, other := &l.Validators[rng.IntN(n)].Entry, &l.Validators[rng.IntN(n)].Entry
		total += one.StakeAccountsBalance - other.StakeAccountsBalance
		other.StakeAccountsBalance = one.StakeAccountsBalance
		other.UnstakeAccountsBalance = one.UnstakeAccountsBalance
		other.EffectiveStakeBalance = one.EffectiveStakeBalance
	}

	l.State = accounts.LidoState{
		Manager:        RandomKey(rng),
		StSOLMint:      mint,
		ValidatorList:  RandomKey(rng),
		MaintainerList: RandomKey(rng),
		ExchangeRate: accounts.LidoExchangeRate{
			ComputedInEpoch: chain.Clock.Epoch,
			SOLBalance:      max(1, total),
			StSOLSupply:     randomSupply(rng, max(1, total)),
		},
		ReserveBumpSeed:        reserveBump,
		StakeAuthorityBumpSeed: stakeBump,
		MintAuthorityBumpSeed:  mintBump,
		RewardDistribution: accounts.LidoRewardDistribution{
			TreasuryFee:       rng.Uint32N(10),
			DeveloperFee:      rng.Uint32N(10),
			StSOLAppreciation: 95,
		},
		FeeRecipients: accounts.LidoFeeRecipients{
			TreasuryAccount:  RandomKey(rng),
			DeveloperAccount: RandomKey(rng),
		},
		Metrics: accounts.LidoMetrics{
			WithdrawStSOLTotal: RandomAmount(rng, 10_000_000*sol),
			WithdrawSOLTotal:   RandomAmount(rng, 10_000_000*sol),
			WithdrawCount:      rng.Uint64N(100_000),
		},
		MaxCommissionPercentage: uint8(rng.IntN(101)),
	}

	l.Mint = accounts.Mint{
		MintAuthority: &mintAuthority,
		Supply:        l.State.ExchangeRate.StSOLSupply,
		Decimals:      9,
	}

	return l, nil
}

func (l *Lido) authority(name string) (address solana.PublicKey, bump uint8, err error) {
	address, bump, err = solana.FindProgramAddress([][]byte{l.Address[:], []byte(name)}, l.Program)
	if err != nil {
		return address, bump, fmt.Errorf("derive %s: %w", name, err)
	}
	return address, bump, nil
}

func randomLidoValidator(
	rng *rand.Rand,
	authority solana.PublicKey,
	scale uint64,
	chain Chain,
) LidoValidator {
	const rent = StoredRent
	vote := RandomKey(rng)
	delegated := max(chain.MinimumDelegation, sol) + randomSurplus(rng, scale)
	begin := rng.Uint64N(1000)
	v := LidoValidator{
		Entry: accounts.LidoValidator{
			VoteAccount:  vote,
			StakeSeeds:   accounts.LidoSeedRange{Begin: begin, End: begin + 1 + rng.Uint64N(3)},
			UnstakeSeeds: accounts.LidoSeedRange{Begin: begin, End: begin},
			Active:       rng.IntN(3) > 0,
		},
		Stake: &quote.StakeAccountState{
			Lamports: rent + delegated,
			Account: Delegated(authority, rent, vote, delegated,
				chain.Clock.Epoch-1-rng.Uint64N(100)),
		},
	}
	if rng.IntN(4) == 0 {
		// Lamports that do not count as stake, for example tips.
		v.Stake.Lamports += rng.Uint64N(3 * sol)
	}

	v.Entry.StakeAccountsBalance = v.Stake.Lamports
	if rng.IntN(4) == 0 {
		// Other stake accounts of the validator, some of which are
		// deactivating.
		v.Entry.StakeAccountsBalance += RandomAmount(rng, scale)
		v.Entry.UnstakeAccountsBalance = rng.Uint64N(v.Entry.StakeAccountsBalance)
		v.Entry.UnstakeSeeds.End++
	}

	v.Entry.EffectiveStakeBalance = v.Entry.StakeAccountsBalance - v.Entry.UnstakeAccountsBalance

	return v
}
