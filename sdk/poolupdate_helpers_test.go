package sdk_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/demo"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// stalePool is a node with a pool that is out of date. It executes the
// instructions of pool updates.
type stalePool struct {
	t      *testing.T
	node   *sdktest.Node
	client *sdk.Client
	wire   *tap
	clock  *sdktest.Clock
	pool   *figures.StakePool
	token  lst.LST
	epoch  uint64
	rent   accounts.Rent
	// after is the pool as it will be.
	after quote.UpdatedStakePool
	payer *txn.KeySigner
	// onSend, if not nil, is called with the number of the transaction before
	// it is executed.
	onSend func(number int) *sdktest.Error

	mu sync.Mutex
	// sent are the transactions with the positions that they update.
	sent []sentUpdate
}

// sentUpdate is a transaction of a pool update.
type sentUpdate struct {
	size     int
	entries  []int
	balance  bool
	cleanups int
}

// newStalePool returns a pool with active stake at a number of validators.
func newStalePool(t *testing.T, count int) *stalePool {
	t.Helper()
	market, err := demo.Load()
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(uint64(count), 1))
	pool, err := figures.RandomStakePool(rng, accounts.SanctumMultiStakePoolProgram, market.Chain)
	require.NoError(t, err)
	p := &stalePool{
		t:     t,
		node:  demoNode(t),
		pool:  pool,
		epoch: market.Chain.Clock.Epoch,
		rent:  market.Chain.Rent,
		payer: wallets()[0],
		token: lst.LST{
			Symbol:        "staleSOL",
			Name:          "Stale SOL",
			Mint:          pool.State.PoolMint,
			Decimals:      9,
			TokenProgram:  accounts.TokenProgram,
			Kind:          lst.KindSanctumSPLMulti,
			Program:       pool.Program,
			Pool:          pool.Address,
			ValidatorList: pool.State.ValidatorList,
		},
	}

	p.fill(rng, count)
	q := pool.Quote(market.Chain, quote.FeesRoundUp)
	q.UpdateKnown, q.Update = true, pool.Balances()
	p.after, err = q.AfterUpdate()
	require.NoError(t, err)
	p.publish()
	p.node.AcceptAll()
	p.node.OnSend(p.execute)
	registry, err := lst.Default().With(p.token)
	require.NoError(t, err)
	p.clock = sdktest.NewClock(time.Unix(1_750_000_000, 0), nil)
	p.client, p.wire = connect(t, p.node, sdk.WithRegistry(registry), sdk.WithClock(p.clock))

	return p
}

// fill gives the pool validators that earned rewards since the last update.
func (p *stalePool) fill(rng *rand.Rand, count int) {
	state := &p.pool.State
	p.pool.MaxValidators = uint32(count)
	p.pool.Validators = nil
	state.PreferredDepositValidator, state.PreferredWithdrawValidator = nil, nil
	state.TotalLamports = p.pool.Reserve.Lamports - figures.StoredRent
	for range count {
		vote := figures.RandomKey(rng)
		staked := sol + rng.Uint64N(1000*sol)
		v := figures.Validator{
			Entry: accounts.ValidatorStakeInfo{
				VoteAccount:         vote,
				LastUpdateEpoch:     p.epoch - 1,
				ActiveStakeLamports: staked,
			},
			Active: &quote.StakeAccountState{
				Lamports: staked + figures.StoredRent,
				Account: figures.Delegated(p.pool.Reserve.Account.Staker, figures.StoredRent, vote,
					staked, p.epoch-9),
			},
		}

		state.TotalLamports += staked
		p.pool.Validators = append(p.pool.Validators, v)
	}

	state.LastUpdateEpoch = p.epoch - 1
	state.PoolTokenSupply = state.TotalLamports
	p.pool.Mint.Supply = state.PoolTokenSupply
}

// publish puts the accounts of the pool on the node.
func (p *stalePool) publish() {
	all, err := p.pool.Accounts(p.rent)
	require.NoError(p.t, err)
	for _, a := range all {
		p.node.Put(a)
	}
}

// publishPool puts the accounts of the pool on the node, except the stake
// accounts of its validators.
func (p *stalePool) publishPool() {
	light := *p.pool
	light.Validators = nil
	for _, v := range p.pool.Validators {
		light.Validators = append(light.Validators, figures.Validator{Entry: v.Entry})
	}

	all, err := light.Accounts(p.rent)
	require.NoError(p.t, err)
	for _, a := range all {
		p.node.Put(a)
	}
}

// update calls UpdatePool.
func (p *stalePool) update(opts sdk.PoolUpdateOptions) (*sdk.PoolUpdate, error) {
	return p.client.UpdatePool(p.t.Context(), p.token.Mint, opts, p.payer)
}

// execute records the balances and updates the pool as the program does. It
// refuses an update of the pool before that of its validators.
func (p *stalePool) execute(raw []byte) *sdktest.Error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.onSend != nil {
		if refused := p.onSend(len(p.sent)); refused != nil {
			return refused
		}
	}

	tx, err := solana.TransactionFromBytes(raw)
	if err != nil {
		return &sdktest.Error{Message: err.Error()}
	}

	done := sentUpdate{size: len(raw)}
	for i, ix := range tx.Message.Instructions {
		if tx.Message.AccountKeys[ix.ProgramIDIndex] != p.pool.Program {
			continue
		}

		switch ix.Data[0] {
		case 6:
			first := int(binary.LittleEndian.Uint32(ix.Data[1:]))
			for n := range (len(ix.Accounts) - 7) / 2 {
				p.record(first + n)
				done.entries = append(done.entries, first+n)
			}

		case 7:
			if p.behind() > 0 {
				return sdktest.Preflight(customError(i, 16))
			}

			done.balance = true
			p.pool.State = p.after.Pool.State
			p.pool.Mint.Supply = p.pool.State.PoolTokenSupply

		case 8:
			done.cleanups++
		}
	}

	p.publishPool()
	p.sent = append(p.sent, done)
	p.node.Advance(1)
	p.node.SetStatus(tx.Signatures[0], sdktest.Status{Slot: 342_792_000 + uint64(len(p.sent)),
		Confirmation: "confirmed", Fee: 5_000})

	return nil
}

// record updates an entry of the list.
func (p *stalePool) record(i int) {
	after := &p.after.Validators[i]
	p.pool.Validators[i] = figures.Validator{
		Entry:     after.Entry,
		Active:    after.Active,
		Transient: after.Transient,
	}
}

// behind returns the number of entries that are out of date.
func (p *stalePool) behind() (count int) {
	for _, v := range p.pool.Validators {
		if v.Entry.LastUpdateEpoch < p.epoch {
			count++
		}
	}
	return count
}

// updateByOther updates the whole pool as another client does.
func (p *stalePool) updateByOther() {
	for i := range p.pool.Validators {
		p.record(i)
	}
	p.pool.State = p.after.Pool.State
	p.publish()
}

// customError is the failure of an instruction as JSON.
func customError(instruction, code int) string {
	return fmt.Sprintf(`{"InstructionError":[%d,{"Custom":%d}]}`, instruction, code)
}
