package worldtest

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Alike asserts that two states are the same down to their unexported fields, that
// what is one object in many places of the one is so in the other, and that they
// have no object in common. In the first no field may be zero everywhere, so that
// none goes unasked. It names fields as "record.metadata", without type parameters.
type Alike struct {
	Apart []string // fields that are not looked at
	Empty []string // fields that are zero everywhere
}

// Check compares a state with what it was.
func (a Alike) Check(t require.TestingT, was, is any) {
	c := comparison{TestingT: t, twins: map[uintptr]uintptr{}, filled: map[string]bool{}, apart: map[string]bool{}}
	for _, name := range a.Apart {
		c.apart[name] = false
	}
	c.compare("state", reflect.ValueOf(was), reflect.ValueOf(is))
	for name, met := range c.apart {
		assert.True(t, met, "there is no field %s", name)
	}
	for _, name := range a.Empty {
		assert.Contains(t, c.filled, name, "there is no such field")
		delete(c.filled, name)
	}
	for name, filled := range c.filled {
		assert.True(t, filled, "%s is zero everywhere: nothing shows that it is kept", name)
	}
}

type comparison struct {
	require.TestingT
	twins  map[uintptr]uintptr // pointers of the one by those of the other
	filled map[string]bool     // whether a field was ever filled
	apart  map[string]bool     // fields that are not looked at, and whether they were met
}

func (c comparison) compare(at string, a, b reflect.Value) {
	switch a.Kind() {
	case reflect.Pointer:
		c.pointers(at, a, b)
	case reflect.Struct:
		c.structs(at, a, b)
	case reflect.Interface:
		require.Equal(c, a.IsNil(), b.IsNil(), at)
		if !a.IsNil() {
			require.Equal(c, a.Elem().Type(), b.Elem().Type(), at)
			c.compare(at, a.Elem(), b.Elem())
		}
	case reflect.Map:
		require.Equal(c, a.Len(), b.Len(), at)
		for _, key := range a.MapKeys() {
			other := b.MapIndex(key)
			require.True(c, other.IsValid(), "%s has no %v", at, key)
			c.compare(fmt.Sprintf("%s[%v]", at, key), a.MapIndex(key), other)
			c.compare(at+" of a key", key, key) // whose fields count as well
		}
	case reflect.Slice, reflect.Array:
		require.Equal(c, a.Len(), b.Len(), at)
		require.Equal(c, a.IsZero(), b.IsZero(), "%s is nil or empty", at)
		for i := range a.Len() {
			c.compare(fmt.Sprintf("%s[%d]", at, i), a.Index(i), b.Index(i))
		}
	case reflect.Func: // code is no state
	default:
		require.True(c, a.Equal(b), "%s is %v, and was %v", at, b, a)
	}
}

func (c comparison) pointers(at string, a, b reflect.Value) {
	require.Equal(c, a.IsNil(), b.IsNil(), at)
	switch {
	case a.IsNil():
		return
	case a.Type() == reflect.TypeFor[*time.Location]():
		require.Equal(c, a.Pointer(), b.Pointer(), at)
		return
	}
	if twin, met := c.twins[a.Pointer()]; met {
		require.Equal(c, twin, b.Pointer(), "%s is another object", at)
		return
	}
	require.NotEqual(c, a.Pointer(), b.Pointer(), "%s is shared", at)
	c.twins[a.Pointer()] = b.Pointer()
	c.compare(at, a.Elem(), b.Elem())
}

func (c comparison) structs(at string, a, b reflect.Value) {
	if objects, isShelf := onShelf(a); isShelf {
		others, _ := onShelf(b)
		require.Len(c, others, len(objects), at)
		for i := range objects {
			c.compare(fmt.Sprintf("%s[%d]", at, i), objects[i], others[i])
		}
		return
	}
	for i := range a.NumField() {
		field := a.Type().Field(i)
		kind, _, _ := strings.Cut(a.Type().Name(), "[")
		name := kind + "." + field.Name
		if field.Name == "_" || isPlace(field.Type) {
			continue
		}
		if _, apart := c.apart[name]; apart {
			c.apart[name] = true
			continue
		}
		if a.Type() != reflect.TypeFor[time.Time]() {
			c.filled[name] = c.filled[name] || !a.Field(i).IsZero()
		}
		c.compare(at+"."+field.Name, a.Field(i), b.Field(i))
	}
}
