package conformance

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

func luaprotProbes() []probe {
	return slices.Concat(luaprotAccessProbes, luaprotBodyProbes, luaprotLookupProbes, luaprotNewProbes, luaprotChangeProbes, luaprotFetchProbes, []probe{luaprotClientProbe})
}

var luaprotUnasked = []unasked{
	{"it takes a second account, or one that is set up otherwise", "auth.account ip.whitelist ip.refusal bulk.no-hubs fetch.account reset.gap"},
	{"it would use up the vendor's rate limit", "rate.limited rate.text rate.window rate.uncounted rate.routes rate.retry-after"},
	{"content-type.lenient asks what becomes of a request that does not", "content-type.demanded"},
	{"a sample of keys cannot show what never happens", "key.unique key.reserved"},
	{"it takes a Discord user whom the vendor knows", "discord-data.fields discord-data.id discord-data.nulls discord-data.times"},
	{"it would fill the hub with 300 keys", "unassigned.add unassigned.generate unassigned.assigned-free unassigned.later"},
	{"it takes an hour for a key to expire", "update.revive state.expired"},
	{"only the vendor's staff can do it", "global-blacklist.refused global-blacklist.else"},
	{"a vendor might take an empty list for all keys", "bulk.form"},
	{"it takes the script of an end user", `update.blacklist-device filter.hwid
		check.order check.refused check.script-not-found check.invalid check.blacklisted check.expired check.script-not-allowed
		check.hwid-mismatch check.valid check.binds check.counts check.key-only check.data check.lifetime`},
}

var luaprotPartly = []unasked{
	{"the address and the rate limit are left out", "error.order"},
	{"only when a key is looked up, as a vendor might change all keys for want of one", "lookup.required lookup.missing"},
	{"without a device, which only an end user's script can bind", "state.unassigned state.active reset.counts key.nulls filter.unassigned filter.active"},
	{"without an expired key, which takes an hour", "filter.expired"},
	{"only one path, and only to look", "route.versions"},
	{"without a key from an advertisement", "key.advertise-id"},
	{"without a Discord user whom the vendor knows", "discord-data.none"},
}

var luaprotAccessProbes = []probe{
	luaprotProbe("access", func(a luaprotAsker) {
		path := "/api/v1/keys/fetch?key=" + a.estate.mark()
		a.see("auth.bare-key", "the API key after Bearer", a.send("GET", path, "", "Authorization: Bearer "+a.set["API_KEY"]).verdict())
		a.see("auth.invalid", "an API key that nobody has", a.refusal(a.send("GET", path, "", "Authorization: "+a.estate.mark())))
		a.see("content-type.lenient", "without Content-Type", a.send("GET", path, "", "Content-Type:").verdict())
	}),
	luaprotProbe("routes", func(a luaprotAsker) {
		nothing := "/api/v1/" + a.estate.mark()
		a.see("route.unknown", "a path that nobody knows", a.refusal(a.send("GET", nothing, "")))
		a.see("route.unknown", "the same without a credential", a.refusal(a.send("GET", nothing, "", "Authorization:")))
		a.see("route.method", "a known path with another method", a.refusal(a.send("GET", "/api/v1/keys/bulk-delete", "")))
		a.see("route.versions", "a path of one version below the other", a.send("GET", a.v2("/keys/info?key="+a.estate.mark()), "").Status)
		hub := "/api/v1/hubs/" + a.estate.invent("90000000000000000001")
		a.see("hub.not-found", "a hub that does not exist", a.refusal(a.send("GET", hub+"/keys/info?key="+a.estate.mark(), "")))
	}),
	luaprotProbe("answers and errors", func(a luaprotAsker) {
		made, key := a.add("")
		a.see("answer.status add.answer", "the status of a creation", made.Status)
		a.see("answer.envelope", "what an answer has", []any{made.members(""), made.get("success"), kindOf(made.get("message"))})
		wrong := a.update("key="+key, `{"expire": 5, "blacklisted": null}`)
		a.see("error.envelope", "what an error has", []any{wrong.members(""), wrong.get("success"), kindOf(wrong.get("message"))})
		a.see("error.validation", "the status of wrong content", wrong.Status)
		hub := "/api/v2/hubs/" + a.estate.invent("90000000000000000001")
		a.see("error.order", "wrong content for a hub, and a key, that do not exist", []int{
			a.send("PATCH", hub+"/keys/update?key="+a.estate.mark(), `{"expire": 5}`).Status,
			a.update("key="+a.estate.mark(), `{"expire": 5}`).Status,
		})
	}),
}

var luaprotBodyProbes = []probe{
	luaprotProbe("bodies", func(a luaprotAsker) {
		_, key := a.add("")
		at := "key=" + key
		a.see("body.kinds", "a list in place of an object", a.update(at, `[]`).verdict())
		a.see("body.kinds", "an object in place of a list", a.send("POST", "/api/v1/keys/bulk-delete", fmt.Sprintf(`{"keys": [%q]}`, a.estate.mark())).verdict())
		made := a.stage("POST", a.v2("/keys/add"), a.body(`"discord_id": 5, "hwid": "pc", "color": {"red": [1]}`))
		a.see("body.unknown-field", "fields that nobody knows", made.pick("key", "discordId"))
		for _, sent := range []string{`"discordId": 9012345678901234567`, `"note": 5`, `"expire": "86400"`, `"blacklisted": 1`} {
			a.see("body.type", sent, a.update(at, `{`+sent+`}`).verdict())
		}
		for _, sent := range []string{"86400.0", "1e4", "3600.5"} {
			a.see("body.whole-number", "expire "+sent, a.update(at, `{"expire": `+sent+`}`).verdict())
		}
		a.see("body.duplicate-field", "a field twice", a.update(at, `{"blacklisted": false, "blacklisted": false}`).Status)
		a.see("body.ignored", "a body for a reset", a.reset(at, `{"hwid": "phone"}`).verdict())
		a.see("body.malformed", "a document that breaks off", a.update(at, `{"note": `).Status)
	}),
	luaprotProbe("queries of a list", func(a luaprotAsker) {
		_, key := a.add("")
		_, other := a.add(fmt.Sprintf(`"discordId": %q`, a.discord()))
		total := func(query string) any { return a.fetch(query).get("totalKeys") }
		a.see("query.unknown", "parameters that nobody knows", total("&limit=1&sort=key&key="+key))
		a.see("query.empty", "empty parameters", total("&discordId=&hwid=&blacklisted=&unassigned=&page=&key="+key))
		a.see("query.repeated", "a filter twice", []any{a.fetch("&key="+key+"&key="+other).get("keys.0.key") == key, total("&key=" + key + "&key=" + other)})
		for _, flag := range []string{"true", "1", "false", "0", "yes"} {
			got := a.fetch("&key=" + key + "&blacklisted=" + flag)
			a.see("query.flag", "blacklisted="+flag, []any{got.verdict(), got.get("totalKeys")})
		}
		for _, page := range []string{"0", "x", "1.0"} {
			a.see("fetch.page", "page="+page, a.fetch("&key="+key+"&page="+page).verdict())
		}
	}),
	luaprotProbe("bounds", func(a luaprotAsker) {
		_, key := a.add("")
		for _, id := range []string{"1000000000000000", "10000000000000000", "90000000000000000000", "900000000000000000000"} {
			a.see("bound.discord-id", fmt.Sprintf("a Discord id of %d digits", len(id)), a.update("key="+key, fmt.Sprintf(`{"discordId": %q}`, a.estate.invent(id))).verdict())
		}
		for _, seconds := range []string{"3599", "3600"} {
			a.see("expire.minimum", "a key for "+seconds+" seconds", a.tryAdd(`"expire": `+seconds).verdict())
			a.see("update.expire-minimum", "an update for "+seconds+" seconds", a.update("key="+key, `{"expire": `+seconds+`}`).verdict())
		}
		a.see("expire.maximum", "a key for 10,000 years", a.tryAdd(`"expire": 315576000000`).verdict())
		for _, amount := range []string{"4", "301"} {
			a.see("generate.amount", amount+" keys at once", a.tryGenerate(`"amount": `+amount).verdict())
		}
		a.see("generate.required", "nothing said of how many", a.tryGenerate("").verdict())
		var keys []string
		for range 1001 {
			keys = append(keys, quoted(a.estate.mark()))
		}
		a.see("bulk.most", "a bulk delete of 1001 keys", a.send("POST", "/api/v1/keys/bulk-delete", "["+strings.Join(keys, ", ")+"]").verdict())
	}),
}

var luaprotLookupProbes = []probe{
	luaprotProbe("how a query names a key", func(a luaprotAsker) {
		user := a.discord()
		_, key := a.add(fmt.Sprintf(`"discordId": %q`, user))
		_, other := a.add("")
		a.see("lookup.by", "by key and by Discord user", a.info("key="+key).text("key.key") == key && a.info("discordId="+user).text("key.key") == key)
		a.see("lookup.required", "by nothing", a.info("").verdict())
		a.see("lookup.missing", "by nothing, the status", a.info("").Status)
		a.see("lookup.both", "by both, of one key and of two", []string{a.info("discordId=" + user + "&key=" + key).verdict(), a.info("discordId=" + user + "&key=" + other).verdict()})
		a.see("lookup.exact", "by a key in capitals", a.info("key="+strings.ToUpper(key)).verdict())
	}),
	luaprotProbe("what is not found", func(a luaprotAsker) {
		nobody := "key=" + a.estate.mark()
		a.see("not-found.info", "info", a.refusal(a.info(nobody)))
		a.see("not-found.delete", "delete", a.refusal(a.send("DELETE", a.v1("/keys/delete?"+nobody), "")))
		a.see("not-found.update", "update", a.refusal(a.update(nobody, `{}`)))
		a.see("not-found.reset", "reset", a.refusal(a.reset(nobody, "")))
	}),
	luaprotProbe("two hubs", func(a luaprotAsker) {
		user := a.discord()
		_, key := a.add(fmt.Sprintf(`"discordId": %q`, user))
		there := "/api/v2/hubs/" + a.set["OTHER_HUB_ID"] + "/keys/add"
		a.see("lookup.hub", "a key of one in the other", a.send("GET", "/api/v1/hubs/"+a.set["OTHER_HUB_ID"]+"/keys/info?key="+key, "").verdict())
		made := a.send("POST", there, a.body(fmt.Sprintf(`"discordId": %q`, user)))
		a.see("discord.per-hub", "a key for the same user in both", made.verdict())
		if made.succeeded() {
			a.stage("POST", "/api/v1/keys/bulk-delete", fmt.Sprintf(`[%q, %q]`, key, made.text("key.key")))
			a.see("bulk.hubs", "a bulk delete in both", []any{a.info("key=" + key).verdict(), a.send("GET", "/api/v1/keys/fetch?key="+made.text("key.key"), "").get("totalKeys")})
		}
	}, "OTHER_HUB_ID"),
}

var luaprotNewProbes = []probe{
	luaprotProbe("a key of which nothing is said", func(a luaprotAsker) {
		made, key := a.add("")
		a.see("shape.short", "its members", made.members("key"))
		a.see("add.answer", "its text", kindOf(made.get("key.key")))
		a.see("add.fresh", "its counters", made.pick("key", "hwidResetCount", "executionCount", "blacklisted"))
		a.see("key.never", "times of what never happened", made.pick("key", "lastHwidReset", "lastExecution"))
		a.see("add.nobody", "whose it is", made.get("key.discordId"))
		_, ends := instantOf(made.get("key.expire"))
		a.see("expire.lifetime", "whether it ever expires", ends)
		a.see("key.lifetime", "how that is shown", made.get("key.expire"))
		a.see("key.reason", "why it is blacklisted", made.get("key.blacklistReason"))
		a.see("key.limited-scripts", "its scripts", made.get("key.limitedScripts"))
		a.see("discord-data.none", "what is known of its user", made.get("key.discordData"))
		a.see("key.value", "how its text is written", strings.Trim(key, "0123456789abcdef") == "" && len(key) == 24)
		a.see("key.ids", "how ids are written", form(made.get("key.hubId")))
		created, number := made.get("key.created").(float64)
		a.see("key.times", "when it was made", number && created > 9e8 && created < 1e11)
		a.see("key.whole-seconds", "how times are written", kindOf(made.get("key.created")))
		info := a.now(key)
		a.see("shape.info", "the members of its info", info.members("key"))
		a.see("info.answer", "the members of the answer", info.members(""))
		a.see("key.nulls", "what it has none of", info.pick("key", "discordId", "hwid"))
		a.see("key.advertise-id", "its advertisement", info.get("key.advertiseId"))
		a.see("shape.fetch", "its members in a list", a.fetch("&key="+key).members("keys.0"))
	}),
	luaprotProbe("a key of which something is said", func(a luaprotAsker) {
		made, _ := a.add(fmt.Sprintf(`"expire": 86400, "limitedScripts": [%q]`, a.set["SCRIPT_ID"]))
		a.see("expire.seconds expire.from-creation", "a key for a day", apart(made.get("key.created"), made.get("key.expire"), time.Second))
		for _, nulls := range []string{`"expire": null`, `"discordId": null`, `"limitedScripts": null`} {
			got := a.tryAdd(nulls)
			a.see("create.null", nulls, []any{got.verdict(), got.pick("key", "expire", "discordId", "limitedScripts")})
		}
		a.see("scripts.empty", "no scripts", a.tryAdd(`"limitedScripts": []`).get("key.limitedScripts"))
		a.see("scripts.foreign", "a script that does not exist", a.tryAdd(fmt.Sprintf(`"limitedScripts": [%q]`, a.estate.invent("90000000000000000002"))).Status)
		user := a.discord()
		a.add(fmt.Sprintf(`"discordId": %q`, user))
		a.see("discord.taken", "a second key of a Discord user", a.refusal(a.tryAdd(fmt.Sprintf(`"discordId": %q`, user))))
	}),
	luaprotProbe("generated keys", func(a luaprotAsker) {
		made := a.stage("POST", a.v2("/keys/generate"), a.body(fmt.Sprintf(`"amount": 5, "expire": 7200, "limitedScripts": [%q]`, a.set["SCRIPT_ID"])))
		a.see("generate.answer", "the answer", []any{made.members(""), len(made.list("keys"))})
		first, last := a.now(fmt.Sprint(made.get("keys.0"))), a.now(fmt.Sprint(made.get("keys.4")))
		a.see("expire.from-creation", "when they expire", apart(first.get("key.created"), first.get("key.expire"), time.Second))
		a.see("generate.same", "what they share", []bool{
			first.get("key.expire") == last.get("key.expire"), first.get("key.note") == last.get("key.note"), first.get("key.note") != nil,
			first.get("key.limitedScripts.0") == last.get("key.limitedScripts.0"), first.get("key.limitedScripts.0") == a.set["SCRIPT_ID"],
		})
		body := a.body(fmt.Sprintf(`"amount": 5, "limitedScripts": [%q]`, a.estate.invent("90000000000000000002")))
		mark := anyMark.FindString(body)
		got := a.send("POST", a.v2("/keys/generate"), body)
		a.see("generate.all-or-none", "a call that is refused", []any{got.verdict(), slices.Contains(a.fetch("&unassigned=true").texts("keys", "note"), mark)})
	}),
}

var luaprotChangeProbes = []probe{
	luaprotProbe("updates", func(a luaprotAsker) {
		made, key := a.add(fmt.Sprintf(`"expire": 86400, "limitedScripts": [%q]`, a.set["SCRIPT_ID"]))
		at := "key=" + key
		a.see("read-only", "after it was looked at", []any{a.now(key).Body == a.now(key).Body, a.now(key).pick("key", "executionCount", "hwid", "activated")})
		a.pass(3 * time.Second)
		got := a.update(at, fmt.Sprintf(`{"note": %q}`, a.estate.mark()))
		a.see("update.answer", "the answer", []any{got.members(""), got.get("key.key") == key})
		a.see("update.expire-kept", "the deadline, which was not sent", got.get("key.expire") == made.get("key.expire"))
		a.see("update.partial", "what was not sent", []any{got.get("key.limitedScripts.0") == a.set["SCRIPT_ID"], got.pick("key", "blacklisted", "discordId")})
		before := a.now(key).Body
		a.see("update.partial", "an empty object", []any{a.update(at, `{}`).verdict(), a.now(key).Body == before})
		soon := a.update(at, `{"expire": 7200}`)
		from := "now"
		if apart(made.get("key.created"), soon.get("key.expire"), time.Second) == "2h0m0s" {
			from = "the creation"
		}
		a.see("update.expire-from-now", "where a new time is counted from", []any{from, apart(made.get("key.created"), soon.get("key.expire"), time.Minute)})
		a.see("update.fixed", "its text and its counters", []any{
			a.update(at, fmt.Sprintf(`{"key": %q, "hwid": "pc", "executionCount": 7}`, a.estate.mark())).verdict(), a.now(key).pick("key", "hwid", "executionCount"),
		})
		a.see("note.empty", "an empty note", a.update(at, `{"note": ""}`).get("key.note"))
		a.see("update.scripts", "no scripts", a.update(at, `{"limitedScripts": []}`).get("key.limitedScripts"))
		a.see("update.null", "nulls", a.update(at, `{"note": null, "expire": null, "limitedScripts": null, "discordId": null}`).pick("key", "note", "expire", "limitedScripts", "discordId"))
	}),
	luaprotProbe("the user of a key", func(a luaprotAsker) {
		alice, bob := a.discord(), a.discord()
		_, key := a.add("")
		a.stage("PATCH", a.v2("/keys/update?key="+key), fmt.Sprintf(`{"discordId": %q}`, alice))
		a.see("update.discord", "it is no longer unassigned", a.fetch("&unassigned=true&key="+key).get("totalKeys"))
		got := a.update("discordId="+alice, fmt.Sprintf(`{"discordId": %q}`, bob))
		a.see("update.discord-twice", "from one user to another", []any{got.verdict(), got.get("key.discordId") == bob, a.info("discordId=" + alice).verdict()})
		a.see("update.taken", "its own user again", a.update("key="+key, fmt.Sprintf(`{"discordId": %q}`, bob)).verdict())
		_, other := a.add(fmt.Sprintf(`"discordId": %q`, alice))
		a.see("update.discord", "its former user can have another key", other != "")
		a.see("update.taken", "the user of another key", a.refusal(a.update("key="+key, fmt.Sprintf(`{"discordId": %q}`, alice))))
	}),
	luaprotProbe("blacklisting", func(a luaprotAsker) {
		_, key := a.add("")
		at := "key=" + key
		change := func(body string) any {
			return a.staged(a.update(at, body)).pick("key", "blacklisted", "blacklistReason")
		}
		a.see("update.reason-only", "a reason without it", change(`{"blacklistReason": "r"}`))
		a.see("update.blacklist", "with a reason", change(`{"blacklisted": true, "blacklistReason": "r"}`))
		a.see("filter.blacklisted", "it is found as such", []any{a.fetch("&blacklisted=true&key=" + key).get("totalKeys"), a.fetch("&blacklisted=false&key=" + key).get("totalKeys")})
		a.see("update.reason-only", "another reason", change(`{"blacklistReason": "s"}`))
		a.see("update.blacklisted-null", "blacklisted null", a.update(at, `{"blacklisted": null}`).verdict())
		a.see("update.reason-cleared", "taken back", change(`{"blacklisted": false}`))
		a.see("update.reason-optional", "without a reason", change(`{"blacklisted": true}`))
	}),
	luaprotProbe("resets", func(a luaprotAsker) {
		made, key := a.add(`"expire": 86400`)
		got := a.reset("key="+key, "")
		a.see("reset.answer", "the status", got.Status)
		a.see("reset.spelling", "the flag", got.pick("", "succcess", "success"))
		a.see("reset.list", "whose devices were reset", []any{len(got.list("resets")), got.get("resets.0") == key})
		now := a.now(key)
		a.see("reset.counts", "what has changed", []any{
			now.pick("key", "hwidResetCount", "executionCount", "activated"), kindOf(now.get("key.lastHwidReset")), now.get("key.lastHwidReset") != 0.0,
			now.get("key.expire") == made.get("key.expire"),
		})
	}),
	luaprotProbe("deletions", func(a luaprotAsker) {
		user := a.discord()
		_, key := a.add(fmt.Sprintf(`"discordId": %q`, user))
		got := a.send("DELETE", a.v1("/keys/delete?key="+key), "")
		a.see("delete.answer", "the answer", []any{got.Status, got.members("")})
		a.see("delete.gone", "looking it up, and a new key for its user", []any{a.info("key=" + key).verdict(), a.tryAdd(fmt.Sprintf(`"discordId": %q`, user)).verdict()})
		_, one := a.add("")
		_, two := a.add("")
		bulk := a.send("POST", "/api/v1/keys/bulk-delete", fmt.Sprintf(`[%q, %q, %q, %q]`, one, a.estate.mark(), two, one))
		a.see("bulk.answer", "the answer of a bulk delete", []any{bulk.Status, bulk.members("")})
		a.see("bulk.skips", "of keys that are there, and one that is not", []string{bulk.verdict(), a.info("key=" + one).verdict(), a.info("key=" + two).verdict()})
		a.see("bulk.skips", "of none that is there", a.send("POST", "/api/v1/keys/bulk-delete", fmt.Sprintf(`[%q]`, a.estate.mark())).verdict())
	}),
}

var luaprotFetchProbes = []probe{
	luaprotProbe("lists", func(a luaprotAsker) {
		user := a.discord()
		_, key := a.add(fmt.Sprintf(`"discordId": %q`, user))
		one := a.fetch("&discordId=" + user)
		a.see("fetch.answer", "the members", one.members(""))
		a.see("fetch.totals", "one key", one.pick("", "totalKeys", "totalPages"))
		a.see("fetch.page-size", "how many keys a page has, whatever is asked", []any{one.get("limitPerPage"), a.fetch("&limit=5&discordId=" + user).get("limitPerPage")})
		a.see("fetch.first-page", "without a page", one.text("keys.0.key") == key)
		none := a.fetch("&key=" + a.estate.mark())
		a.see("fetch.nothing", "no keys", []any{none.Status, none.get("keys")})
		a.see("fetch.totals", "no keys, and how many they are", none.pick("", "totalKeys", "totalPages"))
		nowhere := a.send("GET", "/api/v1/keys/fetch?hub="+a.estate.invent("90000000000000000001"), "")
		a.see("fetch.nothing", "a hub that does not exist", []any{nowhere.Status, nowhere.get("keys")})
		past := a.fetch("&page=7&discordId=" + user)
		a.see("fetch.past-end", "page 7 of 1", []any{past.Status, past.get("keys"), past.get("totalKeys") == one.get("totalKeys"), past.get("totalPages") == one.get("totalPages")})
		a.see("filter.discord-id", "by Discord user", one.texts("keys", "key")[0] == key)
		a.see("filter.key", "by key", a.fetch("&key="+key).get("totalKeys"))
		a.see("filter.hub", "by key, in the hub and in another", []any{a.fetch("&key=" + key).get("totalKeys"), a.send("GET", "/api/v1/keys/fetch?hub=90000000000000000001&key="+key, "").get("totalKeys")})
		a.see("filter.exact", "by a key in capitals, and by a part", []any{a.fetch("&key=" + strings.ToUpper(key)).get("totalKeys"), a.fetch("&key=" + key[:len(key)-1]).get("totalKeys")})
		a.see("filter.and", "by this key and another user", a.fetch("&key="+key+"&discordId="+a.discord()).get("totalKeys"))
	}),
	luaprotProbe("states in lists", func(a luaprotAsker) {
		_, nobodys := a.add("")
		_, somebodys := a.add(fmt.Sprintf(`"discordId": %q, "expire": 86400`, a.discord()))
		found := func(flag, key string) any { return a.fetch("&" + flag + "&key=" + key).get("totalKeys") }
		for _, flag := range []struct{ name, rules string }{
			{"unassigned", "filter.unassigned state.unassigned"}, {"active", "filter.active state.active"}, {"expired", "filter.expired"},
		} {
			both := func(value string) []any {
				return []any{found(flag.name+value, nobodys), found(flag.name+value, somebodys)}
			}
			a.see(flag.rules, flag.name+"=true, a key of nobody and one of somebody", both("=true"))
			a.see("filter.false", flag.name+"=false, a key of nobody and one of somebody", both("=false"))
		}
		a.stage("PATCH", a.v2("/keys/update?key="+somebodys), `{"blacklisted": true}`)
		a.see("state.active", "active=true, once it is blacklisted", found("active=true", somebodys))
	}),
	luaprotProbe("the order of lists", func(a luaprotAsker) {
		var keys []string
		for range 3 {
			_, key := a.add("")
			keys = append(keys, key)
			a.pass(1100 * time.Millisecond)
		}
		a.see("fetch.order", "three keys, the first made having number 1", order(a.fetch("&unassigned=true").texts("keys", "key"), keys))
		made := a.stage("POST", a.v2("/keys/generate"), a.body(`"amount": 5`))
		var same []string
		for _, key := range made.list("keys") {
			same = append(same, fmt.Sprint(key))
		}
		slices.Sort(same)
		a.see("fetch.order", "keys of one moment, by their texts", order(a.fetch("&unassigned=true").texts("keys", "key"), same))
	}),
	luaprotProbe("pages", func(a luaprotAsker) {
		made := a.stage("POST", a.v2("/keys/generate"), a.body(`"amount": 26`))
		first, second := a.fetch("&unassigned=true"), a.fetch("&unassigned=true&page=2")
		keys := append(first.texts("keys", "key"), second.texts("keys", "key")...)
		missing := 0
		for _, key := range made.list("keys") {
			if !slices.Contains(keys, fmt.Sprint(key)) {
				missing++
			}
		}
		a.see("fetch.page-size", "the first of two pages", len(first.list("keys")))
		a.see("fetch.order", "of 26 new keys, those that are not on the first two pages", missing)
		pages, _ := first.get("totalPages").(float64)
		all, _ := first.get("totalKeys").(float64)
		a.see("fetch.totals", "as many pages as 25 keys on each make", int(pages) == (int(all)+24)/25)
	}),
}
