package mockserver

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestTheClockOverHTTP(t *testing.T) {
	t.Parallel()
	s, _ := open(t, WithStart(t0), WithFrozenClock())
	c := consoleOf(t, s)
	c.want("GET", "/clock", "", 200, `{"now":"2026-03-01T12:00:00Z","frozen":true}`)
	c.want("POST", "/clock/advance", `{"by":"25h"}`, 200, `{"now":"2026-03-02T13:00:00Z","frozen":true}`)
	c.want("POST", "/clock/advance", `{"by":"30d"}`, 200, `{"now":"2026-04-01T13:00:00Z","frozen":true}`)
	c.want("POST", "/clock/advance", `{"by":"0s"}`, 200, `{"now":"2026-04-01T13:00:00Z","frozen":true}`)
	c.want("PUT", "/clock", `{"now":"2020-02-29T01:00:00.5+02:00"}`, 200, `{"now":"2020-02-28T23:00:00.5Z","frozen":true}`)
	c.want("POST", "/clock/resume", "", 200, `{"now":"2020-02-28T23:00:00.5Z","frozen":false}`)
	assert.True(t, s.Now().After(time.Date(2020, 2, 28, 23, 0, 0, 500_000_000, time.UTC)), "it runs")
	c.want("PUT", "/clock", `{"now":"2026-03-01T12:00:00Z"}`, 200, `{"now":"2026-03-01T12:00:00Z","frozen":false}`)
	stopped := c.send("POST", "/clock/freeze", "{}", 200)
	assert.Equal(t, true, stopped["frozen"])
	assert.Equal(t, stopped["now"], s.Now().Format(time.RFC3339Nano))
	assert.Equal(t, stopped, c.send("POST", "/clock/freeze", "", 200), "it is frozen already")
	c.want("PUT", "/clock", `{"now":"9000-12-31T23:59:59Z"}`, 200, `{"now":"9000-12-31T23:59:59Z","frozen":true}`)
}

// What the Go API takes for misuse is a problem here, and changes nothing.
func TestMisuseOfTheClockOverHTTP(t *testing.T) {
	t.Parallel()
	s, shop := open(t, WithStart(t0), WithFrozenClock())
	c := consoleOf(t, s)
	for _, wrong := range []struct {
		method, path, body string
		status             int
		pointer, detail    string
	}{
		{"PUT", "", ``, 422, "/now", `now is missing; send a time of the years 1 to 9999 such as "2026-03-01T12:00:00Z", or a distance from now such as "-2h" or "+30d"`},
		{"PUT", "", `{"now":null}`, 422, "/now", `now is missing; send a time of the years 1 to 9999 such as "2026-03-01T12:00:00Z", or a distance from now such as "-2h" or "+30d"`},
		{"PUT", "", `{"now":"tomorrow"}`, 422, "/now", `now must be a time of the years 1 to 9999 such as "2026-03-01T12:00:00Z", or a distance from now such as "-2h" or "+30d"`},
		{"PUT", "", `{"now":1772366400}`, 422, "/now", `now must be a time of the years 1 to 9999 such as "2026-03-01T12:00:00Z", or a distance from now such as "-2h" or "+30d"`},
		{"PUT", "", `{"now":"2026-03-01 12:00:00"}`, 422, "/now", `now must be a time of the years 1 to 9999 such as "2026-03-01T12:00:00Z", or a distance from now such as "-2h" or "+30d"`},
		{"PUT", "", `{"now":"0001-01-01T00:00:00Z"}`, 422, "/now", "now cannot be: the time is zero"},
		{"PUT", "", `{"now":"9001-01-01T00:00:00Z"}`, 422, "/now", "now cannot be: the year would be 9001, and the clock shows 1 to 9000"},
		{"PUT", "", `{"now":"0000-06-01T00:00:00Z"}`, 422, "/now", `now must be a time of the years 1 to 9999 such as "2026-03-01T12:00:00Z", or a distance from now such as "-2h" or "+30d"`},
		{"PUT", "", `{"now":"0000-01-01T00:00:00+23:59"}`, 422, "/now", `now must be a time of the years 1 to 9999 such as "2026-03-01T12:00:00Z", or a distance from now such as "-2h" or "+30d"`},
		{"PUT", "", `{"now":"9999-12-31T23:59:59-23:59"}`, 422, "/now", `now must be a time of the years 1 to 9999 such as "2026-03-01T12:00:00Z", or a distance from now such as "-2h" or "+30d"`},
		{"PUT", "", `{"time":"2026-03-01T12:00:00Z"}`, 422, "/time", `time is not known here; did you mean "now"?`},
		{"PUT", "", `{"now":"2027-01-01T00:00:00Z","frozen":false}`, 422, "/frozen", `frozen is not known here; did you mean "now"?`},
		{"PUT", "", `[]`, 422, "", "the body must be a JSON object"},
		{"PUT", "", `{`, 400, "", "the body is not one JSON document in UTF-8: unexpected end of JSON input"},
		{"POST", "/advance", `{}`, 422, "/by", `by is missing; send a duration such as "90s", "25h" or "30d"`},
		{"POST", "/advance", `{"by":90}`, 422, "/by", `by must be a duration such as "90s", "25h" or "30d"`},
		{"POST", "/advance", `{"by":"a day"}`, 422, "/by", `by must be a duration such as "90s", "25h" or "30d"`},
		{"POST", "/advance", `{"by":"999999999d"}`, 422, "/by", `by must be a duration such as "90s", "25h" or "30d"`},
		{"POST", "/advance", `{"by":"-1s"}`, 422, "/by", "by cannot be: -1s is negative; to go back, set the time"},
		{"POST", "/advance", `{"by":"-1d"}`, 422, "/by", "by cannot be: -24h0m0s is negative; to go back, set the time"},
		{"POST", "/freeze", `{"at":"now"}`, 422, "/at", "at is not known here"},
		{"POST", "/resume", `{"at":"now"}`, 422, "/at", "at is not known here"},
	} {
		p := c.refused(wrong.method, "/clock"+wrong.path, wrong.body)
		assert.Equal(t, wrong.status, p.Status, wrong.body)
		assert.Equal(t, wrong.pointer, p.Pointer, wrong.body)
		assert.Equal(t, wrong.detail, p.Detail, wrong.body)
		assert.Equal(t, reading{t0, true}, s.clock.reading(), wrong.body)
	}

	c.want("POST", "/clock/resume", "", 200, `{"now":"2026-03-01T12:00:00Z","frozen":false}`)
	shop.Limit(true)
	p := c.refused("POST", "/clock/freeze", "")
	assert.Equal(t, 409, p.Status)
	assert.Equal(t, "the rate limit of shop is on and would never recover; switch it off, or advance the running clock", p.Detail)
	assert.False(t, s.clock.reading().frozen)
	shop.Limit(false)
	c.send("POST", "/clock/freeze", "", 200)
}

// The clock stays where times can be written, however far it is moved.
func TestTheClockDoesNotLeaveTheCalendar(t *testing.T) {
	t.Parallel()
	s, _ := open(t, WithStart(t0), WithFrozenClock())
	c := consoleOf(t, s)
	const farthest = `{"by":"106751d"}`
	var steps int
	for ; steps < 100; steps++ {
		resp, _ := c.ask("POST", "/clock/advance", farthest)
		if resp.StatusCode != 200 {
			break
		}
	}
	assert.Equal(t, 23, steps, "292 years each")
	assert.Equal(t, "/by", c.refused("POST", "/clock/advance", farthest).Pointer)
	resp, _ := c.ask("GET", "/clock", "")
	assert.Equal(t, 200, resp.StatusCode)

	r := &recorder{}
	other, _ := open(r, WithStart(t0))
	assert.Contains(t, fatality(t, r, func() { other.SetTime(time.Date(9001, 1, 1, 0, 0, 0, 0, time.UTC)) }), "SetTime: the year would be 9001")
	assert.Contains(t, fatality(t, r, func() { open(r, WithStart(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC))) }), "WithStart: the year would be 0")
}
