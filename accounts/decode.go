package accounts

import (
	"errors"
	"fmt"
	"slices"

	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/wire"
)

// Reasons for which a decoder refuses an account. A [*DecodeError] wraps one of
// them.
var (
	// ErrWrongOwner is returned by decoders when the owner of the account is
	// not the program of the expected type. Check the address, and the cluster
	// of the endpoint.
	ErrWrongOwner = errors.New("wrong owner program")
	// ErrWrongLength is returned by decoders when the data is too short for the
	// type, or has a length that its program never allocates. Check the
	// address, or update this module if the program was upgraded.
	ErrWrongLength = errors.New("wrong length")
	// ErrWrongType is returned by decoders when the discriminator is that of
	// another account type of the same program. Check the address.
	ErrWrongType = errors.New("wrong account type")
	// ErrUninitialized is returned by decoders when the account was allocated
	// but never initialized. Check the address.
	ErrUninitialized = errors.New("account is not initialized")
	// ErrInvalidValue is returned by decoders when a field has a value that the
	// program does not accept. Check the address, or update this module if the
	// program was upgraded.
	ErrInvalidValue = errors.New("invalid value")
)

// DecodeError is the error of every decoder. It wraps [ErrWrongOwner],
// [ErrWrongLength], [ErrWrongType], [ErrUninitialized] or [ErrInvalidValue];
// the error of [Load] may also wrap [ErrNotLoaded] or [ErrNotFound].
type DecodeError struct {
	// Account is the expected kind of account, for example "stake pool".
	Account string
	// Address is the address of the account, or zero if it is not known.
	Address solana.PublicKey
	// Field is the name of the field that cannot be decoded, or empty if the
	// error concerns the whole account.
	Field string
	// Offset is the position of the field in the account data, in bytes.
	Offset int
	// Reason wraps the sentinel error, and may add details.
	Reason error
}

// Error returns one line with the account, the field, its offset, the reason
// and a remedy.
func (e *DecodeError) Error() string {
	if e == nil {
		return "<nil>"
	}

	s := e.Account
	if !e.Address.IsZero() {
		s += " " + e.Address.String()
	}

	if e.Field != "" {
		s += fmt.Sprintf(": field %s at offset %d", e.Field, e.Offset)
	}

	if e.Reason == nil {
		return s
	}

	s += ": " + e.Reason.Error()
	if remedy := e.remedy(); remedy != "" {
		s += " (" + remedy + ")"
	}

	return s
}

// remedy returns advice for the reader of the error, or an empty string.
func (e *DecodeError) remedy() string {
	switch {
	case errors.Is(e.Reason, ErrNotFound),
		errors.Is(e.Reason, ErrWrongOwner),
		errors.Is(e.Reason, ErrWrongType),
		errors.Is(e.Reason, ErrUninitialized):
		return "check the address, and the cluster of the endpoint"
	case errors.Is(e.Reason, ErrWrongLength), errors.Is(e.Reason, ErrInvalidValue):
		return "check the address, or update this module if the program was upgraded"
	}
	return ""
}

// Unwrap returns Reason.
func (e *DecodeError) Unwrap() error {
	if e == nil {
		return nil
	}

	return e.Reason
}

// layout is the list of an account type's fields, in order, for reading and for
// writing.
type layout interface {
	name() string
	read(*wire.Reader)
	write(*wire.Writer)
}

// fastReader is implemented by layouts that are decoded in large numbers.
// readFast sets every field from a copy of the data, or reports false. After
// false, the slower reader runs, which names the invalid field.
type fastReader interface {
	readFast(data []byte) bool
}

// decode decodes an account, and returns ErrWrongOwner if owned is false. Bytes
// after the packed form are ignored, as the programs ignore them.
func decode[T any, L interface {
	*T
	layout
}](a Account, owned bool) (L, error) {
	if !owned {
		return nil, wrongOwner(L(nil).name(), &a)
	}

	if _, fast := any(L(nil)).(fastReader); fast {
		v := L(new(T))
		if any(v).(fastReader).readFast(a.Data) {
			return v, nil
		}
	}

	return decodeCarefully[T, L](&a)
}

// decodeCarefully decodes an account field by field, without a check of its
// owner.
func decodeCarefully[T any, L interface {
	*T
	layout
}](a *Account) (L, error) {
	v, _, err := readByField[T, L](a)
	return v, err
}

// decodeExact is decode for accounts whose length must be that of the packed
// form: they have no discriminator, and their programs accept no other length.
func decodeExact[T any, L interface {
	*T
	layout
}](a Account, owned bool) (L, error) {
	if !owned {
		return nil, wrongOwner(L(nil).name(), &a)
	}

	v, packed, err := readByField[T, L](&a)
	switch {
	case err != nil:
		return nil, err
	case packed != len(a.Data):
		reason := fmt.Errorf("%w: %d bytes, not %d", ErrWrongLength, len(a.Data), packed)
		return nil, &DecodeError{
			Account: v.name(),
			Address: a.Address,
			Reason:  reason,
		}
	}

	return v, nil
}

// readByField decodes an account and returns the length of its packed form.
func readByField[T any, L interface {
	*T
	layout
}](a *Account) (v L, packed int, err error) {
	v = L(new(T))
	r := wire.NewReader(a.Data)
	v.read(r)
	if err := r.Err(); err != nil {
		return nil, 0, decodeError(v.name(), a.Address, err)
	}
	return v, r.Offset(), nil
}

// ownedBy reports whether one of the programs owns the account. It is not part
// of [decode] because passing the list of programs on would allocate it.
func ownedBy(a *Account, programs ...solana.PublicKey) bool {
	return slices.Contains(programs, a.Owner)
}

func wrongOwner(name string, a *Account) error {
	return &DecodeError{
		Account: name,
		Address: a.Address,
		Reason:  fmt.Errorf("%w %s", ErrWrongOwner, a.Owner),
	}
}

// decodeError converts an error of the reader to a [*DecodeError].
func decodeError(name string, address solana.PublicKey, err error) error {
	var w *wire.Error
	if !errors.As(err, &w) {
		return &DecodeError{
			Account: name,
			Address: address,
			Reason:  err,
		}
	}

	reason := w.Reason
	switch {
	case errors.Is(reason, wire.ErrShort):
		reason = fmt.Errorf("%w: %w", ErrWrongLength, reason)
	case errors.Is(reason, wire.ErrTag):
		reason = fmt.Errorf("%w: %w", ErrInvalidValue, reason)
	}

	return &DecodeError{
		Account: name,
		Address: address,
		Field:   w.Field,
		Offset:  w.Offset,
		Reason:  reason,
	}
}

func encode(l layout) []byte {
	w := wire.NewWriter(0)
	l.write(w)
	return w.Bytes()
}

// unmarshal implements UnmarshalWithDecoder. It takes exactly the packed bytes
// from the decoder. Like [decode] it reads into a new value: fields that the
// data does not have are zero, and an error leaves the destination unchanged.
func unmarshal[T any, L interface {
	*T
	layout
}](l L, d *bin.Decoder) error {
	if l == nil || d == nil {
		return &DecodeError{
			Account: l.name(),
			Reason:  fmt.Errorf("%w decoder or destination", ErrNil),
		}
	}

	rest, err := d.Peek(d.Remaining())
	if err != nil {
		return err
	}

	r := wire.NewReader(rest)
	v := L(new(T))
	v.read(r)
	if err := r.Err(); err != nil {
		return decodeError(v.name(), solana.PublicKey{}, err)
	}

	*l = *v

	return d.SkipBytes(uint(r.Offset()))
}

// marshal implements MarshalWithEncoder.
func marshal(l layout, e *bin.Encoder) error {
	if e == nil {
		return fmt.Errorf("encode %s: %w encoder", l.name(), ErrNil)
	}
	return e.WriteBytes(encode(l), false)
}

// expectType reads a discriminator of one byte. Zero is that of an account that
// is not initialized.
func expectType(r *wire.Reader, field string, want uint8) {
	at := r.Offset()
	switch got := r.U8(field); {
	case r.Err() != nil || got == want:
	case got == 0:
		r.Fail(field, at, ErrUninitialized)
	default:
		r.Fail(field, at, fmt.Errorf("%w: discriminator %d, want %d", ErrWrongType, got, want))
	}
}

// expectTag reads the discriminator of eight bytes of an Anchor account. Zeros
// are that of an account that is not initialized.
func expectTag(r *wire.Reader, want string) {
	const field = "discriminator"
	at := r.Offset()
	var got [8]byte
	r.Fill(field, got[:])
	switch {
	case r.Err() != nil || string(got[:]) == want:
	case got == [8]byte{}:
		r.Fail(field, at, ErrUninitialized)
	default:
		r.Fail(field, at, fmt.Errorf("%w: discriminator %x, want %x", ErrWrongType, got, want))
	}
}
