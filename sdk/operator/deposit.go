package operator

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// DepositParams are the parameters of [Deposit]. Pool, Depositor and Lamports
// are required.
type DepositParams struct {
	// Pool is the pool, and Program its deployment unless that is one of
	// [accounts.StakePoolPrograms].
	Pool, Program solana.PublicKey
	// Depositor pays the deposit and the network fees, and receives the tokens.
	// It signs.
	Depositor solana.PublicKey
	// Lamports is the deposit.
	Lamports uint64
}

// Deposit returns the plan for the first deposit of a wallet into a pool. The
// transaction creates the wallet's token account and deposits into it. The
// account then shows that the deposit was made: the same transaction cannot
// create it again, so that no run pays twice.
//
// If the token account exists and holds at least the tokens of the deposit, the
// plan is done. If it holds less, the error is an [ErrDepositUnclear]. The
// first deposit of the manager is part of [Launch].
func Deposit(params DepositParams) (*Plan, error) {
	d := deposit{DepositParams: params}
	if err := required(named{"Pool", d.Pool}, named{"Depositor", d.Depositor}); err != nil {
		return nil, fmt.Errorf("deposit: %w", err)
	}

	if d.Lamports == 0 {
		return nil, fmt.Errorf("deposit: %w: Lamports is missing", ErrParams)
	}

	sol := lst.FormatAmount(d.Lamports, 9)
	d.plan = &Plan{
		name:    fmt.Sprintf("deposit %s SOL into pool %s", sol, d.Pool),
		pool:    d.Pool,
		program: d.Program,
		payer:   d.Depositor,
		reads:   d.reads,
		next:    d.next,
	}
	return d.plan, nil
}

// deposit is the goal of [Deposit].
type deposit struct {
	DepositParams
	plan *Plan
}

// account returns the token account of the depositor.
func (d *deposit) account(pool *sdk.StakePool) (solana.PublicKey, error) {
	return accounts.AssociatedTokenAddress(d.Depositor, pool.Pool.State.TokenProgram,
		pool.Pool.State.PoolMint)
}

func (d *deposit) reads(pool *sdk.StakePool) ([]solana.PublicKey, error) {
	account, err := d.account(pool)
	return []solana.PublicKey{account}, err
}

func (d *deposit) next(s *State) (*move, error) {
	if m, err := d.plan.update(s); m != nil || err != nil {
		return m, err
	}

	pool := s.Pool
	quoted, err := pool.Pool.DepositSOL(d.Lamports)
	if err != nil {
		return nil, err
	}

	account, err := d.account(pool)
	if err != nil {
		return nil, err
	}

	// The referral share of the fee goes to the depositor.
	tokens := fixed.SaturatingAdd(quoted.Tokens, quoted.ReferralFee)
	if held := s.Accounts[account]; held.Token != nil {
		if held.Token.Amount < tokens {
			return nil, fmt.Errorf("%w: account %s holds %d base units, the deposit pays %d",
				ErrDepositUnclear, account, held.Token.Amount, tokens)
		}
		return nil, nil
	}

	after := s.clone()
	steps, cost, err := s.openTokenAccount(after, d.Depositor, account, d.Depositor,
		pool.Pool.State.PoolMint)
	if err != nil {
		return nil, err
	}

	text := fmt.Sprintf("deposit %s SOL", lst.FormatAmount(d.Lamports, 9))
	pay, err := step(text, instructions.StakePoolDepositSOLWithSlippage{
		StakePoolDepositSOL: instructions.StakePoolDepositSOL{
			Pool:        pool.Addresses,
			From:        d.Depositor,
			Destination: account,
			Referrer:    account,
			Lamports:    d.Lamports,
		},
		MinimumTokensOut: quoted.Tokens,
	})
	if err != nil {
		return nil, err
	}

	cost.Deposit = d.Lamports
	minted := fixed.SaturatingAdd(tokens, quoted.ManagerFee)
	state := &after.Pool.Pool.State
	state.TotalLamports = fixed.SaturatingAdd(state.TotalLamports, d.Lamports)
	state.PoolTokenSupply = fixed.SaturatingAdd(state.PoolTokenSupply, minted)
	after.Pool.MintSupply = fixed.SaturatingAdd(after.Pool.MintSupply, minted)
	after.Pool.Pool.ReserveLamports = fixed.SaturatingAdd(after.Pool.Pool.ReserveLamports,
		d.Lamports)
	after.addTokens(account, tokens)
	after.addTokens(state.ManagerFeeAccount, quoted.ManagerFee)
	return transaction(text, after, cost, append(steps, pay)...), nil
}
