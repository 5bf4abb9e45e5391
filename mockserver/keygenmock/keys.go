package keygenmock

import "github.com/keysmith-go/keysmith/mockserver/internal/core"

var keyOperations = []operation{
	op(OpListKeys, "GET", "/keys", (*call).listKeys),
	op(OpCreateKey, "POST", "/keys", (*call).createKey),
	op(OpGetKey, "GET", "/keys/{keyId}", (*call).getKey),
	op(OpUpdateKey, "PATCH", "/keys/{keyId}", (*call).updateKey),
	op(OpDeleteKey, "DELETE", "/keys/{keyId}", (*call).deleteKey),
	op(OpGetKeyPolicy, "GET", "/keys/{keyId}/policy", (*call).getKeyPolicy),
	op(OpGetKeyProduct, "GET", "/keys/{keyId}/product", (*call).getKeyProduct),
}

func (c *call) listKeys() (core.Answer, *failure)      { return core.Answer{}, errInternal }
func (c *call) createKey() (core.Answer, *failure)     { return core.Answer{}, errInternal }
func (c *call) getKey() (core.Answer, *failure)        { return core.Answer{}, errInternal }
func (c *call) updateKey() (core.Answer, *failure)     { return core.Answer{}, errInternal }
func (c *call) deleteKey() (core.Answer, *failure)     { return core.Answer{}, errInternal }
func (c *call) getKeyPolicy() (core.Answer, *failure)  { return core.Answer{}, errInternal }
func (c *call) getKeyProduct() (core.Answer, *failure) { return core.Answer{}, errInternal }
