package route_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// evidence returns the evidence of a quote of the embedded market after it has
// travelled, and the snapshot of that market.
func evidence(t *testing.T) (*world, route.Quote, route.Evidence, *route.AccountSnapshot) {
	t.Helper()
	w := newWorld(t)
	loader, snapshot := w.state(t, w.token(t, "JitoSOL"), w.token(t, "bSOL"))
	market, err := loader.Build(snapshot)
	require.NoError(t, err)
	q, err := market.Quote(w.stake(t, "JitoSOL", 100*sol))
	require.NoError(t, err)
	e, err := q.Evidence(market)
	require.NoError(t, err)

	text, err := json.Marshal(e)
	require.NoError(t, err)
	var read route.Evidence
	require.NoError(t, json.Unmarshal(text, &read))
	require.Equal(t, e, read)

	return w, q, read, snapshot
}

// TestEvidence_Check checks that each account and build counts, and that the
// error names it.
func TestEvidence_Check(t *testing.T) {
	w, q, e, snapshot := evidence(t)
	require.NoError(t, e.Check(snapshot))
	require.Equal(t, q.Slot, e.Slot)
	require.Equal(t, w.Chain.MinimumDelegation, e.MinimumDelegation)
	require.NotEmpty(t, e.Builds)
	var named []solana.PublicKey
	for _, a := range e.Accounts {
		named = append(named, a.Address)
	}

	for _, key := range append(slices.Clone(q.Accounts), accounts.ClockSysvar,
		accounts.RentSysvar) {
		require.Contains(t, named, key)
	}

	for _, a := range e.Accounts {
		for what, change := range map[string]func(*accounts.Account){
			"owner":    func(a *accounts.Account) { a.Owner[31] ^= 1 },
			"lamports": func(a *accounts.Account) { a.Lamports++ },
			"data":     func(a *accounts.Account) { a.Data[len(a.Data)-1] ^= 1 },
			"shorter":  func(a *accounts.Account) { a.Data = a.Data[1:] },
		} {
			requireEvidenceOf(t, e, a.Address, changedSet(t, snapshot, a.Address, change), what)
		}

		changed := *snapshot
		changed.Accounts = accounts.NewSet(snapshot.Accounts.Slot())
		requireEvidenceOf(t, e, e.Accounts[0].Address, &changed, "not loaded")
	}

	for _, b := range e.Builds {
		changed := *snapshot
		changed.Builds = map[solana.PublicKey]string{b.Program: "another"}
		requireEvidenceOf(t, e, b.Program, &changed, "build")
	}
}

// changedSet returns a snapshot with a changed copy of an account.
func changedSet(
	t *testing.T, s *route.AccountSnapshot, key solana.PublicKey, change func(*accounts.Account),
) *route.AccountSnapshot {
	t.Helper()
	changed := *s
	changed.Accounts = accounts.NewSet(s.Accounts.Slot())
	for a := range s.Accounts.All() {
		own := *a
		own.Data = slices.Clone(a.Data)
		if own.Address == key {
			change(&own)
		}

		changed.Accounts.Put(own)
	}

	return &changed
}

func requireEvidenceOf(
	t *testing.T, e route.Evidence, key solana.PublicKey, s *route.AccountSnapshot, what string,
) {
	t.Helper()
	err := e.Check(s)
	require.ErrorIs(t, err, route.ErrEvidence, what)
	var wrong *route.EvidenceError
	require.ErrorAs(t, err, &wrong, what)
	require.Equal(t, key, wrong.Address, "%s: %v", what, err)
}

// TestEvidence_Prefix checks an account whose beginning was loaded: the
// verifier may have all of it.
func TestEvidence_Prefix(t *testing.T) {
	_, _, e, snapshot := evidence(t)
	longer := changedSet(t, snapshot, e.Accounts[0].Address, func(a *accounts.Account) {
		a.Data = append(a.Data, 1, 2, 3)
	})
	require.NoError(t, e.Check(longer))
}

// TestEvidence_Missing checks accounts that do not exist.
func TestEvidence_Missing(t *testing.T) {
	_, _, e, snapshot := evidence(t)
	e.Accounts = []route.AccountEvidence{{Address: solana.PublicKey{9}}}
	requireEvidenceOf(t, e, solana.PublicKey{9}, snapshot, "not loaded")
	snapshot.Accounts.PutMissing(solana.PublicKey{9})
	require.NoError(t, e.Check(snapshot))
	require.Equal(t, solana.PublicKey{9}.String()+": does not exist", e.Accounts[0].String())

	snapshot.Accounts.Put(accounts.Account{Address: solana.PublicKey{9}, Lamports: 1})
	requireEvidenceOf(t, e, solana.PublicKey{9}, snapshot, "it exists")
	e.Accounts[0].SHA256 = "00"
	snapshot.Accounts.PutMissing(solana.PublicKey{9})
	requireEvidenceOf(t, e, solana.PublicKey{9}, snapshot, "it does not exist")
	e.Accounts[0].Length = -1
	snapshot.Accounts.Put(accounts.Account{Address: solana.PublicKey{9}, Lamports: 1})
	requireEvidenceOf(t, e, solana.PublicKey{9}, snapshot, "a negative length")
}

// TestEvidence_Refuses checks what is no evidence, and the wrong market.
func TestEvidence_Refuses(t *testing.T) {
	w, q, e, snapshot := evidence(t)
	require.ErrorIs(t, e.Check(nil), accounts.ErrNil)
	require.ErrorIs(t, e.Check(&route.AccountSnapshot{}), accounts.ErrNil)
	require.ErrorIs(t, route.Evidence{}.Check(snapshot), route.ErrEvidence)
	require.ErrorIs(t, route.Evidence{Version: 1}.Check(snapshot), route.ErrEvidence)

	_, err := q.Evidence(nil)
	require.ErrorIs(t, err, accounts.ErrNil)
	_, err = q.Evidence(w.market(t, "JitoSOL", "bSOL"))
	require.ErrorIs(t, err, route.ErrEvidence, "another market of the same slot")
	_, err = route.Quote{}.Evidence(w.market(t, "JitoSOL"))
	require.ErrorIs(t, err, route.ErrEvidence)

	require.Equal(t, fmt.Sprintf("%d accounts of slot %d, epoch %d", len(e.Accounts), e.Slot,
		e.Epoch), e.String())
	require.Equal(t, e.Builds[0].Program.String()+": "+e.Builds[0].SHA256, e.Builds[0].String())
	var none *route.EvidenceError
	require.Equal(t, "<nil>", none.Error())
	require.NoError(t, none.Unwrap())
}
