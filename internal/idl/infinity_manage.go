package idl

// InfinityDisableLSTInput disables an LST as input of the pool.
var InfinityDisableLSTInput = Instruction{
	Name:     "DisableLstInput",
	Tag:      "\x05",
	Accounts: lstInputAccounts,
	Fields:   []Field{Number("index", KindU32)},
}

// InfinityEnableLSTInput enables an LST as input of the pool again.
var InfinityEnableLSTInput = Instruction{
	Name:     "EnableLstInput",
	Tag:      "\x06",
	Accounts: lstInputAccounts,
	Fields:   []Field{Number("index", KindU32)},
}

var lstInputAccounts = []Account{
	signer("admin"),
	readonly("LST mint"),
	// Version 1 requires the pool state to be writable, version 2 allows it.
	writable("pool state"),
	writable("LST state list"),
}

// InfinitySetProtocolFee sets the protocol fees. The encodings of the two
// versions of the program cannot always be distinguished.
var InfinitySetProtocolFee = Instruction{
	Name: "SetProtocolFee",
	Tag:  "\x0b",
	Accounts: []Account{
		signer("admin"),
		writable("pool state"),
	},
	Fields: []Field{Value("fees", KindRest)},
}

// InfinitySetProtocolFeeBeneficiary sets the account that receives the protocol
// fees.
var InfinitySetProtocolFeeBeneficiary = Instruction{
	Name: "SetProtocolFeeBeneficiary",
	Tag:  "\x0c",
	Accounts: []Account{
		signer("current beneficiary"),
		readonly("new beneficiary"),
		writable("pool state"),
	},
}

// InfinityWithdrawProtocolFees withdraws protocol fees in version 1.
var InfinityWithdrawProtocolFees = Instruction{
	Name: "WithdrawProtocolFees",
	Tag:  "\x0e",
	Accounts: []Account{
		signer("beneficiary"),
		writable("destination token account"),
		writable("protocol fee accumulator"),
		// Version 1 requires this account and the pool state to be writable,
		// version 2 allows it.
		writable("protocol fee authority"),
		readonly("mint token program"),
		writable("pool state"),
		readonly("LST mint"),
	},
	Fields: []Field{Tokens("amount", "LST mint")},
}

// InfinityDisablePool disables a pool.
var InfinityDisablePool = Instruction{
	Name: "DisablePool",
	Tag:  "\x11",
	Accounts: []Account{
		signer("authority"),
		writable("pool state"),
		readonly("disable pool authority list"),
	},
}

// InfinityEnablePool enables a pool again.
var InfinityEnablePool = Instruction{
	Name: "EnablePool",
	Tag:  "\x12",
	Accounts: []Account{
		signer("admin"),
		writable("pool state"),
	},
}

// InfinityStartRebalance withdraws an LST from a pool.
var InfinityStartRebalance = Instruction{
	Name: "StartRebalance",
	Tag:  "\x13",
	Accounts: []Account{
		signer("rebalance authority"),
		writable("pool state"),
		writable("LST state list"),
		writable("rebalance record"),
		readonly("output mint"),
		readonly("input mint"),
		writable("output pool reserves"),
		writable("input pool reserves"),
		writable("destination token account"),
		instructionsSysvar,
		systemProgram,
		readonly("output mint token program"),
	},
	Rest: Rest{Groups: []string{"output calculator", "input calculator"}},
	Fields: []Field{
		Number("output calculator accounts", KindU8),
		Number("output index", KindU32),
		Number("input index", KindU32),
		Tokens("amount", "output mint"),
		Tokens("minimum starting output", "output mint"),
		Tokens("maximum starting input", "input mint"),
	},
}

// InfinityEndRebalance ends the rebalancing that InfinityStartRebalance began.
var InfinityEndRebalance = Instruction{
	Name: "EndRebalance",
	Tag:  "\x14",
	Accounts: []Account{
		signer("rebalance authority"),
		writable("pool state"),
		writable("LST state list"),
		writable("rebalance record"),
		readonly("input mint"),
		readonly("input pool reserves"),
	},
	Rest: Rest{Groups: []string{"input calculator"}},
}

// InfinityWithdrawProtocolFeesV2 mints the protocol fees of version 2.
var InfinityWithdrawProtocolFeesV2 = Instruction{
	Name: "WithdrawProtocolFeesV2",
	Tag:  "\x19",
	Accounts: []Account{
		writable("pool state"),
		signer("beneficiary"),
		writable("destination token account"),
		writable("LP mint"),
		readonly("LP mint token program"),
	},
}
