package state

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// Index is the number of an address in a [Ledger], or of an address that one
// load found in accounts. Numbers of the second kind are valid in all snapshots
// that follow from the same load.
type Index int32

// NoIndex is the index of an unknown address.
const NoIndex Index = -1

// Token is the number of a token in a [Ledger]: SOL is 0, the tokens of the
// ledger follow in their order, and then its stake accounts in the order of
// their addresses.
type Token int32

// SOL is the number of SOL in every ledger.
const SOL Token = 0

// NoToken is the number of a token that the ledger does not have.
const NoToken Token = -1

// Scope is the set of tokens and accounts of a ledger.
type Scope struct {
	// Tokens are the traded tokens. Duplicates are ignored.
	Tokens []lst.LST

	// StakeAccounts are stake accounts of an owner that can be traded.
	StakeAccounts []solana.PublicKey

	// Merges are, for some of StakeAccounts, the other stake accounts of the
	// owner that are merged into it before it is traded.
	Merges map[solana.PublicKey][]solana.PublicKey

	// Tables are address lookup tables that transactions can use.
	Tables []solana.PublicKey

	// LookAhead is the number of slots after the Clock for which the prices of
	// INF are also prepared. Zero prepares none.
	LookAhead uint64

	// StakeSources is the number of validators of each stake pool, the ones
	// with the most stake, whose stake accounts are loaded for withdrawals into
	// several stake accounts. [CandidatesPerPair] is the minimum.
	StakeSources int

	// Validators are vote accounts: the stake accounts that stake pools have
	// with them are loaded in addition to those of the largest validators.
	Validators []solana.PublicKey

	// WithoutStake leaves out the routes that move stake, and with them the
	// validator lists and StakeAccounts.
	WithoutStake bool
}

// Ledger numbers the addresses, tokens and parts of a market, and determines
// the accounts to load in each round. It derives each address that prices
// depend on once, when it is made. Addresses that only transactions need are
// derived on first use and cached in a memo of limited size.
type Ledger struct {
	scope  Scope
	tokens []token
	byMint map[solana.PublicKey]Token
	// stakes is the number of the first stake account.
	stakes Token

	// addresses and lengths are by index. A length of zero loads all data.
	addresses []solana.PublicKey
	lengths   []int32
	index     map[solana.PublicKey]Index
	// first are the accounts of the first round.
	first    []Index
	programs []solana.PublicKey

	sysvars sysvars
	tables  []table
	// makers prepare the parts, in an order in which each part reads only parts
	// before it. feeds has the part that collects each part, or noPart.
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

// token is the ledger's record of a token.
type token struct {
	lst lst.LST
	// pool, mint and list are the accounts of the token's pool. fee is the
	// Router's token account.
	pool, mint, list, fee Index
	// feeErr is the error of deriving the Router's token account.
	feeErr error
	// calculator is the program that usually values the token, and group its
	// accounts in instructions.
	calculator solana.PublicKey
	group      instructions.ProgramAccounts
	// authority is the withdraw authority of the pool. depositAuthority is the
	// default authority of stake deposits, interceptor has the keys of another.
	authority        atomic.Pointer[authority]
	depositAuthority atomic.Pointer[solana.PublicKey]
	interceptor      atomic.Pointer[interceptorKeys]

	// The parts of the token, or noPart.
	statePart, poolPart, feePart, sourcePart, buyerPart, accountPart PartID
}

// keyMemo caches the addresses that were last derived from a protocol's state.
type keyMemo[T any] struct {
	lock sync.Mutex
	keys map[Token]T
}

// number returns the index of an address, and adds a new address.
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

// notFirst marks an account that the first round does not need.
const notFirst = -1

// need returns the index of an address and adds its account to the first round,
// with length bytes of data. Zero loads all data.
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

// lengthOf returns the number of bytes to keep of an account's data. Zero keeps
// all.
func (l *Ledger) lengthOf(i Index) int {
	if int(i) < len(l.lengths) && l.lengths[i] > 0 {
		return int(l.lengths[i])
	}
	return 0
}

// needDerived is need for a derived address. It returns the error of the
// derivation.
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

// Scope returns the scope of the ledger, with unique tokens and with the stake
// accounts in the order of their addresses.
func (l *Ledger) Scope() Scope {
	if l == nil {
		return Scope{}
	}

	return Scope{
		Tokens:        slices.Clone(l.scope.Tokens),
		StakeAccounts: slices.Clone(l.scope.StakeAccounts),
		Merges:        maps.Clone(l.scope.Merges),
		Tables:        slices.Clone(l.scope.Tables),
		LookAhead:     l.scope.LookAhead,
		StakeSources:  l.scope.StakeSources,
		Validators:    slices.Clone(l.scope.Validators),
		WithoutStake:  l.scope.WithoutStake,
	}
}

// Tokens returns the number of tokens, including SOL and the stake accounts.
// Valid token numbers are below it.
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

// LST returns the registry entry of a token. It is zero for a stake account,
// and for a token that the ledger does not have.
func (l *Ledger) LST(token Token) lst.LST {
	if l == nil || token < 0 || int(token) >= len(l.tokens) {
		return lst.LST{}
	}

	return l.tokens[token].lst
}

// Kind returns the kind of a token. It is zero for a stake account, and for a
// token that the ledger does not have.
func (l *Ledger) Kind(token Token) lst.Kind {
	if l == nil || token < 0 || int(token) >= len(l.tokens) {
		return 0
	}

	return l.tokens[token].lst.Kind
}

// StakeAccounts returns the range of the numbers of the stake accounts: from
// first up to, but not including, end.
func (l *Ledger) StakeAccounts() (first, end Token) {
	if l == nil {
		return 0, 0
	}

	return l.stakes, Token(len(l.tokens))
}

// Merged returns the stake accounts that are merged into another one before it
// is traded. The caller must not change them.
func (l *Ledger) Merged(into solana.PublicKey) []solana.PublicKey {
	if l == nil {
		return nil
	}

	return l.scope.Merges[into]
}

// Address returns the mint of a token, or the address of a stake account. It is
// zero for a token that the ledger does not have.
func (l *Ledger) Address(token Token) solana.PublicKey {
	switch {
	case l == nil || token < 0 || int(token) >= len(l.tokens):
		return solana.PublicKey{}
	case token >= l.stakes:
		return l.scope.StakeAccounts[token-l.stakes]
	}
	return l.tokens[token].lst.Mint
}

// First returns the accounts of the first round: the sysvars, the lookup
// tables, and the accounts of pools whose addresses are known without reading
// another account.
func (l *Ledger) First() LoadPlan {
	if l == nil {
		return LoadPlan{}
	}

	all := LoadPlan{
		Accounts: make([]AccountRequest, len(l.first)),
		Programs: slices.Clone(l.programs),
	}

	for n, i := range l.first {
		all.Accounts[n] = AccountRequest{Address: l.addresses[i], Length: int(l.lengths[i])}
	}

	return all
}

// PartID is the number of a part in a ledger.
type PartID int32

// noPart is the number of a part that a ledger does not have.
const noPart PartID = -1

// maker prepares one part from accounts and from other parts. The returned
// value is never written to.
type maker interface {
	prepare(r *reader) (any, error)
}

// note is an account or a part that a part was prepared from.
type note struct {
	kind noteKind
	// id is the index of an account or the number of a part.
	id int32
	// at and size are the position of a piece in an account's data.
	at, size int32
}

type noteKind uint8

const (
	// ofAccount is a whole account, or the fact that it does not exist.
	ofAccount noteKind = iota
	// ofPiece is a piece of an account's data.
	ofPiece
	// ofPart is another part.
	ofPart
)

// reader returns the accounts and parts that a part is prepared from, and
// records them.
type reader struct {
	ledger *Ledger
	given  *AccountSnapshot
	*extra
	// accounts and parts return accounts and parts by number.
	accounts func(Index) *accounts.Account
	parts    func(PartID) *prepared
	// set is where new addresses are looked up. It is nil in an update, which
	// cannot load accounts: reload is then the first address that was needed.
	set    *accounts.Set
	reload *solana.PublicKey
	// now is the current part.
	now PartID
	// notes are the notes of all parts, part by part.
	notes   []note
	lockups []int64
	votes   *votes
	// changes are the account changes of an update. An account that changed
	// twice has two entries.
	changes []change
	// fed are the parts that changed in an update and that another part
	// collects.
	fed bitSet
}

// extra has the addresses that one load found in accounts.
type extra struct {
	// base is the index of the first address.
	base      Index
	addresses []solana.PublicKey
	index     map[solana.PublicKey]Index
}

// change is the range in which the data of an account differ from those before
// the update: [begin, end).
type change struct {
	account    Index
	begin, end int
}

// table is an address lookup table.
type table struct {
	account Index
	part    PartID
}

// sysvars are the accounts that every market needs, and the parts prepared from
// them.
type sysvars struct {
	clock, rent, schedule, rewards Index
	chain, epoch                   PartID
}

// calculator is a program that values tokens, with the accounts that determine
// whether it works. It also prepares its part.
type calculator struct {
	program solana.PublicKey
	// pools is the program of the pools whose tokens it values.
	pools solana.PublicKey

	state, data         solana.PublicKey
	stateErr, dataErr   error
	stateIndex, dataIdx Index
	// wanted reports whether a token needs the calculator.
	wanted bool
	part   PartID
}

// reserve is the ledger's record of the Reserve. It also prepares its part.
type reserve struct {
	program, pool                  solana.PublicKey
	account                        Index
	sol, fee, protocolFee          Index
	solKey, feeKey, protocolFeeKey solana.PublicKey
	// err is the error of deriving the addresses.
	err  error
	part PartID

	lock sync.Mutex
	keys *reserveKeys
}

// reserveKeys are the keys that were last derived, with their inputs.
type reserveKeys struct {
	lpMint, feeDestination solana.PublicKey
	keys                   instructions.Reserve
}

// bridge is the account of the Router's wSOL bridge.
type bridge struct {
	account Index
	err     error
	part    PartID
}

// prefund is the account of the Router's prefunder, which lends rent.
type prefund struct {
	account Index
	err     error
	part    PartID
}

// controller is the ledger's record of an Infinity pool: Infinity itself, or a
// pool of another deployment of its program.
type controller struct {
	ledger     *Ledger
	program    solana.PublicKey
	controller accounts.Controller
	// err is the error of deriving the addresses.
	err error

	pool, list, slab, lpMint Index
	// lp is the LP token, if the ledger has it.
	lp      *lst.LST
	lpToken Token
	// tokens are the tokens that the pool can hold, including SOL. positions
	// has the index of each ledger token among them, or -1.
	tokens    []Token
	positions []int32
	reserves  []derived

	statePart, factsPart, listPart, lpPart, pricingPart, bodyPart, part PartID
	// first is the part of the first token. The parts of the other tokens
	// follow.
	first PartID

	fees flatFees
}

// derived is the index of a derived address, or the error of its derivation.
type derived struct {
	index Index
	err   error
}

// flatFees are the addresses of the fee accounts under the flat-fee pricing
// program. They are derived on first use.
type flatFees struct {
	once      sync.Once
	addresses []solana.PublicKey
	errs      []error
	state     solana.PublicKey
	stateErr  error
}

// authority is the withdraw authority of a pool, which is derived with a seed
// from the pool's state.
type authority struct {
	seed    uint8
	address solana.PublicKey
}

// interceptorKeys are the keys that were last derived from an authority of the
// interceptor.
type interceptorKeys struct {
	address solana.PublicKey
	state   accounts.InterceptorAuthority
	keys    instructions.Interceptor
}

// prepared is a part, or the error of its maker.
type prepared struct {
	value any
	err   error
}
