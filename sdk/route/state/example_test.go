package state_test

import (
	"fmt"
	"log"

	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route/state"
)

// A ledger determines the accounts to load. Programs are those whose deployed
// build the prices depend on.
func ExampleNewLedger() {
	jitoSOL, err := lst.Default().Lookup("jitoSOL")
	if err != nil {
		log.Fatal(err)
	}

	ledger := state.NewLedger(state.Scope{Tokens: []lst.LST{jitoSOL}})
	token, ok := ledger.Token(jitoSOL.Mint)
	fmt.Println(token, ok, ledger.LST(token).Symbol)

	plan := ledger.First()
	for _, account := range plan.Accounts {
		if account.Address == jitoSOL.Pool {
			fmt.Println("the stake pool is loaded first")
		}
	}

	fmt.Println(plan.Programs[0] == jitoSOL.Program)
	// Output:
	// 1 true JitoSOL
	// the stake pool is loaded first
	// true
}
