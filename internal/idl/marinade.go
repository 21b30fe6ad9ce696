package idl

// MarinadeDeposit deposits lamports for mSOL.
var MarinadeDeposit = Instruction{
	Name: "Deposit",
	Tag:  "\xf2\x23\xc6\x89\x52\xe1\xf2\xb6",
	Accounts: []Account{
		writable("state"),
		writable("mSOL mint"),
		writable("SOL leg"),
		writable("mSOL leg"),
		readonly("mSOL leg authority"),
		writable("reserve"),
		payer("lamports source"),
		writable("destination token account"),
		readonly("mSOL mint authority"),
		systemProgram,
		tokenProgram,
	},
	Fields: []Field{Lamports("lamports")},
}

// MarinadeLiquidUnstake sells mSOL to the liquidity pool.
var MarinadeLiquidUnstake = Instruction{
	Name: "LiquidUnstake",
	Tag:  "\x1e\x1e\x77\xf0\xbf\xe3\x0c\x10",
	Accounts: []Account{
		writable("state"),
		writable("mSOL mint"),
		writable("SOL leg"),
		writable("mSOL leg"),
		writable("treasury"),
		writable("source token account"),
		signer("token authority"),
		writable("lamports destination"),
		systemProgram,
		tokenProgram,
	},
	Fields: []Field{Tokens("mSOL", "mSOL mint")},
}

// MarinadeDepositStakeAccount deposits a stake account for mSOL.
var MarinadeDepositStakeAccount = Instruction{
	Name: "DepositStakeAccount",
	Tag:  "\x6e\x82\x73\x29\xa4\x66\x02\x3b",
	Accounts: []Account{
		writable("state"),
		writable("validator list"),
		writable("stake list"),
		writable("stake account"),
		signer("owner"),
		writable("duplication flag"),
		payer("rent payer"),
		writable("mSOL mint"),
		writable("destination token account"),
		readonly("mSOL mint authority"),
		clock,
		rent,
		systemProgram,
		tokenProgram,
		stakeProgram,
	},
	Fields: []Field{Number("validator index", KindU32)},
}

// MarinadeWithdrawStakeAccount burns mSOL for stake.
var MarinadeWithdrawStakeAccount = Instruction{
	Name: "WithdrawStakeAccount",
	Tag:  "\xd3\x55\xb8\x41\xb7\xb1\xe9\xd9",
	Accounts: []Account{
		writable("state"),
		writable("mSOL mint"),
		writable("source token account"),
		payer("token authority"),
		writable("treasury"),
		writable("validator list"),
		writable("stake list"),
		readonly("stake withdraw authority"),
		readonly("stake deposit authority"),
		writable("stake account to split"),
		payer("destination stake account"),
		payer("rent payer"),
		clock,
		systemProgram,
		tokenProgram,
		stakeProgram,
	},
	Fields: []Field{
		Number("stake index", KindU32),
		Number("validator index", KindU32),
		Tokens("mSOL", "mSOL mint"),
		Value("beneficiary", KindKey),
	},
}

// MarinadeOrderUnstake burns mSOL for a delayed unstake ticket.
var MarinadeOrderUnstake = Instruction{
	Name: "OrderUnstake",
	Tag:  "\x61\xa7\x90\x6b\x75\xbe\x80\x24",
	Accounts: []Account{
		writable("state"),
		writable("mSOL mint"),
		writable("source token account"),
		signer("token authority"),
		writable("ticket"),
		clock,
		rent,
		tokenProgram,
	},
	Fields: []Field{Tokens("mSOL", "mSOL mint")},
}

// MarinadeClaim pays out a delayed unstake ticket.
var MarinadeClaim = Instruction{
	Name: "Claim",
	Tag:  "\x3e\xc6\xd6\xc1\xd5\x9f\x6c\xd2",
	Accounts: []Account{
		writable("state"),
		writable("reserve"),
		writable("ticket"),
		writable("beneficiary"),
		clock,
		systemProgram,
	},
}
