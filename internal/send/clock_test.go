package send

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSystemClock_Stop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, stop := systemClock{}.After(time.Second)
		stop()
		time.Sleep(2 * time.Second)
		require.Empty(t, c)
	})
}
