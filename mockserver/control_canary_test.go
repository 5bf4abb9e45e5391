package mockserver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/clienttest"
)

// showsSecrets are the operations of the control plane that show keys and
// credentials when they succeed, since that is what they are for: whoever reaches
// the control plane may do everything. All others hide them, and so does whatever
// is refused.
var showsSecrets = []string{
	"listJunkieAccounts", "createJunkieAccount", "getJunkieAccount",
	"listJunkieAPIKeys", "createJunkieAPIKey", "getJunkieAPIKey", "changeJunkieAPIKey",
	"listJunkieKeys", "createJunkieKey", "getJunkieKey", "changeJunkieKey",
	"listKeycrateAPIKeys", "createKeycrateAPIKey", "getKeycrateAPIKey", "changeKeycrateAPIKey",
	"listKeycrateLicenses", "createKeycrateLicense", "getKeycrateLicense", "changeKeycrateLicense", "orphanKeycrateLicenses",
	"listLuaProtAccounts", "createLuaProtAccount", "getLuaProtAccount", "changeLuaProtAccount",
	"listLuaProtAPIKeys", "createLuaProtAPIKey", "getLuaProtAPIKey", "changeLuaProtAPIKey",
	"listLuaProtKeys", "createLuaProtKey", "getLuaProtKey", "changeLuaProtKey", "blacklistLuaProtKeyGlobally", "liftLuaProtGlobalBlacklist",
	"listKeygenAccounts", "createKeygenAccount", "getKeygenAccount", "changeKeygenAccount", // with the token of their admin
	"listKeygenProducts", "getKeygenProduct", "changeKeygenProduct", // with whatever metadata they were given
	"listKeygenKeys", "createKeygenKey", "getKeygenKey", "changeKeygenKey",
	"listKeygenLicenses", "createKeygenLicense", "getKeygenLicense", "changeKeygenLicense",
	"listKeygenTokens", "createKeygenToken", "getKeygenToken", "changeKeygenToken",
	"createFault", "getFault", "listFaults", "replaceFault", "listFindings", // the answers that faults put in the vendors' place
	"plantSeed", "getSnapshot",
}

// secretMembers are the members of what is sent to the control plane that hold
// secrets.
var secretMembers = map[string][]string{
	"faults":   {"body"},
	"junkie":   {"apiKey", "key", "value"},
	"keycrate": {"key", "license", "password"},
	"keygen":   {"key", "token"},
	"luaprot":  {"apiKey", "key"},
}

// keyedCollections are those with objects that are named by a key or a credential, or
// that somebody might name so.
var keyedCollections = []string{
	"/junkie/api-keys", "/junkie/keys", "/keycrate/api-keys", "/keycrate/licenses",
	"/keygen/keys", "/keygen/licenses", "/keygen/tokens", "/luaprot/api-keys", "/luaprot/keys",
}

const controlToken = "token-of-the-control-plane"

// Every operation of the control plane is asked about secrets that there are and
// secrets that nobody has, with every secret in the wrong type and in the wrong
// place. Its answers and the log show them only where that is the purpose. Whatever is
// refused, or only looks, leaves the server as it was to the last byte of a snapshot.
func TestCanaryOfTheControlPlane(t *testing.T) {
	t.Parallel()
	var printed clienttest.Printer
	h := newHunt(t, WithLogger(printed.Logger()))
	h.tour(documentedOperations(t))
	assert.ElementsMatch(t, showsSecrets, slices.Collect(maps.Keys(h.shown)), "operations that show secrets")
	assert.Len(t, h.asked, len(documentedOperations(t))-1, "all operations but reset were asked")
	h.stray()
	printed.AssertHides(t, h.wanted...)
}

// A candid journal shows what was said, and a candid finding where a path led to:
// nothing else of the control plane is so.
func TestCanaryOfTheCandidJournal(t *testing.T) {
	t.Parallel()
	calls := documentedOperations(t)
	maps.DeleteFunc(calls, func(_ string, op documented) bool {
		return vendorOf(op.path) != "requests" && vendorOf(op.path) != "findings"
	})
	h := newHunt(t, WithJournalSecrets())
	h.tour(calls)
	assert.ElementsMatch(t, []string{"listRequests", "getRequest", "listFindings"}, slices.Collect(maps.Keys(h.shown)))
	h.stray()
}

// hunt looks for secrets in the answers of the control plane.
type hunt struct {
	*keyring        // of all vendors
	token    string // what is sent as Authorization
	rings    map[string]*keyring
	asked    map[string]bool
	shown    map[string]bool // operations that have shown one, having done what they were asked for
	wanted   []string        // all forms of all secrets
	last     int             // number of the latest fresh secret
	kept     []byte          // the server's snapshot; nil: it may have changed since
}

// newHunt gives every vendor something to hide.
func newHunt(t *testing.T, opts ...Option) *hunt {
	s := RunT(t, append(opts, WithAdminToken(controlToken), AllowFindings(), WithFrozenClock())...)
	h := &hunt{
		keyring: &keyring{T: t, s: s, secrets: map[string]bool{}}, token: "Bearer " + controlToken,
		rings: map[string]*keyring{}, asked: map[string]bool{}, shown: map[string]bool{},
	}
	h.secret(controlToken)
	h.secret(freshSecret)
	for vendor, tell := range map[string]func(*keyring){
		"junkie": tellJunkie, "luaprot": tellLuaProt, "keycrate": tellKeycrate, "keygen": tellKeygen,
	} {
		ring := &keyring{T: t, s: s, vendor: s.vendor(vendor), secrets: map[string]bool{}}
		tell(ring)
		ring.ask("GET", ring.vendor.tables.Root+"/keyz/"+ring.secret("lost-"+vendor+"-key-1"), "") // for a finding
		h.rings[vendor] = ring
		maps.Copy(h.secrets, ring.secrets)
	}
	h.wanted = h.forms()
	return h
}

const freshSecret = "fresh-secret-"

// fresh is a secret that nobody has yet.
func (h *hunt) fresh() string {
	h.last++
	return fmt.Sprint(freshSecret, h.last)
}

// tour asks for everything, and for what there is not; what removes something comes
// last.
func (h *hunt) tour(ops map[string]documented) {
	operations := slices.SortedFunc(maps.Values(ops), func(a, b documented) int { return strings.Compare(a.path, b.path) })
	for _, method := range []string{"POST", "PATCH", "PUT", "GET", "DELETE"} {
		for _, op := range operations {
			if op.method != method || op.OperationID == "reset" { // which forgets what there is to be found
				continue
			}
			h.asked[op.OperationID] = true
			for _, path := range h.paths(op) {
				for _, body := range h.bodies(op) {
					h.ask(op, path, body)
				}
			}
		}
	}
}

// stray asks for what there is not, and without the token.
func (h *hunt) stray() {
	nowhere := documented{Operation: &openapi3.Operation{}, method: "GET"}
	for _, path := range []string{"/keycrate/licences/", "/luaprot/key/", "/nowhere/", "/luaprot/keys/a/"} {
		h.ask(nowhere, path+h.fresh(), "")
	}
	h.ask(documented{Operation: nowhere.Operation, method: "PUT"}, "/luaprot/keys/"+h.fresh(), "{}")
	for _, header := range []string{"", "Bearer " + h.fresh(), h.fresh()} {
		h.token = header
		h.ask(nowhere, "/clock", "")
	}
}

// ask asks, and looks at the answer.
func (h *hunt) ask(op documented, path, body string) {
	if path == "/requests/await" {
		path += "?timeout=0s"
	}
	if h.kept == nil {
		h.kept = h.s.Snapshot()
	}
	status, read := h.send(op.method, path, body)
	if op.method != "GET" && status < 300 {
		h.kept = nil
		h.s.Freeze() // or else the clock itself changes something
	} else if !bytes.Equal(h.kept, h.s.Snapshot()) {
		h.kept = nil
		h.Errorf("%s %s %s has changed something: %d %s", op.method, path, body, status, read)
	}
	at := slices.IndexFunc(h.wanted, func(form string) bool { return strings.Contains(read, form) })
	switch {
	case status < 300 && h.drawn(op, read):
		h.shown[op.OperationID] = true
	case at < 0:
	case status < 300:
		h.shown[op.OperationID] = true
	default:
		h.Errorf("%s %s %s shows %q: %d %s", op.method, path, body, h.wanted[at], status, read)
	}
}

// send sends a request below /__admin, and returns the status and the body of the
// answer.
func (h *hunt) send(method, path, body string) (status int, read string) {
	req := httptest.NewRequestWithContext(h.Context(), method, "http://127.0.0.1"+adminRoot+path, strings.NewReader(body))
	if h.token != "" {
		req.Header.Set("Authorization", h.token)
	}
	answer := httptest.NewRecorder()
	h.s.Handler().ServeHTTP(answer, req)
	return answer.Code, answer.Body.String()
}

// drawn reports whether an answer shows a secret that the vendor has made up, and
// keeps those in mind.
func (h *hunt) drawn(op documented, answer string) (found bool) {
	if h.rings[vendorOf(op.path)] == nil || op.OperationID == "listKeygenPublicKeys" || op.OperationID == "createKeycrateBlacklistLine" {
		return false
	}
	rewriteJSON([]byte(answer), func(s scalar) (string, bool) {
		if s.kind == textValue && len(s.text) >= len(freshSecret) && slices.Contains(secretMembers[vendorOf(op.path)], s.name) {
			found = true
			if !slices.Contains(h.wanted, s.text) {
				h.secret(s.text)
				h.wanted = append(h.wanted, formsOf(h.T, s.text)...)
			}
		}
		return "", false
	})
	return found
}

// vendorOf is the vendor that a path is about, or what else.
func vendorOf(path string) string {
	return strings.Split(strings.TrimPrefix(path, adminRoot+"/"), "/")[0]
}

// paths are the paths of an operation: with secrets that there are or are not, and
// with ids of what there is. Nothing that there is, is deleted.
func (h *hunt) paths(op documented) (paths []string) {
	path := strings.TrimPrefix(op.path, adminRoot)
	parent, _, one := strings.Cut(path, "/{")
	if !one {
		return append(h.filtered(op, path), path)
	}
	ids := []string{"4815162342"}
	if slices.Contains(keyedCollections, parent) {
		ids = append(ids, h.fresh())
	}
	if op.method != "DELETE" {
		ids = append(ids, h.idsOf(parent)...)
	}
	for _, id := range ids {
		paths = append(paths, parent+"/"+url.PathEscape(id))
	}
	return paths
}

// filtered are the paths of a list with secrets in its query.
func (h *hunt) filtered(op documented, path string) (paths []string) {
	names := []string{"unheard-of"}
	for _, parameter := range op.Parameters {
		if name := parameter.Value.Name; slices.Contains(secretMembers[vendorOf(op.path)], name) {
			names = append(names, name)
		}
	}
	for _, name := range names {
		paths = append(paths, path+"?"+name+"="+h.fresh(), path+"?"+name+"=%zz"+h.fresh())
	}
	return paths
}

// idsOf are the ids of some of the objects that a list has.
func (h *hunt) idsOf(path string) (ids []string) {
	status, read := h.send("GET", path, "")
	require.Equal(h, 200, status, path)
	var list struct{ Items []sheet }
	require.NoError(h, json.Unmarshal([]byte(read), &list))
	for _, item := range list.Items {
		for _, name := range []string{"id", "number", "key", "discordId", "vendor"} {
			if id, found := item[name]; found {
				ids = append(ids, fmt.Sprint(id))
				break
			}
		}
	}
	return ids[:min(len(ids), 3)]
}

// bodies are what an operation is sent: its example, what is no document, and in
// turn each secret in every place and form in which it may be wrong.
func (h *hunt) bodies(op documented) []string {
	if op.RequestBody == nil {
		return []string{""}
	}
	bodies := []string{string(op.body(h.T)), `"` + h.fresh() + `"`, `{"key":"` + h.fresh()}
	if op.OperationID != "plantSeed" {
		return append(bodies, h.spoilt(op)...)
	}
	for _, op := range documentedOperations(h.T) {
		vendor := vendorOf(op.path)
		if op.method != "POST" || h.rings[vendor] == nil {
			continue
		}
		for _, body := range h.spoilt(op) {
			collection := strings.TrimPrefix(op.path, adminRoot+"/"+vendor+"/")
			bodies = append(bodies, fmt.Sprintf(`{%q:{%q:[%s]}}`, vendor, collection, body))
		}
	}
	return bodies
}

// spoilt are bodies with one secret each that is new, taken, of the wrong type, or
// beside nothing else.
func (h *hunt) spoilt(op documented) (bodies []string) {
	schema := op.RequestBody.Value.Content["application/json"].Schema.Value
	var example sheet
	require.NoError(h, json.Unmarshal(op.body(h.T), &example))
	for _, name := range secretMembers[vendorOf(op.path)] {
		if !hasProperty(schema, name) {
			continue
		}
		values := []any{h.fresh(), []any{h.fresh()}, sheet{name: h.fresh()}}
		if ring := h.rings[vendorOf(op.path)]; ring != nil {
			for _, secret := range slices.Sorted(maps.Keys(ring.secrets))[:3] {
				values = append(values, secret)
			}
		}
		for _, value := range values {
			whole := maps.Clone(example)
			whole[name] = value
			bodies = append(bodies, string(encode(h.T, whole)), string(encode(h.T, sheet{name: value})))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(example)) { // what is refused late, for something that it refers to
		if _, text := example[name].(string); text && !slices.Contains(secretMembers[vendorOf(op.path)], name) {
			whole := maps.Clone(example)
			whole[name] = "00000000-0000-4000-8000-00000000dead"
			bodies = append(bodies, string(encode(h.T, whole)))
		}
	}
	return append(bodies, map[string][]string{
		"createKeycrateAPIKey":   {`{}`},
		"createFault":            {`{"op":"*","action":"status","status":503,"body":"` + h.fresh() + `"}`},
		"replaceFault":           {`{"op":"*","action":"status","status":504,"body":"` + h.fresh() + `"}`},
		"createKeygenToken":      {`{"role":"admin"}`, `{"role":"sales-agent","token":"` + h.s.Keygen().Token() + `"}`, `{"bearer":{"type":"license","id":"` + h.fresh() + `"}}`},
		"orphanKeycrateLicenses": {`{"subscription":"gold"}`},
	}[op.OperationID]...)
}

func hasProperty(schema *openapi3.Schema, name string) bool {
	return schema.Properties[name] != nil || slices.ContainsFunc(schema.AllOf, func(part *openapi3.SchemaRef) bool { return hasProperty(part.Value, name) })
}
