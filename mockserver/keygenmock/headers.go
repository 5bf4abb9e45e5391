package keygenmock

import (
	"net/http"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

func allowOrigin(h http.Header) {
	h.Set("Access-Control-Allow-Origin", "*")
}

func (c *call) refuse(f *failure) core.Answer { return f.answer(c.id) }

func (c *call) finish(answer core.Answer, outside bool) core.Answer { return answer }
