package route_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// portableText returns the JSON of a quote of the shape, with a fee, a
// recipient and lists that are not empty.
func portableText(t testing.TB, shape route.Shape) string {
	t.Helper()
	market, quotes := portableQuotes(t)
	for _, q := range quotes {
		if q.Portable().Shape != shape || q.Request.To == route.NativeStake ||
			q.Request.SwapMode != route.ExactIn {
			continue
		}

		request := q.Request
		request.IntegratorFee = route.IntegratorFee{
			BPS:     20,
			OnInput: true,
			Account: solana.PublicKey{5},
		}

		request.ComputeUnitPrice = 1_000
		again, _ := market.Quotes(request)
		for _, q := range again {
			if p := q.Portable(); p.Shape == shape && len(p.Fees) > 1 && len(p.Costs) > 0 {
				text, err := json.Marshal(p)
				require.NoError(t, err)
				return string(text)
			}
		}
	}

	require.FailNow(t, "no such quote", shape)

	return ""
}

// edited replaces a value of JSON. It must be there once.
func edited(t *testing.T, text, before, after string) string {
	t.Helper()
	require.Contains(t, text, before)
	return strings.Replace(text, before, after, 1)
}

// fieldText returns the text of a field, for example `"in":"5"`, as it stands.
func fieldText(t *testing.T, text, name string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, `"`+name+`":`)
	require.True(t, ok, name)
	var value json.RawMessage
	require.NoError(t, json.NewDecoder(strings.NewReader(rest)).Decode(&value))
	return `"` + name + `":` + string(value)
}

// TestPortableQuote_UnmarshalStrict checks which JSON is refused, with which
// field.
func TestPortableQuote_UnmarshalStrict(t *testing.T) {
	text := portableText(t, route.ShapeTwoHops)
	field := func(name string) string { return fieldText(t, text, name) }
	const digits = `not a whole number of base units in quotes`
	for _, c := range []struct{ name, before, after, field, reason string }{
		{"another version", `"version":1`, `"version":2`, "version", "this module reads version 1"},
		{"no version", `"version":1,`, ``, "version", "missing"},
		{"a version in quotes", `"version":1`, `"version":"1"`, "version", "not a whole number"},
		{"an unknown field", `"version":1`, `"version":1,"owner":"x"`, "owner", "unknown field"},
		{"an unknown inner field", `"swapMode"`, `"payer":1,"swapMode"`, "request.payer",
			"unknown field"},
		{"a field twice", `"version":1`, `"version":1,"version":1`, "version", "twice"},
		{"an inner field twice", `"slippageBps":50`, `"slippageBps":50,"slippageBps":50`,
			"request.slippageBps", "twice"},
		{"a field in another case", `"minOut":`, `"minout":`, "legs[0].minout",
			"write it as minOut"},
		{"an optional field in another case", `"slippageBps":50`,
			`"slippageBps":50,"useWSOL":true`, "request.useWSOL", "write it as useWsol"},
		{"an amount as a number", field("maxIn"), `"maxIn":5`, "legs[0].maxIn", digits},
		{"a negative amount", field("amount"), `"amount":"-5"`, "request.amount", digits},
		{"an amount with a sign", field("amount"), `"amount":"+5"`, "request.amount", digits},
		{"an amount with leading zeros", field("amount"), `"amount":"05"`, "request.amount",
			digits},
		{"an amount with a point", field("amount"), `"amount":"5.0"`, "request.amount", digits},
		{"an empty amount", field("amount"), `"amount":""`, "request.amount", digits},
		{"no value", field("amount"), `"amount":null`, "request.amount", digits},
		{"an amount over 64 bits", field("amount"), `"amount":"18446744073709551616"`,
			"request.amount", digits},
		{"a slot over 53 bits", field("slot"), `"slot":9007199254740992`, "slot",
			"not a whole number from 0 to 9007199254740991"},
		{"a slot with an exponent", field("slot"), `"slot":1e3`, "slot", "not a whole number"},
		{"a slippage over 100 %", `"slippageBps":50`, `"slippageBps":10001`,
			"request.slippageBps", "from 0 to 10000"},
		{"an unknown word", `"swapMode":"exactIn"`, `"swapMode":"ExactIn"`, "request.swapMode",
			"use one of exactIn, exactOut"},
		{"an unknown check", field("minOutCheck"), `"minOutCheck":"none"`, "minOutCheck",
			"use one of program"},
		{"a number for a word", `"swapMode":"exactIn"`, `"swapMode":0`, "request.swapMode",
			"not a string"},
		{"a bad key", field("from"), `"from":"0OIl"`, "request.from", "base58"},
		{"a short key", field("from"), `"from":"abc"`, "request.from", "base58"},
		{"an escaped key", field("from"), `"from":"\u0031"`, "request.from", "base58"},
		{"a float for a flag", `"exact":true`, `"exact":1`, "exact", "not true or false"},
		{"a rate as a fraction", field("rate"), `"rate":"1/100"`, "fees[0].rate",
			"not a decimal number"},
		{"a price with an exponent", field("price"), `"price":"1e9"`, "price",
			"not a decimal number"},
		{"a list for an object", `"request":{`, `"request":[],"x":{`, "request",
			"not a JSON object"},
		{"an object for a list", `"legs":[`, `"legs":{},"x":[`, "legs", "not a list"},
		{"an empty list", `"fees":[`, `"fees":[],"x":[`, "fees", "not a list of 1 to 32"},
		{"control characters", field("name"), `"name":"a\nb"`, "fees[0].name", "printable"},
		{"an unpaired surrogate", field("name"), `"name":"\ud800"`, "fees[0].name", "printable"},
	} {
		refusePortable(t, c.name, edited(t, text, c.before, c.after), c.field, c.reason)
	}
}

// refusePortable checks the error of JSON, and that the value stays as it is.
func refusePortable(t *testing.T, name, text, field, reason string) {
	t.Helper()
	p := route.PortableQuote{Slot: 77}
	err := p.UnmarshalJSON([]byte(text))
	require.ErrorIs(t, err, route.ErrPortableQuote, name)
	var wrong *route.PortableQuoteError
	require.ErrorAs(t, err, &wrong, name)
	require.Equal(t, field, wrong.Field, "%s: %v", name, err)
	require.Contains(t, wrong.Reason, reason, name)
	require.NotContains(t, err.Error(), "\n", name)
	require.Less(t, len(err.Error()), 300, name)
	require.Equal(t, route.PortableQuote{Slot: 77}, p, name)
	require.Error(t, json.Unmarshal([]byte(text), &p), name)
}

// TestPortableQuote_UnmarshalText checks texts that are wrong as a whole.
func TestPortableQuote_UnmarshalText(t *testing.T) {
	text := portableText(t, route.ShapeDirect)
	for _, c := range []struct{ name, text, reason string }{
		{"nothing", "", "not a JSON object"},
		{"null", "null", "not a JSON object"},
		{"a list", "[]", "not a JSON object"},
		{"text behind it", text + "{}", "text after"},
		{"a bracket behind it", text + "}", "text after"},
		{"too many bytes", "{" + strings.Repeat(" ", route.MaxPortableSize) + text[1:],
			"at most 16384"},
		{"another encoding", strings.Replace(text, "version", "versi\xf6n", 1), "not UTF-8"},
	} {
		refusePortable(t, c.name, c.text, "", c.reason)
	}

	var p route.PortableQuote
	require.NoError(t, p.UnmarshalJSON([]byte(" "+text+"\n")))
	require.Error(t, (*route.PortableQuote)(nil).UnmarshalJSON([]byte(text)))

	var none *route.PortableQuoteError
	require.Equal(t, "<nil>", none.Error())
	require.Nil(t, none.Unwrap())
}

// TestPortableQuote_UnmarshalCut checks that no beginning of the JSON is read,
// and none that lacks one field, unless the field is optional.
func TestPortableQuote_UnmarshalCut(t *testing.T) {
	text := portableText(t, route.ShapeSplit)
	for i := range text {
		var p route.PortableQuote
		require.ErrorIs(t, p.UnmarshalJSON([]byte(text[:i])), route.ErrPortableQuote, i)
	}

	var fields map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(text), &fields))
	for name := range fields {
		less := make(map[string]json.RawMessage)
		for other, value := range fields {
			if other != name {
				less[other] = value
			}
		}

		cut, err := json.Marshal(less)
		require.NoError(t, err)
		var p route.PortableQuote
		err = p.UnmarshalJSON(cut)
		switch name {
		case "fees", "costs", "upfrontRent", "priceImpact":
			require.NoError(t, err, name)
		default:
			require.ErrorIs(t, err, route.ErrPortableQuote, name)
		}
	}
}

// TestPortableQuote_Contradictions checks values that are valid each by itself.
func TestPortableQuote_Contradictions(t *testing.T) {
	var p route.PortableQuote
	for _, c := range []struct {
		shape  route.Shape
		change func()
		field  string
	}{
		{"", func() { p.Version = 0 }, "version"},
		{"", func() { p.Request.Amount = 0 }, "request"},
		{"", func() { p.Request.To = p.Request.From }, "request"},
		{"", func() { p.Request.SwapMode = 2 }, "request"},
		{"", func() { p.Request.IntegratorFee.Amount = 1 }, "request"},
		{"", func() { p.Request.Recipient = p.Request.To }, "request"},
		{"", func() { p.Request.Referrer = solana.PublicKey{9} }, ""},
		{"", func() { p.ValidUntilSlot = p.Slot - 1 }, "validUntilSlot"},
		{"", func() { p.Shape = "ring" }, "shape"},
		{"", func() { p.Legs = nil }, "legs"},
		{"", func() { p.NeedsTwoTransactions = true }, "needsTwoTransactions"},
		{"", func() { p.Legs[0].Venue = "Uniswap" }, "legs[0].venue"},
		{"", func() { p.Legs[0].Amount = 0 }, "legs[0].amount"},
		{"", func() { p.Legs[0].Validators = make([]solana.PublicKey, 9) }, "legs[0].validators"},
		{"", func() { p.Through = solana.PublicKey{9} }, "through"},
		{"", func() { p.MinOut = p.Out + 1 }, "minOut"},
		{"", func() { p.MinOut = 0 }, "minOut"},
		{"", func() { p.MaxIn-- }, "maxIn"},
		{"", func() { p.MaxIn++ }, "maxIn"},
		{"", func() { p.In, p.MaxIn = p.In+1, p.MaxIn+1 }, "in"},
		{"", func() { p.Out++ }, "out"},
		{"", func() { p.MinOut-- }, "minOut"},
		{"", func() { p.Request.IntegratorFee.BPS++ }, "request.amount"},
		{"", func() { p.IntermediateDust = 1 }, "intermediateDust"},
		{"", func() { p.StakeAccounts = []route.PortableStake{{}} }, "stakeAccounts"},
		{route.ShapeTwoHops, func() { p.Legs[1].MaxIn, p.Legs[1].In = 0, 0 }, "legs[1].in"},
		{route.ShapeTwoHops, func() { p.NeedsTwoTransactions = true }, "needsTwoTransactions"},
		{route.ShapeTwoHops, func() { p.Through = p.Request.To }, "through"},
		{route.ShapeTwoHops, func() { p.Through = solana.PublicKey{} }, "through"},
		{route.ShapeTwoHops, func() { p.Through = route.NativeStake }, "through"},
		{route.ShapeTwoHops, func() { p.IntermediateDust++ }, "intermediateDust"},
		{route.ShapeTwoHops, func() { p.Shape = route.ShapeDirect }, "legs"},
		{route.ShapeTwoHops, func() { p.Shape = route.ShapeSplit }, "through"},
		{route.ShapeTwoHops, func() { p.Legs[0].MinOut = p.Legs[1].MaxIn - 1 }, "legs[1].maxIn"},
		{route.ShapeSplit, func() { p.Legs[1].In++ }, "legs[1].maxIn"},
		{route.ShapeSplit, func() { p.Legs[0].Out++ }, "out"},
		{route.ShapeSplit, func() { p.Request.To = route.NativeStake }, "shape"},
		{route.ShapeSplit, func() {
			p.Legs[0].Out, p.Legs[1].Out = 1<<63, 1<<63
		}, "legs"},
	} {
		shape := c.shape
		if shape == "" {
			shape = route.ShapeDirect
		}

		p = route.PortableQuote{}
		require.NoError(t, json.Unmarshal([]byte(portableText(t, shape)), &p))
		p.Expected.IntegratorFee = p.Request.IntegratorFee
		require.NoError(t, p.Check())
		c.change()
		err := p.Check()
		if c.field == "" {
			require.ErrorIs(t, err, route.ErrUnexpectedParty)
			continue
		}

		var wrong *route.PortableQuoteError
		require.ErrorAs(t, err, &wrong, c.field)
		require.Equal(t, c.field, wrong.Field, err)
	}
}

// TestPortableQuote_FeeTakesAll checks fees that leave nothing to trade.
func TestPortableQuote_FeeTakesAll(t *testing.T) {
	var p route.PortableQuote
	require.NoError(t, json.Unmarshal([]byte(portableText(t, route.ShapeDirect)), &p))
	p.Request.IntegratorFee = route.IntegratorFee{
		Amount:  p.Request.Amount,
		OnInput: true,
		Account: solana.PublicKey{5},
	}

	err := p.Check()
	require.ErrorIs(t, err, route.ErrPortableQuote)
	require.ErrorIs(t, err, route.ErrIntegratorFee)
	require.NotErrorIs(t, err, fixed.ErrOverflow)
}

// TestPortableQuote_EveryFieldIsRead checks that the reader knows each field
// that is written: one by one, fields that are set come back.
func TestPortableQuote_EveryFieldIsRead(t *testing.T) {
	p := route.PortableQuote{
		Request: route.PortableRequest{IntegratorFee: route.IntegratorFee{
			Account: solana.PublicKey{1},
		}},
		Legs:          []route.PortableLeg{{}},
		Fees:          []route.PortableFee{{}},
		Costs:         []route.PortableCost{{}},
		StakeAccounts: []route.PortableStake{{}},
	}

	setFields(reflect.ValueOf(&p).Elem())
	text, err := json.Marshal(p)
	require.NoError(t, err)
	require.Equal(t, countTags(reflect.TypeOf(p)), bytes.Count(text, []byte(`":`)))

	p.Version = route.PortableVersion
	text, err = json.Marshal(p)
	require.NoError(t, err)
	err = new(route.PortableQuote).UnmarshalJSON(text)
	var wrong *route.PortableQuoteError
	require.ErrorAs(t, err, &wrong)
	require.NotContains(t, wrong.Reason, "unknown field", "all fields are read before the checks")
	require.Equal(t, "request", wrong.Field)
}

// setFields sets all fields to something that is not zero.
func setFields(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).Tag.Get("json") != "-" {
				setFields(v.Field(i))
			}
		}

	case reflect.Slice:
		if v.Len() == 0 {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		}

		setFields(v.Index(0))

	case reflect.Array:
		v.Set(reflect.ValueOf(accounts.NativeMint))
	case reflect.String:
		v.SetString("1")
	case reflect.Bool:
		v.SetBool(true)
	default:
		v.SetUint(1)
	}
}

// countTags returns the number of fields of a type in JSON, with those of the
// types within it.
func countTags(of reflect.Type) (count int) {
	switch of.Kind() {
	case reflect.Slice:
		return countTags(of.Elem())
	case reflect.Struct:
		for i := range of.NumField() {
			if f := of.Field(i); f.Tag.Get("json") != "-" {
				count += 1 + countTags(f.Type)
			}
		}
	}

	return count
}
