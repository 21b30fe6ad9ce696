package e2e

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// failureSeed seeds the pools. It is fixed, so that each case fails for one
// reason only.
const failureSeed = 20

// TestFailures_Pools makes the programs of pools and the programs that they
// call return the errors that users meet.
func TestFailures_Pools(t *testing.T) {
	r := newFailureRun(connect(t))
	defer r.report()
	for name, test := range map[string]struct {
		program solana.PublicKey
		run     func()
	}{
		"stake pool": {accounts.SanctumStakePoolProgram, func() {
			for _, program := range accounts.StakePoolPrograms() {
				r.stakePoolFailures(program)
			}
		}},
		"lido":     {accounts.LidoProgram, r.lidoFailures},
		"marinade": {accounts.MarinadeProgram, r.marinadeFailures},
		"reserve":  {accounts.ReserveProgram, r.reserveFailures},
		"router":   {accounts.RouterProgram, r.routerFailures},
		"infinity": {accounts.InfinityProgram, r.infinityFailures},
	} {
		t.Run(name, func(t *testing.T) {
			r.t = t
			if r.programHash(test.program) == "" {
				t.Skip("not deployed on this server")
			}

			test.run()
		})
	}

	r.t = t
}

func (r *failureRun) stakePoolFailures(program solana.PublicKey) {
	epoch := r.chain.Clock.Epoch
	type change func(*figures.StakePool, *golden.StakePoolCase)
	type after func(*stakePoolRun, *figures.StakePool, *golden.StakePoolCase)
	try := func(op, want string, is error, change change, after after) {
		r.t.Helper()
		rng := rand.New(rand.NewPCG(failureSeed, 0))
		run := newStakePoolRun(r.localnet, r.chain, program, r.programHash(program), op)
		pool, err := figures.RandomStakePool(rng, program, r.chain)
		require.NoError(r.t, err)
		c := &golden.StakePoolCase{
			Op:           op,
			Build:        run.hash,
			User:         run.user.PublicKey(),
			TokenAccount: r.key(),
			StakeAccount: r.key(),
			Amount:       5 * sol,
		}

		c.Referrer = c.TokenAccount
		if op == golden.DepositStake {
			vote := pool.Validators[0].Entry.VoteAccount
			account := figures.Delegated(c.User, figures.StoredRent, vote, 5*sol, epoch-9)
			c.Stake = &quote.StakeAccountState{Lamports: 5*sol + figures.StoredRent,
				Account: account}
		}

		change(pool, c)
		run.prepare(pool, c)
		if after != nil {
			after(run, pool, c)
		}

		ix, err := c.BuildInstruction(pool)
		require.NoError(r.t, err)
		r.failed(run.execute(run.transaction(pool, c, ix)), want, is)
	}

	limit := func(_ *figures.StakePool, c *golden.StakePoolCase) {
		most := uint64(math.MaxUint64)
		c.Minimum = &most
	}

	stale := func(p *figures.StakePool, _ *golden.StakePoolCase) { p.State.LastUpdateEpoch-- }
	elsewhere := func(p *figures.StakePool, _ *golden.StakePoolCase) {
		stranger := p.Validators[1].Entry.VoteAccount
		p.State.PreferredDepositValidator, p.State.PreferredWithdrawValidator = &stranger, &stranger
	}

	leaving := func(p *figures.StakePool, _ *golden.StakePoolCase) {
		p.Validators[0].Entry.Status = accounts.ValidatorDeactivating
	}
	few := func(_ *stakePoolRun, _ *figures.StakePool, c *golden.StakePoolCase) {
		r.takeOne(c.TokenAccount)
	}
	poor := func(_ *stakePoolRun, _ *figures.StakePool, c *golden.StakePoolCase) {
		r.put(accounts.Account{Address: c.User, Owner: accounts.SystemProgram, Lamports: sol})
	}
	reserved := func(p *figures.StakePool, _ *golden.StakePoolCase) {
		authority := r.key()
		p.State.SOLDepositAuthority, p.State.SOLWithdrawAuthority = &authority, &authority
	}

	other := func(run *stakePoolRun, p *figures.StakePool, c *golden.StakePoolCase) {
		authority := run.authority.PublicKey()
		p.State.SOLDepositAuthority, p.State.SOLWithdrawAuthority = &authority, &authority
		c.CoSigner = &authority
	}

	for _, op := range []string{golden.DepositSOL, golden.WithdrawSOL, golden.DepositStake,
		golden.WithdrawStake} {
		at := "in instruction 0: "
		if op == golden.DepositStake {
			at = "in instruction 2: "
		}

		try(op, "stake pool: ExceededSlippage (39) "+at, progerr.ErrSlippage, limit, nil)
		try(op, "stake pool: StakeListAndPoolOutOfDate (17) "+at, progerr.ErrStalePool, stale, nil)
	}

	try(golden.DepositSOL, "stake pool: DepositTooSmall (29) in instruction 0: ",
		progerr.ErrProgramAmountTooSmall,
		func(p *figures.StakePool, c *golden.StakePoolCase) {
			c.Amount, p.State.PoolTokenSupply = 1, p.State.TotalLamports/2
			p.Mint.Supply = p.State.PoolTokenSupply
		}, nil)

	try(golden.WithdrawSOL, "stake pool: WithdrawalTooSmall (28) in instruction 0: ",
		progerr.ErrProgramAmountTooSmall,
		func(p *figures.StakePool, c *golden.StakePoolCase) {
			c.Amount, p.State.PoolTokenSupply = 1, p.State.TotalLamports*2
			p.Mint.Supply = p.State.PoolTokenSupply
		}, nil)

	try(golden.WithdrawSOL, "stake pool: SolWithdrawalTooLarge (35) in instruction 0: ",
		progerr.ErrInsufficientLiquidity,
		func(p *figures.StakePool, _ *golden.StakePoolCase) {
			p.Reserve.Lamports = figures.StoredRent + 1000
		}, nil)

	try(golden.DepositSOL, "NotEnoughAccountKeys in instruction 0 (stake pool): ", nil, reserved,
		nil)
	try(golden.DepositSOL, "stake pool: InvalidSolDepositAuthority (31) in instruction 0: ",
		progerr.ErrOperationUnavailable, reserved, other)
	try(golden.WithdrawSOL, "stake pool: InvalidSolWithdrawAuthority (34) in instruction 0: ",
		progerr.ErrOperationUnavailable, reserved, other)
	try(golden.DepositStake, "stake pool: IncorrectDepositVoteAddress (24) in instruction 2: ", nil,
		elsewhere, nil)
	try(golden.WithdrawStake, "stake pool: IncorrectWithdrawVoteAddress (25) in instruction 0: ",
		nil, elsewhere, nil)
	try(golden.WithdrawStake, "stake pool: ValidatorNotFound (14) in instruction 0: ", nil, leaving,
		nil)
	try(golden.WithdrawStake, "stake pool: StakeLamportsNotEqualToMinimum (23) in instruction 0: ",
		progerr.ErrInsufficientLiquidity,
		func(p *figures.StakePool, c *golden.StakePoolCase) {
			c.Amount = p.State.PoolTokenSupply
		}, nil)

	// Errors of the programs that the pool calls.
	try(golden.DepositSOL,
		"system: ResultWithNegativeLamports (1) in instruction 0, called by stake pool: ",
		progerr.ErrInsufficientFunds,
		func(*figures.StakePool, *golden.StakePoolCase) {}, poor)

	try(golden.WithdrawSOL, "token: InsufficientFunds (1) in instruction 0, called by stake pool: ",
		progerr.ErrInsufficientFunds,
		func(*figures.StakePool, *golden.StakePoolCase) {}, few)
	if r.chain.MinimumDelegation > 1 {
		try(golden.WithdrawStake,
			"stake: InsufficientDelegation (12) in instruction 0, called by stake pool: ",
			progerr.ErrProgramAmountTooSmall,
			func(_ *figures.StakePool, c *golden.StakePoolCase) { c.Amount = sol / 10 }, nil)
	}

	try(golden.DepositStake, "stake: MergeMismatch (6) in instruction 2, called by stake pool: ",
		nil,
		func(_ *figures.StakePool, c *golden.StakePoolCase) {
			c.Stake.Account.Delegation.ActivationEpoch = epoch
		}, nil)
}

// takeOne leaves a token account one unit short.
func (r *failureRun) takeOne(address solana.PublicKey) {
	r.t.Helper()
	a, err := accounts.Load(r.get(address), address, accounts.DecodeTokenAccount)
	require.NoError(r.t, err)
	r.put(figures.TokenAccount(address, a.Mint, a.Owner, a.Amount-1, r.rent))
}

func (r *failureRun) lidoFailures() {
	try := func(
		want string, is error,
		change func(*figures.Lido, *golden.LidoCase),
		after func(*golden.LidoCase),
	) {
		r.t.Helper()
		rng := rand.New(rand.NewPCG(failureSeed, 0))
		run := newLidoRun(r.localnet, r.programHash(accounts.LidoProgram))
		lido, err := figures.RandomLido(rng, accounts.LidoProgram, r.chain)
		require.NoError(r.t, err)
		destination, err := txn.GenerateKeySigner()
		require.NoError(r.t, err)
		source, err := lido.Quote(r.chain).Source()
		require.NoError(r.t, err)
		c := &golden.LidoCase{
			User:         run.user.PublicKey(),
			TokenAccount: r.key(),
			StakeAccount: destination.PublicKey(),
			Build:        run.hash,
			StSOL:        5 * sol,
			Validator:    int(source.Index),
		}

		change(lido, c)
		run.prepare(lido, c)
		if after != nil {
			after(c)
		}

		r.failed(run.execute(run.transaction(lido, c, destination)), want, is)
	}

	try("lido: InvalidAmount (2) in instruction 1: ", progerr.ErrInsufficientLiquidity,
		func(l *figures.Lido, c *golden.LidoCase) {
			most, err := l.Quote(r.chain).WithdrawMost(*l.Validators[c.Validator].Stake)
			require.NoError(r.t, err)
			c.StSOL = most.StSOL + 1
		}, nil)

	try("lido: ExchangeRateNotUpdatedInThisEpoch (31) in instruction 1: ", progerr.ErrStalePool,
		func(l *figures.Lido, _ *golden.LidoCase) {
			l.State.ExchangeRate.ComputedInEpoch--
		}, nil)

	try("lido: ExchangeRateAlreadyUpToDate (30) in instruction 1: ", nil,
		func(_ *figures.Lido, c *golden.LidoCase) { c.Update = true }, nil)
	try("lido: ValidatorWithMoreStakeExists (37) in instruction 1: ", nil,
		func(l *figures.Lido, c *golden.LidoCase) {
			// Both could pay the amount, so only the order is wrong.
			more := map[int]uint64{c.Validator: 100_000 * sol}
			other := slices.IndexFunc(l.Validators, func(v figures.LidoValidator) bool {
				return v.Stake != nil &&
					v.Entry.VoteAccount != l.Validators[c.Validator].Entry.VoteAccount
			})

			require.GreaterOrEqual(r.t, other, 0)
			more[other] = 1_000 * sol
			for i, lamports := range more {
				v := &l.Validators[i]
				v.Stake.Lamports += lamports
				v.Stake.Account.Delegation.Stake += lamports
				v.Entry.StakeAccountsBalance += lamports
				v.Entry.EffectiveStakeBalance += lamports
			}

			c.Validator = other
		}, nil)

	try("token: InsufficientFunds (1) in instruction 1, called by lido: ",
		progerr.ErrInsufficientFunds,
		func(*figures.Lido, *golden.LidoCase) {},
		func(c *golden.LidoCase) { r.takeOne(c.TokenAccount) })
	if r.chain.MinimumDelegation > 1 {
		try("stake: InsufficientDelegation (12) in instruction 1, called by lido: ",
			progerr.ErrProgramAmountTooSmall,
			func(_ *figures.Lido, c *golden.LidoCase) { c.StSOL = sol / 10 }, nil)
	}
}

func (r *failureRun) marinadeFailures() {
	defer r.batch(setClock(r.chain.Clock))
	epoch := r.chain.Clock.Epoch
	try := func(
		op, want string, is error,
		change func(*figures.Marinade, *golden.MarinadeCase),
		after func(*marinadeRun, *golden.MarinadeCase),
	) {
		r.t.Helper()
		rng := rand.New(rand.NewPCG(failureSeed, 0))
		run := newMarinadeRun(r.localnet, r.chain, r.programHash(accounts.MarinadeProgram), op)
		f, err := figures.RandomMarinade(rng, r.chain)
		require.NoError(r.t, err)
		f.Build = run.hash
		c := &golden.MarinadeCase{
			Op:           op,
			Clock:        r.chain.Clock,
			User:         run.user.PublicKey(),
			TokenAccount: r.key(),
			Account:      run.account.PublicKey(),
			Payer:        run.rentPayer.PublicKey(),
			Amount:       5 * sol,
		}

		f.State.StakingSOLCap, f.State.MinDeposit, f.State.MinWithdraw = math.MaxUint64, 1000, 1000
		vote := f.Validators[0].VoteAccount
		c.Stake = &quote.StakeAccountState{Account: figures.Delegated(c.User, figures.StoredRent,
			vote, f.State.StakeSystem.MinStake+5*sol, epoch-9)}
		c.Stake.Lamports = c.Stake.Account.Delegation.Stake + figures.StoredRent
		c.Ticket = &accounts.MarinadeTicket{
			State:        f.Address,
			Beneficiary:  c.User,
			CreatedEpoch: epoch - 9,
			Lamports:     1,
		}

		c.TicketLamports = sol
		c.Clock.UnixTimestamp = c.Clock.EpochStartTimestamp + 10_000
		change(f, c)
		run.prepare(f, c)
		if after != nil {
			after(run, c)
		}

		ix, err := c.BuildInstruction(f)
		require.NoError(r.t, err)
		r.failed(run.send(ix), "marinade: "+want+" in instruction 0: ", is)
	}

	type figure = *figures.Marinade
	type one = *golden.MarinadeCase
	nothing := func(figure, one) {}
	try(golden.MarinadeDeposit, "DepositAmountIsTooLow (6039)", progerr.ErrProgramAmountTooSmall,
		func(_ figure, c one) { c.Amount = 999 }, nil)
	try(golden.MarinadeDeposit, "StakingIsCapped (6034)", progerr.ErrInsufficientLiquidity,
		func(f figure, _ one) { f.State.StakingSOLCap, f.MSOLLeg = f.Controlled(), 0 }, nil)
	try(golden.MarinadeDeposit, "ProgramIsPaused (6077)", progerr.ErrOperationUnavailable,
		func(f figure, _ one) { f.State.Paused = true }, nil)
	try(golden.MarinadeDeposit, "UnregisteredMsolMinted (6071)", nil,
		func(f figure, _ one) { f.State.MSOLSupply = f.Mint.Supply - 1 }, nil)
	try(golden.MarinadeDeposit, "NotEnoughUserFunds (6040)", progerr.ErrInsufficientFunds, nothing,
		func(_ *marinadeRun, c one) {
			r.put(accounts.Account{Address: c.User, Owner: accounts.SystemProgram, Lamports: sol})
		})

	try(golden.MarinadeDeposit, "AccountNotInitialized (3012)", progerr.ErrNotInitialized, nothing,
		func(_ *marinadeRun, c one) { r.batch(dropAccount(c.TokenAccount)) })
	try(golden.MarinadeDeposit, "ConstraintTokenMint (2014)", nil, nothing,
		func(_ *marinadeRun, c one) {
			r.put(figures.TokenAccount(c.TokenAccount, r.key(), c.User, 0, r.rent))
		})

	try(golden.MarinadeLiquidUnstake, "InsufficientLiquidity (6026)",
		progerr.ErrInsufficientLiquidity,
		func(f figure, _ one) { f.SOLLeg = f.State.RentExemptForTokenAcc + 1000 }, nil)
	try(golden.MarinadeLiquidUnstake, "WrongTokenOwnerOrDelegate (6041)", nil, nothing,
		func(_ *marinadeRun, c one) {
			a, err := accounts.Load(r.get(c.TokenAccount), c.TokenAccount,
				accounts.DecodeTokenAccount)
			require.NoError(r.t, err)
			r.put(figures.TokenAccount(c.TokenAccount, a.Mint, r.key(), c.Amount, r.rent))
		})

	try(golden.MarinadeOrderUnstake, "WithdrawAmountIsTooLow (6038)",
		progerr.ErrProgramAmountTooSmall, func(_ figure, c one) { c.Amount = 1 }, nil)
	try(golden.MarinadeDepositStakeAccount, "StakeAccountWithLockup (6014)",
		progerr.ErrOperationUnavailable, func(_ figure, c one) {
			c.Stake.Account.Lockup = accounts.Lockup{Epoch: epoch + 1, Custodian: r.key()}
		}, nil)

	try(golden.MarinadeDepositStakeAccount, "TooLowDelegationInDepositingStake (6047)",
		progerr.ErrProgramAmountTooSmall,
		func(f figure, _ one) { f.State.StakeSystem.MinStake += 6 * sol }, nil)
	try(golden.MarinadeDepositStakeAccount, "RequiredActiveStake (6044)", nil,
		func(_ figure, c one) { c.Stake.Account.Delegation.DeactivationEpoch = epoch }, nil)
	try(golden.MarinadeDepositStakeAccount, "DepositingNotActivatedStake (6046)", nil,
		func(_ figure, c one) { c.Stake.Account.Delegation.ActivationEpoch = epoch + 1 }, nil)
	try(golden.MarinadeDepositStakeAccount, "WrongStakeBalance (6048)", nil,
		func(_ figure, c one) { c.Stake.Lamports++ }, nil)
	try(golden.MarinadeDepositStakeAccount, "RequiredDelegatedStake (6043)", nil,
		func(_ figure, c one) {
			c.Stake.Account.State = accounts.StakeInitialized
			c.Stake.Account.Delegation = accounts.Delegation{}
		}, nil)

	try(golden.MarinadeClaim, "TicketNotDue (6020)", nil,
		func(_ figure, c one) { c.Ticket.CreatedEpoch = epoch }, nil)
	try(golden.MarinadeClaim, "TicketNotReady (6021)", nil, func(_ figure, c one) {
		c.Ticket.CreatedEpoch, c.Clock.UnixTimestamp = epoch-1, c.Clock.EpochStartTimestamp
	}, nil)
	try(golden.MarinadeClaim, "WrongBeneficiary (6022)", nil,
		func(_ figure, c one) { c.Ticket.Beneficiary = r.key() }, nil)
	try(golden.MarinadeClaim, "InvalidDelayedUnstakeTicket (6063)", nil,
		func(_ figure, c one) { c.Ticket.State = r.key() }, nil)
	try(golden.MarinadeWithdrawStakeAccount, "WithdrawStakeAccountIsNotEnabled (6081)",
		progerr.ErrOperationUnavailable,
		func(f figure, _ one) { f.State.WithdrawStakeAccountEnabled = false }, nil)
}

func (r *failureRun) reserveFailures() {
	defer r.batch(setClock(r.chain.Clock), setRewards(false))
	type figure = *figures.Reserve
	type one = *golden.ReserveCase
	try := func(op, want string, is error, change func(figure, one)) {
		r.t.Helper()
		rng := rand.New(rand.NewPCG(failureSeed, 0))
		few := errors.Is(is, progerr.ErrInsufficientFunds) && op == golden.ReserveRemoveLiquidity
		run := &reserveRun{
			localnet: r.localnet,
			chain:    r.chain,
			hash:     r.programHash(accounts.ReserveProgram),
			user:     r.user,
			payer:    r.payer,
		}

		f := figures.RandomReserve(rng)
		c := &golden.ReserveCase{
			Op:          op,
			User:        r.user.PublicKey(),
			Source:      r.key(),
			Destination: r.key(),
			Build:       run.hash,
			Amount:      sol,
		}
		if op == golden.ReserveUnstake {
			account := figures.Delegated(c.User, figures.StoredRent, r.key(), f.Lamports/10,
				r.chain.Clock.Epoch-9)
			c.Stake = &quote.StakeAccountState{Lamports: f.Lamports/10 + figures.StoredRent,
				Account: account}
		}

		change(f, c)
		run.publish(rng, f, c)
		if few {
			r.put(figures.TokenAccount(c.Source, f.Pool.LPMint, c.User, c.Amount-1, r.rent))
		}

		ix, err := c.BuildInstruction(f)
		require.NoError(r.t, err)
		r.failed(run.execute(run.sign(ix)), want, is)
	}

	try(golden.ReserveUnstake, "reserve: NotEnoughLiquidity (6008) in instruction 0: ",
		progerr.ErrInsufficientLiquidity, func(f figure, c one) {
			c.Stake.Lamports = 2 * f.Lamports
			c.Stake.Account.Delegation.Stake = c.Stake.Lamports - figures.StoredRent
		})

	try(golden.ReserveUnstake, "reserve: StakeAccountLockupInForce (6005) in instruction 0: ",
		progerr.ErrOperationUnavailable, func(_ figure, c one) {
			c.Stake.Account.Lockup.Epoch = r.chain.Clock.Epoch + 1
		})

	try(golden.ReserveUnstake,
		"reserve: StakeAccountLockupNotRetrievable (6004) in instruction 0: ", nil,
		func(_ figure, c one) {
			c.Stake.Account = accounts.StakeAccount{State: accounts.StakeUninitialized}
		})

	try(golden.ReserveUnstake,
		"MissingRequiredSignature in instruction 0 (stake, called by reserve): ",
		progerr.ErrMissingSigner,
		func(_ figure, c one) {
			c.Stake.Account.Withdrawer, c.Stake.Account.Staker = r.key(), r.key()
		})

	try(golden.ReserveUnstake,
		"stake: EpochRewardsActive (16) in instruction 0, called by reserve: ",
		progerr.ErrEpochRewards,
		func(_ figure, c one) { c.RewardsActive = true })

	try(golden.ReserveAddLiquidity, "reserve: LiquidityToAddTooLittle (6009) in instruction 0: ",
		progerr.ErrProgramAmountTooSmall, func(f figure, c one) {
			c.Amount, f.LPSupply = 1, f.Lamports/1000
		})

	try(golden.ReserveAddLiquidity,
		"system: ResultWithNegativeLamports (1) in instruction 0, called by reserve: ",
		progerr.ErrInsufficientFunds,
		func(_ figure, c one) {
			c.Amount = 2_000_000 * sol
		})

	try(golden.ReserveRemoveLiquidity,
		"token: InsufficientFunds (1) in instruction 0, called by reserve: ",
		progerr.ErrInsufficientFunds,
		func(f figure, c one) {
			f.Pool.IncomingStake, f.LPSupply, c.Amount = 0, 1000*sol, sol
		})
}

func (r *failureRun) routerFailures() {
	hashes := map[solana.PublicKey]string{}
	for _, program := range accounts.StakePoolPrograms() {
		hashes[program] = r.programHash(program)
	}

	try := func(op, want string, is error, change func(*figures.StakePool, *golden.RouterCase)) {
		r.t.Helper()
		rng := rand.New(rand.NewPCG(failureSeed, 0))
		run := newRouterRun(r.localnet, r.chain, hashes, op, false)
		pool, err := figures.RandomStakePool(rng, accounts.SanctumMultiStakePoolProgram, r.chain)
		require.NoError(r.t, err)
		m := &golden.RouterMarket{To: pool}
		if op == golden.WithdrawWrappedSOL {
			m = &golden.RouterMarket{From: pool}
		}

		c := &golden.RouterCase{
			Op:              op,
			LamportsPerByte: r.chain.Rent.LamportsPerByte,
			BridgeSeed:      rng.Uint32(),
			User:            run.user.PublicKey(),
			Amount:          sol / 2,
			Source:          r.key(),
			Destination:     r.key(),
			StakeAccount:    r.key(),
		}

		change(pool, c)
		run.prepare(rng, m, c)
		ix, err := c.BuildInstruction(m)
		require.NoError(r.t, err)
		if c.Amount == sol/4 {
			r.takeOne(c.Source)
		}

		r.failed(run.send(rng, c, ix), want, is)
	}

	type figure = *figures.StakePool
	type one = *golden.RouterCase
	try(golden.StakeWrappedSOL,
		"stake pool: StakeListAndPoolOutOfDate (17) in instruction 1, called by router: ",
		progerr.ErrStalePool,
		func(p figure, _ one) { p.State.LastUpdateEpoch-- })

	try(golden.WithdrawWrappedSOL,
		"stake pool: SolWithdrawalTooLarge (35) in instruction 1, called by router: ",
		progerr.ErrInsufficientLiquidity,
		func(p figure, _ one) { p.Reserve.Lamports = figures.StoredRent + 1000 })

	// Code 1 is also an error of the Router and of the stake pool.
	try(golden.WithdrawWrappedSOL,
		"token: InsufficientFunds (1) in instruction 1, called by router: ",
		progerr.ErrInsufficientFunds,
		func(_ figure, c one) { c.Amount = sol / 4 })

	try(golden.StakeWrappedSOL, "token: InsufficientFunds (1) in instruction 1, called by router: ",
		progerr.ErrInsufficientFunds,
		func(_ figure, c one) { c.Amount = sol / 4 })
}

func (r *failureRun) infinityFailures() {
	type market = *golden.InfinityMarket
	type one = *golden.InfinityCase
	for _, pricing := range []solana.PublicKey{accounts.FlatFeeProgram, accounts.FlatSlabProgram} {
		run := newInfinityRun(r.localnet, r.chain, pricing)
		// try changes a market in which the trade would work.
		try := func(want string, is error, out solana.PublicKey, change func(market, one)) {
			r.t.Helper()
			for seed := uint64(failureSeed); ; seed++ {
				run.newMarket(rand.New(rand.NewPCG(seed, 0)))
				c := &golden.InfinityCase{
					Inp:        accounts.NativeMint,
					Out:        accounts.MSOLMint,
					Amount:     1000,
					User:       run.user.PublicKey(),
					InpAccount: r.key(),
					OutAccount: r.key(),
					Limit:      1,
					Slot:       r.chain.Clock.Slot,
				}

				if _, err := c.Quote(run.market, r.chain); err != nil {
					continue
				}

				if !out.IsZero() {
					c.Out = out
				}

				if out == lastStakePool {
					c.Out = run.market.StakePools[0].State.PoolMint
				}

				change(run.market, c)
				run.prepare(c)
				if errors.Is(is, progerr.ErrInsufficientFunds) {
					r.put(figures.TokenAccount(c.InpAccount, c.Inp, c.User, c.Amount-1, r.rent))
				}

				ix, err := c.BuildInstruction(run.market, c.Amount)
				require.NoError(r.t, err)
				r.failed(run.execute(run.transaction(ix)), want, is)

				return
			}
		}

		var none solana.PublicKey
		try("infinity: SlippageToleranceExceeded (21) in instruction 1: ", progerr.ErrSlippage,
			none, func(_ market, c one) { c.Limit = math.MaxUint64 })
		try("infinity: PoolDisabled (6) in instruction 1: ", progerr.ErrOperationUnavailable,
			none, func(m market, _ one) { m.Infinity.Pool.IsDisabled = true })
		try("infinity: PoolRebalancing (5) in instruction 1: ", progerr.ErrOperationUnavailable,
			none, func(m market, _ one) { m.Infinity.Pool.IsRebalancing = true })
		try("infinity: LstInputDisabled (14) in instruction 1: ", progerr.ErrOperationUnavailable,
			none, func(m market, c one) {
				for i := range m.Infinity.Holdings {
					m.Infinity.Holdings[i].Entry.IsInputDisabled = true
				}
			})

		try("infinity: NotEnoughLiquidity (22) in instruction 1: ",
			progerr.ErrInsufficientLiquidity, none, func(m market, c one) {
				for i := range m.Infinity.Holdings {
					if h := &m.Infinity.Holdings[i]; h.Entry.Mint == c.Out {
						h.Reserves = 1
					}
				}
			})

		try("spl calculator: PoolNotUpdated (0) in instruction 1, called by infinity: ",
			progerr.ErrStalePool, lastStakePool,
			func(m market, _ one) { m.StakePools[0].State.LastUpdateEpoch-- })
		try(
			"lido calculator: ExchangeRateNotUpdatedInThisEpoch (0) in instruction 1, called by infinity: ",
			progerr.ErrStalePool,
			accounts.StSOLMint,
			func(m market, _ one) { m.Infinity.Lido.ExchangeRate.ComputedInEpoch-- },
		)

		try("marinade calculator: MarinadePaused (0) in instruction 1, called by infinity: ",
			progerr.ErrOperationUnavailable, none,
			func(m market, _ one) { m.Infinity.Marinade.Paused = true })
		try(
			"marinade calculator: MarinadeStakeWithdrawDisabled (1) in instruction 1, called by infinity: ",
			progerr.ErrOperationUnavailable,
			none,
			func(m market, _ one) { m.Infinity.Marinade.WithdrawStakeAccountEnabled = false },
		)

		try(
			"marinade calculator: UnexpectedProgramUpgrade (1000) in instruction 1, called by infinity: ",
			progerr.ErrOperationUnavailable,
			none,
			func(m market, _ one) {
				for i := range m.Infinity.Calculators {
					m.Infinity.Calculators[i].State.LastUpgradeSlot++
				}
			},
		)

		missing := "flat-fee pricing: UnsupportedLstMint (2) in instruction 1, called by infinity: "
		if pricing == accounts.FlatSlabProgram {
			missing = "flatslab pricing: MintNotFound (3) in instruction 1, called by infinity: "
		}

		try(missing, nil, none, func(m market, _ one) {
			if m.Infinity.FlatFee != nil {
				m.Infinity.FlatFee.Fees = nil
			} else {
				m.Infinity.FlatSlab.Entries = nil
			}
		})

		try("token: InsufficientFunds (1) in instruction 1, called by infinity: ",
			progerr.ErrInsufficientFunds, none, func(market, one) {})
	}
}

// lastStakePool stands for the token of the market's first stake pool.
var lastStakePool = solana.PublicKey{1}
