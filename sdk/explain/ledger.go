package explain

import (
	"maps"
	"math"
	"math/big"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// In maps by mint, stakeAsset is the key for staked lamports and lamportsAsset,
// the mint of wrapped SOL, that for lamports.
var (
	stakeAsset    = accounts.StakeProgram
	lamportsAsset = accounts.NativeMint
)

// tokenPrograms are the programs of associated token accounts.
var tokenPrograms = []solana.PublicKey{accounts.TokenProgram, accounts.Token2022Program}

// whole is the amount that counts for a whole stake account, whose balance is
// not known.
var whole = new(big.Int).SetUint64(math.MaxUint64)

// condition is a stage in the life of an account of the owner. An account that
// the transaction creates passes through the stages from top to bottom. It may
// skip some, but never goes back.
type condition uint8

const (
	// standing accounts existed before: the wallet, associated token accounts
	// and the stake accounts that the policy names.
	standing condition = iota
	// collecting accounts are system accounts that hold lamports until a later
	// instruction turns them into another account.
	collecting
	// allocated accounts belong to a program and have no owner yet.
	allocated
	// wrapping accounts are wrapped SOL token accounts.
	wrapping
	// staking accounts are stake accounts with the owner as both authorities.
	staking
	// gone accounts were closed, consumed or given away.
	gone
)

// holding is an account of the owner with the amounts that the transaction
// certainly put into it. Standing accounts may hold more; all others started
// empty.
type holding struct {
	is condition
	// of is the program that the account is created for. It is zero for the
	// wallet.
	of solana.PublicKey
	// asset is the asset that a standing account holds.
	asset solana.PublicKey
	// least is the minimum gain of the account by asset.
	least map[solana.PublicKey]*big.Int
	// uncertain is set if the account may hold more than least, because a
	// program paid into it or took from it.
	uncertain bool
	// staker and withdrawer are set when the recipient becomes that authority.
	staker, withdrawer bool
}

// add books a gain of the account, or a loss if amount is negative.
func (h *holding) add(asset solana.PublicKey, amount *big.Int) { book(h.least, asset, amount) }

// leastOf returns the minimum gain of the account in an asset.
func (h *holding) leastOf(asset solana.PublicKey) *big.Int {
	if amount := h.least[asset]; amount != nil {
		return new(big.Int).Set(amount)
	}
	return new(big.Int)
}

// takesLamports reports whether the owner can still use lamports that are sent
// to the account.
func (h *holding) takesLamports() bool {
	switch h.is {
	case standing:
		return h.asset == lamportsAsset
	case collecting, wrapping:
		return true
	case allocated:
		return h.of == accounts.TokenProgram
	}
	return false
}

// end marks the account as no longer the owner's, together with its balance.
func (h *holding) end() {
	h.is, h.least = gone, make(map[solana.PublicKey]*big.Int)
}

// book adds amount to an entry of the map.
func book(amounts map[solana.PublicKey]*big.Int, key solana.PublicKey, amount *big.Int) {
	if amounts[key] == nil {
		amounts[key] = new(big.Int)
	}
	amounts[key].Add(amounts[key], amount)
}

func number64(amount uint64) *big.Int { return new(big.Int).SetUint64(amount) }

func minus(amount *big.Int) *big.Int { return new(big.Int).Neg(amount) }

// tokenAccount is an associated token account of the owner or the recipient, or
// one that the policy names.
type tokenAccount struct{ wallet, mint solana.PublicKey }

// ledger follows the owner's assets through a transaction, instruction by
// instruction. It counts the maximum of what leaves and the minimum of what
// arrives.
type ledger struct {
	Policy
	explanation Explanation
	// at is the position of the current instruction.
	at int
	// holdings are the owner's accounts: standing ones and those that the
	// transaction has created so far.
	holdings map[solana.PublicKey]*holding
	// coming maps the addresses that a later instruction turns into an account
	// of the owner, or consumes for the owner. Lamports may go there first.
	coming map[solana.PublicKey]claim
	// associated are the associated token accounts of the owner and the
	// recipient for the mints of the policy, and the accounts that it names.
	associated map[solana.PublicKey]tokenAccount
	// received holds the minimum gain of the recipient, if that is not the
	// owner.
	received map[solana.PublicKey]*big.Int
	// lost holds what left the owner from accounts that are not followed, by
	// asset.
	lost map[solana.PublicKey]*big.Int
	// drawn holds what left the stake accounts of the policy, given what went
	// to the destinations of plain transfers, and passed the base units that
	// went to those of token transfers.
	drawn, given, passed map[solana.PublicKey]*big.Int
	// unlimited are the assets of trades without a minimum output.
	unlimited map[solana.PublicKey]bool
	// opened are the token accounts that the owner pays for; the value is true
	// once a trade pays into the account. settled are the rents of other
	// accounts that the owner pays for.
	opened map[solana.PublicKey]bool
	// tokenRents are the rents of the opened accounts in lamports.
	tokenRents map[solana.PublicKey]uint64
	settled    map[solana.PublicKey]*big.Int
	// receipts are the receipts that the transaction creates for the recipient,
	// by address.
	receipts map[solana.PublicKey]receipt
}

func newLedger(e Explanation, p Policy) *ledger {
	l := &ledger{
		Policy:      p,
		explanation: e,
		holdings:    make(map[solana.PublicKey]*holding),
		coming:      make(map[solana.PublicKey]claim),
		associated:  make(map[solana.PublicKey]tokenAccount),
		received:    make(map[solana.PublicKey]*big.Int),
		lost:        make(map[solana.PublicKey]*big.Int),
		drawn:       make(map[solana.PublicKey]*big.Int),
		given:       make(map[solana.PublicKey]*big.Int),
		passed:      make(map[solana.PublicKey]*big.Int),
		unlimited:   make(map[solana.PublicKey]bool),
		opened:      make(map[solana.PublicKey]bool),
		tokenRents:  make(map[solana.PublicKey]uint64),
		settled:     make(map[solana.PublicKey]*big.Int),
		receipts:    make(map[solana.PublicKey]receipt),
	}

	for _, mint := range p.mints() {
		for _, wallet := range []solana.PublicKey{p.Owner, p.Recipient} {
			for _, program := range tokenPrograms {
				// Token-2022 has no wrapped SOL, so nothing would come back
				// from its address.
				none := mint == lamportsAsset && program == accounts.Token2022Program
				address, err := accounts.AssociatedTokenAddress(wallet, program, mint)
				if err != nil || none {
					continue
				}

				l.associated[address] = tokenAccount{wallet: wallet, mint: mint}
				if wallet == p.Owner {
					l.open(address, standing, program).asset = mint
				}
			}
		}
	}

	for _, t := range p.TokenAccounts {
		l.associated[t.Address] = tokenAccount{wallet: t.Wallet, mint: t.Mint}
		if t.Wallet == p.Owner {
			l.open(t.Address, standing, accounts.TokenProgram).asset = t.Mint
		}
	}

	for _, stake := range p.stakes() {
		l.open(stake, standing, accounts.StakeProgram).asset = stakeAsset
	}

	l.open(p.Owner, standing, solana.PublicKey{}).asset = lamportsAsset
	for at := range e.Instructions {
		l.expect(at, &e.Instructions[at])
	}

	return l
}

// open starts to follow an account.
func (l *ledger) open(account solana.PublicKey, is condition, of solana.PublicKey) *holding {
	h := &holding{
		is:    is,
		of:    of,
		least: make(map[solana.PublicKey]*big.Int),
	}
	l.holdings[account] = h
	return h
}

// lives returns the holding at an address if it is in one of the given
// conditions, or nil.
func (l *ledger) lives(account solana.PublicKey, in ...condition) *holding {
	h := l.holdings[account]
	if h == nil || !slices.Contains(in, h.is) {
		return nil
	}
	return h
}

// wraps returns the holding at an address if it is a wrapped SOL token account,
// or nil.
func (l *ledger) wraps(account solana.PublicKey) *holding {
	if h := l.lives(account, wrapping); h != nil {
		return h
	}
	if known := l.associated[account]; known.wallet == l.Owner && known.mint == lamportsAsset {
		return l.holdings[account]
	}
	return nil
}

// wSOLOf reports whether an address is a wrapped SOL account of a wallet that
// existed before or that the transaction creates to stay.
func (l *ledger) wSOLOf(account, wallet solana.PublicKey) bool {
	return l.associated[account] == tokenAccount{wallet: wallet, mint: lamportsAsset}
}

// arrive books lamports that the owner's instruction moves to an account. It
// returns false if that is neither the owner nor the recipient, nor a wrapped
// SOL account of one of them.
func (l *ledger) arrive(to solana.PublicKey, lamports *big.Int) bool {
	switch {
	case to == l.Owner, l.wSOLOf(to, l.Owner):
		l.holdings[to].add(lamportsAsset, lamports)
	case (to == l.Recipient || l.wSOLOf(to, l.Recipient)) && lamports.Sign() < 0:
		// More left the account than it certainly held.
		book(l.lost, lamportsAsset, minus(lamports))
	case to == l.Recipient, l.wSOLOf(to, l.Recipient):
		book(l.received, lamportsAsset, lamports)
	default:
		return false
	}

	if _, opened := l.opened[to]; opened {
		l.opened[to] = true
	}

	return true
}

// listed reports whether the policy names the stake account.
func (l *ledger) listed(stake solana.PublicKey) bool {
	h := l.holdings[stake]
	return h != nil && h.is == standing && h.asset == stakeAsset
}

// fund moves lamports of a wallet to an account of the owner.
func (l *ledger) fund(from solana.PublicKey, to *holding, lamports uint64) {
	amount := number64(lamports)
	to.add(lamportsAsset, amount)
	switch from {
	case l.Owner:
		l.holdings[l.Owner].add(lamportsAsset, minus(amount))
	case l.Recipient:
		// Lamports that the recipient lends and gets back did not arrive.
		book(l.received, lamportsAsset, minus(amount))
	}
}

// vacant reports whether the policy lists an address as having no account.
func (l *ledger) vacant(account solana.PublicKey) bool {
	return slices.Contains(l.Vacant, account)
}

// totals returns the minimum change of the owner's assets.
func (l *ledger) totals() map[solana.PublicKey]*big.Int {
	total := make(map[solana.PublicKey]*big.Int)
	for _, h := range l.holdings {
		for asset, amount := range h.least {
			book(total, asset, amount)
		}
	}
	for asset, amount := range l.lost {
		book(total, asset, minus(amount))
	}
	return total
}

// leftovers returns an error if an account is left open to others or between
// two conditions.
func (l *ledger) leftovers() error {
	for _, account := range slices.SortedFunc(maps.Keys(l.holdings), accounts.CompareKeys) {
		switch h := l.holdings[account]; {
		case h.is == collecting || h.is == allocated || h.is == wrapping:
			return l.refuse(ErrLifetime, "account %s is left open", account)
		case h.is == staking && h.staker != h.withdrawer:
			return l.refuse(ErrAuthorityChange,
				"the stake account %s gets only one of two authorities",
				account)

		case h.is == staking && h.staker:
			book(l.received, stakeAsset, h.leastOf(stakeAsset))
			h.end()
		case h.is == staking:
			l.settled[account] = h.leastOf(lamportsAsset)
		}
	}

	for _, account := range slices.SortedFunc(maps.Keys(l.opened), accounts.CompareKeys) {
		if !l.opened[account] {
			return l.refuse(
				ErrUnrelatedTransfer,
				"pays for the token account %s but pays nothing into it",
				account,
			)
		}
	}

	return nil
}

// newAccounts compares the accounts that stay and that the owner pays for with
// the policy.
func (l *ledger) newAccounts() error {
	rent := new(big.Int)
	for account := range l.opened {
		rent.Add(rent, number64(l.tokenRents[account]))
	}

	for _, lamports := range l.settled {
		rent.Add(rent, lamports)
	}

	switch count := len(l.opened) + len(l.settled); {
	case len(l.opened) > 0 && l.TokenAccountRent == 0:
		return l.refuse(ErrPolicy, "TokenAccountRent is not set")
	case count > l.MaxNewAccounts:
		return l.refuse(ErrFormNotAllowed, "%d new accounts, at most %d", count, l.MaxNewAccounts)
	case rent.Cmp(number64(l.MaxRent)) > 0:
		return l.refuse(
			ErrSpendLimit,
			"%d lamports of rent for new accounts, at most %d",
			rent,
			l.MaxRent,
		)
	}

	return nil
}

// limits compares what leaves with the maximum amounts and what arrives with
// the minimum amounts.
func (l *ledger) limits() error {
	total := l.totals()
	for _, asset := range slices.SortedFunc(maps.Keys(total), accounts.CompareKeys) {
		most := l.MaxTokens[asset]
		if asset == lamportsAsset {
			most = l.MaxLamports
		}

		if lost := minus(total[asset]); lost.Cmp(number64(most)) > 0 {
			return l.refuse(ErrSpendLimit, "%d of %s, at most %d", lost, assetName(asset), most)
		}
	}

	for _, stake := range slices.SortedFunc(maps.Keys(l.drawn), accounts.CompareKeys) {
		switch most := l.MaxStake[stake]; {
		case l.drawn[stake].Cmp(number64(most)) <= 0:
		case l.drawn[stake].Cmp(whole) >= 0:
			return l.refuse(
				ErrSpendLimit,
				"the whole stake account %s, at most %d lamports",
				stake,
				most,
			)

		default:
			return l.refuse(
				ErrSpendLimit,
				"%d lamports of the stake account %s, at most %d",
				l.drawn[stake],
				stake,
				most,
			)
		}
	}

	for _, to := range slices.SortedFunc(maps.Keys(l.given), accounts.CompareKeys) {
		if most := l.Transfers[to]; l.given[to].Cmp(number64(most)) > 0 {
			return l.refuse(
				ErrSpendLimit,
				"%d lamports are transferred to %s, at most %d",
				l.given[to],
				to,
				most,
			)
		}
	}

	if l.Recipient != l.Owner {
		total = l.received
	}

	if err := l.least(total); err != nil {
		return err
	}

	return l.leastReceipts()
}

// least compares what certainly arrives with the minimum amounts of the policy.
func (l *ledger) least(arrived map[solana.PublicKey]*big.Int) error {
	wanted := maps.Clone(l.MinTokens)
	if wanted == nil {
		wanted = make(map[solana.PublicKey]uint64)
	}

	wanted[stakeAsset] = l.MinStake
	wanted[lamportsAsset] = max(l.MinLamports, wanted[lamportsAsset])
	for _, asset := range slices.SortedFunc(maps.Keys(wanted), accounts.CompareKeys) {
		got := new(big.Int)
		if arrived[asset] != nil {
			got = arrived[asset]
		}

		switch {
		case wanted[asset] == 0 || got.Cmp(number64(wanted[asset])) >= 0:
		case l.unlimited[asset] && got.Sign() <= 0:
			return l.refuse(ErrNoMinimum, "%d of %s wanted", wanted[asset], assetName(asset))
		default:
			return l.refuse(
				ErrMinimumNotEnforced,
				"%d of %s, at least %d wanted",
				got,
				assetName(asset),
				wanted[asset],
			)
		}
	}

	return nil
}

func assetName(asset solana.PublicKey) string {
	switch asset {
	case lamportsAsset:
		return "SOL, in lamports"
	case stakeAsset:
		return "stake, in lamports"
	}
	return asset.String()
}
