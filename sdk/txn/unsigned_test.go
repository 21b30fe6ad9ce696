package txn_test

import (
	"context"
	"errors"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/txn"
)

// threeSigners returns a transaction that the fee payer and two others must
// sign.
func threeSigners(t *testing.T) (u *txn.Unsigned, payer, owner, authority *txn.KeySigner) {
	payer, owner, authority = seeded(t, "payer"), seeded(t, "owner"), seeded(t, "authority")
	u = compile(t, plan(payer.PublicKey(),
		step([]byte{1}, solana.Meta(owner.PublicKey()).WRITE().SIGNER(),
			solana.Meta(authority.PublicKey()).SIGNER())))
	require.Equal(t,
		[]solana.PublicKey{payer.PublicKey(), owner.PublicKey(), authority.PublicKey()},
		u.Signers())
	return u, payer, owner, authority
}

func TestUnsigned_Sign(t *testing.T) {
	u, payer, owner, authority := threeSigners(t)
	signed, err := u.Sign(t.Context(), authority, payer, owner)
	require.NoError(t, err)
	require.Same(t, u, signed.Unsigned())
	tx := decode(t, signed.Base64())
	require.NoError(t, tx.VerifySignatures())
	require.Equal(t, tx.Signatures[0], signed.Signature())
	raw, err := tx.MarshalBinary()
	require.NoError(t, err)
	require.Equal(t, raw, signed.Raw())

	fee, err := u.NetworkFee()
	require.NoError(t, err)
	require.Equal(t, uint64(15_000), fee)

	signed.Raw()[0] ^= 0xff
	require.Equal(t, raw, signed.Raw(), "the caller has a copy")
	again, err := u.Sign(t.Context(), payer, owner, authority)
	require.NoError(t, err)
	require.Equal(t, signed.Raw(), again.Raw(), "the order of the signers does not matter")
}

func TestUnsigned_SignMissingSigners(t *testing.T) {
	u, payer, owner, authority := threeSigners(t)
	asked := deviceOf(owner)
	for _, c := range []struct {
		name    string
		signers []txn.Signer
		want    []solana.PublicKey
	}{
		{"nobody", nil,
			[]solana.PublicKey{payer.PublicKey(), owner.PublicKey(), authority.PublicKey()}},
		{"one", []txn.Signer{asked}, []solana.PublicKey{payer.PublicKey(), authority.PublicKey()}},
		{"nil", []txn.Signer{nil, asked, payer, nil}, []solana.PublicKey{authority.PublicKey()}},
		{"others", []txn.Signer{asked, asked, seeded(t, "stranger"), authority},
			[]solana.PublicKey{payer.PublicKey()}},
	} {
		t.Run(c.name, func(t *testing.T) {
			signed, err := u.Sign(t.Context(), c.signers...)
			require.Nil(t, signed)
			require.ErrorIs(t, err, txn.ErrMissingSignature)
			var missing *txn.MissingError
			require.ErrorAs(t, err, &missing)
			require.Equal(t, c.want, missing.Keys)
			for _, k := range c.want {
				require.Contains(t, err.Error(), k.String())
			}

			require.NotContains(t, err.Error(), "\n")
		})
	}

	require.Zero(t, asked.asked, "nobody is asked before all are there")
}

func TestUnsigned_SignAsksRequiredSigners(t *testing.T) {
	u, payer, owner, authority := threeSigners(t)
	stranger, needed := deviceOf(seeded(t, "stranger")), deviceOf(owner)
	_, err := u.Sign(t.Context(), stranger, payer, needed, authority, needed)
	require.NoError(t, err)
	require.Zero(t, stranger.asked)
	require.Equal(t, 1, needed.asked)
}

func TestUnsigned_SignFailures(t *testing.T) {
	u, payer, owner, authority := threeSigners(t)
	unplugged := errors.New("device unplugged")
	for _, c := range []struct {
		name string
		sign func(context.Context, []byte) (solana.Signature, error)
		want error
	}{
		{"an error",
			func(context.Context, []byte) (solana.Signature, error) {
				return solana.Signature{}, unplugged
			},
			unplugged},
		{"no signature",
			func(context.Context, []byte) (solana.Signature, error) {
				return solana.Signature{}, nil
			},
			txn.ErrBadSignature},
		{"the signature of another", authority.Sign, txn.ErrBadSignature},
		{"a signature of something else",
			func(ctx context.Context, message []byte) (solana.Signature, error) {
				return owner.Sign(ctx, message[1:])
			}, txn.ErrBadSignature},
		{"a message changed on the way",
			func(ctx context.Context, message []byte) (solana.Signature, error) {
				message[len(message)-1] ^= 1
				return owner.Sign(ctx, message)
			}, txn.ErrBadSignature},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := u.Base64()
			last := deviceOf(authority)
			signed, err := u.Sign(t.Context(), payer, &device{key: owner.PublicKey(), sign: c.sign},
				last)
			require.Nil(t, signed)
			require.ErrorIs(t, err, c.want)
			require.Contains(t, err.Error(), owner.PublicKey().String())
			require.NotContains(t, err.Error(), "\n")
			require.Zero(t, last.asked, "after a failure nobody else is bothered")
			require.Equal(t, before, u.Base64())
		})
	}
}

func TestUnsigned_SignContext(t *testing.T) {
	u, payer, owner, authority := threeSigners(t)
	ctx, cancel := context.WithCancel(t.Context())
	last := deviceOf(authority)
	middle := &device{
		key: owner.PublicKey(),
		sign: func(ctx context.Context, message []byte) (solana.Signature, error) {
			cancel()
			return owner.Sign(ctx, message)
		},
	}

	_, err := u.Sign(ctx, payer, middle, last)
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, last.asked)
}
