package worldtest

import (
	"fmt"
	"reflect"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Steer runs a call of the control plane, which is refused by an error. A refused
// one leaves no effect.
func (s *Stage) Steer(op string, do func(*core.Turn) error) error {
	t := s.turn(op)
	if err := do(t); err != nil {
		require.Empty(s, t.Effects, "a refused call has no effect")
		return err
	}
	s.keep(t)
	return nil
}

// CheckKept asserts that two states are the same down to their unexported fields,
// and that what is one object in many places of the one is so in the other. In
// the first nothing may be zero everywhere, so that no field goes unasked; except
// names fields that are, as "record.metadata".
func CheckKept(t require.TestingT, was, is any, except ...string) {
	c := comparison{TestingT: t, twins: map[uintptr]uintptr{}, seen: map[string]bool{}}
	c.compare("state", reflect.ValueOf(was), reflect.ValueOf(is))
	for _, name := range except {
		assert.Contains(t, c.seen, name, "there is no such field")
		delete(c.seen, name)
	}
	for name, filled := range c.seen {
		assert.True(t, filled, "%s is zero everywhere: nothing shows that it is kept", name)
	}
}

type comparison struct {
	require.TestingT
	twins map[uintptr]uintptr // pointers of the one by those of the other
	seen  map[string]bool     // whether a field was ever filled
}

var timeType = reflect.TypeFor[time.Time]()

func (c comparison) compare(at string, a, b reflect.Value) {
	switch a.Kind() {
	case reflect.Pointer:
		c.pointers(at, a, b)
	case reflect.Struct:
		c.structs(at, a, b)
	case reflect.Map:
		require.Equal(c, a.Len(), b.Len(), at)
		for _, key := range a.MapKeys() {
			other := b.MapIndex(key)
			require.True(c, other.IsValid(), "%s has no %v", at, key)
			c.compare(fmt.Sprintf("%s[%v]", at, key), a.MapIndex(key), other)
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
	if a.IsNil() {
		return
	}
	if twin, met := c.twins[a.Pointer()]; met {
		require.Equal(c, twin, b.Pointer(), "%s is another object", at)
		return
	}
	c.twins[a.Pointer()] = b.Pointer()
	c.compare(at, a.Elem(), b.Elem())
}

func (c comparison) structs(at string, a, b reflect.Value) {
	for i := range a.NumField() {
		field := a.Type().Field(i)
		if a.Type() != timeType {
			name := a.Type().Name() + "." + field.Name
			c.seen[name] = c.seen[name] || !a.Field(i).IsZero()
		}
		c.compare(at+"."+field.Name, a.Field(i), b.Field(i))
	}
}
