package keygenmock

import (
	"iter"
	"net/http"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// listOf answers with the page that is wanted of the objects that a table has for
// the bearer.
func listOf[T any](c *call, p paging, objects iter.Seq[*T], place func(*T) (string, time.Time), encode func(*T) fields) (core.Answer, *failure) {
	shown := take(c.Turn, p, objects, place)
	data := make([]fields, len(shown.rows))
	for i, object := range shown.rows {
		data[i] = encode(object)
	}
	document := fields{{"data", data}}
	if links := p.links(c.Turn, c.req.Path, c.query, shown.total, shown.next); links != nil {
		document = append(document, field{"links", links})
	}
	return core.JSON(http.StatusOK, document), nil
}

// only leaves out what does not hold.
func only[T any](objects iter.Seq[*T], holds func(*T) bool) iter.Seq[*T] {
	return func(yield func(*T) bool) {
		for object := range objects {
			if holds(object) && !yield(object) {
				return
			}
		}
	}
}
