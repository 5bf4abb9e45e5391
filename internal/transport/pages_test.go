package transport

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// list is a vendor's list of numbers, largest first, paged by position; 0 has
// no identity.
type list struct {
	items  []int
	size   int
	mute   bool                    // does not say how many pages there are
	before func(l *list, page int) // what happens before a page is read
	fails  map[int]error           // by page
	asked  []int                   // pages
}

func (l *list) pages(first int) Pages[int, int] {
	return Pages[int, int]{
		First:    first,
		Fetch:    l.fetch,
		Identity: func(n int) int { return n },
		Endless:  func(int) error { return errEndless },
	}
}

var errEndless = errors.New("endless")

func (l *list) fetch(page int) (items []int, count int, err error) {
	l.asked = append(l.asked, page)
	if err := l.fails[page]; err != nil {
		return nil, 0, err
	}
	if l.before != nil {
		l.before(l, page)
	}
	from := min((page-1)*l.size, len(l.items))
	if !l.mute {
		count = (len(l.items) + l.size - 1) / l.size
	}
	return l.items[from:min(from+l.size, len(l.items))], count, nil
}

// down returns n numbers from high to low.
func down(high, n int) []int {
	numbers := make([]int, n)
	for i := range numbers {
		numbers[i] = high - i
	}
	return numbers
}

func collect(t *testing.T, p Pages[int, int]) []int {
	t.Helper()
	var got []int
	for item, err := range p.All() {
		require.NoError(t, err)
		got = append(got, item)
	}
	return got
}

func TestPagesEnd(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		list  list
		first int
		want  []int
		asked []int
	}{
		"nothing":                   {list{size: 2}, 1, nil, []int{1}},
		"a full page":               {list{items: down(2, 2), size: 2}, 1, down(2, 2), []int{1}},
		"half a page more":          {list{items: down(5, 5), size: 2}, 1, down(5, 5), []int{1, 2, 3}},
		"from the second on":        {list{items: down(5, 5), size: 2}, 2, down(3, 3), []int{2, 3}},
		"from beyond the end":       {list{items: down(5, 5), size: 2}, 9, nil, []int{9}},
		"uncounted: nothing":        {list{size: 2, mute: true}, 1, nil, []int{1}},
		"uncounted: full pages":     {list{items: down(4, 4), size: 2, mute: true}, 1, down(4, 4), []int{1, 2, 3}},
		"uncounted: last page half": {list{items: down(5, 5), size: 2, mute: true}, 1, down(5, 5), []int{1, 2, 3, 4}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, collect(t, test.list.pages(test.first)))
			assert.Equal(t, test.asked, test.list.asked)
		})
	}
}

// A short page is not the last one: only the count, or an empty page, ends the
// walk.
func TestPagesTrustTheLatestCount(t *testing.T) {
	t.Parallel()
	l := &list{items: down(4, 4), size: 2, before: func(l *list, page int) {
		if page == 2 {
			l.items = append(l.items, 0, 0, 0) // grows at its end
		}
	}}
	assert.Equal(t, []int{4, 3, 2, 1, 0, 0, 0}, collect(t, l.pages(1)))
	assert.Equal(t, []int{1, 2, 3, 4}, l.asked)

	l = &list{items: down(6, 6), size: 2, before: func(l *list, page int) {
		if page == 2 {
			l.items = l.items[:4] // shrinks at its end
		}
	}}
	assert.Equal(t, down(6, 4), collect(t, l.pages(1)))
	assert.Equal(t, []int{1, 2}, l.asked)
}

func TestPagesRepeatNothing(t *testing.T) {
	t.Parallel()
	for _, created := range []int{1, 3, 9, 10} {
		l := &list{items: down(1000, 95), size: 10, before: func(l *list, page int) {
			if page > 1 && page < 20 {
				l.items = append(down(l.items[0]+created, created), l.items...)
			}
		}}
		assert.Equal(t, down(1000, 95), collect(t, l.pages(1)), "%d created before each page", created)
	}
	l := &list{items: down(1000, 95), size: 10, before: func(l *list, page int) {
		if page == 3 {
			l.items = append(down(1015, 15), l.items...) // more than a page at once
		}
	}}
	assert.Equal(t, down(1000, 95), collect(t, l.pages(1)), "what was on the page before the last does not come again")

	l = &list{items: down(100, 100), size: 10, before: func(l *list, page int) {
		if page > 1 {
			l.items = l.items[3:]
		}
	}}
	got := collect(t, l.pages(1))
	assert.Len(t, slices.Compact(slices.Sorted(slices.Values(got))), len(got))
	assert.Less(t, len(got), 100, "deletion lets items slip through")
}

func TestPagesTellItemsApart(t *testing.T) {
	t.Parallel()
	l := &list{items: []int{5, 4, 0, 0, 4, 3, 3, 0}, size: 4}
	assert.Equal(t, []int{5, 4, 0, 0, 3, 0}, collect(t, l.pages(1)))
}

func TestPagesAreFetchedWhenNeeded(t *testing.T) {
	t.Parallel()
	l := &list{items: down(9, 9), size: 3}
	all := l.pages(1).All()
	assert.Empty(t, l.asked)
	for item := range all {
		if item == 7 {
			break
		}
	}
	assert.Equal(t, []int{1}, l.asked)
	for range all {
		break
	}
	assert.Equal(t, []int{1, 1}, l.asked, "a second range starts anew")
}

func TestPagesEndAfterAnError(t *testing.T) {
	t.Parallel()
	l := &list{items: down(9, 9), size: 3, fails: map[int]error{2: errReset}}
	var items []int
	var errs []error
	for item, err := range l.pages(1).All() {
		items = append(items, item)
		errs = append(errs, err)
	}
	assert.Equal(t, []int{9, 8, 7, 0}, items)
	assert.Equal(t, []error{nil, nil, nil, errReset}, errs)
	assert.Equal(t, []int{1, 2}, l.asked)
}

// A vendor that neither counts pages nor looks at the page number would keep
// the loop going for ever.
func TestPagesNoticeAListWithoutEnd(t *testing.T) {
	t.Parallel()
	for name, items := range map[string][]int{"same items": {2, 0, 1}, "items without identity": {0, 0}} {
		l := &list{items: items, size: 3, mute: true}
		p := l.pages(1)
		p.Fetch = func(int) ([]int, int, error) { return l.fetch(1) }
		var last error
		for _, err := range p.All() {
			last = err
		}
		assert.Equal(t, errEndless, last, name)
		assert.LessOrEqual(t, len(l.asked), 3, name)
	}
}

// A count that is made up proves no end either.
func TestPagesDoNotBelieveEveryCount(t *testing.T) {
	t.Parallel()
	asked := 0
	p := Pages[int, int]{
		First:    1,
		Fetch:    func(int) ([]int, int, error) { asked++; return []int{2, 0, 1}, math.MaxInt, nil },
		Identity: func(n int) int { return n },
		Endless:  func(int) error { return errEndless },
	}
	var last error
	for _, err := range p.All() {
		last = err
	}
	assert.Equal(t, errEndless, last)
	assert.Equal(t, 1+mostStale+1, asked)
}

func TestEndless(t *testing.T) {
	t.Parallel()
	e := newClient(t, testConfig(nil)).Endless(op(Read), 3)
	assert.ErrorIs(t, e, ErrBadResponse)
	assert.Equal(t, NotApplied, e.Outcome)
	assert.EqualError(t, e, "acme: listKeys (GET /keys): 200 OK: up to page 3 the vendor sends the same items over and over, "+
		"as if it did not look at the number of the page; tried once; check BaseURL and any proxy on the way")
}
