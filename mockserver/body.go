package mockserver

import (
	"context"
	"io"
	"net/http"
	"sync/atomic"
)

// body is the body of an answer in process.
type body struct {
	ctx    context.Context
	rest   []byte
	pad    int64 // blanks that follow
	end    error // what comes after them
	closed atomic.Bool
}

func (b *body) begin(req *http.Request, r reply) {
	b.ctx, b.end = req.Context(), io.EOF
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
	case len(b.rest) > 0:
		n := copy(p, b.rest)
		b.rest = b.rest[n:]
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

func (b *body) Close() error {
	b.closed.Store(true)
	return nil
}
