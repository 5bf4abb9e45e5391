package junkiemock

import (
	"math"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

var queryRules = core.QueryRules{Empty: ruleQueryEmpty, Repeated: ruleQueryRepeated, Integer: ruleQueryInteger}

// query is the query of a request, with the parameter types of the vendor.
type query struct{ *core.Query }

func (c *call) readQuery() query {
	return query{core.ReadQuery(c.Turn, queryRules, c.req.Query)}
}

// anyInteger is the range of ids in filters: an odd one finds nothing.
var anyInteger = core.Range{Min: math.MinInt64, Max: math.MaxInt64}

func (q query) time(name string) (time.Time, bool) {
	text, ok := q.Text(name)
	if !ok {
		return time.Time{}, false
	}
	return dateTime(&q.Checks, name, text)
}
