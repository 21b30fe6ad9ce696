package explain

import (
	"maps"
	"math"
	"math/big"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// stakeAsset stands for staked lamports among the mints, and the mint of
// wrapped SOL for lamports.
var (
	stakeAsset    = accounts.StakeProgram
	lamportsAsset = accounts.NativeMint
)

// tokenPrograms are those under which a token account can be associated.
var tokenPrograms = []solana.PublicKey{accounts.TokenProgram, accounts.Token2022Program}

// whole is what a whole stake account counts for, whose content is not known.
var whole = new(big.Int).SetUint64(math.MaxUint64)

// condition is a stage in the life of an account of the owner's. An account
// that the transaction creates passes through them from top to bottom, and may
// leave some out. There is no way back.
type condition uint8

const (
	// standing accounts were there before: the wallet, associated token accounts
	// and the stake accounts that the policy names.
	standing condition = iota
	// collecting accounts are system accounts that hold lamports for what a later
	// instruction makes of them.
	collecting
	// allocated accounts belong to a program, and have no owner yet.
	allocated
	// wrapping accounts are token accounts of wrapped SOL.
	wrapping
	// staking accounts are stake accounts whose authorities are the owner.
	staking
	// gone accounts were closed, used up or given away.
	gone
)

// holding is an account of the owner's, with what the transaction certainly
// has put into it. Standing accounts hold more, others began empty.
type holding struct {
	is condition
	// of is the program that the account is created for, zero for the wallet.
	of solana.PublicKey
	// asset is what a standing account holds.
	asset solana.PublicKey
	// least is the least it gained of each asset.
	least map[solana.PublicKey]*big.Int
	// uncertain accounts may hold more than least: a program has paid into them
	// or taken from them.
	uncertain bool
	// staker and withdrawer are set when the recipient became that.
	staker, withdrawer bool
}

// add books what the account gains, or loses.
func (h *holding) add(asset solana.PublicKey, amount *big.Int) { book(h.least, asset, amount) }

// leastOf is the least that the account gained of an asset.
func (h *holding) leastOf(asset solana.PublicKey) *big.Int {
	if amount := h.least[asset]; amount != nil {
		return new(big.Int).Set(amount)
	}
	return new(big.Int)
}

// takesLamports reports whether lamports that are sent to the account stay
// within reach of the owner.
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

// end is for an account that ceases to be the owner's, with all in it.
func (h *holding) end() {
	h.is, h.least = gone, make(map[solana.PublicKey]*big.Int)
}

// book adds to an amount in a map.
func book(amounts map[solana.PublicKey]*big.Int, key solana.PublicKey, amount *big.Int) {
	if amounts[key] == nil {
		amounts[key] = new(big.Int)
	}
	amounts[key].Add(amounts[key], amount)
}

func number64(amount uint64) *big.Int { return new(big.Int).SetUint64(amount) }

func minus(amount *big.Int) *big.Int { return new(big.Int).Neg(amount) }

// tokenAccount is an associated token account of the owner's or recipient's.
type tokenAccount struct{ wallet, mint solana.PublicKey }

// ledger follows the owner's assets through a transaction, instruction by
// instruction. What leaves counts with the most it may be, what arrives with
// the least.
type ledger struct {
	Policy
	explanation Explanation
	// at is the position of the instruction at hand.
	at int
	// holdings are the owner's accounts: those that stand, and those that the
	// transaction made so far.
	holdings map[solana.PublicKey]*holding
	// coming are addresses that a later instruction, at the position, makes an
	// account of the owner's or uses up for the owner; money may go there first.
	coming map[solana.PublicKey]claim
	// associated are the associated token accounts of owner and recipient for the
	// mints of the policy.
	associated map[solana.PublicKey]tokenAccount
	// received is what the recipient got, if that is not the owner.
	received map[solana.PublicKey]*big.Int
	// lost is what left the owner from no account that is followed, per asset.
	lost map[solana.PublicKey]*big.Int
	// drawn is what left stake accounts of the policy, and given what went to
	// destinations of plain transfers.
	drawn, given map[solana.PublicKey]*big.Int
	// unlimited are assets that were paid without a limit.
	unlimited map[solana.PublicKey]bool
	// opened are token accounts that the owner pays for, and whether anything is
	// paid into them. settled are other accounts at the owner's cost, with rent.
	opened  map[solana.PublicKey]bool
	settled map[solana.PublicKey]*big.Int
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
		unlimited:   make(map[solana.PublicKey]bool),
		opened:      make(map[solana.PublicKey]bool),
		settled:     make(map[solana.PublicKey]*big.Int),
	}

	for _, mint := range p.mints() {
		for _, wallet := range []solana.PublicKey{p.Owner, p.Recipient} {
			for _, program := range tokenPrograms {
				// There is no wrapped SOL of Token-2022, so nothing comes back from
				// its address.
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
	for _, stake := range p.stakes() {
		l.open(stake, standing, accounts.StakeProgram).asset = stakeAsset
	}
	l.open(p.Owner, standing, solana.PublicKey{}).asset = lamportsAsset
	for at := range e.Instructions {
		l.expect(at, &e.Instructions[at])
	}
	return l
}

// open begins to follow an account.
func (l *ledger) open(account solana.PublicKey, is condition, of solana.PublicKey) *holding {
	h := &holding{is: is, of: of, least: make(map[solana.PublicKey]*big.Int)}
	l.holdings[account] = h
	return h
}

// lives is the holding at an address, if the transaction made it and did not
// end it; nil otherwise.
func (l *ledger) lives(account solana.PublicKey, in ...condition) *holding {
	h := l.holdings[account]
	if h == nil || !slices.Contains(in, h.is) {
		return nil
	}
	return h
}

// wraps is the holding at an address that is a token account of wrapped SOL.
func (l *ledger) wraps(account solana.PublicKey) *holding {
	if h := l.lives(account, wrapping); h != nil {
		return h
	}
	if known := l.associated[account]; known.wallet == l.Owner && known.mint == lamportsAsset {
		return l.holdings[account]
	}
	return nil
}

// listed reports whether the policy names a stake account.
func (l *ledger) listed(stake solana.PublicKey) bool {
	h := l.holdings[stake]
	return h != nil && h.is == standing && h.asset == stakeAsset
}

// fund moves lamports of a wallet into an account of the owner's.
func (l *ledger) fund(from solana.PublicKey, to *holding, lamports uint64) {
	amount := number64(lamports)
	to.add(lamportsAsset, amount)
	switch from {
	case l.Owner:
		l.holdings[l.Owner].add(lamportsAsset, minus(amount))
	case l.Recipient:
		// What the recipient lends and gets back did not arrive.
		book(l.received, lamportsAsset, minus(amount))
	}
}

// vacant reports whether the policy knows an address to be without account.
func (l *ledger) vacant(account solana.PublicKey) bool {
	return slices.Contains(l.Vacant, account)
}

// totals is what has become of the owner's assets.
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

// leftovers refuses accounts that are left as others could take them, or in a
// state between two.
func (l *ledger) leftovers() error {
	for _, account := range slices.SortedFunc(maps.Keys(l.holdings), accounts.CompareKeys) {
		switch h := l.holdings[account]; {
		case h.is == collecting || h.is == allocated || h.is == wrapping:
			return l.refuse(ErrLifetime, "account %s is left open", account)
		case h.is == staking && h.staker != h.withdrawer:
			return l.refuse(ErrControl, "the stake account %s is handed over by half", account)
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
				ErrTransfer,
				"pays for the token account %s, which nothing is paid into",
				account,
			)
		}
	}
	return nil
}

// newAccounts compares the accounts that stay at the owner's cost with the
// policy.
func (l *ledger) newAccounts() error {
	rent := new(big.Int)
	for range l.opened {
		rent.Add(rent, number64(l.TokenAccountRent))
	}
	for _, lamports := range l.settled {
		rent.Add(rent, lamports)
	}
	switch count := len(l.opened) + len(l.settled); {
	case len(l.opened) > 0 && l.TokenAccountRent == 0:
		return l.refuse(ErrPolicy, "the rent of a token account has to be known")
	case count > l.MaxNewAccounts:
		return l.refuse(ErrForm, "%d new accounts, at most %d", count, l.MaxNewAccounts)
	case rent.Cmp(number64(l.MaxRent)) > 0:
		return l.refuse(
			ErrTooMuch,
			"%d lamports of rent for new accounts, at most %d",
			rent,
			l.MaxRent,
		)
	}
	return nil
}

// limits compares what left with the most, and what arrived with the least.
func (l *ledger) limits() error {
	total := l.totals()
	for _, asset := range slices.SortedFunc(maps.Keys(total), accounts.CompareKeys) {
		most := l.MaxTokens[asset]
		if asset == lamportsAsset {
			most = l.MaxLamports
		}
		if lost := minus(total[asset]); lost.Cmp(number64(most)) > 0 {
			return l.refuse(ErrTooMuch, "%d of %s, at most %d", lost, assetName(asset), most)
		}
	}
	for _, stake := range slices.SortedFunc(maps.Keys(l.drawn), accounts.CompareKeys) {
		switch most := l.MaxStake[stake]; {
		case l.drawn[stake].Cmp(number64(most)) <= 0:
		case l.drawn[stake].Cmp(whole) >= 0:
			return l.refuse(
				ErrTooMuch,
				"the whole stake account %s, at most %d lamports",
				stake,
				most,
			)
		default:
			return l.refuse(
				ErrTooMuch,
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
				ErrTooMuch,
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
	return l.least(total)
}

// least compares what certainly arrived with what the policy wants.
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
			return l.refuse(ErrNoLimit, "%d of %s wanted", wanted[asset], assetName(asset))
		default:
			return l.refuse(
				ErrTooLittle,
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
