package figures

import (
	"math/rand/v2"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// Reserve is the state of a pool of the Sanctum Reserve and of its other
// accounts.
type Reserve struct {
	Address     solana.PublicKey            `json:"address"`
	Pool        accounts.ReservePool        `json:"pool"`
	Fee         accounts.ReserveFee         `json:"fee"`
	ProtocolFee accounts.ReserveProtocolFee `json:"protocol_fee"`
	// Lamports is the balance of the account that holds the pool's SOL.
	Lamports uint64 `json:"lamports"`
	LPSupply uint64 `json:"lp_supply"`
}

// Sizes of the Reserve's accounts, in bytes.
const (
	reservePoolSpace        = 88
	reserveFeeSpace         = 48
	reserveProtocolFeeSpace = 104
)

// Quote returns the Reserve as input of package quote.
func (r *Reserve) Quote(chain Chain) quote.ReserveState {
	return quote.ReserveState{
		Address:            r.Address,
		Pool:               r.Pool,
		Fee:                r.Fee,
		ProtocolFee:        r.ProtocolFee,
		Lamports:           r.Lamports,
		Rent:               chain.Rent,
		Clock:              chain.Clock,
		LPSupply:           r.LPSupply,
		EpochRewardsActive: chain.RewardsActive,
	}
}

// Accounts returns the accounts of the Reserve. Each has at least its
// rent-exempt minimum, except the account with the pool's SOL, whose balance is
// Lamports.
func (r *Reserve) Accounts(rent accounts.Rent) ([]accounts.Account, error) {
	program := accounts.ReserveProgram
	sol, err := accounts.ReserveSOL(program, r.Address)
	if err != nil {
		return nil, err
	}

	fee, err := accounts.ReserveFeeAddress(program, r.Address)
	if err != nil {
		return nil, err
	}

	protocolFee, err := accounts.ReserveProtocolFeeAddress(program)
	if err != nil {
		return nil, err
	}

	mint := accounts.Mint{
		MintAuthority: &sol,
		Supply:        r.LPSupply,
		Decimals:      9,
	}

	all, err := withRent([]accounts.Account{
		account(r.Address, program, 0, r.Pool.Encode(), reservePoolSpace),
		account(fee, program, 0, r.Fee.Encode(), reserveFeeSpace),
		account(protocolFee, program, 0, r.ProtocolFee.Encode(), reserveProtocolFeeSpace),
		account(r.Pool.LPMint, accounts.TokenProgram, 0, mint.Encode(), accounts.MintSpace),
		account(r.ProtocolFee.Destination, accounts.SystemProgram, 0, nil, 0),
	}, rent)

	return append(all, account(sol, accounts.SystemProgram, r.Lamports, nil, 0)), err
}

// RandomReserve returns a random and consistent state of the Reserve. The fees,
// their distribution, the size and the utilization vary.
func RandomReserve(rng *rand.Rand) *Reserve {
	ratio := func(limit uint64) accounts.Ratio {
		d := 1 + rng.Uint64N(100_000)
		return accounts.Ratio{Numerator: rng.Uint64N(d/limit + 1), Denominator: d}
	}

	r := &Reserve{
		Address:  RandomKey(rng),
		Lamports: sol + RandomAmount(rng, 400_000*sol),
		LPSupply: RandomAmount(rng, 400_000*sol),
		Pool: accounts.ReservePool{
			FeeAuthority:  RandomKey(rng),
			LPMint:        RandomKey(rng),
			IncomingStake: RandomAmount(rng, 100_000*sol),
			RecordRent:    RandomAmount(rng, sol),
		},
		ProtocolFee: accounts.ReserveProtocolFee{
			Destination:      RandomKey(rng),
			Authority:        RandomKey(rng),
			FeeRatio:         ratio(1),
			ReferrerFeeRatio: ratio(1),
		},
	}
	if rng.IntN(4) == 0 {
		r.Fee = accounts.ReserveFee{Kind: accounts.ReserveFeeFlat, Flat: ratio(20)}
		return r
	}

	r.Fee = accounts.ReserveFee{
		Kind: accounts.ReserveFeeLiquidityLinear,
		MaxLiqRemaining: accounts.Ratio{
			Numerator:   rng.Uint64N(20),
			Denominator: 1000 + rng.Uint64N(9000),
		},
		ZeroLiqRemaining: accounts.Ratio{Numerator: 40 + rng.Uint64N(60), Denominator: 1000},
	}

	return r
}
