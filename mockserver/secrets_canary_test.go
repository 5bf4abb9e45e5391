package mockserver

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/clienttest"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

// Nothing that the server keeps of its calls shows an API key, a token, a
// password or a license key, however it is printed, asked for or logged. The
// canary sings: if the journal is to show secrets, all of them are seen.
func TestCanaryOfTheJournal(t *testing.T) {
	t.Parallel()
	for vendor, tell := range map[string]func(*keyring){
		"junkie": tellJunkie, "luaprot": tellLuaProt, "keycrate": tellKeycrate, "keygen": tellKeygen,
	} {
		for name, opts := range map[string][]Option{"masked": nil, "candid": {WithJournalSecrets()}} {
			t.Run(vendor+" "+name, func(t *testing.T) {
				t.Parallel()
				var printed clienttest.Printer
				test := &recorder{}
				s := RunT(test, append(opts, WithLogger(printed.Logger()))...)
				ring := &keyring{T: t, s: s, vendor: s.vendor(vendor), secrets: map[string]bool{}}
				tell(ring)
				ring.assertSuccess()
				ring.misplace()
				showAll(t, &printed, s, test)
				if name == "masked" {
					printed.AssertHides(t, ring.forms()...)
					return
				}
				text := printed.String()
				for secret := range ring.secrets {
					seen := func(form string) bool { return strings.Contains(text, form) }
					assert.True(t, slices.ContainsFunc(formsOf(t, secret), seen), "the hunt does not see %q", secret)
				}
			})
		}
	}
}

// showAll prints what the server keeps of its calls in every way that there is,
// and ends the test of RunT.
func showAll(t *testing.T, printed *clienttest.Printer, s *Server, test *recorder) {
	t.Helper()
	calls := s.Journal()
	printed.Dump(calls)
	for i, c := range calls {
		fmt.Fprintf(printed, "%v %+v %#v %q %x %v\n", c, c, c, c, c, struct{ hidden []Message }{[]Message{c.Request, c.Answer}})
		if i%10 == 0 {
			printed.Show(c)
			assert.Equal(failed{printed}, Call{}, c)
		}
	}
	assert.False(t, s.AssertCalls(test, 100_000))
	for _, e := range s.Effects() {
		fmt.Fprintf(printed, "%v %+v %s\n", e, []Effect{e}, e)
		assert.False(t, s.AssertEffects(test, 100_000, e.Vendor+"."+e.Kind))
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	printed.Show(s.AwaitCalls(done, 10_000))
	printed.Show(s.Findings())
	printed.Show(s.Complaints())

	c := consoleOf(t, s)
	for _, path := range []string{"/requests", "/requests/count", "/findings", "/requests/await?count=10000&timeout=0s"} {
		_, read := c.ask("GET", path, "")
		printed.WriteString(read)
	}
	for _, call := range s.Calls() {
		_, read := c.ask("GET", fmt.Sprintf("/requests/%d", call.Number), "")
		require.Contains(t, read, `"request":{`)
		printed.WriteString(read)
	}
	test.end()
	for _, text := range slices.Concat(test.errors, test.logs) {
		printed.WriteString(text)
	}
}

// failed is a test that prints why it fails.
type failed struct{ io.Writer }

func (f failed) Errorf(format string, args ...any) { fmt.Fprintf(f, format, args...) }

// keyring makes requests to one vendor, and knows the secrets in them.
type keyring struct {
	*testing.T
	s       *Server
	vendor  *vendor
	header  []string // of every request
	secrets map[string]bool
}

// secret keeps a secret in mind.
func (k *keyring) secret(text string) string {
	require.GreaterOrEqual(k, len(text), minSecret)
	k.secrets[text] = true
	return text
}

// forms are the secrets as they may be written.
func (k *keyring) forms() (forms []string) {
	for secret := range k.secrets {
		forms = append(forms, formsOf(k.T, secret)...)
	}
	return forms
}

func formsOf(t *testing.T, secret string) []string {
	quoted, err := json.Marshal(secret)
	require.NoError(t, err)
	forms := []string{secret, url.QueryEscape(secret), url.PathEscape(secret), strings.Trim(string(quoted), `"`), base64.StdEncoding.EncodeToString([]byte(secret))}
	slices.Sort(forms)
	return slices.Compact(forms)
}

// ask sends a request and returns the body of the answer.
func (k *keyring) ask(method, path, body string, header ...string) string {
	k.Helper()
	req, err := http.NewRequest(method, "https://"+k.vendor.tables.Hosts[0], strings.NewReader(body))
	require.NoError(k, err)
	path, query, _ := strings.Cut(path, "?")
	req.URL.Path, err = url.PathUnescape(path)
	require.NoError(k, err)
	req.URL.RawPath, req.URL.RawQuery = path, query
	for i, header := 0, append(slices.Clone(k.header), header...); i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := k.s.Client().Do(req)
	require.NoError(k, err)
	defer func() { _ = resp.Body.Close() }()
	read, err := io.ReadAll(resp.Body)
	require.NoError(k, err)
	return string(read)
}

// assertSuccess asserts that every operation of the vendor has worked once.
func (k *keyring) assertSuccess() {
	k.Helper()
	worked := map[string]bool{}
	for _, c := range k.s.Calls(k.vendor.name + ".*") {
		worked[c.Op] = worked[c.Op] || c.Committed
	}
	for _, op := range k.vendor.tables.Ops {
		assert.True(k, worked[op.ID], op.ID)
	}
}

// misplace sends secrets to every operation, and past all of them, in every place
// and also where no vendor expects one.
func (k *keyring) misplace() {
	k.Helper()
	hidden := append(slices.Clone(hiddenNames[k.vendor.name]), "unheardOf", "API_KEY", "licenceKey")
	members := map[string]any{}
	var query []string
	for i, name := range hidden {
		text := k.secret(fmt.Sprintf("mis/placed +&=%d\u00fc", i))
		members[name] = []any{text, []any{text}, map[string]any{"deep": text, name: text}}
		query = append(query, url.QueryEscape(name)+"="+url.QueryEscape(text), url.QueryEscape(name)+"[x]="+url.QueryEscape(text))
	}
	members["metadata"] = map[string]any{"remark": k.secret("in-metadata-1")}
	if k.vendor.name != "junkie" { // where a number is an id
		members["key"] = []any{4815162342, members["key"]}
		k.secret("4815162342")
	}
	object, err := json.Marshal(members)
	require.NoError(k, err)
	list, err := json.Marshal([]any{k.secret("in-a-bare-list"), members})
	require.NoError(k, err)
	query = append(query, k.secret("a-word-by-itself"), "token=%zz"+k.secret("malformed-token"), "license=")
	bodies := []string{
		string(object), string(list), `"` + k.secret("a-bare-text") + `"`, k.secret("no-document-at-all"), "key=" + k.secret("in-a-form"),
		`{"key":"` + k.secret("cut-off-here"), string(object) + k.secret("after-the-end"), `{"data":{"type":"keys","attributes":` + string(object) + `}}`,
	}
	headers := [][]string{nil}
	for i, scheme := range []string{"", "Bearer ", "bearer ", "License ", "Token ", "Unheard-Of "} {
		headers = append(headers, []string{"Authorization", scheme + k.secret(fmt.Sprintf("wrong-credential-%d", i))})
	}
	basic := base64.StdEncoding.EncodeToString([]byte("license:" + k.secret("basic-credential")))
	headers = append(headers, []string{
		"Authorization", "Basic " + k.secret(basic), "X-Api-Key", k.secret("wrong-api-key"), "Cookie", "session=" + k.secret("in-a-cookie"),
		"X-Unheard-Of", k.secret("in-another-header"), "Keygen-License", k.secret("in-a-third-header"),
	})
	delete(k.secrets, "basic-credential") // which nobody sees in the other one
	for i, op := range k.vendor.tables.Ops {
		path := k.fill(op.Path)
		for j, body := range bodies {
			if j == 0 || i == 0 || i%len(bodies) == j {
				k.ask(op.Method, path+"?"+strings.Join(query, "&"), body, headers[(i+j)%len(headers)]...)
			}
		}
		k.ask("PURGE", path, "")
		k.ask(op.Method, path+"/"+url.PathEscape(k.secret(fmt.Sprintf("lost key/%d", i)))+"/more", "")
	}
	k.ask("GET", "/"+k.secret("at-the-root-1"), "")
	w := get(k.s.Handler(), "GET", "http://127.0.0.1/"+k.secret("nobodys-key-1")+"?key=nobodys-key-1")
	require.Equal(k, 404, w.Code)
}

// fill puts secrets in place of those names of a path that may stand for one.
func (k *keyring) fill(template string) string {
	segments := strings.Split(template, "/")
	for i, segment := range segments {
		switch name := strings.Trim(segment, "{}"); {
		case slices.Contains(hiddenNames[k.vendor.name], name):
			segments[i] = url.PathEscape(k.secret("in the path/1"))
		case name == "account":
			segments[i] = k.s.Keygen().Account()
		case name != segment:
			segments[i] = "12345678"
		}
	}
	return strings.Join(segments, "/")
}

func tellJunkie(k *keyring) {
	w := k.s.Junkie()
	k.header = []string{"Authorization", "Bearer " + k.secret(w.APIKey()), "Content-Type", "application/json"}
	p := w.AddProvider("shop")
	remember := func() {
		for _, key := range w.Keys() {
			k.secret(key.Value)
		}
	}
	one, two, three := k.secret("junkie-key-0001"), k.secret("junkie-key-0002"), k.secret("junkie-key-0003")
	for _, value := range []string{one, two, three} {
		w.AddKey(junkiemock.Key{Value: value, ProviderID: p.ID})
	}
	w.AddFolder("box")
	k.ask("POST", "/api/v2/keys", fmt.Sprintf(`{"provider_id":%d,"key_name":"a","hwids":["d"]}`, p.ID))
	k.ask("POST", "/api/v2/keys/batch", fmt.Sprintf(`{"provider_id":%d,"amount":3}`, p.ID))
	remember()
	k.ask("GET", "/api/v2/keys?key="+k.secret("junkie-key-000")+"&limit=2", "")
	k.ask("GET", "/api/v2/keys/folders", "")
	k.ask("GET", "/api/v2/keys/"+one, "")
	k.ask("GET", "/api/v2/keys/1", "")
	k.ask("PUT", "/api/v2/keys/"+one, `{"key_name":"b"}`)
	k.ask("POST", "/api/v2/keys/"+one+"/reset-hwid", "")
	k.ask("POST", "/api/v2/keys/bulk-delete", `{"keys":["`+two+`",1,"`+k.secret("junkie-key-0404")+`"]}`)
	k.ask("DELETE", "/api/v2/keys/"+three, "")
	w.Verify(one, "device")
}

func tellLuaProt(k *keyring) {
	w := k.s.LuaProt()
	k.header = []string{"Authorization", k.secret(w.APIKey()), "Content-Type", "application/json"}
	hub := w.AddHub("hub")
	script := w.AddScript(hub.ID, "script")
	remember := func() {
		for _, key := range w.Keys() {
			k.secret(key.Value)
		}
	}
	one, two, three := k.secret("luaprot-key-0001"), k.secret("luaprot-key-0002"), k.secret("luaprot-key-0003")
	for _, value := range []string{one, two, three} {
		w.AddKey(luaprotmock.Key{Value: value, HubID: hub.ID})
	}
	v1, v2 := "/api/v1/hubs/"+hub.ID, "/api/v2/hubs/"+hub.ID
	k.ask("POST", v2+"/keys/add", `{"note":"a"}`)
	k.ask("POST", v2+"/keys/generate", `{"amount":5}`)
	remember()
	k.ask("GET", "/api/v1/keys/fetch?page=1", "")
	k.ask("GET", "/api/v1/keys/fetch?key="+one, "")
	k.ask("GET", v1+"/keys/info?key="+one, "")
	k.ask("PATCH", v2+"/keys/update?key="+one, `{"note":"b","blacklisted":true,"blacklistReason":"why"}`)
	k.ask("PATCH", v1+"/hwid/reset?key="+one, "")
	k.ask("DELETE", v1+"/keys/delete?key="+two, "")
	k.ask("POST", "/api/v1/keys/bulk-delete", `["`+three+`","`+k.secret("luaprot-key-0404")+`"]`)
	w.Check(script.ID, one, "device")
	w.BlacklistGlobally(one, "why")
	w.LiftGlobalBlacklist(one)
}

func tellKeycrate(k *keyring) {
	w := k.s.Keycrate()
	k.header = []string{"X-Api-Key", k.secret(w.APIKey()), "Content-Type", "application/json"}
	app := w.AppID()
	sub := w.AddSubscription(keycratemock.Subscription{AppID: app, Name: "gold", Level: 1})
	doomed := w.AddSubscription(keycratemock.Subscription{AppID: app, Name: "tin", Level: 2})
	one, two, three, four := k.secret("CRATE-KEY-0001"), k.secret("CRATE-KEY-0002"), k.secret("CRATE-KEY-0003"), k.secret("CRATE-KEY-0004")
	week := keycratemock.License{AppID: app, SubscriptionID: sub.ID, HWIDResetAllowed: true, DurationUnit: keycratemock.UnitDays, DurationValue: 7}
	for _, key := range []string{one, two} {
		week.Key = key
		w.AddLicense(week)
	}
	w.AddLicense(keycratemock.License{Key: three, AppID: app, SubscriptionID: sub.ID})
	w.AddLicense(keycratemock.License{Key: four, AppID: app, SubscriptionID: doomed.ID}) // which no request names
	lic, both := `"license_key":"`+one+`"`, `"license_keys":["`+one+`","`+two+`"]`
	create := fmt.Sprintf(`{"app_id":%q,"subscription_id":%q,"duration_unit":"days","duration_value":7`, app, sub.ID)
	for _, request := range []string{
		"/license/create " + create + "}",
		"/license/create-bulk " + create + `,"key_amount":3}`,
		"/license/extend {" + lic + `,"extend_seconds":60}`,
		"/license/extend-bulk {" + both + `,"extend_seconds":60}`,
		"/license/get {" + lic + "}",
		"/license/get-bulk " + fmt.Sprintf(`{"app_id":%q,"search":%q}`, app, k.secret("CRATE-KEY-000")),
		"/license/update-status {" + lic + `,"status":"paused"}`,
		"/license/update-status-bulk {" + both + `,"status":"active"}`,
		"/license/update-subscription {" + lic + fmt.Sprintf(`,"subscription_id":%q}`, sub.ID),
		"/license/update-user-credentials {" + lic + `,"username":"eve","password":"` + k.secret("pass-word-0001") + `"}`,
		"/license/update-metadata {" + lic + `,"metadata":{"token":"` + k.secret("meta-token-0001") + `"}}`,
		"/hwid/edit {" + lic + `,"hwid":"device"}`,
		"/hwid/toggle-lock {" + lic + `,"hwid_lock":true}`,
		"/hwid/toggle-lock-bulk {" + both + `,"hwid_lock":true}`,
		"/hwid/toggle-reset-allowed {" + lic + `,"hwid_reset_allowed":true}`,
		"/hwid/update-reset-interval {" + lic + `,"hwid_reset_cooldown":60}`,
		"/subscription/create " + fmt.Sprintf(`{"app_id":%q,"name":"iron","level":3}`, app),
		"/subscription/edit " + fmt.Sprintf(`{"subscription_id":%q,"level":4}`, sub.ID),
		"/subscription/get-bulk " + fmt.Sprintf(`{"app_id":%q}`, app),
		"/subscription/delete " + fmt.Sprintf(`{"subscription_id":%q}`, doomed.ID),
		"/auth " + fmt.Sprintf(`{"app_id":%q,"license":%q,"hwid":"device"}`, app, one),
		"/auth " + fmt.Sprintf(`{"app_id":%q,"username":"eve","password":"pass-word-0001"}`, app),
		"/register " + fmt.Sprintf(`{"app_id":%q,"license":%q,"username":"bob","password":%q}`, app, two, k.secret("pass-word-0002")),
		"/license/delete " + fmt.Sprintf(`{"license_key":%q}`, three),
	} {
		path, body, _ := strings.Cut(request, " ")
		k.ask("POST", path, body)
	}
	for _, l := range w.Licenses() {
		k.secret(l.Key)
	}
	k.ask("OPTIONS", "/auth", "", "Origin", "https://shop.test", "Access-Control-Request-Method", "POST")
	w.PortalReset(one)
	k.ask("POST", "/license/delete-bulk", "{"+both+"}")
}

func tellKeygen(k *keyring) {
	w := k.s.Keygen()
	k.header = []string{
		"Authorization", "Bearer " + k.secret(w.Token()), "Content-Type", "application/vnd.api+json", "Accept", "application/vnd.api+json",
	}
	at := "/v1/accounts/" + w.Account()
	product := w.AddProduct(keygenmock.Product{Code: "shop"})
	pool := w.AddPolicy(keygenmock.Policy{ProductID: product.ID, Pooled: true})
	plain := w.AddPolicy(keygenmock.Policy{ProductID: product.ID, AuthenticationStrategy: keygenmock.AuthMixed})
	doomed := w.AddPolicy(keygenmock.Policy{ProductID: product.ID})
	one := w.AddKey(keygenmock.Key{Key: k.secret("KEYGEN-POOL-0001"), PolicyID: pool.ID})
	w.AddKey(keygenmock.Key{Key: k.secret("KEYGEN-POOL-0002"), PolicyID: pool.ID})
	three := w.AddKey(keygenmock.Key{Key: k.secret("KEYGEN-POOL-0003"), PolicyID: pool.ID})
	own := w.AddLicense(keygenmock.License{Key: k.secret("keygen.license 0001/a+b"), PolicyID: plain.ID})
	uuid := w.AddLicense(keygenmock.License{Key: k.secret("deadbeef-dead-4eef-8ead-beefdeadbeef"), PolicyID: plain.ID})
	link := func(kind, id string) string {
		return fmt.Sprintf(`"relationships":{%q:{"data":{"type":%q,"id":%q}}}`, kind, map[string]string{"policy": "policies", "product": "products"}[kind], id)
	}
	document := func(kind, attributes, rest string) string {
		return fmt.Sprintf(`{"data":{"type":%q,"attributes":{%s}%s}}`, kind, attributes, rest)
	}
	k.ask("POST", at+"/keys", document("keys", `"key":"`+k.secret("KEYGEN-POOL-0004")+`"`, ","+link("policy", pool.ID)))
	k.ask("POST", at+"/keys", document("keys", `"key":"KEYGEN-POOL-0004"`, ","+link("policy", pool.ID))) // taken
	k.ask("GET", at+"/keys?limit=5", "")
	k.ask("GET", at+"/keys?page[number]=1&page[size]=2&fields="+k.secret("repeated-in-links")+"&token="+k.secret("not-repeated-in-links"), "")
	k.ask("GET", at+"/keys/"+one.ID, "")
	k.ask("PATCH", at+"/keys/"+one.ID, document("keys", `"key":"`+k.secret("KEYGEN-POOL-0005")+`"`, ""))
	k.ask("GET", at+"/keys/"+one.ID+"/policy", "")
	k.ask("GET", at+"/keys/"+one.ID+"/product", "")
	k.ask("GET", at+"/policies/"+pool.ID+"/pool", "")
	k.ask("GET", at+"/policies/"+pool.ID+"/pool/"+one.ID, "")
	k.ask("DELETE", at+"/policies/"+pool.ID+"/pool", "")
	k.ask("DELETE", at+"/keys/"+three.ID, "")
	k.ask("GET", at+"/policies", "")
	k.ask("POST", at+"/policies", document("policies", `"name":"new"`, ","+link("product", product.ID)))
	k.ask("GET", at+"/policies/"+plain.ID, "")
	k.ask("DELETE", at+"/policies/"+doomed.ID, "")
	k.ask("POST", at+"/products", document("products", `"name":"new","metadata":{"apiKey":"`+k.secret("meta-key-0001")+`"}`, ""))
	k.ask("GET", at+"/products/shop", "")
	k.ask("POST", at+"/products/"+product.ID+"/tokens", "")
	k.ask("GET", at+"/licenses?product="+product.ID, "")
	k.ask("POST", at+"/licenses", document("licenses", `"key":"`+k.secret("KEYGEN-OWN-0002")+`"`, ","+link("policy", plain.ID)))
	k.ask("POST", at+"/licenses", document("licenses", "", ","+link("policy", plain.ID)))
	k.ask("POST", at+"/licenses", document("licenses", "", ","+link("policy", pool.ID)))
	for _, key := range []string{own.Key, uuid.Key, k.secret("KEYGEN-NONE-0404"), k.secret("cafebabe-dead-4eef-8ead-beefdeadbeef")} {
		k.ask("GET", at+"/licenses/"+url.PathEscape(key), "")
	}
	k.ask("GET", at+"/licenses", "", "Authorization", "License "+own.Key)
	k.ask("GET", at+"/licenses", "", "Authorization", "Basic "+k.secret(base64.StdEncoding.EncodeToString([]byte("license:"+own.Key))))
	k.ask("GET", at+"/licenses?auth=license:"+url.QueryEscape(own.Key), "", "Authorization", "")
	k.ask("DELETE", at+"/licenses/"+url.PathEscape(own.Key), "")
	k.ask("DELETE", at+"/licenses/"+uuid.Key, "")
	for _, l := range w.Licenses() {
		k.secret(l.Key)
	}
	for _, tok := range w.Default().Tokens() {
		k.secret(tok.Value)
	}
}
