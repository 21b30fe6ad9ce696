package idl

// RouterDepositSOLPools are the pools that accept SOL.
var RouterDepositSOLPools = Pools{
	StakePool: []Account{
		readonly("pool program"),
		writable("stake pool"),
		readonly("withdraw authority"),
		writable("reserve stake"),
		writable("manager fee account"),
	},
	Marinade: []Account{
		readonly("pool program"),
		writable("state"),
		writable("SOL leg"),
		writable("mSOL leg"),
		readonly("mSOL leg authority"),
		writable("reserve"),
		readonly("mSOL mint authority"),
	},
}

// RouterWithdrawSOLPools are the pools that pay out SOL.
var RouterWithdrawSOLPools = Pools{
	StakePool: []Account{
		readonly("pool program"),
		writable("stake pool"),
		readonly("withdraw authority"),
		writable("reserve stake"),
		writable("manager fee account"),
		clock,
		stakeHistory,
		stakeProgram,
		tokenProgram,
	},
}

// RouterWithdrawStakePools are the pools that pay out stake.
var RouterWithdrawStakePools = Pools{
	StakePool: []Account{
		readonly("source program"),
		writable("source stake pool"),
		writable("source validator list"),
		readonly("source withdraw authority"),
		writable("source validator stake account"),
		writable("source manager fee account"),
		clock,
		tokenProgram,
		stakeProgram,
		systemProgram,
	},
	Lido: []Account{
		readonly("source program"),
		writable("source state"),
		readonly("vote account"),
		writable("source validator stake account"),
		readonly("source stake authority"),
		writable("source validator list"),
		clock,
		tokenProgram,
		stakeProgram,
		systemProgram,
	},
}

// RouterDepositStakePools are the pools that accept a stake account.
var RouterDepositStakePools = Pools{
	StakePool: []Account{
		readonly("destination program"),
		writable("destination stake pool"),
		writable("destination validator list"),
		readonly("destination stake deposit authority"),
		readonly("destination withdraw authority"),
		writable("destination validator stake account"),
		writable("destination reserve stake"),
		writable("destination manager fee account"),
		clock,
		stakeHistory,
		tokenProgram,
		stakeProgram,
	},
	Marinade: []Account{
		readonly("destination program"),
		writable("destination state"),
		writable("destination validator list"),
		writable("destination stake list"),
		writable("duplication flag"),
		readonly("destination mint authority"),
		clock,
		rent,
		systemProgram,
		tokenProgram,
		stakeProgram,
	},
	Reserve: []Account{
		readonly("destination program"),
		writable("destination pool"),
		writable("destination pool SOL"),
		readonly("destination fee"),
		writable("stake account record"),
		readonly("destination protocol fee"),
		writable("destination protocol fee destination"),
		clock,
		stakeProgram,
		systemProgram,
		tokenProgram,
	},
}
