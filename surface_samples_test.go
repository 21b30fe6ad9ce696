package sanctum_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"
	"github.com/gagliardetto/solana-go/rpc/jsonrpc"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/demo"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// choice creates one value of an argument, anew for every call.
type choice struct {
	words string
	make  func() reflect.Value
}

// samples creates values of any type to call functions with.
type samples struct {
	// useful has values that cannot be derived from their type.
	useful map[reflect.Type]func() any
	known  map[reflect.Type][]choice
	node   *sdktest.Node
	client *sdk.Client
	signed *txn.Signed
}

// newSamples prepares the useful values: a client of the embedded market, and
// the results of one trade with it.
func newSamples(t *testing.T) *samples {
	t.Helper()
	ctx := t.Context()
	node, err := sdktest.Demo()
	require.NoError(t, err)
	land(node)
	client, err := node.Client(sdk.WithClock(sdktest.NewClock(time.Unix(0, 0), nil)))
	require.NoError(t, err)

	market, err := demo.Load()
	require.NoError(t, err)
	all, err := market.Accounts()
	require.NoError(t, err)
	from, to := market.StakePools[0].State.PoolMint, market.StakePools[1].State.PoolMint
	loaded, err := client.LoadMarket(ctx, from, to)
	require.NoError(t, err)
	me, err := txn.GenerateKeySigner()
	require.NoError(t, err)
	request := route.Request{
		From:    accounts.NativeMint,
		To:      to,
		Amount:  1_000_000_000,
		Options: route.Options{SlippageBps: 10},
	}

	quoted, err := loaded.Quote(request)
	require.NoError(t, err)
	opts := sdk.BuildOptions{Owner: me.PublicKey()}
	unsigned, err := client.Build(ctx, quoted, opts)
	require.NoError(t, err)
	signed, err := unsigned.Sign(ctx, me)
	require.NoError(t, err)
	accountSet := accounts.NewSet(1)
	for _, a := range all {
		accountSet.Put(a)
	}

	// Every signature that a call awaits belongs to a transaction that landed.
	var some solana.Signature
	for i := range some {
		some[i] = 9
	}

	node.SetStatus(some, sdktest.Status{Slot: 1, Confirmation: "confirmed"})

	s := &samples{
		known:  make(map[reflect.Type][]choice),
		node:   node,
		client: client,
		signed: signed,
	}

	s.useful = map[reflect.Type]func() any{
		reflect.TypeFor[context.Context](): func() any { return ctx },
		reflect.TypeFor[error]():           func() any { return errors.New("an error") },
		reflect.TypeFor[io.Reader]():       func() any { return strings.NewReader("[]") },
		reflect.TypeFor[*http.Request](): func() any {
			return httptest.NewRequest(http.MethodPost, "/", strings.NewReader("{}"))
		},
		reflect.TypeFor[http.ResponseWriter](): func() any { return httptest.NewRecorder() },
		reflect.TypeFor[*bin.Decoder](): func() any {
			return bin.NewBinDecoder(make([]byte, 512))
		},
		reflect.TypeFor[*bin.Encoder](): func() any {
			return bin.NewBinEncoder(new(bytes.Buffer))
		},
		reflect.TypeFor[rpc.JSONRPCClient](): func() any {
			return jsonrpc.NewClient("http://node.invalid")
		},
		reflect.TypeFor[rpc.CommitmentType](): func() any { return rpc.CommitmentConfirmed },
		reflect.TypeFor[solana.PublicKey]():   func() any { return me.PublicKey() },
		reflect.TypeFor[accounts.Account]():   func() any { return all[0] },
		reflect.TypeFor[*accounts.Set]():      func() any { return accountSet },
		reflect.TypeFor[route.Request]():      func() any { return request },
		reflect.TypeFor[route.Quote]():        func() any { return quoted },
		reflect.TypeFor[*route.Market]():      func() any { return loaded },
		reflect.TypeFor[*route.Loader](): func() any {
			return route.NewLoader(loaded.Tokens()...)
		},
		reflect.TypeFor[*lst.Registry]():    func() any { return lst.Default() },
		reflect.TypeFor[lst.LST]():          func() any { return loaded.Tokens()[0] },
		reflect.TypeFor[sdk.BuildOptions](): func() any { return opts },
		reflect.TypeFor[sdk.TradeOptions](): func() any {
			return sdk.TradeOptions{BuildOptions: opts}
		},
		reflect.TypeFor[sdk.Option](): func() any { return sdk.WithMaxAttempts(1) },
		reflect.TypeFor[sdk.SendOption](): func() any {
			return sdk.WithProgress(func(sdk.Progress) {})
		},
		reflect.TypeFor[sdk.EndpointOption](): func() any { return sdk.WithTimeout(time.Minute) },
		reflect.TypeFor[sdk.Sender]():         func() any { return client.Sender() },
		reflect.TypeFor[*sdk.Client]():        func() any { return client },
		// A key of its own, because a call may destroy it.
		reflect.TypeFor[*txn.KeySigner](): func() any { return generated() },
		reflect.TypeFor[txn.Signer]():     func() any { return me },
		reflect.TypeFor[txn.Lifetime]():   func() any { return unsigned.Lifetime() },
		reflect.TypeFor[txn.Step]():       func() any { return unsigned.Steps()[0] },
		reflect.TypeFor[*txn.Unsigned]():  func() any { return unsigned },
		reflect.TypeFor[*txn.Partial]():   func() any { return unsigned.Partial() },
		reflect.TypeFor[*txn.Signed]():    func() any { return signed },
		reflect.TypeFor[*sdktest.Node](): func() any {
			n := sdktest.NewNode(1000, 1, all...)
			land(n)
			return n
		},
		reflect.TypeFor[*sdktest.Clock](): func() any {
			return sdktest.NewClock(time.Unix(0, 0), nil)
		},
	}

	return s
}

// generated returns a new key.
func generated() *txn.KeySigner {
	key, err := txn.GenerateKeySigner()
	if err != nil {
		panic(err)
	}
	return key
}

// land lets every transaction succeed.
func land(node *sdktest.Node) {
	node.OnSimulate(func([]byte) sdktest.Simulation { return sdktest.Simulation{Units: 60_000} })
	node.OnSend(func(raw []byte) *sdktest.Error {
		node.Advance(1)
		node.SetStatus(solana.SignatureFromBytes(raw[1:65]),
			sdktest.Status{Slot: 1, Confirmation: "confirmed"})
		return nil
	})
}

// useOption creates a client with an option and makes a call that fails before
// it needs the network.
func (s *samples) useOption(option sdk.Option) {
	client, err := s.node.Client(option)
	if err != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, _ = client.LoadMarket(ctx)
	_, _ = client.Send(ctx, s.signed)
	_ = client.Close()
}

// useSendOption sends a transaction with an option.
func (s *samples) useSendOption(option sdk.SendOption) {
	_, _ = s.client.Send(context.Background(), s.signed, option)
}

// of returns the values of a type: the zero value first, a useful value second,
// then others. A type without a useful value has only the first.
func (s *samples) of(typ reflect.Type) []choice {
	if known, ok := s.known[typ]; ok {
		return known
	}
	zero := choice{"zero " + typ.String(), func() reflect.Value { return reflect.Zero(typ) }}
	// A type within itself is zero there.
	s.known[typ] = []choice{zero}
	list := append([]choice{zero}, s.others(typ)...)
	s.known[typ] = list
	return list
}

// others returns the values of a type except zero.
func (s *samples) others(typ reflect.Type) (list []choice) {
	add := func(words string, value func() reflect.Value) {
		list = append(list, choice{words, value})
	}
	convert := func(v any) func() reflect.Value {
		return func() reflect.Value { return reflect.ValueOf(v).Convert(typ) }
	}
	useful, ok := s.useful[typ]
	if ok {
		add(typ.String(), func() reflect.Value {
			v := reflect.New(typ).Elem()
			v.Set(reflect.ValueOf(useful()))
			return v
		})
	}

	switch typ.Kind() {
	case reflect.Bool:
		add("true", convert(true))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		add("1", convert(1))
		add("-1", convert(-1))
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uint:
		add("9", convert(9))
		add("most", convert(^uint64(0)))
	case reflect.String:
		add("text", convert("text"))
	case reflect.Array:
		element := s.best(typ.Elem())
		add("ones", func() reflect.Value {
			v := reflect.New(typ).Elem()
			for i := range v.Len() {
				v.Index(i).Set(element.make())
			}

			return v
		})

	case reflect.Slice:
		for _, element := range s.of(typ.Elem()) {
			add("one "+element.words, func() reflect.Value {
				v := reflect.MakeSlice(typ, 1, 1)
				v.Index(0).Set(element.make())
				return v
			})
		}

		// The useful slice has the useful element.
		if len(list) > 1 {
			list[0], list[1] = list[1], list[0]
		}

	case reflect.Map:
		key, element := s.best(typ.Key()), s.best(typ.Elem())
		add("a map", func() reflect.Value {
			v := reflect.MakeMap(typ)
			v.SetMapIndex(key.make(), element.make())
			return v
		})

		add("a map of zero", func() reflect.Value {
			v := reflect.MakeMap(typ)
			v.SetMapIndex(key.make(), reflect.Zero(typ.Elem()))
			return v
		})

	case reflect.Pointer:
		list = append(list, s.pointers(typ)...)
	case reflect.Struct:
		list = append(list, s.structs(typ, !ok)...)
	case reflect.Func:
		list = append(list, s.functions(typ))
	case reflect.Interface:
		list = append(list, s.implementations(typ)...)
	}

	return list
}

// best returns a useful value of a type, or its zero value. It is chosen before
// values are created, so a recursive type ends.
func (s *samples) best(typ reflect.Type) choice {
	list := s.of(typ)
	return list[min(1, len(list)-1)]
}

// pointers returns pointers to every value of a type. Structs of other modules
// are never zero: this module does not control what they do then.
func (s *samples) pointers(typ reflect.Type) (list []choice) {
	element := typ.Elem()
	if element.Kind() == reflect.Struct && !strings.HasPrefix(element.PkgPath(), module) {
		return nil
	}

	choices := s.of(element)
	if len(choices) > 1 {
		choices = append(append([]choice{choices[1]}, choices[0]), choices[2:]...)
	}

	for _, c := range choices {
		list = append(list, choice{"pointer to " + c.words, func() reflect.Value {
			v := reflect.New(element)
			v.Elem().Set(c.make())
			return v
		}})
	}

	return list
}

// structs returns a struct with useful fields, unless there is a better value,
// and structs with one exported field of any other value.
func (s *samples) structs(typ reflect.Type, filled bool) (list []choice) {
	if !strings.HasPrefix(typ.PkgPath(), module) {
		return nil
	}

	fields := make([]choice, typ.NumField())
	for i := range fields {
		fields[i] = s.best(typ.Field(i).Type)
	}

	useful := func() reflect.Value {
		v := reflect.New(typ).Elem()
		for i, f := range fields {
			if typ.Field(i).IsExported() {
				v.Field(i).Set(f.make())
			}
		}

		return v
	}
	if filled {
		list = append(list, choice{typ.String(), useful})
	} else {
		useful = func() reflect.Value {
			v := reflect.New(typ).Elem()
			v.Set(reflect.ValueOf(s.useful[typ]()))
			return v
		}
	}

	for i := range typ.NumField() {
		f := typ.Field(i)
		if !f.IsExported() {
			continue
		}

		for at, c := range s.of(f.Type) {
			if at == 1 && filled {
				continue
			}

			list = append(list,
				choice{fmt.Sprintf("%s with %s %s", typ, f.Name, c.words), func() reflect.Value {
					v := reflect.New(typ).Elem()
					v.Set(useful())
					v.Field(i).Set(c.make())
					return v
				}})
		}
	}

	return list
}

// functions returns functions that return useful results and no errors for any
// arguments.
func (s *samples) functions(typ reflect.Type) choice {
	results := make([]choice, typ.NumOut())
	for i := range results {
		out := typ.Out(i)
		if results[i] = s.best(out); out == reflect.TypeFor[error]() {
			results[i] = s.of(out)[0]
		}
	}

	return choice{"a function", func() reflect.Value {
		return reflect.MakeFunc(typ, func([]reflect.Value) []reflect.Value {
			values := make([]reflect.Value, len(results))
			for i, r := range results {
				values[i] = r.make()
			}

			return values
		})
	}}
}

// implementations returns values of the module's types that implement an
// interface, nil pointers among them.
func (s *samples) implementations(typ reflect.Type) (list []choice) {
	if typ.NumMethod() == 0 {
		return []choice{{"text", func() reflect.Value { return reflect.ValueOf("text") }}}
	}

	if !strings.HasPrefix(typ.PkgPath(), module) {
		return nil
	}

	for _, name := range sortedKeys(surfaceTypes) {
		value := surfaceTypes[name]
		for _, t := range []reflect.Type{value, reflect.PointerTo(value)} {
			if !t.Implements(typ) || t.Kind() == reflect.Pointer && t.Elem().Implements(typ) {
				continue
			}

			list = append(list, s.best(t), s.of(t)[0])
		}
	}

	return list
}
