package sdk

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// checkedValidators is the number of validators whose stake accounts are
// checked, those with the most stake.
const checkedValidators = 8

// poolAccounts are the decoded accounts of a pool at one slot.
type poolAccounts struct {
	candidate

	pool      *accounts.StakePool
	mint      *accounts.Mint
	list      *accounts.ValidatorList
	authority solana.PublicKey
	set       *accounts.Set
}

// check reads the accounts of a pool at one slot, and returns an error unless
// the mint, the reserve and the validators are the pool's.
func (d *discoverer) check(ctx context.Context, from candidate, slot uint64) (*Discovery, error) {
	p, err := d.read(ctx, from, slot)
	if err != nil {
		return nil, err
	}

	for _, check := range []func() error{p.checkMint, p.checkReserve} {
		if err := check(); err != nil {
			return nil, err
		}
	}

	if err := d.checkValidators(ctx, p); err != nil {
		return nil, err
	}

	found := &Discovery{
		Token:      d.entry(p),
		Mint:       *p.mint,
		Pool:       p.pool,
		Validators: p.list,
		Metadata:   metadataOf(p.set, p.candidate.mint, p.mint),
		Slot:       p.set.Slot(),
	}

	d.describe(found)
	d.distrust(found)
	return found, nil
}

// read reads the accounts of a pool. The addresses in it do not change, so a
// first reading tells what to read at one slot.
func (d *discoverer) read(ctx context.Context, from candidate, slot uint64) (*poolAccounts, error) {
	p := &poolAccounts{candidate: from}
	decode := func(a accounts.Account) (*accounts.StakePool, error) {
		return accounts.DecodeStakePoolOf(a, from.program)
	}

	metadata, err := accounts.TokenMetadataAddress(from.mint)
	if err != nil {
		return nil, err
	}

	keys := []solana.PublicKey{from.address, from.mint, metadata}
	if p.set, err = d.client.readAccounts(ctx, keys, slot); err != nil {
		return nil, err
	}

	first, err := accounts.Load(p.set, from.address, decode)
	if err != nil {
		return nil, err
	}

	keys = append(keys, first.ValidatorList, first.ReserveStake)
	if p.set, err = d.client.readAccounts(ctx, keys, p.set.Slot()); err != nil {
		return nil, err
	}

	if p.pool, err = accounts.Load(p.set, from.address, decode); err != nil {
		return nil, err
	}

	if p.pool.PoolMint != from.mint {
		return nil, fmt.Errorf("%w: pool %s names mint %s, not %s", ErrNotPoolMint, from.address,
			p.pool.PoolMint, from.mint)
	}

	if p.mint, err = accounts.Load(p.set, from.mint, accounts.DecodeMint); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotPoolMint, err)
	}

	if p.list, err = accounts.Load(p.set, p.pool.ValidatorList,
		func(a accounts.Account) (*accounts.ValidatorList, error) {
			return accounts.DecodeValidatorListOf(a, from.program)
		}); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrForeignValidators, err)
	}

	if p.authority, err = p.pool.WithdrawAuthority(from.program, from.address); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotPoolMint, err)
	}
	return p, nil
}

// checkMint checks that the pool alone issues tokens of the mint.
func (p *poolAccounts) checkMint() error {
	account, err := p.set.Get(p.candidate.mint)
	if err != nil {
		return err
	}

	switch {
	case account.Owner != p.pool.TokenProgram:
		return fmt.Errorf("%w: mint %s belongs to token program %s, not %s", ErrNotPoolMint,
			p.candidate.mint, account.Owner, p.pool.TokenProgram)
	case p.mint.MintAuthority == nil:
		return fmt.Errorf("%w: mint %s has no authority", ErrNotPoolMint, p.candidate.mint)
	case *p.mint.MintAuthority != p.authority:
		return fmt.Errorf("%w: the authority of mint %s is %s, not %s of pool %s", ErrNotPoolMint,
			p.candidate.mint, p.mint.MintAuthority, p.authority, p.address)
	case p.mint.Supply > p.pool.PoolTokenSupply:
		return fmt.Errorf("%w: mint %s has a supply of %d, and pool %s issued %d", ErrNotPoolMint,
			p.candidate.mint, p.mint.Supply, p.address, p.pool.PoolTokenSupply)
	}
	return nil
}

// checkReserve checks that the reserve is a stake account without a delegation
// and a lockup, over which the pool alone has authority.
func (p *poolAccounts) checkReserve() error {
	reserve, err := accounts.Load(p.set, p.pool.ReserveStake, accounts.DecodeStakeAccount)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrForeignReserve, err)
	case reserve.State != accounts.StakeInitialized:
		return fmt.Errorf("%w: %s is delegated or not initialized", ErrForeignReserve,
			p.pool.ReserveStake)
	case reserve.Staker != p.authority || reserve.Withdrawer != p.authority:
		return fmt.Errorf("%w: the authorities of %s are %s and %s, not %s", ErrForeignReserve,
			p.pool.ReserveStake, reserve.Staker, reserve.Withdrawer, p.authority)
	case reserve.Lockup != (accounts.Lockup{}):
		return fmt.Errorf("%w: %s has a lockup", ErrForeignReserve, p.pool.ReserveStake)
	}
	return nil
}

// checkValidators checks that the pool has the stake of its list. The list does
// not name its pool, so another pool's list would pass without this check.
func (d *discoverer) checkValidators(ctx context.Context, p *poolAccounts) error {
	checked := slices.DeleteFunc(slices.Clone(p.list.Validators),
		func(v accounts.ValidatorStakeInfo) bool {
			return v.ActiveStakeLamports == 0 || v.Status != accounts.ValidatorActive
		})

	slices.SortStableFunc(checked, func(a, b accounts.ValidatorStakeInfo) int {
		return cmp.Compare(b.ActiveStakeLamports, a.ActiveStakeLamports)
	})

	checked = checked[:min(len(checked), checkedValidators)]
	if len(checked) == 0 {
		return nil
	}

	keys := make([]solana.PublicKey, len(checked))
	for i, v := range checked {
		address, err := accounts.ValidatorStakeAddress(p.program, p.address, v.VoteAccount,
			v.ValidatorSeedSuffix)
		if err != nil {
			return err
		}

		keys[i] = address
	}

	set, err := d.client.readAccounts(ctx, keys, p.set.Slot())
	if err != nil {
		return err
	}

	for i, v := range checked {
		stake, err := accounts.Load(set, keys[i], accounts.DecodeStakeAccount)
		switch {
		case err != nil:
			return fmt.Errorf("%w: stake of validator %s: %w", ErrForeignValidators, v.VoteAccount,
				err)
		case stake.State != accounts.StakeDelegated || stake.Delegation.Voter != v.VoteAccount:
			return fmt.Errorf("%w: %s is not delegated to validator %s", ErrForeignValidators,
				keys[i], v.VoteAccount)
		case stake.Staker != p.authority || stake.Withdrawer != p.authority:
			return fmt.Errorf("%w: the authorities of %s are %s and %s, not %s",
				ErrForeignValidators, keys[i], stake.Staker, stake.Withdrawer, p.authority)
		}
	}
	return nil
}

// entry returns the token of a pool as an entry of a list, without a name.
func (d *discoverer) entry(p *poolAccounts) lst.LST {
	token := lst.LST{
		Mint:          p.candidate.mint,
		Decimals:      p.mint.Decimals,
		TokenProgram:  p.pool.TokenProgram,
		Kind:          kindOf(p.program),
		Program:       p.program,
		Pool:          p.address,
		ValidatorList: p.pool.ValidatorList,
	}

	if len(p.list.Validators) == 1 {
		token.VoteAccount = p.list.Validators[0].VoteAccount
	}
	return token
}

// kindOf returns the kind of the pools of a program. Pools of deployments that
// are not known count as those of the original one.
func kindOf(program solana.PublicKey) lst.Kind {
	switch program {
	case accounts.SanctumStakePoolProgram:
		return lst.KindSanctumSPL
	case accounts.SanctumMultiStakePoolProgram:
		return lst.KindSanctumSPLMulti
	}
	return lst.KindSPL
}

// metadataOf returns what a token calls itself. The pointer of a Token-2022
// mint decides; without one, an account of Metaplex's program counts.
func metadataOf(
	set *accounts.Set, address solana.PublicKey, mint *accounts.Mint,
) *DiscoveredMetadata {
	account, err := accounts.TokenMetadataAddress(address)
	if err != nil {
		return nil
	}

	pointer, err := mint.MetadataPointer()
	if err == nil && pointer.Address == address {
		own, err := mint.Metadata()
		if err != nil || own.Mint != address {
			return nil
		}

		return &DiscoveredMetadata{
			MetadataText:    own.Text,
			Account:         address,
			UpdateAuthority: own.UpdateAuthority,
		}
	}

	if err == nil && !pointer.Address.IsZero() && pointer.Address != account {
		return nil // The format of another program is not known.
	}

	metaplex, err := accounts.Load(set, account, accounts.DecodeTokenMetadata)
	if err != nil || metaplex.Mint != address {
		return nil
	}

	return &DiscoveredMetadata{
		MetadataText:    metaplex.Text(),
		Account:         account,
		UpdateAuthority: metaplex.UpdateAuthority,
	}
}
