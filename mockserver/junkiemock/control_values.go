package junkiemock

import (
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"strconv"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// reference is how a document names an object of the account: by its number or,
// as a string, by its name. It is written as the number. The zero value names
// none.
type reference struct {
	id   int64
	name string
}

// referTo returns the reference to the object of a number; nil: to none.
func referTo(id int64) *reference {
	if id == 0 {
		return nil
	}
	return &reference{id: id}
}

// MarshalJSON writes the number, or a name that was not looked up.
func (r reference) MarshalJSON() ([]byte, error) {
	if r.name != "" {
		return json.Marshal(r.name)
	}
	return json.Marshal(r.id)
}

// UnmarshalJSON reads a number or a name.
func (r *reference) UnmarshalJSON(raw []byte) error {
	*r = reference{}
	if raw[0] == '"' {
		return json.Unmarshal(raw, &r.name)
	}
	err := json.Unmarshal(raw, &r.id)
	if err == nil && r.id < 1 {
		err = errors.New("no number of an object")
	}
	return err
}

// Wants says what is to be sent.
func (*reference) Wants() string { return "an id, or a name as a string" }

// named is an object with a name, by which references find it.
type named interface {
	top() (id, userID int64)
	label() string
}

// called returns the objects that have a name.
func called[T named](among iter.Seq[T], name string) (list []T) {
	for o := range among {
		if o.label() == name {
			list = append(list, o)
		}
	}
	return list
}

// refer returns the number that a reference means; 0: none. Whether there is
// something of a number that was given as such is not looked at.
func refer[T interface {
	object[T]
	named
}](in *table[T], pointer string, userID int64, r *reference) (int64, error) {
	if r == nil || r.name == "" {
		return r.number(), nil
	}
	o, err := core.Refer(pointer, in.place(), r.name, called(slices.Values(in.of(userID)), r.name))
	if err != nil {
		return 0, err
	}
	id, _ := o.top()
	return id, nil
}

func (r *reference) number() int64 {
	if r == nil {
		return 0
	}
	return r.id
}

// wholeMinutes is a span of time that is given as a text, and never shown: what a
// key shows is its number of minutes.
type wholeMinutes struct {
	minutes int64
	given   bool
}

// IsZero reports whether no span was given.
func (m wholeMinutes) IsZero() bool { return !m.given }

// MarshalJSON writes the span as it can be given.
func (m wholeMinutes) MarshalJSON() ([]byte, error) {
	return json.Marshal(strconv.FormatInt(m.minutes, 10) + "m")
}

// UnmarshalJSON reads a span that is not negative and has no seconds.
func (m *wholeMinutes) UnmarshalJSON(raw []byte) error {
	var span core.Duration
	if err := span.UnmarshalJSON(raw); err != nil {
		return err
	}
	if span < 0 || time.Duration(span)%time.Minute != 0 {
		return errors.New("no number of minutes")
	}
	*m = wholeMinutes{int64(time.Duration(span) / time.Minute), true}
	return nil
}

// Wants says what is to be sent.
func (*wholeMinutes) Wants() string {
	return `a duration in whole minutes such as "90m", "25h" or "30d"; "0s" is for ever`
}
