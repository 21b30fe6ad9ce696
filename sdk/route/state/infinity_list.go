package state

import (
	"bytes"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// listPositions has the positions of a ledger's tokens in the token list of an
// Infinity pool. It changes only when tokens are added to the list or removed
// from it.
type listPositions struct {
	// positions are by the controller's tokens, -1 for a token that is not
	// listed.
	positions []int32
	// data are the bytes of a list with the same mints.
	data []byte
}

// listPositionsMaker prepares [listPositions].
type listPositionsMaker struct{ *controller }

// Position of the mint in an entry of the list.
const (
	listedMintOffset = 16
	listedMintEnd    = listedMintOffset + solana.PublicKeyLength
)

func (m listPositionsMaker) prepare(r *reader) (any, error) {
	if m.err != nil {
		return nil, m.err
	}

	a := r.account(m.list)
	if a == nil || a.Owner != m.program || len(a.Data)%accounts.LSTStateSize != 0 {
		// The decoder returns the error of a missing or malformed list.
		_, err := load(r, m.list, m.decodeList)
		return nil, err
	}

	before, ok := r.before().(*listPositions)
	if ok && before != nil {
		if begin, end := r.changed(m.list); sameMints(before.data, a.Data, begin, end) {
			return before, nil
		}
	}

	return &listPositions{positions: m.find(r.ledger, a.Data), data: a.Data}, nil
}

func (c *controller) decodeList(a accounts.Account) (*accounts.LSTStateList, error) {
	return accounts.DecodeLSTStateListOf(a, c.program)
}

// find returns the positions of the controller's tokens in the list. If a token
// is listed twice, it is the first entry.
func (c *controller) find(l *Ledger, data []byte) []int32 {
	positions := make([]int32, len(c.tokens))
	for at := range positions {
		positions[at] = -1
	}

	for index := range len(data) / accounts.LSTStateSize {
		entry := data[index*accounts.LSTStateSize:]
		mint := solana.PublicKey(entry[listedMintOffset:listedMintEnd])
		t, ok := l.byMint[mint]
		if !ok || c.positions[t] < 0 {
			continue
		}

		if at := c.positions[t]; positions[at] < 0 {
			positions[at] = int32(index)
		}
	}

	return positions
}

// sameMints reports whether two lists have the same mints at the same
// positions. The lists only differ in [begin, end).
func sameMints(a, b []byte, begin, end int) bool {
	if len(a) != len(b) {
		return false
	}

	first := min(begin, len(a)) / accounts.LSTStateSize * accounts.LSTStateSize
	for at := first; at < min(end, len(a)); at += accounts.LSTStateSize {
		from, to := at+listedMintOffset, at+listedMintEnd
		if !bytes.Equal(a[from:to], b[from:to]) {
			return false
		}
	}

	return true
}

// entry reads one entry of the list. The part then does not depend on the other
// entries.
func (c *controller) entry(r *reader, index int) (accounts.LSTState, error) {
	data := r.piece(c.list, index*accounts.LSTStateSize, accounts.LSTStateSize)
	entry, ok := accounts.LSTStateAt(data, 0)
	if !ok {
		return entry, fmt.Errorf("%w: entry %d of the LST state list", accounts.ErrWrongLength,
			index)
	}
	return entry, nil
}
