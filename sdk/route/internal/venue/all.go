package venue

import (
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// All returns the venues for the tokens and stake accounts of a ledger. To add
// a venue, write a file and add it to this list. A ledger without stake has
// only the venues that need no validator lists.
func All(l *state.Ledger) []Venue {
	var list []Venue
	scope := l.Scope()
	for _, t := range scope.Tokens {
		number, _ := l.Token(t.Mint)
		switch {
		case t.Kind.IsStakePool():
			list = append(list, stakePoolDeposit{stakePool{number}},
				stakePoolWithdrawal{stakePool{number}})
		case t.Kind == lst.KindMarinade:
			list = append(list, marinadeDeposit{marinade{number}},
				marinadeUnstake{marinade{number}})
		}
	}

	for n, program := range l.Controllers() {
		list = append(list, infinity{number: n, program: program})
	}

	pools := stakePoolsOf(l)
	list = append(list, routerDeposit{pools.buyers})
	if scope.WithoutStake {
		return list
	}

	own, _ := stakeProgram{}.Pairs(l)
	byRouter, prefunded := &routerTerms{}, &routerTerms{prefund: true}

	return append(list,
		stakeProgram{},
		stakeTrade{terms.VenueReserve, own, sol(), nil},
		stakeTrade{terms.VenueStakeDeposit, own, pools.buyers, nil},
		stakeTrade{terms.VenueStakeWithdrawalToReserve, pools.sellers, sol(), nil},
		stakeTrade{terms.VenueStakeWithdrawalToDeposit, pools.sellers, pools.buyers, nil},
		stakeWithdrawal{pools.sellers},
		stakeTrade{terms.VenueRouter, pools.givers, pools.buyers, byRouter},
		stakeTrade{terms.VenueRouter, pools.givers, sol(), byRouter},
		stakeTrade{terms.VenueRouterPrefunded, pools.givers, pools.buyers, prefunded},
		stakeTrade{terms.VenueRouterPrefunded, pools.givers, sol(), prefunded},
	)
}

// stakePools groups tokens by what their pools can do with stake.
type stakePools struct {
	// givers redeem their token for stake and are known to the Router. sellers
	// include the givers and Marinade, which the Router does not know as a
	// source. buyers accept deposits of stake.
	givers, sellers, buyers []state.Token
}

func stakePoolsOf(l *state.Ledger) (p stakePools) {
	for _, t := range l.Scope().Tokens {
		number, _ := l.Token(t.Mint)
		switch {
		case t.Kind.IsStakePool():
			p.givers, p.buyers = append(p.givers, number), append(p.buyers, number)
		case t.Kind == lst.KindMarinade:
			p.buyers = append(p.buyers, number)
			p.sellers = append(p.sellers, number)
		case t.Kind == lst.KindLido:
			p.givers = append(p.givers, number)
		}
	}

	p.sellers = append(p.sellers, p.givers...)
	return p
}
