package keycrate

import (
	"context"

	"github.com/keysmith-go/keysmith/internal/transport"
)

// Client speaks to the vendor's management API for the owner of an API key.
// Make one with [New] and share it: it is safe for concurrent use, and there is
// nothing to close. It does not show its API key however it is printed.
//
// To check licenses in a program that end users have, use an [App].
type Client struct {
	// Licenses has the operations on licenses.
	Licenses *LicensesService
	// HWIDs has the operations on the devices that licenses are bound to.
	HWIDs *HWIDsService
	// Subscriptions has the operations on the tiers that licenses belong to.
	Subscriptions *SubscriptionsService
}

// New returns a client with the given settings. It sends nothing; whether the
// vendor accepts the API key shows with the first call. If cfg has faults, the
// error reports all of them at once.
func New(cfg Config) (*Client, error) {
	t, err := newTransport(cfg)
	if err != nil {
		return nil, err
	}
	return &Client{
		Licenses:      &LicensesService{transport: t},
		HWIDs:         &HWIDsService{transport: t},
		Subscriptions: &SubscriptionsService{transport: t},
	}, nil
}

// call takes a request through the transport, unless it could not be built:
// then err is the reason, and nothing is sent.
func call[T any](ctx context.Context, t *transport.Client, op transport.Op, req transport.Request, err error) (T, error) {
	answer, err := transport.Try[T](ctx, t, op, req, err)
	return answer, publicError(err)
}
