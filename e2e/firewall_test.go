package e2e

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/attacks"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestFirewall_Attacks executes each attack on an owner who signs whatever is
// asked, and sees that it costs the owner more than the policy allows. Each is
// refused by the verifier, in every format.
func TestFirewall_Attacks(t *testing.T) {
	l := connect(t)
	r := newFirewallRun(l)
	executed, harmless := 0, 0
	for _, seed := range attacks.Seeds {
		all, err := attacks.All(r.parties(), seed)
		require.NoError(t, err)
		for _, attack := range all {
			for _, version := range []txn.Version{txn.VersionLegacy, txn.Version0, txn.Version1} {
				t.Run(attack.Name+"/version "+version.String(), func(t *testing.T) {
					l.t, r.t = t, t
					harm := r.attack(attack, version)
					executed++
					if harm == "" {
						harmless++
						require.True(t, attack.Runtime || attack.Bloodless, "it is no attack")
					}
					t.Log(harm)
				})
			}
		}
	}
	t.Logf("%d attacks executed, of which the programs refused %d", executed, harmless)
}

// firewallRun has an owner, and a thief who pays.
type firewallRun struct {
	*localnet
	chain              figures.Chain
	owner, thief       *txn.KeySigner
	stake, vote, evil  solana.PublicKey
	mint, nonce        solana.PublicKey
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
	r.mint, r.nonce = figures.RandomKey(rng), figures.RandomKey(rng)
	r.tokenRent, err = r.chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(l.t, err)
	r.rent200, err = r.chain.Rent.MinimumBalance(accounts.StakeAccountSpace)
	require.NoError(l.t, err)
	return r
}

func (r *firewallRun) parties() attacks.Parties {
	return attacks.Parties{
		Owner: r.owner.PublicKey(), Thief: r.thief.PublicKey(), Stake: r.stake, Vote: r.vote, Evil: r.evil, Mint: r.mint,
		Nonce: r.nonce, TokenRent: r.tokenRent, StakeRent: r.rent200,
	}
}

// publish puts the parties on chain.
func (r *firewallRun) publish(attack attacks.Attack) {
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
		{Address: r.nonce, Owner: accounts.SystemProgram, Lamports: rent, Data: accounts.Nonce{
			Version: accounts.NonceCurrent, State: accounts.NonceInitialized, Authority: authority, Value: solana.Hash{7},
			LamportsPerSignature: 5_000,
		}.Encode()},
	}
	var calls []call
	for _, ixs := range attack.Transactions {
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

// attack executes an attack, and returns what it cost the owner too much.
func (r *firewallRun) attack(attack attacks.Attack, version txn.Version) string {
	t := r.t
	r.publish(attack)
	keys := []solana.PublicKey{r.owner.PublicKey(), r.thief.PublicKey(), r.stake}
	seeded := make(map[solana.PublicKey]bool)
	for _, ixs := range attack.Transactions {
		for _, ix := range ixs {
			for _, m := range ix.Accounts() {
				keys = append(keys, m.PublicKey)
			}
		}
	}
	keys = slices.Compact(sortedKeys(keys))
	for _, seed := range attacks.Seeds {
		address, err := solana.CreateWithSeed(r.owner.PublicKey(), seed, accounts.TokenProgram)
		require.NoError(t, err)
		seeded[address] = true
	}
	owner, recipient := r.owner.PublicKey(), attack.Policy.Recipient
	before := r.getAll(keys)
	accepted, fees := 0, uint64(0)
	for _, ixs := range attack.Transactions {
		signed := r.sign(attack, version, ixs)
		if explain.Verify(explain.Transaction(signed.Unsigned(), nil), attack.Policy) == nil {
			accepted++
		}
		if err := r.execute(signed); err != nil {
			return ""
		}
		if attack.OwnerPays {
			fee, err := signed.Unsigned().NetworkFee()
			require.NoError(t, err)
			fees += fee
		}
	}
	require.Less(t, accepted, len(attack.Transactions), "it passes")
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

// sign makes a transaction of instructions in one of the formats.
func (r *firewallRun) sign(
	attack attacks.Attack,
	version txn.Version,
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
	life := lifetime(t, r.batch(latestBlockhash)[0])
	parsed := r.compile(version, payer, life, extra, ixs)
	signed, err := parsed.Unsigned().Sign(t.Context(), signers...)
	require.NoError(t, err)
	return signed
}

// compile makes a transaction with any signers.
func (r *firewallRun) compile(
	version txn.Version,
	payer solana.PublicKey,
	life txn.Lifetime,
	extra []solana.PublicKey,
	ixs []solana.Instruction,
) *txn.Partial {
	text, err := compiled(version, payer, life.Blockhash, extra, ixs)
	require.NoError(r.t, err)
	p, err := txn.Parse(text, life)
	require.NoError(r.t, err)
	return p
}

// compiled is a transaction without signatures in base64. Extra keys sign
// without being named.
func compiled(
	version txn.Version,
	payer solana.PublicKey,
	blockhash solana.Hash,
	extra []solana.PublicKey,
	ixs []solana.Instruction,
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
	tx, err := solana.NewTransaction(all, blockhash, options...)
	if err != nil {
		return "", err
	}
	if len(extra) > 0 {
		tx.Message.Instructions = tx.Message.Instructions[:len(tx.Message.Instructions)-1]
	}
	tx.Signatures = make([]solana.Signature, tx.Message.Header.NumRequiredSignatures)
	return tx.ToBase64()
}
