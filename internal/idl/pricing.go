package idl

// FlatFeeAddLST sets the fees of an LST for the first time.
var FlatFeeAddLST = Instruction{
	Name: "AddLst",
	Tag:  "\xfd",
	Accounts: []Account{
		signer("manager"),
		payer("payer"),
		writable("fee account"),
		readonly("LST mint"),
		readonly("state"),
		systemProgram,
	},
	Fields: flatFeeFields,
}

// FlatFeeSetLSTFee changes the fees of an LST.
var FlatFeeSetLSTFee = Instruction{
	Name: "SetLstFee",
	Tag:  "\xfb",
	Accounts: []Account{
		signer("manager"),
		writable("fee account"),
		readonly("state"),
	},
	Fields: flatFeeFields,
}

var flatFeeFields = []Field{
	Value("input fee", KindI16),
	Value("output fee", KindI16),
}

// FlatFeeSetLPWithdrawalFee sets the fee for removing liquidity.
var FlatFeeSetLPWithdrawalFee = Instruction{
	Name: "SetLpWithdrawalFee",
	Tag:  "\xfa",
	Accounts: []Account{
		signer("manager"),
		writable("state"),
	},
	Fields: []Field{Number("fee", KindU16)},
}

// FlatSlabSetLSTFee sets the fees of a token.
var FlatSlabSetLSTFee = Instruction{
	Name: "SetLstFee",
	Tag:  "\xfd",
	Accounts: []Account{
		signer("admin"),
		payer("payer"),
		writable("slab"),
		readonly("LST mint"),
		systemProgram,
	},
	Fields: []Field{
		Value("input fee", KindI32),
		Value("output fee", KindI32),
	},
}

// FlatSlabRemoveLST removes the fees of a token.
var FlatSlabRemoveLST = Instruction{
	Name: "RemoveLst",
	Tag:  "\xfc",
	Accounts: []Account{
		signer("admin"),
		writable("refund account"),
		writable("slab"),
		readonly("LST mint"),
	},
}
