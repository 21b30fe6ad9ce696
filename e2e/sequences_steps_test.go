package e2e

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/programs/system"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// This file has the operations besides trades.

// The results of operations. A refusal has the reason behind it.
const (
	executed = "executed"
	idle     = "nothing to do"
	refused  = "refused: "
)

// play executes an operation and returns its result. It fails if the real
// accounts differ from the predicted ones.
func (w *sequenceWorld) play(o operation) string {
	w.stage = "clock"
	w.readClock()
	sent, landed := w.tally.sent, w.transactions()
	result := w.act(o)
	w.stage = "nothing sent"
	require.EqualValues(w.t, w.tally.sent-sent, w.transactions()-landed,
		"%s: transactions that landed", result)
	return result
}

// act executes an operation.
func (w *sequenceWorld) act(o operation) string {
	switch o.kind {
	case opTrade, opToStake, opFromStake:
		return w.trade(o)
	case opMost:
		return w.most(o)
	case opDeactivate, opDraw, opSplit, opMerge:
		return w.stakeStep(o)
	case opTip:
		return w.tip(o)
	case opFund:
		return w.fund(o)
	case opUpdate, opUpdatePart:
		return w.update(o)
	case opLido:
		return w.lidoStep(o)
	case opSync:
		return w.sync(o)
	case opOrder:
		return w.order(o)
	case opClaim:
		return w.claim(o)
	case opAdd, opRemove:
		return w.liquidity(o)
	case opSlots:
		slot := w.chain.Clock.Slot + share(300_000, o.size)
		w.warp("localnet_warpToSlot", map[string]uint64{"slot": slot}, o.with.has(rewards))
	case opEpoch:
		epoch := w.chain.Clock.Epoch + 1 + uint64(o.pick/7)
		w.warp("localnet_warpToEpoch", map[string]uint64{"epoch": epoch}, o.with.has(rewards))
	default:
		require.Failf(w.t, "unknown operation", "%q", o.kind)
	}

	w.compareAll()

	return executed
}

// send sends instructions of an owner. It refuses what the forecast refuses.
func (w *sequenceWorld) send(o operation, built ...solana.Instruction) string {
	return w.sendAs(chosen(w.wallets, o.owner), o, built...)
}

// sendAs sends instructions of a wallet.
func (w *sequenceWorld) sendAs(
	owner *txn.KeySigner, o operation, built ...solana.Instruction,
) string {
	plan := txn.Plan{
		Payer:    owner.PublicKey(),
		Lifetime: lifetime(w.t, w.batch(latestBlockhash)[0]),
	}

	plan.Budget.ComputeUnitLimit = 1_400_000 - uint32(o.id)
	for _, ix := range built {
		plan.Steps = append(plan.Steps, txn.Step{Description: string(o.kind), Instruction: ix})
	}

	unsigned, err := plan.Compile()
	require.NoError(w.t, err)
	w.commit(string(o.kind), unsigned, owner)

	return executed
}

// free returns the lamports that an owner can spend besides fees and rents.
func (w *sequenceWorld) free(o operation) uint64 {
	lamports := w.at(chosen(w.wallets, o.owner).PublicKey()).Lamports
	return lamports - min(lamports, 20_000_000)
}

// stakeStep executes an instruction of the stake program.
func (w *sequenceWorld) stakeStep(o operation) string {
	owner := chosen(w.wallets, o.owner).PublicKey()
	stakes := w.stakesOf(owner)
	if len(stakes) == 0 || w.free(o) == 0 {
		return idle
	}

	key := chosen(stakes, o.from)
	s := w.stake(key)
	d, epoch := s.Account.Delegation, w.chain.Clock.Epoch
	delegated := s.Account.State == accounts.StakeDelegated
	isActive := delegated && d.DeactivationEpoch == accounts.NeverEpoch
	switch o.kind {
	case opDeactivate:
		if !isActive {
			return idle
		}

		step, err := txn.DeactivateStake(key, owner)
		require.NoError(w.t, err)
		return w.send(o, step.Instruction)

	case opDraw:
		spare := s.Lamports
		if delegated && d.DeactivationEpoch >= epoch {
			spare -= min(spare, d.Stake+s.Account.RentExemptReserve)
		}

		if spare == 0 {
			return idle
		}

		step, err := txn.WithdrawStake(key, owner, owner, spare)
		require.NoError(w.t, err)

		return w.send(o, step.Instruction)

	case opSplit:
		least := max(w.chain.MinimumDelegation, 1)
		if !isActive || d.Stake < 2*least {
			return idle
		}

		into, create, err := txn.NewStakeAccount(owner, owner, w.rent(accounts.StakeAccountSpace),
			fmt.Sprintf("operation %d", o.id))
		require.NoError(w.t, err)
		part := least + share(d.Stake-2*least, o.size) - 1
		step, err := txn.SplitStake(key, into, owner, part)
		require.NoError(w.t, err)

		return w.send(o, create.Instruction, step.Instruction)
	}

	return w.mergeInto(o, key, stakes)
}

// mergeInto merges another stake account of the owner into an account, if there
// is one of the same validator in the same condition.
func (w *sequenceWorld) mergeInto(
	o operation, key solana.PublicKey, stakes []solana.PublicKey,
) string {
	epoch := w.chain.Clock.Epoch
	condition := func(key solana.PublicKey) int {
		d := w.stake(key).Account.Delegation
		switch {
		case w.stake(key).Account.State != accounts.StakeDelegated:
			return 0
		case d.DeactivationEpoch < epoch:
			return 1
		case d.DeactivationEpoch == accounts.NeverEpoch && d.ActivationEpoch < epoch:
			return 2
		}

		return 0
	}

	voter := func(key solana.PublicKey) solana.PublicKey {
		return w.stake(key).Account.Delegation.Voter
	}

	others := slices.DeleteFunc(stakes, func(other solana.PublicKey) bool {
		return other == key || condition(other) == 0 || condition(other) != condition(key) ||
			voter(other) != voter(key)
	})
	if len(others) == 0 {
		return idle
	}

	owner := chosen(w.wallets, o.owner).PublicKey()

	return w.send(o, solana.NewInstruction(accounts.StakeProgram, solana.AccountMetaSlice{
		solana.Meta(key).WRITE(),
		solana.Meta(chosen(others, o.to)).WRITE(),
		solana.Meta(accounts.ClockSysvar),
		solana.Meta(accounts.StakeHistorySysvar),
		solana.Meta(owner).SIGNER(),
	}, binary.LittleEndian.AppendUint32(nil, 7)))
}

// tip sends lamports to an account that does not expect them: a stake account
// or a reserve.
func (w *sequenceWorld) tip(o operation) string {
	places := w.allStakes()
	for _, find := range []func() (solana.PublicKey, error){
		func() (solana.PublicKey, error) {
			return accounts.MarinadeReserve(accounts.MarinadeProgram, accounts.MarinadeStateAddress)
		},
		func() (solana.PublicKey, error) {
			return accounts.LidoReserve(accounts.LidoProgram, accounts.LidoStateAddress)
		},
		func() (solana.PublicKey, error) {
			return accounts.ReserveSOL(accounts.ReserveProgram, w.scene.reserve.Address)
		},
	} {
		key, err := find()
		require.NoError(w.t, err)
		places = append(places, key)
	}

	if w.free(o) == 0 {
		return idle
	}

	step, err := txn.TransferSOL(chosen(w.wallets, o.owner).PublicKey(),
		chosen(sortedKeys(places), o.to*7+o.from), share(min(w.free(o), 3*sol), o.size))
	require.NoError(w.t, err)

	return w.send(o, step.Instruction)
}

// fund sends SOL of the sponsor to an owner.
func (w *sequenceWorld) fund(o operation) string {
	to := chosen(w.wallets, o.owner).PublicKey()
	step, err := txn.TransferSOL(w.sponsor.PublicKey(), to, share(5_000*sol, o.size)+sol/10)
	require.NoError(w.t, err)
	return w.sendAs(w.sponsor, o, step.Instruction)
}

// update updates a stake pool as a whole, or only some of its validators.
func (w *sequenceWorld) update(o operation) string {
	pool := w.pool(chosen(w.scene.pools, o.to).Address)
	if w.free(o) == 0 {
		return idle
	}

	keys, err := instructions.NewStakePool(pool.Program, pool.Address, &pool.State)
	require.NoError(w.t, err)
	built, err := instructions.StakePoolUpdate(keys, w.list(pool), w.chain.Clock.Epoch)
	require.NoError(w.t, err)
	if o.kind == opUpdatePart {
		if built = built[:len(built)-2]; len(built) == 0 {
			return idle
		}

		return w.updateWith(o, built[o.from%len(built)])
	}

	if o.pick%2 == 1 {
		return w.updateByClient(o, pool, built)
	}

	result := idle
	for pair := range slices.Chunk(built, 2) {
		if result = w.updateWith(o, pair...); result != executed {
			break
		}
	}

	return result
}

// updateByClient updates a pool with Client.UpdatePool, which packs the given
// instructions of the update in its own way.
func (w *sequenceWorld) updateByClient(
	o operation, pool quote.StakePoolState, built []solana.Instruction,
) string {
	owner := chosen(w.wallets, o.owner)
	isCurrent := pool.State.LastUpdateEpoch == w.chain.Clock.Epoch
	var foreseen error
	if !isCurrent {
		foreseen = w.try(built...)
	}

	if errors.Is(foreseen, quote.ErrBuildDependent) {
		return refused + sentinel(foreseen)
	}

	w.stage = "execution"
	report, err := w.client.UpdatePool(w.t.Context(), pool.State.PoolMint,
		sdk.PoolUpdateOptions{Priority: sdk.PriorityFee{None: true}}, owner)
	w.tally.sent += len(report.Receipts)
	if foreseen != nil {
		require.ErrorIs(w.t, err, quote.ErrUpdateFails, "the forecast: %v", foreseen)
		require.Empty(w.t, report.Receipts)
		return refused + sentinel(err)
	}

	require.NoError(w.t, err)
	require.Equal(w.t, isCurrent, len(report.Receipts) == 0, "%s", report)
	w.addLamports(owner.PublicKey(), -report.Fee)
	keys := []solana.PublicKey{owner.PublicKey()}
	for _, ix := range built {
		for _, meta := range ix.Accounts() {
			if meta.IsWritable {
				keys = append(keys, meta.PublicKey)
			}
		}
	}

	keys = slices.Compact(sortedKeys(keys))
	w.stage = "state"
	w.agree(keys, w.getAll(keys))
	if isCurrent {
		return refused + "pool is up to date"
	}

	return executed
}

// updateWith sends instructions of an update, unless the update is forecast to
// fail.
func (w *sequenceWorld) updateWith(o operation, built ...solana.Instruction) string {
	saved := w.content
	w.content = maps.Clone(saved)
	err := w.try(built...)
	w.content = saved
	if errors.Is(err, quote.ErrUpdateFails) || errors.Is(err, quote.ErrBuildDependent) {
		return refused + sentinel(err)
	}

	require.NoError(w.t, err)

	return w.send(o, built...)
}

// lidoStep updates the exchange rate of Lido.
func (w *sequenceWorld) lidoStep(o operation) string {
	q := w.lido()
	if w.free(o) == 0 {
		return idle
	}

	keys, err := instructions.NewLido(accounts.LidoProgram, q.Address, &q.State)
	require.NoError(w.t, err)
	ix, err := instructions.LidoUpdateExchangeRate{Lido: keys}.Build()
	require.NoError(w.t, err)

	return w.sendUnlessRefused(o, ix)
}

// sync records the value of a token in Infinity.
func (w *sequenceWorld) sync(o operation) string {
	q := w.infinityState()
	if w.free(o) == 0 {
		return idle
	}

	holding := chosen(w.scene.infinity.Holdings, o.from)
	held := q.LSTs[holding.Entry.Mint]
	controller, err := instructions.NewInfinity(accounts.InfinityProgram, &q.Pool,
		accounts.TokenProgram)
	require.NoError(w.t, err)
	pool := holding.StakePool
	switch holding.Entry.Mint {
	case accounts.MSOLMint:
		pool = accounts.MarinadeStateAddress
	case accounts.StSOLMint:
		pool = accounts.LidoStateAddress
	}

	calculator, err := instructions.CalculatorAccounts(holding.Entry.Calculator, pool)
	require.NoError(w.t, err)
	ix, err := instructions.InfinitySyncSOLValue{
		Controller: controller,
		LST: instructions.InfinityToken{
			Index:        held.Index,
			Mint:         holding.Entry.Mint,
			TokenProgram: accounts.TokenProgram,
			Calculator:   calculator,
		},
	}.Build()

	require.NoError(w.t, err)

	return w.sendUnlessRefused(o, ix)
}

// order orders a ticket of Marinade.
func (w *sequenceWorld) order(o operation) string {
	m, owner := w.marinade(), chosen(w.wallets, o.owner).PublicKey()
	amount := share(w.balance(owner, m.State.MSOLMint, false), o.size)
	if w.free(o) == 0 || w.balance(owner, m.State.MSOLMint, false) == 0 {
		return idle
	}

	seed := fmt.Sprintf("operation %d", o.id)
	ticket, err := solana.CreateWithSeed(owner, seed, accounts.MarinadeProgram)
	require.NoError(w.t, err)
	create, err := system.NewCreateAccountWithSeedInstruction(owner, seed,
		w.rent(accounts.MarinadeTicketSpace), accounts.MarinadeTicketSpace,
		accounts.MarinadeProgram, owner, ticket, owner).ValidateAndBuild()
	require.NoError(w.t, err)
	keys, err := instructions.NewMarinade(m.Program, m.Address, &m.State)
	require.NoError(w.t, err)
	ix, err := instructions.MarinadeOrderUnstake{
		Marinade:  keys,
		Authority: owner,
		Source:    w.ataOf(owner, m.State.MSOLMint),
		Ticket:    ticket,
		MSOL:      amount,
	}.Build()

	require.NoError(w.t, err)

	result := w.sendUnlessRefused(o, create, ix)
	if result == executed {
		w.tickets = append(w.tickets, orderedTicket{address: ticket, owner: o.owner})
	}

	return result
}

// claim claims a ticket of Marinade.
func (w *sequenceWorld) claim(o operation) string {
	if len(w.tickets) == 0 || w.free(o) == 0 {
		return idle
	}

	at := o.from % len(w.tickets)
	ticket, m := w.tickets[at], w.marinade()
	keys, err := instructions.NewMarinade(m.Program, m.Address, &m.State)
	require.NoError(w.t, err)
	ix, err := instructions.MarinadeClaim{
		Marinade:    keys,
		Ticket:      ticket.address,
		Beneficiary: chosen(w.wallets, ticket.owner).PublicKey(),
	}.Build()

	require.NoError(w.t, err)

	result := w.sendUnlessRefused(o, ix)
	if result == executed {
		w.tickets = slices.Delete(w.tickets, at, at+1)
	}

	return result
}

// liquidity adds liquidity to the Reserve or removes some.
func (w *sequenceWorld) liquidity(o operation) string {
	r, _ := w.reserveState()
	owner := chosen(w.wallets, o.owner).PublicKey()
	keys, err := instructions.NewReserve(accounts.ReserveProgram, r.Address, &r.Pool,
		&r.ProtocolFee)
	require.NoError(w.t, err)
	account := w.ataOf(owner, r.Pool.LPMint)
	if w.free(o) == 0 {
		return idle
	}

	if o.kind == opAdd {
		create := txn.CreateTokenAccount(owner, owner, r.Pool.LPMint, accounts.TokenProgram)
		ix, err := instructions.ReserveAddLiquidity{
			Reserve:     keys,
			From:        owner,
			Destination: account,
			Lamports:    share(w.free(o), o.size),
		}.Build()

		require.NoError(w.t, err)
		return w.sendUnlessRefused(o, create.Instruction, ix)
	}

	held := w.balance(owner, r.Pool.LPMint, false)
	if held == 0 {
		return idle
	}

	ix, err := instructions.ReserveRemoveLiquidity{
		Reserve:     keys,
		Authority:   owner,
		Source:      account,
		Destination: owner,
		LPTokens:    share(held, o.size),
	}.Build()

	require.NoError(w.t, err)

	return w.sendUnlessRefused(o, ix)
}

// sendUnlessRefused sends instructions, unless the last one is forecast to be
// refused. The program must refuse it, too.
func (w *sequenceWorld) sendUnlessRefused(o operation, built ...solana.Instruction) string {
	saved := w.content
	w.content = maps.Clone(saved)
	err := w.try(built...)
	w.content = saved
	if err == nil {
		return w.send(o, built...)
	}

	require.NotErrorIs(w.t, err, errNoForecast)
	w.stage = "refusal"
	owner := chosen(w.wallets, o.owner)
	plan := txn.Plan{
		Payer:    owner.PublicKey(),
		Lifetime: lifetime(w.t, w.batch(latestBlockhash)[0]),
	}

	for _, ix := range built {
		plan.Steps = append(plan.Steps, txn.Step{Description: string(o.kind), Instruction: ix})
	}

	unsigned, compileErr := plan.Compile()
	require.NoError(w.t, compileErr)
	signed, signErr := unsigned.Sign(w.t.Context(), owner)
	require.NoError(w.t, signErr)
	require.Error(w.t, w.localnet.execute(signed), "the program executes what is refused: %v", err)

	return refused + sentinel(err)
}

// try applies instructions to the forecast alone.
func (w *sequenceWorld) try(built ...solana.Instruction) error {
	told := explain.Instructions(w.sponsor.PublicKey(), built, w.client.Registry())
	told.NetworkFee = 0
	return w.apply(told)
}
