package sanctum_test

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/operator"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// harnesses maps the names that documents use to the functions whose bodies the
// Go fragments become, see docs_test.go. A fragment may use the parameters
// without declaring them, and may declare the same names anew.
var harnesses = map[string]any{
	"trade":    harnessTrade,
	"test":     harnessTest,
	"stake":    harnessStake,
	"steps":    harnessSteps,
	"legs":     harnessLegs,
	"plans":    harnessPlans,
	"infinity": harnessInfinity,
	"nothing":  harnessNothing,
}

// harnessTrade is the default harness.
func harnessTrade(
	ctx context.Context,
	client *sdk.Client,
	registry *lst.Registry,
	jitoSOL lst.LST,
	mSOL lst.LST,
	bSOL lst.LST,
	market *route.Market,
	request route.Request,
	quote route.Quote,
	opts sdk.TradeOptions,
	unsigned *txn.Unsigned,
	signed *txn.Signed,
	signature solana.Signature,
	partial *txn.Partial,
	receipt *sdk.Receipt,
	lifetime txn.Lifetime,
	wallet *txn.KeySigner,
	sponsor *txn.KeySigner,
	signer txn.Signer,
	owner solana.PublicKey,
	recipient solana.PublicKey,
	nonceAccount solana.PublicKey,
	amount uint64,
	rpcURL string,
	transaction string,
	data []byte,
	policy explain.Policy,
	explanation explain.Explanation,
	httpClient *http.Client,
	logger *slog.Logger,
	timeout time.Duration,
	err error,
) error {
	return err
}

// harnessTest is for fragments that test without a network.
func harnessTest(
	ctx context.Context,
	node *sdktest.Node,
	client *sdk.Client,
	wallet *txn.KeySigner,
	jitoSOL lst.LST,
	err error,
) error {
	return err
}

// harnessStake is for fragments that use decoded accounts and the programs'
// arithmetic, and need no client.
func harnessStake(
	set *accounts.Set,
	data []byte,
	address solana.PublicKey,
	pool accounts.StakePool,
	terms quote.StakePoolState,
	amount uint64,
	err error,
) error {
	return err
}

// harnessSteps is for fragments that add instructions of other programs.
func harnessSteps(
	ctx context.Context,
	client *sdk.Client,
	owner solana.PublicKey,
	collateral solana.PublicKey,
	seized uint64,
	seize solana.Instruction,
	repay solana.Instruction,
	crank solana.Instruction,
	tips []solana.PublicKey,
	err error,
) error {
	return err
}

// harnessLegs is for fragments that add swaps of another service.
func harnessLegs(
	ctx context.Context,
	client *sdk.Client,
	owner solana.PublicKey,
	mSOL lst.LST,
	jitoSOL lst.LST,
	amount uint64,
	usdc solana.PublicKey,
	leastUSDC uint64,
	apiKey string,
	err error,
) error {
	return err
}

// harnessInfinity is for fragments about Infinity's earnings and its manager.
func harnessInfinity(
	ctx context.Context,
	client *sdk.Client,
	market *route.Market,
	later *route.Market,
	pool *route.InfinityPool,
	fees *operator.InfinityFees,
	jitoSOL lst.LST,
	mSOL lst.LST,
	err error,
) error {
	return err
}

// harnessPlans is for fragments that run a stake pool.
func harnessPlans(
	ctx context.Context,
	client *sdk.Client,
	pool, first, second solana.PublicKey,
	staker txn.Signer,
) error {
	return nil
}

// harnessNothing is for fragments that declare everything they use.
func harnessNothing() error { return nil }
