package sdk

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/gagliardetto/solana-go"
	"golang.org/x/sync/errgroup"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// holdingsLoader is the state of one call of [Client.Holdings].
type holdingsLoader struct {
	client *Client
	owner  solana.PublicKey
	opts   HoldingsOptions
	found  *Holdings

	// mu guards the gaps while lists are asked for.
	mu sync.Mutex

	set     *accounts.Set
	clock   accounts.Clock
	rewards bool
}

func (l *holdingsLoader) load(ctx context.Context) error {
	keys, err := l.addresses(ctx)
	if err != nil {
		return err
	}

	if err := l.read(ctx, keys); err != nil {
		return err
	}

	for _, key := range keys {
		l.add(key)
	}

	if err := l.priceTickets(ctx); err != nil {
		return err
	}

	l.sort()

	if err := l.value(ctx); err != nil {
		return err
	}
	return l.checkReceiving(ctx)
}

// checkReceiving finds the associated token accounts that claims would pay to
// and that the owner cannot use.
func (l *holdingsLoader) checkReceiving(ctx context.Context) error {
	var tokens []lst.LST
	for i := range l.found.Receipts {
		if token, err := l.client.lsts().ByMint(l.found.Receipts[i].Mint); err == nil {
			tokens = appendToken(tokens, token)
		}
	}

	if len(tokens) == 0 {
		return nil
	}

	blocked, _, err := l.client.blockedTokens(ctx, l.owner, tokens, l.found.Slot)
	if err != nil {
		return err
	}

	maps.Copy(l.found.blocked, blocked)
	return nil
}

// gap records that something may be missing. Of several reasons for one kind
// the first counts.
func (l *holdingsLoader) gap(kind HoldingKind, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, g := range l.found.Incomplete {
		if g.Kind == kind {
			return
		}
	}
	l.found.Incomplete = append(l.found.Incomplete, HoldingsGap{Kind: kind, Err: err})
}

// addresses returns the addresses of all accounts to read, without duplicates.
func (l *holdingsLoader) addresses(ctx context.Context) ([]solana.PublicKey, error) {
	all := slices.Clone(l.opts.Known[:min(len(l.opts.Known), mostListed)])
	if len(l.opts.Known) > mostListed {
		l.gap(HoldingStakes, errManyHoldings)
	}

	tokensListed := false
	if !l.opts.SkipLists {
		lists := l.accountLists()
		answers := make([][]solana.PublicKey, len(lists))
		refused := make([]bool, len(lists))
		var group errgroup.Group
		for i, list := range lists {
			group.Go(func() error {
				found, err := list.ask(ctx)
				if err != nil {
					refused[i] = true
					l.gap(list.kind, err)
					return nil
				}

				keys, whole := shortened(found)
				answers[i] = keys
				if !whole {
					l.gap(list.kind, errManyHoldings)
				}

				return nil
			})
		}

		_ = group.Wait()
		if err := ctx.Err(); err != nil {
			return nil, err
		}

		tokensListed = !refused[0] && !refused[1]
		all = slices.Concat(append([][]solana.PublicKey{all}, answers...)...)
	} else {
		l.skipped()
	}

	if !tokensListed {
		for _, token := range l.tokenTypes() {
			address, err := l.client.addresses.AssociatedToken(l.owner, token.TokenProgram,
				token.Mint)
			if err != nil {
				return nil, err
			}

			all = append(all, address)
		}
	}

	slices.SortFunc(all, accounts.CompareKeys)
	return slices.Compact(all), nil
}

// errListsSkipped is the reason of the gaps with HoldingsOptions.SkipLists.
var errListsSkipped = errors.New("not listed (SkipLists is set)")

func (l *holdingsLoader) skipped() {
	for _, kind := range []HoldingKind{HoldingTokens, HoldingStakes, HoldingTickets,
		HoldingReceipts} {
		l.gap(kind, errListsSkipped)
	}
}

// tokenTypes returns the LSTs of the registry and wrapped SOL.
func (l *holdingsLoader) tokenTypes() []lst.LST {
	return append(l.client.lsts().All(), lst.LST{
		Mint:         accounts.NativeMint,
		TokenProgram: accounts.TokenProgram,
	})
}

// read reads the accounts, the wallet and the sysvars.
func (l *holdingsLoader) read(ctx context.Context, keys []solana.PublicKey) error {
	all := append([]solana.PublicKey{accounts.ClockSysvar, accounts.EpochRewardsSysvar, l.owner},
		keys...)
	set, err := l.client.readAccounts(ctx, all, 0)
	if err != nil {
		return err
	}

	clock, err := accounts.Load(set, accounts.ClockSysvar, accounts.DecodeClock)
	if err != nil {
		return err
	}

	if l.rewards, err = rewardsActive(set); err != nil {
		return err
	}

	wallet, err := walletOf(set, l.owner)
	if err != nil {
		return err
	}

	l.set, l.clock = set, *clock
	l.found.Slot, l.found.Epoch = set.Slot(), clock.Epoch
	if wallet.program.IsZero() {
		l.found.Lamports = wallet.lamports
	}
	return nil
}

// rewardsActive reports whether staking rewards are being distributed.
func rewardsActive(set *accounts.Set) (bool, error) {
	rewards, err := accounts.Load(set, accounts.EpochRewardsSysvar, accounts.DecodeEpochRewards)
	switch {
	case errors.Is(err, accounts.ErrNotFound):
		return false, nil
	case err != nil:
		return false, err
	}
	return rewards.Active, nil
}

// add adds an account to the holdings if it is the owner's. A node may list
// other accounts, and accounts change between a list and the reading.
func (l *holdingsLoader) add(key solana.PublicKey) {
	account, err := l.set.Get(key)
	if err != nil {
		return
	}

	switch account.Owner {
	case accounts.TokenProgram, accounts.Token2022Program:
		l.addToken(account)
	case accounts.StakeProgram:
		l.addStake(account)
	case accounts.MarinadeProgram:
		l.addTicket(account)
	case accounts.InterceptorProgram:
		l.addReceipt(account)
	}
}

func (l *holdingsLoader) addToken(account accounts.Account) {
	token, err := accounts.DecodeTokenAccount(account)
	if err != nil {
		return
	}

	associated, err := l.client.addresses.AssociatedToken(l.owner, account.Owner, token.Mint)
	if err != nil {
		return
	}

	switch {
	case token.Owner != l.owner:
	case token.Mint == accounts.NativeMint:
		l.found.WrappedSOL = append(l.found.WrappedSOL, WrappedSOLHolding{
			Account:  account.Address,
			Amount:   token.Amount,
			Lamports: account.Lamports,
			closable: closableBy(token, l.owner),
		})

	case token.Amount == 0:
		if closableBy(token, l.owner) {
			l.found.Empty = append(l.found.Empty, EmptyAccount{
				Account:      account.Address,
				Mint:         token.Mint,
				TokenProgram: account.Owner,
				Rent:         account.Lamports,
			})
		}

	default:
		known, err := l.client.lsts().ByMint(token.Mint)
		if err != nil || known.TokenProgram != account.Owner {
			return
		}

		l.found.LSTs = append(l.found.LSTs, LSTHolding{
			LST:        known,
			Account:    account.Address,
			Associated: account.Address == associated,
			Amount:     token.Amount,
			Frozen:     token.State == accounts.TokenFrozen,
			lamports:   account.Lamports,
			closable:   closableBy(token, l.owner),
		})
	}
}

func (l *holdingsLoader) addStake(account accounts.Account) {
	stake, err := accounts.DecodeStakeAccount(account)
	if err != nil || stake.State != accounts.StakeInitialized &&
		stake.State != accounts.StakeDelegated {
		return
	}

	if stake.Withdrawer != l.owner && stake.Staker != l.owner {
		return
	}

	l.found.Stakes = append(l.found.Stakes,
		newStakeHolding(account, stake, l.owner, l.clock, l.rewards))
}

// newStakeHolding returns the state of a stake account at a clock.
func newStakeHolding(
	account accounts.Account, stake *accounts.StakeAccount, owner solana.PublicKey,
	clock accounts.Clock, rewards bool,
) StakeHolding {
	h := StakeHolding{
		Address:      account.Address,
		Lamports:     account.Lamports,
		Account:      *stake,
		IsWithdrawer: stake.Withdrawer == owner,
		IsStaker:     stake.Staker == owner,
		Status:       stakeStatus(stake, clock.Epoch),
		Locked:       stake.Lockup.InForce(clock),
		rewards:      rewards,
	}

	switch h.Status {
	case StakeStatusActive, StakeStatusActivating:
	case StakeStatusDeactivating:
		h.FreeEpoch = fixed.SaturatingAdd(stake.Delegation.DeactivationEpoch, 1)
	default:
		h.Free = !h.Locked
		if stake.State == accounts.StakeDelegated {
			h.FreeEpoch = stake.Delegation.DeactivationEpoch
			if stake.Delegation.ActivationEpoch != h.FreeEpoch {
				h.FreeEpoch = fixed.SaturatingAdd(h.FreeEpoch, 1)
			}
		}
	}

	if h.FreeEpoch > 0 || h.Free {
		h.FreeEpoch = max(h.FreeEpoch, stake.Lockup.Epoch)
	}

	if !h.Free && stake.State == accounts.StakeDelegated {
		h.Surplus = fixed.SaturatingSub(account.Lamports,
			fixed.SaturatingAdd(stake.Delegation.Stake, stake.RentExemptReserve))
	}
	return h
}

// stakeStatus returns the state of stake that changes within one epoch.
func stakeStatus(stake *accounts.StakeAccount, epoch uint64) StakeStatus {
	d := &stake.Delegation
	switch {
	case stake.State != accounts.StakeDelegated:
		return StakeStatusInactive
	case d.ActivationEpoch == d.DeactivationEpoch && d.ActivationEpoch != accounts.NeverEpoch:
		return StakeStatusInactive
	case d.DeactivationEpoch < epoch:
		return StakeStatusInactive
	case d.DeactivationEpoch == epoch:
		return StakeStatusDeactivating
	case stake.IsActive(epoch):
		return StakeStatusActive
	}
	return StakeStatusActivating
}

func (l *holdingsLoader) addTicket(account accounts.Account) {
	ticket, err := accounts.DecodeMarinadeTicket(account)
	if err == nil && ticket.Beneficiary == l.owner {
		l.found.Tickets = append(l.found.Tickets, TicketHolding{
			Address: account.Address,
			Ticket:  *ticket,
			Rent:    account.Lamports,
		})
	}
}

func (l *holdingsLoader) addReceipt(account accounts.Account) {
	receipt, err := accounts.DecodeInterceptorReceipt(account)
	if err != nil || receipt.Owner != l.owner {
		return
	}

	h := ReceiptHolding{
		StakeReceipt: StakeReceipt{Address: account.Address, Receipt: *receipt},
		Rent:         account.Lamports,
	}

	h.Claim, h.ClaimErr = quote.ClaimReceipt(receipt, l.clock.UnixTimestamp)
	for _, token := range l.client.lsts().All() {
		if token.Kind.IsStakePool() && token.Pool == receipt.StakePool {
			h.Mint = token.Mint
		}
	}

	l.found.Receipts = append(l.found.Receipts, h)
}

// priceTickets computes when the tickets are due and what they pay.
func (l *holdingsLoader) priceTickets(ctx context.Context) error {
	if len(l.found.Tickets) == 0 {
		return nil
	}

	pool, _, err := l.client.marinadePool(ctx, l.found.Slot)
	if ended := ctx.Err(); ended != nil {
		return ended
	}

	for i := range l.found.Tickets {
		t := &l.found.Tickets[i]
		if t.ClaimErr = err; err != nil {
			l.gap(HoldingPrices, err)
			continue
		}

		t.DueEpoch, t.DueSeconds, t.ClaimErr = pool.ClaimableAt(&t.Ticket)
		if t.ClaimErr == nil {
			t.Claim, t.ClaimErr = pool.Claim(&t.Ticket, t.Rent)
		}
	}
	return nil
}

// sort brings the holdings into an order that does not depend on the node: the
// most valuable first.
func (l *holdingsLoader) sort() {
	h := l.found
	slices.SortFunc(h.Stakes, func(a, b StakeHolding) int {
		return cmp.Or(cmp.Compare(b.Lamports, a.Lamports),
			accounts.CompareKeys(a.Address, b.Address))
	})

	slices.SortFunc(h.Tickets, func(a, b TicketHolding) int {
		return cmp.Or(cmp.Compare(a.Ticket.CreatedEpoch, b.Ticket.CreatedEpoch),
			accounts.CompareKeys(a.Address, b.Address))
	})

	slices.SortFunc(h.Receipts, func(a, b ReceiptHolding) int {
		return cmp.Or(cmp.Compare(a.Receipt.DepositTime, b.Receipt.DepositTime),
			accounts.CompareKeys(a.Address, b.Address))
	})

	slices.SortFunc(h.WrappedSOL, func(a, b WrappedSOLHolding) int {
		return cmp.Or(cmp.Compare(b.Lamports, a.Lamports),
			accounts.CompareKeys(a.Account, b.Account))
	})

	slices.SortFunc(h.Incomplete, func(a, b HoldingsGap) int { return cmp.Compare(a.Kind, b.Kind) })
}
