package worldtest

import (
	"fmt"
	"reflect"
	"time"
)

// Leaves lists everything that a value holds, exported or not, by the way that
// leads to it. Unlike [Alike] it takes no notice of what is empty: a list without
// items is as good as none. Functions are left out.
func Leaves(value any) map[string]string {
	leaves := map[string]string{}
	collect(leaves, "", reflect.ValueOf(value))
	return leaves
}

func collect(leaves map[string]string, at string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Func:
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			collect(leaves, at, v.Elem())
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() { // whose place in the world does not count
			leaves[at] = fmt.Sprint(v.FieldByName("wall"), v.FieldByName("ext"))
			return
		}
		if objects, isShelf := onShelf(v); isShelf {
			for i, object := range objects {
				collect(leaves, fmt.Sprintf("%s[%d]", at, i), object)
			}
			return
		}
		if isPlace(v.Type()) {
			return
		}
		for i := range v.NumField() {
			collect(leaves, at+"."+v.Type().Field(i).Name, v.Field(i))
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			collect(leaves, fmt.Sprintf("%s[%d]", at, i), v.Index(i))
		}
	case reflect.Map:
		for key, item := range v.Seq2() {
			collect(leaves, fmt.Sprintf("%s[%v]", at, key), item)
		}
	default:
		leaves[at] = fmt.Sprint(v)
	}
}
