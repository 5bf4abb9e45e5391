package core_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// book is what lies on the shelves of these tests.
type book struct {
	core.Place
	id     int
	age    int
	shop   int
	title  string
	notes  []string
	tags   []string
	sold   bool
	lapses time.Time
}

func older(a, b *book) int { return cmp.Compare(a.age, b.age) }

func (b *book) phase(at time.Time) string {
	switch {
	case b.sold:
		return "sold"
	case !b.lapses.IsZero() && !at.Before(b.lapses):
		return "lapsed"
	default:
		return "new"
	}
}

var (
	ofShop  = core.FieldOf(func(b *book) int { return b.shop })
	tagged  = core.FieldOfMany(func(b *book) []string { return b.tags })
	titled  = core.TextOf(func(b *book, holds func(string) bool) bool { return holds(b.title) }, strings.ToLower)
	noted   = core.TextOf(func(b *book, holds func(string) bool) bool { return slices.ContainsFunc(b.notes, holds) }, nil)
	lapsing = core.MomentOf(func(b *book) time.Time { return b.lapses })
	inPhase = core.PhaseOf((*book).phase, func(b *book) time.Time { return b.lapses })
	byTitle = core.OrderOf(func(a, b *book) int { return cmp.Or(strings.Compare(a.title, b.title), cmp.Compare(a.id, b.id)) })
	byShop  = core.OrderOf(func(a, b *book) int { return cmp.Or(cmp.Compare(b.shop, a.shop), cmp.Compare(a.id, b.id)) })
)

// t0 is the middle of the time in which books lapse.
var t0 = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// bookcase is a shelf beside the plainest list that there can be.
type bookcase struct {
	*testing.T
	*rand.Rand
	shelf *core.Shelf[*book]
	plain []*book // the oldest first
	last  int

	orderly bool // what comes is the newest, and remains as old as it is
}

func newBookcase(t *testing.T, seed uint64) *bookcase {
	return &bookcase{T: t, Rand: rand.New(rand.NewPCG(seed, 1)), shelf: core.NewShelf(older)}
}

func (c *bookcase) text() string {
	parts := []string{"ab", "Ab", "éü", "É", "-", "x", "K", "\u212a", "\xff", "ǅ", "7f"}
	var text strings.Builder
	for range c.IntN(6) {
		text.WriteString(parts[c.IntN(len(parts))])
	}
	return text.String()
}

// write makes a book like no other.
func (c *bookcase) write(age int) *book {
	c.last++
	b := &book{id: c.last, age: age, shop: c.IntN(4), title: c.text(), sold: c.IntN(5) == 0}
	for range c.IntN(3) {
		b.notes = append(b.notes, c.text())
		b.tags = append(b.tags, fmt.Sprint(c.IntN(3)))
	}
	if c.IntN(2) == 0 {
		b.lapses = t0.Add(time.Duration(c.IntN(100)-50) * time.Hour)
	}
	return b
}

func (c *bookcase) add(age int) {
	b := c.write(age)
	c.shelf.Add(b)
	at, _ := slices.BinarySearchFunc(c.plain, age+1, func(b *book, age int) int { return cmp.Compare(b.age, age) })
	c.plain = slices.Insert(c.plain, at, b)
}

func (c *bookcase) remove(n int) {
	var gone []*book
	for range min(n, len(c.plain)) {
		at := c.IntN(len(c.plain))
		gone = append(gone, c.plain[at])
		c.plain = slices.Delete(c.plain, at, at+1)
	}
	c.shelf.Remove(gone...)
}

// rewrite replaces a book by another one, some of which are of another age.
func (c *bookcase) rewrite() {
	if len(c.plain) == 0 {
		return
	}
	at := c.IntN(len(c.plain))
	was := c.plain[at]
	before := *was
	is := c.write(was.age)
	if c.IntN(3) > 0 {
		is.title, is.notes, is.lapses = was.title, was.notes, was.lapses
	}
	if is.id = was.id; c.IntN(10) == 0 && !c.orderly {
		is.age = c.IntN(1000)
	}
	c.shelf.Replace(was, is)
	require.Equal(c, before, *was, "what lay there has not changed")
	if is.age == was.age {
		c.plain[at] = is
		return
	}
	c.plain = slices.Delete(c.plain, at, at+1)
	at, _ = slices.BinarySearchFunc(c.plain, is.age+1, func(b *book, age int) int { return cmp.Compare(b.age, age) })
	c.plain = slices.Insert(c.plain, at, is)
}

// question is a filter with what it says, which no index knows.
type question struct {
	name   string
	match  core.Filter[*book]
	accept func(*book) bool
}

func (c *bookcase) question() (q question) {
	at := t0.Add(time.Duration(c.IntN(120)-60) * time.Hour)
	part, shop, tag, phase := c.text(), c.IntN(5), fmt.Sprint(c.IntN(4)), []string{"new", "sold", "lapsed", "", "lost"}[c.IntN(5)]
	lower, bit := strings.ToLower(part), []string{"a", "b-", "xx", "\xff", "k", "é"}[c.IntN(6)]
	var one *book // or one that lies elsewhere, or none
	switch n := c.IntN(len(c.plain) + 2); {
	case n < len(c.plain):
		one = c.plain[n]
	case n == len(c.plain):
		one = &book{}
	}
	var accept []func(*book) bool
	for _, choice := range []struct {
		name  string
		asks  core.Condition[*book]
		holds func(*book) bool
	}{
		{fmt.Sprint("shop ", shop), ofShop.Is(shop), func(b *book) bool { return shop != 0 && b.shop == shop }},
		{"tag " + tag, tagged.Is(tag), func(b *book) bool { return slices.Contains(b.tags, tag) }},
		{fmt.Sprintf("title %q", part), titled.Contains(part), func(b *book) bool { return strings.Contains(strings.ToLower(b.title), lower) }},
		{fmt.Sprintf("note %q", part), noted.Contains(part), func(b *book) bool {
			return slices.ContainsFunc(b.notes, func(n string) bool { return strings.Contains(n, part) })
		}},
		{"either", core.Either(ofShop.Is(shop), tagged.Is(tag), core.Only(one)), func(b *book) bool {
			return shop != 0 && b.shop == shop || slices.Contains(b.tags, tag) || b == one
		}},
		{"both ways", core.Either(noted.Contains(part), ofShop.Is(9)), func(b *book) bool {
			return slices.ContainsFunc(b.notes, func(n string) bool { return strings.Contains(n, part) })
		}},
		{"one way or the other", core.Either(core.Only(one), core.Only(one)), func(b *book) bool { return b == one && one != nil }},
		{"one", core.Only(one), func(b *book) bool { return b == one && one != nil }},
		{"phase " + phase, inPhase.Is(phase, at), func(b *book) bool { return phase != "" && b.phase(at) == phase }},
		{"lapses before", lapsing.Before(at), func(b *book) bool { return !b.lapses.IsZero() && b.lapses.Before(at) }},
		{"lapses after", lapsing.After(at), func(b *book) bool { return !b.lapses.IsZero() && b.lapses.After(at) }},
		{fmt.Sprintf("bit %q", bit), titled.Contains(bit), func(b *book) bool { return strings.Contains(strings.ToLower(b.title), strings.ToLower(bit)) }},
		{"odd", core.If(func(b *book) bool { return b.id%2 == 1 }), func(b *book) bool { return b.id%2 == 1 }},
	} {
		if c.IntN(4) == 0 {
			q.name += choice.name + "; "
			q.match = append(q.match, choice.asks)
			accept = append(accept, choice.holds)
		}
	}
	q.accept = func(b *book) bool {
		return !slices.ContainsFunc(accept, func(holds func(*book) bool) bool { return !holds(b) })
	}
	return q
}

// check asks a question of the shelf and of the plain list.
func (c *bookcase) check() {
	c.Helper()
	q := c.question()
	var want []*book
	for _, b := range slices.Backward(c.plain) {
		if q.accept(b) {
			want = append(want, b)
		}
	}
	selected := c.shelf.Select(q.match...)
	slices.Reverse(selected)
	require.Equal(c, ids(want), ids(selected), q.name)
	require.EqualValues(c, len(want), c.shelf.Count(q.match...), q.name)
	page, limit := int64(1+c.IntN(5)), int64(1+c.IntN(100))
	rows, total := c.shelf.Page(q.match, page, limit)
	require.Equal(c, ids(pageOf(want, page, limit)), ids(rows), q.name)
	require.EqualValues(c, len(want), total, q.name)

	order, compare := byTitle, func(a, b *book) int {
		return cmp.Or(strings.Compare(a.title, b.title), cmp.Compare(a.id, b.id))
	}
	if c.IntN(2) == 0 {
		order, compare = byShop, func(a, b *book) int { return cmp.Or(cmp.Compare(b.shop, a.shop), cmp.Compare(a.id, b.id)) }
	}
	slices.SortFunc(want, compare)
	c.checkAfter(order, q, want)
	rows, total = c.shelf.PageIn(order, q.match, page, limit)
	require.Equal(c, ids(pageOf(want, page, limit)), ids(rows), q.name)
	require.EqualValues(c, len(want), total, q.name)
}

// checkAfter goes on after some book of a sorted list, or from its beginning.
func (c *bookcase) checkAfter(order *core.Order[*book], q question, want []*book) {
	c.Helper()
	limit := 1 + c.IntN(20)
	require.Equal(c, ids(want[:min(limit, len(want))]), ids(c.shelf.After(order, q.match, nil, limit)), q.name)
	if len(want) > 0 {
		at := c.IntN(len(want))
		next := want[at+1 : min(at+1+limit, len(want))]
		require.Equal(c, ids(next), ids(c.shelf.After(order, q.match, want[at], limit)), q.name)
	}
}

func pageOf(all []*book, page, limit int64) []*book {
	first := min((page-1)*limit, int64(len(all)))
	return all[first:min(first+limit, int64(len(all)))]
}

// copies are books without the places where they lie.
func copies(books []*book) []book {
	list := []book{}
	for _, b := range books {
		c := *b
		c.Place = core.Place{}
		list = append(list, c)
	}
	return list
}

func ids(books []*book) []int {
	list := []int{}
	for _, b := range books {
		list = append(list, b.id)
	}
	return list
}

// TestShelf lets anything happen to shelves of every size and compares what they
// find with what a look at every object finds.
func TestShelf(t *testing.T) {
	t.Parallel()
	for seed, size := range []int{0, 1, 7, 100, 2040, 2500, 6000, 60, 3000, 4000} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			t.Parallel()
			c := newBookcase(t, uint64(seed))
			c.orderly = seed%2 == 1
			for n := range size {
				if age := n; c.IntN(10) == 0 && !c.orderly {
					c.add(c.IntN(size + 1))
				} else {
					c.add(age)
				}
			}
			views := map[int]core.View[*book]{}
			were := map[int][]book{}
			for step := range 150 {
				if step%20 == 0 {
					views[step], were[step] = c.shelf.View(), copies(c.plain)
				}
				switch n := c.IntN(6); {
				case n == 0, n == 1 && c.orderly:
					c.add(size + c.last)
				case n == 1:
					c.add(c.IntN(size + 1))
				case n == 2:
					c.remove(1 + c.IntN(3))
				default:
					c.rewrite()
				}
				c.check()
			}
			require.Equal(t, ids(c.plain), ids(slices.Collect(c.shelf.All())))
			require.Equal(t, len(c.plain), c.shelf.Len())
			for step, view := range views {
				require.Equal(t, were[step], copies(view.List()), "as it was in step %d", step)
			}
		})
	}
}

// TestShelfIsReadByMany asks shelves for everything at the same time, of which they
// make their indexes meanwhile.
func TestShelfIsReadByMany(t *testing.T) {
	t.Parallel()
	for i, size := range []int{70, 80, 90, 100, 110, 120, 130, 140, 2100, 2200} {
		c := newBookcase(t, uint64(i))
		for n := range size {
			c.add(n)
		}
		for reader := range 4 {
			t.Run(fmt.Sprint(size, reader), func(t *testing.T) {
				t.Parallel()
				r := *c
				r.T, r.Rand = t, rand.New(rand.NewPCG(uint64(i), uint64(reader)))
				for range 15 {
					r.check()
				}
			})
		}
	}
}

// TestShelfThatNewBooksPassThrough has more objects over time than are ever there at
// once.
func TestShelfThatNewBooksPassThrough(t *testing.T) {
	t.Parallel()
	c := newBookcase(t, 9)
	for n := range 3000 {
		c.add(n)
	}
	for n := range 12_000 {
		c.add(3000 + n)
		c.remove(1)
		if n%500 == 0 {
			c.check()
		}
	}
	view, were := c.shelf.View(), copies(c.plain)
	c.remove(2500)
	c.check()
	require.Equal(t, were, copies(view.List()))
	require.Equal(t, ids(c.plain), ids(slices.Collect(c.shelf.All())))
}

// TestShelfTurnsWithTheClock asks for phases as time goes by in steps large and
// small, and back.
func TestShelfTurnsWithTheClock(t *testing.T) {
	t.Parallel()
	c := newBookcase(t, 3)
	for n := range 3000 {
		c.add(n)
	}
	for _, hours := range []int{-60, -50, -49, -49, 0, 1, 60, 49, -51, 50} {
		at := t0.Add(time.Duration(hours) * time.Hour)
		for _, phase := range []string{"new", "sold", "lapsed"} {
			var want int64
			for _, b := range c.plain {
				if b.phase(at) == phase {
					want++
				}
			}
			require.Equal(t, want, c.shelf.Count(inPhase.Is(phase, at)), "%s at %d", phase, hours)
		}
		c.rewrite()
	}
}

func TestShelfPages(t *testing.T) {
	t.Parallel()
	shelf := core.NewShelf(older)
	for n := range 10 {
		shelf.Add(&book{id: n, age: n})
	}
	even := core.Filter[*book]{core.If(func(b *book) bool { return b.id%2 == 0 })}
	for _, c := range []struct {
		match       core.Filter[*book]
		page, limit int64
		rows        []int
		total       int64
	}{
		{page: 1, limit: 4, rows: []int{9, 8, 7, 6}, total: 10},
		{page: 3, limit: 4, rows: []int{1, 0}, total: 10},
		{page: 4, limit: 4, rows: []int{}, total: 10},
		{page: math.MaxInt64, limit: 100, rows: []int{}, total: 10},
		{match: even, page: 1, limit: 2, rows: []int{8, 6}, total: 5},
		{match: even, page: 3, limit: 2, rows: []int{0}, total: 5},
		{match: even, page: math.MaxInt64, limit: 2, rows: []int{}, total: 5},
		{match: append(even, core.If(func(b *book) bool { return b.id > 5 })), page: 1, limit: 9, rows: []int{8, 6}, total: 2},
	} {
		rows, total := shelf.Page(c.match, c.page, c.limit)
		assert.Equal(t, c.rows, ids(rows))
		assert.Equal(t, c.total, total)
	}
	var none *core.Shelf[*book]
	rows, total := none.Page(even, 1, 10)
	assert.Empty(t, rows)
	assert.Zero(t, total)
	rows, total = none.PageIn(byTitle, even, 1, 10)
	assert.Empty(t, rows)
	assert.Zero(t, total)
	assert.Empty(t, none.After(byTitle, nil, nil, 10))
	assert.Empty(t, none.Select())
	assert.Empty(t, none.View().List())
	assert.Equal(t, shelf.Select(), core.ListAll([]core.View[*book]{none.View(), shelf.View()}))
	assert.Zero(t, none.Count(even...))
	assert.Zero(t, none.Len())
	assert.Empty(t, slices.Collect(none.All()))
}

func TestPages(t *testing.T) {
	t.Parallel()
	for total, want := range map[int64]int64{0: 0, 1: 1, 24: 1, 25: 1, 26: 2} {
		assert.Equal(t, want, core.Pages(total, 25))
	}
}
