package txn_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	computebudget "github.com/gagliardetto/solana-go/programs/compute-budget"
	"github.com/gagliardetto/solana-go/programs/system"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/txn"
)

// reference is the result of solana-go for a plan with normalized privileges.
type reference struct {
	message  []byte
	size     int
	signers  []solana.PublicKey
	writable []solana.PublicKey
	tables   []solana.PublicKey
}

// upstreamSteps returns the instructions of a plan as solana-go builds them.
func upstreamSteps(p txn.Plan) []solana.Instruction {
	var ixs []solana.Instruction
	if n := p.Lifetime.Nonce; p.Lifetime.Durable() {
		ixs = append(ixs, system.NewAdvanceNonceAccountInstruction(
			n.Account, solana.SysVarRecentBlockHashesPubkey, n.Authority).Build())
	}

	if p.Budget.ComputeUnitLimit != 0 {
		ixs = append(ixs,
			computebudget.NewSetComputeUnitLimitInstruction(p.Budget.ComputeUnitLimit).Build())
	}

	if p.Budget.ComputeUnitPrice != 0 {
		ixs = append(ixs,
			computebudget.NewSetComputeUnitPriceInstruction(p.Budget.ComputeUnitPrice).Build())
	}

	if p.Budget.LoadedAccountsDataSizeLimit != 0 {
		ixs = append(ixs, computebudget.NewSetLoadedAccountsDataSizeLimitInstruction(
			p.Budget.LoadedAccountsDataSizeLimit).Build())
	}

	for _, s := range p.Steps {
		ixs = append(ixs, s.Instruction)
	}

	return ixs
}

// normalized returns copies of the instructions in which every account has the
// privileges of all its uses.
func normalized(
	t testing.TB,
	payer solana.PublicKey,
	ixs []solana.Instruction,
) []solana.Instruction {
	t.Helper()
	union := map[solana.PublicKey]privilege{payer: {true, true}}
	for _, ix := range ixs {
		for _, m := range ix.Accounts() {
			had := union[m.PublicKey]
			union[m.PublicKey] = privilege{had.signer || m.IsSigner, had.writable || m.IsWritable}
		}
	}

	var normal []solana.Instruction
	for _, ix := range ixs {
		var metas []*solana.AccountMeta
		for _, m := range ix.Accounts() {
			has := union[m.PublicKey]
			metas = append(metas, solana.NewAccountMeta(m.PublicKey, has.writable, has.signer))
		}

		data, err := ix.Data()
		require.NoError(t, err)
		normal = append(normal, solana.NewInstruction(ix.ProgramID(), metas, data))
	}

	return normal
}

// upstreamForm compiles a plan with solana-go and the given lookup tables.
func upstreamForm(t testing.TB, p txn.Plan, tables []txn.LookupTable) (reference, error) {
	t.Helper()
	normal := normalized(t, p.Payer, upstreamSteps(p))
	options := []solana.TransactionOption{
		solana.TransactionPayer(p.Payer),
		solana.TransactionMessageVersion(solana.MessageVersionV0),
	}
	if slices.Contains(p.Versions, txn.VersionLegacy) {
		options[1] = solana.TransactionMessageVersion(solana.MessageVersionLegacy)
	}

	if len(tables) > 0 {
		addresses := make(map[solana.PublicKey]solana.PublicKeySlice)
		for _, table := range tables {
			named := slices.Clone(table.Addresses)
			for i, a := range named {
				if p.Lifetime.Durable() && a == p.Lifetime.Nonce.Account {
					named[i] = p.Lifetime.Nonce.Authority // It is named in full anyway.
				}
			}

			addresses[table.Address] = named
		}

		options = append(options, solana.TransactionAddressTables(addresses))
	}

	tx, err := solana.NewTransaction(normal, p.Lifetime.Blockhash, options...)
	if err != nil {
		return reference{}, fmt.Errorf("compile transaction: %w", err)
	}

	m := tx.Message
	if n := len(m.AccountKeys) + m.NumLookups(); n > 256 {
		return reference{}, fmt.Errorf("%w: %d, at most 256", txn.ErrTooManyAccounts, n)
	}

	r := reference{signers: m.AccountKeys[:m.Header.NumRequiredSignatures]}
	r.message, err = m.MarshalBinary()
	require.NoError(t, err)
	r.size = 1 + 64*len(r.signers) + len(r.message)
	r.writable = upstreamWritable(p.Payer, normal)

	for _, lookup := range m.AddressTableLookups {
		r.tables = append(r.tables, lookup.AccountKey)
	}

	return r, nil
}

// upstreamVersion1 compiles a plan with solana-go in version 1.
func upstreamVersion1(t testing.TB, p txn.Plan) (reference, error) {
	t.Helper()
	budget := p.Budget
	config := solana.TransactionConfig{}.WithComputeUnitLimit(1_400_000).
		WithLoadedAccountsDataSizeLimit(64 << 20)
	if budget.ComputeUnitLimit != 0 {
		config = config.WithComputeUnitLimit(budget.ComputeUnitLimit)
	}

	if budget.LoadedAccountsDataSizeLimit != 0 {
		config = config.WithLoadedAccountsDataSizeLimit(budget.LoadedAccountsDataSizeLimit)
	}

	if fee := upstreamFee(*config.ComputeUnitLimit, budget); fee > 0 {
		config = config.WithPriorityFee(fee)
	}

	if budget.HeapSize != 0 {
		config = config.WithHeapSize(budget.HeapSize)
	}

	p.Budget = txn.ComputeBudget{}
	normal := normalized(t, p.Payer, upstreamSteps(p))
	if err := version1Refusal(p.Payer, normal); err != nil {
		return reference{}, err
	}

	tx, err := solana.NewTransaction(normal, p.Lifetime.Blockhash,
		solana.TransactionPayer(p.Payer), solana.TransactionV1Config(config))
	require.NoError(t, err)
	r := reference{signers: tx.Message.AccountKeys[:tx.Message.Header.NumRequiredSignatures]}
	r.message, err = tx.Message.MarshalBinary()
	require.NoError(t, err)
	r.size = len(r.message) + 64*len(r.signers)
	r.writable = upstreamWritable(p.Payer, normal)
	if r.size > 4096 {
		return reference{}, &txn.SizeError{Size: r.size, Limit: 4096}
	}

	return r, nil
}

// upstreamFee returns the priority fee of a budget in lamports, rounded up.
func upstreamFee(limit uint32, budget txn.ComputeBudget) uint64 {
	micro := new(big.Int).SetUint64(budget.ComputeUnitPrice)
	micro.Mul(micro, big.NewInt(int64(limit))).Add(micro, big.NewInt(999_999))
	return micro.Div(micro, big.NewInt(1_000_000)).Uint64() + budget.PriorityLamports
}

// version1Refusal returns the error of instructions that version 1 cannot hold.
func version1Refusal(payer solana.PublicKey, ixs []solana.Instruction) error {
	keys, signers := map[solana.PublicKey]bool{payer: true}, map[solana.PublicKey]bool{payer: true}
	var broken error
	for i, ix := range ixs {
		keys[ix.ProgramID()] = true
		for _, m := range ix.Accounts() {
			keys[m.PublicKey] = true
			if m.IsSigner {
				signers[m.PublicKey] = true
			}
		}

		switch n := len(ix.Accounts()); {
		case broken != nil:
		case n > 255:
			broken = fmt.Errorf("%w: instruction %d names %d accounts, at most 255",
				txn.ErrVersionLimit, i, n)
		case ix.ProgramID() == solana.ComputeBudget:
			broken = fmt.Errorf("%w: instruction %d has no effect in version 1, set Plan.Budget",
				txn.ErrBudget, i)
		}
	}

	switch {
	case len(keys) > 64:
		return fmt.Errorf("%w: %d, at most 64 in version 1", txn.ErrTooManyAccounts, len(keys))
	case len(signers) > 12:
		return fmt.Errorf("%w: %d signatures, at most 12", txn.ErrVersionLimit, len(signers))
	}

	return broken
}

// upstreamWritable returns the writable accounts in order of first use.
func upstreamWritable(payer solana.PublicKey, ixs []solana.Instruction) []solana.PublicKey {
	writable := []solana.PublicKey{payer}
	for _, ix := range ixs {
		for _, meta := range ix.Accounts() {
			if meta.IsWritable && !slices.Contains(writable, meta.PublicKey) {
				writable = append(writable, meta.PublicKey)
			}
		}
	}
	return writable
}

// upstreamPlan compiles a plan with solana-go in the first format that fits.
func upstreamPlan(t testing.TB, p txn.Plan) (reference, error) {
	t.Helper()
	has := func(v txn.Version) bool { return slices.Contains(p.Versions, v) }
	zero, one := has(txn.Version0) || len(p.Versions) == 0, has(txn.Version1)
	as := func(v txn.Version, tables []txn.LookupTable) (reference, error) {
		q := p
		q.Versions, q.Tables = []txn.Version{v}, tables
		if v == txn.Version1 {
			return upstreamVersion1(t, q)
		}

		return upstreamEarlier(t, q)
	}

	var r reference
	var err error
	switch {
	case zero && !one:
		r, err = as(txn.Version0, p.Tables)
	case zero:
		r, err = as(txn.Version0, nil)
	case has(txn.VersionLegacy):
		r, err = as(txn.VersionLegacy, nil)
	}

	if one && (err != nil || len(r.message) == 0) {
		if r, err = as(txn.Version1, nil); err != nil && zero {
			if looked, lookErr := as(txn.Version0, p.Tables); lookErr == nil {
				return looked, nil
			}
		}
	}

	var large *txn.SizeError
	if errors.As(err, &large) {
		for _, v := range []txn.Version{txn.Version0, txn.Version1} {
			if v == txn.Version0 && zero || v == txn.Version1 && one {
				continue
			}

			if _, err := as(v, p.Tables); err == nil {
				large.FitsIn = append(large.FitsIn, v)
			}
		}
	}

	return r, err
}

// upstreamEarlier compiles a plan with solana-go in the legacy format or
// version 0. If the plan is too large, it adds the lookup table that saves the
// most bytes until it fits.
func upstreamEarlier(t testing.TB, p txn.Plan) (reference, error) {
	t.Helper()
	smallest, err := upstreamForm(t, p, nil)
	if err != nil {
		return reference{}, err
	}

	legacy := slices.Contains(p.Versions, txn.VersionLegacy)
	rest := slices.Clone(p.Tables)
	var used []txn.LookupTable
	for !legacy && smallest.size > txn.MaxSize && len(rest) > 0 {
		best := -1
		for i, table := range rest {
			r, err := upstreamForm(t, p, append(slices.Clone(used), table))
			if err != nil {
				return reference{}, err
			}

			if r.size < smallest.size {
				smallest, best = r, i
			}
		}

		if best < 0 {
			break
		}

		used = append(used, rest[best])
		rest = slices.Delete(rest, best, best+1)
	}

	if smallest.size > txn.MaxSize {
		return reference{}, &txn.SizeError{Size: smallest.size, Limit: txn.MaxSize}
	}

	return smallest, nil
}

// drawn generates plans from bytes. Bytes after the last one are zero.
type drawn struct{ rest []byte }

func (d *drawn) byte() int {
	if len(d.rest) == 0 {
		return 0
	}
	b := d.rest[0]
	d.rest = d.rest[1:]
	return int(b)
}

func (d *drawn) below(n int) int { return d.byte() % n }
func (d *drawn) chance(n int) bool {
	return d.byte()%n == n-1
}

// pool holds the keys of generated plans: some that differ only in their last
// bytes, programs and sysvars, and many that look like hashes.
var pool = func() []solana.PublicKey {
	keys := []solana.PublicKey{
		{},
		solana.ComputeBudget,
		solana.SysVarRecentBlockHashesPubkey,
		solana.SysVarClockPubkey,
		solana.SysVarRentPubkey,
		solana.SysVarStakeHistoryPubkey,
	}

	for i := range 6 {
		keys = append(keys, solana.PublicKey{1, 31: byte(5 - i)},
			solana.PublicKey{1, 8: byte(i + 1)})
	}

	for i := range 400 {
		keys = append(keys, key(fmt.Sprintf("drawn %d", i)))
	}

	return keys
}()

// key returns one of the first keys of the pool.
func (d *drawn) key(of int) solana.PublicKey {
	at := d.byte()
	if of > 256 {
		at = at<<8 | d.byte()
	}
	return pool[at%min(of, len(pool))]
}

// plan returns a generated plan.
func (d *drawn) plan() txn.Plan {
	of := []int{8, 24, 48, 400}[d.below(4)]
	p := txn.Plan{
		Payer:    d.payer(of),
		Versions: d.versions(),
		Lifetime: txn.Lifetime{Blockhash: solana.Hash{7, byte(d.byte())},
			LastValidBlockHeight: 150},
	}
	if d.chance(3) {
		p.Lifetime.LastValidBlockHeight = 0
		p.Lifetime.Nonce = txn.DurableNonce{Account: d.payer(of), Authority: d.payer(of)}
	}

	d.budget(&p.Budget)
	for range 1 + d.below(6) {
		p.Steps = append(p.Steps, d.step(of))
	}

	for range d.below(4) {
		p.Tables = append(p.Tables, d.table(of))
	}

	return p
}

// versions returns the formats of a plan.
func (d *drawn) versions() []txn.Version {
	return [][]txn.Version{
		nil,
		{txn.Version0, txn.Version1},
		{txn.VersionLegacy},
		{txn.Version1},
		{txn.VersionLegacy, txn.Version1},
		{txn.VersionLegacy, txn.Version0},
	}[d.below(6)]
}

// payer returns a nonzero key.
func (d *drawn) payer(of int) solana.PublicKey {
	if k := d.key(of); !k.IsZero() {
		return k
	}
	return pool[7]
}

func (d *drawn) budget(b *txn.ComputeBudget) {
	which := d.byte()
	*b = txn.ComputeBudget{}
	if which&1 != 0 {
		b.ComputeUnitLimit = uint32(d.byte()) << 10
	}

	if which&2 != 0 {
		b.ComputeUnitPrice = uint64(d.byte()) << 30
	}

	if which&4 != 0 {
		b.LoadedAccountsDataSizeLimit = uint32(d.byte()) << 12
	}
}

func (d *drawn) data() []byte {
	size := d.byte()
	if size > 250 {
		size = 200 * (size - 250)
	} else if size > 200 {
		size -= 100
	} else {
		size %= 40
	}

	data := make([]byte, size)
	if size > 0 {
		binary.LittleEndian.PutUint32(append(data, 0, 0, 0)[:4], uint32(d.byte())*0x01030507)
	}

	return data
}

func (d *drawn) step(of int) txn.Step {
	count := d.byte() % 20
	if d.chance(10) {
		count *= 16
	}
	var metas []*solana.AccountMeta
	for range count {
		flags := d.byte()
		metas = append(metas, solana.NewAccountMeta(d.key(of), flags&1 != 0, flags%16 >= 14))
	}
	return txn.Step{Instruction: solana.NewInstruction(d.key(of), metas, d.data())}
}

func (d *drawn) table(of int) txn.LookupTable {
	table := txn.LookupTable{Address: pool[len(pool)-1-d.below(5)]}
	count, at, by := d.byte(), d.byte(), d.below(7)
	if count == 255 {
		count = 257 // one more than can be indexed
	}
	for i := range count {
		table.Addresses = append(table.Addresses, pool[(at+i*by)%min(of+20, len(pool))])
	}
	return table
}

// requireSame compares the result with that of solana-go, including errors.
func requireSame(
	t testing.TB,
	p txn.Plan,
	want reference,
	wantErr error,
	u *txn.Unsigned,
	err error,
) {
	t.Helper()
	if wantErr != nil {
		require.EqualError(t, err, wantErr.Error())
		require.Nil(t, u)
		return
	}

	require.NoError(t, err)
	require.Equal(t, want.message, u.Message())
	require.Equal(t, want.signers, u.RequiredSigners())
	require.Equal(t, want.writable, u.WritableAccounts())
	require.Equal(t, want.tables, u.LookupTables())
	require.Equal(t, want.size, u.Size())
	if u.Version() == txn.Version1 {
		p.Budget = txn.ComputeBudget{}
	}

	ixs := upstreamSteps(p)
	require.Len(t, u.Steps(), len(ixs))
	for i, s := range u.Steps() {
		require.Equal(t, ixs[i].ProgramID(), s.Instruction.ProgramID())
		wantData, _ := ixs[i].Data()
		data, _ := s.Instruction.Data()
		require.Equal(t, wantData, data)
	}
}

// FuzzCompile compares the compiler with solana-go byte by byte: in all
// formats, with lookup tables and with a nonce.
func FuzzCompile(f *testing.F) {
	for _, seed := range planSeeds() {
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, data []byte) {
		p := (&drawn{data}).plan()
		if slices.ContainsFunc(upstreamSteps(p),
			func(ix solana.Instruction) bool { return ix.ProgramID() == p.Payer }) {
			t.Skip("solana-go refuses a payer that is a program in version 1")
		}

		want, wantErr := upstreamPlan(t, p)
		u, err := p.Compile()
		if len(want.signers) == 0 && wantErr == nil ||
			err == nil && len(u.RequiredSigners()) > 255 {
			t.Skip("solana-go counts 256 signers as none")
		}

		requireSame(t, p, want, wantErr, u, err)
	})
}
