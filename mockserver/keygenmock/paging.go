package keygenmock

import (
	"fmt"
	"maps"
	"math/big"
	"strconv"
	"strings"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Rules of lists.
var (
	ruleListOrder       = rule(doc, "list.order", "Lists show what was created last first.")
	ruleListTies        = rule(asm, "list.ties", "Of what was created in the same moment, the later comes first; with a cursor the greater id.")
	ruleListAscending   = rule(obs, "list.order-parameter", "order=asc turns a list round, order=desc does not, in any case.")
	ruleListOrderWrong  = rule(obs, "list.order-invalid", "Any other order is answered 400.")
	ruleListLimit       = rule(doc, "list.limit", "Without page a list has as many rows as limit says, from 1 to 100 and by default 10.")
	ruleListNoLinks     = rule(obs, "list.no-links", "A list without page has no links.")
	ruleListNumber      = rule(obs, "list.page-number", "page[number], from 1 to 100, shows one page and links to itself, its neighbours, the first and the last, with the numbers of pages and rows among the links.")
	ruleListSize        = rule(doc, "list.page-size", "page[size], from 1 to 100, is the size of a page.")
	ruleListSizeDefault = rule(obs, "list.page-size-default", "A page that says no size has as many rows as limit says, or else 10.")
	ruleListPastEnd     = rule(obs, "list.past-end", "A page past the end is empty, and has no neighbours.")
	ruleListNothing     = rule(asm, "list.nothing", "Without rows there are 0 pages, and the last is page 0.")
	ruleListCursor      = rule(obs, "list.page-cursor", "page[cursor] shows what comes after the row with that id, or the beginning if empty; it wins over page[number] and links to itself and the next page only.")
	ruleListCursorNext  = rule(obs, "list.page-cursor-next", "The next cursor is the id of the last row, or null if nothing follows.")
	ruleListCursorGone  = rule(obs, "list.page-cursor-unknown", "After a row that is not in the list comes nothing.")
	ruleListCursorWrong = rule(obs, "list.page-cursor-invalid", "A cursor that is no UUID is answered 400.")
	ruleListShape       = rule(obs, "list.page-shape", "A page without number and cursor is answered 400, also one with a size.")
	ruleListChecks      = rule(obs, "list.checks", "The shape of page is checked first; then the order, limit or number, and the size; with a cursor the cursor, the size and the order.")
	ruleListToInteger   = rule(obs, "list.not-a-number", "What is no number, or empty, is 0.")
	ruleListDigits      = rule(asm, "list.leading-digits", "Of a number with a tail only the digits count: 25abc is 25.")
	ruleListStructure   = rule(asm, "list.structure", "A list or an object in place of a number is 0, of an order invalid, of a cursor a malformed page.")
	ruleListLinks       = rule(obs, "list.links", "Links repeat the path as requested and the query without credentials, with page number or cursor and size as they took effect, sorted by name.")
)

// paging is which rows of a list are wanted, and how.
type paging struct {
	mode      pageMode
	size      int
	number    int    // of the page, from 1
	cursor    string // id of the row before the page; empty: none
	typed     string // the cursor as it was sent
	ascending bool
}

type pageMode int

const (
	byLimit pageMode = iota
	byNumber
	byCursor
)

const (
	defaultSize = 10
	maxSize     = 100
	maxNumber   = 100
)

// readPaging reads the parameters of a list, checked in the vendor's order.
func readPaging(t *core.Turn, q query) (paging, *badRequest) {
	r := pageReader{Turn: t, query: q}
	steps := []func() *badRequest{r.shape, r.order, r.limitOrNumber, r.pageSize}
	if page, ok := q["page"].(query); ok && has(page, "cursor") {
		steps = []func() *badRequest{r.shape, r.pageCursor, r.pageSize, r.order}
	}
	for _, step := range steps {
		if bad := step(); bad != nil {
			t.Decided(ruleListChecks)
			return r.paging, bad
		}
	}
	return r.paging, nil
}

func has(q query, name string) bool {
	_, sent := q[name]
	return sent
}

// pageReader reads the parameters of one list.
type pageReader struct {
	*core.Turn
	paging
	query query
	page  query
}

func (r *pageReader) shape() *badRequest {
	if !has(r.query, "page") {
		r.Decided(ruleListLimit, ruleListNoLinks)
		return nil
	}
	r.page, _ = r.query["page"].(query)
	switch {
	case has(r.page, "cursor"):
		r.mode = byCursor
	case has(r.page, "number"):
		r.mode = byNumber
	default:
		return r.malformed()
	}
	return nil
}

func (r *pageReader) malformed() *badRequest {
	r.Decided(ruleListShape)
	return &badRequest{detail: "page must be an object containing a cursor or number and optional size", parameter: "page"}
}

func (r *pageReader) order() *badRequest {
	sent, wanted := r.query["order"], ""
	if !has(r.query, "order") {
		return nil
	}
	switch text := sent.(type) {
	case string:
		wanted = strings.ToLower(text)
	case query, []any:
		r.Decided(ruleListStructure)
	}
	if wanted != "asc" && wanted != "desc" {
		r.Decided(ruleListOrderWrong)
		return &badRequest{detail: "order is invalid", parameter: "order"}
	}
	r.Decided(ruleListAscending)
	r.ascending = wanted == "asc"
	return nil
}

func (r *pageReader) limitOrNumber() (bad *badRequest) {
	if r.mode == byNumber {
		r.Decided(ruleListNumber)
		r.number, bad = r.within(r.page["number"], "page number", "page[number]", maxNumber, ", please use cursor-based pagination instead")
		return bad
	}
	r.size = defaultSize
	if has(r.query, "limit") {
		r.size, bad = r.within(r.query["limit"], "limit", "limit", maxSize, "")
	}
	return bad
}

func (r *pageReader) pageSize() (bad *badRequest) {
	if r.mode == byLimit {
		return nil
	}
	if has(r.page, "size") {
		r.Decided(ruleListSize)
		r.size, bad = r.within(r.page["size"], "page size", "page[size]", maxSize, "")
		return bad
	}
	r.Decided(ruleListSizeDefault)
	r.size = defaultSize
	if has(r.query, "limit") {
		r.size, bad = r.within(r.query["limit"], "page size", "page[size]", maxSize, "")
	}
	return bad
}

func (r *pageReader) pageCursor() *badRequest {
	r.Decided(ruleListCursor)
	switch sent := r.page["cursor"].(type) {
	case nil:
		return nil
	case string:
		if r.typed = sent; sent == "" {
			return nil
		}
		id, ok := canonicalUUID(sent)
		if !ok {
			r.Decided(ruleListCursorWrong)
			return &badRequest{detail: fmt.Sprintf("page cursor must be a valid UUID (got %q)", sent), parameter: "page[cursor]"}
		}
		r.cursor = id
		return nil
	}
	r.Decided(ruleListStructure)
	return r.malformed()
}

// within reads a number from 1 to a maximum. Beyond that the refusal may give
// advice.
func (r *pageReader) within(sent any, what, parameter string, most int64, advice string) (int, *badRequest) {
	text, isText := sent.(string)
	if !isText && sent != nil {
		r.Decided(ruleListStructure)
	}
	n := r.toInteger(text)
	if n.Cmp(big.NewInt(most)) > 0 {
		return 0, &badRequest{detail: fmt.Sprintf("%s must be a number between 1 and %d (got %v%s)", what, most, n, advice), parameter: parameter}
	}
	if n.Sign() <= 0 {
		return 0, &badRequest{detail: fmt.Sprintf("%s must be a number between 1 and %d (got %v)", what, most, n), parameter: parameter}
	}
	return int(n.Int64()), nil
}

// toInteger reads the number that a text begins with.
func (r *pageReader) toInteger(text string) *big.Int {
	trimmed := strings.TrimLeft(text, " \t\n\v\f\r")
	end := 0
	for end < len(trimmed) && (isDigit(trimmed[end]) || end == 0 && (trimmed[0] == '-' || trimmed[0] == '+')) {
		end++
	}
	n, ok := new(big.Int).SetString(trimmed[:end], 10)
	if !ok {
		r.Decided(ruleListToInteger)
		return new(big.Int)
	}
	if end < len(trimmed) {
		r.Decided(ruleListDigits)
	}
	return n
}

// page is what a list shows.
type page[T any] struct {
	rows  []*T
	total int
	next  string // the cursor of the next page; empty: there is none
}

// take returns the wanted rows of those that a table has and a filter accepts.
func take[T any](t *core.Turn, p paging, from *table[T], in orders[T], match core.Filter[*row[T]]) page[T] {
	t.Decided(ruleListOrder, ruleListTies)
	if p.mode == byCursor {
		return takeAfter(t, p, from, in, match)
	}
	number, size := int64(max(1, p.number)), int64(p.size)
	var rows []*row[T]
	var total int64
	if p.ascending {
		rows, total = from.rows.PageIn(in.oldest, match, number, size)
	} else {
		rows, total = from.rows.Page(match, number, size)
	}
	return page[T]{rows: objectsOf(rows), total: int(total)}
}

func takeAfter[T any](t *core.Turn, p paging, from *table[T], in orders[T], match core.Filter[*row[T]]) (shown page[T]) {
	t.Decided(ruleListCursorNext)
	after := from.byID[p.cursor]
	if p.cursor != "" && (after == nil || !match.Accepts(after)) {
		t.Decided(ruleListCursorGone)
		return shown
	}
	order := in.forward
	if p.ascending {
		order = in.backward
	}
	shown.rows = objectsOf(from.rows.After(order, match, after, p.size+1))
	if len(shown.rows) > p.size {
		shown.rows = shown.rows[:p.size]
		shown.next, _ = from.place(shown.rows[p.size-1])
	}
	return shown
}

// links are those of a page, or nil if it has none. The path is the one
// requested, as it was sent.
func (p paging) links(t *core.Turn, path string, q query, total int, next string) fields {
	if p.mode == byLimit {
		return nil
	}
	t.Decided(ruleListLinks)
	base := maps.Clone(q)
	delete(base, "token")
	delete(base, "auth")
	link := func(name, value string) string {
		base["page"] = query{name: value, "size": strconv.Itoa(p.size)}
		return path + "?" + base.encode()
	}
	if p.mode == byCursor {
		links := fields{{"self", link("cursor", p.typed)}, {"next", nil}}
		if next != "" {
			links[1].value = link("cursor", next)
		}
		return links
	}
	return p.numberLinks(t, func(number int) string { return link("number", strconv.Itoa(number)) }, total)
}

func (p paging) numberLinks(t *core.Turn, link func(number int) string, total int) fields {
	pages := (total + p.size - 1) / p.size
	var prev, next any
	if p.number > 1 && p.number <= pages {
		prev = link(p.number - 1)
	}
	if p.number < pages {
		next = link(p.number + 1)
	}
	switch {
	case pages == 0:
		t.Decided(ruleListNothing)
	case p.number > pages:
		t.Decided(ruleListPastEnd)
	}
	return fields{
		{"self", link(p.number)},
		{"prev", prev},
		{"next", next},
		{"first", link(1)},
		{"last", link(pages)},
		{"meta", fields{{"pages", pages}, {"count", total}}},
	}
}
