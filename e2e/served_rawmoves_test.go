package e2e

import (
	"cmp"
	crand "crypto/rand"
	"slices"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// rawHolding is what the user holds between two raw moves: an amount of a
// token, or a stake account and its lamports.
type rawHolding struct {
	mint   solana.PublicKey
	stake  solana.PublicKey
	amount uint64
}

// rawMove turns a holding into another one with instructions that this module
// builds below package route.
type rawMove struct {
	name string
	// to is the token of the result, or route.NativeStake, with the address of
	// the account in stake.
	to, stake solana.PublicKey
	steps     []txn.Step
	keys      []*txn.KeySigner
}

// rawSurplus is the move that withdraws the lamports of a stake account that
// are not staked.
const rawSurplus = "withdrawal of surplus"

// rawSources is the number of validators from which a raw move draws.
const rawSources = 6

// rawMoves returns the moves from a holding.
func (r *servedRun) rawMoves(w *servedState, h rawHolding) []rawMove {
	var moves []rawMove
	switch {
	case !h.stake.IsZero():
		return r.rawFromStake(w, h)
	case h.mint == accounts.NativeMint:
		moves = r.rawFromSOL(w, h)
	case h.mint == w.marinade.State.MSOLMint:
		moves = r.rawFromMarinade(w, h)
	case h.mint == w.lido.State.StSOLMint:
		moves = r.rawFromLido(w, h)
	default:
		for _, pool := range w.pools {
			if pool.State.PoolMint == h.mint {
				moves = r.rawFromPool(pool, h)
			}
		}
	}

	return append(moves, r.rawInfinity(w, h)...)
}

// raw is the step of an instruction.
func (r *servedRun) raw(instruction solana.Instruction, err error) txn.Step {
	require.NoError(r.t, err)
	return txn.Step{Description: "raw", Instruction: instruction}
}

// rawCreate creates the user's token account of a mint.
func (r *servedRun) rawCreate(mint solana.PublicKey) txn.Step {
	return txn.CreateTokenAccount(r.user.PublicKey(), r.user.PublicKey(), mint,
		accounts.TokenProgram)
}

func (r *servedRun) rawFromSOL(w *servedState, h rawHolding) []rawMove {
	owner := r.user.PublicKey()
	var moves []rawMove
	for _, pool := range w.pools {
		mint := pool.State.PoolMint
		deposit := r.raw(instructions.StakePoolDepositSOL{
			Pool:        r.rawPool(pool),
			From:        owner,
			Destination: r.ata(mint),
			Referrer:    r.ata(mint),
			Lamports:    h.amount,
		}.Build())

		moves = append(moves, rawMove{
			name:  "deposit of SOL",
			to:    mint,
			steps: []txn.Step{r.rawCreate(mint), deposit},
		})
	}

	mSOL := w.marinade.State.MSOLMint
	deposit := r.raw((&golden.MarinadeCase{
		Op:           golden.MarinadeDeposit,
		User:         owner,
		TokenAccount: r.ata(mSOL),
		Amount:       h.amount,
	}).BuildInstruction(w.marinade))

	return append(moves, rawMove{
		name:  "Marinade deposit",
		to:    mSOL,
		steps: []txn.Step{r.rawCreate(mSOL), deposit},
	})
}

func (r *servedRun) rawPool(pool *figures.StakePool) instructions.StakePool {
	keys, err := instructions.NewStakePool(pool.Program, pool.Address, &pool.State)
	require.NoError(r.t, err)
	return keys
}

// rawStake returns the address of a new stake account and the step that creates
// it.
func (r *servedRun) rawStake() (solana.PublicKey, txn.Step) {
	rent, err := r.chain.Rent.MinimumBalance(accounts.StakeAccountSpace)
	require.NoError(r.t, err)
	owner := r.user.PublicKey()
	address, create, err := txn.NewStakeAccount(owner, owner, rent, crand.Text()[:16])
	require.NoError(r.t, err)
	return address, create
}

func (r *servedRun) rawFromPool(pool *figures.StakePool, h rawHolding) []rawMove {
	owner := r.user.PublicKey()
	keys := r.rawPool(pool)
	moves := []rawMove{{
		name: "withdrawal of SOL",
		to:   accounts.NativeMint,
		steps: []txn.Step{r.raw(instructions.StakePoolWithdrawSOL{
			Pool:        keys,
			Authority:   owner,
			Source:      r.ata(h.mint),
			Destination: owner,
			PoolTokens:  h.amount,
		}.Build())},
	}}

	sources := []solana.PublicKey{pool.State.ReserveStake}
	validators := slices.SortedFunc(slices.Values(pool.Validators),
		func(a, b figures.Validator) int {
			return cmp.Compare(b.Entry.ActiveStakeLamports, a.Entry.ActiveStakeLamports)
		})

	for _, v := range validators[:min(len(validators), rawSources)] {
		active, transient, err := pool.StakeAddresses(v.Entry)
		require.NoError(r.t, err)
		sources = append(sources, active)
		if v.Transient != nil {
			sources = append(sources, transient)
		}
	}

	for _, source := range sources {
		stake, create := r.rawStake()
		moves = append(moves, rawMove{
			name:  "withdrawal of stake",
			to:    route.NativeStake,
			stake: stake,
			steps: []txn.Step{create, r.raw(instructions.StakePoolWithdrawStake{
				Pool:         keys,
				Split:        source,
				Destination:  stake,
				NewAuthority: owner,
				Authority:    owner,
				Source:       r.ata(h.mint),
				PoolTokens:   h.amount,
			}.Build())},
		})
	}

	return moves
}

func (r *servedRun) rawFromMarinade(w *servedState, h rawHolding) []rawMove {
	owner := r.user.PublicKey()
	sale := golden.MarinadeCase{
		Op:           golden.MarinadeLiquidUnstake,
		User:         owner,
		TokenAccount: r.ata(h.mint),
		Amount:       h.amount,
	}

	moves := []rawMove{{
		name:  "Marinade liquid unstake",
		to:    accounts.NativeMint,
		steps: []txn.Step{r.raw(sale.BuildInstruction(w.marinade))},
	}}

	for i := range w.marinade.Stakes {
		key, err := txn.GenerateKeySigner()
		require.NoError(r.t, err)
		withdrawal := golden.MarinadeCase{
			Op:           golden.MarinadeWithdrawStakeAccount,
			User:         owner,
			Payer:        owner,
			TokenAccount: r.ata(h.mint),
			Account:      key.PublicKey(),
			Source:       i,
			Amount:       h.amount,
		}

		moves = append(moves, rawMove{
			name:  "Marinade withdrawal of stake",
			to:    route.NativeStake,
			stake: key.PublicKey(),
			steps: []txn.Step{r.raw(withdrawal.BuildInstruction(w.marinade))},
			keys:  []*txn.KeySigner{key},
		})
	}

	return moves
}

func (r *servedRun) rawFromLido(w *servedState, h rawHolding) []rawMove {
	owner := r.user.PublicKey()
	rent, err := r.chain.Rent.MinimumBalance(accounts.StakeAccountSpace)
	require.NoError(r.t, err)
	var moves []rawMove
	for i := range w.lido.Validators {
		key, err := txn.GenerateKeySigner()
		require.NoError(r.t, err)
		fund, err := txn.TransferSOL(owner, key.PublicKey(), rent)
		require.NoError(r.t, err)
		withdrawal := golden.LidoCase{
			User:         owner,
			TokenAccount: r.ata(h.mint),
			StakeAccount: key.PublicKey(),
			Validator:    i,
			StSOL:        h.amount,
			Update:       w.fresh != nil,
		}

		all, err := withdrawal.BuildInstructions(w.lido)
		require.NoError(r.t, err)
		steps := []txn.Step{fund}
		for _, instruction := range all {
			steps = append(steps, r.raw(instruction, nil))
		}

		moves = append(moves, rawMove{
			name:  "Lido withdrawal of stake",
			to:    route.NativeStake,
			stake: key.PublicKey(),
			steps: steps,
			keys:  []*txn.KeySigner{key},
		})
	}

	return moves
}

// rawInfinity returns the swaps of a token for each other one.
func (r *servedRun) rawInfinity(w *servedState, h rawHolding) []rawMove {
	if !w.infinity {
		return nil
	}

	tokens := []solana.PublicKey{w.scene.infinity.Pool.LPTokenMint}
	for _, holding := range w.scene.infinity.Holdings {
		tokens = append(tokens, holding.Entry.Mint)
	}

	if !slices.Contains(tokens, h.mint) {
		return nil
	}

	market := &golden.InfinityMarket{Infinity: *w.scene.infinity}
	var moves []rawMove
	for _, to := range tokens {
		if to == h.mint {
			continue
		}

		swap := golden.InfinityCase{
			Inp:        h.mint,
			Out:        to,
			User:       r.user.PublicKey(),
			InpAccount: r.ata(h.mint),
			OutAccount: r.ata(to),
			Limit:      1,
			Amount:     h.amount,
		}

		steps := []txn.Step{r.rawCreate(to)}
		if w.fresh != nil && (to == accounts.StSOLMint || h.mint == accounts.StSOLMint) {
			update, err := (&golden.LidoCase{Update: true}).BuildInstructions(w.lido)
			require.NoError(r.t, err)
			steps = append(steps, r.raw(update[0], nil))
		}

		moves = append(moves, rawMove{
			name:  "Infinity",
			to:    to,
			steps: append(steps, r.raw(swap.BuildInstruction(market, h.amount))),
		})
	}

	return moves
}

func (r *servedRun) rawFromStake(w *servedState, h rawHolding) []rawMove {
	owner := r.user.PublicKey()
	set := r.get(h.stake)
	stake, err := accounts.Load(set, h.stake, accounts.DecodeStakeAccount)
	require.NoError(r.t, err)
	withdraw := func(lamports uint64) txn.Step {
		step, err := txn.WithdrawStake(h.stake, owner, owner, lamports)
		require.NoError(r.t, err)
		return step
	}

	deactivate, err := txn.DeactivateStake(h.stake, owner)
	require.NoError(r.t, err)
	sale := golden.ReserveCase{
		Op:          golden.ReserveUnstake,
		User:        owner,
		Source:      h.stake,
		Destination: owner,
	}

	sold := accounts.NativeMint
	moves := []rawMove{
		{name: "Reserve", to: sold, steps: []txn.Step{r.raw(sale.BuildInstruction(w.reserve))}},
		{name: "withdrawal", to: sold, steps: []txn.Step{withdraw(h.amount)}},
		{
			name:  "deactivation and withdrawal",
			to:    sold,
			steps: []txn.Step{deactivate, withdraw(h.amount)},
		},
	}

	surplus := uint64(0)
	if staked := stake.Delegation.Stake + stake.RentExemptReserve; h.amount > staked {
		surplus = h.amount - staked
	}

	for _, deposit := range r.rawDeposits(w, h, stake.Delegation.Voter) {
		moves = append(moves, deposit)
		if surplus > 0 {
			deposit.name = rawSurplus + ", " + deposit.name
			deposit.steps = append([]txn.Step{withdraw(surplus)}, deposit.steps...)
			moves = append(moves, deposit)
		}
	}

	return moves
}

// rawDeposits returns the deposits of a stake account with a validator.
func (r *servedRun) rawDeposits(w *servedState, h rawHolding, vote solana.PublicKey) []rawMove {
	owner := r.user.PublicKey()
	var moves []rawMove
	for _, pool := range w.pools {
		for _, v := range pool.Validators {
			if v.Entry.VoteAccount != vote {
				continue
			}

			permissionless, err := accounts.StakePoolDepositAuthority(pool.Program, pool.Address)
			require.NoError(r.t, err)
			if pool.State.StakeDepositAuthority != permissionless {
				continue
			}

			active, _, err := pool.StakeAddresses(v.Entry)
			require.NoError(r.t, err)
			authorize, err := txn.AuthorizeStake(h.stake, owner, permissionless)
			require.NoError(r.t, err)
			mint := pool.State.PoolMint
			steps := append([]txn.Step{r.rawCreate(mint)}, authorize...)
			moves = append(moves, rawMove{
				name: "deposit of stake",
				to:   mint,
				steps: append(steps, r.raw(instructions.StakePoolDepositStake{
					Pool:           r.rawPool(pool),
					Stake:          h.stake,
					ValidatorStake: active,
					Destination:    r.ata(mint),
					Referrer:       r.ata(mint),
				}.Build())),
			})
		}
	}

	mSOL := w.marinade.State.MSOLMint
	if w.marinade.ValidatorList().Index(vote) < 0 {
		return moves
	}

	keys, err := instructions.NewMarinade(w.marinade.Program, w.marinade.Address, &w.marinade.State)
	require.NoError(r.t, err)

	return append(moves, rawMove{
		name: "deposit of stake",
		to:   mSOL,
		steps: []txn.Step{r.rawCreate(mSOL), r.raw(instructions.MarinadeDepositStakeAccount{
			Marinade:       keys,
			Stake:          h.stake,
			Owner:          owner,
			Vote:           vote,
			ValidatorIndex: uint32(w.marinade.ValidatorList().Index(vote)),
			Payer:          owner,
			Destination:    r.ata(mSOL),
		}.Build())},
	})
}
