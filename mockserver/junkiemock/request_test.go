package junkiemock

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

var requestProofs = proofs{
	ruleBodyUnknown: func(s *stage) {
		r := s.post("/keys", `{"provider_id": `+s.provider()+`, "serviceId": 5, "maxHwids": 1, "note": "n", "validity_hours": 2, "zzz": {"deep": [1]}, "Key_Name": "x"}`)
		r.is(201).has("key.service_id", "null").has("key.key_name", "null").has("key.hwid_limit", "null").finds(
			`unknown field "Key_Name" was ignored: the vendor's name is key_name`,
			`unknown field "maxHwids" was ignored: the vendor's name is hwid_limit`,
			`unknown field "note" was ignored: the vendor's name is key_name`,
			`unknown field "serviceId" was ignored: the vendor's name is service_id`,
			`unknown field "validity_hours" was ignored: the vendor's name is validity_minutes`,
			`unknown field "zzz" was ignored`,
		)
	},
	ruleBodyType: func(s *stage) {
		for field, values := range map[string][]string{
			"provider_id":      {`"2001"`, `true`, `[]`, `{}`, `1.5`, `1e400`, `99999999999999999999`},
			"service_id":       {`"3001"`, `1.5`},
			"validity_minutes": {`"60"`, `true`},
			"hwid_limit":       {`"2"`},
			"key_name":         {`5`, `true`, `{}`, `[]`},
			"discord_id":       {`123456789012345678`},
			"is_premium":       {`"true"`, `1`, `0`},
			"hwids":            {`"pc"`, `{}`, `5`},
		} {
			for _, value := range values {
				fields := map[string]string{"provider_id": s.provider(), field: value}
				body := []string{}
				for name, v := range fields {
					body = append(body, `"`+name+`": `+v)
				}
				s.post("/keys", "{"+strings.Join(body, ",")+"}").invalid(field)
			}
		}
		s.post("/keys", `{"provider_id": 2001, "hwids": ["a", 5]}`).invalid("hwids[1]")
		s.post("/keys", `{"provider_id": 2001, "hwids": ["a", null]}`).invalid("hwids[1]")
		s.put("/keys/1", `{"expires_at": 5}`).invalid("expires_at")
		for _, body := range []string{`[]`, `5`, `null`, `"x"`} {
			s.post("/keys", body).invalid("body")
		}
		assert.Empty(s, s.world.Keys())
	},
	ruleBodyWhole: func(s *stage) {
		s.create(`"hwid_limit": 2.0, "validity_minutes": 1e2`)
		s.get("/keys/1").has("key.hwid_limit", "2").has("key.validity_minutes", "100")
		s.post("/keys", `{"provider_id": 2001, "hwid_limit": 2.5}`).invalid("hwid_limit")
		s.post("/keys/bulk-delete", `{"keys": [1.0]}`).is(200).has("deleted", "1")
	},
	ruleBodyNull: func(s *stage) {
		s.post("/keys", `{"provider_id": `+s.provider()+`, "is_premium": null, "one_time_use": null, "expiry_on_first_use": null, "no_hwid": null, "hwids": null}`).
			invalid("is_premium", "one_time_use", "expiry_on_first_use", "no_hwid", "hwids")
		s.put("/keys/1", `{"is_invalidated": null, "hwids": null}`).invalid("is_invalidated", "hwids")
	},
	ruleBodyRequired: func(s *stage) {
		s.post("/keys", `{}`).invalid("provider_id")
		s.post("/keys", `{"provider_id": null}`).invalid("provider_id")
		s.post("/keys/batch", `{}`).invalid("provider_id", "amount")
		s.post("/keys/batch", `{"provider_id": null, "amount": null}`).invalid("provider_id", "amount")
		s.post("/keys/bulk-delete", `{}`).invalid("keys")
		s.post("/keys/bulk-delete", `{"keys": null}`).invalid("keys")
	},
	ruleBodyIgnored: func(s *stage) {
		k := s.create("")
		s.call("GET", path(k), "{").is(200).finds("a body was sent and ignored")
		s.call("POST", path(k)+"/reset-hwid", "not JSON").is(200).finds("a body was sent and ignored")
		s.call("DELETE", path(k), `{"a": 1}`).is(200).finds("a body was sent and ignored")
	},
	ruleBodyContentType: func(s *stage) {
		body := `{"provider_id": ` + s.provider() + `}`
		s.post("/keys", body, with("Content-Type", "")).is(201).finds("without Content-Type")
		s.post("/keys", body, with("Content-Type", "text/plain")).is(201).finds(`sent as "text/plain"`)
		s.post("/keys", body, with("Content-Type", "application/json; charset=utf-8")).is(201).finds()
	},
	ruleQueryUnknown: func(s *stage) {
		k := s.create("")
		s.get("/keys?serviceId=5&key_value=zzz&x=1").found(k.ID).finds(
			`unknown query parameter "key_value" was ignored: the vendor's name is key`,
			`unknown query parameter "serviceId" was ignored: the vendor's name is service_id`,
			`unknown query parameter "x" was ignored`,
		)
		s.get(path(k) + "?page=1").is(200).finds(`unknown query parameter "page"`)
	},
	ruleQueryEmpty: func(s *stage) {
		k := s.create("")
		s.get("/keys?page=&limit=&key=&hwid=&discord_id=&service_id=&provider_id=&folder_id=&status=&expires_before=&expires_after=").
			found(k.ID).has("pagination.page", "1").has("pagination.limit", "50").finds()
	},
	ruleQueryRepeated: func(s *stage) {
		s.get("/keys?limit=7&limit=x").is(200).has("pagination.limit", "7").finds("limit was sent 2 times")
	},
	ruleQueryInteger: func(s *stage) {
		for _, wrong := range []string{"x", "1.0", "1e1", "0x1", "%2B1", "%201", "99999999999999999999"} {
			s.get("/keys?page="+wrong+"&limit="+wrong+"&service_id="+wrong+"&provider_id="+wrong+"&folder_id="+wrong).
				invalid("page", "limit", "service_id", "provider_id", "folder_id")
		}
	},
	ruleDateTime: func(s *stage) {
		for _, wrong := range []string{"tomorrow", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01 00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00,5Z", "1767225600"} {
			s.get("/keys?expires_before=" + strings.ReplaceAll(wrong, " ", "%20")).invalid("expires_before")
			s.put("/keys/1", `{"expires_at": "`+wrong+`"}`).invalid("expires_at")
		}
		s.get("/keys?expires_after=2026-01-01T00:00:00+01:00").invalid("expires_after") // an unescaped plus is a space
		for _, right := range []string{"2026-01-01T00:00:00Z", "2026-01-01T00:00:00.123456789Z", "2026-01-01T00:00:00%2B01:00"} {
			s.get("/keys?expires_after=" + right).is(200)
		}
	},
	ruleDateTimeRange: func(s *stage) {
		for _, wrong := range []string{"0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59-01:00"} {
			s.put("/keys/1", `{"expires_at": "`+wrong+`"}`).invalid("expires_at")
		}
		k := s.create("")
		s.put(path(k), `{"expires_at": "1970-01-01T00:00:00Z"}`).is(200)
		s.put(path(k), `{"expires_at": "9999-12-31T23:59:59.999Z"}`).is(200)
		s.get(path(k)).has("key.expires_at", `"9999-12-31T23:59:59.999Z"`)
	},
}

// boundary sends a value below, at and above the bounds of a field.
func boundary(s *stage, send func(value string) response, field string, right, wrong []string) {
	s.Helper()
	for _, value := range wrong {
		send(value).invalid(field)
	}
	for _, value := range right {
		require.NotEqual(s, 400, send(value).Status, "%s %s", field, value)
	}
}

// creating sends a creation with one more field.
func creating(s *stage, field string) func(string) response {
	p := s.provider()
	return func(value string) response {
		return s.post("/keys", fmt.Sprintf(`{"provider_id": %s, %q: %s}`, p, field, value))
	}
}

func batching(s *stage, field string) func(string) response {
	p := s.provider()
	return func(value string) response {
		return s.post("/keys/batch", fmt.Sprintf(`{"provider_id": %s, "amount": 1, %q: %s}`, p, field, value))
	}
}

func updating(s *stage, field string) func(string) response {
	k := s.create("")
	return func(value string) response { return s.put(path(k), fmt.Sprintf(`{%q: %s}`, field, value)) }
}

func listing(s *stage, parameter string) func(string) response {
	return func(value string) response { return s.get("/keys?" + parameter + "=" + value) }
}

func quoted(char string, n int) string { return `"` + strings.Repeat(char, n) + `"` }

var boundProofs = proofs{
	ruleBoundProvider: func(s *stage) {
		send := func(value string) response { return s.post("/keys", `{"provider_id": `+value+`}`) }
		boundary(s, send, "provider_id", []string{"1", "9223372036854775807"}, []string{"0", "-1"})
	},
	ruleBoundFolder: func(s *stage) {
		right, wrong := []string{"1", "null"}, []string{"0", "-1"}
		boundary(s, creating(s, "folder_id"), "folder_id", right, wrong)
		boundary(s, batching(s, "folder_id"), "folder_id", right, wrong)
		boundary(s, updating(s, "folder_id"), "folder_id", right, wrong)
	},
	ruleBoundService: func(s *stage) {
		boundary(s, batching(s, "service_id"), "service_id", []string{"1", "null"}, []string{"0", "-1"})
	},
	ruleBoundAmount: func(s *stage) {
		p := s.provider()
		send := func(value string) response {
			return s.post("/keys/batch", `{"provider_id": `+p+`, "amount": `+value+`}`)
		}
		boundary(s, send, "amount", []string{"1", "100"}, []string{"0", "-1", "101"})
		assert.Len(s, s.world.Keys(), 101)
	},
	ruleBoundValidity: func(s *stage) {
		right, wrong := []string{"0", "1", "null"}, []string{"-1"}
		boundary(s, creating(s, "validity_minutes"), "validity_minutes", right, wrong)
		boundary(s, batching(s, "validity_minutes"), "validity_minutes", right, wrong)
		boundary(s, updating(s, "validity_minutes"), "validity_minutes", right, wrong)
	},
	ruleValidityMax: func(s *stage) {
		right, wrong := []string{"2147483647"}, []string{"2147483648", "9223372036854775807"}
		boundary(s, creating(s, "validity_minutes"), "validity_minutes", right, wrong)
		boundary(s, updating(s, "validity_minutes"), "validity_minutes", right, wrong)
		s.get("/keys/1").has("key.expires_at", `"6109-01-24T02:07:00.000Z"`)
	},
	ruleBoundHWIDLimit: func(s *stage) {
		right, wrong := []string{"0", "1", "100", "null"}, []string{"-1", "101"}
		boundary(s, creating(s, "hwid_limit"), "hwid_limit", right, wrong)
		boundary(s, batching(s, "hwid_limit"), "hwid_limit", right, wrong)
		boundary(s, updating(s, "hwid_limit"), "hwid_limit", right, wrong)
	},
	ruleBoundText: func(s *stage) {
		right, wrong := []string{quoted("a", 255), quoted("é", 255), `""`, "null"}, []string{quoted("a", 256), quoted("é", 256)}
		for _, field := range []string{"key_name", "hwid"} {
			boundary(s, creating(s, field), field, right, wrong)
			boundary(s, batching(s, field), field, right, wrong)
		}
		boundary(s, updating(s, "key_name"), "key_name", right, wrong)
		s.post("/keys", `{"provider_id": 2001, "hwids": ["a", `+quoted("b", 256)+`]}`).invalid("hwids[1]")
		s.put("/keys/1", `{"hwids": [`+quoted("b", 255)+`]}`).is(200)
		s.put("/keys/1", `{"hwids": [`+quoted("b", 256)+`]}`).invalid("hwids[0]")
	},
	ruleTextUnit: func(s *stage) {
		s.create(`"key_name": ` + quoted("😀", 255))
		s.post("/keys", `{"provider_id": 2001, "key_name": `+quoted("😀", 256)+`}`).invalid("key_name")
	},
	ruleBoundDiscordID: func(s *stage) {
		right := []string{quoted("1", 17), quoted("9", 18), quoted("0", 19), "null"}
		wrong := []string{`""`, quoted("1", 16), quoted("1", 20), `"12345678901234567x"`, `" 12345678901234567"`, quoted("d", 17), `"\\ddddddddddddddddd"`, quoted("٣", 17)}
		boundary(s, creating(s, "discord_id"), "discord_id", right, wrong)
		boundary(s, batching(s, "discord_id"), "discord_id", right, wrong)
		boundary(s, updating(s, "discord_id"), "discord_id", right, wrong)
	},
	ruleBoundBulk: func(s *stage) {
		send := func(value string) response { return s.post("/keys/bulk-delete", `{"keys": `+value+`}`) }
		many := func(n int) string { return "[" + strings.Repeat("7,", n-1) + "7]" }
		boundary(s, send, "keys", []string{"[7]", many(1000)}, []string{"[]", many(1001)})
	},
	ruleBoundPage: func(s *stage) {
		boundary(s, listing(s, "page"), "page", []string{"1", "9223372036854775807"}, []string{"0", "-1"})
	},
	ruleBoundLimit: func(s *stage) {
		boundary(s, listing(s, "limit"), "limit", []string{"1", "100"}, []string{"0", "-1", "101"})
	},
	ruleLimitRefused: func(s *stage) {
		s.get("/keys?limit=500").invalid("limit")
		s.get("/keys?limit=1000").invalid("limit")
	},
}

// TestFindingsStayFew sends more nonsense than anyone wants to read.
func TestFindingsStayFew(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	var body strings.Builder
	body.WriteString(`{"provider_id": ` + s.provider())
	for i := range 500 {
		fmt.Fprintf(&body, `, "unknown%d": %d, "%s%d": 1`, i, i, strings.Repeat("y", 200), i)
	}
	r := s.post("/keys", body.String()+"}").is(201)
	require.Len(t, r.Turn.Findings, core.MaxNotes+1)
	assert.Contains(t, r.Turn.Findings[core.MaxNotes], "990 more")

	twice := `{"provider_id": 2001, "a": 1, "a": 2` + strings.Repeat(`, "b": 1`, 500) + "}"
	s.post("/keys", twice).invalid("a", "b")
}

// TestFindingsHoldNoValues: what a client sends may be a secret.
func TestFindingsHoldNoValues(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	const secret = "s3cr3t"
	for _, r := range []response{
		s.post("/keys", `{"provider_id": `+s.provider()+`, "keyValue": "`+secret+`"}`),
		s.get("/keys?keyvalue=" + secret + "&limit=1&limit=" + secret),
		s.call("GET", "/keys", secret),
	} {
		require.NotEmpty(t, r.Turn.Findings)
		for _, f := range append(r.Turn.Findings, fmt.Sprint(r.Turn.Effects)) {
			assert.NotContains(t, f, secret)
		}
	}
}
