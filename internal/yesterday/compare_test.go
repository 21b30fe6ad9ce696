package yesterday_test

import (
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"strings"

	"github.com/sanctum-go/sanctum/accounts"
	oldquote "github.com/sanctum-go/sanctum/internal/yesterday/quote"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// added are fields of today's answers that yesterday's engine did not know, by
// type and name. They are not compared.
var added = map[string]bool{"Info.Floor": true, "Info.FloorErr": true}

// difference is where two answers part.
type difference struct{ at, yesterday, today string }

func (d difference) String() string {
	return fmt.Sprintf("%s\n    yesterday: %s\n    today:     %s", d.at, d.yesterday, d.today)
}

// comparison collects differences.
type comparison struct {
	found []difference
	seen  *statistics
}

func (c *comparison) differs(at string, yesterday, today any) {
	c.found = append(c.found, difference{at, fmt.Sprint(yesterday), fmt.Sprint(today)})
}

// plain compares two values of any comparable type.
func plain[T comparable](c *comparison, at string, yesterday, today T) {
	if yesterday != today {
		c.differs(at, yesterday, today)
	}
}

var (
	errorType = reflect.TypeFor[error]()
	ratType   = reflect.TypeFor[*big.Rat]()
	sideType  = reflect.TypeFor[route.Side]()
)

// values compares all exported fields of two values, which may be of types of
// the same shape from both engines.
func (c *comparison) values(at string, yesterday, today reflect.Value) {
	y, n := yesterday, today
	switch {
	case y.Type() == errorType:
		c.errors(at, asError(y), asError(n))
		return
	case y.Type() == ratType && n.Type() == ratType:
		if a, b := fmt.Sprint(y.Interface()), fmt.Sprint(n.Interface()); a != b {
			c.differs(at, a, b)
		}
		return
	case y.Type() == n.Type() && !strings.Contains(y.Type().String(), "["):
		if !reflect.DeepEqual(y.Interface(), n.Interface()) {
			c.differs(at, fmt.Sprintf("%+v", y.Interface()), fmt.Sprintf("%+v", n.Interface()))
		}
		return
	case y.Kind() != n.Kind():
		c.differs(at+" (type)", y.Type(), n.Type())
		return
	}

	switch y.Kind() {
	case reflect.Struct:
		c.fields(at, y, n)
	case reflect.Slice, reflect.Array:
		if y.Len() != n.Len() {
			c.differs(
				at+" (length)",
				fmt.Sprintf("%d: %+v", y.Len(), y.Interface()),
				fmt.Sprintf("%d: %+v", n.Len(), n.Interface()),
			)
			return
		}
		for i := range y.Len() {
			c.values(fmt.Sprintf("%s[%d]", at, i), y.Index(i), n.Index(i))
		}
	case reflect.Pointer:
		if y.IsNil() || n.IsNil() {
			plain(c, at+" (nil)", y.IsNil(), n.IsNil())
			return
		}
		c.values(at, y.Elem(), n.Elem())
	case reflect.Bool:
		plain(c, at, y.Bool(), n.Bool())
	case reflect.String:
		plain(c, at, y.String(), n.String())
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uint:
		plain(c, at, y.Uint(), n.Uint())
		if s, ok := y.Interface().(fmt.Stringer); ok {
			plain(c, at+" (words)", s.String(), fmt.Sprint(n.Interface()))
		}
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Int:
		plain(c, at, y.Int(), n.Int())
	default:
		c.differs(at+" (this test cannot compare the type)", y.Type(), n.Type())
	}
}

// both is [comparison.values] for values as they are.
func (c *comparison) both(at string, yesterday, today any) {
	c.values(at, reflect.ValueOf(yesterday), reflect.ValueOf(today))
}

func asError(v reflect.Value) error {
	err, _ := v.Interface().(error)
	return err
}

// fields compares the exported fields of structs by name.
func (c *comparison) fields(at string, y, n reflect.Value) {
	for i := range y.NumField() {
		f := y.Type().Field(i)
		if !f.IsExported() {
			continue
		}
		other := n.FieldByName(f.Name)
		if !other.IsValid() {
			c.differs(at+"."+f.Name, "a field", "no such field")
			continue
		}
		c.values(at+"."+f.Name, y.Field(i), other)
	}
	for _, f := range plainFields(n.Type()) {
		name := n.Type().Name() + "." + f.Name
		if f.IsExported() && !added[name] && !y.FieldByName(f.Name).IsValid() {
			c.differs(
				at+"."+f.Name,
				"no such field",
				"a field that nobody compares: add "+name+" to the list of what was added",
			)
		}
	}
}

// errors compares two errors as users see them: as text, by errors.Is against
// every sentinel, and by errors.As for the types that tell which pool or account
// is meant.
func (c *comparison) errors(at string, yesterday, today error) {
	if (yesterday == nil) != (today == nil) {
		c.differs(at, yesterday, today)
		return
	}
	if yesterday == nil {
		return
	}

	plain(c, at, yesterday.Error(), today.Error())
	for _, s := range sentinels {
		is := errors.Is(yesterday, s.yesterday)
		if is {
			c.seen.sentinels[s.name]++
		}
		if is != errors.Is(today, s.today) {
			c.differs(at+" is "+s.name, is, !is)
		}
	}

	var oldPool *oldquote.Error
	var pool *quote.Error
	if errors.As(yesterday, &oldPool) != errors.As(today, &pool) {
		c.differs(at+" as *quote.Error", oldPool, pool)
	} else if pool != nil {
		plain(c, at+" Op", oldPool.Op, pool.Op)
		plain(c, at+" Pool", oldPool.Pool, pool.Pool)
		plain(c, at+" Reason", oldPool.Reason.Error(), pool.Reason.Error())
	}
	var oldAccount, account *accounts.DecodeError
	if errors.As(yesterday, &oldAccount) != errors.As(today, &account) {
		c.differs(at+" as *accounts.DecodeError", oldAccount, account)
	} else if account != nil {
		plain(c, at+" account", fmt.Sprintf("%+v", *oldAccount), fmt.Sprintf("%+v", *account))
	}
}
