package sdk_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

var (
	nonceAddress = solana.PublicKey{0xCC}
	firstValue   = solana.Hash{1}
	secondValue  = solana.Hash{2}
)

// nonceAccount returns an initialized nonce account.
func nonceAccount(authority solana.PublicKey, value solana.Hash) accounts.Account {
	n := accounts.Nonce{
		Version:              accounts.NonceCurrent,
		State:                accounts.NonceInitialized,
		Authority:            authority,
		Value:                value,
		LamportsPerSignature: 5_000,
	}

	return accounts.Account{
		Address:  nonceAddress,
		Owner:    accounts.SystemProgram,
		Lamports: 1_447_680,
		Data:     n.Encode(),
	}
}

func TestClient_Build_Nonce(t *testing.T) {
	node := demoNode(t)
	client, wire := connect(t, node)
	node.OnSimulate(succeeds(50_000))
	authority := solana.PublicKey{0xDD}
	node.Put(nonceAccount(authority, firstValue))
	q := quoted(t, client)
	node.Advance(5)
	reads := len(wire.of("getMultipleAccounts"))
	u, err := client.Build(t.Context(), q,
		sdk.BuildOptions{Owner: owner, Nonce: nonceAddress, Memo: "for Alice"})
	require.NoError(t, err)
	require.Equal(t, txn.Lifetime{
		Blockhash: firstValue,
		Slot:      342792005,
		Nonce:     txn.DurableNonce{Account: nonceAddress, Authority: authority},
	}, u.Lifetime())

	require.Equal(t, []solana.PublicKey{owner, authority}, u.Signers())
	steps := u.Steps()
	require.Equal(t, accounts.SystemProgram, steps[0].Instruction.ProgramID())
	require.Equal(t, accounts.MemoProgram, steps[len(steps)-1].Instruction.ProgramID())
	require.Empty(t, wire.of("getLatestBlockhash"), "the nonce replaces the blockhash")
	asked := wire.of("getMultipleAccounts")[reads:]
	require.Len(t, asked, 1)
	require.Equal(t, "confirmed", asked[0].options().Commitment)
	require.Equal(t, uint64(342792005), *wire.of("simulateTransaction")[0].options().MinContextSlot,
		"by a node that has reached the nonce's slot")

	u, err = client.Build(t.Context(), q, sdk.BuildOptions{
		Owner:          owner,
		Nonce:          nonceAddress,
		Memo:           "for Alice",
		SkipSimulation: true,
	})

	require.NoError(t, err)
	estimate := uint32(300)
	for _, s := range u.Steps() {
		estimate += s.ComputeUnits
	}

	requireUnits(t, estimate, u) // nonce and memo use compute units
}

// TestClient_Build_NonceReadConfirmed checks the commitment: a nonce value from
// a dropped fork would look advanced later.
func TestClient_Build_NonceReadConfirmed(t *testing.T) {
	for commitment, want := range map[rpc.CommitmentType]string{"processed": "confirmed",
		"confirmed": "confirmed", "finalized": "finalized"} {
		node := demoNode(t)
		client, wire := connect(t, node, sdk.WithCommitment(commitment))
		node.Put(nonceAccount(owner, firstValue))
		q := quoted(t, client)
		_, err := client.Build(t.Context(), q,
			sdk.BuildOptions{Owner: owner, Nonce: nonceAddress, SkipSimulation: true})
		require.NoError(t, err)
		asked := wire.of("getMultipleAccounts")
		require.Equal(t, want, asked[len(asked)-1].options().Commitment)
	}
}

func TestClient_Build_NonceRefusals(t *testing.T) {
	good := nonceAccount(owner, firstValue)
	for _, c := range []struct {
		name   string
		change func(a *accounts.Account)
		fault  *sdktest.Fault
		want   error
	}{
		{"not there", func(a *accounts.Account) { a.Address = solana.PublicKey{0xEE} }, nil,
			accounts.ErrNotFound},
		{"of another program", func(a *accounts.Account) { a.Owner = accounts.StakeProgram }, nil,
			accounts.ErrWrongOwner},
		{"a wallet", func(a *accounts.Account) { a.Data = nil }, nil, accounts.ErrWrongLength},
		{"cut", func(a *accounts.Account) { a.Data = a.Data[:79] }, nil, accounts.ErrWrongLength},
		{"of an unknown version", func(a *accounts.Account) { a.Data[0] = 2 }, nil,
			accounts.ErrInvalidValue},
		{"of the first version", func(a *accounts.Account) { a.Data[0] = 0 }, nil,
			txn.ErrNonceAccount},
		{"never initialized", func(a *accounts.Account) { clear(a.Data[4:]) }, nil,
			txn.ErrNonceAccount},
		{"without an authority", func(a *accounts.Account) { clear(a.Data[8:40]) }, nil,
			txn.ErrNonceAccount},
		{"without a value", func(a *accounts.Account) { clear(a.Data[40:72]) }, nil,
			txn.ErrNoLifetime},
		{"without a slot", func(*accounts.Account) {},
			&sdktest.Fault{Result: []byte(`{"context":{},"value":[null]}`)}, sdk.ErrBadAccount},
		{"without an account", func(*accounts.Account) {},
			&sdktest.Fault{Result: []byte(`{"context":{"slot":342792000},"value":[]}`)},
			sdk.ErrBadAccount},
	} {
		t.Run(c.name, func(t *testing.T) {
			node := demoNode(t)
			client, _ := connect(t, node)
			q := quoted(t, client)
			account := good
			account.Data = append([]byte{}, good.Data...)
			c.change(&account)
			node.Put(account)
			if c.fault != nil {
				node.Fail("getMultipleAccounts", *c.fault, *c.fault, *c.fault, *c.fault)
			}

			u, err := client.Build(t.Context(), q,
				sdk.BuildOptions{Owner: owner, Nonce: nonceAddress, SkipSimulation: true})
			require.Nil(t, u)
			require.ErrorIs(t, err, c.want)
			if c.fault == nil && c.want != txn.ErrNoLifetime {
				require.ErrorIs(t, err, txn.ErrNonceAccount)
				require.Contains(t, err.Error(), nonceAddress.String())
			}

			requireLine(t, err)
		})
	}
}

func TestClient_Build_Memo(t *testing.T) {
	node := demoNode(t)
	client, _ := connect(t, node)
	node.OnSimulate(succeeds(50_000))
	q := quoted(t, client)
	u, err := client.Build(t.Context(), q, sdk.BuildOptions{Owner: owner, Memo: "Übung 🐆"})
	require.NoError(t, err)
	tx, err := solana.TransactionFromBase64(u.Base64())
	require.NoError(t, err)
	last := tx.Message.Instructions[len(tx.Message.Instructions)-1]
	require.Equal(t, accounts.MemoProgram, tx.Message.AccountKeys[last.ProgramIDIndex])
	require.Equal(t, "Übung 🐆", string(last.Data))

	for memo, want := range map[string]error{"\xff": txn.ErrMemo,
		strings.Repeat("x", 1_200): txn.ErrTransactionTooLarge} {
		_, err := client.Build(t.Context(), q, sdk.BuildOptions{Owner: owner, Memo: memo})
		require.ErrorIs(t, err, want)
		requireLine(t, err)
	}

	_, stakeQuote, err := client.Stake(t.Context(), mint(t, "JitoSOL"), sol,
		sdk.TradeOptions{BuildOptions: sdk.BuildOptions{Owner: owner, Memo: "x"}})
	require.NoError(t, err)
	require.NotZero(t, stakeQuote.Out)
}

// withNonce is like sending, for a transaction with a durable nonce.
func withNonce(
	t *testing.T,
	test func(t *testing.T, node *sdktest.Node, client *sdk.Client, s *txn.Signed, o *outbox),
	opts ...sdk.Option,
) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		node := demoNode(t)
		client, _ := connect(t, node, opts...)
		o := new(outbox)
		node.OnSend(o.take)
		signer, authority := newSigner(t), newSigner(t)
		node.Put(nonceAccount(authority.PublicKey(), firstValue))
		u, err := client.Build(t.Context(), quoted(t, client),
			sdk.BuildOptions{Owner: signer.PublicKey(), Nonce: nonceAddress, SkipSimulation: true})
		require.NoError(t, err)
		s, err := u.Sign(t.Context(), authority, signer)
		require.NoError(t, err)
		test(t, node, client, s, o)
	})
}

// TestClient_Send_NonceDoesNotExpire checks that blocks do not end the life of
// a transaction with a durable nonce.
func TestClient_Send_NonceDoesNotExpire(t *testing.T) {
	withNonce(t,
		func(t *testing.T, node *sdktest.Node, client *sdk.Client, s *txn.Signed, o *outbox) {
			o.then = func(n int, signature solana.Signature) *sdktest.Error {
				node.Advance(1_000)
				if n == 20 {
					node.SetStatus(signature, landed(9))
				}

				return nil
			}

			receipt, err := client.Send(t.Context(), s)
			require.NoError(t, err)
			require.GreaterOrEqual(t, receipt.Sends, 20)
			require.Zero(t, node.Calls("getEpochInfo"), "no height ends its life")
			for _, raw := range o.sent {
				require.Equal(t, s.Raw(), raw)
			}
		})
}

// TestClient_Send_NonceAdvanced checks all states in which the nonce account no
// longer holds the value, and similar ones.
func TestClient_Send_NonceAdvanced(t *testing.T) {
	for _, c := range []struct {
		name    string
		change  func(a *accounts.Account)
		expires bool
	}{
		{"another transaction", func(a *accounts.Account) { copy(a.Data[40:], secondValue[:]) },
			true},
		{"closed", nil, true},
		{"closed, and sent some SOL", func(a *accounts.Account) { a.Data = nil }, true},
		{"closed, and owned by another wallet",
			func(a *accounts.Account) {
				a.Owner, a.Data = accounts.StakeProgram, make([]byte, 200)
			},
			true},
		{"made anew", func(a *accounts.Account) { clear(a.Data[4:]) }, true},
		{"nothing", func(*accounts.Account) {}, false},
		{"another authority", func(a *accounts.Account) { a.Data[8] ^= 1 }, false},
		{"not readable", func(a *accounts.Account) { a.Data[0] = 7 }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			withNonce(
				t,
				func(
					t *testing.T, node *sdktest.Node, client *sdk.Client, s *txn.Signed, o *outbox,
				) {
					o.then = func(n int, _ solana.Signature) *sdktest.Error {
						node.Advance(40)
						if n == 3 {
							if c.change == nil {
								node.Remove(nonceAddress)
							} else {
								change(t, node, nonceAddress, c.change)
							}

							time.AfterFunc(10*time.Second, func() { node.Advance(100) })
						}

						return nil
					}

					ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
					defer cancel()
					receipt, err := client.Send(ctx, s)
					requireLine(t, err)
					require.Equal(t, s.Signature(), receipt.Signature)
					if !c.expires {
						require.ErrorIs(t, err, sdk.ErrUncertain)
						var uncertain *sdk.UncertainError
						require.ErrorAs(t, err, &uncertain)
						require.Zero(t, uncertain.LastValidBlockHeight)
						return
					}

					require.ErrorIs(t, err, sdk.ErrExpired)
					require.Contains(t, err.Error(), "nonce")
					require.Equal(t, 3, receipt.Sends, "asked until it is known, and not again")
				},
			)
		})
	}
}

// TestClient_Send_NonceNodeBehind queries a node that lags: an older nonce
// value proves nothing.
func TestClient_Send_NonceNodeBehind(t *testing.T) {
	withNonce(t,
		func(t *testing.T, node *sdktest.Node, client *sdk.Client, s *txn.Signed, o *outbox) {
			old := sdktest.Fault{Result: []byte(`{"context":{"slot":342791999},"value":[null]}`)}
			node.Fail("getMultipleAccounts", old, old, old, old, old)
			o.then = func(n int, signature solana.Signature) *sdktest.Error {
				if node.Advance(50); n == 4 {
					node.SetStatus(signature, landed(9))
				}

				return nil
			}

			_, err := client.Send(t.Context(), s)
			require.NoError(t, err)
		})
}

// TestClient_Send_NonceOwnLanding checks that the transaction itself may
// advance the nonce, which may be seen before its status.
func TestClient_Send_NonceOwnLanding(t *testing.T) {
	withNonce(t,
		func(t *testing.T, node *sdktest.Node, client *sdk.Client, s *txn.Signed, o *outbox) {
			o.then = func(n int, signature solana.Signature) *sdktest.Error {
				if n == 1 {
					change(t, node, nonceAddress,
						func(a *accounts.Account) { copy(a.Data[40:], secondValue[:]) })
					time.AfterFunc(5*time.Second,
						func() { node.SetStatus(signature, landed(342792003)); node.Advance(40) })
				}

				return nil
			}

			receipt, err := client.Send(t.Context(), s)
			require.NoError(t, err)
			require.Equal(t, uint64(342792003), receipt.Slot)
			require.Equal(t, 1, receipt.Sends)
		})
}

// TestClient_Resume_Nonce resumes after a restart, with the stored transaction
// only.
func TestClient_Resume_Nonce(t *testing.T) {
	for _, lands := range []bool{true, false} {
		withNonce(t,
			func(t *testing.T, node *sdktest.Node, client *sdk.Client, s *txn.Signed, o *outbox) {
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				_, err := client.Send(ctx, s)
				require.ErrorIs(t, err, sdk.ErrUncertain)
				require.ErrorIs(t, err, context.DeadlineExceeded)

				node.Advance(1_000_000)
				change(t, node, nonceAddress,
					func(a *accounts.Account) { copy(a.Data[40:], secondValue[:]) })
				if lands {
					node.SetStatus(s.Signature(), landed(342792003))
				}

				time.AfterFunc(time.Second, func() { node.Advance(40) })
				stored, err := txn.Parse(s.Base64(), s.Unsigned().Lifetime())
				require.NoError(t, err)
				restored, err := stored.Signed()
				require.NoError(t, err)
				receipt, err := client.Resume(t.Context(), restored)
				require.Equal(t, s.Signature(), receipt.Signature)
				if !lands {
					require.ErrorIs(t, err, sdk.ErrExpired)
					return
				}

				require.NoError(t, err)
				require.Zero(t, receipt.Sends)
				require.Equal(t, uint64(342792003), receipt.Slot)
			})
	}
}

// TestClient_Send_NonceRefused sends a transaction whose nonce has advanced.
// The node reports an unknown blockhash, and only the nonce account proves that
// the transaction never lands.
func TestClient_Send_NonceRefused(t *testing.T) {
	withNonce(t,
		func(t *testing.T, node *sdktest.Node, client *sdk.Client, s *txn.Signed, o *outbox) {
			change(t, node, nonceAddress,
				func(a *accounts.Account) { copy(a.Data[40:], secondValue[:]) })
			o.then = func(int, solana.Signature) *sdktest.Error {
				return sdktest.Preflight(`"BlockhashNotFound"`)
			}
			time.AfterFunc(10*time.Second, func() { node.Advance(40) })
			receipt, err := client.Send(t.Context(), s)
			require.ErrorIs(t, err, sdk.ErrExpired)
			require.NotErrorIs(t, err, sdk.ErrNotSent)
			requireLine(t, err)
			require.Less(t, receipt.Sends, 5)
		})
}

// TestClient_Build_PartialSigning sends a transaction that an owner and then a
// sponsor signed elsewhere.
func TestClient_Build_PartialSigning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		node := demoNode(t)
		client, _ := connect(t, node)
		o := &outbox{then: func(_ int, signature solana.Signature) *sdktest.Error {
			node.SetStatus(signature, landed(7))
			return nil
		}}

		node.OnSend(o.take)
		user, sponsor := newSigner(t), newSigner(t)
		u, err := client.Build(t.Context(), quoted(t, client), sdk.BuildOptions{
			Owner: user.PublicKey(), Payer: sponsor.PublicKey(), SkipSimulation: true,
		})
		require.NoError(t, err)
		wallet, err := txn.Parse(u.Base64(), u.Lifetime())
		require.NoError(t, err)
		wallet, err = wallet.Sign(t.Context(), user)
		require.NoError(t, err)
		back, err := u.Partial().Merge(wallet.Base64())
		require.NoError(t, err)
		require.Equal(t, []solana.PublicKey{sponsor.PublicKey()}, back.MissingSigners())
		back, err = back.Sign(t.Context(), sponsor)
		require.NoError(t, err)
		signed, err := back.Signed()
		require.NoError(t, err)
		receipt, err := client.Send(t.Context(), signed)
		require.NoError(t, err)
		require.Equal(t, uint64(7), receipt.Slot)
		require.NoError(t, message(t, o.sent[0]).VerifySignatures())
	})
}
