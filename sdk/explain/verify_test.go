package explain_test

import (
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	computebudget "github.com/gagliardetto/solana-go/programs/compute-budget"
	stakeprogram "github.com/gagliardetto/solana-go/programs/stake"
	"github.com/gagliardetto/solana-go/programs/system"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

var (
	owner, stranger, payer = key(0), key(9), key(8)
	mine                   = key(43) // a stake account of the policy
)

// made returns the instructions of steps.
func made(t *testing.T, steps ...txn.Step) []solana.Instruction {
	t.Helper()
	var ixs []solana.Instruction
	for _, s := range steps {
		ixs = append(ixs, s.Instruction)
	}
	return ixs
}

func built(t *testing.T, b builder) solana.Instruction {
	t.Helper()
	ix, err := b.Build()
	require.NoError(t, err)
	return ix
}

// refusalCase is a transaction with its verdict.
type refusalCase struct {
	name   string
	ixs    []solana.Instruction
	change func(*explain.Policy)
	want   error
}

// refusals holds what the tests of refusals share.
type refusals struct {
	open         []solana.Instruction
	closing      []solana.Instruction
	closeTo      func(to solana.PublicKey) solana.Instruction
	authorize    func(to solana.PublicKey, role stakeprogram.StakeAuthorize) solana.Instruction
	transfer     func(to solana.PublicKey) solana.Instruction
	pool         instructions.StakePool
	depositStake solana.Instruction
	handover     []solana.Instruction
	withdraw     func(to solana.PublicKey) solana.Instruction
	newStake     txn.Step
	create       func(wallet solana.PublicKey) solana.Instruction
}

func newRefusals(t *testing.T) *refusals {
	t.Helper()

	wrap, err := txn.NewFundedWSOLAccount(owner, owner, 100, 10, "seed")
	require.NoError(t, err)
	open, closing := made(t, wrap.Open...), made(t, wrap.Close...)
	closeTo := func(to solana.PublicKey) solana.Instruction {
		return built(t, instructions.TokenCloseAccount{
			Program:     accounts.TokenProgram,
			Account:     wrap.Address,
			Destination: to,
			Owner:       owner,
		})
	}

	authorize := func(to solana.PublicKey, role stakeprogram.StakeAuthorize) solana.Instruction {
		return stakeprogram.NewAuthorizeInstruction(to, role, mine, owner).Build()
	}
	transfer := func(to solana.PublicKey) solana.Instruction {
		return system.NewTransferInstruction(5, owner, to).Build()
	}
	pool := instructions.StakePool{
		Program:           accounts.StakePoolProgram,
		Address:           key(31),
		WithdrawAuthority: key(32),
		ValidatorList:     key(33),
		ReserveStake:      key(34),
		Mint:              key(35),
		ManagerFeeAccount: key(36),
		TokenProgram:      accounts.TokenProgram,
	}

	pool.StakeDepositAuthority, err = accounts.StakePoolDepositAuthority(pool.Program, pool.Address)
	require.NoError(t, err)
	tokens, err := accounts.AssociatedTokenAddress(owner, accounts.TokenProgram, pool.Mint)
	require.NoError(t, err)
	depositStake := built(t, instructions.StakePoolDepositStake{
		Pool:           pool,
		Stake:          mine,
		ValidatorStake: key(44),
		Destination:    tokens,
		Referrer:       tokens,
	})

	handover := []solana.Instruction{authorize(pool.StakeDepositAuthority, 0),
		authorize(pool.StakeDepositAuthority, 1)}
	withdraw := func(to solana.PublicKey) solana.Instruction {
		return built(t, instructions.StakePoolWithdrawSOL{
			Pool:        pool,
			Authority:   owner,
			Source:      tokens,
			Destination: to,
			PoolTokens:  5,
		})
	}

	_, newStake, err := txn.NewStakeAccount(owner, owner, 10, "stake")
	require.NoError(t, err)
	create := func(wallet solana.PublicKey) solana.Instruction {
		return txn.CreateTokenAccount(owner, wallet, pool.Mint, accounts.TokenProgram).Instruction
	}

	return &refusals{
		open:         open,
		closing:      closing,
		closeTo:      closeTo,
		authorize:    authorize,
		transfer:     transfer,
		pool:         pool,
		depositStake: depositStake,
		handover:     handover,
		withdraw:     withdraw,
		newStake:     newStake,
		create:       create,
	}
}

// forms returns cases that vary the programs, the fee and the nonce.
func (f *refusals) forms() []refusalCase {
	return []refusalCase{
		{"nothing", nil, nil, nil},
		{"no owner", nil, func(p *explain.Policy) { p.Owner = solana.PublicKey{} },
			explain.ErrPolicy},
		{"unknown program", []solana.Instruction{solana.NewInstruction(stranger, nil, nil)}, nil,
			explain.ErrUnknownInstruction},
		{"program not in the list", f.open,
			func(p *explain.Policy) {
				p.AllowedPrograms = []solana.PublicKey{accounts.TokenProgram}
			},
			explain.ErrProgramNotAllowed},
		{"another payer", nil, func(p *explain.Policy) { p.Owner = stranger },
			explain.ErrWrongFeePayer},
		{"the payer", nil, func(p *explain.Policy) { p.Owner, p.Payer = stranger, owner }, nil},
		{"price without a limit",
			[]solana.Instruction{
				computebudget.NewSetComputeUnitPriceInstruction(1_000_000).Build(),
			},
			nil, explain.ErrNetworkFee},
		{
			"nonce",
			[]solana.Instruction{system.NewAdvanceNonceAccountInstruction(stranger,
				solana.SysVarRecentBlockHashesPubkey, owner).Build()},
			nil,
			explain.ErrNonceNotAllowed,
		},
		{
			"nonce that is allowed",
			[]solana.Instruction{system.NewAdvanceNonceAccountInstruction(stranger,
				solana.SysVarRecentBlockHashesPubkey, owner).Build()},
			func(p *explain.Policy) {
				p.Nonce = txn.DurableNonce{Account: stranger, Authority: owner}
			},
			nil,
		},
	}
}

// transfers returns cases that move SOL of the owner.
func (f *refusals) transfers(t *testing.T) []refusalCase {
	t.Helper()

	return []refusalCase{
		{"wrapped and back", append(f.open[:2:2], f.closing...), nil, nil},
		{"left without an owner", f.open[:1], nil, explain.ErrLifetime},
		{"closed to a stranger", append(f.open[:2:2], f.closeTo(stranger)), nil,
			explain.ErrClosesAccount},
		{"closed to the payer", append(f.open[:2:2], f.closeTo(payer)), nil, explain.ErrSpendLimit},
		{"closed to the payer, and allowed", append(f.open[:2:2], f.closeTo(payer)),
			func(p *explain.Policy) { p.MaxLamports = 110 }, nil},
		{"another's account closed", []solana.Instruction{built(t, instructions.TokenCloseAccount{
			Program: accounts.TokenProgram, Account: stranger, Destination: owner, Owner: payer,
		})}, nil, nil},
		{"transfer", []solana.Instruction{f.transfer(stranger)},
			func(p *explain.Policy) { p.MaxLamports = 5 }, explain.ErrUnrelatedTransfer},
		{"transfer to the payer", []solana.Instruction{f.transfer(payer)},
			func(p *explain.Policy) { p.MaxLamports = 5 }, nil},
		{"transfer to the payer of too much", []solana.Instruction{f.transfer(payer)},
			func(p *explain.Policy) { p.MaxLamports = 4 }, explain.ErrSpendLimit},
		{"transfer to nobody", []solana.Instruction{f.transfer(solana.PublicKey{})},
			func(p *explain.Policy) {
				p.MaxLamports, p.Payer = 5, solana.PublicKey{}
			}, explain.ErrUnrelatedTransfer},
	}
}

// accounts returns cases that create accounts, or withdraw from the pool.
func (f *refusals) accounts(t *testing.T) []refusalCase {
	t.Helper()

	return []refusalCase{
		{"no instruction", []solana.Instruction{nil}, nil, explain.ErrUnknownInstruction},
		{"new stake account that nothing goes into", made(t, f.newStake), nil, explain.ErrLifetime},
		{"stranger's token account", []solana.Instruction{f.create(stranger)}, nil,
			explain.ErrUnrelatedTransfer},
		{"token account without use", []solana.Instruction{f.create(owner)}, nil,
			explain.ErrUnrelatedTransfer},
		{"withdrawal", []solana.Instruction{f.withdraw(owner)}, nil, nil},
		{"withdrawal of more tokens", []solana.Instruction{f.withdraw(owner), f.withdraw(owner)},
			nil,
			explain.ErrSpendLimit},
		{"withdrawal to a stranger", []solana.Instruction{f.withdraw(stranger)}, nil,
			explain.ErrWrongRecipient},
		{"withdrawal without a limit", []solana.Instruction{f.withdraw(owner)},
			func(p *explain.Policy) { p.MinLamports = 1 }, explain.ErrNoMinimum},
	}
}

// stakeDeposits returns cases that give a stake account away.
func (f *refusals) stakeDeposits() []refusalCase {
	return []refusalCase{
		{"stake deposited", append(f.handover[:2:2], f.depositStake), nil, nil},
		{"stake deposited, but not allowed", append(f.handover[:2:2], f.depositStake),
			func(p *explain.Policy) { p.MaxStake[mine]-- }, explain.ErrSpendLimit},
		{"stake handed over without a deposit", f.handover, nil, explain.ErrAuthorityChange},
		{"something in between",
			[]solana.Instruction{f.handover[0], f.handover[1], f.withdraw(owner), f.depositStake},
			nil,
			explain.ErrAuthorityChange},
		{"stake handed to a stranger",
			[]solana.Instruction{f.authorize(stranger, 1), f.depositStake},
			nil, explain.ErrAuthorityChange},
		{
			"stake handed to the recipient",
			[]solana.Instruction{f.authorize(payer, 0), f.authorize(payer, 1)},
			func(p *explain.Policy) {
				p.Stake = map[solana.PublicKey]explain.StakePermission{mine: {Staker: payer,
					Withdrawer: payer}}
			},
			nil,
		},
		{"stake that is not named",
			[]solana.Instruction{stakeprogram.NewDeactivateInstruction(stranger, owner).Build()},
			nil, explain.ErrAuthorityChange},
	}
}

// stakeChanges returns cases that change a stake account in other ways.
func (f *refusals) stakeChanges(t *testing.T) []refusalCase {
	t.Helper()

	return []refusalCase{
		{
			"stake deactivated",
			[]solana.Instruction{stakeprogram.NewDeactivateInstruction(mine, owner).Build()}, nil,
			explain.ErrAuthorityChange,
		},
		{"stake deactivated with permission",
			[]solana.Instruction{stakeprogram.NewDeactivateInstruction(mine, owner).Build()},
			func(p *explain.Policy) {
				p.Stake = map[solana.PublicKey]explain.StakePermission{mine: {Deactivate: true}}
			}, nil},
		{"stake withdrawn",
			[]solana.Instruction{
				stakeprogram.NewWithdrawInstruction(7, mine, owner, owner).Build(),
			},
			func(p *explain.Policy) {
				p.MinLamports, p.MaxStake[mine] = 7, 7
			}, nil},
		{"less stake withdrawn",
			[]solana.Instruction{
				stakeprogram.NewWithdrawInstruction(7, mine, owner, owner).Build(),
			},
			func(p *explain.Policy) {
				p.MinLamports = 8
			}, explain.ErrMinimumNotEnforced},
		{"stake withdrawn to a stranger",
			[]solana.Instruction{
				stakeprogram.NewWithdrawInstruction(7, mine, stranger, owner).Build(),
			},
			nil, explain.ErrUnrelatedTransfer},
		{"stake split to a stranger",
			[]solana.Instruction{
				stakeprogram.NewSplitInstruction(7, mine, stranger, owner).Build(),
			},
			func(p *explain.Policy) {
				p.Stake = map[solana.PublicKey]explain.StakePermission{mine: {Split: true}}
			}, explain.ErrUnrelatedTransfer},
		{"stake merged",
			[]solana.Instruction{stakeprogram.NewMergeInstruction(stranger, mine, owner).Build()},
			nil, explain.ErrAuthorityChange},
		{"room in the wallet",
			[]solana.Instruction{system.NewAllocateInstruction(8, owner).Build()}, nil,
			explain.ErrAuthorityChange},
		{"signature for a calculator",
			[]solana.Instruction{built(t, instructions.InfinitySyncSOLValue{
				Controller: instructions.Infinity{Controller: accounts.Controller{
					Program:      accounts.InfinityProgram,
					PoolState:    key(50),
					LSTStateList: key(51),
					ProtocolFee:  key(52),
				}},
				LST: instructions.InfinityToken{
					Mint:         key(53),
					TokenProgram: accounts.TokenProgram,
					Calculator: instructions.ProgramAccounts{Program: key(54),
						Accounts: []solana.PublicKey{owner}},
				},
			})}, nil, explain.ErrOwnerExposed},
	}
}

// TestVerify_Refusals checks a transaction for each reason to refuse, and
// similar ones that are accepted.
func TestVerify_Refusals(t *testing.T) {
	f := newRefusals(t)
	for _, c := range slices.Concat(
		f.forms(),
		f.transfers(t),
		f.accounts(t),
		f.stakeDeposits(),
		f.stakeChanges(t),
	) {
		t.Run(c.name, func(t *testing.T) {
			p := explain.Policy{
				Owner: owner, Payer: payer, MaxTokens: map[solana.PublicKey]uint64{f.pool.Mint: 5},
				MaxStake: map[solana.PublicKey]uint64{mine: ^uint64(0)}, TokenAccountRent: 10,
			}
			if c.change != nil {
				c.change(&p)
			}

			err := explain.Verify(explain.Instructions(owner, c.ixs, lst.Default()), p)
			if c.want == nil {
				require.NoError(t, err)
				return
			}

			require.ErrorIs(t, err, c.want)
			var refused *explain.VerifyError
			require.ErrorAs(t, err, &refused)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

// TestVerify_OwnSOLIsNoOutcome tries to present the owner's own SOL as the
// payment of a program.
func TestVerify_OwnSOLIsNoOutcome(t *testing.T) {
	w, err := txn.NewFundedWSOLAccount(owner, owner, 1_000, 10, "seed")
	require.NoError(t, err)
	closing, err := w.CloseWith(1_000)
	require.NoError(t, err)
	ixs := append(made(t, w.Open...), made(t, closing...)...)
	p := explain.Policy{Owner: owner, MinLamports: 1, TokenAccountRent: 10}
	require.ErrorIs(t, explain.Verify(explain.Instructions(owner, ixs, nil), p),
		explain.ErrMinimumNotEnforced)
	p.MinLamports = 0
	require.NoError(t, explain.Verify(explain.Instructions(owner, ixs, nil), p))
}
