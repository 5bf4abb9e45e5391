package mockserver

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const shopSeed = `{
  "shop": {
    "items": [
      {"name": "pen"},
      {"name": "book", "shelf": {"row": 3}}
    ],
    "settings": {"limited": true}
  }
}`

func TestASeed(t *testing.T) {
	t.Parallel()
	s, shop := open(t)
	require.NoError(t, s.SeedJSON([]byte(shopSeed)))
	assert.Equal(t, 2, shop.Len())
	assert.True(t, shop.limited)
	effects := s.Effects()
	require.Len(t, effects, 2, "the ledger has what was made")
	assert.Equal(t, seedOp, effects[0].Op)
	assert.Empty(t, s.Journal())

	c := consoleOf(t, s)
	c.want("POST", "/seed", `{"shop":{"items":[{"name":"ink"}]}}`, 201, `{"shop":{"items":[{"id":3,"name":"ink","shelf":{"row":null,"tags":null},"extra":null,"sold":false}]}}`)
	assert.Equal(t, 3, shop.Len())
	c.want("POST", "/seed", ``, 201, `{}`)
}

func TestAServerBeginsWithItsSeedAndComesBackToIt(t *testing.T) {
	t.Parallel()
	s, shop := open(t, WithSeedJSON([]byte(`{"shop":{"items":[{"name":"pen"}]}}`)), WithDocumentedRateLimits())
	shop.Stock("book")
	s.Reset()
	assert.Equal(t, 1, shop.Len())
	assert.True(t, shop.limited)
	require.Len(t, s.Effects(), 1)
}

func TestABadSeedIsRefusedWhole(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]SeedError{
		`{"shop":{"items":[{"name":"pen"},` + "\n" + `{"nam":"x"}]}}`:                        {"/shop/items/1/nam", 2, `shop/items/1/nam is not known here; did you mean "name"?`},
		"{\n\"shop\":{\n\"items\":[{\"name\":\"pen\"},\n\n {}]}}":                            {"/shop/items/1/name", 5, `shop/items/1/name is missing`},
		"{\"shop\":\n\n{\"itens\":[]}}":                                                      {"/shop/itens", 3, `shop/itens is not known here; did you mean "items"?`},
		"{\n\"shopp\":{}}":                                                                   {"/shopp", 2, `shopp is not known here; did you mean "shop"?`},
		"{\"shop\":{\"items\":[{\"name\":\"pen\"}],\n\"settings\":{\"limited\":\n\"yes\"}}}": {"/shop/settings/limited", 3, `shop/settings/limited must be true or false`},
		"{\"shop\":{\"items\":[{\"name\":\"pen\"},{\"name\":\n7}]}}":                         {"/shop/items/1/name", 2, `shop/items/1/name must be a string`},
		"{\"shop\":{\"items\":\n{}}}":                                                        {"/shop/items", 2, `shop/items must be a list of objects`},
		"{\"shop\":{\"items\":null}}":                                                        {"/shop/items", 1, `shop/items must be a list of objects`},
		"{\"shop\":{\"items\":[{\"name\":\"pen\"},\n  null]}}":                               {"/shop/items/1", 2, `shop/items/1 must be an object`},
		"{\"shop\":{\"labels\":[]}}":                                                         {"/shop/labels", 1, `shop/labels cannot be made: they come about by themselves`},
		"{\"depot\":{\"items\":[]}}":                                                         {"/depot/items", 1, `depot/items is not known here; did you mean "settings"?`},
		"{\"shop\":\n[]}":                                                                    {"/shop", 2, `shop must be an object`},
		"[]":                                                                                 {"", 1, `the body must be a JSON object`},
		`{"shop":`:                                                                           {"", 0, `the body is not one JSON document in UTF-8: unexpected end of JSON input`},
	} {
		s, shop := open(t, with(shopVendor(), depotVendor()), WithStart(t0), WithFrozenClock())
		shop.Stock("book")
		before, drawn := s.Snapshot(), len(s.Effects())
		var got *SeedError
		require.ErrorAs(t, s.SeedJSON([]byte(text)), &got, text)
		assert.Equal(t, want, *got, text)
		assert.Len(t, s.Effects(), drawn)
		assert.JSONEq(t, string(before), string(s.Snapshot()), text)
	}
	assert.Equal(t, "seed, line 2: name is missing", (&SeedError{"/name", 2, "name is missing"}).Error())
	assert.Equal(t, "seed: nothing is right", (&SeedError{Detail: "nothing is right"}).Error())
}

// A bad seed in the options is the test's mistake.
func TestABadSeedEndsTheTest(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	text := fatality(t, r, func() { RunT(r, with(shopVendor()), WithSeedJSON([]byte(`{"shopp": {}}`))) })
	assert.Contains(t, text, "WithSeedJSON: seed, line 1: shopp is not known here")
}

func TestRateLimitsOverHTTP(t *testing.T) {
	t.Parallel()
	s, shop := open(t, with(shopVendor(), depotVendor()))
	c := consoleOf(t, s)
	const off = `{"vendor":"shop","on":[],"documented":[{"calls":2,"per":"1m0s"}]}`
	const on = `{"vendor":"shop","on":[{"calls":2,"per":"1m0s"}],"documented":[{"calls":2,"per":"1m0s"}]}`
	c.want("GET", "/rate-limits", "", 200, `{"items":[`+off+`]}`)
	c.want("PUT", "/rate-limits/shop", `{"on":[{"calls":2,"per":"1m"}]}`, 200, on)
	assert.True(t, shop.limited)
	c.want("GET", "/rate-limits/shop", "", 200, on)
	assert.Equal(t, 409, c.refused("POST", "/clock/freeze", "").Status)
	c.want("PUT", "/rate-limits/shop", `{"on":[]}`, 200, off)
	s.Freeze()
	assert.Equal(t, "on cannot be: the clock is frozen", c.refused("PUT", "/rate-limits/shop", `{"on":[{"calls":2,"per":"1m"}]}`).Detail)
	assert.Equal(t, "/on/0/per", c.refused("PUT", "/rate-limits/shop", `{"on":[{"calls":2,"per":60}]}`).Pointer)
	assert.Equal(t, "/on", c.refused("PUT", "/rate-limits/shop", `{}`).Pointer)
	for _, nobody := range []string{"depot", "nobody"} {
		assert.Equal(t, 404, c.refused("PUT", "/rate-limits/"+nobody, `{"on":[]}`).Status)
	}
	assert.Empty(t, s.Journal())
}

// What an end user does through the control plane is an action like one of the
// Go API.
func TestDeedsAndSettingsOverHTTP(t *testing.T) {
	t.Parallel()
	s, shop := open(t, WithStart(t0), WithFrozenClock())
	shop.Stock("pen")
	s.ResetJournal()
	c := consoleOf(t, s)
	c.want("POST", "/shop/steal", `{"id":1}`, 200, `{"gone":1}`)
	assert.Zero(t, shop.Len())
	journal := s.Journal()
	require.Len(t, journal, 1)
	assert.Equal(t, "shop.steal", journal[0].Op)
	require.Len(t, journal[0].Effects, 1)
	assert.Equal(t, "/id", c.refused("POST", "/shop/steal", `{"id":1}`).Pointer)
	assert.Len(t, s.Journal(), 1, "what was refused is not in it")

	c.want("GET", "/shop/settings", "", 200, `{"limited":false}`)
	c.want("PATCH", "/shop/settings", `{"limited":true}`, 200, `{"limited":true}`)
	c.want("PATCH", "/shop/settings", ``, 200, `{"limited":true}`)
	assert.Equal(t, "/limted", c.refused("PATCH", "/shop/settings", `{"limted":true}`).Pointer)
	assert.True(t, shop.limited)
}

func TestWhatIsInASeedStaysThere(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	s.Advance(time.Hour)
	require.NoError(t, s.SeedJSON([]byte(shopSeed)))
	assert.WithinDuration(t, s.Now(), s.Effects()[0].At, time.Minute)
}
