package figures

import (
	"math/rand/v2"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// Sizes of the Reserve's accounts that are allocated longer than they are packed, in bytes.
const reserveFeeSpace = 48

// Reserve is a pool of the Sanctum Reserve and the accounts around it.
type Reserve struct {
	Program solana.PublicKey     `json:"program"`
	Address solana.PublicKey     `json:"address"`
	Pool    accounts.ReservePool `json:"pool"`
	Fee     accounts.ReserveFee  `json:"fee"`
	// ProtocolFee is shared by all pools of the program.
	ProtocolFee accounts.ReserveProtocolFee `json:"protocol_fee"`
	// Lamports is the balance of the pool's SOL account.
	Lamports uint64 `json:"lamports"`
	LPSupply uint64 `json:"lp_supply"`
}

// Accounts are the accounts of the pool as they are on chain, each with at least the rent of its size. The protocol's part goes to a
// wallet that is there already.
func (r *Reserve) Accounts(rent accounts.Rent) ([]accounts.Account, error) {
	sol, err := accounts.ReserveSOL(r.Program, r.Address)
	if err != nil {
		return nil, err
	}
	fee, err := accounts.ReserveFeeAddress(r.Program, r.Address)
	if err != nil {
		return nil, err
	}
	protocolFee, err := accounts.ReserveProtocolFeeAddress(r.Program)
	if err != nil {
		return nil, err
	}
	mint := accounts.Mint{MintAuthority: &sol, Supply: r.LPSupply, Decimals: 9}
	all, err := withRent([]accounts.Account{
		account(r.Address, r.Program, 0, r.Pool.Encode(), 0),
		account(fee, r.Program, 0, r.Fee.Encode(), reserveFeeSpace),
		account(protocolFee, r.Program, 0, r.ProtocolFee.Encode(), 0),
		account(r.Pool.LPMint, accounts.TokenProgram, 0, mint.Encode(), accounts.MintSpace),
		account(r.ProtocolFee.Destination, accounts.SystemProgram, 0, nil, 0),
	}, rent)
	return append(all, accounts.Account{Address: sol, Owner: accounts.SystemProgram, Lamports: r.Lamports}), err
}

// Quote is the pool as package quote sees it.
func (r *Reserve) Quote(chain Chain) quote.Reserve {
	return quote.Reserve{
		Address: r.Address, Pool: r.Pool, Fee: r.Fee, ProtocolFee: r.ProtocolFee, Lamports: r.Lamports, LPSupply: r.LPSupply,
		Rent: chain.Rent, Clock: chain.Clock, EpochRewardsActive: chain.RewardsActive,
	}
}

// RandomReserve is a Reserve with random figures, at an address of its own. Its fee is one the program accepts, most often one that
// rises with the use of its SOL.
func RandomReserve(rng *rand.Rand) *Reserve {
	ratio := func(limit uint64) accounts.Ratio {
		d := 1 + rng.Uint64N(100_000)
		return accounts.Ratio{Numerator: rng.Uint64N(d/limit + 1), Denominator: d}
	}
	r := &Reserve{
		Program: accounts.ReserveProgram, Address: RandomKey(rng), Lamports: sol + RandomAmount(rng, 400_000*sol),
		LPSupply: RandomAmount(rng, 400_000*sol),
		Pool: accounts.ReservePool{
			FeeAuthority: RandomKey(rng), LPMint: RandomKey(rng), IncomingStake: RandomAmount(rng, 100_000*sol), RecordRent: RandomAmount(rng, sol),
		},
		ProtocolFee: accounts.ReserveProtocolFee{
			Destination: RandomKey(rng), Authority: RandomKey(rng), FeeRatio: ratio(1), ReferrerFeeRatio: ratio(1),
		},
	}
	if rng.IntN(4) == 0 {
		r.Fee = accounts.ReserveFee{Kind: accounts.ReserveFeeFlat, Flat: ratio(20)}
		return r
	}
	r.Fee = accounts.ReserveFee{
		Kind: accounts.ReserveFeeLiquidityLinear, MaxLiqRemaining: accounts.Ratio{Numerator: rng.Uint64N(20), Denominator: 1000 + rng.Uint64N(9000)},
		ZeroLiqRemaining: accounts.Ratio{Numerator: 40 + rng.Uint64N(60), Denominator: 1000},
	}
	return r
}
