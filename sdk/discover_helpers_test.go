package sdk_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/demo"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

// newPool is a stake pool that no list has, with what its token calls itself.
type newPool struct {
	*figures.StakePool

	chain figures.Chain
	// symbol and name are put into an account of Metaplex's program, or into
	// the mint if embedded is set. Without a symbol there is no metadata.
	symbol, name string
	embedded     bool
	// others are further accounts, or replace those of the pool.
	others []accounts.Account
}

// launch returns a random pool of a program.
func launch(t testing.TB, rng *rand.Rand, program solana.PublicKey) *newPool {
	t.Helper()
	market, err := demo.Load()
	require.NoError(t, err)
	pool, err := figures.RandomStakePool(rng, program, market.Chain)
	require.NoError(t, err)

	return &newPool{
		StakePool: pool,
		chain:     market.Chain,
		symbol:    "brandnewSOL",
		name:      "Brand New Staked SOL",
	}
}

// put stores the accounts of the pool on a node.
func (p *newPool) put(t testing.TB, node *sdktest.Node) {
	t.Helper()
	if p.embedded {
		p.State.TokenProgram = accounts.Token2022Program
		p.Mint.Extensions = append(p.Mint.Extensions,
			accounts.Extension{
				Type: accounts.ExtensionMetadataPointer,
				Data: append(p.State.Manager.Bytes(), p.State.PoolMint[:]...),
			},
			accounts.Extension{
				Type: accounts.ExtensionTokenMetadata,
				Data: p.embeddedMetadata(),
			})
	}

	all, err := p.Accounts(p.chain.Rent)
	require.NoError(t, err)
	if p.symbol != "" && !p.embedded {
		all = append(all, p.metaplex(t))
	}

	for _, a := range append(all, p.others...) {
		node.Put(a)
	}
}

func (p *newPool) embeddedMetadata() []byte {
	data := append(p.State.Manager.Bytes(), p.State.PoolMint[:]...)
	for _, text := range []string{p.name, p.symbol, "https://a.b/c"} {
		data = binary.LittleEndian.AppendUint32(data, uint32(len(text)))
		data = append(data, text...)
	}

	return binary.LittleEndian.AppendUint32(data, 0)
}

// metaplex returns the account with the names of the token, padded as the
// program does.
func (p *newPool) metaplex(t testing.TB) accounts.Account {
	t.Helper()
	address, err := accounts.TokenMetadataAddress(p.State.PoolMint)
	require.NoError(t, err)
	pad := func(text string, length int) string {
		return text + string(bytes.Repeat([]byte{0}, max(length-len(text), 0)))
	}

	data := accounts.TokenMetadata{
		UpdateAuthority: p.State.Manager,
		Mint:            p.State.PoolMint,
		Name:            pad(p.name, 32),
		Symbol:          pad(p.symbol, 10),
		URI:             pad("https://a.b/c", 200),
	}.Encode()

	return accounts.Account{
		Address:  address,
		Owner:    accounts.TokenMetadataProgram,
		Lamports: sol,
		Data:     append(data, make([]byte, 350)...),
	}
}

// refuseLists lets a node refuse to list the accounts of programs.
func refuseLists(node *sdktest.Node) {
	refused := sdktest.Fault{Error: &sdktest.Error{Code: -32010,
		Message: "excluded from account secondary indexes"}}
	for range 50 {
		node.Fail("getProgramAccounts", refused)
	}
}
