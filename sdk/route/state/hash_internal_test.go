package state

import (
	"fmt"
	"hash/fnv"
	"io"
	"reflect"
)

// hashOf returns a hash of everything a snapshot refers to: its accounts, its
// parts with what they point to, and their readers.
func hashOf(s *Snapshot) uint64 {
	h := fnv.New64a()
	seen := make(map[uintptr]bool)
	for i := range s.Addresses() {
		hashValue(h, reflect.ValueOf(s.accounts.at(i)), seen)
		hashValue(h, reflect.ValueOf(s.readers.at(i)), seen)
	}

	for id := range s.ledger.makers {
		hashValue(h, reflect.ValueOf(s.parts.at(id)), seen)
		hashValue(h, reflect.ValueOf(s.links.at(id)), seen)
	}

	hashValue(h, reflect.ValueOf(&s.lockups), seen)

	return h.Sum64()
}

var skipped = map[reflect.Type]bool{
	reflect.TypeFor[*Ledger]():     true,
	reflect.TypeFor[*controller](): true,
}

func hashValue(w io.Writer, v reflect.Value, seen map[uintptr]bool) {
	if !v.IsValid() || skipped[v.Type()] {
		return
	}

	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || seen[v.Pointer()] {
			fmt.Fprint(w, "p", v.IsNil())
			return
		}

		seen[v.Pointer()] = true
		hashValue(w, v.Elem(), seen)

	case reflect.Interface:
		hashValue(w, v.Elem(), seen)
	case reflect.Struct:
		for i := range v.NumField() {
			hashValue(w, v.Field(i), seen)
		}

	case reflect.Slice, reflect.Array:
		fmt.Fprint(w, "l", v.Len())
		if v.Type().Elem().Kind() == reflect.Uint8 {
			for i := range v.Len() {
				_, _ = w.Write([]byte{byte(v.Index(i).Uint())})
			}

			return
		}

		for i := range v.Len() {
			hashValue(w, v.Index(i), seen)
		}

	case reflect.Map:
		sum := uint64(0) // in any order
		for it := v.MapRange(); it.Next(); {
			h := newHash()
			hashValue(h, it.Key(), map[uintptr]bool{})
			hashValue(h, it.Value(), map[uintptr]bool{})
			sum += h.Sum64()
		}

		fmt.Fprint(w, "m", sum)

	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
	default:
		fmt.Fprint(w, v)
	}
}

func newHash() interface {
	io.Writer
	Sum64() uint64
} {
	return fnv.New64a()
}
