package instructions_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
)

// Addresses that the Router derives on mainnet, for routerUser and seeds 0 and
// 1.
const (
	routerUser      = "J6ksVSmKYzHeVT3P4pzkPEDNP56hezuZanhXQ8JNTvS5"
	routerPrefunder = "ALpzvhALRr35nH8mw9SXk2WvmwEYjfw1dvmpFG9Kosu6"
	wsolBridge      = "7UWZDKjBT1dTvAzdjoSCYKnML3SPt9tfFkANGarEq5r3"
	solBridge       = "75jTZDE78xpBJokeB2BcimRNY5BZ7U45bWhpgUrTzWZC"
	wrappedFees     = "D3DxbHp7YvgdD2iH8GfsGWdFE5gp37aoYjp4jW5jNMjH"
	wrappedMint     = "So11111111111111111111111111111111111111112"
	bridge0         = "4WJYJ1xafAiKwJCm2RiRqUrrqRPg6xunfS8fctG6t9ux"
	slumdog0        = "8415MgG5daFKgzhpt2853Gb8Kfw633a1EMZAiUCDdhXg"
	slumdogRecord0  = "DeK6nuWfnQaTGSQEC2U7hG5NuY4b5d8a16H7VpKoB9fd"
	bridgeRecord0   = "GJpax3WY1kQMy6nC6Jfn9fpo6Ygtxa7U9scrFzWbXJSZ"
	bridge1         = "6LR3NR73NKWpT3GqY35D6G9EZHhXU1Be45UCRahWRmvh"
)

// routedPool returns a stake pool with the classic token program, the only one
// that the Router supports.
func routedPool(t testing.TB) instructions.StakePool {
	p := stakePool(t)
	p.TokenProgram = accounts.TokenProgram
	return p
}

// otherPool returns a second stake pool.
func otherPool(t testing.TB) instructions.StakePool {
	t.Helper()
	p := instructions.StakePool{
		Program:           accounts.StakePoolProgram,
		Address:           key(31),
		WithdrawAuthority: key(32),
		ValidatorList:     key(33),
		ReserveStake:      key(34),
		Mint:              key(35),
		ManagerFeeAccount: key(36),
		TokenProgram:      accounts.TokenProgram,
	}

	var err error
	p.StakeDepositAuthority, err = accounts.StakePoolDepositAuthority(p.Program, p.Address)
	require.NoError(t, err)

	return p
}

// routedMarinade has the addresses of Marinade on mainnet.
var routedMarinade = instructions.Marinade{
	Program:           accounts.MarinadeProgram,
	State:             accounts.MarinadeStateAddress,
	MSOLMint:          accounts.MSOLMint,
	SOLLeg:            solana.MPK("UefNb6z6yvArqe4cJHTXCqStRsKmWhGxnZzuHbikP5Q"),
	MSOLLeg:           solana.MPK("7GgPYjS5Dza89wV6FpZ23kUJRG5vbQ1GM25ezspYFSoE"),
	MSOLLegAuthority:  solana.MPK("EyaSjUtSgo9aRD1f8LWXwdvkpDTmXAW54yoSHZRF14WL"),
	Reserve:           solana.MPK("Du3Ysj1wKbxPKkuPPnvzQLQh8oMSVifs3jGZjJWXFmHN"),
	MSOLMintAuthority: solana.MPK("3JLPCS1qM2zRw3Dp6V4hZnYHd4toMNPkNesXdX9tg6KM"),
	ValidatorList:     solana.MPK("DwFYJNnhLmw19FBTrVaLWZ8SZJpxdPoSYVSJaio9tjbY"),
	StakeList:         solana.MPK("Anv3XE7e5saNdm16MU6bniYS59Mpv7DzQXHAhxJUmAKW"),
}

// routedLido has the addresses of Lido on mainnet.
var routedLido = instructions.Lido{
	Program: accounts.LidoProgram, State: accounts.LidoStateAddress, StSOLMint: accounts.StSOLMint,
	ValidatorList:  solana.MPK("GL9kqRNUTUosW3RsDoXHCuXUZn73SgQQmBvtp1ng2co4"),
	StakeAuthority: solana.MPK("W1ZQRwUfSkDKy2oefRBUWph82Vr2zg9txWMA8RQazN5"),
}

// Vote accounts on mainnet, with the duplication flag and the stake account of
// one each.
const (
	picoVote        = "3xjfK9C9YNcta8MvK1US4sQ3bc6DEjoJoR3qLExGf9xE"
	duplicationFlag = "2AtDq7KRhpD3h2Aru5ao82EARAQngCw6Q9nLS3uBjPfC"
	lidoVote        = "8jxSHbS4qAnh5yueFp4D9ABXubKqMwXqF3HtdzQGuphp"
	lidoStake       = "HB4Cjyg12VATooVMWLvMszzk5yD562a4aQcfQCoQrtwF"
)

// suffixes has the accounts of the pools in each role.
type suffixes struct {
	depositSOL, withdrawSOL, withdrawStake, depositStake, depositOther []meta
	marinadeSOL, marinadeStake, lido, reserve                          []meta
}

func routerSuffixes(t *testing.T, r instructions.Reserve) suffixes {
	p, o := routedPool(t), otherPool(t)
	token, stakes := known(tokenProgramID, ""), known(stakeProgram, "")
	system := known(systemProgram, "")

	clocks, history := known(clock, ""), known(stakeHistory, "")
	m, l := routedMarinade, routedLido
	return suffixes{
		depositSOL: []meta{{p.Program, ""}, {pool, "w"}, {withdrawAuthority, ""}, {reserve, "w"},
			{feeAccount, "w"}},
		withdrawSOL: []meta{
			{p.Program, ""}, {pool, "w"}, {withdrawAuthority, ""}, {reserve, "w"},
			{feeAccount, "w"}, clocks, history, stakes, token,
		},
		withdrawStake: []meta{
			{p.Program, ""}, {pool, "w"}, {list, "w"}, {withdrawAuthority, ""},
			{validatorStake, "w"}, {feeAccount, "w"}, clocks, token, stakes,
			system,
		},
		depositStake: []meta{
			{p.Program, ""}, {pool, "w"}, {list, "w"}, {p.StakeDepositAuthority, ""},
			{withdrawAuthority, ""}, {validatorStake, "w"},
			{reserve, "w"}, {feeAccount, "w"}, clocks, history, token, stakes,
		},
		depositOther: []meta{
			{o.Program, ""}, {key(31), "w"}, {key(33), "w"}, {o.StakeDepositAuthority, ""},
			{key(32), ""}, {key(37), "w"}, {key(34), "w"},
			{key(36), "w"}, clocks, history, token, stakes,
		},
		marinadeSOL: []meta{
			{
				m.Program, ""}, {m.State, "w"}, {m.SOLLeg, "w"}, {m.MSOLLeg, "w"},
			{m.MSOLLegAuthority, ""}, {m.Reserve, "w"}, {m.MSOLMintAuthority, ""},
		},
		marinadeStake: []meta{
			{
				m.Program, ""}, {m.State, "w"}, {m.ValidatorList, "w"}, {m.StakeList, "w"},
			known(duplicationFlag, "w"), {m.MSOLMintAuthority, ""},
			clocks, known(rentSysvar, ""), system, token, stakes,
		},
		lido: []meta{
			{l.Program, ""}, {l.State, "w"}, known(lidoVote, ""), known(lidoStake, "w"),
			{l.StakeAuthority, ""}, {l.ValidatorList, "w"}, clocks,
			token, stakes, system,
		},
		reserve: []meta{
			{r.Program, ""}, {r.Pool, "w"}, {r.SOL, "w"}, {r.Fee, ""}, known(bridgeRecord0, "w"),
			{r.ProtocolFee, ""}, {feeAccount, "w"}, clocks,
			stakes, system, token,
		},
	}
}

type routerTest struct {
	ix    builder
	data  string
	metas []meta
}

// routerTests returns all instructions with the pools that they support. Data
// and accounts are those of the tables of the Router's interface.
func routerTests(t *testing.T) map[string]routerTest {
	t.Helper()
	const amount = 1_000_000_000
	r, p, o := theReserve(t), routedPool(t), otherPool(t)
	s := routerSuffixes(t, r)
	lidoSource := instructions.RouterLidoWithdrawStake(routedLido, solana.MPK(lidoVote),
		solana.MPK(lidoStake))
	who, dst, src := solana.MPK(routerUser), key(41), key(42)
	fees := func(mint solana.PublicKey) meta {
		k, err := accounts.RouterFeeTokenAccount(accounts.RouterProgram, mint)
		require.NoError(t, err)
		return meta{k, "w"}
	}

	stakeWrapped := func(to instructions.RouterDepositSOLAccounts) builder {
		return instructions.RouterStakeWrappedSOL{
			Program:     accounts.RouterProgram,
			User:        who,
			Source:      src,
			Destination: dst,
			Pool:        to,
			Lamports:    amount,
		}
	}

	stakeWrappedMetas := func(mint solana.PublicKey, s []meta) []meta {
		return slices.Concat([]meta{
			{who, "s"}, {src, "w"}, {dst, "w"}, known(wsolBridge, "w"), known(solBridge, "w"),
			fees(mint), {mint, "w"}, known(wrappedMint, ""),
			known(tokenProgramID, ""), known(systemProgram, ""),
		}, s)
	}

	deposit := func(stake solana.PublicKey, to instructions.RouterDepositStakeAccounts) builder {
		return instructions.RouterDepositStake{
			Program:     accounts.RouterProgram,
			User:        who,
			Stake:       stake,
			Destination: dst,
			To:          to,
		}
	}

	depositMetas := func(stake solana.PublicKey, mint meta, s []meta) []meta {
		return slices.Concat([]meta{{who, "sw"}, {stake, "w"}, {dst, "w"}, fees(mint.key), mint}, s)
	}
	swap := func(
		from instructions.RouterWithdrawStakeAccounts,
		to instructions.RouterDepositStakeAccounts,
		seed uint32,
	) builder {
		return instructions.RouterSwapViaStake{
			Program:     accounts.RouterProgram,
			User:        who,
			Source:      src,
			Destination: dst,
			From:        from,
			To:          to,
			PoolTokens:  amount,
			BridgeSeed:  seed,
		}
	}

	swapMetas := func(bridge string, from solana.PublicKey, to meta, s ...[]meta) []meta {
		return slices.Concat([]meta{{who, "sw"}, {src, "w"}, {dst, "w"}, known(bridge, "w"),
			fees(to.key), {from, "w"}, to},
			slices.Concat(s...))
	}

	loan := []meta{
		known(routerPrefunder, "w"), known(slumdog0, "w"), {r.Program, ""}, {r.Pool, "w"},
		{r.SOL, "w"}, {r.Fee, ""}, known(slumdogRecord0, "w"),
		{r.ProtocolFee, ""}, {feeAccount, "w"}, known(clock, ""), known(stakeProgram, ""),
		known(systemProgram, ""),
	}

	prefundSwap := func(
		from instructions.RouterWithdrawStakeAccounts,
		to instructions.RouterDepositStakeAccounts,
	) builder {
		return instructions.RouterPrefundSwapViaStake{
			Program:     accounts.RouterProgram,
			User:        who,
			Source:      src,
			Destination: dst,
			From:        from,
			To:          to,
			Reserve:     r,
			PoolTokens:  amount,
		}
	}

	prefundSwapMetas := func(from solana.PublicKey, to meta, s ...[]meta) []meta {
		return slices.Concat([]meta{{who, "sw"}, {src, "w"}, {dst, "w"}, known(bridge0, "w"),
			fees(to.key), {from, "w"}, to},
			loan, slices.Concat(s...))
	}

	withdraw := func(from instructions.RouterWithdrawStakeAccounts) builder {
		return instructions.RouterPrefundWithdrawStake{
			Program:    accounts.RouterProgram,
			User:       who,
			Source:     src,
			From:       from,
			Reserve:    r,
			PoolTokens: amount,
		}
	}

	withdrawMetas := func(from solana.PublicKey, s []meta) []meta {
		return slices.Concat([]meta{{who, "sw"}, {src, "w"}, known(bridge0, "w"), {from, "w"}},
			loan, s)
	}

	bridge := solana.MPK(bridge0)
	fromPool := instructions.RouterStakePoolWithdrawStake(p, validatorStake)
	toOther := instructions.RouterStakePoolDepositStake(o, key(37))
	toMarinade := instructions.RouterMarinadeDepositStake(routedMarinade, solana.MPK(picoVote))
	toReserve := instructions.RouterReserveDepositStake(r, bridge)
	mints := struct{ pool, other, msol, wsol meta }{meta{mint, "w"}, meta{o.Mint, "w"},
		meta{accounts.MSOLMint, "w"}, known(wrappedMint, "")}
	const (
		data  = "00ca9a3b00000000"
		data0 = data + " 00000000"
		data1 = data + " 01000000"
	)

	return map[string]routerTest{
		"StakeWrappedSol": {
			stakeWrapped(instructions.RouterStakePoolDepositSOL(p)), "00" + data,
			stakeWrappedMetas(mint, s.depositSOL),
		},
		"StakeWrappedSol, Marinade": {
			stakeWrapped(instructions.RouterMarinadeDepositSOL(routedMarinade)), "00" + data,
			stakeWrappedMetas(accounts.MSOLMint, s.marinadeSOL),
		},
		"WithdrawWrappedSol": {
			instructions.RouterWithdrawWrappedSOL{
				Program:     accounts.RouterProgram,
				User:        who,
				Source:      src,
				Destination: dst,
				Pool:        instructions.RouterStakePoolWithdrawSOL(p),
				PoolTokens:  amount,
			}, "08" + data,
			slices.Concat([]meta{
				{who, "s"}, {src, "w"}, {dst, "w"}, known(wrappedFees, "w"), {mint, "w"},
				known(wrappedMint, ""), known(tokenProgramID, ""),
			}, s.withdrawSOL),
		},
		"DepositStake": {
			deposit(userStake, instructions.RouterStakePoolDepositStake(p, validatorStake)), "05",
			depositMetas(userStake, mints.pool, s.depositStake),
		},
		"DepositStake, Marinade": {deposit(userStake, toMarinade), "05",
			depositMetas(userStake, mints.msol, s.marinadeStake)},
		"DepositStake, Reserve": {deposit(bridge, toReserve), "05",
			depositMetas(bridge, mints.wsol, s.reserve)},
		"SwapViaStake": {
			swap(fromPool, toOther, 1), "01" + data1,
			swapMetas(bridge1, mint, mints.other, s.withdrawStake, s.depositOther),
		},
		"SwapViaStake, Marinade": {
			swap(fromPool, toMarinade, 1), "01" + data1,
			swapMetas(bridge1, mint, mints.msol, s.withdrawStake, s.marinadeStake),
		},
		"SwapViaStake, Reserve": {
			swap(fromPool, toReserve, 0), "01" + data0,
			swapMetas(bridge0, mint, mints.wsol, s.withdrawStake, s.reserve),
		},
		"SwapViaStake, Lido to Reserve": {
			swap(lidoSource, toReserve, 0), "01" + data0,
			swapMetas(bridge0, accounts.StSOLMint, mints.wsol, s.lido, s.reserve),
		},
		"PrefundWithdrawStake": {withdraw(fromPool), "06" + data0,
			withdrawMetas(mint, s.withdrawStake)},
		"PrefundWithdrawStake, Lido": {withdraw(lidoSource), "06" + data0,
			withdrawMetas(accounts.StSOLMint, s.lido)},
		"PrefundSwapViaStake": {
			prefundSwap(fromPool, toOther), "07" + data0,
			prefundSwapMetas(mint, mints.other, s.withdrawStake, s.depositOther),
		},
		"PrefundSwapViaStake, Reserve": {
			prefundSwap(fromPool, toReserve), "07" + data0,
			prefundSwapMetas(mint, mints.wsol, s.withdrawStake, s.reserve),
		},
		"PrefundSwapViaStake, two kinds": {
			prefundSwap(lidoSource, toMarinade), "07" + data0,
			prefundSwapMetas(accounts.StSOLMint, mints.msol, s.lido, s.marinadeStake),
		},
		"CreateFeeTokenAccount": {
			instructions.RouterCreateFeeTokenAccount{Program: accounts.RouterProgram, Payer: who,
				Mint: mint},
			"02",
			[]meta{{who, "sw"}, fees(mint), {mint, ""}, known(tokenProgramID, ""),
				known(systemProgram, "")},
		},
	}
}

func TestRouter_Golden(t *testing.T) {
	for name, test := range routerTests(t) {
		t.Run(name, func(t *testing.T) {
			ix, err := test.ix.Build()
			require.NoError(t, err)
			requireInstruction(t, accounts.RouterProgram, test.data, test.metas, ix)
			requireKeysNeeded(t, name, test.ix)
		})
	}
}

// routerRefusalCase is a case of [TestRouter_BuildErrors].
type routerRefusalCase struct {
	ix                 builder
	instruction, field string
	want               error
}

// routerRefusalCases returns the cases of [TestRouter_BuildErrors].
func routerRefusalCases(t *testing.T) map[string]routerRefusalCase {
	t.Helper()

	p, r := routedPool(t), theReserve(t)
	program, who, system := accounts.RouterProgram, solana.MPK(routerUser), accounts.SystemProgram
	deposit := func(to instructions.RouterDepositStakeAccounts) builder {
		return instructions.RouterDepositStake{
			Program:     program,
			User:        who,
			Stake:       userStake,
			Destination: userTokens,
			To:          to,
		}
	}

	swap := func(
		from instructions.RouterWithdrawStakeAccounts,
		to instructions.RouterDepositStakeAccounts,
		amount uint64,
	) builder {
		return instructions.RouterSwapViaStake{
			Program:     program,
			User:        who,
			Source:      userTokens,
			Destination: referrer,
			From:        from,
			To:          to,
			PoolTokens:  amount,
		}
	}

	wrap := func(to instructions.RouterDepositSOLAccounts, lamports uint64) builder {
		return instructions.RouterStakeWrappedSOL{
			Program:     program,
			User:        who,
			Source:      userTokens,
			Destination: referrer,
			Pool:        to,
			Lamports:    lamports,
		}
	}

	unwrap := func(from instructions.RouterWithdrawSOLAccounts, tokens uint64) builder {
		return instructions.RouterWithdrawWrappedSOL{
			Program:     program,
			User:        who,
			Source:      userTokens,
			Destination: referrer,
			Pool:        from,
			PoolTokens:  tokens,
		}
	}

	prefund := func(to instructions.RouterDepositStakeAccounts, amount uint64) builder {
		return instructions.RouterPrefundSwapViaStake{
			Program:     program,
			User:        who,
			Source:      userTokens,
			Destination: referrer,
			From:        instructions.RouterStakePoolWithdrawStake(p, validatorStake),
			To:          to,
			Reserve:     r,
			PoolTokens:  amount,
		}
	}

	from := instructions.RouterStakePoolWithdrawStake(p, validatorStake)
	to := instructions.RouterStakePoolDepositStake(p, validatorStake)

	custom, closed, foreign := p, p, p
	custom.SOLDepositAuthority, custom.SOLWithdrawAuthority = &authority, &authority
	custom.StakeDepositAuthority = authority
	closed.SOLDepositAuthority, closed.SOLWithdrawAuthority = &system, &system
	foreign.TokenProgram = accounts.Token2022Program
	unnamed := p
	unnamed.ManagerFeeAccount = solana.PublicKey{}
	noSOL, noList := r, routedMarinade
	noSOL.SOL, noList.ValidatorList = solana.PublicKey{}, solana.PublicKey{}
	noState := routedLido
	noState.State = solana.PublicKey{}

	return map[string]routerRefusalCase{
		"no pool for SOL": {wrap(instructions.RouterDepositSOLAccounts{}, 1), "StakeWrappedSol",
			"pool mint", instructions.ErrMissing},
		"no pool that pays SOL": {
			unwrap(instructions.RouterWithdrawSOLAccounts{}, 1), "WithdrawWrappedSol", "pool mint",
			instructions.ErrMissing,
		},
		"no pool that pays stake": {
			swap(instructions.RouterWithdrawStakeAccounts{}, to, 1), "SwapViaStake", "source mint",
			instructions.ErrMissing,
		},
		"no pool that takes stake": {
			deposit(instructions.RouterDepositStakeAccounts{}), "DepositStake", "destination mint",
			instructions.ErrMissing,
		},
		"no lamports": {
			wrap(instructions.RouterStakePoolDepositSOL(p), 0), "StakeWrappedSol", "lamports",
			instructions.ErrZeroAmount,
		},
		"no tokens for SOL": {
			unwrap(instructions.RouterStakePoolWithdrawSOL(p), 0), "WithdrawWrappedSol",
			"pool tokens", instructions.ErrZeroAmount,
		},
		"no tokens for stake": {swap(from, to, 0), "SwapViaStake", "pool tokens",
			instructions.ErrZeroAmount},
		"no tokens, prefund": {prefund(to, 0), "PrefundSwapViaStake", "pool tokens",
			instructions.ErrZeroAmount},
		"no tokens for the bridge": {
			instructions.RouterPrefundWithdrawStake{
				Program: program,
				User:    who,
				Source:  userTokens,
				From:    from,
				Reserve: r,
			}, "PrefundWithdrawStake",
			"pool tokens", instructions.ErrZeroAmount,
		},
		"SOL deposit authority": {
			wrap(instructions.RouterStakePoolDepositSOL(custom), 1), "StakeWrappedSol",
			"pool, SOL deposit authority", instructions.ErrOperationDisabled,
		},
		"SOL withdraw authority": {
			unwrap(instructions.RouterStakePoolWithdrawSOL(custom), 1), "WithdrawWrappedSol",
			"pool, SOL withdraw authority", instructions.ErrOperationDisabled,
		},
		"SOL deposits switched off": {
			wrap(instructions.RouterStakePoolDepositSOL(closed), 1), "StakeWrappedSol",
			"pool, SOL deposit authority", instructions.ErrOperationDisabled,
		},
		"SOL withdrawals switched off": {
			unwrap(instructions.RouterStakePoolWithdrawSOL(closed), 1), "WithdrawWrappedSol",
			"pool, SOL withdraw authority", instructions.ErrOperationDisabled,
		},
		"stake deposit authority": {
			deposit(instructions.RouterStakePoolDepositStake(custom, validatorStake)),
			"DepositStake", "destination pool, stake deposit authority",
			instructions.ErrOperationDisabled,
		},
		"Token-2022": {
			wrap(instructions.RouterStakePoolDepositSOL(foreign), 1), "StakeWrappedSol",
			"pool, token program", instructions.ErrConflictingInput,
		},
		"Token-2022, source": {
			swap(instructions.RouterStakePoolWithdrawStake(foreign, validatorStake), to, 1),
			"SwapViaStake", "source pool, token program",
			instructions.ErrConflictingInput,
		},
		"record of another account": {
			deposit(instructions.RouterReserveDepositStake(r, key(99))), "DepositStake",
			"destination pool, stake account", instructions.ErrConflictingInput,
		},
		"record of another bridge": {
			swap(from, instructions.RouterReserveDepositStake(r, userStake), 1), "SwapViaStake",
			"destination pool, stake account", instructions.ErrConflictingInput,
		},
		"record of another bridge, prefund": {
			prefund(instructions.RouterReserveDepositStake(r, userStake), 1), "PrefundSwapViaStake",
			"destination pool, stake account", instructions.ErrConflictingInput,
		},
		"record of nothing": {
			deposit(instructions.RouterReserveDepositStake(r, solana.PublicKey{})), "DepositStake",
			"destination pool, stake account",
			instructions.ErrConflictingInput,
		},
		"no validator stake": {
			deposit(instructions.RouterStakePoolDepositStake(p, solana.PublicKey{})),
			"DepositStake", "destination validator stake account", instructions.ErrMissing,
		},
		"no fee account": {
			wrap(instructions.RouterStakePoolDepositSOL(unnamed), 1), "StakeWrappedSol",
			"manager fee account", instructions.ErrMissing,
		},
		"no pool SOL": {
			deposit(instructions.RouterReserveDepositStake(noSOL, userStake)), "DepositStake",
			"destination pool SOL", instructions.ErrMissing,
		},
		"no vote": {
			deposit(instructions.RouterMarinadeDepositStake(routedMarinade, solana.PublicKey{})),
			"DepositStake", "destination pool, vote account",
			instructions.ErrMissing,
		},
		"no validator list": {
			deposit(instructions.RouterMarinadeDepositStake(noList, key(1))), "DepositStake",
			"destination validator list", instructions.ErrMissing,
		},
		"no Lido state": {
			swap(instructions.RouterLidoWithdrawStake(noState, key(1), key(2)), to, 1),
			"SwapViaStake", "source state", instructions.ErrMissing,
		},
	}
}

// TestRouter_BuildErrors checks the errors of invalid inputs.
func TestRouter_BuildErrors(t *testing.T) {
	for name, test := range routerRefusalCases(t) {
		t.Run(name, func(t *testing.T) {
			ix, err := test.ix.Build()
			require.Nil(t, ix)
			requireBuildError(t, err, test.instruction, test.field, test.want)
		})
	}
}

// TestRouterAccounts_Mint checks the mint of each kind of pool.
func TestRouterAccounts_Mint(t *testing.T) {
	p := routedPool(t)
	require.Equal(t, mint, instructions.RouterStakePoolDepositSOL(p).Mint())
	require.Equal(t, mint, instructions.RouterStakePoolWithdrawSOL(p).Mint())
	require.Equal(t, mint, instructions.RouterStakePoolWithdrawStake(p, key(1)).Mint())
	require.Equal(t, mint, instructions.RouterStakePoolDepositStake(p, key(1)).Mint())
	require.Equal(t, accounts.MSOLMint,
		instructions.RouterMarinadeDepositSOL(routedMarinade).Mint())
	require.Equal(t, accounts.MSOLMint,
		instructions.RouterMarinadeDepositStake(routedMarinade, key(1)).Mint())
	require.Equal(t, accounts.StSOLMint,
		instructions.RouterLidoWithdrawStake(routedLido, key(1), key(2)).Mint())
	require.Equal(t, accounts.NativeMint,
		instructions.RouterReserveDepositStake(theReserve(t), key(1)).Mint())
	require.Zero(t, instructions.RouterDepositStakeAccounts{}.Mint())
	require.NotEmpty(t, slices.Collect(maps.Keys(routerTests(t))))
}
