package accounts

import (
	"encoding/binary"

	"github.com/gagliardetto/solana-go"
)

// RouterLookupTableAddress is the lookup table of the Router, see
// [LookupTable]. It holds accounts that transactions through the Router use
// often. Sanctum maintains it, and only appends addresses.
var RouterLookupTableAddress = solana.MPK("KtrvWWkPkhSWM9VMqafZhgnTuozQiHzrBDT8oPcMj3T")

// RouterFeeTokenAccount derives the address of the Router's fee account for a
// mint. Tokens that the Router pays out pass through it, and its fees stay in
// it. The Router cannot pay out a token whose fee account does not exist; every
// user may create it.
func RouterFeeTokenAccount(program, mint solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("Router fee token account", program, []byte("fee"), mint[:])
}

// RouterSOLBridgeOut derives the address of the system account through which
// the Router unwraps wSOL and deposits SOL.
func RouterSOLBridgeOut(program solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("Router SOL bridge", program, []byte("sol_bridge_out"))
}

// RouterWSOLBridgeIn derives the address of the temporary wSOL account of the
// Router. It exists only while the Router unwraps SOL.
func RouterWSOLBridgeIn(program solana.PublicKey) (solana.PublicKey, error) {
	out, err := RouterSOLBridgeOut(program)
	if err != nil {
		return solana.PublicKey{}, err
	}
	return withSeed("Router wSOL bridge", out, "wsol_bridge_in", TokenProgram)
}

// RouterPrefunder derives the address of the system account that lends the rent
// of stake accounts.
func RouterPrefunder(program solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("Router prefunder", program, []byte("prefunder"))
}

// RouterBridgeStake derives the address of the stake account that the Router
// moves from one pool to another. It depends on the user and a seed. A seed
// cannot be used again while its account exists.
func RouterBridgeStake(program, user solana.PublicKey, seed uint32) (solana.PublicKey, error) {
	return findPDA("Router bridge stake account", program, []byte("bridge_stake"), user[:],
		binary.LittleEndian.AppendUint32(nil, seed))
}

// RouterSlumdogStake derives the address of the stake account that the Router
// splits off a bridge stake account, and sells to repay the prefunder.
func RouterSlumdogStake(bridge solana.PublicKey) (solana.PublicKey, error) {
	return withSeed("Router slumdog stake account", bridge, "slumdog", StakeProgram)
}
