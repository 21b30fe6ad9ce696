package accounts

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/internal/wire"
)

// FuzzReadFast compares the fast readers with the readers that read field by
// field: both refuse the data, or both return the same value.
func FuzzReadFast(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		requireSameRead[StakePool](t, data)
		requireSameRead[Mint](t, data)
		requireSameRead[TokenAccount](t, data)
		requireSameRead[StakeAccount](t, data)

		requireSamePool(t, data)
	})
}

func requireSameRead[T any, L interface {
	*T
	layout
	fastReader
}](t *testing.T, data []byte) {
	t.Helper()
	want, err := decodeCarefully[T, L](&Account{Data: data})
	got := L(new(T))
	require.Equal(t, err == nil, got.readFast(data), "%s: %v", got.name(), err)
	if err == nil {
		require.Equal(t, want, got)
	}
}

// requireSamePool decodes into a pool in which every field is set.
func requireSamePool(t *testing.T, data []byte) {
	t.Helper()
	a := Account{Address: solana.PublicKey{1}, Owner: SanctumStakePoolProgram, Data: data}
	want, wantErr := decodeCarefully[StakePool](&a)
	got := fullPool()
	err := DecodeStakePoolInto(a, &got)
	if wantErr != nil {
		require.EqualError(t, err, wantErr.Error())
		require.Zero(t, got)
		return
	}

	require.NoError(t, err)
	require.Equal(t, *want, got)
}

// fullPool is a pool in which every optional field is set.
func fullPool() StakePool {
	key, fee := solana.PublicKey{7}, FutureFee{Updates: 2, Fee: Fee{Numerator: 8, Denominator: 9}}
	return StakePool{
		NextEpochFee:               fee,
		PreferredDepositValidator:  &key,
		PreferredWithdrawValidator: &key,
		NextStakeWithdrawalFee:     fee,
		SOLDepositAuthority:        &key,
		SOLWithdrawAuthority:       &key,
		NextSOLWithdrawalFee:       fee,
	}
}

// FuzzReadRecords compares the readers of lists, which read whole entries, with
// readers that read field by field: both return the same list, or the same
// error.
func FuzzReadRecords(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte, itemSize, count uint32) {
		requireSameList(t, data, (*ValidatorList).read, validatorsByField)
		requireSameList(t, data, (*LidoValidatorList).read, lidoByField)
		requireSameList(t, data, (*FlatSlab).read, slabByField)
		requireSameList(t, data, (*ReserveV2Pricing).read, pricingByField)
		requireSameList(t, data, (*StakeHistory).read, historyByField)
		requireSameList(t, data, (*LookupTable).read, lookupTableByField)
		requireSameList(t, data, lstStates, lstStatesByField)

		shape := MarinadeList{ItemSize: itemSize, Count: count}
		requireSameList(t, data,
			func(l *MarinadeValidatorList, r *wire.Reader) { l.readRecords(r, shape) },
			func(l *MarinadeValidatorList, r *wire.Reader) {
				marinadeValidatorsByField(l, r, shape)
			})

		requireSameList(t, data,
			func(l *MarinadeStakeList, r *wire.Reader) { l.readRecords(r, shape) },
			func(l *MarinadeStakeList, r *wire.Reader) { marinadeStakesByField(l, r, shape) })
	})
}

func requireSameList[T any](t *testing.T, data []byte, read, byField func(*T, *wire.Reader)) {
	t.Helper()
	var got, want T
	r, careful := wire.NewReader(data), wire.NewReader(data)
	read(&got, r)
	byField(&want, careful)
	if err := careful.Err(); err != nil {
		require.EqualError(t, r.Err(), err.Error(), "%T", got)
		return
	}

	require.NoError(t, r.Err(), "%T", got)
	require.Equal(t, want, got)
	require.Equal(t, careful.Offset(), r.Offset())
}

func validatorsByField(l *ValidatorList, r *wire.Reader) {
	expectType(r, "account_type", accountTypeValidatorList)
	l.MaxValidators = r.U32("max_validators")
	at := r.Offset()
	n := r.U32("validators.len")
	if int64(n)*ValidatorStakeInfoSize > int64(r.Remaining()) {
		r.Fail("validators.len", at, wire.ErrShort)
		return
	}

	l.Validators = make([]ValidatorStakeInfo, n)
	for i := range l.Validators {
		v := &l.Validators[i]
		v.ActiveStakeLamports = r.U64("active_stake_lamports")
		v.TransientStakeLamports = r.U64("transient_stake_lamports")
		v.LastUpdateEpoch = r.U64("last_update_epoch")
		v.TransientSeedSuffix = r.U64("transient_seed_suffix")
		v.Unused = r.U32("unused")
		v.ValidatorSeedSuffix = r.U32("validator_seed_suffix")
		v.Status = ValidatorStatus(r.Tag("status", uint8(ValidatorDeactivatingAll)))
		v.VoteAccount = r.Key("vote_account_address")
	}
}

func lidoByField(l *LidoValidatorList, r *wire.Reader) {
	readLidoHeader(r, lidoTypeValidatorList)
	l.MaxEntries = r.U32("max_entries")
	at := r.Offset()
	n := r.U32("entries.len")
	if int64(n)*LidoValidatorSize > int64(r.Remaining()) {
		r.Fail("entries.len", at, wire.ErrShort)
		return
	}

	l.Validators = make([]LidoValidator, n)
	for i := range l.Validators {
		v := &l.Validators[i]
		v.VoteAccount = r.Key("vote_account_address")
		v.StakeSeeds.Begin = r.U64("stake_seeds.begin")
		v.StakeSeeds.End = r.U64("stake_seeds.end")
		v.UnstakeSeeds.Begin = r.U64("unstake_seeds.begin")
		v.UnstakeSeeds.End = r.U64("unstake_seeds.end")
		v.StakeAccountsBalance = r.U64("stake_accounts_balance")
		v.UnstakeAccountsBalance = r.U64("unstake_accounts_balance")
		v.EffectiveStakeBalance = r.U64("effective_stake_balance")
		v.Active = r.Bool("active")
	}
}

func slabByField(s *FlatSlab, r *wire.Reader) {
	s.Admin = r.Key("admin")
	if r.Remaining()%flatSlabEntrySize != 0 {
		r.Fail("entries", r.Offset(),
			fmt.Errorf("%w: %d bytes are not whole entries of %d", ErrWrongLength, r.Remaining(),
				flatSlabEntrySize))
		return
	}

	s.Entries = make([]FlatSlabEntry, r.Remaining()/flatSlabEntrySize)
	for i := range s.Entries {
		e := &s.Entries[i]
		at := r.Offset()
		e.Mint = r.Key("mint")
		e.InpFeeNanos = int32(r.U32("inp_fee_nanos"))
		e.OutFeeNanos = int32(r.U32("out_fee_nanos"))
		if i > 0 && slices.Compare(s.Entries[i-1].Mint[:], e.Mint[:]) >= 0 {
			r.Fail("mint", at, fmt.Errorf("%w: entries out of order", ErrInvalidValue))
			return
		}
	}
}

func pricingByField(p *ReserveV2Pricing, r *wire.Reader) {
	p.Admin = r.Key("admin")
	if r.Remaining()%reserveV2PricingEntrySize != 0 {
		r.Fail("entries", r.Offset(),
			fmt.Errorf("%w: %d bytes are not whole entries of %d", ErrWrongLength, r.Remaining(),
				reserveV2PricingEntrySize))
		return
	}

	p.Entries = make([]ReserveV2PricingEntry, r.Remaining()/reserveV2PricingEntrySize)
	for i := range p.Entries {
		e := &p.Entries[i]
		at := r.Offset()
		e.Mint = r.Key("mint")
		e.ThresholdNanos = r.U32("threshold_nanos")
		e.BaseFeeNanos = r.U32("base_fee_nanos")
		e.ThresholdFeeNanos = r.U32("threshold_fee_nanos")
		e.MaxFeeNanos = r.U32("max_fee_nanos")
		e.OutputFeeNanos = r.U32("output_fee_nanos")
		if i > 0 && slices.Compare(p.Entries[i-1].Mint[:], e.Mint[:]) >= 0 {
			r.Fail("mint", at, fmt.Errorf("%w: entries out of order", ErrInvalidValue))
			return
		}

		if field, offset, err := e.invalid(); err != nil && r.Err() == nil {
			r.Fail(field, at+offset, err)
			return
		}
	}
}

func historyByField(h *StakeHistory, r *wire.Reader) {
	at := r.Offset()
	n := r.U64("len")
	switch {
	case n > maxStakeHistoryEntries:
		r.Fail("len", at, fmt.Errorf("%w: %d entries", ErrInvalidValue, n))
		return
	case n*stakeHistoryEntrySize > uint64(r.Remaining()):
		r.Fail("len", at, wire.ErrShort)
		return
	}

	*h = make(StakeHistory, n)
	for i := range *h {
		e := &(*h)[i]
		e.Epoch = r.U64("epoch")
		e.Effective = r.U64("effective")
		e.Activating = r.U64("activating")
		e.Deactivating = r.U64("deactivating")
	}
}

func lookupTableByField(l *LookupTable, r *wire.Reader) {
	switch tag := r.Tag32("state", 1); {
	case r.Err() != nil:
		return
	case tag == 0:
		r.Fail("state", 0, ErrUninitialized)
		return
	}

	l.DeactivationSlot = r.U64("deactivation_slot")
	l.LastExtendedSlot = r.U64("last_extended_slot")
	l.LastExtendedStart = r.U8("last_extended_slot_start_index")
	l.Authority = r.OptionKey("authority")
	r.Skip("padding", lookupTableMetaSize-r.Offset())
	n := r.Remaining() / solana.PublicKeyLength
	if r.Remaining()%solana.PublicKeyLength != 0 || n > maxLookupTableEntries {
		r.Fail("addresses", r.Offset(),
			fmt.Errorf("%w: %d bytes of addresses", ErrWrongLength, r.Remaining()))
		return
	}

	l.Addresses = make([]solana.PublicKey, n)
	for i := range l.Addresses {
		l.Addresses[i] = r.Key("addresses")
	}
}

func lstStates(states *[]LSTState, r *wire.Reader) {
	var l LSTStateList
	l.read(r)
	for _, s := range l.All() {
		*states = append(*states, s)
	}
}

func lstStatesByField(states *[]LSTState, r *wire.Reader) {
	if r.Remaining()%LSTStateSize != 0 {
		r.Fail("entries", r.Offset(),
			fmt.Errorf("%w: %d bytes are not whole entries of %d", ErrWrongLength, r.Remaining(),
				LSTStateSize))
	}

	for r.Err() == nil && r.Remaining() > 0 {
		var s LSTState
		s.IsInputDisabled = r.U8("is_input_disabled") != 0
		s.PoolReservesBump = r.U8("pool_reserves_bump")
		s.ProtocolFeeAccumulatorBump = r.U8("protocol_fee_accumulator_bump")
		r.Skip("padding", 5)
		s.SOLValue = r.U64("sol_value")
		s.Mint = r.Key("mint")
		s.Calculator = r.Key("sol_value_calculator")
		*states = append(*states, s)
	}
}

// marinadeShapeFits is the common check of both lists.
func marinadeShapeFits(r *wire.Reader, shape MarinadeList, least uint32) bool {
	switch {
	case shape.ItemSize < least:
		r.Fail("records", r.Offset(),
			fmt.Errorf("%w: %d bytes per record, want at least %d", ErrInvalidValue, shape.ItemSize,
				least))
	case uint64(shape.ItemSize)*uint64(shape.Count) > uint64(r.Remaining()):
		r.Fail("records", r.Offset(),
			fmt.Errorf("%w: %d records of %d bytes", wire.ErrShort, shape.Count, shape.ItemSize))
	}
	return r.Err() == nil
}

func spareByField(r *wire.Reader, n int) []byte {
	if n == 0 {
		return nil
	}
	return r.Bytes("spare", n)
}

func marinadeValidatorsByField(l *MarinadeValidatorList, r *wire.Reader, shape MarinadeList) {
	if !marinadeShapeFits(r, shape, MarinadeValidatorRecordSize) {
		return
	}

	l.Validators = make([]MarinadeValidatorRecord, shape.Count)
	for i := range l.Validators {
		v := &l.Validators[i]
		v.VoteAccount = r.Key("validator_account")
		v.ActiveBalance = r.U64("active_balance")
		v.Score = r.U32("score")
		v.LastStakeDeltaEpoch = r.U64("last_stake_delta_epoch")
		v.DuplicationFlagBumpSeed = r.U8("duplication_flag_bump_seed")
		v.DelinquentUpgraderActiveBalance = r.U64("delinquent_upgrader_active_balance")
		v.Spare = spareByField(r, int(shape.ItemSize)-MarinadeValidatorRecordSize)
	}
}

func marinadeStakesByField(l *MarinadeStakeList, r *wire.Reader, shape MarinadeList) {
	if !marinadeShapeFits(r, shape, MarinadeStakeRecordSize) {
		return
	}

	l.Stakes = make([]MarinadeStakeRecord, shape.Count)
	for i := range l.Stakes {
		s := &l.Stakes[i]
		s.StakeAccount = r.Key("stake_account")
		s.LastUpdateDelegatedLamports = r.U64("last_update_delegated_lamports")
		s.LastUpdateEpoch = r.U64("last_update_epoch")
		s.IsEmergencyUnstaking = r.U8("is_emergency_unstaking")
		s.LastUpdateStatus = MarinadeStakeStatus(r.Tag("last_update_status",
			uint8(MarinadeStakeDeactivating)))
		s.Spare = spareByField(r, int(shape.ItemSize)-MarinadeStakeRecordSize)
	}
}

// TestReadFast_CopiesData decodes each fast type, overwrites the data, and
// compares the value with that of the slower reader.
func TestReadFast_CopiesData(t *testing.T) {
	pool := fullPool()
	data := pool.Encode()
	want, err := decodeCarefully[StakePool](&Account{Data: bytes.Clone(data)})
	require.NoError(t, err)

	var copied, shared StakePool
	require.True(t, copied.readFast(data))
	require.True(t, shared.readInPlace(data))
	require.Equal(t, *want, shared)
	clear(data)
	require.Equal(t, *want, copied)
	require.NotEqual(t, *want, shared, "the options of this one point into the data")
}
