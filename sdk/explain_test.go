package sdk_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/demo"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// verifying is a market whose transactions are explained and verified, with
// counts.
type verifying struct {
	client              *sdk.Client
	market              *route.Market
	owner               solana.PublicKey
	tokenRent, rent     uint64
	transactions, tight int
	trades              int
	tooLarge, noLimit   int
	venues              map[string]int
	tried, killed       map[string]int
	// modes counts the transactions of each build mode.
	modes     map[string]int
	survivors []string
	// corpus holds some of the transactions for the tests of package explain.
	corpus []recorded
	of     map[string]int
	// variety is the name of another kind of market or request, or empty.
	variety string
}

// recorded is a valid transaction with its policies.
type recorded struct {
	Name        string                 `json:"name"`
	Transaction string                 `json:"transaction"`
	Policy      explain.Policy         `json:"policy"`
	Sponsor     *explain.SponsorPolicy `json:"sponsor,omitempty"`
}

var updateCorpus = flag.Bool("corpus", false, "rewrite the transactions in explain/testdata")

// record keeps one transaction of each kind.
func (f *verifying) record(
	q route.Quote,
	u *txn.Unsigned,
	policy explain.Policy,
	sponsor *explain.SponsorPolicy,
) {
	kind := "to a token"
	if q.Receipt != nil {
		kind = "to a receipt"
	}

	switch q.Request.To {
	case accounts.NativeMint:
		kind = "to SOL"
	case route.NativeStake:
		kind = "to stake"
	}

	name := fmt.Sprintf("%s, %s, side %d, sponsored %t, recipient %t%s", q.Venue, kind,
		q.Request.SwapMode, sponsor != nil,
		!q.Request.Recipient.IsZero(), f.variety)
	var shape strings.Builder
	for _, in := range explain.Transaction(u, nil).Instructions {
		shape.WriteString(in.ProgramName + in.Name)
	}

	fmt.Fprint(&shape, sponsor != nil, q.Request.Recipient.IsZero())
	if len(u.LookupTables()) > 0 || f.of[shape.String()] > 0 {
		return
	}

	f.of[shape.String()]++
	f.corpus = append(f.corpus, recorded{
		Name:        name,
		Transaction: u.Base64(),
		Policy:      policy,
		Sponsor:     sponsor,
	})
}

// TestEveryQuoteVerifies explains and verifies the transactions of all quotes
// for all ordered pairs of the embedded market, with the owner or a sponsor as
// payer, for the owner or a recipient. They pass with the limits of the quote,
// fail if any limit is tightened by one, and fail with any change that would
// harm the owner.
func TestEveryQuoteVerifies(t *testing.T) {
	f := newVerifying(t)
	froms := append([]solana.PublicKey{accounts.NativeMint}, f.market.StakeAccounts()...)
	tos := []solana.PublicKey{accounts.NativeMint, route.NativeStake}
	for _, token := range f.market.Tokens() {
		froms, tos = append(froms, token.Mint), append(tos, token.Mint)
	}

	recipient, sponsor := newSigner(t).PublicKey(), newSigner(t).PublicKey()
	all := os.Getenv("SANCTUM_EXPLAIN_ALL") != ""
	for i, from := range froms {
		for j, to := range tos {
			// Without the environment variable, test a third of the pairs of
			// plain stake pools.
			if from == to || !all && i > len(f.market.StakeAccounts()) && j > 1 && (i+2*j)%3 != 0 {
				continue
			}

			amount, side := uint64(3*sol+1), route.SwapMode((i+j)%2)
			if i > 0 && i <= len(f.market.StakeAccounts()) && j%2 == 0 {
				amount, side = 1_000*sol+figures.StoredRent, route.ExactIn
			}

			for k, to2 := range []solana.PublicKey{{}, recipient} {
				if k == 1 && (i+j)%3 != 0 {
					continue
				}

				quotes, _ := f.market.Quotes(route.Request{
					From:   from,
					To:     to,
					Amount: amount,
					Options: route.Options{
						SwapMode:        side,
						SlippageBps:     10,
						AllowPoolUpdate: true,
						MaxPrefund:      10 * sol,
						Recipient:       to2,
						Deactivate:      j%2 == 1,
						AcceptReceipt:   true,
					},
				})

				for _, q := range quotes {
					for _, payer := range []solana.PublicKey{f.owner, sponsor} {
						f.trades++
						for n, how := range buildModes {
							// Without the environment variable, test some of
							// the other build modes.
							if all || n == 0 || f.trades%10 == n {
								f.verify(t, q, payer, how)
							}
						}
					}
				}
			}
		}
	}

	f.report(t)
	f.addVarieties(t)
	if *updateCorpus {
		text, err := json.MarshalIndent(f.corpus, "", " ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile("explain/testdata/good.json", append(text, '\n'), 0o600))
		t.Logf("%d transactions recorded", len(f.corpus))
	}
}

// newVerifying returns the embedded market, in which stake can move between any
// two pools, with accounts of an owner.
func newVerifying(t *testing.T) *verifying {
	t.Helper()
	return newVerifyingIn(t, func(m *demo.Market, _ solana.PublicKey) { befriend(m) })
}

// newVerifyingIn returns the embedded market, changed by a function, with
// accounts of an owner.
func newVerifyingIn(
	t *testing.T, change func(m *demo.Market, owner solana.PublicKey),
) *verifying {
	t.Helper()
	f := &verifying{
		owner:  newSigner(t).PublicKey(),
		tried:  make(map[string]int),
		killed: make(map[string]int),
		venues: make(map[string]int),
		of:     make(map[string]int),
		modes:  make(map[string]int),
	}

	var node *sdktest.Node
	f.client, f.market, node = everythingOn(t, f.owner,
		func(m *demo.Market) { change(m, f.owner) })
	node.Put(nonceAccount(nonceAuthority, firstValue))
	m, err := demo.Load()
	require.NoError(t, err)
	f.tokenRent, err = m.Chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(t, err)
	f.rent, err = m.Chain.Rent.MinimumBalance(accounts.StakeAccountSpace)
	require.NoError(t, err)

	return f
}

// report logs the counts and checks that enough was tried and no harmful change
// passed.
func (f *verifying) report(t *testing.T) {
	t.Helper()
	t.Logf(
		"%d transactions verified, %d of them without a limit, %d limits tightened, %d too large",
		f.transactions,
		f.noLimit,
		f.tight,
		f.tooLarge,
	)

	require.Greater(t, f.transactions, 500)
	for _, how := range buildModes {
		t.Logf("%6d %s", f.modes[how.name], how.name)
		require.Greater(t, f.modes[how.name], 50, how.name)
	}

	tried, killed := 0, 0
	for _, name := range slices.Sorted(maps.Keys(f.tried)) {
		t.Logf("%-40s %6d of %6d mutants killed", name, f.killed[name], f.tried[name])
		tried, killed = tried+f.tried[name], killed+f.killed[name]
	}

	t.Logf("%d of %d mutants killed", killed, tried)
	require.Empty(t, f.survivors[:min(len(f.survivors), 5)])
}

func (f *verifying) verify(t *testing.T, q route.Quote, payer solana.PublicKey, how buildMode) {
	t.Helper()
	name := fmt.Sprintf("%s: %s to %s, %d, side %d, sponsored %t, recipient %t, %s", q.Venue,
		q.Request.From, q.Request.To, q.Request.Amount,
		q.Request.SwapMode, payer != f.owner, !q.Request.Recipient.IsZero(), how.name)
	u, q, o := f.build(t, q, payer, how, name)
	if u == nil {
		f.tooLarge++
		return
	}

	f.modes[how.name]++
	e := explain.Transaction(u, lst.Default())
	require.Empty(t, e.Unknown(), name)
	policy, err := f.client.Policy(t.Context(), q, o)
	require.NoError(t, err, name)
	err = explain.Verify(e, policy)
	require.NoError(t, err, "%s\n%s", name, e)
	if q.Request.To == route.NativeStake && policy.MinStake == 0 {
		// Lido and Marinade enforce no minimum.
		require.Contains(t, []solana.PublicKey{accounts.StSOLMint, accounts.MSOLMint},
			q.Request.From)
		f.noLimit++
	}

	var sponsor *explain.SponsorPolicy
	if payer != f.owner {
		sponsor = f.sponsored(t, e, q, o, name)
	}

	if how == buildModes[0] {
		f.record(q, u, policy, sponsor)
	}

	f.transactions++
	require.Equal(t, e, explain.Transaction(stored(t, u, q.Tables), lst.Default()), name)
	f.tighten(t, e, policy, name)
	if how.nonce {
		// The mutants have instructions without a durable nonce.
		return
	}

	f.venues[string(q.Venue)]++
	if f.venues[string(q.Venue)] > 12 && f.transactions%5 != 0 {
		return
	}

	var ixs []solana.Instruction
	for _, s := range u.Steps() {
		ixs = append(ixs, s.Instruction)
	}

	m := mutating{verifying: f, e: e, ixs: ixs, policy: policy, name: name}
	require.NoError(t, explain.Verify(explain.Instructions(payer, ixs, nil), policy), name)
	m.all(t)
}

// stored returns a transaction after storing and loading it.
func stored(t *testing.T, u *txn.Unsigned, tables []txn.LookupTable) *txn.Unsigned {
	t.Helper()
	p, err := txn.ParseVouched(u.Base64(), u.Lifetime(), tables...)
	require.NoError(t, err)
	return p.Unsigned()
}

// tighten checks that the policy has no slack.
func (f *verifying) tighten(t *testing.T, e explain.Explanation, p explain.Policy, name string) {
	t.Helper()
	try := func(what string, want error, change func(*explain.Policy)) {
		changed := p
		changed.MaxTokens, changed.MinTokens, changed.MaxStake = maps.Clone(
			p.MaxTokens,
		), maps.Clone(p.MinTokens), maps.Clone(p.MaxStake)

		change(&changed)
		err := explain.Verify(e, changed)
		var refused *explain.VerifyError
		require.ErrorAs(t, err, &refused, "%s: %s\n%s", name, what, e)
		if want != nil {
			require.ErrorIs(t, err, want, "%s: %s\n%s", name, what, e)
		}

		requireLine(t, err)
		f.tight++
	}
	if p.MaxLamports > 0 {
		try("MaxLamports", explain.ErrSpendLimit, func(p *explain.Policy) { p.MaxLamports-- })
	}

	if p.MinLamports > 0 {
		try("MinLamports", explain.ErrMinimumNotEnforced,
			func(p *explain.Policy) { p.MinLamports++ })
	}

	if p.MinStake > 0 {
		try("MinStake", explain.ErrMinimumNotEnforced, func(p *explain.Policy) { p.MinStake++ })
	}

	for mint, most := range p.MaxTokens {
		if most == 0 {
			// This is the token between the two legs.
			try("MaxTokens", nil, func(p *explain.Policy) { delete(p.MaxTokens, mint) })
			continue
		}

		try("MaxTokens", explain.ErrSpendLimit, func(p *explain.Policy) { p.MaxTokens[mint]-- })
	}

	for mint := range p.MinTokens {
		try("MinTokens", explain.ErrMinimumNotEnforced,
			func(p *explain.Policy) { p.MinTokens[mint]++ })
	}

	for mint, least := range p.MinReceipts {
		try("MinReceipts", explain.ErrMinimumNotEnforced, func(p *explain.Policy) {
			p.MinReceipts = map[solana.PublicKey]uint64{mint: least + 1}
		})
		try("MaxRent", explain.ErrSpendLimit, func(p *explain.Policy) { p.MaxRent-- })
	}

	for stake := range p.MaxStake {
		try("MaxStake", explain.ErrSpendLimit, func(p *explain.Policy) { p.MaxStake[stake]-- })
	}

	if p.MaxNewAccounts > 0 {
		try("MaxNewAccounts", explain.ErrFormNotAllowed,
			func(p *explain.Policy) { p.MaxNewAccounts-- })
		try("MaxRent", explain.ErrSpendLimit, func(p *explain.Policy) { p.MaxRent-- })
	}

	if !p.Nonce.Account.IsZero() {
		try("Nonce", explain.ErrNonceNotAllowed,
			func(p *explain.Policy) { p.Nonce = txn.DurableNonce{} })
		try("Nonce.Account", explain.ErrNonceNotAllowed,
			func(p *explain.Policy) { p.Nonce.Account[0]++ })
		try("Nonce.Authority", explain.ErrNonceNotAllowed,
			func(p *explain.Policy) { p.Nonce.Authority[0]++ })
	}

	for i := range p.Vacant {
		try("Vacant", explain.ErrPolicy,
			func(p *explain.Policy) { p.Vacant = slices.Delete(slices.Clone(p.Vacant), i, i+1) })
	}

	for stake := range p.Stake {
		try("Stake", explain.ErrAuthorityChange, func(p *explain.Policy) { p.Stake = nil })
		_ = stake
	}

	for mint, held := range p.PreBalances {
		try("Held", explain.ErrMinimumNotEnforced,
			func(p *explain.Policy) { p.PreBalances = map[solana.PublicKey]uint64{mint: held + 1} })
	}

	if p.MaxSigners > 1 {
		// Zero would disable the limit.
		try("MaxSigners", explain.ErrFormNotAllowed, func(p *explain.Policy) { p.MaxSigners-- })
	}

	try("MaxSize", explain.ErrFormNotAllowed, func(p *explain.Policy) { p.MaxSize = e.Size - 1 })
	if e.Payer == p.Owner {
		try("MaxNetworkFee", explain.ErrNetworkFee,
			func(p *explain.Policy) { p.MaxNetworkFee = e.NetworkFee - 1 })
	}
}

// sponsored verifies a transaction for its payer: it passes with the policy of
// the quote and fails with any limit tightened.
func (f *verifying) sponsored(
	t *testing.T, e explain.Explanation, q route.Quote, o sdk.BuildOptions, name string,
) *explain.SponsorPolicy {
	t.Helper()
	policy, err := f.client.SponsorPolicy(t.Context(), q, o)
	require.NoError(t, err, name)
	require.NoError(t, explain.VerifySponsor(e, policy), "%s\n%s", name, e)
	try := func(what string, want error, change func(*explain.SponsorPolicy)) {
		changed := policy
		change(&changed)
		err := explain.VerifySponsor(e, changed)
		require.ErrorIs(t, err, want, "%s: %s\n%s", name, what, e)
		requireLine(t, err)
		f.tight++
	}

	try("MaxNetworkFee", explain.ErrNetworkFee,
		func(p *explain.SponsorPolicy) { p.MaxNetworkFee = e.NetworkFee - 1 })
	if !policy.Nonce.Account.IsZero() {
		try("Nonce", explain.ErrNonceNotAllowed,
			func(p *explain.SponsorPolicy) { p.Nonce = txn.DurableNonce{} })
	}

	if policy.MaxAdvance > 0 {
		try("MaxAdvance", explain.ErrSpendLimit, func(p *explain.SponsorPolicy) { p.MaxAdvance-- })
	}

	if policy.MaxNewAccounts > 0 {
		try("MaxNewAccounts", explain.ErrFormNotAllowed,
			func(p *explain.SponsorPolicy) { p.MaxNewAccounts-- })
		try("MaxRent", explain.ErrSpendLimit, func(p *explain.SponsorPolicy) { p.MaxRent-- })
		try("Wallets", explain.ErrWrongRecipient,
			func(p *explain.SponsorPolicy) { p.Wallets = nil })
		try("Mints", explain.ErrWrongRecipient, func(p *explain.SponsorPolicy) { p.Mints = nil })
	}

	return &policy
}
