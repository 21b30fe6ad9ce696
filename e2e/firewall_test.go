package e2e

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/attacks"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestFirewall_Attacks executes each attack on an owner who signs everything,
// and checks that it costs the owner more than the policy allows. The verifier
// and the client's review must refuse each attack: with other seeds, in every
// format, with and without a lookup table, and with harmless instructions in
// any order.
func TestFirewall_Attacks(t *testing.T) {
	l := connect(t)
	r := newFirewallRun(l)
	ways, err := attacks.Ways(r.parties())
	require.NoError(t, err)
	lighthouse := l.programHash(explain.LighthouseProgram) != ""
	counts := make(map[string]int)
	for _, seed := range attacks.Seeds {
		all, err := attacks.All(r.parties(), seed)
		require.NoError(t, err)
		for _, attack := range all {
			t.Run(attack.Name, func(t *testing.T) {
				l.t, r.t = t, t
				for _, way := range ways {
					if way.Asserts && !lighthouse {
						continue
					}

					for _, as := range attackForms {
						harm := r.attack(attack, way, as)
						counts["executed "+as.name]++
						switch {
						case attack.Hole == 8:
							counts["nonces"]++
						case harm == "":
							counts["refused by the programs, or without cost"]++
							require.True(
								t,
								attack.Runtime || attack.Bloodless,
								"%s, %s: the attack is harmless",
								way.Name,
								as.name,
							)

						default:
							counts["cost more than the policy"]++
						}
					}
				}
			})
		}
	}

	for _, what := range slices.Sorted(maps.Keys(counts)) {
		t.Logf("%6d %s", counts[what], what)
	}
}

// attackForm is the encoding of a transaction.
type attackForm struct {
	name    string
	version txn.Version
	table   bool
}

var attackForms = []attackForm{
	{name: "legacy", version: txn.VersionLegacy},
	{name: "version 0", version: txn.Version0},
	{name: "version 0 with a table", version: txn.Version0, table: true},
	{name: "version 1", version: txn.Version1},
}

// firewallRun has an owner, and a thief who pays.
type firewallRun struct {
	*localnet
	chain              figures.Chain
	owner, thief       *txn.KeySigner
	stake, vote, evil  solana.PublicKey
	mint, nonce, table solana.PublicKey
	value              solana.Hash
	client             *sdk.Client
	extra              []*txn.KeySigner
	tokenRent, rent200 uint64
}

func newFirewallRun(l *localnet) *firewallRun {
	r := &firewallRun{localnet: l, chain: l.chain()}
	rng := rand.New(rand.NewPCG(rand.Uint64(), 0))
	keys := []**txn.KeySigner{&r.owner, &r.thief}
	r.extra = make([]*txn.KeySigner, 8)
	for i := range r.extra {
		keys = append(keys, &r.extra[i])
	}

	var err error
	for _, key := range keys {
		*key, err = txn.GenerateKeySigner()
		require.NoError(l.t, err)
	}

	r.stake, r.vote, r.evil = figures.RandomKey(rng), figures.RandomKey(rng), figures.RandomKey(rng)
	r.mint = figures.RandomKey(rng)
	r.nonce = figures.RandomKey(rng)
	r.table = figures.RandomKey(rng)

	r.tokenRent, err = r.chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(l.t, err)
	r.rent200, err = r.chain.Rent.MinimumBalance(accounts.StakeAccountSpace)
	require.NoError(l.t, err)
	r.client, err = sdk.New(r.endpoint)
	require.NoError(l.t, err)

	return r
}

func (r *firewallRun) parties() attacks.Parties {
	return attacks.Parties{
		Owner:     r.owner.PublicKey(),
		Thief:     r.thief.PublicKey(),
		Stake:     r.stake,
		Vote:      r.vote,
		Evil:      r.evil,
		Mint:      r.mint,
		Nonce:     r.nonce,
		TokenRent: r.tokenRent,
		StakeRent: r.rent200,
	}
}

// publish puts the owner and the thief on chain, and clears the other accounts
// that transactions write.
func (r *firewallRun) publish(attack attacks.Attack, transactions [][]solana.Instruction) {
	stake := figures.Delegated(
		r.owner.PublicKey(),
		figures.StoredRent,
		r.vote,
		1_000*sol,
		r.chain.Clock.Epoch-9,
	)

	data := make([]byte, accounts.StakeAccountSpace)
	copy(data, stake.Encode())
	authority := r.thief.PublicKey()
	r.value = solana.Hash(solana.NewWallet().PublicKey())
	rent, err := r.chain.Rent.MinimumBalance(accounts.NonceSpace)
	require.NoError(r.t, err)
	all := []accounts.Account{
		{Address: r.owner.PublicKey(), Owner: accounts.SystemProgram, Lamports: 10_000 * sol},
		{Address: r.thief.PublicKey(), Owner: accounts.SystemProgram, Lamports: 10_000 * sol},
		{
			Address:  r.stake,
			Owner:    accounts.StakeProgram,
			Lamports: 1_000*sol + figures.StoredRent,
			Data:     data,
		},
		{Address: r.mint, Owner: accounts.TokenProgram, Lamports: sol, Data: accounts.Mint{
			MintAuthority: &authority, FreezeAuthority: &authority, Supply: 1, Decimals: 9,
		}.Encode()},
		{
			Address:  r.nonce,
			Owner:    accounts.SystemProgram,
			Lamports: rent,
			Data: accounts.Nonce{
				Version:              accounts.NonceCurrent,
				State:                accounts.NonceInitialized,
				Authority:            authority,
				Value:                r.value,
				LamportsPerSignature: 5_000,
			}.Encode(),
		},
	}

	var calls []call
	for _, ixs := range transactions {
		for _, ix := range ixs {
			for _, m := range ix.Accounts() {
				if a := m.PublicKey; m.IsWritable &&
					!slices.ContainsFunc(
						all,
						func(b accounts.Account) bool { return b.Address == a },
					) {
					calls = append(calls, dropAccount(a))
				}
			}
		}
	}

	for _, a := range append(all, attack.Accounts...) {
		calls = append(calls, setAccount(a))
	}

	for _, reply := range r.batch(calls...) {
		require.Nil(r.t, reply.Error)
	}
}

// attack executes an attack and returns the loss of the owner beyond the
// policy.
func (r *firewallRun) attack(attack attacks.Attack, way attacks.Way, as attackForm) string {
	t := r.t
	transactions := make([][]solana.Instruction, len(attack.Transactions))
	keys := []solana.PublicKey{r.owner.PublicKey(), r.thief.PublicKey(), r.stake}
	for i, ixs := range attack.Transactions {
		transactions[i] = way.Write(ixs)
		for _, ix := range transactions[i] {
			for _, m := range ix.Accounts() {
				keys = append(keys, m.PublicKey)
			}
		}
	}

	keys = slices.Compact(sortedKeys(keys))
	r.publish(attack, transactions)
	seeded := make(map[solana.PublicKey]bool)
	for _, seed := range attacks.Seeds {
		address, err := solana.CreateWithSeed(r.owner.PublicKey(), seed, accounts.TokenProgram)
		require.NoError(t, err)
		seeded[address] = true
	}

	owner, recipient := r.owner.PublicKey(), attack.Policy.Recipient
	before := r.getAll(keys)
	accepted, reviewed, fees := 0, 0, uint64(0)
	for _, ixs := range transactions {
		signed := r.sign(attack, as, ixs)
		if attack.Hole != 7 {
			// The other forms name more than signers.
			require.Equal(t, as.table, len(signed.Unsigned().LookupTables()) > 0)
		}

		if explain.Verify(explain.Transaction(signed.Unsigned(), nil), attack.Policy) == nil {
			accepted++
		}

		_, err := r.client.Review(t.Context(), signed.Base64(), attack.Policy)
		if err == nil {
			reviewed++
		} else {
			var refused *explain.VerifyError
			require.ErrorAs(t, err, &refused)
		}

		if err := r.execute(signed); err != nil {
			require.True(t, attack.Runtime, "%s, %s: %v", way.Name, as.name, err)
			require.Zero(t, accepted+reviewed)
			return ""
		}

		if attack.OwnerPays {
			fee, err := signed.Unsigned().NetworkFee()
			require.NoError(t, err)
			fees += fee
		}
	}

	require.Less(t, accepted, len(transactions), "%s, %s: it passes", way.Name, as.name)
	require.Less(t, reviewed, len(transactions), "%s, %s: it passes", way.Name, as.name)
	after := r.getAll(keys)
	if attack.Hole == 8 {
		return "a nonce, an option without an end"
	}

	policy := attack.Policy
	if policy.MaxNetworkFee == 0 {
		policy.MaxNetworkFee = explain.DefaultMaxNetworkFee
	}

	return cost(
		wealthOf(owner, before, keys, seeded),
		wealthOf(owner, after, keys, seeded),
		policy,
		fees,
		wealthOf(recipient, before, keys, nil),
		wealthOf(recipient, after, keys, nil),
	)
}

// sign compiles instructions to a transaction in one of the forms.
func (r *firewallRun) sign(
	attack attacks.Attack,
	as attackForm,
	ixs []solana.Instruction,
) *txn.Signed {
	t := r.t
	payer, signers := r.thief.PublicKey(), []txn.Signer{r.owner, r.thief}
	if attack.OwnerPays {
		payer = r.owner.PublicKey()
	}

	var extra []solana.PublicKey
	for _, key := range r.extra[:attack.Signers] {
		signers, extra = append(signers, key), append(extra, key.PublicKey())
	}

	life := r.life(attack)
	var options []solana.TransactionOption
	var tables []txn.LookupTable
	if as.table {
		tables = []txn.LookupTable{r.publishLooked(ixs)}
		options = append(options, solana.TransactionAddressTables(
			map[solana.PublicKey]solana.PublicKeySlice{r.table: tables[0].Addresses},
		))
	}

	text, err := compiled(as.version, payer, life.Blockhash, extra, ixs, options...)
	require.NoError(t, err)
	parsed, err := txn.ParseVouched(text, life, tables...)
	require.NoError(t, err)
	signed, err := parsed.Unsigned().Sign(t.Context(), signers...)
	require.NoError(t, err)

	return signed
}

// life returns a new lifetime: that of the nonce, or a blockhash of a new slot.
func (r *firewallRun) life(attack attacks.Attack) txn.Lifetime {
	if attack.Hole == 8 {
		return txn.Lifetime{
			Blockhash: r.value,
			Nonce:     txn.DurableNonce{Account: r.nonce, Authority: r.thief.PublicKey()},
		}
	}
	var slot uint64
	r.must(&slot, "getSlot", nil)
	r.must(nil, "localnet_warpToSlot", map[string]uint64{"slot": slot + 1})
	return lifetime(r.t, r.batch(latestBlockhash)[0])
}

// publishLooked puts a lookup table on chain with all accounts of the
// instructions except the nonce, which must not come from a table.
func (r *firewallRun) publishLooked(ixs []solana.Instruction) txn.LookupTable {
	var addresses []solana.PublicKey
	for _, ix := range ixs {
		for _, m := range ix.Accounts() {
			if !slices.Contains(addresses, m.PublicKey) && m.PublicKey != r.nonce {
				addresses = append(addresses, m.PublicKey)
			}
		}
	}

	r.must(nil, "localnet_setAccount", setAccount(lookupTableAccount(r.table, accounts.LookupTable{
		DeactivationSlot: accounts.NeverEpoch,
		Addresses:        addresses,
	})).Params)

	return txn.LookupTable{Address: r.table, Addresses: addresses}
}

// compiled returns an unsigned transaction in base64. Extra keys are additional
// signers; further options add lookup tables, or replace the configuration of
// version 1.
func compiled(
	version txn.Version,
	payer solana.PublicKey,
	blockhash solana.Hash,
	extra []solana.PublicKey,
	ixs []solana.Instruction,
	more ...solana.TransactionOption,
) (string, error) {
	type privilege struct{ signer, writable bool }
	union := make(map[solana.PublicKey]privilege)
	for _, ix := range ixs {
		for _, a := range ix.Accounts() {
			p := union[a.PublicKey]
			union[a.PublicKey] = privilege{p.signer || a.IsSigner, p.writable || a.IsWritable}
		}
	}

	var all []solana.Instruction
	for _, ix := range ixs {
		if version == txn.Version1 && ix.ProgramID() == accounts.ComputeBudgetProgram {
			continue
		}

		var metas solana.AccountMetaSlice
		for _, a := range ix.Accounts() {
			p := union[a.PublicKey]
			metas = append(metas, solana.NewAccountMeta(a.PublicKey, p.writable, p.signer))
		}

		data, err := ix.Data()
		if err != nil {
			return "", err
		}

		all = append(all, solana.NewInstruction(ix.ProgramID(), metas, data))
	}

	if len(extra) > 0 {
		var metas solana.AccountMetaSlice
		for _, key := range extra {
			metas = append(metas, solana.Meta(key).SIGNER())
		}

		all = append(all, solana.NewInstruction(accounts.MemoProgram, metas, nil))
	}

	options := []solana.TransactionOption{solana.TransactionPayer(payer)}
	switch version {
	case txn.VersionLegacy:
		options = append(options, solana.TransactionMessageVersion(solana.MessageVersionLegacy))
	case txn.Version0:
		options = append(options, solana.TransactionMessageVersion(solana.MessageVersionV0))
	default:
		options = append(options, solana.TransactionV1Config(solana.TransactionConfig{}.
			WithComputeUnitLimit(1_400_000).WithLoadedAccountsDataSizeLimit(64<<20)))
	}

	tx, err := solana.NewTransaction(all, blockhash, append(options, more...)...)
	if err != nil {
		return "", err
	}

	if len(extra) > 0 {
		tx.Message.Instructions = tx.Message.Instructions[:len(tx.Message.Instructions)-1]
	}

	tx.Signatures = make([]solana.Signature, tx.Message.Header.NumRequiredSignatures)

	return tx.ToBase64()
}
