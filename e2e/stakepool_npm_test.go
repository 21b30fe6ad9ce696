package e2e

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/figures"
)

// npmVariable names the environment variable with a folder in which the npm
// package @solana/spl-stake-pool is installed.
const npmVariable = "SANCTUM_SPL_STAKE_POOL"

// npmScript builds the instructions of the cases on standard input with the npm
// package, and prints their programs, accounts and data.
const npmScript = `
const { createRequire } = require('node:module');
const path = require('node:path');
const outer = createRequire(path.join(process.argv[2], 'package.json'));
const { StakePoolInstruction } = outer('@solana/spl-stake-pool');
const inner = createRequire(outer.resolve('@solana/spl-stake-pool'));
const { PublicKey } = inner('@solana/web3.js');
const cases = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
const built = cases.map(({ Method, Keys, Pairs, Values }) => {
  const params = { ...Values };
  for (const [name, key] of Object.entries(Keys)) params[name] = new PublicKey(key);
  if (Pairs) params.validatorAndTransientStakePairs = Pairs.map((key) => new PublicKey(key));
  const ix = StakePoolInstruction[Method](params);
  return {
    Program: ix.programId.toBase58(),
    Accounts: ix.keys.map((k) => ({
      Key: k.pubkey.toBase58(), Signer: k.isSigner, Writable: k.isWritable,
    })),
    Data: Buffer.from(ix.data).toString('hex'),
  };
});
process.stdout.write(JSON.stringify(built));
`

// npmCase is an instruction for both builders.
type npmCase struct {
	Method string
	Keys   map[string]solana.PublicKey
	Pairs  []solana.PublicKey
	Values map[string]any

	ours builder
}

// npmInstruction is an instruction as the npm package builds it.
type npmInstruction struct {
	Program  solana.PublicKey
	Accounts []struct {
		Key              solana.PublicKey
		Signer, Writable bool
	}
	Data string
}

// TestStakePool_NPM compares our instructions with those of the npm package
// @solana/spl-stake-pool, for all that it builds, with random inputs.
func TestStakePool_NPM(t *testing.T) {
	folder := os.Getenv(npmVariable)
	if folder == "" {
		t.Skipf("set %s to a folder in which the npm package @solana/spl-stake-pool is "+
			"installed to run this", npmVariable)
	}

	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("install Node to run this")
	}

	seed := envUint(t, seedVariable, rand.Uint64())
	rng := rand.New(rand.NewPCG(seed, 0))
	var cases []npmCase
	for range 50 {
		cases = append(cases, npmCases(t, rng)...)
	}

	built := npmBuild(t, node, folder, cases)
	compared := make(map[string]int)
	for i, c := range cases {
		ours, err := c.ours.Build()
		require.NoError(t, err)
		requireNPM(t, c.Method, ours, built[i])
		compared[c.Method]++
	}

	require.Len(t, compared, 16, "all instructions that the package builds")
	t.Logf("seed %d: %d instructions of %d kinds are equal", seed, len(cases), len(compared))
}

// npmBuild builds the cases with the npm package.
func npmBuild(t *testing.T, node, folder string, cases []npmCase) []npmInstruction {
	t.Helper()
	script := filepath.Join(t.TempDir(), "build.cjs")
	require.NoError(t, os.WriteFile(script, []byte(npmScript), 0o600))
	input, err := json.Marshal(cases)
	require.NoError(t, err)
	absolute, err := filepath.Abs(folder)
	require.NoError(t, err)

	command := exec.CommandContext(t.Context(), node, script, absolute)
	command.Stdin = bytes.NewReader(input)
	var problems strings.Builder
	command.Stderr = &problems
	output, err := command.Output()
	require.NoError(t, err, "%s", problems.String())

	var built []npmInstruction
	require.NoError(t, json.Unmarshal(output, &built))
	require.Len(t, built, len(cases))

	return built
}

// requireNPM compares an instruction. In two places the program and its Rust
// client differ from the package: since v2.0.4 the clean-up writes to the pool,
// and the program does not read a ninth account of CreateTokenMetadata.
func requireNPM(t *testing.T, method string, ours solana.Instruction, want npmInstruction) {
	t.Helper()
	switch method {
	case "cleanupRemovedValidatorEntries":
		require.False(t, want.Accounts[0].Writable, "the package has caught up")
		want.Accounts[0].Writable = true
	case "createTokenMetadata":
		require.Len(t, want.Accounts, 9, "the package has caught up")
		want.Accounts = want.Accounts[:8]
	}

	data, err := ours.Data()
	require.NoError(t, err)
	require.Equal(t, want.Program, ours.ProgramID(), method)
	require.Equal(t, want.Data, hex.EncodeToString(data), method)
	require.Len(t, ours.Accounts(), len(want.Accounts), method)
	for i, a := range ours.Accounts() {
		require.Equal(t, want.Accounts[i].Key, a.PublicKey, "%s, account %d", method, i)
		require.Equal(t, want.Accounts[i].Signer, a.IsSigner, "%s, account %d", method, i)
		require.Equal(t, want.Accounts[i].Writable, a.IsWritable, "%s, account %d", method, i)
	}
}

// npmWorld has the random inputs of a set of cases.
type npmWorld struct {
	pool                                  instructions.StakePool
	staker, from, to, referrer, vote, own solana.PublicKey
	entry                                 accounts.ValidatorStakeInfo
	stake, transient, current, ephemeral  solana.PublicKey
	metadata                              solana.PublicKey
	lamports, seed, short                 uint64
}

// npmCases returns one case of each instruction.
func npmCases(t *testing.T, rng *rand.Rand) []npmCase {
	t.Helper()
	w := npmWorld{
		staker:   figures.RandomKey(rng),
		from:     figures.RandomKey(rng),
		to:       figures.RandomKey(rng),
		referrer: figures.RandomKey(rng),
		vote:     figures.RandomKey(rng),
		own:      figures.RandomKey(rng),
		// The package has numbers of 53 bits.
		lamports: 1 + rng.Uint64N(1<<53-1),
		seed:     rng.Uint64N(1 << 53),
		short:    rng.Uint64N(1 << 53),
		pool: instructions.StakePool{
			// Published versions of the package know only this deployment.
			Program:           accounts.StakePoolProgram,
			Address:           figures.RandomKey(rng),
			WithdrawAuthority: figures.RandomKey(rng),
			ValidatorList:     figures.RandomKey(rng),
			ReserveStake:      figures.RandomKey(rng),
			Mint:              figures.RandomKey(rng),
			ManagerFeeAccount: figures.RandomKey(rng),
			TokenProgram:      accounts.TokenProgram,
		},
	}

	w.derive(t, rng)

	return append(w.moves(), append(w.trades(rng), w.others(rng)...)...)
}

// derive sets the derived addresses. The package takes them as inputs.
func (w *npmWorld) derive(t *testing.T, rng *rand.Rand) {
	t.Helper()
	w.entry = accounts.ValidatorStakeInfo{
		VoteAccount:         w.vote,
		ValidatorSeedSuffix: rng.Uint32N(3),
		TransientSeedSuffix: rng.Uint64(),
	}

	find := func(seeds ...[]byte) solana.PublicKey {
		address, _, err := solana.FindProgramAddress(seeds, w.pool.Program)
		require.NoError(t, err)
		return address
	}

	number := func(n uint64) []byte {
		seed := make([]byte, 8)
		for i := range seed {
			seed[i] = byte(n >> (8 * i))
		}

		return seed
	}

	stake := [][]byte{w.vote[:], w.pool.Address[:]}
	if w.entry.ValidatorSeedSuffix != 0 {
		stake = append(stake, number(uint64(w.entry.ValidatorSeedSuffix))[:4])
	}

	w.stake = find(stake...)
	w.transient = find([]byte("transient"), w.vote[:], w.pool.Address[:], number(w.seed))
	w.current = find([]byte("transient"), w.vote[:], w.pool.Address[:],
		number(w.entry.TransientSeedSuffix))
	w.ephemeral = find([]byte("ephemeral"), w.pool.Address[:], number(w.short))
	w.pool.StakeDepositAuthority = find(w.pool.Address[:], []byte("deposit"))

	metadata, _, err := solana.FindTokenMetadataAddress(w.pool.Mint)
	require.NoError(t, err)
	w.metadata = metadata
}

// keys returns the addresses of the pool and more, by the package's names.
func (w *npmWorld) keys(more map[string]solana.PublicKey) map[string]solana.PublicKey {
	all := map[string]solana.PublicKey{
		"stakePool":         w.pool.Address,
		"withdrawAuthority": w.pool.WithdrawAuthority, "validatorList": w.pool.ValidatorList,
		"reserveStake": w.pool.ReserveStake, "poolMint": w.pool.Mint,
		"managerFeeAccount": w.pool.ManagerFeeAccount, "staker": w.staker,
	}
	for name, key := range more {
		all[name] = key
	}
	return all
}

// moves are the cases of the staker.
func (w *npmWorld) moves() []npmCase {
	of := instructions.StakePoolValidator{
		Pool:      w.pool,
		Staker:    w.staker,
		Validator: w.entry,
	}

	increase := instructions.StakePoolIncreaseValidatorStake{
		StakePoolValidator: of,
		Lamports:           w.lamports,
		TransientSeed:      w.seed,
	}

	decrease := instructions.StakePoolDecreaseValidatorStakeWithReserve(increase)
	keys := w.keys(map[string]solana.PublicKey{"validatorStake": w.stake,
		"transientStake": w.transient, "validatorVote": w.vote, "ephemeralStake": w.ephemeral})
	values := map[string]any{"lamports": w.lamports, "transientStakeSeed": w.seed,
		"ephemeralStakeSeed": w.short}
	remove := w.keys(map[string]solana.PublicKey{"validatorStake": w.stake,
		"transientStake": w.current})

	move := func(method string, ours builder) npmCase {
		return npmCase{
			Method: method,
			Keys:   keys,
			Values: values,
			ours:   ours,
		}
	}

	return []npmCase{
		move("increaseValidatorStake", increase),
		move("increaseAdditionalValidatorStake",
			instructions.StakePoolIncreaseAdditionalValidatorStake{
				StakePoolIncreaseValidatorStake: increase, EphemeralSeed: w.short}),
		move("decreaseValidatorStake", instructions.StakePoolDecreaseValidatorStake(decrease)),
		move("decreaseValidatorStakeWithReserve", decrease),
		move("decreaseAdditionalValidatorStake",
			instructions.StakePoolDecreaseAdditionalValidatorStake{
				StakePoolDecreaseValidatorStakeWithReserve: decrease, EphemeralSeed: w.short}),
		{Method: "removeValidatorFromPool", Keys: remove,
			ours: instructions.StakePoolRemoveValidator{StakePoolValidator: of}},
	}
}

// trades are the cases of users. Half of the pools reserve operations with SOL
// for an authority.
func (w *npmWorld) trades(rng *rand.Rand) []npmCase {
	pool := w.pool
	deposit := map[string]solana.PublicKey{"fundingAccount": w.from,
		"destinationPoolAccount": w.to, "referralPoolAccount": w.referrer}
	withdraw := map[string]solana.PublicKey{"sourceTransferAuthority": w.from,
		"sourcePoolAccount": w.to, "destinationSystemAccount": w.referrer}
	if rng.IntN(2) == 0 {
		pool.SOLDepositAuthority, pool.SOLWithdrawAuthority = &w.own, &w.own
		deposit["depositAuthority"], withdraw["solWithdrawAuthority"] = w.own, w.own
	}

	tokens := map[string]any{"poolTokens": w.lamports}

	return []npmCase{
		{"depositSol", w.keys(deposit), nil, map[string]any{"lamports": w.lamports},
			instructions.StakePoolDepositSOL{
				Pool:        pool,
				From:        w.from,
				Destination: w.to,
				Referrer:    w.referrer,
				Lamports:    w.lamports,
			}},
		{"withdrawSol", w.keys(withdraw), nil, tokens, instructions.StakePoolWithdrawSOL{
			Pool:        pool,
			Authority:   w.from,
			Source:      w.to,
			Destination: w.referrer,
			PoolTokens:  w.lamports,
		}},
		{"depositStake", w.keys(map[string]solana.PublicKey{
			"depositAuthority": w.pool.StakeDepositAuthority, "depositStake": w.own,
			"validatorStake": w.stake, "destinationPoolAccount": w.to,
			"referralPoolAccount": w.referrer}), nil, nil, instructions.StakePoolDepositStake{
			Pool:           pool,
			Stake:          w.own,
			ValidatorStake: w.stake,
			Destination:    w.to,
			Referrer:       w.referrer,
		}},
		{"withdrawStake", w.keys(map[string]solana.PublicKey{"validatorStake": w.stake,
			"destinationStake": w.own, "destinationStakeAuthority": w.referrer,
			"sourceTransferAuthority": w.from, "sourcePoolAccount": w.to}), nil, tokens,
			instructions.StakePoolWithdrawStake{
				Pool:         pool,
				Split:        w.stake,
				Destination:  w.own,
				NewAuthority: w.referrer,
				Authority:    w.from,
				Source:       w.to,
				PoolTokens:   w.lamports,
			}},
	}
}

// others are the cases of updates, of new validators and of metadata.
func (w *npmWorld) others(rng *rand.Rand) []npmCase {
	text := func(most int) string { return strings.Repeat("x", rng.IntN(most+1)) }
	metadata := instructions.StakePoolMetadata{
		Name:   text(32),
		Symbol: text(10),
		URI:    text(200),
	}

	described := w.keys(map[string]solana.PublicKey{"manager": w.staker, "payer": w.from,
		"tokenMetadata": w.metadata})
	texts := map[string]any{"name": metadata.Name, "symbol": metadata.Symbol, "uri": metadata.URI}
	start, noMerge := rng.Uint32(), rng.IntN(2) == 0

	return []npmCase{
		{"addValidatorToPool", w.keys(map[string]solana.PublicKey{"validatorStake": w.stake,
			"validatorVote": w.vote}), nil,
			map[string]any{"seed": w.entry.ValidatorSeedSuffix}, instructions.StakePoolAddValidator{
				Pool:        w.pool,
				Staker:      w.staker,
				VoteAccount: w.vote,
				Seed:        w.entry.ValidatorSeedSuffix,
			}},
		{"updateValidatorListBalance", w.keys(nil), []solana.PublicKey{w.stake, w.current},
			map[string]any{"startIndex": start, "noMerge": noMerge},
			instructions.StakePoolUpdateValidatorListBalance{
				Pool:       w.pool,
				StartIndex: start,
				NoMerge:    noMerge,
				Validators: []accounts.ValidatorStakeInfo{w.entry},
			}},
		{"updateStakePoolBalance", w.keys(nil), nil, nil,
			instructions.StakePoolUpdateBalance{Pool: w.pool}},
		{"cleanupRemovedValidatorEntries", w.keys(nil), nil, nil,
			instructions.StakePoolCleanupRemovedValidatorEntries{Pool: w.pool}},
		{"createTokenMetadata", described, nil, texts, instructions.StakePoolCreateTokenMetadata{
			Pool:     w.pool,
			Manager:  w.staker,
			Payer:    w.from,
			Metadata: metadata,
		}},
		{"updateTokenMetadata", described, nil, texts, instructions.StakePoolUpdateTokenMetadata{
			Pool:     w.pool,
			Manager:  w.staker,
			Metadata: metadata,
		}},
	}
}
