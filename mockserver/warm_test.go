package mockserver

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// A world keeps how its objects look. Whatever is changed, in whatever way, a server
// that has been asked about everything before answers like one that has just begun
// with the same state.
func TestAWarmServerAnswersLikeAColdOne(t *testing.T) {
	t.Parallel()
	for _, play := range []*warmPlay{
		{vendor: "junkie", questions: askJunkie, deeds: deedsOfJunkie},
		{vendor: "luaprot", questions: askLuaProt, deeds: deedsOfLuaProt},
		{vendor: "keycrate", questions: askKeycrate, deeds: deedsOfKeycrate},
		{vendor: "keygen", questions: askKeygen, deeds: deedsOfKeygen},
	} {
		t.Run(play.vendor, func(t *testing.T) {
			t.Parallel()
			play.T, play.Rand = t, rand.New(rand.NewPCG(1, 2))
			play.s = New(WithFrozenClock(), WithStart(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)), WithSeedJSON(DemoSeed()))
			for range 40 {
				play.disturb()
				play.compare()
			}
			assert.Greater(t, play.changed, 5, "changes that were none refused")
			assert.Greater(t, play.different, 5, "changes that somebody saw")
			assert.Equal(t, core.JSON(200, nil).Header, http.Header{"Content-Type": {"application/json"}}, "which all answers share")
		})
	}
}

// warmPlay is one vendor's part of the test.
type warmPlay struct {
	*testing.T
	*rand.Rand
	vendor    string
	questions func(*warmPlay) []warmQuestion
	deeds     func(*warmPlay) []warmQuestion
	s         *Server
	kept      []byte // a snapshot from some time ago
	told      []string
	changed   int
	different int
}

// warmQuestion is a request to the vendor.
type warmQuestion struct{ method, url, body, credential string }

func (p *warmPlay) compare() {
	cold := New()
	require.NoError(p, cold.Restore(p.s.Snapshot()))
	var told []string
	for _, q := range p.questions(p) {
		warm := answerTo(p, p.s, q)
		require.Equal(p, answerTo(p, cold, q), warm, "%v", q)
		told = append(told, warm)
	}
	if !slices.Equal(told, p.told) {
		p.different++
	}
	p.told = told
}

// request is the question as it is sent.
func (q warmQuestion) request(ctx context.Context) *http.Request {
	req, err := http.NewRequestWithContext(ctx, q.method, q.url, strings.NewReader(q.body))
	if err != nil {
		panic(err) // of a URL that a test has written
	}
	name, value, _ := strings.Cut(q.credential, ": ")
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(name, value)
	return req
}

func answerTo(t *warmPlay, s *Server, q warmQuestion) string {
	resp, err := s.Client().Do(q.request(t.Context()))
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	_ = resp.Body.Close()
	return fmt.Sprint(resp.Status, resp.Header, string(body))
}

// control asks the control plane.
func (p *warmPlay) control(method, path string, document any) (answer map[string]any) {
	text, err := json.Marshal(document)
	require.NoError(p, err)
	req := httptest.NewRequest(method, "http://127.0.0.1"+adminRoot+path, strings.NewReader(string(text)))
	if method == "GET" || method == "DELETE" {
		req = httptest.NewRequest(method, "http://127.0.0.1"+adminRoot+path, nil)
	}
	req.Header.Set("Content-Type", "application/json")
	said := httptest.NewRecorder()
	p.s.Handler().ServeHTTP(said, req)
	if method != "GET" && said.Code < 300 {
		p.changed++
	}
	_ = json.Unmarshal(said.Body.Bytes(), &answer)
	return answer
}

// items are the objects of a collection, or others under an empty name.
func (p *warmPlay) items(collection string) (list []map[string]any) {
	items, _ := p.control("GET", "/"+p.vendor+"/"+collection, nil)["items"].([]any)
	for _, item := range items {
		list = append(list, item.(map[string]any))
	}
	return list
}

// texts are those of a member in a collection.
func (p *warmPlay) texts(collection, member string) (list []string) {
	for _, item := range p.items(collection) {
		list = append(list, fmt.Sprint(item[member]))
	}
	return list
}

func pick[T any](p *warmPlay, list []T) (one T) {
	if len(list) > 0 {
		one = list[p.IntN(len(list))]
	}
	return one
}

// disturb changes something, perhaps.
func (p *warmPlay) disturb() {
	switch p.IntN(12) {
	case 0:
		p.s.Advance(time.Duration(p.IntN(100)) * 24 * time.Hour)
	case 1:
		p.s.SetTime(p.s.Now().Add(-time.Duration(p.IntN(100)) * 24 * time.Hour))
	case 2:
		p.kept = p.s.Snapshot()
	case 3:
		if p.kept != nil {
			require.NoError(p, p.s.Restore(p.kept))
		}
	case 4:
		if p.IntN(4) == 0 {
			p.s.Reset()
		}
	case 5, 6, 7:
		answerTo(p, p.s, pick(p, p.deeds(p)))
	default:
		for range 4 {
			p.tamper()
		}
	}
}

// tamper changes a member of some object by the control plane, or drops the object,
// or makes another one like it. Much of that is refused.
func (p *warmPlay) tamper() {
	var names []string
	for _, c := range p.s.vendor(p.vendor).control().Collections {
		names = append(names, c.Name)
	}
	collection := pick(p, names)
	items := p.items(collection)
	item := pick(p, items)
	if item == nil {
		return
	}
	path := "/" + p.vendor + "/" + collection
	var id string
	for _, member := range []string{"id", "key", "discordId", "apiKey"} {
		if id == "" && item[member] != nil {
			id = fmt.Sprint(item[member])
		}
	}
	var members []string
	for member := range item {
		members = append(members, member)
	}
	slices.Sort(members)
	member := pick(p, members)
	change := map[string]any{member: p.other(item[member], pick(p, items)[member])}
	switch p.IntN(12) {
	case 0:
		p.control("DELETE", path+"/"+url.PathEscape(id), nil)
	case 1:
		for name, value := range item {
			if _, given := change[name]; !given && name != "id" && name != "key" && name != "value" {
				change[name] = value
			}
		}
		p.control("POST", path, change)
	default:
		p.control("PATCH", path+"/"+url.PathEscape(id), change)
	}
}

// other is another value than one, or that of another object.
func (p *warmPlay) other(value, others any) any {
	if p.IntN(2) == 0 {
		return others
	}
	switch v := value.(type) {
	case bool:
		return !v
	case string:
		return v + "x"
	case float64:
		return v + 1
	case map[string]any:
		return map[string]any{"changed": p.IntN(100)}
	case []any:
		return []any{}
	default:
		return pick(p, []any{"other", 7, true})
	}
}

func askJunkie(p *warmPlay) (list []warmQuestion) {
	about := warmQuestion{"GET", "https://api.jnkie.com/api/v2/keys", "", "Authorization: Bearer " + p.s.Junkie().APIKey()}
	for _, more := range append([]string{"", "?limit=3&page=2", "?status=expired", "/folders"}, prefixed("/", p.texts("keys", "id"))...) {
		q := about
		q.url += more
		list = append(list, q)
	}
	return list
}

func deedsOfJunkie(p *warmPlay) []warmQuestion {
	key := "https://api.jnkie.com/api/v2/keys/" + pick(p, p.texts("keys", "id"))
	by := "Authorization: Bearer " + p.s.Junkie().APIKey()
	p.s.Junkie().Verify(pick(p, p.texts("keys", "value")), pick(p, []string{"device-1", "device-2"}))
	return []warmQuestion{
		{"PUT", key, `{"key_name":"put"}`, by}, {"PUT", key, `{"is_premium":true,"hwid_limit":3}`, by}, {"POST", key + "/reset-hwid", "", by},
		{"POST", "https://api.jnkie.com/api/v2/keys", `{"provider_id":` + pick(p, p.texts("providers", "id")) + `,"validity_minutes":9000}`, by},
		{"DELETE", key, "", by},
	}
}

func prefixed(prefix string, texts []string) []string {
	list := make([]string, len(texts))
	for i, text := range texts {
		list[i] = prefix + text
	}
	return list
}

func askLuaProt(p *warmPlay) (list []warmQuestion) {
	by := "Authorization: " + p.s.LuaProt().APIKey()
	for _, more := range []string{"", "?page=2", "?expired=true", "?active=1"} {
		list = append(list, warmQuestion{"GET", "https://luaprot.net/api/v1/keys/fetch" + more, "", by})
	}
	for _, k := range p.items("keys") {
		list = append(list, warmQuestion{"GET", fmt.Sprintf("https://luaprot.net/api/v1/hubs/%v/keys/info?key=%s", k["hub"], url.QueryEscape(fmt.Sprint(k["key"]))), "", by})
	}
	return list
}

func deedsOfLuaProt(p *warmPlay) []warmQuestion {
	by, k := "Authorization: "+p.s.LuaProt().APIKey(), pick(p, p.items("keys"))
	hub, key := "https://luaprot.net/api/%s/hubs/"+fmt.Sprint(k["hub"]), "?key="+url.QueryEscape(fmt.Sprint(k["key"]))
	p.s.LuaProt().Check(pick(p, p.texts("scripts", "id")), fmt.Sprint(k["key"]), pick(p, []string{"device-1", "device-2"}))
	return []warmQuestion{
		{"PATCH", fmt.Sprintf(hub, "v2") + "/keys/update" + key, `{"note":"patched"}`, by},
		{"PATCH", fmt.Sprintf(hub, "v2") + "/keys/update" + key, `{"expire":90000,"discordId":"123456789012345678"}`, by},
		{"PATCH", fmt.Sprintf(hub, "v1") + "/hwid/reset" + key, "", by},
		{"POST", fmt.Sprintf(hub, "v2") + "/keys/add", `{"note":"added"}`, by},
		{"DELETE", fmt.Sprintf(hub, "v1") + "/keys/delete" + key, "", by},
	}
}

func askKeycrate(p *warmPlay) (list []warmQuestion) {
	by := "X-Api-Key: " + p.s.Keycrate().APIKey()
	for _, app := range p.texts("apps", "id") {
		for _, more := range []string{`}`, `,"per_page":2,"page":2}`, `,"sort_field":"expires_at","sort_order":"asc"}`} {
			list = append(list, warmQuestion{"POST", "https://api.keycrate.dev/license/get-bulk", `{"app_id":"` + app + `"` + more, by})
		}
	}
	for _, key := range p.texts("licenses", "key") {
		list = append(list, warmQuestion{"POST", "https://api.keycrate.dev/license/get", fmt.Sprintf(`{"license_key":%q}`, key), by})
	}
	return list
}

func deedsOfKeycrate(p *warmPlay) []warmQuestion {
	by, key := "X-Api-Key: "+p.s.Keycrate().APIKey(), fmt.Sprintf(`{"license_key":%q,`, pick(p, p.texts("licenses", "key")))
	at := "https://api.keycrate.dev"
	return []warmQuestion{
		{"POST", at + "/license/extend", key + `"extend_seconds":60}`, by}, {"POST", at + "/license/update-status", key + `"status":"paused"}`, by},
		{"POST", at + "/license/update-metadata", key + `"metadata":{"a":1}}`, by}, {"POST", at + "/hwid/edit", key + `"hwid":"device"}`, by},
		{"POST", at + "/license/update-user-credentials", key + `"username":"eve","password":"secret-1"}`, by},
		{"POST", at + "/license/delete", strings.TrimSuffix(key, ",") + "}", by},
	}
}

func askKeygen(p *warmPlay) (list []warmQuestion) {
	at, by := "https://api.keygen.sh/v1/accounts/"+p.s.Keygen().AccountID(), "Authorization: Bearer "+p.s.Keygen().Token()
	for _, kind := range []string{"licenses", "keys", "policies"} {
		paths := append([]string{"", "?limit=3&order=asc", "?page[cursor]=&page[size]=2"}, prefixed("/", p.texts(kind, "id"))...)
		for _, more := range paths {
			list = append(list, warmQuestion{"GET", at + "/" + kind + more, "", by})
		}
	}
	return list
}

func deedsOfKeygen(p *warmPlay) []warmQuestion {
	at, by := "https://api.keygen.sh/v1/accounts/"+p.s.Keygen().AccountID(), "Authorization: Bearer "+p.s.Keygen().Token()
	policy := `"relationships":{"policy":{"data":{"type":"policies","id":"` + pick(p, p.texts("policies", "id")) + `"}}}`
	return []warmQuestion{
		{"PATCH", at + "/keys/" + pick(p, p.texts("keys", "id")), fmt.Sprintf(`{"data":{"type":"keys","attributes":{"key":"K-%d"}}}`, p.Int()), by},
		{"POST", at + "/licenses", `{"data":{"type":"licenses","attributes":{"name":"posted"},` + policy + `}}`, by},
		{"DELETE", at + "/licenses/" + pick(p, p.texts("licenses", "id")), "", by},
		{"DELETE", at + "/policies/" + pick(p, p.texts("policies", "id")) + "/pool", "", by},
	}
}
