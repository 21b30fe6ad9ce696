package e2e

import (
	"encoding/binary"
	"fmt"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/programs/system"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// userActs lets a user, or the network, change the pool between two steps.
func (r *planRun) userActs() {
	r.t.Helper()
	state, validators := r.quoted()
	acts := []struct {
		name string
		act  func(quote.StakePoolState, []quote.ValidatorBalance) error
	}{
		{"deposit SOL", r.userDeposits},
		{"withdraw SOL", r.userWithdraws},
		{"withdraw stake", r.userWithdrawsStake},
		{"rewards", r.earn},
		{"donation", r.receives},
	}

	chosen := acts[r.rng.IntN(len(acts))]
	if err := chosen.act(state, validators); err != nil {
		r.count.users[chosen.name+" refused"]++
		return
	}

	r.count.users[chosen.name]++
}

// sendAsUser sends instructions that the user pays for and signs.
func (r *planRun) sendAsUser(all ...solana.Instruction) error {
	r.t.Helper()
	plan := txn.Plan{
		Payer:    r.user.PublicKey(),
		Lifetime: lifetime(r.t, r.batch(latestBlockhash)[0]),
	}

	plan.Budget.ComputeUnitLimit = 1_400_000 - r.rng.Uint32N(100_000)
	for _, ix := range all {
		plan.Steps = append(plan.Steps, txn.Step{Description: "use the pool", Instruction: ix})
	}

	unsigned, err := plan.Compile()
	require.NoError(r.t, err)
	signed, err := unsigned.Sign(r.ctx, r.user)
	require.NoError(r.t, err)

	return r.execute(signed)
}

// addressesOf returns the addresses of the pool as it is.
func (r *planRun) addressesOf(state quote.StakePoolState) instructions.StakePool {
	keys, err := instructions.NewStakePool(r.program, r.pool.Address, &state.State)
	require.NoError(r.t, err)
	return keys
}

func (r *planRun) userDeposits(state quote.StakePoolState, _ []quote.ValidatorBalance) error {
	if state.State.SOLDepositAuthority != nil {
		return quote.ErrPermissioned
	}

	deposit, err := instructions.StakePoolDepositSOL{
		Pool:        r.addressesOf(state),
		From:        r.user.PublicKey(),
		Destination: r.holds,
		Referrer:    r.holds,
		Lamports:    1_000 + r.rng.Uint64N(30*sol),
	}.Build()

	require.NoError(r.t, err)

	return r.sendAsUser(txn.CreateTokenAccount(r.user.PublicKey(), r.user.PublicKey(), r.pool.Mint,
		accounts.TokenProgram).Instruction, deposit)
}

// userTokens returns a part of the tokens of the user.
func (r *planRun) userTokens() uint64 {
	token, err := accounts.Load(r.get(r.holds), r.holds, accounts.DecodeTokenAccount)
	if err != nil || token.Amount == 0 {
		return 0
	}
	return 1 + r.rng.Uint64N(token.Amount)
}

func (r *planRun) userWithdraws(state quote.StakePoolState, _ []quote.ValidatorBalance) error {
	tokens := r.userTokens()
	if tokens == 0 || state.State.SOLWithdrawAuthority != nil {
		return quote.ErrPermissioned
	}

	user := r.user.PublicKey()
	ix, err := instructions.StakePoolWithdrawSOL{
		Pool:        r.addressesOf(state),
		Authority:   user,
		Source:      r.holds,
		Destination: user,
		PoolTokens:  tokens,
	}.Build()

	require.NoError(r.t, err)

	return r.sendAsUser(ix)
}

func (r *planRun) userWithdrawsStake(state quote.StakePoolState, _ []quote.ValidatorBalance) error {
	tokens := r.userTokens()
	sources, err := state.Sources(r.list())
	if tokens == 0 || err != nil {
		return fmt.Errorf("nothing to withdraw: %w", err)
	}

	user := r.user.PublicKey()
	stake, create, err := txn.NewStakeAccount(user, user, r.rent, fmt.Sprint(r.rng.Uint32()))
	require.NoError(r.t, err)
	active, _ := r.addresses(sources[0])
	ix, err := instructions.StakePoolWithdrawStake{
		Pool:         r.addressesOf(state),
		Split:        active,
		Destination:  stake,
		NewAuthority: user,
		Authority:    user,
		Source:       r.holds,
		PoolTokens:   tokens,
	}.Build()

	require.NoError(r.t, err)

	return r.sendAsUser(create.Instruction, ix)
}

// earn gives the stake of a validator rewards, as the network does.
func (r *planRun) earn(_ quote.StakePoolState, validators []quote.ValidatorBalance) error {
	if len(validators) == 0 {
		return quote.ErrValidator
	}

	active, _ := r.addresses(validators[r.rng.IntN(len(validators))].Entry)
	a, err := r.get(active).Get(active)
	if err != nil || len(a.Data) != accounts.StakeAccountSpace {
		return quote.ErrValidator
	}

	const delegatedStake = 156
	staked := binary.LittleEndian.Uint64(a.Data[delegatedStake:])
	rewards := r.rng.Uint64N(staked/500 + 1)
	binary.LittleEndian.PutUint64(a.Data[delegatedStake:], staked+rewards)
	a.Lamports += rewards
	r.batch(setAccount(a))

	return nil
}

// receives sends lamports to the stake account of a validator, or to the
// reserve.
func (r *planRun) receives(_ quote.StakePoolState, validators []quote.ValidatorBalance) error {
	to := r.pool.ReserveStake
	if len(validators) > 0 && r.rng.IntN(2) == 0 {
		to, _ = r.addresses(validators[r.rng.IntN(len(validators))].Entry)
	}

	if r.lamports(to) == 0 {
		return quote.ErrValidator
	}

	return r.sendAsUser(system.NewTransferInstruction(1+r.rng.Uint64N(sol/10), r.user.PublicKey(),
		to).Build())
}
