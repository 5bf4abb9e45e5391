package core

import "sync"

// Tables are what a vendor's world is known by from the start: the same in every
// world of the vendor, so that servers share them.
type Tables struct {
	Root       string
	Hosts      []string
	Ops        []Op
	Behaviours []Behaviour
	Router     *Router

	rows  map[string]int // places of the behaviours by their ids
	kinds map[string]bool
}

func newTables(w World) *Tables {
	t := &Tables{Root: w.Root(), Hosts: w.Hosts(), Ops: w.Ops(), Behaviours: w.Behaviours(), rows: map[string]int{}, kinds: map[string]bool{}}
	t.Router = NewRouter(t.Ops)
	for i, b := range t.Behaviours {
		t.rows[b.ID] = i
	}
	for _, kind := range w.EffectKinds() {
		t.kinds[kind] = true
	}
	return t
}

// ByID returns the entries of a vendor's own table of operations by their ids. Of
// several with one id it has the first.
func ByID[T any](operations []T, id func(*T) string) map[string]*T {
	byID := make(map[string]*T, len(operations))
	for i := range operations {
		if op := &operations[i]; byID[id(op)] == nil {
			byID[id(op)] = op
		}
	}
	return byID
}

// Row is the place of a behaviour among them.
func (t *Tables) Row(id string) (place int, known bool) {
	place, known = t.rows[id]
	return place, known
}

// HasEffect reports whether the vendor lists a kind of effect.
func (t *Tables) HasEffect(kind string) bool { return t.kinds[kind] }

// shared makes the tables of a registered vendor once.
type shared struct {
	once   sync.Once
	tables *Tables
}

// Tables returns what a world of the vendor is known by.
func (v Vendor) Tables(w World) *Tables {
	if v.shared == nil {
		return newTables(w)
	}
	v.shared.once.Do(func() { v.shared.tables = newTables(w) })
	return v.shared.tables
}
