package jsonrpc

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"
)

// sampled has a value of each kind that a Reader reads.
type sampled struct {
	Slot     uint64
	Key      solana.PublicKey
	Data     []byte
	Flag     bool
	None     bool
	Elements int
}

func (s *sampled) read(r *Reader) {
	for name := range r.Fields("slot", "key", "data", "flag", "none", "list") {
		switch name {
		case "slot":
			s.Slot = r.Uint64()
		case "key":
			s.Key = r.Key()
		case "data":
			s.Data = r.AccountData()
		case "flag":
			s.Flag = r.Bool()
		case "none":
			s.None = r.Null()
		case "list":
			for range r.List(3) {
				r.Uint64()
				s.Elements++
			}
		}
	}
}

const system = `"11111111111111111111111111111111"`

func TestReader_Reads(t *testing.T) {
	for text, want := range map[string]sampled{
		`{}`: {},
		` { "slot" : 18446744073709551615 , "flag" : true } `: {Slot: 1<<64 - 1,
			Flag: true},
		`{"other":{"slot":[1,{"slot":"x"}]},"slot":7,"":null,"flag":false}`: {Slot: 7},
		`{"key":"So11111111111111111111111111111111111111112"}`:             {Key: solana.MPK("So11111111111111111111111111111111111111112")},
		`{"data":["AQID","base64"],"none":null,"list":[1,2,3]}`: {Data: []byte{1, 2, 3},
			None: true, Elements: 3},
		`{"data":["","base64"],"list":[],"ünïcode":"\u0041"}`:                       {Data: []byte{}},
		`{"key":` + system + `,"a":1e5,"b":-1.5,"c":"\\","d":{"e":1,"e":2},"f":[]}`: {},
	} {
		r := NewReader([]byte(text))
		var got sampled
		got.read(r)
		require.True(t, r.Done(), text)
		require.Equal(t, want, got, text)
	}
}

// TestReader_Refuses gets input that encoding/json refuses or reads
// differently.
func TestReader_Refuses(t *testing.T) {
	long := strings.Repeat("1", 45)
	for _, text := range []string{
		``, ` `, `null`, `7`, `"x"`, `[]`, `{`, `}`, `{]`, `{}x`, `{}{}`, `{} []`, "\ufeff{}",
		`{"slot":1,"slot":2}`, `{"slot":1,"Slot":2}`, `{"SLOT":1}`, `{"\u0073lot":1}`, `{"ſlot":1}`,
		`{"Key":null}`,
		`{"slot":1,}`, `{,"slot":1}`, `{"slot" 1}`, `{"slot":1 "flag":true}`, `{slot:1}`,
		`{'slot':1}`, `{"slot":}`,
		`{"slot":-1}`, `{"slot":1.0}`, `{"slot":1e0}`, `{"slot":01}`,
		`{"slot":18446744073709551616}`, `{"slot":99999999999999999999}`,
		`{"slot":"1"}`, `{"slot":null}`, `{"slot":true}`, `{"slot":[1]}`, `{"slot":{}}`,
		`{"slot":+1}`, `{"slot":NaN}`,
		`{"key":""}`, `{"key":null}`, `{"key":7}`, `{"key":"` + long + `"}`, `{"key":"0OIl"}`,
		`{"key":"11"}`, `{"key":"\u0031"}`,
		`{"key":"1111111111111111111111111111111\u0031"}`,
		`{"data":null}`, `{"data":"AQID"}`, `{"data":[]}`, `{"data":["AQID"]}`,
		`{"data":["AQID","base64",""]}`, `{"data":["AQI","base64"]}`,
		`{"data":["AQID","base58"]}`, `{"data":["AQID","base64+zstd"]}`,
		`{"data":["AQID","Base64"]}`, `{"data":["AQ\u0049D","base64"]}`,
		`{"data":["AQID",null]}`, `{"data":[7,"base64"]}`, `{"data":["\n","base64"]}`,
		`{"data":["AQID","base64"}`, `{"data":{"0":"AQID"}}`,
		`{"flag":null}`, `{"flag":0}`, `{"flag":"true"}`, `{"flag":tru}`, `{"none":0}`,
		`{"none":nul}`,
		`{"list":[1,2,3,4]}`, `{"list":null}`, `{"list":{}}`, `{"list":[1,]}`, `{"list":[1,null]}`,
		`{"list":[1`, `{"list":[1}`,
		"{\"other\":\"\xff\"}", "{\"other\xff\":1}", `{"other":"\ud800"}`, "{\"other\":\"\x01\"}",
		`{"other":01}`, `{"other":[}`,
		`{"other":` + strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001) + `}`,
		`{"other":` + strings.Repeat("[", 1<<20),
	} {
		r := NewReader([]byte(text))
		var got sampled
		got.read(r)
		require.False(t, r.Done(), "%.100q", text)
	}
}

// TestReader_StaysRefused checks that after a refusal all values are zero and
// no loop runs.
func TestReader_StaysRefused(t *testing.T) {
	r := NewReader([]byte(`{"slot":7}`))
	r.Refuse()
	for range r.Fields("slot") {
		require.Fail(t, "a field")
	}

	for range r.List(10) {
		require.Fail(t, "an element")
	}

	require.Zero(t, r.Uint64())
	require.Zero(t, r.Key())
	require.Nil(t, r.AccountData())
	require.False(t, r.Bool())
	require.False(t, r.Null())
	require.False(t, r.Done())

	// An early exit from a loop leaves the input unread.
	r = NewReader([]byte(`{"slot":7}`))
	for range r.Fields("slot") {
		break
	}

	require.False(t, r.Done())
}

// TestReader_Key reads equal neighbors, and different ones of equal length.
func TestReader_Key(t *testing.T) {
	keys := []string{
		"SPoo1Ku8WFXoNDMHPsrGSTSG1Y47rzgn41SLUNakuHy",
		"SPoo1Ku8WFXoNDMHPsrGSTSG1Y47rzgn41SLUNakuHy",
		"SPMBzsVUuoHA4Jm6KunbsotaahvVikZs1JyTW6iJvbn",
		"SPoo1Ku8WFXoNDMHPsrGSTSG1Y47rzgn41SLUNakuHy",
		"11111111111111111111111111111111",
		"11111111111111111111111111111111",
	}

	r := NewReader([]byte(`["` + strings.Join(keys, `","`) + `"]`))
	var got []string
	for range r.List(len(keys)) {
		got = append(got, r.Key().String())
	}

	require.True(t, r.Done())
	require.Equal(t, keys, got)
}

// TestReader_AccountData checks that refused data is nil.
func TestReader_AccountData(t *testing.T) {
	for _, text := range []string{
		`["AQID","base58"]`,
		`["AQID"]`,
		`["AQID","base64",1]`,
		`["AQI","base64"]`,
	} {
		require.Nil(t, NewReader([]byte(text)).AccountData(), text)
	}
}

// TestReader_Copies overwrites the input.
func TestReader_Copies(t *testing.T) {
	text := []byte(`[["AQID","base64"],["BAUG","base64"]]`)
	r := NewReader(text)
	var data [][]byte
	for range r.List(2) {
		data = append(data, r.AccountData())
	}
	require.True(t, r.Done())
	clear(text)
	data[0] = append(data[0], 9) // must not change its neighbor
	require.Equal(t, [][]byte{{1, 2, 3, 9}, {4, 5, 6}}, data)
}

// watched is an Answer that records how it was read.
type watched struct {
	sampled
	pending  sampled
	accepted int
	decoded  int
	fail     error
}

func (w *watched) ReadJSON(r *Reader) {
	w.pending = sampled{}
	w.pending.read(r)
}

func (w *watched) Accept() error {
	w.accepted++
	if w.fail != nil {
		return w.fail
	}
	w.sampled = w.pending
	return nil
}

func (w *watched) UnmarshalJSON(data []byte) error {
	w.decoded++
	var answer struct{ Slot uint64 }
	if err := json.Unmarshal(data, &answer); err != nil {
		return err
	}
	w.Slot = answer.Slot
	return w.fail
}

// TestAnswer_OnePass reads responses with their fields in all orders. An answer
// to another request is never accepted.
func TestAnswer_OnePass(t *testing.T) {
	for _, test := range []struct {
		name string
		body string // ID stands for the id of the request
		// once reports whether one pass is enough.
		once bool
		want error
	}{
		{name: "id first", body: `{"jsonrpc":"2.0","id":ID,"result":{"slot":7}}`, once: true},
		{name: "id last", body: `{"jsonrpc":"2.0","result":{"slot":7},"id":ID}`, once: true},
		{name: "id as a text", body: `{"result":{"slot":7},"id":"ID"}`, once: true},
		{name: "error null", body: `{"error":null,"result":{"slot":7},"id":ID}` + "\n", once: true},
		{name: "extras", body: `{"usage":{"id":1},"result":{"slot":7,"x":[]},"id":ID}`, once: true},
		{name: "another case", body: `{"Result":{"slot":7},"Id":ID}`},
		{name: "a name twice", body: `{"result":{"slot":8},"result":{"slot":7},"id":ID}`},
		{name: "a field in another case", body: `{"result":{"SLOT":7},"id":ID}`},
		{name: "another id", body: `{"result":{"slot":7},"id":1ID}`, want: ErrIDMismatch},
		{name: "no id", body: `{"result":{"slot":7}}`, want: ErrIDMismatch},
		{name: "null", body: `{"result":null,"id":ID}`, want: ErrNoResult},
		{name: "no result", body: `{"id":ID}`, want: ErrNoResult},
		{name: "cut short", body: `{"id":ID,"result":{"slot":7}`, want: ErrBadResponse},
		{name: "more behind", body: `{"id":ID,"result":{"slot":7}}]`, want: ErrBadResponse},
		{name: "wrong type", body: `{"id":ID,"result":{"slot":"7"}}`, want: ErrBadResponse},
	} {
		t.Run(test.name, func(t *testing.T) {
			url := serve(t, func(w http.ResponseWriter, _ *http.Request, c call) {
				fmt.Fprint(w, strings.ReplaceAll(test.body, "ID", string(c.id)))
			})
			client, _ := newClient(t, url, Options{MaxAttempts: 1})
			var answer watched
			err := client.CallForInto(t.Context(), &answer, "getSlot", nil)
			if test.want != nil {
				require.ErrorIs(t, err, test.want)
				require.Zero(t, answer.accepted)
				require.Zero(t, answer.sampled)
				return
			}

			require.NoError(t, err)
			require.Equal(t, uint64(7), answer.Slot)
			require.Equal(t, test.once, answer.accepted == 1)
			require.Equal(t, !test.once, answer.decoded == 1)
		})
	}
}

// TestAnswer_Refusals checks that errors of Accept count like those of
// UnmarshalJSON.
func TestAnswer_Refusals(t *testing.T) {
	other := errors.New("not what was asked for")
	for _, fail := range []error{&NodeBehindError{At: 1, Wanted: 2}, ErrNodeAhead, other} {
		url := serve(t,
			func(w http.ResponseWriter, _ *http.Request, c call) { result(w, c, `{"slot":7}`) })
		client, _ := newClient(t, url, Options{MaxAttempts: 2})
		fast := watched{fail: fail}
		err := client.CallForInto(t.Context(), &fast, "getSlot", nil)
		careful := struct{ json.Unmarshaler }{&watched{fail: fail}} // not an Answer
		want := client.CallForInto(t.Context(), &careful, "getSlot", nil)
		require.EqualError(t, err, want.Error())
		require.Positive(t, fast.accepted)
		require.Zero(t, fast.decoded)

		var failure, wanted *Error
		require.ErrorAs(t, err, &failure)
		require.ErrorAs(t, want, &wanted)
		require.Equal(t, wanted.Temporary(), failure.Temporary())
		require.Equal(t, wanted.Attempts, failure.Attempts)
		require.Equal(t, wanted.distance, failure.distance)
	}
}

// TestAnswer_OnSlot checks the slot before the answer is accepted.
func TestAnswer_OnSlot(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request, c call) {
		result(w, c, `{"context":{"slot":11},"slot":7}`)
	})
	var seen []uint64
	client, _ := newClient(t, url, Options{MaxAttempts: 1, OnSlot: func(slot uint64) error {
		seen = append(seen, slot)
		return ErrNodeAhead
	}})

	var answer watched
	require.ErrorIs(t, client.CallForInto(t.Context(), &answer, "getSlot", nil), ErrNodeAhead)
	require.Equal(t, []uint64{11}, seen)
	require.Zero(t, answer.accepted)
}

// FuzzReadResponse compares the reading in one pass with encoding/json: both
// have the same result for the same request.
func FuzzReadResponse(f *testing.F) {
	c, err := New("https://node.example", Options{})
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, body []byte) {
		var answer watched
		got, ok := readResponse(body, "1", &answer)
		if !ok {
			return
		}

		want, failure := c.core().parse("getSlot", body, "1")
		require.Nil(t, failure)
		require.Equal(t, string(want), string(got))

		var decoded struct {
			Slot uint64
			Key  *string
			Data *[2]string
			Flag bool
			List []uint64
		}

		require.NoError(t, json.Unmarshal(want, &decoded))
		require.Equal(t, decoded.Slot, answer.pending.Slot)
		require.Equal(t, decoded.Flag, answer.pending.Flag)
		require.Len(t, decoded.List, answer.pending.Elements)
		require.Equal(t, decoded.Data != nil, answer.pending.Data != nil)
		if decoded.Key != nil {
			require.Equal(t, *decoded.Key, answer.pending.Key.String())
		}
	})
}
