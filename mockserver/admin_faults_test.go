package mockserver

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every action can be told over HTTP, and is the one that the Go API makes.
func TestEveryActionOverHTTP(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Action{
		`"action":"status","status":503`:                             Status(503),
		`"action":"status","status":503,"retryAfter":"1.5s"`:         Status(503),
		`"action":"status","status":418,"body":"","mediaType":"a/b"`: Status(418),
		`"action":"rateLimited","retryAfter":"1m30s"`:                RateLimited(90 * time.Second),
		`"action":"latency","delay":"1d"`:                            Latency(24 * time.Hour),
		`"action":"hang"`:                                            Hang(),
		`"action":"connReset"`:                                       ConnReset(),
		`"action":"connClose"`:                                       ConnClose(),
		`"action":"cutBody"`:                                         CutBody(),
		`"action":"garbageBody"`:                                     GarbageBody(),
		`"action":"emptyBody"`:                                       EmptyBody(),
		`"action":"htmlPage","status":502`:                           HTMLPage(502),
		`"action":"redirect","location":"/elsewhere"`:                Redirect("/elsewhere"),
		`"action":"contentType","mediaType":""`:                      ContentType(""),
		`"action":"oversized","size":9223372036854775807`:            Oversized(9223372036854775807),
	} {
		s, _ := open(t)
		c := consoleOf(t, s)
		made := c.send("POST", "/faults", `{"op":"shop.*","phase":"afterCommit","skip":2,`+text+`}`, 201)
		require.Len(t, s.faults, 1)
		want.name += " after commit on shop.*, skip 2"
		assert.Equal(t, want.name, s.faults[0].fault.String(), text)
		assert.Equal(t, made, c.send("GET", "/faults/1", "", 200))
		s.RemoveFaults() // or the test would fail, as it never fired
	}
	assert.Len(t, faultActions, 13)
}

func TestWhatAStatusAnswers(t *testing.T) {
	t.Parallel()
	s, shop := open(t)
	c := consoleOf(t, s)
	for _, sent := range []struct{ action, body, mediaType, retryAfter string }{
		{`"status":503`, `{"shop_error":503}`, "application/json", ""},
		{`"status":503,"retryAfter":"1500ms"`, `{"shop_error":503}`, "application/json", "2"},
		{`"status":503,"body":"{}"`, `{}`, "application/json", ""},
		{`"status":503,"body":"down\n","mediaType":"text/plain","retryAfter":"1h"`, "down\n", "text/plain", "3600"},
	} {
		c.send("POST", "/faults", `{"op":"shop.createItem","action":"status",`+sent.action+`,"times":1}`, 201)
		w := get(s.Handler(), "POST", shopHost+"/api/v1/items")
		assert.Equal(t, 503, w.Code)
		assert.Equal(t, sent.body, strings.TrimSuffix(w.Body.String(), "\r"), sent.action)
		assert.Equal(t, sent.mediaType, w.Header().Get("Content-Type"))
		assert.Equal(t, sent.retryAfter, w.Header().Get("Retry-After"))
	}
	assert.Zero(t, shop.Len(), "before the commit")
}

func TestTheLifeOfAFaultOverHTTP(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	c := consoleOf(t, s)
	c.want("GET", "/faults", "", 200, `{"items":[]}`)
	const told = `"op":"shop.createItem","action":"status","status":503,"skip":1,"times":2`
	shown := func(seen, hits int) string {
		return fmt.Sprintf(`{"id":1,"phase":"beforeCommit",%s,"seen":%d,"hits":%d}`, told, seen, hits)
	}
	c.want("POST", "/faults", `{`+told+`}`, 201, shown(0, 0))
	s.Inject(Fault{Op: AnyOp, Phase: AfterCommit, Do: Status(500), Times: 2})
	for i, want := range []int{500, 503, 503, 500, 201} {
		status, _ := post(t, s, "book")
		assert.Equal(t, want, status)
		c.want("GET", "/faults/1", "", 200, shown(min(i+1, 3), []int{0, 1, 2, 2, 2}[i]))
	}
	const inGo = `{"id":2,"op":"*","phase":"afterCommit","action":"Status(500)","skip":0,"times":2,"seen":2,"hits":2}`
	c.want("GET", "/faults", "", 200, `{"items":[`+shown(3, 2)+`,`+inGo+`]}`)

	c.want("DELETE", "/faults/1", "", 204, "")
	assert.Equal(t, `there is no fault "1"`, c.refused("DELETE", "/faults/1", "").Detail)
	assert.Equal(t, 404, c.refused("GET", "/faults/1", "").Status)
	c.want("GET", "/faults", "", 200, `{"items":[`+inGo+`]}`)
	third := c.send("POST", "/faults", `{"op":"*","action":"connReset"}`, 201)
	assert.InDelta(t, 3, third["id"], 0, "ids are not used again")
	c.want("DELETE", "/faults/3", "", 204, "")
	status, _ := post(t, s, "book")
	assert.Equal(t, 201, status, "it is out of the way")

	c.send("POST", "/faults", `{"op":"*","action":"hang"}`, 201)
	c.want("DELETE", "/faults", "", 204, "")
	c.want("GET", "/faults", "", 200, `{"items":[]}`)
	old := s.Inject(Fault{Op: opGet, Do: Hang()})
	c.want("POST", "/reset", "", 204, "")
	c.want("GET", "/faults", "", 200, `{"items":[]}`)
	for range old.id {
		c.want("POST", "/faults", `{`+told+`}`, 201, strings.Replace(shown(0, 0), `"id":1`, fmt.Sprintf(`"id":%d`, len(s.faults)+1), 1))
	}
	old.Remove()
	assert.Len(t, s.faults, old.id, "it is not one of those that have its id now")
	s.RemoveFaults()
}

// A fault that takes the place of another decides where that one did, and begins
// anew.
func TestReplacingAFaultOverHTTP(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	c := consoleOf(t, s)
	const op = `{"op":"shop.createItem","action":"status","status":`
	for _, status := range []string{"501", "502", "503"} {
		c.send("POST", "/faults", op+status+`}`, 201)
	}
	status := func() int { status, _ := post(t, s, "book"); return status }
	assert.Equal(t, 501, status())
	want := `{"id":1,"op":"shop.createItem","phase":"beforeCommit","action":"status","status":500,"skip":1,"times":1,"seen":0,"hits":0}`
	c.want("PUT", "/faults/1", op+`500,"skip":1,"times":1}`, 200, want)
	c.want("GET", "/faults/1", "", 200, want)
	assert.Equal(t, []int{502, 500, 502}, []int{status(), status(), status()}, "skip and times count from zero")

	c.want("PUT", "/faults/2", `{"op":"shop.getItem","action":"hang"}`, 200, // nothing of the old one is left
		`{"id":2,"op":"shop.getItem","phase":"beforeCommit","action":"hang","skip":0,"times":0,"seen":0,"hits":0}`)
	assert.Equal(t, 503, status())
	made := c.send("PUT", "/faults/1", op+`504,"times":1}`, 200)
	assert.InDelta(t, 1, made["id"], 0, "it was spent")
	assert.Equal(t, []int{504, 503}, []int{status(), status()}, "and is the first again")
	items := c.send("GET", "/faults", "", 200)["items"]
	require.Len(t, items, 3)
	for i := range 3 {
		assert.InDelta(t, i+1, at(items, i, "id"), 0)
	}
	c.want("DELETE", "/faults/2", "", 204, "")

	injected := s.Inject(Fault{Op: opCreate, Do: Status(500)})
	c.send("PUT", "/faults/3", `{"op":"shop.createItem","phase":"afterCommit","action":"emptyBody"}`, 200)
	assert.Equal(t, 500, status())
	c.send("PUT", fmt.Sprintf("/faults/%d", injected.id), op+`418}`, 200)
	assert.Zero(t, injected.Hits(), "whoever put it in place sees the new one")
	assert.Equal(t, 418, status())
	assert.Equal(t, 1, injected.Hits())
	injected.Remove()
	assert.Equal(t, 201, status())
}

func TestAFaultIsReplacedWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	c := consoleOf(t, s)
	c.send("POST", "/faults", `{"op":"shop.createItem","action":"status","status":503,"times":2}`, 201)
	post(t, s, "book")
	before := c.send("GET", "/faults/1", "", 200)
	for body, pointer := range map[string]string{
		``:                         "/op",
		`{"op":"shop.createItem"}`: "/action",
		`{"op":"shop.createItm","action":"hang"}`:                         "/op",
		`{"op":"*","action":"cutBody"}`:                                   "/phase",
		`{"op":"*","action":"status","status":42}`:                        "/status",
		`{"op":"*","action":"hang","id":1}`:                               "/id",
		`{"op":"*","action":"hang","times":-1}`:                           "/times",
		`{"op":"*","action":"rateLimited","retryAfter":"1s","seen":0}`:    "/seen",
		`{"op":"*","action":"status","status":503,"mediaType":"a/b"}`:     "/mediaType",
		`{"op":"*","phase":"afterCommit","action":"oversized","size":-1}`: "/size",
	} {
		p := c.refused("PUT", "/faults/1", body)
		assert.Equal(t, http.StatusUnprocessableEntity, p.Status, body)
		assert.Equal(t, pointer, p.Pointer, body)
		assert.Equal(t, before, c.send("GET", "/faults/1", "", 200), body)
	}
	assert.Equal(t, 400, c.refused("PUT", "/faults/1", "{").Status)
	for _, id := range []string{"0", "2", "01", "x"} {
		assert.Equal(t, 404, c.refused("PUT", "/faults/"+id, `{"op":"*","action":"hang"}`).Status, id)
	}
	status, _ := post(t, s, "book")
	assert.Equal(t, 503, status)

	for range maxFaults {
		s.Inject(Fault{Op: opGet, Do: Hang()})
	}
	assert.Equal(t, http.StatusConflict, c.refused("PUT", "/faults/1", `{"op":"*","action":"hang"}`).Status, "a spent one would be one more")
	c.send("PUT", "/faults/2", `{"op":"shop.getItem","action":"connReset"}`, 200)
	s.RemoveFaults()
}

// A fault that never fired is complained about, whoever put it in place.
func TestAFaultOverHTTPThatNeverFired(t *testing.T) {
	t.Parallel()
	s, _ := open(t, AllowFindings("fault never fired: Hang() before commit on shop.getItem"))
	consoleOf(t, s).send("POST", "/faults", `{"op":"shop.getItem","action":"hang"}`, 201)
	assert.Len(t, s.unfired(), 1)
}

func TestFaultsThatCouldNeverStrikeAsMeantOverHTTP(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	c := consoleOf(t, s)
	const op = `"op":"shop.createItem",`
	for body, want := range map[string]problem{
		``:                  {Pointer: "/op", Detail: "op is missing"},
		`{"op":"*"}`:        {Pointer: "/action", Detail: "action is missing"},
		`{"action":"hang"}`: {Pointer: "/op", Detail: "op is missing"},
		`{"op":"shop.createItm","action":"hang"}`:                                                         {Pointer: "/op", Detail: `no operation "shop.createItm"; did you mean "shop.createItem"?`},
		`{"op":"","action":"hang"}`:                                                                       {Pointer: "/op", Detail: `no operation ""`},
		`{"op":null,"action":"hang"}`:                                                                     {Pointer: "/op", Detail: "op cannot be null"},
		`{"op":["*"],"action":"hang"}`:                                                                    {Pointer: "/op", Detail: "op must be a string"},
		`{` + op + `"action":"connreset"}`:                                                                {Pointer: "/action", Detail: `action cannot be "connreset"; did you mean "connReset"?`},
		`{` + op + `"action":{"name":"hang"}}`:                                                            {Pointer: "/action", Detail: "action must be a string"},
		`{` + op + `"action":"hang","phase":"after"}`:                                                     {Pointer: "/phase", Detail: `phase cannot be "after"; did you mean "afterCommit"?`},
		`{` + op + `"action":"hang","phase":1}`:                                                           {Pointer: "/phase", Detail: "phase must be a string"},
		`{` + op + `"action":"cutBody"}`:                                                                  {Pointer: "/phase", Detail: "CutBody() makes something of a successful answer, and before the commit there is none; let it strike AfterCommit"},
		`{` + op + `"action":"status","status":201}`:                                                      {Pointer: "/phase", Detail: "Status(201) makes something of a successful answer, and before the commit there is none; let it strike AfterCommit"},
		`{` + op + `"action":"status"}`:                                                                   {Pointer: "/status", Detail: "status is missing; the action status needs it"},
		`{` + op + `"action":"status","status":null}`:                                                     {Pointer: "/status", Detail: "status is missing; the action status needs it"},
		`{` + op + `"action":"status","status":"503"}`:                                                    {Pointer: "/status", Detail: "status must be an integer"},
		`{` + op + `"action":"status","status":42}`:                                                       {Pointer: "/status", Detail: "Status(42): 42 is no status of an answer; it must be from 200 to 599"},
		`{` + op + `"action":"status","status":1e99}`:                                                     {Pointer: "/status", Detail: "status must be an integer"},
		`{` + op + `"action":"status","status":503,"retryAfter":"-1s"}`:                                   {Pointer: "/retryAfter", Detail: "retryAfter must not be negative"},
		`{` + op + `"action":"status","status":503,"mediaType":"a/b"}`:                                    {Pointer: "/mediaType", Detail: "mediaType is that of a body, which is missing"},
		`{` + op + `"action":"status","status":503,"body":"","mediaType":"a\nb"}`:                         {Pointer: "/mediaType"},
		`{` + op + `"action":"status","status":503,"delay":"1s"}`:                                         {Pointer: "/delay", Detail: "delay does not go with the action status, which goes with status, body, mediaType, retryAfter"},
		`{` + op + `"action":"connReset","status":503}`:                                                   {Pointer: "/status", Detail: "status does not go with the action connReset, which needs nothing else"},
		`{` + op + `"action":"rateLimited"}`:                                                              {Pointer: "/retryAfter", Detail: "retryAfter is missing; the action rateLimited needs it"},
		`{` + op + `"action":"rateLimited","retryAfter":"-1s"}`:                                           {Pointer: "/retryAfter", Detail: "RateLimited(-1s): -1s is negative"},
		`{` + op + `"action":"rateLimited","retryAfter":30}`:                                              {Pointer: "/retryAfter", Detail: `retryAfter must be a duration such as "90s", "25h" or "30d"`},
		`{` + op + `"action":"latency","delay":"0s"}`:                                                     {Pointer: "/delay", Detail: "Latency(0s): 0s is no delay"},
		`{` + op + `"action":"redirect","location":"http://[::"}`:                                         {Pointer: "/location", Detail: `Redirect("http://[::"): "http://[::" is no URL`},
		`{` + op + `"action":"redirect","location":"/a\r\nSet-Cookie: b"}`:                                {Pointer: "/location"},
		`{` + op + `"action":"contentType","mediaType":"a/b/c"}`:                                          {Pointer: "/mediaType"},
		`{` + op + `"action":"oversized","size":0}`:                                                       {Pointer: "/size"},
		`{` + op + `"action":"oversized","size":9223372036854775808}`:                                     {Pointer: "/size", Detail: "size must be an integer"},
		`{` + op + `"action":"hang","skip":-1}`:                                                           {Pointer: "/skip", Detail: "Skip -1 must not be negative"},
		`{` + op + `"action":"hang","times":-1}`:                                                          {Pointer: "/times", Detail: "Times -1 must not be negative"},
		`{` + op + `"action":"hang","time":1}`:                                                            {Pointer: "/time", Detail: `time is not known here; did you mean "times"?`},
		`{` + op + `"action":"hang","id":7}`:                                                              {Pointer: "/id"},
		`{` + op + `"action":"status","status":500,"body":"` + strings.Repeat("x", maxFaultBody+1) + `"}`: {Pointer: "/body", Detail: "body is longer than 65536 bytes"},
		`{"op":"` + strings.Repeat("x", 1<<20) + `","action":"hang"}`:                                     {Pointer: "/op"},
		`{` + op + `"action":"` + strings.Repeat("x", 1<<20) + `"}`:                                       {Pointer: "/action"},
	} {
		got := c.refused("POST", "/faults", body)
		assert.Equal(t, 422, got.Status, "%.100s", body)
		assert.Equal(t, want.Pointer, got.Pointer, "%.100s", body)
		assert.Contains(t, got.Detail, want.Detail, "%.100s", body)
		assert.Less(t, len(got.Detail), 500)
	}
	c.want("GET", "/faults", "", 200, `{"items":[]}`)
	for _, id := range []string{"0", "-1", "01", "+1", "1.0", "x", "99999999999999999999", "%00"} {
		assert.Equal(t, 404, c.refused("GET", "/faults/"+id, "").Status, id)
		assert.Equal(t, 404, c.refused("DELETE", "/faults/"+id, "").Status, id)
	}
}

func TestFaultsAreBounded(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	for range maxFaults {
		s.Inject(Fault{Op: opGet, Do: Hang()})
	}
	c := consoleOf(t, s)
	p := c.refused("POST", "/faults", `{"op":"*","action":"hang"}`)
	assert.Equal(t, http.StatusConflict, p.Status)
	assert.Equal(t, "there are 1000 faults in place already; remove some", p.Detail)
	c.want("DELETE", "/faults/1", "", 204, "")
	c.send("POST", "/faults", `{"op":"shop.getItem","action":"hang"}`, 201)
	s.RemoveFaults()

	for range maxSpent + 5 { // the latest are remembered
		s.Inject(Fault{Op: opCreate, Do: Status(503), Times: 1})
		post(t, s, "book")
	}
	items := c.send("GET", "/faults", "", 200)["items"].([]any)
	require.Len(t, items, maxSpent)
	assert.InDelta(t, maxFaults+1+5+1, at(items, 0, "id"), 0)
}

// What another language's test suite does: an answer is lost after the vendor
// has done its work, which leaves one key, and a token expires in 25 hours.
func TestAnAnswerIsLostOverHTTPOnly(t *testing.T) {
	t.Parallel()
	s := RunT(t)
	c := consoleOf(t, s)
	c.send("POST", "/clock/freeze", "", 200)
	c.send("PUT", "/clock", `{"now":"2026-03-01T12:00:00Z"}`, 200)
	admin := c.background()
	pool := c.make("policies", `{"account":"test1","usePool":true}`)
	c.make("tokens", `{"account":"test1","role":"user","token":"day-ticket-v3","expiry":"2026-03-02T12:00:00.000Z"}`)
	fault := c.send("POST", "/faults", `{"op":"keygen.createKey","phase":"afterCommit","action":"connReset","times":1}`, 201)

	req, err := http.NewRequestWithContext(t.Context(), "POST", c.url+"/v1/accounts/test1/keys", strings.NewReader(newKey("EXAMPLE-0001", pool["id"])))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+admin)
	req.Header.Set("Content-Type", "application/vnd.api+json")
	resp, err := c.client.Do(req)
	if err == nil {
		_ = resp.Body.Close()
	}
	require.Error(t, err, "the caller is told nothing")

	keys := c.list("keys", "account", "test1")
	require.Len(t, keys, 1, "but the vendor has one key")
	assert.Equal(t, "EXAMPLE-0001", at(keys, 0, "key"))
	assert.Equal(t, "2026-03-01T12:00:00.000Z", at(keys, 0, "created"))
	assert.InDelta(t, 1, c.send("GET", fmt.Sprintf("/faults/%v", fault["id"]), "", 200)["hits"], 0)
	c.want("GET", "/requests/count?op=keygen.createKey", "", 200, `{"count":1,"dropped":0}`)
	lost := at(c.send("GET", "/requests?op=keygen.createKey", "", 200), "items", 0).(sheet)
	assert.Equal(t, "lost", lost["delivery"])
	assert.Equal(t, true, lost["committed"])
	assert.Nil(t, lost["status"])
	assert.Equal(t, []any{sheet{"phase": "afterCommit", "action": "ConnReset()"}}, lost["faults"])

	status, _ := c.call("GET", "/keys", "day-ticket-v3", "")
	assert.Equal(t, 403, status, "the token is known, if not allowed to")
	c.want("POST", "/clock/advance", `{"by":"25h"}`, 200, `{"now":"2026-03-02T13:00:00Z","frozen":true}`)
	status, document := c.call("GET", "/keys", "day-ticket-v3", "")
	assert.Equal(t, 401, status)
	assert.Equal(t, "TOKEN_EXPIRED", at(document, "errors", 0, "code"))
	status, _ = c.call("POST", "/keys", admin, newKey("EXAMPLE-0002", pool["id"]))
	assert.Equal(t, 201, status, "the fault was for one call")
	keys = c.list("keys", "account", "test1")
	require.Len(t, keys, 2)
	assert.Equal(t, "2026-03-02T13:00:00.000Z", at(keys, 1, "created"))
}
