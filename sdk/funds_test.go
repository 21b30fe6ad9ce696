package sdk_test

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// noAccount is the error for a token account that does not exist, of the token
// program or of the pool's program.
const noAccount = `{"InstructionError":[%d,"InvalidAccountData"]}`

// tooFew is the error of the token program for an account with too few tokens.
const tooFew = `{"InstructionError":[%d,{"Custom":1}]}`

// tooFewLogs are logs that attribute the error to the token program.
func tooFewLogs(outer solana.PublicKey) []string {
	return []string{
		fmt.Sprintf("Program %s invoke [1]", outer),
		fmt.Sprintf("Program %s invoke [2]", accounts.TokenProgram),
		fmt.Sprintf("Program %s failed: custom program error: 0x1", accounts.TokenProgram),
		fmt.Sprintf("Program %s failed: custom program error: 0x1", outer),
	}
}

// fails makes simulations fail.
func fails(failure string, logs ...string) func([]byte) sdktest.Simulation {
	return func([]byte) sdktest.Simulation { return sdktest.Simulation{Err: failure, Logs: logs} }
}

// unsimulated are options for the same instructions without simulation.
func unsimulated() sdk.BuildOptions {
	return sdk.BuildOptions{
		Owner:          owner,
		Priority:       sdk.PriorityFee{ComputeUnitPrice: 1},
		SkipSimulation: true,
		SkipPayerCheck: true,
	}
}

// paying returns the positions of the instructions that pay tokens from an
// account.
func paying(unsigned *txn.Unsigned, account solana.PublicKey) (at []int) {
	for i, in := range explain.Transaction(unsigned, nil).Instructions {
		if p, ok := in.Payment(); ok && !p.Check && p.Account == account {
			at = append(at, i)
		}
	}
	return at
}

// associated returns the owner's token account for a token of the classic
// program.
func associated(t *testing.T, mint solana.PublicKey) solana.PublicKey {
	t.Helper()
	account, err := accounts.AssociatedTokenAddress(owner, accounts.TokenProgram, mint)
	require.NoError(t, err)
	return account
}

// holding gives the owner tokens.
func holding(t *testing.T, node *sdktest.Node, mint solana.PublicKey, amount uint64) {
	t.Helper()
	node.Put(accounts.Account{
		Address:  associated(t, mint),
		Owner:    accounts.TokenProgram,
		Lamports: 2_039_280,
		Data: accounts.TokenAccount{
			Mint:   mint,
			Owner:  owner,
			Amount: amount,
			State:  accounts.TokenInitialized,
		}.Encode(),
	})
}

// dataLimit returns the number of instructions that a simulation adds: one for
// the limit on loaded data, if there are 8 bytes for it.
func dataLimit(u *txn.Unsigned) int {
	if u.Size()+8 <= txn.MaxSize {
		return 1
	}
	return 0
}

// TestFundsError_EveryVenue builds a transaction of each venue that is paid in
// tokens. The instruction that pays fails as it does on chain if the owner has
// no token account.
func TestFundsError_EveryVenue(t *testing.T) {
	node := demoNode(t)
	client, _ := connect(t, node)
	jito, hub := mint(t, "JitoSOL"), mint(t, "hubSOL")
	market, err := embedded()
	require.NoError(t, err)
	mSOL, stSOL := market.Marinade.State.MSOLMint, market.Lido.State.StSOLMint
	loaded, err := client.LoadMarket(t.Context(), jito, hub, mSOL, stSOL, accounts.INFMint)
	require.NoError(t, err)
	ways, between := make(map[string]bool), 0
	for _, r := range []route.Request{
		{From: jito, To: accounts.NativeMint},
		{From: jito, To: hub},
		{From: jito, To: route.NativeStake},
		{From: mSOL, To: accounts.NativeMint},
		{From: mSOL, To: jito},
		{From: mSOL, To: route.NativeStake},
		{From: stSOL, To: accounts.NativeMint},
		{From: stSOL, To: jito},
		{From: stSOL, To: route.NativeStake},
		{From: accounts.INFMint, To: accounts.NativeMint},
		{From: accounts.INFMint, To: jito},
		{From: jito, To: accounts.INFMint},
		{From: accounts.NativeMint, To: jito, Options: route.Options{UseWSOL: true}},
	} {
		r.Amount, r.MaxPrefund = 3*sol, 2*sol
		quotes, _ := loaded.Quotes(r)
		require.NotEmpty(t, quotes, "%s to %s", r.From, r.To)
		for _, q := range quotes {
			ways[string(q.Venue)] = true
			account := associated(t, r.From)
			opts := unsimulated()
			unsigned, err := client.Build(t.Context(), q, opts)
			require.NoError(t, err, q.Venue)
			at := paying(unsigned, account)
			require.NotEmpty(t, at, "%s does not say what it is paid from", q.Venue)

			opts.SkipSimulation = false
			node.OnSimulate(fails(fmt.Sprintf(noAccount, at[len(at)-1]+dataLimit(unsigned))))
			_, err = client.Build(t.Context(), q, opts)
			require.ErrorIs(t, err, sdk.ErrSimulation, q.Venue)
			require.ErrorIs(t, err, progerr.ErrInsufficientFunds, q.Venue)
			var found *sdk.FundsError
			require.ErrorAs(t, err, &found, q.Venue)
			require.Equal(t, account, found.Account, q.Venue)
			require.Equal(t, owner, found.Owner, q.Venue)
			require.Equal(t, r.From, found.Mint, q.Venue)
			require.True(t, found.Missing, q.Venue)
			require.GreaterOrEqual(t, found.Needs, q.In-2,
				"%s: no less than what is paid, but for rounding", q.Venue)
			requireLine(t, err)
			text := fmt.Sprintf("token account %s of %s for mint %s does not exist", account, owner,
				r.From)
			require.Contains(t, err.Error(), text)
			require.NotContains(t, err.Error(), "reload", "the remedy for other causes")
			var failure *progerr.TransactionError
			require.ErrorAs(t, err, &failure)
			require.Equal(t, "InvalidAccountData", failure.Detail)

			// An account that the transaction itself fills cannot lack funds.
			for i, in := range explain.Transaction(unsigned, nil).Instructions {
				if p, ok := in.Payment(); !ok || p.Account == account {
					continue
				}

				node.OnSimulate(fails(fmt.Sprintf(noAccount, i+dataLimit(unsigned))))
				_, err = client.Build(t.Context(), q, opts)
				require.ErrorIs(t, err, sdk.ErrSimulation)
				require.NotErrorAs(t, err, &found, q.Venue)
				between++
			}
		}
	}

	require.Greater(t, len(ways), 10, "the tested venues: %v", ways)
	require.Positive(t, between)
	t.Logf("%d venues: %v", len(ways), ways)
}

// simulatedFunds is a state of the token account, a failure of the simulation,
// and the expected error.
type simulatedFunds struct {
	name    string
	prepare func(*testing.T, *sdktest.Node)
	failure string
	logs    bool
	want    *sdk.FundsError
	text    string
}

// simulatedFundsCases returns the cases of [TestFundsError_Simulated].
func simulatedFundsCases(t *testing.T) []simulatedFunds {
	t.Helper()
	jito := mint(t, "JitoSOL")
	account := associated(t, jito)

	return []simulatedFunds{
		{
			name:    "no account",
			failure: noAccount,
			want:    &sdk.FundsError{Missing: true},
			text: "does not exist, but has to pay 1000000000 base units; " +
				"add tokens first, or set the owner who holds them",
		},
		{
			name: "lamports at the address",
			prepare: func(_ *testing.T, node *sdktest.Node) {
				node.Put(accounts.Account{Address: account, Owner: accounts.SystemProgram,
					Lamports: 1})
			},
			failure: noAccount,
			want:    &sdk.FundsError{Missing: true},
			text:    "does not exist",
		},
		{
			name:    "too little",
			prepare: func(t *testing.T, node *sdktest.Node) { holding(t, node, jito, sol-1) },
			failure: tooFew,
			logs:    true,
			want:    &sdk.FundsError{Has: sol - 1},
			text:    "holds 999999999 of the 1000000000 base units to pay; trade less, or add tokens first",
		},
		{
			name:    "enough, and another failure",
			prepare: func(t *testing.T, node *sdktest.Node) { holding(t, node, jito, sol) },
			failure: noAccount,
		},
		{
			name:    "too little, and another failure",
			prepare: func(t *testing.T, node *sdktest.Node) { holding(t, node, jito, 1) },
			failure: `{"InstructionError":[%d,{"Custom":39}]}`,
		},
		{
			name: "another type of account",
			prepare: func(_ *testing.T, node *sdktest.Node) {
				node.Put(accounts.Account{Address: account, Owner: accounts.StakeProgram,
					Data: []byte{1}})
			},
			failure: noAccount,
		},
	}
}

// TestFundsError_Simulated lets the simulation fail with various accounts in
// place of the token account.
func TestFundsError_Simulated(t *testing.T) {
	jito := mint(t, "JitoSOL")
	account := associated(t, jito)
	for _, c := range simulatedFundsCases(t) {
		t.Run(c.name, func(t *testing.T) {
			node := demoNode(t)
			client, _ := connect(t, node)
			if c.prepare != nil {
				c.prepare(t, node)
			}

			opts := sdk.TradeOptions{
				Options:      route.Options{OnlyDirectRoutes: true},
				BuildOptions: unsimulated(),
			}

			unsigned, _, err := client.Unstake(t.Context(), jito, sol, opts)
			require.NoError(t, err)
			at := paying(unsigned, account)
			require.Len(t, at, 1)
			failure := fmt.Sprintf(c.failure, at[0]+dataLimit(unsigned))
			var logs []string
			if c.logs {
				logs = tooFewLogs(unsigned.Programs()[at[0]])
			}

			node.OnSimulate(fails(failure, logs...))
			opts.SkipSimulation = false
			_, _, err = client.Unstake(t.Context(), jito, sol, opts)
			requireFunds(t, err, c.want, c.text)
			require.ErrorIs(t, err, sdk.ErrSimulation)

			// If the account cannot be read, the failure stays as it is.
			node.OnSimulate(func([]byte) sdktest.Simulation {
				node.Fail("getMultipleAccounts", sdktest.Fault{Status: 400})
				return sdktest.Simulation{Err: failure, Logs: logs}
			})

			_, _, err = client.Unstake(t.Context(), jito, sol, opts)
			var found *sdk.FundsError
			require.NotErrorAs(t, err, &found)
			require.ErrorIs(t, err, sdk.ErrSimulation)
		})
	}
}

// requireFunds checks an error with or without a [sdk.FundsError].
func requireFunds(t *testing.T, err error, want *sdk.FundsError, text string) {
	t.Helper()
	requireLine(t, err)
	var failure *progerr.TransactionError
	require.ErrorAs(t, err, &failure)
	var found *sdk.FundsError
	if want == nil {
		require.NotErrorAs(t, err, &found)
		return
	}

	jito := mint(t, "JitoSOL")
	require.ErrorAs(t, err, &found)
	require.Equal(t, &sdk.FundsError{
		Account: associated(t, jito),
		Owner:   owner,
		Mint:    jito,
		Missing: want.Missing,
		Has:     want.Has,
		Needs:   sol,
		Err:     failure,
	}, found)

	require.ErrorIs(t, err, progerr.ErrInsufficientFunds)
	require.Contains(t, err.Error(), text)
}

// readFunds is a state of the token account and the expected error.
type readFunds struct {
	name    string
	prepare func(*testing.T, *sdktest.Node)
	missing bool
	has     uint64
	enough  bool
}

// readFundsCases returns the cases of [TestFundsError_NotSimulated].
func readFundsCases(t *testing.T) []readFunds {
	t.Helper()
	jito := mint(t, "JitoSOL")
	account := associated(t, jito)

	return []readFunds{
		{name: "no account", missing: true},
		{
			name: "lamports at the address",
			prepare: func(_ *testing.T, node *sdktest.Node) {
				node.Put(accounts.Account{Address: account, Owner: accounts.SystemProgram,
					Lamports: 1})
			},
			missing: true,
		},
		{
			name:    "too little",
			prepare: func(t *testing.T, node *sdktest.Node) { holding(t, node, jito, sol-1) },
			has:     sol - 1,
		},
		{
			name:    "enough",
			prepare: func(t *testing.T, node *sdktest.Node) { holding(t, node, jito, sol) },
			enough:  true,
		},
		{
			name: "left to the programs to refuse",
			prepare: func(_ *testing.T, node *sdktest.Node) {
				node.Put(accounts.Account{Address: account, Owner: accounts.StakeProgram,
					Data: []byte{1}})
			},
			enough: true,
		},
	}
}

// TestFundsError_NotSimulated reads the account in a request that a build
// without simulation makes anyway.
func TestFundsError_NotSimulated(t *testing.T) {
	jito := mint(t, "JitoSOL")
	account := associated(t, jito)
	for _, c := range readFundsCases(t) {
		t.Run(c.name, func(t *testing.T) {
			node := demoNode(t)
			client, wire := connect(t, node)
			if c.prepare != nil {
				c.prepare(t, node)
			}

			opts := sdk.TradeOptions{
				Options:      route.Options{OnlyDirectRoutes: true},
				BuildOptions: unsimulated(),
			}

			_, q, err := client.Unstake(t.Context(), jito, sol, opts)
			require.NoError(t, err, "without a check")
			opts.SkipPayerCheck = false

			build := func() error {
				_, err := client.Build(t.Context(), q, opts.BuildOptions)
				return err
			}

			trade := func() error {
				_, _, err := client.Unstake(t.Context(), jito, sol, opts)
				return err
			}

			for name, try := range map[string]func() error{"build": build, "trade": trade} {
				before := len(wire.of("getMultipleAccounts"))
				err := try()
				asked := len(wire.of("getMultipleAccounts")) - before
				require.Zero(t, node.Calls("simulateTransaction"))
				if name == "build" {
					require.Equal(t, 1, asked, "one request for the payer and the account")
				}

				if c.enough {
					require.NoError(t, err, name)
					continue
				}

				var found *sdk.FundsError
				require.ErrorAs(t, err, &found, name)
				require.Equal(t, &sdk.FundsError{
					Account: account,
					Owner:   owner,
					Mint:    jito,
					Missing: c.missing,
					Has:     c.has,
					Needs:   sol,
				}, found, name)

				require.ErrorIs(t, err, progerr.ErrInsufficientFunds, name)
				require.NotErrorIs(t, err, sdk.ErrSimulation, name)
				requireLine(t, err)
			}
		})
	}
}

// TestFundsError_SOL pays with SOL, which needs no token account, and with
// wSOL, which does.
func TestFundsError_SOL(t *testing.T) {
	jito := mint(t, "JitoSOL")
	node := demoNode(t)
	client, _ := connect(t, node)
	opts := sdk.TradeOptions{Options: route.Options{OnlyDirectRoutes: true},
		BuildOptions: unsimulated()}
	opts.SkipPayerCheck = false
	_, _, err := client.Stake(t.Context(), jito, sol, opts)
	require.NoError(t, err)
	opts.UseWSOL = true
	_, _, err = client.Stake(t.Context(), jito, sol, opts)
	var found *sdk.FundsError
	require.ErrorAs(t, err, &found)
	require.Equal(t, associated(t, accounts.NativeMint), found.Account)
	require.True(t, found.Missing)
}

// TestFundsError_Sent sends a transaction after its tokens have left the
// account.
func TestFundsError_Sent(t *testing.T) {
	jito := mint(t, "JitoSOL")
	for _, landed := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			node := demoNode(t)
			client, _ := connect(t, node)
			key := newSigner(t)
			node.OnSimulate(succeeds(50_000))
			opts := sdk.TradeOptions{
				Options:      route.Options{OnlyDirectRoutes: true},
				BuildOptions: sdk.BuildOptions{Owner: key.PublicKey()},
			}

			unsigned, _, err := client.Unstake(t.Context(), jito, sol, opts)
			require.NoError(t, err)
			account, err := accounts.AssociatedTokenAddress(key.PublicKey(), accounts.TokenProgram,
				jito)
			require.NoError(t, err)
			failure := fmt.Sprintf(noAccount, paying(unsigned, account)[0])
			node.OnSend(func(raw []byte) *sdktest.Error {
				if !landed {
					return sdktest.Preflight(failure)
				}

				node.SetStatus(solana.SignatureFromBytes(raw[1:65]), sdktest.Status{
					Slot:         342792003,
					Confirmation: "confirmed",
					Err:          failure,
				})

				return nil
			})

			signed, err := unsigned.Sign(t.Context(), key)
			require.NoError(t, err)
			receipt, err := client.Send(t.Context(), signed)
			var found *sdk.FundsError
			require.ErrorAs(t, err, &found)
			require.Equal(t, account, found.Account)
			require.Equal(t, key.PublicKey(), found.Owner)
			require.True(t, found.Missing)
			require.ErrorIs(t, err, progerr.ErrInsufficientFunds)
			requireLine(t, err)
			if landed {
				require.Equal(t, receipt.Err, err)
			} else {
				require.ErrorIs(t, err, sdk.ErrNotSent)
				require.NoError(t, receipt.Err)
			}
		})
	}
}

// TestMinimumError_Simulated distinguishes a failed minimum output check from a
// lack of funds.
func TestMinimumError_Simulated(t *testing.T) {
	node := demoNode(t)
	client, _ := connect(t, node)
	market, err := embedded()
	require.NoError(t, err)
	mSOL := market.Marinade.State.MSOLMint
	loaded, err := client.LoadMarket(t.Context(), mSOL)
	require.NoError(t, err)
	tried := 0
	quotes, _ := loaded.Quotes(route.Request{From: accounts.NativeMint, To: mSOL, Amount: sol})
	for _, q := range quotes {
		if q.MinOutCheck != route.CheckedByBalance {
			continue
		}

		opts := unsimulated()
		unsigned, err := client.Build(t.Context(), q, opts)
		require.NoError(t, err)
		last := len(unsigned.Steps()) - 1
		opts.SkipSimulation = false
		node.OnSimulate(fails(fmt.Sprintf(tooFew, last+dataLimit(unsigned))))
		_, err = client.Build(t.Context(), q, opts)
		var found *sdk.MinimumError
		require.ErrorAs(t, err, &found)
		require.Equal(t, associated(t, mSOL), found.Account)
		require.Equal(t, q.MinOut, found.AtLeast, "the balance before was zero")
		require.ErrorIs(t, err, progerr.ErrSlippage)
		require.NotErrorIs(t, err, progerr.ErrInsufficientFunds)
		require.ErrorIs(t, err, sdk.ErrSimulation)
		require.Contains(t, err.Error(),
			"quote again or allow more slippage (InsufficientFunds in instruction")
		requireLine(t, err)
		var failure *progerr.TransactionError
		require.ErrorAs(t, err, &failure)
		require.Equal(t, last+dataLimit(unsigned), failure.Instruction)
		tried++
	}

	require.Positive(t, tried)
}
