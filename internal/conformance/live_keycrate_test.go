package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/keysmith-go/keysmith/internal/keycratewire"
	"github.com/keysmith-go/keysmith/keycrate"
)

func keycrateLive() *liveVendor {
	return &liveVendor{
		name:  "keycrate",
		title: "Keycrate",
		variables: []variable{
			baseURL,
			{name: "API_KEY", means: "an API key that may use the app", secret: true},
			{name: "APP_ID", means: "the id of the app in which to make licenses"},
			{name: "SUBSCRIPTION_ID", means: "the id of a subscription to make them in; without it the run makes its own", optional: true},
		},
		pause: time.Second,
		ops:   keycratewire.Operations(),
		base:  keycrate.DefaultBaseURL,
		check: func(set liveSettings) error {
			_, err := keycrate.New(keycrate.Config{APIKey: set["API_KEY"], BaseURL: set["BASE_URL"]})
			return err
		},
		root: func(liveSettings) string { return "" },
		credential: func(header http.Header, set liveSettings) {
			header.Set("X-Api-Key", set["API_KEY"])
		},
		greeting: func(set liveSettings) (method, path, body string) {
			return "POST", "/subscription/get-bulk", fmt.Sprintf(`{"app_id": %q}`, set["APP_ID"])
		},
		deed: keycrateDeed,
		made: keycrateMade,
		find: keycrateFind,
		removal: func(t *thing) (method, path, body string) {
			if t.kind == "subscription" {
				return "POST", "/subscription/delete", fmt.Sprintf(`{"subscription_id": %q}`, t.names[0])
			}
			return "POST", "/license/delete", `{"license_key": ` + quoted(t.names[0]) + `}`
		},
		look: func(t *thing) (method, path, body string) {
			if t.kind == "subscription" { // of which there are only lists
				return "", "", ""
			}
			return "POST", "/license/get", `{"license_key": ` + quoted(t.names[0]) + `}`
		},
		sweep: func(things []*thing) (method, path, body string) {
			var keys []string
			for _, t := range things {
				if t.kind == "license" {
					keys = append(keys, quoted(t.names[0]))
				}
			}
			if len(keys) < 2 {
				return "", "", ""
			}
			return "POST", "/license/delete-bulk", `{"license_keys": [` + strings.Join(keys, ", ") + `]}`
		},
		isGone: func(a answer) bool {
			return a.Status == http.StatusNotFound || strings.HasSuffix(a.text("error_code"), "_NOT_FOUND")
		},
		pretend: func(environ func(string) string) liveSettings {
			return liveSettings{"BASE_URL": environ("KEYCRATE_BASE_URL"), "API_KEY": environ("KEYCRATE_API_KEY"), "APP_ID": environ("KEYCRATE_APP_ID")}
		},
		probes:  keycrateProbes(),
		unasked: keycrateUnasked,
		partly:  keycratePartly,
	}
}

func keycrateDeed(call *liveCall) liveDeed {
	var fields struct {
		LicenseKey     any   `json:"license_key"`
		LicenseKeys    []any `json:"license_keys"`
		License        any   `json:"license"`
		SubscriptionID any   `json:"subscription_id"`
		Username       any   `json:"username"`
	}
	_ = json.Unmarshal([]byte(call.body), &fields)
	var touches []string
	for _, name := range append(fields.LicenseKeys, fields.LicenseKey, fields.License, fields.SubscriptionID, fields.Username) {
		if text, ok := name.(string); ok && text != "" && !strings.EqualFold(text, call.set["SUBSCRIPTION_ID"]) {
			touches = append(touches, text)
		}
	}
	d := liveDeed{touches: touches}
	switch call.op.ID {
	case keycratewire.CreateLicenseOp.ID, keycratewire.CreateLicensesBulkOp.ID:
		d.makes = "license"
	case keycratewire.CreateSubscriptionOp.ID:
		d.makes = "subscription"
	case keycratewire.DeleteLicenseOp.ID, keycratewire.DeleteSubscriptionOp.ID:
		d.removes = answer.succeeded
	case keycratewire.DeleteLicensesBulkOp.ID:
		d.removes = func(a answer) bool { return a.get("data.deleted") == float64(len(touches)) }
	case keycratewire.AuthenticateOp.ID, keycratewire.RegisterOp.ID:
		d.idle = len(touches) == 0
	}
	return d
}

func keycrateMade(_ *liveCall, a answer) []thing {
	list := a.list("data")
	if one, found := a.dig("data"); found && list == nil {
		list = []any{one}
	}
	var made []thing
	for _, item := range list {
		if t, ok := keycrateThing(item); ok {
			made = append(made, t)
		}
	}
	return made
}

// keycrateThing reads an object in any form that the vendor may give it.
func keycrateThing(item any) (t thing, ok bool) {
	if key, isText := item.(string); isText {
		return thing{kind: "license", names: []string{key}}, true
	}
	fields, _ := item.(map[string]any)
	for _, name := range []string{"key", "license_key"} {
		if key, isText := fields[name].(string); isText {
			return thing{kind: "license", names: []string{key}}, true
		}
	}
	if id, isText := fields["id"].(string); isText {
		return thing{kind: "subscription", names: []string{id}}, true
	}
	return thing{}, false
}

// keycrateFind asks for the tag of a lost license, or the name of a lost
// subscription, and takes only what bears it, whatever is answered.
func keycrateFind(ctx context.Context, v *visit, lost *thing) ([]thing, error) {
	path, body := "/license/get-bulk", fmt.Sprintf(`{"app_id": %q, "per_page": 100, "tags": [%q]}`, v.set["APP_ID"], lost.mark)
	if lost.kind == "subscription" {
		path, body = "/subscription/get-bulk", fmt.Sprintf(`{"app_id": %q}`, v.set["APP_ID"])
	}
	got, err := v.send(ctx, "POST", path, body)
	if err != nil {
		return nil, err
	}
	if !got.succeeded() {
		return nil, fmt.Errorf("the list was answered %d", got.Status)
	}
	var found []thing
	for _, item := range got.list("data") {
		fields, _ := item.(map[string]any)
		tags, _ := fields["tags"].([]any)
		if t, ok := keycrateThing(item); ok && t.kind == lost.kind && (fields["name"] == lost.mark || slices.Contains(tags, any(lost.mark))) {
			found = append(found, t)
		}
	}
	return found, nil
}

// keycrateAsker is an asker with what Keycrate's probes have in common.
type keycrateAsker struct {
	*asker
	tier *string // the subscription for licenses; nil: there is none yet
}

func keycrateProbe(name string, ask func(*keycrateAsker)) probe {
	return probe{name: name, ask: func(a *asker) { ask(&keycrateAsker{asker: a}) }}
}

// sub is the subscription that licenses are made in.
func (a *keycrateAsker) sub() string {
	if a.tier == nil {
		id := a.set["SUBSCRIPTION_ID"]
		if id == "" {
			id = a.subscribe("").text("data.id")
		}
		if id == "" {
			a.stop("a new subscription has no id")
		}
		a.tier = &id
	}
	return *a.tier
}

// subscription is the body of a creation, with a name that nothing else has.
func (a *keycrateAsker) subscription(fields string) string {
	return fmt.Sprintf(`{"app_id": %q, "name": %q%s}`, a.set["APP_ID"], a.estate.mark(), further(fields))
}

// subscribe makes a subscription.
func (a *keycrateAsker) subscribe(fields string) answer {
	return a.stage("POST", "/subscription/create", a.subscription(fields))
}

// license is the body of a creation, with a tag that nothing else has; it is for
// ever unless the fields say otherwise.
func (a *keycrateAsker) license(fields string) string {
	if !strings.Contains(fields, "duration_unit") {
		fields = `"duration_unit": "lifetime"` + further(fields)
	}
	return fmt.Sprintf(`{"tags": [%q], "app_id": %q, "subscription_id": %q%s}`, a.estate.mark(), a.set["APP_ID"], a.sub(), further(fields))
}

// make makes a license.
func (a *keycrateAsker) make(fields string) (made answer, key string) {
	made = a.stage("POST", "/license/create", a.license(fields))
	if key = made.text("data.key"); key == "" {
		a.stop("a new license has no key")
	}
	return made, key
}

func (a *keycrateAsker) tryMake(fields string) answer {
	return a.send("POST", "/license/create", a.license(fields))
}

// post sends the members of a body.
func (a *keycrateAsker) post(path, fields string, headers ...string) answer {
	return a.send("POST", path, `{`+fields+`}`, headers...)
}

// on is post for one license.
func (a *keycrateAsker) on(path, key, fields string) answer {
	return a.post(path, `"license_key": `+quoted(key)+further(fields))
}

// onAll is post for several licenses.
func (a *keycrateAsker) onAll(path string, keys []string, fields string) answer {
	list, _ := json.Marshal(keys)
	return a.post(path, `"license_keys": `+string(list)+further(fields))
}

// now is the license as it is.
func (a *keycrateAsker) now(key string) answer {
	return a.stage("POST", "/license/get", `{"license_key": `+quoted(key)+`}`)
}

// auth is what an end user's program is told.
func (a *keycrateAsker) auth(fields string) answer {
	return a.post("/auth", fmt.Sprintf(`"app_id": %q`, a.set["APP_ID"])+further(fields), "X-Api-Key:")
}

// enter is auth with a license and, unless it is empty, a device.
func (a *keycrateAsker) enter(key, device string) answer {
	fields := `"license": ` + quoted(key)
	if device != "" {
		fields += `, "hwid": ` + quoted(device)
	}
	return a.auth(fields)
}

func (a *keycrateAsker) register(key, username, password string) answer {
	return a.post("/register", fmt.Sprintf(`"app_id": %q, "license": %s, "username": %q, "password": %q`, a.set["APP_ID"], quoted(key), username, password), "X-Api-Key:")
}

// list is the answer to a list of the licenses with a tag.
func (a *keycrateAsker) list(tag, fields string) answer {
	return a.post("/license/get-bulk", fmt.Sprintf(`"app_id": %q, "tags": [%q]`, a.set["APP_ID"], tag)+further(fields))
}

// refusal is how a management call is refused, and told how an end user's is.
func (a *keycrateAsker) refusal(got answer) []any { return []any{got.Status, got.get("error_code")} }
func (a *keycrateAsker) told(got answer) []any {
	return []any{got.Status, got.get("success"), got.get("message")}
}
