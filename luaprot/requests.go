package luaprot

import (
	"github.com/keysmith-go/keysmith/internal/luaprotwire"
	"github.com/keysmith-go/keysmith/internal/transport"
)

// One function per kind of call checks the arguments and builds the request,
// or reports everything that is wrong with them.

func listKeysRequest(params *ListKeysParams) (transport.Request, error) {
	if err := params.check().Err(); err != nil {
		return transport.Request{}, err
	}
	return luaprotwire.NewFetchKeysRequest(params.toWire())
}

func bulkDeleteRequest(keys []string) (transport.Request, error) {
	if err := checkBulk(keys).Err(); err != nil {
		return transport.Request{}, err
	}
	req, err := luaprotwire.NewDeleteKeysRequest(keys)
	req.Secrets = keys
	return req, err
}

func addKeyRequest(hub string, params *AddKeyParams) (transport.Request, error) {
	found := params.check()
	found.hub(hub)
	if err := found.Err(); err != nil {
		return transport.Request{}, err
	}
	return luaprotwire.NewAddKeyRequest(hub, params.toWire())
}

func generateKeysRequest(hub string, params *GenerateKeysParams) (transport.Request, error) {
	found := params.check()
	found.hub(hub)
	if err := found.Err(); err != nil {
		return transport.Request{}, err
	}
	return luaprotwire.NewGenerateKeysRequest(hub, params.toWire())
}

func updateKeyRequest(hub string, ref KeyRef, params *UpdateKeyParams) (transport.Request, error) {
	found := params.check()
	found.hub(hub)
	found.unless("ref", ref.check())
	if err := found.Err(); err != nil {
		return transport.Request{}, err
	}
	req, err := luaprotwire.NewUpdateKeyRequest(hub, luaprotwire.UpdateKeyParams(ref.lookup()), params.toWire())
	if params.onlyOnce(ref) {
		req = req.Lower()
	}
	return req, err
}

// onlyOnce reports whether the second delivery of an update would do something
// else than the first: move the deadline, or look for a key by the Discord
// user that it no longer belongs to.
func (p *UpdateKeyParams) onlyOnce(ref KeyRef) bool {
	_, relative := p.ExpiresIn.Get()
	moves := ref.by == byDiscordID && !p.DiscordID.IsZero() && p.DiscordID != Set(ref.value.Value())
	return relative || moves
}

// lookupRequest is for the calls that look a key up and take nothing else.
func lookupRequest[P luaprotwire.GetKeyInfoParams | luaprotwire.DeleteKeyParams | luaprotwire.ResetHWIDParams](
	hub string, ref KeyRef, build func(string, P) (transport.Request, error),
) (transport.Request, error) {
	var found faults
	found.hub(hub)
	found.unless("ref", ref.check())
	if err := found.Err(); err != nil {
		return transport.Request{}, err
	}
	return build(hub, P(ref.lookup()))
}
