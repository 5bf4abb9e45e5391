package keycrate

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLicenseAtAMoment(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		license                 License
		unused, expired, usable bool
	}{
		"unused":                {License{Status: StatusActive, Duration: Days(7)}, true, false, true},
		"lifetime, used":        {License{Status: StatusActive, Duration: Lifetime, ActivatedAt: t0}, false, false, true},
		"runs out later":        {License{Status: StatusActive, ActivatedAt: t0, ExpiresAt: t0.Add(1)}, false, false, true},
		"runs out now":          {License{Status: StatusActive, ActivatedAt: t0, ExpiresAt: t0}, false, true, false},
		"ran out":               {License{Status: StatusActive, ExpiresAt: t0.Add(-1)}, false, true, false},
		"paused":                {License{Status: StatusPaused}, true, false, false},
		"of a new status":       {License{Status: "banned"}, true, false, false},
		"of no status":          {License{}, true, false, false},
		"of an odd expiry":      {License{Status: StatusActive, Unread: []string{"tags", "expires_at"}}, false, false, false},
		"of an odd activation":  {License{Status: StatusActive, Unread: []string{"activated_at"}}, false, false, true},
		"of other odd things":   {License{Status: StatusActive, Unread: []string{"tags"}}, true, false, true},
		"with a clock that ran": {License{Status: StatusActive, ExpiresAt: t0.Add(1)}, false, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.unused, test.license.Unused())
			assert.Equal(t, test.expired, test.license.Expired(t0))
			assert.Equal(t, test.usable, test.license.Usable(t0))
		})
	}
}

func TestPagesOfAList(t *testing.T) {
	t.Parallel()
	for want, page := range map[int]LicensePage{
		0: {Total: 51}, 1: {TotalPages: 1, Total: 51, PerPage: 25}, 2: {Total: 50, PerPage: 25}, 3: {Total: 51, PerPage: 25},
	} {
		assert.Equal(t, want, page.pages(), "%+v", page)
	}
	assert.Zero(t, (&LicensePage{PerPage: 25}).pages())
	assert.Zero(t, (&LicensePage{Total: -3, PerPage: 25}).pages())
}

func TestStoredAsJSON(t *testing.T) {
	t.Parallel()
	for _, license := range []*License{{}, bare(), wantLicense(), {Duration: Lifetime, Unread: []string{"tags"}}, {Duration: Duration{"weeks", 2}}} {
		stored, err := json.Marshal(license)
		require.NoError(t, err)
		var back License
		require.NoError(t, json.Unmarshal(stored, &back))
		assert.Equal(t, license, &back)
	}
	stored, err := json.Marshal(wantSubscription())
	require.NoError(t, err)
	var subscription Subscription
	require.NoError(t, json.Unmarshal(stored, &subscription))
	assert.Equal(t, wantSubscription(), &subscription)

	for _, params := range []CreateLicenseParams{{}, {AppID: testApp, Duration: Days(7), Metadata: Metadata{"a": "b"}, Tags: []string{"t"}, KeyNumbers: Set(false)}} {
		stored, err := json.Marshal(params)
		require.NoError(t, err)
		var back CreateLicenseParams
		require.NoError(t, json.Unmarshal(stored, &back))
		assert.Equal(t, params, back)
	}
}

func TestDurations(t *testing.T) {
	t.Parallel()
	for text, test := range map[string]struct {
		duration Duration
		unit     DurationUnit
		value    int
	}{
		"none":       {Duration{}, "", 0},
		"1 minutes":  {Minutes(1), UnitMinutes, 1},
		"24 hours":   {Hours(24), UnitHours, 24},
		"7 days":     {Days(7), UnitDays, 7},
		"12 months":  {Months(12), UnitMonths, 12},
		"-1 years":   {Years(-1), UnitYears, -1},
		"lifetime":   {Lifetime, UnitLifetime, 0},
		"2 weeks":    {Duration{"weeks", 2}, "weeks", 2},
		"5":          {Duration{value: 5}, "", 5},
		"1 half day": {Duration{"half day", 1}, "half day", 1},
	} {
		assert.Equal(t, text, test.duration.String())
		assert.Equal(t, test.unit, test.duration.Unit(), text)
		assert.Equal(t, test.value, test.duration.Value(), text)
		assert.Equal(t, text == "none", test.duration.IsZero(), text)
		stored, err := json.Marshal(test.duration)
		require.NoError(t, err)
		back := Days(99)
		require.NoError(t, json.Unmarshal(stored, &back))
		assert.Equal(t, test.duration, back)
	}
	assert.NotEqual(t, Days(30), Months(1))
	for _, text := range []string{`"days"`, `"7days"`, `"seven days"`, `" 7 days"`, `7`, `"99999999999999999999 days"`} {
		d := Days(1)
		assert.Error(t, json.Unmarshal([]byte(text), &d), text)
		assert.Equal(t, Days(1), d, "a failed read changes nothing")
	}
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	for want, m := range map[string]Metadata{
		`{}`:                           nil,
		`{"a":null}`:                   {"a": nil},
		`{"a":"<b> & c"}`:              {"a": "<b> & c"},
		`{"a":100000000000000001}`:     {"a": json.Number("100000000000000001")},
		`{"a":"2026-01-01T00:00:00Z"}`: {"a": t0},
		`{"a":"\ufffd \\ufffd"}`:       {"a": "\ufffd \\ufffd"},
		`{"a":{"b":[1]}}`:              {"a": map[string]any{"b": []int{1}}},
	} {
		encoded, err := m.encode()
		require.NoError(t, err, want)
		assert.JSONEq(t, want, string(encoded))
	}
	for text, m := range map[string]Metadata{
		"not valid UTF-8": {"a": "\xff"},
		"not encodable as JSON: JSON has nothing for a chan int": {"a": make(chan int)},
		"not encodable as JSON: a value has no form in JSON":     {"a": math.Inf(1)},
		"2001 characters of JSON are more than the 2000":         metadataOf(2001),
	} {
		_, err := m.encode()
		assert.ErrorContains(t, err, text)
	}
	_, err := Metadata{"\xff": 1}.encode()
	assert.EqualError(t, err, "not valid UTF-8", "names count")
	_, err = Metadata{"a": `\\` + "\xff"}.encode()
	assert.EqualError(t, err, "not valid UTF-8", "behind backslashes too")
	_, err = Metadata{"a": `\` + `\ufffd`}.encode()
	assert.NoError(t, err, "a text about it is none of it")
	_, err = Metadata{"a": strings.Repeat("<", 1992)}.encode()
	assert.NoError(t, err, "one character each")

	var m Metadata
	require.NoError(t, json.Unmarshal([]byte(`{"a": 100000000000000001}`), &m))
	assert.Equal(t, Metadata{"a": json.Number("100000000000000001")}, m)
	assert.Error(t, json.Unmarshal([]byte(`["a"]`), &m))
	require.NoError(t, json.Unmarshal([]byte(`null`), &m))
	assert.Nil(t, m)
}

func TestOpts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		opt        Opt[int]
		value      int
		set        bool
		text, json string
	}{
		"zero":     {Opt[int]{}, 0, false, "unset", "null"},
		"set":      {Set(7), 7, true, "7", "7"},
		"set zero": {Set(0), 0, true, "0", "0"},
	} {
		value, set := test.opt.Get()
		assert.Equal(t, test.value, value, name)
		assert.Equal(t, test.set, set, name)
		assert.Equal(t, !test.set, test.opt.IsZero(), name)
		assert.Equal(t, test.text, test.opt.String(), name)
		encoded, err := json.Marshal(test.opt)
		require.NoError(t, err)
		assert.Equal(t, test.json, string(encoded), name)
		back := Set(99)
		require.NoError(t, json.Unmarshal(encoded, &back))
		assert.Equal(t, test.opt, back, name)
	}
	assert.True(t, Set("a") == Set("a"))
	assert.False(t, Set("") == Opt[string]{})
	opt := Set(7)
	require.Error(t, json.Unmarshal([]byte(`"seven"`), &opt))
	assert.Equal(t, Set(7), opt, "a failed read changes nothing")
}

func TestWhenAHWIDCanBeReset(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		denial Denial
		at     time.Time
		ok     bool
	}{
		"not allowed":      {Denial{LastHWIDResetAt: t0, HWIDResetCooldown: time.Hour}, time.Time{}, false},
		"never reset":      {Denial{HWIDResetAllowed: true, HWIDResetCooldown: time.Hour}, time.Time{}, true},
		"later":            {Denial{HWIDResetAllowed: true, LastHWIDResetAt: t0, HWIDResetCooldown: time.Hour}, t0.Add(time.Hour), true},
		"at any time":      {Denial{HWIDResetAllowed: true, LastHWIDResetAt: t0}, t0, true},
		"an odd cooldown":  {Denial{HWIDResetAllowed: true, Unread: []string{"hwid_reset_cooldown"}}, time.Time{}, false},
		"an odd time":      {Denial{HWIDResetAllowed: true, Unread: []string{"last_hwid_reset_at"}}, time.Time{}, false},
		"other odd things": {Denial{HWIDResetAllowed: true, Unread: []string{"expires_at"}}, time.Time{}, true},
	} {
		at, ok := test.denial.HWIDResetAt()
		assert.Equal(t, test.at, at, name)
		assert.Equal(t, test.ok, ok, name)
	}
	assert.EqualError(t, &Denial{}, "keycrate: refused")
}
