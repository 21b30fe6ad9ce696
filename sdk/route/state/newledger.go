package state

import (
	"maps"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// NewLedger returns the ledger of a scope.
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

	scope.Merges = maps.Clone(scope.Merges)
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
	slices.SortFunc(l.programs, accounts.CompareKeys)
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

// init sets a token without accounts and parts.
func (t *token) init(entry lst.LST) {
	t.lst = entry
	t.pool, t.mint, t.list, t.fee = NoIndex, NoIndex, NoIndex, NoIndex
	t.statePart, t.poolPart, t.feePart = noPart, noPart, noPart
	t.sourcePart, t.buyerPart, t.accountPart = noPart, noPart, noPart
}

// nativeSOL returns SOL as a token.
func nativeSOL() lst.LST {
	return lst.LST{
		Symbol:       "SOL",
		Mint:         accounts.NativeMint,
		Decimals:     9,
		TokenProgram: accounts.TokenProgram,
		Kind:         lst.KindReserve,
	}
}

// addToken adds the accounts and parts of a token for routes that do not move
// stake.
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

// addStake adds the accounts and parts of a token for routes that move stake.
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
