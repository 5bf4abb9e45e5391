package keygenmock

import (
	"cmp"
	"net/http"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// What lists ask for, and indexes know.
var (
	keyOfPolicy     = core.FieldOf(func(r *row[Key]) string { return r.object.PolicyID })
	licenseOfPolicy = core.FieldOf(func(r *row[License]) string { return r.object.PolicyID })
	licenseOfOwner  = core.FieldOf(func(r *row[License]) string { return r.object.OwnerID })
	policyOfProduct = core.FieldOf(func(r *row[Policy]) string { return r.object.ProductID })
	tokenOfBearer   = core.FieldOf(func(r *row[Token]) string { return r.object.BearerID })
)

// ofProduct asks whether something is of a policy of a product.
func ofProduct[T any](a *account, ofPolicy *core.Field[*row[T], string], productID string) core.Condition[*row[T]] {
	var each []core.Condition[*row[T]]
	for _, p := range a.policies.all(policyOfProduct.Is(productID)) {
		each = append(each, ofPolicy.Is(p.ID))
	}
	return core.Either(each...)
}

// nothing is the condition that holds of nothing.
func nothing[T any]() core.Condition[*row[T]] { return core.Either[*row[T]]() }

// orders are those of lists, besides that of a table.
type orders[T any] struct {
	oldest   *core.Order[*row[T]] // of a list that is turned round
	forward  *core.Order[*row[T]] // with a cursor
	backward *core.Order[*row[T]] // with a cursor, turned round
}

var (
	keyOrders     = ordersOf((*Key).place)
	licenseOrders = ordersOf((*License).place)
	policyOrders  = ordersOf((*Policy).place)
)

func ordersOf[T any](place func(*T) (id string, created time.Time)) orders[T] {
	older := func(a, b *row[T]) int {
		idA, _ := place(a.object)
		idB, _ := place(b.object)
		return cmp.Or(a.created.Compare(b.created), cmp.Compare(idA, idB))
	}
	return orders[T]{
		oldest:   core.OrderOf(func(a, b *row[T]) int { return a.created.Compare(b.created) }),
		forward:  core.OrderOf(func(a, b *row[T]) int { return older(b, a) }),
		backward: core.OrderOf(older),
	}
}

// listOf answers with the page that is wanted of those objects of a table that a
// filter accepts.
func listOf[T any](c *call, p paging, from *table[T], in orders[T], match core.Filter[*row[T]], encode func(*T) *core.Written) (core.Answer, *failure) {
	shown := take(c.Turn, p, from, in, match)
	data := make([]*core.Written, len(shown.rows))
	for i, object := range shown.rows {
		data[i] = encode(object)
	}
	var rest []byte
	if links := p.links(c.Turn, c.req.Path, c.query, shown.total, shown.next); links != nil {
		rest = fields{{"links", links}}.text()
	}
	return core.List(http.StatusOK, `{"data":[`, data, rest), nil
}
