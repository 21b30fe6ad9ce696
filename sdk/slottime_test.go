package sdk_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/demo"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

const slotsPerEpoch = 432_000

// pacedChain is a node whose chain has slots of one duration, in the epoch of
// the embedded market, at a slot set by the test.
type pacedChain struct {
	*sdktest.Node
	slotTime time.Duration
	clock    accounts.Clock
}

func newPacedChain(t testing.TB, slotTime time.Duration) *pacedChain {
	t.Helper()
	market, err := demo.Load()
	require.NoError(t, err)
	market.Chain.Clock.Slot = market.Chain.Clock.Epoch * slotsPerEpoch
	market.Chain.Clock.UnixTimestamp = market.Chain.Clock.EpochStartTimestamp
	all, err := market.Accounts()
	require.NoError(t, err)

	c := &pacedChain{
		Node:     sdktest.NewNode(market.Chain.Clock.Slot, market.Chain.Clock.Epoch, all...),
		slotTime: slotTime,
		clock:    market.Chain.Clock,
	}

	c.SetSlotTime(slotTime)

	return c
}

// moveTo moves the chain to a slot of the epoch. The Clock sysvar has whole
// seconds.
func (c *pacedChain) moveTo(t testing.TB, index uint64) {
	t.Helper()
	start := c.clock.Epoch * slotsPerEpoch
	c.Advance(start + index - c.clock.Slot)
	c.clock.Slot = start + index
	passed := time.Duration(index) * c.slotTime
	c.clock.UnixTimestamp = c.clock.EpochStartTimestamp + int64(passed/time.Second)
	change(t, c.Node, accounts.ClockSysvar, func(a *accounts.Account) { a.Data = c.clock.Encode() })
}

// jito returns a market of JitoSOL without validator lists.
func jito(t testing.TB, client *sdk.Client) *route.Market {
	t.Helper()
	token, err := client.Registry().ByMint(mint(t, "JitoSOL"))
	require.NoError(t, err)
	market, err := client.LoadMarketWith(t.Context(), route.NewLoader(token).WithoutStake())
	require.NoError(t, err)
	return market
}

// TestAPY_EverySlotOfAnEpoch asks new clients for the yield of a pool: in each
// of the first slots of an epoch, and in some hundreds of later ones.
// TestSlotClock_EverySlot tests the slot time in every slot.
func TestAPY_EverySlotOfAnEpoch(t *testing.T) {
	for _, slotTime := range []time.Duration{200 * time.Millisecond, 400 * time.Millisecond} {
		t.Run(slotTime.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				chain := newPacedChain(t, slotTime)
				epoch := big.NewRat(slotsPerEpoch*slotTime.Nanoseconds(), 1)
				epochs := epoch.Quo(big.NewRat(31_557_600_000_000_000, 1), epoch)
				sources := make(map[quote.SlotTimeSource]int)
				for index := uint64(0); index < slotsPerEpoch; {
					chain.moveTo(t, index)
					client, _ := connect(t, chain.Node)
					market := jito(t, client)
					info, err := market.TokenInfo(mint(t, "JitoSOL"))
					require.NoError(t, err)
					require.NoError(t, info.YieldErr, "slot %d", index)

					within(t, 2, quote.APY(info.Growth, epochs), info.APY,
						fmt.Sprintf("slot %d by %s", index, info.SlotTime))
					require.Equal(t, market.SlotTime(), info.SlotTime)
					sources[info.SlotTime.Source]++

					switch {
					case index < 200:
						index++
					case index < 4000:
						index += 97
					default:
						index += 4001
					}
				}

				require.Len(t, sources, 2)
				require.NotZero(t, sources[quote.SlotTimeSamples])
				require.NotZero(t, sources[quote.SlotTimeClock])
			})
		})
	}
}

// within checks that a figure is within some percent of the true one.
func within(t testing.TB, percent int64, truth, got *big.Rat, where string) {
	t.Helper()
	off := new(big.Rat).Sub(got, truth)
	off.Quo(off.Abs(off), truth)
	if off.Cmp(big.NewRat(percent, 100)) > 0 {
		t.Fatalf("%s: %s, where %s is right", where, got.FloatString(6), truth.FloatString(6))
	}
}

// TestAPY_WithoutSamples checks a client whose node keeps no samples: in the
// first minutes of an epoch the yield is unknown, unless the client has seen
// slots before.
func TestAPY_WithoutSamples(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chain := newPacedChain(t, 200*time.Millisecond)
		chain.SetSlotTime(0)
		now := time.Unix(1_790_000_000, 0)
		clock := sdktest.NewClock(now, nil)
		client, _ := connect(t, chain.Node, sdk.WithClock(clock))
		require.Equal(t,
			sdk.SlotTime{Duration: 400 * time.Millisecond, Source: quote.SlotTimeAssumed},
			client.SlotTime())

		info, err := jito(t, client).TokenInfo(mint(t, "JitoSOL"))
		require.NoError(t, err)
		require.ErrorIs(t, info.YieldErr, quote.ErrSlotTime)
		requireLine(t, info.YieldErr)
		require.Nil(t, info.APY)
		require.NotNil(t, info.Growth)
		require.False(t, info.SlotTime.Measured())

		// Five minutes later the client has seen enough slots.
		clock.After(5 * time.Minute)
		chain.moveTo(t, 1500)
		market := jito(t, client)
		want := quote.SlotTime{Nanos: 200_000_000, Source: quote.SlotTimeSeen}
		require.Equal(t, want, market.SlotTime())
		require.Equal(t, sdk.SlotTime{Duration: 200 * time.Millisecond, Source: quote.SlotTimeSeen},
			client.SlotTime())
		info, err = market.TokenInfo(mint(t, "JitoSOL"))
		require.NoError(t, err)
		require.NoError(t, info.YieldErr)
		require.Equal(t, want, info.SlotTime)
		require.NotNil(t, info.APY)

		// A new client waits for ten minutes of the epoch.
		chain.moveTo(t, 2999)
		other, _ := connect(t, chain.Node)
		require.False(t, jito(t, other).SlotTime().Measured())
		chain.moveTo(t, 3000)
		require.Equal(t, quote.SlotTime{Nanos: 200_000_000, Source: quote.SlotTimeClock},
			jito(t, other).SlotTime())
	})
}

// TestSlotTime_PacesWaiting lets a node lag eight slots once: the client waits
// for half of the time to catch up, by the measured slot time.
func TestSlotTime_PacesWaiting(t *testing.T) {
	for _, slotTime := range []time.Duration{200 * time.Millisecond, 500 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			chain := newPacedChain(t, slotTime)
			chain.SetLatency(latency)
			client, _ := connect(t, chain.Node)
			market := jito(t, client)
			require.Equal(t, slotTime, client.SlotTime().Duration)

			chain.Fail("getMultipleAccounts", sdktest.Fault{Error: &sdktest.Error{
				Code:    -32016,
				Message: "Minimum context slot has not been reached",
				Data:    json.RawMessage(fmt.Sprintf(`{"contextSlot":%d}`, market.Slot()-8)),
			}})

			start := time.Now()
			jito(t, client)
			require.Equal(t, 3*latency+4*slotTime, time.Since(start))
		})
	}
}
