package explain_test

import (
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	stakeprogram "github.com/gagliardetto/solana-go/programs/stake"
	"github.com/gagliardetto/solana-go/programs/system"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// sponsorCase is a transaction with its verdict for the sponsor.
type sponsorCase struct {
	name   string
	ixs    []solana.Instruction
	change func(p *explain.SponsorPolicy)
	want   error
	at     int
}

// sponsorRules holds what the tests of a sponsor share.
type sponsorRules struct {
	*scene
	nonce          txn.DurableNonce
	advance        func(account, authority solana.PublicKey) solana.Instruction
	give           func(wallet, mint solana.PublicKey) solana.Instruction
	purse          *scene
	opened         []solana.Instruction
	second         []solana.Instruction
	worthless      solana.Instruction
	worthlessPurse solana.Instruction
	marinade       func(by solana.PublicKey) solana.Instruction
	lighthouse     func(tag byte, account solana.PublicKey) solana.Instruction
	advances       func(lamports uint64) func(p *explain.SponsorPolicy)
	gives          func(count int, rent uint64) func(p *explain.SponsorPolicy)
}

func newSponsorRules(t *testing.T) *sponsorRules {
	t.Helper()

	s := newScene(t)
	nonce := txn.DurableNonce{Account: key(63), Authority: payer}
	advance := func(account, authority solana.PublicKey) solana.Instruction {
		return system.NewAdvanceNonceAccountInstruction(account,
			solana.SysVarRecentBlockHashesPubkey, authority).
			Build()
	}

	give := func(wallet, mint solana.PublicKey) solana.Instruction {
		return txn.CreateTokenAccount(payer, wallet, mint, accounts.TokenProgram).Instruction
	}
	purse := newScene(t)
	purse.seed = "purse"
	opened := list(s.create(payer, tokenRent), s.initialize())
	second := list(purse.create(payer, tokenRent), purse.initialize())

	worthless := s.build(instructions.TokenInitializeAccount{
		Program: accounts.TokenProgram, Account: s.wrap(), Mint: key(62), Owner: owner,
	})
	worthlessPurse := s.build(instructions.TokenInitializeAccount{
		Program: accounts.TokenProgram, Account: purse.wrap(), Mint: key(62), Owner: owner,
	})
	marinade := func(by solana.PublicKey) solana.Instruction {
		return s.build(instructions.MarinadeWithdrawStakeAccount{
			Marinade:    marinadeOf(s.pool.Mint),
			Authority:   owner,
			Source:      s.ata(owner, s.pool.Mint),
			Split:       key(86),
			NewStake:    key(80),
			Payer:       by,
			Beneficiary: owner,
			MSOL:        5,
		})
	}

	lighthouse := func(tag byte, account solana.PublicKey) solana.Instruction {
		return solana.NewInstruction(
			explain.LighthouseProgram,
			solana.AccountMetaSlice{solana.Meta(account)},
			[]byte{tag, 0, 0, 1},
		)
	}

	advances := func(lamports uint64) func(p *explain.SponsorPolicy) {
		return func(p *explain.SponsorPolicy) { p.MaxAdvance = lamports }
	}
	gives := func(count int, rent uint64) func(p *explain.SponsorPolicy) {
		return func(p *explain.SponsorPolicy) {
			p.MaxNewAccounts, p.MaxRent = count, rent
			p.Wallets, p.Mints = []solana.PublicKey{
				owner,
			}, []solana.PublicKey{
				s.pool.Mint,
				accounts.NativeMint,
			}
		}
	}

	return &sponsorRules{
		scene:          s,
		nonce:          nonce,
		advance:        advance,
		give:           give,
		purse:          purse,
		opened:         opened,
		second:         second,
		worthless:      worthless,
		worthlessPurse: worthlessPurse,
		marinade:       marinade,
		lighthouse:     lighthouse,
		advances:       advances,
		gives:          gives,
	}
}

// transfers returns cases that vary the fee, and transfer SOL of the sponsor.
func (s *sponsorRules) transfers() []sponsorCase {
	return []sponsorCase{
		{"nothing", nil, nil, nil, 0},
		{"no sponsor", nil, func(p *explain.SponsorPolicy) { p.Sponsor = solana.PublicKey{} },
			explain.ErrPolicy, 0},
		{"another payer", nil, func(p *explain.SponsorPolicy) { p.Sponsor = stranger },
			explain.ErrWrongFeePayer, 0},
		{"a lower fee", nil, func(p *explain.SponsorPolicy) { p.MaxNetworkFee = 4_999 },
			explain.ErrNetworkFee, 0},
		{"this fee", nil, func(p *explain.SponsorPolicy) { p.MaxNetworkFee = 5_000 }, nil, 0},
		{"an unknown program", list(solana.NewInstruction(stranger, nil, nil)), nil,
			explain.ErrUnknownInstruction, 1},
		{"a transfer", list(pay(payer, stranger, 5)), s.advances(5), explain.ErrSpendLimit, 0},
		{"a transfer that comes back", list(pay(payer, stranger, 5), pay(stranger, payer, 5)),
			s.advances(5), nil, 0},
		{"a transfer that comes back in part",
			list(pay(payer, stranger, 5), pay(stranger, payer, 4)), s.advances(5),
			explain.ErrSpendLimit, 0},
		{"a transfer that came before", list(pay(stranger, payer, 5), pay(payer, stranger, 5)), nil,
			nil, 0},
		{"a transfer of more than may be out",
			list(pay(payer, stranger, 6), pay(stranger, payer, 6)), s.advances(5),
			explain.ErrSpendLimit, 1},
		{"a transfer to itself", list(pay(payer, payer, 5)), nil, nil, 0},
		{"others among themselves", list(pay(owner, stranger, 5)), nil, nil, 0},
	}
}

// rents returns cases that advance a rent.
func (s *sponsorRules) rents() []sponsorCase {
	return []sponsorCase{
		{"a rent that comes back", join(s.opened, s.closeTo(owner), pay(owner, payer, tokenRent)),
			s.advances(tokenRent), nil, 0},
		{"a rent that does not", join(s.opened, s.closeTo(owner)), s.advances(tokenRent),
			explain.ErrSpendLimit, 0},
		{"a rent that comes back by closing", join(s.opened, s.closeTo(payer)),
			s.advances(tokenRent),
			nil, 0},
		{"a rent that others advance",
			join(list(s.create(owner, tokenRent), s.initialize()), s.closeTo(payer)), nil, nil, 0},
		{"closed after a program had it",
			join(s.opened, s.stakeInto(s.wrap(), s.ata(owner, s.pool.Mint), 5), s.closeTo(payer)),
			s.advances(tokenRent), explain.ErrSpendLimit, 0},
		{"closed after an assertion", join(s.opened, s.lighthouse(9, s.wrap()), s.closeTo(payer)),
			s.advances(tokenRent), nil, 0},
		{
			"closed after it was synchronized",
			join(s.opened, solana.NewInstruction(
				accounts.TokenProgram,
				solana.AccountMetaSlice{solana.Meta(s.wrap()).WRITE()},
				[]byte{17},
			), s.closeTo(payer)),
			s.advances(tokenRent),
			nil,
			0,
		},
	}
}

// movedRents returns cases that move a rent between accounts.
func (s *sponsorRules) movedRents() []sponsorCase {
	return []sponsorCase{
		{"closed twice",
			join(s.opened, s.closeTo(payer), s.closeTo(payer), pay(payer, stranger, tokenRent)),
			s.advances(2 * tokenRent),
			explain.ErrSpendLimit, 0},
		{"an account that it did not fill is closed", list(s.closeTo(payer)), nil, nil, 0},
		{"moved and closed",
			join(append(s.opened[:2:2], s.second...), s.tokens(s.wrap(), s.purse.wrap(), owner, 7),
				s.closeTo(owner),
				s.purse.closeTo(payer), pay(owner, payer, tokenRent-7)), s.advances(2 * tokenRent),
			nil,
			0},
		{"moved away and closed",
			join(s.opened, s.tokens(s.wrap(), key(95), owner, 7), s.closeTo(payer)),
			s.advances(tokenRent),
			explain.ErrSpendLimit, 0},
		{"moved in from elsewhere",
			join(append(s.opened[:2:2], s.second...), s.tokens(key(95), s.purse.wrap(), owner, 7),
				s.closeTo(owner),
				s.purse.closeTo(payer), pay(owner, payer, tokenRent-7)), s.advances(2 * tokenRent),
			explain.ErrSpendLimit, 0},
		{"moved in of another mint",
			join(list(s.create(payer, tokenRent), s.worthless, s.purse.create(payer, tokenRent),
				s.worthlessPurse),
				s.tokens(s.wrap(), s.purse.wrap(), owner, tokenRent), s.closeTo(owner),
				s.purse.closeTo(payer)),
			s.advances(2 * tokenRent),
			explain.ErrSpendLimit, 0},
		{"moved into one of another mint",
			join(append(s.opened[:2:2], s.purse.create(payer, tokenRent), s.worthlessPurse),
				s.tokens(s.wrap(), s.purse.wrap(), owner, tokenRent), s.closeTo(owner),
				s.purse.closeTo(payer)),
			s.advances(2 * tokenRent),
			explain.ErrSpendLimit, 0},
		{"returned out of an address by a seed",
			list(pay(payer, s.wrap(), 5), s.seededTransfer(payer, 5)), s.advances(5), nil, 0},
		{"withdrawn stake",
			list(pay(payer, stranger, 7),
				stakeprogram.NewWithdrawInstruction(7, mine, payer, owner).Build()),
			s.advances(7),
			nil, 0},
		{"stake that the sponsor withdraws",
			list(stakeprogram.NewWithdrawInstruction(7, mine, payer, payer).Build()), nil,
			explain.ErrOwnerExposed, 1},
	}
}

// tokenAccounts returns cases that open token accounts at the sponsor's cost.
func (s *sponsorRules) tokenAccounts() []sponsorCase {
	return []sponsorCase{
		{"a token account", list(s.give(owner, s.pool.Mint)), s.gives(1, tokenRent), nil, 0},
		{"the same twice", list(s.give(owner, s.pool.Mint), s.give(owner, s.pool.Mint)),
			s.gives(1, tokenRent), nil, 0},
		{"the same again after its owner has closed it", list(s.give(owner, s.pool.Mint),
			s.closeAs(s.ata(owner, s.pool.Mint), owner, owner), s.give(owner, s.pool.Mint)),
			s.gives(1, tokenRent), explain.ErrFormNotAllowed, 0},
		{"two token accounts", list(s.give(owner, s.pool.Mint), s.give(owner, accounts.NativeMint)),
			s.gives(2, 2*tokenRent), nil, 0},
		{"two token accounts of one",
			list(s.give(owner, s.pool.Mint), s.give(owner, accounts.NativeMint)),
			s.gives(1, 2*tokenRent),
			explain.ErrFormNotAllowed, 0},
		{"two token accounts of less rent",
			list(s.give(owner, s.pool.Mint), s.give(owner, accounts.NativeMint)),
			s.gives(2, 2*tokenRent-1),
			explain.ErrSpendLimit, 0},
		{"a token account of a stranger's", list(s.give(stranger, s.pool.Mint)),
			s.gives(1, tokenRent),
			explain.ErrWrongRecipient, 1},
		{"a token account of another mint", list(s.give(owner, key(62))), s.gives(1, tokenRent),
			explain.ErrWrongRecipient, 1},
		{"a token account of an unknown rent", list(s.give(owner, s.pool.Mint)),
			func(p *explain.SponsorPolicy) {
				s.gives(1, tokenRent)(p)
				p.TokenAccountRent = 0
			}, explain.ErrPolicy, 1},
		{"a token account that others pay",
			list(
				txn.CreateTokenAccount(owner, stranger, key(62), accounts.TokenProgram).Instruction,
			),
			nil,
			nil, 0},
		{"a token account of the sponsor's own", list(s.give(payer, s.pool.Mint)),
			s.gives(1, tokenRent), explain.ErrOwnerExposed, 1},
	}
}

// stakeRents returns cases that charge the rent of a stake account.
func (s *sponsorRules) stakeRents() []sponsorCase {
	return []sponsorCase{
		{"the rent of a stake account", list(s.marinade(payer), pay(owner, payer, stakeRent)),
			s.advances(stakeRent), nil, 0},
		{"the rent of a stake account that does not come back", list(s.marinade(payer)),
			s.advances(stakeRent), explain.ErrSpendLimit, 0},
		{"the rent of a stake account, of which more may not be out",
			list(s.marinade(payer), pay(owner, payer, stakeRent)),
			s.advances(stakeRent - 1), explain.ErrSpendLimit, 1},
		{"the rent of a stake account that is not known", list(s.marinade(payer)),
			func(p *explain.SponsorPolicy) { p.StakeAccountRent = 0 },
			explain.ErrPolicy, 1},
		{"the rent of a stake account that others pay", list(s.marinade(owner)),
			func(p *explain.SponsorPolicy) { p.StakeAccountRent = 0 },
			nil, 0},
	}
}

// places returns cases that name the sponsor in other places.
func (s *sponsorRules) places() []sponsorCase {
	return []sponsorCase{
		{"a nonce", list(s.advance(s.nonce.Account, payer)),
			func(p *explain.SponsorPolicy) { p.Nonce = s.nonce }, nil, 0},
		{"another nonce", list(s.advance(key(64), payer)),
			func(p *explain.SponsorPolicy) { p.Nonce = s.nonce }, explain.ErrNonceNotAllowed, 1},
		{"a nonce of another authority", list(s.advance(s.nonce.Account, owner)),
			func(p *explain.SponsorPolicy) { p.Nonce = s.nonce },
			explain.ErrNonceNotAllowed, 1},
		{"a nonce that is not named", list(s.advance(s.nonce.Account, payer)), nil,
			explain.ErrNonceNotAllowed, 1},
		{"a trade of the sponsor's", list(s.build(instructions.StakePoolWithdrawSOL{
			Pool: s.pool, Authority: payer, Source: key(95), Destination: owner, PoolTokens: 5,
		})), nil, explain.ErrOwnerExposed, 1},
		{"a delegate of the sponsor's",
			list(solana.NewInstruction(accounts.TokenProgram, solana.AccountMetaSlice{
				solana.Meta(key(95)).WRITE(), solana.Meta(stranger), solana.Meta(payer).SIGNER(),
			}, []byte{4, 1, 0, 0, 0, 0, 0, 0, 0})), nil, explain.ErrOwnerExposed, 1},
		{"an account that the sponsor creates",
			list(system.NewCreateAccountInstruction(5, 0, stranger, payer, key(80)).Build()),
			s.advances(5),
			explain.ErrOwnerExposed, 1},
		{"an assertion", list(s.lighthouse(5, payer), s.lighthouse(6, payer)), nil, nil, 0},
		{"a token account that the sponsor closes", list(s.closeAs(key(95), owner, payer)), nil,
			explain.ErrOwnerExposed, 1},
	}
}

// TestVerifySponsor checks the losses of a sponsor.
func TestVerifySponsor(t *testing.T) {
	s := newSponsorRules(t)
	for _, c := range slices.Concat(
		s.transfers(),
		s.rents(),
		s.movedRents(),
		s.tokenAccounts(),
		s.stakeRents(),
		s.places(),
	) {
		t.Run(c.name, func(t *testing.T) {
			p := explain.SponsorPolicy{
				Sponsor:          payer,
				TokenAccountRent: tokenRent,
				StakeAccountRent: stakeRent,
				MaxNetworkFee:    50_000,
			}
			if c.change != nil {
				c.change(&p)
			}

			e := explain.Instructions(payer, c.ixs, nil)
			err := explain.VerifySponsor(e, p)
			if c.want == nil {
				require.NoError(t, err)
				return
			}

			require.ErrorIs(t, err, c.want)
			var refused *explain.VerifyError
			require.ErrorAs(t, err, &refused)
			require.Equal(t, c.at-1, refused.Instruction, "%v", err)
		})
	}

	costly := explain.Explanation{Payer: payer, NetworkFee: explain.DefaultMaxNetworkFee + 1}
	require.ErrorIs(
		t,
		explain.VerifySponsor(costly, explain.SponsorPolicy{Sponsor: payer}),
		explain.ErrNetworkFee,
	)

	costly.NetworkFee--
	require.NoError(t, explain.VerifySponsor(costly, explain.SponsorPolicy{Sponsor: payer}))
}
