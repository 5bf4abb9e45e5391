package core

import (
	"net/url"
	"strconv"
)

// QueryRules are the behaviours of a vendor that reading a query comes to.
type QueryRules struct {
	Empty    string // an empty value counts as not sent
	Repeated string // of a repeated parameter the first value counts
	Integer  string // an integer is written in decimal
}

// Query is the query of a request. Its methods read one parameter each and note
// what is wrong with it.
type Query struct {
	Checks
	rules  QueryRules
	values url.Values
}

// ReadQuery returns the query of a request.
func ReadQuery(t *Turn, rules QueryRules, values url.Values) *Query {
	return &Query{Checks: Checks{Turn: t}, rules: rules, values: values}
}

// Text returns a parameter; an empty one counts as absent.
func (q *Query) Text(name string) (string, bool) {
	values := q.values[name]
	if len(values) == 0 {
		return "", false
	}
	if len(values) > 1 {
		q.Turn.Decided(q.rules.Repeated)
		q.Turn.Finding("query parameter %s was sent %d times: only the first counts", name, len(values))
	}
	if values[0] == "" {
		q.Turn.Decided(q.rules.Empty)
		return "", false
	}
	return values[0], true
}

// Integer returns a parameter that must be an integer.
func (q *Query) Integer(name string, allowed Range) (int64, bool) {
	text, ok := q.Text(name)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || text[0] == '+' {
		q.Wrong(name, q.rules.Integer, "must be an integer")
		return 0, false
	}
	return n, q.InRange(name, n, allowed)
}
