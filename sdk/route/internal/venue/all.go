package venue

import (
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// All is the list of all venues for the tokens and stake accounts of a ledger.
// A new venue is a file, and a line here. Without stake, there are only those
// that take no validator lists.
func All(l *state.Ledger) []Venue {
	var list []Venue
	scope := l.Scope()
	for _, t := range scope.Tokens {
		number, _ := l.Token(t.Mint)
		switch {
		case t.Kind.IsStakePool():
			list = append(list, stakePoolDeposit{stakePool{number}}, stakePoolWithdrawal{stakePool{number}})
		case t.Kind == lst.KindMarinade:
			list = append(list, marinadeDeposit{marinade{number}}, marinadeUnstake{marinade{number}})
		}
	}
	for n, program := range l.Controllers() {
		list = append(list, infinity{number: n, program: program})
	}
	pools := stakePoolsOf(l)
	list = append(list, routerDeposit{pools.takers})
	if scope.WithoutStake {
		return list
	}

	own, _ := stakeProgram{}.Pairs(l)
	byRouter, prefunded := &routerTerms{}, &routerTerms{prefund: true}
	return append(list,
		stakeProgram{},
		stakeWay{terms.VenueReserve, own, sol(), nil},
		stakeWay{terms.VenueStakeDeposit, own, pools.takers, nil},
		stakeWay{terms.VenueStakeWithdrawalToReserve, pools.sellers, sol(), nil},
		stakeWay{terms.VenueStakeWithdrawalToDeposit, pools.givers, pools.takers, nil},
		stakeWithdrawal{pools.givers},
		stakeWay{terms.VenueRouter, pools.givers, pools.takers, byRouter},
		stakeWay{terms.VenueRouter, pools.givers, sol(), byRouter},
		stakeWay{terms.VenueRouterPrefunded, pools.givers, pools.takers, prefunded},
		stakeWay{terms.VenueRouterPrefunded, pools.givers, sol(), prefunded},
	)
}

// stakePools are the tokens whose pools stake moves between.
type stakePools struct {
	// givers give stake for their token and the Router knows them; sellers give
	// stake too, which only the Reserve buys; takers take stake.
	givers, sellers, takers []state.Token
}

func stakePoolsOf(l *state.Ledger) (p stakePools) {
	for _, t := range l.Scope().Tokens {
		number, _ := l.Token(t.Mint)
		switch {
		case t.Kind.IsStakePool():
			p.givers, p.takers = append(p.givers, number), append(p.takers, number)
		case t.Kind == lst.KindMarinade:
			p.takers = append(p.takers, number)
			p.sellers = append(p.sellers, number)
		case t.Kind == lst.KindLido:
			p.givers = append(p.givers, number)
		}
	}
	p.sellers = append(p.sellers, p.givers...)
	return p
}
