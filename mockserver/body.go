package mockserver

import (
	"context"
	"io"
	"net/http"
	"sync/atomic"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// body is the body of an answer in process.
type body struct {
	ctx    context.Context
	list   *core.Listing // that is yet to be read from this part on; nil: none is
	part   int
	rest   []byte
	pad    int64 // blanks that follow
	end    error // what comes after them
	closed atomic.Bool
}

func (b *body) begin(req *http.Request, r *reply) {
	b.ctx, b.end = req.Context(), io.EOF
	if r.List != nil && r.end == whole {
		b.list, b.pad = r.List, r.pad
		return
	}
	b.rest, b.pad = r.sent(req.Method, nil)
	if r.end == bodyCut {
		b.end = io.ErrUnexpectedEOF
	}
}

func (b *body) Read(p []byte) (int, error) {
	switch {
	case b.closed.Load():
		return 0, http.ErrBodyReadAfterClose
	case b.ctx.Err() != nil:
		return 0, context.Cause(b.ctx)
	case len(p) == 0:
		return 0, nil
	case b.more():
		n := 0
		for n < len(p) && b.more() {
			copied := copy(p[n:], b.rest)
			b.rest = b.rest[copied:]
			n += copied
		}
		return n, nil
	case b.pad > 0:
		n := min(int64(len(p)), b.pad)
		for i := range p[:n] {
			p[i] = ' '
		}
		b.pad -= n
		return int(n), nil
	default:
		return 0, b.end
	}
}

// more reports whether anything is left but blanks, and has it at hand. Lists are read
// part by part: they need not be put together for callers in process.
func (b *body) more() bool {
	if len(b.rest) == 0 && b.list != nil {
		b.rest = b.list.Part(b.part)
		b.part++
	}
	return len(b.rest) > 0
}

func (b *body) Close() error {
	b.closed.Store(true)
	return nil
}
