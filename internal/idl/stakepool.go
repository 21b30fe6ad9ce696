package idl

// StakePoolUpdateValidatorListBalance updates the recorded balances of
// validators.
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
// Builds since v2.0.4 write to the pool when a preferred validator is removed,
// so the pool is always writable.
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

// StakePoolDepositStakeWithSlippage is StakePoolDepositStake with a minimum
// output.
var StakePoolDepositStakeWithSlippage = Instruction{
	Name:     "DepositStakeWithSlippage",
	Tag:      "\x17",
	Accounts: depositStakeAccounts,
	Fields:   []Field{Tokens("minimum tokens out", "pool mint")},
}

var depositStakeAccounts = []Account{
	writable("stake pool"),
	writable("validator list"),
	// The authority signs, unless it is the default one, which the program
	// derives.
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

// StakePoolWithdrawStakeWithSlippage is StakePoolWithdrawStake with a minimum
// output.
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

// StakePoolDepositSOL deposits lamports for pool tokens.
var StakePoolDepositSOL = Instruction{
	Name:     "DepositSol",
	Tag:      "\x0e",
	Accounts: depositSOLAccounts,
	Rest:     Rest{Optional: &solDepositAuthority},
	Fields:   []Field{Lamports("lamports")},
}

// StakePoolDepositSOLWithSlippage is StakePoolDepositSOL with a minimum output.
var StakePoolDepositSOLWithSlippage = Instruction{
	Name:     "DepositSolWithSlippage",
	Tag:      "\x19",
	Accounts: depositSOLAccounts,
	Rest:     Rest{Optional: &solDepositAuthority},
	Fields: []Field{
		Lamports("lamports"),
		Tokens("minimum tokens out", "pool mint"),
	},
}

var solDepositAuthority = signer("SOL deposit authority")

var depositSOLAccounts = []Account{
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

// StakePoolWithdrawSOL burns pool tokens for lamports.
var StakePoolWithdrawSOL = Instruction{
	Name:     "WithdrawSol",
	Tag:      "\x10",
	Accounts: withdrawSOLAccounts,
	Rest:     Rest{Optional: &solWithdrawAuthority},
	Fields:   []Field{Tokens("pool tokens", "pool mint")},
}

// StakePoolWithdrawSOLWithSlippage is StakePoolWithdrawSOL with a minimum
// output.
var StakePoolWithdrawSOLWithSlippage = Instruction{
	Name:     "WithdrawSolWithSlippage",
	Tag:      "\x1a",
	Accounts: withdrawSOLAccounts,
	Rest:     Rest{Optional: &solWithdrawAuthority},
	Fields: []Field{
		Tokens("pool tokens", "pool mint"),
		Lamports("minimum lamports out"),
	},
}

var solWithdrawAuthority = signer("SOL withdraw authority")

var withdrawSOLAccounts = []Account{
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
