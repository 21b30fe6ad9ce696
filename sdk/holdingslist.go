package sdk

import (
	"cmp"
	"context"
	"encoding/binary"
	"slices"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/sanctum-go/sanctum/accounts"
)

const (
	// mostListed is the highest number of accounts of a list that are read.
	// Anyone can make accounts for an owner, and a node can list any accounts.
	mostListed = 1_000
	// Offsets of the authorities in a stake account, and of the beneficiary in
	// a ticket.
	stakerOffset      = 12
	withdrawerOffset  = 44
	beneficiaryOffset = 40
	// tokenHead is the number of bytes of a token account with its mint, owner
	// and amount.
	tokenHead = 72
)

// listedAccount is an account as a node lists it. It is not checked.
type listedAccount struct {
	address  solana.PublicKey
	lamports uint64
	// wanted reports whether the account comes before others in a list that is
	// too long.
	wanted bool
}

// accountLists are the questions to a node about the accounts of an owner.
func (l *holdingsLoader) accountLists() []accountList {
	owner := l.owner
	return []accountList{
		{HoldingTokens, l.tokens(accounts.TokenProgram)},
		{HoldingTokens, l.tokens(accounts.Token2022Program)},
		{HoldingStakes, l.program(accounts.StakeProgram,
			rpc.RPCFilter{DataSize: accounts.StakeAccountSpace}, at(withdrawerOffset, owner))},
		{HoldingStakes, l.program(accounts.StakeProgram,
			rpc.RPCFilter{DataSize: accounts.StakeAccountSpace}, at(stakerOffset, owner))},
		{HoldingTickets, l.program(accounts.MarinadeProgram, at(beneficiaryOffset, owner))},
		{HoldingReceipts, l.program(accounts.InterceptorProgram,
			rpc.RPCFilter{DataSize: accounts.InterceptorReceiptSpace},
			at(accounts.InterceptorReceiptOwnerOffset, owner))},
	}
}

// accountList is a question to a node.
type accountList struct {
	kind HoldingKind
	ask  func(context.Context) ([]listedAccount, error)
}

// at is the filter for accounts with a key at an offset.
func at(offset uint64, key solana.PublicKey) rpc.RPCFilter {
	return rpc.RPCFilter{Memcmp: &rpc.RPCFilterMemcmp{Offset: offset, Bytes: key[:]}}
}

// program lists the accounts of a program.
func (l *holdingsLoader) program(
	program solana.PublicKey, filters ...rpc.RPCFilter,
) func(context.Context) ([]listedAccount, error) {
	return func(ctx context.Context) ([]listedAccount, error) {
		none := uint64(0)
		list, err := l.client.rpc.GetProgramAccountsWithOpts(ctx, program,
			&rpc.GetProgramAccountsOpts{
				Commitment: l.client.commitment,
				Encoding:   solana.EncodingBase64,
				DataSlice:  &rpc.DataSlice{Offset: &none, Length: &none},
				Filters:    filters,
			})
		if err != nil {
			return nil, err
		}

		found := make([]listedAccount, 0, len(list))
		for _, a := range list {
			if a != nil && a.Account != nil {
				found = append(found, listedAccount{
					address:  a.Pubkey,
					lamports: a.Account.Lamports,
				})
			}
		}

		return found, nil
	}
}

// tokens lists the owner's token accounts of a token program that matter: those
// of wrapped SOL and of LSTs, and empty ones.
func (l *holdingsLoader) tokens(
	program solana.PublicKey,
) func(context.Context) ([]listedAccount, error) {
	return func(ctx context.Context) ([]listedAccount, error) {
		zero, head := uint64(0), uint64(tokenHead)
		list, err := l.client.rpc.GetTokenAccountsByOwner(ctx, l.owner,
			&rpc.GetTokenAccountsConfig{ProgramId: &program},
			&rpc.GetTokenAccountsOpts{
				Commitment: l.client.commitment,
				Encoding:   solana.EncodingBase64,
				DataSlice:  &rpc.DataSlice{Offset: &zero, Length: &head},
			})
		if err != nil {
			return nil, err
		}

		var found []listedAccount
		for _, a := range list.Value {
			if a == nil || a.Account.Data == nil {
				continue
			}

			data := a.Account.Data.GetBinary()
			if len(data) < tokenHead {
				continue
			}

			mint := solana.PublicKey(data[:32])
			_, err := l.client.lsts().ByMint(mint)
			traded := err == nil || mint == accounts.NativeMint
			if traded || binary.LittleEndian.Uint64(data[64:tokenHead]) == 0 {
				found = append(found, listedAccount{
					address:  a.Pubkey,
					lamports: a.Account.Lamports,
					wanted:   traded,
				})
			}
		}

		return found, nil
	}
}

// shortened returns the addresses of a list, each once and at most
// [mostListed]: first the wanted accounts, then those with most lamports.
func shortened(list []listedAccount) (keys []solana.PublicKey, whole bool) {
	slices.SortFunc(list, func(a, b listedAccount) int {
		if a.wanted != b.wanted {
			if a.wanted {
				return -1
			}

			return 1
		}

		return cmp.Or(cmp.Compare(b.lamports, a.lamports),
			accounts.CompareKeys(a.address, b.address))
	})

	for _, a := range list[:min(len(list), mostListed)] {
		keys = append(keys, a.address)
	}
	return keys, len(list) <= mostListed
}
