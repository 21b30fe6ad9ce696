package idl

// StakePoolAddValidatorToPool adds a validator with the minimum stake.
var StakePoolAddValidatorToPool = Instruction{
	Name: "AddValidatorToPool",
	Tag:  "\x01",
	Accounts: []Account{
		writable("stake pool"),
		signer("staker"),
		writable("reserve stake"),
		readonly("withdraw authority"),
		writable("validator list"),
		writable("validator stake account"),
		readonly("vote account"),
		rent,
		clock,
		stakeHistory,
		stakeConfig,
		systemProgram,
		stakeProgram,
	},
	Fields: []Field{Number("validator seed", KindU32)},
}

// StakePoolRemoveValidatorFromPool deactivates the stake of a validator and
// removes it from the pool.
var StakePoolRemoveValidatorFromPool = Instruction{
	Name: "RemoveValidatorFromPool",
	Tag:  "\x02",
	Accounts: []Account{
		writable("stake pool"),
		signer("staker"),
		readonly("withdraw authority"),
		writable("validator list"),
		writable("validator stake account"),
		writable("transient stake account"),
		clock,
		stakeProgram,
	},
}

// StakePoolDecreaseValidatorStake deactivates stake of a validator. The program
// does not fund the transient stake account; later forms do.
var StakePoolDecreaseValidatorStake = Instruction{
	Name: "DecreaseValidatorStake",
	Tag:  "\x03",
	Accounts: []Account{
		readonly("stake pool"),
		signer("staker"),
		readonly("withdraw authority"),
		writable("validator list"),
		writable("validator stake account"),
		writable("transient stake account"),
		clock,
		rent,
		systemProgram,
		stakeProgram,
	},
	Fields: []Field{
		Lamports("lamports"),
		Number("transient seed", KindU64),
	},
}

// StakePoolIncreaseValidatorStake delegates lamports of the reserve to a
// validator.
var StakePoolIncreaseValidatorStake = Instruction{
	Name: "IncreaseValidatorStake",
	Tag:  "\x04",
	Accounts: []Account{
		readonly("stake pool"),
		signer("staker"),
		readonly("withdraw authority"),
		writable("validator list"),
		writable("reserve stake"),
		writable("transient stake account"),
		readonly("validator stake account"),
		readonly("vote account"),
		clock,
		rent,
		stakeHistory,
		stakeConfig,
		systemProgram,
		stakeProgram,
	},
	Fields: []Field{
		Lamports("lamports"),
		Number("transient seed", KindU64),
	},
}

// StakePoolSetPreferredValidator sets or removes a preferred validator.
var StakePoolSetPreferredValidator = Instruction{
	Name: "SetPreferredValidator",
	Tag:  "\x05",
	Accounts: []Account{
		writable("stake pool"),
		signer("staker"),
		readonly("validator list"),
	},
	Fields: []Field{
		Choice("operation", "deposits", "withdrawals"),
		Value("validator", KindOptionalKey),
	},
}

// StakePoolIncreaseAdditionalValidatorStake is StakePoolIncreaseValidatorStake
// that also adds to stake in transit.
var StakePoolIncreaseAdditionalValidatorStake = Instruction{
	Name: "IncreaseAdditionalValidatorStake",
	Tag:  "\x13",
	Accounts: []Account{
		readonly("stake pool"),
		signer("staker"),
		readonly("withdraw authority"),
		writable("validator list"),
		writable("reserve stake"),
		writable("ephemeral stake account"),
		writable("transient stake account"),
		readonly("validator stake account"),
		readonly("vote account"),
		clock,
		stakeHistory,
		stakeConfig,
		systemProgram,
		stakeProgram,
	},
	Fields: additionalFields,
}

// StakePoolDecreaseAdditionalValidatorStake is
// StakePoolDecreaseValidatorStakeWithReserve through an ephemeral stake
// account.
var StakePoolDecreaseAdditionalValidatorStake = Instruction{
	Name: "DecreaseAdditionalValidatorStake",
	Tag:  "\x14",
	Accounts: []Account{
		readonly("stake pool"),
		signer("staker"),
		readonly("withdraw authority"),
		writable("validator list"),
		writable("reserve stake"),
		writable("validator stake account"),
		writable("ephemeral stake account"),
		writable("transient stake account"),
		clock,
		stakeHistory,
		systemProgram,
		stakeProgram,
	},
	Fields: additionalFields,
}

var additionalFields = []Field{
	Lamports("lamports"),
	Number("transient seed", KindU64),
	Number("ephemeral seed", KindU64),
}

// StakePoolDecreaseValidatorStakeWithReserve deactivates stake of a validator.
// The reserve lends the rent of the transient stake account.
var StakePoolDecreaseValidatorStakeWithReserve = Instruction{
	Name: "DecreaseValidatorStakeWithReserve",
	Tag:  "\x15",
	Accounts: []Account{
		readonly("stake pool"),
		signer("staker"),
		readonly("withdraw authority"),
		writable("validator list"),
		writable("reserve stake"),
		writable("validator stake account"),
		writable("transient stake account"),
		clock,
		stakeHistory,
		systemProgram,
		stakeProgram,
	},
	Fields: []Field{
		Lamports("lamports"),
		Number("transient seed", KindU64),
	},
}
