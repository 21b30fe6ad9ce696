package explain_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/explain"
)

// receiptOf returns a receipt over 60 base units.
func (s *scene) receiptOf(
	of solana.PublicKey, changes ...func(*accounts.InterceptorReceipt),
) accounts.Account {
	receipt := accounts.InterceptorReceipt{Owner: of, StakePool: s.pool.Address, PoolTokens: 60}
	for _, change := range changes {
		change(&receipt)
	}

	return accounts.Account{
		Address:  s.receipt(),
		Owner:    accounts.InterceptorProgram,
		Lamports: receiptRent,
		Data:     receipt.Encode(),
	}
}

// TestVerifyOutcome_ReceiptDeposits checks what a deposit for a receipt leaves.
func TestVerifyOutcome_ReceiptDeposits(t *testing.T) {
	s := newScene(t)
	const has = 1 << 40
	before := world{owner: wallet(owner, has), mine: stakeOf(mine, owner, 1_000)}
	after := world{owner: wallet(owner, has-receiptRent)}.with(s.receiptOf(owner))
	may := s.receipts(60)
	s.outcomes(t, payer, s.depositForReceipt(mine, owner), 0, []outcomeCase{
		{"for a receipt", before, after, may, nil},
		{"over less", before, after, s.receipts(61), explain.ErrMinimumNotEnforced},
		{"without a receipt", before, world{owner: wallet(owner, has)}, may,
			explain.ErrMinimumNotEnforced},
		{"for a stranger", before, after.with(s.receiptOf(stranger)), may,
			explain.ErrMinimumNotEnforced},
		{"for more rent", before, after.with(wallet(owner, has-receiptRent-1)), may,
			explain.ErrSpendLimit},
		{"no new account", before, after, also(may, func(p *explain.Policy) {
			p.MaxNewAccounts = 0
		}), explain.ErrFormNotAllowed},
		{"less rent", before, after, also(may, func(p *explain.Policy) { p.MaxRent-- }),
			explain.ErrSpendLimit},
	})

	s.outcomes(t, payer, s.depositForReceipt(mine, owner, byFriend(s)), 0, []outcomeCase{
		{"paid by another", before.with(wallet(s.friend, has)),
			after.with(wallet(owner, has), wallet(s.friend, has-receiptRent)),
			also(may, func(p *explain.Policy) { p.MaxNewAccounts, p.MaxRent = 0, 0 }), nil},
	})
}

// TestVerifyOutcome_ReceiptClaims checks what becomes of a receipt of the
// owner.
func TestVerifyOutcome_ReceiptClaims(t *testing.T) {
	s := newScene(t)
	token := s.ata(owner, s.pool.Mint)
	before := world{owner: wallet(owner, 9)}.with(s.receiptOf(owner),
		tokenOf(token, s.pool.Mint, owner, 5))
	after := world{owner: wallet(owner, 9+receiptRent)}.with(
		tokenOf(token, s.pool.Mint, owner, 5+54))
	wants := func(least uint64) func(p *explain.Policy) {
		return also(s.named, func(p *explain.Policy) {
			p.MinTokens = map[solana.PublicKey]uint64{s.pool.Mint: least}
		})
	}

	other := before.with(s.receiptOf(owner,
		func(r *accounts.InterceptorReceipt) { r.PoolTokens-- }))
	s.outcomes(t, payer, list(s.claim(owner, token)), 0, []outcomeCase{
		{"claimed", before, after, wants(54), nil},
		{"less than wanted", before, after, wants(55), explain.ErrMinimumNotEnforced},
		{"not named", before, after, nil, explain.ErrAuthorityChange},
		{"untouched", before, before, nil, nil},
		{"given away", before, before.with(s.receiptOf(stranger)), s.named,
			explain.ErrAuthorityChange},
		{"changed", before, other, s.named, explain.ErrAuthorityChange},
		{"of a stranger", before.with(s.receiptOf(stranger)), after, nil, nil},
	})
}
