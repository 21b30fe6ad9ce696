package operator

import (
	"context"
	"fmt"
	"strings"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// mostForecastSteps limits a forecast. A pool of 20,000 validators needs fewer
// steps for any plan.
const mostForecastSteps = 100_000

// mostForecastEpochs limits a forecast of a plan that waits for stake that
// never arrives. The rise of a fee from 0.15 % to 100 % in steps of half a
// point waits for 400 epochs.
const mostForecastEpochs = 1_000

// Forecast is what a plan will do, if the chain changes only by the plan
// itself: users neither deposit nor withdraw, and the pool earns no rewards.
type Forecast struct {
	// Plan is the goal.
	Plan string
	// Steps are all steps, without their transactions.
	Steps []*Step
	// Transactions is the number of transactions.
	Transactions int
	// Cost is what the payer pays in total.
	Cost Cost
	// Missing are the lamports that the payer lacks for the cost and the rent
	// of its own account.
	Missing uint64
	// From is the current epoch, and Until the one in which the plan is done.
	From, Until uint64
	// Partial reports whether the forecast ends before the plan, because a step
	// depends on an unknown build of the program, or because the plan waits for
	// more than 1,000 epochs.
	Partial bool
	// After is the state at the end of the forecast.
	After *State
}

// Epochs returns the number of epochs for which the plan waits.
func (f *Forecast) Epochs() uint64 {
	if f == nil {
		return 0
	}
	return fixed.SaturatingSub(f.Until, f.From)
}

// String returns the steps and the costs, one in each line.
func (f *Forecast) String() string {
	if f == nil {
		return "no forecast"
	}

	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", f.Plan)
	for i, s := range f.Steps {
		fmt.Fprintf(&b, "%d. %s\n", i+1, s)
	}

	if f.Partial {
		b.WriteString(f.unknown())
	}

	sol := func(lamports uint64) string { return lst.FormatAmount(lamports, 9) }
	fmt.Fprintf(&b, "transactions: %d, epochs to wait: %d\n", f.Transactions, f.Epochs())
	fmt.Fprintf(&b, "rent %s SOL, deposit %s SOL, gift to the pool %s SOL, network fees %s SOL",
		sol(f.Cost.Rent), sol(f.Cost.Deposit), sol(f.Cost.Gift), sol(f.Cost.NetworkFee))
	if f.Missing > 0 {
		fmt.Fprintf(&b, "\nthe payer lacks %s SOL", sol(f.Missing))
	}

	return b.String()
}

// unknown returns the reason why the forecast is partial, as a line.
func (f *Forecast) unknown() string {
	if f.Epochs() >= mostForecastEpochs {
		return fmt.Sprintf("no end is in sight after %d epochs\n", f.Epochs())
	}
	return "the rest depends on an unknown build of the program\n"
}

// DryRun reads the chain and returns all steps of a plan with their cost, and
// the state after each of them, over all its epochs. It sends nothing. It
// returns the error that the plan would meet.
func (p *Plan) DryRun(ctx context.Context, client *sdk.Client) (*Forecast, error) {
	if err := p.usable(ctx, client); err != nil {
		return nil, err
	}

	s, err := p.load(ctx, client)
	if err != nil {
		return nil, p.failed(err)
	}

	f, err := p.forecast(ctx, s)
	if err != nil {
		return nil, p.failed(err)
	}

	return f, nil
}

func (p *Plan) forecast(ctx context.Context, s *State) (*Forecast, error) {
	f := &Forecast{Plan: p.name, From: s.Clock.Epoch}
	held := s.Payer
	for range mostForecastSteps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}

		m, err := p.following(s)
		if err != nil {
			return nil, err
		}

		f.Until, f.After = s.Clock.Epoch, s
		if m == nil {
			break
		}

		if f.Partial = f.Epochs() >= mostForecastEpochs; f.Partial {
			break
		}

		if m.cost.NetworkFee, err = p.networkFees(m); err != nil {
			return nil, err
		}

		f.Steps = append(f.Steps, m.step(s))
		f.Transactions += len(m.parts)
		f.Cost = f.Cost.plus(m.cost)
		if m.kind == StepWait {
			m.after = s.inEpoch(m.epoch)
		}

		if m.after == nil {
			f.Partial = true
			break
		}

		s = m.after
	}

	rent, err := s.Rent.MinimumBalance(0)
	if err != nil {
		return nil, err
	}

	if needed := f.Cost.Total(); needed > 0 && needed != held {
		f.Missing = fixed.SaturatingSub(fixed.SaturatingAdd(needed, rent), held)
	}

	return f, nil
}
