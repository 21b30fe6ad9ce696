package accounts

import (
	"encoding/binary"

	"github.com/gagliardetto/solana-go"
)

// RouterLookupTableAddress is the lookup table with accounts that transactions
// through the Router often name. Sanctum keeps it, and only ever appends to it,
// see [LookupTable].
var RouterLookupTableAddress = solana.MPK("KtrvWWkPkhSWM9VMqafZhgnTuozQiHzrBDT8oPcMj3T")

// RouterFeeTokenAccount derives the token account through which all tokens of a
// mint pass that the Router pays out, and in which its fees stay. Instructions
// that pay out a token fail while the account does not exist; anybody may
// create it.
func RouterFeeTokenAccount(program, mint solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("Router fee token account", program, []byte("fee"), mint[:])
}

// RouterSOLBridgeOut derives the system account through which the Router
// deposits wrapped SOL as SOL.
func RouterSOLBridgeOut(program solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("Router SOL bridge", program, []byte("sol_bridge_out"))
}

// RouterWSOLBridgeIn derives the token account that exists while the Router
// unwraps SOL.
func RouterWSOLBridgeIn(program solana.PublicKey) (solana.PublicKey, error) {
	out, err := RouterSOLBridgeOut(program)
	if err != nil {
		return solana.PublicKey{}, err
	}
	return withSeed("Router wSOL bridge", out, "wsol_bridge_in", TokenProgram)
}

// RouterPrefunder derives the system account that lends the rent of stake
// accounts.
func RouterPrefunder(program solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("Router prefunder", program, []byte("prefunder"))
}

// RouterBridgeStake derives the stake account between two pools. Each user has
// one for each seed, and no seed serves twice where the account lives on.
func RouterBridgeStake(program, user solana.PublicKey, seed uint32) (solana.PublicKey, error) {
	return findPDA("Router bridge stake account", program, []byte("bridge_stake"), user[:],
		binary.LittleEndian.AppendUint32(nil, seed))
}

// RouterSlumdogStake derives the stake account that is split off a bridge stake
// account and sold to repay the prefunder.
func RouterSlumdogStake(bridge solana.PublicKey) (solana.PublicKey, error) {
	return withSeed("Router slumdog stake account", bridge, "slumdog", StakeProgram)
}
