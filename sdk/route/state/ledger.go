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

// NewLedger makes the ledger of a scope.
func NewLedger(scope Scope) *Ledger {
	seen := make(map[solana.PublicKey]bool, len(scope.Tokens))
	scope.Tokens = slices.DeleteFunc(slices.Clone(scope.Tokens), func(t lst.LST) bool {
		twice := seen[t.Mint]
		seen[t.Mint] = true
		return twice
	})
	scope.StakeAccounts = sortedUnique(scope.StakeAccounts)
	if scope.WithoutStake {
		scope.StakeAccounts = nil
	}
	scope.Tables = slices.Clone(scope.Tables)

	l := &Ledger{
		scope:       scope,
		byMint:      make(map[solana.PublicKey]Token, len(scope.Tokens)+len(scope.StakeAccounts)+1),
		index:       make(map[solana.PublicKey]Index, 6*len(scope.Tokens)+32),
		calculators: make(map[solana.PublicKey]*calculator),
	}
	l.memo.limit = defaultMemoLimit + 16*len(scope.Tokens)
	l.addTokens()
	l.addChain()
	l.addTables()
	l.addCalculators()
	l.addReserve()
	l.addRouter()
	for t := range l.tokens {
		l.addToken(Token(t))
	}
	for t := range l.tokens {
		l.addStake(Token(t))
	}
	l.addControllers()
	slices.SortFunc(l.programs, compareKeys)
	l.programs = slices.Compact(l.programs)
	return l
}

// addTokens numbers the tokens.
func (l *Ledger) addTokens() {
	l.tokens = make([]token, 1, len(l.scope.Tokens)+len(l.scope.StakeAccounts)+1)
	l.tokens[SOL].init(nativeSOL())
	l.byMint[accounts.NativeMint] = SOL
	for _, t := range l.scope.Tokens {
		if t.Mint == accounts.NativeMint {
			continue
		}
		l.byMint[t.Mint] = Token(len(l.tokens))
		l.tokens = append(l.tokens, token{})
		l.tokens[len(l.tokens)-1].init(t)
	}

	l.stakes = Token(len(l.tokens))
	for _, address := range l.scope.StakeAccounts {
		if _, taken := l.byMint[address]; !taken {
			l.byMint[address] = Token(len(l.tokens))
		}
		l.tokens = append(l.tokens, token{})
		l.tokens[len(l.tokens)-1].init(lst.LST{})
	}
}

// init makes a token that has no accounts and parts yet.
func (t *token) init(entry lst.LST) {
	t.lst = entry
	t.pool, t.mint, t.list, t.fee = NoIndex, NoIndex, NoIndex, NoIndex
	t.statePart, t.poolPart, t.feePart = noPart, noPart, noPart
	t.sourcePart, t.takerPart, t.accountPart = noPart, noPart, noPart
}

// nativeSOL is SOL as a token.
func nativeSOL() lst.LST {
	return lst.LST{
		Symbol:       "SOL",
		Mint:         accounts.NativeMint,
		Decimals:     9,
		TokenProgram: accounts.TokenProgram,
		Kind:         lst.KindReserve,
	}
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

// addToken adds what is needed of a token without the ways that move stake.
func (l *Ledger) addToken(t Token) {
	token := &l.tokens[t]
	switch kind := token.lst.Kind; {
	case t >= l.stakes:
		l.addStakeAccount(t)
	case kind.IsStakePool():
		l.addStakePool(t)
	case kind == lst.KindMarinade:
		l.addMarinade(t)
	}
}

// addStake adds what is needed of a token by the ways that move stake.
func (l *Ledger) addStake(t Token) {
	if l.scope.WithoutStake {
		return
	}

	token := &l.tokens[t]
	switch kind := token.lst.Kind; {
	case t == SOL:
		l.addRouterFee(t)
	case kind.IsStakePool():
		l.addStakePoolStake(t)
	case kind == lst.KindMarinade:
		l.addMarinadeStake(t)
	case kind == lst.KindLido:
		l.addLido(t)
	}
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
func (l *Ledger) LST(t Token) lst.LST {
	if l == nil || t < 0 || int(t) >= len(l.tokens) {
		return lst.LST{}
	}

	return l.tokens[t].lst
}

// Kind returns the kind of a token, zero for one that the registry does not
// know.
func (l *Ledger) Kind(t Token) lst.Kind {
	if l == nil || t < 0 || int(t) >= len(l.tokens) {
		return 0
	}

	return l.tokens[t].lst.Kind
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
func (l *Ledger) Address(t Token) solana.PublicKey {
	switch {
	case l == nil || t < 0 || int(t) >= len(l.tokens):
		return solana.PublicKey{}
	case t >= l.stakes:
		return l.scope.StakeAccounts[t-l.stakes]
	}
	return l.tokens[t].lst.Mint
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
