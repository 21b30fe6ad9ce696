package e2e

import (
	"cmp"
	crand "crypto/rand"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// outcomeTrades is the number of trades of [TestOutcome_EqualsBalances].
const outcomeTrades = 1_000

// TestOutcome_EqualsBalances executes random quotes of all venues: sent by the
// client, or changed, signed and sent by a wallet and then awaited. Some of
// them fail on chain. The outcome in the receipt must equal the accounts on
// chain before and after, and what each side paid and received must equal the
// quote.
func TestOutcome_EqualsBalances(t *testing.T) {
	r := &outcomeRun{legsRun: newLegsRun(t), venues: make(map[string]int)}
	seed := envUint(t, seedVariable, rand.Uint64())
	trades := int(envUint(t, casesVariable, outcomeTrades))
	t.Logf("seed %d", seed)
	for i := 0; r.kinds["trades"] < trades; i++ {
		r.one(rand.New(rand.NewPCG(seed, uint64(i))), fmt.Sprintf("seed %d, case %d", seed, i))
	}

	for _, kind := range sortedNames(r.kinds) {
		t.Logf("%5d %s", r.kinds[kind], kind)
	}

	for _, venue := range sortedNames(r.venues) {
		t.Logf("%5d %s", r.venues[venue], venue)
	}
}

// outcomeRun is a legsRun that compares outcomes.
type outcomeRun struct {
	*legsRun
	venues map[string]int
}

// outcomeTrade is one execution.
type outcomeTrade struct {
	name       string
	quote      route.Quote
	client     *sdk.Client
	opts       sdk.BuildOptions
	signers    []txn.Signer
	tip        uint64
	recipient  solana.PublicKey
	before     *accounts.Set
	receipt    *sdk.Receipt
	fails      bool
	byWallet   bool
	ofUnsigned *txn.Unsigned
}

// one draws a scene and executes several of its quotes.
func (r *outcomeRun) one(rng *rand.Rand, name string) {
	t := r.t
	s := r.draw(rng)
	r.publish(s, solana.PublicKey{}, held, 0)
	loader := route.NewLoader(s.tokens...).WithStakeAccounts(s.stake.Address)
	if rng.IntN(2) == 0 {
		table := figures.RandomKey(rng)
		putTable(r.localnet, table, r.mostUsed(s)...)
		loader = loader.WithLookupTables(table)
	}

	client := r.client(s, r.endpoint)
	market, err := client.LoadMarketWith(t.Context(), loader)
	require.NoError(t, err, name)
	for n := range 20 {
		request := r.request(rng, s)
		request.AllowPoolUpdate = true
		if rng.IntN(3) == 0 && !request.UseWSOL {
			request.IntegratorFee = randomFee(rng, figures.RandomKey(rng), request.Amount)
		}

		quotes, _ := market.Quotes(request)
		if len(quotes) == 0 {
			continue
		}

		trade := &outcomeTrade{
			name:   fmt.Sprintf("%s.%d", name, n),
			quote:  quotes[rng.IntN(len(quotes))],
			client: client,
		}
		if trade.quote.Exact && r.perform(rng, s, trade) {
			r.compare(trade)
		}
	}
}

// perform executes a trade. It reports false if its transaction is too large.
func (r *outcomeRun) perform(rng *rand.Rand, s *scene, trade *outcomeTrade) bool {
	t, q := r.t, trade.quote
	trade.name = fmt.Sprintf("%s: %s, %+v", trade.name, q.Venue, q.Request)
	r.publish(s, q.Request.To, held, uint64(rng.IntN(2))*5)
	trade.opts = sdk.BuildOptions{
		Owner:    r.user.PublicKey(),
		Seed:     crand.Text()[:10],
		Priority: sdk.PriorityFee{ComputeUnitPrice: rng.Uint64N(2) * (1 + rng.Uint64N(50_000))},
	}

	trade.opts.Priority.None = trade.opts.Priority.ComputeUnitPrice == 0
	trade.signers = []txn.Signer{r.user}
	if q.NeedsStakeKeypair {
		key, err := txn.GenerateKeySigner()
		require.NoError(t, err)
		trade.opts.StakeKeypair = key
	}

	sponsored := rng.IntN(3) == 0
	if sponsored {
		trade.opts.Payer = r.payer.PublicKey()
		trade.signers = append(trade.signers, r.payer)
	}

	if fee := q.Request.IntegratorFee; fee != (route.IntegratorFee{}) {
		r.payFeesTo(fee.Account, q.Request)
	}

	if rng.IntN(2) == 0 {
		trade.opts.Tip = sdk.Tip{Lamports: 1_000_000 + rng.Uint64N(sol/20),
			Accounts: []solana.PublicKey{newRecipient(t), newRecipient(t)}}
	}

	r.endow(rng, q, sponsored, sol)
	wallet := lamportsIn(r.get(trade.opts.Owner), trade.opts.Owner)
	require.Nil(t, r.batch(setAccount(accounts.Account{Address: trade.opts.Owner,
		Owner: accounts.SystemProgram, Lamports: wallet + sol}))[0].Error)
	unsigned, err := trade.client.Build(t.Context(), q, trade.opts)
	if errors.Is(err, txn.ErrTransactionTooLarge) {
		r.kinds["too large"]++
		return false
	}

	require.NoError(t, err, trade.name)
	trade.ofUnsigned = unsigned
	trade.recipient = q.Request.Recipient
	trade.fails, trade.byWallet = rng.IntN(5) == 0, rng.IntN(2) == 0
	if trade.fails {
		r.spoil(s, trade)
	}

	if trade.byWallet {
		return r.sendAsWallet(rng, trade)
	}

	signed, err := unsigned.Sign(t.Context(), trade.signers...)
	require.NoError(t, err, trade.name)
	trade.before = r.getAll(allKeys(unsigned, trade))
	trade.receipt, err = trade.client.Send(t.Context(), signed, sdk.WithSkipPreflight())
	require.Equal(t, trade.receipt.Err, err, trade.name)

	return true
}

// spoil takes away what the owner pays, so that the transaction fails.
func (r *outcomeRun) spoil(s *scene, trade *outcomeTrade) {
	from := trade.quote.Request.From
	var change call
	switch {
	case from == s.stake.Address:
		change = dropAccount(from)
	case from == accounts.NativeMint && !trade.quote.Request.UseWSOL:
		change = setAccount(accounts.Account{Address: trade.opts.Owner,
			Owner: accounts.SystemProgram, Lamports: 3_000_000})
	default:
		_, rent := rents(r.t, r.chain)
		change = setAccount(figures.TokenAccount(r.ata(from), from, trade.opts.Owner, 0, rent))
	}

	require.Nil(r.t, r.batch(change)[0].Error)
}

// sendAsWallet sends the transaction with another blockhash, another price and
// a tip, without the client, which then awaits it by its signature alone.
func (r *outcomeRun) sendAsWallet(rng *rand.Rand, trade *outcomeTrade) bool {
	t := r.t
	plan := txn.Plan{
		Payer:    cmp.Or(trade.opts.Payer, trade.opts.Owner),
		Lifetime: lifetime(t, r.batch(latestBlockhash)[0]),
		Budget: txn.ComputeBudget{
			ComputeUnitLimit: 1_400_000,
			ComputeUnitPrice: rng.Uint64N(100_000),
		},
		Tables: trade.quote.Tables,
	}

	for _, step := range trade.ofUnsigned.Steps() {
		if step.Instruction.ProgramID() != accounts.ComputeBudgetProgram {
			plan.Steps = append(plan.Steps, step)
		}
	}

	// The tip may itself open the account that receives it.
	if rng.IntN(2) == 0 {
		trade.tip = 1_000_000 + rng.Uint64N(sol/20)
		tip, err := txn.TransferSOL(trade.opts.Owner, newRecipient(t), trade.tip)
		require.NoError(t, err)
		plan.Steps = append(plan.Steps, tip)
	}

	if key := trade.opts.StakeKeypair; key != nil {
		plan.NewAccountSigners = []*txn.KeySigner{key}
	}

	unsigned, err := plan.Compile()
	if errors.Is(err, txn.ErrTransactionTooLarge) {
		r.kinds["too large"]++
		return false
	}

	require.NoError(t, err, trade.name)
	signed, err := unsigned.Sign(t.Context(), trade.signers...)
	require.NoError(t, err, trade.name)
	trade.ofUnsigned = unsigned
	trade.before = r.getAll(allKeys(unsigned, trade))
	reply := r.batch(call{Method: "sendTransaction", Params: []any{signed.Base64(),
		map[string]any{"encoding": "base64", "skipPreflight": true}}})[0]
	require.Nil(t, reply.Error, trade.name)
	trade.receipt, err = trade.client.Await(t.Context(), signed.Signature())
	require.Equal(t, trade.receipt.Err, err, trade.name)

	return true
}

// allKeys returns all accounts that a trade can change.
func allKeys(u *txn.Unsigned, trade *outcomeTrade) []solana.PublicKey {
	keys := append(touchedBy(u), u.RequiredSigners()...)
	for _, step := range u.Steps() {
		keys = append(keys, step.Instruction.ProgramID())
	}

	return slices.Compact(sortedKeys(append(keys, trade.opts.Owner)))
}

// compare compares an outcome with the accounts on chain and with the quote.
func (r *outcomeRun) compare(trade *outcomeTrade) {
	t, o := r.t, trade.receipt.Outcome
	keys := allKeys(trade.ofUnsigned, trade)
	b := balances{t: t, name: trade.name, before: trade.before, after: r.getAll(keys),
		fee: trade.receipt.Fee}
	require.NotNil(t, o, trade.name)
	require.Equal(t, trade.receipt.Err != nil, o.Failed, trade.name)
	require.True(t, trade.fails || !o.Failed, "%s: %v", trade.name, trade.receipt.Err)
	trade.fails = o.Failed // Little may be left and still suffice.
	require.Equal(t, 1, o.ConfirmedBy)
	require.Equal(t, trade.receipt.Slot, o.Slot)
	require.False(t, o.BlockTime.IsZero())
	priority, err := trade.ofUnsigned.Budget().PriorityFee()
	require.NoError(t, err)
	require.Equal(t, priority, o.PriorityFee, trade.name)
	signatures := uint64(len(trade.ofUnsigned.RequiredSigners()))
	require.Equal(t, signatures*5_000+priority, o.Fee, trade.name)
	r.compareAccounts(trade, keys, b)
	r.compareWallets(trade, b)
	r.compareQuote(trade)
	r.count(trade)
}

// count records the properties of a trade.
func (r *outcomeRun) count(trade *outcomeTrade) {
	r.venues[string(trade.quote.Venue)]++
	rentPaid := trade.receipt.Outcome.Wallet(trade.receipt.Outcome.Payer).RentPaid
	for kind, is := range map[string]bool{
		"trades": true, "that failed": trade.fails, "sent by a wallet": trade.byWallet,
		"with a tip": trade.tip > 0, "sponsored": !trade.opts.Payer.IsZero(),
		"to a recipient":            !trade.recipient.IsZero(),
		"wrapped":                   trade.quote.Request.UseWSOL,
		"with an integrator fee":    trade.quote.Request.IntegratorFee != (route.IntegratorFee{}),
		"with a tip of the options": trade.opts.Tip.Lamports > 0,
		"with lookup tables":        len(trade.ofUnsigned.LookupTables()) > 0,
		"with a priority fee":       trade.receipt.Outcome.PriorityFee > 0,
		"to a stake account":        trade.quote.Request.To == route.NativeStake,
		"of two legs":               len(trade.quote.Legs) > 0,
		"that paid token rent":      rentPaid > 0,
		"with costs of the quote":   len(trade.quote.Costs) > 0,
	} {
		if is {
			r.kinds[kind]++
		}
	}
}

// compareAccounts compares every account.
func (r *outcomeRun) compareAccounts(trade *outcomeTrade, keys []solana.PublicKey, b balances) {
	t, o := r.t, trade.receipt.Outcome
	seen := make(map[solana.PublicKey]bool)
	for _, a := range o.Accounts {
		seen[a.Address] = true
		require.Equal(t, sdk.Change{Before: lamportsIn(b.before, a.Address),
			After: lamportsIn(b.after, a.Address)}, a.Lamports, "%s: %s", trade.name, a.Address)
		require.Equal(t, sdk.Change{Before: b.tokens(b.before, a.Address),
			After: b.tokens(b.after, a.Address)}, a.Tokens, "%s: %s", trade.name, a.Address)
		token, err := accounts.Load(b.after, a.Address, accounts.DecodeTokenAccount)
		if err != nil {
			token, err = accounts.Load(b.before, a.Address, accounts.DecodeTokenAccount)
		}

		if err != nil {
			require.Zero(t, a.Mint, "%s: %s", trade.name, a.Address)
			continue
		}

		require.Equal(t, token.Mint, a.Mint, "%s: %s", trade.name, a.Address)
		require.Equal(t, token.Owner, a.Owner, "%s: %s", trade.name, a.Address)
	}

	for _, key := range keys {
		require.True(t, seen[key] || lamportsIn(b.before, key) == lamportsIn(b.after, key),
			"%s: %s is missing", trade.name, key)
	}
}

// compareWallets compares the sums of each side, computed from the accounts on
// chain alone.
func (r *outcomeRun) compareWallets(trade *outcomeTrade, b balances) {
	t, o := r.t, trade.receipt.Outcome
	payer := cmp.Or(trade.opts.Payer, trade.opts.Owner)
	recipient := cmp.Or(trade.recipient, trade.opts.Owner)
	rent := uint64(0)
	for _, a := range o.Accounts {
		token, err := accounts.Load(b.after, a.Address, accounts.DecodeTokenAccount)
		if err == nil && !exists(b.before, a.Address) {
			rent += lamportsIn(b.after, a.Address)
			if token.Mint == accounts.NativeMint {
				rent -= token.Amount
			}
		}
	}

	for _, key := range []solana.PublicKey{trade.opts.Owner, payer, recipient} {
		w := o.Wallet(key)
		want := sdk.WalletOutcome{Address: key, Lamports: sdk.Change{
			Before: lamportsIn(b.before, key), After: lamportsIn(b.after, key)}}
		if key == payer {
			want.NetworkFee, want.RentPaid = b.fee, rent
		}

		if !trade.fails {
			want.Transferred = trade.transferred(key, payer)
		}

		traded := int64(b.gained(key) + want.NetworkFee + want.RentPaid + want.Transferred)
		want.ReceivedLamports, want.PaidLamports = uint64(max(traded, 0)), uint64(max(-traded, 0))
		want.Tokens = w.Tokens
		require.Equal(t, want, w, trade.name)
		for _, token := range w.Tokens {
			gained := b.tokensGained(r.ataOf(key, token.Mint))
			if fee := trade.quote.Request.IntegratorFee.Account; key == r.payer.PublicKey() {
				gained += b.tokensGained(fee) // The payer owns it.
			}

			require.Equal(t, gained, token.Amount.After-token.Amount.Before, "%s: %s", trade.name,
				token.Mint)
		}
	}
}

// compareOutcome checks that a receipt shows the amounts of its quote.
func compareOutcome(
	t testing.TB, receipt *sdk.Receipt, q route.Quote, owner solana.PublicKey, name string,
) {
	t.Helper()
	c, err := receipt.Outcome.Compare(q, owner)
	require.NoError(t, err, name)
	require.Equal(t, q.In, c.Paid.Actual, "%s: %s", name, c)
	require.Equal(t, q.Out, c.Received.Actual, "%s: %s", name, c)
	require.True(t, c.WithinLimits(), "%s: %s", name, c)
}

// transferred returns the lamports that a wallet transfers to accounts outside
// the trade: the tip that a wallet added, the tip of the options, which the
// payer pays, and the integrator's fee.
func (t *outcomeTrade) transferred(key, payer solana.PublicKey) (lamports uint64) {
	if key == payer {
		lamports += t.opts.Tip.Lamports
	}

	if key != t.opts.Owner {
		return lamports
	}

	lamports += t.tip
	for _, fee := range t.quote.Fees {
		if fee.Name == route.IntegratorFeeName && fee.Mint == accounts.NativeMint {
			lamports += fee.Amount
		}
	}

	return lamports
}

// compareQuote compares what was paid and received with the quote.
func (r *outcomeRun) compareQuote(trade *outcomeTrade) {
	t, q := r.t, trade.quote
	c, err := trade.receipt.Outcome.Compare(q, trade.opts.Owner)
	require.NoError(t, err, trade.name)
	require.NotContains(t, c.String(), "\n")
	require.Equal(t, q.In, c.Paid.Promised)
	require.Equal(t, q.Out, c.Received.Promised)
	require.Equal(t, !trade.fails, c.WithinLimits(), "%s: %s", trade.name, c)
	if !trade.fails {
		compareOutcome(t, trade.receipt, q, trade.opts.Owner, trade.name)
		return
	}

	require.Zero(t, c.Paid.Actual)
	require.Zero(t, c.Received.Actual)
	var failure *progerr.TransactionError
	require.ErrorAs(t, trade.receipt.Err, &failure, trade.name)
	if failure.Instruction < 0 {
		return
	}

	var step *sdk.StepError
	require.ErrorAs(t, trade.receipt.Err, &step, trade.name)
	require.Equal(t, failure.Instruction+1, step.Step)
	require.NotEmpty(t, step.Description)
	if trade.byWallet {
		r.kinds["failed in words of the explanation"]++
		require.False(t, strings.HasPrefix(step.Description, "an instruction of program"),
			step.Description)
	}
}
