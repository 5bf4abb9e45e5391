package junkiemock

import (
	"math"
	"strconv"
	"time"
)

// query is the query of a request. Its methods read one parameter each and note
// what is wrong with it.
type query struct {
	checks
	call *call
}

func (c *call) readQuery() *query {
	return &query{checks: checks{turn: &c.turn}, call: c}
}

// text returns a parameter; an empty one counts as absent.
func (q *query) text(name string) (string, bool) {
	values := q.call.req.Query[name]
	if len(values) == 0 {
		return "", false
	}
	if len(values) > 1 {
		q.turn.decided(ruleQueryRepeated)
		q.turn.Finding("query parameter %s was sent %d times: only the first counts", name, len(values))
	}
	if values[0] == "" {
		q.turn.decided(ruleQueryEmpty)
		return "", false
	}
	return values[0], true
}

// anyInteger is the range of ids in filters: an odd one finds nothing.
var anyInteger = integers{min: math.MinInt64, max: math.MaxInt64}

func (q *query) integer(name string, allowed integers) (int64, bool) {
	text, ok := q.text(name)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || text[0] == '+' {
		q.problem(name, ruleQueryInteger, "must be an integer")
		return 0, false
	}
	return n, q.inRange(name, n, allowed)
}

func (q *query) time(name string) (time.Time, bool) {
	text, ok := q.text(name)
	if !ok {
		return time.Time{}, false
	}
	return q.dateTime(name, text)
}
