package state

import (
	"cmp"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/quote"
)

// mostPairSteps is the number of comparisons for which pairs of records are
// searched. It is enough for 1,000 records and 4,000 validators.
const mostPairSteps = 4_000_000

// recordsByBalance finds the stake account of a Marinade validator by the
// validator's balance.
type recordsByBalance struct {
	// sorted are the records, the smallest first.
	sorted []balanceRecord
	alone  map[uint64]solana.PublicKey
	// steps are the comparisons that are left.
	steps int
}

type balanceRecord struct {
	lamports uint64
	address  solana.PublicKey
}

func newRecordsByBalance(records []quote.MarinadeRecord) *recordsByBalance {
	b := &recordsByBalance{
		alone: make(map[uint64]solana.PublicKey, len(records)),
		steps: mostPairSteps,
	}

	for i := range records {
		r := balanceRecord{
			lamports: records[i].Record.LastUpdateDelegatedLamports,
			address:  records[i].Record.StakeAccount,
		}

		b.sorted = append(b.sorted, r)
		if _, twice := b.alone[r.lamports]; !twice {
			b.alone[r.lamports] = r.address
		}
	}

	slices.SortStableFunc(b.sorted,
		func(x, y balanceRecord) int { return cmp.Compare(x.lamports, y.lamports) })

	return b
}

// of returns the record that has a balance, or else the larger one of the two
// most unequal records that have it together. For example, a validator with
// 4,477 SOL may have records of 4,340 and 137 SOL, of which the first is found.
func (b *recordsByBalance) of(balance uint64) (solana.PublicKey, bool) {
	if address, ok := b.alone[balance]; ok {
		return address, true
	}

	low, high := 0, len(b.sorted)-1
	for low < high && b.steps > 0 {
		b.steps--
		small, large := b.sorted[low].lamports, b.sorted[high].lamports
		switch {
		case large > balance || small > balance-large:
			high--
		case small < balance-large:
			low++
		default:
			return b.sorted[high].address, true
		}
	}

	return solana.PublicKey{}, false
}
