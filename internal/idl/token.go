package idl

// TokenTransfer transfers tokens between two accounts of a mint.
var TokenTransfer = Instruction{
	Name: "Transfer",
	Tag:  "\x03",
	Accounts: []Account{
		writable("source"),
		writable("destination"),
		signer("owner"),
	},
	Fields: []Field{Tokens("amount", "")},
}

// TokenTransferChecked transfers tokens of a named mint.
var TokenTransferChecked = Instruction{
	Name: "TransferChecked",
	Tag:  "\x0c",
	Accounts: []Account{
		writable("source"),
		readonly("mint"),
		writable("destination"),
		signer("owner"),
	},
	Fields: []Field{Tokens("amount", "mint"), Number("decimals", KindU8)},
}

// TokenCloseAccount closes a token account.
var TokenCloseAccount = Instruction{
	Name: "CloseAccount",
	Tag:  "\x09",
	Accounts: []Account{
		writable("account"),
		writable("destination"),
		signer("owner"),
	},
}

// TokenInitializeAccount3 initializes a token account.
var TokenInitializeAccount3 = Instruction{
	Name: "InitializeAccount3",
	Tag:  "\x12",
	Accounts: []Account{
		writable("token account"),
		readonly("mint"),
	},
	Fields: []Field{Value("owner", KindKey)},
}

// TokenSyncNative updates the balance of a wrapped SOL account to its lamports.
var TokenSyncNative = Instruction{
	Name:     "SyncNative",
	Tag:      "\x11",
	Accounts: []Account{writable("account")},
}
