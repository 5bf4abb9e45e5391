package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/junkiewire"
	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
)

var junkieSuite = suite[*shop]{
	vendor: "junkie",
	open:   openShop,
	scenarios: slices.Concat(
		junkieVectors,
		junkieAccess,
		junkieErrors,
		junkieInput,
		junkieBounds,
		junkieCreation,
		junkieBatches,
		junkieChanges,
		junkieExpiry,
		junkieLists,
		junkieEndUsers,
		junkieShapes,
	),
}

func TestJunkie(t *testing.T) {
	t.Parallel()
	junkieSuite.run(t)
}

// shop is the stage of Junkie's scenarios: an account with one provider, and a
// client that acts for it.
type shop struct {
	ground
	client   *junkie.Client
	provider junkiemock.Provider
}

func openShop(t *testing.T, r *rig) *shop {
	return &shop{ground: ground{t, r}, client: r.junkieClient(t), provider: r.Junkie.AddProvider("shop")}
}

// as returns the shop with a client of another API key.
func (s *shop) as(apiKey string) *junkie.Client {
	s.Helper()
	config := s.junkieConfig()
	config.APIKey = apiKey
	client, err := junkie.New(config)
	require.NoError(s, err)
	return client
}

// What the client does, as long as it should succeed.

func (s *shop) create(params junkie.CreateKeyParams) *junkie.Key {
	s.Helper()
	if params.ProviderID == 0 {
		params.ProviderID = s.provider.ID
	}
	key, err := s.client.Keys.Create(s.Context(), params)
	require.NoError(s, err)
	return key
}

func (s *shop) get(id int64) *junkie.Key {
	s.Helper()
	key, err := s.client.Keys.Get(s.Context(), junkie.ID(id))
	require.NoError(s, err)
	return key
}

func (s *shop) update(id int64, params junkie.UpdateKeyParams) *junkie.UpdateKeyResult {
	s.Helper()
	result, err := s.client.Keys.Update(s.Context(), junkie.ID(id), params)
	require.NoError(s, err)
	return result
}

func (s *shop) reset(id int64) {
	s.Helper()
	require.NoError(s, s.client.Keys.ResetHWIDs(s.Context(), junkie.ID(id)))
}

func (s *shop) list(params junkie.ListKeysParams) *junkie.KeyPage {
	s.Helper()
	page, err := s.client.Keys.List(s.Context(), params)
	require.NoError(s, err)
	return page
}

// found lists the ids of the keys that a filter finds, as the list orders them.
func (s *shop) found(params junkie.ListKeysParams) []int64 {
	s.Helper()
	return ids(s.list(params).Keys)
}

func ids(keys []*junkie.Key) []int64 {
	found := []int64{}
	for _, key := range keys {
		found = append(found, key.ID)
	}
	return found
}

func hwids(key *junkie.Key) []string {
	values := []string{}
	for _, device := range key.HWIDs {
		values = append(values, device.Value)
	}
	return values
}

// What is looked at behind the curtain.

// stored is a key as the vendor keeps it.
func (s *shop) stored(id int64) junkiemock.Key {
	s.Helper()
	key, found := s.Junkie.Key(id)
	require.True(s, found, "key %d is not there", id)
	return key
}

// assertStatus checks that a key is found by the filter of one status and by no
// other, and that the client comes to the same status by itself.
func (s *shop) assertStatus(id int64, want junkie.Status) {
	s.Helper()
	for _, status := range statuses {
		assert.Equal(s, status == want, slices.Contains(s.found(junkie.ListKeysParams{Status: status, Limit: 100}), id),
			"key %d is found as %s", id, status)
	}
	assert.Equal(s, want, s.get(id).Status(s.Server.Now()))
}

var statuses = []junkie.Status{
	junkie.StatusActive, junkie.StatusUsed, junkie.StatusExpired, junkie.StatusInvalidated,
}

// assertVerified has an end user verify a key and checks what the program is
// told.
func (s *shop) assertVerified(code, value, device string, opts ...junkiemock.VerifyOption) {
	s.Helper()
	valid := code == junkiemock.CodeKeyValid || code == junkiemock.CodeKeyless
	assert.Equal(s, junkiemock.Verification{Valid: valid, Code: code}, s.Junkie.Verify(value, device, opts...))
}

// unchanged checks that what is done has no effect.
func (s *shop) unchanged(do func()) {
	s.Helper()
	keys := s.Junkie.Keys()
	assert.Empty(s, s.effects(do))
	assert.Equal(s, keys, s.Junkie.Keys())
}

// What goes over the wire as it is.

func (s *shop) raw(method, path, body string, headers ...string) answer {
	s.Helper()
	return s.junkieRaw(s.T, method, path, body, headers...)
}

// post creates something and returns the answer.
func (s *shop) post(path, body string) answer {
	s.Helper()
	a := s.raw("POST", path, body)
	require.Equal(s, 201, a.Status, a.Body)
	return a
}

// put changes a key.
func (s *shop) put(id int64, body string) answer {
	s.Helper()
	a := s.raw("PUT", keyPath(id), body)
	require.Equal(s, 200, a.Status, a.Body)
	return a
}

func keyPath(id int64) string { return "/keys/" + decimal(id) }

func decimal(id int64) string { return strconv.FormatInt(id, 10) }

// creation is the body of a creation with the shop's provider and further
// fields.
func (s *shop) creation(fields string) string {
	if fields != "" {
		fields = ", " + fields
	}
	return fmt.Sprintf(`{"provider_id": %d%s}`, s.provider.ID, fields)
}

// assertError checks a refusal to the letter, but for the messages of the
// fields it names.
func (s *shop) assertError(a answer, status int, text string, fields ...string) {
	s.Helper()
	assert.Equal(s, status, a.Status, a.Body)
	assert.Equal(s, "application/json", a.Header.Get("Content-Type"))
	if len(fields) == 0 {
		want, err := json.Marshal(map[string]string{"error": text})
		require.NoError(s, err)
		assert.JSONEq(s, string(want), a.Body)
		return
	}
	var body struct {
		Error   string
		Details []struct{ Field, Message string }
	}
	require.NoError(s, json.Unmarshal([]byte(a.Body), &body), a.Body)
	assert.Equal(s, text, body.Error)
	var named []string
	for _, detail := range body.Details {
		named = append(named, detail.Field)
		assert.NotEmpty(s, detail.Message, detail.Field)
	}
	assert.ElementsMatch(s, fields, named, a.Body)
}

// assertInvalid sends a request that the vendor must refuse for its content,
// without any effect.
func (s *shop) assertInvalid(method, path, body string, fields ...string) {
	s.Helper()
	s.unchanged(func() {
		s.Helper()
		s.assertError(s.raw(method, path, body), 400, "Validation failed", fields...)
	})
}

// assertLocal checks that the client refuses to send a call, and names the
// argument.
func (s *shop) assertLocal(field string, call func() error) {
	s.Helper()
	before := len(s.Server.Calls())
	err := call()
	s.Server.AssertCalls(s, before)
	e := s.assertIs(err, junkie.ErrInvalid)
	assert.Zero(s, e.Attempts)
	require.Len(s, e.Fields, 1, "%v", err)
	assert.Equal(s, field, e.Fields[0].Field)
}

// assertIs checks the kind of an error, and returns it.
func (s *shop) assertIs(err, kind error) *junkie.Error {
	s.Helper()
	require.ErrorIs(s, err, kind)
	var e *junkie.Error
	require.True(s, errors.As(err, &e), "%T is no *junkie.Error", err)
	return e
}

// junkieCall is one operation as a raw request about one key.
type junkieCall struct{ id, method, path, body string }

// everyCall has one valid request for each operation of the document.
func (s *shop) everyCall(key junkiemock.Key) []junkieCall {
	bodies := map[string]string{
		junkiewire.CreateKeyOp.ID:  s.creation(""),
		junkiewire.CreateKeysOp.ID: s.creation(`"amount": 2`),
		junkiewire.DeleteKeysOp.ID: fmt.Sprintf(`{"keys": [%d]}`, key.ID),
		junkiewire.UpdateKeyOp.ID:  `{"key_name": "changed"}`,
	}
	var calls []junkieCall
	for _, op := range junkiewire.Operations() {
		path := strings.Replace(op.Path, "{keyId}", strconv.FormatInt(key.ID, 10), 1)
		calls = append(calls, junkieCall{op.ID, op.Method, path, bodies[op.ID]})
	}
	return calls
}
