package accounts

import (
	"encoding/binary"
	"math"

	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/wire"
)

// StakeAccountSpace is the size of every native stake account, in bytes.
const StakeAccountSpace = 200

// NeverEpoch is the value of an epoch that never comes, for example the
// deactivation epoch of stake that has not been deactivated.
const NeverEpoch = math.MaxUint64

// StakeState is the state of a native stake account.
type StakeState uint32

// The states of a native stake account (StakeStateV2).
const (
	StakeUninitialized StakeState = iota
	StakeInitialized
	StakeDelegated
	StakeRewardsPool
)

// Delegation is the delegation of a native stake account.
type Delegation struct {
	Voter solana.PublicKey `json:"voter_pubkey"`
	// Stake is the delegated amount in lamports. The balance of the account is
	// higher, by at least the rent.
	Stake             uint64 `json:"stake"`
	ActivationEpoch   uint64 `json:"activation_epoch"`
	DeactivationEpoch uint64 `json:"deactivation_epoch"`
	// Reserved was the warmup rate, and is no longer used.
	Reserved        [8]byte `json:"reserved"`
	CreditsObserved uint64  `json:"credits_observed"`
	Flags           uint8   `json:"flags"`
}

// StakeAccount is a native stake account (StakeStateV2). Delegation is zero
// unless State is StakeDelegated; the fields from RentExemptReserve to Lockup
// are zero unless State is StakeInitialized or StakeDelegated.
type StakeAccount struct {
	State StakeState `json:"state"`
	// RentExemptReserve is the rent at the initialization of the account, in
	// lamports. It does not follow the Rent sysvar.
	RentExemptReserve uint64           `json:"rent_exempt_reserve"`
	Staker            solana.PublicKey `json:"staker"`
	Withdrawer        solana.PublicKey `json:"withdrawer"`
	Lockup            Lockup           `json:"lockup"`
	Delegation        Delegation       `json:"delegation"`
}

// DecodeStakeAccount decodes an account of the native stake program, in any
// state.
func DecodeStakeAccount(account Account) (*StakeAccount, error) {
	return decode[StakeAccount](account, ownedBy(&account, StakeProgram))
}

// Encode returns the packed form: 4, 124 or 197 bytes, depending on the state.
// The account has [StakeAccountSpace] bytes.
func (s StakeAccount) Encode() []byte { return encode(&s) }

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler.
func (s *StakeAccount) UnmarshalWithDecoder(dec *bin.Decoder) error { return unmarshal(s, dec) }

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (s StakeAccount) MarshalWithEncoder(enc *bin.Encoder) error { return marshal(&s, enc) }

// IsActive reports whether all of the delegated stake is active in the given
// epoch. It assumes that stake activates within one epoch. To detect the rare
// case in which it takes longer, use the stake history sysvar.
func (s *StakeAccount) IsActive(epoch uint64) bool {
	if s == nil {
		return false
	}

	d := &s.Delegation
	activated := d.ActivationEpoch == NeverEpoch || d.ActivationEpoch < epoch
	return s.State == StakeDelegated && activated && d.DeactivationEpoch == NeverEpoch
}

// IsActivating reports whether the stake was delegated in the given epoch, so
// that it is not active yet.
func (s *StakeAccount) IsActivating(epoch uint64) bool {
	if s == nil {
		return false
	}

	d := &s.Delegation
	return s.State == StakeDelegated && d.ActivationEpoch == epoch &&
		d.DeactivationEpoch == NeverEpoch
}

// IsInactive reports whether the delegated stake was deactivated before the
// given epoch, or in the epoch of its delegation, so that all of it is free. It
// assumes that stake cools down within one epoch, like [StakeAccount.IsActive].
func (s *StakeAccount) IsInactive(epoch uint64) bool {
	if s == nil {
		return false
	}

	d := &s.Delegation
	return s.State == StakeDelegated &&
		(d.DeactivationEpoch < epoch || d.DeactivationEpoch == d.ActivationEpoch &&
			d.DeactivationEpoch != NeverEpoch)
}

func (*StakeAccount) name() string { return "stake account" }

func (s *StakeAccount) read(r *wire.Reader) {
	s.State = StakeState(r.Tag32("state", uint32(StakeRewardsPool)))
	if s.State != StakeInitialized && s.State != StakeDelegated {
		return
	}

	s.RentExemptReserve = r.U64("meta.rent_exempt_reserve")
	s.Staker = r.Key("meta.authorized.staker")
	s.Withdrawer = r.Key("meta.authorized.withdrawer")
	s.Lockup.read(r, "meta.lockup")
	if s.State != StakeDelegated {
		return
	}

	d := &s.Delegation
	d.Voter = r.Key("delegation.voter_pubkey")
	d.Stake = r.U64("delegation.stake")
	d.ActivationEpoch = r.U64("delegation.activation_epoch")
	d.DeactivationEpoch = r.U64("delegation.deactivation_epoch")
	r.Fill("delegation.reserved", d.Reserved[:])
	d.CreditsObserved = r.U64("credits_observed")
	d.Flags = r.U8("stake_flags")
}

// Sizes of the packed form by state, in bytes.
const (
	stakeStateSize       = 4
	stakeInitializedSize = 124
	stakeDelegatedSize   = 197
)

// readFast implements fastReader.
func (s *StakeAccount) readFast(data []byte) bool {
	if len(data) < stakeStateSize {
		return false
	}

	state := binary.LittleEndian.Uint32(data)
	switch StakeState(state) {
	case StakeUninitialized, StakeRewardsPool:
		*s = StakeAccount{State: StakeState(state)}
		return true
	case StakeInitialized:
		if len(data) < stakeInitializedSize {
			return false
		}

		s.readMeta((*[stakeInitializedSize]byte)(data))
		s.Delegation = Delegation{}
		return true

	case StakeDelegated:
		if len(data) < stakeDelegatedSize {
			return false
		}

		s.readMeta((*[stakeInitializedSize]byte)(data))
		s.Delegation.readRecord((*[stakeDelegatedSize]byte)(data))
		return true
	}

	return false
}

func (s *StakeAccount) readMeta(b *[stakeInitializedSize]byte) {
	s.State = StakeState(binary.LittleEndian.Uint32(b[0:4]))
	s.RentExemptReserve = binary.LittleEndian.Uint64(b[4:12])
	s.Staker = solana.PublicKey(b[12:44])
	s.Withdrawer = solana.PublicKey(b[44:76])
	s.Lockup.readRecord((*[lockupSize]byte)(b[76:124]))
}

// readRecord reads the delegation from the data of a whole account.
func (d *Delegation) readRecord(b *[stakeDelegatedSize]byte) {
	d.Voter = solana.PublicKey(b[124:156])
	d.Stake = binary.LittleEndian.Uint64(b[156:164])
	d.ActivationEpoch = binary.LittleEndian.Uint64(b[164:172])
	d.DeactivationEpoch = binary.LittleEndian.Uint64(b[172:180])
	d.Reserved = [8]byte(b[180:188])
	d.CreditsObserved = binary.LittleEndian.Uint64(b[188:196])
	d.Flags = b[196]
}

func (s *StakeAccount) write(w *wire.Writer) {
	w.U32(uint32(s.State))
	if s.State != StakeInitialized && s.State != StakeDelegated {
		return
	}

	w.U64(s.RentExemptReserve)
	w.Key(s.Staker)
	w.Key(s.Withdrawer)
	s.Lockup.write(w)
	if s.State != StakeDelegated {
		return
	}

	d := &s.Delegation
	w.Key(d.Voter)
	w.U64(d.Stake)
	w.U64(d.ActivationEpoch)
	w.U64(d.DeactivationEpoch)
	w.Raw(d.Reserved[:])
	w.U64(d.CreditsObserved)
	w.U8(d.Flags)
}

// SeededStakeAccount derives the address of a stake account that its owner
// creates with a seed. The seed has at most 32 bytes.
func SeededStakeAccount(owner solana.PublicKey, seed string) (solana.PublicKey, error) {
	return withSeed("stake account", owner, seed, StakeProgram)
}
