package explain_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	associatedtoken "github.com/gagliardetto/solana-go/programs/associated-token-account"
	computebudget "github.com/gagliardetto/solana-go/programs/compute-budget"
	"github.com/gagliardetto/solana-go/programs/memo"
	stakeprogram "github.com/gagliardetto/solana-go/programs/stake"
	"github.com/gagliardetto/solana-go/programs/system"
	"github.com/gagliardetto/solana-go/programs/token"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// builder is implemented by every instruction of package instructions.
type builder interface {
	Build() (solana.Instruction, error)
}

// upstream is an instruction that solana-go built.
type upstream struct{ solana.Instruction }

func (u upstream) Build() (solana.Instruction, error) { return u.Instruction, nil }

// lighthouse returns an assertion as wallets add it: a number, a log level, and
// the asserted condition.
func lighthouse(number byte, accounts ...solana.PublicKey) upstream {
	var metas solana.AccountMetaSlice
	for _, a := range accounts {
		metas = append(metas, solana.Meta(a))
	}
	return upstream{solana.NewInstruction(explain.LighthouseProgram, metas,
		[]byte{number, 0, 0, 1, 2, 3})}
}

// row is an instruction with its expected explanation.
type row struct {
	name    string // program and instruction
	build   builder
	amounts map[string]uint64
}

type named = map[string]uint64

func upstreamRows() []row {
	a, b, c, owner := key(11), key(12), key(13), key(0)
	none := []solana.PublicKey(nil)
	return []row{
		{
			"system CreateAccount",
			upstream{system.NewCreateAccountInstruction(5, 165, c, owner, a).Build()},
			named{"lamports": 5, "space": 165},
		},
		{"system Assign", upstream{system.NewAssignInstruction(c, owner).Build()}, nil},
		{"system Transfer", upstream{system.NewTransferInstruction(7, owner, a).Build()},
			named{"lamports": 7}},
		{
			"system CreateAccountWithSeed",
			upstream{system.NewCreateAccountWithSeedInstruction(owner, "seed", 5, 165, c, owner, a,
				owner).Build()},
			named{"lamports": 5, "space": 165},
		},
		{
			"system CreateAccountWithSeed",
			upstream{system.NewCreateAccountWithSeedInstruction(owner, "seed", 5, 165, c, b, a,
				owner).Build()},
			named{"lamports": 5, "space": 165},
		},
		{
			"system AdvanceNonceAccount",
			upstream{system.NewAdvanceNonceAccountInstruction(a,
				solana.SysVarRecentBlockHashesPubkey, owner).Build()},
			nil,
		},
		{"system Allocate", upstream{system.NewAllocateInstruction(9, owner).Build()},
			named{"space": 9}},
		{"system AllocateWithSeed",
			upstream{system.NewAllocateWithSeedInstruction(owner, "s", 9, c, a, owner).Build()},
			named{"space": 9}},
		{"system AssignWithSeed",
			upstream{system.NewAssignWithSeedInstruction(owner, "s", c, a, owner).Build()}, nil},
		{"system TransferWithSeed",
			upstream{system.NewTransferWithSeedInstruction(9, "s", c, a, owner, b).Build()},
			named{"lamports": 9}},
		{"token Transfer", upstream{token.NewTransferInstruction(3, a, b, owner, none).Build()},
			named{"amount": 3}},
		{"token Approve", upstream{token.NewApproveInstruction(3, a, b, owner, none).Build()},
			named{"amount": 3}},
		{"token Revoke", upstream{token.NewRevokeInstruction(a, owner, none).Build()}, nil},
		{
			"token SetAuthority",
			upstream{token.NewSetAuthorityInstruction(token.AuthorityAccountOwner, b, a, owner,
				none).Build()},
			named{"authority type": 2},
		},
		{"token MintTo", upstream{token.NewMintToInstruction(3, a, b, owner, none).Build()},
			named{"amount": 3}},
		{"token Burn", upstream{token.NewBurnInstruction(3, a, b, owner, none).Build()},
			named{"amount": 3}},
		{"token CloseAccount",
			upstream{token.NewCloseAccountInstruction(a, b, owner, none).Build()}, nil},
		{
			"token TransferChecked",
			upstream{token.NewTransferCheckedInstruction(3, 9, a, b, c, owner, none).Build()},
			named{"amount": 3, "decimals": 9},
		},
		{
			"token ApproveChecked",
			upstream{token.NewApproveCheckedInstruction(3, 9, a, b, c, owner, none).Build()},
			named{"amount": 3, "decimals": 9},
		},
		{
			"token MintToChecked",
			upstream{token.NewMintToCheckedInstruction(3, 9, a, b, owner, none).Build()},
			named{"amount": 3, "decimals": 9},
		},
		{
			"token BurnChecked",
			upstream{token.NewBurnCheckedInstruction(3, 9, a, b, owner, none).Build()},
			named{"amount": 3, "decimals": 9},
		},
		{"Lighthouse AssertAccountData", lighthouse(2, owner), nil},
		{"Lighthouse AssertAccountDataMulti", lighthouse(3, owner), nil},
		{"Lighthouse AssertAccountDelta", lighthouse(4, owner, a), nil},
		{"Lighthouse AssertAccountInfo", lighthouse(5, owner), nil},
		{"Lighthouse AssertAccountInfoMulti", lighthouse(6, owner), nil},
		{"Lighthouse AssertMintAccount", lighthouse(7, a), nil},
		{"Lighthouse AssertMintAccountMulti", lighthouse(8, a), nil},
		{"Lighthouse AssertTokenAccount", lighthouse(9, a), nil},
		{"Lighthouse AssertTokenAccountMulti", lighthouse(10, a), nil},
		{"Lighthouse AssertStakeAccount", lighthouse(11, a), nil},
		{"Lighthouse AssertStakeAccountMulti", lighthouse(12, a), nil},
		{"Lighthouse AssertSysvarClock", lighthouse(15), nil},
		{"token SyncNative", upstream{token.NewSyncNativeInstruction(a).Build()}, nil},
		{
			"token InitializeAccount3",
			instructions.TokenInitializeAccount{
				Program: accounts.Token2022Program,
				Account: a,
				Mint:    b,
				Owner:   owner,
			},
			nil,
		},
		{
			"token CloseAccount",
			instructions.TokenCloseAccount{
				Program:     accounts.TokenProgram,
				Account:     a,
				Destination: b,
				Owner:       owner,
			},
			nil,
		},
		{
			"token Transfer",
			instructions.TokenTransfer{
				Program:     accounts.TokenProgram,
				Source:      a,
				Destination: b,
				Owner:       owner,
				Amount:      4,
			},
			named{"amount": 4},
		},
		{"associated token account Create",
			upstream{associatedtoken.NewCreateInstruction(owner, a, b).Build()}, nil},
		{
			"associated token account CreateIdempotent",
			upstream{associatedtoken.NewCreateIdempotentInstructionWithTokenProgram(owner, a, b,
				accounts.Token2022Program).Build()},
			nil,
		},
		{"stake Authorize",
			upstream{stakeprogram.NewAuthorizeInstruction(b, stakeprogram.StakeAuthorizeStaker, a,
				owner).Build()},
			nil},
		{
			"stake Authorize",
			upstream{stakeprogram.NewAuthorizeInstruction(b, stakeprogram.StakeAuthorizeWithdrawer,
				a, owner).Build()},
			nil,
		},
		{
			"stake AuthorizeChecked",
			upstream{stakeprogram.NewAuthorizeCheckedInstruction(stakeprogram.StakeAuthorizeStaker,
				a, owner, b).Build()},
			nil,
		},
		{
			"stake AuthorizeChecked",
			upstream{
				stakeprogram.NewAuthorizeCheckedInstruction(stakeprogram.StakeAuthorizeWithdrawer,
					a, owner, b).Build(),
			},
			nil,
		},
		{"stake DelegateStake",
			upstream{stakeprogram.NewDelegateStakeInstruction(a, owner, b).Build()}, nil},
		{"stake Split", upstream{stakeprogram.NewSplitInstruction(8, a, b, owner).Build()},
			named{"lamports": 8}},
		{"stake Withdraw", upstream{stakeprogram.NewWithdrawInstruction(8, a, b, owner).Build()},
			named{"lamports": 8}},
		{"stake Deactivate", upstream{stakeprogram.NewDeactivateInstruction(a, owner).Build()},
			nil},
		{"stake Merge", upstream{stakeprogram.NewMergeInstruction(a, b, owner).Build()}, nil},
		{"compute budget RequestHeapFrame",
			upstream{computebudget.NewRequestHeapFrameInstruction(32_768).Build()},
			named{"heap": 32_768}},
		{"compute budget SetComputeUnitLimit",
			upstream{computebudget.NewSetComputeUnitLimitInstruction(9).Build()},
			named{"limit": 9}},
		{"compute budget SetComputeUnitPrice",
			upstream{computebudget.NewSetComputeUnitPriceInstruction(9).Build()},
			named{"price": 9}},
		{
			"compute budget SetLoadedAccountsDataSizeLimit",
			upstream{computebudget.NewSetLoadedAccountsDataSizeLimitInstruction(9).Build()},
			named{"limit": 9},
		},
		{"memo Memo", upstream{memo.NewMemoInstruction([]byte("a\nb"), owner).Build()}, nil},
	}
}

func poolRows(t *testing.T) []row {
	owner, nobody := key(0), key(20)
	p := instructions.StakePool{
		Program:             accounts.SanctumStakePoolProgram,
		Address:             key(31),
		WithdrawAuthority:   key(32),
		ValidatorList:       key(33),
		ReserveStake:        key(34),
		Mint:                key(35),
		ManagerFeeAccount:   key(36),
		TokenProgram:        accounts.TokenProgram,
		SOLDepositAuthority: &nobody,
	}

	var err error
	p.StakeDepositAuthority, err = accounts.StakePoolDepositAuthority(p.Program, p.Address)
	require.NoError(t, err)
	ds := instructions.StakePoolDepositSOL{
		Pool:        p,
		From:        owner,
		Destination: key(41),
		Referrer:    key(42),
		Lamports:    5,
	}

	ws := instructions.StakePoolWithdrawSOL{
		Pool:        p,
		Authority:   owner,
		Source:      key(41),
		Destination: owner,
		PoolTokens:  6,
	}

	dk := instructions.StakePoolDepositStake{
		Pool:           p,
		Stake:          key(43),
		ValidatorStake: key(44),
		Destination:    key(41),
		Referrer:       key(41),
	}

	wk := instructions.StakePoolWithdrawStake{
		Pool:         p,
		Split:        key(44),
		Destination:  key(43),
		NewAuthority: owner,
		Authority:    owner,
		Source:       key(41),
		PoolTokens:   7,
	}

	rows := []row{
		{"stake pool DepositSol", ds, named{"lamports": 5}},
		{
			"stake pool DepositSolWithSlippage",
			instructions.StakePoolDepositSOLWithSlippage{StakePoolDepositSOL: ds,
				MinimumTokensOut: 4},
			named{"lamports": 5, "minimum tokens out": 4},
		},
		{"stake pool WithdrawSol", ws, named{"pool tokens": 6}},
		{
			"stake pool WithdrawSolWithSlippage",
			instructions.StakePoolWithdrawSOLWithSlippage{StakePoolWithdrawSOL: ws,
				MinimumLamportsOut: 4},
			named{"pool tokens": 6, "minimum lamports out": 4},
		},
		{"stake pool DepositStake", dk, nil},
		{
			"stake pool DepositStakeWithSlippage",
			instructions.StakePoolDepositStakeWithSlippage{StakePoolDepositStake: dk,
				MinimumTokensOut: 4},
			named{"minimum tokens out": 4},
		},
		{"stake pool WithdrawStake", wk, named{"pool tokens": 7}},
		{
			"stake pool WithdrawStakeWithSlippage",
			instructions.StakePoolWithdrawStakeWithSlippage{StakePoolWithdrawStake: wk,
				MinimumLamportsOut: 4},
			named{"pool tokens": 7, "minimum lamports out": 4},
		},
		{
			"stake pool UpdateValidatorListBalance",
			instructions.StakePoolUpdateValidatorListBalance{
				Pool:       p,
				StartIndex: 3,
				Validators: []accounts.ValidatorStakeInfo{{VoteAccount: key(50)},
					{VoteAccount: key(51)}},
			},
			named{"start": 3},
		},
		{"stake pool UpdateStakePoolBalance", instructions.StakePoolUpdateBalance{Pool: p}, nil},
		{"stake pool CleanupRemovedValidatorEntries",
			instructions.StakePoolCleanupRemovedValidatorEntries{Pool: p}, nil},
	}

	rows = append(rows, interceptorRows(p)...)
	rows = append(rows, managementRows(p)...)
	rows = append(rows, validatorRows(p)...)

	return append(append(rows, otherRows(p)...), infinityRows(t)...)
}

func interceptorRows(p instructions.StakePool) []row {
	owner := key(0)
	p.SOLDepositAuthority, p.StakeDepositAuthority = nil, key(53)
	i := instructions.Interceptor{
		Program:          accounts.InterceptorProgram,
		DepositAuthority: key(53),
		Vault:            key(54),
		FeeAccount:       key(55),
	}

	deposit := instructions.InterceptorDepositStake{
		Interceptor:    i,
		Pool:           p,
		Payer:          owner,
		Owner:          owner,
		Base:           key(56),
		Stake:          key(43),
		ValidatorStake: key(44),
		Referrer:       key(41),
	}

	return []row{
		{"interceptor DepositStake", deposit, nil},
		{
			"interceptor DepositStakeWithSlippage",
			instructions.InterceptorDepositStakeWithSlippage{InterceptorDepositStake: deposit,
				MinimumTokensOut: 4},
			named{"minimum tokens out": 4},
		},
		{
			"interceptor ClaimPoolTokens",
			instructions.InterceptorClaimPoolTokens{
				Interceptor: i,
				Pool:        p,
				Receipt:     key(57),
				Owner:       owner,
				Destination: key(41),
			},
			nil,
		},
		{"interceptor ChangeDepositReceiptOwner",
			upstream{changeReceiptOwner(key(57), owner, key(58))}, nil},
	}
}

func otherRows(p instructions.StakePool) []row {
	owner := key(0)
	p.SOLDepositAuthority = nil
	r := instructions.Reserve{
		Program:                accounts.ReserveProgram,
		Pool:                   key(61),
		SOL:                    key(62),
		Fee:                    key(63),
		ProtocolFee:            key(64),
		ProtocolFeeDestination: key(65),
		FlashAccount:           key(66),
		LPMint:                 key(67),
	}

	m := instructions.Marinade{
		Program:                accounts.MarinadeProgram,
		State:                  key(71),
		MSOLMint:               accounts.MSOLMint,
		SOLLeg:                 key(72),
		MSOLLeg:                key(73),
		MSOLLegAuthority:       key(74),
		Reserve:                key(75),
		MSOLMintAuthority:      key(76),
		Treasury:               key(77),
		ValidatorList:          key(78),
		StakeList:              key(79),
		StakeWithdrawAuthority: key(80),
		StakeDepositAuthority:  key(81),
	}

	l := instructions.Lido{
		Program:        accounts.LidoProgram,
		State:          key(91),
		StSOLMint:      accounts.StSOLMint,
		ValidatorList:  key(92),
		StakeAuthority: key(93),
		Reserve:        key(94),
	}

	referrer, source := key(95), key(96)
	destination, stake := key(97), key(98)
	router := accounts.RouterProgram

	p.Program = accounts.StakePoolProgram
	p.StakeDepositAuthority, _ = accounts.StakePoolDepositAuthority(p.Program, p.Address)
	bridge, _ := accounts.RouterBridgeStake(router, owner, 9)
	swap := func(
		from instructions.RouterWithdrawStakeAccounts,
		to instructions.RouterDepositStakeAccounts,
	) builder {
		return instructions.RouterSwapViaStake{
			Program:     router,
			User:        owner,
			Source:      source,
			Destination: destination,
			From:        from,
			To:          to,
			PoolTokens:  5,
			BridgeSeed:  9,
		}
	}

	return []row{
		{"Reserve Unstake", instructions.ReserveUnstake{
			Reserve:     r,
			Owner:       owner,
			Stake:       stake,
			Destination: owner,
		}, nil},
		{
			"Reserve UnstakeWsol",
			instructions.ReserveUnstake{
				Reserve:     r,
				Owner:       owner,
				Stake:       stake,
				Destination: destination,
				Wrapped:     true,
				Referrer:    &referrer,
			},
			nil,
		},
		{
			"Reserve AddLiquidity",
			instructions.ReserveAddLiquidity{
				Reserve:     r,
				From:        owner,
				Destination: destination,
				Lamports:    5,
			},
			named{"lamports": 5},
		},
		{
			"Reserve RemoveLiquidity",
			instructions.ReserveRemoveLiquidity{
				Reserve:     r,
				Authority:   owner,
				Source:      source,
				Destination: owner,
				LPTokens:    5,
			},
			named{"LP tokens": 5},
		},
		{"Reserve DeactivateStakeAccount",
			instructions.ReserveDeactivateStakeAccount{Reserve: r, Stake: stake}, nil},
		{"Reserve ReclaimStakeAccount",
			instructions.ReserveReclaimStakeAccount{Reserve: r, Stake: stake}, nil},
		{
			"Marinade Deposit",
			instructions.MarinadeDeposit{
				Marinade:    m,
				From:        owner,
				Destination: destination,
				Lamports:    5,
			},
			named{"lamports": 5},
		},
		{
			"Marinade LiquidUnstake",
			instructions.MarinadeLiquidUnstake{
				Marinade:    m,
				Authority:   owner,
				Source:      source,
				Destination: owner,
				MSOL:        5,
			},
			named{"mSOL": 5},
		},
		{
			"Marinade DepositStakeAccount",
			instructions.MarinadeDepositStakeAccount{
				Marinade:       m,
				Stake:          stake,
				Owner:          owner,
				Vote:           key(99),
				ValidatorIndex: 4,
				Payer:          owner,
				Destination:    destination,
			},
			named{"validator index": 4},
		},
		{
			"Marinade WithdrawStakeAccount",
			instructions.MarinadeWithdrawStakeAccount{
				Marinade:       m,
				Authority:      owner,
				Source:         source,
				Split:          key(99),
				StakeIndex:     3,
				ValidatorIndex: 4,
				NewStake:       stake,
				Payer:          owner,
				Beneficiary:    owner,
				MSOL:           5,
			},
			named{"stake index": 3, "validator index": 4, "mSOL": 5},
		},
		{
			"Marinade OrderUnstake",
			instructions.MarinadeOrderUnstake{
				Marinade:  m,
				Authority: owner,
				Source:    source,
				Ticket:    key(99),
				MSOL:      5,
			},
			named{"mSOL": 5},
		},
		{"Marinade Claim",
			instructions.MarinadeClaim{Marinade: m, Ticket: key(99), Beneficiary: owner}, nil},
		{
			"Lido Withdraw",
			instructions.LidoWithdraw{
				Lido:        l,
				Owner:       owner,
				Source:      source,
				Vote:        key(99),
				Index:       3,
				Split:       key(100),
				Destination: stake,
				StSOL:       5,
			},
			named{"stSOL": 5, "validator index": 3},
		},
		{"Lido UpdateExchangeRate", instructions.LidoUpdateExchangeRate{Lido: l}, nil},
		{
			"Router StakeWrappedSol",
			instructions.RouterStakeWrappedSOL{
				Program:     router,
				User:        owner,
				Source:      source,
				Destination: destination,
				Lamports:    5,
				Pool:        instructions.RouterStakePoolDepositSOL(p),
			},
			named{"lamports": 5},
		},
		{
			"Router StakeWrappedSol",
			instructions.RouterStakeWrappedSOL{
				Program:     router,
				User:        owner,
				Source:      source,
				Destination: destination,
				Lamports:    5,
				Pool:        instructions.RouterMarinadeDepositSOL(m),
			},
			named{"lamports": 5},
		},
		{
			"Router WithdrawWrappedSol",
			instructions.RouterWithdrawWrappedSOL{
				Program:     router,
				User:        owner,
				Source:      source,
				Destination: destination,
				PoolTokens:  5,
				Pool:        instructions.RouterStakePoolWithdrawSOL(p),
			},
			named{"pool tokens": 5},
		},
		{
			"Router SwapViaStake",
			swap(instructions.RouterStakePoolWithdrawStake(p, key(99)),
				instructions.RouterMarinadeDepositStake(m, key(101))),
			named{"pool tokens": 5, "bridge seed": 9},
		},
		{
			"Router SwapViaStake",
			swap(instructions.RouterLidoWithdrawStake(l, key(101), key(99)),
				instructions.RouterStakePoolDepositStake(p, key(99))),
			named{"pool tokens": 5, "bridge seed": 9},
		},
		{
			"Router SwapViaStake",
			swap(instructions.RouterStakePoolWithdrawStake(p, key(99)),
				instructions.RouterReserveDepositStake(r, bridge)),
			named{"pool tokens": 5, "bridge seed": 9},
		},
		{
			"Router PrefundSwapViaStake",
			instructions.RouterPrefundSwapViaStake{
				Program:     router,
				User:        owner,
				Source:      source,
				Destination: destination,
				From:        instructions.RouterStakePoolWithdrawStake(p, key(99)),
				To:          instructions.RouterStakePoolDepositStake(p, key(99)),
				Reserve:     r,
				PoolTokens:  5,
				BridgeSeed:  9,
			},
			named{"pool tokens": 5, "bridge seed": 9},
		},
		{
			"Router PrefundWithdrawStake",
			instructions.RouterPrefundWithdrawStake{
				Program:    router,
				User:       owner,
				Source:     source,
				From:       instructions.RouterStakePoolWithdrawStake(p, key(99)),
				Reserve:    r,
				PoolTokens: 5,
				BridgeSeed: 9,
			},
			named{"pool tokens": 5, "bridge seed": 9},
		},
		{
			"Router DepositStake",
			instructions.RouterDepositStake{
				Program:     router,
				User:        owner,
				Stake:       stake,
				Destination: destination,
				To:          instructions.RouterReserveDepositStake(r, stake),
			},
			nil,
		},
		{"Router CreateFeeTokenAccount",
			instructions.RouterCreateFeeTokenAccount{Program: router, Payer: owner, Mint: key(99)},
			nil},
	}
}

func infinityRows(t *testing.T) []row {
	owner := key(0)
	controller, err := accounts.NewController(accounts.InfinityProgram)
	require.NoError(t, err)
	c := instructions.Infinity{Controller: controller, LPMint: accounts.INFMint,
		LPTokenProgram: accounts.TokenProgram}
	side := func(n byte) instructions.InfinityToken {
		return instructions.InfinityToken{
			Index:        uint32(n),
			Mint:         key(n),
			TokenProgram: accounts.TokenProgram,
			Account:      key(n + 1),
			Calculator: instructions.ProgramAccounts{Program: key(n + 2),
				Accounts: []solana.PublicKey{key(n + 3)}},
		}
	}

	a, b, pricing := side(110), side(120), instructions.ProgramAccounts{Program: key(130),
		Accounts: []solana.PublicKey{key(131)}}
	s := instructions.InfinitySwap{
		Controller: c,
		Signer:     owner,
		Inp:        a,
		Out:        b,
		Pricing:    pricing,
		Limit:      8,
		Amount:     9,
	}

	l := instructions.InfinityLiquidity{
		Controller: c,
		Signer:     owner,
		LST:        a,
		LPAccount:  key(132),
		Pricing:    pricing,
		Amount:     9,
		MinimumOut: 8,
	}

	in := named{"input calculator accounts": 2, "output calculator accounts": 2, "input index": 110,
		"output index": 120, "minimum out": 8, "amount": 9}
	out := named{"input calculator accounts": 2, "output calculator accounts": 2,
		"input index": 110, "output index": 120, "maximum in": 8, "amount": 9}
	liquidity := named{"calculator accounts": 2, "index": 110, "amount": 9, "minimum out": 8}
	bps := uint16(5)

	return []row{
		{"Infinity SyncSolValue", instructions.InfinitySyncSOLValue{Controller: c, LST: a},
			named{"index": 110}},
		{"Infinity SwapExactIn", instructions.InfinitySwapExactIn(s), in},
		{"Infinity SwapExactOut", instructions.InfinitySwapExactOut(s), out},
		{"Infinity SwapExactInV2", instructions.InfinitySwapExactInV2(s), in},
		{"Infinity SwapExactOutV2", instructions.InfinitySwapExactOutV2(s), out},
		{"Infinity AddLiquidity", instructions.InfinityAddLiquidity(l), liquidity},
		{"Infinity RemoveLiquidity", instructions.InfinityRemoveLiquidity(l), liquidity},
		{"Infinity DisableLstInput", instructions.InfinitySetLSTInput{
			Controller: c,
			Admin:      owner,
			Index:      3,
			Mint:       key(110),
		}, named{"index": 3}},
		{
			"Infinity EnableLstInput",
			instructions.InfinitySetLSTInput{
				Controller: c,
				Admin:      owner,
				Index:      3,
				Mint:       key(110),
				Enable:     true,
			},
			named{"index": 3},
		},
		{"Infinity SetProtocolFee",
			instructions.InfinitySetProtocolFee{Controller: c, Admin: owner, Nanos: 3}, nil},
		{"Infinity SetProtocolFee",
			instructions.InfinitySetProtocolFeeV1{Controller: c, Admin: owner, TradingBps: &bps},
			nil},
		{"Infinity SetProtocolFeeBeneficiary",
			instructions.InfinitySetProtocolFeeBeneficiary{Controller: c, Current: owner,
				New: key(140)},
			nil},
		{
			"Infinity WithdrawProtocolFees",
			instructions.InfinityWithdrawProtocolFees{
				Controller:   c,
				Beneficiary:  owner,
				Destination:  key(141),
				Mint:         key(110),
				TokenProgram: accounts.TokenProgram,
				Amount:       4,
			},
			named{"amount": 4},
		},
		{
			"Infinity WithdrawProtocolFeesV2",
			instructions.InfinityWithdrawProtocolFeesV2{Controller: c, Beneficiary: owner,
				Destination: key(141)},
			nil,
		},
		{"Infinity DisablePool", instructions.InfinityDisablePool{Controller: c, Authority: owner},
			nil},
		{"Infinity EnablePool", instructions.InfinityEnablePool{Controller: c, Admin: owner}, nil},
		{
			"Infinity StartRebalance",
			instructions.InfinityStartRebalance{
				Controller:     c,
				Authority:      owner,
				Out:            a,
				Inp:            b,
				Destination:    key(141),
				Amount:         3,
				MinStartingOut: 4,
				MaxStartingInp: 5,
			},
			named{"output calculator accounts": 2, "output index": 110, "input index": 120,
				"amount": 3, "minimum starting output": 4, "maximum starting input": 5},
		},
		{"Infinity EndRebalance",
			instructions.InfinityEndRebalance{Controller: c, Authority: owner, Inp: b}, nil},
		{
			"flat-fee pricing AddLst",
			instructions.FlatFeeSetLSTFee{
				Program:     accounts.FlatFeeProgram,
				Manager:     owner,
				Mint:        key(110),
				Payer:       owner,
				InputFeeBps: -4,
			},
			nil,
		},
		{
			"flat-fee pricing SetLstFee",
			instructions.FlatFeeSetLSTFee{Program: accounts.FlatFeeProgram, Manager: owner,
				Mint: key(110)},
			nil,
		},
		{
			"flat-fee pricing SetLpWithdrawalFee",
			instructions.FlatFeeSetLPWithdrawalFee{Program: accounts.FlatFeeProgram, Manager: owner,
				Bps: 4},
			named{"fee": 4},
		},
		{
			"flatslab pricing SetLstFee",
			instructions.FlatSlabSetLSTFee{
				Program:     accounts.FlatSlabProgram,
				Admin:       owner,
				Payer:       owner,
				Mint:        key(110),
				InpFeeNanos: -4,
			},
			nil,
		},
		{
			"flatslab pricing RemoveLst",
			instructions.FlatSlabRemoveLST{
				Program: accounts.FlatSlabProgram,
				Admin:   owner,
				Refund:  owner,
				Mint:    key(110),
			},
			nil,
		},
	}
}

// TestEveryBuilderIsExplained explains the instruction of each builder, and
// refuses it with more or less data or fewer accounts.
func TestEveryBuilderIsExplained(t *testing.T) {
	rows := append(upstreamRows(), poolRows(t)...)
	left := explain.Rows()
	changed := 0
	for _, r := range rows {
		ix, err := r.build.Build()
		require.NoError(t, err, r.name)
		e := explain.Instructions(key(0), []solana.Instruction{ix}, lst.Default())
		in := e.Instructions[0]
		require.True(t, in.Known(), r.name)
		require.Equal(t, r.name, in.ProgramName+" "+in.Name)
		got := named{}
		for _, a := range in.Amounts {
			got[a.Name] = a.Value
		}

		if r.amounts == nil {
			r.amounts = named{}
		}

		require.Equal(t, r.amounts, got, r.name)
		for _, a := range in.Accounts {
			require.NotEqual(t, "account further account", a.Role, r.name)
		}

		require.NotContains(t, in.Summary, "\n", r.name)
		require.NotContains(t, in.Summary, "{", r.name)
		require.NotContains(t, in.Summary, solana.PublicKey{}.String(), "%s: %s", r.name,
			in.Summary)
		left = slices.DeleteFunc(left, func(name string) bool { return name == r.name })

		data, err := ix.Data()
		require.NoError(t, err)
		free := r.name == "memo Memo" || r.name == "Infinity SetProtocolFee" ||
			strings.HasPrefix(r.name, "Lighthouse")
		for n := range len(data) + 2 {
			other := append(slices.Clone(data), 0)[:min(n, len(data)+1)]
			if n == len(data) || free && n > 0 ||
				strings.HasPrefix(r.name, "associated token account") && n == 0 {
				continue
			}

			e := explain.Instructions(key(0),
				[]solana.Instruction{solana.NewInstruction(ix.ProgramID(), ix.Accounts(), other)},
				nil)
			if other := e.Instructions[0]; !free {
				require.False(t, other.Known() && other.Name == in.Name, "%s with %d bytes of %d",
					r.name, n, len(data))
				changed++
			}
		}

		for n := range ix.Accounts() {
			e := explain.Instructions(
				key(0),
				[]solana.Instruction{
					solana.NewInstruction(ix.ProgramID(), ix.Accounts()[:n], data),
				},
				nil,
			)

			if other := e.Instructions[0]; other.Known() {
				require.Contains(t,
					[]string{"memo", "Infinity", "Reserve", "stake pool", "compute budget",
						"system"},
					other.ProgramName,
					"%s with %d accounts of %d", r.name, n, len(ix.Accounts()))
			}

			changed++
		}
	}

	require.Empty(t, left, "rows without a builder")
	t.Logf("%d instructions explained, %d changed ones refused", len(rows), changed)
}
