package sdk_test

import (
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// stakeAddress is a stake account of the owner, see putStake.
var stakeAddress = solana.PublicKey{0x57}

const storedRent = 2_282_880

// putStake gives the owner 50 SOL of stake with hSOL's validator, which
// Marinade has as well.
func putStake(
	t testing.TB,
	node *sdktest.Node,
	change ...func(*accounts.StakeAccount),
) (lamports uint64) {
	t.Helper()
	vote := pool(t, "hSOL").Validators[0].Entry.VoteAccount
	stake := figures.Delegated(owner, storedRent, vote, 50*sol, 700)
	for _, f := range change {
		f(&stake)
	}

	data := make([]byte, accounts.StakeAccountSpace)
	copy(data, stake.Encode())
	node.Put(accounts.Account{
		Address:  stakeAddress,
		Owner:    accounts.StakeProgram,
		Lamports: 50*sol + storedRent,
		Data:     data,
	})

	return 50*sol + storedRent
}

// tradeOptions are options of the owner with a fixed seed.
func tradeOptions(slippage uint16) sdk.TradeOptions {
	return sdk.TradeOptions{
		Options:      route.Options{SlippageBps: slippage},
		BuildOptions: sdk.BuildOptions{Owner: owner, Seed: "named"},
	}
}

// has reports whether the instructions of a transaction contain an account.
func has(u *txn.Unsigned, key solana.PublicKey) bool {
	for _, s := range u.Steps() {
		for _, m := range s.Instruction.Accounts() {
			if m.PublicKey == key {
				return true
			}
		}
	}
	return false
}

// TestClient_Unstake sells an LST and a stake account for SOL.
func TestClient_Unstake(t *testing.T) {
	node := demoNode(t)
	node.OnSimulate(succeeds(200_000))
	client, _ := connect(t, node)
	u, q, err := client.Unstake(t.Context(), mint(t, "hSOL"), 10*sol, tradeOptions(50))
	require.NoError(t, err)
	require.Equal(t, route.Request{
		From:    mint(t, "hSOL"),
		To:      accounts.NativeMint,
		Amount:  10 * sol,
		Options: route.Options{SlippageBps: 50, User: tradeOptions(50).Owner},
	}, q.Request)

	require.Equal(t, []solana.PublicKey{owner}, u.Signers())
	require.LessOrEqual(t, u.Size(), txn.MaxSize)
	require.Positive(t, q.Out)

	lamports := putStake(t, node)
	market, err := embedded()
	require.NoError(t, err)
	want, err := market.Reserve.Quote(market.Chain).Unstake(lamports, 0, false)
	require.NoError(t, err)
	u, q, err = client.Unstake(t.Context(), stakeAddress, lamports, tradeOptions(50))
	require.NoError(t, err)
	require.Equal(t, route.VenueReserve, q.Venue)
	require.Equal(t, want.Out, q.Out)
	require.True(t, has(u, stakeAddress))
	require.Empty(t, u.LookupTables())

	// A part of the stake account.
	u, q, err = client.Unstake(t.Context(), stakeAddress, 10*sol, tradeOptions(50))
	require.NoError(t, err)
	want, err = market.Reserve.Quote(market.Chain).Unstake(10*sol+storedRent, 0, false)
	require.NoError(t, err)
	require.Equal(t, want.Out-storedRent, q.Out)
	part, err := accounts.SeededStakeAccount(owner, "named")
	require.NoError(t, err)
	require.True(t, has(u, part), "the part has the address of the seed")

	// A deactivated stake account is withdrawn without a fee.
	putStake(t, node,
		func(s *accounts.StakeAccount) {
			s.Delegation.DeactivationEpoch = market.Chain.Clock.Epoch - 1
		})

	_, q, err = client.Unstake(t.Context(), stakeAddress, lamports, tradeOptions(0))
	require.NoError(t, err)
	require.Equal(t, route.VenueStakeProgram, q.Venue)
	require.Equal(t, lamports, q.Out)
}

// TestClient_DepositStake deposits a stake account in a stake pool and in
// Marinade.
func TestClient_DepositStake(t *testing.T) {
	node := demoNode(t)
	node.OnSimulate(succeeds(200_000))
	client, _ := connect(t, node)
	lamports := putStake(t, node)
	u, q, err := client.DepositStake(t.Context(), stakeAddress, mint(t, "hSOL"), lamports,
		tradeOptions(0))
	require.NoError(t, err)
	require.Equal(t, route.VenueStakeDeposit, q.Venue)
	require.Equal(t, route.CheckedByProgram, q.MinOutCheck)
	require.True(t, has(u, stakeAddress))
	u, q, err = client.DepositStake(t.Context(), stakeAddress, accounts.MSOLMint, lamports,
		tradeOptions(0))
	require.NoError(t, err)
	require.Equal(t, route.CheckedByBalance, q.MinOutCheck)
	require.True(t, has(u, stakeAddress))
	_, q, err = client.DepositStake(t.Context(), stakeAddress, mint(t, "hSOL"), 3*sol,
		sdk.TradeOptions{
			Options:      route.Options{SwapMode: route.ExactOut},
			BuildOptions: sdk.BuildOptions{Owner: owner},
		})

	require.NoError(t, err)
	require.GreaterOrEqual(t, q.Out, uint64(3*sol))
	require.Less(t, q.In, uint64(4*sol))

	o := tradeOptions(0)
	_, q, err = client.DepositStake(t.Context(), stakeAddress, mint(t, "bSOL"), lamports, o)
	require.NoError(t, err)
	require.Equal(t, "Reserve, then stake pool deposit", string(q.Venue),
		"bSOL does not accept stake of its validator")
	o.OnlyDirectRoutes = true
	_, _, err = client.DepositStake(t.Context(), stakeAddress, mint(t, "bSOL"), lamports, o)
	require.ErrorIs(t, err, quote.ErrValidator)
	requireLine(t, err)
	_, _, err = client.DepositStake(t.Context(), stakeAddress, mint(t, "hSOL"), lamports,
		sdk.TradeOptions{
			BuildOptions: sdk.BuildOptions{Owner: solana.PublicKey{1}},
		})

	require.ErrorIs(t, err, quote.ErrStakeOwner)
	requireLine(t, err)
}

// TestClient_WithdrawStake checks that the received stake account has the
// address of the seed and is deactivated on request.
func TestClient_WithdrawStake(t *testing.T) {
	node := demoNode(t)
	node.OnSimulate(succeeds(200_000))
	client, _ := connect(t, node)
	want, err := accounts.SeededStakeAccount(owner, "named")
	require.NoError(t, err)
	for _, deactivate := range []bool{false, true} {
		o := tradeOptions(10)
		o.Deactivate = deactivate
		u, q, err := client.WithdrawStake(t.Context(), mint(t, "hSOL"), 10*sol, o)
		require.NoError(t, err)
		require.Equal(t, route.VenueStakeWithdrawal, q.Venue)
		require.Equal(t, deactivate, q.Request.Deactivate)
		require.NotEmpty(t, q.RemainingSteps)
		steps := u.Steps()
		first := steps[1] // after the compute unit limit
		require.Equal(t, accounts.SystemProgram, first.Instruction.ProgramID())
		require.Equal(t, want, first.Instruction.Accounts()[1].PublicKey)
		require.Equal(t, deactivate,
			steps[len(steps)-1].Instruction.ProgramID() == accounts.StakeProgram)
		require.True(t, has(u, want))

		// With a random seed the address is not predictable.
		o.Seed = ""
		u, _, err = client.WithdrawStake(t.Context(), mint(t, "hSOL"), 10*sol, o)
		require.NoError(t, err)
		require.False(t, has(u, want))
	}

	o := tradeOptions(0)
	o.SwapMode = route.ExactOut
	_, q, err := client.WithdrawStake(t.Context(), mint(t, "hSOL"), 5*sol, o)
	require.NoError(t, err)
	require.GreaterOrEqual(t, q.Out, uint64(5*sol))
	require.Equal(t, uint64(5*sol), q.MinOut)
}

// TestClient_DepositStake_UnknownAccount checks that an address which is
// neither an LST nor a stake account is refused with both reasons, and nothing
// is built.
func TestClient_DepositStake_UnknownAccount(t *testing.T) {
	for _, c := range []struct {
		name    string
		address solana.PublicKey
		prepare func(*sdktest.Node)
		want    error
	}{
		{"no account", solana.PublicKey{0x99}, nil, accounts.ErrNotFound},
		{"a pool", pool(t, "hSOL").Address, nil, accounts.ErrWrongOwner},
		{"a system account", solana.PublicKey{0x99}, func(n *sdktest.Node) {
			n.Put(accounts.Account{Address: solana.PublicKey{0x99}, Owner: accounts.SystemProgram,
				Lamports: sol})
		}, accounts.ErrWrongOwner},
		{"a stake account cut short", solana.PublicKey{0x99}, func(n *sdktest.Node) {
			n.Put(accounts.Account{
				Address:  solana.PublicKey{0x99},
				Owner:    accounts.StakeProgram,
				Lamports: sol,
				Data:     []byte{1, 0, 0, 0},
			})
		}, accounts.ErrWrongLength},
	} {
		t.Run(c.name, func(t *testing.T) {
			node := demoNode(t)
			node.OnSimulate(succeeds(200_000))
			if c.prepare != nil {
				c.prepare(node)
			}

			client, _ := connect(t, node)
			for _, try := range []func() error{
				func() error {
					_, _, err := client.Unstake(t.Context(), c.address, sol, tradeOptions(0))
					return err
				},
				func() error {
					_, _, err := client.DepositStake(t.Context(), c.address, mint(t, "hSOL"), sol,
						tradeOptions(0))
					return err
				},
			} {
				err := try()
				require.ErrorIs(t, err, lst.ErrUnknownLST)
				require.ErrorIs(t, err, c.want)
				require.Contains(t, err.Error(), c.address.String())
				requireLine(t, err)
			}

			require.Zero(t, node.Calls("simulateTransaction"))

			_, _, err := client.DepositStake(t.Context(), stakeAddress, c.address, sol,
				tradeOptions(0))
			require.ErrorIs(t, err, lst.ErrUnknownLST, "the output must be an LST")
			requireLine(t, err)
		})
	}
}

// preBalance is a state of the token account that receives the output.
type preBalance struct {
	name string
	put  func(*sdktest.Node)
	held uint64
	want error
}

// preBalances returns the cases of [TestClient_Build_PreBalance].
func preBalances(t *testing.T) []preBalance {
	t.Helper()
	account, err := accounts.AssociatedTokenAddress(owner, accounts.TokenProgram, accounts.MSOLMint)
	require.NoError(t, err)

	return []preBalance{
		{"no account yet", nil, 0, nil},
		{"some",
			func(n *sdktest.Node) {
				n.Put(figures.TokenAccount(account, accounts.MSOLMint, owner, 12_345, 1))
			},
			12_345, nil},
		{"lamports at the address", func(n *sdktest.Node) {
			n.Put(accounts.Account{Address: account, Owner: accounts.SystemProgram, Lamports: 1})
		}, 0, nil},
		{"not a token account", func(n *sdktest.Node) {
			n.Put(accounts.Account{Address: account, Owner: accounts.StakeProgram, Lamports: 1})
		}, 0, accounts.ErrWrongOwner},
		{"cut short", func(n *sdktest.Node) {
			n.Put(accounts.Account{
				Address:  account,
				Owner:    accounts.TokenProgram,
				Lamports: 1,
				Data:     make([]byte, 9),
			})
		}, 0, accounts.ErrWrongLength},
		{"more than a limit fits on", func(n *sdktest.Node) {
			n.Put(figures.TokenAccount(account, accounts.MSOLMint, owner, ^uint64(0), 1))
		}, 0, nil},
	}
}

// TestClient_Build_PreBalance checks quotes with a balance check: the balance
// is read at build time from a node that has reached the quote's slot, and the
// minimum output is added to it.
func TestClient_Build_PreBalance(t *testing.T) {
	account := associated(t, accounts.MSOLMint)
	for _, c := range preBalances(t) {
		t.Run(c.name, func(t *testing.T) {
			node := demoNode(t)
			node.OnSimulate(succeeds(200_000))
			client, wire := connect(t, node)
			lamports := putStake(t, node)
			market, err := client.LoadMarketWith(
				t.Context(),
				route.NewLoader(registryToken(t, accounts.MSOLMint)).
					WithStakeAccounts(stakeAddress),
			)

			require.NoError(t, err)
			q, err := market.Quote(route.Request{
				From:    stakeAddress,
				To:      accounts.MSOLMint,
				Amount:  lamports,
				Options: route.Options{SlippageBps: 100},
			})

			require.NoError(t, err)
			guarded, ok, err := q.BalanceCheckAccount(owner)
			require.NoError(t, err)
			require.True(t, ok)
			require.Equal(t, account, guarded)

			// The balance changes after the quote. The one at build time
			// counts.
			if c.put != nil {
				c.put(node)
			}

			before := len(wire.of("getMultipleAccounts"))
			u, err := client.Build(t.Context(), q, sdk.BuildOptions{Owner: owner})
			reads := wire.of("getMultipleAccounts")[before:]
			require.Len(t, reads, 1)
			var asked []solana.PublicKey
			require.NoError(t, json.Unmarshal(reads[0].Params[0], &asked))
			require.Equal(t, []solana.PublicKey{account}, asked)
			require.Equal(t, q.Slot, *reads[0].options().MinContextSlot)
			if c.want != nil || c.name == "more than a limit fits on" {
				require.Error(t, err)
				requireLine(t, err)
				if c.want != nil {
					require.ErrorIs(t, err, c.want)
				}

				require.Zero(t, node.Calls("simulateTransaction"), "nothing is built")
				return
			}

			require.NoError(t, err)
			steps := u.Steps()
			last := steps[len(steps)-1].Instruction
			data, err := last.Data()
			require.NoError(t, err)
			require.Equal(t, byte(3), data[0])
			require.Equal(t, c.held+q.MinOut, binary.LittleEndian.Uint64(data[1:]))
			require.Equal(t, account, last.Accounts()[0].PublicKey)
			require.Equal(t, account, last.Accounts()[1].PublicKey)
		})
	}
}

// TestClient_Build_NoPreBalance builds a quote whose program checks the minimum
// output, so that no balance is read.
func TestClient_Build_NoPreBalance(t *testing.T) {
	node := demoNode(t)
	node.OnSimulate(succeeds(200_000))
	client, wire := connect(t, node)
	q := quoted(t, client)
	before := len(wire.of("getMultipleAccounts"))
	_, err := client.Build(t.Context(), q, sdk.BuildOptions{Owner: owner})
	require.NoError(t, err)
	require.Len(t, wire.of("getMultipleAccounts"), before)
}

// TestClient_Build_PreBalanceFails checks that a failed read of the balance is
// an error, and does not count as a missing account.
func TestClient_Build_PreBalanceFails(t *testing.T) {
	node := demoNode(t)
	node.OnSimulate(succeeds(200_000))
	client, _ := connect(t, node)
	lamports := putStake(t, node)
	market, err := client.LoadMarketWith(t.Context(),
		route.NewLoader(registryToken(t, accounts.MSOLMint)).WithStakeAccounts(stakeAddress))
	require.NoError(t, err)
	q, err := market.Quote(route.Request{From: stakeAddress, To: accounts.MSOLMint,
		Amount: lamports})
	require.NoError(t, err)
	node.Fail("getMultipleAccounts", sdktest.Fault{Status: 400})
	_, err = client.Build(t.Context(), q, sdk.BuildOptions{Owner: owner})
	var refused *sdk.RPCError
	require.ErrorAs(t, err, &refused)
}

func registryToken(t testing.TB, mint solana.PublicKey) lst.LST {
	t.Helper()
	token, err := lst.Default().ByMint(mint)
	require.NoError(t, err)
	return token
}

// TestClient_LoadMarketWith checks that the market has the tokens of the
// loader, and that unusable lookup tables are an error.
func TestClient_LoadMarketWith(t *testing.T) {
	node := demoNode(t)
	client, _ := connect(t, node)
	putStake(t, node)
	loader := route.NewLoader(registryToken(t, mint(t, "hSOL"))).WithStakeAccounts(stakeAddress)
	m, err := client.LoadMarketWith(t.Context(), loader)
	require.NoError(t, err)
	stake, err := m.StakeAccount(stakeAddress)
	require.NoError(t, err)
	require.Equal(t, uint64(50*sol+storedRent), stake.Lamports)
	q, err := m.Quote(route.Request{From: stakeAddress, To: accounts.NativeMint, Amount: 5 * sol})
	require.NoError(t, err)
	require.Len(t, q.Tables, 1)
	require.Equal(t, accounts.RouterLookupTableAddress, q.Tables[0].Address)

	_, err = client.LoadMarketWith(t.Context(), loader.WithLookupTables(solana.PublicKey{0x77}))
	require.ErrorIs(t, err, txn.ErrLookupTable)
	require.ErrorIs(t, err, accounts.ErrNotFound)
	requireLine(t, err)

	light, err := client.LoadMarketWith(t.Context(), loader.WithoutStake())
	require.NoError(t, err)
	_, err = light.StakeAccount(stakeAddress)
	require.ErrorIs(t, err, accounts.ErrNotLoaded)
}

// TestBuildOptions_Seed checks that an unusable seed is refused before any
// request.
func TestBuildOptions_Seed(t *testing.T) {
	node := demoNode(t)
	node.OnSimulate(succeeds(200_000))
	client, _ := connect(t, node)
	o := tradeOptions(0)
	o.Seed = "a seed of more than thirty-two characters"
	_, _, err := client.WithdrawStake(t.Context(), mint(t, "hSOL"), 10*sol, o)
	require.Error(t, err)
	require.NotErrorIs(t, err, instructions.ErrMissing)
	requireLine(t, err)
	require.Zero(t, node.Calls("simulateTransaction"))
}

// TestBuildOptions_StakeKeypair checks that the new stake account signs for
// Marinade and Lido. The client generates its key unless one is given, and only
// the owner must sign.
func TestBuildOptions_StakeKeypair(t *testing.T) {
	node := demoNode(t)
	node.OnSimulate(succeeds(300_000))
	client, _ := connect(t, node)
	created, err := txn.GenerateKeySigner()
	require.NoError(t, err)
	for _, named := range []*txn.KeySigner{nil, created} {
		o := tradeOptions(10)
		o.StakeKeypair = named
		u, q, err := client.Unstake(t.Context(), accounts.MSOLMint, 10*sol, o)
		require.NoError(t, err)
		require.Equal(t, route.VenueStakeWithdrawalToReserve, q.Venue)
		require.True(t, q.NeedsStakeKeypair)
		require.Equal(t, []solana.PublicKey{owner}, u.Signers())
		require.Equal(t, named != nil, has(u, created.PublicKey()))
	}

	u, q, err := client.WithdrawStake(t.Context(), accounts.StSOLMint, 10*sol,
		sdk.TradeOptions{BuildOptions: sdk.BuildOptions{Owner: owner, StakeKeypair: created}})
	require.NoError(t, err)
	require.True(t, q.NeedsStakeKeypair)
	require.True(t, has(u, created.PublicKey()))
	_, err = q.Steps(route.BuildParams{Owner: owner, Payer: owner, Seed: "named"})
	require.ErrorIs(t, err, route.ErrMissingParam)
}

func TestClient_Stake(t *testing.T) {
	node := demoNode(t)
	node.OnSimulate(succeeds(50_000))
	client, _ := connect(t, node)
	build := sdk.BuildOptions{Owner: owner}
	u, q, err := client.Stake(t.Context(), mint(t, "JitoSOL"), 1_500_000_000, sdk.TradeOptions{
		Options:      route.Options{SlippageBps: 10},
		BuildOptions: build,
	})

	require.NoError(t, err)
	require.Equal(t, uint64(1_244_054_262), q.Out)
	require.Equal(t, uint64(1_242_810_208), q.MinOut)
	require.Equal(t, []solana.PublicKey{owner}, u.Signers())

	_, q, err = client.Stake(t.Context(), mint(t, "JitoSOL"), 1_244_054_262, sdk.TradeOptions{
		Options:      route.Options{SwapMode: route.ExactOut},
		BuildOptions: build,
	})

	require.NoError(t, err)
	require.Equal(t, uint64(1_244_054_262), q.MinOut)
	require.LessOrEqual(t, q.In, uint64(1_500_000_000))

	referrer := solana.PublicKey{9}
	_, q, err = client.Stake(t.Context(), mint(t, "bSOL"), sol, sdk.TradeOptions{
		Options:      route.Options{Referrer: referrer},
		BuildOptions: build,
	})

	require.NoError(t, err)
	require.Equal(t, referrer, q.Fees[0].Recipient)

	_, _, err = client.Stake(t.Context(), mint(t, "phaseSOL"), sol,
		sdk.TradeOptions{BuildOptions: build})
	require.ErrorIs(t, err, quote.ErrStalePool)
	u, q, err = client.Stake(t.Context(), mint(t, "phaseSOL"), sol, sdk.TradeOptions{
		Options:      route.Options{AllowPoolUpdate: true},
		BuildOptions: build,
	})

	require.NoError(t, err)
	require.NotEmpty(t, q.Assumptions)
	require.Len(t, u.Steps(), 6)
	require.LessOrEqual(t, u.Size(), txn.MaxSize)

	before := node.Calls("*")
	_, _, err = client.Stake(t.Context(), accounts.NativeMint, sol,
		sdk.TradeOptions{BuildOptions: build})
	require.ErrorIs(t, err, route.ErrSameToken)
	require.Equal(t, before, node.Calls("*"), "no requests for an invalid trade")
}
