package sdk_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/route"
)

// told returns all data of a quote, including its steps.
func told(q route.Quote, parties route.BuildParams) (string, error) {
	steps, err := q.Steps(parties)
	if err != nil {
		return "", err
	}

	text := fmt.Sprint(q.Request, q.Venue, q.In, q.Out, q.MinOut, q.Fees, q.Costs, q.Assumptions,
		q.Accounts, q.ComputeUnits)
	for _, s := range steps {
		data, err := s.Instruction.Data()
		if err != nil {
			return "", err
		}

		text += fmt.Sprintf("%s %d %s %x", s.Description, s.ComputeUnits, s.Instruction.ProgramID(),
			data)
		for _, m := range s.Instruction.Accounts() {
			text += fmt.Sprint(*m)
		}
	}

	return text, nil
}

// TestMarket_QuotesDoNotChange checks that a market, which reuses scratch space
// for requests in sequence and concurrently, never changes an earlier quote.
func TestMarket_QuotesDoNotChange(t *testing.T) {
	w := newWarm(t)
	parties := route.BuildParams{
		Owner:      w.signer.PublicKey(),
		Payer:      w.signer.PublicKey(),
		Seed:       "seed",
		PreBalance: new(uint64),
	}

	var quotes []route.Quote
	var want []string
	for _, trade := range warmTrades {
		q, err := w.market.Quote(w.request(t, trade.from, trade.to, trade.direct))
		require.NoError(t, err)
		text, err := told(q, parties)
		require.NoError(t, err)
		quotes, want = append(quotes, q), append(want, text)
	}

	var group sync.WaitGroup
	errs := make([]error, 4)
	for n := range errs {
		group.Go(func() {
			for i := range 40 {
				at := (n + i) % len(quotes)
				q, err := w.market.Quote(quotes[at].Request)
				if err != nil {
					errs[n] = err
					return
				}

				text, err := told(q, parties)
				if err != nil || text != want[at] {
					errs[n] = fmt.Errorf("%s: %w: %s", warmTrades[at].name, err, text)
					return
				}
			}
		})
	}

	group.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}

	for i, q := range quotes {
		text, err := told(q, parties)
		require.NoError(t, err)
		require.Equal(t, want[i], text)
	}
}
