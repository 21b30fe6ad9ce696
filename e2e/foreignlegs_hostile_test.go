package e2e

import (
	crand "crypto/rand"
	"errors"
	"math/rand/v2"
	"slices"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// hostile changes the leg, or what runs after it with the owner's signature, as
// a hostile program could.
func (r *foreignRun) hostile(rng *rand.Rand, c foreignCase) {
	end := c.leg.OutMint
	if end == accounts.NativeMint || rng.IntN(2) == 0 && c.leg.InMint != accounts.NativeMint {
		end = c.leg.InMint
	}

	ata := r.ata(end)
	r.revoked(c, ata, r.approve(ata, r.user.PublicKey(), r.friend.PublicKey()))
	attacks := r.attacks(c, ata)
	names := sortedNames(attacks)
	name := names[rng.IntN(len(names))]
	o := c.options
	o.After = attacks[name]
	r.mustFail(c, o, "hostile: "+name)

	greedy := *c.leg
	greedy.MinOut = c.leg.MinOut + 100_000*sol // Pools of random prices may pay much more.
	o = c.options
	r.place(&o, &greedy, c.after)
	r.mustFail(c, o, "hostile: pays less")
	r.reaches(c)
}

// rawStep returns an instruction that the last of the accounts signs and the
// first of them is written by.
func rawStep(program solana.PublicKey, data []byte, keys ...solana.PublicKey) txn.Step {
	var metas solana.AccountMetaSlice
	for i, key := range keys {
		metas = append(metas, solana.NewAccountMeta(key, i == 0, i == len(keys)-1))
	}

	return txn.Step{Instruction: solana.NewInstruction(program, metas, data)}
}

// approve returns the step that lets a delegate spend everything.
func (*foreignRun) approve(account, owner, delegate solana.PublicKey) txn.Step {
	data := []byte{4, 255, 255, 255, 255, 255, 255, 255, 127}
	return rawStep(accounts.TokenProgram, data, account, delegate, owner)
}

// attacks are steps with the owner's signature, by name.
func (r *foreignRun) attacks(c foreignCase, ata solana.PublicKey) map[string][]txn.Step {
	owner, friend := r.user.PublicKey(), r.friend.PublicKey()
	return map[string][]txn.Step{
		"close authority kept": {rawStep(accounts.TokenProgram,
			slices.Concat([]byte{6, 3, 1}, friend[:]), ata, owner)},
		"account taken over, owner as delegate": {
			rawStep(accounts.TokenProgram, slices.Concat([]byte{6, 2, 1}, friend[:]), ata, owner),
			r.approve(ata, friend, owner),
		},
		"wallet assigned": {rawStep(accounts.SystemProgram,
			slices.Concat([]byte{1, 0, 0, 0}, friend[:]), owner)},
		"SOL taken": {r.pay(owner, friend, c.q.Out+c.q.MaxIn+sol)},
	}
}

// reaches checks that a leg that names another token account of the owner is
// refused.
func (r *foreignRun) reaches(c foreignCase) {
	t := r.t
	var other solana.PublicKey
	for _, token := range c.scene.tokens {
		if token.Mint != c.leg.InMint && token.Mint != c.leg.OutMint {
			other = r.ata(token.Mint)
		}
	}

	if !exists(r.get(other), other) {
		return
	}

	thief := *c.leg
	thief.Instructions = slices.Clone(thief.Instructions)
	for i, ix := range thief.Instructions {
		if ix.ProgramID() == c.leg.Program {
			data, err := ix.Data()
			require.NoError(t, err)
			metas := append(slices.Clone(ix.Accounts()), solana.NewAccountMeta(other, true, false))
			thief.Instructions[i] = solana.NewInstruction(ix.ProgramID(), metas, data)
		}
	}

	o := c.options
	r.place(&o, &thief, c.after)
	_, err := c.client.Build(t.Context(), c.q, o)
	var refused *sdk.LegError
	require.ErrorAs(t, err, &refused, c.name)
	require.Equal(t, other, refused.Account)
	r.outcomes["refused: another account of the owner"]++
}

// revoked executes the trade with an approval of a delegate: none remains.
func (r *foreignRun) revoked(c foreignCase, ata solana.PublicKey, approve txn.Step) {
	t := r.t
	r.reset(rand.New(rand.NewPCG(1, 1)), c.scene, solana.PublicKey{})
	o := c.options
	o.Seed, o.After = crand.Text()[:16], []txn.Step{approve}
	unsigned, err := c.client.Build(t.Context(), c.q, o)
	var failure *progerr.TransactionError
	if excused(err) || errors.As(err, &failure) && !errors.Is(err, sdk.ErrLegBroken) {
		return
	}

	require.NoError(t, err, c.name)
	signed, err := unsigned.Sign(t.Context(), c.signers...)
	require.NoError(t, err)
	_, err = c.client.Send(t.Context(), signed)
	require.NoError(t, err, c.name)
	token, err := accounts.Load(r.get(ata), ata, accounts.DecodeTokenAccount)
	require.NoError(t, err)
	require.Nil(t, token.Delegate, c.name)
	r.outcomes["executed: an approved delegate revoked"]++
}

// mustFail checks that a hostile leg is refused by Build, and fails on chain.
func (r *foreignRun) mustFail(c foreignCase, o sdk.BuildOptions, what string) {
	t := r.t
	r.reset(rand.New(rand.NewPCG(1, 1)), c.scene, solana.PublicKey{})
	o.Seed = crand.Text()[:16]
	_, err := c.client.Build(t.Context(), c.q, o)
	if excused(err) {
		r.outcomes["not tried, "+what]++
		return
	}

	require.Error(t, err, "%s: %s", c.name, what)
	if errors.Is(err, sdk.ErrLegBroken) {
		r.outcomes["fails at the checks, "+what]++
	} else {
		r.outcomes["fails earlier, "+what]++
	}

	r.sendAnyway(c.client, c.q, o, slices.Clone(c.signers), c.name)
}
