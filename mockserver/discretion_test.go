package mockserver

import (
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

func TestQueriesAreMaskedByName(t *testing.T) {
	t.Parallel()
	s, _ := open(t, AllowFindings())
	for query, want := range map[string]string{
		"":                                    "",
		"name=a%20b":                          "name=a%20b",
		"page[size]=5&page[x]=%5":             "page[size]=5&***", // which cannot be read
		"secret=hidden":                       "secret=***",
		"secret=":                             "secret=",
		"secret":                              "***",
		"secret[]=hidden&secret[x][y]=hidden": "secret[]=***&secret[x][y]=***",
		"s%65cret=hidden":                     "s%65cret=***",
		"Secret=hidden":                       "Secret=***", // nobody knows it
		"hidden":                              "***",
		"hidden=":                             "hidden=",
		"name":                                "name",
		"name=x&hidden&&secret=a=b":           "name=x&***&&secret=***",
		"%zz=hidden":                          "***",
		"name=%zzhidden":                      "***",
		"id=12&id=hidden":                     "id=12&id=***",
		"name=a;secret=hidden":                "name=a;secret=hidden", // one parameter, and its name is plain
		"secret=hidden&name=hidden":           "secret=***&name=***",
		"[secret]=hidden":                     "[secret]=***",
	} {
		assert.Equal(t, want, exchanged(t, s, "GET", "/api/v1/items?"+query, "").Request.Query, query)
	}
}

// A path that leads nowhere may have a key in it; a slip of the pen is none.
func TestPathsThatLeadNowhereAreMasked(t *testing.T) {
	t.Parallel()
	s := RunT(t, AllowFindings())
	for path, want := range map[string]string{
		"/api/v2/keyz/4f1c9a02":                    "/api/v2/keyz/***",
		"/api/v3/keys":                             "/api/v3/keys",
		"/API/V2/Keys/batsch":                      "/API/V2/Keys/batsch",
		"/api/v2/key/secret-key-1":                 "/api/v2/key/***",
		"/secret-key-1":                            "/***",
		"/api/v2/keys/secret%20key/x/y/12":         "/api/v2/keys/***/x/y/12",
		"/keys/":                                   "/keys/",
		"/api/v2/" + strings.Repeat("k", 300):      "/api/v2/***",
		"/api/v2/keysecret":                        "/api/v2/***",
		"/api/v2/%zz":                              "/api/v2/%zz",
		"/api/v2/keys/" + strings.Repeat("/", 300): "/api/v2/keys/" + strings.Repeat("/", maxPath-13) + "...",
	} {
		assert.Equal(t, want, s.strayPath(path, s.vendor("junkie").tables.Ops), path)
	}
	w := get(s.Handler(), "GET", "http://127.0.0.1/licences/secret-key-1/auth")
	assert.Equal(t, 404, w.Code)
	assert.Contains(t, w.Body.String(), `no vendor has GET "/licences/***/auth"`)
	assert.Contains(t, s.Findings()[0].Text, `no vendor has GET "/licences/***/auth"`)
	get(s.Handler(), "PATCH", "http://api.jnkie.com/api/v2/keys/secret-key-1")
	assert.Contains(t, s.Findings()[1].Text, `"PATCH" is no method of /api/v2/keys/***, which knows`)
	assert.Equal(t, "/api/v2/keys/***", s.Calls()[0].Path)
}

// vendorSecrets are what the vendors say, by their names.
func vendorSecrets(t *testing.T) map[string]core.Secrets {
	t.Helper()
	all := map[string]core.Secrets{}
	for _, v := range New().vendors {
		world, ok := v.world.(core.Discreet)
		require.True(t, ok, "%s says nothing", v.name)
		all[v.name] = world.Secrets()
		for _, kind := range all[v.name].KeyedEffects {
			assert.Contains(t, v.world.EffectKinds(), kind)
		}
	}
	require.Len(t, all, 4)
	return all
}

// hiddenNames are the names of whatever holds a secret in the documents of the
// vendors' APIs.
var hiddenNames = map[string][]string{
	"junkie":   {"key", "keyId", "key_value", "keys"},
	"keycrate": {"key", "license", "license_key", "license_keys", "password", "search"},
	"keygen":   {"key", "keyId", "licenseId", "token"},
	"luaprot":  {"key", "keys", "resets"},
}

// Every name in the documents of the vendors' APIs that has texts, numbers or
// flags is either secret or plain, so that nothing new is shown, or hidden,
// without a decision.
func TestEveryNameOfTheDocumentsIsJudged(t *testing.T) {
	t.Parallel()
	for vendor, secrets := range vendorSecrets(t) {
		named := namesOf(t, vendor)
		var secret []string
		for _, name := range named {
			if slices.Contains(secrets.Secret, name) {
				secret = append(secret, name)
			} else {
				assert.Contains(t, secrets.Plain, name, vendor)
			}
		}
		assert.Equal(t, hiddenNames[vendor], secret, vendor)
		for _, name := range secrets.Plain {
			assert.NotContains(t, secrets.Secret, name, vendor)
			assert.NotContains(t, harmless, name, "%s: every vendor's", vendor)
			if isMember := name == strings.ToLower(name[:1])+name[1:]; isMember && !slices.Contains(unpublished, vendor+"."+name) {
				assert.Contains(t, named, name, "%s: nothing has it", vendor)
			}
		}
		for _, list := range [][]string{secrets.Secret, secrets.Plain} {
			assert.Len(t, slices.Compact(slices.Sorted(slices.Values(list))), len(list), "%s: a name is there twice", vendor)
		}
	}
}

// unpublished are the plain names that the documents lack.
var unpublished = []string{"keygen.environment", "keygen.owner", "keygen.user"}

// namesOf are the names of a vendor's parameters, and of those members that are
// not objects.
func namesOf(t *testing.T, vendor string) []string {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile("../openapi/" + vendor + ".yaml")
	require.NoError(t, err)
	names := map[string]bool{}
	parameters := func(list openapi3.Parameters) {
		for _, parameter := range list {
			name, _, _ := strings.Cut(parameter.Value.Name, "[")
			names[name] = true
		}
	}
	for _, item := range doc.Paths.Map() {
		parameters(item.Parameters)
		for _, op := range item.Operations() {
			parameters(op.Parameters)
		}
	}
	for _, schema := range doc.Components.Schemas {
		for name, property := range schema.Value.Properties {
			if !isObject(property.Value) {
				names[name] = true
			}
		}
	}
	var list []string
	for name := range names {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

func isObject(schema *openapi3.Schema) bool {
	if schema.Type.Is("array") {
		return isObject(schema.Items.Value)
	}
	return schema.Type.Is("object")
}
