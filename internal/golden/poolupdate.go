package golden

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// PoolUpdates is a file of recorded updates of whole stake pools.
type PoolUpdates struct {
	Chain figures.Chain    `json:"chain"`
	Cases []PoolUpdateCase `json:"cases"`
}

// MarshalText returns the file as JSON with one case per line.
func (f *PoolUpdates) MarshalText() ([]byte, error) {
	return lines(f.Chain, "pools", []struct{}{}, f.Cases)
}

// PoolUpdateCase is the update of a random stale pool.
type PoolUpdateCase struct {
	Seed    uint64           `json:"seed"`
	Program solana.PublicKey `json:"program"`
	// Build is the hash of the program that executed the case.
	Build string `json:"build"`
	// Most is the largest number of validators that the pool may have.
	Most uint64 `json:"most"`
	// Digest is that of the accounts after the update, see [UpdateDigest]. It
	// is empty if the program refused the update.
	Digest string `json:"digest,omitempty"`
}

// Pool returns the pool before the update.
func (c *PoolUpdateCase) Pool(chain figures.Chain) (*figures.StakePool, error) {
	return figures.RandomStalePool(rand.New(rand.NewPCG(c.Seed, 4)), c.Program, chain, c.Most)
}

// Forecast computes the update with package quote.
func (c *PoolUpdateCase) Forecast(
	pool *figures.StakePool, chain figures.Chain,
) (quote.UpdatedStakePool, error) {
	q := pool.Quote(chain, quote.StakePoolFeeRounding(c.Build))
	q.UpdateKnown, q.Update = quote.StakePoolUpdateKnown(c.Build), pool.Balances()
	return q.AfterUpdate()
}

// UpdateDigest returns the hash of a pool after its update: its account without
// the preferred validators, which only some builds reset, the validator list,
// the balance of the reserve, and both stake accounts of each validator.
func UpdateDigest(
	state accounts.StakePool,
	list []accounts.ValidatorStakeInfo,
	reserve uint64,
	stakes []*quote.StakeAccountState,
) string {
	h := sha256.New()
	state.PreferredDepositValidator, state.PreferredWithdrawValidator = nil, nil
	h.Write(state.Encode())
	h.Write(accounts.ValidatorList{Validators: list}.Encode())
	h.Write(binary.LittleEndian.AppendUint64(nil, reserve))
	for _, s := range stakes {
		if s == nil {
			h.Write([]byte{0})
			continue
		}

		h.Write(binary.LittleEndian.AppendUint64([]byte{1}, s.Lamports))
		h.Write(s.Account.Encode())
	}

	return hex.EncodeToString(h.Sum(nil)[:16])
}

// ForecastDigest is [UpdateDigest] of a forecast.
func ForecastDigest(after *quote.UpdatedStakePool) string {
	var stakes []*quote.StakeAccountState
	for i := range after.Validators {
		v := &after.Validators[i]
		stakes = append(stakes, v.Active, v.Transient)
	}
	return UpdateDigest(after.Pool.State, after.List(), after.Pool.ReserveLamports, stakes)
}
