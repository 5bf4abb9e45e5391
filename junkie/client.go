package junkie

import (
	"context"

	"github.com/keysmith-go/keysmith/internal/transport"
)

// Client speaks to the vendor for one account. Make one with [New] and share
// it: it is safe for concurrent use, and there is nothing to close. It does
// not show its API key however it is printed.
type Client struct {
	// Keys has the operations on license keys.
	Keys *KeysService
}

// New returns a client with the given settings. It sends nothing; whether the
// vendor accepts the API key shows with the first call. If cfg has faults, the
// error reports all of them at once.
func New(cfg Config) (*Client, error) {
	t, err := newTransport(cfg)
	if err != nil {
		return nil, err
	}
	return &Client{Keys: &KeysService{transport: t}}, nil
}

// call takes a request through the transport, unless it could not be built:
// then err is the reason, and nothing is sent.
func call[T any](ctx context.Context, t *transport.Client, op transport.Op, req transport.Request, err error) (T, error) {
	answer, err := transport.Try[T](ctx, t, op, req, err)
	return answer, publicError(err)
}
