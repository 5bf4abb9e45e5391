package junkie

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/junkiewire"
)

// callCase is one call of a method: what it puts on the wire, what it makes of
// the vendor's documented answer, and what becomes of odd ones.
type callCase struct {
	name string
	op   string
	call func(context.Context, *KeysService) (any, error)

	method, url string // below the base URL
	body        string // JSON; "" = none

	status int
	answer string
	want   any

	// Answers that must be read as want too, and ones that must be refused.
	alike, refused []string
	lacking        []string // whole answers without what they are about
}

func callCases() []callCase {
	const created = `{"key": ` + fullKey + `}`
	return []callCase{
		{
			name: "list", op: "listKeys",
			call:   func(ctx context.Context, s *KeysService) (any, error) { return s.List(ctx, ListKeysParams{}) },
			method: "GET", url: "/keys",
			status: 200, answer: `{"keys": [` + fullKey + `], "pagination": {"page": 1, "limit": 50, "total": 51, "totalPages": 2}}`,
			want: &KeyPage{Keys: []*Key{fullKeyWant()}, Page: 1, Limit: 50, Total: 51, TotalPages: 2},
			alike: []string{
				`{"color": 1, "keys": [` + fullKey + `], "pagination": {"page": 1, "limit": 50, "total": 51, "totalPages": 2, "next": null}}`,
			},
			refused: []string{`{}`, `{"keys": null}`, `{"data": []}`, `[]`, `null`, ``, `"keys"`, `{"keys": [`, `{"keys": {}}`},
		},
		{
			name: "list without pagination", op: "listKeys",
			call:   func(ctx context.Context, s *KeysService) (any, error) { return s.List(ctx, ListKeysParams{}) },
			method: "GET", url: "/keys",
			status: 200, answer: `{"keys": []}`, want: &KeyPage{Keys: []*Key{}},
			alike: []string{`{"keys": [], "pagination": null}`, `{"pagination": {}}`, `{"keys": null, "pagination": {"page": null}}`},
		},
		{
			name: "list with every condition", op: "listKeys",
			call: func(ctx context.Context, s *KeysService) (any, error) {
				return s.List(ctx, ListKeysParams{Page: 2, Limit: 100, ValueContains: "a b&c=d/é", HWIDContains: "h+1", DiscordID: "123456789012345678",
					ServiceID: 3, ProviderID: 7, FolderID: 5, Status: StatusInvalidated,
					ExpiresBefore: t0.In(time.FixedZone("", 3600)), ExpiresAfter: t0.Add(-1)})
			},
			method: "GET",
			url: "/keys?page=2&limit=100&discord_id=123456789012345678&key=a+b%26c%3Dd%2F%C3%A9&hwid=h%2B1&service_id=3&provider_id=7" +
				"&folder_id=5&status=invalidated&expires_before=2026-01-02T03%3A04%3A05Z&expires_after=2026-01-02T03%3A04%3A04.999999999Z",
			status: 200, answer: `{"keys": [], "pagination": {"page": 2, "limit": 100, "total": 0, "totalPages": 0}}`,
			want: &KeyPage{Keys: []*Key{}, Page: 2, Limit: 100},
		},
		{
			name: "create", op: "createKey",
			call: func(ctx context.Context, s *KeysService) (any, error) {
				return s.Create(ctx, CreateKeyParams{ProviderID: 7})
			},
			method: "POST", url: "/keys",
			body: `{"provider_id": 7, "validity_minutes": 0, "hwid_limit": 0, "is_premium": false, "one_time_use": false,
				"expiry_on_first_use": false, "no_hwid": false}`,
			status: 201, answer: created, want: fullKeyWant(),
			alike:   []string{`{"warning": "soon", "key": ` + fullKey + `}`},
			refused: []string{`null`, ``, `[]`, `{"key": []}`, `{"key": {"id": "x"}}`, `{"key": {"id": 1}`},
			lacking: []string{`{}`, `{"key": null}`, `{"key": {}}`, `{"key": {"id": 1}}`, `{"key": {"id": 1, "key_value": ""}}`, `{"message": "Key limit reached", "key": null}`},
		},
		{
			name: "create with everything", op: "createKey",
			call: func(ctx context.Context, s *KeysService) (any, error) {
				return s.Create(ctx, CreateKeyParams{ProviderID: 7, ServiceID: 3, FolderID: 5, Name: "order <1042> & more", DiscordID: "123456789012345678",
					Validity: 30 * 24 * time.Hour, ExpiryOnFirstUse: true, Premium: true, OneTimeUse: true, HWIDLimit: 2, NoHWID: true,
					HWIDs: []string{"dev-1", "dev-2"}})
			},
			method: "POST", url: "/keys",
			body: `{"provider_id": 7, "service_id": 3, "folder_id": 5, "key_name": "order <1042> & more", "discord_id": "123456789012345678",
				"validity_minutes": 43200, "expiry_on_first_use": true, "is_premium": true, "one_time_use": true, "hwid_limit": 2, "no_hwid": true,
				"hwids": ["dev-1", "dev-2"]}`,
			status: 201, answer: `{"key": {"key_value": "k"}}`, want: &Key{Value: "k"},
		},
		{
			name: "create with an empty list of devices", op: "createKey",
			call: func(ctx context.Context, s *KeysService) (any, error) {
				return s.Create(ctx, CreateKeyParams{ProviderID: 7, HWIDs: []string{}})
			},
			method: "POST", url: "/keys",
			body: `{"provider_id": 7, "validity_minutes": 0, "hwid_limit": 0, "is_premium": false, "one_time_use": false,
				"expiry_on_first_use": false, "no_hwid": false}`,
			status: 201, answer: created, want: fullKeyWant(),
		},
		{
			name: "batch", op: "createKeys",
			call: func(ctx context.Context, s *KeysService) (any, error) {
				return s.CreateBatch(ctx, CreateBatchParams{Amount: 2, ProviderID: 7})
			},
			method: "POST", url: "/keys/batch",
			body: `{"amount": 2, "provider_id": 7, "validity_minutes": 0, "hwid_limit": 0, "is_premium": false, "one_time_use": false,
				"expiry_on_first_use": false, "no_hwid": false}`,
			status: 201, answer: `{"keys": ["a", "b"], "count": 2, "config": {"provider_id":7}}`,
			want:    &KeyBatch{Values: []string{"a", "b"}, Count: 2, Config: json.RawMessage(`{"provider_id":7}`)},
			alike:   []string{`{"keys": ["a", "b"], "config": {"provider_id":7}}`, `{"keys": ["a", "b"], "count": null, "config": {"provider_id":7}, "x": 1}`},
			refused: []string{`null`, ``, `{"keys": [1]}`, `{"keys": ["a"`},
			lacking: []string{`{}`, `{"keys": []}`, `{"keys": null, "count": 2}`, `{"keys": ["a", ""], "count": 2}`},
		},
		{
			name: "batch with everything", op: "createKeys",
			call: func(ctx context.Context, s *KeysService) (any, error) {
				return s.CreateBatch(ctx, CreateBatchParams{Amount: 100, ProviderID: 7, ServiceID: 3, FolderID: 5, Name: "spring", DiscordID: "123456789012345678",
					Validity: time.Hour, ExpiryOnFirstUse: true, Premium: true, OneTimeUse: true, HWIDLimit: 100, NoHWID: true, HWID: "dev-1"})
			},
			method: "POST", url: "/keys/batch",
			body: `{"amount": 100, "provider_id": 7, "service_id": 3, "folder_id": 5, "key_name": "spring", "discord_id": "123456789012345678",
				"validity_minutes": 60, "expiry_on_first_use": true, "is_premium": true, "one_time_use": true, "hwid_limit": 100, "no_hwid": true,
				"hwid": "dev-1"}`,
			status: 201, answer: `{"keys": ["a"], "count": 3}`, want: &KeyBatch{Values: []string{"a"}, Count: 3},
		},
		{
			name: "bulk delete", op: "deleteKeys",
			call: func(ctx context.Context, s *KeysService) (any, error) {
				return s.BulkDelete(ctx, []KeyRef{ID(42), Value("42"), Value("a/b"), ID(42), Value("folders")})
			},
			method: "POST", url: "/keys/bulk-delete", body: `{"keys": [42, "42", "a/b", 42, "folders"]}`,
			status: 200, answer: `{"deleted": 3, "requested": 5}`, want: &BulkDeleteResult{Requested: 5, Deleted: 3},
			alike:   []string{`{"deleted": 3}`, `{"deleted": 3, "requested": null, "skipped": [1]}`},
			refused: []string{`null`, ``, `{"deleted": "3"}`},
			lacking: []string{`{}`, `{"requested": 5}`, `{"deleted": null}`},
		},
		{
			name: "folders", op: "listFolders",
			call:   func(ctx context.Context, s *KeysService) (any, error) { return s.Folders(ctx) },
			method: "GET", url: "/keys/folders",
			status: 200, answer: `{"folders": [{"id": 5, "name": "VIP", "created_at": "2026-01-02T03:04:05.000Z"}, {}]}`,
			want:    []KeyFolder{{ID: 5, Name: "VIP", CreatedAt: t0}, {}},
			alike:   []string{`{"folders": [{"id": 5, "name": "VIP", "created_at": "2026-01-02 03:04:05", "keys": 3}, {"id": null}], "total": 2}`},
			refused: []string{`null`, ``, `[]`, `{"folders": {}}`, `{"folders": [`},
		},
		{
			name: "no folders", op: "listFolders",
			call:   func(ctx context.Context, s *KeysService) (any, error) { return s.Folders(ctx) },
			method: "GET", url: "/keys/folders",
			status: 200, answer: `{"folders": []}`, want: []KeyFolder{},
			alike:   []string{`{"folders": null}`},
			lacking: []string{`{}`, `{"total": 2}`},
		},
		{
			name: "get by id", op: "getKey",
			call:   func(ctx context.Context, s *KeysService) (any, error) { return s.Get(ctx, ID(42)) },
			method: "GET", url: "/keys/42",
			status: 200, answer: created, want: fullKeyWant(),
			alike:   []string{`{"key": ` + strings.Replace(fullKey, "{", `{"discord_redemption": null, `, 1) + `}`},
			refused: []string{`{}`, `{"key": null}`, `null`, ``, `{"key": 7}`, `<html>`, `{"key": {"created_at": "yesterday"}}`},
		},
		{
			name: "get by value", op: "getKey",
			call:   func(ctx context.Context, s *KeysService) (any, error) { return s.Get(ctx, Value("a/b?c#d%e f;é.")) },
			method: "GET", url: "/keys/a%2Fb%3Fc%23d%25e%20f%3B%C3%A9.",
			status: 200, answer: `{"key": {"id": 1, "discord_redemption": {"redemption_status": "redeemed"}}}`,
			want: &Key{ID: 1, DiscordRedemption: &DiscordRedemption{Status: "redeemed"}},
		},
		{
			name: "update nothing", op: "updateKey",
			call: func(ctx context.Context, s *KeysService) (any, error) {
				return s.Update(ctx, ID(42), UpdateKeyParams{})
			},
			method: "PUT", url: "/keys/42", body: `{}`,
			status: 200, answer: `{"success": true, "message": "Key updated successfully"}`,
			want:    &UpdateKeyResult{Message: "Key updated successfully"},
			alike:   []string{`{"message": "Key updated successfully"}`, `{"message": "Key updated successfully", "keys_hwid": null, "success": null, "x": []}`},
			refused: []string{`[]`, `{"message": 7}`, `{"success"`},
		},
		{
			name: "update with an empty answer", op: "updateKey",
			call: func(ctx context.Context, s *KeysService) (any, error) {
				return s.Update(ctx, ID(42), UpdateKeyParams{})
			},
			method: "PUT", url: "/keys/42", body: `{}`,
			status: 200, answer: ``, want: &UpdateKeyResult{},
			alike: []string{`{}`, `null`},
		},
		{
			name: "update everything", op: "updateKey",
			call: func(ctx context.Context, s *KeysService) (any, error) {
				return s.Update(ctx, Value("v"), UpdateKeyParams{Name: Set("n"), FolderID: Set[int64](5), DiscordID: Set("123456789012345678"),
					Validity: Set(time.Hour), ExpiryOnFirstUse: Set(true), ExpiresAt: Set(t0.In(time.FixedZone("", -3600))), Premium: Set(true),
					OneTimeUse: Set(true), Invalidated: Set(true), HWIDLimit: Set(2), NoHWID: Set(true), HWIDs: Set([]string{"dev-1"})})
			},
			method: "PUT", url: "/keys/v",
			body: `{"key_name": "n", "folder_id": 5, "discord_id": "123456789012345678", "validity_minutes": 60, "expiry_on_first_use": true,
				"expires_at": "2026-01-02T03:04:05Z", "is_premium": true, "one_time_use": true, "is_invalidated": true, "hwid_limit": 2,
				"no_hwid": true, "hwids": ["dev-1"]}`,
			status: 200, answer: `{"success": true, "message": "m", "keys_hwid": ["dev-1"]}`,
			want: &UpdateKeyResult{Message: "m", HWIDs: []string{"dev-1"}},
		},
		{
			name: "update to zero values", op: "updateKey",
			call: func(ctx context.Context, s *KeysService) (any, error) {
				return s.Update(ctx, ID(42), UpdateKeyParams{Name: Set(""), Validity: Set[time.Duration](0), ExpiryOnFirstUse: Set(false), Premium: Set(false),
					OneTimeUse: Set(false), Invalidated: Set(false), HWIDLimit: Set(0), NoHWID: Set(false), HWIDs: Set([]string{})})
			},
			method: "PUT", url: "/keys/42",
			body: `{"key_name": "", "validity_minutes": 0, "expiry_on_first_use": false, "is_premium": false, "one_time_use": false,
				"is_invalidated": false, "hwid_limit": 0, "no_hwid": false, "hwids": []}`,
			status: 200, answer: `{"success": true, "message": "m", "keys_hwid": []}`,
			want: &UpdateKeyResult{Message: "m", HWIDs: []string{}},
		},
		{
			name: "update to nulls", op: "updateKey",
			call: func(ctx context.Context, s *KeysService) (any, error) {
				return s.Update(ctx, ID(42), UpdateKeyParams{Name: Null[string](), FolderID: Null[int64](), DiscordID: Null[string](),
					Validity: Null[time.Duration](), ExpiresAt: Null[time.Time](), HWIDLimit: Null[int]()})
			},
			method: "PUT", url: "/keys/42",
			body:   `{"key_name": null, "folder_id": null, "discord_id": null, "validity_minutes": null, "expires_at": null, "hwid_limit": null}`,
			status: 200, answer: `{"success": true, "message": "m"}`, want: &UpdateKeyResult{Message: "m"},
		},
		{
			name: "delete", op: "deleteKey",
			call:   func(ctx context.Context, s *KeysService) (any, error) { return nil, s.Delete(ctx, ID(42)) },
			method: "DELETE", url: "/keys/42",
			status: 200, answer: ``, alike: []string{`{}`, `null`, `{"success": true}`, `gone`},
		},
		{
			name: "reset", op: "resetKeyHWIDs",
			call:   func(ctx context.Context, s *KeysService) (any, error) { return nil, s.ResetHWIDs(ctx, Value("a b")) },
			method: "POST", url: "/keys/a%20b/reset-hwid",
			status: 200, answer: `{"success": true, "message": "HWIDs reset successfully"}`,
			alike:   []string{`{}`, `{"success": null, "message": null, "x": 1}`},
			refused: []string{`null`, ``, `[]`, `{`},
		},
	}
}

// dry calls the method and drops its result, as most tests do.
func (c callCase) dry(ctx context.Context, s *KeysService) error {
	_, err := c.call(ctx, s)
	return err
}

func TestEveryOperationIsCovered(t *testing.T) {
	t.Parallel()
	covered := map[string]bool{}
	for _, c := range callCases() {
		covered[c.op] = true
	}
	for _, op := range junkiewire.Operations() {
		assert.True(t, covered[op.ID], op.ID)
		delete(covered, op.ID)
	}
	assert.Empty(t, covered, "not in the document")
}

func TestCallsOnTheWire(t *testing.T) {
	t.Parallel()
	for _, c := range callCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			client, v := newClient(t, says(c.status, c.answer))
			got, err := c.call(t.Context(), client.Keys)
			require.NoError(t, err)
			assert.Equal(t, c.want, got)

			require.Len(t, v.Calls, 1)
			call := v.Calls[0]
			assert.Equal(t, c.method, call.Method)
			assert.Equal(t, DefaultBaseURL+c.url, call.URL)
			assert.Equal(t, []string{"Bearer " + testAPIKey}, call.Header["Authorization"])
			assert.Equal(t, []string{"application/json"}, call.Header["Accept"])
			assert.Regexp(t, `^keysmith-go/\S+ \(junkie\)$`, call.Header.Get("User-Agent"))
			if c.body == "" {
				assert.False(t, call.HasBody)
				assert.NotContains(t, call.Header, "Content-Type")
			} else {
				assert.JSONEq(t, c.body, call.Body)
				assert.Equal(t, []string{"application/json"}, call.Header["Content-Type"])
				assert.NotContains(t, call.Body, `\u00`, "needless escapes")
			}
			for name := range call.Header {
				assert.Contains(t, []string{"Authorization", "Accept", "User-Agent", "Content-Type"}, name)
			}
		})
	}
}

func TestOddAnswersThatAreFine(t *testing.T) {
	t.Parallel()
	for _, c := range callCases() {
		for _, body := range c.alike {
			t.Run(c.name+": "+body, func(t *testing.T) {
				t.Parallel()
				client, _ := newClient(t, says(c.status, body))
				got, err := c.call(t.Context(), client.Keys)
				require.NoError(t, err)
				assert.Equal(t, c.want, got)
			})
		}
	}
}

// A successful answer that cannot be read is no success, and says whether the
// call took effect: it did if it was to change something.
func TestAnswersThatAreNone(t *testing.T) {
	t.Parallel()
	for _, c := range callCases() {
		for _, body := range append(c.refused, c.lacking...) {
			t.Run(c.name+": "+body, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					client, v := newClient(t, says(c.status, body))
					e := errorOf(t, c.dry(t.Context(), client.Keys))
					assert.ErrorIs(t, e, ErrBadResponse)
					switch {
					case c.method == http.MethodGet:
						assert.Equal(t, OutcomeNotApplied, e.Outcome)
						v.AssertCalls(t, 3)
					case slices.Contains(c.lacking, body):
						assert.ErrorIs(t, e, ErrUnknownOutcome, "such an answer may well be a refusal")
						v.AssertCalls(t, 1)
					default:
						assert.Equal(t, OutcomeApplied, e.Outcome)
						assert.NotErrorIs(t, e, ErrUnknownOutcome)
						v.AssertCalls(t, 1)
					}
				})
			})
		}
	}
}

func TestFailureInsideASuccess(t *testing.T) {
	t.Parallel()
	for _, c := range callCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			client, v := newClient(t, says(c.status, `{"success": false, "message": "Key is locked"}`))
			e := errorOf(t, c.dry(t.Context(), client.Keys))
			assert.Equal(t, c.op, e.Op)
			assert.Equal(t, c.status, e.StatusCode)
			assert.Equal(t, "Key is locked", e.Message)
			assert.Equal(t, OutcomeNotApplied, e.Outcome)
			v.AssertCalls(t, 1)
		})
	}
}

func TestStatuses(t *testing.T) {
	t.Parallel()
	for status, kind := range map[int]error{
		400: ErrInvalid, 401: ErrUnauthorized, 403: ErrForbidden, 404: ErrNotFound, 409: ErrConflict, 422: ErrInvalid,
		429: ErrRateLimited, 500: ErrServer, 501: ErrServer, 503: ErrServer,
	} {
		for _, c := range callCases() {
			client, _ := newClient(t, saysAs(status, `{"error": "No way"}`, "Content-Type", "application/json", "Retry-After", "86400", "X-Request-Id", "r-7"))
			e := errorOf(t, c.dry(t.Context(), client.Keys))
			assert.ErrorIs(t, e, kind)
			assert.Equal(t, c.op, e.Op)
			assert.Equal(t, status, e.StatusCode)
			assert.Equal(t, "No way", e.Message)
			assert.Equal(t, "r-7", e.RequestID)
			if status == 429 {
				assert.Equal(t, 24*time.Hour, e.RetryAfter)
				assert.Equal(t, 1, e.Attempts)
			}
			unknown := c.method != http.MethodGet && (status == 500 || status == 503)
			assert.Equal(t, unknown, errors.Is(e, ErrUnknownOutcome), "%s %d", c.name, status)
			assert.Equal(t, unknown, e.Outcome == OutcomeUnknown, "%s %d", c.name, status)
		}
	}
}

func TestRefusedFields(t *testing.T) {
	t.Parallel()
	client, _ := newClient(t, says(400, `{"error": "Validation failed", "details": [{"field": "folder_id", "message": "must exist"}]}`))
	_, err := client.Keys.Create(t.Context(), CreateKeyParams{ProviderID: 7, FolderID: 5})
	e := errorOf(t, err)
	assert.Equal(t, []FieldError{{"folder_id", "must exist"}}, e.Fields)
	assert.Equal(t, "Validation failed", e.Message)
	assert.ErrorContains(t, e, "junkie: createKey (POST /keys): 400 Bad Request: Validation failed")
	assert.ErrorContains(t, e, "folder_id: must exist")
}

// Whether a call is repeated after a lost answer depends on its class, not on
// its HTTP method: of the three POSTs one is repeated.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	attempts := map[string]int{
		"listKeys": 3, "listFolders": 3, "getKey": 3,
		"updateKey": 3, "deleteKey": 3, "deleteKeys": 3,
		"createKey": 1, "createKeys": 1, "resetKeyHWIDs": 1,
	}
	for _, c := range callCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client, v := newClient(t, breaks(syscall.ECONNRESET))
				e := errorOf(t, c.dry(t.Context(), client.Keys))
				v.AssertCalls(t, attempts[c.op])
				assert.Equal(t, attempts[c.op], e.Attempts)
				assert.ErrorIs(t, e, syscall.ECONNRESET)
				assert.Equal(t, c.method != http.MethodGet, errors.Is(e, ErrUnknownOutcome))
			})
		})
	}
}

func TestRateLimitIsWaitedOut(t *testing.T) {
	t.Parallel()
	for _, c := range callCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client, v := newClient(t, saysAs(429, `{"error": "Rate limit exceeded"}`, "Retry-After", "2"), says(c.status, c.answer))
				began := time.Now()
				got, err := c.call(t.Context(), client.Keys)
				require.NoError(t, err)
				assert.Equal(t, c.want, got)
				assert.Equal(t, 2*time.Second, time.Since(began))
				v.AssertCalls(t, 2)
				assert.Equal(t, v.Calls[0], v.Calls[1], "the same request again")
			})
		})
	}
}

func TestCutAnswer(t *testing.T) {
	t.Parallel()
	client, v := newClient(t, cuts(201, `{"key": {"id": 1`))
	_, err := client.Keys.Create(t.Context(), CreateKeyParams{ProviderID: 7})
	e := errorOf(t, err)
	assert.ErrorIs(t, e, ErrBadResponse)
	assert.ErrorIs(t, e, io.ErrUnexpectedEOF)
	assert.Equal(t, OutcomeApplied, e.Outcome)
	v.AssertCalls(t, 1)
}

// After an attempt that may have deleted the key, the vendor's not-found says
// that it has. Nothing else does.
func TestDeleteThatFindsNothing(t *testing.T) {
	t.Parallel()
	notFound := says(404, `{"error": "Key not found"}`)
	page := saysAs(404, `<html>not here</html>`, "Content-Type", "text/html")
	lost := breaks(io.ErrUnexpectedEOF)
	for name, test := range map[string]struct {
		answers []answer
		done    bool
		outcome Outcome
		kind    error
	}{
		"answered without content":   {[]answer{saysAs(204, ``)}, true, 0, nil},
		"at once":                    {[]answer{notFound}, false, OutcomeNotApplied, ErrNotFound},
		"after a lost answer":        {[]answer{lost, notFound}, true, 0, nil},
		"after a failing vendor":     {[]answer{says(500, ``), notFound}, true, 0, nil},
		"after a rate limit":         {[]answer{says(429, ``), notFound}, false, OutcomeNotApplied, ErrNotFound},
		"after both":                 {[]answer{lost, says(429, ``), notFound}, true, 0, nil},
		"but a proxy's, after that":  {[]answer{lost, page}, false, OutcomeUnknown, ErrBadResponse},
		"but an empty one, likewise": {[]answer{lost, says(404, ``)}, false, OutcomeUnknown, ErrNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client, v := newClient(t, test.answers...)
				err := client.Keys.Delete(t.Context(), ID(42))
				v.AssertCalls(t, len(test.answers))
				if test.done {
					assert.NoError(t, err)
					return
				}
				e := errorOf(t, err)
				assert.ErrorIs(t, e, test.kind)
				assert.Equal(t, test.outcome, e.Outcome)
			})
		})
	}
}

func TestNotFoundAfterALostAnswerStaysAnErrorElsewhere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, _ := newClient(t, breaks(io.ErrUnexpectedEOF), says(404, `{"error": "Key not found"}`))
		_, err := client.Keys.Update(t.Context(), ID(42), UpdateKeyParams{Premium: Set(true)})
		assert.ErrorIs(t, err, ErrNotFound)
		assert.ErrorIs(t, err, ErrUnknownOutcome)
	})
}

// Whatever is wrong with the arguments, nothing is sent.
func TestRefusedArgumentsAreNotSent(t *testing.T) {
	t.Parallel()
	const secret = "hidden-value"
	long := strings.Repeat("x", 256)
	for name, test := range map[string]struct {
		op     string
		call   func(context.Context, *KeysService) error
		fields []string
	}{
		"list": {"listKeys", func(ctx context.Context, s *KeysService) error {
			_, err := s.List(ctx, ListKeysParams{Page: -1, Limit: 101, Status: "x"})
			return err
		}, []string{"Page", "Limit", "Status"}},
		"all": {"listKeys", func(ctx context.Context, s *KeysService) error {
			for key, err := range s.All(ctx, ListKeysParams{Page: -1, Limit: -1}) {
				assert.Nil(t, key)
				return err
			}
			return nil
		}, []string{"Page", "Limit"}},
		"create": {"createKey", func(ctx context.Context, s *KeysService) error {
			_, err := s.Create(ctx, CreateKeyParams{HWIDLimit: 101, HWIDs: []string{secret + long}})
			return err
		}, []string{"ProviderID", "HWIDLimit", "HWIDs[0]"}},
		"batch": {"createKeys", func(ctx context.Context, s *KeysService) error {
			_, err := s.CreateBatch(ctx, CreateBatchParams{HWID: secret + long})
			return err
		}, []string{"Amount", "ProviderID", "HWID"}},
		"bulk delete": {"deleteKeys", func(ctx context.Context, s *KeysService) error {
			_, err := s.BulkDelete(ctx, nil)
			return err
		}, []string{"refs"}},
		"bulk delete of nothing": {"deleteKeys", func(ctx context.Context, s *KeysService) error {
			_, err := s.BulkDelete(ctx, []KeyRef{{}, Value(secret), Value("")})
			return err
		}, []string{"refs[0]", "refs[2]"}},
		"get": {"getKey", func(ctx context.Context, s *KeysService) error {
			_, err := s.Get(ctx, Value("folders"))
			return err
		}, []string{"ref"}},
		"update": {"updateKey", func(ctx context.Context, s *KeysService) error {
			_, err := s.Update(ctx, Value("12345"), UpdateKeyParams{Premium: Null[bool](), HWIDs: Set([]string{secret + "\xff"})})
			return err
		}, []string{"HWIDs[0]", "Premium", "ref"}},
		"delete": {"deleteKey", func(ctx context.Context, s *KeysService) error {
			return s.Delete(ctx, Value(".."))
		}, []string{"ref"}},
		"delete nothing": {"deleteKey", func(ctx context.Context, s *KeysService) error {
			return s.Delete(ctx, KeyRef{})
		}, []string{"ref"}},
		"reset": {"resetKeyHWIDs", func(ctx context.Context, s *KeysService) error {
			return s.ResetHWIDs(ctx, Value(secret+"\xff"))
		}, []string{"ref"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, v := newClient(t, says(200, `{}`))
			e := errorOf(t, test.call(t.Context(), client.Keys))
			v.AssertCalls(t, 0)
			assert.ErrorIs(t, e, ErrInvalid)
			assert.Equal(t, test.op, e.Op)
			assert.Zero(t, e.Attempts)
			assert.Equal(t, OutcomeNotApplied, e.Outcome)
			var fields []string
			for _, f := range e.Fields {
				fields = append(fields, f.Field)
				assert.Equal(t, 1, strings.Count(e.Error(), f.String()), "%q tells it once", e)
			}
			assert.Equal(t, test.fields, fields)
			assert.NotContains(t, e.Error(), secret)
		})
	}
}

func TestCancelledCallSendsNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range callCases() {
		client, v := newClient(t, says(c.status, c.answer))
		e := errorOf(t, c.dry(ctx, client.Keys))
		assert.ErrorIs(t, e, context.Canceled)
		assert.Equal(t, OutcomeNotApplied, e.Outcome)
		v.AssertCalls(t, 0)
	}
}

// errorOf returns the error as callers find it.
func errorOf(t *testing.T, err error) *Error {
	t.Helper()
	var e *Error
	require.ErrorAs(t, err, &e)
	return e
}

// The key that was just created is worth more than the status it came with.
func TestCreateTakesTheKeyUnderAnotherStatus(t *testing.T) {
	t.Parallel()
	client, v := newClient(t, says(200, `{"key": `+fullKey+`}`))
	key, err := client.Keys.Create(t.Context(), CreateKeyParams{ProviderID: 7})
	require.NoError(t, err)
	assert.Equal(t, fullKeyWant(), key)
	v.AssertCalls(t, 1)
}

// The last device of a list that was built up from nil is unbound like others.
func TestNoDevicesAreSentAsAnEmptyList(t *testing.T) {
	t.Parallel()
	for _, none := range [][]string{nil, {}} {
		w := (&UpdateKeyParams{HWIDs: Set(none)}).toWire()
		body, err := json.Marshal(w)
		require.NoError(t, err)
		assert.JSONEq(t, `{"hwids": []}`, string(body))
	}
}

func TestTemporary(t *testing.T) {
	t.Parallel()
	for status, temporary := range map[int]bool{429: true, 404: false, 503: false} {
		client, err := New(Config{APIKey: testAPIKey, HTTPClient: &http.Client{Transport: &vendor{Answers: []answer{says(status, `{"error": "no"}`)}}}, Retry: RetryPolicy{MaxAttempts: 1}})
		require.NoError(t, err)
		_, err = client.Keys.Create(t.Context(), CreateKeyParams{ProviderID: 7})
		assert.Equal(t, temporary, errorOf(t, err).Temporary(), "%d", status)
	}
	assert.False(t, (&Error{}).Temporary())
}
