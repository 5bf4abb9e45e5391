package conformance

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

func keycrateProbes() []probe {
	return slices.Concat(keycrateAccessProbes, keycrateBodyProbes, keycrateNewProbes, keycrateChangeProbes, keycrateListProbes,
		keycrateDeviceProbes, keycrateSubscriptionProbes, keycrateUserProbes, []probe{keycrateClientProbe})
}

var keycrateUnasked = []unasked{
	{"it takes a second app or API key, or one that is switched off", "access.app access.indirect access.switched-off create.foreign move.foreign auth.foreign auth.app-off auth.team"},
	{"it would use up the vendor's rate limit", "rate.limited rate.window rate.retry-after"},
	{"a minute is the shortest time after which a license expires", "extend.expired list.status-stored auth.expired auth.expiry auth.expired-data"},
	{"blacklists are made in the dashboard, and hold for whoever shares an address with the run", "auth.blacklist auth.blacklist-all"},
	{"it is about a switch of the mock, for what another rule here asks", "duration.from-creation auth.hwid-mismatch-double-s"},
	{"it shows without asking the vendor", "key.prefix"},
	{"nobody can see it from outside", "register.hashed"},
	{"every license has a subscription as long as that exists", "auth.subscription-gone"},
	{"nothing but the vendor's portal does it", "portal.conditions portal.order portal.cooldown portal.reset"},
	{"content-type.lenient asks what becomes of a request that does not", "content-type.demanded"},
}

var keycratePartly = []unasked{
	{"an inactive API key is left out", "key.invalid"},
	{"access and the rate limit are left out", "error.order"},
	{"the tags are left out, of which every license of the run has one", "create.defaults license.unset"},
	{"an empty list is left out, as a vendor might take it for all licenses", "bound.license-keys"},
	{"an empty key is left out for changes, as a vendor might take it for all licenses", "bound.items"},
	{"of the order, only what licenses and subscriptions of the run can show", "auth.order auth.order-detail register.order"},
	{"only while it runs", "status.clock"},
	{"not for longer than a few seconds", "extend.running"},
	{"expired licenses are left out", "register.state auth.single-key-any"},
	{"only the app's own licenses can be seen to be there", "list.app"},
}

var keycrateAccessProbes = []probe{
	keycrateProbe("access", func(a *keycrateAsker) {
		_, key := a.make("")
		get := `{"license_key": ` + quoted(key) + `}`
		a.see("key.header", "with the API key", a.send("POST", "/license/get", get).verdict())
		a.see("key.missing", "without it", a.send("POST", "/license/get", get, "X-Api-Key:").get("error_code"))
		wrong := a.send("POST", "/license/get", `{"license_key": 7}`, "X-Api-Key: kc_"+strings.ReplaceAll(a.estate.mark(), "-", ""))
		a.see("key.invalid", "with one that nobody has", wrong.get("error_code"))
		a.see("error.order", "which comes before the content", wrong.Status)
		a.see("error.statuses", "the status of both", wrong.Status)
		a.see("key.end-users", "an end user without it", a.enter(key, "").verdict())
		a.see("content-type.lenient", "without Content-Type", a.send("POST", "/license/get", get, "Content-Type:").verdict())
		a.see("query.ignored", "with a query", a.send("POST", "/license/get?license_key=none", get).verdict())
	}),
	keycrateProbe("routes", func(a *keycrateAsker) {
		a.see("route.unknown", "a path that nobody knows", a.refusal(a.send("GET", "/license/"+a.estate.mark(), "")))
		a.see("route.unknown", "the same without a credential", a.refusal(a.send("GET", "/license/"+a.estate.mark(), "", "X-Api-Key:")))
		a.see("route.method", "GET of a path for POST", a.refusal(a.send("GET", "/license/get", "")))
		a.see("route.post", "GET of a path for POST, in a word", a.send("GET", "/license/get-bulk", "").verdict())
		origin := "Origin: https://shop.example"
		asked := a.send("OPTIONS", "/auth", "", origin, "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: content-type", "X-Api-Key:")
		a.see("route.preflight", "a browser that asks whether a page may call", asked.verdict())
		a.see("route.preflight-answer", "what it is told", []any{asked.Status, asked.Header.Get("Access-Control-Allow-Origin")})
		refused := a.send("POST", "/auth", `{}`, origin, "X-Api-Key:")
		a.see("route.any-origin", "who may read a refusal", []any{refused.verdict(), refused.Header.Get("Access-Control-Allow-Origin")})
	}),
	keycrateProbe("answers and errors", func(a *keycrateAsker) {
		made, key := a.make("")
		a.see("answer.status", "the status of a creation", made.Status)
		a.see("answer.envelope", "what an answer has", []any{made.members(""), made.get("success")})
		unknown := a.on("/license/get", a.estate.mark(), "")
		a.see("error.envelope", "what an error has", []any{kindOf(unknown.get("error")), kindOf(unknown.get("error_code"))})
		a.see("error.families", "and has not", unknown.get("success"))
		a.see("error.license", "a license that does not exist", unknown.get("error_code"))
		a.see("error.app", "an app that does not exist", a.post("/subscription/get-bulk", fmt.Sprintf(`"app_id": %q`, newUUID())).get("error_code"))
		lost := a.post("/subscription/edit", fmt.Sprintf(`"subscription_id": %q, "name": %q`, a.estate.invent(newUUID()), a.estate.mark()))
		a.see("error.subscription", "a subscription that does not exist", lost.get("error_code"))
		wrong := a.on("/license/extend", key, `"extend_seconds": "x"`)
		a.see("error.validation", "wrong content", wrong.get("error_code"))
		a.see("error.statuses", "the statuses of what does not exist and of wrong content", []int{unknown.Status, lost.Status, wrong.Status})
		a.see("error.order", "wrong content for what does not exist", a.on("/license/extend", a.estate.mark(), `"extend_seconds": "x"`).get("error_code"))
	}),
}

var keycrateBodyProbes = []probe{
	keycrateProbe("bodies", func(a *keycrateAsker) {
		_, key := a.make(`"color": "red", "hwidLock": true`)
		a.see("body.unknown-field", "fields that nobody knows", a.now(key).get("data.hwid_lock"))
		a.see("body.type", "a text in place of a flag", a.on("/hwid/toggle-lock", key, `"hwid_lock": "yes"`).verdict())
		a.see("body.type", "a text in place of a number", a.on("/hwid/update-reset-interval", key, `"hwid_reset_cooldown": "60"`).verdict())
		for _, sent := range []string{"60.0", "60.5"} {
			a.see("body.whole-number", "hwid_reset_cooldown "+sent, a.on("/hwid/update-reset-interval", key, `"hwid_reset_cooldown": `+sent).verdict())
		}
		a.see("body.duplicate-field", "a field twice", a.on("/hwid/toggle-lock", key, `"hwid_lock": true, "hwid_lock": true`).verdict())
		a.see("body.null", "nulls in a creation", a.tryMake(`"hwid_lock": null, "metadata": null, "key_format": null`).verdict())
		a.see("body.required", "a creation without a unit", a.send("POST", "/license/create",
			fmt.Sprintf(`{"tags": [%q], "app_id": %q, "subscription_id": %q}`, a.estate.mark(), a.set["APP_ID"], a.sub())).verdict())
		a.see("body.malformed", "a list in place of an object", a.refusal(a.send("POST", "/license/get", `[]`)))
		a.see("body.malformed", "a document that breaks off", a.refusal(a.send("POST", "/license/get", `{"license_key": `)))
	}),
	keycrateProbe("bounds", func(a *keycrateAsker) {
		_, key := a.make("")
		long := func(n int) string { return strings.Repeat("x", n) }
		a.see("bound.uuid", "an app_id that is none", a.refusal(a.post("/subscription/get-bulk", `"app_id": "app"`)))
		a.see("bound.uuid", "an app_id in capitals", a.post("/license/get-bulk", fmt.Sprintf(`"app_id": %q, "tags": [%q]`, strings.ToUpper(a.set["APP_ID"]), a.estate.mark())).verdict())
		a.see("bound.license-key", "an empty license_key", a.on("/license/get", "", "").get("error_code"))
		var many []string
		for range 1001 {
			many = append(many, a.estate.mark())
		}
		a.see("bound.license-keys", "1001 licenses at once", a.onAll("/license/update-status-bulk", many, `"status": "active"`).get("error_code"))
		a.see("bound.items", "a tag without a name", a.send("POST", "/license/create", fmt.Sprintf(`{"tags": [%q, ""], "app_id": %q, "subscription_id": %q, "duration_unit": "lifetime"}`,
			a.estate.mark(), a.set["APP_ID"], a.sub())).verdict())
		for _, n := range []int{256, 257} {
			a.see("bound.hwid", fmt.Sprint("a device of ", n, " characters"), a.on("/hwid/edit", key, `"hwid": "`+a.estate.mark()+long(n-len(a.estate.mark()))+`"`).verdict())
		}
		for _, n := range []int{64, 65} {
			a.see("bound.username", fmt.Sprint("a username of ", n, " characters"),
				a.on("/license/update-user-credentials", key, `"username": "`+a.estate.mark()+long(n-len(a.estate.mark()))+`"`).verdict())
		}
		a.see("bound.password", "a password of 1025 characters", a.on("/license/update-user-credentials", key, fmt.Sprintf(`"username": %q, "password": %q`, a.estate.mark(), long(1025))).verdict())
		a.see("bound.name", "a subscription with a name of 65 characters", a.post("/subscription/create", fmt.Sprintf(`"app_id": %q, "name": "%s%s"`, a.set["APP_ID"], a.estate.mark(), long(65-len(a.estate.mark())))).verdict())
		a.see("bound.level", "a subscription of a level below 0", a.send("POST", "/subscription/create", a.subscription(`"level": -1`)).verdict())
		a.see("bound.key-format", "a key format of 129 characters", a.tryMake(`"key_format": "****`+long(125)+`"`).verdict())
		interval := func(seconds string) string {
			return a.on("/hwid/update-reset-interval", key, `"hwid_reset_cooldown": `+seconds).verdict()
		}
		a.see("bound.cooldown", "an interval below 0", interval("-1"))
		a.see("bound.cooldown-most", "an interval of more than 100 years", interval("3153600001"))
	}),
	keycrateProbe("keys in requests", func(a *keycrateAsker) {
		_, key := a.make(`"key_format": "AB-********"`)
		a.see("license-key.exact", "a key in small letters", a.on("/license/get", strings.ToLower(key), "").get("error_code"))
		_, other := a.make(`"duration_unit": "days", "duration_value": 1`)
		got := a.onAll("/license/extend-bulk", []string{other, other}, `"extend_seconds": 60`)
		a.see("license-key.once", "a key twice in a bulk call", []any{got.verdict(), a.now(other).get("data.duration_seconds")})
		fixed := a.estate.mark()
		made := a.tryMake(`"key_format": "` + fixed + `"`)
		a.see("format.stars", "a format without a star", made.get("data.key") == fixed)
		a.see("format.exhausted license-key.unique", "the same once more", a.refusal(a.tryMake(`"key_format": "`+fixed+`"`)))
	}),
}

var keycrateNewProbes = []probe{
	keycrateProbe("a license of which nothing is said", func(a *keycrateAsker) {
		made, key := a.make("")
		a.see("create.answer", "the answer", kindOf(made.get("data.key")))
		a.see("license.shape", "its members", made.members("data"))
		a.see("license.key", "what its key is called", made.pick("data", "license_key"))
		a.see("create.defaults", "its settings", made.pick("data", "hwid_lock", "hwid_reset_allowed", "hwid_reset_cooldown"))
		a.see("license.nulls", "what it has none of", made.pick("data", "username", "hwid", "duration_value", "duration_seconds", "activated_at", "expires_at", "last_hwid_reset_at"))
		a.see("license.unset", "its metadata", made.get("data.metadata"))
		a.see("create.active", "its status", made.pick("data", "status", "activated_at"))
		a.see("duration.lifetime", "what it was granted", made.pick("data", "duration_unit", "duration_value", "duration_seconds", "expires_at"))
		a.see("license.times", "how times end", strings.HasSuffix(made.text("data.created_at"), "Z"))
		a.see("license.times-millis", "how times are written", form(made.get("data.created_at")))
		a.see("license.cooldown-seconds", "what kind of value the cooldown is", kindOf(made.get("data.hwid_reset_cooldown")))
		a.see("format.default", "how its key is written", []int{len(key), strings.Count(key, "-")})
		a.see("get.answer", "getting it", a.now(key).Body == a.now(key).Body && a.now(key).get("data.key") == key)
		a.see("create.new", "the same once more", a.tryMake("").get("data.key") != key)
	}),
	keycrateProbe("how keys are written", func(a *keycrateAsker) {
		_, key := a.make(`"key_format": "A*-************"`)
		upper, lower, digits := "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz", "0123456789"
		a.see("format.stars", "what stays of a format", []any{len(key), key[:1], strings.Index(key, "-")})
		a.see("format.alphabet", "the characters, by default", strings.Trim(key[3:], upper+digits))
		_, small := a.make(`"key_format": "****************", "key_uppercase": false, "key_lowercase": true, "key_numbers": false`)
		a.see("format.alphabet", "small letters only", strings.Trim(small, lower))
		a.see("format.no-alphabet", "nothing at all", a.tryMake(`"key_uppercase": false, "key_numbers": false`).verdict())
	}),
	keycrateProbe("durations", func(a *keycrateAsker) {
		for _, unit := range []string{"minutes", "hours", "days", "months", "years", "lifetime"} {
			made := a.tryMake(`"duration_unit": "` + unit + `", "duration_value": 2`)
			a.see("duration.units", "2 "+unit, made.verdict())
			a.see("duration.seconds", "2 "+unit+", in seconds", made.get("data.duration_seconds"))
		}
		a.see("duration.lifetime", "a lifetime with a value", a.tryMake(`"duration_unit": "lifetime", "duration_value": 2`).get("data.duration_value"))
		for _, unit := range []string{"day", "Days", "weeks"} {
			a.see("duration.spellings", "2 "+unit, a.tryMake(`"duration_unit": "`+unit+`", "duration_value": 2`).verdict())
		}
		a.see("duration.value", "0 days", a.tryMake(`"duration_unit": "days", "duration_value": 0`).verdict())
		a.see("duration.value", "days, without saying how many", a.tryMake(`"duration_unit": "days"`).verdict())
		a.see("duration.most", "1001 years", a.tryMake(`"duration_unit": "years", "duration_value": 1001`).verdict())
	}),
	keycrateProbe("many at once", func(a *keycrateAsker) {
		made := a.stage("POST", "/license/create-bulk", a.license(`"key_amount": 2`))
		a.see("create-bulk.answer", "the answer", []any{len(made.list("data")), made.get("data.0.key") != made.get("data.1.key")})
		a.see("create-bulk.amount", "how many", len(made.list("data")))
		for _, amount := range []string{"0", "1001"} {
			a.see("create-bulk.bounds", amount+" licenses", a.send("POST", "/license/create-bulk", a.license(`"key_amount": `+amount)).verdict())
		}
	}),
	keycrateProbe("metadata", func(a *keycrateAsker) {
		_, key := a.make(`"metadata": {"a": 1, "b": 2}`)
		set := func(metadata string) answer { return a.on("/license/update-metadata", key, `"metadata": `+metadata) }
		a.see("metadata.replaces", "other metadata", set(`{"c": {"d": [true]}}`).get("data.metadata"))
		a.see("metadata.replaces", "no metadata", set(`{}`).get("data.metadata"))
		a.see("metadata.limit", "2001 characters", set(`{"a":"`+strings.Repeat("x", 1993)+`"}`).verdict())
		a.see("metadata.limit", "2000 characters", set(`{"a":"`+strings.Repeat("x", 1992)+`"}`).verdict())
		a.see("metadata.measure", "2000 characters, and blanks between them", set(`{ "a" :   "`+strings.Repeat("x", 1992)+`" }`).verdict())
	}),
}

var keycrateChangeProbes = []probe{
	keycrateProbe("extending", func(a *keycrateAsker) {
		made, key := a.make(`"duration_unit": "days", "duration_value": 1`)
		extend := func(seconds string) answer { return a.on("/license/extend", key, `"extend_seconds": `+seconds) }
		got := extend("3600")
		a.see("extend.seconds", "an hour more", got.get("data.duration_seconds"))
		a.see("update.answer", "the answer", []any{got.members("data"), got.get("data.key") == key})
		a.see("extend.unused", "of a license that waits for its first use", got.pick("data", "duration_seconds", "expires_at"))
		again := extend("3600")
		a.see("extend.adds", "and another hour", again.get("data.duration_seconds"))
		a.see("duration.granted", "what was granted in all, and at first", again.pick("data", "duration_seconds", "duration_value"))
		a.see("extend.minimum", "no time", extend("0").verdict())
		a.pass(2 * time.Second)
		a.see("license.updated-at", "when it was changed", apart(made.get("data.updated_at"), extend("1").get("data.updated_at"), time.Second) != "0s")
		a.stage("POST", "/license/update-status", fmt.Sprintf(`{"license_key": %q, "status": "paused"}`, key))
		a.see("extend.status", "of a paused license", extend("1").get("data.status"))
		_, forever := a.make("")
		a.see("extend.lifetime", "of a lifetime", a.refusal(a.on("/license/extend", forever, `"extend_seconds": 60`)))
	}),
	keycrateProbe("extending a license in use", func(a *keycrateAsker) {
		_, key := a.make(`"duration_unit": "days", "duration_value": 1`)
		a.staged(a.enter(key, ""))
		before := a.now(key)
		a.see("extend.running", "an hour more", apart(before.get("data.expires_at"), a.on("/license/extend", key, `"extend_seconds": 3600`).get("data.expires_at"), time.Second))
	}),
	keycrateProbe("pausing", func(a *keycrateAsker) {
		_, key := a.make(`"duration_unit": "days", "duration_value": 1`)
		a.staged(a.enter(key, ""))
		before := a.now(key)
		set := func(status string) answer { return a.on("/license/update-status", key, `"status": "`+status+`"`) }
		a.see("status.set", "paused", set("paused").get("data.status"))
		a.pass(2 * time.Second)
		a.see("status.same", "paused again", set("paused").verdict())
		a.see("auth.paused", "an end user", a.told(a.enter(key, "")))
		active := set("active")
		a.see("status.set", "active", active.get("data.status"))
		a.see("status.clock", "its end", active.get("data.expires_at") == before.get("data.expires_at"))
		a.see("status.values", "another status", a.refusal(set("expired")))
	}),
	keycrateProbe("changing several", func(a *keycrateAsker) {
		_, one := a.make("")
		_, two := a.make("")
		got := a.onAll("/license/update-status-bulk", []string{two, one}, `"status": "paused"`)
		a.see("bulk.answer", "the answer, of the second and the first", order(got.texts("data", "key"), []string{one, two}))
		lost := a.onAll("/license/update-status-bulk", []string{one, a.estate.mark()}, `"status": "active"`)
		a.see("bulk.all-or-none", "with one that does not exist", []any{lost.get("error_code"), a.now(one).get("data.status")})
	}),
	keycrateProbe("deleting", func(a *keycrateAsker) {
		username := a.estate.mark()
		_, key := a.make("")
		a.staged(a.on("/license/update-user-credentials", key, fmt.Sprintf(`"username": %q`, username)))
		a.see("delete.answer", "the answer", a.on("/license/delete", key, "").get("data"))
		_, other := a.make("")
		a.see("delete.gone", "getting it, deleting it again, and giving its username to another", []any{
			a.on("/license/get", key, "").get("error_code"), a.on("/license/delete", key, "").get("error_code"),
			a.on("/license/update-user-credentials", other, fmt.Sprintf(`"username": %q`, username)).verdict(),
		})
	}),
	keycrateProbe("another subscription", func(a *keycrateAsker) {
		_, key := a.make(`"duration_unit": "days", "duration_value": 1, "hwid_lock": true`)
		device := a.estate.mark()
		a.staged(a.enter(key, device))
		before := a.now(key)
		single := a.subscribe(`"single_key_per_hwid": true`).text("data.id")
		moved := a.on("/license/update-subscription", key, fmt.Sprintf(`"subscription_id": %q`, single))
		a.see("move.keeps", "what stays", []any{moved.get("data.subscription_id") == single, moved.get("data.expires_at") == before.get("data.expires_at"),
			moved.get("data.status"), moved.get("data.hwid") == device})
		_, other := a.make("")
		a.staged(a.on("/hwid/edit", other, fmt.Sprintf(`"hwid": %q`, device)))
		a.see("move.hwid-in-use", "of which another license has the device", a.refusal(a.on("/license/update-subscription", other, fmt.Sprintf(`"subscription_id": %q`, single))))
	}),
	keycrateProbe("credentials", func(a *keycrateAsker) {
		_, one := a.make("")
		_, two := a.make("")
		username := a.estate.mark()
		set := func(key, username, further string) answer {
			return a.on("/license/update-user-credentials", key, fmt.Sprintf(`"username": %q%s`, username, further))
		}
		got := set(one, username, `, "password": "pw-1"`)
		a.see("credentials.username", "the username", got.get("data.username") == username)
		a.see("license.no-password", "the password in the answer", strings.Contains(got.Body, "pw-1") || strings.Contains(got.Body, "password"))
		a.see("credentials.taken", "of another license", a.refusal(set(two, username, "")))
		a.see("credentials.taken", "its own once more", set(one, username, "").verdict())
		a.see("credentials.exact", "in capitals, for another license", set(two, strings.ToUpper(username), "").verdict())
		login := func(password string) answer {
			return a.auth(fmt.Sprintf(`"username": %q, "password": %q`, username, password))
		}
		a.see("credentials.password", "the password is still the one", login("pw-1").verdict())
		a.see("auth.by-password", "which license it stands for", login("pw-1").get("data.key") == one)
		a.staged(set(one, username, `, "password": "pw-2"`))
		a.see("credentials.password", "the old password after a new one", login("pw-1").verdict())
		a.see("auth.credentials", "a wrong password", login("pw-1").get("message"))
	}),
	keycrateProbe("looking at it", func(a *keycrateAsker) {
		_, key := a.make(`"duration_unit": "days", "duration_value": 1`)
		before := a.now(key).Body
		a.list(a.estate.mark(), "")
		a.see("read-only", "a license that was got and listed", a.now(key).Body == before)
	}),
}

var keycrateListProbes = []probe{
	keycrateProbe("lists", func(a *keycrateAsker) {
		tag := a.estate.mark()
		var keys []string
		for range 3 {
			made := a.stage("POST", "/license/create", strings.Replace(a.license(""), `{"tags": [`, fmt.Sprintf(`{"tags": [%q, `, tag), 1))
			keys = append(keys, made.text("data.key"))
			a.pass(time.Second)
		}
		got := a.list(tag, "")
		found := func(fields string) []int { return order(a.list(tag, fields).texts("data", "key"), keys) }
		a.see("list.data", "where the licenses are", kindOf(got.get("data")))
		a.see("list.counters", "the counters", got.pick("", "total", "total_pages"))
		a.see("list.per-page", "how many are on a page", got.get("per_page"))
		a.see("list.page", "which page it is", got.get("page"))
		a.see("list.app", "whose they are", got.get("data.0.app_id") == a.set["APP_ID"])
		a.see("list.tags", "how many have the tag", len(found("")))
		a.see("list.sort-fields list.sort-order", "the order, the first made having number 1", found(""))
		a.see("list.sort-created", "by created_at, rising", found(`"sort_field": "created_at", "sort_order": "asc"`))
		a.see("list.sort-order", "falling", found(`"sort_order": "desc"`))
		a.see("list.sort-order", "in no order that there is", a.list(tag, `"sort_order": "up"`).verdict())
		sorted := slices.Sorted(slices.Values(keys))
		byKey := a.list(tag, `"sort_field": "key", "sort_order": "asc"`)
		a.see("list.sort-fields", "by key", order(byKey.texts("data", "key"), sorted))
		a.see("list.sort-fields", "by something else", a.list(tag, `"sort_field": "id"`).verdict())
		for _, direction := range []string{"asc", "desc"} {
			byUse := a.list(tag, `"sort_field": "activated_at", "sort_order": "`+direction+`"`)
			a.see("list.ties", "by first use, which there was none of: "+direction, order(byUse.texts("data", "key"), sorted))
		}
		two := a.list(tag, `"per_page": 2, "page": 2`)
		a.see("list.counters", "the second page of two", []any{len(two.list("data")), two.pick("", "total", "page", "per_page", "total_pages")})
		past := a.list(tag, `"per_page": 2, "page": 3`)
		a.see("list.past-end", "the third page of two", []any{past.verdict(), past.get("data"), past.pick("", "total", "total_pages")})
		for _, sent := range []string{`"per_page": 0`, `"per_page": 101`} {
			a.see("list.per-page", sent, a.list(tag, sent).verdict())
		}
		a.see("list.page", "page 0", a.list(tag, `"page": 0`).verdict())
	}),
	keycrateProbe("filters", func(a *keycrateAsker) {
		tag := a.estate.mark()
		make := func(further string) string {
			made := a.stage("POST", "/license/create", strings.Replace(a.license(further), `{"tags": [`, fmt.Sprintf(`{"tags": [%q, `, tag), 1))
			return made.text("data.key")
		}
		username := a.estate.mark()
		keys := []string{make(`"key_format": "Q1-************"`), make("")}
		a.staged(a.on("/license/update-status", keys[0], `"status": "paused"`))
		a.staged(a.on("/license/update-user-credentials", keys[0], fmt.Sprintf(`"username": %q`, username)))
		found := func(fields string) []int { return order(a.list(tag, fields).texts("data", "key"), keys) }
		a.see("list.status", "paused", found(`"status": "paused"`))
		a.see("list.status", "active", found(`"status": "active"`))
		a.see("list.status-values", "expired", a.list(tag, `"status": "expired"`).verdict())
		a.see("list.subscription", "of their subscription, and of one that does not exist", []int{
			len(found(fmt.Sprintf(`"subscription_id": %q`, a.sub()))), len(found(fmt.Sprintf(`"subscription_id": %q`, newUUID()))),
		})
		a.see("list.tags", "with a second tag", len(a.post("/license/get-bulk", fmt.Sprintf(`"app_id": %q, "tags": [%q, %q]`, a.set["APP_ID"], tag, a.estate.mark())).list("data")))
		a.see("list.search", "a part of a key, of a username, and both in other letters", [][]int{
			found(`"search": "` + keys[0][3:12] + `"`), found(`"search": "` + username[1:] + `"`),
			found(`"search": "` + strings.ToLower(keys[0][:2]) + keys[0][2:12] + `"`), found(`"search": "` + strings.ToUpper(username) + `"`),
		})
	}),
}

var keycrateDeviceProbes = []probe{
	keycrateProbe("setting a device", func(a *keycrateAsker) {
		_, key := a.make(`"hwid_reset_cooldown": 86400`)
		device := a.estate.mark()
		edit := func(hwid string) answer { return a.on("/hwid/edit", key, `"hwid": `+hwid) }
		got := edit(quoted(device))
		a.see("hwid-edit.sets", "a device", got.get("data.hwid") == device)
		a.see("hwid-edit.unlocked", "while the license is not locked", got.pick("data", "hwid_lock"))
		a.see("hwid-edit.sets", "none", edit("null").get("data.hwid"))
		again := edit(quoted(device))
		a.see("hwid-edit.cooldown", "once more, with a cooldown of a day", []any{again.verdict(), again.get("data.last_hwid_reset_at")})
		a.see("hwid-edit.clears", "an empty text", edit(`""`).get("data.hwid"))
		a.see("hwid-edit.present", "nothing said of a device", a.on("/hwid/edit", key, "").verdict())
	}),
	keycrateProbe("locks, resets and their interval", func(a *keycrateAsker) {
		_, key := a.make("")
		_, other := a.make("")
		device := a.estate.mark()
		lock := func(value string) answer { return a.on("/hwid/toggle-lock", key, `"hwid_lock": `+value) }
		a.see("toggle.sets", "a lock, twice", []any{lock("true").get("data.hwid_lock"), lock("true").get("data.hwid_lock")})
		a.see("toggle.explicit", "a lock without a value", a.refusal(a.on("/hwid/toggle-lock", key, "")))
		a.staged(a.on("/hwid/edit", key, `"hwid": `+quoted(device)))
		a.see("lock.keeps-hwid", "the device of an unlocked license", lock("false").get("data.hwid") == device)
		allow := func(value string) answer {
			return a.on("/hwid/toggle-reset-allowed", key, `"hwid_reset_allowed": `+value)
		}
		a.see("reset-allowed.field", "resets, twice", []any{allow("true").get("data.hwid_reset_allowed"), allow("true").get("data.hwid_reset_allowed")})
		got := a.on("/hwid/update-reset-interval", key, `"hwid_reset_cooldown": 3600`)
		a.see("reset-interval.sets", "an hour between resets", got.pick("data", "hwid_reset_cooldown", "last_hwid_reset_at"))
		both := a.onAll("/hwid/toggle-lock-bulk", []string{key, other}, `"hwid_lock": true`)
		a.see("toggle.sets", "locks of several", both.texts("data", "hwid_lock"))
	}),
	keycrateProbe("one license for each device", func(a *keycrateAsker) {
		single := a.subscribe(`"single_key_per_hwid": true`).text("data.id")
		a.tier = &single
		_, one := a.make(`"hwid_lock": true`)
		_, two := a.make(`"hwid_lock": true`)
		_, unlocked := a.make("")
		device := a.estate.mark()
		a.staged(a.enter(one, device))
		a.see("hwid-edit.in-use", "a device that another license has", a.refusal(a.on("/hwid/edit", two, `"hwid": `+quoted(device))))
		a.see("auth.single-key", "an end user on it", a.told(a.enter(two, device)))
		a.see("auth.single-key-any", "an end user on it, without a lock", a.told(a.enter(unlocked, device)))
		a.staged(a.on("/license/update-status", one, `"status": "paused"`))
		a.see("auth.single-key-any", "while the other license is paused", a.told(a.enter(two, device)))
	}),
}

var keycrateSubscriptionProbes = []probe{
	keycrateProbe("subscriptions", func(a *keycrateAsker) {
		plain := a.subscribe("")
		a.see("subscription.shape", "the members of one", plain.members("data"))
		a.see("subscription.defaults", "what is not said", plain.pick("data", "level", "single_key_per_hwid", "status"))
		body := a.subscription(`"level": 3, "single_key_per_hwid": true`)
		made := a.stage("POST", "/subscription/create", body)
		a.see("subscription.fields", "what is said", []any{made.text("data.name") == anyMark.FindString(body), made.pick("data", "level", "single_key_per_hwid")})
		twice := a.send("POST", "/subscription/create", body)
		a.see("subscription.twice", "the same once more", []any{twice.verdict(), twice.get("data.id") != made.get("data.id")})
		edit := func(fields string) answer {
			return a.post("/subscription/edit", fmt.Sprintf(`"subscription_id": %q`, made.text("data.id"))+further(fields))
		}
		a.see("subscription.edit", "another level", edit(`"level": 2`).pick("data", "level", "single_key_per_hwid", "status"))
		a.see("subscription.edit-nothing", "nothing else", a.refusal(edit("")))
		a.see("subscription.status", "paused", edit(`"status": "paused"`).get("data.status"))
		a.see("subscription.status", "expired", edit(`"status": "expired"`).verdict())
	}),
	keycrateProbe("the list of subscriptions", func(a *keycrateAsker) {
		var ids []string
		for _, level := range []string{"2", "1", "1"} {
			ids = append(ids, a.subscribe(`"level": `+level).text("data.id"))
		}
		got := a.post("/subscription/get-bulk", fmt.Sprintf(`"app_id": %q`, a.set["APP_ID"]))
		places := order(got.texts("data", "id"), ids)
		a.see("subscriptions.all", "three new ones", len(places))
		a.see("subscriptions.order", "of the levels 2, 1 and 1", places)
	}),
	keycrateProbe("deleting a subscription", func(a *keycrateAsker) {
		own := a.subscribe("").text("data.id")
		a.tier = &own
		_, key := a.make("")
		got := a.post("/subscription/delete", fmt.Sprintf(`"subscription_id": %q`, own))
		a.see("subscription.deleted", "the answer", got.get("data"))
		a.see("subscription.cascade", "its license", a.on("/license/get", key, "").get("error_code"))
	}),
	keycrateProbe("one license for each device after all", func(a *keycrateAsker) {
		own := a.subscribe("").text("data.id")
		a.tier = &own
		_, one := a.make("")
		_, two := a.make("")
		device := a.estate.mark()
		a.staged(a.on("/hwid/edit", one, `"hwid": `+quoted(device)))
		a.staged(a.on("/hwid/edit", two, `"hwid": `+quoted(device)))
		a.stage("POST", "/subscription/edit", fmt.Sprintf(`{"subscription_id": %q, "single_key_per_hwid": true}`, own))
		a.see("subscription.edit-single", "the devices of two licenses", []bool{a.now(one).get("data.hwid") == device, a.now(two).get("data.hwid") == device})
	}),
}

var keycrateUserProbes = []probe{
	keycrateProbe("end users: a locked license", func(a *keycrateAsker) {
		made, key := a.make(`"duration_unit": "days", "duration_value": 1, "hwid_lock": true, "hwid_reset_allowed": true, "hwid_reset_cooldown": 60`)
		device := a.estate.mark()
		a.see("auth.hwid-none", "without a device", a.told(a.enter(key, "")))
		a.pass(2 * time.Second)
		first := a.enter(key, device)
		a.see("auth.status", "the first use", first.Status)
		a.see("auth.verified-unused", "the first use, in words", first.get("message"))
		a.see("end-user.envelope", "the members", first.members(""))
		a.see("auth.data", "what is not meant for an end user", first.pick("data", "id", "metadata", "tags"))
		a.see("auth.data-names", "what is", first.kinds("data", "key", "expires_at", "hwid_reset_allowed", "hwid_reset_cooldown", "last_hwid_reset_at"))
		a.see("auth.data-rest", "all of it", []any{first.members("data"), first.members("data.subscription")})
		a.see("auth.binds", "the device", a.now(key).get("data.hwid") == device)
		a.see("auth.first-use", "when it was used", kindOf(a.now(key).get("data.activated_at")))
		a.see("auth.first-use-expiry", "when it expires", apart(first.get("data.activated_at"), first.get("data.expires_at"), time.Second))
		a.see("license.updated-at", "its last change", a.now(key).get("data.updated_at") == made.get("data.updated_at"))
		a.pass(time.Second)
		again := a.enter(key, device)
		a.see("auth.verified", "the second use", again.get("message"))
		a.see("auth.first-use", "the second use, in time", again.get("data.activated_at") == first.get("data.activated_at"))
		other := a.enter(key, a.estate.mark())
		a.see("auth.hwid-mismatch", "another device", other.verdict())
		a.see("auth.hwid-mismatch-spelling", "another device, in words", other.get("message"))
		a.see("auth.hwid-mismatch-data", "what comes with it", other.members("data"))
		a.see("auth.hwid-exact", "the device in capitals", a.enter(key, strings.ToUpper(device)).verdict())
		a.staged(a.on("/hwid/edit", key, `"hwid": null`))
		a.staged(a.enter(key, device))
		a.see("auth.binds-again", "after it was cleared", a.now(key).get("data.hwid") == device)
	}),
	keycrateProbe("end users: an unlocked license", func(a *keycrateAsker) {
		_, key := a.make("")
		a.see("auth.verified", "the first use", a.enter(key, a.estate.mark()).get("message"))
		a.see("auth.hwid-unlocked", "another device, and what is stored", []any{a.enter(key, a.estate.mark()).verdict(), a.now(key).get("data.hwid")})
	}),
	keycrateProbe("end users: what is refused", func(a *keycrateAsker) {
		own := a.subscribe("").text("data.id")
		a.tier = &own
		_, key := a.make(`"hwid_lock": true`)
		device := a.estate.mark()
		a.see("auth.input", "without a license", a.told(a.auth("")))
		a.see("end-user.validation", "wrong content", a.auth(`"license": 7`).get("message"))
		a.see("auth.unknown", "a license that does not exist", a.told(a.enter(a.estate.mark(), "")))
		elsewhere := a.post("/auth", fmt.Sprintf(`"app_id": %q, "license": %q`, newUUID(), key), "X-Api-Key:")
		a.see("auth.app-unknown", "an app that does not exist", a.told(elsewhere))
		a.staged(a.enter(key, device))
		a.staged(a.on("/license/update-status", key, `"status": "paused"`))
		mismatch := strings.Replace(a.enter(key, a.estate.mark()).text("message"), "SS", "S", 1) // the spelling is for another rule
		a.see("auth.order auth.order-detail", "another device for a license that is paused", mismatch)
		a.staged(a.post("/subscription/edit", fmt.Sprintf(`"subscription_id": %q, "status": "paused"`, own)))
		a.see("auth.subscription-off", "a license of a paused subscription", a.told(a.enter(key, device)))
		a.see("auth.order auth.order-detail", "and another device", a.enter(key, a.estate.mark()).get("message"))
		a.see("auth.order-detail", "a license that does not exist, while the subscription is paused", a.enter(a.estate.mark(), device).get("message"))
	}),
	keycrateProbe("end users: registering", func(a *keycrateAsker) {
		_, key := a.make(`"hwid_lock": true`)
		_, other := a.make("")
		username := a.estate.mark()
		got := a.register(key, username, "pw-1")
		a.see("register.answer", "whether it succeeds", got.get("success"))
		a.see("register.code", "in words", []any{got.Status, got.get("message"), got.get("data")})
		now := a.now(key)
		a.see("register.attaches", "the username", now.get("data.username") == username)
		a.see("register.only", "what else has changed", now.pick("data", "activated_at", "hwid"))
		a.see("register.once", "once more", a.told(a.register(key, a.estate.mark(), "pw-1")))
		a.see("register.taken", "the username for another license", a.told(a.register(other, username, "pw-1")))
		a.see("register.input", "without a password", a.told(a.post("/register", fmt.Sprintf(`"app_id": %q, "license": %q, "username": %q`, a.set["APP_ID"], other, a.estate.mark()), "X-Api-Key:")))
		a.staged(a.on("/license/update-status", other, `"status": "paused"`))
		a.see("register.state", "a paused license", a.told(a.register(other, a.estate.mark(), "pw-1")))
		a.see("register.order", "a paused license, and a username that is taken", a.register(other, username, "pw-1").get("message"))
		a.staged(a.on("/license/update-status", other, `"status": "active"`))
		a.see("auth.both", "a license and another's credentials", a.auth(fmt.Sprintf(`"license": %q, "username": %q, "password": "pw-1"`, other, username)).get("data.key") == other)
	}),
}
