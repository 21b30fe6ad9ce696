package e2e

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/programs/system"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// operatorWorld is a stake pool that a test launches from nothing and then runs
// as its manager and its staker.
type operatorWorld struct {
	*localnet
	program solana.PublicKey
	hash    string
	rng     *rand.Rand

	// payer pays for everything. manager and staker have their roles in the
	// pool, and other is a further key.
	payer, manager, staker, other *txn.KeySigner
	// keys are the keys of the pool, the list, the reserve and the mint.
	keys [4]*txn.KeySigner
	pool instructions.StakePool
	// tokens is the manager's fee account, in which all tokens of the test are.
	tokens solana.PublicKey
	votes  []solana.PublicKey
	// tokenProgram is the program of the mint.
	tokenProgram solana.PublicKey
	// minimum is the least stake of a validator, and rent that of the stake
	// accounts which the program creates.
	minimum, rent uint64
	executed      map[string]int
}

// newOperatorWorld prepares the keys and the vote accounts of a pool.
func newOperatorWorld(l *localnet, program solana.PublicKey, seed uint64) *operatorWorld {
	w := &operatorWorld{
		localnet: l,
		program:  program,
		hash:     l.programHash(program),
		rng:      rand.New(rand.NewPCG(seed, 0)),
		executed: make(map[string]int),

		tokenProgram: accounts.TokenProgram,
	}

	for _, key := range []**txn.KeySigner{&w.payer, &w.manager, &w.staker, &w.other, &w.keys[0],
		&w.keys[1], &w.keys[2], &w.keys[3]} {
		made, err := txn.GenerateKeySigner()
		require.NoError(l.t, err)
		*key = made
	}

	calls := []call{setAccount(accounts.Account{Address: w.payer.PublicKey(),
		Owner: accounts.SystemProgram, Lamports: 1_000_000 * sol})}
	for range 3 {
		vote := figures.RandomKey(w.rng)
		w.votes = append(w.votes, vote)
		calls = append(calls, setAccount(voteAccount(vote)))
	}

	for _, reply := range l.batch(calls...) {
		require.Nil(l.t, reply.Error)
	}

	chain := l.chain()
	w.minimum = max(chain.MinimumDelegation, 1_000_000)
	rent, err := chain.Rent.MinimumBalance(accounts.StakeAccountSpace)
	require.NoError(l.t, err)
	w.rent = rent

	w.derive()

	return w
}

// voteAccount returns a vote account without credits.
func voteAccount(address solana.PublicKey) accounts.Account {
	const size = 3_762
	data := make([]byte, size)
	data[0] = 2 // The current version; all other fields are empty.
	return accounts.Account{
		Address:  address,
		Owner:    solana.VoteProgramID,
		Lamports: sol,
		Data:     data,
	}
}

// derive sets the addresses of the pool.
func (w *operatorWorld) derive() {
	address, mint := w.keys[0].PublicKey(), w.keys[3].PublicKey()
	authority, err := accounts.StakePoolWithdrawAuthority(w.program, address)
	require.NoError(w.t, err)
	deposits, err := accounts.StakePoolDepositAuthority(w.program, address)
	require.NoError(w.t, err)
	w.tokens, err = accounts.AssociatedTokenAddress(w.manager.PublicKey(), w.tokenProgram, mint)
	require.NoError(w.t, err)

	w.pool = instructions.StakePool{
		Program:               w.program,
		Address:               address,
		WithdrawAuthority:     authority,
		ValidatorList:         w.keys[1].PublicKey(),
		ReserveStake:          w.keys[2].PublicKey(),
		Mint:                  mint,
		ManagerFeeAccount:     w.tokens,
		TokenProgram:          w.tokenProgram,
		StakeDepositAuthority: deposits,
	}
}

// send sends instructions in one transaction. Every instruction must be
// explained.
func (w *operatorWorld) send(built ...solana.Instruction) error {
	w.t.Helper()
	plan := txn.Plan{
		Payer:    w.payer.PublicKey(),
		Lifetime: lifetime(w.t, w.batch(latestBlockhash)[0]),
	}

	plan.Budget.ComputeUnitLimit = 1_400_000 - w.rng.Uint32N(100_000)
	for _, ix := range built {
		plan.Steps = append(plan.Steps, txn.Step{Description: "operate", Instruction: ix})
	}

	unsigned, err := plan.Compile()
	require.NoError(w.t, err)
	e := explain.Transaction(unsigned, nil)
	for _, in := range e.Instructions {
		pool := in.Program == w.program
		require.True(w.t, !pool || in.Known(), "%s", in.Summary)
	}

	var signers []txn.Signer
	for _, key := range append(w.keys[:], w.payer, w.manager, w.staker, w.other) {
		for _, signer := range unsigned.Signers() {
			if signer == key.PublicKey() {
				signers = append(signers, key)
			}
		}
	}

	signed, err := unsigned.Sign(context.Background(), signers...)
	require.NoError(w.t, err)
	if err := w.execute(signed); err != nil {
		return err
	}

	for _, in := range e.Instructions {
		if in.Program == w.program {
			w.executed[in.Name]++
		}
	}

	return nil
}

// do builds and sends instructions that must land.
func (w *operatorWorld) do(all ...builder) {
	w.t.Helper()
	require.NoError(w.t, w.try(all...))
}

// try builds and sends instructions.
func (w *operatorWorld) try(all ...builder) error {
	w.t.Helper()
	var built []solana.Instruction
	for _, b := range all {
		ix, err := b.Build()
		require.NoError(w.t, err)
		built = append(built, ix)
	}
	return w.send(built...)
}

// launch creates all accounts of the pool, initializes it and adds the first
// validator.
func (w *operatorWorld) launch(initialize instructions.StakePoolInitialize, first uint64) {
	t := w.t
	payer := w.payer.PublicKey()
	create := func(key *txn.KeySigner, lamports, space uint64, owner solana.PublicKey,
	) solana.Instruction {
		rent, err := w.chain().Rent.MinimumBalance(space)
		require.NoError(t, err)
		return system.NewCreateAccountInstruction(rent+lamports, space, owner, payer,
			key.PublicKey()).Build()
	}

	// The stake program stores the rent of mainnet's former rate.
	fees := txn.CreateTokenAccount(payer, w.manager.PublicKey(), w.pool.Mint, w.tokenProgram)
	reserve := figures.StoredRent - min(w.rent, figures.StoredRent) + first
	require.NoError(t, w.send(
		create(w.keys[2], reserve, accounts.StakeAccountSpace, accounts.StakeProgram),
		initializeStake(w.pool.ReserveStake, w.pool.WithdrawAuthority),
		create(w.keys[3], 0, 82, w.tokenProgram),
		solana.NewInstruction(w.tokenProgram,
			solana.AccountMetaSlice{solana.Meta(w.pool.Mint).WRITE()},
			append(append([]byte{20, 9}, w.pool.WithdrawAuthority[:]...), 0)),
		fees.Instruction,
	))

	list := accounts.ValidatorList{MaxValidators: initialize.MaxValidators}
	started, err := initialize.Build()
	require.NoError(t, err)
	require.NoError(t, w.send(
		create(w.keys[0], 0, accounts.StakePoolSpace, w.program),
		create(w.keys[1], 0, uint64(list.Space()), w.program),
		started,
	))
}

// initializeStake returns the Initialize of the stake program, for an account
// with one authority and without a lockup.
func initializeStake(account, authority solana.PublicKey) solana.Instruction {
	data := binary.LittleEndian.AppendUint32(nil, 0)
	data = append(append(data, authority[:]...), authority[:]...)
	data = append(data, make([]byte, 48)...)
	return solana.NewInstruction(accounts.StakeProgram, solana.AccountMetaSlice{
		solana.Meta(account).WRITE(), solana.Meta(accounts.RentSysvar)}, data)
}

// state returns the decoded pool.
func (w *operatorWorld) state() accounts.StakePool {
	w.t.Helper()
	pool, err := accounts.Load(w.get(w.pool.Address), w.pool.Address, accounts.DecodeStakePool)
	require.NoError(w.t, err)
	return *pool
}

// list returns the decoded validator list.
func (w *operatorWorld) list() *accounts.ValidatorList {
	w.t.Helper()
	list, err := accounts.Load(w.get(w.pool.ValidatorList), w.pool.ValidatorList,
		accounts.DecodeValidatorList)
	require.NoError(w.t, err)
	return list
}

// entry returns the entry of a validator, which must be in the list.
func (w *operatorWorld) entry(vote solana.PublicKey) accounts.ValidatorStakeInfo {
	w.t.Helper()
	entry := w.list().Find(vote)
	require.NotNil(w.t, entry)
	return *entry
}

// lamports returns the balance of an account, 0 if it does not exist.
func (w *operatorWorld) lamports(address solana.PublicKey) uint64 {
	w.t.Helper()
	account, err := w.get(address).Get(address)
	if err != nil {
		return 0
	}
	return account.Lamports
}

// nextEpoch moves to the next epoch, and updates the pool there.
func (w *operatorWorld) nextEpoch() {
	w.t.Helper()
	epoch := w.chain().Clock.Epoch + 1
	w.must(nil, "localnet_warpToEpoch", map[string]uint64{"epoch": epoch})
	w.update(epoch)
}

// update updates the pool, all entries of the list and the list.
func (w *operatorWorld) update(epoch uint64) {
	w.t.Helper()
	crank, err := instructions.StakePoolUpdate(w.pool, w.list(), epoch)
	require.NoError(w.t, err)
	require.NoError(w.t, w.send(crank...))
}

// of returns the inputs of a change of the stake of a validator.
func (w *operatorWorld) of(vote solana.PublicKey) instructions.StakePoolValidator {
	w.t.Helper()
	return instructions.StakePoolValidator{
		Pool:      w.pool,
		Staker:    w.staker.PublicKey(),
		Validator: w.entry(vote),
	}
}

// depositSOL deposits SOL for the manager, so that the reserve has it.
func (w *operatorWorld) depositSOL(lamports uint64) {
	w.t.Helper()
	w.do(instructions.StakePoolDepositSOL{
		Pool:        w.pool,
		From:        w.payer.PublicKey(),
		Destination: w.tokens,
		Referrer:    w.tokens,
		Lamports:    lamports,
	})
}

// forStakePools runs a test under each deployment of the stake pool program.
func forStakePools(t *testing.T, test func(l *localnet, program solana.PublicKey)) {
	l := connect(t)
	for _, program := range accounts.StakePoolPrograms() {
		if l.programHash(program) == "" {
			continue
		}

		t.Run(program.String()[:4], func(t *testing.T) {
			l.t = t
			test(l, program)
		})
	}
}
