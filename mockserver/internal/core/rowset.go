package core

import (
	"cmp"
	"math/bits"
	"slices"
)

// ascending lists rows of the shelf, which come in any order and may come twice: so
// many at most.
func (s *Shelf[T]) ascending(most int, each func(add func(row uint32))) []uint32 {
	if most < s.rows.n/wordSize {
		rows := make([]uint32, 0, most)
		each(func(row uint32) { rows = append(rows, row) })
		slices.Sort(rows)
		return slices.Compact(rows)
	}
	marks := make([]uint64, s.rows.n/wordSize+1)
	each(func(row uint32) { marks[row/wordSize] |= 1 << (row % wordSize) })
	rows := make([]uint32, 0, min(most, s.rows.n))
	for i, word := range marks {
		for ; word != 0; word &= word - 1 {
			rows = append(rows, uint32(i*wordSize+bits.TrailingZeros64(word)))
		}
	}
	return rows
}

// wordSize is how many rows have their marks in one number. To go over all marks is
// sooner done than to sort more rows than there are numbers.
const wordSize = 64

// rowSet is a set of rows by their numbers: two bytes for each, in parts of those
// that have the upper half of the number in common.
type rowSet struct {
	parts []rowPart
	n     int
}

type rowPart struct {
	upper  uint16
	lowers []uint16 // ascending
}

// part finds the rows that share the upper half of a number, or where they would be.
func (s *rowSet) part(row uint32) (i int, found bool) {
	upper := uint16(row >> 16)
	if n := len(s.parts); n > 0 && s.parts[n-1].upper <= upper { // the usual: a new row
		if s.parts[n-1].upper == upper {
			return n - 1, true
		}
		return n, false
	}
	return slices.BinarySearchFunc(s.parts, upper, func(p rowPart, upper uint16) int { return cmp.Compare(p.upper, upper) })
}

// add takes a row in, unless it is there.
func (s *rowSet) add(row uint32) {
	i, found := s.part(row)
	if !found {
		if i > 0 { // nothing more will come to the last part, as a rule
			s.parts[i-1].lowers = slices.Clone(s.parts[i-1].lowers)
		}
		s.parts = slices.Insert(s.parts, i, rowPart{upper: uint16(row >> 16)})
	}
	lowers, lower := s.parts[i].lowers, uint16(row)
	at := len(lowers)
	if at > 0 && lowers[at-1] >= lower {
		if at, found = slices.BinarySearch(lowers, lower); found {
			return
		}
	}
	s.parts[i].lowers = slices.Insert(lowers, at, lower)
	s.n++
}

// remove takes a row out, if it is there.
func (s *rowSet) remove(row uint32) {
	i, found := s.part(row)
	if !found {
		return
	}
	lowers := s.parts[i].lowers
	at, found := slices.BinarySearch(lowers, uint16(row))
	if !found {
		return
	}
	s.parts[i].lowers = slices.Delete(lowers, at, at+1)
	if len(lowers) == 1 {
		s.parts = slices.Delete(s.parts, i, i+1)
	}
	s.n--
}

// each does something with every row, ascending.
func (s *rowSet) each(do func(row uint32)) {
	for _, p := range s.parts {
		for _, lower := range p.lowers {
			do(uint32(p.upper)<<16 | uint32(lower))
		}
	}
}

// list are all rows, ascending.
func (s *rowSet) list() []uint32 {
	rows := make([]uint32, 0, s.n)
	s.each(func(row uint32) { rows = append(rows, row) })
	return rows
}

// common keeps those of some rows, ascending, that are in the set.
func (s *rowSet) common(rows []uint32) []uint32 {
	kept, parts := rows[:0], s.parts
	var lowers []uint16
	for _, row := range rows {
		for len(parts) > 0 && parts[0].upper < uint16(row>>16) {
			parts, lowers = parts[1:], nil
		}
		if len(parts) == 0 {
			break
		}
		if parts[0].upper > uint16(row>>16) {
			continue
		}
		if lowers == nil {
			lowers = parts[0].lowers
		}
		for len(lowers) > 1 && lowers[0] < uint16(row) {
			lowers = lowers[1:]
		}
		if lowers[0] == uint16(row) {
			kept = append(kept, row)
		}
	}
	return kept
}
