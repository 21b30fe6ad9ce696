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
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

const (
	// recordMarinadeVariable names the file to record executions of Marinade
	// to.
	recordMarinadeVariable = "SANCTUM_E2E_RECORD_MARINADE"
	// recordMarinadeExecuted is the number of recorded executed cases of each
	// instruction. One refused case is recorded for each reason.
	recordMarinadeExecuted = 16
)

// TestMarinade_RandomCases executes random deposits, withdrawals and claims.
// Every balance and counter must match the quote, and the program must refuse
// what the quote refuses.
func TestMarinade_RandomCases(t *testing.T) {
	l := connect(t)
	hash := l.programHash(accounts.MarinadeProgram)
	if hash == "" {
		t.Skip("Marinade is not deployed on this server")
	}

	require.NotEqual(t, quote.MarinadeVersionUnknown, quote.MarinadeVersionOf(hash),
		"build %s is not reviewed", hash)
	chain := l.chain()
	cases := int(envUint(t, casesVariable, defaultCases))
	seed := envUint(t, seedVariable, rand.Uint64())
	record := golden.Marinades{Chain: chain}
	t.Cleanup(func() {
		l.t = t
		l.batch(setClock(chain.Clock), setRewards(false))
	})

	for _, op := range golden.MarinadeOperations() {
		t.Run(op, func(t *testing.T) {
			l.t = t
			r := newMarinadeRun(l, chain, hash, op)
			for i := range cases {
				r.one(seed+uint64(i), &record)
			}

			t.Logf(
				"build %.8s, seed %d: %d executed as quoted, %d refused by quote and program, %d refused by the quote alone, %d tickets claimed: %v",
				hash,
				seed,
				r.executed,
				r.refused,
				r.cautious,
				r.claimed,
				r.reasons,
			)
		})
	}

	if path := os.Getenv(recordMarinadeVariable); path != "" && !t.Failed() {
		text, err := record.MarshalText()
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, text, 0o600))
	}
}

// setClock sets epoch and time, but not the slot.
func setClock(c accounts.Clock) call {
	return call{
		Method: "localnet_setClock",
		Params: map[string]any{
			"epoch": c.Epoch, "unixTimestamp": c.UnixTimestamp,
			"epochStartTimestamp": c.EpochStartTimestamp,
		},
	}
}

func setRewards(active bool) call {
	return setAccount(accounts.Account{
		Address:  accounts.EpochRewardsSysvar,
		Owner:    accounts.SysvarProgram,
		Lamports: sol,
		Data:     accounts.EpochRewards{Active: active}.Encode(),
	})
}

// marinadeRun executes cases of one instruction.
type marinadeRun struct {
	*localnet
	chain figures.Chain
	hash  string
	op    string
	// account is the key of new stake accounts. rentPayer pays for them, payer
	// pays for transactions.
	user, payer, rentPayer, account *txn.KeySigner

	executed, refused, cautious, claimed int
	reasons                              map[string]int
}

func newMarinadeRun(l *localnet, chain figures.Chain, hash, op string) *marinadeRun {
	r := &marinadeRun{localnet: l, chain: chain, hash: hash, op: op, reasons: map[string]int{}}
	for _, s := range []**txn.KeySigner{&r.user, &r.payer, &r.rentPayer, &r.account} {
		key, err := txn.GenerateKeySigner()
		require.NoError(l.t, err)
		*s = key
	}
	l.batch(setAccount(accounts.Account{Address: r.payer.PublicKey(), Owner: accounts.SystemProgram,
		Lamports: 1_000_000 * sol}))
	return r
}

// one makes the case of a seed, executes it and compares.
func (r *marinadeRun) one(seed uint64, record *golden.Marinades) {
	t := r.t
	rng := rand.New(rand.NewPCG(seed, 0))
	f, err := figures.RandomMarinade(rng, r.chain)
	require.NoError(t, err)
	f.Build = r.hash
	c := r.randomCase(rng, f)
	c.Seed = seed
	before := r.prepare(f, c)
	want, quoteErr := c.Quote(f, r.chain)
	context := func(err error) []any {
		text, _ := json.Marshal(struct {
			Marinade *figures.Marinade
			Case     *golden.MarinadeCase
		}{f, c})

		return []any{"%s, seed %d: quote %+v (%v), execution: %v\n%s", r.op, seed, want, quoteErr,
			err, text}
	}

	ix, err := c.BuildInstruction(f)
	require.NoError(t, err, context(nil)...)
	c.Instruction, err = golden.NewInstruction(ix)
	require.NoError(t, err)
	failure := r.send(ix)
	after := r.get(r.watched(f, c)...)
	switch {
	case failure != nil:
		require.Error(t, quoteErr, context(failure)...)
		requirePlausible(t, quoteErr, failure, context(failure))
		c.Refusal = failure.Error()
		r.refused++

	case quoteErr != nil:
		// Marinade accepts a worthless input and pays nothing. Only there, the
		// quote may be more careful.
		require.ErrorIs(t, quoteErr, quote.ErrAmountTooSmall, context(nil)...)
		require.Zero(t, r.outcome(f, c, before, after).Received, context(nil)...)
		r.cautious++

	default:
		got := r.outcome(f, c, before, after)
		require.Equal(t, want, got, context(nil)...)
		c.Outcome = &got
		r.executed++
	}

	if quoteErr != nil {
		r.reasons[marinadeReason(quoteErr)]++
	}

	if c.Outcome != nil && r.executed <= recordMarinadeExecuted ||
		c.Refusal != "" && r.reasons[marinadeReason(quoteErr)] == 1 {
		c.Marinade = len(record.Marinades)
		record.Marinades = append(record.Marinades, *f)
		record.Cases = append(record.Cases, *c)
	}

	if c.Outcome != nil && c.Op == golden.MarinadeOrderUnstake {
		r.claimOrdered(rng, f, c, context)
	}
}

// requirePlausible checks that the program refuses for its own reason, not
// because of a wrong account in this test, and that it only crashes if
// Marinade's counters would overflow.
func requirePlausible(t testing.TB, quoteErr, failure error, context []any) {
	t.Helper()
	var program *progerr.ProgramError
	if errors.As(failure, &program) {
		_, known := progerr.Lookup(program.Program, program.Code)
		require.True(t, known && (program.Code < 2000 || program.Code >= 6000), context...)
		return
	}

	switch {
	case errors.Is(quoteErr, quote.ErrStakeOwner):
		require.ErrorContains(t, failure, "MissingRequiredSignature", context...)
	case errors.Is(quoteErr, quote.ErrInvalidState), errors.Is(quoteErr,
		quote.ErrInsufficientReserve), errors.Is(quoteErr, quote.ErrAmountTooLarge):
		require.ErrorContains(t, failure, "ProgramFailedToComplete", context...)
	default:
		require.NoError(t, failure, context...)
	}
}

func marinadeReason(err error) string {
	for _, known := range []error{
		quote.ErrStakeUndelegated, quote.ErrStakeDeactivating, quote.ErrStakeActivating,
		quote.ErrStakeTooSmall, quote.ErrStakeSurplus,
		quote.ErrStakeLocked, quote.ErrStakeOwner, quote.ErrStakeMarinades, quote.ErrTicketNotDue,
		quote.ErrEpochRewards, quote.ErrInvalidState,
	} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}

	return reason(err)
}

// watched returns the accounts that the case may change.
func (r *marinadeRun) watched(f *figures.Marinade, c *golden.MarinadeCase) []solana.PublicKey {
	m, err := instructions.NewMarinade(f.Program, f.Address, &f.State)
	require.NoError(r.t, err)
	keys := []solana.PublicKey{
		c.User, c.TokenAccount, c.Account, c.Payer, m.State, m.MSOLMint, m.SOLLeg, m.MSOLLeg,
		m.Reserve, m.Treasury, m.ValidatorList, m.StakeList,
		accounts.ClockSysvar,
	}
	if len(f.Stakes) > 0 {
		keys = append(keys, f.Stakes[c.Source].Record.StakeAccount)
	}

	return keys
}

// prepare puts Marinade and the user's accounts on chain, sets the clock and
// returns the initial state of the case.
func (r *marinadeRun) prepare(f *figures.Marinade, c *golden.MarinadeCase) *accounts.Set {
	t := r.t
	all, err := f.Accounts(r.chain.Rent)
	require.NoError(t, err)
	rent, err := r.chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(t, err)
	user := accounts.Account{Address: c.User, Owner: accounts.SystemProgram, Lamports: sol}
	holds := uint64(0)
	calls := []call{setClock(c.Clock), setRewards(c.RewardsActive), dropAccount(c.Account)}
	switch c.Op {
	case golden.MarinadeDeposit:
		user.Lamports += c.Amount
	case golden.MarinadeDepositStakeAccount:
		data := make([]byte, accounts.StakeAccountSpace)
		copy(data, c.Stake.Account.Encode())
		all = append(all, accounts.Account{
			Address:  c.Account,
			Owner:    accounts.StakeProgram,
			Lamports: c.Stake.Lamports,
			Data:     data,
		})

	case golden.MarinadeClaim:
		all = append(all, accounts.Account{
			Address:  c.Account,
			Owner:    f.Program,
			Lamports: c.TicketLamports,
			Data:     c.Ticket.Encode(),
		})

	case golden.MarinadeOrderUnstake:
		holds = c.Amount
		ticket, err := r.chain.Rent.MinimumBalance(accounts.MarinadeTicketSpace)
		require.NoError(t, err)
		data := make([]byte, accounts.MarinadeTicketSpace)
		all = append(all, accounts.Account{
			Address:  c.Account,
			Owner:    f.Program,
			Lamports: ticket,
			Data:     data,
		})

	default:
		holds = c.Amount
	}

	all = append(all, user,
		figures.TokenAccount(c.TokenAccount, f.State.MSOLMint, c.User, holds, rent),
		accounts.Account{Address: c.Payer, Owner: accounts.SystemProgram, Lamports: sol})
	if f.Treasury == nil {
		calls = append(calls, dropAccount(f.State.TreasuryMSOLAccount))
	}

	for _, a := range all {
		calls = append(calls, setAccount(a))
	}

	for _, reply := range r.batch(calls...) {
		require.Nil(t, reply.Error)
	}

	before := r.get(r.watched(f, c)...)
	clock, err := accounts.Load(before, accounts.ClockSysvar, accounts.DecodeClock)
	require.NoError(t, err)
	c.Clock = *clock

	return before
}

func (r *marinadeRun) send(ix solana.Instruction) error {
	plan := txn.Plan{
		Payer:    r.payer.PublicKey(),
		Lifetime: lifetime(r.t, r.batch(latestBlockhash)[0]),
		Steps:    []txn.Step{{Description: "Marinade", Instruction: ix}},
	}
	unsigned, err := plan.Compile()
	require.NoError(r.t, err)
	signed, err := unsigned.Sign(context.Background(), r.payer, r.user, r.rentPayer, r.account)
	require.NoError(r.t, err)
	return r.execute(signed)
}

// outcome reads the changes of the case from the accounts.
func (r *marinadeRun) outcome(
	f *figures.Marinade,
	c *golden.MarinadeCase,
	before, after *accounts.Set,
) golden.MarinadeOutcome {
	t := r.t
	m, err := instructions.NewMarinade(f.Program, f.Address, &f.State)
	require.NoError(t, err)
	lamports := func(s *accounts.Set, key solana.PublicKey) uint64 {
		a, err := s.Get(key)
		if errors.Is(err, accounts.ErrNotFound) {
			return 0
		}

		require.NoError(t, err)
		return a.Lamports
	}

	tokens := func(s *accounts.Set, key solana.PublicKey) uint64 {
		a, err := accounts.Load(s, key, accounts.DecodeTokenAccount)
		if errors.Is(err, accounts.ErrNotFound) {
			return 0
		}

		require.NoError(t, err)
		return a.Amount
	}

	state, err := accounts.Load(after, m.State, accounts.DecodeMarinadeState)
	require.NoError(t, err)
	mint, err := accounts.Load(after, m.MSOLMint, accounts.DecodeMint)
	require.NoError(t, err)
	validators, err := accounts.DecodeMarinadeValidatorList(r.existing(after, m.ValidatorList),
		state)
	require.NoError(t, err)
	stakes, err := accounts.DecodeMarinadeStakeList(r.existing(after, m.StakeList), state)
	require.NoError(t, err)
	o := golden.MarinadeOutcome{
		SOLLeg:           lamports(after, m.SOLLeg),
		MSOLLeg:          tokens(after, m.MSOLLeg),
		Reserve:          lamports(after, m.Reserve),
		Treasury:         tokens(after, m.Treasury),
		MintSupply:       mint.Supply,
		MSOLSupply:       state.MSOLSupply,
		AvailableReserve: state.AvailableReserveBalance,
		TotalActive:      state.ValidatorSystem.TotalActiveBalance,
		TicketBalance:    state.CirculatingTicketBalance,
		TicketCount:      state.CirculatingTicketCount,
	}

	paid := func(of func(*accounts.Set, solana.PublicKey) uint64, key solana.PublicKey) uint64 {
		return of(before, key) - of(after, key)
	}
	switch c.Op {
	case golden.MarinadeDeposit:
		o.Paid, o.Received = paid(lamports, c.User), tokens(after, c.TokenAccount)
	case golden.MarinadeLiquidUnstake:
		o.Paid, o.Received = paid(tokens, c.TokenAccount), lamports(after, c.User)-lamports(before,
			c.User)
	case golden.MarinadeDepositStakeAccount:
		stake := r.stake(after, c.Account)
		require.Equal(t, [2]solana.PublicKey{m.StakeDepositAuthority, m.StakeWithdrawAuthority},
			[2]solana.PublicKey{stake.Staker, stake.Withdrawer})
		require.Zero(t, stake.Lockup)
		require.Zero(t, paid(lamports, c.Payer))
		o.Paid, o.Received = lamports(after, c.Account), tokens(after, c.TokenAccount)
		o.Kept = o.Paid - stake.Delegation.Stake
		o.Validator = validators.Validators[c.Validator(f)].ActiveBalance
		require.Len(t, stakes.Stakes, len(f.Stakes)+1)
		added := stakes.Stakes[len(f.Stakes)]
		require.Equal(t, c.Account, added.StakeAccount)
		o.Record = added.LastUpdateDelegatedLamports

	case golden.MarinadeWithdrawStakeAccount:
		stake := r.stake(after, c.Account)
		require.Equal(t, [2]solana.PublicKey{c.User, c.User},
			[2]solana.PublicKey{stake.Staker, stake.Withdrawer})
		o.Paid, o.Received = paid(tokens, c.TokenAccount), stake.Delegation.Stake
		o.Rent = paid(lamports, c.Payer)

		require.Equal(t, o.Received+o.Rent, lamports(after, c.Account),
			"all of it arrives as stake")
		o.Validator = validators.Validators[c.Validator(f)].ActiveBalance
		o.Record = stakes.Stakes[c.Source].LastUpdateDelegatedLamports
		require.Equal(t, o.Record,
			r.stake(after, f.Stakes[c.Source].Record.StakeAccount).Delegation.Stake)

	case golden.MarinadeOrderUnstake:
		ticket, err := accounts.Load(after, c.Account, accounts.DecodeMarinadeTicket)
		require.NoError(t, err)
		require.Equal(t, [2]solana.PublicKey{m.State, c.User},
			[2]solana.PublicKey{ticket.State, ticket.Beneficiary})
		o.Paid, o.Received, o.CreatedEpoch, o.Rent = paid(
			tokens,
			c.TokenAccount,
		), ticket.Lamports, ticket.CreatedEpoch, lamports(after, c.Account)

	case golden.MarinadeClaim:
		o.Rent = lamports(before, c.Account)
		o.Received = lamports(after, c.User) - lamports(before, c.User) - o.Rent
		require.Zero(t, lamports(after, c.Account), "the ticket is closed")
	}

	return o
}

func (r *marinadeRun) existing(s *accounts.Set, key solana.PublicKey) accounts.Account {
	a, err := s.Get(key)
	require.NoError(r.t, err)
	return a
}

func (r *marinadeRun) stake(s *accounts.Set, key solana.PublicKey) *accounts.StakeAccount {
	a, err := accounts.Load(s, key, accounts.DecodeStakeAccount)
	require.NoError(r.t, err)
	return a
}

// claimOrdered claims a ticket that was just ordered, in an epoch around its
// due epoch, and compares it with the result of the order.
func (r *marinadeRun) claimOrdered(
	rng *rand.Rand,
	f *figures.Marinade,
	c *golden.MarinadeCase,
	context func(error) []any,
) {
	t := r.t
	left := r.get(r.watched(f, c)...)
	ticket, err := accounts.Load(left, c.Account, accounts.DecodeMarinadeTicket)
	require.NoError(t, err)
	state, err := accounts.Load(left, f.Address, accounts.DecodeMarinadeState)
	require.NoError(t, err)
	ordered := *f
	ordered.State = *state
	claim := golden.MarinadeCase{
		Op:             golden.MarinadeClaim,
		Ticket:         ticket,
		TicketLamports: c.Outcome.Rent,
		Clock:          c.Clock,
		User:           c.User,
		TokenAccount:   c.TokenAccount,
		Account:        c.Account,
		Payer:          c.Payer,
	}

	claim.Clock.Epoch += rng.Uint64N(4)
	claim.Clock.UnixTimestamp = claim.Clock.EpochStartTimestamp + 1790 + rng.Int64N(20)
	r.batch(setClock(claim.Clock))
	want, quoteErr := claim.Quote(&ordered, r.chain)
	want.MintSupply = c.Outcome.MintSupply
	ix, err := claim.BuildInstruction(&ordered)
	require.NoError(t, err)
	before := r.get(r.watched(f, c)...)
	failure := r.send(ix)
	require.Equal(t, quoteErr != nil, failure != nil, "seed %d, claim: quote %v, execution %v",
		c.Seed, quoteErr, failure)
	if failure != nil {
		return
	}

	require.Equal(t, want, r.outcome(&ordered, &claim, before, r.get(r.watched(f, c)...)),
		context(nil)...)
	r.claimed++
}
