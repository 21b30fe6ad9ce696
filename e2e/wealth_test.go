package e2e

import (
	"fmt"
	"math"
	"math/big"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/explain"
)

// wealth is everything that an owner can move without other signers.
type wealth struct {
	// lamports are those of the wallet, of token accounts that can be closed,
	// and of addresses derived from the owner's seeds.
	lamports *big.Int
	tokens   map[solana.PublicKey]*big.Int
	// stakes are the stake accounts that the owner can withdraw from.
	stakes map[solana.PublicKey]stakeHolding
	// controls has the other keys that control accounts of the owner.
	controls map[solana.PublicKey]string
}

// stakeHolding is a stake account.
type stakeHolding struct {
	lamports, staked uint64
	// hands has the fields that must not change, apart from amounts.
	hands       string
	staker      solana.PublicKey
	deactivated bool
}

// arrived is the stake that a policy counts.
func (h stakeHolding) arrived(p explain.Policy) uint64 {
	if h.deactivated && !p.DeactivateReceived {
		return 0
	}
	return h.staked
}

// wealthOf computes the wealth of an owner from accounts, some of which have
// addresses derived from the owner's seeds.
func wealthOf(
	owner solana.PublicKey,
	set *accounts.Set,
	keys []solana.PublicKey,
	seeded map[solana.PublicKey]bool,
) wealth {
	w := wealth{
		lamports: new(big.Int),
		tokens:   make(map[solana.PublicKey]*big.Int),
		stakes:   make(map[solana.PublicKey]stakeHolding),
		controls: make(map[solana.PublicKey]string),
	}

	for _, key := range keys {
		a, err := set.Get(key)
		if err != nil {
			continue
		}

		switch {
		case key == owner && a.Owner == accounts.SystemProgram,
			seeded[key] && a.Owner == accounts.SystemProgram:
			w.lamports.Add(w.lamports, new(big.Int).SetUint64(a.Lamports))
		case a.Owner == accounts.TokenProgram || a.Owner == accounts.Token2022Program:
			w.addToken(owner, a)
		case a.Owner == accounts.StakeProgram:
			w.addStake(owner, a)
		}
	}

	return w
}

func (w *wealth) addToken(owner solana.PublicKey, a accounts.Account) {
	token, err := accounts.DecodeTokenAccount(a)
	if err != nil || token.Owner != owner || token.State != accounts.TokenInitialized {
		return
	}

	w.lamports.Add(w.lamports, new(big.Int).SetUint64(a.Lamports))
	if token.Mint != accounts.NativeMint {
		if w.tokens[token.Mint] == nil {
			w.tokens[token.Mint] = new(big.Int)
		}

		w.tokens[token.Mint].Add(w.tokens[token.Mint], new(big.Int).SetUint64(token.Amount))
	}

	if token.Delegate != nil || token.CloseAuthority != nil && *token.CloseAuthority != owner {
		w.controls[a.Address] = fmt.Sprint(token.Delegate, token.CloseAuthority)
	}
}

func (w *wealth) addStake(owner solana.PublicKey, a accounts.Account) {
	stake, err := accounts.DecodeStakeAccount(a)
	if err != nil || stake.Withdrawer != owner {
		return
	}

	h := stakeHolding{lamports: a.Lamports, staker: stake.Staker}
	if stake.State == accounts.StakeDelegated {
		h.staked = stake.Delegation.Stake
		h.deactivated = stake.Delegation.DeactivationEpoch != accounts.NeverEpoch
	}

	h.hands = fmt.Sprint(stake.Staker, stake.Delegation.Voter, stake.Delegation.DeactivationEpoch)
	w.stakes[a.Address] = h
}

// cost describes how a transaction cost an owner more than a policy allows, or
// brought less. It is empty if the policy was kept. The fee is the network fee
// that the owner paid.
func cost(
	before, after wealth,
	p explain.Policy,
	fee uint64,
	recipient, recipientAfter wealth,
) string {
	number := func(n uint64) *big.Int { return new(big.Int).SetUint64(n) }
	if fee > p.MaxNetworkFee {
		return fmt.Sprintf("a fee of %d", fee)
	}

	// The rent of new stake accounts of the owner belongs to the owner.
	gained := new(big.Int).Sub(after.lamports, before.lamports)
	gained.Add(gained, number(fee))
	received := uint64(0)
	for key, stake := range after.stakes {
		if _, old := before.stakes[key]; !old && stake.staker == p.Owner {
			gained.Add(gained, number(stake.lamports-stake.staked))
			received += stake.arrived(p)
		}
	}

	most := new(big.Int).Add(number(p.MaxLamports), number(p.MaxRent))
	for _, lamports := range p.Transfers {
		most.Add(most, number(lamports))
	}

	if lost := new(big.Int).Neg(gained); lost.Cmp(most) > 0 {
		return fmt.Sprintf("%d lamports, at most %d", lost, most)
	}

	for mint, amount := range before.tokens {
		left := new(big.Int)
		if after.tokens[mint] != nil {
			left = after.tokens[mint]
		}

		if lost := new(big.Int).Sub(amount, left); lost.Cmp(number(p.MaxTokens[mint])) > 0 {
			return fmt.Sprintf("%d of %s, at most %d", lost, mint, p.MaxTokens[mint])
		}
	}

	for key, hands := range after.controls {
		if before.controls[key] != hands {
			return fmt.Sprintf("control over %s", key)
		}
	}

	if text := stakeCost(before, after, p); text != "" {
		return text
	}

	toOwner := p.Recipient.IsZero() || p.Recipient == p.Owner
	if !toOwner {
		gained = new(big.Int).Sub(recipientAfter.lamports, recipient.lamports)
		received = 0
		for key, stake := range recipientAfter.stakes {
			if _, old := recipient.stakes[key]; !old && stake.staker == p.Recipient {
				received += stake.arrived(p)
			}
		}

		before, after = recipient, recipientAfter
	} else if p.MinLamports > 0 {
		gained.Add(gained, number(p.MaxRent))
	}

	if gained.Cmp(number(p.MinLamports)) < 0 && p.MinLamports > 0 {
		return fmt.Sprintf("%d lamports arrived, at least %d", gained, p.MinLamports)
	}

	if received < p.MinStake {
		return fmt.Sprintf("%d of stake arrived, at least %d", received, p.MinStake)
	}

	for mint, least := range p.MinTokens {
		got := new(big.Int)
		if after.tokens[mint] != nil {
			got.Set(after.tokens[mint])
		}

		if before.tokens[mint] != nil {
			got.Sub(got, before.tokens[mint])
		}

		if got.Cmp(number(least)) < 0 {
			return fmt.Sprintf("%d of %s arrived, at least %d", got, mint, least)
		}
	}

	return ""
}

// stakeCost compares stake accounts that existed before.
func stakeCost(before, after wealth, p explain.Policy) string {
	for key, was := range before.stakes {
		is := after.stakes[key]
		if p.MaxStake[key] == math.MaxUint64 {
			continue
		}

		if is.lamports+p.MaxStake[key] < was.lamports {
			return fmt.Sprintf(
				"%d lamports of the stake account %s, at most %d",
				was.lamports-is.lamports,
				key,
				p.MaxStake[key],
			)
		}

		if is.hands != was.hands && is.lamports > 0 {
			return fmt.Sprintf("the hands of the stake account %s", key)
		}
	}

	return ""
}

// difference returns the keys of accounts that differ.
func difference(keys []solana.PublicKey, before, after *accounts.Set) []solana.PublicKey {
	var changed []solana.PublicKey
	for _, key := range keys {
		a, errA := before.Get(key)
		b, errB := after.Get(key)
		same := (errA == nil) == (errB == nil) && a.Lamports == b.Lamports && a.Owner == b.Owner &&
			slices.Equal(a.Data, b.Data)
		if !same {
			changed = append(changed, key)
		}
	}

	return changed
}

// resetting returns a function that restores accounts.
func resetting(keys []solana.PublicKey, set *accounts.Set) []call {
	var calls []call
	for _, key := range keys {
		a, err := set.Get(key)
		if err != nil {
			calls = append(calls, dropAccount(key))
			continue
		}
		calls = append(calls, setAccount(a))
	}
	return calls
}

// getAll reads any number of accounts.
func (l *localnet) getAll(keys []solana.PublicKey) *accounts.Set {
	l.t.Helper()
	set := accounts.NewSet(0)
	for chunk := range slices.Chunk(keys, 100) {
		part := l.get(chunk...)
		for _, key := range chunk {
			a, err := part.Get(key)
			if err != nil {
				set.PutMissing(key)
				continue
			}

			set.Put(a)
		}

		set.SetSlot(part.Slot())
	}

	return set
}
