package mockserver

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFindingsOverHTTP(t *testing.T) {
	t.Parallel()
	s, _ := open(t, WithStart(t0), WithFrozenClock())
	c := consoleOf(t, s)
	c.want("GET", "/findings", "", 200, `{"items":[],"unfired":[]}`)
	post(t, s, "")
	post(t, s, "")
	resp, err := s.Client().Get("https://elsewhere.test/")
	if err == nil {
		_ = resp.Body.Close()
	}
	require.Error(t, err)
	items := c.send("GET", "/findings", "", 200)["items"]
	require.Len(t, items, 2)
	assert.Equal(t, sheet{"vendor": "shop", "op": "shop.createItem", "text": "an item without a name was sent", "at": "2026-03-01T12:00:00Z", "count": 2.0}, at(items, 0))
	assert.Nil(t, at(items, 1, "vendor"))
	assert.Nil(t, at(items, 1, "op"))
	assert.Equal(t, 405, c.refused("POST", "/findings", "").Status)
	c.want("DELETE", "/findings", "", 204, "") // or the test would fail
	c.want("GET", "/findings", "", 200, `{"items":[],"unfired":[]}`)
}

// What RunT would fail the test for, a program in another language can ask for.
func TestUnfiredFaultsOverHTTP(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	c := consoleOf(t, s)
	made := c.send("POST", "/faults", `{"op":"shop.createItem","action":"status","status":503,"skip":1}`, 201)
	s.Inject(Fault{Op: opGet, Do: Hang()})
	post(t, s, "book")
	made["seen"] = 1.0
	unfired := c.send("GET", "/findings", "", 200)["unfired"]
	require.Len(t, unfired, 2)
	assert.Equal(t, made, at(unfired, 0))
	assert.Equal(t, "Hang()", at(unfired, 1, "action"))
	assert.Equal(t, []string{
		"fault never fired: Status(503) before commit on shop.createItem, skip 1 (it saw 1 calls)",
		"fault never fired: Hang() before commit on shop.getItem (it saw 0 calls)",
	}, s.Complaints())

	post(t, s, "book")
	c.want("DELETE", "/faults/2", "", 204, "")
	c.want("GET", "/findings", "", 200, `{"items":[],"unfired":[]}`)
	assert.Empty(t, s.Complaints())
}

func TestBehavioursOverHTTP(t *testing.T) {
	t.Parallel()
	s := RunT(t, with(shopVendor(), depotVendor()))
	c := consoleOf(t, s)
	post(t, s, "book")
	c.send("POST", "/faults", `{"op":"shop.createItem","action":"status","status":503}`, 201)
	post(t, s, "book")
	const create = `{"vendor":"shop","id":"shop.create","statement":"An item is created.","source":"documented","decided":1}`
	const empty = `{"vendor":"shop","id":"shop.empty","statement":"An item needs a name.","source":"assumed","decided":0}`
	for query, want := range map[string]string{
		"":                             create + "," + empty,
		"?vendor=shop":                 create + "," + empty,
		"?vendor=depot":                "",
		"?id=shop.empty":               empty,
		"?id=shop.empty&vendor=shop":   empty,
		"?vendor=depot&id=shop.create": "",
	} {
		c.want("GET", "/behaviours"+query, "", 200, `{"items":[`+want+`]}`)
	}
	for query, want := range map[string]problem{
		"?id=shop.creat":                    {Parameter: "id", Detail: `id cannot be "shop.creat"; did you mean "shop.create"?`},
		"?id=":                              {Parameter: "id", Detail: `id cannot be ""`},
		"?vendor=shp":                       {Parameter: "vendor", Detail: `vendor cannot be "shp"; did you mean "shop"?`},
		"?source=x":                         {Parameter: "source", Detail: "source is not known here"},
		"?id=" + strings.Repeat("x", 1<<15): {Parameter: "id", Detail: `id cannot be "xxx`},
	} {
		got := c.refused("GET", "/behaviours"+query, "")
		assert.Equal(t, http.StatusUnprocessableEntity, got.Status, "%.100s", query)
		assert.Equal(t, want.Parameter, got.Parameter, "%.100s", query)
		assert.Contains(t, got.Detail, want.Detail, "%.100s", query)
	}
}
