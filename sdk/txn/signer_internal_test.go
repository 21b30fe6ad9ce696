package txn

import (
	"crypto/ed25519"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestKeySigner_DestroyOverwrites checks the bytes of the key themselves.
func TestKeySigner_DestroyOverwrites(t *testing.T) {
	_, private, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	signer := keepKey(private)
	_, err = signer.Sign(t.Context(), []byte("message"))
	require.NoError(t, err)
	require.NotEqual(t, make([]byte, ed25519.PrivateKeySize), []byte(private))
	signer.Destroy()
	require.Equal(t, make([]byte, ed25519.PrivateKeySize), []byte(private))
}
