package e2e

import (
	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// This file has the effects of Marinade and of the Router.

// marinade is Marinade with its lists.
type marinade struct {
	quote.MarinadeState
	validators               *accounts.MarinadeValidatorList
	stakes                   *accounts.MarinadeStakeList
	solLeg, reserve          solana.PublicKey
	stakeDeposit, stakeOwner solana.PublicKey
}

// marinade returns Marinade as input of package quote.
func (f *forecast) marinade() marinade {
	program, address := accounts.MarinadeProgram, accounts.MarinadeStateAddress
	must := func(key solana.PublicKey, err error) solana.PublicKey {
		require.NoError(f.t, err)
		return key
	}

	s := decoded(f, address, accounts.DecodeMarinadeState)
	m := marinade{
		solLeg:       must(accounts.MarinadeSOLLeg(program, address)),
		reserve:      must(accounts.MarinadeReserve(program, address)),
		stakeDeposit: must(accounts.MarinadeStakeDepositAuthority(program, address)),
		stakeOwner:   must(accounts.MarinadeStakeWithdrawAuthority(program, address)),
	}

	var err error
	m.validators, err = accounts.DecodeMarinadeValidatorList(
		f.at(s.ValidatorSystem.ValidatorList.Account), s)
	require.NoError(f.t, err)
	list := f.at(s.StakeSystem.StakeList.Account)
	m.stakes, err = accounts.DecodeMarinadeStakeList(list, s)
	require.NoError(f.t, err)
	m.MarinadeState = quote.MarinadeState{
		Program:           program,
		Address:           address,
		State:             *s,
		Clock:             f.chain.Clock,
		Rent:              f.chain.Rent,
		SOLLegLamports:    f.at(m.solLeg).Lamports,
		MSOLLegAmount:     f.token(s.LiqPool.MSOLLeg).Amount,
		ReserveLamports:   f.at(m.reserve).Lamports,
		MintSupply:        decoded(f, s.MSOLMint, accounts.DecodeMint).Supply,
		TreasuryUsable:    quote.MarinadeTreasuryUsable(s, f.at(s.TreasuryMSOLAccount)),
		StakeListSpace:    uint64(len(list.Data)),
		MinimumDelegation: f.chain.MinimumDelegation,
		Version:           quote.MarinadeVersionOf(f.builds[program]),
	}

	return m
}

// write writes the state and the lists of Marinade.
func (f *forecast) write(m marinade) {
	s := &m.State
	f.put(m.Address, s.Encode())
	f.put(s.ValidatorSystem.ValidatorList.Account, m.validators.Encode())
	f.put(s.StakeSystem.StakeList.Account, m.stakes.Encode())
}

func (b booked) marinadeDeposit() error {
	lamports := b.amount("lamports")
	_, err := b.depositMarinade(lamports, b.key("destination token account"))
	if err == nil {
		b.addLamports(b.key("lamports source"), -lamports)
	}
	return err
}

// depositMarinade deposits lamports into Marinade.
func (f *forecast) depositMarinade(
	lamports uint64, destination solana.PublicKey,
) (quote.MarinadeDeposit, error) {
	m := f.marinade()
	d, err := m.Deposit(lamports)
	if err != nil {
		return d, err
	}

	f.addLamports(m.solLeg, d.ToLeg)
	f.addLamports(m.reserve, d.ToReserve)
	f.addTokens(m.State.LiqPool.MSOLLeg, -d.FromLeg)
	f.addTokens(destination, d.MSOL)
	f.addSupply(m.State.MSOLMint, d.Minted)
	m.State.AvailableReserveBalance += d.ToReserve
	m.State.MSOLSupply += d.Minted
	f.write(m)

	return d, nil
}

func (b booked) marinadeUnstake() error {
	m := b.marinade()
	u, err := m.LiquidUnstake(b.amount("mSOL"))
	if err != nil {
		return err
	}

	b.addLamports(m.solLeg, -u.Lamports)
	b.addLamports(b.key("lamports destination"), u.Lamports)
	b.addTokens(b.key("source token account"), -u.MSOL)
	b.addTokens(m.State.LiqPool.MSOLLeg, u.ToLeg)
	b.addTokens(m.State.TreasuryMSOLAccount, u.Treasury)

	return nil
}

func (b booked) marinadeDepositStake() error {
	_, err := b.depositMarinadeStake(b.key("stake account"), b.key("owner"),
		b.key("destination token account"))
	return err
}

// depositMarinadeStake adds a stake account to those of Marinade.
func (f *forecast) depositMarinadeStake(
	stake, owner, destination solana.PublicKey,
) (quote.MarinadeStakeDeposit, error) {
	m, s := f.marinade(), f.stake(stake)
	require.NotNil(f.t, s)
	d, err := m.DepositStakeAccount(*s, m.validators, owner)
	if err != nil {
		return d, err
	}

	s.Account.Staker, s.Account.Withdrawer = m.stakeDeposit, m.stakeOwner
	f.putStake(stake, s)
	f.addTokens(destination, d.MSOL)
	f.addSupply(m.State.MSOLMint, d.MSOL)
	list := &m.State.StakeSystem.StakeList
	m.stakes.Stakes = append(m.stakes.Stakes, accounts.MarinadeStakeRecord{
		StakeAccount:                stake,
		LastUpdateDelegatedLamports: d.Staked,
		LastUpdateEpoch:             f.chain.Clock.Epoch,
		Spare:                       make([]byte, list.ItemSize-accounts.MarinadeStakeRecordSize),
	})

	list.Count++
	m.State.MSOLSupply += d.MSOL
	m.State.ValidatorSystem.TotalActiveBalance += d.Staked
	m.validators.Validators[d.ValidatorIndex].ActiveBalance += d.Staked
	f.write(m)

	return d, nil
}

func (b booked) marinadeWithdrawStake() error {
	m, key := b.marinade(), b.key("stake account to split")
	at := b.amount("stake index")
	record, from := &m.stakes.Stakes[at], b.stake(key)
	require.Equal(b.t, key, record.StakeAccount)
	source, err := m.Source(quote.MarinadeRecord{Index: uint32(at), Record: *record}, *from,
		m.validators)
	if err != nil {
		return err
	}

	w, err := m.WithdrawStakeAccount(b.amount("mSOL"), source)
	if err != nil {
		return err
	}

	destination := b.key("destination stake account")
	b.addLamports(b.key("rent payer"), -w.Rent)
	b.addLamports(destination, w.Rent)
	b.splitOff(key, destination, w.Lamports, b.value("beneficiary"))
	b.addTokens(b.key("source token account"), -w.MSOL)
	b.addTokens(m.State.TreasuryMSOLAccount, w.Treasury)
	b.addSupply(m.State.MSOLMint, -w.Burned)
	m.State.MSOLSupply -= w.Burned
	m.State.ValidatorSystem.TotalActiveBalance -= w.Lamports
	m.validators.Validators[source.ValidatorIndex].ActiveBalance -= w.Lamports
	record.LastUpdateDelegatedLamports -= w.Lamports
	b.write(m)

	return nil
}

func (b booked) marinadeOrder() error {
	m, ticket := b.marinade(), b.key("ticket")
	w, err := m.OrderUnstake(b.amount("mSOL"))
	if err != nil {
		return err
	}

	b.addTokens(b.key("source token account"), -w.MSOL)
	b.addSupply(m.State.MSOLMint, -w.MSOL)
	b.put(ticket, accounts.MarinadeTicket{
		State:        m.Address,
		Beneficiary:  b.key("token authority"),
		Lamports:     w.Lamports,
		CreatedEpoch: w.CreatedEpoch,
	}.Encode())

	m.State.MSOLSupply -= w.MSOL
	m.State.CirculatingTicketBalance += w.Lamports
	m.State.CirculatingTicketCount++
	b.write(m)

	return nil
}

func (b booked) marinadeClaim() error {
	m, key := b.marinade(), b.key("ticket")
	ticket := decoded(b.forecast, key, accounts.DecodeMarinadeTicket)
	c, err := m.Claim(ticket, b.at(key).Lamports)
	if err != nil {
		return err
	}

	b.addLamports(m.reserve, -c.Lamports)
	b.addLamports(b.key("beneficiary"), c.Lamports+c.Rent)
	b.clear(key)
	m.State.AvailableReserveBalance -= c.Lamports
	m.State.CirculatingTicketBalance -= c.Lamports
	m.State.CirculatingTicketCount--
	b.write(m)

	return nil
}

// payout moves the output of the Router from its fee account to the user.
func (b booked) payout(p quote.RouterPayout, err error) error {
	if err == nil {
		b.addTokens(b.key("fee token account"), -p.Out)
		b.addTokens(b.key("destination token account"), p.Out)
	}
	return err
}

func (b booked) routerStake() error {
	lamports, fees := b.amount("lamports"), b.key("fee token account")
	b.addTokens(b.key("source token account"), -lamports)
	pool, isStakePool := b.Account("stake pool")
	if !isStakePool {
		d, err := b.depositMarinade(lamports, fees)
		if err != nil {
			return err
		}

		return b.payout(quote.NewRouterPayout(d.MSOL, quote.RouterStakeWrappedSOLFee))
	}

	d, err := b.depositInto(pool, lamports, fees, fees)
	if err != nil {
		return err
	}

	return b.payout(d.RouterStakeWrappedSOL())
}

func (b booked) routerWithdraw() error {
	w, err := b.withdrawFrom(b.key("stake pool"), b.amount("pool tokens"),
		b.key("source token account"))
	if err != nil {
		return err
	}
	b.addTokens(b.key("fee token account"), w.Lamports)
	return b.payout(w.RouterWithdrawWrappedSOL())
}

func (b booked) routerDepositStake() error { return b.routerDeposit(b.key("stake account")) }

// routerDeposit deposits a stake account of the user into the destination.
func (b booked) routerDeposit(stake solana.PublicKey) error {
	fees := b.key("fee token account")
	switch b.key("destination program") {
	case accounts.MarinadeProgram:
		d, err := b.depositMarinadeStake(stake, b.key("user"), fees)
		if err != nil {
			return err
		}

		return b.payout(quote.NewRouterPayout(d.MSOL, quote.RouterDepositStakeFee))

	case accounts.ReserveProgram:
		u, err := b.sell(stake, b.key("stake account record"))
		if err != nil {
			return err
		}

		b.addTokens(fees, u.Out)

		return b.payout(u.RouterDepositStake())
	}

	d, err := b.depositStakeInto(b.key("destination stake pool"), stake,
		b.key("destination validator stake account"), fees, fees)
	if err != nil {
		return err
	}

	return b.payout(d.RouterDepositStake())
}

func (b booked) routerSwap() error {
	if err := b.bridge(); err != nil {
		return err
	}
	return b.routerDeposit(b.key("bridge stake account"))
}

// bridge withdraws stake from the source into the bridge stake account.
func (b booked) bridge() error {
	source, stake := b.key("source token account"), b.key("source validator stake account")
	tokens, to, user := b.amount("pool tokens"), b.key("bridge stake account"), b.key("user")
	if b.key("source program") == accounts.LidoProgram {
		return b.lidoWithdrawal(tokens, source, stake, to, user)
	}
	_, err := b.withdrawStakeFrom(b.key("source stake pool"), tokens, source, stake, to, user)
	return err
}

// routerPrefund withdraws stake with rent that the Router lends, and sells a
// part of the stake to the Reserve for the Router.
func (b booked) routerPrefund() error {
	prefunder, slumdog := b.key("prefunder"), b.key("slumdog stake account")
	record, to := b.key("slumdog stake account record"), b.key("bridge stake account")
	balance := b.at(prefunder).Lamports
	rent := b.rent(accounts.StakeAccountSpace)
	b.addLamports(prefunder, -(2 * rent))
	b.addLamports(to, rent)
	b.addLamports(slumdog, rent)
	if err := b.bridge(); err != nil {
		return err
	}

	r, q := b.reserveState()
	p, err := quote.Prefund{
		Reserve:           q,
		MinimumDelegation: b.chain.MinimumDelegation,
		Prefunder:         balance,
		Record:            b.at(record).Lamports,
	}.Quote(b.stake(to).Account.Delegation.Stake)
	if err != nil {
		return err
	}

	b.splitOff(to, slumdog, p.Split, b.key("user"))
	b.sold(r, p.Sale, slumdog, record)
	b.addLamports(prefunder, p.Sale.Out)

	return nil
}

func (b booked) routerPrefundSwap() error {
	if err := b.routerPrefund(); err != nil {
		return err
	}
	return b.routerDeposit(b.key("bridge stake account"))
}
