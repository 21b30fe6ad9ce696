package idl

import "slices"

var referrer = writable("referrer")

// ReserveUnstake sells a stake account for SOL.
var ReserveUnstake = Instruction{
	Name:     "Unstake",
	Tag:      "\x5a\x5f\x6b\x2a\xcd\x7c\x32\xe1",
	Accounts: unstakeAccounts("destination"),
	Rest:     Rest{Optional: &referrer},
}

// ReserveUnstakeWsol sells a stake account for wrapped SOL.
var ReserveUnstakeWsol = Instruction{
	Name:     "UnstakeWsol",
	Tag:      "\x7d\x5d\xbe\x87\x59\xae\x8e\x95",
	Accounts: slices.Concat(unstakeAccounts("destination token account"), []Account{tokenProgram}),
	Rest:     Rest{Optional: &referrer},
}

func unstakeAccounts(destination string) []Account {
	return []Account{
		signer("owner"),
		writable("stake account"),
		writable(destination),
		writable("pool"),
		writable("pool SOL"),
		readonly("fee"),
		writable("stake account record"),
		readonly("protocol fee"),
		writable("protocol fee destination"),
		clock,
		stakeProgram,
		systemProgram,
	}
}

// ReserveAddLiquidity deposits SOL for the LP token.
var ReserveAddLiquidity = Instruction{
	Name: "AddLiquidity",
	Tag:  "\xb5\x9d\x59\x43\x8f\xb6\x34\x48",
	Accounts: []Account{
		payer("lamports source"),
		writable("pool"),
		writable("pool SOL"),
		writable("LP mint"),
		writable("destination token account"),
		writable("flash account"),
		tokenProgram,
		systemProgram,
	},
	Fields: []Field{Lamports("lamports")},
}

// ReserveRemoveLiquidity burns the LP token for SOL.
var ReserveRemoveLiquidity = Instruction{
	Name: "RemoveLiquidity",
	Tag:  "\x50\x55\xd1\x48\x18\xce\xb1\x6c",
	Accounts: []Account{
		signer("token authority"),
		writable("destination"),
		writable("pool"),
		writable("pool SOL"),
		writable("LP mint"),
		writable("source token account"),
		writable("flash account"),
		tokenProgram,
		systemProgram,
	},
	Fields: []Field{Tokens("LP tokens", "LP mint")},
}

// ReserveDeactivateStakeAccount deactivates a stake account that the Reserve
// has bought.
var ReserveDeactivateStakeAccount = Instruction{
	Name: "DeactivateStakeAccount",
	Tag:  "\xd9\x40\x4c\x10\xd8\x4d\x7b\xe2",
	Accounts: []Account{
		writable("stake account"),
		readonly("pool"),
		readonly("pool SOL"),
		clock,
		stakeProgram,
	},
}

// ReserveReclaimStakeAccount withdraws the lamports of an inactive stake
// account.
var ReserveReclaimStakeAccount = Instruction{
	Name: "ReclaimStakeAccount",
	Tag:  "\x2f\x7f\x5a\xdd\x0a\xa0\xb7\x75",
	Accounts: []Account{
		writable("stake account"),
		writable("pool"),
		writable("pool SOL"),
		writable("stake account record"),
		clock,
		stakeHistory,
		stakeProgram,
	},
}
