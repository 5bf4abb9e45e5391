package core

import (
	"iter"
	"slices"
	"sort"
)

// ranks are rows in an order. They lie in pieces, so that a row comes and goes at
// the price of a piece, however many rows there are, and the row at a place is found
// without a look at those before it. A nil pointer has none.
type ranks struct {
	pieces [][]uint32 // none is empty
	n      int
}

// pieceSize is how many rows a piece has at most: 4 KiB of them.
const pieceSize = 1024

// compareRows compares two different rows by what they stand for.
type compareRows func(a, b uint32) int

func (r *ranks) len() int {
	if r == nil {
		return 0
	}
	return r.n
}

// add puts a row where it belongs, which usually is the end.
func (r *ranks) add(row uint32, compare compareRows) {
	r.n++
	last := len(r.pieces) - 1
	switch {
	case last < 0:
		r.pieces = append(r.pieces, []uint32{row})
	case compare(r.end(last), row) > 0:
		r.insert(row, compare)
	case len(r.pieces[last]) < pieceSize:
		r.pieces[last] = append(r.pieces[last], row)
	default:
		r.pieces = append(r.pieces, append(make([]uint32, 0, pieceSize), row))
	}
}

// end is the last row of a piece.
func (r *ranks) end(piece int) uint32 { return r.pieces[piece][len(r.pieces[piece])-1] }

// insert puts a row before one that is there.
func (r *ranks) insert(row uint32, compare compareRows) {
	i, at := r.find(row, compare)
	if len(r.pieces[i]) >= pieceSize {
		half := len(r.pieces[i]) / 2
		r.pieces = slices.Insert(r.pieces, i+1, slices.Clone(r.pieces[i][half:]))
		r.pieces[i] = slices.Clone(r.pieces[i][:half])
		i, at = r.find(row, compare)
	}
	r.pieces[i] = slices.Insert(r.pieces[i], at, row)
}

// remove takes out a row that is there.
func (r *ranks) remove(row uint32, compare compareRows) {
	r.n--
	i, at := r.find(row, compare)
	r.pieces[i] = slices.Delete(r.pieces[i], at, at+1)
	switch {
	case len(r.pieces[i]) == 0:
		r.pieces = slices.Delete(r.pieces, i, i+1)
	case i+1 < len(r.pieces) && len(r.pieces[i])+len(r.pieces[i+1]) <= pieceSize/2:
		r.pieces[i] = append(r.pieces[i], r.pieces[i+1]...)
		r.pieces = slices.Delete(r.pieces, i+1, i+2)
	}
}

// find returns the place of a row that is not behind all others.
func (r *ranks) find(row uint32, compare compareRows) (piece, at int) {
	piece = sort.Search(len(r.pieces), func(i int) bool { return compare(r.end(i), row) >= 0 })
	at, _ = slices.BinarySearchFunc(r.pieces[piece], row, compare)
	return piece, at
}

// before counts the rows for which something holds, which are the first.
func (r *ranks) before(holds func(row uint32) bool) (n int) {
	piece := sort.Search(len(r.pieces), func(i int) bool { return !holds(r.end(i)) })
	for _, rows := range r.pieces[:piece] {
		n += len(rows)
	}
	if piece == len(r.pieces) {
		return n
	}
	return n + sort.Search(len(r.pieces[piece]), func(i int) bool { return !holds(r.pieces[piece][i]) })
}

// at returns where the row of a rank lies; it looks from the nearer end.
func (r *ranks) at(rank int) (piece, at int) {
	if rank < r.n/2 {
		for rank >= len(r.pieces[piece]) {
			rank -= len(r.pieces[piece])
			piece++
		}
		return piece, rank
	}
	piece, at = len(r.pieces)-1, r.n-rank
	for at > len(r.pieces[piece]) {
		at -= len(r.pieces[piece])
		piece--
	}
	return piece, len(r.pieces[piece]) - at
}

// forward goes through the rows from a rank on.
func (r *ranks) forward(rank int) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		if rank >= r.len() {
			return
		}
		piece, at := r.at(rank)
		for ; piece < len(r.pieces); piece, at = piece+1, 0 {
			for _, row := range r.pieces[piece][at:] {
				if !yield(row) {
					return
				}
			}
		}
	}
}

// span goes through the rows from a rank on and as far as another.
func (r *ranks) span(first, end int) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for row := range r.forward(first) {
			if first == end || !yield(row) {
				return
			}
			first++
		}
	}
}

// list are all rows.
func (r *ranks) list() []uint32 {
	rows := make([]uint32, 0, r.len())
	if r != nil {
		for _, piece := range r.pieces {
			rows = append(rows, piece...)
		}
	}
	return rows
}

// common keeps those of some rows that are here, too. Both must be ascending.
func (r *ranks) common(rows []uint32) []uint32 {
	if r == nil {
		return nil
	}
	kept := rows[:0]
	for _, piece := range r.pieces {
		for _, row := range piece {
			for len(rows) > 0 && rows[0] < row {
				rows = rows[1:]
			}
			if len(rows) == 0 {
				return kept
			}
			if rows[0] == row {
				kept = append(kept, row)
			}
		}
	}
	return kept
}

// backward goes through the rows from the end, but for so many of them.
func (r *ranks) backward(skip int) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		if skip >= r.len() {
			return
		}
		piece, at := r.at(r.n - 1 - skip)
		for {
			for rows := r.pieces[piece]; at >= 0; at-- { // slices.Backward would call for each
				if !yield(rows[at]) {
					return
				}
			}
			if piece--; piece < 0 {
				return
			}
			at = len(r.pieces[piece]) - 1
		}
	}
}
