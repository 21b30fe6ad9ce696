package e2e

import (
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// failureRun makes real programs fail.
type failureRun struct {
	*localnet
	chain              figures.Chain
	rng                *rand.Rand
	payer, user, other *txn.KeySigner
	rent               uint64 // of a token account
	// codes has the custom errors that occurred, by program.
	codes map[string]map[uint32]bool
}

func newFailureRun(l *localnet) *failureRun {
	seed := envUint(l.t, seedVariable, rand.Uint64())
	r := &failureRun{
		localnet: l,
		chain:    l.chain(),
		rng:      rand.New(rand.NewPCG(seed, 77)),
		codes:    map[string]map[uint32]bool{},
	}

	for _, s := range []**txn.KeySigner{&r.payer, &r.user, &r.other} {
		key, err := txn.GenerateKeySigner()
		require.NoError(l.t, err)
		*s = key
		r.put(accounts.Account{Address: key.PublicKey(), Owner: accounts.SystemProgram,
			Lamports: 1000 * sol})
	}

	rent, err := r.chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(l.t, err)
	r.rent = rent

	return r
}

// put writes accounts and returns the address of the first.
func (r *failureRun) put(all ...accounts.Account) solana.PublicKey {
	r.t.Helper()
	var calls []call
	for _, a := range all {
		calls = append(calls, setAccount(a))
	}
	for _, reply := range r.batch(calls...) {
		require.Nil(r.t, reply.Error)
	}
	return all[0].Address
}

func (r *failureRun) key() solana.PublicKey { return figures.RandomKey(r.rng) }

// sign compiles instructions and signs with all required keys of the run.
func (r *failureRun) sign(plan txn.Plan, ixs ...solana.Instruction) *txn.Signed {
	r.t.Helper()
	if plan.Payer.IsZero() {
		plan.Payer = r.payer.PublicKey()
	}

	if plan.Lifetime == (txn.Lifetime{}) {
		plan.Lifetime = lifetime(r.t, r.batch(latestBlockhash)[0])
	}

	for _, ix := range ixs {
		plan.Steps = append(plan.Steps, txn.Step{Description: "fail", Instruction: ix})
	}

	unsigned, err := plan.Compile()
	require.NoError(r.t, err)
	signed, err := unsigned.Sign(context.Background(), r.payer, r.user, r.other)
	require.NoError(r.t, err)

	return signed
}

// fails requires that the instructions fail with an error whose text begins as
// given, and that matches the given condition and no other.
func (r *failureRun) fails(want string, is error, ixs ...solana.Instruction) {
	r.t.Helper()
	r.failed(r.execute(r.sign(txn.Plan{}, ixs...)), want, is)
}

func (r *failureRun) failed(failure error, want string, is error) {
	r.t.Helper()
	require.Error(r.t, failure, want)
	require.True(r.t, strings.HasPrefix(failure.Error(), "transaction failed: "+want), "%v\nnot %s",
		failure, want)
	var whole *progerr.TransactionError
	require.ErrorAs(r.t, failure, &whole)
	for _, condition := range []error{
		progerr.ErrSlippage, progerr.ErrStalePool, progerr.ErrInsufficientFunds,
		progerr.ErrOperationUnavailable, progerr.ErrProgramAmountTooSmall,
		progerr.ErrInsufficientLiquidity,
		progerr.ErrBlockhashNotFound, progerr.ErrAlreadyProcessed, progerr.ErrEpochRewards,
		progerr.ErrComputeExceeded, progerr.ErrMissingSigner,
		progerr.ErrNotInitialized, progerr.ErrBusy,
	} {
		require.Equal(r.t, condition == is, errors.Is(failure, condition), "%v is %v", failure,
			condition)
	}

	var program *progerr.ProgramError
	if !errors.As(failure, &program) {
		return
	}

	require.False(r.t, program.Assumed, "%v: %v", failure, whole.Logs)
	if r.codes[program.ProgramName] == nil {
		r.codes[program.ProgramName] = map[uint32]bool{}
	}

	r.codes[program.ProgramName][program.Code] = true
}

func (r *failureRun) report() {
	total := 0
	for _, codes := range r.codes {
		total += len(codes)
	}
	r.t.Logf("%d codes of %d programs were raised and named: %v", total, len(r.codes), r.codes)
}

func raw(program solana.PublicKey, data []byte, metas ...*solana.AccountMeta) solana.Instruction {
	return solana.NewInstruction(program, metas, data)
}

func write(key solana.PublicKey) *solana.AccountMeta { return solana.Meta(key).WRITE() }
func read(key solana.PublicKey) *solana.AccountMeta  { return solana.Meta(key) }
func signs(key solana.PublicKey) *solana.AccountMeta { return solana.Meta(key).SIGNER() }
func pays(key solana.PublicKey) *solana.AccountMeta  { return solana.Meta(key).WRITE().SIGNER() }
func u32(n uint32) []byte {
	return binary.LittleEndian.AppendUint32(nil, n)
}
func u64(n uint64) []byte {
	return binary.LittleEndian.AppendUint64(nil, n)
}
func join(parts ...[]byte) (all []byte) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

// TestFailures_Runtime makes the runtime itself refuse transactions.
func TestFailures_Runtime(t *testing.T) {
	r := newFailureRun(connect(t))
	user := r.user.PublicKey()
	transfer := func(lamports uint64) solana.Instruction {
		return raw(accounts.SystemProgram, join(u32(2), u64(lamports)), pays(user), write(r.key()))
	}
	run := func(want string, is error, plan txn.Plan, ixs ...solana.Instruction) {
		t.Helper()
		r.failed(r.execute(r.sign(plan, ixs...)), want, is)
	}

	run("BlockhashNotFound: ", progerr.ErrBlockhashNotFound,
		txn.Plan{Lifetime: txn.Lifetime{Blockhash: solana.Hash(r.key()),
			LastValidBlockHeight: 1 << 40}},
		transfer(sol))

	r.fails("InsufficientFundsForRent (account ", progerr.ErrInsufficientFunds, transfer(1))
	r.fails("ProgramAccountNotFound: ", nil, raw(r.key(), nil))
	r.fails("InvalidProgramForExecution: ", nil, raw(user, nil))
	unitLimit := func(n uint32) solana.Instruction {
		return raw(accounts.ComputeBudgetProgram, join([]byte{2}, u32(n)))
	}
	r.fails("DuplicateInstruction in instruction 1: ", nil, unitLimit(200_000), unitLimit(200_001))
	r.fails("InvalidInstructionData in instruction 0 (compute budget): ", nil,
		raw(accounts.ComputeBudgetProgram, []byte{99}))
	r.fails("ComputationalBudgetExceeded in instruction 1 (system): ", progerr.ErrComputeExceeded,
		unitLimit(160), transfer(sol))
	text := strings.Repeat("a memo that takes a while to print ", 8)
	// Between its own instructions and within a runtime instruction, a program
	// that runs out of compute units fails with different texts.
	r.fails(
		"ProgramFailedToComplete in instruction 1 (memo): the transaction ran out of compute units",
		progerr.ErrComputeExceeded,
		unitLimit(170),
		raw(accounts.MemoProgram, []byte(text)),
	)

	r.fails(
		"ComputationalBudgetExceeded in instruction 1 (memo): the transaction ran out of compute units",
		progerr.ErrComputeExceeded,
		unitLimit(500),
		raw(accounts.MemoProgram, []byte(text)),
	)

	// The first build of the memo program returns InvalidInstructionData, the
	// new one crashes.
	failure := r.execute(r.sign(txn.Plan{}, raw(accounts.MemoProgram, []byte{0xff, 0xfe})))
	require.Regexp(
		t,
		`^transaction failed: (InvalidInstructionData|ProgramFailedToComplete) in instruction 0 \(memo\): `,
		failure.Error(),
	)

	r.fails("MissingRequiredSignature in instruction 0 (memo): ", progerr.ErrMissingSigner,
		raw(accounts.MemoProgram, []byte("no"), read(r.key())))

	tx := r.sign(txn.Plan{}, transfer(sol))
	require.NoError(t, r.execute(tx))
	r.failed(r.execute(tx), "AlreadyProcessed: ", progerr.ErrAlreadyProcessed)

	r.feeFailures()
}

// feeFailures pays fees from accounts that cannot pay them.
func (r *failureRun) feeFailures() {
	t := r.t
	poor, err := txn.GenerateKeySigner()
	require.NoError(t, err)
	unsigned, err := txn.Plan{
		Payer:    poor.PublicKey(),
		Lifetime: lifetime(t, r.batch(latestBlockhash)[0]),
		Steps: []txn.Step{{Description: "memo",
			Instruction: raw(accounts.MemoProgram, []byte("x"))}},
	}.Compile()

	require.NoError(t, err)
	signed, err := unsigned.Sign(context.Background(), poor)
	require.NoError(t, err)
	r.failed(r.execute(signed), "AccountNotFound: ", progerr.ErrInsufficientFunds)
	least, err := r.chain.Rent.MinimumBalance(0)
	require.NoError(t, err)
	r.put(accounts.Account{Address: poor.PublicKey(), Owner: accounts.SystemProgram,
		Lamports: 4_999})
	r.failed(r.execute(signed), "InsufficientFundsForFee: ", progerr.ErrInsufficientFunds)
	r.put(accounts.Account{Address: poor.PublicKey(), Owner: accounts.SystemProgram,
		Lamports: least + 4_999})
	r.failed(r.execute(signed), "InsufficientFundsForRent (account 0): ",
		progerr.ErrInsufficientFunds)
	r.put(accounts.Account{Address: poor.PublicKey(), Owner: accounts.TokenProgram, Lamports: sol})
	r.failed(r.execute(signed), "InvalidAccountForFee: ", nil)
}

// TestFailures_NativePrograms makes Solana's native programs refuse
// instructions of this module.
func TestFailures_NativePrograms(t *testing.T) {
	r := newFailureRun(connect(t))
	defer r.report()
	r.systemFailures()
	for program, name := range map[solana.PublicKey]string{accounts.TokenProgram: "token",
		accounts.Token2022Program: "token-2022"} {
		r.tokenFailures(program, name)
	}

	r.associatedFailures()
	r.stakeFailures()
	// A bump without a valid address.
	user, slot, bump := r.user.PublicKey(), u64(r.recentSlot()), byte(255)
	for {
		if _, err := solana.CreateProgramAddress([][]byte{user[:], slot, {bump}},
			accounts.LookupTableProgram); err != nil {
			break
		}

		bump--
	}

	r.fails("address lookup table: PubkeyErrorInvalidSeeds (1) in instruction 0: ", nil,
		raw(accounts.LookupTableProgram,
			join(u32(0), slot, []byte{bump}), write(r.key()), signs(user),
			pays(r.payer.PublicKey()),
			read(accounts.SystemProgram)))
}

// recentSlot returns the newest slot whose hash the network knows.
func (r *failureRun) recentSlot() uint64 {
	hashes, err := r.get(solana.SysVarSlotHashesPubkey).Get(solana.SysVarSlotHashesPubkey)
	require.NoError(r.t, err)
	// After the count come the slots, newest first, each with its hash.
	require.GreaterOrEqual(r.t, len(hashes.Data), 16)
	return binary.LittleEndian.Uint64(hashes.Data[8:])
}

func (r *failureRun) systemFailures() {
	user, other := r.user.PublicKey(), r.other.PublicKey()
	id := accounts.SystemProgram
	create := func(lamports, space uint64) []byte {
		return join(u32(0), u64(lamports), u64(space), accounts.StakeProgram[:])
	}
	r.fails("system: ResultWithNegativeLamports (1) in instruction 0: ",
		progerr.ErrInsufficientFunds,
		raw(id, join(u32(2), u64(1001*sol)), pays(user), write(other)))
	r.fails("system: AccountAlreadyInUse (0) in instruction 0: ", nil,
		raw(id, create(sol, 0), pays(user), pays(other)))
	fresh := r.put(accounts.Account{Address: other, Owner: id, Lamports: 0})
	r.fails("system: InvalidAccountDataLength (3) in instruction 0: ", nil,
		raw(id, join(u32(8), u64(11<<20)), pays(fresh)))
	r.put(accounts.Account{Address: other, Owner: id, Lamports: 1000 * sol})
	seeded := func(seed string) []byte {
		return join(u32(3), user[:], u64(uint64(len(seed))), []byte(seed), u64(sol), u64(0), id[:])
	}
	r.fails("system: AddressWithSeedMismatch (5) in instruction 0: ", nil,
		raw(id, seeded("seed"), pays(user), write(r.key())))
	r.fails(
		"system: AccountAlreadyInUse (0) in instruction 0: an account exists at this address already, or the seed is longer",
		nil,
		raw(id, seeded(strings.Repeat("s", 33)), pays(user), write(r.key())),
	)

	// A nonce can be advanced once per block.
	nonce := r.put(accounts.Account{
		Address:  r.key(),
		Owner:    id,
		Lamports: sol,
		Data:     make([]byte, 80),
	})

	recent, sysvar := read(solana.SysVarRecentBlockHashesPubkey), read(accounts.RentSysvar)
	initialize := raw(id, join(u32(6), user[:]), write(nonce), recent, sysvar)
	advance := raw(id, u32(4), write(nonce), recent, signs(user))
	r.fails("system: NonceBlockhashNotExpired (7) in instruction 1: ", nil, initialize, advance)
}

func (r *failureRun) tokenFailures(id solana.PublicKey, name string) {
	user := r.user.PublicKey()
	account := func(t accounts.TokenAccount) solana.PublicKey {
		t.State = max(t.State, accounts.TokenInitialized)
		if t.Owner.IsZero() {
			t.Owner = user
		}

		return r.put(accounts.Account{
			Address:  r.key(),
			Owner:    id,
			Lamports: r.rent + t.Amount,
			Data:     t.Encode(),
		})
	}

	newMint := func(m accounts.Mint) solana.PublicKey {
		return r.put(accounts.Account{Address: r.key(), Owner: id, Lamports: sol, Data: m.Encode()})
	}
	mint := newMint(accounts.Mint{Supply: 1 << 60, Decimals: 9})
	a := account(accounts.TokenAccount{Mint: mint, Amount: 100})
	b := account(accounts.TokenAccount{Mint: mint})

	foreign := account(accounts.TokenAccount{Mint: r.key()})
	frozen := account(accounts.TokenAccount{Mint: mint, Amount: 100, State: accounts.TokenFrozen})
	strangers := account(accounts.TokenAccount{Mint: mint, Amount: 100, Owner: r.key()})
	transfer := func(from, to solana.PublicKey, amount uint64) solana.Instruction {
		return raw(id, join([]byte{3}, u64(amount)), write(from), write(to), signs(user))
	}
	blank := func(lamports uint64) solana.PublicKey {
		data := make([]byte, accounts.TokenAccountSpace)
		return r.put(accounts.Account{Address: r.key(), Owner: id, Lamports: lamports, Data: data})
	}

	checked := func(from, to solana.PublicKey, amount uint64, decimals byte) solana.Instruction {
		return raw(id, join([]byte{12}, u64(amount), []byte{decimals}), write(from), read(mint),
			write(to), signs(user))
	}

	for _, c := range []struct {
		want string
		is   error
		ix   solana.Instruction
	}{
		{"InsufficientFunds (1)", progerr.ErrInsufficientFunds, transfer(a, b, 101)},
		{"InsufficientFunds (1)", progerr.ErrInsufficientFunds, checked(a, b, 101, 9)},
		{"MintMismatch (3)", nil, transfer(a, foreign, 1)},
		{"OwnerMismatch (4)", nil, transfer(strangers, b, 1)},
		{"AccountFrozen (17)", progerr.ErrOperationUnavailable, transfer(frozen, b, 1)},
		{"MintDecimalsMismatch (18)", nil, checked(a, b, 1, 6)},
		{"NonNativeHasBalance (11)", nil, raw(id, []byte{9}, write(a), write(user), signs(user))},
		{"NonNativeNotSupported (19)", nil, raw(id, []byte{17}, write(a))},
		{"AlreadyInUse (6)", nil, raw(id, join([]byte{18}, user[:]), write(a), read(mint))},
		{"FixedSupply (5)", progerr.ErrOperationUnavailable,
			raw(id, join([]byte{7}, u64(1)), write(mint), write(a), signs(user))},
		{"InvalidMint (2)", nil, raw(id, join([]byte{18}, user[:]), write(blank(sol)), read(b))},
		{"InvalidInstruction (12)", nil, raw(id, []byte{99})},
		{"MintCannotFreeze (16)", nil, raw(id, []byte{10}, write(a), read(mint), signs(user))},
		{"NotRentExempt (0)", progerr.ErrInsufficientFunds,
			raw(id, join([]byte{18}, user[:]), write(blank(1_000_000)), read(mint))},
		{"AuthorityTypeNotSupported (15)", nil,
			raw(id, join([]byte{6, 0, 0}), write(a), signs(user))},
	} {
		r.fails(name+": "+c.want+" in instruction 0: ", c.is, c.ix)
	}

	if id == accounts.TokenProgram {
		wrapped := account(accounts.TokenAccount{Mint: accounts.NativeMint, NativeReserve: &r.rent,
			Amount: sol})
		r.fails(name+": NativeNotSupported (10) in instruction 0: ", nil,
			raw(id, join([]byte{8}, u64(1)), write(wrapped), write(accounts.NativeMint),
				signs(user)))
		return
	}

	// Extensions: a mint without transfers, and accounts that require a memo or
	// reject programs.
	fixed := newMint(accounts.Mint{Supply: 1 << 60, Decimals: 9,
		Extensions: []accounts.Extension{{Type: 9}}})
	stuck := []accounts.Extension{{Type: accounts.ExtensionImmutableOwner}, {Type: 13}}
	still, nowhere := account(accounts.TokenAccount{Mint: fixed, Amount: 9, Extensions: stuck}),
		account(accounts.TokenAccount{Mint: fixed, Extensions: stuck})
	r.fails(name+": NonTransferable (37) in instruction 0: ", progerr.ErrOperationUnavailable,
		raw(id, join([]byte{12}, u64(1), []byte{9}), write(still), read(fixed), write(nowhere),
			signs(user)))
	polite := account(accounts.TokenAccount{Mint: mint,
		Extensions: []accounts.Extension{{Type: 8, Data: []byte{1}}}})
	r.fails(name+": NoMemo (36) in instruction 0: ", nil, checked(a, polite, 1, 9))
	immutable := account(accounts.TokenAccount{Mint: mint,
		Extensions: []accounts.Extension{{Type: accounts.ExtensionImmutableOwner}}})
	newOwner := r.key()
	r.fails(name+": ImmutableOwner (34) in instruction 0: ", progerr.ErrOperationUnavailable,
		raw(id, join([]byte{6, 2, 1}, newOwner[:]), write(immutable), signs(user)))
	paused := newMint(accounts.Mint{Supply: 1 << 60, Decimals: 9,
		Extensions: []accounts.Extension{{Type: 26, Data: join(user[:], []byte{1})}}})
	halted := []accounts.Extension{{Type: 27}}
	from, to := account(accounts.TokenAccount{Mint: paused, Amount: 9, Extensions: halted}),
		account(accounts.TokenAccount{Mint: paused, Extensions: halted})
	r.fails(name+": MintPaused (67) in instruction 0: ", progerr.ErrOperationUnavailable,
		raw(id, join([]byte{12}, u64(1), []byte{9}), write(from), read(paused), write(to),
			signs(user)))
}

func (r *failureRun) associatedFailures() {
	user, id := r.user.PublicKey(), accounts.AssociatedTokenProgram
	mint := r.put(accounts.Account{
		Address:  r.key(),
		Owner:    accounts.TokenProgram,
		Lamports: sol,
		Data:     accounts.Mint{Supply: 1, Decimals: 9}.Encode(),
	})

	address, _, err := solana.FindAssociatedTokenAddress(user, mint)
	require.NoError(r.t, err)
	create := func(payer solana.PublicKey) solana.Instruction {
		return raw(id, []byte{1}, pays(payer), write(address), read(user), read(mint),
			read(accounts.SystemProgram), read(accounts.TokenProgram))
	}

	poor := r.put(accounts.Account{Address: r.other.PublicKey(), Owner: accounts.SystemProgram,
		Lamports: 1_000_000})
	r.fails("system: ResultWithNegativeLamports (1) in instruction 0, called by associated token: ",
		progerr.ErrInsufficientFunds, create(poor))
	r.put(accounts.Account{Address: poor, Owner: accounts.SystemProgram, Lamports: 1000 * sol})
	r.put(figures.TokenAccount(address, mint, r.key(), 0, r.rent))
	r.fails("associated token: InvalidOwner (0) in instruction 0: ", nil, create(user))
}

func (r *failureRun) stakeFailures() {
	user, epoch := r.user.PublicKey(), r.chain.Clock.Epoch
	vote := r.key()
	stake := func(change func(*accounts.StakeAccount)) solana.PublicKey {
		s := figures.Delegated(user, figures.StoredRent, vote, 10*sol, epoch-9)
		if change != nil {
			change(&s)
		}

		data := make([]byte, accounts.StakeAccountSpace)
		copy(data, s.Encode())
		return r.put(accounts.Account{
			Address:  r.key(),
			Owner:    accounts.StakeProgram,
			Lamports: 10*sol + figures.StoredRent,
			Data:     data,
		})
	}

	empty := func() solana.PublicKey {
		data := make([]byte, accounts.StakeAccountSpace)
		return r.put(accounts.Account{
			Address:  r.key(),
			Owner:    accounts.StakeProgram,
			Lamports: figures.StoredRent,
			Data:     data,
		})
	}

	step := func(s txn.Step, err error) solana.Instruction {
		require.NoError(r.t, err)
		return s.Instruction
	}

	locked := func(s *accounts.StakeAccount) {
		s.Lockup = accounts.Lockup{Epoch: epoch + 1, Custodian: r.other.PublicKey()}
	}
	cooling := func(s *accounts.StakeAccount) { s.Delegation.DeactivationEpoch = epoch }
	young := func(s *accounts.StakeAccount) { s.Delegation.ActivationEpoch = epoch }
	elsewhere := func(s *accounts.StakeAccount) { s.Delegation.Voter = r.key() }
	merge := func(into, from solana.PublicKey) solana.Instruction {
		return raw(accounts.StakeProgram, u32(7), write(into), write(from),
			read(accounts.ClockSysvar), read(accounts.StakeHistorySysvar), signs(user))
	}

	someone := r.key()
	authorize := func(key solana.PublicKey) solana.Instruction {
		return raw(accounts.StakeProgram, join(u32(1), someone[:], u32(1)), write(key),
			read(accounts.ClockSysvar), signs(user))
	}
	if r.chain.MinimumDelegation > 1 {
		r.fails("stake: InsufficientDelegation (12) in instruction 0: ",
			progerr.ErrProgramAmountTooSmall,
			step(txn.SplitStake(stake(nil), empty(), user, r.chain.MinimumDelegation-1)))
	}

	r.fails("InsufficientFunds in instruction 0 (stake): ", progerr.ErrInsufficientFunds,
		step(txn.SplitStake(stake(nil), empty(), user, 11*sol)))
	r.fails("stake: AlreadyDeactivated (2) in instruction 0: ", nil,
		step(txn.DeactivateStake(stake(cooling), user)))
	r.fails("MissingRequiredSignature in instruction 0 (stake): ", progerr.ErrMissingSigner,
		step(txn.DeactivateStake(stake(func(s *accounts.StakeAccount) { s.Staker = r.key() }),
			user)))
	r.fails("stake: MergeMismatch (6) in instruction 0: ", nil, merge(stake(young), stake(nil)))
	r.fails("stake: MergeMismatch (6) in instruction 0: ", nil, merge(stake(elsewhere), stake(nil)))
	r.fails("stake: CustodianMissing (7) in instruction 0: ", progerr.ErrMissingSigner,
		authorize(stake(locked)))
	r.fails("stake: LockupInForce (1) in instruction 0: ", progerr.ErrOperationUnavailable,
		step(txn.WithdrawStake(stake(locked), r.key(), user, sol)))

	before := r.get(accounts.EpochRewardsSysvar)
	defer restore(r.localnet, before)
	r.batch(setRewards(true))
	r.fails("stake: EpochRewardsActive (16) in instruction 0: ", progerr.ErrEpochRewards,
		step(txn.DeactivateStake(stake(nil), user)))
}
