package sdk

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/jsonrpc"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Errors of a [BlockEngine].
var (
	// ErrBlockEngine is returned by [NewBlockEngine] and by methods of
	// [BlockEngine] for options or arguments that no block engine accepts. The
	// text names them.
	ErrBlockEngine = errors.New("cannot use the block engine")
	// ErrNoTip is returned by [BlockEngine.Send] and [BlockEngine.SendBundle]
	// as a [*TipError] when no instruction pays a sufficient tip. Nothing was
	// sent. Set BuildOptions.Tip with the accounts of
	// [BlockEngine.TipAccounts].
	ErrNoTip = errors.New("the transaction pays no sufficient tip")
)

// BlockEngineMode is how a [BlockEngine] delivers a transaction.
type BlockEngineMode uint8

// The modes of delivery.
const (
	// BlockEngineBundle sends each transaction as a bundle of its own, by
	// sendBundle. It lands only if it succeeds, and only in blocks of leaders
	// that take part.
	BlockEngineBundle BlockEngineMode = iota
	// BlockEngineBundleOnly is the same by sendTransaction with bundleOnly.
	BlockEngineBundleOnly
	// BlockEngineTransaction sends each transaction by sendTransaction, which
	// also forwards it as an ordinary transaction: it may land and fail.
	BlockEngineTransaction
)

// BlockEngineOptions configures a [BlockEngine]. The zero value sends bundles
// with a tip of at least 1,000 lamports.
type BlockEngineOptions struct {
	// Mode is how transactions are delivered.
	Mode BlockEngineMode
	// UUID is the key for a higher rate limit, sent in the header x-jito-auth.
	// It is optional.
	UUID string
	// MinTip is the least accepted tip in lamports. Zero means
	// [DefaultMinTip].
	MinTip uint64
	// TipAccounts are the accounts that may receive the tip. If empty, they
	// are requested with the first transaction and then kept.
	TipAccounts []solana.PublicKey
	// HTTPClient sends the requests. By default it is one that this package's
	// clients share.
	HTTPClient Doer
	// Timeout limits each request. The default is 5 seconds.
	Timeout time.Duration
}

const (
	// DefaultMinTip is the least tip that block engines accept, in lamports.
	DefaultMinTip = 1_000
	// blockEngineTimeout is the default of BlockEngineOptions.Timeout.
	blockEngineTimeout = 5 * time.Second
	// maxBlockEngineBody limits the answers of a block engine in bytes.
	maxBlockEngineBody = 64 << 10
	// maxBundle is the highest number of transactions in a bundle, and of
	// bundles in a status request.
	maxBundle = 5
	// maxTipAccounts and maxBundleID limit what an answer may hold.
	maxTipAccounts = 64
	maxBundleID    = 128
	// leastRest is the least pause after a block engine has refused a request
	// for its rate.
	leastRest = time.Second
)

// Paths of the interface.
const (
	transactionsPath = "/api/v1/transactions"
	bundlesPath      = "/api/v1/bundles"
	tipAccountsPath  = "/api/v1/getTipAccounts"
	statusesPath     = "/api/v1/getBundleStatuses"
)

// BlockEngine is a [Sender] that delivers transactions for a tip to a block
// engine with the public JSON-RPC interface of Jito. Use it alone, or in
// [Senders] together with [Client.Sender]. It is safe for concurrent use.
//
// It checks before it sends that the transaction transfers a tip to one of the
// tip accounts, and refuses it otherwise with a [*TipError]. What became of a
// transaction always comes from the client's nodes: a block engine that accepts
// a transaction promises nothing, and one that reports a landed bundle is not
// believed.
type BlockEngine struct {
	mode   BlockEngineMode
	minTip uint64
	fixed  []solana.PublicKey
	// regions are the endpoints. Each transaction goes to all of them.
	regions []*engineRegion

	mu sync.Mutex
	// known are the requested tip accounts, or nil.
	known []solana.PublicKey
}

// engineRegion is one endpoint of a block engine.
type engineRegion struct {
	transactions, bundles, tips, statuses *jsonrpc.Client

	mu sync.Mutex
	// rested is the time until which no request is sent, and limit the refusal
	// that set it.
	rested time.Time
	limit  error
}

// NewBlockEngine returns a sender to a block engine. urls are the base URLs of
// its regions, for example "https://frankfurt.mainnet.block-engine.jito.wtf";
// each transaction goes to all of them. It does not connect yet.
//
// It returns [ErrBlockEngine] for invalid options, and [ErrInsecure] if a key
// would travel unencrypted.
func NewBlockEngine(urls []string, opts BlockEngineOptions) (*BlockEngine, error) {
	switch {
	case len(urls) == 0:
		return nil, fmt.Errorf("%w: no URL", ErrBlockEngine)
	case opts.Mode > BlockEngineTransaction:
		return nil, fmt.Errorf("%w: unknown mode %d", ErrBlockEngine, opts.Mode)
	case opts.Timeout < 0:
		return nil, fmt.Errorf("%w: negative timeout", ErrBlockEngine)
	}

	if err := checkTipAccounts(opts.TipAccounts); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBlockEngine, err)
	}

	b := &BlockEngine{
		mode:   opts.Mode,
		minTip: opts.MinTip,
		fixed:  slices.Clone(opts.TipAccounts),
	}
	if b.minTip == 0 {
		b.minTip = DefaultMinTip
	}

	for i, url := range urls {
		region, err := newEngineRegion(url, opts)
		if err != nil {
			return nil, fmt.Errorf("%w: URL %d: %w", ErrBlockEngine, i+1, err)
		}

		b.regions = append(b.regions, region)
	}
	return b, nil
}

func newEngineRegion(url string, opts BlockEngineOptions) (*engineRegion, error) {
	o := jsonrpc.Options{
		HTTPClient:  opts.HTTPClient,
		Timeout:     opts.Timeout,
		MaxBody:     maxBlockEngineBody,
		MaxAttempts: 1,
	}
	if o.Timeout == 0 {
		o.Timeout = blockEngineTimeout
	}

	if opts.UUID != "" {
		o.Header = map[string][]string{"X-Jito-Auth": {opts.UUID}}
	}

	region := new(engineRegion)
	for _, part := range []struct {
		client      **jsonrpc.Client
		path, query string
	}{
		{client: &region.transactions, path: transactionsPath},
		{client: &region.bundles, path: bundlesPath},
		{client: &region.tips, path: tipAccountsPath},
		{client: &region.statuses, path: statusesPath},
	} {
		o.Path, o.Query = part.path, part.query
		if part.path == transactionsPath && opts.Mode == BlockEngineBundleOnly {
			o.Query = "bundleOnly=true"
		}

		client, err := jsonrpc.New(url, o)
		if err != nil {
			return nil, err
		}

		*part.client = client
	}
	return region, nil
}

// Send implements [Sender]. It returns a [*TipError] if the transaction pays no
// sufficient tip, and sends nothing then. A rate limit is an [*RPCError] with
// HTTPStatus 429; that region is then left alone for the time that it names,
// at least one second.
func (b *BlockEngine) Send(ctx context.Context, signed *txn.Signed) error {
	if signed.Unsigned() == nil {
		return &PreflightError{Message: "no transaction (sign or parse one first)", Malformed: true}
	}

	if err := b.usable(ctx); err != nil {
		return fmt.Errorf("send: %w", err)
	}

	if err := b.checkTip(ctx, signed); err != nil {
		return err
	}

	var all Senders
	for _, region := range b.regions {
		all = append(all, regionSender{engine: b, region: region})
	}

	return all.Send(ctx, signed)
}

// SendBundle sends up to five transactions as one bundle: they land in this
// order in one block, or none does. One of them must pay the tip; best the one
// that must not fail. It returns the identifier of the bundle, for
// [BlockEngine.BundleStatuses].
//
// Do not conclude from an error or a status that the transactions cannot land:
// blocks are dropped, and their transactions may then be sent alone. Follow
// each of them with [Client.Await] or [Client.Resume].
func (b *BlockEngine) SendBundle(ctx context.Context, signed ...*txn.Signed) (string, error) {
	if err := b.usable(ctx); err != nil {
		return "", fmt.Errorf("send bundle: %w", err)
	}

	if len(signed) == 0 || len(signed) > maxBundle {
		return "", fmt.Errorf("%w: %d transactions, not 1 to %d", ErrBlockEngine, len(signed),
			maxBundle)
	}

	for i, s := range signed {
		if s.Unsigned() == nil {
			return "", fmt.Errorf("%w: transaction %d is nil", ErrBlockEngine, i+1)
		}
	}

	if err := b.checkTip(ctx, signed...); err != nil {
		return "", err
	}

	var failures sendErrors
	for _, region := range b.regions {
		id, err := region.sendBundle(ctx, signed)
		if err == nil {
			return id, nil
		}

		failures = append(failures, err)
	}

	return "", failures.joined()
}

// BundleStatus is what a block engine tells about a bundle. It proves nothing,
// see [BlockEngine.SendBundle].
type BundleStatus struct {
	// ID identifies the bundle.
	ID string
	// Slot is the slot of the block that the bundle landed in.
	Slot uint64
	// Commitment is the commitment of that block, for example "confirmed".
	Commitment string
	// Signatures are those of the transactions of the bundle.
	Signatures []solana.Signature
}

// BundleStatuses returns what the block engine tells about up to five bundles.
// It omits those that it does not know, or that have not landed.
func (b *BlockEngine) BundleStatuses(ctx context.Context, ids ...string) ([]BundleStatus, error) {
	if err := b.usable(ctx); err != nil {
		return nil, fmt.Errorf("bundle statuses: %w", err)
	}

	if len(ids) == 0 || len(ids) > maxBundle {
		return nil, fmt.Errorf("%w: %d bundles, not 1 to %d", ErrBlockEngine, len(ids), maxBundle)
	}

	var answer bundleStatuses
	err := b.ask(func(r *engineRegion) error {
		return r.call(ctx, r.statuses, &answer, "getBundleStatuses", []any{ids})
	})
	if err != nil {
		return nil, err
	}

	var statuses []BundleStatus
	for _, s := range answer.Value {
		if s == nil || !slices.Contains(ids, s.BundleID) {
			continue
		}

		status := BundleStatus{
			ID:         s.BundleID,
			Slot:       s.Slot,
			Commitment: s.ConfirmationStatus,
		}

		for _, text := range s.Transactions {
			status.Signatures = append(status.Signatures, solana.Signature(text))
		}

		statuses = append(statuses, status)
	}
	return statuses, nil
}

// bundleStatuses is the answer to getBundleStatuses.
type bundleStatuses struct {
	Value jsonrpc.List[*struct {
		BundleID           string                        `json:"bundle_id"`
		Transactions       jsonrpc.List[base58Signature] `json:"transactions"`
		Slot               uint64                        `json:"slot"`
		ConfirmationStatus string                        `json:"confirmation_status"`
	}] `json:"value"`
}

// base58Signature is a signature in an answer, see [base58Key].
type base58Signature [64]byte

// maxBase58Signature is the length of the longest base58 text of 64 bytes.
const maxBase58Signature = 88

// UnmarshalJSON implements json.Unmarshaler.
func (s *base58Signature) UnmarshalJSON(text []byte) error {
	var encoded string
	if err := json.Unmarshal(text, &encoded); err != nil {
		return err
	}

	if len(encoded) > maxBase58Signature {
		return fmt.Errorf("%w: %d characters for a signature", jsonrpc.ErrBadResponse, len(encoded))
	}

	signature, err := solana.SignatureFromBase58(encoded)
	*s = base58Signature(signature)

	return err
}

// usable returns an error if [NewBlockEngine] did not create the sender, or if
// the context is nil.
func (b *BlockEngine) usable(ctx context.Context) error {
	switch {
	case b == nil || len(b.regions) == 0:
		return fmt.Errorf("%w block engine (create one with NewBlockEngine)", accounts.ErrNil)
	case ctx == nil:
		return fmt.Errorf("%w context (pass context.Background)", accounts.ErrNil)
	}
	return nil
}

// ask asks one region after the other until one answers.
func (b *BlockEngine) ask(one func(*engineRegion) error) error {
	var failures sendErrors
	for _, region := range b.regions {
		err := one(region)
		if err == nil {
			return nil
		}

		failures = append(failures, err)
	}
	return failures.joined()
}

// regionSender sends through one region.
type regionSender struct {
	engine *BlockEngine
	region *engineRegion
}

// Send implements [Sender].
func (s regionSender) Send(ctx context.Context, signed *txn.Signed) error {
	if s.engine.mode == BlockEngineBundle {
		_, err := s.region.sendBundle(ctx, []*txn.Signed{signed})
		return err
	}

	var got base58Signature
	r := s.region
	err := r.call(ctx, r.transactions, &got, "sendTransaction",
		[]any{base64.StdEncoding.EncodeToString(signed.Raw()), encodedBase64})
	switch {
	case err != nil:
		return refusedByEngine(err)
	case solana.Signature(got) != signed.Signature():
		return fmt.Errorf("%w: the block engine accepted another transaction",
			jsonrpc.ErrBadResponse)
	}
	return nil
}

// encodedBase64 is the option that names the encoding of transactions.
var encodedBase64 = map[string]string{"encoding": "base64"}

func (r *engineRegion) sendBundle(ctx context.Context, signed []*txn.Signed) (string, error) {
	texts := make([]string, len(signed))
	for i, s := range signed {
		texts[i] = s.Base64()
	}

	var id string
	err := r.call(ctx, r.bundles, &id, "sendBundle", []any{texts, encodedBase64})
	switch {
	case err != nil:
		return "", refusedByEngine(err)
	case id == "" || len(id) > maxBundleID || bytes.ContainsFunc([]byte(id), isOdd):
		return "", fmt.Errorf("%w: not the identifier of a bundle", jsonrpc.ErrBadResponse)
	}
	return id, nil
}

// isOdd reports whether an identifier cannot contain a character.
func isOdd(r rune) bool {
	letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	return !letter && (r < '0' || r > '9') && r != '-'
}

// refusedByEngine returns a [*PreflightError] for bytes that the block engine
// did not accept at all. After any other error the transaction counts as sent.
func refusedByEngine(err error) error {
	var refused *RPCError
	if errors.As(err, &refused) && refused.Code == invalidParams {
		return malformed(refused)
	}
	return err
}

// call makes one request, unless the region rests after a refusal for its rate.
func (r *engineRegion) call(
	ctx context.Context, client *jsonrpc.Client, out any, method string, params []any,
) error {
	r.mu.Lock()
	rests, limit := time.Now().Before(r.rested), r.limit
	r.mu.Unlock()
	if rests {
		return limit
	}

	err := publicError(client.CallForInto(ctx, out, method, params))
	var refused *RPCError
	if errors.As(err, &refused) && refused.HTTPStatus == tooManyRequests {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.rested = time.Now().Add(min(max(refused.RetryAfter, leastRest), time.Minute))
		r.limit = err
	}
	return err
}

// tooManyRequests is the HTTP status of a rate limit.
const tooManyRequests = 429
