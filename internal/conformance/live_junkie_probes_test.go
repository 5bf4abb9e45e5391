package conformance

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

func junkieProbes() []probe {
	return slices.Concat(junkieAccessProbes, junkieBodyProbes, junkieBoundProbes, junkieKeyProbes, junkieManyProbes, junkieChangeProbes, junkieListProbes, []probe{junkieClientProbe})
}

var junkieUnasked = []unasked{
	{"it takes a second API key or account", "auth.scope auth.forbidden auth.account"},
	{"it would use up the vendor's rate limit", "rate.limited rate.window rate.retry-after"},
	{"nobody can choose the value of a key", "ref.digits"},
	{"it depends on how the provider is set up in the dashboard", "key.prefix"},
	{"the account's folders are not the run's own", "folders.order"},
	{"it takes the program of an end user", `expiry.first-use expiry.kept status.used
		verify.order verify.no-service verify.service-not-found verify.keyless verify.key-invalid verify.foreign verify.service-mismatch
		verify.any-service verify.hwid-banned verify.key-invalidated verify.key-expired verify.already-used verify.once verify.premium-required
		verify.hwid-mismatch verify.no-device verify.key-valid verify.used-at hwid.bound hwid.unlimited hwid.under-limit hwid.bound-by-verify
		hwid.off ban.invalidates ban.ends redeem redeem.refused`},
}

// refusal is how an error is worded: its status, its text, and the fields that it
// names.
func (a junkieAsker) refusal(got answer) map[string]any {
	said := map[string]any{"status": got.Status, "error": got.get("error")}
	if fields := got.texts("details", "field"); len(fields) > 0 {
		said["fields"] = fields
	}
	return said
}

var junkieAccessProbes = []probe{
	junkieProbe("access", func(a junkieAsker) {
		_, path := a.create("")
		wrong := "Authorization: Bearer " + newUUID()
		a.see("auth.bearer", "without a credential", a.refusal(a.send("GET", path, "", "Authorization:")))
		a.see("auth.api-key", "with an API key that nobody has", a.refusal(a.send("GET", path, "", wrong)))
		a.see("auth.scheme-case", "with the word bearer in lower case", a.send("GET", path, "", "Authorization: bearer "+a.set["API_KEY"]).verdict())
	}),
	junkieProbe("routes", func(a junkieAsker) {
		_, path := a.create("")
		a.see("route.unknown", "a path that nobody knows", a.refusal(a.send("GET", "/"+a.estate.mark(), "")))
		a.see("route.unknown", "the same without a credential", a.refusal(a.send("GET", "/"+a.estate.mark(), "", "Authorization:")))
		got := a.send("PATCH", path, `{}`)
		a.see("route.method", "PATCH of a key", []any{a.refusal(got), strings.ToUpper(got.Header.Get("Allow"))})
		a.see("route.literal", "GET of the path of batches", a.send("GET", "/keys/batch", "").Status)
		a.see("folders.path folders.answer", "GET of the path of folders", a.send("GET", "/keys/folders", "").members(""))
	}),
	junkieProbe("references to a key", func(a junkieAsker) {
		made, path := a.create("")
		value := made.text("key.key_value")
		a.see("ref.either", "by id and by value", a.now(path).text("key.key_value") == value &&
			a.stage("GET", "/keys/"+url.PathEscape(value), "").get("key.id") == made.get("key.id"))
		a.see("ref.value", "by value in capitals", a.send("GET", "/keys/"+url.PathEscape(strings.ToUpper(value)), "").verdict())
		a.see("ref.value", "by a part of the value", a.send("GET", "/keys/"+url.PathEscape(value[:len(value)-1]), "").verdict())
		unknown := a.send("GET", "/keys/"+a.estate.mark(), "")
		a.see("ref.not-found", "a value that no key has", []any{unknown.Status, kindOf(unknown.get("error"))})
		a.see("error.envelope", "the members of an error", unknown.members(""))
	}),
	junkieProbe("errors", func(a junkieAsker) {
		_, path := a.create("")
		wrong := a.send("PUT", path, `{"hwid_limit": 101, "validity_minutes": -1}`)
		a.see("error.validation", "two fields out of bounds", a.refusal(wrong))
		a.see("error.order", "wrong content for a key that does not exist", a.send("PUT", "/keys/"+a.estate.mark(), `{"hwid_limit": 101}`).Status)
		a.see("error.malformed", "a document that breaks off", a.refusal(a.send("PUT", path, `{"key_name": `)))
		a.see("error.duplicate-field", "a field twice", a.send("PUT", path, `{"hwid_limit": 1, "hwid_limit": 2}`).Status)
	}),
}

var junkieBodyProbes = []probe{
	junkieProbe("bodies", func(a junkieAsker) {
		made, path := a.create(`"note": "n", "max_hwids": 3, "isPremium": true`)
		a.see("body.unknown-field", "fields that nobody knows", []bool{made.get("key.hwid_limit") == 3.0, made.get("key.is_premium") == true})
		for _, sent := range []string{`"hwid_limit": "3"`, `"is_premium": 1`, `"key_name": 7`, `"hwids": "A"`} {
			a.see("body.type", sent, a.tried(path, `{`+sent+`}`))
		}
		for _, sent := range []string{"7.0", "1e2", "7.5"} {
			a.see("body.whole-number", "validity_minutes "+sent, []any{a.tried(path, `{"validity_minutes": `+sent+`}`), a.now(path).get("key.validity_minutes")})
		}
		for _, sent := range []string{`"is_premium": null`, `"hwids": null`} {
			a.see("body.not-null", sent, a.tried(path, `{`+sent+`}`))
		}
		a.see("body.required", "a key without a provider", a.send("POST", "/keys", fmt.Sprintf(`{"key_name": %q}`, a.estate.mark())).verdict())
		a.see("body.required", "a batch without an amount", a.send("POST", "/keys/batch", a.body("")).verdict())
		a.see("body.content-type", "JSON under another name", a.send("PUT", path, `{"hwid_limit": 5}`, "Content-Type: text/plain").verdict())
		a.see("body.content-type", "JSON without a name", a.send("PUT", path, `{"hwid_limit": 6}`, "Content-Type:").verdict())
		a.see("body.ignored", "a body for a reset", []any{a.send("POST", path+"/reset-hwid", `{"hwid": "A"}`).verdict(), a.now(path).get("key.hwids")})
	}),
	junkieProbe("queries", func(a junkieAsker) {
		device := a.estate.mark()
		a.create(fmt.Sprintf(`"hwid": %q`, device))
		total := func(further string) any {
			return a.send("GET", "/keys?hwid="+device+further, "").get("pagination.total")
		}
		a.see("query.unknown", "parameters that nobody knows", total("&serviceId=9&sort=id"))
		a.see("query.empty", "empty parameters", total("&page=&limit=&status=&discord_id=&service_id=&expires_before="))
		a.see("query.repeated", "a filter twice, the first fitting", total("&status=active&status=invalidated"))
		a.see("query.repeated", "a filter twice, the second fitting", total("&status=invalidated&status=active"))
		for _, sent := range []string{"page=x", "limit=1.0", "service_id=x"} {
			a.see("query.integer", sent, a.send("GET", "/keys?hwid="+device+"&"+sent, "").verdict())
		}
	}),
	junkieProbe("times in requests", func(a junkieAsker) {
		_, path := a.create("")
		for _, sent := range []string{"soon", "2030-03-01", "2030-03-01 12:00:00Z", "2030-03-01T12:00:00"} {
			a.see("date-time.form", "expires_at "+sent, a.tried(path, `{"expires_at": "`+sent+`"}`))
		}
		a.see("date-time.form", "expires_at with a zone of its own", a.tried(path, `{"expires_at": "2030-03-01T13:00:00+01:00"}`))
		a.see("expiry.explicit", "and what it is then", apart("2030-03-01T12:00:00Z", a.now(path).get("key.expires_at"), time.Second))
		a.see("date-time.range", "expires_at before 1970", a.tried(path, `{"expires_at": "1969-12-31T23:59:59Z"}`))
		a.see("date-time.range", "expires_at in 9999", a.tried(path, `{"expires_at": "9999-12-31T23:59:59Z"}`))
	}),
}

var junkieBoundProbes = []probe{
	junkieProbe("bounds of a key", func(a junkieAsker) {
		_, path := a.create("")
		for _, c := range []struct{ rule, sent string }{
			{"bound.folder-id", `"folder_id": 0`},
			{"bound.validity", `"validity_minutes": -1`},
			{"bound.validity-max", `"validity_minutes": 2147483648`},
			{"bound.hwid-limit", `"hwid_limit": -1`},
			{"bound.hwid-limit", `"hwid_limit": 101`},
			{"bound.hwid-limit", `"hwid_limit": 100`},
			{"bound.discord-id", `"discord_id": "9012345678901234"`},
			{"bound.discord-id", `"discord_id": "90123456789012345678"`},
			{"bound.discord-id", `"discord_id": "9012345678901234567"`},
			{"bound.discord-id", `"discord_id": "90123456789012345"`},
		} {
			a.see(c.rule, c.sent, a.tried(path, `{`+c.sent+`}`))
		}
		a.see("bound.text", "a name of 256 letters", a.tried(path, `{"key_name": "`+strings.Repeat("n", 256)+`"}`))
		a.see("bound.text-unit", "a name of 256 pictures of keys", a.tried(path, `{"key_name": "`+strings.Repeat("\U0001f511", 256)+`"}`))
		a.see("bound.text", "a name of 255 letters", a.tried(path, `{"key_name": "`+strings.Repeat("n", 255)+`"}`))
		a.see("bound.text-unit", "a name of 255 pictures of keys", a.tried(path, `{"key_name": "`+strings.Repeat("\U0001f511", 255)+`"}`))
	}),
	junkieProbe("bounds of creations", func(a junkieAsker) {
		a.see("bound.provider-id", "provider 0", a.send("POST", "/keys", fmt.Sprintf(`{"key_name": %q, "provider_id": 0}`, a.estate.mark())).verdict())
		a.see("bound.batch-service-id", "a batch for service 0", a.send("POST", "/keys/batch", a.body(`"amount": 1, "service_id": 0`)).verdict())
		for _, amount := range []string{"0", "101"} {
			a.see("bound.amount", "a batch of "+amount, a.send("POST", "/keys/batch", a.body(`"amount": `+amount)).verdict())
		}
	}),
	junkieProbe("bounds of lists", func(a junkieAsker) {
		device := a.estate.mark()
		for _, sent := range []string{"page=0", "page=-1"} {
			a.see("bound.page", sent, a.send("GET", "/keys?hwid="+device+"&"+sent, "").verdict())
		}
		a.see("bound.limit", "limit=0", a.send("GET", "/keys?hwid="+device+"&limit=0", "").verdict())
		over := a.send("GET", "/keys?hwid="+device+"&limit=101", "")
		a.see("bound.limit-refused", "limit=101", []any{over.verdict(), over.get("pagination.limit")})
		a.see("bound.limit", "limit=100", a.send("GET", "/keys?hwid="+device+"&limit=100", "").get("pagination.limit"))
		var refs []string
		for range 1001 {
			refs = append(refs, quoted(a.estate.mark()))
		}
		a.see("bound.bulk-delete", "a bulk delete of 1001 keys", a.send("POST", "/keys/bulk-delete", `{"keys": [`+strings.Join(refs, ", ")+`]}`).verdict())
	}),
}

var junkieKeyProbes = []probe{
	junkieProbe("a key of which nothing is said", func(a junkieAsker) {
		made, path := a.create("")
		a.see("create.answer", "the answer", []any{made.Status, made.members(""), kindOf(made.get("key.key_value"))})
		a.see("create.defaults", "its settings", made.pick("key", "service_id", "folder_id", "discord_id", "validity_minutes", "expires_at",
			"used_at", "is_premium", "is_invalidated", "one_time_use", "expiry_on_first_use", "no_hwid", "hwid_limit"))
		a.see("key.names", "the names of what it belongs to", made.kinds("key", "provider_name", "service_name", "folder_name"))
		a.see("key.hwids", "its devices", made.pick("key", "hwids", "keys_hwid"))
		a.see("key.times", "how times are written", form(made.get("key.created_at")))
		value := made.text("key.key_value")
		a.see("key.value", "its value", form(value[max(0, len(value)-36):]))
		got := a.now(path)
		a.see("key.fields", "its members when it is got", got.members("key"))
		a.see("get.answer", "what a list does not show", kindOf(got.get("key.discord_redemption")) != notThere)
		a.see("get.not-redeemed", "its redemption", got.get("key.discord_redemption"))
		later, _ := a.create("")
		a.see("key.id", "a later key has a higher id", later.get("key.id").(float64) > made.get("key.id").(float64))
	}),
	junkieProbe("a key of which all is said", func(a junkieAsker) {
		made, path := a.create(`"service_id": ` + a.set["SERVICE_ID"] + `, "folder_id": ` + a.set["FOLDER_ID"] + `, "discord_id": "9012345678901234567"`)
		a.see("key.names", "the names of what it belongs to", made.kinds("key", "provider_name", "service_name", "folder_name"))
		a.see("filter.ids", "found by service and folder", slices.Contains(a.found("service_id="+a.set["SERVICE_ID"]+"&folder_id="+a.set["FOLDER_ID"]), made.text("key.key_value")))
		a.see("update.folder-null", "folder_id null", []any{a.tried(path, `{"folder_id": null}`), a.now(path).pick("key", "folder_id", "folder_name")})
	}, "SERVICE_ID", "FOLDER_ID"),
	junkieProbe("devices from the beginning", func(a junkieAsker) {
		devices := func(fields string) any {
			made, _ := a.create(fields)
			return made.get("key.keys_hwid")
		}
		a.see("create.hwid", "hwid", devices(`"hwid": "X"`))
		a.see("create.hwids-win", "hwid and hwids", devices(`"hwid": "X", "hwids": ["Y", "Z"]`))
		a.see("create.hwids-empty", "hwid and no hwids", devices(`"hwid": "X", "hwids": []`))
		a.see("hwids.distinct", "a device twice", devices(`"hwids": ["Y", "Z", "Y"]`))
		a.see("hwids.empty-text", "a device without a name", devices(`"hwids": ["", "Y"]`))
		made, _ := a.create(`"hwid_limit": 1, "hwids": ["A", "B", "C"]`)
		a.see("create.over-limit", "more devices than the limit", made.get("key.keys_hwid"))
		a.see("key.hwids", "both lists in the same order", slices.Equal(made.texts("key.hwids", "hwid"), []string{"A", "B", "C"}))
		a.see("create.bound-by", "how they were bound", made.pick("key", "hwids.0.bound_by", "hwids.0.executor_user_id", "used_at"))
	}),
	junkieProbe("validity and limits in answers", func(a junkieAsker) {
		for _, validity := range []string{"0", "null"} {
			made, _ := a.create(`"validity_minutes": ` + validity)
			a.see("validity.forever", "validity "+validity, made.get("key.expires_at"))
			a.see("validity.echo", "validity "+validity+" as it is shown", made.get("key.validity_minutes"))
		}
		for _, limit := range []string{"0", "null"} {
			made, _ := a.create(`"hwid_limit": ` + limit)
			a.see("hwid-limit.echo", "hwid_limit "+limit+" as it is shown", made.get("key.hwid_limit"))
		}
		made, path := a.create(`"validity_minutes": 60`)
		a.see("expiry.from-creation", "validity of an hour", apart(made.get("key.created_at"), made.get("key.expires_at"), time.Second))
		pending, _ := a.create(`"validity_minutes": 60, "expiry_on_first_use": true`)
		a.see("expiry.pending", "validity of an hour from the first use", pending.get("key.expires_at"))
		a.pass(2 * time.Second)
		a.stage("PUT", path, `{"validity_minutes": 120}`)
		a.see("expiry.anchored", "a changed validity", apart(made.get("key.created_at"), a.now(path).get("key.expires_at"), time.Second))
		a.stage("PUT", path, `{"expiry_on_first_use": true}`)
		a.see("expiry.anchored", "from the first use after all", a.now(path).get("key.expires_at"))
		a.stage("PUT", path, `{"validity_minutes": 5, "expires_at": "2030-03-01T12:00:00Z"}`)
		a.see("expiry.explicit", "a deadline and a validity", apart("2030-03-01T12:00:00Z", a.now(path).get("key.expires_at"), time.Second))
		a.stage("PUT", path, `{"expires_at": null}`)
		a.see("expiry.explicit", "no deadline", a.now(path).get("key.expires_at"))
	}),
	junkieProbe("things that do not exist", func(a junkieAsker) {
		_, path := a.create("")
		a.see("create.provider-unknown", "a provider", a.refusal(a.send("POST", "/keys", fmt.Sprintf(`{"key_name": %q, "provider_id": 2147483000}`, a.estate.mark()))))
		a.see("create.service-unknown", "a service", a.refusal(a.send("POST", "/keys", a.body(`"service_id": 2147483000`))))
		a.see("create.service-unknown", "service 0", a.refusal(a.send("POST", "/keys", a.body(`"service_id": 0`))))
		a.see("folder-unknown", "a folder", a.refusal(a.send("POST", "/keys", a.body(`"folder_id": 2147483000`))))
		a.see("folder-unknown", "a folder, in an update", a.refusal(a.send("PUT", path, `{"folder_id": 2147483000}`)))
	}),
}

var junkieManyProbes = []probe{
	junkieProbe("batches", func(a junkieAsker) {
		device := a.estate.mark()
		body := a.body(fmt.Sprintf(`"amount": 2, "hwid": %q, "validity_minutes": 60, "hwid_limit": 3, "hwids": ["Z"]`, device))
		made := a.stage("POST", "/keys/batch", body)
		a.see("batch.answer", "the answer", []any{made.Status, made.members(""), kindOf(made.get("config"))})
		a.see("batch.values", "keys and count", []any{len(made.list("keys")), made.get("count")})
		a.see("batch.config", "the settings, as they are repeated", []any{made.members("config"), made.pick("config", "validity_minutes", "hwid_limit", "is_premium")})
		keys := a.stage("GET", "/keys?hwid="+device, "")
		values := keys.texts("keys", "key_value")
		for _, value := range made.list("keys") {
			values = slices.DeleteFunc(values, func(v string) bool { return v == value })
		}
		a.see("batch.values", "the texts are the values of the keys", len(values))
		a.see("batch.same", "the settings of both", []any{
			keys.pick("keys.0", "validity_minutes", "hwid_limit"), keys.pick("keys.1", "validity_minutes", "hwid_limit"),
			keys.get("keys.0.key_name") == keys.get("keys.1.key_name"), keys.get("keys.0.key_name") != nil,
		})
		a.see("batch.hwid", "both have the device", keys.get("pagination.total"))
		a.see("batch.no-hwids", "devices in hwids", []any{len(keys.list("keys.0.hwids")), len(keys.list("keys.1.hwids"))})
	}),
	junkieProbe("a batch that is refused", func(a junkieAsker) {
		device := a.estate.mark()
		a.see("batch.all-or-none", "in a folder that does not exist", []any{
			a.send("POST", "/keys/batch", a.body(fmt.Sprintf(`"amount": 2, "folder_id": 2147483000, "hwid": %q`, device))).verdict(),
			a.stage("GET", "/keys?hwid="+device, "").get("pagination.total"),
		})
	}),
	junkieProbe("bulk deletes", func(a junkieAsker) {
		_, one := a.create("")
		text := a.send("POST", "/keys/bulk-delete", fmt.Sprintf(`{"keys": [%q]}`, strings.TrimPrefix(one, "/keys/")))
		a.see("bulk.strict", "an id as a text", text.get("deleted"))
	}),
	junkieProbe("bulk deletes of some that are there", func(a junkieAsker) {
		_, one := a.create("")
		made, two := a.create("")
		id := strings.TrimPrefix(one, "/keys/")
		got := a.send("POST", "/keys/bulk-delete", fmt.Sprintf(`{"keys": [%s, %q, %q, %s]}`, id, made.text("key.key_value"), a.estate.mark(), id))
		a.see("bulk.answer", "the answer", []any{got.Status, got.kinds("", "deleted", "requested")})
		a.see("bulk.mixed", "an id and a value", []string{a.send("GET", one, "").verdict(), a.send("GET", two, "").verdict()})
		a.see("bulk.counts", "one of them twice, and one that does not exist", got.pick("", "deleted", "requested"))
	}),
}

var junkieChangeProbes = []probe{
	junkieProbe("looking at a key", func(a junkieAsker) {
		_, path := a.create(`"hwids": ["A"]`)
		a.now(path)
		a.see("get.read-only", "after it was looked at twice", a.now(path).pick("key", "used_at", "keys_hwid", "expires_at"))
	}),
	junkieProbe("updates", func(a junkieAsker) {
		made, path := a.create(`"validity_minutes": 60, "hwid_limit": 3, "discord_id": "9012345678901234567", "hwids": ["A", "B"], "one_time_use": true`)
		got := a.stage("PUT", path, `{"is_premium": true}`)
		a.see("update.answer", "the answer", []any{got.Status, got.members("")})
		now := a.now(path)
		a.see("update.partial", "what was not sent", now.pick("key", "validity_minutes", "hwid_limit", "discord_id", "keys_hwid", "one_time_use"))
		a.see("update.partial", "an empty object", []any{a.tried(path, `{}`), a.now(path).Body == now.Body})
		a.see("update.keys-hwid", "keys_hwid without hwids", got.get("keys_hwid"))
		with := a.stage("PUT", path, `{"hwids": ["C", "D"]}`)
		a.see("update.keys-hwid", "keys_hwid with hwids", with.get("keys_hwid"))
		a.see("update.hwids", "the devices", a.now(path).get("key.keys_hwid"))
		a.see("update.keys-hwid-empty", "keys_hwid with no hwids", a.stage("PUT", path, `{"hwids": []}`).get("keys_hwid"))
		a.see("update.hwids", "no devices", a.now(path).get("key.keys_hwid"))
		a.stage("PUT", path, `{"key_name": null, "validity_minutes": null, "discord_id": null, "hwid_limit": null}`)
		cleared := a.now(path)
		a.see("update.null", "name, validity and deadline after null", cleared.pick("key", "key_name", "validity_minutes", "expires_at"))
		a.see("update.discord-null", "discord_id after null", cleared.get("key.discord_id"))
		a.see("update.limit-null", "hwid_limit after null", cleared.get("key.hwid_limit"))
		a.see("update.fixed", "provider, service, value and device", []any{
			a.tried(path, fmt.Sprintf(`{"provider_id": 2147483000, "service_id": 2147483000, "key_value": %q, "hwid": "E"}`, a.estate.mark())),
			a.now(path).get("key.key_value") == made.get("key.key_value"), a.now(path).get("key.provider_id") == made.get("key.provider_id"),
			a.now(path).pick("key", "service_id", "keys_hwid"),
		})
	}),
	junkieProbe("devices that are bound anew", func(a junkieAsker) {
		made, path := a.create(`"hwids": ["A"]`)
		a.pass(2 * time.Second)
		a.stage("PUT", path, `{"hwids": ["A"]}`)
		now := a.now(path)
		a.see("update.bound-by", "how and when", []any{now.get("key.hwids.0.bound_by"),
			apart(made.get("key.hwids.0.bound_at"), now.get("key.hwids.0.bound_at"), time.Minute) == "0s",
			now.get("key.hwids.0.bound_at") != made.get("key.hwids.0.bound_at")})
	}),
	junkieProbe("invalidated and expired keys", func(a junkieAsker) {
		device := a.estate.mark()
		_, path := a.create(fmt.Sprintf(`"validity_minutes": 60, "hwid": %q`, device))
		states := func() []string {
			found := []string{}
			for _, status := range statuses {
				if len(a.found("hwid="+device+"&status="+string(status))) > 0 {
					found = append(found, string(status))
				}
			}
			return found
		}
		a.see("status.active", "a new key", states())
		a.stage("PUT", path, `{"is_invalidated": true}`)
		a.see("status.invalidated", "an invalidated key", states())
		past := a.send("PUT", path, `{"expires_at": "1999-01-01T00:00:00Z"}`)
		a.see("update.past", "a deadline that has passed", past.verdict())
		a.staged(past)
		a.see("status.order", "an invalidated key that has expired", states())
		a.stage("PUT", path, `{"is_invalidated": false}`)
		a.see("update.revive", "it is taken back", a.now(path).pick("key", "is_invalidated", "validity_minutes", "used_at"))
		a.see("expiry.reached status.expired", "an expired key", states())
		a.see("status.recomputed", "a new validity", []any{a.tried(path, `{"validity_minutes": 120}`), states()})
		a.see("status.values", "a status that nobody knows", a.send("GET", "/keys?hwid="+device+"&status=gone", "").verdict())
	}),
	junkieProbe("resets", func(a junkieAsker) {
		_, path := a.create(`"validity_minutes": 60, "hwid_limit": 2, "hwids": ["A", "B"]`)
		before := a.now(path)
		got := a.send("POST", path+"/reset-hwid", "")
		a.see("reset.answer", "the answer", []any{got.Status, got.kinds("", "success", "message")})
		after := a.now(path)
		a.see("reset.answer", "the devices", after.get("key.keys_hwid"))
		a.see("reset.keeps", "everything else", []any{after.get("key.expires_at") == before.get("key.expires_at"),
			after.pick("key", "hwid_limit", "is_invalidated", "used_at", "validity_minutes")})
		a.see("reset.none-bound", "once more", a.send("POST", path+"/reset-hwid", "").verdict())
	}),
	junkieProbe("deletions", func(a junkieAsker) {
		_, path := a.create("")
		got := a.send("DELETE", path, "")
		a.see("delete.answer", "the status", got.Status)
		a.see("delete.empty", "the body", []any{len(got.Body), got.Header.Get("Content-Type")})
		a.see("delete.gone", "getting it, and deleting it again", []any{a.send("GET", path, "").verdict(), a.send("DELETE", path, "").Status})
	}),
}

var junkieListProbes = []probe{
	junkieProbe("lists", func(a junkieAsker) {
		device := a.estate.mark()
		var values []string
		for range 3 {
			made, _ := a.create(fmt.Sprintf(`"hwid": %q`, device))
			values = append(values, made.text("key.key_value"))
			a.pass(time.Second)
		}
		got := a.stage("GET", "/keys?hwid="+device+"&limit=2", "")
		a.see("list.answer", "the members", []any{got.members(""), got.members("pagination")})
		a.see("list.totals", "three keys, two on a page", got.pick("pagination", "page", "limit", "total", "totalPages"))
		a.see("list.order", "three keys, the first made having number 1", order(a.found("hwid="+device), values))
		past := a.send("GET", "/keys?hwid="+device+"&limit=2&page=3", "")
		a.see("list.past-end", "page 3 of 2", []any{past.Status, past.get("keys"), past.pick("pagination", "total", "totalPages")})
		none := a.stage("GET", "/keys?hwid="+a.estate.mark(), "")
		a.see("list.totals", "no keys", none.pick("pagination", "total", "totalPages"))
		a.see("list.defaults", "page and limit", a.stage("GET", "/keys?hwid="+device, "").pick("pagination", "page", "limit"))
	}),
	junkieProbe("keys of one batch in a list", func(a junkieAsker) {
		device := a.estate.mark()
		a.stage("POST", "/keys/batch", a.body(fmt.Sprintf(`"amount": 3, "hwid": %q`, device)))
		got := a.stage("GET", "/keys?hwid="+device, "")
		falling := true
		for i := range 2 {
			falling = falling && got.get(fmt.Sprintf("keys.%d.id", i)).(float64) > got.get(fmt.Sprintf("keys.%d.id", i+1)).(float64)
		}
		a.see("list.order", "the highest id is first", falling)
	}),
	junkieProbe("filters", func(a junkieAsker) {
		device, other := a.estate.mark(), a.estate.mark()
		one, path := a.create(fmt.Sprintf(`"hwids": [%q, %q], "discord_id": "9012345678901234567"`, other, device+"-X"))
		two, _ := a.create(fmt.Sprintf(`"hwid": %q`, device+"-Y"))
		values := []string{one.text("key.key_value"), two.text("key.key_value")}
		found := func(filter string) int { return len(order(a.found("hwid="+device+"-&"+filter), values)) }
		a.see("filter.hwid", "a part of both devices", found(""))
		a.see("filter.any-hwid", "the second device of the first key", order(a.found("hwid="+device+"-X"), values))
		a.see("filter.literal", "a device in capitals", len(order(a.found("hwid="+strings.ToUpper(device)), values)))
		a.see("filter.literal", "signs that stand for anything", []int{len(a.found("hwid=" + device + "_X")), len(a.found("hwid=" + device + "%25X"))})
		part := values[0][9:]
		a.see("filter.key", "a part of a key", order(a.found("key="+url.QueryEscape(part)), values))
		a.see("filter.and", "a key of one and a device of the other", len(a.found("key="+url.QueryEscape(values[0])+"&hwid="+device+"-Y")))
		a.see("filter.discord-id", "a whole Discord id, and a part", []int{found("discord_id=9012345678901234567"), found("discord_id=901234567890123456")})
		a.see("filter.ids", "the provider", found("provider_id="+a.set["PROVIDER_ID"]))
		unknown := a.send("GET", "/keys?hwid="+device+"&service_id=2147483000", "")
		a.see("filter.unknown-id", "a service that does not exist", []any{unknown.Status, unknown.get("pagination.total")})
		a.stage("PUT", path, `{"expires_at": "2030-03-01T12:00:00Z"}`)
		a.see("filter.expires", "before and after, a second away", []int{found("expires_before=2030-03-01T12:00:01Z"), found("expires_after=2030-03-01T11:59:59Z")})
		a.see("filter.strictly", "before and after, to the second", []int{found("expires_before=2030-03-01T12:00:00Z"), found("expires_after=2030-03-01T12:00:00Z")})
	}),
}

var junkiePartly = []unasked{
	{"the scope and the rate limit are left out", "error.order"},
	{"the name is left out, which every key of the run has", "create.defaults"},
	{"not where they begin", "key.id"},
	{"only the path of batches, and only to look", "route.literal"},
	{"whether further devices are refused takes an end user's program", "create.over-limit"},
	{"without a key that was used, which takes an end user's program", "status.order status.active status.recomputed reset.keeps"},
	{"an empty list is left out, as a vendor might take it for all keys", "bound.bulk-delete"},
}
