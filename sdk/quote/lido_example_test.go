package quote_test

import (
	"errors"
	"fmt"
	"log"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

func ExampleLidoState_Withdraw() {
	vote := solana.MPK("8jxSHbS4qAnh5yueFp4D9ABXubKqMwXqF3HtdzQGuphp")
	// Real programs decode the state from its accounts.
	lido := quote.LidoState{
		Address: accounts.LidoStateAddress,
		State: accounts.LidoState{ExchangeRate: accounts.LidoExchangeRate{
			ComputedInEpoch: 801, SOLBalance: 56_547_940_613_430, StSOLSupply: 46_641_106_474_799,
		}},
		List: &accounts.LidoValidatorList{Validators: []accounts.LidoValidator{
			{VoteAccount: vote, StakeAccountsBalance: 3_103_554_745_912,
				EffectiveStakeBalance: 3_103_554_745_912},
		}},
		Clock:             accounts.Clock{Epoch: 802},
		Rent:              accounts.NewRent(6960),
		MinimumDelegation: 1_000_000_000,
	}

	source, err := lido.Source()
	if err != nil {
		log.Fatal(err)
	}

	// stake is the account at source.Entry.StakeAddress(program, state).
	stake := quote.StakeAccountState{
		Lamports: 3_103_554_745_912,
		Account: accounts.StakeAccount{
			State:             accounts.StakeDelegated,
			RentExemptReserve: 2_282_880,
			Delegation: accounts.Delegation{Voter: source.Entry.VoteAccount,
				Stake: 3_100_854_747_262, DeactivationEpoch: accounts.NeverEpoch},
		},
	}

	if _, err = lido.Withdraw(1_000_000_000, stake); errors.Is(err, quote.ErrStalePool) {
		// The transaction must start with instructions.LidoUpdateExchangeRate.
		lido.Update = &quote.LidoBalances{ReserveLamports: 53_444_386_758_398,
			MintSupply: 46_641_106_474_799}
	}

	withdrawal, err := lido.Withdraw(1_000_000_000, stake)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("stake:", withdrawal.Lamports)
	most, err := lido.WithdrawMost(stake)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("at most for now:", most.StSOL, "stSOL")
	// Output:
	// stake: 1212405641
	// at most for now: 264231263564 stSOL
}
