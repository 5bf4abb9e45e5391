package core

import (
	"slices"
	"strings"
)

// Text is a property of which lists ask for a part of a text: each object has any
// number of them. What is asked for is looked up by its trigrams, so that a list
// looks at those objects only that have all of them. A part of one or two bytes has
// none: it is found by all trigrams that it is a part of.
type Text[T Shelved] struct {
	some func(object T, holds func(text string) bool) bool
	fold func(string) string
}

// TextOf is the text of which some reports whether something holds for one of an
// object's texts. Texts and parts are compared as fold makes them; nil: as they are.
func TextOf[T Shelved](some func(object T, holds func(text string) bool) bool, fold func(string) string) *Text[T] {
	if fold == nil {
		fold = func(text string) string { return text }
	}
	return &Text[T]{some, fold}
}

// Contains is the condition that a text of an object has a part.
func (x *Text[T]) Contains(part string) Condition[T] {
	part = x.fold(part)
	holds := func(text string) bool { return strings.Contains(x.fold(text), part) }
	c := If(func(object T) bool { return x.some(object, holds) })
	if part != "" {
		c.find = func(s *Shelf[T]) found {
			known := indexBy(s, x, func() *textIndex[T] { return &textIndex[T]{of: x, rows: map[gram]*rowSet{}} })
			if len(part) < gramSize {
				return known.findAround(s, part)
			}
			return known.find(part)
		}
	}
	return c
}

// gram is three bytes of a text.
type gram [gramSize]byte

const gramSize = 3

// textIndex has the rows of every gram. To keep the rows of a text with 36 bytes,
// it takes some 75.
type textIndex[T Shelved] struct {
	of    *Text[T]
	rows  map[gram]*rowSet
	short rowSet // of texts that have no gram
}

func (x *textIndex[T]) put(_ *Shelf[T], object T) {
	row := object.shelved().row
	x.each(object, func(g gram) {
		if x.rows[g] == nil {
			x.rows[g] = &rowSet{}
		}
		x.rows[g].add(row)
	})
	if x.hasShort(object) {
		x.short.add(row)
	}
}

func (x *textIndex[T]) drop(_ *Shelf[T], object T) {
	row := object.shelved().row
	x.each(object, func(g gram) {
		if rows := x.rows[g]; rows != nil { // else it is there twice
			if rows.remove(row); rows.n == 0 {
				delete(x.rows, g)
			}
		}
	})
	x.short.remove(row)
}

func (x *textIndex[T]) hasShort(object T) bool {
	return x.of.some(object, func(text string) bool {
		text = x.of.fold(text)
		return text != "" && len(text) < gramSize
	})
}

func (x *textIndex[T]) same(was, is T) bool { return slices.Equal(x.texts(was), x.texts(is)) }

func (x *textIndex[T]) texts(object T) (all []string) {
	x.of.some(object, func(text string) bool {
		all = append(all, text)
		return false
	})
	return all
}

// each does something with the grams of an object; with some more than once.
func (x *textIndex[T]) each(object T, do func(gram)) {
	x.of.some(object, func(text string) bool {
		for g := range grams(x.of.fold(text)) {
			do(g)
		}
		return false
	})
}

func grams(text string) func(yield func(gram) bool) {
	return func(yield func(gram) bool) {
		for i := range len(text) - gramSize + 1 {
			if !yield(gram([]byte(text[i : i+gramSize]))) {
				return
			}
		}
	}
}

// find looks a part up that has grams.
func (x *textIndex[T]) find(part string) found {
	var sets []*rowSet
	for g := range grams(part) {
		set := x.rows[g]
		if set == nil {
			return found{}
		}
		sets = append(sets, set)
	}
	slices.SortFunc(sets, func(a, b *rowSet) int { return a.n - b.n })
	return found{most: sets[0].n, loose: len(sets) > 1, rows: func() []uint32 {
		rows := sets[0].list()
		for _, set := range sets[1:] {
			rows = set.common(rows)
		}
		return rows
	}}
}

// findAround looks a part up that is too short to have grams. Texts as short as it is
// have none either, and are yet to be looked at.
func (x *textIndex[T]) findAround(s *Shelf[T], part string) found {
	sets := []*rowSet{&x.short}
	most := x.short.n
	for g, set := range x.rows {
		if strings.Contains(string(g[:]), part) {
			sets = append(sets, set)
			most += set.n
		}
	}
	return found{most: most, loose: x.short.n > 0, rows: func() []uint32 {
		return s.ascending(most, func(add func(row uint32)) {
			for _, set := range sets {
				set.each(add)
			}
		})
	}}
}
