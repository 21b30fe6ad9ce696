package explain_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	stakeprogram "github.com/gagliardetto/solana-go/programs/stake"

	"github.com/sanctum-go/sanctum/sdk/explain"
)

// TestVerify_StakeTrades is about stake accounts that are deposited, sold, or
// taken out of a pool.
func TestVerify_StakeTrades(t *testing.T) {
	s := newScene(t)
	token := s.ata(owner, s.pool.Mint)
	may, stays, stake, and, reserve := mayStake, oneStakeAccount, wantsStake, join, s.sell
	all, none := ^uint64(0), explain.StakePermission{}
	withdrawn := list(s.createStake(owner), s.withdrawStake(s.part(), owner, owner, 5, 40))
	deactivate := func(stake, by solana.PublicKey) solana.Instruction {
		return stakeprogram.NewDeactivateInstruction(stake, by).Build()
	}
	s.check(t, []ruleCase{
		{"deposited", s.depositStake(mine, token), may(all, none), nil, 0},
		{"deposited in part", s.depositStake(mine, token), may(all-1, none), explain.ErrSpendLimit,
			0},
		{"deposited without being named", s.depositStake(mine, token), nil,
			explain.ErrAuthorityChange, 1},
		{
			"deposited for a stranger",
			s.depositStake(mine, s.ata(stranger, s.pool.Mint)),
			may(all, none),
			explain.ErrWrongRecipient,
			3,
		},
		{"deposited as it is", s.depositStake(mine, token)[2:], may(all, none), nil, 0},
		{"others deposit", s.depositStake(mine, s.ata(stranger, s.pool.Mint))[2:], nil, nil, 0},
		{
			"others deposit for the owner",
			s.depositStake(mine, token)[2:],
			nil,
			explain.ErrOwnerExposed,
			1,
		},
		{
			"handed to the pool and not deposited",
			s.depositStake(mine, token)[:2],
			may(all, none),
			explain.ErrAuthorityChange,
			1,
		},
		{
			"handed to the pool, with another one deposited",
			and(s.depositStake(mine, token)[:2], s.depositStake(key(98), token)[2]),
			may(all, none),
			explain.ErrAuthorityChange,
			1,
		},
		{
			"handed to another pool",
			list(s.authorize(mine, key(98), false), s.depositStake(mine, token)[2]),
			may(all, none),
			explain.ErrAuthorityChange,
			1,
		},
		{
			"handed to the pool with something in between",
			list(s.depositStake(mine, token)[0], pay(owner, owner, 1),
				s.depositStake(mine, token)[2]),
			may(all, none),
			explain.ErrAuthorityChange,
			1,
		},
		{"handed to the pool with another one in between", list(
			s.depositStake(mine, token)[0],
			s.authorize(
				key(98),
				s.pool.StakeDepositAuthority,
				true,
			),
			s.depositStake(mine, token)[2],
		), may(all, none),
			explain.ErrAuthorityChange, 1},
		{
			"handed to the pool with another hand in between",
			list(s.depositStake(mine, token)[0], s.authorize(mine, stranger, true),
				s.depositStake(mine, token)[2]),
			may(all, none),
			explain.ErrAuthorityChange,
			1,
		},
		{
			"handed to the pool before a sale",
			list(s.depositStake(mine, token)[0], reserve(mine, owner, owner)),
			may(all, none),
			explain.ErrAuthorityChange,
			1,
		},
		{"sold", list(reserve(mine, owner, owner)), may(all, none), nil, 0},
		{"sold without being named", list(reserve(mine, owner, owner)), nil,
			explain.ErrAuthorityChange, 1},
		{
			"sold by another hand",
			list(reserve(mine, stranger, stranger)),
			may(all, none),
			explain.ErrAuthorityChange,
			1,
		},
		{"others sell", list(reserve(key(98), stranger, stranger)), nil, nil, 0},
		{
			"others sell for the owner",
			list(reserve(key(98), stranger, owner)),
			nil,
			explain.ErrOwnerExposed,
			1,
		},
		{
			"sold for a stranger",
			list(reserve(mine, owner, stranger)),
			may(all, none),
			explain.ErrWrongRecipient,
			1,
		},
		{
			"sold and wanted",
			list(reserve(mine, owner, owner)),
			also(may(all, none), least(1)),
			explain.ErrNoMinimum,
			0,
		},
		{"taken out of the pool", withdrawn, also(s.sells(5), stays, stake(40)), nil, 0},
		{
			"taken out of the pool of less",
			withdrawn,
			also(s.sells(5), stays, stake(41)),
			explain.ErrMinimumNotEnforced,
			0,
		},
		{
			"taken out of the pool for more",
			withdrawn,
			also(s.sells(4), stays),
			explain.ErrSpendLimit,
			0,
		},
		{
			"taken out of the pool for a stranger",
			list(withdrawn[0], s.withdrawStake(s.part(), stranger, owner, 5, 40)),
			s.sells(5),
			explain.ErrWrongRecipient,
			2,
		},
		{
			"taken out of the pool for the recipient",
			list(withdrawn[0], s.withdrawStake(s.part(), s.friend, owner, 5, 40)),
			also(s.sells(5), s.toFriend, lamports(stakeRent), stake(40)),
			nil,
			0,
		},
		{
			"taken out of the pool for the recipient of more",
			list(withdrawn[0], s.withdrawStake(s.part(), s.friend, owner, 5, 40)),
			also(s.sells(5), s.toFriend, lamports(stakeRent), stake(41)),
			explain.ErrMinimumNotEnforced,
			0,
		},
		{
			"taken out of the pool for at least nothing",
			list(withdrawn[0], s.withdrawStake(s.part(), owner, owner, 5, 0)),
			also(s.sells(5), stake(1), func(p *explain.Policy) {
				p.MaxNewAccounts, p.MaxRent = 1, stakeRent
			}),
			explain.ErrMinimumNotEnforced,
			0,
		},
		{
			"taken out of the pool for the recipient with rent",
			list(withdrawn[0], s.withdrawStake(s.part(), s.friend, owner, 5, 40)),
			also(s.sells(5), s.toFriend, lamports(stakeRent-1)),
			explain.ErrSpendLimit,
			0,
		},
		{
			"the recipient's is not the owner's any more",
			list(
				withdrawn[0],
				s.withdrawStake(s.part(), s.friend, owner, 5, 40),
				deactivate(
					s.part(),
					owner,
				),
			),
			also(s.sells(5), s.toFriend, lamports(stakeRent)),
			explain.ErrLifetime,
			3,
		},
		{"into an account that is not new", withdrawn[1:], s.sells(5), explain.ErrLifetime, 1},
		{
			"into a token account of the owner's",
			list(s.create(owner, tokenRent), s.withdrawStake(s.wrap(), owner, owner, 5, 40)),
			s.sells(5),
			explain.ErrLifetime,
			2,
		},
		{
			"into an account that is in use",
			and(withdrawn, withdrawn[1]),
			also(s.sells(9), stays),
			explain.ErrLifetime,
			3,
		},
		{
			"by another hand into an account of the owner's",
			list(withdrawn[0], s.withdrawStake(s.part(), stranger, stranger, 5, 40)),
			nil,
			explain.ErrOwnerExposed,
			2,
		},
		{"left open", list(s.createStake(owner)), lamports(stakeRent), explain.ErrLifetime, 0},
	})
}
