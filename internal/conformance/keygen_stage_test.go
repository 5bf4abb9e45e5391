package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

// keygenCanonical gives a request the form that the document has it in: the
// vendor takes PUT for PATCH, a slash or .json at the end of a path, and on a
// server with one account paths without it.
func keygenCanonical(req *http.Request) {
	if req.Method == http.MethodPut {
		req.Method = http.MethodPatch
	}
	path := strings.TrimSuffix(strings.TrimSuffix(req.URL.Path, "/"), ".json")
	if below, found := strings.CutPrefix(path, "/v1/"); found && !strings.HasPrefix(below, "accounts/") {
		path = "/v1/accounts/-/" + below
	}
	req.URL.Path, req.URL.RawPath = path, ""
}

// What the client does.

// clientAs returns a client of the default account with a credential.
func (s *keygenStage) clientAs(credential keygen.Credential) *keygen.Client {
	s.Helper()
	return s.clientWith(func(c *keygen.Config) { c.Credential = credential })
}

// client acts for the default account's admin.
func (s *keygenStage) client() *keygen.Client {
	s.Helper()
	return s.clientAs(keygen.Token(s.Keygen.Token()))
}

func (s *keygenStage) clientWith(change func(*keygen.Config)) *keygen.Client {
	s.Helper()
	config := s.keygenConfig()
	change(&config)
	client, err := keygen.New(config)
	require.NoError(s, err)
	return client
}

// keygenConfig is a configuration that reaches the mock with the token of an
// admin; a test may change it before it makes its client.
func (r *rig) keygenConfig() keygen.Config {
	return keygen.Config{
		Account:    r.Keygen.Account(),
		Credential: keygen.Token(r.Keygen.Token()),
		BaseURL:    r.keygenURL,
		HTTPClient: r.http,
		Now:        r.Server.Now,
	}
}

// keygenClient returns a client with the defaults.
func (r *rig) keygenClient(t *testing.T) *keygen.Client {
	t.Helper()
	client, err := keygen.New(r.keygenConfig())
	require.NoError(t, err)
	return client
}

// What there is behind the curtain.

// pool is a pooled policy with keys, which are returned newest first.
func (s *keygenStage) pool(n int) (keygenmock.Policy, []keygenmock.Key) {
	policy := s.Keygen.AddPolicy(keygenmock.Policy{Pooled: true})
	return policy, s.fill(policy.ID, n)
}

// fill puts keys into a pool and returns them newest first.
func (s *keygenStage) fill(policyID string, n int) []keygenmock.Key {
	keys := []keygenmock.Key{}
	for range n {
		keys = append(keys, s.Keygen.AddKey(keygenmock.Key{PolicyID: policyID}))
	}
	slices.Reverse(keys)
	return keys
}

// tokenOf makes a token of somebody.
func (s *keygenStage) tokenOf(bearerID string) string {
	return s.Keygen.AddToken(keygenmock.Token{BearerID: bearerID}).Value
}

// employees are the roles of those who work for an account, by the words that
// refusals call them.
var employees = map[string]string{
	"admin": keygenmock.RoleAdmin, "developer": keygenmock.RoleDeveloper, "sales agent": keygenmock.RoleSalesAgent,
	"support agent": keygenmock.RoleSupportAgent, "read only": keygenmock.RoleReadOnly,
}

// tokens has a token of everybody: of employees and of a product, a user and a
// license that nothing belongs to.
func (s *keygenStage) tokens() map[string]string {
	tokens := map[string]string{
		"product": s.tokenOf(s.Keygen.AddProduct(keygenmock.Product{}).ID),
		"user":    s.tokenOf(s.Keygen.AddUser(keygenmock.User{}).ID),
		"license": s.tokenOf(s.Keygen.AddLicense(keygenmock.License{}).ID),
	}
	for words, role := range employees {
		tokens[words] = s.tokenOf(s.Keygen.AddUser(keygenmock.User{Role: role}).ID)
	}
	return tokens
}

// What goes over the wire as it is.

const jsonAPI = "application/vnd.api+json"

// raw sends a request of the default account's admin. The path is that below the
// account, or below nothing if it begins with two slashes. If it is refused, it
// must have had no effect.
func (s *keygenStage) raw(method, path, body string, headers ...string) (a answer) {
	s.Helper()
	usual := []string{"Accept: " + jsonAPI, "Authorization: Bearer " + s.Keygen.Token()}
	if body != "" {
		usual = append(usual, "Content-Type: "+jsonAPI)
	}
	effects := s.effects(func() { a = s.send(s.T, method, s.address(path), body, append(usual, headers...)) })
	if a.Status >= 300 {
		assert.Empty(s, effects, a.Body)
	}
	return a
}

func (s *keygenStage) address(path string) string {
	if below, found := strings.CutPrefix(path, "//"); found {
		return s.keygenURL + "/" + below
	}
	return s.keygenURL + "/accounts/" + s.Keygen.Account() + path
}

// unwatched sends a request as raw does, past the contract: the document says
// nothing of it.
func (s *keygenStage) unwatched(method, path, body string, headers ...string) answer {
	s.Helper()
	watched := s.rig.raw
	s.rig.raw = &http.Client{Transport: watched.Transport.(*inspector).next}
	defer func() { s.rig.raw = watched }()
	return s.raw(method, path, body, headers...)
}

func (s *keygenStage) get(path string, headers ...string) answer {
	s.Helper()
	return s.raw("GET", path, "", headers...)
}

func (s *keygenStage) post(path, body string, headers ...string) answer {
	s.Helper()
	return s.raw("POST", path, body, headers...)
}

func (s *keygenStage) remove(path string, headers ...string) answer {
	s.Helper()
	return s.raw("DELETE", path, "", headers...)
}

func bearer(token string) string { return "Authorization: Bearer " + token }

const anonymous = "Authorization:"

// Documents.

func quoted(text string) string {
	data, _ := json.Marshal(text)
	return string(data)
}

func newKeyDocument(text, policyID string) string {
	return fmt.Sprintf(`{"data": {"type": "keys", "attributes": {"key": %s}, "relationships": {"policy": {"data": {"type": "policies", "id": %q}}}}}`,
		quoted(text), policyID)
}

func updateDocument(attributes string) string {
	return `{"data": {"type": "keys", "attributes": {` + attributes + `}}}`
}

func policyDocument(productID, attributes string) string {
	return fmt.Sprintf(`{"data": {"type": "policies", "attributes": {%s}, "relationships": {"product": {"data": {"type": "products", "id": %q}}}}}`,
		attributes, productID)
}

func productDocument(attributes string) string {
	return `{"data": {"type": "products", "attributes": {` + attributes + `}}}`
}

// licenseDocument is about a license of a policy, with further relationships.
func licenseDocument(policyID, attributes string, further ...string) string {
	policy := fmt.Sprintf(`"policy": {"data": {"type": "policies", "id": %q}}`, policyID)
	return fmt.Sprintf(`{"data": {"type": "licenses", "attributes": {%s}, "relationships": {%s}}}`,
		attributes, strings.Join(append([]string{policy}, further...), ", "))
}

func ownedBy(userID string) string {
	return fmt.Sprintf(`"owner": {"data": {"type": "users", "id": %q}}`, userID)
}

// createPolicy creates a policy of a product of its own.
func (s *keygenStage) createPolicy(attributes string, headers ...string) answer {
	s.Helper()
	return s.post("/policies", policyDocument(s.Keygen.AddProduct(keygenmock.Product{}).ID, attributes), headers...)
}

func (s *keygenStage) createLicense(policyID, attributes string, headers ...string) answer {
	s.Helper()
	return s.post("/licenses", licenseDocument(policyID, attributes), headers...)
}

// What is asserted.

func (s *keygenStage) assertStatus(a answer, status int) answer {
	s.Helper()
	require.Equal(s, status, a.Status, a.Body)
	return a
}

// assertHas checks values of an answer by their paths.
func (s *keygenStage) assertHas(a answer, status int, values map[string]any) answer {
	s.Helper()
	s.assertStatus(a, status)
	for path, want := range values {
		if n, isInt := want.(int); isInt {
			want = float64(n)
		}
		assert.Equal(s, want, a.at(s, path), path)
	}
	return a
}

// assertAttributes is assertHas for the attributes of one object.
func (s *keygenStage) assertAttributes(a answer, status int, values map[string]any) answer {
	s.Helper()
	paths := map[string]any{}
	for name, value := range values {
		paths["data.attributes."+name] = value
	}
	return s.assertHas(a, status, paths)
}

func (s *keygenStage) assertHeader(a answer, name, want string) answer {
	s.Helper()
	assert.Equal(s, want, a.Header.Get(name), name)
	return a
}

// assertIDs checks the ids of a list, in its order.
func (s *keygenStage) assertIDs(a answer, ids ...string) answer {
	s.Helper()
	s.assertStatus(a, 200)
	var list struct{ Data []struct{ ID string } }
	require.NoError(s, json.Unmarshal([]byte(a.Body), &list))
	require.NotNil(s, list.Data)
	got := []string{}
	for _, object := range list.Data {
		got = append(got, object.ID)
	}
	assert.Equal(s, append([]string{}, ids...), got)
	return a
}

func keyIDs(keys ...keygenmock.Key) (ids []string) {
	for _, k := range keys {
		ids = append(ids, k.ID)
	}
	return ids
}

// assertErrors checks a refusal to the letter.
func (s *keygenStage) assertErrors(a answer, status int, problems ...string) answer {
	s.Helper()
	s.assertStatus(a, status)
	id := a.Header.Get("X-Request-Id")
	assert.NotEmpty(s, id)
	assert.JSONEq(s, fmt.Sprintf(`{"meta": {"id": %q}, "errors": [%s]}`, id, strings.Join(problems, ", ")), a.Body)
	return a
}

// assertEarly checks a refusal from before the API proper.
func (s *keygenStage) assertEarly(a answer, status int, problem string) answer {
	s.Helper()
	s.assertStatus(a, status)
	assert.JSONEq(s, `{"errors": [`+problem+`]}`, a.Body)
	assert.Equal(s, "application/vnd.api+json; charset=utf-8", a.Header.Get("Content-Type"))
	for name := range a.Header {
		assert.False(s, strings.HasPrefix(name, "Keygen-") || name == "Digest" || name == "X-Request-Id", name)
	}
	return a
}

func (s *keygenStage) assertHidden(a answer, kind, id string) {
	s.Helper()
	s.assertErrors(a, 404, rowNotFound(kind, id))
}

func (s *keygenStage) assertLacks(a answer, role string) {
	s.Helper()
	s.assertErrors(a, 403, rowLacks(role))
}

func (s *keygenStage) assertForbidden(a answer) {
	s.Helper()
	s.assertErrors(a, 403, forbiddenJSON)
}

func (s *keygenStage) assertMalformed(a answer, pointer, detail string) {
	s.Helper()
	s.assertErrors(a, 400, rowMalformed(pointer, detail))
}

const (
	forbiddenJSON = `{"title": "Access denied", "detail": "You do not have permission to complete the request (ensure the token or license is allowed to access all resources)"}`
	conflictJSON  = `{"title": "Conflict", "detail": "The request could not be completed because of a conflict"}`
)

// badRequestJSON is an error object of a 400 with a code.
func badRequestJSON(code, detail string) string {
	return fmt.Sprintf(`{"title": "Bad request", "detail": %q, "code": %q}`, detail, code)
}

// wrongAttributeJSON says what is wrong with an attribute of a new object.
func wrongAttributeJSON(kind, name, code, detail string) string {
	return rowUnprocessableOf(kind, "/data/attributes/"+name, code, detail, "attrs-"+name)
}

// wrongRelationJSON says that a related object of a new one does not exist.
func wrongRelationJSON(kind, name, code string) string {
	return rowUnprocessableOf(kind, "/data/relationships/"+name, code, "must exist", "relationships-"+name)
}

func rowUnprocessableOf(kind, pointer, code, detail, anchor string) string {
	return fmt.Sprintf(`{"title": "Unprocessable resource", "detail": %q, "code": %q, "source": {"pointer": %q}, "links": {"about": %q}}`,
		detail, code, pointer, rowDocs+kind+"/#"+kind+"-object-"+anchor)
}

// Errors of the client.

// keygenKinds are all kinds of errors but ErrUnknownOutcome, which comes on top
// of others.
var keygenKinds = []error{
	keygen.ErrUnauthorized, keygen.ErrForbidden, keygen.ErrNotFound, keygen.ErrConflict, keygen.ErrInvalid, keygen.ErrRateLimited,
	keygen.ErrServer, keygen.ErrBadResponse, keygen.ErrKeyTaken, keygen.ErrKeyConflict, keygen.ErrPoolEmpty, keygen.ErrPoolNotSupported,
	keygen.ErrAccountNotFound, keygen.ErrAccountInactive, keygen.ErrDailyLimit, keygen.ErrTokenMissing, keygen.ErrTokenInvalid,
	keygen.ErrTokenFormat, keygen.ErrTokenExpired, keygen.ErrTokenNotAllowed, keygen.ErrLicenseInvalid, keygen.ErrLicenseNotAllowed,
	keygen.ErrLicenseSuspended, keygen.ErrLicenseExpired, keygen.ErrBanned, keygen.ErrSignature, keygen.ErrListBroken,
}

// assertIs checks that an error is of these kinds and of no other, and returns
// it.
func (s *keygenStage) assertIs(err error, kinds ...error) *keygen.Error {
	s.Helper()
	for _, kind := range keygenKinds {
		assert.Equal(s, slices.Contains(kinds, kind), errors.Is(err, kind), "%v is %v", err, kind)
	}
	var e *keygen.Error
	require.True(s, errors.As(err, &e), "%T is no *keygen.Error", err)
	return e
}

// assertRefused checks that the vendor refused the client's last call, that the
// error keeps all error objects of the answer, and that it is known for what it
// is.
func (s *keygenStage) assertRefused(err error, status int, kinds ...error) *keygen.Error {
	s.Helper()
	e := s.assertIs(err, kinds...)
	var said struct {
		Meta   struct{ ID string }
		Errors []struct {
			Title, Detail, Code string
			Source              struct{ Pointer, Parameter, Header string }
			Links               struct{ About string }
		}
	}
	require.NoError(s, json.Unmarshal([]byte(s.seen.answer()), &said))
	require.NotEmpty(s, said.Errors)
	redact := s.redactor()
	var objects []keygen.ErrorObject
	for _, o := range said.Errors {
		objects = append(objects, keygen.ErrorObject{
			Title: o.Title, Detail: redact.Replace(o.Detail), Code: o.Code,
			Pointer: o.Source.Pointer, Parameter: o.Source.Parameter, Header: o.Source.Header, About: o.Links.About,
		})
		assert.Contains(s, e.Message, redact.Replace(o.Detail))
	}
	assert.Equal(s, objects, e.Errors)
	assert.Equal(s, said.Errors[0].Code, e.Code)
	assert.Equal(s, said.Meta.ID, e.RequestID)
	assert.Equal(s, status, e.StatusCode)
	assert.Equal(s, 1, e.Attempts)
	assert.Equal(s, keygen.OutcomeNotApplied, e.Outcome)
	assert.NotErrorIs(s, err, keygen.ErrUnknownOutcome)
	return e
}

// redactor hides what the path of the last request named, which errors do not
// show.
func (s *keygenStage) redactor() *strings.Replacer {
	var pairs []string
	for i, segment := range strings.Split(s.seen.read().req.URL.EscapedPath(), "/") {
		name, err := url.PathUnescape(segment)
		if err == nil && i >= 3 && i%2 == 1 && len(name) >= 6 { // "", v1, accounts, {account}, policies, {policyId}, pool, {keyId}
			pairs = append(pairs, name, "[redacted]")
		}
	}
	return strings.NewReplacer(pairs...)
}

// assertLocal checks that the client refuses to send a call, and names the
// argument.
func (s *keygenStage) assertLocal(field string, call func() error) {
	s.Helper()
	before := len(s.Server.Calls())
	err := call()
	s.Server.AssertCalls(s, before)
	e := s.assertIs(err, keygen.ErrInvalid)
	assert.Zero(s, e.Attempts)
	require.Len(s, e.Fields, 1, "%v", err)
	assert.Equal(s, field, e.Fields[0].Field)
}
