package keygen

import (
	"context"

	"github.com/keysmith-go/keysmith/internal/transport"
)

// Client speaks to the vendor for one account. Make one with [New] and share
// it: it is safe for concurrent use, and there is nothing to close. It does
// not show its credential however it is printed.
type Client struct {
	Keys     *KeysService     // the unused keys of all pools
	Policies *PoliciesService // the rules of licenses; those with a pool own keys
	Products *ProductsService // what is licensed; they own policies
	Licenses *LicensesService // what end users get, drawn from a pool or not

	service service
}

// New returns a client with the given settings. It sends nothing; whether the
// vendor knows the account and accepts the credential shows with the first
// call. If cfg has faults, the error reports all of them at once.
func New(cfg Config) (*Client, error) {
	t, err := newTransport(cfg)
	if err != nil {
		return nil, err
	}
	s := service{transport: t, account: cfg.Account}
	return &Client{
		Keys:     &KeysService{s},
		Policies: &PoliciesService{s},
		Products: &ProductsService{s},
		Licenses: &LicensesService{s, !cfg.Credential.noIDs},
		service:  s,
	}, nil
}

// Pool returns a handle on the pool of the policy with the given id. It sends
// nothing: whether there is such a policy shows with the first call, and what
// cannot be an id makes every call fail with [ErrInvalid] before anything is
// sent.
func (c *Client) Pool(policyID string) *Pool { return &Pool{policyID, c.service} }

// service is what all groups of operations need.
type service struct {
	transport *transport.Client
	account   string
}

// call takes a request through the transport, unless it could not be built:
// then err is the reason, and nothing is sent.
func call[T any](ctx context.Context, s service, op transport.Op, req transport.Request, err error) (T, error) {
	answer, err := transport.Try[T](ctx, s.transport, op, req, err)
	return answer, publicError(err)
}

// list is call for a list, which is asked for by cursor or not.
func list[W, T any](
	ctx context.Context, s service, op transport.Op, cursor Opt[string], convert func(*W) *T, req transport.Request, err error,
) (*Page[T], error) {
	var answer listAnswer[W]
	if cursor.IsZero() {
		answer, err = call[listAnswer[W]](ctx, s, op, req, err)
	} else {
		var linked cursorAnswer[W]
		linked, err = call[cursorAnswer[W]](ctx, s, op, req, err)
		answer = linked.listAnswer
	}
	if err != nil {
		return nil, err
	}
	return pageFromWire(&answer, convert), nil
}
