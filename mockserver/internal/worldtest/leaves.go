package worldtest

import (
	"fmt"
	"reflect"
	"time"
)

// Leaves lists everything that a value holds, exported or not, by the way that
// leads to it, and tells which fields of which types it met and whether each held
// something at least once. Functions are left out.
func Leaves(value any) (leaves map[string]string, fields map[string]bool) {
	w := &walker{map[string]string{}, map[string]bool{}}
	w.walk("", reflect.ValueOf(value))
	return w.leaves, w.fields
}

type walker struct {
	leaves map[string]string
	fields map[string]bool
}

func (w *walker) walk(at string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Func:
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			w.walk(at, v.Elem())
		}
	case reflect.Struct:
		w.walkStruct(at, v)
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			w.walk(fmt.Sprintf("%s[%d]", at, i), v.Index(i))
		}
	case reflect.Map:
		for key, item := range v.Seq2() {
			w.walk(fmt.Sprintf("%s[%v]", at, key), item)
		}
	default:
		w.leaves[at] = fmt.Sprint(v)
	}
}

func (w *walker) walkStruct(at string, v reflect.Value) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		w.leaves[at] = fmt.Sprint(v.FieldByName("wall"), v.FieldByName("ext"))
		return
	}
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		field := v.Type().String() + "." + name
		w.fields[field] = w.fields[field] || !v.Field(i).IsZero()
		w.walk(at+"."+name, v.Field(i))
	}
}
