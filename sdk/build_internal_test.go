package sdk

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSendFloor(t *testing.T) {
	for _, test := range []struct {
		name                                 string
		blockhash, quoted, simulated, wanted uint64
	}{
		{"nothing was simulated", 100, 90, 0, 100},
		{"quoted after the blockhash was read", 100, 105, 0, 105},
		{"simulated by a node that is further", 100, 105, 109, 109},
		{"simulated by a node that is behind", 100, 105, 99, 105},
		{"simulated as far ahead as nodes lie apart", 100, 105, 105 + replicaSpread,
			105 + replicaSpread},
		{"simulated further ahead than that", 100, 105, 106 + replicaSpread, 105},
		{"a slot that cannot be", 100, 105, 1<<64 - 1, 105},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.wanted, sendFloor(test.blockhash, test.quoted, test.simulated))
		})
	}
}
