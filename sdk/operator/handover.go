package operator

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// HandOverParams are the parameters of [HandOver]. Pool and Manager are
// required, and at least one change.
type HandOverParams struct {
	// Pool is the pool, and Program its deployment unless that is one of
	// [accounts.StakePoolPrograms].
	Pool, Program solana.PublicKey
	// Manager is the current manager. It signs.
	Manager solana.PublicKey
	// Payer pays the network fees and the rent of the new fee account, and
	// signs. The default is Manager.
	Payer solana.PublicKey
	// NewManager becomes the manager. It signs, too. Zero keeps the manager.
	NewManager solana.PublicKey
	// NewFeeAccount becomes the token account that receives the fees. With a
	// new manager the default is its associated token account, which the plan
	// creates; otherwise zero keeps the account.
	NewFeeAccount solana.PublicKey
	// NewStaker becomes the staker. Zero keeps the staker.
	NewStaker solana.PublicKey
	// Authorities reserve operations of the pool for a key that must sign them.
	// A nil key opens the operation to all users.
	Authorities map[instructions.StakePoolFunding]*solana.PublicKey
}

// HandOver returns the plan that gives a pool to another manager or staker, and
// sets the authorities over deposits and withdrawals. It needs a single
// transaction, unless that would be too large: then the manager changes last.
func HandOver(params HandOverParams) (*Plan, error) {
	h := handOver{HandOverParams: params}
	if err := required(named{"Pool", h.Pool}, named{"Manager", h.Manager}); err != nil {
		return nil, fmt.Errorf("hand over: %w", err)
	}

	if h.NewManager.IsZero() && h.NewFeeAccount.IsZero() && h.NewStaker.IsZero() &&
		len(h.Authorities) == 0 {
		return nil, fmt.Errorf("hand over: %w: nothing changes", ErrParams)
	}

	for operation := range h.Authorities {
		if operation > instructions.StakePoolFundingSOLWithdrawal {
			return nil, fmt.Errorf("hand over: %w: operation %d is unknown", ErrParams, operation)
		}
	}

	h.Authorities = maps.Clone(h.Authorities)
	h.payer = orDefault(h.Payer, h.Manager)

	return &Plan{
		name:    fmt.Sprintf("hand over pool %s", h.Pool),
		pool:    h.Pool,
		program: h.Program,
		payer:   h.payer,
		reads:   h.reads,
		next:    h.next,
	}, nil
}

// handOver is the goal of [HandOver].
type handOver struct {
	HandOverParams
	payer solana.PublicKey
}

// wanted returns the manager and the fee account that the pool must have.
func (h *handOver) wanted(pool *sdk.StakePool) (manager, fees solana.PublicKey, err error) {
	state := &pool.Pool.State
	manager = orDefault(h.NewManager, state.Manager)
	fees = h.NewFeeAccount
	switch {
	case fees.IsZero() && h.NewManager.IsZero():
		fees = state.ManagerFeeAccount
	case fees.IsZero():
		fees, err = accounts.AssociatedTokenAddress(manager, state.TokenProgram, state.PoolMint)
	}
	return manager, fees, err
}

func (h *handOver) reads(pool *sdk.StakePool) ([]solana.PublicKey, error) {
	_, fees, err := h.wanted(pool)
	return []solana.PublicKey{fees}, err
}

// changes are the steps of a hand-over with the state after them.
type changes struct {
	steps []txn.Step
	cost  Cost
	after *State
}

func (h *handOver) next(s *State) (*move, error) {
	// The other changes come first, because they need the current manager.
	c := &changes{after: s.clone()}
	signer := s.Pool.Pool.State.Manager
	for _, part := range []func(s *State, signer solana.PublicKey, c *changes) error{
		h.setAuthorities, h.setStaker,
	} {
		if err := part(s, signer, c); err != nil {
			return nil, err
		}
	}

	before := *c
	c.after = c.after.clone()
	if err := h.setManager(s, signer, c); err != nil {
		return nil, err
	}

	if len(c.steps) == 0 {
		return nil, nil
	}

	if signer != h.Manager && signer != h.NewManager {
		return nil, s.checkManager(h.Manager)
	}

	if _, err := compile(h.payer, c.steps); errors.Is(err, txn.ErrTransactionTooLarge) {
		c = &before
	}

	text := "set the manager, the staker and the authorities"
	if len(c.steps) == 1 {
		text = c.steps[0].Description
	}

	return transaction(text, c.after, c.cost, c.steps...), nil
}

// setAuthorities adds the changes of the authorities over deposits and
// withdrawals.
func (h *handOver) setAuthorities(s *State, signer solana.PublicKey, c *changes) error {
	open, err := accounts.StakePoolDepositAuthority(s.Pool.Pool.Program, h.Pool)
	if err != nil {
		return err
	}

	state, addresses := &c.after.Pool.Pool.State, &c.after.Pool.Addresses
	for _, operation := range slices.Sorted(maps.Keys(h.Authorities)) {
		key := h.Authorities[operation]
		var same bool
		switch operation {
		case instructions.StakePoolFundingStakeDeposit:
			want := open
			if key != nil {
				want = *key
			}

			same = state.StakeDepositAuthority == want
			state.StakeDepositAuthority, addresses.StakeDepositAuthority = want, want

		case instructions.StakePoolFundingSOLDeposit:
			same = sameKey(state.SOLDepositAuthority, key)
			state.SOLDepositAuthority, addresses.SOLDepositAuthority = key, key

		case instructions.StakePoolFundingSOLWithdrawal:
			same = sameKey(state.SOLWithdrawAuthority, key)
			state.SOLWithdrawAuthority, addresses.SOLWithdrawAuthority = key, key
		}

		if same {
			continue
		}

		set, err := step(fmt.Sprintf("set the authority over operation %d", operation),
			instructions.StakePoolSetFundingAuthority{
				Pool:      s.Pool.Addresses,
				Manager:   signer,
				Operation: operation,
				Authority: key,
			})
		if err != nil {
			return err
		}

		c.steps = append(c.steps, set)
	}

	return nil
}

// sameKey reports whether two optional keys are the same.
func sameKey(a, b *solana.PublicKey) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

// setStaker adds the change of the staker.
func (h *handOver) setStaker(s *State, signer solana.PublicKey, c *changes) error {
	state := &c.after.Pool.Pool.State
	if h.NewStaker.IsZero() || state.Staker == h.NewStaker {
		return nil
	}

	set, err := step(fmt.Sprintf("make %s the staker", h.NewStaker),
		instructions.StakePoolSetStaker{
			Pool:      s.Pool.Addresses,
			Authority: signer,
			NewStaker: h.NewStaker,
		})

	state.Staker = h.NewStaker
	c.steps = append(c.steps, set)

	return err
}

// setManager adds the change of the manager and of the fee account.
func (h *handOver) setManager(s *State, signer solana.PublicKey, c *changes) error {
	manager, fees, err := h.wanted(s.Pool)
	if err != nil {
		return err
	}

	state := &c.after.Pool.Pool.State
	if state.Manager == manager && state.ManagerFeeAccount == fees {
		return nil
	}

	if err := h.feeAccount(s, manager, fees, c); err != nil {
		return err
	}

	set, err := step(fmt.Sprintf("make %s the manager, with the fee account %s", manager, fees),
		instructions.StakePoolSetManager{
			Pool:                 s.Pool.Addresses,
			Manager:              signer,
			NewManager:           manager,
			NewManagerFeeAccount: fees,
		})

	state.Manager, state.ManagerFeeAccount = manager, fees
	c.after.Pool.Addresses.ManagerFeeAccount = fees
	c.after.Pool.Pool.FeeAccountUsable = true
	c.after.Pool.Pool.FeeAccountMintable = true
	c.steps = append(c.steps, set)

	return err
}

// feeAccount checks the new fee account, or creates the manager's own.
func (h *handOver) feeAccount(s *State, manager, fees solana.PublicKey, c *changes) error {
	state := &s.Pool.Pool.State
	held, exists := s.Accounts[fees]
	if exists && held.Token != nil {
		usable := held.Token.Mint == state.PoolMint
		if held.raw != nil {
			usable = quote.FeeAccountUsable(state, *held.raw)
		}

		if h.NewFeeAccount.IsZero() {
			usable = usable && held.Token.Owner == manager
		}

		if !usable {
			return fmt.Errorf("%w: %s", ErrFeeAccount, fees)
		}

		return nil
	}

	if !h.NewFeeAccount.IsZero() || state.TokenProgram != accounts.TokenProgram {
		return fmt.Errorf("%w: %s does not exist", ErrFeeAccount, fees)
	}

	steps, cost, err := s.openTokenAccount(c.after, h.payer, fees, manager, state.PoolMint)
	c.steps = append(c.steps, steps...)
	c.cost = c.cost.plus(cost)

	return err
}
