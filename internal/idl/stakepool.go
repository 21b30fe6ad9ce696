package idl

// StakePoolUpdateValidatorListBalance records the balances of validators.
var StakePoolUpdateValidatorListBalance = Instruction{
	Name: "UpdateValidatorListBalance",
	Tag:  "\x06",
	Accounts: []Account{
		readonly("stake pool"),
		readonly("withdraw authority"),
		writable("validator list"),
		writable("reserve stake"),
		clock,
		stakeHistory,
		stakeProgram,
	},
	Rest: Rest{Repeated: []Account{
		writable("validator stake account"),
		writable("transient stake account"),
	}},
	Fields: []Field{
		Number("start", KindU32),
		Value("no merge", KindBool),
	},
}

// StakePoolUpdateStakePoolBalance updates the price of a pool.
var StakePoolUpdateStakePoolBalance = Instruction{
	Name: "UpdateStakePoolBalance",
	Tag:  "\x07",
	Accounts: []Account{
		writable("stake pool"),
		readonly("withdraw authority"),
		writable("validator list"),
		readonly("reserve stake"),
		writable("manager fee account"),
		writable("pool mint"),
		readonly("mint token program"),
	},
}

// StakePoolCleanupRemovedValidatorEntries removes validators without stake.
// Builds since v2.0.4 write the pool when a preferred validator is removed, so
// it is always writable.
var StakePoolCleanupRemovedValidatorEntries = Instruction{
	Name: "CleanupRemovedValidatorEntries",
	Tag:  "\x08",
	Accounts: []Account{
		writable("stake pool"),
		writable("validator list"),
	},
}

// StakePoolDepositStake deposits a stake account for pool tokens.
var StakePoolDepositStake = Instruction{
	Name:     "DepositStake",
	Tag:      "\x09",
	Accounts: depositStakeAccounts,
}

// StakePoolDepositStakeWithSlippage is the form with a limit.
var StakePoolDepositStakeWithSlippage = Instruction{
	Name:     "DepositStakeWithSlippage",
	Tag:      "\x17",
	Accounts: depositStakeAccounts,
	Fields:   []Field{Tokens("minimum tokens out", "pool mint")},
}

var depositStakeAccounts = []Account{
	writable("stake pool"),
	writable("validator list"),
	// It signs unless it is the one that the program derives for every pool.
	signer("stake deposit authority"),
	readonly("withdraw authority"),
	writable("stake account"),
	writable("validator stake account"),
	writable("reserve stake"),
	writable("destination token account"),
	writable("manager fee account"),
	writable("referrer token account"),
	writable("pool mint"),
	clock,
	stakeHistory,
	readonly("mint token program"),
	stakeProgram,
}

// StakePoolWithdrawStake burns pool tokens for stake.
var StakePoolWithdrawStake = Instruction{
	Name:     "WithdrawStake",
	Tag:      "\x0a",
	Accounts: withdrawStakeAccounts,
	Fields:   []Field{Tokens("pool tokens", "pool mint")},
}

// StakePoolWithdrawStakeWithSlippage is the form with a limit.
var StakePoolWithdrawStakeWithSlippage = Instruction{
	Name:     "WithdrawStakeWithSlippage",
	Tag:      "\x18",
	Accounts: withdrawStakeAccounts,
	Fields: []Field{
		Tokens("pool tokens", "pool mint"),
		Lamports("minimum lamports out"),
	},
}

var withdrawStakeAccounts = []Account{
	writable("stake pool"),
	writable("validator list"),
	readonly("withdraw authority"),
	writable("stake account to split"),
	writable("destination stake account"),
	readonly("new stake authority"),
	signer("token authority"),
	writable("source token account"),
	writable("manager fee account"),
	writable("pool mint"),
	clock,
	readonly("mint token program"),
	stakeProgram,
}

// StakePoolDepositSol deposits lamports for pool tokens.
var StakePoolDepositSol = Instruction{
	Name:     "DepositSol",
	Tag:      "\x0e",
	Accounts: depositSolAccounts,
	Rest:     Rest{Optional: &solDepositAuthority},
	Fields:   []Field{Lamports("lamports")},
}

// StakePoolDepositSolWithSlippage is the form with a limit.
var StakePoolDepositSolWithSlippage = Instruction{
	Name:     "DepositSolWithSlippage",
	Tag:      "\x19",
	Accounts: depositSolAccounts,
	Rest:     Rest{Optional: &solDepositAuthority},
	Fields: []Field{
		Lamports("lamports"),
		Tokens("minimum tokens out", "pool mint"),
	},
}

var solDepositAuthority = signer("SOL deposit authority")

var depositSolAccounts = []Account{
	writable("stake pool"),
	readonly("withdraw authority"),
	writable("reserve stake"),
	payer("lamports source"),
	writable("destination token account"),
	writable("manager fee account"),
	writable("referrer token account"),
	writable("pool mint"),
	systemProgram,
	readonly("mint token program"),
}

// StakePoolWithdrawSol burns pool tokens for lamports.
var StakePoolWithdrawSol = Instruction{
	Name:     "WithdrawSol",
	Tag:      "\x10",
	Accounts: withdrawSolAccounts,
	Rest:     Rest{Optional: &solWithdrawAuthority},
	Fields:   []Field{Tokens("pool tokens", "pool mint")},
}

// StakePoolWithdrawSolWithSlippage is the form with a limit.
var StakePoolWithdrawSolWithSlippage = Instruction{
	Name:     "WithdrawSolWithSlippage",
	Tag:      "\x1a",
	Accounts: withdrawSolAccounts,
	Rest:     Rest{Optional: &solWithdrawAuthority},
	Fields: []Field{
		Tokens("pool tokens", "pool mint"),
		Lamports("minimum lamports out"),
	},
}

var solWithdrawAuthority = signer("SOL withdraw authority")

var withdrawSolAccounts = []Account{
	writable("stake pool"),
	readonly("withdraw authority"),
	signer("token authority"),
	writable("source token account"),
	writable("reserve stake"),
	writable("lamports destination"),
	writable("manager fee account"),
	writable("pool mint"),
	clock,
	stakeHistory,
	stakeProgram,
	readonly("mint token program"),
}
