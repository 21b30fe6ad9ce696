package accounts

import (
	"errors"
	"fmt"
	"slices"

	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/wire"
)

// Conditions for which an account is refused; a [*DecodeError] wraps one of
// them.
var (
	// ErrWrongOwner says that another program owns the account than the one its
	// type belongs to.
	ErrWrongOwner = errors.New("wrong owner program")
	// ErrWrongLength says that the account is too short, or of a length its
	// program never gives it.
	ErrWrongLength = errors.New("wrong length")
	// ErrWrongType says that the discriminator belongs to another type of
	// account.
	ErrWrongType = errors.New("wrong account type")
	// ErrUninitialized says that the account was allocated and never written.
	ErrUninitialized = errors.New("account is not initialized")
	// ErrInvalidValue says that a field holds a value the program would not
	// accept.
	ErrInvalidValue = errors.New("invalid value")
)

// DecodeError says why an account is not what it was taken for. It wraps one of
// [ErrWrongOwner], [ErrWrongLength], [ErrWrongType], [ErrUninitialized] and
// [ErrInvalidValue], and from [Load] also [ErrNotFound].
type DecodeError struct {
	// Account is the kind of account that was expected, for example "stake
	// pool".
	Account string
	// Address is where it was read from; zero if that is not known.
	Address solana.PublicKey
	// Field is the field that does not fit; empty if it is the account as a
	// whole.
	Field string
	// Offset is the position of the field in the account's data.
	Offset int
	// Reason is the condition, possibly with detail.
	Reason error
}

// Error is one line that names account, field and offset.
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

// remedy is what to do about the account; empty if nothing is known.
func (e *DecodeError) remedy() string {
	switch {
	case errors.Is(e.Reason, ErrNotFound), errors.Is(e.Reason, ErrWrongOwner), errors.Is(e.Reason,
		ErrWrongType),
		errors.Is(e.Reason, ErrUninitialized):
		return "check the address, and the cluster of the endpoint"
	case errors.Is(e.Reason, ErrWrongLength), errors.Is(e.Reason, ErrInvalidValue):
		return "check the address, or update this module if the program was upgraded"
	}
	return ""
}

// Unwrap returns the reason.
func (e *DecodeError) Unwrap() error {
	if e == nil {
		return nil
	}

	return e.Reason
}

// layout is what each account type implements: its fields in order, for both
// directions.
type layout interface {
	name() string
	read(*wire.Reader)
	write(*wire.Writer)
}

// fastReader is implemented by the layouts of which a market has many. readFast
// sets every field from the data, which it copies, or reports that it cannot:
// then the careful reader decides, and names the field that is wrong.
type fastReader interface {
	readFast(data []byte) bool
}

// decode reads an account if it is owned by the program that it should be.
// Bytes behind the packed end are ignored, as the programs do.
func decode[T any, L interface {
	*T
	layout
}](a Account, owned bool,
) (L, error) {
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

// decodeCarefully reads an account field by field, whoever owns it.
func decodeCarefully[T any, L interface {
	*T
	layout
}](a *Account,
) (L, error) {
	v, _, err := readByField[T, L](a)
	return v, err
}

// decodeExact is decode for accounts that have no discriminator and that their
// programs accept in one length only.
func decodeExact[T any, L interface {
	*T
	layout
}](a Account, owned bool,
) (L, error) {
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

// readByField reads an account and returns how many bytes it took.
func readByField[T any, L interface {
	*T
	layout
}](a *Account,
) (v L, packed int, err error) {
	v = L(new(T))
	r := wire.NewReader(a.Data)
	v.read(r)
	if err := r.Err(); err != nil {
		return nil, 0, decodeError(v.name(), a.Address, err)
	}
	return v, r.Offset(), nil
}

// ownedBy reports whether one of the programs owns the account. It stands
// outside [decode] so that a list of programs needs no memory.
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

// decodeError turns a failure of the reader into the public error.
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

// unmarshal is the body of every UnmarshalWithDecoder: it takes exactly the
// packed bytes from the decoder. Like [decode] it reads into a fresh value, so
// that nothing of an earlier one shows through where a state or option has no
// fields, and a failure changes nothing.
func unmarshal[T any, L interface {
	*T
	layout
}](l L, d *bin.Decoder,
) error {
	if l == nil || d == nil {
		return &DecodeError{Account: l.name(),
			Reason: fmt.Errorf("%w decoder or destination", ErrNil)}
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

// marshal is the body of every MarshalWithEncoder.
func marshal(l layout, e *bin.Encoder) error {
	if e == nil {
		return fmt.Errorf("encode %s: %w encoder", l.name(), ErrNil)
	}
	return e.WriteBytes(encode(l), false)
}

// expectType reads a one-byte discriminator: zero means that nobody initialized
// the account.
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

// expectTag reads the eight bytes that accounts of Anchor programs begin with:
// zeros mean that nobody initialized it.
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
