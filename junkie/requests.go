package junkie

import (
	"github.com/keysmith-go/keysmith/internal/junkiewire"
	"github.com/keysmith-go/keysmith/internal/transport"
)

// One function per kind of call checks the arguments and builds the request,
// or reports everything that is wrong with them.

func listKeysRequest(params *ListKeysParams) (transport.Request, error) {
	if err := params.check().Err(); err != nil {
		return transport.Request{}, err
	}
	return junkiewire.NewListKeysRequest(params.toWire())
}

func createKeyRequest(params *CreateKeyParams) (transport.Request, error) {
	if err := params.check().Err(); err != nil {
		return transport.Request{}, err
	}
	return junkiewire.NewCreateKeyRequest(params.toWire())
}

func createBatchRequest(params *CreateBatchParams) (transport.Request, error) {
	if err := params.check().Err(); err != nil {
		return transport.Request{}, err
	}
	return junkiewire.NewCreateKeysRequest(params.toWire())
}

func bulkDeleteRequest(refs []KeyRef) (transport.Request, error) {
	if err := checkBulk(refs).Err(); err != nil {
		return transport.Request{}, err
	}
	req, err := junkiewire.NewDeleteKeysRequest(bulkToWire(refs))
	for _, ref := range refs {
		if ref.isValue() {
			req.Secrets = append(req.Secrets, ref.value.Value())
		}
	}
	return req, err
}

func updateKeyRequest(ref KeyRef, params *UpdateKeyParams) (transport.Request, error) {
	found := params.check()
	segment := found.segment(ref)
	if err := found.Err(); err != nil {
		return transport.Request{}, err
	}
	return junkiewire.NewUpdateKeyRequest(segment, params.toWire())
}

// refRequest is for the calls that take a reference and nothing else.
func refRequest(ref KeyRef, build func(string) (transport.Request, error)) (transport.Request, error) {
	var found faults
	segment := found.segment(ref)
	if err := found.Err(); err != nil {
		return transport.Request{}, err
	}
	return build(segment)
}
