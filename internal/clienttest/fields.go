package clienttest

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/keysmith-go/keysmith/internal/wire"
)

// Fields proves that converters leave nothing out.
type Fields struct {
	// Samples are values that are not zero, of types that have no obvious one,
	// such as a package's own Opt.
	Samples []any

	// Ignored tells for "Type.Field" why nothing is made of it. Every entry
	// must be needed.
	Ignored map[string]string
}

// Answers asserts that each field of a wire type changes what its converter
// makes of it. A converter is a function with one argument, a pointer to the
// wire type; complete sets in such a pointer what an answer cannot lack.
func (f Fields) Answers(t *testing.T, complete func(w any), converters ...any) {
	t.Helper()
	for _, converter := range converters {
		convert := reflect.ValueOf(converter)
		wireType := convert.Type().In(0).Elem()
		run := func(set func(w reflect.Value)) any {
			w := reflect.New(wireType)
			complete(w.Interface())
			set(w.Elem())
			return convert.Call([]reflect.Value{w})[0].Interface()
		}
		base := run(func(reflect.Value) {})
		for i := range wireType.NumField() {
			field := wireType.Field(i)
			if field.Type == reflect.TypeFor[wire.Unread]() { // as the document says
				continue
			}
			mapped := !reflect.DeepEqual(base, run(func(w reflect.Value) { w.Field(i).Set(f.sample(t, field.Type)) }))
			f.settle(t, wireType.Name()+"."+field.Name, mapped)
		}
	}
	assert.Empty(t, f.Ignored, "listed as ignored, but not a field")
}

// Requests asserts that each field of some parameters sets a field of its own
// in the wire type, and that each field of the wire type can be set. A
// converter is a function with one argument, a pointer to the parameters.
func (f Fields) Requests(t *testing.T, converters ...any) {
	t.Helper()
	for _, converter := range converters {
		convert := reflect.ValueOf(converter)
		paramsType := convert.Type().In(0).Elem()
		toWire := func(params reflect.Value) reflect.Value { return convert.Call([]reflect.Value{params})[0] }
		base := toWire(reflect.New(paramsType))
		reached := map[string]bool{}
		for i := range paramsType.NumField() {
			params := reflect.New(paramsType)
			params.Elem().Field(i).Set(f.sample(t, paramsType.Field(i).Type))
			w := toWire(params)
			before := len(reached)
			for j := range w.NumField() {
				if !reflect.DeepEqual(w.Field(j).Interface(), base.Field(j).Interface()) {
					reached[w.Type().Field(j).Name] = true
				}
			}
			assert.Equal(t, before+1, len(reached), "%s.%s sets one field of its own", paramsType.Name(), paramsType.Field(i).Name)
		}
		for j := range base.NumField() {
			name := base.Type().Field(j).Name
			f.settle(t, base.Type().Name()+"."+name, reached[name])
		}
	}
	assert.Empty(t, f.Ignored, "listed as ignored, but not a field")
}

// settle asserts that a field is either mapped or ignored for a reason.
func (f Fields) settle(t *testing.T, name string, mapped bool) {
	t.Helper()
	_, skip := f.Ignored[name]
	assert.Equal(t, !skip, mapped, "%s: mapped, or listed as ignored", name)
	delete(f.Ignored, name)
}

// sample returns a value that is not zero.
func (f Fields) sample(t *testing.T, typ reflect.Type) reflect.Value {
	t.Helper()
	common := []any{
		time.Hour, time.Unix(1_767_225_600, 0).UTC(), json.RawMessage(`{"a":1}`),
		wire.Time{Time: time.Unix(1_767_225_600, 0).UTC()}, wire.Set("x"), wire.Set[int64](7), wire.Set(true),
	}
	for _, sample := range append(common, f.Samples...) {
		if reflect.TypeOf(sample) == typ {
			return reflect.ValueOf(sample)
		}
	}
	v := reflect.New(typ).Elem()
	switch typ.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.String:
		v.SetString("x")
	case reflect.Pointer:
		v.Set(reflect.New(typ.Elem()))
		v.Elem().Set(f.sample(t, typ.Elem()))
	case reflect.Slice:
		v.Set(reflect.Append(v, f.sample(t, typ.Elem())))
	case reflect.Struct:
		if typ.Field(0).IsExported() {
			v.Field(0).Set(f.sample(t, typ.Field(0).Type))
			break
		}
		fallthrough
	default:
		t.Fatalf("there is no sample of %v: give one in Samples", typ)
	}
	return v
}
