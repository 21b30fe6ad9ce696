package accounts

import (
	"encoding/binary"
	"fmt"

	"github.com/gagliardetto/solana-go"
)

// DecodeStakePoolInto decodes a stake pool into an existing value, without an
// allocation. programs are the accepted owners, by default [StakePoolPrograms].
//
// The optional keys of pool point into account.Data. The caller must not modify
// the data while pool is in use, and must copy the keys to keep them longer.
// After an error pool is zero.
func DecodeStakePoolInto(account Account, pool *StakePool, programs ...solana.PublicKey) error {
	if pool == nil {
		reason := fmt.Errorf("%w destination", ErrNil)
		return &DecodeError{
			Account: pool.name(),
			Address: account.Address,
			Reason:  reason,
		}
	}

	if !ownedByStakePool(&account, programs) {
		*pool = StakePool{}
		return wrongOwner(pool.name(), &account)
	}

	if pool.readInPlace(account.Data) {
		return nil
	}

	// The slower reader names the invalid field.
	*pool = StakePool{}
	read, err := decodeCarefully[StakePool](&account)
	if err != nil {
		return err
	}

	*pool = *read

	return nil
}

// ownedByStakePool reports whether one of the programs owns the account.
// Without programs, [StakePoolPrograms] are accepted.
func ownedByStakePool(a *Account, programs []solana.PublicKey) bool {
	if len(programs) == 0 {
		return ownedBy(a, StakePoolPrograms()...)
	}
	return ownedBy(a, programs...)
}

// stakePoolFixedSize is the size of the part of a stake pool in which the
// positions of the fields are fixed.
const stakePoolFixedSize = 346

// readFast implements fastReader.
func (p *StakePool) readFast(data []byte) bool {
	if !p.readInPlace(data) {
		return false
	}

	for _, option := range []**solana.PublicKey{
		&p.PreferredDepositValidator,
		&p.PreferredWithdrawValidator,
		&p.SOLDepositAuthority,
		&p.SOLWithdrawAuthority,
	} {
		if *option != nil {
			key := **option
			*option = &key
		}
	}

	return true
}

// readInPlace reads the same accounts as read does, and reports whether the
// data is valid. Optional keys point into the data. If it returns true, it has
// set every field.
func (p *StakePool) readInPlace(data []byte) bool {
	if len(data) < stakePoolFixedSize || data[0] != accountTypeStakePool {
		return false
	}

	p.readFixed((*[stakePoolFixedSize]byte)(data))

	rest, ok := p.NextEpochFee.readFast(data[stakePoolFixedSize:])
	if !ok {
		return false
	}

	if p.PreferredDepositValidator, rest, ok = optionInPlace(rest); !ok {
		return false
	}

	if p.PreferredWithdrawValidator, rest, ok = optionInPlace(rest); !ok {
		return false
	}

	if len(rest) < 2*feeSize {
		return false
	}

	p.StakeDepositFee.readRecord((*[feeSize]byte)(rest))
	p.StakeWithdrawalFee.readRecord((*[feeSize]byte)(rest[feeSize:]))
	if rest, ok = p.NextStakeWithdrawalFee.readFast(rest[2*feeSize:]); !ok || len(rest) < 1 {
		return false
	}

	p.StakeReferralFee = rest[0]

	if p.SOLDepositAuthority, rest, ok = optionInPlace(rest[1:]); !ok || len(rest) < feeSize+1 {
		return false
	}

	p.SOLDepositFee.readRecord((*[feeSize]byte)(rest))
	p.SOLReferralFee = rest[feeSize]
	if p.SOLWithdrawAuthority, rest, ok = optionInPlace(rest[feeSize+1:]); !ok ||
		len(rest) < feeSize {
		return false
	}

	p.SOLWithdrawalFee.readRecord((*[feeSize]byte)(rest))
	if rest, ok = p.NextSOLWithdrawalFee.readFast(rest[feeSize:]); !ok || len(rest) < 16 {
		return false
	}

	p.LastEpochPoolTokenSupply = binary.LittleEndian.Uint64(rest[0:8])
	p.LastEpochTotalLamports = binary.LittleEndian.Uint64(rest[8:16])

	return true
}

// readFixed reads the fields with a fixed position.
func (p *StakePool) readFixed(b *[stakePoolFixedSize]byte) {
	p.Manager = solana.PublicKey(b[1:33])
	p.Staker = solana.PublicKey(b[33:65])
	p.StakeDepositAuthority = solana.PublicKey(b[65:97])
	p.StakeWithdrawBumpSeed = b[97]
	p.ValidatorList = solana.PublicKey(b[98:130])
	p.ReserveStake = solana.PublicKey(b[130:162])
	p.PoolMint = solana.PublicKey(b[162:194])
	p.ManagerFeeAccount = solana.PublicKey(b[194:226])
	p.TokenProgram = solana.PublicKey(b[226:258])
	p.TotalLamports = binary.LittleEndian.Uint64(b[258:266])
	p.PoolTokenSupply = binary.LittleEndian.Uint64(b[266:274])
	p.LastUpdateEpoch = binary.LittleEndian.Uint64(b[274:282])
	p.Lockup.readRecord((*[lockupSize]byte)(b[282:330]))
	p.EpochFee.readRecord((*[feeSize]byte)(b[330:346]))
}

const (
	feeSize    = 16
	lockupSize = 48
)

func (f *Fee) readRecord(b *[feeSize]byte) {
	f.Denominator = binary.LittleEndian.Uint64(b[0:8])
	f.Numerator = binary.LittleEndian.Uint64(b[8:16])
}

func (l *Lockup) readRecord(b *[lockupSize]byte) {
	l.UnixTimestamp = int64(binary.LittleEndian.Uint64(b[0:8]))
	l.Epoch = binary.LittleEndian.Uint64(b[8:16])
	l.Custodian = solana.PublicKey(b[16:48])
}

// readFast reads a scheduled fee, and returns the rest of the data.
func (f *FutureFee) readFast(data []byte) (rest []byte, ok bool) {
	if len(data) < 1 {
		return nil, false
	}

	switch f.Updates = data[0]; {
	case f.Updates == 0:
		f.Fee = Fee{}
		return data[1:], true
	case f.Updates > maxFeeUpdates || len(data) < 1+feeSize:
		return nil, false
	}

	f.Fee.readRecord((*[feeSize]byte)(data[1:]))
	return data[1+feeSize:], true
}

// optionInPlace reads an optional key without copying it, and returns the rest
// of the data.
func optionInPlace(data []byte) (key *solana.PublicKey, rest []byte, ok bool) {
	switch {
	case len(data) < 1:
		return nil, nil, false
	case data[0] == 0:
		return nil, data[1:], true
	case data[0] != 1 || len(data) < 1+solana.PublicKeyLength:
		return nil, nil, false
	}
	return (*solana.PublicKey)(data[1:]), data[1+solana.PublicKeyLength:], true
}
