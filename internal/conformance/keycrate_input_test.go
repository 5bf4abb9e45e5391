package conformance

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/keycrate"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
)

// newLicense is the body of a creation, with further fields.
func newLicense(fields ...string) string {
	return `{` + strings.Join(append([]string{`"app_id": "@app", "subscription_id": "@sub"`}, fields...), ", ") + `}`
}

const lifetime = `"duration_unit": "lifetime"`

// field is one that a call may have, with values that it must not.
type field struct {
	path, name string
	bad        []string
}

// The values of JSON but for those of one type.
var (
	noText   = []string{`1`, `true`, `["a"]`, `{}`}
	noNumber = []string{`"1"`, `true`, `[1]`, `{}`}
	noFlag   = []string{`"true"`, `1`, `0`, `[true]`}
	noList   = []string{`"a"`, `1`, `{}`, `true`}
	noObject = []string{`"{}"`, `[]`, `1`, `false`}
)

// typed has every field of the API with values of other types.
var typed = []field{
	{"/license/create", "app_id", noText}, {"/license/create", "subscription_id", noText}, {"/license/create", "duration_unit", noText},
	{"/license/create", "duration_value", noNumber}, {"/license/create", "hwid_lock", noFlag}, {"/license/create", "hwid_reset_allowed", noFlag},
	{"/license/create", "hwid_reset_cooldown", noNumber}, {"/license/create", "metadata", noObject}, {"/license/create", "tags", noList},
	{"/license/create", "key_format", noText}, {"/license/create", "key_uppercase", noFlag}, {"/license/create", "key_lowercase", noFlag},
	{"/license/create", "key_numbers", noFlag}, {"/license/create-bulk", "key_amount", noNumber}, {"/license/extend", "license_key", noText},
	{"/license/extend", "extend_seconds", noNumber}, {"/license/extend-bulk", "license_keys", noList}, {"/license/update-status", "status", noText},
	{"/license/update-subscription", "subscription_id", noText}, {"/license/update-user-credentials", "username", noText},
	{"/license/update-user-credentials", "password", noText}, {"/license/update-metadata", "metadata", noObject}, {"/hwid/edit", "hwid", noText},
	{"/hwid/toggle-lock", "hwid_lock", noFlag}, {"/hwid/toggle-reset-allowed", "hwid_reset_allowed", noFlag},
	{"/hwid/update-reset-interval", "hwid_reset_cooldown", noNumber}, {"/subscription/create", "app_id", noText},
	{"/subscription/create", "name", noText}, {"/subscription/create", "level", noNumber}, {"/subscription/create", "single_key_per_hwid", noFlag},
	{"/subscription/edit", "subscription_id", noText}, {"/subscription/edit", "name", noText}, {"/subscription/edit", "level", noNumber},
	{"/subscription/edit", "single_key_per_hwid", noFlag}, {"/subscription/edit", "status", noText}, {"/subscription/get-bulk", "app_id", noText},
	{"/license/get-bulk", "app_id", noText}, {"/license/get-bulk", "status", noText}, {"/license/get-bulk", "per_page", noNumber},
	{"/license/get-bulk", "page", noNumber}, {"/license/get-bulk", "sort_field", noText}, {"/license/get-bulk", "sort_order", noText},
	{"/license/get-bulk", "subscription_id", noText}, {"/license/get-bulk", "tags", noList}, {"/license/get-bulk", "search", noText},
}

// bounded has values that are out of bounds, with the rule that says so.
var bounded = []struct {
	rules string
	field
}{
	{"bound.uuid", field{"/license/create", "app_id", []string{`""`, `"1"`, `"@app-"`, `"{@app}"`}}},
	{"bound.uuid", field{"/license/create", "subscription_id", []string{`""`, `"g0000000-0000-4000-8000-000000000001"`}}},
	{"bound.uuid", field{"/subscription/delete", "subscription_id", []string{`"basic"`}}},
	{"bound.uuid", field{"/license/get-bulk", "subscription_id", []string{`""`}}},
	{"bound.license-key", field{"/license/get", "license_key", []string{`""`}}},
	{"bound.license-key", field{"/hwid/edit", "license_key", []string{`""`}}},
	{"bound.license-keys", field{"/license/delete-bulk", "license_keys", []string{`[]`, many(1001)}}},
	{"bound.license-keys", field{"/hwid/toggle-lock-bulk", "license_keys", []string{`[]`, many(1001)}}},
	{"bound.username", field{"/license/update-user-credentials", "username", []string{`""`, text(65)}}},
	{"bound.password", field{"/license/update-user-credentials", "password", []string{`""`, text(1025)}}},
	{"bound.name", field{"/subscription/create", "name", []string{`""`, text(65)}}},
	{"bound.name", field{"/subscription/edit", "name", []string{`""`, text(65)}}},
	{"bound.level", field{"/subscription/create", "level", []string{`-1`}}},
	{"bound.level", field{"/subscription/edit", "level", []string{`-1`}}},
	{"bound.key-format", field{"/license/create", "key_format", []string{`""`, text(129)}}},
	{"bound.cooldown", field{"/license/create", "hwid_reset_cooldown", []string{`-1`}}},
	{"bound.cooldown", field{"/hwid/update-reset-interval", "hwid_reset_cooldown", []string{`-1`}}},
	{"bound.cooldown-most", field{"/hwid/update-reset-interval", "hwid_reset_cooldown", []string{`3153600001`}}},
	{"bound.hwid", field{"/hwid/edit", "hwid", []string{text(257)}}},
	{"status.values", field{"/license/update-status", "status", []string{`""`, `"expired"`, `"Active"`, `"deleted"`}}},
	{"status.values", field{"/license/update-status-bulk", "status", []string{`"unused"`}}},
	{"subscription.status", field{"/subscription/edit", "status", []string{`"off"`, `""`}}},
	{"list.status-values", field{"/license/get-bulk", "status", []string{`"expired"`, `"all"`, `""`}}},
	{"list.per-page", field{"/license/get-bulk", "per_page", []string{`0`, `101`, `-1`}}},
	{"list.page", field{"/license/get-bulk", "page", []string{`0`, `-1`}}},
	{"list.sort-fields", field{"/license/get-bulk", "sort_field", []string{`"updated_at"`, `""`}}},
	{"list.sort-order", field{"/license/get-bulk", "sort_order", []string{`"descending"`, `"DESC"`}}},
	{"extend.minimum", field{"/license/extend", "extend_seconds", []string{`0`, `-60`}}},
	{"extend.minimum", field{"/license/extend-bulk", "extend_seconds", []string{`0`}}},
	{"create-bulk.bounds", field{"/license/create-bulk", "key_amount", []string{`0`, `-1`, `1001`}}},
	{"duration.spellings", field{"/license/create", "duration_unit", []string{`"day"`, `"Days"`, `"seconds"`, `"weeks"`, `""`}}},
	{"duration.value", field{"/license/create", "duration_value", []string{`0`, `-7`}}},
	{"duration.most", field{"/license/create", "duration_value", []string{`365001`}}},
	{"hwid-edit.present", field{"/hwid/edit", "hwid", []string{absent}}},
	{"toggle.explicit", field{"/hwid/toggle-lock", "hwid_lock", []string{absent, `null`}}},
	{"toggle.explicit", field{"/hwid/toggle-lock-bulk", "hwid_lock", []string{absent, `null`}}},
	{"toggle.explicit", field{"/hwid/toggle-reset-allowed", "hwid_reset_allowed", []string{absent, `null`}}},
}

// text is one of so many characters, and many a list of so many.
func text(n int) string { return `"` + strings.Repeat("é", n) + `"` }
func many(n int) string { return `["` + strings.Repeat(`k","`, n-1) + `k"]` }

// required has the fields that each operation must have, with what names
// something else left in place.
var required = map[string]string{
	"/license/create":                  "app_id subscription_id duration_unit duration_value",
	"/license/create-bulk":             "key_amount app_id subscription_id duration_unit duration_value",
	"/license/extend":                  "license_key extend_seconds",
	"/license/extend-bulk":             "license_keys extend_seconds",
	"/license/delete":                  "license_key",
	"/license/delete-bulk":             "license_keys",
	"/license/get":                     "license_key",
	"/license/get-bulk":                "app_id",
	"/license/update-status":           "license_key status",
	"/license/update-status-bulk":      "license_keys status",
	"/license/update-subscription":     "license_key subscription_id",
	"/license/update-user-credentials": "license_key username",
	"/license/update-metadata":         "license_key metadata",
	"/hwid/edit":                       "license_key hwid",
	"/hwid/toggle-lock":                "license_key hwid_lock",
	"/hwid/toggle-lock-bulk":           "license_keys hwid_lock",
	"/hwid/toggle-reset-allowed":       "license_key hwid_reset_allowed",
	"/hwid/update-reset-interval":      "license_key hwid_reset_cooldown",
	"/subscription/create":             "app_id name",
	"/subscription/edit":               "subscription_id",
	"/subscription/delete":             "subscription_id",
	"/subscription/get-bulk":           "app_id",
}

// keycrateInput is about what requests may hold.
var keycrateInput = []scenario[*crate]{
	{
		name:   "input: bodies that are none",
		proves: "body.malformed error.validation",
		play: func(s *crate) {
			for _, body := range []string{``, `{`, `[]`, `null`, `"text"`, `7`, `{"app_id": "` + "\xff" + `"}`, `{} {}`, `license_key=a`} {
				for _, call := range s.everyCall() {
					s.assertInvalid(s.post(call.path, body), "body")
				}
				for _, path := range ofEndUsers {
					s.assertTold(s.post(path, body), 400, keycrate.CodeInvalidInput)
				}
			}
		},
	},
	{
		name:   "input: fields that nobody knows",
		proves: "body.unknown-field",
		finds:  []string{`unknown field "colour" was ignored`, `unknown field "key" was ignored: the vendor's name is license_key`},
		play: func(s *crate) {
			for _, call := range append(s.everyCall(), s.everyEndUserCall()...) {
				s.do(call.path, strings.Replace(call.body, `{`, `{"colour": {"deep": [1]}, `, 1))
			}
			s.assertInvalid(s.post("/license/get", `{"key": "`+s.seed(days(7))+`"}`), "license_key")
		},
	},
	{
		name:   "input: values of another type",
		proves: "body.type",
		play: func(s *crate) {
			bodies := s.bodies()
			for _, f := range typed {
				for _, bad := range f.bad {
					s.assertInvalid(s.post(f.path, with(bodies[f.path], f.name, bad)), f.name)
				}
			}
			for _, list := range []string{"license_keys", "tags"} {
				path := map[string]string{"license_keys": "/license/delete-bulk", "tags": "/license/create"}[list]
				for _, bad := range noText {
					s.assertInvalid(s.post(path, with(bodies[path], list, `["a", `+bad+`]`)), list+"[1]")
				}
			}
			for _, call := range s.everyEndUserCall() {
				for _, name := range []string{"app_id", "license", "username", "password"} {
					for _, bad := range noText {
						s.assertTold(s.post(call.path, with(call.body, name, bad)), 400, keycrate.CodeInvalidInput)
					}
				}
			}
		},
	},
	{
		name:   "input: numbers count by their value",
		proves: "body.whole-number",
		play: func(s *crate) {
			key := s.seed(days(7))
			for i, n := range []string{`60`, `60.0`, `6e1`, `0.6E2`} {
				s.do("/license/extend", about(key, `"extend_seconds": `+n))
				assert.Equal(s, int64(604800+60*(i+1)), s.stored(key).DurationSeconds, n)
			}
			for _, n := range []string{`60.5`, `0.5`, `1e300`} {
				s.assertInvalid(s.post("/license/extend", about(key, `"extend_seconds": `+n)), "extend_seconds")
			}
		},
	},
	{
		name:   "input: a field that is sent twice",
		proves: "body.duplicate-field",
		play: func(s *crate) {
			bodies := s.bodies()
			for path, names := range required {
				for _, name := range strings.Fields(names) {
					if name == "duration_value" {
						continue
					}
					body := bodies[path]
					s.assertInvalid(s.post(path, strings.TrimSuffix(body, "}")+`, "`+name+`": null}`), name)
				}
			}
			for _, call := range s.everyEndUserCall() {
				s.assertTold(s.post(call.path, strings.TrimSuffix(call.body, "}")+`, "license": "b"}`), 400, keycrate.CodeInvalidInput)
			}
		},
	},
	{
		name:   "input: null is nothing",
		proves: "body.null",
		play: func(s *crate) {
			a := s.do("/license/create", newLicense(lifetime, `"duration_value": null, "hwid_lock": null, "hwid_reset_allowed": null,
				"hwid_reset_cooldown": null, "metadata": null, "tags": null, "key_format": null, "key_uppercase": null,
				"key_lowercase": null, "key_numbers": null`))
			s.assertData(a, map[string]any{
				"hwid_lock": false, "hwid_reset_allowed": false, "hwid_reset_cooldown": 0.0, "metadata": map[string]any{}, "tags": []any{},
			})
			assert.Regexp(s, `^([A-Z0-9]{4}-){3}[A-Z0-9]{4}$`, a.at(s, "data.key"))
			a = s.do("/license/get-bulk", `{"app_id": "@app", "status": null, "per_page": null, "page": null, "sort_field": null,
				"sort_order": null, "subscription_id": null, "tags": null, "search": null}`)
			assert.Equal(s, []any{1.0, 50.0, 1.0}, []any{a.at(s, "total"), a.at(s, "per_page"), a.at(s, "page")})
			a = s.do("/subscription/create", `{"app_id": "@app", "name": "n", "level": null, "single_key_per_hwid": null}`)
			s.assertData(a, map[string]any{"level": 1.0, "single_key_per_hwid": false})

			key := s.seed(keycratemock.License{HWID: "pc"})
			s.assertData(s.do("/hwid/edit", about(key, `"hwid": null`)), map[string]any{"hwid": nil}) // says something here
			s.do("/auth", `{"app_id": "@app", "license": "`+key+`", "username": null, "password": null, "hwid": null}`)
		},
	},
	{
		name:   "input: what must be there",
		proves: "body.required",
		play: func(s *crate) {
			bodies := s.bodies()
			require.Len(s, required, len(bodies))
			for path, names := range required {
				for _, name := range strings.Fields(names) {
					body := with(bodies[path], name, absent)
					require.NotEqual(s, bodies[path], body)
					s.assertInvalid(s.post(path, body), name)
					if name != "hwid" {
						s.assertInvalid(s.post(path, with(bodies[path], name, `null`)), name)
					}
				}
			}
		},
	},
	{
		name:   "input: out of bounds",
		proves: boundRules(),
		play: func(s *crate) {
			bodies := s.bodies()
			for _, f := range bounded {
				for _, bad := range f.bad {
					s.assertInvalid(s.post(f.path, with(bodies[f.path], f.name, bad)), f.name)
				}
			}
			key := s.seed(locked(7))
			for _, body := range []string{
				`{"app_id": "1", "license": "` + key + `", "hwid": "pc"}`,
				`{"app_id": "@app", "license": "` + key + `", "hwid": ` + text(257) + `}`,
			} {
				s.assertTold(s.post("/auth", body), 400, keycrate.CodeInvalidInput)
			}
			for _, bad := range [][2]string{{text(65), `"pw"`}, {`"u"`, text(1025)}} {
				body := `{"app_id": "@app", "license": "` + key + `", "username": ` + bad[0] + `, "password": ` + bad[1] + `}`
				s.assertTold(s.post("/register", body), 400, keycrate.CodeInvalidInput)
			}
		},
	},
	{name: "input: at the bounds", play: playAtTheBounds},
	{
		name:   "input: an id in capitals",
		proves: "bound.uuid",
		play: func(s *crate) {
			capitals := strings.NewReplacer("@app", strings.ToUpper(s.app), "@sub", strings.ToUpper(s.sub.ID))
			a := s.do("/license/create", capitals.Replace(newLicense(lifetime)))
			s.assertData(a, map[string]any{"app_id": s.app, "subscription_id": s.sub.ID})
			assert.Len(s, s.do("/license/get-bulk", capitals.Replace(`{"app_id": "@app", "subscription_id": "@sub"}`)).at(s, "data"), 1)
			s.do("/auth", capitals.Replace(s.authBody(a.at(s, "data.key").(string), "")))
			s.do("/register", capitals.Replace(s.registerBody(a.at(s, "data.key").(string), "u", "p")))
			s.assertInvalid(s.post("/license/get-bulk", `{"app_id": "@app-"}`), "app_id")
			s.do("/subscription/delete", capitals.Replace(`{"subscription_id": "@sub"}`))
		},
	},
	{
		name:   "input: items that are empty",
		proves: "bound.items",
		play: func(s *crate) {
			bodies := s.bodies()
			s.assertInvalid(s.post("/license/delete-bulk", with(bodies["/license/delete-bulk"], "license_keys", `["a", ""]`)), "license_keys[1]")
			s.assertInvalid(s.post("/license/create", with(bodies["/license/create"], "tags", `[""]`)), "tags[0]")
			s.assertInvalid(s.post("/license/get-bulk", with(bodies["/license/get-bulk"], "tags", `["a", ""]`)), "tags[1]")
			s.assertLocal("keys[1]", func() error { return errorOf(s.client.Licenses.DeleteBulk(s.Context(), []string{"a", ""})) })
			params := s.week()
			params.Tags = []string{""}
			s.assertLocal("Tags[0]", func() error { return errorOf(s.client.Licenses.Create(s.Context(), params)) })
		},
	},
	{
		name:   "input: a key to the letter",
		proves: "license-key.exact auth.unknown error.license",
		play: func(s *crate) {
			key := s.seed(keycratemock.License{Key: "Ab-1 é"})
			assert.Equal(s, key, s.get(key).Key)
			s.enter(verified, key, "")
			for _, other := range []string{"ab-1 é", "AB-1 É", " Ab-1 é", "Ab-1 é ", "Ab-1", "*"} {
				err := errorOf(s.client.Licenses.Get(s.Context(), other))
				s.assertRefused(err, keycrate.CodeLicenseNotFound, keycrate.ErrLicenseNotFound)
				s.barred(keycrate.ErrLicenseNotFound, keycrate.CodeLicenseNotFound, other, "")
			}
		},
	},
	{
		name:   "input: a key that is named twice",
		proves: "license-key.once",
		play: func(s *crate) {
			key, other := s.seed(days(7)), s.seed(days(7))
			twice := `"license_keys": ["` + key + `", "` + other + `", "` + key + `"]`
			a := s.do("/license/extend-bulk", `{`+twice+`, "extend_seconds": 60}`)
			assert.Len(s, a.at(s, "data"), 2)
			assert.Equal(s, int64(604860), s.stored(key).DurationSeconds)
			assert.Len(s, s.do("/license/update-status-bulk", `{`+twice+`, "status": "paused"}`).at(s, "data"), 2)
			s.assertData(s.do("/license/delete-bulk", `{`+twice+`}`), map[string]any{"deleted": 2.0})
			s.assertLocal("keys[1]", func() error {
				return errorOf(s.client.Licenses.ExtendBulk(s.Context(), []string{key, key}, time.Hour))
			})
		},
	},
	{
		name:   "input: metadata of two thousand characters",
		proves: "metadata.limit metadata.measure",
		play: func(s *crate) {
			key := s.seed(days(7))
			longest := keycrate.Metadata{"é<&>": strings.Repeat("é", 2000-len(`{"-<&>":""}`))}
			s.license(s.client.Licenses.SetMetadata(s.Context(), key, longest))
			assert.Equal(s, map[string]any(longest), s.stored(key).Metadata)
			params := s.week()
			params.Metadata = longest
			assert.Equal(s, longest, s.create(params).Metadata)
			// Blanks and needless escapes do not count.
			s.do("/license/update-metadata", about(key, `"metadata": {  "a" : "`+strings.Repeat(`\u0041`, 2000-len(`{"a":""}`))+`"  }`))
			assert.Equal(s, strings.Repeat("A", 1992), s.stored(key).Metadata["a"])
			tooLong := `"metadata": {"a": "` + strings.Repeat("é", 1993) + `"}`
			s.assertInvalid(s.post("/license/update-metadata", about(key, tooLong)), "metadata")
			s.assertInvalid(s.post("/license/create", newLicense(lifetime, tooLong)), "metadata")
			s.assertLocal("metadata", func() error {
				return errorOf(s.client.Licenses.SetMetadata(s.Context(), key, keycrate.Metadata{"a": strings.Repeat("é", 1993)}))
			})
		},
	},
}

func boundRules() string {
	rules := []string{}
	for _, f := range bounded {
		if !strings.Contains(" "+strings.Join(rules, " ")+" ", " "+f.rules+" ") {
			rules = append(rules, f.rules)
		}
	}
	return strings.Join(rules, " ")
}

// bodies are those of every management operation, by path.
func (s *crate) bodies() map[string]string {
	bodies := map[string]string{}
	for _, call := range s.everyCall() {
		bodies[call.path] = call.body
	}
	return bodies
}

// absent stands for a field that is not sent.
const absent = "-"

// with returns a body in which a field has a value.
func with(body, name, value string) string {
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(body), &fields); err != nil {
		panic(err)
	}
	fields[name] = json.RawMessage(value)
	if value == absent {
		delete(fields, name)
	}
	changed, err := json.Marshal(fields)
	if err != nil {
		panic(err)
	}
	return string(changed)
}

// playAtTheBounds sends the least and the most of everything.
func playAtTheBounds(s *crate) {
	long := strings.Repeat("é", 256)
	key := s.seed(locked(7))
	assert.Equal(s, long, s.license(s.client.HWIDs.Set(s.Context(), key, long)).HWID)
	s.enter(firstUse, key, long)
	name, secret := strings.Repeat("ü", 64), strings.Repeat("ß", 1024)
	assert.Equal(s, name, s.license(s.client.Licenses.SetCredentials(s.Context(), key, keycrate.Credentials{Username: name, Password: secret})).Username)
	_, err := s.end.Authenticate(s.Context(), keycrate.AuthParams{Credentials: keycrate.Credentials{Username: name, Password: secret}, HWID: long})
	require.NoError(s, err)
	require.NoError(s, s.tryRegister(s.seed(days(7)), strings.Repeat("x", 64), secret))

	sub := s.subscription(s.client.Subscriptions.Create(s.Context(), keycrate.CreateSubscriptionParams{AppID: s.app, Name: name}))
	assert.Equal(s, []any{name, 0}, []any{sub.Name, sub.Level})
	params := s.week()
	params.KeyFormat = strings.Repeat("é", 124) + "****"
	params.HWIDResetCooldown = 100 * 365 * day
	license := s.create(params)
	assert.True(s, strings.HasPrefix(license.Key, strings.Repeat("é", 124)))
	assert.Equal(s, params.HWIDResetCooldown, license.HWIDResetCooldown)
	params.Duration = keycrate.Years(1000)
	assert.Equal(s, int64(1000*365*86400), s.stored(s.create(params).Key).DurationSeconds)

	thousand := s.licenses(s.client.Licenses.CreateBulk(s.Context(), 1000, s.week()))
	require.Len(s, thousand, 1000)
	deletion := s.deletion(s.client.Licenses.DeleteBulk(s.Context(), keysOf(thousand)))
	assert.Equal(s, keycrate.Set(1000), deletion.Licenses)
	assert.Equal(s, fmt.Sprintf(`{"deleted":%d}`, 1000), string(deletion.Raw))
}
