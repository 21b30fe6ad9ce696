package state

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// Index is the number of an address in a [Ledger], or of an address that one
// load found in the accounts. Numbers of the second kind are the same in all
// snapshots that follow from the same load.
type Index int32

// NoIndex is the index of an address that is not known.
const NoIndex Index = -1

// Token is the number of a token in a [Ledger]: SOL is 0, then come the tokens
// of the ledger in their order, then its stake accounts in the order of their
// addresses.
type Token int32

// SOL is the number of SOL in every ledger.
const SOL Token = 0

// NoToken is the number of a token that the ledger does not have.
const NoToken Token = -1

// Scope is what a ledger is made for.
type Scope struct {
	// Tokens are those that are traded. One that is named twice counts once.
	Tokens []lst.LST

	// StakeAccounts are accounts of an owner that can be traded.
	StakeAccounts []solana.PublicKey

	// Tables are address lookup tables that transactions may use.
	Tables []solana.PublicKey

	// LookAhead is for how many slots from the Clock's on the prices of INF are
	// prepared as well, zero for none.
	LookAhead uint64

	// WithoutStake leaves out what moves stake, and with it the validator
	// lists. StakeAccounts are then ignored.
	WithoutStake bool
}

// Ledger numbers the addresses, tokens and parts of a market, and knows which
// accounts to load in which round. Every address that prices depend on is
// derived once, when the ledger is made. What only transactions name is derived
// when it is first asked for, and kept in a memo of bounded size.
type Ledger struct {
	scope  Scope
	tokens []token
	byMint map[solana.PublicKey]Token
	// stakes is the number of the first stake account.
	stakes Token

	// addresses and lengths are by index. A length of zero asks for all bytes.
	addresses []solana.PublicKey
	lengths   []int32
	index     map[solana.PublicKey]Index
	// first are the accounts of the first round.
	first    []Index
	programs []solana.PublicKey

	sysvars sysvars
	tables  []table
	// makers make the parts, in an order in which each reads only parts that
	// come before it. feeds names the part that collects a part, or noPart.
	makers []maker
	feeds  []PartID

	calculators map[solana.PublicKey]*calculator
	controllers []*controller
	reserve     *reserve
	bridge      bridge
	prefund     prefund

	memo     memo
	marinade keyMemo[instructions.Marinade]
	lido     keyMemo[instructions.Lido]
}

// token is what a ledger knows about a token.
type token struct {
	lst lst.LST
	// pool, mint and list are the accounts of the token's pool, fee is the
	// Router's token account.
	pool, mint, list, fee Index
	// feeErr is why there is no address for the Router's token account.
	feeErr error
	// calculator values the token usually, with group for its instructions.
	calculator solana.PublicKey
	group      instructions.Group
	// authority is the withdraw authority of the pool, depositAuthority that
	// which stake deposits need by default.
	authority        atomic.Pointer[authority]
	depositAuthority atomic.Pointer[solana.PublicKey]

	// These are the parts of the token, or noPart.
	statePart, poolPart, feePart, sourcePart, takerPart, accountPart PartID
}

// keyMemo keeps the keys that were last made of a protocol's state.
type keyMemo[T any] struct {
	lock sync.Mutex
	keys map[Token]T
}

// number returns the index of an address, which it adds if it is new.
func (l *Ledger) number(address solana.PublicKey) Index {
	if i, ok := l.index[address]; ok {
		return i
	}

	i := Index(len(l.addresses))
	l.index[address] = i
	l.addresses = append(l.addresses, address)
	l.lengths = append(l.lengths, notFirst)
	return i
}

// notFirst marks an account that is not needed in the first round.
const notFirst = -1

// need numbers an address whose account is needed in the first round, with so
// many bytes. Zero asks for all.
func (l *Ledger) need(address solana.PublicKey, length int32) Index {
	i := l.number(address)
	switch known := l.lengths[i]; {
	case known == notFirst:
		l.first = append(l.first, i)
		l.lengths[i] = length
	case known != 0 && (length == 0 || length > known):
		l.lengths[i] = length
	}
	return i
}

// needDerived is need for an address that is derived. It is left out if that
// fails.
func (l *Ledger) needDerived(address solana.PublicKey, err error) (Index, error) {
	if err != nil {
		return NoIndex, err
	}
	return l.need(address, 0), nil
}

// part adds a part and returns its number.
func (l *Ledger) part(m maker) PartID {
	l.makers = append(l.makers, m)
	l.feeds = append(l.feeds, noPart)
	return PartID(len(l.makers) - 1)
}

// isZero reports whether the ledger was not made by [NewLedger].
func (l *Ledger) isZero() bool { return l == nil || len(l.makers) == 0 }

// Scope returns what the ledger was made for, with each token once and the
// stake accounts in the order of their addresses.
func (l *Ledger) Scope() Scope {
	if l == nil {
		return Scope{}
	}

	return Scope{
		Tokens:        slices.Clone(l.scope.Tokens),
		StakeAccounts: slices.Clone(l.scope.StakeAccounts),
		Tables:        slices.Clone(l.scope.Tables),
		LookAhead:     l.scope.LookAhead,
		WithoutStake:  l.scope.WithoutStake,
	}
}

// Tokens returns the number of tokens, SOL and the stake accounts included.
// Their numbers are those below it.
func (l *Ledger) Tokens() int {
	if l == nil {
		return 0
	}

	return len(l.tokens)
}

// Token returns the number of a mint or of a stake account, and whether the
// ledger has it.
func (l *Ledger) Token(mint solana.PublicKey) (Token, bool) {
	if l == nil {
		return NoToken, false
	}

	t, ok := l.byMint[mint]
	if !ok {
		return NoToken, false
	}
	return t, true
}

// LST returns the registry's entry of a token. It is zero for a stake account
// and for a token that the ledger does not have.
func (l *Ledger) LST(token Token) lst.LST {
	if l == nil || token < 0 || int(token) >= len(l.tokens) {
		return lst.LST{}
	}

	return l.tokens[token].lst
}

// Kind returns the kind of a token, zero for one that the registry does not
// know.
func (l *Ledger) Kind(token Token) lst.Kind {
	if l == nil || token < 0 || int(token) >= len(l.tokens) {
		return 0
	}

	return l.tokens[token].lst.Kind
}

// StakeAccounts returns the numbers of the stake accounts: all from the first
// to below the last.
func (l *Ledger) StakeAccounts() (first, end Token) {
	if l == nil {
		return 0, 0
	}

	return l.stakes, Token(len(l.tokens))
}

// Address returns the address of a token: its mint, or that of a stake account.
// It is zero for a token that the ledger does not have.
func (l *Ledger) Address(token Token) solana.PublicKey {
	switch {
	case l == nil || token < 0 || int(token) >= len(l.tokens):
		return solana.PublicKey{}
	case token >= l.stakes:
		return l.scope.StakeAccounts[token-l.stakes]
	}
	return l.tokens[token].lst.Mint
}

// First returns the needs of the first round: the sysvars, the lookup tables,
// and what prices depend on as far as it is known without any account.
func (l *Ledger) First() Needs {
	if l == nil {
		return Needs{}
	}

	all := Needs{
		Accounts: make([]Need, len(l.first)),
		Programs: slices.Clone(l.programs),
	}
	for n, i := range l.first {
		all.Accounts[n] = Need{Address: l.addresses[i], Length: int(l.lengths[i])}
	}
	return all
}

// PartID is the number of a part in a ledger.
type PartID int32

// noPart is the number of a part that a ledger does not have.
const noPart PartID = -1

// maker makes one part of accounts and other parts. What it returns is never
// written again.
type maker interface {
	prepare(r *reader) (any, error)
}

// note is something that a part was made of.
type note struct {
	kind noteKind
	// id is the index of an account or the number of a part.
	id int32
	// at and size are the piece of an account's data.
	at, size int32
}

type noteKind uint8

const (
	// ofAccount is a whole account, or that it does not exist.
	ofAccount noteKind = iota
	// ofPiece is a piece of an account's data.
	ofPiece
	// ofPart is another part.
	ofPart
)

// reader gives the accounts and parts that a part is made of, and notes them.
type reader struct {
	ledger *Ledger
	given  *State
	*extra
	// accounts and parts are where to read.
	accounts func(Index) *accounts.Account
	parts    func(PartID) *prepared
	// set takes addresses that are not numbered yet. It is nil in an update,
	// which may not need any: then reload is the first of them.
	set    *accounts.Set
	reload *solana.PublicKey
	// now is the part that is being made.
	now PartID
	// notes are those of all parts, one part after the other.
	notes   []note
	lockups []int64
	votes   *votes
	// changes are the accounts that changed in an update, each once for each
	// time that it did.
	changes []change
	// fed are the parts that changed in an update and that another collects.
	fed bitSet
}

// extra are addresses that were found in the accounts of one load.
type extra struct {
	// base is the index of the first.
	base      Index
	addresses []solana.PublicKey
	index     map[solana.PublicKey]Index
}

// change is where the data of an account differ from those before the update:
// nowhere outside of [begin, end).
type change struct {
	account    Index
	begin, end int
}

// table is an address lookup table.
type table struct {
	account Index
	part    PartID
}

// sysvars are the accounts that every market needs, and what is made of them.
type sysvars struct {
	clock, rent, schedule, rewards Index
	chain, epoch                   PartID
}

// calculator is a program that values tokens, with the accounts that tell
// whether it works. It is also the maker of its part.
type calculator struct {
	program solana.PublicKey
	// pools is the program of the pools whose tokens it values.
	pools solana.PublicKey

	state, data         solana.PublicKey
	stateErr, dataErr   error
	stateIndex, dataIdx Index
	// wanted reports whether a token needs it.
	wanted bool
	part   PartID
}

// reserve is what a ledger knows about the Reserve. It is also the maker of its
// part.
type reserve struct {
	program, pool                  solana.PublicKey
	account                        Index
	sol, fee, protocolFee          Index
	solKey, feeKey, protocolFeeKey solana.PublicKey
	// err is why the addresses could not be derived.
	err  error
	part PartID

	lock sync.Mutex
	keys *reserveKeys
}

// reserveKeys are the keys that were last made, and of what.
type reserveKeys struct {
	lpMint, feeDestination solana.PublicKey
	keys                   instructions.Reserve
}

// bridge is the account of the Router's bridge for wrapped SOL.
type bridge struct {
	account Index
	err     error
	part    PartID
}

// prefund is the account that lends rent for the Router.
type prefund struct {
	account Index
	err     error
	part    PartID
}

// controller is what a ledger knows about a controller.
type controller struct {
	ledger     *Ledger
	program    solana.PublicKey
	controller accounts.Controller
	// err is why the controller's addresses could not be derived.
	err error

	pool, list, slab, lpMint Index
	// lp is the LP token, if the ledger has it.
	lp      *lst.LST
	lpToken Token
	// tokens may be in the pool, SOL among them. positions tells where a token
	// of the ledger is among them, -1 if it is not.
	tokens    []Token
	positions []int32
	reserves  []derived

	statePart, factsPart, listPart, lpPart, pricingPart, bodyPart, part PartID
	// first is the part of the first token; the others follow.
	first PartID

	fees flatFees
}

// derived is the index of an address, or why it could not be derived.
type derived struct {
	index Index
	err   error
}

// flatFees are the addresses of the tokens' fee accounts under the flat-fee
// pricing program. They are derived when they are first needed.
type flatFees struct {
	once      sync.Once
	addresses []solana.PublicKey
	errs      []error
	state     solana.PublicKey
	stateErr  error
}

// authority is the withdraw authority of a pool, which follows from a seed in
// its state.
type authority struct {
	seed    uint8
	address solana.PublicKey
}

// prepared is a part as its maker made it.
type prepared struct {
	value any
	err   error
}
