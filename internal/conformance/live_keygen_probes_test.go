package conformance

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keysmith-go/keysmith/keygen"
)

func keygenProbes() []probe {
	return slices.Concat(keygenAccessProbes, keygenRequestProbes, keygenDocumentProbes, keygenKeyProbes, keygenPoolProbes, keygenListProbes,
		keygenPolicyProbes, keygenLicenseProbes, keygenSignatureProbes, []probe{keygenClientProbe})
}

var keygenUnasked = []unasked{
	{"it takes users, tokens or accounts that the run does not make", `auth.license auth.account auth.expired auth.license-unknown auth.strategy auth.banned auth.barred
		role.permission role.forbidden scope.hidden account.inactive key.other-account key.foreign-policy license.foreign-policy license.customer
		license.scope license.deleters policy.foreign-product policy.scope policy.deleters pool.customers product.self product.scope`},
	{"no operation removes a product or a token again", `product.created product.defaults product.name product.code-taken product.event product.by-code
		token.created token.document token.order token.object token.secret token.expiry token.event document.items`},
	{"it would put the token into an address, where it may be kept", "auth.query"},
	{"failed authentications are kept few", "auth.uuid"},
	{"it would use up the vendor's rate limit", "rate.limited rate.retry-after rate.window rate.bucket"},
	{"it depends on how the vendor runs the server", "rate.off rate.headers account.single environment.unsupported header.legacy-signature header.server route.verb"},
	{"events are told to webhooks, which the run has none of", "event.recorded"},
	{"two objects of one moment cannot be made on purpose", "list.ties"},
	{"it is about a switch of the mock, for what another rule here asks", "pool.oldest-first"},
	{"what happens to calls at once depends on chance", "pool.atomic"},
	{"it takes public keys of other algorithms", "signature.forms"},
}

var keygenPartly = []unasked{
	{"EXPIRING within its three days; not BANNED, and not INACTIVE, which takes 90 days", "license.status"},
	{"owners only: there are no groups", "license.owner-not-found"},
	{"an unknown owner only, as there are no users", "license.filter-owner"},
	{"the algorithms are told by their names, not by their signatures", "signature.algorithms"},
	{"some orders only", "document.order list.checks key.error-order"},
	{"by id only, where the account is given by its slug", "account.name"},
}

var keygenAccessProbes = []probe{
	keygenProbe("access", func(a keygenAsker) {
		path := "/policies/" + a.pool()
		missing := a.get(path, "Authorization:")
		a.see("auth.missing", "without a credential", a.refusal(missing))
		a.see("auth.challenge", "what it asks for", missing.Header.Get("WWW-Authenticate"))
		a.see("auth.bearer", "the word Token", a.get(path, "Authorization: Token "+a.set["TOKEN"]).verdict())
		a.see("auth.scheme-case", "the word bearer in small letters", a.refusal(a.get(path, "Authorization: bearer "+a.set["TOKEN"])))
		basic := base64.StdEncoding.EncodeToString([]byte("token:" + a.set["TOKEN"]))
		a.see("auth.basic", "the token in Basic", a.get(path, "Authorization: Basic "+basic).verdict())
		a.see("auth.invalid", "a token that nobody has", a.refusal(a.get(path, "Authorization: Bearer admin-"+strings.Repeat("0", 64)+"v3")))
	}),
	keygenProbe("routes", func(a keygenAsker) {
		policy := a.pool()
		id, _ := a.key(policy)
		nothing := "/" + a.estate.mark()
		a.see("route.unknown", "a path that nobody knows", a.refusal(a.get(nothing)))
		html := a.get(nothing, "Accept:")
		a.see("route.html", "the same, with nothing said of what is accepted", []any{html.Status, strings.HasPrefix(html.Header.Get("Content-Type"), "text/html")})
		a.see("route.method", "a known path with another method", a.refusal(a.post("/keys/"+id, updateDocument(""))))
		a.see("route.format", "a key as json, and as xml", []any{a.get("/keys/" + id + ".json").verdict(), a.refusal(a.get("/keys/" + id + ".xml"))})
		a.see("route.slash", "a slash at the end", a.get("/keys/"+id+"/").verdict())
		put := a.send("PUT", "/keys/"+id, updateDocument(""), "Content-Type: "+jsonAPI)
		a.see("route.alias", "PUT, and HEAD", []any{put.verdict(), a.send("HEAD", "/keys/"+id, "").verdict()})
		a.see("error.not-found", "a key that does not exist", a.refusal(a.get("/keys/"+newUUID())))
		account := a.get("/keys/" + id).text("data.relationships.account.data.id")
		if account == "" {
			a.stop("a key does not say whose it is")
		}
		spelled := strings.ToUpper(strings.ReplaceAll(account, "-", ""))
		a.see("account.name", "the account by its id, and by one that no account has", []any{
			a.get("//accounts/" + spelled + "/keys/" + id).verdict(), a.refusal(a.get("//accounts/" + newUUID() + "/keys/" + id)),
		})
		a.see("links.account-id", "links, in front of the object", strings.ReplaceAll(a.get("/keys/"+id).text("data.links.self"), account, "{account}") == "/v1/accounts/{account}/keys/"+id)
		preflight := a.send("OPTIONS", "/keys", "", "Origin: https://shop.example", "Access-Control-Request-Method: POST", "Authorization:")
		a.see("cors.preflight", "a browser that asks", []any{preflight.verdict(), preflight.Header.Get("Access-Control-Allow-Origin")})
		a.see("cors.headers", "a browser that reads", a.get("/keys/"+id, "Origin: https://shop.example").Header.Get("Access-Control-Allow-Origin"))
	}),
	keygenProbe("headers and errors", func(a keygenAsker) {
		policy := a.post("/policies", a.newPolicy(`"usePool": true`))
		id := a.made(policy)
		account := policy.text("data.relationships.account.data.id")
		location := policy.Header.Get("Location")
		a.see("header.location", "where a new policy is", []any{strings.HasPrefix(location, "http"), strings.HasSuffix(location, "/v1/accounts/"+account+"/policies/"+id)})
		got := a.get("/policies/" + id)
		a.see("header.identity", "who asks", []any{got.Header.Get("Keygen-Account") == account, form(got.Header.Get("Keygen-Bearer")), form(got.Header.Get("Keygen-Token"))})
		lost := a.get("/keys/" + newUUID())
		a.see("error.form", "an error", []any{lost.members(""), lost.members("errors.0"), form(lost.get("meta.id"))})
		early := a.post("/keys", `{"data": `+quoted(a.estate.mark()))
		a.see("error.outside error.early", "an error from before the API proper", []any{early.members(""), early.Header.Get("Keygen-Account"), early.Header.Get("Keygen-Signature")})
		a.see("json.invalid", "a document that breaks off", a.refusal(early))
	}),
}

var keygenRequestProbes = []probe{
	keygenProbe("media types", func(a keygenAsker) {
		id, _ := a.key(a.pool())
		path, same := "/keys/"+id, updateDocument("")
		for _, kind := range []string{"application/json", "application/vnd.keygen+json; charset=utf-8"} {
			a.see("content-type.json", "a document as "+kind, a.send("PATCH", path, same, "Content-Type: "+kind).verdict())
		}
		a.see("content-type.default", "a document without a name, and as a text", []any{
			a.send("PATCH", path, same, "Content-Type:").verdict(), a.send("PATCH", path, same, "Content-Type: text/plain").verdict(),
		})
		a.see("content-type.malformed", "a document as xml alone", a.refusal(a.send("PATCH", path, same, "Content-Type: xml")))
		a.see("content-type.other", "a document as application/xml", a.refusal(a.send("PATCH", path, same, "Content-Type: application/xml")))
		a.see("content-type.as-accept", "the same, with nothing said of what is accepted", a.refusal(a.send("PATCH", path, same, "Content-Type: application/xml", "Accept:")))
		for _, accept := range []string{"*/*", "application/json"} {
			a.see("accept.taken", "accepted is "+accept, a.get(path, "Accept: "+accept).verdict())
		}
		a.see("accept.wildcard", "accepted is text/html, */*", a.get(path, "Accept: text/html, */*").verdict())
		a.see("accept.refused", "accepted is text/html", a.refusal(a.get(path, "Accept: text/html")))
		a.see("answer.type", "what is sent, and for application/json", []string{
			a.get(path).Header.Get("Content-Type"), a.get(path, "Accept: application/json").Header.Get("Content-Type"),
		})
		a.see("answer.type-any-application", "and for application/*", a.get(path, "Accept: application/*").Header.Get("Content-Type"))
	}),
	keygenProbe("versions", func(a keygenAsker) {
		policy := a.policy(`"overageStrategy": "ALWAYS_ALLOW_OVERAGE"`)
		strict := a.policy(`"overageStrategy": "NO_OVERAGE"`)
		path := "/policies/" + policy
		a.see("version.header", "1.7, and v1.7", []string{a.get(path, "Keygen-Version: 1.7").Header.Get("Keygen-Version"), a.get(path, "Keygen-Version: v1.7").Header.Get("Keygen-Version")})
		a.see("version.unsupported", "0.9", a.refusal(a.get(path, "Keygen-Version: 0.9")))
		a.see("version.empty", "an empty one", a.get(path, "Keygen-Version;").Header.Get("Keygen-Version") == a.get(path).Header.Get("Keygen-Version"))
		old := a.get(path, "Keygen-Version: 1.1")
		a.see("version.headers", "1.1, the headers", []any{form(old.Header.Get("Keygen-Account-Id")), old.Header.Get("Keygen-Account")})
		a.see("version.policy", "1.1, a policy", old.kinds("data.attributes", "leasingStrategy", "fingerprintUniquenessStrategy", "concurrent"))
		a.see("version.concurrent", "1.1, with and without any overage", []any{
			old.get("data.attributes.concurrent"), a.get("/policies/"+strict, "Keygen-Version: 1.1").get("data.attributes.concurrent"),
		})
	}),
	keygenProbe("queries", func(a keygenAsker) {
		policy := a.pool()
		id, _ := a.key(policy)
		a.see("query.unknown", "parameters that nobody knows", a.ids(a.get("/keys?policy=" + policy + "&sort=key&include=policy&fields=x"))[0] == id)
		a.see("query.unreadable", "a query that cannot be decoded", a.refusal(a.get("/keys?policy=%ZZ&limit=%C3%28")))
	}),
	keygenProbe("JSON", func(a keygenAsker) {
		id, _ := a.key(a.pool())
		path := "/keys/" + id
		deep := func(levels int) string {
			return updateDocument(`"key": ` + strings.Repeat("[", levels-3) + strings.Repeat("]", levels-3))
		}
		a.see("json.depth", "100 levels, and 101", []any{a.refusal(a.patch(path, deep(100))), a.refusal(a.patch(path, deep(101)))})
		one, two := a.estate.mark(), a.estate.mark()
		a.see("json.duplicate", "a member twice", a.patch(path, updateDocument(fmt.Sprintf(`"key": %q, "key": %q`, one, two))).get("data.attributes.key") == two)
		a.see("json.names", "members in other spellings", a.patch(path, `{"Data": {"Type": "keys", "attributes": {}}}`).verdict())
		a.see("json.wrapped", "a list", a.refusal(a.patch(path, `[]`)))
		a.see("json.empty", "nothing", a.refusal(a.patch(path, "")))
		a.see("json.encoding", "bytes that are no UTF-8", a.refusal(a.patch(path, updateDocument(`"key": "`+a.estate.mark()+"\xff\""))))
		a.see("json.null-byte", "a null byte", a.refusal(a.patch(path, updateDocument(`"key": "`+a.estate.mark()+`\u0000"`))))
	}),
}

var keygenDocumentProbes = []probe{
	keygenProbe("documents that are wrong", func(a keygenAsker) {
		policy := a.pool()
		good := newKeyDocument(a.estate.mark(), policy)
		spoil := func(old, replacement string) []any {
			return a.refusal(a.post("/keys", strings.Replace(good, old, replacement, 1)))
		}
		a.see("document.unpermitted", "members that nobody knows", [][]any{spoil(`{"data"`, `{"meta": {}, "data"`), spoil(`"type": "keys"`, `"type": "keys", "id": "x"`)})
		a.see("document.unpermitted-first document.one-error", "one of them, and a wrong type", spoil(`"type": "keys"`, `"type": 7, "other": 1`))
		a.see("document.pointer", "one of two words", spoil(`"type": "keys"`, `"type": "keys", "extra_word": 1`))
		a.see("document.missing", "no type", spoil(`"type": "keys", `, ""))
		a.see("document.null", "a type that is null", spoil(`"type": "keys"`, `"type": null`))
		a.see("document.type", "a type that is a number", spoil(`"type": "keys"`, `"type": 7`))
		a.see("document.invalid", "a type of something else", spoil(`"type": "keys"`, `"type": "licenses"`))
		a.see("document.blank", "a type that is blank", spoil(`"type": "keys"`, `"type": " "`))
		a.see("document.uuid", "an id that is none", spoil(`"id": "`+policy, `"id": "`+a.estate.mark()))
		both := `{"data": {"type": 7, "attributes": {"key": 7}, "relationships": {"policy": {"data": {"type": "policies", "id": %q}}}}}`
		a.see("document.order", "a wrong type, a wrong attribute and a wrong id", a.refusal(a.post("/keys", fmt.Sprintf(both, a.estate.mark()))))
		key, _ := a.key(policy)
		a.see("document.empty-object", "no attributes", a.patch("/keys/"+key, updateDocument("")).verdict())
		a.see("document.null-optional", "an optional attribute that is null", a.patch("/keys/"+key, updateDocument(`"key": null`)).verdict())
		text := " " + a.estate.mark() + " X "
		a.see("document.verbatim", "blanks around a text", a.patch("/keys/"+key, updateDocument(`"key": `+quoted(text))).get("data.attributes.key") == text)
	}),
	keygenProbe("metadata and times", func(a keygenAsker) {
		policy := a.policy("")
		made := a.license(policy, `"metadata": {"first_name": {"Last-Name": 1}}, "expiry": "2030-01-01T00:00:00.1239+01:00"`)
		a.see("document.metadata-names", "names in metadata", made.get("data.attributes.metadata"))
		a.see("document.time", "a time with a zone of its own", made.get("data.attributes.expiry"))
		a.see("document.time", "a text that is no time", a.refusal(a.license(policy, `"expiry": "2030-01-01"`)))
	}),
}

var keygenKeyProbes = []probe{
	keygenProbe("a key", func(a keygenAsker) {
		policy := a.pool()
		text := a.estate.mark()
		made := a.post("/keys", newKeyDocument(text, policy))
		id := a.made(made)
		a.see("key.created", "the answer", []any{made.Status, made.get("data.attributes.created") == made.get("data.attributes.updated")})
		a.see("key.object", "the object", []any{made.members("data.attributes"), a.relations(made), made.get("data.attributes.key") == text})
		a.see("key.by-id", "by its id in another spelling, and by its text", []any{
			a.get("/keys/" + strings.ToUpper(strings.ReplaceAll(id, "-", ""))).verdict(), a.refusal(a.get("/keys/" + text))[:2],
		})
		a.see("key.policy", "its policy and its product", []bool{
			a.get("/keys/"+id+"/policy").get("data.id") == policy, strings.EqualFold(a.get("/keys/"+id+"/product").text("data.id"), a.set["PRODUCT_ID"]),
		})
		a.pass(time.Second)
		same := a.patch("/keys/"+id, updateDocument(`"key": `+quoted(text)))
		a.see("key.updated", "an update that changes nothing", []any{same.verdict(), same.get("data.attributes.updated") == made.get("data.attributes.updated")})
		gone := a.remove("/keys/" + id)
		a.see("key.deleted", "deleted, and once more", []any{gone.Status, len(gone.Body), a.remove("/keys/" + id).Status})
	}),
	keygenProbe("texts of keys", func(a keygenAsker) {
		policy := a.pool()
		unpooled := a.policy("")
		_, taken := a.key(policy)
		add := func(text, policy string) []any { return a.refusal(a.post("/keys", newKeyDocument(text, policy))) }
		a.see("key.taken", "that of another", add(taken, policy))
		a.see("key.policy-not-found", "of a policy that does not exist", add(a.estate.mark(), a.estate.invent(newUUID())))
		a.see("key.policy-not-supported", "of a policy without a pool", add(a.estate.mark(), unpooled))
		long := func(n int) string { text := a.estate.mark(); return text + strings.Repeat("x", n-len(text)) }
		a.see("key.length", "of 1025 characters, and of 1024", []any{add(long(1025), policy), a.post("/keys", newKeyDocument(long(1024), policy)).verdict()})
		licensed := a.estate.mark()
		id := a.made(a.license(unpooled, `"key": `+quoted(licensed)))
		a.see("key.conflict", "that of a license", add(licensed, policy))
		other, _ := a.key(policy)
		a.see("key.conflict", "the id of a license", a.refusal(a.patch("/keys/"+other, updateDocument(`"key": `+quoted(id)))))
		reserved := a.refusal(a.patch("/keys/"+other, updateDocument(`"key": "action"`)))
		a.see("key.reserved", "action", slices.Contains(reserved, any("KEY_NOT_ALLOWED")))
		a.see("key.error-order", "action, which is too short as well", reserved)
		stolen, text := a.key(policy)
		a.made(a.license(unpooled, `"key": `+quoted(text)))
		a.see("license.one-way", "a license with the text of a key", a.get("/licenses/"+text).verdict())
		a.see("key.recheck", "its own, which a license has got meanwhile", a.refusal(a.patch("/keys/"+stolen, updateDocument(`"key": `+quoted(text)))))
	}),
	keygenProbe("filters of keys", func(a keygenAsker) {
		policy, other := a.pool(), a.pool()
		id, _ := a.key(policy)
		a.see("key.filters", "by policy, by product, and by another policy", [][]int{
			order(a.ids(a.get("/keys?policy="+policy)), []string{id}),
			order(a.ids(a.get("/keys?policy="+policy+"&product="+a.set["PRODUCT_ID"])), []string{id}),
			order(a.ids(a.get("/keys?policy="+other)), []string{id}),
		})
		none := a.get("/keys?policy=none")
		a.see("key.filter-value", "by what is no id", []any{none.Status, none.get("data")})
		a.see("key.filter-value", "by a product that does not exist", len(a.ids(a.get("/keys?policy="+policy+"&product="+newUUID()))))
		a.see("key.filter-value", "by an empty product", len(a.ids(a.get("/keys?policy="+policy+"&product="))))
	}),
}

// relations are what an object is related to, but for the environment, which
// only another edition of the vendor's server has.
func (a keygenAsker) relations(got answer) any {
	names, _ := got.members("data.relationships").([]string)
	return slices.DeleteFunc(names, func(name string) bool { return name == "environment" })
}

var keygenPoolProbes = []probe{
	keygenProbe("pools", func(a keygenAsker) {
		policy, other := a.pool(), a.pool()
		var ids []string
		for range 3 {
			id, _ := a.key(policy)
			ids = append(ids, id)
			a.pass(time.Second)
		}
		pool := "/policies/" + policy + "/pool"
		a.see("pool.list", "its keys, the first made having number 1", order(a.ids(a.get(pool)), ids))
		a.see("pool.list", "that of a policy without one", a.get("/policies/"+a.policy("")+"/pool").get("data"))
		a.see("pool.key", "a key through its pool, and through another", []any{a.get(pool + "/" + ids[0]).verdict(), a.get("/policies/" + other + "/pool/" + ids[0]).Status})
		popped := a.remove(pool)
		a.see("pool.pop", "what is popped", []any{popped.Status, a.get("/keys/" + popped.text("data.id")).Status})
		a.see("pool.newest-first", "which one, and which next", order([]string{popped.text("data.id"), a.remove(pool).text("data.id")}, ids))
		a.staged(a.remove(pool))
		a.see("pool.empty", "when there is none", a.refusal(a.remove(pool)))
		a.see("pool.unpooled", "where there is no pool", a.refusal(a.remove("/policies/"+a.policy("")+"/pool")))
	}),
	keygenProbe("licenses from a pool", func(a keygenAsker) {
		policy := a.pool()
		empty := a.license(policy, "")
		a.see("license.pool-empty", "an empty pool", a.refusal(empty))
		_, one := a.key(policy)
		_, two := a.key(policy)
		left := func() []string { return a.get("/policies/"+policy+"/pool").texts("data", "attributes.key") }
		explicit := a.license(policy, `"key": `+quoted(a.estate.mark()))
		a.see("license.explicit-key", "a license with a key of its own", []any{explicit.verdict(), len(left())})
		a.see("license.atomic", "a license that cannot be", []any{
			a.post("/licenses", a.newLicense(policy, "", ownedBy(a.estate.invent(newUUID())))).verdict(), len(left()),
		})
		drawn := a.license(policy, "")
		key := drawn.text("data.attributes.key")
		a.see("license.drawn", "a license without", []any{key == one || key == two, len(left()), slices.Contains(left(), key)})
		a.staged(a.remove("/licenses/" + drawn.text("data.id")))
		a.see("license.deleted", "after it was deleted", []any{a.get("/licenses/" + drawn.text("data.id")).verdict(), len(left())})
		for _, next := range left() {
			a.made(a.license(policy, `"key": `+quoted(next)))
		}
		a.see("license.wedged", "when the next key is that of a license", []any{a.license(policy, "").Status, len(left())})
	}),
}

var keygenListProbes = []probe{
	keygenProbe("lists", func(a keygenAsker) {
		policy := a.pool()
		var ids []string
		for range 11 {
			id, _ := a.key(policy)
			ids = append(ids, id)
			a.pass(time.Second)
		}
		list := func(query string) answer { return a.get("/keys?policy=" + policy + query) }
		found := func(query string) []int { return order(a.ids(list(query)), ids) }
		a.see("list.order", "eleven keys, the first made having number 1", found("&limit=100"))
		a.see("list.order-parameter", "the other way round, and not", [][]int{found("&limit=2&order=ASC"), found("&limit=2&order=desc")})
		a.see("list.order-invalid", "in no order that there is", a.refusal(list("&order=up")))
		a.see("list.limit", "how many there are, and two", []int{len(found("")), len(found("&limit=2"))})
		for _, limit := range []string{"0", "101"} {
			a.see("list.limit", "limit="+limit, a.refusal(list("&limit="+limit)))
		}
		a.see("list.no-links", "what a list has", list("").members(""))
		page := list("&page[number]=2&page[size]=3")
		a.see("list.page-number", "the second page of three", []any{order(a.ids(page), ids), page.members("links"), page.get("links.meta")})
		a.see("list.page-size", "a page of 101", a.refusal(list("&page[number]=1&page[size]=101")))
		a.see("list.page-size-default", "a page without a size, and with a limit", []int{len(found("&page[number]=1")), len(found("&page[number]=1&limit=4"))})
		past := list("&page[number]=9&page[size]=3")
		a.see("list.past-end", "a page past the end", []any{past.Status, past.get("data"), past.pick("links", "prev", "next")})
		none := a.get("/keys?policy=" + a.estate.invent(newUUID()) + "&page[number]=1&page[size]=3")
		a.see("list.nothing", "a page of nothing", []any{none.get("links.meta"), strings.Contains(none.text("links.last"), "page%5Bnumber%5D=0")})
		self := list("&page[number]=1&page[size]=3").text("links.self")
		_, query, _ := strings.Cut(self, "?")
		a.see("list.links", "how links are written", strings.ReplaceAll(query, policy, "{policy}"))
		first := list("&page[cursor]=&page[size]=3")
		a.see("list.page-cursor", "from the beginning", []any{order(a.ids(first), ids), first.members("links")})
		next := list("&page[size]=3&page[cursor]=" + ids[8])
		a.see("list.page-cursor", "after the third", order(a.ids(next), ids))
		a.see("list.page-cursor-next", "where to go on", []any{strings.Contains(next.text("links.next"), ids[5]), list("&page[size]=3&page[cursor]=" + ids[1]).get("links.next")})
		a.see("list.page-cursor-unknown", "after one that is not there", len(a.ids(list("&page[cursor]="+newUUID()))))
		a.see("list.page-cursor-invalid", "after what is no id", a.refusal(list("&page[cursor]=x")))
		a.see("list.page-shape", "a size and no page", a.refusal(list("&page[size]=3")))
		a.see("list.checks", "a wrong shape, and a wrong order", a.refusal(list("&page[size]=3&order=up")))
		a.see("list.not-a-number", "a limit that is none", a.refusal(list("&limit=x")))
		a.see("list.leading-digits", "a limit with a tail", len(found("&limit=3abc")))
		a.see("list.structure", "a limit that is a list", a.refusal(list("&limit[]=5")))
	}),
}

var keygenPolicyProbes = []probe{
	keygenProbe("policies", func(a keygenAsker) {
		made := a.post("/policies", a.newPolicy(`"duration": 86400`))
		id := a.made(made)
		a.see("policy.created", "the answer", []any{made.Status, made.Header.Get("Location") != ""})
		a.see("policy.object", "the object", []any{made.members("data.attributes"), a.relations(made)})
		a.see("policy.defaults", "what is not said", made.pick("data.attributes", "strict", "floating", "usePool", "maxMachines", "maxUses", "expirationStrategy",
			"expirationBasis", "authenticationStrategy", "overageStrategy", "heartbeatBasis", "scheme", "encrypted", "protected", "machineUniquenessStrategy"))
		bad := func(attributes string) []any { return a.refusal(a.post("/policies", a.newPolicy(attributes))) }
		nameless := policyDocument(a.set["PRODUCT_ID"], fmt.Sprintf(`"metadata": {"mark": %q}`, a.estate.mark()))
		a.see("policy.name", "without a name", a.refusal(a.post("/policies", nameless)))
		long := a.post("/policies", policyDocument(a.set["PRODUCT_ID"], `"name": "`+a.estate.mark()+strings.Repeat("x", 256)+`"`))
		a.see("policy.name-length", "a name of more than 255 characters", a.refusal(long))
		a.see("error.links", "what it links to", long.get("errors.0.links.about"))
		for _, duration := range []string{"0", "2147483648"} {
			a.see("policy.duration", "a duration of "+duration, bad(`"duration": `+duration))
		}
		a.see("policy.values", "strategies that nobody knows", a.post("/policies", a.newPolicy(`"expirationStrategy": "SOMETHING", "maxUses": -5`)).pick("data.attributes", "expirationStrategy", "maxUses"))
		a.see("policy.pool-exclusions", "a pool, encrypted", bad(`"usePool": true, "encrypted": true`))
		a.see("policy.encrypted", "encrypted", a.post("/policies", a.newPolicy(`"encrypted": true`)).get("data.attributes.scheme"))
		a.see("policy.product-not-found", "of a product that does not exist", a.refusal(a.post("/policies", policyDocument(a.estate.invent(newUUID()), `"name": `+quoted(a.estate.mark())))))
		a.see("policy.filter", "by product", [][]int{
			order(a.ids(a.get("/policies?limit=100&product="+a.set["PRODUCT_ID"])), []string{id}), order(a.ids(a.get("/policies?product="+newUUID())), []string{id}),
		})
		a.see("product.object", "its product", a.get("/products/"+a.set["PRODUCT_ID"]).members("data.attributes"))
	}),
	keygenProbe("a policy that is deleted", func(a keygenAsker) {
		policy := a.pool()
		key, _ := a.key(policy)
		license := a.made(a.license(policy, `"key": `+quoted(a.estate.mark())))
		a.see("policy.deleted", "the answer", a.remove("/policies/"+policy).Status)
		a.see("policy.deleted-at-once", "its key and its license", []int{a.get("/keys/" + key).Status, a.get("/licenses/" + license).Status})
	}),
}

var keygenLicenseProbes = []probe{
	keygenProbe("licenses", func(a keygenAsker) {
		policy := a.policy(`"duration": 86400, "maxUses": 7, "protected": true`)
		made := a.license(policy, "")
		id := a.made(made)
		a.see("license.created", "the answer", []any{made.Status, made.Header.Get("Location") != ""})
		a.see("license.object", "the object", []any{made.members("data.attributes"), a.relations(made)})
		a.see("license.generated-key", "its key", len(made.text("data.attributes.key")) > 6)
		a.see("license.expiry", "when it expires", []any{
			apart(made.get("data.attributes.created"), made.get("data.attributes.expiry"), time.Minute),
			a.license(policy, `"expiry": "2030-01-01T00:00:00.000Z"`).get("data.attributes.expiry"),
		})
		a.see("license.inherits", "its limits", []any{made.get("data.attributes.maxUses"), a.license(policy, `"maxUses": 3`).get("data.attributes.maxUses")})
		a.see("license.protected", "whether it is protected", []any{made.get("data.attributes.protected"), a.license(policy, `"protected": false`).get("data.attributes.protected")})
		a.see("license.by-key", "by its key", a.get("/licenses/"+made.text("data.attributes.key")).get("data.id") == id)
		mine := a.estate.invent(newUUID())
		withID := func() answer {
			return a.post("/licenses", strings.Replace(a.newLicense(policy, ""), `"type": "licenses"`, `"type": "licenses", "id": "`+mine+`"`, 1))
		}
		a.see("license.client-id", "an id of its own", withID().get("data.id") == mine)
		a.see("license.id-taken", "once more", a.refusal(withID()))
		a.see("license.filter", "by policy", slices.Contains(a.ids(a.get("/licenses?policy="+policy)), id))
		a.see("license.filter-owner", "by an owner who does not exist", len(a.ids(a.get("/licenses?policy="+policy+"&owner="+newUUID()))))
		a.see("license.owner-not-found", "for an owner who does not exist", a.refusal(a.post("/licenses", a.newLicense(policy, "", ownedBy(a.estate.invent(newUUID()))))))
		a.see("license.policy-not-found", "of a policy that does not exist", a.refusal(a.license(a.estate.invent(newUUID()), "")))
		gone := a.remove("/licenses/" + id)
		a.see("license.deleted", "deleted", []any{gone.Status, a.get("/licenses/" + id).Status})
	}),
	keygenProbe("keys of licenses", func(a keygenAsker) {
		policy := a.policy("")
		key := a.estate.mark()
		id := a.made(a.license(policy, `"key": `+quoted(key)))
		bad := func(key string) []any { return a.refusal(a.license(policy, `"key": `+quoted(key))) }
		a.see("license.key-taken", "that of another", bad(key))
		a.see("license.key-length", "of five characters", bad("12345"))
		a.see("license.key-reserved", "actions", bad("actions"))
		a.see("license.key-conflict", "the id of another", bad(id))
	}),
	keygenProbe("states of licenses", func(a keygenAsker) {
		policy := a.policy("")
		status := func(attributes string) any { return a.license(policy, attributes).get("data.attributes.status") }
		soon := time.Now().Add(48 * time.Hour).UTC().Format(time.RFC3339)
		a.see("license.status", "of a new one", status(""))
		a.see("license.status", "suspended", status(`"suspended": true`))
		a.see("license.status", "with an expiry that has passed", status(`"expiry": "1999-01-01T00:00:00.000Z"`))
		a.see("license.status", "with two days left", status(`"expiry": "`+soon+`"`))
		waiting := a.policy(`"duration": 86400, "expirationBasis": "FROM_FIRST_VALIDATION"`)
		a.see("license.expiration-basis", "of a policy that counts from the first validation", a.license(waiting, "").get("data.attributes.expiry"))
	}),
}

var keygenSignatureProbes = []probe{
	keygenProbe("signatures", func(a keygenAsker) {
		path := "/policies/" + a.policy("")
		got := a.get(path)
		digest := sha256.Sum256([]byte(got.Body))
		a.see("signature.digest", "the digest", got.Header.Get("Digest") == "sha-256="+base64.StdEncoding.EncodeToString(digest[:]))
		a.see("signature.date", "the date", []bool{got.Header.Get("Date") != "", got.Header.Get("Keygen-Date") != ""})
		algorithm := func(accept string) string {
			_, rest, _ := strings.Cut(a.get(path, "Keygen-Accept-Signature: "+accept).Header.Get("Keygen-Signature"), `algorithm="`)
			name, _, _ := strings.Cut(rest, `"`)
			return name
		}
		for _, name := range []string{"ed25519", "rsa-pss-sha256", "rsa-sha256", "ecdsa-p256"} {
			a.see("signature.algorithms", name, algorithm(`algorithm="`+name+`"`))
		}
		a.see("signature.malformed", "a wish that is none", a.refusal(a.get(path, "Keygen-Accept-Signature: ed25519")))
		a.see("signature.unsupported", "an algorithm that nobody knows", a.refusal(a.get(path, `Keygen-Accept-Signature: algorithm="md5"`)))
		a.see("signature.keyid", "an id of another account", a.refusal(a.get(path, `Keygen-Accept-Signature: keyid="`+newUUID()+`", algorithm="ed25519"`)))
		a.see("signature.order", "both", a.refusal(a.get(path, `Keygen-Accept-Signature: keyid="`+newUUID()+`", algorithm="md5"`)))
		a.see("signature.order", "an empty wish", a.get(path, "Keygen-Accept-Signature;").verdict())
	}),
	keygenProbe("signatures, as the client verifies them", func(a keygenAsker) {
		policy := a.policy("")
		client, err := keygen.New(keygenLiveConfig(a.set, a.client()))
		if err != nil {
			a.stop("%v", err)
		}
		_, err = client.Policies.Get(a.ctx, policy)
		a.see("signature.header", "a policy", fmt.Sprint(err))
	}, "PUBLIC_KEY"),
}
