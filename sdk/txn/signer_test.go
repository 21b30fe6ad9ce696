package txn_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/mr-tron/base58"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/txn"
)

// keyFile writes a key file with any text.
func keyFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "id.json")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// numbers returns the JSON of a key file. encoding/json would write bytes as
// base64.
func numbers(key []byte) string {
	list := make([]int, len(key))
	for i, b := range key {
		list[i] = int(b)
	}
	text, _ := json.Marshal(list)
	return string(text)
}

func TestOpenKeySigner(t *testing.T) {
	want := seeded(t, "file")
	signer, err := txn.OpenKeySigner(keyFile(t, numbers(pair("file"))+"\n"))
	require.NoError(t, err)
	require.Equal(t, want.PublicKey(), signer.PublicKey())
	message := []byte("message")
	signature, err := signer.Sign(t.Context(), message)
	require.NoError(t, err)
	require.True(t, signer.PublicKey().Verify(message, signature))

	upstream, err := solana.PrivateKeyFromSolanaKeygenFileBytes([]byte(numbers(pair("file"))))
	require.NoError(t, err)
	require.Equal(t, upstream.PublicKey(), signer.PublicKey(), "solana-go reads the same key")

	_, err = txn.OpenKeySigner(filepath.Join(t.TempDir(), "missing.json"))
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = txn.OpenKeySigner(t.TempDir())
	require.Error(t, err, "a folder")
}

// TestOpenKeySigner_Mode checks every mode of a key file: only those without a
// permission of the group and of others open, unless the option permits them.
func TestOpenKeySigner_Mode(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no mode")
	}

	path := keyFile(t, numbers(pair("file")))
	for mode := range fs.FileMode(0o1000) {
		if mode&0o400 == 0 {
			continue // The owner cannot read it either.
		}

		require.NoError(t, os.Chmod(path, mode))
		signer, err := txn.OpenKeySigner(path)
		if mode&0o077 == 0 {
			require.NoError(t, err, "%o", mode)
		} else {
			require.ErrorIs(t, err, txn.ErrKeyFileExposed, "%o", mode)
			require.Nil(t, signer)
			require.NotContains(t, err.Error(), path)
		}

		_, err = txn.OpenKeySigner(path, nil, txn.WithExposedKeyFile())
		require.NoError(t, err, "%o", mode)
	}
}

func TestKeySigner_Destroy(t *testing.T) {
	signer := seeded(t, "file")
	public, shared := signer.PublicKey(), *signer
	_, err := signer.Sign(t.Context(), []byte("message"))
	require.NoError(t, err)

	// Signatures that are being made end, and later ones are refused.
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				s, err := signer.Sign(t.Context(), []byte("message"))
				if err == nil {
					require.True(t, public.Verify([]byte("message"), s))
				} else {
					require.ErrorIs(t, err, txn.ErrKeyDestroyed)
				}
			}
		})
	}

	signer.Destroy()
	all.Wait()
	signer.Destroy()
	require.Equal(t, public, signer.PublicKey())
	for _, one := range []*txn.KeySigner{signer, &shared} {
		s, err := one.Sign(t.Context(), []byte("message"))
		require.ErrorIs(t, err, txn.ErrKeyDestroyed)
		require.Zero(t, s)
	}

	p := plan(key("payer"), step([]byte{1}, solana.Meta(public).WRITE().SIGNER()))
	p.NewAccountSigners = []*txn.KeySigner{signer}
	_, err = p.Compile()
	require.ErrorIs(t, err, txn.ErrKeyDestroyed)
	new(txn.KeySigner).Destroy()
	(*txn.KeySigner)(nil).Destroy()
}

func TestKeySigner_InvalidKeys(t *testing.T) {
	// An error that quotes this text would be found.
	whole := pair("secret of the file")
	mismatched := slices.Concat(whole[:32], pair("another")[32:])
	for _, c := range []struct{ name, text string }{
		{"empty", ""},
		{"null", "null"},
		{"not JSON", "correct horse battery staple"},
		{"words in JSON", `"correct horse battery staple"`},
		{"an object", `{"secret":"correct horse battery staple"}`},
		{"base58", strconv.Quote(base58.Encode(whole))},
		{"words in the array", `["correct", "horse"]`},
		{"only the seed", numbers(whole[:32])},
		{"63 numbers", numbers(whole[:63])},
		{"65 numbers", numbers(append(slices.Clone(whole), 1))},
		{"mismatched halves", numbers(mismatched)},
		{"over 255, the same key if it wrapped around",
			strings.Replace(numbers(whole), fmt.Sprintf("[%d,", whole[0]),
				fmt.Sprintf("[%d,", int(whole[0])+256), 1)},
		{"far over 255", strings.Replace(numbers(whole), "[", "[123456789,", 1)},
		{"negative", strings.Replace(numbers(whole), "[", "[-1,", 1)},
		{"fraction", strings.Replace(numbers(whole), "[", "[1.5,", 1)},
		{"cut off", numbers(whole)[:100]},
		{"too long", "[" + strings.Repeat("1,", 4096) + "1]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			signer, err := txn.OpenKeySigner(keyFile(t, c.text))
			require.Nil(t, signer)
			require.ErrorIs(t, err, txn.ErrInvalidKey)
			require.NotContains(t, err.Error(), "\n")
			requireDiscreet(t, fmt.Sprintf("%v %+v %#v", err, err, err), c.text, whole)
		})
	}

	for _, n := range []int{0, 32, 63, 65} {
		_, err := txn.NewKeySigner(make([]byte, n))
		require.ErrorIs(t, err, txn.ErrInvalidKey)
	}

	_, err := txn.NewKeySigner(mismatched)
	require.ErrorIs(t, err, txn.ErrInvalidKey)
}

// requireDiscreet checks that a text contains no part of a key file.
func requireDiscreet(t *testing.T, shown, file string, key []byte) {
	t.Helper()
	words := strings.FieldsFunc(file,
		func(r rune) bool { return strings.ContainsRune(`[]{}":, `, r) })
	for _, word := range words {
		if len(word) >= 4 && word != "null" {
			require.NotContains(t, shown, word)
		}
	}
	requireNoKey(t, shown, key)
}

// requireNoKey checks that a text contains the private key in no usual
// encoding.
func requireNoKey(t *testing.T, shown string, key []byte) {
	t.Helper()
	require.NotContains(t, shown, base58.Encode(key))
	require.NotContains(t, shown, base58.Encode(key[:32]))
	require.NotContains(t, strings.ToLower(shown), fmt.Sprintf("%x", key[:4]))
	for _, separator := range []string{" ", ",", ", "} {
		require.NotContains(t, shown,
			fmt.Sprintf("%d%s%d%s%d", key[0], separator, key[1], separator, key[2]))
	}
	require.NotContains(t, shown, fmt.Sprintf("%#x, %#x", key[0], key[1]))
}

func TestKeySigner_Secrecy(t *testing.T) {
	signer, private := seeded(t, "shy"), pair("shy")
	public := signer.PublicKey().String()
	type hidden struct{ signer *txn.KeySigner }
	type hiddenValue struct{ signer txn.KeySigner }
	for _, c := range []struct {
		name  string
		value any
		// named is set if the public key must show. fmt shows nothing where it
		// cannot call a method.
		named bool
	}{
		{"pointer", signer, true},
		{"value", *signer, true},
		{"interface", txn.Signer(signer), true},
		{"exported field", struct{ Signer *txn.KeySigner }{signer}, true},
		{"exported value field", struct{ Signer txn.KeySigner }{*signer}, true},
		{"field of a pointer", &struct{ Signer txn.Signer }{signer}, true},
		{"list", []txn.Signer{signer}, true},
		{"map", map[string]*txn.KeySigner{"me": signer}, true},
		{"hidden field", hidden{signer}, false},
		{"hidden value field", hiddenValue{*signer}, false},
		{"pointer to a hidden value field", &hiddenValue{*signer}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, verb := range []string{"%v", "%s", "%+v", "%#v", "%d", "%x", "%X", "%q", "%o",
				"%c"} {
				shown := fmt.Sprintf(verb, c.value)
				requireNoKey(t, shown, private)
				if c.named {
					require.Contains(t, shown, public, verb)
				}
			}

			var log bytes.Buffer
			slog.New(slog.NewTextHandler(&log, nil)).Info("message", "signer", c.value)
			slog.New(slog.NewJSONHandler(&log, nil)).Info("message", "signer", c.value)
			text, err := json.Marshal(c.value)
			require.NoError(t, err)
			requireNoKey(t, log.String()+string(text), private)
			if c.named {
				require.Equal(t, 2, strings.Count(log.String(), public), log.String())
				require.Contains(t, string(text), public)
			}
		})
	}

	require.Equal(t, public, fmt.Sprint(signer))
	text, err := json.Marshal(signer)
	require.NoError(t, err)
	require.JSONEq(t, strconv.Quote(public), string(text))
}

func TestKeySigner_CopiesKey(t *testing.T) {
	key := pair("overwritten")
	signer, err := txn.NewKeySigner(key)
	require.NoError(t, err)
	clear(key)
	signature, err := signer.Sign(t.Context(), []byte("message"))
	require.NoError(t, err)
	require.True(t, signer.PublicKey().Verify([]byte("message"), signature))

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = signer.Sign(ctx, []byte("message"))
	require.ErrorIs(t, err, context.Canceled)
}

func TestGenerateKeySigner(t *testing.T) {
	one, err := txn.GenerateKeySigner()
	require.NoError(t, err)
	two, err := txn.GenerateKeySigner()
	require.NoError(t, err)
	require.NotEqual(t, one.PublicKey(), two.PublicKey())
	signature, err := one.Sign(t.Context(), nil)
	require.NoError(t, err)
	require.True(t, one.PublicKey().Verify(nil, signature))
}
