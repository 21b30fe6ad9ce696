package e2e

import (
	"cmp"
	crand "crypto/rand"
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/demo"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

const (
	// sizesFile has the sizes of transactions by venue.
	sizesFile = "../docs/sizes.md"
	// sizesVariable names a file to write these to, with the measured compute
	// units.
	sizesVariable = "SANCTUM_E2E_RECORD_SIZES"
	// sizesAmount is the amount of each case, in base units.
	sizesAmount = 3*sol + 1
	// budgetUnits are the compute units of the two compute budget instructions,
	// which are not steps of a quote.
	budgetUnits = 300
	// dataLimitUnits are the compute units of the limit on loaded data, which
	// no figure of the table includes.
	dataLimitUnits = 150
)

// sizedStake is an active stake account of the owner; cooledStake is an
// inactive one.
var sizedStake, cooledStake = solana.PublicKey{0xac, 1}, solana.PublicKey{0xac, 2}

// span is the minimum and maximum of a set of figures.
type span struct{ least, most int }

func (s *span) add(n int) {
	if s.most == 0 {
		s.least = n
	}
	s.least, s.most = min(s.least, n), max(s.most, n)
}

func (s span) String() string {
	if s.least == s.most {
		return strconv.Itoa(s.most)
	}
	return fmt.Sprintf("%d–%d", s.least, s.most)
}

// bytes formats the span, in bold letters if it exceeds the size of a
// transaction of the version.
func (s span) bytes(version txn.Version) string {
	if s.most > version.MaxSize() {
		return "**" + s.String() + "**"
	}
	return s.String()
}

// sizes is a row of the table.
type sizes struct {
	venue, pair string
	// Sizes are bytes, with the owner or a sponsor as payer: without a lookup
	// table, with that of the Router, and with a table of all possible
	// accounts.
	owner, sponsored, ownerRouter, sponsoredRouter, ownerOwn, sponsoredOwn span
	// ownerOne and sponsoredOne are bytes in version 1.
	ownerOne, sponsoredOne span
	// units are measured compute units; estimate is the client's limit without
	// simulation.
	units, estimate span
}

func (s *sizes) String() string {
	columns := []string{s.venue, s.pair}
	for _, c := range []span{s.owner, s.sponsored, s.ownerRouter, s.sponsoredRouter, s.ownerOwn,
		s.sponsoredOwn} {
		columns = append(columns, c.bytes(txn.Version0))
	}

	for _, c := range []span{s.ownerOne, s.sponsoredOne} {
		columns = append(columns, c.bytes(txn.Version1))
	}

	return "| " + strings.Join(append(columns, s.units.String(), s.estimate.String()), " | ") + " |"
}

// sizesMarket returns the embedded market with Infinity in version 1, whose
// build can be measured. All pools share a validator, and Infinity accepts and
// holds enough of all tokens, so that each venue serves every possible request.
func sizesMarket(t testing.TB) *demo.Market {
	t.Helper()
	m, err := demo.Load()
	require.NoError(t, err)
	m.Infinity.V2 = nil
	vote := m.StakePools[0].Validators[0].Entry.VoteAccount
	for i := range m.StakePools {
		v := &m.StakePools[i].Validators[0]
		v.Entry.VoteAccount, v.Active.Account.Delegation.Voter = vote, vote
	}

	v := &m.Lido.Validators[0]
	v.Entry.VoteAccount, v.Stake.Account.Delegation.Voter = vote, vote
	m.Marinade.Validators[0].VoteAccount = vote
	interceptJito(t, m)
	for i := range m.Infinity.V1.Holdings {
		h := &m.Infinity.V1.Holdings[i]
		h.Entry.IsInputDisabled = false
		h.Reserves += 10_000 * sol
	}

	return m
}

// sizesAccounts returns the accounts of that market and the stake accounts of
// an owner.
func sizesAccounts(t testing.TB, m *demo.Market, owner solana.PublicKey) []accounts.Account {
	t.Helper()
	all, err := m.Accounts()
	require.NoError(t, err)
	jito := m.StakePool("JitoSOL").State
	all = append(all, figures.TokenAccount(m.Interceptor.Vault, jito.PoolMint,
		jito.StakeDepositAuthority, 0, sol))

	return append(all, sizedStakes(m, owner)...)
}

// sizesLoader loads the tokens of [sizesTokens] and the stake accounts of the
// owner.
func sizesLoader(t testing.TB, m *demo.Market) *route.Loader {
	t.Helper()
	return sizesTokens(t, m).WithStakeAccounts(sizedStake, cooledStake)
}

// sizesTokens loads the pools of all three programs, with one validator and
// with more, and the other venues.
func sizesTokens(t testing.TB, m *demo.Market) *route.Loader {
	t.Helper()
	var tokens []lst.LST
	mints := []solana.PublicKey{accounts.MSOLMint, accounts.StSOLMint, accounts.INFMint}
	for _, symbol := range []string{"JitoSOL", "bSOL", "vSOL", "JupSOL", "phaseSOL", "hSOL",
		"picoSOL"} {
		mints = append(mints, m.StakePool(symbol).State.PoolMint)
	}

	for _, mint := range mints {
		token, err := lst.Default().ByMint(mint)
		require.NoError(t, err)
		tokens = append(tokens, token)
	}

	return route.NewLoader(tokens...)
}

// kindOf names a token for the table. All LSTs have the same name for Infinity.
func kindOf(
	t testing.TB,
	m *route.Market,
	venue string,
	key solana.PublicKey,
	amount uint64,
) string {
	t.Helper()
	switch key {
	case accounts.NativeMint:
		return "SOL"
	case route.NativeStake:
		return "stake account"
	case sizedStake, cooledStake:
		if amount == sizesAmount {
			return "part of a stake account"
		}

		return "stake account"
	}

	token, err := lst.Default().ByMint(key)
	require.NoError(t, err)
	switch {
	case token.Kind.IsStakePool():
		info, err := m.TokenInfo(key)
		require.NoError(t, err)
		if info.Stale {
			return "LST whose pool is updated"
		}

		return "LST"

	case venue == "Infinity" && token.Kind != lst.KindInfinity:
		return "LST"
	}

	return token.Symbol
}

// sizeCases returns all quotes of the market that can be measured, for whole
// stake accounts and parts.
func sizeCases(t testing.TB, m *route.Market) []route.Quote {
	t.Helper()
	froms := []solana.PublicKey{accounts.NativeMint, sizedStake, cooledStake}
	tos := []solana.PublicKey{accounts.NativeMint, route.NativeStake}
	// No build of the calculator for Sanctum's pools of one validator is
	// available.
	unmeasured := make(map[solana.PublicKey]bool)
	for _, token := range m.Tokens() {
		froms, tos = append(froms, token.Mint), append(tos, token.Mint)
		unmeasured[token.Mint] = token.Kind == lst.KindSanctumSPL
	}

	var all []route.Quote
	for _, from := range froms {
		amounts := []uint64{sizesAmount}
		if from == sizedStake || from == cooledStake {
			amounts = append(amounts, 1_000*sol+figures.StoredRent)
		}

		for _, to := range tos {
			if from == to {
				continue
			}

			for _, amount := range amounts {
				request := route.Request{
					From:   from,
					To:     to,
					Amount: amount,
					Options: route.Options{
						SlippageBps:     50,
						AllowPoolUpdate: true,
						MaxPrefund:      10 * sol,
						Deactivate:      true,
					},
				}

				quotes, _ := m.Quotes(request)
				quotes = append(quotes, receiptsFor(m, request)...)

				for _, q := range quotes {
					legs := q.Legs
					if len(legs) == 0 {
						legs = []route.Quote{q}
					}

					if !slices.ContainsFunc(legs, func(q route.Quote) bool {
						return q.Venue == "Infinity" &&
							(unmeasured[q.Request.From] || unmeasured[q.Request.To])
					}) {
						all = append(all, q)
					}
				}
			}
		}
	}

	return all
}

// sizesTable is the table by venue and pair.
type sizesTable map[[2]string]*sizes

func (s sizesTable) row(t testing.TB, m *route.Market, q route.Quote) *sizes {
	t.Helper()
	to := kindOf(t, m, string(q.Venue), q.Request.To, 0)
	switch {
	case q.Receipt != nil:
		to = "receipt over an LST"
	case len(q.StakeAccounts) > 1:
		to = severalStakes(len(q.StakeAccounts))
	}

	from := sizedFrom(q.Request)
	if !isSizedStake(q.Request.From) {
		from = kindOf(t, m, string(q.Venue), q.Request.From, q.Request.Amount)
	}

	key := [2]string{string(q.Venue), from + " → " + to}
	if s[key] == nil {
		s[key] = &sizes{venue: key[0], pair: key[1]}
	}

	return s[key]
}

// rows returns the rows in the order of venues and pairs.
func (s sizesTable) rows() []*sizes {
	return slices.SortedFunc(maps.Values(s),
		func(a, b *sizes) int {
			return cmp.Or(cmp.Compare(a.venue, b.venue), cmp.Compare(a.pair, b.pair))
		})
}

// measureBytes adds the sizes of a quote's transaction and its estimated
// compute units to its row.
func (s sizesTable) measureBytes(
	t testing.TB,
	m *route.Market,
	q route.Quote,
	owner solana.PublicKey,
) {
	t.Helper()
	row, sponsor := s.row(t, m, q), solana.PublicKey{1, 2}
	held := uint64(0)
	for _, payer := range []solana.PublicKey{owner, sponsor} {
		parties := route.BuildParams{
			Owner:      owner,
			Payer:      payer,
			Seed:       "0123456789",
			PreBalance: &held,
		}

		var created []*txn.KeySigner
		if q.NeedsStakeKeypair {
			key, err := txn.GenerateKeySigner()
			require.NoError(t, err)
			parties.NewAccount, created = key.PublicKey(), []*txn.KeySigner{key}
		}

		steps, err := q.Steps(parties)
		require.NoError(t, err)
		plan := txn.Plan{
			Payer:             payer,
			Steps:             steps,
			NewAccountSigners: created,
			Budget:            txn.ComputeBudget{ComputeUnitLimit: 1, ComputeUnitPrice: 1},
			Lifetime:          txn.Lifetime{Blockhash: solana.Hash{1}, LastValidBlockHeight: 1},
		}

		bytes, router, own, one := &row.owner, &row.ownerRouter, &row.ownerOwn, &row.ownerOne
		if payer == sponsor {
			bytes, router, own = &row.sponsored, &row.sponsoredRouter, &row.sponsoredOwn
			one = &row.sponsoredOne
		}

		bytes.add(limited(sizeOf(t, plan)))
		router.add(limited(sizeWith(t, plan, q.Tables...)))
		own.add(limited(sizeWith(t, plan, tableOf(steps))))
		plan.Versions = []txn.Version{txn.Version1}
		one.add(sizeOf(t, plan))
		estimate := budgetUnits
		for _, step := range steps {
			estimate += int(step.ComputeUnits)
		}

		row.estimate.add(estimate)
	}
}

// limited returns the size with a limit on loaded data, which a transaction has
// only if it fits.
func limited(size int) int {
	const limit = 8
	if size+limit > txn.MaxSize {
		return size
	}
	return size + limit
}

// sizeOf returns the size of a transaction, which may exceed the maximum.
func sizeOf(t testing.TB, plan txn.Plan) int {
	t.Helper()
	u, err := plan.Compile()
	var over *txn.SizeError
	if errors.As(err, &over) {
		return over.Size
	}
	require.NoError(t, err)
	return u.Size()
}

// sizeWith returns the size with lookup tables. A transaction that fits without
// tables does not use them, so a memo makes it too large.
func sizeWith(t testing.TB, plan txn.Plan, tables ...txn.LookupTable) int {
	t.Helper()
	padded := plan
	memo, err := txn.Memo(strings.Repeat("x", txn.MaxSize))
	require.NoError(t, err)
	padded.Steps = append(slices.Clip(plan.Steps), memo)
	without := sizeOf(t, padded)
	padded.Tables = tables
	return sizeOf(t, plan) - (without - sizeOf(t, padded))
}

// tableOf returns a lookup table with all accounts of the steps.
func tableOf(steps []txn.Step) txn.LookupTable {
	table := txn.LookupTable{Address: solana.PublicKey{1, 3}}
	for _, step := range steps {
		for _, m := range step.Instruction.Accounts() {
			if !slices.Contains(table.Addresses, m.PublicKey) {
				table.Addresses = append(table.Addresses, m.PublicKey)
			}
		}
	}
	return table
}

// TestSizes_MatchEmbeddedMarket compares the table of sizes with the
// transactions of the embedded market, and its compute units with the client's
// limits. Venues that the table lacks are logged; recording the table again
// adds them.
func TestSizes_MatchEmbeddedMarket(t *testing.T) {
	m, owner := sizesMarket(t), solana.PublicKey{1, 1}
	node, err := sdktest.DemoV1()
	require.NoError(t, err)
	for _, a := range sizesAccounts(t, m, owner) {
		node.Put(a)
	}

	client, err := node.Client()
	require.NoError(t, err)
	market, err := client.LoadMarketWith(t.Context(), sizesLoader(t, m))
	require.NoError(t, err)
	table := make(sizesTable)
	for _, q := range sizeCases(t, market) {
		table.measureBytes(t, market, q, owner)
	}

	for _, q := range stakeSizeCases(t, client, m) {
		table.measureBytes(t, q.market, q.Quote, owner)
	}

	text, err := os.ReadFile(sizesFile)
	require.NoError(t, err)
	found := 0
	for _, line := range strings.Split(string(text), "\n") {
		columns := strings.Split(strings.Trim(line, "| "), " | ")
		if len(columns) != 12 || table[[2]string{columns[0], columns[1]}] == nil {
			require.NotRegexp(t, `^\|.* → `, line, "the embedded market has no such route")
			continue
		}

		row := table[[2]string{columns[0], columns[1]}]
		row.units = parseSpan(t, columns[10])
		require.Positive(t, row.units.least, line)
		require.Equal(t, row.String(), line, "record %s again", sizesFile)
		require.LessOrEqual(t, row.units.most, row.estimate.most, line)
		require.LessOrEqual(t, row.sponsoredOne.most, txn.MaxSizeVersion1, line)
		found++
	}

	require.Greater(t, found, 30)
	for _, row := range table.rows() {
		if row.units.most == 0 {
			t.Logf("not in the table: %s", row)
		}
	}
}

func parseSpan(t testing.TB, text string) (s span) {
	t.Helper()
	for _, number := range regexp.MustCompile(`[0-9]+`).FindAllString(text, -1) {
		n, err := strconv.Atoi(number)
		require.NoError(t, err)
		s.add(n)
	}
	return s
}

// sizesPrograms are the programs that the table is measured with.
var sizesPrograms = []struct {
	name    string
	address solana.PublicKey
}{
	{"SPL stake pool", accounts.StakePoolProgram},
	{"Sanctum stake pool", accounts.SanctumStakePoolProgram},
	{"Sanctum stake pool of many validators", accounts.SanctumMultiStakePoolProgram},
	{"Infinity, version 1", accounts.InfinityProgram},
	{"Infinity's flat fees", accounts.FlatFeeProgram},
	{"calculator of SPL stake pools", accounts.SPLCalculator},
	{"calculator of Sanctum stake pools of many validators", accounts.SanctumSPLMultiCalculator},
	{"calculator of mSOL", accounts.MarinadeCalculator},
	{"calculator of stSOL", accounts.LidoCalculator},
	{"calculator of wrapped SOL", accounts.WrappedSOLCalculator},
	{"Marinade", accounts.MarinadeProgram},
	{"Lido", accounts.LidoProgram},
	{"Reserve", accounts.ReserveProgram},
	{"Router", accounts.RouterProgram},
	{"stake program", accounts.StakeProgram},
	{"Jito's stake deposit interceptor", accounts.InterceptorProgram},
}

// newSizesRun returns a run of the market of sizes. It skips the test if the
// server lacks a program, except for the interceptor, or has another rent.
func newSizesRun(l *localnet) *waysRun {
	t := l.t
	t.Helper()
	for _, p := range sizesPrograms {
		if p.address != accounts.InterceptorProgram && l.programHash(p.address) == "" {
			t.Skipf("%s is not deployed on this server", p.name)
		}
	}

	r := newWaysRun(l)
	rent, err := r.chain.Rent.MinimumBalance(accounts.StakeAccountSpace)
	require.NoError(t, err)
	if rent != figures.StoredRent {
		t.Skip("the stake accounts of the market have another rent")
	}
	return r
}

// TestSizes_Record writes the table of sizes. It puts the embedded market on a
// server with all programs, and measures the compute units of every route by
// simulation. Owner and sponsor pay in turn, with existing and with new token
// accounts.
func TestSizes_Record(t *testing.T) {
	l := connect(t)
	path := os.Getenv(sizesVariable)
	if path == "" {
		t.Skipf("set %s to the name of a file to write", sizesVariable)
	}

	programs := ""
	for _, p := range sizesPrograms {
		hash := l.programHash(p.address)
		require.NotEmpty(t, hash, "%s is not deployed on this server", p.name)
		programs += fmt.Sprintf("| %s | `%s` | `%.16s` |\n", p.name, p.address, hash)
	}

	r := newWaysRun(l)
	m := sizesMarket(t)
	r.publishSizes(m)
	client, err := sdk.New(l.endpoint, sdk.WithClock(hurried{}))
	require.NoError(t, err)
	market, err := client.LoadMarketWith(t.Context(), sizesLoader(t, m))
	require.NoError(t, err)
	table := make(sizesTable)
	for i, q := range sizeCases(t, market) {
		table.measureBytes(t, market, q, r.user.PublicKey())
		r.measureUnits(client, table.row(t, market, q), q, i)
	}

	for i, q := range stakeSizeCases(t, client, m) {
		table.measureBytes(t, q.market, q.Quote, r.user.PublicKey())
		r.measureUnits(client, table.row(t, q.market, q.Quote), q.Quote, i)
	}

	rows := ""
	for _, row := range table.rows() {
		rows += row.String() + "\n"
	}

	text := fmt.Sprintf(sizesText, rows, time.Now().UTC().Format(time.DateOnly), programs)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
}

// publishSizes puts the market on chain at its own time, with the balances of
// the owner and the sponsor.
func (r *waysRun) publishSizes(m *demo.Market) {
	t := r.t
	now := r.chain.Clock
	t.Cleanup(func() {
		r.must(nil, "localnet_setClock", map[string]any{"epoch": now.Epoch, "slot": now.Slot})
	})
	r.must(nil, "localnet_setClock",
		map[string]any{"epoch": m.Chain.Clock.Epoch, "slot": m.Chain.Clock.Slot})
	r.chain = r.localnet.chain()
	here, err := r.chain.Rent.MinimumBalance(accounts.StakeAccountSpace)
	require.NoError(t, err)
	require.EqualValues(t, figures.StoredRent, here,
		"the stake accounts of the market have another rent")
	require.Equal(t, m.Chain.MinimumDelegation, r.chain.MinimumDelegation)
	for i := range m.Infinity.V1.Calculators {
		c := &m.Infinity.V1.Calculators[i]
		program, ok := accounts.CalculatorPoolProgram(c.Program)
		require.True(t, ok)
		address, err := accounts.ProgramDataAddress(program)
		require.NoError(t, err)
		header, err := accounts.Load(r.get(address), address, accounts.DecodeProgramData)
		require.NoError(t, err)
		c.State.LastUpgradeSlot = header.DeploySlot
	}

	r.putSizes(m)
}

// putSizes puts the accounts of the market on chain.
func (r *waysRun) putSizes(m *demo.Market) {
	t := r.t
	var calls []call
	for _, a := range sizesAccounts(t, m, r.user.PublicKey()) {
		// The server has the code of its programs, and its sysvars are set.
		if a.Owner != accounts.UpgradeableLoader && a.Owner != accounts.SysvarProgram {
			calls = append(calls, setAccount(a))
		}
	}

	for _, key := range []solana.PublicKey{r.user.PublicKey(), r.payer.PublicKey()} {
		calls = append(calls,
			setAccount(accounts.Account{Address: key, Owner: accounts.SystemProgram,
				Lamports: 10_000 * sol}))
	}

	for _, reply := range r.batch(calls...) {
		require.Nil(t, reply.Error)
	}
}

// measureUnits adds the compute units of a quote to its row.
func (r *waysRun) measureUnits(client *sdk.Client, row *sizes, q route.Quote, i int) {
	t := r.t
	name := fmt.Sprintf("%s, %s: %s to %s", row.venue, row.pair, q.Request.From, q.Request.To)
	for n, payer := range []*txn.KeySigner{r.user, r.payer} {
		rent, err := r.chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
		require.NoError(t, err)
		owner, from, to := r.user.PublicKey(), q.Request.From, q.Request.To
		calls := []call{dropAccount(r.ata(to))}
		if (i+n)%2 == 0 && to != route.NativeStake {
			calls[0] = setAccount(figures.TokenAccount(r.ata(to), to, owner, 5, rent))
		}

		if from != accounts.NativeMint && !isSizedStake(from) {
			held := max(1_000*sol, q.MaxIn)
			calls = append(calls,
				setAccount(figures.TokenAccount(r.ata(from), from, owner, held, rent)))
		}

		for _, reply := range r.batch(calls...) {
			require.Nil(t, reply.Error)
		}

		key, err := txn.GenerateKeySigner()
		require.NoError(t, err)
		o := sdk.BuildOptions{Owner: owner, Payer: payer.PublicKey(), Seed: crand.Text()[:10]}
		if q.NeedsStakeKeypair {
			o.StakeKeypair = key
		}

		unsigned, err := client.Build(t.Context(), q, o)
		if errors.Is(err, txn.ErrTransactionTooLarge) {
			fitting := q
			fitting.Tables = []txn.LookupTable{r.publishTable(q, o)}
			unsigned, err = client.Build(t.Context(), fitting, o)
		}

		require.NoError(t, err, name)
		signed, err := unsigned.Sign(t.Context(), r.user, r.payer)
		require.NoError(t, err, name)
		units, estimate := int(r.units(signed)), int(unitsOf(unsigned))+budgetUnits
		if unsigned.Budget().LoadedAccountsDataSizeLimit != 0 {
			units -= dataLimitUnits
		}

		require.Positive(t, units, name)
		require.LessOrEqual(t, units, estimate, name)
		row.units.add(units)
	}
}

// publishTable puts a lookup table on chain with all accounts of a quote's
// transaction.
func (r *waysRun) publishTable(q route.Quote, o sdk.BuildOptions) txn.LookupTable {
	t := r.t
	held := uint64(0)
	parties := route.BuildParams{Owner: o.Owner, Payer: o.Payer, Seed: o.Seed, PreBalance: &held}
	if o.StakeKeypair != nil {
		parties.NewAccount = o.StakeKeypair.PublicKey()
	}

	steps, err := q.Steps(parties)
	require.NoError(t, err)
	table := tableOf(steps)
	r.must(nil, "localnet_setAccount",
		setAccount(lookupTableAccount(table.Address, accounts.LookupTable{
			DeactivationSlot: accounts.NeverEpoch,
			Addresses:        table.Addresses,
		})).Params)

	return table
}

// lookupTableAccount encodes the account of a lookup table.
func lookupTableAccount(address solana.PublicKey, table accounts.LookupTable) accounts.Account {
	return accounts.Account{
		Address:  address,
		Owner:    accounts.LookupTableProgram,
		Lamports: sol,
		Data:     table.Encode(),
	}
}

// sizesText returns the file with the table.
const sizesText = `# Sizes of transactions

The bytes and the compute units of a transaction of each route. A transaction of version 0 has at most 1232 bytes, one of version 1
has 4096; figures in **bold** do not fit, or not in all cases. A range is the least and the most of all pairs of the embedded market,
with pools of one validator and of five. "LST" is the token of any stake pool; in rows of Infinity, whose controller is version 1 here,
it includes mSOL and stSOL.

"2 stake accounts" are those of two validators that give an amount together, or accounts of the owner that the transaction merges
first. A surplus are lamports beyond stake and rent, which Marinade does not take, and a stake account short of rent was created
with a lower one.

The bytes include the limit and the price of compute units and, where there are 8 bytes to spare, the limit on loaded account data.
A transaction that is not simulated has no such limit and is smaller by these 8 bytes; figures in bold are counted without it.

The columns with a table show the same transactions with a lookup table: the Router's, as it was on mainnet in June 2025, or one of
your own that holds every address a table can hold (` + "`route.Loader.WithLookupTables`" + `). The client uses tables only where a
transaction does not fit without one. If it fits with none, the error is a ` + "`txn.SizeError`" + ` with the number of bytes that are too many.

The columns of version 1 show the transaction of that version, which needs no table and always limits loaded account data. The client
builds it where ` + "`BuildOptions.Versions`" + ` has ` + "`txn.Version1`" + ` and a transaction of version 0 does not fit without a table.

Compute units were measured with the programs below, with and without existing token accounts, paid by the owner and by a sponsor.
The estimate is what the client allows for a transaction that is not simulated. It adds up to 4095 units, which tell the transaction
from others with the same instructions, and 150 units where loaded account data is limited.

| venue | pair | owner pays | sponsored | owner pays, Router's table | sponsored, Router's table | owner pays, own table | sponsored, own table | owner pays, version 1 | sponsored, version 1 | compute units | estimate |
|---|---|---|---|---|---|---|---|---|---|---|---|
%s
The bytes are those of this version of the module: ` + "`TestSizes_MatchEmbeddedMarket`" + ` in package e2e compares them. The compute units were measured on %s
with these builds, named by the first digits of the SHA-256 of their code:

| program | address | build |
|---|---|---|
%s`
