package core

import (
	"iter"
	"slices"
	"strings"
)

// MaxNotes is how many findings of one kind a request can cause, however much
// it sends.
const MaxNotes = 10

// MaxName is how many bytes of a name a finding shows.
const MaxName = 64

// Vocabulary is what an operation knows by name. Findings say names only, never
// values: what a client sends may be a secret.
type Vocabulary struct {
	What    string            // "field", "query parameter"
	Known   []string          // names that it reads
	Fixed   []string          // names that mean something to the vendor, but that it cannot change
	Aliases map[string]string // wrong names that programs use, as plainName has them, and the vendor's for the same thing
}

// NoteUnknown makes findings of the names that nobody reads, and returns them
// sorted.
func (v Vocabulary) NoteUnknown(t *Turn, sent iter.Seq[string]) []string {
	var unknown []string
	for name := range sent {
		if !slices.Contains(v.Known, name) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	for i, name := range unknown {
		if i == MaxNotes {
			t.Finding("%d more unknown %ss were ignored", len(unknown)-i, v.What)
			break
		}
		v.note(t, name)
	}
	return unknown
}

func (v Vocabulary) note(t *Turn, name string) {
	near := v.nearest(name)
	switch {
	case near != "":
		t.Finding("unknown %s %q was ignored: the vendor's name is %s", v.What, Clip(name, MaxName), near)
	case slices.Contains(v.Fixed, name):
		t.Finding("%s %q was ignored: it cannot be updated", v.What, name)
	default:
		t.Finding("unknown %s %q was ignored", v.What, Clip(name, MaxName))
	}
}

// nearest returns the known name that an unknown one probably means, or "".
func (v Vocabulary) nearest(name string) string {
	plain := plainName(name)
	for _, known := range v.Known {
		if plainName(known) == plain {
			return known
		}
	}
	if alias := v.Aliases[plain]; slices.Contains(v.Known, alias) {
		return alias
	}
	return ""
}

func plainName(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(name))
}

// Clip shortens what a caller sent to what may be kept and shown.
func Clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "..."
}
