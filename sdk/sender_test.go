package sdk_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// courier is a sender that records transactions or fails.
type courier struct {
	sent []*txn.Signed
	err  error
}

func (c *courier) Send(_ context.Context, s *txn.Signed) error {
	c.sent = append(c.sent, s)
	return c.err
}

func TestWithSender_Custom(t *testing.T) {
	for _, ofClient := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			node := demoNode(t)
			c := new(courier)
			var opts []sdk.Option
			var sendOpts []sdk.SendOption
			if ofClient {
				opts = append(opts, sdk.WithSender(c))
			} else {
				opts, sendOpts = append(opts, sdk.WithSender(&courier{})), append(sendOpts,
					sdk.WithSender(c))
			}

			client, wire := connect(t, node, opts...)
			s := signed(t, client)
			time.AfterFunc(5*time.Second, func() { node.SetStatus(s.Signature(), landed(7)) })
			receipt, err := client.Send(t.Context(), s, sendOpts...)
			require.NoError(t, err)
			require.Len(t, c.sent, receipt.Sends)
			require.Greater(t, receipt.Sends, 2)
			for _, sent := range c.sent {
				require.Same(t, s, sent)
			}

			require.Empty(t, wire.of("sendTransaction"))

			c.err = &sdk.PreflightError{Message: "no tip"}
			s = signed(t, client)
			_, err = client.Send(t.Context(), s, sendOpts...)
			require.ErrorIs(t, err, sdk.ErrNotSent)
			require.ErrorContains(t, err, "no tip")

			// Send to the nodes again.
			node.OnSend(func([]byte) *sdktest.Error {
				node.SetStatus(s.Signature(), landed(8))
				return nil
			})

			_, err = client.Send(t.Context(), s, sdk.WithSender(nil))
			require.NoError(t, err)
			require.Len(t, wire.of("sendTransaction"), 1)
		})
	}
}

func TestSenders_Broadcast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, wire := connect(t, demoNode(t))
		wire.node.OnSend(func([]byte) *sdktest.Error { return nil })
		s := signed(t, client)
		broken, lost := &courier{
			err: &sdk.PreflightError{Message: "no"},
		}, &courier{
			err: errors.New("lost"),
		}

		var refused *sdk.PreflightError
		require.NoError(t, sdk.Senders{broken, client.Sender(), lost}.Send(t.Context(), s))
		require.Len(t, wire.of("sendTransaction"), 1)
		err := sdk.Senders{broken, lost}.Send(t.Context(), s)
		requireLine(t, err)
		require.ErrorAs(t, err, &refused)
		require.ErrorIs(t, err, lost.err)
		require.Equal(t, lost.err, sdk.Senders{lost}.Send(t.Context(), s))
		require.ErrorAs(t, sdk.Senders{}.Send(t.Context(), s), &refused)

		_, err = client.Send(t.Context(), signed(t, client), sdk.WithSender(sdk.Senders{}))
		require.ErrorIs(t, err, sdk.ErrNotSent)
		_, err = client.Send(t.Context(), signed(t, client),
			sdk.WithSender(sdk.Senders{broken, &courier{err: broken.err}}))
		require.ErrorIs(t, err, sdk.ErrNotSent, "all senders refused it")
		invalid := &courier{err: &sdk.PreflightError{Message: "no lookup table", Malformed: true}}
		_, err = client.Send(t.Context(), signed(t, client),
			sdk.WithSender(sdk.Senders{invalid, &courier{err: invalid.err}}))
		require.ErrorIs(t, err, sdk.ErrNotSent)
		require.ErrorIs(t, err, sdk.ErrTransactionRejected)
		requireLine(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = client.Send(ctx, s, sdk.WithSender(sdk.Senders{broken, lost}))
		require.ErrorIs(t, err, sdk.ErrUncertain, "one sender may have a copy")
		ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = client.Send(ctx, s, sdk.WithSender(sdk.Senders{invalid, lost}))
		require.ErrorIs(t, err, sdk.ErrUncertain, "one sender may have a copy")
		require.NotErrorIs(t, err, sdk.ErrTransactionRejected)
	})
}
