package yesterday_test

import (
	"errors"
	"fmt"
	"reflect"

	oldquote "github.com/sanctum-go/sanctum/internal/yesterday/quote"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// counterparts are the types of yesterday's engine behind interfaces, by
// today's.
var counterparts = map[reflect.Type]reflect.Type{
	reflect.TypeFor[quote.WrappedSOLValue](): reflect.TypeFor[oldquote.WrappedSOLValue](),
	reflect.TypeFor[quote.StakePoolValue]():  reflect.TypeFor[oldquote.StakePoolValue](),
	reflect.TypeFor[quote.LidoValue]():       reflect.TypeFor[oldquote.LidoValue](),
	reflect.TypeFor[quote.MarinadeValue]():   reflect.TypeFor[oldquote.MarinadeValue](),
	reflect.TypeFor[quote.FlatFee]():         reflect.TypeFor[oldquote.FlatFee](),
	reflect.TypeFor[quote.FlatSlab]():        reflect.TypeFor[oldquote.FlatSlab](),
}

// convert copies what yesterday's engine knows of a value, by the names of
// exported fields.
func convert[To any](from any) (to To) {
	assign(reflect.ValueOf(&to).Elem(), reflect.ValueOf(from))
	return to
}

// assign sets a value of yesterday's from one of today's.
func assign(to, from reflect.Value) {
	if from.Type() == to.Type() && from.Type() != errorType {
		to.Set(from)
		return
	}
	switch to.Kind() {
	case reflect.Struct:
		for i := range to.NumField() {
			if f := to.Type().Field(i); f.IsExported() {
				assign(to.Field(i), from.FieldByName(f.Name))
			}
		}
	case reflect.Interface:
		assignInterface(to, from)
	case reflect.Map:
		to.Set(reflect.MakeMap(to.Type()))
		for i := from.MapRange(); i.Next(); {
			value := reflect.New(to.Type().Elem()).Elem()
			assign(value, i.Value())
			to.SetMapIndex(i.Key(), value)
		}
	case reflect.Slice:
		to.Set(reflect.MakeSlice(to.Type(), from.Len(), from.Len()))
		for i := range from.Len() {
			assign(to.Index(i), from.Index(i))
		}
	case reflect.Pointer:
		if !from.IsNil() {
			to.Set(reflect.New(to.Type().Elem()))
			assign(to.Elem(), from.Elem())
		}
	case reflect.Func:
		assignFunc(to, from)
	default:
		to.Set(from.Convert(to.Type()))
	}
}

func assignInterface(to, from reflect.Value) {
	switch {
	case from.IsNil():
	case from.Type() == errorType:
		to.Set(reflect.ValueOf(translate(from.Interface().(error))))
	default:
		concrete := from.Elem()
		counterpart, ok := counterparts[concrete.Type()]
		if !ok {
			panic(fmt.Sprintf("yesterday's counterpart of %s is not known", concrete.Type()))
		}
		value := reflect.New(counterpart).Elem()
		assign(value, concrete)
		to.Set(value)
	}
}

// assignFunc makes a function of today's types one of yesterday's. Its arguments
// are of types that both share.
func assignFunc(to, from reflect.Value) {
	to.Set(reflect.MakeFunc(to.Type(), func(args []reflect.Value) (results []reflect.Value) {
		for i, result := range from.Call(args) {
			value := reflect.New(to.Type().Out(i)).Elem()
			assign(value, result)
			results = append(results, value)
		}
		return results
	}))
}

// translated is an error of today's as yesterday's engine would know it.
type translated struct {
	text string
	is   []error
}

func (e *translated) Error() string   { return e.text }
func (e *translated) Unwrap() []error { return e.is }

func translate(err error) error {
	t := &translated{text: err.Error()}
	for _, s := range sentinels {
		if errors.Is(err, s.today) {
			t.is = append(t.is, s.yesterday)
		}
	}
	return t
}
