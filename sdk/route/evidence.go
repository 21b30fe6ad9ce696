package route

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// EvidenceVersion is the version of [Evidence] that this module makes and
// checks.
const EvidenceVersion = 1

// ErrEvidence is wrapped by every [*EvidenceError]: an account or a program is
// not the one that a quote was made from. The error text names it.
var ErrEvidence = errors.New("evidence does not match")

// EvidenceError is returned by [Evidence.Check] for the first account or
// program that differs, and by [Quote.Evidence] for a market that did not make
// the quote. It wraps [ErrEvidence].
type EvidenceError struct {
	// Address is the address of the account or of the program. It is zero if
	// the evidence as a whole is wrong.
	Address solana.PublicKey
	// Reason tells what differs.
	Reason string
}

// Error returns one line with the address.
func (e *EvidenceError) Error() string {
	switch {
	case e == nil:
		return "<nil>"
	case e.Address.IsZero():
		return fmt.Sprintf("%v: %s", ErrEvidence, e.Reason)
	}
	return fmt.Sprintf("%v: %s: %s", ErrEvidence, e.Address, e.Reason)
}

// Unwrap returns [ErrEvidence].
func (e *EvidenceError) Unwrap() error {
	if e == nil {
		return nil
	}
	return ErrEvidence
}

// Evidence tells which accounts a quote was made from, so that others can
// check its arithmetic later: they load these accounts as of Slot, compare the
// hashes with [Evidence.Check], and compute the amounts with package quote.
type Evidence struct {
	// Version is [EvidenceVersion].
	Version uint64 `json:"version"`
	// Slot and Epoch are those of the accounts.
	Slot  uint64 `json:"slot"`
	Epoch uint64 `json:"epoch"`
	// MinimumDelegation is the minimum delegation of the stake program, in
	// lamports. It is not in an account.
	MinimumDelegation uint64 `json:"minimumDelegation,string"`
	// Accounts are the accounts of [Quote.Accounts] and the sysvars Clock and
	// Rent, by address.
	Accounts []AccountEvidence `json:"accounts"`
	// Builds are the builds of the programs that own them, as far as prices
	// depend on builds.
	Builds []BuildEvidence `json:"builds,omitempty"`
}

// AccountEvidence is the hash of an account.
type AccountEvidence struct {
	Address solana.PublicKey `json:"address"`
	// Length is the number of bytes at the beginning of the data that the hash
	// covers. Of some large accounts a quote needs the beginning only.
	Length int `json:"length"`
	// SHA256 is the hash of the owner, the lamports as eight bytes with the
	// lowest first, and Length bytes of data, in hexadecimal digits. It is
	// empty for an account that does not exist.
	SHA256 string `json:"sha256,omitzero"`
}

// BuildEvidence is the hash of a program's build, see [accounts.ProgramHash].
type BuildEvidence struct {
	Program solana.PublicKey `json:"program"`
	SHA256  string           `json:"sha256"`
}

// Evidence returns the hashes of the accounts that the quote was made from.
// market must be the one that made the quote: an [*EvidenceError] is returned
// for another one.
func (q Quote) Evidence(market *Market) (Evidence, error) {
	if market == nil {
		return Evidence{}, errNoMarket
	}

	if q.prices != prices(market) {
		return Evidence{}, &EvidenceError{Reason: fmt.Sprintf(
			"the market of slot %d has not made the quote of slot %d (use the market that did)",
			market.Slot(), q.Slot)}
	}

	e := Evidence{
		Version:           EvidenceVersion,
		Slot:              q.Slot,
		Epoch:             q.Epoch,
		MinimumDelegation: market.snapshot.Chain().MinimumDelegation,
	}

	keys := slices.Concat(q.Accounts, []solana.PublicKey{accounts.ClockSysvar,
		accounts.RentSysvar})
	slices.SortFunc(keys, accounts.CompareKeys)
	var owners []solana.PublicKey
	for _, key := range slices.Compact(keys) {
		if _, loaded := market.snapshot.Index(key); !loaded {
			continue // The address of a program: only its build matters.
		}

		a := market.snapshot.Account(key)
		e.Accounts = append(e.Accounts, evidenceOf(key, a))
		if a != nil {
			owners = append(owners, a.Owner)
		}
	}

	for program, hash := range market.snapshot.Builds(owners...) {
		e.Builds = append(e.Builds, BuildEvidence{Program: program, SHA256: hash})
	}

	slices.SortFunc(e.Builds, func(a, b BuildEvidence) int {
		return accounts.CompareKeys(a.Program, b.Program)
	})

	return e, nil
}

// evidenceOf returns the hash of an account, which is nil if it does not exist.
func evidenceOf(address solana.PublicKey, a *accounts.Account) AccountEvidence {
	e := AccountEvidence{Address: address}
	if a != nil {
		e.Length = len(a.Data)
		e.SHA256 = e.hash(a)
	}
	return e
}

// hash returns the hash of an account that has the data.
func (e *AccountEvidence) hash(a *accounts.Account) string {
	hash := sha256.New()
	hash.Write(a.Owner[:])
	hash.Write(binary.LittleEndian.AppendUint64(nil, a.Lamports))
	hash.Write(a.Data[:e.Length])
	return hex.EncodeToString(hash.Sum(nil))
}

// Check compares accounts with the evidence: those of snapshot.Accounts with
// the hashes, and snapshot.Builds with the builds. It returns an
// [*EvidenceError] for the first account or program that differs or is missing.
// It does not check the arithmetic of the quote.
func (e Evidence) Check(snapshot *AccountSnapshot) error {
	switch {
	case snapshot == nil || snapshot.Accounts == nil:
		return fmt.Errorf("%w account snapshot", accounts.ErrNil)
	case e.Version != EvidenceVersion:
		return &EvidenceError{Reason: fmt.Sprintf("version %d (this module checks version %d)",
			e.Version, EvidenceVersion)}
	case len(e.Accounts) == 0:
		return &EvidenceError{Reason: "it names no accounts"}
	}

	for i := range e.Accounts {
		if err := e.Accounts[i].check(snapshot.Accounts); err != nil {
			return err
		}
	}

	for _, b := range e.Builds {
		if hash := snapshot.Builds[b.Program]; hash != b.SHA256 {
			return &EvidenceError{
				Address: b.Program,
				Reason:  fmt.Sprintf("the build is %.64q, not %.64q", hash, b.SHA256),
			}
		}
	}
	return nil
}

// check compares an account with its hash.
func (e *AccountEvidence) check(set *accounts.Set) error {
	a, loaded := set.Lookup(e.Address)
	differs := func(format string, args ...any) error {
		return &EvidenceError{Address: e.Address, Reason: fmt.Sprintf(format, args...)}
	}

	switch {
	case !loaded:
		return differs("the account was not loaded (load it as of the slot of the evidence)")
	case a == nil && e.SHA256 == "":
		return nil
	case a == nil:
		return differs("the account does not exist")
	case e.SHA256 == "":
		return differs("the account exists")
	case e.Length < 0 || e.Length > len(a.Data):
		return differs("the data has %d bytes, not %d", len(a.Data), e.Length)
	case e.hash(a) != e.SHA256:
		return differs("the account has another owner, balance or data")
	}
	return nil
}

// String returns one line, for example "12 accounts of slot 1000, epoch 2".
func (e Evidence) String() string {
	return fmt.Sprintf("%d accounts of slot %d, epoch %d", len(e.Accounts), e.Slot, e.Epoch)
}

// String returns one line with the address and the hash.
func (e AccountEvidence) String() string {
	if e.SHA256 == "" {
		return e.Address.String() + ": does not exist"
	}
	return fmt.Sprintf("%s: %s", e.Address, e.SHA256)
}

// String returns one line with the program and the hash.
func (e BuildEvidence) String() string { return fmt.Sprintf("%s: %s", e.Program, e.SHA256) }
