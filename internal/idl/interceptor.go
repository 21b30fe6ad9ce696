package idl

// InterceptorDepositStake deposits a stake account into a stake pool for a
// receipt.
var InterceptorDepositStake = Instruction{
	Name:     "DepositStake",
	Tag:      "\x02",
	Accounts: interceptorDepositAccounts,
	Fields:   []Field{Value("receipt owner", KindKey)},
}

// InterceptorDepositStakeWithSlippage is InterceptorDepositStake with a minimum
// output, before the fee of the claim.
var InterceptorDepositStakeWithSlippage = Instruction{
	Name:     "DepositStakeWithSlippage",
	Tag:      "\x03",
	Accounts: interceptorDepositAccounts,
	Fields: []Field{
		Value("receipt owner", KindKey),
		Tokens("minimum tokens out", "pool mint"),
	},
}

var interceptorDepositAccounts = []Account{
	payer("payer"),
	readonly("stake pool program"),
	writable("receipt"),
	writable("stake pool"),
	writable("validator list"),
	readonly("stake deposit authority"),
	signer("base"),
	readonly("withdraw authority"),
	writable("stake account"),
	writable("validator stake account"),
	writable("reserve stake"),
	writable("vault"),
	writable("manager fee account"),
	writable("referrer token account"),
	writable("pool mint"),
	clock,
	stakeHistory,
	readonly("mint token program"),
	stakeProgram,
	systemProgram,
}

// InterceptorClaimPoolTokens pays the pool tokens of a receipt and closes it.
var InterceptorClaimPoolTokens = Instruction{
	Name: "ClaimPoolTokens",
	Tag:  "\x05",
	Accounts: []Account{
		writable("receipt"),
		// The owner signs during the cool-down.
		payer("receipt owner"),
		writable("vault"),
		writable("destination token account"),
		writable("fee token account"),
		readonly("stake deposit authority"),
		readonly("pool mint"),
		readonly("mint token program"),
		systemProgram,
	},
}
