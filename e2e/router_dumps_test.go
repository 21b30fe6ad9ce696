package e2e

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/programs/system"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/dump"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Validators of the stake accounts in the dumps.
var (
	picoVote = solana.MPK("3xjfK9C9YNcta8MvK1US4sQ3bc6DEjoJoR3qLExGf9xE")
	lidoVote = solana.MPK("8jxSHbS4qAnh5yueFp4D9ABXubKqMwXqF3HtdzQGuphp")
)

// Stake, in lamports, that withdrawals from the pools of the dumps yield, by
// input.
const (
	onePico   = 1_184_586_092
	threePico = 3_553_758_276
	tenPico   = 11_845_860_920
	oneStSOL  = 1_212_405_641
	tenStSOL  = 12_124_056_414
)

// measuredRent is the rent at the time of the dumps' figures, in lamports per
// byte.
const measuredRent = 6960

// routerDumps has mainnet accounts of the pools that the Router works with.
type routerDumps struct {
	*routerRun
	all  map[string]accounts.Account
	pico instructions.StakePool
	bsol instructions.StakePool
	// The stake accounts of picoVote in the two pools.
	picoStake, bsolStake solana.PublicKey
	marinade             instructions.Marinade
	lido                 instructions.Lido
	lidoStake            solana.PublicKey
	reserve              instructions.Reserve
	quoted               quote.ReserveState
}

// TestRouter_PublicDumps routes between picoSOL, bSOL, mSOL, stSOL and the
// Reserve in the state of the public dumps, and expects published figures.
func TestRouter_PublicDumps(t *testing.T) {
	l := connect(t)
	dir, ok := dump.Fixtures()
	if !ok || l.programHash(accounts.RouterProgram) == "" {
		t.Skipf("no account dumps (set %s), or no Router on this server", dump.FixturesVariable)
	}

	d := loadRouterDumps(t, l, filepath.Join(dir, "router"))
	var tests []routerDumpTest
	tests = append(tests, d.solTests()...)
	tests = append(tests, d.stakeTests()...)
	tests = append(tests, d.swapTests()...)
	tests = append(tests, d.prefundTests()...)
	for seed, test := range tests {
		t.Run(test.name, func(t *testing.T) { d.run(t, test, uint32(seed)) })
	}
}

// routerFigure is the output with today's builds, and with the builds of June
// 2025, of which two of the three deployments round fees down.
type routerFigure struct{ today, old uint64 }

// routerDumpTest is a trade with its published figure. Figures that depend on
// the rent have a function as well, because they were measured at 6960 lamports
// per byte.
type routerDumpTest struct {
	name    string
	build   routerBuild
	in, out solana.PublicKey
	amount  uint64
	// held is the rent that is transferred to the bridge first.
	held uint64
	// staked, if set, is a stake account to deposit.
	staked uint64
	want   routerFigure
	// derived returns the payment of the pools at the server's rent.
	derived func() uint64
	// minimum, if set, is the only minimum delegation for which the figure was
	// measured.
	minimum uint64
}

// run executes a trade and compares its output.
func (d *routerDumps) run(t *testing.T, test routerDumpTest, seed uint32) {
	t.Helper()
	oldRounding := quote.StakePoolFeeRounding(d.hashes[d.pico.Program]) == quote.FeesRoundDown
	if test.minimum != 0 && test.minimum != d.chain.MinimumDelegation {
		t.Skipf("measured under a minimum delegation of %d, not %d", test.minimum,
			d.chain.MinimumDelegation)
	}

	d.t = t
	c := routerDumpCase{user: d.user.PublicKey(), amount: test.amount, seed: seed}
	got := d.execute(c, test.build, test.in, test.out, test.held, test.staked)
	want := test.want.today
	if oldRounding && test.want.old != 0 {
		want = test.want.old
	}

	if test.derived != nil {
		if d.chain.Rent == accounts.NewRent(measuredRent) {
			require.Equal(t, want, test.derived(), "the derivation")
		}

		want = test.derived()
	}

	require.Equal(t, want, got)
}

// solTests deposit and withdraw SOL.
func (d *routerDumps) solTests() []routerDumpTest {
	return []routerDumpTest{
		{
			name:   "1 SOL to picoSOL",
			build:  d.wrapSOL(instructions.RouterStakePoolDepositSOL(d.pico)),
			in:     accounts.NativeMint,
			out:    d.pico.Mint,
			amount: sol,
			want:   routerFigure{843_332_541, 843_332_542},
		},
		{
			name:   "1 SOL to bSOL",
			build:  d.wrapSOL(instructions.RouterStakePoolDepositSOL(d.bsol)),
			in:     accounts.NativeMint,
			out:    d.bsol.Mint,
			amount: sol,
			want:   routerFigure{today: 816_729_365},
		},
		{
			name:   "1 SOL to mSOL",
			build:  d.wrapSOL(instructions.RouterMarinadeDepositSOL(d.marinade)),
			in:     accounts.NativeMint,
			out:    accounts.MSOLMint,
			amount: sol,
			want:   routerFigure{today: 776_062_653},
		},
		{
			name:   "1 bSOL to SOL from the reserve",
			build:  d.unwrapSOL(instructions.RouterStakePoolWithdrawSOL(d.bsol)),
			in:     d.bsol.Mint,
			out:    accounts.NativeMint,
			amount: sol,
			want:   routerFigure{today: 1_223_049_081},
		},
		{
			name:   "1 picoSOL to SOL from the reserve",
			build:  d.unwrapSOL(instructions.RouterStakePoolWithdrawSOL(d.pico)),
			in:     d.pico.Mint,
			out:    accounts.NativeMint,
			amount: sol,
			want:   routerFigure{today: 1_183_283_165},
		},
	}
}

// stakeTests deposit a stake account.
func (d *routerDumps) stakeTests() []routerDumpTest {
	toPico := instructions.RouterStakePoolDepositStake(d.pico, d.picoStake)
	toMarinade := instructions.RouterMarinadeDepositStake(d.marinade, picoVote)
	return []routerDumpTest{
		{
			name:   "1 SOL of stake to mSOL",
			build:  d.depositStake(&toMarinade),
			out:    accounts.MSOLMint,
			staked: sol,
			want:   routerFigure{today: 775_286_591},
		},
		{
			name:    "1 SOL of stake to SOL",
			build:   d.depositStake(nil),
			out:     accounts.NativeMint,
			staked:  sol,
			want:    routerFigure{today: 1_001_269_932},
			derived: func() uint64 { return d.sold(sol + figures.StoredRent) },
		},
		{
			name:   "1 SOL of stake to picoSOL",
			build:  d.depositStake(&toPico),
			out:    d.pico.Mint,
			staked: sol,
			want:   routerFigure{845_255_843, 845_255_844},
		},
	}
}

// swapTests swap through a stake account.
func (d *routerDumps) swapTests() []routerDumpTest {
	fromPico := instructions.RouterStakePoolWithdrawStake(d.pico, d.picoStake)
	fromLido := instructions.RouterLidoWithdrawStake(d.lido, lidoVote, d.lidoStake)
	toBSOL := instructions.RouterStakePoolDepositStake(d.bsol, d.bsolStake)
	toMarinade := instructions.RouterMarinadeDepositStake(d.marinade, picoVote)
	return []routerDumpTest{
		{
			name:   "1 picoSOL to bSOL",
			build:  d.swapStake(fromPico, &toBSOL),
			in:     d.pico.Mint,
			out:    d.bsol.Mint,
			amount: sol,
			held:   figures.StoredRent,
			want:   routerFigure{967_413_382, 967_413_384},
		},
		{
			name:   "10 picoSOL to bSOL",
			build:  d.swapStake(fromPico, &toBSOL),
			in:     d.pico.Mint,
			out:    d.bsol.Mint,
			amount: 10 * sol,
			held:   figures.StoredRent,
			want:   routerFigure{9_657_383_563, 9_657_383_565},
		},
		{
			name:    "1 picoSOL to SOL",
			build:   d.swapStake(fromPico, nil),
			in:      d.pico.Mint,
			out:     accounts.NativeMint,
			amount:  sol,
			held:    figures.StoredRent,
			want:    routerFigure{today: 1_185_669_431},
			derived: func() uint64 { return d.sold(onePico + figures.StoredRent) },
		},
		{
			name:    "10 picoSOL to SOL",
			build:   d.swapStake(fromPico, nil),
			in:      d.pico.Mint,
			out:     accounts.NativeMint,
			amount:  10 * sol,
			held:    figures.StoredRent,
			want:    routerFigure{today: 11_836_144_816},
			derived: func() uint64 { return d.sold(tenPico + figures.StoredRent) },
		},
		{
			name:   "1 picoSOL to mSOL",
			build:  d.swapStake(fromPico, &toMarinade),
			in:     d.pico.Mint,
			out:    accounts.MSOLMint,
			amount: sol,
			held:   figures.StoredRent,
			want:   routerFigure{today: d.viaMarinade(onePico)},
		},
		{
			name:   "1 stSOL to SOL",
			build:  d.swapStake(fromLido, nil),
			in:     accounts.StSOLMint,
			out:    accounts.NativeMint,
			amount: sol,
			held:   figures.StoredRent,
			want:   routerFigure{today: d.sold(oneStSOL + figures.StoredRent)},
		},
	}
}

// prefundTests swap through a stake account whose rent the Router lends.
func (d *routerDumps) prefundTests() []routerDumpTest {
	fromPico := instructions.RouterStakePoolWithdrawStake(d.pico, d.picoStake)
	fromLido := instructions.RouterLidoWithdrawStake(d.lido, lidoVote, d.lidoStake)
	toBSOL := instructions.RouterStakePoolDepositStake(d.bsol, d.bsolStake)
	return []routerDumpTest{
		{
			name:    "1 picoSOL to SOL, prefund",
			build:   d.prefundSwap(fromPico, nil),
			in:      d.pico.Mint,
			out:     accounts.NativeMint,
			amount:  sol,
			minimum: 1,
			want:    routerFigure{today: 1_183_384_244},
			derived: func() uint64 { return d.prefunded(onePico) },
		},
		{
			name:    "1 stSOL to SOL, prefund",
			build:   d.prefundSwap(fromLido, nil),
			in:      accounts.StSOLMint,
			out:     accounts.NativeMint,
			amount:  sol,
			minimum: 1,
			want:    routerFigure{today: 1_211_175_670},
			derived: func() uint64 { return d.prefunded(oneStSOL) },
		},
		{
			name:    "3 picoSOL to SOL, prefund",
			build:   d.prefundSwap(fromPico, nil),
			in:      d.pico.Mint,
			out:     accounts.NativeMint,
			amount:  3 * sol,
			minimum: sol,
			want:    routerFigure{today: 2_553_456_657},
			derived: func() uint64 { return d.prefunded(threePico) },
		},
		{
			name:    "10 picoSOL to SOL, prefund",
			build:   d.prefundSwap(fromPico, nil),
			in:      d.pico.Mint,
			out:     accounts.NativeMint,
			amount:  10 * sol,
			minimum: sol,
			want:    routerFigure{today: 10_837_157_540},
			derived: func() uint64 { return d.prefunded(tenPico) },
		},
		{
			name:    "10 picoSOL to bSOL, prefund",
			build:   d.prefundSwap(fromPico, &toBSOL),
			in:      d.pico.Mint,
			out:     d.bsol.Mint,
			amount:  10 * sol,
			minimum: sol,
			want:    routerFigure{today: 8_842_286_839},
			derived: func() uint64 { return d.prefundedToBSOL(tenPico) },
		},
		{
			name:    "10 stSOL to SOL, prefund",
			build:   d.prefundSwap(fromLido, nil),
			in:      accounts.StSOLMint,
			out:     accounts.NativeMint,
			amount:  10 * sol,
			minimum: sol,
			want:    routerFigure{today: 11_115_070_700},
			derived: func() uint64 { return d.prefunded(tenStSOL) },
		},
	}
}

// wrapSOL deposits wrapped SOL.
func (*routerDumps) wrapSOL(pool instructions.RouterDepositSOLAccounts) routerBuild {
	return func(c routerDumpCase) builder {
		return instructions.RouterStakeWrappedSOL{
			Program:     accounts.RouterProgram,
			User:        c.user,
			Source:      c.source,
			Destination: c.destination,
			Pool:        pool,
			Lamports:    c.amount,
		}
	}
}

// unwrapSOL withdraws wrapped SOL.
func (*routerDumps) unwrapSOL(pool instructions.RouterWithdrawSOLAccounts) routerBuild {
	return func(c routerDumpCase) builder {
		return instructions.RouterWithdrawWrappedSOL{
			Program:     accounts.RouterProgram,
			User:        c.user,
			Source:      c.source,
			Destination: c.destination,
			Pool:        pool,
			PoolTokens:  c.amount,
		}
	}
}

// buyer returns the accounts of a pool. Without a pool, the stake is sold to
// the Reserve.
func (d *routerDumps) buyer(
	c routerDumpCase,
	pool *instructions.RouterDepositStakeAccounts,
) instructions.RouterDepositStakeAccounts {
	if pool != nil {
		return *pool
	}

	return instructions.RouterReserveDepositStake(d.reserve, c.deposited)
}

// depositStake deposits a stake account.
func (d *routerDumps) depositStake(pool *instructions.RouterDepositStakeAccounts) routerBuild {
	return func(c routerDumpCase) builder {
		return instructions.RouterDepositStake{
			Program:     accounts.RouterProgram,
			User:        c.user,
			Stake:       c.deposited,
			Destination: c.destination,
			To:          d.buyer(c, pool),
		}
	}
}

// swapStake swaps through a stake account.
func (d *routerDumps) swapStake(
	from instructions.RouterWithdrawStakeAccounts,
	pool *instructions.RouterDepositStakeAccounts,
) routerBuild {
	return func(c routerDumpCase) builder {
		return instructions.RouterSwapViaStake{
			Program:     accounts.RouterProgram,
			User:        c.user,
			Source:      c.source,
			Destination: c.destination,
			From:        from,
			To:          d.buyer(c, pool),
			PoolTokens:  c.amount,
			BridgeSeed:  c.seed,
		}
	}
}

// prefundSwap swaps through a stake account whose rent the Router lends.
func (d *routerDumps) prefundSwap(
	from instructions.RouterWithdrawStakeAccounts,
	pool *instructions.RouterDepositStakeAccounts,
) routerBuild {
	return func(c routerDumpCase) builder {
		return instructions.RouterPrefundSwapViaStake{
			Program:     accounts.RouterProgram,
			User:        c.user,
			Source:      c.source,
			Destination: c.destination,
			From:        from,
			To:          d.buyer(c, pool),
			Reserve:     d.reserve,
			PoolTokens:  c.amount,
			BridgeSeed:  c.seed,
		}
	}
}

type builder interface {
	Build() (solana.Instruction, error)
}

type routerBuild func(c routerDumpCase) builder

// routerDumpCase has the differences of each case.
type routerDumpCase struct {
	user, source, destination, deposited solana.PublicKey
	amount                               uint64
	seed                                 uint32
}

func loadRouterDumps(t *testing.T, l *localnet, dir string) *routerDumps {
	t.Helper()
	chain := l.chain()
	hashes := map[solana.PublicKey]string{
		accounts.SanctumStakePoolProgram: l.programHash(accounts.SanctumStakePoolProgram),
	}
	d := &routerDumps{routerRun: newRouterRun(l, chain, hashes, "", false),
		all: map[string]accounts.Account{}}
	list, err := dump.Dir(dir)
	require.NoError(t, err)
	for _, a := range list {
		d.all[a.Name] = a.Account
	}

	epoch := chain.Clock.Epoch
	// The pools were updated in another epoch than the server's.
	pool := func(name string) instructions.StakePool {
		state := decodeDump(t, d.all, name, accounts.DecodeStakePool)
		state.LastUpdateEpoch = epoch
		copy(d.all[name].Data, state.Encode())
		keys, err := instructions.NewStakePool(d.all[name].Owner, d.all[name].Address, state)
		require.NoError(t, err)

		return keys
	}

	d.pico, d.bsol = pool("picosol-stake-pool"), pool("bsol-stake-pool")
	d.picoStake = d.all["picosol-validator-stake-pico"].Address
	d.bsolStake = d.all["bsol-validator-stake-pico"].Address
	d.loadMarinade(t)
	d.loadLido(t, epoch)
	d.syncVaults(t)

	state := decodeDump(t, d.all, "reserve-pool", accounts.DecodeReservePool)
	fee := decodeDump(t, d.all, "reserve-fee", accounts.DecodeReserveFee)
	protocolFee := decodeDump(t, d.all, "reserve-protocol-fee", accounts.DecodeReserveProtocolFee)
	d.reserve, err = instructions.NewReserve(accounts.ReserveProgram, d.all["reserve-pool"].Address,
		state, protocolFee)
	require.NoError(t, err)
	d.quoted = quote.ReserveState{
		Address:     d.reserve.Pool,
		Pool:        *state,
		Fee:         *fee,
		ProtocolFee: *protocolFee,
		Rent:        chain.Rent,
		Clock:       chain.Clock,
		Lamports:    d.all["reserve-pool-sol-reserves"].Lamports,
	}

	return d
}

func decodeDump[T any](
	t *testing.T,
	all map[string]accounts.Account,
	name string,
	decode func(accounts.Account) (*T, error),
) *T {
	t.Helper()
	v, err := decode(all[name])
	require.NoError(t, err, name)
	return v
}

func (d *routerDumps) loadMarinade(t *testing.T) {
	state := decodeDump(t, d.all, "marinade-state", accounts.DecodeMarinadeState)
	program, address := accounts.MarinadeProgram, accounts.MarinadeStateAddress
	must := func(key solana.PublicKey, err error) solana.PublicKey {
		require.NoError(t, err)
		return key
	}

	d.marinade = instructions.Marinade{
		Program: program, State: address, MSOLMint: accounts.MSOLMint,
		SOLLeg:            must(accounts.MarinadeSOLLeg(program, address)),
		MSOLLeg:           d.all["marinade-liq-pool-msol-leg"].Address,
		MSOLLegAuthority:  must(accounts.MarinadeMSOLLegAuthority(program, address)),
		Reserve:           must(accounts.MarinadeReserve(program, address)),
		MSOLMintAuthority: must(accounts.MarinadeMSOLMintAuthority(program, address)),
		ValidatorList:     state.ValidatorSystem.ValidatorList.Account,
		StakeList:         state.StakeSystem.StakeList.Account,
	}
}

// loadLido also creates a validator list with one validator, which the dumps
// lack.
func (d *routerDumps) loadLido(t *testing.T, epoch uint64) {
	state := decodeDump(t, d.all, "lido-state", accounts.DecodeLidoState)
	state.ExchangeRate.ComputedInEpoch = epoch
	copy(d.all["lido-state"].Data, state.Encode())
	authority, err := accounts.LidoStakeAuthority(accounts.LidoProgram, accounts.LidoStateAddress)
	require.NoError(t, err)
	d.lido = instructions.Lido{
		Program:        accounts.LidoProgram,
		State:          accounts.LidoStateAddress,
		StSOLMint:      accounts.StSOLMint,
		ValidatorList:  state.ValidatorList,
		StakeAuthority: authority,
	}

	const seed = 126
	stake := d.all["lido-validator-stake-lidomax"]
	d.lidoStake, err = accounts.LidoValidatorStake(d.lido.Program, d.lido.State, lidoVote, seed)
	require.NoError(t, err)
	require.Equal(t, stake.Address, d.lidoStake)
	list := accounts.LidoValidatorList{
		MaxEntries: 1,
		Validators: []accounts.LidoValidator{{
			VoteAccount:           lidoVote,
			StakeSeeds:            accounts.LidoSeedRange{Begin: seed, End: seed + 1},
			StakeAccountsBalance:  stake.Lamports,
			EffectiveStakeBalance: stake.Lamports,
			Active:                true,
		}},
	}

	data := make([]byte, list.Space())
	copy(data, list.Encode())
	d.all["lido-validator-list"] = accounts.Account{
		Address:  state.ValidatorList,
		Owner:    accounts.LidoProgram,
		Lamports: sol,
		Data:     data,
	}
}

// viaMarinade returns Marinade's payment for stake in the state of the dumps,
// less the Router's fee.
func (d *routerDumps) viaMarinade(lamports uint64) uint64 {
	const supply, value = 3_823_619_544_832_744, 4_926_946_979_289_234
	msol, err := fixed.MulDivFloor(lamports, supply, value)
	require.NoError(d.t, err)
	p, err := quote.NewRouterPayout(msol, quote.RouterSwapViaStakeFee)
	require.NoError(d.t, err)
	return p.Out
}

// sold returns the Reserve's payment for a number of lamports.
func (d *routerDumps) sold(lamports uint64) uint64 {
	u, err := d.quoted.Unstake(lamports, 0, false)
	require.NoError(d.t, err)
	return u.Out
}

// prefund quotes a withdrawal of stake whose rent the Router lends.
func (d *routerDumps) prefund(withdrawn uint64) quote.PrefundedStake {
	q, err := quote.Prefund{
		Reserve:           d.quoted,
		MinimumDelegation: d.chain.MinimumDelegation,
		Prefunder:         d.all["prefunder"].Lamports,
	}.Quote(withdrawn)
	require.NoError(d.t, err)
	return q
}

// prefunded returns the Reserve's payment for that stake. The Reserve first
// buys the part that is split off.
func (d *routerDumps) prefunded(withdrawn uint64) uint64 {
	q := d.prefund(withdrawn)
	u, err := q.Reserve.Unstake(q.Staked+q.Unstaked, 0, false)
	require.NoError(d.t, err)
	return u.Out
}

// prefundedToBSOL returns the payment of bSOL's pool, less the Router's fee.
func (d *routerDumps) prefundedToBSOL(withdrawn uint64) uint64 {
	t := d.t
	q := d.prefund(withdrawn)
	state, err := accounts.DecodeStakePool(d.all["bsol-stake-pool"])
	require.NoError(t, err)
	pool := quote.StakePoolState{
		Program:           d.bsol.Program,
		Address:           d.all["bsol-stake-pool"].Address,
		State:             *state,
		Clock:             d.chain.Clock,
		Rent:              d.chain.Rent,
		MinimumDelegation: d.chain.MinimumDelegation,
		FeeAccountUsable:  true,
		Rounding:          quote.StakePoolFeeRounding(d.programHash(d.bsol.Program)),
	}

	deposit, err := pool.DepositStake(q.Staked, q.Unstaked)
	require.NoError(t, err)
	p, err := quote.NewRouterPayout(deposit.Tokens+deposit.ReferralFee, quote.RouterSwapViaStakeFee)
	require.NoError(t, err)

	return p.Out
}

// syncVaults sets the Router's accounts of wrapped SOL to the current rent.
// After a rent reduction, the token program pays the excess to the next trade;
// on mainnet that trade happened long ago.
func (d *routerDumps) syncVaults(t *testing.T) {
	rent, err := d.chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(t, err)
	vault := d.all["wsol-vault"]
	token, err := accounts.DecodeTokenAccount(vault)
	require.NoError(t, err)
	d.all["wsol-vault"] = figures.TokenAccount(vault.Address, token.Mint, token.Owner, token.Amount,
		rent)
}

// execute puts all dumps on chain again, executes the case, and returns the
// received amount.
func (d *routerDumps) execute(
	c routerDumpCase,
	build routerBuild,
	in, out solana.PublicKey,
	held, staked uint64,
) uint64 {
	t := d.t
	c.source, c.destination = solana.NewWallet().PublicKey(), solana.NewWallet().PublicKey()
	rent, err := d.chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(t, err)
	calls := []call{
		setAccount(accounts.Account{Address: c.user, Owner: accounts.SystemProgram,
			Lamports: 10 * sol}),
		setAccount(figures.TokenAccount(c.destination, out, c.user, 0, rent)),
	}
	if !in.IsZero() {
		calls = append(calls,
			setAccount(figures.TokenAccount(c.source, in, c.user, c.amount, rent)))
	}

	for _, a := range d.all {
		calls = append(calls, setAccount(a))
	}

	c.deposited, err = accounts.RouterBridgeStake(accounts.RouterProgram, c.user, c.seed)
	require.NoError(t, err)
	if staked > 0 {
		c.deposited = solana.NewWallet().PublicKey()
		stake := figures.Delegated(c.user, figures.StoredRent, picoVote, staked, 0)
		data := make([]byte, accounts.StakeAccountSpace)
		copy(data, stake.Encode())
		calls = append(calls, setAccount(accounts.Account{
			Address:  c.deposited,
			Owner:    accounts.StakeProgram,
			Lamports: staked + figures.StoredRent,
			Data:     data,
		}))
	}

	for _, reply := range d.batch(calls...) {
		require.Nil(t, reply.Error)
	}

	ix, err := build(c).Build()
	require.NoError(t, err)
	plan := txn.Plan{
		Payer:    d.payer.PublicKey(),
		Lifetime: lifetime(t, d.batch(latestBlockhash)[0]),
		Budget:   txn.ComputeBudget{ComputeUnitLimit: 1_400_000},
	}
	if held > 0 {
		plan.Steps = append(plan.Steps,
			txn.Step{Description: "rent",
				Instruction: system.NewTransferInstruction(held, c.user, c.deposited).Build()})
	}

	plan.Steps = append(plan.Steps, txn.Step{Description: "route", Instruction: ix})
	unsigned, err := plan.Compile()
	if errors.Is(err, txn.ErrTransactionTooLarge) {
		require.NoError(t, d.sendWithTable(solana.NewWallet().PublicKey(), plan))
	} else {
		require.NoError(t, err)
		signed, err := unsigned.Sign(context.Background(), d.payer, d.user)
		require.NoError(t, err)
		require.NoError(t, d.localnet.execute(signed))
	}

	token, err := accounts.Load(d.get(c.destination), c.destination, accounts.DecodeTokenAccount)
	require.NoError(t, err)

	return token.Amount
}
