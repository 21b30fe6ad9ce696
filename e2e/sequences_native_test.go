package e2e

import (
	"strings"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// This file has the effects of the system, token and stake programs.

func (b booked) transfer() error {
	lamports := b.amount("lamports")
	b.addLamports(b.key("source"), -lamports)
	b.addLamports(b.key("destination"), lamports)
	return nil
}

func (b booked) create() error {
	a := b.at(b.key("new account"))
	lamports := b.amount("lamports")
	b.addLamports(b.key("funder"), -lamports)
	a.Lamports += lamports
	a.Owner = b.value("owner program")
	a.Data = make([]byte, b.amount("space"))
	b.content[a.Address] = a
	return nil
}

func (b booked) allocate() error {
	a := b.at(b.key("account"))
	if space, ok := b.Amount("space"); ok {
		a.Data = make([]byte, space)
	}
	if b.Name != "Allocate" {
		a.Owner = b.value("owner program")
	}
	b.content[a.Address] = a
	return nil
}

func (b booked) createAssociated() error {
	key := b.key("token account")
	if b.at(key).Owner == accounts.TokenProgram {
		return nil
	}

	missing := b.rent(accounts.TokenAccountSpace)
	missing -= min(missing, b.at(key).Lamports)
	b.addLamports(b.key("funder"), -missing)
	b.addLamports(key, missing)
	a := b.at(key)
	a.Owner, a.Data = accounts.TokenProgram, make([]byte, accounts.TokenAccountSpace)
	b.content[key] = a
	b.initialize(key, b.key("mint"), b.key("wallet"))

	return nil
}

func (b booked) initializeToken() error {
	b.initialize(b.key("token account"), b.key("mint"), b.value("owner"))
	return nil
}

// initialize makes an allocated account a token account.
func (b booked) initialize(key, mint, owner solana.PublicKey) {
	t := accounts.TokenAccount{
		Mint:  mint,
		Owner: owner,
		State: accounts.TokenInitialized,
	}

	if mint == accounts.NativeMint {
		rent := b.rent(accounts.TokenAccountSpace)
		t.NativeReserve, t.Amount = &rent, b.at(key).Lamports-rent
	}

	b.put(key, t.Encode())
}

func (b booked) transferTokens() error {
	amount := b.amount("amount")
	if b.token(b.key("source")).Amount < amount {
		return quote.ErrAmountTooLarge
	}
	b.addTokens(b.key("source"), -amount)
	b.addTokens(b.key("destination"), amount)
	return nil
}

func (b booked) syncNative() error {
	key := b.key("account")
	t := b.token(key)
	t.Amount = b.at(key).Lamports - *t.NativeReserve
	b.put(key, t.Encode())
	return nil
}

func (b booked) closeToken() error {
	key := b.key("account")
	b.addLamports(b.key("destination"), b.at(key).Lamports)
	b.clear(key)
	return nil
}

func (b booked) authorize() error {
	key := b.key("stake account")
	s := b.stake(key)
	require.NotNil(b.t, s)
	to := b.value("new authority")
	if strings.Contains(b.Summary, " the staker of ") {
		s.Account.Staker = to
	} else {
		s.Account.Withdrawer = to
	}

	b.putStake(key, s)

	return nil
}

func (b booked) split() error {
	key, into := b.key("stake account"), b.key("new stake account")
	lamports := b.amount("lamports")
	from := b.stake(key)
	part := *from
	part.Lamports = b.at(into).Lamports + lamports
	part.Account.Delegation.Stake = lamports
	from.Lamports -= lamports
	from.Account.Delegation.Stake -= lamports
	b.putStake(key, from)
	b.putStake(into, &part)

	return nil
}

func (b booked) withdraw() error {
	key, lamports := b.key("stake account"), b.amount("lamports")
	b.addLamports(key, -lamports)
	b.addLamports(b.key("destination"), lamports)
	if b.at(key).Lamports == 0 {
		b.clear(key)
	}
	return nil
}

func (b booked) deactivate() error {
	key := b.key("stake account")
	s := b.stake(key)
	s.Account.Delegation.DeactivationEpoch = b.chain.Clock.Epoch
	b.putStake(key, s)
	return nil
}

// merge merges two active accounts or two inactive ones.
func (b booked) merge() error {
	key, other := b.key("stake account"), b.key("merged stake account")
	into, from := b.stake(key), b.stake(other)
	into.Lamports += from.Lamports
	if into.Account.Delegation.DeactivationEpoch == accounts.NeverEpoch {
		into.Account.Delegation.Stake += from.Account.Delegation.Stake
	}
	b.putStake(key, into)
	b.clear(other)
	return nil
}
