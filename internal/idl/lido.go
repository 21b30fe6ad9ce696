package idl

// LidoUpdateExchangeRate updates the exchange rate for the epoch.
var LidoUpdateExchangeRate = Instruction{
	Name: "UpdateExchangeRate",
	Tag:  "\x16",
	Accounts: []Account{
		writable("state"),
		readonly("reserve"),
		readonly("stSOL mint"),
		readonly("validator list"),
		clock,
		rent,
	},
}

// LidoWithdraw burns stSOL for stake.
var LidoWithdraw = Instruction{
	Name: "Withdraw",
	Tag:  "\x17",
	Accounts: []Account{
		writable("state"),
		signer("token authority"),
		writable("source token account"),
		writable("stSOL mint"),
		readonly("vote account"),
		writable("stake account to split"),
		payer("destination stake account"),
		readonly("stake authority"),
		writable("validator list"),
		tokenProgram,
		clock,
		systemProgram,
		stakeProgram,
	},
	Fields: []Field{
		Tokens("stSOL", "stSOL mint"),
		Number("validator index", KindU32),
	},
}
