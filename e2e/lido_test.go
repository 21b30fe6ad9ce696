package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
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

const (
	// lidoRecordVariable names a file to record executions of Lido's
	// instructions to.
	lidoRecordVariable = "SANCTUM_E2E_RECORD_LIDO"
	// Number of recorded cases: executed ones and refused ones.
	recordedWithdrawals = 40
	recordedStay        = 15
)

// lidoRefusals maps reasons of the quote to the program's error texts. Other
// reasons have several texts.
var lidoRefusals = map[error]string{
	quote.ErrStalePool:           "ExchangeRateNotUpdatedInThisEpoch",
	quote.ErrUpToDate:            "ExchangeRateAlreadyUpToDate",
	quote.ErrInsufficientReserve: "ReserveIsNotRentExempt",
	quote.ErrNotPreferred:        "ValidatorWithMoreStakeExists",
}

// TestLido_Withdraw withdraws random amounts of stSOL with the real program,
// with and without an update of the exchange rate before, and updates the rate
// alone. The output and all counters of the program must match the quote to the
// lamport, and the program must refuse what the quote refuses. Some cases use
// another rent than that of the stake accounts.
func TestLido_Withdraw(t *testing.T) {
	l := connect(t)
	hash := l.programHash(accounts.LidoProgram)
	if hash == "" {
		t.Skip("Lido is not deployed on this server")
	}

	seed := envUint(t, seedVariable, rand.Uint64())
	cases := int(envUint(t, casesVariable, defaultCases))
	before := l.get(accounts.RentSysvar, accounts.EpochRewardsSysvar)
	defer restore(l, before)
	record := golden.Lidos{Chain: l.chain()}
	for _, test := range []struct {
		name    string
		perByte uint64
		rewards bool
		cases   int
	}{
		{"as it is", 0, false, cases},
		{"lower rent", 5080, false, cases / 4},
		{"higher rent", 8000, false, cases / 4},
		{"rewards are being distributed", 0, true, cases / 20},
	} {
		t.Run(test.name, func(t *testing.T) {
			l.t = t
			restore(l, before)
			if test.perByte != 0 {
				setSysvar(l, accounts.RentSysvar, accounts.NewRent(test.perByte).Encode())
			}

			if test.rewards {
				setSysvar(l, accounts.EpochRewardsSysvar,
					accounts.EpochRewards{Active: true, NumPartitions: 1}.Encode())
			}

			r := newLidoRun(l, hash)
			r.chain.RewardsActive = test.rewards
			for i := range test.cases {
				c, lido := r.one(seed + uint64(i))
				few := c.Outcome != nil && r.executed <= recordedWithdrawals ||
					c.Refusal != "" && r.refused <= recordedStay
				if few && test.perByte == 0 && !test.rewards {
					c.Lido = len(record.Lidos)
					record.Lidos = append(record.Lidos, *lido)
					record.Cases = append(record.Cases, *c)
				}
			}

			if test.rewards {
				if test.cases >= 20 {
					require.Positive(t, r.rewards, "only rewards kept them from being executed")
				}

				require.Zero(t, r.counts["withdrawals"]+r.counts["withdrawals with update"])
			}

			t.Logf(
				"build %.8s, minimum delegation %d, seed %d: as quoted %v, refused by quote and program %d, by the quote alone %d: %v",
				hash,
				r.chain.MinimumDelegation,
				seed,
				r.counts,
				r.refused,
				r.cautious,
				r.reasons,
			)
		})
	}

	if path := os.Getenv(lidoRecordVariable); path != "" && !t.Failed() {
		text, err := record.MarshalText()
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, text, 0o600))
	}
}

// TestLido_MainnetFigures withdraws round amounts and the largest amount with
// the figures of the pool on mainnet. 1 and 10 stSOL are known from Sanctum's
// own tests. It repeats this with a list of a hundred validators, which is the
// most expensive to search.
func TestLido_MainnetFigures(t *testing.T) {
	l := connect(t)
	hash := l.programHash(accounts.LidoProgram)
	if hash == "" {
		t.Skip("Lido is not deployed on this server")
	}

	r := newLidoRun(l, hash)
	text, err := os.ReadFile("../internal/demo/lido.json")
	require.NoError(t, err)
	known := map[uint64]uint64{1_000_000_000: oneStSOL, 10_000_000_000: tenStSOL}
	for _, validators := range []int{1, 100} {
		for _, update := range []bool{false, true} {
			lido := new(figures.Lido)
			require.NoError(t, json.Unmarshal(text, lido))
			lido.State.ExchangeRate.ComputedInEpoch = r.chain.Clock.Epoch
			if update {
				lido.State.ExchangeRate.ComputedInEpoch--
			}

			for n := len(lido.Validators); n < validators; n++ {
				vote := figures.RandomKey(rand.New(rand.NewPCG(1, uint64(n))))
				lido.Validators = append(lido.Validators,
					figures.LidoValidator{Entry: accounts.LidoValidator{VoteAccount: vote}})
			}

			lido.MaxValidators = uint32(validators)
			last := validators - 1
			lido.Validators[0], lido.Validators[last] = lido.Validators[last], lido.Validators[0]
			q := lido.Quote(r.chain)
			if update {
				q.Update = lido.Balances()
			}

			most, err := q.WithdrawMost(*lido.Validators[last].Stake)
			require.NoError(t, err)
			for _, amount := range []uint64{1_000_000_000, 10_000_000_000, most.StSOL} {
				destination, err := txn.GenerateKeySigner()
				require.NoError(t, err)
				c := &golden.LidoCase{
					User:         r.user.PublicKey(),
					TokenAccount: figures.RandomKey(rand.New(rand.NewPCG(2, amount))),
					StakeAccount: destination.PublicKey(),
					Build:        hash,
					StSOL:        amount,
					Update:       update,
					Validator:    last,
				}

				r.run(lido, c, destination)
				require.NotNil(t, c.Outcome)
				// An update counts the lamports beyond the rent of the reserve.
				measured := !update || r.chain.Rent == accounts.NewRent(measuredRent)
				if want, ok := known[amount]; ok && measured {
					require.Equal(t, want, c.Outcome.Received)
				}
			}

			t.Logf("%d validators, update %v: at most %d units with the funding of the account",
				validators, update, r.used)
			r.used = 0
		}
	}
}

// setSysvar writes a sysvar.
func setSysvar(l *localnet, address solana.PublicKey, data []byte) {
	l.t.Helper()
	r := l.batch(setAccount(accounts.Account{
		Address:  address,
		Owner:    accounts.SysvarProgram,
		Lamports: 1,
		Data:     data,
	}))
	require.Nil(l.t, r[0].Error)
}

// restore restores accounts.
func restore(l *localnet, set *accounts.Set) {
	l.t.Helper()
	for _, address := range set.Addresses() {
		a, err := set.Get(address)
		if err != nil {
			l.batch(dropAccount(address))
			continue
		}
		setSysvar(l, address, a.Data)
	}
}

type lidoRun struct {
	*localnet
	chain       figures.Chain
	hash        string
	payer, user *txn.KeySigner

	counts                      map[string]int
	executed, refused, cautious int
	rewards                     int
	used                        uint64
	reasons                     map[string]int
}

func newLidoRun(l *localnet, hash string) *lidoRun {
	r := &lidoRun{
		localnet: l,
		chain:    l.chain(),
		hash:     hash,
		counts:   map[string]int{},
		reasons:  map[string]int{},
	}

	for _, s := range []**txn.KeySigner{&r.payer, &r.user} {
		key, err := txn.GenerateKeySigner()
		require.NoError(l.t, err)
		*s = key
		l.batch(setAccount(accounts.Account{Address: key.PublicKey(), Owner: accounts.SystemProgram,
			Lamports: 1_000_000 * sol}))
	}

	return r
}

// one makes the case of a seed, executes it and compares.
func (r *lidoRun) one(seed uint64) (*golden.LidoCase, *figures.Lido) {
	t := r.t
	rng := rand.New(rand.NewPCG(seed, 0))
	lido, err := figures.RandomLido(rng, accounts.LidoProgram, r.chain)
	require.NoError(t, err)
	destination, err := txn.GenerateKeySigner()
	require.NoError(t, err)
	c := &golden.LidoCase{
		Seed:         seed,
		User:         r.user.PublicKey(),
		TokenAccount: figures.RandomKey(rng),
		StakeAccount: destination.PublicKey(),
		Build:        r.hash,
	}

	r.spoil(rng, lido, c)
	if !c.Update || rng.IntN(5) > 0 {
		c.StSOL = r.amount(rng, lido, c)
	}

	r.run(lido, c, destination)

	return c, lido
}

// spoil makes the rate stale, updates it with the withdrawal, picks a validator
// and changes its stake.
func (r *lidoRun) spoil(rng *rand.Rand, lido *figures.Lido, c *golden.LidoCase) {
	epoch := r.chain.Clock.Epoch
	rate := &lido.State.ExchangeRate
	switch rng.IntN(12) {
	case 0, 1, 2, 3:
		// Rewards came in and stSOL was burned since.
		rate.ComputedInEpoch = epoch - 1 - rng.Uint64N(20)
		lido.ReserveLamports += figures.RandomAmount(rng, 10*sol)
		lido.Mint.Supply -= rng.Uint64N(lido.Mint.Supply/50 + 1)
		c.Update = rng.IntN(8) > 0

	case 4:
		c.Update = true
	case 5:
		rate.ComputedInEpoch = epoch + 1
	case 6:
		// Nothing or almost nothing is left.
		rate.ComputedInEpoch, c.Update = epoch-1, true
		lido.Mint.Supply = rng.Uint64N(2)
		lido.ReserveLamports -= rng.Uint64N(min(2, lido.ReserveLamports))

	case 7:
		rent, err := r.chain.Rent.MinimumBalance(0)
		require.NoError(r.t, err)
		rate.ComputedInEpoch, c.Update = epoch-1, true
		lido.ReserveLamports = rent - rng.Uint64N(2)

	case 8:
		rate.SOLBalance = rng.Uint64N(3) * rate.SOLBalance / 2
		rate.StSOLSupply = rng.Uint64N(3) * rate.StSOLSupply / 2
	}

	if rng.IntN(40) == 0 {
		for i := range lido.Validators {
			e := &lido.Validators[i].Entry
			e.UnstakeAccountsBalance, e.EffectiveStakeBalance = e.StakeAccountsBalance, 0
		}
	}

	c.Validator = rng.IntN(len(lido.Validators))
	if source, err := lido.Quote(r.chain).Source(); err == nil && rng.IntN(8) > 0 {
		c.Validator = int(source.Index)
	}

	v := &lido.Validators[c.Validator]
	switch rng.IntN(24) {
	case 0, 1:
		v.Stake.Account.Delegation.ActivationEpoch = epoch
	case 2:
		v.Stake.Account.Delegation.DeactivationEpoch = epoch - rng.Uint64N(2)
	case 3, 4:
		// Most of the account is not staked.
		v.Stake.Lamports += rng.Uint64N(20) * v.Stake.Account.Delegation.Stake
	case 5:
		// The list records less than the actual stake.
		v.Entry.StakeAccountsBalance -= rng.Uint64N(
			v.Entry.StakeAccountsBalance - v.Entry.UnstakeAccountsBalance +
				1,
		)

	case 6:
		v.Stake.Account.Delegation.ActivationEpoch = accounts.NeverEpoch
	case 7:
		lido.State.Metrics.WithdrawSOLTotal = 1<<64 - 1 - rng.Uint64N(1000*sol)
	}
}

// amount returns an amount next to one of the limits, or any amount.
func (r *lidoRun) amount(rng *rand.Rand, lido *figures.Lido, c *golden.LidoCase) uint64 {
	q := lido.Quote(r.chain)
	if c.Update {
		q.Update = lido.Balances()
	}

	from := *lido.Validators[c.Validator].Stake
	most, err := q.WithdrawMost(from)
	if err != nil {
		// One lamport of stake, at a rate that may not be one.
		return figures.RandomAmount(rng, 2*max(1, lido.Mint.Supply))
	}

	least, err := q.WithdrawExactOut(max(1, r.chain.MinimumDelegation), from)
	if err != nil {
		return most.StSOL
	}

	return [...]uint64{
		most.StSOL, most.StSOL + 1, least.StSOL, max(1, least.StSOL-1),
		least.StSOL + rng.Uint64N(most.StSOL-least.StSOL+1),
		least.StSOL + rng.Uint64N(most.StSOL-least.StSOL+1),
		least.StSOL + figures.RandomAmount(rng, most.StSOL-least.StSOL+1),
		figures.RandomAmount(rng, 2*most.StSOL),
	}[rng.IntN(8)]
}

func (r *lidoRun) run(lido *figures.Lido, c *golden.LidoCase, destination *txn.KeySigner) {
	t := r.t
	context := func(err error) []any {
		text, _ := json.Marshal(struct {
			Lido *figures.Lido
			Case *golden.LidoCase
		}{lido, c})

		return []any{"seed %d: execution: %v\n%s", c.Seed, err, text}
	}

	want, quoteErr := c.Quote(lido, r.chain)
	keys := r.prepare(lido, c)
	before := r.get(keys...)
	tx := r.transaction(lido, c, destination)
	r.used = max(r.used, r.units(tx))
	failure := r.execute(tx)
	if quoteErr != nil {
		r.reasons[reason(quoteErr)]++
	}

	switch {
	case failure != nil:
		require.Error(t, quoteErr, context(failure)...)
		for sentinel, name := range lidoRefusals {
			if errors.Is(quoteErr, sentinel) {
				require.ErrorContains(t, failure, name, context(failure)...)
			}
		}

		if errors.Is(failure, progerr.ErrEpochRewards) {
			r.rewards++
		}

		c.Refusal = failure.Error()
		r.refused++

		return

	case errors.Is(quoteErr, quote.ErrBuildDependent):
		r.cautious++
		return
	case quoteErr != nil:
		// The program also splits stake that deactivates or is inactive, which
		// is useless for a trade that needs active stake.
		require.ErrorIs(t, quoteErr, quote.ErrValidator, context(nil)...)
		d := lido.Validators[c.Validator].Stake.Account.Delegation
		require.NotEqual(t, uint64(accounts.NeverEpoch), d.DeactivationEpoch, context(nil)...)
		r.cautious++
		return
	}

	got := r.outcome(lido, c, before, r.get(keys...))
	require.Equal(t, want, got, context(nil)...)
	c.Outcome = &got
	r.executed++
	switch {
	case c.StSOL == 0:
		r.counts["updates"]++
	case c.Update:
		r.counts["withdrawals with update"]++
	default:
		r.counts["withdrawals"]++
	}
}

// prepare puts Lido and the user's stSOL on chain and returns the accounts to
// watch.
func (r *lidoRun) prepare(lido *figures.Lido, c *golden.LidoCase) []solana.PublicKey {
	t := r.t
	all, err := lido.Accounts(r.chain.Rent)
	require.NoError(t, err)
	all = append(all,
		figures.TokenAccount(c.TokenAccount, lido.State.StSOLMint, c.User, c.StSOL, 10*sol))
	// For a user with more than the supply, the token program would refuse the
	// trade, not Lido.
	lidoMint := &all[2]
	mint := lido.Mint
	mint.Supply = max(mint.Supply, c.StSOL)
	if !c.Update {
		lidoMint.Data = mint.Encode()
	}

	keys := []solana.PublicKey{c.StakeAccount}
	var calls []call
	for _, a := range all {
		keys = append(keys, a.Address)
		calls = append(calls, setAccount(a))
	}

	for _, reply := range r.batch(calls...) {
		require.Nil(t, reply.Error)
	}

	return keys
}

func (r *lidoRun) transaction(
	lido *figures.Lido,
	c *golden.LidoCase,
	destination *txn.KeySigner,
) *txn.Signed {
	t := r.t
	plan := txn.Plan{Payer: r.payer.PublicKey(), Lifetime: lifetime(t, r.batch(latestBlockhash)[0])}
	signers := []txn.Signer{r.payer}
	if c.StSOL != 0 {
		rent, err := r.chain.Rent.MinimumBalance(accounts.StakeAccountSpace)
		require.NoError(t, err)
		fund, err := txn.TransferSOL(r.payer.PublicKey(), c.StakeAccount, rent)
		require.NoError(t, err)
		plan.Steps = append(plan.Steps, fund)
		signers = append(signers, r.user, destination)
	}

	ixs, err := c.BuildInstructions(lido)
	require.NoError(t, err)
	for _, ix := range ixs {
		plan.Steps = append(plan.Steps, txn.Step{Description: "Lido", Instruction: ix})
		plain, err := golden.NewInstruction(ix)
		require.NoError(t, err)
		c.Instructions = append(c.Instructions, plain)
	}

	unsigned, err := plan.Compile()
	require.NoError(t, err)
	signed, err := unsigned.Sign(context.Background(), signers...)
	require.NoError(t, err)

	return signed
}

// outcome reads the changes of the case from the accounts.
func (r *lidoRun) outcome(
	lido *figures.Lido,
	c *golden.LidoCase,
	before, after *accounts.Set,
) golden.LidoOutcome {
	t := r.t
	state, err := accounts.Load(after, lido.Address, accounts.DecodeLidoState)
	require.NoError(t, err)
	list, err := accounts.Load(after, lido.State.ValidatorList, accounts.DecodeLidoValidatorList)
	require.NoError(t, err)
	got := golden.LidoOutcome{ExchangeRate: state.ExchangeRate, Metrics: state.Metrics,
		Validators: list.Validators}
	same := *state
	same.ExchangeRate, same.Metrics = lido.State.ExchangeRate, lido.State.Metrics
	require.Equal(t, lido.State, same, "nothing else in the state changes")
	if c.StSOL == 0 {
		return got
	}

	v := lido.Validators[c.Validator]
	address, err := v.Entry.StakeAddress(lido.Program, lido.Address)
	require.NoError(t, err)
	account, err := after.Get(c.StakeAccount)
	require.NoError(t, err)
	part, err := accounts.DecodeStakeAccount(account)
	require.NoError(t, err)
	rest, err := accounts.Load(after, address, accounts.DecodeStakeAccount)
	require.NoError(t, err)
	whole, err := after.Get(address)
	require.NoError(t, err)
	rent, err := r.chain.Rent.MinimumBalance(accounts.StakeAccountSpace)
	require.NoError(t, err)
	got.Received = part.Delegation.Stake
	require.Equal(t, rent+got.Received, account.Lamports, "all of it arrives as stake")
	require.Equal(t, v.Stake.Lamports-got.Received, whole.Lamports)
	require.Equal(t, v.Stake.Account.Delegation.Stake-got.Received, rest.Delegation.Stake)
	require.Equal(t, []solana.PublicKey{c.User, c.User, v.Entry.VoteAccount},
		[]solana.PublicKey{part.Staker, part.Withdrawer, part.Delegation.Voter})
	require.Equal(t, v.Stake.Account.Delegation.ActivationEpoch, part.Delegation.ActivationEpoch)
	tokens, err := accounts.Load(after, c.TokenAccount, accounts.DecodeTokenAccount)
	require.NoError(t, err)
	require.Zero(t, tokens.Amount)
	was, err := accounts.Load(before, lido.State.StSOLMint, accounts.DecodeMint)
	require.NoError(t, err)
	mint, err := accounts.Load(after, lido.State.StSOLMint, accounts.DecodeMint)
	require.NoError(t, err)
	require.Equal(t, was.Supply-c.StSOL, mint.Supply, "all stSOL is burned, without a fee")

	return got
}
