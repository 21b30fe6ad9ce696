package state

import (
	"errors"
	"fmt"
	"math"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// links connects a part with the accounts and parts it was prepared from, and
// with the parts that read it.
type links struct {
	notes   []note
	readers []PartID
}

// address returns the address of an index.
func (r *reader) address(i Index) solana.PublicKey {
	return address(r.ledger, r.extra, i)
}

func address(l *Ledger, x *extra, i Index) solana.PublicKey {
	switch {
	case i < 0:
		return solana.PublicKey{}
	case int(i) < len(l.addresses):
		return l.addresses[i]
	}
	return x.addresses[i-x.base]
}

// find returns the index of an address, or NoIndex.
func find(l *Ledger, x *extra, address solana.PublicKey) Index {
	if i, ok := l.index[address]; ok {
		return i
	}
	if i, ok := x.index[address]; ok {
		return i
	}
	return NoIndex
}

// at returns the index of an address that another account contains. In an
// update it is NoIndex if the address was not loaded.
func (r *reader) at(address solana.PublicKey) Index {
	i := find(r.ledger, r.extra, address)
	switch {
	case i != NoIndex:
		return i
	case r.set == nil:
		r.miss(address)
		return NoIndex
	}

	i = r.base + Index(len(r.addresses))
	r.index[address] = i
	r.addresses = append(r.addresses, address)

	return i
}

// miss records that an update needs an account that was not loaded.
func (r *reader) miss(address solana.PublicKey) {
	if r.reload == nil {
		r.reload = &address
	}
}

// updating reports whether parts are prepared for an update.
func (r *reader) updating() bool { return r.set == nil }

// changed returns the range in which the data of an account can differ from
// those before the update. The range is empty if begin is not below end.
func (r *reader) changed(i Index) (begin, end int) {
	begin, end = math.MaxInt, 0
	for _, c := range r.changes {
		if c.account == i {
			begin, end = min(begin, c.begin), max(end, c.end)
		}
	}
	return begin, end
}

// before returns the current part as it was before the update, or nil.
func (r *reader) before() any {
	if !r.updating() {
		return nil
	}
	return r.parts(r.now).value
}

// missing represents an account that does not exist.
var missing = new(accounts.Account)

// account returns an account, or nil if it does not exist or was not loaded.
func (r *reader) account(i Index) *accounts.Account {
	if i == NoIndex {
		return nil
	}

	r.notes = append(r.notes, note{kind: ofAccount, id: int32(i)})
	a := r.accounts(i)
	if a == missing {
		return nil
	}
	return a
}

// piece returns a piece of an account's data, for lists: the part then depends
// on these bytes only. It is nil if the data are shorter.
func (r *reader) piece(i Index, at, size int) []byte {
	if i == NoIndex {
		return nil
	}

	r.notes = append(r.notes, note{
		kind: ofPiece,
		id:   int32(i),
		at:   int32(at),
		size: int32(size),
	})

	a := r.accounts(i)
	if a == nil {
		return nil
	}

	return cut(a.Data, at, size)
}

// cut returns a piece of data, or nil if the data are shorter.
func cut(data []byte, at, size int) []byte {
	if at < 0 || size < 0 || len(data)-size < at {
		return nil
	}
	return data[at : at+size]
}

// absent returns a set in which an account is marked as missing or as not
// loaded. All errors of absent accounts thus have the same texts.
func (r *reader) absent(i Index, address solana.PublicKey) *accounts.Set {
	set := accounts.NewSet(0)
	if r.isMissing(i) {
		set.PutMissing(address)
	}
	return set
}

// isMissing reports whether an account is known not to exist.
func (r *reader) isMissing(i Index) bool { return i != NoIndex && r.accounts(i) == missing }

// missed returns the error of an absent account.
func (r *reader) missed(i Index, address solana.PublicKey) error {
	_, err := r.absent(i, address).Get(address)
	return err
}

// get returns an account. The role describes the account in the error.
func (r *reader) get(role string, i Index, address solana.PublicKey) (*accounts.Account, error) {
	if a := r.account(i); a != nil {
		return a, nil
	}

	reason := accounts.ErrNotLoaded
	if r.isMissing(i) {
		reason = accounts.ErrNotFound
	}

	return nil, &accounts.DecodeError{
		Account: role,
		Address: address,
		Reason:  reason,
	}
}

// load decodes an account of the ledger.
func load[T any](r *reader, i Index, decode func(accounts.Account) (*T, error)) (*T, error) {
	if a := r.account(i); a != nil {
		return decode(*a)
	}

	address := r.address(i)
	return accounts.Load(r.absent(i, address), address, decode)
}

// loadAt decodes an account whose address another account contains.
func loadAt[T any](
	r *reader, address solana.PublicKey, decode func(accounts.Account) (*T, error),
) (*T, error) {
	i := r.at(address)
	if a := r.account(i); a != nil {
		return decode(*a)
	}
	return accounts.Load(r.absent(i, address), address, decode)
}

// read returns another part, which must precede the current part.
func read[T any](r *reader, id PartID) (T, error) {
	var none T
	if id == noPart {
		return none, errNoPart
	}

	r.notes = append(r.notes, note{kind: ofPart, id: int32(id)})
	p := r.parts(id)
	if p.err != nil {
		return none, p.err
	}

	return p.value.(T), nil
}

// systemLamports returns the balance of an account of the system program.
func systemLamports(r *reader, role string, i Index) (uint64, error) {
	a, err := r.get(role, i, r.address(i))
	if err != nil {
		return 0, err
	}

	if a.Owner != accounts.SystemProgram {
		return a.Lamports, &accounts.DecodeError{
			Account: role,
			Address: r.address(i),
			Reason:  fmt.Errorf("%w %s", accounts.ErrWrongOwner, a.Owner),
		}
	}

	return a.Lamports, nil
}

// isAbsent reports whether an error means that an account does not exist.
func isAbsent(err error) bool { return errors.Is(err, accounts.ErrNotFound) }
