package luaprot

import (
	"context"

	"github.com/keysmith-go/keysmith/internal/transport"
)

// Client speaks to the vendor for one account. Make one with [New] and share
// it: it is safe for concurrent use, and there is nothing to close. It does
// not show its API key however it is printed.
type Client struct {
	// Keys has the operations on the keys of all hubs together. Those on the
	// keys of one hub are methods of [Hub].
	Keys *KeysService

	transport *transport.Client
}

// New returns a client with the given settings. It sends nothing; whether the
// vendor accepts the API key, and the address of this machine, shows with the
// first call. If cfg has faults, the error reports all of them at once.
func New(cfg Config) (*Client, error) {
	t, err := newTransport(cfg)
	if err != nil {
		return nil, err
	}
	return &Client{Keys: &KeysService{transport: t}, transport: t}, nil
}

// Hub returns a handle on the hub with the given id, which the vendor's
// dashboard shows. It sends nothing: whether there is such a hub shows with
// the first call, and an id that cannot be one, such as "", makes every call
// fail with [ErrInvalid] before anything is sent.
func (c *Client) Hub(id string) *Hub { return &Hub{id: id, transport: c.transport} }

// call takes a request through the transport, unless it could not be built:
// then err is the reason, and nothing is sent.
func call[T any](ctx context.Context, t *transport.Client, op transport.Op, req transport.Request, err error) (T, error) {
	answer, err := transport.Try[T](ctx, t, op, req, err)
	return answer, publicError(err)
}
