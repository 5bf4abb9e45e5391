package worldtest

import (
	"reflect"
	"strings"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// isPlace reports whether a type says where an object lies on a shelf, which follows
// from what else was there before and decides nothing.
func isPlace(of reflect.Type) bool { return of == reflect.TypeFor[core.Place]() }

// onShelf returns the objects on a shelf in their order, if this is one: how it keeps
// and finds them is no part of a state.
func onShelf(v reflect.Value) (objects []reflect.Value, isShelf bool) {
	if v.Type().PkgPath() != reflect.TypeFor[core.Place]().PkgPath() || !strings.HasPrefix(v.Type().Name(), "Shelf[") {
		return nil, false
	}
	pieces, pages := v.FieldByName("order").FieldByName("pieces"), v.FieldByName("rows").FieldByName("pages")
	const pageSize = 1024
	for i := range pieces.Len() {
		for j := range pieces.Index(i).Len() {
			row := int(pieces.Index(i).Index(j).Uint())
			objects = append(objects, pages.Index(row/pageSize).FieldByName("objects").Index(row%pageSize))
		}
	}
	return objects, true
}
