package idl

import "slices"

// RouterStakeWrappedSOL deposits wrapped SOL into a stake pool.
var RouterStakeWrappedSOL = Instruction{
	Name: "StakeWrappedSol",
	Tag:  "\x00",
	Accounts: []Account{
		signer("user"),
		writable("source token account"),
		writable("destination token account"),
		writable("wSOL bridge"),
		writable("SOL bridge"),
		writable("fee token account"),
		writable("pool mint"),
		wrappedSOLMint,
		tokenProgram,
		systemProgram,
	},
	Rest:   Rest{Pools: []*Pools{&RouterDepositSOLPools}},
	Fields: []Field{Tokens("lamports", "wrapped SOL mint")},
}

// RouterSwapViaStake withdraws stake from a pool and deposits it into another.
var RouterSwapViaStake = Instruction{
	Name:     "SwapViaStake",
	Tag:      "\x01",
	Accounts: swapViaStakeAccounts,
	Rest:     Rest{Pools: []*Pools{&RouterWithdrawStakePools, &RouterDepositStakePools}},
	Fields:   swapViaStakeFields,
}

var swapViaStakeAccounts = []Account{
	payer("user"),
	writable("source token account"),
	writable("destination token account"),
	writable("bridge stake account"),
	writable("fee token account"),
	writable("source mint"),
	destinationMint,
}

// destinationMint is read only for wrapped SOL. No instruction mints wrapped
// SOL, and a write lock on its mint would delay the transactions of others.
var destinationMint = writable("destination mint")

var swapViaStakeFields = []Field{
	Tokens("pool tokens", "source mint"),
	Number("bridge seed", KindU32),
}

// RouterCreateFeeTokenAccount creates the Router's fee token account for a
// mint.
var RouterCreateFeeTokenAccount = Instruction{
	Name: "CreateFeeTokenAccount",
	Tag:  "\x02",
	Accounts: []Account{
		payer("payer"),
		writable("fee token account"),
		readonly("mint"),
		tokenProgram,
		systemProgram,
	},
}

// RouterDepositStake deposits a stake account into a pool.
var RouterDepositStake = Instruction{
	Name: "DepositStake",
	Tag:  "\x05",
	Accounts: []Account{
		payer("user"),
		writable("stake account"),
		writable("destination token account"),
		writable("fee token account"),
		destinationMint,
	},
	Rest: Rest{Pools: []*Pools{&RouterDepositStakePools}},
}

// RouterPrefundWithdrawStake withdraws stake from a pool, with the rent lent by
// the prefunder.
var RouterPrefundWithdrawStake = Instruction{
	Name: "PrefundWithdrawStake",
	Tag:  "\x06",
	Accounts: slices.Concat([]Account{
		payer("user"),
		writable("source token account"),
		writable("bridge stake account"),
		writable("source mint"),
	}, prefundAccounts),
	Rest:   Rest{Pools: []*Pools{&RouterWithdrawStakePools}},
	Fields: swapViaStakeFields,
}

// RouterPrefundSwapViaStake is RouterSwapViaStake with the rent lent by the
// prefunder.
var RouterPrefundSwapViaStake = Instruction{
	Name:     "PrefundSwapViaStake",
	Tag:      "\x07",
	Accounts: slices.Concat(swapViaStakeAccounts, prefundAccounts),
	Rest:     Rest{Pools: []*Pools{&RouterWithdrawStakePools, &RouterDepositStakePools}},
	Fields:   swapViaStakeFields,
}

// prefundAccounts are the accounts of the loan and of its repayment.
var prefundAccounts = []Account{
	writable("prefunder"),
	writable("slumdog stake account"),
	readonly("Reserve program"),
	writable("Reserve pool"),
	writable("Reserve pool SOL"),
	readonly("Reserve fee"),
	writable("slumdog stake account record"),
	readonly("Reserve protocol fee"),
	writable("Reserve protocol fee destination"),
	clock,
	stakeProgram,
	systemProgram,
}

// RouterWithdrawWrappedSOL burns pool tokens for wrapped SOL.
var RouterWithdrawWrappedSOL = Instruction{
	Name: "WithdrawWrappedSol",
	Tag:  "\x08",
	Accounts: []Account{
		signer("user"),
		writable("source token account"),
		writable("destination token account"),
		writable("fee token account"),
		writable("pool mint"),
		wrappedSOLMint,
		tokenProgram,
	},
	Rest:   Rest{Pools: []*Pools{&RouterWithdrawSOLPools}},
	Fields: []Field{Tokens("pool tokens", "pool mint")},
}
