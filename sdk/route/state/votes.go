package state

import (
	"encoding/binary"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// Vote is the number of a vote account among those that the loaded stake
// accounts are delegated to.
type Vote int32

// NoVote is the number of a vote account that no loaded stake account is
// delegated to.
const NoVote Vote = -1

// votes are the vote accounts of the loaded stake accounts. Only the stake of
// their validators can be used.
type votes struct {
	numbers map[solana.PublicKey]Vote
	// filter is a bit set of vote accounts, by a hash of their first bytes.
	filter [64]uint64
}

// votesOf returns the vote accounts of all stake accounts in a set.
func votesOf(set *accounts.Set) *votes {
	v := &votes{numbers: make(map[solana.PublicKey]Vote)}
	for a := range set.All() {
		if a.Owner != accounts.StakeProgram || len(a.Data) < delegatedSpace ||
			binary.LittleEndian.Uint32(a.Data) != uint32(accounts.StakeDelegated) {
			continue
		}

		vote := solana.PublicKey(a.Data[voterOffset : voterOffset+solana.PublicKeyLength])
		if _, known := v.numbers[vote]; !known {
			v.numbers[vote] = Vote(len(v.numbers))
			bit := filterBit(&vote)
			v.filter[bit/64] |= 1 << (bit % 64)
		}
	}

	return v
}

func filterBit(vote *solana.PublicKey) uint64 {
	return binary.LittleEndian.Uint64(vote[:]) % (64 * 64)
}

// find returns the number of a vote account, or NoVote.
func (v *votes) find(vote *solana.PublicKey) Vote {
	bit := filterBit(vote)
	if v.filter[bit/64]&(1<<(bit%64)) == 0 {
		return NoVote
	}
	if n, ok := v.numbers[*vote]; ok {
		return n
	}
	return NoVote
}

// Layout of a delegated stake account.
const (
	voterOffset    = 124
	delegatedSpace = 197
)
