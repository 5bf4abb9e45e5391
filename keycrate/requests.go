package keycrate

import "github.com/keysmith-go/keysmith/internal/transport"

// request builds a request from its body, unless something is wrong with the
// arguments: then the error says all of it. Errors show none of the secrets,
// even if the vendor quotes them.
func request[W any](found faults, build func(W) (transport.Request, error), body W, secrets ...string) (transport.Request, error) {
	if err := found.Err(); err != nil {
		return transport.Request{}, err
	}
	req, err := build(body)
	req.Secrets = secrets
	return req, err
}
