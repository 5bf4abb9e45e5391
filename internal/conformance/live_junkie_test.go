package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/keysmith-go/keysmith/internal/junkiewire"
	"github.com/keysmith-go/keysmith/junkie"
)

func junkieLive() *liveVendor {
	return &liveVendor{
		name:  "junkie",
		title: "Junkie",
		variables: []variable{
			baseURL,
			{name: "API_KEY", means: "an API key with the scope rest-api:*", secret: true},
			{name: "PROVIDER_ID", means: "the id of the provider under which to make keys"},
			{name: "SERVICE_ID", means: "the id of a service", optional: true},
			{name: "FOLDER_ID", means: "the id of a key folder", optional: true},
		},
		pause: time.Second,
		ops:   junkiewire.Operations(),
		base:  junkie.DefaultBaseURL,
		check: func(set liveSettings) error {
			for _, name := range []string{"PROVIDER_ID", "SERVICE_ID", "FOLDER_ID"} {
				if id := set[name]; id != "" && !isDigits(id) {
					return fmt.Errorf("%s is no number", name)
				}
			}
			_, err := junkie.New(junkie.Config{APIKey: set["API_KEY"], BaseURL: set["BASE_URL"]})
			return err
		},
		root: func(liveSettings) string { return "" },
		credential: func(header http.Header, set liveSettings) {
			header.Set("Authorization", "Bearer "+set["API_KEY"])
		},
		greeting: func(liveSettings) (method, path, body string) { return "GET", "/keys/folders", "" },
		deed:     junkieDeed,
		made:     junkieMade,
		find:     junkieFind,
		removal:  func(t *thing) (method, path, body string) { return "DELETE", "/keys/" + url.PathEscape(t.names[0]), "" },
		sweep: func(things []*thing) (method, path, body string) {
			return "POST", "/keys/bulk-delete", `{"keys": [` + strings.Join(junkieRefs(things), ", ") + `]}`
		},
		isGone:  func(a answer) bool { return a.Status == http.StatusNotFound },
		look:    func(t *thing) (method, path, body string) { return "GET", "/keys/" + url.PathEscape(t.names[0]), "" },
		pretend: junkiePretend,
		probes:  junkieProbes(),
		unasked: junkieUnasked,
		partly:  junkiePartly,
	}
}

// junkiePretend has the settings of the mock with liveSeed in it.
func junkiePretend(environ func(string) string) liveSettings {
	return liveSettings{
		"BASE_URL": environ("JUNKIE_BASE_URL"), "API_KEY": environ("JUNKIE_API_KEY"),
		"PROVIDER_ID": "2001", "SERVICE_ID": "3001", "FOLDER_ID": "4001",
	}
}

func junkieRefs(things []*thing) []string {
	var refs []string
	for _, t := range things {
		if isDigits(t.names[0]) {
			refs = append(refs, t.names[0])
		} else {
			refs = append(refs, quoted(t.names[0]))
		}
	}
	return refs
}

func isDigits(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }

func junkieDeed(call *liveCall) liveDeed {
	switch call.op.ID {
	case junkiewire.CreateKeyOp.ID, junkiewire.CreateKeysOp.ID:
		return liveDeed{makes: "key"}
	case junkiewire.DeleteKeysOp.ID:
		refs := scalars(call.body)
		return liveDeed{touches: refs, removes: func(a answer) bool { return a.get("deleted") == float64(len(refs)) }}
	case junkiewire.DeleteKeyOp.ID:
		return liveDeed{touches: call.params, removes: answer.succeeded}
	default:
		return liveDeed{touches: call.params}
	}
}

// scalars are the texts and numbers in a JSON document, whatever it looks like.
func scalars(document string) (found []string) {
	decoder := json.NewDecoder(strings.NewReader(document))
	decoder.UseNumber()
	var whole any
	if decoder.Decode(&whole) != nil {
		return nil
	}
	var visit func(node any)
	visit = func(node any) {
		switch node := node.(type) {
		case map[string]any:
			for _, value := range node {
				visit(value)
			}
		case []any:
			for _, item := range node {
				visit(item)
			}
		case string:
			found = append(found, node)
		case json.Number:
			found = append(found, node.String())
		}
	}
	visit(whole)
	return found
}

func junkieMade(_ *liveCall, a answer) []thing {
	var made []thing
	if key, found := a.dig("key"); found {
		made = append(made, junkieThing(key))
	}
	for _, value := range a.list("keys") {
		if text, ok := value.(string); ok {
			made = append(made, thing{kind: "key", names: []string{text}})
		}
	}
	return made
}

func junkieThing(key any) thing {
	t := thing{kind: "key"}
	fields, _ := key.(map[string]any)
	if id, ok := fields["id"].(float64); ok {
		t.names = append(t.names, fmt.Sprintf("%.0f", id))
	}
	if value, ok := fields["key_value"].(string); ok {
		t.names = append(t.names, value)
	}
	return t
}

// mostPages bounds how far back a lost key is looked for.
const mostPages = 5

// junkieFind looks through the provider's newest keys: no filter knows names.
func junkieFind(ctx context.Context, v *visit, lost *thing) ([]thing, error) {
	var found []thing
	for page := range mostPages {
		query := url.Values{"provider_id": {v.set["PROVIDER_ID"]}, "limit": {"100"}, "page": {fmt.Sprint(page + 1)}}
		got, err := v.send(ctx, "GET", "/keys?"+query.Encode(), "")
		if err != nil {
			return nil, err
		}
		if !got.succeeded() {
			return nil, fmt.Errorf("the list was answered %d", got.Status)
		}
		keys := got.list("keys")
		for _, key := range keys {
			if fields, _ := key.(map[string]any); fields["key_name"] == lost.mark {
				found = append(found, junkieThing(key))
			}
		}
		if len(found) > 0 || len(keys) < 100 {
			break
		}
	}
	return found, nil
}

// junkieAsker is an asker with what Junkie's probes have in common.
type junkieAsker struct{ *asker }

func junkieProbe(name string, ask func(junkieAsker), needs ...string) probe {
	return probe{name: name, needs: needs, ask: func(a *asker) { ask(junkieAsker{a}) }}
}

// body is that of a creation, of a name that nothing else has and further fields.
func (a junkieAsker) body(fields string) string {
	return fmt.Sprintf(`{"key_name": %q, "provider_id": %s%s}`, a.estate.mark(), a.set["PROVIDER_ID"], further(fields))
}

// create makes a key.
func (a junkieAsker) create(fields string) (made answer, path string) {
	made = a.stage("POST", "/keys", a.body(fields))
	return made, a.path(made)
}

// path is that of the key in an answer.
func (a junkieAsker) path(made answer) string {
	id, ok := made.get("key.id").(float64)
	if !ok {
		a.stop("a new key has no id")
	}
	return fmt.Sprintf("/keys/%.0f", id)
}

// tried is what becomes of a change of a key.
func (a junkieAsker) tried(path, body string) string { return a.send("PUT", path, body).verdict() }

// now is the key as it is.
func (a junkieAsker) now(path string) answer { return a.stage("GET", path, "") }

// found lists the values of keys that a filter finds.
func (a junkieAsker) found(filter string) []string {
	return a.stage("GET", "/keys?limit=100&"+filter, "").texts("keys", "key_value")
}
