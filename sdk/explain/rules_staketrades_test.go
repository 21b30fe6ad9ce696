package explain_test

import (
	"math"
	"testing"

	"github.com/gagliardetto/solana-go"
	stakeprogram "github.com/gagliardetto/solana-go/programs/stake"

	"github.com/sanctum-go/sanctum/sdk/explain"
)

// stakeTradeRules holds what the tests of stake trades share.
type stakeTradeRules struct {
	*scene
	token      solana.PublicKey
	withdrawn  []solana.Instruction
	deactivate func(stake, by solana.PublicKey) solana.Instruction
}

func newStakeTradeRules(t *testing.T) *stakeTradeRules {
	t.Helper()

	s := newScene(t)
	token := s.ata(owner, s.pool.Mint)

	withdrawn := list(s.createStake(owner), s.withdrawStake(s.part(), owner, owner, 5, 40))
	deactivate := func(stake, by solana.PublicKey) solana.Instruction {
		return stakeprogram.NewDeactivateInstruction(stake, by).Build()
	}

	return &stakeTradeRules{
		scene:      s,
		token:      token,
		withdrawn:  withdrawn,
		deactivate: deactivate,
	}
}

// deposits returns cases that deposit a stake account into a pool.
func (s *stakeTradeRules) deposits() []ruleCase {
	return []ruleCase{
		{"deposited", s.depositStake(mine, s.token),
			mayStake(math.MaxUint64, explain.StakePermission{}), nil, 0},
		{"deposited in part", s.depositStake(mine, s.token),
			mayStake(math.MaxUint64-1, explain.StakePermission{}), explain.ErrSpendLimit,
			0},
		{"deposited without being named", s.depositStake(mine, s.token), nil,
			explain.ErrAuthorityChange, 1},
		{
			"deposited for a stranger",
			s.depositStake(mine, s.ata(stranger, s.pool.Mint)),
			mayStake(math.MaxUint64, explain.StakePermission{}),
			explain.ErrWrongRecipient,
			3,
		},
		{"deposited as it is", s.depositStake(mine, s.token)[2:],
			mayStake(math.MaxUint64, explain.StakePermission{}), nil, 0},
		{"others deposit", s.depositStake(mine, s.ata(stranger, s.pool.Mint))[2:], nil, nil, 0},
		{
			"others deposit for the owner",
			s.depositStake(mine, s.token)[2:],
			nil,
			explain.ErrOwnerExposed,
			1,
		},
	}
}

// poolAuthorities returns cases that make a pool the authority of a stake
// account.
func (s *stakeTradeRules) poolAuthorities() []ruleCase {
	return []ruleCase{
		{
			"handed to the pool and not deposited",
			s.depositStake(mine, s.token)[:2],
			mayStake(math.MaxUint64, explain.StakePermission{}),
			explain.ErrAuthorityChange,
			1,
		},
		{
			"handed to the pool, with another one deposited",
			join(s.depositStake(mine, s.token)[:2], s.depositStake(key(98), s.token)[2]),
			mayStake(math.MaxUint64, explain.StakePermission{}),
			explain.ErrAuthorityChange,
			1,
		},
		{
			"handed to another pool",
			list(s.authorize(mine, key(98), false), s.depositStake(mine, s.token)[2]),
			mayStake(math.MaxUint64, explain.StakePermission{}),
			explain.ErrAuthorityChange,
			1,
		},
		{
			"handed to the pool with something in between",
			list(s.depositStake(mine, s.token)[0], pay(owner, owner, 1),
				s.depositStake(mine, s.token)[2]),
			mayStake(math.MaxUint64, explain.StakePermission{}),
			explain.ErrAuthorityChange,
			1,
		},
		{"handed to the pool with another one in between", list(
			s.depositStake(mine, s.token)[0],
			s.authorize(key(98), s.pool.StakeDepositAuthority, true),
			s.depositStake(mine, s.token)[2],
		), mayStake(math.MaxUint64, explain.StakePermission{}),
			explain.ErrAuthorityChange, 1},
		{
			"handed to the pool with another hand in between",
			list(s.depositStake(mine, s.token)[0], s.authorize(mine, stranger, true),
				s.depositStake(mine, s.token)[2]),
			mayStake(math.MaxUint64, explain.StakePermission{}),
			explain.ErrAuthorityChange,
			1,
		},
		{
			"handed to the pool before a sale",
			list(s.depositStake(mine, s.token)[0], s.sell(mine, owner, owner)),
			mayStake(math.MaxUint64, explain.StakePermission{}),
			explain.ErrAuthorityChange,
			1,
		},
	}
}

// sales returns cases that sell a stake account to the Reserve.
func (s *stakeTradeRules) sales() []ruleCase {
	return []ruleCase{
		{"sold", list(s.sell(mine, owner, owner)),
			mayStake(math.MaxUint64, explain.StakePermission{}), nil, 0},
		{"sold without being named", list(s.sell(mine, owner, owner)), nil,
			explain.ErrAuthorityChange, 1},
		{
			"sold by another hand",
			list(s.sell(mine, stranger, stranger)),
			mayStake(math.MaxUint64, explain.StakePermission{}),
			explain.ErrAuthorityChange,
			1,
		},
		{"others sell", list(s.sell(key(98), stranger, stranger)), nil, nil, 0},
		{
			"others sell for the owner",
			list(s.sell(key(98), stranger, owner)),
			nil,
			explain.ErrOwnerExposed,
			1,
		},
		{
			"sold for a stranger",
			list(s.sell(mine, owner, stranger)),
			mayStake(math.MaxUint64, explain.StakePermission{}),
			explain.ErrWrongRecipient,
			1,
		},
		{
			"sold and wanted",
			list(s.sell(mine, owner, owner)),
			also(mayStake(math.MaxUint64, explain.StakePermission{}), least(1)),
			explain.ErrNoMinimum,
			0,
		},
	}
}

// poolWithdrawals returns cases that take stake out of a pool.
func (s *stakeTradeRules) poolWithdrawals() []ruleCase {
	return []ruleCase{
		{"taken out of the pool", s.withdrawn, also(s.sells(5), oneStakeAccount, wantsStake(40)),
			nil, 0},
		{
			"taken out of the pool of less",
			s.withdrawn,
			also(s.sells(5), oneStakeAccount, wantsStake(41)),
			explain.ErrMinimumNotEnforced,
			0,
		},
		{
			"taken out of the pool for more",
			s.withdrawn,
			also(s.sells(4), oneStakeAccount),
			explain.ErrSpendLimit,
			0,
		},
		{
			"taken out of the pool for a stranger",
			list(s.withdrawn[0], s.withdrawStake(s.part(), stranger, owner, 5, 40)),
			s.sells(5),
			explain.ErrWrongRecipient,
			2,
		},
		{
			"taken out of the pool for the recipient",
			list(s.withdrawn[0], s.withdrawStake(s.part(), s.friend, owner, 5, 40)),
			also(s.sells(5), s.toFriend, lamports(stakeRent), wantsStake(40)),
			nil,
			0,
		},
		{
			"taken out of the pool for the recipient of more",
			list(s.withdrawn[0], s.withdrawStake(s.part(), s.friend, owner, 5, 40)),
			also(s.sells(5), s.toFriend, lamports(stakeRent), wantsStake(41)),
			explain.ErrMinimumNotEnforced,
			0,
		},
		{
			"taken out of the pool for at least nothing",
			list(s.withdrawn[0], s.withdrawStake(s.part(), owner, owner, 5, 0)),
			also(s.sells(5), wantsStake(1), func(p *explain.Policy) {
				p.MaxNewAccounts, p.MaxRent = 1, stakeRent
			}),
			explain.ErrMinimumNotEnforced,
			0,
		},
		{
			"taken out of the pool for the recipient with rent",
			list(s.withdrawn[0], s.withdrawStake(s.part(), s.friend, owner, 5, 40)),
			also(s.sells(5), s.toFriend, lamports(stakeRent-1)),
			explain.ErrSpendLimit,
			0,
		},
	}
}

// destinations returns cases that name different accounts for the stake.
func (s *stakeTradeRules) destinations() []ruleCase {
	return []ruleCase{
		{
			"the recipient's is not the owner's any more",
			list(
				s.withdrawn[0],
				s.withdrawStake(s.part(), s.friend, owner, 5, 40),
				s.deactivate(s.part(), owner),
			),
			also(s.sells(5), s.toFriend, lamports(stakeRent)),
			explain.ErrLifetime,
			3,
		},
		{"into an account that is not new", s.withdrawn[1:], s.sells(5), explain.ErrLifetime, 1},
		{
			"into a token account of the owner's",
			list(s.create(owner, tokenRent), s.withdrawStake(s.wrap(), owner, owner, 5, 40)),
			s.sells(5),
			explain.ErrLifetime,
			2,
		},
		{
			"into an account that is in use",
			join(s.withdrawn, s.withdrawn[1]),
			also(s.sells(9), oneStakeAccount),
			explain.ErrLifetime,
			3,
		},
		{
			"by another hand into an account of the owner's",
			list(s.withdrawn[0], s.withdrawStake(s.part(), stranger, stranger, 5, 40)),
			nil,
			explain.ErrOwnerExposed,
			2,
		},
		{"left open", list(s.createStake(owner)), lamports(stakeRent), explain.ErrLifetime, 0},
	}
}

// TestVerify_StakeTrades checks stake accounts that are deposited, sold, or
// withdrawn from a pool.
func TestVerify_StakeTrades(t *testing.T) {
	s := newStakeTradeRules(t)
	s.check(t, s.deposits())
	s.check(t, s.poolAuthorities())
	s.check(t, s.sales())
	s.check(t, s.poolWithdrawals())
	s.check(t, s.destinations())
}
