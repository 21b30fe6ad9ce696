package accounts

import (
	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/wire"
)

// Sizes of the interceptor's accounts, in bytes.
const (
	InterceptorAuthoritySpace = 501
	InterceptorReceiptSpace   = 421
)

// Discriminators of the interceptor's accounts. A discriminator is the first
// byte of a header of eight bytes.
const (
	interceptorTypeAuthority = 1
	interceptorTypeReceipt   = 2
)

// Lengths of the reserved bytes at the end of the accounts.
const (
	interceptorAuthorityReserved = 224
	interceptorReceiptReserved   = 256
)

// InterceptorAuthority is the stake deposit authority of a stake pool that
// takes stake only through Jito's stake deposit interceptor, for example of
// JitoSOL's pool. It has the terms of deposits. The source of the program names
// it StakePoolDepositStakeAuthority.
type InterceptorAuthority struct {
	// Base is the seed of the address, besides the pool.
	Base      solana.PublicKey `json:"base"`
	StakePool solana.PublicKey `json:"stake_pool"`
	PoolMint  solana.PublicKey `json:"pool_mint"`
	// Authority may change the terms. Open receipts keep theirs.
	Authority solana.PublicKey `json:"authority"`
	// Vault is the token account that holds the pool tokens until they are
	// claimed.
	Vault            solana.PublicKey `json:"vault"`
	StakePoolProgram solana.PublicKey `json:"stake_pool_program_id"`
	// CoolDownSeconds is the time after which a claim costs no fee.
	CoolDownSeconds uint64 `json:"cool_down_seconds"`
	// InitialFeeBPS is the fee, in hundredths of a percent, of a claim at the
	// time of the deposit. It falls to 0 in a straight line over the cool-down.
	InitialFeeBPS uint32 `json:"initial_fee_bps"`
	// FeeWallet is the owner of the token account that receives the fee.
	FeeWallet solana.PublicKey `json:"fee_wallet"`
	BumpSeed  uint8            `json:"bump_seed"`
	// WhitelistProgram lists the signers of deposits without a receipt. It is
	// zero if there are none.
	WhitelistProgram solana.PublicKey `json:"jito_whitelist_management_program_id"`
}

// DecodeInterceptorAuthority decodes a stake deposit authority of the
// interceptor.
func DecodeInterceptorAuthority(account Account) (*InterceptorAuthority, error) {
	return decodeExact[InterceptorAuthority](account, ownedBy(&account, InterceptorProgram))
}

// Encode returns the packed form, 501 bytes.
func (a InterceptorAuthority) Encode() []byte { return encode(&a) }

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler.
func (a *InterceptorAuthority) UnmarshalWithDecoder(dec *bin.Decoder) error {
	return unmarshal(a, dec)
}

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (a InterceptorAuthority) MarshalWithEncoder(enc *bin.Encoder) error { return marshal(&a, enc) }

// Address derives the address of the authority with the bump seed that it
// stores.
func (a *InterceptorAuthority) Address(program solana.PublicKey) (solana.PublicKey, error) {
	if a == nil {
		return solana.PublicKey{}, nilState("interceptor's stake deposit authority")
	}

	return storedPDA("interceptor's stake deposit authority", program, a.BumpSeed,
		[]byte("deposit_stake_authority"), a.StakePool[:], a.Base[:])
}

func (*InterceptorAuthority) name() string { return "interceptor authority" }

func (a *InterceptorAuthority) read(r *wire.Reader) {
	expectHeader(r, interceptorTypeAuthority)
	a.Base = r.Key("base")
	a.StakePool = r.Key("stake_pool")
	a.PoolMint = r.Key("pool_mint")
	a.Authority = r.Key("authority")
	a.Vault = r.Key("vault")
	a.StakePoolProgram = r.Key("stake_pool_program_id")
	a.CoolDownSeconds = r.U64("cool_down_seconds")
	a.InitialFeeBPS = r.U32("initial_fee_bps")
	a.FeeWallet = r.Key("fee_wallet")
	a.BumpSeed = r.U8("bump_seed")
	a.WhitelistProgram = r.Key("jito_whitelist_management_program_id")
	r.Skip("reserved", interceptorAuthorityReserved)
}

func (a *InterceptorAuthority) write(w *wire.Writer) {
	writeHeader(w, interceptorTypeAuthority)
	w.Key(a.Base)
	w.Key(a.StakePool)
	w.Key(a.PoolMint)
	w.Key(a.Authority)
	w.Key(a.Vault)
	w.Key(a.StakePoolProgram)
	w.U64(a.CoolDownSeconds)
	w.U32(a.InitialFeeBPS)
	w.Key(a.FeeWallet)
	w.U8(a.BumpSeed)
	w.Key(a.WhitelistProgram)
	w.Zeros(interceptorAuthorityReserved)
}

// InterceptorReceipt is the account that a deposit of stake through the
// interceptor creates. It is a claim to the pool tokens in the vault. The claim
// closes the account and pays its rent to Owner. The source of the program
// names it DepositReceipt.
type InterceptorReceipt struct {
	// Base is the seed of the address, besides the pool. It signed the deposit.
	Base solana.PublicKey `json:"base"`
	// Owner receives the pool tokens and the rent, no matter which account
	// claims them. During the cool-down only Owner can claim.
	Owner     solana.PublicKey `json:"owner"`
	StakePool solana.PublicKey `json:"stake_pool"`
	// DepositAuthority is the address of the [InterceptorAuthority].
	DepositAuthority solana.PublicKey `json:"stake_pool_deposit_stake_authority"`
	// DepositTime is the Unix time of the deposit, in seconds.
	DepositTime uint64 `json:"deposit_time"`
	// PoolTokens is the claim, before the fee.
	PoolTokens uint64 `json:"lst_amount"`
	// CoolDownSeconds and InitialFeeBPS are the terms of the authority at the
	// time of the deposit.
	CoolDownSeconds uint64 `json:"cool_down_seconds"`
	InitialFeeBPS   uint32 `json:"initial_fee_bps"`
	BumpSeed        uint8  `json:"bump_seed"`
}

// Offsets of fields of a receipt, for the filters of a search.
const (
	// InterceptorReceiptOwnerOffset is the position of Owner.
	InterceptorReceiptOwnerOffset = 40
	// InterceptorReceiptPoolOffset is the position of StakePool.
	InterceptorReceiptPoolOffset = 72
)

// DecodeInterceptorReceipt decodes a receipt of the interceptor.
func DecodeInterceptorReceipt(account Account) (*InterceptorReceipt, error) {
	return decodeExact[InterceptorReceipt](account, ownedBy(&account, InterceptorProgram))
}

// Encode returns the packed form, 421 bytes.
func (t InterceptorReceipt) Encode() []byte { return encode(&t) }

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler.
func (t *InterceptorReceipt) UnmarshalWithDecoder(dec *bin.Decoder) error {
	return unmarshal(t, dec)
}

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (t InterceptorReceipt) MarshalWithEncoder(enc *bin.Encoder) error { return marshal(&t, enc) }

// Address derives the address of the receipt with the bump seed that it stores.
func (t *InterceptorReceipt) Address(program solana.PublicKey) (solana.PublicKey, error) {
	if t == nil {
		return solana.PublicKey{}, nilState("interceptor's receipt")
	}

	return storedPDA("interceptor's receipt", program, t.BumpSeed,
		[]byte("deposit_receipt"), t.StakePool[:], t.Base[:])
}

func (*InterceptorReceipt) name() string { return "interceptor receipt" }

func (t *InterceptorReceipt) read(r *wire.Reader) {
	expectHeader(r, interceptorTypeReceipt)
	t.Base = r.Key("base")
	t.Owner = r.Key("owner")
	t.StakePool = r.Key("stake_pool")
	t.DepositAuthority = r.Key("stake_pool_deposit_stake_authority")
	t.DepositTime = r.U64("deposit_time")
	t.PoolTokens = r.U64("lst_amount")
	t.CoolDownSeconds = r.U64("cool_down_seconds")
	t.InitialFeeBPS = r.U32("initial_fee_bps")
	t.BumpSeed = r.U8("bump_seed")
	r.Skip("reserved", interceptorReceiptReserved)
}

func (t *InterceptorReceipt) write(w *wire.Writer) {
	writeHeader(w, interceptorTypeReceipt)
	w.Key(t.Base)
	w.Key(t.Owner)
	w.Key(t.StakePool)
	w.Key(t.DepositAuthority)
	w.U64(t.DepositTime)
	w.U64(t.PoolTokens)
	w.U64(t.CoolDownSeconds)
	w.U32(t.InitialFeeBPS)
	w.U8(t.BumpSeed)
	w.Zeros(interceptorReceiptReserved)
}

// expectHeader reads a header of eight bytes. The program checks only the first
// one.
func expectHeader(r *wire.Reader, want uint8) {
	expectType(r, "discriminator", want)
	r.Skip("discriminator", 7)
}

func writeHeader(w *wire.Writer, discriminator uint8) {
	w.U8(discriminator)
	w.Zeros(7)
}

// InterceptorAuthorityAddress derives the address of an [InterceptorAuthority].
func InterceptorAuthorityAddress(program, pool, base solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("interceptor's stake deposit authority", program,
		[]byte("deposit_stake_authority"), pool[:], base[:])
}

// InterceptorReceiptAddress derives the address of the receipt of a deposit.
func InterceptorReceiptAddress(program, pool, base solana.PublicKey) (solana.PublicKey, error) {
	return findPDA("interceptor's receipt", program, []byte("deposit_receipt"), pool[:], base[:])
}
