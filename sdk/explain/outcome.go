package explain

import (
	"maps"
	"math"
	"math/big"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// Outcome holds the accounts that a transaction writes, before and after a
// simulation by a node.
type Outcome struct {
	Before, After *accounts.Set
	// Fee is the network fee in lamports.
	Fee uint64
}

// VerifyOutcome compares the accounts that a transaction writes, before and
// after a simulation, with the policy of the owner. Call it after [Verify] as a
// second check. It does not replace Verify.
//
// It returns a [*VerifyError] if the owner ends with less than the policy
// requires, if another key gains control of an account of the owner, or if
// anything of the owner is created or left in another account. Both sets must
// contain every account that the transaction writes, as existing or missing;
// otherwise the error is [ErrPolicy].
//
// VerifyOutcome detects what programs really do, even if their instructions
// state something else, but only in one state, as one node simulated it. It
// cannot detect what happens in another state, for example after a price change
// or if a program detects a simulation. It does not check the
// nonce, nor what the limits inside instructions still permit.
//
// An address derived from the owner and a seed counts as the owner's, while it
// has no owner of its own, only if an instruction of the system program names
// the seed. Value that leaves any other such address is not counted: that
// requires a signature of the address itself, for which no key exists.
func VerifyOutcome(explanation Explanation, policy Policy, simulated Outcome) error {
	policy, err := policy.complete()
	if err != nil {
		return err
	}

	v := &outcome{
		ledger:  newLedger(explanation, policy),
		Outcome: simulated,
		rents:   new(big.Int),
		created: make(map[solana.PublicKey]bool),
		arrived: make(map[solana.PublicKey]*big.Int),
		change:  make(map[solana.PublicKey]*big.Int),
	}

	v.at = -1
	written, err := v.written()
	if err != nil {
		return err
	}

	for _, address := range written {
		if err := v.account(address); err != nil {
			return err
		}
	}

	return v.limits()
}

// outcome sums the changes of the owner's accounts.
type outcome struct {
	*ledger
	Outcome
	// created are the accounts that stay and that the owner pays for. rents is
	// the sum of their rents.
	rents   *big.Int
	created map[solana.PublicKey]bool
	// change is the owner's gain of each asset, arrived that of the recipient.
	change, arrived map[solana.PublicKey]*big.Int
}

// side is an account before or after the transaction.
type side struct {
	lamports uint64
	// exists is set if the account exists, system if the system program owns
	// it.
	exists, system bool
	token          *accounts.TokenAccount
	stake          *accounts.StakeAccount
	receipt        *accounts.InterceptorReceipt
}

// written returns the accounts that the transaction writes.
func (v *outcome) written() ([]solana.PublicKey, error) {
	all := map[solana.PublicKey]bool{v.explanation.Payer: true}
	for _, in := range v.explanation.Instructions {
		for _, a := range in.Accounts {
			if a.Writable {
				all[a.Address] = true
			}
		}
	}

	addresses := slices.SortedFunc(maps.Keys(all), accounts.CompareKeys)
	for _, address := range addresses {
		if !v.Before.Has(address) || !v.After.Has(address) {
			return nil, v.refuse(ErrPolicy, "the state of %s is missing", address)
		}
	}

	return addresses, nil
}

// look reads one side of an account. An account without lamports counts as
// missing, although nodes still return it after a simulation.
func look(set *accounts.Set, address solana.PublicKey) side {
	a, err := set.Get(address)
	if err != nil || a.Lamports == 0 {
		return side{}
	}

	s := side{
		lamports: a.Lamports,
		exists:   true,
		system:   a.Owner == accounts.SystemProgram,
	}

	switch a.Owner {
	case accounts.TokenProgram, accounts.Token2022Program:
		if token, err := accounts.DecodeTokenAccount(a); err == nil {
			s.token = token
		}

	case accounts.StakeProgram:
		if stake, err := accounts.DecodeStakeAccount(a); err == nil {
			s.stake = stake
		}

	case accounts.InterceptorProgram:
		if receipt, err := accounts.DecodeInterceptorReceipt(a); err == nil {
			s.receipt = receipt
		}
	}

	return s
}

// account compares the two sides of an account.
func (v *outcome) account(address solana.PublicKey) error {
	before, after := look(v.Before, address), look(v.After, address)
	if v.robbed(address, before, after) {
		return v.refuse(ErrSpendLimit, "an additional signer loses what %s holds", address)
	}

	switch {
	case address == v.Owner:
		book(v.change, lamportsAsset, difference(before.lamports, after.lamports))
		if a, err := v.After.Get(address); err == nil &&
			(a.Owner != accounts.SystemProgram || len(a.Data) > 0) {
			return v.refuse(ErrAuthorityChange, "the wallet is assigned to the program %s", a.Owner)
		}

		return nil

	case address == v.Recipient:
		book(v.arrived, lamportsAsset, difference(before.lamports, after.lamports))
		return nil
	case v.seeds(address):
		if err := v.seeded(address, before, after); err != nil {
			return err
		}
	}

	if err := v.token(address, before, after); err != nil {
		return err
	}

	if err := v.receipt(address, before, after); err != nil {
		return err
	}

	return v.stake(address, before, after)
}

// robbed reports whether an account of an additional signer loses something.
func (v *outcome) robbed(address solana.PublicKey, before, after side) bool {
	if v.isProtected(address) &&
		(after.lamports < before.lamports || before.system != after.system) {
		return true
	}

	if t := before.token; t != nil && v.isProtected(t.Owner) {
		return after.token == nil || after.token.Amount < t.Amount ||
			handed(t, after.token, t.Owner) || after.token.Owner != t.Owner
	}

	return before.initialized() && v.isProtected(before.stake.Withdrawer) &&
		(after.lamports < before.lamports || after.stake == nil ||
			!permits(StakePermission{}, before.stake, after.stake))
}

// seeds reports whether the owner signs for an account through a seed.
func (v *outcome) seeds(address solana.PublicKey) bool {
	return slices.ContainsFunc(v.explanation.Instructions, func(in Instruction) bool {
		base := in.value("base").Key == v.Owner || in.key("base account") == v.Owner
		return in.ProgramName == nameSystem && base && slices.Contains([]solana.PublicKey{
			in.key("new account"), in.key("account"), in.key("source"),
		}, address)
	})
}

// seeded compares the two sides of an account for which the owner signs through
// a seed. The transaction may turn it only into a stake account, and must not
// leave SOL in it.
func (v *outcome) seeded(address solana.PublicKey, before, after side) error {
	if before.system {
		left := min(before.lamports, after.lamports)
		book(v.change, lamportsAsset, difference(before.lamports, left))
	}
	made := after.exists && (!before.exists || after.system != before.system)
	if made && !after.initialized() || after.system && after.lamports > before.lamports {
		return v.refuse(ErrLifetime, "account %s is left open", address)
	}
	return nil
}

// initialized reports whether the account is a stake account with authorities.
func (s side) initialized() bool {
	return s.stake != nil && s.stake.State != accounts.StakeUninitialized
}

// holds reports whether a wallet owns the token account.
func (s side) holds(wallet solana.PublicKey) bool {
	return s.token != nil && s.token.Owner == wallet
}

// staked reports whether a wallet can withdraw from the stake account.
func (s side) staked(wallet solana.PublicKey) bool {
	return s.initialized() && s.stake.Withdrawer == wallet
}

// token compares the two sides of a token account.
func (v *outcome) token(address solana.PublicKey, before, after side) error {
	known := v.associated[address]
	if after.holds(v.Recipient) && known.wallet == v.Recipient &&
		known.mint == after.token.Mint {
		was := uint64(0)
		if before.token != nil {
			was = before.token.Amount
		}

		book(v.arrived, known.mint, difference(was, after.token.Amount))
	}

	mine, still := before.holds(v.Owner), after.holds(v.Owner)
	switch {
	case !mine && !still:
		v.opens(address, before, after)
		return nil
	case mine && after.token != nil && !still:
		return v.refuse(
			ErrAuthorityChange,
			"the token account %s is given to %s",
			address,
			after.token.Owner,
		)

	case still && handed(before.token, after.token, v.Owner):
		return v.refuse(ErrAuthorityChange, "another key gains control of the token account %s",
			address)
	}

	asset, was, is := amounts(before, after)
	gained := difference(was, is)
	within := known.wallet == v.Owner && known.mint == asset
	if !within && gained.Sign() > 0 {
		return v.refuse(ErrUnrelatedTransfer, "%s of %s is left in %s", gained, assetName(asset),
			address)
	}

	if within && asset == lamportsAsset {
		// The rent of a wSOL account remains accessible to the owner.
		v.created[address] = before.token == nil && v.paid(address)
	} else {
		v.opens(address, before, after)
	}

	if !within && after.lamports > before.lamports {
		return v.refuse(
			ErrUnrelatedTransfer,
			"%d lamports are left in %s",
			after.lamports-before.lamports,
			address,
		)
	}

	book(v.change, asset, gained)

	return nil
}

// amounts returns the two amounts of a token account. For wrapped SOL they are
// in lamports and include the rent, which the owner can withdraw.
func amounts(before, after side) (asset solana.PublicKey, was, is uint64) {
	token := either(after.token, before.token)
	if token.Mint == lamportsAsset {
		return lamportsAsset, before.lamports, after.lamports
	}

	if before.token != nil {
		was = before.token.Amount
	}

	if after.token != nil {
		is = after.token.Amount
	}

	return token.Mint, was, is
}

func either(first, second *accounts.TokenAccount) *accounts.TokenAccount {
	if first != nil {
		return first
	}
	return second
}

// opens records a new token account that the owner pays for.
func (v *outcome) opens(address solana.PublicKey, before, after side) {
	if before.token == nil && after.token != nil && v.paid(address) {
		v.created[address] = true
		v.rents.Add(v.rents, difference(before.lamports, after.lamports))
		if after.token.NativeReserve != nil {
			// The balance of wrapped SOL is no rent.
			v.rents.Sub(v.rents, number64(after.token.Amount))
		}
	}
}

// paid reports whether the owner pays for an associated token account.
func (v *outcome) paid(address solana.PublicKey) bool {
	return slices.ContainsFunc(v.explanation.Instructions, func(in Instruction) bool {
		return in.ProgramName == nameAssociatedToken && in.key("token account") == address &&
			in.key("funder") == v.Owner
	})
}

// handed reports whether another key gained control over a token account.
func handed(before, after *accounts.TokenAccount, owner solana.PublicKey) bool {
	was := accounts.TokenAccount{State: accounts.TokenInitialized}
	if before != nil && before.Owner == owner {
		was = *before
	}
	same := func(a, b *solana.PublicKey) bool {
		return a == nil || *a == owner || b != nil && *a == *b
	}
	return !same(after.Delegate, was.Delegate) || after.DelegatedAmount > was.DelegatedAmount ||
		!same(after.CloseAuthority, was.CloseAuthority) || after.State != was.State
}

// stake compares the two sides of a stake account.
func (v *outcome) stake(address solana.PublicKey, before, after side) error {
	mine, still := before.staked(v.Owner), after.staked(v.Owner)
	whole := v.MaxStake[address] == math.MaxUint64
	switch {
	case mine && v.merges(address) && after.stake == nil:
		// The account that it was merged into counts its lamports.
	case mine && v.listed(address):
		drawn := difference(after.lamports, before.lamports)
		drawn.Add(drawn, v.merged(address))
		if drawn.Cmp(number64(v.MaxStake[address])) > 0 {
			return v.refuse(
				ErrSpendLimit,
				"%d lamports of the stake account %s, at most %d",
				drawn,
				address,
				v.MaxStake[address],
			)
		}

		if !whole && after.stake != nil && !permits(v.Stake[address], before.stake, after.stake) {
			return v.refuse(
				ErrAuthorityChange,
				"the policy does not permit the change of the stake account %s",
				address,
			)
		}

	case mine:
		if after.lamports < before.lamports || after.stake == nil ||
			!permits(StakePermission{}, before.stake, after.stake) {
			return v.refuse(ErrAuthorityChange, "the policy does not name the stake account %s",
				address)
		}

	case still:
		return v.gives(address, after, v.Owner, v.change)
	case after.staked(v.Recipient) && !before.staked(v.Recipient):
		return v.gives(address, after, v.Recipient, v.arrived)
	}

	return nil
}

// merges reports whether the transaction merges a stake account into the one
// that the policy names for it.
func (v *outcome) merges(from solana.PublicKey) bool {
	into := v.Stake[from].MergeInto
	return slices.ContainsFunc(v.explanation.Instructions, func(in Instruction) bool {
		return in.is(nameStake, "Merge") && in.key("merged stake account") == from &&
			in.key("stake account") == into && v.listed(into)
	})
}

// merged returns the lamports of the accounts that the transaction merges into
// a stake account.
func (v *outcome) merged(into solana.PublicKey) *big.Int {
	sum := new(big.Int)
	for from, permitted := range v.Stake {
		if permitted.MergeInto == into && v.merges(from) {
			before, after := look(v.Before, from), look(v.After, from)
			sum.Add(sum, difference(after.lamports, before.lamports))
		}
	}
	return sum
}

// permits reports whether the changes of a stake account are permitted.
func permits(p StakePermission, before, after *accounts.StakeAccount) bool {
	was, is := before.Delegation, after.Delegation
	ends := is.DeactivationEpoch != accounts.NeverEpoch
	return becomes(before.Staker, after.Staker, p.Staker) &&
		becomes(before.Withdrawer, after.Withdrawer, p.Withdrawer) &&
		after.Lockup == before.Lockup &&
		becomes(was.Voter, is.Voter, p.Delegate) &&
		(is.DeactivationEpoch == was.DeactivationEpoch ||
			ends && p.Deactivate || !ends && !p.Delegate.IsZero())
}

// becomes reports whether a key is unchanged or becomes the permitted one. The
// zero key permits nothing, not even itself.
func becomes(was, is, permitted solana.PublicKey) bool {
	return is == was || is == permitted && !permitted.IsZero()
}

// gives books a stake account that the transaction gives to a wallet.
func (v *outcome) gives(
	address solana.PublicKey, after side, wallet solana.PublicKey, to map[solana.PublicKey]*big.Int,
) error {
	s := after.stake
	ended := s.State == accounts.StakeDelegated &&
		s.Delegation.DeactivationEpoch != accounts.NeverEpoch
	switch {
	case s.Staker != wallet || s.Lockup != accounts.Lockup{}:
		return v.refuse(ErrAuthorityChange, "another key gains control of the stake account %s",
			address)
	case ended && !v.DeactivateReceived:
		return v.refuse(ErrAuthorityChange, "the stake account %s is deactivated", address)
	}

	// The stake of an account without a delegation is zero. When inactive stake
	// is split, the new account has the delegation of the whole source: only
	// its balance counts.
	staked := s.Delegation.Stake
	if ended {
		rent := min(s.RentExemptReserve, v.MaxRent, after.lamports)
		staked = min(staked, after.lamports-rent)
	}

	book(to, stakeAsset, number64(staked))
	if wallet == v.Owner {
		v.created[address] = true
		v.rents.Add(v.rents, difference(staked, after.lamports))
	}

	return nil
}

// difference returns to minus from.
func difference(from, to uint64) *big.Int { return new(big.Int).Sub(number64(to), number64(from)) }

// limits compares the sums with the policy.
func (v *outcome) limits() error {
	own := v.explanation.Payer == v.Owner
	switch {
	case own && v.Fee > v.MaxNetworkFee:
		return v.refuse(ErrNetworkFee, "%d lamports, at most %d", v.Fee, v.MaxNetworkFee)
	case v.count() > v.MaxNewAccounts:
		return v.refuse(ErrFormNotAllowed, "%d new accounts, at most %d", v.count(),
			v.MaxNewAccounts)
	case v.rents.Cmp(number64(v.MaxRent)) > 0:
		return v.refuse(
			ErrSpendLimit,
			"%d lamports of rent for new accounts, at most %d",
			v.rents,
			v.MaxRent,
		)
	}

	// The fee, rents and permitted transfers have their own limits.
	book(v.change, lamportsAsset, v.rents)
	if own {
		book(v.change, lamportsAsset, number64(v.Fee))
	}

	if v.explanation.Payer == v.Recipient {
		book(v.arrived, lamportsAsset, number64(v.Fee))
	}

	for _, in := range v.explanation.Instructions {
		to := in.key("destination")
		if _, allowed := v.Transfers[to]; allowed && in.is(nameSystem, "Transfer") &&
			in.key("source") == v.Owner {
			book(v.given, to, number64(in.amount("lamports")))
			book(v.change, lamportsAsset, number64(in.amount("lamports")))
		}
	}

	v.holdings = map[solana.PublicKey]*holding{v.Owner: {least: v.change}}
	v.received = v.arrived

	return v.ledger.limits()
}

// count returns the number of accounts that stay and that the owner pays for.
func (v *outcome) count() int {
	count := 0
	for _, created := range v.created {
		if created {
			count++
		}
	}
	return count
}
