package accounts

import (
	"encoding/binary"
	"fmt"

	"github.com/gagliardetto/solana-go"
)

// findPDA derives a program address and names it in the error, which cannot
// happen for seeds of this module in practice.
func findPDA(name string, program solana.PublicKey, seeds ...[]byte) (solana.PublicKey, error) {
	address, _, err := solana.FindProgramAddress(seeds, program)
	if err != nil {
		return solana.PublicKey{}, fmt.Errorf("derive %s of program %s: %w", name, program, err)
	}
	return address, nil
}

// withSeed derives an address the way the system program's instructions with a
// seed do.
func withSeed(
	name string,
	base solana.PublicKey,
	seed string,
	owner solana.PublicKey,
) (solana.PublicKey, error) {
	address, err := solana.CreateWithSeed(base, seed, owner)
	if err != nil {
		return solana.PublicKey{}, fmt.Errorf("derive %s of %s: %w", name, base, err)
	}
	return address, nil
}

func u64Seed(v uint64) []byte { return binary.LittleEndian.AppendUint64(nil, v) }

// StakePoolWithdrawAuthority derives the authority over a pool's stake and mint
// by searching its bump seed. With a decoded pool at hand
// [StakePool.WithdrawAuthority] is exact and faster.
func StakePoolWithdrawAuthority(program, pool solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("stake pool withdraw authority", program, pool[:], []byte("withdraw"))
}

// WithdrawAuthority derives the authority over the pool's stake and mint as the
// program does, from the bump seed stored in the pool.
func (p *StakePool) WithdrawAuthority(program, pool solana.PublicKey) (solana.PublicKey, error) {
	if p == nil {
		return solana.PublicKey{}, fmt.Errorf(
			"derive withdraw authority of stake pool %s: %w state",
			pool,
			ErrNil,
		)
	}

	address, err := solana.CreateProgramAddress([][]byte{pool[:], []byte("withdraw"),
		{p.StakeWithdrawBumpSeed}},
		program)
	if err != nil {
		return solana.PublicKey{}, fmt.Errorf("derive withdraw authority of stake pool %s: %w",
			pool, err)
	}

	return address, nil
}

// StakePoolDepositAuthority derives a pool's default stake deposit authority,
// which makes stake deposits permissionless.
func StakePoolDepositAuthority(program, pool solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("stake pool deposit authority", program, pool[:], []byte("deposit"))
}

// ValidatorStakeAddress derives the stake account of a validator in a pool. The
// seed suffix is the entry's ValidatorSeedSuffix.
func ValidatorStakeAddress(
	program, pool, vote solana.PublicKey,
	seedSuffix uint32,
) (solana.PublicKey, error) {
	seeds := [][]byte{vote[:], pool[:]}
	if seedSuffix != 0 {
		seeds = append(seeds, binary.LittleEndian.AppendUint32(nil, seedSuffix))
	}
	return findPDA("validator stake account", program, seeds...)
}

// TransientStakeAddress derives the transient stake account of a validator in a
// pool. The seed suffix is the entry's TransientSeedSuffix.
func TransientStakeAddress(
	program, pool, vote solana.PublicKey,
	seedSuffix uint64,
) (solana.PublicKey, error) {
	return findPDA("transient stake account", program, []byte("transient"), vote[:], pool[:],
		u64Seed(seedSuffix))
}

// ProgramDataAddress derives where the upgradeable loader keeps a program's
// code.
func ProgramDataAddress(program solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("program data", UpgradeableLoader, program[:])
}

// AssociatedTokenAddress derives the associated token account of an owner for a
// mint that the given token program owns.
func AssociatedTokenAddress(owner, tokenProgram, mint solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("associated token account", AssociatedTokenProgram, owner[:], tokenProgram[:],
		mint[:])
}
