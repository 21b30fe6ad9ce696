package idl

// StakePoolInitialize initializes a stake pool.
var StakePoolInitialize = Instruction{
	Name: "Initialize",
	Tag:  "\x00",
	Accounts: []Account{
		writable("stake pool"),
		signer("manager"),
		readonly("staker"),
		readonly("withdraw authority"),
		writable("validator list"),
		readonly("reserve stake"),
		writable("pool mint"),
		writable("manager fee account"),
		readonly("mint token program"),
	},
	Rest: Rest{Optional: &newDepositAuthority},
	Fields: []Field{
		Number("epoch fee denominator", KindU64),
		Number("epoch fee numerator", KindU64),
		Number("withdrawal fee denominator", KindU64),
		Number("withdrawal fee numerator", KindU64),
		Number("deposit fee denominator", KindU64),
		Number("deposit fee numerator", KindU64),
		Number("referral fee", KindU8),
		Number("maximum validators", KindU32),
	},
}

var newDepositAuthority = readonly("deposit authority")

// StakePoolSetManager replaces the manager and its fee account.
var StakePoolSetManager = Instruction{
	Name: "SetManager",
	Tag:  "\x0b",
	Accounts: []Account{
		writable("stake pool"),
		signer("manager"),
		signer("new manager"),
		readonly("new manager fee account"),
	},
}

// StakePoolSetReferralFee sets one of the shares of deposit fees that go to the
// referrer. It is the form of SetFee with a percentage.
var StakePoolSetReferralFee = Instruction{
	Name:     "SetFee",
	Tag:      "\x0c",
	Accounts: setFeeAccounts,
	Fields: []Field{
		Choice("fee", "SOL referral", "stake referral"),
		Number("percent", KindU8),
	},
}

// StakePoolSetFee sets one of the fees. It is the form of SetFee with a
// fraction.
var StakePoolSetFee = Instruction{
	Name:     "SetFee",
	Tag:      "\x0c",
	Accounts: setFeeAccounts,
	Fields: []Field{
		Choice("fee", "", "", "epoch", "stake withdrawal", "SOL deposit", "stake deposit",
			"SOL withdrawal"),
		Number("denominator", KindU64),
		Number("numerator", KindU64),
	},
}

var setFeeAccounts = []Account{
	writable("stake pool"),
	signer("manager"),
}

// StakePoolSetStaker replaces the staker.
var StakePoolSetStaker = Instruction{
	Name: "SetStaker",
	Tag:  "\x0d",
	Accounts: []Account{
		writable("stake pool"),
		signer("manager or staker"),
		readonly("new staker"),
	},
}

// StakePoolSetFundingAuthority sets or removes the authority over a kind of
// deposit or withdrawal.
var StakePoolSetFundingAuthority = Instruction{
	Name: "SetFundingAuthority",
	Tag:  "\x0f",
	Accounts: []Account{
		writable("stake pool"),
		signer("manager"),
	},
	Rest:   Rest{Optional: &newFundingAuthority},
	Fields: []Field{Choice("operation", "stake deposit", "SOL deposit", "SOL withdrawal")},
}

var newFundingAuthority = readonly("new funding authority")

// StakePoolCreateTokenMetadata creates the metadata of the pool mint.
var StakePoolCreateTokenMetadata = Instruction{
	Name: "CreateTokenMetadata",
	Tag:  "\x11",
	Accounts: []Account{
		readonly("stake pool"),
		signer("manager"),
		readonly("withdraw authority"),
		readonly("pool mint"),
		payer("payer"),
		writable("token metadata"),
		metadataProgram,
		systemProgram,
	},
	Fields: metadataFields,
}

// StakePoolUpdateTokenMetadata replaces the metadata of the pool mint.
var StakePoolUpdateTokenMetadata = Instruction{
	Name: "UpdateTokenMetadata",
	Tag:  "\x12",
	Accounts: []Account{
		readonly("stake pool"),
		signer("manager"),
		readonly("withdraw authority"),
		writable("token metadata"),
		metadataProgram,
	},
	Fields: metadataFields,
}

var metadataFields = []Field{
	Value("name", KindShortText),
	Value("symbol", KindShortText),
	Value("URI", KindShortText),
}
