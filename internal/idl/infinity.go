package idl

// InfinitySyncSOLValue updates the SOL value of an LST's reserves.
var InfinitySyncSOLValue = Instruction{
	Name: "SyncSolValue",
	Tag:  "\x00",
	Accounts: []Account{
		readonly("LST mint"),
		writable("pool state"),
		writable("LST state list"),
		readonly("pool reserves"),
	},
	Rest:   Rest{Groups: []string{"calculator"}},
	Fields: []Field{Number("index", KindU32)},
}

// InfinitySwapExactIn swaps a given amount of one LST for another LST.
var InfinitySwapExactIn = Instruction{
	Name:     "SwapExactIn",
	Tag:      "\x01",
	Accounts: swapV1Accounts,
	Rest:     Rest{Groups: swapGroups},
	Fields:   exactInFields,
}

// InfinitySwapExactOut swaps one LST for a given amount of another LST.
var InfinitySwapExactOut = Instruction{
	Name:     "SwapExactOut",
	Tag:      "\x02",
	Accounts: swapV1Accounts,
	Rest:     Rest{Groups: swapGroups},
	Fields:   exactOutFields,
}

// InfinitySwapExactInV2 is InfinitySwapExactIn in version 2.
var InfinitySwapExactInV2 = Instruction{
	Name:     "SwapExactInV2",
	Tag:      "\x17",
	Accounts: swapV2Accounts,
	Rest:     Rest{Groups: swapGroups},
	Fields:   exactInFields,
}

// InfinitySwapExactOutV2 is InfinitySwapExactOut in version 2.
var InfinitySwapExactOutV2 = Instruction{
	Name:     "SwapExactOutV2",
	Tag:      "\x18",
	Accounts: swapV2Accounts,
	Rest:     Rest{Groups: swapGroups},
	Fields:   exactOutFields,
}

var swapV1Accounts = []Account{
	signer("signer"),
	readonly("input mint"),
	readonly("output mint"),
	writable("input token account"),
	writable("output token account"),
	writable("protocol fee accumulator"),
	readonly("input mint token program"),
	readonly("output mint token program"),
	writable("pool state"),
	writable("LST state list"),
	writable("input pool reserves"),
	writable("output pool reserves"),
}

var swapV2Accounts = []Account{
	signer("signer"),
	readonly("input mint"),
	readonly("output mint"),
	writable("input token account"),
	writable("output token account"),
	readonly("input mint token program"),
	readonly("output mint token program"),
	writable("pool state"),
	writable("LST state list"),
	writable("input pool reserves"),
	writable("output pool reserves"),
}

var swapGroups = []string{"input calculator", "output calculator", "pricing"}

// A swap has its limit before the amount, a change of liquidity has it after
// the amount.
var (
	exactInFields = []Field{
		Number("input calculator accounts", KindU8),
		Number("output calculator accounts", KindU8),
		Number("input index", KindU32),
		Number("output index", KindU32),
		Tokens("minimum out", "output mint"),
		Tokens("amount", "input mint"),
	}
	exactOutFields = []Field{
		Number("input calculator accounts", KindU8),
		Number("output calculator accounts", KindU8),
		Number("input index", KindU32),
		Number("output index", KindU32),
		Tokens("maximum in", "input mint"),
		Tokens("amount", "output mint"),
	}
)

// InfinityAddLiquidity deposits an LST for the LP token.
var InfinityAddLiquidity = Instruction{
	Name:     "AddLiquidity",
	Tag:      "\x03",
	Accounts: liquidityAccounts,
	Rest:     Rest{Groups: liquidityGroups},
	Fields: []Field{
		Number("calculator accounts", KindU8),
		Number("index", KindU32),
		Tokens("amount", "LST mint"),
		Tokens("minimum out", "LP mint"),
	},
}

// InfinityRemoveLiquidity burns the LP token for an LST.
var InfinityRemoveLiquidity = Instruction{
	Name:     "RemoveLiquidity",
	Tag:      "\x04",
	Accounts: liquidityAccounts,
	Rest:     Rest{Groups: liquidityGroups},
	Fields: []Field{
		Number("calculator accounts", KindU8),
		Number("index", KindU32),
		Tokens("amount", "LP mint"),
		Tokens("minimum out", "LST mint"),
	},
}

var liquidityAccounts = []Account{
	signer("signer"),
	readonly("LST mint"),
	writable("LST token account"),
	writable("LP token account"),
	writable("LP mint"),
	writable("protocol fee accumulator"),
	readonly("LST mint token program"),
	readonly("LP mint token program"),
	writable("pool state"),
	writable("LST state list"),
	writable("pool reserves"),
}

var liquidityGroups = []string{"calculator", "pricing"}
