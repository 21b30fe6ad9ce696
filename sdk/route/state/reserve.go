package state

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// Reserve is the Sanctum Reserve, which buys stake accounts for SOL.
type Reserve struct {
	Keys instructions.Reserve

	// Pool is the state of the pool. Only the epoch of its Clock is kept up to
	// date, and whether lockups are in force.
	Pool quote.ReserveState

	// Prices are the prepared prices.
	Prices *quote.ReservePrices

	// Read are the accounts that the prices depend on.
	Read []solana.PublicKey

	// TokenRent is the rent of a token account, in lamports.
	TokenRent uint64
}

// Reserve returns the Reserve. The error is the reason why it cannot be used.
func (s *Snapshot) Reserve() (*Reserve, error) {
	if s.isZero() || s.ledger.reserve == nil {
		return nil, errNoPart
	}

	return partOf[*Reserve](s, s.ledger.reserve.part)
}

// addReserve adds the only pool of the Reserve program.
func (l *Ledger) addReserve() {
	if l.scope.WithoutStake {
		return
	}

	v := &reserve{program: accounts.ReserveProgram, pool: accounts.ReservePoolAddress}
	l.reserve = v
	v.solKey, v.err = accounts.ReserveSOL(v.program, v.pool)
	if v.err == nil {
		v.feeKey, v.err = accounts.ReserveFeeAddress(v.program, v.pool)
	}

	if v.err == nil {
		v.protocolFeeKey, v.err = accounts.ReserveProtocolFeeAddress(v.program)
	}

	v.account, v.sol, v.fee, v.protocolFee = NoIndex, NoIndex, NoIndex, NoIndex
	if v.err == nil {
		v.account = l.need(v.pool, 0)
		v.sol, v.fee = l.need(v.solKey, 0), l.need(v.feeKey, 0)
		v.protocolFee = l.need(v.protocolFeeKey, 0)
	}

	v.part = l.part(v)
}

// prepare returns a [Reserve].
func (v *reserve) prepare(r *reader) (any, error) {
	if v.err != nil {
		return nil, v.err
	}

	chain, err := r.chain()
	if err != nil {
		return nil, err
	}

	pool, err := load(r, v.account, accounts.DecodeReservePool)
	if err != nil {
		return nil, err
	}

	fee, err := load(r, v.fee, accounts.DecodeReserveFee)
	if err != nil {
		return nil, err
	}

	protocolFee, err := load(r, v.protocolFee, accounts.DecodeReserveProtocolFee)
	if err != nil {
		return nil, err
	}

	lamports, err := systemLamports(r, "SOL of the Reserve", v.sol)
	if err != nil {
		return nil, err
	}

	tokenRent, err := chain.TokenRent()
	if err != nil {
		return nil, err
	}

	keys, err := v.keysOf(pool, protocolFee)
	if err != nil {
		return nil, err
	}

	state := quote.ReserveState{
		Address:            v.pool,
		Pool:               *pool,
		Fee:                *fee,
		ProtocolFee:        *protocolFee,
		Lamports:           lamports,
		Rent:               chain.Rent,
		Clock:              chain.Clock,
		EpochRewardsActive: chain.RewardsActive,
	}

	return &Reserve{
		Keys:      keys,
		Pool:      state,
		Prices:    state.Prepare(),
		Read:      []solana.PublicKey{v.pool, v.solKey, v.feeKey, v.protocolFeeKey},
		TokenRent: tokenRent,
	}, nil
}

// keysOf returns the addresses for the Reserve's instructions.
func (v *reserve) keysOf(
	pool *accounts.ReservePool, protocolFee *accounts.ReserveProtocolFee,
) (instructions.Reserve, error) {
	v.lock.Lock()
	defer v.lock.Unlock()

	known := v.keys
	if known != nil && known.lpMint == pool.LPMint &&
		known.feeDestination == protocolFee.Destination {
		return known.keys, nil
	}

	keys, err := instructions.NewReserve(v.program, v.pool, pool, protocolFee)
	if err == nil {
		v.keys = &reserveKeys{
			lpMint:         pool.LPMint,
			feeDestination: protocolFee.Destination,
			keys:           keys,
		}
	}

	return keys, err
}
