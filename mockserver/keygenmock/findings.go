package keygenmock

import (
	"maps"
	"slices"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// ruleQueryUnknown is about what nobody reads.
var ruleQueryUnknown = rule(obs, "query.unknown", "Unknown query parameters are ignored; include, fields and sort are unknown, too.")

// Names of query parameters.
var (
	everywhere = []string{"token", "auth", "environment"}
	listing    = []string{"page", "limit", "order"}

	// filters are those of each list.
	filters = map[string][]string{
		OpListKeys:     {"product", "policy"},
		OpListPool:     nil,
		OpListPolicies: {"product"},
		OpListLicenses: {"product", "policy", "owner", "user"},
	}

	// queryAliases are wrong names that one might expect here, without case and
	// underscores, and the vendor's for the same thing.
	queryAliases = map[string]string{
		"productid": "product", "policyid": "policy", "ownerid": "owner", "userid": "user", "perpage": "limit", "pagesize": "page",
		"pagenumber": "page", "cursor": "page", "after": "page", "sort": "order",
	}
)

// noteInVain looks for what a request has without being told. It never fails.
func (c *call) noteInVain() *failure {
	known := everywhere
	if filters, isList := filters[c.op.ID]; isList {
		known = slices.Concat(everywhere, listing, filters)
	}
	names := core.Vocabulary{What: "query parameter", Known: known, Aliases: queryAliases}
	if len(names.NoteUnknown(c.Turn, maps.Keys(c.query))) > 0 {
		c.Decided(ruleQueryUnknown)
	}
	if len(c.sent) > 0 && (c.op.Method == "GET" || c.op.Method == "DELETE") {
		c.Finding("a body was sent and ignored: this operation takes none")
	}
	return nil
}
