package keycratemock

import (
	"net/http"
	"strings"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

const host = "api.keycrate.dev"

// operation is one operation with the fields that its body may have.
type operation struct {
	core.Op
	handle func(*call) (core.Answer, *failure)
	side   side
	fields []string
}

// side says who makes a call.
type side int

const (
	management side = iota
	endUser
	browser
)

// api returns a management operation.
func api(id, path string, handle func(*call) (core.Answer, *failure), fields ...string) operation {
	return operation{core.Op{ID: id, Method: http.MethodPost, Path: path}, handle, management, fields}
}

// reading returns a management operation that only reads.
func reading(id, path string, handle func(*call) (core.Answer, *failure), fields ...string) operation {
	op := api(id, path, handle, fields...)
	op.Reads = true
	return op
}

var operations = []operation{
	api(OpCreateLicense, "/license/create", (*call).createLicense, createFields...),
	api(OpCreateLicensesBulk, "/license/create-bulk", (*call).createLicenses, append([]string{"key_amount"}, createFields...)...),
	api(OpExtendLicense, "/license/extend", (*call).extendLicense, "license_key", "extend_seconds"),
	api(OpExtendLicensesBulk, "/license/extend-bulk", (*call).extendLicenses, "license_keys", "extend_seconds"),
	api(OpDeleteLicense, "/license/delete", (*call).deleteLicense, "license_key"),
	api(OpDeleteLicensesBulk, "/license/delete-bulk", (*call).deleteLicenses, "license_keys"),
	reading(OpGetLicense, "/license/get", (*call).getLicense, "license_key"),
	reading(OpListLicenses, "/license/get-bulk", (*call).listLicenses, listFields...),
	api(OpUpdateLicenseStatus, "/license/update-status", (*call).updateStatus, "license_key", "status"),
	api(OpUpdateLicenseStatusBulk, "/license/update-status-bulk", (*call).updateStatuses, "license_keys", "status"),
	api(OpUpdateLicenseSubscription, "/license/update-subscription", (*call).updateSubscription, "license_key", "subscription_id"),
	api(OpUpdateLicenseCredentials, "/license/update-user-credentials", (*call).updateCredentials, "license_key", "username", "password"),
	api(OpUpdateLicenseMetadata, "/license/update-metadata", (*call).updateMetadata, "license_key", "metadata"),

	api(OpEditHWID, "/hwid/edit", (*call).editHWID, "license_key", "hwid"),
	api(OpSetHWIDLock, "/hwid/toggle-lock", (*call).setLock, "license_key", "hwid_lock"),
	api(OpSetHWIDLockBulk, "/hwid/toggle-lock-bulk", (*call).setLocks, "license_keys", "hwid_lock"),
	api(OpSetHWIDResetAllowed, "/hwid/toggle-reset-allowed", (*call).setResetAllowed, "license_key", "hwid_reset_allowed"),
	api(OpSetHWIDResetInterval, "/hwid/update-reset-interval", (*call).setResetInterval, "license_key", "hwid_reset_cooldown"),

	api(OpCreateSubscription, "/subscription/create", (*call).createSubscription, "app_id", "name", "level", "single_key_per_hwid"),
	api(OpEditSubscription, "/subscription/edit", (*call).editSubscription, append([]string{"subscription_id"}, editFields...)...),
	api(OpDeleteSubscription, "/subscription/delete", (*call).deleteSubscription, "subscription_id"),
	reading(OpListSubscriptions, "/subscription/get-bulk", (*call).listSubscriptions, "app_id"),

	{core.Op{ID: OpAuthenticate, Method: http.MethodPost, Path: "/auth"}, (*call).serveAuth, endUser, authFields},
	{core.Op{ID: OpRegister, Method: http.MethodPost, Path: "/register"}, (*call).serveRegister, endUser, registerFields},
	{core.Op{ID: OpPreflight, Method: http.MethodOptions, Path: "/auth"}, (*call).preflight, browser, nil},
	{core.Op{ID: OpPreflight, Method: http.MethodOptions, Path: "/register"}, (*call).preflight, browser, nil},
}

// operationOf are the operations by their ids.
var operationOf = core.ByID(operations, func(op *operation) string { return op.ID })

// vendor is the world as the server drives it.
type vendor struct {
	state *state
	shown core.Shown[look]
}

var (
	_ core.OpDialect  = (*vendor)(nil)
	_ core.Limited    = (*vendor)(nil)
	_ core.Controlled = (*vendor)(nil)
	_ core.Seeded     = (*vendor)(nil)
)

// call is one request on its way through the checks.
type call struct {
	turn
	req    *core.Request
	op     *operation // nil: none matched
	apiKey *apiKey    // nil: the call needs none
	shown  *core.Shown[look]
}

func (v *vendor) Ops() []core.Op {
	ops := make([]core.Op, len(operations))
	for i, op := range operations {
		ops[i] = op.Op
	}
	return ops
}

func (v *vendor) Hosts() []string { return []string{host} }

// Root is the host's own: the vendor's paths have no prefix.
func (v *vendor) Root() string { return "/" }

// Reset begins again with a new state, behind the World that users hold.
func (v *vendor) Reset() {
	*v.state = *newState()
	v.shown.Forget()
}

func (v *vendor) Behaviours() []core.Behaviour { return behaviours.Behaviours() }

func (v *vendor) EffectKinds() []string { return effectKinds }

// Serve answers one request: the checks in their order, then the operation,
// which checks content, existence, access and the rules in this order before it
// changes anything.
func (v *vendor) Serve(t *core.Turn, req *core.Request) core.Answer {
	c := &call{turn: newTurn(t, v.state), req: req, shown: &v.shown}
	answer, fail := c.serve()
	if fail != nil {
		answer = c.refuse(fail)
	}
	if c.endUser() {
		c.Decided(ruleRouteOrigin)
		answer = allowAnyOrigin(answer)
	}
	return answer
}

func (c *call) serve() (core.Answer, *failure) {
	for _, check := range []func() *failure{c.route, c.authenticate, c.throttle, c.noteInVain} {
		if fail := check(); fail != nil {
			return core.Answer{}, fail
		}
	}
	return c.op.handle(c)
}

// route finds the operation of a request.
func (c *call) route() *failure {
	c.op = operationOf[c.req.Op]
	switch {
	case c.op != nil:
		c.Decided(ruleRoutePost)
		return nil
	case len(c.req.Allow) == 0:
		c.Decided(ruleRouteUnknown)
		return errUnknownRoute
	default:
		c.Decided(ruleRouteMethod)
		return errWrongMethod.after(http.Header{"Allow": {strings.Join(c.req.Allow, ", ")}})
	}
}

// endUser reports whether the call is one of an end user's program. What no
// operation has is answered like a management call.
func (c *call) endUser() bool { return c.op != nil && c.op.side == endUser }

// authenticate finds the API key of a management call.
func (c *call) authenticate() *failure {
	if c.op.side != management {
		return nil
	}
	sent := c.req.Header.Get("x-api-key")
	if sent == "" {
		c.Decided(ruleAuthMissing)
		if c.req.Header.Get("Authorization") != "" {
			c.Finding("Authorization was sent and ignored: the vendor wants the API key in x-api-key")
		}
		return errMissingAuth
	}
	k := c.state.apiKeys.Get(sent)
	if k == nil || k.Revoked {
		c.Decided(ruleAuthInvalid)
		return errInvalidAPIKey
	}
	c.Decided(ruleAuthHeader)
	c.apiKey = k
	return nil
}

// preflight tells a browser that pages of any origin may call.
func (c *call) preflight() (core.Answer, *failure) {
	c.Decided(ruleRoutePreflight, ruleRoutePreflightAnswer)
	return allowAnyOrigin(core.Answer{Status: http.StatusNoContent, Header: http.Header{
		"Access-Control-Allow-Methods": {http.MethodPost},
		"Access-Control-Allow-Headers": {"Content-Type"},
	}}), nil
}

func allowAnyOrigin(answer core.Answer) core.Answer {
	return answer.With("Access-Control-Allow-Origin", "*")
}
