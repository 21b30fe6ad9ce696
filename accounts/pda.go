package accounts

import (
	"encoding/binary"
	"fmt"

	"github.com/gagliardetto/solana-go"
)

// findPDA derives a program address. The error names the address; it
// practically does not occur with the seeds of this package.
func findPDA(name string, program solana.PublicKey, seeds ...[]byte) (solana.PublicKey, error) {
	address, _, err := solana.FindProgramAddress(seeds, program)
	if err != nil {
		return solana.PublicKey{}, fmt.Errorf("derive %s of program %s: %w", name, program, err)
	}
	return address, nil
}

// storedPDA derives a program address with the bump seed that an account
// stores.
func storedPDA(
	name string, program solana.PublicKey, bump uint8, seeds ...[]byte,
) (solana.PublicKey, error) {
	address, err := solana.CreateProgramAddress(append(seeds, []byte{bump}), program)
	if err != nil {
		return solana.PublicKey{}, fmt.Errorf("derive %s of program %s: %w", name, program, err)
	}
	return address, nil
}

// nilState returns the error of a derivation from an account that is nil.
func nilState(name string) error { return fmt.Errorf("derive %s: %w state", name, ErrNil) }

// withSeed derives an address as the system program's CreateAccountWithSeed
// does.
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

// StakePoolWithdrawAuthority derives the address of the authority over a pool's
// stake accounts and mint. If the pool is decoded, use
// [StakePool.WithdrawAuthority]: it is faster, and uses the bump seed that the
// pool stores.
func StakePoolWithdrawAuthority(program, pool solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("stake pool withdraw authority", program, pool[:], []byte("withdraw"))
}

// WithdrawAuthority derives the address of the authority over the pool's stake
// accounts and mint, with the bump seed stored in the pool.
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

// StakePoolDepositAuthority derives the address of a pool's default stake
// deposit authority. With this authority every user may deposit stake.
func StakePoolDepositAuthority(program, pool solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("stake pool deposit authority", program, pool[:], []byte("deposit"))
}

// ValidatorStakeAddress derives the address of a pool's stake account with a
// validator. seedSuffix is ValidatorSeedSuffix of the [ValidatorStakeInfo].
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

// TransientStakeAddress derives the address of a pool's transient stake account
// with a validator. seedSuffix is TransientSeedSuffix of the
// [ValidatorStakeInfo].
func TransientStakeAddress(
	program, pool, vote solana.PublicKey,
	seedSuffix uint64,
) (solana.PublicKey, error) {
	return findPDA("transient stake account", program, []byte("transient"), vote[:], pool[:],
		u64Seed(seedSuffix))
}

// EphemeralStakeAddress derives the address of the stake account that a stake
// pool uses within one instruction, when it adds to stake that is in transit.
// seed is chosen by the staker.
func EphemeralStakeAddress(program, pool solana.PublicKey, seed uint64) (solana.PublicKey, error) {
	return findPDA("ephemeral stake account", program, []byte("ephemeral"), pool[:], u64Seed(seed))
}

// TokenMetadataAddress derives the address of the account of
// [TokenMetadataProgram] that describes a mint.
func TokenMetadataAddress(mint solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("token metadata", TokenMetadataProgram, []byte("metadata"),
		TokenMetadataProgram[:], mint[:])
}

// ProgramDataAddress derives the address of the account that holds the code of
// an upgradeable program, see [ProgramData].
func ProgramDataAddress(program solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("program data", UpgradeableLoader, program[:])
}

// AssociatedTokenAddress derives the address of an owner's associated token
// account. tokenProgram is the program that owns the mint: [TokenProgram] or
// [Token2022Program].
func AssociatedTokenAddress(owner, tokenProgram, mint solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("associated token account", AssociatedTokenProgram, owner[:], tokenProgram[:],
		mint[:])
}
